"""The labelled reports: every label file in the contract's form. What the rules score on them is for `jixiao eval`.

Reports whose name ends in -heldout are looked at by structure only; a failure names ids, never words.
"""

import hashlib
from functools import cache
from pathlib import Path

import pytest

from jixiao import Completion, Extraction, Goal, Issue, Measure, Metric, extract, read

FIXTURES = Path(__file__).parent.parent / "fixtures"
FOLDERS = sorted(folder.name for folder in FIXTURES.iterdir() if folder.is_dir())
SEEN = [folder for folder in FOLDERS if not folder.endswith("-heldout")]

AnyRecord = Goal | Completion | Metric | Issue | Measure


@cache
def labels(folder: str) -> Extraction:
    return Extraction.model_validate_json((FIXTURES / folder / "labels.json").read_bytes())


@cache
def text(folder: str) -> str:
    return read(FIXTURES / folder / "source.txt").text


def every(extraction: Extraction) -> list[AnyRecord]:
    return [*extraction.goals, *extraction.completions, *extraction.metrics, *extraction.issues, *extraction.measures]


def ungrounded(extraction: Extraction, words: str) -> list[str]:
    """The ids of the records with evidence that is not in the text."""
    return [r.id for r in every(extraction) if any(words[e.start : e.end] != e.quote or not e.quote for e in r.evidence)]


def test_there_are_fixtures() -> None:
    assert len(SEEN) >= 10
    assert len(FOLDERS) > len(SEEN)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_label_file_is_in_the_contracts_form_and_of_this_very_report(folder: str) -> None:
    stated = labels(folder).report
    data = (FIXTURES / folder / "source.txt").read_bytes()
    assert (stated.source, stated.sha256) == ("source.txt", hashlib.sha256(data).hexdigest())
    assert stated.characters == len(text(folder))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_labelled_quote_is_the_texts_own(folder: str) -> None:
    assert ungrounded(labels(folder), text(folder)) == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_ids_are_unique_and_tell_their_kind(folder: str) -> None:
    ids = [record.id for record in every(labels(folder))]
    assert sorted(ids) == sorted(set(ids))
    marks = {Goal: "g", Completion: "c", Metric: "m", Issue: "i", Measure: "a"}
    assert [record.id for record in every(labels(folder)) if record.id[0] != marks[type(record)]] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_link_leads_to_a_record(folder: str) -> None:
    label = labels(folder)
    goals, issues = {goal.id for goal in label.goals} | {None}, {issue.id for issue in label.issues}
    assert [completion.id for completion in label.completions if completion.goal_id not in goals] == []
    assert [metric.id for metric in label.metrics if metric.goal_id not in goals] == []
    assert [measure.id for measure in label.measures if not set(measure.issue_ids) <= issues] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_metric_states_a_measurement_and_attained_is_for_indicators(folder: str) -> None:
    metrics = labels(folder).metrics
    assert [m.id for m in metrics if not (m.target or m.actual or m.previous)] == []
    assert [m.id for m in metrics if m.kind != "indicator" and m.attained is not None] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_the_rules_extract_is_grounded_and_comes_back_from_json(folder: str) -> None:
    found = extract(read(FIXTURES / folder / "source.txt"))
    assert ungrounded(found, text(folder)) == []
    same = Extraction.model_validate_json(found.model_dump_json()) == found
    assert same


@pytest.mark.parametrize("folder", SEEN)
def test_the_facts_of_a_report_are_read_as_labelled(folder: str) -> None:
    assert extract(read(FIXTURES / folder / "source.txt")).report == labels(folder).report
