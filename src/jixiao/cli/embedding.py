"""``jixiao dataset embed``: vectors for a dataset's records, only what is new, to be stopped and gone on with at any time."""

from typing import Annotated

import typer

from jixiao.cli.console import fail, plain, progress
from jixiao.cli.datasets import DatasetOption, opened
from jixiao.cli.modelling import (
    BaseUrlOption,
    ConcurrencyOption,
    MaxCostOption,
    MaxTokensOption,
    RpmOption,
    TimeoutOption,
    TpmOption,
    embedding_settings_from,
    usage_words,
)


def embed(
    where: DatasetOption,
    anew: Annotated[
        bool, typer.Option("--anew", help="Make all of the model's vectors again: another model goes by its name.")
    ] = False,
    provider: Annotated[
        str | None,
        typer.Option(
            "--provider", help="A preset as of the model path, or local: a model in this process.", rich_help_panel="Model"
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="A model of vectors at its endpoint; for local its folder, or a name that fastembed knows.",
            rich_help_panel="Model",
        ),
    ] = None,
    base_url: BaseUrlOption = None,
    batch: Annotated[int | None, typer.Option("--batch", help="Texts in one request (10).", rich_help_panel="Model")] = None,
    concurrency: ConcurrencyOption = None,
    timeout: TimeoutOption = None,
    rpm: RpmOption = None,
    tpm: TpmOption = None,
    max_tokens: MaxTokensOption = None,
    max_cost: MaxCostOption = None,
) -> None:
    """Make the vectors that `jixiao search --semantic` wants, for all records that have none by this model.

    The model is that of JIXIAO_EMBEDDING_MODEL, _PROVIDER, _BASE_URL …, or of [embedding] in jixiao.toml. Stop it at any time: the same
    command goes on, and asks for nothing twice. Exits 1 where a report could not be done.
    """
    import asyncio

    from jixiao.dataset.embed import embed as embed_reports
    from jixiao.dataset.vectors import lacking

    settings = embedding_settings_from(
        provider=provider,
        model=model,
        base_url=base_url,
        batch=batch,
        concurrency=concurrency,
        timeout=timeout,
        rpm=rpm,
        tpm=tpm,
        max_tokens=max_tokens,
        max_cost=max_cost,
    )
    try:
        with opened(where) as shelf:
            reports = [each.id for each in shelf.known()] if anew else lacking(shelf, settings.mark)
            with progress(len(reports)) as bar:
                outcome = asyncio.run(embed_reports(shelf, reports, settings, anew=anew, heard=bar.advance))
    except KeyboardInterrupt:
        typer.echo("✗ stopped; what was made is kept, and the same command goes on from there.", err=True)
        raise typer.Exit(130) from None
    if outcome.usage.calls:
        typer.echo(usage_words(outcome.usage) + ".", err=True)
    for location, reason in outcome.failures:
        typer.echo(f"✗ {plain(f'{location}: {reason}')}", err=True)
    if not reports:
        typer.echo(f"All reports have vectors of {plain(settings.mark)} already.")
        return
    typer.echo(
        f"{outcome.records:,} records of {outcome.reports:,} reports have vectors of {plain(settings.mark)} now"
        + (f"; {len(outcome.failures):,} reports failed." if outcome.failures else ".")
    )
    if outcome.stopped is not None:
        fail(f"{str(outcome.stopped).rstrip('.')}. The same command goes on from here.")
    if outcome.failures:
        raise typer.Exit(1)
