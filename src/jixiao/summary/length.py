"""A summary → one that fits its pages (篇幅): what matters least is left out first, and counted.

The measure is the Word file's: A4 in official form, lines of 28 characters, footnotes and a table in small type. Other
formats say the same words.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from math import ceil

from jixiao.summary.parts import Cited, IndicatorRow, Sentence, Summary

LINE = 24.0
"""The line spacing of the text, in points."""
_PAGE = 626.0  # points between the margins of 37 and 35 mm, less a little
_PER_LINE = 27.2  # characters in 三号 between the margins
_NOTE_PER_LINE = 56.0
_NOTE_LINE = 9.0
TABLE_SIZE = 8.5
"""The type of tables, in points: 小五 and a little less."""
OUTCOME_WIDTHS = (20, 136)
"""The columns of the table of outcomes, in millimetres."""
_PER_ROW_LINE = 43.5  # characters of a table's type in its wide column
_PER_TOPIC_LINE = 6.0
_ROW = 12.0
_TITLE = 34.0


_BEFORE_ROWS = 4  # sentences of this rank or before come before the rest of the table


def fit(summary: Summary, pages: int) -> Summary:
    """The summary within so many pages: sentences are taken in by rank while there is room, then rows of the table."""
    room = _PAGE * pages
    ranked = sorted(
        (sentence.rank, at, number)
        for at, section in enumerate(summary.sections)
        for number, sentence in enumerate(section.sentences)
    )
    first = sum(row.attained is False or "满意" in row.name for row in summary.indicators)
    rows = min(len(summary.indicators), max(4, first), 8 * pages)
    chosen = {(at, number) for rank, at, number in ranked if rank == 0}
    for last in (_BEFORE_ROWS, max(rank for rank, _, _ in ranked)) if ranked else ():
        for rank, at, number in ranked:
            if 0 < rank <= last and _height(summary, _chosen(summary, chosen | {(at, number)}), rows) <= room:
                chosen.add((at, number))
        while rows < len(summary.indicators) and _height(summary, _chosen(summary, chosen), rows + 2) <= room:
            rows += 2
    sections = [
        section.model_copy(update={"sentences": kept})
        for section, kept in zip(summary.sections, _chosen(summary, chosen), strict=True)
        if kept
    ]
    return summary.model_copy(
        update={"sections": sections, "indicators": summary.indicators[:rows], "left_out": len(ranked) - len(chosen)}
    )


def _chosen(summary: Summary, chosen: set[tuple[int, int]]) -> list[list[Sentence]]:
    return [
        [sentence for number, sentence in enumerate(section.sentences) if (at, number) in chosen]
        for at, section in enumerate(summary.sections)
    ]


_PLACES = 9


def note_words(sentence: Sentence, *, named: bool = True) -> str:
    """A sentence's footnote: its records and their places, and the report where it is not named otherwise."""
    by_report: dict[str, list[str]] = {}
    if "之和" in sentence.text:  # all terms of a sum, by their names alone
        terms = [f"@{cited.place.start}" if cited.record_id == "report" else cited.record_id for cited in sentence.cites]
        names = "、".join(dict.fromkeys(terms))
        return f"{sentence.cites[0].report + ' ' if named else ''}{names}"
    for cited in sentence.cites:
        name = "" if cited.record_id == "report" else cited.record_id
        by_report.setdefault(cited.report, []).append(f"{name}@{cited.place.start}")
    return "；".join(
        f"{report + ' ' if named else ''}{'、'.join(places[:_PLACES])}{f'等{len(places)}处' if len(places) > _PLACES else ''}"
        for report, places in by_report.items()
    )


def row_words(sentence: Sentence) -> tuple[str, str]:
    """A sentence as a row: what it is about (目标一, 主要问题), and what it says of it."""
    rest = re.sub(rf"^(?:{re.escape(sentence.topic)}|[^：，。；\d]{{2,8}})：", "", sentence.text)
    return sentence.topic, rest


def _row_lines(sentence: Sentence) -> int:
    """How many lines a sentence takes as a row."""
    topic, rest = row_words(sentence)
    return max(ceil(_width(topic) / _PER_TOPIC_LINE), ceil(_width(rest) / _PER_ROW_LINE))


def rows_note(cites: Sequence[Cited], *, named: bool) -> str:
    """The footnote of a table of outcomes: the records of its rows, in order."""
    by_report: dict[str, list[str]] = {}
    for cited in cites:
        name = f"@{cited.place.start}" if cited.record_id == "report" else cited.record_id
        by_report.setdefault(cited.report, []).append(name)
    return "；".join(f"{report + ' ' if named else ''}{' '.join(dict.fromkeys(names))}" for report, names in by_report.items())


def _lines(row: IndicatorRow) -> int:
    """How many lines a row of the table takes, by its widest cell."""
    return max(ceil(_width(row.name) / 10.6), ceil(_width(row.target) / 4.3), ceil(_width(row.actual) / 4.4))


@lru_cache(4096)
def _width(words: str) -> float:
    """The width of words in Chinese characters; a digit is about half of one."""
    return sum(0.52 if character < "\u2000" else 1.0 for character in words)


def _height(summary: Summary, sections: list[list[Sentence]], rows: int) -> float:
    height = _TITLE + LINE * ceil((_width(summary.under) + 2) / 31)
    tabled = [sentence for sentences in sections for sentence in sentences if sentence.topic]
    for section, chosen in zip(summary.sections, sections, strict=True):
        sentences = [sentence for sentence in chosen if not sentence.topic]
        if not sentences:
            continue
        words = sum(_width(sentence.text) for sentence in sentences) + len(section.heading) + 4
        height += ceil((words + 2) / _PER_LINE) * LINE
        height += (
            sum(ceil((_width(note_words(sentence, named=bool(summary.charts))) + 2) / _NOTE_PER_LINE) for sentence in sentences)
            * _NOTE_LINE
        )
    if tabled:
        cites = [cited for sentence in tabled for cited in sentence.cites]
        note = rows_note(cites, named=bool(summary.charts))
        height += sum(_row_lines(sentence) for sentence in tabled) * _ROW
        height += _ROW + ceil(_width(note) / _NOTE_PER_LINE) * _NOTE_LINE
    if rows:
        shown = summary.indicators[:rows]
        half = (len(shown) + 1) // 2
        lines = [max(_lines(row) for row in shown[at::half]) for at in range(half)]
        height += (sum(lines) + 1) * _ROW + ceil((3.2 * len(shown) + 6) / _NOTE_PER_LINE) * _NOTE_LINE
    height += len(summary.charts) * 215
    return height
