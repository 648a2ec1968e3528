"""An analyst's own query: it reads, on both stores alike, and whatever it says it writes nothing and ends in time."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from generated import report
from jixiao.cli import app
from jixiao.dataset.sql import asked
from jixiao.dataset.store import open_dataset
from jixiao.errors import DatasetError
from shelves import put


@pytest.fixture
def place(dataset_place: str) -> str:
    with open_dataset(dataset_place, create=True) as dataset:
        for number in range(4):
            put(dataset, f"/{number}", *report(number, 6))
    return dataset_place


def answer(place: str, statement: str, seconds: float = 20) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    with open_dataset(place, read_only=True) as dataset, asked(dataset, statement, seconds) as found:
        return found.columns, [tuple(row) for row in found.rows]


def holds(place: str) -> str:
    """All reports and records as they are, in a few characters."""
    rows = [answer(place, f"SELECT * FROM {table} ORDER BY 1") for table in ("reports", "records", "meta", "runs")]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def test_a_query_gives_its_columns_and_rows(place: str) -> None:
    assert answer(place, "SELECT id, source FROM reports WHERE id > 2 ORDER BY id;") == (
        ("id", "source"),
        [(3, "2.txt"), (4, "3.txt")],
    )
    assert answer(place, "WITH a AS (SELECT 7 AS n) SELECT n FROM a WHERE '100%s' LIKE '%\\%s' ESCAPE '\\'") == (("n",), [(7,)])
    assert answer(place, "SELECT kind, count(*) AS n FROM metrics GROUP BY kind ORDER BY kind")[1]
    assert len(answer(place, "SELECT * FROM records a, records b")[1]) > 400


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM records",
        "UPDATE reports SET title = 'x'",
        "INSERT INTO meta VALUES ('a', 'b') RETURNING key",
        "DROP TABLE records",
        "CREATE TABLE other (a integer)",
        "BEGIN",
        "COMMIT",
        "SELECT 1; DROP TABLE records",
        "SELECT 1; COMMIT; DROP TABLE records",
        "WITH gone AS (DELETE FROM records RETURNING id) SELECT * FROM gone",
        # SQLite
        "ATTACH '{folder}/new.sqlite' AS other",
        "VACUUM INTO '{folder}/new.sqlite'",
        "PRAGMA query_only = OFF",
        "PRAGMA user_version = 7",
        "PRAGMA journal_mode = DELETE",
        "INSERT INTO search (search) VALUES ('delete-all')",
        "SELECT load_extension('x')",
        # PostgreSQL
        "SET TRANSACTION READ WRITE",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "COPY (SELECT 1) TO '{folder}/new.sqlite'",
        "SELECT * INTO other FROM reports",
        "SELECT * FROM records FOR UPDATE",
        "SELECT nextval('nothing')",
    ],
)
def test_whatever_would_write_is_one_sentence_and_writes_nothing(place: str, tmp_path: Path, statement: str) -> None:
    before = holds(place)
    with pytest.raises(DatasetError, match=r"^SQL: [^\n]+\.$"):
        answer(place, statement.format(folder=tmp_path))
    assert holds(place) == before
    assert not (tmp_path / "new.sqlite").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "",
        ";",
        "-- nothing",
        "SELEC 1",
        "SELECT * FROM nowhere",
        "SELECT '",
        "SELECT \0 1",
        "SELECT '\ud800'",
        "{%",
        "满意度",
        "SELECT 1 FROM",
    ],
)
def test_what_is_no_query_is_one_sentence(place: str, statement: str) -> None:
    with pytest.raises(DatasetError, match=r"^SQL: [^\n]+\.$"):
        answer(place, statement)


def test_a_query_without_end_is_given_up(place: str) -> None:
    endless = "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT {} FROM n"
    for what in ("max(a)", "a"):
        with pytest.raises(DatasetError, match=r"no answer in 0.3 seconds"):
            answer(place, endless.format(what), seconds=0.3)


def test_a_dataset_asked_is_asked_again(place: str) -> None:
    with open_dataset(place, read_only=True) as dataset:
        with pytest.raises(DatasetError), asked(dataset, "DROP TABLE records", 5):
            pass
        with asked(dataset, "SELECT count(*) FROM reports", 5) as found:
            assert list(found.rows) == [(4,)]
        assert dataset.count()["reports"] == 4


def test_the_full_text_index_can_be_asked_too(tmp_path: Path) -> None:
    place = str(tmp_path / "a.sqlite")
    with open_dataset(place, create=True) as dataset:
        put(dataset, "/1", *report(1, 6))
    assert answer(place, "SELECT count(*) > 0 FROM search WHERE search MATCH '\"年\"'")[1] == [(1,)]


def jixiao(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["sql", *arguments], env={"JIXIAO_DATASET": None})
    assert done.exit_code == 0
    return done.stdout


def test_the_command_answers_as_json_csv_and_a_table(place: str) -> None:
    asked = "SELECT id, source, id, '=1+1' AS words FROM reports ORDER BY id LIMIT 2"
    assert json.loads(jixiao(asked, "-d", place))[1] == {"id": 2, "source": "1.txt", "id_2": 2, "words": "=1+1"}
    assert jixiao(asked, "-d", place, "--format", "csv") == "id,source,id,words\n1,0.txt,1,'=1+1\n2,1.txt,2,'=1+1\n"
    assert jixiao(asked, "-d", place, "--format", "table").split()[:4] == ["id", "source", "id", "words"]
    assert jixiao("SELECT 1 WHERE 1 = 0", "-d", place) == "[]\n"
