"""The command line: parse, call, print. The only room that prints or exits.

Libraries are loaded by the command that needs them, so that `--help` loads none.
"""

import sys
from io import TextIOWrapper

import typer

from jixiao.cli.auditing import audit
from jixiao.cli.batch import batch
from jixiao.cli.datasets import dataset
from jixiao.cli.doctor import doctor
from jixiao.cli.embedding import embed
from jixiao.cli.evaluation import evaluate
from jixiao.cli.exporting import export
from jixiao.cli.extraction import extract
from jixiao.cli.ingesting import ingest
from jixiao.cli.labels import label
from jixiao.cli.prompts import prompts
from jixiao.cli.querying import sql
from jixiao.cli.reading import read
from jixiao.cli.searching import search
from jixiao.cli.serving import serve
from jixiao.cli.summarizing import summarize
from jixiao.cli.trending import trend

app = typer.Typer(
    help="绩效 · Chinese performance reports into typed, source-grounded records.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(extract)
app.command()(read)
app.command()(audit)
app.command()(summarize)
app.command()(ingest)
app.command()(search)
app.command()(trend)
app.command()(export)
app.command()(sql)
app.add_typer(dataset, name="dataset")
dataset.command()(embed)
app.command()(serve)
app.command("eval")(evaluate)
app.add_typer(label, name="label")
app.command()(prompts)
app.command()(doctor)
app.add_typer(batch, name="batch")


@app.callback()
def main() -> None:
    """绩效 · Chinese performance reports into typed, source-grounded records."""
    # A pipe gets UTF-8 whatever the locale says; a terminal that lacks a character shows another.
    if isinstance(sys.stdout, TextIOWrapper):
        if sys.stdout.isatty():
            sys.stdout.reconfigure(errors="replace")
        else:
            sys.stdout.reconfigure(encoding="utf-8")
