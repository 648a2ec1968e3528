"""Glyphs and lines on pages → paragraphs and tables in reading order: what a PDF and a scan have in common.

Words go into the cells that lines draw around them, or into columns that their own alignment makes; lines of text are
joined over line and page breaks; headers, footers and page numbers go out where they repeat; a table that goes on over a
page break is one. Lengths are in points, y runs down.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from jixiao.document import Doubt
from jixiao.quantities import is_plain_number
from jixiao.readers.figures import misshapen
from jixiao.readers.lines import room_of_first_word
from jixiao.readers.ruling import Grid, Rule, find_grids
from jixiao.readers.stitching import PageTable, stitch
from jixiao.readers.text import is_contents_line, is_page_number, starts_item
from jixiao.readers.writing import Run, Slot, Writing


class Glyph(NamedTuple):
    """A character on the page, and how sure it is that it is this one: below 1 for all that was recognised."""

    mark: str
    left: float
    top: float
    right: float
    bottom: float
    sure: float = 1.0


@dataclass(slots=True)
class Sheet:
    """A page (页面) before it is read: its glyphs, its lines, its size."""

    number: int
    width: float
    height: float
    glyphs: list[Glyph]
    across: list[Rule] = field(default_factory=list)
    down: list[Rule] = field(default_factory=list)


@dataclass(slots=True)
class _Line:
    """A line of text on a page, or what of it stands in one column."""

    words: str
    doubts: tuple[Doubt, ...]
    page: int
    left: float
    right: float
    top: float
    bottom: float
    size: float
    rough: bool  # read by recognition: its boxes are not exact
    glyphs: list[Glyph]  # let go once the page is read


_UNSURE = 0.9
"""The confidence below which a recognised digit is marked."""
_MISSHAPEN = 0.5
"""The confidence of a figure whose form is none."""
_ZONE = 0.12  # of the page's height, at its top and bottom: where headers and footers stand


def lay_out(sheets: Iterable[Sheet], writing: Writing) -> None:
    """Write the pages' paragraphs and tables, in order."""
    pages = [_page(sheet) for sheet in sheets]
    furniture = _furniture(pages)
    margins = _Margins()
    paragraph: list[_Line] = []
    table: PageTable | None = None

    def end_paragraph() -> None:
        if paragraph:
            writing.paragraph(_runs(paragraph))
            paragraph.clear()

    def end_table() -> None:
        nonlocal table
        if table is not None:
            writing.table(table.slots.values())
            table = None

    for page in pages:
        kept = [item for item in page.items if not (isinstance(item, _Line) and _is_furniture(item, furniture))]
        margins.turn(page.width, [item for item in kept if isinstance(item, _Line)])
        frame = page.frame
        if table is not None and frame is not None and kept[:1] and kept[0].top >= frame.top and stitch(table, frame):
            kept = [item for item in kept if item.top > frame.bottom]
        for place, item in enumerate(kept):
            if isinstance(item, PageTable):
                end_paragraph()
                if table is None or place or not stitch(table, item):
                    end_table()
                    table = item
                continue
            end_table()
            if paragraph and not margins.joins(paragraph, item):
                end_paragraph()
            paragraph.append(item)
    end_paragraph()
    end_table()


def _is_furniture(line: _Line, furniture: set[tuple[int, float, float]]) -> bool:
    return (line.page, line.top, line.left) in furniture or is_contents_line(line.words)


# A page


@dataclass(slots=True)
class _Page:
    """A page's lines and tables from the top; of two columns of text, the left one first.

    ``frame`` is the first of the boxes whose words are in one column alone. They are lines among the others, unless they
    turn out to be the rest of a cell.
    """

    width: float
    height: float
    items: list[_Line | PageTable]
    frame: PageTable | None


def _page(sheet: Sheet) -> _Page:
    page = _read(sheet)
    for item in page.items:
        if isinstance(item, _Line):
            item.glyphs = []
    return page


def _read(sheet: Sheet) -> _Page:
    grids = find_grids(sheet.across, sheet.down)
    inside: list[list[list[Glyph]]] = [[[] for _ in grid.boxes] for grid in grids]
    outside: list[Glyph] = []
    places = [_Places(grid) for grid in grids]
    for glyph in sheet.glyphs:
        x, y = (glyph.left + glyph.right) / 2, (glyph.top + glyph.bottom) / 2
        for number, place in enumerate(places):
            if (box := place.box_at(x, y)) is not None:
                inside[number][box].append(glyph)
                break
        else:
            outside.append(glyph)
    tables: list[PageTable] = []
    frames: list[PageTable] = []
    for grid, cells in zip(grids, inside, strict=True):
        filled = {box.column for box, glyphs in zip(grid.boxes, cells, strict=True) if glyphs}
        if len(filled) > 1 or (filled and len(grid.boxes) > 3):
            tables.append(_ruled(grid, cells, sheet.number))
        else:
            outside.extend(glyph for cell in cells for glyph in cell)
            frames += [_ruled(grid, cells, sheet.number)] if filled and not tables else []
    lines = _lines(outside, sheet.number)
    ordered: list[_Line | PageTable] = []
    for table in tables:
        above = [line for line in lines if line.top < table.top]
        lines = [line for line in lines if line.top >= table.top]
        ordered += _in_columns(above, sheet)
        ordered.append(table)
    return _Page(sheet.width, sheet.height, ordered + _in_columns(lines, sheet), frames[0] if frames else None)


class _Places:
    """The boxes of a grid by row and column: one look for a glyph."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._by_place = {
            (row, column): at
            for at, box in enumerate(grid.boxes)
            for row in range(box.row, box.row + box.down)
            for column in range(box.column, box.column + box.across)
        }

    def box_at(self, x: float, y: float) -> int | None:
        return self._by_place.get((bisect_left(self._grid.ys, y) - 1, bisect_left(self._grid.xs, x) - 1))


def _ruled(grid: Grid, cells: list[list[Glyph]], page: int) -> PageTable:
    """The table in a grid."""
    slots: dict[tuple[int, int], Slot] = {}
    room: dict[tuple[int, int], float] = {}
    for box, glyphs in zip(grid.boxes, cells, strict=True):
        lines = _lines(glyphs, page)
        place = (box.row, box.column)
        # a line in a cell ends where the cell does, so its lines are joined
        slots[place] = Slot(*place, _runs(lines, box.right) if lines else (), box.down, box.across)
        if lines:
            room[place] = (box.right - lines[-1].right - _CELL_MARGIN) / max(lines[-1].size, 1.0)
    return PageTable(page, grid.ys[0], grid.ys[-1], grid.xs, slots, len(grid.ys) - 1, True, room)


def _lines(glyphs: Iterable[Glyph], page: int) -> list[_Line]:
    """The glyphs in lines from the top, each from the left; a glyph printed twice for weight once."""
    rows: list[list[Glyph]] = []
    top = bottom = 0.0
    for glyph in sorted(glyphs, key=lambda glyph: (glyph.top + glyph.bottom, glyph.left)):
        middle = (glyph.top + glyph.bottom) / 2
        if rows and top <= middle <= bottom:
            rows[-1].append(glyph)
            count = len(rows[-1])
            top += (glyph.top - top) / count
            bottom += (glyph.bottom - bottom) / count
        else:
            rows.append([glyph])
            top, bottom = glyph.top, glyph.bottom
    return [_line(_once(sorted(row, key=lambda glyph: (glyph.left, glyph.mark))), page) for row in rows]


def _once(glyphs: list[Glyph]) -> list[Glyph]:
    kept: list[Glyph] = []
    for glyph in glyphs:
        if not any(
            glyph.mark == other.mark and abs(glyph.left - other.left) < 0.3 * (glyph.right - glyph.left) for other in kept[-3:]
        ):
            kept.append(glyph)
    return kept


def _line(glyphs: list[Glyph], page: int) -> _Line:
    words, doubts = _words_and_doubts(glyphs)
    return _Line(
        words,
        doubts,
        page,
        glyphs[0].left,
        max(glyph.right for glyph in glyphs),
        min(glyph.top for glyph in glyphs),
        max(glyph.bottom for glyph in glyphs),
        max(glyph.bottom - glyph.top for glyph in glyphs),
        any(glyph.sure < 1 for glyph in glyphs),
        glyphs,
    )


def _words_and_doubts(glyphs: Sequence[Glyph]) -> tuple[str, tuple[Doubt, ...]]:
    """A line's words, with a blank where a gap means one: between Latin words and digits, and where it is wide."""
    parts: list[str] = []
    doubts: list[Doubt] = []
    length = 0
    for at, glyph in enumerate(glyphs):
        if at and _gap(glyphs[at - 1], glyph):
            parts.append(" ")
            length += 1
        if glyph.sure < _UNSURE and _matters(glyph.mark, "".join(parts[-2:])):
            doubts.append(Doubt(length, length + len(glyph.mark), round(glyph.sure, 3)))
        parts.append(glyph.mark)
        length += len(glyph.mark)
    return "".join(parts), tuple(doubts)


def _words(glyphs: Sequence[Glyph]) -> str:
    return _words_and_doubts(glyphs)[0]


_POINTS = ".,．，"


def _gap(left: Glyph, right: Glyph) -> bool:
    size = max(left.bottom - left.top, 1.0)
    wide = right.left - left.right
    if (left.mark in _POINTS and right.mark.isdigit()) or (right.mark in _POINTS and left.mark.isdigit()):
        return wide > 0.9 * size  # a point as wide as a character is still one of a number
    narrow = left.mark < "\u2000" and right.mark < "\u2000"
    if narrow and min(left.sure, right.sure) < 1 and left.mark.isdigit() and right.mark.isdigit():
        return wide > 0.6 * size  # recognition's boxes are not so exact as to part a number
    return wide > (0.22 if narrow else 0.9) * size


_CELL_MARGIN = 6.0


def _is_full(line: _Line, edge: float) -> bool:
    """Whether a cell's line reaches its edge, so that the words behind it had to go on below."""
    return edge - line.right < 1.2 * line.size + _CELL_MARGIN


def _runs(lines: Sequence[_Line], edge: float | None = None) -> tuple[Run, ...]:
    """The lines' words joined, a run for each page, with the digits that are not sure.

    ``edge`` is where the cell ends that they stand in: a number that ends before it does not go on in the next line.
    """
    runs: list[Run] = []
    words, page = "", lines[0].page
    doubts: list[Doubt] = []
    rough = any(line.rough for line in lines)

    def end_run() -> None:
        shapes = [Doubt(start, end, _MISSHAPEN) for start, end in misshapen(words)] if rough else []
        runs.append(Run(words, page, (*doubts, *shapes)))

    above: _Line | None = None
    for line in lines:
        if line.page != page:
            end_run()
            words, doubts, page = "", [], line.page
        if above and _blank_between(above.words[-1], line.words[0], whole=edge is None or _is_full(above, edge)):
            words += " "
        doubts += [Doubt(len(words) + start, len(words) + end, sure) for start, end, sure in line.doubts]
        words += line.words
        above = line
    end_run()
    return tuple(runs)


def _blank_between(last: str, first: str, *, whole: bool) -> bool:
    """Whether a blank stands for a line break: between Latin words, not inside a number broken at a full line, 4608,|515."""
    in_number = whole and (last.isdigit() or last in ".,") and (first.isdigit() or first in ".,%")
    return last < "\u2000" and first < "\u2000" and not last.isspace() and not in_number


def _matters(mark: str, before: str) -> bool:
    """Whether a character is of a figure: a digit, its point, or its unit, the 万元 behind it."""
    if before[-1:].isdigit():
        return mark in _POINTS or mark in "%％" or mark.isalnum()
    return mark.isdigit() or (before[:1].isdigit() and before[1:] in ("万", "亿") and mark.isalnum())


# Columns and tables without lines


def _in_columns(lines: list[_Line], sheet: Sheet) -> list[_Line | PageTable]:
    """The lines in reading order, with tables that alignment alone makes."""
    middle = _gutter(lines, sheet)
    if middle is None:
        return _aligned_tables(lines)
    left = [part for line in lines if (part := _part(line, 0, middle))]
    right = [part for line in lines if (part := _part(line, middle, sheet.width * 2))]
    return [*_aligned_tables(left), *_aligned_tables(right)]


def _part(line: _Line, left: float, right: float) -> _Line | None:
    glyphs = [glyph for glyph in line.glyphs if left <= (glyph.left + glyph.right) / 2 < right]
    return _line(glyphs, line.page) if glyphs else None


def _gutter(lines: list[_Line], sheet: Sheet) -> float | None:
    """The blank down the middle of a page set in two columns of full lines, or ``None``."""
    if len(lines) < 10:
        return None
    middle = sheet.width / 2
    gaps = [gap for line in lines if (gap := _gap_over(line, middle)) is not None]
    if len(gaps) < 0.8 * len(lines):
        return None
    left, right = max(gap[0] for gap in gaps), min(gap[1] for gap in gaps)
    starts, ends = min(line.left for line in lines), max(line.right for line in lines)
    full = sum(1 for gap in gaps if gap[0] > left - 30 and gap[1] < right + 30)
    return (left + right) / 2 if right > left and full > 0.6 * len(gaps) and ends - starts > 0.6 * sheet.width else None


def _gap_over(line: _Line, x: float) -> tuple[float, float] | None:
    for one, two in zip(line.glyphs, line.glyphs[1:], strict=False):
        if one.right <= x <= two.left and two.left - one.right > 1.2 * line.size:
            return one.right, two.left
    return None


def _segments(line: _Line) -> list[list[Glyph]]:
    """The line cut at its wide gaps."""
    segments = [[line.glyphs[0]]]
    for one, two in zip(line.glyphs, line.glyphs[1:], strict=False):
        if two.left - one.right > 1.1 * line.size:
            segments.append([two])
        else:
            segments[-1].append(two)
    return segments


def _aligned_tables(lines: list[_Line]) -> list[_Line | PageTable]:
    """The lines, with runs of three or more that stand in the same columns made tables."""
    items: list[_Line | PageTable] = []
    run: list[tuple[_Line, list[list[Glyph]]]] = []

    def end() -> None:
        made = _aligned(run)
        items.extend([made] if made is not None else [line for line, _ in run])
        run.clear()

    for line in lines:
        segments = _segments(line)
        if len(segments) < 2 and not (run and _completes(line, run)):
            end()
            items.append(line)
            continue
        if run and line.top - run[-1][0].bottom > 2.5 * line.size:
            end()
        run.append((line, segments))
    end()
    return items


def _completes(line: _Line, run: list[tuple[_Line, list[list[Glyph]]]]) -> bool:
    """Whether a line with words in one place may be the rest of a cell wrapped over two lines."""
    above = run[-1][0]
    width = max(each.right for each, _ in run) - min(each.left for each, _ in run)
    return line.top - above.bottom < 0.8 * line.size and line.right - line.left < 0.4 * width and not starts_item(line.words)


def _aligned(run: list[tuple[_Line, list[list[Glyph]]]]) -> PageTable | None:
    rows = [segments for _, segments in run]
    if sum(1 for segments in rows if len(segments) >= 3) < 2 and not (
        len(rows) >= 3 and sum(1 for segments in rows if len(segments) == 2 and is_plain_number(_words(segments[1]))) >= 3
    ):
        return None
    columns = _columns(rows)
    if len(columns) < 2:
        return None
    page = run[0][0].page
    cells: list[dict[int, list[_Line]]] = []
    for segments in rows:
        row: dict[int, list[_Line]] = defaultdict(list)
        for segment in segments:
            row[_column_of(segment, columns)].append(_line(segment, page))
        if (
            cells
            and 0 not in row
            and len(row) * 2 <= len(columns)
            and not any(is_plain_number(_words(line.glyphs)) for parts in row.values() for line in parts)
            and set(row) <= set(cells[-1])
        ):
            for column, parts in row.items():
                cells[-1][column] += parts
        else:
            cells.append(row)
    slots = {
        (at, column): Slot(at, column, _runs(row[column], columns[column][1]) if column in row else ())
        for at, row in enumerate(cells)
        for column in range(len(columns))
    }
    lines = [line for line, _ in run]
    bounds = (columns[0][0], *(right for _, right in columns))
    return PageTable(page, lines[0].top, lines[-1].bottom, bounds, slots, len(cells), False, {})


def _columns(rows: list[list[list[Glyph]]]) -> list[tuple[float, float]]:
    """The columns as the stretches that the fullest rows' words cover."""
    most = max(len(segments) for segments in rows)
    spans = sorted(
        (segment[0].left, segment[-1].right) for segments in rows if len(segments) >= max(2, most - 1) for segment in segments
    )
    columns: list[list[float]] = []
    for left, right in spans:
        if columns and left <= columns[-1][1]:
            columns[-1][1] = max(columns[-1][1], right)
        else:
            columns.append([left, right])
    return [(left, right) for left, right in columns]


def _column_of(segment: list[Glyph], columns: list[tuple[float, float]]) -> int:
    left, right = segment[0].left, segment[-1].right
    return max(range(len(columns)), key=lambda at: (min(right, columns[at][1]) - max(left, columns[at][0]), -at))


# Over the pages


def _furniture(pages: Sequence[_Page]) -> set[tuple[int, float, float]]:
    """The lines at the top and bottom of pages that repeat but for their numbers, and the page numbers."""
    edges: list[tuple[str, _Line]] = []
    for page in pages:
        for line in page.items:
            if isinstance(line, _Line) and (line.bottom < _ZONE * page.height or line.top > (1 - _ZONE) * page.height):
                edges.append((_DIGITS.sub("#", line.words.strip()), line))
    counts = Counter(words for words, _ in edges)
    needed = max(2, min(3, len(pages) - 1))
    return {
        (line.page, line.top, line.left)
        for words, line in edges
        if is_page_number(line.words.strip()) or (len(words) <= 60 and counts[words] >= needed)
    }


_DIGITS = re.compile(r"\d+")


_GARBLED = re.compile(r"\d+[.．][lIOo\d]*[%％万亿元]")  # 92.l%: a number, and no item


class _Margins:
    """Where text begins and ends on the page, and whether a line goes on from the one before."""

    def __init__(self) -> None:
        self._left = self._right = 0.0
        self._right_of_page_before = 0.0
        self._page = 0
        self._width = -1.0

    def turn(self, width: float, lines: Sequence[_Line]) -> None:
        """Take the margins of the page; a page of few lines has those of the page before."""
        if not lines:
            return
        self._right_of_page_before, self._page = self._right, lines[0].page
        if len(lines) < 5 and abs(self._width - width) < 2:
            return
        size = median(line.size for line in lines)
        lefts = Counter(round(line.left / 4) for line in lines)
        common = [
            line.left
            for line in lines
            if lefts[round(line.left / 4)] + lefts[round(line.left / 4) + 1] + lefts[round(line.left / 4) - 1] > 1
        ]
        self._left = min(common or [line.left for line in lines])
        self._right = max(line.right for line in lines)
        wide = [line.right for line in lines if line.right >= self._right - 3 * abs(size)]
        self._right = median(wide)
        self._width = width

    def joins(self, paragraph: Sequence[_Line], line: _Line) -> bool:
        """Whether the line goes on the paragraph."""
        above = paragraph[-1]
        size = above.size
        short = min(len(above.words), len(line.words)) < 5
        if not (short and line.rough) and abs(above.size - line.size) > (0.35 if above.rough or short else 0.2) * size:
            return False
        same_page = above.page == line.page
        near = not same_page or -size < line.top - above.bottom < 1.6 * size
        if self._centred(above):
            return (
                same_page and self._centred(line) and near and above.right - above.left > 8 * size and not starts_item(line.words)
            )
        ended = above.words.rstrip()[-1:] in "。！？：:；;"
        # a sentence that has not ended goes on even where its line falls a little short of the margin
        full = above.right + max(1.9 if ended else 4.0, room_of_first_word(line.words)) * size > (
            self._right if above.page == self._page else self._right_of_page_before
        )
        indented = line.left > self._left + 1.2 * size
        if not full or not near:
            return False
        if indented:
            # a block that is indented as a whole goes on; else an indented line begins a paragraph
            return len(paragraph) > 1 and abs(above.left - line.left) < 0.5 * size and not starts_item(line.words)
        starts = starts_item(line.words) and not _GARBLED.match(line.words)
        return not (starts and (ended or abs(above.left - line.left) < 0.5 * size)) and not (
            ended and abs(paragraph[0].left - line.left) < 0.5 * size and above.right < self._right - 0.9 * size
        )

    def _centred(self, line: _Line) -> bool:
        before, behind = line.left - self._left, self._right - line.right
        return before > 2.5 * line.size and behind > 1.5 * line.size and abs(before - behind) < 3 * line.size
