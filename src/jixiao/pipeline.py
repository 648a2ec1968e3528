"""From a file to its records, every step named once, in order. Knows no store and prints nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from jixiao.document import Document
from jixiao.errors import UnreadableInput
from jixiao.readers.text import read_text
from jixiao.reconcile import reconcile
from jixiao.records import Extraction
from jixiao.rules import extract_drafts
from jixiao.usage import Usage

TEXT_SUFFIXES = frozenset({".txt", ".md", ".markdown", ".text"})


def read(path: Path) -> Document:
    """The document in the file at ``path``.

    Raises:
        UnreadableInput: the file is not there, may not be read, or holds no text.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as exc:
        raise UnreadableInput(f"{path}: there is no such file; check the path.") from exc
    except PermissionError as exc:
        raise UnreadableInput(f"{path}: no permission to read it; change its permissions or copy it.") from exc
    except OSError as exc:
        raise UnreadableInput(f"{path}: cannot be read ({exc.strerror or exc}).") from exc
    name = path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")  # a name need not be UTF-8
    return replace(read_text(data, str(path)), source=name)


def extract(document: Document) -> Extraction:
    """The document's records, by the rule engine."""
    return reconcile(document, extract_drafts(document))


def _by_rules(document: Document) -> tuple[Extraction, Usage]:
    return extract(document), Usage()


ENGINES: dict[str, Callable[[Document], tuple[Extraction, Usage]]] = {"rules": _by_rules}
"""The engines by name: a document → its records and what they cost."""
