"""What an engine proposes before it becomes records (草稿): words, places, and links between drafts as objects.

Both engines speak in drafts; ``reconcile`` makes the records of them and gives the ids.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from jixiao.document import Span
from jixiao.records import Cell, Change, Measurement, Provenance, ReportType

Section = tuple[str, ...]


@dataclass(slots=True, eq=False)
class Draft:
    """What every draft has: its places, the headings above them and, in a table, its cell."""

    spans: list[Span]
    section: Section
    cell: Cell | None = field(default=None, kw_only=True)
    project: str | None = field(default=None, kw_only=True)
    origin: Literal["rules", "llm", "both"] = field(default="rules", kw_only=True)
    provenance: Provenance | None = field(default=None, kw_only=True)


@dataclass(slots=True, eq=False)
class GoalDraft(Draft):
    statement: str
    level: Literal["key_work", "annual", "project"]
    label: str | None = None


@dataclass(slots=True, eq=False)
class CompletionDraft(Draft):
    statement: str
    status: Literal["achieved", "partial", "not_achieved", "unstated"] = "unstated"
    effect: str | None = None
    goal: GoalDraft | None = None
    label: str | None = None


@dataclass(slots=True, eq=False)
class MetricDraft(Draft):
    kind: Literal["indicator", "budget", "figure"]
    name: str
    category: list[str] = field(default_factory=list)
    period: str | None = None
    target: Measurement | None = None
    actual: Measurement | None = None
    previous: Measurement | None = None
    change: Change | None = None
    weight: Decimal | None = None
    score: Decimal | None = None
    deviation: str | None = None
    attained: bool | None = None
    goal: GoalDraft | None = None


@dataclass(slots=True, eq=False)
class IssueDraft(Draft):
    statement: str
    cause: str | None = None
    label: str | None = None


@dataclass(slots=True, eq=False)
class MeasureDraft(Draft):
    statement: str
    issues: list[IssueDraft] = field(default_factory=list)
    label: str | None = None


@dataclass(slots=True)
class Facts:
    """The facts of the report as a whole (报告基本信息)."""

    title: str | None = None
    department: str | None = None
    region: str | None = None
    fiscal_year: int | None = None
    report_type: ReportType = "other"
    self_score: Decimal | None = None
    grade: str | None = None


@dataclass(slots=True)
class Drafts:
    """All that an engine proposes for one document."""

    facts: Facts
    goals: list[GoalDraft] = field(default_factory=list)
    completions: list[CompletionDraft] = field(default_factory=list)
    metrics: list[MetricDraft] = field(default_factory=list)
    issues: list[IssueDraft] = field(default_factory=list)
    measures: list[MeasureDraft] = field(default_factory=list)
