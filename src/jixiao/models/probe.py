"""What an endpoint can do (能力), found by asking it: is a schema enforced, or taken and ignored in silence? is a prompt cut?

Each endpoint and model is asked once, with a live request for each mode until one holds and one long prompt; what was
found is remembered in the cache. No table of providers can know this: it changes with the model, the version and the
flags of a server.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from jixiao.errors import EndpointDead, EndpointError, ModeRefused, PromptTooLong
from jixiao.models.cache import Cache
from jixiao.models.client import Dialect, Endpoint, Question, Reply
from jixiao.settings import Mode, Settings
from jixiao.tokens import count_tokens

_MODES: tuple[Mode, ...] = ("json_schema", "json_object", "tools", "text")
_WORD = "k7q"
# All that our own schemas use: a server's grammar may take a plain one and let these pass in silence.
_SCHEMA: dict[str, Any] = {
    "$defs": {
        "Item": {
            "type": "object",
            "properties": {"quote": {"type": "string"}, "label": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
            "required": ["quote", "label"],
            "additionalProperties": False,
        }
    },
    "type": "object",
    "properties": {
        _WORD: {"type": "string", "enum": ["绩效"]},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}},
    },
    "required": [_WORD, "items"],
    "additionalProperties": False,
}
_LINE = "本段文字只为占位，不含任何数据。"
_CUT_BELOW = 0.6  # of the tokens by our own count: tokenisers differ by a fifth, a cut prompt by more


@dataclass(frozen=True, slots=True)
class Abilities:
    """What was found of a model at an endpoint."""

    mode: Mode
    """The strictest mode that holds."""
    tried: dict[str, str]
    """Each mode that was tried, and what came of it, in words."""
    thinks: bool
    """It thinks before it answers, and needs room for that."""
    counts: bool
    """The endpoint says how many tokens the prompt had, so that a cut prompt is noticed."""
    reads: int | None
    """Tokens that it reads of a longer prompt, by our own count; ``None`` where it read all that we would send."""
    limit: str
    dropped: list[str]
    """See :class:`jixiao.models.client.Dialect`."""

    @property
    def dialect(self) -> Dialect:
        return Dialect(self.limit, list(self.dropped), self.thinks)


async def abilities_of(endpoint: Endpoint, *, anew: bool = False) -> Abilities:
    """What the endpoint can do: as remembered, or found by asking. The endpoint speaks its dialect from then on.

    Raises:
        EndpointDead: it answers nothing.
        EndpointError: it answered no request in any mode.
    """
    settings, cache = endpoint.settings, endpoint.cache
    found = None if anew else remembered(settings, cache)
    if found is None:
        found = await _found_out(endpoint, anew)
        cache.remember(str(settings.base_url), str(settings.model), asdict(found))
    endpoint.dialect = found.dialect
    return found


def remembered(settings: Settings, cache: Cache) -> Abilities | None:
    """What an earlier run found, if it found it for the mode that is set now."""
    kept = cache.abilities(str(settings.base_url), str(settings.model))
    if kept is None or (settings.mode is not None and kept["mode"] != settings.mode):
        return None
    try:
        return Abilities(**kept)
    except TypeError:  # an older jixiao remembered other things
        return None


async def _found_out(endpoint: Endpoint, anew: bool) -> Abilities:
    settings = endpoint.settings
    tried: dict[str, str] = {}
    heard: list[Reply] = []
    failure: EndpointError | None = None
    holding: Mode | None = None
    for mode in (settings.mode,) if settings.mode else _MODES:
        try:
            reply = await endpoint.ask(_question(mode), mode, anew=anew)
        except EndpointDead:
            raise
        except EndpointError as exc:
            tried[mode] = f"{'refused' if isinstance(exc, ModeRefused) else 'failed'}: {exc}"
            failure = exc
            continue
        heard.append(reply)
        holds, tried[mode] = _judged(mode, reply.text)
        if holds:
            holding = mode
            break
    if holding is None and heard:
        holding = settings.mode or "text"  # it answers, and keeps to nothing: its text is searched for JSON
    if holding is None:
        raise failure or EndpointError(f"{settings.base_url}: answered in none of the modes {', '.join(tried)}.")
    endpoint.dialect.thinks = any(reply.thought for reply in heard)
    reads, long = await _read_of_a_long_prompt(endpoint, anew)
    tried["long prompt"] = long
    return Abilities(
        mode=holding,
        tried=tried,
        thinks=endpoint.dialect.thinks,
        counts=any(reply.prompt_tokens > 0 for reply in heard),
        reads=reads,
        limit=endpoint.dialect.limit,
        dropped=endpoint.dialect.dropped,
    )


async def _read_of_a_long_prompt(endpoint: Endpoint, anew: bool) -> tuple[int | None, str]:
    """How many tokens of a prompt as long as ours the endpoint reads, and what was seen, in words."""
    lines = (_PROMPT_TOKENS + 2 * endpoint.settings.chunk_tokens) // count_tokens(_LINE)
    words = f"暗号是 {_WORD}。\n" + _LINE * lines + "\n只输出最前面所说的暗号，不要别的。"
    question = Question(({"role": "user", "content": words},), {}, 60)
    try:
        reply = await endpoint.ask(question, "text", anew=anew)
    except PromptTooLong as exc:
        return question.tokens // 2, f"refused {question.tokens} tokens: {exc}"
    except EndpointError as exc:
        return None, f"unknown: {exc}"
    if 0 < reply.prompt_tokens < _CUT_BELOW * question.tokens:
        return reply.prompt_tokens, f"cut to {reply.prompt_tokens} of about {question.tokens} tokens"
    if reply.prompt_tokens == 0 and _WORD not in reply.text.lower():
        return None, "perhaps cut: it does not count tokens, and did not find the first word of a long prompt"
    return None, f"read whole ({question.tokens} tokens)"


_PROMPT_TOKENS = 1600
"""About what our longest fixed part and a sheet of drafts take."""


def _question(mode: Mode) -> Question:
    # The words ask for something else than the schema: only a schema that is enforced brings the schema's answer.
    told = (
        '请只输出一个 json 对象：{"answer":"yes"}'
        if mode == "json_schema"
        else f'请只输出一个 json 对象：{{"{_WORD}":"绩效","items":[]}}'
    )
    return Question(({"role": "user", "content": told},), _SCHEMA, 200)


def _judged(mode: Mode, text: str) -> tuple[bool, str]:
    start, end = text.find("{"), text.rfind("}")
    try:
        value = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        return False, "answered with no JSON"
    if value.get(_WORD) == "绩效":
        return True, "enforced" if mode == "json_schema" else "works"
    return mode != "json_schema", "ignored the schema" if mode == "json_schema" else "works, loosely"
