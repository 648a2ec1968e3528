"""``jixiao extract``: reports in, records out, to the screen, a file or a folder."""

import os
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jixiao.cli.console import fail, plain, progress, write_file

if TYPE_CHECKING:
    from jixiao.document import Document
    from jixiao.records import Extraction


class Format(str, Enum):
    """What ``extract`` prints."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    html = "html"


def extract(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Reports of any kind, folders and zip archives of them, or - for standard input."),
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
    _refuse_unwritable(chosen, output, sources)
    sink = _Sink(chosen, output, sources)
    done = 0
    try:
        with progress(len(sources)) as advance:
            for source in sources:
                advance(Path(source).name)
                try:
                    sink.write(*_extract_one(source))
                    done += 1
                except JixiaoError as exc:
                    failures.append(str(exc))
        sink.close()
    except JixiaoError as exc:
        failures.append(str(exc))
        done = 0
    except BrokenPipeError:
        _silence_stdout()  # the reader of our output has gone (| head): no more to say
        raise typer.Exit(0) from None
    except OSError as exc:
        _silence_stdout()
        failures.append(f"standard output: cannot be written ({exc.strerror or exc}).")
    _finish(done, failures)


def _extract_one(source: str) -> "tuple[Document, Extraction]":
    from jixiao.pipeline import extract as extract_document
    from jixiao.pipeline import read
    from jixiao.readers.opening import open_document

    document = open_document(sys.stdin.buffer.read(), "<stdin>") if source == "-" else read(Path(source))
    return document, extract_document(document)


def _sources(paths: list[str], failures: list[str]) -> Iterator[str]:
    """The reports that the paths name, folders opened; what names none is a failure."""
    from jixiao.errors import JixiaoError
    from jixiao.readers.archive import READS, reports_in

    for path in paths:
        try:
            found = [path] if path == "-" else reports_in(Path(path))
        except JixiaoError as exc:
            failures.append(str(exc))
            continue
        if not found:
            failures.append(f"{path}: no reports in this folder; jixiao reads {READS}.")
        yield from found


def _default_format(output: Path | None) -> Format:
    if output is not None:
        suffix = output.suffix.lower().lstrip(".")
        return Format(suffix) if suffix in ("json", "jsonl", "html") else Format.json
    return Format.table if sys.stdout.isatty() else Format.json


def _refuse_unwritable(format: Format, output: Path | None, sources: list[str]) -> None:
    """Say before any work what cannot be written."""
    several = len(sources) > 1
    if format is Format.html and several and output is None:
        fail("--format html makes one page a report: give a folder with -o DIR.")
    if format is Format.html and several and output is not None and not _is_folder(output):
        fail(f"{output}: {len(sources)} reports make {len(sources)} pages: give a folder with -o DIR.")
    if output is None:
        return
    if not _is_folder(output) and not output.absolute().parent.is_dir():
        fail(f"{output}: the folder {output.parent} does not exist; make it first.")
    if not _is_folder(output) and _same_file(output, sources):
        fail(f"{output}: this is the report itself; write the records somewhere else.")


def _is_folder(output: Path) -> bool:
    """Whether the output is a folder: one that is there, or a name without an ending that is not there yet."""
    return output.is_dir() or (not output.suffix and not output.exists())


def _same_file(path: Path, sources: list[str]) -> bool:
    return path.exists() and any(source != "-" and Path(source).exists() and path.samefile(source) for source in sources)


class _Sink:
    """Where extractions go: standard output, one file, or a folder with a file for each."""

    def __init__(self, format: Format, output: Path | None, sources: list[str]) -> None:
        self._format = format
        self._folder = output if output is not None and _is_folder(output) else None
        self._file = output if self._folder is None else None
        self._sources = sources
        self._list = format is Format.json and len(sources) > 1
        self._parts: list[str] = []
        self._written = 0
        self._names: set[str] = set()

    def write(self, document: "Document", extraction: "Extraction") -> None:
        """Write one report's records, or keep them for the file."""
        words = self._words(document, extraction)
        if self._folder is not None:
            self._write_file(self._folder / self._name_for(extraction.report.source), words)
        elif self._file is not None:
            self._parts.append(words)
        else:
            opening = ("[\n" if not self._written else ",\n") if self._list else ""
            sys.stdout.write(opening + words + ("" if self._list else "\n"))
            sys.stdout.flush()
        self._written += 1

    def close(self) -> None:
        """Write what was kept, and end what was begun."""
        if self._file is not None and self._parts:
            joined = "[\n" + ",\n".join(self._parts) + "\n]" if self._list else "\n".join(self._parts)
            self._write_file(self._file, joined)
        elif self._file is None and self._folder is None and self._list:
            sys.stdout.write("\n]\n" if self._written else "[]\n")
            sys.stdout.flush()

    def _words(self, document: "Document", extraction: "Extraction") -> str:
        if self._format is Format.html:
            from jixiao.render.page import render_page

            return render_page(extraction, document.text)
        if self._format is Format.table:
            from jixiao.render.card import card_words

            on_terminal = self._file is None and self._folder is None
            return card_words(extraction, None if on_terminal else 100).rstrip("\n")
        return extraction.model_dump_json(indent=None if self._format is Format.jsonl else 2)

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

        if _same_file(path, self._sources):
            raise JixiaoError(f"{path}: this is a report itself; write the records somewhere else.")
        write_file(path, words + "\n")


def _silence_stdout() -> None:
    """Let what is still to be flushed at the end go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _finish(done: int, failures: list[str]) -> None:
    """The last words of a batch: what failed and why; the exit code says whether anything did."""
    if not failures:
        return
    for failure in failures:
        typer.echo(f"✗ {plain(failure)}", err=True)
    if done or len(failures) > 1:
        typer.echo(f"{done} extracted, {len(failures)} failed.", err=True)
    raise typer.Exit(1)
