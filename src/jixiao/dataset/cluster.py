"""A Dask cluster as the workforce of ``ingest`` (集群): workers read from shared storage or S3 and leave Parquet parts; the loader writes.

A worker that is killed loses nothing: its batches are read again elsewhere, and nothing is written but by the loader. The
endpoint's limits hold for the cluster as a whole: each batch that asks a model holds one of a fixed number of shares.
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TypeVar

from pydantic import SecretStr

from jixiao import __version__
from jixiao.dataset.ingest import Source, Taken, Workforce, digest, taken
from jixiao.dataset.locations import document_at
from jixiao.dataset.parts import read_part, write_part
from jixiao.dataset.terms import fingerprint
from jixiao.errors import BudgetSpent, ClusterError, JixiaoError, MissingExtra, UnreadableInput
from jixiao.pipeline import extract_each
from jixiao.settings import Settings, engine_of
from jixiao.usage import Usage

try:
    from distributed import Client, Future, Semaphore
    from distributed.scheduler import KilledWorker
except ImportError as exc:
    raise MissingExtra("Work on a cluster", "cluster") from exc

_BATCH = 20
"""Reports that are read together, and stand in a part."""
_PATIENCE = 10
"""Seconds that a scheduler may take to answer; its first worker has three times as long."""
_SHARES = "jixiao-endpoint"
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Job:
    """How workers read (任务设定): by which engine, with which share of its endpoint's limits, for which store, to where."""

    spec: str
    settings: Settings
    asks_model: bool
    postgresql: bool
    parts: str


@contextmanager
def on_cluster(address: str, parts: str, spec: str, settings: Settings | None = None, *, postgresql: bool) -> Iterator[Workforce]:
    """The cluster whose scheduler is at ``address`` (``tcp://host:8786``), leaving its parts at ``parts``, a folder or URL that all see.

    Raises:
        ClusterError: it cannot be reached, has no workers or another version of jixiao, or is lost on the way.
        BadSettings: as :func:`jixiao.pipeline.open_engine`.
    """
    name, settings = engine_of(spec, settings)
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as exc:
        raise ClusterError(f"{address}: the cluster's scheduler cannot be reached ({exc}); check the address.") from exc
    with client, _translated(address):
        try:
            client.wait_for_workers(1, timeout=3 * _PATIENCE)
        except TimeoutError as exc:
            raise ClusterError(f"{address}: the cluster has no workers; start some with `dask worker {address}`.") from exc
        threads = _threads(client)
        if others := {str(each) for each in client.run(_version, on_error="ignore").values()} - {_version()}:
            raise ClusterError(f"{address}: workers have {', '.join(sorted(others))}, this is {_version()}; install the same.")
        asks_model = name != "rules"
        share, shares = share_of(settings, threads)
        if asks_model:
            Semaphore(shares, _SHARES, scheduler_rpc=client.scheduler, loop=client.loop)  # type: ignore[no-untyped-call]
        job = Job(spec, share, asks_model, postgresql, parts.rstrip("/"))
        yield Workforce(
            lambda locations: _digests(client, locations),
            lambda sources: _results(client, sources, job, settings),
        )


def share_of(settings: Settings, threads: int) -> tuple[Settings, int]:
    """One share of an endpoint's limits, and how many there are: all shares together stay within the limits.

    The key stays here; each worker takes its own from the variable of the same name.
    """
    limits = [each for each in (settings.concurrency, settings.rpm) if each is not None]
    shares = max(1, min(threads, *limits))
    return (
        settings.model_copy(
            update={
                "api_key": None,
                "concurrency": max(1, settings.concurrency // shares),
                "rpm": settings.rpm and max(1, settings.rpm // shares),
                "tpm": settings.tpm and max(1, settings.tpm // shares),
            }
        ),
        shares,
    )


def _digests(client: Client, locations: Iterable[str]) -> Iterator[tuple[str, str | JixiaoError]]:
    def died(location: str) -> list[str | JixiaoError]:
        return [_died(location)]

    for batch, digests in _done(client, _batches(locations, 5 * _BATCH), digest_batch, died):
        yield from zip(batch, digests, strict=True)


def _results(
    client: Client, sources: Iterable[Source], job: Job, settings: Settings
) -> Iterator[tuple[Source, Taken | JixiaoError]]:
    """What the workers read, in order. Once the budget is spent, what is not under way is given back unread."""
    used, unread = Usage(), list[Source]()

    def affordable() -> Iterator[Source]:
        for source in sources:
            if _is_spent(used, settings):
                unread.append(source)
            else:
                yield source

    def died(source: Source) -> tuple[str, list[JixiaoError | None]]:
        return "", [_died(source.location)]

    for batch, (part, errors) in _done(client, _batches(affordable(), _BATCH), partial(read_batch, job=job), died):
        read = iter(read_part(part) if part else ())
        for source, error in zip(batch, errors, strict=True):
            result = error or next(read)
            used += (result.usage if isinstance(result, Taken) else getattr(result, "usage", None)) or Usage()
            yield source, result
    for source in unread:
        yield source, BudgetSpent("the run has used what it was given (--max-tokens, --max-cost); a new run goes on.")


def _is_spent(used: Usage, settings: Settings) -> bool:
    tokens = used.prompt_tokens + used.completion_tokens
    return (settings.max_tokens is not None and tokens >= settings.max_tokens) or (
        settings.max_cost is not None and used.cost is not None and used.cost >= settings.max_cost
    )


def _done(
    client: Client, batches: Iterable[list[T]], work: Callable[[list[T]], R], died: Callable[[T], R]
) -> Iterator[tuple[list[T], R]]:
    """Each batch with what a worker made of it, in order; of a batch that kills worker after worker, each by itself."""
    waiting, under_way = iter(batches), deque[tuple[list[T], Future[R]]]()
    while True:
        enough = 2 * _threads(client) + 2  # workers come and go
        for batch in islice(waiting, max(0, enough - len(under_way))):
            under_way.append((batch, client.submit(work, batch, pure=False)))
        if not under_way:
            return
        batch, future = under_way.popleft()
        try:
            yield batch, future.result()
        except KilledWorker:
            if len(batch) == 1:
                yield batch, died(batch[0])
            else:
                under_way.extendleft([([each], client.submit(work, [each], pure=False)) for each in reversed(batch)])


def _threads(client: Client) -> int:
    return sum(client.nthreads().values())  # type: ignore[no-untyped-call]


def _died(location: str) -> JixiaoError:
    return UnreadableInput(f"{location}: the workers that read it died, of too little memory it may be; look at the file.")


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


def digest_batch(locations: Sequence[str]) -> list[str | JixiaoError]:
    """On a worker: the SHA-256 of each file's bytes, or why it cannot be read."""
    return [digest(location) for location in locations]


def read_batch(sources: Sequence[Source], job: Job) -> tuple[str, list[JixiaoError | None]]:
    """On a worker: read the sources and leave what comes of it in a part; gives its URL, and of each source why it failed."""
    reports: list[Taken] = []
    errors: list[JixiaoError | None] = []
    settings = job.settings
    if key := os.environ.get(settings.key_variable):
        settings = settings.model_copy(update={"api_key": SecretStr(key)})
    with Semaphore(name=_SHARES) if job.asks_model else nullcontext():  # type: ignore[no-untyped-call]
        for source, result in extract_each(sources, lambda source: document_at(source.location), job.spec, settings):
            if isinstance(result, JixiaoError):
                errors.append(result)
            else:
                reports.append(taken(source.location, *result, postgresql=job.postgresql))
                errors.append(None)
    if not reports:
        return "", errors
    name = hashlib.sha256("\n".join([job.spec, *(each.sha256 for each in sources)]).encode()).hexdigest()[:32]
    part = f"{job.parts}/{name}.parquet"
    write_part(part, reports)
    return part, errors


def _version() -> str:
    """What makes the rows and the tokens: another OpenCC folds otherwise."""
    return f"jixiao {__version__} with characters {fingerprint()}"


@contextmanager
def _translated(address: str) -> Iterator[None]:
    """What is wrong with the cluster, in a sentence."""
    try:
        yield
    except (OSError, CancelledError) as exc:
        raise ClusterError(f"{address}: the cluster was lost; what has come back is kept, and the same command goes on.") from exc
