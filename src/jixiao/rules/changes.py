"""How a figure changed (增减): 比上年增加111.79万元，增长29%, 低于目标值1.65个百分点, 翻一番; and the reason given.

Reads the words between one quantity and the next; knows nothing of sections or names.
"""

import re
from decimal import Decimal

from jixiao.drafts import MetricDraft
from jixiao.quantities import Quantity
from jixiao.records import Change

_UP = "增加|增长|上升|提高|提升|上涨|扩大|上浮|增幅|增速|涨幅|新增|增|升|多|高|翻"
_DOWN = "缩短|减少|下降|降低|压减|缩减|节约(?!率)|减|降幅|降|下浮|回落|少|低|压缩|晚|推迟|短"
_BASIS = r"(?:(?P<same>同比|环比)|(?:比|较|与|同|和|对比|相比)(?P<basis>[^，。；,;]{0,14}?)(?:同期)?(?:相比|比较|相较)?[，,]?(?:同比|环比)?)"
_CHANGE_GAP = re.compile(
    rf"[，,、；;（(\s]*(?:其中|但|虽|也)?(?:{_BASIS})?(?:实际|净|略|共|又|已|均|分别|年均|约|再|有所|将|总体|大幅|明显|小幅|同比|多(?=增))*"
    rf"(?P<verb>{_UP}|{_DOWN})(?:了|约|幅度?为?|率为?|额为?|数为?|值为?|比例为?|支出|收|完成|达|为|近)*[:：]?\s*$"
)
_NEEDS_A_BASIS = ("增加", "减少", "节约", "压减", "减", "增", "提升", "提高", "扩大")
_AGAINST = re.compile(
    r"[，,、；;（(\s]*(?:但|仍|已|还|且)?(?P<verb>低于|高于|高出|超过|超出|超|少于|多于)(?P<basis>(?:年初|年度|全年)?(?:计划|任务|预算)[数值]?|年初目标值?|年初指标值|年度目标值?|目标值?|计划数?|预期|指标值|任务数|规定时限|时限|序时进度?|(?:全[国省市区县州]|国家|行业|省定?|市定?)(?:规定|平均|控制|标准|要求)+(?:水平|值|线|指标)?)(?:了|约)?\s*$"
)
_AGAIN = re.compile(
    rf"[，,、；;（(\s]*(?:即|同比|环比|约|也就是|且|并)?(?P<verb>{_UP}|{_DOWN})?(?:[（(](?:{_UP}|{_DOWN})[)）])?(?:幅度?|率|比例|速)?(?:为|达|约|了)*\s*$"
)
_LEVEL = re.compile(r"(?:到|至|达到|为|(?<!完)成)\s*$")
_REASON = re.compile(
    r"[，,。；;：:）)\s]*(?:[^，。；]{0,12}?(?:变化|变动|增加|增长|减少|下降|上升|降低|增减|提高)?(?:的)?)?(?:主要)?原因(?:是|为|：|:|在于)+(?:由于|因为|因)?[：:]?(?P<reason>[^。；\n]+)"
)
_REASON_SHORT = re.compile(r"[，,]?(?:主要是(?:由于|因为|因)?|主要系|主要因|系因?|原因是)(?P<reason>[^。；\n]+)")
_TAKEN_UP = re.compile(r"[\u4e00-\u9fff“”]{2,8}?(?=(?:总体|分别)?(?:比|较|同比)[^，。；]{0,12}$)")
_TAKEN_UP_AFTER = re.compile(  # 与上年相比，支出总额增加: the basis goes before what changed
    rf"\s*(?:与|同|较|和|比)[^，。；]{{2,10}}?(?:相比|比较|相较)?[，,]\s*(?P<subject>[\u4e00-\u9fff“”]{{2,20}}?)(?=(?:{_UP}|{_DOWN})(?:了|约)?$)"
)
_COMPARED = re.compile(rf"\s*(?:与|同|较|和|比)[^，。；]{{2,12}}?(?:相比|比较|相较)[，,]?\s*(?=(?:{_UP}|{_DOWN})(?:了|约)?$)")
_WHOLE_OF = re.compile(r"^(?:全年|本年|当年|年度|实际|全部|总)+|(?:总额|合计|总计|总数|总量|数)$")
_LEVEL_WITH = re.compile(rf"[，,。]?(?:{_BASIS})(?:相比)?[，,]?(?:基本|大体)?持平")
_SET_APART = re.compile(rf"\s*(?:[，,、（(]|{_UP}|{_DOWN})")
_DOUBLED = re.compile(rf"[，,]?(?:{_BASIS})?[^，。；\d]{{0,4}}翻了?(?P<times>[一两二三]?)番")
_SENTENCE_END = re.compile(r"[。；;！!？?]")


def change_of(gap: str, quantity: Quantity, figure: MetricDraft, words: str, *, nearest: bool) -> Change | None:
    """The change that the quantity states of the figure before it, if the words between say so."""
    rate = quantity.unit in ("%", "‰")
    if _LEVEL.search(gap) or (not nearest and figure.change is not None):
        return None
    measured = figure.actual or figure.target
    if not rate and measured is not None and not same_sort(quantity.unit, measured.unit):
        return None
    if rate and not nearest:
        return None
    if against := _AGAINST.fullmatch(gap):
        verb = "增" if against["verb"][0] in "高超多" else "减"
        return _make(verb, against["basis"], quantity) if figure.change is None else figure.change
    if figure.change is not None:
        earlier = figure.change
        anew = _CHANGE_GAP.fullmatch(gap)
        if anew and _is_a_plan(earlier.basis) and (anew["basis"] or anew["same"]) and _basis(anew) == "上年":
            return _make(anew["verb"], "上年", quantity)  # 同比 goes before a plan
        again = _AGAIN.fullmatch(gap)
        if again and not gap.strip("，, 、"):
            again = None  # a bare comma goes on to something else; a bracket does not
        if again and rate and earlier.percent is None:
            return earlier.model_copy(update={"percent": quantity.value})
        match = _CHANGE_GAP.fullmatch(gap)
        if not match or not (match["basis"] or match["same"]):
            return None
        target_basis = _basis(match)
        if rate and earlier.percent is None and target_basis == earlier.basis:
            return earlier.model_copy(update={"percent": quantity.value})
        return earlier if not rate else None
    match = _CHANGE_GAP.fullmatch(gap)
    if match is None or (figure.target is not None and figure.actual is None and not (match["basis"] or match["same"])):
        return None
    if not (match["basis"] or match["same"]) and (match["verb"] in ("新增", "多", "少", "高", "低") or "净" in gap):
        return None
    if not (match["basis"] or match["same"]) and not _SET_APART.match(gap):
        return None
    if (match["basis"] or match["same"]) or rate or match["verb"] not in _NEEDS_A_BASIS:
        return _make(match["verb"], _basis(match), quantity)
    # 完成A，增加B: a change only with a basis said before it
    if re.search(r"比|较|上年|去年", words[max(0, quantity.start - 30) : quantity.start]) is None:
        return None
    return _make(match["verb"], _basis(match), quantity)


def bare_change(gap: str, quantity: Quantity, basis: str) -> Change | None:
    """The change that 增加C states of a figure whose ``basis`` only the numbers tell."""
    match = _CHANGE_GAP.fullmatch(gap)
    return _make(match["verb"], basis, quantity) if match and not (match["basis"] or match["same"]) else None


def taken_up(sentence: list[MetricDraft], gap: str, said: list[MetricDraft]) -> tuple[list[MetricDraft], str]:
    """The figures of the sentence before that the next one goes on about: …支出X万元。支出比上年增加 …

    与上年相比，支出总额增加 goes back further, through all that is ``said`` in the passage.
    """
    tail = _SENTENCE_END.split(gap)[-1]
    if after := _TAKEN_UP_AFTER.match(tail):
        core = _WHOLE_OF.sub("", after["subject"])
        same = [figure for figure in said if figure.change is None and core and _WHOLE_OF.sub("", figure.name) == core]
        return same[:1], tail[: after.start("subject")] + tail[after.end("subject") :] if same else gap
    if _COMPARED.match(tail):
        return [figure for figure in sentence if figure.change is None][:1], tail  # 支出X，其中A、B。与上年相比增加
    subject = _TAKEN_UP.match(tail)
    if subject is None:
        return [], gap
    core = re.sub(r"(?:总额|合计|总数|总计|总量|数)$", "", subject[0])[-4:]
    meant = [figure for figure in sentence if figure.change is None and core and figure.name.endswith(core)]
    return meant[:1], tail[subject.end() :] if meant else gap


def settled(words: str, end: int) -> Change | None:
    """翻一番 or 与上年持平 right behind a figure: 100 % more, or none."""
    if level := _LEVEL_WITH.match(words, end):
        return Change(direction="flat", basis=_basis(level))
    match = _DOUBLED.match(words, end)
    if not match:
        return None
    percent = {"": 100, "一": 100, "两": 300, "二": 300, "三": 700}[match["times"]]
    return Change(direction="increase", basis=_basis(match), percent=Decimal(percent))


def _is_a_plan(basis: str | None) -> bool:
    return re.search(r"目标|计划|预算|预期|指标|任务", basis or "") is not None


def same_sort(unit: str | None, other: str | None) -> bool:
    """Whether a change in ``unit`` can be of a figure in ``other``: points of a rate, 万元 of 亿元, 处 of 处."""
    if unit in ("个百分点", "百分点"):
        return other == "%"
    if unit in ("个千分点", "千分点"):
        return other == "‰"
    return unit == other or bool(unit and other and unit.lstrip("万亿千") == other.lstrip("万亿千"))


def _make(verb: str, basis: str, quantity: Quantity) -> Change:
    direction = "increase" if re.fullmatch(_UP, verb) else "decrease"
    if quantity.unit in ("%", "‰"):
        return Change(direction=direction, basis=basis, percent=quantity.value)  # type: ignore[arg-type]
    return Change(direction=direction, basis=basis, amount=quantity.measurement())  # type: ignore[arg-type]


def _basis(match: re.Match[str]) -> str:
    stated = (match["basis"] or "").strip("的了，, ")
    if not stated or re.fullmatch(r"上年度?|去年|上一年度?|上年同期|去年同期|同期|20\d\d年(?:度|同期)?", stated) is None:
        return stated if stated and len(stated) <= 12 else "上年"
    return "上年" if not stated.startswith("20") else stated


def with_reason(change: Change, words: str, end: int) -> Change:
    """The change with the reason that stands right behind it in ``words``, if one does."""
    match = None if change.reason else _REASON.match(words, end) or _REASON_SHORT.match(words, end)
    return change.model_copy(update={"reason": match["reason"].strip("：: ，")}) if match else change
