"""Names that are another's (单位名称不符): a report that speaks of another department where it must speak of its own.

Judged only where the words can mean the reporting department alone (自评结果作为…安排预算的依据, …年度部门整体支出), and where the
other name comes up nowhere else. Knows nothing of amounts.
"""

import re
from collections.abc import Iterator

from jixiao.audit.case import Case
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding
from jixiao.records import Evidence

NAME = Check(code="foreign-name", name="单位名称不符", source="财预〔2020〕10号第二十一条：各部门对自评结果的真实性负责")

_OFFICE = r"(?P<office>[\u4e00-\u9fff]{2,12}?(?:局|委员会|厅|街道办事处|人民政府|医院|学校|学院))"
_OF_A_YEAR = re.compile(r"[局会厅处府院校]20\d\d年")
_OWN_PLACES = (  # each behind words that it cannot do without, and that are quickly seen to be missing
    (re.compile("作为"), re.compile(rf"结果[^。；]{{0,12}}作为{_OFFICE}(?:安排|编制|申报|调整|改进|完善)[^。]{{0,20}}")),
    (_OF_A_YEAR, re.compile(rf"{_OFFICE}20\d\d年度?部门整体支出[^。；，]{{0,10}}")),
    (_OF_A_YEAR, re.compile(rf"(?:现将|对){_OFFICE}20\d\d年度?[^。；，]{{0,16}}(?:自评|绩效)[^。；，]{{0,8}}")),
)
_OVER_ALL = re.compile(r"财政|审计|人民政府|人大|发展和?改革|发改|主管部门|监察|纪委|上级")
_REGION = re.compile(r"^(?:关于|对|由|我|本|全|该|[\u4e00-\u9fff]{0,6}[省市县区州盟旗])+")


def named_as_another(case: Case) -> Iterator[Finding]:
    """作为县林业局安排2025年度项目预算的依据 in a report of the 民政局: a passage of another department's report."""
    own = case.report.department
    if own is None or case.has_projects:
        return
    told: set[str] = set()
    for passage in case.document.passages:
        for needed, pattern in _OWN_PLACES:
            for match in pattern.finditer(passage.words) if needed.search(passage.words) else ():
                office = match["office"]
                core = _REGION.sub("", office)
                if len(core) < 2 or core in own or own in office or core in told or _OVER_ALL.search(office):
                    continue
                if _alike(core, own) or case.text.count(core) > 2:
                    continue
                told.add(core)
                span = passage.span(match.start(), match.end())
                yield finding(
                    case,
                    NAME,
                    "error",
                    f"本报告单位为{own}，此处写“{office}”",
                    "此处只能指填报单位，却写了另一单位的名称，疑为抄用其他部门的报告。",
                    places=[Evidence(start=span.start, end=span.end, quote=case.text[span.start : span.end])],
                )


def _alike(core: str, own: str) -> bool:
    """Whether a name may be short for the other: 住建局 for 住房和城乡建设局."""
    stem = re.sub(r"(?:局|委员会|厅|街道办事处|人民政府|医院|学校|学院)$", "", core)
    return all(character in own for character in stem)


CHECKS = (named_as_another,)
