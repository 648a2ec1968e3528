"""A reviewer's decision (复核) → kept, and in the same transaction the report's rows made to say what stands now."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select

from jixiao.dataset.report_rows import restate, review_in
from jixiao.dataset.reviews import Action, Progress, Record, Review, Reviewed, decisions_on, free_key, keys_of, standing, written
from jixiao.dataset.schema import records, reports, reviews
from jixiao.dataset.store import Dataset
from jixiao.errors import BadReview

_LONGEST_NAME = 40


def review(dataset: Dataset, report: int) -> Review:
    """A report's records with all decisions on them.

    Raises:
        DatasetError: there is no such report.
    """
    with dataset.reading() as connection:
        return review_in(connection, report)


def progress_of(dataset: Dataset, numbers: Sequence[int]) -> dict[int, Progress]:
    """How far the reviews of these reports are. An added record counts as decided, and to the total."""
    with dataset.reading() as connection:
        of = records.c
        totals = connection.execute(
            select(of.report_id, func.count()).where(of.report_id.in_(numbers), of.kind != "finding").group_by(of.report_id)
        )
        counted: dict[int, int] = {row[0]: row[1] for row in totals}
        chosen = connection.execute(select(reports.c.id, reports.c.sha256).where(reports.c.id.in_(numbers)))
        digests: dict[int, str] = {row[0]: row[1] for row in chosen}
        decisions = decisions_on(connection, digests.values())
    found = {}
    for number, digest in digests.items():
        said: dict[str, set[str | None]] = {}
        latest = {}
        for each in standing(decisions[digest]):
            said.setdefault(each.key, set()).add(each.person)
            latest[each.key] = each
        rejected = sum(each.person is None for each in latest.values())  # they have no row
        disputed = sum(len(of_key) > 1 for of_key in said.values())
        found[number] = Progress(counted.get(number, 0) + rejected, len(said), disputed)
    return found


def decide(
    dataset: Dataset, report: int, key: str, action: Action, reviewer: str, record: Record | None = None
) -> Reviewed | None:
    """Note a reviewer's decision on the record with this key; ``record`` is the reviewer's, for ``correct`` and ``add``.

    An added record gets a key of its own. Gives the record as it stands then.

    Raises:
        BadReview: there is no such record, or the reviewer has no name.
        DatasetError: there is no such report, or it cannot be written.
    """
    reviewer = named(reviewer)
    with dataset.writing() as connection:
        before = review_in(connection, report)
        of_engine = keys_of(before.engine)
        keys = of_engine | {each.id: each.key for each in before.records}
        if action == "add":
            assert record is not None
            key = free_key(record, {each.key for each in before.records})
            engine = None
        else:
            known = before.of(key)
            if known is None:
                raise BadReview("there is no such record in the report; load the page again.")
            engine = known.engine if known.key in of_engine.values() else None
            if action == "accept":
                record = known.record or known.engine
            if action == "correct" and record is None:
                raise BadReview("a correction needs the record as it should be.")
        person = None if action == "reject" or record is None else written(record, keys)
        was = None if engine is None else written(engine, keys)
        _append(connection, before.engine.report.sha256, key, action, reviewer, engine=was, person=person)
        return restate(connection, report, before).of(key)


def undo(dataset: Dataset, report: int, reviewer: str) -> str | None:
    """Take back the reviewer's last decision on this report; gives its record's key, ``None`` where there is none."""
    reviewer = named(reviewer)
    with dataset.writing() as connection:
        before = review_in(connection, report)
        digest = before.engine.report.sha256
        decisions = decisions_on(connection, [digest])[digest]
        undone = {each.undoes for each in decisions}
        own = [each for each in decisions if each.reviewer == reviewer and each.action != "undo" and each.id not in undone]
        if not own:
            return None
        _append(connection, digest, own[-1].key, "undo", reviewer, undoes=own[-1].id)
        restate(connection, report, before)
        return own[-1].key


def named(reviewer: str) -> str:
    """A reviewer's name, fit to be kept.

    Raises:
        BadReview: it is empty, too long, or holds what is no character to be read.
    """
    name = " ".join(reviewer.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise BadReview(f"a decision needs its reviewer's name, of at most {_LONGEST_NAME} characters.")
    return name


def _append(
    connection: Connection,
    sha256: str,
    key: str,
    action: Action,
    reviewer: str,
    *,
    engine: str | None = None,
    person: str | None = None,
    undoes: int | None = None,
) -> None:
    number = int(connection.execute(select(func.coalesce(func.max(reviews.c.id), 0))).scalar_one()) + 1
    connection.execute(
        insert(reviews).values(
            id=number,
            sha256=sha256,
            key=key,
            action=action,
            engine=engine,
            person=person,
            undoes=undoes,
            reviewer=reviewer,
            decided=datetime.now(UTC).isoformat(timespec="seconds"),
        )
    )
