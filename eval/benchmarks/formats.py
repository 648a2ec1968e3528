"""The same report in every form (Word, web page, sheet, PDF, scan) → the rule engine's F1 on each, against the plain text's.

    python eval/benchmarks/formats.py [--scans] [--heights 24 15 …] [--json FILE] [FIXTURE …]

The files are made by tests/samples.py. Labels keep their words; where they stand is carried over character by character,
blanks aside, from the fixture's text to what the reader made of the file.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from unicodedata import normalize

import docx
from docx.shared import Cm
from rapidfuzz.distance import Levenshtein

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import samples  # noqa: E402
from jixiao.document import Document, Table  # noqa: E402
from jixiao.evaluation.fixtures import Fixture, find_fixtures  # noqa: E402
from jixiao.evaluation.scoring import KINDS, score_report  # noqa: E402
from jixiao.pipeline import extract  # noqa: E402
from jixiao.readers.opening import open_document  # noqa: E402
from jixiao.readers.text import read_text  # noqa: E402
from jixiao.records import Extraction  # noqa: E402


@dataclass
class Tally:
    """Counts over the reports for one form."""

    matched: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    labels: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    found: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cells_right: int = 0
    cells: int = 0
    headings_right: int = 0
    headings: int = 0
    wrong_digits: int = 0
    wrong_unmarked: int = 0
    seconds: float = 0.0

    def f1(self, *kinds: str) -> float:
        total = sum(self.labels[kind] + self.found[kind] for kind in kinds)
        return 2 * sum(self.matched[kind] for kind in kinds) / total if total else 1.0


def carried(labels: Extraction, old: str, new: str) -> Extraction:
    """The labels with their places carried over to another text of the same words."""
    places = _places(old, new)

    def move(value: object) -> object:
        if isinstance(value, dict) and {"start", "end", "quote"} <= value.keys():
            start, end = places[value["start"]], places[value["end"] - 1] + 1
            return value | {"start": start, "end": max(end, start + 1), "quote": new[start:end]}
        if isinstance(value, dict):
            return {key: move(each) for key, each in value.items()}
        return [move(each) for each in value] if isinstance(value, list) else value

    return Extraction.model_validate(move(labels.model_dump(mode="json")))


def _bare(text: str) -> tuple[str, list[int]]:
    kept = [at for at, mark in enumerate(text) if not mark.isspace() and mark != "|"]
    return "".join(text[at] for at in kept), kept


def _places(old: str, new: str) -> list[int]:
    """For each character of the old text the place in the new one that stands for it."""
    ours, our_places = _bare(old)
    theirs, their_places = _bare(new)
    to = [0] * len(old)
    for block in Levenshtein.opcodes(ours, theirs):
        for step in range(block.src_end - block.src_start):
            at = min(block.dest_start + step, max(block.dest_start, block.dest_end - 1), len(theirs) - 1)
            to[our_places[block.src_start + step]] = their_places[at]
    for at in range(1, len(to)):
        to[at] = to[at] or to[at - 1]
    return to


def tally(fixture: Fixture, document: Document, truth: Document, into: Tally) -> None:
    """Count one report in one form."""
    labels = carried(fixture.labels, truth.text, document.text)
    score = score_report(labels, extract(document), document.text)
    for kind, its in score.kinds.items():
        into.matched[kind] += len(its.pairs)
        into.labels[kind] += len(its.pairs) + len(its.misses)
        into.found[kind] += len(its.pairs) + len(its.false)
    _cells(document, truth, into)


def _cells(document: Document, truth: Document, into: Tally) -> None:
    wanted = [_filled(table) for table in truth.tables]
    got = [_filled(table) for table in document.tables]
    for table in wanted:
        into.cells += len(table)
        into.cells_right += max((len(table & other) for other in got), default=0)


def _filled(table: Table) -> set[tuple[int, int, str]]:
    return {(cell.row, cell.column, "".join(cell.words.split())) for row in table.rows for cell in row if cell.words}


def digits(document: Document, truth: Document, into: Tally) -> None:
    """Count the digits that recognition read wrong, and those of them that it did not mark."""
    marked = {at for doubt in document.doubts for at in range(doubt.start, doubt.end)}
    theirs, places = _bare(document.text)
    ours, _ = _bare(truth.text)
    for block in Levenshtein.opcodes(ours, theirs):
        if block.tag == "equal":
            continue
        before, after = ours[block.src_start : block.src_end], theirs[block.dest_start : block.dest_end]
        if normalize("NFKC", before) != normalize("NFKC", after) and any(
            mark.isdigit() or mark in ".%" for mark in before + after
        ):
            into.wrong_digits += 1
            around = range(max(0, block.dest_start - 1), min(len(places), block.dest_end + 1))
            if not any(places[at] in marked for at in around):
                into.wrong_unmarked += 1
                print(f"  unmarked: {before!r} read as {after!r} in {ours[max(0, block.src_start - 8) : block.src_end + 6]!r}")


def on_pages(word: bytes, height: float) -> bytes:
    """The Word file on pages so many centimetres high, so that its tables are broken elsewhere."""
    made = docx.Document(BytesIO(word))
    for section in made.sections:
        section.page_height = Cm(height)
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


def forms_of(fixture: Fixture, truth: Document, scans: bool, heights: list[float]) -> dict[str, bytes]:
    items = samples.items_of(truth)
    word = samples.docx_of(items)
    forms = {"text": fixture.source.read_bytes(), "docx": word, "html": samples.html_of(items)}
    forms |= {"html, GBK": samples.html_of(items, "gb18030"), "xlsx": samples.xlsx_of(items)}
    if samples.soffice():
        pdf = samples.converted(word, ".docx", "pdf")
        forms |= {
            "doc": samples.converted(word, ".docx", "doc"),
            "xls": samples.converted(forms["xlsx"], ".xlsx", "xls"),
            "pdf": pdf,
        }
        if scans:
            forms["scan, 150 dpi"] = samples.scan_of(pdf)
        for height in heights:
            forms[f"pdf, {height:g} cm"] = samples.converted(on_pages(word, height), ".docx", "pdf")
    return forms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fixtures", nargs="*", type=Path)
    parser.add_argument("--scans", action="store_true", help="scans too: a minute or so a page")
    parser.add_argument("--heights", nargs="+", type=float, default=[], help="PDF on pages of these heights too, in centimetres")
    parser.add_argument("--json", type=Path, help="write the numbers there")
    arguments = parser.parse_args()
    fixtures = [each for each in find_fixtures(arguments.fixtures or [ROOT / "fixtures"]) if not each.held_out]
    tallies: dict[str, Tally] = defaultdict(Tally)
    for fixture in fixtures:
        truth = read_text(fixture.source.read_bytes(), fixture.source.name)
        whole = truth
        for form, data in forms_of(fixture, truth, arguments.scans, arguments.heights).items():
            started = time.perf_counter()
            document = open_document(data, f"{fixture.name}.{form}")
            tallies[form].seconds += time.perf_counter() - started
            tally(fixture, document, truth, tallies[form])
            whole = document if form == "docx" else whole
            if form.startswith("scan"):
                digits(document, whole, tallies[form])
        print(fixture.name, file=sys.stderr)
    print(f"{len(fixtures)} reports, open fixtures; rules of jixiao {version('jixiao')}")
    print("| form | " + " | ".join(KINDS) + " | tables | all | cells in place | seconds |")
    print("| --- " * (len(KINDS) + 5) + "|")
    rows = {}
    for form, its in tallies.items():
        scores = [its.f1(kind) for kind in KINDS] + [its.f1("indicator", "budget"), its.f1(*KINDS)]
        rows[form] = {
            "f1": dict(zip([*KINDS, "tables", "all"], scores, strict=True)),
            "cells": its.cells_right / max(1, its.cells),
        }
        rows[form] |= {"seconds": its.seconds, "wrong_digits": its.wrong_digits, "wrong_unmarked": its.wrong_unmarked}
        print(
            f"| {form} | "
            + " | ".join(f"{score:.3f}" for score in scores)
            + f" | {its.cells_right}/{its.cells} | {its.seconds:.1f} |"
        )
    for form, its in tallies.items():
        if its.wrong_digits or form.startswith("scan"):
            print(f"{form}: {its.wrong_digits} places with wrong digits, {its.wrong_unmarked} of them unmarked")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
