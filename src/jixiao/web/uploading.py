"""Uploads (上传): files in, each one's state live as server-sent events, cancelled, tried again."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from jixiao.dataset.uploads import Uploads
from jixiao.errors import JixiaoError
from jixiao.readers.archive import MOST_BYTES
from jixiao.web.pages import render, sentence
from jixiao.web.reports import Number
from jixiao.web.worker import Worker

router = APIRouter()
STATES = {"waiting": "排队中", "reading": "读取中", "done": "已入库", "failed": "失败", "cancelled": "已取消"}
_PIECE = 1_000_000
_HEARTBEAT = 15.0


@router.get("/uploads")
def uploads_page(request: Request) -> Response:
    engine, model, *_ = [*_uploads(request).signature.split(), ""]
    return render(
        request, "uploads", uploads=_uploads(request).latest(), states=STATES, most=MOST_BYTES, engine=engine, model=model
    )


def _uploads(request: Request) -> Uploads:
    uploads: Uploads = request.app.state.uploads
    return uploads


def _worker(request: Request) -> Worker:
    worker: Worker = request.app.state.worker
    return worker


@router.post("/uploads")
def upload(request: Request, files: Annotated[list[UploadFile], File()]) -> Response:
    """Keep files and queue them; what is answered is on disk."""
    numbers: list[int] = []
    wrong: list[str] = []
    for file in files:
        try:
            numbers += _uploads(request).keep(_pieces(file), file.filename or "")
        except JixiaoError as exc:
            wrong.append(sentence(request, str(exc)))
    _worker(request).wake()
    if request.headers.get("accept") == "application/json":
        return JSONResponse({"uploads": numbers, "wrong": wrong}, 200 if numbers else 422)
    if wrong:
        return render(request, "refused", 422, words="\n".join(wrong))
    return RedirectResponse("/uploads", 303)


def _pieces(file: UploadFile) -> Iterator[bytes]:
    while piece := file.file.read(_PIECE):
        yield piece


@router.post("/uploads/{number}/cancel")
def cancel(request: Request, number: Number) -> Response:
    _uploads(request).cancel(number)
    _worker(request).changed()
    return _back(request)


@router.post("/uploads/{number}/retry")
def retry(request: Request, number: Number) -> Response:
    _uploads(request).retry(number)
    _worker(request).wake()
    return _back(request)


@router.post("/uploads/clear")
def clear(request: Request) -> Response:
    _uploads(request).clear()
    _worker(request).changed()
    return _back(request)


def _back(request: Request) -> Response:
    return JSONResponse({}) if request.headers.get("accept") == "application/json" else RedirectResponse("/uploads", 303)


@router.get("/uploads/events")
async def events(request: Request) -> Response:
    """All uploads' states, whenever one of them changes."""
    return StreamingResponse(_events(request), media_type="text/event-stream")


async def _events(request: Request) -> AsyncIterator[str]:
    worker, seen, silent = _worker(request), -1, 0.0
    while not worker.stopped:
        if worker.version != seen:
            seen, silent = worker.version, 0.0
            states = await run_in_threadpool(_states, request)
            yield f"data: {json.dumps(states, ensure_ascii=False)}\n\n"
        elif silent >= _HEARTBEAT:
            silent = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(0.2)
        silent += 0.2


def _states(request: Request) -> list[dict[str, object]]:
    return [
        {**asdict(each), "reason": sentence(request, each.reason) if each.reason else None} for each in _uploads(request).latest()
    ]
