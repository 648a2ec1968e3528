"""``jixiao dataset``: what a dataset holds, what could not be taken in, what its columns mean; and the option that names one."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from jixiao.cli.console import fail, plain

if TYPE_CHECKING:
    from jixiao.dataset.store import Dataset

DatasetOption = Annotated[
    str,
    typer.Option(
        "--dataset",
        "-d",
        metavar="FILE|URL",
        envvar="JIXIAO_DATASET",
        help="The dataset: a file, or postgresql://user@host/name.",
    ),
]
dataset = typer.Typer(help="Look into a dataset.", no_args_is_help=True)


class ListFormat(str, Enum):
    """What a list is printed as."""

    table = "table"
    json = "json"
    csv = "csv"


@contextmanager
def opened(where: str, *, create: bool = False, read_only: bool = False) -> "Iterator[Dataset]":
    """The dataset, for a command; what is wrong with it is said in one sentence, and ends the command."""
    from jixiao.dataset.store import open_dataset
    from jixiao.errors import JixiaoError

    try:
        with open_dataset(where, create=create, read_only=read_only) as dataset:
            for note in dataset.notes:
                typer.echo(plain(note), err=True)
            yield dataset
    except JixiaoError as exc:
        fail(str(exc))


@dataset.command()
def info(where: DatasetOption) -> None:
    """How many reports and records of each kind the dataset holds, and of how many reports it has vectors."""
    from jixiao.dataset.vectors import models_of

    with opened(where) as shelf:
        for name, number in shelf.count().items():
            typer.echo(f"{name:12}{number:>12,}")
        for model, number in models_of(shelf).items():
            typer.echo(f"{'vectors':12}{number:>12,}  reports, of {plain(model)}")
        failed = len(shelf.failures())
    if failed:
        typer.echo(f"{failed} files could not be taken in: see `jixiao dataset failures`.", err=True)


@dataset.command()
def failures(where: DatasetOption) -> None:
    """The files that could not be taken in, and why."""
    with opened(where) as shelf:
        found = shelf.failures()
    for each in found:
        reason = each.reason if each.location in each.reason else f"{each.location}: {each.reason}"
        typer.echo(f"✗ {plain(reason)}  [{each.failed}]")
    if not found:
        typer.echo("No file has failed.", err=True)


@dataset.command()
def dictionary() -> None:
    """The data dictionary: every table and column with its meaning."""
    from jixiao.dataset.schema import dictionary as entries

    table = None
    for of, column, kind, meaning in entries():
        if of != table:
            table = of
            typer.echo(f"\n{of}")
        typer.echo(f"  {column:24}{kind:10}{meaning}")
