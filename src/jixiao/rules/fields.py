"""Headings without numbers → their order: fields of work (农村供水) stand under the heading that announces them (完成情况).

Without numbers an outline is flat. Knows what headings mean, and reads none of what stands under them.
"""

import re

from jixiao.document import Passage
from jixiao.outline import Section
from jixiao.rules.topics import Topic, topic_of

_OF_THE_REPORT = re.compile(
    r"自评|评价|结论|得分|预算|决算|资金|经费|收支|支出|概况|基本情况|简介|组织|绩效|说明|背景|附|总体|保障|职能|职责"
)


def under_their_heading(root: Section) -> None:
    """Put the headings that name a field of work under the announcing heading before them, where that one tells little itself."""
    above: Section | None = None
    kept: list[Section] = []
    for section in root.children:
        if section.style != "plain":
            above = None
        elif topic_of(section.title) is not Topic.OTHER:
            above = section if _only_announces(section) else None
        elif _OF_THE_REPORT.search(section.title):
            above = None
        elif above is not None:
            section.parent = above
            above.children.append(section)
            continue
        kept.append(section)
    root.children = kept


def _only_announces(section: Section) -> bool:
    """Whether a heading has at most a paragraph of its own, that leads in to what follows."""
    return not section.children and len(section.blocks) <= 1 and all(isinstance(block, Passage) for block in section.blocks)
