"""The workbench served (服务): a socket, the application behind it, the reader of uploads beside it, until it is stopped."""

import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

import uvicorn

from jixiao.dataset.ingest import read_one, signature_of
from jixiao.dataset.store import Dataset
from jixiao.dataset.uploads import Uploads
from jixiao.settings import Settings
from jixiao.web.app import create_app
from jixiao.web.guard import hosts_of
from jixiao.web.worker import Worker

_MOST_CONNECTIONS = 512


def run(
    dataset: Dataset,
    folder: Path,
    *,
    spec: str,
    settings: Settings,
    host: str,
    port: int,
    token: str | None,
    read_only: bool,
    told: Callable[[str], None],
) -> None:
    """Serve until Ctrl-C; ``told`` hears the address. Uploads are read by the engine that ``spec`` and ``settings`` name.

    Raises:
        BadSettings: there is no such engine, or its prompts are wrong.
        OSError: the address cannot be listened at.
    """
    uploads = Uploads(dataset, folder, signature_of(spec, settings))
    worker = Worker(uploads, partial(read_one, spec=spec, settings=settings, postgresql=dataset.is_postgresql))
    app = create_app(dataset, uploads, worker, hosts=hosts_of(host), token=token, read_only=read_only)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
        shown = f"[{host}]" if ":" in host else host
        told(f"绩效工作台 http://{shown}:{listening.getsockname()[1]}/  (Ctrl-C 停止)")
        config = uvicorn.Config(
            app,
            log_level="warning",
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=3,
            proxy_headers=False,
        )
        if not read_only:
            worker.start()
        try:
            uvicorn.Server(config).run(sockets=[listening])
        finally:
            worker.stop()
