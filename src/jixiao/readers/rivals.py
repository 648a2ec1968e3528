"""What text recognition held possible at each step of a line → how sure each character of the line is.

A network is as sure of an O that it reads as 0 as of a 0: its first choice tells nothing. Its second does: on an O it gives
that letter a hundred times the chance that it gives it on a 0, however small both are. So a figure's character is as sure as
its strongest rival leaves it: another character in its place, or one passed over beside it. Knows the network's steps
(CTC: a class a step, blanks between) and nothing of pages.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple
from unicodedata import normalize

from jixiao.readers.figures import LETTERS_FOR_DIGITS

_MARKS = "0123456789.,%．，％"
_LOOKALIKES = {"0": "Oo〇○", "1": "lIi|丨Ⅰ"}

# The chance of a rival from which on a character is not sure (0.9), as measured on scans with and without such faults
_OF_DIGIT, _OF_POINT, _PASSED_OVER = 2e-4, 5e-2, 1e-2
_OF_LOOKALIKE = {"0": 2e-5, "1": 4e-6}
_ALONE = {"0": 1e-2, "1": 9e-5}  # in a cell of its own, where no digit beside it speaks for a digit


class _Stay(NamedTuple):
    """Steps, one after another, at which the same class wins."""

    winner: int
    start: int
    end: int


class Rivals:
    """Weighs the steps of lines; ``characters`` are the network's classes, of which the first is the blank."""

    def __init__(self, characters: Sequence[str]) -> None:
        self._characters = characters
        self._plain = {at: normalize("NFKC", mark) for at, mark in enumerate(characters) if mark in _MARKS}

    def certainties(self, steps: Any) -> list[float]:
        """How sure each character of the line is, blanks aside, from 0 to 1. ``steps`` has a row of chances for each step."""
        stays = list(_stays(steps.argmax(axis=1)))
        shown = [stay for stay in stays if stay.winner and not self._characters[stay.winner].isspace()]
        sure = [float(steps[stay.start, stay.winner]) for stay in shown]
        passed = [self._passed_over(steps, left, right) for left, right in zip([None, *shown], [*shown, None], strict=True)]
        for at, stay in enumerate(shown):
            if stay.winner in self._plain:
                odds = max(self._rival(steps, stay, _ALONE if len(shown) == 1 else _OF_LOOKALIKE), passed[at], passed[at + 1])
                sure[at] = min(sure[at], 1 / (1 + odds**0.5 / 9))
        return sure

    def _rival(self, steps: Any, stay: _Stay, of_lookalike: Mapping[str, float]) -> float:
        """The strongest other character in the place of this one, as a share of the chance that is still borne."""
        plain = self._plain[stay.winner]
        alike, same = self._alike[plain], self._same[plain]
        borne = _OF_DIGIT if plain.isdigit() else _OF_POINT
        borne_alike = of_lookalike.get(plain, borne)
        odds = 0.0
        for row in steps[stay.start : stay.end]:
            others = row.copy()
            others[same] = others[alike] = others[self._blanks] = 0.0
            odds = max(odds, float(others.max()) / borne, float(row[alike].max(initial=0.0)) / borne_alike)
        return odds

    def _passed_over(self, steps: Any, left: _Stay | None, right: _Stay | None) -> float:
        """The strongest character of a figure among the blanks between two characters, of which one belongs to a figure."""
        beside = [stay.winner for stay in (left, right) if stay is not None]
        if not any(winner in self._plain for winner in beside):
            return 0.0
        between = steps[left.end if left else 0 : right.start if right else len(steps)]
        if not len(between):
            return 0.0
        others = [at for at in self._in_figures if at not in beside]
        chance = float(between[:, others].max(initial=0.0))
        if len(beside) == 2 and beside[0] == beside[1]:
            chance = max(chance, 1.0 - float(between[:, 0].max()))  # a digit read twice
        return chance / _PASSED_OVER

    @cached_property
    def _blanks(self) -> list[int]:
        return [0, *(at for at, mark in enumerate(self._characters) if mark.isspace())]

    @cached_property
    def _in_figures(self) -> list[int]:
        return [*self._plain, *(at for at, mark in enumerate(self._characters) if mark in LETTERS_FOR_DIGITS)]

    @cached_property
    def _same(self) -> dict[str, list[int]]:
        """For a character of a figure the classes that mean the same: wide, small and ringed forms."""
        by_plain: dict[str, list[int]] = {plain: [] for plain in self._plain.values()}
        for at, mark in enumerate(self._characters):
            if (plain := normalize("NFKC", mark)) in by_plain:
                by_plain[plain].append(at)
        return by_plain

    @cached_property
    def _alike(self) -> dict[str, list[int]]:
        return {
            plain: [at for at, mark in enumerate(self._characters) if mark in _LOOKALIKES.get(plain, "")] for plain in self._same
        }


def _stays(winners: Any) -> Iterator[_Stay]:
    start = 0
    for at in range(1, len(winners) + 1):
        if at == len(winners) or winners[at] != winners[start]:
            yield _Stay(int(winners[start]), start, at)
            start = at
