"""A query and filters → hits (检索): records with their place, a snippet, the exact total, facets. Alike in both stores.

The index answers the words, kinds, years, types and 是否完成; departments, regions and numbers are looked up in the tables.
Knows nothing of how the index is kept.
"""

import operator
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, cast, get_args

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    collate,
    false,
    func,
    select,
    union_all,
)

from jixiao.dataset.conditions import Condition, Field, Years
from jixiao.dataset.index import LABELLED, found, label, number
from jixiao.dataset.meaning import NEAREST, Meaning, Ranks, fuse
from jixiao.dataset.query import EVERYTHING, Query, marks, matches, parse, score, sought, without_words
from jixiao.dataset.schema import KINDS, numbers, records, reports
from jixiao.dataset.store import Dataset
from jixiao.dataset.terms import fold
from jixiao.dataset.vectors import Near
from jixiao.errors import BadQuery
from jixiao.records import ReportType

METRIC_KINDS = ("indicator", "budget", "figure")
LONGEST_QUERY = 2_000
LARGEST_PAGE = 10_000
RANKED = 1_000
"""The newest hits, as many as these, are ranked; what is beyond them comes newest first."""
_FEW = 2_000
"""Where departments, regions and numbers leave no more records than this, their words are looked through."""
_MANY = 20_000
"""Hits no more than this are looked up in the tables one by one."""
_LISTED = 100_000
"""More hits are compared with a list of all records that the tables allow, where it is no longer than this."""
_AROUND = 40


@dataclass(frozen=True, slots=True)
class Filters:
    """What hits must be beside their words (筛选). Departments and regions hold these words, folded."""

    kinds: tuple[str, ...] = ()
    department: str = ""
    region: str = ""
    years: Years | None = None
    attained: bool | None = None
    report_type: ReportType | None = None
    where: tuple[Condition, ...] = ()

    @property
    def of_records(self) -> bool:
        """Whether some of a report's records may be asked for and others not."""
        return bool(self.kinds or self.where or self.attained is not None)


@dataclass(frozen=True, slots=True)
class Snippet:
    """Some of a record's words (摘要), with the spans in them that were sought."""

    words: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found (命中), with what its report says of itself. Measured values are as stated, their units behind them."""

    id: int
    report_id: int
    record_id: str
    kind: str
    department: str | None
    region: str | None
    fiscal_year: int | None
    report_type: str
    source: str
    title: str | None
    name: str | None
    statement: str | None
    target: str | None
    actual: str | None
    previous: str | None
    actual_base: float | None
    actual_base_unit: str | None
    attained: bool | None
    score: float | None
    start: int
    end: int
    origin: str | None
    """rules, llm, both or person; findings have none."""
    snippet: Snippet
    ranks: Ranks | None = None
    """Of a search by meaning: by what it was found; ``None`` where it is beyond what is ranked."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many hits have a value (分面计数); ``None`` is not stated."""

    value: str | int | bool | None
    hits: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of hits (检索结果). Facets are there when they were asked for."""

    total: int
    """How many there are in all; at the least, where they were counted up to a number only."""
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[Count, ...]] | None = None
    """Of the hits counted, which are the newest."""
    is_exact: bool = True
    """Whether ``total`` is all."""


SORTED = (*get_args(Field), "year")
"""What hits can be sorted by; a change by its percentage."""
FACETS = ("kind", "year", "region", "department", "attained", "amount")
"""What hits are counted by."""
_AMOUNTS = tuple(
    (f"实际 >= {words}", value) for words, value in (("1亿元", 1e8), ("1000万元", 1e7), ("100万元", 1e6), ("10万元", 1e5))
)
"""The conditions (金额) that the facet ``amount`` counts by, the largest first; a hit that meets one meets the next."""


def search(
    dataset: Dataset,
    words: str,
    filters: Filters = Filters(),
    *,
    sort: str | None = None,
    limit: int = 20,
    page: int = 1,
    facets: bool = False,
    count_up_to: int | None = None,
    meaning: Meaning | None = None,
) -> SearchResult:
    """The records that ``words`` ask for, as :func:`jixiao.dataset.query.parse` reads them: the page's, and how many in all.

    ``sort`` is a field or ``year``, with a ``-`` before it for the largest first; without it the best come first. With
    ``count_up_to`` no more hits are counted, shown and faceted than so many, so that a common word costs what a rare one does;
    they are sorted among all the same. With the words' ``meaning`` the records nearest to it are hits as well, where the filters
    hold and nothing is there that must not be.

    Raises:
        BadQuery: the words are too long, a kind or the field to sort by does not exist, or a page is of no size.
        DatasetError: the dataset cannot be read.
        MissingExtra: meaning wants numpy, which is not installed.
    """
    if len(words) > LONGEST_QUERY:
        raise BadQuery(f"the query has {len(words):,} characters; shorten it to {LONGEST_QUERY:,}.")
    if not 1 <= limit <= LARGEST_PAGE or page < 1:
        raise BadQuery(f"a page has 1 to {LARGEST_PAGE:,} hits, and the first page is 1.")
    _check_sort(sort)
    query, skipped = parse(words), (page - 1) * limit
    with dataset.reading() as connection:
        hits = _hits(connection, query, filters, count_up_to)
        ranks: dict[int, Ranks] = {}
        if meaning is not None:
            near = meaning.nearest(connection, _allowed(connection, query, filters))
            alone = _without_the_words(connection, query, near)
            ranks, by_words, hits = fuse(_ranked(hits, query), near, alone), hits, _with(hits, alone)
        if skipped >= hits.total:
            page_of: list[int] = []
        elif sort is not None:
            page_of = _sorted(hits, sort, skipped, limit)
        elif meaning is not None:
            page_of = _fused(by_words, ranks, skipped, limit)
        else:
            page_of = _best(hits, query, skipped, limit)
        shown = tuple(replace(hit, ranks=ranks.get(hit.id)) for hit in _shown(connection, query, page_of))
        return SearchResult(hits.total, shown, _facets(hits) if facets else None, hits.is_exact)


def record_numbers(connection: Connection, query: Query, filters: Filters) -> Select[Any]:
    """The numbers of all records asked for, as a select."""
    return _hits(connection, query, filters).numbers


@dataclass(frozen=True, slots=True)
class _Hits:
    """All records asked for: their numbers as a select, how many were counted, and their numbers where they had to be gathered."""

    connection: Connection
    numbers: Select[Any]
    total: int
    gathered: list[int] | None = None
    """The newest first."""
    is_exact: bool = True

    @property
    def counted(self) -> Select[Any]:
        """The numbers of those counted."""
        if self.gathered is not None and len(self.gathered) <= _MANY:
            return select(numbers.c.id).where(numbers.c.id.in_(_listed(self.gathered)))
        return self.numbers if self.is_exact else _newest_first(self.numbers).limit(self.total)

    def newest(self, skipped: int, limit: int) -> list[int]:
        """The numbers of those counted, the newest first."""
        if self.gathered is not None:
            return self.gathered[skipped : skipped + limit]
        limit = max(0, min(limit, self.total - skipped))
        return _ids(self.connection, _newest_first(self.numbers).offset(skipped).limit(limit))


def _hits(connection: Connection, query: Query, filters: Filters, count_up_to: int | None = None) -> _Hits:
    labels, conditions = _labels(connection, filters), conditions_on(connection, filters)
    one_more = None if count_up_to is None else count_up_to + 1
    if not all(labels):
        return _Hits(connection, select(records.c.id).where(false()), 0, [])
    if not conditions:
        asked = found(connection, query, labels)
        return _counted(_Hits(connection, asked, _count(connection, asked, one_more)), count_up_to)
    allowed = select(records.c.id).where(*conditions)
    few = _ids(connection, allowed.limit(_FEW + 1))
    if len(few) <= _FEW:
        looked_through = select(records.c.id, records.c.words, *_LABELLED.values()).join(reports).where(records.c.id.in_(few))
        rows = connection.execute(looked_through.order_by(records.c.id.desc())).all()
        gathered = [row.id for row in rows if _has_labels(row, labels) and matches(query, row.words)]
        asked = select(records.c.id).where(records.c.id.in_(gathered))
    else:
        asked, its_number = found(connection, query, labels), number(connection)
        if _count(connection, asked, _MANY + 1) > _MANY and _count(connection, allowed, _LISTED + 1) <= _LISTED:
            asked = asked.where(its_number.in_(allowed))
        else:
            holds = select(numbers.c.id).where(numbers.c.id == its_number, *conditions_on(connection, filters, numbers))
            asked = asked.where(holds.correlate_except(numbers).exists())
        gathered = _ids(connection, _newest_first(asked).limit(one_more))
    return _counted(_Hits(connection, asked, len(gathered), gathered), count_up_to)


def _counted(hits: _Hits, count_up_to: int | None) -> _Hits:
    if count_up_to is None or hits.total <= count_up_to:
        return hits
    return replace(hits, total=count_up_to, is_exact=False, gathered=hits.gathered and hits.gathered[:count_up_to])


def _ids(connection: Connection, asked: Select[Any]) -> list[int]:
    return list(connection.execute(asked).scalars().all())  # row by row it takes several times as long


def _newest_first(asked: Select[Any]) -> Select[Any]:
    return asked.order_by(asked.selected_columns[0].desc())


def _count(connection: Connection, asked: Select[Any], up_to: int | None = None) -> int:
    return connection.execute(select(func.count()).select_from(asked.limit(up_to).subquery())).scalar_one()


def report_numbers(connection: Connection, filters: Filters) -> list[int]:
    """The numbers of the reports asked for, those with such a record, in the order of their places."""
    wanted: Select[Any] = select(reports.c.id)
    if filters.of_records:
        numbers = record_numbers(connection, EVERYTHING, filters)
        wanted = wanted.where(reports.c.id.in_(select(records.c.report_id).where(records.c.id.in_(numbers))))
    else:
        wanted = wanted.where(*_conditions_on_reports(connection, filters))
        if filters.report_type is not None:
            wanted = wanted.where(reports.c.report_type == filters.report_type)
        if filters.years is not None and filters.years.first is not None:
            wanted = wanted.where(reports.c.fiscal_year >= filters.years.first)
        if filters.years is not None and filters.years.last is not None:
            wanted = wanted.where(reports.c.fiscal_year <= filters.years.last)
    # Byte by byte in both stores: PostgreSQL else orders by its own language.
    name = "C" if connection.dialect.name == "postgresql" else "BINARY"
    return _ids(connection, wanted.order_by(collate(reports.c.location, name)))


_LABELLED: dict[str, ColumnElement[Any]] = {name: (records.c if name in records.c else reports.c)[name] for name in LABELLED}


def _labels(connection: Connection, filters: Filters) -> list[list[str]]:
    """What the index can answer of the filters: of each group one label must be there."""
    groups = []
    if filters.kinds:
        for kind in filters.kinds:
            if kind not in KINDS:
                raise BadQuery(f"there is no kind “{kind}”; it can be {', '.join(KINDS)}.")
        groups.append([label("kind", kind) for kind in filters.kinds])
    if filters.years is not None:
        known = connection.execute(select(reports.c.fiscal_year).distinct().order_by(reports.c.fiscal_year)).scalars()
        groups.append([label("fiscal_year", year) for year in known if year is not None and filters.years.has(year)])
    if filters.report_type is not None:
        if filters.report_type not in get_args(ReportType):
            raise BadQuery(f"there is no type “{filters.report_type}”; it can be {', '.join(get_args(ReportType))}.")
        groups.append([label("report_type", filters.report_type)])
    if filters.attained is not None:
        groups.append([label("attained", filters.attained)])
    return groups


def _has_labels(row: Row[Any], labels: list[list[str]]) -> bool:
    has = {label(name, getattr(row, name)) for name in LABELLED}
    return all(has.intersection(group) for group in labels)


def conditions_on(connection: Connection, filters: Filters, of: FromClause = records) -> list[ColumnElement[bool]]:
    """What ``records``, or their ``numbers``, must be asked of the filters that the index does not answer; ``reports`` is asked
    first, and once."""
    conditions = [_compared(condition, of) for condition in filters.where if condition.field != "self_score"]
    if of_report := _conditions_on_reports(connection, filters):
        # The sum keeps SQLite from going through all records of these reports where a number has an index.
        report = of.c.report_id + 0 if conditions else of.c.report_id
        conditions.append(report.in_(select(reports.c.id).where(*of_report)))
    return conditions


def _conditions_on_reports(connection: Connection, filters: Filters) -> list[ColumnElement[bool]]:
    conditions = [_compared(condition, records) for condition in filters.where if condition.field == "self_score"]
    for column, words in ((reports.c.department, filters.department), (reports.c.region, filters.region)):
        if wanted := fold(words).replace("\n", ""):
            names = connection.execute(select(column).where(column.is_not(None)).distinct().order_by(column)).scalars()
            having = [name for name in names if wanted in fold(name)]
            conditions.append(column.in_(bindparam(None, having, expanding=True, literal_execute=True)))
    return conditions


def _compared(condition: Condition, of: FromClause) -> ColumnElement[bool]:
    value, unit = _columns(condition.field, condition.unit, of)
    holds: ColumnElement[bool] = _OPERATORS[condition.operator](value, float(condition.value))
    if condition.field == "change":  # said once more for the index of those that have one
        holds = and_(holds, (of.c.change_percent if condition.unit == "%" else of.c.change_base).is_not(None))
    return holds if unit is None or condition.unit is None else and_(holds, unit == condition.unit)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
}


def _columns(field: Field, unit: str | None, of: FromClause) -> tuple[ColumnElement[Any], ColumnElement[Any] | None]:
    """A field's number, and its unit where that can differ from record to record."""
    match field:
        case "self_score":
            return reports.c.self_score, None
        case "weight" | "score":
            return of.c[field], None
        case "change":
            amount = of.c.change_percent if unit == "%" else of.c.change_base
            signed = case((of.c.change_direction == "decrease", -func.abs(amount)), else_=amount)
            return signed, None if unit == "%" else of.c.change_base_unit
        case _:
            return of.c[f"{field}_base"], of.c[f"{field}_base_unit"]


def _check_sort(sort: str | None) -> None:
    if sort is not None and sort.removeprefix("-") not in SORTED:
        raise BadQuery(
            f"hits cannot be sorted by “{sort.removeprefix('-')[:40]}”; it can be {', '.join(SORTED)}, with - before it for the largest first."
        )


def _best(hits: _Hits, query: Query, skipped: int, limit: int) -> list[int]:
    """The page's numbers by rank; of hits beyond the ranked ones by age alone."""
    page = _ranked(hits, query)[skipped : skipped + limit] if skipped < RANKED else []
    if skipped + limit > RANKED:
        beyond = max(skipped, RANKED)
        page += hits.newest(beyond, skipped + limit - beyond)
    return page


def _ranked(hits: _Hits, query: Query) -> list[int]:
    """The newest hits, the best first."""
    columns = (records.c.id, records.c.name, records.c.statement, records.c.words)
    rows = hits.connection.execute(select(*columns).where(records.c.id.in_(hits.newest(0, RANKED)))).all()
    ranked = sorted(((score(query, row.name, row.statement, row.words), row.id) for row in rows), reverse=True)
    return [number for _, number in ranked]


def _allowed(connection: Connection, query: Query, filters: Filters) -> list[int] | None:
    """The records that may be found by their meaning; ``None`` where all may."""
    permitted = without_words(query)
    if permitted == EVERYTHING and filters == Filters():
        return None
    return _ids(connection, record_numbers(connection, permitted, filters))


def _without_the_words(connection: Connection, query: Query, near: list[Near]) -> list[int]:
    """Those found by their meaning alone."""
    rows = connection.execute(select(records.c.id, records.c.words).where(records.c.id.in_([each.id for each in near])))
    return [row.id for row in rows if not matches(query, row.words)]


def _with(hits: _Hits, others: list[int]) -> _Hits:
    """The hits and others that are none of them."""
    all_of_them = union_all(hits.numbers, select(records.c.id).where(records.c.id.in_(others))).subquery()
    return replace(hits, numbers=select(all_of_them.c.id), total=hits.total + len(others), gathered=None)


def _fused(by_words: _Hits, ranks: dict[int, Ranks], skipped: int, limit: int) -> list[int]:
    """The page's numbers by both ranks; of hits by words beyond the ranked ones by age alone."""
    page = list(ranks)[skipped : skipped + limit]
    if len(page) < limit:
        first = max(0, skipped - len(ranks))
        beyond = by_words.newest(RANKED, first + limit + NEAREST)
        page += [number for number in beyond if number not in ranks][first : first + limit - len(page)]
    return page


def _sorted(hits: _Hits, sort: str, skipped: int, limit: int) -> list[int]:
    field = sort.removeprefix("-")
    value = reports.c.fiscal_year if field == "year" else _columns(cast(Field, field), "%", numbers)[0]
    order = (value.desc() if sort != field else value.asc()).nulls_last(), numbers.c.id.desc()
    # PostgreSQL else may go through all records in this order, looking for hits.
    asked = hits.numbers.cte("asked").prefix_with("MATERIALIZED", dialect="postgresql")
    ids = select(numbers.c.id).join(asked, asked.c.id == numbers.c.id)
    if field in ("year", "self_score"):
        ids = ids.join(reports, reports.c.id == numbers.c.report_id)
    return _ids(hits.connection, ids.order_by(*order).offset(skipped).limit(limit))


_SHOWN = (
    *(records.c[name] for name in "id report_id record_id kind name statement actual_base actual_base_unit attained score start end origin words".split()),
    *(records.c[name + of] for name in ("target", "actual", "previous") for of in ("", "_unit")),
    *(reports.c[name] for name in "department region fiscal_year report_type source title".split()),
)  # fmt: skip
_AS_THEY_ARE = [each.name for each in fields(Hit) if each.name not in ("target", "actual", "previous", "snippet", "ranks")]


def _shown(connection: Connection, query: Query, ids: list[int]) -> tuple[Hit, ...]:
    rows = connection.execute(select(*_SHOWN).select_from(records.join(reports)).where(records.c.id.in_(ids)))
    made = {row["id"]: _hit(row, query) for row in rows.mappings()}
    return tuple(made[each] for each in ids)


def _hit(row: RowMapping, query: Query) -> Hit:
    values: dict[str, Any] = {name: row[name] for name in _AS_THEY_ARE}
    for name in ("target", "actual", "previous"):
        values[name] = _stated(row[name], row[f"{name}_unit"])
    return Hit(**values, snippet=snippet(query, row["words"]))


def _stated(raw: str | None, unit: str | None) -> str | None:
    """A measured value with its unit, which a table's heading may have instead of the cell."""
    return raw if raw is None or unit is None or unit in raw else raw + unit


def snippet(query: Query, words: str) -> Snippet:
    """The words around the first hit, in the piece that shows the most terms and says the most."""
    terms = sought(query)
    _, _, piece = max((sum(term in fold(piece) for term in terms), len(piece), piece) for piece in words.split("\n"))
    spans = marks(query, piece)
    first, last = spans[0] if spans else (0, 0)
    start = max(0, min(first - (_AROUND - (last - first)) // 2, len(piece) - _AROUND))
    start = min(start, first)
    end = min(len(piece), max(start + _AROUND, last))
    before, behind = "…" if start else "", "…" if end < len(piece) else ""
    shift = len(before) - start
    shown = tuple((at + shift, min(to, end) + shift) for at, to in spans if at < end)
    return Snippet(before + piece[start:end] + behind, shown)


def _facets(hits: _Hits) -> dict[str, tuple[Count, ...]]:
    counted = hits.counted.subquery()
    bounds = [(numbers.c.actual_base >= least, at) for at, (_, least) in enumerate(_AMOUNTS)]
    amount = case((numbers.c.actual_base_unit == "元", case(*bounds)))
    columns = (numbers.c.report_id, numbers.c.kind, numbers.c.attained, amount)
    grouped = select(*columns, func.count()).join(counted, counted.c.id == numbers.c.id).group_by(*columns)
    counts: dict[str, Counter[Any]] = {name: Counter() for name in FACETS if name != "amount"}
    amounts: Counter[str] = Counter()
    of_report: Counter[int] = Counter()
    for report, kind, attained, largest, many in hits.connection.execute(grouped).all():
        of_report[report] += many
        counts["kind"][kind] += many
        counts["attained"][attained] += many
        if largest is not None:
            amounts.update({condition: many for condition, _ in _AMOUNTS[largest:]})
    asked = select(reports.c.id, reports.c.fiscal_year, reports.c.region, reports.c.department)
    if len(of_report) <= _FEW:
        asked = asked.where(reports.c.id.in_(_listed(of_report)))
    for report, year, region, department in hits.connection.execute(asked).all():
        if many := of_report[report]:
            counts["year"][year] += many
            counts["region"][region] += many
            counts["department"][department] += many
    met_by = tuple(Count(condition, amounts[condition]) for condition, _ in _AMOUNTS if amounts[condition])
    return {**{name: _counts(each, by_value=name == "year") for name, each in counts.items()}, "amount": met_by}


def _listed(ids: Iterable[int]) -> BindParameter[Any]:
    """Numbers written into the statement: a store takes only so many apart from it."""
    return bindparam(None, list(ids), expanding=True, literal_execute=True)


def _counts(counter: Counter[Any], *, by_value: bool) -> tuple[Count, ...]:
    """The commonest first; years the latest first; not stated last."""
    stated = sorted(
        ((value, hits) for value, hits in counter.items() if value is not None), key=lambda each: each[0], reverse=by_value
    )
    if not by_value:
        stated.sort(key=lambda each: -each[1])
    missing = [(None, counter[None])] if None in counter else []
    return tuple(Count(value, hits) for value, hits in (*stated, *missing))
