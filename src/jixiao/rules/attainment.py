"""Whether an indicator was attained (是否完成): its actual against its target, as numbers or by plain words.

The comparison follows 财预〔2020〕10号: reaching the target is enough; where less is better, staying under it is.
"""

import re

from jixiao.records import Measurement

_LESS_IS_BETTER = re.compile(
    r"成本|控制率|投诉|事故|死亡|伤亡|漏损|返黑|差错|违规|违纪|发生率|发生数|发案|案件数|流失|超支|能耗|排放|支出控制|控制数|调整率|结余率|结转|响应时间|办理时限|时限|耗时"
)
_CUT = re.compile(  # 能耗下降: the more the better
    r"(?:下降|降低|减少|压减|压缩|缩短|削减|节约)(?:率|幅度|比例|量|额|数)?(?:[（(].*)?$"
)
_DONE = re.compile(
    r"(?:按时|按期|如期|及时|按计划|按要求|超额|圆满|按标准)(?:足额)?[\u4e00-\u9fff]{0,4}(?:完成|办结|发放|到位|拨付|支付|达标|完工|交付|建成|实现|公开|报送|到账|完毕)|"
    r"(?:已|全部|均|全面)(?:足额|全部|按期|按时)?(?:完成|办结|发放|到位|拨付|达标|完工|交付|建成|实现)|(?:发放|支付|拨付|建设|施工|验收)完毕|^(?:完成|达标|达成|合格|完工|实现)$"
)
_MISSED = re.compile(
    r"未(?!发生|出现|超|突破)(?:能)?[^，。]{0,4}(?:完成|达|完工|实现|开展|实施|落实|建成|动工|启动|到位|遏制|验收|通过|交付)|尚未|没有完成|部分|滞后|延期|逾期|基本完成|不(?:达标|合格)"
)
_NEARLY = re.compile(r"基本|较|初步|尚|未|不")
_NONE_WANTED = re.compile(r"(?:不|未|无|零)(?:发生|出现)?")
_DEADLINE = re.compile(r"(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|(?P<part>[底末初中份上下]旬?))?(?:之前|以前|前|内|止)?")
_PART_OF_MONTH = {"初": 10, "上旬": 10, "中": 20, "中旬": 20}


def is_attained(
    target: Measurement | None,
    actual: Measurement | None,
    name: str = "",
    category: list[str] | None = None,
    *,
    marked_down: bool = False,
) -> bool | None:
    """Whether ``actual`` attains ``target``; ``None`` where the two cannot be compared.

    ``marked_down`` says that the report scored the indicator below its weight, which settles 基本健全 against 健全.
    """
    if target is None or actual is None:
        return None
    if target.value is not None and actual.value is not None:
        if target.unit and actual.unit and target.base_unit != actual.base_unit:
            return None
        return _compare(target, actual, name, f"{name}{''.join(category or [])}")
    words, wanted = _plain(actual.raw), _plain(target.raw)
    if not words:
        return None
    if wanted == words:
        return True
    if _MISSED.search(words) or (marked_down and wanted in words and _NEARLY.match(words)):
        return False
    if (wanted in words and not _NEARLY.match(words) and not re.search(r"\d", wanted)) or _DONE.search(words):
        return True
    if _NONE_WANTED.match(wanted) and re.match(r"未发生|未出现|无|零", words):
        return True
    deadline, done = _day(target.raw), _day(actual.raw)
    return done <= deadline if deadline and done else None


def _day(words: str) -> tuple[int, int] | None:
    """The date that words name, as month and day: 11月底前 is (11, 31)."""
    match = _DEADLINE.search(words)
    if match is None or not 1 <= int(match["month"]) <= 12:
        return None
    day = int(match["day"]) if match["day"] else _PART_OF_MONTH.get(match["part"] or "", 31)
    return int(match["month"]), day


def _compare(target: Measurement, actual: Measurement, name: str, about: str) -> bool:
    both_units = bool(target.unit and actual.unit)
    wanted = target.base_value if both_units else target.value
    reached = actual.base_value if both_units else actual.value
    assert wanted is not None  # values exist, so their base values do
    assert reached is not None
    match target.comparator:
        case "ge":
            return reached >= wanted
        case "gt":
            return reached > wanted or (reached == wanted and actual.comparator == "gt")
        case "le":
            return reached <= wanted
        case "lt":
            return reached < wanted or (reached == wanted and actual.comparator == "lt")
        case _:
            less_is_better = (_LESS_IS_BETTER.search(about) and not _CUT.search(name)) or wanted == 0
            return reached <= wanted if less_is_better else reached >= wanted


def _plain(words: str) -> str:
    return re.sub(r"[\s，。；、,;.]", "", words)
