"""A model's quote → its place in the document's text (出处): exact, normalised or near, by characters; or nowhere.

Knows nothing of models, prompts or records. Width, blanks, line breaks and punctuation may differ, a word or two may differ;
digits, signs, units and words that turn the meaning (未, 减少, 以上, 预算 …) may not, and the place found holds the whole
quote: no stub, no number or unit cut in two. What is in doubt has no place: a miss is asked for again, a wrong place is believed.
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Literal

from rapidfuzz.distance import Indel

from jixiao.document import Span
from jixiao.quantities import Quantity, find_quantities
from jixiao.records import Comparator

_MOST_TRIED = 64  # occurrences looked at that turn out to cut a number
_LONG_NEEDLE = 500  # rfind takes time of needle × text: a longer quote is looked for forwards alone
_SHORTEST_NEAR = 8  # shorter quotes that differ in a word are another thing
_LONGEST_NEAR = 2000
_LEAST_ALIKE = 0.85
_MOST_LEFT_OUT = 24  # characters of the text that a near quote may leave out, a parenthesis most often
_GRAMS = 48  # 3-grams of a quote that vote on where it stands
_HITS = 32  # places a 3-gram votes for


@dataclass(frozen=True, slots=True)
class Grounded:
    """A quote's place, and how it was found: as written, but for width, blanks and punctuation, or but for a few words."""

    span: Span
    how: Literal["exact", "normalised", "near"]


class Grounder:
    """Finds quotes in one text. What it needs of the text is made when the first quote asks for it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._written = _Words(text, range(len(text)))

    @cached_property
    def _folded(self) -> "_Words":
        return _one_dash(_fold(self._text))

    def ground(self, quote: str, within: Span, after: int | None = None) -> Grounded | None:
        """The place of ``quote``, drafted from the chunk ``within``; ``None`` where the text does not hold it.

        Of several places: in the chunk, the first at or after ``after`` (where the same answer's last quote begins), else
        the first; outside it the nearest. Near ones are looked for in the chunk and one chunk's length on either side.
        """
        quote = quote.strip(_BLANKS)
        start, end = max(0, within.start), min(len(self._text), within.end)
        if len(quote) > 2 * (end - start):
            return None  # also what keeps a runaway answer from costing anything
        folded = _one_dash(_fold(quote)).words
        bare = folded.strip(_EDGES)
        if len(bare) < 2 or not any(character.isalnum() for character in bare):
            return None
        chunk = Span(start, end)
        span = (
            self._inside(self._written, quote, chunk, after)
            or self._inside(self._folded, folded, chunk, after)
            or self._inside(self._folded, bare, chunk, after)
            or self._beside(self._written, quote, chunk)
            or self._beside(self._folded, folded, chunk)
            or self._beside(self._folded, bare, chunk)
        )
        how: Literal["normalised", "near"] = "normalised"
        if span is None:
            span, how = self._near(folded, chunk, after), "near"
        if span is None:
            return None
        written = self._text[span.start : span.end]
        if written == quote:
            return Grounded(span, "exact")
        return Grounded(span, how) if _figures(written) == _figures(quote) else None

    def _inside(self, words: "_Words", needle: str, chunk: Span, after: int | None) -> Span | None:
        low, high = words.position(chunk.start), words.position(chunk.end)
        middle = low if after is None else min(high, max(low, words.position(after)))
        found = self._first(words, needle, middle, high)
        if found or middle == low:
            return found
        return self._first(words, needle, low, min(high, middle + len(needle) - 1))

    def _beside(self, words: "_Words", needle: str, chunk: Span) -> Span | None:
        """The place nearest to the chunk, which may reach into it but not lie in it."""
        low, high = words.position(chunk.start), words.position(chunk.end)
        before = self._last(words, needle, low + len(needle) - 1)
        behind = self._first(words, needle, max(0, high - len(needle) + 1), len(words.words))
        if before and behind:
            return before if chunk.start - before.start < behind.end - chunk.end else behind
        return before or behind

    def _first(self, words: "_Words", needle: str, low: int, high: int) -> Span | None:
        at = words.words.find(needle, low, high)
        for _ in range(_MOST_TRIED):
            if at < 0:
                break
            if span := self._whole(words, at, at + len(needle)):
                return span
            at = words.words.find(needle, at + 1, high)
        return None

    def _last(self, words: "_Words", needle: str, high: int) -> Span | None:
        if len(needle) > _LONG_NEEDLE:
            return self._first(words, needle, 0, high)
        at = words.words.rfind(needle, 0, high)
        for _ in range(_MOST_TRIED):
            if at < 0:
                break
            if span := self._whole(words, at, at + len(needle)):
                return span
            at = words.words.rfind(needle, 0, at + len(needle) - 1)
        return None

    def _whole(self, words: "_Words", start: int, end: int) -> Span | None:
        """The place of ``words.words[start:end]`` in the text, unless it parts a character, a number or a unit."""
        span = words.span(start, end)
        return None if span is None or _cuts(self._text, span.start) or _cuts(self._text, span.end) else span

    def _near(self, quote: str, chunk: Span, after: int | None) -> Span | None:
        """The place whose words are most like the quote's and differ in none that count; ties go to the chunk, in order."""
        if not _SHORTEST_NEAR <= len(quote) <= _LONGEST_NEAR or _ABRIDGED.search(quote):
            return None
        words, length = self._folded, chunk.end - chunk.start
        low, high = words.position(chunk.start - length), words.position(chunk.end + length)
        best: tuple[float, bool, bool] | None = None
        place = None
        for guess in _vote(quote, words.words, low, high):
            start, end = _align(quote, words.words, guess, low, high)
            if Indel.normalized_similarity(quote, words.words[start:end]) < _LEAST_ALIKE:
                continue
            start, end = _with_ends(quote, words.words, start, end)
            span = words.span(start, end)
            span = span and _to_clause(self._text, span, *_overhang(quote, words.words[start:end]))
            if span is None or _cuts(self._text, span.start) or _cuts(self._text, span.end):
                continue
            held = words.words[words.position(span.start) : words.position(span.end)]
            alike = Indel.normalized_similarity(quote, held)
            if alike < _LEAST_ALIKE or not _says_the_same(quote, held):
                continue
            rank = (alike, chunk.start <= span.start < chunk.end, after is None or span.start >= after)
            if best is None or rank > best:
                best, place = rank, span
        return place


@dataclass(frozen=True, slots=True)
class _Words:
    """Words to search, and for each character the place in the text of the one it comes from."""

    words: str
    sources: Sequence[int]

    def position(self, offset: int) -> int:
        """The position of the text's character at ``offset``, or of the next one that is in the words."""
        return bisect_left(self.sources, offset)

    def span(self, start: int, end: int) -> Span | None:
        """The text's span of ``words[start:end]``; ``None`` where it begins or ends inside a character such as ℃."""
        first, last = self.sources[start], self.sources[end - 1]
        if (start and self.sources[start - 1] == first) or (end < len(self.words) and self.sources[end] == last):
            return None
        return Span(first, last + 1)


_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_BLANKS = _ZERO_WIDTH + " \t\r\n\v\f\u3000\u00a0\u2002\u2003\u2009"
_BLANK = re.compile(rf"[\s{_ZERO_WIDTH}]+")
_GROUPED = re.compile(r"(?<![\d.．,，])\d{1,3}(?:[,，]\d{3})+(?![\d,，])")
_EDGES = ",。;、:!?\"'…"


class _Folds(dict[int, str]):
    """Each character in its plain form, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = unicodedata.normalize("NFKC", character)
        if not plain or plain.isspace() or (any(map(str.isdigit, plain)) and not character.isdecimal()):
            plain = character  # ² and ① are not the digits 2 and 1
        self[code] = plain
        return plain


_FOLDS = _Folds()
for _variants, _plain in {
    "，﹐､": ",",
    "｡": "。",
    "﹔": ";",
    "\u2010\u2011\uff0d\u2212\ufe63": "-",
    "\u2012\u2013\u2014\u2015\u2500": "—",
    "～〜∼˜": "~",
    "“”„‟″«»「」『』＂": '"',
    "‘’‚′＇`": "'",
    "〔［【﹝": "[",
    "〕］】﹞": "]",
    "·•‧・∙": "·",
    "≥≧⩾": "≥",
    "≤≦⩽": "≤",
    "…⋯": "…",
}.items():
    _FOLDS.update({ord(variant): _plain for variant in _variants})
_FOLDS.update({ord("㎡"): "m²", ord("㎥"): "m³"})


def _fold(text: str) -> _Words:
    """``text`` without blanks and thousands' commas, each character in its plain form.

    A blank between two digits stays: without it, two cells of a table would be one number.
    """
    gaps = [(at.start(), at.end()) for at in _BLANK.finditer(text)]
    gaps += [(at, at + 1) for number in _GROUPED.finditer(text) for at in range(*number.span()) if text[at] in ",，"]
    gaps.sort()
    words: list[str] = []
    sources = array("q")
    begin = 0
    for start, end in [*gaps, (len(text), len(text))]:
        run = text[begin:start]
        plain = run.translate(_FOLDS)
        words.append(plain)
        if len(plain) == len(run):
            sources.extend(range(begin, start))
        else:
            sources.extend(at for at in range(begin, start) for _ in _FOLDS[ord(text[at])])
        if start and end < len(text) and text[start].isspace() and text[start - 1].isdecimal() and text[end].isdecimal():
            words.append(" ")
            sources.append(start)
        begin = end
    return _Words("".join(words), sources)


def _one_dash(words: _Words) -> _Words:
    """The words with dashes and minus signs alike, to be searched; what is a sign is told apart afterwards."""
    return _Words(words.words.replace("—", "-"), words.sources)


# Where a number or its unit would be cut in two.
_NUMERALS = frozenset("零〇一二两三四五六七八九十百千万亿半")
_LARGE = frozenset("十百千万亿%％‰")
_LOOK = 24  # as long as a number with its unit gets
_NEGATIONS = frozenset("未不没无非否")
_SIGNS = frozenset("-－−+＋±")
_WRAPPED_UNIT = re.compile(r"\s+元")
_OPEN = re.compile(r"\d[.．·]\s?$|\d[,，]$")
_LIST_NUMBER = re.compile(r"(?:^|\n)\s*\d{1,2}[.．]\s?$")
_YEAR = re.compile(r"(?:19|20)\d\d ?年")
_FRACTION = re.compile(r"\s?[.．·]\s?\d|[,，]\d{3}(?!\d)")
_NUMERIC = re.compile(r"[\d零〇一二两三四五六七八九十百千半]")
_CORE = re.compile(r"[-－−]?[\d零〇一二两三四五六七八九十百千半]")
_BOUND = re.compile(r"\s?(?:及|或|及其)?(?:[(（]含[)）])?(?:以上|以下|以内|之内|左右|上下|内)$")
_FIELD = re.compile(r"[\n\t|｜\u3000]| {2}")


def _cuts(text: str, at: int) -> bool:
    """Whether ``at`` lies inside a number or its unit, behind its sign or behind a 未: by the characters, then by the grammar."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if left in _NEGATIONS and right.isalnum():
        return True  # 未|完成, 不|低于
    if left.isdecimal():
        if right.isdecimal() or right in _LARGE or _FRACTION.match(text, at):
            return True
    elif left in _NUMERALS:
        if right in _NUMERALS or (left in "万亿" and _WRAPPED_UNIT.match(text, at)):
            return True
    elif left in _SIGNS and right.isdecimal():
        return True
    elif right.isdecimal() and _OPEN.search(text, max(0, at - 4), at):
        listed = _LIST_NUMBER.search(text, max(0, at - 8), at)
        return not (listed and (left.isspace() or _YEAR.match(text, at)))
    return _inside_a_quantity(text, at)


def _inside_a_quantity(text: str, at: int) -> bool:
    before = _FIELD.split(text[max(0, at - _LOOK) : at])[-1]
    if not before or not _NUMERIC.search(text, at - len(before), at + 1):
        return False
    around = before + _FIELD.split(text[at : at + _LOOK])[0]
    for quantity in find_quantities(around):
        core = _CORE.search(quantity.raw)
        start = quantity.start + (core.start() if core else 0)
        bound = _BOUND.search(quantity.raw)
        if start < len(before) < quantity.end - (len(bound[0]) if bound else 0):
            return True
    return False


# Where a quote that is not verbatim may stand.
_ABRIDGED = re.compile(r".…|.\.{3}")


def _vote(quote: str, words: str, low: int, high: int) -> Iterator[int]:
    """The likeliest beginnings of ``quote`` in ``words[low:high]``, by where its 3-grams stand."""
    step = max(1, (len(quote) - 2) // _GRAMS)
    votes: Counter[int] = Counter()
    sampled = range(0, len(quote) - 2, step)
    for offset in sampled:
        gram = quote[offset : offset + 3]
        at = words.find(gram, low, high)
        for _ in range(_HITS):
            if at < 0:
                break
            votes[(at - offset) // _MOST_LEFT_OUT] += 1
            at = words.find(gram, at + 1, high)
    neighbours = {bucket: count + votes.get(bucket + 1, 0) for bucket, count in votes.items()}
    for bucket in sorted(neighbours, key=lambda bucket: (-neighbours[bucket], bucket))[:3]:
        if neighbours[bucket] * 3 >= len(sampled):
            yield bucket * _MOST_LEFT_OUT


def _align(quote: str, words: str, guess: int, low: int, high: int) -> tuple[int, int]:
    """The beginning and end, near ``guess``, of the stretch of ``words`` most like the whole of ``quote``."""
    slack = min(_MOST_LEFT_OUT, max(4, len(quote) // 4))

    def unlike(start: int, end: int) -> int:
        return Indel.distance(quote, words[start : min(end, high)])

    first = max(low, guess - slack)
    starts = range(first, max(first, min(high - 1, guess + 2 * _MOST_LEFT_OUT)) + 1)
    start = min(starts, key=lambda at: unlike(at, at + len(quote)))
    ends = range(start + max(1, len(quote) - slack), start + len(quote) + slack + 1)
    end = min(high, min(ends, key=lambda at: unlike(start, at)))
    starts = range(max(low, start - slack), max(start, min(end - 1, start + slack)) + 1)
    return min(starts, key=lambda at: unlike(at, end)), end


_CLAUSE_END = frozenset("，。；、：！？,;:!?\n\t|")


def _overhang(quote: str, place: str) -> tuple[int, int]:
    """How many characters at the quote's beginning and end have none of the place's to stand for them."""
    equal = [change for change in Indel.opcodes(quote, place) if change.tag == "equal"]
    return (equal[0].src_start, len(quote) - equal[-1].src_end) if equal else (len(quote), len(quote))


def _with_ends(quote: str, words: str, start: int, end: int) -> tuple[int, int]:
    """The place with the quote's first and last words, where what the quote leaves out stands between them and the rest."""
    lead, tail = _overhang(quote, words[start:end])
    before = words.rfind(quote[:lead], max(0, start - lead - _MOST_LEFT_OUT), start) if lead else -1
    behind = words.find(quote[-tail:], end, end + tail + _MOST_LEFT_OUT) if tail else -1
    return (start if before < 0 else before), (end if behind < 0 else behind + tail)


def _to_clause(text: str, span: Span, lead: int, tail: int) -> Span | None:
    """The span with the words at its ends that the quote has replaced, as far as its clause goes; ``None`` where that is far.

    A place that ends where the quote goes on would be a stub; one widened by so many characters would part a word.
    """
    start, end = span.start, span.end
    if lead:
        near = range(start, max(-1, start - lead - 3), -1)
        start = next((at for at in near if at == 0 or text[at - 1] in _CLAUSE_END), -1)
    if tail:
        near = range(end, min(len(text), end + tail + 2) + 1)
        end = next((at for at in near if at == len(text) or text[at] in _CLAUSE_END), -1)
    return None if start < 0 or end < 0 else Span(start, end)


# What may not differ between a quote and its place, in order: numbers with what stands before and behind them,
# Chinese numerals, words of negation, direction and measure, and the terms that figures hang on.
_MARK = re.compile(
    r"(?P<light>进一步|不断|不仅|不但|一些|一系列|统一|一批|一定|一直|一方面|一致|一体)"
    r"|[-+±≥≤<>~]?\d+(?:[.,:/]\d+)*(?:[\u4e00-\u9fff]|[a-zA-Z°²³]+|[%‰])?"
    r"|[零〇一二两三四五六七八九十百千万亿半几双余倍番%‰元]"
    r"|[未不没无非否免莫勿]|[增减升降涨跌扩缩压退]|[上下前后内外高低多少超足满逾约近至优良差盈亏正负]|[年季月日]"
    r"|全部|部分|目标|计划|拟|预计|预算|决算|实际|完成|执行|到位|收入|支出|结转|结余|达标|合格|同比|环比|去年|本年|今年|男|女"
)


def _marks(words: str) -> list[str]:
    return [mark[0] for mark in _MARK.finditer(words) if not mark["light"]]


_FIGURE = re.compile(r"(?:(?<![\d%])[-+±])?\d+(?:\.\d+)*")


def _figures(words: str) -> list[str]:
    """The numbers in digits, each with its sign; a dash (——) is none."""
    return _FIGURE.findall(_fold(words).words)


def _numbers(words: str) -> list[tuple[object, str | None, Comparator]]:
    return [(_amount(quantity), quantity.unit, quantity.comparator) for quantity in find_quantities(words)]


def _amount(quantity: Quantity) -> object:
    """A quantity's value, or a range's words."""
    return quantity.value if quantity.value is not None else _fold(quantity.raw).words


def _says_the_same(quote: str, place: str) -> bool:
    """Whether words of about the same length differ in a few light words only, and in none that a number is said of."""
    added = left_out = 0
    for unlike, changes in groupby(Indel.opcodes(quote, place), key=lambda change: change.tag != "equal"):
        if unlike:
            pieces = list(changes)
            more = sum(change.src_end - change.src_start for change in pieces)
            less = sum(change.dest_end - change.dest_start for change in pieces)
            if ((more and less) or more > 1) and _OF_WHAT.match(quote, pieces[-1].src_end):
                return False  # 回收率93.5% is not 满意率93.5%, 水利局 is not 农业局
            added, left_out = added + more, left_out + less
    return (
        added <= max(2, len(quote) // 8)
        and left_out <= min(_MOST_LEFT_OUT, max(4, len(quote) // 4))
        and _marks(quote) == _marks(place)
        and _numbers(quote) == _numbers(place)
    )


# What follows a word that tells a number's subject, or whose name it is.
_OF_WHAT = re.compile(r"[^\d,。;、]{0,3}\d|[\u4e00-\u9fff]?[局股办科处室县市区州省镇乡村校院厅委部站所队司会厂率数量额费金款]")


def numbers_held(quote: str, words: str) -> bool:
    """Whether ``quote`` holds every number in ``words``, whole, with its sign, and with unit and comparator where stated.

    ``words`` are a measurement's (499.62万元); without a number in them (有效保障) there is nothing to hold.
    """
    if not Counter(_figures(words)) <= Counter(_figures(quote)):
        return False
    held = _numbers(_fold(quote).words)
    return all(
        any(amount == value and unit in (None, stated) and comparator in ("eq", bound) for value, stated, bound in held)
        for amount, unit, comparator in _numbers(_fold(words).words)
    )
