"""What a heading announces (标题的含义): goals, completion, problems, measures …, in the words of the provinces' outlines."""

import re
from enum import Enum
from functools import lru_cache

from jixiao.outline import Section


class Topic(Enum):
    """What a section is about."""

    KEY_WORK = "重点工作计划"
    GOALS = "绩效目标"
    COMPLETION = "完成情况"
    ISSUES = "存在的问题"
    MEASURES = "改进措施"
    ISSUES_AND_MEASURES = "问题和建议"
    OTHER = "其他"


_ISSUES = re.compile(
    r"(?:需要?|有待|亟待|亟需)(?:进一步)?(?:改进|完善|加强|解决|提升)的?(?:地方|方面|问题|之处|事项)|(?:存在|主要|遇到|面临|发现)的?.{0,6}(?:问题|困难|不足|短板)|^(?:问题|不足|困难)(?:和|与|及|分析|情况|$)|薄弱(?:环节|之处|点)|问题及(?:其)?原因|问题(?:和|与|、)(?:不足|困难|原因)|不足之处|偏差原因分析$|^(?:工作|主要)?短板|制约因素|中的(?:主要)?(?:问题|困难|不足)$|(?:存在|主要|工作)的?差距|^差距|(?:问题|困难|不足|短板|差距)(?:和|与|及|、)(?:问题|困难|不足|短板|差距|挑战)|^(?:主要)?(?:绩效)?偏差(?:情况|分析|和|与|及|、|$)"
)
_NO_ISSUES = re.compile(r"需要?说明的|解决|整改(?:落实|完成)|上年|以前年度|回头看|问题导向|答复")
_MEASURES = re.compile(
    r"改进(?:措施|建议|意见|方向|工作|办法|的)|整改(?:措施|意见|建议|计划)|下一步|下步|(?:有关|相关|工作|意见|政策|对策)建议|^建议|对策|努力方向|工作打算|后续(?:工作)?(?:计划|安排|打算)|下阶段|(?:整改|改进|工作)(?:思路|打算|方向)|打算$|改进(?:和|与|及)建议|(?:应对|完善|拟采取的?)措施|^措施|改进$|解决(?:措施|办法)|工作思路|今后|(?:下半年|明年|来年|新的一年|下阶段)(?:的)?(?:主要|重点)?(?:工作|任务)?(?:安排|打算|计划|思路|重点|措施)|下一年度?工作"
)
_NO_MEASURES = re.compile(r"(?:改进|完善|加强)的?(?:地方|之处)|落实情况|整改情况|完成情况|上年|开展情况|应用|公开")
_SHORTFALL = re.compile(r"(?:偏离|未完成|未实现|偏差).{0,10}原因")
_KEY_WORK = re.compile(r"重点(?:工作|任务)|工作(?:计划|任务|要点)|主要(?:工作)?任务|总体工作|年度(?:主要)?工作|中心工作")
_ABOUT_THE_OFFICE = re.compile(r"机构|职责|职能|概况|基本情况|背景|依据|组织实施|资金管理|自评(?:工作)?组织")
_GOALS = re.compile(
    r"绩效目标|年度目标|总体目标|阶段性?目标|目标设定|工作目标|预期目标|项目目标|整体目标|设定目标|政策目标|目标$|目标任务$"
)
_MANAGING_GOALS = re.compile(
    r"绩效目标(?:编报|管理|申报|审核|编制率)|(?:编报|填报|申报|编制)(?:了)?[^，。；]{0,10}绩效目标(?![：:])"
)
_DONE = re.compile(
    r"完成|实现|达成|推进|进展|分解|下达|落实情况|成效|结果|分析|取得|产出|效益|效果|履职(?:完成|履行|情况|成效|绩效|效[果能益])|执行情况|开展情况|偏离|未|自评|运行|监控|管理情况|绩效情况|亮点|做法|总结|回顾"
)
_COMPLETION = re.compile(
    r"(?:完成|实现|达成|落实|履职|履行|产出|效益|效果|绩效)(?:及.{0,6})?(?:情况|分析|结果|程度)|(?:工作|任务|目标)(?:推进|进展)|目标完成$|^(?:绩效|项目|实际)?完成$|整体履职|成效|工作总结|工作开展情况|产出|履职效能|主要工作|做的工作|绩效分析|亮点|^(?:政策|项目)?(?:实施|执行)的?(?:效果|成果)|^政策(?:效果|成效)|目标(?:任务)?的?(?:运行|执行)情况|工作回顾|^(?:推进|进展|工作)情况$"
)


@lru_cache(maxsize=4096)
def topic_of(title: str) -> Topic:
    """The topic that a heading announces by its own words."""
    issues = bool(_ISSUES.search(title)) and not _NO_ISSUES.search(title)
    measures = bool(_MEASURES.search(title)) and not _NO_MEASURES.search(title)
    if measures and _SHORTFALL.search(title):
        return Topic.ISSUES_AND_MEASURES
    if (issues and measures) or (issues and re.search(r"建议|措施|对策|改进|打算", title)):
        return Topic.ISSUES_AND_MEASURES
    if issues:
        return Topic.ISSUES
    if measures:
        return Topic.MEASURES
    if sets_no_goal(title):
        return Topic.OTHER
    if _GOALS.search(title):
        return Topic.COMPLETION if _DONE.search(_GOALS.sub("", title)) else Topic.GOALS
    if _KEY_WORK.search(title) and not _DONE.search(title) and not _ABOUT_THE_OFFICE.search(title):
        return Topic.KEY_WORK
    return Topic.COMPLETION if _COMPLETION.search(title) else Topic.OTHER


def sets_no_goal(words: str) -> bool:
    """Whether words tell how goals are managed (绩效目标管理, 编报绩效目标), and set none."""
    return bool(_MANAGING_GOALS.search(words))


def is_shortfall(title: str) -> bool:
    """Whether a heading announces why goals were missed: 偏离绩效目标的原因."""
    return bool(_SHORTFALL.search(title))


def is_titled(section: Section) -> bool:
    """Whether a list item opens with a heading of its own and goes on in the same line: 2.绩效目标。治理河道12公里。"""
    return len(section.title) < len(section.words.words) - 1 and bool(_TITLE.fullmatch(section.title))


_TITLE = re.compile(
    r"(?:项目|年度|年初|总体|部门|整体|政策|预期|绩效|设定)*目标(?:设定|情况)?|(?:项目|绩效|目标|任务|年度|整体|总体|实际)*(?:(?:完成|实现)情况|完成)"
    r"|(?:存在|发现)的?(?:主要)?(?:问题|不足)(?:及(?:其)?原因)?|(?:下一步)?(?:改进|整改)(?:措施|建议)"
)


def topic_in(section: Section) -> Topic:
    """The topic of a section: its own heading's, else that of the nearest heading above which has one."""
    place: Section | None = section
    while place is not None and place.style != "root":
        if place is section and not place.is_heading and place.style not in ("cn", "part") and not is_titled(place):
            above = topic_in(place.parent) if place.parent else Topic.OTHER
            if above is not Topic.OTHER or not (place.children or place.blocks or place.style == "paren_cn"):
                return above
        topic = Topic.OTHER if place.style == "project" else topic_of(place.title)
        if topic is not Topic.OTHER or (place is section and _ABOUT_THE_OFFICE.search(place.title)):
            return topic  # of 一、基本情况和年度目标, （一）单位基本情况 tells no goals
        place = place.parent
    return Topic.OTHER


def speaks_of_goals_and_completion(title: str) -> bool:
    """Whether a heading announces goals together with what became of them: 目标及完成情况."""
    return bool(_GOALS.search(title) and re.search(r"(?:及|和|与|、)(?:其)?(?:完成|实现|达成|执行)", title))
