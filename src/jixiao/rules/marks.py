"""Half-width marks (半角标点) in Chinese sentences, as text from PDFs has them, and Markdown's ** around bold words.

The rules look for the marks that Chinese is written with. What is read is a copy with those, character for character, so
that every place holds; what comes out gets the text's own marks back.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from jixiao.document import Document, Passage, Span, Table, passage_of
from jixiao.drafts import CompletionDraft, Drafts, GoalDraft, IssueDraft, MeasureDraft

_HALF = re.compile(
    r"(?<=[\u4e00-\u9fff”）)》%％])[,;:!?]|(?<=\d)[,;](?=[\u4e00-\u9fff“《（(])|(?<=[a-zA-Z])[,;:](?=[\u4e00-\u9fff“])"
)
_BOLD = "**"
_FULL = str.maketrans(",;:!?", "，；：！？")


def with_full_marks(document: Document) -> Document:
    """The document with full-width marks in the passages and cells that are written with half-width ones."""
    bold = _BOLD in document.text
    if not bold and _HALF.search(document.text) is None:
        return document
    return replace(document, blocks=tuple(_converted(block, document.text, bold) for block in document.blocks))


def _converted(block: Passage | Table, text: str, bold: bool) -> Passage | Table:
    if isinstance(block, Passage):
        return _passage(_plain(block, text) if bold and _BOLD in block.words else block)
    if _HALF.search(text, block.span.start, block.span.end) is None:
        return block
    rows = tuple(tuple(cell._replace(passage=_passage(cell.passage)) for cell in row) for row in block.rows)
    return replace(block, rows=rows)


def _plain(passage: Passage, text: str) -> Passage:
    """The passage without Markdown's marks for bold words."""
    pieces: list[Span] = []
    start = 0
    for piece in passage.words.split(_BOLD):
        if piece.strip():
            pieces.append(passage.span(start, start + len(piece)))
        start += len(piece) + len(_BOLD)
    return passage_of(text, *pieces)._replace(level=passage.level) if pieces else passage


def _passage(passage: Passage) -> Passage:
    """The passage as it is where full-width commas prevail: one comma in 增加,104.75万元 is a slip, and no mark."""
    words = passage.words
    found = _HALF.findall(words)
    if not found or words.count("，") >= len(found):
        return passage
    return passage._replace(words=_HALF.sub(lambda mark: mark[0].translate(_FULL), words))


def with_own_marks(drafts: Drafts, text: str) -> None:
    """Give statements, effects and causes back the marks that ``text`` has at their places."""
    for draft in _stated(drafts):
        draft.statement = _as_typed(draft.statement, draft.spans[0], text)
        if isinstance(draft, CompletionDraft) and draft.effect and len(draft.spans) > 1:
            draft.effect = _as_typed(draft.effect, draft.spans[1], text)
        if isinstance(draft, IssueDraft) and draft.cause and len(draft.spans) > 1:
            draft.cause = _as_typed(draft.cause, draft.spans[1], text)


def _stated(drafts: Drafts) -> Iterable[GoalDraft | CompletionDraft | IssueDraft | MeasureDraft]:
    return (*drafts.goals, *drafts.completions, *drafts.issues, *drafts.measures)


def _as_typed(words: str, span: Span, text: str) -> str:
    written = "".join(text[span.start : span.end].split())
    bare = "".join(words.split())
    if written.startswith(bare) or not written.translate(_FULL).startswith(bare.translate(_FULL)):
        return words
    typed = iter(written)
    return "".join(character if character.isspace() else next(typed) for character in words)
