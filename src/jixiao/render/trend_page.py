"""A trend as one self-contained page (趋势页): the chart, the values with their places, the names taken and not taken.

Everything from a report is escaped; the page has no script and asks nothing from the network.
"""

import base64

from jixiao.dataset.trend import Trend
from jixiao.errors import MissingExtra
from jixiao.render.template import self_contained
from jixiao.render.trend_chart import trend_picture
from jixiao.render.trend_words import HEAD, trend_rows


def render_trend(trend: Trend) -> str:
    """The page; without a chart where matplotlib is not installed."""
    try:
        picture = base64.b64encode(trend_picture(trend, "png")).decode()
    except MissingExtra:
        picture = ""
    rows = [["" if value is None else value for value in row] for row in trend_rows(trend)]
    return self_contained("trend", trend=trend, picture=picture, head=HEAD, rows=rows)
