"""``jixiao serve``: the workbench over a dataset, in a browser."""

from pathlib import Path
from typing import Annotated

import typer

from jixiao.cli.console import fail
from jixiao.cli.datasets import DatasetOption, opened


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
) -> None:
    """Open the workbench (工作台): upload reports, see their records beside the source, review them, search the dataset.

    Uploaded files are kept in a folder beside the dataset, FILE.files. Stop it with Ctrl-C; what waits is read at the next start.
    """
    from importlib.util import find_spec

    from jixiao.errors import JixiaoError, MissingExtra

    if not all(find_spec(name) for name in ("fastapi", "python_multipart", "uvicorn")):
        fail(str(MissingExtra("The workbench", "web")))
    from jixiao.web.guard import check_address
    from jixiao.web.server import run

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
                host=host,
                port=port,
                token=token,
                read_only=read_only,
                told=lambda words: typer.echo(words, err=True),
            )
        except OSError as exc:
            fail(f"{host}:{port}: cannot listen there ({exc.strerror or exc}); choose another --port.")
