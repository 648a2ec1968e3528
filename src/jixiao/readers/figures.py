"""Words as recognised → the places in them where a figure has a form that no figure has.

A letter among digits (14.3O), two points (12.3.4), groups of other than three digits (482,24): read wrong, or printed wrong.
Nothing is mended here, and nothing known of how sure recognition was.
"""

import re
from collections.abc import Iterator

from jixiao.document import Span

LETTERS_FOR_DIGITS = "OolI|丨〇○"
"""What stands in a figure where a digit should."""

_IN_FIGURE = "[0-9０-９.,，．]"
_LETTER = re.compile(
    rf"(?<![A-Za-z])[{re.escape(LETTERS_FOR_DIGITS)}]+(?={_IN_FIGURE})|(?<={_IN_FIGURE})[{re.escape(LETTERS_FOR_DIGITS)}]+(?![A-Za-z])"
    rf"|(?<={_IN_FIGURE})[SZBbgq](?=[0-9０-９.,，．%％])"
)
_LETTER_ALONE = re.compile("[Ool〇]{1,3}")
_NUMBER = re.compile(r"\d+(?:[.,]+\d+)+")
_RIGHT = re.compile(
    r"\d+\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?"
    r"|(?:19|20)\d{2}\.\d{1,2}(?:\.\d{1,2})?"  # a day
)
_SECTION = re.compile(r"(?:\d{1,2}\.){2,4}\d{1,2}")


def misshapen(words: str) -> Iterator[Span]:
    """The letters where digits should stand, and the numbers that no office writes so."""
    if _LETTER_ALONE.fullmatch(words):
        yield Span(0, len(words))
    for letters in _LETTER.finditer(words):
        yield Span(*letters.span())
    for number in _NUMBER.finditer(words):
        if not (_RIGHT.fullmatch(number[0]) or (number.start() == 0 and _SECTION.fullmatch(number[0]))):
            yield Span(*number.span())
