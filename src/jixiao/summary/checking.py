"""A sentence and its cited records → faults (核对): each number, unit, name and direction must follow from what is cited.

A number follows where a cited record holds it, in any unit of the same kind and rounded to the places shown; where it counts
cited records; or where it is the outcome of a sum in the sentence itself, whose terms follow. It must also stand with the
words that the record has for it: a right number on the wrong subject is a fault.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from jixiao.audit import Case
from jixiao.audit.reckoning import Interval, stated
from jixiao.quantities import Quantity, find_quantities
from jixiao.records import Completion, Goal, Issue, Measure, Measurement, Metric
from jixiao.summary.parts import Cited, Sentence

_CLAUSE = re.compile(r"[，,；;。：:（）()、]")
_NOT_CHINESE = re.compile(r"[^\u4e00-\u9fff]")
_UP = re.compile(r"增加|增长|上升|提高|提升|上涨|新增|净增|多")
_DOWN = re.compile(r"减少|下降|降低|压减|缩减|回落|少")
_FILLER = re.compile(
    r"比上年|较上年|同比|比去年|其中|全年|年末|累计|共计?|总数|达到?|为|约|实际|完成|实现|为|了|的|占|仅|等|第|目标|本年|增加|增长|减少|下降|提高|降低|上升|[一二三四五六七八九]是|等级|年度"
)


@dataclass(frozen=True, slots=True)
class Held:
    """A number that a cited record holds (有据的数)."""

    interval: Interval
    unit: str | None
    words: str
    """What the record says of it."""
    direction: str | None
    """For a change: which way."""
    record_id: str


def faults(sentence: Sentence, cases: Mapping[str, Case]) -> list[str]:
    """What does not follow, a few words each; none for a sentence to be trusted."""
    known = [cited for cited in sentence.cites if _exists(cited, cases)]
    if len(known) < len(sentence.cites):
        wrong = "、".join(cited.record_id for cited in sentence.cites if cited not in known)
        return [f"没有编号为{wrong}的记录"]
    held = [number for cited in known for number in _held(cited, cases[cited.sha256])]
    said = "".join(_words(cited, cases[cited.sha256]) for cited in known)
    found = [
        *_numbers(sentence, held, said, known, cases),
        *_names(sentence, said, known, cases),
        *_claims(sentence, known, cases),
    ]
    if (
        not found
        and sentence.writer == "model"
        and len(_NOT_CHINESE.sub("", sentence.text)) > 12
        and _shared(sentence.text, said + _facts(known, cases)) < 0.5
    ):
        found.append("所说多不见于所引记录")
    return found


def _exists(cited: Cited, cases: Mapping[str, Case]) -> bool:
    case = cases.get(cited.sha256)
    return case is not None and (cited.record_id == "report" or cited.record_id in case.records)


# --- what the cited records hold


def _held(cited: Cited, case: Case) -> Iterator[Held]:
    """The numbers of one cited record: its values, and those in its words."""
    record = None if cited.record_id == "report" else case.records[cited.record_id]
    if isinstance(record, Metric):
        yield from _of_metric(record, case)
    pieces = [piece.quote for piece in record.evidence] if record is not None else []
    for quote in [*pieces, cited.place.quote]:
        yield from _of_words(quote, cited.record_id, _role_words(record))
    if record is None:
        report = case.report
        if report.self_score is not None:
            yield Held(
                Interval(report.self_score, report.self_score),
                "分",
                f"{_facts([cited], {cited.sha256: case})}部门整体支出项目支出政策绩效自评得分最高最低的是",
                None,
                "report",
            )


_ROLES = {"target": "全年预算目标计划预算", "actual": "支出执行决算实际完成", "previous": "上年决算"}


def _of_metric(metric: Metric, case: Case) -> Iterator[Held]:
    for role in ("target", "actual", "previous"):
        measured: Measurement | None = getattr(metric, role)
        if measured is not None and (
            held := _holding(
                measured,
                f"{case.report.department or ''}{metric.project or ''}{metric.name}{_ROLES[role]}{_own_words(metric, measured)}",
                None,
                metric.id,
            )
        ):
            yield held
    change = metric.change
    if change is not None:
        words = f"{metric.name}{change.basis or ''}"
        if change.amount is not None and (held := _holding(change.amount, words, change.direction, metric.id)):
            yield held
        if change.percent is not None:
            yield Held(_around(change.percent, change.percent), "%", words, change.direction, metric.id)
    for value in (metric.weight, metric.score):
        if value is not None:
            yield Held(Interval(value, value), "分", f"{metric.name}分值得分", None, metric.id)


def _own_words(metric: Metric, measured: Measurement) -> str:
    """The words before and behind a value in its record's quote, up to the numbers on either side."""
    quote = metric.evidence[0].quote
    at = quote.find(measured.raw)
    if at < 0:
        return ""
    before = re.split(r"\d", quote[:at])[-1]
    behind = re.split(r"[\d，。；、]", quote[at + len(measured.raw) :])[0]
    return before + behind


def _role_words(record: object) -> str:
    if isinstance(record, Metric):
        return record.name
    if isinstance(record, Goal | Completion | Issue | Measure):
        return record.statement[:30]
    return ""


def _of_words(quote: str, record_id: str, about: str) -> Iterator[Held]:
    last = 0
    for quantity in find_quantities(quote):
        before = quote[max(last, quantity.start - 30) : quantity.start]
        behind = re.split(r"[\d，。；、]", quote[quantity.end : quantity.end + 12])[0]
        direction = "increase" if _UP.search(before[-8:]) else "decrease" if _DOWN.search(before[-8:]) else None
        if (held := _holding(quantity.measurement(), before + behind, direction, record_id)) is not None:
            yield held
        last = quantity.end


def _holding(measured: Measurement, words: str, direction: str | None, record_id: str) -> Held | None:
    number = stated(measured, "", 0, 0)
    return Held(number.interval, number.unit, words, direction, record_id) if number else None


def _around(value: Decimal, shown: Decimal) -> Interval:
    exponent = shown.as_tuple().exponent
    half = Decimal(5).scaleb(min(int(exponent), 0) - 1)
    return Interval(value - half, value + half)


def _words(cited: Cited, case: Case) -> str:
    """All that a cited record says."""
    if cited.record_id == "report":
        return cited.place.quote
    record = case.records[cited.record_id]
    said = "".join(piece.quote for piece in record.evidence)
    match record:
        case Metric():
            change = record.change
            moved = (
                {"increase": "增加增长提高上升", "decrease": "减少下降降低", "flat": "持平"}[change.direction] if change else ""
            )
            reason = f"比{change.basis or ''}{moved}{change.reason or ''}" if change else ""
            return f"{said}{record.name}{''.join(record.category)}{record.deviation or ''}{reason}"
        case Completion():
            return f"{said}{record.statement}{record.effect or ''}"
        case _:
            return f"{said}{record.statement}"


def _facts(cites: Iterable[Cited], cases: Mapping[str, Case]) -> str:
    reports = [cases[cited.sha256].report for cited in cites]
    return "".join(
        f"{r.department or ''}{r.title or ''}{r.region or ''}{r.grade or ''}{r.fiscal_year or ''}年度绩效自评得分等级"
        for r in reports
    )


# --- numbers


def _numbers(sentence: Sentence, held: list[Held], said: str, cites: list[Cited], cases: Mapping[str, Case]) -> Iterator[str]:
    text = sentence.text
    sums = {*_sums(text), *_added(cites, cases)}
    counts = _counts(cites, cases)
    quantities = find_quantities(text)
    last = 0
    before_that: set[str] = set()
    for quantity in quantities:
        lead = text[last : quantity.start]
        last = quantity.end
        bare = re.sub(r"[^\d.]", "", quantity.raw)
        if quantity.value is None:
            if re.sub(r"\s", "", quantity.raw) not in re.sub(r"\s", "", said):
                yield f"{quantity.raw}不见于所引记录"
            continue
        added = re.match(r"项?(?:分值|得分)之和", text[quantity.start + len(bare) :]) is not None
        if (
            bare in sentence.counted
            or added
            or (quantity.value in {Decimal(count) for count in counts if count > 1} and re.search(r"列出$", lead))
        ):
            if int(quantity.value) not in counts:
                yield f"{quantity.raw}不是所引记录的个数"
            continue
        if (
            quantity.value in sums
            or (quantity.unit == "%" and _is_share(text, quantity))
            or _of_label(text, quantity, cites, cases)
        ):
            continue
        number = stated(quantity.measurement(), "", 0, 0)
        holders = [
            h
            for h in held
            if number is not None
            and (h.unit == number.unit or (number.unit is None and h.unit == "分"))
            and (h.interval.meets(number.interval))
        ]
        in_sum = _in_sum(text, quantity)
        if not holders and in_sum:
            holders = [
                h
                for h in held
                if number is not None and h.interval.meets(Interval(number.value - number.half, number.value + number.half))
            ]
            holders = holders or [h for h in held if number is not None and _bare(h, number.value)]
            if holders:
                continue
        if not holders:
            yield f"{quantity.raw}不见于所引记录"
            continue
        if not in_sum and not any(_about(lead, text[quantity.end : quantity.end + 6], holder, before_that) for holder in holders):
            yield f"“{lead[-12:]}{quantity.raw}”与所引记录所说的不是一回事"
            continue
        if not in_sum and not any(_same_way(lead, holder) for holder in holders):
            yield f"“{lead[-8:]}{quantity.raw}”的增减方向与所引记录相反"
            continue
        before_that = {holder.record_id for holder in holders}
    yield from _digits(text, quantities, said, cites, cases, sentence.counted)


def _added(cites: list[Cited], cases: Mapping[str, Case]) -> Iterator[Decimal]:
    """The weights and the scores of the cited indicators, added up."""
    metrics = [r for c in cites if isinstance(r := cases[c.sha256].records.get(c.record_id), Metric)]
    for values in ([m.weight for m in metrics], [m.score for m in metrics]):
        stated_values = [value for value in values if value is not None]
        if len(stated_values) > 1:
            yield sum(stated_values, Decimal(0))


def _is_share(text: str, quantity: Quantity) -> bool:
    """Whether a rate is the quotient of two sums of money that the sentence states: 预算…，支出…，执行率…."""
    assert quantity.value is not None
    money = [q for q in find_quantities(text) if q.unit and q.unit.endswith("元") and q.value]
    bases = [stated(q.measurement(), "", 0, 0) for q in money]
    rate = _around(quantity.value, quantity.value)
    return any(
        one and other and one is not other and (one.interval / other.interval).meets(rate) for one in bases for other in bases
    )


def _bare(held: Held, value: Decimal) -> bool:
    """Whether a number in a sum is a record's in some other unit."""
    return any(
        held.interval.meets(_around(value * scale, value * scale)) for scale in (Decimal(1), Decimal(10**4), Decimal(10**8))
    )


def _counts(cites: list[Cited], cases: Mapping[str, Case]) -> set[int]:
    """The numbers that count the cited records: all of a kind, those of a status, those attained, reports and departments."""
    records = [(cited, None if cited.record_id == "report" else cases[cited.sha256].records[cited.record_id]) for cited in cites]
    counts: set[int] = set()
    for kind in (Goal, Completion, Metric, Issue, Measure):
        of_kind = [record for _, record in records if isinstance(record, kind)]
        counts.add(len(of_kind))
        for status in ("achieved", "partial", "not_achieved", "unstated"):
            counts.add(sum(isinstance(record, Completion) and record.status == status for record in of_kind))
        for attained in (True, False, None):
            counts.add(sum(isinstance(record, Metric) and record.attained is attained for record in of_kind))
    counts.add(sum(record is None for _, record in records))
    counts |= {cited.place.quote.count("、") + 1 for cited in cites}  # the names of a list
    reports = {cited.sha256: cases[cited.sha256].report.self_score for cited in cites}
    for low, high in ((90, 1000), (80, 90), (60, 80), (0, 60)):  # 优, 良, 中, 差
        counts.add(sum(score is not None and low <= score < high for score in reports.values()))
    counts.add(len({cited.sha256 for cited, _ in records}))
    counts.add(len({cases[cited.sha256].report.department for cited, _ in records}))
    return counts


_LABEL = re.compile(r"目标(?P<label>\d{1,2}|[一二三四五六七八九十]{1,2})(?!\d|个|项)")


def _of_label(text: str, quantity: Quantity, cites: list[Cited], cases: Mapping[str, Case]) -> bool:
    """Whether a number is a cited goal's own label."""
    match = next((m for m in _LABEL.finditer(text) if m.start("label") <= quantity.start < m.end("label")), None)
    return match is not None and match["label"] in _labels(cites, cases)


def _labels(cites: list[Cited], cases: Mapping[str, Case]) -> set[str]:
    found: set[str] = set()
    for cited in cites:
        record = None if cited.record_id == "report" else cases[cited.sha256].records[cited.record_id]
        goal = cases[cited.sha256].records.get(record.goal_id or "") if isinstance(record, Completion) else record
        if isinstance(goal, Goal) and goal.label:
            found.add(goal.label.removeprefix("目标"))
    return found


def _digits(
    text: str, quantities: list[Quantity], said: str, cites: list[Cited], cases: Mapping[str, Case], counted: list[str]
) -> Iterator[str]:
    """Digits that are no quantity: years and dates must be the records' own."""
    plain = re.sub(r"\s", "", said) + _facts(cites, cases)
    for match in re.finditer(r"\d[\d,，.]*", text):
        if any(q.start <= match.start() < q.end for q in quantities):
            continue
        bare = match[0].rstrip(",，.")
        label = text[max(0, match.start() - 2) : match.start()] == "目标" and bare in _labels(cites, cases)
        if (
            not label
            and bare not in plain
            and bare.replace(",", "") not in plain.replace(",", "")
            and bare not in counted
            and not _in_reckoning(text, match.start(), match.end())
        ):
            yield f"{bare}不见于所引记录"


_TERM = r"\(?[\d,，.]+%?(?:[万亿]?元|[\u4e00-\u9fff]{0,2})?\)?"
_SUM = re.compile(rf"(?P<left>{_TERM}(?:\s*[+−÷×]\s*{_TERM})+)\s*(?:=|＝)\s*(?P<right>[\d,.]+)")


def _sums(text: str) -> Iterator[Decimal]:
    """The outcomes of the sums in a sentence that are right."""
    for match in _SUM.finditer(text):
        value = _reckon(match["left"])
        right = Decimal(match["right"].replace(",", "").rstrip("."))
        if value is not None and _around(right, right).meets(Interval(value, value)):
            yield right


def _reckon(words: str) -> Decimal | None:
    """The value of a sum: + and − and ×, ÷ taken in per cent, brackets."""
    plain = re.sub(r"[^\d.+−÷×()%]", "", words)
    total: Decimal | None = None
    try:
        for part in re.findall(r"[+−]?\([^()]*\)(?:[÷×][\d.%]+)*|[+−]?[\d.%]+(?:[÷×][\d.%]+)*", plain):
            sign = -1 if part.startswith("−") else 1
            body = part.lstrip("+−")
            if body.startswith("("):
                inner, _, rest = body[1:].partition(")")
                value = _reckon(inner)
                if value is None:
                    return None
            else:
                first = re.match(r"[\d.%]+", body)
                assert first is not None
                value, rest = _term(first[0]), body[first.end() :]
            for operator, term in re.findall(r"([÷×])([\d.%]+)", rest):
                value = value * 100 / _term(term) if operator == "÷" else value * _term(term)
            total = sign * value if total is None else total + sign * value
    except (InvalidOperation, ZeroDivisionError):
        return None
    return total


def _term(words: str) -> Decimal:
    return Decimal(words.rstrip("%")) / (100 if words.endswith("%") else 1)


def _in_sum(text: str, quantity: Quantity) -> bool:
    """Whether a number stands in a reckoning: between =, ≠, ÷, + and their like."""
    around = text[max(0, quantity.start - 3) : quantity.start] + "#" + text[quantity.end : quantity.end + 3]
    return bool(
        re.search(r"[=≠÷×+−→<>]\s*(?:表格|正文|合计行|自评得分|自评表)?[(（]?#|#[)）%]?\s*[=≠÷×+−→]", around)
    ) or _in_reckoning(text, quantity.start, quantity.end)


def _in_reckoning(text: str, start: int, end: int) -> bool:
    return bool(re.search(r"[=≠÷×+−→<>]", text[max(0, start - 14) : end + 8]))


# --- names and directions


def _about(lead: str, behind: str, held: Held, before: set[str]) -> bool:
    """Whether the words before a number are those of the record that holds it."""
    if lead and _CLAUSE.match(lead[-1]) and (after := _NOT_CHINESE.sub("", _CLAUSE.split(behind)[0])):
        return _shared(after, held.words) >= 0.5  # the number opens its clause: 15座按期完工
    clause = _CLAUSE.split(lead)
    own = next((words for words in reversed(clause) if words.strip()), "")
    bare = _NOT_CHINESE.sub("", _FILLER.sub("", own))
    if len(bare) < 2 or _BARE_CHANGE.fullmatch(own):
        # 比上年增加…: of the figure before it, or the number itself opens the clause
        return held.direction is None or not before or held.record_id in before or bare in held.words
    return _shared(bare, held.words) >= 0.5


_BARE_CHANGE = re.compile(
    r"[^，]{0,2}(?:比|较|与|同)[^，]{0,8}(?:增加|增长|减少|下降|提高|降低|多|少|高|低|上升)|(?:增加|增长|减少|下降|提高|降低|上升)"
)


def _shared(words: str, others: str) -> float:
    """The share of the pairs of characters in ``words`` that ``others`` has."""
    kept = _NOT_CHINESE.sub("", words)
    pairs = [kept[at : at + 2] for at in range(len(kept) - 1)]
    there = _NOT_CHINESE.sub("", others)
    return sum(pair in there for pair in pairs) / len(pairs) if pairs else 1.0


def _same_way(lead: str, held: Held) -> bool:
    clause = next((words for words in reversed(re.split(r"[，,；;。]", lead)) if words.strip()), "")
    up, down = _UP.search(clause[-10:]), _DOWN.search(clause[-10:])
    if held.direction is None:
        return not (up or down) or _shared(clause[-4:], held.words) > 0 or (up or down)[0] in held.words  # type: ignore[index]
    return bool(up if held.direction == "increase" else down) or not (up or down)


_QUOTED = re.compile(r"“([^”]{2,20})”|《([^》]{2,40})》")
_OFFICE = re.compile(r"[\u4e00-\u9fff]{2,12}?(?:委员会|管理局|局|厅|公司|中心|县|镇|乡|村)(?![\u4e00-\u9fff]{0,1}级)")


def _names(sentence: Sentence, said: str, cites: list[Cited], cases: Mapping[str, Case]) -> Iterator[str]:
    """Names in quotes and, in a model's sentence, of offices and places: they must be the records'."""
    known = re.sub(r"\s", "", said + _facts(cites, cases)) + "“三公”全部完成三公优良中差"
    for match in _QUOTED.finditer(sentence.text):
        name = match[1] or match[2]
        if name not in known:
            yield f"名称“{name}”不见于所引记录"
    if sentence.writer == "model":
        for match in _OFFICE.finditer(sentence.text):
            if match[0] not in known and match[0][-6:] not in known:
                yield f"名称“{match[0]}”不见于所引记录"


_ALL = re.compile(r"(?:全部|均已?|全面)(?:完成|达成|实现)")
_NONE = re.compile(r"未(?:能)?(?:完成|达成|实现)")


def _claims(sentence: Sentence, cites: list[Cited], cases: Mapping[str, Case]) -> Iterator[str]:
    """全部达成 and 未完成 against what the cited records say of themselves."""
    if sentence.writer != "model":
        return
    records = [cases[cited.sha256].records[cited.record_id] for cited in cites if cited.record_id != "report"]
    missed = [
        r
        for r in records
        if (isinstance(r, Metric) and r.attained is False)
        or (isinstance(r, Completion) and r.status in ("partial", "not_achieved"))
    ]
    reached = [
        r for r in records if (isinstance(r, Metric) and r.attained) or (isinstance(r, Completion) and r.status == "achieved")
    ]
    if _ALL.search(sentence.text) and missed:
        yield "称全部完成，而所引记录有未完成的"
    if _NONE.search(sentence.text) and reached and not missed:
        yield "称未完成，而所引记录已完成"
