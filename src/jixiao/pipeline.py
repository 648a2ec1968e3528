"""From a file to its records, every step named once, in order. Knows no store and prints nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from jixiao.document import Document
from jixiao.readers.archive import load
from jixiao.readers.opening import open_document
from jixiao.reconcile import reconcile
from jixiao.records import Extraction
from jixiao.rules import extract_drafts
from jixiao.usage import Usage


def read(path: Path) -> Document:
    """The document in the file at ``path``, which may lie in a zip archive: ``shelf.zip/report.docx``.

    Raises:
        UnreadableInput: the file is not there, may not be read, or holds no text.
        MissingExtra: reading its kind needs an extra that is not installed.
    """
    name = path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")  # a name need not be UTF-8
    return replace(open_document(load(path), str(path)), source=name)


def extract(document: Document) -> Extraction:
    """The document's records, by the rule engine."""
    return reconcile(document, extract_drafts(document))


def _by_rules(document: Document) -> tuple[Extraction, Usage]:
    return extract(document), Usage()


ENGINES: dict[str, Callable[[Document], tuple[Extraction, Usage]]] = {"rules": _by_rules}
"""The engines by name: a document → its records and what they cost."""
