"""How fast extraction is, in ratios: against jieba on the same text, over report length, and the start of the command.

    python eval/benchmarks/speed.py [REPORT] [--copies 1000]

All times are CPU seconds of this process (or of the child, for the start). Prints a table; nothing is written.
"""

import argparse
import logging
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import jieba

from jixiao.pipeline import extract
from jixiao.readers.text import read_text

ROOT = Path(__file__).resolve().parents[2]
EMPTY_APP = (
    "import typer\napp = typer.Typer()\n@app.callback()\ndef main() -> None: ...\n@app.command()\ndef one() -> None: ...\napp()\n"
)


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds that ``work`` takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def peak_megabytes() -> float:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def against_jieba(data: bytes, copies: int) -> None:
    """Extraction of ``copies`` reports against jieba's segmentation of the same text, in turns of fifty."""
    text = data.decode("utf-8-sig")
    extract(read_text(data, "warm-up"))
    list(jieba.cut(text))
    ours = theirs = 0.0
    memory: list[float] = []
    for done in range(0, copies, 50):
        batch = min(50, copies - done)
        ours += cpu(lambda: [extract(read_text(data, "report")) for _ in range(batch)])  # noqa: B023
        theirs += cpu(lambda: [list(jieba.cut(text)) for _ in range(batch)])  # noqa: B023
        memory.append(peak_megabytes())
    print(f"{copies} reports of {len(text)} characters: jixiao {ours:.1f} s, jieba {theirs:.1f} s, ratio {ours / theirs:.2f}")
    print(f"peak memory after the first fifty {memory[0]:.0f} MB, after all {memory[-1]:.0f} MB")


def over_length(data: bytes) -> None:
    """CPU time per character as one report grows to 1 MB."""
    first = 0.0
    for times in (1, 2, 4, 8, 16, 32, max(33, 1_000_000 // len(data))):
        longer = data * times
        seconds = min(cpu(lambda: extract(read_text(longer, "long"))) for _ in range(3))  # noqa: B023
        per_character = seconds / len(longer) * 1e6
        first = first or per_character
        growth = per_character / first
        print(f"{len(longer) / 1e6:6.3f} MB  {seconds:6.2f} s  {per_character:5.2f} µs a byte  {growth:4.2f} × the first")


def start() -> None:
    """The CPU time of `jixiao --help` against an empty typer app's, in turns."""
    with tempfile.NamedTemporaryFile("w", suffix=".py") as empty:
        empty.write(EMPTY_APP)
        empty.flush()
        ratios = [
            child([sys.executable, "-m", "jixiao", "--help"]) / child([sys.executable, empty.name, "--help"]) for _ in range(9)
        ]
    print(f"jixiao --help: {statistics.median(ratios):.2f} × an empty typer app (median of 9, CPU time)")


def child(command: list[str]) -> float:
    """CPU seconds of a child process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Run the three measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", nargs="?", type=Path, default=ROOT / "fixtures/hubei-dept-contradictions/source.txt")
    parser.add_argument("--copies", type=int, default=1000)
    arguments = parser.parse_args()
    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    data = arguments.report.read_bytes()
    against_jieba(data, arguments.copies)
    over_length(data)
    start()


if __name__ == "__main__":
    main()
