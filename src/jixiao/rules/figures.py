"""Quantities in running text → figures (文中数据): one for each quantity, with what it counts and how it changed.

A stated change (比上年增加111.79万元，增长29%) belongs to the figure before it. What a plan sets is a target, what was
done an actual. Names are cut from the clause's own words.
"""

import re
from bisect import bisect_right
from decimal import Decimal
from enum import Enum

from jixiao.document import Passage
from jixiao.drafts import GoalDraft, MetricDraft, Section
from jixiao.quantities import Quantity, find_quantities
from jixiao.records import Change, Measurement

_CLAUSE_END = re.compile(r"[，,。；;！!？?：:]")
_SENTENCE_END = re.compile(r"[。；;！!？?]")

_UP = "增加|增长|上升|提高|提升|上涨|扩大|上浮|增幅|增速|涨幅|新增|增|升|多|高|翻"
_DOWN = "减少|下降|降低|压减|缩减|节约(?!率)|减|降幅|降|下浮|回落|少|低|压缩|晚|推迟|短"
_FLAT = "持平"
_BASIS = r"(?:(?P<same>同比|环比)|(?:比|较|与|同|和|对比|相比)(?P<basis>[^，。；,;]{0,14}?)(?:同期)?(?:相比|比较|相较)?[，,]?(?:同比|环比)?)"
_CHANGE_GAP = re.compile(
    rf"[，,、；;（(\s]*(?:其中|但|虽|也)?(?:{_BASIS})?(?:实际|净|略|共|又|已|均|分别|年均|约|再|有所|将|总体|大幅|明显|小幅|同比)*"
    rf"(?P<verb>{_UP}|{_DOWN})(?:了|约|幅度?为?|率为?|额为?|数为?|值为?|比例为?|支出|达|为|近)*[:：]?\s*$"
)
_NEEDS_A_BASIS = ("增加", "减少", "节约", "压减", "减", "增", "提升", "提高", "扩大")
_AGAINST = re.compile(
    r"[，,、；;（(\s]*(?:但|仍|已|还|且)?(?P<verb>低于|高于|超过|超出|超|少于|多于)(?P<basis>年初目标值?|年度目标值?|目标值?|计划数?|预期|指标值|任务数)(?:了|约)?\s*$"
)
_AGAIN = re.compile(
    rf"[，,、；;（(\s]*(?:即|同比|环比|约|也就是|且|并)?(?P<verb>{_UP}|{_DOWN})?(?:幅度?|率|比例|速)?(?:为|达|约|了)*\s*$"
)
_LEVEL = re.compile(r"(?:到|至|达到|为|成)\s*$")
_FROM = re.compile(r"(?:由|从)(?P<when>[^，。；]{0,16}?)\s*$")
_TO = re.compile(r"\s*[^，。；\d]{1,10}?(?:到|至|为|成)了?[^，。；\d]{0,4}$")
_DOUBLED = re.compile(r"翻(?P<times>[一两二三])?番")
_REASON = re.compile(
    r"[，,。；;：:）)\s]*(?:[^，。；]{0,12}?(?:变化|变动|增加|增长|减少|下降|上升|降低|增减|提高)?(?:的)?)?(?:主要)?原因(?:是|为|：|:|在于)+(?:由于|因为|因)?[：:]?(?P<reason>[^。；\n]+)"
)
_REASON_SHORT = re.compile(r"[，,]?(?:主要是(?:由于|因为|因)?|主要系|主要因|系因?|原因是)(?P<reason>[^。；\n]+)")

_BUDGETED = re.compile(
    r"(?:年初|部门|全年|当年|项目|调整后?的?|批复|采购|本年|年度)*预算(?:数|总额|安排|金额|批复|资金|总规模|指标|调整)?(?:合计|共计|总计|共|为|是|额|数|达|约|后)*\s*$"
    r"|年初[^，。；]{0,8}预算(?:收入|支出)?(?:为|是|合计|共计)?\s*$|预算(?:调整)?(?:为|安排|下达)[^，。；]{0,8}$|计划(?:总)?投资(?:额)?(?:为|约)?\s*$|(?:年初目标|目标值|计划数|计划值|最高限价|控制价)(?:为|是|[:：])?\s*$"
)
_NOT_BUDGETED = re.compile(r"完成|执行|占|调整率|控制率|追加|调增|调减|增加|减少")
_OPENS_PLAN = re.compile(
    r"(?:计划|拟|力争|预计|确保)(?!的|完成|数的|外|内|以来|生育|[科处股室书]|单列)|(?<![响相适对反供感呼效])应(?![急对用届邀当按予付])(?=[\u4e00-\u9fff]{1,8}$)"
)
_AIMED = re.compile(
    r"(?:^|[，。；：、）)\s])(?:年初|年度|设定|预期)*目标(?:值)?(?:[:：为]|(?![完的值是已均全])(?=[\u4e00-\u9fff]))[^。；]{0,50}$"
)
_PART = re.compile(r"其中|[（(]|^\s*(?:加上?|另有|上年结转)")
_HAPPENED = re.compile(r"支出|决算|执行|到位|完成|实际|使用|拨付|已|结余|发放|占|到账|率|中标|节约|涉及|划分|现有|[由被]")
_OF_A_TARGET = re.compile(r"的(?:年初|年度|绩效|指标|控制)*(?:目标|指标|上限|下限|标准值|要求)")
_NAMELIKE_TIME = re.compile(r"(?:自助|热线|值班|不间断|在线|无人|服务|营业|开放式|监控|监测|便民)")
_SCORE = re.compile(r"得分|评分|自评为|总分|满分|分值|打分|评价分|扣分|计分|得\s*$")
_RATE_OF_PLAN = re.compile(r"(?:占|为|完成|相当于)[^，。；]{0,14}的\s*$")

_LEAD = re.compile(  # when and who: never part of a name
    r"^(?:(?:20\d{2}年度?)?\d{1,2}月(?:\d{1,2}日|底|份|初|末)?(?:之?前)?|20\d{2}年度?(?:末|底)?|截至[^，]{0,16}?(?:底|日|月|止|末)|[一二三四五六七八九十]是|[（(]?[一二三四五六七八九十\d]{1,2}[)）]|[①-⑮]|今年|本年度?|当年|目前|至今|"
    r"其中[：:]?|先后|并|还|又|同时|以及|及|和|与|、|其|仍有?|但|而|按[^，]{0,8}分(?!别)|分别|我[局市县区委会院办省馆厅校]|全[市县区省委局州]|[（(]?包括|另外|另有?|此外|现场|现|本次|：|:|，|\s)+"
)
_LEAD_VERB = re.compile(  # doing words, left out where enough remains without them
    r"^(?:全年|年内|年末|年底|已经?|累计|共计?|主要|成功|积极|有效|深入|扎实|持续|进一步|实际|组织(?=举办|召开|开展)|完成|开展|举办|召开|实施|推进|实现|推出|撰写了?|获得|荣获|获|组织|安排|投入|设置|建立|聘请|对|将|有|共有|拥有|达到?|向|引导|明确|推荐了?|送去|加快|统筹|坚持|做好|真正|由|的|了|调整后|发现|采取|使|用于|争取|落实|鼓励|确保|力争|建议|共设|预计|至)+"
)
_TO_WHOM = re.compile(
    r"^(?:向|对|为|给|在|赴|由|因|通过|利用|面向|委托|选派)[^，]{1,26}?(?=(?:开展|举办|发放|捐赠|寄出|采集|提供|新建|建成|实施|获得|获|拨付|送|修复|增设|投入|组织|完成|下达|走访|减免)[\u4e00-\u9fff“《])"
)
_TAIL = re.compile(
    r"(?:共计|合计|总计|累计|总共|一共|达到了?|达|约为|约|为|是|有|了|共|计|完成|近|超过?|至|到|在|均|于|只有|仅有?|仅为|实际|分别|已|高达|突破|保持|稳定|控制|不少|不低|:|：|、|（|\(|“|的|\s|等|各|每|第|前|后|总|数为|余|，|用|按|以)+$"
)
_NOUN_STOP = re.compile(
    r"[，,。；;：:！？?、）)\s（(]|(?<=.)(?:投资|开展|举办|参加|参与|入围|荣获|获得|获|被|完成|建成|实现|覆盖|涉及|担任|带动|培训|达到|达|占|为|是|在|到|对|与|和|及|并|作为|回到|回|挂点|赴|进行|用于|已|均|全部|全|未|因|由|从|将|把|正|开|分别|成立|通过|不|也|都|向|给|使|让|等|得到|享受|受益|联系|精心|制作|同比|较|比|顺利|按期|按时|投入|纳入|落实|落户|签约|提供|来|共|成功|推|实施|接受|共计|合计|上|中|下|以上|以内|左右)"
)
_COUNTED = re.compile(
    r"(?:[万亿]?(?:个|家|户|名|人|位|项|件|篇|份|条|起|宗|例|类|种|批|套|台|辆|栋|幢|座|处|所|间|册|本|部|张|块|支|队|组|期|场|次|人次|场次|株|棵|盏|门|只|头|枚|轮|亩|公里|款|笔|桩|班|节|版|组次|户次|家次))$"
)
_SHARE = re.compile(r"(?:仅|约|分别)?占(?:比|[\u4e00-\u9fff]{2,10})?")
_TRIVIAL_NOUN = re.compile(r"^(?:以上|以下|以内|左右|内|外|的|了|，|多|余|次|地|里|上|下|中|后|前|时)")


_REACH = 8  # so many figures back a change is looked for
_LONGEST = 120  # a clause reaches no further than this to either side of its number


class FigureReader:
    """Collects the figures of one document as its passages are gone through."""

    def __init__(self, fiscal_year: int | None) -> None:
        self.figures: list[MetricDraft] = []
        self._period = str(fiscal_year) if fiscal_year else None

    def read(
        self,
        passage: Passage,
        path: Section,
        *,
        planned: bool = False,
        outlined: bool = False,
        goal: GoalDraft | None = None,
        project: str | None = None,
    ) -> None:
        """Take in the quantities of a passage.

        ``planned`` tells that it sets what is to be done, ``outlined`` that it does so until it tells what happened.
        """
        words = passage.words
        quantities = [quantity for quantity in find_quantities(words) if _is_figure(quantity, words)]
        if not quantities:
            return
        clauses = _Clauses(words)
        sentence: list[MetricDraft] = []
        changing: MetricDraft | None = None  # the figure that the quantity just read was a change of
        at_start = plan = _Plan.PLAN if outlined else _Plan.NONE
        last_end = 0
        last_name = ""
        index = 0
        while index < len(quantities):
            quantity = quantities[index]
            index += 1
            clause_start, clause_end = clauses.around(quantity)
            gap = words[last_end : quantity.start]
            if _SENTENCE_END.search(gap):
                sentence, gap = _taken_up(sentence, gap)
                plan = at_start
                changing = None
            candidates = [*([changing] if changing else []), *sentence[:-_REACH:-1]]
            changed = next(
                (
                    (figure, change)
                    for figure in candidates
                    if (change := _change(gap, quantity, figure, words, nearest=figure is candidates[0]))
                ),
                None,
            )
            if changed:
                changing, change = changed
                changing.change = change
                last_end = quantity.end
                self._note_reason(changing, words, last_end)
                continue
            changing = None
            previous: Measurement | None = None
            before_quantity = words[clause_start : quantity.start]
            if _FROM.search(before_quantity) and index < len(quantities):
                following = quantities[index]
                between = words[quantity.end : following.start]
                if _TO.match(between) and len(between) <= 24:
                    previous = quantity.measurement()
                    name_end = clause_start + _FROM.search(before_quantity).start()  # type: ignore[union-attr]
                    quantity, index = following, index + 1
                    clause_end = clauses.around(quantity)[1]
                    name = _name_before(words, clause_start, name_end) or last_name
                else:
                    name = self._name(words, quantities, index - 1, clause_start, clause_end, last_name)
            else:
                name = self._name(words, quantities, index - 1, clause_start, clause_end, last_name)
            measured = quantity.measurement()
            figure = MetricDraft(
                [passage.span(clause_start + _blank(words, clause_start), max(clause_end, quantity.end))],
                path,
                "figure",
                name,
                period=_period(words, clause_start, quantity.start, planned=planned) or self._period,
                previous=previous,
                goal=goal,
                project=project,
            )
            plan = _plan(words, clause_start, quantity, plan)
            if planned or plan is not _Plan.NONE:
                figure.target = measured
            else:
                figure.actual = measured
            if doubled := _doubled(words, quantity.end):
                figure.change = doubled
            self.figures.append(figure)
            sentence.append(figure)
            last_end, last_name = quantity.end, name
            self._note_reason(figure, words, quantity.end)

    def _note_reason(self, figure: MetricDraft, words: str, end: int) -> None:
        if figure.change is None or figure.change.reason:
            return
        match = _REASON.match(words, end) or _REASON_SHORT.match(words, end)
        if match:
            figure.change = figure.change.model_copy(update={"reason": match["reason"].strip("：: ，")})

    def _name(self, words: str, quantities: list[Quantity], at: int, clause_start: int, clause_end: int, last_name: str) -> str:
        quantity = quantities[at]
        earlier = quantities[at - 1].end if at and quantities[at - 1].end > clause_start else clause_start
        later = quantities[at + 1].start if at + 1 < len(quantities) and quantities[at + 1].start < clause_end else clause_end
        if earlier > clause_start:
            noun = _noun_after(words, quantities[at - 1], quantity.start, closes=False)
            earlier += len(noun) if words.startswith(noun, earlier) else 0
        before = _name_before(words, earlier, quantity.start)
        if _SHARE.fullmatch(before) and last_name and quantity.unit == "%":
            return (last_name + ("占比" if before in ("占", "占比", "仅占") else before))[-18:]
        after = _noun_after(words, quantity, later, closes=later == clause_end)
        if after and (not before or _COUNTED.search(quantity.unit or "")):
            if len(after) <= 2 and before:
                return (before + after)[-16:]
            return after
        if before:
            return before
        return after or _name_before(words, max(0, clause_start - 40), clause_start) or last_name or quantity.raw


class _Clauses:
    """Where the clauses of a passage begin and end; brackets make clauses of their own."""

    def __init__(self, words: str) -> None:
        self._bounds = [0]
        for match in re.finditer(r"[，,。；;！!？?：:]", words):
            if (
                match[0] == ","
                and match.start()
                and words[match.start() - 1].isdigit()
                and words[match.end() : match.end() + 1].isdigit()
            ):
                continue
            if match[0] in ":：" and match.end() < len(words) and words[match.end()].isdigit():
                continue  # 预算金额：282.82万元
            self._bounds.append(match.end())
        self._bounds.append(len(words) + 1)
        self._words = words

    def around(self, quantity: Quantity) -> tuple[int, int]:
        """The clause that holds the quantity, its closing mark left out; of one without end, what is near."""
        at = bisect_right(self._bounds, quantity.start) - 1
        start, end = self._bounds[at], self._bounds[min(at + 1, len(self._bounds) - 1)] - 1
        return max(start, quantity.start - _LONGEST), max(min(end, quantity.end + _LONGEST), start + 1)


def _blank(words: str, start: int) -> int:
    return len(words[start:]) - len(words[start:].lstrip()) if words[start : start + 1].isspace() else 0


def _is_figure(quantity: Quantity, words: str) -> bool:
    """Whether a quantity in running text is one to keep: with a unit, outside quoted names, no score, no span of years."""
    if quantity.unit is None:
        return (quantity.chinese and "分之" in quantity.raw) or (quantity.comparator in ("ge", "le") and not quantity.chinese)
    if words[quantity.start - 1 : quantity.start] == "每":
        return False
    before, after = words[max(0, quantity.start - 14) : quantity.start], words[quantity.end : quantity.end + 2]
    if quantity.unit == "年":
        return not quantity.chinese and quantity.comparator in ("ge", "le")
    if (
        quantity.unit in ("天", "个月", "周", "月", "季度", "个季度")
        and quantity.chinese
        and (quantity.comparator == "eq" or "季度" in quantity.unit)
    ):
        return False
    if quantity.unit == "小时" and _NAMELIKE_TIME.match(words, quantity.end):
        return False
    if quantity.unit == "分" and (
        _SCORE.search(before) or after.startswith(("制", "值", "以")) or re.search(r"分以|分[）)]$", quantity.raw)
    ):
        return False
    if quantity.unit in ("级", "号", "点", "层", "岁", "周岁", "度", "届", "方", "平", "面", "头", "口"):
        return (quantity.unit in ("层", "头", "口") and not quantity.chinese) or (quantity.unit == "岁" and "." in quantity.raw)
    if quantity.unit == "分" and re.search(r"分(?:钟|别|类|为|析|配|管|布)", words[quantity.start : quantity.end + 1]):
        return False
    if _in_quotes(words, quantity):
        return False
    return not re.search(r"第\s*$|[A-Za-z]$|国[发办]|[〕\]]$", before[-4:])


_OPEN, _CLOSE = "“‘「《『", "”’」》』"


def _in_quotes(words: str, quantity: Quantity) -> bool:
    """Whether the quantity stands inside a short quoted name: “15分钟健身圈”, 《…三年行动方案》."""
    near = words[max(0, quantity.start - 24) : quantity.start]
    if not any(mark in near for mark in _OPEN):
        return False
    begin = max(words.rfind(mark, max(0, quantity.start - 24), quantity.start) for mark in _OPEN)
    closed = max(words.rfind(mark, begin, quantity.start) for mark in _CLOSE)
    if closed > begin:
        return False
    ends = [at for mark in _CLOSE if (at := words.find(mark, quantity.start, quantity.start + 30)) >= 0]
    return bool(ends) and min(ends) - begin <= 36


def _change(gap: str, quantity: Quantity, figure: MetricDraft, words: str, *, nearest: bool) -> Change | None:
    """The change that the quantity states of the figure before it, if the words between say so."""
    rate = quantity.unit in ("%", "‰")
    if _LEVEL.search(gap) or (not nearest and figure.change is not None):
        return None
    measured = figure.actual or figure.target
    if not rate and measured is not None and not _same_sort(quantity.unit, measured.unit):
        return None
    if rate and not nearest:
        return None
    if against := _AGAINST.fullmatch(gap):
        verb = "增" if against["verb"][0] in "高超多" else "减"
        return _make(verb, against["basis"], quantity) if figure.change is None else figure.change
    if figure.change is not None:
        again = _AGAIN.fullmatch(gap)
        earlier = figure.change
        if again and again["verb"] is None and not gap.strip("，,、（( "):
            again = None if not ("（" in gap or "(" in gap) else again
        if again and rate and earlier.percent is None:
            return earlier.model_copy(update={"percent": quantity.value})
        match = _CHANGE_GAP.fullmatch(gap)
        if not match or not (match["basis"] or match["same"]):
            return None
        target_basis = _basis(match)
        if re.search(r"目标|计划|预算|预期|指标", earlier.basis or "") and target_basis == "上年":
            return _make(match["verb"], target_basis, quantity)  # 同比 goes before a plan
        if rate and earlier.percent is None and target_basis == earlier.basis:
            return earlier.model_copy(update={"percent": quantity.value})
        return earlier if not rate else None
    match = _CHANGE_GAP.fullmatch(gap)
    if match is None or (figure.target is not None and figure.actual is None and not (match["basis"] or match["same"])):
        return None
    if match["verb"] in ("新增", "多", "少", "高", "低") and not (match["basis"] or match["same"]):
        return None
    if not (match["basis"] or match["same"]) and not gap.lstrip().startswith(
        ("，", ",", "（", "(", "、", *f"{_UP}|{_DOWN}".split("|"))
    ):
        return None
    if (match["basis"] or match["same"]) or rate or match["verb"] not in _NEEDS_A_BASIS:
        return _make(match["verb"], _basis(match), quantity)
    # 完成A，增加B: a change only with a basis said before it
    if re.search(r"比|较|上年|去年", words[max(0, quantity.start - 30) : quantity.start]) is None:
        return None
    return _make(match["verb"], _basis(match), quantity)


_TAKEN_UP = re.compile(r"[\u4e00-\u9fff“”]{2,8}?(?=(?:总体|分别)?(?:比|较|同比)[^，。；]{0,12}$)")


def _taken_up(sentence: list[MetricDraft], gap: str) -> tuple[list[MetricDraft], str]:
    """The figures of the sentence before that the next one goes on about: …支出X万元。支出比上年增加 …"""
    tail = _SENTENCE_END.split(gap)[-1]
    subject = _TAKEN_UP.match(tail)
    if subject is None:
        return [], gap
    meant = [figure for figure in sentence if figure.change is None and figure.name.endswith(subject[0])]
    return meant[:1], tail[subject.end() :] if meant else gap


def _same_sort(unit: str | None, other: str | None) -> bool:
    """Whether a change in ``unit`` can be of a figure in ``other``: points of a rate, 万元 of 亿元, 处 of 处."""
    if unit in ("个百分点", "百分点"):
        return other == "%"
    return unit == other or bool(unit and other and unit.lstrip("万亿千") == other.lstrip("万亿千"))


def _make(verb: str, basis: str, quantity: Quantity) -> Change:
    direction = "increase" if re.fullmatch(_UP, verb) else "decrease"
    if quantity.unit in ("%", "‰"):
        return Change(direction=direction, basis=basis, percent=quantity.value)  # type: ignore[arg-type]
    return Change(direction=direction, basis=basis, amount=quantity.measurement())  # type: ignore[arg-type]


def _basis(match: re.Match[str]) -> str:
    stated = (match["basis"] or "").strip("的了，, ")
    if (
        not stated
        or re.fullmatch(r"上年度?|去年|上一年度?|上年同期|去年同期|同期|上年末|上年底|20\d\d年(?:度|同期)?", stated) is None
    ):
        return stated if stated and len(stated) <= 12 else "上年"
    return "上年" if not stated.startswith("20") else stated


def _doubled(words: str, end: int) -> Change | None:
    """翻一番 right behind a figure: 100 % more."""
    match = re.compile(rf"[，,]?(?:{_BASIS})?[^，。；\d]{{0,4}}翻了?(?P<times>[一两二三]?)番").match(words, end)
    if not match:
        return None
    percent = {"": 100, "一": 100, "两": 300, "二": 300, "三": 700}[match["times"]]
    return Change(direction="increase", basis=_basis(match), percent=Decimal(percent))


class _Plan(Enum):
    """How far into a sentence a plan reaches."""

    NONE = "none"
    HERE = "here"  # this quantity alone
    BUDGET = "budget"  # a budget, whose parts (其中 …) are planned too
    PLAN = "plan"  # 计划 …, and what follows until something is told as done


def _plan(words: str, clause_start: int, quantity: Quantity, before: _Plan) -> _Plan:
    """Whether a plan or budget sets the quantity, given what the quantities before it in the sentence were."""
    led = words[clause_start : quantity.start]
    if _OF_A_TARGET.match(words, quantity.end) or quantity.raw.startswith("控制在"):
        return _Plan.HERE
    if _RATE_OF_PLAN.search(led):
        return _Plan.NONE
    if _BUDGETED.search(led) and not _NOT_BUDGETED.search(led):
        compared = re.search(r"超|低于|占|比|较", led)
        return _Plan.NONE if quantity.unit == "%" else _Plan.HERE if compared else _Plan.BUDGET
    near = max(0, quantity.start - 60)
    if words.find("目标", near, quantity.start) >= 0 and _AIMED.search(words, near, quantity.start):
        return _Plan.HERE
    opened = _OPENS_PLAN.search(led)
    if opened and not re.search(r"[超比较占按原]$|完成|执行", led[: opened.start()]):
        return _Plan.PLAN
    if before is _Plan.PLAN and not _HAPPENED.search(led):
        return _Plan.PLAN
    if before is _Plan.BUDGET and (quantity.unit or "").endswith("元") and not _HAPPENED.search(led):
        chained = words[:clause_start].rstrip("，、；,：:").endswith(("）", ")", "元", "其中"))
        if _PART.search(led) or chained:
            return _Plan.BUDGET
    return _Plan.NONE


def _period(words: str, clause_start: int, start: int, *, planned: bool) -> str | None:
    """The year that the clause names, or for a plan the whole sentence before."""
    if planned:
        clause_start = max(words.rfind(mark, max(0, start - _LONGEST), start) for mark in "。；\n") + 1
        clause_start = clause_start or max(0, start - _LONGEST)
    years = re.findall(r"(20\d{2})年", words[clause_start:start])
    return years[-1] if years else None


def _name_before(words: str, start: int, end: int) -> str:
    """What the words in front of a number say is counted, from the end of the clause backwards."""
    piece = words[start:end].rstrip("，,。；;：: ")
    if piece.count("（") + piece.count("(") > piece.count("）") + piece.count(")"):
        piece = re.split(r"[（(]", piece)[-1]
    piece = re.sub(r"[（(][^（()）]*[)）]", "", _CLAUSE_END.split(piece)[-1])
    if piece.endswith("等"):
        return ""
    piece = _LEAD.sub("", _TAIL.sub("", piece))
    _, among, kind = piece.rpartition("等")  # 工资、津贴补贴等人员经费
    if among and len(kind) >= 3 and kind[0] not in "级次候待同于":
        piece = kind
    elif len(piece) > 12:
        piece = re.sub(r"^(?:[^、]{1,12}、)+(?=[^、]{3,}$)", "", piece)
    piece = _TO_WHOM.sub("", piece)
    short = _LEAD_VERB.sub("", piece)
    return (short if len(short) >= 4 else piece).strip("、，的 ）)")[-18:]


def _noun_after(words: str, quantity: Quantity, limit: int, *, closes: bool) -> str:
    piece = words[quantity.end : limit]
    if not piece or _TRIVIAL_NOUN.match(piece):
        return ""
    piece = piece.removeprefix("的")
    stop = _NOUN_STOP.search(piece)
    noun = piece[: stop.start()] if stop else piece
    if stop is None and not closes:
        noun = noun[:-2] if len(noun) > 4 else noun
    return noun.strip("“”、 ")[:16] if re.match(r"[\u4e00-\u9fff“《]", noun) else ""
