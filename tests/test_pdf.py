"""PDF files and scans → documents: lines joined, furniture gone, tables with their rows and columns, pages known."""

import importlib.util
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from jixiao.document import Document, Passage
from jixiao.errors import MissingExtra, UnreadableInput
from jixiao.readers import pdf
from jixiao.readers.layout import Glyph, Sheet, lay_out
from jixiao.readers.pdf import read_pdf
from jixiao.readers.ruling import Rule, find_grids
from jixiao.readers.writing import Writing

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
SIZE, LEFT, TOP, WIDTH = 12, 72, 740, 36  # points; characters a line
PARAGRAPH = "我局深入贯彻落实县委县政府决策部署，围绕农村供水保障工作扎实推进各项任务，全年完成供水站改造16座，改造供水管网68公里，安装智能水表5200只。"
NEXT = "县水利局为县政府工作部门，内设办公室和规划计划股以及水资源股等八个股室，年末实有在职人员86人，其中行政人员21人，事业人员65人，退休人员43人。"


class Sheets:
    """A PDF as it is drawn: lines of words, boxes of cells, page after page."""

    def __init__(self) -> None:
        self._stream = BytesIO()
        self.canvas = Canvas(self._stream)
        self._begin()

    def _begin(self) -> None:
        self.canvas.setFont("STSong-Light", SIZE)
        self.y = TOP

    def paragraph(self, words: str) -> "Sheets":
        """The words with two characters' indent, wrapped at the margin."""
        lines = [words[: WIDTH - 2], *(words[at : at + WIDTH] for at in range(WIDTH - 2, len(words), WIDTH))]
        for at, line in enumerate(lines):
            self.line(line, LEFT + (2 * SIZE if at == 0 else 0))
        return self

    def line(self, words: str, x: float = LEFT, y: float | None = None) -> "Sheets":
        self.canvas.drawString(x, self.y if y is None else y, words)
        self.y -= 20 if y is None else 0
        return self

    def table(self, rows: list[list[str]], widths: list[int], *, ruled: bool = True) -> "Sheets":
        for row in rows:
            x = LEFT
            high = 20 * max(words.count("\n") + 1 for words in row)
            for words, width in zip(row, widths, strict=True):
                if ruled:
                    self.canvas.rect(x, self.y + 14 - high, width, high)
                for at, line in enumerate(words.split("\n")):
                    self.canvas.drawString(x + 4, self.y - 20 * at, line)
                x += width
            self.y -= high
        self.y -= 20
        return self

    def turn(self) -> "Sheets":
        self.canvas.showPage()
        self._begin()
        return self

    def data(self) -> bytes:
        self.canvas.save()
        return self._stream.getvalue()

    def read(self) -> Document:
        return read_pdf(self.data(), "报告.pdf")


def grids(document: Document) -> list[list[list[str]]]:
    return [[[cell.words for cell in row] for row in table.rows] for table in document.tables]


def passages(document: Document) -> Iterator[Passage]:
    yield from document.passages
    yield from (cell.passage for table in document.tables for row in table.rows for cell in row)


HEADING = ["一级指标", "三级指标", "年度指标值", "实际完成值", "分值"]
WIDTHS = [80, 120, 80, 80, 60]
ROWS = [["产出指标", "培训场次", "≥10次", "12次", "10"], ["效益指标", "受益人数", "≥3000人", "3200人", "10"]]


# Text


def test_wrapped_lines_are_joined_into_paragraphs() -> None:
    assert Sheets().paragraph(PARAGRAPH).paragraph(NEXT).read().text == f"{PARAGRAPH}\n{NEXT}\n"


def test_a_paragraph_goes_on_over_a_page_break_and_each_character_knows_its_page() -> None:
    first = PARAGRAPH[: WIDTH - 2]
    made = Sheets().paragraph(NEXT).line(first, LEFT + 2 * SIZE).line("- 1 -", 280, 40).turn()
    document = made.line(PARAGRAPH[WIDTH - 2 : 2 * WIDTH - 2]).line(PARAGRAPH[2 * WIDTH - 2 :]).read()
    assert document.text == f"{NEXT}\n{PARAGRAPH}\n"
    assert [document.page_of(document.text.index(words)) for words in ("县水利局", "我局", "智能水表")] == [1, 1, 2]


def test_headers_footers_and_page_numbers_go_out_where_they_repeat() -> None:
    made = Sheets()
    for number in range(1, 5):
        made.line("某县水利局绩效自评报告", 220, 800).line(f"第 {number} 页 共 4 页", 250, 40).paragraph(
            f"第{number}项：{PARAGRAPH}"
        )
        made.turn() if number < 4 else None
    assert made.read().text == "".join(f"第{number}项：{PARAGRAPH}\n" for number in range(1, 5))


def test_two_columns_of_text_are_read_one_after_the_other() -> None:
    left, right = [words * 2 for words in ("左栏文字整行排满共十四个", "左栏续")][:1] * 12, ["右栏文字整行排满共十四个" * 1] * 12
    made = Sheets()
    for one, two in zip(left, right, strict=True):
        made.line(one[:16], LEFT, made.y).line(two, LEFT + 250)
    text = made.read().text
    assert text.rindex("左栏") < text.index("右栏")


def test_words_printed_twice_for_weight_are_read_once() -> None:
    assert Sheets().line("总额499.62万元", LEFT, 700).line("总额499.62万元", LEFT + 0.4, 700).read().text == "总额499.62万元\n"


def test_a_page_on_its_side_is_read_upright() -> None:
    made = Sheets()
    made.canvas.setPageRotation(90)
    made.canvas.rotate(90)
    made.canvas.drawString(100, -300, "横排的表格")
    assert made.read().text == "横排的表格\n"


# Tables


def test_a_ruled_table_gives_its_rows_and_columns() -> None:
    document = Sheets().line("绩效指标表").table([HEADING, *ROWS], WIDTHS).line("表后").read()
    assert grids(document) == [[HEADING, *ROWS]]
    assert document.text.startswith("绩效指标表\n一级指标\t三级指标\t")
    assert document.text.endswith("表后\n")


def test_a_cell_is_what_no_line_parts() -> None:
    across = [Rule(y, 0, 90) for y in (0, 60)] + [Rule(30, 30, 90)]
    down = [Rule(x, 0, 60) for x in (0, 30, 90)] + [Rule(60, 0, 30)]
    (grid,) = find_grids(across, down)
    assert [(box.row, box.column, box.down, box.across) for box in grid.boxes] == [
        (0, 0, 2, 1),
        (0, 1, 1, 1),
        (0, 2, 1, 1),
        (1, 1, 1, 2),
    ]


def test_a_table_without_lines_is_found_by_its_columns() -> None:
    document = Sheets().paragraph(PARAGRAPH).table([HEADING, *ROWS], WIDTHS, ruled=False).paragraph(NEXT).read()
    assert grids(document) == [[HEADING, *ROWS]]


def test_a_table_that_goes_on_over_a_page_break_is_one_with_its_heading_once() -> None:
    document = Sheets().table([HEADING, ROWS[0]], WIDTHS).turn().table([HEADING, ROWS[1]], WIDTHS).read()
    assert grids(document) == [[HEADING, *ROWS]]
    assert [document.page_of(row[0].passage.offset(0)) for row in document.tables[0].rows] == [1, 1, 2]


def test_a_row_broken_over_a_page_break_is_one() -> None:
    rest = ["", "（线下）", "", "", ""]
    document = Sheets().table([HEADING, ROWS[0]], WIDTHS).turn().table([rest, ROWS[1]], WIDTHS).read()
    assert grids(document) == [[HEADING, ["产出指标", "培训场次（线下）", "≥10次", "12次", "10"], ROWS[1]]]


GOALS, GOAL_WIDTHS = ["总体目标", "预期目标", "实际完成情况"], [60, 170, 210]
LIST = [
    "一、改造供水站16座，供水管网改造按\n期完成。二、安装智能水表5200只。",
    "三、培训水管员210人次，持证上岗率\n达到百分之百。",
]


def test_a_goal_cell_broken_in_mid_sentence_goes_on_though_its_heading_is_repeated() -> None:
    above, rest = ["目标", "保障农村供水", "全年改造供水站16座，供水管网改造按"], ["", "", "期完成，群众满意。"]
    document = Sheets().table([GOALS, above], GOAL_WIDTHS).turn().table([GOALS, rest], GOAL_WIDTHS).read()
    assert grids(document) == [[GOALS, ["目标", "保障农村供水", "全年改造供水站16座，供水管网改造按期完成，群众满意。"]]]


def test_a_list_broken_between_two_of_its_items_goes_on_in_its_cell() -> None:
    above, rest = ["目标", "保障农村供水", LIST[0]], ["", "", LIST[1]]
    document = Sheets().table([GOALS, above], GOAL_WIDTHS).turn().table([rest], GOAL_WIDTHS).read()
    assert grids(document) == [[GOALS, ["目标", "保障农村供水", "".join(LIST).replace("\n", "")]]]


def test_a_goal_in_a_row_of_its_own_is_no_rest_of_the_one_before() -> None:
    rows = [["目标", "目标1：改造供水站", "改造供水站16座。"], ["", "目标2：安装智能水表", "安装5200只。"]]
    document = Sheets().table([GOALS, rows[0]], GOAL_WIDTHS).turn().table([rows[1]], GOAL_WIDTHS).read()
    assert grids(document) == [[GOALS, *rows]]


def test_a_fund_without_a_figure_is_no_rest_of_the_one_before() -> None:
    widths, heading = [120, 60, 140, 60], ["收入项目", "决算数", "支出项目", "决算数"]
    rows = [["", "", "三、国防支出", ""], ["", "", "四、公共安全支出", ""]]
    document = Sheets().table([heading, rows[0]], widths).turn().table([rows[1]], widths).read()
    assert grids(document) == [[heading, *rows]]


def test_a_name_alone_is_no_rest_of_a_name_that_fills_its_line() -> None:
    widths, heading = [66, 80, 80], ["资金来源", "预算数", "决算数"]
    rows = [["政府性基金", "", ""], ["其他资金", "", ""], ["政府性基金及", "12.50", "12.50"]]
    document = Sheets().table([heading, rows[0]], widths).turn().table([rows[1]], widths).read()
    assert grids(document) == [[heading, *rows[:2]]]
    wrapped = Sheets().table([heading, rows[2]], [80, 80, 80]).turn().table([["其他资金", "", ""]], [80, 80, 80]).read()
    assert grids(wrapped) == [[heading, ["政府性基金及其他资金", "12.50", "12.50"]]]


def test_a_number_that_came_over_whole_stands_in_its_broken_row() -> None:
    above = ["产出指标", "供水站改造和管网改", "", "全年改造供水站十六座，供\n水管网改造按期完成，经第", ""]
    rest = ["", "造数量", "16", "三方验收合格", "10"]
    widths = [60, 118, 66, 156, 40]
    document = Sheets().table([HEADING, above], widths).turn().table([rest], widths).read()
    whole = ["产出指标", "供水站改造和管网改造数量", "16", "全年改造供水站十六座，供水管网改造按期完成，经第三方验收合格", "10"]
    assert grids(document) == [[HEADING, whole]]


def test_a_row_of_numbers_broken_at_their_points_is_one() -> None:
    heading, widths = ["项目", "预算数", "决算数", "执行率"], [100, 60, 60, 60]
    above, rest = ["公用经费支出合", "6642.", "6998.", "97.79"], ["计", "30", "27", "%"]
    document = Sheets().table([heading, above], widths).turn().table([rest], widths).read()
    assert grids(document) == [[heading, ["公用经费支出合计", "6642.30", "6998.27", "97.79%"]]]


def test_a_heading_is_no_rest_of_the_prose_above_it() -> None:
    goal = ["目标", "保障农村供水", "全年改造供水站16座，供水管网按期改"]
    heading = ["一级指标", "三级指标", "年度指标值"]
    document = Sheets().table([GOALS, goal], GOAL_WIDTHS).turn().table([heading], GOAL_WIDTHS).read()
    assert grids(document) == [[GOALS, goal, heading]]


def test_a_category_alone_is_no_rest_of_the_one_before() -> None:
    rows = [["时效指标", "服务费结算及时率", "100%"], ["成本指标", "", ""]]
    document = Sheets().table([HEADING[:3], rows[0]], [60, 120, 80]).turn().table([rows[1]], [60, 120, 80]).read()
    assert grids(document) == [[HEADING[:3], *rows]]


def test_a_category_merged_over_both_pages_is_made_whole_beside_new_rows() -> None:
    widths = [60, 120, 80]
    rows = [["满意度", "办事群众满意度", "≥95%"], ["指标", "合作单位满意度", "≥90%"]]
    document = Sheets().table([HEADING[:3], rows[0]], widths).turn().table([rows[1]], widths).read()
    assert grids(document) == [[HEADING[:3], ["满意度指标", *rows[0][1:]], ["", *rows[1][1:]]]]


def test_a_goal_goes_on_above_rows_that_have_other_columns() -> None:
    above = ["目标", "保障农村供水", "全年改造供水站16座，供水管网改造按"]
    made = Sheets().table([GOALS, above], GOAL_WIDTHS).turn().table([["", "", "期完成，群众满意。"]], GOAL_WIDTHS)
    made.y += 20  # no gap: one table
    (table,) = made.table([HEADING, ROWS[0]], [60, 100, 90, 100, 90]).read().tables
    filled = [[cell.words for cell in row if cell.words] for row in table.rows]
    assert filled[1:] == [[*above[:2], "全年改造供水站16座，供水管网改造按期完成，群众满意。"], HEADING, ROWS[0]]


def test_characters_that_a_font_draws_as_one_shape_are_all_read() -> None:
    mapping = b"1 begincodespacerange <00> <ff> endcodespacerange 2 beginbfchar <41> <20142014> <42> <00660069> endbfchar"
    content = b"BT /F 12 Tf 72 700 Td (AB) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(mapping), mapping),
    ]
    file, places = b"%PDF-1.4\n", b"0000000000 65535 f \n"
    for at, each in enumerate(objects, 1):
        places += b"%010d 00000 n \n" % len(file)
        file += b"%d 0 obj%bendobj\n" % (at, each)
    end = b"xref\n0 7\n%btrailer<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (places, len(file))
    assert read_pdf(file + end, "破折号.pdf").text == "——fi\n"


def test_two_numbers_one_under_the_other_in_a_cell_stay_two() -> None:
    across, down = [Rule(y, 50, 350) for y in (90, 130)], [Rule(x, 90, 130) for x in (50, 150, 350)]
    glyphs = [
        Glyph(mark, x + 6 * at, y, x + 6 * at + 6, y + 12)
        for words, x, y in (("甲", 60, 100), ("12.5", 160, 95), ("30", 160, 112))
        for at, mark in enumerate(words)
    ]
    writing = Writing("表.pdf", b"")
    lay_out([Sheet(1, 595, 842, glyphs, across, down)], writing)
    assert grids(writing.document()) == [[["甲", "12.5 30"]]]


def test_a_number_broken_at_the_edge_of_its_cell_stays_one() -> None:
    across, down = [Rule(y, 50, 350) for y in (90, 130)], [Rule(x, 90, 130) for x in (50, 150, 350)]
    words = (("156,211,", 60, 95), ("123", 60, 112), ("乙", 160, 100))
    glyphs = [Glyph(mark, x + 10 * at, y, x + 10 * at + 10, y + 12) for each, x, y in words for at, mark in enumerate(each)]
    writing = Writing("表.pdf", b"")
    lay_out([Sheet(1, 595, 842, glyphs, across, down)], writing)
    assert grids(writing.document()) == [[["156,211,123", "乙"]]]


def test_another_table_on_the_next_page_stays_another() -> None:
    document = (
        Sheets().table([HEADING, *ROWS], WIDTHS).turn().table([["项目", "决算数"], ["公用经费", "227.14"]], [200, 100]).read()
    )
    assert len(grids(document)) == 2


@given(
    st.lists(st.lists(st.sampled_from(["", "12.5", "绩效目标", "98%", "≥3次"]), min_size=3, max_size=3), min_size=2, max_size=6)
)
@settings(max_examples=30, deadline=None)
def test_every_word_of_a_table_is_in_the_text_where_it_says(rows: list[list[str]]) -> None:
    document = Sheets().line("前").table(rows, [100, 100, 100]).read()
    wanted = sorted(word for row in rows for word in row if word)
    assert sorted(words for passage in passages(document) if (words := passage.words) and words != "前") == wanted
    for passage in passages(document):
        assert all(document.text[passage.offset(at)] == mark for at, mark in enumerate(passage.words))


# Faults and scans


def test_an_encrypted_pdf_is_refused_in_a_sentence() -> None:
    stream = BytesIO()
    canvas = Canvas(stream, encrypt="secret")
    canvas.drawString(72, 700, "x")
    canvas.save()
    with pytest.raises(UnreadableInput, match=r"^报告\.pdf: the PDF is encrypted; save it without a password\.$"):
        read_pdf(stream.getvalue(), "报告.pdf")


def test_too_many_pages_are_refused_before_any_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_PAGES", 2)
    with pytest.raises(UnreadableInput, match="has 3 pages, jixiao reads 2"):
        Sheets().line("一").turn().line("二").turn().line("三").read()


def test_glyphs_without_height_are_still_read() -> None:
    glyphs = [Glyph(mark, 10 * at, 100, 10 * at + 8, 100) for at, mark in enumerate("总额12")]
    writing = Writing("损坏.pdf", b"")
    lay_out([Sheet(1, 595, 842, glyphs)], writing)
    assert "".join(writing.document().text.split()) == "总额12"


def scanned(data: bytes) -> bytes:
    """The PDF as pictures of its pages."""
    pages = [page.render(scale=150 / 72).to_pil().convert("L") for page in pypdfium2.PdfDocument(data)]
    stream = BytesIO()
    pages[0].save(stream, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return stream.getvalue()


def test_a_scan_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jixiao.readers.ocr.is_installed", lambda: False)
    with pytest.raises(MissingExtra, match=r"pip install 'jixiao\[ocr\]'"):
        read_pdf(scanned(Sheets().line("x").data()), "扫描.pdf")


FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
needs_ocr = pytest.mark.skipif(
    importlib.util.find_spec("rapidocr") is None or not FONT.exists(), reason="the extra ocr or a Chinese font is not installed"
)


@needs_ocr
def test_a_picture_of_a_ruled_table_gives_its_cells() -> None:
    from PIL import Image, ImageDraw, ImageFont

    from jixiao.readers.ocr import read_image

    picture = Image.new("RGB", (1240, 700), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.truetype(str(FONT), 28)
    rows = [["三级指标", "年度指标值", "实际完成值"], ["培训场次", "≥10次", "12次"], ["受益人数", "3000人", "3200人"]]
    for at, row in enumerate(rows):
        for column, words in enumerate(row):
            draw.rectangle((100 + 330 * column, 100 + 70 * at, 430 + 330 * column, 170 + 70 * at), outline="black", width=2)
            draw.text((120 + 330 * column, 115 + 70 * at), words, "black", font)
    stream = BytesIO()
    picture.rotate(1.0, fillcolor="white").save(stream, "PNG")
    assert grids(read_image(stream.getvalue(), "表.png")) == [rows]
