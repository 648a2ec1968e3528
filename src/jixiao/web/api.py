"""The same data for programs (数据接口): JSON at ``/api``, described at ``/api/openapi.json``. Reads only."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from jixiao.audit import Finding
from jixiao.dataset.listing import Listing, list_reports
from jixiao.dataset.overview import Overview
from jixiao.dataset.overview import overview as overview_of
from jixiao.dataset.search import SearchResult
from jixiao.records import Extraction
from jixiao.summary import Summary
from jixiao.web.pages import render
from jixiao.web.reports import Number, opened
from jixiao.web.searching import Asked

router = APIRouter(prefix="/api", tags=["dataset"])


@router.get("", include_in_schema=False)
def described(request: Request) -> Response:
    """The API for people: each address and what it gives."""
    paths = request.app.openapi()["paths"]
    return render(request, "api", paths=[(path, of["get"]) for path, of in paths.items()])


@router.get("/reports", summary="报告列表 The reports, fifty a page")
def reports(request: Request, q: str = "", year: int | None = None, page: int = 1) -> Listing:
    return list_reports(request.app.state.dataset, words=q[:200], year=year, page=min(max(page, 1), 10**6))


@router.get("/reports/{number}", summary="报告记录 A report's records as they stand", response_model_exclude_none=True)
def report(request: Request, number: Number) -> Extraction:
    return opened(request, number).extraction


@router.get("/reports/{number}/text", summary="报告文本 The text that all places are in")
def text(request: Request, number: Number) -> dict[str, str]:
    return {"text": opened(request, number).document.text}


@router.get("/reports/{number}/findings", summary="复核发现 The findings on a report")
def findings(request: Request, number: Number) -> list[Finding]:
    return opened(request, number).findings


@router.get("/reports/{number}/summary", summary="执行摘要 The executive summary")
def summary(request: Request, number: Number) -> Summary:
    return opened(request, number).summary


@router.get("/reports/{number}/reviews", summary="复核决定 Who decided what, engine's and person's record apart")
def reviews(request: Request, number: Number) -> dict[str, Any]:
    review = opened(request, number).review
    return {
        "progress": review.progress,
        "records": [
            {"key": each.key, "kind": each.kind, "state": each.state, "disputed": each.disputed, "changed": each.changed,
             "engine": each.engine, "person": each.record if each.decisions else None,
             "decisions": [{"reviewer": one.reviewer, "action": one.action, "decided": one.decided} for one in each.decisions]}
            for each in review.records
        ],
    }  # fmt: skip


@router.get("/search", summary="检索 Records by words and filters, twenty a page")
def search(
    request: Request, q: str = "", kind: str = "", year: str = "", region: str = "", department: str = "", type: str = "",
    attained: str = "", where: str = "", sort: str = "", page: int = 1,
) -> SearchResult:  # fmt: skip
    return Asked(request).found(request.app.state.dataset, facets=True)


@router.get("/overview", summary="总览 A year at a glance")
def overview(request: Request, year: int | None = None, region: str = "") -> Overview:
    return overview_of(request.app.state.dataset, year, region)
