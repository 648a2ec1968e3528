"""The reports that a command's paths name: files, folders of them, ``-`` for standard input."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jixiao.document import Document


def sources_of(paths: list[str], failures: list[str]) -> Iterator[str]:
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


def read_source(source: str) -> "Document":
    """The document that a source names.

    Raises:
        UnreadableInput: as :func:`jixiao.read`.
    """
    from jixiao.pipeline import read
    from jixiao.readers.text import read_text

    return read_text(sys.stdin.buffer.read(), "<stdin>") if source == "-" else read(Path(source))
