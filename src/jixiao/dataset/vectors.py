"""The vectors of a dataset's records (向量): which are lacking, written a report at a time, and the nearest to a given one.

The nearest are found exactly, by a look at every vector of the model. Sums of products of whole numbers are exact in floats of 32 bits
up to 16,777,216, so that both stores, and blocks of any size, give the same order. Knows no model and no query.
"""

import struct
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from jixiao.dataset.schema import records, reports, vectors
from jixiao.dataset.store import Dataset
from jixiao.errors import MissingExtra

_REPORTS_AT_ONCE = 32
_NUMBERS_AT_ONCE = 1 << 18
"""A block of vectors stays in the processor's cache, and is too small for OpenBLAS to start threads for."""
_FEW = 2_000
"""Of no more records than these only the reports' vectors that they are of are read."""


@dataclass(frozen=True, slots=True)
class Near:
    """A record near to what was asked (近邻), and how near: the cosine of the angle between, 1 for the same direction."""

    id: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Passages:
    """A report's records, their numbers and their words in order (待向量化的报告)."""

    report: int
    location: str
    numbers: tuple[int, ...]
    words: tuple[str, ...]


def lacking(dataset: Dataset, model: str) -> list[int]:
    """The reports without this model's vectors, in order."""
    there = select(vectors.c.report_id).where(vectors.c.model == model)
    with dataset.reading() as connection:
        return list(connection.execute(select(reports.c.id).where(reports.c.id.not_in(there)).order_by(reports.c.id)).scalars())


def dimensions_of(connection: Connection, model: str) -> int | None:
    """How many numbers this model's vectors have here; ``None`` where there are none."""
    some = select(vectors.c.dimensions).where(vectors.c.model == model, vectors.c.dimensions > 0)
    return connection.execute(some.limit(1)).scalar()


def models_of(dataset: Dataset) -> dict[str, int]:
    """The models that have vectors here, each with of how many reports."""
    counted = select(vectors.c.model, func.count()).group_by(vectors.c.model).order_by(vectors.c.model)
    with dataset.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(counted)}


def passages_of(connection: Connection, report: int) -> Passages | None:
    """A report's records as they are now; ``None`` where there is no such report."""
    location = connection.execute(select(reports.c.location).where(reports.c.id == report)).scalar()
    if location is None:
        return None
    of_report = select(records.c.id, records.c.words).where(records.c.report_id == report).order_by(records.c.id)
    rows = connection.execute(of_report).all()
    return Passages(report, location, tuple(row.id for row in rows), tuple(row.words for row in rows))


def save_vectors(dataset: Dataset, model: str, passages: Passages, made: Sequence[bytes]) -> bool:
    """Write the vectors of a report's records, all or none; ``False`` where the report has been replaced or has them by now.

    Raises:
        DatasetError: they cannot be written.
    """
    row = {
        "report_id": passages.report,
        "model": model,
        "records": struct.pack(f"<{len(passages.numbers)}q", *passages.numbers),
        "dimensions": len(made[0]) if made else 0,
        "vectors": b"".join(made),
    }
    with dataset.writing() as connection:
        there = select(vectors.c.model).where(vectors.c.report_id == passages.report, vectors.c.model == model)
        if connection.execute(there).scalar() is not None or passages_of(connection, passages.report) != passages:
            return False
        connection.execute(insert(vectors).values(row))
    return True


def forget(dataset: Dataset, model: str) -> None:
    """Take out all vectors of a model."""
    with dataset.writing() as connection:
        connection.execute(delete(vectors).where(vectors.c.model == model))


def nearest(connection: Connection, model: str, sought: bytes, among: Collection[int] | None, count: int) -> list[Near]:
    """The records nearest to a vector, as many as ``count``, of all that have vectors or of those ``among`` them; the newer first of two alike.

    Raises:
        MissingExtra: numpy is not installed.
    """
    try:
        import numpy as np
    except ImportError as exc:
        raise MissingExtra("Semantic search", "semantic") from exc

    allowed = None if among is None else np.fromiter(among, np.int64)
    wanted = select(vectors.c.records, vectors.c.vectors).where(vectors.c.model == model, vectors.c.dimensions == len(sought))
    if allowed is not None and len(allowed) <= _FEW:
        of_these = select(records.c.report_id).where(records.c.id.in_(allowed.tolist()))
        wanted = wanted.where(vectors.c.report_id.in_(of_these))
    query = np.frombuffer(sought, np.int8).astype(np.float32)
    room = np.empty((max(1, _NUMBERS_AT_ONCE // len(query)), len(query)), np.float32)
    numbers, cosines = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
    for part in connection.execute(wanted.execution_options(yield_per=_REPORTS_AT_ONCE)).partitions():
        numbers += [np.frombuffer(row.records, "<i8") for row in part]
        block = np.frombuffer(b"".join(row.vectors for row in part), np.int8).reshape(-1, len(query))
        for at in range(0, len(block), len(room)):
            rows = room[: len(block) - at]
            rows[...] = block[at : at + len(room)]
            cosines.append(rows @ query / np.sqrt(np.einsum("ij,ij->i", rows, rows) * (query @ query)))
    number, cosine = np.concatenate(numbers), np.concatenate(cosines)
    if allowed is not None:
        kept = np.isin(number, allowed)
        number, cosine = number[kept], cosine[kept]
    if len(cosine) > count:
        kept = cosine >= np.partition(cosine, -count)[-count]
        number, cosine = number[kept], cosine[kept]
    best = np.lexsort((-number, -cosine))[:count]
    return [Near(int(number[at]), round(float(cosine[at]), 6)) for at in best]
