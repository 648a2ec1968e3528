"""Parts against their whole (分项与合计): lists after 其中, the items of the accounts, totals of tables, shares of a hundred.

A list after 其中 need not be whole: less than the total is an error only where the list must be whole, or where one
changed digit makes it fit.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations, islice, pairwise, product

from jixiao.audit.case import Case, Row, Said, Sentence
from jixiao.audit.findings import Check, Finding
from jixiao.audit.making import finding
from jixiao.audit.reckoning import Interval, Stated, a_digit_apart, a_size_apart, in_unit_of, total
from jixiao.audit.subjects import IDENTITIES, Subject, item_of
from jixiao.columns import Role
from jixiao.records import Evidence

PARTS = Check(
    code="parts", name="分项与合计", source="财预〔2020〕10号第二十五条：数据真实；财预〔2013〕53号基础数据表的勾稽关系"
)

SIZE = Check(code="size", name="单位或小数点", source="财预〔2020〕10号第二十五条：数据真实")

_MARKER = re.compile(
    r"其中|[:：]|具体(?:是|为|有|包括)[:：]?|由(?=[^，。；]{0,80}(?:组成|构成))|包括|分别为|分别是|分为|按[^，。；]{0,8}分|（|\("
)
_WHOLE_LIST = re.compile(r"具体|由|^[:：]|分别为|分别是|分为|按[^，。；]{0,8}分|组成")
_SPELT_OUT = re.compile(r"具体|由|[:：]")
_SUM = re.compile(r"^(?:合计|总计|小计|共计|[两二三四五六七八九十][项者类][^，。]{0,6}(?:合计|共计))(?:为|达)?$")
_ADDS = re.compile(r"[共计总累全]")
_SUM_OF = re.compile(
    r"^(?:全[省市县区镇街乡院校]|累计)?共(?!青|同|享|建|有关)|(?:合计|共计|总计|总(?!体)[\u4e00-\u9fff]{1,3}|累计数?)(?:为|达到?|共|约)*$"
    r"|^(?:累计|合计|总计|共计|全年(?:共|总)?|以上[一二三四五六七八九]项)[\u4e00-\u9fff]{0,6}$"
)
_OPEN = re.compile(r"等|主要")
_SHARE = re.compile(r"占(?:比|总数|全部|总量)?(?:的|为|达)?$")
_KINDS = re.compile(r"党员|职称|学历|本科|研究生|博士|硕士|少数民族|脱贫|低保|残疾|老年")
_GRADES = re.compile(r"优|良|中|差|合格|男|女")
_ASIDE = re.compile(r"人均|户均|日均|月均|平均|每|单价|(?:目标|计划)(?!类|内|外|生育)|较|比|至|到$|降|上年|去年|应|其余")


def parts_of_sentences(case: Case) -> Iterator[Finding]:
    """支出2,318.45万元，其中人员经费…、公用经费…: the parts of a list against the number before it."""
    for at, sentence in enumerate(case.sentences):
        if len(sentence.said) >= 2:
            yield from _lists(case, sentence)
            yield from _parts_over_wholes(case, sentence)
            yield from _shares(case, sentence)
        if len(sentence.said) >= 3:
            yield from _sums_after(case, sentence)
            yield from _enumerations(case, sentence, case.sentences[max(0, at - 3) : at])


_MOST_LISTS = 50
"""Lists of one sentence that are looked at; no sentence has so many, and each is held against all numbers before it."""


def _lists(case: Case, sentence: Sentence) -> Iterator[Finding]:
    for marker in islice(_MARKER.finditer(sentence.words), _MOST_LISTS):
        if marker.end() > sentence.said[-2].at:
            break
        before = [said for said in sentence.said if said.to <= marker.start() and said.figure.exact and not said.is_change]
        before = [said for said in before if not _in_brackets(sentence, said, marker.start())] or before
        if not before and marker.start() == 0:
            before = _said_before(sentence)
        if not before:
            continue
        bracket, colon = marker[0] in "（(", marker[0] in ":："
        first = next((said for said in sentence.said if said.at >= marker.end()), None)
        alike = [said for said in before if first is not None and _countable(said.figure.unit) == _countable(first.figure.unit)]
        before = alike or before
        whole = before[-1] if before[-1] in sentence.said else _whole_of(before, sentence, marker.end())
        if (bracket or colon) and (whole not in sentence.said or sentence.words[whole.to : marker.start()].strip()):
            continue
        elsewhere = whole not in sentence.said
        end = _end_of_list(sentence, marker.end(), bracket)
        parts = [said for said in sentence.said if marker.end() <= said.at < end]
        parts = _to_the_list_s_end(sentence, _same_sort(sentence, whole, parts, marker.end()))
        if not bracket and len(parts) < 2:
            same = [said for said in before if said.figure.unit == (parts[0].figure.unit if parts else None)]
            if not same:
                continue
        if len(parts) < 2 or (len(parts) == 2 and _is_nested(sentence, parts)):
            continue
        if bracket and _OPEN.search(sentence.words[marker.end() : end]):
            continue
        if colon and not _is_plain_list(sentence, parts):
            continue
        if _SPELT_OUT.match(marker[0]) and _OPEN.search(sentence.words[marker.end() : parts[-1].to + 1]):
            continue
        if elsewhere and not _may_be_whole(whole, parts):
            continue
        yield from _against(case, sentence, whole, parts, marker[0])


_OF_IT = re.compile(r"[，,]?其中[:：]?[^，。；、：（]*")


def _parts_over_wholes(case: Case, sentence: Sentence) -> Iterator[Finding]:
    """贷款7.6亿元，其中小微企业贷款8.2亿元: the one part named right behind a number is larger than it, and than all before it."""
    for whole, part in zip(sentence.said, sentence.said[1:], strict=False):
        if whole.figure.unit != part.figure.unit or part.figure.unit == "%" or not (whole.figure.exact and part.figure.exact):
            continue
        if not _OF_IT.fullmatch(sentence.words[whole.to : part.at]) or part.is_change or whole.is_change:
            continue
        if _ASIDE.search(part.lead) or _ASIDE.search(whole.lead) or _MOVED.search(whole.lead):
            continue
        start = max(sentence.words.rfind(stop, 0, whole.at) for stop in "；;") + 1
        earlier = [said for said in sentence.said if start <= said.at < part.at and said.figure.unit == part.figure.unit]
        if not all(said.figure.interval.high < part.figure.interval.low for said in earlier):
            continue
        yield finding(
            case,
            PARTS,
            "error",
            f"其中{part.figure.words} > {whole.figure.words}",
            f"“其中”所列的{part.lead.strip('：:') or part.figure.name}大于它所属的总数。",
            figures=[whole.figure, part.figure],
            places=[sentence.place(max(0, whole.at - len(whole.lead)), part.to, case.text)],
        )


_MOVED = re.compile(r"同比|[增减升降压超差][\u4e00-\u9fff]{0,2}$|提高|追加|短缺|缺口|节约|结余|结转|剩余")


def _in_brackets(sentence: Sentence, said: Said, end: int) -> bool:
    """Whether a number stands in brackets that close before ``end``: 9,486件（含旧存612件），其中…."""
    opened, closed = sentence.words.rfind("（", 0, said.at), sentence.words.find("）", said.to, end)
    return opened >= 0 and closed >= 0 and "）" not in sentence.words[opened : said.at]


def _to_the_list_s_end(sentence: Sentence, parts: list[Said]) -> list[Said]:
    """The parts up to a semicolon behind items that are joined by 、: 刑事462件、民商事5,381件；审结9,127件."""
    for at, (one, other) in enumerate(pairwise(parts), 1):
        between = sentence.words[one.to : other.at]
        if "；" in between:
            return parts[:at] if at >= 2 else parts
        if "、" not in between:
            break
    return parts


def _may_be_whole(whole: Said, parts: list[Said]) -> bool:
    """Whether a number of the sentence before can be what the parts make up: near to their sum, or made up of such items."""
    added = total(part.figure for part in parts).middle
    return _known(whole, parts) or abs(added - whole.figure.value) * 4 <= whole.figure.value


def _said_before(sentence: Sentence) -> list[Said]:
    """…支出28.46万元。其中公务用车…: the numbers of the sentence before."""
    if sentence.before is None:
        return []
    return [said for said in sentence.before.said if said.figure.exact and not said.is_change]


def _whole_of(before: list[Said], sentence: Sentence, start: int) -> Said:
    """Which number of the sentence before the parts belong to: the one that fits, else the outcome stated last."""
    parts = [said for said in sentence.said if said.at >= start]
    for said in before:
        if any(total(part.figure for part in parts[:count]).meets(said.figure.interval) for count in range(2, len(parts) + 1)):
            return said
    outcomes = [said for said in before if said.subject is not None and said.subject.role == "actual"]
    added = total(part.figure for part in parts if part.figure.unit == before[-1].figure.unit).middle
    near = [said for said in before if abs(said.figure.value - added) * 20 <= said.figure.value]
    return (near or outcomes or before)[-1]


def _end_of_list(sentence: Sentence, start: int, bracket: bool) -> int:
    if bracket:
        close = re.search(r"[）)]", sentence.words[start:])
        return start + close.start() if close else start
    again = re.search(r"其中|按[^，。；]{0,8}分", sentence.words[start:])
    return start + again.start() if again else len(sentence.words)


def _same_sort(sentence: Sentence, whole: Said, parts: list[Said], start: int) -> list[Said]:
    """The parts that can be parts: in the whole's unit, no changes, averages or plans, and none in brackets of its own."""
    kept: list[Said] = []
    opened = [(m.start(), m.end()) for m in re.finditer(r"[（(][^（()）]*[)）]", sentence.words[start:])]
    for said in parts:
        inside = any(start + a < said.at < start + b for a, b in opened)
        if inside or _countable(said.figure.unit) != _countable(whole.figure.unit) or not said.figure.exact:
            continue
        if said.is_change or _ASIDE.search(said.lead):
            if kept:
                continue
            continue
        kept.append(said)
    return kept


def _is_nested(sentence: Sentence, parts: list[Said]) -> bool:
    return bool(re.search(r"其中", sentence.words[parts[0].to : parts[1].at]))


def _against(case: Case, sentence: Sentence, whole: Said, parts: list[Said], marker: str) -> Iterator[Finding]:
    ends = [count for count in range(1, len(parts) + 1) if not (_WHOLE_LIST.search(marker) and _goes_on(sentence, parts, count))]
    if any(total(said.figure for said in parts[:count]).meets(whole.figure.interval) for count in ends):
        return
    figures = [said.figure for said in parts]
    added = total(figures)
    over = added.low > whole.figure.interval.high
    if over and any(figure.interval.low > whole.figure.interval.high for figure in figures):
        return  # a part larger than its whole is no part of it
    if over and added.middle > Decimal("1.6") * whole.figure.value and not _known(whole, parts):
        return  # the list goes on to something else
    if over and any(_KINDS.search(part.lead) for part in parts) and not _grades(parts):
        return  # 党员…、女性…、高级职称…: one may be several of these
    if (
        over
        and "；" in sentence.words[parts[0].to : parts[-1].at]
        and "占" in sentence.words
        and not _one_digit(whole.figure, figures)
    ):
        return  # several ways to divide one whole: 专业技术人员…，占…；高级职称…
    if not over and not (
        _known(whole, parts)
        or whole.figure.unit == "分"
        or _WHOLE_LIST.search(marker)
        or _one_digit(whole.figure, figures)
        or _grades(parts)
    ):
        fewest = 2 if whole.figure.unit != "元" else 3
        if len(parts) >= fewest and added.middle >= _NEARLY_WHOLE * whole.figure.value:
            yield _perhaps(case, whole.figure, figures, _whole_place(case, sentence, whole, parts))
        return
    yield _uneven(case, whole.figure, figures, _whole_place(case, sentence, whole, parts))


def _is_plain_list(sentence: Sentence, parts: list[Said]) -> bool:
    """Whether behind a colon stand nothing but parts: three or more, or two counts, joined by 、 or ；."""
    joined = all("，" not in sentence.words[one.to : other.at] for one, other in pairwise(parts))
    return joined and (len(parts) >= 3 or parts[0].figure.unit != "元")


def _goes_on(sentence: Sentence, parts: list[Said], count: int) -> bool:
    """Whether the list goes on behind its first ``count`` parts with a 、: 具体是彩超2台、X线机1台、呼吸机3台、麻醉机1台."""
    return (
        count < len(parts)
        and re.fullmatch(r"、[^，。；：、]*", sentence.words[parts[count - 1].to : parts[count].at]) is not None
    )


_NEARLY_WHOLE = Decimal("0.92")


def _perhaps(case: Case, whole: Stated, parts: list[Stated], places: Iterable[Evidence]) -> Finding:
    """A list of three or more that comes near its total: whole in all likelihood, and then wrong."""
    told = _uneven(case, whole, parts, places)
    return told.model_copy(update={"severity": "warning", "why": told.why + "“其中”所列如已完整，则有误；如不完整，应予注明。"})


def _whole_place(case: Case, sentence: Sentence, whole: Said, parts: list[Said]) -> list[Evidence]:
    start = whole.at - len(whole.lead) if whole in sentence.said else 0
    return [sentence.place(max(0, start), parts[-1].to, case.text)]


def _known(whole: Said, parts: list[Said]) -> bool:
    """Whether the items are known to make up the whole."""
    items = {item_of(said.lead) or item_of(said.figure.name) for said in parts}
    return any(
        (item_of(whole.lead) or item_of(whole.figure.name)) == item and items >= set(known) and not may_lack
        for item, known, may_lack in IDENTITIES
    ) or items == {"基本支出", "项目支出"}


def _grades(parts: list[Said]) -> bool:
    return len(parts) >= 3 and all(_GRADES.search(said.lead) for said in parts)


def _one_digit(whole: Stated, parts: list[Stated]) -> bool:
    """Whether one changed digit, in the whole or in a part, makes the sum fit."""
    added = total(parts).middle
    if a_digit_apart(added / whole.scale, whole.value / whole.scale, whole.places, digits=3 if len(parts) >= 3 else 4):
        return True
    gap = whole.value - added
    return any(
        part.value + gap > 0
        and (len(parts) >= 3 or _is_no_round_number(part))
        and a_digit_apart((part.value + gap) / part.scale, part.value / part.scale, part.places)
        for part in parts
    )


def _is_no_round_number(figure: Stated) -> bool:
    """Whether a number has three digits or more before its zeros: of two round ones, most are a digit apart."""
    return len(format(figure.value.normalize(), "f").replace(".", "").strip("0")) >= _DIGITS


_DIGITS = 3


def _uneven(
    case: Case, whole: Stated, parts: list[Stated], places: Iterable[Evidence] = (), wrong: str | None = None, why: str = ""
) -> Finding:
    added = total(parts).middle
    sum_words = " + ".join(f"{in_unit_of(part.value, whole)}" for part in parts)
    reckoning = f"{sum_words} = {in_unit_of(added, whole)} ≠ {whole.words}"
    gap = in_unit_of(abs(added - whole.value), whole)
    more = "多" if added > whole.value else "少"
    names = "、".join(part.name.strip("：:") for part in parts)
    said = f"{names}之和比所列{whole.name}{more}{gap}{whole.shown_unit}，超出四舍五入的误差。"
    return finding(case, PARTS, "error", reckoning, said + why, figures=[whole, *parts], places=places, wrong=wrong)


def _sums_after(case: Case, sentence: Sentence) -> Iterator[Finding]:
    """新建棚圈84处、储草设施42处，合计126处: a total behind its parts."""
    for at, said in enumerate(sentence.said[2:], 2):
        if not _ADDS.search(said.lead) and not _beside_a_total(sentence, at):
            continue
        plainly = _SUM.match(said.lead) is not None or _counts_parts(sentence, at) or _beside_a_total(sentence, at)
        if not (plainly or _SUM_OF.search(said.lead)) or not said.figure.exact:
            continue
        before = [
            other
            for other in sentence.said[:at]
            if _countable(other.figure.unit) == _countable(said.figure.unit) and other.figure.exact and not other.is_change
        ]
        if len(before) < 2 or any(
            total(o.figure for o in before[-count:]).meets(said.figure.interval) for count in range(1, len(before) + 1)
        ):
            continue
        if said.subject and not plainly and (len(before) < 3 or any(other.subject for other in before)):
            continue
        parts = before[-2:] if len(before) > 2 and total(o.figure for o in before).middle > 2 * said.figure.value else before
        ratio = total(o.figure for o in parts).middle / said.figure.value if said.figure.value else Decimal(0)
        if _of_another_size(parts, said):
            yield _missized(case, sentence, parts, said)
            continue
        if any(part.figure.value >= said.figure.value for part in parts):
            continue  # a part larger than its whole is no part of it
        near = Decimal("0.6") < ratio < Decimal("1.6") if plainly else Decimal("0.9") < ratio < Decimal("1.1")
        if near and (plainly or len(parts) >= 2):
            yield _uneven(
                case,
                said.figure,
                [o.figure for o in parts],
                [sentence.place(parts[0].at - len(parts[0].lead), said.to, case.text)],
            )


_OF_SEVERAL = re.compile(
    r"(?:以上|上述|这)?(?P<count>[二两三四五六七八九])[项类个大部][\u4e00-\u9fff]{0,6}(?:合计|共计|总计|共)[\u4e00-\u9fff]{0,4}$"
)


def totals_of_sentences_before(case: Case) -> Iterator[Finding]:
    """一是…1,860.20万元；二是…；三是…。以上三项共计2,728.50万元: a total in a sentence of its own, behind as many parts as it says."""
    for sentence in case.numbered:
        if sentence.before is None or "项" not in sentence.words:
            continue
        for said in sentence.said:
            match = _OF_SEVERAL.search(sentence.words[: said.at])
            if match is None or not said.figure.exact:
                continue
            count = "二三四五六七八九".find(match["count"].replace("两", "二")) + 2
            parts = [each for each in sentence.before.said if each.figure.unit == said.figure.unit and not each.is_change]
            own = [each for each in sentence.said if each.at < said.at and each.figure.unit == said.figure.unit]
            if not own and len(parts) == count and not total(each.figure for each in parts).meets(said.figure.interval):
                yield _uneven(case, said.figure, [each.figure for each in parts])
            break


def _beside_a_total(sentence: Sentence, at: int) -> bool:
    """Whether a number stands right behind a total, of the same things in another unit: 合计7,534户13,871人."""
    before, said = sentence.said[at - 1], sentence.said[at]
    return (
        _SUM.match(before.lead) is not None
        and before.figure.unit != said.figure.unit
        and sentence.words[before.to : said.at] in ("", "、")
    )


def _of_another_size(parts: list[Said], whole: Said) -> bool:
    """Whether a sum of money is ten, a hundred … times its parts to the last digit: 12.5亿元 for 1.25亿元."""
    return whole.figure.unit == "元" and len(parts) >= 2 and a_size_apart(total(o.figure for o in parts), whole.figure.interval)


def _missized(case: Case, sentence: Sentence, parts: list[Said], whole: Said) -> Finding:
    added = total(o.figure for o in parts)
    return finding(
        case,
        SIZE,
        "error",
        f"{' + '.join(o.figure.number for o in parts)} = {in_unit_of(added.middle, parts[0].figure)}{parts[0].figure.shown_unit} ≠ {whole.figure.words}",
        "合计与各部分之和数字相同而相差十倍、百倍或更多，疑为单位或小数点有误。",
        figures=[*(o.figure for o in parts), whole.figure],
        places=[sentence.place(parts[0].at - len(parts[0].lead), whole.to, case.text)],
    )


_GRADED = re.compile(
    r"(?:[“\"]|为|评|等[级次]|^|的|，|、)(?:优秀|优|良好|良|中|合格|不合格|差|一般)[”\"]?(?:等[级次]|档)?的?(?:项目|单位|政策)?(?:有|共|为|分别)*$"
)


_GRADED_BEHIND = re.compile(
    r"(?:项目|政策|单位|部门|指标)?(?:被|获|绩效|综合|自评|评价)*(?:评定?|定|等[级次]|结果)?(?:为|是|得)?[“\"]?(?:优秀|优|良好|良|中|合格|不合格|差)(?=[”\"]?(?:等[级次]|档)?(?:[，。；、]|$))"
)  # 4个项目评为“优”


def grades_counted(case: Case) -> Iterator[Finding]:
    """涉及项目12个。…评价等级为“优”的10个、为“良”的3个: what was graded, by grades, against how many there were."""
    for sentence in case.numbered:
        counts = [said for said in sentence.said if said.figure.unit in ("个", "项", "件", "家")]
        graded = [said for said in counts if _GRADED.search(said.lead)]
        if not graded:
            graded = [said for said in counts if _GRADED_BEHIND.match(sentence.words, said.to)]
        if len(graded) < 2 or len({said.figure.unit for said in graded}) > 1:
            continue
        near = [*(sentence.before.said if sentence.before else ()), *sentence.said]
        wholes = [said for said in near if said.figure.unit == graded[0].figure.unit and said not in graded and said.figure.exact]
        added = total(said.figure for said in graded)
        wholes = [said for said in wholes if said.figure.start < graded[0].figure.start]
        if not wholes or any(added.meets(said.figure.interval) for said in wholes):
            continue
        whole = wholes[-1]
        if Decimal("0.6") < added.middle / whole.figure.value < Decimal("1.6") if whole.figure.value else False:
            yield _uneven(case, whole.figure, [said.figure for said in graded])


_THE_REST = re.compile(r"^(?:其余|剩余|剩下|余下)的?[\u4e00-\u9fff]{0,4}$")
_STILL = re.compile(r"^(?:但|目前|年末|年底)?(?:尚有|还有|仍有)$")
_UNDONE = re.compile(r"^(?:尚|还|仍)?[未不](?P<deed>[\u4e00-\u9fff]{2,4})的?$")
_NOT_DONE = re.compile(r"[\u4e00-\u9fff]{0,4}未")


def remainders(case: Case) -> Iterator[Finding]:
    """监测对象62户，年内消除风险45户，其余19户: what is left of a count, against the count less those told before."""
    for sentence in case.numbered:
        for at, said in enumerate(sentence.said):
            undone = _UNDONE.match(said.lead)
            is_rest = (
                undone or _THE_REST.match(said.lead) or (_STILL.match(said.lead) and _NOT_DONE.match(sentence.words, said.to))
            )
            if not is_rest or not _may_be_part(said, said):
                continue
            before = [other for other in sentence.said[:at] if _may_be_part(other, said)]
            if sentence.before is not None and len(before) == 1:
                before = [*(other for other in sentence.before.said[-1:] if _may_be_part(other, said)), *before]
            before = before[-_FEW:]
            if len(before) < 2 or (undone and not before[-1].lead.endswith(undone["deed"])):
                continue
            if any(
                total(rest + [other.figure for other in parts]).meets(before[first].figure.interval)
                for rest in ([said.figure], [])
                for first in range(len(before))
                for count in range(1, len(before) - first)
                for parts in combinations(before[first + 1 :], count)
            ):
                continue
            whole, parts = before[0], before[1:]
            added = total([*(other.figure for other in parts), said.figure]).middle
            if all(part.figure.value < whole.figure.value for part in [*parts, said]) and _rest_is_near(added, whole):
                yield _uneven(
                    case,
                    whole.figure,
                    [*(other.figure for other in parts), said.figure],
                    [sentence.place(max(0, said.at - len(said.lead)), said.to, case.text)],
                )


def _may_be_part(one: Said, other: Said) -> bool:
    return (
        _countable(one.figure.unit) == _countable(other.figure.unit) and one.figure.unit not in ("%", None) and one.figure.exact
    )


def _rest_is_near(added: Decimal, whole: Said) -> bool:
    return abs(added - whole.figure.value) * 5 <= whole.figure.value


_ANOTHER_LIST = re.compile(r"其中|合计|共计")
_LINK = re.compile(r"[、，,；;和及以][^。\d]{0,24}$")


def _enumerations(case: Case, sentence: Sentence, earlier: list[Sentence]) -> Iterator[Finding]:
    """A list of three amounts or more, whatever leads to it, a slip of the pen away from the number that stands before it."""
    run: list[Said] = []
    for said in [*sentence.said, None]:
        if said is not None and said.figure.exact and not said.is_change and not _ASIDE.search(said.lead):
            between = sentence.words[run[-1].to : said.at] if run else ""
            if not run or (
                said.figure.unit == run[-1].figure.unit and _LINK.match(between) and not _ANOTHER_LIST.search(between)
            ):
                run.append(said)
                continue
        if len(run) >= 3 and run[0].figure.unit != "%":
            yield from _whole_near(case, sentence, run, earlier)
        run = [said] if said is not None and said.figure.exact and not said.is_change else []


def _whole_near(case: Case, sentence: Sentence, run: list[Said], earlier: list[Sentence]) -> Iterator[Finding]:
    """The run against the numbers before it, or its own first against the others."""
    before = [said for each in earlier for said in each.said] + [said for said in sentence.said if said.at < run[0].at]
    wholes = [said for said in before if said.figure.unit == run[0].figure.unit and said.figure.exact]
    behind = [said for said in sentence.said if said.at > run[-1].at and said.figure.unit == run[0].figure.unit]
    choices = [(whole, run) for whole in wholes] + ([(run[0], run[1:])] if len(run) >= 4 else [])
    if any(
        total(p.figure for p in some).meets(whole.figure.interval)
        for whole, parts in choices
        for k in range(len(parts) - 1)
        for some in (parts[k:], _to_the_list_s_end(sentence, parts)[k:])
    ):
        return
    if any(total(p.figure for p in run).meets(whole.figure.interval) for whole in behind):
        return
    for whole, parts in reversed(choices):
        figures = [said.figure for said in parts]
        if total(figures).middle and _one_digit(whole.figure, figures) and not whole.is_change:
            yield _uneven(case, whole.figure, figures, _whole_place(case, sentence, whole, parts))
            return


def _counts_parts(sentence: Sentence, at: int) -> bool:
    """Whether a total is led by how many parts it has: 三项支出合计."""
    count = sentence.said[at - 1] if at else None
    return (
        count is not None
        and count.quantity.chinese
        and count.figure.unit in ("项", "类", "者", "个")
        and re.fullmatch(r"[\u4e00-\u9fff]{0,6}(?:合计|共计|总计)(?:为|达)?", sentence.words[count.to : sentence.said[at].at])
        is not None
    )


def _countable(unit: str | None) -> str | None:
    """A unit for adding up: people are people, however counted."""
    return "人" if unit in ("人", "人次", "名", "位") else "台" if unit in ("台（套）", "台套") else unit


def _shares(case: Case, sentence: Sentence) -> Iterator[Finding]:
    """采集员上报占71.6%、市民投诉占20.3%、其他渠道占8.0%: three shares or more that end in 其他 or come near a hundred."""
    shares = [said for said in sentence.said if said.figure.unit == "%" and _SHARE.search(said.lead) and said.figure.exact]
    if len(shares) < 2 or (len(shares) == 2 and not re.search(r"其他|其余", shares[1].lead)):
        return
    added = total(said.figure for said in shares)
    hundred = Interval(Decimal(100), Decimal(100))
    whole = any("其他" in said.lead or "其余" in said.lead for said in shares)
    if added.meets(hundred) or not (Decimal(90) < added.middle < Decimal(110) or whole):
        return
    reckoning = " + ".join(said.figure.number for said in shares) + f" = {in_unit_of(added.middle, shares[0].figure)}% ≠ 100%"
    yield finding(
        case,
        PARTS,
        "error",
        reckoning,
        "各项占比之和不是100%，超出四舍五入的误差。",
        figures=[said.figure for said in shares],
        places=[sentence.place(shares[0].at - len(shares[0].lead), shares[-1].to, case.text)],
    )


def parts_of_accounts(case: Case) -> Iterator[Finding]:
    """支出总额 = 基本支出 + 项目支出, and its like, over all that text and tables state of these items."""
    roles = product(IDENTITIES, ("actual", "plan", "previous", "initial"), case.projects)
    for (item, parts, may_lack), role, project in roles:
        wholes = _distinct(case.facts.get(Subject(item, role, project), []))
        if item == "基本支出" and role == "actual" and not wholes and _has_no_projects(case):
            wholes = _distinct(case.facts.get(Subject("支出总额", role, project), []))
        if not wholes:
            continue
        given = [_distinct(_stated_of(case, Subject(part, role, project))) for part in parts]
        if (not may_lack and not all(given)) or sum(map(bool, given)) < 2:
            continue
        yield from _combinations(case, wholes, [values for values in given if values])


def _stated_of(case: Case, subject: Subject) -> list[Stated]:
    """What is stated of an item; without a car bought, running the cars is all that cars cost."""
    stated = case.facts.get(subject, [])
    if subject.item == "公务用车购置和运行维护费" and not stated and not case.facts.get(subject._replace(item="公务用车购置费")):
        return case.facts.get(subject._replace(item="公务用车运行维护费"), [])
    return stated


def _has_no_projects(case: Case) -> bool:
    return all(figure.value == 0 for figure in case.facts.get(Subject("项目支出", "actual"), []))


def _distinct(figures: list[Stated]) -> list[Stated]:
    """One figure for each value, the one in the text first."""
    kept: list[Stated] = []
    for figure in sorted(figures, key=lambda figure: figure.in_table):
        if not any(figure.interval.meets(other.interval) for other in kept):
            kept.append(figure)
    return kept


def _combinations(case: Case, wholes: list[Stated], given: list[list[Stated]]) -> Iterator[Finding]:
    choices = list(product(wholes, *given))
    fitting = [choice for choice in choices if total(choice[1:]).meets(choice[0].interval)]
    if len(fitting) == len(choices):
        return
    sound = {id(figure) for choice in fitting for figure in choice}
    for choice in choices:
        if choice in fitting:
            continue
        suspects = [figure for figure in choice if id(figure) not in sound]
        if fitting and len(suspects) != 1:
            continue  # two wrong ones: each is told of by a choice of its own
        if not fitting and not (_near(choice) and choice is choices[0]):
            continue
        if not fitting:
            yield _uneven(case, choice[0], list(choice[1:]))
            continue
        wrong = suspects[0]
        right = next(c for c in fitting)
        better = right[choice.index(wrong)]
        fit = " + ".join(in_unit_of(part.value, right[0]) for part in right[1:]) + f" = {right[0].words}"
        where = "表中" if better.in_table and not wrong.in_table else "正文" if wrong.in_table else "另一处"
        yield _uneven(
            case,
            choice[0],
            list(choice[1:]),
            wrong=f"{wrong.name}{wrong.words}",
            why=f"{where}的{better.words}使勾稽成立（{fit}），应为{wrong.words}有误。",
        )


def _near(choice: tuple[Stated, ...]) -> bool:
    ratio = total(choice[1:]).middle / choice[0].value if choice[0].value else Decimal(0)
    return Decimal("0.5") < ratio < Decimal("1.6") or _one_digit(choice[0], list(choice[1:]))


_FUNDS = re.compile(r"年度资金总额|资金总额")
_BY_NATURE = ("基本支出", "项目支出")
_SOURCE = re.compile(
    r"财政拨款|一般公共预算|政府性基金|国有资本|专户|非税|上年结转|结转资金|其他资金|其他收入|单位资金|自筹|捐赠|债券|省级|市级|县级|区级|"
    r"自治区|自治州|中央|地方|上级|本级|补助资金"
)
_MONEY_ROLES = (Role.INITIAL, Role.TARGET, Role.ACTUAL, Role.PREVIOUS)


def parts_of_funds(case: Case) -> Iterator[Finding]:
    """年度资金总额 against the sources under it, column by column (财预〔2020〕10号自评表)."""
    rows = case.rows
    for at, row in enumerate(rows):
        if not _FUNDS.search(row.name):
            continue
        below = []
        for other in rows[at + 1 :]:
            if other.group != row.group or _FUNDS.search(other.name):
                break
            below.append(other)
        sources = [other for other in below if _SOURCE.search(other.name) and item_of(other.name) not in _BY_NATURE]
        general = [other for other in sources if item_of(other.name) == "财政拨款"]
        if general:
            sources = [other for other in sources if item_of(other.name) not in ("一般公共预算", "政府性基金")]
        for role in _MONEY_ROLES:
            parts = [other.numbers[role] for other in sources if role in other.numbers]
            others = [other.numbers[role] for other in below if other not in sources and role in other.numbers]
            yield from _column(case, row.numbers.get(role), _completed(row.numbers.get(role), parts, others))
            by_nature = [other.numbers[role] for other in below if item_of(other.name) in _BY_NATURE and role in other.numbers]
            if len(by_nature) == 2:
                yield from _column(case, row.numbers.get(role), by_nature)


def _completed(whole: Stated | None, parts: list[Stated], others: list[Stated]) -> list[Stated]:
    """The parts, with those rows beside them whose names tell nothing of a source and that make the sum fit."""
    if whole is None or not others or len(others) > _FEW or total(parts).meets(whole.interval):
        return parts
    choices = (list(some) for count in range(1, len(others) + 1) for some in combinations(others, count))
    return next(([*some, *parts] for some in choices if total([*some, *parts]).meets(whole.interval)), parts)


_FEW = 8


def _column(case: Case, whole: Stated | None, parts: list[Stated]) -> Iterator[Finding]:
    if whole is not None and parts and len(parts) >= 2 and not total(parts).meets(whole.interval):
        yield _uneven(case, whole, parts)


_TOTAL = re.compile(r"^(?:合计|总计|小计|合\s*计)[:：]?$")
_DIGIT_MARK = re.compile(r"^\d{1,2}[、.．](?!\d)")
_UPPER_MARK = re.compile(r"^(?:[一二三四五六七八九十]{1,2}、|[（(][一二三四五六七八九十]{1,2}[)）])")


def parts_of_tables(case: Case) -> Iterator[Finding]:
    """合计 rows against the rows above, and a row's numbered parts (1、2、3、) against it, column by column."""
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in case.rows:
        if Role.FIRST not in row.cells and not (row.metric is not None and row.metric.weight is not None):
            groups[row.group].append(row)
    for rows in groups.values():
        for at, row in enumerate(rows):
            if _TOTAL.match(row.first):
                above = [other for other in rows[:at] or rows[1:] if other.numbers]
                yield from _totals(case, row, above)
        yield from _numbered(case, rows)


def _totals(case: Case, row: Row, above: list[Row]) -> Iterator[Finding]:
    """A total row: the rows above, or those of them that are numbered alike."""
    plain = [other for other in above if not other.first.startswith("其中") and not _TOTAL.match(other.first)]
    upper = [other for other in plain if _UPPER_MARK.match(other.first)]
    for role in (*_MONEY_ROLES, Role.WEIGHT, Role.SCORE):
        whole = row.numbers.get(role)
        if whole is None:
            continue
        choices = [[other.numbers[role] for other in some if role in other.numbers] for some in (plain, upper) if some]
        if choices and len(choices[0]) >= 2 and not any(_adds_up(parts, whole) for parts in choices):
            ratio = total(choices[0]).middle / whole.value if whole.value else Decimal(0)
            if Decimal("0.7") < ratio < Decimal("1.4"):
                yield _uneven(case, whole, choices[0])


def _adds_up(parts: list[Stated], whole: Stated) -> bool:
    """Whether the parts make the whole, or do without a run of them that only tells of what one of them holds."""
    runs = ((start, end) for start in range(1, len(parts)) for end in range(start + 1, len(parts) + 1))
    return total(parts).meets(whole.interval) or any(
        total([*parts[:start], *parts[end:]]).meets(whole.interval) for start, end in runs
    )


def _numbered(case: Case, rows: list[Row]) -> Iterator[Finding]:
    parent: Row | None = None
    children: list[Row] = []
    for row in [*rows, None]:
        if row is not None and _DIGIT_MARK.match(row.first):
            children.append(row)
            continue
        if row is not None and (
            row.first.startswith("其中") or (children and item_of(row.name) in ("公务用车购置费", "公务用车运行维护费"))
        ):
            continue
        if parent is not None and len([child for child in children if child.numbers]) >= 2:
            for role in _MONEY_ROLES:
                parts = [child.numbers[role] for child in children if role in child.numbers]
                if len(parts) >= 2:
                    yield from _column(case, parent.numbers.get(role), parts)
        parent, children = row, []


CHECKS = (
    parts_of_sentences,
    totals_of_sentences_before,
    grades_counted,
    remainders,
    parts_of_accounts,
    parts_of_funds,
    parts_of_tables,
)
