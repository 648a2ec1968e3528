"""Findings as one self-contained page (复核页): each report's text with the places marked, its findings beside it.

Everything from a report is escaped, and the page asks nothing from the network.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jixiao.audit.findings import Audit, Finding
from jixiao.render.audit_words import SEVERITY_NAMES, count_words
from jixiao.render.pieces import Mark, Piece, cut
from jixiao.render.template import self_contained


@dataclass(frozen=True, slots=True)
class Panel:
    """One report on the page."""

    id: str
    title: str
    sha256: str
    counts: str
    findings: tuple[Finding, ...]
    pieces: tuple[Piece, ...]


def render_audit(audit: Audit, texts: Mapping[str, str]) -> str:
    """The page; ``texts`` holds each report's text by its sha256."""
    panels = []
    for number, each in enumerate(audit.reports, 1):
        across = [finding for finding in audit.across if any(place.sha256 == each.report.sha256 for place in finding.places)]
        findings = (*each.findings, *across)
        panels.append(
            Panel(
                f"p{number}",
                each.report.title or each.report.source,
                each.report.sha256,
                count_words(findings),
                findings,
                tuple(cut(texts[each.report.sha256], _marks(findings, each.report.sha256))),
            )
        )
    return self_contained("audit", panels=panels, severities=SEVERITY_NAMES)


def _marks(findings: tuple[Finding, ...], sha256: str) -> list[Mark]:
    """The places of the findings, the gravest innermost."""
    return [
        Mark(finding.id, finding.severity, place.start, place.end)
        for finding in reversed(findings)
        for place in finding.places
        if place.sha256 in (None, sha256)
    ]
