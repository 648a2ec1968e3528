"""`jixiao label`: a draft to correct by hand, and a check that tells every fault at once, with its line."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jixiao import Extraction, extract, read
from jixiao.evaluation.label_files import draft_words, label_words
from jixiao.evaluation.labels import LabelCheck, check_labels
from jixiao.readers.text import read_text

FIXTURES = Path(__file__).parent.parent / "fixtures"
OPEN = sorted(folder.name for folder in FIXTURES.iterdir() if not folder.name.endswith("-heldout"))
REPORT = "全年新建绿道18.6公里。一是项目论证不充分；二是资金支付偏慢。再次新建绿道18.6公里。\n"

Json = dict[str, Any]


def check(**lists: list[Json]) -> LabelCheck:
    """The check of a label file with these records, an object a line."""
    lines = ['{"report": {},']
    for name, records in lists.items():
        lines += [f'"{name}": [', *(json.dumps(record, ensure_ascii=False) + "," for record in records)]
        lines[-1] = lines[-1].removesuffix(",")
        lines.append("],")
    lines[-1] = lines[-1].removesuffix(",")
    return check_labels("\n".join([*lines, "}"]), read_text(REPORT.encode(), "source.txt"))


def faults(checked: LabelCheck) -> list[tuple[int, str]]:
    return [(fault.line, fault.words) for fault in checked.faults if fault.severity == "error"]


def issue(id: str = "i1", quote: str = "项目论证不充分", **more: Any) -> Json:
    return {"id": id, "statement": quote, "evidence": [{"quote": quote, **more}]}


def test_offsets_are_filled_in_from_the_quotes() -> None:
    completed = check(issues=[issue()]).completed
    assert completed is not None
    (piece,) = completed.issues[0].evidence
    assert REPORT[piece.start : piece.end] == piece.quote == "项目论证不充分"
    assert completed.report.characters == len(REPORT)


def test_a_quote_that_stands_twice_wants_a_start() -> None:
    ((line, words),) = faults(check(issues=[issue(quote="新建绿道18.6公里")]))
    assert (line, words) == (3, 'the quote stands in 2 places (2, 34): 「新建绿道18.6公里」; add "start", or lengthen it')


def test_a_start_a_little_off_is_corrected_to_the_nearest_place() -> None:
    checked = check(issues=[issue(quote="新建绿道18.6公里", start=31)])
    assert checked.completed is not None
    assert checked.completed.issues[0].evidence[0].start == 34


def test_a_quote_that_is_not_in_the_text_is_told_with_the_nearest_words() -> None:
    ((line, words),) = faults(check(issues=[issue(), issue("i2", "资金支付偏快")]))
    assert line == 4
    assert words == "the quote is not in the text: 「资金支付偏快」; the nearest words, at 24, are 「是资金支付偏」"


def test_all_faults_are_told_at_once() -> None:
    wrong: list[Json] = [issue(), issue("i1", "资金支付偏慢"), {**issue("i3"), "colour": "red"}, issue("i4", "没有的话")]
    assert [line for line, _ in faults(check(issues=wrong))] == [3, 4, 5, 6], "the twin ids, the colour, the words"
    assert [line for line, _ in faults(check(issues=[*wrong[:2], issue("i4", "没有的话")]))] == [3, 4, 5]


def test_a_link_to_a_record_of_the_wrong_form_leads_somewhere() -> None:
    measure = {"id": "a1", "statement": "资金", "issue_ids": ["i1"], "evidence": [{"quote": "资金支付偏慢"}]}
    ((_, words),) = faults(check(issues=[{**issue(), "colour": "red"}], measures=[measure]))
    assert words.startswith("issues.0.colour: extra inputs are not permitted")


def test_the_same_record_twice_is_one_too_many() -> None:
    ((line, words),) = faults(check(issues=[issue(), issue("i2")]))
    assert (line, words) == (4, "i2 says the same as i1, at the same place; take one out")


def test_two_quantities_of_one_clause_are_no_duplicates() -> None:
    def figure(id: str, name: str, value: str) -> Json:
        measured = {"raw": value, "value": value}
        return {"id": id, "kind": "figure", "name": name, "actual": measured, "evidence": [{"quote": "全年新建绿道18.6公里"}]}

    assert check(metrics=[figure("m1", "绿道", "18.6"), figure("m2", "绿道", "6")]).errors == []


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        ({"issues": [issue("a1")]}, "the id a1 belongs to another list; ids of issues begin with i"),
        (
            {"measures": [{"id": "a1", "statement": "资金", "issue_ids": ["i9"], "evidence": [{"quote": "资金支付偏慢"}]}]},
            "a1 names the problem i9, which is not there",
        ),
        (
            {"completions": [{"id": "c1", "goal_id": "g7", "statement": "绿道", "evidence": [{"quote": "资金支付偏慢"}]}]},
            "c1 names the goal g7, which is not there",
        ),
        (
            {"metrics": [{"id": "m1", "kind": "figure", "name": "绿道", "evidence": [{"quote": "资金支付偏慢"}]}]},
            "m1 has neither target, actual nor previous; a metric measures something",
        ),
    ],
)
def test_a_record_that_cannot_stand_is_an_error(lists: Json, words: str) -> None:
    assert [said for _, said in faults(check(**lists))] == [words]


@pytest.mark.parametrize("words", ["", "{", "[]", '{"report": 3}', '{"goals": [3]}', '{"issues": [{"evidence": [{}]}]}', "null"])
def test_what_is_no_label_file_is_told_and_never_raises(words: str) -> None:
    assert check_labels(words, read_text(REPORT.encode(), "source.txt")).errors


@pytest.mark.parametrize("folder", OPEN)
def test_a_draft_comes_back_whole_from_its_quotes(folder: str) -> None:
    document = read(FIXTURES / folder / "source.txt")
    extraction = extract(document)
    checked = check_labels(draft_words(extraction, document.text), document)
    assert checked.completed is not None
    assert every_place(checked.completed) == every_place(extraction)
    assert check_labels(label_words(checked.completed), document).completed == checked.completed


def every_place(extraction: Extraction) -> list[tuple[str, int, int]]:
    records = [*extraction.goals, *extraction.completions, *extraction.metrics, *extraction.issues, *extraction.measures]
    return [(record.id, piece.start, piece.end) for record in records for piece in record.evidence]


def jixiao(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "jixiao", *map(str, arguments)], capture_output=True, text=True, check=False)


def test_a_draft_becomes_a_fixture_that_passes_the_check_and_the_eval(tmp_path: Path) -> None:
    report = tmp_path / "某局 自评.txt"
    shutil.copy(FIXTURES / "sichuan-multi-project" / "source.txt", report)
    fixture = tmp_path / "shelf" / "mine"
    assert jixiao("label", "draft", report, "-o", fixture).returncode == 0
    written = jixiao("label", "check", "--write", fixture)
    assert (written.returncode, "1 label files: 0 errors" in written.stderr) == (0, True)
    assert "offsets filled in" in written.stdout
    scored = jixiao("eval", fixture)
    assert (scored.returncode, " 1.000 |" in scored.stdout) == (0, True)
    again = jixiao("label", "draft", report, "-o", fixture)
    assert (again.returncode, "there are labels already" in again.stderr) == (2, True)


def test_a_check_with_errors_writes_nothing_and_exits_1(tmp_path: Path) -> None:
    (tmp_path / "source.txt").write_text(REPORT, encoding="utf-8")
    labels = json.dumps({"issues": [issue(), issue("i2", "没有的话")]}, ensure_ascii=False)
    (tmp_path / "labels.json").write_text(labels, encoding="utf-8")
    checked = jixiao("label", "check", "--write", tmp_path)
    assert checked.returncode == 1
    assert f"{tmp_path / 'labels.json'}:1: error: the quote is not in the text" in checked.stdout
    assert (tmp_path / "labels.json").read_text(encoding="utf-8") == labels
