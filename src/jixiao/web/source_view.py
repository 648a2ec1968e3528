"""A document and marks on it → what the page shows as its source (原文): headings, paragraphs, real tables, where pages begin.

Each stretch knows where in the text it begins, so that words selected on the page can be told by place.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from jixiao.document import Document, Passage, Table
from jixiao.render.pieces import Mark, Piece, cut


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words of the source in one piece, lying in the same records."""

    words: str
    start: int
    records: str
    kind: str
    doubtful: bool


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell with what it is merged over."""

    stretches: tuple[Stretch, ...]
    down: int
    across: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or heading (``level`` above 0), or a table; ``page`` where a new one begins with it."""

    start: int
    page: int | None
    level: int
    stretches: tuple[Stretch, ...] = ()
    rows: tuple[tuple[ShownCell, ...], ...] = ()

    @property
    def words(self) -> str:
        """The same as plain words, a table's row a line."""
        rows = (" ".join("".join(each.words for each in cell.stretches) for cell in row) for row in self.rows)
        return "\n".join(("".join(each.words for each in self.stretches), *rows)).strip()


SHEAF = 20
"""Lines of blocks, or cards, that are sent and laid out together."""
_LONGEST_TABLE = 150
"""Rows of one block: a longer table goes on in another."""


class _Cutter:
    def __init__(self, document: Document, marks: Iterable[Mark]) -> None:
        self._document = document
        self._pieces: list[Piece] = cut(document.text, marks)
        self._starts = [0, *accumulate(len(piece.words) for piece in self._pieces)]
        self._doubts = sorted((doubt.start, doubt.end) for doubt in document.doubts)

    def passage(self, passage: Passage) -> tuple[Stretch, ...]:
        """A passage's words in stretches, a blank of the reader's own belonging to the words before it."""
        made: list[Stretch] = []
        ends = (*passage.starts[1:], len(passage.words))
        for at, to, source in zip(passage.starts, ends, passage.sources, strict=True):
            made += self._run(passage.words[at:to], source)
        return tuple(made)

    def _run(self, words: str, source: int) -> Iterable[Stretch]:
        number = bisect_right(self._starts, source) - 1
        at = 0
        while at < len(words):
            piece = self._pieces[min(number, len(self._pieces) - 1)]
            length = (
                min(len(words) - at, self._starts[number + 1] - source - at) if number < len(self._pieces) else len(words) - at
            )
            start = source + at
            yield Stretch(words[at : at + length], start, piece.records, piece.kind, self._is_doubtful(start, start + length))
            at += length
            number += 1

    def _is_doubtful(self, start: int, end: int) -> bool:
        at = bisect_right(self._doubts, (end, 0)) - 1
        return at >= 0 and self._doubts[at][1] > start and self._doubts[at][0] < end


def lay_out(document: Document, marks: Iterable[Mark]) -> list[Block]:
    """The source in blocks; a later mark lies inside an earlier one."""
    cutter = _Cutter(document, marks)
    blocks: list[Block] = []
    page: int | None = None
    for block in document.blocks:
        start = block.span.start if isinstance(block, Table) else block.sources[0]
        begun = document.page_of(start)
        new_page, page = (begun if begun != page else None), begun
        if isinstance(block, Table):
            for rows in _in_parts(_rows(block, cutter)):
                first = next((each.start for row in rows for cell in row for each in cell.stretches), start)
                blocks.append(Block(first, new_page, 0, rows=rows))
                new_page = None
        elif block.words:
            blocks.append(
                Block(start, new_page, block.level or _looks_like_heading(block.words, first=not blocks), cutter.passage(block))
            )
    return blocks


def sheaves(blocks: Iterable[Block]) -> list[list[Block]]:
    """The blocks in their order, so many together that each sheaf has some lines; a long table is one by itself."""
    made: list[list[Block]] = [[]]
    lines = 0
    for block in blocks:
        if made[-1] and lines + len(block.rows) >= SHEAF:
            made.append([])
            lines = 0
        made[-1].append(block)
        lines += len(block.rows) or 1
    return made


def _in_parts(rows: tuple[tuple[ShownCell, ...], ...]) -> Iterable[tuple[tuple[ShownCell, ...], ...]]:
    """A table's rows, a long table's in several parts; none is parted where a merged cell goes on."""
    begun, reach = 0, 0
    for at, row in enumerate(rows):
        if at - begun >= _LONGEST_TABLE and reach <= at:
            yield rows[begun:at]
            begun = at
        reach = max(reach, *(at + cell.down for cell in row), 0)
    yield rows[begun:]


def _looks_like_heading(words: str, *, first: bool) -> int:
    """The level at which a paragraph is shown as a heading, where its file does not say: the title is 1, 一、 is 2, （一） is 3."""
    if len(words) > 40 or words.endswith(("。", "；", "，", "：", ":")):
        return 0
    numerals = "一二三四五六七八九十"
    if words[0] in numerals and words.lstrip(numerals).startswith("、"):
        return 2
    if words[0] in "（(" and words[1:].lstrip(numerals)[:1] in ("）", ")") and words[1] in numerals:
        return 3
    return int(first)


def _rows(table: Table, cutter: _Cutter) -> tuple[tuple[ShownCell, ...], ...]:
    """The rows with each merged cell where it begins, and none where it goes on."""
    covered: set[tuple[int, int]] = set()
    rows = []
    for row in table.rows:
        shown = []
        for cell in row:
            if (cell.row, cell.column) in covered:
                continue
            covered.update((cell.row + down, cell.column + across) for down in range(cell.down) for across in range(cell.across))
            shown.append(ShownCell(cutter.passage(cell.passage) if cell.words else (), cell.down, cell.across))
        rows.append(tuple(shown))
    return tuple(rows)
