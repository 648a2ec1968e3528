"""A table's parts on the pages that it runs over (跨页表格) → one table: a repeated heading once, a row broken over the pages as one.

Knows where the columns stand and what the cells say; nothing of glyphs, or of what the words mean. Lengths are in points.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from jixiao.quantities import is_plain_number
from jixiao.readers.text import starts_item
from jixiao.readers.writing import Slot

_Place = tuple[int, int]


@dataclass(slots=True)
class PageTable:
    """A table on a page, or on several: its cells by row and column, and where its columns begin and end."""

    page: int
    top: float
    bottom: float
    xs: tuple[float, ...]
    slots: dict[_Place, Slot]
    rows: int
    ruled: bool
    full: set[_Place]  # cells whose last line reaches their edge: their words may go on
    head: list[list[str]] = field(default_factory=list)  # the words of its first rows
    last: list[_Place] = field(default_factory=list)  # the cells that end with its last row

    def __post_init__(self) -> None:
        self.head = self.head or _head(self)
        self.last = [place for place, slot in self.slots.items() if slot.row + slot.down == self.rows]


def stitch(table: PageTable, following: PageTable) -> bool:
    """Put ``following``, at the top of a page, under the table at the end of the page before, where it is the rest of it; whether it was."""
    xs = _common_columns(table, following)
    if xs is None:
        return False
    rest = _on_columns(following, xs)
    whole = _on_columns(table, xs)
    skipped = _repeated(table, following)
    broken = _is_broken(whole, {column: _text(slot) for (row, column), slot in rest.slots.items() if row == skipped})
    if len(xs) > len(table.xs) and not broken:
        return False  # other columns: a table of its own, unless a row plainly goes on in it
    table.xs, table.slots, table.full, table.last = xs, whole.slots, whole.full, whole.last
    _append(table, rest, skipped, broken=broken)
    return True


def _common_columns(table: PageTable, following: PageTable) -> tuple[float, ...] | None:
    """The edges of columns that hold for both parts, or ``None`` where they cannot be parts of one table."""
    if table.ruled != following.ruled:
        return None
    if len(table.xs) == len(following.xs):
        widths = [right - left for left, right in pairwise(table.xs)]
        others = [right - left for left, right in pairwise(following.xs)]
        if not table.ruled or all(abs(one - other) < 12 for one, other in zip(widths, others, strict=True)):
            return table.xs
    if not table.ruled or abs(table.xs[0] - following.xs[0]) >= 8 or abs(table.xs[-1] - following.xs[-1]) >= 8:
        return None
    more = [x for x in following.xs if min(abs(x - other) for other in table.xs) >= 6]
    return tuple(sorted([*table.xs, *more]))


def _on_columns(table: PageTable, xs: tuple[float, ...]) -> PageTable:
    """The table with its cells in columns that begin and end at ``xs``, among which its own are."""
    if len(xs) == len(table.xs):
        return table
    at = [min(range(len(xs)), key=lambda to: abs(xs[to] - x)) for x in table.xs]
    slots: dict[_Place, Slot] = {}
    for (row, column), slot in table.slots.items():
        left, right = at[column], at[min(column + slot.across, len(at) - 1)]
        slots[row, left] = slot._replace(column=left, across=max(1, right - left))
    full = {(row, at[column]) for row, column in table.full}
    return PageTable(table.page, table.top, table.bottom, xs, slots, table.rows, table.ruled, full, table.head)


def _append(table: PageTable, rest: PageTable, skipped: int, *, broken: bool) -> None:
    """Put the rows behind the ``skipped`` ones under the table's, the first of them onto its last one where that is ``broken``."""
    first = skipped + broken
    moved = table.rows - first
    rows = table.rows + rest.rows - first
    if broken:
        for (row, column), slot in rest.slots.items():
            above = _over(table, column) if row == skipped else None
            if above is not None and (slot.words or slot.down > 1):
                its = table.slots[above]
                table.slots[above] = its._replace(words=(*its.words, *slot.words), down=its.down + slot.down - 1)
    for (row, column), slot in rest.slots.items():
        if row >= first:
            table.slots[row + moved, column] = slot._replace(row=row + moved)
    # a cell of the broken row that ends here ends as its rest did
    stayed = {place for place in table.last if broken and (skipped, place[1]) in rest.full}
    table.full = {(row + moved, column) for row, column in rest.full if row >= first} | stayed
    table.rows = rows
    table.last = [place for place, slot in table.slots.items() if slot.row + slot.down == rows]


def _text(slot: Slot) -> str:
    return "".join((slot.words if isinstance(slot.words, str) else "".join(run.words for run in slot.words)).split())


_HEAD = 6  # rows that a heading takes at most


def _head(table: PageTable) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(min(_HEAD, table.rows))]
    for (row, _), slot in sorted(table.slots.items()):
        if row < len(rows):
            rows[row].append(_text(slot))
    return rows


def _repeated(table: PageTable, following: PageTable) -> int:
    """How many rows at the top are those of the table's own head."""
    rows, is_head = 0, False
    for ours, theirs in zip(table.head, following.head, strict=False):
        if ours != theirs or not any(ours):
            break
        is_head = is_head or sum(bool(words) for words in ours) >= 3
        rows += 1
    return rows if is_head else 0  # a title alone opens a form of its own


def _over(table: PageTable, column: int) -> _Place | None:
    """The cell of the table's last row in the column."""
    return next((place for place in table.last if place[1] <= column < place[1] + table.slots[place].across), None)


def _is_broken(table: PageTable, rest: Mapping[int, str]) -> bool:
    """Whether a row of these words, by column, is the rest of the table's last row.

    What stands under empty cells may have come over whole, as numbers in the middle of a high row do.
    """
    filled = {column: words for column, words in rest.items() if words}
    over = {column: place for column in filled if (place := _over(table, column)) is not None}
    if not filled or len(over) < len(filled):
        return False
    going_on = {column: (_text(table.slots[place]), filled[column]) for column, place in over.items()}
    going_on = {column: both for column, both in going_on.items() if both[0]}
    if not going_on or any(is_plain_number(words) for _, words in going_on.values()):
        return False
    full = [column for column in going_on if over[column] in table.full]
    if any(_in_mid_sentence(*going_on[column]) for column in full):
        return True
    items = any(starts_item(words) for words in filled.values())
    if len(full) == len(going_on) and not items and (len(going_on) == len(filled) or len(full) > 1):
        return True
    if len(going_on) < len(filled) or 0 in filled:
        return False
    return any(_counts_on(*both) for both in going_on.values()) or (len(filled) * 2 <= len(rest) and not items)


_SENTENCE = 20  # characters from which a cell is a sentence and no name


def _in_mid_sentence(above: str, words: str) -> bool:
    return len(above) >= _SENTENCE and above[-1] not in "。！？；;" and not starts_item(words)


_ITEM = re.compile(
    r"(?:(?<=[。；;：:])|^)(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[、．.](?!\d))"
)
_NUMERAL = re.compile(r"[一二三四五六七八九十\d]+")


def _counts_on(above: str, words: str) -> bool:
    """Whether the words begin with the next number of a list that the cell above holds two items of or more."""
    item = _ITEM.match(words)
    if item is None:
        return False
    kind = _NUMERAL.sub("#", item[0])
    return sum(_NUMERAL.sub("#", each) == kind for each in _ITEM.findall(above)) > 1
