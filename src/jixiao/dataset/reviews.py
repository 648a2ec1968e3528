"""Reviewers' decisions (复核决定) and the engine's records → what a report's records are now, and those as labels.

Decisions are only ever added; each is of the report's content and names its record by list and place, so that no later
reading by an engine can lose a person's word. Engine's record and person's record are kept apart. Decides nothing itself.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import Connection, select

from jixiao.dataset.schema import reviews
from jixiao.errors import DatasetError
from jixiao.records import Completion, Extraction, Goal, Issue, Measure, Metric

Record = Goal | Completion | Metric | Issue | Measure
Action = Literal["accept", "correct", "reject", "add", "undo"]
State = Literal["open", "accepted", "corrected", "rejected", "added"]
LISTS: dict[str, type[Record]] = {
    "goals": Goal,
    "completions": Completion,
    "metrics": Metric,
    "issues": Issue,
    "measures": Measure,
}
MARKS = dict(zip(LISTS, "gcmia", strict=True))
"""What the ids, and the keys, of each list begin with."""
_OWN = {"id", "origin", "provenance", "optional"}
"""What is no part of what a record says."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided on a record (复核决定), and when."""

    id: int
    key: str
    action: Action
    engine: str | None
    """The engine's record when it was judged, JSON with keys for links."""
    person: str | None
    """The record as the reviewer has it, in the same form; ``None`` where it was rejected."""
    undoes: int | None
    reviewer: str
    decided: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A record with what people say of it (复核中的记录)."""

    key: str
    kind: str
    engine: Record | None
    """As the engine reads it."""
    record: Record | None
    """As it stands: by the latest decision, without one the engine's; ``None`` where it was rejected."""
    decisions: tuple[Decision, ...]
    """Each reviewer's decision that stands, the oldest first."""
    state: State
    disputed: bool
    """Two reviewers have it otherwise (分歧)."""
    changed: bool
    """The engine reads it otherwise than when it was judged."""

    @property
    def id(self) -> str:
        shown = self.record or self.engine
        assert shown is not None
        return shown.id


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a review is (复核进度)."""

    total: int
    decided: int
    disputed: int


@dataclass(frozen=True, slots=True)
class Review:
    """A report's records under review, in the order of its text."""

    engine: Extraction
    records: tuple[Reviewed, ...]

    def of(self, key: str) -> Reviewed | None:
        """The record with this key."""
        return next((each for each in self.records if each.key == key), None)

    @property
    def progress(self) -> Progress:
        decided = sum(each.state != "open" for each in self.records)
        return Progress(len(self.records), decided, sum(each.disputed for each in self.records))

    def extraction(self) -> Extraction:
        """The records as they stand: people's where they have decided, the engine's elsewhere."""
        return self._with(each.record for each in self.records if each.record is not None)

    def labels(self) -> Extraction:
        """The records as hand labels (标注), ids in the order of the text.

        What nobody has judged, and what reviewers have otherwise, may be there or not: it is marked optional.
        """
        kept: dict[str, Record] = {}
        for each in self.records:
            if each.record is not None and _measures_something(each.record):
                unsure = each.state == "open" or each.disputed
                record = each.record.model_copy(
                    update={"origin": None, "provenance": None, "optional": each.record.optional or unsure}
                )
                kept.setdefault(_said(record, links=False), record)  # the same said twice of one place is one label
        ids = {
            record.id: f"{MARKS[name]}{number}"
            for name, all_of in _by_list(kept.values()).items()
            for number, record in enumerate(all_of, 1)
        }
        linked = [_linked(record, ids).model_copy(update={"id": ids[record.id]}) for record in kept.values()]
        return self._with(linked).model_copy(update={"conflicts": [], "run": None})

    def _with(self, kept: Iterable[Record]) -> Extraction:
        lists = _by_list(kept)
        ids = {record.id: record.id for all_of in lists.values() for record in all_of}
        return self.engine.model_copy(
            update={name: [_linked(record, ids) for record in all_of] for name, all_of in lists.items()}
        )


def review_of(extraction: Extraction, decisions: Sequence[Decision]) -> Review:
    """What the engine and the people say, put together."""
    keys = keys_of(extraction)
    on: dict[str, list[Decision]] = {}
    for decision in standing(decisions):
        on.setdefault(decision.key, []).append(decision)
    engine = {keys[record.id]: record for record in _all(extraction)}
    ids = {key: record.id for key, record in engine.items()}
    ids |= {key: f"{key[0]}p{of[0].id}" for key, of in on.items() if key not in ids}
    made = [_reviewed(key, engine.get(key), on.get(key, []), keys, ids) for key in ids]
    shown = (each for each in made if each is not None)
    return Review(extraction, tuple(sorted(shown, key=lambda each: _places(cast(Record, each.record or each.engine)))))


def _reviewed(
    key: str, engine: Record | None, standing: Sequence[Decision], keys: Mapping[str, str], ids: Mapping[str, str]
) -> Reviewed | None:
    latest = standing[-1] if standing else None
    if latest is None:
        assert engine is not None
        return Reviewed(key, kind_of(engine), engine, engine, (), "open", disputed=False, changed=False)
    was = None if engine is None else written(engine, keys)
    record = None if latest.person is None else engine if latest.person == was else _read(key, latest.person, ids)
    if record is None and engine is None:
        last = next((words for each in reversed(standing) if (words := each.person or each.engine)), None)
        if last is None:
            return None
        engine = _read(key, last, ids)  # rejected, and the engine has it no more: shown as it was
    state: State = (
        "rejected" if record is None else "added" if engine is None else "accepted" if latest.action == "accept" else "corrected"
    )
    shown = record or engine
    assert shown is not None
    return Reviewed(
        key,
        kind_of(shown),
        engine,
        record,
        tuple(standing),
        state,
        disputed=len({each.person for each in standing}) > 1,
        changed=was is not None and latest.engine is not None and latest.engine != was,
    )


def standing(decisions: Sequence[Decision]) -> list[Decision]:
    """Each reviewer's latest decision on each record that was not taken back, in order."""
    undone = {each.undoes for each in decisions}
    latest: dict[tuple[str, str], Decision] = {}
    for each in decisions:
        if each.action != "undo" and each.id not in undone:
            latest.pop((each.key, each.reviewer), None)
            latest[each.key, each.reviewer] = each
    return list(latest.values())


def decisions_on(connection: Connection, digests: Iterable[str]) -> dict[str, list[Decision]]:
    """All decisions on reports by their content, those that were taken back too, the oldest first."""
    found: dict[str, list[Decision]] = {digest: [] for digest in digests}
    rows = connection.execute(select(reviews).where(reviews.c.sha256.in_(list(found))).order_by(reviews.c.id))
    for row in rows.mappings():
        found[row["sha256"]].append(Decision(**{name: row[name] for name in Decision.__dataclass_fields__}))
    return found


# Records, their keys and their written form


def kind_of(record: Record) -> str:
    """The kind by which a record is shown and counted: a metric's own, else its list's."""
    return record.kind if isinstance(record, Metric) else type(record).__name__.lower()


def keys_of(extraction: Extraction) -> dict[str, str]:
    """The key of each of the engine's records, by id. Several at one place are told apart by their order."""
    times: Counter[str] = Counter()
    keys = {}
    for record in _all(extraction):
        place = _place_key(record)
        times[place] += 1
        keys[record.id] = place if times[place] == 1 else f"{place}#{times[place]}"
    return keys


def free_key(record: Record, taken: set[str]) -> str:
    """A key for an added record, that no other has."""
    place = _place_key(record)
    return next(key for key in (place, *(f"{place}#{number}" for number in range(2, len(taken) + 3))) if key not in taken)


def _place_key(record: Record) -> str:
    return MARKS[_list_of(record)] + "+".join(f"{piece.start}-{piece.end}" for piece in record.evidence)


def _all(extraction: Extraction) -> Iterator[Record]:
    for name in LISTS:
        yield from getattr(extraction, name)


def _list_of(record: Record) -> str:
    return next(name for name, kind in LISTS.items() if isinstance(record, kind))


def _by_list(kept: Iterable[Record]) -> dict[str, list[Record]]:
    lists: dict[str, list[Record]] = {name: [] for name in LISTS}
    for record in kept:
        lists[_list_of(record)].append(record)
    return lists


def _places(record: Record) -> tuple[int, int]:
    return record.evidence[0].start, record.evidence[0].end


def _measures_something(record: Record) -> bool:
    return not isinstance(record, Metric) or any((record.target, record.actual, record.previous))


def _linked(record: Record, names: Mapping[str, str]) -> Record:
    """The record with its links by other names; a link to what is not there is none."""
    if isinstance(record, Completion | Metric):
        return record.model_copy(update={"goal_id": names.get(record.goal_id or "")})
    if isinstance(record, Measure):
        return record.model_copy(update={"issue_ids": [names[each] for each in record.issue_ids if each in names]})
    return record


def _said(record: Record, *, links: bool = True) -> str:
    """What a record says, as JSON: equal words for equal records."""
    content: dict[str, Any] = record.model_dump(mode="json", exclude=_OWN if links else {*_OWN, "goal_id", "issue_ids"})
    return json.dumps(content | {"list": _list_of(record)}, ensure_ascii=False, sort_keys=True)


def written(record: Record, keys: Mapping[str, str]) -> str:
    """What a record says, as a decision keeps it: JSON, its links as keys."""
    return _said(_linked(record, keys))


def _read(key: str, words: str, ids: Mapping[str, str]) -> Record:
    content = json.loads(words)
    kind = LISTS[content.pop("list")]
    try:
        return _linked(kind.model_validate_json(json.dumps({**content, "id": ids[key], "origin": "person"})), ids)
    except ValueError as exc:
        raise DatasetError(f"the decision on {key} is of another version and cannot be read; install the newest jixiao.") from exc
