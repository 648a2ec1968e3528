"""Reports ↔ the rollup (汇总): what an overview counts, kept for each year, each region, both and all as reports come and go.

An overview so reads as many rows for a million records as for a thousand. Counts what the tables say of a report; whoever
changes a report's records counts it out before and in again after, in the same transaction.
"""

import hashlib
import re
from collections import Counter

from sqlalchemy import Connection, delete, select, text

from jixiao.dataset.schema import note, noted, records, reports, rollup

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
OTHER = "其他"
_EVERY_YEAR, _EVERY_REGION = 0, ""
Sum = tuple[int, str, str, str]
"""A row of the rollup but for its number: year, region, what, value."""
_PUT = text(
    "INSERT INTO rollup (fiscal_year, region, what, value, number) VALUES (:fiscal_year, :region, :what, :value, :number) "
    "ON CONFLICT (fiscal_year, region, what, value) DO UPDATE SET number = rollup.number + excluded.number"
)
_DROP = text(
    "DELETE FROM rollup WHERE fiscal_year = :fiscal_year AND region = :region AND what = :what AND value = :value AND number = 0"
)


def is_of_these_themes(connection: Connection) -> bool:
    """Whether the rollup counts problems by the themes of this program."""
    return noted(connection, "themes") == _fingerprint()


def _fingerprint() -> str:
    return hashlib.sha256(repr(THEMES).encode()).hexdigest()[:16]


def count_in(connection: Connection, report: int) -> None:
    """Add a report that has been written."""
    connection.execute(_PUT, _rows(_sums(connection, report), 1))


def count_out(connection: Connection, report: int) -> None:
    """Take away a report that is about to go or to change."""
    taken = _rows(_sums(connection, report), -1)
    connection.execute(_PUT, taken)
    connection.execute(_DROP, taken)


def count_anew(connection: Connection) -> None:
    """Count all reports, whatever was counted."""
    note(connection, "themes", _fingerprint())
    connection.execute(delete(rollup))
    sums: Counter[Sum] = Counter()
    for report in connection.execute(select(reports.c.id)).scalars().all():
        sums.update(_sums(connection, report))
    if sums:
        connection.execute(_PUT, _rows(sums, 1))


def of_cell(year: int | None, region: str | None) -> tuple[int, str]:
    """The rollup's year and region for the reports of a year, of a region, of both, or all."""
    return year or _EVERY_YEAR, region or _EVERY_REGION


def _rows(sums: Counter[Sum], sign: int) -> list[dict[str, object]]:
    names = ("fiscal_year", "region", "what", "value")
    return [{**dict(zip(names, key, strict=True)), "number": sign * number} for key, number in sums.items()]


def _sums(connection: Connection, report: int) -> Counter[Sum]:
    """What a report adds: the same counts for all reports, those of its year, its region, and both."""
    columns = (reports.c.fiscal_year, reports.c.region, reports.c.department, reports.c.self_score)
    of = connection.execute(select(*columns).where(reports.c.id == report)).one()
    counted = _counted(connection, report)
    counted["report", ""] = 1
    for what, value in (("year", of.fiscal_year), ("region", of.region), ("department", of.department), ("score", of.self_score)):
        if value is not None:
            counted[what, str(value)] = 1
    cells = {of_cell(year, region) for year in (None, of.fiscal_year) for region in (None, of.region)}
    return Counter({(*cell, *which): number for cell in cells for which, number in counted.items()})


def _counted(connection: Connection, report: int) -> Counter[tuple[str, str]]:
    """What a report's records are."""
    columns = (records.c[name] for name in ("kind", "status", "attained", "level", "name", "statement"))
    counted: Counter[tuple[str, str]] = Counter()
    for row in connection.execute(select(*columns).where(records.c.report_id == report)):
        counted["kind", row.kind] += 1
        match row.kind:
            case "completion":
                counted["status", row.status or "unstated"] += 1
            case "indicator":
                counted["attained", str(row.attained)] += 1
            case "finding":
                counted["finding", f"{row.level} {row.name}"] += 1
                if row.level == "error":
                    counted["errors", str(report)] += 1
            case "issue" if row.statement is not None:
                for theme in themes_of(row.statement):
                    counted["theme", theme] += 1
    return counted


def themes_of(problem: str) -> list[str]:
    """The themes of a problem; 其他 where it has none."""
    return [name for name, words in THEMES.items() if re.search(words, problem)] or [OTHER]
