"""Paragraphs → labelled points (要点): 目标：… 措施：… 成效：… 偏差：… 原因：… 整改：…, each with the part that it plays.

Knows the labels, on a line of their own or in mid-paragraph, and nothing of the sections that they stand in.
"""

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from jixiao.document import Passage


class Role(Enum):
    """What a point tells."""

    PLAIN = "无标签"
    GOAL = "目标"
    DONE = "完成情况"
    ACTION = "措施"  # what was done for a goal, or will be done about a problem: by what stands before it
    EFFECT = "成效"
    ISSUE = "问题"
    SHORTFALL = "偏差原因"  # why a goal was missed: the cause of a problem, or the problem itself where none is told
    CAUSE = "原因"
    MEASURE = "整改"


class Point(NamedTuple):
    """What a label introduces: its part, the label's number if it has one (a goal's whole label, 任务一), and the words."""

    role: Role
    number: str | None
    passage: Passage


_LABELS = {
    Role.GOAL: r"(?:年度|年初|全年|绩效|工作|预期|设定|考核|计划|任务|总体|既定|指标|履职)*目标(?:任务|要求|内容|设定|值)?|(?:(?:年度|年初|工作|计划|目标)+任务|(?:重点)?任务(?=[一二三四五六七八九十\d]))|(?:年初|年度|工作)计划",
    Role.DONE: r"(?:目标|任务|实际|工作|年度|全年|目前)*(?:完成|实现|落实|进展|推进|履行|达成|开展)(?:的?(?:情况|结果|进度|进展))?(?:(?:及|和|与|、)(?:成效|效果|成果))?|实际(?:情况|结果|值)|实绩|(?:完成|实现)值|(?:措施|做法|举措)(?:及|和|与|、)?(?:成效|效果|成果)",
    Role.ACTION: r"(?:工作|主要|具体)*(?:措施|做法|举措)",
    Role.EFFECT: r"(?:取得的?|工作|主要|实施|实际)*(?:成效|效果|成果|实效)(?:情况)?",
    Role.ISSUE: r"(?:存在的?|主要|发现的?|突出)*(?:问题|偏差|不足|差距|短板|困难)(?:情况|表现)?",
    Role.SHORTFALL: r"(?:偏差|偏离|滞后|[未末](?:完成|实现|达标))的?(?:主要|具体)?(?:原因|成因)(?:分析|说明)?",
    Role.CAUSE: r"(?:主要|问题|具体|产生)*(?:原因|成因)(?:分析)?",
    Role.MEASURE: r"(?:下一步|下步|后续|拟)?(?:整改|改进|纠偏|解决|应对|对策|优化)(?:和完善|与完善)?(?:措施|建议|办法|打算|意见|安排|计划|举措)?|(?:工作|对策|政策|相关|有关|完善)?建议|对策|(?:工作)?打算|(?:下一步|下步|后续)(?:打算|安排|工作|计划|措施|举措)?",
}
_LABEL = re.compile(
    r"(?:(?:^|(?<=[。；;！）)]))\s*(?P<open>[【\[])?(?:"
    + "|".join(f"(?P<{role.name}>{words})" for role, words in _LABELS.items())
    + r")之?(?P<number>[一二三四五六七八九十]{1,2}|\d{1,2})?(?(open)[】\]]\s*[:：]?|\s*[:：])\s*)"
)


def points(passage: Passage) -> list[Point]:
    """The passage cut at its labels; what stands before the first is a plain point."""
    words = passage.words
    marks = list(_LABEL.finditer(words)) if "：" in words or "】" in words or ":" in words else []
    if not marks:
        return [Point(Role.PLAIN, None, passage)]
    found = [Point(Role.PLAIN, None, passage.part(0, marks[0].start()))] if marks[0].start() > 0 else []
    for mark, end in zip(marks, [*(mark.start() for mark in marks[1:]), len(words)], strict=True):
        role = Role[next(name for name in Role.__members__ if name != "PLAIN" and mark[name])]
        number = mark[role.name] + mark["number"] if mark["number"] and role is Role.GOAL else mark["number"]
        found.append(Point(role, number, passage.part(mark.end(), end)))
    return found


class Told(NamedTuple):
    """A goal (目标) and what is told of it beside it: what was done, and the effect."""

    goal: Point | None
    done: list[Passage]
    effect: Passage | None


def told_together(found: Iterable[Point], *, of_goals: bool) -> list[Told]:
    """Goals with what became of them, where a report tells the one right after the other.

    A goal is a point called one, or what stands without a label right before a point called 完成情况; where the place
    is ``of_goals``, before a claim too (已完成).
    """
    told: list[Told] = []
    before: Point | None = None
    after_issue = awaited = False
    for point in _claims_apart(found) if of_goals else found:
        role = point.role
        if role is Role.ACTION and not after_issue:
            role = Role.DONE
        if role is Role.PLAIN and awaited and opens_result(point.passage.words):
            role = Role.DONE
        awaited = role is Role.GOAL
        if role is Role.GOAL:
            told.append(Told(point, [], None))
            after_issue = False
        elif role is Role.DONE:
            if before is not None and _sets_something(before.passage.words):
                told.append(Told(before, [point.passage], None))
            elif told and told[-1].effect is None:
                told[-1].done.append(point.passage)
            after_issue = False
        elif role is Role.EFFECT and told:
            last = told.pop()
            told.append(last._replace(effect=point.passage) if last.done else last._replace(done=[point.passage]))
        elif role in (Role.ISSUE, Role.SHORTFALL, Role.CAUSE, Role.MEASURE):
            after_issue = True
        before = point if role is Role.PLAIN else None
    return [
        each for each in told if each.goal and _NAMES.search(each.goal.passage.words) and any(part.words for part in each.done)
    ]


_NAMES = re.compile(r"[\u4e00-\u9fff]{2}.*[\u4e00-\u9fff]{2}")  # what is aimed at, and no value alone


def opens_result(words: str) -> bool:
    """Whether words open like a result, 截至12月底，… or 已 …, and not like a heading or a plan."""
    return bool(_RESULT.match(words))


_RESULT = re.compile(
    r"截[至止]|[到至]\d{1,2}月底|已|实际|目前|(?:20\d\d年)?全年(?:共|累计)?(?!目标|计划|力争)|(?:共|累计)|完成|年内|上半年|1[—\-至~]\d{1,2}月"
)


def _claims_apart(found: Iterable[Point]) -> Iterator[Point]:
    """The points, a goal without a label parted from what is claimed of it: A（已完成）。B, A。已完成。B, 某某目标：A。B."""
    for point in found:
        named = _NAMED_AND_TOLD.match(point.passage.words) if point.role is Role.PLAIN else None
        if named is not None:
            yield Point(Role.GOAL, None, point.passage.part(*named.span("set")))
            yield Point(Role.DONE, None, point.passage.part(named.end("set"), len(point.passage.words)))
            continue
        claim = _CLAIM.match(point.passage.words) if point.role is Role.PLAIN else None
        if claim is None or _PAST.search(claim["before"] or claim["set"]):
            yield point
            continue
        end = claim.end("before" if claim["before"] else "set")
        yield point._replace(passage=point.passage.part(0, end))
        yield Point(Role.DONE, None, point.passage.part(end, len(point.passage.words)))


_NAMED_AND_TOLD = re.compile(  # 招商引资目标：引进项目15个。引进项目18个，目标完成。
    r"(?:第?[一二三四五六七八九十]{1,2}(?:是|，|、))?(?:"
    r"[^，。；：\d]{2,10}(?:目标|任务)(?:任务)?[:：](?=[^。]+。[^。]*(?:\d|完成|实现|达到))"
    r"|(?![^。]*(?:完成|实现|达到|年度|各项|总体|绩效)[^。]{0,4}目标)[^，。；：\d]{2,10}目标。(?=[^。]+。[^。]*(?:实际|完成|超额))"
    r")(?P<set>[^。]{6,}。)"
)


def opens_named(passage: Passage, goal: Passage) -> bool:
    """Whether the passage opens with the goal and a name for it: 招商引资目标：引进项目15个。…"""
    named = _NAMED_AND_TOLD.match(passage.words)
    return named is not None and passage.offset(named.start("set")) == goal.offset(0)


_CLAIM = re.compile(
    r"(?P<before>[^。]{6,}?)[（(](?:已|全面|全部|超额|基本|部分|按期|如期|提前|未)*(?:完成|达标|实现)[）)]"
    r"|(?P<set>[^。]{6,}。)(?:(?:已|全面|全部|超额|基本|部分|按期|如期|提前|未|圆满)+完成[。：，；]|实际(?!情况|结果|工作)[\u4e00-\u9fff\d])"
)


def _sets_something(words: str) -> bool:
    """Whether words set a goal, and do not only name a field of work: they count, or say several things or one at length."""
    if len(words) > 240 or _TOLD.search(words):
        return False
    return len(words) >= 6 and bool(re.search(r"\d[^年]", words) or "，" in words or len(words) >= 14)


_TOLD = re.compile(r"自评|得分|执行数|预算数|目标[为是]|支出|截至")
_PAST = re.compile(r"同比|已|实际|上年|预算|资金安排|拨付|下达")
