"""The search index (检索索引): a record's tokens, kept in step with the tables. SQLite's FTS5, or a tsvector in PostgreSQL.

One row a record: PostgreSQL counts positions up to 16,383 only. The FTS5 table keeps no words of its own, and SQLite
before 3.43 can delete from such a table only when it is handed the old words again.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from jixiao.dataset.terms import fold, tokens

_PUNCTUATION = "".join(chr(code) for code in range(33, 127) if not chr(code).isalnum()).replace("'", "''")
_FTS5 = f"""CREATE VIRTUAL TABLE search USING fts5(tokens, content='', tokenize="ascii tokenchars '{_PUNCTUATION.replace('"', '""')}'")"""
_PUT = text("INSERT INTO search (rowid, tokens) VALUES (:id, :tokens)")
_PUT_VECTOR = text("INSERT INTO search (id, tokens) VALUES (:id, CAST(:tokens AS tsvector))")
_DROP = text("INSERT INTO search (search, rowid, tokens) VALUES ('delete', :id, :tokens)")


def create_index(connection: Connection) -> None:
    """Make the index of a new dataset."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_FTS5)
        return
    connection.execute(
        text("CREATE TABLE search (id integer PRIMARY KEY REFERENCES records ON DELETE CASCADE, tokens tsvector NOT NULL)")
    )
    connection.execute(text("CREATE INDEX search_tokens ON search USING gin (tokens)"))


def index_words(words: str, *, postgresql: bool) -> str:
    """A record's words as the index takes them."""
    pairs, characters = tokens(fold(words))
    if not postgresql:
        return " ".join((*pairs, *characters))
    places: dict[str, list[str]] = {character: [] for character in characters}
    for position, pair in enumerate(pairs, 1):
        places.setdefault(pair, []).append(str(position))
    return " ".join(f"{_literal(token)}:{','.join(at)}" if at else _literal(token) for token, at in places.items())


def _literal(token: str) -> str:
    """A token as a tsvector is written."""
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def add_to_index(connection: Connection, entries: Sequence[tuple[int, str]]) -> None:
    """Make records findable, each by its number and what ``index_words`` made of its words."""
    if entries:
        statement = _PUT if connection.dialect.name == "sqlite" else _PUT_VECTOR
        connection.execute(statement, [{"id": number, "tokens": tokens} for number, tokens in entries])


def take_from_index(connection: Connection, words: Sequence[tuple[int, str]]) -> None:
    """Records that go, each with its words; in PostgreSQL their rows here go with them."""
    if words and connection.dialect.name == "sqlite":
        entries = [{"id": number, "tokens": index_words(each, postgresql=False)} for number, each in words]
        connection.execute(_DROP, entries)
