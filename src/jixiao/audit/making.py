"""A check's outcome → a finding: records and places follow from the figures that take part."""

from collections.abc import Iterable

from jixiao.audit.case import Case
from jixiao.audit.findings import Check, Figure, Finding, Place, Severity
from jixiao.audit.reckoning import Stated
from jixiao.records import Evidence


def _outermost(places: Iterable[Evidence]) -> list[Evidence]:
    """The places in their order, each once, those inside another left out."""
    seen: dict[tuple[int, int], Evidence] = {}
    for place in places:
        seen.setdefault((place.start, place.end), place)
    if len(seen) == 1:
        return list(seen.values())
    return [
        place
        for (start, end), place in seen.items()
        if not any(low <= start and end <= high and (low, high) != (start, end) for low, high in seen)
    ]


def finding(
    case: Case,
    check: Check,
    severity: Severity,
    reckoning: str,
    why: str,
    *,
    figures: Iterable[Stated] = (),
    places: Iterable[Evidence] = (),
    records: Iterable[str] = (),
    wrong: str | None = None,
) -> Finding:
    """A finding; its places are those given, then those of its figures and records, each once."""
    taking_part = list(figures)
    ids = list(dict.fromkeys([*records, *(figure.record_id for figure in taking_part if figure.record_id)]))
    found = [*places, *(case.evidence(figure) for figure in taking_part)]
    told = {figure.record_id for figure in taking_part}
    found += [case.records[id].evidence[0] for id in ids if id not in told]
    return Finding(
        check=check,
        severity=severity,
        figures=[
            Figure(
                name=figure.name,
                words=figure.raw if figure.shown_unit in figure.raw else f"{figure.raw}{figure.shown_unit}",
                value=figure.value,
                unit=figure.unit,
                record_id=figure.record_id,
            )
            for figure in taking_part
        ],
        reckoning=reckoning,
        why=why,
        wrong=wrong,
        record_ids=ids,
        places=[_place(case, evidence) for evidence in _outermost(found)],
    )


def _place(case: Case, evidence: Evidence) -> Place:
    """A place of a finding; one record's place is made once, however many findings stand there."""
    kept = case.placed.get(id(evidence))
    if kept is None or kept[0] is not evidence:
        kept = case.placed[id(evidence)] = (evidence, Place(**evidence.__dict__))
    return kept[1]
