"""Numbers by name → a picture of bars (图), by matplotlib where the extra ``charts`` is installed."""

from io import BytesIO
from typing import Any

from jixiao.summary import Chart

_FONTS = "Noto Sans CJK SC,Source Han Sans SC,Microsoft YaHei,PingFang SC,SimHei,WenQuanYi Zen Hei,DejaVu Sans".split(",")
STYLE: dict[Any, Any] = {
    "font.sans-serif": _FONTS,
    "font.family": "sans-serif",
    "axes.unicode_minus": False,
    "svg.fonttype": "path",
}
"""matplotlib's settings for Chinese words."""
COLOUR = "#0b6bb5"


def chart_picture(chart: Chart) -> bytes | None:
    """The chart as PNG; ``None`` where matplotlib is not installed."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        return None
    with rc_context(STYLE):
        figure = Figure(figsize=(6.4, 0.32 * len(chart.bars) + 0.8), layout="constrained")
        axes = figure.add_subplot()
        names, values = [name for name, _ in reversed(chart.bars)], [float(value) for _, value in reversed(chart.bars)]
        drawn = axes.barh(range(len(names)), values, color=COLOUR, height=0.62)
        axes.set_yticks(range(len(names)), names)
        axes.bar_label(drawn, labels=[value for _, value in reversed(chart.bars)], padding=3, fontsize=9)
        axes.set_title(f"{chart.title}（{chart.unit}）", fontsize=11)
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.14)
        file = BytesIO()
        figure.savefig(file, format="png", dpi=160, metadata={"Software": None})
    return file.getvalue()
