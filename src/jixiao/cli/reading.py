"""``jixiao read``: what a reader made of a file, to look at before any record is taken from it."""

import json
import sys
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jixiao.cli.console import fail, plain
from jixiao.cli.sources import read_source

if TYPE_CHECKING:
    from jixiao.document import Document, Passage, Table


class Shape(str, Enum):
    """What ``read`` prints."""

    text = "text"
    json = "json"
    html = "html"


def read(
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="A report of any kind, a file in a zip archive, or - for standard input.")
    ],
    format: Annotated[Shape, typer.Option("--format", "-f", help="text, json (blocks with their places), or html.")] = Shape.text,
) -> None:
    """Show what was understood of a file: its text, its paragraphs and headings, its tables with their cells."""
    from jixiao.errors import JixiaoError

    try:
        document = read_source(path)
    except JixiaoError as exc:
        fail(str(exc))
    if format is Shape.json:
        typer.echo(json.dumps(_as_json(document), ensure_ascii=False, indent=1))
    elif format is Shape.html:
        from jixiao.render.reading_page import render_reading

        typer.echo(render_reading(document))
    else:
        typer.echo(document.text.rstrip("\n") if not sys.stdout.isatty() else "\n".join(map(plain, document.text.split("\n"))))
    for note in document.notes:
        typer.echo(f"· {plain(note)}", err=True)
    if document.doubts:
        listed = ", ".join(_doubtful(document, start, end, sure) for start, end, sure in document.doubts[:20])
        more = f" and {len(document.doubts) - 20} more" if len(document.doubts) > 20 else ""
        typer.echo(f"· Digits that recognition is not sure of: {plain(listed)}{more}.", err=True)


def _doubtful(document: "Document", start: int, end: int, sure: float) -> str:
    around = document.text[max(0, start - 6) : end + 4].replace("\n", " ").replace("\t", " ")
    page = document.page_of(start)
    return f"{document.text[start:end]} in “{around}”{f' on page {page}' if page else ''} ({sure:.0%})"


def _as_json(document: "Document") -> dict[str, Any]:
    from jixiao.document import Table

    return {
        "source": document.source,
        "sha256": document.sha256,
        "characters": len(document.text),
        "text": document.text,
        "blocks": [
            _table(block, document) if isinstance(block, Table) else _passage(block, document) for block in document.blocks
        ],
        "doubts": [
            {"start": start, "end": end, "words": document.text[start:end], "confidence": sure}
            for start, end, sure in document.doubts
        ],
        "notes": list(document.notes),
    }


def _place(document: "Document", start: int, end: int) -> dict[str, Any]:
    page = document.page_of(start)
    return {"start": start, "end": end} | ({"page": page} if page else {})


def _passage(passage: "Passage", document: "Document") -> dict[str, Any]:
    span = passage.span(0, len(passage.words))
    level = {"level": passage.level} if passage.level else {}
    return {"kind": "heading" if level else "paragraph", **level, **_place(document, *span), "words": passage.words}


def _table(table: "Table", document: "Document") -> dict[str, Any]:
    cells = [
        {
            "row": cell.row + 1,
            "column": cell.column + 1,
            **({"down": cell.down} if cell.down > 1 else {}),
            **({"across": cell.across} if cell.across > 1 else {}),
            **_place(document, *cell.passage.span(0, len(cell.words))),
            "words": cell.words,
        }
        for row in table.rows
        for cell in row
        if cell.words
    ]
    size = {"rows": len(table.rows), "columns": max((len(row) for row in table.rows), default=0)}
    return {"kind": "table", "number": table.number, **_place(document, *table.span), **size, "cells": cells}
