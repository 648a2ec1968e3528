"""What a reviewer types (更正) → a record, its quotes cut from the report and its numbers read as everywhere else.

Refuses a place that is not in the text, a number that is none, a value that a field cannot have.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import ValidationError

from jixiao.dataset.reviews import Record
from jixiao.document import Document, Span
from jixiao.errors import BadReview
from jixiao.outline import outline
from jixiao.quantities import find_quantities, plain_number
from jixiao.records import Completion, Evidence, Goal, Issue, Measure, Measurement, Metric

Kind = Literal["goal", "completion", "indicator", "budget", "figure", "issue", "measure"]
METRIC_KINDS = ("indicator", "budget", "figure")
MEASURED = ("target", "actual", "previous")
_LONGEST = 5_000
_TYPED = {"label", "level", "statement", "project", "effect", "status", "goal_id", "cause"}
"""The plain fields that can be typed; ids, evidence and origins cannot."""
_MODELS: dict[str, type[Goal] | type[Completion] | type[Issue] | type[Measure]] = {
    "goal": Goal,
    "completion": Completion,
    "issue": Issue,
    "measure": Measure,
}


def corrected(
    document: Document, kind: Kind, typed: Mapping[str, str], spans: Sequence[Span], before: Record | None = None
) -> Record:
    """The record that a reviewer typed: its fields by name, ``target.raw`` and the like for what is measured.

    What is not typed stays as it was ``before``; an empty field is not stated. A value left empty is read from its words.

    Raises:
        BadReview: a place is not in the text, or a field cannot have its value; the sentence says which.
    """
    if any(len(words) > _LONGEST for words in typed.values()):
        raise BadReview(f"a field holds at most {_LONGEST:,} characters.")
    content: dict[str, Any] = {} if before is None else before.model_dump(exclude={"origin", "provenance", "optional"})
    content |= {"id": before.id if before else "new", "evidence": [_evidence(document, span) for span in spans]}
    fields = {name: words.strip() or None for name, words in typed.items()}
    try:
        if kind in METRIC_KINDS:
            return Metric.model_validate(
                content | _metric(fields, before if isinstance(before, Metric) else None) | {"kind": kind}
            )
        model = _MODELS[kind]
        own: dict[str, Any] = {name: words for name, words in fields.items() if name in _TYPED and name in model.model_fields}
        if kind == "measure":
            own["issue_ids"] = (fields.get("issue_ids") or "").split()
        made: Record = model.model_validate(content | own)
    except ValidationError as exc:
        names = "、".join(dict.fromkeys(".".join(map(str, each["loc"])) for each in exc.errors()))
        raise BadReview(f"these fields cannot be so: {names}; fill them in, or choose another value.") from exc
    return made


def drafted(document: Document, kind: Kind, span: Span) -> Record:
    """A record to begin with, of words that a reviewer has chosen.

    Raises:
        BadReview: the place is not in the text.
    """
    evidence = [_evidence(document, span)]
    words = " ".join(evidence[0].quote.split())
    if kind in METRIC_KINDS:
        found = find_quantities(words)
        actual = found[0].measurement() if found else None
        name = (words.replace(found[0].raw, "") if found else words).strip("，。；：、 ")
        return Metric(id="new", kind=kind, name=name or words, actual=actual, evidence=evidence)  # type: ignore[arg-type]
    match kind:
        case "goal":
            return Goal(id="new", level="annual", statement=words, evidence=evidence)
        case "completion":
            return Completion(id="new", statement=words, evidence=evidence)
        case "issue":
            return Issue(id="new", statement=words, evidence=evidence)
        case _:
            return Measure(id="new", statement=words, evidence=evidence)


def place_of(document: Document, quote: str) -> Span:
    """Where words stand that a reviewer typed instead of selecting them.

    Raises:
        BadReview: they are not in the text, or in several places.
    """
    start = document.text.find(quote) if quote else -1
    if start < 0:
        raise BadReview("these words are not in the report; copy them from it, in one stretch.")
    if document.text.find(quote, start + 1) >= 0:
        raise BadReview("these words stand in several places of the report; take more of them, or select them in the text.")
    return Span(start, start + len(quote))


def _metric(fields: Mapping[str, str | None], before: Metric | None) -> dict[str, Any]:
    plain = "name period weight score deviation goal_id project".split()
    made: dict[str, Any] = {name: fields[name] for name in plain if name in fields}
    for name in ("weight", "score"):
        if made.get(name) is not None:
            made[name] = _number(name, made[name])
    if "category" in fields:
        made["category"] = [part.strip() for part in (fields["category"] or "").split("/") if part.strip()]
    if "attained" in fields:
        made["attained"] = {"yes": True, "no": False}.get(fields["attained"] or "")
    for name in MEASURED:
        if f"{name}.raw" in fields:
            made[name] = _measured(name, fields, getattr(before, name) if before else None)
    return made


def _measured(name: str, fields: Mapping[str, str | None], before: Measurement | None) -> Measurement | None:
    raw, unit = fields[f"{name}.raw"], fields.get(f"{name}.unit")
    if raw is None:
        return None
    value, comparator = fields.get(f"{name}.value"), fields.get(f"{name}.comparator")
    typed = None if value is None else _number(f"{name}.value", value)
    if before is not None and (raw, typed, unit, comparator or "eq") == (
        before.raw,
        before.value,
        before.unit,
        before.comparator,
    ):
        return before
    if typed is None:
        found = find_quantities(raw)
        if plain := plain_number(raw):
            typed = plain[0]
        elif len(found) == 1:
            typed, unit = found[0].value, unit or found[0].unit
            comparator = comparator if comparator not in (None, "eq") else found[0].comparator
    return Measurement(raw=raw, value=typed, unit=unit, comparator=comparator or "eq")  # type: ignore[arg-type]


def _number(name: str, words: str) -> Decimal:
    try:
        number = Decimal(words.replace(",", "").replace("，", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadReview(f"{name}: “{words[:30]}” is no number; write one such as 98.5.")
    return number


def _evidence(document: Document, span: Span) -> Evidence:
    if not 0 <= span.start < span.end <= len(document.text):
        raise BadReview("this place is not in the report; select the words anew.")
    return Evidence(
        start=span.start,
        end=span.end,
        quote=document.text[span.start : span.end],
        section=list(_section_at(document, span.start)),
        page=document.page_of(span.start),
    )


def _section_at(document: Document, offset: int) -> tuple[str, ...]:
    path: tuple[str, ...] = ()
    for section in outline(document).walk():
        if section.words.words and section.words.offset(0) <= offset:
            path = section.path
    return path
