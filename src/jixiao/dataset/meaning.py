"""What a search's words mean → the records nearest to that (语义检索), and two rankings made one. Knows no filters, and no model."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from jixiao.dataset.vectors import Near, nearest

NEAREST = 100
"""As many of the records nearest in meaning are hits; what is farther off has little to do with the words."""
_DAMPING = 60
"""The constant of reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the words of a search mean (查询向量), to a model whose vectors the dataset has."""

    model: str
    vector: bytes
    reports_without: int
    """Reports that have no vectors of the model yet, and are found by their words alone."""

    def nearest(self, connection: Connection, among: Collection[int] | None) -> list[Near]:
        """The nearest of all records, or of those ``among`` them; the nearest first.

        Raises:
            MissingExtra: numpy is not installed.
        """
        return nearest(connection, self.model, self.vector, among, NEAREST)


@dataclass(frozen=True, slots=True)
class Ranks:
    """By what a hit was found, and where it stands (名次), from 1."""

    found_by: Literal["words", "meaning", "both"]
    words: int | None
    """``None`` too where it is beyond the hits by words that are ranked."""
    meaning: int | None
    similarity: float | None
    """The cosine between its vector and that of the words."""
    fused: float
    """What both ranks come to; hits are in its order."""


def fuse(by_words: Sequence[int], by_meaning: Sequence[Near], alone: Collection[int]) -> dict[int, Ranks]:
    """Both rankings as one, the best first: 1 / (60 + rank) added up (reciprocal rank fusion); of two alike the newer first.

    ``alone`` are those by meaning that the words do not find.
    """
    words = {number: rank for rank, number in enumerate(by_words, 1)}
    meaning = {near.id: rank for rank, near in enumerate(by_meaning, 1)}
    similarity = {near.id: near.similarity for near in by_meaning}
    ranks = {
        number: Ranks(
            "words" if number not in meaning else "meaning" if number in alone else "both",
            words.get(number),
            meaning.get(number),
            similarity.get(number),
            sum(1 / (_DAMPING + rank[number]) for rank in (words, meaning) if number in rank),
        )
        for number in (*words, *meaning)
    }
    return dict(sorted(ranks.items(), key=lambda each: (-each[1].fused, -each[0])))
