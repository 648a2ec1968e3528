"""Rates recomputed (比率计算): rates, shares and completion rates in sentences.

A rate is judged only where the report says what it is a rate of: by its name (办结率 after 办结), by the words before it
(为年初预算的, 占采购金额的), or by its column. With several possible bases any that fits is enough.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from rapidfuzz import fuzz

from jixiao.audit.case import Case, Said, Sentence, percent
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding
from jixiao.audit.reckoning import Interval, Stated, a_digit_apart, a_size_apart, in_unit_of, total
from jixiao.audit.subjects import Subject, item_of, plain_name, subject_of
from jixiao.audit.sums import SIZE
from jixiao.columns import Role

RATE = Check(
    code="rate", name="比率计算", source="财预〔2020〕10号附3：预算执行率=实际支出资金÷预算资金×100%；第二十五条：数据真实"
)


def rates_in_sentences(case: Case) -> Iterator[Finding]:
    """受理1,126件，办结1,098件，办结率98.51%: a rate after the two numbers that its name speaks of."""
    for sentence in case.numbered:
        if "%" not in sentence.units:
            continue
        for at, said in enumerate(sentence.said):
            if said.figure.unit != "%" or not said.figure.exact or said.is_change or said.figure.half >= 5:
                continue
            counts = _counts_for(sentence, said, at)
            if (
                (found := _of_another_unit(case, sentence, said, counts))
                or (_name(said).endswith(("率", "满意度")) and (found := _by_name(case, sentence, said, counts)))
                or (found := _of_stated_base(case, sentence, said, counts))
                or (found := _by_base(case, sentence, said, sentence.said[:at]))
                or (found := _slipped(case, sentence, said, counts))
                or (found := _turned_over(case, sentence, said, counts))
            ):
                yield found
        yield from _shares_in_order(case, sentence)


def _counts_for(sentence: Sentence, said: Said, at: int) -> list[Said]:
    """The numbers that a rate may be made of: those in the brackets behind it, else those before it."""
    bracket = _BRACKET.match(sentence.words, said.to)
    inside = [other for other in sentence.said[at + 1 :] if other.at < bracket.end()] if bracket else []
    return inside if len(inside) >= 2 else sentence.said[:at]


_BRACKET = re.compile(r"（[^（）]*）")
_OF_BASE = re.compile(r"(?:目标|任务|计划|总数|预算)?的(?:比例|比重)?(?:为|达|约)?")
_PART_OF = re.compile(r"(?:占|为|是|相当于|达到?|完成了?)[^，。；]{0,16}$")


def _of_stated_base(case: Case, sentence: Sentence, said: Said, before: list[Said]) -> Finding | None:
    """1,870人次，为年度计划2,000人次的93.5%: the number right before the rate is what it is a rate of."""
    base = before[-1] if before else None
    if base is None or not _OF_BASE.fullmatch(sentence.words[base.to : said.at]) or not _PART_OF.search(base.lead):
        return None
    parts = [other for other in before[:-1] if _is_count_like(other, base)]
    if not parts and sentence.before is not None:
        parts = [other for other in sentence.before.said if _is_count_like(other, base)]
    if not parts or not base.figure.exact or base.figure.value <= 0:
        return None
    if any((part.figure.interval / base.figure.interval).meets(said.figure.interval) for part in parts):
        return None
    part = parts[-1]
    return _wrong_rate(case, sentence, said, part.figure, base.figure, part if part in sentence.said else base)


def _is_count_like(one: Said, other: Said) -> bool:
    """Whether two numbers can stand in a rate to one another."""
    return (
        one.figure.unit == other.figure.unit
        and one.figure.unit != "%"
        and one.figure.exact
        and one.figure.value > 0
        and not one.is_change
    )


_TELLS_A_SHARE = re.compile(r"率|比|占|度|完成")


def _slipped(case: Case, sentence: Sentence, said: Said, before: list[Said]) -> Finding | None:
    """A rate that one changed digit, or two that changed places, make right for the two numbers right before it."""
    counts = [other for other in before if other.figure.unit != "%" and other.figure.exact and other.figure.value > 0]
    if len(counts) < 2 or not _TELLS_A_SHARE.search(said.lead):
        return None
    one, other = counts[-2:]
    if not _is_count_like(one, other) or _explained(sentence, said) or _is_share_of_all(sentence, said, other):
        return None
    if _COMPLEMENT.search(_name(said)):
        return _saved(case, sentence, said, one, other)
    part, whole = sorted((one, other), key=lambda each: each.figure.value) if said.figure.value <= 100 else (other, one)
    real = part.figure.value / whole.figure.value * 100
    if not a_digit_apart(round(real, said.figure.places), said.figure.value, said.figure.places, digits=3):
        return None
    return _wrong_rate(case, sentence, said, part.figure, whole.figure, one)


def _of_another_unit(case: Case, sentence: Sentence, said: Said, before: list[Said]) -> Finding | None:
    """预算1,320.00万元，实际1,284.60元，执行率97.32%: the rate fits the numbers as written, and not their units (元 for 万元)."""
    money = [other for other in before if other.figure.unit == "元" and other.figure.exact and other.figure.value > 0]
    if len(money) < 2 or not _TELLS_A_SHARE.search(said.lead):
        return None
    one, other = money[-2:]
    if one.figure.scale == other.figure.scale or said.figure.half >= 1:
        return None
    for part, whole in ((one, other), (other, one)):
        as_written = [Interval(*(end / each.figure.scale for end in each.figure.interval)) for each in (part, whole)]
        if (as_written[0] / as_written[1]).meets(said.figure.interval):
            return finding(
                case,
                SIZE,
                "error",
                f"{part.figure.words} ÷ {whole.figure.words} ≠ {said.figure.number}%；{part.figure.number} ÷ {whole.figure.number} = "
                f"{percent(part.figure.value / part.figure.scale / (whole.figure.value / whole.figure.scale) * 100)}",
                "两数按同一单位计算才与所述比率相符，其中一个的单位有误。",
                figures=[part.figure, whole.figure, said.figure],
                places=[sentence.place(one.at - len(one.lead), said.to, case.text)],
            )
    return None


_OF_PLAN = re.compile(
    r"(?:完成|达到?|占|为)[^，。；]{0,6}(?:计划|目标|任务|预算)[^，。；]{0,4}的?$|预算(?:完成|执行)率(?:为|达到?)?$"
)
_PLANNED = re.compile(r"计划|目标|任务|预算|应")


def _turned_over(case: Case, sentence: Sentence, said: Said, before: list[Said]) -> Finding | None:
    """计划12,000人次，实际11,468人次，完成计划的104.64%: the plan over the outcome, for the outcome over the plan."""
    if len(before) < 2 or not _OF_PLAN.search(said.lead) or said.figure.value == 100:
        return None
    planned = [_PLANNED.search(each.lead + _after(sentence, each)[:2]) is not None for each in before[-2:]]
    if planned[0] == planned[1]:
        return None
    plan, done = before[-2:] if planned[0] else before[-2:][::-1]
    if not _is_count_like(plan, done):
        return None
    if not done.figure.value or not (plan.figure.interval / done.figure.interval).meets(said.figure.interval):
        return None
    if (done.figure.interval / plan.figure.interval).meets(said.figure.interval) or not done.figure.exact:
        return None
    return _wrong_rate(case, sentence, said, done.figure, plan.figure, before[-2])


_SAVED = re.compile(r"(?:节约|节支|结余|结转|下浮)率$")


def _saved(case: Case, sentence: Sentence, said: Said, one: Said, other: Said) -> Finding | None:
    """结余率 and 节约率: of two numbers, the smaller is what is left or what was spent; near to one reading, and neither fits."""
    part, whole = sorted((one, other), key=lambda each: each.figure.value)
    if not _SAVED.search(_name(said)) or not part.figure.value < whole.figure.value:
        return None
    share = part.figure.value / whole.figure.value * 100
    real = min((share, 100 - share), key=lambda each: abs(each - said.figure.value))
    if abs(real - said.figure.value) > 3:
        return None
    return finding(
        case,
        RATE,
        "error",
        f"{part.figure.number} 与 {whole.figure.number}：{percent(real)} ≠ {said.figure.number}%",
        f"{_name(said)}按所列的数应为{percent(real)}。",
        figures=[part.figure, whole.figure, said.figure],
    )


def _explained(sentence: Sentence, said: Said) -> bool:
    """Whether two numbers of the sentence, or of the one before, make the rate as it stands, or what it leaves of a hundred."""
    near = [*(sentence.before.said if sentence.before else ()), *sentence.said]
    numbers = [other.figure for other in near if other.figure.unit != "%" and other.figure.value > 0]
    rest = Interval(100 - said.figure.interval.high, 100 - said.figure.interval.low)
    for one in numbers:
        for other in numbers:
            if one is other or one.unit != other.unit:
                continue
            rate = one.interval / other.interval
            if rate.meets(said.figure.interval) or rate.meets(rest) or rate.meets(_above_hundred(said)):
                return True
    return False


def _is_share_of_all(sentence: Sentence, said: Said, part: Said) -> bool:
    """Whether a rate is the share of a part in what the amounts of the sentence make up together."""
    amounts = [other.figure for other in sentence.said if _is_count_like(other, part)]
    return len(amounts) >= 2 and said.figure.interval.meets(part.figure.interval / total(amounts))


def _above_hundred(said: Said) -> Interval:
    return Interval(100 + said.figure.interval.low, 100 + said.figure.interval.high)


_OF_A_WHOLE = re.compile(r"占|比重|比例")
_IN_ORDER = re.compile(r"分别|依次|各占")


def _shares_in_order(case: Case, sentence: Sentence) -> Iterator[Finding]:
    """湿垃圾5.2万吨、干垃圾12.4万吨、可回收物4.0万吨，占比依次为…: as many shares as amounts, in one order."""
    numbers = sentence.said
    for at, said in enumerate(numbers):
        if said.figure.unit != "%" or not _IN_ORDER.search(said.lead) or not _OF_A_WHOLE.search(said.lead):
            continue
        shares = [said]
        while at + len(shares) < len(numbers) and numbers[at + len(shares)].figure.unit == "%":
            shares.append(numbers[at + len(shares)])
        parts = numbers[max(0, at - len(shares)) : at]
        if len(parts) != len(shares) or len(shares) < 2 or not all(_is_count_like(part, parts[0]) for part in parts):
            continue
        added = sum((part.figure.value for part in parts), Decimal(0))
        earlier = [*numbers[: at - len(shares)], *(sentence.before.said if sentence.before else ())]
        wholes = [added, *(each.figure.value for each in earlier if _is_count_like(each, parts[0]))]
        fits = {whole: [_is_share(part, share, whole) for part, share in zip(parts, shares, strict=True)] for whole in wholes}
        whole = max(fits, key=lambda each: sum(fits[each]))
        if not all(fits[whole]) and (sum(fits[whole]) >= len(shares) - 1 or whole == added):
            for part, share, right in zip(parts, shares, fits[whole], strict=True):
                if not right:
                    real = percent(part.figure.value / whole * 100)
                    yield finding(
                        case,
                        RATE,
                        "error",
                        f"{part.figure.number} ÷ {in_unit_of(whole, part.figure)} = {real} ≠ {share.figure.words}",
                        f"{part.lead or part.figure.name}所占的比例按所列的数应为{real}。",
                        figures=[part.figure, share.figure],
                        places=[sentence.place(parts[0].at - len(parts[0].lead), shares[-1].to, case.text)],
                    )


def _is_share(part: Said, share: Said, whole: Decimal) -> bool:
    return (part.figure.interval / Interval(whole, whole)).meets(share.figure.interval)


_NAME_END = re.compile(r"(?:达到?|为|至|是|约|仅|保持在?|[:：])+$")
_NAME_BEGIN = re.compile(r"^.*[，,、]")


def _name(said: Said) -> str:
    return _NAME_BEGIN.sub("", _NAME_END.sub("", said.lead))


_RATE_OF_FUNDS = re.compile(r"(?:预算|资金|支出|支付|总体)?(?:执行|完成|支出|支付进度|使用)率$")
_COMPLEMENT = re.compile(r"节约|节支|结余|结转|下浮|流失|漏损|降|增|调整|偏离")


def _by_name(case: Case, sentence: Sentence, said: Said, before: list[Said]) -> Finding | None:
    name = _name(said)
    if _RATE_OF_FUNDS.search(name):
        return _execution(case, sentence, said, before)
    if _COMPLEMENT.search(name):
        return None
    stem = re.sub(r"[率度]$", "", name)[-2:]
    counts = [other for other in before if other.figure.exact and not other.is_change and other.figure.unit not in ("%", None)]
    done = next(
        (other for other in reversed(counts) if stem and (_says(stem, other.lead) or stem in _after(sentence, other))), None
    )
    if done is None:
        return None
    wholes = [
        other
        for other in counts
        if other is not done and other.figure.unit == done.figure.unit and other.figure.value >= done.figure.value > 0
    ]
    at = counts.index(done)
    if (
        not wholes
        and at
        and counts[at - 1].figure.unit == done.figure.unit
        and said.figure.value <= 100
        and counts[at - 1].figure.value > 0
    ):
        wholes = [counts[at - 1]]  # more done than there was to do
    if not wholes or _of_another_clause(sentence, said, counts[at + 1 :], done):
        return None
    whole = wholes[-1]
    apart = abs(done.figure.value / whole.figure.value * 100 - said.figure.value)
    if (whole not in counts[-2:] and apart > 12) or ("；" in sentence.words[whole.to : said.at] and apart > 15):
        return None  # of another part of the sentence, or of something that is counted nowhere
    if any((done.figure.interval / other.figure.interval).meets(said.figure.interval) for other in wholes):
        return None
    return _wrong_rate(case, sentence, said, done.figure, whole.figure, whole)


def _of_another_clause(sentence: Sentence, said: Said, between: list[Said], done: Said) -> bool:
    """Whether the rate follows a number of its own in another part of the sentence: 486份，满意度93.1%；67家企业…满意度95.7%."""
    own = max(sentence.words.rfind(stop, done.to, said.at) for stop in "；;")
    return own >= 0 and any(other.at > own and other.figure.unit != done.figure.unit for other in between)


def _says(stem: str, words: str) -> bool:
    """Whether the words say the stem, and not its contrary: 合格, not 不合格."""
    pieces = words.split(stem)
    return any(not piece.endswith(("不", "未", "非")) for piece in pieces[:-1])


def _after(sentence: Sentence, said: Said) -> str:
    """The words right behind a number, up to the next stop: 15个按期完工."""
    match = re.match(r"[\u4e00-\u9fff]{0,6}", sentence.words[said.to :])
    return match[0] if match else ""


def _wrong_rate(
    case: Case, sentence: Sentence, said: Said, part: Stated, whole: Stated, first: Said | None, why: str = ""
) -> Finding:
    real = part.value / whole.value * 100
    places = [
        sentence.place(
            (first.at - len(first.lead)) if first and first.at < said.at else said.at - len(said.lead), said.to, case.text
        )
    ]
    return finding(
        case,
        RATE,
        "error",
        f"{part.number} ÷ {whole.number} = {percent(real)} ≠ {said.figure.number}%",
        why or f"{_name(said) or said.figure.name}按所列的数应为{percent(real)}。",
        figures=[part, whole, said.figure],
        places=places,
    )


def _execution(case: Case, sentence: Sentence, said: Said, before: list[Said]) -> Finding | None:
    """执行率 of the item whose budget stands before it, else of the report's whole spending."""
    last = next(
        (other for other in reversed(before) if other.figure.unit == "元" and not other.is_change and other.subject), None
    )
    item = last.subject.item if last and last.subject else None
    own = item_of(re.sub(r"(?:预算)?(?:执行|完成|支出|支付进度|使用)率$", "", _name(said)))
    item = own or item
    if own is None and _is_of_something_else(sentence, said):
        return None
    project = said.figure.project
    if item is None:
        return _local_execution(case, sentence, said, before)
    done = case.facts.get(Subject(item, "actual", project), [])
    plans = [*case.facts.get(Subject(item, "plan", project), []), *case.facts.get(Subject(item, "initial", project), [])]
    if item == "支出总额":
        plans += [*case.facts.get(Subject("收入总额", "actual", project), [])]
    pairs = [(one, other) for one in done for other in plans if one.value > 0 and other.value > 0]
    if not pairs:
        return _local_execution(case, sentence, said, before)
    if any((one.interval / other.interval).meets(said.figure.interval) for one, other in pairs):
        return None
    money = [other for other in before if _is_count_like(other, before[-1])] if before and before[-1].figure.unit == "元" else []
    if not own and any(
        (one.figure.interval / whole.figure.interval).meets(said.figure.interval) for whole, one in pairwise(money)
    ):
        return None  # of the two numbers right before it
    local = [pair for pair in pairs if any(o.figure.start == pair[1].start for o in before)]
    part, whole = (local or pairs)[0]
    if not local and abs(part.value / whole.value * 100 - said.figure.value) > 30:
        return None  # a rate of something else
    return _wrong_rate(
        case, sentence, said, part, whole, next((o for o in before if o.figure.start in (whole.start, part.start)), None)
    )


_OF_ALL = re.compile(r"^(?:其中|全年|全部|年度|本年度?|当年|总体|整体|综合|部门|单位|项目|财政|专项|资金|预算|实际|总|的)*")


def _is_of_something_else(sentence: Sentence, said: Said) -> bool:
    """Whether the rate is of a thing that no number before it is of: …执行率95.48%，其中设备购置执行率98.2%."""
    named = _OF_ALL.sub("", _RATE_OF_FUNDS.sub("", _name(said)))
    return len(named) >= 2 and named not in sentence.words[: said.at - len(said.lead)]


def _local_execution(case: Case, sentence: Sentence, said: Said, before: list[Said]) -> Finding | None:
    """全年预算356.00万元；实际支出349.72万元，预算执行率98.24%: plan and outcome both in the sentence."""
    money = [
        other
        for other in before
        if other.figure.unit == "元" and other.figure.exact and not other.is_change and other.figure.value > 0
    ]
    plans = [other for other in money if re.search(r"预算|到位|下达|计划|安排|投资", other.lead)]
    done = [
        other
        for other in money
        if re.search(r"支出|执行|使用|支付|发放|完成", other.lead) and not re.search(r"预算|计划", other.lead)
    ]
    if not plans or not done:
        return None
    if any(
        (one.figure.interval / other.figure.interval).meets(said.figure.interval)
        for one in money
        for other in money
        if one is not other and not (one in plans and other in done)
    ):
        return None
    part, whole = done[-1], plans[-1]
    if abs(part.figure.value / whole.figure.value * 100 - said.figure.value) > 30:
        return None
    return _wrong_rate(case, sentence, said, part.figure, whole.figure, min(part, whole, key=lambda each: each.at))


_BASE = re.compile(r"(?:占|为|是|相当于|完成|达到?)(?P<base>[^，。；占为]{0,14}?)(?:的|比例?为?|比重为?|比例达)?$")
_PART_BEFORE = re.compile(r"(?P<part>[^占]{2,14})占")
_PLAN_BASE = re.compile(r"(?:年初|年度)?(?:计划|目标|任务|目标任务)(?:任务|数|值)?$")


def _by_base(case: Case, sentence: Sentence, said: Said, before: list[Said]) -> Finding | None:
    """为年初预算的86.24%, 占采购金额的82.92%, 完成年初目标的109%: a share of what the words name."""
    match = _BASE.search(said.lead)
    if match is None:
        return None
    part = next(
        (other for other in reversed(before) if other.figure.unit != "%" and other.figure.exact and not other.is_change),
        None,
    )
    if part is None or part.figure.value <= 0:
        return None
    base = match["base"]
    own = _PART_BEFORE.match(said.lead)
    if own and (item := item_of(own["part"])):
        return _of_accounts(case, sentence, said, item, base)
    if _PLAN_BASE.search(base):
        return _of_target(
            case,
            sentence,
            said,
            [o for o in before if o.figure.exact and not o.is_change and o.figure.unit != "%" and o.figure.value > 0],
        )
    if base == "" and said.lead.startswith("占"):
        return _share_of_whole(case, sentence, said, part, before)
    wholes = _named_base(case, base, part, before)
    if not wholes or any((part.figure.interval / other.interval).meets(said.figure.interval) for other in wholes):
        return None
    if len({other.value for other in wholes}) > 1 and part.subject is None:
        return None
    why = ""
    initial = re.search(r"年初", base)
    if initial and part.subject:
        for other in case.facts.get(part.subject._replace(role="plan"), []):
            if other.value > 0 and (part.figure.interval / other.interval).meets(said.figure.interval):
                why = f"所述为年初预算的比例，实为全年预算{other.words}的比例；按年初预算应为{percent(part.figure.value / wholes[0].value * 100)}。"
    if wholes[0].value < part.figure.value and not why and "占" in said.lead:
        return None
    return _wrong_rate(case, sentence, said, part.figure, wholes[0], part, why)


def _of_accounts(case: Case, sentence: Sentence, said: Said, item: str, base: str) -> Finding | None:
    """公用经费占基本支出的10.10%: both ends are items of the accounts."""
    whole_item = item_of(base)
    parts = case.facts.get(Subject(item, "actual", said.figure.project), [])
    wholes = case.facts.get(Subject(whole_item, "actual", said.figure.project), []) if whole_item else []
    pairs = [(part, whole) for part in parts for whole in wholes if whole.value > 0 and part.value > 0]
    if not pairs or any((part.interval / whole.interval).meets(said.figure.interval) for part, whole in pairs):
        return None
    return _wrong_rate(case, sentence, said, *pairs[0], None)


def _named_base(case: Case, base: str, part: Said, before: list[Said]) -> list[Stated]:
    """The figures that the words before a share name."""
    base = re.sub(r"^[了到]|(?:总额|总数|总量|全部|的)+$", "", base)
    here = [
        o.figure for o in before if o.figure.unit == part.figure.unit and o is not part and o.figure.value > 0 and o.figure.exact
    ]
    if re.search(r"预算", base) and part.subject is not None and part.subject.role == "actual":
        role = "initial" if "年初" in base else "plan"
        stated = case.facts.get(part.subject._replace(role=role), [])
        return [figure for figure in stated if figure.value > 0 and figure.unit == part.figure.unit] or [
            f for f in here if "预算" in f.name
        ]
    subject = subject_of(base) if base else None
    if subject is not None and subject.item != "收入总额":
        return [
            figure
            for figure in case.facts.get(subject._replace(project=part.figure.project), [])
            if figure.value > 0 and figure.unit == part.figure.unit
        ]
    name = plain_name(base)
    return [figure for figure in here if len(name) >= 3 and plain_name(figure.name).endswith(name)]


def _of_target(case: Case, sentence: Sentence, said: Said, parts: list[Said]) -> Finding | None:
    """完成计划的93.24%: against the target that goals or the table set for the same thing."""
    if _explained(sentence, said):
        return None
    wrong: tuple[Said, Stated] | None = None
    for part in reversed(parts):
        targets = _targets_of(case, part)
        if any((part.figure.interval / other.interval).meets(said.figure.interval) for other in targets):
            return None
        reach = 60 if part is parts[-1] else 12  # the farther a number, the less likely it is what the rate is of
        if targets and wrong is None and abs(part.figure.value / targets[0].value * 100 - said.figure.value) <= reach:
            wrong = part, targets[0]
    return _wrong_rate(case, sentence, said, wrong[0].figure, wrong[1], wrong[0]) if wrong else None


def _targets_of(case: Case, part: Said) -> list[Stated]:
    """The targets set for what a number counts."""
    name = plain_name(part.figure.name)
    targets: list[Stated] = []
    for other, metric, figure in case.aimed_at if len(name) >= 3 else ():
        if figure.value <= 0 or metric.project != part.figure.project or figure.unit not in (part.figure.unit, None):
            continue
        alike = other == name or (len(other) >= 4 and (other in name or name in other)) or fuzz.token_set_ratio(name, other) >= 90
        if alike or (min(len(name), len(other)) >= 5 and _overlap(name, other) >= 0.6):
            targets.append(figure)
    for figure in case.aims:
        if figure.unit != part.figure.unit or figure.value <= 0 or figure.project != part.figure.project:
            continue
        other = plain_name(figure.name)
        if min(len(name), len(other)) >= 4 and (other in name or name in other or _overlap(name, other) >= 0.6):
            targets.append(figure)
    return targets


def _overlap(one: str, other: str) -> float:
    """The share of the shorter name's pairs of characters that the other has."""
    short, long = sorted((one, other), key=len)
    pairs = [short[at : at + 2] for at in range(len(short) - 1)]
    return sum(pair in long for pair in pairs) / len(pairs)


def _share_of_whole(case: Case, sentence: Sentence, said: Said, part: Said, before: list[Said]) -> Finding | None:
    """A share of a whole that is not named (占69.22%): wrong only where one changed digit makes it a share of an earlier number."""
    others = [
        o.figure
        for s in _around(sentence)
        for o in s.said
        if o.figure.unit == part.figure.unit and o.figure.exact and o.figure.value >= part.figure.value
    ]
    others = [other for other in others if other.start != part.figure.start]
    if part.figure.unit == "元":
        others += [
            f
            for f in case.facts.get(Subject("支出总额", "actual", said.figure.project), [])
            + case.facts.get(Subject("收入总额", "actual", said.figure.project), [])
            if f.value >= part.figure.value
        ]
    if not others or any(
        (part.figure.interval / other.interval).meets(said.figure.interval) for other in others if other.value > 0
    ):
        return None
    if _is_share_of_all(sentence, said, part):
        return None
    for other in others:
        real = round(part.figure.value / other.value * 100, 2) if other.value > 0 else Decimal(0)
        if a_digit_apart(real, said.figure.value):
            return _wrong_rate(case, sentence, said, part.figure, other, part)
    return None


def _around(sentence: Sentence) -> list[Sentence]:
    """The sentence and those of its paragraph before it."""
    around = [sentence]
    while (before := around[-1].before) is not None:
        around.append(before)
    return around[::-1]


_NEVER_ABOVE = re.compile(
    r"(?:满意[度率]|合格率|优良率|覆盖率|及格率|参与率|整改率|办结率|签约率|普及率|及时率|达标率|入住率|结案率|回收率|公开率|准确率)(?:均?达到?|为|至|是|[:：])*$"
)


def rates_above_hundred(case: Case) -> Iterator[Finding]:
    """满意度103%: a rate of a part cannot be above a hundred."""
    for sentence in case.numbered:
        for said in sentence.said if "%" in sentence.units else ():
            if said.figure.unit == "%" and said.figure.value > 100 and _NEVER_ABOVE.search(said.lead):
                yield finding(
                    case,
                    RATE,
                    "error",
                    f"{said.figure.words} > 100%",
                    f"{_name(said)}不可能超过100%。",
                    figures=[said.figure],
                )


_MEAN = re.compile(r"(?:人均|户均|日均|月均|亩均|平均每?[\u4e00-\u9fff]?|每[人户亩期场次])[^，。；]{0,8}$")


def means_in_sentences(case: Case) -> Iterator[Finding]:
    """培训8期，参训1,120人次，平均每期140人: a mean that a slip of a digit sets apart from the two numbers before it."""
    for sentence in case.numbered:
        for at, said in enumerate(sentence.said):
            if at < 2 or not _MEAN.search(said.lead) or not said.figure.exact or said.figure.unit == "%" or said.is_change:
                continue
            numbers = [other.figure for other in sentence.said[:at] if other.figure.unit != "%" and other.figure.value > 0]
            spans = [Decimal(365), Decimal(366), Decimal(12)]
            pairs = [(one, other) for one in numbers for other in numbers if one is not other]
            made = [one.value / other.value for one, other in pairs] + [one.value / span for one in numbers for span in spans]
            step = 2 * said.figure.half or said.figure.scale
            if any(abs(each - said.figure.value) <= max(step, said.figure.value / 100) for each in made) or len(numbers) < 2:
                continue
            one, other = sorted(numbers[-2:], key=lambda figure: -figure.value)
            real = one.value / other.value
            each = re.search(r"(?:平均)?每(?P<unit>[\u4e00-\u9fff])", said.lead)
            named = each is not None and (other.unit or "").startswith(each["unit"]) and one.unit == said.figure.unit
            if named or a_digit_apart(
                round(real / said.figure.scale, said.figure.places), said.figure.value / said.figure.scale, digits=3
            ):
                yield finding(
                    case,
                    RATE,
                    "error",
                    f"{one.number} ÷ {other.number} = {in_unit_of(round(real, 2), said.figure)} ≠ {said.figure.words}",
                    "平均数与所列的总数和个数不符。",
                    figures=[one, other, said.figure],
                )


_EACH = re.compile(r"(?:每|(?P<of>[人户亩])均)(?P<unit>[\u4e00-\u9fff])?[^，。；]{0,6}$")
_OF_TIME = re.compile(r"每[月年天日次期季]|月均|日均|年均|/月|/年|个月|次")


def products_in_sentences(case: Case) -> Iterator[Finding]:
    """每户2,000元，补助350户，发放700万元: so much for each, how many there are, and a total of another size or a little off."""
    for sentence in case.numbered:
        if len(sentence.said) < 3 or "元" not in sentence.units or _OF_TIME.search(sentence.words):
            continue
        money = [said for said in sentence.said if said.figure.unit == "元" and said.figure.exact and not said.is_change]
        each = next((said for said in money if _EACH.search(said.lead)), None)
        match = _EACH.search(each.lead) if each else None
        if each is None or match is None:
            continue
        unit = match["of"] or match["unit"]
        counts = [said for said in sentence.said if unit and (said.figure.unit or "").startswith(unit) and said.figure.exact]
        if len(counts) != 1 or len(money) != 2:
            continue
        count, whole = counts[0], next(said for said in money if said is not each)
        made = Interval(each.figure.interval.low * count.figure.value, each.figure.interval.high * count.figure.value)
        if made.meets(whole.figure.interval) or not whole.figure.value:
            continue
        near = abs(made.middle / whole.figure.value - 1) < Decimal("0.15")
        if near or a_size_apart(made, whole.figure.interval):
            yield finding(
                case,
                RATE,
                "error",
                f"{each.figure.words} × {count.figure.words} = {in_unit_of(made.middle, whole.figure)}{whole.figure.shown_unit} ≠ {whole.figure.words}",
                "单位标准与数量的乘积同所列总额不符。",
                figures=[each.figure, count.figure, whole.figure],
            )


_CONTROLLED = re.compile(r"(?P<item>在职人员|公用经费|[“\"]?三公[”\"]?经费)控制率(?:为|达到?|是|：|:)*$")
_ADJUSTED = re.compile(r"预算调整率(?:为|达到?|是|：|:)*$")


def rates_of_the_base_table(case: Case) -> Iterator[Finding]:
    """在职人员控制率 = 在职人数 ÷ 编制数, 公用经费控制率 = 决算 ÷ 预算, 预算调整率: the rates that 财预〔2013〕53号 defines."""
    for sentence in case.numbered:
        for said in sentence.said if "%" in sentence.units else ():
            if said.figure.unit != "%" or not said.figure.exact or "率" not in said.lead:
                continue
            rates = _of_the_base_table(case, said)
            if not rates or any(rate.meets(said.figure.interval) for _, _, rate in rates):
                continue
            part, whole, rate = rates[0]
            if abs(rate.middle - said.figure.value) <= 15:
                yield finding(
                    case,
                    RATE,
                    "error",
                    f"{part.number} 与 {whole.number} 的比率为 {percent(rate.middle)} ≠ {said.figure.words}",
                    f"{_name(said)}按所列的数应为{percent(rate.middle)}。",
                    figures=[part, whole, said.figure],
                )


def _of_the_base_table(case: Case, said: Said) -> list[tuple[Stated, Stated, Interval]]:
    """What a rate of control or adjustment may be made of, with the rate that it makes."""
    if _ADJUSTED.search(said.lead):
        plans, initial = (case.facts.get(Subject("支出总额", role), []) for role in ("plan", "initial"))
        pairs = [(plan, first) for plan in plans for first in initial if 0 < first.value < plan.value]
        return [(plan, first, (plan.interval - first.interval) / first.interval) for plan, first in pairs]
    match = _CONTROLLED.search(said.lead)
    if match is None:
        return []
    if match["item"] == "在职人员":
        people = [each for sentence in case.numbered for each in sentence.said if each.figure.unit in ("人", "名", "个")]
        parts = [each.figure for each in people if _STAFF.search(each.lead)]
        wholes = [each.figure for each in people if _POSTS.search(each.lead)]
        if len(parts) != 1 or len(wholes) != 1:
            return []
    else:
        item = "公用经费" if match["item"] == "公用经费" else "三公经费"
        parts = case.facts.get(Subject(item, "actual"), [])
        wholes = [each for role in ("plan", "initial") for each in case.facts.get(Subject(item, role), [])]
    pairs = [(part, whole) for part in parts for whole in wholes if part.value > 0 and whole.value > 0]
    return [(part, whole, part.interval / whole.interval) for part, whole in pairs]


_STAFF = re.compile(r"(?:实有|年末|现有|实际)?在职(?:人员|职工|干部职工|人数)?(?:总?数?|共|为)?$")
_POSTS = re.compile(r"(?:核定|单位|部门)?编制(?:总?数|人数|共|为)?$")


def rates_of_indicators(case: Case) -> Iterator[Finding]:
    """A column 完成率 beside an indicator's target and actual value: it is the one over the other."""
    for row in case.rows:
        rate, metric = row.numbers.get(Role.RATE), row.metric
        if rate is None or metric is None or metric.kind != "indicator":
            continue
        target, actual = case.number_of(metric, metric.target), case.number_of(metric, metric.actual)
        if target is None or actual is None or target.unit != actual.unit or target.value <= 0 or actual.value <= 0:
            continue
        fits = (actual.interval / target.interval).meets(rate.interval) or (target.interval / actual.interval).meets(
            rate.interval
        )
        real = actual.value / target.value * 100
        if (
            fits
            or rate.value == 100 <= real
            or (rate.value == 100 and metric.attained)
            or abs(real - rate.value) > 50
            or rate.value == actual.value
        ):
            continue
        yield finding(
            case,
            RATE,
            "error",
            f"{actual.number} ÷ {target.number} = {percent(real)} ≠ {rate.number}%",
            f"“{metric.name}”的完成率按所列的目标值和实际值应为{percent(real)}。",
            figures=[actual, target, rate],
        )


CHECKS = (
    rates_in_sentences,
    rates_above_hundred,
    means_in_sentences,
    products_in_sentences,
    rates_of_the_base_table,
    rates_of_indicators,
)
