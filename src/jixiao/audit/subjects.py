"""Names → subjects (科目): the expenditure items that every departmental report states, whatever it calls them.

The items and how they add up are those of 财预〔2013〕53号's base table (基础数据表) and of the departmental accounts
(部门决算): 支出总额 = 基本支出 + 项目支出, 基本支出 = 人员经费 + 公用经费, 三公 = 出国 + 用车 + 接待.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_QUOTES = re.compile(r"[“”\"‘’'《》\s]")
_LEAD = re.compile(
    r"^(?:其中|[:：，、]|按支出性质分?|按收入性质分?|从支出结构看|全年|本年度?|当年|年度|实际|预算|安排|完成|支付|发放|用于|一般公共预算(?=基本|项目)|(?:19|20)\d\d年度?|年|"
    r"[我本全][局委馆办厅院会旗县区市站队校中心部门单位]*|部门(?!整体)|单位|共|累计|调整后的?|调整为|[一二三四五六七八九十]、|[（(][一二三四五六七八九十\d]+[)）]|\d+[、.．]|①|②|③|的)+"
)
_TAIL = re.compile(
    r"(?:共支出|完成|实际|合计|共计|总计|决算数?|执行数?|预算数?|总?额|为|达到?|数|金额|共|约|仅|支出(?<=费支出)|安排|[:：，]|使用|全年|年初|年末|调整后的?|批复|下达)+$"
)

_SUBJECTS = {
    "三公经费": r"三公经?费(?:支出)?",
    "因公出国（境）费": r"(?:因公)?出国[（(]?境?[)）]?(?:经?费用?|支出)?",
    "公务用车购置和运行维护费": r"公务用车购置(?:和|及|与)?(?:运行)?(?:维护)(?:经?费)?|公务用车(?:经?费)?",
    "公务用车购置费": r"(?:公车|公务用车)购置(?:经?费)?",
    "公务用车运行维护费": r"(?:公车|公务用车)运行(?:维护)?(?:经?费)?",
    "公务接待费": r"公务接待(?:经?费)?",
    "人员经费": r"人员(?:经费|支出)(?:支出)?",
    "公用经费": r"(?:日常)?公用(?:经费|支出)(?:支出)?",
    "基本支出": r"基本支出",
    "项目支出": r"项目支出",
    "会议费": r"会议费",
    "培训费": r"培训费",
    "会议费、培训费": r"会议费?[、和及]培训费",
    "政府采购": r"政府采购(?:支出)?",
    "收入总额": r".{0,12}(?:收入(?:总额?|合计?)|总收入)|收入",
    "支出总额": r"[^费项基采]{0,12}支出(?:总额?|合计)|[^费项基采]{0,8}总支出|(?:部门)?整体支出|(?:年度)?资金总额?|支出|项目资金",
    "结转结余": r"(?:年末)?(?:资金)?(?:结转和?结余|结转|结余)(?:资金)?",
    "一般公共预算": r"一般公共预算(?:财政)?(?:拨款|支出)?",
    "政府性基金": r"政府性基金(?:预算)?(?:拨款|支出)?",
    "财政拨款": r"(?:当年)?财政拨款",
    "在职人数": r"(?:实有)?在职(?:人员|人数)|实际在职人",
    "编制": r"(?:核定)?编制",
}
_SUBJECT = re.compile("|".join(f"({words})" for words in _SUBJECTS.values()))
_ITEMS = tuple(_SUBJECTS)
_MAY_NAME = re.compile(r"费|支出|收入|结转|结余|资金|采购|预算|基金|拨款|在职|编制|出国|公务|公车")  # no item is without one
_BRACKETS = re.compile(r"[（(][^（()）]*[)）]$")
_OF_THE_YEAR = re.compile(r"全年|本年|年度|部门|总|20\d\d年|实际")
_PLAN = re.compile(r"预算|批复|控制数|计划")
_NO_PLAN = re.compile(r"一般公共预算|基金预算|预算收入")
_INITIAL = re.compile(r"年初")


_WHOLE_BUDGET = re.compile(
    r"(?:其中|至)?(?:(?:19|20)\d\d年度?)?[^，。为占超按及相费支出采购]{0,12}?(?:年初|全年|调整后的?全?年?|年度|部门|总)预算(?:数|总额|安排)?(?:为|达|共计)?|[^，。]{0,16}(?:专项资金|项目|资金)(?:年初|全年|调整后的?全?年?)预算(?:数|总额)?(?:为|达)?|(?:调整后(?:的)?)?预算调整为"
)


class Subject(NamedTuple):
    """What a figure is about: an item, and whether it is a plan (预算), the plan at the year's beginning, or an outcome."""

    item: str
    role: str
    project: str | None = None
    """The project whose figure it is, in a report on several."""


IDENTITIES: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("支出总额", ("基本支出", "项目支出"), False),
    ("基本支出", ("人员经费", "公用经费"), False),
    ("三公经费", ("因公出国（境）费", "公务用车购置和运行维护费", "公务接待费"), True),
    ("公务用车购置和运行维护费", ("公务用车购置费", "公务用车运行维护费"), True),
)
"""A whole, its parts, and whether a part that is not stated counts as none."""


@lru_cache(maxsize=8192)
def item_of(name: str) -> str | None:
    """The item that a name means; ``None`` for any other name."""
    if not _MAY_NAME.search(name):
        return None
    words = _LEAD.sub("", _QUOTES.sub("", name))
    words = _BRACKETS.sub("", words) if not words.startswith(("因公出国", "出国")) else words
    for words_tried in dict.fromkeys((_QUOTES.sub("", name), words, _TAIL.sub("", words))):
        if match := _SUBJECT.fullmatch(words_tried):
            bare_spending = words_tried == "支出" and not _OF_THE_YEAR.search(name)
            return None if bare_spending else _ITEMS[(match.lastindex or 0) - 1]
    return None


@lru_cache(maxsize=8192)
def subject_of(name: str) -> Subject | None:
    """The subject that a name in running text means: 项目支出全年预算 is the plan of 项目支出."""
    item = item_of(name)
    bare = _QUOTES.sub("", name)
    if _PLAN.search(bare) and not _NO_PLAN.search(bare):
        role = "initial" if _INITIAL.search(bare) else "plan"
        if item is None and _WHOLE_BUDGET.fullmatch(bare):
            item = "支出总额"
        return Subject(item, role) if item else None
    return Subject(item, "actual") if item else None


_FILLER = re.compile(
    r"全年|本年度?|当年|年度|共计?|累计|实际|完成|达到?|实现|其中|总体|年末|截至|目前|已|较好|保持|约|为|开展|组织|工作|情况|[我本]局|等|的|数量|个数|次数|人数|件数|面积|长度|里程|总数|数$"
)


_NO_LETTER = re.compile(r"[^\u4e00-\u9fffA-Za-z]")


@lru_cache(maxsize=8192)
def plain_name(name: str) -> str:
    """A name without the words that add nothing: 全年新建改造公厕 and 新建改造公厕数量 are the same."""
    return _FILLER.sub("", _NO_LETTER.sub("", name))
