"""The engines with a model in them: ``model`` reads all of a report by prompts, ``hybrid`` has the rules' drafts looked over."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from jixiao.chunking import Chunk, chunk_document
from jixiao.document import Document, Span
from jixiao.drafts import Draft, Drafts
from jixiao.errors import EndpointError
from jixiao.models.asking import Asked, Asker, Shown
from jixiao.models.cache import Cache
from jixiao.models.client import Endpoint, Question
from jixiao.models.drafting import Drafter
from jixiao.models.merging import add, unlike
from jixiao.models.probe import Abilities, abilities_of
from jixiao.models.prompts import Prompt, load_prompt, prompts_folder
from jixiao.models.review import Evidence, Sheet, Verdict, line_of, narrative_drafts, sheet_for, weigh
from jixiao.models.unread import unread_chunks
from jixiao.readers.text import read_text
from jixiao.reconcile import reconcile
from jixiao.records import Conflict, Extraction, Lost, ModelRun
from jixiao.rules import extract_drafts
from jixiao.settings import Settings
from jixiao.tokens import count_tokens
from jixiao.usage import Usage

EngineName = Literal["model", "hybrid"]
_TABLE_PARTS = 2
"""A table's chunks are this many times shorter: what is said of a row is three times as long as the row."""
_LEAST_CHUNK = 200
_NOTHING: Shown = lambda span: ""  # noqa: E731


R = TypeVar("R")


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A chunk with the prompt it goes with and, in a review, the sheet of its drafts."""

    chunk: Chunk
    prompt: Prompt
    sheet: Sheet | None = None

    @property
    def shown(self) -> Shown:
        return self.sheet.words_in if self.sheet is not None else _NOTHING

    @property
    def tells(self) -> int:
        """How much its answer will tell of the model: drafts that are hidden or planted."""
        return len(self.sheet.hidden) + len(self.sheet.planted) if self.sheet is not None else 0


_Outcome = tuple[Extraction, list[Asked], dict[str, object]]
"""The records, the answers behind them, and what the run found of the model."""


class ModelEngine:
    """One engine over any number of reports at once, in one event loop; close it there.

    All chunks of all reports share the endpoint's slots, pace and budget. ``heard`` is told as chunks are answered: how
    many are known, how many are done, and what all of them have cost.

    Raises:
        BadSettings: no model is configured, or the cache cannot be used.
    """

    def __init__(
        self, settings: Settings, name: EngineName, heard: Callable[[int, int, Usage], None] = lambda known, done, usage: None
    ) -> None:
        self.settings = settings
        self.name = name
        self._heard = heard
        self._known = self._done = 0
        self._cache = Cache(settings.cache)
        self._endpoint = Endpoint(settings, self._cache)
        self._abilities: asyncio.Task[Abilities] | None = None
        self._exam: asyncio.Task[Evidence] | None = None

    async def close(self) -> None:
        """Close the connections and the cache; what is under way is given up."""
        for task in (self._abilities, self._exam):
            if task is not None and not task.done():
                task.cancel()
        await self._endpoint.close()
        self._cache.close()

    @property
    def usage(self) -> Usage:
        """What all reports together have cost, what was asked to know the endpoint included."""
        return self._endpoint.usage

    async def extract(self, document: Document) -> Extraction:
        """The document's records.

        Raises:
            EndpointDead: the endpoint is gone or the budget is spent, and the settings say to stop then.
            EndpointError: the model answered for no chunk of the report, and the settings say to stop then.
        """
        rules = extract_drafts(document)
        endpoint = self._endpoint.metered()  # what this report cost, among others under way
        try:
            abilities = await self.abilities()
            asker = Asker(endpoint, abilities.mode, document, Drafter(document, rules.facts.fiscal_year))
            tasks = plan(document, rules, self.settings, self.name, abilities.reads)
            work = self._by_model if self.name == "model" else self._hybrid
            extraction, answers, findings = await work(document, rules, asker, tasks)
            if answers and all(asked.failed and not (asked.answered or asked.drafts) for asked in answers):
                raise EndpointError(f"the model answered for none of {len(answers)} chunks: {answers[0].failed[0].reason}")
        except EndpointError as exc:
            if self.settings.if_dead == "stop":
                exc.usage = endpoint.usage
                raise
            whole = Lost(start=0, end=len(document.text), reason=f"by rules alone: {exc}")
            alone = self._run("none", [], [Asked(failed=[whole])], endpoint.usage)
            return reconcile(document, extract_drafts(document)).model_copy(update={"run": alone})
        run = self._run(abilities.mode, tasks, answers, endpoint.usage)
        return extraction.model_copy(update={"run": run.model_copy(update=findings)})

    async def abilities(self) -> Abilities:
        """What the endpoint can do, asked once for all reports."""
        if self._abilities is None:
            self._abilities = asyncio.ensure_future(abilities_of(self._endpoint))
        return await asyncio.shield(self._abilities)

    def questions(self, document: Document, abilities: Abilities) -> list[Question]:
        """The first questions about a document, one a chunk: what is left of its work is to mend what they bring."""
        rules = extract_drafts(document)
        asker = Asker(self._endpoint, abilities.mode, document, Drafter(document, rules.facts.fiscal_year))
        tasks = plan(document, rules, self.settings, self.name, abilities.reads)
        return [asker.question(task.chunk, task.prompt, task.shown) for task in tasks]

    @property
    def endpoint(self) -> Endpoint:
        return self._endpoint

    async def _by_model(self, document: Document, rules: Drafts, asker: Asker, tasks: list[Task]) -> _Outcome:
        async def one(task: Task) -> Asked:
            asked = await asker.ask(task.chunk, task.prompt)
            await asker.mend(asked)
            return asked

        self._expect(len(tasks))
        answers = await self._all(one(task) for task in tasks)
        drafts = Drafts(rules.facts)  # what stands on the title page the rules read best
        add(drafts, unlike(draft for asked in answers for draft in asked.drafts))
        return reconcile(document, drafts), answers, {}

    async def _hybrid(self, document: Document, rules: Drafts, asker: Asker, tasks: list[Task]) -> _Outcome:
        """The chunk that tells most of the model is asked first; a model that it speaks against is asked no more."""
        self._expect(len(tasks))
        known: list[Draft] = [*rules.goals, *rules.completions, *rules.metrics, *rules.issues, *rules.measures]
        lead = max(tasks, key=lambda task: task.tells, default=None)
        answers: dict[Task, Asked] = {}
        if lead is not None:
            first = asker.ask(lead.chunk, lead.prompt, lead.shown, go_on=False)
            answers = dict(zip([lead], await self._all([first]), strict=True))
        verdict = weigh(_sheets(answers), known)
        spared = len(tasks) - 1 if verdict.evidence.speaks_against_it else 0
        if spared:
            self._expect(-spared)
        elif lead is not None and not verdict.evidence.speaks_against_it:
            self._expect(1)  # the first answer is in the cache, and gone on with where it was cut
            answers = dict(zip(tasks, await self._all(self._look_over(asker, task) for task in tasks), strict=True))
            verdict = weigh(_sheets(answers), known)
        evidence = verdict.evidence
        if not (evidence.is_enough or evidence.speaks_against_it) and (verdict.added or verdict.stand):
            evidence = evidence + await self._examined()
        trusted = evidence.speaks_for_it
        # What an untrusted model got wrong is not worth another request.
        await self._all(asker.mend(asked, None if trusted else 0) for asked in answers.values())
        findings = {
            "trusted": trusted,
            "hidden": (evidence.hidden, evidence.recovered),
            "planted": (evidence.planted, evidence.caught),
            "spared_chunks": spared,
        }
        extraction = settle(document, rules, weigh(_sheets(answers), known), trusted=trusted)
        return extraction, [answers[task] for task in tasks if task in answers], findings

    async def _look_over(self, asker: Asker, task: Task) -> Asked:
        return await asker.ask(task.chunk, task.prompt, task.shown)

    def _expect(self, chunks: int) -> None:
        self._known += chunks
        self._heard(self._known, self._done, self.usage)

    async def _all(self, work: Iterable[Coroutine[None, None, R]]) -> list[R]:
        """What all of it brings, done at once. What is under way when the endpoint goes is waited for: it may be paid for."""

        async def one(each: Coroutine[None, None, R]) -> R:
            result = await each
            if isinstance(result, Asked):
                self._done += 1
                self._heard(self._known, self._done, self.usage)
            return result

        results = await asyncio.gather(*(one(each) for each in work), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return [result for result in results if not isinstance(result, BaseException)]

    async def _examined(self) -> Evidence:
        """What the model makes of a report of our own: asked once, where a report has too few drafts to know it by."""
        if self._exam is None:
            self._exam = asyncio.ensure_future(self._examine())
        return await asyncio.shield(self._exam)

    async def _examine(self) -> Evidence:
        document = read_text((prompts_folder() / "exam.txt").read_bytes(), "exam.txt")
        rules = extract_drafts(document)
        abilities = await self.abilities()
        asker = Asker(self._endpoint, abilities.mode, document, Drafter(document, rules.facts.fiscal_year))
        tasks = plan(document, rules, self.settings, "hybrid", abilities.reads)
        answers = {task: await asker.ask(task.chunk, task.prompt, task.shown, go_on=False) for task in tasks}
        known: list[Draft] = [*rules.goals, *rules.completions, *rules.metrics, *rules.issues, *rules.measures]
        return weigh(_sheets(answers), known).evidence

    def _run(self, mode: str, tasks: list[Task], answers: list[Asked], usage: Usage) -> ModelRun:
        return ModelRun(
            model=str(self.settings.model),
            endpoint=str(self.settings.base_url),
            mode=mode,
            prompts=sorted({task.prompt.mark for task in tasks}),
            chunks=len(tasks),
            failed_chunks=[lost for asked in answers for lost in asked.failed],
            refused_records=[lost for asked in answers for lost in asked.refused],
            usage=usage,
        )


def _sheets(answers: dict[Task, Asked]) -> list[tuple[Sheet, Asked]]:
    return [(task.sheet or Sheet(), asked) for task, asked in answers.items()]


def prompts_of(name: EngineName, settings: Settings) -> list[Prompt]:
    """The prompts by which an engine asks."""
    return [load_prompt(called, settings.prompts) for called in ("narrative" if name == "model" else "review", "table")]


def plan(document: Document, rules: Drafts, settings: Settings, name: EngineName, reads: int | None = None) -> list[Task]:
    """What the model is asked about a document: chunks, each with its prompt. ``reads`` bounds the prompt, in tokens.

    ``model`` reads every chunk. ``hybrid`` has the prose looked over beside the rules' drafts, and reads those rows of
    tables that the rules left unread.
    """

    def prompt(called: str) -> Prompt:
        return load_prompt(called, settings.prompts)

    def size(called: str, wanted: int) -> int:
        if reads is None:
            return wanted
        fixed = count_tokens(prompt(called).fixed_words(with_schema=True))
        return min(wanted, max(_LEAST_CHUNK, (reads - fixed) * 2 // 3))

    if name == "model":
        prose = chunk_document(document, size("narrative", settings.chunk_tokens))
        tables = chunk_document(document, size("table", settings.chunk_tokens // _TABLE_PARTS))
        chunks = [each for each in prose if each.kind == "prose"] + [each for each in tables if each.kind == "table"]
        chunks.sort(key=lambda chunk: chunk.start)
        return [Task(chunk, prompt("narrative" if chunk.kind == "prose" else "table")) for chunk in chunks if chunk.text.strip()]
    chunks = chunk_document(document, size("review", settings.chunk_tokens))
    drafts = narrative_drafts(rules)
    narrative = [chunk for chunk in chunks if chunk.kind == "prose" and len(chunk.text.strip()) > 1]
    known: list[Draft] = [*rules.goals, *rules.completions, *rules.metrics, *rules.issues, *rules.measures]
    return [Task(chunk, prompt("review"), sheet_for(chunk, drafts)) for chunk in narrative] + [
        Task(chunk, prompt("table")) for chunk in unread_chunks(document, chunks, known)
    ]


def settle(document: Document, rules: Drafts, verdict: Verdict, *, trusted: bool) -> Extraction:
    """The rules' records, with what the model adds where it is trusted, and where they disagree as conflicts."""
    for draft, twin in verdict.recovered:
        draft.origin, draft.provenance = "both", twin.provenance
    if trusted:
        for draft, how in verdict.stand:
            draft.origin, draft.provenance = "both", how
        add(rules, verdict.added)
    extraction = reconcile(document, rules)
    ids = _ids(extraction)
    conflicts = [_conflict(document, draft, "refuted", ids, None) for draft in verdict.refuted]
    conflicts += [_conflict(document, draft, "differs", ids, twin) for draft, twin in verdict.differing]
    if not trusted:
        conflicts += [_conflict(document, draft, "added", {}, draft) for draft in verdict.added]
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


_KINDS = {
    "GoalDraft": "goal",
    "CompletionDraft": "completion",
    "MetricDraft": "metric",
    "IssueDraft": "issue",
    "MeasureDraft": "measure",
}
_LETTERS = {"goal": "g", "completion": "c", "issue": "i", "measure": "a"}


def _conflict(
    document: Document,
    draft: Draft,
    why: Literal["refuted", "added", "differs"],
    ids: dict[tuple[int, int, str], str],
    twin: Draft | None,
) -> Conflict:
    span: Span = draft.spans[0]
    kind = _KINDS[type(draft).__name__]
    mark = line_of(draft) if kind == "metric" else _LETTERS[kind]
    return Conflict(
        kind=kind,
        why=why,
        record_id=ids.get((span.start, span.end, mark)),
        start=span.start,
        end=span.end,
        quote=document.text[span.start : span.end],
        reading=_reading(twin) if twin is not None else "",
    )


def _reading(draft: Draft) -> str:
    """What the model makes of a place, in words."""
    said = line_of(draft)
    if (status := getattr(draft, "status", None)) is not None:
        said += f"（{status}）"
    if getattr(draft, "kind", None) == "figure":
        said += "（target）" if getattr(draft, "actual", None) is None else "（actual）"
    return said


def estimate(document: Document, settings: Settings, name: EngineName) -> Usage:
    """What a report would cost, before anything is asked: prompts counted, answers guessed from the chunk's length.

    The guess of answers is ours: a tenth of the text in a review, two thirds of it when the model reads by itself.
    """
    tasks = plan(document, extract_drafts(document), settings, name)
    into = out = 0
    for task in tasks:
        tokens = count_tokens(task.chunk.text)
        shown = count_tokens(task.shown(Span(task.chunk.start, task.chunk.end)))
        into += count_tokens(task.prompt.fixed_words(with_schema=True)) + tokens + shown
        out += int(tokens * (0.1 if task.sheet is not None else 0.67))
    return Usage(calls=len(tasks), prompt_tokens=into, completion_tokens=out, cost=settings.cost_of(into, out))
