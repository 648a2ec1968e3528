"""Tables → indicator and budget rows, goal cells (表格行): what each row says, by the headings it stands under.

Reads rows as a person does: the nearest heading above gives each cell its meaning, blank category cells go on from
above, and a unit in a heading holds for the figures under it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from jixiao.columns import Role, column_role, heading_unit, heading_year, names_rows, roles_of
from jixiao.document import Table, TableCell
from jixiao.drafts import MetricDraft, Section
from jixiao.quantities import find_quantities, is_plain_number, plain_number
from jixiao.readers.grid import is_heading
from jixiao.records import Cell, Comparator, Measurement
from jixiao.rules.attainment import is_attained
from jixiao.rules.cells import MARK, is_figure, read_words, row_name, row_span, span_between
from jixiao.rules.topics import Topic, topic_of

_TOTAL = re.compile(r"(?:总分|合计|总计|小计|得分合计|总得分|合\s*计)[:：]?$")
_SIGNATURE = re.compile(r"联系|填报|填表|负责人|审核|日期|电话|备注|说明|注[:：]")
_DASH = re.compile(r"[\s—–\-－/×无]*$")


@dataclass(slots=True)
class GoalCells:
    """The goal cell (预期目标) of a table and the completion cell (实际完成情况) beside it."""

    expected: TableCell | None
    done: TableCell | None
    project: str | None


@dataclass(slots=True)
class TableReading:
    """What one table says: metrics, goal cells, told problems and measures, and the label–value pairs of its form (部门名称, 项目名称)."""

    metrics: list[MetricDraft] = field(default_factory=list)
    goals: list[GoalCells] = field(default_factory=list)
    told: list[tuple[Topic, TableCell]] = field(default_factory=list)
    """The cells beside 存在问题 and 改进措施, in forms that hold the whole report."""
    facts: dict[str, str] = field(default_factory=dict)

    def belong_to(self, project: str | None) -> None:
        """Give the project to what names none itself."""
        for metric in self.metrics:
            metric.project = metric.project or project
        for cells in self.goals:
            cells.project = cells.project or project


_LABELS = re.compile(
    r"(?:(?:预算)?部门(?:[（(]单位[)）])?名称|单位名称|部门|项目名称|项目单位|实施单位|(?:中央|省级|市级|县级|区级|地方)?主管部门|填报单位|预算单位|被评价单位|部门[（(]单位[)）]|(?:转移支付(?:[（(]项目[)）])?|专项(?:资金)?|政策)名称|资金使用单位|使用单位|预算部门名称|主管部门及代码|单位)$"
)


_NAMES_PROJECT = re.compile(r"(?:项目|转移支付(?:[（(]项目[)）])?|专项(?:资金)?)名称$")


def read_table(table: Table, fiscal_year: int | None, section: Section, unit_before: str | None) -> TableReading:
    """The records and facts that ``table`` states.

    ``unit_before`` is the unit stated above the table (单位：万元); ``section`` the headings above it.
    """
    reading = TableReading()
    columns: list[Role | None] = []
    heading: tuple[TableCell, ...] = ()
    unit = stated_unit = unit_before
    first, second = "", ""
    side = ""
    awaiting_goals = False
    in_pairs = False  # names with a figure each, side by side: 按收入性质分, 按支出性质分
    project: str | None = None
    for row in table.rows:
        cells = [cell for cell in row if cell.words]
        if not cells:
            continue
        roles = [column_role(cell.words) for cell in row]
        kinds = {role for role in roles if role is not None}
        known = sum(role is not None for role in roles)
        heads = (is_heading(kinds) and known * 2 >= len(cells)) or _heads_figures(cells, kinds)
        if heads and not any(is_plain_number(cell.words) for cell in cells):
            repeated = [cell.words for cell in heading] == [cell.words for cell in row]  # behind a page break
            heading, columns = row, roles_of([cell.words for cell in row])
            awaiting_goals = Role.EXPECTED in columns or (Role.DONE in columns and Role.NAME not in columns)
            if not awaiting_goals and Role.FIRST not in columns and Role.SECOND not in columns:
                unit = next((found for cell in cells if (found := heading_unit(cell.words)) and found != "%"), stated_unit)
            in_pairs = False
            if not repeated:
                first = second = ""
            side = cells[0].words if row and row[0].words and roles[0] is None else ""
            continue
        if stated := _unit_line(cells):
            unit = stated_unit = stated
            if len(cells) <= 2:
                continue
        pairs = _pairs(row, reading)
        if named := next((pairs[label] for label in pairs if _NAMES_PROJECT.match(label)), None):
            project = named
            columns, heading = [], ()
        if pairs:
            continue
        _read_result(cells, columns, row, reading)
        if awaiting_goals:
            goal = _goal_cells(row, columns, project)
            if goal:
                reading.goals.append(goal)
                continue
            awaiting_goals = False
        elif _read_told(cells, reading, project):
            continue
        if not columns:
            continue
        if (
            Role.FIRST in columns
            or Role.SECOND in columns
            or (Role.NAME in columns and Role.TARGET in columns and _is_indicator_heading(heading, unit))
        ):
            indicator, first, second = _indicator(row, columns, heading, first, second, fiscal_year, section, table.number)
            if indicator:
                indicator.project = project
                reading.metrics.append(indicator)
        else:
            parts = list(_names_and_figures(_without_numbers(row, columns)))
            in_pairs = in_pairs or len(parts) > 1
            headed = [] if in_pairs else columns
            for metric in _budget(row, parts, headed, heading, unit, side, fiscal_year, section, table.number):
                metric.project = project
                reading.metrics.append(metric)
    return reading


def _heads_figures(cells: list[TableCell], kinds: set[Role]) -> bool:
    """Whether a row heads names and one column of money: 项目名称 | 预算金额."""
    money = {Role.TARGET, Role.INITIAL, Role.ACTUAL, Role.PREVIOUS} & kinds
    if any(cell.words.endswith(("编码", "代码")) for cell in cells):
        return False  # a statement of accounts
    return bool(money) and any(names_rows(cell.words) for cell in cells) and any(_OF_MONEY.search(cell.words) for cell in cells)


_OF_MONEY = re.compile(r"预算|决算|金额|执行数|支出数?|资金")


def _is_indicator_heading(heading: tuple[TableCell, ...], unit: str | None) -> bool:
    """Whether the heading is one of indicators, or of goals not all in money (``unit``), and none of a budget with a column on them."""
    of_money = (unit or "").endswith("元")
    words = [cell.words for cell in heading]
    named = any("指标" in each for each in words)
    of_goals = any(map(_OF_GOALS.match, words)) and any("目标" in each or "计划" in each for each in words) and not of_money
    return (named or of_goals) and not any(map(_OF_ACCOUNTS.search, words))


_OF_GOALS = re.compile(r"(?:年度|实际|全年|目标|任务)*(?:完成|进展|实现)(?:情况|值|数)?$")  # 目标任务 | 完成情况 | 年度目标
_OF_ACCOUNTS = re.compile(r"预算数|决算数|执行数|支出数")


def _unit_line(cells: list[TableCell]) -> str | None:
    """The unit that a cell gives to the whole table: 单位：万元, 项目资金（万元）."""
    for cell in cells:
        if (unit := heading_unit(cell.words)) and _FOR_ALL.match(cell.words):
            return unit
    return None


_FOR_ALL = re.compile(
    r".*单位[:：]|(?:[\u4e00-\u9fff]{0,2}(?:项目|预算)?(?:资金|经费)?|[\u4e00-\u9fff]{0,6}(?:资金|经费|预算|执行|收支)[\u4e00-\u9fff]{0,4})[（(][万亿千]?元[)）](?:[（(]\d+分[)）])?$"
)


def _pairs(row: tuple[TableCell, ...], reading: TableReading) -> dict[str, str]:
    """The label–value pairs of a form row: 项目名称 | 农村供水工程 | 主管部门 | 水利局."""
    cells = [cell for cell in row if cell.words]
    pairs: dict[str, str] = {}
    for label, value in pairwise(cells):
        words = re.sub(r"\s", "", label.words).rstrip(":：")
        if _LABELS.match(words) and not _LABELS.match(value.words.rstrip(":：")) and not is_plain_number(value.words):
            pairs[words] = value.words
            reading.facts.setdefault(words, value.words)
    return pairs


def _goal_cells(row: tuple[TableCell, ...], columns: list[Role | None], project: str | None) -> GoalCells | None:
    by_role: dict[Role, TableCell] = {}
    for cell, role in zip(row, columns, strict=False):
        if role in (Role.EXPECTED, Role.DONE) and cell.words:
            by_role[role] = cell
    long = [cell for cell in row if len(cell.words) >= 8 and column_role(cell.words) is None]
    expected, done = by_role.get(Role.EXPECTED), by_role.get(Role.DONE)
    if (expected is None or done is None) and len(long) == 2:
        expected, done = long
    if expected is None and len(long) == 1 and Role.DONE not in columns:
        expected = long[0]
    return GoalCells(expected, done, project) if expected or done else None


_RESULT = re.compile(r"(?:(?:自评|评价|综合)?(?P<score>总分|得分)|(?:自评|评价|绩效|评定)?(?P<grade>等级|等次))$")
_LONGEST_RESULT = 6
_GRADES = ("优", "良", "中", "差", "优秀", "良好", "合格", "不合格")


def _read_result(cells: list[TableCell], columns: list[Role | None], row: tuple[TableCell, ...], reading: TableReading) -> None:
    """Take in the total score of a form, and its grade: 总分 | 100 | 96.2, 自评等级 | 优."""
    if len(cells[0].words) > _LONGEST_RESULT:
        return
    told = _RESULT.match(cells[0].words.rstrip(":："))
    if told is None and _TOTAL.match(cells[0].words) and Role.SCORE in columns:
        told = _RESULT.match("总分")
    if told is None:
        return
    score = row[columns.index(Role.SCORE)] if Role.SCORE in columns and len(row) == len(columns) else None
    if told["score"] and len(cells) == 3 and all(is_plain_number(cell.words) for cell in cells[1:]):
        reading.facts.setdefault("总分", cells[-1].words)  # 总分 | 100 | 97.6
    elif told["score"] and score is not None and is_plain_number(score.words):
        reading.facts.setdefault("总分", score.words)
    elif told["score"] and len(cells) == 2 and all(is_plain_number(cell.words) for cell in cells[1:]):
        reading.facts.setdefault("总分", cells[-1].words)
    elif told["grade"] and cells[1:] and cells[1].words in _GRADES:
        reading.facts.setdefault("等级", cells[1].words)


_LONGEST_LABEL = 14


def _read_told(cells: list[TableCell], reading: TableReading, project: str | None) -> bool:
    """Take in a row of labels with a paragraph beside each: 年度绩效目标 | … | 存在问题 | …; whether it was one."""
    labels, told = cells[::2], cells[1::2]
    if len(labels) != len(told) or any(len(cell.words) < 8 for cell in told):
        return False
    if any(len(cell.words) > _LONGEST_LABEL for cell in labels):
        return False
    found = False
    for label, cell in zip(labels, told, strict=True):
        role, topic = column_role(label.words), topic_of(label.words)
        if role is Role.EXPECTED:
            reading.goals.append(GoalCells(cell, None, project))
        elif role is Role.DONE and reading.goals and reading.goals[-1].done is None:
            reading.goals[-1].done = cell
        elif role is Role.DONE:
            reading.goals.append(GoalCells(None, cell, project))
        elif topic in (Topic.ISSUES, Topic.MEASURES, Topic.ISSUES_AND_MEASURES):
            reading.told.append((topic, cell))
        else:
            continue
        found = True
    return found


def _indicator(
    row: tuple[TableCell, ...],
    columns: list[Role | None],
    heading: tuple[TableCell, ...],
    first: str,
    second: str,
    fiscal_year: int | None,
    section: Section,
    table: int,
) -> tuple[MetricDraft | None, str, str]:
    """The indicator in a row, if it names one, and the categories that hold from here on."""
    at = {role: cell for cell, role in reversed(list(zip(row, columns, strict=False))) if role is not None}
    own_first, own_second = _words(at.get(Role.FIRST)), _words(at.get(Role.SECOND))
    if Role.FIRST not in columns and Role.SECOND not in columns:
        own_first = _words(at.get(Role.SIDE))  # 产出-数量 in one column
    if own_first:
        first, second = own_first, "" if not own_second else second
    if own_second:
        second = own_second
    name_cell = at.get(Role.NAME)
    if name_cell is None or not name_cell.words:
        if Role.NAME not in columns and Role.SECOND in columns:
            name_cell = at.get(Role.SECOND)
        if name_cell is None or not name_cell.words:
            return None, first, second
    name = MARK.sub("", name_cell.words, count=1) if MARK.match(name_cell.words) else name_cell.words
    target_cell, actual_cell = at.get(Role.TARGET) or at.get(Role.INITIAL), at.get(Role.ACTUAL) or at.get(Role.DONE)
    if not re.search(r"[\u4e00-\u9fffA-Za-z]", name) or _SIGNATURE.match(name):
        return None, first, second
    if _TOTAL.match(name) or _TOTAL.match(own_first) or column_role(name) is Role.NAME:
        return None, first, second
    name, unit = _unit_off(name)
    unit = _stated_unit(at.get(Role.UNIT)) or unit
    target = _measurement(target_cell, unit or _heading_unit(heading, columns, Role.TARGET))
    actual = _measurement(actual_cell, unit or _heading_unit(heading, columns, Role.ACTUAL))
    if target is None and actual is None:
        return None, first, second
    if target is not None and (sign := _SIGNS.get(_words(at.get(Role.SIGN)))) and target.comparator == "eq":
        target = target.model_copy(update={"comparator": sign})
    category = [level for level in (first, second) if level]
    if Role.FIRST not in columns and Role.SECOND not in columns:
        category = [level for level in re.split(r"\s*[-—–－/]\s*", first) if level]
    deviation = _words(at.get(Role.DEVIATION))
    weight, score = _number(at.get(Role.WEIGHT)), _number(at.get(Role.SCORE))
    if both := _SCORE_OF_WEIGHT.fullmatch(_words(at.get(Role.SCORE))):
        score, weight = Decimal(both[1]), Decimal(both[2])
    draft = MetricDraft(
        [row_span(name_cell, row)],
        section,
        "indicator",
        name,
        category,
        str(fiscal_year) if fiscal_year else None,
        target,
        actual,
        _measurement(at.get(Role.PREVIOUS), unit),
        weight=weight,
        score=score,
        deviation=deviation if deviation and not _DASH.match(deviation) and not is_plain_number(deviation) else None,
        attained=is_attained(
            target, actual, name, category, marked_down=weight is not None and score is not None and score < weight
        ),
        cell=Cell(table=table, row=name_cell.row + 1, column=name_cell.column + 1),
    )
    return draft, first, second


_SCORE_OF_WEIGHT = re.compile(r"(\d+(?:\.\d+)?)\s*[/／]\s*(\d+(?:\.\d+)?)")
_SIGNS: dict[str, Comparator] = {
    "≥": "ge",
    "≧": "ge",
    ">=": "ge",
    ">": "gt",
    "＞": "gt",
    "≤": "le",
    "≦": "le",
    "<=": "le",
    "<": "lt",
    "＜": "lt",
}


def _stated_unit(cell: TableCell | None) -> str | None:
    """The unit that a unit cell states; a dash or stroke states none."""
    words = _words(cell)
    return words if words and not _DASH.match(words) else None


_UNIT_IN_NAME = re.compile(r"[（(]\s*(?:单位[:：])?\s*([^（()）]{1,6}?)\s*[)）]$")


def _unit_off(name: str) -> tuple[str, str | None]:
    """An indicator's name and the unit in brackets behind it: 城镇新增就业人数（万人）."""
    bracket = _UNIT_IN_NAME.search(name)
    if bracket is None or bracket.start() == 0:
        return name, None
    found = find_quantities(f"1{bracket[1]}")
    if len(found) == 1 and found[0].unit == bracket[1]:
        return name[: bracket.start()], bracket[1]
    return name, None


def _budget(
    row: tuple[TableCell, ...],
    parts: list[tuple[TableCell | None, list[TableCell]]],
    columns: list[Role | None],
    heading: tuple[TableCell, ...],
    unit: str | None,
    side: str,
    fiscal_year: int | None,
    section: Section,
    table: int,
) -> Iterator[MetricDraft]:
    """The budget rows in a table row: one by its columns, or each name with the figure right behind it.

    Without ``columns`` the headings above do not hold for this row.
    """
    by_column = len(row) == len(heading) == len(columns) and len(parts) == 1
    if by_column and Role.NAME in columns and (named := row[columns.index(Role.NAME)]).words and not is_figure(named):
        parts = [(named, parts[0][1])]
    for name_cell, figures in parts:
        name = row_name(name_cell.words) if name_cell else row_name(side)
        if not name or (_TOTAL.match(name) and not any(is_figure(cell) for cell in figures)):
            continue
        if len(parts) > 1 or not by_column:
            cells = [cell for cell in figures if is_figure(cell)]
            if not cells or (len(parts) == 1 and len(row) != len(heading) and len(cells) > 1):
                continue
            draft = _budget_draft(name, section, fiscal_year, actual=read_words(cells[0].words, unit))
            span = span_between(name_cell or cells[0], cells[-1])
        else:
            draft = _budget_draft(name, section, fiscal_year)
            _fill(draft, row, columns, heading, unit, fiscal_year)
            if draft.target is None and draft.actual is None and draft.previous is None:
                continue
            span = row_span(name_cell or figures[0], row)
        anchor = name_cell or figures[0]
        draft.spans = [span]
        draft.cell = Cell(table=table, row=anchor.row + 1, column=anchor.column + 1)
        yield draft


def _budget_draft(name: str, section: Section, fiscal_year: int | None, actual: Measurement | None = None) -> MetricDraft:
    return MetricDraft([], section, "budget", name, [], str(fiscal_year) if fiscal_year else None, actual=actual)


def _without_numbers(row: tuple[TableCell, ...], columns: list[Role | None]) -> tuple[TableCell, ...]:
    """The row without the cell that only counts it (序号); 合计 stands in its column too, and is a name."""
    if Role.NUMBER not in columns or len(row) != len(columns):
        return row
    return tuple(
        cell for cell, role in zip(row, columns, strict=True) if role is not Role.NUMBER or not is_plain_number(cell.words)
    )


def _names_and_figures(row: tuple[TableCell, ...]) -> Iterator[tuple[TableCell | None, list[TableCell]]]:
    """The row cut into names and the figures behind each; a row of one name is one part."""
    name: TableCell | None = None
    figures: list[TableCell] = []
    for cell in row:
        if not cell.words:
            continue
        if is_figure(cell) or _DASH.match(cell.words):
            figures.append(cell)
            continue
        if figures:
            yield name, figures
            figures = []
            name = cell
            continue
        name = cell
    if figures:
        yield name, figures


def _fill(
    draft: MetricDraft,
    row: tuple[TableCell, ...],
    columns: list[Role | None],
    heading: tuple[TableCell, ...],
    unit: str | None,
    fiscal_year: int | None,
) -> None:
    initial: Measurement | None = None
    arrived: Measurement | None = None
    figures = 0
    for cell, role, head in zip(row, columns, heading, strict=True):
        if not cell.words or not is_figure(cell):
            continue
        figures += 1
        found = heading_unit(head.words) or unit
        year = heading_year(head.words)
        if role is Role.WEIGHT:
            draft.weight = _number(cell)
        elif role is Role.SCORE:
            draft.score = _number(cell)
        elif role is Role.INITIAL:
            initial = read_words(cell.words, found)
        elif role is Role.PREVIOUS or (role is Role.ACTUAL and year and fiscal_year and year < fiscal_year):
            draft.previous = draft.previous or read_words(cell.words, found)
        elif role is Role.TARGET and not (year and fiscal_year and year < fiscal_year):
            if draft.target is not None and "调整" in head.words:
                draft.target = None
            draft.target = draft.target or read_words(cell.words, found)
        elif role is Role.ACTUAL and "到位" in head.words:
            arrived = read_words(cell.words, found)
        elif role is Role.ACTUAL:
            draft.actual = draft.actual or read_words(cell.words, found)
    draft.actual = draft.actual or arrived  # what was spent goes before what came in
    if draft.target is None:
        draft.target = initial
    if figures == 1 and draft.target is None and draft.actual is None and draft.previous is None:
        cell = next(cell for cell in row if cell.words and is_figure(cell))
        draft.actual = read_words(cell.words, unit) if columns[cell.column] is None else None


def _words(cell: TableCell | None) -> str:
    return cell.words if cell is not None else ""


def _number(cell: TableCell | None) -> Decimal | None:
    """The bare number in a cell (分值, 得分): 10, 9.82, 10分."""
    words = _words(cell)
    if not words or len(words) > 12:
        return None
    if plain := plain_number(words):
        return plain[0]
    found = find_quantities(words)
    return found[0].value if len(found) == 1 and found[0].unit in (None, "分", "%") else None


def _heading_unit(heading: tuple[TableCell, ...], columns: list[Role | None], role: Role) -> str | None:
    for cell, its_role in zip(heading, columns, strict=True):
        if its_role is role:
            return heading_unit(cell.words)
    return None


def _measurement(cell: TableCell | None, unit: str | None) -> Measurement | None:
    """What an indicator's cell says: its words, and its number where it holds exactly one quantity."""
    if cell is None or not cell.words or (_DASH.match(cell.words) and cell.words.strip() != "无"):
        return None
    return read_words(cell.words, unit)
