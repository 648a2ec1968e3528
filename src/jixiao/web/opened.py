"""A report opened (打开的报告): its document, its records under review, its findings and its summary, and what pages show of
them, made once and kept a while.

Made anew when the report is read again, or when somebody decides.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from sqlalchemy import func, select

from jixiao.audit import Case, Finding, audit_case
from jixiao.dataset.deciding import review
from jixiao.dataset.reviews import Review
from jixiao.dataset.schema import reports, reviews
from jixiao.dataset.store import Dataset
from jixiao.document import Document
from jixiao.errors import DatasetError
from jixiao.records import Extraction
from jixiao.render.pieces import Mark
from jixiao.summary import Summary, summarize
from jixiao.web.cards import ReviewCard, cards_of
from jixiao.web.source_view import Block, lay_out, sheaves

T = TypeVar("T")
_KEPT = 24


@dataclass
class OpenReport:
    """One report, as it stands."""

    id: int
    document: Document
    review: Review

    @cached_property
    def extraction(self) -> Extraction:
        """The records as they stand: people's where they have decided."""
        return self.review.extraction()

    @cached_property
    def case(self) -> Case:
        return Case(self.document, self.extraction)

    @cached_property
    def findings(self) -> list[Finding]:
        return audit_case(self.case)

    @cached_property
    def summary(self) -> Summary:
        return summarize(self.case)

    @cached_property
    def cards(self) -> list[ReviewCard]:
        return cards_of(self.review, self.findings)

    @cached_property
    def blocks(self) -> list[Block]:
        """The source, with the places of findings and records marked; a record inside a finding is shown over it."""
        marks = [Mark(finding.id, "finding", place.start, place.end) for finding in self.findings for place in finding.places]
        for each in self.review.records:
            shown = each.record or each.engine
            assert shown is not None
            marks += [Mark(each.id, each.kind, piece.start, piece.end) for piece in shown.evidence]
        return lay_out(self.document, sorted(marks, key=lambda mark: (mark.start, -mark.end)))

    @cached_property
    def sheaves(self) -> list[list[Block]]:
        return sheaves(self.blocks)


class Kept:
    """What takes long to make, kept by what it was made from; the least used goes first."""

    def __init__(self, most: int = _KEPT) -> None:
        self._most = most
        self._made: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` makes, or made before for the same key."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]  # type: ignore[return-value]
        made = make()
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        return made


def open_report(dataset: Dataset, kept: Kept, number: int) -> OpenReport:
    """The report with this number.

    Raises:
        DatasetError: there is none.
    """
    with dataset.reading() as connection:
        row = connection.execute(
            select(reports.c.sha256, reports.c.run_id, func.max(reviews.c.id))
            .outerjoin(reviews, reviews.c.sha256 == reports.c.sha256)
            .where(reports.c.id == number)
            .group_by(reports.c.sha256, reports.c.run_id)
        ).one_or_none()
    if row is None:
        raise DatasetError(f"{dataset.name}: there is no report {number}.")
    document = kept.get(("document", number, row[0], row[1]), lambda: dataset.document(number))
    return kept.get(("report", number, *row), lambda: OpenReport(number, document, review(dataset, number)))
