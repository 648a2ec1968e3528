"""A summary as one self-contained page (执行摘要页): each sentence opens its source at the spot.

Everything from a report is escaped, and the page asks nothing from the network.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from jixiao.render.charts import chart_picture
from jixiao.render.pieces import Mark, Piece, cut
from jixiao.render.summary_words import ATTAINED, last_words
from jixiao.render.template import self_contained
from jixiao.summary import Cited, Summary


@dataclass(frozen=True, slots=True)
class Source:
    """A report's text on the page, the cited places marked."""

    id: str
    name: str
    pieces: tuple[Piece, ...]


def render_summary(summary: Summary, texts: Mapping[str, str]) -> str:
    """The page; ``texts`` holds each report's text by its sha256."""
    numbered: dict[int, list[Cited]] = {}
    sentences = []
    for section in summary.sections:
        lines = []
        for sentence in section.sentences:
            numbered[len(numbered) + 1] = sentence.cites
            lines.append((len(numbered), sentence.text))
        sentences.append((section.heading, lines))
    rows = []
    for row in summary.indicators:
        numbered[len(numbered) + 1] = [row.cite]
        rows.append((len(numbered), row.name, row.target, row.actual, ATTAINED[row.attained]))
    charts = [(chart, base64.b64encode(picture).decode()) for chart in summary.charts if (picture := chart_picture(chart))]
    names = {cited.sha256: cited.report for cites in numbered.values() for cited in cites}
    sources = [
        Source(f"s{at}", name, tuple(cut(texts[digest], _marks(numbered, digest))))
        for at, (digest, name) in enumerate(names.items(), 1)
    ]
    return self_contained(
        "summary", summary=summary, sections=sentences, rows=rows, charts=charts, sources=sources, said=last_words(summary)
    )


def _marks(numbered: Mapping[int, list[Cited]], digest: str) -> list[Mark]:
    return [
        Mark(f"n{number}", "cited", cited.place.start, cited.place.end)
        for number, cites in numbered.items()
        for cited in cites
        if cited.sha256 == digest
    ]
