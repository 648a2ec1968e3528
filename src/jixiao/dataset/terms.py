"""Words → terms and tokens (检索词, 检索单元): what search compares, and what its index holds.

Folded words are alike in width, case and script (全角半角, 大小写, 简繁), and have no blanks; a term is found wherever it is a
substring of them. The tokens are pairs of neighbouring characters, so that no word is missed for how it was cut. Knows no index.
"""

import hashlib
import unicodedata
from functools import cache
from operator import add


class _Folding(dict[int, str | None]):
    """What becomes of each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str | None:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str | None:
    """A character as it is compared; ``None`` where it is not. Character by character, so that offsets are known."""
    category = unicodedata.category(character)
    if character == "\n":
        return character
    if character.isspace() or category in ("Cc", "Cf"):
        return None
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"  # half of a pair can be written to no file and no database
    alike = unicodedata.normalize("NFKD", character).lower()
    if not alike.isascii():
        simplify = _simplifier()
        # Twice: 薴 becomes 苧, which is itself a traditional character. The last NFKD is for what lower() composes.
        alike = unicodedata.normalize("NFKD", simplify(simplify(alike)))
    return "".join(alike.split()) or None


@cache
def _simplifier():  # type: ignore[no-untyped-def]  # opencc has no types
    from opencc import OpenCC

    return OpenCC("t2s").convert


_FOLDING = _Folding()
_IDEOGRAPHS = (range(0x2E80, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x33480))
"""Where the characters stand that a simplifier may change."""


@cache
def fingerprint() -> str:
    """What the folding is made of: Unicode's tables and each ideograph's simplified form. Another one has other tokens."""
    simplify = _simplifier()
    simplified = simplify("\n".join(chr(code) for codes in _IDEOGRAPHS for code in codes))
    return hashlib.sha256(f"{unicodedata.unidata_version}\n{simplified}".encode()).hexdigest()[:16]


def fold(words: str) -> str:
    r"""Words as they are compared: NFKD, simplified, lower case, no blanks and control characters but ``\n`` between pieces.

    Folding what is folded changes nothing, and the folded words of two strings side by side are theirs side by side.
    """
    return words.translate(_FOLDING)


def fold_with_places(words: str) -> tuple[str, list[int]]:
    """The folded words, and for each of their characters its place in ``words``."""
    folded, places = [], []
    for place, character in enumerate(words):
        alike = character.translate(_FOLDING)
        folded.append(alike)
        places += [place] * len(alike)
    return "".join(folded), places


def tokens(folded: str) -> tuple[list[str], list[str]]:
    """What the index holds of folded words: tokens in order, and the other characters, each once.

    In order stand the pairs of each piece and then its last character alone, so that no pair has one of the next piece behind it.
    """
    in_order: list[str] = []
    others = set(folded)
    others.discard("\n")
    for piece in folded.split("\n"):
        if piece:
            in_order += map(add, piece, piece[1:])
            in_order.append(piece[-1])
            others.discard(piece[-1])
    return in_order, sorted(others)


def phrase(term: str) -> list[str]:
    """The tokens that stand side by side in the index wherever a term is in the words: pairs, or the one character."""
    return list(map(add, term, term[1:])) or [term]
