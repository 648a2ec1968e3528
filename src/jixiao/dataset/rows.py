"""A report with its records and findings → rows of the tables (数据行). Knows the tables and the records, and no database."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from jixiao.audit.findings import Finding
from jixiao.dataset.index import LABELLED, index_words
from jixiao.dataset.schema import records
from jixiao.document import Document
from jixiao.records import Change, Completion, Evidence, Extraction, Goal, Issue, Measure, Measurement, Metric

Row = dict[str, Any]
DOCUMENTS = TypeAdapter(Document)
_EMPTY = dict.fromkeys(column.name for column in records.columns if column.name not in ("id", "report_id"))
"""A row with nothing in it: rows that are written together must have the same columns."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A report ready to be written (待入库报告): rows without their numbers, and what the search index takes of each record."""

    location: str
    sha256: str
    report: Row
    records: tuple[Row, ...]
    evidence: tuple[tuple[Row, ...], ...]
    """Of each record."""
    indexed: tuple[str, ...]
    """Of each record."""


def entry_of(
    location: str, document: Document, extraction: Extraction, findings: Iterable[Finding], *, postgresql: bool
) -> Entry:
    """The rows of one report. All the work of saving that needs no database is done here, so that a worker can do it."""
    report = {
        **_report_row(extraction),
        "location": location,
        "text": document.text,
        "extraction": zlib.compress(extraction.model_dump_json().encode()),
        "document": zlib.compress(DOCUMENTS.dump_json(document)),
    }
    made = list(_record_rows(extraction, findings))
    records = tuple(_storable(row) for row, _ in made)
    return Entry(
        location,
        extraction.report.sha256,
        _storable(report),
        records,
        tuple(tuple(_storable(place) for place in places) for _, places in made),
        tuple(
            index_words(row["words"], [row[of] if of in row else report[of] for of in LABELLED], postgresql=postgresql)
            for row in records
        ),
    )


def _storable(row: Row) -> Row:
    """A row as both stores can hold it: PostgreSQL has no NUL in a text, and neither has lone surrogates."""
    return {
        name: value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
        if isinstance(value, str)
        else value
        for name, value in row.items()
    }


def _report_row(extraction: Extraction) -> Row:
    """What a report says of itself."""
    report = extraction.report
    return {
        "source": report.source,
        "sha256": report.sha256,
        "title": report.title,
        "department": report.department,
        "region": report.region,
        "fiscal_year": report.fiscal_year,
        "report_type": report.report_type,
        "self_score": _float(report.self_score),
        "grade": report.grade,
        "characters": report.characters,
    }


def _record_rows(extraction: Extraction, findings: Iterable[Finding]) -> Iterator[tuple[Row, list[Row]]]:
    """Each record and finding as its row, with the rows of its evidence; the rows' numbers are for the store to give."""
    all_records: tuple[Goal | Completion | Metric | Issue | Measure | Finding, ...] = (
        *extraction.goals,
        *extraction.completions,
        *extraction.metrics,
        *extraction.issues,
        *extraction.measures,
        *findings,
    )
    for position, record in enumerate(all_records):
        places = record.places if isinstance(record, Finding) else record.evidence
        columns = _columns(record)
        yield (
            {
                **_EMPTY,
                **columns,
                "position": position,
                "record_id": record.id,
                "origin": None if isinstance(record, Finding) else record.origin,
                "start": places[0].start,
                "end": places[0].end,
                "words": _words(columns, places),
            },
            [_evidence_row(number, place) for number, place in enumerate(places)],
        )


def _columns(record: Goal | Completion | Metric | Issue | Measure | Finding) -> Row:
    match record:
        case Goal():
            return {
                "kind": "goal",
                "label": record.label,
                "level": record.level,
                "statement": record.statement,
                "project": record.project,
            }
        case Completion():
            return {
                "kind": "completion",
                "statement": record.statement,
                "effect": record.effect,
                "status": record.status,
                "goal_id": record.goal_id,
            }
        case Issue():
            return {"kind": "issue", "statement": record.statement, "cause": record.cause}
        case Measure():
            return {"kind": "measure", "statement": record.statement, "record_ids": " ".join(record.issue_ids) or None}
        case Metric():
            return {
                "kind": record.kind,
                "name": record.name,
                "category": " / ".join(record.category) or None,
                "period": record.period,
                "project": record.project,
                "goal_id": record.goal_id,
                **_measured("target", record.target),
                **_measured("actual", record.actual),
                **_measured("previous", record.previous),
                **_changed(record.change),
                "weight": _float(record.weight),
                "score": _float(record.score),
                "deviation": record.deviation,
                "attained": record.attained,
            }
        case Finding():
            return {
                "kind": "finding",
                "name": record.check.name,
                "category": record.check.code,
                "statement": record.reckoning,
                "cause": record.why,
                "level": record.severity,
                "record_ids": " ".join(record.record_ids) or None,
            }


def _measured(prefix: str, measurement: Measurement | None) -> Row:
    if measurement is None:
        return {}
    return {
        prefix: measurement.raw,
        f"{prefix}_value": None if measurement.value is None else format(measurement.value, "f"),
        f"{prefix}_unit": measurement.unit,
        f"{prefix}_comparator": measurement.comparator,
        f"{prefix}_base": _float(measurement.base_value),
        f"{prefix}_base_unit": measurement.base_unit,
    }


def _changed(change: Change | None) -> Row:
    if change is None:
        return {}
    return {
        "change_direction": change.direction,
        "change_basis": change.basis,
        "change_amount": change.amount.raw if change.amount else None,
        "change_base": _float(change.amount.base_value) if change.amount else None,
        "change_base_unit": change.amount.base_unit if change.amount else None,
        "change_percent": _float(change.percent),
        "change_reason": change.reason,
    }


def _evidence_row(position: int, place: Evidence) -> Row:
    return {
        "position": position,
        "start": place.start,
        "end": place.end,
        "quote": place.quote,
        "section": " / ".join(place.section) or None,
        "page": place.page,
        "cell": f"{place.cell.table},{place.cell.row},{place.cell.column}" if place.cell else None,
        "doubtful": place.doubtful,
    }


_SEARCHED = (
    "name", "statement", "effect", "cause", "category", "project", "target", "actual", "previous", "change_amount", "change_reason", "deviation",
)  # fmt: skip


def _words(columns: Row, places: Iterable[Evidence]) -> str:
    """A record's words, a piece a line, none twice: what its quotes hold whole is not said again."""
    quotes = [" ".join(place.quote.split()) for place in places]
    pieces = [" ".join(words.split()) for name in _SEARCHED if (words := columns.get(name))]
    beside = [piece for piece in pieces if not any(piece in quote for quote in quotes)]
    return "\n".join(dict.fromkeys(filter(None, (*beside, *quotes))))


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)
