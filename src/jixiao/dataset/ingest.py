"""Files → the dataset (入库): only what is new, in parallel, each report written as soon as it is known, in the order of the files.

By rules the work is done in other processes, so that a file which kills its reader costs that file alone; with a model it
waits for the endpoint, and one process is enough. Only this process writes.
"""

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from multiprocessing import get_context, parent_process

from jixiao import __version__
from jixiao.audit import audit
from jixiao.dataset.locations import document_at, load_at
from jixiao.dataset.rows import Entry, entry_of
from jixiao.dataset.store import Dataset
from jixiao.document import Document
from jixiao.errors import EndpointError, JixiaoError, MissingExtra, UnreadableInput
from jixiao.pipeline import extract, extract_each
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
    name: str | None = None
    """The report's file name, where its place does not tell it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A report as it is to be written, whether its records are whole, and what they cost."""

    entry: Entry
    is_whole: bool = True
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Workforce:
    """Who does the work (执行方): this machine's processes, an engine with a model in it, or a cluster. Both answer in the order asked."""

    digest: Callable[[Iterable[str]], Iterator[tuple[str, str | JixiaoError]]]
    """Locations → each with its content's SHA-256, or why there is none."""
    read: Callable[[Iterable[Source]], Iterator[tuple[Source, Taken | JixiaoError]]]
    """Sources → each as it is to be written, or why it cannot be."""


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
    locations: Iterable[str],
    workforce: Workforce,
    signature: str,
    *,
    retry_failed: bool = False,
    heard: Callable[[str], None] = lambda location: None,
) -> Outcome:
    """Take the reports at ``locations`` into the dataset; ``heard`` is told of each as it is done.

    Raises:
        BadSettings: as :func:`jixiao.pipeline.open_engine`.
        DatasetError: the dataset cannot be written; what is in it stays, and another run goes on from there.
    """
    outcome = Outcome()
    run = dataset.begin_run(signature)

    def failed(location: str, sha256: str | None, error: JixiaoError) -> None:
        outcome.failures.append((location, str(error)))
        lasts = not isinstance(error, EndpointError | MissingExtra)  # the next run may fare better
        dataset.fail(location, sha256 if lasts else None, str(error), signature, run)

    def new() -> Iterator[Source]:
        """The files that are new, changed, or of another engine; each content once."""
        known = dataset.known()
        has = {each.sha256 for each in known if each.signature == signature}
        at = {each.location: each for each in known}
        never = set() if retry_failed else {each.sha256 for each in dataset.failures() if each.signature == signature}
        for location, sha256 in workforce.digest(locations):
            if isinstance(sha256, JixiaoError):
                heard(location)
                failed(location, None, sha256)
            elif sha256 in has:
                heard(location)
                outcome.known += 1
                if location in at and at[location].sha256 != sha256:
                    dataset.remove(at[location].id)  # it has become the same as another report
            elif sha256 in never:
                heard(location)
                outcome.failed_before += 1
            else:
                has.add(sha256)
                yield Source(location, sha256)

    for source, result in workforce.read(new()):
        heard(source.location)
        if isinstance(result, JixiaoError):
            outcome.usage += getattr(result, "usage", None) or Usage()
            failed(source.location, source.sha256, result)
            continue
        dataset.save(result.entry, signature if result.is_whole else signature + INCOMPLETE, run)
        outcome.usage += result.usage
        outcome.saved += 1
        outcome.incomplete += not result.is_whole
    dataset.end_run(run, outcome.usage)
    return outcome


def this_machine(
    spec: str = "rules", settings: Settings | None = None, *, workers: int | None = None, postgresql: bool
) -> Workforce:
    """This machine, at work by the engine that ``spec`` names: ``workers`` processes by rules (one a core), one with a model."""
    if engine_of(spec, settings)[0] == "rules":
        return Workforce(_digests, partial(_by_rules, workers=workers or os.cpu_count() or 1, postgresql=postgresql))
    return Workforce(_digests, partial(_by_model, spec=spec, settings=settings, postgresql=postgresql))


def signature_of(spec: str, settings: Settings | None) -> str:
    """What tells one engine's work from another's (引擎版本): its name, its model and prompts, and the version of jixiao."""
    name, settings = engine_of(spec, settings)
    parts = [name]
    if name != "rules":
        from jixiao.models.engine import prompts_of

        prompts = prompts_of("model" if name == "model" else "hybrid", settings)
        parts += [settings.model or "", *(prompt.mark for prompt in prompts)]
    return " ".join((*parts, f"jixiao-{__version__}"))


def digest(location: str) -> str | JixiaoError:
    """The SHA-256 of a file's bytes, or why it cannot be read."""
    try:
        return hashlib.sha256(load_at(location)).hexdigest()
    except JixiaoError as exc:
        return exc


def _digests(locations: Iterable[str]) -> Iterator[tuple[str, str | JixiaoError]]:
    for location in locations:
        yield location, digest(location)


def read_one(source: Source, *, spec: str, settings: Settings | None, postgresql: bool) -> Taken | JixiaoError:
    """A file's rows by the engine that ``spec`` names, or why there are none."""
    if engine_of(spec, settings)[0] == "rules":
        return read_by_rules(source, postgresql=postgresql)
    ((_, result),) = _by_model([source], spec=spec, settings=settings, postgresql=postgresql)
    return result


def read_by_rules(source: Source, *, postgresql: bool) -> Taken | JixiaoError:
    """A file's rows by the rule engine, or why there are none. Runs in a worker: all that it needs is in its arguments."""
    try:
        document = _document(source)
        return taken(source.location, document, extract(document), postgresql=postgresql)
    except JixiaoError as exc:
        return exc


def _by_rules(sources: Iterable[Source], *, workers: int, postgresql: bool) -> Iterator[tuple[Source, Taken | JixiaoError]]:
    """The files' rows in their order, by ``workers`` processes.

    Where a process dies, nobody can tell which file it was: those under way are done again, each in a process of its own.
    """
    waiting, under_way = iter(sources), deque[tuple[Source, "Future[Taken | JixiaoError]"]]()
    pool = _pool(workers)
    try:
        while True:
            for source in islice(waiting, 4 * workers - len(under_way)):
                under_way.append((source, _asked(pool, source, postgresql=postgresql)))
            if not under_way:
                return
            source, future = under_way.popleft()
            try:
                result = future.result()
            except BrokenProcessPool:
                pool.shutdown()
                suspects = [source, *(each for each, _ in under_way)]
                under_way.clear()
                for each in suspects:
                    yield each, _alone(each, postgresql=postgresql)
                pool = _pool(workers)
            else:
                yield source, result
    finally:
        pool.shutdown(cancel_futures=True)


def _asked(pool: ProcessPoolExecutor, source: Source, *, postgresql: bool) -> "Future[Taken | JixiaoError]":
    try:
        return pool.submit(read_by_rules, source, postgresql=postgresql)
    except BrokenProcessPool as exc:  # a process died while nobody looked
        broken: Future[Taken | JixiaoError] = Future()
        broken.set_exception(exc)
        return broken


def _alone(source: Source, *, postgresql: bool) -> Taken | JixiaoError:
    with _pool(1) as pool:
        try:
            return pool.submit(read_by_rules, source, postgresql=postgresql).result()
        except BrokenProcessPool:
            return UnreadableInput(
                f"{source.location}: the process that read it died, of too little memory it may be; look at the file."
            )


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=end_with_parent)


def end_with_parent() -> None:
    """A worker whose parent is killed must not stay behind: it would wait for work for ever."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _by_model(
    sources: Iterable[Source], *, spec: str, settings: Settings | None, postgresql: bool
) -> Iterator[tuple[Source, Taken | JixiaoError]]:
    """The files' rows in their order, by an engine with a model in it."""
    for source, result in extract_each(sources, _document, spec, settings):
        yield source, result if isinstance(result, JixiaoError) else taken(source.location, *result, postgresql=postgresql)


def _document(source: Source) -> Document:
    document = document_at(source.location)
    return document if source.name is None else replace(document, source=source.name)


def taken(location: str, document: Document, extraction: Extraction, *, postgresql: bool) -> Taken:
    """A report with its records, checked and made into rows."""
    run = extraction.run
    entry = entry_of(location, document, extraction, audit(document, extraction), postgresql=postgresql)
    return Taken(entry, is_whole=not (run and run.failed_chunks), usage=run.usage if run else Usage())
