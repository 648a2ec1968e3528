"""A summary, cases and settings → the summary in a configured model's words. The seam to ``jixiao.models``; loads openai."""

from collections.abc import Sequence

from jixiao.audit import Case
from jixiao.models.cache import Cache
from jixiao.models.client import Endpoint, Question
from jixiao.models.probe import abilities_of
from jixiao.models.prompts import load_prompt
from jixiao.settings import Settings
from jixiao.summary.parts import Summary
from jixiao.summary.writer import write
from jixiao.usage import Usage

_MOST_TOKENS = 1600


async def write_summary(summary: Summary, cases: Sequence[Case], settings: Settings) -> tuple[Summary, Usage]:
    """The summary as the model writes it, where it can be trusted, and what that cost.

    Raises:
        BadSettings: no model is configured.
        EndpointDead: the endpoint is gone.
        EndpointError: it answers in no mode.
    """
    kept = Cache(settings.cache)
    endpoint = Endpoint(settings, kept)
    try:
        abilities = await abilities_of(endpoint)

        async def ask(system: str, words: str) -> str:
            messages = ({"role": "system", "content": system}, {"role": "user", "content": words})
            return (await endpoint.ask(Question(messages, load_prompt("summary").schema_sent, _MOST_TOKENS), abilities.mode)).text

        written = await write(summary, cases, ask, str(settings.model))
        return written, endpoint.usage
    finally:
        await endpoint.close()
        kept.close()
