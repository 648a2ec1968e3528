"""One report's records → its executive summary (执行摘要), composed: no model, and no paragraph pasted.

The order is that of a 签报: what to think of it, goals and what became of them, money, problems and measures, what to mind.
Each sentence cites the records it is made of. What is short of its goal comes before what is not.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from jixiao.audit import Case, Finding
from jixiao.audit.subjects import Subject, item_of, plain_name
from jixiao.records import Completion, Goal, Issue, Measure, Metric
from jixiao.summary.citing import change_words, cite, cite_report, clause_of, value_words
from jixiao.summary.parts import Cited, IndicatorRow, Section, Sentence, Summary

_TYPES = {"department_overall": "部门整体支出", "project": "项目支出", "policy": "政策", "other": ""}
_ORDINALS = "一二三四五六七八九十"


def compose(case: Case, findings: Sequence[Finding], clauses: int = 4, asides: int = 4) -> Summary:
    """The summary with so many clauses a goal, and a row beside the goals; nothing left out yet: see :func:`jixiao.summary.length.fit`."""
    report = case.report
    year = f"{report.fiscal_year}年度" if report.fiscal_year else ""
    sections = [
        Section(heading="总体判断", sentences=list(_judgement(case, findings))),
        Section(heading="资金情况", sentences=list(_money(case, asides))),
        Section(heading="目标及完成情况", sentences=list(_goals(case, clauses, asides))),
        Section(heading="问题与措施", sentences=list(_problems(case, clauses))),
        Section(heading="提请关注", sentences=list(_to_mind(case, findings))),
    ]
    return Summary(
        title="绩效自评执行摘要",
        under=f"{report.department or report.title or report.source} {year}".strip(),
        sections=[section for section in sections if section.sentences],
        indicators=_indicators(case),
    )


# --- what to think of it


def _judgement(case: Case, findings: Sequence[Finding]) -> Iterator[Sentence]:
    report = case.report
    if report.self_score is not None:
        grade = f"，等级为“{report.grade}”" if report.grade else ""
        kind = _TYPES[report.report_type]
        yield Sentence(
            text=f"{kind}绩效自评得分{report.self_score:f}分{grade}。",
            cites=[cite_report(case, f"{report.self_score:f}")],
            rank=0,
        )
    elif case.extraction.metrics or case.extraction.goals:
        yield Sentence(text="报告没有给出自评得分。", cites=[cite_report(case, None)], rank=0)
    yield from _counts(case)
    yield from _reasons(case)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        cites = [cite(case, "report", finding.places[0]) for finding in errors]
        yield Sentence(
            text=f"经核对，前后矛盾{len(errors)}处，更正前有关数据不宜引用。", cites=cites, counted=[str(len(errors))], rank=0
        )


def _tied(case: Case) -> list[tuple[Goal, Completion]]:
    """Goals of the text and the completion that each has."""
    done = {completion.goal_id: completion for completion in reversed(case.extraction.completions) if completion.goal_id}
    return [(goal, done[goal.id]) for goal in case.extraction.goals if goal.id in done]


_STATUS = {"achieved": "完成", "partial": "部分完成", "not_achieved": "未完成"}


def _counts(case: Case) -> Iterator[Sentence]:
    """How many goals and indicators were met."""
    tied = [completion for _, completion in _tied(case) if completion.status != "unstated"]
    judged = [metric for metric in case.indicators if metric.attained is not None]
    parts, counted, ids = [], [], []
    if len(tied) >= 2:
        by_status = {status: [c for c in tied if c.status == status] for status in _STATUS}
        words = [f"{name}{len(by_status[status])}个" for status, name in _STATUS.items() if by_status[status]]
        parts.append(f"有结论的绩效目标{len(tied)}个，{'、'.join(words)}")
        counted += [str(len(tied)), *(str(len(each)) for each in by_status.values() if each)]
        ids += [completion.id for completion in tied]
    if len(judged) >= 3:
        missed = sum(not metric.attained for metric in judged)
        reached = f"达成{len(judged) - missed}项、未达成{missed}项" if missed else "全部达成"
        parts.append(f"可比指标{len(judged)}项，{reached}")
        counted += [str(len(judged)), *([str(len(judged) - missed), str(missed)] if missed else [])]
        ids += [metric.id for metric in judged]
    if parts:
        yield Sentence(
            text=f"{'；'.join(parts)}。", cites=[cite(case, id) for id in ids], counted=counted, rank=1, topic="目标指标"
        )


def _reasons(case: Case) -> Iterator[Sentence]:
    """Why indicators were missed, as the table says."""
    missed = [
        metric
        for metric in case.indicators
        if metric.attained is False
        and metric.deviation
        and metric.deviation != "同上"
        and metric.actual
        and metric.actual.value is not None
    ]
    told = []
    for metric in missed[:3]:
        reason = re.split(r"[，；。]", re.sub(r"\s+", "", metric.deviation or ""))[0]
        if 3 <= len(reason) <= 24 and reason not in told:
            told.append(reason)
    if told:
        yield Sentence(
            text=f"未达成的主要原因：{'；'.join(told)}。",
            cites=[cite(case, metric.id) for metric in missed[:3]],
            rank=3,
            topic="未达成原因",
        )


# --- money


def _money(case: Case, most: int) -> Iterator[Sentence]:
    told: set[str] = set()
    for project in case.projects:
        figures = [m for m in case.extraction.metrics if m.project == project and m.kind == "figure"]
        for sentence in _spending(case, figures, project):
            told |= {cited.record_id for cited in sentence.cites}
            yield sentence.model_copy(update={"topic": project[:10]}) if project else sentence
    for sentence in _accounts(case):
        told |= {cited.record_id for cited in sentence.cites}
        yield sentence
    yield from _more_money(case, told, most)


def _more_money(case: Case, told: set[str], most: int) -> Iterator[Sentence]:
    """Where the money came from and what it went into: the largest amounts, and rates, that are not told yet."""
    figures = [
        metric
        for metric in _outside(case)
        if metric.id not in told and metric.project is None and _of_money(metric) and metric.actual is not None
    ]
    figures.sort(key=lambda metric: -(metric.actual.base_value or 0) if metric.actual else Decimal(0))
    clauses, cited = _clauses(case, figures, set(), most, ranked=True)
    if clauses:
        yield Sentence(
            text=f"资金构成：{'，'.join(clauses)}。", cites=[cite(case, metric.id) for metric in cited], rank=4, topic="资金构成"
        )


def _outside(case: Case) -> list[Metric]:
    """The figures of the running text that stand in no goal, completion, problem or measure."""
    taken = [
        piece
        for record in (*case.extraction.completions, *case.extraction.issues, *case.extraction.measures, *case.extraction.goals)
        for piece in record.evidence
    ]
    return [
        metric
        for metric in case.extraction.metrics
        if metric.kind == "figure" and not any(piece.start <= metric.evidence[0].start < piece.end for piece in taken)
    ]


def _of_money(metric: Metric) -> bool:
    unit = metric.actual.base_unit if metric.actual else None
    return unit == "元" or re.search(r"执行率|到位率|支出率|支付率|资金|预算", metric.name) is not None


def _first(figures: Sequence[Metric], *words: str, unit: str, planned: bool = False) -> Metric | None:
    """The first figure whose name is one of these."""
    pattern = re.compile("|".join(words))
    for metric in figures:
        measured = metric.target if planned else metric.actual
        if measured is not None and measured.base_unit == unit and pattern.search(metric.name):
            return metric
    return None


def _spending(case: Case, figures: list[Metric], project: str | None) -> Iterator[Sentence]:
    own = [metric for metric in figures if metric.goal_id is None]
    total = next((m for m in own if m.actual and m.actual.base_unit == "元" and _is_total(m)), None)
    rate = _rate_near(own, total)
    plan = _first(own, r"(?:调整后|全年|调整).{0,4}预算|全年预算合计", unit="元", planned=True) or _first(
        own, r"(?:年初|部门).{0,4}预算", unit="元", planned=True
    )
    left = _first(own, r"结转|结余|资金结", unit="元")
    named = f"{project}" if project else ""
    parts, cites = [], []
    if plan is not None and plan.target is not None:
        parts.append(f"{'年初' if '年初' in plan.name else '全年'}预算{value_words(plan.target)}")
        cites.append(plan)
    if total is not None and total.actual is not None:
        parts.append(f"支出{value_words(total.actual)}{change_words(total)}")
        cites.append(total)
    if rate is not None and rate.actual is not None and (total is not None or plan is not None):
        parts.append(clause_of(case, rate))
        cites.append(rate)
    elif plan is not None and total is not None and (share := _execution(plan, total)):
        parts.append(f"执行率{share}")
    kind = re.search(r"结转和?结余|结转|结余", clause_of(case, left)) if left is not None else None
    if left is not None and left.actual is not None and total is not None and kind:
        parts.append(f"{kind[0]}{value_words(left.actual)}")
        cites.append(left)
    if len(parts) >= 2 or total is not None:
        yield Sentence(text=f"{named}{'，'.join(parts)}。", cites=[cite(case, metric.id) for metric in cites], rank=1)
    elif project is None:
        yield from _funds_row(case)


_RATE_OF_SPENDING = re.compile(r"执行率|预算完成率|支出率|支付率|(?:支出|支付|执行)进度")


def _rate_near(figures: Sequence[Metric], total: Metric | None) -> Metric | None:
    """The execution rate that stands with the whole spending."""
    rates = [m for m in figures if m.actual and m.actual.base_unit == "%" and _RATE_OF_SPENDING.search(m.name)]
    if total is None:
        return rates[0] if rates else None
    at = total.evidence[0].start
    return next((m for m in rates if abs(m.evidence[0].start - at) < 160), None)


def _execution(plan: Metric, total: Metric) -> str | None:
    """The execution rate by plan and outcome, where the plan is the adjusted one."""
    if (
        "年初" in plan.name
        or plan.target is None
        or total.actual is None
        or not plan.target.base_value
        or total.actual.base_value is None
    ):
        return None
    return f"{total.actual.base_value / plan.target.base_value * 100:.2f}%"


def _is_total(metric: Metric) -> bool:
    """Whether a figure is the whole year's spending."""
    bare = metric.name == "支出" and re.search(r"(?:全年|本年|年度|共|总)支出", metric.evidence[0].quote) is not None
    return (
        bare
        or item_of(metric.name) == "支出总额"
        or re.search(r"实际(?:支出|执行|拨付|支付)|支出总额|总支出|累计(?:支出|支付|拨付)", metric.name) is not None
    )


def _funds_row(case: Case) -> Iterator[Sentence]:
    row = next((m for m in case.extraction.metrics if m.kind == "budget" and item_of(m.name) == "支出总额" and m.actual), None)
    if row is None or row.actual is None:
        return
    plan = f"全年预算{_with_unit(row.target)}，" if row.target else ""
    yield Sentence(text=f"{plan}执行{_with_unit(row.actual)}。", cites=[cite(case, row.id)], rank=1)


def _with_unit(measured: object) -> str:
    from jixiao.records import Measurement

    assert isinstance(measured, Measurement)
    words = value_words(measured)
    return words if measured.unit is None or words.endswith(measured.unit) else f"{words}{measured.unit}"


def _accounts(case: Case) -> Iterator[Sentence]:
    """基本支出 and 项目支出, and the 三公 expenses."""
    figures = [m for m in case.extraction.metrics if m.kind == "figure" and m.actual and m.project is None and m.goal_id is None]
    parts: list[str] = []
    cited: list[Metric] = []
    for item in ("基本支出", "项目支出"):
        metric = next((m for m in figures if item_of(m.name) == item), None)
        if metric is not None and metric.actual is not None:
            share = _share(figures, metric)
            of_all = f"（占{value_words(share.actual)}）" if share is not None and share.actual is not None else ""
            parts.append(f"{item}{value_words(metric.actual)}{of_all}")
            cited += [metric, *([share] if share else [])]
    told = [figure.record_id for figure in case.facts.get(Subject("三公经费", "actual"), []) if not figure.in_table]
    public = next((m for m in figures if m.id in told and "三公" in m.name), None)
    if public is not None and public.actual is not None:
        parts.append(f"“三公”经费{value_words(public.actual)}{change_words(public)}")
        cited.append(public)
    elif (row := _row_of(case, "三公经费")) is not None and row.actual is not None:
        parts.append(f"“三公”经费{_with_unit(row.actual)}")
        cited.append(row)
    if parts:
        yield Sentence(text=f"{'；'.join(parts)}。", cites=[cite(case, metric.id) for metric in cited], rank=2, topic="支出构成")


def _row_of(case: Case, item: str) -> Metric | None:
    return next((m for m in case.extraction.metrics if m.kind == "budget" and item_of(m.name) == item and m.actual), None)


def _share(figures: Sequence[Metric], metric: Metric) -> Metric | None:
    return next(
        (
            m
            for m in figures
            if m.actual is not None
            and m.actual.base_unit == "%"
            and 0 <= m.evidence[0].start - metric.evidence[0].end <= 2
            and m.evidence[0].quote.startswith("占")
        ),
        None,
    )


# --- goals and what became of them


def _goals(case: Case, most: int, asides: int) -> Iterator[Sentence]:
    completions = [c for c in case.extraction.completions if not _in_table(case, c)] or case.extraction.completions
    goals = {goal.id: goal for goal in case.extraction.goals}
    used: set[str] = set()
    for completion in completions:
        goal = goals.get(completion.goal_id or "")
        inside = [
            m
            for m in case.extraction.metrics
            if m.kind == "figure" and _within(m, completion) and m.actual and not (m.change is None and _tabled(case, m))
        ]
        clauses, cited = _clauses(case, inside, used, most)
        reason = _reason(completion)
        if not clauses and not reason:
            continue
        head = _goal_head(goal, completion)
        state = {"not_achieved": "未完成：", "partial": "部分完成："}.get(completion.status, "：") if head else ""
        reason = "" if any(reason[:8] in clause or clause in reason for clause in clauses) else reason
        words = "，".join(clauses) + (f"；{reason}" if reason and clauses else reason)
        text = f"{head}{state}{words}。"
        records = [cite(case, completion.id), *(cite(case, metric.id) for metric in cited)]
        yield Sentence(
            text=text,
            cites=records,
            rank=2 if completion.status in ("partial", "not_achieved") or not case.indicators else 3,
            topic=f"{head}{state}".rstrip("：") or "完成情况",
        )
    yield from _elsewhere(case, used, asides)


def _tabled(case: Case, metric: Metric) -> bool:
    """Whether the table of key indicators tells the same."""
    name, actual = plain_name(metric.name), metric.actual
    return actual is not None and any(
        row.actual is not None
        and row.target is not None
        and row.actual.base_value == actual.base_value
        and row.actual.base_unit == actual.base_unit
        and (name in plain_name(row.name) or plain_name(row.name) in name or plain_name(row.name)[-2:] == name[-2:])
        for row in case.indicators
    )


def _in_table(case: Case, completion: Completion) -> bool:
    start = completion.evidence[0].start
    return any(table.span.start <= start < table.span.end for table in case.document.tables)


def _within(metric: Metric, record: Completion | Issue | Measure) -> bool:
    return any(piece.start <= metric.evidence[0].start < piece.end for piece in record.evidence)


def _goal_head(goal: Goal | None, completion: Completion) -> str:
    if goal is not None and goal.label and re.search(r"\d|[一二三四五六七八九十]", goal.label):
        return f"目标{goal.label.removeprefix('目标')}"
    return ""


def _clauses(
    case: Case, figures: Sequence[Metric], used: set[str], most: int, *, ranked: bool = False
) -> tuple[list[str], list[Metric]]:
    """The most telling clauses among figures, in the order of the text; ``ranked`` where they come by weight already."""
    by_weight = figures if ranked else sorted(figures, key=lambda m: (-_weight(case, m), m.evidence[0].start))
    chosen: list[Metric] = []
    seen: set[tuple[int, int]] = set()
    for metric in by_weight:
        place = (metric.evidence[0].start, metric.evidence[0].end)
        clause = clause_of(case, metric)
        if clause in used or len(clause) > 42 or len(clause) < 4:
            continue
        if place not in seen:
            if len(seen) == most:
                break
            seen.add(place)
            used.add(clause)
        chosen.append(metric)
    chosen.sort(key=lambda metric: metric.evidence[0].start)
    words: list[str] = []
    told: set[tuple[int, int]] = set()
    shares: list[Metric] = []
    for metric in chosen:
        place = (metric.evidence[0].start, metric.evidence[0].end)
        if place not in told:
            told.add(place)
            words.append(
                _short(case, clause_of(case, metric))
                + next((change_words(m) for m in chosen if _place(m) == place and m.change), "")
            )
            share = _share(case.extraction.metrics, metric)
            if share is not None and share.actual is not None and share.id not in {each.id for each in chosen}:
                words[-1] += f"（占{value_words(share.actual)}）"
                shares.append(share)
    return words, [*chosen, *shares]


def _short(case: Case, clause: str) -> str:
    """A clause without the year that all of the summary is of."""
    return re.sub(rf"^(?:{case.report.fiscal_year}年度?|全年|本年度?|当年)(?=[\u4e00-\u9fff]{{2}})", "", clause)


def _place(metric: Metric) -> tuple[int, int]:
    return metric.evidence[0].start, metric.evidence[0].end


def _weight(case: Case, metric: Metric) -> float:
    """How telling a figure is: one that a goal or an indicator asks for, that fell short, that is large, that changed."""
    name = plain_name(metric.name)
    weight = 0.0
    for other in case.extraction.metrics:
        if (
            other.target is not None
            and other.id != metric.id
            and name
            and (plain_name(other.name) == name or (len(name) >= 4 and name in plain_name(other.name)))
        ):
            weight = max(weight, 4.0 if other.attained is False else 3.0)
    actual = metric.actual
    if actual is None:
        return weight
    weight += 1.0 if actual.base_unit == "%" else 0.0
    weight += 0.5 if metric.change is not None or metric.previous is not None else 0.0
    weight += 1.0 if actual.unit and actual.unit[0] in "万亿" else 0.0
    weight -= 1.0 if actual.comparator != "eq" else 0.0
    if actual.base_value is not None and actual.base_value <= 3 and actual.base_unit not in ("%", "元"):
        weight -= 0.5
    return weight


_REASON = re.compile(
    r"(?:主要是|主要因|原因是|因|受|由于)[^，。；：]{4,26}(?:影响|未|停工|推迟|退出|受阻|滞后|不足|缺货|返黑|台风)[^，。；：]{0,16}|[^，。；：]{2,20}(?:未能|尚未|正在|未封顶|未完工|未动工|跨年)[^，。；：]{0,18}"
)


def _reason(completion: Completion) -> str:
    """Why a goal fell short, in the report's words; nothing for one that did not."""
    if completion.status == "achieved":
        return ""
    match = _REASON.search(re.sub(r"\s+", "", completion.statement))
    return match[0] if match and not re.search(r"\d{4}年", match[0][:6]) else ""


def _elsewhere(case: Case, used: set[str], most: int) -> Iterator[Sentence]:
    """Telling figures of the running text outside completions and money: satisfaction, effects."""
    outside = [
        metric
        for metric in _outside(case)
        if metric.actual
        and item_of(metric.name) is None
        and not _tabled(case, metric)
        and not _of_money(metric)
        and not re.search(r"编制|在职|科室|股室|控制率|执行率|占比|预算|结转|调整率|支出率", metric.name)
    ]
    clauses, cited = _clauses(case, outside, used, most)
    if clauses:
        yield Sentence(
            text=f"其他主要数据：{'，'.join(clauses)}。",
            cites=[cite(case, metric.id) for metric in cited],
            rank=4,
            topic="其他数据",
        )


# --- problems and measures


def _problems(case: Case, most: int) -> Iterator[Sentence]:
    told: list[str] = []
    cites: list[Cited] = []
    for issue in case.extraction.issues[: max(4, most)]:
        words, cited = _point(case, issue, max(1, most // 3))
        if words:
            told.append(words)
            cites += [cite(case, issue.id), *(cite(case, metric.id) for metric in cited)]
    if told:
        marked = [f"{_ORDINALS[at]}是{words}" for at, words in enumerate(told)] if len(told) > 1 else told
        yield Sentence(text=f"主要问题：{'；'.join(marked)}。", cites=cites, rank=2, topic="主要问题")
    yield from _measures(case, most)


def _measures(case: Case, most: int) -> Iterator[Sentence]:
    """What is to be done, those with a figure or a date first, in few words."""
    told: list[tuple[bool, str, list[Cited]]] = []
    for measure in case.extraction.measures[:8]:
        words, cited = _point(case, measure, max(1, most // 3))
        clause = re.search(r"（(?P<clause>.*)）$", words)
        short = clause["clause"] if clause and cited else words
        if short:
            told.append(
                (bool(cited) or "（" in words, short, [cite(case, measure.id), *(cite(case, metric.id) for metric in cited)])
            )
    chosen = sorted(told, key=lambda each: not each[0])[: max(4, most)]
    if chosen:
        yield Sentence(
            text=f"下一步：{'；'.join(words for _, words, _ in chosen)}。",
            cites=[each for _, _, cites in chosen for each in cites],
            rank=2,
            topic="下一步",
        )


def _point(case: Case, record: Issue | Measure, most: int) -> tuple[str, list[Metric]]:
    """A problem or measure in few words: its heading, and the clauses in it that hold a number, ``most`` of them."""
    statement = re.sub(r"\s+", "", record.statement)
    sentences = [part for part in re.split(r"[。；：]", statement) if part]
    if not sentences:
        return "", []
    head = sentences[0] if len(sentences[0]) <= 22 else "，".join(re.split(r"[，,]", sentences[0])[:1])
    inside = [m for m in case.extraction.metrics if m.kind == "figure" and _within(m, record)]
    for metric in inside:
        clause = clause_of(case, metric)
        if clause in head or head.endswith(clause):
            return head, [metric]
    told: list[str] = []
    cited: list[Metric] = []
    for metric in sorted(inside, key=lambda metric: -_dated(clause_of(case, metric))):
        clause = clause_of(case, metric)
        exact = metric.target is not None or (metric.actual is not None and metric.actual.comparator == "eq")
        if 4 <= len(clause) <= 30 and exact and clause not in head and len(told) < most:
            cited.append(metric)
            if clause not in told:
                told.append(clause)
    if told:
        return f"{head}（{'，'.join(told)}）", cited
    dated = re.search(r"[^，。；]{0,10}20\d\d年\d{1,2}月底前[^，。；]{2,18}", statement)
    if isinstance(record, Measure) and dated and dated[0] not in head:
        return f"{head}（{dated[0]}）", []
    return head, []


def _dated(clause: str) -> Decimal:
    return Decimal(1 if re.search(r"20\d\d年|底前|以下|以上", clause) else 0)


# --- what to mind


_TOLD = 6


_FIRST = ("text-table", "scores", "weights", "parts", "change", "rate", "two-values", "pro-rata")


def _weightiest(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that a leader should know first: contradictions of money and scores before lists and words."""
    grave = [finding for finding in findings if finding.severity != "note"]
    return sorted(
        grave, key=lambda f: (f.severity != "error", _FIRST.index(f.check.code) if f.check.code in _FIRST else len(_FIRST))
    )


def _to_mind(case: Case, findings: Sequence[Finding]) -> Iterator[Sentence]:
    """The audit's findings, the errors first: the reckoning, and which figure is the wrong one."""
    for at, finding in enumerate(_weightiest(findings)[:_TOLD]):
        wrong = f"，应为{finding.wrong}有误" if finding.wrong else ""
        reckoning = re.sub(r"（正文\d+处）", "", finding.reckoning)
        if len(reckoning) > 90:
            continue
        yield Sentence(
            text=f"{finding.check.name}：{reckoning}{wrong}。",
            cites=[
                *(cite(case, record_id) for record_id in finding.record_ids),
                *(cite(case, "report", place) for place in finding.places[:3]),
            ],
            rank=2 if finding.severity == "error" and at < 1 else 5,
            topic="提请关注",
        )


# --- key indicators


def _indicators(case: Case) -> list[IndicatorRow]:
    """The indicators, those that were missed first, then satisfaction, then by weight."""
    rows = [metric for metric in case.indicators if _tells(metric)]
    rows.sort(key=lambda m: (m.attained is not False, "满意" not in m.name, _of_process(m), -(m.weight or 0)))
    return [
        IndicatorRow(
            name=metric.name[:24],
            target=_cell(metric, metric.target),
            actual=_cell(metric, metric.actual),
            attained=metric.attained,
            cite=cite(case, metric.id),
        )
        for metric in rows
    ]


def _tells(metric: Metric) -> bool:
    """Whether a row tells a leader something: not that what was to be 健全 is 健全."""
    if metric.target is None or metric.actual is None or re.match(r"附件|附表", metric.name):
        return False
    return metric.attained is not True or (metric.actual.value is not None and metric.actual.raw != metric.target.raw)


def _of_process(metric: Metric) -> bool:
    """Whether an indicator is of inputs and process (投入, 过程), not of outputs and effects."""
    return bool(metric.category) and re.match(r"投入|过程|决策|管理|预算", metric.category[0]) is not None


def _cell(metric: Metric, measured: object) -> str:
    from jixiao.records import Measurement

    assert isinstance(measured, Measurement)
    words = value_words(measured)
    words = re.split(r"[（(](?=[^（(]*\d)", words)[0] if len(words) > 14 else words
    if len(words) > 14 and measured.value is not None:
        return f"{measured.value:f}{measured.unit or ''}"
    return words if len(words) <= 14 else re.sub(r"\d[\d.,]*$", "", words[:13]) + "…"
