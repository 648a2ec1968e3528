"""Quantities in running text → figures (文中数据): one for each quantity, with what it counts and how it changed.

A stated change belongs to the figure before it, 由A提高到B is one figure with a previous value, and what a plan sets
is a target. Refuses what only looks like a figure: scores, spans of years, numerals inside quoted names.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

from jixiao.document import Passage
from jixiao.drafts import GoalDraft, MetricDraft, Section
from jixiao.quantities import Quantity, find_quantities
from jixiao.records import Change
from jixiao.rules.changes import bare_change, change_of, same_sort, settled, taken_up, with_reason
from jixiao.rules.naming import name_before, name_of
from jixiao.rules.plans import CONTENTS, Plan, plan_of

_SENTENCE_END = re.compile(r"[。；;！!？?]")
_FROM = re.compile(r"(?:由|从)(?P<when>[^，。；]{0,16}?)\s*$")
_TO = re.compile(r"\s*[^，。；\d]{1,10}?(?:到|至|为|成)了?[^，。；\d]{0,4}$")
_LAST_YEARS = re.compile(
    r"(?:比|较|与)(?:(?:上年|去年|20\d\d年|[\u4e00-\u9fff]{2}前)(?:度|末|底|同期)?|(?P<plan>(?:年初)?(?:预算|计划|目标)[数值]?))(?P<of>的)?\s*$"
)
_MORE_OR_LESS = re.compile(r"(?:相比)?(?:[增减降少多]|上升|下降|节约|压减|提[高升]|扩大|回落)")
_WAS = re.compile(r"[，,；（(]\s*(?:上年|去年|(?P<year>20\d\d)年)(?:度|末|底|同期)?(?:为|是)?\s*$")  # …，上年为1208万元，增加
_NAMELIKE_TIME = re.compile(r"(?:自助|热线|值班|值守|不间断|在线|无人|服务|营业|开放|监控|监测|便民|应急|全天)")
_SCORE = re.compile(r"得分|评分|自评为?\s*$|总分|满分|分值|打分|评价分|扣分?|计分|得\s*$")
_GRADED = re.compile(
    r"(?:权重|等级|得分|自评|满分|得\d)[^。；]{0,80}$|\d\s*分[、和至]$"
)  # 权重分别为15分、25分; 评价等级划分为：90分以上
_ALL_OF_THEM = re.compile(r"(?:指标|目标|任务)(?:任务)?(?:均|都|全部|(?:的)?完成情况)")  # 两项指标均超额完成: those just told
_SCORED = re.compile(r"[，,（(]?(?:自评|实际)?(?:得分?|扣)[为:：]?\s*\d")  # 预算编制15分，得14分
_SHARE = re.compile(r"占比?$|占比|^占")
_OF_OWNER = re.compile(r"^(?:的|本?部门|单位|共有|本年度?)+")
_FAR = 40  # so many figures back what a later sentence compares is looked for
_REACH = 7  # so many figures back a change is looked for
_LONGEST = 120  # a clause reaches no further than this to either side of its number


class FigureReader:
    """Collects the figures of one document as its passages, parts of its ``paragraphs``, are gone through."""

    def __init__(
        self, text: str, fiscal_year: int | None, department: str | None = None, paragraphs: Sequence[Passage] = ()
    ) -> None:
        self._text = text
        self._paragraphs = sorted((each for each in paragraphs if each.words), key=_begin)
        self._begins = [_begin(each) for each in self._paragraphs]
        self._owner = department
        self.figures: list[MetricDraft] = []
        self._fiscal_year = str(fiscal_year) if fiscal_year else None
        self._coming: str | None = None
        """The year after the report's that a plan named last."""
        self._coming_in: Section = ()
        """The headings under which it did: what else is planned there is of that year too."""

    def read(
        self,
        passage: Passage,
        path: Section,
        *,
        planned: bool = False,
        outlined: bool = False,
        goal: GoalDraft | None = None,
        project: str | None = None,
    ) -> None:
        """Take in the quantities of a passage.

        ``planned`` tells that it sets what is to be done, ``outlined`` that it does so until it tells what happened.
        """
        words = passage.words
        quantities = [quantity for quantity in self._quantities(passage) if _is_figure(quantity, words)]
        if not quantities:
            return
        clauses = _Clauses(words)
        years = list(_YEAR.finditer(words)) if planned else []
        at_start = plan = Plan.PLAN if outlined else Plan.NONE
        sentence: list[MetricDraft] = []  # the figures of this sentence so far
        changing: MetricDraft | None = None  # the figure that the quantity just read was a change of
        came_from: Quantity | None = None  # the A of 由A提高到B
        begun = len(self.figures)
        aside = 0  # so many figures of the sentence stand before the bracket that was opened last
        basis: str | None = None  # the plan whose number was just read: 较年初预算的4.2万元节约0.74万元
        compared = ""  # what a number stood for that the next is held against: 较改造前的12.3%下降 …
        read_to = 0
        last_name = ""
        for at, quantity in enumerate(quantities):
            clause_start, clause_end = clause = clauses.around(quantity)
            gap = words[read_to : quantity.start]
            read_to = quantity.end
            if _SENTENCE_END.search(gap):
                stopped = "。" in gap
                sentence, gap = taken_up(sentence, gap, self.figures[max(begun, len(self.figures) - _FAR) :])
                changing = None
                goes_on = "其中" in gap if stopped else plan in (Plan.PLAN, Plan.BUDGET)
                if not goes_on or (stopped and plan is not Plan.BUDGET):
                    plan = at_start  # 计划 …；…；… goes on to the full stop, a budget on to its parts
            if "内容" in gap and CONTENTS.search(gap):
                plan = Plan.PLAN
            against = _LAST_YEARS.search(gap) if sentence else None
            if (
                against
                and (against["of"] or _MORE_OR_LESS.match(words, quantity.end))
                and same_sort(quantity.unit, _unit_of(sentence[-1]))
            ):
                changing, basis = sentence[-1], against["plan"]  # 比上年的1180场减少46场
                compared = against[0].strip().removesuffix("的")
                if basis is None:
                    changing.previous = quantity.measurement(passage.as_written(self._text, quantity.start, quantity.end))
                continue
            was = _WAS.search(gap) if sentence and sentence[-1].previous is None else None
            if was and same_sort(quantity.unit, _unit_of(sentence[-1])) and self._is_last_year(was["year"]):
                changing = sentence[-1]
                changing.previous = quantity.measurement(passage.as_written(self._text, quantity.start, quantity.end))
                continue
            if compared and _MORE_OR_LESS.match(gap):
                gap = compared + gap.removeprefix("相比")  # 与上年的91.9%相比提高2.2个百分点
            compared = ""
            about = sentence
            if gap[:1] in "）)" and aside:  # 受理9486件（含旧存612件），较上年增加
                about, changing, gap = sentence[max(0, aside - _REACH) : aside], None, gap[1:]
            elif about and gap.startswith(f"，{about[-1].name}"):  # 公用经费715万元，公用经费同比增加2万元
                gap = gap[1 + len(about[-1].name) :]
            if "（" in gap or "(" in gap:
                aside = len(sentence)
            if came_from is None and (changed := _changed(gap, quantity, words, about, changing)):
                changing, change = changed
                if basis is not None:
                    change, basis = change.model_copy(update={"basis": basis}), None
                changing.change = self._on_last_year(with_reason(change, words, quantity.end))
                continue
            basis = None
            changing = None
            led = _FROM.search(words, clause_start, quantity.start)
            if led and came_from is None and at + 1 < len(quantities) and _leads_to(words, quantity, quantities[at + 1]):
                came_from, last_name = quantity, name_before(words, clause_start, led.start()) or last_name
                continue
            name = last_name if came_from else name_of(words, quantities, at, clause, last_name)
            if self._owner and name.startswith(self._owner):
                name = _OF_OWNER.sub("", name[len(self._owner) :]) or name
            plan = plan_of(words, clause_start, quantity, plan)
            is_target = planned or plan is not Plan.NONE
            measured = quantity.measurement(passage.as_written(self._text, quantity.start, quantity.end))
            told_behind = settled(words, quantity.end)
            figure = MetricDraft(
                [passage.span(clause_start + _blank(words, clause_start), max(clause_end, quantity.end))],
                path,
                "figure",
                name,
                period=self._period(words, quantity.start, years, path)
                if planned
                else _last_year_in(words, max(clause_start, came_from.end if came_from else 0), quantity.start)
                or self._fiscal_year,
                target=measured if is_target else None,
                actual=None if is_target else measured,
                previous=came_from.measurement() if came_from else None,
                change=self._on_last_year(with_reason(told_behind, words, quantity.end)) if told_behind else None,
                goal=goal,
                project=project,
            )
            came_from = None
            self.figures.append(figure)
            sentence.append(figure)
            last_name = name

    def _quantities(self, part: Passage) -> list[Quantity]:
        """The quantities of a passage, taken out of those of its whole paragraph: whoever asks for these later has them read."""
        at = bisect_right(self._begins, _begin(part)) - 1
        if at >= 0:
            whole = self._paragraphs[at]
            start = whole.position(_begin(part))
            end = start + len(part.words)
            if whole.words[start:end] == part.words:
                return [
                    quantity._replace(start=quantity.start - start, end=quantity.end - start) if start else quantity
                    for quantity in find_quantities(whole.words)
                    if start <= quantity.start and quantity.end <= end
                ]
        return find_quantities(part.words)

    def _period(self, words: str, start: int, years: list[re.Match[str]], path: Section) -> str | None:
        """The year of what a plan sets: the one of ``years`` named last before it, else a coming one in the headings of ``path``, else the report's."""
        at = bisect_right(years, start, key=re.Match.start)
        if at:
            year = years[at - 1][1]
            if self._fiscal_year and year > self._fiscal_year:
                self._coming, self._coming_in = year, path
            return year
        if years and int(years[0][1]) == int(self._fiscal_year or 0) + 1 and path and "目标" not in path[-1]:
            return str(years[0][1])  # 聘请技师6名，2024年5月底前完成
        headed = [year for heading in path for year in _YEAR.findall(heading)][-1:]
        if self._fiscal_year and path and _NEXT_YEAR.search(path[-1]):
            return str(int(self._fiscal_year) + 1)
        if self._fiscal_year and headed and headed[0] > self._fiscal_year:
            return str(headed[0])  # 2025年工作安排 in a report on 2024
        sentence = max(words.rfind(mark, max(0, start - _LONGEST), start) for mark in "。；") + 1
        goes_on = self._coming_in == path and bool(path) and "目标" not in path[-1]
        if self._coming and goes_on and int(self._coming) == int(self._fiscal_year or 0) + 1:
            return self._coming
        if self._coming and _IN_ITS_COURSE.search(words, sentence, start):
            return self._coming
        return self._fiscal_year

    def _is_last_year(self, year: str | None) -> bool:
        return year is None or bool(self._fiscal_year and int(year) == int(self._fiscal_year) - 1)

    def _on_last_year(self, change: Change) -> Change:
        """The change with 上年 for its basis where the year before is named: 较2023年增加 in a report on 2024."""
        year = _A_YEAR.fullmatch(change.basis or "")
        if year and self._is_last_year(year[1]):
            return change.model_copy(update={"basis": "上年"})
        return change


_A_YEAR = re.compile(r"(20\d\d)年(?:度|同期)*")


def _begin(passage: Passage) -> int:
    return passage.sources[0]


def _changed(
    gap: str, quantity: Quantity, words: str, sentence: list[MetricDraft], changing: MetricDraft | None
) -> tuple[MetricDraft, Change] | None:
    """The figure that the quantity is a change of, and the change: the last one it can be of, within reach."""
    candidates = [*([changing] if changing else []), *sentence[: -_REACH - 1 : -1]]
    if quantity.unit == "%" and len(candidates) > 1 and _SHARE.search(candidates[0].name):
        candidates = candidates[1:]  # 基本支出X万元，占比Y%，同比增长Z%: the spending grew
    for figure in candidates:
        if change := change_of(gap, quantity, figure, words, nearest=figure is candidates[0]):
            return figure, change
    return _reckoned(gap, quantity, sentence)


def _reckoned(gap: str, quantity: Quantity, sentence: list[MetricDraft]) -> tuple[MetricDraft, Change] | None:
    """预算数A，调整预算数B，增加C, with no word on what B is compared with: of B against A where C is what parts them."""
    if len(sentence) < 2 or sentence[-1].change is not None or quantity.value is None:
        return None
    (before, was), (after, now) = ((figure, figure.actual or figure.target) for figure in sentence[-2:])
    if not was or not now or was.value is None or now.value is None or not was.unit == now.unit == quantity.unit:
        return None
    if abs(now.value - was.value) != quantity.value or (change := bare_change(gap, quantity, before.name)) is None:
        return None
    return (after, change) if (change.direction == "increase") == (now.value > was.value) else None


def _unit_of(figure: MetricDraft) -> str | None:
    measured = figure.actual or figure.target
    return measured.unit if measured else None


def _leads_to(words: str, quantity: Quantity, following: Quantity) -> bool:
    """Whether 由A is followed by 提高到B."""
    return following.start - quantity.end <= 24 and bool(_TO.match(words[quantity.end : following.start]))


class _Clauses:
    """Where the clauses of a passage begin and end; brackets make clauses of their own."""

    def __init__(self, words: str) -> None:
        self._bounds = [0]
        for match in re.finditer(r"[，,。；;！!？?：:]", words):
            if (
                match[0] == ","
                and match.start()
                and words[match.start() - 1].isdigit()
                and words[match.end() : match.end() + 1].isdigit()
            ):
                continue
            if match[0] in ":：" and match.end() < len(words) and words[match.end()].isdigit():
                continue  # 预算金额：282.82万元
            self._bounds.append(match.end())
        self._bounds.append(len(words) + 1)

    def around(self, quantity: Quantity) -> tuple[int, int]:
        """The clause that holds the quantity, its closing mark left out; of one without end, what is near."""
        at = bisect_right(self._bounds, quantity.start) - 1
        start, end = self._bounds[at], self._bounds[min(at + 1, len(self._bounds) - 1)] - 1
        return max(start, quantity.start - _LONGEST), max(min(end, quantity.end + _LONGEST), start + 1)


def _blank(words: str, start: int) -> int:
    return len(words[start:]) - len(words[start:].lstrip()) if words[start : start + 1].isspace() else 0


def _is_figure(quantity: Quantity, words: str) -> bool:
    """Whether a quantity in running text is one to keep: with a unit, outside quoted names, no score, no span of years."""
    if quantity.unit is None:
        return (quantity.chinese and "分之" in quantity.raw) or (quantity.comparator in ("ge", "le") and not quantity.chinese)
    if words[quantity.start - 1 : quantity.start] == "每":
        return False
    if quantity.chinese and _ALL_OF_THEM.match(words, quantity.end):
        return False
    before, after = words[max(0, quantity.start - 14) : quantity.start], words[quantity.end : quantity.end + 2]
    if quantity.unit == "年":
        return not quantity.chinese and quantity.comparator in ("ge", "le")
    if (
        quantity.unit in ("天", "个月", "周", "月", "季度", "个季度")
        and quantity.chinese
        and (quantity.comparator == "eq" or "季度" in quantity.unit)
    ):
        return False
    if quantity.unit == "小时" and _NAMELIKE_TIME.match(words, quantity.end):
        return False
    if quantity.unit == "分" and (
        _SCORE.search(before)
        or _GRADED.search(words, max(0, quantity.start - 90), quantity.start)
        or after.startswith(("制", "值", "以"))
        or re.search(r"分以|分[）)]$", quantity.raw)
        or _SCORED.match(words, quantity.end)
    ):
        return False
    if quantity.unit in ("级", "号", "点", "层", "岁", "周岁", "度", "届", "方", "平", "面", "头", "口"):
        return (quantity.unit in ("层", "头", "口") and not quantity.chinese) or (quantity.unit == "岁" and "." in quantity.raw)
    if quantity.unit == "分" and re.search(r"分(?:钟|别|类|为|析|配|管|布)", words[quantity.start : quantity.end + 1]):
        return False
    if _in_quotes(words, quantity):
        return False
    return not re.search(r"第\s*$|[A-Za-z]$|国[发办]|[〕\]]$", before[-4:])


_OPEN, _CLOSE = "“‘「《『", "”’」》』"


def _in_quotes(words: str, quantity: Quantity) -> bool:
    """Whether the quantity stands inside a short quoted name: “15分钟健身圈”, 《…三年行动方案》."""
    near = words[max(0, quantity.start - 24) : quantity.start]
    if not any(mark in near for mark in _OPEN):
        return False
    begin = max(words.rfind(mark, max(0, quantity.start - 24), quantity.start) for mark in _OPEN)
    closed = max(words.rfind(mark, begin, quantity.start) for mark in _CLOSE)
    if closed > begin:
        return False
    ends = [at for mark in _CLOSE if (at := words.find(mark, quantity.start, quantity.start + 30)) >= 0]
    return bool(ends) and min(ends) - begin <= 36


def _last_year_in(words: str, start: int, end: int) -> str | None:
    years: list[str] = _YEAR.findall(words, start, end)
    return years[-1] if years else None


_YEAR = re.compile(r"(?<![比较与同])(20\d{2})年")
_NEXT_YEAR = re.compile(r"明年|来年|下一年度?(?=[\u4e00-\u9fff]*(?:工作|打算|计划|安排|目标))")
_IN_ITS_COURSE = re.compile(r"年[内底中]|全年|每年|[上下]半年|[一二三四]季度|\d月底")  # 年内培训2次: of the year spoken of
