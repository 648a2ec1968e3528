"""The dataset's reports → cases for the audit and the summary (卷宗), one at a time, with what people have decided."""

from collections.abc import Iterator, Mapping

from sqlalchemy import select

from jixiao.audit import Case
from jixiao.dataset.schema import reports
from jixiao.dataset.search import Filters, report_numbers
from jixiao.dataset.store import Dataset


def cases_in(dataset: Dataset, filters: Filters) -> Iterator[Case]:
    """The reports asked for, in the order of their places; each is read when it is wanted, and kept by nobody here.

    Raises:
        BadQuery: a filter cannot be taken.
        DatasetError: the dataset cannot be read.
    """
    with dataset.reading() as connection:
        numbers = report_numbers(connection, filters)
    for number in numbers:
        yield Case(dataset.document(number), dataset.extraction(number))


class Texts(Mapping[str, str]):
    """Each report's text by its SHA-256 (原文), read from the dataset when it is asked for."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset

    def __getitem__(self, sha256: str) -> str:
        with self._dataset.reading() as connection:
            text: str | None = connection.execute(select(reports.c.text).where(reports.c.sha256 == sha256)).scalar()
        if text is None:
            raise KeyError(sha256)
        return text

    def __iter__(self) -> Iterator[str]:
        return (each.sha256 for each in self._dataset.known())

    def __len__(self) -> int:
        return len(self._dataset.known())
