"""Document → drafts, by the report's own structure: outline, tables, sentences. No model, no network.

``extract_drafts`` goes through the outline once, in order; each module beside this one reads one kind of record.
"""

import re

from jixiao.columns import heading_unit
from jixiao.document import Document, Passage, Table
from jixiao.drafts import CompletionDraft, Drafts, GoalDraft, Section
from jixiao.outline import Section as Node
from jixiao.outline import outline
from jixiao.rules.facts import fiscal_year, read_facts
from jixiao.rules.figures import FigureReader
from jixiao.rules.goals import GoalReader
from jixiao.rules.issues import ProblemReader
from jixiao.rules.rows import TableReading, read_table
from jixiao.rules.topics import Topic, topic_in

__all__ = ["extract_drafts"]


def extract_drafts(document: Document) -> Drafts:
    """All the goals, completions, metrics, problems and measures that the rules find in ``document``."""
    root = outline(document)
    year = fiscal_year(document)
    readings = _read_tables(root, year)
    table_facts: dict[str, str] = {}
    for reading, _ in readings:
        for label, value in reading.facts.items():
            table_facts.setdefault(label, value)
    facts = read_facts(document, table_facts)
    drafts = Drafts(facts)
    figures = FigureReader(facts.fiscal_year)
    if facts.report_type == "other":
        # no performance report: its figures are read, its goals and problems are somebody else's
        for node in root.walk():
            for passage in node.passages():
                figures.read(passage, node.path)
        drafts.metrics = figures.figures
        return drafts
    goals, problems = GoalReader(facts.report_type), ProblemReader()
    projects = _projects(root, readings)
    for node in root.walk():
        path = node.path
        project = _project_of(node, projects)
        if not problems.read_section(node, path, project) and topic_in(node) not in _PROBLEMS:
            goals.read_section(node, path, project)
    for reading, path in readings:
        for cells in reading.goals:
            goals.read_cells(cells, path)
    goals.link()
    problems.link()
    _read_figures(root, readings, goals, figures, projects, facts.title)
    drafts.goals, drafts.completions = goals.goals, goals.completions
    drafts.metrics = [metric for reading, _ in readings for metric in reading.metrics] + figures.figures
    drafts.issues, drafts.measures = problems.issues, problems.measures
    return drafts


_PROBLEMS = (Topic.ISSUES, Topic.MEASURES, Topic.ISSUES_AND_MEASURES)


def _read_tables(root: Node, year: int | None) -> list[tuple[TableReading, Section]]:
    readings: list[tuple[TableReading, Section]] = []
    for node in root.walk():
        unit: str | None = None
        for block in node.blocks:
            if isinstance(block, Table):
                path = node.path
                readings.append((read_table(block, year, path, unit), path))
                unit = None
            elif len(block.words) <= 40:
                unit = heading_unit(block.words) or unit
    return readings


def _projects(root: Node, readings: list[tuple[TableReading, Section]]) -> list[str]:
    """The projects of a report on several of them, as its forms name them; none where there is only one."""
    names = list(dict.fromkeys(cells.project for reading, _ in readings for cells in reading.goals if cells.project))
    names += [metric.project for reading, _ in readings for metric in reading.metrics if metric.project and metric.project not in names]
    names = list(dict.fromkeys(names))
    if len(names) >= 2:
        return names
    for reading, _ in readings:
        for cells in reading.goals:
            cells.project = None
        for metric in reading.metrics:
            metric.project = None
    headings = [
        re.sub(r"^项目[一二三四五六七八九十\d]+[:：、\s]*", "", node.title)
        for node in root.walk()
        if node.style in ("cn", "paren_cn", "digit") and node.is_heading and re.search(r"项目$|(?:工程|补助|经费|资金)$", node.title) and node.children
    ]
    return headings if len(headings) >= 2 else []


def _project_of(node: Node, projects: list[str]) -> str | None:
    """The project that a section is about, by the headings above it."""
    place: Node | None = node
    while place is not None and projects:
        title = place.title
        for name in projects:
            if name in title or (len(title) >= 6 and place.is_heading and title.rstrip("项目") in name and title.endswith("项目")):
                return name
        place = place.parent
    return None


def _read_figures(
    root: Node,
    readings: list[tuple[TableReading, Section]],
    goals: GoalReader,
    figures: FigureReader,
    projects: list[str],
    title: str | None,
) -> None:
    for node in root.walk():
        path = node.path
        topic = topic_in(node)
        project = _project_of(node, projects)
        for passage in node.passages():
            if title and passage.words in title:
                continue
            for part, owner in _by_owner(passage, goals):
                figures.read(
                    part,
                    path,
                    planned=isinstance(owner, GoalDraft) or topic in (Topic.MEASURES, Topic.KEY_WORK) or (topic is Topic.GOALS and owner is None),
                    goal=owner.goal if isinstance(owner, CompletionDraft) else owner,
                    project=owner.project if owner else project,
                )
    for reading, path in readings:
        for cells in reading.goals:
            for cell in (cells.expected, cells.done):
                if cell is None:
                    continue
                for part, owner in _by_owner(cell.passage, goals):
                    figures.read(
                        part,
                        path,
                        planned=cell is cells.expected,
                        goal=owner.goal if isinstance(owner, CompletionDraft) else owner,
                        project=cells.project,
                    )


def _by_owner(passage: Passage, goals: GoalReader) -> list[tuple[Passage, GoalDraft | CompletionDraft | None]]:
    """The passage cut where a goal or completion begins in it."""
    cuts = sorted(
        {
            position: owner
            for position in range(len(passage.words))
            if (owner := goals.read.get(passage.offset(position))) is not None
        }.items()
    )
    if not cuts:
        return [(passage, None)]
    parts: list[tuple[Passage, GoalDraft | CompletionDraft | None]] = []
    if cuts[0][0] > 0:
        parts.append((passage.part(0, cuts[0][0]), None))
    bounds = [*(position for position, _ in cuts[1:]), len(passage.words)]
    parts.extend((passage.part(position, end), owner) for (position, owner), end in zip(cuts, bounds, strict=True))
    return [(part, owner) for part, owner in parts if part.words]
