"""Files of any kind, in folders and archives: told by their content, refused in one sentence, nothing left behind."""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

import jixiao
import samples
from jixiao.errors import JixiaoError, MissingExtra, UnreadableInput
from jixiao.pipeline import extract, read
from jixiao.readers import archive, old_word
from jixiao.readers.archive import reports_in
from jixiao.readers.kinds import Kind, kind_of
from jixiao.readers.opening import open_document
from jixiao.readers.text import read_text
from test_pdf import Sheets, scanned
from test_word import p, package, table, tc

FIXTURE = Path(__file__).parent.parent / "fixtures" / "guangdong-dept-cells" / "source.txt"
WORD = package(p("2024年度绩效自评报告") + p("全年完成供水站改造16座。"))
PAGE = "<html><body><p>2024年度绩效自评报告</p><p>全年完成供水站改造16座。</p></body></html>".encode()


def _sheet(made: openpyxl.Workbook) -> Worksheet:
    assert isinstance(made.active, Worksheet)
    return made.active


def workbook() -> bytes:
    stream = BytesIO()
    made = openpyxl.Workbook()
    _sheet(made).append(["2024年度绩效自评报告"])
    _sheet(made).append(["全年完成供水站改造16座。"])
    made.save(stream)
    return stream.getvalue()


def zipped(**files: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return stream.getvalue()


def compound(stream_name: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream_name.encode("utf-16-le") + bytes(900)


# Kinds


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (WORD, Kind.DOCX),
        (workbook(), Kind.XLSX),
        (Sheets().line("x").data(), Kind.PDF),
        (PAGE, Kind.HTML),
        (b"\xef\xbb\xbf" + PAGE, Kind.HTML),
        (PAGE.decode().encode("utf-16"), Kind.HTML),
        (b"<table><tr><td>1</td></tr></table>", Kind.HTML),
        (compound("WordDocument"), Kind.DOC),
        (compound("Workbook"), Kind.XLS),
        (compound("EncryptedPackage"), Kind.ENCRYPTED),
        (b"\x89PNG\r\n\x1a\n", Kind.IMAGE),
        (b"{\\rtf1 x}", Kind.RTF),
        (zipped(a=b"x"), Kind.ZIP),
        ("报告 <见附件> 。".encode(), Kind.TEXT),
        ("BM公司报告".encode(), Kind.TEXT),
    ],
)
def test_a_kind_is_told_by_content(data: bytes, kind: Kind) -> None:
    assert kind_of(data) is kind


@pytest.mark.parametrize("data", [WORD, PAGE, workbook()], ids=["word", "page", "sheet"])
def test_a_wrong_ending_does_not_matter(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "报告 终稿.pdf").write_bytes(data)
    assert read(tmp_path / "报告 终稿.pdf").text == "2024年度绩效自评报告\n全年完成供水站改造16座。\n"


# Folders and archives


def test_a_folder_and_an_archive_name_their_reports_in_order(tmp_path: Path) -> None:
    (tmp_path / "上报").mkdir()
    for name in ("乙.docx", "甲.txt", "~$乙.docx", "图.svg"):
        (tmp_path / "上报" / name).write_bytes(WORD)
    (tmp_path / "上报" / "丙.zip").write_bytes(zipped(**{"内/丁.html": PAGE, "__MACOSX/._丁.html": b"", "说明.json": b"{}"}))
    assert [name.removeprefix(f"{tmp_path}/上报/") for name in reports_in(tmp_path / "上报")] == [
        "丙.zip/内/丁.html",
        "乙.docx",
        "甲.txt",
    ]


def test_a_report_in_an_archive_is_read_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(**{"内/丁.html": PAGE}))
    document = read(tmp_path / "a.zip" / "内" / "丁.html")
    assert (document.source, document.text.split("\n")[0]) == ("丁.html", "2024年度绩效自评报告")


def test_names_that_an_old_archive_keeps_in_gbk_are_read() -> None:
    info = zipfile.ZipInfo("报告.txt".encode("gbk").decode("cp437"))
    assert archive.name_of(info) == "报告.txt"


def test_a_file_without_a_name_in_an_archive_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "归档.zip").write_bytes(zipped(**{"@.docx": WORD, "a.docx": WORD}).replace(b"@.docx", b"\0.docx"))
    assert reports_in(tmp_path / "归档.zip") == [f"{tmp_path}/归档.zip/a.docx"]


def test_extract_takes_an_archive_like_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(**{"一.docx": WORD, "二.html": PAGE}))
    done = run("extract", "a.zip", "-f", "jsonl", cwd=tmp_path)
    assert [json.loads(line)["report"]["source"] for line in done.stdout.splitlines()] == ["一.docx", "二.html"]


# What is read is what the rules see

MAKERS: dict[str, Callable[[list[samples.Item]], bytes]] = {
    "docx": samples.docx_of,
    "html": samples.html_of,
    "xlsx": samples.xlsx_of,
}


@pytest.mark.parametrize("form", ["docx", "html", "xlsx"])
def test_a_report_gives_the_same_records_in_every_form(form: str) -> None:
    plain = read_text(FIXTURE.read_bytes(), "source.txt")
    items = samples.items_of(plain)
    data = MAKERS[form](items)
    ours, theirs = extract(open_document(data, f"a.{form}")), extract(plain)
    told = [[(m.kind, m.name, m.category, m.target, m.actual, m.score) for m in each.metrics] for each in (ours, theirs)]
    assert told[0] == told[1]
    assert [goal.statement for goal in ours.goals] == [goal.statement for goal in theirs.goals]


@pytest.mark.parametrize("form", ["docx", "html", "xlsx"])
def test_every_character_read_stands_where_it_says(form: str) -> None:
    items = samples.items_of(read_text(FIXTURE.read_bytes(), "source.txt"))
    document = open_document(MAKERS[form](items), f"a.{form}")
    cells = [cell.passage for table in document.tables for row in table.rows for cell in row]
    for passage in (*document.passages, *cells):
        there = "".join(document.text[passage.offset(at)] for at in range(len(passage.words)))
        assert there.replace("\n", " ") == passage.words


def test_evidence_names_its_page_and_cell() -> None:
    heading, row = ["一级指标", "三级指标", "年度指标值", "实际完成值"], ["产出指标", "培训场次", "≥10次", "12次"]
    document = Sheets().line("2024年度绩效自评报告").turn().table([heading, row], [80, 120, 80, 80]).read()
    (metric,) = (each for each in extract(document).metrics if each.kind == "indicator")
    assert metric.evidence[0].model_dump(include={"page", "cell", "quote"}) == {
        "quote": "培训场次\t≥10次\t12次",
        "page": 2,
        "cell": {"table": 1, "row": 2, "column": 2},
    }


# Old Word files


@pytest.mark.skipif(samples.soffice() is None, reason="LibreOffice is not installed: no .doc can be made")
@pytest.mark.parametrize("by", ["doc2docx", "LibreOffice"])
def test_an_old_word_file_is_read_and_nothing_is_left_of_it(by: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cells = [
        samples.Merged(0, 0, "指标"),
        samples.Merged(0, 1, "完成值"),
        samples.Merged(1, 0, "培训场次"),
        samples.Merged(1, 1, "12次"),
    ]
    word = samples.docx_of([samples.Item("一、概况", 1), samples.Item(cells=cells), samples.Item("表后。")])
    data = samples.converted(word, ".docx", "doc")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if by == "LibreOffice":
        monkeypatch.setattr(old_word, "_by_doc2docx", lambda data, source: None)
    document = open_document(data[:8] + b"\x06\x09\x02" + data[11:], "报告.wps")
    assert document.text == "一、概况\n指标\t完成值\n培训场次\t12次\n表后。\n"
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_behind_goes_and_what_another_run_works_on_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    left, at_work = tmp_path / "jixiao-turning-left", tmp_path / "jixiao-turning-now"
    for folder in (left, at_work):
        folder.mkdir()
        (folder / "given.doc").write_bytes(b"x")
    os.utime(left, (0, 0))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(old_word, "_libreoffice", lambda: None)
    with pytest.raises(JixiaoError):
        open_document(compound("WordDocument"), "报告.doc")
    assert list(tmp_path.iterdir()) == [at_work]


@pytest.mark.skipif(os.name == "nt", reason="the operating system bounds no process from outside")
def test_libreoffice_runs_under_the_same_bounds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program, told = tmp_path / "soffice", tmp_path / "told"
    program.write_text(f"#!/bin/sh\n(ulimit -v; ulimit -t) > '{told}'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(old_word, "_libreoffice", lambda: str(program))
    with pytest.raises(UnreadableInput, match="LibreOffice cannot open it"):
        open_document(b"{\\rtf1 x}", "报告.rtf")
    assert told.read_text().split() == [str(2 * 1024**2), "90"]  # KiB, seconds


def test_an_old_word_file_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_word, "find_spec", lambda name: None)
    monkeypatch.setattr(old_word, "_libreoffice", lambda: None)
    with pytest.raises(MissingExtra, match=r"pip install 'jixiao\[legacy\]'"):
        open_document(compound("WordDocument"), "报告.doc")


# Faults


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the file is empty"),
        (compound("EncryptedPackage"), "this is an encrypted Office file; save it without a password"),
        (compound("PowerPoint Document"), "this is a presentation"),
        (b"Rar!\x1a\x07\x01\x00", "this is a RAR or 7-Zip archive; unpack it"),
        (WORD[:200], "damaged"),
        (workbook()[:2000], "damaged"),
        (b"%PDF-1.4\n" + bytes(50), "the PDF is damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "picture"),
        (zipped(**{"word/document.xml": b"<w:document"}), "no well-formed XML"),
        (zipped(**{"word/document.xml": b"<a>" * 5000}), "no well-formed XML"),
    ],
)
def test_a_file_that_cannot_be_read_gets_one_sentence(data: bytes, why: str) -> None:
    with pytest.raises(JixiaoError) as told:
        open_document(data, "报告 1.docx")
    words = str(told.value)
    assert (words.startswith("报告 1.docx: "), why in words, "\n" in words) == (True, True, False)


def test_a_file_beyond_all_reports_is_refused_by_its_size(tmp_path: Path) -> None:
    with (tmp_path / "large.pdf").open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(UnreadableInput, match="takes 200 MB, jixiao reads 150 MB"):
        read(tmp_path / "large.pdf")


def test_a_bomb_in_an_archive_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 1_000_000)
    (tmp_path / "a.zip").write_bytes(zipped(**{"a.txt": bytes(50_000_000)}))
    with pytest.raises(UnreadableInput, match="unpacked it takes more than 1 MB"):
        read(tmp_path / "a.zip" / "a.txt")


# The command


def run(*arguments: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    environment = {name: words for name, words in os.environ.items() if name != "COLUMNS"}
    line = [sys.executable, "-m", "jixiao", *map(str, arguments)]
    return subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=60)


def test_read_shows_the_text_its_blocks_and_a_page(tmp_path: Path) -> None:
    (tmp_path / "报告.docx").write_bytes(package(p("概况<".replace("<", "&lt;script&gt;")) + table(tc("甲") + tc("12"))))
    assert run("read", "报告.docx", cwd=tmp_path).stdout == "概况<script>\n甲\t12\n"
    told = json.loads(run("read", "报告.docx", "-f", "json", cwd=tmp_path).stdout)
    assert told["blocks"][1]["cells"][1] == {"row": 1, "column": 2, "start": 13, "end": 15, "words": "12"}
    shown = run("read", "报告.docx", "-f", "html", cwd=tmp_path).stdout
    assert "概况&lt;script&gt;" in shown
    assert "<script>概况" not in shown
    assert "<td>12</td>" in shown


def test_read_refuses_in_one_sentence(tmp_path: Path) -> None:
    done = run("read", "没有.docx", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "✗ 没有.docx: there is no such file; check the path.\n")


def test_notes_of_the_reader_are_told_beside_the_text(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    _sheet(made)["A1"] = "报告"
    made.create_sheet("底稿").sheet_state = "hidden"
    made.save(tmp_path / "a.xlsx")
    assert run("read", "a.xlsx", cwd=tmp_path).stderr == "· Sheet 底稿 is hidden and was left out.\n"
    assert run("extract", "a.xlsx", cwd=tmp_path).stderr == "· a.xlsx: Sheet 底稿 is hidden and was left out.\n"


def test_a_mixed_pdf_is_read_as_far_as_it_has_text(monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdfium2

    monkeypatch.setattr("jixiao.readers.ocr.is_installed", lambda: False)
    mixed = pypdfium2.PdfDocument(Sheets().line("全年完成供水站改造16座。").data())
    mixed.import_pages(pypdfium2.PdfDocument(scanned(Sheets().line("x").data())))
    stream = BytesIO()
    mixed.save(stream)
    document = open_document(stream.getvalue(), "a.pdf")
    assert (document.text, document.notes) == (
        "全年完成供水站改造16座。\n",
        ("Page 2 is a picture and was not read: pip install 'jixiao[ocr]'",),
    )


def test_the_public_read_is_the_one_that_reads_all_kinds() -> None:
    assert jixiao.read is read
