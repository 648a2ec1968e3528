"""The first bytes of a file → what kind it is (格式), whatever its name says."""

import re
import zipfile
from enum import Enum
from io import BytesIO

from jixiao.readers.text import plain_utf16


class Kind(Enum):
    """A kind of file, by its content."""

    TEXT = "text"
    DOCX = "a Word file"
    XLSX = "an Excel workbook"
    DOC = "an old Word file"
    XLS = "an old Excel workbook"
    PDF = "a PDF"
    HTML = "a web page"
    OWN_PAGE = "a page that jixiao wrote"
    IMAGE = "a picture"
    OFD = "an OFD file"
    ZIP = "a zip archive"
    ENCRYPTED = "an encrypted Office file"
    RTF = "an RTF file"
    WORD_XML = "a Word 2003 XML file"
    MHTML = "a web archive"
    XLSB = "a binary Excel workbook (.xlsb)"
    SLIDES = "a presentation"
    ODF = "an OpenDocument file"
    RAR = "a RAR or 7-Zip archive"
    DAMAGED = "a damaged zip package"
    UNKNOWN = "a compound file of an unknown kind"


_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM", b"GIF8")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|div|meta|p|h[1-6])\b",
    re.IGNORECASE | re.DOTALL,
)
_OWN_PAGE = b'<meta name="generator" content="jixiao">'
_WORD_XML = re.compile(rb"<\?mso-application\s+progid=\"(?:Word|Excel)|<w:wordDocument|<pkg:package")
_TAGS = re.compile(rb"<(?:p|br|td|tr|table|div|span|html|body)\b[^>]*>", re.IGNORECASE)


def kind_of(data: bytes) -> Kind:
    """What the bytes are; text where they are nothing else."""
    head = data[:4096]
    if head.lstrip(b"\x00\t\r\n \xef\xbb\xbf")[:5] == b"%PDF-" or b"%PDF-1." in head[:1024]:
        return Kind.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _kind_of_zip(data)
    if head.startswith(_CFB):
        return _kind_of_compound(data)
    if head.startswith(_IMAGES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return Kind.TEXT if head[:2] == b"BM" and b"\x00" not in head[:64] else Kind.IMAGE
    if head.startswith(b"{\\rtf"):
        return Kind.RTF
    if head.startswith((b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")):
        return Kind.RAR
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or plain_utf16(head):
        head = head.replace(b"\x00", b"").lstrip(b"\xff\xfe")
    head = head.removeprefix(b"\xef\xbb\xbf")
    if _WORD_XML.search(head):
        return Kind.WORD_XML
    if re.match(rb"\s*(?:MIME-Version:|From: <)", head, re.IGNORECASE) and b"multipart/related" in head:
        return Kind.MHTML
    if _HTML.match(head) and _OWN_PAGE in head:
        return Kind.OWN_PAGE
    if _HTML.match(head) or (head.lstrip()[:1] == b"<" and len(_TAGS.findall(head)) >= 3):
        return Kind.HTML
    return Kind.TEXT


def _kind_of_zip(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = {name.lstrip("/") for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, IndexError):
        names = set()
        for kind, mark in ((Kind.DOCX, b"word/"), (Kind.XLSX, b"xl/")):
            if mark in data[:100_000]:
                return kind  # damaged: its reader says so
        return Kind.DAMAGED
    if any(re.match(r"word/document\d*\.xml$", name) for name in names):
        return Kind.DOCX
    if "xl/workbook.xml" in names:
        return Kind.XLSX
    if "xl/workbook.bin" in names:
        return Kind.XLSB
    if "OFD.xml" in names:
        return Kind.OFD
    if "ppt/presentation.xml" in names:
        return Kind.SLIDES
    if "mimetype" in names and "content.xml" in names:
        return Kind.ODF
    return Kind.ZIP


_STREAMS = (
    (Kind.ENCRYPTED, "EncryptedPackage"),
    (Kind.DOC, "WordDocument"),
    (Kind.XLS, "Workbook"),
    (Kind.SLIDES, "PowerPoint Document"),
    (Kind.XLS, "Book"),
)


def _kind_of_compound(data: bytes) -> Kind:
    """The kind of a compound file (CFB), by the names of its streams."""
    for kind, name in _STREAMS:
        if name.encode("utf-16-le") + b"\x00\x00" in data:
            return kind
    return Kind.UNKNOWN
