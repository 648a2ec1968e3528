"""``jixiao ingest``: a shelf of reports into a dataset, only what is new, to be stopped and gone on with at any time."""

import os
from typing import Annotated

import typer

from jixiao.cli.console import plain, progress
from jixiao.cli.datasets import DatasetOption, opened
from jixiao.cli.modelling import (
    BaseUrlOption,
    ConcurrencyOption,
    EngineOption,
    IfDeadOption,
    MaxCostOption,
    MaxTokensOption,
    ModelOption,
    ModeOption,
    PromptsOption,
    ProviderOption,
    RpmOption,
    TimeoutOption,
    TpmOption,
    settings_from,
    usage_words,
)
from jixiao.cli.sources import sources_of


def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Reports of any kind, folders and zip archives of them.")],
    where: DatasetOption,
    engine: EngineOption = None,
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", min=1, help="Processes that read by rules (one a core).")
    ] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try again the files that have failed before.")] = False,
    provider: ProviderOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    mode: ModeOption = None,
    prompts: PromptsOption = None,
    concurrency: ConcurrencyOption = None,
    timeout: TimeoutOption = None,
    rpm: RpmOption = None,
    tpm: TpmOption = None,
    max_tokens: MaxTokensOption = None,
    max_cost: MaxCostOption = None,
    if_dead: IfDeadOption = None,
) -> None:
    """Take reports into a dataset. What it has already is left alone; a file that has changed replaces its old version.

    Stop it at any time: the same command goes on. Exits 1 where a file could not be taken in.
    """
    from jixiao.dataset.ingest import ingest as ingest_into
    from jixiao.dataset.ingest import signature_of, this_machine

    settings = settings_from(
        provider=provider,
        model=model,
        base_url=base_url,
        mode=mode,
        prompts=prompts,
        concurrency=concurrency,
        timeout=timeout,
        rpm=rpm,
        tpm=tpm,
        max_tokens=max_tokens,
        max_cost=max_cost,
        if_dead=if_dead,
    )
    missing: list[str] = []
    locations = [os.path.abspath(source) for source in sources_of(paths, missing)]
    spec = engine or ("hybrid" if settings.is_configured else "rules")
    try:
        with opened(where, create=True) as shelf, progress(len(locations)) as bar:
            workforce = this_machine(spec, settings, workers=workers, postgresql=shelf.is_postgresql)
            signature = signature_of(spec, settings)
            outcome = ingest_into(shelf, locations, workforce, signature, retry_failed=retry_failed, heard=bar.advance)
    except KeyboardInterrupt:
        typer.echo("✗ stopped; what was read is kept, and the same command goes on from there.", err=True)
        raise typer.Exit(130) from None
    if outcome.usage.calls or outcome.usage.cached_calls:
        typer.echo(usage_words(outcome.usage) + ".", err=True)
    for failure in missing:
        typer.echo(f"✗ {plain(failure)}", err=True)
    for location, reason in outcome.failures:
        typer.echo(f"✗ {plain(reason if location in reason else f'{location}: {reason}')}", err=True)
    parts = [f"{outcome.saved} taken in"]
    parts += [f"{outcome.known} there already"] if outcome.known else []
    parts += [f"{outcome.incomplete} of them with parts that no answer came for"] if outcome.incomplete else []
    parts += [f"{outcome.failed_before} left out that failed before (--retry-failed)"] if outcome.failed_before else []
    parts += [f"{len(outcome.failures)} failed"] if outcome.failures else []
    typer.echo(f"{where if '://' not in where else shelf.name}: {', '.join(parts)}.", err=True)
    if missing or outcome.failures:
        raise typer.Exit(1)
