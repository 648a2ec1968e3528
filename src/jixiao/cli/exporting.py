"""``jixiao export``: a dataset, or what is asked for of it, as files for Excel, a notebook or another program."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from jixiao.cli.console import fail
from jixiao.cli.datasets import DatasetOption, opened


class ExportFormat(str, Enum):
    """What ``export`` writes."""

    parquet = "parquet"
    csv = "csv"
    xlsx = "xlsx"
    jsonl = "jsonl"


def export(
    where: DatasetOption,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE|FOLDER", help="A file for xlsx and jsonl, a folder for csv and parquet.")
    ],
    format: Annotated[
        ExportFormat | None,
        typer.Option("--format", "-f", help="xlsx, jsonl, csv or parquet; else told by the file's ending, and csv for a folder."),
    ] = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only records of this kind; may be given again.")] = None,
    department: Annotated[str, typer.Option("--department", help="Only departments whose name has these words.")] = "",
    region: Annotated[str, typer.Option("--region", help="Only regions whose name has these words.")] = "",
    year: Annotated[str | None, typer.Option("--year", metavar="YEARS", help="2023, 2021..2023, 2021.. or ..2022.")] = None,
    conditions: Annotated[
        list[str] | None, typer.Option("--where", metavar="CONDITION", help="“actual >= 1亿元”; may be given again.")
    ] = None,
) -> None:
    """Write reports, records, evidence and findings to files, with the data dictionary; whole or not at all."""
    from jixiao.dataset.conditions import parse_condition, parse_years
    from jixiao.dataset.export import export as export_to
    from jixiao.dataset.search import Filters

    if not output.absolute().parent.is_dir():
        fail(f"{output}: the folder {output.parent} does not exist; make it first.")
    with opened(where) as shelf:
        filters = Filters(
            kinds=tuple(kind or ()),
            department=department,
            region=region,
            years=parse_years(year) if year else None,
            where=tuple(map(parse_condition, conditions or ())),
        )
        number = export_to(shelf, output, (format or _format_of(output)).value, filters)
    typer.echo(f"{output}: {number:,} reports.", err=True)


def _format_of(output: Path) -> ExportFormat:
    suffix = output.suffix.lower().lstrip(".")
    if suffix in ("csv", "parquet"):
        fail(f"{output}: {suffix} makes a folder of files, one a table; name a folder, and --format {suffix}.")
    return ExportFormat(suffix) if suffix in ExportFormat.__members__ else ExportFormat.csv
