"""Who may ask what (访问控制): host names, token, session cookie, cross-site requests, bodies without end, and what pages may do.

An ASGI layer around the whole application, so that no route can be forgotten. Knows no report.
"""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jixiao.errors import BadReview, BadSettings
from jixiao.readers.archive import MOST_BYTES

MOST_FORM = 1_000_000
"""Bytes of a form without a file."""
_MOST_UPLOAD = MOST_BYTES + 1_000_000
_SILENCE = 30.0
"""Seconds without a byte after which a sender is given up."""
_SLOWEST = 5_000
"""Bytes a second, from these seconds on, below which a sender is given up."""
_SHORTEST_TOKEN = 16
_COOKIE = "jixiao"
_OPEN = ("/login", "/static/")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'none'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Session:
    """A browser's session (会话): signed by us, kept by the browser."""

    id: str
    reviewer: str = ""
    admitted: bool = False
    """The token was given."""


class Sessions:
    """Makes and knows sessions. Another start of the program makes another secret: old sessions end with it."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def new(self) -> Session:
        return Session(secrets.token_urlsafe(16))

    def cookie(self, session: Session) -> str:
        """The value of the session's cookie."""
        words = base64.urlsafe_b64encode(json.dumps([session.id, session.reviewer, session.admitted]).encode()).decode()
        return f"{words}.{self._sign('session', words)}"

    def known(self, cookie: str | None) -> Session | None:
        """The session whose cookie this is."""
        words, _, mark = (cookie or "").partition(".")
        if not mark.isascii() or not hmac.compare_digest(mark, self._sign("session", words)):
            return None
        return Session(*json.loads(base64.urlsafe_b64decode(words)))

    def form_mark(self, session: Session) -> str:
        """What every form of the session carries, and no other site can know."""
        return self._sign("form", session.id)

    def _sign(self, what: str, words: str) -> str:
        return hmac.new(self._secret, f"{what} {words}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


class Guard:
    """Lets through what may be asked; ``scope["state"]`` has the session then."""

    def __init__(self, app: ASGIApp, sessions: Sessions, hosts: Iterable[str], token: str | None, *, read_only: bool) -> None:
        self._app = app
        self._sessions = sessions
        self._hosts = {each.lower() for each in hosts}
        self._token = token
        self._read_only = read_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        session = self._sessions.known(_cookie_of(headers))
        is_new = session is None
        session = session or self._sessions.new()
        refusal = self._refusal(scope, headers, session)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                changed = scope["state"].get("session", session)
                ours = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    ours[name] = value
                ours.setdefault("Cache-Control", "no-store")
                if (is_new and not scope["path"].startswith("/static/")) or changed is not session:
                    ours.append("Set-Cookie", f"{_COOKIE}={self._sessions.cookie(changed)}; Path=/; HttpOnly; SameSite=Strict")
            await send(message)

        scope.setdefault("state", {})
        scope["state"]["session"] = session
        if refusal is not None:
            await refusal(scope, receive, send_guarded)
            return
        limit = _MOST_UPLOAD if scope["path"] == "/uploads" else MOST_FORM
        if int(headers.get("content-length") or 0) > limit:
            await _too_large(scope, receive, send_guarded)
            return
        await self._bounded(scope, receive, send_guarded, limit)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        """Go on, with a body that is given up when it is too large, or its sender falls silent or sends without end in drops."""
        got, whole, refused, begun = 0, False, False, False
        loop = asyncio.get_running_loop()
        start = loop.time()

        async def receive_bounded() -> Message:
            nonlocal got, whole, refused
            if whole:
                return await receive()
            patience = min(_SILENCE, start + _SILENCE + got / _SLOWEST - loop.time())
            try:
                message = await asyncio.wait_for(receive(), max(patience, 0))
            except TimeoutError:
                refused = True
            else:
                got += len(message.get("body", b""))
                whole = not message.get("more_body", False)
                refused = got > limit
            return {"type": "http.disconnect"} if refused else message

        async def send_begun(message: Message) -> None:
            nonlocal begun
            if not refused or begun:
                begun = True
                await send(message)

        try:
            await self._app(scope, receive_bounded, send_begun)
        except Exception:
            if not refused:
                raise
        if refused and not begun:
            await _too_large(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers, session: Session) -> ASGIApp | None:
        if not self._is_ours(headers.get("host", "")):
            return PlainTextResponse("不是本机的名称 · Unknown host.\n", 421)
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return PlainTextResponse("请求有误 · Bad request.\n", 400)
        reads = scope["method"] in ("GET", "HEAD")
        path: str = scope["path"]
        if not reads and (
            headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none") or not _same_origin(headers)
        ):
            return PlainTextResponse("来自其他网站的请求，不予处理 · This came from another site.\n", 403)
        if not self._is_admitted(headers, session) and not path.startswith(_OPEN):
            if path.startswith("/api") or not reads:
                return PlainTextResponse("需要访问口令 · A token is needed.\n", 401, {"WWW-Authenticate": "Bearer"})
            return RedirectResponse("/login", 303)
        if self._read_only and not reads and path != "/login":
            return PlainTextResponse("本工作台只读 · This workbench is read-only.\n", 403)
        return None

    def _is_ours(self, host: str) -> bool:
        """Whether the name is one of ours. An address cannot be rebound to another site, so any is taken."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name.lower() in self._hosts
        return True

    def _is_admitted(self, headers: Headers, session: Session) -> bool:
        kind, _, given = headers.get("authorization", "").partition(" ")
        return self._token is None or session.admitted or (kind.lower() == "bearer" and self.is_token(given))

    def is_token(self, given: str) -> bool:
        """Whether this is the token that was demanded."""
        return self._token is not None and hmac.compare_digest(given.strip().encode(), self._token.encode())


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("发送的内容过大，或中断过久 · Too much was sent, or too slowly.\n", 413, {"Connection": "close"})(
        scope, receive, send
    )


def _cookie_of(headers: Headers) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(_COOKIE)
    except Exception:  # a cookie is a stranger's words, and its parser says so in many ways
        return None
    return found.value if found else None


def _same_origin(headers: Headers) -> bool:
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def session_of(request: Request) -> Session:
    """The request's session."""
    session: Session = request.state.session
    return session


def change_session(request: Request, **changes: Any) -> None:
    """Change the request's session; the answer carries it."""
    request.state.session = replace(session_of(request), **changes)


async def check_form(request: Request) -> None:
    """Refuse a form that is not of this session. A token in the head is no browser's doing, and needs no form's mark.

    Raises:
        BadReview: it is not; the sentence says what to do.
    """
    if request.method in ("GET", "HEAD") or "authorization" in request.headers:
        return
    sessions: Sessions = request.app.state.sessions
    given = request.headers.get("x-form-mark") or str((await request.form()).get("mark", ""))
    if not hmac.compare_digest(given.encode("utf-8", "replace"), sessions.form_mark(session_of(request)).encode()):
        raise BadReview("the page is older than the program's last start; load it again.")


def hosts_of(host: str) -> list[str]:
    """The names by which a browser may call a server at this address."""
    return ["localhost", host, socket.gethostname()]


def check_address(host: str, token: str | None) -> None:
    """Refuse an address that others reach, without a token; and a token that can be guessed.

    Raises:
        BadSettings: so it is.
    """
    try:
        alone = ipaddress.ip_address(host).is_loopback
    except ValueError:
        alone = host == "localhost"
    if not alone and token is None:
        raise BadSettings(
            f"{host} is reached from other machines: give a token in JIXIAO_TOKEN, such as {secrets.token_urlsafe(24)}."
        )
    if token is not None and len(token) < _SHORTEST_TOKEN:
        raise BadSettings(
            f"the token is too short to be safe; give {_SHORTEST_TOKEN} characters, such as {secrets.token_urlsafe(24)}."
        )
