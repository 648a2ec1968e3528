"""Statements of accounts (预算公开表, 决算公开表) → budget rows, by the layout that the ministry's forms share.

Income stands beside expenditure, codes before names, a total before its parts, and a heading over several rows; the table
of the 三公 expenses has its names in the heading. What a table with one heading row says is read in ``rows``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from jixiao.columns import Role, column_role, heading_unit, heading_year, names_rows
from jixiao.document import Table, TableCell
from jixiao.drafts import MetricDraft, Section
from jixiao.quantities import is_plain_number
from jixiao.records import Cell, Measurement
from jixiao.rules.cells import is_figure, read_words, row_name, span_between

_Place = Literal["target", "actual", "previous", "initial"]
_Path = tuple[TableCell, ...]
_PLACES: dict[Role | None, _Place] = {
    Role.TARGET: "target",
    Role.INITIAL: "initial",
    Role.ACTUAL: "actual",
    Role.PREVIOUS: "previous",
}
_OF_OTHERS = frozenset({Role.FIRST, Role.SECOND, Role.EXPECTED, Role.DONE, Role.WEIGHT, Role.SCORE})
_HIGHEST_HEADING = 6
_CODE = re.compile(r".*编码$|(?:科目)?(?:代码|编号)$|[类款项]$|行次$|序号$")
_NAME = re.compile(r"项目(?:\(.*\))?$|(?:本年)?(?:收入|支出)(?:项目|内容)?$|(?:按?支出)?(?:功能|经济)分类(?:科目)?(?:\(.*\))?$")
_TOTAL = re.compile(r"(?:本年)?(?:收入|支出|预算|决算)?(?:合计|总计|小计)$")
_AMOUNT = re.compile(r"金额(?:\(.*\))?$")
_BUDGET = re.compile(r"(?<!公共)(?<!基金)(?<!经营)预算(?!单位|绩效|科目|级次)")
_OUTCOME = re.compile(r"决算|执行")
_FEE = re.compile(r"经费|费用?$")
_STATED = re.compile(r"(?:(?:19|20)\d{2}年度?)?(?P<name>.*?)(?P<place>(?:年初|全年|调整|本年)?预算数|决算数|执行数|支出数)?$")


@dataclass(slots=True)
class _Half:
    """A side of the table (收入 | 支出): codes, the name and the figures behind it, by column."""

    codes: list[int] = field(default_factory=list)
    names: list[int] = field(default_factory=list)
    figures: list[int] = field(default_factory=list)


def read_account(
    table: Table, fiscal_year: int | None, section: Section, unit: str | None, above: Sequence[str]
) -> list[MetricDraft]:
    """The budget rows of a statement of accounts; none where the table is none.

    ``unit`` is the one stated above the table, ``above`` the words there that may name it, the nearest first.
    """
    first = next((at for at, row in enumerate(table.rows) if _begins_data(row)), None)
    if first is None or not 0 < first <= _HIGHEST_HEADING:
        return []
    titles = [row for row in table.rows[:first] if _is_title(row)]
    heading = [row for row in table.rows[:first] if not _is_title(row)]
    if any(column_role(cell.words) in _OF_OTHERS for row in heading for cell in row):
        return []
    rows = table.rows[first:]
    if any(_is_other_heading(row, heading) for row in rows):
        return []  # a form of several blocks
    unit = next((found for row in titles for cell in row if (found := heading_unit(cell.words))), unit)
    paths = _paths(heading)
    words = [cell.words for path in paths.values() for cell in path] + [cell.words for row in titles for cell in row]
    stated = (*(cell.words for row in titles for cell in row), *above)
    title = next((each for each in stated if each.endswith("表") and not each.startswith("公开")), None)
    section = (*section, title) if title and title not in section else section  # else a 合计 would be nobody's
    reader = _Reader(table.number, fiscal_year, section, unit, _default([*words, *above]), paths)
    halves = _halves(paths)
    if not halves:
        return list(reader.across(rows)) if any(map(_FEE.search, words)) else []
    if len(halves) == 1 and len(heading) == 1 and not any(_plain(each).endswith("编码") for each in words):
        return []  # a table as others: each row under one heading
    drafts = (reader.row(row, half) for row in rows if not _counts_columns(row) for half in halves)
    return [draft for draft in drafts if draft is not None]


def _begins_data(row: Sequence[TableCell]) -> bool:
    cells = [cell.words for cell in row if cell.words]
    return any(is_plain_number(words) for words in cells) or bool(cells and re.match(r"[一二三四五六七八九十]{1,3}、", cells[0]))


def _counts_columns(row: Sequence[TableCell]) -> bool:
    """Whether a row numbers the columns: 栏次 | 1 | 2 | 3, with headings of codes before it or not."""
    words = [cell.words for cell in row if cell.words and not _CODE.match(cell.words) and not cell.words.startswith("栏次")]
    return words == [str(at) for at in range(1, len(words) + 1)]


def _is_title(row: Sequence[TableCell]) -> bool:
    """Whether a row above the heading names the table or its unit."""
    cells = [cell.words for cell in row if cell.words]
    return any(re.search("单位[:：]", words) for words in cells) or (len(cells) < 3 and all(map(_TITLE.search, cells)))


_TITLE = re.compile(r"^附[件表]|表$|公开\s*\d+|[:：]")


def _is_other_heading(row: Sequence[TableCell], heading: Sequence[Sequence[TableCell]]) -> bool:
    """Whether a row below the heading is one too, and no heading repeated on a new page."""
    words = [cell.words for cell in row if cell.words]
    return sum(column_role(each) is not None for each in words) > 1 and words not in (
        [cell.words for cell in other if cell.words] for other in heading
    )


def _paths(heading: Sequence[Sequence[TableCell]]) -> dict[int, _Path]:
    """The heading cells over each column, from the top; a cell holds for the blank ones that it was merged over."""
    merged = any(cell.across > 1 or cell.down > 1 for row in heading for cell in row)
    paths: dict[int, _Path] = {}
    for at, row in enumerate(heading):
        covering: TableCell | None = None
        for cell in row:
            if cell.words:
                covering = cell
            elif covering is None or not _covers(covering, cell.column, merged, heading[at + 1 :]):
                continue
            if covering is not None:
                paths[cell.column] = (*paths.get(cell.column, ()), covering)
    return paths


def _covers(cell: TableCell, column: int, merged: bool, below: Sequence[Sequence[TableCell]]) -> bool:
    """Whether a heading cell reaches to a blank column: merged over it, or, where the file tells of no merging, over words below."""
    if merged:
        return column < cell.column + cell.across
    return any(each.column == column and each.words for row in below for each in row)


def _plain(words: str) -> str:
    return re.sub(r"\s", "", words).replace("（", "(").replace("）", ")")


def _default(words: Sequence[str]) -> _Place:
    """Whether the table's figures are a budget's or an outcome's, where their headings do not say: as the nearest words do."""
    for each in words:
        if _OUTCOME.search(each):
            return "actual"
        if _BUDGET.search(each):
            return "target"
    return "actual"


def _halves(paths: dict[int, _Path]) -> list[_Half]:
    """The table's sides, each with names and figures."""
    halves = [_Half()]
    for column, path in sorted(paths.items()):
        last = _plain(path[-1].words)
        is_code, is_name = bool(_CODE.match(last)), bool(_NAME.match(last) or names_rows(last))
        if (is_code or is_name) and halves[-1].figures:
            if not halves[-1].names and is_code:
                continue
            halves.append(_Half())
        (halves[-1].codes if is_code else halves[-1].names if is_name else halves[-1].figures).append(column)
    return [half for half in halves if half.names and half.figures]


@dataclass(slots=True)
class _Reader:
    """A table's rows → drafts."""

    table: int
    fiscal_year: int | None
    section: Section
    unit: str | None
    default: _Place
    paths: dict[int, _Path]

    def row(self, row: Sequence[TableCell], half: _Half) -> MetricDraft | None:
        """The budget row in a side of a table's row, if it names one and has its figure."""
        by_column = {cell.column: cell for cell in row if cell.words}
        named = [by_column[column] for column in (*reversed(half.names), *half.codes) if column in by_column]
        name_cell = next((cell for cell in named if not is_plain_number(cell.words)), None)
        if name_cell is None or not re.search(r"[\u4e00-\u9fff]", name_cell.words):
            return None
        found: dict[_Place, TableCell] = {}
        for column in half.figures:
            cell, place = by_column.get(column), self._place(column, alone=len(half.figures) == 1)
            if cell is not None and place is not None and is_figure(cell):
                found.setdefault(place, cell)
        if not found:
            return None
        last = max(column for column in (*half.codes, *half.names, *half.figures) if column in by_column)
        draft = self._draft(row_name(name_cell.words), name_cell, found)
        draft.spans = [span_between(name_cell, by_column[last])]
        return draft if draft.name else None

    def across(self, rows: Sequence[Sequence[TableCell]]) -> Iterator[MetricDraft]:
        """The budget rows of a table whose names stand in its heading, above one row of figures."""
        figures = [row for row in rows if any(cell.words for cell in row) and not _counts_columns(row)]
        if not figures or not all(is_plain_number(cell.words) for cell in figures[0] if cell.words):
            return
        found: dict[str, tuple[TableCell, dict[_Place, TableCell]]] = {}
        for cell in figures[0]:
            named = self._name_over(cell.column) if cell.words else None
            if named is not None:
                name, name_cell, place = named
                found.setdefault(name, (name_cell, {}))[1].setdefault(place, cell)
        for name, (name_cell, cells) in found.items():
            draft = self._draft(name, name_cell, cells)
            draft.spans = [span_between(name_cell, name_cell), *(span_between(cell, cell) for cell in cells.values())]
            yield draft

    def _place(self, column: int, *, alone: bool) -> _Place | None:
        """Where the figures of a column belong; ``None`` for parts of a total, rates and changes."""
        words = [_plain(cell.words) for cell in self.paths[column]]
        roles = [column_role(each) for each in words if not _TOTAL.match(each)]
        place = _PLACES.get(roles[-1] if roles else None)
        if place is None and _TOTAL.match(words[-1]):
            place = next((_PLACES[role] for role in reversed(roles) if role in _PLACES), self.default)
        elif place is None and (alone or _AMOUNT.match(words[-1])):
            place = self.default
        year = heading_year("".join(words))
        if year and self.fiscal_year and year < self.fiscal_year:
            return "previous" if place == "actual" else None
        return place

    def _name_over(self, column: int) -> tuple[str, TableCell, _Place] | None:
        """The name in the heading over a column, its cell, and where the column's figure belongs: 预算数 over 公务接待费."""
        place, names = self.default, []
        for cell in self.paths.get(column, ()):
            told = _STATED.match("".join(cell.words.split()))
            if told is None:
                continue
            place = _PLACES.get(column_role(told["place"] or ""), place)
            if told["name"]:
                names.append((told["name"], cell))
        if len(names) > 1 and _TOTAL.match(names[-1][0]):
            names.pop()
        return (row_name(names[-1][0]), names[-1][1], place) if names else None

    def _draft(self, name: str, name_cell: TableCell, found: dict[_Place, TableCell]) -> MetricDraft:
        def told(place: _Place) -> Measurement | None:
            if place not in found:
                return None
            path = self.paths[found[place].column]
            return read_words(found[place].words, next((unit for cell in path if (unit := heading_unit(cell.words))), self.unit))

        return MetricDraft(
            [],
            self.section,
            "budget",
            name,
            [],
            str(self.fiscal_year) if self.fiscal_year else None,
            told("target") or told("initial"),
            told("actual"),
            told("previous"),
            cell=Cell(table=self.table, row=name_cell.row + 1, column=name_cell.column + 1),
        )
