"""Word files → documents: what Word shows is what is read, in order, with its numbers, headings and tables."""

import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao.document import Document
from jixiao.errors import UnreadableInput
from jixiao.outline import outline
from jixiao.pipeline import extract
from jixiao.readers.numbering import numeral
from jixiao.readers.word import read_word
from jixiao.records import Cell

NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml"'
)


def package(body: str, **parts: str) -> bytes:
    """A Word file with this body and these further parts: ``numbering="<w:num …>"``."""
    stream = BytesIO()
    roots = {"numbering": "numbering", "styles": "styles", "footnotes": "footnotes"}
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {NAMES}><w:body>{body}</w:body></w:document>")
        for name, xml in parts.items():
            archive.writestr(f"word/{name}.xml", f"<w:{roots[name]} {NAMES}>{xml}</w:{roots[name]}>")
    return stream.getvalue()


def read(body: str, **parts: str) -> Document:
    return read_word(package(body, **parts), "报告.docx")


def p(words: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>"


def tc(words: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(words)}</w:tc>"


def table(*rows: str) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def grid(document: Document, number: int = 1) -> list[list[str]]:
    return [[cell.words for cell in row] for row in document.tables[number - 1].rows]


# Numbers and headings

LEVELS = """<w:abstractNum w:abstractNumId="1">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:suff w:val="nothing"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/><w:lvlText w:val="（%2）"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl></w:abstractNum>
<w:num w:numId="7"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="8"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>"""


def item(words: str, level: int, number: int = 7) -> str:
    return p(words, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def test_automatic_numbers_are_counted_as_word_counts_them() -> None:
    levels = [("概况", 0), ("职能", 1), ("人员", 1), ("绩效", 0), ("目标", 1), ("培训", 2), ("演出", 2)]
    document = read("".join(item(words, level) for words, level in levels), numbering=LEVELS)
    assert document.text.split("\n")[:-1] == [
        "一、概况",
        "（一）职能",
        "（二）人员",
        "二、绩效",
        "（一）目标",
        "1. 培训",
        "2. 演出",
    ]


def test_a_list_may_begin_where_it_says() -> None:
    document = read(item("问题", 0) + item("措施", 0, number=8) + item("其他", 0, number=8), numbering=LEVELS)
    assert document.text == "一、问题\n五、措施\n六、其他\n"


@pytest.mark.parametrize(
    ("form", "number", "words"),
    [
        ("chineseCountingThousand", 12, "十二"),
        ("chineseCounting", 20, "二十"),
        ("chineseLegalSimplified", 3, "叁"),
        ("ideographTraditional", 2, "乙"),
        ("decimalEnclosedCircleChinese", 3, "③"),
        ("decimalFullWidth", 10, "１０"),
        ("upperRoman", 9, "IX"),
        ("lowerLetter", 27, "aa"),
        ("unheardOf", 4, "4"),
    ],
)
def test_numbers_are_written_as_their_format_says(form: str, number: int, words: str) -> None:
    assert numeral(number, form) == words


STYLES = """<w:style w:type="paragraph" w:styleId="a1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="my"><w:name w:val="我的标题"/><w:basedOn w:val="a1"/></w:style>
<w:style w:type="paragraph" w:styleId="t1"><w:name w:val="toc 1"/></w:style>"""


def test_headings_are_told_by_their_style_and_those_it_is_based_on() -> None:
    body = p("部门概况", '<w:pStyle w:val="my"/>') + p("我局现有人员86人。") + p("存在的问题", '<w:outlineLvl w:val="1"/>')
    document = read(body, styles=STYLES)
    assert [passage.level for passage in document.passages] == [1, 0, 2]
    assert [section.path for section in outline(document).walk()][1:] == [("部门概况",), ("部门概况", "存在的问题")]


def test_a_table_of_contents_is_stepped_over() -> None:
    assert read(p("概况\t3", '<w:pStyle w:val="t1"/>') + p("正文。"), styles=STYLES).text == "正文。\n"


# Tables


def test_merged_cells_are_blank_where_they_go_on_and_know_what_they_cover() -> None:
    down, on, wide = '<w:vMerge w:val="restart"/>', "<w:vMerge/>", '<w:gridSpan w:val="2"/>'
    document = read(
        table(tc("指标", wide) + tc("分值"), tc("产出", down) + tc("场次") + tc("10"), tc("", on) + tc("合格率") + tc("5"))
    )
    assert grid(document) == [["指标", "", "分值"], ["产出", "场次", "10"], ["", "合格率", "5"]]
    first = [(cell.down, cell.across) for row in document.tables[0].rows for cell in row if cell.words in ("指标", "产出")]
    assert first == [(1, 2), (2, 1)]


def test_a_heading_over_two_rows_gives_each_figure_its_year() -> None:
    down, on, wide = '<w:vMerge w:val="restart"/>', "<w:vMerge/>", '<w:gridSpan w:val="2"/>'
    top = tc("项目", down) + tc("2023年", wide) + tc("2024年", wide)
    below = tc("", on) + tc("预算数") + tc("决算数") + tc("预算数") + tc("决算数")
    row = "".join(map(tc, ["公用经费", "10", "11", "12", "13"]))
    document = read(p("2024年度部门整体支出绩效自评报告") + table(top, below, row))
    (metric,) = (each for each in extract(document).metrics if each.kind == "budget")
    assert [each and each.raw for each in (metric.target, metric.actual, metric.previous)] == ["12", "13", "11"]
    assert metric.evidence[0].cell == Cell(table=1, row=3, column=1)


def test_columns_that_a_row_leaves_out_do_not_shift_the_others() -> None:
    late = '<w:trPr><w:gridBefore w:val="1"/></w:trPr>' + tc("甲") + tc("乙")
    assert grid(read(table(tc("一") + tc("二") + tc("三"), late))) == [["一", "二", "三"], ["", "甲", "乙"]]


def test_a_table_in_a_cell_is_a_table_of_its_own_behind() -> None:
    inner = "<w:tc>" + p("外") + table(tc("内一") + tc("内二")) + p("") + "</w:tc>"
    document = read(table(inner + tc("右")))
    assert (grid(document, 1), grid(document, 2)) == ([["外", "右"]], [["内一", "内二"]])


def test_a_frame_of_one_cell_is_no_table() -> None:
    document = read(table(tc("一、概况") + "") + p("正文。"))
    assert (document.text, document.tables) == ("一、概况\n正文。\n", ())


def test_each_cell_stands_in_the_text_where_its_span_says() -> None:
    document = read(p("表前") + table(tc("甲") + tc(""), tc("12.50") + tc("备注")) + p("表后"))
    assert document.text == "表前\n甲\n12.50\t备注\n表后\n"
    cells = [cell.passage for row in document.tables[0].rows for cell in row if cell.words]
    assert [document.text[slice(*cell.span(0, len(cell.words)))] for cell in cells] == ["甲", "12.50", "备注"]


# What else stands in a paragraph


def test_tracked_changes_are_read_as_accepted() -> None:
    changed = "<w:p><w:r><w:t>支出</w:t></w:r><w:del><w:r><w:delText>400</w:delText></w:r></w:del><w:ins><w:r><w:t>499.62</w:t></w:r></w:ins></w:p>"
    gone = "<w:tr><w:trPr><w:del/></w:trPr>" + tc("旧") + tc("行") + "</w:tr>"
    document = read(changed + "<w:tbl><w:tr>" + tc("新") + tc("行") + "</w:tr>" + gone + "</w:tbl>")
    assert (document.text, grid(document)) == ("支出499.62\n新\t行\n", [["新", "行"]])
    assert document.notes == ("The file holds tracked changes; it was read as if all of them were accepted.",)


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next() -> None:
    assert read(p("全年完成", "<w:rPr><w:del/></w:rPr>") + p("16座。")).text == "全年完成16座。\n"


def test_a_text_box_is_read_once_behind_its_paragraph() -> None:
    box = "<w:txbxContent>" + p("框内") + "</w:txbxContent>"
    both = f"<mc:AlternateContent><mc:Choice><wps:txbx>{box}</wps:txbx></mc:Choice><mc:Fallback><v:textbox>{box}</v:textbox></mc:Fallback></mc:AlternateContent>"
    assert read(f"<w:p><w:r><w:t>前</w:t></w:r><w:r>{both}</w:r></w:p>" + p("后")).text == "前\n框内\n后\n"


def test_a_footnote_stands_behind_its_paragraph_and_its_mark_joins_no_number() -> None:
    body = '<w:p><w:r><w:t>支出12</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>万元。</w:t></w:r></w:p>'
    notes = f'<w:footnote w:type="separator" w:id="0">{p("—")}</w:footnote><w:footnote w:id="2">{p("含结转。")}</w:footnote>'
    assert read(body, footnotes=notes).text == "支出12万元。\n含结转。\n"


def test_hidden_words_and_field_codes_stay_out() -> None:
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r>"
    field = "<w:r><w:instrText>PAGEREF _Toc1</w:instrText></w:r>"
    assert read(f"<w:p><w:r><w:t>见</w:t></w:r>{hidden}{field}</w:p>").text == "见\n"


def test_content_controls_links_and_smart_tags_are_read_through() -> None:
    inner = "<w:hyperlink><w:r><w:t>县</w:t></w:r></w:hyperlink><w:smartTag><w:r><w:t>水利局</w:t></w:r></w:smartTag>"
    assert read(f"<w:sdt><w:sdtContent><w:p>{inner}</w:p></w:sdtContent></w:sdt>").text == "县水利局\n"


# Faults


def test_entities_are_refused_not_resolved() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')
    with pytest.raises(UnreadableInput, match="declares XML entities"):
        read_word(stream.getvalue(), "x.docx")


def test_a_part_that_unpacks_without_end_is_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 60_000_000)
    with pytest.raises(UnreadableInput, match="unpacks to more than 50 MB"):
        read_word(stream.getvalue(), "x.docx")


WORDS = st.text(st.sampled_from("绩效目标12.5%，。 \t\n（）ab"), max_size=12)


@given(
    st.lists(st.one_of(WORDS, st.lists(st.lists(WORDS, min_size=2, max_size=4), min_size=1, max_size=4)), min_size=1, max_size=6)
)
@settings(max_examples=60, deadline=None)
def test_every_word_read_is_in_the_text_where_it_says(blocks: list[str | list[list[str]]]) -> None:
    body = "".join(p(b) if isinstance(b, str) else table(*("".join(map(tc, row)) for row in b)) for b in [*blocks, "终"])
    document = read(body)
    passages = [*document.passages, *(cell.passage for each in document.tables for row in each.rows for cell in row)]
    for passage in passages:
        for at, mark in enumerate(passage.words):
            there = document.text[passage.offset(at)]
            assert there == mark or (mark == " " and there.isspace())
