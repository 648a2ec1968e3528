"""Scans → figures with a mark on each that may be wrong, and a bound on how much of a file is recognised."""

import importlib.util
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy
import pytest

import samples
from jixiao.audit import Case, audit_all
from jixiao.document import Document
from jixiao.pipeline import extract
from jixiao.readers import allowance
from jixiao.readers.allowance import Allowance, pages_told
from jixiao.readers.figures import misshapen
from jixiao.readers.ocr import read_image
from jixiao.readers.pdf import read_pdf
from jixiao.readers.rivals import Rivals
from jixiao.render.audit_words import audit_words

FONT = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
needs_ocr = pytest.mark.skipif(
    importlib.util.find_spec("rapidocr") is None or not FONT.exists(), reason="the extra ocr or a Chinese font is not installed"
)


def page_of(*lines: str) -> Any:
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (1240, 200 + 60 * len(lines)), 255)
    for at, words in enumerate(lines):
        ImageDraw.Draw(page).text((120, 100 + 60 * at), words, 0, ImageFont.truetype(str(FONT), 24, index=2))
    return page


def png_of(page: Any) -> bytes:
    stream = BytesIO()
    page.save(stream, "PNG")
    return stream.getvalue()


def is_marked(document: Document, figure: str) -> bool:
    at = document.text.index(figure)
    return any(doubt.start < at + len(figure) and at < doubt.end for doubt in document.doubts)


@needs_ocr
@pytest.mark.parametrize("spoil", samples.SPOILT.values(), ids=samples.SPOILT.keys())
def test_letters_printed_for_digits_are_marked_where_they_are_read_as_digits(spoil: Callable[[Any], Any] | None) -> None:
    page = page_of("全年实际支出2,486.35万元，核定编制1,O24名。", "新增托位l20个，发放满意度问卷6OO份，回收率96.5%。")
    document = read_image(png_of(spoil(page) if spoil else page), "扫描.png")
    assert [is_marked(document, figure) for figure in ("1,024", "120", "600")] == [True, True, True]
    assert [is_marked(document, figure) for figure in ("2,486.35", "96.5")] == [False, False]


@needs_ocr
def test_a_record_whose_figure_is_marked_says_so() -> None:
    page = page_of("二、部门整体支出情况", "2024年全年实际支出2,486.3O万元，其中基本支出5,326.84万元。")
    places = [place for metric in extract(read_image(png_of(page), "扫描.png")).metrics for place in metric.evidence]
    assert {place.doubtful for place in places if "2,486.30" in place.quote} == {True}
    assert {place.doubtful for place in places if place.quote.count("万元") == 1 and "5,326.84" in place.quote} <= {False}


@needs_ocr
def test_a_finding_on_a_marked_figure_says_so() -> None:
    lines = ["二、部门整体支出情况", "2024年全年支出682.50万元，其中基本支出3OO.50万元、项目支出222.00万元。"]
    document = read_image(png_of(page_of(*lines)), "扫描.png")
    (finding,) = (found := audit_all([Case(document, extract(document))])).findings
    assert any(place.doubtful for place in finding.places)
    assert "（扫描识别存疑）" in audit_words(found, 200)


# The recogniser's second choice

CLASSES = ["blank", *"0123456789.,%", "O", "l", "个", "万", " "]


def steps_of(*chances: dict[str, float]) -> Any:
    """The network's steps: a blank where nothing is said."""
    steps = numpy.zeros((len(chances), len(CLASSES)), numpy.float32)
    for at, each in enumerate(chances):
        for mark, chance in each.items():
            steps[at, CLASSES.index(mark) if mark != "_" else 0] = chance
        if not each:
            steps[at, 0] = 1.0
    return steps


def test_a_digit_is_less_sure_the_stronger_the_letter_that_looks_like_it() -> None:
    steps = steps_of({"1": 0.9999, "l": 0.00008}, {}, {"0": 0.9999, "O": 0.000002}, {}, {"个": 0.8, "万": 0.2})
    one, nought, unit = Rivals(CLASSES).certainties(steps)
    assert one < 0.9 < nought
    assert unit == pytest.approx(0.8)


def test_a_digit_passed_over_leaves_those_beside_it_unsure() -> None:
    one, two, three = Rivals(CLASSES).certainties(steps_of({"1": 1.0}, {"_": 0.6, "O": 0.4}, {"2": 1.0}, {}, {"3": 1.0}))
    assert max(one, two) < 0.9 < three


def test_a_digit_read_twice_is_unsure() -> None:
    assert max(Rivals(CLASSES).certainties(steps_of({"4": 1.0}, {"_": 0.5, "4": 0.45}, {"4": 1.0}))) < 0.9


def test_blanks_between_words_have_no_certainty_of_their_own() -> None:
    assert len(Rivals(CLASSES).certainties(steps_of({"1": 1.0}, {" ": 1.0}, {"2": 1.0}))) == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("支出14.3O万元", ["O"]),
        ("培训l20人", ["l"]),
        ("占4S.6%", ["S"]),
        ("O", ["O"]),
        ("结转482,24万元", ["482,24"]),
        ("支出12.3.45万元", ["12.3.45"]),
        ("共1,234,567.89元，占98.5%", []),
        ("3.2.1 A4纸、PM2.5、Office 2016，2024.12.31", []),
    ],
)
def test_figures_of_a_form_that_no_figure_has_are_found(words: str, found: list[str]) -> None:
    assert [words[start:end] for start, end in misshapen(words)] == found


# The bound


def scan_of_pages(count: int) -> bytes:
    from PIL import Image

    page = Image.new("L", (300, 400), 255)
    stream = BytesIO()
    page.save(stream, "PDF", save_all=True, append_images=[page] * (count - 1), resolution=72)
    return stream.getvalue()


def test_pages_beyond_the_bound_are_left_unread_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    from jixiao.readers.layout import Glyph, Sheet

    def recognise(page: object, number: int) -> Sheet:
        return Sheet(number, 300, 400, [Glyph("县", 50, 50, 60, 60, 0.99)])

    monkeypatch.setattr(allowance, "MOST_PICTURES", 2)
    monkeypatch.setattr("jixiao.readers.ocr.is_installed", lambda: True)
    monkeypatch.setattr("jixiao.readers.ocr.recognise_page", recognise)
    document = read_pdf(scan_of_pages(5), "扫描.pdf")
    assert document.text.count("县") == 2
    assert document.notes == (
        "Pages 3–5 are pictures and were left unread: of one file 2 are read, for text recognition takes 2 pages and 15 minutes"
        " at most; split it before page 3 and read the rest as a file of its own.",
    )


def test_recognition_ends_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr("jixiao.readers.allowance.time.monotonic", lambda: clock.now)
    left = Allowance()
    assert left.covers(1)
    assert not left.notes()
    clock.now = 60 * allowance.MOST_MINUTES - 1
    assert left.covers(4)
    clock.now += 1
    assert [left.covers(5), left.covers(9)] == [False, False]
    assert left.notes()[0].startswith("Pages 5, 9 are pictures and were left unread: of one file 2 are read, ")


def test_pages_are_told_in_stretches() -> None:
    assert pages_told([3], "gone", "gone") == "Page 3 is gone"
    assert pages_told([3, 7, 8, 9], "gone", "gone") == "Pages 3, 7–9 are gone"


@needs_ocr
def test_a_picture_of_more_pages_than_are_read_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "MOST_PICTURES", 1)
    stream = BytesIO()
    page = page_of("全年培训86人。")
    page.save(stream, "TIFF", save_all=True, append_images=[page])
    document = read_image(stream.getvalue(), "扫描.tif")
    assert document.text == "全年培训86人。\n"
    assert [note[:44] for note in document.notes] == ["Page 2 is a picture and was left unread: of "]
