"""The reports that a command's paths name: files, folders and zip archives of them, ``-`` for standard input."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from jixiao.cli.console import plain

if TYPE_CHECKING:
    from jixiao.document import Document


def sources_of(paths: list[str], failures: list[str]) -> Iterator[str]:
    """The reports that the paths name, folders and archives opened; what names none is a failure.

    Pages that jixiao wrote into such a folder are no reports; a word says that they are left out.
    """
    from jixiao.errors import JixiaoError
    from jixiao.readers.archive import READS, reports_in

    for path in paths:
        try:
            found = [path] if path == "-" else reports_in(Path(path))
        except JixiaoError as exc:
            failures.append(str(exc))
            continue
        own = [each for each in found if _is_own_page(Path(each))] if Path(path).is_dir() else []
        if own:
            found = [each for each in found if each not in own]
            names = ", ".join(Path(each).name for each in own[:3]) + " …" * (len(own) > 3)
            typer.echo(plain(f"{path}: left out what jixiao itself wrote: {names}"), err=True)
        if not found:
            failures.append(f"{path}: no reports in this folder; jixiao reads {READS}.")
        yield from found


def _is_own_page(path: Path) -> bool:
    from jixiao.readers.kinds import Kind, kind_of

    if path.suffix.lower() not in (".html", ".htm"):
        return False
    try:
        with path.open("rb") as file:
            return kind_of(file.read(4096)) is Kind.OWN_PAGE
    except OSError:
        return False  # reading it says what is wrong


def read_source(source: str) -> "Document":
    """The document that a source names.

    Raises:
        UnreadableInput: as :func:`jixiao.read`.
    """
    from jixiao.pipeline import read
    from jixiao.readers.archive import MOST_BYTES
    from jixiao.readers.opening import open_document

    return open_document(sys.stdin.buffer.read(MOST_BYTES + 1), "<stdin>") if source == "-" else read(Path(source))


def reader_notes(document: "Document") -> list[str]:
    """What the reader left out of a report, and how much of it is not sure: a sentence each."""
    notes = [f"{document.source}: {note}" for note in document.notes]
    if document.doubts:
        count = len(document.doubts)
        places = "one place" if count == 1 else f"{count} places"
        notes.append(f"{document.source}: a scan, in {places} of which a figure is not sure; jixiao read lists them.")
    return notes


def tell(notes: list[str]) -> None:
    """Say on standard error what readers had to say."""
    for note in notes:
        typer.echo(f"· {plain(note)}", err=True)


def is_one_of(path: Path, sources: list[str]) -> bool:
    """Whether a file to be written is one of the reports themselves."""
    return path.exists() and any(source != "-" and Path(source).exists() and path.samefile(source) for source in sources)
