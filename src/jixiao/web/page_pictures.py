"""A report's file → its pages as pictures (原件页面): a PDF's drawn by pdfium, a picture as it is."""

import struct
import threading
import zlib
from typing import Any

from jixiao.readers.kinds import Kind, kind_of

_DPI = 110
_MOST_PIXELS = 4_000
_PDFIUM = threading.Lock()  # it works for one at a time


def pages_of(data: bytes) -> int:
    """How many pages can be shown; 0 where the file is neither PDF nor a picture that a browser shows."""
    match kind_of(data):
        case Kind.PDF:
            import pypdfium2

            with _PDFIUM:
                try:
                    pdf = pypdfium2.PdfDocument(data)
                except pypdfium2.PdfiumError:
                    return 0
                try:
                    return len(pdf)
                finally:
                    pdf.close()
        case Kind.IMAGE:
            return int(data.startswith((b"\x89PNG", b"\xff\xd8")))
        case _:
            return 0


def page_picture(data: bytes, page: int) -> bytes | None:
    """The page, counted from 1, as PNG, or as the file has it; ``None`` where there is no such page."""
    if kind_of(data) is Kind.IMAGE:
        return data if page == 1 and pages_of(data) else None
    if not 1 <= page <= pages_of(data):
        return None
    import pypdfium2

    with _PDFIUM:
        pdf = pypdfium2.PdfDocument(data)
        try:
            drawn = pdf[page - 1]
            width, height = drawn.get_size()
            scale = min(_DPI / 72, _MOST_PIXELS / max(width, height, 1))
            return _png(drawn.render(scale=scale, rev_byteorder=True, prefer_bgrx=False))
        finally:
            pdf.close()


def _png(bitmap: Any) -> bytes:
    """A bitmap of pdfium, red first, as PNG."""
    colours = {1: 0, 3: 2, 4: 6}[bitmap.n_channels]
    data, row = bytes(bitmap.buffer), bitmap.width * bitmap.n_channels
    lines = b"".join(b"\0" + data[at * bitmap.stride : at * bitmap.stride + row] for at in range(bitmap.height))
    head = struct.pack(">IIBBBBB", bitmap.width, bitmap.height, 8, colours, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part)) for name, part in parts
    )
