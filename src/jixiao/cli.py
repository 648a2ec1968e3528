"""The command line: parse, call, print. The only room that prints or exits.

Libraries are loaded by the command that needs them, so that `--help` loads none.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from jixiao.document import Document
    from jixiao.records import Extraction

app = typer.Typer(
    help="绩效 · Chinese performance reports into typed, source-grounded records.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Format(str, Enum):
    """What ``extract`` prints."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    html = "html"


@app.callback()
def main() -> None:
    """绩效 · Chinese performance reports into typed, source-grounded records."""


@app.command()
def extract(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Reports (.txt, .md), folders of them, or - for standard input.")
    ],
    format: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="table (default on a terminal), json (default in a pipe), jsonl, or html."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE|DIR", help="Write there instead; a folder takes one file a report."),
    ] = None,
) -> None:
    """Extract goals, completions, metrics, issues and measures from reports, by rules alone."""
    from jixiao.errors import JixiaoError

    failures: list[str] = []
    sources = list(_sources(paths, failures))
    chosen = format or _default_format(output)
    _refuse_unwritable(chosen, output, len(sources))
    done = 0
    with _sink(chosen, output, len(sources)) as sink, _progress(len(sources)) as advance:
        for source in sources:
            advance(source)
            try:
                document, extraction = _extract_one(source)
                sink.write(document, extraction)
                done += 1
            except JixiaoError as exc:
                failures.append(str(exc))
    _finish(done, failures)


@app.command()
def prompts(
    name: Annotated[str | None, typer.Argument(help="The prompt to print; without it, all are listed.")] = None,
) -> None:
    """List the prompts that come with jixiao, or print one as it would open a conversation with a model."""
    from jixiao.errors import JixiaoError
    from jixiao.prompts import load_prompt, prompt_names

    try:
        chosen = [load_prompt(each) for each in ([name] if name else prompt_names())]
    except JixiaoError as exc:
        _fail(str(exc))
    for prompt in chosen:
        if name is None:
            typer.echo(f"{prompt.name}  v{prompt.version}  {prompt.digest[:12]}  {len(prompt.examples)} examples")
        else:
            typer.echo(prompt.system.strip())
            for example in prompt.examples:
                typer.echo(f"\n<report>{example.text}</report>")
                for record in example.records:
                    typer.echo(record.model_dump_json(exclude_none=True))


def _extract_one(source: str) -> "tuple[Document, Extraction]":
    from jixiao.pipeline import extract as extract_document
    from jixiao.pipeline import read
    from jixiao.readers.text import read_text

    document = read_text(sys.stdin.buffer.read(), "<stdin>") if source == "-" else read(Path(source))
    return document, extract_document(document)


def _sources(paths: list[str], failures: list[str]) -> Iterator[str]:
    """The reports that the paths name, folders opened; what names none is a failure."""
    from jixiao.pipeline import TEXT_SUFFIXES

    for path in paths:
        if path == "-" or not Path(path).is_dir():
            yield path
            continue
        try:
            found = sorted(str(file) for file in Path(path).rglob("*") if file.suffix.lower() in TEXT_SUFFIXES and file.is_file())
        except OSError as exc:
            failures.append(f"{path}: the folder cannot be read ({exc.strerror}).")
            continue
        if not found:
            failures.append(f"{path}: no reports in this folder; jixiao reads .txt and .md files.")
        yield from found


def _default_format(output: Path | None) -> Format:
    if output is not None:
        suffix = output.suffix.lower().lstrip(".")
        return Format(suffix) if suffix in ("json", "jsonl", "html") else Format.json
    return Format.table if sys.stdout.isatty() else Format.json


def _refuse_unwritable(format: Format, output: Path | None, reports: int) -> None:
    """Say before any work what cannot be written."""
    if format is Format.html and output is None and reports > 1:
        _fail("--format html makes one page a report: give a folder with -o DIR.")
    if format is Format.html and output is not None and reports > 1 and output.suffix:
        _fail(f"{output}: {reports} reports make {reports} pages: give a folder with -o DIR.")
    if output is not None and output.suffix and not output.is_dir() and not output.absolute().parent.is_dir():
        _fail(f"{output}: the folder {output.parent} does not exist; make it first.")


class _Sink:
    """Where extractions go: standard output, one file, or a folder with a file for each."""

    def __init__(self, format: Format, output: Path | None, reports: int) -> None:
        self._format = format
        self._folder = output if output is not None and (output.is_dir() or not output.suffix) else None
        self._file = output if self._folder is None else None
        self._several = reports > 1
        self._parts: list[str] = []
        self._names: set[str] = set()

    def write(self, document: "Document", extraction: "Extraction") -> None:
        if self._folder is not None:
            self._write_file(self._folder / self._name_for(extraction.report.source), self._words(document, extraction))
        elif self._file is not None:
            self._parts.append(self._words(document, extraction))
        elif self._format is Format.table:
            self._print_card(extraction)
        elif self._format is Format.json and self._several:
            sys.stdout.write(("[\n" if not self._parts else ",\n") + self._words(document, extraction))
            self._parts.append("")
        else:
            sys.stdout.write(self._words(document, extraction) + "\n")

    def close(self) -> None:
        if self._file is not None and self._parts:
            joined = "\n".join(self._parts)
            if self._format is Format.json and self._several:
                joined = "[\n" + ",\n".join(self._parts) + "\n]"
            self._write_file(self._file, joined)
        elif self._folder is None and self._format is Format.json and self._several:
            sys.stdout.write("\n]\n" if self._parts else "[]\n")
        sys.stdout.flush()

    def _words(self, document: "Document", extraction: "Extraction") -> str:
        if self._format is Format.html:
            from jixiao.render.page import render_page

            return render_page(extraction, document.text)
        if self._format is Format.table:
            return _card_words(extraction)
        return extraction.model_dump_json(indent=None if self._format is Format.jsonl else 2)

    def _print_card(self, extraction: "Extraction") -> None:
        from rich.console import Console

        from jixiao.render.card import print_card

        print_card(extraction, Console())

    def _name_for(self, source: str) -> str:
        stem = Path(source).stem.strip("<>") or "report"
        name, number = stem, 2
        while name in self._names:
            name, number = f"{stem}-{number}", number + 1
        self._names.add(name)
        return f"{name}.{'txt' if self._format is Format.table else self._format.value}"

    def _write_file(self, path: Path, words: str) -> None:
        """Write whole or not at all: beside its place first, then moved onto it."""
        from jixiao.errors import JixiaoError

        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(words + "\n", encoding="utf-8")
            partial.replace(path)
        except OSError as exc:
            partial.unlink(missing_ok=True)
            raise JixiaoError(f"{path}: cannot be written ({exc.strerror or exc}).") from exc


def _card_words(extraction: "Extraction") -> str:
    from io import StringIO

    from rich.console import Console

    from jixiao.render.card import print_card

    buffer = StringIO()
    print_card(extraction, Console(file=buffer, width=100, color_system=None))
    return buffer.getvalue()


@contextmanager
def _sink(format: Format, output: Path | None, reports: int) -> Iterator[_Sink]:
    from jixiao.errors import JixiaoError

    sink = _Sink(format, output, reports)
    try:
        yield sink
        sink.close()
    except BrokenPipeError:
        # the reader of our output has gone (| head): no more to say, and nothing to complain of
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except JixiaoError as exc:
        _fail(str(exc))


@contextmanager
def _progress(reports: int) -> "Iterator[_Advance]":
    """A progress bar with the time left, where several reports are read and a person is watching."""
    if reports < 2 or not sys.stderr.isatty():
        yield _Advance(None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.fields[name]}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=reports, name="")
        begun = 0

        def advance(name: str) -> None:
            nonlocal begun
            progress.update(task, completed=begun, name=Path(name).name[:30])
            begun += 1

        yield _Advance(advance)


class _Advance:
    def __init__(self, call: "Callable[[str], None] | None") -> None:
        self._call = call

    def __call__(self, name: str) -> None:
        if self._call is not None:
            self._call(name)


def _finish(done: int, failures: list[str]) -> None:
    """The last words of a batch: what failed and why; the exit code says whether anything did."""
    if not failures:
        return
    for failure in failures:
        typer.echo(f"✗ {failure}", err=True)
    if done or len(failures) > 1:
        typer.echo(f"{done} extracted, {len(failures)} failed.", err=True)
    raise typer.Exit(1)


def _fail(sentence: str) -> NoReturn:
    typer.echo(f"✗ {sentence}", err=True)
    raise typer.Exit(2)


if TYPE_CHECKING:
    from collections.abc import Callable
