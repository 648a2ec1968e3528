"""An extraction as one self-contained page (网页): the source text beside the records, each lighting up the other.

Everything from the report goes through Jinja's escaping; the page's own script and style are the only ones its
content security policy lets run, and it asks nothing from the network.
"""

import base64
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from jixiao.records import Completion, Evidence, Extraction, Goal, Issue, Measure, Measurement, Metric
from jixiao.render.card import change_words

Record = Goal | Completion | Metric | Issue | Measure
KINDS = {
    "goal": "目标",
    "completion": "完成情况",
    "indicator": "指标",
    "budget": "预算",
    "figure": "文中数据",
    "issue": "问题",
    "measure": "措施",
}
_STATUS = {"achieved": "完成", "partial": "部分完成", "not_achieved": "未完成", "unstated": ""}
_LEVELS = {"key_work": "重点工作", "annual": "年度目标", "project": "项目目标"}
_TYPES = {
    "department_overall": "部门整体支出绩效自评",
    "project": "项目支出绩效自评",
    "policy": "政策（专项）绩效评价",
    "other": "其他文件",
}
_COMPARATORS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "about": "约", "eq": ""}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the source in which the same records have their evidence."""

    words: str
    records: str
    kind: str


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
    folder = files("jixiao.render") / "templates"
    style = (folder / "page.css").read_text(encoding="utf-8")
    script = (folder / "page.js").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((folder / "page.html").read_text(encoding="utf-8"))
    cards = [_card(kind, record, extraction) for kind, record in _records(extraction)]
    counts = {kind: sum(card.kind == kind for card in cards) for kind in KINDS}
    return template.render(
        report=extraction.report,
        report_type=_TYPES[extraction.report.report_type],
        kinds=KINDS,
        counts=counts,
        cards=cards,
        pieces=_pieces(extraction, text),
        style=Markup(style),
        script=Markup(script),
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
    )


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _records(extraction: Extraction) -> list[tuple[str, Record]]:
    records: list[tuple[str, Record]] = [("goal", goal) for goal in extraction.goals]
    records += [("completion", completion) for completion in extraction.completions]
    records += [(metric.kind, metric) for metric in extraction.metrics]
    records += [("issue", issue) for issue in extraction.issues]
    records += [("measure", measure) for measure in extraction.measures]
    return sorted(records, key=lambda pair: (pair[1].evidence[0].start, pair[1].evidence[0].end))


def _pieces(extraction: Extraction, text: str) -> list[Piece]:
    """The text cut wherever a record's evidence begins or ends."""
    opens: dict[int, list[tuple[str, str]]] = {}
    closes: dict[int, list[str]] = {}
    for kind, record in _records(extraction):
        for piece in record.evidence:
            opens.setdefault(piece.start, []).append((record.id, kind))
            closes.setdefault(piece.end, []).append(record.id)
    bounds = sorted({0, len(text), *opens, *closes})
    active: dict[str, str] = {}
    pieces: list[Piece] = []
    for start, end in pairwise(bounds):
        for closed in closes.get(start, ()):
            active.pop(closed, None)
        active.update(opens.get(start, ()))
        kind = next((kind for kind in reversed(active.values())), "")
        pieces.append(Piece(text[start:end], " ".join(active), kind))
    return pieces


def _place(evidence: Evidence) -> str:
    return " › ".join(evidence.section[-2:])


def _measured(measurement: Measurement | None) -> str:
    if measurement is None:
        return ""
    if measurement.value is None:
        return measurement.raw
    read = f"{_COMPARATORS[measurement.comparator]}{measurement.value:,f}{measurement.unit or ''}"
    plain = read.replace(",", "")
    return read if plain == measurement.raw.replace(",", "") else f"{read}（{measurement.raw}）"


def _card(kind: str, record: Record, extraction: Extraction) -> Card:
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
                ("目标", _measured(record.target)),
                ("实际", _measured(record.actual)),
                ("上年", _measured(record.previous)),
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
    shown = tuple((label, words) for label, words in facts if words)
    return Card(record.id, kind, title, shown, state, _place(record.evidence[0]))


def _score(metric: Metric) -> str:
    if metric.score is None and metric.weight is None:
        return ""
    score, weight = ("–" if number is None else format(number, "f") for number in (metric.score, metric.weight))
    return f"{score} / {weight}"


def _goal_words(goal_id: str | None, extraction: Extraction) -> str:
    goal = next((goal for goal in extraction.goals if goal.id == goal_id), None)
    return "" if goal is None else f"{goal.label or ''} {goal.statement}".strip()[:60]
