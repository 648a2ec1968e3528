"""A template and its values → a page, in Chinese or English. All that is put in is escaped."""

import json
from functools import cache
from importlib.resources import files
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from jixiao.web.guard import Sessions, session_of
from jixiao.web.sentences import in_chinese

LANGUAGES = ("zh", "en")


@cache
def english() -> dict[str, str]:
    """The pages' Chinese words in English."""
    words: dict[str, str] = json.loads((files("jixiao.web") / "english.json").read_text(encoding="utf-8"))
    return words


@cache
def environment() -> Environment:
    """The templates."""
    made = Environment(
        loader=PackageLoader("jixiao.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["number"] = lambda value: f"{value:,}"
    made.filters["query"] = lambda pairs: urlencode(pairs)
    return made


def language_of(request: Request) -> str:
    """The language that was chosen; Chinese where none was."""
    chosen = request.cookies.get("language", "zh")
    return chosen if chosen in LANGUAGES else "zh"


def translated(request: Request, words: str) -> str:
    """The page's own Chinese words in its language."""
    return english().get(words, words) if language_of(request) == "en" else words


def sentence(request: Request, words: str) -> str:
    """A sentence of the program, which speaks English, in the page's language."""
    return words if language_of(request) == "en" else in_chinese(words)


def render(request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
    """The page of ``templates/name.html``."""
    return HTMLResponse(words_of(request, name, **values), status)


def words_of(request: Request, name: str, **values: object) -> str:
    """The HTML of ``templates/name.html``: a page or a part of one."""
    session, state = session_of(request), request.app.state
    sessions: Sessions = state.sessions
    return (
        environment()
        .get_template(f"{name}.html")
        .render(
            _=lambda words: translated(request, words),
            say=lambda words: sentence(request, words),
            language=language_of(request),
            path=request.url.path,
            here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            reviewer=session.reviewer,
            mark=sessions.form_mark(session),
            read_only=state.read_only,
            guarded=state.token is not None,
            dataset_name=state.dataset_name,
            **values,
        )
    )
