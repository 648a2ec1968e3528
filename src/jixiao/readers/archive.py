"""Folders and zip archives → the report files in them, and each file's bytes. ``shelf.zip/2023/report.docx`` names a file in a zip.

Unpacks in memory only, one file at a time, each bounded; an archive in an archive stays closed.
"""

import zipfile
import zlib
from pathlib import Path

from jixiao.errors import UnreadableInput
from jixiao.readers.kinds import Kind

MOST_BYTES = 150_000_000
_MOST_FILES = 20_000
SUFFIXES = frozenset(
    ".txt .text .md .markdown .docx .docm .doc .wps .pdf .html .htm .xlsx .xlsm .xls .et .png .jpg .jpeg .tif .tiff .bmp .zip .rtf .ofd .mht .mhtml".split()
)
"""Endings by which a folder's reports are told from its other files; what a report is, its content says."""
READS = "text, Word, Excel, PDF, web pages, pictures and zip archives of them"


def load(path: Path) -> bytes:
    """The bytes of the file at ``path``, which may lie in a zip archive.

    Raises:
        UnreadableInput: it is not there, may not be read, or is too large.
    """
    archive = _archive_above(path)
    if archive is not None:
        return _load_member(archive, path.relative_to(archive).as_posix(), str(path))
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UnreadableInput(
                f"{path}: the file takes {size // 10**6} MB, jixiao reads {MOST_BYTES // 10**6} MB at most: split it."
            )
        return path.read_bytes()
    except FileNotFoundError as exc:
        raise UnreadableInput(f"{path}: there is no such file; check the path.") from exc
    except PermissionError as exc:
        raise UnreadableInput(f"{path}: no permission to read it; change its permissions or copy it.") from exc
    except OSError as exc:
        raise UnreadableInput(f"{path}: cannot be read ({exc.strerror or exc}).") from exc


def reports_in(path: Path) -> list[str]:
    """The paths of the reports in a folder or a zip archive, in order; of any other file, its own.

    Raises:
        UnreadableInput: the folder or archive cannot be read.
    """
    try:
        if not path.is_dir():
            return _members(path) if _is_zip(path) else [str(path)]
        files = sorted(file for file in path.rglob("*") if _may_be_report(file.name) and file.is_file())
    except OSError as exc:
        raise UnreadableInput(f"{path}: the folder cannot be read ({exc.strerror}).") from exc
    return [each for file in files for each in (_members_or_itself(file) if file.suffix.lower() == ".zip" else [str(file)])]


def _members_or_itself(file: Path) -> list[str]:
    try:
        return reports_in(file)
    except UnreadableInput:
        return [str(file)]  # reading it says what is wrong


def _may_be_report(name: str) -> bool:
    """Whether a file in a folder is to be read: by its ending, lock files and hidden files aside."""
    return Path(name).suffix.lower() in SUFFIXES and not name.startswith((".", "~$", "._"))


def _is_zip(path: Path) -> bool:
    """Whether the file is a zip archive of files, and no Office file, which is a zip too."""
    try:
        if not path.is_file() or path.stat().st_size > 10 * MOST_BYTES:
            return False
        with path.open("rb") as file:
            return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06") and _kind(path) is Kind.ZIP
    except OSError:
        return False


def _kind(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {info.filename for info in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, IndexError):
        return Kind.ZIP if path.suffix.lower() == ".zip" else Kind.UNKNOWN
    office = {"word/document.xml", "xl/workbook.xml", "xl/workbook.bin", "OFD.xml", "ppt/presentation.xml", "[Content_Types].xml"}
    return Kind.UNKNOWN if names & office or {"mimetype", "content.xml"} <= names else Kind.ZIP


def _archive_above(path: Path) -> Path | None:
    """The zip file that a path leads through, if it does."""
    try:
        return next((above for above in path.parents if above.name and above.is_file()), None)
    except OSError:
        return None  # reading the file itself says what is wrong


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, IndexError) as exc:
        raise UnreadableInput(f"{path}: the zip archive is damaged and cannot be opened; make it again.") from exc


def _members(path: Path) -> list[str]:
    """The reports in an archive.

    Raises:
        UnreadableInput: it is damaged, or holds none.
    """
    with _opened(path) as archive:
        infos = archive.infolist()
        if len(infos) > _MOST_FILES:
            raise UnreadableInput(f"{path}: the archive holds {len(infos):,} files, jixiao opens {_MOST_FILES:,}: split it.")
        names = [name_of(info) for info in infos if info.filename and not info.is_dir()]  # a nameless one breaks is_dir
    found = sorted(
        name for name in names if _is_safe(name) and _may_be_report(Path(name).name) and not name.lower().endswith(".zip")
    )
    if not found:
        raise UnreadableInput(f"{path}: no reports in this archive; jixiao reads {READS}.")
    return [f"{path}/{name}" for name in found]


def _is_safe(name: str) -> bool:
    parts = name.split("/")
    return ".." not in parts and "__MACOSX" not in parts and not name.startswith("/")


def name_of(info: zipfile.ZipInfo) -> str:
    """A file's name in the archive: old Chinese archives keep it in GBK and do not say so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _load_member(path: Path, name: str, shown: str) -> bytes:
    with _opened(path) as archive:
        info = next((info for info in archive.infolist() if name_of(info) == name), None)
        if info is None:
            raise UnreadableInput(f"{shown}: there is no such file in the archive; check the path.")
        if info.flag_bits & 1:
            raise UnreadableInput(f"{shown}: the archive is encrypted; unpack it and try again.")
        try:
            with archive.open(info) as member:
                data = member.read(MOST_BYTES + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as exc:
            raise UnreadableInput(
                f"{shown}: it is damaged in the archive and cannot be unpacked; make the archive again."
            ) from exc
    if len(data) > MOST_BYTES:
        raise UnreadableInput(f"{shown}: unpacked it takes more than {MOST_BYTES // 10**6} MB; no report does: it is not read.")
    return data
