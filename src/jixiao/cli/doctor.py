"""``jixiao doctor``: what is configured, whether it answers, what it can do, and how to mend what is missing."""

import time
from typing import TYPE_CHECKING

import typer

from jixiao.cli.console import plain
from jixiao.cli.modelling import BaseUrlOption, ModelOption, ModeOption, ProviderOption, TimeoutOption, settings_from

if TYPE_CHECKING:
    from jixiao.models.probe import Abilities
    from jixiao.settings import EmbeddingSettings, Settings

_EXTRAS = {
    "charts": ("matplotlib",),
    "cluster": ("distributed", "fsspec", "pyarrow"),
    "compare": ("datasketch",),
    "eval": ("numpy", "scipy"),
    "legacy": ("doc2docx", "xlrd"),
    "ocr": ("rapidocr", "onnxruntime", "cv2", "PIL"),
    "parquet": ("pyarrow",),
    "peers": ("langextract",),
    "postgres": ("psycopg",),
    "s3": ("s3fs",),
    "semantic": ("fastembed", "numpy"),
    "web": ("fastapi", "python_multipart", "uvicorn"),
}
"""The extras, and the packages by which each is known to be installed."""


def doctor(
    provider: ProviderOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    mode: ModeOption = None,
    timeout: TimeoutOption = None,
) -> None:
    """Say what is configured, ask the endpoint what it can do, and how to mend what is missing.

    The endpoint is asked anew, and what it can do is remembered. Exits 1 where a model is configured and cannot be used.
    """
    settings = settings_from(provider=provider, model=model, base_url=base_url, mode=mode, timeout=timeout)
    _say("✓", "rules", "always there: no model and no network needed")
    well = _model(settings) if settings.is_configured else _no_model(settings)
    well = _vectors() and well
    _extras()
    _say("→", "engine", f"`jixiao extract` uses {'hybrid' if settings.is_configured else 'rules'} unless --engine says another")
    if not well:
        raise typer.Exit(1)


def _say(mark: str, what: str, words: str) -> None:
    typer.echo(f"{mark} {what:<12} {plain(words)}")


def _no_model(settings: "Settings") -> bool:
    if settings.base_url is None and settings.model is None:
        _say("·", "model", "none: name one with --provider and --model, JIXIAO_PROVIDER and JIXIAO_MODEL, or in jixiao.toml")
        return True
    missing = (
        "model: say --model or JIXIAO_MODEL"
        if settings.model is None
        else "base URL: say --base-url, --provider or OPENAI_BASE_URL"
    )
    _say("✗", "model", f"configured in part; there is no {missing}")
    return False


def _model(settings: "Settings") -> bool:
    import asyncio

    from jixiao.errors import JixiaoError

    _say("✓", "model", f"{settings.model} at {settings.base_url}")
    key = "is set" if settings.api_key is not None else "is not set (a local server may want none)"
    _say("✓" if settings.api_key is not None else "·", "key", f"{settings.key_variable} {key}")
    try:
        started = time.perf_counter()
        found, models, kept = asyncio.run(_asked(settings))
    except JixiaoError as exc:
        _say("✗", "endpoint", str(exc))
        return False
    _say("✓", "endpoint", f"answers; asked in {time.perf_counter() - started:.1f} s")
    if models and settings.model not in models:
        _say("·", "models", f"its list has no {settings.model}, yet it answers; it has {', '.join(models[:8])}")
    for name, words in found.tried.items():
        good = words.startswith(("enforced", "works", "read whole"))
        _say("✓" if good else "·", name, words)
    _say("·" if found.thinks else "✓", "thinking", "it thinks first: answers get more room" if found.thinks else "none seen")
    _say(
        "✓" if found.counts else "·",
        "usage",
        "tokens are counted" if found.counts else "no tokens counted: ours are used, and a cut prompt cannot be noticed",
    )
    if found.reads is not None:
        _say(
            "·",
            "context",
            f"reads about {found.reads} tokens: chunks are made smaller; give it more (Ollama: num_ctx, llama.cpp: -c)",
        )
    _say("→", "asked by", found.mode)
    if settings.price_in is None or settings.price_out is None:
        _say("·", "prices", "not set: no money is reckoned; JIXIAO_PRICE_IN and JIXIAO_PRICE_OUT, for a million tokens")
    _say("✓", "cache", f"{settings.cache}: {kept} answers")
    return True


async def _asked(settings: "Settings") -> "tuple[Abilities, list[str], int]":
    from jixiao.models.cache import Cache
    from jixiao.models.client import Endpoint
    from jixiao.models.probe import abilities_of

    cache = Cache(settings.cache)
    endpoint = Endpoint(settings, cache)
    try:
        models = await endpoint.models()
        return await abilities_of(endpoint, anew=True), models, cache.count()
    finally:
        await endpoint.close()
        cache.close()


def _vectors() -> bool:
    """The model of vectors, where one is configured: its own settings, told by no flag of this command."""
    import asyncio

    from jixiao.errors import BadSettings, JixiaoError
    from jixiao.settings import load_embedding_settings

    try:
        settings = load_embedding_settings()
    except BadSettings as exc:
        _say("✗", "vectors", str(exc))
        return False
    if not settings.is_configured:
        _say(
            "·",
            "vectors",
            "no model of vectors: `jixiao search --semantic` wants JIXIAO_EMBEDDING_MODEL and JIXIAO_EMBEDDING_PROVIDER",
        )
        return True
    try:
        numbers = asyncio.run(_length_of_vectors(settings))
    except JixiaoError as exc:
        _say("✗", "vectors", str(exc))
        return False
    where = "in this process" if settings.is_local else f"at {settings.base_url}"
    _say("✓", "vectors", f"{settings.model} {where}: answers with {numbers} numbers")
    return True


async def _length_of_vectors(settings: "EmbeddingSettings") -> int:
    from jixiao.models.embedding import open_embedder

    async with open_embedder(settings, anew=True) as embedder:
        return len(await embedder.of_query("绩效"))


def _extras() -> None:
    from importlib.util import find_spec

    for extra, packages in _EXTRAS.items():
        there = all(find_spec(package) for package in packages)
        _say("✓" if there else "·", f"[{extra}]", "installed" if there else f"not installed: pip install 'jixiao[{extra}]'")
