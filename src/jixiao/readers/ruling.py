"""The lines drawn on a page (表格线) → grids of cells: a cell is what no line parts, so merged cells come by themselves.

Knows lengths in points, y running down; nothing of the words.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_NEAR = 3.0  # lines nearer than this are one
_SHORTEST = 4.0
_MOST_LINES, _MOST_BOXES = 600, 20_000


class Rule(NamedTuple):
    """A straight line along the page or down it: where it lies, and from where to where it goes."""

    at: float
    start: float
    end: float


class Box(NamedTuple):
    """A cell's place in the grid and on the page."""

    row: int
    column: int
    down: int
    across: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Grid:
    """A table's lines: its cells, by the positions of its columns and rows."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    boxes: tuple[Box, ...]


def find_grids(across: Iterable[Rule], down: Iterable[Rule]) -> list[Grid]:
    """The grids that the lines make, from the top; frames around one cell or one column are none."""
    rows, columns = _merged(across), _merged(down)
    if len(rows) > _MOST_LINES or len(columns) > _MOST_LINES:
        return []
    grids = [_grid(*group) for group in _connected(rows, columns)]
    return sorted((grid for grid in grids if grid is not None), key=lambda grid: (grid.ys[0], grid.xs[0]))


def _merged(rules: Iterable[Rule]) -> list[Rule]:
    """The lines with pieces of one line joined and near lines laid on one another."""
    levels: list[list[Rule]] = []
    for rule in sorted(rules):
        if levels and rule.at - levels[-1][0].at <= _NEAR:
            levels[-1].append(rule)
        else:
            levels.append([rule])
    merged: list[Rule] = []
    for level in levels:
        at = sum(rule.at for rule in level) / len(level)
        pieces: list[list[float]] = []
        for _, start, end in sorted(level, key=lambda rule: rule.start):
            if pieces and start <= pieces[-1][1] + _NEAR:
                pieces[-1][1] = max(pieces[-1][1], end)
            else:
                pieces.append([start, end])
        merged.extend(Rule(at, start, end) for start, end in pieces if end - start >= _SHORTEST)
    return merged


def _connected(rows: Sequence[Rule], columns: Sequence[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """The lines in groups that touch one another."""
    parent = list(range(len(rows) + len(columns)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for number, row in enumerate(rows):
        for other, column in enumerate(columns, len(rows)):
            if (
                column.start - _NEAR <= row.at <= column.end + _NEAR
                and row.start - _NEAR <= column.at <= row.end + _NEAR
                and (one := root(number)) != (two := root(other))
            ):
                parent[two] = one
    groups: dict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for number, rule in enumerate([*rows, *columns]):
        groups[root(number)][number >= len(rows)].append(rule)
    return list(groups.values())


def _grid(rows: list[Rule], columns: list[Rule]) -> Grid | None:
    if len(rows) < 2 or not columns:
        return None
    left, right = min(rule.start for rule in rows), max(rule.end for rule in rows)
    xs = _positions([rule.at for rule in columns], left, right)
    ys = _positions([rule.at for rule in rows], min(rule.start for rule in columns), max(rule.end for rule in columns))
    wide, high = len(xs) - 1, len(ys) - 1
    if wide < 2 or high < 1 or wide * high > _MOST_BOXES:
        return None
    owner = list(range(wide * high))

    def root(box: int) -> int:
        while owner[box] != box:
            owner[box] = owner[owner[box]]
            box = owner[box]
        return box

    for row in range(high):
        middle = (ys[row] + ys[row + 1]) / 2
        for column in range(wide - 1):
            if not _parted(columns, xs[column + 1], middle):
                owner[root(row * wide + column + 1)] = root(row * wide + column)
    for column in range(wide):
        middle = (xs[column] + xs[column + 1]) / 2
        for row in range(high - 1):
            if not _parted(rows, ys[row + 1], middle):
                owner[root((row + 1) * wide + column)] = root(row * wide + column)
    members: dict[int, list[int]] = defaultdict(list)
    for box in range(wide * high):
        members[root(box)].append(box)
    boxes = [box for group in members.values() for box in _boxes(group, wide, xs, ys)]
    if len(boxes) < 2:
        return None
    return Grid(tuple(xs), tuple(ys), tuple(sorted(boxes)))


def _positions(found: list[float], first: float, last: float) -> list[float]:
    """The positions of the lines, and the open sides of a table whose lines go on beyond its outermost ones."""
    positions: list[float] = []
    for position in sorted(found):
        if not positions or position - positions[-1] > _NEAR:
            positions.append(position)
    if first < positions[0] - 4 * _NEAR:
        positions.insert(0, first)
    if last > positions[-1] + 4 * _NEAR:
        positions.append(last)
    return positions


def _parted(rules: Sequence[Rule], at: float, point: float) -> bool:
    """Whether a line at the position covers the point."""
    return any(abs(rule.at - at) <= _NEAR and rule.start - _NEAR <= point <= rule.end + _NEAR for rule in _at(rules, at))


def _at(rules: Sequence[Rule], at: float) -> Sequence[Rule]:
    first = bisect_left(rules, at - _NEAR, key=lambda rule: rule.at)
    last = bisect_left(rules, at + _NEAR, key=lambda rule: rule.at)
    return rules[first:last]


def _boxes(group: list[int], wide: int, xs: Sequence[float], ys: Sequence[float]) -> list[Box]:
    """The cell that the boxes make together; where they make no rectangle, one cell for each row of them."""
    rows, columns = [box // wide for box in group], [box % wide for box in group]
    top, bottom, left, right = min(rows), max(rows), min(columns), max(columns)
    if (bottom - top + 1) * (right - left + 1) == len(group):
        return [_box(top, left, bottom, right, xs, ys)]
    made: list[Box] = []
    for row in range(top, bottom + 1):
        within = sorted(column for each, column in zip(rows, columns, strict=True) if each == row)
        start = 0
        for at in range(1, len(within) + 1):
            if at == len(within) or within[at] != within[at - 1] + 1:
                made.append(_box(row, within[start], row, within[at - 1], xs, ys))
                start = at
    return made


def _box(top: int, left: int, bottom: int, right: int, xs: Sequence[float], ys: Sequence[float]) -> Box:
    return Box(top, left, bottom - top + 1, right - left + 1, xs[left], ys[top], xs[right + 1], ys[bottom + 1])
