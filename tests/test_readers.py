"""Bytes → documents: encodings, wrapped lines, page furniture, and each form of table as a reader sees it."""

import codecs
import hashlib
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao.document import Document, Passage
from jixiao.errors import UnreadableInput
from jixiao.readers.lines import split_lines
from jixiao.readers.text import decode, read_text

HEADING = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"]
ROWS = [
    ["产出指标", "数量指标", "培训场次", "≥10次", "12次", "10", "10"],
    ["", "质量指标", "培训合格率", "≥95%", "98%", "10", "10"],
    ["效益指标", "社会效益指标", "受益人数", "≥3000人", "3200人", "10", "9.5"],
    ["满意度指标", "服务对象满意度指标", "群众满意度", "≥90%", "94.2%", "10", "10"],
]
GRID = [HEADING, *ROWS]
FULL_ROWS = [["产出指标", *row[1:]] if not row[0] else row for row in ROWS]
BEFORE, AFTER = "绩效指标完成情况如下所示。\n", "\n三、存在的问题\n"


def read(text: str) -> Document:
    return read_text(text.encode(), "report.txt")


def grids(text: str) -> list[list[list[str]]]:
    return [[[cell.words for cell in row] for row in table.rows] for table in read(text).tables]


def words_of(text: str) -> list[str]:
    return [passage.words for passage in read(text).passages]


def every_passage(document: Document) -> Iterator[Passage]:
    yield from document.passages
    for table in document.tables:
        yield from (cell.passage for row in table.rows for cell in row)


def holds(document: Document) -> bool:
    """Whether every character of every passage and cell is the text's own."""
    return all(
        word == document.text[passage.offset(at)] or (word == " " and document.text[passage.offset(at)].isspace())
        for passage in every_passage(document)
        for at, word in enumerate(passage.words)
    )


def aligned(cells: list[str], width: int = 22) -> str:
    """A row set in columns by blanks, a Chinese character two wide."""
    return "".join(
        cell + " " * (width - sum(2 if unicodedata.east_asian_width(mark) in "WFA" else 1 for mark in cell)) for cell in cells
    ).rstrip()


# Encodings

REPORT = "某县水利局2024年度绩效自评报告\n全年完成供水站改造16座。\n"


@pytest.mark.parametrize(
    "data",
    [
        REPORT.encode(),
        codecs.BOM_UTF8 + REPORT.encode(),
        REPORT.encode("gb18030"),
        REPORT.encode("utf-16"),
        codecs.BOM_UTF16_BE + REPORT.encode("utf-16-be"),
        REPORT.encode("utf-16-le"),
        REPORT.encode("utf-16-be"),
        REPORT.replace("\n", "\r\n").encode(),
        REPORT.replace("\n", "\r\n").encode("gb18030"),
    ],
    ids="utf-8 utf-8-bom gb18030 utf-16 utf-16-be-bom utf-16-le utf-16-be crlf gb18030-crlf".split(),
)
def test_every_encoding_of_chinese_reports_gives_the_same_characters(data: bytes) -> None:
    assert decode(data, "report.txt") == REPORT


def test_nothing_but_a_bom_and_line_ends_is_changed() -> None:
    odd = "\u3000\t１，２３４．５６万兀\x07\r单独回车\f换页  末尾空格 \n\n"
    assert decode(codecs.BOM_UTF8 + odd.encode(), "report.txt") == odd


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \n\t\n",
        b"%PDF-1.7\n",
        b"PK\x03\x04xl/",
        b"\xd0\xcf\x11\xe0doc",
        b"\x89PNG\r\n",
        b"{\\rtf1}",
        bytes(range(256)) * 8,
    ],
)
def test_what_is_no_text_is_refused_in_a_sentence_that_names_the_file(data: bytes) -> None:
    with pytest.raises(UnreadableInput, match=r"^附件1\.txt: .+\.$"):
        read_text(data, "附件1.txt")


def test_the_hash_is_of_the_bytes_and_the_text_of_the_characters() -> None:
    data = codecs.BOM_UTF8 + REPORT.replace("\n", "\r\n").encode()
    document = read_text(data, "report.txt")
    assert (document.sha256, document.text) == (hashlib.sha256(data).hexdigest(), REPORT)


# Lines

PARAGRAPHS = [
    "我局深入贯彻落实县委县政府决策部署，围绕农村供水保障工作扎实推进各项任务，全年完成供水站改造16座，改造供水管网68公里，"
    "安装智能水表5200只，建设县级智慧供水平台1个，受益人口3.1万人，受益群众满意度达到95%以上，较好地实现了年初确定的各项工作安排。",
    "县水利局为县政府工作部门，内设办公室和规划计划股以及水资源股等八个股室，下辖农村供水管理中心等三个事业单位，年末实有在职人员86人，"
    "其中行政人员21人，事业人员65人，退休人员43人，实际在职人员控制率为百分之九十五点六，符合编制管理的有关规定和要求。",
    "资金实行专账核算并按进度支付，支付审批手续齐全，县财政局会同我局开展资金专项检查2次，发现1笔3.6万元的费用票据不规范，"
    "已于当月整改到位，没有发现截留挤占和挪用资金的情形，项目支出与批复的用途保持一致。",
]


def wrapped(paragraph: str, width: int) -> str:
    return "\n".join(paragraph[at : at + width] for at in range(0, len(paragraph), width))


@pytest.mark.parametrize("width", [22, 26, 30, 34])
def test_wrapped_lines_are_joined_and_no_offset_moves(width: int) -> None:
    text = "\n".join(wrapped(paragraph, width) for paragraph in PARAGRAPHS) + "\n"
    document = read(text)
    assert [passage.words for passage in document.passages] == PARAGRAPHS
    assert (document.text, holds(document)) == (text, True)


@pytest.mark.parametrize("number", ["— 1 —", "- 12 -", "第 3 页 共 12 页", "第3页", "3/12", "7", "\f"])
def test_a_page_number_inside_a_sentence_is_stepped_over(number: str) -> None:
    lines = "\n".join(wrapped(paragraph, 28) for paragraph in PARAGRAPHS).split("\n")
    document = read("\n".join([*lines[:2], number, *lines[2:]]))
    assert [passage.words for passage in document.passages] == PARAGRAPHS
    assert number in document.text
    assert holds(document)


HEADER = "某县水利局绩效自评报告"


def paged(header_first: bool) -> str:
    """The paragraphs with the page header between lines, in the middle of sentences."""
    lines = "\n".join(wrapped(paragraph, 28) for paragraph in PARAGRAPHS).split("\n")
    first = [HEADER, ""] if header_first else []
    return "\n".join([*first, *lines[:2], HEADER, *lines[2:6], HEADER, *lines[6:11], HEADER, *lines[11:]]) + "\n"


def test_a_page_header_that_comes_again_is_stepped_over() -> None:
    assert words_of(paged(header_first=True)) == [HEADER, *PARAGRAPHS]


def test_a_page_header_first_seen_inside_a_sentence_does_not_cut_it() -> None:
    assert [words for words in words_of(paged(header_first=False)) if words != HEADER] == PARAGRAPHS


def test_contents_field_codes_and_web_furniture_are_in_the_text_but_in_no_passage() -> None:
    text = (
        "当前位置：首页 > 政务公开\n目 录\n一、部门概况\tPAGEREF _Toc123 \\h 2\n二、绩效情况……………3\n"
        "一、部门概况\n发布时间：2024-05-06\n"
    )
    assert words_of(text) == ["目录", "一、部门概况"]


def test_a_line_that_is_a_paragraph_is_not_joined_to_the_next() -> None:
    assert words_of("一、部门概况\n下辖三个单位\n二、绩效目标\n") == ["一、部门概况", "下辖三个单位", "二、绩效目标"]


def test_lines_end_at_every_kind_of_line_end() -> None:
    text = "一\n二\r三\f四\v五"
    assert [(line.start, line.end, line.words) for line in split_lines(text)] == [
        (at, at + 1, word) for at, word in zip((0, 2, 4, 6, 8), "一二三四五", strict=True)
    ]


# Tables

Form = Callable[[list[list[str]]], str]


def piped(rows: list[list[str]]) -> str:
    return "\n".join("|" + "|".join(row) + "|" for row in rows)


def tabbed(rows: list[list[str]]) -> str:
    return "\n".join("\t".join(row) for row in rows)


def tab_led(rows: list[list[str]]) -> str:
    return "\n\n".join("\n".join(f"\t{cell}" for cell in row) for row in rows)


def tab_led_but_for_the_first(rows: list[list[str]]) -> str:
    return "\n".join("\n".join(f"\t{cell}" if at else cell for at, cell in enumerate(row)) for row in rows)


def bare(rows: list[list[str]]) -> str:
    return "\n".join("\n".join(cell for cell in row if cell) for row in rows)


def bare_with_empty_lines(rows: list[list[str]]) -> str:
    return "\n".join("\n".join(row) for row in rows)


@pytest.mark.parametrize("form", [piped, tabbed, tab_led, bare, bare_with_empty_lines])
def test_a_table_in_each_form_comes_out_as_the_rows_a_reader_sees(form: Form) -> None:
    assert grids(BEFORE + form(GRID) + AFTER) == [GRID]


def test_columns_aligned_by_blanks_are_set_under_their_headings() -> None:
    assert grids(BEFORE + "\n".join(map(aligned, GRID)) + AFTER) == [GRID]


def test_rows_that_begin_without_a_tab_are_rows() -> None:
    text = BEFORE + tab_led_but_for_the_first([HEADING, *FULL_ROWS]) + AFTER
    assert grids(text) == [[HEADING, *FULL_ROWS]]


def test_a_caption_before_rows_that_begin_without_a_tab_moves_no_column() -> None:
    (grid,) = grids("表2 绩效自评指标表\n" + tab_led_but_for_the_first([HEADING, *FULL_ROWS]) + AFTER)
    assert [row for row in grid if len(row) > 1] == [HEADING, *FULL_ROWS]


def test_a_markdown_table_loses_its_rule_and_a_drawn_one_its_frame() -> None:
    rule = "|".join(["", *["---"] * 7, ""])
    assert grids(BEFORE + piped([HEADING]) + "\n" + rule + "\n" + piped(ROWS) + AFTER) == [GRID]
    drawn = "\n├──┼──┤\n".join("│" + "│".join(row) + "│" for row in GRID)
    assert grids(BEFORE + "┌──┬──┐\n" + drawn + "\n└──┴──┘" + AFTER) == [GRID]


def test_a_heading_over_two_rows_is_one_heading() -> None:
    above = ["一级", "二级", "三级", "年度", "实际", "分值", "得分"]
    below = ["指标", "指标", "指标", "指标值", "完成值", "", ""]
    assert grids(BEFORE + tabbed([above, below, *ROWS]) + AFTER) == [GRID]


@pytest.mark.parametrize("form", [tabbed, tab_led])
def test_two_rows_fused_into_one_are_parted(form: Form) -> None:
    assert grids(BEFORE + form([HEADING, ROWS[0], ROWS[1] + ROWS[2], ROWS[3]]) + AFTER) == [GRID]


def test_a_heading_cell_broken_over_two_lines_is_mended() -> None:
    rows = [[*row, note] for row, note in zip(ROWS, ["", "", "参训人员不足", ""], strict=True)]
    broken = [*HEADING, "偏差原因分析", "及改进措施"]
    (grid,) = grids(BEFORE + bare([broken, *rows]) + AFTER)
    assert grid == [[*HEADING, "偏差原因分析及改进措施"], *rows]


BUDGET = [
    ["子政策", "预算资金", "支出金额", "执行率", "享受对象"],
    ["贷款贴息", "2100", "1968.35", "93.73%", "小微企业"],
    ["扩岗补助", "820", "796.5", "97.13%", "小微企业"],
    ["见习补贴", "560", "431.77", "77.1%", "见习人员"],
]


def spaced(rows: list[list[str]]) -> str:
    return "\n".join(" ".join(row) for row in rows)


@pytest.mark.parametrize("form", [tabbed, tab_led, bare, bare_with_empty_lines, spaced])
def test_a_budget_with_headings_we_do_not_know_keeps_its_columns(form: Form) -> None:
    (grid,) = grids("各子政策资金如下。\n" + form(BUDGET) + AFTER)
    assert grid == BUDGET


FUNDS = [
    ["年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
    ["年度资金总额", "120", "118", "96.5", "10", "81.78%", "8.18"],
    ["其他资金", "20", "18", "6.5", "—", "36.11%", "—"],
]


@pytest.mark.parametrize("form", [bare, bare_with_empty_lines])
def test_names_without_a_heading_have_a_column_of_their_own(form: Form) -> None:
    (grid,) = grids("资金情况如下。\n" + form(FUNDS) + AFTER)
    assert grid == [["", *FUNDS[0]], *FUNDS[1:]]


def test_funds_before_the_indicators_may_have_another_width() -> None:
    rows = [["", *FUNDS[0]], *FUNDS[1:], *([*row, ""] for row in [HEADING, *ROWS])]
    (grid,) = grids(BEFORE + "\n".join("\n".join(row) for row in rows) + AFTER)
    assert [[cell for cell in row if cell] for row in grid if any(row)] == [[cell for cell in row if cell] for row in rows]


def test_an_empty_first_cell_opens_a_row_where_rows_open_without_a_tab() -> None:
    assert grids(BEFORE + tab_led_but_for_the_first(GRID) + AFTER) == [GRID]


@pytest.mark.parametrize("form", [tab_led, bare_with_empty_lines])
def test_a_title_parts_two_tables_and_begins_the_text_behind_one(form: Form) -> None:
    text = BEFORE + form(GRID) + "\n部门整体支出绩效自评表\n" + form(GRID) + "\n绩效自评情况说明\n一、基本情况\n"
    assert [row for grid in grids(text) for row in grid if any(row)] == [*GRID, *GRID]
    assert [words for words in words_of(text) if "自评" in words] == ["部门整体支出绩效自评表", "绩效自评情况说明"]


def test_a_unit_that_stands_apart_goes_to_its_number() -> None:
    (grid,) = grids(
        BEFORE + spaced([HEADING, ["产出指标", "数量指标", "修复面积", "≥287 万亩", "289.4 万亩", "15", "15"]] * 2) + AFTER
    )
    assert grid[1][2:5] == ["修复面积", "≥287万亩", "289.4万亩"]


def test_a_list_goes_on_in_its_cell() -> None:
    goals = "年度目标\t1.新建实验室4间。\n2.改造宿舍1栋。\t1.新建4间。\n2.未完工。\n"
    (grid,) = grids(BEFORE + "年度总体目标\t预期目标\t实际完成情况\n" + goals + tabbed(GRID) + AFTER)
    assert grid[1] == ["年度目标", "1.新建实验室4间。2.改造宿舍1栋。", "1.新建4间。2.未完工。"]


def test_a_table_of_one_row_is_a_table() -> None:
    assert grids(BEFORE + tabbed([HEADING, ROWS[0]]) + AFTER) == [[HEADING, ROWS[0]]]


def test_a_table_with_hundreds_of_empty_cells_is_still_one() -> None:
    empty = [[""] * 7 for _ in range(60)]
    (grid,) = grids(BEFORE + tabbed([*GRID, *empty]) + AFTER)
    assert [row for row in grid if any(row)] == GRID


def test_what_stands_around_a_table_stays_prose() -> None:
    assert words_of(BEFORE + piped(GRID) + AFTER) == ["绩效指标完成情况如下所示。", "三、存在的问题"]


def test_every_cell_knows_its_place() -> None:
    document = read(BEFORE + tab_led(GRID) + AFTER)
    (table,) = document.tables
    cells = [cell for row in table.rows for cell in row]
    assert [(cell.row, cell.column) for cell in cells] == [(row, column) for row in range(5) for column in range(7)]
    assert holds(document)


# Laws

LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [*HEADING, *(cell for row in ROWS for cell in row), *PARAGRAPHS, "年初预算数（万元）", "项目", "合计", "\f"]
        ),
        st.sampled_from(
            [piped(GRID), tabbed(ROWS), tab_led(ROWS), "|---|---|", "\t", "\t\t\t", "一、部门概况", "目标1：完成", "— 1 —"]
        ),
        st.text(alphabet=st.sampled_from("绩效指标 \t|│　19.%、（）一。\r"), max_size=30),
    ),
    max_size=40,
).map("\n".join)


@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(str.encode), st.text(max_size=80).map(lambda t: t.encode("utf-16"))
    )
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        document = read_text(data, "any.txt")
    except UnreadableInput:
        return
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert holds(document)


@given(LINES)
@settings(max_examples=200, deadline=None)
def test_any_lines_keep_their_text_and_every_cell_its_words(text: str) -> None:
    if not text.strip():
        return
    document = read(text)
    assert document.text == text.replace("\r\n", "\n")
    assert holds(document)


@given(LINES)
@settings(max_examples=100, deadline=None)
def test_blocks_come_in_the_order_of_the_text(text: str) -> None:
    if text.strip():
        starts = [block.offset(0) if isinstance(block, Passage) else block.span.start for block in read(text).blocks]
        assert starts == sorted(starts)
