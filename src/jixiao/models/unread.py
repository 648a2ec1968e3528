"""Table rows that the rules left unread (未读行) → chunks for a model. What the rules read whole never goes to one."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from jixiao.chunking import Chunk, part_of
from jixiao.columns import column_role
from jixiao.document import Document, Span, Table, TableCell
from jixiao.drafts import Draft
from jixiao.quantities import is_plain_number

_FEWEST = 2
"""A single row that the rules leave is a total or a remark more often than a record."""


def unread_chunks(document: Document, chunks: Iterable[Chunk], known: Iterable[Draft]) -> list[Chunk]:
    """The stretches of the table ``chunks`` whose rows hold numbers and are in no draft, two rows or more together."""
    read = [span for draft in known for span in draft.spans]
    found: list[Chunk] = []
    rows = [row for table in document.tables for row in _rows(table)]
    for chunk in chunks:
        if chunk.kind != "table":
            continue
        inside = [(span, cells) for span, cells in rows if chunk.start <= span.start and span.end <= chunk.end]
        for unread, group in groupby(inside, lambda row: not _is_read(row[0], read)):
            run = [span for span, cells in group if unread and _tells(cells)]
            if len(run) >= _FEWEST:
                found.append(part_of(document, chunk, run[0].start, run[-1].end))
    return found


def _rows(table: Table) -> Iterator[tuple[Span, list[TableCell]]]:
    for row in table.rows:
        cells = [cell for cell in row if cell.words]
        spans = [cell.passage.span(0, len(cell.words)) for cell in cells]
        if spans:
            yield Span(min(span.start for span in spans), max(span.end for span in spans)), cells


def _is_read(row: Span, read: list[Span]) -> bool:
    return any(span.start < row.end and row.start < span.end for span in read)


def _tells(cells: list[TableCell]) -> bool:
    """Whether a row says how much of something: not a heading, not a form's labels."""
    words = [cell.words for cell in cells]
    return (
        len(words) >= 2
        and any(is_plain_number(each.rstrip("%％")) for each in words)
        and sum(column_role(each) is not None for each in words) < 2
    )
