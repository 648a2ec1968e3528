"""The options that narrow a dataset down, alike in every command that has them."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from jixiao.dataset.search import Filters


class Kind(str, Enum):
    """The kinds of record that can be asked for; metric is indicator, budget and figure."""

    goal = "goal"
    completion = "completion"
    metric = "metric"
    indicator = "indicator"
    budget = "budget"
    figure = "figure"
    issue = "issue"
    measure = "measure"
    finding = "finding"


KindOption = Annotated[list[Kind] | None, typer.Option("--kind", "-k", help="Only this kind of record; again for another.")]
DepartmentOption = Annotated[str, typer.Option("--department", help="Words of the department's name.")]
RegionOption = Annotated[str, typer.Option("--region", help="Words of the region's name.")]
YearOption = Annotated[str | None, typer.Option("--year", metavar="YEARS", help="2023, 2021..2023, 2021.. or ..2023.")]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        help="A number compared: “actual >= 1亿元”, “得分 < 80”, “change <= -20%”; again for another that must hold too.",
    ),
]


def filters_from(
    *,
    kind: list[Kind] | None = None,
    department: str = "",
    region: str = "",
    year: str | None = None,
    where: list[str] | None = None,
) -> "Filters":
    """What the options ask for.

    Raises:
        BadQuery: a year or a condition cannot be read.
    """
    from jixiao.dataset.conditions import parse_condition, parse_years
    from jixiao.dataset.search import METRIC_KINDS, Filters

    return Filters(
        kinds=tuple(name for each in kind or () for name in (METRIC_KINDS if each is Kind.metric else (each.value,))),
        department=department,
        region=region,
        years=None if year is None else parse_years(year),
        where=tuple(parse_condition(each) for each in where or ()),
    )
