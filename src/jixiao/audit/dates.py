"""Dates in their order (日期先后): periods that end before they begin, works accepted before they were finished, the wrong year's end.

Knows dates and the stages of a work (开工, 完工, 验收), and nothing of amounts. A date that is planned (计划, …前) is no deed.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from jixiao.audit.case import Case
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding
from jixiao.audit.period import PERIOD
from jixiao.document import Passage
from jixiao.records import Evidence

ORDER = Check(code="date-order", name="日期先后", source="财预〔2020〕10号第二十五条：数据真实；建设程序：先开工、后完工、再验收")

_DAY = r"(?:(?P<{0}y>20\d\d)年)?(?P<{0}m>\d{{1,2}})月(?:(?P<{0}d>\d{{1,2}})日)?"
_RANGE = re.compile(rf"{_DAY.format('a')}(?:至|到|—+|-|–|～|~){_DAY.format('b')}")


def periods_reversed(case: Case) -> Iterator[Finding]:
    """3月17日至3月5日: a period that ends before it begins; one that may run into the next year is none."""
    for passage in case.document.passages:
        if "月" not in passage.words:
            continue
        for match in _RANGE.finditer(passage.words):
            year = int(match["ay"] or 0)
            begin = (year, int(match["am"]), int(match["ad"] or 0))
            end = (int(match["by"] or year), int(match["bm"]), int(match["bd"] or 31))
            next_year = not match["by"] and begin[1] - end[1] >= 5
            if end < begin and not next_year and max(begin[1], end[1]) <= 12:
                yield _found(case, passage, match.start(), match.end(), f"{match[0]}：止日早于起日", "时间段的结束早于开始。")


_WHOLE_DATE = re.compile(r"(?:(?P<year>20\d\d)年)?(?<!\d)(?P<month>\d{1,2})月(?P<day>\d{1,2})日")


def impossible_dates(case: Case) -> Iterator[Finding]:
    """2月30日, 13月5日: dates that no calendar has."""
    for passage in case.document.passages:
        for match in _WHOLE_DATE.finditer(passage.words) if "月" in passage.words else ():
            try:
                date(int(match["year"] or 2000), int(match["month"]), int(match["day"]))
            except ValueError:
                yield _found(case, passage, match.start(), match.end(), f"{match[0]}：没有这一天", "日期有误。")


_DATE = re.compile(_DAY.format(""))
_STAGES = {"招标": 1, "中标": 2, "开工": 3, "动工": 3, "完工": 4, "竣工": 4, "验收": 5}
_STAGE = re.compile("|".join(["(?:竣工|完工)验收", *_STAGES]))
_STOP = re.compile(r"[，。；,;]")
_NO_DEED = re.compile(r"前|计划|预计|拟|将|力争|确保|争取|目标|要求|应|原定|推迟|延至|未")


class _Deed(NamedTuple):
    stage: int
    word: str
    day: tuple[int, int, int]
    start: int
    end: int


def stages_out_of_order(case: Case) -> Iterator[Finding]:
    """11月28日完工，10月16日通过竣工验收: a later stage of a work that is dated before an earlier one, both told once."""
    for passage in case.document.passages:
        if "月" not in passage.words or not _STAGE.search(passage.words):
            continue
        deeds = list(_deeds(passage.words))
        for one in deeds:
            for other in deeds:
                alone = all(sum(each.stage == deed.stage for each in deeds) == 1 for deed in (one, other))
                if one.stage < other.stage and alone and _is_before(other.day, one.day):
                    shown = [f"{deed.day[1]}月{deed.day[2]}日" if deed.day[2] else f"{deed.day[1]}月" for deed in (one, other)]
                    yield _found(
                        case,
                        passage,
                        min(one.start, other.start),
                        max(one.end, other.end),
                        f"{one.word} {one.day[0]}年{shown[0]}，{other.word} {other.day[0]}年{shown[1]}",
                        f"“{other.word}”早于“{one.word}”，先后颠倒。",
                    )


def _deeds(words: str) -> Iterator[_Deed]:
    """The dated stages of a paragraph; a date without a year is of the year named last."""
    year = 0
    for match in _DATE.finditer(words):
        year = int(match["y"] or year)
        stop = _STOP.search(words, match.end())
        end = stop.start() if stop else len(words)
        begin = max((cut.end() for cut in _STOP.finditer(words, 0, match.start())), default=0)
        stage = _STAGE.search(words, match.end(), end)
        if not year or stage is None or _DATE.search(words, match.end(), stage.start()):
            continue
        if not _NO_DEED.search(words[begin : match.start()] + words[match.end() : stage.end()]):
            day = (year, int(match["m"]), int(match["d"] or 0))
            yield _Deed(_STAGES[stage[0][-2:]], stage[0], day, match.start(), stage.end())


def _is_before(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    """Whether a date is earlier, by months where a day is not told."""
    return one < other if one[2] and other[2] else one[:2] < other[:2]


LATE = Check(code="deadline", name="日期与时限", source="财预〔2020〕10号第二十一条：对自评结果的真实性和准确性负责")

_DEADLINE = re.compile(r"(?<!\d)(?P<month>\d{1,2})月(?:[底末]|份?(?!\d)|(?P<day>\d{1,2})日)(?:之?前|以前)")
_DATED_DEED = re.compile(
    r"(?P<clause>[^，。；]{0,30}(?<!\d)(?P<month>\d{1,2})月(?:[上中下]旬|[底末初]|(?P<day>\d{1,2})日|份)?[^，。；前]{0,6}"
    r"(?:建成|完成|完工|竣工|投用|交付|通车|验收|上线|启用|印发|办结|到位)[^，。；]{0,10})"
)
_IN_TIME = re.compile(
    r"[，,](?:[^，。；]{0,6})(?P<claim>(?:按期|如期|按时|按要求|提前|及时)[^，。；]{0,4}(?:完成|实现|达成|建成|交付)|(?:目标|任务)[^，。；]{0,4}(?<!未)(?:已|按期|如期)?完成)"
)


def done_after_its_deadline(case: Case) -> Iterator[Finding]:
    """10月底前建成…; 于11月中旬全部建成，按期完成: said to be in time, and later than the deadline of its own paragraph."""
    for passage in case.document.passages:
        if "月" not in passage.words or "前" not in passage.words:
            continue
        deadlines = list(_DEADLINE.finditer(passage.words))
        for deed in _DATED_DEED.finditer(passage.words):
            claim = _IN_TIME.match(passage.words, deed.end())
            before = [each for each in deadlines if each.start() < deed.start()]
            if claim is None or len({each["month"] for each in before}) != 1 or _PLANNED.search(deed["clause"]):
                continue
            if re.search(r"20\d\d年", passage.words[before[-1].start() - 5 : deed.end()]):
                continue
            if _last_day(before[-1]) < (int(deed["month"]), int(deed["day"] or 1)) and int(deed["month"]) <= 12:
                yield _found(
                    case,
                    passage,
                    before[-1].start(),
                    claim.end(),
                    f"时限{before[-1]['month']}月，实际{deed['month']}月，称“{claim['claim']}”",
                    "实际完成的时间晚于要求的时限，不能称按期完成。",
                    check=LATE,
                )


def _last_day(deadline: re.Match[str]) -> tuple[int, int]:
    """The last day on which the deadline is kept."""
    return int(deadline["month"]), int(deadline["day"] or 31)


_DEADLINE_CELL = re.compile(r"(?:20\d\d年)?(?P<month>\d{1,2})月(?:[底末]|(?P<day>\d{1,2})日)?(?:之?前|以前)(?:完成|完工|建成)?")
_DATE_CELL = re.compile(
    r"(?:20\d\d年)?(?P<month>\d{1,2})月(?:[上中下]旬|[底末初]|份|(?P<day>\d{1,2})日)?(?:完成|完工|建成|交付|验收)?"
)
_YEARS = re.compile(r"20\d\d")


def full_marks_after_the_deadline(case: Case) -> Iterator[Finding]:
    """10月底前, done on 11月15日, and full marks: an indicator in time that was late."""
    for metric in case.indicators:
        if metric.target is None or metric.actual is None or metric.score is None or metric.score != metric.weight:
            continue
        aim, done = (
            pattern.fullmatch(each.raw.strip())
            for pattern, each in ((_DEADLINE_CELL, metric.target), (_DATE_CELL, metric.actual))
        )
        if aim is None or done is None or len(set(_YEARS.findall(metric.target.raw + metric.actual.raw))) > 1:
            continue
        if _last_day(aim) < (int(done["month"]), int(done["day"] or 1)):
            yield finding(
                case,
                LATE,
                "error",
                f"时限{metric.target.raw}，实际{metric.actual.raw}，得满分",
                f"“{metric.name}”晚于时限完成，却得满分。",
                records=[metric.id],
            )


_PLANNED = re.compile(r"计划|预计|拟|将|力争|确保|争取|要求|应|原定|未|尚")
_YEAR_END = re.compile(r"截[至止]到?(?P<year>20\d\d)年(?:12月(?:31日|底|末)?|年?[底末])")
_DONE = re.compile(r"支出|执行|支付|拨付|使用|到位|完成|发放")
_OF_BEFORE = re.compile(r"上年|去年|年初|期初|历年|以前|已有|原有|存量|共有|建成|现有|累计建|增加|提高|下降")


def states_of_other_years(case: Case) -> Iterator[Finding]:
    """截至2022年12月31日，累计支出… in a report on 2023: the state at the end of another year, given as this year's."""
    year = case.report.fiscal_year
    if year is None:
        return
    for sentence in case.numbered:
        for match in _YEAR_END.finditer(sentence.words):
            stop = re.search(r"[。；]", sentence.words[match.end() :])
            told = sentence.words[match.end() : match.end() + stop.start()] if stop else sentence.words[match.end() :]
            if int(match["year"]) != year - 1 or not _DONE.search(told) or _OF_BEFORE.search(told) or str(year) in told:
                continue
            yield finding(
                case,
                PERIOD,
                "error",
                f"报告年度{year}，此处为{match[0]}",
                f"“{match[0]}”是{year - 1}年末的时点，所述却是{year}年度的情况。",
                places=[sentence.place(match.start(), match.end() + len(told), case.text)],
            )


def _found(case: Case, passage: Passage, start: int, end: int, reckoning: str, why: str, check: Check = ORDER) -> Finding:
    span = passage.span(start, end)
    place = Evidence(start=span.start, end=span.end, quote=case.text[span.start : span.end])
    return finding(case, check, "error", reckoning, why, places=[place])


CHECKS = (
    periods_reversed,
    impossible_dates,
    stages_out_of_order,
    done_after_its_deadline,
    full_marks_after_the_deadline,
    states_of_other_years,
)
