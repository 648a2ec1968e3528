"""Rows of tables → files (导出文件): a CSV or Parquet file a table, or a sheet each of one workbook. Knows no dataset.

Each writer takes rows a few at a time and keeps none, and puts the data dictionary beside them.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol

from lxml.etree import LxmlError

from jixiao.errors import MissingExtra
from jixiao.spreadsheet import csv_cell, sheet_words

DICTIONARY = "dictionary"
"""The file that says what the columns mean."""
_DICTIONARY_HEAD = ("table", "column", "type", "meaning")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table (列). A ``decimal`` is a number that stands exactly, in words."""

    name: str
    kind: Literal["text", "integer", "number", "decimal", "boolean"]
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is written (表)."""

    name: str
    columns: tuple[Column, ...]


Row = Sequence[Any]


class Writer(Protocol):
    """What takes the rows of several tables."""

    def write(self, table: str, rows: Iterable[Row]) -> None:
        """Put rows behind those that the table has."""

    def close(self) -> None:
        """No more rows come."""


def _dictionary(tables: Sequence[Table]) -> list[tuple[str, str, str, str]]:
    return [(table.name, column.name, column.kind, column.meaning) for table in tables for column in table.columns]


class CsvWriter:
    """A folder of CSV files that Excel opens as they are: with a byte order mark, and no words of a report become a formula."""

    def __init__(self, folder: Path, tables: Sequence[Table]) -> None:
        self._files = {name: self._file(folder, name) for name in (DICTIONARY, *(table.name for table in tables))}
        self._writers = {name: csv.writer(file, lineterminator="\r\n") for name, file in self._files.items()}
        for table in tables:
            self._writers[table.name].writerow([column.name for column in table.columns])
        self._writers[DICTIONARY].writerow(_DICTIONARY_HEAD)
        self._writers[DICTIONARY].writerows(_dictionary(tables))

    @staticmethod
    def _file(folder: Path, name: str) -> Any:
        return (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="")

    def write(self, table: str, rows: Iterable[Row]) -> None:
        self._writers[table].writerows([csv_cell(value) for value in row] for row in rows)

    def close(self) -> None:
        for file in self._files.values():
            file.close()


class ParquetWriter:
    """A folder of Parquet files, each column's meaning in its field's metadata.

    Raises:
        MissingExtra: pyarrow is not installed.
    """

    def __init__(self, folder: Path, tables: Sequence[Table]) -> None:
        try:
            import pyarrow as pa
            from pyarrow.parquet import ParquetWriter as ArrowWriter
        except ModuleNotFoundError as exc:
            raise MissingExtra("exporting to Parquet", "parquet") from exc
        kinds = {
            "text": pa.string(),
            "integer": pa.int64(),
            "number": pa.float64(),
            "decimal": pa.string(),
            "boolean": pa.bool_(),
        }
        self._batch = pa.record_batch
        self._schemas = {
            table.name: pa.schema(
                [pa.field(each.name, kinds[each.kind], metadata={"comment": each.meaning}) for each in table.columns]
            )
            for table in tables
        }
        self._writers = {name: ArrowWriter(folder / f"{name}.parquet", schema) for name, schema in self._schemas.items()}
        with (folder / f"{DICTIONARY}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([_DICTIONARY_HEAD, *_dictionary(tables)])

    def write(self, table: str, rows: Iterable[Row]) -> None:
        columns = list(zip(*rows, strict=True))
        if columns:
            schema = self._schemas[table]
            arrays = [list(column) for column in columns]
            self._writers[table].write_batch(self._batch(arrays, schema=schema))

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()


_MOST_ROWS = 1_048_576  # of a sheet, Excel's limit
_WIDTHS = {
    **dict.fromkeys("statement quote cause effect change_reason deviation meaning".split(), 60),
    **dict.fromkeys("title location name section".split(), 36),
    **dict.fromkeys("source department project category column target actual previous goal".split(), 22),
    **dict.fromkeys("target_base actual_base previous_base change_base sha256 signature record_ids".split(), 18),
}
_WIDTH = 11
_WRAPPED = 36
"""Columns as wide as this wrap their words."""


class WorkbookWriter:
    """A workbook with a sheet a table and the data dictionary first; rows are on disk as they come."""

    def __init__(self, path: Path, tables: Sequence[Table]) -> None:
        from openpyxl import Workbook

        self._path = path
        self._book: Any = Workbook(write_only=True)
        dictionary = Table("数据字典", tuple(Column(name, "text", "") for name in _DICTIONARY_HEAD))
        self._sheets = {table.name: _Sheet(self._book, table) for table in (dictionary, *tables)}
        self.write(dictionary.name, _dictionary(tables))

    def write(self, table: str, rows: Iterable[Row]) -> None:
        sheet = self._sheets[table]
        with _as_os_error():
            for row in rows:
                sheet.append(row)

    def close(self) -> None:
        with _as_os_error():
            for sheet in self._sheets.values():
                sheet.finish()
            try:
                self._book.save(self._path)
            except (OSError, LxmlError):
                self._give_up()
                raise

    def _give_up(self) -> None:
        """End what openpyxl has under way: left to itself, each of its sheets prints a traceback when the program ends."""
        for sheet in self._book.worksheets:
            for under_way in (sheet._rows, getattr(sheet._writer, "xf", None)):
                if under_way is not None:
                    with suppress(OSError, LxmlError):
                        under_way.close()


@contextmanager
def _as_os_error() -> Iterator[None]:
    """What lxml, which writes the sheets, says of a full disk, said as Python does."""
    try:
        yield
    except LxmlError as exc:
        raise OSError(f"the workbook's XML: {exc}") from exc


class _Sheet:
    """A sheet under its head, gone on with on another where Excel's rows end."""

    def __init__(self, book: Any, table: Table) -> None:
        from openpyxl.styles import Alignment

        self._book = book
        self._table = table
        self._number = 0
        self._begin()
        self._cells: list[Any] = []
        """A cell a column, with its form; a row is written as soon as it is handed over, so that they serve again."""
        for column in table.columns:
            cell = self._cell(None)
            wrapped = _WIDTHS.get(column.name, _WIDTH) >= _WRAPPED
            cell.alignment = Alignment(vertical="top", wrap_text=wrapped or None)
            if column.kind in ("number", "decimal"):
                cell.number_format = "#,##0.00" if column.name.endswith("_base") else "General"
            self._cells.append(cell)

    def _begin(self) -> None:
        from openpyxl.styles import Alignment, Font, PatternFill
        from openpyxl.utils import get_column_letter

        self._number += 1
        self._rows = 1
        title = self._table.name if self._number == 1 else f"{self._table.name} ({self._number})"
        self._sheet = self._book.create_sheet(title)
        self._sheet.freeze_panes = "A2"
        head = []
        for at, column in enumerate(self._table.columns, 1):
            self._sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(column.name, _WIDTH)
            cell = self._cell(column.name)
            cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DCE6F1")
            cell.alignment = Alignment(vertical="center")
            head.append(cell)
        self._sheet.append(head)

    def _cell(self, value: Any) -> Any:
        from openpyxl.cell import WriteOnlyCell

        return WriteOnlyCell(self._sheet, value)

    def append(self, row: Row) -> None:
        if self._rows == _MOST_ROWS:
            self.finish()
            self._begin()
        self._rows += 1
        for cell, column, value in zip(self._cells, self._table.columns, row, strict=True):
            if isinstance(value, str) and column.kind == "decimal":
                cell.value = Decimal(value)
            elif isinstance(value, str):
                cell.value = sheet_words(value)
                cell.data_type = "s"  # a formula in a report is its words
            else:
                cell.value = value
        self._sheet.append(self._cells)

    def finish(self) -> None:
        """The rows have all come."""
        from openpyxl.utils import get_column_letter

        self._sheet.auto_filter.ref = f"A1:{get_column_letter(len(self._table.columns))}{self._rows}"
