"""Coming in (进入): the token, the language, the reviewer's name."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from jixiao.dataset.deciding import named
from jixiao.web.guard import change_session
from jixiao.web.pages import LANGUAGES, render

router = APIRouter()


@router.get("/login")
def login_page(request: Request) -> Response:
    return render(request, "login", wrong=False)


@router.post("/login")
async def login(request: Request, token: Annotated[str, Form()] = "") -> Response:
    if not request.app.state.guard.is_token(token):
        await asyncio.sleep(1)  # guessing is to be slow
        return render(request, "login", 403, wrong=True)
    change_session(request, admitted=True)
    return RedirectResponse("/", 303)


@router.get("/language/{language}")
def choose_language(language: str, back: str = "/") -> Response:
    answer = RedirectResponse(_local(back), 303)
    if language in LANGUAGES:
        answer.set_cookie("language", language, max_age=31_536_000, samesite="strict", httponly=True)
    return answer


@router.post("/reviewer")
def choose_reviewer(request: Request, name: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/") -> Response:
    change_session(request, reviewer=named(name))
    return RedirectResponse(_local(back), 303)


def _local(path: str) -> str:
    """The path, where it leads to this server."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
