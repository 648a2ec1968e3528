"""Words of a report → cells (单元格) of a spreadsheet program, which takes many words for a formula. Knows no file and no record."""

import re
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

LONGEST_CELL = 32_767
"""Characters that Excel allows a cell."""
_FORMULA = re.compile(r"[\s\ufeff]*[=+\-@＝＋－＠−]")
_NUMBER = re.compile(r"[+\-]?\d[\d,]*(?:\.\d+)?%?")


def csv_cell(value: Any) -> Any:
    """A value as a CSV file for Excel holds it: a number is a number, and what would begin a formula stands behind an apostrophe."""
    match value:
        case str():
            return f"'{value}" if _FORMULA.match(value) and not _NUMBER.fullmatch(value) else value
        case float() if value.is_integer() and abs(value) < 1e15:
            return int(value)
        case bool():
            return str(value).lower()
        case bytes() | bytearray() | memoryview():
            return f"<{len(value)} bytes>"
    return value


def sheet_words(words: str) -> str:
    """Words as a cell of a workbook can hold them: no control characters, and cut where Excel would."""
    plain = str(ILLEGAL_CHARACTERS_RE.sub("", words))
    return plain if len(plain) <= LONGEST_CELL else plain[: LONGEST_CELL - 1] + "…"
