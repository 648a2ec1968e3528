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
    sound: dict[Said, bool] = {}
    made = [
        fit(checked(compose(case, findings, clauses, asides), [case], sound), pages)
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


Said = tuple[str, tuple[tuple[str, str, int, str], ...], tuple[str, ...], str]
"""All of a sentence that its check looks at."""


def checked(summary: Summary, cases: Sequence[Case], sound: dict[Said, bool] | None = None) -> Summary:
    """The summary without the sentences that do not follow from what they cite; ``sound`` keeps what was found of each."""
    by_digest = {case.report.sha256: case for case in cases}
    known: dict[Said, bool] = {} if sound is None else sound
    dropped = 0
    sections = []
    for section in summary.sections:
        kept = []
        for sentence in section.sentences:
            cites = tuple((cited.sha256, cited.record_id, cited.place.start, cited.place.quote) for cited in sentence.cites)
            said = sentence.text, cites, tuple(sentence.counted), sentence.writer
            if said not in known:
                known[said] = not faults(sentence, by_digest)
            if known[said]:
                kept.append(sentence)
        dropped += len(section.sentences) - len(kept)
        if kept:
            sections.append(section.model_copy(update={"sentences": kept}))
    notice = summary.notice + (f"有{dropped}句与所引记录核对不上，未采用。" if dropped else "")
    return summary.model_copy(update={"sections": sections, "notice": notice})
