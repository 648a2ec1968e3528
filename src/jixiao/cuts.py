"""Words → where they may be cut (切分点): never inside a number, its unit, a Latin word or a combined character.

Knows sentences and quantities, and nothing of sections or tables.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from jixiao.document import Passage
from jixiao.quantities import find_quantities
from jixiao.tokens import count_tokens

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

# What a cut may stand behind, the best first: sentences, their parts, lines, clauses, blanks.
_STOPS = [r"[。！？!?]+[”’」』）)]*\s*", r"[；;]\s*", r"\n\s*", r"[，、：](?!\d)\s*", r",(?!\d)\s*", r"[ \t\u3000|]+"]
_STOP = [re.compile(stop) for stop in _STOPS]
_CELLS = r"(?:[\n\t|｜│┃]\s*)+|[ \u3000]{2,}"
_NUMERAL = "〇零一二两三四五六七八九十百千万亿"
# Numbers that are no quantities are not cut either: dates, document numbers, ordinals, versions, names like PM2.5.
_WHOLE = re.compile(
    r"〔\d{4}〕\d+号?"
    r"|(?:[^\W\d_\u0370-\U0010ffff]|(?<=[A-Za-z])[-_./@:](?=[A-Za-z\d])|(?<=\d)[.．,:：/·~～—–-](?=\d)|，(?=\d{3}(?!\d))(?<=\d，)|\d)+"
    r"(?:[年月日号时分秒个%％‰℃+]+\d+)*[年月日号时分秒个%％‰℃]?"
    rf"|第?[{_NUMERAL}]{{2,}}[年月日个]?"
)


def uncuttable(text: str, passages: Iterable[Passage]) -> bytearray:
    """For each offset of ``text``, 1 where a cut before it would part what belongs together.

    Numbers and units are looked for in the passages' joined words, so that one broken over two lines is found.
    """
    flags = bytearray(len(text) + 1)
    for match in _WHOLE.finditer(text):
        _forbid(flags, match.start(), match.end())
    for passage in passages:
        for start, end in _wholes(passage.words):
            span = passage.span(start, end)
            _forbid(flags, span.start, span.end)
    for offset, character in enumerate(text):
        if character >= "\u0300" and _combines(character, text[offset - 1 : offset]):
            flags[offset] = 1
    return flags


def _forbid(flags: bytearray, start: int, end: int) -> None:
    if end - start > 1:
        flags[start + 1 : end] = b"\x01" * (end - start - 1)


def _wholes(words: str) -> Iterator[tuple[int, int]]:
    for quantity in find_quantities(words):
        yield quantity.start, quantity.end
    for match in _WHOLE.finditer(words):
        yield match.span()


def _combines(character: str, before: str) -> bool:
    """Whether the character is one with the one before it: accents, variation selectors, joined emoji."""
    return unicodedata.category(character)[0] == "M" or character in "\u200d\u20e3" or before == "\u200d"


def cut_to_size(text: str, start: int, end: int, most: int, flags: bytearray, *, cells: bool = False) -> list[int]:
    """The bounds of the pieces that ``text[start:end]`` is cut into, none of more than ``most`` tokens.

    Sentences are kept whole where they fit, then clauses; before them a table's ``cells``. What cannot be cut is cut at
    the limit all the same.
    """
    # langchain's start indexes are not to be trusted: pieces that keep every character are laid end to end
    ends = accumulate(map(len, _splitter(most, cells).split_text(text[start:end])))
    bounds = [start, *(start + at for at in ends if at < end - start and not flags[start + at]), end]
    return [start, *(at for piece in pairwise(bounds) for at in _fitted(text, *piece, most, flags))]


@cache
def _splitter(most: int, cells: bool) -> "RecursiveCharacterTextSplitter":
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # half a second, and not needed for --help

    return RecursiveCharacterTextSplitter(
        [_CELLS, *_STOPS] if cells else _STOPS,
        keep_separator="end",
        is_separator_regex=True,
        chunk_size=most,
        chunk_overlap=0,
        length_function=count_tokens,
        strip_whitespace=False,
    )


def _fitted(text: str, start: int, end: int, most: int, flags: bytearray) -> Iterator[int]:
    """The ends of the pieces of a stretch that the splitter left too long, or none but its own end."""
    while (reach := _reach(text, start, end, most)) < end:
        start = best_cut(text, start, reach, flags, latest=True) or _last_resort(text, start, reach)
        yield start
    yield end


def _reach(text: str, start: int, end: int, most: int) -> int:
    """How far a piece from ``start`` may go within ``most`` tokens; one character at least."""
    low, high = start + 1, min(end, start + most)
    while count_tokens(text[start:high]) <= most:
        if high == end:
            return end
        low, high = high, min(end, start + 2 * (high - start))
    while high - low > 1:
        middle = (low + high) // 2
        if count_tokens(text[start:middle]) <= most:
            low = middle
        else:
            high = middle
    return low


def _last_resort(text: str, start: int, reach: int) -> int:
    """A cut inside a number or word longer than a piece; between combined characters only where there are no others."""
    cuts = range(reach, start, -1)
    return next((at for at in cuts if not _combines(text[at], text[at - 1])), reach)


def best_cut(text: str, start: int, end: int, flags: bytearray, *, latest: bool = False) -> int | None:
    """The best place for a cut after ``start``: near the middle, or with ``latest`` at ``end`` at the latest.

    A sentence's end is better than a clause's, as long as it leaves neither part too small; ``None`` where there is no place.
    """
    half = (end - start) // 2
    goal, low, high = (end, start + half, end) if latest else (start + half, start + half // 2, end - half // 2)
    last = end if latest else end - 1
    for stop in _STOP:
        found = [at for match in stop.finditer(text, low, end) if low < (at := match.end()) <= min(high, last) and not flags[at]]
        if found:
            return min(found, key=lambda at: abs(at - goal))
    near = sorted(range(start + 1, last + 1), key=lambda at: abs(at - goal))
    return next((at for at in near if not flags[at]), None)
