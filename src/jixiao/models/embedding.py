"""Words → vectors (向量): by a model at an endpoint or in this process; the same words once, and every vector kept.

A vector is kept as whole numbers from -127 to 127, a byte each, by its largest: its direction is all that is compared. Knows no dataset.
"""

import asyncio
import json
import math
from array import array
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from jixiao.errors import BadSettings, EndpointDead, EndpointError, MissingExtra, ModeRefused, PromptTooLong
from jixiao.models.cache import Cache, key_of
from jixiao.models.connection import Connection, Refused
from jixiao.settings import IN_PROCESS, EmbeddingSettings
from jixiao.tokens import count_tokens
from jixiao.usage import Usage

Vector = bytes
_SHORTEST = 16
"""Characters: what is too long for a model is cut in half, down to this."""


@asynccontextmanager
async def open_embedder(settings: EmbeddingSettings, *, anew: bool = False) -> AsyncIterator["Embedder"]:
    """The model of ``settings``, for one event loop; what it made before is taken from the cache, or made again where ``anew``.

    Raises:
        BadSettings: its provider wants a key and there is none, or its folder holds no model.
        MissingExtra: the model is to run in this process, and what runs it is not installed.
    """
    cache = Cache(settings.cache)
    try:
        maker: _Maker = _InProcess(str(settings.model)) if settings.is_local else _AtEndpoint(settings)
        try:
            yield Embedder(settings, maker, cache, anew)
        finally:
            await maker.close()
    finally:
        cache.close()


class Embedder:
    """A model that makes vectors. Use ``open_embedder``."""

    def __init__(self, settings: EmbeddingSettings, maker: "_Maker", cache: Cache, anew: bool) -> None:
        self.settings = settings
        self._maker = maker
        self._cache = cache
        self._made: set[str] | None = set() if anew else None
        """The keys of what was made anew."""

    @property
    def usage(self) -> Usage:
        """What was asked of an endpoint so far."""
        return self._maker.usage

    async def of_query(self, words: str) -> Vector:
        """The vector of a search's words.

        Raises:
            EndpointError: it cannot be made.
        """
        text = self.settings.query_prefix + words
        vector = (await self._of_texts([text]))[text]
        if isinstance(vector, EndpointError):
            raise vector
        return vector

    async def of_passages(self, words: Iterable[str]) -> dict[str, Vector | EndpointError]:
        """The vectors of records' words, or why one cannot be made.

        Raises:
            EndpointDead: no request of this run will be answered. What was answered is kept.
        """
        texts = {each: self.settings.passage_prefix + (each or "…") for each in words}  # an empty text is refused by some
        vectors = await self._of_texts(dict.fromkeys(texts.values()))
        return {each: vectors[text] for each, text in texts.items()}

    async def _of_texts(self, texts: Iterable[str]) -> dict[str, Vector | EndpointError]:
        endpoint = IN_PROCESS if self.settings.is_local else self.settings.base_url
        keys = {text: key_of({"endpoint": endpoint, "model": self.settings.model, "input": text}) for text in texts}
        kept = self._cache.vectors(key for key in keys.values() if self._made is None or key in self._made)
        missing = [text for text, key in keys.items() if key not in kept]
        made: dict[str, Vector | EndpointError] = {}

        async def make(batch: Sequence[str]) -> None:
            answers = await self._answers(batch)
            if good := {keys[text]: vector for text, vector in answers.items() if isinstance(vector, bytes)}:
                self._cache.put_vectors(good)
                if self._made is not None:
                    self._made.update(good)
            made.update(answers)

        size = self.settings.batch
        batches = [missing[at : at + size] for at in range(0, len(missing), size)]
        outcomes = await asyncio.gather(*map(make, batches), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return {text: kept[key] if key in kept else made[text] for text, key in keys.items()}

    async def _answers(self, texts: Sequence[str]) -> dict[str, Vector | EndpointError]:
        """Each text's vector. A refused request is asked again in halves, so that a text costs itself alone; one too long is cut."""
        try:
            numbers = await self._maker.make(texts)
            return {text: self._checked(each) for text, each in zip(texts, numbers, strict=True)}
        except EndpointDead:
            raise
        except (PromptTooLong, ModeRefused, Refused) as exc:
            if len(texts) > 1:
                middle = len(texts) // 2
                return await self._answers(texts[:middle]) | await self._answers(texts[middle:])
            [text] = texts
            if isinstance(exc, PromptTooLong) and len(text) > _SHORTEST:
                half = text[: len(text) // 2]
                return {text: (await self._answers([half]))[half]}
            return {text: exc}
        except EndpointError as exc:
            return dict.fromkeys(texts, exc)

    def _checked(self, numbers: Any) -> Vector | EndpointError:
        if not _is_vector(numbers):
            where = self.settings.base_url or IN_PROCESS
            return EndpointError(f"{where}: gave what is no vector; is {self.settings.model} a model of vectors (embeddings)?")
        return vector_of(numbers)


class _Maker(Protocol):
    usage: Usage

    async def make(self, texts: Sequence[str]) -> list[Any]:
        """As many answers as texts, each a vector if all is well."""
        ...

    async def close(self) -> None: ...


class _AtEndpoint(Connection):
    """Any OpenAI-compatible ``/v1/embeddings``."""

    def __init__(self, settings: EmbeddingSettings) -> None:
        super().__init__(settings)
        self._model = str(settings.model)

    async def make(self, texts: Sequence[str]) -> list[Any]:
        tokens = sum(map(count_tokens, texts))
        async with self.slots:
            answer = await self.send(
                tokens, lambda: self.client.embeddings.create(model=self._model, input=[*texts], encoding_format="float")
            )
        used = getattr(getattr(answer, "usage", None), "prompt_tokens", None) or tokens
        self._add(Usage(calls=1, prompt_tokens=used, cost=self._at.cost_of(used, 0)))
        numbers = _numbers_of(answer)
        if len(numbers) != len(texts):
            raise EndpointError(f"{self._at.base_url}: was asked for {len(texts)} vectors and gave {len(numbers)}.")
        return numbers


def _numbers_of(answer: Any) -> list[Any]:
    """The vectors in the order of their texts, whatever of the answer is there."""
    data = getattr(answer, "data", None) or []
    places = [getattr(each, "index", None) for each in data]
    if {*places} == {*range(len(data))}:
        data = sorted(data, key=lambda each: each.index)
    return [getattr(each, "embedding", None) for each in data]


def _is_vector(numbers: Any) -> bool:
    return (
        isinstance(numbers, list)
        and all(isinstance(each, int | float) and math.isfinite(each) for each in numbers)
        and any(numbers)
    )


class _InProcess:
    """A model in this process, by fastembed (ONNX Runtime): a folder, or a name that fastembed knows and downloads once."""

    def __init__(self, model: str) -> None:
        self.usage = Usage()
        self._model = _loaded(model)

    async def make(self, texts: Sequence[str]) -> list[Any]:
        return [numbers.tolist() for numbers in self._model.embed([*texts])]

    async def close(self) -> None:
        pass


def _loaded(model: str) -> Any:
    try:
        from fastembed import TextEmbedding
        from loguru import logger
    except ImportError as exc:
        raise MissingExtra("A model of vectors in this process", "semantic") from exc
    logger.disable("fastembed")  # it would tell of each of its tries to download a model
    folder = Path(model)
    try:
        return _from_folder(folder.resolve()) if folder.is_dir() else TextEmbedding(model)
    except Exception as exc:  # of the hub, of ONNX Runtime, of the tokenizer: each has errors of its own
        reason = " ".join(str(exc).split())[:200].rstrip(".")
        raise BadSettings(
            f"{model}: cannot be used as a model of vectors ({reason}); name the folder of one, or one that fastembed can download."
        ) from exc


def _from_folder(folder: Path) -> Any:
    """A sentence-transformers model exported to ONNX."""
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource

    files = [folder / "model.onnx", folder / "onnx" / "model.onnx", *sorted(folder.glob("*.onnx"))]
    file = next((each for each in files if each.is_file()), None)
    if file is None:
        raise FileNotFoundError("there is no model.onnx in the folder")
    if str(folder).lower() not in {known["model"].lower() for known in TextEmbedding.list_supported_models()}:
        TextEmbedding.add_custom_model(
            str(folder),
            pooling=_pooling(folder / "1_Pooling" / "config.json"),
            normalization=True,
            sources=ModelSource(hf=str(folder)),  # one must be named; nothing is fetched from it
            dim=1,  # told in lists alone
            model_file=str(file.relative_to(folder)),
        )
    return TextEmbedding(str(folder), specific_model_path=str(folder))


def _pooling(config: Path) -> Any:
    """How the model makes one vector of its tokens', as its folder says; their mean where it does not."""
    from fastembed.common.model_description import PoolingType

    said = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
    if said.get("pooling_mode_cls_token") or said.get("pooling_mode") == "cls":
        return PoolingType.CLS
    if said.get("pooling_mode_lasttoken") or said.get("pooling_mode") == "lasttoken":
        return PoolingType.LAST_TOKEN
    return PoolingType.MEAN


def vector_of(numbers: Sequence[float]) -> Vector:
    """The numbers as they are kept."""
    largest = max(map(abs, numbers))
    return array("b", (round(127 * each / largest) for each in numbers)).tobytes()
