"""`jixiao eval`: it agrees with a scorer written apart from it, says what changed record by record, and fails when it must."""

import json
import random
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, sync_playwright

from independent_scorer import fields as independent_fields
from independent_scorer import score as independent_score
from jixiao import Extraction, JixiaoError, read
from jixiao.document import Document
from jixiao.evaluation.comparison import compare
from jixiao.evaluation.fixtures import find_fixtures
from jixiao.evaluation.results import Evaluation, counts_table, field_counts, load_evaluation, outcome_of
from jixiao.evaluation.run import Engine, Run, evaluate
from jixiao.evaluation.scoring import KINDS, score_report
from jixiao.evaluation.statistics import f1_difference, f1_interval, macro_f1, micro_f1
from jixiao.pipeline import extract
from jixiao.render.evaluation_page import render_evaluation
from jixiao.render.scores import score_words
from jixiao.usage import Usage

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
LABELLED = sorted(
    folder.name
    for folder in FIXTURES.iterdir()
    if not folder.name.endswith("-heldout") and '"id"' in (folder / "labels.json").read_text(encoding="utf-8")
)
LISTS = ("goals", "completions", "metrics", "issues", "measures")

Json = dict[str, Any]


def by_rules(document: Document) -> tuple[Extraction, Usage]:
    return extract(document), Usage()


def jixiao(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jixiao", *map(str, arguments)], capture_output=True, text=True, cwd=cwd, check=False
    )


# Perturbed labels: each takes the JSON of an extraction and a source of chance, and changes it in place.


def dropped(content: Json, chance: random.Random) -> None:
    records = content[chance.choice([name for name in LISTS if content[name]])]
    records.pop(chance.randrange(len(records)))


def shifted(content: Json, chance: random.Random) -> None:
    for name in LISTS:
        for record in chance.sample(content[name], len(content[name]) // 3):
            for piece in record["evidence"]:
                by = chance.choice([-3, 2, 5, 20])
                piece["start"], piece["end"] = max(0, piece["start"] + by), max(1, piece["end"] + by)


def renamed(content: Json, chance: random.Random) -> None:
    for name, field in (("metrics", "name"), ("goals", "statement"), ("issues", "statement"), ("completions", "statement")):
        for record in chance.sample(content[name], len(content[name]) // 2):
            words = record[field]
            record[field] = words[: max(1, int(len(words) * chance.choice([0.4, 0.7, 0.85])))] + chance.choice(["", "情况"])


def duplicated(content: Json, chance: random.Random) -> None:
    for name in LISTS:
        content[name] += [record | {"id": f"{record['id']}9"} for record in chance.sample(content[name], len(content[name]) // 3)]


def renumbered(content: Json, chance: random.Random) -> None:
    for record in chance.sample(content["metrics"], len(content["metrics"]) // 3):
        for name in ("target", "actual", "previous"):
            if record.get(name) and record[name]["value"] is not None:
                record[name] |= {"value": str(Decimal(record[name]["value"]) + 1), "base_value": None, "base_unit": None}


def moved(content: Json, chance: random.Random) -> None:
    for record in chance.sample(content["metrics"], len(content["metrics"]) // 4):
        record["target"], record["actual"] = record["actual"], record["target"]
    for name in LISTS:
        chance.shuffle(content[name])


def unlinked(content: Json, chance: random.Random) -> None:
    for name, field in (("completions", "goal_id"), ("metrics", "goal_id"), ("measures", "issue_ids")):
        for record in chance.sample(content[name], len(content[name]) // 2):
            record[field] = [] if field == "issue_ids" else chance.choice([None, *(goal["id"] for goal in content["goals"])])
    for record in chance.sample(content["completions"], len(content["completions"]) // 2):
        record |= {"status": "partial", "effect": "成效明显"}


@pytest.mark.parametrize("change", [dropped, shifted, renamed, duplicated, renumbered, moved])
@pytest.mark.parametrize("folder", LABELLED)
def test_the_scorer_agrees_with_one_written_apart_from_it(folder: str, change: Callable[[Json, random.Random], None]) -> None:
    words = read(FIXTURES / folder / "source.txt").text
    label = Extraction.model_validate_json((FIXTURES / folder / "labels.json").read_bytes())
    content: Json = label.model_dump(mode="json")
    change(content, random.Random(f"{folder} {change.__name__}"))
    predicted = Extraction.model_validate(content)
    ours = score_report(label, predicted, words)
    theirs = independent_score(label.model_dump(mode="json"), predicted.model_dump(mode="json"), words)
    for kind in KINDS:
        mine = ours.kinds[kind]
        assert (len(mine.pairs), len(mine.misses), len(mine.false)) == tuple(
            theirs[kind][n] for n in ("pairs", "misses", "false")
        )
        assert round(mine.f1, 3) == round(theirs[kind]["f1"], 3)
    assert (ours.grounded, ours.predictions) == (theirs["evidence"]["holds"], theirs["evidence"]["of"])


@pytest.mark.parametrize("change", [dropped, renamed, renumbered, moved, unlinked])
@pytest.mark.parametrize("folder", LABELLED)
def test_the_fields_agree_with_those_scored_apart(folder: str, change: Callable[[Json, random.Random], None]) -> None:
    label = Extraction.model_validate_json((FIXTURES / folder / "labels.json").read_bytes())
    content: Json = label.model_dump(mode="json")
    change(content, random.Random(f"{folder} {change.__name__}"))
    predicted = Extraction.model_validate(content)
    score = score_report(label, predicted, "")
    outcome = outcome_of(score, report=folder, held_out=False, labels="", usage=Usage())
    theirs = independent_fields(label.model_dump(mode="json"), predicted.model_dump(mode="json"))
    assert field_counts([outcome]) == theirs


# Statistics


def test_micro_counts_records_and_macro_counts_reports() -> None:
    table = np.array([[10, 0, 0], [0, 1, 1], [0, 0, 0]])
    assert micro_f1(table) == pytest.approx(20 / 22)
    assert macro_f1(table) == pytest.approx(0.5), "the report without such records takes no part"


def test_one_report_has_no_interval() -> None:
    assert f1_interval(np.array([[3, 1, 1]])) is None


def test_a_difference_that_every_report_shows_is_called_one() -> None:
    before = np.array([[6, 4, 4], [5, 5, 5], [7, 3, 3], [6, 4, 4], [5, 5, 5], [8, 2, 2]])
    now = before + np.array([2, -2, -2])
    assert f1_difference(before, now).is_shown
    assert not f1_difference(before[:5], now[:5]).is_shown, "five reports may agree by chance"


def test_a_difference_that_one_report_makes_is_not_called_one() -> None:
    before = np.array([[6, 4, 4], [5, 5, 5], [7, 3, 3], [6, 4, 4], [5, 5, 5], [8, 2, 2]])
    now = before.copy()
    now[0] = [10, 0, 0]
    assert not f1_difference(before, now).is_shown


# A run


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three of the fixtures, one of them held out."""
    folder = tmp_path_factory.mktemp("shelf")
    for name in ("guangdong-dept-cells", "sichuan-multi-project"):
        shutil.copytree(FIXTURES / name, folder / name)
    shutil.copytree(FIXTURES / "zhejiang-project-pipe", folder / "zhejiang-heldout")
    return folder


def run(shelf: Path, **engines: Engine) -> Run:
    return evaluate(find_fixtures([shelf]), engines, lambda fixture: read(fixture.source))


def half_blind(document: Document) -> tuple[Extraction, Usage]:
    """The rules, with every second goal and the first indicator's name lost."""
    extraction, _ = by_rules(document)
    metrics = [
        each.model_copy(update={"name": "无名"}) if each.kind == "indicator" and number < 3 else each
        for number, each in enumerate(extraction.metrics)
    ]
    return extraction.model_copy(update={"goals": extraction.goals[::2], "metrics": metrics}), Usage(calls=4, prompt_tokens=900)


def failing(document: Document) -> tuple[Extraction, Usage]:
    raise JixiaoError("the endpoint is gone.")


def failing_on_projects(document: Document) -> tuple[Extraction, Usage]:
    return failing(document) if "项目支出绩效自评" in document.text[:200] else by_rules(document)


def test_an_evaluation_comes_back_from_its_json(shelf: Path) -> None:
    evaluation = run(shelf, rules=by_rules).evaluation
    again = Evaluation.model_validate_json(evaluation.model_dump_json(exclude_defaults=True))
    assert again == evaluation


def test_a_held_out_report_leaves_no_words_in_the_result(shelf: Path) -> None:
    evaluation = run(shelf, blind=half_blind).evaluation
    held_out = next(report for report in evaluation.engines[0].reports if report.held_out)
    assert held_out.kinds["goal"].misses, "something was missed, or the test shows nothing"
    assert not any("\u4e00" <= character <= "\u9fff" for character in held_out.model_dump_json())


def test_a_report_the_engine_failed_on_is_unscored_and_not_zero(shelf: Path) -> None:
    evaluation = run(shelf, gone=failing).evaluation
    assert [report.unscored for report in evaluation.engines[0].reports] == ["the endpoint is gone."] * 3
    assert "UNSCORED: 3 of 3 reports" in score_words(evaluation)


def test_an_unscored_report_leaves_the_scores_of_the_others_as_they_are(shelf: Path) -> None:
    evaluation = run(shelf, rules=by_rules, gone=failing_on_projects).evaluation
    rules, gone = evaluation.engines
    scored = {report.report: report for report in gone.scored()}
    assert 0 < len(scored) < 3
    assert {name: report.kinds for name, report in scored.items()} == {
        report.report: report.kinds for report in rules.reports if report.report in scored
    }


def test_a_comparison_names_the_records_that_were_lost(shelf: Path) -> None:
    rules, blind = run(shelf, rules=by_rules, blind=half_blind).evaluation.engines
    comparison = compare(rules, blind)
    lost = {(each.report, each.kind): each.worse for each in comparison.records}
    goals = find_fixtures([shelf / "guangdong-dept-cells"])[0].labels.goals
    missed = [goal.id for goal in sorted(goals, key=lambda goal: goal.evidence[0].start)[1::2]]
    assert [words.split()[1] for words in lost["guangdong-dept-cells", "goal"]] == missed
    assert {each.kind for each in comparison.fallen(0.005)} >= {"goal"}
    assert compare(blind, rules).fallen(0.005) == []


def test_fields_that_go_wrong_are_a_fall_though_every_record_is_found(shelf: Path) -> None:
    def unlinked(document: Document) -> tuple[Extraction, Usage]:
        extraction, usage = by_rules(document)
        bare = [each.model_copy(update={"goal_id": None, "status": "partial"}) for each in extraction.completions]
        return extraction.model_copy(update={"completions": bare}), usage

    rules, worse = run(shelf, rules=by_rules, worse=unlinked).evaluation.engines
    comparison = compare(rules, worse)
    assert comparison.fallen(0.005) == []
    assert [each.kind for each in comparison.fields_fallen(0.005)] == ["completion"]
    assert {words.split()[2].rstrip(":") for each in comparison.records for words in each.worse_fields()} == {"goal_id", "status"}
    assert compare(worse, rules).fields_fallen(0.005) == []


def test_engines_stand_side_by_side_with_what_they_cost(shelf: Path) -> None:
    words = score_words(run(shelf, rules=by_rules, blind=half_blind).evaluation)
    assert "**blind against rules: open reports (2)**" in words
    assert "**blind against rules: held-out reports (1)**" in words
    assert " 2700 |" in words.split("engines side by side")[1]


def test_labels_changed_since_the_baseline_are_not_compared(shelf: Path) -> None:
    (rules,) = run(shelf, rules=by_rules).evaluation.engines
    relabelled = rules.reports[0].model_copy(update={"labels": "other"})
    comparison = compare(rules, rules.model_copy(update={"reports": [relabelled, *rules.reports[1:]]}))
    assert comparison.stale == [rules.reports[0].report]


def test_a_report_that_was_not_run_again_is_told(shelf: Path) -> None:
    (rules,) = run(shelf, rules=by_rules).evaluation.engines
    fewer = rules.model_copy(update={"reports": rules.reports[1:]})
    assert compare(rules, fewer).left_out == [f"{rules.reports[0].report}: in rules's earlier result, and not run now"]


# The command


def test_eval_passes_against_its_own_result_and_fails_when_a_kind_falls(shelf: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    assert jixiao("eval", shelf, "--json", baseline).returncode == 0
    again = jixiao("eval", shelf, "--against", baseline)
    assert (again.returncode, "no record changed" in again.stderr) == (0, True)
    content = json.loads(baseline.read_text())
    guangdong = next(report for report in content["engines"][0]["reports"] if report["report"] == "guangdong-dept-cells")
    figures = guangdong["kinds"]["figure"]
    figures["found"] += [place["id"] for place in figures.pop("misses", [])] + ["m900", "m901", "m902"]
    figures.pop("false", None)
    baseline.write_text(json.dumps(content))
    worse = jixiao("eval", shelf, "--against", baseline, "--margin", "0.001")
    assert worse.returncode == 1
    assert "figure F1 fell from" in worse.stderr
    assert "guangdong-dept-cells false m" in worse.stderr.split("F1 fell")[1]


def test_another_engine_is_held_against_the_one_of_the_baseline(shelf: Path, tmp_path: Path) -> None:
    evaluation = run(shelf, blind=half_blind).evaluation
    (tmp_path / "blind.json").write_text(evaluation.model_dump_json(exclude_defaults=True), encoding="utf-8")
    held = jixiao("eval", shelf, "--against", tmp_path / "blind.json", "--html", tmp_path / "page.html")
    assert (held.returncode, "**rules against blind**" in held.stderr) == (0, True)
    assert "+ guangdong-dept-cells goal no longer: miss g2" in held.stderr
    assert "<b>变好</b> guangdong-dept-cells 目标 不再 miss g2" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere"], "nowhere: no fixture here; a fixture is a folder with source.* and labels.json."),
        (["--engine", "magic"], "magic: there is no such engine; there are"),
        (["--against", "none.json"], "none.json: there is no such baseline; make it with `jixiao eval --json none.json`."),
        (["--against", "README.md"], "README.md: this is no result of `jixiao eval --json`; make it anew."),
    ],
)
def test_eval_refuses_in_one_sentence(arguments: list[str], sentence: str) -> None:
    refused = jixiao("eval", *arguments)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_fixture_with_broken_labels_is_sent_to_label_check(shelf: Path, tmp_path: Path) -> None:
    shutil.copytree(shelf / "guangdong-dept-cells", tmp_path / "broken")
    (tmp_path / "broken" / "labels.json").write_text('{"goals": 3}')
    refused = jixiao("eval", tmp_path / "broken")
    assert (refused.returncode, f"see `jixiao label check {tmp_path / 'broken'}`" in refused.stderr) == (2, True)


def test_the_readmes_tell_the_scores_of_the_baseline() -> None:
    readme = runpy.run_path(str(ROOT / "eval" / "readme.py"))
    baseline = load_evaluation(readme["BASELINE"])
    for name, language in readme["READMES"].items():
        words = (ROOT / name).read_text(encoding="utf-8")
        assert readme["renewed"](words, baseline, language) == words, "python3 run.py scores"
        assert f"{micro_f1(counts_table(baseline.engines[0].scored(held_out=True))):.3f}" in words


# The page


@pytest.fixture(scope="module")
def browser() -> Any:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def test_the_page_shows_a_false_record_where_it_stands(shelf: Path, tmp_path: Path, browser: Browser) -> None:
    page_file = tmp_path / "page.html"
    page_file.write_text(render_evaluation(run(shelf, rules=by_rules, blind=half_blind)), encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(page_file.as_uri())
    assert page.locator("[data-kind].filter").count() == len(KINDS)
    options = page.locator("#panel option").all_inner_texts()
    page.select_option("#panel", label=next(words for words in options if words.startswith("guangdong-dept-cells · blind")))
    miss = page.locator(".panel:not([hidden]) .card.miss:not([hidden])").first
    miss.click()
    lit = page.locator(".panel:not([hidden]) .e.lit").first
    assert lit.inner_text() in read(shelf / "guangdong-dept-cells" / "source.txt").text
    assert "miss" in (lit.get_attribute("class") or "")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert problems == []
    page.close()


def test_the_page_keeps_held_out_words_to_itself(shelf: Path) -> None:
    found = run(shelf, rules=by_rules)
    words = find_fixtures([shelf / "zhejiang-heldout"])[0].labels.goals[0].statement
    assert words not in render_evaluation(found)
    assert words in render_evaluation(found, show_held_out=True)


def test_hostile_words_in_a_report_are_inert_on_the_page(tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "source.txt").write_text("<script>alert(1)</script>全年新建绿道18.6公里。\n", encoding="utf-8")
    (folder / "labels.json").write_text(json.dumps({"report": {"source": "source.txt", "sha256": "", "characters": 0}}))
    assert "<script>alert" not in render_evaluation(run(tmp_path, rules=by_rules))
