"""What an audit says (复核意见): a finding with its figures, its reckoning in words, its records and their places.

Frozen values, like the records: the JSON that ``audit`` prints, the page and the 复核意见 list all show these.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from jixiao.records import Evidence, Number, Report

Severity = Literal["error", "warning", "note"]
"""矛盾: the report contradicts itself; 疑点: implausible or not to be recomputed; 提示: worth a look."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Check(_Value):
    """A check (核对事项): its code, its Chinese name, and where its rule stands."""

    code: str
    name: str
    source: str


class Place(Evidence):
    """Where a finding stands (位置): a record's place, and in which report, where several were audited together."""

    report: str | None = Field(default=None, exclude_if=lambda report: report is None)
    sha256: str | None = Field(default=None, exclude_if=lambda digest: digest is None)
    """Of the report's file; two reports may bear one name."""


class Figure(_Value):
    """A figure that takes part (参与核对的数), as the report writes it."""

    name: str
    words: str
    value: Number | None = None
    unit: str | None = None
    record_id: str | None = None
    report: str | None = Field(default=None, exclude_if=lambda report: report is None)


class Finding(_Value):
    """One finding (复核发现)."""

    id: str = ""
    check: Check
    severity: Severity
    figures: list[Figure] = []
    reckoning: str
    """The sum as a reviewer would write it down: 222.48 + 227.14 = 449.62 ≠ 499.62."""
    why: str
    wrong: str | None = None
    """The figure that is the wrong one, where one reading makes everything else fit."""
    record_ids: list[str] = []
    places: list[Place] = Field(min_length=1)
    report: str | None = None
    """The report's file name, where several were audited together."""


class ReportAudit(_Value):
    """One report and its findings (一份报告的复核意见)."""

    report: Report
    findings: list[Finding]


class Audit(_Value):
    """Reports with their findings, and findings on one report against another (复核结果)."""

    reports: list[ReportAudit]
    across: list[Finding] = []

    @property
    def findings(self) -> list[Finding]:
        """All findings."""
        return [*(finding for each in self.reports for finding in each.findings), *self.across]

    def worst(self) -> Severity | None:
        """The gravest severity found."""
        return min((finding.severity for finding in self.findings), key=SEVERITIES.index, default=None)
