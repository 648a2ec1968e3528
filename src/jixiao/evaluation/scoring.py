"""Labels against predictions → scores (评分), as the contract says: pairs, precision, recall, F1, field accuracy.

One report at a time; nothing here knows where labels or predictions come from.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist
from scipy.optimize import linear_sum_assignment

from jixiao.records import (
    Completion,
    Evidence,
    Extraction,
    Goal,
    Issue,
    Measure,
    Measurement,
    Metric,
)

Kind = Literal["goal", "completion", "indicator", "budget", "figure", "issue", "measure"]
KINDS: tuple[Kind, ...] = ("goal", "completion", "indicator", "budget", "figure", "issue", "measure")
"""The kinds scored one by one; indicator, budget and figure are the three kinds of metric."""

Record = Goal | Completion | Metric | Issue | Measure
Matrix = NDArray[Any]
STATEMENT_THRESHOLD = 0.6
NAME_THRESHOLD = 0.8
WORDS_THRESHOLD = 0.8


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """One field of one pair (字段): what the label says, what was predicted, whether they agree."""

    name: str
    label: object
    predicted: object
    right: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and the prediction paired with it."""

    label: Record
    predicted: Record
    similarity: float
    fields: tuple[FieldCheck, ...]


@dataclass(slots=True)
class KindScore:
    """The outcome for one kind in one report: pairs, misses (漏), false records (误).

    Optional labels, and predictions paired with one, are in none of the three.
    """

    pairs: list[Pair] = field(default_factory=list)
    misses: list[Record] = field(default_factory=list)
    false: list[Record] = field(default_factory=list)

    @property
    def precision(self) -> float:
        found = len(self.pairs) + len(self.false)
        return len(self.pairs) / found if found else 1.0

    @property
    def recall(self) -> float:
        wanted = len(self.pairs) + len(self.misses)
        return len(self.pairs) / wanted if wanted else 1.0

    @property
    def f1(self) -> float:
        total = 2 * len(self.pairs) + len(self.false) + len(self.misses)
        return 2 * len(self.pairs) / total if total else 1.0


@dataclass(slots=True)
class ReportScore:
    """The scores of one report, by kind, and whether each prediction's evidence holds."""

    source: str
    kinds: dict[Kind, KindScore]
    grounded: int
    predictions: int


def score_report(label: Extraction, predicted: Extraction, text: str) -> ReportScore:
    """Pair ``predicted`` with ``label``, kind by kind; ``text`` is the report's, to test the evidence against."""
    kinds = {kind: _score_kind(kind, records_of(label, kind), records_of(predicted, kind), label, predicted) for kind in KINDS}
    records = [record for kind in KINDS for record in records_of(predicted, kind)]
    grounded = sum(_holds(record.evidence, text) for record in records)
    return ReportScore(label.report.source, kinds, grounded, len(records))


def records_of(extraction: Extraction, kind: Kind) -> list[Record]:
    """The records of one kind."""
    match kind:
        case "goal":
            return list(extraction.goals)
        case "completion":
            return list(extraction.completions)
        case "issue":
            return list(extraction.issues)
        case "measure":
            return list(extraction.measures)
        case _:
            return [metric for metric in extraction.metrics if metric.kind == kind]


def _holds(evidence: Sequence[Evidence], text: str) -> bool:
    return all(text[piece.start : piece.end] == piece.quote for piece in evidence)


def _score_kind(
    kind: Kind, labels: list[Record], predictions: list[Record], label: Extraction, predicted: Extraction
) -> KindScore:
    score = KindScore()
    similarity = similarities(kind, labels, predictions)
    taken: dict[int, int] = {}
    if labels and predictions:
        rows, columns = linear_sum_assignment(similarity, maximize=True)
        taken = {int(row): int(column) for row, column in zip(rows, columns, strict=True) if similarity[row, column] > 0}
    context = _Links(label, predicted)
    for row, wanted in enumerate(labels):
        if row not in taken:
            if not wanted.optional:
                score.misses.append(wanted)
        elif not wanted.optional:
            found = predictions[taken[row]]
            score.pairs.append(Pair(wanted, found, float(similarity[row, taken[row]]), _fields(wanted, found, context)))
    paired = set(taken.values())
    score.false = [found for column, found in enumerate(predictions) if column not in paired]
    return score


def similarities(kind: Kind, labels: Sequence[Record], predictions: Sequence[Record]) -> Matrix:
    """The weight of each pair in the assignment, labels × predictions; 0 where a pair may not count (the contract's thresholds)."""
    if not labels or not predictions:
        return np.zeros((len(labels), len(predictions)))
    if kind == "figure":
        return _figure_similarities(_metrics(labels), _metrics(predictions))
    if kind in ("indicator", "budget"):
        return _row_similarities(_metrics(labels), _metrics(predictions))
    statements = _text_similarities(*([_statement(record) for record in records] for records in (labels, predictions)))
    similarity = np.maximum(_overlaps(labels, predictions), statements)
    return np.where(similarity >= STATEMENT_THRESHOLD, similarity, 0.0)


def _metrics(records: Sequence[Record]) -> list[Metric]:
    return [record for record in records if isinstance(record, Metric)]


def _statement(record: Record) -> str:
    assert not isinstance(record, Metric)
    return record.statement


def _row_similarities(labels: list[Metric], predictions: list[Metric]) -> Matrix:
    names = _text_similarities([label.name for label in labels], [found.name for found in predictions])
    similarity = np.zeros_like(names)
    for row, column in np.argwhere(names >= NAME_THRESHOLD):
        if _rows_agree(labels[row], predictions[column]):
            similarity[row, column] = names[row, column]
    return similarity


def _rows_agree(label: Metric, predicted: Metric) -> bool:
    """Whether target, actual or previous is the same in both."""
    return (
        _same_measure(label.target, predicted.target)
        or _same_measure(label.actual, predicted.actual)
        or _same_measure(label.previous, predicted.previous)
    )


def _same_measure(label: Measurement | None, predicted: Measurement | None) -> bool:
    if label is None or predicted is None:
        return False
    if label.base_value is not None and label.base_value == predicted.base_value:
        return True
    return label.raw == predicted.raw


def _figure_similarities(labels: list[Metric], predictions: list[Metric]) -> Matrix:
    overlaps = _overlaps(labels, predictions)
    similarity = np.zeros_like(overlaps)
    for row, column in np.argwhere(overlaps > 0):
        label, predicted = labels[row], predictions[column]
        if _same_figure(label, predicted):
            names = text_similarity(label.name, predicted.name)
            similarity[row, column] = 0.5 + 0.25 * names + 0.25 * overlaps[row, column]
    return similarity


def _same_figure(label: Metric, predicted: Metric) -> bool:
    """Whether both state the same quantity: the outcome or, where the label is a plan, what is planned."""
    wanted, found = (label.target, predicted.target) if label.actual is None else (label.actual, predicted.actual)
    if wanted is None or found is None:
        return wanted is found
    return (wanted.base_value, wanted.base_unit) == (found.base_value, found.base_unit)


def _overlaps(labels: Sequence[Record], predictions: Sequence[Record]) -> Matrix:
    """Characters in both evidences ÷ characters in either, labels × predictions."""
    (wanted, first, wanted_sizes), (found, second, found_sizes) = (_interval_table(each) for each in (labels, predictions))
    ends = np.minimum(wanted[:, None, 1], found[None, :, 1])
    shared = np.maximum(ends - np.maximum(wanted[:, None, 0], found[None, :, 0]), 0)
    by_record = np.add.reduceat(np.add.reduceat(shared, first, axis=0), second, axis=1)
    either: Matrix = wanted_sizes[:, None] + found_sizes[None, :] - by_record
    return by_record / np.maximum(either, 1)


def _interval_table(records: Sequence[Record]) -> tuple[Matrix, Matrix, Matrix]:
    """All evidence intervals, one below the other; where each record's begin among them; each record's characters."""
    intervals = [_intervals(record.evidence) for record in records]
    table = np.array([interval for each in intervals for interval in each])
    first = np.cumsum([0, *(len(each) for each in intervals[:-1])])
    return table, first, np.add.reduceat(table[:, 1] - table[:, 0], first)


def evidence_overlap(label: Record, predicted: Record) -> float:
    """Characters in both records' evidence ÷ characters in either."""
    return float(_overlaps([label], [predicted])[0, 0])


def _intervals(evidence: Sequence[Evidence]) -> list[tuple[int, int]]:
    """The evidence as disjoint intervals."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((piece.start, piece.end) for piece in evidence):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _text_similarities(labels: list[str], predictions: list[str]) -> Matrix:
    wanted, found = ([normalise(words) for words in each] for each in (labels, predictions))
    similarity: Matrix = cdist(wanted, found, scorer=Indel.normalized_similarity, dtype=np.float64)
    return similarity


@lru_cache(maxsize=65536)
def normalise(words: str) -> str:
    """Words as they are compared: NFKC, whitespace and punctuation dropped."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", words))


def text_similarity(label: str | None, predicted: str | None) -> float:
    """Normalised Indel similarity of two texts as they are compared, 0 to 1."""
    return Indel.normalized_similarity(normalise(label or ""), normalise(predicted or ""))


# Fields


def _by_id(extraction: Extraction) -> dict[str, Goal | Issue]:
    goals: dict[str, Goal | Issue] = {goal.id: goal for goal in extraction.goals}
    return goals | {issue.id: issue for issue in extraction.issues}


class _Links:
    """What ids stand for, so that links compare by the records they lead to."""

    def __init__(self, label: Extraction, predicted: Extraction) -> None:
        self.label = _by_id(label)
        self.predicted = _by_id(predicted)

    def same(self, label: str | None, predicted: str | None) -> bool:
        if label is None or predicted is None:
            return label is predicted
        wanted, found = self.label.get(label), self.predicted.get(predicted)
        if wanted is None or found is None:
            return False
        return (
            evidence_overlap(wanted, found) >= STATEMENT_THRESHOLD
            or text_similarity(wanted.statement, found.statement) >= STATEMENT_THRESHOLD
        )


def _fields(label: Record, predicted: Record, links: _Links) -> tuple[FieldCheck, ...]:
    checks: list[FieldCheck] = []

    def exact(name: str, label_value: object, predicted_value: object) -> None:
        checks.append(FieldCheck(name, label_value, predicted_value, label_value == predicted_value))

    def words(name: str, label_value: str | None, predicted_value: str | None) -> None:
        same = (
            label_value is predicted_value
            if label_value is None or predicted_value is None
            else text_similarity(label_value, predicted_value) >= WORDS_THRESHOLD
        )
        checks.append(FieldCheck(name, label_value, predicted_value, same))

    def measured(name: str, label_value: Measurement | None, predicted_value: Measurement | None) -> None:
        if label_value is None and predicted_value is None:
            return
        for part in ("value", "unit", "comparator"):
            exact(f"{name}.{part}", getattr(label_value, part, None), getattr(predicted_value, part, None))

    def link(name: str, label_value: str | None, predicted_value: str | None) -> None:
        checks.append(FieldCheck(name, label_value, predicted_value, links.same(label_value, predicted_value)))

    match label, predicted:
        case Goal(), Goal():
            exact("label", label.label, predicted.label)
            exact("level", label.level, predicted.level)
            words("statement", label.statement, predicted.statement)
            exact("project", label.project, predicted.project)
        case Completion(), Completion():
            link("goal_id", label.goal_id, predicted.goal_id)
            words("statement", label.statement, predicted.statement)
            words("effect", label.effect, predicted.effect)
            exact("status", label.status, predicted.status)
        case Issue(), Issue():
            words("statement", label.statement, predicted.statement)
            words("cause", label.cause, predicted.cause)
        case Measure(), Measure():
            words("statement", label.statement, predicted.statement)
            same = len(label.issue_ids) == len(predicted.issue_ids) and all(
                any(links.same(wanted, found) for found in predicted.issue_ids) for wanted in label.issue_ids
            )
            checks.append(FieldCheck("issue_ids", label.issue_ids, predicted.issue_ids, same))
        case Metric(), Metric():
            words("name", label.name, predicted.name)
            if label.kind == "indicator":
                exact("category", label.category, predicted.category)
                exact("attained", label.attained, predicted.attained)
                words("deviation", label.deviation, predicted.deviation)
            exact("period", label.period, predicted.period)
            measured("target", label.target, predicted.target)
            measured("actual", label.actual, predicted.actual)
            measured("previous", label.previous, predicted.previous)
            if label.kind != "figure":
                exact("weight", label.weight, predicted.weight)
                exact("score", label.score, predicted.score)
            _change_fields(label, predicted, exact, words, measured)
            if label.kind == "figure":
                link("goal_id", label.goal_id, predicted.goal_id)
            exact("project", label.project, predicted.project)
        case _:
            raise TypeError(f"a {type(label).__name__} cannot be paired with a {type(predicted).__name__}")
    return tuple(checks)


def _change_fields(
    label: Metric,
    predicted: Metric,
    exact: Callable[[str, object, object], None],
    words: Callable[[str, str | None, str | None], None],
    measured: Callable[[str, Measurement | None, Measurement | None], None],
) -> None:
    wanted, found = label.change, predicted.change
    if wanted is None and found is None:
        return
    exact("change.direction", wanted and wanted.direction, found and found.direction)
    words("change.basis", wanted.basis if wanted else None, found.basis if found else None)
    exact("change.percent", wanted and wanted.percent, found and found.percent)
    measured("change.amount", wanted.amount if wanted else None, found.amount if found else None)
    words("change.reason", wanted.reason if wanted else None, found.reason if found else None)
