"""Findings as a list to answer (复核意见): a Word file in official form, or a sheet with a column for the answer.

Words from a report are cells' text, never a formula.
"""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties

from jixiao.audit.findings import Audit, Finding
from jixiao.render.audit_words import SEVERITY_NAMES, count_words
from jixiao.render.official import OfficialPaper
from jixiao.render.pieces import DOUBTFUL
from jixiao.spreadsheet import sheet_words

_HEAD = ("序号", "轻重", "核对事项", "核算", "说明", "出处", "记录", "依据")
_ANSWER = "部门说明"
_FILLS = {"error": "F8D7DA", "warning": "FFF3CD", "note": "D9ECFF"}


def audit_letter(audit: Audit) -> bytes:
    """The findings as a Word file: one table a report, on A4 turned on its side."""
    paper = OfficialPaper(line=24)
    paper.landscape()
    several = len(audit.reports) > 1
    paper.title("绩效自评报告复核意见", f"共{len(audit.reports)}份报告" if several else "")
    for each in audit.reports:
        paper.text([(f"{each.report.title or each.report.source}（{each.report.source}）：{count_words(each.findings)}。", None)])
        if each.findings:
            paper.table([("序号", "轻重", "核对事项", "核算", "说明", "出处"), *map(_short_row, each.findings)], _WIDTHS, size=9)
    if audit.across:
        paper.text([(f"跨报告核对：{count_words(audit.across)}。", None)])
        paper.table([("序号", "轻重", "核对事项", "核算", "说明", "出处"), *map(_short_row, audit.across)], _WIDTHS, size=9)
    return paper.save()


_WIDTHS = (12, 13, 28, 75, 70, 45)


def _short_row(finding: Finding) -> tuple[str, ...]:
    wrong = f"有误的是：{finding.wrong}。" if finding.wrong else ""
    return (
        finding.id,
        SEVERITY_NAMES[finding.severity],
        finding.check.name,
        finding.reckoning[:240],
        finding.why + wrong,
        _places(finding, 3),
    )


def _places(finding: Finding, most: int) -> str:
    shown = [
        f"{place.report or ''}{(place.section[-1][:16] + ' ') if place.section else ''}@{place.start}{f'（{DOUBTFUL}）' if place.doubtful else ''}"
        for place in finding.places[:most]
    ]
    more = f" 等{len(finding.places)}处" if len(finding.places) > most else ""
    return "；".join(shown) + more


def audit_sheet(audit: Audit) -> bytes:
    """The findings as a workbook: one row each, with the quotes and a column for the department's answer."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "复核意见"
    sheet.append(["报告", *_HEAD, "原文", _ANSWER])
    for name, findings in [*((each.report.source, each.findings) for each in audit.reports), ("跨报告", audit.across)]:
        for finding in findings:
            sheet.append(
                [
                    sheet_words(words)
                    for words in (name, *_row(finding), "\n".join(place.quote[:200] for place in finding.places[:6]), "")
                ]
            )
            for cell in sheet[sheet.max_row]:
                cell.fill = PatternFill("solid", fgColor=_FILLS[finding.severity]) if cell.column == 3 else PatternFill()
    side = Side(style="thin", color="BBBBBB")
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = Border(left=side, right=side, top=side, bottom=side)
            cell.data_type = "s"
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFGHIJK", (18, 7, 7, 16, 44, 44, 26, 18, 36, 50, 24), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _row(finding: Finding) -> tuple[str, ...]:
    return (
        finding.id,
        SEVERITY_NAMES[finding.severity],
        finding.check.name,
        finding.reckoning,
        finding.why + (f"有误的是：{finding.wrong}。" if finding.wrong else ""),
        _places(finding, 6),
        "、".join(finding.record_ids[:12]),
        finding.check.source,
    )
