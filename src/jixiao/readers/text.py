"""Plain text and Markdown → Document: characters decoded, page furniture stepped over, wrapped lines joined, tables found.

The text stays what it is; only passages leave things out. Refuses what is no text.
"""

import hashlib
import re
from collections import Counter

from jixiao.document import Document, Passage, Span, Table, passage_of
from jixiao.errors import UnreadableInput
from jixiao.readers.lines import Line, split_lines
from jixiao.readers.tables import find_tables

_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_BINARY = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a Word, Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Word or Excel file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "an RTF file",
}


def read_text(data: bytes, source: str) -> Document:
    """The document in the bytes of a text file named ``source``: UTF-8, UTF-16 (with BOM or plain to see) or GB18030.

    Raises:
        UnreadableInput: the bytes are empty, binary, or in no encoding that Chinese reports use.
    """
    text = decode(data, source)
    if not text.strip():
        raise UnreadableInput(f"{source}: the file holds no text; check that it is the report.")
    return Document(source, hashlib.sha256(data).hexdigest(), text, tuple(_blocks(text)))


def decode(data: bytes, source: str) -> str:
    """The characters of ``data``: a BOM dropped, ``\\r\\n`` made ``\\n``, nothing else changed.

    Raises:
        UnreadableInput: as in :func:`read_text`.
    """
    for magic, kind in _BINARY.items():
        if data.startswith(magic):
            raise UnreadableInput(f"{source}: this is {kind}, not text; save it as .txt (UTF-8) and try again.")
    encoding = next((name for bom, name in _BOMS.items() if data.startswith(bom)), None) or plain_utf16(data)
    for candidate in (encoding,) if encoding else ("utf-8", "gb18030"):
        try:
            text = data.decode(candidate)
        except UnicodeDecodeError:
            continue
        if text.count("\x00") > len(text) // 1000 or _looks_binary(text):
            break
        return text.replace("\r\n", "\n")
    raise UnreadableInput(f"{source}: the bytes are no text in UTF-8, GB18030 or UTF-16; the file may be binary or damaged.")


def plain_utf16(data: bytes) -> str | None:
    """UTF-16 without a BOM, told by the zero bytes of its line ends and digits."""
    head = data[:4000]
    if len(head) < 4 or not head.count(0):
        return None
    little, big = head[1::2].count(0), head[0::2].count(0)
    if max(little, big) < len(head) / 100 or min(little, big) > max(little, big) / 10:
        return None
    return "utf-16-le" if little > big else "utf-16-be"


def _looks_binary(text: str) -> bool:
    head = text[:20000]
    odd = sum(1 for character in head if character < " " and character not in "\t\n\r\f\x0b\x07\x01\x13\x14\x15")
    return odd > max(4, len(head) // 50) or head.count("\ufffd") > len(head) // 10


_PAGE_NUMBER = re.compile(
    r"\s*(?:[-—–－_·•~]+\s*\d{1,4}\s*[-—–－_·•~]+|第\s*\d{1,4}\s*页\s*[,，/]?\s*(?:[(（]?共\s*\d{1,4}\s*页[)）]?)?|\d{1,4}\s*/\s*\d{1,4}|[Pp]age\s*\d+.*)\s*$"
)
_BARE_NUMBER = re.compile(r"\s*\d{1,3}\s*$")
_CONTENTS_LINE = re.compile(r".*(?:[.．·…]{4,}|…{2,}|[\t ]PAGEREF\s|_Toc\d+).*$")
_FIELD_RESIDUE = re.compile(r"\s*(?:TOC \\o|HYPERLINK \\l|PAGEREF _Toc)")
_WEB_FURNITURE = re.compile(  # of government sites, around the report
    r"\s*(?:您?(?:现在|当前)的?位置|当前位置|首页\s*[>＞»]|发布(?:时间|日期)|来源[:：]|责任编辑|编辑[:：]|浏览(?:次数|量)|访问量|点击数|字体[:：]|字号[:：]|上一篇|下一篇|【?(?:打印|关闭|收藏)|扫一扫|版权所有|主办单位|主办[:：]|承办[:：]|网站标识码|网站地图|联系我们|[^\s]{0,12}ICP备|[^\s]{0,6}公网安备|分享到|相关附件|相关链接|无障碍)"
)

_ENDS_SENTENCE = re.compile(r"[。！？；：!?;:…”）)】]\s*$")
_STARTS_ITEM = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}[、．.]|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}\s*[、．.](?!\d)|[①-⑳]|第[一二三四五六七八九十]+[章部节]|"
    r"目标\s*[一二三四五六七八九十\d]{1,2}\s*[:：.、]|(?:完成情况|效果|未完成原因|实际完成|完成及成效)\s*[:：]|#{1,6}\s|[-*]\s)"
)
_HAS_STOP = re.compile(r"[，。；,;](?=.)")
_COLUMNS = re.compile(r"\t|\S {2,}\S|[|｜]")
_MAX_WRAP = 60
_TITLE_LENGTH, _TITLE_LINES = 24, 12  # what may stand above the title: short lines, and not many


def is_page_number(words: str) -> bool:
    """Whether a line at a page's edge is its number: 3, - 3 -, 第3页 共12页, 3/12."""
    return bool(_PAGE_NUMBER.match(words) or _BARE_NUMBER.match(words))


def is_contents_line(words: str) -> bool:
    """Whether a line is one of a table of contents: a title, dots, a page number."""
    return len(words) < 160 and bool(_CONTENTS_LINE.match(words) and re.search(r"\d\s*$|PAGEREF|_Toc|…{4,}\s*$", words))


def starts_item(words: str) -> bool:
    """Whether a line begins with the number of a section or a list item."""
    return bool(_STARTS_ITEM.match(words))


def is_web_furniture(words: str) -> bool:
    """Whether a line is what a government site puts around a report: where one is, who is responsible, print, close."""
    return bool(_WEB_FURNITURE.match(words))


def _blocks(text: str) -> list[Passage | Table]:
    lines = split_lines(text)
    width = wrap_width(lines)
    lines = _without_furniture(lines, wrapped=width is not None)
    blocks: list[Passage | Table] = []
    rest: list[Line] = []
    tables = find_tables(lines, text)
    position = 0
    for first, last, table in tables:
        rest = lines[position:first]
        blocks.extend(_passages(rest, text, width))
        blocks.append(table)
        position = last
    blocks.extend(_passages(lines[position:], text, width))
    return blocks


def _width(words: str) -> float:
    """The room the words take in a line, in Chinese characters; Latin letters and digits take half of one."""
    return len(words.encode("gb18030", "replace")) / 2


def wrap_width(lines: list[Line]) -> float | None:
    """The width at which the file's lines were wrapped, or ``None`` where a line is a paragraph."""
    prose = [
        words
        for line in lines
        if len(words := line.words.strip()) >= 12 and not _COLUMNS.search(words) and not _CONTENTS_LINE.match(words)
    ]
    if len(prose) < 8 or sorted(map(len, prose))[int(len(prose) * 0.95)] > 2 * _MAX_WRAP:
        return None
    lengths = sorted(map(_width, prose))
    longest = lengths[int(len(lengths) * 0.95)]
    # a row or two of a table set in one line may be longer
    if not 16 <= longest <= _MAX_WRAP or lengths[min(int(len(lengths) * 0.99), len(lengths) - 3)] > 1.3 * longest:
        return None
    full = [words for words in prose if _width(words) >= longest * 0.85]
    broken = sum(1 for words in full if not _ENDS_SENTENCE.search(words))
    return longest if len(full) >= 6 and broken >= 0.5 * len(full) and len(full) >= 0.25 * len(prose) else None


def _without_furniture(lines: list[Line], *, wrapped: bool) -> list[Line]:
    """The lines without page numbers, repeated page headers, tables of contents and field codes."""
    repeated: set[str] = set()
    if wrapped:
        counts = Counter(line.words.strip() for line in lines if 4 <= len(line.words.strip()) <= 40)
        repeated = {
            words for words, count in counts.items() if count >= 3 and not _ENDS_SENTENCE.search(words) and "  " not in words
        }
    kept: list[Line] = []
    seen: set[str] = set()
    for line in lines:
        words = line.words.strip()
        if not words:
            kept.append(line)
            continue
        if (
            _PAGE_NUMBER.match(line.words)
            or (len(words) < 120 and _CONTENTS_LINE.match(words) and re.search(r"\d\s*$|PAGEREF|_Toc", words))
            or _FIELD_RESIDUE.match(line.words)
            or (len(words) < 160 and _WEB_FURNITURE.match(words))
            or (wrapped and "\t" not in line.words and _BARE_NUMBER.match(line.words) and not _beside_cells(kept))
        ):
            continue
        if words in repeated:
            if words in seen or any(len(above.words.strip()) > _TITLE_LENGTH for above in kept[-_TITLE_LINES:]):
                continue  # a page header; the title on the first page stays
            seen.add(words)
        kept.append(line)
    return kept


def _beside_cells(kept: list[Line]) -> bool:
    """Whether the lines just before are table cells, among which a bare number is one."""
    near = [line.words.strip() for line in kept[-3:]]
    return len(near) == 3 and all(0 < len(words) <= 12 for words in near)


def _passages(lines: list[Line], text: str, width: float | None) -> list[Passage]:
    made: list[Passage] = []
    pieces: list[Span] = []
    blank_since = False
    for line in lines:
        words = line.words.strip()
        if not words:
            blank_since = bool(pieces)
            continue
        if pieces and not (width is not None and _goes_on(text[pieces[-1].start : pieces[-1].end], words, width, blank_since)):
            made.append(passage_of(text, *pieces))
            pieces = []
        pieces.append(Span(line.start, line.end))
        blank_since = False
    if pieces:
        made.append(passage_of(text, *pieces))
    return [passage for passage in made if passage.words]


def _goes_on(previous: str, words: str, width: float, blank_between: bool) -> bool:
    """Whether ``words`` carry on the wrapped line ``previous``."""
    if _STARTS_ITEM.match(words):
        return False
    length = _width(previous.strip())
    if _ENDS_SENTENCE.search(previous) and (length < width * 0.9 or previous.rstrip()[-1] in "。！？：:"):
        return length >= width - 1 and not blank_between and previous.rstrip()[-1] in "；;”）)"
    if blank_between:
        # a page break in mid-sentence leaves blank lines: only a full line without an end goes on over them
        return length >= width * 0.85 and not _ENDS_SENTENCE.search(previous)
    if words[0] in "，。；、）”%":
        return True
    # a line with a stop inside is no heading, and may fall short where digits and marks take less room
    return length >= width * (0.7 if _HAS_STOP.search(previous) else 0.8)
