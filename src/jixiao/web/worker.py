"""The reader behind the uploads (读取线程): one file after another, in a process of its own, so that it can be stopped.

A file that kills its reader costs that file alone. Knows the queue, and no page.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from jixiao.dataset.ingest import Source, Taken, end_with_parent
from jixiao.dataset.uploads import Uploads
from jixiao.errors import JixiaoError, UnreadableInput

Read = Callable[[Source], Taken | JixiaoError]
_LOOKS = 0.2
"""Seconds between two looks at whether a reading was cancelled."""


class Worker:
    """A thread that empties the queue; ``read`` is what its process does. ``version`` changes whenever an upload's state may have."""

    def __init__(self, uploads: Uploads, read: Read) -> None:
        self._uploads = uploads
        self._reads = read
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="uploads")
        self._reader: tuple[Any, Connection] | None = None
        self.version = 0
        self.stopped = False

    def start(self) -> None:
        """Go on where the last program was stopped."""
        self._uploads.resume()
        self._wanted.set()
        self._thread.start()

    def stop(self) -> None:
        """End after the file at hand is given up; it waits for the next start."""
        self.stopped = True
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(10)
        self._drop_reader()

    def wake(self) -> None:
        """Something waits."""
        self.changed()
        self._wanted.set()

    def changed(self) -> None:
        """An upload's state has changed."""
        self.version += 1

    def _run(self) -> None:
        while not self.stopped:
            self._wanted.wait()
            self._wanted.clear()
            try:
                while not self.stopped and self._uploads.take_in_next(self._read) is not None:
                    self.changed()
            except JixiaoError:
                self._wanted.wait(5)  # the dataset is away for a moment: what was begun waits
                self._uploads.resume()
                self._wanted.set()

    def _read(self, source: Source, is_cancelled: Callable[[], bool]) -> Taken | JixiaoError | None:
        self.changed()
        _, pipe = self._reader or self._new_reader()
        try:
            pipe.send(source)
            while not pipe.poll(_LOOKS):
                if self.stopped or is_cancelled():
                    self._drop_reader()
                    return None
            result: Taken | JixiaoError = pipe.recv()
        except (EOFError, OSError):
            self._drop_reader()
            return UnreadableInput(
                f"{source.name}: the process that read it died, of too little memory it may be; look at the file."
            )
        return result

    def _new_reader(self) -> tuple[Any, Connection]:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._reads), daemon=True)
        process.start()
        theirs.close()
        self._reader = process, ours
        return self._reader

    def _drop_reader(self) -> None:
        if self._reader is not None:
            process, pipe = self._reader
            self._reader = None
            process.kill()
            process.join()
            pipe.close()


def _serve(pipe: Connection, read: Read) -> None:
    """The reader's process: sources in, their rows out."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program that started it
    end_with_parent()
    with suppress(EOFError, BrokenPipeError):  # the program is gone
        while True:
            pipe.send(_tried(read, pipe.recv()))


def _tried(read: Read, source: Source) -> Taken | JixiaoError:
    try:
        return read(source)
    except MemoryError:
        raise SystemExit(1) from None
    except Exception as exc:  # a fault of ours in one report must not stop the others
        return UnreadableInput(f"{source.name}: reading it failed ({type(exc).__name__}); please report it with the file.")
