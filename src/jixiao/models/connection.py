"""The line to an OpenAI-compatible endpoint (连接): paced, bounded, counted. Retries are the SDK's, pacing is aiolimiter's.

Errors of the SDK end here: what comes out is an answer or one of our own errors, and never a key. Knows not what is asked.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from copy import copy
from decimal import Decimal
from typing import Any, Self

import openai
from aiolimiter import AsyncLimiter

from jixiao.errors import BadSettings, BudgetSpent, EndpointDead, EndpointError, ModeRefused, PromptTooLong
from jixiao.settings import LOCAL, EndpointSettings
from jixiao.usage import Usage


class Connection:
    """A model at an endpoint. Use it in one event loop, and close it there.

    Raises:
        BadSettings: its provider wants a key and there is none.
    """

    def __init__(self, settings: EndpointSettings) -> None:
        key = settings.api_key.get_secret_value() if settings.api_key else "none"
        if settings.api_key is None and settings.provider is not None and settings.provider not in LOCAL:
            raise BadSettings(f"{settings.provider} wants a key: set the environment variable {settings.key_variable}.")
        self._at = settings
        self.usage = Usage()
        self.slots = Slots(settings.concurrency)
        self._meters: tuple[Connection, ...] = (self,)
        self._line = _Line()
        self.client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            api_key=key,
            timeout=settings.timeout,
            max_retries=settings.retries,
            http_client=openai.DefaultAsyncHttpxClient(
                event_hooks={"request": [self._pace], "response": [self.slots.heed, self._read_in_time]}
            ),
        )
        self._requests = AsyncLimiter(1, 60 / settings.rpm) if settings.rpm else None
        self._tokens = AsyncLimiter(settings.tpm, 60) if settings.tpm else None

    def metered(self) -> Self:
        """The same endpoint with a ``usage`` of its own, which counts in this one's too."""
        other = copy(self)
        other.usage = Usage()
        other._meters = (*self._meters, other)
        return other

    async def close(self) -> None:
        """Close the connections."""
        await self.client.close()

    async def models(self) -> list[str]:
        """The models that the endpoint lists; none where it does not tell."""
        try:
            return [model.id async for model in self.client.models.list()]
        except (openai.OpenAIError, ValueError):
            return []

    async def send(self, tokens: int, request: Callable[[], Awaitable[Any]]) -> Any:
        """What the SDK answers to ``request``, which costs ``tokens`` at most.

        Raises:
            EndpointDead: no request of this run will be answered. Said again at once for each later one.
            PromptTooLong, ModeRefused, BudgetSpent: as their names say.
            EndpointError: this request failed after all retries.
        """
        if self._line.dead is not None:
            raise self._line.dead
        self._refuse_beyond_budget(tokens)
        if self._tokens is not None:
            await self._tokens.acquire(min(tokens, int(self._tokens.max_rate)))
        self._line.promised += tokens
        try:
            answer = await self._answered(request)
        except openai.OpenAIError as exc:
            raise self.translated(exc) from exc
        finally:
            self._line.promised -= tokens
        self._line.failures = 0
        return answer

    async def _answered(self, request: Callable[[], Awaitable[Any]]) -> Any:
        """What the endpoint answers; a body that is no JSON is asked for once more, which the SDK does not do."""
        try:
            return await request()
        except ValueError:
            try:
                return await request()
            except ValueError as exc:
                raise EndpointError(f"{self._at.base_url}: the answer is no JSON ({self._safe(exc)}).") from exc

    async def _pace(self, request: Any) -> None:
        """Each request waits its turn, the SDK's second tries too."""
        if self._requests is not None:
            await self._requests.acquire()

    async def _read_in_time(self, response: Any) -> None:
        """Read the body within the timeout as a whole: the SDK's holds for each piece, and a slow drip never ends it."""
        try:
            async with asyncio.timeout(self._at.timeout):
                await response.aread()
        except TimeoutError as exc:
            raise openai.APITimeoutError(request=response.request) from exc
        if response.status_code >= 500 and _TOO_LARGE in response.text:
            response.headers["x-should-retry"] = "false"  # the SDK takes it for a fault that passes

    def _refuse_beyond_budget(self, wanted: int) -> None:
        """Stop before the budget is overrun, calls under way counted in full."""
        settings, used, promised = self._at, self._meters[0].usage, self._line.promised
        spent = used.prompt_tokens + used.completion_tokens + promised
        if settings.max_tokens is not None and spent + wanted > settings.max_tokens:
            raise BudgetSpent(f"the budget of {settings.max_tokens} tokens is spent; raise it with --max-tokens.")
        cost = settings.cost_of(wanted + promised, 0) if settings.max_cost is not None else None
        if settings.max_cost is not None and (used.cost or Decimal(0)) + (cost or Decimal(0)) > settings.max_cost:
            raise BudgetSpent(f"the budget of {settings.max_cost} is spent; raise it with --max-cost.")

    def _add(self, used: Usage) -> None:
        for meter in self._meters:
            meter.usage += used

    def translated(self, exc: openai.OpenAIError) -> EndpointError:
        """Our own error for the SDK's. One that ends the run is kept, to be said at once to whoever asks next."""
        where, line = self._at.base_url, self._line
        if isinstance(exc, openai.AuthenticationError | openai.PermissionDeniedError):
            line.dead = EndpointDead(f"{where}: refuses the key; set {self._at.key_variable} to one that it takes.")
            return line.dead
        if isinstance(exc, openai.NotFoundError):
            line.dead = EndpointDead(f"{where}: has no model {self._at.model}, or no such address; see `jixiao doctor`.")
            return line.dead
        if isinstance(exc, openai.APIStatusError):
            said = self._safe(exc)
            if (exc.status_code in (400, 413, 422) and _CONTEXT.search(said)) or _TOO_LARGE in said:
                return PromptTooLong(f"{where}: the prompt is too long for the model ({said}).")
            if exc.status_code in (400, 422) and (found := _PARAMETER.search(said)) and self._adapt(found[1].lower()):
                return Adapted(f"{where}: {said}.")
            if exc.status_code in (400, 422) and _MODE.search(said):
                return ModeRefused(f"{where}: {said}.")
            if exc.status_code < 500 and exc.status_code != 429:
                return Refused(f"{where}: {exc.status_code} {said}.")
            error = EndpointError(f"{where}: {exc.status_code} {said}.")
        elif isinstance(exc, openai.APITimeoutError):
            error = EndpointError(f"{where}: no answer within {self._at.timeout:g} s; raise --timeout.")
        elif isinstance(exc, openai.APIConnectionError):
            error = EndpointError(f"{where}: the connection failed ({self._safe(exc.__cause__ or exc)}); is it running?")
        else:
            return EndpointError(f"{where}: {self._safe(exc)}.")
        line.failures += 1
        if line.failures >= _DEAD_AFTER:
            line.dead = EndpointDead(
                f"{error} {line.failures} requests in a row had no answer, each tried {self._at.retries + 1} times"
            )
            return line.dead
        return error

    def _safe(self, exc: BaseException) -> str:
        """An error's words in one short line, with nothing in them that is or could be a key."""
        body = getattr(exc, "body", None)
        said = body.get("message") if isinstance(body, dict) and isinstance(body.get("message"), str) else str(exc)
        line = " ".join(str(said).split())
        if self._at.api_key is not None:
            line = line.replace(self._at.api_key.get_secret_value(), "…")
        return _KEY.sub("…", line)[:200].rstrip(".")

    def _adapt(self, parameter: str) -> bool:
        """Do without a parameter that the endpoint refuses, if that is possible and news."""
        return False


class Refused(EndpointError):
    """The endpoint calls this request wrong, and would every time."""


class Adapted(EndpointError):
    """The endpoint refused a parameter that it will not be sent again: ask once more."""


_DEAD_AFTER = 3
"""Requests in a row without an answer, each with all its retries, after which an endpoint is held to be gone."""


class _Line:
    """What all meters of an endpoint share."""

    def __init__(self) -> None:
        self.dead: EndpointDead | None = None
        self.failures = 0
        self.promised = 0
        """Tokens of the calls under way, at most."""
        self.under_way: dict[str, asyncio.Future[None]] = {}
        """The questions being asked, by their keys."""


_CONTEXT = re.compile(
    r"context|too long|maximum.{0,20}(?:length|tokens)|max_model_len|n_ctx|token limit|input length",
    re.IGNORECASE,
)
_TOO_LARGE = "too large to process"
"""What llama.cpp says, with status 500, of a text that is longer than its physical batch."""
_PARAMETER = re.compile(
    r"(?:unsupported|not support|invalid|unknown|unrecognized)[^.]*?\b(max_tokens|temperature)\b", re.IGNORECASE
)
_MODE = re.compile(r"response_format|json_schema|json_object|schema|tool|function|grammar|strict", re.IGNORECASE)
_KEY = re.compile(r"(?:sk|ak|key|Bearer)[-_ ][^\s'\"]{6,}", re.IGNORECASE)


class Slots:
    """Requests under way at once (并发): as many as asked for, half as many after a 429, slowly more again."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.allowed = float(most)
        self._busy = 0
        self._waiting: list[asyncio.Future[None]] = []

    async def __aenter__(self) -> None:
        while self._busy >= int(self.allowed):
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        self._busy += 1

    async def __aexit__(self, *_: object) -> None:
        self._busy -= 1
        self._wake()

    def _wake(self) -> None:
        free = int(self.allowed) - self._busy
        while free > 0 and self._waiting:
            turn = self._waiting.pop(0)
            if not turn.done():
                turn.set_result(None)
                free -= 1

    async def heed(self, response: Any) -> None:
        """Look at a response on its way in: additive increase, multiplicative decrease, as TCP does it (RFC 5681)."""
        if response.status_code == 429:
            self.allowed = max(1.0, self.allowed / 2)
        elif response.status_code < 400 and self.allowed < self.most:
            self.allowed = min(float(self.most), self.allowed + 1 / self.allowed)
            self._wake()
