"""``jixiao extract``: reports in, records out, to the screen, a file or a folder."""

import os
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jixiao.cli.console import fail, plain, progress, write_file
from jixiao.cli.modelling import (
    BaseUrlOption,
    ConcurrencyOption,
    EngineOption,
    IfDeadOption,
    MaxCostOption,
    MaxTokensOption,
    ModelOption,
    ModeOption,
    PromptsOption,
    ProviderOption,
    RpmOption,
    TimeoutOption,
    TpmOption,
    incomplete,
    settings_from,
    usage_words,
)
from jixiao.cli.sources import is_one_of, read_source, reader_notes, sources_of, tell

if TYPE_CHECKING:
    from jixiao.document import Document
    from jixiao.errors import JixiaoError
    from jixiao.records import Extraction
    from jixiao.settings import Settings


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
    engine: EngineOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what a model would cost, and ask nothing.", rich_help_panel="Model")
    ] = False,
    provider: ProviderOption = None,
    model: ModelOption = None,
    base_url: BaseUrlOption = None,
    mode: ModeOption = None,
    prompts: PromptsOption = None,
    concurrency: ConcurrencyOption = None,
    timeout: TimeoutOption = None,
    rpm: RpmOption = None,
    tpm: TpmOption = None,
    max_tokens: MaxTokensOption = None,
    max_cost: MaxCostOption = None,
    if_dead: IfDeadOption = None,
) -> None:
    """Extract goals, completions, metrics, issues and measures from reports: by rules, by a model, or by both together."""
    from jixiao.errors import BadSettings, JixiaoError
    from jixiao.pipeline import extract_each

    failures: list[str] = []
    sources = list(sources_of(paths, failures))
    settings = settings_from(
        provider=provider,
        model=model,
        base_url=base_url,
        mode=mode,
        prompts=prompts,
        concurrency=concurrency,
        timeout=timeout,
        rpm=rpm,
        tpm=tpm,
        max_tokens=max_tokens,
        max_cost=max_cost,
        if_dead=if_dead,
    )
    spec = engine or ("hybrid" if settings.is_configured else "rules")
    if dry_run:
        try:
            _estimate(sources, spec, settings, failures)
        except JixiaoError as exc:
            fail(str(exc))
        _finish(len(sources) - len(failures), failures)
        return
    chosen = format or _default_format(output)
    _refuse_unwritable(chosen, output, sources)
    sink = _Sink(chosen, output, sources)
    notes: list[str] = []
    done = 0
    used = None
    try:
        with progress(len(sources), chunks=not spec.startswith("rules")) as bar:
            for source, result in extract_each(bar.each(sources), read_source, spec, settings, bar.heard):
                if isinstance(result, JixiaoError):
                    failures.append(_told(source, result))
                    continue
                try:
                    sink.write(*result)
                except JixiaoError as exc:
                    failures.append(str(exc))
                    continue
                notes += reader_notes(result[0])
                failures += incomplete(result[1])
                done += 1
            used = bar.usage
        sink.close()
    except BadSettings as exc:
        fail(str(exc))
    except JixiaoError as exc:
        failures.append(str(exc))
        done = 0
    except BrokenPipeError:
        _silence_stdout()  # the reader of our output has gone (| head): no more to say
        raise typer.Exit(0) from None
    except OSError as exc:
        _silence_stdout()
        failures.append(f"standard output: cannot be written ({exc.strerror or exc}).")
    tell(notes)
    if used is not None:
        typer.echo(f"{spec}: {usage_words(used)}.", err=True)
    _finish(done, failures)


def _estimate(sources: list[str], spec: str, settings: "Settings", failures: list[str]) -> None:
    """Say what the reports would cost, and ask nothing."""
    from jixiao.errors import JixiaoError
    from jixiao.models.engine import estimate
    from jixiao.settings import engine_of
    from jixiao.usage import Usage

    name, settings = engine_of(spec, settings)
    whole = Usage()
    for source in sources:
        try:
            document = read_source(source)
            usage = Usage() if name == "rules" else estimate(document, settings, "model" if name == "model" else "hybrid")
        except JixiaoError as exc:
            failures.append(str(exc))
            continue
        typer.echo(f"{plain(document.source)}: {usage_words(usage)}")
        whole += usage
    typer.echo(f"{len(sources)} reports by {name}: about {usage_words(whole)}; nothing was asked.")


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
    if not _is_folder(output) and is_one_of(output, sources):
        fail(f"{output}: this is the report itself; write the records somewhere else.")


def _is_folder(output: Path) -> bool:
    """Whether the output is a folder: one that is there, or a name without an ending that is not there yet."""
    return output.is_dir() or (not output.suffix and not output.exists())


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

        if is_one_of(path, self._sources):
            raise JixiaoError(f"{path}: this is a report itself; write the records somewhere else.")
        write_file(path, words + "\n")


def _told(source: str, error: "JixiaoError") -> str:
    """An error's sentence, with the report's name where it is of a model and has none."""
    from jixiao.errors import EndpointError

    return f"{source}: {error}" if isinstance(error, EndpointError) else str(error)


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
