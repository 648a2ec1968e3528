"""Drafts of chunks, and of both engines, put together: the same thing found twice is one draft (合并).

Two drafts are of the same thing where the contract's scorer would pair them: the same kind, and the same place or words;
for a metric, the same quantity.
"""

from collections.abc import Iterable
from typing import TypeVar

from jixiao.document import Span
from jixiao.drafts import CompletionDraft, Draft, Drafts, GoalDraft, IssueDraft, MeasureDraft, MetricDraft
from jixiao.records import Measurement

_SAME_PLACE = 0.6
_WITHIN = 0.8
D = TypeVar("D", bound=Draft)


def same_thing(first: Draft, second: Draft) -> bool:
    """Whether two drafts are of one record."""
    if type(first) is not type(second):
        return False
    if isinstance(first, MetricDraft) and isinstance(second, MetricDraft):
        if first.kind != second.kind or _shared(first, second) == 0:
            return False
        if first.kind == "figure":
            return _amount(first.actual or first.target) == _amount(second.actual or second.target)
        return first.name == second.name or overlap(first, second) >= _SAME_PLACE
    return overlap(first, second) >= _SAME_PLACE


def readings_differ(first: Draft, second: Draft) -> bool:
    """Whether two drafts of one record say different things of it; what one of them does not say is no difference."""
    match first, second:
        case GoalDraft(), GoalDraft():
            return first.level != second.level
        case CompletionDraft(), CompletionDraft():
            return "unstated" not in (first.status, second.status) and first.status != second.status
        case MetricDraft(), MetricDraft() if first.kind == "figure":
            return (first.actual is None) != (second.actual is None)
        case MetricDraft(), MetricDraft():
            pairs = ((first.target, second.target), (first.actual, second.actual), (first.previous, second.previous))
            return any(one and other and _amount(one) != _amount(other) for one, other in pairs)
        case _:
            return False


def is_part_of(first: Draft, second: Draft) -> bool:
    """Whether one of two drafts of a kind stands within the other: the same words, parted otherwise."""
    if type(first) is not type(second) or isinstance(first, MetricDraft):
        return False
    return _shared(first, second) >= _WITHIN * min(_length(first.spans), _length(second.spans))


def overlap(first: Draft, second: Draft) -> float:
    """Characters in both drafts' places ÷ characters in either."""
    shared = _shared(first, second)
    either = _length(first.spans) + _length(second.spans) - shared
    return shared / either if either else 0.0


def _shared(first: Draft, second: Draft) -> int:
    return sum(max(0, min(a.end, b.end) - max(a.start, b.start)) for a in first.spans for b in second.spans)


def _length(spans: list[Span]) -> int:
    return sum(span.end - span.start for span in spans)


def _amount(measured: Measurement | None) -> object:
    return (measured.base_value, measured.base_unit) if measured else None


def unlike(drafts: Iterable[D], known: Iterable[Draft] = ()) -> list[D]:
    """The drafts that are of nothing known and of nothing before them, in the order of the text."""
    kept: list[D] = []
    others: list[Draft] = list(known)
    for draft in sorted(drafts, key=lambda each: (each.spans[0].start, each.spans[0].end)):
        if not any(same_thing(draft, each) for each in others):
            kept.append(draft)
            others.append(draft)
    return kept


def add(drafts: Drafts, found: Iterable[Draft]) -> None:
    """Add a model's drafts to ``drafts``, each to its list, and tie completions to goals and measures to problems by label."""
    for draft in found:
        match draft:
            case GoalDraft():
                drafts.goals.append(draft)
            case CompletionDraft():
                drafts.completions.append(draft)
            case MetricDraft():
                drafts.metrics.append(draft)
            case IssueDraft():
                drafts.issues.append(draft)
            case MeasureDraft():
                drafts.measures.append(draft)
    for completion in drafts.completions:
        if completion.origin == "llm" and completion.goal is None:
            completion.goal = _labelled(completion, drafts.goals)
    for measure in drafts.measures:
        if measure.origin == "llm" and not measure.issues:
            issue = drafts.issues[0] if len(drafts.issues) == 1 else _labelled(measure, drafts.issues)
            measure.issues = [issue] if issue else []


L = TypeVar("L", GoalDraft, IssueDraft)


def _labelled(draft: CompletionDraft | MeasureDraft, others: list[L]) -> L | None:
    """The goal or problem with the same label that stands nearest before the draft, else nearest behind it."""
    if draft.label is None:
        return None
    start = draft.spans[0].start
    alike = [other for other in others if other.label == draft.label]
    before = [other for other in alike if other.spans[0].start <= start]
    return max(before, key=lambda other: other.spans[0].start) if before else next(iter(alike), None)
