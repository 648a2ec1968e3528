"""``jixiao audit`` and ``jixiao summarize`` as a user runs them: files written whole, one sentence for what is wrong, exit codes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"
WRONG = FIXTURES / "hubei-dept-contradictions" / "source.txt"
RIGHT = FIXTURES / "not-a-report" / "source.txt"


def jixiao(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jixiao", *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )


def test_a_pipe_gets_the_findings_as_json() -> None:
    done = jixiao("audit", WRONG)
    (report,) = json.loads(done.stdout)["reports"]
    assert done.returncode == 0
    assert "1986.20 + 342.25 = 2328.45 ≠ 2318.45万元" in [finding["reckoning"] for finding in report["findings"]]


def test_fail_on_says_by_its_exit_code_whether_there_is_one_so_grave() -> None:
    assert jixiao("audit", WRONG, "--fail-on", "error").returncode == 1
    assert jixiao("audit", RIGHT, "--fail-on", "error").returncode == 0


def test_a_sheet_holds_a_row_for_each_finding_and_no_formula(tmp_path: Path) -> None:
    assert jixiao("audit", WRONG, "-o", tmp_path / "a.xlsx").returncode == 0
    (sheet,) = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets
    assert sheet.max_row - 1 == len(json.loads(jixiao("audit", WRONG).stdout)["reports"][0]["findings"])
    assert {cell.data_type for row in sheet.iter_rows() for cell in row}.isdisjoint({"f"})


@pytest.mark.parametrize("name", ["a.html", "a.docx", "s.html", "s.docx", "s.md"])
def test_each_ending_makes_its_file(tmp_path: Path, name: str) -> None:
    done = jixiao("audit" if name.startswith("a") else "summarize", WRONG, "-o", tmp_path / name)
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("command", ["audit", "summarize"])
def test_a_word_file_wants_a_place(command: str) -> None:
    done = jixiao(command, WRONG, "--format", "docx")
    assert (done.returncode, done.stderr) == (2, "✗ --format docx makes a file: say where with -o FILE.\n")


@pytest.mark.parametrize("command", ["audit", "summarize"])
def test_a_report_that_is_not_there_is_one_sentence_and_the_others_are_done(command: str) -> None:
    done = jixiao(command, "nowhere.txt", RIGHT)
    assert (done.returncode, done.stderr) == (1, "✗ nowhere.txt: there is no such file; check the path.\n")
    assert done.stdout


def test_the_report_itself_is_not_written_over(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    report.write_bytes(WRONG.read_bytes())
    assert jixiao("summarize", report, "-o", report).returncode == 2
    assert report.read_bytes() == WRONG.read_bytes()


def test_a_model_that_is_not_configured_is_refused_in_a_sentence() -> None:
    done = jixiao("summarize", WRONG, "--writer", "model", "--base-url", "http://127.0.0.1:9/v1")
    assert done.returncode == 2
    assert done.stderr.startswith("✗ no model is configured")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of two departments' reports."""
    folder = tmp_path_factory.mktemp("dataset")
    for name in ("hubei-dept-contradictions", "guangdong-dept-cells"):
        shutil.copy(FIXTURES / name / "source.txt", folder / f"{name}.txt")
    assert jixiao("ingest", folder, "-d", str(folder / "shelf.sqlite")).returncode == 0
    return folder


def test_a_dataset_is_audited_as_its_files_are(dataset: Path) -> None:
    files = sorted(str(path) for path in dataset.glob("*.txt"))
    of_files = jixiao("audit", *files, "-f", "json")
    of_dataset = jixiao("audit", "-d", str(dataset / "shelf.sqlite"), "-f", "json")
    assert json.loads(of_dataset.stdout) == json.loads(of_files.stdout)
    pages = [jixiao("audit", *which, "-f", "html").stdout for which in (files, ["-d", dataset / "shelf.sqlite"])]
    assert pages[0] == pages[1]


def test_a_dataset_is_summarized_as_its_files_are(dataset: Path) -> None:
    files = sorted(str(path) for path in dataset.glob("*.txt"))
    assert jixiao("summarize", "-d", str(dataset / "shelf.sqlite")).stdout == jixiao("summarize", *files).stdout


def test_filters_choose_the_reports_of_a_dataset(dataset: Path) -> None:
    shelf = str(dataset / "shelf.sqlite")
    every = json.loads(jixiao("audit", "-d", shelf, "-f", "json").stdout)["reports"]
    department = every[0]["report"]["department"]
    chosen = json.loads(jixiao("audit", "-d", shelf, "-f", "json", "--department", department).stdout)["reports"]
    assert [each["report"]["department"] for each in chosen] == [department]
    assert jixiao("summarize", "-d", shelf, "--year", "1990").stderr.strip() == f"✗ {shelf}: no report there is as you ask."


def test_files_or_a_dataset_and_filters_with_a_dataset_alone(dataset: Path) -> None:
    shelf = str(dataset / "shelf.sqlite")
    for arguments, said in (
        (["audit"], "say which reports"),
        (["audit", "r.txt", "-d", shelf], "say which reports"),
        (["summarize", "r.txt", "--year", "2023"], "choose from a dataset"),
        (["audit", "-d", shelf, "--year", "soon"], "soon"),
    ):
        ran = jixiao(*arguments)
        assert (ran.returncode, said in ran.stderr, "Traceback" in ran.stderr) == (2, True, False)
