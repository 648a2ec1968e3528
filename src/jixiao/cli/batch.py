"""``jixiao batch``: the first questions of many reports at half the price, answered within a day."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from jixiao.cli.console import fail, plain
from jixiao.cli.modelling import (
    BaseUrlOption,
    EngineOption,
    ModelOption,
    ModeOption,
    PromptsOption,
    ProviderOption,
    settings_from,
    usage_words,
)
from jixiao.cli.sources import read_source, sources_of

if TYPE_CHECKING:
    from jixiao.models.engine import ModelEngine
    from jixiao.settings import Settings

R = TypeVar("R")
batch = typer.Typer(
    help="Ask about many reports by the endpoint's Batch API: submit, wait, collect; then `jixiao extract` as ever.",
    no_args_is_help=True,
)


@batch.command()
def submit(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Reports, or folders of them.")],
    engine: EngineOption = None,
    provider: ProviderOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    mode: ModeOption = None,
    prompts: PromptsOption = None,
) -> None:
    """Send what the reports' chunks ask. What is in the cache or under way is not sent again."""
    from jixiao.errors import JixiaoError

    settings = settings_from(provider=provider, model=model, base_url=base_url, mode=mode, prompts=prompts)
    failures: list[str] = []
    documents = []
    for source in sources_of(paths, failures):
        try:
            documents.append(read_source(source))
        except JixiaoError as exc:
            failures.append(str(exc))

    async def send(engine: "ModelEngine") -> list[str]:
        from jixiao.models.batch import submit as submit_questions

        abilities = await engine.abilities()
        questions = [question for document in documents for question in engine.questions(document, abilities)]
        return await submit_questions(engine.endpoint, questions, abilities.mode)

    made = _run(settings, engine or "hybrid", send)
    for batch_id in made:
        typer.echo(batch_id)
    typer.echo(
        f"{len(made)} batches sent; `jixiao batch status` tells how they stand."
        if made
        else "Nothing to send: all is answered or under way.",
        err=True,
    )
    for failure in failures:
        typer.echo(f"✗ {plain(failure)}", err=True)
    if failures:
        raise typer.Exit(1)


@batch.command()
def status(provider: ProviderOption = None, model: ModelOption = None, base_url: BaseUrlOption = None) -> None:
    """Tell how the batches stand that are not yet collected."""

    async def tell(engine: "ModelEngine") -> int:
        from jixiao.models.batch import states

        told = 0
        async for state in states(engine.endpoint):
            typer.echo(f"{plain(state.id)}  {plain(state.status)}  {state.done} of {state.total} answered, {state.failed} failed")
            told += 1
        return told

    if not _run(settings_from(provider=provider, model=model, base_url=base_url), "hybrid", tell):
        typer.echo("No batches under way.", err=True)


@batch.command()
def collect(provider: ProviderOption = None, model: ModelOption = None, base_url: BaseUrlOption = None) -> None:
    """Put the answers of ended batches into the cache. Exits 1 where requests failed, 3 where a batch is still under way."""

    async def fetch(engine: "ModelEngine") -> tuple[int, int]:
        from jixiao.models.batch import ENDED, states
        from jixiao.models.batch import collect as collect_batch

        waiting = failed = 0
        async for state in states(engine.endpoint):
            if state.status not in ENDED:
                waiting += 1
                continue
            brought = await collect_batch(engine.endpoint, state.id)
            typer.echo(f"{plain(brought.id)}  {brought.answers} answers, {len(brought.failures)} failed")
            for failure in brought.failures:
                typer.echo(f"✗ {plain(failure)}", err=True)
            failed += len(brought.failures)
        typer.echo(usage_words(engine.usage), err=True)
        return waiting, failed

    waiting, failed = _run(settings_from(provider=provider, model=model, base_url=base_url), "hybrid", fetch)
    if waiting:
        typer.echo(f"{waiting} batches are still under way.", err=True)
    if failed or waiting:
        raise typer.Exit(1 if failed else 3)


def _run(settings: "Settings", spec: str, work: "Callable[[ModelEngine], Awaitable[R]]") -> R:
    import asyncio

    from jixiao.errors import JixiaoError
    from jixiao.models.engine import ModelEngine
    from jixiao.settings import engine_of

    async def whole() -> R:
        name, chosen = engine_of(spec, settings)
        engine = ModelEngine(chosen, "model" if name == "model" else "hybrid")
        try:
            return await work(engine)
        finally:
            await engine.close()

    try:
        return asyncio.run(whole())
    except JixiaoError as exc:
        fail(str(exc))
