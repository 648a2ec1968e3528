"""Files sent by the web (上传) → kept by their digest in a folder, with a queue in the dataset that survives a restart.

No word of a sender becomes a path: a kept file's name is its digest and a known ending. Zip archives are opened here, their
files kept each by itself. Reads no report; ``take_in_next`` is told who reads.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from jixiao.dataset.ingest import INCOMPLETE, Source, Taken
from jixiao.dataset.schema import reports, uploads
from jixiao.dataset.store import Dataset
from jixiao.errors import DatasetError, JixiaoError, UnreadableInput
from jixiao.readers.archive import MOST_BYTES, SUFFIXES, load, reports_in
from jixiao.readers.kinds import Kind, kind_of

UploadState = Literal["waiting", "reading", "done", "failed", "cancelled"]
MOST_FILES = 1_000
"""Files that one archive may bring."""
MOST_UNPACKED = 1_000_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent (上传文件), and what became of it."""

    id: int
    sha256: str
    name: str
    size: int
    state: UploadState
    reason: str | None
    queued: str
    finished: str | None
    report_id: int | None
    """Its report in the dataset, where it is there."""


class Uploads:
    """The kept files and their queue; ``signature`` is that of the engine that reads them."""

    def __init__(self, dataset: Dataset, folder: Path, signature: str) -> None:
        self._dataset = dataset
        self._folder = folder
        self.signature = signature

    def keep(self, chunks: Iterable[bytes], name: str) -> list[int]:
        """Keep a file and queue it, or each report of a zip archive; gives their numbers. What is given a number is safe on disk.

        Raises:
            UnreadableInput: it is too large, empty, or an archive that cannot be opened.
            DatasetError: it cannot be kept.
        """
        name = _shown(name)
        partial = self._write(chunks, name)
        try:
            with partial.open("rb") as file:
                head = file.read(4)
            if head == b"PK\x03\x04" and kind_of(partial.read_bytes()) is Kind.ZIP:
                return self._unpack(partial, name)
            return [self._queue(partial, name)]
        finally:
            partial.unlink(missing_ok=True)

    def _write(self, chunks: Iterable[bytes], name: str) -> Path:
        size = 0
        try:
            self._folder.mkdir(exist_ok=True)
            with NamedTemporaryFile(dir=self._folder, prefix=".partial-", delete=False) as file:
                path = Path(file.name)
                try:
                    for chunk in chunks:
                        size += len(chunk)
                        if size > MOST_BYTES:
                            raise UnreadableInput(f"{name}: jixiao reads {MOST_BYTES // 10**6} MB at most: split it.")
                        file.write(chunk)
                    if not size:
                        raise UnreadableInput(f"{name}: the file is empty; send another.")
                    file.flush()
                    os.fsync(file.fileno())
                except BaseException:
                    path.unlink(missing_ok=True)
                    raise
        except OSError as exc:
            raise DatasetError(f"{self._folder}: files cannot be kept here ({exc.strerror or exc}).") from exc
        return path

    def _unpack(self, archive: Path, name: str) -> list[int]:
        members = reports_in(archive)
        if len(members) > MOST_FILES:
            raise UnreadableInput(f"{name}: the archive holds {len(members):,} reports; send {MOST_FILES:,} at a time.")
        numbers, total = [], 0
        for member in members:
            inner = _shown(Path(member).name)
            try:
                data = load(Path(member))
                total += len(data)
                if total > MOST_UNPACKED:
                    raise UnreadableInput(f"{name}: unpacked it takes more than {MOST_UNPACKED // 10**9} GB; send it in parts.")
                partial = self._write([data], inner)
            except UnreadableInput as exc:
                numbers.append(self._add("", inner, 0, "failed", str(exc).replace(str(archive), name)))
                if total > MOST_UNPACKED:
                    break
                continue
            numbers.append(self._queue(partial, inner))
            partial.unlink(missing_ok=True)
        return numbers

    def _queue(self, partial: Path, name: str) -> int:
        with partial.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = partial.stat().st_size
        if self._kept(digest) is None:
            suffix = Path(name).suffix.lower()
            partial.replace(self._folder / f"{digest}{suffix if suffix in SUFFIXES else ''}")
        return self._add(digest, name, size, "waiting")

    def _add(self, digest: str, name: str, size: int, state: UploadState, reason: str | None = None) -> int:
        with self._dataset.writing() as connection:
            number = int(connection.execute(select(func.coalesce(func.max(uploads.c.id), 0))).scalar_one()) + 1
            finished = _now() if state == "failed" else None
            row = {"id": number, "sha256": digest, "name": name, "size": size, "state": state, "reason": reason}
            connection.execute(insert(uploads).values(**row, queued=_now(), finished=finished))
        return number

    def _kept(self, digest: str) -> Path | None:
        return next(iter(sorted(self._folder.glob(f"{digest}*"))), None) if _DIGEST.fullmatch(digest) else None

    def original(self, report: int) -> bytes | None:
        """The bytes of the file that a report was read from, where they are still the same and at hand."""
        with self._dataset.reading() as connection:
            row = connection.execute(select(reports.c.sha256, reports.c.location).where(reports.c.id == report)).one_or_none()
        if row is None:
            return None
        try:
            data = load(self._kept(row.sha256) or Path(row.location))
        except JixiaoError:
            return None
        return data if hashlib.sha256(data).hexdigest() == row.sha256 else None

    # The queue

    def latest(self, limit: int = 200) -> list[Upload]:
        """The uploads that came last, the latest first."""
        return self._found(limit)

    def of(self, number: int) -> Upload | None:
        """The upload with this number."""
        return next(iter(self._found(1, number)), None)

    def _found(self, limit: int, number: int | None = None) -> list[Upload]:
        joined = select(uploads, reports.c.id.label("report_id")).outerjoin(reports, reports.c.sha256 == uploads.c.sha256)
        if number is not None:
            joined = joined.where(uploads.c.id == number)
        with self._dataset.reading() as connection:
            return [Upload(*row) for row in connection.execute(joined.order_by(uploads.c.id.desc()).limit(limit))]

    def cancel(self, number: int) -> bool:
        """Take an upload out of the queue, or say that its reading is to stop; tells whether there was one to cancel."""
        with self._dataset.writing() as connection:
            waiting = (uploads.c.id == number) & uploads.c.state.in_(("waiting", "reading"))
            return bool(connection.execute(update(uploads).where(waiting).values(state="cancelled", finished=_now())).rowcount)

    def retry(self, number: int) -> bool:
        """Queue anew what failed or was cancelled; tells whether there was such an upload."""
        with self._dataset.writing() as connection:
            ended = (uploads.c.id == number) & uploads.c.state.in_(("failed", "cancelled")) & (uploads.c.sha256 != "")
            changed = connection.execute(update(uploads).where(ended).values(state="waiting", reason=None, finished=None))
            return bool(changed.rowcount)

    def clear(self) -> None:
        """Forget the uploads that have ended; their reports and files stay."""
        with self._dataset.writing() as connection:
            connection.execute(delete(uploads).where(uploads.c.state.in_(("done", "failed", "cancelled"))))

    def resume(self) -> None:
        """After a restart: what was being read waits again, and what came half is dropped."""
        for partial in self._folder.glob(".partial-*"):
            partial.unlink(missing_ok=True)
        with self._dataset.writing() as connection:
            connection.execute(update(uploads).where(uploads.c.state == "reading").values(state="waiting"))

    def take_in_next(self, read: Callable[[Source, Callable[[], bool]], Taken | JixiaoError | None]) -> Upload | None:
        """Take the next waiting upload into the dataset; ``None`` where nothing waits.

        ``read`` makes a source's rows, and may ask whether it was cancelled meanwhile: then it gives ``None``.
        """
        with self._dataset.writing() as connection:
            first = connection.execute(
                select(uploads.c.id, uploads.c.sha256, uploads.c.name)
                .where(uploads.c.state == "waiting")
                .order_by(uploads.c.id)
                .limit(1)
            ).one_or_none()
            if first is None:
                return None
            connection.execute(update(uploads).where(uploads.c.id == first.id).values(state="reading"))
        path, signature = self._kept(first.sha256), self.signature
        if path is None:
            self._end(first.id, "failed", f"{first.name}: the file is no longer kept; send it again.")
        elif self._has(first.sha256, signature):
            self._end(first.id, "done")
        else:
            result = read(Source(str(path.absolute()), first.sha256, first.name), lambda: self._is_cancelled(first.id))
            if isinstance(result, JixiaoError):
                self._end(first.id, "failed", str(result).replace(str(path.absolute()), first.name))
            elif result is not None and not self._is_cancelled(first.id):
                run = self._dataset.begin_run(signature)
                self._dataset.save(result.entry, signature if result.is_whole else signature + INCOMPLETE, run)
                self._dataset.end_run(run, result.usage)
                self._end(first.id, "done")
        return self.of(first.id)

    def _has(self, digest: str, signature: str) -> bool:
        with self._dataset.reading() as connection:
            same = select(reports.c.id).where(reports.c.sha256 == digest, reports.c.signature == signature)
            return connection.execute(same).first() is not None

    def _is_cancelled(self, number: int) -> bool:
        with self._dataset.reading() as connection:
            return _state(connection, number) == "cancelled"

    def _end(self, number: int, state: UploadState, reason: str | None = None) -> None:
        with self._dataset.writing() as connection:
            under_way = (uploads.c.id == number) & (uploads.c.state == "reading")
            connection.execute(update(uploads).where(under_way).values(state=state, reason=reason, finished=_now()))


def _state(connection: Connection, number: int) -> str | None:
    return connection.execute(select(uploads.c.state).where(uploads.c.id == number)).scalar()


def _shown(name: str) -> str:
    """A sender's name for a file, as it may be shown: its last part, without control characters."""
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in last)
    return plain.encode("utf-8", "replace").decode()[-_LONGEST_NAME:].strip() or "?"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
