"""Spreadsheets (.xlsx, .xls) → Document: each visible sheet in order, its cells as they show, merged cells as such.

A line with words in one cell alone is a paragraph, where it is a title or a sentence; the rest are tables. Hidden sheets,
rows and columns stay out and are named in the notes. Computes no formula, runs no macro, follows no link.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

from jixiao.columns import column_role
from jixiao.document import Document
from jixiao.errors import MissingExtra, UnreadableInput
from jixiao.readers.package import Package
from jixiao.readers.shown import shown
from jixiao.readers.writing import Slot, Writing, tidy

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MOST_CELLS = 300_000
_FORMULA_UNKNOWN = re.compile(rb"</f>\s*(?:<v\s*/>\s*|<v>\s*</v>\s*)?</c>|<f[^>]*/>\s*(?:<v\s*/>\s*)?</c>")
_SENTENCE = re.compile(r".{30}|.*[。：:；;]$", re.DOTALL)
_MARKED = re.compile(r"\s*(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,2}[)）]|\d{1,2}[、.．])")
_LOOKAHEAD = 20  # rows
_TITLE = re.compile(r"表(?:[（(].*[)）])?$")


@dataclass(slots=True)
class _Sheet:
    """A sheet as it is seen: words by row and column, and what is merged over what."""

    name: str
    words: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)  # first cell → rows, columns


def read_xlsx(data: bytes, source: str) -> Document:
    """The document in the bytes of an .xlsx file.

    Raises:
        UnreadableInput: the package is damaged, encrypted or a bomb, or no visible cell holds words.
    """
    import warnings

    from openpyxl import load_workbook

    package = Package(data, source)
    writing = Writing(source, data)
    sheets = [name for name in package.names if re.search(r"worksheets/[^/]+\.xml$", name)]
    unknown = 0
    for name in [
        *sheets,
        *(name for name in package.names if name.endswith(("sharedStrings.xml", "styles.xml", "workbook.xml"))),
    ]:
        part = package.bytes_of(name)
        if b"<!DOCTYPE" in part[:4096] or b"<!ENTITY" in part[:4096]:
            raise UnreadableInput(f"{source}: {name} declares XML entities, which Office files never do; it is not read.")
        if name in sheets:
            if part.count(b"<c ") + part.count(b"<c>") > MOST_CELLS:
                raise _too_many(source)
            unknown += len(_FORMULA_UNKNOWN.findall(part))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of extensions it leaves out; none holds words
            book = load_workbook(BytesIO(data), data_only=True, keep_links=False)
    except Exception as exc:  # openpyxl raises whatever its parsers do: KeyError, TypeError, ParseError …
        raise UnreadableInput(f"{source}: the workbook is damaged and cannot be opened; save it again from its program.") from exc
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                writing.notes.append(f"Sheet {sheet.title} is hidden and was left out.")
                continue
            _write(_xlsx_sheet(sheet, writing), writing)
    finally:
        book.close()
    if unknown:
        writing.notes.append(
            f"{unknown} formulas hold no computed value and show nothing: open and save the file in its program."
        )
    return writing.document()


def _too_many(source: str) -> UnreadableInput:
    return UnreadableInput(f"{source}: a sheet of more than {MOST_CELLS:,} cells; no report has one: it is not read.")


def _xlsx_sheet(sheet: "Worksheet", writing: Writing) -> _Sheet:
    made = _Sheet(sheet.title)
    hidden_rows = {row for row, its in sheet.row_dimensions.items() if its.hidden}
    hidden_columns: set[int] = set()
    for its in sheet.column_dimensions.values():
        if its.hidden and its.min and its.max:
            hidden_columns.update(range(its.min, min(its.max, 16384) + 1))
    _note_hidden(
        hidden_rows, hidden_columns, {(cell.row, cell.column) for cell in _cells(sheet) if cell.value is not None}, made, writing
    )
    for cell in _cells(sheet):
        if cell.value is not None and cell.row not in hidden_rows and cell.column not in hidden_columns:
            made.words[cell.row, cell.column] = tidy(shown(cell.value, cell.number_format))
    for area in sheet.merged_cells.ranges:
        _merge(made, area.min_row, area.min_col, area.max_row, area.max_col, hidden_rows, hidden_columns, sheet.cell)
    return made


def _cells(sheet: "Worksheet") -> Iterable[Any]:
    return sheet._cells.values()  # those that are there: a sheet's bounds may be a million rows


def _note_hidden(rows: set[int], columns: set[int], filled: set[tuple[int, int]], sheet: _Sheet, writing: Writing) -> None:
    lost_rows = {row for row, _ in filled if row in rows}
    lost_columns = {column for _, column in filled if column in columns}
    for what, lost in (("rows", lost_rows), ("columns", lost_columns)):
        if lost:
            writing.notes.append(f"Sheet {sheet.name}: {len(lost)} hidden {what} with words in them were left out.")


def _merge(
    made: _Sheet, top: int, left: int, bottom: int, right: int, hidden_rows: set[int], hidden_columns: set[int], cell_at: Any
) -> None:
    """Note what a merged area covers of what is seen; its words move to its first cell that is."""
    bottom, right = min(bottom, top + 20_000), min(right, left + 1_000)
    rows = [row for row in range(top, bottom + 1) if row not in hidden_rows]
    columns = [column for column in range(left, right + 1) if column not in hidden_columns]
    if not rows or not columns:
        return
    first = (rows[0], columns[0])
    if first != (top, left) and (value := cell_at(top, left).value) is not None:
        made.words[first] = tidy(shown(value, cell_at(top, left).number_format))
    made.merged[first] = (rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1)


def read_xls(data: bytes, source: str) -> Document:
    """The document in the bytes of an .xls file.

    Raises:
        UnreadableInput: the file is damaged or encrypted, or no visible cell holds words.
        MissingExtra: xlrd is not installed.
    """
    try:
        import xlrd
    except ImportError as exc:
        raise MissingExtra(f"{source}: reading .xls files", "legacy") from exc
    writing = Writing(source, data)
    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=StringIO())  # it would print its remarks
        for sheet in book.sheets():
            if sheet.visibility != 0:
                writing.notes.append(f"Sheet {sheet.name} is hidden and was left out.")
                continue
            _write(_xls_sheet(book, sheet, writing), writing)
    except UnreadableInput:
        raise
    except Exception as exc:  # xlrd raises whatever its unpacking does: struct.error, IndexError, AssertionError …
        encrypted = "encrypted" in str(exc).lower()
        why = (
            "is encrypted; save it without a password" if encrypted else "is damaged and cannot be opened; save it again as .xlsx"
        )
        raise UnreadableInput(f"{source}: the workbook {why}.") from exc
    return writing.document()


def _xls_sheet(book: Any, sheet: Any, writing: Writing) -> _Sheet:
    import xlrd

    made = _Sheet(sheet.name)
    hidden_rows = {row for row, its in sheet.rowinfo_map.items() if its.hidden}
    hidden_columns = {column for column, its in sheet.colinfo_map.items() if its.hidden}
    filled: set[tuple[int, int]] = set()
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                continue
            filled.add((row, column))
            if row not in hidden_rows and column not in hidden_columns:
                made.words[row, column] = tidy(_xls_words(book, sheet, row, column, kind))
    _note_hidden(hidden_rows, hidden_columns, filled, made, writing)
    for top, bottom, left, right in sheet.merged_cells:
        first = next(((row, left) for row in range(top, bottom) if row not in hidden_rows), None)
        if first is not None:
            if (top, left) in filled and first[0] != top:
                made.words[first] = tidy(_xls_words(book, sheet, top, left, sheet.cell_type(top, left)))
            made.merged[first] = (bottom - first[0], right - left)
    return made


def _xls_words(book: Any, sheet: Any, row: int, column: int, kind: int) -> str:
    import xlrd

    value = sheet.cell_value(row, column)
    pattern = book.format_map[book.xf_list[sheet.cell_xf_index(row, column)].format_key].format_str
    if kind == xlrd.XL_CELL_DATE:
        try:
            return shown(xlrd.xldate_as_datetime(value, book.datemode), pattern)
        except (ValueError, OverflowError):
            return shown(value, None)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return shown(bool(value), None)
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#ERROR"))
    if kind == xlrd.XL_CELL_NUMBER and value == int(value) and abs(value) < 10**15:
        value = int(value)
    return shown(value, pattern)


def _write(sheet: _Sheet, writing: Writing) -> None:
    """Write a sheet: titles and sentences as paragraphs, what stands side by side as tables."""
    rows: dict[int, list[int]] = {}
    for (row, column), words in sheet.words.items():
        if words:
            rows.setdefault(row, []).append(column)
    covered = {row for (top, _), (down, _) in sheet.merged.items() if (top in rows) for row in range(top + 1, top + down)}
    table: list[int] = []
    for row in sorted(rows):
        alone = len(rows[row]) == 1 and row not in covered and (row, rows[row][0])
        if alone and sheet.merged.get(alone, (1, 1))[0] == 1 and (not table or _parts_tables(sheet, rows, alone)):
            _write_table(sheet, table, rows, writing)
            table = []
            writing.paragraph(sheet.words[alone])
        else:
            table.append(row)
    _write_table(sheet, table, rows, writing)


def _parts_tables(sheet: _Sheet, rows: dict[int, list[int]], place: tuple[int, int]) -> bool:
    """Whether words alone in their row stand between tables: a sentence, a title, or the like above a heading row."""
    words = sheet.words[place]
    if _SENTENCE.match(words) or _TITLE.search(words):
        return True
    if not _MARKED.match(words):
        return False
    for row in range(place[0] + 1, place[0] + _LOOKAHEAD):
        below = [sheet.words[row, column] for column in rows.get(row, ())]
        if len(below) > 1:  # numbered names without figures stand in budget tables too
            return sum(column_role(each) is not None for each in below) >= 3
        if below and (_SENTENCE.match(below[0]) or _TITLE.search(below[0])):
            return True
    return True


def _write_table(sheet: _Sheet, table: list[int], rows: dict[int, list[int]], writing: Writing) -> None:
    slots = [
        Slot(row, column, sheet.words[row, column], *sheet.merged.get((row, column), (1, 1)))
        for row in table
        for column in rows[row]
    ]
    writing.table(slots)
