"""Document → drafts, by the report's own structure: outline, tables, sentences. No model, no network.

``extract_drafts`` goes through the outline once, in order; each module beside this one reads one kind of record.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from jixiao.columns import heading_unit
from jixiao.document import Document, Passage, Table
from jixiao.drafts import CompletionDraft, Drafts, GoalDraft, IssueDraft, MeasureDraft, Section
from jixiao.orders import without_orders
from jixiao.outline import Section as Node
from jixiao.outline import outline
from jixiao.readers.grid import with_joined_headings
from jixiao.rules.accounts import read_account
from jixiao.rules.facts import fiscal_year, is_tender, read_facts
from jixiao.rules.fields import under_their_heading
from jixiao.rules.figures import FigureReader
from jixiao.rules.goals import GoalReader
from jixiao.rules.issues import ProblemReader
from jixiao.rules.marks import with_full_marks, with_own_marks
from jixiao.rules.rows import TableReading, read_table
from jixiao.rules.topics import Topic, sets_no_goal, topic_in

__all__ = ["extract_drafts"]


def extract_drafts(document: Document) -> Drafts:
    """All the goals, completions, metrics, problems and measures that the rules find in ``document``; words meant for a model are none of its own."""
    drafts = _read(with_full_marks(without_orders(document)))
    with_own_marks(drafts, document.text)
    return drafts


def _read(document: Document) -> Drafts:
    root = outline(document)
    under_their_heading(root)
    year = fiscal_year(document)
    readings = _read_tables(root, year, document.text)
    table_facts: dict[str, str] = {}
    for reading, _ in readings:
        for label, value in reading.facts.items():
            table_facts.setdefault(label, value)
    if sum("总分" in reading.facts for reading, _ in readings) > 1:
        table_facts.pop("总分")  # of several projects
    projects = _projects(root, readings)
    named = _named_in(root) if projects else {}
    facts = read_facts(document, table_facts, list(_of_the_whole(root, projects, named)))
    drafts = Drafts(facts)
    figures = FigureReader(document.text, facts.fiscal_year, facts.department)
    if facts.report_type == "other" and is_tender(document):
        # an invitation to bid: its figures are what is wanted, its goals and problems are somebody else's
        for node in root.walk():
            for passage in node.passages():
                figures.read(passage, node.path, planned=True)
        drafts.metrics = figures.figures
        return drafts
    goals, problems = GoalReader(facts.report_type), ProblemReader(facts.fiscal_year)
    for reading, path in readings:
        reading.belong_to(next((name for name in projects for title in path if name in title), None))
    for node in root.walk():
        path = node.path
        project = _project_of(node, projects, named)
        if node.style == "appendix":
            goals.read_form(node, path, project)  # a table's title: else what it says stands in the table
            continue
        if not problems.read_section(node, path, project) and topic_in(node) not in _PROBLEMS:
            goals.read_section(node, path, project)
            if not problems.read_points(node, path, project):
                for passage in node.passages():
                    problems.read_inline(passage, path, project)
    for reading, path in readings:
        for cells in reading.goals:
            goals.read_cells(cells, path)
        for topic, cell in reading.told:
            problems.read_cell(cell.passage, topic, path)
    goals.link()
    problems.link()
    owners: dict[int, _Owner] = {**problems.read, **goals.read}
    _read_figures(root, readings, owners, figures, projects, named, facts.title)
    drafts.goals, drafts.completions = goals.goals, goals.completions
    drafts.metrics = [metric for reading, _ in readings for metric in reading.metrics] + figures.figures
    drafts.issues, drafts.measures = problems.issues, problems.measures
    return drafts


_PROBLEMS = (Topic.ISSUES, Topic.MEASURES, Topic.ISSUES_AND_MEASURES)


def _read_tables(root: Node, year: int | None, text: str) -> list[tuple[TableReading, Section]]:
    readings: list[tuple[TableReading, Section]] = []
    for node in root.walk():
        unit = heading_unit(node.words.words)
        project: str | None = None
        above: list[str] = []  # what may name the next table
        for block in node.blocks:
            if isinstance(block, Table):
                path = node.path
                reading = read_table(with_joined_headings(block, text), year, path, unit)
                account = [] if reading.goals else read_account(block, year, path, unit, [*reversed(above), *reversed(path)])
                reading.metrics = account if len(account) >= len(reading.metrics) else reading.metrics
                above = []
                reading.belong_to(project)
                readings.append((reading, path))
                unit = None
            elif len(block.words) <= 60:
                above.append(block.words)
                unit = heading_unit(block.words) or unit
                project = _named_project(block) or project
            elif stated := _UNIT_LAST.search(block.words):
                unit = heading_unit(stated[0]) or unit  # …执行情况如下（单位：万元）：
    return readings


_UNIT_LAST = re.compile(r"[（(]单位[:：][^（()）]{1,6}[)）][:：。]?$")


def _projects(root: Node, readings: list[tuple[TableReading, Section]]) -> list[str]:
    """The projects of a report on several of them, as its forms name them; none where there is only one."""
    names = list(dict.fromkeys(cells.project for reading, _ in readings for cells in reading.goals if cells.project))
    names += [
        metric.project for reading, _ in readings for metric in reading.metrics if metric.project and metric.project not in names
    ]
    names = list(dict.fromkeys(names))
    if len(names) >= 2:
        return names
    for reading, _ in readings:
        for cells in reading.goals:
            cells.project = None
        for metric in reading.metrics:
            metric.project = None
    headings: list[str] = []
    for node in root.walk():
        headings.extend(
            told["name"] for passage in node.passages() if "综述" in passage.words and (told := _SURVEYED.match(passage.words))
        )
        title = _PROJECT_NUMBER.sub("", node.title)
        if "自评" in title and (told := _REPORTED.match(title)):
            headings.append(told[1])
        elif node.style == "project" or (
            node.style in ("cn", "paren_cn", "digit") and node.is_heading and _names_project(node, title)
        ):
            headings.append(title)
    headings = list(dict.fromkeys(headings))
    return headings if len(headings) >= 2 else []


_PROJECT_NUMBER = re.compile(r"^项目[一二三四五六七八九十\d]+[:：、\s]*")
_REPORTED = re.compile(r"(.{2,40}?项目)(?:支出)?(?:绩效)?自评(?:综述|情况)")
_SURVEYED = re.compile(  # 某某项目绩效自评综述：…, a paragraph on each project
    r"(?:\d{1,2}[.、．]|[（(]\d{1,2}[)）])?[“”]?(?P<name>[^，。：；“”]{2,40}?项目)[”“]?(?:支出)?(?:绩效)?自评综述"
)


def _names_project(node: Node, title: str) -> bool:
    """Whether a heading names a project: what stands under it is told in sections, or after 绩效目标： and the like."""
    if node.children:
        return bool(_PROJECT_TITLE.search(title))
    return title.endswith(("项目", "工程")) and sum(bool(_TOLD_OF.match(passage.words)) for passage in node.passages()) >= 2


_TOLD_OF = re.compile(r"[\u4e00-\u9fff]{2,8}[:：]")
_PROJECT_TITLE = re.compile(r"项目$|(?:工程|补助|经费|资金)$")


def _named_in(root: Node) -> dict[int, str]:
    """The projects that sections name in a line of their own, by the section."""
    return {id(node): name for node in root.walk() for passage in node.passages() if (name := _named_project(passage))}


def _project_of(node: Node, projects: list[str], named: dict[int, str]) -> str | None:
    """The project that a section is about, by the headings above it or the line that names it."""
    place: Node | None = node
    while place is not None and projects:
        title = place.title
        if named.get(id(place)) in projects:
            return named[id(place)]
        called = place.style == "project" or title.endswith("项目")
        for name in projects:
            if name in title or (len(title) >= 6 and place.is_heading and called and title.rstrip("项目") in name):
                return name
        place = place.parent
    return None


def _of_the_whole(root: Node, projects: list[str], named: dict[int, str]) -> Iterator[Passage]:
    """The passages that are not about one of several projects."""
    for node in root.walk():
        if _project_of(node, projects, named) is None:
            for passage in node.passages():
                told = _SURVEYED.match(passage.words) if projects else None
                if told is None or told["name"] not in projects:
                    yield passage


_PROJECT_NAME = re.compile(r"项目名称[:：]\s*(?P<name>[^\s，。；：]{2,40})$")


def _named_project(passage: Passage) -> str | None:
    """The project that a line of a form names: 项目名称：农村供水工程."""
    named = _PROJECT_NAME.match(passage.words) if passage.words.startswith("项目名称") else None
    return named["name"] if named else None


_Owner = GoalDraft | CompletionDraft | IssueDraft | MeasureDraft
_CONTENTS_OF_PROJECT = re.compile(r"(?:项目|工程)?(?:主要|建设|实施)+(?:内容|规模)(?:及规模|和规模)?$")


def _read_figures(
    root: Node,
    readings: list[tuple[TableReading, Section]],
    owners: dict[int, _Owner],
    figures: FigureReader,
    projects: list[str],
    named: dict[int, str],
    title: str | None,
) -> None:
    starts = sorted(owners)
    for node in root.walk():
        path = node.path
        topic = topic_in(node)
        project = _project_of(node, projects, named)
        plan = topic in (Topic.MEASURES, Topic.KEY_WORK, Topic.GOALS)
        outlined = bool(_CONTENTS_OF_PROJECT.match(node.title))
        for passage in node.passages():
            if title and passage.words in title:
                continue
            told = _SURVEYED.match(passage.words) if projects else None
            about = told["name"] if told and told["name"] in projects else project
            set_here = plan and not (topic is Topic.GOALS and sets_no_goal(passage.words))
            for part, owner in _by_owner(passage, owners, starts):
                _read_part(figures, part, path, owner, plan=set_here, outlined=outlined, project=about)
    for reading, path in readings:
        for cells in reading.goals:
            for cell in (cells.expected, cells.done):
                for part, owner in _by_owner(cell.passage, owners, starts) if cell else ():
                    _read_part(figures, part, path, owner, plan=cell is cells.expected, project=cells.project)
        for topic, cell in reading.told:
            for part, owner in _by_owner(cell.passage, owners, starts):
                _read_part(figures, part, path, owner, plan=topic is Topic.MEASURES, project=None)


def _read_part(
    figures: FigureReader,
    part: Passage,
    path: Section,
    owner: _Owner | None,
    *,
    plan: bool,
    project: str | None,
    outlined: bool = False,
) -> None:
    planned = isinstance(owner, GoalDraft | MeasureDraft) or (plan and not isinstance(owner, CompletionDraft | IssueDraft))
    goal = owner.goal if isinstance(owner, CompletionDraft) else owner if isinstance(owner, GoalDraft) else None
    figures.read(part, path, planned=planned, outlined=outlined, goal=goal, project=(owner.project if owner else None) or project)


def _by_owner(passage: Passage, owners: dict[int, _Owner], starts: list[int]) -> list[tuple[Passage, _Owner | None]]:
    """The passage cut where a goal, completion, problem or measure begins in it."""
    whole = passage.span(0, len(passage.words))
    inside = starts[bisect_left(starts, whole.start) : bisect_left(starts, whole.end)]
    if not inside:
        return [(passage, None)]
    cuts = [(passage.position(start), owners[start]) for start in inside]
    parts: list[tuple[Passage, _Owner | None]] = []
    if cuts[0][0] > 0:
        parts.append((passage.part(0, cuts[0][0]), None))
    bounds = [*(position for position, _ in cuts[1:]), len(passage.words)]
    parts.extend((passage.part(position, end), owner) for (position, owner), end in zip(cuts, bounds, strict=True))
    return [(part, owner) for part, owner in parts if part.words]
