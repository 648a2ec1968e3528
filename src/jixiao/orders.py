"""Words in a report that are meant for a model (指令), which are covered before it reads them and believed from no quote.

Patterns cannot know them all. What they miss is held by the rest of the house: a quote must stand in the text, a number in
its quote, a status in the quote's own words.
"""

import re
from dataclasses import replace

from jixiao.document import Document, Passage, Span, Table, passage_of

_SAID_TO_A_MODEL = (
    r"(?:忽略|无视|忘记|忘掉|不要理会|不必理会|跳过)[^。；\n]{0,12}?(?:以上|上述|上面|之前|前面|此前|先前|所有|全部|任何)[^。；\n]{0,12}?"
    r"(?:要求|指令|指示|提示|规则|内容|设定|约束|说明)"
    r"|(?:作为|你(?:现在)?是|您是|假设你是|扮演)[^。；\n]{0,10}?(?:AI|人工智能|语言模型|大模型|助手|机器人|审核员|审计员|评审专家)"
    r"|(?:语言模型|大模型|AI ?助手|智能助手)[^。；\n]{0,6}?(?:请|须|必须|应当|务必)"
    r"|请(?:你|您)?(?:在输出中|直接输出|输出|返回|只输出|仅输出|将所有|把所有|将全部|把全部|将自评|把自评|将得分|把得分|在结果中|在答复中|在回答中)"
    r"|(?:将|把)(?![^，。；]*[由从])[^，。；\n]{0,16}?(?:(?:得分|评分|分数|等级|评价结果|结论)[^，。；\n]{0,6}?(?:设为|改为|改成|写为|填为)"
    r"|(?:指标|目标|问题|状态|完成情况|任务)[^，。；\n]{0,6}?(?:标为|标记为|标注为|视为|填为))[^，。；\n]{0,12}"
    r"|(?:^|\n|[。；])\s*(?:system|assistant|user|developer|系统提示|系统指令|新指令|隐藏指令)\s*[:：]"
    r"|<\|?/?(?:im_start|im_end|system|endoftext|s|/s)\|?>|\[/?INST\]|<\s*script|<!--"
    r"|\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:instruction|prompt|above|previous|prior|rule)"
    r"|\byou (?:are|must|should|will)\b|\b(?:set|return|output|respond|reply|mark|change)\b[^.\n]{0,60}\b(?:to|an?|as|with|only|json|score|grade|list)\b"
)
_ORDER = re.compile(_SAID_TO_A_MODEL, re.IGNORECASE)
_EDGE = re.compile(r"[。；！？\n（）()\t|]")
_OPENING = "。；\n \t"
_LONGEST = 300  # characters of a clause on either side
_COVER = "▇"


def orders_in(text: str) -> list[Span]:
    """The clauses of ``text`` that give orders to a model, in order: from mark to mark (。；！？, parentheses, line or cell)."""
    found: list[Span] = []
    for match in _ORDER.finditer(text):
        first = match.end() - len(match[0].lstrip(_OPENING))
        edges = [edge.end() for edge in _EDGE.finditer(text, max(0, first - _LONGEST), first)]
        start = edges[-1] if edges else max(0, first - _LONGEST) if first <= _LONGEST else first
        closing = _EDGE.search(text, match.end())
        end = min(closing.start() if closing else len(text), match.end() + _LONGEST)
        if found and start <= found[-1].end:
            start = found.pop().start
        found.append(Span(start, end))
    return found


def without_orders(document: Document) -> Document:
    """The document with the same text, and no order in its passages and cells."""
    orders = orders_in(document.text)
    if not orders:
        return document

    def cut(passage: Passage) -> Passage:
        if not passage.words:
            return passage
        start, end = passage.span(0, len(passage.words))
        met = [order for order in orders if order.start < end and start < order.end]
        if not met:
            return passage
        bounds = [start, *(bound for order in met for bound in (max(start, order.start), min(end, order.end))), end]
        return passage_of(document.text, *(Span(*piece) for piece in zip(bounds[::2], bounds[1::2], strict=True)))

    def cut_block(block: Passage | Table) -> Passage | Table:
        if isinstance(block, Passage):
            return cut(block)
        rows = tuple(tuple(cell._replace(passage=cut(cell.passage)) for cell in row) for row in block.rows)
        return replace(block, rows=rows)

    blocks = [cut_block(block) for block in document.blocks]
    return replace(document, blocks=tuple(block for block in blocks if isinstance(block, Table) or block.words))


def covered(text: str, start: int, orders: list[Span]) -> str:
    """``text``, which begins at ``start`` of the document, with the orders in it covered, character for character."""
    for order in orders:
        first, last = max(0, order.start - start), min(len(text), order.end - start)
        if first < last:
            text = text[:first] + _COVER * (last - first) + text[last:]
    return text
