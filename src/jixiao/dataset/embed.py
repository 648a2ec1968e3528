"""A dataset and a model of vectors (向量化): records → their vectors, and a search's words → what they mean.

A report's vectors are written in one transaction, and a run may be stopped anywhere: the embedder keeps each vector as soon as it is made,
and what was not written is not asked for again.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from jixiao.dataset.meaning import Meaning
from jixiao.dataset.query import parse, sought
from jixiao.dataset.store import Dataset
from jixiao.dataset.vectors import Passages, dimensions_of, forget, lacking, passages_of, save_vectors
from jixiao.errors import BadQuery, DatasetError, EndpointDead, EndpointError
from jixiao.models.embedding import Embedder, Vector, open_embedder
from jixiao.settings import EmbeddingSettings
from jixiao.usage import Usage

_REQUESTS = 4
"""As many for each that may be under way are made of the reports that are worked on together."""


@dataclass(slots=True)
class Embedded:
    """What came of a run (向量化结果)."""

    reports: int = 0
    records: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    """The places of reports that have no vectors yet, as some of their words were refused, and why."""
    stopped: EndpointDead | None = None
    """Why the run ended before its end; another goes on from there."""
    usage: Usage = field(default_factory=Usage)


async def embed(
    dataset: Dataset,
    reports: Iterable[int],
    settings: EmbeddingSettings,
    *,
    anew: bool = False,
    heard: Callable[[str], None] = lambda location: None,
) -> Embedded:
    """Make the vectors of ``reports`` by the model of ``settings``; ``heard`` is told of each report as it is done.

    ``anew`` makes again what is cached, and takes out all that the dataset has of the model when the first report is done.

    Raises:
        BadSettings, MissingExtra: as :func:`jixiao.models.embedding.open_embedder`.
        DatasetError: the dataset cannot be written, or the model's vectors do not fit those that it has.
    """
    async with open_embedder(settings, anew=anew) as embedder:
        return await _embed(dataset, reports, embedder, anew, heard)


async def _embed(
    dataset: Dataset, reports: Iterable[int], embedder: Embedder, anew: bool, heard: Callable[[str], None]
) -> Embedded:
    outcome, model = Embedded(), embedder.settings.mark
    with dataset.reading() as connection:
        dimensions = None if anew else dimensions_of(connection, model)
    words_at_once = _REQUESTS * embedder.settings.concurrency * embedder.settings.batch
    for together in _together(dataset, reports, words_at_once):
        try:
            made = await embedder.of_passages(words for passages in together for words in passages.words)
        except EndpointDead as exc:
            outcome.stopped = exc
            break
        finally:
            outcome.usage = embedder.usage
        for passages in together:
            heard(passages.location)
            vectors = [made[words] for words in passages.words]
            if error := next((each for each in vectors if isinstance(each, EndpointError)), None):
                outcome.failures.append((passages.location, str(error)))
                continue
            good = [each for each in vectors if isinstance(each, bytes)]
            for each in good:
                dimensions = dimensions or len(each)
                if len(each) != dimensions:
                    raise _misfit(model, len(each), dimensions)
            if anew:
                forget(dataset, model)
                anew = False
            if save_vectors(dataset, model, passages, good):
                outcome.reports += 1
                outcome.records += len(good)
    return outcome


def _together(dataset: Dataset, reports: Iterable[int], words_at_once: int) -> Iterator[list[Passages]]:
    """The reports with their records, as many together as keep the endpoint busy."""
    together: list[Passages] = []
    for report in reports:
        with dataset.reading() as connection:
            passages = passages_of(connection, report)
        if passages is None:
            continue
        together.append(passages)
        if sum(len(each.words) for each in together) >= words_at_once:
            yield together
            together = []
    if together:
        yield together


def meaning_of(dataset: Dataset, words: str, settings: EmbeddingSettings) -> Meaning:
    """What the words mean to the model of ``settings``. Only words that are asked for count, none that must not be there.

    Raises:
        BadQuery: no words are asked for.
        DatasetError: the dataset has no vectors of this model, or such as cannot be compared.
        BadSettings, MissingExtra, EndpointError: as :func:`jixiao.models.embedding.open_embedder`.
    """
    terms = sought(parse(words))
    if not terms:
        raise BadQuery("a search by meaning wants words that are asked for; here are none.")
    model = settings.mark
    with dataset.reading() as connection:
        dimensions = dimensions_of(connection, model)
    if dimensions is None:
        raise DatasetError(
            f"{dataset.name}: there are no vectors of {model} yet; make them with `jixiao dataset embed --dataset {dataset.name}`."
        )
    vector = asyncio.run(_vector_of(" ".join(terms), settings))
    if len(vector) != dimensions:
        raise _misfit(model, len(vector), dimensions)
    return Meaning(model, vector, len(lacking(dataset, model)))


async def _vector_of(words: str, settings: EmbeddingSettings) -> Vector:
    async with open_embedder(settings) as embedder:
        return await embedder.of_query(words)


def _misfit(model: str, given: int, kept: int) -> DatasetError:
    """Vectors that cannot be compared with those in the dataset."""
    return DatasetError(
        f"{model} gives vectors of {given} numbers and those in the dataset have {kept}: it is not the model that made them; "
        "name the other, or make all anew with `jixiao dataset embed --anew`."
    )
