"""Reference scorer written from the record contract alone ("Scoring against hand labels"); exact rational arithmetic."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

Json = dict[str, Any]
Similarity = Callable[[Json, Json], Fraction]
Edges = dict[tuple[int, int], Fraction]

LISTS = {"goal": "goals", "completion": "completions", "issue": "issues", "measure": "measures"}
METRIC_KINDS = ("indicator", "budget", "figure")
KINDS = ("goal", "completion", *METRIC_KINDS, "issue", "measure")
SLOTS = ("target", "actual", "previous")
MONEY = {"元": 0, "千元": 3, "万元": 4, "百万元": 6, "千万元": 7, "亿元": 8, "万亿元": 12}
PREFIXES = {"万": 4, "亿": 8}
PERCENT = ("%", "％", "﹪")
ZERO, ONE = Fraction(0), Fraction(1)


def normalise(text: str | None) -> str:
    """NFKC, then only what is alphanumeric (letters, digits, Chinese)."""
    return "".join(c for c in unicodedata.normalize("NFKC", text or "") if c.isalnum())


def lcs_length(a: str, b: str) -> int:
    """Length of the longest common subsequence, by the textbook table kept one row at a time."""
    row = [0] * (len(b) + 1)
    for x in a:
        above = row
        row = [0]
        for j, y in enumerate(b):
            row.append(above[j] + 1 if x == y else max(above[j + 1], row[j]))
    return row[-1]


def text_similarity(a: str | None, b: str | None, floor: Fraction = ZERO) -> Fraction:
    """Indel similarity 2*LCS/(len a + len b) of the normalised texts; 1 for two empty ones. `floor` if it cannot exceed that."""
    x, y = normalise(a), normalise(b)
    total = len(x) + len(y)
    if x == y:
        return ONE
    if Fraction(2 * min(len(x), len(y)), total) <= floor:
        return floor
    return Fraction(2 * lcs_length(x, y), total)


def covered(record: Json) -> set[int]:
    """Every character position that the record's evidence covers."""
    return {i for e in record.get("evidence") or [] for i in range(e["start"], e["end"])}


def overlap(a: Json, b: Json) -> Fraction:
    """Characters in both over characters in either; 0 where there are none."""
    x, y = covered(a), covered(b)
    return Fraction(len(x & y), len(x | y)) if x and y else ZERO


def holds(record: Json, text: str) -> bool:
    """At least one piece of evidence, and each is a non-empty span inside the text that equals its quote."""
    pieces = record.get("evidence") or []
    spans = all(0 <= e["start"] < e["end"] <= len(text) for e in pieces)
    return bool(pieces) and spans and all(text[e["start"] : e["end"]] == e["quote"] for e in pieces)


def decimal(value: object) -> Decimal | None:
    """A finite Decimal, or None."""
    try:
        return number if (number := Decimal(str(value))).is_finite() else None
    except InvalidOperation:
        return None


def base(measurement: Json) -> tuple[Decimal | None, str | None]:
    """(base_value, base_unit): as given, else derived from value and unit."""
    unit, power = (measurement.get("unit") or "").strip(), 0
    if unit in MONEY:
        power, unit = MONEY[unit], "元"
    unit = "%" if unit in PERCENT else unit
    while unit and unit[0] in PREFIXES:
        power, unit = power + PREFIXES[unit[0]], unit[1:]
    given = decimal(measurement.get("base_value"))
    if given is not None:
        return given, measurement.get("base_unit", unit or None)
    value = decimal(measurement.get("value"))
    return (None if value is None else value * 10**power), unit or None


def same_measurement(a: Json | None, b: Json | None) -> bool:
    """Equal base_value or equal raw; nulls equal nothing."""
    value, raw = base(a or {})[0], (a or {}).get("raw")
    return (value is not None and value == base(b or {})[0]) or bool(raw and raw == (b or {}).get("raw"))


def statement_similarity(a: Json, b: Json) -> Fraction:
    """Goal, completion, issue, measure: the larger of evidence overlap and statement similarity, at >= 0.6."""
    shared = overlap(a, b)
    similarity = max(shared, text_similarity(a.get("statement"), b.get("statement"), shared))
    return similarity if similarity >= Fraction(6, 10) else ZERO


def row_similarity(a: Json, b: Json) -> Fraction:
    """Indicator, budget: name similarity, at >= 0.8 and with one measurement in common."""
    if not any(same_measurement(a.get(slot), b.get(slot)) for slot in SLOTS):
        return ZERO
    similarity = text_similarity(a.get("name"), b.get("name"))
    return similarity if similarity >= Fraction(8, 10) else ZERO


def figure_similarity(a: Json, b: Json) -> Fraction:
    """Figure: equal base value (null equals null: 3—5名) and unit of `actual`, of two plans `target`; evidence that overlaps."""
    slot = "actual" if a.get("actual") or b.get("actual") else "target"
    x, y = a.get(slot), b.get(slot)
    shared = overlap(a, b) if x and y and base(x) == base(y) else ZERO
    return Fraction(1, 2) + text_similarity(a.get("name"), b.get("name")) / 4 + shared / 4 if shared else ZERO


def hungarian(cost: list[list[int]]) -> list[int]:
    """Column of each row in a least-cost assignment; needs rows <= columns."""
    n, m = len(cost), len(cost[0])
    u, v, owner, way = [0] * (n + 1), [0] * (m + 1), [0] * (m + 1), [0] * (m + 1)
    for i in range(1, n + 1):
        owner[0], j = i, 0
        least: dict[int, int] = {}
        used = {0}
        while owner[j]:
            row = owner[j]
            for k in range(1, m + 1):
                if k not in used:
                    reduced = cost[row - 1][k - 1] - u[row] - v[k]
                    if k not in least or reduced < least[k]:
                        least[k], way[k] = reduced, j
            nearest = min((k for k in range(1, m + 1) if k not in used), key=lambda k: least[k])
            delta = least[nearest]
            for k in used:
                u[owner[k]] += delta
                v[k] -= delta
            for k in least:
                least[k] -= delta if k not in used else 0
            used.add(nearest)
            j = nearest
        while j:
            owner[j], j = owner[way[j]], way[j]
    return [owner.index(i, 1) - 1 for i in range(1, n + 1)]


def assign(edges: Edges, required: set[int]) -> set[tuple[int, int]]:
    """Pairs of greatest total similarity; among equals, those with most required labels. One connected component at a time."""
    pairs: set[tuple[int, int]] = set()
    todo = set(edges)
    while todo:
        rows, cols, part = {min(todo)[0]}, set[int](), set[tuple[int, int]]()
        while more := {e for e in todo if e[0] in rows or e[1] in cols}:
            todo -= more
            part |= more
            rows |= {i for i, _ in more}
            cols |= {j for _, j in more}
        left, right = sorted(rows), sorted(cols)
        scale = math.lcm(*(edges[e].denominator for e in part)) * (len(left) + 1)
        gain = {(i, j): int(edges[i, j] * scale) + (i in required) for i, j in part}
        right += [-1] * (len(left) - len(right))  # columns that leave a row unpaired
        found = hungarian([[-gain.get((i, j), 0) for j in right] for i in left])
        pairs |= {(left[r], right[c]) for r, c in enumerate(found)} & part
    return pairs


def records(report: Json, kind: str) -> list[Json]:
    """The report's records of one kind; metrics by their own `kind`."""
    if kind in METRIC_KINDS:
        return [m for m in report.get("metrics") or [] if m.get("kind") == kind]
    return list(report.get(LISTS[kind]) or [])


def paired(labels: list[Json], predictions: list[Json], similarity: Similarity) -> tuple[set[int], set[tuple[int, int]]]:
    """The labels that are not optional, and all pairs."""
    required = {i for i, label in enumerate(labels) if not label.get("optional")}
    edges = {(i, j): s for i, a in enumerate(labels) for j, b in enumerate(predictions) if (s := similarity(a, b))}
    return required, assign(edges, required)


def score_kind(labels: list[Json], predictions: list[Json], similarity: Similarity) -> dict[str, float]:
    """Counts and rates (1.0 where the denominator is 0). Optional labels, and predictions paired with them, are left out."""
    required, found = paired(labels, predictions, similarity)
    pairs = sum(i in required for i, _ in found)
    misses, false = len(required) - pairs, len(predictions) - len(found)

    def rate(part: int, whole: int) -> float:
        return part / whole if whole else 1.0

    return {
        "pairs": pairs,
        "misses": misses,
        "false": false,
        "precision": rate(pairs, pairs + false),
        "recall": rate(pairs, pairs + misses),
        "f1": rate(2 * pairs, 2 * pairs + misses + false),
    }


BY_KIND: dict[str, Similarity] = {"indicator": row_similarity, "budget": row_similarity, "figure": figure_similarity}


def score(label: Json, predicted: Json, text: str) -> dict[str, dict[str, float]]:
    """Score one predicted report against its hand label; `text` is what the reader made of the file."""
    result = {}
    for kind in KINDS:
        similarity = BY_KIND.get(kind, statement_similarity)
        result[kind] = score_kind(records(label, kind), records(predicted, kind), similarity)
    everything = [r for name in (*LISTS.values(), "metrics") for r in predicted.get(name) or []]
    result["evidence"] = {"holds": sum(holds(r, text) for r in everything), "of": len(everything)}
    return result


# Fields, on the pairs


WORDS = {
    "goal": ("statement",),
    "completion": ("statement", "effect"),
    "issue": ("statement", "cause"),
    "measure": ("statement",),
    "indicator": ("name", "deviation"),
    "budget": ("name",),
    "figure": ("name",),
}
EXACT = {
    "goal": ("label", "level", "project"),
    "completion": ("status",),
    "indicator": ("category", "attained", "period", "project", "weight", "score"),
    "budget": ("period", "project", "weight", "score"),
    "figure": ("period", "project"),
}
LINKS = {"completion": ("goal_id", "goals"), "figure": ("goal_id", "goals"), "measure": ("issue_ids", "issues")}


def alike(a: str | None, b: str | None) -> bool:
    """Words: similar at >= 0.8; what is absent is like what is absent alone."""
    return a is b if a is None or b is None else text_similarity(a, b) >= Fraction(8, 10)


def equal(a: object, b: object) -> bool:
    """Exact; numbers as numbers."""
    x, y = (decimal(each) if isinstance(each, str) else None for each in (a, b))
    return x == y if x is not None and y is not None else a == b


def measured(name: str, a: Json | None, b: Json | None) -> dict[str, bool]:
    """Value, unit and comparator of a measurement that either has."""
    parts = ("value", "unit", "comparator") if a or b else ()
    return {f"{name}.{part}": equal((a or {}).get(part), (b or {}).get(part)) for part in parts}


def linked(label: Json, predicted: Json, a: Json, b: Json, field: str, where: str) -> bool:
    """Links: as many, and each leads to a record that one of the other's links leads to."""

    def targets(report: Json, record: Json) -> list[Json]:
        ids = record.get(field) or []
        return [each for one in ([ids] if isinstance(ids, str) else ids) for each in report[where] if each["id"] == one]

    wanted, found = targets(label, a), targets(predicted, b)
    return len(wanted) == len(found) and all(any(statement_similarity(x, y) for y in found) for x in wanted)


def fields(label: Json, predicted: Json) -> dict[str, tuple[int, int]]:
    """By ``kind.field``: right, of all pairs that the field says something in; exact or by words, as the contract has it."""
    counts: dict[str, tuple[int, int]] = {}
    for kind in KINDS:
        ours, theirs = records(label, kind), records(predicted, kind)
        required, pairs = paired(ours, theirs, BY_KIND.get(kind, statement_similarity))
        for a, b in ((ours[i], theirs[j]) for i, j in pairs if i in required):
            checks = {name: alike(a.get(name), b.get(name)) for name in WORDS[kind]}
            checks |= {name: equal(a.get(name), b.get(name)) for name in EXACT.get(kind, ())}
            if kind in LINKS:
                checks[LINKS[kind][0]] = linked(label, predicted, a, b, *LINKS[kind])
            if kind in METRIC_KINDS:
                for slot in SLOTS:
                    checks |= measured(slot, a.get(slot), b.get(slot))
            x, y = a.get("change"), b.get("change")
            if x or y:
                x, y = x or {}, y or {}
                checks |= {f"change.{name}": equal(x.get(name), y.get(name)) for name in ("direction", "percent")}
                checks |= {f"change.{name}": alike(x.get(name), y.get(name)) for name in ("basis", "reason")}
                checks |= measured("change.amount", x.get("amount"), y.get("amount"))
            for name, right in checks.items():
                before = counts.get(f"{kind}.{name}", (0, 0))
                counts[f"{kind}.{name}"] = (before[0] + right, before[1] + 1)
    return counts
