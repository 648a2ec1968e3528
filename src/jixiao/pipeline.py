"""From a file to its records, every step named once, in order. Knows no store and prints nothing."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from jixiao.document import Document
from jixiao.errors import BadSettings, EndpointDead, JixiaoError, UnreadableInput
from jixiao.readers.text import read_text
from jixiao.reconcile import reconcile
from jixiao.records import Extraction
from jixiao.rules import extract_drafts
from jixiao.settings import Settings, engine_of
from jixiao.usage import Usage

if TYPE_CHECKING:
    from jixiao.models.engine import ModelEngine

TEXT_SUFFIXES = frozenset({".txt", ".md", ".markdown", ".text"})
S = TypeVar("S")
Engine = Callable[[Document], tuple[Extraction, Usage]]
"""A document → its records and what they cost."""
Heard = Callable[[int, int, Usage], None]
"""Told as chunks are answered: how many are known so far, how many are done, what all of them have cost."""


def read(path: Path) -> Document:
    """The document in the file at ``path``.

    Raises:
        UnreadableInput: the file is not there, may not be read, or holds no text.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as exc:
        raise UnreadableInput(f"{path}: there is no such file; check the path.") from exc
    except PermissionError as exc:
        raise UnreadableInput(f"{path}: no permission to read it; change its permissions or copy it.") from exc
    except OSError as exc:
        raise UnreadableInput(f"{path}: cannot be read ({exc.strerror or exc}).") from exc
    name = path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")  # a name need not be UTF-8
    return replace(read_text(data, str(path)), source=name)


def extract(document: Document) -> Extraction:
    """The document's records, by the rule engine."""
    return reconcile(document, extract_drafts(document))


@contextmanager
def open_engine(spec: str, settings: Settings | None = None) -> Iterator[Engine]:
    """The engine that ``spec`` names (``rules``, ``model``, ``hybrid:MODEL``, …: see :func:`jixiao.settings.engine_of`), for one report after another.

    Raises:
        BadSettings: there is no such engine, or the settings lack what it needs.
    """
    name, settings = engine_of(spec, settings)
    if name == "rules":
        yield lambda document: (extract(document), Usage())
        return
    import asyncio

    with asyncio.Runner() as runner:
        engine = _model_engine(name, settings)

        def extract_one(document: Document) -> tuple[Extraction, Usage]:
            extraction = runner.run(engine.extract(document))
            return extraction, extraction.run.usage if extraction.run else Usage()

        try:
            yield extract_one
        finally:
            runner.run(engine.close())


def extract_each(
    sources: Iterable[S],
    read: Callable[[S], Document],
    spec: str = "rules",
    settings: Settings | None = None,
    heard: Heard = lambda known, done, usage: None,
) -> Iterator[tuple[S, tuple[Document, Extraction] | JixiaoError]]:
    """Each source with its records or with why there are none, in the order of ``sources``.

    With a model, several reports are under way at once, so that its endpoint never waits for the last chunk of one. When
    the endpoint is gone and the settings say to stop, what is left is given back with that reason, unread.

    Raises:
        BadSettings: as :func:`open_engine`.
    """
    name, settings = engine_of(spec, settings)
    if name == "rules":
        for source in sources:
            try:
                document = read(source)
                yield source, (document, extract(document))
            except JixiaoError as exc:
                yield source, exc
        return
    import asyncio

    dead: EndpointDead | None = None

    async def one(source: S) -> tuple[Document, Extraction] | JixiaoError:
        nonlocal dead
        try:
            if dead is not None:
                return dead
            document = read(source)
            return document, await engine.extract(document)
        except EndpointDead as exc:
            dead = exc
            return exc
        except JixiaoError as exc:
            return exc

    async def result_of(
        task: "asyncio.Task[tuple[Document, Extraction] | JixiaoError]",
    ) -> tuple[Document, Extraction] | JixiaoError:
        return await task

    with asyncio.Runner() as runner:
        engine = _model_engine(name, settings, heard)
        waiting, under_way = iter(sources), deque[tuple[S, asyncio.Task[tuple[Document, Extraction] | JixiaoError]]]()
        try:
            while True:
                for source in islice(waiting, 2 * engine.settings.concurrency - len(under_way)):
                    under_way.append((source, runner.get_loop().create_task(one(source))))
                if not under_way:
                    return
                source, task = under_way.popleft()
                yield source, runner.run(result_of(task))
        finally:
            for _, task in under_way:
                task.cancel()
            runner.run(engine.close())


def _model_engine(name: str, settings: Settings, heard: Heard = lambda known, done, usage: None) -> "ModelEngine":
    from jixiao.models.engine import ModelEngine

    if not settings.is_configured:
        raise BadSettings(f"the engine {name} needs a model, and none is configured; see `jixiao doctor`.")
    return ModelEngine(settings, "model" if name == "model" else "hybrid", heard)
