"""``jixiao trend``: one metric over the years and departments of a dataset, as a table, a chart or a page."""

import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jixiao.cli.console import fail, plain, write_file
from jixiao.cli.datasets import DatasetOption, opened
from jixiao.cli.filtering import DepartmentOption, RegionOption, YearOption, filters_from

if TYPE_CHECKING:
    from jixiao.dataset.trend import Trend


class TrendFormat(str, Enum):
    """What ``trend`` writes."""

    table = "table"
    json = "json"
    csv = "csv"
    png = "png"
    svg = "svg"
    html = "html"


def trend(
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="The metric's name; names spelt a little otherwise are found.")],
    where: DatasetOption,
    department: DepartmentOption = "",
    region: RegionOption = "",
    year: YearOption = None,
    format: Annotated[
        TrendFormat | None,
        typer.Option("--format", "-f", help="table (default on a terminal), json (default in a pipe), csv, png, svg or html."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write there; its ending tells the format.")
    ] = None,
) -> None:
    """Follow a metric over years and departments, each value with the record it comes from.

    Units, projects and departments are series of their own; a missing year is filled from the next year's 上年 value, marked so.
    """
    from jixiao.dataset.trend import trend as follow

    chosen = format or _format_of(output)
    if output is not None and not output.absolute().parent.is_dir():
        fail(f"{output}: the folder {output.parent} does not exist; make it first.")
    if chosen is TrendFormat.png and output is None:
        fail("--format png makes a file: say where with -o FILE.")
    with opened(where, read_only=True) as shelf:
        found = follow(shelf, metric, filters_from(department=department, region=region, year=year))
        if not found.series and chosen in (TrendFormat.png, TrendFormat.svg, TrendFormat.html):
            fail(f"“{metric}”: there is no value to draw{_hint(found)}")
        content = _content(found, chosen, output)
        if output is not None:
            write_file(output, content)
        else:
            assert isinstance(content, str)
            typer.echo(content, nl=False)
    if not found.series:
        typer.echo(plain(f"“{metric}”: no record with a number has such a name{_hint(found)}"), err=True)


def _format_of(output: Path | None) -> TrendFormat:
    if output is not None:
        suffix = output.suffix.lower().lstrip(".")
        return TrendFormat(suffix) if suffix in TrendFormat.__members__ else TrendFormat.json
    return TrendFormat.table if sys.stdout.isatty() else TrendFormat.json


def _hint(found: "Trend") -> str:
    """What else might have been meant."""
    names = "、".join(f"“{each.name}”" for each in (*found.names, *found.refused)[:5])
    return f"; spelt like it: {names}." if names else "."


def _content(found: "Trend", format: TrendFormat, output: Path | None) -> str | bytes:
    from jixiao.render import trend_words as words

    match format:
        case TrendFormat.table:
            from jixiao.render.listing import table_list

            rows = [row[1:] for row in words.trend_rows(found)]
            table, _ = table_list(words.HEAD[1:], rows, None if output is None and sys.stdout.isatty() else 160)
            refused = "".join(f"未采用：{each.name}（{each.parted}）\n" for each in found.refused)
            return table + plain_lines(refused)
        case TrendFormat.csv:
            from jixiao.render.listing import csv_list

            bom = "" if output is None else "\ufeff"
            return bom + "".join(csv_list(words.HEAD, words.trend_rows(found)))
        case TrendFormat.html:
            from jixiao.render.trend_page import render_trend

            return render_trend(found)
        case TrendFormat.png | TrendFormat.svg:
            from jixiao.render.trend_chart import trend_picture

            return trend_picture(found, "png" if format is TrendFormat.png else "svg")
        case TrendFormat.json:
            return words.trend_json(found)


def plain_lines(words: str) -> str:
    """Lines fit for a terminal."""
    return "".join(f"{plain(line)}\n" for line in words.splitlines())
