"""Words → quantities (数量): numbers, units and comparators, as Chinese reports write them.

One grammar reads table cells and running text alike. It refuses what only looks like a quantity: dates and
years, ordinals (第六届), document numbers (〔2020〕10号), rankings (500强), numerals inside quoted names.
It knows nothing of tables, goals or records' names.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import cn2an

from jixiao.records import Comparator, Measurement

_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，", "0123456789.,")
_MISREAD = str.maketrans({"O": "0", "o": "0", "Ｏ": "0", "〇": "0", "l": "1", " ": None, "。": ".", "·": "."})

_MONEY = "万亿元 亿美元 万美元 亿港元 万港元 千万元 百万元 亿元 万元 千元 美元 欧元 港元 元".split()
_RATE = "个百分点 百分点 个千分点 千分点 百分比 % ％ ‰".split()
_TIME = (
    "个日历天 日历天 个自然日 自然日 个工作日 工作日 个交易日 个小时 小时 个学时 学时 课时 分钟 秒钟 秒 个季度 季度 "
    "个星期 星期 个月 天 日 周岁 周 年"
).split()
_SIZE = (
    "平方公里 平方千米 平方米 立方米 千瓦时 吨标准煤 兆瓦时 公顷 公里 千米 厘米 毫米 公斤 千克 毫克 毫升 微克 千瓦 兆瓦 平米 延米 "
    "㎡ m² m2 m³ m3 mg/L lx dB ℃ 英寸 千伏 kV km kg KM MW kW GB TB 亩 米 吨 斤 克 升 瓦 平 方"
).split()
_COUNT = (
    "个 家 户 名 人 位 次 场 期 篇 项 件 份 条 起 宗 例 种 类 批 套 台 辆 架 艘 栋 幢 座 处 所 间 册 本 部 张 幅 块 盏 株 棵 头 只 尾 羽 匹 "
    "轮 页 字 句 首 支 队 组 班 节 门 道 根 口 眼 片 段 层 岁 分 倍 对 双 枚 颗 粒 瓶 箱 盒 袋 包 桶 桌 床 顿 趟 遍 版 款 笔 单 票 桩 档 则 "
    "集 路 樘 盘 杆 扇 副 面 剂 针 宿 标段 片次 点 卷 盆 畦 穴 处次 帧 幕 列 孔 刀 令 组次 人份 剂次 亩次 吨次 词条 网格 标准箱 公里次 人天 人日 "
    "担 标台 台套 台件 件套 台组 通 万"
).split()
_TIMES = [one + "次" for one in [*"人场户家件批车班台架艘辆例项轮期篇船航头课条份座站处宗起册剂套点片公里", "人份"]]


def _alternatives(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


# 万 or 亿 stands before any unit; 兀 is how a scan shows 元.
_UNIT = rf"(?:{_alternatives(_RATE + _MONEY)}|[万亿]?兀|(?:[万亿] ?)?(?:{_alternatives(_TIME + _SIZE + _COUNT + _TIMES)})|亿|万)"
_PER = r"/(?:10万|百万|十万|[百千万]人|立方米|千克|公顷|m²|㎡|平米|人次|平方米|工作日|小时|公里|[人次年月天日场户亩吨米升个件套份辆台季])"

# What a scan shows for a digit counts as one beside real digits: O and 〇 for 0, l for 1.
_LIKE = r"(?:[0-9０-９]|[OoＯ〇l](?![A-KM-NP-Za-kmnp-z]))"
_DIGITS = rf"[0-9０-９]{_LIKE}*"
_ARABIC = (
    rf"(?:(?<![A-Za-z])l(?=[0-9]))?{_DIGITS}(?:[,，]{_LIKE}{{1,3}}(?!{_LIKE}))*"
    rf"(?: ?[.．·] ?{_LIKE}+|。{_DIGITS}(?=[万亿]?元|[%％]))?"
)
_WHOLE_NUMBER = re.compile(rf"{_ARABIC}$")
_CHINESE_DIGIT = "一二两三四五六七八九十百千零〇"
_CHINESE = f"[{_CHINESE_DIGIT}]"
_NUMERAL = re.compile(
    rf"百分之(?P<percent>{_CHINESE}{{1,6}}(?:点{_CHINESE}{{1,4}})?|{_ARABIC})"
    rf"|(?P<below>{_CHINESE}{{1,3}})分之(?P<above>{_CHINESE}{{1,3}})"
    rf"|(?P<half>半)(?=个?小时|个月|年内|天)"
    rf"|(?P<tenths>[一二两三四五六七八九])成(?P<tenths_half>半)?(?![立员果长功为就绩本交套熟分群品])"
    rf"|(?P<arabic>{_ARABIC})"
    rf"|(?P<chinese>{_CHINESE}{{1,12}})"
)
# What may stand right behind a Chinese numeral that counts.
_GOES_ON = frozenset(
    {unit[0] for unit in [*_MONEY, *_RATE, *_TIME, *_SIZE, *_COUNT, *_TIMES]} | set("余多几来至到-—–~～ 兀万亿月日号点年分")
)
_RANGE = re.compile(rf"\s*(?:{_UNIT})?\s*[-—–~～至到－]+\s*(?P<high>{_ARABIC}|{_CHINESE}{{1,6}})\s*(?P<unit>{_UNIT}(?:{_PER})?)")
_RIGHT = re.compile(
    rf"(?P<many>[十百千](?=[余多]|[万亿个家人名次户元]))?(?P<vague>[余多几来](?=\s?{_UNIT}))?\s?"
    rf"(?:(?P<large>[万亿个])(?P<vague_inside>[余多半])(?P<rest>月|小时|{_UNIT})|(?P<unit>{_UNIT}(?:（[套件台辆册个项份次处宗只头羽匹户人株组](?:[、/][套件台辆册个项份次处宗只头羽匹户人株组])?）)?))?"
    rf"(?P<vague_after>[余多](?!支出|收入|完成|安排)(?=[\u4e00-\u9fff，。；、）)]|$))?(?P<per>{_PER})?"
)
_BEFORE: dict[str, Comparator] = {
    **dict.fromkeys(
        "≥ ≧ ⩾ 》 〉 >= ＞= 大于或等于 大于等于 不低于 不少于 不小于 不少 不短于 不得低于 不得少于 至少 最少 最低 高于或等于 高于等于".split(),
        "ge",
    ),
    **dict.fromkeys("> ＞ 超过 超出 突破 大于 高于 多于 逾 超".split(), "gt"),
    **dict.fromkeys(
        "≤ ≦ ⩽ 《 〈 <= ＜= 小于或等于 小于等于 低于或等于 低于等于 不高于 不超过 不超出 不突破 不超 不大于 不多于 不晚于 不迟于 不得超过 不得高于 至多 最多 最高 控制在".split(),
        "le",
    ),
    **dict.fromkeys("< ＜ 不足 不到 不满 小于 低于 少于 将近 接近".split(), "lt"),
    **dict.fromkeys("约为 大约 约 大概 左右".split(), "about"),
}
_AFTER: dict[str, Comparator] = {
    **dict.fromkeys("及以上 或以上 以上 及其以上 （含）以上 (含)以上".split(), "ge"),
    **dict.fromkeys("及以下 或以下 以下 以内 之内 及以内 (含)以内 （含）以内 （含）以下 (含)以下 内".split(), "le"),
    **dict.fromkeys("左右 上下".split(), "about"),
}
_LEFT = re.compile(
    rf"(?:(?<![签预条合特公节制契履])(?P<words>{_alternatives(list(_BEFORE))})[:：]?|(?<![最临邻附靠])(?P<near>近))[ \t]*$"
)
_AFTER_WORDS = re.compile(rf"\s?(?P<words>{_alternatives(list(_AFTER))})(?!容)")
_LONGEST_NUMBER = 24  # longer ones are accounts and serial numbers
_LOOK_BACK = 8  # the longest comparator and a blank

_DATE = re.compile(
    rf"(?:19|20)\d{{2}} ?(?:年度?(?: ?\d{{1,2}} ?月(?: ?\d{{1,2}} ?日)?)?|[-./]\d{{1,2}}(?:[-./]\d{{1,2}}(?!\d)|(?!\d| ?{_UNIT}(?<![日月年天周]))))"
    r"|(?:19|20)\d{2}年? ?[-—~～至到] ?(?:19|20)\d{2} ?年?度?"
    r"|\d{1,2} ?月(?: ?\d{1,2} ?[日号]|[底份初末])?"
    r"|\d{1,2}(?:[日号]|月\d{1,2}日)? ?[-—~～至到、和] ?\d{1,2} ?[月日](?:份|\d{1,2}日)?"
    r"|\d{1,2}[时点]\d{1,2}分|\d{1,2} ?日(?!历|内|以内|之内)|\d{1,2}[:：]\d{2}(?!\d)"
    r"|[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}[日号]|[底份初末])?"
    r"|[一二三四五六七八九十两]{1,3}点(?:半|[一二三四五六七八九十]+分|钟)"
    r"|二[〇零O0○]{1,2}[一二三四五六七八九〇零十]{1,2}年度?|\d+(?:\.\d+){2,}"
)
_NAMED_BEFORE = re.compile(
    r"(?:(?:^|[（(：:，。；\s见如])[表图]\s*|附[件表]\s*|第\s*(?:\d{1,2}、)?|[Nn][Oo][.．]\s*|[A-Za-z][-—]?)$"
)
_WORD_OF_ITS_OWN = re.compile(
    r"本(?=[年级部单期地区市县省次局委办])|组(?=[织成建])|支(?=[出付持撑])|名(?=[称录义])|位(?=[于置])|家(?=[庭属长园])|次(?=[年月日])|台(?=[账湾风])|条(?=例)|"
    r"部(?=[门分署委长])|处(?=[置理罚于室])|场(?=[所地])|期(?=[间末初])|款(?=[项物])|度(?=假)|天(?=[然津])|人(?=[员才])|座(?=谈)|担(?=[任保负当心架])|通(?![，。；、]|$)|面(?=[积向对])|根(?=据)|方(?=[案面式法])|克(?=服)"
)
_YEAR_IN_BRACKETS = re.compile(r"[〔［\[【(（](?:19|20)\d\d[〕］\]】)）]")
_NAMED_AFTER = re.compile(r"\s?(?:号(?!召)|#|强|热线|指挥中心|平台|[A-Za-z])")
_MINUS = re.compile(r"(?<![0-9A-Za-z%％\u4e00-\u9fff])[-－−]$|[长率幅少降为][-－−]$")
_STRAY_COMMA = re.compile(r"(?:增加|增长|减少|下降|完成|支出|收入|为|达|共|计),$")
_NUMBERED_YEAR = re.compile(r"\d{1,2} ?[.．] ?(?:19|20)\d{2}$")

# Names that hold a numeral (三公, 八项规定 …): set phrases of official Chinese, no quantities.
_SET_PHRASES = re.compile(
    r"一[\u4e00-\u9fff]一[\u4e00-\u9fff]|八项规定|四个意识|四个自信|两个维护|两个确立|四个全面|五位一体|三会一课|一岗双责|三重一大|两学一做|三个一批|四个最严|两个责任|两个毫不动摇|"
    r"一把手|一体化|一站式|一窗|一网|一件事|一次办|一次性|一线|一流|一般|一定|一些|一系列|一方面|一批|统一|进一步|一步|唯一|万一|一律|一直|一旦|一致|之一|"
    r"一二三产业|三大攻坚战|三公|三农|三资|两条线|十四五|十三五|十五五|百千万|千家万户|万众一心|一老一小|一村一品|一事一议|两新组织|两癌|两项补贴|三支一扶|一年来|"
    r"[一二三四五六七八九十]等[功奖]|[一二三]产|零距离|零容忍|百日|千方百计|三区三线|两山|四风|双随机、一公开|一卡通|最后一公里|一带一路|七一|八一|五一|十一|三八"
)
# A measure word that makes a Chinese numeral a count by itself.
_STRONG_UNITS = frozenset(
    "次 场 期 篇 件 家 户 名 人次 场次 批次 台 辆 栋 幢 座 所 间 份 起 天 周 个月 小时 倍 元 万元 亿元 处 例 轮 册 本 亩 公里 个百分点 百分点 分钟".split()
)
_POINTING = frozenset("第这那各每前后上下首哪几另同")
_PHASE = re.compile(r"(?:会议|全会|代表大会|党代会|工程|项目|建设|分配|污染|创业)")
_NO_CHINESE_COUNT = frozenset("季度 年 分 点 字 面 方 平 头 度 口 号 级 类 等 届 层 段 组".split())
_ASPECT = re.compile(
    r"[个大件项]?大?(?:维度|方面|部分|环节|层面|阶段|板块|事(?!项))"
)  # 四个维度, 四件大事: how it is told, no count
_ONE_OF = re.compile(  # 十件民生实事之一; 有三项：; 两项合计
    r"[\u4e00-\u9fff“”]{1,12}之一|[\u4e00-\u9fff]{0,3}[:：]|[项个类笔](?:支出|资金|指标)?(?:合计|共计|总计|相加)"
)
_DURATIONS = frozenset([*_TIME, None])
_ARTICLE_UNITS = frozenset("个 项 批 条 套 种 类 位 名 件 部 份 支 对 面 片 段 层 组 点 家 人 年 张 道 处 座 台 本 体 句".split())


class Quantity(NamedTuple):
    """A quantity found in words (数量): where it stands, what it says.

    ``start`` and ``end`` take in comparator, number and unit. ``value`` is in ``unit`` as stated, and ``None`` for a
    range (3—5个). ``chinese`` tells that the numeral was not in digits.
    """

    start: int
    end: int
    raw: str
    value: Decimal | None
    unit: str | None
    comparator: Comparator = "eq"
    repaired: bool = False
    chinese: bool = False

    def measurement(self, raw: str | None = None) -> Measurement:
        """The quantity as a record's measurement, with the words as the text has them where they are given."""
        return Measurement(
            raw=raw or self.raw, value=self.value, unit=self.unit, comparator=self.comparator, repaired=self.repaired
        )


_PLAIN_NUMBER = re.compile(r"[-－−]?[0-9０-９][0-9０-９,，.．OoＯ〇]*$")


def is_plain_number(words: str) -> bool:
    """Whether the words are a number and nothing else, as most cells of a budget table are."""
    return bool(_PLAIN_NUMBER.match(words))


def plain_number(words: str) -> tuple[Decimal, bool] | None:
    """The value of a plain number and whether it had to be repaired; ``None`` where the words are no such number."""
    return _plain_number(words) if 0 < len(words) <= _LONGEST_NUMBER else None


@lru_cache(maxsize=4096)
def _plain_number(words: str) -> tuple[Decimal, bool] | None:
    if not is_plain_number(words) or not (bare := _WHOLE_NUMBER.match(words.lstrip("-－−"))):
        return None
    value, repaired = _decimal(bare[0])
    return (-value if words[0] in "-－−" else value), repaired


def find_quantities(words: str) -> list[Quantity]:
    """All quantities in ``words``, in order and apart; offsets are into ``words``."""
    return list(_found(words))


@lru_cache(maxsize=2048)
def _found(words: str) -> tuple["Quantity", ...]:
    """The quantities of a paragraph, kept for the audit that looks at it after the rules have."""
    return tuple(_scan(words))


def _scan(words: str) -> Iterator[Quantity]:
    position = 0
    while match := _NUMERAL.search(words, position):
        position = match.end()
        if match["arabic"]:
            if date := _DATE.match(words, match.start()):
                position = max(date.end(), match.start() + 1)
            elif quantity := _arabic(words, match):
                position = quantity.end
                yield quantity
        elif match["chinese"]:
            if words[position : position + 1] not in _GOES_ON:
                continue  # 一是, 三公, 统一: no measure word behind it
            if phrase := _SET_PHRASES.match(words, match.start()):
                position = max(position, phrase.end())
            elif date := _DATE.match(words, match.start()):
                position = date.end()
            elif quantity := _chinese_count(words, match):
                position = quantity.end
                yield quantity
        elif quantity := _part_of_a_whole(words, match):
            position = quantity.end
            yield quantity


def _arabic(words: str, match: re.Match[str]) -> Quantity | None:
    start, end = match.span()
    if _NAMED_BEFORE.search(words, max(0, start - 4), start) or _YEAR_IN_BRACKETS.match(words, max(0, start - 1)):
        return None
    if len(match[0]) > _LONGEST_NUMBER:
        return None
    if _NUMBERED_YEAR.match(match[0]) and words[end : end + 1] == "年":
        return None
    if between := _range(words, match):
        return between
    right = _RIGHT.match(words, end)
    assert right is not None  # every part of it is optional
    unit = right["large"] + right["rest"] if right["large"] else right["unit"]
    if unit is not None and _WORD_OF_ITS_OWN.match(words, right.start("unit")):
        return None  # 201 32 组织事务: the number's unit is the next word's first character
    if unit is None and _NAMED_AFTER.match(words, end):
        return None
    value, repaired = _decimal(match[0])
    if right["vague_inside"] == "半":
        value += Decimal("0.5")  # 3个半月
    if right["many"]:
        value *= {"十": 10, "百": 100, "千": 1000}[right["many"]]
    if words[start - 1 : start] in ("-", "－", "−") and _MINUS.search(words, max(0, start - 2), start):
        start, value = start - 1, -value
    elif words[start - 1 : start] == "," and _STRAY_COMMA.search(words, max(0, start - 3), start):
        start, repaired = start - 1, True
    vague = bool(right["vague"] or right["vague_inside"] in ("余", "多") or right["vague_after"])
    return _whole(words, start, right.end(), value, unit, right["per"], vague, repaired or "兀" in (unit or ""))


def _chinese_count(words: str, match: re.Match[str]) -> Quantity | None:
    start, end = match.span()
    number = match[0]
    if between := _range(words, match):
        return between
    right = _RIGHT.match(words, end)
    assert right is not None  # every part of it is optional
    unit = right["large"] + right["rest"] if right["large"] else right["unit"]
    vague = bool(right["vague"] or right["vague_inside"] in ("余", "多") or right["vague_after"])
    if unit is None or number[0] in "零〇" or unit in _NO_CHINESE_COUNT or (number[0] in "百千" and not vague):
        return None
    if number[0] in "十百千" and words[start - 1 : start] in ("几", "数"):
        return None  # 几十家, 数百人: some, no number
    if words[start - 1 : start] in ("第", "之", "其", "某") or (words[start - 1 : start] == "每" and unit in _ARTICLE_UNITS):
        return None
    if len(number) > 1 and not re.search("[十百千零〇]", number):
        return None  # 三一, 一二: digits side by side count nothing
    if number == "二" and unit in ("期", "次"):
        return None  # 二期工程 is the second; of two one says 两期
    if _ASPECT.match(words, end) or _ONE_OF.match(words, end):
        return None
    if words[start - 1 : start] == "届" or (
        number == "一" and words[start - 1 : start] in ("的", "最", "再", "统", "唯", "每", "后", "前", "是", "新")
    ):
        return None
    value = _chinese(number)
    if value is None:
        return None
    if right["vague_inside"] == "半":
        value += Decimal("0.5")
    made = _whole(words, start, right.end(), value, unit, right["per"], vague, repaired=False, chinese=True)
    if made.comparator != "eq" or (made.start == 0 and made.end == len(words.rstrip())):
        return made
    if number == "一" and unit in _ARTICLE_UNITS:
        return None  # 一个, 一项: an article
    if unit not in _STRONG_UNITS and (value < 2 or words[start - 1 : start] in _POINTING):
        return None
    return None if unit in ("期", "次") and _PHASE.match(words, made.end) else made


def _part_of_a_whole(words: str, match: re.Match[str]) -> Quantity | None:
    start, end = match.span()
    if match["percent"]:
        return _whole(words, start, end, _decimal(match["percent"])[0], "%", None, vague=False, repaired=False)
    if match["below"]:
        below, above = _chinese(match["below"]), _chinese(match["above"])
        if not below or above is None:
            return None
        return _whole(words, start, end, round(above / below, 4), None, None, vague=False, repaired=False, chinese=True)
    if match["half"]:
        unit = re.compile("个?小时|个月|年|天").match(words, end)
        made = _whole(
            words, start, unit.end() if unit else end, Decimal("0.5"), unit[0] if unit else None, None, False, False, True
        )
        return made if made.comparator != "eq" or "时" in made.raw else None  # 上半年 is a time of the year
    tenths = _chinese(match["tenths"])
    if tenths is None or tenths == 1:
        return None
    return _whole(
        words, start, end, tenths * 10 + (5 if match["tenths_half"] else 0), "%", None, vague=False, repaired=False, chinese=True
    )


def _range(words: str, match: re.Match[str]) -> Quantity | None:
    to = _RANGE.match(words, match.end())
    if not to or (match["chinese"] and to["unit"] in _NO_CHINESE_COUNT | {"年"}):
        return None
    return Quantity(match.start(), to.end(), words[match.start() : to.end()], None, _clean(to["unit"]))


def _whole(
    words: str,
    start: int,
    end: int,
    value: Decimal,
    unit: str | None,
    per: str | None,
    vague: bool,
    repaired: bool,
    chinese: bool = False,
) -> Quantity:
    """The quantity with the comparators that stand before and after it."""
    comparator: Comparator = "gt" if vague else "eq"
    after = _AFTER_WORDS.match(words, end)
    if after and not (after["words"] == "内" and unit not in _DURATIONS):
        end, comparator = after.end(), _AFTER[after["words"]]
    if before := _LEFT.search(words, max(0, start - _LOOK_BACK), start):
        start = before.start()
        stated = _BEFORE[before["words"]] if before["words"] else "lt"
        if not (stated == "gt" and comparator == "ge"):
            comparator = stated
        if doubled := _LEFT.search(words, max(0, start - _LOOK_BACK), start):
            start = doubled.start()
    while words[end - 1].isspace():
        end -= 1
    whole_unit = (_clean(unit) if unit else "") + (per or "") or None
    return Quantity(start, end, words[start:end], value, whole_unit, comparator, repaired, chinese)


def _clean(unit: str) -> str:
    return unit.replace(" ", "").replace("兀", "元").replace("％", "%")


def _decimal(numeral: str) -> tuple[Decimal, bool]:
    """A numeral's value, and whether it had to be repaired: stray commas and blanks, letters for digits."""
    if numeral[0] in _CHINESE_DIGIT:
        return _chinese(numeral) or Decimal(0), False
    plain = numeral.translate(_FULL_WIDTH)
    mended = plain.translate(_MISREAD)
    whole, dot, fraction = mended.partition(".")
    groups = whole.split(",")
    if len(groups) > 1 and not (len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        if not dot and len(groups[-1]) <= 2:
            return Decimal("".join(groups[:-1]) + "." + groups[-1]), True
        return Decimal("".join(groups) + dot + fraction), True
    return Decimal("".join(groups) + dot + fraction), mended != plain


@lru_cache(maxsize=4096)
def _chinese(words: str) -> Decimal | None:
    if words[0] in "百千":
        words = "一" + words
    try:
        return Decimal(str(cn2an.cn2an(words.replace("〇", "零"), "smart")))
    except (ValueError, KeyError, IndexError, TypeError):
        return None
