"""A table's parts on the pages that it runs over (跨页表格) → one table: a repeated heading once, a row broken over the pages as one.

Knows where the columns stand and what the cells say; nothing of glyphs, or of what the words mean. Lengths are in points.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from jixiao.columns import FIRST_LEVEL, SECOND_LEVEL, column_role, names_rows
from jixiao.quantities import is_plain_number
from jixiao.readers.lines import room_of_first_word
from jixiao.readers.text import starts_item
from jixiao.readers.writing import Run, Slot

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
    room: dict[_Place, float]  # what the last line of a cell leaves free, in characters: without room its words may go on
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
    table.xs, table.slots, table.room, table.last = xs, whole.slots, whole.room, whole.last
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
    room = {(row, at[column]): room for (row, column), room in table.room.items()}
    return PageTable(table.page, table.top, table.bottom, xs, slots, table.rows, table.ruled, room, table.head)


def _append(table: PageTable, rest: PageTable, skipped: int, *, broken: bool) -> None:
    """Put the rows behind the ``skipped`` ones under the table's, the first of them onto its last one where that is ``broken``."""
    first = skipped + broken
    moved = table.rows - first
    rows = table.rows + rest.rows - first
    ended: dict[_Place, float] = {}  # how the cells of a broken row end now
    for (row, column), slot in rest.slots.items():
        above = _over(table, column) if row == skipped else None
        if above is not None and (broken or _completes(table.slots[above], slot)):
            its = table.slots[above]
            down = max(its.down, row + moved + slot.down - its.row)
            table.slots[above] = its._replace(words=(*_runs(its), *_runs(slot)), down=down)
            ended[above] = rest.room.get((row, column), math.inf)
        elif row >= first:
            table.slots[row + moved, column] = slot._replace(row=row + moved)
    table.room = {(row + moved, column): room for (row, column), room in rest.room.items() if row >= first} | ended
    table.rows = rows
    places = [*table.last, *((row + moved, column) for row, column in rest.slots)]
    table.last = [place for place in places if (cell := table.slots.get(place)) and cell.row + cell.down == rows]


def _completes(above: Slot, below: Slot) -> bool:
    """Whether the words make a category whole that was merged over the rows on both pages: 可持续影响指|标 beside new rows."""
    upper, lower = _text(above), _text(below)
    return bool(upper) and lower[:1].isalpha() and _is_category(upper + lower) and not _is_category(lower)


def _is_category(words: str) -> bool:
    return bool(FIRST_LEVEL.match(words) or SECOND_LEVEL.match(words))


def _runs(slot: Slot) -> Sequence[Run]:
    return (Run(slot.words),) if isinstance(slot.words, str) else slot.words


def _text(slot: Slot) -> str:
    return "".join("".join(run.words for run in _runs(slot)).split())


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

    A row is, where a sentence, a number or a list goes on in it, or where every cell in it begins below a full line. What
    stands under empty cells may have come over whole, as numbers in the middle of a high row do.
    """
    filled = {column: words for column, words in rest.items() if words}
    over = {column: place for column in filled if (place := _over(table, column)) is not None}
    if not filled or len(over) < len(filled):
        return False
    cells = [_Cut(_text(table.slots[place]), filled[column], table.room.get(place, math.inf)) for column, place in over.items()]
    cut = [cell for cell in cells if cell.above]
    if not cut or _are_headings(cells):
        return False
    numbers = [cell for cell in cut if is_plain_number(cell.words)]
    if numbers:
        return all(cell.in_mid_number for cell in numbers)
    if any(cell.in_mid_sentence for cell in cut):
        return True
    if len(cut) < len(filled):
        return False
    items = any(starts_item(cell.words) for cell in cut)
    if not items and all(cell.at_full_line and not cell.begins_name for cell in cut):
        return True
    return 0 not in filled and (any(cell.counts_on for cell in cut) or (not items and len(filled) * 2 <= len(rest)))


_SENTENCE = 20  # characters from which a cell is a sentence and no name
_ITEM = re.compile(
    r"(?:(?<=[。；;：:])|^)(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[、．.](?!\d))"
)
_NUMERAL = re.compile(r"[一二三四五六七八九十\d]+")
_NAME, _OPEN_NAME = re.compile(r"其中|其他|小计|合计|总计"), "及和与或、（("
_BRACKETS = (("“", "”"), ("（", "）"), ("(", ")"), ("《", "》"))
_OPEN_NUMBER = re.compile(r"(?P<point>\d[.．,，]|[,，]\d{1,2})$|[.．]\d$")


class _Cut(NamedTuple):
    """A cell that a page break may have cut: its words above and below, and the room that the last line above has left."""

    above: str
    words: str
    room: float

    @property
    def at_full_line(self) -> bool:
        return self.room < max(1.2, room_of_first_word(self.words))

    @property
    def in_mid_sentence(self) -> bool:
        if any(self.above.count(opens) > self.above.count(closes) and closes in self.words for opens, closes in _BRACKETS):
            return True
        ended = self.above[-1] in "。！？；;"
        return self.at_full_line and len(self.above) >= _SENTENCE and not ended and not starts_item(self.words)

    @property
    def begins_name(self) -> bool:
        """Whether the words are a name of their own, 其他资金, and not the rest of the one above, 政府性基金."""
        return _NAME.match(self.words) is not None and self.above[-1] not in _OPEN_NAME

    @property
    def in_mid_number(self) -> bool:
        """6642.|30, 1,28|4 and 12.5|0: thousands and hundredths are whole in no table's cell but the last."""
        if self.words[:1] in ".．,，":
            return self.above[-1:].isdigit()
        cut = _OPEN_NUMBER.search(self.above)
        return cut is not None and self.words[:1].isdigit() and (bool(cut["point"]) or (self.room < 1.2 and len(self.words) == 1))

    @property
    def counts_on(self) -> bool:
        """Whether the words begin with the next number of a list that the cell above holds two items of or more."""
        item = _ITEM.match(self.words)
        if item is None:
            return False
        kind = _NUMERAL.sub("#", item[0])
        return sum(_NUMERAL.sub("#", each) == kind for each in _ITEM.findall(self.above)) > 1


def _are_headings(cells: Sequence[_Cut]) -> bool:
    """Whether the row above, or the one below, is of whole headings (表头) or labels, and the two together are not."""
    above, below = (sum(map(_is_role, words)) for words in ([cell.above for cell in cells], [cell.words for cell in cells]))
    joined = any(_is_role(cell.above + cell.words) for cell in cells if cell.above)
    return (max(above, below) > 1 and not joined) or any(_is_label(cell.words, cell.above) for cell in cells)


def _is_role(words: str) -> bool:
    return column_role(words) is not None


def _is_label(words: str, above: str) -> bool:
    """Whether the words are a label or a category, 项目名称 or 成本指标, that what stands above does not belong to."""
    labels = len(words) > 3 and names_rows(words) and not names_rows(above + words)
    return labels or (words.endswith("指标") and _is_category(words) and not _is_category(above + words))
