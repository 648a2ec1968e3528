"""The first questions of many reports as a batch (批量): half the price, an answer within a day; answers go to the cache.

What a batch brings is what live requests would have brought: ``extract`` finds it in the cache, and asks live only for
what had to be mended. OpenAI's Batch API and those that speak it.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import openai

from jixiao.models.cache import key_of
from jixiao.models.client import Endpoint, Question, kept_of
from jixiao.settings import Mode

_MOST_REQUESTS = 50_000
_MOST_BYTES = 190_000_000  # OpenAI's bound is 200 MB a file

ENDED = frozenset({"completed", "failed", "expired", "cancelled"})


@dataclass(frozen=True, slots=True)
class BatchState:
    """A batch as the endpoint tells of it."""

    id: str
    status: str
    total: int
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class Collected:
    """What a batch brought: answers put into the cache, and the requests that failed, each with its reason."""

    id: str
    answers: int
    failures: list[str]


async def submit(endpoint: Endpoint, questions: Sequence[Question], mode: Mode) -> list[str]:
    """Send what is neither answered nor under way as batches; their ids.

    A run killed between sending and remembering finds its batch again by the digest of its keys.

    Raises:
        EndpointError: the endpoint takes no batch, or not this one.
    """
    cache, where = endpoint.cache, str(endpoint.settings.base_url)
    under_way = cache.keys_under_way(where)
    lines: dict[str, bytes] = {}
    for question in questions:
        request = endpoint.request_for(question, mode)
        key = key_of({"endpoint": where, **request})
        if key not in lines and key not in under_way and cache.get(key) is None:
            line = {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": request}
            lines[key] = json.dumps(line, ensure_ascii=False).encode() + b"\n"
    made: list[str] = []
    try:
        for keys in _parts(lines):
            digest = hashlib.sha256("".join(keys).encode()).hexdigest()
            batch_id = await _sent_before(endpoint, digest)
            if batch_id is None:
                content = b"".join(lines[key] for key in keys)
                file = await endpoint.client.files.create(file=(f"jixiao-{digest[:12]}.jsonl", content), purpose="batch")
                batch = await endpoint.client.batches.create(
                    input_file_id=file.id,
                    endpoint="/v1/chat/completions",
                    completion_window="24h",
                    metadata={"jixiao": digest},
                )
                batch_id = batch.id
            cache.remember_batch(where, batch_id, keys)
            made.append(batch_id)
    except openai.OpenAIError as exc:
        raise endpoint.translated(exc) from exc
    return made


def _parts(lines: dict[str, bytes]) -> list[list[str]]:
    """The keys in files of the size that is taken, in an order that does not depend on the reports'."""
    parts: list[list[str]] = []
    size = 0
    for key in sorted(lines):
        if not parts or len(parts[-1]) >= _MOST_REQUESTS or size + len(lines[key]) > _MOST_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(key)
        size += len(lines[key])
    return parts


async def _sent_before(endpoint: Endpoint, digest: str) -> str | None:
    page = await endpoint.client.batches.list(limit=100)
    return next((each.id for each in page.data if (each.metadata or {}).get("jixiao") == digest), None)


async def states(endpoint: Endpoint) -> AsyncIterator[BatchState]:
    """The batches that were submitted and not yet collected, as they stand.

    Raises:
        EndpointError: the endpoint does not tell.
    """
    for batch_id in endpoint.cache.batches(str(endpoint.settings.base_url)):
        try:
            batch = await endpoint.client.batches.retrieve(batch_id)
        except openai.OpenAIError as exc:
            raise endpoint.translated(exc) from exc
        counts = batch.request_counts
        yield BatchState(
            batch.id,
            batch.status,
            counts.total if counts else 0,
            counts.completed if counts else 0,
            counts.failed if counts else 0,
        )


async def collect(endpoint: Endpoint, batch_id: str) -> Collected:
    """Put the answers of a batch that has ended into the cache; what it did not answer is free to be asked again.

    Raises:
        EndpointError: the files cannot be fetched; the batch stays to be collected.
    """
    cache, where = endpoint.cache, str(endpoint.settings.base_url)
    wanted = cache.keys_of_batch(where, batch_id)
    answers, failures = 0, []
    try:
        batch = await endpoint.client.batches.retrieve(batch_id)
        failures = [str(each.message) for each in (batch.errors.data or [])] if batch.errors else []
        for file_id in (batch.output_file_id, batch.error_file_id):
            if file_id is None:
                continue
            content = await endpoint.client.files.content(file_id)
            for line in content.text.splitlines():
                key, kept, reason = _result(line)
                if key not in wanted:
                    continue  # not ours, or no line of a batch
                if kept is None:
                    failures.append(reason)
                else:
                    cache.put(key, kept)
                    endpoint.count(kept)
                    answers += 1
    except openai.OpenAIError as exc:
        raise endpoint.translated(exc) from exc
    cache.forget_batch(where, batch_id)
    return Collected(batch_id, answers, failures)


def _result(line: str) -> tuple[str, dict[str, Any] | None, str]:
    """The key of a line, its answer if it has one, else why not: each line has a status of its own."""
    try:
        told = json.loads(line)
        key, response, error = str(told["custom_id"]), told.get("response") or {}, told.get("error") or {}
    except (ValueError, TypeError, KeyError, AttributeError):
        return "", None, "a line of the result is no JSON object."
    body = response.get("body") or {}
    if response.get("status_code") == 200 and body.get("choices"):
        return key, kept_of(json.loads(json.dumps(body), object_hook=lambda fields: SimpleNamespace(**fields))), ""
    said = error.get("message") or (body.get("error") or {}).get("message") or "no reason given"
    return key, None, f"{response.get('status_code', 'no answer')}: {said}"
