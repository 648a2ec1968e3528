"""Semantic search over a large dataset: time and memory of a query with random vectors, which take as long as true ones.

    python eval/benchmarks/semantic_speed.py DATASET [--dimensions 512] [--queries 20]

Vectors of a model “random” are written into DATASET, a copy of one; they stay there and are used again. A page is 20 hits, ranked, with
snippets and the total. The words' own vector is drawn too: no model is asked, whose time comes on top. Searches by words stand beside.
"""

import argparse
import resource
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from sqlalchemy import func, select

from jixiao.dataset.conditions import Years, parse_condition
from jixiao.dataset.meaning import Meaning
from jixiao.dataset.schema import records, reports
from jixiao.dataset.search import Filters, search
from jixiao.dataset.store import Dataset, open_dataset
from jixiao.dataset.vectors import lacking, passages_of, save_vectors

MODEL = "random"


def fill(dataset: Dataset, dimensions: int) -> str:
    """Vectors for all that has none; a line on the time that took."""
    rng, begun, written = np.random.default_rng(7), time.perf_counter(), 0
    for report in lacking(dataset, MODEL):
        with dataset.reading() as connection:
            passages = passages_of(connection, report)
        assert passages is not None
        drawn = np.clip(rng.normal(0, 40, (len(passages.words), dimensions)), -127, 127).astype(np.int8)
        written += save_vectors(dataset, MODEL, passages, [row.tobytes() for row in drawn]) * len(drawn)
    return f"written: {written:,} vectors of {dimensions} numbers in {time.perf_counter() - begun:.0f} s, a transaction a report"


def measured(what: str, ask: Callable[[str, bytes], int], words: list[str], vectors: list[bytes]) -> None:
    walls, processor = [], []
    for query, vector in zip(words, vectors, strict=True):
        wall, cpu = time.perf_counter(), time.process_time()
        ask(query, vector)
        walls.append(1000 * (time.perf_counter() - wall))
        processor.append(1000 * (time.process_time() - cpu))
    figures = [f"{np.percentile(of, each):.0f}" for of in (walls, processor) for each in (50, 95)]
    print(f"| {what} | {len(walls)} | {' | '.join(figures)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("dataset")
    parser.add_argument("--dimensions", type=int, default=512)
    parser.add_argument("--queries", type=int, default=20)
    asked = parser.parse_args()
    with open_dataset(asked.dataset) as dataset:
        print("-", fill(dataset, asked.dimensions))
        with dataset.reading() as connection:
            count = connection.execute(select(func.count()).select_from(records)).scalar_one()
            some = connection.execute(select(records.c.name).where(records.c.name.is_not(None)).limit(50_000)).scalars().all()
            department = (
                connection.execute(select(reports.c.department).where(reports.c.department.is_not(None)).limit(1)).scalar() or ""
            )
        rng = np.random.default_rng(11)
        words = [str(some[at])[:4] for at in rng.integers(len(some), size=asked.queries)]
        vectors = [row.tobytes() for row in rng.integers(-127, 128, (asked.queries, asked.dimensions), dtype=np.int8)]
        print(f"- {count:,} records; memory before the first query {memory()} MB")
        print("\n| what | queries | p50 ms | p95 ms | p50 CPU ms | p95 CPU ms |\n| --- | --- | --- | --- | --- | --- |")
        choices = {
            "plain": Filters(),
            "year and kind": Filters(kinds=("figure",), years=Years(2021, 2023)),
            "one department": Filters(department=department),
            "where actual >= 1亿元": Filters(where=(parse_condition("actual >= 1亿元"),)),
        }
        for name, filters in choices.items():
            measured(f"by words, {name}", partial(by_words, dataset, filters), words, vectors)
            measured(f"--semantic, {name}", partial(by_both, dataset, filters), words, vectors)
        measured("--semantic, NOT", partial(by_both, dataset, Filters()), [f"{each} -一" for each in words], vectors)
        print(f"\n- memory at its peak {memory()} MB")


def by_words(dataset: Dataset, filters: Filters, words: str, vector: bytes) -> int:
    return search(dataset, words, filters).total


def by_both(dataset: Dataset, filters: Filters, words: str, vector: bytes) -> int:
    return search(dataset, words, filters, meaning=Meaning(MODEL, vector, 0)).total


def memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
