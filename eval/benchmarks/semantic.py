"""Semantic search on the open fixtures: queries that share no words with what they ask for, by words, by meaning, by both.

    JIXIAO_EMBEDDING_MODEL=… JIXIAO_EMBEDDING_BASE_URL=… python eval/benchmarks/semantic.py

Any model of vectors will do (serve_e5.py starts a small one). The queries and the records that answer them stand in semantic.toml.
Recall at 10 is the share of the records asked for, ten at most, among the first ten hits; MRR is 1 / rank of the first of them. “Of” are
all records of the kinds that are looked among.
"""

import asyncio
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from sqlalchemy import select

from jixiao.dataset.embed import embed, meaning_of
from jixiao.dataset.ingest import ingest, signature_of, this_machine
from jixiao.dataset.meaning import Meaning
from jixiao.dataset.query import matches, parse
from jixiao.dataset.schema import records, reports
from jixiao.dataset.search import Filters, search
from jixiao.dataset.store import Dataset, open_dataset
from jixiao.dataset.vectors import lacking
from jixiao.settings import EmbeddingSettings, load_embedding_settings

HERE = Path(__file__).parent
FIRST = 10
Way = Callable[[Dataset, str, Filters, Meaning], list[int]]


def by_words(dataset: Dataset, words: str, filters: Filters, meaning: Meaning) -> list[int]:
    return [hit.id for hit in search(dataset, words, filters, limit=FIRST).hits]


def by_meaning(dataset: Dataset, words: str, filters: Filters, meaning: Meaning) -> list[int]:
    hits = search(dataset, words, filters, limit=10_000, meaning=meaning).hits
    ranked = sorted((hit.ranks.meaning, hit.id) for hit in hits if hit.ranks and hit.ranks.meaning)
    return [number for _, number in ranked[:FIRST]]


def by_both(dataset: Dataset, words: str, filters: Filters, meaning: Meaning) -> list[int]:
    return [hit.id for hit in search(dataset, words, filters, limit=FIRST, meaning=meaning).hits]


WAYS: dict[str, Way] = {"by words": by_words, "by meaning": by_meaning, "both (--semantic)": by_both}


def main() -> None:
    settings = load_embedding_settings()
    queries = tomllib.loads((HERE / "semantic.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder, open_dataset(f"{folder}/fixtures.sqlite", create=True) as dataset:
        settings = settings.model_copy(update={"cache": Path(folder) / "cache.sqlite"})
        shelf = sorted(str(path) for path in (HERE.parents[1] / "fixtures").glob("*/source.txt") if "heldout" not in str(path))
        ingest(dataset, shelf, this_machine(workers=1, postgresql=False), signature_of("rules", None))
        begun = time.perf_counter()
        made = asyncio.run(embed(dataset, lacking(dataset, settings.mark), settings))
        print(
            f"{settings.mark}: {made.records} records of {made.reports} reports in {time.perf_counter() - begun:.0f} s, {made.failures}"
        )
        for kind, asked in queries.items():
            tell(kind, dataset, settings, asked)


def tell(kind: str, dataset: Dataset, settings: EmbeddingSettings, asked: list[dict[str, Any]]) -> None:
    """A table of the queries of a kind, the share found in each way, and the means."""
    print(
        f"\n| {kind} | asked for | of |" + "".join(f" {way} |" for way in WAYS) + "\n| --- | --- | --- |" + " --- |" * len(WAYS)
    )
    recalls: dict[str, list[float]] = {way: [] for way in WAYS}
    firsts: dict[str, list[float]] = {way: [] for way in WAYS}
    for query in asked:
        words, filters = query["words"], Filters(kinds=tuple(query["kinds"]))
        wanted = wanted_of(dataset, query)
        meaning = meaning_of(dataset, words, settings)
        for name, way in WAYS.items():
            found = way(dataset, words, filters, meaning)
            recalls[name].append(len(wanted.intersection(found)) / min(FIRST, len(wanted)))
            firsts[name].append(next((1 / rank for rank, number in enumerate(found, 1) if number in wanted), 0.0))
        print(
            f"| {words} | {len(wanted)} | {search(dataset, '', filters).total} |"
            + "".join(f" {recalls[way][-1]:.2f} |" for way in WAYS)
        )
    print(f"| **recall at {FIRST}**, {len(asked)} queries | | |" + row(recalls))
    print("| **MRR** | | |" + row(firsts))


def row(of: dict[str, list[float]]) -> str:
    return "".join(f" **{mean(of[way]):.3f}** |" for way in WAYS)


def wanted_of(dataset: Dataset, query: dict[str, Any]) -> set[int]:
    """The numbers of the records asked for: named by fixture and beginning, or all of the kinds that hold the words."""
    columns = (records.c.id, records.c.statement, records.c.words, reports.c.location)
    with dataset.reading() as connection:
        rows: Sequence[Any] = connection.execute(select(*columns).join(reports).where(records.c.kind.in_(query["kinds"]))).all()
    if "expected" not in query:
        return {row.id for row in rows if matches(parse(query["words"]), row.words)}
    found = set()
    for name in query["expected"]:
        fixture, _, beginning = name.partition(": ")
        [number] = [
            row.id for row in rows if Path(row.location).parent.name == fixture and (row.statement or "").startswith(beginning)
        ]
        found.add(number)
    return found


if __name__ == "__main__":
    main()
