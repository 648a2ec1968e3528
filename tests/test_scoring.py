"""The harness itself: what must come of labels scored against themselves, or against themselves with one thing changed."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao import Evidence, Extraction, Goal, Issue, Measurement, Metric, Report
from jixiao.evaluation.scoring import (
    KINDS,
    Kind,
    KindScore,
    Record,
    evidence_overlap,
    records_of,
    score_report,
    similarities,
    text_similarity,
)

FIXTURES = Path(__file__).parent.parent / "fixtures"
FOLDERS = sorted(folder.name for folder in FIXTURES.iterdir() if not folder.name.endswith("-heldout"))
LISTS: dict[Kind, str] = {"goal": "goals", "completion": "completions", "issue": "issues", "measure": "measures"}
EXAMPLES = settings(max_examples=60, deadline=None)


@cache
def labels(folder: str) -> Extraction:
    return Extraction.model_validate_json((FIXTURES / folder / "labels.json").read_text())


@cache
def text(folder: str) -> str:
    return (FIXTURES / folder / "source.txt").read_text()


def field_of(kind: Kind) -> str:
    return LISTS.get(kind, "metrics")


def with_records(extraction: Extraction, kind: Kind, records: list[Record]) -> Extraction:
    """The extraction with its records of one kind replaced."""
    others = [metric for metric in extraction.metrics if metric.kind != kind] if field_of(kind) == "metrics" else []
    return extraction.model_copy(update={field_of(kind): [*others, *records]})


def score(label: Extraction, predicted: Extraction, kind: Kind, words: str = "") -> KindScore:
    return score_report(label, predicted, words).kinds[kind]


def counts(found: KindScore) -> tuple[int, int, int]:
    return len(found.pairs), len(found.misses), len(found.false)


def wanted(folder: str, kind: Kind) -> list[Record]:
    return [record for record in records_of(labels(folder), kind) if not record.optional]


def cases() -> Iterator[tuple[str, Kind]]:
    yield from ((folder, kind) for folder in FOLDERS for kind in KINDS if wanted(folder, kind))


CASES = list(cases())
a_case = st.sampled_from(CASES)


def evidence(start: int, words: str) -> list[Evidence]:
    return [Evidence(start=start, end=start + len(words), quote=words)]


def goal(number: int, words: str, start: int, **fields: Any) -> Goal:
    return Goal(id=f"g{number}", level="annual", statement=words, evidence=evidence(start, words), **fields)


def figure(number: int, value: str, unit: str = "%", **fields: Any) -> Metric:
    quote = f"支出增长{value}{unit}"
    measured = Measurement(raw=f"{value}{unit}", value=Decimal(value), unit=unit)
    said: dict[str, Any] = {"actual": measured, "name": "支出", "evidence": evidence(10, quote)} | fields
    return Metric(id=f"m{number}", kind="figure", **said)


def row(number: int, name: str, value: str, **fields: Any) -> Metric:
    measured = Measurement(raw=value, value=Decimal(value), unit="万元")
    return Metric(id=f"m{number}", kind="budget", name=name, actual=measured, evidence=evidence(number * 50, name), **fields)


def report(*records: Goal | Metric) -> Extraction:
    return Extraction(
        report=Report(source="x.txt", sha256="", characters=0),
        goals=[record for record in records if isinstance(record, Goal)],
        metrics=[record for record in records if isinstance(record, Metric)],
    )


# Labels against themselves


@pytest.mark.parametrize("folder", FOLDERS)
def test_labels_against_themselves_are_all_right(folder: str) -> None:
    found = score_report(labels(folder), labels(folder), text(folder))
    assert {kind: (of.precision, of.recall, of.f1) for kind, of in found.kinds.items()} == dict.fromkeys(KINDS, (1, 1, 1))
    assert [check for of in found.kinds.values() for pair in of.pairs for check in pair.fields if not check.right] == []
    assert found.grounded == found.predictions


@pytest.mark.parametrize(("folder", "kind"), CASES)
def test_every_record_is_most_like_itself(folder: str, kind: Kind) -> None:
    assert [record.id for record in wanted(folder, kind) if similarities(kind, [record], [record])[0, 0] < 1] == []


@given(a_case, st.randoms(use_true_random=False))
@EXAMPLES
def test_the_order_of_records_does_not_matter(case: tuple[str, Kind], randomly: Any) -> None:
    folder, kind = case
    shuffled = randomly.sample(records_of(labels(folder), kind), k=len(records_of(labels(folder), kind)))
    mixed = with_records(labels(folder), kind, shuffled)
    assert (
        counts(score(labels(folder), mixed, kind))
        == counts(score(mixed, labels(folder), kind))
        == (len(wanted(folder, kind)), 0, 0)
    )


@given(a_case, st.data())
@EXAMPLES
def test_a_dropped_record_costs_exactly_its_recall(case: tuple[str, Kind], data: st.DataObject) -> None:
    folder, kind = case
    every = wanted(folder, kind)
    dropped = data.draw(st.sampled_from(every))
    rest = [record for record in records_of(labels(folder), kind) if record is not dropped]
    found = score(labels(folder), with_records(labels(folder), kind, rest), kind)
    assert (counts(found), found.precision, found.recall) == ((len(every) - 1, 1, 0), 1, (len(every) - 1) / len(every))


@given(a_case, st.data())
@EXAMPLES
def test_any_records_dropped_cost_their_recall_and_no_precision(case: tuple[str, Kind], data: st.DataObject) -> None:
    folder, kind = case
    kept = data.draw(
        st.lists(st.booleans(), min_size=len(records_of(labels(folder), kind)), max_size=len(records_of(labels(folder), kind)))
    )
    rest = [record for record, keep in zip(records_of(labels(folder), kind), kept, strict=True) if keep]
    found = score(labels(folder), with_records(labels(folder), kind, rest), kind)
    assert len(found.pairs) >= sum(not record.optional for record in rest)
    assert len(found.pairs) + len(found.misses) == len(wanted(folder, kind))
    assert found.false == []


@given(a_case, st.data())
@EXAMPLES
def test_a_duplicated_record_is_false_once(case: tuple[str, Kind], data: st.DataObject) -> None:
    folder, kind = case
    every = wanted(folder, kind)
    twin = data.draw(st.sampled_from(every)).model_copy(update={"id": "twin"})
    found = score(labels(folder), with_records(labels(folder), kind, [*records_of(labels(folder), kind), twin]), kind)
    assert (counts(found), found.recall) == ((len(every), 0, 1), 1)
    assert found.precision == len(every) / (len(every) + 1)


FIGURES = [(folder, metric) for folder, kind in CASES if kind == "figure" for metric in wanted(folder, kind)]


@given(st.sampled_from(FIGURES))
@EXAMPLES
def test_a_changed_number_makes_a_miss_and_a_false_record(case: tuple[str, Metric]) -> None:
    folder, metric = case
    part = "actual" if metric.actual else "target"
    stated = getattr(metric, part)
    other = Measurement(raw=stated.raw, value=Decimal("7654.321"), unit=stated.unit, comparator=stated.comparator)
    wrong = [metric.model_copy(update={part: other}) if one is metric else one for one in records_of(labels(folder), "figure")]
    found = score(labels(folder), with_records(labels(folder), "figure", wrong), "figure")
    assert counts(found) == (len(wanted(folder, "figure")) - 1, 1, 1)
    assert [record.id for record in [*found.misses, *found.false]] == [metric.id] * 2


def test_a_quote_that_does_not_hold_is_counted() -> None:
    words = "支出增长29%"
    right, wrong = figure(1, "29", evidence=evidence(0, words)), figure(2, "29", evidence=evidence(1, words))
    found = score_report(report(), report(right, wrong), words)
    assert (found.grounded, found.predictions) == (1, 2)


# What may pair with what


def test_a_percent_is_not_matched_by_a_near_number() -> None:
    assert counts(score(report(figure(1, "29")), report(figure(1, "28.82")), "figure")) == (0, 1, 1)


def test_the_same_money_in_another_unit_is_the_same_number() -> None:
    label, predicted = figure(1, "3.2", "万元"), figure(1, "32000", "元")
    assert counts(score(report(label), report(predicted), "figure")) == (1, 0, 0)


def test_the_same_number_of_something_else_or_elsewhere_is_not_the_same_figure() -> None:
    label = report(figure(1, "29", "家"))
    assert counts(score(label, report(figure(1, "29", "户")), "figure")) == (0, 1, 1)
    assert counts(score(label, report(figure(1, "29", "家", evidence=evidence(90, "支出增长29家"))), "figure")) == (0, 1, 1)


def test_a_plan_is_matched_by_a_plan_alone() -> None:
    done = figure(1, "29")
    planned = done.model_copy(update={"target": done.actual, "actual": None})
    assert counts(score(report(planned), report(planned), "figure")) == (1, 0, 0)
    assert counts(score(report(planned), report(done), "figure")) == (0, 1, 1)
    assert counts(score(report(done), report(planned), "figure")) == (0, 1, 1)


def test_a_rows_name_alone_pairs_nothing_and_nor_does_its_number() -> None:
    label = report(row(1, "公务接待费", "3.97"))
    assert counts(score(label, report(row(1, "公务接待费", "4.09")), "budget")) == (0, 1, 1)
    assert counts(score(label, report(row(1, "因公出国费", "3.97")), "budget")) == (0, 1, 1)
    assert counts(score(label, report(row(1, "公务接待费：", "3.97")), "budget")) == (1, 0, 0)


def test_a_statement_pairs_by_its_evidence_or_by_its_words() -> None:
    label = report(goal(1, "建成村级文化服务中心十二个", 0))
    assert counts(score(label, report(goal(1, "建成 村级文化服务中心，十二个。", 200)), "goal")) == (1, 0, 0)
    elsewhere = goal(1, "完全不同的说法", 0).model_copy(update={"evidence": label.goals[0].evidence})
    assert counts(score(label, report(elsewhere), "goal")) == (1, 0, 0)
    assert counts(score(label, report(goal(1, "完全不同的说法", 200)), "goal")) == (0, 1, 1)


def test_a_greedy_pairing_is_beaten() -> None:
    words = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒日月盈昃"
    first, second = goal(1, words[8:28], 100), goal(2, words[0:20], 200)
    near, far = goal(1, words[5:25], 300), goal(2, words[13:33], 400)
    assert similarities("goal", [first, second], [near, far]).tolist() == [[0.85, 0.75], [0.75, 0.0]]
    found = score(report(first, second), report(near, far), "goal")
    assert [(pair.label.id, pair.predicted.id) for pair in found.pairs] == [("g1", "g2"), ("g2", "g1")]
    assert counts(found) == (2, 0, 0)


def test_pairs_that_may_not_count_weigh_nothing() -> None:
    words = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
    label = report(goal(1, words, 0), goal(2, words[:11] + "一二三四五六七八九", 100))
    found = score(label, report(goal(1, words, 300)), "goal")
    assert ([pair.label.id for pair in found.pairs], [miss.id for miss in found.misses]) == (["g1"], ["g2"])


def test_an_optional_label_counts_neither_missed_nor_found() -> None:
    label = report(goal(1, "建成村级文化服务中心", 0), goal(2, "开展送戏下乡演出八十场", 100, optional=True))
    for predicted in (label, report(label.goals[0])):
        found = score(label, predicted, "goal")
        assert (counts(found), found.precision, found.recall) == ((1, 0, 0), 1, 1)
    assert counts(score(label, report(label.goals[1]), "goal")) == (0, 1, 0)


def test_a_kind_without_records_is_right_and_one_with_false_records_alone_is_not() -> None:
    nothing = score(report(), report(), "goal")
    assert (nothing.precision, nothing.recall, nothing.f1) == (1, 1, 1)
    false = score(report(), report(goal(1, "建成村级文化服务中心", 0)), "goal")
    assert (false.precision, false.recall, false.f1) == (0, 1, 0)


# Fields


def wrong_fields(label: Metric | Goal, predicted: Metric | Goal, kind: Kind) -> list[str]:
    (pair,) = score(report(label), report(predicted), kind).pairs
    return [check.name for check in pair.fields if not check.right]


def test_each_wrong_field_is_told_by_name() -> None:
    label = figure(1, "29")
    assert wrong_fields(label, label, "figure") == []
    assert wrong_fields(label, label.model_copy(update={"name": "收入总额"}), "figure") == ["name"]
    about = Measurement(raw="约29%", value=Decimal(29), unit="％", comparator="about")
    assert wrong_fields(label, label.model_copy(update={"actual": about}), "figure") == ["actual.unit", "actual.comparator"]
    assert wrong_fields(goal(1, "建成中心", 0), goal(1, "建成中心", 0, label="一"), "goal") == ["label"]


def test_links_compare_by_what_they_lead_to_and_not_by_id() -> None:
    aim, other = goal(1, "建成村级文化服务中心", 0), goal(2, "开展送戏下乡演出八十场", 100)
    label = report(aim, other, figure(1, "29", goal_id="g1"))
    same = report(aim.model_copy(update={"id": "g7"}), other, figure(1, "29", goal_id="g7"))
    wrong = report(aim, other, figure(1, "29", goal_id="g2"))
    checked = [next(c.right for c in score(label, p, "figure").pairs[0].fields if c.name == "goal_id") for p in (same, wrong)]
    assert checked == [True, False]


# Similarity


@given(st.text(max_size=30), st.text(max_size=30))
@EXAMPLES
def test_text_similarity_is_symmetric_and_between_nought_and_one(first: str, second: str) -> None:
    assert text_similarity(first, first) == 1
    assert 0 <= text_similarity(first, second) == text_similarity(second, first) <= 1


PIECES = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), min_size=1, max_size=4)


@given(PIECES, PIECES)
@settings(max_examples=200, deadline=None)
def test_evidence_overlap_counts_characters_in_both_over_characters_in_either(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    sides = [[Evidence(start=at, end=at + size, quote="") for at, size in side] for side in (first, second)]
    one, other = ({at for piece in side for at in range(piece.start, piece.end)} for side in sides)
    label, predicted = (Issue(id="i1", statement="", evidence=side) for side in sides)
    assert evidence_overlap(label, predicted) == len(one & other) / len(one | other)
