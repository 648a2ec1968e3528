"""A report and its records → the case (卷宗) that the checks look at: sentences with their numbers, table rows by column.

The records name and ground what the rules found; a sentence also holds what ties its numbers together (其中, 占, 比上年),
and a table row also the columns that become no record (年初预算数, 执行率). Both are read once here.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from jixiao.audit.findings import Place
from jixiao.audit.reckoning import Stated, stated
from jixiao.audit.subjects import Subject, item_of, plain_name, subject_of
from jixiao.columns import Role, column_role, heading_unit, heading_year
from jixiao.document import Document, Passage, Table, TableCell
from jixiao.quantities import Quantity, find_quantities, plain_number
from jixiao.records import Change, Completion, Evidence, Extraction, Goal, Issue, Measure, Measurement, Metric

Record = Goal | Completion | Metric | Issue | Measure

_DIGIT = re.compile(r"[0-9０-９]|[一二三四五六七八九]成")
_SENTENCE = re.compile(r"[^。！!？?\n]+[。！!？?]?")
_LAST_YEAR = re.compile(r"上年|去年|上一年|同期|^20\d\d年?$")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．％OoＯ〇l", "0123456789.%00001")
_HEAD_END = re.compile(r"[。：:]")
_OF_PUBLIC_EXPENSES = re.compile(r"[^。：，]{0,8}三公[“”]?经费")
_OUTCOME = re.compile(r"(?:支出)?决算数?(?:为|达|是)?")
_NO_AIM = re.compile(r"完成|实现|达成|情况|目标\d|均|已|分析|与|和")
_PERCENTAGE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*%")
_CLAUSE_END = re.compile(r"[，,；;。、：:（）()]")


@dataclass(slots=True)
class Said:
    """A number in a sentence (文中数): what it states, its own clause before it, and its record."""

    figure: Stated
    lead: str
    """The words of its clause before the number."""
    at: int
    """Where the number begins in the sentence, and where it ends."""
    to: int
    metric: Metric | None
    quantity: Quantity
    clause_before: str
    """The clause before its own, back to the number before."""
    subject: Subject | None
    """What it is about, where that is an item of the accounts."""
    is_change: bool
    """Whether the words before it make it a change: 比上年增加."""


def _subject(lead: str, clause_before: str, metric: Metric | None, project: str | None) -> Subject | None:
    """The subject by a number's own clause, by the one before where its own only counts (…等公用经费，共计), else by its record's name."""
    found = subject_of(lead) if lead else None
    if found is None:
        counting = not lead or _COUNTING.fullmatch(lead) is not None
        if counting and lead and clause_before:
            tails = (clause_before[-length:] for length in range(10, 3, -1))
            found = next((subject for tail in tails if (subject := subject_of(tail))), None)
        if found is None and counting and metric is not None:
            found = subject_of(metric.name)
    return found._replace(project=project) if found and project else found


_COUNTING = re.compile(r"(?:共计?|合计|总计|完成|为|达|累计|共支出|支出|全年|总额|，)*")


@dataclass
class Sentence:
    """A sentence (句) with its numbers in order; offsets are into its words."""

    words: str
    passage: Passage
    start: int
    """Where the sentence begins in the passage."""
    section: tuple[str, ...]
    said: list[Said] = field(default_factory=list)
    before: "Sentence | None" = field(default=None, repr=False)
    """The sentence before it in its paragraph."""

    @cached_property
    def units(self) -> frozenset[str | None]:
        """The base units of its numbers."""
        return frozenset(said.figure.unit for said in self.said)

    @cached_property
    def sets_goals(self) -> bool:
        """Whether its paragraph, or the heading over it, says that goals are set there: （一）年度目标：…."""
        head = self.passage.words[:16]
        return ("目标" in head and _is_aim(_HEAD_END.split(head)[0])) or (bool(self.section) and _is_aim(self.section[-1]))

    @cached_property
    def of_public_expenses(self) -> bool:
        """Whether its paragraph is on the 三公 expenses by its heading."""
        return _OF_PUBLIC_EXPENSES.match(self.passage.words) is not None

    def place(self, start: int, end: int, text: str) -> Evidence:
        """Words of the sentence as a place in the text."""
        span = self.passage.span(self.start + start, self.start + end)
        return Evidence(start=span.start, end=span.end, quote=text[span.start : span.end], section=list(self.section))


@dataclass(slots=True)
class Row:
    """A table row (表行) under its headings: the name, and the cells by what their columns mean."""

    name: str
    cells: dict[Role, TableCell]
    row: tuple[TableCell, ...]
    table: int
    unit: str | None
    project: str | None
    group: int
    """Rows under one heading have one number."""
    numbers: dict[Role, Stated] = field(default_factory=dict)
    headings: dict[Role, str] = field(default_factory=dict)
    """The words over its cells."""
    metric: Metric | None = None

    @property
    def first(self) -> str:
        return next((cell.words for cell in self.row if cell.words), "")


class _Columns:
    """The columns of a table (列) as their heading tells of them."""

    def __init__(self, roles: list[Role | None], heading: tuple[TableCell, ...]) -> None:
        self.roles = roles
        self.places: dict[Role, int] = {}
        for at, role in enumerate(roles):
            if role is not None:
                self.places.setdefault(role, at)  # a second 预算数 belongs to the table's other side
        self.headings = {role: heading[at].words for role, at in self.places.items()}
        self.units = {role: heading_unit(words) for role, words in self.headings.items()}
        self.by_level = Role.FIRST in self.places
        self.by_indicator = self.by_level or Role.SECOND in self.places or Role.NAME in self.places


_POINTS = frozenset((Role.WEIGHT, Role.SCORE, Role.RATE))
_OF_NUMBERS = _POINTS | {Role.TARGET, Role.INITIAL, Role.ACTUAL, Role.PREVIOUS, Role.CHANGE}


class Case:
    """One report as the checks see it."""

    def __init__(self, document: Document, extraction: Extraction) -> None:
        self.document = document
        self.text = document.text
        self.extraction = extraction
        self.report = extraction.report
        self.label = extraction.report.source
        """How the report is called where several are spoken of."""
        self.sentences = self._read_sentences()
        """The sentences of the running text, the long cells of tables left out."""
        self.numbered = [sentence for sentence in self.sentences if sentence.said]
        """Those with numbers in them."""
        self.placed: dict[int, tuple[Evidence, Place]] = {}
        """The places of findings made so far, by the identity of the evidence that each is made of."""
        self._numbers: dict[int, Stated | None] = {}  # by the measurement's identity: the extraction holds it

    @cached_property
    def records(self) -> dict[str, Record]:
        """All records by id."""
        found: dict[str, Record] = {}
        for kind in (
            self.extraction.goals,
            self.extraction.completions,
            self.extraction.metrics,
            self.extraction.issues,
            self.extraction.measures,
        ):
            for record in kind:
                found[record.id] = record
        return found

    @cached_property
    def has_projects(self) -> bool:
        """Whether the report is on several projects, each with figures of its own."""
        return any(metric.project for metric in self.extraction.metrics)

    @cached_property
    def indicators(self) -> list[Metric]:
        return [metric for metric in self.extraction.metrics if metric.kind == "indicator"]

    def _read_sentences(self) -> list[Sentence]:
        figures = _by_value(metric for metric in self.extraction.metrics if metric.kind == "figure")
        sentences = []
        for passage in self.document.passages:
            numbers = iter(find_quantities(passage.words) if _DIGIT.search(passage.words) else ())
            number = next(numbers, None)
            before = None
            for match in _SENTENCE.finditer(passage.words):
                sentence = Sentence(match[0], passage, match.start(), (), before=before)
                last = match.start()
                while number is not None and number.start < match.end():
                    self._say(sentence, number, last, figures)
                    last, number = number.end, next(numbers, None)
                sentences.append(sentence)
                before = sentence
        return sentences

    def _say(self, sentence: Sentence, quantity: Quantity, last: int, figures: "dict[_Value, list[_Placed]]") -> None:
        """Adds a number of the passage to its sentence; ``last`` is where the number before it ends, in the passage."""
        span = sentence.passage.span(quantity.start, quantity.end)
        placed = figures.get((quantity.value, quantity.unit))
        metric = _record_at(span.start, span.end, placed) if placed else None
        clause_before, lead = _clauses(sentence.passage.words[last : quantity.start])
        coarse = quantity.chinese and quantity.unit == "%" and not quantity.raw.startswith("百分之")
        if metric is None:
            figure = stated(quantity, lead, span.start, span.end, coarse=coarse)
        else:
            figure = stated(
                quantity,
                metric.name,
                span.start,
                span.end,
                record_id=metric.id,
                project=metric.project,
                section=tuple(metric.evidence[0].section),
                coarse=coarse,
            )
        if figure is not None:
            at, to, lead = quantity.start - sentence.start, quantity.end - sentence.start, lead.strip()
            subject = _subject(lead, clause_before, metric, figure.project)
            said = Said(figure, lead, at, to, metric, quantity, clause_before, subject, _CHANGE_LEAD.search(lead) is not None)
            sentence.said.append(said)
            sentence.section = sentence.section or figure.section

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of all tables that stand under a heading we know."""
        by_start = defaultdict(list)
        for metric in self.extraction.metrics:
            if metric.kind != "figure":
                by_start[metric.evidence[0].start].append(metric)
        rows: list[Row] = []
        group = 0
        for table in self.document.tables:
            group = self._read_table(table, rows, group, by_start)
        return rows

    def _read_table(self, table: Table, rows: list[Row], group: int, by_start: dict[int, list[Metric]]) -> int:
        columns: _Columns | None = None
        unit: str | None = None
        project: str | None = None
        for row in table.rows:
            cells = [cell for cell in row if cell.passage.words]
            if not cells:
                continue
            if self.has_projects:
                for label, value in itertools.pairwise(cells):
                    if label.words == "项目名称":
                        project = value.words
            roles = [column_role(cell.passage.words) for cell in row]
            known = len(roles) - roles.count(None)
            if known >= 2 and known * 2 >= len(cells):
                unit = next((found for cell in row if (found := heading_unit(cell.words)) not in (None, "%")), unit)
                group += 1
                columns = _Columns(self._columns(row, roles), row)
                continue
            if columns is None:
                continue
            unit = unit or next((found for found in [heading_unit(cells[0].words)] if found in ("万元", "元")), None)
            rows.append(self._row(row, columns, unit, project, table.number, group, by_start))
        return group

    def _columns(self, heading: tuple[TableCell, ...], roles: list[Role | None]) -> list[Role | None]:
        """The columns' roles, an outcome of the year before taken as last year's: 2022年决算数 in a report on 2023."""
        year = self.report.fiscal_year
        before = year - 1 if year else None
        return [
            Role.PREVIOUS if role is Role.ACTUAL and before is not None and heading_year(cell.words) == before else role
            for cell, role in zip(heading, roles, strict=True)
        ]

    def _row(
        self,
        row: tuple[TableCell, ...],
        columns: "_Columns",
        unit: str | None,
        project: str | None,
        table: int,
        group: int,
        by_start: dict[int, list[Metric]],
    ) -> Row:
        aligned = len(row) == len(columns.roles)
        cells = {role: row[at] for role, at in columns.places.items() if row[at].passage.words} if aligned else {}
        name_cell = cells.get(Role.NAME) or _name_cell(row, columns.roles if aligned else [])
        metrics = (by_start.get(cell.passage.sources[0]) for cell in reversed(row) if cell.passage.words)
        metric = next((found[-1] for found in metrics if found), None)
        found = Row(name_cell.words if name_cell else "", cells, row, table, unit, project, group, {}, columns.headings, metric)
        section = tuple(metric.evidence[0].section) if metric else ()
        for role, cell in cells.items():
            if role not in _OF_NUMBERS or (columns.by_level and role not in _POINTS):
                continue  # an indicator's values are its record's
            words = cell.passage.words
            plain = plain_number(words)
            if plain is not None:
                in_unit = None if columns.by_indicator or role in _POINTS else columns.units[role] or unit or _unit_of(metric)
                measured = Quantity(0, 0, words, plain[0], "%" if role is Role.RATE else in_unit, repaired=plain[1])
            else:
                quantities = find_quantities(words)
                if len(quantities) != 1 or len(words) > len(quantities[0].raw) + 2:
                    continue
                measured = quantities[0]
            span = cell.passage.span(0, len(words))
            figure = stated(
                measured,
                found.name,
                span.start,
                span.end,
                record_id=metric.id if metric else None,
                in_table=True,
                project=project,
                section=section,
            )
            if figure is not None:
                found.numbers[role] = figure
        return found

    @cached_property
    def changed(self) -> list[tuple[Metric, Stated, Change]]:
        """The figures of the running text that state a change against last year, with it; none whose rate is in words."""
        return [
            (metric, figure, metric.change)
            for metric in self.extraction.metrics
            if metric.kind == "figure"
            and metric.change is not None
            and (figure := self.actual(metric)) is not None
            and _LAST_YEAR.search(metric.change.basis or "上年")
            and self._in_digits(metric, metric.change)
        ]

    def _in_digits(self, metric: Metric, change: Change) -> bool:
        """Whether the rate is written in digits: 五成以上 and 翻一番 are no rates to be reckoned with."""
        if change.percent is None:
            return True
        end = metric.evidence[0].end
        digits = self.text[end : end + 120].translate(_FULL_WIDTH)
        return format(change.percent, "f") in _PERCENTAGE.findall(digits)

    @cached_property
    def targets(self) -> set[tuple[str | None, Decimal]]:
        """The values that the indicators are to reach, with their units."""
        numbers = (self.number_of(metric, metric.target) for metric in self.indicators)
        return {(number.unit, number.value) for number in numbers if number is not None}

    @cached_property
    def aimed_at(self) -> list[tuple[str, Metric, Stated]]:
        """The records with a target, by their plain names."""
        numbers = ((metric, self.number_of(metric, metric.target)) for metric in self.extraction.metrics if metric.target)
        return [(plain_name(metric.name), metric, number) for metric, number in numbers if number is not None]

    @cached_property
    def aims(self) -> list[Stated]:
        """The numbers of the sentences that set goals."""
        return [said.figure for sentence in self.numbered if sentence.sets_goals for said in sentence.said]

    @cached_property
    def projects(self) -> list[str | None]:
        """The report as a whole, and each of its projects."""
        return list(dict.fromkeys([None, *(metric.project for metric in self.extraction.metrics)]))

    @cached_property
    def facts(self) -> dict[Subject, list[Stated]]:
        """What the report states of each subject, in text and tables."""
        facts: dict[Subject, list[Stated]] = defaultdict(list)
        for sentence in self.numbered:
            for said in sentence.said:
                subject = said.subject
                if subject is None and sentence.of_public_expenses and _OUTCOME.fullmatch(said.lead):
                    subject = Subject("三公经费", "actual", said.figure.project)
                if subject is None or not said.figure.exact or said.is_change:
                    continue
                if subject.item == "支出总额" and sentence.of_public_expenses:
                    subject = subject._replace(item="三公经费")
                if subject.item == "支出总额" and said.metric is not None and said.metric.goal_id is not None:
                    continue  # what one goal took
                if said.figure.unit == "元":
                    facts[subject].append(said.figure)
        roles = {Role.ACTUAL: "actual", Role.PREVIOUS: "previous", Role.TARGET: "plan", Role.INITIAL: "initial"}
        for row in self.rows:
            item = item_of(row.name)
            if item is None:
                continue
            for role, figure in row.numbers.items():
                if role in roles and figure.unit == "元":
                    facts[Subject(item, roles[role], row.project)].append(figure)
        seen = {figure.start for figures in facts.values() for figure in figures}
        for metric in self.extraction.metrics:  # rows of pairs, which stand under no heading
            item = item_of(metric.name) if metric.kind == "budget" else None
            own = self.actual(metric) if item else None
            if item and own and own.unit == "元" and own.start not in seen:
                facts[Subject(item, "actual", metric.project)].append(own)
        return facts

    def actual(self, metric: Metric) -> Stated | None:
        """A record's actual value as a number."""
        return self.number_of(metric, metric.actual)

    def number_of(self, metric: Metric, measured: Measurement | None) -> Stated | None:
        """One of a record's values as a number, placed where its words stand."""
        if measured is None:
            return None
        key = id(measured)
        if key not in self._numbers:
            self._numbers[key] = self._number_of(metric, measured)
        return self._numbers[key]

    def _number_of(self, metric: Metric, measured: Measurement) -> Stated | None:
        evidence = metric.evidence[0]
        at = evidence.quote.rfind(measured.raw)
        start = evidence.start + max(at, 0)
        end = start + len(measured.raw) if at >= 0 else evidence.end
        return stated(
            measured,
            metric.name,
            start,
            end,
            record_id=metric.id,
            in_table=metric.kind != "figure",
            project=metric.project,
            section=tuple(evidence.section),
        )

    def evidence(self, figure: Stated) -> Evidence:
        """Where a figure stands: its record's place, or its own words."""
        if figure.record_id is not None and not figure.in_table:
            for piece in self.records[figure.record_id].evidence:
                if piece.start <= figure.start and figure.end <= piece.end:
                    return piece
        if figure.in_table and figure.record_id is not None:
            return self.records[figure.record_id].evidence[0]
        quote = self.text[figure.start : figure.end]
        return Evidence(start=figure.start, end=figure.end, quote=quote, section=list(figure.section))


def _unit_of(metric: Metric | None) -> str | None:
    """The unit of a row's record, which the rules may know from a line over the table (单位：万元)."""
    if metric is None or metric.kind != "budget":
        return None
    return next((measured.unit for measured in (metric.actual, metric.target) if measured is not None), None)


def _is_aim(heading: str) -> bool:
    """Whether a heading stands over goals, and not over what became of them."""
    return "目标" in heading and _NO_AIM.search(heading) is None


def _name_cell(row: tuple[TableCell, ...], columns: list[Role | None]) -> TableCell | None:
    """The cell that names a row without a column of names: the first with words under no known column, else the first with words."""
    named = [(at, cell) for at, cell in enumerate(row) if cell.words and plain_number(cell.words) is None]
    free = (cell for at, cell in named if at < len(columns) and columns[at] in (None, Role.SIDE))
    return next(free, named[0][1] if named else None)


def _clauses(before: str) -> tuple[str, str]:
    """The last two clauses of the words before a number, the last one its own; an aside in brackets left out."""
    bare = _ASIDE.sub("", before) if "（" in before else before
    clauses = _CLAUSE_END.split(bare)
    return clauses[-2] if len(clauses) > 1 else "", clauses[-1]


_ASIDE = re.compile(r"(?<=[\u4e00-\u9fff])（[^（）]*）(?=[\u4e00-\u9fff])")
_CHANGE_LEAD = re.compile(
    r"(?:比|较|同比|环比|增加|增长|减少|下降|降低|提高|上升|追加|调增|调减|压减|节约|[增减升降]幅?)(?:了|约|为|近|达)?$|^(?:比|较|同比)"
)


_Value = tuple[Decimal | None, str | None]
_Placed = tuple[int, int, Metric]


def _by_value(figures: Iterable[Metric]) -> dict[_Value, list[_Placed]]:
    """The figures and their places by each value that they state, in the order of the text."""
    found: dict[_Value, list[_Placed]] = defaultdict(list)
    placed = [([(piece.start, piece.end, metric) for piece in metric.evidence], metric) for metric in figures]
    placed.sort(key=lambda each: each[0][0][0])
    for pieces, metric in placed:
        for measured in (metric.actual, metric.target, metric.previous):
            if measured is not None and measured.value is not None:
                found[measured.value, measured.unit] += pieces
    return found


def _record_at(start: int, end: int, figures: Sequence[_Placed]) -> Metric | None:
    """The last of the figures whose place holds the number."""
    for begin, stop, metric in reversed(figures):
        if begin <= start and end <= stop:
            return metric
    return None


def percent(value: Decimal) -> str:
    """A percentage for a reckoning: two places."""
    return f"{round(value, 2):f}%"
