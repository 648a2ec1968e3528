"""A trend → a picture (趋势图): lines over the years, or bars where there is one year; a panel for each unit. By matplotlib."""

from collections import defaultdict
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from jixiao.dataset.trend import Series, Trend
from jixiao.errors import MissingExtra
from jixiao.render.card import plain_words
from jixiao.render.charts import COLOUR, STYLE
from jixiao.render.trend_words import number_words, readable_unit, series_name

if TYPE_CHECKING:
    from decimal import Decimal

_MOST_LINES = 10
_MOST_BARS = 30
_MOST_PANELS = 6


def trend_picture(trend: Trend, format: Literal["png", "svg"]) -> bytes:
    """The picture; 上年 values are hollow.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ModuleNotFoundError as exc:
        raise MissingExtra("drawing a chart", "charts") from exc
    panels = sorted(_panels(trend).items(), key=lambda panel: -len(panel[1]))[:_MOST_PANELS]
    heights = [_height(series) for _, series in panels]
    with rc_context({**STYLE, "svg.hashsalt": "jixiao"}):
        figure = Figure(figsize=(9, sum(heights)), layout="constrained")
        grid = figure.subplots(len(panels), squeeze=False, height_ratios=heights)
        for (axes,), (unit, series) in zip(grid, panels, strict=True):
            scaled = max((readable_unit(each) for each in series), key=lambda each: each[1])
            (_lines if _has_years(series) else _bars)(axes, series, scaled[1])
            left_out = max(0, len(series) - (_MOST_LINES if _has_years(series) else _MOST_BARS))
            title = f"{trend.metric}（{scaled[0] or unit or '无单位'}）{f'，另有{left_out}条未画' if left_out else ''}"
            axes.set_title(_words(title, 60), fontsize=12)
            axes.spines[["top", "right"]].set_visible(False)
        file = BytesIO()
        metadata = {"Software": None} if format == "png" else {"Date": None, "Creator": None}
        figure.savefig(file, format=format, dpi=160, metadata=metadata)
    return file.getvalue()


def _panels(trend: Trend) -> dict[str, list[Series]]:
    panels: dict[str, list[Series]] = defaultdict(list)
    for series in trend.series:
        panels[series.unit or ""].append(series)
    return panels


def _has_years(series: list[Series]) -> bool:
    return len({point.year for each in series for point in each.points}) > 1


def _height(series: list[Series]) -> float:
    return 4.2 if _has_years(series) else 0.32 * min(len(series), _MOST_BARS) + 0.9


def _lines(axes: Any, series: list[Series], scale: "Decimal") -> None:
    drawn = sorted(series, key=lambda each: -len(each.points))[:_MOST_LINES]
    for each in drawn:
        years, values = [point.year for point in each.points], [float(point.value / scale) for point in each.points]
        (line,) = axes.plot(years, values, label=_words(series_name(each), 24), linewidth=1.8)
        for point, value in zip(each.points, values, strict=True):
            fill = "white" if point.is_previous else line.get_color()
            axes.plot([point.year], [value], "o", color=line.get_color(), markersize=5.5, markerfacecolor=fill)
            if len(drawn) <= 3:
                words = number_words(point.value, scale)
                axes.annotate(words, (point.year, value), textcoords="offset points", xytext=(0, 7), ha="center", fontsize=9)
    every = sorted({point.year for each in drawn for point in each.points})
    axes.set_xticks(every, [str(year) for year in every])
    axes.margins(x=0.08, y=0.18)
    if all(point.value >= 0 for each in drawn for point in each.points):
        axes.set_ylim(bottom=max(0, axes.get_ylim()[0]))
    axes.grid(axis="y", color="#e4e8ec")
    axes.set_axisbelow(True)
    axes.legend(fontsize=9, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def _bars(axes: Any, series: list[Series], scale: "Decimal") -> None:
    drawn = sorted(series, key=lambda each: each.points[0].value)[-_MOST_BARS:]
    values = [float(each.points[0].value / scale) for each in drawn]
    fills = ["white" if each.points[0].is_previous else COLOUR for each in drawn]
    bars = axes.barh(range(len(drawn)), values, color=fills, edgecolor=COLOUR, height=0.62)
    axes.set_yticks(range(len(drawn)), [_words(f"{series_name(each)} {each.points[0].year}", 30) for each in drawn])
    axes.bar_label(bars, labels=[number_words(each.points[0].value, scale) for each in drawn], padding=3, fontsize=9)
    axes.margins(x=0.14)


def _words(words: str, most: int) -> str:
    """Words for a picture: short, and no sign of mathematics in them."""
    plain = plain_words(words)
    return (plain if len(plain) <= most else plain[: most - 1] + "…").replace("$", r"\$")
