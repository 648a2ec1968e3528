"""Prompts (提示词) as files: versioned, validated, hashed; shipped in the package and read from there, from any folder.

A prompt's examples are data: each quote must occur in its example's own text, or the prompt is refused.
"""

import hashlib
import json
import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from jixiao.errors import BadPrompt
from jixiao.models.answers import ANSWERS, RECORDS, AnswerModel, schema_of


class Example(BaseModel):
    """An example: what the model is shown, and the answer that is right for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    drafts: str = ""
    answer: dict[str, list[Any]]

    @model_validator(mode="after")
    def _quotes_occur(self) -> Self:
        for records in self.answer.values():
            for record in records:
                for name in ("quote", "value", "cause") if isinstance(record, dict) else ():
                    words = record.get(name)
                    if words is not None and words not in self.text:
                        raise ValueError(f"the example's text does not hold {words!r}")
        return self


class Prompt(BaseModel):
    """A prompt: what stays fixed comes first, so that providers' prompt caches hit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: int
    answers: Literal["narrative", "table", "review", "summary"]
    """The answer that it asks for."""
    answer_tokens: float
    """Tokens that an answer may take for each token of the text; more than that is a model that repeats itself."""
    system: str
    repair: str
    """What is said when faulty records go back."""
    examples: tuple[Example, ...]

    @model_validator(mode="after")
    def _answers_fit(self) -> Self:
        for example in self.examples:
            self.answer.model_validate(self._whole(example.answer))
        return self

    def _whole(self, answer: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """An example's answer with its empty lists and its nulls, which TOML cannot say."""
        return {
            name: [
                {key: record.get(key) for key in RECORDS[name].model_fields} if isinstance(record, dict) else record
                for record in answer.get(name, [])
            ]
            for name in self.answer.model_fields
        }

    @property
    def answer(self) -> AnswerModel:
        return ANSWERS[self.answers]

    @property
    def schema_sent(self) -> dict[str, Any]:
        """The JSON schema of the answer."""
        return schema_of(self.answer)

    @property
    def digest(self) -> str:
        """The SHA-256 of the prompt's content, by which an answer is known to be of this prompt."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def mark(self) -> str:
        """Name, version and the beginning of the digest: ``narrative@2:1f3a…``."""
        return f"{self.name}@{self.version}:{self.digest[:12]}"

    def fixed_words(self, *, with_schema: bool) -> str:
        """The fixed part: the task, the schema where the endpoint does not take it apart from the prompt, the examples."""
        parts = [self.system.strip()]
        if with_schema:
            parts.append("只输出一个 json 对象，不加解释，符合此 json schema：\n" + _compact(self.schema_sent))
        for number, example in enumerate(self.examples, 1):
            parts.append(
                f"示例{number}：\n{fenced(example.text, drafts=example.drafts)}\n{_compact(self._whole(example.answer))}"
            )
        return "\n\n".join(parts)


def fenced(text: str, *, path: str = "", header: str = "", drafts: str = "") -> str:
    """A report's words fenced as data: what in them looks like a fence of ours is made harmless."""
    parts = []
    for name, words in (("path", path), ("header", header), ("report", text), ("drafts", drafts)):
        if words:
            parts.append(f"<{name}>\n{words.replace('</', '＜/')}\n</{name}>")
    return "\n".join(parts)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def prompts_folder() -> Traversable:
    """The prompts in the installed package, or beside ``src`` in a checkout."""
    shipped = files("jixiao") / "prompts"
    return shipped if shipped.is_dir() else Path(__file__).parents[3] / "prompts"


def prompt_names() -> list[str]:
    """The names of the prompts that come with jixiao."""
    return sorted(file.name.removesuffix(".toml") for file in prompts_folder().iterdir() if file.name.endswith(".toml"))


@cache
def load_prompt(name: str, folder: Path | None = None) -> Prompt:
    """The prompt called ``name``: from ``folder``, where it has one of that name, else the one that comes with jixiao.

    Raises:
        BadPrompt: there is no such prompt, or its file is not in the form above.
    """
    if name not in prompt_names():
        raise BadPrompt(f"{name}: there is no such prompt; there are {', '.join(prompt_names())}.")
    if folder is not None and not folder.is_dir():
        raise BadPrompt(f"{folder}: there is no such folder of prompts.")
    own = folder / f"{name}.toml" if folder is not None else None
    file = own if own is not None and own.exists() else prompts_folder() / f"{name}.toml"
    try:
        return parse_prompt(file.read_text(encoding="utf-8"))
    except (ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise BadPrompt(f"{file}: the prompt file is not in the form of a prompt: {exc}.") from exc


def parse_prompt(words: str) -> Prompt:
    """The prompt that a file's words make."""
    return Prompt.model_validate(tomllib.loads(words))
