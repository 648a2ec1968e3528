"""A summary as a Word file in official form (执行摘要): run-in headings, footnotes to each sentence, a table, charts."""

from jixiao.render.charts import chart_picture
from jixiao.render.official import OfficialPaper
from jixiao.render.summary_words import ATTAINED, last_words
from jixiao.summary import IndicatorRow, Summary
from jixiao.summary.length import LINE, note_words

_WIDTHS = (32, 17, 17, 12)
_ORDINALS = "一二三四五六七八九十"


def summary_letter(summary: Summary) -> bytes:
    """The file's bytes."""
    paper = OfficialPaper(line=LINE)
    reports = list(dict.fromkeys(cited.report for sentence in summary.sentences for cited in sentence.cites))
    several = len(reports) > 1
    paper.title(summary.title, f"（{summary.under}）")
    tabled = not summary.indicators
    for number, section in enumerate(summary.sections):
        pieces = [(sentence.text, note_words(sentence, named=several)) for sentence in section.sentences]
        paper.text(pieces, lead=f"{_ORDINALS[number]}、{section.heading}。")
        if section.heading == "目标及完成情况" and not tabled:
            _table(paper, summary)
            tabled = True
    if not tabled:
        _table(paper, summary)
    for chart in summary.charts:
        if picture := chart_picture(chart):
            paper.picture(picture, 150)
    where = f"出处在{reports[0]}：记录号@字符位置。" if len(reports) == 1 else ""
    if said := f"{where}{last_words(summary)}":
        paper.small(said)
    return paper.save()


def _table(paper: OfficialPaper, summary: Summary) -> None:
    """Two indicators a row, to save room."""
    rows = summary.indicators
    half = (len(rows) + 1) // 2
    head = ("关键指标", "目标", "实际", "达成")
    body = [(*_cells(rows[at]), *(_cells(rows[half + at]) if half + at < len(rows) else ("", "", "", ""))) for at in range(half)]
    note = note_words_of(rows)
    paper.table([head * 2, *body], _WIDTHS * 2, size=9, note=note)


def _cells(row: IndicatorRow) -> tuple[str, str, str, str]:
    return row.name, row.target, row.actual, ATTAINED[row.attained]


def note_words_of(rows: list[IndicatorRow]) -> str:
    """The table's footnote: the records of its rows, in order."""
    reports = dict.fromkeys(row.cite.report for row in rows)
    places = "、".join(f"{row.cite.record_id}@{row.cite.place.start}" for row in rows)
    return f"{'、'.join(reports) + ' ' if len(reports) > 1 else ''}自评表：{places}"
