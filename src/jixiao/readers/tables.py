"""Lines → tables (表格), as they stand in text: piped, tabbed, aligned by blanks, or flattened to one cell a line.

Flattened cells are set back into rows by what the heading cells say of their columns. A table comes out as the
rows a reader sees; what the rows mean is for the rules. Work is linear in the number of lines.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from jixiao.columns import SECOND_LEVEL, Role, column_role
from jixiao.document import Passage, Span, Table, TableCell, passage_of
from jixiao.quantities import find_quantities
from jixiao.readers.grid import EMPTY, fit_rows, is_heading, misfit_of, rows_of_equal_width
from jixiao.readers.lines import Line

Found = tuple[int, int, Table]
"""A table with the first line it takes in and the first behind it."""

_PIPE = re.compile(r"[|｜│┃]")
_RULE = re.compile(r"[\s|｜│┃:\-+=─━┼├┤┬┴┌┐└┘]*$")
_WIDE_GAP = re.compile(r"(?<=\S)(?:[ \u00a0]{2,}|[ \u00a0]*\u3000[\u3000 ]*)(?=\S)")
_TAB_LED = re.compile(r"[ \u3000]*\t[^\t]*$")
_HEADING = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]+[章部节]|\d{1,2}[.．、](?!\d)\s*\S|附件|附表)"
)
_TITLE = re.compile(r"[^，。；：]{2,36}(?:(?:自评|评价|评分|绩效|决算|预算)[^，。；：]{0,8}(?:表|报告|说明)|自评表)$")
_CELL_LENGTH = 40


def find_tables(lines: list[Line], text: str) -> list[Found]:
    """The tables in ``lines``, in order and apart; cells' places are offsets into ``text``."""
    found: list[Found] = []
    index = 0
    while index < len(lines):
        for find in (_piped, _tabbed, _tab_led, _aligned, _spaced, _bare_cells):
            region = find(lines, index, text)
            if region is None:
                continue
            first, last, rows = region
            first = max(first, found[-1][1] if found else 0)
            if any(cell.words for row in rows for cell in row):
                found.append((first, last, _table(len(found) + 1, rows, lines[first].start, lines[last - 1].end)))
                index = last
                break
        else:
            index += 1
    return found


Region = tuple[int, int, list[list[Passage]]]


def _table(number: int, rows: list[list[Passage]], start: int, end: int) -> Table:
    cells = tuple(
        tuple(TableCell(row, column, passage) for column, passage in enumerate(cells)) for row, cells in enumerate(rows)
    )
    return Table(number, cells, Span(start, end))


def _has_pipes(words: str) -> bool:
    return sum(map(words.count, "|｜│┃")) >= 2


def _piped(lines: list[Line], index: int, text: str) -> Region | None:
    """Pipe and Markdown tables, and those drawn with box characters."""
    if not _has_pipes(lines[index].words):
        return None
    last = index
    rows: list[list[Passage]] = []
    while last < len(lines) and _has_pipes(lines[last].words):
        line = lines[last]
        last += 1
        if not _RULE.match(line.words):
            rows.append(_split(line, _PIPE, text, edges=True))
        while last + 1 < len(lines) and not lines[last].words.strip() and _has_pipes(lines[last + 1].words):
            last += 1
        while last < len(lines) and _RULE.match(lines[last].words) and lines[last].words.strip():
            last += 1
    return (index, last, fit_rows(rows, text)) if len(rows) >= 2 else None


def _split(line: Line, by: re.Pattern[str], text: str, *, edges: bool = False) -> list[Passage]:
    start, end = line.start, line.end
    if edges:
        stripped = line.words.strip()
        lead = len(line.words) - len(line.words.lstrip())
        start = line.start + lead + (1 if _PIPE.match(stripped) else 0)
        end = line.start + lead + len(stripped) - (1 if _PIPE.match(stripped[-1]) else 0)
    cells: list[Passage] = []
    position = start
    for match in by.finditer(text, start, end):
        cells.append(passage_of(text, Span(position, match.start())))
        position = match.end()
    cells.append(passage_of(text, Span(position, max(position, end))))
    return cells


def _has_inner_tab(words: str) -> bool:
    return "\t" in words.strip(" \u3000")[1:] and words.strip() != "" and words.count("\t") >= 1 and not _TAB_LED.match(words)


def _tabbed(lines: list[Line], index: int, text: str) -> Region | None:
    """One row a line, cells between tabs; a line without a tab, or within a quoted cell, carries on the last cell."""
    if not _has_inner_tab(lines[index].words):
        return None
    last = index
    full = 0
    rows: list[list[list[Span]]] = []  # each cell by its pieces
    quoted = 0  # lines so far in a cell that a spreadsheet put in quotes because it holds line breaks
    while last < len(lines):
        line = lines[last]
        if quoted or (rows and _counts_on(rows[-1], line.words, text)):
            first, *others = _spans(line)
            rows[-1][-1].append(first)
            rows[-1].extend([span] for span in others)
        elif "\t" in line.words:
            rows.append([[span] for span in _spans(line)])
            full += _has_inner_tab(line.words)
        elif not any("\t" in following.words for following in lines[last + 1 : last + 3]):
            break
        elif line.words.strip():
            if _HEADING.match(line.words) or len(line.words) > _CELL_LENGTH:
                break
            rows[-1][-1].append(Span(line.start, line.end))
        quoted = quoted + 1 if _opens_quote(rows[-1][-1], text) and quoted < _LONGEST_QUOTE else 0
        last += 1
    if full < 2 and not (full and len(rows[0]) >= 3):
        return None
    cells = [[passage_of(text, *_unquoted(cell, text)) for cell in row] for row in rows]
    filled = sum(1 for row in cells if any(cell.words for cell in row))
    return (index, last, fit_rows(cells, text)) if full * 2 >= filled else None


_LONGEST_QUOTE = 12
_ITEM = re.compile(r"\s*(?:(?P<number>\d{1,2})[.．、](?!\d)|[（(](?P<bracketed>\d{1,2})[)）])")


def _counts_on(row: list[list[Span]], words: str, text: str) -> bool:
    """Whether a line carries on the list in the row's last cell: 2.… where the cell's last item is 1.…"""
    item = _ITEM.match(words)
    if item is None or len(row) < 2:
        return False
    last = row[-1][-1]
    above = _ITEM.match(text, last.start, last.end)
    return above is not None and int(item["number"] or item["bracketed"]) == int(above["number"] or above["bracketed"]) + 1


def _spans(line: Line) -> list[Span]:
    """The places of a line's cells, parted by tabs."""
    spans: list[Span] = []
    start = line.start
    for words in line.words.split("\t"):
        spans.append(Span(start, start + len(words)))
        start += len(words) + 1
    return spans


def _opens_quote(cell: list[Span], text: str) -> bool:
    """Whether the cell begins with a straight quote that is not closed yet."""
    words = "".join(text[span.start : span.end] for span in cell).strip()
    return words.startswith('"') and words.count('"') % 2 == 1


def _unquoted(cell: list[Span], text: str) -> list[Span]:
    """The cell's pieces without the quotes around them."""
    first, last = cell[0], cell[-1]
    if len(cell) < 2 or not text[first.start : first.end].startswith('"') or not text[last.start : last.end].endswith('"'):
        return cell
    return [Span(first.start + 1, first.end), *cell[1:-1], Span(last.start, last.end - 1)]


def _tab_led(lines: list[Line], index: int, text: str) -> Region | None:
    """One cell a line, led by a tab: rows are parted by empty lines, or begin with a cell that has no tab."""
    if not _TAB_LED.match(lines[index].words):
        return None
    last = index
    idle = 0
    for position in range(index, len(lines)):
        words = lines[position].words
        if _TAB_LED.match(words):
            last, idle = position + 1, 0
        elif words.strip():
            idle += 1
            if idle > 4 or len(words) > _CELL_LENGTH or _TITLE.match(words) or words.startswith(("附件", "附表")):
                break
    block = lines[index:last]
    if sum(1 for line in block if _TAB_LED.match(line.words)) < 4:
        return None
    # What follows an empty line opens a row, where rows are parted so; what has no tab elsewhere carries on a cell.
    openers = [below.words for above, below in pairwise(block) if not above.words.strip(" \u3000") and "\t" not in above.words]
    openers = [words for words in openers if words]
    inside = sum(1 for above, below in pairwise(block) if above.words.strip() and below.words.strip() and "\t" not in below.words)
    led = sum(1 for words in openers if _TAB_LED.match(words))
    parted = len(openers) >= 2 and (led >= 0.3 * len(openers) or inside <= 0.5 * len(openers))
    first = index
    heads = column_role(lines[index].words.strip()) in (Role.FIRST, Role.SIDE, Role.NUMBER)
    untabbed = parted and led * 2 < len(openers)  # each row's first cell has no tab
    if (not parted or untabbed) and not heads and index and 0 < len(lines[index - 1].words.strip()) <= 24:
        first = index - 1  # the first row's first cell has no tab
    groups: list[list[list[Span]]] = [[]]
    for line in lines[first:last]:
        if _TAB_LED.match(line.words):
            groups[-1].append([Span(line.start, line.end)])
        elif not line.words.strip():
            groups.append([])
        elif parted and groups[-1]:
            groups[-1][-1].append(Span(line.start, line.end))
        else:
            groups.append([[Span(line.start, line.end)]])
    rows = fit_rows([[passage_of(text, *cell) for cell in group] for group in groups if group], text)
    above = index - 1 if index and 0 < len(lines[index - 1].words.strip()) <= 24 else index
    opened = _opened_without_tab(lines[above:last], text)
    if column_role(opened[0][0].words) and len({len(row) for row in opened}) == 1:
        return above, last, fit_rows(opened, text)  # no cell is missing
    if misfit_of(rows) > _ILL_FITTING:
        # the empty lines part no rows: each is an empty cell, perhaps a row's first
        opened = fit_rows(opened, text)
        cells = fit_rows([_cells_of(lines[first:last], text)], text, stream=True)
        misfit, first, best = min(
            [(misfit_of(cells), first, cells), (misfit_of(opened), above, opened)], key=lambda each: each[0]
        )
        if misfit < misfit_of(rows) / 2:
            rows = best
    return first, last, rows


def _opened_without_tab(lines: list[Line], text: str) -> list[list[Passage]]:
    """Rows that each begin with a line without a tab; where that is empty, so is the row's first cell."""
    rows: list[list[Passage]] = []
    for line, cell in zip(lines, _cells_of(lines, text), strict=True):
        if rows and _TAB_LED.match(line.words):
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return rows


_ILL_FITTING = 0.8


def _cells_of(lines: list[Line], text: str) -> list[Passage]:
    """A cell for each line, an empty one for an empty line."""
    return [passage_of(text, Span(line.start, line.end)) if line.words.strip() else EMPTY(line.start) for line in lines]


def _role_at(lines: list[Line], position: int) -> Role | None:
    words = lines[position].words.strip()
    return column_role(words) if words and len(words) <= 24 else None


def _bare_cells(lines: list[Line], index: int, text: str) -> Region | None:
    """One cell a line and nothing to tell it from a paragraph, found by a run of heading cells."""
    if _role_at(lines, index) is None:
        return None
    if index + 1 < len(lines) and _TAB_LED.match(lines[index + 1].words):
        return None
    roles: set[Role] = set()
    position = index
    strangers = 0
    while position < len(lines) and position < index + 40:
        words = lines[position].words.strip()
        if words:
            role = _role_at(lines, position)
            if role is None:
                strangers += 1
                if strangers > 1:
                    break
            else:
                roles.add(role)
        position += 1
    if len(roles) < 3 and not _are_heading(lines, index):
        return None
    first = index
    while first and _may_be_cell(lines, first - 1) and index - first < 40:
        first -= 1
    while first < index and not lines[first].words.strip():
        first += 1
    last = _end_of_cells(lines, position)
    if rows := rows_of_equal_width(_cells_of(lines[first:last], text), text):
        return first, last, rows
    groups: list[list[Passage]] = [[]]
    for line in lines[first:last]:
        if line.words.strip():
            groups[-1].append(passage_of(text, Span(line.start, line.end)))
        elif line.words:
            groups[-1].append(EMPTY(line.start))
        else:
            groups.append([])
    return first, last, fit_rows([group for group in groups if group], text, stream=True)


def _may_be_cell(lines: list[Line], position: int) -> bool:
    words = lines[position].words.strip()
    return (
        len(words) <= 24
        and not words.endswith(("。", "；", "，", "："))
        and not _HEADING.match(words)
        and not _TITLE.match(words)
    )


def _are_heading(lines: list[Line], index: int) -> bool:
    """Whether the next lines, with nothing else between them, are two cells of a heading: 预期目标, 实际完成情况."""
    kinds: set[Role] = set()
    for line in lines[index : index + 6]:
        role = column_role(line.words.strip())
        if role is not None:
            kinds.add(role)
        elif line.words.strip():
            break
    return is_heading(kinds)


_VALUE = re.compile(r"\s*(?:[≥≤≧≦><》]?\s*[\d０-９][\d０-９,，.．OoＯ〇]*\s*(?:%|％|[\u4e00-\u9fff]{0,3})|[—–-]+|无)\s*$")


def _end_of_cells(lines: list[Line], position: int) -> int:
    """The first line that is no cell any more: a heading or prose with no cells soon behind it."""
    last = position
    while position < len(lines):
        words = lines[position].words.strip()
        if words:
            looks_like_prose = len(words) > _CELL_LENGTH or words.endswith("。")
            titled = bool(_TITLE.match(words))
            if titled and any(_role_at(lines, below) for below in range(position + 1, min(position + 4, len(lines)))):
                break  # of the next table
            if (looks_like_prose or titled or _HEADING.match(words)) and not _cells_follow(lines, position):
                break
            last = position + 1
        position += 1
    return last


def _cells_follow(lines: list[Line], position: int) -> bool:
    seen = cells = 0
    for line in lines[position + 1 : position + 24]:
        words = line.words.strip()
        if not words:
            continue
        seen += 1
        cells += bool(_VALUE.match(words) or column_role(words))
        if cells >= 2:
            return True
        if seen >= 7:
            break
    return False


# Columns aligned by blanks


@dataclass(frozen=True, slots=True)
class _Piece:
    left: int  # display columns, a Chinese character two wide
    right: int
    span: Span


def _is_aligned(words: str) -> bool:
    if "  " not in words and "\u3000" not in words and "\u00a0" not in words:
        return False
    return bool(_WIDE_GAP.search(words)) and "\t" not in words and not words.rstrip().endswith("。")


def _aligned(lines: list[Line], index: int, text: str) -> Region | None:
    """Columns set by runs of blanks: cells under one heading overlap it, a wrapped cell goes on in the next line."""
    if not _is_aligned(lines[index].words):
        return None
    last, rows, idle = index, 0, 0
    for position in range(index, len(lines)):
        words = lines[position].words
        if _is_aligned(words):
            rows, last, idle = rows + 1, position + 1, 0
        elif words.strip():
            idle += 1
            if idle > 2 or len(words.strip()) > 24 or (_HEADING.match(words) and not words.startswith("  ")):
                break
            if words.startswith(("  ", "\u3000")) or len(words.strip()) <= 6:
                last = position + 1
        elif idle == 0 and position + 1 < len(lines) and not _is_aligned(lines[position + 1].words):
            break
    pieces = [_display_pieces(line) for line in lines[index:last] if line.words.strip()]
    if rows < 3 or not any(len(row) >= 3 for row in pieces):
        return None
    heading = max(
        range(min(4, len(pieces))),
        key=lambda at: (
            sum(column_role(text[piece.span.start : piece.span.end]) is not None for piece in pieces[at]),
            len(pieces[at]),
        ),
    )
    columns = [(piece.left, piece.right) for piece in pieces[heading]]
    if not _in_line(pieces[heading + 1 :], columns):
        return None
    grid: list[list[list[Span]]] = []
    for row in pieces:
        cells: list[list[Span]] = [[] for _ in columns]
        for piece in row:
            cells[_column_of(piece, columns)].append(piece.span)
        if grid and len(grid) > heading + 1 and _carries_on(cells, grid[-1], text):
            for cell, more in zip(grid[-1], cells, strict=True):
                cell.extend(more)
        else:
            grid.append(cells)
    _join_wrapped_categories(grid, pieces[heading], heading, text)
    return index, last, fit_rows([[passage_of(text, *cell) for cell in row] for row in grid], text)


def _in_line(rows: list[list[_Piece]], columns: list[tuple[int, int]]) -> bool:
    """Whether most cells overlap a heading's place: blanks that align columns, and do not only part them."""
    cells = [piece for row in rows for piece in row]
    fitting = sum(any(piece.left < right and left < piece.right for left, right in columns) for piece in cells)
    crowded = sum(len({_column_of(piece, columns) for piece in row}) < len(row) for row in rows)
    return fitting >= 0.7 * len(cells) and crowded <= 0.15 * len(rows)


def _spaced(lines: list[Line], index: int, text: str) -> Region | None:
    """One row a line, cells parted by blanks that align nothing, as copied from a web page or a PDF."""
    words = lines[index].words
    if " " not in words.strip() or len(words) > 120:
        return None
    heading = words.split()
    known = [role for cell in heading if (role := column_role(cell)) is not None]
    if not is_heading(set(known)) or len(known) < 3:
        return None
    if len(known) < 4 or len(known) < 0.8 * len(heading):
        below = [line.words.split() for line in lines[index + 1 : index + 8] if line.words.strip()][:2]
        unnamed = len(known) == len(heading) and Role.NAME not in known  # no heading over the names
        if len(below) < 2 or any(len(row) != len(heading) + unnamed for row in below):
            return None
    rows: list[list[Passage]] = []
    last = index
    of_units = False  # whether the units have a column of their own
    for position in range(index, len(lines)):
        words = lines[position].words
        if not words.strip():
            continue
        if words.rstrip().endswith("。") or len(words) > 120 or (rows and " " not in words.strip()):
            break
        if _HEADING.match(words) and not _NUMBER_ALONE.search(words.rsplit(maxsplit=1)[-1]):
            break  # 一、基本支出 5,098.40 is a row
        cells = [cell.span() for cell in _CELL.finditer(words)]
        roles = {role for start, end in cells if (role := column_role(words[start:end])) is not None}
        if is_heading(roles):
            of_units = Role.UNIT in roles
        if not of_units:
            cells = _with_units(cells, words)
        rows.append([passage_of(text, Span(lines[position].start + start, lines[position].start + end)) for start, end in cells])
        last = position + 1
    if len(rows) >= 3 and len(rows[1]) == len(rows[0]) + 1 and not column_role(rows[1][0].words):
        rows[0].insert(0, EMPTY(lines[index].start))
    return (index, last, fit_rows(rows, text, stream=True)) if len(rows) >= 3 else None


_CELL = re.compile(r"\S+")
_NUMBER_ALONE = re.compile(r"[≥≤≧≦><＞＜]?=?[\d０-９][\d０-９,，.．]*$")


def _with_units(cells: list[tuple[int, int]], words: str) -> list[tuple[int, int]]:
    """The cells with a unit that stands apart from its number put back to it: ≥287 万亩."""
    joined: list[tuple[int, int]] = []
    for start, end in cells:
        if joined and _NUMBER_ALONE.match(words[joined[-1][0] : joined[-1][1]]) and not _NUMERIC.match(words, start):
            found = find_quantities(f"1{words[start:end]}")
            if len(found) == 1 and found[0].unit and found[0].raw == f"1{words[start:end]}":
                joined[-1] = joined[-1][0], end
                continue
        joined.append((start, end))
    return joined


def _join_wrapped_categories(grid: list[list[list[Span]]], headings: list[_Piece], heading: int, text: str) -> None:
    """Put back together a merged category cell that was wrapped over the rows beside it: 预算和财务 + 管理."""
    for column, piece in enumerate(headings):
        if column_role(text[piece.span.start : piece.span.end]) not in (Role.FIRST, Role.SECOND):
            continue
        for above, below in zip(grid[heading + 1 :], grid[heading + 2 :], strict=False):
            if not above[column] or not below[column]:
                continue
            upper = text[above[column][0].start : above[column][-1].end]
            lower = text[below[column][0].start : below[column][-1].end]
            if len(lower) <= 4 and not lower.endswith("指标") and not upper.endswith("指标") and not SECOND_LEVEL.match(lower):
                above[column] = above[column] + below[column]
                below[column] = []


def _display_pieces(line: Line) -> list[_Piece]:
    widths = [0]
    for character in line.words:
        widths.append(widths[-1] + (2 if unicodedata.east_asian_width(character) in "WFA" else 1))
    made: list[_Piece] = []
    position = len(line.words) - len(line.words.lstrip())
    stop = len(line.words.rstrip())
    for gap in [*_WIDE_GAP.finditer(line.words), None]:
        end = gap.start() if gap else stop
        if end > position:
            made.append(_Piece(widths[position], widths[end], Span(line.start + position, line.start + end)))
        position = gap.end() if gap else stop
    return made


def _column_of(piece: _Piece, columns: list[tuple[int, int]]) -> int:
    def fit(column: int) -> tuple[int, int]:
        left, right = columns[column]
        return min(piece.right, right) - max(piece.left, left), -abs(piece.left - left)

    nearest = max(range(len(columns)), key=fit)
    # A cell that begins left of the next heading and right of its own belongs to the heading it begins under.
    starts = [column for column, (left, _) in enumerate(columns) if abs(left - piece.left) <= 1]
    return starts[0] if starts else nearest


_NUMERIC = re.compile(r"[≥≤≧≦><》]?\s*[\d０-９]")


def _carries_on(cells: list[list[Span]], above: list[list[Span]], text: str) -> bool:
    """Whether a line only completes wrapped cells of the row above: short words, no number, nothing new beside them."""
    words = [text[spans[0].start : spans[-1].end].strip() if spans else "" for spans in cells]
    present = [position for position, word in enumerate(words) if word]
    if not present or any(_NUMERIC.match(words[position]) for position in present):
        return False
    if any(_HEADING.match(words[position]) for position in present):
        return False
    if any(not above[position] for position in present):
        return False
    valued = sum(1 for spans in above if spans) > len(present)
    return valued and all(len(words[position]) <= 8 for position in present)
