"""What the commands with a model in them have in common: its options, and what is said of its work."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jixiao.cli.console import fail, plain

if TYPE_CHECKING:
    from jixiao.records import Extraction
    from jixiao.settings import EmbeddingSettings, Settings
    from jixiao.usage import Usage

_PANEL = "Model"
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine", "-e", metavar="NAME", help="rules, model or hybrid; hybrid where a model is configured, else rules."
    ),
]
ProviderOption = Annotated[
    str | None,
    typer.Option(
        "--provider",
        help="A preset of base URL and key variable: openai, azure, deepseek, dashscope, zhipu, moonshot, ark, siliconflow, ollama, vllm, llamacpp.",
        rich_help_panel=_PANEL,
    ),
]
ModelOption = Annotated[str | None, typer.Option("--model", help="The model's name at its endpoint.", rich_help_panel=_PANEL)]
BaseUrlOption = Annotated[
    str | None, typer.Option("--base-url", metavar="URL", help="Any OpenAI-compatible endpoint.", rich_help_panel=_PANEL)
]
ModeOption = Annotated[
    str | None,
    typer.Option(
        "--mode",
        help="json_schema, json_object, tools or text; without it, what the endpoint can do is found out by asking.",
        rich_help_panel=_PANEL,
    ),
]
PromptsOption = Annotated[
    Path | None,
    typer.Option("--prompts", metavar="DIR", help="Prompt files that take the place of jixiao's own.", rich_help_panel=_PANEL),
]
ConcurrencyOption = Annotated[
    int | None, typer.Option("--concurrency", help="Requests under way at once (8).", rich_help_panel=_PANEL)
]
TimeoutOption = Annotated[
    float | None, typer.Option("--timeout", metavar="SECONDS", help="For one request (120).", rich_help_panel=_PANEL)
]
RpmOption = Annotated[int | None, typer.Option("--rpm", help="Requests a minute, at most.", rich_help_panel=_PANEL)]
TpmOption = Annotated[int | None, typer.Option("--tpm", help="Tokens a minute, at most.", rich_help_panel=_PANEL)]
MaxTokensOption = Annotated[
    int | None, typer.Option("--max-tokens", help="Tokens that the run may use in all.", rich_help_panel=_PANEL)
]
MaxCostOption = Annotated[
    float | None,
    typer.Option(
        "--max-cost", help="Money that the run may cost, by the settings' price_in and price_out.", rich_help_panel=_PANEL
    ),
]
IfDeadOption = Annotated[
    str | None,
    typer.Option("--if-dead", help="When the endpoint is gone: stop (default), or go on by rules.", rich_help_panel=_PANEL),
]


def settings_from(**flags: object) -> "Settings":
    """The settings that hold, with the flags that were given; a wrong one is refused."""
    from jixiao.errors import BadSettings
    from jixiao.settings import load_settings

    if flags.get("max_cost") is not None:
        flags["max_cost"] = Decimal(str(flags["max_cost"]))
    try:
        return load_settings(flags)
    except BadSettings as exc:
        fail(str(exc))


def embedding_settings_from(**flags: object) -> "EmbeddingSettings":
    """The same for semantic search, where a model of vectors must be configured."""
    from jixiao.errors import BadSettings
    from jixiao.settings import load_embedding_settings

    if flags.get("max_cost") is not None:
        flags["max_cost"] = Decimal(str(flags["max_cost"]))
    try:
        settings = load_embedding_settings(flags)
    except BadSettings as exc:
        fail(str(exc))
    if not settings.is_configured:
        fail(
            "no model of vectors is configured: set JIXIAO_EMBEDDING_MODEL, and JIXIAO_EMBEDDING_PROVIDER or JIXIAO_EMBEDDING_BASE_URL, "
            "or [embedding] in jixiao.toml."
        )
    return settings


def usage_words(usage: "Usage") -> str:
    """What was used, in a line."""
    words = f"{usage.calls} requests"
    if usage.cached_calls:
        words += f" and {usage.cached_calls} answers from the cache"
    words += f", {usage.prompt_tokens:,} tokens in, {usage.completion_tokens:,} out"
    return words + (f", {usage.cost:.4f} in money" if usage.cost is not None else "")


def incomplete(extraction: "Extraction") -> list[str]:
    """What of a report the model did not answer for, a sentence each."""
    if extraction.run is None:
        return []
    name = extraction.report.source
    return [
        plain(f"{name}: no answer for characters {lost.start}-{lost.end}: {lost.reason}") for lost in extraction.run.failed_chunks
    ]
