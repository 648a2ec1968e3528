"""Paragraphs and tables, one after another → a Document: the text grows, and each piece keeps its place in it.

A paragraph is a line; a table stands row by row, its cells apart by tabs, a merged cell's words where it begins. Readers of
files with a structure of their own (Word, spreadsheets, web pages, PDF, scans) write through here.
"""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from jixiao.document import Document, Doubt, Leaf, Passage, Span, Table, TableCell, passage_of
from jixiao.errors import UnreadableInput

MOST_CHARACTERS = 20_000_000
"""More text than any report has: a file that goes on beyond is a bomb or a mistake."""

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_ENDS = re.compile(r"[ \t]*\n\s*")


class Run(NamedTuple):
    """Words on one page, with the places in them that text recognition is not sure of."""

    words: str
    page: int | None = None
    doubts: tuple[Doubt, ...] = ()


Words = str | Sequence[Run]


class Slot(NamedTuple):
    """A cell before it has its place in the text: where it begins in the table's grid, and what it is merged over."""

    row: int
    column: int
    words: Words
    down: int = 1
    across: int = 1


@dataclass(slots=True)
class _Placed:
    """A table whose cells have their places."""

    span: Span
    rows: list[list[tuple[Span, int, int]]]


@dataclass(slots=True)
class Writing:
    """A document as it is written (成文)."""

    source: str
    data: bytes
    notes: list[str] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _blocks: list[tuple[Span, int] | _Placed] = field(default_factory=list)
    _leaves: list[Leaf] = field(default_factory=list)
    _doubts: list[Doubt] = field(default_factory=list)

    def paragraph(self, words: Words, level: int = 0) -> None:
        """Write a paragraph in a line of its own; ``level`` is a heading's. Without words nothing is written."""
        span = self._put(words)
        if span.start < span.end:
            self._blocks.append((span, level))
            self._put("\n", raw=True)

    def table(self, slots: Iterable[Slot]) -> None:
        """Write a table. Rows and columns in which no cell begins are left out; a table without words is not written."""
        slots = sorted(slots)
        rows = sorted({slot.row for slot in slots})
        columns = sorted({slot.column for slot in slots})
        if not any(_plain(slot.words).strip() for slot in slots):
            return
        by_place = {(slot.row, slot.column): slot for slot in slots}
        start = self._length
        placed: list[list[tuple[Span, int, int]]] = []
        for row in rows:
            filled = (column for column in columns if (slot := by_place.get((row, column))) and _plain(slot.words).strip())
            last = max(filled, default=columns[0])
            cells: list[tuple[Span, int, int]] = []
            for column in columns:
                if columns[0] < column <= last:
                    self._put("\t", raw=True)
                slot = by_place.get((row, column))
                if slot is None:
                    cells.append((Span(self._length, self._length), 1, 1))
                    continue
                down = bisect_left(rows, slot.row + slot.down) - bisect_left(rows, slot.row)
                across = bisect_left(columns, slot.column + slot.across) - bisect_left(columns, slot.column)
                cells.append((self._put(slot.words, in_cell=True), max(1, down), max(1, across)))
            placed.append(cells)
            self._put("\n", raw=True)
        self._blocks.append(_Placed(Span(start, self._length - 1), placed))

    def document(self) -> Document:
        """The document, as far as it is written.

        Raises:
            UnreadableInput: nothing was written.
        """
        text = "".join(self._parts)
        if not text.strip():
            raise UnreadableInput(f"{self.source}: the file holds no text; check that it is the report.")
        blocks: list[Passage | Table] = []
        number = 0
        for block in self._blocks:
            if isinstance(block, _Placed):
                number += 1
                blocks.append(_table(block, number, text))
            else:
                passage = passage_of(text, block[0])
                if passage.words:
                    blocks.append(passage._replace(level=block[1]))
        digest = hashlib.sha256(self.data).hexdigest()
        return Document(
            self.source, digest, text, tuple(blocks), tuple(self._leaves), tuple(self._doubts), tuple(dict.fromkeys(self.notes))
        )

    def _put(self, words: Words, *, raw: bool = False, in_cell: bool = False) -> Span:
        runs = [Run(words)] if isinstance(words, str) else words
        start = self._length
        for run in runs:
            if run.page is not None and (not self._leaves or self._leaves[-1].page != run.page):
                self._leaves.append(Leaf(self._length, run.page))
            self._doubts.extend(Doubt(self._length + at, self._length + end, sure) for at, end, sure in run.doubts)
            clean = run.words if raw or run.page is not None else tidy(run.words)
            if in_cell and "\t" in clean:
                clean = clean.replace("\t", " ")
            self._parts.append(clean)
            self._length += len(clean)
        if self._length > MOST_CHARACTERS:
            raise UnreadableInput(
                f"{self.source}: the file holds more than {MOST_CHARACTERS:,} characters; no report does: split it, or check it."
            )
        return Span(start, self._length)


def tidy(words: str) -> str:
    """The words without control characters, blanks at the ends of lines, and empty lines."""
    words = _NOT_TEXT.sub("", words.replace("\r\n", "\n").replace("\r", "\n"))
    return _ENDS.sub("\n", words).strip(" \t\n") if "\n" in words else words.strip(" \t")


def _plain(words: Words) -> str:
    return words if isinstance(words, str) else "".join(run.words for run in words)


def _table(placed: _Placed, number: int, text: str) -> Table:
    rows = tuple(
        tuple(
            TableCell(row, column, passage_of(text, span) if span.start < span.end else Passage("", (0,), (span.start,)), *merged)
            for column, (span, *merged) in enumerate(cells)
        )
        for row, cells in enumerate(placed.rows)
    )
    return Table(number, rows, placed.span)
