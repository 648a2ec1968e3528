"""``jixiao summarize``: reports in, an executive summary out, each sentence tied to its records."""

import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jixiao.cli.cases import FromDatasetOption, PathsArgument, cases_of
from jixiao.cli.console import fail, plain, write_file
from jixiao.cli.filtering import DepartmentOption, RegionOption, WhereOption, YearOption
from jixiao.cli.modelling import BaseUrlOption, ModelOption, ModeOption, ProviderOption

if TYPE_CHECKING:
    from jixiao.audit import Case
    from jixiao.summary import Summary


class SummaryFormat(str, Enum):
    """What ``summarize`` writes."""

    md = "md"
    html = "html"
    docx = "docx"
    json = "json"


class Writer(str, Enum):
    """Who writes the sentences."""

    composed = "composed"
    model = "model"


def summarize(
    paths: PathsArgument = None,
    dataset: FromDatasetOption = None,
    department: DepartmentOption = "",
    region: RegionOption = "",
    year: YearOption = None,
    where: WhereOption = None,
    format: Annotated[SummaryFormat | None, typer.Option("--format", "-f", help="md (default), html, docx or json.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write there; its ending tells the format.")
    ] = None,
    writer: Annotated[
        Writer, typer.Option("--writer", help="composed from the records, or a model that is shown only them.")
    ] = Writer.composed,
    provider: ProviderOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    mode: ModeOption = None,
    pages: Annotated[
        int | None, typer.Option(min=1, max=20, help="How many A4 pages it may fill: 1 for a report, 2 for several.")
    ] = None,
) -> None:
    """Write the executive summary (执行摘要) of a report; of several reports, that of the year.

    Each sentence cites its records, and is checked against them: a number, unit, name or direction that does not follow keeps
    the sentence out.
    """
    from jixiao.errors import JixiaoError

    chosen = format or _format_of(output)
    if chosen is SummaryFormat.docx and output is None:
        fail("--format docx makes a file: say where with -o FILE.")
    failures: list[str] = []
    narrowed = {"department": department, "region": region, "year": year, "where": where}
    with cases_of(paths, output, "the summary", failures, where_from=dataset, **narrowed) as (each, texts):
        try:
            if cases := list(each):
                summary = _summary(cases, pages)
                if writer is Writer.model:
                    summary = _written(summary, cases, provider=provider, model=model, base_url=base_url, mode=mode)
                _write(summary, texts, chosen, output)
            elif dataset is not None:
                failures.append(f"{dataset}: no report there is as you ask.")
        except JixiaoError as exc:
            fail(str(exc))
    for failure in failures:
        typer.echo(f"✗ {plain(failure)}", err=True)
    if failures:
        raise typer.Exit(1)


def _format_of(output: Path | None) -> SummaryFormat:
    suffix = output.suffix.lower().lstrip(".") if output is not None else ""
    return SummaryFormat(suffix) if suffix in SummaryFormat.__members__ else SummaryFormat.md


def _summary(cases: "list[Case]", pages: int | None) -> "Summary":
    from jixiao.summary import summarize as summarize_report
    from jixiao.summary import summarize_year

    return summarize_report(cases[0], pages or 1) if len(cases) == 1 else summarize_year(cases, pages or 2)


def _written(summary: "Summary", cases: "list[Case]", **flags: str | None) -> "Summary":
    """The summary in a model's words, as far as they follow from the records."""
    import asyncio

    from jixiao.cli.modelling import settings_from, usage_words
    from jixiao.summary.endpoint import write_summary

    settings = settings_from(**flags)
    written, usage = asyncio.run(write_summary(summary, cases, settings))
    typer.echo(usage_words(usage), err=True)
    return written


def _write(summary: "Summary", texts: Mapping[str, str], format: SummaryFormat, output: Path | None) -> None:
    """The summary, to the screen or the file."""
    content: str | bytes
    match format:
        case SummaryFormat.md:
            from jixiao.render.summary_words import summary_words

            content = summary_words(summary)
        case SummaryFormat.html:
            from jixiao.render.summary_page import render_summary

            content = render_summary(summary, texts)
        case SummaryFormat.docx:
            from jixiao.render.summary_letter import summary_letter

            content = summary_letter(summary)
        case SummaryFormat.json:
            content = summary.model_dump_json(indent=2) + "\n"
    if output is not None:
        write_file(output, content)
    else:
        assert isinstance(content, str)
        sys.stdout.write(content)
