"""Several reports against one another (跨报告核对): year against year, one figure in two reports, copied text, outliers.

Of each report only that is kept which can be held against others, so that thousands go through. Copied text is looked for by
MinHash over pairs of characters (datasketch's LSH), with no comparison of each with each; what it finds is then measured.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from statistics import median

from rapidfuzz import fuzz

from jixiao.audit.case import Case
from jixiao.audit.findings import SEVERITIES, Check, Figure, Finding, Place
from jixiao.audit.reckoning import Stated, shown
from jixiao.audit.subjects import Subject
from jixiao.errors import MissingExtra
from jixiao.records import Evidence

YEARS = Check(code="year-on-year", name="上年数与上年报告", source="部门决算：本年报告所列上年数应与上年报告的决算数一致")
TWO_REPORTS = Check(code="two-reports", name="同一数据异报不符", source="财预〔2020〕10号第二十五条：数据真实")
COPIED = Check(code="copied-text", name="部门间文字雷同", source="财预〔2020〕10号第二十一条：各部门对自评结果的真实性负责")
OUTLIER = Check(code="outlier", name="同类中的离群值", source="比较法（财预〔2020〕10号第十七条）")

_ITEMS = (
    "支出总额",
    "基本支出",
    "项目支出",
    "人员经费",
    "公用经费",
    "三公经费",
    "公务接待费",
    "公务用车运行维护费",
    "因公出国（境）费",
)


class Peer:
    """What of a report is held against others (可比内容); the report itself need not stay in memory."""

    def __init__(self, case: Case) -> None:
        self.report = case.report
        self.label = case.label
        subjects = [Subject(item, role) for item in _ITEMS for role in ("actual", "previous")]
        self.facts = {subject: figures for subject in subjects if (figures := case.facts.get(subject))}
        self.sentences = list(_sentences(case))
        """Those that could be copied."""
        self.measured = {name: found for name, _, measure in _MEASURED if (found := measure(case)) is not None}
        """The values that peers are compared by, each with its place."""
        self._places = {first.start: case.evidence(first) for first, *_ in self.facts.values()}

    def evidence(self, figure: Stated) -> Evidence:
        """Where the first figure of a fact stands."""
        return self._places[figure.start]


def audit_across(cases: Sequence[Peer]) -> list[Finding]:
    """What the reports say of one another, the gravest first.

    Raises:
        MissingExtra: datasketch, which finds copied text, is not installed.
    """
    found = [*_year_on_year(cases), *_two_reports(cases), *_copied(cases), *_outliers(cases)]
    found.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return [finding.model_copy(update={"id": f"x{number}"}) for number, finding in enumerate(found, 1)]


def _figure(case: Peer, stated: Stated) -> Figure:
    return Figure(
        name=stated.name,
        words=stated.words,
        value=stated.value,
        unit=stated.unit,
        record_id=stated.record_id,
        report=case.report.source,
    )


def place_in(case: Case | Peer, evidence: Evidence) -> Place:
    """A place that says which report it is in."""
    return Place(**evidence.model_dump(), report=case.label, sha256=case.report.sha256)


def _pair(check: Check, reckoning: str, why: str, one: tuple[Peer, Stated], other: tuple[Peer, Stated]) -> Finding:
    return Finding(
        check=check,
        severity="error",
        figures=[_figure(*one), _figure(*other)],
        reckoning=reckoning,
        why=why,
        record_ids=[],
        places=[place_in(case, case.evidence(stated)) for case, stated in (one, other)],
        report=other[0].report.source,
    )


def _by_department(cases: Sequence[Peer]) -> dict[tuple[str, int], list[Peer]]:
    found: dict[tuple[str, int], list[Peer]] = defaultdict(list)
    for case in cases:
        if case.report.department and case.report.fiscal_year and case.report.report_type != "project":
            found[(case.report.department, case.report.fiscal_year)].append(case)
    return found


def _year_on_year(cases: Sequence[Peer]) -> Iterator[Finding]:
    """Last year's outcome in last year's report against this year's “上年决算数”."""
    by_year = _by_department(cases)
    for (department, year), these in by_year.items():
        for case in these:
            for before in by_year.get((department, year - 1), []):
                for item in _ITEMS:
                    previous = case.facts.get(Subject(item, "previous"), [])
                    outcome = before.facts.get(Subject(item, "actual"), [])
                    if not previous or not outcome or any(a.interval.meets(b.interval) for a in previous for b in outcome):
                        continue
                    one, other = outcome[0], previous[0]
                    yield _pair(
                        YEARS,
                        f"{year - 1}年报告决算{one.words} ≠ {year}年报告所列上年数{other.words}",
                        f"{department}{item}的上年数，前后两年报告不一致。",
                        (before, one),
                        (case, other),
                    )


def _two_reports(cases: Sequence[Peer]) -> Iterator[Finding]:
    """The same item of one department and year in two reports."""
    for (department, year), these in _by_department(cases).items():
        for at, case in enumerate(these):
            for other_case in these[at + 1 :]:
                if case.report.sha256 == other_case.report.sha256:
                    continue
                for item in _ITEMS:
                    here, there = (c.facts.get(Subject(item, "actual"), []) for c in (case, other_case))
                    if not here or not there or any(a.interval.meets(b.interval) for a in here for b in there):
                        continue
                    yield _pair(
                        TWO_REPORTS,
                        f"{here[0].words} ≠ {there[0].words}",
                        f"{department}{year}年度{item}在两份报告中不是同一个数。",
                        (case, here[0]),
                        (other_case, there[0]),
                    )


_SENTENCE = re.compile(r"[^。；;！\n]+")
_ALIKE = 88  # of a hundred, by edit distance


def _copied(cases: Sequence[Peer]) -> Iterator[Finding]:
    """Sentences of twenty characters or more that two departments share."""
    if len({case.report.department or case.report.source for case in cases}) < 2:
        return
    try:
        from datasketch import MinHash, MinHashLSH
    except ModuleNotFoundError as exc:
        raise MissingExtra("comparing the texts of several reports", "compare") from exc
    index = MinHashLSH(threshold=0.75, num_perm=64)
    kept: list[tuple[Peer, Evidence]] = []
    groups: dict[int, list[int]] = defaultdict(list)
    for case in cases:
        for sentence in case.sentences:
            signature = MinHash(num_perm=64)
            signature.update_batch([sentence.quote[at : at + 2].encode() for at in range(len(sentence.quote) - 1)])
            number = len(kept)
            first = _first_alike(case, sentence.quote, index.query(signature), kept)
            kept.append((case, sentence))
            if first is None:
                index.insert(str(number), signature)
            else:
                groups[first].append(number)
    for first, others in groups.items():
        members = [kept[at] for at in (first, *others)]
        departments = list(dict.fromkeys(case.report.department or case.report.source for case, _ in members))
        names = "、".join(departments[:6]) + (f"等{len(departments)}个部门" if len(departments) > 6 else "")
        yield Finding(
            check=COPIED,
            severity="warning",
            reckoning=f"“{members[0][1].quote[:40]}…”见于{len(departments)}个部门",
            why=f"{names}的报告有雷同的文字。",
            places=[place_in(case, evidence) for case, evidence in members[:10]],
            report=members[0][0].report.source,
        )


def _sentences(case: Case) -> Iterator[Evidence]:
    """The sentences of completions, problems and measures, each once."""
    seen: set[str] = set()
    for record in (*case.extraction.completions, *case.extraction.issues, *case.extraction.measures):
        for piece in record.evidence:
            for match in _SENTENCE.finditer(piece.quote):
                words = match[0].strip()
                if len(words) < 20 or words in seen:
                    continue
                seen.add(words)
                start = piece.start + match.start() + len(match[0]) - len(match[0].lstrip())
                yield piece.model_copy(update={"start": start, "end": start + len(words), "quote": words})


def _first_alike(case: Peer, words: str, candidates: list[str], kept: list[tuple[Peer, Evidence]]) -> int | None:
    for candidate in sorted(map(int, candidates)):
        other, said = kept[candidate]
        if (other.report.department or other.report.source) == (case.report.department or case.report.source):
            continue
        if fuzz.ratio(words, said.quote, score_cutoff=_ALIKE):
            return candidate
    return None


_FEWEST_PEERS = 8
_FAR = Decimal("3.5")  # the usual cut-off of the modified z-score (Iglewicz and Hoaglin)


def _outliers(cases: Sequence[Peer]) -> Iterator[Finding]:
    """Scores and rates far from those of the other reports, by the modified z-score."""
    for name, unit, _ in _MEASURED:
        values = [(case, *case.measured[name]) for case in cases if name in case.measured]
        if len(values) < _FEWEST_PEERS:
            continue
        middle = median(value for _, value, _ in values)
        spread = median(abs(value - middle) for _, value, _ in values)
        if spread == 0:
            continue
        for case, value, place in values:
            distance = Decimal("0.6745") * (value - middle) / spread
            if abs(distance) > _FAR:
                yield Finding(
                    check=OUTLIER,
                    severity="note",
                    reckoning=f"{name}{shown(value, 2)}{unit}，同类{len(values)}份的中位数{shown(Decimal(middle), 2)}{unit}",
                    why=f"{case.report.department or case.report.source}的{name}远离同类（修正z值{shown(distance, 1)}）。",
                    places=[place_in(case, place)],
                    report=case.report.source,
                )


def _score(case: Case) -> tuple[Decimal, Evidence] | None:
    score = case.report.self_score
    if score is None:
        return None
    for sentence in case.sentences:
        for said in sentence.said:
            if said.figure.value == score and said.figure.unit == "分":
                return score, sentence.place(said.at - len(said.lead), said.to, case.text)
    return None


def _share(
    case: Case, part: str, whole: str, role: str = "actual", whole_role: str = "actual"
) -> tuple[Decimal, Evidence] | None:
    parts, wholes = case.facts.get(Subject(part, role), []), case.facts.get(Subject(whole, whole_role), [])
    if not parts or not wholes or wholes[0].value <= 0:
        return None
    return parts[0].value / wholes[0].value * 100, case.evidence(parts[0])


def _execution(case: Case) -> tuple[Decimal, Evidence] | None:
    return _share(case, "支出总额", "支出总额", whole_role="plan")


def _adjustment(case: Case) -> tuple[Decimal, Evidence] | None:
    found = _share(case, "支出总额", "支出总额", "plan", "initial")
    return (found[0] - 100, found[1]) if found else None


def _office_share(case: Case) -> tuple[Decimal, Evidence] | None:
    return _share(case, "公用经费", "基本支出")


_MEASURED: tuple[tuple[str, str, Callable[[Case], tuple[Decimal, Evidence] | None]], ...] = (
    ("自评得分", "分", _score),
    ("预算执行率", "%", _execution),
    ("预算调整率", "%", _adjustment),
    ("公用经费占基本支出", "%", _office_share),
)
"""What peers are compared by, with its unit."""
