"""What a summary is made of (执行摘要): sentences that cite records, in sections, and a table of key indicators.

A sentence without records does not exist: what it says must follow from what it cites. ``counted`` are numbers that are no
record's own but count the cited records (达成19项).
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from jixiao.audit.findings import Place

Writer = Literal["composed", "model"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cited(_Part):
    """A record that a sentence rests on (出处): which report's, its id, and where it stands."""

    report: str
    sha256: str
    record_id: str
    """The record's id; ``report`` for the report's own facts (得分, 等级)."""
    place: Place


class Sentence(_Part):
    """A sentence (句) and the records it cites."""

    text: str
    cites: list[Cited] = Field(min_length=1)
    counted: list[str] = []
    """Numbers in it that are counts of what it cites, as it writes them."""
    rank: int = 5
    """How early it may be left out where room is short; 0 is never."""
    writer: Writer = "composed"
    topic: str = ""
    """What it is about (事项), where a page shows it as a row of a table, in the smaller type that tables may have."""


class IndicatorRow(_Part):
    """A key indicator (关键指标): target, actual, and whether it was attained."""

    name: str
    target: str
    actual: str
    attained: bool | None
    cite: Cited


class Section(_Part):
    """A section (节) of the summary."""

    heading: str
    sentences: list[Sentence]


class Chart(_Part):
    """Numbers to be drawn (图): a title, a unit, and bars by name."""

    title: str
    unit: str
    bars: list[tuple[str, str]]
    """A name and a decimal each."""
    cites: list[Cited] = []


class Summary(_Part):
    """An executive summary (执行摘要) of one report, or of a bureau's year."""

    title: str
    under: str
    sections: list[Section]
    indicators: list[IndicatorRow] = []
    charts: list[Chart] = []
    left_out: int = 0
    """Sentences that the length did not allow."""
    notice: str = ""
    """Who wrote it, and what had to be put right."""

    @property
    def sentences(self) -> list[Sentence]:
        return [sentence for section in self.sections for sentence in section.sentences]
