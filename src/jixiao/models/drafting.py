"""A model's answers → drafts: each quote placed in the text, each number read from the quote by our own grammar.

A quote that the text does not hold, and a number that the quote does not hold, make no draft: they are faults, with a
reason fit for the model, which is asked for them once more. What quotes an order to a model is no record at all.
"""

import re
from dataclasses import dataclass, field
from typing import TypeVar

from jixiao.chunking import Chunk
from jixiao.document import Document, Span, passage_of
from jixiao.drafts import CompletionDraft, Draft, GoalDraft, IssueDraft, MeasureDraft, MetricDraft
from jixiao.grounding import Grounded, Grounder, numbers_held
from jixiao.models.answers import (
    CompletionAnswer,
    Fault,
    FigureAnswer,
    GoalAnswer,
    IssueAnswer,
    MeasureAnswer,
    Parsed,
    RecordAnswer,
    RowAnswer,
)
from jixiao.orders import orders_in
from jixiao.quantities import find_quantities
from jixiao.records import Provenance
from jixiao.rules.attainment import is_attained
from jixiao.rules.cells import read_words
from jixiao.rules.figures import FigureReader
from jixiao.rules.status import judge

D = TypeVar("D", bound=Draft)


@dataclass(slots=True)
class Drafted:
    """What became of an answer's records, in its order, and what could not be taken."""

    made: list[tuple[str, RecordAnswer, Draft]] = field(default_factory=list)
    """The list that a record stood in, the record, and its draft."""
    faults: list[Fault] = field(default_factory=list)

    @property
    def drafts(self) -> list[Draft]:
        return [draft for _, _, draft in self.made]


class Drafter:
    """Makes drafts of the answers for one document."""

    def __init__(self, document: Document, fiscal_year: int | None) -> None:
        self._document = document
        self._fiscal_year = fiscal_year
        self._grounder = Grounder(document.text)
        self.orders = orders_in(document.text)
        """Where the text speaks to a model."""

    def draft(self, chunk: Chunk, parsed: Parsed, provenance: Provenance) -> Drafted:
        """The drafts of an answer for ``chunk``."""
        drafted = Drafted()
        for kind, records in parsed.records.items():
            after = chunk.start
            for record in records:
                placed = self._grounder.ground(record.quote, Span(chunk.start, chunk.end), after)
                if placed is None:
                    drafted.faults.append(Fault(kind, record.model_dump(), "quote 不在原文中；照录原文连续的一段"))
                    continue
                if any(order.start < placed.span.end and placed.span.start < order.end for order in self.orders):
                    drafted.faults.append(Fault(kind, record.model_dump(), "quote 是写给模型的话，不是报告内容"))
                    continue
                after = placed.span.start
                how = provenance.model_copy(update={"grounding": placed.how})
                draft = self._draft_of(record, placed, chunk)
                if isinstance(draft, str):
                    drafted.faults.append(Fault(kind, record.model_dump(), draft))
                    continue
                draft.origin, draft.provenance = "llm", how
                drafted.made.append((kind, record, draft))
        return drafted

    def _draft_of(self, record: RecordAnswer, placed: Grounded, chunk: Chunk) -> Draft | str:
        """The draft, or the reason why there is none."""
        spans, path, quote = [placed.span], chunk.path, self._words(placed.span)
        match record:
            case GoalAnswer():
                return GoalDraft(spans, path, _statement(quote), record.level, bare_label(record.label))
            case CompletionAnswer():
                stated = judge(quote)  # a status that the words themselves deny is not believed
                status = record.status if stated == "unstated" else stated
                return CompletionDraft(spans, path, _statement(quote), status, label=bare_label(record.goal))
            case IssueAnswer():
                cause = self._cause(record.cause, chunk, spans)
                return IssueDraft(spans, path, _statement(quote), cause, bare_label(record.label))
            case MeasureAnswer():
                return MeasureDraft(spans, path, _statement(quote), label=bare_label(record.label))
            case FigureAnswer():
                return self._figure(record, placed.span, chunk)
            case RowAnswer():
                return self._row(record, placed.span, chunk)

    def _words(self, span: Span) -> str:
        return passage_of(self._document.text, span).words

    def _cause(self, cause: str | None, chunk: Chunk, spans: list[Span]) -> str | None:
        """The stated reason, where the text states it; its place joins the evidence."""
        placed = self._grounder.ground(cause, Span(chunk.start, chunk.end), spans[0].start) if cause else None
        if placed is None:
            return None
        if not (spans[0].start <= placed.span.start and placed.span.end <= spans[0].end):
            spans.append(placed.span)
        return _statement(self._words(placed.span))

    def _figure(self, record: FigureAnswer, span: Span, chunk: Chunk) -> MetricDraft | str:
        """The quantity that the model points at, as our grammar reads it; its name in the model's words if the text has them."""
        if not numbers_held(record.quote, record.value):
            return "value 的数字不在 quote 中"
        passage = passage_of(self._document.text, span)
        reader = FigureReader(self._document.text, self._fiscal_year)
        reader.read(passage, chunk.path, planned=record.planned)
        wanted = list(find_quantities(record.value))
        if len(wanted) != 1:
            return "value 应当正好是一个数量，带单位"
        for figure in reader.figures:
            measured = figure.actual or figure.target
            if measured is not None and measured.value == wanted[0].value and wanted[0].unit in (None, measured.unit):
                name = re.sub(r"\s", "", record.name)
                if name and _in_order(name, passage.words) and not re.search(r"\d", name):
                    figure.name = name
                return figure
        return "value 不是数据（日期、序数、文号、增减不单列）"

    def _row(self, record: RowAnswer, span: Span, chunk: Chunk) -> MetricDraft | str:
        held = re.sub(r"\s", "", self._document.text[span.start : span.end])
        cells = {name: getattr(record, name) for name in ("name", "target", "actual", "previous", "weight", "score")}
        for name, words in cells.items():
            if words and re.sub(r"\s", "", words) not in held:
                return f"{name} 不在 quote 中"
        if not record.name or not any(cells[name] for name in ("target", "actual", "previous")):
            return "一行至少要有名称和 target、actual、previous 之一"
        target, actual, previous = (
            read_words(words) if (words := cells[name]) else None for name in ("target", "actual", "previous")
        )
        weight, score = (read_words(words).value if (words := cells[name]) else None for name in ("weight", "score"))
        category = [level for level in (record.level1, record.level2) if level]
        draft = MetricDraft(
            [span],
            chunk.path,
            record.kind,
            re.sub(r"\s", "", record.name),
            category=category if record.kind == "indicator" else [],
            period=str(self._fiscal_year) if self._fiscal_year else None,
            target=target,
            actual=actual,
            previous=previous,
            weight=weight,
            score=score,
        )
        if record.kind == "indicator":
            draft.attained = is_attained(target, actual, draft.name, category)
        return draft


def _statement(words: str) -> str:
    return words.rstrip("。；;")


def bare_label(words: str | None) -> str | None:
    """A label without its punctuation."""
    return re.sub(r"[\s、.．：:（）()]", "", words) or None if words else None


def _in_order(name: str, words: str) -> bool:
    """Whether all characters of a name occur in the words, in order: it is made of the text's own."""
    rest = iter(words)
    return all(character in rest for character in name)
