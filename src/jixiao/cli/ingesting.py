"""``jixiao ingest``: a shelf of reports into a dataset, only what is new, to be stopped and gone on with at any time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from jixiao.cli.console import fail, plain, progress
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

if TYPE_CHECKING:
    from jixiao.dataset.ingest import Workforce
    from jixiao.settings import Settings


def ingest(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="Reports of any kind, folders and zip archives of them, or a URL such as s3://bucket/2023."
        ),
    ],
    where: DatasetOption,
    engine: EngineOption = None,
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", min=1, help="Processes that read by rules (one a core).")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="ADDRESS", help="Read on a Dask cluster: its scheduler, tcp://host:8786.")
    ] = None,
    parts: Annotated[
        str | None,
        typer.Option("--parts", metavar="DIR|URL", help="With --on: where workers leave Parquet parts; all must see it."),
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
    from jixiao.dataset.ingest import signature_of

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
    if (on is None) != (parts is None):
        fail("--on and --parts go together: the cluster's scheduler, and a folder or URL that all its workers see.")
    missing: list[str] = []
    locations = _locations(paths, missing)
    spec = engine or ("hybrid" if settings.is_configured else "rules")
    try:
        with (
            opened(where, create=True) as shelf,
            progress(len(locations)) as bar,
            _workforce(on, parts, spec, settings, workers, postgresql=shelf.is_postgresql) as workforce,
        ):
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
    told = [f"{outcome.saved} taken in"]
    told += [f"{outcome.known} there already"] if outcome.known else []
    told += [f"{outcome.incomplete} of them with told that no answer came for"] if outcome.incomplete else []
    told += [f"{outcome.failed_before} left out that failed before (--retry-failed)"] if outcome.failed_before else []
    told += [f"{len(outcome.failures)} failed"] if outcome.failures else []
    typer.echo(f"{where if '://' not in where else shelf.name}: {', '.join(told)}.", err=True)
    if missing or outcome.failures:
        raise typer.Exit(1)


def _locations(paths: list[str], missing: list[str]) -> list[str]:
    """Where the reports are: absolute paths, and URLs as they are."""
    from jixiao.dataset.locations import is_url, reports_below
    from jixiao.errors import JixiaoError

    found: list[str] = []
    for path in paths:
        if not is_url(path):
            found += [os.path.abspath(source) for source in sources_of([path], missing)]
            continue
        try:
            found += reports_below(path)
        except JixiaoError as exc:
            missing.append(str(exc))
    return found


@contextmanager
def _workforce(
    on: str | None, parts: str | None, spec: str, settings: "Settings", workers: int | None, *, postgresql: bool
) -> "Iterator[Workforce]":
    if on is None or parts is None:
        from jixiao.dataset.ingest import this_machine

        yield this_machine(spec, settings, workers=workers, postgresql=postgresql)
        return
    from jixiao.dataset.cluster import on_cluster

    with on_cluster(on, parts if "://" in parts else os.path.abspath(parts), spec, settings, postgresql=postgresql) as cluster:
        yield cluster
