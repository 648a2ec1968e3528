"""Sentences in prose → the goals (绩效目标) that they name: 围绕A的目标，…, and 旨在A。具体到2023年，B；C；D。

Knows how a sentence names what is aimed at, and nothing of sections.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from jixiao.document import Passage
from jixiao.outline import ordinal_of

_PURSUED = re.compile(  # 围绕新增就业3万人的目标，…, or 紧扣A、B、C三项目标，…
    r"(?:围绕|对照|聚焦|锚定|瞄准|紧扣|对标|按照|立足|针对|为(?:了)?(?:实现|完成|达到))(?:(?:年初|年度|全年)(?:确定|设定|提出|制定|下达)的?)?[“]?"
    r"(?P<goal>(?=[^。；]{0,150}(?:\d|不低于|不发生|达到|全覆盖))[^。；]{8,150}?)(?:的|这一|[”]|这?(?P<count>[两二三四五六七八九])[项个大])(?:的|这一)?"
    r"(?:年初|年度|全年|工作|绩效|预期|既定|总体|考核|履职|任务|发展|主要)*(?:目标|任务)(?:任务|要求)?[，,]"
)


class Pursued(NamedTuple):
    """Goals (目标) that a sentence says were pursued, and what was done for them."""

    goals: list[Passage]
    done: Passage


def pursued(passage: Passage) -> list[Pursued]:
    """The goals that a passage names where it tells what was done for them: 围绕A的目标，B。对照C的目标，D。"""
    named = list(_PURSUED.finditer(passage.words))
    bounds = [*(goal.start() for goal in named), len(passage.words)]
    return [
        Pursued(_as_many(passage.part(*goal.span("goal")), goal["count"]), passage.part(goal.end(), end))
        for goal, end in zip(named, bounds[1:], strict=True)
    ]


def _as_many(passage: Passage, count: str | None) -> list[Passage]:
    """The goals that a passage lists, where there are as many as it says: A、B、C三项目标; else the whole."""
    stops = [match.start() for match in re.finditer("、", passage.words)]
    if count is None or len(stops) + 1 != ordinal_of(count.replace("两", "二")):
        return [passage]
    bounds = [0, *(at + 1 for at in stops), len(passage.words) + 1]
    return [passage.part(start, end - 1) for start, end in pairwise(bounds)]


def counted_up(passage: Passage) -> list[tuple[str, Passage]]:
    """The goals of a paragraph in prose, of which sentences count them up, with what leads in to them: 旨在A。具体到2023年，B；C；D。"""
    words = passage.words
    ends = [*(match.end() for match in re.finditer("。", words.rstrip("。"))), len(words)]
    sentences = [passage.part(start, end) for start, end in pairwise([0, *ends])]
    counting = [_counts_up(each.words) for each in sentences]
    if len(sentences) < 2 or not any(counting):
        return []
    found: list[tuple[str, Passage]] = []
    for sentence, counts in zip(sentences, counting, strict=True):
        lead = _AIM_LEAD.match(sentence.words)
        said = lead[0] if lead else ""
        aim = sentence.part(len(said), len(sentence.words))
        planned = _PLANNED.match(sentence.words)
        said = said or (planned[0] if planned else "")
        if counts:
            found.extend((said, part) for part in _side_by_side(aim))
        elif _PURPOSIVE.search(aim.words):
            found.append((said, aim))
    return found


def _counts_up(words: str) -> bool:
    """Whether a sentence counts up what is aimed at: A；B；C, or 2023年计划A，B."""
    return bool(words.count("；") and len(re.findall(r"\d", words)) >= 3) or bool(
        _PLANNED.match(words) and re.search(r"\d", words[6:])
    )


_PLANNED = re.compile(
    r"(?:其中[，,]?)?(?:到)?20\d\d年度?(?:底|末)?[，,]?(?:计划|要|力争|目标|拟|将|确保|应)|到20\d\d年(?:底|末)?[，,]"
)


def _side_by_side(passage: Passage) -> Iterator[Passage]:
    """What stands between semicolons."""
    stops = [match.end() for match in re.finditer("；", passage.words.rstrip("；。"))]
    for start, end in pairwise([0, *stops, len(passage.words)]):
        yield passage.part(start, end)


_AIM_LEAD = re.compile(
    r"(?:具体(?:到|来说|来看|而言|为)?|其中|同时)?[，,]?(?:(?:到)?(?:20\d\d年度?|当年|本年度?)(?:底|末)?(?:的?(?:具体|主要|绩效|年度)*(?:目标|任务)(?:为|是))?)?[，,：:]|[^。；，]{0,16}(?:提出|确定|明确)(?:的目标是)?[，,：:]|(?:该)?(?:政策|项目)?的?(?:总体|主要)?目标(?:是|为|在于)[，,：:]?"
)
_PURPOSIVE = re.compile(r"通过|旨在|引导|推动|促进|力争|确保|实现|提升|提高|改善|保障|增强|以.{2,20}为(?:目标|目的)")
