"""What a model is asked to give back (应答): quotes and words, never offsets; and what is made of the text it gives back.

The answer models are the schemas sent to the endpoint, kept small and within strict mode: every field required, absence
a null, no defaults, no formats. A record that does not fit them is a fault of its own; the others stand.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from json_repair import repair_json
from pydantic import BaseModel, ConfigDict, ValidationError


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class GoalAnswer(_Answer):
    """目标"""

    quote: str
    label: str | None
    level: Literal["key_work", "annual", "project"]


class CompletionAnswer(_Answer):
    """完成情况"""

    quote: str
    goal: str | None
    status: Literal["achieved", "partial", "not_achieved", "unstated"]


class FigureAnswer(_Answer):
    """文中数据"""

    quote: str
    name: str
    value: str
    planned: bool


class IssueAnswer(_Answer):
    """问题"""

    quote: str
    label: str | None
    cause: str | None


class MeasureAnswer(_Answer):
    """措施"""

    quote: str
    label: str | None


class RowAnswer(_Answer):
    """表格行"""

    kind: Literal["indicator", "budget"]
    quote: str
    name: str
    level1: str | None
    level2: str | None
    target: str | None
    actual: str | None
    previous: str | None
    weight: str | None
    score: str | None


RecordAnswer = GoalAnswer | CompletionAnswer | FigureAnswer | IssueAnswer | MeasureAnswer | RowAnswer


class NarrativeAnswer(_Answer):
    goals: list[GoalAnswer]
    completions: list[CompletionAnswer]
    issues: list[IssueAnswer]
    measures: list[MeasureAnswer]
    figures: list[FigureAnswer]  # the longest list last: an answer that is cut is mostly cut in it


class TableAnswer(_Answer):
    goals: list[GoalAnswer]
    completions: list[CompletionAnswer]
    rows: list[RowAnswer]


class ReviewAnswer(_Answer):
    wrong: list[int]
    goals: list[GoalAnswer]
    completions: list[CompletionAnswer]
    issues: list[IssueAnswer]
    measures: list[MeasureAnswer]
    figures: list[FigureAnswer]


class SentenceAnswer(_Answer):
    """句"""

    text: str
    records: list[str]


class SummaryAnswer(_Answer):
    """A section of an executive summary: sentences, and the records that each rests on."""

    sentences: list[SentenceAnswer]


AnswerModel = type[NarrativeAnswer] | type[TableAnswer] | type[ReviewAnswer] | type[SummaryAnswer]
ANSWERS: dict[str, AnswerModel] = {
    "narrative": NarrativeAnswer,
    "table": TableAnswer,
    "review": ReviewAnswer,
    "summary": SummaryAnswer,
}
RECORDS: dict[str, type[RecordAnswer]] = {
    "goals": GoalAnswer,
    "completions": CompletionAnswer,
    "figures": FigureAnswer,
    "issues": IssueAnswer,
    "measures": MeasureAnswer,
    "rows": RowAnswer,
}


def schema_of(answer: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of an answer, as strict mode takes it: closed objects, all fields required, no titles or defaults."""
    schema: dict[str, Any] = _strict(answer.model_json_schema())
    return schema


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        name: {key: _strict(each) for key, each in value.items()} if name in ("properties", "$defs") else _strict(value)
        for name, value in schema.items()
        if name not in ("title", "default", "description")
    }
    if made.get("type") == "object":
        made |= {"additionalProperties": False, "required": list(made.get("properties", {}))}
    return made


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that cannot be taken: what the model gave, and why not, in words fit for the model."""

    kind: str
    given: Any
    reason: str


@dataclass(slots=True)
class Parsed:
    """An answer taken apart: its good records by kind, the faults, and how the text had to be treated."""

    records: dict[str, list[RecordAnswer]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    how: Literal["whole", "salvaged", "repaired", "none"] = "whole"
    """The JSON was whole; or its complete records were taken out of a cut one; or a repair made it JSON; or there was none."""
    repeated: int = 0
    """How often the model said a record that it had said before."""
    broke_off_in: str | None = None
    """Of an answer that was cut: the list that it was cut in."""


def parse_answer(text: str, answer: AnswerModel, *, cut: bool = False) -> Parsed:
    """The records in the text of a reply. Never raises: what is there is taken, what is not is told by ``how``.

    ``cut`` tells that the reply ended for want of room: an object that is whole is then only one that was thought aloud.
    """
    names = [name for name in answer.model_fields if name in RECORDS]
    bare = _THOUGHT.sub("", text)
    content = None if cut and not bare.rstrip().endswith(("}", "```")) else _last_object(bare, names)
    parsed = Parsed()
    if content is None:
        content = _complete_records(bare, ["wrong", *names])
        parsed.how = "salvaged"
        parsed.broke_off_in = next(reversed(content), None) if content else None
    if content is None and not cut:
        repaired = repair_json(bare, return_objects=True) if "{" in bare else None
        content = repaired if isinstance(repaired, dict) and any(name in repaired for name in names) else None
        parsed.how = "repaired" if content is not None else "none"
    if content is None:
        return parsed
    for name in names:
        given = content.get(name, [])
        parsed.records[name] = []
        before: set[str] = set()
        for each in given if isinstance(given, list) else [given]:
            mark = json.dumps(each, sort_keys=True)
            if mark in before:
                parsed.repeated += 1
                continue
            before.add(mark)
            try:
                parsed.records[name].append(RECORDS[name].model_validate(each))
            except ValidationError as exc:
                first = exc.errors()[0]
                place = ".".join(str(step) for step in first["loc"]) or name
                parsed.faults.append(Fault(name, each, f"{place}: {first['msg']}"))
    wrong = content.get("wrong", [])
    parsed.wrong = (
        [each for each in wrong if isinstance(each, int) and not isinstance(each, bool)] if isinstance(wrong, list) else []
    )
    return parsed


_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)|\A(?:(?!<think>).)*?</think>", re.DOTALL | re.IGNORECASE)
_DECODER = json.JSONDecoder()


def _last_object(text: str, names: list[str]) -> dict[str, Any] | None:
    """The last whole JSON object in the text that has one of the lists: a model may think aloud before it answers."""
    found: dict[str, Any] | None = None
    at = text.find("{")
    while at >= 0:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1) if text.count("{", 0, at) < 50 else -1
            continue
        if isinstance(value, dict) and any(name in value for name in (*names, "wrong")):
            found = value
        at = text.find("{", end)
    return found


def _complete_records(text: str, names: list[str]) -> dict[str, Any] | None:
    """The records of a cut answer that are closed and followed by another or by the list's end; none that touches the cut."""
    found: dict[str, list[Any]] = {}
    for match in re.finditer(rf'"({"|".join(names)})"\s*:\s*\[', text):
        found[match[1]] = list(_elements(text, match.end()))
    return found or None


def _elements(text: str, at: int) -> Iterator[Any]:
    while True:
        at = _past(text, at)
        if at >= len(text) or text[at] == "]":
            return
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        after = _past(text, at, "")
        if after >= len(text) and not isinstance(value, dict):
            return  # a bare number or word may go on behind the cut
        yield value


def _past(text: str, at: int, marks: str = ",") -> int:
    while at < len(text) and text[at] in " \t\r\n" + marks:
        at += 1
    return at
