"""Chunks: every character in one of them, nothing cut that belongs together, no chunk too long."""

import re
import subprocess
import sys
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao.chunking import Chunk, chunk_document, split_chunk
from jixiao.document import Document, Passage, Table
from jixiao.quantities import find_quantities
from jixiao.readers.text import read_text
from jixiao.tokens import count_tokens

FIXTURES = Path(__file__).parent.parent / "fixtures"
FOLDERS = sorted(folder.name for folder in FIXTURES.iterdir() if folder.is_dir())
SIZES = [50, 200, 800]
EXAMPLES = settings(max_examples=100, deadline=None)

REPORT = """2024年度绩效自评报告
一、部门概况
（一）基本情况
本单位有编制12名，在职10人。
（二）预算情况
全年预算数499.62万元，执行数482.24万元，执行率96.52%。
二、存在的问题
预算编制不够精细。
"""
TABLE = "附件：绩效自评表\n单位：万元\n"
TABLE += "| 一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 |\n| --- | --- | --- | --- | --- |\n"
TABLE += "".join(
    f"| {'产出指标' if row == 1 else ''} | 数量指标 | 第{row}项培训场次 | ≥{row}0次 | {row}2次 |\n" for row in range(1, 9)
)


def read(text: str) -> Document:
    return read_text(text.encode(), "report.txt")


@cache
def fixture(folder: str) -> Document:
    return read_text((FIXTURES / folder / "source.txt").read_bytes(), folder)


@cache
def chunks(folder: str, size: int) -> list[Chunk]:
    return chunk_document(fixture(folder), size)


def covers(document: Document, made: list[Chunk]) -> bool:
    """Whether the chunks lie end to end over the whole text, each with its own words and number."""
    bounds = [0, *(chunk.end for chunk in made)]
    return (
        [chunk.start for chunk in made] == bounds[:-1]
        and bounds[-1] == len(document.text)
        and all(document.text[chunk.start : chunk.end] == chunk.text != "" for chunk in made)
        and [chunk.number for chunk in made] == list(range(1, len(made) + 1))
    )


def numbers(document: Document) -> list[tuple[int, int]]:
    """The places of all numbers with their units: quantities in each paragraph and cell, and any run of digits."""
    found = [match.span() for match in re.finditer(r"\d+(?:[.．,]\d+)*[%％年]?", document.text)]
    passages = [*document.passages, *(cell.passage for table in document.tables for row in table.rows for cell in row)]
    for passage in passages:
        spans = [passage.span(quantity.start, quantity.end) for quantity in find_quantities(passage.words)]
        found += [(span.start, span.end) for span in spans]
    return found


def rows(document: Document) -> list[tuple[int, int]]:
    """The places of all tables' rows, from the first cell that is not empty to the last."""
    found: list[tuple[int, int]] = []
    for table in document.tables:
        for row in table.rows:
            cells = [cell.passage.span(0, len(cell.words)) for cell in row if cell.words]
            if cells:
                found.append((min(cell.start for cell in cells), max(cell.end for cell in cells)))
    return found


def cut(made: list[Chunk], spans: list[tuple[int, int]], document: Document, size: int = 0) -> list[str]:
    """The spans that a chunk's bound lies in; with ``size`` only those that fit in a chunk with what is around them."""
    bounds = [chunk.start for chunk in made[1:]]
    parted = [(start, end) for start, end in spans if any(start < bound < end for bound in bounds)]
    return [
        document.text[start:end] for start, end in parted if not size or count_tokens(around(document.text, start, end)) <= size
    ]


def around(text: str, start: int, end: int) -> str:
    """``text[start:end]`` with the rest of its line before it, and the marks and blanks behind it."""
    behind = re.compile(r"[\s|｜:\u200b-]*").match(text, end)
    return text[text.rfind("\n", 0, start) + 1 : behind.end() if behind else end]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_character_of_a_report_is_in_one_chunk_and_no_chunk_is_too_long(folder: str, size: int) -> None:
    whole = covers(fixture(folder), chunks(folder, size))
    assert whole
    assert [chunk.number for chunk in chunks(folder, size) if count_tokens(chunk.text) > size] == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("folder", FOLDERS)
def test_no_number_unit_or_row_of_a_report_is_cut(folder: str, size: int) -> None:
    document, made = fixture(folder), chunks(folder, size)
    of_numbers, of_rows = len(cut(made, numbers(document), document)), len(cut(made, rows(document), document, size))
    assert (of_numbers, of_rows) == (0, 0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_chunk_holds_prose_or_one_table(folder: str, size: int) -> None:
    document = fixture(folder)
    for chunk in chunks(folder, size):
        held = [table for table in document.tables if table.span.start < chunk.end and chunk.start < table.span.end]
        tables = len(held)
        assert (chunk.number, tables) == (chunk.number, 1 if chunk.kind == "table" and tables else 0)


def test_a_report_that_fits_is_one_chunk() -> None:
    assert chunk_document(read(REPORT)) == [Chunk(1, 0, len(REPORT), REPORT, (), "prose", None)]


def test_a_report_is_cut_at_its_sections_and_each_chunk_knows_its_headings() -> None:
    found = [(chunk.text.split("\n")[0], chunk.path) for chunk in chunk_document(read(REPORT), 40)]
    assert found == [
        ("2024年度绩效自评报告", ()),
        ("（二）预算情况", ("一、部门概况",)),
        ("二、存在的问题", ()),
    ]


def test_a_long_paragraph_is_cut_behind_its_sentences_and_keeps_its_heading() -> None:
    made = chunk_document(read("一、概况\n" + "全年培训12场，受益3200人。" * 20 + "\n"), 60)
    assert {chunk.path for chunk in made[1:]} == {("一、概况",)}
    assert made[0].path == ()
    assert {chunk.text.rstrip()[-1] for chunk in made} == {"。"}


def test_a_goal_stays_with_what_was_done_for_it() -> None:
    text = "".join(f"目标{n}：开展培训。\n完成情况：全年培训{n}2场。\n效果：能力提升。\n" for n in range(1, 9))
    assert all(chunk.text.startswith("目标") for chunk in chunk_document(read(text), 70))


def test_a_small_table_is_one_chunk_with_its_title_and_apart_from_prose() -> None:
    made = chunk_document(read(REPORT + TABLE), 800)
    assert [(chunk.kind, chunk.header) for chunk in made] == [("prose", None), ("table", None)]
    assert made[1].text == TABLE


def test_later_rows_of_a_large_table_come_with_its_title_and_heading() -> None:
    first, *others = chunk_document(read(TABLE), 100)
    assert first.header is None
    assert first.text.startswith("附件：绩效自评表")
    assert len(others) >= 2
    assert {other.header for other in others} == {
        "附件：绩效自评表\n单位：万元\n一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值"
    }


def test_a_number_broken_over_two_lines_is_not_cut() -> None:
    text = "全年支出完成情况总体良好各项工作有序推进共计545.\n5亿元其中项目支出较多"
    document = Document(
        "a", "b", text, (Passage(text.replace("\n", ""), (0, text.index(chr(10))), (0, text.index(chr(10)) + 1)),)
    )
    for size in range(1, 30):
        parts = [chunk.text for chunk in chunk_document(document, size)]
        assert "".join(parts) == text
        assert any("545.\n5亿元" in part for part in parts) == (size >= count_tokens("545.\n5亿元"))


@pytest.mark.parametrize("text", ["7" * 5000, "的" * 5000, "a" * 5000, "e" + "\u0301" * 500, "👨\u200d👩\u200d👧" * 99])
def test_what_cannot_be_cut_is_cut_at_the_limit_all_the_same(text: str) -> None:
    document = read(text)
    made = chunk_document(document, 50)
    assert covers(document, made)
    assert all(count_tokens(chunk.text) <= 50 for chunk in made)


def test_combined_characters_stay_together() -> None:
    made = chunk_document(read("的e\u0301" * 200), 30)
    assert not any(unicodedata.combining(chunk.text[0]) for chunk in made)


def test_an_empty_document_has_no_chunks_and_one_without_blocks_has_its_text() -> None:
    assert chunk_document(Document("a", "b", "")) == []
    assert [chunk.text for chunk in chunk_document(Document("a", "b", " \n- 1 -\n"))] == [" \n- 1 -\n"]


def test_a_limit_below_one_token_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        chunk_document(read(REPORT), 0)


PIECES = (
    "一、概况 （一）目标 二、问题 完成499.62万元 ，执行率98.5% 。 ； \n \n \n 3200人次 PM2.5 2024年12月31日 的 近 三十五户".split(
        " "
    )
)
PIECES += ["|指标|12场|3%|\n", "一级指标\t二级指标\t三级指标\t指标值\t完成值\n", "产出指标\t数量指标\t场次\t≥10次\t12次\n"]
PIECES += ["〔2020〕10号", "e\u0301", "\u200b", "\u3000"]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=60).map("".join)


@given(TEXTS.filter(str.strip), st.integers(1, 120))
@EXAMPLES
def test_any_text_is_covered_within_the_limit(text: str, size: int) -> None:
    document = read(text)
    made = chunk_document(document, size)
    assert covers(document, made)
    assert all(count_tokens(chunk.text) <= size or len(chunk.text) == 1 for chunk in made)
    if size >= 40:
        assert cut(made, numbers(document), document, size) == []
        assert cut(made, rows(document), document, size) == []


@given(TEXTS.filter(str.strip), st.integers(20, 120), st.data())
@EXAMPLES
def test_a_chunk_is_split_in_two_that_make_it_up(text: str, size: int, data: st.DataObject) -> None:
    document = read(text)
    chunk = data.draw(st.sampled_from(chunk_document(document, size)))
    at = data.draw(st.none() | st.integers(chunk.start - 2, chunk.end + 2))
    parts = split_chunk(document, chunk, at)
    assert "".join(part.text for part in parts) == chunk.text
    assert [parts[0].start, parts[-1].end] == [chunk.start, chunk.end]
    assert all(above.end == below.start <= (at or below.start) for above, below in pairwise(parts))


def test_a_split_table_keeps_its_rows_whole_and_its_heading() -> None:
    document = read(TABLE)
    (whole,) = chunk_document(document, 800)
    above, below = split_chunk(document, whole)
    assert below.text.startswith("|  | 数量指标 |")
    assert below.header is not None
    assert abs(len(above.text) - len(below.text)) < len(TABLE) / 3


def test_a_chunk_is_split_before_the_paragraph_at_which_an_answer_broke_off() -> None:
    document = read(REPORT)
    (whole,) = chunk_document(document)
    above, below = split_chunk(document, whole, REPORT.index("482.24"))
    assert (below.text.split("\n")[0], below.path) == ("（二）预算情况", ("一、部门概况",))
    assert above.text + below.text == REPORT
    assert split_chunk(document, whole, 0) == [whole]


def test_the_tables_blocks_are_tables() -> None:
    assert [type(block) for block in read(TABLE).blocks] == [Passage, Passage, Table]


def test_help_loads_neither_tiktoken_nor_langchain() -> None:
    script = "import sys, jixiao.cli, jixiao.chunking\n"
    script += "print([n for n in ('tiktoken', 'langchain_text_splitters') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")
    asked = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "jixiao", "--help"], capture_output=True, text=True, timeout=60
    )
    assert asked.returncode == 0
    assert not re.search(r"\| +(?:tiktoken|langchain)", asked.stderr)
