"""Claims against what became of things (完成声明): all said to be done, goals without a result, text pasted under several goals."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from rapidfuzz import fuzz

from jixiao.audit.case import Case, Said, Sentence, percent
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding
from jixiao.audit.subjects import plain_name
from jixiao.audit.targets import is_missed
from jixiao.records import Completion, Evidence, Goal, Metric
from jixiao.rules.attainment import is_attained

ALL_DONE = Check(code="all-done", name="“全部完成”与数字", source="财预〔2020〕10号第二十一条：对自评结果的真实性和准确性负责")
NO_RESULT = Check(code="no-result", name="有目标无结果", source="财预〔2020〕10号自评表：预期目标与实际完成情况逐项对应")
REPEATED = Check(code="repeated", name="不同目标下文字重复", source="财预〔2020〕10号第二十五条：内容完整、结果客观")

_ALL = re.compile(r"全部|全线|全面|均|都|百分之百|无一|没有一[项个]|一项不落|个个|项项|件件|悉数|尽数|如数")
_CLAIM = re.compile(
    r"(?:目标|任务|指标|工作|项目|事项|实事)(?:\d+[项个][，,]?|[^，。；：\d]{0,8}?)(?:已|均|都)?(?:全部|全线|均已?|全面|都已?|百分之百)(?:得到|圆满|超额|顺利|按[时期]|如[期数])?(?:完成|实现|达标|达成)|全部(?:完成|实现)(?:了)?[^，。；]{0,10}(?:目标|任务|指标)"
    r"|(?:目标|任务|指标|工作)[^，。；：\d]{0,6}(?:均已?|全部|都已?)(?:达到|完成|实现)[^，。；]{0,8}(?:目标值?|要求|标准|预期)"
    r"|(?:目标|任务|指标|工作|项目|事项|实事)[^，。；：\d]{0,6}(?:(?:无一|没有一[项个])(?:例外)?[^，。；]{0,2}(?:落后|落空|落下|拖延|掉队|滞后|未达标|未完成|不达标)|一项不落|[个项件]{2}(?:达标|完成|落实)|(?:悉数|尽数|如数)[^，。；]{0,2}(?:完成|实现|达标|兑现))"
)
_LIMITED = re.compile(
    r"除|上述|以上|该项|未|尚|基本|大部分|部分|力争|确保|计划|要求|推动|其余|下一步|个项目全部|监控|自评|填报|编报|整改|规划期"
)
_OF_A_FEW = re.compile(
    r"(?:[两二三四23]|上述|这几|该)[项个类](?:指标|任务|目标|工作)[^，。；]{0,8}$"
)  # of what stands just before
_IN_TIME = re.compile(r"按[时期]|及时|如期|限期|提前|一次|当[日天年]")
_DONE = re.compile(r"办结|完成|整改|完工|建成|结案|兑现")
_WORK = re.compile(r"重点工作|任务|目标|项目|指标|事项|实事|诉求|问题|件")


def all_done(case: Case) -> Iterator[Finding]:
    """既定绩效目标和指标任务均已完成, against counts that fall short, missed indicators and goals not achieved."""
    claims = [
        (sentence, match)
        for sentence in case.sentences
        if _ALL.search(sentence.words)
        for match in _CLAIM.finditer(sentence.words)
        if not _LIMITED.search(re.split(r"[。；;]", sentence.words[: match.end()])[-1])
        and not _OF_A_FEW.search(sentence.words, 0, match.end())
    ]
    if not claims:
        return
    sentence, match = claims[0]
    start = max((cut.end() for cut in re.finditer(r"[，。；：]", sentence.words[: match.start()])), default=0)
    place = sentence.place(start, match.end(), case.text)
    project = next((said.figure.project for said in sentence.said), None)
    if project is None and not case.has_projects:
        yield from _short_counts(case, place)
    yield from _missed(case, place, project)


def _short_counts(case: Case, place: Evidence) -> Iterator[Finding]:
    for sentence in case.numbered:
        for whole, done in _count_pairs(sentence):
            if _target_met(case, done):
                continue
            of_work = re.search(r"重点工作|任务|目标", sentence.words[max(0, whole.at - 12) : done.to]) is not None
            yield finding(
                case,
                ALL_DONE,
                "error" if of_work else "warning",
                f"{done.figure.words} ÷ {whole.figure.words} = {percent(done.figure.value / whole.figure.value * 100)}",
                f"称“{place.quote[-40:]}”，而此处没有全部完成。",
                figures=[whole.figure, done.figure],
                places=[place],
            )


def _target_met(case: Case, done: Said) -> bool:
    """Whether an indicator on the same deed (结案率 on 结案) has reached its target, short of all as it is."""
    deed = _DONE.search(done.lead)
    return deed is not None and any(metric.attained and f"{deed[0]}率" in metric.name for metric in case.indicators)


_DONE_BEHIND = re.compile(r"(?:均|已|全部)?(?:完成|达到|达标|办结|实现|完工)")


def _count_pairs(sentence: Sentence) -> Iterator[tuple[Said, Said]]:
    """342件 … 已办结330件: a count, and the smaller one of what was done, next to it in one unit."""
    for whole, done in zip(sentence.said, sentence.said[1:], strict=False):
        between = sentence.words[whole.to : done.at]
        if whole.figure.unit != done.figure.unit or not whole.figure.unit or whole.figure.unit in ("元", "%") or done.is_change:
            continue
        if (
            not (0 < done.figure.value < whole.figure.value)
            or whole.figure.half
            or not (whole.figure.exact and done.figure.exact)
        ):
            continue
        if (
            not _IN_TIME.search(done.lead)
            and (_DONE.search(done.lead) or _DONE_BEHIND.match(sentence.words, done.to))
            and re.search(r"其中|比|较|目标|计划|新|提前|合格", between) is None
            and _WORK.search(sentence.words[: done.at])
        ):
            yield whole, done


_KIND = re.compile("产出|效益|满意度")  # a claim of 产出指标 says nothing of the others


def _missed(case: Case, place: Evidence, project: str | None) -> Iterator[Finding]:
    kinds = _KIND.findall(place.quote)
    missed = [
        metric
        for metric in case.indicators
        if is_missed(metric)
        and metric.project == project
        and (not kinds or not metric.category or any(kind in "".join(metric.category) for kind in kinds))
    ]
    undone = [completion for completion in case.extraction.completions if completion.status in ("partial", "not_achieved")]
    if project is not None or case.has_projects:
        undone = []  # whose they are is not said
    fallen = [] if case.has_projects else list(_short_of_goals(case))
    short = [] if case.has_projects else [*_short_of_plan(case), *_short_of_planned(case), *_said_missed(case)]
    if not missed and not undone and not fallen and not short:
        return
    words = [f"{aim.name}：目标{aim.target.raw}，实际{done.actual.raw}" for aim, done in fallen if aim.target and done.actual]
    words += [words for words, _ in short[:3]]
    words += [
        f"{metric.name}：目标{metric.target.raw}，实际{metric.actual.raw}"
        for metric in missed[:6]
        if metric.target and metric.actual
    ]
    words += [f"{completion.statement[:30]}…" for completion in undone[:3]]
    yield finding(
        case,
        ALL_DONE,
        "note" if project is not None else "error" if fallen or short else "warning",
        "；".join(words),
        f"称“{place.quote[-40:]}”，而有{len(missed) + len(fallen) + len(short)}项指标、{len(undone)}项目标没有完成。",
        records=[record.id for record in (*(metric for pair in fallen for metric in pair), *missed, *undone)],
        places=[place, *(where for _, where in short)],
    )


def _short_of_plan(case: Case) -> Iterator[tuple[str, Evidence]]:
    """占任务20个的90%: what the text itself says is less than what was planned."""
    for sentence in case.numbered:
        for said in sentence.said:
            if (
                said.figure.unit == "%"
                and said.figure.value < 100
                and re.search(
                    r"(?:占|为|完成)[^，。]{0,4}(?:计划|任务|目标)", said.lead + sentence.words[max(0, said.at - 12) : said.at]
                )
            ):
                yield f"占计划{said.figure.words}", sentence.place(max(0, said.at - 24), said.to, case.text)


_MISSED = re.compile(
    r"未(?:能)?(?:达到|完成|实现)[^，。；]{0,12}?(?:目标|任务|计划|指标)|尚有[^，。；]{0,10}未(?:完成|销号|开工|实施)"
)
_NO_MISS = re.compile(r"[^，。；]{0,16}(?:原因|情况|分析|说明|事项)|[:：]?无")  # a heading's words


def _said_missed(case: Case) -> Iterator[tuple[str, Evidence]]:
    """到场率92.4%，未达到95%的目标: what the text itself says was missed."""
    for sentence in case.sentences:
        match = (
            _MISSED.search(sentence.words) if sentence.words.endswith(("。", "；", "！")) else None
        )  # a heading misses nothing
        if match and not (
            re.search(r"没有|不存在|无|如|若|对|凡", sentence.words[: match.start()][-6:])
            or _NO_MISS.match(sentence.words, match.end())
        ):
            start = max(0, match.start() - 16)
            yield f"“{match[0]}”", sentence.place(start, match.end(), case.text)


_PLANNED = re.compile(r"(?:计划|目标|任务|应)[^，。；]{0,12}$")
_REALLY = re.compile(
    r"^(?:但|而|年内|全年|目前|年末|年底|最终)*(?:实际|只|仅|已|截至)*(?:完成|实际|改造|建成|实施|开展|举办|达到)"
)


_CLAIMED_HERE = re.compile(
    r"超额完成|全面实现|圆满完成|全部完成|全面完成|均已?(?:达到|完成|实现|达标)|如期完成|达到(?:了)?(?:预期|年初|年度|既定)[^，。；]{0,4}目标|实现(?:了)?(?:预期|年初|年度|既定)[^，。；]{0,4}目标"
)
_ADMITTED = re.compile(r"未(?:能)?(?:完成|达到|实现)|仅|只完成|尚有|部分完成|基本完成|有差距|除")
_COUNTED_THING = re.compile(r"[\u4e00-\u9fff]{4,}")


def claimed_in_its_paragraph(case: Case) -> Iterator[Finding]:
    """为不少于1,300名特殊困难老年人…; 全年为1,268名特殊困难老年人…，超额完成: a claim against the numbers of its own paragraph."""
    sentences: dict[int, list[Sentence]] = defaultdict(list)
    for sentence in case.sentences:
        sentences[id(sentence.passage)].append(sentence)
    for paragraph in sentences.values():
        claiming = next(
            (each for each in paragraph if _CLAIMED_HERE.search(each.words) and not _ADMITTED.search(each.words)), None
        )
        if claiming is None:
            continue
        numbers = [(said, sentence) for sentence in paragraph for said in sentence.said]
        for aim, done in _aims_and_outcomes(numbers):
            match = _CLAIMED_HERE.search(claiming.words)
            assert match is not None
            yield finding(
                case,
                ALL_DONE,
                "error",
                f"目标{aim.figure.words}，实际{done.figure.words}",
                f"称“{match[0]}”，而同段所列的数没有达到目标。",
                figures=[aim.figure, done.figure],
                places=[claiming.place(match.start(), match.end(), case.text)],
            )


def _aims_and_outcomes(numbers: list[tuple[Said, Sentence]]) -> Iterator[tuple[Said, Said]]:
    """A goal's number and the smaller one of what was done, both of one thing by the words around them."""
    for at, (aim, of_aim) in enumerate(numbers):
        if not _is_aim(aim, of_aim):
            continue
        for done, of_done in numbers[at + 1 :]:
            if done.metric is None or done.metric.actual is None or done.is_change:
                continue
            if (
                done.figure.unit != aim.figure.unit
                or not done.figure.exact
                or done.figure.interval.high >= aim.figure.interval.low
            ):
                continue
            if done.figure.value * 2 > aim.figure.value and _one_thing(aim, of_aim, done, of_done):
                yield aim, done
                break


def _is_aim(said: Said, sentence: Sentence) -> bool:
    """Whether a number is what is to be reached: by its record, or by the words before a lower bound (目标是…不少于1,300名)."""
    if said.metric is None or said.figure.comparator in ("le", "lt"):
        return False
    if said.metric.target is not None and said.metric.actual is None:
        return True
    led = sentence.words[max(0, said.at - 16) : said.at]
    return said.figure.comparator in ("ge", "gt") and re.search(r"目标|计划|任务", led) is not None


def _one_thing(one: Said, in_one: Sentence, other: Said, in_other: Sentence) -> bool:
    """Whether two numbers count the same: by the name of their records, or by the words right behind them."""
    assert one.metric is not None
    assert other.metric is not None
    name = plain_name(one.metric.name)
    if len(name) >= 4 and name == plain_name(other.metric.name):
        return True
    behind = [_COUNTED_THING.match(each.words, said.to) for said, each in ((one, in_one), (other, in_other))]
    return behind[0] is not None and behind[1] is not None and behind[0][0][:5] == behind[1][0][:5]


def _short_of_planned(case: Case) -> Iterator[tuple[str, Evidence]]:
    """计划改造24座，实际改造22座: a plan and what was done of it, side by side."""
    for sentence in case.numbered:
        for one, other in zip(sentence.said, sentence.said[1:], strict=False):
            plan, done = (one, other) if _PLANNED.search(one.lead) else (other, one)
            if (
                plan.figure.unit == done.figure.unit
                and plan.figure.unit not in ("元", "%", None)
                and plan.figure.exact
                and done.figure.exact
                and 0 < done.figure.value < plan.figure.value
                and other.at - one.to <= 16
                and _is_short(plan, done, planned_first=plan is one)
            ):
                yield (
                    f"计划{plan.figure.words}，实际{done.figure.words}",
                    sentence.place(one.at - len(one.lead), _to_its_rate(sentence, other), case.text),
                )


def _to_its_rate(sentence: Sentence, said: Said) -> int:
    """Where a number ends, with the rate right behind it: 实际维修11.2公里，完成率89.6%."""
    behind = next((other for other in sentence.said if other.at > said.at), None)
    is_rate = behind is not None and behind.figure.unit == "%" and re.search(r"完成|占|为", behind.lead)
    return behind.to if behind is not None and is_rate else said.to


def _is_short(plan: Said, done: Said, *, planned_first: bool) -> bool:
    """Whether the words make one number the plan of the other: 计划24座，实际22座; 改造46公里，计划50公里."""
    if planned_first:
        return _PLANNED.search(plan.lead) is not None and _REALLY.search(done.lead) is not None
    return (
        re.fullmatch(r"(?:年度|年初|全年|原)?(?:计划|目标|任务)(?:数|值)?(?:为|是)?", plan.lead) is not None
        and not done.is_change
    )


def _short_of_goals(case: Case) -> Iterator[tuple[Metric, Metric]]:
    """A quantity that a goal sets in the text, and the smaller one that the text says was done: 评查2次, 评查1次."""
    tabled = {plain_name(metric.name) for metric in case.indicators}
    figures = [metric for metric in case.extraction.metrics if metric.kind == "figure"]
    for aim in figures:
        name = plain_name(aim.name)
        if aim.target is None or aim.actual is not None or aim.goal_id is None or len(name) < 3 or name in tabled:
            continue
        same = [
            done for done in figures if done.actual is not None and done.goal_id == aim.goal_id and plain_name(done.name) == name
        ]
        outcomes = [
            is_attained(aim.target, done.actual, aim.name) for done in same if done.actual and done.actual.unit == aim.target.unit
        ]
        if len(same) == 1 and outcomes == [False]:
            yield aim, same[0]


_PARTS = re.compile(r"[，,；;。、：:]|(?<=[\u4e00-\u9fff])(?:和|及|以及|并)(?=[\u4e00-\u9fff])")
_VERBS = re.compile(
    r"^(?:推进|推动|落实|启动|完善|加强|加大|强化|抓好|做好|开展|组织|实施|建设|建成|编制|完成|提升|提高|优化|深化|健全|加快|统筹|保障|支持|培育|守牢|办好|擦亮|新建|改造|扩大|不断|持续|深入|全面|进一步|努力|切实|大力|力度|积极|年内|全年|继续|严格|发放|确保)+"
)
_CONCRETE = re.compile(
    r"补助|补贴|规划|工程|项目|平台|馆|枢纽|指南|基地|大会|赛事|展览|文化节|旅游节|政策|计划|办法|方案|标准|公园|线路|道路|桥|学校|医院|服务站|书屋|广场|健身圈|保险|贷款|奖励|试点|名录|数据库|目录|条例|普查|调查|中队|试验区|示范区|》|“[^”]{4,}”"
)
_TANGIBLE = re.compile(
    r"补助|补贴|工程|项目|平台|馆|基地|大会|赛事|展览|文化节|旅游节|公园|道路|桥|学校|医院|服务站|书屋|广场|保险|贷款|奖励|数据库|普查|指南|》|规划"
)
_GENERAL = re.compile(r"完善|健全|优化|提升|深化|关爱|弘扬|践行|围绕|落实")
_ABSTRACT = re.compile(r"运转$|短板$|水平$|能力$|格局$|成效$|质量$|三公|^坚持|机制$|环境$")
_TOO_PLAIN = re.compile(
    r"^(?:各项|有关|相关|重点|基础|日常)?(?:工作|任务|项目|政策|制度|措施|服务|建设|标准|项目建设|平台建设|工程建设|管理制度)$"
)


def goal_without_result(case: Case) -> Iterator[Finding]:
    """老工商业者及遗孀补助 is planned and never mentioned again: a concrete part of a goal whose words come back nowhere."""
    goals = case.extraction.goals
    if not goals:
        yield from _prose_without_result(case)
        return
    if not case.extraction.completions and not case.indicators:
        return
    spans = [(piece.start, piece.end) for goal in goals for piece in goal.evidence]
    told: set[str] = set()
    for goal in goals:
        for part in _PARTS.split(re.sub(r"及(?=[^，、]{2,6}补[助贴])", "＋", goal.statement)):
            part = part.replace("＋", "及")
            core = _core(part)
            if core is None or core in told:
                continue
            if _comes_back(case, core, spans):
                continue
            told.add(core)
            certain = _is_listed(case, goal) and _is_tangible(part) and not _comes_back(case, core, spans, share=0.25)
            yield finding(
                case,
                NO_RESULT,
                "warning" if certain else "note",
                f"“{part.strip()}”在完成情况和指标中没有再提到",
                f"目标“{goal.statement[:50]}”列有此项，全文未见其结果。",
                records=[goal.id],
            )


def _is_listed(case: Case, goal: Goal) -> bool:
    """Whether the report itself lists it as a goal: by a label, under a heading of goals, or in a cell of its table."""
    piece = goal.evidence[0]
    tabled = any(table.span.start <= piece.start < table.span.end for table in case.document.tables)
    return goal.label is not None or tabled or bool(piece.section and "目标" in piece.section[-1])


def _is_tangible(part: str) -> bool:
    return _TANGIBLE.search(part) is not None and _GENERAL.match(part.strip()) is None


def _prose_without_result(case: Case) -> Iterator[Finding]:
    """The same for goals set in a paragraph of prose, which are no records; what follows them there may be their outcome."""
    setting = [sentence for sentence in case.sentences if sentence.sets_goals and not _tells_outcome(sentence)]
    others = [sentence.words for sentence in case.sentences if not sentence.sets_goals]
    others += [cell.words for table in case.document.tables for row in table.rows for cell in row if cell.words]
    for sentence in setting:
        for match in re.finditer(r"[^，,；;。、：:]+", sentence.words):
            core = _core(match[0])
            if core is not None and others and not any(_shared(core, words) >= 0.5 for words in others):
                yield finding(
                    case,
                    NO_RESULT,
                    "note",
                    f"“{match[0].strip()}”在完成情况和指标中没有再提到",
                    "年度目标列有此项，全文未见其结果。",
                    places=[sentence.place(match.start(), match.end(), case.text)],
                )


_OUTCOME_TOLD = re.compile(
    r"目标(?:任务)?(?:已|未|基本|超额|全面|均)*(?:完成|实现)|(?:完成|超额|占)[^，。；]{0,4}目标|比上年|同比|其中"
)


def _tells_outcome(sentence: Sentence) -> bool:
    """Whether a sentence behind a goal (招商引资目标：…。引进…18个) tells what became of it."""
    return sentence.before is not None and _OUTCOME_TOLD.search(sentence.words) is not None


_NUMBER_BEHIND = re.compile(r"[\d.％%]+[\u4e00-\u9fff]{0,2}(?:以上|以下|以内)?$")
_NO_CHINESE, _DIGIT, _QUOTED = re.compile(r"[^\u4e00-\u9fff]"), re.compile(r"\d"), re.compile(r"“[^”]*”")


def _core(part: str) -> str | None:
    """The words that a concrete part of a goal can be known by; none for what is too plain, or counted."""
    if not _CONCRETE.search(part):
        return None
    item = _VERBS.sub("", part.strip("“”《》 ")) if not part.strip().startswith(("《", "“")) else part.strip()
    core = _NO_CHINESE.sub("", _NUMBER_BEHIND.sub("", item))
    if len(core) < 4 or _TOO_PLAIN.match(core) or _ABSTRACT.search(core):
        return None
    counted = _DIGIT.search(_QUOTED.sub("", _NUMBER_BEHIND.sub("", item)))
    return None if counted else core


def _comes_back(case: Case, core: str, spans: list[tuple[int, int]], share: float = 0.5) -> bool:
    """Whether a sentence or a cell outside the goals' places has half of the words or more, or another ``share`` of them."""

    def outside(start: int, end: int) -> bool:
        shared = sum(min(end, high) - max(start, low) for low, high in spans if low < end and start < high)
        return shared <= (end - start) / 2

    return any(
        _shared(core, s.words) >= share and outside(*s.passage.span(s.start, s.start + len(s.words))) for s in case.sentences
    ) or any(
        cell.words and _shared(core, cell.words) >= share and outside(*cell.passage.span(0, len(cell.words)))
        for table in case.document.tables
        for row in table.rows
        for cell in row
    )


def _shared(core: str, words: str) -> float:
    pairs = _pairs(core)
    return sum([pair in words for pair in pairs]) / len(pairs)


@lru_cache(maxsize=256)
def _pairs(core: str) -> list[str]:
    return [core[at : at + 2] for at in range(len(core) - 1)]


STATUS = Check(code="statuses", name="完成情况与逐项", source="财预〔2020〕10号自评表：预期目标与实际完成情况逐项对应")

_N = r"(\d{1,2}|[一二三四五六七八九十两])"
_TALLY = re.compile(
    rf"{_N}(?:项|个)[^，。；\d]{{0,12}}(?:目标|任务|指标|工作)[^。；]{{0,30}}?(?:已|全部)?完成{_N}[项个][^。；]{{0,24}}?(?:未完成|未达标|未达到){_N}[项个]"
)
_ITEM = re.compile(r"^(?:\d{1,2}[.．、]|[（(](?:\d{1,2}|[一二三四五六七八九十]{1,2})[)）]|[一二三四五六七八九十]{1,2}是)")
_UNDONE = re.compile(r"(?:目标|任务|指标)(?:任务)?(?:均|尚|全年)*未(?:能)?(?:完成|达成|实现|达标)")
_NUMERALS = {numeral: number for number, numeral in enumerate("一二三四五六七八九十", 1)} | {"两": 2}


def statuses_counted(case: Case) -> Iterator[Finding]:
    """10项目标完成8项、未完成1项, and two of the ten items below say 目标未完成: more undone ones than are counted."""
    for at, sentence in enumerate(case.sentences):
        match = _TALLY.search(sentence.words) if "未" in sentence.words else None
        if match is None:
            continue
        count, _, undone = (_NUMERALS.get(numeral) or int(numeral) for numeral in match.groups())
        below = list(
            {id(each.passage): each.passage for each in case.sentences[at + 1 :] if _ITEM.match(each.passage.words)}.values()
        )
        said = [(found, item) for item in below[:count] if (found := _UNDONE.search(item.words))]
        if len(below) >= count and len(said) > undone:
            spans = [(item.span(found.start(), found.end()), item) for found, item in said]
            yield finding(
                case,
                STATUS,
                "error",
                f"称未完成{undone}项，逐项看{len(said)}项未完成",
                f"{count}项中写明未完成的有{len(said)}项，多于所称的{undone}项。",
                places=[
                    sentence.place(match.start(), match.end(), case.text),
                    *(Evidence(start=span.start, end=span.end, quote=case.text[span.start : span.end]) for span, _ in spans),
                ],
            )


_SENTENCE = re.compile(r"[^。；;！\n]+")


def text_repeated(case: Case) -> Iterator[Finding]:
    """One passage under two goals: sentences of completion statements that are alike."""
    completions = [
        completion for completion in case.extraction.completions if completion.goal_id and not _in_table(case, completion)
    ]
    said = [[words.strip() for words in _SENTENCE.findall(completion.statement)] for completion in completions]
    said = [[words for words in sentences if len(words) >= 18] for sentences in said]
    for number, one in enumerate(completions):
        for later, other in enumerate(completions[number + 1 :], number + 1):
            if one.goal_id == other.goal_id or (pair := _alike(said[number], said[later])) is None:
                continue
            first, second = (_place(case, completion, words) for completion, words in zip((one, other), pair, strict=True))
            yield finding(
                case,
                REPEATED,
                "warning",
                f"“{pair[0][:40]}…”",
                f"同一段文字在{_label(case, one)}和{_label(case, other)}的完成情况中重复出现。",
                places=[first, second],
                records=[one.id, other.id],
            )


def _in_table(case: Case, completion: Completion) -> bool:
    start = completion.evidence[0].start
    return any(table.span.start <= start < table.span.end for table in case.document.tables)


def _label(case: Case, completion: Completion) -> str:
    goal = case.records.get(completion.goal_id or "")
    label = goal.label if isinstance(goal, Goal) else None
    return (
        f"目标{label.removeprefix('目标')}" if label else f"“{goal.statement[:12]}…”" if isinstance(goal, Goal) else completion.id
    )


def _alike(some: list[str], others: list[str]) -> tuple[str, str] | None:
    """The first two sentences that are alike."""
    for first in some:
        for second in others:
            if fuzz.ratio(first, second, score_cutoff=88):
                return first, second
    return None


def _place(case: Case, completion: Completion, words: str) -> Evidence:
    piece = completion.evidence[0]
    at = case.text.find(words, piece.start, piece.end)
    if at < 0:
        return piece
    return piece.model_copy(update={"start": at, "end": at + len(words), "quote": words})


CHECKS = (all_done, claimed_in_its_paragraph, statuses_counted, goal_without_result, text_repeated)
