"""``jixiao search``: words and filters in, records with their hits marked out."""

import sys
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from jixiao.cli.console import plain
from jixiao.cli.datasets import DatasetOption, ListFormat, opened
from jixiao.cli.filtering import DepartmentOption, KindOption, RegionOption, WhereOption, YearOption, filters_from
from jixiao.cli.modelling import embedding_settings_from

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from jixiao.dataset.search import Count, Hit, SearchResult, Snippet


class Attained(str, Enum):
    """Whether an indicator's target was reached."""

    yes = "yes"
    no = "no"


class Type(str, Enum):
    """The types of report."""

    department_overall = "department_overall"
    project = "project"
    policy = "policy"
    other = "other"


_BY_MEANING = "≈"
"""Before a hit that does not hold the words, and is near to them in meaning."""
_SHOWN_FACETS = 8
"""A facet's values that the table shows; json has all."""


def search(
    query: Annotated[
        str,
        typer.Argument(
            help='Words that must all be there. OR, NOT, a leading - , (…) and phrases in "…" or “…” as usual; "" is everything.'
        ),
    ],
    where_is: DatasetOption,
    kind: KindOption = None,
    department: DepartmentOption = "",
    region: RegionOption = "",
    year: YearOption = None,
    where: WhereOption = None,
    attained: Annotated[
        Attained | None, typer.Option("--attained", help="Indicators whose target was reached, or was not.")
    ] = None,
    type: Annotated[Type | None, typer.Option("--type", help="Only records of this type of report.")] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            metavar="FIELD",
            help="target, actual, previous, change, weight, score, self_score or year; -actual: largest first.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="Hits on a page.")] = 20,
    page: Annotated[int, typer.Option("--page", min=1, help="Which page.")] = 1,
    facets: Annotated[
        bool, typer.Option("--facets", help="Also count the hits by kind, year, region, department, attained, amount.")
    ] = False,
    semantic: Annotated[
        bool,
        typer.Option(
            "--semantic", help="Also the records nearest in meaning; wants a model of vectors, and `jixiao dataset embed` before."
        ),
    ] = False,
    format: Annotated[
        ListFormat | None, typer.Option("--format", "-f", help="table (default on a terminal), json (default in a pipe) or csv.")
    ] = None,
) -> None:
    """Find records by any words of theirs, one character or a phrase, and by their numbers, years, departments.

    Simplified and traditional, full and half width are alike. The best hits come first; nothing found is no error.
    """
    from jixiao.dataset.search import Filters
    from jixiao.dataset.search import search as search_dataset

    settings = embedding_settings_from() if semantic else None
    with opened(where_is, read_only=True) as shelf:
        filters = replace(
            filters_from(kind=kind, department=department, region=region, year=year, where=where),
            attained=None if attained is None else attained is Attained.yes,
            report_type=None if type is None else type.value,
        )
        meaning = None
        if settings is not None:
            from jixiao.dataset.embed import meaning_of

            meaning = meaning_of(shelf, query, settings)
        result = search_dataset(shelf, query, filters, sort=sort, limit=limit, page=page, facets=facets, meaning=meaning)
    match format or (ListFormat.table if sys.stdout.isatty() else ListFormat.json):
        case ListFormat.table:
            _print_tables(result)
        case ListFormat.json:
            from pydantic_core import to_json

            typer.echo(to_json(result, indent=2).decode())
        case ListFormat.csv:
            _print_csv(result, with_ranks=semantic)
    if meaning is not None and meaning.reports_without:
        typer.echo(
            f"{meaning.reports_without:,} reports have no vectors of {plain(meaning.model)} yet: `jixiao dataset embed` makes them.",
            err=True,
        )
    pages = -(-result.total // limit)
    if not result.total:
        typer.echo(f"Nothing found for “{plain(query)}”{' with these filters' if filters != Filters() else ''}.", err=True)
    elif page > pages:
        typer.echo(f"{result.total:,} found; there are only {pages:,} pages of them.", err=True)
    else:
        more = f"; --page {page + 1} for more" if page < pages else ""
        near = f"; {_BY_MEANING} near in meaning, without the words" if semantic else ""
        typer.echo(f"{result.total:,} found{near}, page {page:,} of {pages:,}{more}.", err=True)


_KINDS = {
    "goal": "目标",
    "completion": "完成情况",
    "indicator": "指标",
    "budget": "预算",
    "figure": "数据",
    "issue": "问题",
    "measure": "措施",
    "finding": "复核",
}
_FACETS = {"kind": "种类", "year": "年度", "region": "地区", "department": "部门", "attained": "完成", "amount": "金额"}
_VALUES = {"None": "未说明", "True": "是", "False": "否", **_KINDS}


def _print_tables(result: "SearchResult") -> None:
    from rich import box
    from rich.columns import Columns
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if result.hits:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("种类", no_wrap=True, style="dim")
        table.add_column("部门 年度", max_width=24, overflow="fold")
        table.add_column("内容", ratio=1, overflow="fold")
        table.add_column("目标", justify="right", max_width=14, overflow="fold")
        table.add_column("实际", justify="right", max_width=14, overflow="fold")
        for hit in result.hits:
            table.add_row(*_row(hit))
        console.print(table)
    if result.total and result.facets:
        console.print(Columns([_facet(_FACETS[name], counts) for name, counts in result.facets.items()]))


def _row(hit: "Hit") -> "list[Text]":
    from rich.text import Text

    of = Text.assemble(plain(hit.department or hit.source), (f" {hit.fiscal_year}" if hit.fiscal_year else "", "dim"))
    said = _marked(hit.snippet)
    if hit.name and hit.name != hit.snippet.words:
        said = Text.assemble((plain(hit.name), "bold"), "\n", said)
    if hit.ranks is not None and hit.ranks.found_by == "meaning":
        said = Text.assemble((_BY_MEANING, "cyan"), " ", said)
    reached = {True: "green", False: "red", None: ""}[hit.attained]
    return [Text(_KINDS[hit.kind]), of, said, Text(plain(hit.target or "")), Text(plain(hit.actual or ""), reached)]


def _marked(snippet: "Snippet") -> "Text":
    from rich.text import Text

    shown = Text(plain(snippet.words))
    for start, end in snippet.marks:
        shown.stylize("bold reverse yellow", start, end)
    return shown


def _facet(name: str, counts: "tuple[Count, ...]") -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(name, min_width=8)
    table.add_column("条数", justify="right")
    for count in counts[:_SHOWN_FACETS]:
        table.add_row(Text(plain(_VALUES.get(str(count.value), str(count.value)))), f"{count.hits:,}")
    if rest := counts[_SHOWN_FACETS:]:
        table.add_row(f"其余{len(rest):,}个", f"{sum(each.hits for each in rest):,}")
    return table


def _print_csv(result: "SearchResult", *, with_ranks: bool) -> None:
    from dataclasses import asdict, fields

    from jixiao.dataset.meaning import Ranks
    from jixiao.dataset.search import Hit
    from jixiao.render.listing import csv_list

    names = [each.name for each in fields(Hit) if each.name != "ranks"]
    ranks = [each.name for each in fields(Ranks)] if with_ranks else []
    rows = ([{**asdict(hit), "snippet": hit.snippet.words}[name] for name in names] for hit in result.hits)
    of_ranks = ([getattr(hit.ranks, name, None) for name in ranks] for hit in result.hits)
    sys.stdout.writelines(
        csv_list(
            [*names, *(f"ranks_{name}" for name in ranks)], ([*row, *more] for row, more in zip(rows, of_ranks, strict=True))
        )
    )
