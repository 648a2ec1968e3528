"""A document as one self-contained page (网页): its headings, paragraphs and tables as they were understood, page by page.

Everything from the report is escaped, and the page asks nothing from the network.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from jixiao.document import Document, Passage, Span, Table
from jixiao.render.template import self_contained


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words, and how sure text recognition is of them where it is not sure."""

    words: str
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class _Cell:
    pieces: list[_Piece]
    down: int
    across: int


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, a heading or a table as the page shows it; ``page`` where a new one begins with it."""

    kind: str
    place: str
    page: int | None
    pieces: list[_Piece] = field(default_factory=list)
    rows: list[list[_Cell]] = field(default_factory=list)


def render_reading(document: Document) -> str:
    """The HTML page for ``document``."""
    blocks: list[_Block] = []
    page: int | None = None
    for block in document.blocks:
        span = block.span if isinstance(block, Table) else block.span(0, len(block.words))
        begun = document.page_of(span.start)
        new_page, page = (begun if begun != page else None), begun
        place = f"{span.start}–{span.end}"
        if isinstance(block, Table):
            blocks.append(_Block("table", f"{place} · 表 {block.number}", new_page, rows=_rows(block, document)))
        else:
            kind = f"h{min(6, block.level + 1)}" if block.level else "p"
            blocks.append(_Block(kind, place, new_page, _pieces(block, document)))
    return self_contained(
        "reading",
        source=document.source,
        characters=len(document.text),
        tables=len(document.tables),
        notes=document.notes,
        doubts=len(document.doubts),
        blocks=blocks,
    )


def _rows(table: Table, document: Document) -> list[list[_Cell]]:
    """The rows with each merged cell where it begins, and none where it goes on."""
    covered: set[tuple[int, int]] = set()
    rows: list[list[_Cell]] = []
    for row in table.rows:
        shown: list[_Cell] = []
        for cell in row:
            if (cell.row, cell.column) in covered:
                continue
            covered.update((cell.row + down, cell.column + across) for down in range(cell.down) for across in range(cell.across))
            shown.append(_Cell(_pieces(cell.passage, document), cell.down, cell.across))
        rows.append(shown)
    return rows


def _pieces(passage: Passage, document: Document) -> list[_Piece]:
    """The passage as the text has it, cut at what is not sure."""
    if not passage.words:
        return []
    span = passage.span(0, len(passage.words))
    pieces: list[_Piece] = []
    at = span.start
    for start, end, sure in _doubts_in(span, document):
        pieces += [_Piece(document.text[at:start]), _Piece(document.text[start:end], f"{sure:.0%}")]
        at = end
    return [piece for piece in (*pieces, _Piece(document.text[at : span.end])) if piece.words]


def _doubts_in(span: Span, document: Document) -> list[tuple[int, int, float]]:
    doubts = document.doubts
    first, last = (bisect_left(doubts, at, key=lambda doubt: doubt.start) for at in span)
    return [(doubt.start, doubt.end, doubt.confidence) for doubt in doubts[first:last]]
