"""Records and findings → executive summaries (执行摘要), each sentence citing records, and checked against them.

``summarize`` makes one of one report, ``summarize_year`` one of a bureau's year. Knows nothing of files and formats.
"""

from collections.abc import Sequence

from jixiao.audit import Case, audit_all, audit_case
from jixiao.quantities import find_quantities
from jixiao.summary.bureau import compose_year
from jixiao.summary.checking import faults
from jixiao.summary.compose import compose
from jixiao.summary.length import fit
from jixiao.summary.parts import Chart, Cited, IndicatorRow, Section, Sentence, Summary

__all__ = ["Chart", "Cited", "IndicatorRow", "Section", "Sentence", "Summary", "faults", "summarize", "summarize_year"]


def summarize(case: Case, pages: int = 1) -> Summary:
    """One report's summary within ``pages``; a sentence with a fault is left out, and the notice says so."""
    findings = audit_case(case)
    made = [
        fit(checked(compose(case, findings, clauses, asides), [case]), pages)
        for clauses in range(6 * pages, 0, -1)
        for asides in (16 * pages, 8 * pages, 4 * pages, 2 * pages)
    ]
    return max(made, key=_fullness)


def _fullness(summary: Summary) -> tuple[int, float]:
    """How much a summary tells: the weighty sentences first, then the numbers, those beside the goals for half."""
    weighty = sum(sentence.rank <= 3 for sentence in summary.sentences)
    numbers = sum(len(find_quantities(s.text)) * (1 if s.rank <= 3 else 0.5) for s in summary.sentences)
    return weighty, numbers + len(summary.indicators)


def summarize_year(cases: Sequence[Case], pages: int = 2) -> Summary:
    """The summary of a bureau's year: many reports, what became of their goals, and who needs attention."""
    label(cases)
    return fit(checked(compose_year(cases, audit_all(cases)), cases), pages)


def label(cases: Sequence[Case]) -> None:
    """Give reports whose files bear one name a label that tells them apart."""
    names = [case.report.source for case in cases]
    for number, case in enumerate(cases, 1):
        if names.count(case.report.source) > 1:
            case.label = f"{case.report.department or number}·{case.report.source}"


def checked(summary: Summary, cases: Sequence[Case]) -> Summary:
    """The summary without the sentences that do not follow from what they cite."""
    by_digest = {case.report.sha256: case for case in cases}
    dropped = 0
    sections = []
    for section in summary.sections:
        kept = [sentence for sentence in section.sentences if not faults(sentence, by_digest)]
        dropped += len(section.sentences) - len(kept)
        if kept:
            sections.append(section.model_copy(update={"sentences": kept}))
    notice = summary.notice + (f"有{dropped}句与所引记录核对不上，未采用。" if dropped else "")
    return summary.model_copy(update={"sections": sections, "notice": notice})
