"""Stated numbers → intervals (舍入区间): what a written figure can stand for, and sums, differences and shares of such.

Rounding is no error: a figure stands for all values within half a unit of its last stated place, in its own unit. A plain
count (330件) is exact. Works in base units (元, %), so that 万元 in one place and 元 in another meet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import NamedTuple

from jixiao.quantities import Quantity
from jixiao.records import Comparator, Measurement, base_measure


class Interval(NamedTuple):
    """All values from ``low`` to ``high``."""

    low: Decimal
    high: Decimal

    def meets(self, other: "Interval") -> bool:
        """Whether a value lies in both."""
        return self.low <= other.high and other.low <= self.high

    @property
    def middle(self) -> Decimal:
        return (self.low + self.high) / 2

    def __add__(self, other: object) -> "Interval":
        assert isinstance(other, Interval)
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Interval") -> "Interval":
        return Interval(self.low - other.high, self.high - other.low)

    def __truediv__(self, other: "Interval") -> "Interval":
        """The quotient, in per cent; both must be positive."""
        with localcontext() as context:
            context.prec = 18
            return Interval(100 * self.low / other.high, 100 * self.high / other.low)


_QUANTA = tuple(Decimal(1).scaleb(-places) for places in range(7))


def decimal_places(value: Decimal) -> int:
    """The decimal places that a number is written with; asked of every number, so not by taking it to pieces."""
    for places, quantum in enumerate(_QUANTA):
        if value.same_quantum(quantum):
            return places
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


_RATES = ("%", "个百分点", "百分点", "‰")


@dataclass(slots=True)
class Stated:
    """A number that the report states (写明的数), with all that a reckoning needs to know of it."""

    name: str
    value: Decimal
    """In base units."""
    half: Decimal
    """Half a unit in the last stated place, in base units; 0 for a count."""
    unit: str | None
    """The base unit."""
    raw: str
    scale: Decimal
    """Base units in one of the unit as stated: 10000 for 万元."""
    shown_unit: str
    start: int
    end: int
    interval: Interval
    """All that the figure can stand for."""
    places: int
    """The decimal places that it is stated with."""
    record_id: str | None = None
    comparator: Comparator = "eq"
    repaired: bool = False
    in_table: bool = False
    project: str | None = None
    section: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the words state the number itself, and not only a bound of it (近300万元)."""
        return self.comparator == "eq"

    @property
    def number(self) -> str:
        """The number in the unit as stated, without the unit."""
        return _with_places(self.value / self.scale, self.places)

    @property
    def words(self) -> str:
        return f"{self.number}{self.shown_unit}"


def stated(
    measured: Measurement | Quantity,
    name: str,
    start: int,
    end: int,
    *,
    record_id: str | None = None,
    in_table: bool = False,
    project: str | None = None,
    section: tuple[str, ...] = (),
    coarse: bool = False,
) -> Stated | None:
    """The number in a measurement; ``None`` where its words hold none. ``coarse``: a share in tenths (五成)."""
    value, unit = measured.value, measured.unit
    base_value, base_unit = base_measure(value, unit)
    if value is None or base_value is None:
        return None
    places = decimal_places(value)
    scale, half = _precision(unit, places)
    if coarse and unit == "%":
        half = Decimal(5)
    return Stated(
        name,
        base_value,
        half,
        base_unit,
        measured.raw,
        scale,
        unit or "",
        start,
        end,
        Interval(base_value - half, base_value + half) if half else Interval(base_value, base_value),
        places,
        record_id,
        measured.comparator,
        measured.repaired,
        in_table,
        project,
        section,
    )


@lru_cache(maxsize=1024)
def _precision(unit: str | None, places: int) -> tuple[Decimal, Decimal]:
    """Base units in one of the unit, and half a unit in the last place, in base units; 0 for a count."""
    scale = base_measure(Decimal(1), unit)[0] or Decimal(1)
    counted = places == 0 and (unit is None or (scale == 1 and unit not in _RATES and not unit.endswith("元")))
    return scale, Decimal(0) if counted else Decimal(5).scaleb(-places - 1) * scale


def total(parts: Iterable[Stated]) -> Interval:
    """The sum of the parts."""
    low = high = Decimal(0)
    for part in parts:
        low, high = low + part.interval.low, high + part.interval.high
    return Interval(low, high)


def shown(value: Decimal, places: int | None = None) -> str:
    """A number as a reviewer writes it: no exponent, no idle zeros, percentages with at most ``places``."""
    if places is not None:
        value = round(value, places)
    words = format(value, "f")
    return words.rstrip("0").rstrip(".") if "." in words else words


def in_unit_of(value: Decimal, figure: Stated) -> str:
    """A value in base units, shown in the unit of ``figure`` with no more places than reckoning gives it."""
    number = value / figure.scale
    if number == round(number, figure.places):
        return _with_places(number, figure.places)
    return shown(number, 4)


def _with_places(number: Decimal, places: int) -> str:
    """A number with the places it was stated with, or more where it needs them."""
    return f"{number:.{places}f}" if number == round(number, places) else shown(number)


def _differ_by_more(one: Decimal, other: Decimal) -> bool:
    """Whether the difference tells at once that more is at odds than a digit (d·10ⁿ) or two that changed places (9d·10ⁿ)."""
    gap = abs(abs(one) - abs(other))
    if not gap:
        return False
    tens = gap.scaleb(1 - gap.adjusted())  # from 10 to 99.…: its first two digits
    return tens != (whole := int(tens)) or (whole % 10 != 0 and whole % 9 != 0)


def a_digit_apart(one: Decimal, other: Decimal, places: int = 0, digits: int = 4) -> bool:
    """Whether two numbers of four ``digits`` or more differ in one digit, or in two neighbours that changed places.

    ``places`` are the decimals that they are stated with.
    """
    if _differ_by_more(one, other):
        return False
    first, second = (format(abs(number).normalize(), "f") for number in (one, other))
    width = max(places, *(len(part.partition(".")[2]) for part in (first, second)))
    first, second = (f"{abs(number):.{width}f}".replace(".", "") for number in (one, other))
    if len(first) != len(second) or len(first) < digits:
        return False
    differs = [at for at, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    if len(differs) == 1:
        return True
    return (
        len(differs) == 2
        and differs[1] == differs[0] + 1
        and first[differs[0]] == second[differs[1]]
        and first[differs[1]] == second[differs[0]]
    )


def a_size_apart(one: Interval, other: Interval) -> bool:
    """Whether two amounts have the same digits and differ by their size alone: by ten, a hundred … or ten thousand times."""
    small, large = sorted((one, other))
    return small.low > 0 and any(Interval(small.low * times, small.high * times).meets(large) for times in (10, 100, 1000, 10000))


def a_slip_apart(one: Stated, other: Stated) -> bool:
    """Whether two figures are one but for a slip of the pen: a digit of three or more, or two neighbours of two or more."""
    if _differ_by_more(one.value, other.value):
        return False
    first, second, places = one.value / one.scale, other.value / one.scale, max(one.places, other.places)
    if a_digit_apart(first, second, places, digits=3):
        return True
    return a_digit_apart(first, second, places, digits=2) and sorted(str(first)) == sorted(str(second))
