"""Word files (.docx) → Document: the body's XML walked in order, as Word shows it with all changes accepted.

Headings by style, automatic numbers counted, merged cells, nested tables behind the table that holds them, text boxes and
footnotes behind the paragraph they hang on. Hidden text, headers, footers and tables of contents stay out. Runs no macro,
follows no link, loads no picture.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from jixiao.document import Document
from jixiao.readers.numbering import Numbering, W
from jixiao.readers.package import Package
from jixiao.readers.writing import Slot, Writing

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_BLOCK_HOLDERS = {f"{W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
_SKIPPED = {
    f"{W}{name}"
    for name in (
        "pPr",
        "rPr",
        "del",
        "moveFrom",
        "delText",
        "instrText",
        "delInstrText",
        "sdtPr",
        "sdtEndPr",
        "rt",
        "tblPr",
        "tblGrid",
    )
} | {f"{_MC}Fallback", "{http://schemas.openxmlformats.org/drawingml/2006/main}t"}
_SYMBOLS = {"F052": "☑", "F0FE": "☑", "F053": "☒", "F0FD": "☒", "F0A3": "□", "F06F": "□", "F0A8": "□", "F0FC": "✓", "F050": "✓"}
"""Marks of the Wingdings fonts that stand in forms' check boxes."""
_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|目录)\s*\d$|toc heading$|table of figures$", re.IGNORECASE)
_MOST_NESTING = 12
_MOST_COLUMNS = 500


def read_word(data: bytes, source: str) -> Document:
    """The document in the bytes of a .docx file.

    Raises:
        UnreadableInput: the package is damaged, encrypted or a bomb, or it holds no text.
    """
    package = Package(data, source)
    main = package.main_part("word/document.xml")
    writing = Writing(source, data)
    reader = _Reader(package, main, writing)
    body = package.xml_of(main).find(f"{W}body")
    if body is not None:
        if next(body.iter(f"{W}ins", f"{W}del", f"{W}moveFrom", f"{W}moveTo"), None) is not None:
            writing.notes.append("The file holds tracked changes; it was read as if all of them were accepted.")
        reader.read_blocks(body)
        reader.end()
    return writing.document()


@dataclass(slots=True)
class _Style:
    name: str
    based_on: str
    level: int | None
    list_id: str | None
    list_level: int | None
    hidden: bool


@dataclass(slots=True)
class _Hanging:
    """What hangs on a paragraph: text boxes and notes, to be read behind it."""

    boxes: list[etree._Element] = field(default_factory=list)
    notes: list[etree._Element] = field(default_factory=list)


class _Reader:
    """A walk over the body."""

    def __init__(self, package: Package, main: str, writing: Writing) -> None:
        def part(name: str) -> etree._Element | None:
            full = package.beside(main, name)
            return package.xml_of(full) if full in package else None

        self._writing = writing
        self._styles, self._default = _styles(part("styles.xml"))
        self._numbering = Numbering(part("numbering.xml"))
        self._notes = {
            (kind, note.get(f"{W}id") or ""): note
            for kind in ("footnote", "endnote")
            if (root := part(f"{kind}s.xml")) is not None
            for note in root.iterfind(f"{W}{kind}")
            if note.get(f"{W}type") in (None, "normal")
        }
        self._carried = ""  # the words of a paragraph whose end was deleted: they go on in the next
        self._depth = 0

    def read_blocks(self, holder: etree._Element) -> None:
        """Write the paragraphs and tables in the holder, in order."""
        for block in _blocks(holder):
            if block.tag == f"{W}p":
                self._paragraph(block)
            else:
                self._table(block)

    def end(self) -> None:
        """Write what was still carried."""
        self._writing.paragraph(self._carried)
        self._carried = ""

    def _paragraph(self, paragraph: etree._Element) -> None:
        hanging = _Hanging()
        words = self._carried + self._words(paragraph, hanging)
        self._carried = ""
        if _end_deleted(paragraph):
            self._carried = words
        elif words.strip():
            self._writing.paragraph(words, self._level(paragraph))
        self._read_hanging(hanging)

    def _read_hanging(self, hanging: _Hanging) -> None:
        if self._depth >= _MOST_NESTING:
            return
        self._depth += 1
        for holder in (*hanging.boxes, *hanging.notes):
            self.read_blocks(holder)
        self._depth -= 1

    def _words(self, paragraph: etree._Element, hanging: _Hanging) -> str:
        """A paragraph's words behind its automatic number; none of a table of contents."""
        style = self._style(paragraph)
        if style and _CONTENTS.match(style.name):
            return ""
        parts: list[str] = []
        self._collect(paragraph, parts, hanging)
        words = "".join(parts)
        return self._number(paragraph) + words.lstrip() if words.strip() else words

    def _collect(self, element: etree._Element, parts: list[str], hanging: _Hanging) -> None:
        for child in element:
            tag = child.tag
            if not isinstance(tag, str) or tag in _SKIPPED:
                continue
            if tag == f"{W}t" or tag == f"{_MATH}t":
                parts.append(child.text or "")
            elif tag == f"{W}r" and self._hidden(child):
                continue
            elif tag == f"{W}tab" or tag == f"{W}ptab":
                parts.append("\t")
            elif tag == f"{W}br" or tag == f"{W}cr":
                parts.append("" if child.get(f"{W}type") in ("page", "column") else "\n")
            elif tag == f"{W}noBreakHyphen":
                parts.append("-")
            elif tag == f"{W}sym":
                parts.append(_SYMBOLS.get((child.get(f"{W}char") or "").upper(), ""))
            elif tag == f"{W}txbxContent":
                hanging.boxes.append(child)
            elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                note = self._notes.pop((etree.QName(child).localname.removesuffix("Reference"), child.get(f"{W}id") or ""), None)
                if note is not None:
                    hanging.notes.append(note)
            elif tag == f"{_MC}AlternateContent":
                choice = child.find(f"{_MC}Choice")
                chosen = choice if choice is not None else child.find(f"{_MC}Fallback")
                if chosen is not None:
                    self._collect(chosen, parts, hanging)
            else:
                self._collect(child, parts, hanging)

    def _hidden(self, run: etree._Element) -> bool:
        properties = run.find(f"{W}rPr")
        if properties is None:
            return False
        own = properties.find(f"{W}vanish")
        if own is not None:
            return own.get(f"{W}val") not in ("0", "false")
        style = properties.find(f"{W}rStyle")
        return style is not None and (its := self._styles.get(style.get(f"{W}val") or "")) is not None and its.hidden

    def _style(self, paragraph: etree._Element) -> _Style | None:
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        return self._styles.get((named.get(f"{W}val") or "") if named is not None else self._default)

    def _chain(self, style: _Style | None) -> Iterator[_Style]:
        """The style and those it is based on."""
        for _ in range(12):
            if style is None:
                return
            yield style
            style = self._styles.get(style.based_on)

    def _level(self, paragraph: etree._Element) -> int:
        """The paragraph's level as a heading, or 0."""
        own = paragraph.find(f"{W}pPr/{W}outlineLvl")
        if own is not None:
            level = _number(own.get(f"{W}val"), 9)
        else:
            level = next((style.level for style in self._chain(self._style(paragraph)) if style.level is not None), 9)
        return level + 1 if level < 9 else 0

    def _number(self, paragraph: etree._Element) -> str:
        own = paragraph.find(f"{W}pPr/{W}numPr")
        list_id = list_level = None
        if own is not None:
            list_id, list_level = _list_of(own)
        for style in self._chain(self._style(paragraph)):
            list_id = list_id if list_id is not None else style.list_id
            list_level = list_level if list_level is not None else style.list_level
        return self._numbering.next(list_id, list_level or 0) if list_id not in (None, "0") else ""

    def _table(self, table: etree._Element) -> None:
        rows = list(_rows(table))
        if len(rows) == 1 and len(only := list(_cells(rows[0]))) == 1 and self._depth < _MOST_NESTING:
            self._depth += 1
            self.read_blocks(only[0])  # a frame around text, no table
            self._depth -= 1
            return
        slots: dict[tuple[int, int], Slot] = {}
        open_cells: dict[int, tuple[int, int]] = {}  # column → the cell that was merged downwards over it
        nested: list[etree._Element] = []
        hanging = _Hanging()
        for at, row in enumerate(rows):
            column = _number(_of(row, "trPr", "gridBefore"), 0)
            beside: tuple[int, int] | None = None
            for cell in _cells(row):
                across = max(1, _number(_of(cell, "tcPr", "gridSpan"), 1))
                if column + across > _MOST_COLUMNS:
                    break
                merged = cell.find(f"{W}tcPr/{W}vMerge")
                sideways = cell.find(f"{W}tcPr/{W}hMerge")
                goes_on = merged is not None and merged.get(f"{W}val") != "restart" and column in open_cells
                if sideways is not None and sideways.get(f"{W}val") != "restart" and beside is not None:
                    slots[beside] = slots[beside]._replace(across=slots[beside].across + across)
                elif goes_on:
                    above = open_cells[column]
                    slots[above] = slots[above]._replace(down=at - above[0] + 1)
                    beside = None
                else:
                    beside = (at, column)
                    slots[beside] = Slot(at, column, self._cell_words(cell, nested, hanging), 1, across)
                    open_cells.pop(column, None)
                    if merged is not None:
                        open_cells[column] = beside
                column += across
        self._writing.table(slots.values())
        if self._depth < _MOST_NESTING:
            self._depth += 1
            for inner in nested:
                self._table(inner)
            self._depth -= 1
        self._read_hanging(hanging)

    def _cell_words(self, cell: etree._Element, nested: list[etree._Element], hanging: _Hanging) -> str:
        lines: list[str] = []
        carried = ""
        for block in _blocks(cell):
            if block.tag != f"{W}p":
                nested.append(block)
                continue
            words = carried + self._words(block, hanging)
            carried = words if _end_deleted(block) else ""
            if not carried:
                lines.append(words)
        return "\n".join((*lines, carried)).strip()


def _blocks(holder: etree._Element) -> Iterator[etree._Element]:
    """The paragraphs and tables in a holder, through content controls and tracked insertions."""
    stack = list(reversed(holder))
    while stack:
        child = stack.pop()
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in _BLOCK_HOLDERS:
            stack.extend(reversed(child))
        elif child.tag == f"{_MC}AlternateContent":
            choice = child.find(f"{_MC}Choice")
            stack.extend(reversed(choice) if choice is not None else ())


def _inside(holder: etree._Element, tag: str) -> Iterator[etree._Element]:
    stack = list(reversed(holder))
    while stack:
        child = stack.pop()
        if child.tag == tag:
            yield child
        elif child.tag in _BLOCK_HOLDERS:
            stack.extend(reversed(child))


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """A table's rows, deleted ones left out."""
    return (row for row in _inside(table, f"{W}tr") if row.find(f"{W}trPr/{W}del") is None)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    return (cell for cell in _inside(row, f"{W}tc") if cell.find(f"{W}tcPr/{W}cellDel") is None)


def _end_deleted(paragraph: etree._Element) -> bool:
    """Whether a tracked change joins the paragraph with the next."""
    return paragraph.find(f"{W}pPr/{W}rPr/{W}del") is not None


def _of(element: etree._Element, properties: str, name: str) -> str | None:
    found = element.find(f"{W}{properties}/{W}{name}")
    return found.get(f"{W}val") if found is not None else None


def _number(words: str | None, otherwise: int) -> int:
    return int(words) if words and words.isascii() and words.isdigit() and len(words) < 7 else otherwise


def _list_of(properties: etree._Element) -> tuple[str | None, int | None]:
    list_id, level = properties.find(f"{W}numId"), properties.find(f"{W}ilvl")
    return (
        (list_id.get(f"{W}val") or "0") if list_id is not None else None,
        _number(level.get(f"{W}val"), 0) if level is not None else None,
    )


def _styles(root: etree._Element | None) -> tuple[dict[str, _Style], str]:
    """The styles by id, and the id of the default paragraph style."""
    styles: dict[str, _Style] = {}
    default = ""
    for style in root.iterfind(f"{W}style") if root is not None else ():
        name_of = style.find(f"{W}name")
        name = (name_of.get(f"{W}val") or "") if name_of is not None else ""
        based_on, outline = style.find(f"{W}basedOn"), style.find(f"{W}pPr/{W}outlineLvl")
        heading = _HEADING.match(name)
        numbers = style.find(f"{W}pPr/{W}numPr")
        list_id, list_level = _list_of(numbers) if numbers is not None else (None, None)
        vanish = style.find(f"{W}rPr/{W}vanish")
        key = style.get(f"{W}styleId") or ""
        styles[key] = _Style(
            name,
            (based_on.get(f"{W}val") or "") if based_on is not None else "",
            _number(outline.get(f"{W}val"), 9) if outline is not None else int(heading[1]) - 1 if heading else None,
            list_id,
            list_level,
            style.get(f"{W}type") == "character" and vanish is not None and vanish.get(f"{W}val") not in ("0", "false"),
        )
        if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true"):
            default = key
    return styles, default
