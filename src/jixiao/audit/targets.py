"""Targets against actual values (目标值与实际值): units that differ, targets far exceeded or set too low, answers that answer nothing."""

import re
from collections.abc import Iterator
from decimal import Decimal

from jixiao.audit.case import Case
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding
from jixiao.audit.reckoning import shown
from jixiao.audit.subjects import plain_name
from jixiao.quantities import find_quantities
from jixiao.records import Metric

UNITS = Check(code="units", name="目标值与实际值单位", source="财预〔2021〕101号：绩效指标应细化、量化，具有明确的评价标准")
UNIT_MISSING = Check(
    code="unit-missing", name="目标值缺少单位", source="财预〔2021〕101号：绩效指标应细化、量化，具有明确的评价标准"
)
NO_COUNT = Check(code="no-count", name="实际值未回答指标", source="财预〔2021〕101号：绩效指标应细化、量化，具有明确的评价标准")
FAR_ABOVE = Check(
    code="far-above", name="实际值远超目标值", source="财预〔2020〕10号第十六条：完成值高于指标值较多的，要分析原因"
)
SET_LOW = Check(
    code="target-low", name="目标值低于上年实际", source="财预〔2021〕101号：指标值的设定尽量从严、从高，参考历史数据"
)
WITHIN = Check(code="claimed-within", name="目标值与实际值", source="财预〔2020〕10号第二十一条：对自评结果的真实性和准确性负责")
LATE = Check(code="late", name="完成时间与目标", source="财预〔2020〕10号第十六条：未完成指标值的，按完成值与指标值的比例记分")
NO_REASON = Check(code="no-reason", name="未达标未说明原因", source="财预〔2020〕10号自评表：偏差原因分析及改进措施")

_COUNT_NAME = re.compile(r"(?:次数|个数|数量|人数|场次|家数|件数|篇数|期数)$")
_RATE_NAME = re.compile(r"率$|满意度")
_FAMILIES = (
    frozenset("次 场 期 场次 批次 批".split()),
    frozenset("个 家 户 所 座 处 项 件 份 篇 套 台 台套 台（套） 只".split()),
    frozenset("人 名 位".split()),
)


def _comparable_units(one: str | None, other: str | None) -> bool:
    if not one or not other or one == other:
        return True
    return any(one in family and other in family for family in _FAMILIES)


def units_differ(case: Case) -> Iterator[Finding]:
    """10 次 answered with 226 人次: the unit of the answer is not the indicator's."""
    for metric in case.indicators:
        target, actual = metric.target, metric.actual
        if target is None or actual is None or target.value is None or actual.value is None:
            continue
        wanted = target.unit or _unit_of_name(metric.name)
        if _comparable_units(wanted, actual.base_unit if target.unit else actual.unit) or wanted == actual.unit:
            continue
        if target.unit and target.base_unit == actual.base_unit:
            continue
        if (wanted or "").lstrip("万亿") == (actual.unit or "").lstrip("万亿"):
            continue
        yield finding(
            case,
            UNITS,
            "warning",
            f"目标{target.raw}（{wanted}），实际{actual.value:f}{actual.unit or ''}",
            f"“{metric.name}”的目标以{wanted}计，实际值以{actual.unit}计，不能相比。",
            records=[metric.id],
        )


def _unit_of_name(name: str) -> str | None:
    match = re.search(r"(次|个|人|场|家|件|篇|期)(?:次)?数$", name)
    return match[0][:-1] if match else None


def target_without_unit(case: Case) -> Iterator[Finding]:
    """98 without %, where the actual value has it: one finding for all such rows."""
    bare = [
        metric
        for metric in case.indicators
        if metric.target
        and metric.actual
        and metric.target.value is not None
        and metric.target.unit is None
        and metric.actual.unit == "%"
        and metric.target.value > 1
    ]
    if bare:
        names = "、".join(metric.name for metric in bare[:6])
        yield finding(
            case,
            UNIT_MISSING,
            "note",
            "；".join(f"{metric.target.raw} 对 {metric.actual.raw}" for metric in bare[:6] if metric.target and metric.actual),
            f"{names}{'等' if len(bare) > 6 else ''}共{len(bare)}项的目标值没有百分号。",
            records=[metric.id for metric in bare],
        )


def answered_without_a_count(case: Case) -> Iterator[Finding]:
    """党建活动次数 answered with coverage: a count was asked for and none, or another, is given."""
    for metric in case.indicators:
        target, actual = metric.target, metric.actual
        if target is None or actual is None or target.value is None or not _COUNT_NAME.search(metric.name):
            continue
        found = find_quantities(actual.raw)
        wanted = target.unit or _unit_of_name(metric.name)
        if actual.value is not None or any(quantity.unit == wanted for quantity in found) or len(actual.raw) < 4:
            continue
        if re.search(r"完成|达标|达到", actual.raw) and not found:
            continue
        yield finding(
            case,
            NO_COUNT,
            "warning",
            f"目标{target.raw}，实际“{actual.raw[:40]}”",
            f"“{metric.name}”要的是数量，实际值没有给出这一数量。",
            records=[metric.id],
        )


def far_above_target(case: Case) -> Iterator[Finding]:
    """Three times the target or more, in the same unit."""
    for metric in case.indicators:
        target, actual = metric.target, metric.actual
        if target is None or actual is None or not target.value or not actual.value or target.comparator in ("le", "lt"):
            continue
        one, other = (target.base_value, actual.base_value) if target.unit and actual.unit else (target.value, actual.value)
        if (
            one is None
            or other is None
            or one <= 0
            or not _comparable_units(target.unit or _unit_of_name(metric.name), actual.unit)
        ):
            continue
        if other / one >= 3 and _RATE_NAME.search(metric.name) is None and metric.attained:
            yield finding(
                case,
                FAR_ABOVE,
                "warning",
                f"{shown(other)} ÷ {shown(one)} = {shown(other / one * 100, 2)}%",
                f"“{metric.name}”完成值远高于目标值，应分析原因；年初指标值设定明显偏低的，应调减分值。",
                records=[metric.id],
            )


_LAST_YEARS = re.compile(r"(?:上年|去年|20\d\d年)[^，。；]{0,12}(?:实际|完成|已)")


def target_below_last_year(case: Case) -> Iterator[Finding]:
    """目标值为1,860名，而2022年实际已达1,875名: a target that last year's outcome already met."""
    for sentence in case.numbered:
        if len(sentence.said) < 2 or "目标" not in sentence.words:
            continue
        for before, said in zip(sentence.said, sentence.said[1:], strict=False):
            if "目标" not in before.lead or not _LAST_YEARS.search(said.lead):
                continue
            if before.figure.unit == said.figure.unit and before.figure.value < said.figure.value:
                yield finding(
                    case,
                    SET_LOW,
                    "warning",
                    f"目标{before.figure.words} < 上年{said.figure.words}",
                    "目标值低于上年实际，指标没有约束力。",
                    figures=[before.figure, said.figure],
                )
    for metric in case.indicators:
        target, last = metric.target, metric.previous
        if (
            target
            and last
            and target.base_value is not None
            and last.base_value is not None
            and target.unit == last.unit
            and target.comparator in ("ge", "gt")
            and target.base_value < last.base_value
        ):
            yield finding(
                case,
                SET_LOW,
                "warning",
                f"目标{target.raw} < 上年{last.raw}",
                f"“{metric.name}”的目标值低于上年实际，指标没有约束力。",
                records=[metric.id],
            )


_BOUNDED = re.compile(r"(?P<bound>[≤≥<>＜＞])?(?P<number>\d+(?:\.\d+)?)(?P<unit>[^\d\s]*)")


def is_missed(metric: Metric) -> bool:
    """Whether an indicator fell short; also where its unit is none that we know (≤40DDDs), if both sides write the same."""
    if metric.target is None or metric.actual is None:
        return False
    if metric.attained is not None:
        return not metric.attained
    aim, done = _BOUNDED.fullmatch(metric.target.raw.strip()), _BOUNDED.fullmatch(metric.actual.raw.strip())
    if aim is None or done is None or aim["bound"] is None or done["bound"] or aim["unit"] != done["unit"]:
        return False
    limit, value = Decimal(aim["number"]), Decimal(done["number"])
    return value > limit if aim["bound"] in "≤<＜" else value < limit


_REACHED = re.compile(
    r"(?:控制|保持|稳定|压减?|守|降)?[在到至](?:目标|规定|预算|标准|控制|警戒|上限|红)[值线]?(?:以内|范围内|之内|以下|之下)"
    r"|(?:超额|圆满|全面|如期|顺利)?(?:完成|达到|实现)了?(?:年度|年初|预期|既定|规定|设定|全年)(?:绩效)?(?:目标|任务|指标|要求)值?"
    r"|(?:超额|圆满|全面|如期|顺利)(?:完成|达到|实现)"
)
_NOT_REACHED = re.compile(r"未|没|不|仅|除|尚|力争|确保|基本|部分|若|如果|为$|计划|拟")


def claimed_to_be_reached(case: Case) -> Iterator[Finding]:
    """预算调整率控制在目标值以内, 路面优良率完成年度目标: said by name of an indicator that the table has as missed."""
    missed = [metric for metric in case.indicators if is_missed(metric)]
    names = [(metric, plain_name(metric.name)) for metric in missed if len(plain_name(metric.name)) >= 3]
    for sentence in case.sentences if names else ():
        if not any(name[:2] in sentence.words and name[-2:] in sentence.words for _, name in names):
            continue
        for match in _REACHED.finditer(sentence.words):
            clause = _CLAUSE.split(sentence.words[: match.start()])[-1]
            said = plain_name(clause)
            for metric, name in names:
                if name not in said or _NOT_REACHED.search(clause[-8:]) or metric.target is None or metric.actual is None:
                    continue
                yield finding(
                    case,
                    WITHIN,
                    "error",
                    f"{metric.name}：目标{metric.target.raw}，实际{metric.actual.raw}",
                    f"正文称“{clause[-14:]}{match[0]}”，自评表未达到。",
                    records=[metric.id],
                    places=[sentence.place(match.start() - len(clause), match.end(), case.text)],
                )


_CLAUSE = re.compile(r"[，。；：,;]")


def missed_without_reason(case: Case) -> Iterator[Finding]:
    """A missed target with an empty 偏差原因 cell, in a table that has the column, and no word of it elsewhere."""
    if not any(metric.deviation for metric in case.indicators):
        return
    for metric in case.indicators:
        if metric.attained is False and not metric.deviation and _number_words(metric):
            yield finding(
                case,
                NO_REASON,
                "note",
                _number_words(metric),
                f"“{metric.name}”未达到目标值，“偏差原因及改进措施”一栏为空。",
                records=[metric.id],
            )


def _number_words(metric: Metric) -> str:
    if metric.target is None or metric.actual is None or metric.actual.value is None:
        return ""
    if metric.target.value is not None and metric.target.value == 0 and metric.score == Decimal(0):
        return ""
    return f"目标{metric.target.raw}，实际{metric.actual.raw}"


_DEADLINE = re.compile(r"(?P<year>20\d\d)年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?底?[之以]?前")
_DAY = re.compile(r"(?P<year>20\d\d)年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?")


def deadline_passed(case: Case) -> Iterator[Finding]:
    """2024年11月底前 answered with 2024年12月20日, scored in full: done, but after the day that was set."""
    for metric in case.indicators:
        if metric.target is None or metric.actual is None or metric.score is None or metric.score != metric.weight:
            continue
        due, done = _DEADLINE.search(metric.target.raw), _DAY.search(metric.actual.raw)
        if due is None or done is None:
            continue
        last = (int(due["year"]), int(due["month"]), int(due["day"] or 31))
        if (int(done["year"]), int(done["month"]), int(done["day"] or 1)) > last:
            yield finding(
                case,
                LATE,
                "error",
                f"目标{metric.target.raw}，实际{metric.actual.raw}，得满分{shown(metric.score)}",
                f"“{metric.name}”晚于目标时间，却得满分。",
                records=[metric.id],
            )


CHECKS = (
    deadline_passed,
    units_differ,
    target_without_unit,
    answered_without_a_count,
    far_above_target,
    target_below_last_year,
    claimed_to_be_reached,
    missed_without_reason,
)
