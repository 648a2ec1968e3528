"""Prompts (提示词) as files: versioned, validated, hashed; shipped in the package and read from there, from any folder.

A prompt's examples are data: each quote must occur in its example's own text, or the prompt is refused.
"""

import hashlib
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from jixiao.errors import BadPrompt


class ExampleRecord(BaseModel):
    """A record that an example (示例) shows the model: its quote and, by kind, its words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["goal", "completion", "figure", "issue", "measure"]
    quote: str
    label: str | None = None
    level: Literal["key_work", "annual", "project"] | None = None
    status: Literal["achieved", "partial", "not_achieved", "unstated"] | None = None
    name: str | None = None
    words: str | None = None
    statement: str | None = None
    cause: str | None = None


class Example(BaseModel):
    """An example: a stretch of a report and the records in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    records: tuple[ExampleRecord, ...]

    @model_validator(mode="after")
    def _quotes_occur(self) -> Self:
        for record in self.records:
            for words in (record.quote, record.words, record.statement, record.cause):
                if words is not None and words not in self.text:
                    raise ValueError(f"the example's text does not hold {words!r}")
        return self


class Prompt(BaseModel):
    """A prompt: what stays fixed comes first, so that providers' prompt caches hit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: int
    system: str
    examples: tuple[Example, ...]

    @property
    def digest(self) -> str:
        """The SHA-256 of the prompt's content, by which an answer is known to be of this prompt."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def _folder() -> Traversable:
    """The prompts in the installed package, or beside ``src`` in a checkout."""
    shipped = files("jixiao") / "prompts"
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "prompts"


def prompt_names() -> list[str]:
    """The names of the prompts that come with jixiao."""
    return sorted(file.name.removesuffix(".toml") for file in _folder().iterdir() if file.name.endswith(".toml"))


def load_prompt(name: str) -> Prompt:
    """The prompt called ``name``.

    Raises:
        BadPrompt: there is no such prompt, or its file is not in the form above.
    """
    if name not in prompt_names():
        raise BadPrompt(f"{name}: there is no such prompt; there are {', '.join(prompt_names())}.")
    try:
        return Prompt.model_validate(tomllib.loads((_folder() / f"{name}.toml").read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as exc:
        raise BadPrompt(f"{name}: the prompt file is not in the form of a prompt: {exc}.") from exc
