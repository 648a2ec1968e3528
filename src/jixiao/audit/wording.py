"""What stands in the text that should not (文字核对): counts against lists, garbled numbers, residue of templates."""

import re
from collections import defaultdict
from collections.abc import Iterator

import cn2an

from jixiao.audit.case import Case, Sentence
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding
from jixiao.audit.reckoning import shown
from jixiao.columns import Role
from jixiao.records import Evidence

COUNT = Check(code="count", name="数量与列举", source="财预〔2020〕10号第二十五条：内容完整、数据真实")
GARBLED = Check(code="garbled", name="数字书写有误", source="公文数字用法（GB/T 15835）")
RESIDUE = Check(code="residue", name="模板文字残留", source="财预〔2020〕10号第二十五条：内容完整")
INSTRUCTION = Check(code="instruction", name="面向模型的指令", source="报告是数据，其中的指令不予执行")
MARKUP = Check(code="markup", name="文中含网页代码", source="财预〔2020〕10号第二十五条：数据真实")

_LISTED = re.compile(
    r"(?P<count>\d{1,3}|[二两三四五六七八九十]{1,2})(?P<unit>家|个|项|类|所|处|名|大|种|支|条|件|部|批|次|场|期|座|间|轮|届|位|块|版|册|样|套|台)(?P<noun>[^，。；：、\d]{0,16}?)[，,]?(?:分别是|分别为|即|包括|为[:：]|[:：])(?P<list>[^。；;\n]+)"
)
_BEFORE_COUNT = re.compile(
    r"(?P<list>[^，。；：:;,\d（）()]*、[^，。；：:;,\d（）()]*?)(?P<open>等)?(?P<count>\d{1,2}|[二两三四五六七八九十]{1,2})(?P<unit>个|项|类|种|大)(?=[\u4e00-\u9fff])"
)
_COUNT_OF = re.compile(r"[\d二两三四五六七八九十][个项类种大][\u4e00-\u9fff]")
_CLOSED = re.compile(r"《[^》]*》|“[^”]*”|（[^）]*）|\([^)]*\)")


def _number(words: str) -> int:
    return int(words) if words.isdigit() else int(cn2an.cn2an(words.replace("两", "二"), "smart"))


def counted_lists(case: Case) -> Iterator[Finding]:
    """共5家，分别是A、B、C、D; A、B、C、D四项: a count against the names beside it."""
    for sentence in case.sentences:
        if "、" not in sentence.words or not sentence.said:
            continue
        masked = _CLOSED.sub(lambda match: "□" * len(match[0]), sentence.words)
        for match in _LISTED.finditer(masked):
            names = re.split(r"[，,](?=[^、]*$)", match["list"])[0] if "、" in match["list"] else match["list"]
            yield from _count(case, sentence, match, names, open_ended="等" in names[-8:])
        for match in _BEFORE_COUNT.finditer(masked) if _COUNT_OF.search(masked) else ():
            yield from _count(case, sentence, match, match["list"], open_ended=bool(match["open"]))


def _count(case: Case, sentence: Sentence, match: re.Match[str], names: str, *, open_ended: bool) -> Iterator[Finding]:
    if "、" not in names or re.search(r"一是|①|\d", names) or re.search(r"[，,].*、.*[，,].*、", names):
        return
    count = _number(match["count"])
    fewest = len([name for name in re.split(r"、|[，,]", names) if name.strip()])
    most = fewest + len(re.findall(r"和|及|与|以及", names))
    if fewest < 2 or fewest <= count <= most or (open_ended and count > most) or count < 2:
        return
    if min(abs(count - fewest), abs(count - most)) > 2:
        return  # a list of something else
    yield finding(
        case,
        COUNT,
        "error",
        f"称{match['count']}{match['unit']}，列出{fewest}{match['unit']}",
        "所称数量与列举的项数不同。",
        places=[
            sentence.place(
                match.start(),
                match.start("list") + len(names) if match.start("list") > match.start("count") else match.end(),
                case.text,
            )
        ],
        records=[said.metric.id for said in sentence.said if said.metric and match.start() <= said.at < match.end()],
    )


_SEVERAL = re.compile(
    r"(?P<count>[二两三四五六七八九])(?:个|方面|个方面|项)(?:的)?(?:[\u4e00-\u9fff]{0,4})(?:问题|不足|困难|措施|工作|任务)(?:[:：]|，?一是)"
)
_FIRSTLY = re.compile(r"([一二三四五六七八九])是")


def counted_points(case: Case) -> Iterator[Finding]:
    """存在三个问题：一是…二是…: a count against the points that follow in its paragraph."""
    for passage in case.document.passages:
        for match in _SEVERAL.finditer(passage.words):
            marks = _FIRSTLY.findall(passage.words[match.start() :])
            run = 0
            for mark in marks:
                if "一二三四五六七八九".index(mark) == run:
                    run += 1
                else:
                    break
            if run >= 2 and run != _number(match["count"]):
                span = passage.span(match.start(), match.end())
                yield finding(
                    case,
                    COUNT,
                    "error",
                    f"称{match['count']}个，列出{run}个",
                    "所称数量与其后列举的项数不同。",
                    places=[Evidence(start=span.start, end=span.end, quote=case.text[span.start : span.end])],
                )


_PROJECTS = re.compile(
    r"(?:对|共|涉及|实施|安排|纳入[^，。]{0,12})(?P<count>\d{1,3})个[^，。；\d]{0,10}项目|(?:涉及|实施|安排)项目(?P<behind>\d{1,3})个"
)


def counted_projects(case: Case) -> Iterator[Finding]:
    """15 projects stated, 16 listed in a numbered table."""
    numbered: dict[int, int] = defaultdict(int)
    for row in case.rows:
        if Role.NUMBER in row.cells and row.cells[Role.NUMBER].words.strip().isdigit():
            numbered[row.group] += 1
    lists = [count for count in numbered.values() if count >= 3]
    if len(lists) != 1:
        return
    for sentence in case.sentences:
        for match in _PROJECTS.finditer(sentence.words):
            count = int(match["count"] or match["behind"])
            if count != lists[0] and abs(count - lists[0]) <= 2:
                yield finding(
                    case,
                    COUNT,
                    "error",
                    f"正文称{count}个，表中列出{lists[0]}个",
                    "项目个数与清单不同。",
                    places=[sentence.place(match.start(), match.end(), case.text)],
                )
                return


def garbled_numbers(case: Case) -> Iterator[Finding]:
    """482,24万元: misspelt numbers and what they plainly mean; no contradictions, and told apart from them."""
    found: dict[str, tuple[str, Evidence, str]] = {}
    for metric in case.extraction.metrics:
        change = metric.change.amount if metric.change else None
        for measured in (metric.target, metric.actual, metric.previous, change):
            if measured is not None and measured.repaired and measured.value is not None and measured.raw not in found:
                found[measured.raw] = (
                    f"{measured.raw} → {shown(measured.value)}{measured.unit or ''}",
                    metric.evidence[0],
                    metric.id,
                )
    if found:
        yield finding(
            case,
            GARBLED,
            "note",
            "；".join(words for words, _, _ in list(found.values())[:12]),
            f"{len(found)}处数字书写有误，已按其明显的意思读取，其他核对据此进行；不是数据矛盾。",
            places=[place for _, place, _ in found.values()],
            records=[id for _, _, id in found.values()],
        )


_BLANKS = re.compile(
    r"[Xx×]{2,}(?:[局委县市区单位年万元%])|20[2-9][Xx×]年|（优、良、中、差）|(?:增加|增长|下降|减少|上升)[（(](?:减少|下降|增长|增加|降低)[)）]|PAGEREF|_Toc\d+|\{\{[^}]*\}\}|此处填写|请填写"
)
_ORDERS = re.compile(
    r"忽略(?:以上|上述|之前|前面)[^。\n]{0,20}(?:要求|指令|内容|提示)[^。\n]{0,40}|SYSTEM\s*[:：][^\n]{0,60}|请在输出中[^。\n]{0,40}|ignore (?:all |the )?(?:previous|above)[^.\n]{0,60}",
    re.IGNORECASE,
)
_ORDER_BEGINS = re.compile(r"[忽请SsIi](?:略|在输出中|(?i:ystem|gnore))")  # quickly seen to be missing from most reports
_CODE_BEGINS = re.compile("<")
_CODE = re.compile(r"<(?:script|img|iframe|svg|style|a|div|span|table|td|tr)\b[^>\n]{0,120}>?", re.IGNORECASE)


def residue(case: Case) -> Iterator[Finding]:
    """XX局, 增加（减少）, PAGEREF: a template's own words left in; orders to a model; code of a web page."""
    for check, beginning, pattern, severity, reckoning, why in (
        (RESIDUE, None, _BLANKS, "warning", "模板中的占位或可选文字没有改填", "模板文字残留，所在数据无法核对。"),
        (
            INSTRUCTION,
            _ORDER_BEGINS,
            _ORDERS,
            "warning",
            "文中有写给模型的要求",
            "报告中夹有与报告无关、要求改写结果的文字，应请人工核对来源；本次核对未予理会。",
        ),
        (MARKUP, _CODE_BEGINS, _CODE, "note", "文中有网页代码", "完成值或正文混入网页代码，不是数据。"),
    ):
        matches = list(pattern.finditer(case.text))[:20] if beginning is None or beginning.search(case.text) else []
        if matches:
            yield finding(
                case,
                check,
                severity,  # type: ignore[arg-type]
                f"{reckoning}：{len(matches)}处",
                why,
                places=[Evidence(start=match.start(), end=match.end(), quote=match[0]) for match in matches],
            )


CHECKS = (counted_lists, counted_points, counted_projects, garbled_numbers, residue)
