"""Reports as scans at 150 dpi, clean and spoilt → figures read wrong, how many of those bear no mark, and how many right ones do.

    python eval/benchmarks/scans.py [--json FILE] [FIXTURE_OR_TEXT_OR_PDF …]

The scans are made by tests/samples.py with LibreOffice: as printed; askew by half a degree, soft, JPEG at 60; pale and grainy,
JPEG at 60. A figure is a number with its percent sign or 万元; letters printed for digits count, for no reader should take
them for digits unmarked. What the report says as Word or as PDF with text is the truth.
"""

import argparse
import json
import re
import sys
import time
from bisect import bisect_left
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from unicodedata import normalize

from rapidfuzz.distance import Levenshtein

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import samples  # noqa: E402
from jixiao.document import Document  # noqa: E402
from jixiao.readers.opening import open_document  # noqa: E402
from jixiao.readers.text import read_text  # noqa: E402

FIXTURES = ["guizhou-dept-ocr", "neimenggu-dept", "henan-dept-pdf", "chongqing-transfer", "jilin-township"]
_FIGURE = re.compile(r"[\dOolI〇]*\d[\dOolI〇,.]*[%‰]?(?:[万亿]?[元兀])?")


@dataclass
class Tally:
    """Counts of figures in one sort of scan."""

    figures: int = 0
    wrong: int = 0
    wrong_unmarked: int = 0
    lost: int = 0
    right_marked: int = 0
    pages: int = 0
    seconds: float = 0.0

    def row(self) -> str:
        share = self.right_marked / max(1, self.figures - self.wrong - self.lost)
        return (
            f"{self.figures} | {self.wrong} | {self.wrong_unmarked} | {self.lost} | {self.right_marked} ({share:.1%})"
            f" | {self.seconds / max(1, self.pages):.1f}"
        )


def bare(text: str) -> tuple[str, list[int]]:
    """The text without blanks, wide forms made narrow, and where each of its characters stands."""
    kept = [at for at, mark in enumerate(text) if not mark.isspace() and mark != "|"]
    return "".join(normalize("NFKC", text[at])[0] for at in kept), kept


def compare(truth: Document, read: Document, tally: Tally) -> None:
    """Count the figures of one report."""
    ours, our_places = bare(truth.text)
    theirs, places = bare(read.text)
    marked = {at for doubt in read.doubts for at in range(doubt.start, doubt.end)}
    blocks = list(Levenshtein.opcodes(ours, theirs))
    for figure in _FIGURE.finditer(truth.text):
        tally.figures += 1
        begin, stop = bisect_left(our_places, figure.start()), bisect_left(our_places, figure.end())
        touched = [block for block in blocks if block.src_start < stop and begin < block.src_end]
        inside = [block for block in blocks if block.tag == "insert" and begin < block.src_start < stop]
        right = not inside and [block.tag for block in touched] == ["equal"]
        first, last = touched[0], touched[-1]
        start = min(first.dest_end, first.dest_start + max(0, begin - first.src_start))
        end = max(start, min(last.dest_end, last.dest_start + stop - last.src_start))
        doubted = any(places[at] in marked for at in range(start, end))
        tally.right_marked += right and doubted
        if not right:
            lost = start == end
            tally.lost += lost
            tally.wrong += not lost
            tally.wrong_unmarked += not lost and not doubted
            if lost or not doubted:
                told = "lost" if lost else f"read {theirs[start:end]!r}"
                print(f"  {figure[0]!r} {told}: {ours[max(0, begin - 8) : stop + 6]!r}", file=sys.stderr)


def printed(report: Path) -> tuple[Document, bytes]:
    """What a report says, and the report as PDF: itself where it is one, else by way of Word."""
    source = next(report.glob("source.*")) if report.is_dir() else report
    data = source.read_bytes()
    if source.suffix == ".pdf":
        return open_document(data, source.name), data
    word = samples.docx_of(samples.items_of(read_text(data, source.name)))
    return open_document(word, "report.docx"), samples.converted(word, ".docx", "pdf")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="*", type=Path, default=[ROOT / "fixtures" / name for name in FIXTURES])
    parser.add_argument("--json", type=Path, help="write the numbers there")
    arguments = parser.parse_args()
    tallies: dict[str, Tally] = defaultdict(Tally)
    for report in arguments.reports:
        truth, pdf = printed(report)
        for name, spoil in samples.SPOILT.items():
            scan = samples.scan_of(pdf, spoil=spoil)
            print(f"{report.name}, {name}", file=sys.stderr)
            begun = time.process_time()
            read = open_document(scan, f"{name}.pdf")
            tallies[name].seconds += time.process_time() - begun
            tallies[name].pages += max(leaf.page for leaf in read.leaves)
            compare(truth, read, tallies[name])
    print(f"{len(arguments.reports)} reports")
    print("| scan, 150 dpi | figures | read wrong | of them unmarked | lost | read right and marked | CPU s a page |")
    print("| --- " * 7 + "|")
    for name, tally in tallies.items():
        print(f"| {name} | {tally.row()} |")
    if arguments.json:
        numbers = {name: asdict(tally) for name, tally in tallies.items()}
        arguments.json.write_text(json.dumps(numbers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
