"""An evaluation as one self-contained page to work from: scores, then each report's text with what was found, missed or false."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jixiao.evaluation.comparison import Comparison
from jixiao.evaluation.results import ReportOutcome, counts_table, field_counts, words_of
from jixiao.evaluation.run import Judged, Run
from jixiao.evaluation.scoring import KINDS, FieldCheck, Kind, Record
from jixiao.evaluation.statistics import LEAST_REPORTS, f1_interval, macro_f1, micro_f1, precision_of, recall_of
from jixiao.records import Metric
from jixiao.render.page import KINDS as KIND_NAMES
from jixiao.render.pieces import Mark, Piece, cut
from jixiao.render.scores import ROWS, groups, interval_words, pairings, usage_row, verdict
from jixiao.render.template import self_contained

OUTCOMES = {"hit": "命中", "wrong": "命中·字段有误", "miss": "漏", "false": "误"}
_GROUPS = {"open reports": "开发样本", "held-out reports": "留出样本"}
_USAGE_HEAD = (
    "引擎",
    "F1 开发",
    "F1 留出",
    "调用",
    "来自缓存",
    "输入 token",
    "输出 token",
    "费用",
    "秒",
    "失败片段",
    "未采用记录",
    "未评分",
)
_VERDICTS = {
    "better": "更好",
    "worse": "更差",
    "no difference shown": "差异不显著",
    "one report says nothing of others": "仅一份报告，不能推断",
    f"fewer than {LEAST_REPORTS} reports: no verdict": f"不足 {LEAST_REPORTS} 份，不下结论",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One label or false prediction: its outcome, its words, its fields side by side."""

    id: str
    outcome: str
    kind: Kind
    title: str
    place: int
    fields: tuple[FieldCheck, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One report under one engine."""

    id: str
    report: str
    engine: str
    f1: str
    entries: tuple[Entry, ...]
    pieces: tuple[Piece, ...]
    shut: str
    """Why the words are not shown; empty where they are."""

    def count(self, outcome: str) -> int:
        return sum(entry.outcome == outcome for entry in self.entries)


def render_evaluation(run: Run, *, show_held_out: bool = False, against: Mapping[str, Comparison] | None = None) -> str:
    """The HTML page for ``run``; the words of held-out reports stay out unless ``show_held_out``.

    ``against`` holds each engine against its baseline.
    """
    evaluation = run.evaluation
    tables = [
        (engine.engine, _GROUPS[title], len(reports), _rows(reports))
        for engine in evaluation.engines
        for title, reports in groups(engine)
    ]
    if evaluation.labellers is not None:
        twice = {report.report for report in evaluation.labellers.reports}
        for engine in evaluation.engines:
            if both := [report for report in engine.scored() if report.report in twice]:
                tables.append((engine.engine, "两人都标注的样本", len(both), _rows(both)))
        tables.append(("第二标注人", "对照第一标注人", len(twice), _rows(evaluation.labellers.reports)))
    return self_contained(
        "evaluation",
        evaluation=evaluation,
        tables=tables,
        against=list((against or {}).items()),
        comparisons=[
            (first.engine, second.engine, _GROUPS[title], comparison) for first, second, title, comparison in pairings(evaluation)
        ],
        differences=_differences,
        usage_head=_USAGE_HEAD,
        usage=[usage_row(engine) for engine in evaluation.engines],
        fields=[(engine.engine, _fields(engine.scored())) for engine in evaluation.engines],
        panels=sorted(_panels(run, show_held_out), key=lambda panel: bool(panel.shut)),
        kinds={kind: KIND_NAMES[kind] for kind in KINDS},
        outcomes=OUTCOMES,
    )


def _rows(reports: Sequence[ReportOutcome]) -> list[tuple[str, ...]]:
    rows = []
    for name, kinds in ROWS:
        table = counts_table(reports, kinds)
        pairs, misses, false = table.sum(axis=0)
        fields = field_counts(reports, kinds).values()
        right, of = sum(each[0] for each in fields), sum(each[1] for each in fields)
        macro = macro_f1(table)
        scores = (precision_of(table), recall_of(table), micro_f1(table))
        rows.append(
            (
                KIND_NAMES.get(name, "合计"),
                *(str(each) for each in (pairs + misses, pairs, misses, false)),
                *(f"{each:.3f}" for each in scores),
                interval_words(f1_interval(table)),
                "–" if macro is None else f"{macro:.3f}",
                f"{right / of:.3f}" if of else "–",
            )
        )
    return rows


def _differences(comparison: Comparison) -> list[tuple[str, ...]]:
    return [
        (
            KIND_NAMES[each.kind] if each.kind else "合计",
            f"{each.before:.3f}",
            f"{each.now:.3f}",
            f"{each.difference.value:+.3f}",
            interval_words(each.difference.interval),
            _VERDICTS[verdict(each)],
        )
        for each in comparison.kinds
    ]


def _fields(reports: Sequence[ReportOutcome]) -> list[tuple[str, int, int]]:
    counts = sorted(field_counts(reports).items(), key=lambda item: item[1][0] / item[1][1])
    return [(name, right, of) for name, (right, of) in counts]


def _panels(run: Run, show_held_out: bool) -> Iterator[Panel]:
    judged = {(each.engine, each.fixture.name): each for each in run.judged}
    number = 0
    for report in run.evaluation.engines[0].reports:
        for engine in run.evaluation.engines:
            number += 1
            found = judged.get((engine.engine, report.report))
            shut = "留出样本：只给分数，不显示原文。" if report.held_out and not show_held_out else ""
            if found is None:
                reason = next(each.unscored for each in engine.unscored if each.report == report.report)
                yield Panel(f"p{number}", report.report, engine.engine, "未评", (), (), f"未评分：{reason}")
                continue
            outcome = next(each for each in engine.reports if each.report == report.report)
            f1 = f"{micro_f1(counts_table([outcome])):.3f}"
            if shut:
                yield Panel(f"p{number}", report.report, engine.engine, f1, (), (), shut)
            else:
                entries, marks = _entries(found)
                yield Panel(f"p{number}", report.report, engine.engine, f1, tuple(entries), tuple(cut(found.text, marks)), "")


def _entries(judged: Judged) -> tuple[list[Entry], list[Mark]]:
    records: list[tuple[str, Kind, Record, tuple[FieldCheck, ...]]] = []
    for kind in KINDS:
        score = judged.score.kinds[kind]
        for pair in score.pairs:
            outcome = "hit" if all(check.right for check in pair.fields) else "wrong"
            records.append((outcome, kind, pair.label, pair.fields))
        records += [("miss", kind, record, ()) for record in score.misses]
        records += [("false", kind, record, ()) for record in score.false]
    records.sort(key=lambda each: (each[2].evidence[0].start, -each[2].evidence[0].end))
    entries: list[Entry] = []
    marks: list[Mark] = []
    for number, (outcome, kind, record, fields) in enumerate(records, 1):
        alone = outcome in ("miss", "false")
        entries.append(
            Entry(
                id=str(number),
                outcome=outcome,
                kind=kind,
                title=words_of(record),
                place=record.evidence[0].start,
                fields=tuple(check for check in fields if not check.right),
                facts=tuple(_facts(record)) if alone else (),
            )
        )
        marks += [Mark(str(number), outcome, piece.start, piece.end) for piece in record.evidence]
    return entries, marks


def _facts(record: Record) -> Iterator[tuple[str, str]]:
    """What a record that stands alone says, in its fields' own names."""
    if isinstance(record, Metric):
        for name in ("target", "actual", "previous"):
            if measured := getattr(record, name):
                yield name, f"{measured.raw} → {measured.value if measured.value is not None else '–'} {measured.unit or ''}"
    yield "quote", " ⋯ ".join(piece.quote for piece in record.evidence)
