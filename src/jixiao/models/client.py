"""An OpenAI-compatible endpoint, asked: bounded, paced, cached, counted. Retries are the SDK's, pacing is aiolimiter's.

Errors of the SDK end here: what comes out is a reply or one of our own errors, and never a key.
"""

import asyncio
import re
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import openai
from aiolimiter import AsyncLimiter

from jixiao.errors import BadSettings, BudgetSpent, EndpointDead, EndpointError, ModeRefused, PromptTooLong
from jixiao.models.cache import Cache, key_of
from jixiao.settings import LOCAL, Mode, Settings
from jixiao.tokens import count_tokens
from jixiao.usage import Usage

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One request: a prompt's messages, the JSON schema of the answer, and how many tokens it may take."""

    messages: tuple[Message, ...]
    schema: dict[str, Any]
    most_tokens: int
    """That the answer itself may take; thinking comes on top of it."""

    @property
    def tokens(self) -> int:
        """The prompt's tokens by our own count, which differs a little from the model's."""
        return sum(count_tokens(message["content"]) + 4 for message in self.messages)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    text: str
    finish: str
    """``stop``, ``length``, or what else the endpoint said."""
    refusal: str | None
    prompt_tokens: int
    """As the endpoint counted them; 0 where it does not say."""
    thought: bool
    """Whether it thought before it answered."""
    cached: bool


@dataclass(slots=True)
class Dialect:
    """Where endpoints differ in what they take (方言): found out by asking, the same for all requests from then on."""

    limit: str = "max_tokens"
    """The parameter that bounds an answer; OpenAI's newer models take ``max_completion_tokens`` alone."""
    dropped: list[str] = field(default_factory=list)
    """Parameters that it refuses: ``temperature`` of models that think."""
    thinks: bool = False
    """It thinks before it answers, and what it thinks counts in the bound."""


class Endpoint:
    """A model at an endpoint. Use it in one event loop, and close it there.

    Raises:
        BadSettings: no model is configured, or its provider wants a key and there is none.
    """

    def __init__(self, settings: Settings, cache: Cache) -> None:
        if not settings.is_configured:
            raise BadSettings("no model is configured; say --model and --base-url, or a provider: see `jixiao doctor`.")
        key = settings.api_key.get_secret_value() if settings.api_key else "none"
        if settings.api_key is None and settings.provider is not None and settings.provider not in LOCAL:
            raise BadSettings(f"{settings.provider} wants a key: set the environment variable {settings.key_variable}.")
        self.settings = settings
        self.cache = cache
        self.usage = Usage()
        self.dialect = Dialect()
        self.slots = Slots(settings.concurrency)
        self._meters: tuple[Endpoint, ...] = (self,)
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

    def metered(self) -> "Endpoint":
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

    async def ask(self, question: Question, mode: Mode, *, anew: bool = False) -> Reply:
        """The reply to ``question``, from the cache where it was given before and is not wanted ``anew``.

        Raises:
            EndpointDead: no request of this run will be answered. Said again at once for each later question.
            PromptTooLong, ModeRefused, BudgetSpent: as their names say.
            EndpointError: this request failed after all retries.
        """
        request = self.request_for(question, mode)
        key = key_of({"endpoint": self.settings.base_url, **request})
        if key in self._line.under_way:  # another report asks the same: a page that all of them have
            await asyncio.wait([self._line.under_way[key]])
        kept = None if anew else self.cache.get(key)
        if kept is not None:
            self._add(Usage(cached_calls=1))
            return _reply(kept, mode, cached=True)
        answered = self._line.under_way[key] = asyncio.get_running_loop().create_future()
        try:
            async with self.slots:
                kept = await self._send(question, request)
            self.cache.put(key, kept)
        except Adapted:
            return await self.ask(question, mode, anew=anew)
        finally:
            answered.set_result(None)
            if self._line.under_way.get(key) is answered:
                del self._line.under_way[key]
        await asyncio.sleep(_GIVE_WAY)
        return _reply(kept, mode, cached=False)

    def request_for(self, question: Question, mode: Mode) -> dict[str, Any]:
        """The request as it is sent: what the answer in the cache is known by."""
        return _request(question, mode, str(self.settings.model), self.dialect)

    async def _send(self, question: Question, request: dict[str, Any]) -> dict[str, Any]:
        if self._line.dead is not None:
            raise self._line.dead
        wanted = question.tokens + question.most_tokens
        self._refuse_beyond_budget(wanted)
        if self._tokens is not None:
            await self._tokens.acquire(min(wanted, int(self._tokens.max_rate)))
        self._line.promised += wanted
        try:
            completion = await self._completion(request)
        except openai.OpenAIError as exc:
            raise self.translated(exc) from exc
        finally:
            self._line.promised -= wanted
        self._line.failures = 0
        kept = kept_of(completion)
        self.count(kept, question)
        return kept

    async def _completion(self, request: dict[str, Any]) -> Any:
        """What the endpoint answers; a body that is no JSON is asked for once more, which the SDK does not do."""
        try:
            return await self.client.chat.completions.create(**request)
        except ValueError:
            try:
                return await self.client.chat.completions.create(**request)
            except ValueError as exc:
                raise EndpointError(f"{self.settings.base_url}: the answer is no JSON ({self._safe(exc)}).") from exc

    async def _pace(self, request: Any) -> None:
        """Each request waits its turn, the SDK's second tries too."""
        if self._requests is not None:
            await self._requests.acquire()

    async def _read_in_time(self, response: Any) -> None:
        """Read the body within the timeout as a whole: the SDK's holds for each piece, and a slow drip never ends it."""
        try:
            async with asyncio.timeout(self.settings.timeout):
                await response.aread()
        except TimeoutError as exc:
            raise openai.APITimeoutError(request=response.request) from exc

    def _refuse_beyond_budget(self, wanted: int) -> None:
        """Stop before the budget is overrun, calls under way counted in full."""
        settings, used, promised = self.settings, self._meters[0].usage, self._line.promised
        spent = used.prompt_tokens + used.completion_tokens + promised
        if settings.max_tokens is not None and spent + wanted > settings.max_tokens:
            raise BudgetSpent(f"the budget of {settings.max_tokens} tokens is spent; raise it with --max-tokens.")
        cost = settings.cost_of(wanted + promised, 0) if settings.max_cost is not None else None
        if settings.max_cost is not None and (used.cost or Decimal(0)) + (cost or Decimal(0)) > settings.max_cost:
            raise BudgetSpent(f"the budget of {settings.max_cost} is spent; raise it with --max-cost.")

    def count(self, kept: dict[str, Any], question: Question | None = None) -> None:
        """Count what an answer cost: as the endpoint says, else by our own count."""
        given = kept["usage"]
        into = given.get("prompt_tokens") or (question.tokens if question is not None else 0)
        out = given.get("completion_tokens") or count_tokens(kept["text"] or "")
        self._add(
            Usage(
                calls=1,
                prompt_tokens=into,
                cached_tokens=given.get("cached_tokens") or 0,
                completion_tokens=out,
                cost=self.settings.cost_of(into, out),
            )
        )

    def _add(self, used: Usage) -> None:
        for meter in self._meters:
            meter.usage += used

    def translated(self, exc: openai.OpenAIError) -> EndpointError:
        """Our own error for the SDK's. One that ends the run is kept, to be said at once to whoever asks next."""
        where, line = self.settings.base_url, self._line
        if isinstance(exc, openai.AuthenticationError | openai.PermissionDeniedError):
            line.dead = EndpointDead(f"{where}: refuses the key; set {self.settings.key_variable} to one that it takes.")
            return line.dead
        if isinstance(exc, openai.NotFoundError):
            line.dead = EndpointDead(f"{where}: has no model {self.settings.model}, or no such address; see `jixiao doctor`.")
            return line.dead
        if isinstance(exc, openai.APIStatusError):
            said = self._safe(exc)
            if exc.status_code in (400, 413, 422) and _CONTEXT.search(said):
                return PromptTooLong(f"{where}: the prompt is too long for the model ({said}).")
            if exc.status_code in (400, 422) and (found := _PARAMETER.search(said)) and self._adapt(found[1].lower()):
                return Adapted(f"{where}: {said}.")
            if exc.status_code in (400, 422) and _MODE.search(said):
                return ModeRefused(f"{where}: {said}.")
            if exc.status_code < 500 and exc.status_code != 429:
                return EndpointError(f"{where}: {exc.status_code} {said}.")
            error = EndpointError(f"{where}: {exc.status_code} {said}.")
        elif isinstance(exc, openai.APITimeoutError):
            error = EndpointError(f"{where}: no answer within {self.settings.timeout:g} s; raise --timeout.")
        elif isinstance(exc, openai.APIConnectionError):
            error = EndpointError(f"{where}: the connection failed ({self._safe(exc.__cause__ or exc)}); is it running?")
        else:
            return EndpointError(f"{where}: {self._safe(exc)}.")
        line.failures += 1
        if line.failures >= _DEAD_AFTER:
            line.dead = EndpointDead(
                f"{error} {line.failures} requests in a row had no answer, each tried {self.settings.retries + 1} times"
            )
            return line.dead
        return error

    def _safe(self, exc: BaseException) -> str:
        """An error's words in one short line, with nothing in them that is or could be a key."""
        body = getattr(exc, "body", None)
        said = body.get("message") if isinstance(body, dict) and isinstance(body.get("message"), str) else str(exc)
        line = " ".join(str(said).split())
        if self.settings.api_key is not None:
            line = line.replace(self.settings.api_key.get_secret_value(), "…")
        return _KEY.sub("…", line)[:200].rstrip(".")

    def _adapt(self, parameter: str) -> bool:
        """Do without a parameter that the endpoint refuses, if that is possible and news."""
        if parameter == "max_tokens" and self.dialect.limit == "max_tokens":
            self.dialect.limit = "max_completion_tokens"
            return True
        if parameter == "temperature" and parameter not in self.dialect.dropped:
            self.dialect.dropped.append(parameter)
            return True
        return False


class Adapted(EndpointError):
    """The endpoint refused a parameter that it will not be sent again: ask once more."""


_GIVE_WAY = 0.02
"""Seconds before an answer is looked into: the slot that it leaves goes to the next question first."""
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
    r"context|too long|maximum.{0,20}(?:length|tokens)|max_model_len|n_ctx|token limit|input length", re.IGNORECASE
)
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


_ROOM_TO_THINK = 4096


def _request(question: Question, mode: Mode, model: str, dialect: Dialect) -> dict[str, Any]:
    """The request as the SDK sends it."""
    request: dict[str, Any] = {
        "model": model,
        "messages": list(question.messages),
        dialect.limit: question.most_tokens + (_ROOM_TO_THINK if dialect.thinks else 0),
    }
    if "temperature" not in dialect.dropped:
        request["temperature"] = 0
    match mode:
        case "json_schema":
            schema = {"name": "records", "strict": True, "schema": question.schema}
            request["response_format"] = {"type": "json_schema", "json_schema": schema}
        case "json_object":
            request["response_format"] = {"type": "json_object"}
        case "tools":
            function = {"name": "records", "description": "交回抽取的记录", "parameters": question.schema}
            request["tools"] = [{"type": "function", "function": function}]
            request["tool_choice"] = {"type": "function", "function": {"name": "records"}}
        case "text":
            pass
    return request


def kept_of(completion: Any) -> dict[str, Any]:
    """What is worth keeping of a completion, whatever of it is there: endpoints leave out what the SDK's types promise."""
    choices = getattr(completion, "choices", None) or []
    usage = getattr(completion, "usage", None)
    details = getattr(usage, "prompt_tokens_details", None)
    kept: dict[str, Any] = {
        "finish": "empty",
        "text": None,
        "thought": None,
        "refusal": None,
        "usage": {
            "prompt_tokens": getattr(usage, "prompt_tokens", None),
            "completion_tokens": getattr(usage, "completion_tokens", None),
            "cached_tokens": getattr(details, "cached_tokens", None),
            "reasoning_tokens": getattr(getattr(usage, "completion_tokens_details", None), "reasoning_tokens", None),
        },
    }
    if not choices:
        return kept
    message = getattr(choices[0], "message", None)
    calls = getattr(message, "tool_calls", None) or []
    called = [getattr(getattr(call, "function", None), "arguments", None) for call in calls]
    content = getattr(message, "content", None)
    kept |= {
        "finish": getattr(choices[0], "finish_reason", None) or "stop",
        "text": next((words for words in called if isinstance(words, str)), content if isinstance(content, str) else None),
        "thought": getattr(message, "reasoning_content", None),
        "refusal": getattr(message, "refusal", None),
    }
    return kept


def _reply(kept: dict[str, Any], mode: Mode, *, cached: bool) -> Reply:
    text = kept["text"]
    if not text and isinstance(kept["thought"], str) and mode != "text":
        text = kept["thought"]  # vLLM may put the constrained answer there, and leave the content empty
    thought = bool(kept["thought"]) or bool(kept["usage"].get("reasoning_tokens")) or "<think>" in (text or "")
    return Reply(text or "", kept["finish"], kept["refusal"], kept["usage"].get("prompt_tokens") or 0, thought, cached)
