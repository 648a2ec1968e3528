"""A chunk and a prompt → drafts: asked, taken apart, placed, asked again for what was faulty, split where it was cut.

Whatever an endpoint does, a chunk ends in one of two ways: with drafts, or as a failed chunk with its reason. A fault
in one chunk costs that chunk alone.
"""

import asyncio
import json
from dataclasses import dataclass, field

from jixiao.chunking import Chunk, split_chunk
from jixiao.document import Document
from jixiao.drafts import Draft
from jixiao.errors import EndpointDead, EndpointError, PromptTooLong
from jixiao.models.answers import Fault, Parsed, parse_answer
from jixiao.models.client import Endpoint, Message, Question, Reply
from jixiao.models.drafting import Drafter
from jixiao.models.prompts import Prompt, fenced
from jixiao.records import Lost, Provenance
from jixiao.settings import Mode
from jixiao.tokens import count_tokens

_DEEPEST = 3  # times that a chunk is split
_SEEN_AT_LEAST = 0.5  # of a prompt's tokens, by our count; tokenisers differ, and a cut prompt loses most of it
_AGAIN = "上一次没有得到 json 对象。只输出 json 对象。"


@dataclass(slots=True)
class Asked:
    """What a chunk brought."""

    drafts: list[Draft] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    """The numbers of the shown drafts that the model calls wrong."""
    refused: list[Lost] = field(default_factory=list)
    failed: list[Lost] = field(default_factory=list)

    def take(self, other: "Asked") -> None:
        """Take another part's outcome in."""
        self.drafts += other.drafts
        self.wrong += other.wrong
        self.refused += other.refused
        self.failed += other.failed


class Asker:
    """Asks one model about the chunks of one document."""

    def __init__(self, endpoint: Endpoint, mode: Mode, document: Document, drafter: Drafter) -> None:
        self._endpoint = endpoint
        self._mode = mode
        self._document = document
        self._drafter = drafter

    async def ask(self, chunk: Chunk, prompt: Prompt, shown: str = "") -> Asked:
        """The drafts for a chunk; ``shown`` are drafts to be looked over, a line each.

        Raises:
            EndpointDead: the endpoint is gone, for this chunk and all others.
        """
        return await self._ask(chunk, prompt, shown, 0)

    async def _ask(self, chunk: Chunk, prompt: Prompt, shown: str, depth: int) -> Asked:
        asked = Asked()
        if not chunk.text.strip():
            return asked
        try:
            reply, parsed, attempts = await self._answer(chunk, prompt, shown)
        except EndpointDead:
            raise
        except PromptTooLong as exc:
            return await self._in_parts(chunk, prompt, shown, depth, str(exc))
        except EndpointError as exc:
            asked.failed.append(_lost(chunk, str(exc)))
            return asked
        if parsed is None:
            asked.failed.append(_lost(chunk, _why_none(reply)))
            return asked
        provenance = Provenance(
            model=str(self._endpoint.settings.model),
            prompt=prompt.mark,
            mode=self._mode,
            attempts=attempts,
            repaired=parsed.how != "whole",
            cached=reply.cached,
        )
        drafted = self._drafter.draft(chunk, parsed, provenance)
        asked.drafts, asked.wrong = drafted.drafts, parsed.wrong
        faults = [*parsed.faults, *drafted.faults]
        for _ in range(self._endpoint.settings.repairs):
            if not faults:
                break
            attempts += 1
            faults = await self._mend(
                chunk, prompt, faults, provenance.model_copy(update={"attempts": attempts, "repaired": True}), asked
            )
        asked.refused += [
            Lost(start=chunk.start, end=chunk.end, reason=fault.reason, words=_given(fault)[:200]) for fault in faults
        ]
        if reply.finish == "length":
            asked.take(await self._rest(chunk, prompt, asked.drafts, depth))
        return asked

    async def _answer(self, chunk: Chunk, prompt: Prompt, shown: str) -> tuple[Reply, Parsed | None, int]:
        """The reply, taken apart; asked for once more where there was nothing in it to take apart."""
        question = self._question(chunk, prompt, fenced(chunk.text, path=_path(chunk), header=chunk.header or "", drafts=shown))
        reply = await self._endpoint.ask(question, self._mode)
        if 0 < reply.prompt_tokens < _SEEN_AT_LEAST * question.tokens:
            raise PromptTooLong(
                f"the endpoint read {reply.prompt_tokens} of about {question.tokens} tokens of the prompt; "
                "give the model a larger context (Ollama: num_ctx)."
            )
        if reply.refusal is not None or reply.finish == "content_filter":
            return reply, None, 1
        parsed = parse_answer(reply.text, prompt.answer, cut=reply.finish == "length")
        if parsed.how != "none":
            return reply, parsed, 1
        again = Question(
            question.prompt, (*question.messages, {"role": "user", "content": _AGAIN}), question.schema, question.most_tokens
        )
        reply = await self._endpoint.ask(again, self._mode)
        parsed = parse_answer(reply.text, prompt.answer, cut=reply.finish == "length")
        return reply, parsed if parsed.how != "none" else None, 2

    def _question(self, chunk: Chunk, prompt: Prompt, words: str) -> Question:
        fixed = prompt.fixed_words(with_schema=self._mode in ("json_object", "text"))
        messages: tuple[Message, ...] = ({"role": "system", "content": fixed}, {"role": "user", "content": words})
        # Quotes come back with names around them; more than this is a model that repeats itself.
        most = 400 + int(1.6 * count_tokens(chunk.text))
        return Question(prompt.mark, messages, prompt.schema_sent, most)

    async def _mend(self, chunk: Chunk, prompt: Prompt, faults: list[Fault], provenance: Provenance, asked: Asked) -> list[Fault]:
        """Ask again for the faulty records alone, in a prompt of its own that does not grow; the faults that stay."""
        told = "\n".join(f"{fault.kind} {_given(fault)} —— {fault.reason}" for fault in faults[:20])
        words = f"{fenced(chunk.text, path=_path(chunk), header=chunk.header or '')}\n<faulty>\n{told.replace('</', '＜/')}\n</faulty>\n{prompt.repair.strip()}"
        try:
            reply = await self._endpoint.ask(self._question(chunk, prompt, words), self._mode)
        except EndpointDead:
            raise
        except EndpointError as exc:
            return [Fault(fault.kind, fault.given, f"{fault.reason} (asked again: {exc})") for fault in faults]
        parsed = parse_answer(reply.text, prompt.answer, cut=reply.finish == "length")
        drafted = self._drafter.draft(chunk, parsed, provenance)
        asked.drafts += drafted.drafts
        return faults[len(drafted.drafts) :] if len(drafted.drafts) < len(faults) else []

    async def _rest(self, chunk: Chunk, prompt: Prompt, drafts: list[Draft], depth: int) -> Asked:
        """Go on behind the last record of an answer that was cut."""
        read_to = max((span.end for draft in drafts for span in draft.spans if chunk.start < span.end < chunk.end), default=None)
        if read_to is None:
            return await self._in_parts(chunk, prompt, "", depth, "the answer was cut before its first record.")
        if depth >= _DEEPEST:
            return Asked(failed=[Lost(start=read_to, end=chunk.end, reason="the answer was cut again and again.")])
        parts = split_chunk(self._document, chunk, read_to)
        return await self._ask(parts[-1], prompt, "", depth + 1) if len(parts) > 1 else Asked()

    async def _in_parts(self, chunk: Chunk, prompt: Prompt, shown: str, depth: int, reason: str) -> Asked:
        parts = split_chunk(self._document, chunk) if depth < _DEEPEST else [chunk]
        if len(parts) < 2:
            return Asked(failed=[_lost(chunk, reason)])
        whole = Asked()
        for asked in await asyncio.gather(*(self._ask(part, prompt, shown, depth + 1) for part in parts)):
            whole.take(asked)
        return whole


def _path(chunk: Chunk) -> str:
    return " › ".join(chunk.path)


def _lost(chunk: Chunk, reason: str) -> Lost:
    return Lost(start=chunk.start, end=chunk.end, reason=reason, words=chunk.text[:60])


def _why_none(reply: Reply) -> str:
    if reply.refusal is not None:
        return f"the model refused: {reply.refusal[:120]}"
    if reply.finish == "content_filter":
        return "the provider's content filter stopped the answer."
    return "the answer was blank." if not reply.text.strip() else "there was no JSON in the answer."


def _given(fault: Fault) -> str:
    return json.dumps(fault.given, ensure_ascii=False, separators=(",", ":"))
