"""Review (复核): a decision on a record, a correction, a record added, the last decision taken back."""

from typing import Annotated, cast, get_args

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from jixiao.dataset import deciding
from jixiao.dataset.corrections import MEASURED, METRIC_KINDS, Kind, corrected, drafted, place_of
from jixiao.dataset.reviews import Action, Record, kind_of
from jixiao.document import Document, Span
from jixiao.errors import BadReview
from jixiao.records import Measure
from jixiao.web.cards import NAMES, STATES, VERBS, card
from jixiao.web.guard import session_of
from jixiao.web.opened import OpenReport
from jixiao.web.pages import render, words_of
from jixiao.web.reports import Number, head_of, opened

router = APIRouter()


@router.post("/reports/{number}/reviews")
def decide(request: Request, number: Number, decision: Annotated[str, Form()]) -> Response:
    """``accept:KEY`` or ``reject:KEY``."""
    action, _, key = decision.partition(":")
    if action not in ("accept", "reject"):
        raise BadReview("there is no such record in the report; load the page again.")
    deciding.decide(request.app.state.dataset, number, key, cast(Action, action), session_of(request).reviewer)
    return _answer(request, number, key)


@router.post("/reports/{number}/reviews/undo")
def undo(request: Request, number: Number) -> Response:
    return _answer(request, number, deciding.undo(request.app.state.dataset, number, session_of(request).reviewer))


@router.get("/reports/{number}/correct")
def correction_page(request: Request, number: Number, key: str) -> Response:
    """The form in which a record is corrected."""
    report = opened(request, number)
    known = report.review.of(key)
    record = (known.record or known.engine) if known else None
    if record is None:
        raise BadReview("there is no such record in the report; load the page again.")
    return _form(request, report, key, record)


@router.get("/reports/{number}/add")
def addition_page(
    request: Request,
    number: Number,
    kind: Kind = "figure",
    start: Annotated[int, Query(ge=0)] = 0,
    end: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """The form in which a record is added; without a place, its words are asked for."""
    report = opened(request, number)
    record = drafted(report.document, kind, Span(start, end)) if end else None
    return _form(request, report, "", record, kind)


def _form(request: Request, report: OpenReport, key: str, record: Record | None, kind: str = "") -> Response:
    shown = {} if record is None else record.model_dump(mode="json")
    return render(
        request,
        "correct_part" if request.headers.get("x-part") else "correct",
        **head_of(report, "source"),
        key=key,
        record=shown,
        kind=kind_of(record) if record else kind,
        names=NAMES,
        metric_kinds=METRIC_KINDS,
        measured=MEASURED,
        goals=[(each.id, each.label, each.statement) for each in report.extraction.goals],
        issues=[(each.id, each.statement) for each in report.extraction.issues],
    )


@router.post("/reports/{number}/corrections")
async def correct(request: Request, number: Number) -> Response:
    """Take the form of a correction, or of an addition."""
    from starlette.concurrency import run_in_threadpool

    form = await request.form()
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    fields["issue_ids"] = " ".join(value for name, value in form.multi_items() if name == "issue_ids" and isinstance(value, str))
    return await run_in_threadpool(_correct, request, number, fields)


def _correct(request: Request, number: int, fields: dict[str, str]) -> Response:
    report = opened(request, number)
    key, kind = fields.pop("key", ""), fields.pop("kind", "")
    if kind not in get_args(Kind):
        raise BadReview("these fields cannot be so: kind; fill them in, or choose another value.")
    known = report.review.of(key) if key else None
    before = (known.record or known.engine) if known else None
    if before is not None and (kind in METRIC_KINDS) != (kind_of(before) in METRIC_KINDS):
        kind = kind_of(before)
    if before is None or not isinstance(before, Measure):
        fields = fields if kind == "measure" else {name: value for name, value in fields.items() if name != "issue_ids"}
    spans = _spans(report.document, fields, before)
    record = corrected(report.document, cast(Kind, kind), fields, spans, before)
    dataset, reviewer = request.app.state.dataset, session_of(request).reviewer
    seen = deciding.decide(dataset, number, key, "correct" if key else "add", reviewer, record)
    return _answer(request, number, seen.key if seen else None)


def _spans(document: Document, fields: dict[str, str], before: Record | None) -> list[Span]:
    """The places of a typed record: as selected (``12-40 50-61``), by its words, or where it stood."""
    places, quote = fields.pop("places", "").split(), fields.pop("quote", "").strip()
    try:
        spans = [Span(int(start), int(end)) for start, _, end in (place.partition("-") for place in places)]
    except ValueError:
        raise BadReview("this place is not in the report; select the words anew.") from None
    if quote:
        return [place_of(document, quote)]
    return spans or [Span(piece.start, piece.end) for piece in (before.evidence if before else [])] or [Span(0, 0)]


def _answer(request: Request, number: int, key: str | None) -> Response:
    """Back to the record; to a script, the record's card and the progress as they are now."""
    report = opened(request, number)
    known = report.review.of(key) if key else None
    if request.headers.get("accept") != "application/json":
        return RedirectResponse(f"/reports/{number}#r-{known.id}" if known else f"/reports/{number}", 303)
    shown = card(known, report.review, report.extraction) if known else None
    values = {"names": NAMES, "states": STATES, "verbs": VERBS}
    return JSONResponse(
        {
            "key": key,
            "id": shown.id if shown else None,
            "card": words_of(request, "card_part", card=shown, number=number, light=False, **values) if shown else None,
            "progress": words_of(request, "progress_part", progress=report.review.progress),
        }
    )
