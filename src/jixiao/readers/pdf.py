"""PDF files → Document: glyphs with their places and lines as drawn, by pdfium; a page that is a picture goes to text recognition.

Runs no script, opens no attachment, follows no link.
"""

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any

from jixiao.document import Document
from jixiao.errors import MissingExtra, UnreadableInput
from jixiao.readers.allowance import Allowance, pages_told
from jixiao.readers.layout import Glyph, Sheet, lay_out
from jixiao.readers.ruling import Rule
from jixiao.readers.writing import Writing

MOST_PAGES = 2000
MOST_GLYPHS = 5_000_000
_MOST_ON_A_PAGE = 60_000
_MOST_OBJECTS = 20_000
_FEW = 8  # glyphs: a page with fewer may be a picture with a stamp on it
_MOST_UNMAPPED = 0.3
_THIN = 2.5  # points: a drawn box thinner than this is a line


def read_pdf(data: bytes, source: str) -> Document:
    """The document in the bytes of a PDF file.

    Raises:
        UnreadableInput: the file is damaged, encrypted or has too many pages, or it holds no text.
        MissingExtra: its pages are pictures, and text recognition is not installed.
    """
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as exc:
        encrypted = "assword" in str(exc) or "ecurity" in str(exc)
        why = (
            "is encrypted; save it without a password"
            if encrypted
            else "is damaged and cannot be opened; make it again or repair it"
        )
        raise UnreadableInput(f"{source}: the PDF {why}.") from exc
    try:
        if len(pdf) > MOST_PAGES:
            raise UnreadableInput(f"{source}: the PDF has {len(pdf):,} pages, jixiao reads {MOST_PAGES:,}: split it.")
        if not len(pdf):
            raise UnreadableInput(f"{source}: the PDF has no pages.")
        writing = Writing(source, data)
        lay_out(_sheets(pdf, writing), writing)
        return writing.document()
    finally:
        pdf.close()


def _sheets(pdf: Any, writing: Writing) -> Iterator[Sheet]:
    import pypdfium2

    from jixiao.readers.ocr import is_installed, recognise_page

    allowance = Allowance()
    pictures: list[int] = []
    lost: list[int] = []
    unread = read = glyphs = 0
    for number in range(1, len(pdf) + 1):
        try:
            page = pdf[number - 1]
        except pypdfium2.PdfiumError:
            lost.append(number)
            continue
        try:
            sheet, unmapped = _sheet(page, number)
            if unmapped > _MOST_UNMAPPED:
                sheet.glyphs.clear()  # a font that does not say which characters its shapes are: better none than wrong ones
            if unmapped > _MOST_UNMAPPED or (len(sheet.glyphs) < _FEW and _has_picture(page)):
                pictures.append(number)
                if is_installed() and allowance.covers(number):
                    sheet = recognise_page(page, number)
                unread += not sheet.glyphs
        finally:
            page.close()
        read += bool(sheet.glyphs)
        glyphs += len(sheet.glyphs)
        if glyphs > MOST_GLYPHS:
            raise UnreadableInput(
                f"{writing.source}: the PDF holds more than {MOST_GLYPHS:,} characters; no report does: split it."
            )
        yield sheet
    if lost:
        writing.notes.append(f"{pages_told(lost, 'damaged and was', 'damaged and were')} left out.")
    if unread and not is_installed():
        if not read:
            raise MissingExtra(
                f"{writing.source}: the pages are pictures, or their fonts do not say what their characters are; reading them",
                "ocr",
            )
        told = pages_told(pictures, "a picture and was", "pictures and were")
        writing.notes.append(f"{told} not read: pip install 'jixiao[ocr]'")
    writing.notes += allowance.notes()


def _has_picture(page: Any) -> bool:
    import pypdfium2.raw as raw

    return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4))


def _sheet(page: Any, number: int) -> tuple[Sheet, float]:
    """The page's glyphs and lines, turned upright, and the share of glyphs whose font does not say what they are."""
    left, bottom, right, top = page.get_cropbox()
    glyphs, angle, unmapped = _glyphs(page)
    turn = (page.get_rotation() - angle) % 360
    upright = _Upright(turn, left, bottom, right, top)
    across, down = _rules(page, upright)
    placed = [Glyph(mark, *upright.box(*box)) for mark, box in glyphs]
    width, height = (right - left, top - bottom) if turn % 180 == 0 else (top - bottom, right - left)
    return Sheet(number, width, height, placed, across, down), unmapped


class _Upright:
    """From the page's own space, y up and perhaps turned, to y running down from its upper left corner."""

    def __init__(self, turn: int, left: float, bottom: float, right: float, top: float) -> None:
        self._turn, self._left, self._bottom, self._right, self._top = turn, left, bottom, right, top

    def point(self, x: float, y: float) -> tuple[float, float]:
        match self._turn:
            case 90:
                return y - self._bottom, x - self._left
            case 180:
                return self._right - x, y - self._bottom
            case 270:
                return self._top - y, self._right - x
        return x - self._left, self._top - y

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        (x, y), (other_x, other_y) = self.point(left, bottom), self.point(right, top)
        return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)


_Placed = tuple[str, tuple[float, float, float, float]]


def _glyphs(page: Any) -> tuple[list[_Placed], int, float]:
    """The glyphs with their boxes in the page's space, the quarter turn that most have, and the share of unknown ones."""
    import pypdfium2.raw as raw

    text = page.get_textpage()
    try:
        handle = text.raw
        box, rect = raw.FS_RECTF(), ctypes.byref
        found: list[tuple[str, tuple[float, float, float, float], int]] = []
        angles: Counter[int] = Counter()
        high = unmapped = 0
        for at in range(min(text.count_chars(), _MOST_ON_A_PAGE)):
            code = raw.FPDFText_GetUnicode(handle, at)
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if 0xDC00 <= code < 0xE000 and high:
                code, high = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), 0
            if code <= 0x20 or code in _BLANK_CODES or 0xD800 <= code < 0xE000 or raw.FPDFText_IsGenerated(handle, at) == 1:
                continue
            angle = round(math.degrees(raw.FPDFText_GetCharAngle(handle, at))) % 360
            if min(angle % 90, 90 - angle % 90) > 4 or not raw.FPDFText_GetLooseCharBox(handle, at, rect(box)):
                continue  # a watermark across the page
            place = (box.left, box.bottom, box.right, box.top)
            if not all(map(math.isfinite, place)):
                continue
            quarter = round(angle / 90) % 4 * 90
            angles[quarter] += 1
            unmapped += raw.FPDFText_HasUnicodeMapError(handle, at) == 1
            found.append((chr(code), place, quarter))
        most = angles.most_common(1)[0][0] if angles else 0
        placed = _shared([(mark, place) for mark, place, quarter in found if quarter == most], most)
        return placed, most, unmapped / max(1, len(found))
    finally:
        text.close()


def _shared(glyphs: list[_Placed], angle: int) -> list[_Placed]:
    """The glyphs, each with a box of its own: characters that a font draws as one shape (——, fi) share its box."""
    placed: list[_Placed] = []
    for (left, bottom, right, top), group in groupby(glyphs, key=lambda glyph: glyph[1]):
        marks = [mark for mark, _ in group]
        wide, high = (right - left) / len(marks), (top - bottom) / len(marks)
        for at, mark in enumerate(marks if angle in (0, 270) else reversed(marks)):
            if angle % 180 == 0:
                placed.append((mark, (left + at * wide, bottom, left + (at + 1) * wide, top)))
            else:
                placed.append((mark, (left, bottom + at * high, right, bottom + (at + 1) * high)))
    return placed


_BLANK_CODES = frozenset({0x7F, 0xA0, 0xAD, 0x2002, 0x2003, 0x2009, 0x200B, 0x3000, 0xFEFF, 0xFFFE, 0xFFFF, 0xFFFD})


def _rules(page: Any, upright: _Upright) -> tuple[list[Rule], list[Rule]]:
    """The straight lines drawn on the page: strokes, the edges of boxes, and boxes as thin as a line."""
    import pypdfium2.raw as raw

    across: list[Rule] = []
    down: list[Rule] = []
    for count, item in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=4)):
        if count >= _MOST_OBJECTS:
            break
        for one, two in _edges(item, raw):
            (x, y), (other_x, other_y) = upright.point(*one), upright.point(*two)
            if abs(y - other_y) <= 1.0 and abs(x - other_x) > 1.0:
                across.append(Rule((y + other_y) / 2, min(x, other_x), max(x, other_x)))
            elif abs(x - other_x) <= 1.0 and abs(y - other_y) > 1.0:
                down.append(Rule((x + other_x) / 2, min(y, other_y), max(y, other_y)))
    return across, down


_Point = tuple[float, float]


def _edges(item: Any, raw: Any) -> list[tuple[_Point, _Point]]:
    """A path's straight edges in the page's space; a box thinner than a line's width as its middle line."""
    matrix = item.get_matrix()
    holder = item.container
    while holder is not None:  # drawn inside forms, each moved by its own matrix
        matrix = matrix.multiply(holder.get_matrix())
        holder = holder.container
    shapes: list[list[_Point]] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for at in range(min(raw.FPDFPath_CountSegments(item), 4000)):
        segment = raw.FPDFPath_GetPathSegment(item, at)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        kind = raw.FPDFPathSegment_GetType(segment)
        point = matrix.on_point(x.value, y.value)
        if kind == raw.FPDF_SEGMENT_MOVETO or not shapes:
            shapes.append([point])
        elif kind == raw.FPDF_SEGMENT_LINETO:
            shapes[-1].append(point)
        else:
            shapes.append([point])  # a curve parts what is straight
        if raw.FPDFPathSegment_GetClose(segment) and len(shapes[-1]) > 2:
            shapes[-1].append(shapes[-1][0])
    edges: list[tuple[_Point, _Point]] = []
    for shape in shapes:
        if len(shape) < 2:
            continue
        xs, ys = [point[0] for point in shape], [point[1] for point in shape]
        left, right, low, top = min(xs), max(xs), min(ys), max(ys)
        if len(shape) > 2 and top - low <= _THIN:
            edges.append(((left, (low + top) / 2), (right, (low + top) / 2)))
        elif len(shape) > 2 and right - left <= _THIN:
            edges.append((((left + right) / 2, low), ((left + right) / 2, top)))
        else:
            edges.extend(pairwise(shape))
    return edges
