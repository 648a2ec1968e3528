"""Files → the dataset (入库): only what is new, in parallel, each report written as soon as it is known, in the order of the files.

By rules the work is done in other processes, so that a file which kills its reader costs that file alone; with a model it
waits for the endpoint, and one process is enough. Only this process writes.
"""

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path

from jixiao import __version__
from jixiao.audit import audit
from jixiao.dataset.rows import Entry, entry_of
from jixiao.dataset.store import Dataset
from jixiao.document import Document
from jixiao.errors import EndpointError, JixiaoError, MissingExtra, UnreadableInput
from jixiao.pipeline import extract, extract_each, read
from jixiao.readers.archive import load
from jixiao.records import Extraction
from jixiao.settings import Settings, engine_of
from jixiao.usage import Usage

INCOMPLETE = " (incomplete)"
"""What a report's signature ends with where chunks of it went without an answer: the next run asks for them again."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be taken in (待入库文件)."""

    location: str
    sha256: str


@dataclass(slots=True)
class Outcome:
    """What came of a run (入库结果). Reports that a run leaves alone are ``known``, and files that it knows to fail ``failed_before``."""

    saved: int = 0
    known: int = 0
    failed_before: int = 0
    incomplete: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    """Locations, and why."""
    usage: Usage = field(default_factory=Usage)


def ingest(
    dataset: Dataset,
    paths: Sequence[str],
    spec: str = "rules",
    settings: Settings | None = None,
    *,
    workers: int | None = None,
    retry_failed: bool = False,
    heard: Callable[[str], None] = lambda location: None,
) -> Outcome:
    """Take the reports at ``paths`` into the dataset, by the engine that ``spec`` names; ``heard`` is told each as it is done.

    Raises:
        BadSettings: as :func:`jixiao.pipeline.open_engine`.
        DatasetError: the dataset cannot be written; what is in it stays, and another run goes on from there.
    """
    signature = signature_of(spec, settings)
    outcome = Outcome()
    run = dataset.begin_run(signature)
    new = _new_sources(dataset, paths, signature, run, outcome, retry_failed=retry_failed, heard=heard)
    if engine_of(spec, settings)[0] == "rules":
        results = _by_rules(new, workers or os.cpu_count() or 1, postgresql=dataset.is_postgresql)
    else:
        results = _by_model(new, spec, settings, outcome, postgresql=dataset.is_postgresql)
    for source, result in results:
        heard(source.location)
        if isinstance(result, JixiaoError):
            outcome.failures.append((source.location, str(result)))
            dataset.fail(source.location, _lasting(source, result), str(result), signature, run)
            continue
        entry, is_whole = result
        dataset.save(entry, signature if is_whole else signature + INCOMPLETE, run)
        outcome.saved += 1
        outcome.incomplete += not is_whole
    dataset.end_run(run, outcome.usage)
    return outcome


def signature_of(spec: str, settings: Settings | None) -> str:
    """What tells one engine's work from another's (引擎版本): its name, its model and prompts, and the version of jixiao."""
    name, settings = engine_of(spec, settings)
    parts = [name]
    if name != "rules":
        from jixiao.models.engine import prompts_of

        prompts = prompts_of("model" if name == "model" else "hybrid", settings)
        parts += [settings.model or "", *(prompt.mark for prompt in prompts)]
    return " ".join((*parts, f"jixiao-{__version__}"))


def _lasting(source: Source, error: JixiaoError) -> str | None:
    """The content that failed for good; ``None`` where the next run may fare better: an endpoint away, an extra missing."""
    return None if isinstance(error, EndpointError | MissingExtra) else source.sha256


def _new_sources(
    dataset: Dataset,
    paths: Iterable[str],
    signature: str,
    run: int,
    outcome: Outcome,
    *,
    retry_failed: bool,
    heard: Callable[[str], None],
) -> Iterator[Source]:
    """The files that are new to the dataset, changed, or of another engine; each content once."""
    known = dataset.known()
    has = {each.sha256 for each in known if each.signature == signature}
    at = {each.location: each for each in known}
    failed = set() if retry_failed else {each.sha256 for each in dataset.failures() if each.signature == signature}
    for path in paths:
        location = os.path.abspath(path)
        try:
            sha256 = hashlib.sha256(load(Path(location))).hexdigest()
        except JixiaoError as exc:
            heard(location)
            outcome.failures.append((location, str(exc)))
            dataset.fail(location, None, str(exc), signature, run)
            continue
        if sha256 in has or sha256 in failed:
            heard(location)
            outcome.known += sha256 in has
            outcome.failed_before += sha256 not in has
            if location in at and at[location].sha256 != sha256 and sha256 in has:
                dataset.remove(at[location].id)  # it has become the same as another report
            continue
        has.add(sha256)
        yield Source(location, sha256)


Result = tuple[Entry, bool] | JixiaoError
"""A report's rows, and whether its records are whole; or why there are none."""


def take_in(location: str, document: Document, extraction: Extraction, *, postgresql: bool) -> Entry:
    """A report with its records, checked and made into rows."""
    return entry_of(location, document, extraction, audit(document, extraction), postgresql=postgresql)


def read_by_rules(source: Source, *, postgresql: bool) -> Result:
    """A file's rows by the rule engine, or why there are none. Runs in a worker: all that it needs is in its arguments."""
    try:
        document = read(Path(source.location))
        return take_in(source.location, document, extract(document), postgresql=postgresql), True
    except JixiaoError as exc:
        return exc


def _by_rules(sources: Iterable[Source], workers: int, *, postgresql: bool) -> Iterator[tuple[Source, Result]]:
    """The files' rows in their order, by ``workers`` processes.

    Where a process dies, nobody can tell which file it was: those under way are done again, each in a process of its own.
    """
    waiting, under_way = iter(sources), deque[tuple[Source, "Future[Result]"]]()
    pool = _pool(workers)
    try:
        while True:
            for source in islice(waiting, 4 * workers - len(under_way)):
                under_way.append((source, pool.submit(read_by_rules, source, postgresql=postgresql)))
            if not under_way:
                return
            source, future = under_way.popleft()
            try:
                yield source, future.result()
            except BrokenProcessPool:
                pool.shutdown()
                suspects = [source, *(each for each, _ in under_way)]
                under_way.clear()
                for each in suspects:
                    yield each, _alone(each, postgresql=postgresql)
                pool = _pool(workers)
    finally:
        pool.shutdown(cancel_futures=True)


def _alone(source: Source, *, postgresql: bool) -> Result:
    with _pool(1) as pool:
        try:
            return pool.submit(read_by_rules, source, postgresql=postgresql).result()
        except BrokenProcessPool:
            return UnreadableInput(
                f"{source.location}: the process that read it died, of too little memory it may be; look at the file."
            )


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """A worker whose parent is killed must not stay behind: it would wait for work for ever."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _by_model(
    sources: Iterable[Source], spec: str, settings: Settings | None, outcome: Outcome, *, postgresql: bool
) -> Iterator[tuple[Source, Result]]:
    """The files' rows in their order, by an engine with a model in it."""
    for source, result in extract_each(sources, lambda source: read(Path(source.location)), spec, settings):
        if isinstance(result, JixiaoError):
            outcome.usage += getattr(result, "usage", None) or Usage()
            yield source, result
            continue
        document, extraction = result
        run = extraction.run
        outcome.usage += run.usage if run else Usage()
        yield source, (take_in(source.location, document, extraction, postgresql=postgresql), not (run and run.failed_chunks))
