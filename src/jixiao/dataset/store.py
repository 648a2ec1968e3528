"""A dataset opened (数据集): one SQLite file, or a PostgreSQL database. Saves reports whole, gives them back, keeps runs and failures.

Each report is one transaction. Many may read while one writes; writers wait for one another.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, func, insert, select, text, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from jixiao.dataset import rollup, schema
from jixiao.dataset.index import create_index, index_anew, is_of_this_folding, note_folding
from jixiao.dataset.report_rows import next_of, put, remove, restate_all, review_in
from jixiao.dataset.rows import DOCUMENTS, Entry
from jixiao.document import Document
from jixiao.errors import DatasetError, MissingExtra
from jixiao.records import Extraction
from jixiao.usage import Usage

_WRITERS_LOCK = 0x6A697869  # any number that no other program's advisory locks use
"""PostgreSQL's name for the right to write; SQLite has the file's own lock."""


@dataclass(frozen=True, slots=True)
class Known:
    """A report that the dataset has (已入库报告), by the file and the engine that it is of."""

    id: int
    location: str
    sha256: str
    signature: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be taken in (入库失败), and why."""

    location: str
    sha256: str | None
    signature: str
    reason: str
    failed: str


class Dataset:
    """The reports in one file or database. Use ``open_dataset``."""

    def __init__(self, engine: Engine, name: str, notes: Sequence[str]) -> None:
        self.name = name
        """The file or the address, without its password."""
        self.notes = tuple(notes)
        """Sentences on what opening it changed."""
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the dataset.

        Raises:
            DatasetError: it cannot be read.
        """
        with _translated(self.name), self._engine.connect() as connection:
            if self.is_postgresql:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            else:
                connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose work is kept whole or not at all.

        Raises:
            DatasetError: it cannot be written.
        """
        with _translated(self.name), self._engine.connect() as connection, connection.begin():
            if self.is_postgresql:
                connection.execute(select(func.pg_advisory_xact_lock(_WRITERS_LOCK)))
            else:
                connection.execute(text("BEGIN IMMEDIATE"))
            yield connection

    @property
    def is_postgresql(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    def known(self) -> list[Known]:
        """What the dataset has, in the order in which it came."""
        of = schema.reports.c
        with self.reading() as connection:
            rows = connection.execute(select(of.id, of.location, of.sha256, of.signature).order_by(of.id))
            return [Known(*row) for row in rows]

    def save(self, entry: Entry, signature: str, run: int) -> int:
        """Write a report whole, in the place of its old version and of any other with the same content; gives its number.

        Raises:
            DatasetError: it cannot be written; the dataset is as it was.
        """
        with self.writing() as connection:
            number = put(connection, entry, signature, run)
            connection.execute(update(schema.runs).where(schema.runs.c.id == run).values(saved=schema.runs.c.saved + 1))
        return number

    def remove(self, report: int) -> None:
        """Take a report out, with all that is of it."""
        with self.writing() as connection:
            remove(connection, report)

    def begin_run(self, signature: str) -> int:
        """Note that a run begins; gives its number."""
        with self.writing() as connection:
            number = next_of(connection, schema.runs.c.id)
            connection.execute(insert(schema.runs).values(id=number, started=_now(), signature=signature))
            return number

    def end_run(self, run: int, usage: Usage) -> None:
        """Note that a run has ended, and what it cost."""
        with self.writing() as connection:
            connection.execute(
                update(schema.runs)
                .where(schema.runs.c.id == run)
                .values(
                    finished=_now(),
                    calls=usage.calls,
                    prompt_tokens=usage.prompt_tokens,
                    completion_tokens=usage.completion_tokens,
                    cost=None if usage.cost is None else format(usage.cost, "f"),
                )
            )

    def fail(self, location: str, sha256: str | None, reason: str, signature: str, run: int) -> None:
        """Note that a file could not be taken in. An older version of it that the dataset has stays."""
        with self.writing() as connection:
            connection.execute(delete(schema.failures).where(schema.failures.c.location == location))
            connection.execute(
                insert(schema.failures).values(
                    location=location, sha256=sha256, signature=signature, reason=reason, failed=_now()
                )
            )
            connection.execute(update(schema.runs).where(schema.runs.c.id == run).values(failed=schema.runs.c.failed + 1))

    def failures(self) -> list[Failure]:
        """The files that could not be taken in, by their place."""
        table = schema.failures
        with self.reading() as connection:
            return [Failure(*row) for row in connection.execute(select(table).order_by(table.c.location))]

    def count(self) -> dict[str, int]:
        """How much the dataset holds: ``reports``, and the records of each kind that it has."""
        kinds = (
            select(schema.records.c.kind, func.count().label("count"))
            .group_by(schema.records.c.kind)
            .order_by(schema.records.c.kind)
        )
        with self.reading() as connection:
            reports = connection.execute(select(func.count()).select_from(schema.reports)).scalar_one()
            return {"reports": reports, **{row[0]: row[1] for row in connection.execute(kinds)}}

    def extraction(self, report: int) -> Extraction:
        """A report's records as they stand, by its number here: people's where they have decided, the engine's elsewhere.

        Raises:
            DatasetError: there is no such report.
        """
        with self.reading() as connection:
            return review_in(connection, report).extraction()

    def document(self, report: int) -> Document:
        """A report's document, by its number here.

        Raises:
            DatasetError: there is no such report.
        """
        with self.reading() as connection:
            packed = connection.execute(select(schema.reports.c.document).where(schema.reports.c.id == report)).scalar()
        if packed is None:
            raise DatasetError(f"there is no report {report}.")
        return DOCUMENTS.validate_json(zlib.decompress(packed))

    def close(self) -> None:
        """Let go of the file or the database."""
        self._engine.dispose()


@contextmanager
def open_dataset(where: str, *, create: bool = False, read_only: bool = False) -> Iterator[Dataset]:
    """The dataset in a file, or at an address: ``shelf.sqlite``, ``postgresql://user@host/name``.

    With ``create`` a file or an empty database becomes one. An older version's tables are brought up to date.

    Raises:
        DatasetError: there is none, it is no dataset, it is newer than this program, or it cannot be opened.
        MissingExtra: PostgreSQL's driver is not installed.
    """
    url = _url(where)
    name = where if url.get_backend_name() == "sqlite" else url.set(drivername="postgresql").render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        path = Path(where)
        if path.is_dir() or not (path.is_file() or create):
            raise DatasetError(f"{where}: there is no dataset; make one with `jixiao ingest FOLDER --dataset {where}`.")
        if not path.absolute().parent.is_dir():
            raise DatasetError(f"{where}: the folder {path.parent} does not exist; make it first.")
    engine = _engine(url, read_only)
    try:
        notes: list[str] = []
        dataset = Dataset(engine, name, ())
        with dataset.reading() as connection:
            found = schema.version(connection)
        if found is None and not create:
            raise DatasetError(f"{name}: this is no dataset of jixiao; make one with `jixiao ingest FOLDER --dataset …`.")
        if found is not None and found > schema.VERSION:
            raise DatasetError(
                f"{name}: the dataset is of version {found}, this jixiao knows {schema.VERSION}; install a newer jixiao."
            )
        if found is None or found < schema.VERSION:
            if read_only:
                raise DatasetError(f"{name}: the dataset is of an older version; open it once with `jixiao dataset info`.")
            with dataset.writing() as connection:
                found = schema.version(connection)  # another may have been first
                if found is None:
                    schema.create(connection)
                    create_index(connection)
                    rollup.count_anew(connection)
                elif found < schema.VERSION:
                    schema.migrate(connection, found)
                    if found < 3:  # no folding was noted then, nor had there been another
                        note_folding(connection)
                        rollup.count_anew(connection)
                        restate_all(connection)
                    notes.append(f"{name}: brought from version {found} of its tables to {schema.VERSION}.")
        if not read_only:
            notes += _made_anew(dataset)
        dataset.notes = tuple(notes)
        yield dataset
    finally:
        engine.dispose()


def _made_anew(dataset: Dataset) -> Iterator[str]:
    """Make anew what is kept beside the reports and was made of something else than it would be now; a sentence on each."""
    for is_current, make_anew, says in _MADE_BESIDE:
        with dataset.reading() as connection:
            if is_current(connection):
                continue
        with dataset.writing() as connection:
            make_anew(connection)
        yield f"{dataset.name}: {says}."


_MADE_BESIDE: tuple[tuple[Callable[[Connection], bool], Callable[[Connection], None], str], ...] = (
    (is_of_this_folding, index_anew, "the search index was made anew, for another version of OpenCC or Python"),
    (rollup.is_of_these_themes, rollup.count_anew, "problems were counted anew by this version's themes"),
)


def _url(where: str) -> URL:
    if "://" not in where:
        return URL.create("sqlite", database=where)
    try:
        url = make_url(where)
    except ArgumentError as exc:
        raise DatasetError("the dataset's address cannot be read; write postgresql://user@host/name, or a file's path.") from exc
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise DatasetError(f"{url.drivername}: jixiao keeps datasets in a file or in PostgreSQL (postgresql://user@host/name).")
    return url.set(drivername="postgresql+psycopg")


def _engine(url: URL, read_only: bool) -> Engine:
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "").absolute()
        if read_only:
            engine = create_engine(f"sqlite:///file:{_quoted(path)}?mode=ro&uri=true")
        else:
            engine = create_engine(URL.create("sqlite", database=str(path)))

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _: Any) -> None:
            connection.isolation_level = None  # the driver begins no transaction of its own
            connection.execute("PRAGMA busy_timeout = 60000")
            connection.execute("PRAGMA foreign_keys = ON")
            if not read_only:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")

        return engine
    try:
        return create_engine(url, connect_args={"options": "-c default_transaction_read_only=on"} if read_only else {})
    except (ImportError, NoSuchModuleError) as exc:
        raise MissingExtra("A dataset in PostgreSQL", "postgres") from exc


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path))


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as exc:
        reason = " ".join(str(exc.orig).split())
        raise DatasetError(f"{name}: {_ADVICE.get(_first_of(reason), 'the dataset cannot be used')} ({reason}).") from exc


_ADVICE = {
    "full": "the disk is full: free some space and run the same command again, nothing is lost",
    "readonly": "the dataset may only be read: change its permissions, or name another",
    "not a database": "this is no dataset of jixiao: name another file",
    "malformed": "the file is damaged: take it from a backup, or ingest the reports into a new one",
    "locked": "another program has held the dataset for a minute: try again later",
    "unable to open": "it cannot be opened: check the path and its permissions",
    "connection": "the server cannot be reached: check the address, and that it runs",
}


def _first_of(reason: str) -> str:
    return next((words for words in _ADVICE if words in reason), "")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
