"""Rules and model together (hybrid): the model looks over what the rules drafted, and its word is weighed before it is taken.

Tables that the rules read whole are not sent. Prose goes with the rules' drafts, to be refuted or completed. How far
the model can be trusted is measured in the same requests, at no further cost: some right drafts are hidden from it, and
some wrong ones planted, each with one digit altered. A model that does not find the hidden ones again, or calls right
what was planted, adds nothing to the records; what it says is kept as conflicts.
"""

import re
from dataclasses import dataclass, field

from jixiao.chunking import Chunk
from jixiao.document import Span
from jixiao.drafts import CompletionDraft, Draft, Drafts, GoalDraft, IssueDraft, MeasureDraft, MetricDraft
from jixiao.models.asking import Asked
from jixiao.models.merging import is_part_of, readings_differ, same_thing, unlike
from jixiao.records import Provenance

_HIDE_ONE_IN = 7
_PLANT_ONE_IN = 9
FEWEST = 3
"""Fewer hidden or planted drafts than this tell nothing."""
_FEWEST_SHOWN = 10
_FOUND_AT_LEAST = 0.5
_CAUGHT_AT_LEAST = 0.6
_SLANDERED_AT_MOST = 0.1
"""Of the right drafts shown, the share that a model may call wrong and still be trusted."""
_NEW_AT_MOST = 3.0
"""New records for each hidden one found: many more, and most of them are inventions."""
_KINDS = {
    GoalDraft: "目标",
    CompletionDraft: "完成情况",
    MetricDraft: "数据",
    IssueDraft: "问题",
    MeasureDraft: "措施",
}


@dataclass(slots=True)
class Sheet:
    """The drafts of one chunk as the model sees them: numbered lines, some hidden, some planted."""

    lines: dict[int, tuple[int, str]] = field(default_factory=dict)
    """By number: where the draft begins, and its line."""
    shown: dict[int, Draft] = field(default_factory=dict)
    planted: dict[int, Draft] = field(default_factory=dict)
    """Numbers of lines that say something wrong, with the draft that was falsified."""
    hidden: list[Draft] = field(default_factory=list)

    def words_in(self, span: Span) -> str:
        """The lines of the drafts that begin in a stretch of the text."""
        return "\n".join(words for start, words in self.lines.values() if span.start <= start < span.end) or "（无）"


def narrative_drafts(drafts: Drafts) -> list[Draft]:
    """The drafts that stand in prose, in the order of the text: a model may look them over."""
    found: list[Draft] = [*drafts.goals, *drafts.completions, *drafts.issues, *drafts.measures]
    found += [metric for metric in drafts.metrics if metric.kind == "figure"]
    return sorted((draft for draft in found if draft.cell is None), key=lambda each: (each.spans[0].start, each.spans[0].end))


def sheet_for(chunk: Chunk, drafts: list[Draft]) -> Sheet:
    """The sheet for a chunk. What is hidden and planted follows from the drafts' places, so that a run can be repeated."""
    sheet = Sheet()
    inside = [draft for draft in drafts if chunk.start <= draft.spans[0].start < chunk.end]
    figures = 0
    for position, draft in enumerate(inside):
        figures += isinstance(draft, MetricDraft)
        if position % _HIDE_ONE_IN == 3:
            sheet.hidden.append(draft)
            continue
        number = len(sheet.lines) + 1
        words = line_of(draft)
        falsified = _falsified(words, chunk.text) if isinstance(draft, MetricDraft) and figures % _PLANT_ONE_IN == 5 else None
        if falsified is not None:
            sheet.planted[number] = draft
        else:
            sheet.shown[number] = draft
        sheet.lines[number] = draft.spans[0].start, f"{number} {_KINDS[type(draft)]} {falsified or words}"
    return sheet


def line_of(draft: Draft) -> str:
    """A draft in a few words."""
    if isinstance(draft, MetricDraft):
        measured = draft.actual or draft.target
        return f"{draft.name}={measured.raw if measured else ''}"
    statement = getattr(draft, "statement", "")
    return statement if len(statement) <= 24 else f"{statement[:22]}…"


def _falsified(words: str, text: str) -> str | None:
    """A figure with its last digit altered, if the altered number stands nowhere in the text."""
    name, _, value = words.rpartition("=")
    digits = list(re.finditer(r"\d", value))
    if not digits:
        return None
    at = digits[-1].start()
    altered = value[:at] + str((int(value[at]) + 4) % 10) + value[at + 1 :]
    return f"{name}={altered}" if altered not in text else None


@dataclass(slots=True)
class Evidence:
    """What sheets and answers tell of a model (依据): what it found of what was hidden, caught of what was planted."""

    hidden: int = 0
    recovered: int = 0
    planted: int = 0
    caught: int = 0
    shown: int = 0
    refuted: int = 0
    added: int = 0

    @property
    def is_enough(self) -> bool:
        return self.hidden >= FEWEST and self.planted >= FEWEST

    @property
    def speaks_for_it(self) -> bool:
        """Whether a model of which this is known is trusted with additions."""
        return self.is_enough and not self.speaks_against_it

    @property
    def speaks_against_it(self) -> bool:
        """Whether one of the tests is failed, by as many drafts as tell something; more of them would not mend it."""
        return (
            (self.hidden >= FEWEST and self.recovered < _FOUND_AT_LEAST * self.hidden)
            or (self.planted >= FEWEST and self.caught < _CAUGHT_AT_LEAST * self.planted)
            or (self.shown >= _FEWEST_SHOWN and self.refuted > _SLANDERED_AT_MOST * self.shown)
            or (self.hidden >= FEWEST and self.added > _NEW_AT_MOST * self.recovered)
        )

    def __add__(self, other: "Evidence") -> "Evidence":
        return Evidence(*(getattr(self, name) + getattr(other, name) for name in Evidence.__slots__))


@dataclass(slots=True)
class Verdict:
    """What a report's sheets say: of the model, and of the rules' drafts."""

    evidence: Evidence
    recovered: list[tuple[Draft, Draft]]
    """Hidden drafts that the model found again, each with the model's own."""
    stand: list[tuple[Draft, Provenance]]
    """Shown drafts that the model let stand, and by which answer."""
    refuted: list[Draft]
    differing: list[tuple[Draft, Draft]]
    """Drafts that both have and read otherwise: the rules' and the model's."""
    added: list[Draft]
    """Drafts of the model alone."""


def weigh(answers: list[tuple[Sheet, Asked]], known: list[Draft]) -> Verdict:
    """The verdict over all sheets of a report; ``known`` are all of the rules' drafts."""
    found = [draft for _, asked in answers for draft in asked.drafts]
    hidden = [draft for sheet, asked in answers for draft in sheet.hidden if _answer_for(draft, asked)]
    twins = ((draft, next((each for each in found if same_thing(draft, each)), None)) for draft in hidden)
    recovered = [(draft, twin) for draft, twin in twins if twin is not None]
    evidence = Evidence(hidden=len(hidden), recovered=len(recovered))
    stand: list[tuple[Draft, Provenance]] = []
    refuted: list[Draft] = []
    for sheet, asked in answers:
        for number, draft in {**sheet.planted, **sheet.shown}.items():
            how = _answer_for(draft, asked)
            if how is None:
                continue
            if number in sheet.planted:
                evidence.planted += 1
                evidence.caught += number in asked.wrong
            elif number in asked.wrong:
                refuted.append(draft)
            else:
                stand.append((draft, how))
    added = unlike(found, known)
    parted = [(draft, each) for each in added for draft in known if is_part_of(each, draft)]
    added = [each for each in added if not any(each is other for _, other in parted)]
    evidence.shown, evidence.refuted, evidence.added = len(stand) + len(refuted), len(refuted), len(added)
    both = ((next((other for other in known if same_thing(other, each)), None), each) for each in found)
    differing = [(draft, each) for draft, each in both if draft is not None and readings_differ(draft, each)]
    return Verdict(evidence, recovered, stand, refuted, [*differing, *parted], added)


def _answer_for(draft: Draft, asked: Asked) -> Provenance | None:
    """The answer that speaks of the stretch in which a draft stands, if there was one."""
    return next((how for span, how in asked.answered if span.start <= draft.spans[0].start < span.end), None)
