"""How much of a file text recognition takes, so that its time is bounded, and what is said of the rest. Knows no page's content."""

import time

MOST_PICTURES, MOST_MINUTES = 300, 15
"""Pages of one file, and the time for them: a page takes some 5 seconds of a slow machine."""


class Allowance:
    """What text recognition may still take of a file (识别限额), and the pages for which nothing was left."""

    def __init__(self) -> None:
        self._pages = 0
        self._until: float | None = None
        self._unread: list[int] = []

    def covers(self, page: int) -> bool:
        """Whether the page may be read; where one may not, none behind it may. The time runs from the first page on."""
        now = time.monotonic()
        if self._until is None:
            self._until = now + 60 * MOST_MINUTES
        if self._unread or self._pages >= MOST_PICTURES or now >= self._until:
            self._unread.append(page)
            return False
        self._pages += 1
        return True

    def notes(self) -> list[str]:
        """A sentence on the pages left unread, and on how to go on; none where all were read."""
        if not self._unread:
            return []
        first, pages = self._unread[0], pages_told(self._unread, "a picture and was", "pictures and were")
        return [
            f"{pages} left unread: of one file {self._pages} are read, for text recognition takes {MOST_PICTURES} pages and"
            f" {MOST_MINUTES} minutes at most; split it before page {first} and read the rest as a file of its own."
        ]


def pages_told(numbers: list[int], one: str, several: str) -> str:
    """The beginning of a sentence on pages: Pages 3, 7–12 are …"""
    stretches: list[list[int]] = []
    for number in numbers:
        if stretches and number == stretches[-1][1] + 1:
            stretches[-1][1] = number
        else:
            stretches.append([number, number])
    shown = ", ".join(f"{start}–{end}" if start < end else f"{start}" for start, end in stretches[:20])
    more = " …" if len(stretches) > 20 else ""
    return f"Page {shown} is {one}" if len(numbers) == 1 else f"Pages {shown}{more} are {several}"
