"""A metric's name → its values over the years and departments (趋势), each with the record that it comes from.

The names that mean it are found by ``naming``; values are never mixed across units, projects or departments: each is a series
of its own. A year that no report of its own tells of is filled from the next year's 上年 value, and says so.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, select

from jixiao.dataset.conditions import Years
from jixiao.dataset.naming import Likeness, alike
from jixiao.dataset.schema import evidence, records, reports
from jixiao.dataset.search import METRIC_KINDS, Filters, conditions_on
from jixiao.dataset.store import Dataset
from jixiao.errors import BadQuery
from jixiao.records import base_measure

_MOST_REFUSED = 20
_SAME_UNIT = {"名": "人", "位": "人"}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from (出处): the record, its name as the report writes it, how like the one asked for, and its place."""

    name: str
    similarity: float
    report: str
    location: str
    report_year: int | None
    record_id: str
    kind: str
    section: str | None
    page: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Point:
    """A year's value (数据点), in base units, beside the report's words."""

    year: int
    value: Decimal
    words: str
    comparator: str
    target: str | None
    attained: bool | None
    is_previous: bool
    """It is the next year's report that tells it, as its 上年 value."""
    source: Source
    others: tuple[tuple[str, Source], ...] = ()
    """Other values for this year, where the records do not agree: their words, and where each stands."""


@dataclass(frozen=True, slots=True)
class Series:
    """One department's metric, or one of its projects', over the years (序列)."""

    department: str
    region: str | None
    project: str | None
    unit: str | None
    """The base unit."""
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """A metric over years and departments (趋势)."""

    metric: str
    names: tuple[Likeness, ...]
    """The names that were taken for it."""
    refused: tuple[Likeness, ...]
    """Names that are spelt like it and mean another."""
    series: tuple[Series, ...]
    left_out: int
    """Records of such a name without a number, or without a year."""


def trend(dataset: Dataset, metric: str, filters: Filters) -> Trend:
    """The metric's series, of the departments and regions asked for. Years are those of the values, not of the reports.

    Raises:
        BadQuery: there is no name to look for.
        DatasetError: the dataset cannot be read.
    """
    if not re.search(r"\w", metric):
        raise BadQuery("there is no metric to look for: give its name, such as “三公经费”.")
    with dataset.reading() as connection:
        every = connection.execute(select(records.c.name).where(records.c.name.is_not(None)).distinct()).scalars()
        names, refused = alike(metric, every)
        similarity = {each.name: each.similarity for each in names}
        wanted = records.c.name.in_(bindparam(None, list(similarity), expanding=True, literal_execute=True))
        conditions = conditions_on(connection, filters)
        rows = connection.execute(
            select(*_COLUMNS)
            .select_from(records.join(reports).join(evidence, (evidence.c.record == records.c.id) & (evidence.c.position == 0)))
            .where(wanted, records.c.kind.in_(METRIC_KINDS), *conditions)
        ).all()
    values = [value for row in rows for value in _values(row, similarity[row.name])]
    found = sorted(
        _series(values, filters.years), key=lambda each: (each.region or "", each.department, each.project or "", each.unit or "")
    )
    told = {value.source for value in values}
    used = {row.name for row in rows}
    return Trend(
        metric,
        tuple(each for each in names if each.name in used),
        tuple(refused[:_MOST_REFUSED]),
        tuple(found),
        sum(_source(row, similarity[row.name]) not in told for row in rows),
    )


_COLUMNS = (
    *(records.c[name] for name in "record_id kind name period project target target_unit attained start end position".split()),
    *(records.c[f"{role}{of}"] for role in ("actual", "previous") for of in ("", "_value", "_unit", "_comparator")),
    *(reports.c[name] for name in "source location department region fiscal_year".split()),
    evidence.c.section,
    evidence.c.page,
)


class _Key(NamedTuple):
    """What the values of one series have in common."""

    region: str | None
    department: str
    project: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class _Value:
    key: _Key
    point: Point
    rank: tuple[Any, ...]
    """Of several for one year the lowest is taken."""

    @property
    def source(self) -> Source:
        return self.point.source


def _values(row: Row[Any], similarity: float) -> Iterator[_Value]:
    """A record's value, and that of the year before."""
    year = int(row.period) if row.period and re.fullmatch(r"(?:19|20)\d\d", row.period) else row.fiscal_year
    if year is None:
        return
    source = _source(row, similarity)
    for role, back in (("actual", 0), ("previous", 1)):
        stated, unit = getattr(row, f"{role}_value"), getattr(row, f"{role}_unit")
        if stated is None:
            continue
        value, base_unit = base_measure(Decimal(stated), unit)
        assert value is not None
        key = _Key(row.region, row.department or row.location, row.project, _SAME_UNIT.get(base_unit or "", base_unit))
        comparator = getattr(row, f"{role}_comparator")
        point = Point(
            year=year - back,
            value=value,
            words=_with_unit(getattr(row, role), unit),
            comparator=comparator,
            target=None if back or row.target is None else _with_unit(row.target, row.target_unit),
            attained=None if back else row.attained,
            is_previous=bool(back),
            source=source,
        )
        rank = (back, -similarity, METRIC_KINDS.index(row.kind), comparator != "eq", row.location, row.position)
        yield _Value(key, point, rank)


def _source(row: Row[Any], similarity: float) -> Source:
    return Source(
        row.name,
        similarity,
        row.source,
        row.location,
        row.fiscal_year,
        row.record_id,
        row.kind,
        row.section,
        row.page,
        row.start,
        row.end,
    )


def _with_unit(raw: str, unit: str | None) -> str:
    """A value's words with its unit, which a table's heading may have instead of the cell."""
    return raw if unit is None or unit in raw.replace("兀", "元") else raw + unit


def _series(values: Iterable[_Value], years: Years | None) -> Iterator[Series]:
    by_key: dict[_Key, dict[int, list[_Value]]] = defaultdict(lambda: defaultdict(list))
    for value in values:
        if years is None or years.has(value.point.year):
            by_key[value.key][value.point.year].append(value)
    for key, of_year in by_key.items():
        points = tuple(_point(of_year[year]) for year in sorted(of_year))
        yield Series(key.department, key.region, key.project, key.unit, points)


def _point(values: Sequence[_Value]) -> Point:
    """The year's value: the report's own before the next one's, the best name, a table's row before the text's figure."""
    first, *rest = sorted(values, key=lambda value: value.rank)
    others = {value.point.value: (value.point.words, value.source) for value in reversed(rest)}
    others.pop(first.point.value, None)
    return replace(first.point, others=tuple(others[value] for value in sorted(others)))
