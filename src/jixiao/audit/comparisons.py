"""Numbers said to be above, below or within others beside them (高低表述): 覆盖率92%，高于95%的目标.

Judged only where nothing but words of comparing stands between the two, so that both are values of one thing.
"""

import re
from collections.abc import Iterator

from jixiao.audit.case import Case, Said, Sentence
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding
from jixiao.audit.subjects import Subject

COMPARED = Check(code="compared", name="高低表述与数字", source="财预〔2020〕10号第二十一条：对自评结果的真实性和准确性负责")

_NOT_ABOVE = r"未超过|不超过|没有超过|未突破|未高于|不高于|未达到?|没有达到|低于|少于|小于|不足|控制在|压缩在"
_NOT_BELOW = r"不低于|未低于|不少于|高于|超过|超出|大于|多于|高出|突破|优于|好于|超额完成|达到了?|完成了?|实现"
_OF_WHAT = (
    r"年初|年度|全年|当年|预期|既定|设定|规定|省定|市定|国家|省级|市级|上级|考核|绩效|计划|目标|任务|指标|预算|控制|标准|要求|批复|"
    r"上年|去年|同期|全[省市县国区]|平均|水平|20\d\d年度?|[值数线的]"
)
_BETWEEN = re.compile(
    rf"[，,（(]?(?:均|已|都|也|且|并|仍|明显|远|略|大幅|实际|其中|比|较)*(?P<than>{_NOT_ABOVE}|{_NOT_BELOW})?(?:了)?(?:{_OF_WHAT})*(?:未|不|没有)?"
)
_STARTS = re.compile(rf"(?P<than>{_NOT_ABOVE}|{_NOT_BELOW})")
_ABOVE, _BELOW = re.compile(_NOT_BELOW), re.compile(_NOT_ABOVE)


def said_above_or_below(case: Case) -> Iterator[Finding]:
    """覆盖率92%，高于95%的目标; 调整率6.3%，控制在5%以内: the words say the contrary of the numbers."""
    for sentence in case.numbered:
        for one, other in zip(sentence.said, sentence.said[1:], strict=False):
            if one.figure.unit != other.figure.unit or not one.figure.exact:
                continue
            above = _is_above(sentence, one, other)
            if above is None:
                continue
            mine, bound = one.figure.interval, other.figure.interval
            if (above and mine.high < bound.low) or (not above and mine.low > bound.high):
                yield finding(
                    case,
                    COMPARED,
                    "error",
                    f"{one.figure.words} {'<' if above else '>'} {other.figure.words}",
                    f"称“{sentence.words[one.to : _end(sentence, other)].strip('，,（(')}”，与所列的数相反。",
                    figures=[one.figure, other.figure],
                    places=[sentence.place(one.at - len(one.lead), other.to, case.text)],
                )


_NOT = re.compile(r"(?:未|不|没有)$")


def _is_above(sentence: Sentence, one: Said, other: Said) -> bool | None:
    """Whether the first number is said to be above the second, or below; ``None`` where neither is said."""
    between = _BETWEEN.fullmatch(sentence.words[one.to : other.at])
    if between is None:
        return None
    own = _STARTS.match(sentence.words, other.at)
    than = own["than"] if own else between["than"]
    if own and _NOT.search(between[0]) and _ABOVE.fullmatch(own["than"]):
        than = f"未{than}" if _BELOW.fullmatch(f"未{than}") else None
    behind = sentence.words[other.to - 2 : other.to + 3]
    if than is None or _moved_by(one, than, sentence.words[other.to : other.to + 3]):
        return None
    if re.fullmatch(r"达到了?|完成了?|实现", than):
        return True if re.search(r"以上", behind) else None  # 达到90%以上; 完成1200件 is a number of its own
    if _BELOW.fullmatch(than):
        return False
    return True if _ABOVE.fullmatch(than) else None


_BY = re.compile(r"超出|高出|超额完成|突破|大于|多于|少于|低于|超过|高于")


def _moved_by(one: Said, than: str, behind: str) -> bool:
    """Whether the second number may be by how much, and not what is passed: 同比多增71人，超出目标83人; not 高于95%的目标."""
    if "的" in behind or not _BY.fullmatch(than):
        return False
    return one.is_change or than in ("超出", "高出", "超额完成") or re.search(r"[多少净]增?$|[多少]$", one.lead) is not None


def _end(sentence: Sentence, other: Said) -> int:
    """The end of the clause that the second number stands in."""
    stop = re.search(r"[，。；,;）)]", sentence.words[other.to :])
    return other.to + stop.start() if stop else len(sentence.words)


_ONLY_LESS = re.compile(r"“?三公”?经费[^。；]{0,16}(?:只减不增|零增长|持续下降|逐年下降|不增反降)")


def said_not_to_rise(case: Case) -> Iterator[Finding]:
    """“三公”经费只减不增, where a table's two years rise."""
    sentence = next((each for each in case.sentences if _ONLY_LESS.search(each.words)), None)
    last, this = (case.facts.get(Subject("三公经费", role), []) for role in ("previous", "actual"))
    if sentence is None or not last or not this or this[-1].interval.low <= last[-1].interval.high:
        return
    match = _ONLY_LESS.search(sentence.words)
    assert match is not None
    yield finding(
        case,
        COMPARED,
        "error",
        f"{last[-1].number} → {this[-1].words}",
        f"称“{match[0]}”，而本年数高于上年数。",
        figures=[last[-1], this[-1]],
        places=[sentence.place(match.start(), match.end(), case.text)],
    )


CHECKS = (said_above_or_below, said_not_to_rise)
