"""OFD files (版式文档, GB/T 33190) → Document: the glyphs and lines of its pages, laid out as a PDF's are.

Reads text objects and straight paths; pictures and signatures are left alone. Fetches nothing and runs nothing.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from lxml import etree

from jixiao.document import Document
from jixiao.errors import UnreadableInput
from jixiao.readers.layout import Glyph, Sheet, lay_out
from jixiao.readers.package import Package
from jixiao.readers.ruling import Rule
from jixiao.readers.writing import Writing

_MOST_PAGES, _MOST_OBJECTS = 2000, 60_000
_POINTS = 72 / 25.4  # in a millimetre, OFD's unit
_Matrix = tuple[float, float, float, float, float, float]
_SAME: _Matrix = (1, 0, 0, 1, 0, 0)


def read_ofd(data: bytes, source: str) -> Document:
    """The document in the bytes of an OFD file.

    Raises:
        UnreadableInput: the package is damaged, encrypted or a bomb, or it holds no text.
    """
    package = Package(data, source)
    writing = Writing(source, data)
    lay_out(_sheets(package), writing)
    return writing.document()


def _sheets(package: Package) -> Iterator[Sheet]:
    number = 0
    for body in package.xml_of("OFD.xml").iter("{*}DocRoot"):
        main = (body.text or "").strip().lstrip("/")
        root = package.xml_of(main)
        size = _size(root, (595.0, 842.0))
        for page in root.iterfind("{*}Pages/{*}Page"):
            number += 1
            if number > _MOST_PAGES:
                raise UnreadableInput(f"{package.source}: the file has more than {_MOST_PAGES:,} pages: split it.")
            yield _sheet(package.xml_of(_joined(main, page.get("BaseLoc") or "")), number, size)


def _joined(main: str, path: str) -> str:
    if path.startswith("/"):
        return path.lstrip("/")
    return str(PurePosixPath(main).parent / path)


def _size(root: etree._Element, otherwise: tuple[float, float]) -> tuple[float, float]:
    box = next(root.iter("{*}PhysicalBox"), None)
    numbers = _numbers(box.text if box is not None else "")
    return (numbers[2] * _POINTS, numbers[3] * _POINTS) if len(numbers) == 4 else otherwise


def _sheet(page: etree._Element, number: int, size: tuple[float, float]) -> Sheet:
    width, height = _size(page, size)
    sheet = Sheet(number, width, height, [])
    for count, item in enumerate(page.iter("{*}TextObject", "{*}PathObject")):
        if count >= _MOST_OBJECTS:
            break
        box = _numbers(item.get("Boundary") or "")
        if len(box) != 4:
            continue
        matrix = _numbers(item.get("CTM") or "")
        turn: _Matrix = (matrix[0], matrix[1], matrix[2], matrix[3], matrix[4], matrix[5]) if len(matrix) == 6 else _SAME
        if etree.QName(item).localname == "TextObject":
            sheet.glyphs.extend(_glyphs(item, box, turn))
        else:
            _draw(item, box, turn, sheet)
    return sheet


def _at(x: float, y: float, box: list[float], turn: _Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = turn
    return (box[0] + a * x + c * y + e) * _POINTS, (box[1] + b * x + d * y + f) * _POINTS


def _glyphs(item: etree._Element, box: list[float], turn: _Matrix) -> Iterator[Glyph]:
    size = (_numbers(item.get("Size") or "") or [4.0])[0]
    for code in item.iter("{*}TextCode"):
        words = code.text or ""
        x, y = ((_numbers(code.get(name) or "") or [0.0])[0] for name in ("X", "Y"))
        steps, falls = _deltas(code.get("DeltaX")), _deltas(code.get("DeltaY"))
        for at, mark in enumerate(words):
            wide = size if mark > "\u2000" else size / 2
            step = steps[at] if at < len(steps) else wide
            left, base = _at(x, y, box, turn)
            right, top = _at(x + min(wide, abs(step) or wide), y - 0.85 * size, box, turn)
            if not mark.isspace():
                low = base + 0.15 * (base - top)
                yield Glyph(mark, min(left, right), min(top, low), max(left, right), max(top, low))
            x += step
            y += falls[at] if at < len(falls) else 0.0


def _deltas(words: str | None) -> list[float]:
    """The steps from glyph to glyph; ``g 3 5.2`` stands for three of 5.2."""
    deltas: list[float] = []
    parts = (words or "").split()
    at = 0
    while at < len(parts) and len(deltas) < 10_000:
        if parts[at] == "g" and at + 2 < len(parts):
            numbers = _numbers(f"{parts[at + 1]} {parts[at + 2]}")
            if len(numbers) == 2:
                deltas += [numbers[1]] * min(int(numbers[0]), 10_000)
            at += 3
        else:
            deltas += _numbers(parts[at])
            at += 1
    return deltas


def _draw(item: etree._Element, box: list[float], turn: _Matrix, sheet: Sheet) -> None:
    """Put a path's straight edges on the sheet."""
    data = item.find("{*}AbbreviatedData")
    tokens = re.findall(r"[A-Za-z]|-?[\d.]+(?:[eE]-?\d+)?", (data.text or "") if data is not None else "")
    points: list[tuple[float, float]] = []
    at = 0
    while at < len(tokens):
        if tokens[at] in ("M", "S", "L") and at + 2 < len(tokens):
            numbers = _numbers(f"{tokens[at + 1]} {tokens[at + 2]}")
            if len(numbers) == 2:
                point = _at(numbers[0], numbers[1], box, turn)
                if tokens[at] == "L" and points:
                    _rule(points[-1], point, sheet)
                else:
                    points.clear()
                points.append(point)
            at += 3
        else:
            if tokens[at] == "C" and len(points) > 2:
                _rule(points[-1], points[0], sheet)
            at += 1


def _rule(one: tuple[float, float], two: tuple[float, float], sheet: Sheet) -> None:
    (x, y), (other_x, other_y) = one, two
    if abs(y - other_y) <= 1.0 < abs(x - other_x):
        sheet.across.append(Rule((y + other_y) / 2, min(x, other_x), max(x, other_x)))
    elif abs(x - other_x) <= 1.0 < abs(y - other_y):
        sheet.down.append(Rule((x + other_x) / 2, min(y, other_y), max(y, other_y)))


def _numbers(words: str | None) -> list[float]:
    numbers: list[float] = []
    for word in (words or "").split():
        try:
            number = float(word)
        except ValueError:
            continue
        if abs(number) < 1e6:
            numbers.append(number)
    return numbers
