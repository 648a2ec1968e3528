"""An analyst's own query → its rows (查询): one statement that reads, on SQLite or PostgreSQL, and nothing that writes.

That it only reads is not told by its words. SQLite opens the file read-only and asks, for each thing that a statement would
do, whether it may; PostgreSQL runs it as a cursor, which only a query can be, in a transaction that may only read.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from jixiao.dataset.store import Dataset
from jixiao.errors import DatasetError

if TYPE_CHECKING:
    import psycopg

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gives (查询结果): its columns, and its rows as they come."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


@contextmanager
def asked(dataset: Dataset, statement: str, seconds: float) -> Iterator[Answer]:
    """The answer to one SQL query on a dataset that was opened read-only; given up after ``seconds``.

    Raises:
        DatasetError: the statement is none or several, would write, is wrong, or takes too long; also while its rows are read.
    """
    if any(each == "\0" or "\ud800" <= each <= "\udfff" for each in statement):
        raise DatasetError("SQL: there are characters in it that no query can have; type it anew.")
    with dataset.reading() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        asking = _ask_postgresql if dataset.is_postgresql else _ask_sqlite
        with asking(driver, statement, seconds) as answer:
            yield answer


_READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_LOOKS = set("table_info table_xinfo table_list index_list index_info index_xinfo foreign_key_list".split())
"""Pragmas that tell of the tables and can set nothing."""
_OF_THE_INDEX = "data_version"
"""What the full-text index asks for itself."""


def _may(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """SQLite's question whether a statement may do what it would do."""
    if action == sqlite3.SQLITE_PRAGMA:
        allowed = first in _LOOKS or (first == _OF_THE_INDEX and second is None)
    else:
        allowed = action in _READS and (action != sqlite3.SQLITE_FUNCTION or second != "load_extension")
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


@contextmanager
def _ask_sqlite(driver: sqlite3.Connection, statement: str, seconds: float) -> Iterator[Answer]:
    deadline = time.monotonic() + seconds
    driver.execute("PRAGMA query_only = ON")
    driver.execute("SELECT rowid FROM search LIMIT 0")  # the index's module sets itself up, and may not when it is asked
    driver.set_authorizer(_may)
    driver.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    try:
        with _in_words(seconds):
            cursor = driver.execute(statement)
            # What goes wrong in the first row goes wrong before anything is said.
            first = cursor.fetchone()
            yield Answer(_columns(cursor), chain(() if first is None else (first,), cursor))
    finally:
        driver.set_progress_handler(None, 0)
        driver.set_authorizer(None)


@contextmanager
def _ask_postgresql(driver: "psycopg.Connection[Row]", statement: str, seconds: float) -> Iterator[Answer]:
    with _in_words(seconds), driver.transaction(force_rollback=True), driver.cursor("jixiao") as cursor:
        driver.execute("SET TRANSACTION READ ONLY")
        driver.execute(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")
        cursor.execute(statement.encode())
        cursor.itersize = 1000
        first = cursor.fetchone()
        rows = _until(time.monotonic() + seconds, cursor)
        yield Answer(_columns(cursor), chain(() if first is None else (first,), rows))


def _until(deadline: float, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows; the server bounds the time of each fetch, this the time of all."""
    for row in rows:
        if time.monotonic() > deadline:
            raise TimeoutError
        yield row


def _columns(cursor: Any) -> tuple[str, ...]:
    if cursor.description is None:
        raise DatasetError("SQL: there is no query in it; write one SELECT.")
    return tuple(column[0] for column in cursor.description)


_SAID = {
    "not authorized": "only reading is allowed here; write one SELECT",
    "prohibited": "only reading is allowed here; write one SELECT",
    "authorization denied": "only reading is allowed here; write one SELECT",
    "readonly": "only reading is allowed here; write one SELECT",
    "read-only": "only reading is allowed here; write one SELECT",
    "one statement": "one statement at a time; leave out what comes behind the first",
    "multiple commands": "one statement at a time; leave out what comes behind the first",
    "interrupted": "",
    "statement timeout": "",
}


@contextmanager
def _in_words(seconds: float) -> Iterator[None]:
    """A driver's error as a sentence."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning, TimeoutError) as exc:
        raise _error(exc, seconds) from exc
    except Exception as exc:
        if type(exc).__module__.partition(".")[0] != "psycopg":
            raise
        raise _error(exc, seconds) from exc


def _error(exc: Exception, seconds: float) -> DatasetError:
    reason = str(exc).partition("\n")[0]
    said = next((words for part, words in _SAID.items() if part in reason), None)
    if said == "" or isinstance(exc, TimeoutError):
        return DatasetError(f"SQL: no answer in {seconds:g} seconds; ask for less, or give it longer with --timeout.")
    advice = "; write one SELECT" if "syntax error" in reason else ""
    return DatasetError(f"SQL: {said or reason + advice}.")
