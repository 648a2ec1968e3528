"""Rows → a list (列表) for the terminal, JSON or CSV, row by row as they come. Words of a report stay words in each of them."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jixiao.render.card import plain_words
from jixiao.spreadsheet import csv_cell

MOST_ROWS = 500
"""Rows that a table in the terminal shows."""
_WIDEST = 240  # characters of one value in a table


def json_list(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The rows as a JSON list of objects; a column whose name is there already gets a number."""
    names: list[str] = []
    for column in columns:
        alike = sum(name == column or (name.startswith(f"{column}_") and name[len(column) + 1 :].isdigit()) for name in names)
        names.append(f"{column}_{alike + 1}" if column in names else column)
    lead = "[\n"
    for row in rows:
        values = {name: _json_value(value) for name, value in zip(names, row, strict=True)}
        yield lead + json.dumps(values, ensure_ascii=False, default=str)
        lead = ",\n"
    yield "[]\n" if lead == "[\n" else "\n]\n"


def _json_value(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return csv_cell(value)
    return None if isinstance(value, float) and value - value != 0 else value  # JSON has no infinity


def csv_list(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The rows as CSV under their columns' names, safe to open in a spreadsheet program."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(map(csv_cell, columns))
    for row in rows:
        yield file.getvalue()
        file.seek(0)
        file.truncate()
        writer.writerow(map(csv_cell, row))
    yield file.getvalue()


def table_list(columns: Sequence[str], rows: Iterable[Sequence[Any]], width: int | None = None) -> tuple[str, bool]:
    """The first rows as a table, plain and ``width`` wide or as the terminal at hand shows it; and whether there were more."""
    coming = iter(rows)
    shown = list(islice(coming, MOST_ROWS))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for at, column in enumerate(columns):
        numbers = [row[at] for row in shown if row[at] is not None]
        right = bool(numbers) and all(isinstance(number, int | float) for number in numbers)
        table.add_column(Text(plain_words(column)), justify="right" if right else "left", overflow="fold")
    for row in shown:
        table.add_row(*(Text(_shown(value)) for value in row))
    console = Console(width=width, color_system=None) if width else Console()
    with console.capture() as captured:
        console.print(table)
    return captured.get(), next(coming, None) is not None


def _shown(value: Any) -> str:
    words = "" if value is None else plain_words(str(csv_cell(value) if not isinstance(value, str) else value))
    return words if len(words) <= _WIDEST else words[: _WIDEST - 1] + "…"
