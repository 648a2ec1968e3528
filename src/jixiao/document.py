"""A document as read (文档): one immutable text and, beside it, its passages and tables, each with its place in it.

Knows nothing of file formats or of what the words mean. Every offset is into ``Document.text``, in code points.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of the document's text, half-open."""

    start: int
    end: int


class Passage(NamedTuple):
    """A paragraph (段落) as a reader takes it in: wrapped lines joined, each character knowing its place.

    ``starts`` are positions in ``words`` at which a new piece of the source begins, ``sources`` their offsets there.
    ``level`` is the heading's (标题级别) where the file itself calls the paragraph a heading, counted from 1, else 0.
    """

    words: str
    starts: tuple[int, ...]
    sources: tuple[int, ...]
    level: int = 0

    def offset(self, position: int) -> int:
        """The place in the document of the character at ``position``."""
        if len(self.starts) == 1:
            return self.sources[0] + position
        piece = bisect_right(self.starts, position) - 1
        return self.sources[piece] + position - self.starts[piece]

    def position(self, offset: int) -> int:
        """The position in ``words`` of the document's character at ``offset``, or of the next one that is in them."""
        piece = max(0, bisect_right(self.sources, offset) - 1)
        end = self.starts[piece + 1] if piece + 1 < len(self.starts) else len(self.words)
        return min(end, self.starts[piece] + max(0, offset - self.sources[piece]))

    def span(self, start: int, end: int) -> Span:
        """The place in the document of ``words[start:end]``, which must not be empty."""
        if len(self.starts) == 1:
            return Span(self.sources[0] + start, self.sources[0] + end)
        return Span(self.offset(start), self.offset(end - 1) + 1)

    def as_written(self, text: str, start: int, end: int) -> str:
        """``words[start:end]`` as ``text`` has it, blanks and all; joined words where a line break runs through."""
        span = self.span(start, end)
        written = text[span.start : span.end]
        return self.words[start:end] if "\n" in written else written

    def part(self, start: int, end: int) -> "Passage":
        """``words[start:end]`` as a passage of its own, blanks at both ends left out."""
        words = self.words[start:end]
        start += len(words) - len(words.lstrip())
        words = words.strip()
        end = start + len(words)
        if len(self.starts) == 1:
            return Passage(words, (0,), (self.sources[0] + start,))
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, max(start, end - 1))
        starts = (0, *(at - start for at in self.starts[first + 1 : last]))
        sources = (self.sources[first] + start - self.starts[first], *self.sources[first + 1 : last])
        return Passage(words, starts, sources)


class TableCell(NamedTuple):
    """A cell (单元格) with its words; row and column count from 0. An empty cell has no words and an empty span.

    ``down`` and ``across`` are the rows and columns that it was merged over (合并单元格).
    """

    row: int
    column: int
    passage: Passage
    down: int = 1
    across: int = 1

    @property
    def words(self) -> str:
        return self.passage.words


@dataclass(frozen=True, slots=True)
class Table:
    """A table (表格): rows of cells as a reader sees them, merged cells blank where they go on."""

    number: int
    rows: tuple[tuple[TableCell, ...], ...]
    span: Span


class Leaf(NamedTuple):
    """Where the text goes over to a page (页), counted from 1. A row of a table broken over two pages turns back."""

    offset: int
    page: int


class Doubt(NamedTuple):
    """Words that text recognition (文字识别) is not sure of, digits above all, with its confidence from 0 to 1."""

    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Document:
    """A report as read: its text, and its passages and tables in order.

    ``sha256`` is of the file's bytes. Page furniture (页眉, 页码) of a plain text is in ``text`` but in no block.
    ``notes`` are sentences on what the reader left out or could not be sure of: a hidden sheet, a page without text.
    """

    source: str
    sha256: str
    text: str
    blocks: tuple[Passage | Table, ...] = field(default=())
    leaves: tuple[Leaf, ...] = field(default=())
    doubts: tuple[Doubt, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    def page_of(self, offset: int) -> int | None:
        """The page on which the character at ``offset`` stands, where the file has pages."""
        leaf = bisect_right(self.leaves, offset, key=lambda leaf: leaf.offset) - 1
        return self.leaves[leaf].page if leaf >= 0 else None

    def is_doubtful(self, start: int, end: int) -> bool:
        """Whether text recognition is not sure of something between the two offsets."""
        return any(doubt.start < end and start < doubt.end for doubt in self.doubts)

    @property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Passage))

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Table))


def passage_of(text: str, *pieces: Span) -> Passage:
    """The passage that a reader makes of these pieces of ``text``: joined, blanks between Chinese words dropped."""
    if len(pieces) == 1:  # most often a line without blanks in it
        (piece,) = pieces
        line = text[piece.start : piece.end]
        bare = line.strip(_BLANKS)
        if not _BLANK.search(bare):
            return Passage(bare, (0,), (piece.start + len(line) - len(line.lstrip(_BLANKS)),))
    words: list[str] = []
    starts: list[int] = []
    sources: list[int] = []
    length = 0
    expected = -1
    last = ""
    for piece in pieces:
        begin = piece.start
        while begin < piece.end:
            if text[begin] in _BLANKS:
                stop = begin + 1
                while stop < piece.end and text[stop] in _BLANKS:
                    stop += 1
                following = text[stop] if stop < piece.end else ""
                if not (_keeps_blank(last) and _keeps_blank(following)):
                    begin = stop
                    continue
                end = begin + 1  # one blank stands for the run
                run, after = " ", stop
            else:
                end = begin + 1
                while end < piece.end and text[end] not in _BLANKS:
                    end += 1
                run, after = text[begin:end], end
            if begin != expected:
                starts.append(length)
                sources.append(begin)
            words.append(run)
            length += len(run)
            expected = end
            last = run[-1]
            begin = after
    if not starts:
        return Passage("", (0,), (pieces[0].start if pieces else 0,))
    return Passage("".join(words), tuple(starts), tuple(sources))


_BLANKS = " \t\u3000\u00a0\u2002\u2003\u2009\r\n\ufeff\u200b"
_BLANK = re.compile(f"[{_BLANKS}]")


def _keeps_blank(character: str) -> bool:
    """Whether a blank next to this character means something: between Latin words and digits it does."""
    return bool(character) and character < "\u2000"
