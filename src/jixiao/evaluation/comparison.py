"""Two outcomes on the same reports → what became better and what worse, by kind and record by record."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jixiao.evaluation.results import EngineOutcome, KindOutcome, ReportOutcome, WrongField, counts_table, field_counts
from jixiao.evaluation.scoring import KINDS, Kind
from jixiao.evaluation.statistics import Difference, f1_difference, micro_f1


@dataclass(slots=True)
class RecordChanges:
    """What changed in one kind of one report, in words fit for a list."""

    report: str
    kind: Kind
    worse: list[str] = field(default_factory=list)
    better: list[str] = field(default_factory=list)

    def worse_fields(self) -> list[str]:
        """Of what is worse, the fields of records that both outcomes have."""
        return [words for words in self.worse if words.startswith(_FIELD)]

    def worse_records(self) -> list[str]:
        """Of what is worse, the records missed, and the false ones."""
        return [words for words in self.worse if not words.startswith(_FIELD)]


_FIELD = "field "


@dataclass(frozen=True, slots=True)
class KindComparison:
    """A kind's micro F1 before and now, over the reports that both outcomes have scored."""

    kind: Kind | None
    """``None``: all kinds together."""
    before: float
    now: float
    difference: Difference
    fields_fell: float
    """How far the share of right fields fell on the records that both outcomes have; below 0 where it rose."""


@dataclass(slots=True)
class Comparison:
    """An outcome held against an earlier one, or one engine against another."""

    kinds: list[KindComparison]
    records: list[RecordChanges]
    reports: list[str]
    """The reports that take part: scored in both, with the same labels."""
    left_out: list[str]
    """Why a report takes no part, a sentence each."""
    stale: list[str]
    """Reports labelled anew since: the earlier outcome says nothing of them, and is to be made anew."""

    def of(self, kind: Kind | None) -> list[RecordChanges]:
        """What changed in one kind."""
        return [each for each in self.records if each.kind == kind]

    def fallen(self, margin: float) -> list[KindComparison]:
        """The kinds whose F1 lies more than ``margin`` below the earlier one."""
        return [each for each in self.kinds if each.kind and each.before - each.now > margin]

    def fields_fallen(self, margin: float) -> list[KindComparison]:
        """The kinds whose fields are right less often than before by more than ``margin``."""
        return [each for each in self.kinds if each.kind and each.fields_fell > margin]


def compare(before: EngineOutcome, now: EngineOutcome) -> Comparison:
    """``now`` against ``before``, on the reports that both have scored with the same labels."""
    earlier = {report.report: report for report in before.reports}
    pairs: list[tuple[ReportOutcome, ReportOutcome]] = []
    left_out: list[str] = []
    stale: list[str] = []
    for report in now.reports:
        old = earlier.pop(report.report, None)
        if old is None:
            left_out.append(f"{report.report}: not in {before.engine}'s earlier result")
        elif old.labels != report.labels:
            stale.append(report.report)
        elif old.unscored is not None or report.unscored is not None:
            left_out.append(f"{report.report}: unscored ({report.unscored or old.unscored})")
        else:
            pairs.append((old, report))
    if earlier:
        left_out.append(f"{', '.join(sorted(earlier))}: in {before.engine}'s earlier result, and not run now")
    return Comparison(
        kinds=[_compare_kinds(pairs, kind) for kind in (*KINDS, None)] if pairs else [],
        records=[changes for old, new in pairs for kind in KINDS if (changes := _changes(old, new, kind))],
        reports=[new.report for _, new in pairs],
        left_out=left_out,
        stale=stale,
    )


def _compare_kinds(pairs: Sequence[tuple[ReportOutcome, ReportOutcome]], kind: Kind | None) -> KindComparison:
    kinds = (kind,) if kind else KINDS
    before, now = (counts_table(side, kinds) for side in zip(*pairs, strict=True))
    lost = sum(len(_wrong_since(old.kinds[each], new.kinds[each])) for old, new in pairs for each in kinds)
    mended = sum(len(_wrong_since(new.kinds[each], old.kinds[each])) for old, new in pairs for each in kinds)
    of = sum(count for _, count in field_counts([old for old, _ in pairs], kinds).values())
    return KindComparison(kind, micro_f1(before), micro_f1(now), f1_difference(before, now), (lost - mended) / max(of, 1))


def _changes(before: ReportOutcome, now: ReportOutcome, kind: Kind) -> RecordChanges | None:
    old, new = before.kinds[kind], now.kinds[kind]
    changes = RecordChanges(now.report, kind, worse=_lost(old, new), better=_lost(new, old))
    return changes if changes.worse or changes.better else None


def _lost(first: KindOutcome, second: KindOutcome) -> list[str]:
    """What the second outcome has wrong and the first had not."""
    missed = {place.id for place in first.misses}
    known = {(place.start, place.words) for place in first.false}
    return [
        *(f"miss {place}" for place in second.misses if place.id not in missed),
        *(f"false {place}" for place in second.false if (place.start, place.words) not in known),
        *(f"{_FIELD}{each}" for each in _wrong_since(first, second)),
    ]


def _wrong_since(first: KindOutcome, second: KindOutcome) -> list[WrongField]:
    """The fields that the second outcome has wrong and the first had right, of records that both have."""
    fields = {(each.record.id, each.field) for each in first.wrong}
    found = set(first.found)
    return [each for each in second.wrong if each.record.id in found and (each.record.id, each.field) not in fields]
