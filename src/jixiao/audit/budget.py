"""The budget's rows and what became of them (预算执行): execution rates and the score for them, adjustment, control, balances.

Works on rows that have a plan, an outcome or last year's figure, and on what the text says is left over.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from jixiao.audit.case import Case, Row, percent
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding
from jixiao.audit.rates import RATE
from jixiao.audit.reckoning import Interval, Stated, a_digit_apart, in_unit_of, shown
from jixiao.audit.subjects import Subject
from jixiao.columns import Role
from jixiao.quantities import plain_number
from jixiao.records import Evidence

EXECUTION_SCORE = Check(
    code="execution-score", name="执行率与得分", source="财预〔2020〕10号自评表：预算执行率分值10，按执行率计分"
)
ADJUSTMENT = Check(code="adjustment", name="预算调整幅度", source="财预〔2013〕53号：预算调整率=预算调整数÷预算数")
LOW_EXECUTION = Check(
    code="low-execution", name="预算执行率偏低", source="财预〔2020〕10号第二十六条：执行率偏低的要单独说明原因"
)
CONTROL = Check(
    code="budget-control",
    name="预算控制",
    source="财预〔2013〕53号：公用经费控制率=实际支出公用经费÷预算安排公用经费，以100%为限",
)
COPIED = Check(code="copied-budget", name="预算与决算雷同", source="财预〔2020〕10号第二十五条：数据真实")
JUMP = Check(code="jump", name="支出异常增长", source="财预〔2013〕53号基础数据表：上年决算与本年决算对比")
BALANCE = Check(code="balance", name="结转结余", source="收入（预算）减支出等于结转结余")

_TENTH = Decimal(10)


def rates_in_tables(case: Case) -> Iterator[Finding]:
    """执行率 = 全年执行数 ÷ 全年预算数, row by row; and the score that the rate earns."""
    for row in case.rows:
        rate, done = row.numbers.get(Role.RATE), row.numbers.get(Role.ACTUAL)
        plan = row.numbers.get(Role.TARGET) or row.numbers.get(Role.INITIAL)
        if rate is not None and done is not None and plan is not None and plan.value > 0:
            real = done.interval / plan.interval
            if not real.meets(rate.interval) and not _of_others(row, rate):
                yield finding(
                    case,
                    RATE,
                    "error",
                    f"{done.number} ÷ {plan.number} = {percent(done.value / plan.value * 100)} ≠ {rate.number}%",
                    f"“{row.name}”的执行率按所列预算数和执行数应为{percent(done.value / plan.value * 100)}。",
                    figures=[done, plan, rate],
                )
        yield from _execution_score(case, row, rate)


def _of_others(row: Row, rate: Stated) -> bool:
    """Whether some two cells of the row make its rate: of 到位资金 and 支出金额 one alone is the outcome."""
    numbers = [found[0] for cell in row.row if cell.words and (found := plain_number(cell.words)) is not None and found[0] > 0]
    return any(
        rate.interval.low <= 100 * one / other <= rate.interval.high
        for at, one in enumerate(numbers)
        for other in numbers[:at]
        if one <= other
    )


def _execution_score(case: Case, row: Row, rate: Stated | None) -> Iterator[Finding]:
    weight, score = row.numbers.get(Role.WEIGHT), row.numbers.get(Role.SCORE)
    if (
        rate is None
        or weight is None
        or score is None
        or weight.value <= 0
        or Role.FIRST in row.cells
        or row.metric is None
        or row.metric.kind != "budget"
    ):
        return
    if score.value > weight.value:
        yield finding(
            case, EXECUTION_SCORE, "error", f"得分{score.number} > 分值{weight.number}", "得分高于分值。", figures=[score, weight]
        )
        return
    done, plan = row.numbers.get(Role.ACTUAL), row.numbers.get(Role.TARGET) or row.numbers.get(Role.INITIAL)
    rates = [rate.interval, *([done.interval / plan.interval] if done and plan and plan.value > 0 else [])]
    earned, *others = (_earned(weight, each) for each in rates)
    place = Decimal("0.05") if score.value == score.value.quantize(Decimal("0.1")) else Decimal("0.005")
    if any(Interval(score.value - place, score.value + place).meets(each) for each in (earned, *others)) or score.value == 0:
        return  # a wrong rate is told of by itself
    severity = "warning" if score.value < earned.low or rate.value >= 80 else "error"
    yield finding(
        case,
        EXECUTION_SCORE,
        severity,  # type: ignore[arg-type]
        f"{weight.number} × {rate.number}% = {shown(earned.middle, 2)} ≠ {score.number}",
        "执行率得分与按比例计分的结果不同；如按区间计分（财预〔2021〕101号），应注明办法。",
        figures=[score, weight, rate],
    )


def _earned(weight: Stated, rate: Interval) -> Interval:
    return Interval(weight.value * min(rate.low, Decimal(100)) / 100, weight.value * min(rate.high, Decimal(100)) / 100)


_WHOLE = re.compile(r"资金总额|部门整体支出|^合计|^总计")


def budget_adjusted(case: Case) -> Iterator[Finding]:
    """The budget at the year's beginning against the adjusted one: more than a tenth is to be explained."""
    for row in case.rows:
        if not _WHOLE.search(row.name) or Role.FIRST in row.cells:
            continue
        initial, plan, done = (row.numbers.get(role) for role in (Role.INITIAL, Role.TARGET, Role.ACTUAL))
        if initial is None or plan is None or initial.value <= 0:
            continue
        added = plan.value - initial.value
        if abs(added) * _TENTH > initial.value and not _carried_over(case, row, added):
            yield _adjusted(case, initial, plan, done)
            return
    initial_text = next((f for f in case.facts.get(Subject("支出总额", "initial"), []) if f.value > 0), None)
    plan_text = next(iter(case.facts.get(Subject("支出总额", "plan"), [])), None)
    if any(row.numbers.get(Role.INITIAL) and re.search(r"资金总额", row.name) for row in case.rows):
        return
    if initial_text is None or plan_text is None:
        return
    added = plan_text.value - initial_text.value
    if abs(added) * _TENTH > initial_text.value:
        yield _adjusted(case, initial_text, plan_text, None)


_MOVED_BUDGET = re.compile(r"追加|调增|调减|核减|压减|下达|增加预算|调整")
_BECAUSE = re.compile(r"主要|原因|由于|因|系|用于")


def _explained(case: Case, added: Decimal) -> bool:
    """Whether the text says what the budget was adjusted by and why: 年中追加1,658.12万元, 主要是…."""
    return any(
        _MOVED_BUDGET.search(said.lead) and abs(abs(added) - said.figure.value) <= said.figure.half
        for sentence in case.numbered
        for said in sentence.said
        if said.figure.unit == "元"
    ) and any(_MOVED_BUDGET.search(sentence.words) and _BECAUSE.search(sentence.words) for sentence in case.sentences)


def _carried_over(case: Case, row: Row, added: Decimal) -> bool:
    """Whether what was added is last year's balance (上年结转), which is no adjustment."""
    return any(
        "结转" in other.name and Role.TARGET in other.numbers and other.numbers[Role.TARGET].value == added
        for other in case.rows
        if other.group == row.group
    )


def _adjusted(case: Case, initial: Stated, plan: Stated, done: Stated | None) -> Finding:
    rate = percent((plan.value - initial.value) / initial.value * 100)
    of_initial = (
        f"；执行数 {done.number} ÷ {initial.number} = {percent(done.value / initial.value * 100)}" if done and done.value else ""
    )
    blank = re.search(r"预算调整\s*[\n\t|]", case.text)
    return finding(
        case,
        ADJUSTMENT,
        "note" if _explained(case, plan.value - initial.value) else "warning",
        f"({plan.number} − {initial.number}) ÷ {initial.number} = {rate}{of_initial}",
        "预算调整超过年初预算的一成，应说明调整的事由和批准情况。" + ("表中“预算调整”一行为空。" if blank else ""),
        figures=[figure for figure in (initial, plan, done) if figure is not None],
        places=_told_in_text(case, re.compile(r"预算调整率|追加|调增|调减|预算调整|调整后"), initial.project),
    )


def _told_in_text(case: Case, words: re.Pattern[str], project: str | None) -> list[Evidence]:
    """Where the running text states the same: its numbers behind these words."""
    return [
        sentence.place(said.at - len(said.lead), said.to, case.text)
        for sentence in case.numbered
        for said in sentence.said
        if words.search(said.lead) and said.figure.unit in ("元", "%") and said.figure.project == project
    ][:3]


def low_execution(case: Case) -> Iterator[Finding]:
    """A total executed by less than eight tenths."""
    for row in case.rows:
        done, plan = row.numbers.get(Role.ACTUAL), row.numbers.get(Role.TARGET)
        if done is None or plan is None or plan.value <= 0 or not re.search(r"资金总额|部门整体支出", row.name):
            continue
        if done.value / plan.value < Decimal("0.8"):
            yield finding(
                case,
                LOW_EXECUTION,
                "warning",
                f"{done.number} ÷ {plan.number} = {percent(done.value / plan.value * 100)}",
                "预算执行率不足八成，应单独说明原因并提出整改措施。",
                figures=[done, plan],
                places=_told_in_text(case, re.compile(r"执行率|支出率"), done.project),
            )


def budget_exceeded(case: Case) -> Iterator[Finding]:
    """An item of the base table that spent more than a tenth above its budget."""
    for row in case.rows:
        done, plan = row.numbers.get(Role.ACTUAL), row.numbers.get(Role.TARGET)
        if (
            Role.FIRST in row.cells
            or done is None
            or plan is None
            or plan.value <= 0
            or done.unit != "元"
            or row.metric is None
            or row.metric.kind != "budget"
        ):
            continue
        if done.value > plan.value * Decimal("1.1"):
            yield finding(
                case,
                CONTROL,
                "warning",
                f"{done.number} ÷ {plan.number} = {percent(done.value / plan.value * 100)}",
                f"“{row.name.strip('：:')}”决算数超出预算数一成以上。",
                figures=[plan, done],
            )


def outcome_copied(case: Case) -> Iterator[Finding]:
    """Budget rows whose outcome is the budget to the last digit, four or more of them."""
    groups: dict[int, list[tuple[Stated, Stated]]] = {}
    for row in case.rows:
        done, plan = row.numbers.get(Role.ACTUAL), row.numbers.get(Role.TARGET)
        if (
            done is None
            or plan is None
            or done.unit != "元"
            or Role.FIRST in row.cells
            or Role.PREVIOUS not in {r for other in case.rows if other.group == row.group for r in other.numbers}
        ):
            continue
        if done.value == plan.value != 0 and done.value % 10000 != 0:
            groups.setdefault(row.group, []).append((plan, done))
    for pairs in groups.values():
        if len(pairs) >= 4:
            names = "、".join(done.name.strip("：:") for _, done in pairs)
            words = "；".join(f"{done.name.strip('：:')} {plan.number} = {done.number}" for plan, done in pairs)
            yield finding(
                case,
                COPIED,
                "warning",
                words,
                f"{names}的决算数与预算数分毫不差，疑为照抄预算。",
                figures=[done for _, done in pairs],
            )


def spending_jumped(case: Case) -> Iterator[Finding]:
    """An item that more than trebled over last year, by 10万元 or more."""
    for row in case.rows:
        done, last = row.numbers.get(Role.ACTUAL), row.numbers.get(Role.PREVIOUS)
        if done is None or last is None or last.value <= 0 or done.unit != "元":
            continue
        if done.value >= 3 * last.value and done.value - last.value >= 100_000:
            yield finding(
                case,
                JUMP,
                "warning",
                f"({done.number} − {last.number}) ÷ {last.number} = {percent((done.value - last.value) / last.value * 100)}",
                f"“{row.name.strip('：:')}”比上年增长两倍以上，应说明原因。",
                figures=[last, done],
            )


def balance(case: Case) -> Iterator[Finding]:
    """结转结余 against income or budget less spending; any pair that fits is enough."""
    for project in case.projects:
        left = [f for f in case.facts.get(Subject("结转结余", "actual", project), []) if not f.in_table]
        spent = case.facts.get(Subject("支出总额", "actual", project), [])
        income = case.facts.get(Subject("收入总额", "actual", project), [])
        had = [*income, *case.facts.get(Subject("支出总额", "plan", project), [])]
        if not left or not spent or not had:
            continue
        if any((one.interval - other.interval).meets(figure.interval) for one in had for other in spent for figure in left):
            continue
        figure, one, other = left[0], had[0], spent[0]
        real = one.value - other.value
        if real < 0 or not (income or a_digit_apart(real / figure.scale, figure.value / figure.scale, figure.places)):
            continue
        yield finding(
            case,
            BALANCE,
            "error",
            f"{one.number} − {other.number} = {in_unit_of(real, one)} ≠ {figure.words}",
            f"{one.name}减{other.name}应余{in_unit_of(real, one)}{one.shown_unit}。",
            figures=[one, other, figure],
        )


_NONE_LEFT = re.compile(
    r"(?:无|没有)(?:年末)?(?:资金)?(?:结转和?结余|结转|结余)|(?:结转和?结余|结转|结余)(?:资金)?(?:均?为零|为0|0元)"
)


def none_said_left(case: Case) -> Iterator[Finding]:
    """年末无结余, where income or budget less spending leaves something."""
    sentence = next((each for each in case.sentences if _NONE_LEFT.search(each.words)), None)
    if sentence is None or case.has_projects:
        return
    spent = case.facts.get(Subject("支出总额", "actual"), [])
    had = case.facts.get(Subject("收入总额", "actual"), []) or case.facts.get(Subject("支出总额", "plan"), [])
    if not spent or not had or any(one.interval.meets(other.interval) for one in had for other in spent):
        return
    real = had[0].value - spent[0].value
    if real > 0:
        match = _NONE_LEFT.search(sentence.words)
        assert match is not None
        yield finding(
            case,
            BALANCE,
            "error",
            f"{had[0].number} − {spent[0].number} = {in_unit_of(real, had[0])} ≠ 0",
            f"称“{match[0]}”，而{had[0].name}减{spent[0].name}余{in_unit_of(real, had[0])}{had[0].shown_unit}。",
            figures=[had[0], spent[0]],
            places=[sentence.place(match.start(), match.end(), case.text)],
        )


def differences_in_tables(case: Case) -> Iterator[Finding]:
    """A column 增减额 or 结余 against the row's own figures: any difference or rate of two of them that fits is enough."""
    for row in case.rows:
        stated = row.numbers.get(Role.CHANGE)
        amounts = [row.numbers[role] for role in _AMOUNTS if role in row.numbers]
        if stated is None or len(amounts) < 2 or Role.FIRST in row.cells:
            continue
        pairs = [(one, other) for one in amounts for other in amounts if one is not other]
        if stated.unit in ("%", None) or "率" in row.headings.get(Role.CHANGE, ""):
            made = [(one, other, _rate_between(one, other)) for one, other in pairs if other.value > 0]
            size = 1
        else:
            made = [(one, other, one.interval - other.interval) for one, other in pairs]
            size = int(stated.scale)
        if any(gap.meets(stated.interval) or gap.meets(_opposite(stated.interval)) for _, _, gap in made):
            continue
        for one, other, gap in made:
            if gap.middle * stated.value > 0 and a_digit_apart(gap.middle / size, stated.value / size, stated.places, digits=3):
                yield finding(
                    case,
                    RATE,
                    "error",
                    f"{one.number} 与 {other.number} 相比为 {shown(gap.middle / size, 2)} ≠ {stated.number}",
                    f"“{row.name}”的增减按本行所列的数应为{shown(gap.middle / size, 2)}。",
                    figures=[one, other, stated],
                )
                break


_AMOUNTS = (Role.ACTUAL, Role.TARGET, Role.INITIAL, Role.PREVIOUS)


def _rate_between(one: Stated, other: Stated) -> Interval:
    ends = [100 * (a - b) / b for a in one.interval for b in other.interval if b > 0]
    return Interval(min(ends), max(ends))


def _opposite(interval: Interval) -> Interval:
    return Interval(-interval.high, -interval.low)


_LEFT = re.compile(r"结余|结转|剩余|未支出|未使用|未拨付|余额|尚余|未支付")


_LEFT_BEHIND = re.compile(r"结转|结余|未")


def balance_beside(case: Case) -> Iterator[Finding]:
    """到位16,456万元；支出15,320.54万元。尚未支出的1,135.46万元结转下年: what is left of two sums of one paragraph."""
    for sentence in case.numbered:
        if "元" not in sentence.units:
            continue
        for at, left in enumerate(sentence.said):
            if left.figure.unit != "元" or not left.figure.exact or left.figure.value <= 0 or left.is_change:
                continue
            if left.subject is not None and left.subject.item != "结转结余":
                continue
            if not (_LEFT.search(left.lead) or _LEFT_BEHIND.match(sentence.words, left.to)):
                continue
            near = [*(sentence.before.said if sentence.before else ()), *sentence.said[:at]]
            sums = [other for other in near if other.figure.unit == "元" and other.figure.exact and not other.is_change]
            gaps = [
                (one, other)
                for place, one in enumerate(sums)
                for other in sums[place + 1 :]
                if one.figure.value > other.figure.value > 0
            ]
            if not gaps or any((one.figure.interval - other.figure.interval).meets(left.figure.interval) for one, other in gaps):
                continue
            for one, other in gaps:
                real = one.figure.value - other.figure.value
                spent = re.search(r"支出|执行|使用|拨付|支付|发放", other.lead)
                if spent and a_digit_apart(
                    real / left.figure.scale, left.figure.value / left.figure.scale, left.figure.places, digits=3
                ):
                    yield finding(
                        case,
                        BALANCE,
                        "error",
                        f"{one.figure.number} − {other.figure.number} = {in_unit_of(real, left.figure)} ≠ {left.figure.words}",
                        f"{one.figure.name}减{other.figure.name}应余{in_unit_of(real, left.figure)}{left.figure.shown_unit}。",
                        figures=[one.figure, other.figure, left.figure],
                    )
                    break


CHECKS = (
    rates_in_tables,
    budget_adjusted,
    low_execution,
    budget_exceeded,
    outcome_copied,
    spending_jumped,
    balance,
    balance_beside,
    none_said_left,
    differences_in_tables,
)
