"""A text's lines (行), each with its place. Knows nothing of what stands in them."""

import re
from typing import NamedTuple

_WORD = re.compile(r"[（(〔【《“‘]*(?:[!-~％]+|.)[）)〕】》”’，。、；：！？％]*")
_LINE_END = re.compile(r"[\n\f\v\r]")


class Line(NamedTuple):
    """A line without its end; ``text[start:end] == words``."""

    start: int
    end: int
    words: str


def split_lines(text: str) -> list[Line]:
    """The lines of ``text``, ended by a line feed, form feed or carriage return."""
    lines: list[Line] = []
    position = 0
    for end in _LINE_END.finditer(text):
        lines.append(Line(position, end.start(), text[position : end.start()]))
        position = end.end()
    lines.append(Line(position, len(text), text[position:]))
    return lines


def room_of_first_word(words: str) -> float:
    """The room, in Chinese characters, that the first word of a line takes: it went over whole to this line."""
    first = _WORD.match(words)
    return sum(0.6 if mark < "\u2000" else 1.0 for mark in first[0]) + 0.5 if first else 0.0
