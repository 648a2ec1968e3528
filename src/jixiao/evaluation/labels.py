"""Label files (标注文件) checked and completed: every fault at once, each with its line and a way out.

A label file may leave out what a program can reckon: offsets where the quote tells them, the report's digest and length.
``check_labels`` finds them; ``LabelCheck.completed`` is the file with all of them in.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError
from rapidfuzz import fuzz

from jixiao.document import Document
from jixiao.evaluation.label_files import LISTS
from jixiao.evaluation.scoring import KINDS, Record, records_of, similarities
from jixiao.records import Completion, Extraction, Measurement, Metric

Path = tuple[str | int, ...]
"""The way to a value in the JSON: keys and positions."""

_MARKS = dict(zip(LISTS, "gcmia", strict=True))


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a label file. An ``error`` makes the file useless; a ``note`` is worth a second look."""

    line: int
    severity: Literal["error", "note"]
    words: str


@dataclass(slots=True)
class LabelCheck:
    """What a check found: the faults in the order of the lines and, without errors, the labels complete."""

    faults: list[Fault] = field(default_factory=list)
    completed: Extraction | None = None

    @property
    def errors(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.severity == "error"]


def check_labels(words: str, document: Document) -> LabelCheck:
    """The faults of the label file whose content is ``words``, held against the report it labels."""
    check = LabelCheck()
    try:
        content = json.loads(words)
    except json.JSONDecodeError as exc:
        check.faults.append(Fault(exc.lineno, "error", f"this is no JSON: {exc.msg}; mend it at column {exc.colno}"))
        return check
    if not isinstance(content, dict):
        check.faults.append(Fault(1, "error", "a label file is one object {…} with report, goals, completions, metrics …"))
        return check
    lines = _Lines(words)
    found = [*_fill_report(content, document), *_fill_places(content, document.text)]
    try:
        labels = Extraction.model_validate_json(json.dumps(content))
        numbers = {name: list(range(len(getattr(labels, name)))) for name in LISTS}
        check.completed = labels
    except ValidationError as exc:
        # Numbers stand as strings in JSON; pydantic's own words say the rest.
        found += [(tuple(each["loc"]), "error", _schema_words(each["loc"], each["msg"])) for each in exc.errors()]
        labels, numbers = _in_form(content, {tuple(each["loc"][:2]) for each in exc.errors()})
    for path, severity, said in (
        *_id_faults(labels, content),
        *_link_faults(labels, content),
        *_twice(labels),
        *_doubtful(labels),
    ):
        name, number, *rest = path
        found.append(((name, numbers[str(name)][int(number)], *rest), severity, said))
    check.faults = sorted((Fault(lines.at(path), severity, said) for path, severity, said in found), key=lambda each: each.line)
    if check.errors:
        check.completed = None
    return check


_Found = tuple[Path, Literal["error", "note"], str]


def _in_form(content: dict[str, Any], faulty: set[Path]) -> tuple[Extraction, dict[str, list[int]]]:
    """The records whose form is right, so that their other faults are told at once too; and which of each list they are."""
    numbers = {
        name: [number for number in range(len(records)) if (name, number) not in faulty]
        if isinstance(records := content.get(name), list)
        else []
        for name in LISTS
    }
    report = {"source": "", "sha256": "", "characters": 0}
    lists = {name: [content[name][number] for number in kept] for name, kept in numbers.items()}
    return Extraction.model_validate_json(json.dumps({"report": report, **lists})), numbers


def _ids(content: dict[str, Any], name: str) -> list[object]:
    """The ids in a list, those of records of the wrong form too."""
    records = content.get(name)
    return [record.get("id") for record in (records if isinstance(records, list) else ()) if isinstance(record, dict)]


def _schema_words(path: tuple[int | str, ...], said: str) -> str:
    place = ".".join(str(step) for step in path)
    return f"{place}: {said[0].lower()}{said[1:]}; see the fields in the contract"


# Filling in what a program can reckon


def _fill_report(content: dict[str, Any], document: Document) -> Iterator[_Found]:
    """The report's source, digest and length filled in; an error where they are given, and of another text."""
    report = content.setdefault("report", {})
    if not isinstance(report, dict):
        return
    for name, true in (("source", document.source), ("sha256", document.sha256), ("characters", len(document.text))):
        if report.setdefault(name, true) != true:
            yield (
                ("report", name),
                "error",
                f"{name} is {report[name]!r}, the report's is {true!r}; take it out to have it filled in",
            )


def _fill_places(content: dict[str, Any], text: str) -> Iterator[_Found]:
    """Offsets found from the quotes, record by record in the order of the file."""
    for name in LISTS:
        last = 0
        records = content.get(name)
        for number, record in enumerate(records if isinstance(records, list) else ()):
            pieces = record.get("evidence") if isinstance(record, dict) else None
            for index, piece in enumerate(pieces if isinstance(pieces, list) else ()):
                path = (name, number, "evidence", index)
                if not isinstance(piece, dict) or not isinstance(piece.get("quote"), str) or not piece["quote"]:
                    if isinstance(piece, dict):
                        yield path, "error", "evidence needs a quote: the report's own characters, in one stretch"
                    continue
                start, said = _place_of(piece, text, last)
                if start is None:
                    yield path, "error", said
                    # The schema wants a number: the fault is told, and told once.
                    piece["start"], piece["end"] = 0, len(piece["quote"])
                    continue
                if said:
                    yield path, "note", said
                piece["start"], piece["end"] = start, start + len(piece["quote"])
                last = start if index == 0 else last


def _place_of(piece: dict[str, Any], text: str, last: int) -> tuple[int | None, str]:
    """Where a quote stands: at its ``start``; else where it occurs once; else a sentence that says what to do."""
    quote, start = piece["quote"], piece.get("start")
    given = start if isinstance(start, int) and not isinstance(start, bool) else None
    if given is not None and given >= 0 and text.startswith(quote, given):
        if piece.get("end", given + len(quote)) != given + len(quote):
            return given, f"end is {piece['end']}, yet the quote from {given} ends at {given + len(quote)}: corrected"
        return given, ""
    places = [match.start() for match in re.finditer(re.escape(quote), text)]
    if not places:
        return None, f"the quote is not in the text: 「{_short(quote)}」; {_nearest(quote, text)}"
    if len(places) == 1:
        return places[0], "" if given is None else f"the quote stands at {places[0]}, not at {given}: corrected"
    if given is not None:
        nearest = min(places, key=lambda place: abs(place - given))
        return nearest, f"the quote is not at {given}; of its {len(places)} places the nearest, {nearest}, is taken"
    return None, (
        f"the quote stands in {len(places)} places ({', '.join(map(str, places[:6]))}{' …' if len(places) > 6 else ''}): "
        f'「{_short(quote)}」; add "start", or lengthen it'
    )


def _nearest(quote: str, text: str) -> str:
    """The passage of the text that is most like the quote, in words."""
    like = fuzz.partial_ratio_alignment(quote, text, score_cutoff=50)
    if like is None:
        return "nothing in it is like this; copy the words from the report"
    return f"the nearest words, at {like.dest_start}, are 「{_short(text[like.dest_start : like.dest_end])}」"


def _short(words: str) -> str:
    words = words.replace("\n", "⏎")
    return words if len(words) <= 50 else words[:49] + "…"


# Faults of the records


def _id_faults(labels: Extraction, content: dict[str, Any]) -> Iterator[_Found]:
    times = Counter(str(each) for name in LISTS for each in _ids(content, name))
    for name in LISTS:
        for number, record in enumerate(getattr(labels, name)):
            if times[record.id] > 1:
                yield (
                    (name, number, "id"),
                    "error",
                    f"the id {record.id} is used {times[record.id]} times; give each record its own",
                )
            elif not record.id.startswith(_MARKS[name]):
                yield (
                    (name, number, "id"),
                    "error",
                    f"the id {record.id} belongs to another list; ids of {name} begin with {_MARKS[name]}",
                )


def _link_faults(labels: Extraction, content: dict[str, Any]) -> Iterator[_Found]:
    """Links that lead nowhere, and records that might well be linked."""
    goals, issues = (set(map(str, _ids(content, name))) for name in ("goals", "issues"))
    for name in ("completions", "metrics"):
        for number, record in enumerate(getattr(labels, name)):
            if record.goal_id is not None and record.goal_id not in goals:
                yield (name, number, "goal_id"), "error", f"{record.id} names the goal {record.goal_id}, which is not there"
            elif isinstance(record, Completion) and record.goal_id is None and goals and not record.optional:
                yield (name, number), "note", f"{record.id} is tied to no goal; is there one that it completes?"
    for number, measure in enumerate(labels.measures):
        for issue_id in measure.issue_ids:
            if issue_id not in issues:
                yield ("measures", number, "issue_ids"), "error", f"{measure.id} names the problem {issue_id}, which is not there"
        if not measure.issue_ids and issues and not measure.optional:
            yield ("measures", number), "note", f"{measure.id} is tied to no problem; is there one that it answers?"


def _twice(labels: Extraction) -> Iterator[_Found]:
    """Records that the scorer could pair with each other, at the same place: one of them is one too many."""
    where = {record.id: (name, number) for name in LISTS for number, record in enumerate(getattr(labels, name))}
    for kind in KINDS:
        records = records_of(labels, kind)
        alike = similarities(kind, records, records)
        for row, first in enumerate(records):
            for second in (records[column] for column in range(row + 1, len(records)) if alike[row, column] > 0):
                if _places(first) == _places(second) and _content(first) == _content(second):
                    yield where[second.id], "error", f"{second.id} says the same as {first.id}, at the same place; take one out"


def _places(record: Record) -> list[tuple[int, int]]:
    return [(piece.start, piece.end) for piece in record.evidence]


def _content(record: Record) -> str:
    return record.model_dump_json(exclude={"id", "evidence", "optional", "goal_id", "issue_ids"})


def _doubtful(labels: Extraction) -> Iterator[_Found]:
    for number, metric in enumerate(labels.metrics):
        path = ("metrics", number)
        measured = [(name, getattr(metric, name)) for name in ("target", "actual", "previous")]
        if not any(measure for _, measure in measured):
            yield path, "error", f"{metric.id} has neither target, actual nor previous; a metric measures something"
        if metric.kind != "indicator" and metric.attained is not None:
            yield (*path, "attained"), "error", f"{metric.id} is no indicator; attained is for indicators only"
        for name, measure in measured:
            if measure is not None and not _raw_stands(metric, measure):
                yield (*path, name, "raw"), "note", f"{metric.id} {name}: 「{_short(measure.raw)}」 is not in its quote"


def _raw_stands(metric: Metric, measure: Measurement) -> bool:
    quotes = re.sub(r"\s", "", "".join(piece.quote for piece in metric.evidence))
    return re.sub(r"\s", "", measure.raw) in quotes


class _Lines:
    """Where the values of a JSON text stand: a way of keys and positions → the line, counted from 1."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._decoder = json.JSONDecoder()

    def at(self, path: Path) -> int:
        """The line of the value at ``path``, or of the last value on the way that is there."""
        place = self._skip(0)
        for step in path:
            inner = next((start for key, start in self._members(place) if key == step), None)
            if inner is None:
                break
            place = inner
        return self._words.count("\n", 0, place) + 1

    def _members(self, place: int) -> Iterator[tuple[str | int, int]]:
        """The keys or positions of the object or list at ``place``, each with the place of its value."""
        opening = self._words[place]
        if opening not in "{[":
            return
        number, at = 0, self._skip(place + 1)
        while self._words[at] not in "}]":
            key: str | int = number
            if opening == "{":
                key, at = self._decoder.raw_decode(self._words, at)
                at = self._skip(at)
            yield key, at
            at = self._skip(self._decoder.raw_decode(self._words, at)[1])
            number += 1

    def _skip(self, at: int) -> int:
        """The place of the next value or closing bracket."""
        while at < len(self._words) and self._words[at] in " \t\r\n,:":
            at += 1
        return at
