"""OFD files → documents: their glyphs and lines, laid out like a PDF's."""

import zipfile
from io import BytesIO

from jixiao.readers.ofd import _deltas
from jixiao.readers.opening import open_document

NAMES = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def text(words: str, x: float, y: float) -> str:
    steps = f"g {len(words) - 1} 4" if len(words) > 1 else ""
    code = f'<ofd:TextCode X="0" Y="4" DeltaX="{steps}">{words}</ofd:TextCode>'
    return f'<ofd:TextObject ID="1" Boundary="{x} {y} 100 5" Font="1" Size="4">{code}</ofd:TextObject>'


def line(x: float, y: float, to_x: float, to_y: float) -> str:
    data = f"<ofd:AbbreviatedData>M 0 0 L {to_x - x} {to_y - y}</ofd:AbbreviatedData>"
    return f'<ofd:PathObject ID="2" Boundary="{x} {y} 100 100">{data}</ofd:PathObject>'


def ofd() -> bytes:
    """A page with a title and a table of two rows and columns."""
    lines = [line(20, y, 120, y) for y in (50, 60, 70)] + [line(x, 50, x, 70) for x in (20, 70, 120)]
    words = [
        text("绩效自评表", 20, 30),
        text("指标", 22, 53),
        text("完成值", 72, 53),
        text("培训场次", 22, 63),
        text("十二次", 72, 63),
    ]
    page = f"<ofd:Page {NAMES}><ofd:Content><ofd:Layer>{''.join(words + lines)}</ofd:Layer></ofd:Content></ofd:Page>"
    area = "<ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData>"
    pages = '<ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages>'
    root = f"<ofd:OFD {NAMES}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("OFD.xml", root)
        archive.writestr("Doc_0/Document.xml", f"<ofd:Document {NAMES}>{area}{pages}</ofd:Document>")
        archive.writestr("Doc_0/Pages/Page_0/Content.xml", page)
    return stream.getvalue()


def test_an_ofd_file_gives_its_words_and_tables() -> None:
    document = open_document(ofd(), "报告.ofd")
    assert document.text == "绩效自评表\n指标\t完成值\n培训场次\t十二次\n"
    assert [[cell.words for cell in row] for row in document.tables[0].rows] == [["指标", "完成值"], ["培训场次", "十二次"]]
    assert document.page_of(0) == 1


def test_steps_that_are_no_numbers_are_left_out() -> None:
    assert _deltas("g x 4 g 2 5.2 7") == [5.2, 5.2, 7.0]
