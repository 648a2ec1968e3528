"""Engines over fixtures → an evaluation: each report read once, extracted by each engine, scored against its labels."""

import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from jixiao.document import Document
from jixiao.errors import EndpointError, JixiaoError
from jixiao.evaluation.fixtures import Fixture
from jixiao.evaluation.results import EngineOutcome, Evaluation, ReportOutcome, outcome_of
from jixiao.evaluation.scoring import KINDS, Record, ReportScore, records_of, score_report
from jixiao.records import Extraction, ModelRun
from jixiao.usage import Usage

Engine = Callable[[Document], tuple[Extraction, Usage]]
"""A document → its records and what they cost. It may raise JixiaoError: the report is then unscored."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A fixture's text under one engine, with the records paired: what a page needs to show the words."""

    fixture: Fixture
    engine: str
    text: str
    score: ReportScore


@dataclass(slots=True)
class Run:
    """An evaluation, and the scores behind it."""

    evaluation: Evaluation
    judged: list[Judged]


def evaluate(
    fixtures: Sequence[Fixture],
    engines: Mapping[str, Engine],
    read: Callable[[Fixture], Document],
    *,
    version: str = "",
    arguments: Sequence[str] = (),
    progress: Callable[[str], None] = lambda words: None,
) -> Run:
    """Score each engine on each fixture. The program's ``version`` and the command's ``arguments`` are kept beside the result.

    An engine that fails on a report leaves it unscored, with the reason; the others go on.
    """
    outcomes: dict[str, list[ReportOutcome]] = {name: [] for name in engines}
    works: dict[str, list[ModelRun]] = {name: [] for name in engines}
    judged: list[Judged] = []
    second: list[ReportOutcome] = []
    for fixture in fixtures:
        document: Document | None = None
        unread = ""
        try:
            document = read(fixture)
        except JixiaoError as exc:
            unread = str(exc)
        for name, engine in engines.items():
            progress(f"{name} · {fixture.name}")
            if document is None:
                outcomes[name].append(_unscored(fixture, unread, Usage()))
                continue
            started = time.perf_counter()
            try:
                extraction, usage = engine(document)
            except JixiaoError as exc:
                spent = exc.usage if isinstance(exc, EndpointError) else None
                outcomes[name].append(_unscored(fixture, str(exc), _timed(spent or Usage(), started)))
                continue
            usage = _timed(usage, started)
            score = score_report(fixture.labels, extraction, document.text)
            judged.append(Judged(fixture, name, document.text, score))
            outcomes[name].append(_outcome(fixture, score, usage, extraction.run))
            works[name] += [extraction.run] if extraction.run else []
        if document is not None and fixture.second_labels is not None:
            second.append(_outcome(fixture, _agreement(fixture.labels, fixture.second_labels, document.text), Usage()))
    evaluation = Evaluation(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        jixiao=version,
        command=shlex.join(["jixiao", "eval", *arguments]),
        engines=[_engine_outcome(name, reports, works[name]) for name, reports in outcomes.items()],
        labellers=EngineOutcome(engine="second labeller", reports=second) if second else None,
    )
    return Run(evaluation, judged)


def _engine_outcome(name: str, reports: list[ReportOutcome], works: list[ModelRun]) -> EngineOutcome:
    """An engine's reports, and what it asked with."""
    if not works:
        return EngineOutcome(engine=name, reports=reports)
    prompts = sorted({prompt for work in works for prompt in work.prompts})
    first = works[0]
    return EngineOutcome(
        engine=name, reports=reports, model=first.model, endpoint=first.endpoint, mode=first.mode, prompts=prompts
    )


def _timed(usage: Usage, started: float) -> Usage:
    return usage.model_copy(update={"seconds": round(time.perf_counter() - started, 3)})


def _outcome(fixture: Fixture, score: ReportScore, usage: Usage, work: ModelRun | None = None) -> ReportOutcome:
    return outcome_of(score, report=fixture.name, held_out=fixture.held_out, labels=fixture.digest, usage=usage, work=work)


def _unscored(fixture: Fixture, reason: str, usage: Usage) -> ReportOutcome:
    return ReportOutcome(
        report=fixture.name,
        held_out=fixture.held_out,
        labels=fixture.digest,
        unscored=reason,
        usage=usage,
        labelled=sum(not record.optional for record in _every(fixture.labels)),
    )


def _every(extraction: Extraction) -> Iterator[Record]:
    for kind in KINDS:
        yield from records_of(extraction, kind)


def _agreement(first: Extraction, second: Extraction, text: str) -> ReportScore:
    """The second labeller against the first; what only the second marked optional counts for neither."""
    score = score_report(first, second, text)
    for kind in score.kinds.values():
        kind.false = [record for record in kind.false if not record.optional]
    return score
