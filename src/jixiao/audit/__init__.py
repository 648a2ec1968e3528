"""Extraction and its text → findings (复核发现): where a report contradicts itself, and what a careful reviewer would ask.

The checks are those of a 绩效复核, a small function each, by family: sums, agreement, changes, rates, budget, comparisons,
scores, targets, claims, period, dates, names, wording. They know records and the document they stand in, and nothing of files, models or stores.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from jixiao.audit import (
    agreement,
    budget,
    changes,
    claims,
    comparisons,
    dates,
    names,
    period,
    rates,
    scores,
    sums,
    targets,
    wording,
)
from jixiao.audit.across import Peer, audit_across
from jixiao.audit.case import Case
from jixiao.audit.findings import SEVERITIES, Audit, Check, Figure, Finding, Place, ReportAudit, Severity
from jixiao.document import Document
from jixiao.records import Extraction

__all__ = [
    "CHECKS",
    "SEVERITIES",
    "Audit",
    "Case",
    "Check",
    "Figure",
    "Finding",
    "Place",
    "Severity",
    "audit",
    "audit_all",
    "audit_case",
]

CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    *sums.CHECKS,
    *agreement.CHECKS,
    *changes.CHECKS,
    *rates.CHECKS,
    *budget.CHECKS,
    *comparisons.CHECKS,
    *scores.CHECKS,
    *targets.CHECKS,
    *claims.CHECKS,
    *period.CHECKS,
    *dates.CHECKS,
    *names.CHECKS,
    *wording.CHECKS,
)
"""All checks of one report."""


_NUMBER = re.compile(r"\d+(?:\.\d+)?")  # the same numbers in another order are the same finding


def audit(document: Document, extraction: Extraction) -> list[Finding]:
    """The findings on one report, the gravest first, then in the order of the text; each with an id of its own."""
    return audit_case(Case(document, extraction))


def audit_all(cases: Iterable[Case]) -> Audit:
    """The findings on each report, and with several also those on one against another. The cases may come one by one."""
    single, peers = [], []
    for case in cases:
        single.append(ReportAudit(report=case.report, findings=audit_case(case)))
        peers.append(Peer(case))
    return Audit(reports=single, across=audit_across(peers) if len(peers) > 1 else [])


def audit_case(case: Case) -> list[Finding]:
    """The findings on one report; see ``audit``."""
    found: dict[tuple[object, ...], Finding] = {}
    for check in CHECKS:
        for finding in check(case):
            numbers = tuple(sorted(_NUMBER.findall(finding.reckoning)))
            found.setdefault((finding.check.code, numbers, None if numbers else finding.reckoning), finding)
    ordered = sorted(found.values(), key=lambda finding: (SEVERITIES.index(finding.severity), finding.places[0].start))
    return [
        finding.model_copy(update={"id": f"f{number}", "places": _with_doubts(finding.places, case)})
        for number, finding in enumerate(ordered, 1)
    ]


def _with_doubts(places: list[Place], case: Case) -> list[Place]:
    """The places, those in a scan marked where a figure in them is not sure: sums are reckoned with it all the same."""
    if not case.document.doubts:
        return places
    return [
        place.model_copy(update={"doubtful": place.doubtful or case.document.is_doubtful(place.start, place.end)})
        for place in places
    ]
