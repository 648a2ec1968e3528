"""Counts of pairs, misses and false records → precision, recall, F1 and how sure they are.

A table is reports × (pairs, misses, false). Reports are resampled, never records: the records of one report stand or
fall together (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 8 and 13).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

Table = NDArray[Any]
RESAMPLES = 2000
LEAST_REPORTS = 6
"""Fewer say nothing of others: were two engines alike, five reports would all favour the same one in 1 of 16 cases."""
_SEED = 7


def precision_of(table: Table) -> float:
    """Pairs ÷ predictions over all reports (micro); 1 where nothing was predicted."""
    pairs, _, false = table.sum(axis=0)
    return float(pairs / (pairs + false)) if pairs + false else 1.0


def recall_of(table: Table) -> float:
    """Pairs ÷ labels over all reports (micro); 1 where nothing was labelled."""
    pairs, misses, _ = table.sum(axis=0)
    return float(pairs / (pairs + misses)) if pairs + misses else 1.0


def micro_f1(table: Table) -> float:
    """F1 over all reports together; 1 where there was nothing to find and nothing was found."""
    return float(_f1(table.sum(axis=0)))


def macro_f1(table: Table) -> float | None:
    """The mean of the reports' own F1, over those that have anything of the kind; ``None`` where none has."""
    busy = table[table.sum(axis=1) > 0]
    return float(_f1(busy).mean()) if len(busy) else None


def _f1(counts: Table) -> Table:
    pairs, misses, false = np.moveaxis(counts, -1, 0)
    total = 2 * pairs + misses + false
    scores: Table = np.where(total > 0, 2 * pairs / np.maximum(total, 1), 1.0)
    return scores


def f1_interval(table: Table) -> tuple[float, float] | None:
    """The bootstrap 95 % interval of the micro F1; ``None`` for fewer than two reports, which say nothing of others."""
    return _interval(len(table), lambda chosen: _f1(table[chosen].sum(axis=-2)))


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the second engine's micro F1 lies above the first's on the same reports."""

    value: float
    interval: tuple[float, float] | None
    reports: int

    @property
    def is_enough(self) -> bool:
        """Whether there are reports enough to call a difference one."""
        return self.reports >= LEAST_REPORTS

    @property
    def is_shown(self) -> bool:
        """Whether the paired bootstrap supports a difference: its 95 % interval leaves zero out, over reports enough."""
        return self.is_enough and self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


def f1_difference(first: Table, second: Table) -> Difference:
    """The paired difference of two engines' micro F1; row by row the tables are of the same reports."""
    interval = _interval(len(first), lambda chosen: _f1(second[chosen].sum(axis=-2)) - _f1(first[chosen].sum(axis=-2)))
    return Difference(micro_f1(second) - micro_f1(first), interval, len(first))


def _interval(reports: int, statistic: Any) -> tuple[float, float] | None:
    if reports < 2:
        return None
    result = bootstrap(
        (np.arange(reports),),
        lambda chosen, axis: statistic(chosen),  # reports are chosen along the last axis
        n_resamples=RESAMPLES,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(_SEED),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)
