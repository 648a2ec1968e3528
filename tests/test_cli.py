"""The command as a user runs it: real files, a real process, a real terminal and, for the page, a real browser."""

import base64
import hashlib
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from typing import IO, Any
from unicodedata import category, east_asian_width

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

import jixiao

FIXTURES = Path(__file__).parent.parent / "fixtures"
REPORT = FIXTURES / "guangdong-dept-cells" / "source.txt"
INJECTION = FIXTURES / "jiangsu-project-injection" / "source.txt"
SMALL = FIXTURES / "nearly-empty" / "source.txt"
REPORTS = sorted(str(path) for path in FIXTURES.glob("*/source.txt") if not path.parent.name.endswith("-heldout"))
TOP_LEVEL = ["schema_version", "report", "goals", "completions", "metrics", "issues", "measures"]
KINDS = TOP_LEVEL[2:]
HOSTILE_HTML = """<script>alert("title")</script>2023年度部门整体支出绩效自评报告
单位名称：<img src=x onerror=alert(1)>县农业农村局
</pre></span></script><svg onload=alert(2)>
一、绩效目标
1.建设高标准农田<iframe src="javascript:alert(3)"></iframe>3万亩。
二、存在的问题
1.预算管理"><b onmouseover='alert(4)'>不够精细</b>&lt;。
"""
HOSTILE_TERMINAL = """\x1b]0;owned\x07\x1b[2J2023年度\x1b[31m部门整体支出绩效自评报告
单位名称：临江县\u202e农业\x9b31m农村局
一、绩效目标
1.建设高标准\x1b[8m农田3万亩。
二、存在的问题
1.预算管理\x1b[5m不够精细。
"""


def environment(**changes: str) -> dict[str, str]:
    """The environment of a plain user: no width, no encoding set from outside."""
    kept = {name: words for name, words in os.environ.items() if name not in ("COLUMNS", "LINES", "PYTHONIOENCODING", "NO_COLOR")}
    return kept | {"TERM": "xterm-256color"} | changes


def command(*arguments: str | Path, cwd: Path | None = None, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[str]:
    """``jixiao ARGUMENTS`` with its output in pipes."""
    line = [sys.executable, "-m", "jixiao", *map(str, arguments)]
    done = subprocess.run(line, cwd=cwd, input=stdin, capture_output=True, env=environment(**env), timeout=60)
    return subprocess.CompletedProcess(line, done.returncode, done.stdout.decode(), done.stderr.decode())


def on_terminal(*arguments: str | Path, stdout: IO[bytes] | None = None, cwd: Path | None = None) -> tuple[int, str]:
    """``jixiao ARGUMENTS`` on a pseudo terminal (stdout apart, where given): the exit code and what the screen was sent."""
    master, slave = pty.openpty()
    line = [sys.executable, "-m", "jixiao", *map(str, arguments)]
    out = slave if stdout is None else stdout
    with subprocess.Popen(
        line, stdin=subprocess.DEVNULL, stdout=out, stderr=slave, cwd=cwd, env=environment(COLUMNS="80")
    ) as process:
        os.close(slave)
        screen = b""
        while chunk := _read(master):
            screen += chunk
        os.close(master)
    return process.returncode, screen.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux: the last writer has gone
        return b""


def records(line: str) -> dict[str, Any]:
    """An extraction's JSON without what names the file."""
    found: dict[str, Any] = json.loads(line)
    return found | {"report": {key: words for key, words in found["report"].items() if key not in ("source", "sha256")}}


def width(line: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in line)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Html(HTMLParser):
    """The parts of a page: its tags, the source text and which characters of it each record is marked on."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.source, self.script = "", ""
        self.marks: dict[str, set[int]] = {}
        self._records: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("pre", "script"):
            self.inside.append(tag)
        if tag == "span" and "pre" in self.inside:
            self._records = (dict(attrs)["data-records"] or "").split()

    def handle_endtag(self, tag: str) -> None:
        self._records = []
        if tag in ("pre", "script"):
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.inside == ["pre"]:
            for record in self._records:
                self.marks.setdefault(record, set()).update(range(len(self.source), len(self.source) + len(data)))
            self.source += data
        elif self.inside == ["script"]:
            self.script += data


@pytest.fixture(scope="module")
def printed() -> str:
    """What ``extract`` prints of one report in a pipe."""
    done = command("extract", REPORT)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the report that tries to give orders."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    done = command("extract", INJECTION, "-o", path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return path


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a report whose words are HTML."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "report.txt").write_text(HOSTILE_HTML, encoding="utf-8")
    done = command("extract", "report.txt", "-o", "report.html", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "report.html"


# --- JSON and JSON lines


def test_json_in_a_pipe_is_exactly_the_contract(printed: str) -> None:
    extraction = jixiao.Extraction.model_validate_json(printed)
    assert extraction.model_dump_json(indent=2) + "\n" == printed
    assert list(json.loads(printed)) == TOP_LEVEL


def test_every_quote_stands_where_its_evidence_says(printed: str) -> None:
    text = REPORT.read_text(encoding="utf-8")
    found = json.loads(printed)
    evidence = [piece for record in chain(*(found[kind] for kind in KINDS)) for piece in record["evidence"]]
    assert evidence
    assert [text[piece["start"] : piece["end"]] for piece in evidence] == [piece["quote"] for piece in evidence]


def test_the_report_is_told_by_its_bytes_and_characters(printed: str) -> None:
    report = json.loads(printed)["report"]
    data = REPORT.read_bytes()
    assert (report["source"], report["sha256"], report["characters"]) == (
        "source.txt",
        hashlib.sha256(data).hexdigest(),
        len(data.decode()),
    )


def test_json_lines_give_one_line_a_report_and_no_progress_bar_in_a_pipe(printed: str) -> None:
    done = command("extract", "-f", "jsonl", REPORT, SMALL)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert json.loads(first) == json.loads(printed)
    assert list(json.loads(second)) == TOP_LEVEL


def test_several_reports_as_json_are_one_list(printed: str) -> None:
    done = command("extract", SMALL, REPORT)
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert [list(each) for each in found] == [TOP_LEVEL, TOP_LEVEL]
    assert found[1] == json.loads(printed)


def test_a_folder_gives_all_reports_in_it_in_order(tmp_path: Path) -> None:
    (tmp_path / "reports" / "inner").mkdir(parents=True)
    for name in ("b.txt", "a.md", "inner/c.TXT", "notes.json"):
        shutil.copy(SMALL, tmp_path / "reports" / name)
    done = command("extract", "reports", "-f", "jsonl", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line)["report"]["source"] for line in done.stdout.splitlines()] == ["a.md", "b.txt", "c.TXT"]


def test_pages_that_jixiao_wrote_into_a_folder_are_no_reports(tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path / "a.txt")
    assert command("extract", "a.txt", "-o", "a.html", cwd=tmp_path).returncode == 0
    (tmp_path / "read.html").write_text(command("read", "a.txt", "-f", "html", cwd=tmp_path).stdout, encoding="utf-8")
    done = command("extract", tmp_path, "-f", "jsonl")
    assert done.returncode == 0
    assert done.stderr == f"{tmp_path}: left out what jixiao itself wrote: a.html, read.html\n"
    assert [json.loads(line)["report"]["source"] for line in done.stdout.splitlines()] == ["a.txt"]
    alone = command("extract", "a.html", cwd=tmp_path)
    assert (alone.returncode, alone.stdout) == (1, "")
    assert "a.html: this is a page that jixiao wrote; give the report that it was made of." in alone.stderr


def test_a_dash_reads_standard_input(printed: str) -> None:
    done = command("extract", "-", stdin=REPORT.read_bytes())
    assert (done.returncode, done.stderr) == (0, "")
    assert records(done.stdout) == records(printed)


def test_all_encodings_give_the_same_records(tmp_path: Path, printed: str) -> None:
    text = REPORT.read_text(encoding="utf-8")
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"):
        (tmp_path / f"{encoding}.txt").write_bytes(text.encode(encoding))
    (tmp_path / "utf-16-be-bom.txt").write_bytes(b"\xfe\xff" + text.encode("utf-16-be"))
    (tmp_path / "windows.txt").write_bytes(text.replace("\n", "\r\n").encode("gb18030"))
    done = command("extract", tmp_path, "-f", "jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    assert [records(line) for line in done.stdout.splitlines()] == [records(printed)] * 8


def test_a_terminal_of_another_encoding_still_gets_its_json() -> None:
    done = command("extract", SMALL, PYTHONIOENCODING="ascii")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
    assert list(json.loads(done.stdout)) == TOP_LEVEL


def test_a_file_name_in_another_encoding_is_still_read(tmp_path: Path) -> None:
    os.link(shutil.copy(SMALL, tmp_path / "plain"), os.fsencode(tmp_path) + b"/\xb1\xa8\xb8\xe6.txt")
    done = command("extract", os.fsdecode(b"\xb1\xa8\xb8\xe6.txt"), cwd=tmp_path)
    assert "Traceback" not in done.stderr
    assert done.returncode == 0
    assert list(json.loads(done.stdout)) == TOP_LEVEL


# --- what goes wrong


def test_one_bad_file_never_stops_the_rest(tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path / "first.txt")
    (tmp_path / "empty.txt").write_bytes(b"")
    shutil.copy(SMALL, tmp_path / "last.txt")
    done = command("extract", "first.txt", "empty.txt", "gone.txt", "last.txt", cwd=tmp_path)
    assert [each["report"]["source"] for each in json.loads(done.stdout)] == ["first.txt", "last.txt"]
    assert (done.returncode, done.stderr.splitlines()) == (
        1,
        [
            "✗ empty.txt: the file is empty; check that it was copied whole.",
            "✗ gone.txt: there is no such file; check the path.",
            "2 extracted, 2 failed.",
        ],
    )


def test_bad_files_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    for folder in ("east", "west"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "report.txt").write_bytes(b"")
    done = command("extract", "east/report.txt", "west/report.txt", cwd=tmp_path)
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stderr.splitlines()[:2]] == ["✗ east/report.txt", "✗ west/report.txt"]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("empty.txt", b"", "the file is empty; check that it was copied whole."),
        ("blank.txt", b" \r\n\t\n", "the file holds no text; check that it is the report."),
        ("pdf.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "the PDF is damaged and cannot be opened; make it again or repair it."),
        ("zip.txt", b"PK\x03\x04\x14\x00\x06\x00", "this is a damaged zip package; copy it or save it again."),
        (
            "noise.txt",
            bytes(range(256)) * 8,
            "the bytes are no text in UTF-8, GB18030 or UTF-16; the file may be binary or damaged.",
        ),
        ("gone.txt", None, "there is no such file; check the path."),
    ],
)
def test_a_file_that_is_no_report_gets_one_sentence(tmp_path: Path, name: str, data: bytes | None, why: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    done = command("extract", name, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"✗ {name}: {why}\n")


def test_a_folder_without_reports_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.json").write_bytes(b"{}")
    done = command("extract", "notes", "-f", "jsonl", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr
        == "✗ notes: no reports in this folder; jixiao reads text, Word, Excel, PDF, web pages, pictures and zip archives of them.\n"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_gets_one_sentence(tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path / "locked.txt")
    (tmp_path / "locked.txt").chmod(0)
    done = command("extract", "locked.txt", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "✗ locked.txt: no permission to read it; change its permissions or copy it.\n"


@pytest.mark.parametrize("format", ["json", "table"])
def test_a_broken_pipe_ends_quietly(format: str) -> None:
    line = [sys.executable, "-m", "jixiao", "extract", "-f", format, *REPORTS, *REPORTS]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_under_standard_output_gets_one_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        line = [sys.executable, "-m", "jixiao", "extract", str(SMALL)]
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, env=environment(), timeout=60)
    assert done.returncode != 0
    assert re.fullmatch(r"✗ .*No space left on device.*\n", done.stderr)


# --- writing files


def test_output_to_a_file_is_what_a_pipe_gets(tmp_path: Path, printed: str) -> None:
    done = command("extract", REPORT, "-o", "out.json", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (names(tmp_path), (tmp_path / "out.json").read_text(encoding="utf-8")) == (["out.json"], printed)


def test_reports_of_the_same_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    done = command("extract", REPORT, SMALL, "-o", "out", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert names(tmp_path / "out") == ["source-2.json", "source.json"]
    written = [json.loads((tmp_path / "out" / name).read_text(encoding="utf-8")) for name in ("source.json", "source-2.json")]
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (REPORT, SMALL)]
    assert [each["report"]["sha256"] for each in written] == digests


def test_a_target_that_cannot_be_written_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "out" / "first.json").mkdir(parents=True)
    for name in ("first.txt", "second.txt"):
        shutil.copy(SMALL, tmp_path / name)
    done = command("extract", "first.txt", "second.txt", "-o", "out", cwd=tmp_path)
    assert (done.returncode, names(tmp_path / "out"), names(tmp_path / "out" / "first.json")) == (
        1,
        ["first.json", "second.json"],
        [],
    )
    assert done.stderr == "✗ out/first.json: cannot be written (Is a directory).\n1 extracted, 1 failed.\n"


def test_a_plain_file_that_is_there_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    done = command("extract", SMALL, "-o", "out", cwd=tmp_path)
    assert (done.returncode, names(tmp_path)) == (0, ["out"])
    assert json.loads((tmp_path / "out").read_text(encoding="utf-8"))["report"]["source"] == "source.txt"


def test_a_report_with_a_long_name_is_written(tmp_path: Path) -> None:
    name = "绩" * 80
    shutil.copy(SMALL, tmp_path / f"{name}.txt")
    done = command("extract", f"{name}.txt", "-o", "out", cwd=tmp_path)
    assert "Traceback" not in done.stderr
    assert (done.returncode, names(tmp_path / "out")) == (0, [f"{name}.json"])


def test_output_into_a_missing_folder_is_refused_before_any_work(tmp_path: Path) -> None:
    done = command("extract", REPORT, "-o", "missing/out.json", cwd=tmp_path)
    assert (done.returncode, done.stdout, names(tmp_path)) == (2, "", [])
    assert done.stderr == "✗ missing/out.json: the folder missing does not exist; make it first.\n"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")
def test_an_unwritable_file_does_not_hide_the_reports_that_failed(tmp_path: Path) -> None:
    shutil.copy(SMALL, tmp_path / "good.txt")
    done = command("extract", "good.txt", "gone.txt", "-o", "/proc/jixiao.json", cwd=tmp_path)
    assert done.returncode != 0
    assert "✗ gone.txt: there is no such file; check the path." in done.stderr.splitlines()
    assert "✗ /proc/jixiao.json: cannot be written (No such file or directory)." in done.stderr.splitlines()


@pytest.mark.parametrize("arguments", [("report.txt", "-o", "report.txt"), (".", "-f", "table", "-o", ".")])
def test_output_never_overwrites_the_report_it_was_read_from(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    shutil.copy(SMALL, tmp_path / "report.txt")
    done = command("extract", *arguments, cwd=tmp_path)
    assert "Traceback" not in done.stderr
    assert (tmp_path / "report.txt").read_bytes() == SMALL.read_bytes()


def test_pages_of_several_reports_without_a_folder_are_refused() -> None:
    done = command("extract", REPORT, SMALL, "-f", "html")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "✗ --format html makes one page a report: give a folder with -o DIR.\n"


def test_pages_of_several_reports_into_one_file_are_refused(tmp_path: Path) -> None:
    done = command("extract", REPORT, SMALL, "-o", "out.html", cwd=tmp_path)
    assert (done.returncode, done.stdout, names(tmp_path)) == (2, "", [])
    assert done.stderr == "✗ out.html: 2 reports make 2 pages: give a folder with -o DIR.\n"


def test_pages_of_several_reports_go_into_a_folder_with_a_dot_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "pages.2023").mkdir()
    done = command("extract", REPORT, SMALL, "-f", "html", "-o", "pages.2023", cwd=tmp_path)
    assert (done.returncode, done.stderr, names(tmp_path / "pages.2023")) == (0, "", ["source-2.html", "source.html"])


# --- the table


@pytest.mark.parametrize("columns", [60, 100])
def test_no_line_of_the_table_is_wider_than_the_terminal(columns: int) -> None:
    done = command("extract", "-f", "table", *REPORTS, COLUMNS=str(columns))
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(width, done.stdout.splitlines())) <= columns


def test_a_narrow_table_loses_no_count() -> None:
    done = command("extract", "-f", "table", SMALL, COLUMNS="60")
    words = " ".join(done.stdout.replace("│", " ").split())
    assert "目标 0 · 完成情况 0 · 指标 0 · 预算 0 · 文中数据 0 · 问题 0 · 措施 0" in words


def test_the_table_strips_terminal_escapes_from_a_hostile_report(tmp_path: Path) -> None:
    (tmp_path / "\x1b[2Jreport.txt").write_text(HOSTILE_TERMINAL + REPORT.read_text(encoding="utf-8"), encoding="utf-8")
    done = command("extract", "-f", "table", tmp_path, COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    assert "部门整体支出绩效自评报告" in done.stdout
    assert [hex(ord(each)) for each in done.stdout if category(each) in ("Cc", "Cf") and each != "\n"] == []


def test_a_hostile_file_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "\x1b[2J\x1b]0;owned\x07.txt").write_bytes(b"")
    code, screen = on_terminal("extract", ".", cwd=tmp_path)
    assert code == 1
    assert "the file is empty" in screen
    assert ("\x1b[2J" in screen, "\x1b]0;" in screen) == (False, False)


def test_on_a_terminal_the_table_is_the_default() -> None:
    code, screen = on_terminal("extract", SMALL)
    assert (code, screen.startswith("╭"), "schema_version" in screen) == (0, True, False)


def test_on_a_terminal_several_reports_show_a_progress_bar() -> None:
    code, screen = on_terminal("extract", SMALL, REPORT)
    assert (code, "0/2" in screen, "1/2" in screen, screen.count("╭")) == (0, True, True, 2)


def test_a_progress_bar_on_the_terminal_leaves_redirected_output_alone(tmp_path: Path, printed: str) -> None:
    with (tmp_path / "out.jsonl").open("wb") as stdout:
        code, screen = on_terminal("extract", "-f", "jsonl", SMALL, REPORT, stdout=stdout)
    assert (code, "1/2" in screen, "schema_version" in screen) == (0, True, False)
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["report"]["source"] for line in lines] == ["source.txt", "source.txt"]
    assert json.loads(lines[1]) == json.loads(printed)


# --- help


HEAVY = {"rich.progress", "jinja2", "cn2an", "scipy", "lxml", "openpyxl", "pypdfium2", "jixiao.records", "jixiao.pipeline"}


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [(["--help"], HEAVY | {"pydantic"}), (["extract", "--help"], HEAVY)],  # typer itself loads pydantic for a command's help
)
def test_help_loads_none_of_the_heavy_libraries(arguments: list[str], unwanted: set[str]) -> None:
    line = [sys.executable, "-X", "importtime", "-m", "jixiao", *arguments]
    done = subprocess.run(line, capture_output=True, text=True, env=environment(), timeout=60)
    loaded = {words.rsplit("|", 1)[-1].strip() for words in done.stderr.splitlines()}
    assert (done.returncode, "jixiao.cli" in loaded, "Usage:" in done.stdout) == (0, True, True)
    assert loaded & unwanted == set()


# --- the page


def test_the_page_escapes_every_word_of_a_hostile_report(hostile_file: Path) -> None:
    page = Html(hostile_file.read_text(encoding="utf-8"))
    used = {tag for tag, _ in page.tags}
    attributes = {name for _, attrs in page.tags for name in attrs}
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert used & {"img", "svg", "iframe", "b"} == {"b"}  # the page's own <b>, for the counts
    assert [attrs for tag, attrs in page.tags if tag == "b" and attrs] == []
    assert {name for name in attributes if name.startswith("on")} == set()
    assert page.source == HOSTILE_HTML


def test_the_page_names_no_outside_host(page_file: Path) -> None:
    words = page_file.read_text(encoding="utf-8")
    attributes = {name for _, attrs in Html(words).tags for name in attrs}
    assert attributes & {"src", "href", "srcset", "action", "data", "poster"} == set()
    assert [each for each in ("://", "url(", "@import", "fetch(", "XMLHttpRequest") if each in words] == []


def test_the_page_lets_only_its_own_script_and_style_run(page_file: Path) -> None:
    page = Html(page_file.read_text(encoding="utf-8"))
    policy = next(attrs["content"] for _, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy") or ""
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    digest = base64.b64encode(hashlib.sha256(page.script.encode()).digest()).decode()
    assert (rules["default-src"], rules["script-src"]) == ("'none'", f"'sha256-{digest}'")
    assert (rules["base-uri"], rules["form-action"]) == ("'none'", "'none'")
    assert "unsafe" not in policy


def test_the_page_marks_each_record_on_all_of_its_evidence(page_file: Path) -> None:
    found = json.loads(command("extract", INJECTION).stdout)
    expected = {
        record["id"]: set(chain(*(range(piece["start"], piece["end"]) for piece in record["evidence"])))
        for record in chain(*(found[kind] for kind in KINDS))
    }
    page = Html(page_file.read_text(encoding="utf-8"))
    assert (page.source, page.marks) == (INJECTION.read_text(encoding="utf-8"), expected)


# --- the page in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def opened(browser: Browser, file: Path, *, width: int = 1280) -> tuple[Page, list[str]]:
    """The page in the browser, and what went wrong or left the machine while it was open."""
    page = browser.new_page(viewport={"width": width, "height": 844})
    wrong: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url == file.as_uri() else wrong.append(request.url))
    page.goto(file.as_uri())
    return page, wrong


def marked(page: Page, selector: str) -> list[int]:
    """Which of the source's spans match the selector, by their place among all."""
    found: list[int] = page.eval_on_selector_all(
        "#source .e", "(all, selector) => all.flatMap((each, at) => each.matches(selector) ? [at] : [])", selector
    )
    return found


def visible_cards(page: Page) -> list[tuple[str, str]]:
    """Kind and words of each card that is shown."""
    script = "cards => cards.filter(card => card.checkVisibility()).map(card => [card.dataset.kind, card.textContent])"
    return [(kind, words) for kind, words in page.eval_on_selector_all(".card", script)]


def test_a_hostile_page_runs_nothing_in_a_browser(browser: Browser, hostile_file: Path, page_file: Path) -> None:
    for file in (hostile_file, page_file):
        page, wrong = opened(browser, file)
        page.locator(".card").first.click()
        page.mouse.move(300, 300)
        assert page.locator(".card").count() > 0
        assert wrong == []
        page.close()


def test_clicking_a_card_lights_its_source(browser: Browser, page_file: Path) -> None:
    page, wrong = opened(browser, page_file)
    for card in (page.locator(".card").nth(12), page.locator(".card.issue").first):
        card.click()
        record = card.get_attribute("data-id")
        lit = page.locator(".card.lit")
        assert (lit.count(), lit.get_attribute("data-id")) == (1, record)
        assert marked(page, ".lit") == marked(page, f'[data-records~="{record}"]') != []
    assert wrong == []
    page.close()


def test_clicking_the_source_lights_its_card(browser: Browser, page_file: Path) -> None:
    page, wrong = opened(browser, page_file)
    one_line = "all => all.findIndex((each, at) => at > 20 && each.getClientRects().length === 1)"
    span = page.locator("#source .e").nth(page.eval_on_selector_all("#source .e", one_line))
    span.click()
    innermost = (span.get_attribute("data-records") or "").split()[-1]
    assert page.locator(".card.lit").get_attribute("data-id") == innermost
    assert "lit" in (span.get_attribute("class") or "").split()
    assert wrong == []
    page.close()


def test_a_filter_hides_the_cards_of_its_kind_and_shows_them_again(browser: Browser, page_file: Path) -> None:
    page, wrong = opened(browser, page_file)
    before = visible_cards(page)
    button = page.locator(".filter.figure")
    button.click()
    assert visible_cards(page) == [each for each in before if each[0] != "figure"] != before
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert (visible_cards(page), wrong) == (before, [])
    page.close()


def test_a_search_leaves_the_cards_that_hold_its_words(browser: Browser, page_file: Path) -> None:
    page, wrong = opened(browser, page_file)
    before = visible_cards(page)
    page.fill("#find", "满意度")
    found = visible_cards(page)
    assert found == [each for each in before if "满意度" in each[1]]
    assert 0 < len(found) < len(before)
    page.fill("#find", "没有这样的词")
    assert (visible_cards(page), page.locator("#none").is_visible(), wrong) == ([], True, [])
    page.close()


def test_on_a_phone_the_switch_shows_the_source_or_the_records(browser: Browser, page_file: Path) -> None:
    page, wrong = opened(browser, page_file, width=390)
    seen = []
    for view in ("source", "records", "source"):
        page.locator(f'#switch [data-view="{view}"]').click()
        seen.append((page.locator("#source").is_visible(), page.locator("#records").is_visible()))
    assert seen == [(True, False), (False, True), (True, False)]
    assert (page.evaluate("document.documentElement.scrollWidth"), wrong) == (390, [])
    page.close()
