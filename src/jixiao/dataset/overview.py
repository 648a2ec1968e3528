"""The rollup → a bureau's year at a glance (总览): reports in, goals met, scores, findings by check, problems by theme.

Counts only; what is not stated is counted as such.
"""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from jixiao.dataset.rollup import OTHER, of_cell
from jixiao.dataset.schema import reports, rollup
from jixiao.dataset.store import Dataset

_MOST = 12
_MOST_UNSETTLED = 8


@dataclass(frozen=True, slots=True)
class Overview:
    """A year at a glance (年度总览)."""

    reports: int
    years: tuple[tuple[int | None, int], ...]
    """Reports of each year, whatever year is looked at; the latest first."""
    regions: tuple[tuple[str, int], ...]
    departments: int
    """How many departments (部门) there are reports of."""
    kinds: dict[str, int]
    """Records of each kind."""
    completions: dict[str, int]
    """Completion statements by status (完成情况)."""
    indicators: dict[bool | None, int]
    """Indicators by whether they were attained."""
    scores: tuple[tuple[str, int], ...]
    """Reports by self-score (自评得分), the best first."""
    mean_score: float | None
    contradictions: int
    """Findings of the gravest severity (矛盾)."""
    findings: tuple[tuple[str, str, int], ...]
    """The commonest findings: severity, check, how many."""
    themes: tuple[tuple[str, int], ...]
    """Problems by theme, the commonest first."""
    unsettled: tuple[tuple[int, str, int], ...]
    """The reports with the most contradictions: number, title, how many."""


BANDS = (("95分及以上", 95.0), ("90–95分", 90.0), ("80–90分", 80.0), ("60–80分", 60.0), ("60分以下", float("-inf")))
NOT_STATED = "未说明"


def overview(dataset: Dataset, year: int | None = None, region: str | None = None) -> Overview:
    """The reports of a year, of a region, of both, or all.

    Raises:
        DatasetError: the dataset cannot be read.
    """
    cell = of_cell(year, region)
    with dataset.reading() as connection:
        counted: dict[str, dict[str, int]] = {
            what: _counts(connection, cell, what)
            for what in ("report", "score", "kind", "status", "attained", "finding", "theme")
        }
        number = counted["report"].get("", 0)
        scores = {float(score): reports for score, reports in counted["score"].items()}
        scored = sum(scores.values())
        findings = [(*_severity_and_check(which), many) for which, many in counted["finding"].items()]
        return Overview(
            reports=number,
            years=_years(connection),
            regions=_ordered(_counts(connection, of_cell(year, None), "region")),
            departments=_departments(connection, cell),
            kinds=counted["kind"],
            completions=counted["status"],
            indicators={_TRUTHS[value]: many for value, many in counted["attained"].items()},
            scores=_banded(scores, number - scored),
            mean_score=sum(score * many for score, many in scores.items()) / scored if scored else None,
            contradictions=sum(many for level, _, many in findings if level == "error"),
            findings=tuple(sorted(findings, key=lambda each: (-each[2], each[1]))[:_MOST]),
            themes=tuple(sorted(counted["theme"].items(), key=lambda each: (each[0] == OTHER, -each[1], each[0]))),
            unsettled=_unsettled(connection, cell),
        )


_TRUTHS = {"True": True, "False": False, "None": None}


def _severity_and_check(finding: str) -> tuple[str, str]:
    severity, _, check = finding.partition(" ")
    return severity, check


def _of(cell: tuple[int, str], what: str) -> tuple[ColumnElement[bool], ...]:
    """The conditions on the rollup's rows."""
    return (rollup.c.fiscal_year == cell[0], rollup.c.region == cell[1], rollup.c.what == what)


def _counts(connection: Connection, cell: tuple[int, str], what: str) -> dict[str, int]:
    return {row.value: row.number for row in connection.execute(select(rollup.c.value, rollup.c.number).where(*_of(cell, what)))}


def _departments(connection: Connection, cell: tuple[int, str]) -> int:
    return connection.execute(select(func.count()).select_from(rollup).where(*_of(cell, "department"))).scalar_one()


def _ordered(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _years(connection: Connection) -> tuple[tuple[int | None, int], ...]:
    every = of_cell(None, None)
    stated = {int(year): many for year, many in _counts(connection, every, "year").items()}
    unstated = _counts(connection, every, "report").get("", 0) - sum(stated.values())
    return (*sorted(stated.items(), reverse=True), *([(None, unstated)] if unstated else []))


def _banded(scores: dict[float, int], unstated: int) -> tuple[tuple[str, int], ...]:
    counted: Counter[str] = Counter()
    for score, many in scores.items():
        counted[next(name for name, least in BANDS if score >= least)] += many
    return (*((name, counted[name]) for name, _ in BANDS), *([(NOT_STATED, unstated)] if unstated else []))


def _unsettled(connection: Connection, cell: tuple[int, str]) -> tuple[tuple[int, str, int], ...]:
    worst = (
        select(rollup.c.value, rollup.c.number)
        .where(*_of(cell, "errors"))
        .order_by(rollup.c.number.desc(), func.length(rollup.c.value), rollup.c.value)
        .limit(_MOST_UNSETTLED)
    )
    counted = {int(report): many for report, many in connection.execute(worst)}
    titled = func.coalesce(reports.c.title, reports.c.source).label("title")
    title = {row.id: row.title for row in connection.execute(select(reports.c.id, titled).where(reports.c.id.in_(counted)))}
    return tuple((number, title[number], many) for number, many in counted.items())
