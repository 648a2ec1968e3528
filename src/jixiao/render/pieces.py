"""A text cut wherever a mark begins or ends, so that a page can show marks that overlap."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

DOUBTFUL = "扫描识别存疑"
"""Said of a place with a figure that text recognition is not sure of."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text that belongs to a record; ``kind`` says how it is shown."""

    record: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text that lies in the same marks: their records, parted by blanks, and the innermost one's kind."""

    words: str
    records: str
    kind: str


def cut(text: str, marks: Iterable[Mark]) -> list[Piece]:
    """The text in pieces; a later mark lies inside an earlier one."""
    opens: dict[int, list[Mark]] = {}
    closes: dict[int, list[str]] = {}
    for mark in marks:
        opens.setdefault(mark.start, []).append(mark)
        closes.setdefault(mark.end, []).append(mark.record)
    bounds = sorted({0, len(text), *opens, *closes})
    active: dict[str, str] = {}
    pieces: list[Piece] = []
    for start, end in pairwise(bounds):
        for closed in closes.get(start, ()):
            active.pop(closed, None)
        active.update((mark.record, mark.kind) for mark in opens.get(start, ()))
        kind = next(reversed(active.values()), "")
        pieces.append(Piece(text[start:end], " ".join(active), kind))
    return pieces
