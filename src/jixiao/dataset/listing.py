"""The dataset → a list of its reports (报告列表), the newest year first, a page at a time."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from jixiao.dataset.schema import reports
from jixiao.dataset.store import Dataset

PAGE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A report in the list (报告)."""

    id: int
    title: str | None
    source: str
    department: str | None
    region: str | None
    fiscal_year: int | None
    report_type: str
    self_score: float | None
    grade: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list; ``total`` counts all that were asked for, ``years`` are those of all reports."""

    total: int
    reports: tuple[Listed, ...]
    years: tuple[int, ...]


def list_reports(dataset: Dataset, *, words: str = "", year: int | None = None, page: int = 1) -> Listing:
    """The reports whose title, department, region or file name has these words, of a year or of all.

    Raises:
        DatasetError: the dataset cannot be read.
    """
    of = reports.c
    wanted: list[ColumnElement[bool]] = [] if year is None else [of.fiscal_year == year]
    for word in words.split():
        wanted.append(
            or_(*(column.contains(word, autoescape=True) for column in (of.title, of.department, of.region, of.source)))
        )
    columns = [of[name] for name in Listed.__dataclass_fields__]
    chosen = select(*columns).where(*wanted).order_by(of.fiscal_year.desc().nulls_last(), of.id.desc())
    with dataset.reading() as connection:
        total = connection.execute(select(func.count()).select_from(reports).where(*wanted)).scalar_one()
        rows = connection.execute(chosen.limit(PAGE).offset((page - 1) * PAGE))
        years = connection.execute(select(of.fiscal_year).where(of.fiscal_year.is_not(None)).distinct()).scalars()
        return Listing(total, tuple(Listed(*row) for row in rows), tuple(sorted(years, reverse=True)))
