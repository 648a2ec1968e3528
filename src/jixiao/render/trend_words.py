"""A trend → rows (趋势表): each year's value in a readable unit, beside the report's words, the name they stand under and their place."""

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from jixiao.dataset.trend import Point, Series, Source, Trend

HEAD = (
    "地区",
    "部门",
    "项目",
    "年度",
    "数值",
    "单位",
    "原文",
    "目标",
    "达成",
    "指标名称",
    "相似度",
    "报告",
    "记录",
    "出处",
    "备注",
)
_COMPARATORS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "about": "约", "eq": ""}
_ATTAINED = {True: "达成", False: "未达成", None: ""}
_SCALES = (("亿", Decimal(10**8)), ("万", Decimal(10**4)))
_LEAST_COUNT = Decimal(100_000)
"""Counts are told in 万 from here on; money always is, where it reaches it."""


def readable_unit(series: Series) -> tuple[str, Decimal]:
    """The unit in which a series is read easily (元, 万元, 亿元), and how many base units are in it."""
    most: Decimal = max(abs(point.value) for point in series.points)
    unit = series.unit or ""
    if unit != "%" and unit:
        for word, scale in _SCALES:
            if most >= (scale if unit.startswith("元") else max(scale, _LEAST_COUNT)):
                return word + unit, scale
    return unit, Decimal(1)


def number_words(value: Decimal, scale: Decimal) -> str:
    """A value in a unit of so many base units: digits by threes, no more places than it has."""
    words = f"{round(value / scale, 4):,f}"
    return words.rstrip("0").rstrip(".") if "." in words else words


def series_name(series: Series) -> str:
    """What a series is called: the department, with its region where it does not say it, and the project."""
    region = series.region if series.region and series.region not in series.department else ""
    return f"{region or ''}{series.department}{f'·{series.project}' if series.project else ''}"


def trend_rows(trend: Trend) -> list[tuple[Any, ...]]:
    """The rows under ``HEAD``, a row a year."""
    rows = []
    for series in trend.series:
        unit, scale = readable_unit(series)
        for point in series.points:
            source = point.source
            rows.append(
                (
                    series.region,
                    series.department,
                    series.project,
                    point.year,
                    _COMPARATORS[point.comparator] + number_words(point.value, scale),
                    unit,
                    point.words,
                    point.target,
                    _ATTAINED[point.attained],
                    source.name,
                    source.similarity,
                    source.report,
                    source.record_id,
                    place_words(source),
                    note_words(point),
                )
            )
    return rows


def place_words(source: Source) -> str:
    """A place in a few words: its page, its section, and the offset in the text."""
    page = f"第{source.page}页 " if source.page else ""
    section = f"{source.section.rpartition(' / ')[2][:20]} " if source.section else ""
    return f"{page}{section}@{source.start}"


def note_words(point: Point) -> str:
    """What is to be minded of a value: that the next year's report tells it, or that others differ."""
    notes = (
        [f"{point.source.report_year}年报告所列上年数" if point.source.report_year else "下年报告所列上年数"]
        if point.is_previous
        else []
    )
    notes += [f"另有{words}（{source.report} {source.record_id}）" for words, source in point.others]
    return "；".join(notes)


def trend_json(trend: Trend) -> str:
    """The trend as JSON, numbers exact in base units, as decimal strings."""
    return json.dumps(asdict(trend), ensure_ascii=False, indent=2, default=lambda number: format(number, "f")) + "\n"
