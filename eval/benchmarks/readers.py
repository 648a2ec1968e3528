"""jixiao's readers beside markitdown and docling on the same files: cells right, headings right, order, seconds, memory.

    python eval/benchmarks/readers.py --peer markitdown=/tmp/peers/bin/python [--peer docling=…] [--times 5] [FIXTURE …]

docling is measured where it works without a network: not on PDF, for which it downloads models. Each tool runs in a
process of its own, by the Python it is installed in: one start, then every file several times; the
median counts, and the peak of the process's memory. What the peers give as Markdown or HTML is taken apart here; a merged
cell may be blank or repeated where it goes on, both are right.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median

from rapidfuzz.distance import LCSseq

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import samples  # noqa: E402
from jixiao.document import Document, Table  # noqa: E402
from jixiao.evaluation.fixtures import find_fixtures  # noqa: E402
from jixiao.readers.text import read_text  # noqa: E402

RUNNER = r"""
import json, resource, sys, time
tool, times, files = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
if tool == "jixiao":
    from jixiao.pipeline import read
    from pathlib import Path
    from jixiao.document import Table
    def run(path):
        document = read(Path(path))
        blocks = []
        for block in document.blocks:
            if isinstance(block, Table):
                blocks.append({"rows": [[cell.words for cell in row] for row in block.rows]})
            else:
                blocks.append({"words": block.words, "level": block.level})
        return blocks
elif tool == "markitdown":
    from markitdown import MarkItDown
    converter = MarkItDown()
    def run(path):
        return converter.convert(path).text_content
else:
    # docling imports torch for pipelines that no Office file or page goes through; where it is missing, a stand-in will do
    import importlib.abc, importlib.machinery, warnings
    from importlib.util import find_spec
    from unittest.mock import MagicMock
    absent = {name for name in ("torch", "transformers", "soundfile", "torchvision", "accelerate") if find_spec(name) is None}
    class StandIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        def find_spec(self, name, path=None, target=None):
            return importlib.machinery.ModuleSpec(name, self, is_package=True) if name.split(".")[0] in absent else None
        def create_module(self, spec):
            module = MagicMock(name=spec.name)
            module.__path__, module.__spec__, module.__name__ = [], spec, spec.name
            return module
        def exec_module(self, module):
            pass
    sys.meta_path.append(StandIn())
    warnings.simplefilter("ignore")
    from docling.document_converter import DocumentConverter
    converter = DocumentConverter()
    def run(path):
        return converter.convert(path).document.export_to_markdown()
import warnings; warnings.simplefilter("ignore")
for path in files:
    spent, made, wrong = [], None, ""
    for _ in range(times):
        begun = time.perf_counter()
        try:
            made = run(path)
        except Exception as exc:
            wrong = f"{type(exc).__name__}: {exc}"[:200]
            break
        spent.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"path": path, "made": made, "seconds": spent, "peak": peak, "wrong": wrong}), flush=True)
"""


@dataclass
class Seen:
    """What a tool made of a file: tables, headings, and all words in order."""

    tables: list[list[list[str]]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    words: str = ""


def seen(made: object) -> Seen:
    """A tool's output taken apart."""
    result = Seen()
    parts: list[str] = []
    if isinstance(made, list):
        for block in made:
            if "rows" in block:
                result.tables.append(block["rows"])
                parts += [cell for row in block["rows"] for cell in row]
            else:
                parts.append(block["words"])
                if block["level"]:
                    result.headings.append(bare(block["words"]))
        result.words = bare("".join(parts))
        return result
    rows: list[list[str]] = []
    for line in [*str(made or "").split("\n"), ""]:
        cells = re.fullmatch(r"\s*\|(.*)\|\s*", line)
        if cells:
            row = [cell.strip() for cell in re.split(r"(?<!\\)\|", cells[1])]
            if not all(re.fullmatch(r":?-+:?", cell) for cell in row):
                rows.append(row)
                parts += row
            continue
        if rows:
            result.tables.append(rows)
            rows = []
        if heading := re.match(r"#+\s+(.*)", line):
            result.headings.append(bare(heading[1]))
        parts.append(re.sub(r"^#+\s+", "", line))
    result.words = bare("".join(parts))
    return result


def bare(words: str) -> str:
    return re.sub(r"[\s\\*_]|<[^>]*>|NaN", "", words)


@dataclass
class Tally:
    """Counts over the files of one form."""

    cells: int = 0
    cells_right: int = 0
    headings: int = 0
    headings_right: int = 0
    order: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    peak: int = 0
    failed: int = 0


def judge(truth: Document, headings: list[str], result: Seen, tally: Tally) -> None:
    """Count the cells in their row and column, the headings, and how much of the words stands in order."""
    grids = [
        {(at, column): bare(cell) for at, row in enumerate(rows) for column, cell in enumerate(row)} for rows in result.tables
    ]
    for table in truth.tables:
        wanted = _filled(table)
        tally.cells += len(wanted)
        tally.cells_right += max((_right(wanted, grid) for grid in grids), default=0)
    tally.headings += len(headings)
    tally.headings_right += sum(heading in result.headings for heading in headings)
    whole = bare("".join(_words(truth)))
    tally.order.append(LCSseq.similarity(whole, result.words) / len(whole))


def _right(wanted: dict[tuple[int, int], str], grid: dict[tuple[int, int], str]) -> int:
    """The cells in place, for the best row that the table may begin in: a tool may put rows before or drop a blank one."""
    return max(sum(grid.get((row + by, column)) == words for (row, column), words in wanted.items()) for by in range(-40, 41))


def _filled(table: Table) -> dict[tuple[int, int], str]:
    return {(cell.row, cell.column): bare(cell.words) for row in table.rows for cell in row if cell.words}


def _words(document: Document) -> list[str]:
    return [
        words
        for block in document.blocks
        for words in ([cell.words for row in block.rows for cell in row] if isinstance(block, Table) else [block.words])
    ]


def form_of(form: str, items: list[samples.Item], word: bytes) -> bytes:
    """The report's file in a form."""
    match form:
        case "docx":
            return word
        case "xlsx":
            return samples.xlsx_of(items)
        case "html" | "gbk.html":
            return samples.html_of(items, "utf-8" if form == "html" else "gb18030")
    return samples.converted(word, ".docx", form)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fixtures", nargs="*", type=Path)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--forms", default="docx,html,gbk.html,xlsx,pdf")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    fixtures = [each for each in find_fixtures(arguments.fixtures or [ROOT / "fixtures"]) if not each.held_out]
    forms = arguments.forms.split(",")
    tools = [("jixiao", sys.executable), *(peer.split("=", 1) for peer in arguments.peer)]
    results: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        files: dict[str, tuple[str, Document, list[str]]] = {}
        for fixture in fixtures:
            truth = read_text(fixture.source.read_bytes(), fixture.source.name)
            items = samples.items_of(truth)
            headings = [bare(item.words) for item in items if item.level]
            word = samples.docx_of(items, numbered=False)
            for form in forms:
                path = Path(folder, f"{fixture.name}.{form}")
                path.write_bytes(form_of(form, items, word))
                files[str(path)] = (form, truth, headings)
        for tool, python in tools:
            tallies = {form: Tally() for form in forms}
            for form in forms:
                paths = [path for path, (its, _, _) in files.items() if its == form]
                line = [python, "-c", RUNNER, tool, str(arguments.times), *paths]
                done = subprocess.run(
                    line, capture_output=True, text=True, check=False, env={"HF_HUB_OFFLINE": "1", "PATH": "/usr/bin:/bin"}
                )
                for told in map(json.loads, done.stdout.splitlines()):
                    _, truth, headings = files[told["path"]]
                    tally = tallies[form]
                    tally.peak = max(tally.peak, told["peak"])
                    tally.failed += bool(told["wrong"])
                    if told["seconds"]:
                        tally.seconds.append(median(told["seconds"]))
                    judge(truth, headings, seen(told["made"]), tally)
                if done.returncode:
                    print(f"{tool} on {form}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            results[tool] = {form: _numbers(tally) for form, tally in tallies.items()}
    print(f"{len(fixtures)} reports, each in {len(forms)} forms, {arguments.times} times; jixiao {version('jixiao')}")
    print("| tool | form | cells in place | headings | words in order | seconds a file | peak MB | failed |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for tool, by_form in results.items():
        for form, its in by_form.items():
            print(
                f"| {tool} | {form} | {its['cells']:.3f} | {its['headings']:.3f} | {its['order']:.3f} | {its['seconds']:.4f} | {its['peak']:.0f} | {its['failed']:.0f} |"
            )
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _numbers(tally: Tally) -> dict[str, float]:
    return {
        "cells": tally.cells_right / max(1, tally.cells),
        "headings": tally.headings_right / max(1, tally.headings),
        "order": sum(tally.order) / max(1, len(tally.order)),
        "seconds": sum(tally.seconds) / max(1, len(tally.seconds)),
        "peak": tally.peak / 1024,
        "failed": tally.failed,
    }


if __name__ == "__main__":
    main()
