"""A chunk and a prompt → drafts: asked, taken apart, placed, asked again for what was faulty, split where it was cut.

Whatever an endpoint does, a chunk ends in one of two ways: with drafts, or as a failed chunk with its reason. A fault
in one chunk costs that chunk alone.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from rapidfuzz.distance import Indel

from jixiao.chunking import Chunk, split_chunk
from jixiao.document import Document, Span
from jixiao.drafts import Draft
from jixiao.errors import EndpointDead, EndpointError, PromptTooLong
from jixiao.models.answers import Fault, Parsed, parse_answer
from jixiao.models.client import Endpoint, Message, Question, Reply
from jixiao.models.drafting import Drafter
from jixiao.models.prompts import Prompt, fenced
from jixiao.orders import covered
from jixiao.records import Lost, Provenance
from jixiao.settings import Mode
from jixiao.tokens import count_tokens

_DEEPEST = 2  # times that a chunk is split
_STUCK = 3  # records said again in an answer that was cut: it would go on so
_SEEN_AT_LEAST = 0.5  # of a prompt's tokens, by our count; tokenisers differ, and a cut prompt loses most of it
_AGAIN = "上一次没有得到 json 对象。只输出 json 对象。"
_ANSWER_AT_LEAST = 300
"""Tokens that any answer may take: its empty lists, and a few records."""
_REPAIRED_AT_ONCE = 20
"""Faulty records that go back in one request."""
_RECORD_TOKENS = 150
"""That a mended record may take."""

Shown = Callable[[Span], str]
"""The drafts to be looked over in a stretch of the text, a line each."""


@dataclass(slots=True)
class Asked:
    """What a chunk brought."""

    drafts: list[Draft] = field(default_factory=list)
    wrong: set[int] = field(default_factory=set)
    """The numbers of the shown drafts that the model calls wrong."""
    answered: list[tuple[Span, Provenance]] = field(default_factory=list)
    """The stretches that the model answered for, each with how."""
    faulty: list["Faulty"] = field(default_factory=list)
    """Records that could not be taken, and may go back to the model: see :meth:`Asker.mend`."""
    refused: list[Lost] = field(default_factory=list)
    failed: list[Lost] = field(default_factory=list)

    def take(self, other: "Asked") -> None:
        """Take another part's outcome in."""
        self.drafts += other.drafts
        self.wrong |= other.wrong
        self.answered += other.answered
        self.faulty += other.faulty
        self.refused += other.refused
        self.failed += other.failed


@dataclass(frozen=True, slots=True)
class Faulty:
    """The faulty records of one answer, and what they were asked about with."""

    chunk: Chunk
    prompt: Prompt
    faults: list[Fault]
    provenance: Provenance


class Asker:
    """Asks one model about the chunks of one document."""

    def __init__(self, endpoint: Endpoint, mode: Mode, document: Document, drafter: Drafter) -> None:
        self._endpoint = endpoint
        self._mode = mode
        self._document = document
        self._drafter = drafter

    async def ask(self, chunk: Chunk, prompt: Prompt, shown: Shown = lambda span: "", *, go_on: bool = True) -> Asked:
        """The drafts for a chunk, faulty records not yet mended; without ``go_on``, what one answer brings and no more.

        Raises:
            EndpointDead: the endpoint is gone, for this chunk and all others.
        """
        return await self._ask(chunk, prompt, shown, 0 if go_on else _DEEPEST)

    async def mend(self, asked: Asked, times: int | None = None) -> None:
        """Ask again for what was faulty, as often as the settings say or ``times``; what stays faulty is refused.

        Raises:
            EndpointDead: as :meth:`ask`.
        """
        for faulty in asked.faulty:
            faults = faulty.faults
            for number in range(self._endpoint.settings.repairs if times is None else times):
                if not faults:
                    break
                attempts = faulty.provenance.attempts + number + 1
                how = faulty.provenance.model_copy(update={"attempts": attempts, "repaired": True})
                faults = await self._mend(faulty.chunk, faulty.prompt, faults, how, asked)
            asked.refused += [_lost(faulty.chunk, fault.reason, _given(fault)) for fault in faults]
        asked.faulty = []

    def question(self, chunk: Chunk, prompt: Prompt, shown: Shown = lambda span: "") -> Question:
        """The first question about a chunk: what is fixed comes first, the report's words are fenced as data."""
        return self._question(chunk, prompt, self._words(chunk, shown(Span(chunk.start, chunk.end))))

    async def _ask(self, chunk: Chunk, prompt: Prompt, shown: Shown, depth: int) -> Asked:
        asked = Asked()
        if not chunk.text.strip():
            return asked
        try:
            reply, parsed, attempts = await self._answer(self.question(chunk, prompt, shown), prompt)
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
        asked.drafts, asked.wrong = drafted.drafts, set(parsed.wrong)
        if parsed.repeated:
            asked.refused.append(_lost(chunk, f"the model repeated records that it had given: {parsed.repeated} times."))
        if faults := [*parsed.faults, *drafted.faults]:
            asked.faulty.append(Faulty(chunk, prompt, faults, provenance))
        if reply.finish != "length" or (depth >= _DEEPEST and parsed.broke_off_in not in (None, "wrong")):
            asked.answered.append((Span(chunk.start, chunk.end), provenance))
        if reply.finish == "length":
            asked.take(await self._rest(chunk, prompt, shown, depth, parsed, asked.drafts))
        return asked

    async def _answer(self, question: Question, prompt: Prompt) -> tuple[Reply, Parsed | None, int]:
        """The reply, taken apart; asked for once more where there was nothing in it to take apart."""
        reply = await self._endpoint.ask(question, self._mode)
        if 0 < reply.prompt_tokens < _SEEN_AT_LEAST * question.tokens:
            raise PromptTooLong(
                f"the endpoint read {reply.prompt_tokens} of about {question.tokens} tokens of the prompt; "
                "give the model a larger context (Ollama: num_ctx)."
            )
        if reply.refusal is not None or reply.finish == "content_filter":
            return reply, None, 1
        cut = reply.finish == "length"
        parsed = parse_answer(reply.text, prompt.answer, cut=cut)
        if parsed.how != "none" or cut:
            return reply, parsed, 1
        again = Question((*question.messages, {"role": "user", "content": _AGAIN}), question.schema, question.most_tokens)
        reply = await self._endpoint.ask(again, self._mode)
        parsed = parse_answer(reply.text, prompt.answer, cut=reply.finish == "length")
        return reply, parsed if parsed.how != "none" else None, 2

    def _words(self, chunk: Chunk, drafts: str = "") -> str:
        text = covered(chunk.text, chunk.start, self._drafter.orders)
        return fenced(text, path=" › ".join(chunk.path), header=chunk.header or "", drafts=drafts)

    def _question(self, chunk: Chunk, prompt: Prompt, words: str, most: int | None = None) -> Question:
        fixed = prompt.fixed_words(with_schema=self._mode in ("json_object", "text"))
        messages: tuple[Message, ...] = ({"role": "system", "content": fixed}, {"role": "user", "content": words})
        room = _ANSWER_AT_LEAST + int(prompt.answer_tokens * count_tokens(chunk.text))
        return Question(messages, prompt.schema_sent, min(room, most or room))

    async def _mend(self, chunk: Chunk, prompt: Prompt, faults: list[Fault], provenance: Provenance, asked: Asked) -> list[Fault]:
        """Ask again for the faulty records alone, in a prompt of its own that does not grow; the faults that stay."""
        told = "\n".join(f"{fault.kind} {_given(fault)} —— {fault.reason}" for fault in faults[:_REPAIRED_AT_ONCE])
        words = f"{self._words(chunk)}\n<faulty>\n{told.replace('</', '＜/')}\n</faulty>\n{prompt.repair.strip()}"
        try:
            most = _ANSWER_AT_LEAST + _RECORD_TOKENS * min(len(faults), _REPAIRED_AT_ONCE)
            reply = await self._endpoint.ask(self._question(chunk, prompt, words, most), self._mode)
        except EndpointDead:
            raise
        except EndpointError as exc:
            return [Fault(fault.kind, fault.given, f"{fault.reason} (asked again: {exc})") for fault in faults]
        parsed = parse_answer(reply.text, prompt.answer, cut=reply.finish == "length")
        stay = list(faults)
        for kind, record, draft in self._drafter.draft(chunk, parsed, provenance).made:
            mended = [fault for fault in stay if fault.kind == kind]
            if mended:  # what it gives beside the records that it was asked for is not taken
                stay.remove(max(mended, key=lambda fault: Indel.normalized_similarity(_given(fault), record.model_dump_json())))
                asked.drafts.append(draft)
        return stay

    async def _rest(self, chunk: Chunk, prompt: Prompt, shown: Shown, depth: int, parsed: Parsed, drafts: list[Draft]) -> Asked:
        """Go on where an answer was cut: behind its last record, and before it too where lists were still to come."""
        names = list(prompt.answer.model_fields)
        kind = parsed.broke_off_in
        if parsed.repeated >= _STUCK:
            return Asked(failed=[_lost(chunk, "the answer was cut: the model repeated itself.")])
        last = max((draft.spans[-1].end for draft in drafts if _kind_of(draft) == kind), default=None)
        if kind is None or last is None or not chunk.start < last < chunk.end:
            return await self._in_parts(chunk, prompt, shown, depth, "the answer was cut before its first record.")
        if depth >= _DEEPEST:
            return Asked(failed=[Lost(start=last, end=chunk.end, reason="the answer was cut again and again.")])
        parts = split_chunk(self._document, chunk, last)
        if len(parts) < 2:
            return Asked(failed=[Lost(start=last, end=chunk.end, reason="the answer was cut, and its chunk cannot be parted.")])
        if kind == names[-1]:
            before, behind = parts
            done = Asked(answered=[(Span(before.start, before.end), _provenance_of(drafts))])
            done.take(await self._ask(behind, prompt, shown, depth + 1))
            return done
        return await self._parts(parts, prompt, shown, depth)

    async def _in_parts(self, chunk: Chunk, prompt: Prompt, shown: Shown, depth: int, reason: str) -> Asked:
        parts = split_chunk(self._document, chunk) if depth < _DEEPEST else [chunk]
        if len(parts) < 2:
            return Asked(failed=[_lost(chunk, reason)])
        return await self._parts(parts, prompt, shown, depth)

    async def _parts(self, parts: list[Chunk], prompt: Prompt, shown: Shown, depth: int) -> Asked:
        whole = Asked()
        for asked in await asyncio.gather(*(self._ask(part, prompt, shown, depth + 1) for part in parts)):
            whole.take(asked)
        return whole


def _kind_of(draft: Draft) -> str:
    """The list of an answer that a draft came from."""
    name = type(draft).__name__.removesuffix("Draft").lower()
    return f"{name}s" if name != "metric" else "figures" if getattr(draft, "kind", "") == "figure" else "rows"


def _provenance_of(drafts: list[Draft]) -> Provenance:
    return next(draft.provenance for draft in drafts if draft.provenance is not None)


def _lost(chunk: Chunk, reason: str, words: str | None = None) -> Lost:
    return Lost(start=chunk.start, end=chunk.end, reason=reason, words=(chunk.text[:60] if words is None else words[:200]))


def _why_none(reply: Reply) -> str:
    if reply.refusal is not None:
        return f"the model refused: {reply.refusal[:120]}"
    if reply.finish == "content_filter":
        return "the provider's content filter stopped the answer."
    if reply.finish == "empty":
        return "the answer held no choice."
    return "the answer was blank." if not reply.text.strip() else "there was no JSON in the answer."


def _given(fault: Fault) -> str:
    return json.dumps(fault.given, ensure_ascii=False, separators=(",", ":"))
