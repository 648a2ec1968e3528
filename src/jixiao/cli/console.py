"""What all commands say alike: progress, the last words, a refusal; and files written whole or not at all."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NoReturn

import typer


def plain(words: str) -> str:
    """Words fit for a terminal: a file's name may hold control characters."""
    return "".join(character if character.isprintable() else "\ufffd" for character in words)


def fail(sentence: str) -> NoReturn:
    """Refuse: one sentence, exit code 2."""
    typer.echo(f"✗ {plain(sentence)}", err=True)
    raise typer.Exit(2)


@contextmanager
def progress(steps: int) -> Iterator[Callable[[str], None]]:
    """A progress bar with the time left, where there are several steps and a person is watching."""
    if steps < 2 or not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.fields[name]}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Only what goes to the terminal too may be led around the bar; a redirected output is not the bar's to touch.
    shared = sys.stdout.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=shared) as bar:
        task = bar.add_task("", total=steps, name="")
        begun = 0

        def advance(name: str) -> None:
            nonlocal begun
            bar.update(task, completed=begun, name=plain(name)[:40])
            begun += 1

        yield advance


def write_file(path: Path, words: str) -> None:
    """Write whole or not at all: beside its place first, then moved onto it.

    Raises:
        JixiaoError: it cannot be written.
    """
    from jixiao.errors import JixiaoError

    partial: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=".jixiao-", suffix=".partial", delete=False
        ) as file:
            partial = Path(file.name)
            file.write(words)
        partial.chmod(0o666 & ~_umask())
        partial.replace(path)
    except OSError as exc:
        if partial is not None:
            partial.unlink(missing_ok=True)
        raise JixiaoError(f"{path}: cannot be written ({exc.strerror or exc}).") from exc


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
