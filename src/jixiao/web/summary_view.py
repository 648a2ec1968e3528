"""A sentence of a summary → its words with each figure led to its record (摘要出处), and all that it rests on."""

import re
from dataclasses import dataclass

from jixiao.quantities import find_quantities
from jixiao.summary import Cited, Sentence

_NUMERAL = re.compile(r"\d+(?:\.\d+)?")
FEW = 12
"""Places of a sentence that are shown at once."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence in pieces, each with the record that it leads to, where it is a figure of one; and the sentence's records."""

    pieces: tuple[tuple[str, Cited | None], ...]
    cites: tuple[Cited, ...]


def told_of(sentence: Sentence) -> Told:
    """The sentence, its figures linked. A count of its records (达成19项) is no record's own and leads nowhere by itself."""
    cites = tuple({(cited.record_id, cited.place.start): cited for cited in sentence.cites}.values())
    pieces: list[tuple[str, Cited | None]] = []
    at = 0
    for quantity in find_quantities(sentence.text):
        cited = _holding(quantity.raw, cites)
        if cited is not None:
            pieces += [(sentence.text[at : quantity.start], None), (sentence.text[quantity.start : quantity.end], cited)]
            at = quantity.end
    pieces.append((sentence.text[at:], None))
    return Told(tuple((words, cited) for words, cited in pieces if words), cites)


def _holding(raw: str, cites: tuple[Cited, ...]) -> Cited | None:
    """The record whose quote has the number; of several the one that says least beside it."""
    numeral = _NUMERAL.search(raw.replace(",", ""))
    if numeral is None:
        return None
    whole = re.compile(rf"(?<![\d.]){re.escape(numeral[0])}(?![\d]|\.\d)")
    holding = [cited for cited in cites if whole.search(cited.place.quote.replace(",", ""))]
    return min(holding, key=lambda cited: len(cited.place.quote), default=None)
