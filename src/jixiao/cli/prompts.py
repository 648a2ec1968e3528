"""``jixiao prompts``: what a model would be told."""

from typing import Annotated

import typer

from jixiao.cli.console import fail


def prompts(
    name: Annotated[str | None, typer.Argument(help="The prompt to print; without it, all are listed.")] = None,
) -> None:
    """List the prompts that come with jixiao, or print one as it would open a conversation with a model."""
    from jixiao.errors import JixiaoError
    from jixiao.models.prompts import load_prompt, prompt_names

    try:
        chosen = [load_prompt(each) for each in ([name] if name else prompt_names())]
    except JixiaoError as exc:
        fail(str(exc))
    for prompt in chosen:
        if name is None:
            typer.echo(f"{prompt.name}  v{prompt.version}  {prompt.digest[:12]}  {len(prompt.examples)} examples")
        else:
            typer.echo(prompt.fixed_words(with_schema=True))
