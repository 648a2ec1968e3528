"""A report's records and findings as a workbook (记录表): a sheet for each list, the report's facts first.

Words from a report are cells' text, never a formula.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from jixiao.audit.findings import Finding
from jixiao.records import Evidence, Extraction
from jixiao.render.audit_words import SEVERITY_NAMES
from jixiao.render.card import change_words
from jixiao.render.page import KINDS, REPORT_TYPES, measured_words
from jixiao.spreadsheet import sheet_words

_ATTAINED = {True: "达成", False: "未达成", None: ""}
_STATUS = {"achieved": "完成", "partial": "部分完成", "not_achieved": "未完成", "unstated": "未说明"}


def records_sheet(extraction: Extraction, findings: Iterable[Finding]) -> bytes:
    """The workbook's bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    report = extraction.report
    facts = [
        ("标题", report.title), ("部门", report.department), ("地区", report.region), ("年度", report.fiscal_year),
        ("类型", REPORT_TYPES[report.report_type]), ("自评得分", report.self_score), ("等级", report.grade), ("文件", report.source), ("SHA-256", report.sha256),
    ]  # fmt: skip
    _sheet(book, "报告", ("项目", "内容"), facts)
    goals = [
        (each.id, each.label, each.level, each.statement, each.project, _place(each.evidence[0])) for each in extraction.goals
    ]
    _sheet(book, "目标", ("编号", "标号", "层次", "目标", "项目", "位置"), goals)
    completions = [
        (each.id, each.goal_id, each.statement, each.effect, _STATUS[each.status], _place(each.evidence[0]))
        for each in extraction.completions
    ]
    _sheet(book, "完成情况", ("编号", "目标", "完成情况", "效果", "状态", "位置"), completions)
    metrics = [
        (
            each.id, KINDS[each.kind], " / ".join(each.category), each.name, each.period, measured_words(each.target), measured_words(each.actual),
            measured_words(each.previous), change_words(each.change) if each.change else "", each.weight, each.score, _ATTAINED[each.attained],
            each.deviation, each.goal_id, each.project, _place(each.evidence[0]),
        )
        for each in extraction.metrics
    ]  # fmt: skip
    heads = (
        "编号",
        "种类",
        "类别",
        "名称",
        "年度",
        "目标值",
        "实际值",
        "上年值",
        "增减",
        "分值",
        "得分",
        "达成",
        "偏差原因",
        "目标",
        "项目",
        "位置",
    )
    _sheet(book, "指标与数据", heads, metrics)
    _sheet(
        book,
        "问题",
        ("编号", "问题", "原因", "位置"),
        [(each.id, each.statement, each.cause, _place(each.evidence[0])) for each in extraction.issues],
    )
    measures = [(each.id, each.statement, " ".join(each.issue_ids), _place(each.evidence[0])) for each in extraction.measures]
    _sheet(book, "措施", ("编号", "措施", "针对问题", "位置"), measures)
    found = [
        (each.id, SEVERITY_NAMES[each.severity], each.check.name, each.reckoning, each.why, _place(each.places[0]))
        for each in findings
    ]
    _sheet(book, "复核发现", ("编号", "轻重", "核对事项", "核算", "说明", "位置"), found)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _place(piece: Evidence) -> str:
    return f"第{piece.page}页 @{piece.start}" if piece.page else f"@{piece.start}"


def _sheet(book: Workbook, name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    sheet = book.create_sheet(name)
    sheet.append(list(heads))
    widths = [len(head) * 2 for head in heads]
    for row in rows:
        words = ["" if value is None else sheet_words(str(value)) for value in row]
        sheet.append(words)
        widths = [max(width, min(60, len(each) * 2)) for width, each in zip(widths, words, strict=True)]
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width + 2
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E8EEF5")
    sheet.freeze_panes = "A2"
