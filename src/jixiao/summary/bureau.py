"""Many reports' records → the summary of a bureau's year (年度汇总): goals met, scores, money, problems, who needs attention."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from rapidfuzz import fuzz

from jixiao.audit import Audit, Case
from jixiao.audit.reckoning import shown
from jixiao.audit.subjects import item_of
from jixiao.records import Issue, Metric
from jixiao.summary.citing import change_words, cite, cite_report, value_words
from jixiao.summary.parts import Chart, Cited, Section, Sentence, Summary


def compose_year(cases: Sequence[Case], audit: Audit) -> Summary:
    """The whole summary, nothing left out yet."""
    years = sorted({case.report.fiscal_year for case in cases if case.report.fiscal_year})
    period = f"{years[0]}年度" if len(years) == 1 else f"{years[0]}—{years[-1]}年度" if years else ""
    sections = [
        Section(heading="总体判断", sentences=list(_overall(cases, audit))),
        Section(heading="得分分布", sentences=list(_scores(cases))),
        Section(heading="资金情况", sentences=list(_money(cases))),
        Section(heading="共性问题", sentences=list(_problems(cases))),
        Section(heading="需关注的部门", sentences=list(_attention(cases, audit))),
    ]
    return Summary(
        title=f"{period}绩效自评汇总",
        under=f"据{len(cases)}份绩效自评报告",
        sections=[section for section in sections if section.sentences],
        charts=list(_charts(cases)),
    )


def name_of(case: Case) -> str:
    """The report's department, else its file."""
    return case.report.department or case.report.source


def _overall(cases: Sequence[Case], audit: Audit) -> Iterator[Sentence]:
    departments = {name_of(case) for case in cases}
    yield Sentence(
        text=f"本次汇总报告{len(cases)}份，涉及部门（单位）{len(departments)}个。",
        cites=[cite_report(case, None) for case in cases],
        counted=[str(len(cases)), str(len(departments))],
        rank=0,
    )
    completions = [(case, c) for case in cases for c in case.extraction.completions if c.goal_id and c.status != "unstated"]
    if completions:
        counts = {status: sum(c.status == status for _, c in completions) for status in ("achieved", "partial", "not_achieved")}
        words = [
            f"{name}{counts[status]}个"
            for status, name in (("achieved", "完成"), ("partial", "部分完成"), ("not_achieved", "未完成"))
            if counts[status]
        ]
        yield Sentence(
            text=f"有结论的绩效目标{len(completions)}个，{'、'.join(words)}。",
            cites=[cite(case, completion.id) for case, completion in completions],
            counted=[str(len(completions)), *(str(count) for count in counts.values() if count)],
            rank=1,
        )
    judged = [(case, metric) for case in cases for metric in case.indicators if metric.attained is not None]
    if judged:
        missed = sum(not metric.attained for _, metric in judged)
        yield Sentence(
            text=f"可比较的指标{len(judged)}项，达成{len(judged) - missed}项，未达成{missed}项。",
            cites=[cite(case, metric.id) for case, metric in judged],
            counted=[str(len(judged)), str(len(judged) - missed), str(missed)],
            rank=1,
        )
    with_errors = [each for each in audit.reports if any(finding.severity == "error" for finding in each.findings)]
    if with_errors:
        by_digest = {case.report.sha256: case for case in cases}
        yield Sentence(
            text=f"经核对，{len(with_errors)}份报告有前后矛盾。",
            cites=[
                cite(by_digest[each.report.sha256], "report", next(f for f in each.findings if f.severity == "error").places[0])
                for each in with_errors
            ],
            counted=[str(len(with_errors))],
            rank=1,
        )


_GRADES = ("优", "良", "中", "差")


def _scored(cases: Sequence[Case]) -> list[tuple[Decimal, Case]]:
    return sorted(
        ((case.report.self_score, case) for case in cases if case.report.self_score is not None), key=lambda pair: -pair[0]
    )


def _scores(cases: Sequence[Case]) -> Iterator[Sentence]:
    scored = _scored(cases)
    if len(scored) < 2:
        return
    bands = [("优", 90, 1000), ("良", 80, 90), ("中", 60, 80), ("差", -1, 60)]  # the cut-offs of 财预〔2020〕10号第十八条
    words = [
        f"相当于“{name}”的{count}份" for name, low, high in bands if (count := sum(low <= score < high for score, _ in scored))
    ]
    (best, best_case), (worst, worst_case) = scored[0], scored[-1]
    yield Sentence(
        text=f"给出自评得分的报告{len(scored)}份：{'、'.join(words)}。",
        cites=[cite_report(case, f"{score:f}") for score, case in scored],
        counted=[
            str(len(scored)),
            *(str(count) for _, low, high in bands if (count := sum(low <= score < high for score, _ in scored))),
        ],
        rank=1,
    )
    yield Sentence(
        text=f"最高的是{name_of(best_case)}，自评得分{best:f}分；最低的是{name_of(worst_case)}，自评得分{worst:f}分。",
        cites=[cite_report(best_case, f"{best:f}"), cite_report(worst_case, f"{worst:f}")],
        rank=2,
    )


def _spending(case: Case) -> Metric | None:
    """The report's whole spending, from its text or its table."""
    for metric in case.extraction.metrics:
        if (
            metric.actual
            and metric.actual.base_unit == "元"
            and item_of(metric.name) == "支出总额"
            and metric.goal_id is None
            and metric.project is None
        ):
            return metric
    return None


def _money(cases: Sequence[Case]) -> Iterator[Sentence]:
    spent = [
        (metric, case)
        for case in cases
        if (metric := _spending(case)) is not None and metric.actual and metric.actual.base_value is not None
    ]
    spent.sort(key=lambda pair: -(pair[0].actual.base_value if pair[0].actual and pair[0].actual.base_value is not None else 0))
    if spent:
        words = [f"{name_of(case)}支出{_amount(metric)}" for metric, case in spent[:5]]
        yield Sentence(
            text=f"支出较大的有：{'；'.join(words)}。", cites=[cite(case, metric.id) for metric, case in spent[:5]], rank=2
        )
    changed = [(metric, case) for metric, case in spent if metric.change is not None and metric.change.percent is not None]
    changed.sort(key=lambda pair: -abs(pair[0].change.percent) if pair[0].change and pair[0].change.percent is not None else 0)
    if changed:
        words = [f"{name_of(case)}支出{_amount(metric)}{change_words(metric)}" for metric, case in changed[:4]]
        yield Sentence(
            text=f"变动较大的有：{'；'.join(words)}。", cites=[cite(case, metric.id) for metric, case in changed[:4]], rank=3
        )


def _amount(metric: Metric) -> str:
    assert metric.actual is not None
    words = value_words(metric.actual)
    unit = metric.actual.unit or ""
    return words if words.endswith(unit) else f"{words}{unit}"


_THEMES = (
    ("绩效指标设置", r"指标"),
    ("预算编制", r"预算(?:编制|管理|安排|追加|细化|编报)|预算"),
    ("支出进度", r"进度|执行率|支付|拨付|年底集中"),
    ("项目推进", r"项目(?:推进|前期|建设|论证|管理|实施)|前期工作|工期|推进"),
    ("人员力量", r"人员|人才|力量|队伍|培训"),
    ("资金保障", r"经费|资金(?:缺口|投入|保障)|投入不足"),
    ("长效管护与运维", r"管护|运维|长效"),
    ("信息化与数据", r"信息化|数据|系统|平台"),
    ("制度与基础管理", r"制度|基础|档案|资料|资产"),
)


def _problems(cases: Sequence[Case]) -> Iterator[Sentence]:
    """The problems by theme, the commonest first, each with examples from different departments."""
    groups: dict[str, list[tuple[Case, Issue]]] = defaultdict(list)
    for case in cases:
        for issue in case.extraction.issues:
            theme = next((name for name, words in _THEMES if re.search(words, _head(issue))), None)
            if theme:
                groups[theme].append((case, issue))
    ranked = sorted(groups.items(), key=lambda group: (-len({name_of(case) for case, _ in group[1]}), -len(group[1])))
    for at, (theme, found) in enumerate(ranked[:5]):
        reports = len({case.report.sha256 for case, _ in found})
        if reports < 2:
            continue
        examples = _different(found)[:2]
        words = "；".join(f"{name_of(case)}：{_head(issue)}" for case, issue in examples)
        yield Sentence(
            text=f"{theme}方面的问题见于{reports}份报告，如{words}。",
            cites=[cite(case, issue.id) for case, issue in found],
            counted=[str(reports)],
            rank=2 if at < 3 else 3,
        )


def _head(issue: Issue) -> str:
    return re.split(r"[。；，]", re.sub(r"\s+", "", issue.statement))[0][:28]


def _different(found: list[tuple[Case, Issue]]) -> list[tuple[Case, Issue]]:
    """Examples that say different things, from different departments."""
    kept: list[tuple[Case, Issue]] = []
    for case, issue in found:
        if all(name_of(case) != name_of(other) and fuzz.ratio(_head(issue), _head(said)) < 70 for other, said in kept):
            kept.append((case, issue))
    return kept


def _attention(cases: Sequence[Case], audit: Audit) -> Iterator[Sentence]:
    """Departments whose report contradicts itself most, or that missed most."""
    by_digest = {case.report.sha256: case for case in cases}
    rows: list[tuple[int, Case, list[Cited], str, list[str]]] = []
    for each in audit.reports:
        case = by_digest[each.report.sha256]
        errors = [finding for finding in each.findings if finding.severity == "error"]
        missed = [metric for metric in case.indicators if metric.attained is False]
        undone = [c for c in case.extraction.completions if c.status == "not_achieved" and c.goal_id]
        told = [
            f"{name}{len(found)}{unit}"
            for name, found, unit in (("前后矛盾", errors, "处"), ("未达成指标", missed, "项"), ("未完成目标", undone, "个"))
            if found
        ]
        if len(errors) + len(missed) + len(undone) < 3:
            continue
        cites = [*(cite(case, "report", finding.places[0]) for finding in errors)]
        cites += [*(cite(case, metric.id) for metric in missed), *(cite(case, completion.id) for completion in undone)]
        counted = [str(len(found)) for found in (errors, missed, undone) if found]
        rows.append((len(errors) * 2 + len(missed) + len(undone), case, cites, "、".join(told), counted))
    rows.sort(key=lambda row: -row[0])
    for at, (_, case, cites, words, counted) in enumerate(rows[:6]):
        yield Sentence(text=f"{name_of(case)}：{words}。", cites=cites, counted=counted, rank=2 if at < 3 else 4)


def _charts(cases: Sequence[Case]) -> Iterator[Chart]:
    scored = _scored(cases)
    if len(scored) >= 3:
        yield Chart(
            title="各部门自评得分",
            unit="分",
            bars=[(name_of(case)[-14:], f"{score:f}") for score, case in scored[:16]],
            cites=[cite_report(case, f"{score:f}") for score, case in scored[:16]],
        )
    spent = [(metric, case) for case in cases if (metric := _spending(case)) and metric.actual and metric.actual.base_value]
    spent.sort(key=lambda pair: -(pair[0].actual.base_value or 0) if pair[0].actual else 0)
    if len(spent) >= 3:
        yield Chart(
            title="各部门支出",
            unit="万元",
            bars=[
                (name_of(case)[-14:], shown((metric.actual.base_value or Decimal(0)) / 10000, 2))
                for metric, case in spent[:16]
                if metric.actual
            ],
            cites=[cite(case, metric.id) for metric, case in spent[:16]],
        )
