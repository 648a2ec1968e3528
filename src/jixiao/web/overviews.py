"""The first page (总览): a bureau's year at a glance."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from jixiao.audit import SEVERITIES
from jixiao.dataset.overview import Overview, overview, state_of
from jixiao.dataset.store import Dataset
from jixiao.render.audit_words import SEVERITY_NAMES
from jixiao.web.cards import NAMES
from jixiao.web.pages import render

router = APIRouter()


@router.get("/")
def overview_page(request: Request, year: str = "", region: str = "") -> Response:
    seen = overview_of(request, int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None, region)
    return render(
        request, "overview", seen=seen, year=year, region=region, names=NAMES, severities=SEVERITY_NAMES, order=SEVERITIES
    )


def overview_of(request: Request, year: int | None, region: str) -> Overview:
    """The overview, kept until reports come or go."""
    dataset: Dataset = request.app.state.dataset
    key = ("overview", state_of(dataset), year, region)
    made: Overview = request.app.state.kept.get(key, lambda: overview(dataset, year, region or None))
    return made
