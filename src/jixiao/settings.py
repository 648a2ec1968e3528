"""Where the model is and how to use it (设置): flags before the environment, the environment before ``jixiao.toml``.

The key is held as a secret and read from the environment only: it stands in no file of ours, no log, error or cache.
"""

import os
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from jixiao.errors import BadSettings

Mode = Literal["json_schema", "json_object", "tools", "text"]
"""How an endpoint is asked for JSON, the strictest first."""


ENGINES = ("rules", "model", "hybrid")
"""规则, 模型, 两者合用."""


class Preset(NamedTuple):
    """A provider: where it answers, and which variable holds its key."""

    base_url: str
    key_variable: str


PRESETS: dict[str, Preset] = {
    "openai": Preset("https://api.openai.com/v1", "OPENAI_API_KEY"),
    "azure": Preset("https://{resource}.openai.azure.com/openai/v1", "AZURE_OPENAI_API_KEY"),
    "deepseek": Preset("https://api.deepseek.com", "DEEPSEEK_API_KEY"),
    "dashscope": Preset("https://dashscope.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY"),
    "zhipu": Preset("https://open.bigmodel.cn/api/paas/v4", "ZHIPUAI_API_KEY"),
    "moonshot": Preset("https://api.moonshot.cn/v1", "MOONSHOT_API_KEY"),
    "ark": Preset("https://ark.cn-beijing.volces.com/api/v3", "ARK_API_KEY"),
    "siliconflow": Preset("https://api.siliconflow.cn/v1", "SILICONFLOW_API_KEY"),
    "ollama": Preset("http://127.0.0.1:11434/v1", "OLLAMA_API_KEY"),
    "vllm": Preset("http://127.0.0.1:8000/v1", "VLLM_API_KEY"),
    "llamacpp": Preset("http://127.0.0.1:8080/v1", "LLAMA_API_KEY"),
}
"""通义 is dashscope, 智谱 zhipu, 火山方舟 ark. What each can do is found by asking it, not written here."""

LOCAL = frozenset({"ollama", "vllm", "llamacpp"})
"""Providers that want no key."""
IN_PROCESS = "local"
"""The provider of vectors that is no endpoint: a model in this process."""
S = TypeVar("S", bound="EndpointSettings")


class EndpointSettings(BaseModel):
    """Where a model is, and how it is asked, whatever for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str | None = None
    base_url: str | None = None
    model: str | None = None
    key_variable: str = "OPENAI_API_KEY"
    api_key: SecretStr | None = None
    concurrency: Annotated[int, Field(ge=1, le=512)] = 8
    timeout: Annotated[float, Field(gt=0)] = 120.0
    """Seconds for one request."""
    retries: Annotated[int, Field(ge=0, le=20)] = 4
    """Times that the SDK tries a request again after 429, 5xx or a broken connection."""
    rpm: Annotated[int, Field(ge=1)] | None = None
    tpm: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_cost: Annotated[Decimal, Field(gt=0)] | None = None
    price_in: Annotated[Decimal, Field(ge=0)] | None = None
    """Money for a million tokens in; the same for ``price_out``."""
    price_out: Annotated[Decimal, Field(ge=0)] | None = None
    cache: Path = Path.home() / ".cache" / "jixiao" / "answers.sqlite"

    @property
    def is_configured(self) -> bool:
        """Whether there is a model to ask."""
        return self.base_url is not None and self.model is not None

    def cost_of(self, prompt_tokens: int, completion_tokens: int) -> Decimal | None:
        """What the tokens cost, where both prices are known."""
        if self.price_in is None or self.price_out is None:
            return None
        return (self.price_in * prompt_tokens + self.price_out * completion_tokens) / 1_000_000


class Settings(EndpointSettings):
    """All that the model path can be told."""

    mode: Mode | None = None
    """``None``: found out by probing."""
    chunk_tokens: Annotated[int, Field(ge=100, le=100_000)] = 1200
    repairs: Annotated[int, Field(ge=0, le=5)] = 1
    """Times that records with faults go back to the model."""
    if_dead: Literal["stop", "rules"] = "stop"
    """What to do when the endpoint is gone: end the run, or go on by rules."""
    prompts: Path | None = None
    """A folder of prompt files that take the place of those of the same name that come with jixiao."""


class EmbeddingSettings(EndpointSettings):
    """All that semantic search can be told: the model that makes vectors, at an endpoint or on this machine."""

    price_out: Annotated[Decimal, Field(ge=0)] | None = Decimal(0)
    batch: Annotated[int, Field(ge=1, le=2048)] = 10
    """Texts in one request; every provider of the presets takes ten."""
    query_prefix: str = ""
    """What the model wants before the words of a search, “query: ” for E5; and before those of a record."""
    passage_prefix: str = ""

    @property
    def is_local(self) -> bool:
        """Whether the model runs in this process: ``model`` is its folder, or a name that fastembed knows."""
        return self.provider == IN_PROCESS

    @property
    def is_configured(self) -> bool:
        """Whether there is a model to make vectors."""
        return self.model is not None and (self.is_local or self.base_url is not None)

    @property
    def mark(self) -> str:
        """What the model's vectors are known by: its name, a local one's without its folder, and what it wants before a record."""
        name = Path(self.model or "").name if self.is_local else self.model or ""
        return f"{name} ({self.passage_prefix.strip()})" if self.passage_prefix.strip() else name


def load_settings(
    flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> Settings:
    """The settings that hold: each of ``flags`` that is not ``None``, else ``JIXIAO_…`` and ``OPENAI_…``, else ``jixiao.toml``.

    Raises:
        BadSettings: a value or a name is not one that is known.
    """
    return _settled(Settings, "model", _stated(Settings, "model", environ, folder), flags, environ)


def load_embedding_settings(
    flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> EmbeddingSettings:
    """The same for semantic search: ``JIXIAO_EMBEDDING_…``, and ``[embedding]`` in ``jixiao.toml``; the cache is the model path's.

    Raises:
        BadSettings: a value or a name is not one that is known.
    """
    of_model = _stated(Settings, "model", environ, folder)
    values = {"cache": of_model["cache"]} if "cache" in of_model else {}
    values |= _stated(EmbeddingSettings, "embedding", environ, folder)
    return _settled(EmbeddingSettings, "embedding", values, flags, environ)


_VARIABLES = {"model": "JIXIAO_", "embedding": "JIXIAO_EMBEDDING_"}
"""The tables of ``jixiao.toml``, and what the environment's variables for the same settings begin with."""


def _stated(kind: type[EndpointSettings], table: str, environ: Mapping[str, str] | None, folder: Path | None) -> dict[str, Any]:
    """What the file and the environment say."""
    environ = os.environ if environ is None else environ
    values = _from_file((folder or Path.cwd()) / "jixiao.toml", table)
    for name in kind.model_fields:
        if name not in ("api_key", "key_variable") and (words := environ.get(f"{_VARIABLES[table]}{name.upper()}")):
            values[name] = words
    if "base_url" not in values and (words := environ.get("OPENAI_BASE_URL")):
        values["base_url"] = words
    return values


def _settled(
    kind: type[S], table: str, values: dict[str, Any], flags: Mapping[str, Any] | None, environ: Mapping[str, str] | None
) -> S:
    """The settings, with the flags, with what a provider's name says, and with the key."""
    environ = os.environ if environ is None else environ
    values |= {name: value for name, value in (flags or {}).items() if value is not None}
    provider = values.get("provider")
    if provider in PRESETS:
        preset = PRESETS[provider]
        values.setdefault("base_url", preset.base_url)
        values.setdefault("key_variable", preset.key_variable)
        if "{" in values["base_url"]:
            variable = f"{_VARIABLES[table]}BASE_URL"
            raise BadSettings(f"{provider}: say your own address with --base-url or {variable}: {preset.base_url}")
    elif provider is not None and not (provider == IN_PROCESS and kind is EmbeddingSettings):
        known = (*PRESETS, IN_PROCESS) if kind is EmbeddingSettings else PRESETS
        raise BadSettings(f"{provider}: there is no such provider; there are {', '.join(known)}.")
    elif "model" in values and "base_url" not in values and environ.get("OPENAI_API_KEY"):
        values["base_url"] = PRESETS["openai"].base_url
    if key := environ.get(values.get("key_variable", "OPENAI_API_KEY")):
        values["api_key"] = SecretStr(key)
    try:
        return kind.model_validate(values)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise BadSettings(
            f"setting {first['loc'][0]}: {first['msg'][0].lower()}{first['msg'][1:]}; see `jixiao doctor`."
        ) from exc


def engine_of(spec: str, settings: Settings | None) -> tuple[str, Settings]:
    """The engine that ``spec`` names, and the settings for it: ``ENGINE[:MODEL][@PROMPTS]``.

    ``hybrid:qwen3-8b@old-prompts`` is the hybrid engine with that model and the prompts in that folder, all else as set.

    Raises:
        BadSettings: there is no such engine.
    """
    rest, _, prompts = spec.partition("@")
    name, _, model = rest.partition(":")
    if name not in ENGINES:
        raise BadSettings(f"{name}: there is no such engine; there are {', '.join(ENGINES)}.")
    settings = settings or Settings()
    changed = {"model": model or settings.model, "prompts": Path(prompts) if prompts else settings.prompts}
    return name, settings.model_copy(update=changed)


def _from_file(path: Path, name: str) -> dict[str, Any]:
    """A table of a settings file; none where there is no file."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise BadSettings(f"{path}: cannot be read as settings ({exc}).") from exc
    if unknown := [each for each in content if each not in _VARIABLES]:
        raise BadSettings(f"{path}: there is no table [{unknown[0]}]; settings stand under [model] and [embedding].")
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise BadSettings(f"{path}: [{name}] is no table.")
    if "api_key" in table:
        raise BadSettings(f"{path}: a key does not belong in a file; name the variable that holds it with key_variable.")
    return dict(table)
