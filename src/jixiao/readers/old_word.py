"""Old Word files (.doc, .wps) and others that must be turned first (.rtf, .odt) → Document, by way of .docx.

.doc goes through doc2docx, in pure Python; where that fails, and for the others, LibreOffice does it where it is installed.
Both run as processes of their own, bounded in time and memory, in a folder that is gone afterwards; what a killed jixiao
left goes when the next one turns a file.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from jixiao.document import Document
from jixiao.errors import MissingExtra, UnreadableInput
from jixiao.readers.word import read_word

_SECONDS = 90
_MEMORY = 2 * 1024**3
_FOLDER = "jixiao-turning-"
_LEFT_BEHIND = 3600  # seconds: an older folder is nobody's, as no converter runs so long
_BOUND = f"""
import os, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))
    resource.setrlimit(resource.RLIMIT_CPU, ({_SECONDS}, {_SECONDS}))
except (ImportError, ValueError, OSError):
    pass
"""
_START = f"{_BOUND}os.execv(sys.argv[1], sys.argv[1:])"
_CONVERT = f"""{_BOUND}
from doc2docx import convert
from doc2docx.errors import EncryptedDocumentError
try:
    convert(sys.argv[1], sys.argv[2])
except EncryptedDocumentError:
    sys.exit(3)
"""


def read_doc(data: bytes, source: str) -> Document:
    """The document in the bytes of a .doc or .wps file.

    Raises:
        UnreadableInput: the file is damaged or encrypted, or nothing here can turn it.
        MissingExtra: neither doc2docx nor LibreOffice is installed.
    """
    plain = data[:8] + bytes(16) + data[24:]  # WPS writes a class id into the header where the format wants zeros
    if find_spec("doc2docx") is not None:
        turned = _by_doc2docx(plain, source)
        if turned is not None:
            return _read(turned, data, source)
    elif _libreoffice() is None:
        raise MissingExtra(f"{source}: reading .doc files", "legacy")
    return replace(read_by_libreoffice(plain, source, ".doc", "an old Word file"), sha256=hashlib.sha256(data).hexdigest())


def read_by_libreoffice(data: bytes, source: str, suffix: str, what: str) -> Document:
    """The document in a file that only LibreOffice can turn into .docx.

    Raises:
        UnreadableInput: LibreOffice is not installed, or could not turn it in time.
    """
    program = _libreoffice()
    if program is None:
        raise UnreadableInput(f"{source}: this is {what} that cannot be read here; save it as .docx, or install LibreOffice.")
    with _folder() as folder:
        given, made = folder / f"given{suffix}", folder / "out" / "given.docx"
        given.write_bytes(data)
        line = [] if os.name == "nt" else [sys.executable, "-P", "-c", _START]  # there nothing bounds a process from outside
        line += [
            program,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--nolockcheck",
        ]
        line += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(made.parent), str(given)]
        nowhere = "http://127.0.0.1:9"  # so that a document's links are never fetched
        offline = os.environ | {"http_proxy": nowhere, "https_proxy": nowhere, "ftp_proxy": nowhere, "no_proxy": ""}
        _run(line, offline)
        if not made.exists():
            raise UnreadableInput(
                f"{source}: {what} that is damaged: LibreOffice cannot open it; save it as .docx from its program."
            )
        turned = made.read_bytes()
    return _read(turned, data, source)


def _by_doc2docx(data: bytes, source: str) -> bytes | None:
    """The file as .docx, or ``None`` where doc2docx cannot turn it."""
    with _folder() as folder:
        given, made = folder / "given.doc", folder / "made.docx"
        given.write_bytes(data)
        code = _run([sys.executable, "-P", "-c", _CONVERT, str(given), str(made)], dict(os.environ))
        if code == 3:
            raise UnreadableInput(f"{source}: the Word file is encrypted; save it without a password and try again.")
        return made.read_bytes() if code == 0 and made.exists() else None


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that is gone afterwards, and with it those that were left behind."""
    for left in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT_BEHIND:
                shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_FOLDER) as folder:
        yield Path(folder)


def _run(line: list[str], environment: dict[str, str]) -> int | None:
    """Run a converter quietly; its exit code, or ``None`` where it took too long. All its processes end with it."""
    try:
        process = subprocess.Popen(
            line,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return None
    try:
        return process.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, 9)
        else:
            process.kill()
    except OSError:
        pass  # it has ended
    process.wait()


def _libreoffice() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def _read(turned: bytes, data: bytes, source: str) -> Document:
    return replace(read_word(turned, source), sha256=hashlib.sha256(data).hexdigest())
