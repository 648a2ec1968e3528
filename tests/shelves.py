"""Reports put into a dataset by a test, without files and processes."""

from jixiao.audit import audit
from jixiao.dataset.rows import entry_of
from jixiao.dataset.store import Dataset
from jixiao.document import Document
from jixiao.records import Extraction


def put(dataset: Dataset, location: str, document: Document, extraction: Extraction) -> None:
    """A report as ingest would write it."""
    findings = audit(document, extraction)
    entry = entry_of(location, document, extraction, findings, postgresql=dataset.is_postgresql)
    dataset.save(entry, "test", dataset.begin_run("test"))
