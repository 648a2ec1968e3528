"""The dataset → a bureau's year at a glance (总览): reports in, goals met, scores, findings by check, problems by theme.

Counts only; what is not stated is counted as such.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from jixiao.dataset.schema import records, reports, reviews
from jixiao.dataset.store import Dataset

THEMES = {
    "预算编制": r"预算编制|年初预算|预算(?:精细|精准|科学|管理)|预算.{0,6}不够(?:精|细|科学)|编制.{0,6}预算",
    "预算执行与支付进度": r"执行(?:率|进度)|支出进度|支付进度|资金(?:支付|拨付|结余|沉淀|到位)|结转|结余",
    "绩效目标与指标设置": r"绩效目标|指标(?:设置|设定|体系|值|量化)|目标(?:设置|设定|值)|量化",
    "绩效管理意识与能力": r"绩效(?:管理|意识|理念|评价|监控|运用)|自评",
    "制度与内部控制": r"制度|内控|内部控制|机制|规范",
    "人员与专业力量": r"人员|人手|专业(?:人才|力量|能力|知识)|业务(?:能力|水平|素质)|培训|力量不足",
    "项目推进": r"项目(?:实施|推进|进度|管理|建设|前期|验收)|工程|施工|进展",
    "资产与采购": r"资产|采购|设备|合同",
    "资金保障": r"经费(?:不足|紧张|保障)|资金(?:不足|短缺|紧张|投入|缺口)|财力|财政困难",
    "信息化与数据": r"信息化|数据|系统|平台",
}
"""Themes of problems (问题主题), each with what its problems say; a problem may be of several."""
_THEMES = {name: re.compile(words) for name, words in THEMES.items()}
OTHER = "其他"
_MOST = 12


@dataclass(frozen=True, slots=True)
class Overview:
    """A year at a glance (年度总览)."""

    reports: int
    years: tuple[tuple[int | None, int], ...]
    """Reports of each year, whatever year is looked at; the latest first."""
    regions: tuple[tuple[str, int], ...]
    departments: tuple[tuple[str, int], ...]
    kinds: dict[str, int]
    """Records of each kind."""
    completions: dict[str, int]
    """Completion statements by status (完成情况)."""
    indicators: dict[bool | None, int]
    """Indicators by whether they were attained."""
    scores: tuple[tuple[str, int], ...]
    """Reports by self-score (自评得分), the best first."""
    mean_score: float | None
    findings: tuple[tuple[str, str, int], ...]
    """Findings: severity, check, how many; the commonest first."""
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
    wanted: list[ColumnElement[bool]] = []
    if year is not None:
        wanted.append(reports.c.fiscal_year == year)
    if region:
        wanted.append(reports.c.region == region)
    with dataset.reading() as connection:
        scores = list(connection.execute(select(reports.c.self_score).where(*wanted)).scalars())
        stated = [score for score in scores if score is not None]
        attained = _counted(connection, records.c.attained, wanted, records.c.kind == "indicator")
        return Overview(
            reports=len(scores),
            years=tuple(sorted(_of_reports(connection, reports.c.fiscal_year, []), key=lambda each: -(each[0] or 0))),
            regions=_named(_of_reports(connection, reports.c.region, wanted[:1] if year is not None else [])),
            departments=_named(_of_reports(connection, reports.c.department, wanted)),
            kinds=_counted(connection, records.c.kind, wanted),
            completions=_counted(connection, records.c.status, wanted, records.c.kind == "completion"),
            indicators=attained,
            scores=_banded(scores),
            mean_score=sum(stated) / len(stated) if stated else None,
            findings=_findings(connection, wanted),
            themes=_themed(_issues(connection, wanted)),
            unsettled=_unsettled(connection, wanted),
        )


def state_of(dataset: Dataset) -> tuple[int, ...]:
    """What changes whenever reports come or go, or somebody decides: an overview made at the same state is the same."""
    with dataset.reading() as connection:
        row = connection.execute(
            select(
                func.max(reports.c.id),
                func.max(reports.c.run_id),
                func.count(),
                select(func.max(reviews.c.id)).scalar_subquery(),
            ).select_from(reports)
        ).one()
        return tuple(int(each or 0) for each in row)


def _of_reports(
    connection: Connection, column: ColumnElement[object], wanted: Sequence[ColumnElement[bool]]
) -> list[tuple[Any, int]]:
    counted = select(column, func.count()).where(*wanted).group_by(column).order_by(func.count().desc(), column)
    return [(value, count) for value, count in connection.execute(counted)]


def _named(counted: list[tuple[Any, int]]) -> tuple[tuple[str, int], ...]:
    return tuple((str(value), count) for value, count in counted if value)


def _counted(
    connection: Connection, column: ColumnElement[object], wanted: Sequence[ColumnElement[bool]], *more: ColumnElement[bool]
) -> dict[Any, int]:
    chosen = select(column, func.count()).where(*more).group_by(column)
    if wanted:
        chosen = chosen.where(records.c.report_id.in_(select(reports.c.id).where(*wanted)))
    return {row[0]: row[1] for row in connection.execute(chosen)}


def _banded(scores: list[float | None]) -> tuple[tuple[str, int], ...]:
    counted = Counter(NOT_STATED if score is None else next(name for name, least in BANDS if score >= least) for score in scores)
    return tuple(
        (name, counted[name]) for name in (*(name for name, _ in BANDS), NOT_STATED) if name != NOT_STATED or counted[name]
    )


def _findings(connection: Connection, wanted: Sequence[ColumnElement[bool]]) -> tuple[tuple[str, str, int], ...]:
    chosen = select(records.c.level, records.c.name, func.count()).where(records.c.kind == "finding")
    if wanted:
        chosen = chosen.where(records.c.report_id.in_(select(reports.c.id).where(*wanted)))
    rows = connection.execute(chosen.group_by(records.c.level, records.c.name).order_by(func.count().desc(), records.c.name))
    return tuple((level or "", name or "", count) for level, name, count in rows.fetchmany(_MOST))


def _issues(connection: Connection, wanted: Sequence[ColumnElement[bool]]) -> list[str]:
    chosen = select(records.c.statement).where(records.c.kind == "issue", records.c.statement.is_not(None))
    if wanted:
        chosen = chosen.where(records.c.report_id.in_(select(reports.c.id).where(*wanted)))
    return list(connection.execute(chosen).scalars())


def _themed(statements: list[str]) -> tuple[tuple[str, int], ...]:
    counted: Counter[str] = Counter()
    for words in statements:
        counted.update([name for name, of in _THEMES.items() if of.search(words)] or [OTHER])
    return tuple(sorted(counted.items(), key=lambda each: (each[0] == OTHER, -each[1])))


def _unsettled(connection: Connection, wanted: Sequence[ColumnElement[bool]]) -> tuple[tuple[int, str, int], ...]:
    rows = connection.execute(
        select(reports.c.id, func.coalesce(reports.c.title, reports.c.source), func.count())
        .join(records, records.c.report_id == reports.c.id)
        .where(records.c.kind == "finding", records.c.level == "error", *wanted)
        .group_by(reports.c.id, reports.c.title, reports.c.source)
        .order_by(func.count().desc(), reports.c.id)
        .limit(8)
    )
    return tuple((number, title, count) for number, title, count in rows)
