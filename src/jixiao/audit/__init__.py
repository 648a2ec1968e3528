"""Extraction and its text → findings (复核发现): where a report contradicts itself, and what a careful reviewer would ask.

The checks are those of a 绩效复核, a small function each, by family: sums, agreement, changes, rates, scores, targets, claims,
wording. They know records and the document they stand in, and nothing of files, models or stores.
"""

from collections.abc import Callable, Iterator

from jixiao.audit import agreement, changes, claims, rates, scores, sums, targets, wording
from jixiao.audit.case import Case
from jixiao.audit.findings import SEVERITIES, Check, Figure, Finding, Severity
from jixiao.document import Document
from jixiao.records import Extraction

__all__ = ["CHECKS", "SEVERITIES", "Check", "Figure", "Finding", "Severity", "audit"]

CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    *sums.CHECKS,
    *agreement.CHECKS,
    *changes.CHECKS,
    *rates.CHECKS,
    *scores.CHECKS,
    *targets.CHECKS,
    *claims.CHECKS,
    *wording.CHECKS,
)
"""All checks of one report."""


def audit(document: Document, extraction: Extraction) -> list[Finding]:
    """The findings on one report, the gravest first, then in the order of the text; each with an id of its own."""
    case = Case(document, extraction)
    found: dict[tuple[str, str], Finding] = {}
    for check in CHECKS:
        for finding in check(case):
            found.setdefault((finding.check.code, finding.reckoning), finding)
    ordered = sorted(found.values(), key=lambda finding: (SEVERITIES.index(finding.severity), finding.places[0].start))
    return [finding.model_copy(update={"id": f"f{number}"}) for number, finding in enumerate(ordered, 1)]
