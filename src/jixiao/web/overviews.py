"""The first page (总览): a bureau's year at a glance."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from jixiao.audit import SEVERITIES
from jixiao.dataset.overview import overview
from jixiao.render.audit_words import SEVERITY_NAMES
from jixiao.web.cards import NAMES
from jixiao.web.pages import render

router = APIRouter()


@router.get("/")
def overview_page(request: Request, year: str = "", region: str = "") -> Response:
    chosen = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
    seen = overview(request.app.state.dataset, chosen, region)
    return render(
        request, "overview", seen=seen, year=year, region=region, names=NAMES, severities=SEVERITY_NAMES, order=SEVERITIES
    )
