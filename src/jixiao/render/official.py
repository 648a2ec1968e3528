"""Paragraphs, tables and footnotes → a Word file in official form (公文格式, GB/T 9704): A4, 22 lines of 28 characters.

Title in 二号 小标宋, text in 三号 仿宋, first headings in 黑体, second in 楷体, page numbers as — 1 —. Fonts that a machine
lacks are named with what stands in for them, in the file's own font table. Nothing of a report becomes markup: python-docx
writes text nodes.
"""

import re
from collections.abc import Sequence
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

import docx
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

TITLE_FONT = "方正小标宋简体"
TEXT_FONT = "仿宋_GB2312"
HEADING_FONT = "黑体"
SECOND_FONT = "楷体_GB2312"
LATIN_FONT = "Times New Roman"
_FALLBACKS = {
    TITLE_FONT: "方正小标宋_GBK;华文中宋;宋体;SimSun;Noto Serif CJK SC",
    TEXT_FONT: "仿宋;FangSong;华文仿宋;Noto Serif CJK SC",
    HEADING_FONT: "SimHei;Noto Sans CJK SC",
    SECOND_FONT: "楷体;KaiTi;华文楷体;Noto Serif CJK SC",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class OfficialPaper:
    """A Word file in the making."""

    def __init__(self, *, line: float = 28) -> None:
        self._document: Document = docx.Document()
        self._line = line
        self._notes: list[str] = []
        self._page()
        self._note_style()
        style = self._document.styles["Normal"]
        style.font.name = LATIN_FONT
        style.font.size = Pt(16)
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), TEXT_FONT)

    def _page(self) -> None:
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(28)
        paragraph = section.footer.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for words in ("— ", None, " —"):
            run = self._run(paragraph, words or "", "宋体", 14)
            if words is None:
                for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
                    element = OxmlElement("w:fldChar" if kind else "w:instrText")
                    if kind:
                        element.set(qn("w:fldCharType"), kind)
                    else:
                        element.text = text
                    run._r.append(element)

    def _note_style(self) -> None:
        """The style of footnotes: 小六 仿宋, lines of nine points."""
        style = self._document.styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH)
        style.font.size = Pt(7.5)
        style.font.name = LATIN_FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), TEXT_FONT)

    def _run(self, paragraph: Paragraph, words: str, font: str, size: float, *, bold: bool = False) -> Run:
        run = paragraph.add_run(_CONTROL.sub("", words))
        run.font.size = Pt(size)
        run.font.bold = bold
        run.font.name = LATIN_FONT
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        return run

    def _spaced(self, paragraph: Paragraph, line: float) -> Paragraph:
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        paragraph.paragraph_format.line_spacing = Pt(line)
        paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(0)
        for name in ("w:autoSpaceDE", "w:autoSpaceDN"):  # no extra blank between Chinese and digits
            element = OxmlElement(name)
            element.set(qn("w:val"), "0")
            paragraph._p.get_or_add_pPr().append(element)
        return paragraph

    def title(self, words: str, under: str = "") -> None:
        """The title (标题), 二号 小标宋, and a line under it in 楷体."""
        for line in words.split("\n"):
            paragraph = self._spaced(self._document.add_paragraph(), 34)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            self._run(paragraph, line, TITLE_FONT, 22)
        if under:
            second = self._spaced(self._document.add_paragraph(), self._line)
            second.alignment = WD_ALIGN_PARAGRAPH.CENTER
            self._run(second, under, SECOND_FONT, 14)

    def text(self, pieces: Sequence[tuple[str, str | None]], lead: str = "") -> None:
        """A paragraph of sentences, each with its footnote or none; ``lead`` is a run-in heading in 黑体."""
        paragraph = self._spaced(self._document.add_paragraph(), self._line)
        paragraph.paragraph_format.first_line_indent = Pt(32)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        if lead:
            self._run(paragraph, lead, HEADING_FONT, 16)
        for words, note in pieces:
            self._run(paragraph, words, TEXT_FONT, 16)
            if note:
                self._reference(paragraph, note)

    def table(
        self, rows: Sequence[Sequence[str]], widths: Sequence[float], *, size: float = 10.5, note: str | None = None
    ) -> None:
        """A table with borders, its first row in 黑体 and repeated on each page; ``widths`` in millimetres."""
        table = self._document.add_table(rows=0, cols=len(widths))
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        for number, row in enumerate(rows):
            cells = table.add_row().cells
            for cell, words, width in zip(cells, row, widths, strict=True):
                cell.width = Mm(width)
                paragraph = self._spaced(cell.paragraphs[0], size * 1.35)
                if number == 0:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                self._run(paragraph, words, HEADING_FONT if number == 0 else TEXT_FONT, size)
            whole = OxmlElement("w:cantSplit")
            table.rows[-1]._tr.get_or_add_trPr().append(whole)
            if number == 0:
                header = OxmlElement("w:tblHeader")
                header.set(qn("w:val"), "true")
                table.rows[0]._tr.get_or_add_trPr().append(header)
            for cell in table.rows[-1]._tr.iter(qn("w:tcPr")):
                margins = parse_xml(
                    f'<w:tcMar {nsdecls("w")}><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tcMar>'
                )
                cell.append(margins)
        if note and rows:
            self._reference(table.rows[0].cells[0].paragraphs[0], note)

    def picture(self, image: bytes, width: float) -> None:
        """A picture, ``width`` millimetres wide, in the middle."""
        paragraph = self._document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run().add_picture(BytesIO(image), width=Mm(width))

    def landscape(self) -> None:
        """The rest of the file on A4 turned on its side."""
        section = (
            self._document.sections[-1]
            if len(self._document.element.body) <= 1
            else self._document.add_section(WD_SECTION.NEW_PAGE)
        )
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.top_margin, section.bottom_margin = Mm(28), Mm(26)
        section.left_margin, section.right_margin = Mm(25), Mm(25)
        section.footer_distance = Mm(15)

    def _reference(self, paragraph: Paragraph, note: str) -> None:
        self._notes.append(_CONTROL.sub("", note))
        run = paragraph.add_run()
        run.font.superscript = True
        run.font.size = Pt(12)
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(len(self._notes)))
        run._r.append(reference)

    def save(self) -> bytes:
        """The file's bytes."""
        self._write_notes()
        self._name_fallbacks()
        properties = self._document.core_properties
        properties.author, properties.comments, properties.title = "jixiao", "", ""
        file = BytesIO()
        self._document.save(file)
        return file.getvalue()

    def _write_notes(self) -> None:
        if not self._notes:
            return
        run = (
            f'<w:rPr><w:rFonts w:ascii="{LATIN_FONT}" w:hAnsi="{LATIN_FONT}" w:eastAsia="{TEXT_FONT}"/><w:sz w:val="15"/></w:rPr>'
        )
        spacing = (
            '<w:pPr><w:pStyle w:val="footnotetext"/><w:spacing w:before="0" w:after="0" w:line="180" w:lineRule="exact"/></w:pPr>'
        )
        notes = "".join(
            f'<w:footnote w:id="{number}"><w:p>{spacing}<w:r><w:rPr><w:vertAlign w:val="superscript"/><w:sz w:val="15"/></w:rPr><w:footnoteRef/></w:r>'
            f'<w:r>{run}<w:t xml:space="preserve"> {escape(note)}</w:t></w:r></w:p></w:footnote>'
            for number, note in enumerate(self._notes, 1)
        )
        blob = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            f"<w:footnotes {nsdecls('w')}>"
            f'<w:footnote w:type="separator" w:id="-1"><w:p>{spacing}<w:r><w:separator/></w:r></w:p></w:footnote>'
            f'<w:footnote w:type="continuationSeparator" w:id="0"><w:p>{spacing}<w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
            f"{notes}</w:footnotes>"
        )
        package = self._document.part.package
        part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, blob.encode(), package)
        self._document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)

    def _name_fallbacks(self) -> None:
        """The fonts and what stands in for them, as the file's font table."""
        fonts = "".join(
            f"<w:font w:name={quoteattr(font)}><w:altName w:val={quoteattr(others)}/></w:font>"
            for font, others in _FALLBACKS.items()
        )
        blob = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{fonts}</w:fonts>'
        for relation in self._document.part.rels.values():
            if relation.reltype == RELATIONSHIP_TYPE.FONT_TABLE:
                relation.target_part._blob = blob.encode()
