"""Two names of metrics → how alike they are, and whether they can mean the same (指标名称比对). Pure.

Spelling alone makes 满意率 of 不满意率: names that differ in a word that tells one metric from another are never the same, be
they ever so alike; nor are those that put one word for another, unless all the rest of a long name agrees.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from jixiao.dataset.terms import fold

LEAST = 80.0
"""Names less alike than this, of a hundred, are different ones."""
_LEAST_WITH_ANOTHER_WORD = 90.0

_MARKS = re.compile(r"[^\w%‰.]|_")
_LEAD = re.compile(
    r"^(?:(?:19|20)\d\d年?度?|全年(?!预算)|本年度?|当年|今年|年度|累计|共计?(?![同享建])|实际|其中|完成(?!率|投资)|开展|组织|"
    r"全[省市县区州旗镇乡]|[我本][局委馆办厅院会省市县区州旗镇乡校站]|[我本](?:部门|单位|中心|街道))+"
)
_TAIL = re.compile(r"(?:完成情况|情况|数量|个数|总数|完成值|数|值|达到?|为)$")
_SPENDING = re.compile(r"(?<=费)支出|(?<=支出)总?额$")
_SPELT = {"满意率": "满意度", "帐": "账", "其它": "其他", "覆盖面": "覆盖率", "增长幅度": "增幅", "的": ""}
_NO_NUMERALS = re.compile(r"一般|统一|一体|一线|唯一|一次性|进一步|一站|一网|一窗|一卡|万元|亿元")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|[一二三四五六七八九十百千]+")

# Each line's words mean the same; a word that only one of two names has, or a different number of times, parts them.
_TELLING = """
不 未 没有 非 无 免
增长 增加 增幅 增速 提高 上升
减少 下降 降低 减幅 降幅 压减 压降
新增
率 占比 比例 比重
收入
支出
结转 结余
预算 概算
决算
基本
项目
人员经费 人员支出
公用
三公
出国 因公 出境
接待
购置
运行 运维
中央 国家 全国
省 自治区
市
县 旗
社区
园区
小区
景区
区
乡 镇 街道
村 农村
城镇 城市 城区
城乡
职工
居民
农民
贫困 脱贫 低保
小学
初中 中学
高中
大学 高校
幼儿
男
女
老年 老人
儿童 未成年
残疾
上年 去年 上一年
年初
年末 年底
上半年
下半年
季度
人均 户均
日均 月均 年均
平均
最高
最低
境内 国内 省内 市内
境外 国外 省外 市外
新建
改建 扩建
续建
维修 修缮
改造
合格
优良 优秀 优等
达标
开工
竣工 完工
验收
投产
执行
到位
支付
拨付
使用 利用
及时 按时
准确
规范
完整
公开
投诉
调整
控制
质量
数量
成本
时效
甲
乙
丙
"""
_MEANS = {word: line.split()[0] for line in _TELLING.split("\n") if line for word in line.split()}
_TELLING_WORD = re.compile("|".join(sorted(map(re.escape, _MEANS), key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a name compares with the one asked for (名称比对): how alike they are, of a hundred, and what parts them if anything does."""

    name: str
    similarity: float
    parted: str = ""
    """The words that make it another metric; empty where it is the same."""


def alike(asked: str, names: Iterable[str]) -> tuple[list[Likeness], list[Likeness]]:
    """Of ``names`` those that mean the metric asked for, and those that are spelt like it but do not; the most alike first."""
    wanted = bare(asked)
    choices = {name: bare(name) for name in names}
    found: list[Likeness] = []
    for _, similarity, name in process.extract(wanted, choices, scorer=fuzz.ratio, score_cutoff=LEAST, limit=None):
        found.append(Likeness(name, round(similarity, 1), parted(asked, name) if similarity < 100 else _qualified(asked, name)))
    found.sort(key=lambda each: (-each.similarity, each.name))
    return [each for each in found if not each.parted], [each for each in found if each.parted]


@lru_cache(maxsize=65536)
def bare(name: str) -> str:
    """A name without what adds nothing to it: quotes, the year, 全年, 数量."""
    words = _MARKS.sub("", fold(name))
    for spelt, same in _SPELT.items():
        words = words.replace(spelt, same)
    words = _SPENDING.sub("", words)
    return _TAIL.sub("", _LEAD.sub("", words)) or words


def parted(one: str, other: str) -> str:
    """What makes two names that are spelt alike those of two metrics: the words, ``／`` between the two; empty where nothing does."""
    if told := _qualified(one, other):
        return told
    first, second = bare(one), bare(other)
    if fuzz.ratio(first, second) >= _LEAST_WITH_ANOTHER_WORD:
        return ""
    exchanged = next(_exchanged(*sorted((first, second))), ())  # of several alignments the same one, whoever is asked for
    return "／".join(exchanged if first <= second else reversed(exchanged))


def _qualified(one: str, other: str) -> str:
    first, second = _qualifiers(bare(one)), _qualifiers(bare(other))
    here, there = list(first), list(second)
    for word in first:
        if word in there:
            here.remove(word)
            there.remove(word)
    return f"{'、'.join(here) or '无'}／{'、'.join(there) or '无'}" if here or there else ""


def _qualifiers(words: str) -> tuple[str, ...]:
    """The words and numbers of a bare name that tell it from others, in the order of the words."""
    numbers = _NUMBER.findall(_NO_NUMERALS.sub("", words))
    return (*(_MEANS[found] for found in _TELLING_WORD.findall(words)), *numbers)


def _exchanged(first: str, second: str) -> Iterator[tuple[str, ...]]:
    """Where one name has another word for the other's."""
    for step in _steps(first, second):
        here, there = first[step[0] : step[1]], second[step[2] : step[3]]
        if here and there:
            yield here, there


def _steps(first: str, second: str) -> Iterator[tuple[int, int, int, int]]:
    """The stretches that differ: what is left out and what is put in at the same place together."""
    at = to = 0
    for block in Indel.opcodes(first, second).as_matching_blocks():
        if block.a > at or block.b > to:
            yield at, block.a, to, block.b
        at, to = block.a + block.size, block.b + block.size
