"""Pictures of pages (.png, .jpg, .tif, scanned PDF) → glyphs with their places and confidence, and the lines drawn on them.

Text by RapidOCR, whose models come with its package: nothing is fetched. Lines by morphology, after the page is set
straight: ruled tables need no model. An extra: pip install 'jixiao[ocr]'.
"""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from typing import Any

from jixiao.document import Document
from jixiao.errors import MissingExtra, UnreadableInput
from jixiao.readers.allowance import Allowance
from jixiao.readers.layout import Glyph, Sheet, lay_out
from jixiao.readers.rivals import Rivals
from jixiao.readers.ruling import Rule
from jixiao.readers.writing import Writing

_MOST_PIXELS = 60_000_000
_LONGEST_SIDE, _SHORTEST_SIDE = 4200, 1000
_A4 = (595.0, 842.0)  # points
_PRINT_DPI = (120.0, 300.0)
_STEEPEST, _STEP = 4.0, 0.25  # degrees to which a page lies askew, and how finely that is looked for


def read_image(data: bytes, source: str) -> Document:
    """The document in a picture of a page, or of several (.tif).

    Raises:
        UnreadableInput: the picture is damaged, too large, or shows no text.
        MissingExtra: text recognition is not installed.
    """
    if not is_installed():
        raise MissingExtra(f"{source}: this is a picture; reading it", "ocr")
    writing = Writing(source, data)
    allowance = Allowance()
    lay_out((_sheet(frame, number, None) for number, frame in _frames(data, source, allowance)), writing)
    writing.notes += allowance.notes()
    return writing.document()


def recognise_page(page: Any, number: int) -> Sheet:
    """A PDF's page that is a picture, read."""
    width = page.get_size()[0]
    pixels = max((item.get_px_size()[0] for item in _pictures(page)), default=0)
    low, high = _PRINT_DPI
    dpi = min(high, max(low, pixels / (width / 72))) if width else low
    dpi = min(dpi, 72 * _LONGEST_SIDE / max(page.get_size()))
    return _sheet(page.render(scale=dpi / 72).to_pil(), number, width)


def is_installed() -> bool:
    """Whether the packages of the extra are there."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2", "PIL"))


def _pictures(page: Any) -> Iterator[Any]:
    import pypdfium2.raw as raw

    return iter(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4))


def _frames(data: bytes, source: str, allowance: Allowance) -> Iterator[tuple[int, Any]]:
    """The pages of a picture, numbered, as far as they may be read."""
    import warnings

    from PIL import Image, ImageOps, ImageSequence

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(BytesIO(data))
            if picture.width * picture.height > _MOST_PIXELS:
                raise UnreadableInput(
                    f"{source}: the picture has more than {_MOST_PIXELS // 10**6} million points; make it smaller."
                )
            for number, frame in enumerate(ImageSequence.Iterator(picture), 1):
                if not allowance.covers(number):
                    continue
                if frame.width * frame.height > _MOST_PIXELS:
                    raise UnreadableInput(
                        f"{source}: a page has more than {_MOST_PIXELS // 10**6} million points; make it smaller."
                    )
                yield number, ImageOps.exif_transpose(frame.convert("RGB"))
    except UnreadableInput:
        raise
    except Exception as exc:  # Pillow's decoders raise whatever they meet: OSError, SyntaxError, struct.error …
        raise UnreadableInput(f"{source}: the picture is damaged and cannot be opened; scan or save it again.") from exc


def _sheet(picture: Any, number: int, width: float | None) -> Sheet:
    """The page in a picture; ``width`` in points where it is known."""
    import numpy

    longest = max(picture.size)
    if longest > _LONGEST_SIDE or longest < _SHORTEST_SIDE:
        factor = (_LONGEST_SIDE if longest > _LONGEST_SIDE else _SHORTEST_SIDE) / longest
        picture = picture.resize((max(1, round(picture.width * factor)), max(1, round(picture.height * factor))))
    pixels = _straightened(numpy.asarray(picture.convert("RGB")))
    found = _recognised(pixels)
    if _stands_on_its_side(found):
        turned = max(
            (numpy.ascontiguousarray(numpy.rot90(pixels, turn)) for turn in (1, 3)),
            key=lambda each: _confidence(_recognised(each)),
        )
        pixels, found = turned, _recognised(turned)
    high, wide = pixels.shape[:2]
    scale = (width or (_A4[0] if high >= wide else _A4[1])) / wide
    glyphs = [
        Glyph(mark, left * scale, top * scale, right * scale, bottom * scale, sure)
        for words, box in found
        for mark, left, top, right, bottom, sure in _with_heading_mark(list(_marks(words)))
        if box
    ]
    across, down = _rules(pixels, scale)
    return Sheet(number, wide * scale, high * scale, glyphs, across, down)


@lru_cache(maxsize=1)
def _engine() -> Any:
    import logging

    from rapidocr import RapidOCR

    engine: Any = RapidOCR(params={"Global.log_level": "critical"})
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    recogniser = engine._load_rec_model()  # what lies behind rapidocr's own words: hence its version is held
    recogniser.postprocess_op = _Weighed(recogniser.postprocess_op)
    return engine


class _Weighed:
    """The recogniser's last step, network to words, with characters as sure as their rivals leave them."""

    def __init__(self, decode: Any) -> None:
        self._decode, self._rivals = decode, Rivals(decode.character)

    def __call__(self, predictions: Any, *rest: Any, **named: Any) -> Any:
        lines, infos = self._decode(predictions, *rest, **named)
        for steps, info in zip(predictions, infos, strict=False):
            info.confs = self._rivals.certainties(steps)
        return lines, infos


_Found = list[tuple[tuple[Any, ...], list[list[float]]]]


def _recognised(pixels: Any) -> _Found:
    """The lines of text: for each its words with their boxes, and its own box."""
    result = _engine()(pixels[:, :, ::-1], use_cls=False, return_word_box=True, return_single_char_box=True)
    if result.boxes is None or result.word_results is None:
        return []
    return list(zip(result.word_results, [box.tolist() for box in result.boxes], strict=False))


def _marks(words: tuple[Any, ...]) -> Iterator["_Mark"]:
    """A line's characters with their boxes; those of a longer word share its box out."""
    for word, sure, box in words:
        if not word or box is None:
            continue
        xs, ys = [point[0] for point in box], [point[1] for point in box]
        left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
        step = (right - left) / len(word)
        for at, mark in enumerate(word):
            if not mark.isspace():
                yield mark, left + at * step, top, left + (at + 1) * step, bottom, min(float(sure), 0.9999)


_Mark = tuple[str, float, float, float, float, float]


def _with_heading_mark(marks: list[_Mark]) -> list[_Mark]:
    """The line with the 、 behind a heading's number, which is small and often not recognised: the gap shows it."""
    count = next((at for at, mark in enumerate(marks) if mark[0] not in "一二三四五六七八九十"), 0)
    if not 1 <= count <= 3 or count == len(marks):
        return marks
    before, behind = marks[count - 1], marks[count]
    size = before[4] - before[2]
    if not ("\u4e00" <= behind[0] <= "\u9fff" and 0.5 * size < behind[1] - before[3] < 1.5 * size):
        return marks
    return [*marks[:count], ("、", before[3], before[2], behind[1], before[4], 0.5), *marks[count:]]


def _stands_on_its_side(found: _Found) -> bool:
    boxes = [box for words, box in found if len(words) >= 3]
    tall = sum(
        1
        for box in boxes
        if max(y for _, y in box) - min(y for _, y in box) > 1.5 * (max(x for x, _ in box) - min(x for x, _ in box))
    )
    return len(boxes) >= 5 and tall > 0.6 * len(boxes)


def _confidence(found: _Found) -> float:
    sure = [float(word[1]) for words, _ in found for word in words]
    return sum(sure)


# Lines


def _straightened(pixels: Any) -> Any:
    """The page turned so that its lines lie level."""
    import cv2

    angle = _skew(pixels)
    if abs(angle) < _STEP:
        return pixels
    high, wide = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.0)
    return cv2.warpAffine(pixels, turn, (wide, high), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))


def _skew(pixels: Any) -> float:
    """The angle by which the page must be turned: at it, rows of points are emptiest and fullest."""
    import cv2
    import numpy

    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    factor = 800 / max(gray.shape)
    small = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    ink = (255 - small).astype(numpy.float32)
    high, wide = ink.shape

    def sharpness(angle: float) -> float:
        turn = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.0)
        rows = cv2.warpAffine(ink, turn, (wide, high), flags=cv2.INTER_LINEAR).sum(axis=1)
        return float(numpy.square(numpy.diff(rows)).sum())

    steps = int(_STEEPEST / _STEP)
    level = sharpness(0.0)
    best = max((step * _STEP for step in range(-steps, steps + 1)), key=sharpness)
    return best if sharpness(best) > 1.1 * level else 0.0


def _rules(pixels: Any, scale: float) -> tuple[list[Rule], list[Rule]]:
    """The straight lines on the page; red ones, of a seal, are none."""
    import cv2

    ink = cv2.adaptiveThreshold(pixels[:, :, 0], 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 12)
    across = _strokes(ink, (round(24 / scale), 1))
    down = _strokes(ink, (1, round(14 / scale)))
    return (
        [Rule((y + height / 2) * scale, x * scale, (x + width) * scale) for x, y, width, height in across],
        [Rule((x + width / 2) * scale, y * scale, (y + height) * scale) for x, y, width, height in down],
    )


def _strokes(ink: Any, kernel: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """The boxes of what is as long as the kernel one way and thin the other."""
    import cv2

    wide, high = max(1, kernel[0]), max(1, kernel[1])
    opened = cv2.morphologyEx(ink, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, (wide, high)))
    # a gap of a few points in a line is the scanner's
    closed = cv2.morphologyEx(
        opened, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (max(1, wide // 6), max(1, high // 6)))
    )
    _, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    thin = max(8, max(wide, high) // 4)
    return [(int(x), int(y), int(w), int(h)) for x, y, w, h, _ in stats[1:] if (h if wide > high else w) <= thin]
