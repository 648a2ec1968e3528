"""``jixiao sql``: a query of one's own on a dataset, which it can only read."""

import sys
from typing import Annotated

import typer

from jixiao.cli.datasets import DatasetOption, ListFormat, opened


def sql(
    statement: Annotated[str, typer.Argument(metavar="SELECT", help="One query; `jixiao dataset dictionary` tells the tables.")],
    where: DatasetOption,
    format: Annotated[
        ListFormat | None, typer.Option("--format", "-f", help="table (default on a terminal), json (default in a pipe) or csv.")
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, metavar="SECONDS", help="Give up after.")] = 60,
) -> None:
    """Ask a dataset in SQL. Nothing is written, whatever the statement says."""
    from jixiao.dataset.sql import asked
    from jixiao.render.listing import MOST_ROWS, csv_list, json_list, table_list

    chosen = format or (ListFormat.table if sys.stdout.isatty() else ListFormat.json)
    with opened(where, read_only=True) as shelf, asked(shelf, statement, timeout) as answer:
        if chosen is ListFormat.table:
            words, more = table_list(answer.columns, answer.rows, None if sys.stdout.isatty() else 160)
            typer.echo(words, nl=False)
            if more:
                typer.echo(f"There is more than these {MOST_ROWS} rows: add a LIMIT, or take all with --format csv.", err=True)
            return
        for words in (json_list if chosen is ListFormat.json else csv_list)(answer.columns, answer.rows):
            sys.stdout.write(words)
