"""Search over a million generated records: time by length of query, plain and filtered, beside a LIKE scan and tantivy.

    python eval/benchmarks/search.py [--records 1000000 | --dataset FILE] [--queries 100] [--folder DIR] [--url postgresql://…]

The dataset and tantivy's index are made in the folder, and used again where they are there; with a URL the dataset is copied
there, if the database is empty, and asked the same, on this machine and without parallel workers. “Up to 2,000” is a page of
the workbench, facets and all. Queries are stretches of records drawn at random, so that common words are asked for as often as
they are written. Each is asked once, in a process that has opened the dataset before; a page is 20 hits, ranked, with snippets
and the exact total.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

import psycopg
import tantivy
from sqlalchemy import func, select, text

from generated import report
from jixiao.dataset.conditions import Years, parse_condition
from jixiao.dataset.index import found, index_words, labelled_words
from jixiao.dataset.query import parse, sought
from jixiao.dataset.rollup import count_anew
from jixiao.dataset.rows import entry_of
from jixiao.dataset.schema import evidence, records, reports, runs
from jixiao.dataset.search import Filters, search
from jixiao.dataset.store import Dataset, open_dataset
from jixiao.dataset.terms import fold
from jixiao.errors import DatasetError

PER_REPORT = 200
SCANNED = 5
"""Queries of each length that the scans are asked; each takes seconds."""


def build(path: Path, count: int) -> str:
    """The dataset, written as ingest writes it; a line on the processor's time that took."""
    made = saved = 0.0
    with open_dataset(str(path), create=True) as dataset:
        run = dataset.begin_run("generated")
        for number in range(count // PER_REPORT):
            document, extraction = report(number, PER_REPORT)
            begun = time.process_time()
            entry = entry_of(f"/generated/{number}.txt", document, extraction, (), postgresql=False)
            between = time.process_time()
            dataset.save(entry, "generated", run)
            made, saved = made + between - begun, saved + time.process_time() - between
            if number % 500 == 0:
                print(f"{number * PER_REPORT:,} records, {made:.0f} s rows and tokens, {saved:.0f} s written", file=sys.stderr)
    return f"built: {made:.0f} s CPU for rows and tokens, {saved:.0f} s to write them, a transaction a report"


def copy(dataset: Dataset, url: str) -> str:
    """The same dataset on a server, row by row with its numbers; a line on the time that took."""
    begun = time.perf_counter()
    with open_dataset(url, create=True), dataset.reading() as source, psycopg.connect(url) as target, target.cursor() as to:
        for table in (runs, reports, records, evidence):
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            with to.copy(f"COPY {table.name} ({names}) FROM STDIN") as rows:
                for row in source.execution_options(yield_per=1000).execute(select(table)):
                    rows.write_row(row)
        with to.copy("COPY search (id, tokens) FROM STDIN") as rows:
            for number, words, *values in source.execution_options(yield_per=1000).execute(labelled_words()):
                rows.write_row((number, index_words(words, values, postgresql=True)))
    with open_dataset(url) as copied, copied.writing() as connection:
        count_anew(connection)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return f"copied to PostgreSQL and vacuumed: {time.perf_counter() - begun:.0f} s"


def build_tantivy(folder: Path, dataset: Dataset) -> str:
    """tantivy's index: each character a token, with positions; a line on the time that took."""
    begun = time.perf_counter()
    folder.mkdir()
    schema = tantivy.SchemaBuilder().add_integer_field("id", stored=True)
    schema = schema.add_text_field("words", tokenizer_name="whitespace", index_option="position")
    index = tantivy.Index(schema.build(), path=str(folder))
    writer = index.writer(200_000_000, 1)
    with dataset.reading() as connection:
        for number, words in connection.execute(select(records.c.id, records.c.words)):
            writer.add_document(tantivy.Document(id=number, words=" ".join(fold(words))))
    writer.commit()
    writer.wait_merging_threads()
    return f"tantivy built: {time.perf_counter() - begun:.0f} s"


def sizes(path: Path, folder: Path, dataset: Dataset) -> Iterator[str]:
    with dataset.reading() as connection:
        words = connection.execute(select(func.sum(func.length(records.c.words)), func.avg(func.length(records.c.words)))).one()
        octets = connection.execute(select(func.sum(func.length(text("CAST(words AS BLOB)")))).select_from(records)).scalar_one()
        parts: dict[str, int] = {}
        for name, size in connection.execute(text("SELECT name, sum(pgsize) FROM dbstat GROUP BY name")):
            part = "search index" if name.startswith("search") else "records" if name == "records" else "all else"
            part = "indexes of records" if name.startswith("records_by") else part
            parts[part] = parts.get(part, 0) + size
    yield f"searched words: {words[0] / 1e6:.1f} million characters ({words[1]:.0f} a record), {octets / 1e6:.0f} MB in UTF-8"
    yield f"file: {path.stat().st_size / 1e6:.0f} MB; " + ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in parts.items())
    yield f"tantivy: {sum(each.stat().st_size for each in folder.iterdir()) / 1e6:.0f} MB"


def sizes_on_server(dataset: Dataset) -> str:
    relations = text(
        "SELECT relname, pg_relation_size(oid) + coalesce(pg_total_relation_size(nullif(reltoastrelid, 0)), 0) AS size FROM pg_class "
        "WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC LIMIT 8"
    )
    with dataset.reading() as connection:
        whole = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        parts = ", ".join(f"{row.relname} {row.size / 1e6:.0f} MB" for row in connection.execute(relations))
    return f"PostgreSQL: {whole / 1e6:.0f} MB; {parts}"


def drawn(dataset: Dataset, count: int) -> dict[int, list[str]]:
    """Queries of one to four characters, as they stand in records drawn at random."""
    rng = random.Random(20261125)
    with dataset.reading() as connection:
        most = connection.execute(select(func.max(records.c.id))).scalar_one()
        drawn_ones: dict[int, list[str]] = {}
        for length in (1, 2, 3, 4):
            queries: list[str] = []
            while len(queries) < count:
                words = connection.execute(select(records.c.words).where(records.c.id == rng.randint(1, most))).scalar()
                folded = fold(rng.choice((words or "").split("\n")))
                if len(folded) >= length:
                    at = rng.randint(0, len(folded) - length)
                    queries.append(folded[at : at + length])
            drawn_ones[length] = queries
    return drawn_ones


def timed(ask: Callable[[str], object], queries: list[str], server: int | None = None) -> list[tuple[float, float]]:
    """Milliseconds of each query: by the clock, and of the processor, which tells more where others are at work; that of the
    server's process with it."""
    times = []
    for query in queries:
        begun, before = time.perf_counter(), worked(server)
        ask(query)
        times.append(((time.perf_counter() - begun) * 1000, (worked(server) - before) * 1000))
    return times


def worked(server: int | None) -> float:
    """Seconds of the processor so far."""
    of_server = int(Path(f"/proc/{server}/schedstat").read_text().split()[0]) / 1e9 if server else 0.0
    return time.process_time() + of_server


def quoted(query: str) -> str:
    """The query as a phrase, whatever signs it holds."""
    return f"“{query}”" if not {"“", "”"} & set(query) else query


def row(name: str, times: list[tuple[float, float]]) -> str:
    columns = [sorted(column) for column in zip(*times, strict=True)]
    shown = [column[int((len(column) - 1) * part)] for column in columns for part in (0.5, 0.95)]
    return f"| {name} | {len(times)} | " + " | ".join(f"{each:.1f}" for each in shown) + " |"


def missed(dataset: Dataset, queries: list[str]) -> tuple[int, int]:
    """Hits of all the queries by a scan, and how many of them search lacks or adds."""
    scanned: dict[str, set[int]] = {query: set() for query in queries}
    with dataset.reading() as connection:
        for number, words in connection.execute(select(records.c.id, records.c.words)):
            folded = fold(words)
            for query, ids in scanned.items():
                if query in folded:
                    ids.add(number)
    wrong = 0
    for query, ids in scanned.items():
        assert sought(parse(quoted(query))) == (query,)
        with dataset.reading() as connection:
            wrong += len(ids ^ set(connection.execute(found(connection, parse(quoted(query)), [])).scalars()))
        assert search(dataset, quoted(query)).total == len(ids)
    return sum(map(len, scanned.values())), wrong


HEAD = """| what, characters | queries | p50 ms | p95 ms | p50 CPU ms | p95 CPU ms |
| --- | --- | --- | --- | --- | --- |"""


def searches(dataset: Dataset, queries: dict[int, list[str]]) -> Iterator[str]:
    """A row for each way of searching and length of query."""
    with dataset.reading() as connection:
        server = connection.execute(select(func.pg_backend_pid())).scalar() if dataset.is_postgresql else None
        rare = connection.execute(
            select(reports.c.department).group_by(reports.c.department).order_by(func.count(), reports.c.department).limit(1)
        ).scalar_one()
    ways: dict[str, tuple[Filters, dict[str, Any]]] = {
        "plain": (Filters(), {}),
        "year and kind": (Filters(years=Years(2020, 2022), kinds=("figure",)), {}),
        "rare department": (Filters(department=rare), {}),
        "region of many": (Filters(region="市"), {}),
        "where actual >= 1亿元": (Filters(where=(parse_condition("actual >= 1亿元"),)), {}),
        "where score < 5": (Filters(where=(parse_condition("score < 5"),)), {}),
        "sorted by actual": (Filters(), {"sort": "-actual"}),
        "with facets": (Filters(), {"facets": True}),
        "up to 2,000": (Filters(), {"facets": True, "count_up_to": 2_000}),
        "up to 2,000, region of many": (Filters(region="市"), {"facets": True, "count_up_to": 2_000}),
    }
    for name, (filters, options) in ways.items():
        for length, asked in queries.items():
            times = timed(lambda q: search(dataset, quoted(q), filters, **options), asked, server)  # noqa: B023
            yield row(f"search, {name}, {length}", times)


def results(dataset: Dataset, folder: Path, count: int) -> Iterator[str]:
    queries = drawn(dataset, count)
    index = tantivy.Index.open(str(folder))
    searcher, schema = index.searcher(), index.schema

    def by_tantivy(query: str) -> object:
        if len(query) == 1:
            asked = tantivy.Query.term_query(schema, "words", query)
        else:
            asked = tantivy.Query.phrase_query(schema, "words", list(query))
        hits = searcher.search(asked, 20, count=True)
        return [searcher.doc(address) for _, address in hits.hits]

    def by_like(query: str) -> object:
        escaped = query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        with dataset.reading() as connection:
            like = records.c.words.like(f"%{escaped}%", escape="\\")
            ids = connection.execute(select(records.c.id).where(like).order_by(records.c.id.desc())).scalars().all()
            page = connection.execute(select(records.c.id, records.c.words).where(records.c.id.in_(ids[:20])))
            return len(ids), page.all()

    yield HEAD
    yield from searches(dataset, queries)
    for length, asked in queries.items():
        yield row(f"tantivy, plain, {length}", timed(by_tantivy, asked))
    for length, asked in queries.items():
        yield row(f"LIKE, plain, {length}", timed(by_like, asked[:SCANNED]))
    sample = [query for asked in queries.values() for query in dict.fromkeys(islice(asked, 15)) if quoted(query) != query]
    hits, wrong = missed(dataset, sample)
    yield f"\nrecall: {len(sample)} of the queries beside a scan: {hits:,} hits, {wrong} missed or added"


def holds_reports(place: str) -> bool:
    try:
        with open_dataset(place, read_only=True) as dataset:
            return bool(dataset.known())
    except DatasetError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="kept; without it a temporary one")
    parser.add_argument("--dataset", type=Path, help="asked instead of a generated one; it is not changed")
    parser.add_argument("--url", help="a database that is to be asked as well")
    chosen = parser.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="jixiao-search-"))
    folder.mkdir(exist_ok=True)
    path = chosen.dataset or folder / f"{chosen.records}.sqlite"
    peer = folder / f"{path.stem}.tantivy"
    try:
        if not path.exists():
            print(build(path, chosen.records), flush=True)
        with open_dataset(str(path), read_only=True) as dataset:
            if not peer.exists():
                print(build_tantivy(peer, dataset), flush=True)
            if chosen.url and not holds_reports(chosen.url):
                print(copy(dataset, chosen.url), flush=True)
            for line in sizes(path, peer, dataset):
                print(line, flush=True)
            for line in results(dataset, peer, chosen.queries):
                print(line, flush=True)
            queries = drawn(dataset, chosen.queries)
        if chosen.url:
            alone = "options=-c%20max_parallel_workers_per_gather%3D0"  # so that one process has all of the server's work
            with open_dataset(f"{chosen.url}{'&' if '?' in chosen.url else '?'}{alone}", read_only=True) as dataset:
                print(sizes_on_server(dataset), HEAD, sep="\n", flush=True)
                for line in searches(dataset, queries):
                    print(line, flush=True)
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
