"""An OpenAI-compatible endpoint, asked for answers: its dialect found out, every answer cached and counted."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from jixiao.errors import BadSettings
from jixiao.models.cache import Cache, key_of
from jixiao.models.connection import Adapted, Connection
from jixiao.settings import Mode, Settings
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


class Endpoint(Connection):
    """A model that answers questions, at an endpoint. Use it in one event loop, and close it there.

    Raises:
        BadSettings: no model is configured, or its provider wants a key and there is none.
    """

    def __init__(self, settings: Settings, cache: Cache) -> None:
        if not settings.is_configured:
            raise BadSettings("no model is configured; say --model and --base-url, or a provider: see `jixiao doctor`.")
        super().__init__(settings)
        self.settings = settings
        self.cache = cache
        self.dialect = Dialect()

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
        tokens = question.tokens + question.most_tokens
        kept = kept_of(await self.send(tokens, lambda: self.client.chat.completions.create(**request)))
        self.count(kept, question)
        return kept

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

    def _adapt(self, parameter: str) -> bool:
        """Do without a parameter that the endpoint refuses, if that is possible and news."""
        if parameter == "max_tokens" and self.dialect.limit == "max_tokens":
            self.dialect.limit = "max_completion_tokens"
            return True
        if parameter == "temperature" and parameter not in self.dialect.dropped:
            self.dialect.dropped.append(parameter)
            return True
        return False


_GIVE_WAY = 0.02
"""Seconds before an answer is looked into: the slot that it leaves goes to the next question first."""
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
