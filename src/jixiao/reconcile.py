"""Drafts → records (记录): evidence cut from the text, ids given in the order of the text, links set.

Refuses a draft whose place is not in the text; what it drops is counted.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TypeVar

from jixiao.document import Document, Span
from jixiao.drafts import Draft, Drafts
from jixiao.records import Cell, Completion, Evidence, Extraction, Goal, Issue, Measure, Metric, Report

D = TypeVar("D", bound=Draft)


def reconcile(document: Document, drafts: Drafts) -> Extraction:
    """The extraction that the drafts make: every record grounded in ``document.text``, ids in its order."""
    goals, completions = _ordered(drafts.goals), _ordered(drafts.completions)
    metrics, issues, measures = _ordered(drafts.metrics), _ordered(drafts.issues), _ordered(drafts.measures)
    goal_ids = {id(goal): f"g{number}" for number, goal in enumerate(goals, 1)}
    issue_ids = {id(issue): f"i{number}" for number, issue in enumerate(issues, 1)}

    cell_at = _cells(document)

    def evidence(draft: Draft) -> list[Evidence]:
        return [
            Evidence(
                start=span.start,
                end=span.end,
                quote=document.text[span.start : span.end],
                section=list(draft.section),
                page=document.page_of(span.start),
                cell=draft.cell if number == 0 and draft.cell else cell_at(span.start),
                doubtful=document.is_doubtful(span.start, span.end),
            )
            for number, span in enumerate(draft.spans)
        ]

    facts = drafts.facts
    return Extraction(
        report=Report(
            source=document.source,
            sha256=document.sha256,
            characters=len(document.text),
            title=facts.title,
            department=facts.department,
            region=facts.region,
            fiscal_year=facts.fiscal_year,
            report_type=facts.report_type,
            self_score=facts.self_score,
            grade=facts.grade,
        ),
        goals=[
            Goal(
                id=goal_ids[id(goal)],
                label=goal.label,
                level=goal.level,
                statement=_as_written(goal.statement, goal.spans[0], document),
                project=goal.project,
                evidence=evidence(goal),
                origin=goal.origin,
                provenance=goal.provenance,
            )
            for goal in goals
        ],
        completions=[
            Completion(
                id=f"c{number}",
                goal_id=goal_ids.get(id(completion.goal)),
                statement=_as_written(completion.statement, completion.spans[0], document),
                effect=completion.effect,
                status=completion.status,
                evidence=evidence(completion),
                origin=completion.origin,
                provenance=completion.provenance,
            )
            for number, completion in enumerate(completions, 1)
        ],
        metrics=[
            Metric(
                id=f"m{number}",
                kind=metric.kind,
                name=metric.name,
                category=metric.category,
                period=metric.period,
                target=metric.target,
                actual=metric.actual,
                previous=metric.previous,
                change=metric.change,
                weight=metric.weight,
                score=metric.score,
                deviation=metric.deviation,
                attained=metric.attained,
                goal_id=goal_ids.get(id(metric.goal)),
                project=metric.project,
                evidence=evidence(metric),
                origin=metric.origin,
                provenance=metric.provenance,
            )
            for number, metric in enumerate(metrics, 1)
        ],
        issues=[
            Issue(
                id=issue_ids[id(issue)],
                statement=_as_written(issue.statement, issue.spans[0], document),
                cause=issue.cause,
                evidence=evidence(issue),
                origin=issue.origin,
                provenance=issue.provenance,
            )
            for issue in issues
        ],
        measures=[
            Measure(
                id=f"a{number}",
                statement=_as_written(measure.statement, measure.spans[0], document),
                issue_ids=[issue_ids[id(issue)] for issue in measure.issues if id(issue) in issue_ids],
                evidence=evidence(measure),
                origin=measure.origin,
                provenance=measure.provenance,
            )
            for number, measure in enumerate(measures, 1)
        ],
    )


def _cells(document: Document) -> Callable[[int], Cell | None]:
    """A look-up: the table cell in which the text's character at an offset stands, if it stands in one."""
    placed = [
        (*cell.passage.span(0, len(cell.words)), Cell(table=table.number, row=cell.row + 1, column=cell.column + 1))
        for table in document.tables
        for row in table.rows
        for cell in row
        if cell.words
    ]
    placed.sort(key=lambda each: each[0])

    def cell_at(offset: int) -> Cell | None:
        at = bisect_right(placed, offset, key=lambda each: each[0]) - 1
        return placed[at][2] if at >= 0 and offset < placed[at][1] else None

    return cell_at


def _as_written(words: str, span: Span, document: Document) -> str:
    """A statement with its own blanks, where the text has it in one line."""
    written = document.text[span.start : span.end]
    if "\n" in written or _BLANK.sub("", written) != _BLANK.sub("", words):
        return words
    return written


_BLANK = re.compile(r"\s")


def _ordered(drafts: Sequence[D]) -> list[D]:
    """The drafts that have a place, in the order of the text."""
    placed = [draft for draft in drafts if draft.spans and _holds(draft.spans)]
    return sorted(placed, key=lambda draft: (draft.spans[0].start, draft.spans[0].end))


def _holds(spans: list[Span]) -> bool:
    return all(0 <= span.start < span.end for span in spans)
