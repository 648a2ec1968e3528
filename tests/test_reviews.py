"""Reviewers' decisions on records: kept apart from the engine's, taken back, disputed, outliving a new reading, exported as labels."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import delete, insert, select, text

from jixiao.audit import audit
from jixiao.dataset import deciding, reviews
from jixiao.dataset.corrections import corrected, drafted, place_of
from jixiao.dataset.export import export
from jixiao.dataset.overview import overview
from jixiao.dataset.rows import entry_of
from jixiao.dataset.schema import VERSION, evidence, records, rollup
from jixiao.dataset.schema import reviews as reviews_table
from jixiao.dataset.search import Filters, search
from jixiao.dataset.store import Dataset, open_dataset
from jixiao.document import Document, Span
from jixiao.errors import BadReview
from jixiao.evaluation.label_files import label_words
from jixiao.evaluation.labels import check_labels
from jixiao.pipeline import extract
from jixiao.readers.text import read_text
from jixiao.records import Extraction, Goal, Metric
from workbench import REPORT

DOCUMENT = read_text(REPORT.encode(), "云溪.txt")


def put(dataset: Dataset, extraction: Extraction, document: Document = DOCUMENT) -> int:
    run = dataset.begin_run("test")
    entry = entry_of("云溪.txt", document, extraction, audit(document, extraction), postgresql=dataset.is_postgresql)
    return dataset.save(entry, "test", run)


@pytest.fixture
def dataset(dataset_place: str) -> Iterator[Dataset]:
    with open_dataset(dataset_place, create=True) as opened:
        put(opened, extract(DOCUMENT))
        yield opened


def goal(dataset: Dataset, number: int = 0) -> reviews.Reviewed:
    return [each for each in deciding.review(dataset, 1).records if each.kind == "goal"][number]


def reworded(seen: reviews.Reviewed, words: str) -> Goal:
    assert isinstance(seen.engine, Goal)
    return seen.engine.model_copy(update={"statement": words})


def test_a_correction_stands_and_the_engines_record_stays_beside_it(dataset: Dataset) -> None:
    before = goal(dataset)
    seen = deciding.decide(dataset, 1, before.key, "correct", "张三", reworded(before, "改造供水站16座"))
    assert seen is not None
    assert (seen.state, seen.engine) == ("corrected", before.engine)
    assert deciding.review(dataset, 1).extraction().goals[0].statement == "改造供水站16座"
    assert deciding.review(dataset, 1).engine.goals[0] == before.engine


def test_a_rejected_record_is_gone_from_the_records_and_what_it_was_linked_to_loses_the_link(dataset: Dataset) -> None:
    key = goal(dataset).key
    tied = [each.id for each in deciding.review(dataset, 1).extraction().completions if each.goal_id == "g1"]
    deciding.decide(dataset, 1, key, "reject", "张三")
    now = deciding.review(dataset, 1).extraction()
    assert "g1" not in [each.id for each in now.goals]
    assert tied
    assert all(each.goal_id is None for each in now.completions if each.id in tied)


def test_the_last_decision_is_taken_back_and_then_the_one_before_it_stands(dataset: Dataset) -> None:
    key = goal(dataset).key
    deciding.decide(dataset, 1, key, "accept", "张三")
    deciding.decide(dataset, 1, key, "reject", "张三")
    assert deciding.undo(dataset, 1, "张三") == key
    assert goal(dataset).state == "accepted"
    assert deciding.undo(dataset, 1, "张三") == key
    assert (goal(dataset).state, deciding.undo(dataset, 1, "张三")) == ("open", None)


def test_nobody_takes_back_another_reviewers_decision(dataset: Dataset) -> None:
    deciding.decide(dataset, 1, goal(dataset).key, "accept", "张三")
    assert deciding.undo(dataset, 1, "李四") is None
    assert goal(dataset).state == "accepted"


def test_two_reviewers_who_have_it_otherwise_are_shown_until_they_agree(dataset: Dataset) -> None:
    key = goal(dataset).key
    deciding.decide(dataset, 1, key, "accept", "张三")
    deciding.decide(dataset, 1, key, "reject", "李四")
    assert goal(dataset).disputed
    assert deciding.progress_of(dataset, [1])[1].disputed == 1
    deciding.decide(dataset, 1, key, "reject", "张三")
    assert (goal(dataset).disputed, goal(dataset).state) == (False, "rejected")


def test_a_new_reading_overwrites_no_decision(dataset: Dataset) -> None:
    """The engine reads one goal otherwise, and finds another no more."""
    first, second = goal(dataset, 0), goal(dataset, 1)
    deciding.decide(dataset, 1, first.key, "correct", "张三", reworded(first, "改造供水站16座"))
    deciding.decide(dataset, 1, second.key, "accept", "张三")
    again = deciding.review(dataset, 1).engine
    put(dataset, again.model_copy(update={"goals": [again.goals[0].model_copy(update={"id": "g7", "statement": "另一种读法"})]}))
    number = dataset.known()[0].id
    seen = {each.key: each for each in deciding.review(dataset, number).records}
    assert [seen[first.key].record.statement, seen[first.key].changed] == ["改造供水站16座", True]  # type: ignore[union-attr]
    assert seen[second.key].record.statement == second.engine.statement  # type: ignore[union-attr]
    assert len(deciding.review(dataset, number).extraction().goals) == 2


def found(dataset: Dataset, words: str, **filters: Any) -> list[tuple[str, str | None]]:
    return [(hit.record_id, hit.origin) for hit in search(dataset, words, Filters(**filters)).hits if hit.kind != "finding"]


def rows(dataset: Dataset) -> list[Any]:
    """All that the tables say of the reports' records, without the rows' own numbers, what the index answers and the rollup counts."""
    with dataset.reading() as connection:
        of = [column for column in records.c if column.name not in ("id", "report_id")]
        told = connection.execute(select(*of).order_by(records.c.position)).all()
        places = [column for column in evidence.c if column.name != "record"]
        at = select(records.c.record_id, *places).join(records).order_by(records.c.position, evidence.c.position)
        counted = select(rollup).order_by(*rollup.primary_key)
        return [
            *told,
            *connection.execute(at),
            *connection.execute(counted),
            sorted(found(dataset, "")),
            sorted(found(dataset, "供水站")),
        ]


def test_what_people_decided_is_what_search_and_export_show(dataset: Dataset, tmp_path: Path) -> None:
    corrected_goal, rejected = goal(dataset, 0), goal(dataset, 1)
    assert overview(dataset).kinds["goal"] == 2
    deciding.decide(dataset, 1, corrected_goal.key, "correct", "张三", reworded(corrected_goal, "建成蓄水池16座"))
    deciding.decide(dataset, 1, rejected.key, "reject", "张三")
    added = deciding.decide(dataset, 1, "", "add", "张三", drafted(DOCUMENT, "measure", place_of(DOCUMENT, "按月通报支付进度")))
    assert added is not None
    assert found(dataset, "蓄水池") == [(corrected_goal.id, "person")]
    assert rejected.id not in [number for number, _ in found(dataset, "", kinds=("goal",))]
    assert (added.id, "person") in found(dataset, "按月通报", kinds=("measure",))
    assert (overview(dataset).kinds["goal"], dataset.count()["goal"]) == (1, 1)
    export(dataset, tmp_path / "all.jsonl", "jsonl", Filters())
    told = Extraction.model_validate_json((tmp_path / "all.jsonl").read_text(encoding="utf-8"))
    assert told == dataset.extraction(1) == deciding.review(dataset, 1).extraction()
    assert [(each.statement, each.origin) for each in told.goals] == [("建成蓄水池16座", "person")]
    export(dataset, tmp_path / "csv", "csv", Filters())
    assert "建成蓄水池16座" in (tmp_path / "csv/goals.csv").read_text(encoding="utf-8")


def test_a_decision_taken_back_leaves_the_rows_as_the_engine_has_them(dataset: Dataset) -> None:
    as_read = rows(dataset)
    for each in (goal(dataset, 0), goal(dataset, 1)):
        deciding.decide(dataset, 1, each.key, "reject", "张三")
    assert rows(dataset) != as_read
    deciding.undo(dataset, 1, "张三")
    deciding.undo(dataset, 1, "张三")
    assert rows(dataset) == as_read


def test_an_accepted_record_is_the_engines_and_its_rows_stay(dataset: Dataset) -> None:
    as_read = rows(dataset)
    for each in deciding.review(dataset, 1).records:
        deciding.decide(dataset, 1, each.key, "accept", "张三")
    assert rows(dataset) == as_read
    assert dataset.extraction(1) == deciding.review(dataset, 1).engine


def test_the_rows_are_those_of_a_report_taken_in_as_it_stands(dataset: Dataset, tmp_path: Path) -> None:
    """Many decisions in turn and a new reading in between: the rows are never other than made anew."""
    chance = random.Random(8)
    for turn in range(25):
        seen = chance.choice(deciding.review(dataset, dataset.known()[0].id).records)
        number, action = dataset.known()[0].id, chance.choice(get_args(reviews.Action))
        match action:
            case "undo":
                deciding.undo(dataset, number, chance.choice("甲乙"))
            case "add":
                span = Span(at := chance.randrange(len(REPORT) - 8), at + chance.randrange(1, 8))
                deciding.decide(dataset, number, "", "add", "甲", drafted(DOCUMENT, "issue", span))
            case "correct":
                before = seen.record or seen.engine
                assert before is not None
                changed = before.model_copy(update={"name" if isinstance(before, Metric) else "statement": f"改{turn}"})
                deciding.decide(dataset, number, seen.key, "correct", chance.choice("甲乙"), changed)
            case _:
                deciding.decide(dataset, number, seen.key, action, chance.choice("甲乙"))
        if turn == 12:
            put(dataset, extract(DOCUMENT))
    with open_dataset(f"{tmp_path}/anew.sqlite", create=True) as anew:
        put(anew, dataset.extraction(dataset.known()[0].id))
        assert rows(dataset) == rows(anew)


def test_what_was_decided_before_rows_told_of_it_is_told_when_the_dataset_is_opened(tmp_path: Path) -> None:
    """A dataset of version 2 held decisions beside rows of the engine's records."""
    path = f"{tmp_path}/old.sqlite"
    with open_dataset(path, create=True) as made:
        put(made, extract(DOCUMENT))
        deciding.decide(made, 1, goal(made).key, "reject", "张三")
        decided = rows(made)
        with made.writing() as connection:
            kept = connection.execute(select(reviews_table)).mappings().all()
            connection.execute(delete(reviews_table))
        put(made, extract(DOCUMENT))
        with made.writing() as connection:
            connection.execute(insert(reviews_table), [dict(each) for each in kept])
            for words in (
                "UPDATE meta SET value = '2' WHERE key = 'schema'",
                "DROP TABLE rollup",
                "DROP TABLE vectors",
                "DROP VIEW numbers",
            ):
                connection.execute(text(words))
        assert found(made, "", kinds=("goal",)) != []
    with open_dataset(path) as opened:
        assert rows(opened) == decided


def test_links_follow_their_records_through_a_new_reading_that_numbers_otherwise(dataset: Dataset) -> None:
    done = next(each for each in deciding.review(dataset, 1).records if each.kind == "completion")
    deciding.decide(dataset, 1, done.key, "accept", "张三")
    again = deciding.review(dataset, 1).engine
    renumbered = [each.model_copy(update={"id": f"g{9 - at}"}) for at, each in enumerate(again.goals)]
    put(dataset, again.model_copy(update={"goals": renumbered, "completions": []}))
    now = deciding.review(dataset, dataset.known()[0].id).extraction()
    assert [each.goal_id for each in now.completions] == ["g9"]


def test_reviewed_records_are_labels_that_pass_the_check(dataset: Dataset) -> None:
    for each in deciding.review(dataset, 1).records[:-1]:
        deciding.decide(dataset, 1, each.key, "accept", "张三")
    place = place_of(DOCUMENT, "按月通报支付进度")
    deciding.decide(dataset, 1, "", "add", "张三", drafted(DOCUMENT, "measure", place))
    labels = deciding.review(dataset, 1).labels()
    check = check_labels(label_words(labels), DOCUMENT)
    assert (check.errors, len(labels.measures)) == ([], 2)
    optional = [record for name in reviews.LISTS for record in getattr(labels, name) if record.optional]
    assert len(optional) == 1  # what nobody has judged


def test_a_typed_figure_is_read_as_everywhere_else() -> None:
    span = place_of(DOCUMENT, "实际支出1,150.25万元")
    made = corrected(DOCUMENT, "figure", {"name": "实际支出", "actual.raw": "1,150.25万元"}, [span])
    assert isinstance(made, Metric)
    assert made.actual is not None
    assert (str(made.actual.value), made.actual.unit, str(made.actual.base_value)) == ("1150.25", "万元", "11502500")
    assert made.evidence[0].section == ["三、部门支出情况"]


@pytest.mark.parametrize(
    ("fields", "span", "sentence"),
    [
        ({"name": "支出", "weight": "很多"}, Span(0, 4), "weight: “很多” is no number"),
        ({"name": ""}, Span(0, 4), "these fields cannot be so: name"),
        ({"name": "支出"}, Span(0, 10**9), "this place is not in the report"),
        ({"name": "支出", "actual.raw": "x" * 6000}, Span(0, 4), "a field holds at most 5,000"),
        ({"name": "支出", "actual.raw": "1", "actual.value": "Infinity"}, Span(0, 4), "is no number"),
    ],
)
def test_what_cannot_be_a_record_is_refused(fields: dict[str, str], span: Span, sentence: str) -> None:
    with pytest.raises(BadReview, match=sentence):
        corrected(DOCUMENT, "budget", fields, [span])


def test_words_that_stand_twice_are_no_place() -> None:
    with pytest.raises(BadReview, match="several places"):
        place_of(DOCUMENT, "支付进度")


def test_a_decision_needs_a_name_and_a_record(dataset: Dataset) -> None:
    with pytest.raises(BadReview, match="reviewer's name"):
        deciding.decide(dataset, 1, goal(dataset).key, "accept", "  ")
    with pytest.raises(BadReview, match="no such record"):
        deciding.decide(dataset, 1, "g9-9", "accept", "张三")


def test_a_dataset_of_version_1_gets_its_tables_of_decisions(tmp_path: Path) -> None:
    path = f"{tmp_path}/old.sqlite"
    with open_dataset(path, create=True) as made, made.writing() as connection:
        for words in ("TABLE reviews", "TABLE uploads", "TABLE rollup", "VIEW numbers"):
            connection.execute(text(f"DROP {words}"))
        connection.execute(text("UPDATE meta SET value = '1' WHERE key = 'schema'"))
    with open_dataset(path) as opened:
        assert opened.notes == (f"{path}: brought from version 1 of its tables to {VERSION}.",)
        put(opened, extract(DOCUMENT))
        assert deciding.decide(opened, 1, goal(opened).key, "accept", "张三") is not None
