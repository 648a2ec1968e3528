"""A file's bytes → Document: what the content is picks the reader, whatever the name says. Readers are loaded when needed."""

from jixiao.document import Document
from jixiao.errors import UnreadableInput
from jixiao.readers.archive import MOST_BYTES
from jixiao.readers.kinds import Kind, kind_of
from jixiao.readers.text import read_text

_REFUSED = {
    Kind.ENCRYPTED: "save it without a password and try again",
    Kind.XLSB: "save it as .xlsx and try again",
    Kind.SLIDES: "save the report as .docx or .pdf and try again",
    Kind.RAR: "unpack it, or pack it as .zip",
    Kind.OWN_PAGE: "give the report that it was made of",
    Kind.DAMAGED: "copy it or save it again",
    Kind.UNKNOWN: "open it in its program and save it as .docx, .xlsx or .pdf",
}


def open_document(data: bytes, source: str) -> Document:
    """The document in the bytes of a report file of any kind.

    Raises:
        UnreadableInput: it is damaged, encrypted, empty, or of a kind that holds no report.
        MissingExtra: its kind needs an extra that is not installed.
    """
    if not data:
        raise UnreadableInput(f"{source}: the file is empty; check that it was copied whole.")
    if len(data) > MOST_BYTES:
        raise UnreadableInput(
            f"{source}: the file takes more than {MOST_BYTES // 10**6} MB, which is what jixiao reads at most: split it."
        )
    kind = kind_of(data)
    if kind in _REFUSED:
        raise UnreadableInput(f"{source}: this is {kind.value}; {_REFUSED[kind]}.")
    try:
        return _read(kind, data, source)
    except RecursionError as exc:
        raise UnreadableInput(f"{source}: the file nests too deeply for a report; it is damaged or a trap.") from exc
    except MemoryError as exc:
        raise UnreadableInput(f"{source}: the file takes more memory than there is; split it.") from exc


def _read(kind: Kind, data: bytes, source: str) -> Document:
    match kind:
        case Kind.DOCX:
            from jixiao.readers.word import read_word

            return read_word(data, source)
        case Kind.XLSX:
            from jixiao.readers.sheet import read_xlsx

            return read_xlsx(data, source)
        case Kind.XLS:
            from jixiao.readers.sheet import read_xls

            return read_xls(data, source)
        case Kind.PDF:
            from jixiao.readers.pdf import read_pdf

            return read_pdf(data, source)
        case Kind.HTML | Kind.MHTML:
            from jixiao.readers.html import read_html, read_mhtml

            return read_html(data, source) if kind is Kind.HTML else read_mhtml(data, source)
        case Kind.DOC:
            from jixiao.readers.old_word import read_doc

            return read_doc(data, source)
        case Kind.RTF | Kind.WORD_XML | Kind.ODF:
            from jixiao.readers.old_word import read_by_libreoffice

            suffix = {Kind.RTF: ".rtf", Kind.WORD_XML: ".xml", Kind.ODF: ".odt"}[kind]
            return read_by_libreoffice(data, source, suffix, kind.value)
        case Kind.IMAGE:
            from jixiao.readers.ocr import read_image

            return read_image(data, source)
        case Kind.OFD:
            from jixiao.readers.ofd import read_ofd

            return read_ofd(data, source)
        case Kind.ZIP:
            raise UnreadableInput(
                f"{source}: this is a zip archive, not a report; name a file in it, or give the archive by its own name."
            )
    return read_text(data, source)
