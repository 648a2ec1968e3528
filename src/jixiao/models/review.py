"""Rules and model together (hybrid): the model looks over what the rules drafted, and its word is weighed before it is taken.

Tables that the rules read whole are not sent. Prose goes with the rules' drafts, to be refuted or completed. How far
the model can be trusted is measured in the same requests, at no further cost: some right drafts are hidden from it, and
some wrong ones planted, each with one digit altered. A model that does not find the hidden ones again, or calls right
what was planted, adds nothing to the records; what it says is kept as conflicts.
"""

import re
from dataclasses import dataclass, field

from jixiao.chunking import Chunk
from jixiao.drafts import CompletionDraft, Draft, Drafts, GoalDraft, IssueDraft, MeasureDraft, MetricDraft
from jixiao.models.asking import Asked
from jixiao.models.merging import same_thing, unlike

_HIDE_ONE_IN = 7
_PLANT_ONE_IN = 9
_FEWEST = 3
"""Fewer hidden or planted drafts than this tell nothing."""
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

    lines: list[str] = field(default_factory=list)
    shown: dict[int, Draft] = field(default_factory=dict)
    planted: dict[int, Draft] = field(default_factory=dict)
    """Numbers of lines that say something wrong, with the draft that was falsified."""
    hidden: list[Draft] = field(default_factory=list)

    @property
    def words(self) -> str:
        return "\n".join(self.lines) or "（无）"


def narrative_drafts(drafts: Drafts) -> list[Draft]:
    """The drafts that stand in prose, in the order of the text: a model may look them over."""
    found: list[Draft] = [*drafts.goals, *drafts.completions, *drafts.issues, *drafts.measures]
    found += [metric for metric in drafts.metrics if metric.kind == "figure"]
    return sorted((draft for draft in found if draft.cell is None), key=lambda each: (each.spans[0].start, each.spans[0].end))


def sheet_for(chunk: Chunk, drafts: list[Draft]) -> Sheet:
    """The sheet for a chunk. What is hidden and planted follows from the drafts' places, so that a run can be repeated."""
    sheet = Sheet()
    inside = [draft for draft in drafts if chunk.start <= draft.spans[0].start < chunk.end]
    for position, draft in enumerate(inside):
        if position % _HIDE_ONE_IN == 3:
            sheet.hidden.append(draft)
            continue
        number = len(sheet.lines) + 1
        words = line_of(draft)
        falsified = _falsified(words, chunk.text) if isinstance(draft, MetricDraft) and position % _PLANT_ONE_IN == 5 else None
        if falsified is not None:
            sheet.planted[number] = draft
        else:
            sheet.shown[number] = draft
        sheet.lines.append(f"{number} {_KINDS[type(draft)]} {falsified or words}")
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
class Verdict:
    """What a report's sheets tell of the model, and what becomes of its words."""

    trusted: bool
    hidden: tuple[int, int]
    planted: tuple[int, int]
    confirmed: list[Draft]
    """The rules' drafts that the model found too: hidden ones found again and, from a trusted model, shown ones let stand."""
    refuted: list[Draft]
    added: list[Draft]
    """Drafts of the model alone."""


def weigh(answers: list[tuple[Sheet, Asked]], known: list[Draft]) -> Verdict:
    """The verdict over all chunks of a report; ``known`` are all of the rules' drafts."""
    found = [draft for _, asked in answers for draft in asked.drafts]
    hidden = [draft for sheet, _ in answers for draft in sheet.hidden]
    recovered = [draft for draft in hidden if any(same_thing(draft, each) for each in found)]
    planted = sum(len(sheet.planted) for sheet, _ in answers)
    caught = sum(number in asked.wrong for sheet, asked in answers for number in sheet.planted)
    shown = [(number, draft, asked) for sheet, asked in answers for number, draft in sheet.shown.items()]
    refuted = [draft for number, draft, asked in shown if number in asked.wrong]
    added = unlike(found, known)
    trusted = (
        len(hidden) >= _FEWEST
        and planted >= _FEWEST
        and len(recovered) >= _FOUND_AT_LEAST * len(hidden)
        and caught >= _CAUGHT_AT_LEAST * planted
        and len(refuted) <= _SLANDERED_AT_MOST * max(1, len(shown))
        and len(added) <= _NEW_AT_MOST * len(recovered)
    )
    stand = [draft for number, draft, asked in shown if number not in asked.wrong] if trusted else []
    return Verdict(trusted, (len(hidden), len(recovered)), (planted, caught), [*recovered, *stand], refuted, added)
