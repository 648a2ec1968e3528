"""``jixiao serve``: the workbench over a dataset, in a browser."""

from pathlib import Path
from typing import Annotated

import typer

from jixiao.cli.console import fail
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
)


def serve(
    where: DatasetOption,
    host: Annotated[
        str, typer.Option(help="The address to listen at; any but this machine's own demands a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for any that is free.")] = 8734,
    token: Annotated[
        str | None, typer.Option(envvar="JIXIAO_TOKEN", help="What a browser must give once to come in; better in JIXIAO_TOKEN.")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Nothing can be uploaded or decided.")] = False,
    engine: EngineOption = None,
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
    """Open the workbench (工作台): upload reports, see their records beside the source, review them, search the dataset.

    Uploaded files are kept in a folder beside the dataset, FILE.files. Stop it with Ctrl-C; what waits is read at the next start.
    They are read by the same engine as by `jixiao ingest`; a budget is that of one report.
    """
    from importlib.util import find_spec

    from jixiao.errors import JixiaoError, MissingExtra

    if not all(find_spec(name) for name in ("fastapi", "python_multipart", "uvicorn")):
        fail(str(MissingExtra("The workbench", "web")))
    from jixiao.web.guard import check_address
    from jixiao.web.server import run

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
    try:
        check_address(host, token)
    except JixiaoError as exc:
        fail(str(exc))
    with opened(where, create=not read_only, read_only=read_only) as dataset:
        folder = Path(f"{where if '://' not in where else dataset.name.rsplit('/', 1)[-1].partition('?')[0]}.files")
        try:
            run(
                dataset,
                folder,
                spec=engine or ("hybrid" if settings.is_configured else "rules"),
                settings=settings,
                host=host,
                port=port,
                token=token,
                read_only=read_only,
                told=lambda words: typer.echo(words, err=True),
            )
        except OSError as exc:
            fail(f"{host}:{port}: cannot listen there ({exc.strerror or exc}); choose another --port.")
