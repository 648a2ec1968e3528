"""Files sent by the web: kept by their digest, read in order, cancelled, tried again, resumed; on both stores."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jixiao.dataset.ingest import Source, Taken, read_by_rules, signature_of
from jixiao.dataset.store import Dataset, open_dataset
from jixiao.dataset.uploads import Uploads
from jixiao.errors import JixiaoError, UnreadableInput
from workbench import REPORT


@pytest.fixture
def dataset(dataset_place: str) -> Iterator[Dataset]:
    with open_dataset(dataset_place, create=True) as opened:
        yield opened


@pytest.fixture
def uploads(dataset: Dataset, tmp_path: Path) -> Uploads:
    return Uploads(dataset, tmp_path / "files", signature_of("rules", None))


@pytest.fixture
def read(dataset: Dataset) -> Callable[[Source, Callable[[], bool]], Taken | JixiaoError | None]:
    return lambda source, _: read_by_rules(source, postgresql=dataset.is_postgresql)


Read = Callable[[Source, Callable[[], bool]], Taken | JixiaoError | None]


def test_a_file_is_kept_by_its_digest_and_becomes_a_report_of_its_own_name(
    dataset: Dataset, uploads: Uploads, read: Read, tmp_path: Path
) -> None:
    (number,) = uploads.keep([REPORT.encode()], "a/../云溪.TXT")
    digest = hashlib.sha256(REPORT.encode()).hexdigest()
    assert [each.name for each in (tmp_path / "files").iterdir()] == [f"{digest}.txt"]
    done = uploads.take_in_next(read)
    assert done is not None
    assert (done.id, done.state, done.report_id) == (number, "done", 1)
    assert dataset.extraction(1).report.source == "云溪.TXT"
    assert uploads.original(1) == REPORT.encode()
    assert uploads.take_in_next(read) is None


def test_what_is_known_is_not_read_again(uploads: Uploads, read: Read) -> None:
    for name in ("甲.txt", "乙.txt"):
        uploads.keep([REPORT.encode()], name)
    uploads.take_in_next(read)

    def never(source: Source, is_cancelled: Callable[[], bool]) -> None:
        raise AssertionError(source)

    again = uploads.take_in_next(never)
    assert again is not None
    assert (again.state, again.report_id) == ("done", 1)


def test_a_reading_that_was_cancelled_meanwhile_brings_no_report(dataset: Dataset, uploads: Uploads, read: Read) -> None:
    (number,) = uploads.keep([REPORT.encode()], "甲.txt")

    def cancelled(source: Source, is_cancelled: Callable[[], bool]) -> Taken | JixiaoError | None:
        assert not is_cancelled()
        assert uploads.cancel(number)
        assert is_cancelled()
        return read(source, is_cancelled)

    seen = uploads.take_in_next(cancelled)
    assert seen is not None
    assert (seen.state, dataset.known()) == ("cancelled", [])
    assert uploads.retry(number)
    assert uploads.take_in_next(read).state == "done"  # type: ignore[union-attr]
    assert not uploads.cancel(number)


def test_a_failure_is_kept_with_its_sentence_and_no_path(uploads: Uploads, tmp_path: Path) -> None:
    uploads.keep([b"PK\x03\x04 word/ broken"], "坏.docx")
    seen = uploads.take_in_next(lambda source, _: UnreadableInput(f"{source.location}: the file is damaged; make it again."))
    assert seen is not None
    assert (seen.state, seen.reason) == ("failed", "坏.docx: the file is damaged; make it again.")


def test_after_a_restart_what_was_being_read_waits_again(dataset: Dataset, uploads: Uploads, read: Read, tmp_path: Path) -> None:
    uploads.keep([REPORT.encode()], "甲.txt")

    def killed(source: Source, is_cancelled: Callable[[], bool]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        uploads.take_in_next(killed)
    (tmp_path / "files" / ".partial-x").touch()
    again = Uploads(dataset, tmp_path / "files", signature_of("rules", None))
    again.resume()
    assert again.take_in_next(read).state == "done"  # type: ignore[union-attr]
    assert not (tmp_path / "files" / ".partial-x").exists()


def test_an_empty_file_is_refused_and_leaves_nothing(uploads: Uploads, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"甲\.txt: the file is empty"):
        uploads.keep([], "甲.txt")
    assert list((tmp_path / "files").iterdir()) == []
    assert uploads.latest() == []


def test_an_original_that_has_changed_is_none(dataset: Dataset, uploads: Uploads, read: Read, tmp_path: Path) -> None:
    uploads.keep([REPORT.encode()], "甲.txt")
    uploads.take_in_next(read)
    next((tmp_path / "files").iterdir()).write_text("anders")
    assert uploads.original(1) is None


def test_clearing_leaves_what_still_waits(uploads: Uploads, read: Read) -> None:
    uploads.keep([REPORT.encode()], "甲.txt")
    uploads.take_in_next(read)
    (waiting,) = uploads.keep([b"x"], "乙.txt")
    uploads.clear()
    assert [each.id for each in uploads.latest()] == [waiting]
