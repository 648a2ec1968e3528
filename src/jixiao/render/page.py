"""An extraction as one self-contained page (网页): the source text beside the records, each lighting up the other.

Everything from the report is escaped, and the page asks nothing from the network.
"""

from dataclasses import dataclass

from jixiao.records import Completion, Conflict, Evidence, Extraction, Goal, Issue, Measure, Measurement, Metric
from jixiao.render.card import change_words, run_words
from jixiao.render.pieces import DOUBTFUL, Mark, cut
from jixiao.render.template import self_contained

Record = Goal | Completion | Metric | Issue | Measure
KINDS = {
    "goal": "目标",
    "completion": "完成情况",
    "indicator": "指标",
    "budget": "预算",
    "figure": "文中数据",
    "issue": "问题",
    "measure": "措施",
    "conflict": "分歧",
}
_ORIGINS = {"llm": "模型", "both": "规则与模型", "person": "人工校正"}
_STATUS = {"achieved": "完成", "partial": "部分完成", "not_achieved": "未完成", "unstated": ""}
_LEVELS = {"key_work": "重点工作", "annual": "年度目标", "project": "项目目标"}
REPORT_TYPES = {
    "department_overall": "部门整体支出绩效自评",
    "project": "项目支出绩效自评",
    "policy": "政策（专项）绩效评价",
    "other": "其他文件",
}
_COMPARATORS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "about": "约", "eq": ""}


@dataclass(frozen=True, slots=True)
class Card:
    """A record as the page shows it."""

    id: str
    kind: str
    title: str
    facts: tuple[tuple[str, str], ...]
    state: str
    place: str


def render_page(extraction: Extraction, text: str) -> str:
    """The HTML page for ``extraction``; ``text`` is the document's text, which the evidence points into."""
    cards = [card_of(kind, record, extraction) for kind, record in _records(extraction)]
    cards += [
        Card(f"x{number}", "conflict", conflict.reading, (("模型", "另有此条，未采用"),), "", "")
        for number, conflict in _added(extraction)
    ]
    counts = {kind: sum(card.kind == kind for card in cards) for kind in KINDS}
    return self_contained(
        "page",
        report=extraction.report,
        report_type=REPORT_TYPES[extraction.report.report_type],
        model=run_words(extraction),
        kinds=KINDS,
        counts=counts,
        cards=cards,
        pieces=cut(text, _marks(extraction)),
    )


def _records(extraction: Extraction) -> list[tuple[str, Record]]:
    records: list[tuple[str, Record]] = [("goal", goal) for goal in extraction.goals]
    records += [("completion", completion) for completion in extraction.completions]
    records += [(metric.kind, metric) for metric in extraction.metrics]
    records += [("issue", issue) for issue in extraction.issues]
    records += [("measure", measure) for measure in extraction.measures]
    return sorted(records, key=lambda pair: (pair[1].evidence[0].start, pair[1].evidence[0].end))


def _marks(extraction: Extraction) -> list[Mark]:
    # What is only a model's comes first: a record at the same place is shown over it.
    marks = [Mark(f"x{number}", "conflict", each.start, each.end) for number, each in _added(extraction)]
    marks += [Mark(record.id, kind, piece.start, piece.end) for kind, record in _records(extraction) for piece in record.evidence]
    return marks


def _added(extraction: Extraction) -> list[tuple[int, Conflict]]:
    """What a model would have added, numbered."""
    return [(number, each) for number, each in enumerate(extraction.conflicts, 1) if each.why == "added"]


def _said_of(record: Record, extraction: Extraction) -> list[tuple[str, str]]:
    """A model's part in a record, and what it has against it."""
    said = [("来源", _ORIGINS[record.origin])] if record.origin in _ORIGINS else []
    for conflict in extraction.conflicts:
        if conflict.record_id == record.id:
            said.append(("分歧", f"模型读作：{conflict.reading}" if conflict.why == "differs" else "模型认为与原文不符"))
    return said


def _place(evidence: Evidence) -> str:
    return " ".join(filter(None, (" › ".join(evidence.section[-2:]), f"（{DOUBTFUL}）" if evidence.doubtful else "")))


def measured_words(measurement: Measurement | None) -> str:
    """A measured value in words, with the report's own behind it where they differ; empty where there is none."""
    if measurement is None:
        return ""
    if measurement.value is None:
        return measurement.raw
    read = f"{_COMPARATORS[measurement.comparator]}{measurement.value:,f}{measurement.unit or ''}"
    plain = read.replace(",", "")
    return read if plain == measurement.raw.replace(",", "") else f"{read}（{measurement.raw}）"


def card_of(kind: str, record: Record, extraction: Extraction) -> Card:
    """A record as its card; ``extraction`` names the goals and problems that it is tied to."""
    facts: list[tuple[str, str]] = []
    state = ""
    match record:
        case Goal():
            title = record.statement
            facts = [("层次", _LEVELS[record.level]), ("编号", record.label or ""), ("项目", record.project or "")]
        case Completion():
            title = record.statement
            state = _STATUS[record.status]
            facts = [("对应目标", _goal_words(record.goal_id, extraction)), ("效果", record.effect or "")]
        case Metric():
            title = record.name
            state = {True: "达成", False: "未达成", None: ""}[record.attained]
            facts = [
                ("类别", " / ".join(record.category)),
                ("目标", measured_words(record.target)),
                ("实际", measured_words(record.actual)),
                ("上年", measured_words(record.previous)),
                ("增减", change_words(record.change) if record.change else ""),
                ("原因", (record.change.reason or "") if record.change else ""),
                ("得分", _score(record)),
                ("偏差", record.deviation or ""),
                ("年度", record.period or ""),
                ("对应目标", _goal_words(record.goal_id, extraction)),
                ("项目", record.project or ""),
            ]
        case Issue():
            title = record.statement
            facts = [("原因", record.cause or "")]
        case Measure():
            title = record.statement
            issues = {issue.id: issue.statement for issue in extraction.issues}
            facts = [("针对问题", "；".join(issues[issue] for issue in record.issue_ids if issue in issues))]
    shown = tuple((label, words) for label, words in (*facts, *_said_of(record, extraction)) if words)
    return Card(record.id, kind, title, shown, state, _place(record.evidence[0]))


def _score(metric: Metric) -> str:
    if metric.score is None and metric.weight is None:
        return ""
    score, weight = ("–" if number is None else format(number, "f") for number in (metric.score, metric.weight))
    return f"{score} / {weight}"


def _goal_words(goal_id: str | None, extraction: Extraction) -> str:
    goal = next((goal for goal in extraction.goals if goal.id == goal_id), None)
    return "" if goal is None else f"{goal.label or ''} {goal.statement}".strip()[:60]
