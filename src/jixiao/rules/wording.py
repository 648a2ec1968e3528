"""How much two statements have in common (措辞), for the links that a report makes in words alone."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

_NOT_CHINESE = re.compile(r"[^\u4e00-\u9fff]")


def bigrams(words: str) -> set[str]:
    """The pairs of neighbouring Chinese characters in ``words``, punctuation and digits left out."""
    kept = _NOT_CHINESE.sub("", words)
    return {kept[at : at + 2] for at in range(len(kept) - 1)}


class Bigrams:
    """Many statements' bigrams, kept by bigram: asking which of them a text shares goes through none of the others."""

    def __init__(self, statements: Iterable[set[str]]) -> None:
        self._holders: defaultdict[str, list[int]] = defaultdict(list)
        self._sizes: list[int] = []
        for at, grams in enumerate(statements):
            self._sizes.append(len(grams))
            for gram in grams:
                self._holders[gram].append(at)

    def size(self, at: int) -> int:
        """How many bigrams the statement has."""
        return self._sizes[at]

    def shared(self, said: set[str]) -> Counter[int]:
        """How many bigrams each statement has in common with ``said``; those with none are left out."""
        return Counter(at for gram in said for at in self._holders.get(gram, ()))
