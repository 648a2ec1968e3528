"""Whether a quantity is planned (计划, 预算) or done: what a plan or budget sets is a target.

Reads a clause and what came before it in the sentence; knows nothing of sections.
"""

import re
from enum import Enum

from jixiao.quantities import Quantity

_BUDGETED = re.compile(
    r"(?:年初|部门|全年|当年|项目|调整后?的?|批复|采购|本年|年度)*预算(?:数|总额|总?金额|安排|金额|批复|资金|总规模|指标|调整)?(?:合计|共计|总计|共|为|是|额|数|达|约|后)*[:：]?\s*$"
    r"|年初[^，。；]{0,8}预算(?:收入|支出)?(?:为|是|合计|共计)?\s*$|预算(?:调整)?(?:为|安排|下达)[^，。；]{0,8}$|(?:计划|(?:项目|工程)(?:概算|估算|批复)?)(?:总)?投资(?:额|概算|估算)?(?:为|约)?\s*$|(?:(?:年初|预期|年度|计划)目标(?:值|数)?|目标值|指标值|计划数|计划值|最高限价|控制价)(?:为|是|[:：])?\s*$"
)
_AIMED_AT = re.compile(
    r"(?:目标|指标|计划)[值数](?:为|是|[:：])?\s*$|(?:年初|年度|全年|设定|预期|绩效|计划)+目标(?:为|是|[:：])?\s*$"
)
_NOT_BUDGETED = re.compile(r"完成|执行|调整率|控制率|追加|调增|调减|增加|减少|压减")
_OPENS_PLAN = re.compile(r"(?:计划|拟|力争|预计|确保)(?!的|项目|”|完成|数的|外|内|以来|生育|[科处股室书]|单列)")
_AIMED = re.compile(
    r"(?:^|[，。；：、）)\s])(?:年初|年度|设定|预期)*目标(?:值)?(?:[:：为]|(?![完的值是已均全])(?=[\u4e00-\u9fff]))[^。；]{0,50}$"
)
_PART = re.compile(r"其中|[（(]|^\s*(?:加上?|另有|上年结转)")
_HAPPENED = re.compile(
    r"支出|决算|执行|到位|完成|兑现|实际|使用|拨付|已|结余|发放|占|到账|率|中标|节约|追加|调增|调减|核减|调整[增减]|涉及|划分|现有|实[检到收走]|[由被]"
)
_DUE = re.compile(
    r"(?:^|[，；：、\s年共])应(?![急用对届收该当邀])[\u4e00-\u9fff]{1,6}$|应(?:配套|到位|拨付|支付|发放|缴|下达)[\u4e00-\u9fff]{0,4}$"
)
_SPENDING = re.compile(
    r"(?:基本|项目|人员|公用|其他|资本性|工资福利|商品和?服务)(?:经费)?支出$"
)  # a part's name, nothing spent yet
_OF_A_TARGET = re.compile(
    r"(?:(?<=[%％])目标|的(?:年初|年度|绩效|指标|控制|预期|既定|设定)*(?:目标|指标|上限|下限|标准值|要求|线)|的(?:控制|规定|既定|设定)标准)"
)
CONTENTS = re.compile(
    r"(?:^|[。；\s])(?:项目)?主要内容[:：]|(?:建设|实施|采购|改造)(?:的)?(?:主要)?内容(?:及规模|和规模)?(?:主要)?(?:包括|为|是|有)?[:：]"
)
"""项目建设内容包括：…, what is to be built, until something is told as done."""
_KEPT = re.compile(r"(?:已|实际|全年|始终|均|全部)[^，。；]{0,12}$")
_RATE_OF_PLAN = re.compile(r"(?:占|为|完成|相当于)[^，。；]{0,14}的\s*$")


_RATE_BEHIND = re.compile(r"的\s*\d[\d.]*\s*[%％]")


class Plan(Enum):
    """How far into a sentence a plan reaches."""

    NONE = "none"
    HERE = "here"  # this quantity alone
    BUDGET = "budget"  # a budget, whose parts (其中 …) are planned too
    PLAN = "plan"  # 计划 …, and what follows until something is told as done


def plan_of(words: str, clause_start: int, quantity: Quantity, before: Plan) -> Plan:
    """Whether a plan or budget sets the quantity, given what the quantities before it in the sentence were."""
    led = words[clause_start : quantity.start]
    if _OF_A_TARGET.match(words, quantity.end) or ("应" in led and quantity.unit != "%" and _DUE.search(led)):
        return Plan.HERE
    if _RATE_BEHIND.match(words, quantity.end) and re.search(r"预算|计划|目标|任务", led):
        return Plan.HERE  # 完成预算45万元的85.38%
    if "的" in led and _RATE_OF_PLAN.search(led):
        return Plan.NONE
    if _BUDGETED.search(led) and not _NOT_BUDGETED.search(led):
        if _AIMED_AT.search(led):
            return Plan.HERE
        compared = quantity.comparator == "le" or re.search(r"超|低于|占|比|较", led)  # 控制在预算12万元以内
        return Plan.NONE if quantity.unit == "%" else Plan.HERE if compared else Plan.BUDGET
    near = max(0, quantity.start - 60)
    if words.find("目标", near, quantity.start) >= 0 and _AIMED.search(words, near, quantity.start):
        return Plan.HERE
    opened = _OPENS_PLAN.search(led)
    if opened and not re.search(r"[超比较占按原]$|完成|执行", led[: opened.start()]):
        return Plan.PLAN
    if before is Plan.PLAN and not _HAPPENED.search(led):
        return Plan.PLAN
    if before is Plan.BUDGET and (quantity.unit or "").endswith("元") and not _HAPPENED.search(_SPENDING.sub("", led)):
        chained = words[max(0, clause_start - 12) : clause_start].rstrip("，、；,：:").endswith(("）", ")", "元", "其中"))
        if _PART.search(led) or chained:
            return Plan.BUDGET
    return Plan.NONE
