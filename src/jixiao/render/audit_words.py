"""Findings as words for a terminal (复核意见): the gravest first, each with its reckoning, its reason and its place."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from jixiao.audit.findings import Audit, Finding, Place
from jixiao.render.card import plain_words
from jixiao.render.pieces import DOUBTFUL

SEVERITY_NAMES = {"error": "矛盾", "warning": "疑点", "note": "提示"}
_STYLES = {"error": "bold red", "warning": "yellow", "note": "cyan"}


def audit_words(audit: Audit, width: int | None = None) -> str:
    """All findings as text: plain and ``width`` columns wide, or as the terminal at hand shows it."""
    console = Console(width=width, color_system=None) if width else Console()
    with console.capture() as captured:
        for each in audit.reports:
            console.print(_report(each.report.title or each.report.source, each.report.source, each.findings))
        if audit.across:
            console.print(_report("跨报告核对", f"{len(audit.reports)}份报告", audit.across))
    return captured.get()


def count_words(findings: Sequence[Finding]) -> str:
    """How many findings of each severity: 矛盾 2 · 疑点 1."""
    counts: Counter[str] = Counter(finding.severity for finding in findings)
    return (
        " · ".join(f"{name} {counts[severity]}" for severity, name in SEVERITY_NAMES.items() if counts[severity]) or "未发现问题"
    )


def place_words(place: Place) -> str:
    """A place in a few words: its report, its section, and how its words begin."""
    parts = [place.report or "", " › ".join(place.section[-2:]), f"第{place.page}页" if place.page else ""]
    quote = plain_words(place.quote)
    shown = f"@{place.start}「{quote[:36]}{'…' if len(quote) > 36 else ''}」"
    return " ".join(part for part in parts if part) + shown + (f"（{DOUBTFUL}）" if place.doubtful else "")


def _report(title: str, source: str, findings: Sequence[Finding]) -> RenderableType:
    parts: list[RenderableType] = [
        Text(f"{plain_words(title)}（{plain_words(source)}）", style="bold"),
        Text(count_words(findings), style="dim"),
    ]
    parts += [_finding(finding) for finding in findings]
    return Group(*parts, Text(""))


def _finding(finding: Finding) -> RenderableType:
    head = Text.assemble(
        (f"\n{finding.id} {SEVERITY_NAMES[finding.severity]}", _STYLES[finding.severity]), (f" {finding.check.name}", "bold")
    )
    lines = [Text(plain_words(finding.reckoning)), Text(plain_words(finding.why))]
    if finding.wrong:
        lines.append(Text(f"有误的是：{plain_words(finding.wrong)}", style="bold"))
    lines += [Text(place_words(place), style="dim") for place in finding.places[:4]]
    if len(finding.places) > 4:
        lines.append(Text(f"等{len(finding.places)}处", style="dim"))
    return Group(head, *(Padding(line, (0, 0, 0, 3)) for line in lines))
