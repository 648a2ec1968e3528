"""Records → summaries: every sentence follows from what it cites, and no invented one gets through."""

import asyncio
import json
import subprocess
import sys
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from jixiao import extract, read
from jixiao.audit import Case
from jixiao.readers.text import read_text
from jixiao.render.summary_letter import summary_letter
from jixiao.render.summary_page import render_summary
from jixiao.render.summary_words import escaped, summary_words
from jixiao.summary import Sentence, Summary, faults, summarize, summarize_year
from jixiao.summary.citing import cite
from jixiao.summary.length import note_words
from jixiao.summary.writer import write

FIXTURES = Path(__file__).parent.parent / "fixtures"
OPEN = sorted(folder for folder in FIXTURES.iterdir() if folder.is_dir() and not folder.name.endswith("-heldout"))
TEXT = """澄江市文化局2023年度部门整体支出绩效自评报告
一、部门概况
2023年全年预算900.00万元，全年支出862.40万元，比上年增加62.40万元，增长7.8%，预算执行率95.82%。其中人员经费551.20万元，公用经费311.20万元。
二、绩效目标完成情况
目标1：建成服务中心12个。
完成情况：建成服务中心12个，目标已完成。
目标2：开展送戏下乡演出80场。
完成情况：开展送戏下乡演出62场，受疫情影响未完成。
三、存在的问题
1.预算编制不够精细。
四、自评得分
自评得分91.5分，等级为“优”。
"""


@pytest.fixture(scope="module")
def case() -> Case:
    document = read_text(TEXT.encode(), "report.txt")
    return Case(document, extract(document))


def of(folder: Path) -> Case:
    document = read(next(folder.glob("source.*")))
    return Case(document, extract(document))


def said(case: Case, text: str, *ids: str) -> list[str]:
    """The faults of a model's sentence that cites these records."""
    found = [cite(case, id) if id in case.records else cite(case, "m1").model_copy(update={"record_id": id}) for id in ids]
    return faults(Sentence(text=text, cites=found, writer="model"), {case.report.sha256: case})


def id_of(case: Case, name: str) -> str:
    return next(metric.id for metric in case.extraction.metrics if name in metric.name)


def test_a_summary_says_what_to_think_the_money_the_goals_and_the_problems(case: Case) -> None:
    summary = summarize(case)
    headings = ["总体判断", "资金情况", "目标及完成情况", "问题与措施"]
    assert [section.heading for section in summary.sections] == headings
    texts = "".join(sentence.text for sentence in summary.sentences)
    assert "绩效自评得分91.5分，等级为“优”" in texts
    assert "支出862.40万元，比上年增加62.40万元、增长7.8%" in texts
    assert "目标2未完成：开展送戏下乡演出62场" in texts
    assert "主要问题：预算编制不够精细。" in texts


def test_what_the_report_contradicts_itself_in_comes_last() -> None:
    document = read_text(TEXT.replace("95.82%", "98.52%").encode(), "report.txt")
    last = summarize(Case(document, extract(document))).sections[-1]
    assert last.heading == "提请关注"
    assert "95.82%" in "".join(sentence.text for sentence in last.sentences)


def test_what_is_true_has_no_fault(case: Case) -> None:
    spent = id_of(case, "支出")
    assert said(case, "全年支出862.40万元，比上年增加62.40万元，增长7.8%。", spent) == []
    assert said(case, "全年支出0.0862亿元。", spent) == []
    assert said(case, "全年支出约862万元。", spent) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("全年支出882.40万元。", "882.40万元不见于所引记录"),
        ("全年支出862.40亿元。", "862.40亿元不见于所引记录"),
        ("全年支出比上年减少62.40万元。", "增减方向与所引记录相反"),
        ("人员经费862.40万元。", "不是一回事"),
        ("全年支出862.40万元，涉及项目17个。", "17个不见于所引记录"),
        ("“乡村振兴”专项支出862.40万元。", "名称“乡村振兴”不见于所引记录"),
        ("2021年全年支出862.40万元。", "2021不见于所引记录"),
    ],
)
def test_what_is_invented_has_one(case: Case, text: str, fault: str) -> None:
    assert any(fault in found for found in said(case, text, id_of(case, "支出")))


def test_swapped_subjects_are_found(case: Case) -> None:
    staff, office = id_of(case, "人员经费"), id_of(case, "公用经费")
    assert said(case, "人员经费551.20万元，公用经费311.20万元。", staff, office) == []
    assert said(case, "人员经费311.20万元，公用经费551.20万元。", staff, office) != []


def test_a_record_that_is_not_there_is_a_fault(case: Case) -> None:
    assert said(case, "全年支出862.40万元。", "m99") == ["没有编号为m99的记录"]


def test_a_right_number_of_another_record_is_a_fault(case: Case) -> None:
    assert said(case, "全年支出862.40万元。", id_of(case, "人员经费")) != []


def test_a_claim_against_the_records_status_is_a_fault(case: Case) -> None:
    assert "称全部完成，而所引记录有未完成的" in said(case, "两个目标全部完成。", "c1", "c2")
    assert "称未完成，而所引记录已完成" in said(case, "建成服务中心的目标未完成。", "c1")


def test_a_sum_in_a_sentence_is_recomputed(case: Case) -> None:
    staff, office = id_of(case, "人员经费"), id_of(case, "公用经费")
    assert said(case, "551.20 + 311.20 = 862.40万元。", staff, office) == []
    assert said(case, "551.20 + 311.20 = 872.40万元。", staff, office) != []


@pytest.mark.parametrize("folder", OPEN, ids=lambda folder: folder.name)
def test_every_sentence_of_every_summary_is_without_fault(folder: Path) -> None:
    found = of(folder)
    for pages in (1, 3):
        summary = summarize(found, pages)
        assert [
            faults(sentence, {found.report.sha256: found})
            for sentence in summary.sentences
            if faults(sentence, {found.report.sha256: found})
        ] == []


def test_more_pages_hold_more(case: Case) -> None:
    found = of(FIXTURES / "hubei-dept-contradictions")
    assert summarize(found, 3).left_out < summarize(found, 1).left_out


def test_the_finished_files_have_no_number_without_a_record(tmp_path: Path) -> None:
    source = FIXTURES / "neimenggu-dept" / "source.txt"
    summary = summarize(of(source.parent))
    (tmp_path / "s.md").write_text(summary_words(summary), encoding="utf-8")
    (tmp_path / "s.docx").write_bytes(summary_letter(summary))
    checker = Path(__file__).parent.parent / "eval" / "faithfulness.py"
    files = [str(tmp_path / name) for name in ("s.md", "s.docx")]
    done = subprocess.run(
        [sys.executable, str(checker), *files, "--report", str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    (tmp_path / "s.md").write_text(summary_words(summary).replace("17,208.93万元", "17,308.93万元"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(checker), *files, "--report", str(source)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "17,308.93万元" in done.stdout) == (1, True)


def test_a_number_is_written_with_a_narrow_comma() -> None:
    document = read_text(
        TEXT.replace("全年支出862.40万元，比上年增加62.40万元，增长7.8%", "全年支出1，862.40万元").encode(), "report.txt"
    )
    summary = summarize(Case(document, extract(document)))
    assert "支出1,862.40万元" in "".join(sentence.text for sentence in summary.sentences)


def test_the_footnote_of_a_sum_names_all_its_terms() -> None:
    found = of(FIXTURES / "hubei-dept-contradictions")
    (told,) = [sentence for sentence in summarize(found, 4).sentences if "得分之和" in sentence.text]
    assert all(cited.record_id in note_words(told) for cited in told.cites if cited.record_id != "report")


def test_the_word_file_is_in_official_form(case: Case, tmp_path: Path) -> None:
    (tmp_path / "s.docx").write_bytes(summary_letter(summarize(case)))
    with zipfile.ZipFile(tmp_path / "s.docx") as file:
        body, fonts, notes = (file.read(f"word/{name}.xml").decode() for name in ("document", "fontTable", "footnotes"))
    assert 'w:w="11906" w:h="16838"' in body  # A4
    assert all(font in body for font in ("方正小标宋简体", "仿宋_GB2312"))
    assert "<w:altName" in fonts
    assert "m1@" in notes


def test_the_page_opens_each_sentence_at_its_place_and_runs_nothing_of_the_report() -> None:
    hostile = TEXT.replace("预算编制不够精细", "预算<script>alert(1)</script>编制不够精细")
    document = read_text(hostile.encode(), "report.txt")
    found = Case(document, extract(document))
    page = render_summary(summarize(found), {found.report.sha256: found.text})
    assert "<script>alert" not in page
    assert 'data-number="n1"' in page
    assert 'data-records="' in page


def test_markdown_keeps_a_reports_marks_as_words() -> None:
    assert escaped("[点](http://x)|*a*") == "\\[点\\](http://x)\\|\\*a\\*"


def test_a_years_summary_counts_what_it_cites() -> None:
    cases = [of(folder) for folder in OPEN]
    summary = summarize_year(cases, 3)
    by_digest = {found.report.sha256: found for found in cases}
    assert isinstance(summary, Summary)
    assert "有结论的绩效目标" in "".join(sentence.text for sentence in summary.sentences)
    assert [sentence.text for sentence in summary.sentences if faults(sentence, by_digest)] == []


# A model that writes


def model_says(*replies: str) -> Callable[[str, str], Awaitable[str]]:
    """A model that gives these replies, and then no more: an empty answer."""
    left = list(replies)

    async def ask(system: str, words: str) -> str:
        return left.pop(0) if left else '{"sentences": []}'

    return ask


def reply(*sentences: tuple[str, list[str]]) -> str:
    return json.dumps({"sentences": [{"text": text, "records": ids} for text, ids in sentences]}, ensure_ascii=False)


def written(case: Case, *replies: str) -> Summary:
    """The money section alone, in the model's words."""
    summary = summarize(case)
    money = summary.model_copy(update={"sections": [s for s in summary.sections if s.heading == "资金情况"]})
    return asyncio.run(write(money, [case], model_says(*replies), "fake"))


def test_a_models_true_sentence_is_taken(case: Case) -> None:
    spent = id_of(case, "支出")
    made = written(case, reply(("全年支出862.40万元，比上年增加62.40万元。", [spent])))
    assert made.sentences[0].text == "全年支出862.40万元，比上年增加62.40万元。"
    assert "本摘要由模型 fake 据记录撰写" in made.notice


@pytest.mark.parametrize(
    "text", ["全年支出999.40万元。", "全年支出862.40亿元。", "人员经费862.40万元。", "全年支出比上年减少62.40万元。"]
)
def test_a_models_false_sentence_goes_back_once_and_then_gives_way(case: Case, text: str) -> None:
    spent = id_of(case, "支出")
    made = written(case, reply((text, [spent])), reply((text, [spent])))
    assert all(sentence.writer == "composed" for sentence in made.sentences)
    assert "由程序拟写" in made.notice


def test_a_sentence_mended_at_the_second_asking_is_taken(case: Case) -> None:
    spent = id_of(case, "支出")
    made = written(case, reply(("全年支出999.40万元。", [spent])), reply(("全年支出862.40万元。", [spent])))
    assert made.sentences[0].text == "全年支出862.40万元。"
    assert "其中重写1句" in made.notice


def test_a_sentence_said_twice_is_taken_once_and_the_heading_is_none(case: Case) -> None:
    said = ("资金情况：全年支出862.40万元。", [id_of(case, "支出")])
    made = written(case, reply(("资金情况", [id_of(case, "支出")]), said, said))
    assert [s.text for s in made.sentences if s.writer == "model"] == ["全年支出862.40万元。"]


@pytest.mark.parametrize("ids", [["m99"], [], ["c1"]])
def test_a_sentence_that_cites_wrong_records_is_not_taken(case: Case, ids: list[str]) -> None:
    made = written(case, reply(("全年支出862.40万元。", ids)))
    assert all(sentence.writer == "composed" for sentence in made.sentences)


@pytest.mark.parametrize("words", ["", "好的，以下是摘要。", '{"sentences": [{"text": 3}]}', '{"sentences": [{"tex'])
def test_an_answer_that_is_none_leaves_the_composed_section(case: Case, words: str) -> None:
    assert all(sentence.writer == "composed" for sentence in written(case, words).sentences)
