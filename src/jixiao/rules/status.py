"""Words → the status (完成状态) that they claim: achieved, partial, not_achieved or unstated.

Knows how reports say that something was done, missed or is under way; reads no figures but rates of a target.
"""

import re
from typing import Literal

Status = Literal["achieved", "partial", "not_achieved", "unstated"]
_ACHIEVED = re.compile(
    r"(?:目标|任务|工作|指标|计划)[^，。；]{0,10}(?:已|均|全部|全面|如期|按期|按时|圆满|超额|顺利)[^，。；未]{0,4}(?:完成|实现|达成|达标)|"
    r"(?:^|[，。；（])[己已](?:全部|全面)?(?:完成|实现|完工)(?=[。；，）]|$)|(?:目标|任务)(?:全部)?(?:完成|实现)(?=[。；]|$)|超额完成|超(?:出|过|额)?(?:年初|年度|全年|预期)?(?:目标|计划|任务)|(?<![未末没])(?:完成|达到|实现|达成)了?(?:全年|年度|年初|预期|既定|设定|绩效|整体|全部)+[^，。；]{0,4}(?:目标|任务)|[，。；](?:如期|按期|全面|圆满)?(?:完成|实现|达到)了?(?:目标|任务|计划)(?:任务|值)?(?=[，。；]|$)|全部(?:如期|按期|按时)?完成|均已(?:全部|提前)?(?:完成|实现|完工|建成|竣工|达成)|提前\d+(?:天|个月|日)(?:完|建|投|竣)|[比较](?:计划|合同|原定)(?:工期|进度|时间)?提前|(?:率|满意度)[^。；]{0,40}高[于出](?:年度|年初|预期|全年)?(?:目标|计划)"
)
_PARTIAL = re.compile(
    r"除[^，。]{2,24}外[，,]?[^。]{0,14}完成|(?:另有|还有|其余|个别|尚有)[^。；]{0,40}未(?:能)?[^，。；]{0,4}(?:完成|建成|实现|达|实施|开工|投用)|[比较](?:年初|年度)?(?:目标|计划)少|[比较]序时进度[慢低]|(?:慢|低|滞后|落后)于?(?:序时|时间|计划)进度|[离距][^，。；]{0,16}(?:还差|尚差|差)\d|部分(?:完成|实现)|基本(?:完成|实现|达到|达成)|大部分(?:完成|实现)|总体(?:完成|实现)|较好(?:完成|实现)(?=[。])"
)
_MISSED = re.compile(
    r"[未末](?:能)?(?:按期|如期|按时|全部|全面|完全)?(?:完成|实现|达到|达成|达标|建成|完工)|没有完成|尚有差距|存在差距|不达标|低于(?:年度|年初|预期|全年|计划)?目标|未达(?:到)?(?:年度|年初|预期)?(?:目标|预期)"
)


_RATE_OF_TARGET = re.compile(
    r"(?P<verb>完成|占|为|达到?)(?:了?[^，。；\d]{0,8}(?:目标|任务|计划)[值数]?的?|(?<=[，。；（]完成)率(?:为|达到?|是)?)(?P<rate>\d{1,4}(?:\.\d+)?) ?[%％]"
)


def judge(words: str) -> Status:
    """The status (完成状态) that words claim: achieved, partial, not_achieved, or unstated."""
    if _CLOSES_MISSED.search(words):
        return "not_achieved"
    rates = list(_RATE_OF_TARGET.finditer(words))
    under_way = _UNDER_WAY.search(words)
    missed = _MISSED.search(words)
    below = (rate[0] for rate in rates if rate["verb"] in ("完成", "为") and float(rate["rate"]) < 100)
    short = not under_way and any(not (missed and rate.startswith("完成率")) for rate in below)
    if short or _PARTIAL.search(words):
        return "partial"
    claimed = _RATE_OF_TARGET.sub("", words) if under_way else words
    achieved = _ACHIEVED.search(claimed) or any(float(rate["rate"]) >= 100 for rate in rates)
    if missed and (achieved or words.startswith("完成") or _FINISHED.search(words) or _tells_more(words)):
        return "partial"
    if missed:
        return "not_achieved"
    return "achieved" if achieved else "unstated"


_CLOSES_MISSED = re.compile(  # the last word on it
    r"[，,；;。](?:该|此|本)?(?:项|年度)*(?:目标|任务|指标)(?:任务|值)?未(?:能)?(?:完成|实现|达成|达标)[。；;]?$"
)
_FINISHED = re.compile(r"全部(?:封顶|完工|建成|投用|竣工|到位)|(?<!未)(?:安装|建设|改造|调试|施工)完毕")
_UNDER_WAY = re.compile(r"上半年|前三季度|截[至止](?:20\d\d年)?\d{1,2}月|1[—\-－–至~]\d{1,2}月|序时")


def _tells_more(words: str) -> bool:
    """Whether a paragraph that tells of a miss tells of more results than of what was missed."""
    sentences = [sentence for sentence in re.split(r"[。；]", words) if re.search(r"\d", sentence)]
    return sum(not _MISSED.search(sentence) for sentence in sentences) >= 2
