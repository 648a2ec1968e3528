"""Reports (报告): the list of them, and each one's pages — source beside records, indicators, money, findings, summary."""

from collections import Counter
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from jixiao.dataset.deciding import progress_of
from jixiao.dataset.listing import PAGE, list_reports
from jixiao.records import Metric
from jixiao.render.audit_words import SEVERITY_NAMES
from jixiao.render.page import REPORT_TYPES, measured_words
from jixiao.web.bars import MoneyRow, indicator_bar, money_rows
from jixiao.web.cards import NAMES, STATES, VERBS
from jixiao.web.opened import OpenReport, open_report
from jixiao.web.pages import render
from jixiao.web.source_view import SHEAF
from jixiao.web.summary_view import FEW, told_of

_WHOLE = 8
"""Sheaves of the source, and of cards, that come whole with the page."""
_WORDS_OF_CARDS: dict[str, Any] = {"names": NAMES, "states": STATES, "verbs": VERBS}
router = APIRouter()
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/reports")
def list_page(request: Request, q: str = "", year: str = "", page: int = 1) -> Response:
    dataset = request.app.state.dataset
    page = min(max(page, 1), 10**6)
    listed = list_reports(
        dataset, words=q, year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None, page=page
    )
    progress = progress_of(dataset, [each.id for each in listed.reports])
    return render(
        request,
        "reports",
        listed=listed,
        progress=progress,
        q=q,
        year=year,
        page=page,
        pages=-(-listed.total // PAGE),
        types=REPORT_TYPES,
    )


def opened(request: Request, number: int) -> OpenReport:
    """The report with this number."""
    return open_report(request.app.state.dataset, request.app.state.kept, number)


def head_of(report: OpenReport, tab: str) -> dict[str, Any]:
    """What every page of a report says of it."""
    return {
        "report": report.extraction.report,
        "number": report.id,
        "tab": tab,
        "report_type": REPORT_TYPES[report.extraction.report.report_type],
        "progress": report.review.progress,
        "paged": bool(report.document.leaves),
    }


@router.get("/reports/{number}")
def report_page(request: Request, number: Number, whole: bool = False) -> Response:
    """Source beside records. Of a long report what lies further down comes as plain words, until the reader is near it;
    with ``whole`` all comes at once, for a browser without script.
    """
    report = opened(request, number)
    kinds = Counter(card.kind for card in report.cards)
    return render(
        request,
        "report",
        **head_of(report, "source"),
        **_WORDS_OF_CARDS,
        source=report.sheaves,
        cards=report.cards,
        sheaf=SHEAF,
        counts={kind: kinds[kind] for kind in NAMES},
        notes=report.document.notes,
        most=10**9 if whole else _WHOLE,
    )


@router.get("/reports/{number}/source/{sheaf}")
def source_part(request: Request, number: Number, sheaf: Annotated[int, Path(ge=0, le=10**6)]) -> Response:
    """A sheaf of the source, whole."""
    sheaves = opened(request, number).sheaves
    return render(request, "source_part", shown=sheaves[sheaf] if sheaf < len(sheaves) else [], light=False)


@router.get("/reports/{number}/cards")
def cards_part(request: Request, number: Number, ids: str) -> Response:
    """The cards of these records and findings, whole."""
    wanted = set(ids.split())
    shown = [card for card in opened(request, number).cards if card.id in wanted]
    return render(request, "cards_part", number=number, shown=shown, light=False, **_WORDS_OF_CARDS)


@router.get("/reports/{number}/indicators")
def indicators_page(request: Request, number: Number) -> Response:
    report = opened(request, number)
    metrics = [metric for metric in report.extraction.metrics if metric.kind == "indicator"]
    rows = [(metric, measured_words(metric.target), measured_words(metric.actual), indicator_bar(metric)) for metric in metrics]
    attained = {state: sum(metric.attained is state for metric in metrics) for state in (True, False, None)}
    return render(request, "indicators", **head_of(report, "indicators"), rows=rows, attained=attained, points=_points(metrics))


def _points(metrics: list[Metric]) -> tuple[Decimal, Decimal] | None:
    """Weights and scores of the indicators, summed, where all have them."""
    pairs = [(metric.weight, metric.score) for metric in metrics if metric.weight is not None and metric.score is not None]
    if not pairs:
        return None
    return sum((weight for weight, _ in pairs), Decimal(0)), sum((score for _, score in pairs), Decimal(0))


@router.get("/reports/{number}/money")
def money_page(request: Request, number: Number) -> Response:
    report = opened(request, number)
    rows: list[MoneyRow] = money_rows(report.extraction.metrics)
    return render(request, "money", **head_of(report, "money"), rows=rows, year=report.extraction.report.fiscal_year)


@router.get("/reports/{number}/findings")
def findings_page(request: Request, number: Number) -> Response:
    report = opened(request, number)
    shown = [(finding, [_around(report, place.start, place.end) for place in finding.places[:4]]) for finding in report.findings]
    counts = {name: sum(each.severity == severity for each in report.findings) for severity, name in SEVERITY_NAMES.items()}
    return render(request, "findings", **head_of(report, "findings"), shown=shown, severities=SEVERITY_NAMES, counts=counts)


def _around(report: OpenReport, start: int, end: int) -> tuple[str, str, str, int, int]:
    """The words of a place, with some before and behind it in its line."""
    text = report.document.text
    begin = max(text.rfind("\n", 0, start) + 1, start - 30)
    stop = text.find("\n", end)
    stop = min(len(text) if stop < 0 else stop, end + 30)
    return text[begin:start], text[start:end], text[end:stop], start, end


@router.get("/reports/{number}/summary")
def summary_page(request: Request, number: Number) -> Response:
    report = opened(request, number)
    told = [(section.heading, [told_of(sentence) for sentence in section.sentences]) for section in report.summary.sections]
    return render(request, "summary", **head_of(report, "summary"), summary=report.summary, told=told, most=FEW)
