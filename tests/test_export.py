"""What is taken away from a dataset: the same bytes from either store, safe in Excel, whole or not at all."""

import csv
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generated import report
from jixiao.dataset.conditions import parse_condition
from jixiao.dataset.export import Format, export
from jixiao.dataset.search import Filters
from jixiao.dataset.store import Dataset, open_dataset
from jixiao.document import Document, Passage
from jixiao.errors import JixiaoError
from jixiao.records import Evidence, Extraction, Issue, Report
from jixiao.spreadsheet import csv_cell
from shelves import put

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("JIXIAO_")}
EVERYTHING = Filters()
TABLES = ["completions", "evidence", "findings", "goals", "issues", "measures", "metrics", "reports"]
HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "#N/A", 'a,b\n“c”"d"', "-8.57%", "𠮷\x01"]


def add(dataset: Dataset, *numbers: int) -> None:
    """Reports of these numbers, each taken in under its own name."""
    for number in numbers:
        put(dataset, f"/shelf/{number:03}.txt", *report(number, 12))


def add_hostile(dataset: Dataset) -> None:
    """A report whose problems are words that spreadsheet programs would run."""
    text = "\n".join(HOSTILE)
    facts = Report(source="=HYPERLINK(1).txt", sha256="0" * 64, characters=len(text), department="@平川市")
    issues = [
        Issue(
            id=f"i{at}",
            statement=words,
            evidence=[Evidence(start=text.index(words), end=text.index(words) + len(words), quote=words)],
        )
        for at, words in enumerate(HOSTILE)
    ]
    document = Document(facts.source, facts.sha256, text, (Passage(text, (0,), (0,)),))
    put(dataset, "/shelf/h.txt", document, Extraction(report=facts, issues=issues))


@pytest.fixture
def shelf(tmp_path: Path) -> str:
    place = str(tmp_path / "shelf.sqlite")
    with open_dataset(place, create=True) as dataset:
        add(dataset, *range(8))
    return place


def exported(place: str, target: Path, format: Format, filters: Filters = EVERYTHING) -> Path:
    with open_dataset(place, read_only=True) as dataset:
        export(dataset, target, format, filters)
    return target


def content(target: Path) -> dict[str, bytes]:
    files = sorted(target.iterdir()) if target.is_dir() else [target]
    return {path.name: path.read_bytes() for path in files}


def read_csv(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_the_same_reports_give_the_same_bytes_whatever_the_store_and_the_order_in_which_they_came(
    tmp_path: Path, dataset_place: str, format: Format
) -> None:
    one = str(tmp_path / "one.sqlite")
    with open_dataset(one, create=True) as dataset:
        add(dataset, *range(8))
        add_hostile(dataset)
    with open_dataset(dataset_place, create=True) as dataset:
        add_hostile(dataset)
        add(dataset, *reversed(range(9)), 3, 5)
        dataset.remove(next(each.id for each in dataset.known() if each.location == "/shelf/008.txt"))
    there = content(exported(dataset_place, tmp_path / "there", format))
    assert content(exported(one, tmp_path / "there", format)) == there
    assert len(there) == (9 if format == "csv" else 1)


def test_lines_of_json_are_the_extractions_whole(tmp_path: Path, shelf: str) -> None:
    lines = exported(shelf, tmp_path / "a.jsonl", "jsonl").read_text(encoding="utf-8").splitlines()
    assert [Extraction.model_validate_json(line) for line in lines] == [report(number, 12)[1] for number in range(8)]


def test_beside_lines_of_json_stands_what_their_fields_mean(tmp_path: Path, shelf: str) -> None:
    lines = exported(shelf, tmp_path / "a.jsonl", "jsonl").read_text(encoding="utf-8").splitlines()
    dictionary = json.loads((tmp_path / "a.schema.json").read_text(encoding="utf-8"))
    metric = json.loads(lines[0])["metrics"][0]
    told = dictionary["$defs"]["Metric"]["properties"]
    assert metric.keys() <= told.keys()
    assert told["actual"]["description"].startswith("实际完成值")
    assert told["name"]["description"] == "metrics: 指标名称; findings: the check's name 核对事项"


def test_csv_has_all_tables_and_what_its_columns_mean(tmp_path: Path, shelf: str) -> None:
    folder = exported(shelf, tmp_path / "out", "csv")
    assert sorted(path.stem for path in folder.iterdir()) == sorted([*TABLES, "dictionary"])
    assert all(data.startswith(b"\xef\xbb\xbf") for data in content(folder).values())
    told = {(row["table"], row["column"]) for row in read_csv(folder, "dictionary")}
    for table in TABLES:
        assert all((table, column) in told for column in next(iter(read_csv(folder, table)), {}))
    assert all(row["meaning"] for row in read_csv(folder, "dictionary"))


def test_records_evidence_and_reports_belong_together(tmp_path: Path, shelf: str) -> None:
    folder = exported(shelf, tmp_path / "out", "csv")
    reports = {row["report_id"]: row for row in read_csv(folder, "reports")}
    assert [row["location"] for row in reports.values()] == [f"/shelf/{number:03}.txt" for number in range(8)]
    records = [row for table in TABLES[2:-1] for row in read_csv(folder, table)] + read_csv(folder, "completions")
    ids = {(row["report_id"], row["record_id"]) for row in records}
    assert {(row["report_id"], row["record_id"]) for row in read_csv(folder, "evidence")} == ids
    for row in read_csv(folder, "evidence"):
        number = int(reports[row["report_id"]]["source"].removesuffix(".txt"))
        assert report(number, 12)[0].text[int(row["start"]) : int(row["end"])] == row["quote"]


def test_words_that_a_spreadsheet_would_run_stay_words(tmp_path: Path, shelf: str) -> None:
    with open_dataset(shelf) as dataset:
        add_hostile(dataset)
    folder = exported(shelf, tmp_path / "out", "csv")
    statements = {row["record_id"]: row["statement"] for row in read_csv(folder, "issues") if row["source"].startswith("'=")}
    assert [words[0] for words in statements.values()] == ["'"] * 6 + ["#", "a", "-", "𠮷"]
    book = openpyxl.load_workbook(exported(shelf, tmp_path / "a.xlsx", "xlsx"))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b"}
    assert "=1+1" in {cell.value for cell in cells}


@given(st.text(max_size=12))
def test_no_cell_of_csv_begins_as_a_formula_does(words: str) -> None:
    made = csv_cell(words)
    assert made.removeprefix("'") == words.removeprefix("'")
    assert (not made.lstrip().startswith(("=", "@", "＝")) and not made.lstrip().startswith(("+", "-"))) or made[
        -1
    ] in "0123456789%"


def test_numbers_are_numbers(tmp_path: Path, shelf: str) -> None:
    sheet = openpyxl.load_workbook(exported(shelf, tmp_path / "a.xlsx", "xlsx"))["metrics"]
    head, *rows = sheet.iter_rows()
    at = {str(cell.value): number for number, cell in enumerate(head)}
    for row in rows:
        for column in ("actual_value", "actual_base", "fiscal_year", "start"):
            assert row[at[column]].value is None or row[at[column]].data_type == "n"
    first = next(row for row in read_csv(exported(shelf, tmp_path / "out", "csv"), "metrics") if row["actual_value"])
    assert float(first["actual_base"]) >= float(first["actual_value"])


def test_a_workbook_is_made_to_be_read(tmp_path: Path, shelf: str) -> None:
    book = openpyxl.load_workbook(exported(shelf, tmp_path / "a.xlsx", "xlsx"))
    assert book.sheetnames[0] == "数据字典"
    assert sorted(book.sheetnames[1:]) == TABLES
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
    quotes = book["evidence"]
    (column,) = [cell.column_letter for cell in quotes[1] if cell.value == "quote"]
    assert quotes[f"{column}2"].alignment.wrap_text
    assert quotes.column_dimensions[column].width == 60


def test_parquet_has_types_and_says_what_its_fields_mean(tmp_path: Path, shelf: str) -> None:
    folder = exported(shelf, tmp_path / "out", "parquet")
    table = pq.read_table(folder / "reports.parquet")
    assert table.column("text").to_pylist() == [report(number, 12)[0].text for number in range(8)]
    metrics = pq.read_schema(folder / "metrics.parquet")
    assert [str(metrics.field(name).type) for name in ("actual_value", "actual_base", "attained", "start")] == [
        "string",
        "double",
        "bool",
        "int64",
    ]
    assert metrics.field("name").metadata[b"comment"].decode().startswith("metrics: 指标名称")
    assert (folder / "dictionary.csv").is_file()


def test_filters_choose_records_and_the_reports_they_are_of(tmp_path: Path, dataset_place: str) -> None:
    with open_dataset(dataset_place, create=True) as dataset:
        add(dataset, *range(8))
    wanted = Filters(kinds=("indicator",), where=(parse_condition("weight >= 15"),))
    folder = exported(dataset_place, tmp_path / "out", "csv", wanted)
    metrics = read_csv(folder, "metrics")
    assert metrics
    assert all(row["kind"] == "indicator" and float(row["weight"]) >= 15 for row in metrics)
    assert {row["report_id"] for row in read_csv(folder, "reports")} == {row["report_id"] for row in metrics}
    assert read_csv(folder, "goals") == read_csv(folder, "findings") == []
    line = exported(dataset_place, tmp_path / "a.jsonl", "jsonl", wanted).read_text(encoding="utf-8").splitlines()
    assert len(line) == len(read_csv(folder, "reports"))
    one = report(2, 12)[1].report
    assert one.department
    folder = exported(dataset_place, tmp_path / "out", "csv", Filters(department=one.department))
    assert [row["source"] for row in read_csv(folder, "reports")] == ["2.txt"]


def test_what_is_written_meanwhile_is_not_half_in_it(tmp_path: Path, dataset_place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_dataset(dataset_place, create=True) as dataset:
        add(dataset, 0, 1)
        before = content(_exported_with(dataset, tmp_path / "before"))

        def another() -> None:
            with open_dataset(dataset_place) as other:
                add(other, 2)
                other.remove(other.known()[0].id)

        monkeypatch.setattr("jixiao.dataset.export._write_tables", _after(another, "jixiao.dataset.export", "_write_tables"))
        assert content(_exported_with(dataset, tmp_path / "meanwhile")) == before


def _exported_with(dataset: Dataset, target: Path) -> Path:
    export(dataset, target, "csv", EVERYTHING)
    return target


def _after(first: Callable[[], None], module: str, name: str) -> Callable[..., Any]:
    """A function of ours that is called when another program has done something."""
    original = getattr(sys.modules[module], name)

    def called(*arguments: Any) -> Any:
        thread = threading.Thread(target=first)
        thread.start()
        thread.join()
        return original(*arguments)

    return called


# Whole or not at all


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path, shelf: str) -> None:
    with pytest.raises(JixiaoError, match="a folder with other things in it"):
        exported(shelf, tmp_path, "csv")
    folder = exported(shelf, tmp_path / "out", "csv")
    assert content(exported(shelf, folder, "csv")) == content(folder)  # its own may be replaced
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(JixiaoError, match="a folder with other things in it"):
        exported(shelf, folder, "csv")
    assert (folder / "notes.txt").read_text() == "mine"


def jixiao(*arguments: object, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    def no_more() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", "jixiao", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=CLEAN, check=False, preexec_fn=no_more)


@pytest.mark.parametrize(("format", "name"), [("csv", "out"), ("parquet", "out"), ("xlsx", "a.xlsx"), ("jsonl", "a.jsonl")])
def test_what_cannot_be_written_leaves_the_old_in_its_place(tmp_path: Path, shelf: str, format: Format, name: str) -> None:
    with open_dataset(shelf) as dataset:
        add(dataset, *range(8, 80))
    folder = tmp_path / "target"
    folder.mkdir()
    old = content(exported(shelf, folder / name, format))
    done = jixiao(
        "export", "-d", shelf, "-o", folder / name, "--format", format, limit=40_000
    )  # a SQLite database's shared memory takes 32,768
    assert done.returncode == 2
    assert done.stderr.startswith(f"✗ {folder / name}: cannot be written (")
    assert done.stderr.count("\n") == 1
    assert content(folder / name) == old
    assert sorted(path.name for path in folder.iterdir()) == [name, *(["a.schema.json"] if format == "jsonl" else [])]


def test_the_command_says_what_it_wants(tmp_path: Path, shelf: str) -> None:
    done = jixiao("export", "-d", shelf, "-o", tmp_path / "a.csv")
    assert (done.returncode, done.stderr) == (
        2,
        f"✗ {tmp_path / 'a.csv'}: csv makes a folder of files, one a table; name a folder, and --format csv.\n",
    )
    done = jixiao("export", "-d", shelf, "-o", tmp_path / "out", "--kind", "metric", "--year", "2016..2020")
    assert (done.returncode, done.stderr) == (0, f"{tmp_path / 'out'}: 4 reports.\n")
