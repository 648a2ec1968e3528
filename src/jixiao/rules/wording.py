"""How much two statements have in common (措辞), for the links that a report makes in words alone."""

import re

_NOT_CHINESE = re.compile(r"[^\u4e00-\u9fff]")


def bigrams(words: str) -> set[str]:
    """The pairs of neighbouring Chinese characters in ``words``, punctuation and digits left out."""
    kept = _NOT_CHINESE.sub("", words)
    return {kept[at : at + 2] for at in range(len(kept) - 1)}
