"""Weights and scores against their sums (分值与得分), the grade against the score, a score against what was attained."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from jixiao.audit.case import Case, Row, Said, Sentence
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding
from jixiao.audit.reckoning import Interval, Stated, decimal_places, shown, total
from jixiao.columns import Role
from jixiao.records import Metric

WEIGHTS = Check(code="weights", name="权重合计", source="财预〔2020〕10号第十四条、自评表：总分100")
SCORES = Check(code="scores", name="得分合计", source="财预〔2020〕10号第十六条：总分由各项指标得分汇总形成")
NOT_RECOMPUTABLE = Check(code="score-basis", name="得分无法复核", source="财预〔2020〕10号第十六条：总分由各项指标得分汇总形成")
GRADE = Check(
    code="grade", name="得分与等级", source="财预〔2020〕10号第十八条：90（含）以上优，80（含）—90良，60（含）—80中，60以下差"
)
OVER_WEIGHT = Check(code="over-weight", name="得分超过分值", source="财预〔2020〕10号自评表：得分最高不能超过分值上限")
PRO_RATA = Check(
    code="pro-rata", name="得分与完成值", source="财预〔2020〕10号第十六条：未完成指标值的，按完成值与指标值的比例记分"
)
CLAIMED_SCORE = Check(code="score-claim", name="得分与完成情况", source="财预〔2020〕10号第十六条：完成指标值的，记全部分值")

_TOTAL = re.compile(r"^(?:总分|合计|总计|总得分|得分合计|合\s*计)")


def sums_of_scores(case: Case) -> Iterator[Finding]:
    """Weights against 100 and scores against the total row and the stated score, table by table."""
    for rows in _scored_tables(case):
        weighed = [row for row in rows if row.metric is not None and row.metric.weight is not None]
        if len(weighed) < 3:
            continue
        weights = [row.metric.weight for row in weighed if row.metric and row.metric.weight is not None]
        scored = [row.metric.score for row in weighed if row.metric and row.metric.score is not None]
        stated_weight, stated_score = _stated_totals(rows)
        yield from _weights(case, weighed, weights, stated_weight)
        if len(scored) == len(weights):
            yield from _scores(case, weighed, scored, stated_score)


def _scored_tables(case: Case) -> list[list[Row]]:
    """Rows with weights, by project form: a form has one funds row and one list of indicators."""
    tables: dict[tuple[int, str | None], list[Row]] = defaultdict(list)
    for row in case.rows:
        tables[(0, row.project)].append(row)
    return list(tables.values())


def _stated_totals(rows: list[Row]) -> tuple[Stated | None, Stated | None]:
    """The weight and the score that a total row states."""
    for row in rows:
        words = [cell.words for cell in row.row if cell.words]
        if not words or not any(_TOTAL.match(word) for word in words[:2]) or row.metric is not None:
            continue
        weight, score = row.numbers.get(Role.WEIGHT), row.numbers.get(Role.SCORE)
        if weight is not None or score is not None:
            return weight, score
    return None, None


def _weights(case: Case, rows: list[Row], weights: list[Decimal], stated: Stated | None) -> Iterator[Finding]:
    added = sum(weights, Decimal(0))
    whole = stated.value if stated is not None else Decimal(100)
    indicators_alone = sum(
        (row.metric.weight or Decimal(0) for row in rows if row.metric and row.metric.kind == "indicator"), Decimal(0)
    )
    if whole in (added, indicators_alone) or (stated is None and added == 90 and len(weights) >= 8 and _no_funds(rows)):
        return
    if stated is None and added < 50:
        return  # not all rows were read
    where = f"合计行写{shown(whole)}" if stated is not None else "应为100"
    yield finding(
        case,
        WEIGHTS,
        "error" if stated is not None or added > 100 else "warning",
        f"{len(weights)}项分值之和 {shown(added)} ≠ {shown(whole)}",
        f"各项指标分值相加得{shown(added)}，{where}。",
        figures=[stated] if stated else [],
        records=[row.metric.id for row in rows if row.metric],
    )


def _no_funds(rows: list[Row]) -> bool:
    return not any(row.metric and row.metric.kind == "budget" for row in rows)


def _scores(case: Case, rows: list[Row], scores: list[Decimal], stated: Stated | None) -> Iterator[Finding]:
    added = sum(scores, Decimal(0))
    claimed = _own_score(case) if rows[0].project is None else None
    figures = [stated] if stated else []
    for whole, name in ((stated.value if stated else None, "合计行"), (claimed, "自评得分")):
        if whole is None or (
            abs(whole - added) <= Decimal("0.005") * len(scores) + Decimal("0.001") and abs(whole - added) < Decimal("0.06")
        ):
            continue
        if _scored_elsewhere(case, whole - added):
            continue
        if whole == claimed and stated is not None and claimed == stated.value and name == "自评得分":
            continue  # told by the total row already
        yield finding(
            case,
            SCORES,
            "error",
            f"{len(scores)}项得分之和 {shown(added)} ≠ {name}{shown(whole)}",
            f"各项得分相加得{shown(added)}，{name}写{shown(whole)}。",
            figures=figures,
            records=[row.metric.id for row in rows if row.metric],
            places=_score_places(case, whole) if name == "自评得分" or claimed == whole else [],
        )


def _scored_elsewhere(case: Case, rest: Decimal) -> bool:
    """Whether what the rows lack is the score of a part that stands outside them: 年度预算执行得分：9.78."""
    return rest > 0 and re.search(rf"得分[:：为]?\s*{re.escape(shown(rest))}0?(?![\d.])", case.text) is not None


def _score_places(case: Case, score: Decimal):  # type: ignore[no-untyped-def]
    """Where the running text states the score."""
    return [
        sentence.place(said.at - len(said.lead), said.to, case.text)
        for sentence in case.numbered
        if "分" in sentence.units
        for said in sentence.said
        if said.figure.value == score and said.figure.unit == "分"
    ][:1]


_OWN = re.compile(r"(?:自评|综合评价|绩效评价|评价|综合|总体|最终|整体)[^，。；]{0,12}$|^(?:得分|总分|总得分)(?:为|是|：|:)*$")
_NOT_OWN = re.compile(r"上年|去年|平均|满分|指标|[一-龥]类|部分|权重|分值|扣|测评|满意|问卷")
_COUNTING = re.compile(r"(?:总|综合)?(?:得分|评分|总分|得)?(?:为|是|：|:|达)*")
_BOUND = re.compile(r"[（(]?(?:含|以上|以下|及以上|至|—|-|～|~)")  # 90分（含）以上为优 is no score
_GRADE_BEHIND = re.compile(
    r"(?:等级|等次|档次|评级|评定|评为|结论|结果)[^。；，]{0,6}?[“\"‘]?(?P<grade>优秀|优|良好|良|中|差)(?=[”\"’。，；]|$)"
)


def _own_scores(case: Case) -> list[tuple[Said, Sentence]]:
    """Where the running text states the report's own score."""
    year = re.compile(rf"{case.report.fiscal_year}年度?")
    return [
        (said, sentence)
        for sentence in case.numbered
        if "分" in sentence.units
        for said in sentence.said
        if said.figure.unit == "分"
        and said.figure.exact
        and said.figure.project is None
        and 40 <= said.figure.value <= 120
        and (_OWN.search(said.lead) or (_COUNTING.fullmatch(said.lead) and _OWN.search(said.clause_before + said.lead)))
        and not _NOT_OWN.search(year.sub("", said.lead))
        and not _BOUND.match(sentence.words, said.to)
    ]


def _own_score(case: Case) -> Decimal | None:
    """The report's own score, as its text has it; a table's total where the text has none."""
    told = [] if case.has_projects else _own_scores(case)
    values = {said.figure.value for said, _ in told}
    return values.pop() if len(values) == 1 else case.report.self_score


def _own_grade(case: Case) -> str | None:
    """The report's grade, else the one named right behind its score."""
    if case.report.grade is not None or case.has_projects:
        return case.report.grade
    behind = (_GRADE_BEHIND.search(sentence.words, said.to) for said, sentence in _own_scores(case))
    return next((match["grade"] for match in behind if match), None)


def score_without_basis(case: Case) -> Iterator[Finding]:
    """A self-score with no weights and scores to add up."""
    score = _own_score(case)
    if score is None or any(Role.SCORE in row.numbers for row in case.rows):
        return
    places = _score_places(case, score)
    if not places and not case.indicators:
        return
    by_level = any(Role.FIRST in row.headings or Role.SECOND in row.headings for row in case.rows)
    carried = f"自评表{len(case.indicators)}项指标未列分值和得分" if case.indicators else "报告没有指标分值和得分"
    yield finding(
        case,
        NOT_RECOMPUTABLE,
        "warning" if by_level else "note",  # a list of tasks is not meant to be scored, and a table may stand elsewhere
        f"自评得分{shown(score)}，{carried}",
        "得分不能由各项指标得分相加重算。",
        places=places,
        records=[] if places else [metric.id for metric in case.indicators[:1]],
    )


_GRADES = (("优", 90, 101), ("良", 80, 90), ("中", 60, 80), ("差", 0, 60))
_OTHER_ASSESSOR = re.compile(r"财政局|绩效办|考核(?:结果|评估)|评估考核|第三方|上级|主管部门|市委|考评")


def grade_against_score(case: Case) -> Iterator[Finding]:
    """The grade that the score earns by the usual cut-offs, against the stated one."""
    score, grade = _own_score(case), _own_grade(case)
    if score is None or grade is None or score > 100:
        return
    earned = next((name for name, low, high in _GRADES if low <= score < high), None)
    if earned is None or grade[0] == earned or grade[0] not in "优良中差":
        return
    sentence = next((s for s in case.sentences if grade in s.words and re.search(r"等[次级]|评[为定]|结论|结果", s.words)), None)
    another = sentence is not None and bool(_OTHER_ASSESSOR.search(sentence.words)) and shown(score) not in sentence.words
    at = sentence.words.find(grade) if sentence else 0
    places = [*_score_places(case, score), *([sentence.place(max(0, at - 30), at + len(grade), case.text)] if sentence else [])]
    if not places:
        return
    yield finding(
        case,
        GRADE,
        "note" if another else "error",
        f"{shown(score)}分按通常标准为“{earned}”，所写为“{grade}”",
        "所写等次由另一评价主体评定，与自评得分不是同一口径，供参考。"
        if another
        else "得分与等级不相对应；如另有等级标准应予注明。",
        places=places,
    )


def score_over_weight(case: Case) -> Iterator[Finding]:
    """An indicator scored above its weight."""
    for metric in case.indicators:
        if metric.weight is not None and metric.score is not None and metric.score > metric.weight:
            yield finding(
                case,
                OVER_WEIGHT,
                "error",
                f"得分{shown(metric.score)} > 分值{shown(metric.weight)}",
                f"“{metric.name}”的得分高于分值。",
                records=[metric.id],
            )


def score_against_outcome(case: Case) -> Iterator[Finding]:
    """Full marks for a missed target; and marks that are not the share attained, where the table scores by shares."""
    by_share = [metric for metric in case.indicators if _share(metric) is not None]
    fitting = [metric for metric in by_share if _fits_share(metric)]
    for metric in case.indicators:
        if metric.weight is None or metric.score is None or metric.attained is not False:
            continue
        if (
            metric.score == metric.weight > 0
            and metric.actual
            and metric.target
            and metric.actual.value is not None
            and metric.target.value is not None
        ):
            yield finding(
                case,
                PRO_RATA,
                "error",
                f"目标{metric.target.raw}，实际{metric.actual.raw}，未达成，却得满分{shown(metric.score)}",
                f"“{metric.name}”未完成指标值，应按比例记分。",
                records=[metric.id],
            )
        elif metric in by_share and metric not in fitting and (len(fitting) >= 2 or _far_from_share(metric)):
            share = _share(metric) or Decimal(0)
            less = len(fitting) < 2 and metric.score < metric.weight * share  # which may have reasons of its own
            yield finding(
                case,
                PRO_RATA,
                "note" if less else "warning",
                f"{shown(metric.weight)} × {shown(share * 100, 2)}% = {shown(metric.weight * share, 2)} ≠ {shown(metric.score)}",
                f"“{metric.name}”的得分与完成比例不符，同表其他指标按比例记分。",
                records=[metric.id],
            )


def _share(metric: Metric) -> Decimal | None:
    """The share of the target that was attained, for a quantitative indicator below its target."""
    target, actual = metric.target, metric.actual
    if metric.attained is not False or target is None or actual is None or not target.value or not actual.value:
        return None
    if (
        metric.score is None
        or metric.weight is None
        or target.comparator in ("le", "lt")
        or metric.score == metric.weight
        or metric.score == 0
    ):
        return None
    return actual.value / target.value if actual.value < target.value else None


def _far_from_share(metric: Metric) -> bool:
    """Whether an execution rate, which earns its share of the points, is scored otherwise by a tenth of them or more."""
    share = _share(metric)
    assert share is not None
    assert metric.weight is not None
    assert metric.score is not None
    return "执行率" in metric.name and share >= Decimal("0.6") and abs(metric.score / metric.weight - share) >= Decimal("0.1")


def _fits_share(metric: Metric) -> bool:
    share = _share(metric)
    assert share is not None
    assert metric.weight is not None
    assert metric.score is not None
    half = Decimal(5).scaleb(-decimal_places(metric.score) - 1)
    low = metric.weight * share
    return Interval(metric.score - half, metric.score + half).meets(Interval(low - Decimal("0.005"), low + Decimal("0.005")))


def points_lost_though_all_done(case: Case) -> Iterator[Finding]:
    """Every indicator attained and all said to be done, yet points are lost, and nothing says where."""
    score = _own_score(case)
    judged = [metric for metric in case.indicators if metric.attained is not None]
    if score is None or score >= 100 or len(judged) < 3 or not all(metric.attained for metric in judged):
        return
    if any(metric.score is not None for metric in case.indicators):
        return
    places = _score_places(case, score)
    if places:
        yield finding(
            case,
            CLAIMED_SCORE,
            "warning",
            f"{len(judged)}项可比指标全部达成，自评得分{shown(score)}",
            f"指标全部完成，却扣了{shown(100 - score)}分，未见扣分说明。",
            places=places,
        )


_POINTS = re.compile(r"(?:得|扣后得|实得|得分)(?:分)?(?:为|是|：|:)*$")
_WHOLE_SCORE = re.compile(
    r"(?:自评|评价|综合|总体|最终|绩效)[^，。；]{0,8}(?:得分|评分|总分|得)(?:为|是|：|:|达)*$|^(?:总得?分|合计得?分?|总计)(?:为|是|：|:)*"
)


def scores_in_prose(case: Case) -> Iterator[Finding]:
    """投入类得10分；过程类得28.5分；…。综合得分91.1分: three scores or more before their total."""
    parts: list[Said] = []
    for sentence in case.numbered:
        for said in sentence.said if "分" in sentence.units else ():
            if said.figure.unit != "分" or not said.figure.exact or said.figure.project:
                continue
            if _WHOLE_SCORE.search(said.lead):
                yield from _prose_total(case, parts, said)
                parts = []
            elif _POINTS.search(said.lead) and not _is_inside(sentence, said):
                parts.append(said)


def _is_inside(sentence: Sentence, said: Said) -> bool:
    """Whether a score stands behind 其中 or in brackets, and is part of another."""
    return re.search(r"其中|[（(][^）)]*$", sentence.words[: said.at]) is not None


def _prose_total(case: Case, parts: list[Said], whole: Said) -> Iterator[Finding]:
    figures = [said.figure for said in parts]
    if len(figures) < 3 or total(figures).meets(whole.figure.interval):
        return
    added = total(figures).middle
    if abs(added - whole.figure.value) <= Decimal("0.15") * whole.figure.value:
        yield finding(
            case,
            SCORES,
            "error",
            f"{' + '.join(figure.number for figure in figures)} = {shown(added)} ≠ {whole.figure.words}",
            f"各部分得分相加得{shown(added)}，与总分不同。",
            figures=[*figures, whole.figure],
        )


def score_said_twice(case: Case) -> Iterator[Finding]:
    """The report's own score with two values in its text."""
    scores = _own_scores(case)
    told = [said for said, _ in scores]
    values = list(dict.fromkeys(said.figure.value for said in told))
    if len(values) != 2 or case.has_projects or len({id(sentence) for _, sentence in scores}) < 2:
        return  # two of one sentence are of two things
    one, other = (next(said.figure for said in told if said.figure.value == value) for value in values)
    if abs(one.value - other.value) <= 10 and min(values) > 50:
        yield finding(
            case,
            SCORES,
            "error",
            f"{one.words} ≠ {other.words}",
            "自评得分在正文两处不同。",
            figures=[one, other],
        )


_GROUP_WEIGHT = re.compile(r"[（(](\d{1,3}(?:\.\d+)?)分?[)）]$")


def weights_of_groups(case: Case) -> Iterator[Finding]:
    """产出指标（50分） against the weights of the rows under it."""
    groups: dict[tuple[str, int], list[Metric]] = defaultdict(list)
    number, last = 0, None
    for row in case.rows:
        if row.metric is None or row.metric.kind != "indicator":
            continue
        cell = row.cells.get(Role.FIRST)
        if cell is not None and cell.words != last:
            number, last = number + 1, cell.words
        if last is not None:
            groups[last, number].append(row.metric)
    for (words, _), metrics in groups.items():
        weight = _GROUP_WEIGHT.search(words)
        weights = [metric.weight for metric in metrics]
        if weight is None or len(weights) < 2 or None in weights:
            continue
        added = sum((each for each in weights if each is not None), Decimal(0))
        if added != Decimal(weight[1]):
            yield finding(
                case,
                WEIGHTS,
                "error",
                f"{len(weights)}项分值之和 {shown(added)} ≠ {weight[1]}",
                f"“{words}”下各项指标的分值相加得{shown(added)}。",
                records=[metric.id for metric in metrics],
            )


def scores_by_level(case: Case) -> Iterator[Finding]:
    """A table of 一级指标 with weights and scores alone: its total row against the rows, and 得分率 against the two."""
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in case.rows:
        if row.metric is None and Role.SCORE in row.numbers and not {Role.TARGET, Role.ACTUAL} & row.headings.keys():
            groups[row.group].append(row)
    for rows in groups.values():
        parts, totals = ([row for row in rows if bool(_TOTAL.match(row.first)) is last] for last in (False, True))
        if len(parts) < 3:
            continue
        for check, role in ((WEIGHTS, Role.WEIGHT), (SCORES, Role.SCORE)):
            figures = [row.numbers[role] for row in parts if role in row.numbers]
            whole = totals[0].numbers.get(role) if len(totals) == 1 else None
            if whole is not None and len(figures) == len(parts) and not total(figures).meets(whole.interval):
                words = " + ".join(figure.number for figure in figures)
                yield finding(
                    case,
                    check,
                    "error",
                    f"{words} = {shown(total(figures).middle)} ≠ {whole.number}",
                    f"各项相加得{shown(total(figures).middle)}，合计行写{whole.number}。",
                    figures=[*figures, whole],
                )
        for row in rows:
            weight, score, rate = (row.numbers.get(role) for role in (Role.WEIGHT, Role.SCORE, Role.RATE))
            if weight is None or score is None or rate is None or weight.value <= 0:
                continue
            if not (score.interval / Interval(weight.value, weight.value)).meets(rate.interval):
                real = f"{score.value / weight.value * 100:.2f}%"
                yield finding(
                    case,
                    SCORES,
                    "error",
                    f"{score.number} ÷ {weight.number} = {real} ≠ {rate.number}%",
                    f"“{row.first}”的得分率按所列的权重和得分应为{real}。",
                    figures=[score, weight, rate],
                )


CHECKS = (
    scores_by_level,
    scores_in_prose,
    score_said_twice,
    weights_of_groups,
    sums_of_scores,
    score_without_basis,
    grade_against_score,
    score_over_weight,
    score_against_outcome,
    points_lost_though_all_done,
)
