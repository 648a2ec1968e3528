"""Problems (存在的问题) with their causes (原因), and measures (改进措施), from the sections that announce them."""

import re
from collections.abc import Iterator
from itertools import pairwise

from jixiao.document import Passage, Span
from jixiao.drafts import IssueDraft, MeasureDraft, Section
from jixiao.outline import Section as Node
from jixiao.outline import counted, listed, ordinal_of
from jixiao.rules.points import Point, Role, points
from jixiao.rules.topics import Topic, is_shortfall, is_titled, topic_of
from jixiao.rules.wording import Bigrams, bigrams

_CAUSE = re.compile(
    r"(?:[，,。；;]|^)\s*(?P<lead>(?:其|究其|问题的|存在|造成|出现|上述|该|产生)?(?:问题)?(?:的)?(?:主要|根本|客观|具体)?(?:原因|成因|根源|症结)(?:一?是|为|在于|主要是|有)?[:：，,]?|主要(?:是)?(?:由于|因为)|(?<=[，,])主要是(?:因|由于)?(?=[^。]{6})|主要受|(?P<kept>由于|因为|受(?=[^，。]{1,20}影响)|(?<=[，,。；])系(?=[^。；]{4,60}?(?:所致|导致|引起|造成))|(?<=[。；])因(?=[^此而，。；]{4,30}，)))"
)
_NAMED_CAUSE = re.compile(  # …，系统尚未建成是重要原因
    r"[，；。](?P<reason>[^，；。]{6,60})(?:是|为)(?:其|造成[^，。]{0,12}的)?(?:重要|主要|根本|直接)(?:的)?原因(?:之一)?[。]?$"
)
_ISSUE_MARK = re.compile(
    r"(?:目前|主要|还)?(?:存在|发现)(?:的|以下|如下|一些)*(?:主要)?(?:问题|困难|不足)(?:及(?:其)?原因)?(?:有|是)?[:：]|^(?:主要)?问题[:：]|(?:偏离|偏差|未完成)(?:绩效目标)?的?(?:主要)?原因[:：]"
)
_NUMBERED_PROBLEM = re.compile(r"问题之?(?P<number>[一二三四五六七八九十]{1,2}|\d{1,2})\s*[:：]")
_MEASURE_MARK = re.compile(
    r"(?:有关|相关|工作|意见|整改|对策|下一步|下步)?(?:建议|改进措施|整改措施|下一步(?:打算|工作|措施)?|解决措施|工作打算|措施|(?:下一步|下步|改进|整改|工作)(?:举措|对策|办法|安排)|对策)(?:如下)?[:：]"
)
_EXPERIENCE = re.compile(
    r"经验|做法|亮点|^(?:主要)?(?:成效|成绩)|^(?:总体|指导|基本)(?:目标|思路|思想|要求|原则)$|^(?:主要|工作|年度)目标$"
)
_OF_LAST_YEAR = re.compile(r"上年|以前年度|结果(?:的)?应用|与预算安排")
_PROPOSES = re.compile(r"建议|将(?!来)|下一?步|今后|拟|下一?年度?(?:将|要|计划)")
_PLAN_OF_WORK = re.compile(r"(?:工作|任务|目标)(?:的)?(?:安排|计划|重点|思路|打算|任务|目标|要点)|重点(?:工作|任务)")
_PUT_RIGHT = re.compile(r"整改(?:落实|完成|措施)?情况$")
_NOTHING = re.compile(
    r"^(?:无(?=[。；，：]|$|存在|问题)|暂无|没有|略|不存在|/|—|-)|[Xx×]{2,}|未发现|[无没不](?:有|存在)?(?:重大|明显|较大)?偏[差离]|^[（(].*填|此处"
)
_GENERIC = frozenset(
    "管理 工作 加强 提高 进一 一步 步加 情况 推进 问题 存在 措施 完善 项目 实施 部门 单位 不够 不足 能力 水平 质量 建设 提升 强化".split()
)


class ProblemReader:
    """Collects the problems and measures of one document as its sections are gone through."""

    def __init__(self, fiscal_year: int | None = None) -> None:
        self._next_year = str(fiscal_year + 1) if fiscal_year else None
        self.issues: list[IssueDraft] = []
        self.measures: list[MeasureDraft] = []
        self._gone_through: set[int] = set()
        self.read: dict[int, IssueDraft | MeasureDraft] = {}
        """By the place where a passage begins: the problem or measure that it is, for the figures in it."""

    def read_section(self, node: Node, path: Section, project: str | None) -> bool:
        """Take in a section that announces problems or measures, with all below it; whether it was one."""
        if id(node) in self._gone_through:
            return True  # read with the section above
        topic = topic_of(node.title) if node.style != "project" else Topic.OTHER
        if self._next_year and self._next_year in node.title and _PLAN_OF_WORK.search(node.title):
            topic = Topic.MEASURES  # in a report on 2024, 2025年工作计划
        if topic not in (Topic.ISSUES, Topic.MEASURES, Topic.ISSUES_AND_MEASURES) or not _announces(node):
            return False
        self._gone_through.update(id(section) for section in node.walk())
        self._read(node, topic, path, project, "原因" in node.title)
        return True

    def read_points(self, node: Node, path: Section, project: str | None) -> bool:
        """Take in the problems that a section tells as points, 偏差：A 原因：B 整改：C; whether there were any."""
        return self._read_points(list(node.passages()), path, project)

    def _read_points(self, passages: list[Passage], path: Section, project: str | None) -> bool:
        """Take in problems told as points; what follows one, its cause and its measures, is its own."""
        found = [points(passage) for passage in passages]
        if not any(_is_problem(told[0]) for told in found):
            remedies = [told[0].role for told in found if told[0].role in (Role.SHORTFALL, Role.MEASURE)]
            if remedies[:1] != [Role.SHORTFALL] or Role.MEASURE not in remedies:
                return False
        issue: IssueDraft | None = None
        for told in found:
            for role, number, part in told:
                problem = role is Role.ISSUE or (role is Role.SHORTFALL and issue is None)
                if problem and len(part.words) >= 5 and not _NOTHING.search(part.words):
                    self._add_issue(part, number, _end(part), path, project, rest_is_cause=False)
                    issue = self.issues[-1]
                elif issue is None or len(part.words) < 5:
                    continue
                elif role in (Role.CAUSE, Role.SHORTFALL):
                    self._add_cause(issue, part)
                elif role in (Role.MEASURE, Role.ACTION):
                    for item in [item for _, item in listed(part)[1]] or [part]:
                        self._add_measure(item, number, _end(item), path, project).issues.append(issue)
        return True

    def read_inline(self, passage: Passage, path: Section, project: str | None) -> None:
        """Take in the problems and measures told within a paragraph: 发现的问题及原因：… 下一步改进措施：…"""
        words = passage.words
        first = _ISSUE_MARK.search(words)
        if first is None:
            return
        opens = first.start() == 0 and "原因" not in first[0]
        if not opens and not _MEASURE_MARK.search(words, first.end()):
            told = passage.part(first.end(), len(words)) if first.end() < len(words) else None
            if "原因" in first[0] or told is None or len(listed(told)[1] or _connected(told)) < 2:
                return  # problems alone are meant only where they are listed: 但也存在一些不足：一方面 …；另一方面 …
        issues, measures = len(self.issues), len(self.measures)
        for mode, part in _by_mark(passage.part(first.start(), len(words)), Topic.OTHER, Topic.ISSUES_AND_MEASURES):
            for label, item in _items(part, lead_in=False):
                if _NOTHING.search(item.words) or len(item.words) < 5:
                    continue
                if mode is Topic.ISSUES:
                    self._add_issue(item, label, _end(item), path, project, rest_is_cause=False)
                else:
                    self._add_measure(item, label, _end(item), path, project)
        _tie(self.issues[issues:], self.measures[measures:])

    def read_cell(self, cell: Passage, topic: Topic, path: Section) -> None:
        """Take in a table's cell that tells problems or measures."""
        mode = Topic.ISSUES if topic is Topic.ISSUES_AND_MEASURES else topic
        for part_mode, part in _by_mark(cell, mode, topic):
            for label, item in _items(part, lead_in=False):
                if _NOTHING.search(item.words) or len(item.words) < 5:
                    continue
                if part_mode is Topic.ISSUES:
                    self._add_issue(item, label, _end(item), path, None, rest_is_cause=False)
                else:
                    self._add_measure(item, label, _end(item), path, None)

    def _read(self, node: Node, topic: Topic, path: Section, project: str | None, causes: bool) -> None:
        passages = [*([node.body] if node.body else []), *(block for block in node.blocks if isinstance(block, Passage))]
        items: list[tuple[Topic, str | None, Passage, int]] = []
        mode: Topic = Topic.ISSUES if topic is Topic.ISSUES_AND_MEASURES else topic
        if topic is not Topic.MEASURES and self._read_points(passages, path, project):
            passages = []
        for passage in _without_lead(passages):
            if topic is Topic.ISSUES_AND_MEASURES and (numbered := _NUMBERED_PROBLEM.match(passage.words)):
                problem = passage.part(numbered.end(), len(passage.words))
                items.append((Topic.ISSUES, numbered["number"], problem, _end(problem)))
                continue
            for part_mode, part in _by_mark(passage, mode, topic):
                mode = part_mode
                items.extend((mode, label, item, _end(item)) for label, item in _items(part, bool(node.children)))
        for child in node.children:
            child_topic = topic_of(child.title)
            if topic is Topic.ISSUES_AND_MEASURES and is_shortfall(child.title):
                child_topic = Topic.ISSUES
            if child.is_heading and _PUT_RIGHT.match(child.title):
                child_topic = Topic.MEASURES  # 存在的问题和整改情况
            titled = child.is_heading or len(child.title) <= _LONGEST_GROUP
            if titled and (_EXPERIENCE.search(child.title) or (child.is_heading and _OF_LAST_YEAR.search(child.title))):
                continue
            alone = not (child.children or child.blocks or child.is_heading)
            if topic is Topic.ISSUES_AND_MEASURES and alone and _PROPOSES.match(child.words.words):
                items.append((Topic.MEASURES, child.mark, child.words, _end(child.words)))
            elif topic is Topic.ISSUES_AND_MEASURES and (paired := _pair(child)):
                items.extend(paired)
            elif child_topic in (Topic.ISSUES, Topic.MEASURES) and child_topic is not topic and _announces(child):
                self._read(child, child_topic, child.path, project, "原因" in child.title)
            elif child_topic is topic and titled and (child.children or child.blocks or _lists(child)):
                self._read(child, topic, child.path, project, causes or "原因" in child.title)
            elif _only_groups(child):
                self._read(child, mode if topic is Topic.ISSUES_AND_MEASURES else topic, child.path, project, causes)
            else:
                items.append((mode if topic is Topic.ISSUES_AND_MEASURES else topic, child.mark, _whole(child), _last_end(child)))
        items = [part for item in items for part in _answered(item, told_together=topic is Topic.ISSUES_AND_MEASURES)]
        before = len(self.issues), len(self.measures)
        marked = any(_CAUSE.search(item.words) for kind, _, item, _ in items if kind is Topic.ISSUES)
        for kind, label, item, end in items:
            answers = self.issues[-1] if label == _ANSWER and self.issues else None
            if _NOTHING.search(item.words) or len(item.words) < 5 or _NOT_ITS_OWN.match(item.words):
                continue
            if kind is Topic.ISSUES and label == _REASON:
                self._add_cause(self.issues[-1], item)
            elif kind is Topic.ISSUES:
                self._add_issue(item, label, end, path, project, rest_is_cause=causes and not marked)
            else:
                measure = self._add_measure(item, label, end, path, project)
                if answers:
                    measure.issues.append(answers)
        if topic is Topic.ISSUES_AND_MEASURES:
            _tie(self.issues[before[0] :], self.measures[before[1] :])

    def _add_issue(
        self, item: Passage, label: str | None, end: int, path: Section, project: str | None, *, rest_is_cause: bool
    ) -> None:
        words = item.words
        at = item.offset(0)
        whole = Span(item.offset(0), max(end, _end(item)))
        cause = _CAUSE.search(words)
        if named := _NAMED_CAUSE.search(words):
            statement, reason = item.part(0, named.start()), item.part(*named.span("reason"))
        elif cause and cause.start() > 3:
            statement = item.part(0, cause.start("lead"))
            reason = item.part(cause.start("lead") if cause["kept"] else cause.end("lead"), len(words))
        elif cause is None and rest_is_cause and (stop := words.find("。")) > 0 and stop < len(words) - 8:
            statement, reason = item.part(0, stop), item.part(stop + 1, len(words))
        else:
            self.issues.append(IssueDraft([whole], path, words.rstrip("。；; "), None, label, project=project))
            self.read[at] = self.issues[-1]
            return
        spans = [statement.span(0, len(statement.words.rstrip("，。；, "))), reason.span(0, len(reason.words))]
        self.issues.append(
            IssueDraft(spans, path, statement.words.rstrip("，。；,; "), reason.words.strip() or None, label, project=project)
        )
        self.read[at] = self.issues[-1]

    def _add_cause(self, issue: IssueDraft, reason: Passage) -> None:
        if issue.cause is None:
            issue.cause = reason.words
            issue.spans.append(reason.span(0, len(reason.words)))

    def _add_measure(self, item: Passage, label: str | None, end: int, path: Section, project: str | None) -> MeasureDraft:
        start = item.offset(0)
        measure = MeasureDraft([Span(start, max(end, _end(item)))], path, item.words, [], label, project=project)
        self.measures.append(measure)
        self.read[start] = measure
        return measure

    def link(self) -> None:
        """Tie measures to the problems they answer: the same number in parallel lists, or the problem's own words."""
        if len(self.issues) == 1 and not any(measure.issues for measure in self.measures):
            issue = self.issues[0]
            wanted = bigrams(f"{_heading_of(issue.statement)}。{issue.cause or ''}") - _GENERIC
            for measure in self.measures:
                if wanted & bigrams(_heading_of(measure.statement)):
                    measure.issues.append(issue)
            return
        open_measures = [measure for measure in self.measures if not measure.issues and self.issues]
        numbered = {ordinal_of(issue.label or ""): issue for issue in reversed(self.issues)}
        pairs = [
            (measure, numbered[number])
            for measure in open_measures
            if (number := ordinal_of(measure.label or "")) in numbered and measure.label
        ]
        if len(open_measures) >= len(self.issues) > 1 and not (
            any(measure.label for measure in open_measures) and any(issue.label for issue in self.issues)
        ):
            in_order = list(zip(open_measures, self.issues, strict=False))  # what comes after answers none
            if _alike(in_order) * 2 > len(in_order):
                for measure, issue in in_order:
                    measure.issues.append(issue)
                return
        alike = _alike(pairs)
        fewest = 3 if len(open_measures) == len(self.issues) else 2  # as many answers as problems are hardly by chance
        parallel = len(numbered) == len(self.issues) and len(pairs) >= len(self.issues) - 1 and alike * fewest > len(pairs)
        if parallel:
            for measure in open_measures:
                ordinal = ordinal_of(measure.label or "")
                if ordinal in numbered and ordinal > 0:
                    measure.issues.append(numbered[ordinal])
            return
        last = {_heading_of(issue.statement): at for at, issue in enumerate(self.issues)}  # of equal headings the last
        places = list(last.values())
        headings = Bigrams(bigrams(heading) - _GENERIC for heading in last)
        for measure in open_measures:
            shared = headings.shared(bigrams(measure.statement) - _GENERIC)
            share, at = max(((count / headings.size(which), places[which]) for which, count in shared.items()), default=(0.0, 0))
            if share >= 0.34:
                measure.issues.append(self.issues[at])


def _alike(pairs: list[tuple[MeasureDraft, IssueDraft]]) -> int:
    """How many measures speak of the problem beside them."""
    return sum(
        bool((bigrams(f"{issue.statement}。{issue.cause or ''}") & bigrams(measure.statement)) - _GENERIC)
        for measure, issue in pairs
    )


def _tie(issues: list[IssueDraft], measures: list[MeasureDraft]) -> None:
    """Tie measures to the problems told right before them, where there are as many."""
    if len(issues) == len(measures):
        for issue, measure in zip(issues, measures, strict=True):
            if not measure.issues:
                measure.issues.append(issue)


_ANSWER, _REASON = "answer", "reason"


def _without_lead(passages: list[Passage]) -> list[Passage]:
    """The paragraphs from 一是 on, where they count themselves and what stands before leads in to them."""
    first = next((at for at, passage in enumerate(passages) if counted(passage)[0] is not None), 0)
    leads = passages[:first]
    counts = sum(counted(passage)[0] is not None for passage in passages) >= 2
    return passages[first:] if counts and len(leads) == 1 and len(leads[0].words) <= 80 else passages


def _is_problem(point: Point) -> bool:
    """Whether a point tells one problem: 偏差：…, 问题1：…"""
    several = listed(point.passage)[1] or _side_by_side(point.passage)
    return point.role is Role.ISSUE and len(point.passage.words) >= 5 and not several


_PROBLEM_LABEL = re.compile(r"(?:存在)?问题\s*[:：]\s*")
_REASON_LABEL = re.compile(r"(?:主要|具体)?原因(?:分析)?\s*[:：]\s*")
_ANSWER_LABEL = re.compile(
    r"(?:下一步|改进|整改|解决|应对)?(?:措施|办法|打算|建议)\s*[:：]\s*|(?:整改|纠偏|对策|工作建议|对策建议|下一步(?:工作|安排)?)\s*[:：]\s*"
)


def _pair(child: Node) -> list[tuple[Topic, str | None, Passage, int]]:
    """A numbered item that holds a problem and its measures: 问题：… 措施：…, in one paragraph or several."""
    passages = list(child.passages())
    mark = _PROBLEM_LABEL.match(passages[0].words) if passages else None
    if mark is None and not any(_ANSWER_LABEL.match(each.words) or len(_told_together(each)) > 1 for each in passages[1:]):
        return []
    problem = passages[0].part(mark.end() if mark else 0, len(passages[0].words))
    found = _answered((Topic.ISSUES, child.mark, problem, _end(problem)))
    if len(found) == len(passages) == 1 and len(several := _items(problem, lead_in=False)) > 1:
        return [(Topic.ISSUES, label, each, _end(each)) for label, each in several]
    for passage in passages[1:]:
        answer = _ANSWER_LABEL.match(passage.words)
        if answer is None:
            if len(found) > 1:
                continue
            told, reason = _PROBLEM_LABEL.match(passage.words), _REASON_LABEL.match(passage.words)
            if told:  # under a heading that names it
                problem = passage.part(told.end(), len(passage.words))
                found[0] = (Topic.ISSUES, child.mark, problem, _end(problem))
            elif reason:
                part = passage.part(reason.end(), len(passage.words))
                found.append((Topic.ISSUES, _REASON, part, _end(part)))
            else:  # the reason, in a paragraph of its own, and perhaps what will be done
                (*_, end), *answers = _told_together(passage)
                found[0] = (*found[0][:3], end)
                found.extend(answers)
            continue
        part = passage.part(answer.end(), len(passage.words))
        items = [item for _, item in listed(part)[1]] or [part]
        found.extend((Topic.MEASURES, _ANSWER, item, _end(item)) for item in items)
    return found


_OWN_ANSWER = re.compile(
    r"[。；;，,]?\s*(?:改进|整改|解决|应对|下一步)?(?:措施|办法|建议|打算)[:：]|[。；;]\s*(?=建议[^。：:]{4,})|[。；;]\s*(?:下一步|下步|今后|下一年度?)(?:工作中)?[，,：:]?(?=[^。]{6,})"
)


def _told_together(passage: Passage) -> list[tuple[Topic, str | None, Passage, int]]:
    return _answered((Topic.ISSUES, None, passage, _end(passage)), told_together=True)


_WILL_DO = re.compile(r"[。；;](?=[\u4e00-\u9fff]{0,8}?(?<![即可必未])(?:将|拟)(?![来近军至由从])[\u4e00-\u9fff]{3})")


def _answered(
    item: tuple[Topic, str | None, Passage, int], *, told_together: bool = False
) -> list[tuple[Topic, str | None, Passage, int]]:
    """A problem that carries its own measure, cut in two: …。原因：…。措施：…

    Where problems and measures are ``told_together``, who will do what needs no other mark: …。学院将 …
    """
    topic, label, passage, end = item
    mark = _OWN_ANSWER.search(passage.words) if topic is Topic.ISSUES else None
    if mark is None and told_together and topic is Topic.ISSUES:
        mark = _WILL_DO.search(passage.words)
    if mark is None or mark.start() < 6 or mark.end() + 6 > len(passage.words):
        return [item]
    problem, answer = passage.part(0, mark.start() + 1), passage.part(mark.end(), len(passage.words))
    return [(topic, label, problem, _end(problem)), (Topic.MEASURES, _ANSWER, answer, end)]


def _announces(node: Node) -> bool:
    told = node.body is not None or is_titled(node)
    return bool(node.is_heading or node.children or node.blocks or (node.style in ("cn", "paren_cn") and told))


_GROUP = re.compile(r"(?:方面|层面|情况|环节|部分|类)$")


_LONGEST_GROUP = 6


def _lists(child: Node) -> bool:
    """Whether what runs on behind a heading is a list: 不足。一是 …；二是 …"""
    return child.body is not None and len(listed(child.body)[1]) > 1


def _only_groups(child: Node) -> bool:
    """Whether a numbered child only gathers problems under it: 预算编制方面, with its own numbered items."""
    return bool(child.children) and child.is_heading and (bool(_GROUP.search(child.title)) or len(child.title) <= 6)


def _by_mark(passage: Passage, mode: Topic, topic: Topic) -> Iterator[tuple[Topic, Passage]]:
    """The passage cut where it says 存在的问题： or 建议：."""
    if topic is not Topic.ISSUES_AND_MEASURES:
        yield mode, passage
        return
    words = passage.words
    marks = sorted(
        [(match.start(), match.end(), Topic.ISSUES) for match in _ISSUE_MARK.finditer(words)]
        + [(match.start(), match.end(), Topic.MEASURES) for match in _MEASURE_MARK.finditer(words)]
    )
    position = 0
    for start, end, following in marks:
        if start - position > 4:
            yield mode, passage.part(position, start)
        mode, position = following, end
    if len(words) - position > 4:
        yield mode, passage.part(position, len(words))


def _items(passage: Passage, lead_in: bool) -> list[tuple[str | None, Passage]]:
    items = listed(passage)[1]
    if items:
        return list(items)
    if not lead_in and (told := _led_row(passage)):
        return [(None, part) for part in told]
    words = passage.words
    if not lead_in and (parts := _connected(passage) or _side_by_side(passage) or _each_to_do(passage) or _by_matter(passage)):
        return [(None, part) for part in parts]
    if words.endswith(("：", ":")) or (lead_in and re.search(r"(?:如下|以下|几个方面|问题)[:：。]?$", words)):
        return []
    if lead_in and len(words) < 60 and not words.endswith("。"):
        return []
    return [counted(passage)] if not lead_in else []


_ROW_LEAD = re.compile(
    r"[^。；：:]{0,60}?(?:差距|不足|问题|短板|困难|弱项|[件项]事情?|工作|措施|举措|建议|方面|如下|以下|看到|认识到|[表体]现[在为])[^。；：:，]{0,6}[：:]"
)


def _led_row(passage: Passage) -> list[Passage]:
    """What a sentence tells between semicolons behind its lead, with what goes on after it: 还有一些不足：A；B；C。同时，D."""
    lead = _ROW_LEAD.match(passage.words)
    stop = passage.words.find("。")
    stop = stop + 1 if stop > 0 else len(passage.words)
    row = _side_by_side(passage.part(lead.end(), stop)) if lead else []
    if not row or stop == len(passage.words):
        return row
    rest = passage.part(stop, len(passage.words))
    mark = _CONNECTIVE.match(rest.words)
    return [*row, *(_connected(rest) or [rest.part(mark.end() if mark else 0, len(rest.words))])]


_CONNECTIVE = re.compile(
    r"(?:(?<=[。；;：:])|^)(?:(?P<first>首先|第一|一方面)|其次|再次|再者|最后|另一方面|同时|此外|另外|与此同时)[，,]"
)


def _connected(passage: Passage) -> list[Passage]:
    """What a paragraph tells one after another without numbers: 首先，A。其次，B, or A。同时，B。此外，C."""
    words = passage.words
    marks = list(_CONNECTIVE.finditer(words))
    if not marks:
        return []
    starts = [mark.end() for mark in marks]
    ends = [mark.start() for mark in marks]
    if marks[0]["first"] is None and ends[0] > 0:
        starts, ends = [0, *starts], [*ends, len(words)]
    else:
        ends = [*ends[1:], len(words)]
    parts = [passage.part(start, end) for start, end in zip(starts, ends, strict=True) if end - start >= _SHORTEST]
    return parts if len(parts) > 1 else []


_TO_DO = re.compile(  # a sentence that says what will be done
    r"(?:针对[^，。]{2,30}[，,])?(?:[我本][局委办厅院校镇乡]|学校|医院|部门|单位)?(?:[将要]|(?:进一步|继续|切实|着力|不断|持续)?(?:加|强|完|建|推|做|提|规|严|健|优|落|压|充|引|细|深|统|抓|改|拓|夯|增|开|树|盘|督))[\u4e00-\u9fff]"
)


def _each_to_do(passage: Passage) -> list[Passage]:
    """The sentences of a paragraph that says in each what will be done: 加快A。进一步细化B。强化C."""
    words = passage.words
    ends = [at + 1 for at, mark in enumerate(words) if mark == "。"]
    if len(ends) < 3:
        return []
    parts = [passage.part(start, end) for start, end in pairwise([0, *ends]) if end - start > _SHORTEST]
    return parts if len(parts) > 2 and all(_TO_DO.match(part.words) for part in parts) else []


def _by_matter(passage: Passage) -> list[Passage]:
    """What a paragraph tells of one matter after another: 针对A问题，…。针对B问题，…。, or A方面，…。B方面，…。"""
    starts = [match.start() for match in _MATTER.finditer(passage.words)]
    if len(starts) < 2 or starts[0] > 0:
        return []
    return [passage.part(start, end) for start, end in pairwise([*starts, len(passage.words)])]


_MATTER = re.compile(
    r"(?:(?<=[。；])|^)(?:(?:针对|对于|关于|围绕)[^，。；]{2,30}|[\u4e00-\u9fff]{2,10}(?:方面|上)(?=[，：]))[，,：]"
)


def _side_by_side(passage: Passage) -> list[Passage]:
    """What a single sentence without numbers tells between semicolons: A；B。"""
    words = passage.words.rstrip("。；; ")
    stops = [at for at, mark in enumerate(words) if mark == "；"]
    if not stops or "。" in words or "：" in words:
        return []
    bounds = [0, *(at + 1 for at in stops), len(words)]
    parts = [passage.part(start, end) for start, end in pairwise(bounds)]
    return parts if all(len(part.words) >= _SHORTEST_OF_ROW for part in parts) else []


_SHORTEST_OF_ROW = 6
_SHORTEST = 8


def _end(passage: Passage) -> int:
    return passage.span(0, len(passage.words)).end


def _last_end(node: Node) -> int:
    """Where the last of a section's own text ends, its subsections' and paragraphs' included."""
    end = _end(node.words)
    for section in node.walk():
        for passage in section.passages():
            if _NOT_ITS_OWN.match(passage.words):
                return end
            if passage.offset(0) - end > 400:
                return end
            end = max(end, _end(passage))
    return end


def _whole(node: Node) -> Passage:
    """A heading with the paragraphs under it, closed by a stop; an item that is a sentence of its own as it stands."""
    whole = node.words
    if node.children or not node.is_heading:
        return whole
    for block in node.blocks:
        if not isinstance(block, Passage) or len(block.words) < 6 or _NOT_ITS_OWN.match(block.words) or len(whole.words) > 400:
            break
        whole = _followed_by(whole, block)
    return whole


def _followed_by(before: Passage, after: Passage) -> Passage:
    words = before.words if before.words.endswith(("。", "；", "：")) else before.words + "。"
    starts = (*before.starts, *(len(words) + start for start in after.starts))
    return Passage(words + after.words, starts, (*before.sources, *after.sources))


_NOT_ITS_OWN = re.compile(
    r"附件|附表|附[:：]|.{2,20}(?:局|委|办|会|院|中心|政府|办事处|厅|馆|学校|大学|中学|小学)$|(?:19|20)\d{2}年\d{1,2}月\d{1,2}日|联系|填报|单位[:：]|备注"
)


def _heading_of(statement: str) -> str:
    return re.split(r"[。：:；，]", statement, maxsplit=1)[0]
