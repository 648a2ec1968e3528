"""Dataset and uploads → the web application (工作台程序): its pages, its API at ``/api``, and the guard around both."""

from collections.abc import Iterable
from importlib.resources import files

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from jixiao import __version__
from jixiao.dataset.store import Dataset
from jixiao.dataset.uploads import Uploads
from jixiao.errors import BadQuery, BadReview, DatasetError, JixiaoError, UnreadableInput
from jixiao.web import admission, api, overviews, report_files, reports, reviewing, searching, uploading
from jixiao.web.guard import Guard, Sessions, check_form
from jixiao.web.opened import Kept
from jixiao.web.pages import render, sentence
from jixiao.web.worker import Worker


def create_app(
    dataset: Dataset, uploads: Uploads, worker: Worker, *, hosts: Iterable[str], token: str | None, read_only: bool
) -> ASGIApp:
    """The application. ``hosts`` are the names by which it may be called; ``token`` is demanded where it is given."""
    app = FastAPI(
        title="jixiao 绩效工作台",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        dependencies=[Depends(check_form)],
    )
    sessions = Sessions()
    app.state.dataset, app.state.uploads, app.state.worker, app.state.sessions = dataset, uploads, worker, sessions
    app.state.kept, app.state.token, app.state.read_only = Kept(), token, read_only
    app.state.dataset_name = dataset.name.rsplit("/", 1)[-1]
    app.add_exception_handler(JixiaoError, _refused)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _refused)
    app.add_exception_handler(Exception, _refused)
    for routes in (admission, overviews, reports, report_files, reviewing, searching, uploading):
        app.include_router(routes.router, include_in_schema=False)
    app.include_router(api.router)
    app.mount("/static", StaticFiles(directory=str(files("jixiao.web") / "static")))
    guard = Guard(app, sessions, hosts, token, read_only=read_only)
    app.state.guard = guard
    return guard


_STATUS: dict[type[Exception], int] = {DatasetError: 404, BadReview: 409, BadQuery: 400, UnreadableInput: 422}

_NO_PAGE = "there is no such page."


def _refused(request: Request, exc: Exception) -> Response:
    """What is wrong, in one sentence: as a page, or as JSON where a program asks."""
    match exc:
        case HTTPException(status_code=404 | 405):
            status, words = exc.status_code, _NO_PAGE
        case HTTPException():
            status, words = exc.status_code, "what was sent cannot be taken; load the page and try again."
        case RequestValidationError():
            status, words = 400, _NO_PAGE
        case JixiaoError():
            status, words = next((number for kind, number in _STATUS.items() if isinstance(exc, kind)), 500), str(exc)
        case _:
            status, words = 500, "something went wrong in the program; try again, and report it if it stays."
    if request.url.path.startswith("/api"):
        return JSONResponse({"detail": words}, status)
    if request.headers.get("accept") == "application/json":
        return JSONResponse({"detail": sentence(request, words)}, status)
    return render(request, "refused", status, words=words)
