"""Web pages (.html, and what is saved as .doc or .xls but is one) → Document: the body without the site around it.

The article is where most of the words are that are no links; rowspan and colspan are resolved. Characters are decoded
before anything is parsed, for pages labelled gb2312 hold GB18030. Runs no script and fetches nothing.
"""

import re
from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html

from jixiao.document import Document
from jixiao.errors import UnreadableInput
from jixiao.readers.text import decode, is_web_furniture
from jixiao.readers.writing import Slot, Writing

_DROPPED = {
    "script", "style", "nav", "header", "footer", "aside", "form", "noscript", "template", "iframe", "object", "embed", "svg", "select",
    "button", "input", "textarea", "head", "link", "meta", "audio", "video", "canvas", "map", "menu", "dialog", "xml",
}  # fmt: skip
_INLINE = {
    "a", "abbr", "b", "big", "bdi", "bdo", "cite", "code", "data", "dfn", "em", "font", "i", "img", "ins", "kbd", "label", "mark", "q", "s",
    "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "o:p", "p:p", "nobr", "ruby", "rb",
}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_MOST_ACROSS, _MOST_CELLS, _MOST_DEPTH = 1000, 200_000, 200
_MOST_CHARACTERS = 10_000_000
_EMBEDDED = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]+")  # pictures in the page itself
_ARTICLE = 0.85  # the share of a part's words that the part inside it must hold to be the article


def read_html(data: bytes, source: str) -> Document:
    """The document in the bytes of a web page.

    Raises:
        UnreadableInput: the page is in no encoding we know, is no HTML, or holds no text.
    """
    return _read(decode(data, source), data, source)


def read_mhtml(data: bytes, source: str) -> Document:
    """The document in a web archive (.mht, and what Word saves as one): its page, without what is packed beside it.

    Raises:
        UnreadableInput: as in :func:`read_html`, or the archive holds no page.
    """
    from email import message_from_bytes

    message = message_from_bytes(data)
    for part in message.walk():
        if part.get_content_type() == "text/html" and isinstance(page := part.get_payload(decode=True), bytes):
            return _read(decode(page, source), data, source)
    raise UnreadableInput(f"{source}: the web archive holds no page; save it again as .html.")


def _read(text: str, data: bytes, source: str) -> Document:
    text = _EMBEDDED.sub("", text)
    if len(text) > _MOST_CHARACTERS:
        raise UnreadableInput(
            f"{source}: the page holds more than {_MOST_CHARACTERS // 10**6} million characters; no report does: split it."
        )
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(_XML_LINE.sub("", text).encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as exc:
        raise UnreadableInput(f"{source}: the page is empty or damaged; save it again from the browser.") from exc
    body = root.find("body")
    body = root if body is None else body
    named = "".join("".join(_text(each).split()) for each in root.iter("title"))
    _drop_unseen(body)
    writing = Writing(source, data)
    article = _article(body)
    title = _title_outside(body, article, named)
    if title:
        writing.paragraph(title, 1)
    walk = _Walk(writing)
    walk.read(article)
    walk.end()
    return writing.document()


_XML_LINE = re.compile(r"^\s*<\?xml[^>]*\?>")


def _drop_unseen(body: etree._Element) -> None:
    """Take out what a reader of the page does not see, and the site's own navigation."""
    for element in list(body.iter()):
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if element is not body and (
            tag in _DROPPED or element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "")
        ):
            tail = element.tail
            parent = element.getparent()
            if parent is None:
                continue
            if tail:
                before = element.getprevious()
                if before is not None:
                    before.tail = _settable((before.tail or "") + tail)
                else:
                    parent.text = _settable((parent.text or "") + tail)
            parent.remove(element)


_NOT_XML = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _settable(words: str) -> str:
    """The words without the control characters that a page may hold but lxml does not take back."""
    return _NOT_XML.sub("", words)


def _weights(body: etree._Element) -> dict[etree._Element, int]:
    """How many characters that are no link's each element holds."""
    weights: dict[etree._Element, int] = {}
    for event, element in etree.iterwalk(body, events=("end",)):
        del event
        own = len("".join((element.text or "").split()))
        for child in element:
            own += weights.get(child, 0) + len("".join((child.tail or "").split()))
        weights[element] = 0 if element.tag == "a" else own
    return weights


def _article(body: etree._Element) -> etree._Element:
    """The innermost part that still holds most of the words."""
    weights = _weights(body)
    whole = weights[body]
    part = body
    while True:
        inner = max(
            (child for child in part if isinstance(child.tag, str)), key=lambda child: weights.get(child, 0), default=None
        )
        if inner is None or weights[inner] < _ARTICLE * whole or not _may_be_article(inner):
            return part
        part = inner


def _may_be_article(element: etree._Element) -> bool:
    if element.tag == "table":
        return not _is_data(element)
    return element.tag in (
        "tbody",
        "tr",
        "div",
        "section",
        "article",
        "main",
        "center",
        "font",
        "span",
        "td",
        "ucapcontent",
        "body",
    )


def _is_data(table: etree._Element) -> bool:
    """Whether a table is one of rows and columns, and not a frame: most of its words stand in cells without tables."""
    if table.tag != "table":
        return False
    inner = sum(_length(each) for each in _outermost_tables(table))
    return 2 * inner < _length(table) and any(
        len([cell for cell in row if cell.tag in ("td", "th")]) >= 2 for row in _rows(table)
    )


def _title_outside(body: etree._Element, article: etree._Element, named: str) -> str:
    """The report's title, where it stands on the page outside the article: its main heading, or what the browser shows too.

    ``named`` are the words of the page's ``<title>``, in which sites repeat the title before their own name.
    """
    if next(article.iter("h1"), None) is not None:
        return ""
    inside = set(article.iter())
    above = set(article.iterancestors())
    begins = "".join(_text(article).split())[:400]
    for element in body.iter("h1", "h2", "h3", "div", "p", "span", "td"):
        if element in inside or element in above or not 6 <= (length := _length(element)) <= 80:
            continue
        words = " ".join(_text(element).split())
        bare = "".join(words.split())
        if bare not in begins and (element.tag == "h1" or (length >= 8 and named.startswith(bare))):
            return words
    return ""


class _Walk:
    """Over the article in order, writing a paragraph wherever a block ends."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._parts: list[str] = []
        self._level = 0

    def read(self, element: etree._Element, depth: int = 0) -> None:
        """Write what is in the element."""
        self._parts.append(_flat(element.text))
        number = 0
        for child in element:
            tag = child.tag if isinstance(child.tag, str) else ""
            if tag in ("br", "hr"):
                self.end()
            elif tag == "table" and depth < _MOST_DEPTH:
                self.end()
                self._table(child, depth)
            elif tag in _INLINE or not tag:
                if tag:
                    self.read(child, depth + 1) if depth < _MOST_DEPTH else self._parts.append(_flat(_text(child)))
            elif depth >= _MOST_DEPTH:
                self._parts.append(_flat(_text(child)))
            elif not _is_link_list(child):
                self.end()
                if tag == "li" and element.tag == "ol":
                    number += 1
                    self._parts.append(f"{number}. ")
                self._level = int(tag[1]) if re.fullmatch("h[1-6]", tag) else 0
                self.read(child, depth + 1)
                self.end()
            self._parts.append(_flat(child.tail))

    def end(self) -> None:
        """Write the paragraph that has come together."""
        words = "".join(self._parts).strip(" \t\n\u3000\xa0")
        if words and not (len(words) < 160 and is_web_furniture(words)):
            self._writing.paragraph(words, self._level)
        self._parts.clear()
        self._level = 0

    def _table(self, table: etree._Element, depth: int) -> None:
        rows = list(_rows(table))
        if not _is_data(table):
            for cell in (cell for row in rows for cell in row if cell.tag in ("td", "th")):
                self.read(cell, depth + 1)
                self.end()
            return
        caption = table.find("caption")
        if caption is not None:
            self._writing.paragraph(_cell_words(caption))
        self._writing.table(_slots(rows, self._writing.source))
        for inner in (inner for row in rows for cell in row for inner in _outermost_tables(cell)):
            if depth < _MOST_DEPTH:
                self._table(inner, depth + 1)


def _text(element: etree._Element) -> str:
    return "".join(str(words) for words in element.itertext())


def _length(element: etree._Element) -> int:
    """How many characters an element holds, blanks aside."""
    return len("".join(_text(element).split()))


def _flat(words: str | None) -> str:
    """Words with the line breaks and runs of blanks of the page's source taken as single blanks."""
    return re.sub(r"[ \t\r\n\f]+", " ", words) if words else ""


def _is_link_list(element: etree._Element) -> bool:
    """Whether a block is little but links: a menu, a list of other pages."""
    links = [link for link in element.iterdescendants("a") if _length(link)]
    if len(links) < 4:
        return False
    linked = sum(_length(link) for link in links)
    return linked > 0.7 * _length(element)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if row.tag == "tr")


def _slots(rows: list[etree._Element], source: str) -> list[Slot]:
    """The cells of the rows at their places in the grid."""
    slots: list[Slot] = []
    taken: dict[int, int] = {}  # column → rows that a cell from above still covers
    for at, row in enumerate(rows):
        column = 0
        covered = dict(taken)
        for cell in (cell for cell in row if cell.tag in ("td", "th")):
            while covered.get(column, 0) > 0:
                column += 1
            across = min(_span(cell, "colspan"), _MOST_ACROSS)
            down = min(_span(cell, "rowspan") or len(rows), len(rows) - at)
            across = max(1, across)
            slots.append(Slot(at, column, _cell_words(cell), max(1, down), across))
            for each in range(column, column + across):
                taken[each] = max(taken.get(each, 0), down)
            column += across
            if len(slots) > _MOST_CELLS:
                raise UnreadableInput(f"{source}: a table of more than {_MOST_CELLS:,} cells; no report has one: it is not read.")
        taken = {each: left - 1 for each, left in taken.items() if left > 1}
    return slots


def _span(cell: etree._Element, name: str) -> int:
    words = (cell.get(name) or "1").strip()
    return int(words) if words.isascii() and words.isdigit() and len(words) < 6 else 1


def _outermost_tables(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        if child.tag == "table":
            yield child
        elif isinstance(child.tag, str):
            yield from _outermost_tables(child)


def _cell_words(cell: etree._Element) -> str:
    """A cell's words, a line for each block in it; what stands in a table of its own is left to that."""
    parts: list[str] = [_flat(cell.text)]
    stack: list[etree._Element | str] = []

    def open_up(element: etree._Element) -> None:
        for child in reversed(element):
            stack.append(_flat(child.tail))
            stack.append(child)

    open_up(cell)
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
        elif item.tag == "br":
            parts.append("\n")
        elif isinstance(item.tag, str) and item.tag != "table":
            block = item.tag not in _INLINE
            if block:
                parts.append("\n")
                stack.append("\n")
            parts.append(_flat(item.text))
            open_up(item)
    return "".join(parts).strip(" \t\n\u3000\xa0")
