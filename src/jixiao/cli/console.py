"""What all commands say alike: progress, the last words, a refusal; and files written whole or not at all."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from jixiao.usage import Usage


def plain(words: str) -> str:
    """Words fit for a terminal: a file's name may hold control characters."""
    return "".join(character if character.isprintable() else "\ufffd" for character in words)


def fail(sentence: str) -> NoReturn:
    """Refuse: one sentence, exit code 2."""
    typer.echo(f"✗ {plain(sentence)}", err=True)
    raise typer.Exit(2)


class Bar:
    """Progress (进度) as a command tells it; a person sees it where there is something to wait for and somebody is watching."""

    def __init__(self, show: "Callable[[dict[str, Any]], None] | None" = None, *, chunks: bool = False) -> None:
        self._show = show
        self._chunks = chunks
        self._begun = 0
        self.usage: Usage | None = None
        """What a model has cost so far; ``None`` where there is none at work."""

    def advance(self, name: str) -> None:
        """A step begins; those before it are done."""
        if self._show is not None:
            self._show({"name": plain(name)[:40]} | ({} if self._chunks else {"completed": self._begun}))
        self._begun += 1

    def each(self, sources: Iterable[str]) -> Iterator[str]:
        """The sources, a step each."""
        for source in sources:
            self.advance(Path(source).name)
            yield source

    def heard(self, known: int, done: int, usage: "Usage") -> None:
        """Chunks that are known and done, and what they have cost."""
        self.usage = usage
        if self._show is not None:
            money = f" {usage.cost:.3f}" if usage.cost is not None else ""
            words = f"{(usage.prompt_tokens + usage.completion_tokens) / 1000:.1f}k tokens{money}"
            self._show({"total": known, "completed": done, "used": words})


@contextmanager
def progress(steps: int, *, chunks: bool = False) -> Iterator[Bar]:
    """A progress bar with the time left: over ``steps``, or over the chunks that a model is asked about, with their cost."""
    if (steps < 2 and not chunks) or not sys.stderr.isatty():
        yield Bar()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[name]}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[used]}", markup=False),
        TimeRemainingColumn(),
    )
    # Only what goes to the terminal too may be led around the bar; a redirected output is not the bar's to touch.
    shared = sys.stdout.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=shared) as shown:
        task = shown.add_task("", total=None if chunks else steps, name="", used="")
        yield Bar(lambda fields: shown.update(task, **fields), chunks=chunks)


def write_file(path: Path, words: str | bytes) -> None:
    """Write whole or not at all: beside its place first, then moved onto it.

    Raises:
        JixiaoError: it cannot be written.
    """
    from jixiao.errors import JixiaoError

    partial: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".jixiao-", suffix=".partial", delete=False) as file:
            partial = Path(file.name)
            file.write(words.encode() if isinstance(words, str) else words)
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
