"""Search (检索): the box, the facets, the hits with their words lit up; all of it in the address, and exported as seen."""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from openpyxl import Workbook
from starlette.responses import Response, StreamingResponse

from jixiao.dataset.conditions import parse_condition, parse_years
from jixiao.dataset.schema import KINDS
from jixiao.dataset.search import FACETS, Filters, Hit, SearchResult, search
from jixiao.dataset.store import Dataset
from jixiao.errors import BadQuery
from jixiao.render.page import REPORT_TYPES
from jixiao.spreadsheet import csv_cell, sheet_words
from jixiao.web.cards import NAMES
from jixiao.web.pages import render

router = APIRouter()
PAGE = 20
COUNTED = 2_000
"""Hits beyond so many are not counted, nor shown: a page costs no more in a dataset of a million records."""
EXPORTED = 10_000
"""Hits beyond so many are not exported."""
_ATTAINED = {"yes": True, "no": False}
SORTS = {"": "相关度", "-year": "年度 新→旧", "year": "年度 旧→新", "-actual": "实际值 大→小", "actual": "实际值 小→大", "-score": "得分 高→低", "score": "得分 低→高", "-change": "增减 大→小"}  # fmt: skip
_NAMES = ("q", "kind", "year", "region", "department", "type", "attained", "where", "sort")


class Asked:
    """What the address asks for."""

    def __init__(self, request: Request) -> None:
        got = request.query_params
        self.q = got.get("q", "")
        self.kinds = [kind for kind in got.getlist("kind") if kind]
        self.year, self.region, self.department = got.get("year", ""), got.get("region", ""), got.get("department", "")
        self.type, self.attained, self.sort = got.get("type", ""), got.get("attained", ""), got.get("sort", "")
        self.where = [words for words in got.getlist("where") if words.strip()]
        page = got.get("page", "1")
        self.page = min(max(int(page), 1), 100_000) if page.isascii() and page.isdigit() and len(page) < 8 else 1

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The same as pairs of an address, without the page."""
        pairs = [("q", self.q), *(("kind", kind) for kind in self.kinds)]
        pairs += [(name, getattr(self, name)) for name in ("year", "region", "department", "type", "attained")]
        pairs += [*(("where", words) for words in self.where), ("sort", self.sort)]
        return [(name, value) for name, value in pairs if value]

    def with_(self, name: str, value: str) -> str:
        """The address with one thing otherwise, on the first page; the same value again takes it out."""
        held = (name, value) in self.pairs
        pairs = [pair for pair in self.pairs if pair[0] != name or (name in ("kind", "where") and pair[1] != value)]
        return urlencode(pairs + ([] if held or not value else [(name, value)]))

    def has(self, name: str, value: str) -> bool:
        return (name, value) in self.pairs

    @property
    def filters(self) -> Filters:
        """The filters, as search takes them.

        Raises:
            BadQuery: one of them is none.
        """
        if self.type and self.type not in REPORT_TYPES:
            raise BadQuery("there is no such page.")
        return Filters(
            kinds=tuple(self.kinds),
            department=self.department,
            region=self.region,
            years=parse_years(self.year) if self.year else None,
            attained=_ATTAINED.get(self.attained),
            report_type=self.type or None,  # type: ignore[arg-type]
            where=tuple(parse_condition(words) for words in self.where),
        )

    def found(self, dataset: Dataset, *, limit: int = PAGE, facets: bool = False) -> SearchResult:
        """The hits of the page."""
        return search(
            dataset,
            self.q,
            self.filters,
            sort=self.sort or None,
            limit=limit,
            page=self.page,
            facets=facets,
            count_up_to=max(limit, COUNTED),
        )


@router.get("/search")
def search_page(request: Request) -> Response:
    asked = Asked(request)
    wrong = None
    try:
        result = asked.found(request.app.state.dataset, facets=True)
    except BadQuery as exc:
        wrong, result = str(exc), SearchResult(0, (), dict.fromkeys(FACETS, ()))
    pages = -(-result.total // PAGE)
    return render(
        request,
        "search",
        asked=asked,
        result=result,
        hits=[(hit, _lit(hit)) for hit in result.hits],
        wrong=wrong,
        pages=pages,
        names=NAMES,
        kinds=KINDS,
        sorts=SORTS,
        exported=EXPORTED,
    )


def _lit(hit: Hit) -> list[tuple[str, bool]]:
    """The snippet in pieces, each with whether it was sought."""
    words, at, pieces = hit.snippet.words, 0, []
    for start, end in hit.snippet.marks:
        pieces += [(words[at:start], False), (words[start:end], True)]
        at = end
    return [(piece, lit) for piece, lit in (*pieces, (words[at:], False)) if piece]


_COLUMNS = ("kind", "department", "region", "fiscal_year", "title", "name", "statement", "target", "actual", "previous", "attained", "score", "source", "record_id")  # fmt: skip
_HEADS = (
    "种类",
    "部门",
    "地区",
    "年度",
    "报告",
    "指标名称",
    "内容",
    "目标值",
    "实际值",
    "上年值",
    "是否达成",
    "得分",
    "文件",
    "记录号",
)


@router.get("/search/export.{form}")
def export(request: Request, form: str) -> Response:
    """All hits as seen, in their order, up to a bound: csv, xlsx or jsonl."""
    asked = Asked(request)
    asked.page = 1
    hits = asked.found(request.app.state.dataset, limit=EXPORTED).hits
    head = {"Content-Disposition": f'attachment; filename="jixiao-search.{form}"'}
    match form:
        case "csv":
            return StreamingResponse(_csv(hits), media_type="text/csv; charset=utf-8", headers=head)
        case "jsonl":
            lines = (json.dumps(_plain(hit), ensure_ascii=False) + "\n" for hit in hits)
            return StreamingResponse(lines, media_type="application/x-ndjson", headers=head)
        case "xlsx":
            return Response(
                _xlsx(hits), media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", headers=head
            )
        case _:
            raise BadQuery("there is no such page.")


def _plain(hit: Hit) -> dict[str, object]:
    return {name: value for name, value in asdict(hit).items() if name not in ("id", "snippet", "ranks")}


def _row(hit: Hit) -> list[str]:
    values = {**asdict(hit), "kind": NAMES[hit.kind], "attained": {True: "达成", False: "未达成", None: ""}[hit.attained]}
    return ["" if values[name] is None else str(values[name]) for name in _COLUMNS]


def _csv(hits: tuple[Hit, ...]) -> Iterator[str]:
    """Rows, as a spreadsheet program takes them."""
    yield "\ufeff"
    for row in (_HEADS, *map(_row, hits)):
        line = StringIO()
        csv.writer(line).writerow([csv_cell(words) for words in row])
        yield line.getvalue()


def _xlsx(hits: tuple[Hit, ...]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("检索结果")
    sheet.append(_HEADS)
    for hit in hits:
        sheet.append([_text(sheet, words) for words in _row(hit)])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _text(sheet: Any, words: str) -> object:
    """A cell that is text, whatever it begins with."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, sheet_words(words))
    cell.data_type = "s"
    return cell
