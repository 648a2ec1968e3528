"""What a table's heading cell says of its column (列的含义): indicator name, target, actual, weight …

The words come from the forms of 财预〔2020〕10号, 财预〔2021〕101号 and 财预〔2013〕53号 and from the provinces' own.
"""

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache


class Role(Enum):
    """The meaning of a column (列)."""

    __hash__ = object.__hash__  # Enum's own hashes the name anew, and every cell is looked up by its role

    SIDE = "side"  # a label merged along the side: 绩效指标
    FIRST = "first"  # 一级指标
    SECOND = "second"  # 二级指标
    NAME = "name"  # 三级指标, or what a budget row is about
    TARGET = "target"  # 年度指标值, 预算数, 编制数
    INITIAL = "initial"  # 年初预算数, the target only where there is no 全年预算数
    ACTUAL = "actual"  # 实际完成值, 决算数, 执行数
    PREVIOUS = "previous"  # 上年决算数
    WEIGHT = "weight"  # 分值
    SCORE = "score"  # 得分
    RATE = "rate"  # 执行率, 控制率
    CHANGE = "change"  # 增减额
    UNIT = "unit"  # 计量单位
    DEVIATION = "deviation"  # 偏差原因及改进措施
    NOTE = "note"  # 评分标准, 指标解释, 备注
    EXPECTED = "expected"  # 预期目标
    DONE = "done"  # 实际完成情况 of the goals
    SIGN = "sign"  # 指标性质: ≥, ≤, =
    NUMBER = "number"  # 序号


_UNIT_NOTE = re.compile(r"[（(]\s*(?:单位[:：])?\s*([^（()）]{1,6}?)\s*[)）]|单位[:：]\s*([^\s，,）)]{1,5})")
_UNITS = re.compile(r"(?:[万亿千]?元|人次?|个|家|%|㎡|平方米|公顷|亩|辆|台|户|项)$")
_YEAR = r"(?:(?:19|20)\d{2}|[Xx×]{2,4})?\s*(?:年度?|年底|年末)?"
_ROLES: list[tuple[Role, re.Pattern[str]]] = [
    (role, re.compile(rf"(?:{words})$"))
    for role, words in [
        (Role.FIRST, r"一级(?:绩效)?指标(?:名称)?|一级|指标类型|指标类别"),
        (Role.SECOND, r"二级(?:绩效)?指标(?:名称)?|二级"),
        (
            Role.NAME,
            r"三级(?:绩效)?指标(?:名称)?|三级|(?:绩效)?指标名称|指标内容|(?:具体|明细|考核|评价|四级)指标|绩效指标内容|指标",
        ),
        (Role.SIDE, r"绩效指标|年度绩效指标|绩效指标完成情况|年度指标"),
        (Role.SIGN, r"指标性质|性质|指标方向|方向|符号|比较符号?|运算符号?"),
        (Role.NUMBER, r"序号|编号|行次"),
        (
            Role.PREVIOUS,
            rf"(?:上年度?|去年|上一年度?|以前年度){_YEAR}(?:决算|执行|支出|实际|完成|预算)?(?:数|值|金额|额|支出)?|基期(?:值|数)|期初数",
        ),
        (Role.INITIAL, rf"{_YEAR}(?:年初预算|年初批复预算|期初预算|年初部门预算|预算批复)(?:数|值|金额|额|安排数)?|年初数"),
        (
            Role.TARGET,
            rf"{_YEAR}(?:年度|年初|全年|预期|绩效|计划|目标|设定|本年度?)*(?:指标|目标|计划|预期)(?:值|数)(?:[（(]?[A-Da-d][)）]?)?|目标值?|指标值|计划(?:数|完成值|完成)?|"
            rf"{_YEAR}(?:本年度?|全年|调整后?|调整|调整后的?|最终)*(?:的)?预算(?:数|值|金额|额|安排|安排数|资金)?|{_YEAR}编制(?:数|人数)?|核定编制数?|预算安排(?:数|金额)?|应到位(?:数|资金)?|批复规模|批复数|(?:资金|预算)?(?:安排|下达)(?:资金|金额|数|额)?|计划(?:金额|资金)|预算总额|年度预算|计划投资(?:额)?|年度绩效指标值|业绩值|绩效标准值?|标准值|{_YEAR}(?:本年度?|全年)?(?:目标|计划|预期)",
        ),
        (
            Role.ACTUAL,
            rf"{_YEAR}(?:年度|全年|本年度?|实际|自评|截至.{{0,8}})*(?:完成|实现)(?:值|数|情况|结果)|{_YEAR}(?:全年|本年度?|年度)*实际(?![\u4e00-\u9fff]*[分率])[\u4e00-\u9fff]{{1,6}}|"
            rf"{_YEAR}(?:本年度?|全年|年度)*(?:决算|执行|支出)(?:数|值|金额|额)?|{_YEAR}(?:年末)?实际在职人数|{_YEAR}(?:年末)?在职人数|实有人数|实际在编在岗人数|到位(?:数|资金)|全年实际值|执行金额|支出合计|(?:累计|实际)?(?:完成投资|投资完成)额?|(?:实际|累计|已)?(?:拨付|支付|支出|使用|发放|兑现)(?:数|金额|资金|额)|(?:实际|累计|已)(?:拨付|支付|支出|使用|发放)|{_YEAR}(?:全年)?(?:实际|累计|已)?兑现|实际在岗人数|完成数量|年末实有(?:人数|人员|数)?|实有人员|在编(?:人数|人员)|{_YEAR}(?:全年|本年度?|年度)*(?:实际|实绩)|{_YEAR}本年度?完成|(?:预算|全年|累计)+执行(?:数|金额|额)?|支出决算|指标完成情况",
        ),
        (Role.WEIGHT, r"分值|权重|标准分|标准分值|权重分|分值权重|权重分值|满分|指标分值|指标权重|权重\(%\)|分值\(权重\)|权重%"),
        (Role.SCORE, r"得分|自评得分|评分|自评分数?|实际得分|自评分值|评价得分|指标得分|自评评分|得分[/／](?:满分|分值|权重)"),
        (
            Role.RATE,
            r"(?:预算)?(?:执行|完成|到位|使用|支付|支出|拨付|兑现|规模控制|控制)率(?:\(%\))?|支出进度|完成比例|执行进度|投资控制率|(?:实际|目标|指标|任务)完成率|得分率|.*率\(%\)",
        ),
        (
            Role.CHANGE,
            r"增减(?:额|数|变化|情况|率|比例|幅度)?(?:\(%\))?|同比增减|变动(?:额|率|情况)?|增长率|比上年增减|差异(?:率|额)?|差额|(?:资金|年末|预算)?(?:结余|结转|余额)(?:资金|数|额|金额)?|结转结余|结余结转|未(?:拨付|支付|使用)(?:金额|资金|数)?",
        ),
        (Role.UNIT, r"(?:计量|度量)?单位"),
        (
            Role.EXPECTED,
            r"(?:年初|年度)?(?:设定|预期|总体|绩效)*目标(?:设定|内容)?|年度目标|年初设定目标|预期目标|年度总体绩效目标|绩效目标内容",
        ),
        (
            Role.DONE,
            rf"(?:全年|年度)?(?:目标)?(?:实际)?(?:完成|实现)情况(?:综述)?|{_YEAR}?完成情况|目标实际完成情况|目标完成情况|年度目标完成情况|全年实际完成情况",
        ),
        (
            Role.DEVIATION,
            r".*(?:偏差|未完成|扣分|差异|未达标|未达成|偏离|未执行).{0,6}(?:原因|分析|措施|说明|情况).*|偏差度|原因分析|原因分析及改进措施|改进措施|原因说明|完成情况分析|备注|说明|原因",
        ),
        (
            Role.NOTE,
            r"评分标准|评分说明|指标解释|指标说明|计算公式|评价标准|评分细则|数据来源|指标值说明|佐证材料|评分依据|计分方法|评分方法|得分依据|责任部门|评价方法|评分规则|是否[\u4e00-\u9fff]{1,6}",
        ),
    ]
]
_NAMELIKE = re.compile(
    r"(?:项目|科目|指标|内容|事项|预算科目|支出项目|项目名称|子项目|[\u4e00-\u9fff]{0,6}名称|资金来源|资金性质|经费项目|年度主要任务|主要任务|任务名称|工作任务|重点任务|目标任务|目标名称|(?:考核|目标|任务)(?:事项|内容|项目)|子政策|子项|类别|支出类别|支出内容|经费控制情况|资金构成|(?:部门|项目)?预算执行情况)$"
)


@lru_cache(maxsize=4096)
def column_role(heading: str) -> Role | None:
    """The role of the column under ``heading``, or ``None`` where the words are no heading we know."""
    if not heading or len(heading) > 30:
        return None
    words = re.sub(r"\s", "", heading)
    words = _UNIT_NOTE.sub("", words) if not words.endswith(("(%)", "（%）")) else words.replace("（", "(").replace("）", ")")
    words = re.sub(r"[（(][^（()）]*[)）]$", "", words) if not words.endswith(")") else words
    words = words.rstrip(":：")
    for role, pattern in _ROLES:
        if pattern.match(words):
            return role
    return None


def names_rows(heading: str) -> bool:
    """Whether the heading stands over the rows' names (项目, 科目)."""
    return bool(_NAMELIKE.match(_UNIT_NOTE.sub("", re.sub(r"\s", "", heading)).rstrip(":：")))


def roles_of(headings: Sequence[str]) -> list[Role | None]:
    """The roles of a heading's cells, each beside the others: 年初目标 is a target where 指标名称 stands before it."""
    roles = [column_role(words) or (Role.NAME if names_rows(words) else None) for words in headings]
    named = [at for at, role in enumerate(roles) if role is Role.NAME]
    if len(named) > 1 and headings[named[1]].endswith("名称"):
        roles[named[0]] = Role.SIDE  # 年度主要任务 | 任务名称
    if roles.count(Role.EXPECTED) > 1:
        roles[roles.index(Role.EXPECTED)] = Role.SIDE
    if _VALUES_OF_GOALS.issubset(roles) and _NAMED_OTHERWISE.isdisjoint(roles):
        roles[roles.index(Role.EXPECTED)] = Role.NAME  # 目标内容 | 完成值 | 目标值
    if Role.EXPECTED in roles and Role.DONE not in roles and Role.ACTUAL in roles:
        roles[roles.index(Role.ACTUAL)] = Role.DONE
    if Role.NAME in roles and "指标" in headings[roles.index(Role.NAME)]:
        own = {Role.EXPECTED: Role.TARGET, Role.DONE: Role.ACTUAL}
        taken = {Role.EXPECTED: Role.SIDE, Role.DONE: Role.NOTE}  # 年度绩效目标（80分）| 一级指标 | … | 年初目标值
        roles = [(own[role] if own[role] not in roles else taken[role]) if role in own else role for role in roles]
    if Role.SIDE in roles and Role.NAME not in roles and Role.EXPECTED not in roles:
        # 绩效指标 as the third level's heading, or as the only one
        last_side = max(at for at, role in enumerate(roles) if role is Role.SIDE)
        if Role.SECOND not in roles or last_side > roles.index(Role.SECOND):
            roles[last_side] = Role.NAME
    if roles.count(Role.SCORE) > 1 and Role.WEIGHT not in roles:
        roles[roles.index(Role.SCORE)] = Role.WEIGHT  # 自评分值 | 自评得分
    return roles


_VALUES_OF_GOALS = frozenset({Role.EXPECTED, Role.TARGET, Role.ACTUAL})
_NAMED_OTHERWISE = frozenset({Role.FIRST, Role.SECOND, Role.NAME, Role.DONE})


@lru_cache(maxsize=4096)
def heading_unit(heading: str) -> str | None:
    """The unit that a heading gives to the figures under it: 年初预算数（万元） gives 万元."""
    for match in _UNIT_NOTE.finditer(heading):
        words = (match[1] or match[2]).replace(" ", "")
        if _UNITS.fullmatch(words):
            return words
    return None


def heading_year(heading: str) -> int | None:
    """The year that a heading names: 2022年决算数 gives 2022."""
    match = re.search(r"(?:19|20)\d{2}", heading)
    return int(match[0]) if match else None


FIRST_LEVEL = re.compile(
    r"(?:产出|效益|效果|满意度|满意|成本|投入|过程|决策|管理|履职|履职效能|履职效果|管理效率|预算执行|预算管理|资金管理|项目管理|项目决策|项目产出|项目效益|项目过程|"
    r"部门管理|部门决策|部门产出|部门效益|运行成本|社会效应|可持续发展能力|可持续发展|可持续影响|可持续性|职责履行|预算执行率|财务管理|资产管理|综合效益|投入管理|部门整体产出|部门整体效果|服务对象满意度|社会满意度|绩效|产出与效益)"
    r"(?:类)?(?:指标|情况)?(?:[（(]?\d+(?:\.\d+)?[分%]?[)）]?)?$"
)
SECOND_LEVEL = re.compile(
    r"(?:产出)?(?:数量|质量|时效|成本|经济成本|社会成本|生态环境成本|生态成本|经济效益|社会效益|生态效益|环境效益|可持续影响|可持续性|可持续|服务对象满意度|服务对象满意|满意度|社会公众满意度|公众满意度|群众满意度|"
    r"目标设定|预算配置|预算执行|预算编制|预算管理|资产管理|财务管理|职责履行|履职效益|履职产出|履职效果|履职效益|资金投入|资金管理|资金落实|资金使用|组织实施|业务管理|项目立项|项目目标|绩效目标|绩效管理|绩效监控|绩效自评|"
    r"产出数量|产出质量|产出时效|产出成本|重点工作|重点工作任务|整体工作|社会效应|社会评价|工作成效|公用经费|人员管理|采购管理|信息公开|内控管理|运行成本|在职人员控制|项目效益|社会公众或服务对象满意度|社会公众或服务对象|"
    r"服务对象|受益对象满意度|监督评价|履职完成|履行职责|满意程度|实施效益|经济和社会效益|资金分配|核心职能|目标管理)(?:方面|类)?(?:指标)?(?:[（(]?\d+(?:\.\d+)?[分%]?[)）]?)?$"
)
