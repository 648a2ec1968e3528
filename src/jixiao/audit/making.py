"""A check's outcome → a finding: records and places follow from the figures that take part."""

from collections.abc import Iterable

from jixiao.audit.case import Case
from jixiao.audit.findings import Check, Figure, Finding, Place, Severity
from jixiao.audit.reckoning import Stated
from jixiao.records import Evidence


def _inside(one: Evidence, other: Evidence) -> bool:
    return (
        one is not other
        and other.start <= one.start
        and one.end <= other.end
        and (one.start, one.end) != (other.start, other.end)
    )


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
    found += [case.records[id].evidence[0] for id in ids if not any(id == figure.record_id for figure in taking_part)]
    seen: dict[tuple[int, int], Evidence] = {}
    for place in found:
        seen.setdefault((place.start, place.end), place)
    kept = [one for one in seen.values() if not any(_inside(one, other) for other in seen.values())]
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
        places=[Place(**place.model_dump()) for place in kept],
    )
