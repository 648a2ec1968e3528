"""The zip package of an Office file (.docx, .xlsx, .ofd) → its XML parts, each bounded, parsed without network or entities."""

import re
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath

from lxml import etree

from jixiao.errors import UnreadableInput

MOST_IN_A_PART = 50_000_000
MOST_IN_ALL = 400_000_000
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


class Package:
    """An Office file's parts (部件) by name.

    Raises:
        UnreadableInput: the zip is damaged, encrypted, or would unpack to more than a report can hold.
    """

    def __init__(self, data: bytes, source: str) -> None:
        self.source = source
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
            self._infos = {info.filename.lstrip("/"): info for info in self._zip.infolist()}
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, IndexError) as exc:
            raise UnreadableInput(
                f"{source}: the file is damaged (no whole zip package); save it again from its program."
            ) from exc
        if sum(info.file_size for info in self._infos.values()) > MOST_IN_ALL:
            raise UnreadableInput(
                f"{source}: unpacked it would take more than {MOST_IN_ALL // 10**6} MB; no report does: it is not opened."
            )

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    @property
    def names(self) -> list[str]:
        return list(self._infos)

    def bytes_of(self, name: str) -> bytes:
        """A part's bytes, unpacked.

        Raises:
            UnreadableInput: it is missing, damaged, encrypted or too large.
        """
        info = self._infos.get(name)
        if info is None:
            raise UnreadableInput(f"{self.source}: the file is damaged (it lacks {name}); save it again from its program.")
        if info.flag_bits & 1:
            raise UnreadableInput(f"{self.source}: the file is encrypted; save it without a password and try again.")
        try:
            with self._zip.open(info) as part:
                data = part.read(MOST_IN_A_PART + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as exc:
            raise UnreadableInput(
                f"{self.source}: the file is damaged ({name} cannot be unpacked); save it again from its program."
            ) from exc
        if len(data) > MOST_IN_A_PART:
            raise UnreadableInput(
                f"{self.source}: {name} unpacks to more than {MOST_IN_A_PART // 10**6} MB; no report does: it is not read."
            )
        return data

    def xml_of(self, name: str) -> etree._Element:
        """A part parsed: nothing fetched, no entity resolved, no depth or length beyond libxml2's bounds.

        Raises:
            UnreadableInput: as in :meth:`bytes_of`, or the part is no well-formed XML or declares entities.
        """
        data = self.bytes_of(name)
        if _DOCTYPE.search(data[:4096]):
            raise UnreadableInput(f"{self.source}: {name} declares XML entities, which Office files never do; it is not read.")
        return parse_xml(data.replace(_STRICT, _TRANSITIONAL), f"{self.source}: {name}")

    def main_part(self, fallback: str) -> str:
        """The name of the part that the package says is its document."""
        if "_rels/.rels" in self:
            for relation in self.xml_of("_rels/.rels"):
                target = relation.get("Target") or ""
                if (relation.get("Type") or "").endswith("/officeDocument") and target.lstrip("/") in self:
                    return target.lstrip("/")
        return fallback

    def beside(self, main: str, name: str) -> str:
        """The name of a part in the folder of ``main``."""
        return str(PurePosixPath(main).parent / name)


_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def parse_xml(data: bytes, what: str) -> etree._Element:
    """The root of an XML document.

    Raises:
        UnreadableInput: it is not well-formed, or nests or swells beyond libxml2's bounds.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise UnreadableInput(f"{what} is damaged (no well-formed XML); save the file again from its program.") from exc
    return root
