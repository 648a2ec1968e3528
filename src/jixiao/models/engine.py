"""The engines with a model in them: ``model`` reads all of a report by prompts, ``hybrid`` has the rules' drafts looked over."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Literal, Self

from jixiao.chunking import Chunk, chunk_document
from jixiao.document import Document
from jixiao.drafts import Draft, Drafts
from jixiao.errors import EndpointDead, EndpointError
from jixiao.models.asking import Asked, Asker
from jixiao.models.cache import Cache
from jixiao.models.client import Endpoint
from jixiao.models.drafting import Drafter
from jixiao.models.merging import add, unlike
from jixiao.models.probe import Abilities, abilities_of
from jixiao.models.prompts import load_prompt
from jixiao.models.review import Verdict, line_of, narrative_drafts, sheet_for, weigh
from jixiao.reconcile import reconcile
from jixiao.records import Conflict, Extraction, Lost, ModelRun
from jixiao.rules import extract_drafts
from jixiao.settings import Settings
from jixiao.tokens import count_tokens
from jixiao.usage import Usage

EngineName = Literal["model", "hybrid"]
_REVIEW_CHUNKS = 2
"""A review's chunks are this many times as long: its answers are short."""


class ModelEngine:
    """One engine over any number of reports at once, in one event loop: ``async with ModelEngine(…) as engine``.

    All chunks of all reports share the endpoint's slots, pace and budget.

    Raises:
        BadSettings: no model is configured, or the cache cannot be used.
    """

    def __init__(self, settings: Settings, name: EngineName) -> None:
        self.settings = settings
        self.name = name
        self._cache = Cache(settings.cache)
        self._endpoint = Endpoint(settings, self._cache)
        self._abilities: asyncio.Task[Abilities] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        if self._abilities is not None and not self._abilities.done():
            self._abilities.cancel()
        await self._endpoint.close()
        self._cache.close()

    @property
    def usage(self) -> Usage:
        """What all reports together have cost."""
        return self._endpoint.usage

    async def extract(self, document: Document) -> Extraction:
        """The document's records.

        Raises:
            EndpointDead: the endpoint is gone, and the settings say to stop then.
            EndpointError: the model answered for no chunk of the report.
        """
        rules = extract_drafts(document)
        # A meter of its own: what this report cost, among others under way.
        endpoint = self._endpoint.metered()
        try:
            if self._abilities is None:
                self._abilities = asyncio.ensure_future(abilities_of(self._endpoint))
            mode = (await asyncio.shield(self._abilities)).mode
            asker = Asker(endpoint, mode, document, Drafter(document, rules.facts.fiscal_year))
            run = ModelRun(model=str(self.settings.model), endpoint=str(self.settings.base_url), mode=mode, prompts=[], chunks=0)
            work = self._by_model if self.name == "model" else self._hybrid
            extraction, run = await work(document, rules, asker, run)
        except EndpointDead as exc:
            if self.settings.if_dead == "stop":
                raise
            whole = Lost(start=0, end=len(document.text), reason=f"by rules alone: {exc}")
            run = ModelRun(
                model=str(self.settings.model),
                endpoint=str(self.settings.base_url),
                mode="none",
                prompts=[],
                chunks=0,
                failed_chunks=[whole],
            )
            return reconcile(document, rules).model_copy(update={"run": run})
        return extraction.model_copy(update={"run": run.model_copy(update={"usage": endpoint.usage})})

    async def _by_model(self, document: Document, rules: Drafts, asker: Asker, run: ModelRun) -> tuple[Extraction, ModelRun]:
        chunks = chunk_document(document, self.settings.chunk_tokens)
        prompts = {"prose": load_prompt("narrative"), "table": load_prompt("table")}
        answers = await asyncio.gather(*(asker.ask(chunk, prompts[chunk.kind]) for chunk in chunks))
        _refuse_all_failed(chunks, answers)
        drafts = Drafts(rules.facts)  # what stands on the title page the rules read best
        add(drafts, unlike(draft for asked in answers for draft in asked.drafts))
        run = _run(run, chunks, answers, [prompt.mark for prompt in prompts.values()])
        return reconcile(document, drafts), run

    async def _hybrid(self, document: Document, rules: Drafts, asker: Asker, run: ModelRun) -> tuple[Extraction, ModelRun]:
        prompt = load_prompt("review")
        whole = chunk_document(document, _REVIEW_CHUNKS * self.settings.chunk_tokens)
        chunks = [chunk for chunk in whole if chunk.kind == "prose" and len(chunk.text.strip()) > 1]
        drafts = narrative_drafts(rules)
        sheets = [sheet_for(chunk, drafts) for chunk in chunks]
        asked = await asyncio.gather(
            *(asker.ask(chunk, prompt, sheet.words) for chunk, sheet in zip(chunks, sheets, strict=True))
        )
        known: list[Draft] = [*rules.goals, *rules.completions, *rules.metrics, *rules.issues, *rules.measures]
        verdict = weigh(list(zip(sheets, asked, strict=True)), known)
        extraction = _settled(document, rules, verdict)
        run = _run(run, chunks, asked, [prompt.mark]).model_copy(
            update={"trusted": verdict.trusted, "hidden": verdict.hidden, "planted": verdict.planted}
        )
        return extraction, run


def _settled(document: Document, rules: Drafts, verdict: Verdict) -> Extraction:
    """The rules' records, with what the model adds where it is trusted, and where they disagree as conflicts."""
    for draft in verdict.confirmed:
        draft.origin = "both"
    if verdict.trusted:
        add(rules, verdict.added)
    extraction = reconcile(document, rules)
    ids = _ids(extraction)
    conflicts: list[Conflict] = []
    for draft in verdict.refuted:
        conflicts.append(_conflict(document, draft, "refuted", ids))
    if not verdict.trusted:
        conflicts += [_conflict(document, draft, "added", {}) for draft in verdict.added]
    return extraction.model_copy(update={"conflicts": sorted(conflicts, key=lambda each: each.start)})


def _ids(extraction: Extraction) -> dict[tuple[int, int, str], str]:
    """The ids of the records by place and words."""
    records = [*extraction.goals, *extraction.completions, *extraction.issues, *extraction.measures]
    ids = {(each.evidence[0].start, each.evidence[0].end, each.id[0]): each.id for each in records}
    for metric in extraction.metrics:
        place = metric.evidence[0]
        measured = metric.actual or metric.target
        ids[place.start, place.end, f"{metric.name}={measured.raw if measured else ''}"] = metric.id
    return ids


def _conflict(
    document: Document, draft: Draft, why: Literal["refuted", "added"], ids: dict[tuple[int, int, str], str]
) -> Conflict:
    span = draft.spans[0]
    kind = type(draft).__name__.removesuffix("Draft").lower()
    mark = line_of(draft) if kind == "metric" else {"goal": "g", "completion": "c", "issue": "i", "measure": "a"}[kind]
    return Conflict(
        kind=kind,
        why=why,
        record_id=ids.get((span.start, span.end, mark)),
        start=span.start,
        end=span.end,
        quote=document.text[span.start : span.end],
        reading="" if why == "refuted" else line_of(draft),
    )


def _run(run: ModelRun, chunks: list[Chunk], answers: Iterable[Asked], prompts: list[str]) -> ModelRun:
    answers = list(answers)
    return run.model_copy(
        update={
            "prompts": prompts,
            "chunks": len(chunks),
            "failed_chunks": [lost for asked in answers for lost in asked.failed],
            "refused_records": [lost for asked in answers for lost in asked.refused],
        }
    )


def _refuse_all_failed(chunks: list[Chunk], answers: list[Asked]) -> None:
    if chunks and all(asked.failed and not asked.drafts for asked in answers):
        raise EndpointError(f"the model answered for none of {len(chunks)} chunks: {answers[0].failed[0].reason}")


def estimate(document: Document, settings: Settings, name: EngineName) -> Usage:
    """What a report would cost, before anything is asked: prompts counted, answers guessed from the chunk's length.

    The guess of answers is ours: a tenth of the text in a review, two thirds of it when the model reads by itself.
    """
    rules = extract_drafts(document)
    if name == "model":
        chunks = chunk_document(document, settings.chunk_tokens)
        words = {"prose": load_prompt("narrative"), "table": load_prompt("table")}
        shown = [""] * len(chunks)
        share = 0.67
    else:
        chunks = [each for each in chunk_document(document, _REVIEW_CHUNKS * settings.chunk_tokens) if each.kind == "prose"]
        words = {"prose": load_prompt("review")}
        drafts = narrative_drafts(rules)
        shown = [sheet_for(chunk, drafts).words for chunk in chunks]
        share = 0.1
    fixed = {kind: count_tokens(prompt.fixed_words(with_schema=True)) for kind, prompt in words.items()}
    tokens = [count_tokens(chunk.text) for chunk in chunks]
    into = sum(fixed[chunk.kind] for chunk in chunks) + sum(tokens) + sum(map(count_tokens, shown))
    out = int(share * sum(tokens))
    return Usage(calls=len(chunks), prompt_tokens=into, completion_tokens=out, cost=settings.cost_of(into, out))
