"""The search index (检索索引): a record's tokens and labels, kept in step with the tables and asked for records. SQLite's FTS5,
or a tsvector in PostgreSQL; the only room that knows which.

Labels (kind=figure, fiscal_year=2023) let the commonest filters be answered by the index itself, without a look at the tables. The
FTS5 table keeps no words of its own, and SQLite before 3.43 can delete from such a table only when it is handed the old words.
PostgreSQL counts positions up to 16,383, and 255 of a token: words beyond that are marked LONG, and looked through at each search.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Integer, Select, column, literal_column, or_, select, table, text
from sqlalchemy.sql.elements import ColumnElement

from jixiao.dataset.query import Query, matches, to_fts5, to_tsquery
from jixiao.dataset.schema import note, noted, records, reports
from jixiao.dataset.terms import fingerprint, fold, tokens
from jixiao.errors import DatasetError

_PUNCTUATION = "".join(chr(code) for code in range(33, 127) if not chr(code).isalnum()).replace("'", "''")
_FTS5 = f"""CREATE VIRTUAL TABLE search USING fts5(tokens, content='', tokenize="ascii tokenchars '{_PUNCTUATION.replace('"', '""')}'")"""
_PUT = text("INSERT INTO search (rowid, tokens) VALUES (:id, :tokens)")
_PUT_VECTOR = text("INSERT INTO search (id, tokens) VALUES (:id, CAST(:tokens AS tsvector))")
_DROP = text("INSERT INTO search (search, rowid, tokens) VALUES ('delete', :id, :tokens)")
_FTS = table("search", column("rowid", Integer))
_VECTORS = table("search", column("id", Integer))
_EVERY, _LONG = "every", "long"
_MOST_POSITIONS, _MOST_OF_ONE = 16_383, 255
_TOGETHER = 5_000
"""Records that are indexed anew at a time."""

LABELLED = ("kind", "fiscal_year", "report_type", "attained")
"""The columns of records and reports whose values are labels."""


def create_index(connection: Connection) -> None:
    """Make an empty index."""
    note_folding(connection)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_FTS5)
        return
    connection.execute(
        text("CREATE TABLE search (id integer PRIMARY KEY REFERENCES records ON DELETE CASCADE, tokens tsvector NOT NULL)")
    )
    connection.execute(text("CREATE INDEX search_tokens ON search USING gin (tokens)"))


def note_folding(connection: Connection) -> None:
    """Note that the index is of this program's folding."""
    note(connection, "folding", fingerprint())


def is_of_this_folding(connection: Connection) -> bool:
    """Whether it is: tokens of another OpenCC would miss some words, and taken out leave others behind."""
    return noted(connection, "folding") == fingerprint()


def labelled_words() -> Select[Any]:
    """All records' numbers, words and values of the labelled columns, for whoever indexes them or takes them out."""
    values = [(records.c if name in records.c else reports.c)[name] for name in LABELLED]
    return select(records.c.id, records.c.words, *values).join(reports)


def index_anew(connection: Connection) -> None:
    """Make the index of a dataset again, from its words, in this program's folding."""
    connection.exec_driver_sql("DROP TABLE search")
    create_index(connection)
    postgresql = connection.dialect.name != "sqlite"
    last = 0
    while rows := connection.execute(labelled_words().where(records.c.id > last).order_by(records.c.id).limit(_TOGETHER)).all():
        entries = [(number, index_words(words, values, postgresql=postgresql)) for number, words, *values in rows]
        add_to_index(connection, entries)
        last = rows[-1].id


def label(column: str, value: Any) -> str:
    """What the index holds of a column's value; longer than two characters, so that no token of words is the same."""
    return f"{column}={value}"


def index_words(words: str, labelled: Sequence[Any], *, postgresql: bool) -> str:
    """A record's words, and its values of the labelled columns, as the index takes them."""
    labels = [_EVERY, *(label(column, value) for column, value in zip(LABELLED, labelled, strict=True) if value is not None)]
    in_order, others = tokens(fold(words))
    if not postgresql:
        return " ".join((*in_order, *others, *labels))
    if len(in_order) > _MOST_POSITIONS or max(Counter(in_order).values(), default=0) > _MOST_OF_ONE:
        return " ".join(_literal(token) for token in (*labels, _LONG))
    places: dict[str, list[str]] = {token: [] for token in (*others, *labels)}
    for position, token in enumerate(in_order, 1):
        places.setdefault(token, []).append(str(position))
    return " ".join(f"{_literal(token)}:{','.join(at)}" if at else _literal(token) for token, at in places.items())


def _literal(token: str) -> str:
    """A token as a tsvector and a tsquery are written."""
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def add_to_index(connection: Connection, entries: Sequence[tuple[int, str]]) -> None:
    """Make records findable, each by its number and what ``index_words`` made of its words.

    Raises:
        DatasetError: the index is of another folding.
    """
    if entries:
        _check_folding(connection)
        statement = _PUT if connection.dialect.name == "sqlite" else _PUT_VECTOR
        connection.execute(statement, [{"id": number, "tokens": tokens} for number, tokens in entries])


def take_from_index(connection: Connection, entries: Sequence[tuple[int, str, Sequence[Any]]]) -> None:
    """Records that go, each with its words and values of the labelled columns; in PostgreSQL their rows here go with them.

    Raises:
        DatasetError: the index is of another folding.
    """
    if entries and connection.dialect.name == "sqlite":
        _check_folding(connection)
        old = [{"id": number, "tokens": index_words(words, labelled, postgresql=False)} for number, words, labelled in entries]
        connection.execute(_DROP, old)


def found(connection: Connection, query: Query, labels: Sequence[Sequence[str]]) -> Select[Any]:
    """The records that the query asks for and that have one label of each group: a select of their numbers, ``id``.

    Raises:
        DatasetError: the index is of another folding.
    """
    _check_folding(connection)
    if connection.dialect.name == "sqlite":
        wanted = [_any_of(each, '"{}"', " OR ") for each in labels]
        words, negated = to_fts5(query)
        if words and not negated:
            wanted.append(words)
        expression = " AND ".join(wanted) or f'"{_EVERY}"'
        if words and negated:
            expression = f"({expression}) NOT {words}"
        return select(_FTS.c.rowid.label("id")).where(text("search MATCH :expression").bindparams(expression=expression))
    needed = [_any_of(each, "'{}'", " | ") for each in labels] or [f"'{_EVERY}'"]
    of_long = select(records.c.id, records.c.words).join(_VECTORS, _VECTORS.c.id == records.c.id)
    long = connection.execute(of_long.where(_holds(" & ".join([*needed, f"'{_LONG}'"]))))
    of_words = [words] if (words := to_tsquery(query)) else []
    holds = _holds(" & ".join([*of_words, *needed, f"!'{_LONG}'"]))
    ids = [row.id for row in long if matches(query, row.words)]
    return select(_VECTORS.c.id).where(or_(holds, _VECTORS.c.id.in_(ids)) if ids else holds)


def number(connection: Connection) -> ColumnElement[int]:
    """A found record's number, for conditions and joins of more on ``found``."""
    # The plus keeps SQLite from looking each number of a list up in the index.
    return literal_column("+search.rowid") if connection.dialect.name == "sqlite" else _VECTORS.c.id


def _check_folding(connection: Connection) -> None:
    if not is_of_this_folding(connection):
        raise DatasetError(
            "the search index is of another version of OpenCC or Python; `jixiao dataset info` makes it anew, then start again."
        )


def _any_of(labels: Sequence[str], form: str, operator: str) -> str:
    return "(" + operator.join(form.format(each) for each in labels) + ")"


def _holds(expression: str) -> ColumnElement[bool]:
    return text("search.tokens @@ CAST(:tsquery AS tsquery)").bindparams(tsquery=expression)  # type: ignore[return-value]
