"""A summary as Markdown (执行摘要): a footnote for each sentence, a table of key indicators.

The footnotes name the report, the records and their places, so that a reader, or a program, can go back to each.
"""

import re

from jixiao.summary import Cited, Sentence, Summary

ATTAINED = {True: "达成", False: "未达成", None: "—"}


def summary_words(summary: Summary) -> str:
    """The summary as Markdown; words of a report cannot become markup."""
    notes: list[str] = []
    lines = [f"# {escaped(summary.title)}", "", f"{escaped(summary.under)}", ""]
    for section in summary.sections:
        lines += [f"## {section.heading}", "", "".join(_noted(sentence, notes) for sentence in section.sentences), ""]
        if section.heading == "目标及完成情况":
            lines += _table(summary, notes)
    if summary.indicators and not any(section.heading == "目标及完成情况" for section in summary.sections):
        lines += _table(summary, notes)
    for chart in summary.charts:
        lines += [f"## {chart.title}（{chart.unit}）", "", *(f"- {escaped(name)}：{value}" for name, value in chart.bars), ""]
        notes.append(cites_words(chart.cites))
        lines[-2] += f"[^{len(notes)}]"
    if said := last_words(summary):
        lines += [said, ""]
    return "\n".join([*lines, *(f"[^{number}]: {note}" for number, note in enumerate(notes, 1))]) + "\n"


def last_words(summary: Summary) -> str:
    """What the file says of its own making."""
    left = f"限于篇幅，略去{summary.left_out}句。" if summary.left_out else ""
    return f"{summary.notice}{left}"


def _noted(sentence: Sentence, notes: list[str]) -> str:
    notes.append(cites_words(sentence.cites))
    return f"{escaped(sentence.text)}[^{len(notes)}]"


def cites_words(cites: list[Cited]) -> str:
    """All citations of a sentence: report, record, place, one after the other."""
    return escaped("；".join(f"{cited.report} {cited.record_id}@{cited.place.start}-{cited.place.end}" for cited in cites))


def _table(summary: Summary, notes: list[str]) -> list[str]:
    if not summary.indicators:
        return []
    lines = ["| 关键指标 | 目标 | 实际 | 达成 |", "| --- | --- | --- | --- |"]
    for row in summary.indicators:
        notes.append(cites_words([row.cite]))
        lines.append(
            f"| {escaped(row.name)} | {escaped(row.target)} | {escaped(row.actual)} | {ATTAINED[row.attained]}[^{len(notes)}] |"
        )
    return [*lines, ""]


def escaped(words: str) -> str:
    """Words that Markdown takes as they are."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", re.sub(r"\s+", " ", words))
