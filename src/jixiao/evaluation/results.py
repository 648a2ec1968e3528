"""What an evaluation found (评测结果), as it is kept: record by record, so that two runs can be compared by their records.

This is the JSON of ``jixiao eval --json``, and the form of the committed baselines. Of a held-out report it keeps ids
and counts, and none of the words.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from jixiao.errors import BadLabels
from jixiao.evaluation.scoring import KINDS, Kind, KindScore, Record, ReportScore
from jixiao.evaluation.statistics import Table
from jixiao.records import Metric, ModelRun
from jixiao.usage import Usage


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(_Kept):
    """A record by its name and place; without words where the report is held out."""

    id: str
    start: int
    words: str = ""
    quote: str = ""

    def __str__(self) -> str:
        words = f" {self.words}" if self.words else ""
        quote = f" 「{self.quote}」" if self.quote else ""
        return f"{self.id} at {self.start}{words}{quote}"


class WrongField(_Kept):
    """A field that the prediction has otherwise than the label."""

    record: Place
    field: str
    label: str = ""
    predicted: str = ""

    def __str__(self) -> str:
        said = f": {self.label} ≠ {self.predicted}" if self.label or self.predicted else ""
        return f"{self.record.id} {self.field}{said} at {self.record.start} {self.record.words}".rstrip()


class KindOutcome(_Kept):
    """One kind in one report: the labels found, missed, the predictions that are false, the fields of the pairs."""

    found: list[str] = []
    misses: list[Place] = []
    false: list[Place] = []
    wrong: list[WrongField] = []
    fields: dict[str, tuple[int, int]] = {}
    """By field: how many are right, of how many."""

    @property
    def counts(self) -> tuple[int, int, int]:
        return len(self.found), len(self.misses), len(self.false)


class ReportOutcome(_Kept):
    """One report under one engine. ``unscored`` says why the engine failed on it: that is not a score of zero."""

    report: str
    held_out: bool = False
    labels: str
    """The SHA-256 of the label file."""
    unscored: str | None = None
    usage: Usage = Usage()
    kinds: dict[Kind, KindOutcome] = {}
    labelled: int = 0
    """Labels that are not optional: what an unscored report would have been scored on."""
    grounded: int = 0
    predictions: int = 0
    chunks: int = 0
    failed_chunks: int = 0
    """Of ``chunks``, those that the model gave no usable answer for: what stands in them is missed, and counts so."""
    refused: int = 0
    """Records that the model gave and that could not be taken."""

    def counts(self, kinds: Sequence[Kind]) -> tuple[int, int, int]:
        """Pairs, misses and false records over ``kinds``."""
        pairs, misses, false = (sum(each) for each in zip(*(self.kinds[kind].counts for kind in kinds), strict=True))
        return pairs, misses, false


class EngineOutcome(_Kept):
    """One engine on all reports."""

    engine: str
    reports: list[ReportOutcome]
    model: str | None = None
    endpoint: str | None = None
    mode: str | None = None
    prompts: list[str] = []
    """The prompts that were asked, by name, version and digest; a peer's own version is among them."""

    def scored(self, held_out: bool | None = None) -> list[ReportOutcome]:
        """The reports with a score; only those held out, or only the others, where ``held_out`` says so."""
        return [each for each in self.reports if each.unscored is None and held_out in (None, each.held_out)]

    def only(self, held_out: bool) -> "EngineOutcome":
        """The same engine on the reports that are held out, or on the others."""
        return self.model_copy(update={"reports": [each for each in self.reports if each.held_out == held_out]})

    @property
    def usage(self) -> Usage:
        """What all reports have cost, those included on which it failed where that is known."""
        return sum((report.usage for report in self.reports), Usage())

    @property
    def unscored(self) -> list[ReportOutcome]:
        return [each for each in self.reports if each.unscored is not None]


class Evaluation(_Kept):
    """Several engines on the same reports, and the second labellers held against the first."""

    schema_version: Literal[1] = 1
    made: str
    jixiao: str
    command: str
    engines: list[EngineOutcome]
    labellers: EngineOutcome | None = None


def outcome_of(
    score: ReportScore, *, report: str, held_out: bool, labels: str, usage: Usage, work: ModelRun | None = None
) -> ReportOutcome:
    """What is kept of a score and, where a model had a part in it, of its ``work``."""
    return ReportOutcome(
        report=report,
        held_out=held_out,
        labels=labels,
        usage=usage,
        kinds={kind: _kind_outcome(score.kinds[kind], held_out) for kind in KINDS},
        labelled=sum(len(kind.pairs) + len(kind.misses) for kind in score.kinds.values()),
        grounded=score.grounded,
        predictions=score.predictions,
        chunks=work.chunks if work else 0,
        failed_chunks=len(work.failed_chunks) if work else 0,
        refused=len(work.refused_records) if work else 0,
    )


def _kind_outcome(score: KindScore, held_out: bool) -> KindOutcome:
    fields: dict[str, tuple[int, int]] = {}
    wrong: list[WrongField] = []
    for pair in score.pairs:
        for check in pair.fields:
            right, of = fields.get(check.name, (0, 0))
            fields[check.name] = (right + check.right, of + 1)
            if not check.right:
                words = {} if held_out else {"label": _said(check.label), "predicted": _said(check.predicted)}
                wrong.append(WrongField(record=_place(pair.label, held_out), field=check.name, **words))
    return KindOutcome(
        found=[pair.label.id for pair in score.pairs],
        misses=[_place(record, held_out) for record in score.misses],
        false=[_place(record, held_out) for record in score.false],
        wrong=wrong,
        fields=fields,
    )


def _place(record: Record, held_out: bool) -> Place:
    piece = record.evidence[0]
    if held_out:
        return Place(id=record.id, start=piece.start)
    return Place(id=record.id, start=piece.start, words=words_of(record)[:40], quote=piece.quote[:60])


def words_of(record: Record) -> str:
    """What a record is called: a metric's name, else its statement."""
    return record.name if isinstance(record, Metric) else record.statement


def _said(value: object) -> str:
    if value is None:
        return "–"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def counts_table(reports: Iterable[ReportOutcome], kinds: Sequence[Kind] = KINDS) -> Table:
    """Reports × (pairs, misses, false) over ``kinds``."""
    return np.array([report.counts(kinds) for report in reports], dtype=np.int64).reshape(-1, 3)


def field_counts(reports: Iterable[ReportOutcome], kinds: Sequence[Kind] = KINDS) -> dict[str, tuple[int, int]]:
    """By ``kind.field``: how many are right, of how many."""
    total: dict[str, tuple[int, int]] = {}
    for report in reports:
        for kind in kinds:
            for name, (right, of) in report.kinds[kind].fields.items():
                before = total.get(f"{kind}.{name}", (0, 0))
                total[f"{kind}.{name}"] = (before[0] + right, before[1] + of)
    return total


def load_evaluation(path: Path) -> Evaluation:
    """An evaluation as ``jixiao eval --json`` wrote it.

    Raises:
        BadLabels: the file is missing or is none.
    """
    try:
        return Evaluation.model_validate(json.loads(path.read_bytes()))
    except FileNotFoundError as exc:
        raise BadLabels(f"{path}: there is no such baseline; make it with `jixiao eval --json {path}`.") from exc
    except (OSError, ValueError, ValidationError) as exc:
        raise BadLabels(f"{path}: this is no result of `jixiao eval --json`; make it anew.") from exc
