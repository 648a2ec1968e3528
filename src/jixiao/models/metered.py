"""The SDK's own client for a program that asks in its own way (计量): same endpoint, key, timeout and retries, every reply counted.

The count is the one our own engines are held to: the endpoint's, or ours where it gives none.
"""

import json
from threading import Lock
from typing import Any

import openai

from jixiao.settings import Settings
from jixiao.tokens import count_tokens
from jixiao.usage import Usage


class Meter:
    """What went through ``client`` since the last ``start``: calls that were answered, their tokens, their cost.

    A reply to a request tried again is counted once, as it is paid for.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()  # a peer may ask from several threads
        self.usage = Usage()
        self.client = openai.OpenAI(
            base_url=settings.base_url,
            api_key=settings.api_key.get_secret_value() if settings.api_key else "none",
            timeout=settings.timeout,
            max_retries=settings.retries,
            http_client=openai.DefaultHttpxClient(event_hooks={"response": [self._heed]}),
        )

    def start(self) -> None:
        """Count from nothing again."""
        self.usage = Usage()

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _heed(self, response: Any) -> None:
        response.read()
        if response.status_code != 200:
            return
        try:
            asked, given = json.loads(response.request.content), json.loads(response.content)
        except ValueError:
            return
        if not isinstance(given, dict) or "messages" not in asked:
            return
        said = given.get("usage") or {}
        into = said.get("prompt_tokens") or sum(count_tokens(each["content"]) + 4 for each in asked["messages"])
        out = said.get("completion_tokens") or sum(count_tokens(words) for words in _contents(given))
        cached = (said.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        with self._lock:
            self.usage += Usage(
                calls=1,
                prompt_tokens=into,
                cached_tokens=cached,
                completion_tokens=out,
                cost=self._settings.cost_of(into, out),
            )


def _contents(given: dict[str, Any]) -> list[str]:
    messages = [choice.get("message") or {} for choice in given.get("choices") or ()]
    return [words for message in messages if isinstance(words := message.get("content"), str)]
