"""What a searcher says of numbers and years → conditions (条件): ``actual >= 1亿元``, ``得分 < 80``, ``2021..2023``. Pure.

Quantities are read as in reports and compared in base units: 1亿元 is 100,000,000 元, and no number of 人次.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from jixiao.errors import BadQuery
from jixiao.quantities import find_quantities, plain_number
from jixiao.records import base_measure

Field = Literal["target", "actual", "previous", "change", "weight", "score", "self_score"]
"""What can be compared: 目标值, 实际完成值, 上年值, 增减, 分值, 得分, and the report's 自评得分."""

Operator = Literal[">=", "<=", ">", "<", "=", "!="]

_FIELDS: dict[str, Field] = {
    **{field: field for field in get_args(Field)},
    **dict.fromkeys("目标 目标值 指标值 预算 预算数".split(), "target"),
    **dict.fromkeys("实际 实际值 完成 完成值 实际完成 实际完成值 决算 决算数".split(), "actual"),
    **dict.fromkeys("上年 上年值 去年".split(), "previous"),
    **dict.fromkeys("增减 变化 增减率 增减额".split(), "change"),
    **dict.fromkeys("分值 权重".split(), "weight"),
    **dict.fromkeys("得分 评分".split(), "score"),
    **dict.fromkeys("自评 自评得分 自评分".split(), "self_score"),
}
_OPERATORS: dict[str, Operator] = {
    **{operator: operator for operator in get_args(Operator)},
    **dict.fromkeys("≥ ≧ ⩾ =>".split(), ">="),
    **dict.fromkeys("≤ ≦ ⩽ =<".split(), "<="),
    **dict.fromkeys("==".split(), "="),
    **dict.fromkeys("≠ <>".split(), "!="),
}
_SIGNS = "<>=!≥≧⩾≤≦⩽≠＜＞＝！"
_FORM = re.compile(rf"\s*(?P<field>[^\s{_SIGNS}]+)\s*(?P<operator>[{_SIGNS}]+)\s*(?P<quantity>[^{_SIGNS}]*?)\s*")
_POINTS: frozenset[Field] = frozenset({"weight", "score", "self_score"})
_YEARS = re.compile(r"\s*(?:(?P<only>\d{4})|(?P<first>\d{4})?\s*\.\.\s*(?P<last>\d{4})?)\s*")


@dataclass(frozen=True, slots=True)
class Condition:
    """A number compared (数值条件), in base units. A ``unit`` of ``None`` asks for no unit in particular."""

    field: Field
    operator: Operator
    value: Decimal
    unit: str | None


@dataclass(frozen=True, slots=True)
class Years:
    """Years from the first to the last (年度范围), both in it; ``None`` is open."""

    first: int | None
    last: int | None

    def has(self, year: int) -> bool:
        """Whether the year is one of them."""
        return (self.first is None or self.first <= year) and (self.last is None or year <= self.last)


def parse_condition(words: str) -> Condition:
    """``actual >= 1亿元`` read: a field, English or Chinese, an operator, a quantity.

    A decrease is a negative change: ``change <= -20%`` asks for what fell by a fifth or more.

    Raises:
        BadQuery: it has not this form; the sentence says which part is wrong and what can stand there.
    """
    form = _FORM.fullmatch(words)
    if form is None:
        raise BadQuery(f"“{_short(words)}” is no condition: write a field, an operator and a number, such as “actual >= 1亿元”.")
    field, operator = _FIELDS.get(form["field"].lower()), _OPERATORS.get(unicodedata.normalize("NFKC", form["operator"]))
    if field is None:
        raise BadQuery(f"“{_short(words)}”: there is no field “{_short(form['field'])}”; it can be {', '.join(get_args(Field))}.")
    if operator is None:
        raise BadQuery(
            f"“{_short(words)}”: “{form['operator'][:8]}” compares nothing; write one of {' '.join(get_args(Operator))}."
        )
    value, unit = _quantity(words, form["quantity"])
    if field in _POINTS:
        if unit not in (None, "分"):
            raise BadQuery(f"“{_short(words)}”: {field} is in points; write a number alone, such as “{field} >= 90”.")
        unit = None
    if field == "change" and unit is None:
        raise BadQuery(
            f"“{_short(words)}”: a change by how much of what? Write its unit, such as “change >= 10%” or “change >= 50万元”."
        )
    return Condition(field, operator, value, unit)


def _quantity(words: str, quantity: str) -> tuple[Decimal, str | None]:
    """The value and unit of a quantity, in base units."""
    if number := plain_number(quantity):
        return number[0], None
    found = find_quantities(quantity)
    if len(found) == 1 and found[0].raw == quantity and found[0].comparator == "eq":
        value, unit = base_measure(found[0].value, found[0].unit)
        if value is not None:
            return value, unit
    raise BadQuery(
        f"“{_short(words)}”: “{_short(quantity)}” is no number to compare with; write one such as 1亿元, 95% or 3.2万人次."
    )


def parse_years(words: str) -> Years:
    """``2023``, ``2021..2023``, ``2021..`` or ``..2022`` read.

    Raises:
        BadQuery: it is none of these, or ends before it begins.
    """
    form = _YEARS.fullmatch(unicodedata.normalize("NFKC", words))
    if form is None or not any(form.groups()):
        raise BadQuery(f"“{_short(words)}” is no year: write 2023, 2021..2023, 2021.. or ..2023.")
    first, last = (int(year) if year else None for year in (form["only"] or form["first"], form["only"] or form["last"]))
    if first is not None and last is not None and first > last:
        raise BadQuery(f"“{_short(words)}” ends before it begins: write {last}..{first}.")
    return Years(first, last)


def _short(words: str) -> str:
    return words if len(words) <= 40 else words[:39] + "…"
