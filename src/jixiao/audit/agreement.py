"""One thing, two values (同一数据两处不一致): text against table, an indicator against the text, a figure said twice.

Names in running text are short (合格率), so a sentence's own words before the number help to tell which indicator it means;
where no indicator is meant beyond doubt, nothing is said.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, product

from rapidfuzz import fuzz

from jixiao.audit.case import Case, Row, Said, Sentence
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding
from jixiao.audit.reckoning import Stated, a_digit_apart, a_size_apart, a_slip_apart, total
from jixiao.audit.subjects import IDENTITIES, Subject, item_of, plain_name
from jixiao.audit.sums import SIZE
from jixiao.columns import Role
from jixiao.records import Metric

TEXT_TABLE = Check(code="text-table", name="正文与表格", source="财预〔2020〕10号第二十五条：数据真实、内容完整")
TWO_VALUES = Check(code="two-values", name="同一指标两值", source="财预〔2020〕10号第二十一条：对自评结果的真实性和准确性负责")


def text_against_table(case: Case) -> Iterator[Finding]:
    """An item of the accounts, in the text and in a table: which of the two makes the sums come out is told."""
    for subject, figures in case.facts.items():
        if subject.role not in ("actual", "plan", "initial") or subject.item in (
            "财政拨款",
            "结转结余",
            "收入总额",
            "会议费、培训费",
        ):
            continue
        text = [figure for figure in figures if not figure.in_table]
        table = [figure for figure in figures if figure.in_table]
        if not text or not table or _meets_any(text, table):
            odd = [figure for figure in text if not any(figure.interval.meets(other.interval) for other in table)]
            if not table or not odd or len(odd) == len(text):
                continue
            text = odd
        one, other = text[0], table[0]
        if a_size_apart(one.interval, other.interval):
            yield _missized(case, subject.item, one, other)
            continue
        if not _comparable(one, other):
            continue
        wrong, because = _wrong_one(case, subject, one, other)
        copies = [figure for figure in text if figure.interval.meets(one.interval)]
        times = f"（正文{len(copies)}处）" if len(copies) > 1 else ""
        yield finding(
            case,
            TEXT_TABLE,
            "error",
            f"正文{one.words}{times} ≠ 表格{other.words}",
            f"{subject.item}在正文和表格中不是同一个数。{because}",
            figures=[*copies, other],
            wrong=f"{one.name}{one.words}" if wrong is one else f"{other.name}{other.words}" if wrong is other else None,
        )


def _missized(case: Case, name: str, one: Stated, other: Stated) -> Finding:
    return finding(
        case,
        SIZE,
        "error",
        f"正文{one.words} ≠ 表格{other.words}",
        f"{name}在正文和表格中数字相同而相差十倍、百倍或更多，疑为单位或小数点有误。",
        figures=[one, other],
    )


def staff_against_table(case: Case) -> Iterator[Finding]:
    """编制 and 在职人数 of the text against the base table's row of staff (财政供养人员情况)."""
    row = next(
        (m for m in case.extraction.metrics if m.kind == "budget" and re.search(r"供养人员|人员情况|人员编制", m.name)), None
    )
    if row is None:
        return
    for measured, words in ((row.target, r"编制"), (row.actual, r"(?:实有|年末|现有)?在职(?:人员|职工|干部职工|人数)?")):
        figure = case.number_of(row, measured)
        said = next(
            (
                each.figure
                for sentence in case.numbered
                for each in sentence.said
                if each.figure.exact
                and each.figure.unit in ("人", "名", "个")
                and re.search(rf"(?:^|核定|实有|年末|现有){words}(?:总?数?|共|为)?$", each.lead)
            ),
            None,
        )
        if figure is not None and said is not None and figure.value != said.value:
            yield finding(
                case,
                TEXT_TABLE,
                "error",
                f"正文{said.words} ≠ 表格{figure.number}",
                f"{said.name}在正文和基础数据表中不是同一个数。",
                figures=[said, figure],
            )


def _meets_any(some: list[Stated], others: list[Stated]) -> bool:
    return any(one.interval.meets(other.interval) for one in some for other in others)


def _comparable(one: Stated, other: Stated) -> bool:
    """Whether two figures of one item can be meant to be the same: of one size at least."""
    if not one.value or not other.value:
        return False
    ratio = one.value / other.value
    return Decimal("0.5") < ratio < 2 or a_digit_apart(one.value, other.value)


def _wrong_one(case: Case, subject: Subject, one: Stated, other: Stated) -> tuple[Stated | None, str]:
    """Which of two readings fits the sums that the item takes part in, and how."""
    fits_one, fits_other = _sum_with(case, subject, one), _sum_with(case, subject, other)
    if fits_other and not fits_one:
        return one, f"以表格的数计算，{fits_other}，勾稽成立；以正文的数则不成立，应为正文有误。"
    if fits_one and not fits_other:
        return other, f"以正文的数计算，{fits_one}，勾稽成立；以表格的数则不成立，应为表格有误。"
    return None, "两处孰对孰错，请核对原始凭证。"


def _sum_with(case: Case, subject: Subject, figure: Stated) -> str | None:
    """A sum that comes out with ``figure`` as the item's value, in words."""
    for whole_item, parts, may_lack in IDENTITIES:
        items = (whole_item, *parts)
        if subject.item not in items:
            continue
        values: list[list[Stated]] = []
        for item in items:
            if item == subject.item:
                values.append([figure])
                continue
            stated = case.facts.get(subject._replace(item=item), [])
            if item == "公务用车购置和运行维护费" and not stated and subject.item != "公务用车运行维护费":
                stated = case.facts.get(subject._replace(item="公务用车运行维护费"), [])
            if item == "基本支出" and not stated and whole_item == "基本支出":
                stated = case.facts.get(subject._replace(item="支出总额"), [])
            if stated or not may_lack:
                values.append(stated)
        for whole, *rest in product(*values):
            if len(rest) >= 2 and total(rest).meets(whole.interval):
                return " + ".join(part.number for part in rest) + f" = {whole.words}"
    return None


def indicator_against_text(case: Case) -> Iterator[Finding]:
    """An indicator's actual value in the table, and what the text says of the same thing."""
    table = [
        (name, metric, figure)
        for metric in case.indicators
        if (figure := case.actual(metric)) is not None and figure.exact and (name := plain_name(metric.name))
    ]
    if not table:
        return
    told: set[str] = set()
    yield from _slips(case, table)
    of_unit: dict[str | None, list[tuple[str, Metric, Stated]]] = {}
    by_indicator: dict[str, list[tuple[Said, Sentence, Metric, Stated]]] = defaultdict(list)
    for sentence in case.numbered:
        for said in sentence.said:
            if not said.figure.exact or said.metric is None or said.metric.actual is None or said.is_change:
                continue
            unit = said.figure.unit
            if unit not in of_unit:
                of_unit[unit] = [entry for entry in table if _same_unit(said.figure, entry[2])]
            best = _meant(said, sentence, of_unit[unit])
            if best is not None and not _of_another_sort(case, said, sentence, best[0]):
                by_indicator[best[0].id].append((said, sentence, *best))
    for heard in by_indicator.values():
        if any(said.figure.interval.meets(figure.interval) or _times(said.figure, figure) for said, _, _, figure in heard):
            continue
        said, sentence, metric, figure = heard[0]
        if metric.id in told or _told_elsewhere(case, plain_name(metric.name), figure):
            continue
        told.add(metric.id)
        yield finding(
            case,
            TWO_VALUES,
            "error",
            f"正文{said.figure.words} ≠ 自评表{figure.words}",
            f"{metric.name}在正文和自评表中不是同一个值。",
            figures=[said.figure, figure],
        )


def _told_elsewhere(case: Case, name: str, figure: Stated) -> bool:
    """Whether the text has the table's value too, in words that are the indicator's: the other number is of something else."""
    return any(
        said.figure.value == figure.value
        and said.figure.unit == figure.unit
        and (said.metric is None or plain_name(said.metric.name) != name)
        and _covered(name, said.clause_before + said.lead) >= 0.5
        for sentence in case.numbered
        if figure.unit in sentence.units
        for said in sentence.said
    )


_TAIL = re.compile(r"(?:数量|人数|次数|个数|面积|金额|比例|占比|满意[度率]|完成|情况|[度率数量])$")


def _slips(case: Case, table: list[tuple[str, Metric, Stated]]) -> Iterator[Finding]:
    """32人次进修 in the text, 23人次 in the table: a slip of the pen apart, and neither number stands on the other side."""
    text = [said for sentence in case.numbered for said in sentence.said if said.figure.exact]
    in_text = {(said.figure.unit, said.figure.value) for said in text}
    in_table = {(figure.unit, figure.value) for _, _, figure in table} | case.targets
    outcomes: dict[str | None, list[Said]] = defaultdict(list)
    for said in text:
        unit, value = said.figure.unit, said.figure.value
        told = said.metric is not None and said.metric.actual is not None and not said.is_change
        if told and unit is not None and (unit, value) not in in_table:
            outcomes[unit].append(said)
    for name, metric, figure in table:
        core = _TAIL.sub("", name)
        if figure.unit is None or (figure.unit, figure.value) in in_text or len(core) < 2:
            continue
        for said in outcomes[figure.unit]:
            if said.figure.project != metric.project or not a_slip_apart(said.figure, figure):
                continue
            if _covered(core, said.clause_before + said.lead) < 0.5:
                continue
            yield finding(
                case,
                TWO_VALUES,
                "error",
                f"正文{said.figure.words} ≠ 自评表{figure.words}",
                f"{metric.name}在正文和自评表中不是同一个值。",
                figures=[said.figure, figure],
            )
            break


_NARROWER = re.compile(r"新增|新建|剩余|其余|余下|尚有|尚余|仍有|还有|另有|少完成|计划|拟|应|力争|原|目标")


def _of_another_sort(case: Case, said: Said, sentence: Sentence, metric: Metric) -> bool:
    """Whether the number is the indicator's target, or of a part of what the indicator counts (新增3个)."""
    target = case.number_of(metric, metric.target)
    if target is not None and target.interval.meets(said.figure.interval) and _may_be_aim(said, sentence):
        return True
    narrower = _NARROWER.search(said.lead)
    return narrower is not None and narrower[0] not in metric.name


_AIM = re.compile(r"目标|计划|应|须|要求|力争|确保|达到|实现|≥|不低于|以上|预期")


def _may_be_aim(said: Said, sentence: Sentence) -> bool:
    """Whether a number that is the indicator's target may be meant as the target."""
    return sentence.sets_goals or _AIM.search(sentence.words[max(0, said.at - 30) : said.to + 6]) is not None


def _times(one: Stated, other: Stated) -> bool:
    """Whether the two differ by their unit alone: 652人 and 652."""
    return (not one.unit or not other.unit) and one.value / one.scale == other.value / other.scale


_PART, _CLAUSE, _CLAUSE_OR_PART = re.compile(r"[；;。]"), re.compile(r"[，,]"), re.compile(r"[，,；;。]")
_HEAD = re.compile(r"(?:满意度|满意率|[\u4e00-\u9fff]率|比例|占比)$")
_SECTION_OF_YEAR = re.compile(r"上半年|下半年|季度|\d+月|主汛期|截至\d+月|较|比上年|由|从")


def _meant(said: Said, sentence: Sentence, table: list[tuple[str, Metric, Stated]]) -> tuple[Metric, Stated] | None:
    """The one indicator that a number in the text is about; the table's are in its unit."""
    assert said.metric is not None
    own = plain_name(said.metric.name)
    if not own:
        return None
    scored: list[tuple[float, Metric, Stated]] = []
    for name, metric, figure in table:
        if metric.project != said.figure.project:
            continue
        if name == own:
            scored.append((2.0, metric, figure))
        elif name[-2:] == own[-2:] and len(name) >= 4 and _HEAD.search(name):
            covered = _covered(name, own if len(own) >= len(name) else _context(sentence, said) + own)
            if covered >= 0.55 and (len(own) >= 4 or name.endswith(own)):
                scored.append((covered, metric, figure))
        elif len(own) >= 4 and (alike := fuzz.ratio(own, name, score_cutoff=80)):
            scored.append((alike / 100, metric, figure))
    if not scored or _SECTION_OF_YEAR.search(_CLAUSE_OR_PART.split(sentence.words[: said.at])[-1]):
        return None
    scored.sort(key=lambda entry: -entry[0])
    if len(scored) > 1 and scored[1][0] > scored[0][0] - 0.2:
        return None
    return scored[0][1], scored[0][2]


def _context(sentence: Sentence, said: Said) -> str:
    """The words of a number's clause and of the one before it, up to a semicolon."""
    clauses = _CLAUSE.split(_PART.split(sentence.words[: said.at])[-1])
    return plain_name("".join(clauses[-2:]))


def _same_unit(one: Stated, other: Stated) -> bool:
    if one.unit == other.unit:
        return True
    return (one.unit is None or other.unit is None) and "%" not in (one.unit, other.unit)


def _covered(name: str, words: str) -> float:
    """The share of a name's pairs of characters that the words hold."""
    pairs = {name[at : at + 2] for at in range(len(name) - 1)}
    return sum(pair in words for pair in pairs) / len(pairs) if pairs else 0.0


_RATE_OF_CHANGE = re.compile(
    r"(?P<what>[\u4e00-\u9fff]{3,}?)(?:同比|年均|累计)?(?P<way>增长|增加|提高|提升|上升|下降|减少|降低)(?:率|幅度?|比例)$"
)


def change_against_indicator(case: Case) -> Iterator[Finding]:
    """交通事故起数下降2.6% in the text, 交通事故下降率 6.2% in the table: the rate of a change, told by its verb."""
    for metric in case.indicators:
        match = _RATE_OF_CHANGE.search(metric.name)
        figure = case.actual(metric) if match else None
        if match is None or figure is None or figure.unit != "%" or not figure.exact:
            continue
        what = plain_name(match["what"])
        heard = [
            said
            for sentence in case.numbered
            if "%" in sentence.units
            for said in sentence.said
            if said.figure.unit == "%" and said.figure.exact and said.figure.project == metric.project
            if match["way"] in said.lead and _covered(what, said.clause_before + said.lead) >= 0.6
        ]
        if heard and not any(said.figure.interval.meets(figure.interval) for said in heard):
            yield finding(
                case,
                TWO_VALUES,
                "error",
                f"正文{heard[0].figure.words} ≠ 自评表{figure.words}",
                f"{metric.name}在正文和自评表中不是同一个值。",
                figures=[heard[0].figure, figure],
            )


_SATISFIED = re.compile(r"满意[度率]")


def satisfaction_twice(case: Case) -> Iterator[Finding]:
    """One satisfaction indicator in the table and one satisfaction rate in the text, with different values."""
    table = [metric for metric in case.indicators if "满意" in "".join([*metric.category, metric.name])]
    text = [
        said
        for sentence in case.numbered
        for said in sentence.said
        if said.metric is not None
        and said.metric.actual is not None
        and _SATISFIED.search(said.metric.name)
        and said.figure.unit == "%"
        and not said.is_change
    ]
    values = {said.figure.value for said in text}
    if len(table) != 1 or len(values) != 1 or any(metric.project for metric in table):
        return
    figure = case.actual(table[0])
    if (
        figure is None
        or figure.interval.meets(text[0].figure.interval)
        or plain_name(table[0].name) == plain_name(text[0].figure.name)
    ):
        return
    if figure.unit != "%" or _covered(plain_name(table[0].name), plain_name(text[0].figure.name)) >= 0.7:
        return  # told by the indicator's own name
    target = f"，目标{table[0].target.raw}" if table[0].target else ""
    yield finding(
        case,
        TWO_VALUES,
        "warning",
        f"正文{text[0].figure.name}{text[0].figure.words} ≠ 自评表满意度{figure.words}{target}",
        "全文只有一项满意度指标，正文另给出一个满意率，两值不同；口径若不同应予说明。",
        figures=[text[0].figure, figure],
    )


def figure_said_twice(case: Case) -> Iterator[Finding]:
    """The same words with two values in the running text."""
    heard: dict[tuple[str, str | None], list[tuple[Said, Sentence]]] = defaultdict(list)
    for sentence in case.numbered:
        for said in sentence.said:
            if (
                said.metric is None
                or said.metric.actual is None
                or said.figure.unit == "元"  # money of one name is of one project and another
                or not said.figure.exact
                or said.is_change
                or said.figure.project
            ):
                continue
            name = plain_name(said.lead)
            if len(name) < 4:
                continue
            if said.subject is None and not _is_planned(case, said, sentence):
                heard[(name, said.figure.unit)].append((said, sentence))
    for (name, _), said_twice in heard.items():
        first = said_twice[0][0]
        for said, sentence in said_twice[1:]:
            if said.figure.interval.meets(first.figure.interval) or said.metric is None or first.metric is None:
                continue
            if sentence is said_twice[0][1] or _SECTION_OF_YEAR.search(said.lead + first.lead):
                continue
            if len(name) < 6 and not a_slip_apart(first.figure, said.figure):
                continue  # a short name is of one thing and another
            yield finding(
                case,
                TWO_VALUES,
                "error",
                f"{first.figure.words} ≠ {said.figure.words}",
                f"“{first.lead}”在两处写成不同的数。",
                figures=[first.figure, said.figure],
            )
            break


_NOUN = re.compile(r"[\u4e00-\u9fff]{4,}$")


def sum_of_two_sizes(case: Case) -> Iterator[Finding]:
    """发放创业担保贷款6.24亿元, and later 撬动创业担保贷款62.4亿元: one name, one row of digits, and ten times as much."""
    heard: dict[str, list[Said]] = defaultdict(list)
    for sentence in case.numbered:
        for said in sentence.said:
            if said.figure.unit == "元" and said.figure.exact and not said.is_change and not said.figure.project:
                digits = format(said.figure.value.normalize(), "f").replace(".", "").strip("0")
                if len(digits) >= 3:
                    heard[digits].append(said)
    for told in heard.values():
        first = told[0]
        other = next((each for each in told[1:] if _of_two_sizes(first, each)), None)
        if other is not None:
            yield finding(
                case,
                SIZE,
                "error",
                f"{first.figure.words} ≠ {other.figure.words}",
                "同一事项在两处数字相同而相差十倍、百倍或更多，疑为单位或小数点有误。",
                figures=[first.figure, other.figure],
            )


def _of_two_sizes(one: Said, other: Said) -> bool:
    """Whether two amounts with the same digits are of one name: their last four characters or more are the same."""
    names = [_NOUN.search(_SPENDING.sub("", said.lead)) for said in (one, other)]
    if names[0] is None or names[1] is None or one.figure.interval.meets(other.figure.interval):
        return False
    return names[0][0][-4:] == names[1][0][-4:] and a_size_apart(one.figure.interval, other.figure.interval)


def _is_planned(case: Case, said: Said, sentence: Sentence) -> bool:
    """Whether the number stands in a goal, or is what an indicator is to reach."""
    figure = said.figure
    if sentence.sets_goals:
        return True
    if any(piece.start <= figure.start < piece.end for goal in case.extraction.goals for piece in goal.evidence):
        return True
    return (figure.unit, figure.value) in case.targets


def row_against_text(case: Case) -> Iterator[Finding]:
    """A row of money in a table and the text's sentence on the same item: 业务工作专项 3589.10, 业务工作专项支出3,598.10万元."""
    named = [
        (name, row)
        for row in case.rows
        if item_of(row.name) is None
        and Role.ACTUAL in row.numbers
        and row.numbers[Role.ACTUAL].unit == "元"
        and len(name := _item_name(row.name)) >= 4
    ]
    if not named:
        return
    told: set[str] = set()
    for sentence in case.numbered:
        for said in sentence.said:
            if said.figure.unit != "元" or not said.figure.exact or said.is_change or said.metric is None:
                continue
            own = _item_name(said.lead) or _named_before(sentence, said, named)
            rows = [
                row
                for name, row in named
                if row.project == said.figure.project
                and (name == own or (_covered(name, own) >= 0.6 and a_slip_apart(said.figure, row.numbers[Role.ACTUAL])))
            ]
            if len(rows) != 1 or own in told or re.search(r"上年|去年|年初|预算", said.lead):
                continue
            figures = [figure for role, figure in rows[0].numbers.items() if role in (Role.ACTUAL, Role.TARGET, Role.INITIAL)]
            table = rows[0].numbers[Role.ACTUAL]
            if any(figure.interval.meets(said.figure.interval) for figure in figures):
                continue
            if own == _item_name(rows[0].name) and a_size_apart(said.figure.interval, table.interval):
                told.add(own)
                yield _missized(case, own, said.figure, table)
                continue
            if not _comparable(said.figure, table):
                continue
            told.add(own)
            yield finding(
                case,
                TEXT_TABLE,
                "error",
                f"正文{said.figure.words} ≠ 表格{table.words}",
                f"{own}在正文和表格中不是同一个数。",
                figures=[said.figure, table],
            )


def _named_before(sentence: Sentence, said: Said, named: list[tuple[str, Row]]) -> str:
    """The row that the sentence names last before a number that has no name of its own: 桥梁加固项目预算285万元，执行270.75万元."""
    if not re.fullmatch(r"(?:实际)?(?:支出|执行|使用|拨付)数?(?:为|了)?", said.lead):
        return ""
    before = sentence.words[: said.at]
    places = [(before.rfind(name), name) for name, _ in named if name in before]
    return max(places)[1] if places else ""


_NUMBERING = re.compile(r"^(?:\d+[、.．]|[（(]?[一二三四五六七八九十\d]+[)）、])")
_SPENDING = re.compile(r"(?:全年|实际|完成)?(?:支出|执行|使用|资金|经费|金额|共计|为|数|了|补助)*$")


@lru_cache(maxsize=4096)
def _item_name(name: str) -> str:
    """A row's or a clause's name without numbering and words of spending."""
    return _SPENDING.sub("", plain_name(_NUMBERING.sub("", name.strip())))


def aim_against_text(case: Case) -> Iterator[Finding]:
    """What the goals in the text are to reach, and the target that the table sets for the same."""
    table = {
        plain_name(metric.name): (metric, figure)
        for metric in case.indicators
        if (figure := case.number_of(metric, metric.target)) is not None and figure.unit is not None
    }
    told: set[str] = set()
    for sentence in case.numbered:
        if not sentence.sets_goals:
            continue
        for said in sentence.said:
            name = plain_name(said.lead)
            if name not in table or name in told or len(name) < 4 or said.is_change:
                continue
            if said.metric is not None and said.metric.target is None:
                continue  # what was done, told beside the goals
            metric, figure = table[name]
            same = said.figure.unit == figure.unit and metric.project == said.figure.project
            if not same or said.figure.value == figure.value:
                continue
            told.add(name)
            yield finding(
                case,
                TWO_VALUES,
                "warning",
                f"正文目标{said.figure.words} ≠ 自评表目标{figure.words}",
                f"{metric.name}的目标值在正文和自评表中不同。",
                figures=[said.figure, figure],
            )


_SAME_SUBJECTS = ("支出总额", "基本支出", "项目支出", "人员经费", "公用经费", "三公经费", "公务接待费", "收入总额")


def item_said_twice(case: Case) -> Iterator[Finding]:
    """An item of the accounts with two values in the running text that one slip of the pen sets apart."""
    for subject, figures in case.facts.items():
        if subject.item not in _SAME_SUBJECTS:
            continue
        text = [figure for figure in figures if not figure.in_table and not figure.repaired]
        for at, one in enumerate(text):
            other = next(
                (
                    other
                    for other in text[at + 1 :]
                    if not one.interval.meets(other.interval)
                    and a_digit_apart(one.value / one.scale, other.value / one.scale, max(one.places, other.places), digits=5)
                ),
                None,
            )
            if other is not None:
                yield finding(
                    case,
                    TWO_VALUES,
                    "error",
                    f"{one.words} ≠ {other.words}",
                    f"{subject.item}在正文两处写成不同的数。",
                    figures=[one, other],
                )
                break


_CARRIED = re.compile(r"结转和?结余|结转|结余")
_OTHER_YEAR = re.compile(r"年初|上年|去年|以前|累计|预算|计划|目标|上半年|季度|月")
_OF_NO_ITEM = re.compile(r"[年末底终下资金形成产生额为共约有达的使用到本全单位部门项目结转和余]")


def amount_said_twice(case: Case) -> Iterator[Finding]:
    """结转下年173.60万元, and later 年底结转137.60万元: a balance, or an amount of one name, with a slip of the pen."""
    told: dict[str, list[Said]] = defaultdict(list)
    for sentence in case.numbered:
        for said in sentence.said:
            if (
                said.figure.unit == "元"
                and said.figure.exact
                and not (said.figure.repaired or said.is_change or sentence.sets_goals or _OTHER_YEAR.search(said.lead))
                and (name := _name_of_amount(said.lead))
            ):
                told[name].append(said)
    for name, amounts in told.items():
        for one, other in combinations(amounts[:_FEW], 2):
            same = one.figure.project == other.figure.project and (name == "结转结余" or _is_of_one_name(one, other))
            if same and _is_slip(one.figure, other.figure, in_order=name != "结转结余"):
                yield finding(
                    case,
                    TWO_VALUES,
                    "error",
                    f"{one.figure.words} ≠ {other.figure.words}",
                    f"{name}在正文两处写成不同的数。",
                    figures=[one.figure, other.figure],
                )
                break


_FEW = 40


def _name_of_amount(lead: str) -> str:
    """What an amount is of, by the words before it: a balance of the whole, or the last four characters of its name."""
    if _CARRIED.search(lead):
        return "" if _OF_NO_ITEM.sub("", lead) else "结转结余"
    noun = _NOUN.search(_SPENDING.sub("", lead))
    return noun[0][-4:] if noun else ""


def _is_of_one_name(one: Said, other: Said) -> bool:
    """Whether one name is the other's end: 贷款贴息资金 and 发放贷款贴息资金, not 甲乡道路维修工程 and 乙乡道路维修工程."""
    first, second = (_SPENDING.sub("", said.lead) for said in (one, other))
    return first.endswith(second) or second.endswith(first)


def _is_slip(one: Stated, other: Stated, *, in_order: bool) -> bool:
    """Whether two amounts of four digits or more differ by one slip of the pen; ``in_order``: by two neighbours that changed places."""
    first, second = one.value / one.scale, other.value / one.scale
    if one.interval.meets(other.interval) or not a_digit_apart(first, second, max(one.places, other.places)):
        return False
    return not in_order or sorted(f"{first:f}") == sorted(f"{second:f}")


CHECKS = (
    text_against_table,
    staff_against_table,
    indicator_against_text,
    change_against_indicator,
    satisfaction_twice,
    figure_said_twice,
    sum_of_two_sizes,
    item_said_twice,
    amount_said_twice,
    row_against_text,
    aim_against_text,
)
