"""Words → tokens (检索单元) of the search index: every pair of neighbouring characters in order, and every character once."""

import unicodedata

BOUNDARY = "¶"
"""Stands between the pieces of a record's words, so that no phrase runs from one into the next."""


def fold(words: str) -> str:
    """Words as they are compared: width and case alike, no blanks within a piece."""
    return unicodedata.normalize("NFKC", words).lower().replace(" ", "")


def tokens(folded: str) -> tuple[list[str], list[str]]:
    """The pairs in order, boundaries between pieces, and the characters."""
    pairs: list[str] = []
    for piece in folded.split("\n"):
        pairs += [piece[at : at + 2] for at in range(len(piece) - 1)]
        pairs.append(BOUNDARY)
    return pairs, sorted(set(folded) - {"\n"})
