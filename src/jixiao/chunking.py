"""Document → chunks (分块) for a model: by the outline, tables by rows, sized in tokens, every character in one of them.

A chunk is cut where a section, a paragraph or a row begins, and in a paragraph too long for it behind a sentence. Its path
names the headings that hold for it and do not stand in it. Knows nothing of prompts and models.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import Literal

from jixiao.columns import column_role
from jixiao.cuts import best_cut, cut_to_size, uncuttable
from jixiao.document import Document, Passage, Span, Table
from jixiao.outline import Section, outline, split_run_in
from jixiao.quantities import is_plain_number
from jixiao.readers.grid import is_heading
from jixiao.tokens import count_tokens


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document for a model to read: ``document.text[start:end] == text``.

    ``path`` holds the headings above it, ``header`` the title and heading row of a table whose later rows these are.
    """

    number: int
    start: int
    end: int
    text: str
    path: tuple[str, ...]
    kind: Literal["prose", "table"]
    header: str | None


def chunk_document(document: Document, max_tokens: int = 1200) -> list[Chunk]:
    """The document's chunks: end to end in order, each character in one of them, none over ``max_tokens``.

    A chunk holds prose, or one table (or some of its rows) with the short lines that lead to it. Path and header come on
    top of ``max_tokens``. A row longer than a chunk, with the marks and blanks around it, is cut between its cells; a number
    or word longer than a chunk is cut all the same.
    """
    if max_tokens < 1:
        raise ValueError("max_tokens must be at least 1")
    layout = _Layout(document)
    chunks: list[Chunk] = []
    for _, run in groupby(layout.atoms, lambda atom: id(atom.table)):
        fitting = [part for atom in run for part in layout.within(atom, max_tokens)]
        for first, last in _packed(document.text, fitting, max_tokens):
            chunks.append(layout.chunk(len(chunks) + 1, fitting[first].start, fitting[last - 1].end))
    return chunks


def split_chunk(document: Document, chunk: Chunk, at: int | None = None) -> list[Chunk]:
    """The chunk of ``document`` in two, both with its number: for when a model's answer to the whole was cut short.

    The cut is the best near the middle, or with ``at`` (where the answer broke off) the last good one not behind it.
    What cannot be cut comes back whole.
    """
    layout = _Layout(document)
    cut = layout.cut_in(chunk.start, chunk.end, at)
    if cut is None:
        return [chunk]
    return [layout.chunk(chunk.number, chunk.start, cut), layout.chunk(chunk.number, cut, chunk.end)]


def part_of(document: Document, chunk: Chunk, start: int, end: int) -> Chunk:
    """The stretch of a chunk from ``start`` to ``end`` as a chunk of its own, with the headings and the header that hold for it."""
    return _Layout(document).chunk(chunk.number, start, end)


@dataclass(frozen=True, slots=True)
class _Atom:
    """What is kept whole where it fits: a paragraph with the headings right above it, a table's row.

    ``rank`` tells how good a cut before it is, the lowest best; ``opening`` is the path at its start, ``path`` behind its
    own headings.
    """

    start: int
    end: int
    rank: int
    opening: tuple[str, ...]
    path: tuple[str, ...]
    table: Table | None = None
    header: str | None = None


_PARAGRAPH, _SENTENCE = 98, 99
_BLOCK, _CATEGORY, _ROW, _UNDER_HEADING = range(4)
_LONGEST_TITLE, _MOST_TITLES = 40, 4
_GOES_ON = re.compile(r"(?:完成情况|实际完成|完成及成效|未完成原因|效果)\s*[:：]")  # of the goal in the paragraph above
_SENTENCE_END = ("。", "；", ";", "！", "，")


class _Layout:
    """A document laid out in atoms, end to end."""

    def __init__(self, document: Document) -> None:
        self.text = document.text
        self.atoms = list(_atoms(document))
        self.starts = [atom.start for atom in self.atoms]
        self.flags = uncuttable(document.text, _passages(document))

    def within(self, atom: _Atom, most: int) -> list[_Atom]:
        """The atom, or where it is too long the parts of it."""
        if count_tokens(self.text[atom.start : atom.end]) <= most:
            return [atom]
        bounds = cut_to_size(self.text, atom.start, atom.end, most, self.flags, cells=atom.table is not None)
        return [self._part(atom, start, end) for start, end in pairwise(bounds)]

    def _part(self, atom: _Atom, start: int, end: int) -> _Atom:
        if start == atom.start:
            return _Atom(start, end, atom.rank, atom.opening, atom.path, atom.table, atom.header)
        return _Atom(start, end, _SENTENCE, atom.path, atom.path, atom.table, atom.header)

    def chunk(self, number: int, start: int, end: int) -> Chunk:
        """The chunk from ``start`` to ``end``."""
        first = self.atoms[bisect_right(self.starts, start) - 1]
        path = first.opening if start == first.start else first.path
        return Chunk(number, start, end, self.text[start:end], path, "table" if first.table else "prose", first.header)

    def cut_in(self, start: int, end: int, at: int | None) -> int | None:
        """The best place to cut between ``start`` and ``end``: where a paragraph or row begins, else in the text."""
        inner = self.starts[bisect_right(self.starts, start) : bisect_left(self.starts, end)]
        if at is not None:
            before = [begin for begin in inner if begin <= at]
            reach = min(at, end - 1)
            return before[-1] if before else best_cut(self.text, start, reach, self.flags, latest=True) if reach > start else None
        middle = (start + end) // 2
        nearest = min(inner, key=lambda begin: abs(begin - middle), default=None)
        in_table = self.atoms[bisect_right(self.starts, start) - 1].table is not None
        if nearest is not None and (in_table or abs(nearest - middle) <= (end - start) // 4):
            return nearest
        return best_cut(self.text, start, end, self.flags)


def _passages(document: Document) -> Iterator[Passage]:
    for block in document.blocks:
        if isinstance(block, Passage):
            yield block
        else:
            yield from (cell.passage for row in block.rows for cell in row)


# Lines: what the document's blocks and outline make of it


@dataclass(frozen=True, slots=True)
class _Line:
    """A paragraph, a heading or a table, with the blanks before it in its line, and all behind it up to the next."""

    start: int
    end: int
    rank: int
    opening: tuple[str, ...]
    path: tuple[str, ...]
    words: str
    table: Table | None

    @property
    def is_title(self) -> bool:
        """Whether it may be the title of what follows: short, and not a sentence."""
        return self.table is None and len(self.words) <= _LONGEST_TITLE and not self.words.endswith(_SENTENCE_END)


def _lines(document: Document) -> list[_Line]:
    blocks = [part for block in document.blocks for part in _parts(block)]
    if not blocks:
        return [_Line(0, len(document.text), 0, (), (), "", None)] if document.text else []
    spans = [_span(block) for block in blocks]
    bounds = [*_bounds(document.text, spans, 0, len(document.text))]
    sections = sorted(_sections(outline(document), 0), key=lambda found: found[0])
    offsets = [offset for offset, *_ in sections]
    lines: list[_Line] = []
    for block, span, (start, end) in zip(blocks, spans, pairwise(bounds), strict=True):
        _, depth, section, opens = sections[max(0, bisect_left(offsets, span.end) - 1)]
        opening = section.parent.path if opens and section.parent else section.path
        words, table = (block.words, None) if isinstance(block, Passage) else ("", block)
        goes_on = lines and (lines[-1].words.endswith(("：", ":")) or _GOES_ON.match(words))
        rank = depth if opens else _SENTENCE if goes_on else _PARAGRAPH
        lines.append(_Line(start, end, rank, opening, section.path, words, table))
    return lines


def _parts(block: Passage | Table) -> Sequence[Passage | Table]:
    """The block as the outline has it: a passage is cut where a numbered item begins in it."""
    return [block] if isinstance(block, Table) else [part for part in split_run_in(block) if part.words]


def _span(block: Passage | Table) -> Span:
    return block.span if isinstance(block, Table) else block.span(0, len(block.words))


def _sections(section: Section, depth: int) -> Iterator[tuple[int, int, Section, bool]]:
    """The place of each block in the outline, with its section's depth and whether the block opens it."""
    if section.words.words:
        yield section.words.offset(0), depth, section, True
    for block in section.blocks:
        yield _span(block).start, depth, section, False
    for child in section.children:
        yield from _sections(child, depth + 1)


def _bounds(text: str, spans: Sequence[Span], start: int, end: int) -> Iterator[int]:
    """Where each of the spans begins if they share ``text[start:end]`` out: at the start of its line, where it has one."""
    yield start
    for above, below in pairwise(spans):
        line = text.rfind("\n", above.end, below.start) + 1
        yield line or below.start
    yield end


# Atoms: lines with their headings, tables by rows


def _atoms(document: Document) -> Iterator[_Atom]:
    """The document's atoms in order, end to end over the whole text."""
    lines = _lines(document)
    glued = [_heads(above, below) for above, below in pairwise(lines)] + [False]
    for position, line in enumerate(lines):
        if line.table is None:
            continue
        at = position - 1
        while at >= max(0, position - _MOST_TITLES) and lines[at].is_title and _holds(lines[at].path, line.path):
            glued[at] = True
            at -= 1
        if at >= 0:
            glued[at] = False
    first = 0
    for position, line in enumerate(lines):
        if glued[position]:
            continue
        group = lines[first : position + 1]
        if line.table is not None:
            yield from _table_atoms(document.text, group, line.table)
        else:
            yield _Atom(group[0].start, line.end, group[0].rank, group[0].opening, line.path)
        first = position + 1


def _heads(above: _Line, below: _Line) -> bool:
    """Whether the line above is a heading of the section that the one below begins with."""
    return above.is_title and above.path != above.opening and _holds(above.path, below.opening)


def _holds(above: tuple[str, ...], below: tuple[str, ...]) -> bool:
    return below[: len(above)] == above


def _table_atoms(text: str, group: Sequence[_Line], table: Table) -> Iterator[_Atom]:
    """A table's titles, each an atom, and its rows; a cut under a title or a heading row is the last to be made."""
    *titles, line = group
    for title in titles:
        yield _Atom(title.start, title.end, _UNDER_HEADING, title.opening, title.path, table)
    rows = _rows(table)
    caption = [title.words for title in titles]
    heading: Span | None = None
    under = bool(titles)
    for (row, cells), (start, end) in zip(
        rows, pairwise(_bounds(text, [row for row, _ in rows], line.start, line.end)), strict=True
    ):
        is_head = _is_heading_row(cells)
        header = [*caption, *([text[heading.start : heading.end]] if heading and not is_head else [])]
        rank = _UNDER_HEADING if under else _BLOCK if is_head else _CATEGORY if cells[0].words else _ROW
        first = start == line.start
        yield _Atom(start, end, rank, line.path, line.path, table, None if first and not titles else "\n".join(header) or None)
        if is_head or (heading is None and _may_head(cells)):
            heading = row
        under = is_head


def _rows(table: Table) -> list[tuple[Span, list[Passage]]]:
    """The rows that hold words, each with its place; rows that share a cell wrapped over both are one."""
    rows: list[tuple[Span, list[Passage]]] = []
    for row in table.rows:
        spans = [_span(cell.passage) for cell in row if cell.words]
        if not spans:
            continue
        span = Span(min(span.start for span in spans), max(span.end for span in spans))
        cells = [cell.passage for cell in row]
        while rows and span.start < rows[-1][0].end:
            above, upper = rows.pop()
            span, cells = Span(min(above.start, span.start), max(above.end, span.end)), upper + cells
        rows.append((span, cells))
    return rows or [(table.span, [])]


def _is_heading_row(cells: Sequence[Passage]) -> bool:
    return is_heading({role for cell in cells if (role := column_role(cell.words)) is not None})


def _may_head(cells: Sequence[Passage]) -> bool:
    """Whether a first row may be the heading of a table whose columns have no known names."""
    words = [cell.words for cell in cells if cell.words]
    return len(words) >= 3 and not any(is_plain_number(word) for word in words)


# Packing


def _packed(text: str, atoms: Sequence[_Atom], most: int) -> list[tuple[int, int]]:
    """The atoms in groups of at most ``most`` tokens, as ranges: cut where the rank is lowest, small neighbours together."""
    sizes = [0, *accumulate(count_tokens(text[atom.start : atom.end]) for atom in atoms)]

    def fits(first: int, last: int) -> bool:
        # the sum is quick and almost right: tokens may also run over the bounds of atoms
        return last - first == 1 or (
            sizes[last] - sizes[first] <= most and count_tokens(text[atoms[first].start : atoms[last - 1].end]) <= most
        )

    def pack(first: int, last: int) -> list[tuple[int, int]]:
        if fits(first, last):
            return [(first, last)]
        rank = min(atom.rank for atom in atoms[first + 1 : last])
        cuts = [first, *(at for at in range(first + 1, last) if atoms[at].rank == rank), last]
        return merged([group for part in pairwise(cuts) for group in pack(*part)])

    def merged(groups: list[tuple[int, int]]) -> list[tuple[int, int]]:
        together: list[tuple[int, int]] = []
        at = 0
        while at < len(groups):
            first = groups[at][0]
            stop = at + 1
            # the headings over the first must hold to the end, or the path would be lost or wrong
            while (
                stop < len(groups)
                and sizes[groups[stop][1]] - sizes[first] <= most
                and _holds(atoms[first].opening, atoms[groups[stop][0]].opening)
            ):
                stop += 1
            while stop > at + 1 and not fits(first, groups[stop - 1][1]):
                stop -= 1
            together.append((first, groups[stop - 1][1]))
            at = stop
        return together

    return pack(0, len(atoms)) if atoms else []
