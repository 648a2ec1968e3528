"""Changes against both years (增减与两年数): amount against rate, both against last year's figure, direction, reason, base.

A stated change is reckoned three ways: within itself (this year less the amount is last year; the amount over that is the
rate), against a table's two years, and against the reason given.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from jixiao.audit.case import Case, Said, Sentence, percent
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding
from jixiao.audit.reckoning import Interval, Stated, decimal_places, in_unit_of, shown
from jixiao.audit.subjects import Subject, item_of
from jixiao.columns import Role
from jixiao.quantities import find_quantities
from jixiao.records import Change, Metric

CHANGE = Check(
    code="change",
    name="增减额与两年数",
    source="财预〔2020〕10号第二十五条：数据真实；部门决算说明的增减额、增减率须能由两年数重算",
)
REASON = Check(code="reason", name="增减方向与原因", source="部门决算说明要求：增减须说明原因，原因应能解释方向")
COMPONENT = Check(code="component", name="变动原因与分项", source="“三公”经费须分项说明增减及原因")
ZERO_BASE = Check(code="zero-base", name="零基数增减率", source="比率的分母不能为零")


def change_within_itself(case: Case) -> Iterator[Finding]:
    """比上年增加104.75万元，增加27.79%: the rate that this year's figure and the amount make."""
    told: set[tuple[Decimal, Decimal | None]] = set()
    for metric, figure, change in case.changed:
        amount = case.number_of(metric, change.amount)
        if (
            amount is None
            or change.percent is None
            or amount.unit != figure.unit
            or not (amount.exact and figure.exact)
            or amount.value == 0
        ):
            continue
        key = (figure.value, change.percent)
        signed = amount.interval if change.direction == "increase" else Interval(-amount.interval.high, -amount.interval.low)
        is_base = _AGAINST_LAST_YEAR.search(case.text, max(0, figure.start - 16), figure.start) is not None
        before = figure.interval if is_base else figure.interval - signed
        if key in told or before.low <= 0:
            continue
        rate = amount.interval / before
        if rate.meets(_rate(change.percent)) or _fits_another(case, metric, change, amount):
            continue
        told.add(key)
        sign = "−" if change.direction == "increase" else "+"
        base = (
            figure.value
            if is_base
            else figure.value - amount.value
            if change.direction == "increase"
            else figure.value + amount.value
        )
        right = percent(amount.value / base * 100)
        wrong, because = _by_table(case, figure, amount, change, base)
        yield finding(
            case,
            CHANGE,
            "error",
            ("" if is_base else f"{figure.number} {sign} {amount.number} = {in_unit_of(base, figure)}（上年）；")
            + f"{amount.number} ÷ {in_unit_of(base, figure)} = {right} ≠ {shown(change.percent)}%",
            f"{figure.name}的增减额与增减率对不上，按所列数应为{right}。{because}",
            figures=[figure],
            places=[_stretch(case, metric)],
            wrong=wrong,
        )


_AGAINST_LAST_YEAR = re.compile(r"(?:与|比|较|同)(?:上年|去年|上一年)(?:度|同期|末)?[^，。；]{0,6}$")


def _fits_another(case: Case, metric: Metric, change: Change, amount: Stated) -> bool:
    """Whether the change is of an earlier figure of its sentence: “三公”经费…，其中…，较上年减少…."""
    start = metric.evidence[0].start
    own = next((sentence for sentence in case.numbered if any(said.metric is metric for said in sentence.said)), None)
    signed = amount.interval if change.direction == "increase" else Interval(-amount.interval.high, -amount.interval.low)
    for sentence in case.numbered if own else ():
        if sentence.passage is not own.passage or sentence.start > own.start:  # type: ignore[union-attr]
            continue
        for said in sentence.said:
            if (
                said.figure.start >= start + len(metric.evidence[0].quote)
                or said.figure.unit != amount.unit
                or said.metric is metric
            ):
                continue
            before = said.figure.interval - signed
            if before.low > 0 and change.percent is not None and (amount.interval / before).meets(_rate(change.percent)):
                return True
    return False


def _by_table(case: Case, figure: Stated, amount: Stated, change: Change, base: Decimal) -> tuple[str | None, str]:
    """Which of amount and rate a table's last year bears out."""
    item = item_of(figure.name)
    for previous in case.facts.get(Subject(item, "previous"), []) if item else []:
        moved = figure.interval - previous.interval
        moved = moved if change.direction == "increase" else Interval(-moved.high, -moved.low)
        fits_amount = moved.meets(amount.interval)
        fits_rate = (
            previous.value > 0
            and moved.low > 0
            and change.percent is not None
            and (moved / previous.interval).meets(_rate(change.percent))
        )
        if fits_rate and not fits_amount:
            return f"增减额{amount.words}", f"表中上年数为{previous.words}，增减率与之相符，应为增减额有误。"
        if fits_amount and not fits_rate:
            return (
                f"增减率{shown(change.percent or Decimal(0))}%",
                f"表中上年数为{previous.words}，增减额与之相符，应为增减率有误。",
            )
    return None, ""


def _rate(stated: Decimal) -> Interval:
    half = Decimal(5).scaleb(-decimal_places(stated) - 1)
    return Interval(stated - half, stated + half)


def _stretch(case: Case, metric: Metric):  # type: ignore[no-untyped-def]
    """The record's place, drawn out to the change that stands behind it in the same sentence."""
    evidence = metric.evidence[0]
    change = metric.change
    end = evidence.end
    stop = re.search(r"[。\n]", case.text[end : end + 300])
    reach = end + (stop.start() if stop else 120)
    for words in (
        change.amount.raw if change and change.amount else None,
        f"{shown(change.percent)}%" if change and change.percent is not None else None,
    ):
        if words:
            at = case.text.find(words, evidence.end, reach + len(words))
            if at >= 0:
                end = max(end, at + len(words))
    return evidence.model_copy(update={"end": end, "quote": case.text[evidence.start : end]})


def change_against_table(case: Case) -> Iterator[Finding]:
    """A stated change against this year's and last year's figure in a table."""
    told: set[tuple[str, Decimal]] = set()
    for metric, figure, change in case.changed:
        item = item_of(metric.name)
        if item is None or (item, figure.value) in told or _in_a_list(metric):
            continue
        for row in case.rows:
            this, last = row.numbers.get(Role.ACTUAL), row.numbers.get(Role.PREVIOUS)
            if (
                item_of(row.name) != item
                or this is None
                or last is None
                or row.project != metric.project
                or this.unit != figure.unit
            ):
                continue
            words = _against_years(case, metric, change, this, last)
            if words is None:
                continue
            told.add((item, figure.value))
            same = this.interval.meets(figure.interval)
            fits = "" if same else f"所列增减与正文的{figure.words}相符，与表中本年数{this.words}不符。"
            yield finding(
                case,
                CHANGE,
                "error",
                words,
                f"{figure.name}的增减与表中两年的数对不上，超出四舍五入的误差。{fits}",
                figures=[figure, last, this],
                places=[_stretch(case, metric)],
            )


def _in_a_list(metric: Metric) -> bool:
    """Whether the figure is one of a list, whose change may be the whole's: 用车5.80万元、接待0.62万元，比上年下降8.55%."""
    return len([q for q in find_quantities(metric.evidence[0].quote) if q.unit and q.unit.endswith("元")]) > 1


def from_one_to_another(case: Case) -> Iterator[Finding]:
    """由87.2%提高到90.6%，提高3.4个百分点; 41.5公里，比计划的45公里少3.5公里: the difference of two stated numbers, and its rate."""
    for sentence in case.numbered:
        for one, other, moved in zip(sentence.said, sentence.said[1:], sentence.said[2:], strict=False):
            if one.figure.unit != other.figure.unit or not (one.figure.exact and other.figure.exact and moved.figure.exact):
                continue
            base = _base_of_two(sentence, one, other)
            behind = sentence.words[other.to : moved.at]
            if base is None or not (_MOVED.fullmatch(behind) or (base is one and _BY_SO_MUCH.fullmatch(behind))):
                continue
            words = _gap(one.figure, other.figure, base.figure, moved.figure)
            if words is None or _fits_any_pair(sentence, moved.figure):
                continue
            yield finding(
                case,
                CHANGE,
                "error",
                words,
                "前后两数之差与所述增减不符。",
                figures=[one.figure, other.figure, moved.figure],
                places=[sentence.place(min(each.at - len(each.lead) for each in (one, other)), moved.to, case.text)],
            )


_MOVES = r"(?:追加|调增|调减|核增|核减|提高|增加|下降|减少|降低|上升|增长|提升|压减|节约|新增|缩短|扩大|高出?|低|多出?|少|超出?|相差|差|[增降涨减]幅?)(?:了|为|达|约)*"
_MOVED = re.compile(rf"(?:相比|相较)?的?[，,]?(?:净|共|同比|实际|也|则)?{_MOVES}")
_BY_SO_MUCH = re.compile(
    r"[，,、]?(?!调整|[\u4e00-\u9fff]{0,4}预算)[\u4e00-\u9fff]{0,2}(?:长|短|快|慢|前|后|迟|早|回|升|降|增|减|净增|扩|缩)[\u4e00-\u9fff]{0,2}"
)
_ENDS_MOVING = re.compile(rf"(?<!到){_MOVES}$")
_REFERENCE = re.compile(r"上年|去年|上一年|前一年|同期|20\d\d年|计划|目标|预算|年初|预期|需求|标准|要求|应|原")
_FROM = re.compile(r"(?:由|从)[^，。；]{0,10}$")
_TO = re.compile(r"(?:到|至|为)$")
_AGAINST = re.compile(r"(?:较|比|与|同|高于|低于|超出?|少于|多于)[^，。；]{0,12}$")


def _base_of_two(sentence: Sentence, one: Said, other: Said) -> Said | None:
    """Which of two numbers the change is reckoned from: last year's, the plan's; ``None`` where the words do not tell."""
    between = sentence.words[one.to : other.at].strip()
    if _ENDS_MOVING.search(one.lead) or _ENDS_MOVING.search(other.lead):
        return None
    if _FROM.search(one.lead) and _TO.search(between):
        return one
    if _AGAINST.search(other.lead) and (_REFERENCE.search(other.lead) or re.match(r"(?:较|比|与|相比|相较)", other.lead)):
        return other
    if _REFERENCE.search(one.lead) and not _REFERENCE.search(other.lead) and len(between) <= 12:
        return one
    return None


_BUDGET = re.compile(r"预算|年初|批复")
_RAISED, _LOWERED = re.compile(r"追加|调增|核增|增加|新增|上调"), re.compile(r"调减|核减|压减|减少|收回|下调")
_AFTERWARDS = re.compile(r"调整|全年|最终|预算|达到?|合计|共|为|至")


def adjusted_in_sentences(case: Case) -> Iterator[Finding]:
    """年初预算3,200万元，年中追加480万元，调整后预算3,860万元: a budget, what was added or taken away, and what it came to."""
    for sentence in case.numbered:
        if len(sentence.said) < 3 or "预算" not in sentence.words:
            continue
        for first, moved, last in zip(sentence.said, sentence.said[1:], sentence.said[2:], strict=False):
            if not (first.figure.unit == moved.figure.unit == last.figure.unit == "元"):
                continue
            raised, lowered = _RAISED.search(moved.lead), _LOWERED.search(moved.lead)
            if not _BUDGET.search(first.lead) or bool(raised) == bool(lowered) or not _AFTERWARDS.search(last.lead):
                continue
            if _REFERENCE_YEAR.search(moved.lead) or not (first.figure.exact and moved.figure.exact and last.figure.exact):
                continue
            made = first.figure.interval + moved.figure.interval if raised else first.figure.interval - moved.figure.interval
            if made.meets(last.figure.interval) or not 0.7 < float(made.middle / (last.figure.value or 1)) < 1.4:
                continue
            sign = "+" if raised else "−"
            yield finding(
                case,
                CHANGE,
                "error",
                f"{first.figure.number} {sign} {moved.figure.number} = {in_unit_of(made.middle, last.figure)} ≠ {last.figure.words}",
                "年初预算加减调整数，与调整后的预算不符。",
                figures=[first.figure, moved.figure, last.figure],
                places=[sentence.place(first.at - len(first.lead), last.to, case.text)],
            )


_REFERENCE_YEAR = re.compile(r"上年|去年|20\d\d年|同比|较|比")
_UP = re.compile(r"[，,、（(]?(?:同比|比上年|较上年)?(?:增长|增加|上升|提高|增幅)(?:了|为|达)?")
_DOWN = re.compile(r"[，,、（(]?(?:同比|比上年|较上年)?(?:下降|减少|降低|降幅|压减)(?:了|为|达)?")
_ROSE, _FELL = re.compile(r"(?:增加|增长|上升|提高)(?:了|约)?$"), re.compile(r"(?:减少|下降|降低|压减)(?:了|约)?$")
_ROSE_TO = re.compile(r"(?:逐步|大幅|进一步)?(?:提高|上升|增加|增长|提升|扩大|升)(?:到|至|为)")
_FELL_TO = re.compile(r"(?:逐步|大幅|进一步)?(?:下降|降低|减少|压缩|压减|缩短|降)(?:到|至|为)")


def directions_at_odds(case: Case) -> Iterator[Finding]:
    """减少5.2万元，增长7.69%; 由82.5%下降到85.3%: an amount and its rate, or two numbers and their verb, that point apart."""
    for sentence in case.numbered:
        for one, other in zip(sentence.said, sentence.said[1:], strict=False):
            between = sentence.words[one.to : other.at]
            if other.figure.unit == "%" and one.figure.unit != "%":
                fell, rose = _FELL.search(one.lead), _ROSE.search(one.lead)
                apart = bool((fell and _UP.fullmatch(between)) or (rose and _DOWN.fullmatch(between)))
            elif one.figure.unit == other.figure.unit and _FROM.search(one.lead):
                gap = other.figure.interval - one.figure.interval
                apart = bool((gap.low > 0 and _FELL_TO.fullmatch(between)) or (gap.high < 0 and _ROSE_TO.fullmatch(between)))
            else:
                continue
            if apart:
                yield finding(
                    case,
                    REASON,
                    "error",
                    f"{one.lead[-6:]}{one.figure.words}{between}{other.figure.words}",
                    "所述的增减方向前后相反，或与所列的数相反。",
                    figures=[one.figure, other.figure],
                    places=[sentence.place(one.at - len(one.lead), other.to, case.text)],
                )


_MOVED_UP = re.compile(r"[，,]?(?:净|共|同比|实际)?(?:增加|增长|上升|提高|提升|扩大|新增|延长|多)(?:了|约)?")
_MOVED_DOWN = re.compile(r"[，,]?(?:净|共|同比|实际)?(?:减少|下降|降低|压减|缩短|缩小|少)(?:了|约)?")
_BOUND = re.compile(r"(?:的|以[上下内]的?)?(?:年[初度])?(?:目标|标准|计划|要求|任务|控制数)|.*[优高低好多少]于$|.*(?:超过|达到)$")
_PLAINLY_AGAINST = re.compile(r"(?:较|比|与|同)[^，。；]{0,12}$")


def direction_of_two(case: Case) -> Iterator[Finding]:
    """104户，比上年末的96户减少8户: two numbers that rise where their verb falls, or fall where it rises."""
    for sentence in case.numbered:
        for one, other, moved in zip(sentence.said, sentence.said[1:], sentence.said[2:], strict=False):
            if one.figure.unit != other.figure.unit or not (one.figure.exact and other.figure.exact):
                continue
            base = _base_of_two(sentence, one, other)
            behind = sentence.words[other.to : moved.at]
            if base is None or (base is other and not _PLAINLY_AGAINST.search(other.lead)) or one.is_change:
                continue
            if not _changes_them(one, other, moved) or _BOUND.search(one.lead) or _BOUND.match(sentence.words, one.to):
                continue
            first, last = (one, other) if base is one else (other, one)
            gap = last.figure.interval - first.figure.interval
            if (gap.low > 0 and _MOVED_DOWN.fullmatch(behind)) or (gap.high < 0 and _MOVED_UP.fullmatch(behind)):
                yield finding(
                    case,
                    REASON,
                    "error",
                    f"{first.figure.words} → {last.figure.words}，所写为“{behind.strip('，,')}{moved.figure.words}”",
                    "所述的增减方向与所列的两数相反。",
                    figures=[first.figure, last.figure, moved.figure],
                    places=[sentence.place(one.at - len(one.lead), moved.to, case.text)],
                )


def _changes_them(one: Said, other: Said, moved: Said) -> bool:
    """Whether the third number is the difference of the two, or its rate: then they are beyond doubt of one thing."""
    high, low = sorted((one.figure, other.figure), key=lambda figure: -figure.value)
    gap = high.interval - low.interval
    if moved.figure.unit == "%" and one.figure.unit != "%":
        return any(base.value > 0 and (gap / base.interval).meets(moved.figure.interval) for base in (high, low))
    return gap.meets(moved.figure.interval)


_LAST_WAS = re.compile(r"(?:上年|去年|上一年|20\d\d年)度?(?:同期)?[\u4e00-\u9fff]{0,4}")


def last_year_behind(case: Case) -> Iterator[Finding]:
    """36.8%，比上年提高2.3个百分点（上年为34.2%）: this year's number, the change, and last year's number behind it."""
    for sentence in case.numbered:
        for this, moved, last in zip(sentence.said, sentence.said[1:], sentence.said[2:], strict=False):
            if this.figure.unit != last.figure.unit or not moved.is_change or not _LAST_WAS.fullmatch(last.lead):
                continue
            if not (this.figure.exact and moved.figure.exact and last.figure.exact):
                continue
            words = _gap(this.figure, last.figure, last.figure, moved.figure)
            if words is not None and not _fits_any_pair(sentence, moved.figure):
                yield finding(
                    case,
                    CHANGE,
                    "error",
                    words,
                    "本年数与上年数之差同所述增减不符。",
                    figures=[this.figure, moved.figure, last.figure],
                    places=[sentence.place(this.at - len(this.lead), last.to, case.text)],
                )


def _gap(one: Stated, other: Stated, base: Stated, moved: Stated) -> str | None:
    """The reckoning where the difference of two numbers, or its rate, is not what is stated; ``None`` where it is."""
    high, low = sorted((one, other), key=lambda figure: -figure.value)
    gap = high.interval - low.interval
    points = moved.unit in ("个百分点", "百分点") and one.unit == "%"
    if points or (moved.unit == one.unit and one.unit != "%"):
        if gap.meets(moved.interval):
            return None
        return f"{high.number} − {low.number} = {in_unit_of(gap.middle, high)} ≠ {moved.words}"
    if moved.unit == "%" and one.unit != "%" and base.value > 0 and gap.low > 0:
        rate = gap / base.interval
        if rate.meets(moved.interval) or _rate_of_ends(other if base is one else one, base).meets(moved.interval):
            return None
        return f"{in_unit_of(gap.middle, high)} ÷ {base.number} = {percent(rate.middle)} ≠ {moved.words}"
    return None


def _fits_any_pair(sentence: Sentence, moved: Stated) -> bool:
    """Whether some two numbers of the sentence, or one and an amount, make the change that is stated."""
    numbers = [said.figure for said in sentence.said if said.figure.exact and said.figure is not moved and said.figure.value > 0]
    for one in numbers:
        for other in numbers:
            if one is other or one.unit != other.unit or one.value < other.value:
                continue
            if moved.unit == "%" and one.unit != "%":
                before = (other.interval / (one.interval - other.interval)) if one.value > other.value + one.half else None
                after = other.interval / (one.interval + other.interval)
                if any(_gap(one, other, base, moved) is None for base in (one, other)):
                    return True
                if after.meets(moved.interval) or (before is not None and before.meets(moved.interval)):
                    return True
            elif (one.interval - other.interval).meets(moved.interval) and (moved.unit == one.unit or one.unit == "%"):
                return True
    return False


_ADDED = re.compile(r"(?:净增|净减|新增|新建|增加|减少|关停|注销)[\u4e00-\u9fff]{0,12}$")


def added_to_a_stock(case: Case) -> Iterator[Finding]:
    """新增规上企业14家，总数由76家增加到92家: what is said to be added before the two numbers that it lies between."""
    for sentence in case.numbered:
        for moved, one, other in zip(sentence.said, sentence.said[1:], sentence.said[2:], strict=False):
            if not (moved.figure.unit == one.figure.unit == other.figure.unit != "%") or not _ADDED.search(moved.lead):
                continue
            if not (_FROM.search(one.lead) and _TO.search(sentence.words[one.to : other.at].strip())):
                continue
            if not (moved.figure.exact and one.figure.exact and other.figure.exact) or "。" in sentence.words[moved.to : one.at]:
                continue
            words = _gap(one.figure, other.figure, one.figure, moved.figure)
            gap = abs(one.figure.value - other.figure.value)
            if words is not None and moved.figure.value < 3 * gap < 9 * moved.figure.value:  # 人均 is another thing
                yield finding(
                    case,
                    CHANGE,
                    "error" if "净" in moved.lead else "warning",
                    words,
                    "前后两数之差与所述增减不符；如另有增减因素应予说明。",
                    figures=[moved.figure, one.figure, other.figure],
                    places=[sentence.place(moved.at - len(moved.lead), other.to, case.text)],
                )


def amount_against_rate(case: Case) -> Iterator[Finding]:
    """与上年的10.12万元相比减少0.76万元，下降7.51%: an amount and its rate behind the number that they are reckoned from."""
    for sentence in case.numbered:
        for base, amount, moved in zip(sentence.said, sentence.said[1:], sentence.said[2:], strict=False):
            if moved.figure.unit != "%" or amount.figure.unit != base.figure.unit or base.figure.unit == "%":
                continue
            if not (base.figure.exact and amount.figure.exact and moved.figure.exact and base.figure.value > 0):
                continue
            if not (_REFERENCE.search(base.lead) and _AGAINST.search(base.lead)) or not _MOVED.fullmatch(
                sentence.words[base.to : amount.at]
            ):
                continue
            if not _MOVED.fullmatch(sentence.words[amount.to : moved.at].replace("（", "，").replace("(", "，")):
                continue
            rate = amount.figure.interval / base.figure.interval
            if rate.meets(moved.figure.interval) or amount.figure.value == 0 or _fits_any_pair(sentence, moved.figure):
                continue
            yield finding(
                case,
                CHANGE,
                "error",
                f"{amount.figure.number} ÷ {base.figure.number} = {percent(rate.middle)} ≠ {moved.figure.words}",
                f"增减额与增减率对不上，按所列数应为{percent(rate.middle)}。",
                figures=[base.figure, amount.figure, moved.figure],
                places=[sentence.place(base.at - len(base.lead), moved.to, case.text)],
            )


def _against_years(case: Case, metric: Metric, change: Change, this: Stated, last: Stated) -> str | None:
    """The reckoning, where amount, rate or direction disagree with both years."""
    moved = this.interval - last.interval
    up = this.value >= last.value
    high, low = (this, last) if up else (last, this)
    gap = in_unit_of(abs(this.value - last.value), this)
    real = f"{high.number} − {low.number} = {gap}"
    rate = f"；{gap} ÷ {last.number} = {percent(abs(this.value - last.value) / last.value * 100)}" if last.value > 0 else ""
    amount = case.number_of(metric, change.amount)
    stated = f"{'增加' if change.direction == 'increase' else '减少'}{amount.words if amount else ''}"
    stated += f"（{shown(change.percent)}%）" if change.percent is not None else ""
    if change.direction == "flat":
        return None
    if (moved.low > 0 and change.direction == "decrease") or (moved.high < 0 and change.direction == "increase"):
        return f"{last.number} → {this.number}，方向与所述{stated}相反"
    size = moved if up else Interval(-moved.high, -moved.low)
    if amount is not None and amount.exact and amount.unit == this.unit and not size.meets(amount.interval):
        return f"{real}{rate} ≠ {stated}"
    if (
        change.percent is not None
        and last.interval.low > 0
        and not Interval(100 * size.low / last.interval.high, 100 * size.high / last.interval.low).meets(_rate(change.percent))
        and not _rate_of_ends(this, last).meets(_rate(change.percent))
    ):
        return f"{real}{rate} ≠ {stated}"
    return None


def _rate_of_ends(this: Stated, last: Stated) -> Interval:
    """The rate of change by both years alone: never wider than what they can make."""
    ends = [abs(100 * (one - other) / other) for one in this.interval for other in last.interval if other > 0]
    return Interval(min(ends), max(ends))


_MORE = re.compile(r"增加|增多|增长|增大|上升|上涨|扩大|提高|新增|加大|增设|增编|恢复|较多|频繁|上调|提标|扩面|追加")
_LESS = re.compile(
    r"减少|下降|降低|压减|压缩|缩减|节约|节俭|节省|从严|严控|控制|取消|退休|调出|减员|减|退出|推迟|暂停|停|未|改为|线上|结转|下浮|到期|完成(?:后|支付)|上年|去年|厉行|过紧日子|精简|合并|划出|疫情|放缓|滞后|较少|不再"
)


_THAN_LAST_YEAR = re.compile(r"(?:较|比|与|同)(?:上年|去年|上一年|往年)(?:度|同期)?(?:相比)?|同比")
_OF_THE_BASE = re.compile(r"上年(?!结转)|去年|未|推迟|疫情|改为|完成")


def direction_against_reason(case: Case) -> Iterator[Finding]:
    """减少, because 批次增多: a reason that would make the figure move the other way."""
    told: set[str] = set()
    for metric, figure, change in case.changed:
        reason = change.reason or _reason_behind(case, metric)
        if reason is None or figure.unit != "元" or reason in told or change.direction == "flat":
            continue
        bare = _THAN_LAST_YEAR.sub("", reason)
        more, less = _MORE.search(bare), _LESS.search(bare)
        opposite = (change.direction == "decrease" and more and not less) or (
            change.direction == "increase" and less and not more and not _OF_THE_BASE.search(bare)
        )
        if not opposite:
            continue
        told.add(reason)
        moved = "减少" if change.direction == "decrease" else "增加"
        yield finding(
            case,
            REASON,
            "error",
            f"{figure.name}{moved}，而所述原因“{reason[:60]}”应使其{'增加' if moved == '减少' else '减少'}",
            "增减的方向与所给的原因相反。",
            figures=[figure],
            places=[_with_reason(case, metric, reason)],
        )


_BEHIND = re.compile(r"[。；]\s*(?:[\u4e00-\u9fff]{0,8}?)?主要原因(?:是|为|系|在于|[：:])+(?P<reason>[^。\n]+)")


def _reason_behind(case: Case, metric: Metric) -> str | None:
    """The reason that the next sentence gives: …增长13.24%。主要原因是：…."""
    end = _stretch(case, metric).end
    match = _BEHIND.match(case.text, end)
    return match["reason"].strip("：: ") if match else None


def _with_reason(case: Case, metric: Metric, reason: str):  # type: ignore[no-untyped-def]
    evidence = _stretch(case, metric)
    at = case.text.find(reason[:20], evidence.start, evidence.start + 400)
    end = at + len(reason) if at >= 0 and case.text[at : at + len(reason)] == reason else evidence.end
    return evidence.model_copy(update={"end": end, "quote": case.text[evidence.start : end]})


_POINTS_TO = (
    ("公务接待费", re.compile(r"接待|来访|联络|大会|会议|召开|活动|考察|调研|招商|交流")),
    ("公务用车购置和运行维护费", re.compile(r"用车|车辆|公车|燃油|维修")),
    ("因公出国（境）费", re.compile(r"出国|出境|出访|境外|国外")),
)


def reason_against_parts(case: Case) -> Iterator[Finding]:
    """The reason for a change of the 三公 expenses against what its three parts did."""
    told: set[Decimal] = set()
    for metric, figure, change in case.changed:
        if item_of(metric.name) != "三公经费" or change.reason is None or figure.value in told or change.direction == "flat":
            continue
        moves = _moves(case)
        rising = change.direction == "increase"
        named = [item for item, words in _POINTS_TO if words.search(change.reason)]
        against = [item for item in named if item in moves and (moves[item][0] < 0) == rising and moves[item][0] != 0]
        made_by = max(moves, key=lambda item: moves[item][0] if rising else -moves[item][0], default=None)
        if not against or made_by is None or made_by in named:
            continue
        told.add(figure.value)
        parts = [number for item in (*against, made_by) for number in moves[item][1]]
        lines = "；".join(f"{item} {moves[item][2]}" for item in (*against, made_by))
        yield finding(
            case,
            COMPONENT,
            "warning",
            lines,
            f"所述原因“{change.reason[:40]}”指向{'、'.join(against)}，该项却{'下降' if rising else '上升'}；变动主要来自{made_by}。",
            figures=[figure, *parts],
            places=[_with_reason(case, metric, change.reason)],
        )


def _moves(case: Case) -> dict[str, tuple[Decimal, list[Stated], str]]:
    """How each part of the 三公 expenses moved, by a table's two years; a blank is none."""
    moves: dict[str, tuple[Decimal, list[Stated], str]] = {}
    for row in case.rows:
        item = item_of(row.name)
        if item not in dict(_POINTS_TO) or row.project:
            continue
        this, last = row.numbers.get(Role.ACTUAL), row.numbers.get(Role.PREVIOUS)
        if this is None and last is None:
            continue
        now, then = (number.value if number else Decimal(0) for number in (this, last))
        present = [number for number in (last, this) if number is not None]
        words = " → ".join(number.number if number else "空白" for number in (last, this))
        moves.setdefault(item, (now - then, present, words))
    return moves


def rate_from_zero(case: Case) -> Iterator[Finding]:
    """增长100% from nothing: a rate whose base is zero."""
    for metric, figure, change in case.changed:
        item = item_of(metric.name)
        if change.percent is None:
            continue
        amount = case.number_of(metric, change.amount)
        from_amount = (
            change.direction == "increase"
            and amount is not None
            and amount.unit == figure.unit
            and amount.value == figure.value > 0
        )
        last = [number for number in case.facts.get(Subject(item, "previous"), []) if number.value == 0] if item else []
        if from_amount or (last and figure.value > 0):
            yield finding(
                case,
                ZERO_BASE,
                "error",
                f"上年数为0，{shown(change.percent)}%没有基数",
                f"{figure.name}上年为零，增减率无从计算，应写明“上年无此项支出”。",
                figures=[figure, *last[:1]],
                places=[_stretch(case, metric)],
            )


CHECKS = (
    change_within_itself,
    change_against_table,
    from_one_to_another,
    amount_against_rate,
    added_to_a_stock,
    adjusted_in_sentences,
    directions_at_odds,
    direction_of_two,
    last_year_behind,
    direction_against_reason,
    reason_against_parts,
    rate_from_zero,
)
