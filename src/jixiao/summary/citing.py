"""Records → citations (出处), and the words in which a record states its numbers."""

import re

from jixiao.audit import Case
from jixiao.audit.across import place_in
from jixiao.records import Evidence, Measurement, Metric
from jixiao.summary.parts import Cited

REPORT = "report"
"""The id under which a report's own facts are cited."""


def cite(case: Case, record_id: str, evidence: Evidence | None = None) -> Cited:
    """A citation of a record at its place."""
    found = evidence or case.records[record_id].evidence[0]
    return Cited(report=case.label, sha256=case.report.sha256, record_id=record_id, place=place_in(case, found))


def cite_report(case: Case, words: str | None) -> Cited:
    """A citation of the report's own facts, where its text states them: the score, else the title."""
    text = case.text
    at = -1
    if words:
        for match in re.finditer(rf"(?<![\d.]){re.escape(words)}(?![\d])", text):
            if re.search(r"得分|自评|评为|总分", text[max(0, match.start() - 40) : match.start()]):
                at = match.start()
                break
    if at < 0:
        title = case.report.title or ""
        at, words = (text.find(title), title) if title and title in text else (0, text[:30])
    start = max(text.rfind(mark, 0, at) for mark in "，。；\n") + 1 if words and words[0].isdigit() else at
    end = at + len(words or "")
    return cite(case, REPORT, Evidence(start=start, end=end, quote=text[start:end]))


def _tidy(words: str) -> str:
    """Words without blanks, digits narrow, and thousands parted by a narrow comma: 1，186.72 is 1,186.72."""
    return re.sub(r"(?<=\d)，(?=\d{3}(?!\d))", ",", re.sub(r"\s+", "", words).translate(_NARROW))


def value_words(measured: Measurement) -> str:
    """A value as a reader should see it: as written, and a garbled number put right."""
    if measured.value is None or not measured.repaired:
        return _tidy(measured.raw)
    grouped = "," in measured.raw or "，" in measured.raw
    number = f"{measured.value:,f}" if grouped else f"{measured.value:f}"
    return f"{number}{measured.unit or ''}"


_LEAD = re.compile(
    r"^(?:[，,；;。、：:\s]|其中|同时|此外|另外?(?!有)|先后|至今|截至目前|今年|本年|目前|已经?(?=建|完)|[一二三四五六七八九]是|\d[.、．]|（[一二三四五六七八九]）)+"
)


def clause_of(case: Case, metric: Metric) -> str:
    """The clause that states a figure, on one line and with its numbers put right."""
    quote = re.sub(r"(?<=[\u4e00-\u9fff，、\d.])\s+|\s+(?=[\u4e00-\u9fff，、\d])", "", metric.evidence[0].quote)
    for measured in (metric.target, metric.actual, metric.previous):
        if measured is not None and measured.repaired:
            quote = quote.replace(re.sub(r"\s+", "", measured.raw), value_words(measured))
    return _LEAD.sub("", re.sub(r"(?<=\d)，(?=\d{3}(?!\d))", ",", quote.translate(_NARROW))).rstrip("，。；、：:")


_NARROW = str.maketrans("０１２３４５６７８９．％", "0123456789.%")
_UP = {"increase": ("增加", "增长"), "decrease": ("减少", "下降")}


def change_words(metric: Metric) -> str:
    """How a figure changed: ，比上年增加104.75万元、增长27.79%; nothing where it did not."""
    change = metric.change
    if change is None:
        return ""
    basis = change.basis or "上年"
    if change.direction == "flat":
        return f"，与{basis}持平"
    if change.percent == 100 and change.amount is None and change.direction == "increase":
        return f"，比{basis}翻一番"
    more, grown = _UP[change.direction]
    parts = []
    if change.amount is not None:
        raised = "提高" if change.direction == "increase" else "下降"
        points = "百分点" in (change.amount.unit or "")
        parts.append(f"{raised if points else more}{value_words(change.amount)}")
    if change.percent is not None:
        parts.append(f"{grown}{change.percent:f}%")
    return f"，比{basis}{'、'.join(parts)}" if parts else ""
