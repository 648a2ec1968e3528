"""Goals (绩效目标) and what became of them (完成情况): by labels (目标1：), by headings, and from the table's goal cells.

A completion is tied to its goal where the report ties the two: label, order, or the goal's own words.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

from jixiao.document import Passage, Span, TableCell
from jixiao.drafts import CompletionDraft, GoalDraft, Section
from jixiao.outline import Section as Node
from jixiao.outline import counted, listed, ordinal_of
from jixiao.records import ReportType
from jixiao.rules.aims import counted_up, pursued
from jixiao.rules.points import Point, Role, opens_named, opens_result, points, told_together
from jixiao.rules.rows import GoalCells
from jixiao.rules.status import Status, judge
from jixiao.rules.topics import Topic, is_titled, sets_no_goal, speaks_of_goals_and_completion, topic_in, topic_of
from jixiao.rules.wording import Bigrams, bigrams

Level = Literal["key_work", "annual", "project"]
_LABELLED_GOAL = re.compile(
    r"(?P<label>(?:年度|绩效|总体|工作)?目标\s*(?P<number>[一二三四五六七八九十]{1,2}|[0-9０-９]{1,2}))\s*(?P<stop>[:：.．、，]|(?!(?:已|均)?(?:全面|基本|超额|部分|如期|按期|圆满|全部|未|已)*(?:完成|实现|达成))(?=[\u4e00-\u9fff]))\s*"
)
_COMPLETION_LABEL = re.compile(
    r"(?:[一二三四五六七八九十\d]{0,2})(?:目标)?(?:实际)?(?:完成|实现)(?:情况|结果)?(?:及成效|和效果)?\s*[:：]\s*"
)
_FORM_GOAL = re.compile(r"(?:预期|年度|总体|绩效|项目|设定|年初)+目标\s*[:：]\s*")
_COMPLETION_OF_GOAL = re.compile(  # 目标1完成情况：全年新建 …, of a goal that was stated before
    r"(?:年度|绩效|总体|工作)?目标\s*(?P<number>[一二三四五六七八九十]{1,2}|[0-9０-９]{1,2})\s*(?:的)?(?:实际|年度)?(?:完成|实现|达成|落实)(?:情况|结果|程度)\s*(?:[:：。]|$)\s*"
)
_EFFECT_LABEL = re.compile(r"(?:取得(?:的)?)?(?:效果|成效|效益|绩效)(?:情况)?\s*[:：]\s*")
_OF_THE_YEAR = re.compile(r"年度|本年|当年|20\d\d年|区域")
_OTHER_LABEL = re.compile(
    r"(?:[（(]?注|备注|[未末](?:完成|实现|达标)(?:的)?(?:主要)?原因|原因分析|偏差原因|改进措施|下一步措施)\s*[:：]"
)
_GOAL_LEAD = re.compile(
    r"(?:(?:项目|部门|整体|本年度?|当年|阶段性?|年初|设定|预期|总体?|年度|绩效|实施期|长期|中期|具体|支出|主要)+目标(?:设定)?(?:为|是|如下|有|共|包括)?(?:[:：]|[一二两三四五六七八九\d]项[:：])|目标(?:为|如下|是)[:：])"
)
_NAMED_AIM = re.compile(
    r"(?:项目|部门|整体|绩效)*(?:总体?|长期|中期|实施期|(?P<year>阶段性?|年度|当年))(?:绩效)?目标[。：:](?=.{4})"
)
_STATED_GOAL = re.compile(
    r"(?:^|[。；])(?:20\d\d年)?[^，。；：]{0,6}?(?:年初|项目|部门|整体|年度|全年|绩效|总体|主要|工作|设定的?)+目标(?:[:：]|(?:为|是)[:：]?(?=[^，。；]{2,}[，。；]))"
)
_NAMED_GOAL = re.compile(  # A是年初设定的整体绩效目标
    r"(?:^|[。；])(?P<goal>[^。；：]{12,}?)[，,]?是[^，。；]{0,8}?(?:年初|年度|部门|项目|批复|设定|确定|制定|申报)+的?(?:整体|总体|年度|项目|部门|支出)*(?:绩效)?目标(?=[。，；])"
)
_ITEM_STYLES = ("digit", "paren_digit", "circle", "bullet")
_PLACEHOLDER = re.compile(r"[Xx×＊*]{2,}|（此处|\(此处|填写|^无[。]?$|^略|^详见|^见附")


class GoalReader:
    """Collects the goals and completions of one document as its sections and tables are gone through."""

    def __init__(self, report_type: ReportType) -> None:
        self.goals: list[GoalDraft] = []
        self.completions: list[CompletionDraft] = []
        self.read: dict[int, CompletionDraft | GoalDraft] = {}
        """By the place where a passage begins: the goal or completion that it is, for the figures in it."""
        self._project_report = report_type in ("project", "policy")
        self._by_number: dict[tuple[int, str | None], GoalDraft] = {}
        self._overall: Node | None = None
        """The section in which 总体目标完成情况 was told, so that 指标完成情况 goes through the indicators only."""

    # Sections

    def read_section(self, node: Node, path: Section, project: str | None) -> None:
        """Take in a section's own line and paragraphs (its subsections come by themselves)."""
        aimed = any("目标" in passage.words for passage in node.passages())
        if aimed and (
            self.read_form(node, path, project)
            or self._read_by_goal(node, path, project)
            or self._read_labelled(node, path, project)
        ):
            return
        if self._read_told_together(node, path, project) or self._read_results(node, path, project):
            return
        topic = topic_in(node)
        if aimed and self._read_pursued(node, topic, path, project):
            return
        own_topic = topic_of(node.title) if _opens(node) else Topic.OTHER
        if topic is Topic.KEY_WORK and self._is_list_place(node, own_topic):
            self._read_goals(node, path, project, "key_work")
        elif topic is Topic.GOALS and self._is_list_place(node, own_topic):
            self._read_goals(node, path, project, self._level(node))
        elif topic is Topic.OTHER and aimed:
            for passage in node.passages():
                self._read_stated_goal(passage, path, project)
        elif topic is Topic.COMPLETION and not self._read_pairs(node, path, project):
            if node.children:
                for passage in node.passages():
                    self._read_stated_goal(passage, path, project)
            told = not node.children and any(_GOAL_LEAD.search(passage.words) for passage in node.passages())
            if told or (speaks_of_goals_and_completion(node.title) and not node.children):
                self._read_goal_and_completion(node, path, project)
            else:
                self._read_completion(node, path, project)

    def _read_stated_goal(self, passage: Passage, path: Section, project: str | None) -> GoalDraft | None:
        """项目目标：… told in passing, under a heading that announces something else; the goal, where it is one alone."""
        words = passage.words
        before = len(self.goals)
        if named := _NAMED_GOAL.search(words):
            self._goal_item(passage.part(*named.span("goal")), None, self._level_told(named[0], project), path, project)
        elif match := _STATED_GOAL.search(words):
            stop = words.find("。", match.end())
            part = passage.part(match.end(), stop if stop > 0 else len(words))
            for label, item in _or_whole(listed(part)[1], part):
                self._goal_item(item, label, self._level_told(match[0], project), path, project)
        return self.goals[before] if len(self.goals) == before + 1 else None

    def _level_told(self, lead: str, project: str | None) -> Level:
        """The level of a goal by the words that lead in to it."""
        return "project" if (project or self._project_report) and not _OF_THE_YEAR.search(lead) else "annual"

    def _level(self, node: Node) -> Level:
        """The level of the goals in a section, by its heading and by what leads in to its list: 2023年具体目标为："""
        heading = node if _opens(node) or node.parent is None else node.parent
        lead = heading.blocks[-1] if heading is not node and heading.blocks else None
        led = lead.words[_sentence_start(lead.words, len(lead.words) - 1) :] if isinstance(lead, Passage) else ""
        return "annual" if _OF_THE_YEAR.search(heading.title + led) or not self._project_report else "project"

    def _is_list_place(self, node: Node, own_topic: Topic) -> bool:
        return (
            own_topic is not Topic.OTHER
            or not _opens(node)
            or bool(node.parent and topic_of(node.parent.title) is not Topic.OTHER)
        )

    def _read_labelled(self, node: Node, path: Section, project: str | None) -> bool:
        """目标1：… 完成情况：… 效果：…, wherever they stand."""
        passages = list(node.passages())
        if not any(_LABELLED_GOAL.match(passage.words) for passage in passages):
            return False
        intro = ""
        told_done = "完成" in node.title and not any(_COMPLETION_LABEL.match(passage.words) for passage in passages)
        goal: GoalDraft | None = None
        completion: CompletionDraft | None = None
        stated: Status = "unstated"
        for passage in passages:
            words = passage.words
            if match := _LABELLED_GOAL.match(words):
                rest = passage.part(match.end(), len(words))
                goal, completion = None, None
                stated = judge(intro) if intro else "unstated"
                aim, done, effect = _in_one(rest)
                if done is None and told_done and 0 < (stop := aim.words.find("。")) < len(aim.words) - 15:
                    aim, done = aim.part(0, stop + 1), aim.part(stop + 1, len(aim.words))  # 目标一：抓治理。全年受理 …
                if aim.words:
                    goal = self._add_goal(aim, re.sub(r"\s", "", match["label"]), "annual", path, project)
                if done is not None:
                    completion = self._add_completion(done, goal, path, project, stated)
                    if effect is not None:
                        self._add_effect(completion, effect)
            elif (match := _COMPLETION_LABEL.match(words)) and goal is not None:
                rest = passage.part(match.end(), len(words))
                if rest.words:
                    completion = self._add_completion(rest, goal, path, project, stated)
            elif (match := _EFFECT_LABEL.match(words)) and completion is not None:
                self._add_effect(completion, passage.part(match.end(), len(words)))
            elif goal is None:
                intro = words
            elif completion is None and (done := _told_next(passage)) is not None:
                completion = self._add_completion(done, goal, path, project, stated)
            elif completion is not None:
                self.read[passage.offset(0)] = completion
        return True

    def read_form(self, node: Node, path: Section, project: str | None) -> bool:
        """预期目标：… and 实际完成情况：…, a paragraph each as in a form; whether there were both."""
        found = False
        aim: Passage | None = None
        level: Level = "annual"
        made: list[CompletionDraft] = []
        for passage in node.passages():
            if match := _FORM_GOAL.match(passage.words):
                aim = passage.part(match.end(), len(passage.words))
                level = "project" if project and "年度" not in match[0] and "预期" not in match[0] else "annual"
            elif aim is not None and (match := _COMPLETION_LABEL.match(passage.words)):
                done = passage.part(match.end(), len(passage.words))
                if len(aim.words) >= 5 and len(done.words) >= 5:
                    before = len(self.completions)
                    self.read_cells(GoalCells(TableCell(0, 0, aim), TableCell(0, 0, done), project), path, level)
                    made = self.completions[before:]
                    found = True
                aim = None
            elif len(made) == 1 and made[0].effect is None and (match := _EFFECT_LABEL.match(passage.words)):
                self._add_effect(made[0], passage.part(match.end(), len(passage.words)))
        return found

    def _read_by_goal(self, node: Node, path: Section, project: str | None) -> bool:
        """目标1完成情况：…, each of a goal stated before; what follows without a label goes on about the same one."""
        passages = list(node.passages())
        if not any(_COMPLETION_OF_GOAL.match(passage.words) for passage in passages):
            return False
        goal: GoalDraft | None = None
        completion: CompletionDraft | None = None
        for passage in passages:
            if match := _COMPLETION_OF_GOAL.match(passage.words):
                goal, completion = self._goal_labelled(match["number"], project), None
                passage = passage.part(match.end(), len(passage.words))
            elif passage is node.words:
                continue  # the heading above the labels
            if not passage.words or _OTHER_LABEL.match(passage.words):
                continue
            if completion is None:
                completion = self._add_completion(passage, goal, path, project)
            elif match := _EFFECT_LABEL.match(passage.words):
                self._add_effect(completion, passage.part(match.end(), len(passage.words)))
            else:
                self._carry_on(completion, passage)
        return True

    def _read_told_together(self, node: Node, path: Section, project: str | None) -> bool:
        """1. A。完成情况：B, or 目标：A 措施：B 成效：C, in one paragraph or a paragraph each; whether there was any."""
        at_top = node.style in _ITEM_STYLES and node.parent is not None and node.parent.style == "root"
        told = told_together(
            (point for passage in node.passages() for point in points(passage)),
            of_goals=at_top or topic_in(node) in (Topic.GOALS, Topic.KEY_WORK, Topic.COMPLETION),
        )
        for goal, done, effect in told:
            if goal is None or sets_no_goal(goal.passage.words):
                continue
            aim = self._add_goal(goal.passage, self._label_of(goal, node), self._level_of(goal, node), path, project)
            completion = self._add_completion(done[0], aim, path, project, _told_of_all(node))
            for passage in done[1:]:
                self._carry_on(completion, passage)
            if effect is not None:
                self._add_effect(completion, effect)
        return bool(told)

    def _read_pursued(self, node: Node, topic: Topic, path: Section, project: str | None) -> bool:
        """围绕A的目标，B: a goal named where it is told what was done for it; whether there was any."""
        told = [(passage, pursued(passage)) for passage in node.passages() if len(passage.words) >= 20]
        if not any(named for _, named in told):
            return False
        for passage, named in told:
            for goals, done in named:
                aims = [self._add_goal(goal, None, "annual", path, project) for goal in goals]
                if len(done.words) >= 12 and _COUNTED.search(done.words) and topic not in (Topic.GOALS, Topic.KEY_WORK):
                    self._add_completion(done, aims[0] if len(aims) == 1 else None, path, project)
            if not named and topic is Topic.COMPLETION and _tells_result(passage) and passage is not node.words:
                self._add_completion(passage, None, path, project)
        return True

    def _label_of(self, goal: Point, node: Node) -> str | None:
        opens = goal.passage.offset(0) == node.words.offset(0)
        named = goal.number is None and opens_named(node.words, goal.passage)
        return node.mark if named or (opens and goal.role is Role.PLAIN) else goal.number

    def _level_of(self, goal: Point, node: Node) -> Level:
        key_work = goal.role is Role.PLAIN and node.parent is not None and _KEY_WORK.search(node.parent.title)
        return "key_work" if key_work else self._level(node)

    def _goal_labelled(self, number: str, project: str | None) -> GoalDraft | None:
        """The goal last stated under this number."""
        return self._by_number.get((ordinal_of(number), project))

    def _add_effect(self, completion: CompletionDraft, rest: Passage) -> None:
        if not rest.words:
            return
        completion.effect = rest.words
        completion.spans.append(rest.span(0, len(rest.words)))
        self.read[rest.offset(0)] = completion
        if completion.status == "unstated":
            completion.status = judge(completion.statement + rest.words)

    def _carry_on(self, completion: CompletionDraft, passage: Passage) -> None:
        """Take a further paragraph into the completion."""
        completion.statement += passage.words
        completion.spans[0] = Span(completion.spans[0].start, passage.span(0, len(passage.words)).end)
        self.read[passage.offset(0)] = completion
        if completion.status == "unstated":
            completion.status = judge(passage.words)

    def _read_goals(self, node: Node, path: Section, project: str | None, level: Level) -> None:
        if not _opens(node):
            if named := _NAMED_AIM.match(node.words.words):  # 1.总体目标。…
                words, level = node.words, "annual" if named["year"] and level != "key_work" else level
                self._goal_item(words.part(named.end(), len(words.words)), None, level, path, project)
            else:
                self._goal_item(node.words, node.mark, level, path, project)
            return
        passages = [*([node.body] if node.body else []), *(block for block in node.blocks if isinstance(block, Passage))]
        whole = is_titled(node)
        for passage in passages:
            if _ANNOUNCES_GOALS.search(passage.words):
                level = "annual" if _OF_THE_YEAR.search(passage.words) and level == "project" else level
                continue
            if purpose := _purpose(passage):
                self._goal_item(purpose, None, level, path, project)
            aims = [] if _GOAL_LEAD.search(passage.words) or node.children else counted_up(passage)
            for lead, aim in aims:
                self._goal_item(aim, None, "annual" if _OF_THE_YEAR.search(lead) else level, path, project)
            for lead, part in () if aims else _goal_parts(passage):
                its_level: Level = "annual" if level == "project" and _OF_THE_YEAR.search(lead) else level
                items = listed(part)[1]
                if items:
                    for label, item in items:
                        self._goal_item(item, label, its_level, path, project)
                elif not node.children:
                    for clause in [part] if whole or _LEVEL_LEAD.search(lead) else _clauses(part, bool(lead)):
                        self._goal_item(clause, None, its_level, path, project)
                elif lead and len(part.words) > 12:
                    self._goal_item(part, None, its_level, path, project)

    def _goal_item(self, passage: Passage, label: str | None, level: Level, path: Section, project: str | None) -> None:
        if len(passage.words) >= 4 and not _PLACEHOLDER.search(passage.words) and not sets_no_goal(passage.words):
            self._add_goal(passage, label, level, path, project)

    def _add_goal(self, passage: Passage, label: str | None, level: Level, path: Section, project: str | None) -> GoalDraft:
        kept = passage.part(0, len(passage.words.rstrip("。；;，,、 ")))
        goal = GoalDraft([kept.span(0, len(kept.words))], path, kept.words, level, label or None, project=project)
        self.goals.append(goal)
        if label and not label[0].isalnum():
            goal.label = None  # the mark of a list without numbers
        elif label:
            self._by_number[_label_ordinal(label), project] = goal
        self.read[passage.offset(0)] = goal
        return goal

    def _add_completion(
        self,
        passage: Passage,
        goal: GoalDraft | None,
        path: Section,
        project: str | None,
        stated: Status = "unstated",
        label: str | None = None,
    ) -> CompletionDraft:
        own = judge(passage.words)
        status = own if own != "unstated" else stated
        completion = CompletionDraft(
            [passage.span(0, len(passage.words))],
            path,
            passage.words,
            status,
            None,
            goal,
            label,
            project=project,
        )
        self.completions.append(completion)
        self.read[passage.offset(0)] = completion
        return completion

    def _read_goal_and_completion(self, node: Node, path: Section, project: str | None) -> None:
        """年度目标：A。…已完成：B, in one paragraph."""
        passages = [*([node.body] if node.body else []), *(block for block in node.blocks if isinstance(block, Passage))]
        goals: list[GoalDraft] = []
        for passage in passages:
            words = passage.words
            if _OTHER_LABEL.match(words):
                continue
            match = _GOAL_LEAD.search(words)
            if match is None:
                self._add_results(passage, goals, path, project)
                continue
            stop = words.find("。", match.end())
            stop = stop if stop >= 0 else len(words)
            part = passage.part(match.end(), stop)
            level: Level = "annual" if "年度" in match[0] or not self._project_report else "project"
            before = len(self.goals)
            items = listed(part)[1]
            for label, item in _or_whole(items, part):
                self._goal_item(item, label, level, path, project)
            goals = self.goals[before:]
            rest = passage.part(stop + 1, len(words)) if stop + 1 < len(words) else None
            if rest is None or len(rest.words) < 10:
                continue
            if "下达" not in node.title:  # 绩效目标下达情况 tells what was set, never what became of it
                self._add_results(rest, goals, path, project)

    def _add_results(self, passage: Passage, goals: list[GoalDraft], path: Section, project: str | None) -> None:
        """What became of these goals, told goal by goal or in one."""
        parts = list(_by_goal(passage)) if len(goals) > 1 else []
        for ordinal, said in parts:
            self._add_completion(said, goals[ordinal - 1] if 0 < ordinal <= len(goals) else None, path, project)
        if not parts and len(passage.words) >= 15:
            self._add_completion(passage, goals[0] if len(goals) == 1 else None, path, project)

    def _read_completion(self, node: Node, path: Section, project: str | None) -> None:
        """What was done, under a heading that announces it: a list's items, or each paragraph."""
        heading: Node | None = node
        for _ in range(2):
            if heading is not None and not _announces_completion(heading):
                heading = heading.parent
        if heading is None or not _announces_completion(heading):
            return
        of_all = _OUTPUTS.search(heading.title) or (node.parent is not None and _CLAIMS.match(node.parent.title))
        if not of_all and any(_only_aspects(place) for place in _up_to(node, heading)):
            return
        if self._overall is not None and _BY_INDICATOR.search(heading.title) and not _within(heading, self._overall):
            return
        if self._overall is None and _OVERALL.search(heading.title):
            self._overall = heading
        if _MONEY.search(node.title):
            return
        if node is heading:
            if node.children:  # what stands above the list leads in to it, unless it counts what was missed
                leads = [*([node.body] if node.body else []), *(block for block in node.blocks if isinstance(block, Passage))]
                for lead in leads:
                    if _COUNTS_MISSED.search(lead.words):
                        self._add_completion(lead, None, path, project)
                return
            passages = [*([node.body] if node.body else []), *(block for block in node.blocks if isinstance(block, Passage))]
            intro: Status = "unstated"
            claimed = judge(passages[0].words) if len(passages) >= 3 and _introduces(passages[0]) else intro
            if claimed != "unstated":
                # 除X外均已完成 says the rest is done; of X its own paragraph says what became of it
                intro = "achieved" if _EXCEPT.search(passages[0].words) else claimed
                passages = passages[1:]
            for passage in passages:
                items = listed(passage)[1]
                own_label, passage = (None, passage) if items else counted(passage)
                if len(items) >= 2 and all(len(item.words) >= 12 for _, item in items):
                    for label, item in items:
                        self._add_completion(item, None, path, project, label=label)
                elif len(passage.words) >= (8 if is_titled(node) or _COUNTED.search(passage.words) else 20) and _tells_result(
                    passage
                ):
                    self._add_completion(passage, None, path, project, intro, label=own_label)
            return
        blocks = [block for block in node.blocks if isinstance(block, Passage) and len(block.words) >= 12]
        blocks = [block for block in blocks if not (_CONCLUSION.search(block.words[:80]) or _SURVEYED.match(block.words))]
        if node.is_heading and blocks:
            if items := _counted(blocks):
                for label, block in items:
                    self._add_completion(block, None, path, project, label=label)
                return
            self._add_completion(blocks[0], None, path, project, label=node.mark)
            for block in blocks[1:]:
                if len(_COUNTED.findall(block.words)) >= 2:  # results of its own
                    self._add_completion(block, None, path, project, label=node.mark)
                else:
                    self._carry_on(self.completions[-1], block)
        elif (
            not node.is_heading
            and not node.children
            and (len(node.words.words) >= 15 or (len(node.words.words) >= 8 and _COUNTED.search(node.words.words)))
        ):
            claimed = _claimed(node.parent)
            claimed = claimed if claimed != "unstated" else _told_of_all(node)
            self._add_completion(node.words, None, path, project, claimed, label=node.mark)

    def _read_results(self, node: Node, path: Section, project: str | None) -> bool:
        """主要产出和效果：…, within a paragraph on a project; whether there was any."""
        results = [(passage, _results_in(passage)) for passage in node.passages()]
        if not any(part for _, part in results):
            return False
        goal: GoalDraft | None = None
        for passage, part in results:
            before = passage.part(0, passage.position(part.offset(0))) if part else passage
            goal = self._read_stated_goal(before, path, project) or goal
            if part:
                self._add_completion(part, goal, path, project)
                goal = None
        return True

    def _read_pairs(self, node: Node, path: Section, project: str | None) -> bool:
        """年初目标：A。完成情况：B, or 目标A；实际B, within one item; whether there was any."""
        found = False
        for passage in node.passages():
            both = list(_SET_AND_DONE.finditer(passage.words)) or list(_VALUE_AND_DONE.finditer(passage.words))[:1]
            for told in both:
                found = True
                aimed = self._add_goal(passage.part(*told.span("goal")), None, "annual", path, project)
                stated = _claimed(node.parent) if node.parent else "unstated"
                self._add_completion(passage.part(*told.span("done")), aimed, path, project, stated)
            pair = None if both else _INLINE_PAIR.search(passage.words)
            if pair is None or len(passage.words) - pair.end() < 6:
                continue
            found = True
            label = _TASK.match(passage.words)
            goal = None
            aim = passage.part(*pair.span("goal"))
            if pair["colon"] and len(aim.words) >= 4:
                level: Level = "key_work" if label else "annual"
                goal = self._add_goal(aim, re.sub(r"\s", "", label[0]) if label else None, level, path, project)
            self._add_completion(passage.part(pair.end(), len(passage.words)), goal, path, project, label=node.mark)
        return found

    # Tables

    def read_cells(self, cells: GoalCells, path: Section, level: Level = "annual") -> None:
        """The goal cell and the completion cell of a table."""
        goals: list[GoalDraft] = []
        if cells.expected is not None and not _PLACEHOLDER.search(cells.expected.words):
            before = len(self.goals)
            passage = cells.expected.passage
            labelled = list(_labelled_items(passage))
            items = labelled or listed(passage)[1]
            for label, item in _or_whole(items, passage):
                self._goal_item(item, label, level, path, cells.project)
            goals = self.goals[before:]
        if cells.done is None or _PLACEHOLDER.search(cells.done.words) or len(cells.done.words) < 4:
            return
        passage = cells.done.passage
        items = list(_labelled_items(passage)) or listed(passage)[1]
        if len(goals) > 1 and len(items) == len(goals):
            for goal, (label, item) in zip(goals, items, strict=True):
                self._add_completion(item, goal, path, cells.project, label=label)
        else:
            self._add_completion(passage, goals[0] if len(goals) == 1 else None, path, cells.project)

    # Links

    def link(self) -> None:
        """Tie the completions that have no goal yet to the goal they speak of."""
        open_completions = [completion for completion in self.completions if completion.goal is None]
        if not open_completions or not self.goals:
            return
        by_project: dict[str | None, _Candidates] = {}
        for completion in open_completions:
            if completion.project not in by_project:
                own = [goal for goal in self.goals if goal.project == completion.project]
                by_project[completion.project] = _Candidates([goal for goal in own if goal.level != "key_work"] or own)
            completion.goal = by_project[completion.project].spoken_of(completion)


def _told_next(passage: Passage) -> Passage | None:
    """What a paragraph right after a goal says was done for it: 措施：…, or 截至12月底，…"""
    first = points(passage)[0]
    told = first.role in (Role.DONE, Role.ACTION) or (first.role is Role.PLAIN and opens_result(passage.words))
    return first.passage if told and first.passage.words else None


class _Candidates:
    """The goals that a completion may speak of; those in the same words count as often as they stand, and are tried once."""

    def __init__(self, goals: list[GoalDraft]) -> None:
        alike: defaultdict[tuple[str, str | None], list[GoalDraft]] = defaultdict(list)
        for goal in goals:
            alike[goal.statement, goal.label].append(goal)
        self._goals = list(alike.values())
        self._grams = Bigrams(bigrams(statement) for statement, _ in alike)
        self._labelled: defaultdict[int, list[int]] = defaultdict(list)
        for at, (_, label) in enumerate(alike):
            if label and (ordinal := _label_ordinal(label)) > 0:
                self._labelled[ordinal].append(at)

    def spoken_of(self, completion: CompletionDraft) -> GoalDraft | None:
        """The goal in whose words the completion speaks, if one stands out."""
        shared = self._grams.shared(bigrams(completion.statement))
        scores = {at: count / min(self._grams.size(at), 40) for at, count in shared.items()}
        for at in self._labelled.get(ordinal_of(completion.label), ()) if completion.label else ():
            if at in scores:  # the number alone ties nothing
                scores[at] += 0.2
        if not scores:
            return None
        if sum(score >= 0.3 for score in scores.values()) > 2:
            return None  # a paragraph on several goals is of none of them
        ranked = sorted(scores, key=lambda at: (-scores[at], at))[:2]
        score, goals = scores[ranked[0]], self._goals[ranked[0]]
        runner_up = score if len(goals) > 1 else scores[ranked[1]] if len(ranked) > 1 else 0.0
        return goals[0] if score >= (0.2 if score >= 1.5 * runner_up else 0.3) else None


_THEN_DONE = re.compile(r"[。；;]\s*(?:目标)?(?:实际)?(?:完成|实现)(?:情况|结果)?\s*[:：]\s*(?=\S)")
_THEN_ACTUAL = re.compile(r"[。；]\s*(?=实际(?!情况|结果|工作)[\u4e00-\u9fff\d])")
_THEN_EFFECT = re.compile(r"[。；;]\s*(?:取得(?:的)?)?(?:效果|成效|效益)\s*[:：]\s*(?=\S)")


def _in_one(passage: Passage) -> tuple[Passage, Passage | None, Passage | None]:
    """A goal with its completion and effect where they stand in one paragraph: …。完成情况：…。效果：…"""
    done = _THEN_DONE.search(passage.words) or _THEN_ACTUAL.search(passage.words)
    if done is None:
        return passage, None, None
    goal, rest = passage.part(0, done.start() + 1), passage.part(done.end(), len(passage.words))
    effect = _THEN_EFFECT.search(rest.words)
    if effect is None:
        return goal, rest, None
    return goal, rest.part(0, effect.start() + 1), rest.part(effect.end(), len(rest.words))


def _counted(passages: Sequence[Passage]) -> list[tuple[str, Passage]]:
    """Paragraphs that count themselves, 一是 … 二是 …, with their numbers; none where they do not all."""
    items: list[tuple[str, Passage]] = []
    for at, passage in enumerate(passages, 1):
        label, item = counted(passage)
        if label is None or ordinal_of(label) != at:
            return []
        items.append((label, item))
    return items if len(items) >= 2 else []


def _or_whole(items: Sequence[tuple[str, Passage]], passage: Passage) -> Sequence[tuple[str | None, Passage]]:
    """A passage's items, or where it has none the passage as its one item."""
    return items or [(None, passage)]


def _label_ordinal(label: str) -> int:
    number = re.search(r"[一二三四五六七八九十]+|\d+|[①-⑮]", label)
    return ordinal_of(number[0]) if number else 0


def _opens(node: Node) -> bool:
    """Whether the section is a heading for what follows rather than an item of a list."""
    return bool(
        node.children
        or node.blocks
        or (node.is_heading and node.style not in _ITEM_STYLES)
        or (node.style in ("cn", "paren_cn", "part") and topic_of(node.title) is not Topic.OTHER and not _is_one_of(node))
        or is_titled(node)
    )


def _is_one_of(node: Node) -> bool:
    """Whether a section that runs on in its line is one of a list, though it opens like a heading: （一）产业发展初见成效。…"""
    listed_under = node.parent is not None and topic_of(node.parent.title) is topic_of(node.title)
    return listed_under and node.body is not None and not is_titled(node) and not _LIST_HEADING.search(node.title)


_LIST_HEADING = re.compile(r"情况$|分析$|^(?:产出|效益|效果|成效)|完成$")
_ANNOUNCES = re.compile(
    r"(?:目标|任务|工作|指标|职责|职能)?(?:的)?(?:完成|实现|落实|达成)(?:及.{0,6})?(?:情况|结果|程度|分析)|目标(?:任务)?(?:的)?(?:执行|运行|推进|进展)情况|(?:工作|主要|取得的?)(?:成效|成绩|成果)|成效(?:情况)?$|^(?:政策|项目)?(?:实施|执行)的?(?:效果|成果)(?:情况)?$|^政策效果$|工作回顾|^(?:推进|进展|落实|工作)情况$|主要工作|工作总结|完成情况|^履职效能$|(?:目标|任务)(?:任务)?(?:完成|实现)$|^(?:绩效|项目|实际)?完成$|^绩效(?:实现)?情况$|^(?:项目|政策)?产出(?:与|和|及)(?:效果|效益)(?:情况)?$|(?:重点|年度|主要|各项)(?:工作|任务)(?:推进|进展)情况|^(?:项目|政策|部门)?产出(?:方面|分析|情况|$)|履职(?:绩效|效能|效果|效益|成效|完成|履行)?(?:分析|情况)"
)
_NOT_DONE = re.compile(r"未|偏离|原因|自评工作|开展情况|预算|资金|管理|分析说明|整改")
_INLINE_PAIR = re.compile(
    r"(?:年初|年度|绩效|设定|预期|计划|工作)*目标(?:值)?(?P<colon>[:：]|[为是][:：]?)?(?P<goal>[^。；;：:]{4,120})[。；;]\s*(?:(?:实际)?完成(?:情况)?[:：]|实际(?:完成)?(?:情况)?[:：]?)"
)
_RESULTS = re.compile(r"主要产出(?:和|及|与)(?:效果|效益)[:：]|主要成效[:：]")
_SURVEY = re.compile(r"自评综述|执行数|自评得分")  # 项目绩效自评综述：…, as 部门决算 print it
_RESULTS_LEAD = re.compile(
    r"从(?:项目)?(?:产出|完成|实施)(?:情况)?来?看[，,]|(?:年度|整体|总体|部门|项目|绩效|预期)*目标(?:任务)?的?(?:实际)?(?:完成|实现)(?:情况[:：]|[。：:])"
)
_RESULTS_OF_GOAL = re.compile(r"(?:年度|整体|总体|部门|项目|绩效|预期)*目标(?:任务)?的?(?:实际)?(?:完成|实现)情况[:：]")
_RESULTS_END = re.compile(r"(?:存在|发现)的?(?:主要)?问题|下一步|改进措施[:：]")
_SET_AND_DONE = re.compile(
    r"(?:年初(?:设定|确定|计划|下达|安排)(?:的?目标(?:为|是))?|(?:年初|年度|全年|绩效|工作)+目标(?:为|是))(?P<goal>(?=[^。；：]{0,6}[\u4e00-\u9fff]{4})[^。；：]{8,80}?)[，；]\s*(?:年末|全年)?(?P<done>实际[^。；]{4,}[。；]?)"
)
_KEY_WORK = re.compile(r"重点(?:工作|任务)|(?:主要|中心)工作")
_VALUE_AND_DONE = re.compile(  # 招商引资目标60亿元。全年到位资金51.3亿元，…
    r"(?:^|(?<=[。，：]))(?P<goal>[^，。；：]{2,24}(?<!绩效)(?<!年度)(?<!工作)目标(?:任务)?(?:为|是)?(?!共|值)[^，。；：\d]{0,4}\d[^，。；：]{0,14}(?<!项))[。；，](?P<done>(?:全年|年末|年底|实际|截[至止]|上半年|1[—\-至~]\d{1,2}月|\d{1,2}月底|目前|已)[^\n]{6,})"
)
_TASK = re.compile(r"(?:任务|工作)\s*[一二三四五六七八九十\d]{1,2}(?=[:：])")


def _results_in(passage: Passage) -> Passage | None:
    """What a passage says became of its goal: 主要产出和效果：…, up to the problems that it goes on to."""
    words = passage.words
    if "目标" not in words and "主要" not in words and words[:1] != "从":
        return None
    told = _RESULTS.search(words) or _RESULTS_LEAD.match(words) or (_SURVEY.search(words) and _RESULTS_OF_GOAL.search(words))
    if not told:
        return None
    stop = _RESULTS_END.search(words, told.end())
    part = passage.part(told.end(), stop.start() if stop else len(words))
    return part if len(part.words) >= 12 else None


_OUTPUTS = re.compile(r"(?:产出|效益|效果)(?:指标)?(?:完成|实现)情况")
_OVERALL = re.compile(r"(?:总体|整体)(?:绩效)?目标(?:的)?(?:完成|实现)")
_BY_INDICATOR = re.compile(r"(?:指标|产出|效益|满意度)[^，。]{0,6}(?:完成|实现)情况")
_EXCEPT = re.compile(r"除[^，。]{2,24}外")
_INTRODUCES = re.compile(r"(?:目标|任务|工作)[^。；]{0,16}(?:均|全部|已|外)|\d+项[^。]{0,12}(?:目标|任务)")


def _introduces(passage: Passage) -> bool:
    """Whether a paragraph speaks of all the goals before each is told of, and gives no results itself."""
    return len(passage.words) <= 120 and bool(_INTRODUCES.search(passage.words))


_MONEY = re.compile(
    r"(?:资金|预算|经费)(?:[\u4e00-\u9fff]{0,10}?(?:情况|管理|执行|使用|分析|方面|落实|到位|拨付|安排|支出|进度|率))?(?:[（(]|$)"
)
_ASPECT = re.compile(
    r"基本情况|概况|效益|满意度|可持续|影响|经验|做法|存在|原因|风险|^(?:项目|政策|部门)?(?:投入|过程|决策|制定|管理|执行)|^(?:完成|产出|项目|实施)?(?:时效|进度|成本)(?:情况)?$"
)
_SURVEYED = re.compile(  # how satisfied people are, and no work
    r"(?:\d{1,2}月(?:份|底)?，)?(?:经|委托|通过|采取|开展|向)[^。；，]{0,30}问卷[^。]*。?$"
)
_ASIDE = re.compile(r"[（(][^（()）]*[)）]")  # a whole paragraph in brackets
_COUNTS_MISSED = re.compile(r"[\d一二两三四五六七八九十]项[^，。；]{0,6}未(?:能)?(?:达|完成|实现)")  # 13项达到预期值，2项未达到
_CONCLUSION = re.compile(r"自评[^。；]{0,12}得?分\D{0,4}\d|自评\s*\d|(?:等级|等次)(?:为|是)")
_MANAGED = re.compile(r"成本|效率|资产|采购")


_CLAIMS = re.compile(r"(?P<missed>未|没有)?(?:已|全面|全部)?完成的?(?:年度|绩效|重点|工作)*(?:目标|任务|指标)$")


_COUNTED = re.compile(r"\d+(?:\.\d+)?[^\d年月日，。；、.）)]")


def _tells_result(passage: Passage) -> bool:
    """Whether a paragraph tells what was done, and is no lead, label, remark or conclusion."""
    words = passage.words
    return not (
        words.endswith(("：", ":"))
        or _OTHER_LABEL.match(words)
        or _ASIDE.fullmatch(words)
        or _SURVEYED.match(words)
        or _CONCLUSION.search(words[:80])
    )


def _told_of_all(node: Node) -> Status:
    """What the paragraph above a list says became of all its goals: 目标任务5项，已全部完成。"""
    lead = next((block for block in node.parent.blocks if isinstance(block, Passage)), None) if node.parent else None
    told = _ALL_DONE.search(lead.words) if lead is not None and _introduces(lead) else None
    return "achieved" if told else "unstated"


_ALL_DONE = re.compile(r"(?:均已|已全部|全部|均|全面)(?:按期|如期|圆满|超额|顺利)?(?:完成|实现|达成)(?:[。，；：]|$)(?!但|除)")


def _claimed(heading: Node | None) -> Status:
    """What a heading claims of the list under it: 完成的绩效目标, 未完成的绩效目标."""
    claim = _CLAIMS.match(heading.title) if heading is not None else None
    if claim is None:
        return "unstated"
    return "not_achieved" if claim["missed"] else "achieved"


def _announces_completion(node: Node) -> bool:
    if not _opens(node):
        return False
    if _ANNOUNCES.search(node.title) and not _NOT_DONE.search(re.sub(r"预算支出绩效目标|绩效管理", "", node.title)):
        return True
    lead = next((block.words for block in node.blocks if isinstance(block, Passage)), "")
    return bool(node.children) and lead.endswith(("完成情况如下：", "完成情况如下。", "目标完成情况：", "主要完成以下工作："))


def _within(node: Node, section: Node) -> bool:
    """Whether the node stands in the section, or is it."""
    place: Node | None = node
    while place is not None and place is not section:
        place = place.parent
    return place is section


def _up_to(node: Node, heading: Node) -> Iterator[Node]:
    """The node and the sections above it below the heading; the heading alone, where it is the node."""
    yield node
    while node is not heading and node.parent is not None and node.parent is not heading:
        node = node.parent
        yield node


def _only_aspects(node: Node) -> bool:
    """Whether the section tells an aspect of the outcome, or of how it was managed, and no field of work among others."""
    title = node.title[:14]
    if not (node.is_heading or len(node.title) <= 14):
        return False
    beside = node.parent.children if node.parent else [node]
    if title.endswith("方面") and 2 * sum(map(_is_aspect, beside)) <= len(beside):
        return False  # 医疗服务方面, 成本管控方面
    return bool(_ASPECT.search(title) or _MANAGED.search(title))


def _is_aspect(node: Node) -> bool:
    title = node.title[:14]
    return bool(_ASPECT.search(title) or _MANAGED.search(title) or _OUTPUTS.search(title))


def _goal_parts(passage: Passage) -> Iterator[tuple[str, Passage]]:
    """A paragraph's goals with the words that lead in to them: 总体目标：… 年度目标：…"""
    words = passage.words
    leads = list(_GOAL_LEAD.finditer(words))
    if not leads:
        wanted = re.search(
            r"(?:目标|任务|提出|确定|如下|计划|工作)[^，。；：]{0,12}[:：]|件(?:大|实)?事[:：]|(?:提出|确定)[，,]?[^，。；：]{0,10}要(?=[^求素点])|年(?:要|将)",
            words,
        )
        start = wanted.end() if wanted and wanted.end() < len(words) * 0.6 else 0
        if start and re.match(r"(?:19|20)\d{2}年度?要", words[start:]):
            start += words[start:].index("要") + 1
        yield words[:start], passage.part(start, len(words))
        return
    for lead, end in zip(leads, [*(lead.start() for lead in leads[1:]), len(words)], strict=True):
        part = passage.part(lead.end(), end)
        if part.words:
            yield words[_sentence_start(words, lead.start()) : lead.end()], part


def _sentence_start(words: str, at: int) -> int:
    return max(words.rfind(mark, 0, at) for mark in "。；") + 1


_ANNOUNCES_GOALS = re.compile(r"^[^。\d]{0,60}(?:设定|确定|制定|提出|明确)了?[^，。\d]{0,16}目标[。：:]?$")
_LEVEL_LEAD = re.compile(r"(?:总体|长期|中期|阶段性?|年度|当年)(?:绩效)?目标[:：]$")
_PURPOSE = re.compile(
    r"(?:(?:通过|围绕|以|为了)[^。]{6,}?|[^，。；]{0,10}旨在[^。]*?)(?:提升|提高|改善|保障|促进|实现|完善|推进|确保|增强|建成)[^。]*。"
)


def _purpose(passage: Passage) -> Passage | None:
    """The goal that a paragraph states before it leads in to its list: 通过改造管网，提升品质。2023年具体目标为：①…"""
    purpose = _PURPOSE.match(passage.words)
    if purpose is None or not _GOAL_LEAD.search(passage.words, purpose.end()):
        return None
    return None if "目标" in purpose[0] or "指标" in purpose[0] else passage.part(0, purpose.end())


_BY_KIND = re.compile(r"(?:^|[；。])[\u4e00-\u9fff]{2,6}指标[:：]")


def _clauses(passage: Passage, led_in: bool) -> Iterator[Passage]:
    """The goals in a paragraph without labels: what stands between semicolons, else the whole."""
    words = passage.words
    if len(_BY_KIND.findall(words)) >= 2 or words.count("；") == 0 or (not led_in and words.count("。") > 1):
        yield passage
        return
    start = 0
    for match in re.finditer(r"[；。]", words):
        if match.start() - start >= 6:
            yield passage.part(start, match.start())
        start = match.end()
    if len(words) - start >= 6:
        yield passage.part(start, len(words))


_OF_GOAL = re.compile(
    r"第([一二三四五六七八九十])(?:项|个)?目标|目标\s*([一二三四五六七八九十]|\d{1,2})(?=(?:已|均)?(?:全面|基本|超额|部分|如期|按期|圆满|全部|未|已)*(?:完成|实现|达成))"
)


def _by_goal(passage: Passage) -> Iterator[tuple[int, Passage]]:
    """What a paragraph says of each goal: 第一项目标已完成，… 第二项目标 …, or 目标1全面完成：…"""
    marks = list(_OF_GOAL.finditer(passage.words))
    if not marks:
        return
    for mark, end in zip(marks, [*(mark.start() for mark in marks[1:]), len(passage.words)], strict=True):
        yield ordinal_of(mark[1] or mark[2]), passage.part(mark.start(), end)


def _labelled_items(passage: Passage) -> Iterator[tuple[str, Passage]]:
    """目标1：… 目标2：… in one cell."""
    marks = list(_ITEM_OF_CELL.finditer(passage.words))
    if len(marks) < 2:
        return
    for mark, end in zip(marks, [*(mark.start() for mark in marks[1:]), len(passage.words)], strict=True):
        yield mark["label"], passage.part(mark.end(), end)


_ITEM_OF_CELL = re.compile(r"(?P<label>目标\s*(?:[一二三四五六七八九十]{1,2}|\d{1,2}))\s*(?:完成情况)?\s*[:：.、，]?")
