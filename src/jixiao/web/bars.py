"""Measured values → bars (图条): how far an indicator came towards its target; money of a row by year."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from jixiao.records import Measurement, Metric
from jixiao.render.page import measured_words

_FULL = Decimal("1.25")
"""The longest bar is this many times its target; what is more is cut off there."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Per cent of the space: how long the bar is, where the target stands; and the ratio in words."""

    length: float
    target: float
    ratio: str
    over: bool


def indicator_bar(metric: Metric) -> Bar | None:
    """The indicator's bar; ``None`` where target and actual are no numbers of one unit."""
    target, actual = metric.target, metric.actual
    if target is None or actual is None or not target.base_value or actual.base_value is None:
        return None
    if target.base_unit and actual.base_unit and target.base_unit != actual.base_unit:
        return None
    if target.base_value < 0 or actual.base_value < 0:
        return None
    ratio = actual.base_value / target.base_value
    return Bar(float(min(ratio, _FULL) / _FULL * 100), float(100 / _FULL), f"{ratio:.1%}", ratio > _FULL)


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """A row of money (资金), in 元: last year's, the budget, the outcome; the words of each, and its bar's length in per cent."""

    id: str
    name: str
    category: str
    shown: tuple[tuple[str, str, float], ...]
    """Previous, target, actual: words, value in 万元, per cent of the longest bar."""
    rate: str


def money_rows(metrics: Iterable[Metric]) -> list[MoneyRow]:
    """The budget rows that are money, in their order, measured against the largest of them."""
    rows = [
        metric
        for metric in metrics
        if metric.kind == "budget"
        and any(each is not None and each.base_unit == "元" and each.base_value is not None for each in _three(metric))
    ]
    most = max(
        (abs(each.base_value) for row in rows for each in _three(row) if each is not None and each.base_value is not None),
        default=Decimal(1),
    )
    return [
        MoneyRow(
            row.id,
            row.name,
            " / ".join(row.category),
            tuple(
                (measured_words(each), f"{each.base_value / 10000:,.2f}", float(abs(each.base_value) / most * 100))
                if each is not None and each.base_value is not None and most
                else (measured_words(each), "", 0.0)
                for each in _three(row)
            ),
            _rate(row),
        )
        for row in rows
    ]


def _three(metric: Metric) -> tuple[Measurement | None, Measurement | None, Measurement | None]:
    return metric.previous, metric.target, metric.actual


def _rate(metric: Metric) -> str:
    """The outcome as a share of the budget (执行率)."""
    target, actual = metric.target, metric.actual
    if target is None or actual is None or not target.base_value or actual.base_value is None:
        return ""
    return f"{actual.base_value / target.base_value:.1%}"
