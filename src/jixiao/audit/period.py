"""Deeds of other years (年度不符): an earlier year's honour among this year's results, and what happened after the report was signed."""

import re
from collections.abc import Iterator
from datetime import date

from jixiao.audit.case import Case
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding

PERIOD = Check(code="period", name="年度不符", source="财预〔2020〕10号第二十五条：自评反映本年度的绩效")

_EARLIER = re.compile(r"(?P<year>20\d\d)(?!\d)(?:年度?)?(?P<deed>[^，。；、\d]{0,20})")
_DEED = re.compile(r"榜|强|评选|排名|表彰|称号|年检|考核|先进|获奖|奖|典型|示范|名单")
_COMPARED = re.compile(r"(?:比|较|与|自|从|于|至|到|—|-|《|〔|（|\(|对照|高于|低于|超过)\s*$")


def deeds_of_other_years(case: Case) -> Iterator[Finding]:
    """入围2022…百强榜 in a report on 2023: an honour or ranking of an earlier year among this year's results."""
    year = case.report.fiscal_year
    if year is None:
        return
    told: set[str] = set()
    for completion in case.extraction.completions:
        piece = completion.evidence[0]
        for match in _EARLIER.finditer(piece.quote):
            if int(match["year"]) >= year or int(match["year"]) < year - 3 or not _DEED.search(match["deed"]):
                continue
            before = piece.quote[max(0, match.start() - 6) : match.start()]
            if (
                _COMPARED.search(before)
                or "〕" in match["deed"]
                or re.match(r"年?(?:以来|底|末|起|初)", piece.quote[match.end("year") :])
            ):
                continue
            words = match[0]
            if words in told:
                continue
            told.add(words)
            start = piece.start + match.start()
            yield finding(
                case,
                PERIOD,
                "note",
                f"报告年度{year}，此处为{match['year']}年",
                f"“{words}”是{match['year']}年度的事项，列入{year}年度的完成情况应作说明。",
                places=[piece.model_copy(update={"start": start, "end": start + len(words), "quote": words})],
                records=[completion.id],
            )


_FILLED_IN = re.compile(
    r"(?:填报|填表|报告|编制|上报|自评)(?:时间|日期)[:：]\s*(?P<year>20\d\d)年(?P<month>\d{1,2})月(?P<day>\d{1,2})日"
)
_SIGNED = re.compile(r"(?P<year>20\d\d)年(?P<month>\d{1,2})月(?P<day>\d{1,2})日")
_DATED = re.compile(r"(?P<year>20\d\d)年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日)?(?P<deed>[^，。；]{0,24})")
_HAPPENED = re.compile(r"通过|完成|竣工|建成|投入使用|验收|召开|举办|印发|获得|荣获|开工|启动|投用|交付|拨付|支付完毕")
_AS_OF = re.compile(
    r"截[至止]到?(?P<year>20\d\d)年(?:(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|[底末])?|年?[底末])(?P<behind>[^，。；]{0,12})"
)
_TO_COME = re.compile(r"前|计划|预计|拟|将|力争|确保|争取|目标|要求|期限|至20|预期|应")


def deeds_after_the_report(case: Case) -> Iterator[Finding]:
    """2024年9月通过竣工验收 in a report signed in April 2024; without a date, deeds of the second half of the next year or later."""
    end = _signed(case)
    year = case.report.fiscal_year
    if end is None and year is None:
        return
    last = end or date(year + 1, 6, 30) if year else end
    assert last is not None
    for sentence in case.sentences:
        for match in _DATED.finditer(sentence.words):
            month, day = int(match["month"]), int(match["day"] or 1)
            if not (1 <= month <= 12 and 1 <= day <= 31) or (int(match["year"]), month, day) <= (last.year, last.month, last.day):
                continue
            before = re.split(r"[，。；]", sentence.words[: match.start()])[-1]
            if not _HAPPENED.search(match["deed"]) or _TO_COME.search(before) or _TO_COME.search(match["deed"]):
                continue
            yield finding(
                case,
                PERIOD,
                "warning",
                f"{match['year']}年{month}月晚于{'报告日期' if end else '报告年度'}{f'{last.year}年{last.month}月' if end else year}",
                f"“{match[0]}”写成已经发生，而时间在报告之后。",
                places=[sentence.place(match.start(), match.end(), case.text)],
            )


def states_after_the_report(case: Case) -> Iterator[Finding]:
    """截至2024年12月31日，现有编制132名 in a report signed in March 2024: a state of a day that had not come."""
    signed = _signed(case)
    if signed is None:
        return
    for sentence in case.sentences:
        for match in _AS_OF.finditer(sentence.words) if "截" in sentence.words else ():
            day = (int(match["year"]), int(match["month"] or 12), int(match["day"] or 1))
            if day <= (signed.year, signed.month, signed.day) or _TO_COME.search(match["behind"]):
                continue
            if _TO_COME.search(re.split(r"[，。；]", sentence.words[: match.start()])[-1]):
                continue
            stop = re.search(r"[。；]", sentence.words[match.end() :])
            if re.search(r"计划|预计|力争|确保|将|拟", sentence.words[match.end() :][: stop.start() if stop else None]):
                continue
            words = match[0].removesuffix(match["behind"])
            yield finding(
                case,
                PERIOD,
                "error",
                f"{words}晚于报告日期{signed.year}年{signed.month}月{signed.day}日",
                f"“{words}”的情况在报告写成时还没有发生，年份或日期有误。",
                places=[sentence.place(match.start(), match.end(), case.text)],
            )


def _signed(case: Case) -> date | None:
    """The date under the report's text, in a paragraph of its own, or the latest that a form is filled in on (填报日期)."""
    paragraphs = (_SIGNED.fullmatch(passage.words.replace(" ", "")) for passage in reversed(case.document.passages))
    own = next((match for match in paragraphs if match), None)
    try:
        dates = [date(int(match["year"]), int(match["month"]), int(match["day"])) for match in _FILLED_IN.finditer(case.text)]
        dates += [date(int(own["year"]), int(own["month"]), int(own["day"]))] if own else []
    except ValueError:
        return None
    return max(dates, default=None)


CHECKS = (deeds_of_other_years, deeds_after_the_report, states_after_the_report)
