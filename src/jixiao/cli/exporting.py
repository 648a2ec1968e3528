"""``jixiao export``: a dataset, or what is asked for of it, as files for Excel, a notebook or another program."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from jixiao.cli.console import fail
from jixiao.cli.datasets import DatasetOption, opened
from jixiao.cli.filtering import DepartmentOption, KindOption, RegionOption, WhereOption, YearOption, filters_from


class ExportFormat(str, Enum):
    """What ``export`` writes."""

    parquet = "parquet"
    csv = "csv"
    xlsx = "xlsx"
    jsonl = "jsonl"


def export(
    where_is: DatasetOption,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE|FOLDER", help="A file for xlsx and jsonl, a folder for csv and parquet."),
    ],
    format: Annotated[
        ExportFormat | None,
        typer.Option("--format", "-f", help="xlsx, jsonl, csv or parquet; else told by the file's ending, and csv for a folder."),
    ] = None,
    kind: KindOption = None,
    department: DepartmentOption = "",
    region: RegionOption = "",
    year: YearOption = None,
    where: WhereOption = None,
) -> None:
    """Write reports, records, evidence and findings to files, with the data dictionary; whole or not at all."""
    from jixiao.dataset.export import export as export_to

    if not output.absolute().parent.is_dir():
        fail(f"{output}: the folder {output.parent} does not exist; make it first.")
    with opened(where_is, read_only=True) as shelf:
        filters = filters_from(kind=kind, department=department, region=region, year=year, where=where)
        number = export_to(shelf, output, (format or _format_of(output)).value, filters)
    typer.echo(f"{output}: {number:,} reports.", err=True)


def _format_of(output: Path) -> ExportFormat:
    suffix = output.suffix.lower().lstrip(".")
    if suffix in ("csv", "parquet"):
        fail(f"{output}: {suffix} makes a folder of files, one a table; name a folder, and --format {suffix}.")
    return ExportFormat(suffix) if suffix in ExportFormat.__members__ else ExportFormat.csv
