"""A summary as a Word file in official form (执行摘要): run-in headings, footnotes to each sentence, a table, charts."""

from jixiao.render.charts import chart_picture
from jixiao.render.official import OfficialPaper
from jixiao.render.summary_words import last_words
from jixiao.summary import IndicatorRow, Summary
from jixiao.summary.length import LINE, OUTCOME_WIDTHS, TABLE_SIZE, note_words, row_words, rows_note

_WIDTHS = (35, 17, 18, 8)
_MARKS = {True: "✓", False: "✗", None: "—"}
_ORDINALS = "一二三四五六七八九十"


def summary_letter(summary: Summary) -> bytes:
    """The file's bytes."""
    paper = OfficialPaper(line=LINE)
    reports = list(dict.fromkeys(cited.report for sentence in summary.sentences for cited in sentence.cites))
    several = len(reports) > 1
    paper.title(summary.title, f"（{summary.under}）")
    tabled = not summary.indicators
    opening = f"{'' if several else '、'.join(reports)} 记录号@字符位置。{last_words(summary)}"
    written = [section for section in summary.sections if any(not sentence.topic for sentence in section.sentences)]
    for number, section in enumerate(written):
        pieces = [(sentence.text, note_words(sentence, named=several)) for sentence in section.sentences if not sentence.topic]
        if number == 0 and pieces:
            pieces[0] = (pieces[0][0], f"{pieces[0][1]}（{opening.strip()}）")
        paper.text(pieces, lead=f"{_ORDINALS[number]}、{section.heading}。")
    _outcomes(paper, summary, named=several)
    if not tabled:
        _table(paper, summary)
    for chart in summary.charts:
        if picture := chart_picture(chart):
            paper.picture(picture, 125)
    return paper.save()


def _outcomes(paper: OfficialPaper, summary: Summary, *, named: bool) -> None:
    """The sentences that have a topic, each a row: what it is about, and the rest."""
    sentences = [sentence for sentence in summary.sentences if sentence.topic]
    rows = [row_words(sentence) for sentence in sentences]
    note = rows_note([cited for sentence in sentences for cited in sentence.cites], named=named)
    if rows:
        paper.table([("事项", "情况"), *rows], OUTCOME_WIDTHS, size=TABLE_SIZE, note=note)


def _table(paper: OfficialPaper, summary: Summary) -> None:
    """Two indicators a row, to save room."""
    rows = summary.indicators
    half = (len(rows) + 1) // 2
    head = ("关键指标", "目标", "实际", "成")
    body = [(*_cells(rows[at]), *(_cells(rows[half + at]) if half + at < len(rows) else ("", "", "", ""))) for at in range(half)]
    note = note_words_of(rows)
    paper.table([head * 2, *body], _WIDTHS * 2, size=TABLE_SIZE, note=note)


def _cells(row: IndicatorRow) -> tuple[str, str, str, str]:
    return row.name, row.target, row.actual, _MARKS[row.attained]


def note_words_of(rows: list[IndicatorRow]) -> str:
    """The table's footnote: the records of its rows, in order."""
    reports = dict.fromkeys(row.cite.report for row in rows)
    places = "、".join(row.cite.record_id for row in rows)
    return f"{'、'.join(reports) + ' ' if len(reports) > 1 else ''}自评表：{places}"
