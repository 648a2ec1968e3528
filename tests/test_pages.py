"""Web pages and spreadsheets → documents: the report without the site around it, cells as they show."""

from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest
import xlwt
from openpyxl.worksheet.worksheet import Worksheet

from jixiao.document import Document
from jixiao.errors import UnreadableInput
from jixiao.readers.html import read_html, read_mhtml
from jixiao.readers.sheet import read_xls, read_xlsx
from jixiao.readers.shown import shown

REPORT = "<h1>某县水利局2024年度绩效自评报告</h1><p>全年完成供水站改造16座，改造管网68公里。</p>"


def page(body: str, encoding: str = "utf-8") -> Document:
    return read_html(
        f"<html><head><meta charset=gb2312><title>站</title></head><body>{body}</body></html>".encode(encoding), "a.html"
    )


def grid(document: Document, number: int = 1) -> list[list[str]]:
    return [[cell.words for cell in row] for row in document.tables[number - 1].rows]


def _sheet(made: openpyxl.Workbook) -> Worksheet:
    assert isinstance(made.active, Worksheet)
    return made.active


# Web pages


def test_the_site_around_the_report_is_left_out() -> None:
    menu = "<div><ul>" + "".join(f"<li><a href=/{at}>栏目{at}</a></li>" for at in range(6)) + "</ul></div>"
    site = f"{menu}<div>您现在的位置：首页</div><div id=zoom>{REPORT}</div><div>主办单位：某县政府</div><script>var x</script>"
    assert page(site).text == "某县水利局2024年度绩效自评报告\n全年完成供水站改造16座，改造管网68公里。\n"


def test_a_title_outside_the_article_is_known_by_the_name_of_the_page() -> None:
    title, body = "某县水利局2024年度部门整体支出绩效自评报告", "<p>全年完成供水站改造16座，改造管网68公里。</p>"
    whole = f"<html><head><title>{title}_某县人民政府</title></head><body><div class=bt>{title}</div><div id=zoom>{body}</div></body></html>"
    assert read_html(whole.encode(), "a.html").text == f"{title}\n全年完成供水站改造16座，改造管网68公里。\n"


def test_a_page_labelled_gb2312_that_holds_gb18030_is_decoded_first() -> None:
    assert page("<p>珺镕同志负责。收入1㎡</p>", "gb18030").text == "珺镕同志负责。收入1㎡\n"


def test_rowspan_and_colspan_are_resolved() -> None:
    rows = "<tr><td rowspan=2>产出<td>场次<td>12</tr><tr><td>合格率<td>98%</tr><tr><td colspan=2>总分<td>100</tr>"
    document = page(f"<table>{rows}</table>")
    assert grid(document) == [["产出", "场次", "12"], ["", "合格率", "98%"], ["总分", "", "100"]]
    assert [(cell.down, cell.across) for row in document.tables[0].rows for cell in row if cell.words in ("产出", "总分")] == [
        (2, 1),
        (1, 2),
    ]


def test_a_table_that_only_frames_the_page_is_none() -> None:
    framed = f"<table><tr><td>{REPORT}<table><tr><td>甲<td>乙</tr></table></td></tr></table>"
    document = page(framed)
    assert (document.text.split("\n")[0], grid(document)) == ("某县水利局2024年度绩效自评报告", [["甲", "乙"]])


def test_headings_have_their_level_and_list_items_their_number() -> None:
    document = page("<h2>存在的问题</h2><ol><li>预算管理不够精细。<li>支出进度偏慢。</ol>")
    assert next((passage.words, passage.level) for passage in document.passages) == ("存在的问题", 2)
    assert document.text.endswith("1. 预算管理不够精细。\n2. 支出进度偏慢。\n")


def test_hidden_words_of_a_page_stay_out() -> None:
    assert page("<p>看得见。</p><p style='display:none'>看不见。</p><div hidden>也看不见。</div>").text == "看得见。\n"


def test_control_characters_behind_what_is_left_out_do_no_harm() -> None:
    assert page("<p>前<script>x</script>\x0b中&#1;后</p>").text == "前中后\n"


def test_a_web_archive_is_read_by_its_page() -> None:
    head = 'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n--x\nContent-Type: text/html; charset="utf-8"\n\n'
    assert (
        read_mhtml(f"{head}<html><body><p>全年完成16座。</p></body></html>\n--x--\n".encode(), "a.mht").text == "全年完成16座。\n"
    )


def test_a_page_of_nothing_but_frames_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="holds no text"):
        page("<iframe src='http://example.com/report'></iframe>")


# Spreadsheets


def book(*rows: list[object], **formats: str) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    for row in rows:
        _sheet(made).append(row)
    for place, form in formats.items():
        _sheet(made)[place].number_format = form
    return made


def read(made: openpyxl.Workbook) -> Document:
    stream = BytesIO()
    made.save(stream)
    return read_xlsx(stream.getvalue(), "表.xlsx")


def test_numbers_are_read_as_they_show() -> None:
    made = book(["甲", 0.1 + 0.2, 0.98, 1234567.891, date(2024, 3, 5)], C1="0%", D1="#,##0.00", E1='yyyy"年"m"月"d"日"')
    assert read(made).text == "甲\t0.3\t98%\t1,234,567.89\t2024年3月5日\n"


@pytest.mark.parametrize(
    ("value", "form", "words"),
    [
        (499.6249, "0.00_ ", "499.62"),
        (-5.5, r"0.00_);[Red]\(0.00\)", "(5.50)"),
        (0, '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-"),
        (12, '0"家"', "12家"),
        (1234567, '0.00,,"百万"', "1.23百万"),
        (1234567890123.45, "General", "1234567890123.45"),
        (7, "000", "007"),
        (0.985, "0.0%", "98.5%"),
        (1.005, "0.00", "1.01"),
        (datetime(2024, 3, 5, 14, 5), "yyyy-mm-dd hh:mm", "2024-03-05 14:05"),
        (date(2024, 3, 5), '[$-804]yyyy"年"m"月";@', "2024年3月"),
        (True, "General", "TRUE"),
        ("00123", "@", "00123"),
    ],
)
def test_a_number_format_shows_what_the_sheet_shows(value: object, form: str, words: str) -> None:
    assert shown(value, form) == words


def test_titles_and_sentences_of_a_sheet_are_paragraphs_and_merged_cells_a_table() -> None:
    made = book(
        ["2024年度绩效自评表"],
        ["一级指标", "三级指标", "完成值"],
        ["产出", "场次", "12"],
        [None, "合格率", "98%"],
        ["说明：数据来自台账。"],
    )
    _sheet(made).merge_cells("A1:C1")
    _sheet(made).merge_cells("A3:A4")
    document = read(made)
    assert [passage.words for passage in document.passages] == ["2024年度绩效自评表", "说明：数据来自台账。"]
    assert grid(document) == [["一级指标", "三级指标", "完成值"], ["产出", "场次", "12"], ["", "合格率", "98%"]]
    assert document.tables[0].rows[1][0].down == 2


def test_numbered_names_without_figures_stay_in_their_table() -> None:
    heading: list[object] = ["经费控制情况", "预算数", "决算数"]
    rows: list[list[object]] = [
        ["公用经费", "183.61", "277.14"],
        ["1、业务工作经费"],
        ["2、运行维护经费"],
        ["水费", "13.97", "13.97"],
    ]
    assert [row[0] for row in grid(read(book(heading, *rows)))] == [heading[0], *(row[0] for row in rows)]


def test_hidden_sheets_rows_and_formulas_without_a_value_are_named_in_the_notes() -> None:
    made = book(["甲", "1"], ["藏", "2"], ["合计", "=1+2"])
    _sheet(made).row_dimensions[2].hidden = True
    made.create_sheet("底稿").sheet_state = "hidden"
    document = read(made)
    assert "藏" not in document.text
    assert [note.split(" ")[0:2] for note in document.notes] == [["Sheet", "Sheet:"], ["Sheet", "底稿"], ["1", "formulas"]]


def test_a_cell_at_the_far_end_of_a_sheet_costs_nothing() -> None:
    made = book(["甲", "乙"])
    _sheet(made)["XFD1048576"] = "丙"
    assert "丙" in read(made).text


def test_old_workbooks_are_read_like_new_ones() -> None:
    made = xlwt.Workbook()
    sheet = made.add_sheet("表")
    sheet.write_merge(0, 1, 0, 0, "产出")
    sheet.write(0, 1, 0.985, xlwt.easyxf(num_format_str="0.0%"))
    sheet.write(1, 1, 0.1 + 0.2)
    stream = BytesIO()
    made.save(stream)
    assert grid(read_xls(stream.getvalue(), "表.xls")) == [["产出", "98.5%"], ["", "0.3"]]
