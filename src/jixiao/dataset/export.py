"""The dataset → files to take away (导出): CSV or Parquet files, a workbook, or each report's records as a line of JSON.

What reviewers have decided is in it. The same reports give the same rows in the same order, whatever the store and whenever they came: reports by their place,
records by theirs in the report, and numbers of reports counted anew. A file or folder is written whole or not at all.
"""

import json
import os
import shutil
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, select

from jixiao.dataset.query import EVERYTHING
from jixiao.dataset.reviews import decisions_on, review_of
from jixiao.dataset.schema import VIEWS, evidence, records, reports
from jixiao.dataset.search import Filters, record_numbers, report_numbers
from jixiao.dataset.store import Dataset
from jixiao.dataset.writers import DICTIONARY, Column, CsvWriter, ParquetWriter, Table, WorkbookWriter, Writer
from jixiao.errors import JixiaoError
from jixiao.records import Extraction

Format = Literal["parquet", "csv", "xlsx", "jsonl"]
FOLDERS: frozenset[Format] = frozenset({"parquet", "csv"})
"""The formats that are a folder of files, one a table."""
_BATCH = 200
"""Reports that are in memory at a time."""

_REPORT = "location source sha256 title department region fiscal_year report_type self_score grade characters signature".split()
_OF_REPORT = "source department region fiscal_year".split()
_EVIDENCE = "position start end quote section page cell doubtful".split()
_NUMBER = Column("report_id", "integer", "number of the report in this export: see reports")
_KIND_TABLE = {kind: name for name, (kinds, _) in VIEWS.items() for kind in kinds}


def export(dataset: Dataset, target: Path, format: Format, filters: Filters) -> int:
    """Write the records that meet ``filters``, their evidence and their reports to a file or folder; gives the number of reports.

    ``jsonl`` holds whole reports, those with such a record; their JSON Schema is put beside it, as its dictionary.

    Raises:
        BadQuery: a filter cannot be taken.
        DatasetError: the dataset cannot be read.
        MissingExtra: Parquet is asked for, and pyarrow is not installed.
        JixiaoError: the target cannot be written, or is a folder with other things in it.
    """
    with _replacing(target, folder=format in FOLDERS, own=_own_files(format)) as place, dataset.reading() as connection:
        chosen = report_numbers(connection, filters)
        if format == "jsonl":
            _write_lines(connection, place, chosen)
            with _replacing(target.with_suffix(".schema.json"), folder=False, own=frozenset()) as beside:
                beside.write_text(json_dictionary(), encoding="utf-8")
            return len(chosen)
        tables = _tables(with_text=format == "parquet")
        writer: Writer
        match format:
            case "csv":
                writer = CsvWriter(place, tables)
            case "parquet":
                writer = ParquetWriter(place, tables)
            case "xlsx":
                writer = WorkbookWriter(place, tables)
        try:
            _write_tables(connection, writer, chosen, filters, tables)
        finally:
            writer.close()
    return len(chosen)


def _batches(numbers: Sequence[int]) -> Iterator[dict[int, int]]:
    """A few reports at a time, each with its number in the export."""
    for start in range(0, len(numbers), _BATCH):
        yield {number: at for at, number in enumerate(numbers[start : start + _BATCH], start + 1)}


def _write_lines(connection: Connection, place: Path, chosen: Sequence[int]) -> None:
    with place.open("wb") as file:
        for batch in _batches(chosen):
            rows = connection.execute(select(reports.c.id, reports.c.sha256, reports.c.extraction).where(reports.c.id.in_(batch)))
            whole = {row.id: (row.sha256, zlib.decompress(row.extraction)) for row in rows}
            decisions = decisions_on(connection, [sha256 for sha256, _ in whole.values()])
            for number in batch:
                sha256, line = whole[number]
                if decisions[sha256]:
                    stands = review_of(Extraction.model_validate_json(line), decisions[sha256]).extraction()
                    line = stands.model_dump_json().encode()
                file.write(line + b"\n")


def json_dictionary() -> str:
    """The data dictionary of lines of JSON: their JSON Schema, each field with what the dataset's tables say of it."""
    schema = Extraction.model_json_schema(mode="serialization")
    tables = {"Report": reports, "Evidence": evidence, **dict.fromkeys("Goal Completion Metric Issue Measure".split(), records)}
    for name, table in tables.items():
        for field, about in schema["$defs"][name]["properties"].items():
            column = "record_id" if field == "id" else field
            if column in table.c:
                about.setdefault("description", table.c[column].comment)
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _tables(*, with_text: bool) -> list[Table]:
    """The tables of an export; the text is too long for a cell."""
    of_report = [*_REPORT, *(["text"] if with_text else [])]
    return [
        Table("reports", (_NUMBER, *_columns(reports, of_report))),
        *(Table(name, (_NUMBER, *_columns(reports, _OF_REPORT), *_columns(records, _names(name)))) for name in VIEWS),
        Table("evidence", (_NUMBER, *_columns(records, ["record_id"]), *_columns(evidence, _EVIDENCE))),
    ]


def _names(table: str) -> list[str]:
    """The columns of one kind of record."""
    return ["record_id", *VIEWS[table][1].split(), *([] if table == "findings" else ["origin"]), "start", "end"]


def _columns(table: Any, names: Sequence[str]) -> tuple[Column, ...]:
    kinds: dict[str, Any] = {"TEXT": "text", "INTEGER": "integer", "DOUBLE": "number", "BOOLEAN": "boolean"}
    return tuple(
        Column(name, "decimal" if name.endswith("_value") else kinds[str(table.c[name].type)], table.c[name].comment)
        for name in names
    )


def _write_tables(
    connection: Connection, writer: Writer, chosen: Sequence[int], filters: Filters, tables: Sequence[Table]
) -> None:
    of_report = [reports.c[column.name] for column in tables[0].columns[1:]]
    wanted: list[ColumnElement[bool]] = []
    if filters.of_records:
        wanted.append(records.c.id.in_(record_numbers(connection, EVERYTHING, filters)))
    for batch in _batches(chosen):
        found = connection.execute(select(reports.c.id, *of_report).where(reports.c.id.in_(batch))).mappings()
        about = {row["id"]: row for row in found}
        writer.write("reports", ([batch[each], *(about[each][column.name] for column in of_report)] for each in batch))
        these = [records.c.report_id.in_(batch), *wanted]
        rows = connection.execute(select(*_OF_RECORD).where(*these)).mappings().all()
        ordered = sorted(rows, key=lambda row: (batch[row["report_id"]], row["position"]))
        by_table: dict[str, list[Any]] = defaultdict(list)
        for row in ordered:
            by_table[_KIND_TABLE[row["kind"]]].append(row)
        for name, of_kind in by_table.items():
            names = _names(name)
            writer.write(
                name,
                (
                    [batch[row["report_id"]], *(about[row["report_id"]][of] for of in _OF_REPORT), *(row[each] for each in names)]
                    for row in of_kind
                ),
            )
        places: dict[int, list[Any]] = defaultdict(list)
        joined = select(*evidence.c).join(records, records.c.id == evidence.c.record).where(*these)
        for place in connection.execute(joined.order_by(evidence.c.record, evidence.c.position)).mappings():
            places[place["record"]].append(place)
        writer.write(
            "evidence",
            (
                [batch[row["report_id"]], row["record_id"], *(place[each] for each in _EVIDENCE)]
                for row in ordered
                for place in places[row["id"]]
            ),
        )


_OF_RECORD = [column for column in records.c if column.name != "words"]


def _own_files(format: Format) -> frozenset[str]:
    """The names of the files in an export's folder."""
    names = [f"{table.name}.{format}" for table in _tables(with_text=False)]
    return frozenset([*names, f"{DICTIONARY}.csv"])


@contextmanager
def _replacing(target: Path, *, folder: bool, own: frozenset[str]) -> Iterator[Path]:
    """A place beside the target to write to; what stands there takes the target's place when all has gone well.

    Raises:
        JixiaoError: it cannot be written, or the target is a folder that no export made.
    """
    if target.is_dir() and (not folder or {each.name for each in target.iterdir()} - own):
        raise JixiaoError(f"{target}: this is a folder with other things in it; name another place.")
    if folder and target.exists() and not target.is_dir():
        raise JixiaoError(f"{target}: this is a file, and the export is a folder of files; name another place.")
    partial: Path | None = None
    try:
        partial = Path(mkdtemp(dir=target.absolute().parent, prefix=".jixiao-", suffix=".partial"))
        made = partial / "export"
        if folder:
            made.mkdir()
        yield made
        if target.is_dir():
            os.replace(target, partial / "old")
        os.replace(made, target)
    except OSError as exc:
        raise JixiaoError(f"{target}: cannot be written ({exc.strerror or exc}).") from exc
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
