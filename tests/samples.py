"""A report's text → the same report as real files: .docx, .html, .xlsx, and by LibreOffice .doc, .pdf and a scan.

    python tests/samples.py FIXTURE_OR_TEXT OUT_FOLDER      writes every form that can be made here

Headings get real heading styles, 一、 and （一） become Word's automatic numbers where they count on without a gap, and
category cells that are blank below a filled one are merged with it, as offices do.
"""

import html
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import openpyxl
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from jixiao.columns import Role, column_role
from jixiao.document import Document, Table
from jixiao.outline import outline
from jixiao.readers.text import read_text

LEVELS = {"part": 1, "cn": 1, "paren_cn": 2, "digit": 3}


@dataclass
class Merged:
    """A cell of a table: its words and what it is merged over."""

    row: int
    column: int
    words: str
    down: int = 1
    across: int = 1


@dataclass
class Item:
    """A paragraph (``level`` 0), a heading, or a table."""

    words: str = ""
    level: int = 0
    cells: list[Merged] = field(default_factory=list)


def items_of(document: Document) -> list[Item]:
    """The paragraphs, headings and tables of a report, as offices would set them."""
    levels = {
        section.words.offset(0): LEVELS[section.style]
        for section in outline(document).walk()
        if section.style in LEVELS and section.words.words and section.is_heading and len(section.words.words) <= 40
    }
    items: list[Item] = []
    for block in document.blocks:
        if isinstance(block, Table):
            items.append(Item(cells=merged_cells(block)))
        else:
            words = block.words
            level = next((levels[at] for at in (block.offset(place) for place in range(min(6, len(words)))) if at in levels), 0)
            items.append(Item(words, level))
    return items


def merged_cells(table: Table) -> list[Merged]:
    """The table's cells, each category cell merged over the blank ones below it."""
    cells: list[Merged] = []
    roles: dict[int, Role | None] = {}
    open_cells: dict[int, Merged] = {}
    width = max(len(row) for row in table.rows)
    for at, row in enumerate(table.rows):
        kinds = [column_role(cell.words) for cell in row]
        heads = sum(kind is not None for kind in kinds) >= 3
        if heads:
            roles, open_cells = dict(enumerate(kinds)), {}
        for column in range(width):
            words = row[column].words if column < len(row) else ""
            above = open_cells.get(column)
            if not words and above is not None and not heads and any(cell.words for cell in row[column + 1 :]):
                above.down = at - above.row + 1
                continue
            made = Merged(at, column, words)
            cells.append(made)
            category = roles.get(column) in (Role.FIRST, Role.SECOND, Role.SIDE) and words and not heads
            open_cells = {place: cell for place, cell in open_cells.items() if place < column} if words else open_cells
            if category:
                open_cells[column] = made
    return cells


# Word

_NUMBERS = """<w:abstractNum %s w:abstractNumId="90"><w:multiLevelType w:val="multilevel"/>
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:suff w:val="nothing"/><w:lvlText w:val="%%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:suff w:val="nothing"/><w:lvlText w:val="（%%2）"/></w:lvl>
</w:abstractNum>"""


def docx_of(items: list[Item], *, numbered: bool = True) -> bytes:
    """The report as a Word file."""
    made = docx.Document()
    # a font by the name that the machine knows, so that LibreOffice sets the page
    fonts = made.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), "Noto Serif CJK SC")
    numbering = made.part.numbering_part.element
    numbering.insert(0, parse_xml(_NUMBERS % nsdecls("w")))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="91"><w:abstractNumId w:val="90"/></w:num>'))
    automatic = _automatic(items) if numbered else {}
    for at, item in enumerate(items):
        if item.cells:
            _docx_table(made, item.cells)
            continue
        bare, level = automatic.get(at, (item.words, -1))
        paragraph = made.add_heading(bare, item.level) if item.level else made.add_paragraph(bare)
        if level >= 0:
            numbers = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="91"/></w:numPr>'
            paragraph._p.get_or_add_pPr().append(parse_xml(numbers))
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


def _automatic(items: list[Item]) -> dict[int, tuple[str, int]]:
    """The headings whose numbers Word would count by itself: their words without them, and their level."""
    names = "一二三四五六七八九"
    found: dict[int, tuple[str, int]] = {}
    count = [0, 0]
    for at, item in enumerate(items):
        for level, (before, behind) in enumerate((("", "、"), ("（", "）"))):
            ordinal = count[level]
            if item.level == level + 1 and ordinal < 9 and item.words.startswith(mark := f"{before}{names[ordinal]}{behind}"):
                found[at] = (item.words.removeprefix(mark), level)
                count[level] += 1
                count[level + 1 :] = [0] * (1 - level)
                break
    return found


def _docx_table(made: Any, cells: list[Merged]) -> None:
    rows = max(cell.row + cell.down for cell in cells)
    columns = max(cell.column + cell.across for cell in cells)
    table = made.add_table(rows, columns, style="Table Grid")
    grid = [list(row.cells) for row in table.rows]
    for cell in cells:
        first = grid[cell.row][cell.column]
        if (cell.down, cell.across) != (1, 1):
            first = first.merge(grid[cell.row + cell.down - 1][cell.column + cell.across - 1])
        first.text = cell.words


# Web page and spreadsheet


def html_of(items: list[Item], encoding: str = "utf-8") -> bytes:
    """The report as a page of a government site, with the site around it."""
    menu = "".join(
        f'<li><a href="/{at}">{name}</a></li>' for at, name in enumerate(["首页", "政务公开", "办事服务", "互动交流", "走进我们"])
    )
    body = "".join(_html_item(item) for item in items)
    page = f"""<!DOCTYPE html><html><head><meta charset="{"gb2312" if encoding != "utf-8" else "utf-8"}"><title>信息公开</title>
<script>var a = 1;</script></head><body><div class="head"><ul>{menu}</ul></div><div>您现在的位置：首页 &gt; 信息公开</div>
<div class="article"><div class="info">发布时间：2025-03-01 来源：本站 浏览次数：12</div><div id="zoom">{body}</div></div>
<div class="foot"><p>主办单位：某某县人民政府办公室</p><p>网站标识码：0000000000</p></div></body></html>"""
    return page.encode(encoding)


def _html_item(item: Item) -> str:
    if not item.cells:
        tag = f"h{item.level + 1}" if item.level else "p"
        return f"<{tag}>　　{html.escape(item.words)}</{tag}>" if tag == "p" else f"<{tag}>{html.escape(item.words)}</{tag}>"
    rows = max(cell.row for cell in item.cells) + 1
    lines = [""] * rows
    for cell in item.cells:
        spans = (f' rowspan="{cell.down}"' if cell.down > 1 else "") + (f' colspan="{cell.across}"' if cell.across > 1 else "")
        lines[cell.row] += f"<td{spans}><p>{html.escape(cell.words)}</p></td>"
    return "<table border=1>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def xlsx_of(items: list[Item]) -> bytes:
    """The report as a sheet: a paragraph a row, tables in their columns."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    row = 1
    for item in items:
        for cell in item.cells:
            sheet.cell(row + cell.row, 1 + cell.column, cell.words or None).number_format = "@"
            if (cell.down, cell.across) != (1, 1):
                sheet.merge_cells(
                    start_row=row + cell.row,
                    start_column=1 + cell.column,
                    end_row=row + cell.row + cell.down - 1,
                    end_column=cell.column + cell.across,
                )
        if not item.cells:
            sheet.cell(row, 1, item.words)
        row += max(cell.row + cell.down for cell in item.cells) if item.cells else 1
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


# By LibreOffice


def soffice() -> str | None:
    return shutil.which("soffice")


def converted(data: bytes, suffix: str, target: str) -> bytes:
    """The file as LibreOffice saves it in another format."""
    program = soffice()
    assert program is not None
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, f"report{suffix}")
        source.write_bytes(data)
        profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
        line = [program, profile, "--headless", "--convert-to", target, "--outdir", folder, str(source)]
        subprocess.run(line, check=True, capture_output=True, timeout=180)
        return Path(folder, f"report.{target.partition(':')[0]}").read_bytes()


def scan_of(pdf: bytes, dpi: int = 150, spoil: Callable[[Any], Any] | None = None) -> bytes:
    """The PDF as pictures of its pages, as a scanner makes it; ``spoil`` does to each what paper and glass do."""
    import pypdfium2

    pages = [page.render(scale=dpi / 72).to_pil().convert("L") for page in pypdfium2.PdfDocument(pdf)]
    pages = [spoil(page) for page in pages] if spoil else pages
    stream = BytesIO()
    pages[0].save(stream, "PDF", save_all=True, append_images=pages[1:], resolution=dpi)
    return stream.getvalue()


def askew(page: Any) -> Any:
    """The page half a degree from level, soft, and pressed by JPEG."""
    from PIL import Image, ImageFilter

    return _pressed(page.rotate(0.5, resample=Image.Resampling.BICUBIC, fillcolor=255).filter(ImageFilter.GaussianBlur(0.6)))


def grainy(page: Any) -> Any:
    """The page printed pale, soft and with grain, and pressed by JPEG."""
    import numpy
    from PIL import Image, ImageFilter

    ink = numpy.asarray(page.filter(ImageFilter.GaussianBlur(0.9)), dtype=float)
    grain = numpy.random.default_rng(page.height).normal(0, 10, ink.shape)
    return _pressed(Image.fromarray(numpy.clip(40 + ink * (205 / 255) + grain, 0, 255).astype("uint8")))


def _pressed(page: Any) -> Any:
    from PIL import Image

    stream = BytesIO()
    page.save(stream, "JPEG", quality=60)
    return Image.open(BytesIO(stream.getvalue())).convert("L")


SPOILT: dict[str, Callable[[Any], Any] | None] = {"clean": None, "askew, soft": askew, "pale, grainy": grainy}


def main() -> None:
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    source = next(source.glob("source.*")) if source.is_dir() else source
    items = items_of(read_text(source.read_bytes(), source.name))
    folder.mkdir(parents=True, exist_ok=True)
    word = docx_of(items)
    forms = {"docx": word, "html": html_of(items), "gbk.html": html_of(items, "gb18030"), "xlsx": xlsx_of(items)}
    if soffice():
        pdf = converted(word, ".docx", "pdf")
        forms |= {"doc": converted(word, ".docx", "doc"), "pdf": pdf, "scan.pdf": scan_of(pdf)}
    for name, data in forms.items():
        (folder / f"report.{name}").write_bytes(data)
        print(folder / f"report.{name}", len(data))


if __name__ == "__main__":
    main()
