"""How fast reports go into a dataset, and whether the cost of one stays flat as the dataset grows.

    python eval/benchmarks/ingest.py [--reports 5000] [--workers 1 --workers 2] [--folder DIR]

The reports are the labelled fixtures with every digit redrawn, so that their lengths and forms are those of reports and no two
are alike. Says reports a second by the clock, and CPU time a report (this process and its workers) for each stretch.
"""

import random
import re
import resource
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import typer

from jixiao.dataset.ingest import ingest, signature_of, this_machine
from jixiao.dataset.store import open_dataset

FIXTURES = Path(__file__).parents[2] / "fixtures"
STRETCHES = (0, 1_000, 2_000, 5_000)


def write_reports(folder: Path, count: int) -> list[str]:
    """Reports that differ in their digits; gives their paths, and makes only those that are missing."""
    chance = random.Random(20261125)
    texts = [path.read_text(encoding="utf-8") for path in sorted(FIXTURES.glob("*/source.txt")) if path.stat().st_size > 3_000]
    paths = []
    for number in range(count):
        path = folder / f"{number:06}.txt"
        words = re.sub(r"(?<=\d)\d(?!\d*年)", lambda _: str(chance.randrange(10)), texts[number % len(texts)])
        if not path.exists():
            path.write_text(words, encoding="utf-8")
        paths.append(str(path))
    return paths


def cpu() -> float:
    """Seconds of CPU that this process and its ended children have used."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def stretches(paths: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The paths from each mark to the next, with where they end."""
    marks = [mark for mark in STRETCHES if mark < len(paths)] + [len(paths)]
    for first, last in pairwise(marks):
        yield last, paths[first:last]


def main(
    reports: Annotated[int, typer.Option()] = 5_000,
    workers: Annotated[list[int] | None, typer.Option()] = None,
    folder: Annotated[Path | None, typer.Option()] = None,
) -> None:
    folder = folder or Path(mkdtemp(prefix="jixiao-ingest-"))
    folder.mkdir(exist_ok=True)
    paths = write_reports(folder, reports)
    size = sum(Path(path).stat().st_size for path in paths)
    print(f"{len(paths):,} reports, {size / len(paths):,.0f} bytes each")
    for number in workers or [1, 2]:
        place = folder / f"{number}.sqlite"
        place.unlink(missing_ok=True)
        with open_dataset(str(place), create=True) as dataset:
            for last, stretch in stretches(paths):
                began, used = time.monotonic(), cpu()
                outcome = ingest(dataset, stretch, this_machine(workers=number, postgresql=False), signature_of("rules", None))
                took, used = time.monotonic() - began, cpu() - used
                assert outcome.saved == len(stretch), outcome
                print(
                    f"{number} worker(s), up to {last:>6,}: {len(stretch) / took:6.1f} reports a second, "
                    f"{1000 * used / len(stretch):6.1f} ms CPU a report"
                )
            counts = dataset.count()
            records = sum(counts.values()) - counts["reports"]
        print(
            f"{number} worker(s): {records:,} records, {place.stat().st_size / 1e6:,.0f} MB, {place.stat().st_size / size:.1f} x the text"
        )


if __name__ == "__main__":
    typer.run(main)
