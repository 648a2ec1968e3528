"""Answers kept (缓存), so that no call is paid for twice: one SQLite file, written by any number of processes.

An answer is known by all that it depends on: endpoint, model, prompt, messages, schema and parameters. The key is no
part of it. What is kept is the raw reply; what it is worth is reckoned anew each time. Vectors of texts are kept in the same way.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jixiao.errors import BadSettings

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, reply TEXT NOT NULL, made TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE IF NOT EXISTS batches (endpoint TEXT NOT NULL, batch TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (endpoint, batch, key));
CREATE TABLE IF NOT EXISTS abilities (endpoint TEXT NOT NULL, model TEXT NOT NULL, found TEXT NOT NULL, PRIMARY KEY (endpoint, model));
CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL);
"""


def key_of(request: dict[str, Any]) -> str:
    """The SHA-256 of a request as it would be sent."""
    return hashlib.sha256(json.dumps(request, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


class Cache:
    """The answers in one file.

    Raises:
        BadSettings: the file cannot be opened or is no cache.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=60, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as exc:
            raise BadSettings(f"{path}: cannot be used as the cache of answers ({exc}); name another with JIXIAO_CACHE.") from exc

    def get(self, key: str) -> dict[str, Any] | None:
        """The reply kept under ``key``."""
        row = self._run("SELECT reply FROM answers WHERE key = ?", key)
        return None if row is None else json.loads(row[0])

    def put(self, key: str, reply: dict[str, Any]) -> None:
        """Keep a reply; on the disk before this returns.

        Raises:
            BadSettings: the file cannot be written.
        """
        self._run("INSERT OR REPLACE INTO answers (key, reply) VALUES (?, ?)", key, json.dumps(reply))

    def abilities(self, endpoint: str, model: str) -> dict[str, Any] | None:
        """What probing found of a model at an endpoint."""
        row = self._run("SELECT found FROM abilities WHERE endpoint = ? AND model = ?", endpoint, model)
        return None if row is None else json.loads(row[0])

    def remember(self, endpoint: str, model: str, found: dict[str, Any]) -> None:
        """Keep what probing found."""
        self._run("INSERT OR REPLACE INTO abilities VALUES (?, ?, ?)", endpoint, model, json.dumps(found))

    def vectors(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The vectors that are kept under these keys, by their keys."""
        return dict(
            self._all("SELECT key, vector FROM vectors WHERE key IN (SELECT value FROM json_each(?))", json.dumps([*keys]))
        )

    def put_vectors(self, vectors: Mapping[str, bytes]) -> None:
        """Keep vectors, all or none; on the disk before this returns.

        Raises:
            BadSettings: the file cannot be written.
        """
        values: list[str | bytes] = []
        for pair in vectors.items():
            values += pair
        rows = ", ".join(["(?, ?)"] * len(vectors))
        self._run(f"INSERT OR REPLACE INTO vectors (key, vector) VALUES {rows}", *values)

    def count(self) -> int:
        """How many answers are kept."""
        return int(self._run("SELECT count(*) FROM answers")[0])

    def remember_batch(self, endpoint: str, batch: str, keys: Iterable[str]) -> None:
        """Keep which answers a batch is to bring."""
        self._run("INSERT OR IGNORE INTO batches SELECT ?, ?, value FROM json_each(?)", endpoint, batch, json.dumps(list(keys)))

    def forget_batch(self, endpoint: str, batch: str) -> None:
        """A batch has been collected."""
        self._run("DELETE FROM batches WHERE endpoint = ? AND batch = ?", endpoint, batch)

    def batches(self, endpoint: str) -> list[str]:
        """The batches that are not yet collected."""
        return self._column("SELECT DISTINCT batch FROM batches WHERE endpoint = ? ORDER BY batch", endpoint)

    def keys_of_batch(self, endpoint: str, batch: str) -> frozenset[str]:
        """The answers that a batch is to bring."""
        return frozenset(self._column("SELECT key FROM batches WHERE endpoint = ? AND batch = ?", endpoint, batch))

    def keys_under_way(self, endpoint: str) -> frozenset[str]:
        """The answers that batches not yet collected are to bring."""
        return frozenset(self._column("SELECT key FROM batches WHERE endpoint = ?", endpoint))

    def _column(self, statement: str, *values: str) -> list[str]:
        return [row[0] for row in self._all(statement, *values)]

    def _run(self, statement: str, *values: str | bytes) -> Any:
        return next(iter(self._all(statement, *values)), None)

    def _all(self, statement: str, *values: str | bytes) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as exc:
            raise BadSettings(
                f"{self._path}: the cache of answers cannot be used ({exc}); name another with JIXIAO_CACHE."
            ) from exc

    def close(self) -> None:
        self._connection.close()
