"""Cells of a table (单元格) → a row's name, its figures, and its place: what readings of tables have in common."""

import re
from functools import lru_cache

from jixiao.columns import heading_unit
from jixiao.document import Passage, Span, TableCell
from jixiao.quantities import find_quantities, is_plain_number, plain_number
from jixiao.records import Measurement

MARK = re.compile(
    r"(?:\s*(?:[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}(?:\.\d{1,2})*[、.．](?!\d)|[①-⑮]|其中|按[\u4e00-\u9fff]{2,6}(?:性质|来源)划?分?[:：]|[:：、，,]))+\s*"
)
"""List numbers, 其中 and the like before a row's name."""
_SPANS_OF_TIME = ("日", "天", "小时", "个小时", "工作日", "个工作日", "个月", "分钟")


def is_figure(cell: TableCell) -> bool:
    """Whether the cell holds a figure (数), by its words."""
    return _states_a_figure(cell.words)


@lru_cache(maxsize=4096)
def _states_a_figure(words: str) -> bool:
    """Whether a cell's words are a number, or one quantity and little else."""
    if is_plain_number(words):
        return True
    if len(words) > 24 or not re.match(r"[-－≥≤<>约]?\s*[0-9０-９lO]", words):
        return False
    found = find_quantities(words)
    if len(found) != 1 or found[0].unit in _SPANS_OF_TIME:
        return False
    return found[0].end - found[0].start >= len(words) - 3


def row_name(words: str) -> str:
    """A budget row's name in its cell's words: no list number, 其中, colon or unit."""
    name = MARK.sub("", words, count=1) if MARK.match(words) else words
    name = re.sub(r"^(?:其中[:：]?|[:：、])", "", name).rstrip(":：").strip()
    unit = heading_unit(name)
    return re.sub(r"\s*[（(]\s*(?:单位[:：])?[万亿千]?元\s*[)）]\s*$", "", name) if unit else name


def read_words(words: str, unit: str | None = None) -> Measurement:
    """The measurement that the words state (指标值): a number, unit and comparator, or the words alone.

    ``unit`` is the column's; the words' own unit goes before it. Words with several quantities hold no one value.
    """
    if plain := plain_number(words):
        return Measurement(raw=words, value=plain[0], unit=unit, repaired=plain[1])
    found = find_quantities(words)
    if len(found) != 1:
        return Measurement(raw=words)
    quantity = found[0]
    return Measurement(
        raw=words,
        value=quantity.value,
        unit=quantity.unit or (unit if quantity.value is not None else None),
        comparator=quantity.comparator,
        repaired=quantity.repaired,
    )


def span_between(first: TableCell, last: TableCell) -> Span:
    """From the first character of one cell to the end of another, of which neither is empty."""
    return Span(first.passage.offset(0), _end(last.passage))


def _end(passage: Passage) -> int:
    return passage.span(0, len(passage.words)).end


def row_span(first: TableCell, row: tuple[TableCell, ...]) -> Span:
    """From the name's first character to the end of the row's last cell that is not empty."""
    last = next(cell for cell in reversed(row) if cell.words)
    span = first.passage.span(0, len(first.words))
    return Span(span.start, max(span.end, _end(last.passage)))
