"""Reviewers' decisions on records: kept apart from the engine's, taken back, disputed, outliving a new reading, exported as labels."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from jixiao.audit import audit
from jixiao.dataset import reviews
from jixiao.dataset.corrections import corrected, drafted, place_of
from jixiao.dataset.rows import entry_of
from jixiao.dataset.schema import VERSION
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
    return [each for each in reviews.review(dataset, 1).records if each.kind == "goal"][number]


def reworded(seen: reviews.Reviewed, words: str) -> Goal:
    assert isinstance(seen.engine, Goal)
    return seen.engine.model_copy(update={"statement": words})


def test_a_correction_stands_and_the_engines_record_stays_beside_it(dataset: Dataset) -> None:
    before = goal(dataset)
    seen = reviews.decide(dataset, 1, before.key, "correct", "张三", reworded(before, "改造供水站16座"))
    assert seen is not None
    assert (seen.state, seen.engine) == ("corrected", before.engine)
    assert reviews.review(dataset, 1).extraction().goals[0].statement == "改造供水站16座"
    assert dataset.extraction(1).goals[0] == before.engine


def test_a_rejected_record_is_gone_from_the_records_and_what_it_was_linked_to_loses_the_link(dataset: Dataset) -> None:
    key = goal(dataset).key
    tied = [each.id for each in reviews.review(dataset, 1).extraction().completions if each.goal_id == "g1"]
    reviews.decide(dataset, 1, key, "reject", "张三")
    now = reviews.review(dataset, 1).extraction()
    assert "g1" not in [each.id for each in now.goals]
    assert tied
    assert all(each.goal_id is None for each in now.completions if each.id in tied)


def test_the_last_decision_is_taken_back_and_then_the_one_before_it_stands(dataset: Dataset) -> None:
    key = goal(dataset).key
    reviews.decide(dataset, 1, key, "accept", "张三")
    reviews.decide(dataset, 1, key, "reject", "张三")
    assert reviews.undo(dataset, 1, "张三") == key
    assert goal(dataset).state == "accepted"
    assert reviews.undo(dataset, 1, "张三") == key
    assert (goal(dataset).state, reviews.undo(dataset, 1, "张三")) == ("open", None)


def test_nobody_takes_back_another_reviewers_decision(dataset: Dataset) -> None:
    reviews.decide(dataset, 1, goal(dataset).key, "accept", "张三")
    assert reviews.undo(dataset, 1, "李四") is None
    assert goal(dataset).state == "accepted"


def test_two_reviewers_who_have_it_otherwise_are_shown_until_they_agree(dataset: Dataset) -> None:
    key = goal(dataset).key
    reviews.decide(dataset, 1, key, "accept", "张三")
    reviews.decide(dataset, 1, key, "reject", "李四")
    assert goal(dataset).disputed
    assert reviews.progress_of(dataset, [1])[1].disputed == 1
    reviews.decide(dataset, 1, key, "reject", "张三")
    assert (goal(dataset).disputed, goal(dataset).state) == (False, "rejected")


def test_a_new_reading_overwrites_no_decision(dataset: Dataset) -> None:
    """The engine reads one goal otherwise, and finds another no more."""
    first, second = goal(dataset, 0), goal(dataset, 1)
    reviews.decide(dataset, 1, first.key, "correct", "张三", reworded(first, "改造供水站16座"))
    reviews.decide(dataset, 1, second.key, "accept", "张三")
    again = dataset.extraction(1)
    put(dataset, again.model_copy(update={"goals": [again.goals[0].model_copy(update={"id": "g7", "statement": "另一种读法"})]}))
    number = dataset.known()[0].id
    seen = {each.key: each for each in reviews.review(dataset, number).records}
    assert [seen[first.key].record.statement, seen[first.key].changed] == ["改造供水站16座", True]  # type: ignore[union-attr]
    assert seen[second.key].record.statement == second.engine.statement  # type: ignore[union-attr]
    assert len(reviews.review(dataset, number).extraction().goals) == 2


def test_links_follow_their_records_through_a_new_reading_that_numbers_otherwise(dataset: Dataset) -> None:
    done = next(each for each in reviews.review(dataset, 1).records if each.kind == "completion")
    reviews.decide(dataset, 1, done.key, "accept", "张三")
    again = dataset.extraction(1)
    renumbered = [each.model_copy(update={"id": f"g{9 - at}"}) for at, each in enumerate(again.goals)]
    put(dataset, again.model_copy(update={"goals": renumbered, "completions": []}))
    now = reviews.review(dataset, dataset.known()[0].id).extraction()
    assert [each.goal_id for each in now.completions] == ["g9"]


def test_reviewed_records_are_labels_that_pass_the_check(dataset: Dataset) -> None:
    for each in reviews.review(dataset, 1).records[:-1]:
        reviews.decide(dataset, 1, each.key, "accept", "张三")
    place = place_of(DOCUMENT, "按月通报支付进度")
    reviews.decide(dataset, 1, "", "add", "张三", drafted(DOCUMENT, "measure", place))
    labels = reviews.review(dataset, 1).labels()
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
        reviews.decide(dataset, 1, goal(dataset).key, "accept", "  ")
    with pytest.raises(BadReview, match="no such record"):
        reviews.decide(dataset, 1, "g9-9", "accept", "张三")


def test_a_dataset_of_version_1_gets_its_tables_of_decisions(tmp_path: Path) -> None:
    path = f"{tmp_path}/old.sqlite"
    with open_dataset(path, create=True) as made, made.writing() as connection:
        for words in ("TABLE reviews", "TABLE uploads", "TABLE rollup", "VIEW numbers"):
            connection.execute(text(f"DROP {words}"))
        connection.execute(text("UPDATE meta SET value = '1' WHERE key = 'schema'"))
    with open_dataset(path) as opened:
        assert opened.notes == (f"{path}: brought from version 1 of its tables to {VERSION}.",)
        put(opened, extract(DOCUMENT))
        assert reviews.decide(opened, 1, goal(opened).key, "accept", "张三") is not None
