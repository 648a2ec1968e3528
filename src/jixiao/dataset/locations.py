"""Where a report is (位置) → its bytes and its document: a file's path, a report in an archive, or a URL such as ``s3://bucket/a.pdf``.

URLs are read by fsspec, which knows many kinds of storage and is loaded for them alone.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from jixiao.document import Document
from jixiao.errors import JixiaoError, MissingExtra, UnreadableInput
from jixiao.pipeline import read
from jixiao.readers.archive import MOST_BYTES, SUFFIXES, load
from jixiao.readers.opening import open_document


def is_url(location: str) -> bool:
    """Whether it is a URL, and not a path."""
    return "://" in location


def reports_below(url: str) -> list[str]:
    """The URLs of the reports below a URL, in order; zip archives are not opened there.

    Raises:
        UnreadableInput: it cannot be listed, or holds no report.
        MissingExtra: what reads such storage is not installed.
    """
    try:
        files, path = _fsspec(url).url_to_fs(url)
        found = [each for each in sorted(files.find(path)) if Path(each).suffix.lower() in SUFFIXES - {".zip"}]
    except JixiaoError:
        raise
    except Exception as exc:  # each kind of storage has errors of its own
        raise _not_read(url, "cannot be listed", exc) from exc
    if not found:
        raise UnreadableInput(f"{url}: holds no report; check the address.")
    return [files.unstrip_protocol(each) for each in found]


def load_at(location: str) -> bytes:
    """The bytes of the file at a path or URL.

    Raises:
        UnreadableInput: it cannot be read, or is larger than jixiao reads.
        MissingExtra: what reads such storage is not installed.
    """
    if not is_url(location):
        return load(Path(location))
    try:
        with _fsspec(location).open(location, "rb") as file:
            return bytes(file.read(MOST_BYTES + 1))
    except JixiaoError:
        raise
    except Exception as exc:
        raise _not_read(location, "cannot be read", exc) from exc


def document_at(location: str) -> Document:
    """The document at a path or URL.

    Raises:
        JixiaoError: as :func:`jixiao.pipeline.read` and :func:`load_at`.
    """
    if not is_url(location):
        return read(Path(location))
    return replace(open_document(load_at(location), location), source=location.rpartition("/")[2])


def _fsspec(url: str) -> Any:
    try:
        import fsspec
    except ImportError as exc:
        raise MissingExtra(f"Reading {url}", "s3") from exc
    return fsspec


def _not_read(url: str, what: str, why: Exception) -> JixiaoError:
    if isinstance(why, ImportError) and url.startswith("s3"):
        return MissingExtra(f"Reading {url}", "s3")
    return UnreadableInput(f"{url}: {what} ({str(why) or type(why).__name__}).")
