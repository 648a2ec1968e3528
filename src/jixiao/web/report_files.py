"""A report's files (下载): records as JSON, summary as Word, records as a workbook, labels as a fixture, the original and its pages."""

import json
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import PurePosixPath

from fastapi import APIRouter, Request
from starlette.responses import Response

from jixiao.errors import DatasetError
from jixiao.evaluation.label_files import label_words
from jixiao.readers.archive import SUFFIXES
from jixiao.render.records_sheet import records_sheet
from jixiao.render.summary_letter import summary_letter
from jixiao.web.opened import OpenReport
from jixiao.web.page_pictures import page_picture, pages_of
from jixiao.web.pages import render
from jixiao.web.reports import Number, head_of, opened

router = APIRouter()
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _file(content: bytes | str, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/reports/{number}/records.json")
def records_json(request: Request, number: Number) -> Response:
    """The records as they stand, in the contract's form."""
    return _file(
        opened(request, number).extraction.model_dump_json(indent=2) + "\n", "application/json", f"records-{number}.json"
    )


@router.get("/reports/{number}/records.xlsx")
def records_xlsx(request: Request, number: Number) -> Response:
    report = opened(request, number)
    return _file(records_sheet(report.extraction, report.findings), _XLSX, f"records-{number}.xlsx")


@router.get("/reports/{number}/summary.docx")
def summary_docx(request: Request, number: Number) -> Response:
    return _file(summary_letter(opened(request, number).summary), _DOCX, f"summary-{number}.docx")


@router.get("/reports/{number}/fixture.zip")
def fixture(request: Request, number: Number) -> Response:
    """The reviewed report as a fixture: source, labels.json, ORIGIN.md. Without its file, the labels and their origin alone."""
    report = opened(request, number)
    original = request.app.state.uploads.original(number)
    suffix = PurePosixPath(report.extraction.report.source).suffix.lower()
    source = f"source{suffix if suffix in SUFFIXES else '.txt'}"
    labels = report.review.labels()
    labels = labels.model_copy(update={"report": labels.report.model_copy(update={"source": source})})
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        if original is not None:
            archive.writestr(source, original)
        archive.writestr("labels.json", label_words(labels))
        archive.writestr("ORIGIN.md", _origin(report))
    return _file(stream.getvalue(), "application/zip", f"fixture-{number}.zip")


def _origin(report: OpenReport) -> str:
    """Where the labels come from: who decided what, and what is still open."""
    progress = report.review.progress
    who = sorted({decision.reviewer for each in report.review.records for decision in each.decisions})
    lines = [
        f"# {report.extraction.report.title or report.extraction.report.source}",
        f"Reviewed in jixiao's workbench, exported {datetime.now(UTC).date()}. Reviewers: {', '.join(who) or 'none'}.",
        f"{progress.decided} of {progress.total} records decided, {progress.disputed} of them disputed; what is open or disputed is optional.",
        "Decisions another labeller might take otherwise:",
    ]
    for each in report.review.records:
        if each.disputed:
            lines.append(f"- {each.key}: " + json.dumps({one.reviewer: one.action for one in each.decisions}, ensure_ascii=False))
    return "\n".join(lines) + "\n"


@router.get("/reports/{number}/original")
def original_page(request: Request, number: Number, page: int = 1) -> Response:
    """The original's pages as pictures, where it is a PDF or a picture."""
    report = opened(request, number)
    data = request.app.state.uploads.original(number)
    pages = pages_of(data) if data is not None else 0
    page = min(max(page, 1), max(pages, 1))
    blocks = [block for block in report.blocks if (report.document.page_of(block.start) or 1) == page]
    return render(
        request, "original", **head_of(report, "original"), kept=data is not None, pages=pages, page=page, blocks=blocks
    )


@router.get("/reports/{number}/original/file")
def original_file(request: Request, number: Number) -> Response:
    """The original as it came; a browser is to keep it, never to show it."""
    data = _original(request, number)
    suffix = PurePosixPath(opened(request, number).extraction.report.source).suffix.lower()
    return _file(data, "application/octet-stream", f"original-{number}{suffix if suffix in SUFFIXES else ''}")


@router.get("/reports/{number}/original/{page}.png")
def original_picture(request: Request, number: Number, page: int) -> Response:
    data = _original(request, number)
    made: bytes | None = request.app.state.kept.get(("page", number, hash(data), page), lambda: page_picture(data, page))
    if made is None:
        raise DatasetError("there is no such page.")
    kind = (
        "image/png"
        if made.startswith(b"\x89PNG")
        else "image/jpeg"
        if made.startswith(b"\xff\xd8")
        else "application/octet-stream"
    )
    return Response(made, media_type=kind, headers={"Cache-Control": "private, max-age=3600"})


def _original(request: Request, number: int) -> bytes:
    data: bytes | None = request.app.state.uploads.original(number)
    if data is None:
        raise DatasetError("there is no such page.")
    return data
