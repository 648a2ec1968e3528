"""Cells in reading order → rows (成行): puts the cells of a flattened table back under their headings.

A run of heading cells opens a block. Rows that have as many cells as the heading stay as they are; others, fused or
with empty cells lost, are set by the cheapest way to walk the columns (a Viterbi search): what a cell looks like
against what its column holds. Linear in the number of cells.
"""

import math
import re
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from jixiao.columns import FIRST_LEVEL, SECOND_LEVEL, Role, column_role, heading_unit, names_rows, roles_of
from jixiao.document import Passage, Span, Table, TableCell, passage_of

_COLUMN_LIMIT = 16


def EMPTY(at: int) -> Passage:
    """An empty cell that stood at offset ``at``."""
    return Passage("", (0,), (at,))


def fit_rows(rows: list[list[Passage]], text: str, *, stream: bool = False) -> list[list[Passage]]:
    """The rows with every cell under its heading.

    ``stream`` tells that the breaks between rows are not certain: one group of cells may hold many rows, and a cell
    may go on in the next line.
    """
    fitted: list[list[Passage]] = []
    heading: list[Passage] = []
    columns: _Columns | None = None
    for group in rows if stream else _join_heading_rows(rows, text):
        for part, opens in _parts(_mend_headings(group, text), stream):
            if opens:
                heading, columns = part, None
                fitted.append(part)
            elif heading and stream and (even := _even_rows(heading, part)):
                fitted.extend(even)
            elif heading and _needs_walk(heading, part, stream):
                columns = columns or _Columns(heading)
                set_rows = _walk(columns, part, text)
                if len(heading) < len(columns.roles):  # nothing stands over the names
                    if any(row[0].words for row in set_rows):
                        heading.insert(0, EMPTY(heading[0].offset(0)))
                    else:
                        set_rows = [row[1:] for row in set_rows]
                fitted.extend(set_rows)
            else:
                fitted.append(part)
    return fitted


def _even_rows(heading: list[Passage], part: list[Passage]) -> list[list[Passage]] | None:
    """The rows of a budget table that lost no cell; ``None`` where it is not so."""
    kinds = _roles(heading)
    if len(part) % len(kinds) or not _is_of_money({kind for kind in kinds if kind not in (None, Role.NAME)}):
        return None
    rows = [part[at : at + len(kinds)] for at in range(0, len(part), len(kinds))]
    return rows if all(_stands_under(kinds, row) for row in rows) else None


def with_joined_headings(table: Table, text: str) -> Table:
    """A table as its file has it, with headings that stand over two rows made one, in the place of the lower."""
    if not any(cell.down > 1 or cell.across > 1 for row in table.rows for cell in row):
        return table  # nothing was merged, so no heading stands over others; and text's tables are joined already
    given = [[cell.passage for cell in row] for row in table.rows]
    rows: list[tuple[TableCell, ...]] = []
    position = 0
    for joined in _join_heading_rows(given, text):
        position += joined is not given[position]
        rows.append(tuple(cell._replace(passage=words) for cell, words in zip(table.rows[position], joined, strict=True)))
        position += 1
    return replace(table, rows=tuple(rows))


def _join_heading_rows(rows: list[list[Passage]], text: str) -> list[list[Passage]]:
    """The rows with headings that stand over two rows made one: 年度 over 指标值."""
    joined: list[list[Passage]] = []
    position = 0
    while position < len(rows):
        above = rows[position]
        below = rows[position + 1] if position + 1 < len(rows) else []
        both = _stacked(above, below, text) if len(above) == len(below) > 2 else None
        if both is not None and is_heading(_kinds(below)) and any(_YEAR.fullmatch(cell.words) for cell in above):
            joined.append(_under_years(above, below, text))
            position += 2
        elif both is not None and _known(both) > max(_known(above), _known(below)) and is_heading(_kinds(both)):
            joined.append(both)
            position += 2
        else:
            joined.append(above)
            position += 1
    return joined


def _stacked(above: list[Passage], below: list[Passage], text: str) -> list[Passage] | None:
    if any(_NUMBER.match(cell.words) or _PERCENT.match(cell.words) or len(cell.words) > 16 for cell in (*above, *below)):
        return None
    if not any(cell.words for cell in below):
        return None
    return [_over(upper, lower, text) for upper, lower in zip(above, below, strict=True)]


_YEAR = re.compile(r"20\d\d年度?")


def _under_years(above: list[Passage], below: list[Passage], text: str) -> list[Passage]:
    """Headings under years, each year holding for the blank cells it was merged over: 2023年 | 预算数 | 决算数."""
    year: Passage | None = None
    headings: list[Passage] = []
    for upper, lower in zip(above, below, strict=True):
        if upper.words:
            year = upper if _YEAR.fullmatch(upper.words) else None
        headings.append(passage_of(text, _whole(year), _whole(lower)) if year and lower.words else _over(upper, lower, text))
    return headings


def _over(upper: Passage, lower: Passage, text: str) -> Passage:
    """The heading that an upper and a lower cell make; 绩效指标 over 一级指标 is only the lower."""
    if not lower.words or not upper.words:
        return upper if upper.words else lower
    both = passage_of(text, _whole(upper), _whole(lower))
    return lower if column_role(lower.words) and not column_role(both.words) else both


def _whole(passage: Passage) -> Span:
    return passage.span(0, len(passage.words))


def _kinds(cells: list[Passage]) -> set[Role]:
    return {role for cell in cells if (role := column_role(cell.words)) is not None}


def _known(cells: list[Passage]) -> int:
    return sum(1 for cell in cells if column_role(cell.words) is not None)


def rows_of_equal_width(cells: list[Passage], text: str) -> list[list[Passage]] | None:
    """Rows of one width, where every cell has its line and an empty line is an empty cell; ``None`` where it is not so.

    The indicator heading gives the width, and the rows under it must fit it. The funds before it may have the same
    width; else they are set by themselves.
    """
    roles = [column_role(cell.words) for cell in cells]
    start = next(
        (at for at, role in enumerate(roles) if role in (Role.FIRST, Role.SIDE) and Role.NAME in roles[at : at + 5]), None
    )
    if start is None:
        return None
    width = next((at for at in range(start, len(cells)) if roles[at] is None), len(cells)) - start
    heading = cells[start : start + width]
    if width < 4 or not is_heading(_kinds(heading)):
        return None
    below = [cells[at : at + width] for at in range(start + width, len(cells), width)]
    full = [row for row in below if len(row) == width and any(cell.words for cell in row)]
    kinds = _roles(heading)
    cost = sum(
        min(9.0, _misfit(kind, _look(cell.words))) for row in full for kind, cell in zip(kinds, row, strict=True) if cell.words
    )
    if len(full) < 3 or cost > 1.5 * len(full) or all(cell.words for row in full for cell in row):
        return None
    above: list[list[Passage]] = []
    at = start
    while at >= width and (row := cells[at - width : at]) and any(cell.words for cell in row):
        above.insert(0, row)
        at -= width
        if is_heading(kinds_above := _kinds(row)) and _is_of_money(kinds_above):
            break
    else:
        above = []
    if not above or misfit_of(above) > _OF_ANOTHER_WIDTH:
        return [*fit_rows([cells[:start]], text, stream=True), heading, *below]
    before = [[cell] for cell in cells[:at] if cell.words]
    return [*before, *above, heading, *below]


_OF_ANOTHER_WIDTH = 0.8


def misfit_of(rows: list[list[Passage]]) -> float:
    """How badly the cells suit the columns they stand in: the mean over all cells under a heading, 0 where all suit."""
    total, cells = 0.0, 0
    roles: list[Role | None] | None = None
    for row in rows:
        if is_heading(_kinds(row)) and _known(row) * 2 >= sum(1 for cell in row if cell.words):
            roles = _roles(row)
        elif roles is not None:
            filled = [(column, cell.words) for column, cell in enumerate(row) if cell.words]
            cells += len(filled)
            total += sum(
                min(9.0, _misfit(roles[column], _look(words))) if column < len(roles) else 5.0 for column, words in filled
            )
    return total / cells if cells else 0.0


def _parts(group: list[Passage], stream: bool) -> list[tuple[list[Passage], bool]]:
    """The group cut at the runs of heading cells in it; a row that is sure to be one is not cut."""
    roles = [column_role(cell.words) for cell in group]
    if not stream:
        opens = is_heading(_kinds(group)) and _known(group) * 2 >= sum(1 for cell in group if cell.words)
        return [(group, opens)]
    runs = _heading_runs(group, roles)
    parts: list[tuple[list[Passage], bool]] = []
    position = 0
    for first, last in runs:
        if first > position:
            parts.append((group[position:first], False))
        parts.append((group[first:last], True))
        position = last
    if position < len(group):
        parts.append((group[position:], False))
    return parts


def _heading_runs(group: list[Passage], roles: list[Role | None]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    position = 0
    while position < len(group):
        if roles[position] is None:
            position += 1
            continue
        last = position
        kinds: set[Role] = set()
        end = position
        while last < len(group) and (roles[last] is not None or not group[last].words or _between_figures(group, roles, last)):
            role = roles[last]
            if role is not None:
                kinds.add(role)
                end = last + 1
            last += 1
        if is_heading(kinds):
            first = position
            while first > (runs[-1][1] if runs else 0) and not group[first - 1].words:
                first -= 1
            if first == 2 and last == len(group) and not runs and names_rows(group[0].words):
                first = 0  # 年度主要任务 | 主要内容 | 预算金额 | 执行金额
            elif first > (runs[-1][1] if runs else 0) and (
                first == 1 or names_rows(group[first - 1].words) or heading_unit(group[first - 1].words)
            ):
                first -= 1
            lowest = runs[-1][1] if runs else 0
            if not runs and first and _is_of_money(kinds) and _may_head(group[first - 1]) and not names_rows(group[first].words):
                first -= 1  # 子政策 | 预算资金 | 支出金额
            while first > lowest and (roles[first - 1] is Role.NUMBER or names_rows(group[first - 1].words)):
                first -= 1
            if last != len(group) and _is_of_money(kinds):
                end += _unknown_behind(group, roles, first, end)
            # empty cells behind the last heading belong to it where the group ends there
            runs.append((first, last if last == len(group) else end))
            position = runs[-1][1]
        else:
            position = last
    return runs


def _is_of_money(kinds: set[Role]) -> bool:
    """Whether the headings are those of a budget table: figures, and no levels of indicators or goals."""
    return Role.ACTUAL in kinds and kinds.isdisjoint({Role.FIRST, Role.SECOND, Role.NAME, Role.EXPECTED, Role.DONE})


def _between_figures(group: list[Passage], roles: list[Role | None], at: int) -> bool:
    """Whether a heading that we do not know stands between two of figures: 预算数 | 其中：财政拨款 | 执行数."""
    beside = roles[at - 1 : at + 2 : 2] if at else []
    return len(beside) == 2 and all(role in _OF_FIGURES for role in beside) and bool(_PART_OF.fullmatch(group[at].words))


_OF_FIGURES = (Role.TARGET, Role.INITIAL, Role.ACTUAL, Role.PREVIOUS, Role.RATE, Role.CHANGE)
_PART_OF = re.compile(r"(?:其中[:：]?)?[\u4e00-\u9fff（）()]{2,8}")


def _may_head(cell: Passage) -> bool:
    """Whether a cell may be a heading that we do not know: a few Chinese words without a number."""
    return bool(_PLAIN_WORDS.fullmatch(cell.words)) and heading_unit(cell.words) is None


_PLAIN_WORDS = re.compile(r"[\u4e00-\u9fff（）()、]{2,8}")
_MOST_UNKNOWN = 3


def _unknown_behind(group: list[Passage], roles: list[Role | None], first: int, end: int) -> int:
    """How many headings we do not know follow the known ones: as many as make the rows below begin with their names."""
    if len(group) - end <= _MOST_UNKNOWN and all(_may_head(cell) for cell in group[end:]):
        return len(group) - end  # a line of headings alone
    named = [Role.NAME, *roles[first:end]]
    rows = [row for row in _rows_of(group, end, len(named))[:2] if len(row) == len(named)]
    if rows and None not in named and all(_stands_under(named, row) for row in rows):
        return 0  # nothing stands over the names
    for unknown in range(_MOST_UNKNOWN + 1):
        if unknown and not (end + unknown <= len(group) and _may_head(group[end + unknown - 1])):
            break
        kinds = roles[first : end + unknown]
        rows = _rows_of(group, end + unknown, len(kinds))
        if len(rows) > 1 and all(_stands_under(kinds, row) for row in rows if len(row) == len(kinds)):
            return unknown
    return 0


def _rows_of(group: list[Passage], start: int, width: int) -> list[list[Passage]]:
    """The first three rows from ``start`` on, if each cell has its place; the last may be cut short."""
    return [group[at : at + width] for at in range(start, min(len(group), start + 3 * width), width)]


def _stands_under(kinds: list[Role | None], row: list[Passage]) -> bool:
    """Whether the row has figures where the headings want them, and words for its name."""
    named = next((at for at, role in enumerate(kinds) if role in (None, Role.NAME)), 0)
    figures = [_NUMBER.match(cell.words) for role, cell in zip(kinds, row, strict=True) if role in _FIGURES and cell.words]
    return all(figures) and bool(_CJK.search(row[named].words)) and not _NUMBER.match(row[named].words)


_FIGURES = (Role.TARGET, Role.INITIAL, Role.ACTUAL, Role.PREVIOUS)


def is_heading(kinds: set[Role]) -> bool:
    """Whether cells of these roles, side by side, are a table's heading."""
    return (
        len(kinds - _WEAK) >= 3
        or kinds >= _GOAL_AND_DONE
        or kinds >= _GOAL_AND_ACTUAL
        or (Role.ACTUAL in kinds and not kinds.isdisjoint(_WANTED))
    )


_WEAK = frozenset({Role.SIDE, Role.NOTE, Role.UNIT, Role.SIGN, Role.NUMBER})
_GOAL_AND_DONE = frozenset({Role.EXPECTED, Role.DONE})
_GOAL_AND_ACTUAL = frozenset({Role.EXPECTED, Role.ACTUAL})
_WANTED = frozenset({Role.TARGET, Role.INITIAL, Role.PREVIOUS})


_TAIL_OF_HEADING = re.compile(r"(?:及|和|与|、|措施|改进|分析|值|数|[（(][万亿千]?元[)）])")


def _mend_headings(group: list[Passage], text: str) -> list[Passage]:
    """Heading cells that were broken over two lines, made one: 偏差原因分析 + 及改进措施."""
    if not any(column_role(cell.words) for cell in group):
        return group
    mended: list[Passage] = []
    position = 0
    while position < len(group):
        cell = group[position]
        following = group[position + 1] if position + 1 < len(group) else None
        if cell.words and following is not None and _TAIL_OF_HEADING.match(following.words):
            joined = cell.words + following.words
            if len(joined) <= 20 and (column_role(joined) or heading_unit(following.words)) and not column_role(following.words):
                mended.append(passage_of(text, _whole(cell), _whole(following)))
                position += 2
                continue
        mended.append(cell)
        position += 1
    return mended


def _needs_walk(heading: list[Passage], part: list[Passage], stream: bool) -> bool:
    """Whether the cells do not stand under their headings as they are: too many, too few, or of the wrong look."""
    if len(heading) > _COLUMN_LIMIT or not any(cell.words for cell in part):
        return False
    if len(part) == len(heading) and not stream:
        return False
    if len(part) > len(heading):
        return stream or any(cell.words for cell in part[len(heading) :])
    if (
        len(part) <= 4
        and (len(part) < 3 or _FORM_LABEL.match(part[0].words))
        and not any(_NUMBER.match(cell.words) or _QUANTITY.match(cell.words) for cell in part)
    ):
        goals = any(column_role(cell.words) is Role.EXPECTED for cell in heading)
        known = any(FIRST_LEVEL.match(cell.words) or SECOND_LEVEL.match(cell.words) for cell in part)
        if not goals and not known:
            return False
    if len(part) < len(heading) and (stream or sum(1 for cell in part if cell.words) < 3):
        return stream
    roles = _roles(heading)
    return sum(_misfit(role, _look(cell.words)) for role, cell in zip(roles, part, strict=False)) > 6


# The walk

_NUMBER = re.compile(r"[-－]?[\d０-９][\d０-９,，.．OoＯ〇]*(?:[—–-]|分|元|万元|亿元)?$")
_PERCENT = re.compile(r"[-－]?[\d０-９][\d０-９.．OoＯ〇]*\s*[%％]$")
_DASH = re.compile(r"[—–\-/无×]+$")
_QUANTITY = re.compile(r"(?:[≥≤≧≦><＞＜》《]|不低于|不少于|不超过|大于|小于|约|近|超过)?=?\s*[\d０-９]")
_CJK = re.compile(r"[\u4e00-\u9fff]")
_TOTAL = re.compile(r"(?:总分|合计|总计|小计|得分合计|总得分)[:：]?$")
_QUALITY = re.compile(
    r"(?:已|全部|基本|按时|按期|及时|有效|持续|显著|明显|较|不断|逐步|进一步|得到|稳步|有所|长期)?"
    r"(?:完成|达标|达成|提升|提高|改善|保障|增强|优化|健全|完善|规范|合格|满意|良好|优秀|明显|显著|有效|及时|推动|促进|加强|稳定|实现|合规|准确|安全|到位|扩大|加快|缓解|强化|深化|巩固|畅通|好|优|良|中|差|是|否|无|有)$"
)
_FORM_LABEL = re.compile(r"项目名称|主管部门|实施单位|(?:预算)?部门|单位|填报|项目负责人|联系")
_SIGN = re.compile(r"[≥≤≧≦><=＝＞＜]{1,2}$|(?:正|反|定)向(?:指标)?$|定性$|定量$")


def _roles(heading: list[Passage]) -> list[Role | None]:
    return roles_of([cell.words for cell in heading])


class _Look(NamedTuple):
    """What a cell looks like, whatever column it is in."""

    words: str
    number: bool
    percent: bool
    dash: bool
    quantity: bool
    quality: bool
    first: bool  # a first level's name
    second: bool


@lru_cache(maxsize=4096)
def _look(words: str) -> _Look:
    return _Look(
        words,
        bool(_NUMBER.match(words)),
        bool(_PERCENT.match(words)),
        bool(_DASH.match(words)),
        bool(_QUANTITY.match(words)),
        bool(_QUALITY.match(words)),
        bool(FIRST_LEVEL.match(words)),
        bool(SECOND_LEVEL.match(words)),
    )


def _misfit(role: Role | None, cell: _Look) -> float:
    """How badly a cell's words fit a column: 0 fits, 1000 cannot be."""
    words = cell.words
    if not words:
        return 4.0 if role is Role.NAME else 0.0
    numeric = cell.number or cell.percent or cell.dash
    if role in (Role.FIRST, Role.SECOND):
        its_level, other = (cell.first, cell.second) if role is Role.FIRST else (cell.second, cell.first)
        if its_level:
            return 0.0
        if numeric or len(words) > 16:
            return 12.0
        if other:
            return 5.0
        if role is Role.SECOND and len(words) <= 8 and not cell.quality and not cell.quantity:
            return 1.8  # provinces have second levels of their own
        return 3.5 if words.endswith(("指标", "管理", "方面")) else 5.0
    if role is Role.NAME:
        if numeric or not _CJK.search(words):
            return 9.0
        if _TOTAL.match(words):
            return 0.5
        if cell.first or cell.second:
            return 3.0 if not words.endswith("指标") else 8.0
        return 3.0 if cell.quality or (cell.quantity and len(words) < 10) else 0.0
    if role in (Role.TARGET, Role.ACTUAL) and cell.dash:
        return 0.6  # a dash is more often a weight or score that is not given
    if role in (Role.TARGET, Role.ACTUAL, Role.PREVIOUS, Role.INITIAL, Role.CHANGE):
        if numeric or cell.quantity:
            return 0.0
        if (cell.first or cell.second) and words.endswith("指标"):
            return 8.0
        return 0.3 if cell.quality else 1.0
    if role in (Role.WEIGHT, Role.SCORE):
        if cell.number or cell.dash:
            return 0.0
        return 2.5 if cell.percent else 14.0
    if role is Role.RATE:
        return 0.0 if cell.percent or cell.dash else 2.0 if cell.number else 14.0
    if role in (Role.DEVIATION, Role.NOTE):
        if numeric:
            return 1.0 if cell.dash else 9.0
        return 4.0 if cell.first or cell.second else 1.2 if len(words) < 7 else 0.4
    if role in (Role.EXPECTED, Role.DONE):
        return 6.0 if numeric else 0.0
    if role is Role.SIGN:
        return 0.0 if _SIGN.match(words) else 12.0
    if role in (Role.UNIT, Role.NUMBER):
        return 0.0 if len(words) <= 4 else 9.0
    return 3.0 if not numeric else 7.0  # a column without a known heading, or along the side


_SKIPPED: dict[Role | None, float] = {
    Role.SECOND: 0.6,  # 成本指标 alone is of the second level
    Role.NAME: 9.0,
    Role.TARGET: 2.5,
    Role.ACTUAL: 2.5,
    Role.WEIGHT: 1.2,
    Role.SCORE: 1.2,
    Role.RATE: 1.0,
    Role.INITIAL: 1.5,
    Role.PREVIOUS: 1.5,
    Role.EXPECTED: 3.0,
    Role.DONE: 3.0,
    Role.DEVIATION: 0.1,
    Role.NOTE: 0.3,
}
_ROUNDING = 1e-6
_GOES_ON = 2.2  # a cell broken over two lines


class _Columns:
    """A heading's columns, as the walk goes over them."""

    def __init__(self, heading: list[Passage]) -> None:
        self.roles = _roles(heading)
        if Role.NAME not in self.roles and Role.EXPECTED not in self.roles:
            self._find_name()
        self.breakable = [role in _BREAKABLE for role in self.roles]
        self.new_row = 6.0 if Role.EXPECTED in self.roles else 0.0
        self.before = [0.0, *accumulate(_SKIPPED.get(role, 0.0) for role in self.roles)]
        self._fits: dict[str, tuple[_Look, list[float]]] = {}

    def _find_name(self) -> None:
        """Take the column in front of the figures for the names; without one a column is put before the first."""
        aside = (Role.SIDE, Role.FIRST, Role.SECOND, Role.NUMBER, None)
        side = next((at for at, role in enumerate(self.roles) if role not in aside), 0)
        if side and self.roles[side - 1] in (None, Role.SIDE):
            self.roles[side - 1] = Role.NAME
        else:
            self.roles.insert(0, Role.NAME)

    def fit(self, words: str) -> tuple[_Look, list[float]]:
        """The look of a cell with these words, and how badly it fits each column."""
        if words not in self._fits:
            look = _look(words)
            self._fits[words] = look, [_misfit(role, look) for role in self.roles]
        return self._fits[words]


def _walk(columns: _Columns, cells: list[Passage], text: str) -> list[list[Passage]]:
    """The cells set under the headings, in as many rows as they make."""
    width, before = len(columns.roles), columns.before
    look, fits = columns.fit(cells[0].words)
    costs = [before[column] + fits[column] for column in range(width)]
    back: list[list[tuple[int, str]]] = [[(-1, "row")] * width]
    for cell in cells[1:]:
        above = look
        look, fits = columns.fit(cell.words)
        goes_on = _may_go_on(above, look)
        last, ended = _cheapest_end(costs, before)
        steps: list[tuple[int, str]] = []
        following: list[float] = []
        least = math.inf
        nearest: list[int] = []  # of the columns so far those left most cheaply: more than one where only rounding parts them
        for column in range(width):
            best, how = ended + columns.new_row + before[column], (last, "row")
            for previous in nearest:
                cost = costs[previous] + before[column] - before[previous + 1]
                if cost < best:
                    best, how = cost, (previous, "next")
            best += fits[column]
            if goes_on and columns.breakable[column] and costs[column] + _GOES_ON < best:
                best, how = costs[column] + _GOES_ON, (column, "on")
            following.append(best)
            steps.append(how)
            left = costs[column] - before[column + 1]
            if left < least - _ROUNDING:
                least, nearest = left, [column]
            elif left < least + _ROUNDING:
                nearest.append(column)
        costs = following
        back.append(steps)
    column, _ = _cheapest_end(costs, before)
    path: list[tuple[int, str]] = []
    for choices in reversed(back):
        previous, how_set = choices[column]
        path.append((column, how_set))
        column = previous
    rows: list[list[Passage]] = []
    for cell, (column, how_set) in zip(cells, reversed(path), strict=True):
        at = cell.offset(0)
        if how_set == "row" or not rows:
            rows.append([EMPTY(at) for _ in range(width)])
        if how_set == "on" and rows[-1][column].words:
            rows[-1][column] = passage_of(text, _whole(rows[-1][column]), _whole(cell))
        else:
            rows[-1][column] = cell
    return rows


def _cheapest_end(costs: list[float], before: list[float]) -> tuple[int, float]:
    """The column in which a row ends most cheaply, and its cost with the columns behind left empty."""
    ended = [cost + before[-1] - skipped for cost, skipped in zip(costs, before[1:], strict=True)]
    cheapest = min(ended)
    return ended.index(cheapest), cheapest


_BREAKABLE = (Role.NAME, Role.TARGET, Role.ACTUAL, Role.DEVIATION, Role.EXPECTED, Role.DONE, Role.NOTE)


def _may_go_on(above: _Look, cell: _Look) -> bool:
    """Whether the cell may be the rest of the one before it."""
    if not cell.words or cell.number or cell.percent or above.number or above.percent:
        return False
    return not (cell.first or cell.second)
