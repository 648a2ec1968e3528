"""A report's rows in the tables (报告数据行): put in, taken out, and made to say what stands where people have decided.

The engine's output stays whole in the report's own row; ``records``, ``evidence`` and the index hold what stands, so that all
that counts or finds records counts and finds people's.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from jixiao.dataset import rollup
from jixiao.dataset.index import add_to_index, labelled_words, take_from_index
from jixiao.dataset.reviews import Review, decisions_on, review_of
from jixiao.dataset.rows import DOCUMENTS, Entry, Row, entry_of
from jixiao.dataset.schema import evidence, failures, records, reports, reviews, vectors
from jixiao.document import Document
from jixiao.errors import DatasetError
from jixiao.records import Extraction


def put(connection: Connection, entry: Entry, signature: str, run: int) -> int:
    """Write a report in the place of its old version and of any other with the same content; gives its number."""
    same = (reports.c.location == entry.location) | (reports.c.sha256 == entry.sha256)
    for old in connection.execute(select(reports.c.id).where(same)).scalars().all():
        remove(connection, old)
    connection.execute(delete(failures).where(failures.c.location == entry.location))
    number = next_of(connection, reports.c.id)
    first = next_of(connection, records.c.id)
    connection.execute(insert(reports).values(id=number, signature=signature, run_id=run, **entry.report))
    _put_records(connection, number, entry, {at: first + at for at in range(len(entry.records))})
    rollup.count_in(connection, number)
    if decisions_on(connection, [entry.sha256])[entry.sha256]:
        restate(connection, number)
    return number


def remove(connection: Connection, number: int) -> None:
    """Take a report out, with all that is of it; what people decided on it stays."""
    rollup.count_out(connection, number)
    _take_records(connection, connection.execute(select(records.c.id).where(records.c.report_id == number)).scalars().all())
    connection.execute(delete(reports).where(reports.c.id == number))


def next_of(connection: Connection, column: Any) -> int:
    """The next number of a table's rows; given by us, so that both stores number alike."""
    return int(connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one()) + 1


def review_in(connection: Connection, number: int) -> Review:
    """A report's records, with all decisions on them.

    Raises:
        DatasetError: there is no such report.
    """
    packed = connection.execute(select(reports.c.extraction).where(reports.c.id == number)).scalar()
    if packed is None:
        raise DatasetError(f"there is no report {number}.")
    extraction = Extraction.model_validate_json(zlib.decompress(packed))
    return review_of(extraction, decisions_on(connection, [extraction.report.sha256])[extraction.report.sha256])


def restate_all(connection: Connection) -> None:
    """Make the rows of all reports that people have decided on say what stands."""
    decided = select(reports.c.id).where(reports.c.sha256.in_(select(reviews.c.sha256)))
    for number in connection.execute(decided).scalars().all():
        restate(connection, number)


def restate(connection: Connection, number: int, before: Review | None = None) -> Review:
    """Make the rows say what stands; where that is the same as ``before``, they do. Rows that say the same already are left."""
    review = review_in(connection, number)
    stands = review.extraction()
    if before is not None and before.extraction() == stands:
        return review
    from jixiao.audit import audit

    report = connection.execute(select(reports.c.location, reports.c.document).where(reports.c.id == number)).one()
    document: Document = DOCUMENTS.validate_json(zlib.decompress(report.document))
    postgresql = connection.dialect.name == "postgresql"
    entry = entry_of(report.location, document, stands, audit(document, stands), postgresql=postgresql)
    there = _records_of(connection, number)
    numbers: dict[int, int] = {}
    moved = []
    free = next_of(connection, records.c.id)
    for at, (row, places) in enumerate(zip(entry.records, entry.evidence, strict=True)):
        old = there.pop(row["record_id"], None)
        if old is not None and _said(old.row, old.places) == _said(row, places):
            if old.row["position"] != row["position"]:
                moved.append({"own": old.number, "to": row["position"]})
            continue
        if old is not None:
            there[row["record_id"]] = old
            numbers[at] = old.number
        else:
            numbers[at], free = free, free + 1
    rollup.count_out(connection, number)
    if there or numbers:
        connection.execute(delete(vectors).where(vectors.c.report_id == number))  # they are of other words
    _take_records(connection, [old.number for old in there.values()])
    _put_records(connection, number, entry, numbers)
    if moved:
        connection.execute(update(records).where(records.c.id == bindparam("own")).values(position=bindparam("to")), moved)
    rollup.count_in(connection, number)
    return review


@dataclass(frozen=True, slots=True)
class _There:
    """A record as its rows have it."""

    number: int
    row: Row
    places: tuple[Row, ...]


def _records_of(connection: Connection, number: int) -> dict[str, _There]:
    """The report's records in the tables, by their ids."""
    of_report = records.c.report_id == number
    places: dict[int, list[Row]] = defaultdict(list)
    joined = select(evidence).join(records, records.c.id == evidence.c.record).where(of_report)
    for place in connection.execute(joined.order_by(evidence.c.record, evidence.c.position)).mappings():
        places[place["record"]].append({name: value for name, value in place.items() if name != "record"})
    found = {}
    for row in connection.execute(select(records).where(of_report)).mappings():
        own = {name: value for name, value in row.items() if name not in ("id", "report_id")}
        found[row["record_id"]] = _There(row["id"], own, tuple(places[row["id"]]))
    return found


def _said(row: Row, places: Iterable[Row]) -> tuple[Row, ...]:
    """What a record's rows say, wherever it stands among the others."""
    return row | {"position": None}, *places


def _put_records(connection: Connection, number: int, entry: Entry, numbers: dict[int, int]) -> None:
    """Those of an entry's records whose rows' numbers are given."""
    if not numbers:
        return
    connection.execute(insert(records), [{"id": own, "report_id": number, **entry.records[at]} for at, own in numbers.items()])
    connection.execute(insert(evidence), [{"record": own, **row} for at, own in numbers.items() for row in entry.evidence[at]])
    add_to_index(connection, [(own, entry.indexed[at]) for at, own in numbers.items()])


def _take_records(connection: Connection, numbers: Sequence[int]) -> None:
    old = connection.execute(labelled_words().where(records.c.id.in_(numbers)))
    take_from_index(connection, [(number, words, values) for number, words, *values in old])
    connection.execute(delete(evidence).where(evidence.c.record.in_(numbers)))
    connection.execute(delete(records).where(records.c.id.in_(numbers)))
