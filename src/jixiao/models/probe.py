"""What an endpoint can do (能力), found by asking it: is a schema enforced, or taken and ignored in silence?

Each endpoint and model is asked once, with a live request for each mode until one holds; what was found is remembered
in the cache. No table of providers can know this: it changes with the model, the version and the flags of a server.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

from jixiao.errors import EndpointDead, EndpointError, ModeRefused
from jixiao.models.cache import Cache
from jixiao.models.client import Endpoint, Question
from jixiao.settings import Mode, Settings

_MODES: tuple[Mode, ...] = ("json_schema", "json_object", "tools", "text")
_WORD = "k7q"
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {_WORD: {"type": "string", "enum": ["绩效"]}},
    "required": [_WORD],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Abilities:
    """What was found of a model at an endpoint."""

    mode: Mode
    """The strictest mode that holds."""
    tried: dict[str, str]
    """Each mode that was tried, and what came of it, in words."""
    thinks: bool
    """Thinking stands in the answer, and has to be cut off."""
    counts: bool
    """The endpoint says how many tokens the prompt had, so that a cut prompt is noticed."""


async def abilities_of(endpoint: Endpoint, *, anew: bool = False) -> Abilities:
    """What the endpoint can do: as remembered, or found by asking.

    Raises:
        EndpointDead: it answers nothing.
        EndpointError: it answered no request in any mode.
    """
    settings, cache = endpoint.settings, endpoint.cache
    kept = None if anew else remembered(settings, cache)
    if kept is not None:
        return kept
    tried: dict[str, str] = {}
    thinks = counts = False
    failure: EndpointError | None = None
    for mode in (settings.mode,) if settings.mode else _MODES:
        try:
            reply = await endpoint.ask(_question(mode), mode)
        except EndpointDead:
            raise
        except ModeRefused as exc:
            tried[mode] = f"refused: {exc}"
            failure = exc
            continue
        except EndpointError as exc:
            tried[mode] = f"failed: {exc}"
            failure = exc
            continue
        thinks = thinks or "<think>" in reply.text
        counts = counts or reply.prompt_tokens > 0
        holds, tried[mode] = _judged(mode, reply.text)
        if holds:
            found = Abilities(mode, tried, thinks, counts)
            cache.remember(str(settings.base_url), str(settings.model), asdict(found))
            return found
    if settings.mode is None and any("ignored" in said or "no JSON" in said for said in tried.values()):
        # It answers, and keeps to nothing: its text is searched for JSON.
        found = Abilities("text", tried, thinks, counts)
        cache.remember(str(settings.base_url), str(settings.model), asdict(found))
        return found
    raise failure or EndpointError(f"{settings.base_url}: answered in none of the modes {', '.join(tried)}.")


def remembered(settings: Settings, cache: Cache) -> Abilities | None:
    """What an earlier run found, if it found it for the mode that is set now."""
    kept = cache.abilities(str(settings.base_url), str(settings.model))
    if kept is None or (settings.mode is not None and kept["mode"] != settings.mode):
        return None
    return Abilities(**kept)


def _question(mode: Mode) -> Question:
    # The words ask for something else than the schema: only a schema that is enforced brings the schema's answer.
    wanted = "yes" if mode == "json_schema" else "绩效"
    told = (
        f'请只输出一个 json 对象：{{"answer":"{wanted}"}}'
        if mode == "json_schema"
        else f'请只输出一个 json 对象：{{"{_WORD}":"{wanted}"}}'
    )
    return Question("probe@1", ({"role": "user", "content": told},), _SCHEMA, 200)


def _judged(mode: Mode, text: str) -> tuple[bool, str]:
    start, end = text.rfind("{"), text.rfind("}")
    try:
        value = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        return False, "answered with no JSON"
    if value == {_WORD: "绩效"}:
        return True, "enforced" if mode == "json_schema" else "works"
    return mode != "json_schema", "ignored the schema" if mode == "json_schema" else "works, loosely"
