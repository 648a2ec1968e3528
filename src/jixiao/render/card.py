"""An extraction as a report card (报告卡片) in the terminal, fitted to its width; Chinese characters count as two."""

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from jixiao.records import Change, Completion, Extraction, Goal, Measurement, Metric

_TYPES = {
    "department_overall": "部门整体支出绩效自评",
    "project": "项目支出绩效自评",
    "policy": "政策（专项）绩效评价",
    "other": "其他文件",
}
_LEVELS = {"key_work": "重点", "annual": "年度", "project": "项目"}
_STATUS = {
    "achieved": ("✓ 完成", "green"),
    "partial": ("◐ 部分完成", "yellow"),
    "not_achieved": ("✗ 未完成", "red"),
    "unstated": ("· 未说明", "dim"),
}
_ATTAINED = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("–", "dim")}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def card_words(extraction: Extraction, width: int | None = None) -> str:
    """The card of one report as text: plain and ``width`` columns wide, or as the terminal at hand shows it."""
    console = Console(width=width, color_system=None) if width else Console()
    with console.capture() as captured:
        console.print(card(extraction, wide=console.width >= 100))
    return captured.get()


def card(extraction: Extraction, *, wide: bool = True) -> RenderableType:
    """The card of one report; ``wide`` says whether there is room for the side columns."""
    indicators = [metric for metric in extraction.metrics if metric.kind == "indicator"]
    budget = [metric for metric in extraction.metrics if metric.kind == "budget"]
    parts: list[RenderableType] = [_facts(extraction)]
    if extraction.goals or extraction.completions:
        parts.append(_goals(extraction, wide=wide))
    if indicators:
        parts.append(_indicators(indicators, wide=wide))
    if budget:
        parts.append(_budget(budget))
    if extraction.issues or extraction.measures:
        parts.append(_problems(extraction))
    if (words := run_words(extraction)) is not None:
        parts.append(_section("模型", _text(words)))
    return Group(*parts)


def run_words(extraction: Extraction) -> str | None:
    """A model's part in an extraction, in a line; ``None`` where there was no model."""
    run = extraction.run
    if run is None:
        return None
    records = [*extraction.goals, *extraction.completions, *extraction.metrics, *extraction.issues, *extraction.measures]
    origins = Counter(record.origin for record in records)
    words = [f"{run.model}（{run.mode}）"]
    if run.trusted is not None:
        found, of = run.hidden[1], run.hidden[0]
        words.append(
            f"{'采信' if run.trusted else '未采信'}：隐去 {of} 条找回 {found} 条，改错 {run.planted[0]} 处识破 {run.planted[1]} 处"
        )
    words.append(f"两者共有 {origins['both']} 条，模型独有 {origins['llm']} 条，分歧 {len(extraction.conflicts)} 处")
    if run.refused_records:
        words.append(f"拒收 {len(run.refused_records)} 条")
    if run.failed_chunks:
        words.append(f"{len(run.failed_chunks)} 段无应答")
    return "；".join(words)


def plain_words(words: str | None) -> str:
    """Words fit for a terminal: no control characters, one line."""
    return re.sub(r"\s+", " ", _CONTROL.sub("", words or "")).strip()


def _text(words: str | None, style: str = "") -> Text:
    return Text(plain_words(words), style=style)


def _short(words: str | None, limit: int) -> str:
    plain = plain_words(words)
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def _facts(extraction: Extraction) -> RenderableType:
    report = extraction.report
    figures = sum(metric.kind == "figure" for metric in extraction.metrics)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    score = " · ".join(
        part
        for part in (
            f"{format(report.self_score, 'f')} 分" if report.self_score is not None else "",
            plain_words(report.grade),
        )
        if part
    )
    for label, words in (
        ("部门", report.department),
        ("地区", report.region),
        ("年度", str(report.fiscal_year) if report.fiscal_year else None),
        ("类型", _TYPES[report.report_type]),
        ("自评", score or None),
        (
            "记录",
            f"目标 {len(extraction.goals)} · 完成情况 {len(extraction.completions)} · 指标 "
            f"{sum(metric.kind == 'indicator' for metric in extraction.metrics)} · 预算 "
            f"{sum(metric.kind == 'budget' for metric in extraction.metrics)} · 文中数据 {figures} · 问题 "
            f"{len(extraction.issues)} · 措施 {len(extraction.measures)}",
        ),
    ):
        grid.add_row(label, _text(words) if words else Text("未说明", style="dim"))
    title = _short(report.title, 60) or _short(report.source, 60)
    return Panel(grid, title=Text(title, style="bold"), title_align="left", subtitle=Text(_short(report.source, 60), style="dim"))


def _section(title: str, body: RenderableType) -> RenderableType:
    return Group(Text(f"\n{title}", style="bold cyan"), Padding(body, (0, 0, 0, 1)))


def _goals(extraction: Extraction, *, wide: bool) -> RenderableType:
    by_goal: dict[str, list[Completion]] = {}
    for completion in extraction.completions:
        by_goal.setdefault(completion.goal_id or "", []).append(completion)
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=True, header_style="dim", expand=True)
    table.add_column("层次", no_wrap=True)
    table.add_column("", no_wrap=True, style="dim")
    table.add_column("目标", ratio=5, overflow="fold")
    if wide:
        table.add_column("完成情况", ratio=4, overflow="fold")
    table.add_column("状态", no_wrap=True)
    for goal in extraction.goals:
        done = by_goal.get(goal.id, [])
        words, style = _status(done) if done else ("", "")
        row: list[RenderableType] = [_text(_LEVELS[goal.level], "dim"), _text(_short(goal.label, 8)), _stated(goal)]
        if wide:
            row.append(_text(_short(done[0].statement, 60) if done else "", "dim"))
        table.add_row(*row, Text(words, style=style))
    for completion in by_goal.get("", []):
        words, style = _status([completion])
        row = [
            _text("–", "dim"),
            Text(),
            _text("（未对应目标）", "dim") if wide else _text(_short(completion.statement, 60), "dim"),
        ]
        if wide:
            row.append(_text(_short(completion.statement, 60), "dim"))
        table.add_row(*row, Text(words, style=style))
    return _section("绩效目标与完成情况", table)


def _stated(goal: Goal) -> Text:
    text = _text(_short(goal.statement, 90))
    if goal.project:
        text.append(f"  [{_short(goal.project, 20)}]", style="dim")
    return text


def _status(completions: Iterable[Completion]) -> tuple[str, str]:
    statuses = [completion.status for completion in completions]
    for status in ("not_achieved", "partial", "achieved"):
        if status in statuses:
            return _STATUS[status]
    return _STATUS["unstated"]


def _indicators(indicators: list[Metric], *, wide: bool) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    if wide:
        table.add_column("类别", ratio=2, overflow="fold", style="dim")
    table.add_column("指标", ratio=4, overflow="fold")
    table.add_column("指标值", ratio=2, overflow="fold", justify="right")
    table.add_column("完成值", ratio=3, overflow="fold", justify="right")
    table.add_column("得分", no_wrap=True, justify="right")
    table.add_column("达成", no_wrap=True, justify="center")
    last = ""
    for metric in indicators:
        category = "/".join(plain_words(level).removesuffix("指标") for level in metric.category)
        mark, style = _ATTAINED[metric.attained]
        row: list[RenderableType] = [_text(category if category != last else "")] if wide else []
        last = category
        table.add_row(
            *row,
            _text(_short(metric.name, 40)),
            _text(_short(_words(metric.target), 20)),
            _text(_short(_words(metric.actual), 28)),
            _text(_of(metric.score, metric.weight), "dim"),
            Text(mark, style=style),
        )
    missed = sum(metric.attained is False for metric in indicators)
    reached = sum(metric.attained is True for metric in indicators)
    return _section(
        f"绩效指标  {len(indicators)} 项：达成 {reached}，未达成 {missed}，无法比较 {len(indicators) - reached - missed}", table
    )


def _of(score: Decimal | None, weight: Decimal | None) -> str:
    if score is None and weight is None:
        return ""
    return f"{format(score, 'f') if score is not None else '–'}/{format(weight, 'f') if weight is not None else '–'}"


def _words(measurement: Measurement | None) -> str:
    return measurement.raw if measurement else ""


def _amount(measurement: Measurement | None) -> str:
    if measurement is None:
        return ""
    if measurement.value is None:
        return measurement.raw
    return f"{measurement.value:,f}{measurement.unit or ''}"


def _budget(rows: list[Metric]) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("预算与收支", ratio=4, overflow="fold")
    for heading in ("上年", "预算", "实际"):
        table.add_column(heading, ratio=2, overflow="fold", justify="right")
    for metric in rows:
        table.add_row(
            _text(_short(metric.name, 40)),
            _text(_amount(metric.previous), "dim"),
            _text(_amount(metric.target)),
            _text(_amount(metric.actual)),
        )
    return _section(f"预算与资金  {len(rows)} 行", table)


def _problems(extraction: Extraction) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    numbers = {issue.id: number for number, issue in enumerate(extraction.issues, 1)}
    for issue in extraction.issues:
        text = _text(_short(issue.statement, 120))
        if issue.cause:
            text.append(f"  原因：{_short(issue.cause, 70)}", style="dim")
        table.add_row(Text(f"问题{numbers[issue.id]}", style="red"), text)
    for measure in extraction.measures:
        text = _text(_short(measure.statement, 120))
        if measure.issue_ids:
            text.append(
                "  → " + "、".join(f"问题{numbers[issue]}" for issue in measure.issue_ids if issue in numbers), style="dim"
            )
        table.add_row(Text("措施", style="green"), text)
    return _section("存在的问题与改进措施", table)


def change_words(change: Change) -> str:
    """A change in a few words: 比上年增加111.79万元（29%）."""
    verb = {"increase": "增加", "decrease": "减少", "flat": "持平"}[change.direction]
    amount = _amount(change.amount)
    percent = f"{format(change.percent, 'f')}%" if change.percent is not None else ""
    tail = f"（{percent}）" if amount and percent else percent
    return f"比{change.basis}{verb}{amount}{tail}" if change.basis else f"{verb}{amount}{tail}"
