"""Document → outline (提纲): a tree of numbered sections, found by the numbering that reports use.

一、 （一） 1、 1． 1.1 (1) ① 第一部分 and Markdown's #. A section that follows in the same line, because its line break
was lost, is found too. A paragraph that the file itself calls a heading is one without a number too, as if # stood before
it. Knows numbering and nothing of what headings mean.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

import cn2an

from jixiao.document import Document, Passage, Table

_CN = "一二三四五六七八九十"
_STYLES = [
    ("part", rf"第([{_CN}]{{1,3}}|\d{{1,2}})(?:部分|章|篇)[、.．:：]?"),
    ("hash", r"#{1,6}(?=[^#])"),
    ("cn", rf"([{_CN}]{{1,3}})(?:、|[.．](?!\d))"),
    ("paren_cn", rf"[（(]([{_CN}]{{1,3}})[)）][、.．]?"),
    ("multi", r"\d{1,2}(?:[.．]\d{1,2}){1,3}[、.．]?(?=[^\d.．%％万亿元个家名人次])"),
    ("digit", r"([0-9０-９]{1,2})(?:[、]|[.．](?![0-9０-９])|[.．](?=20\d\d年))"),
    ("paren_digit", r"[（(]([0-9０-９]{1,2})[)）][、.．]?|([0-9]{1,2})[)）][、.．]?"),
    ("circle", r"([①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮])"),
    ("project", rf"项目([{_CN}]{{1,2}}|\d{{1,2}})[:：](?=\S{{2,40}}$)"),
    ("bullet", r"(?:[●○•◆■▲★➢►✓◇□]|[-*·](?=[ \u4e00-\u9fff“])|——(?=[\u4e00-\u9fff“]))\s*"),
]
_MARK = re.compile("|".join(rf"(?P<{name}>{pattern})" for name, pattern in _STYLES))
_INLINE = re.compile(
    rf"(?<=[。；;！!])(?:(?P<cn>[{_CN}]{{1,3}})、|[（(](?P<paren_cn>[{_CN}]{{1,3}})[)）]|(?P<digit>\d{{1,2}})[、.．](?!\d)|[（(](?P<paren_digit>\d{{1,2}})[)）]|(?P<circle>[②-⑮]))(?=[^，。；、）)])"
)
_APPENDIX = re.compile(
    r"(?:附件|附表|附)\s*[\d一二三四五六七八九十]{0,2}\s*(?:[:：].{0,60})?$|[^，。；]{2,36}(?:自评表|数据表|明细表|情况表|指标表|评分表|汇总表)(?:[（(][^（()）]{0,20}[)）])?$"
)
_SENTENCE_END = re.compile(r"[。：:；;！]")
_MAX_TITLE = 60


@dataclass(eq=False)
class Section:
    """A numbered section (节) or list item: its mark, its own line, what stands under it.

    ``words`` is the line without the mark: a heading, or a heading with its text run in, or a whole list item.
    ``mark`` is the number as written without punctuation (一, 1); the root has none.
    """

    style: str
    mark: str
    words: Passage
    parent: "Section | None" = None
    blocks: list[Passage | Table] = field(default_factory=list)
    children: list["Section"] = field(default_factory=list)

    @cached_property
    def title(self) -> str:
        """The heading: the words up to the first stop, where they run on."""
        return self.words.words[: self.title_end]

    @cached_property
    def title_end(self) -> int:
        """Where the heading ends in ``words``."""
        stop = _SENTENCE_END.search(self.words.words)
        return stop.start() if stop and stop.start() <= _MAX_TITLE else min(len(self.words.words), _MAX_TITLE)

    @property
    def is_heading(self) -> bool:
        """Whether the line is a heading by its form: short, and not a sentence of its own."""
        words = self.words.words
        return len(words) <= _MAX_TITLE + 40 and not words.endswith(("。", "；", ";", "！"))

    @property
    def body(self) -> Passage | None:
        """The text that runs on behind the heading in the same line."""
        rest = self.words.part(min(self.title_end + 1, len(self.words.words)), len(self.words.words))
        return rest if rest.words else None

    @property
    def path(self) -> tuple[str, ...]:
        """The headings from the top down to this section."""
        headings: list[str] = []
        section: Section | None = self
        while section is not None and section.style != "root":
            if section.is_heading or section.children or section.blocks or section.style in ("cn", "paren_cn", "part"):
                headings.append(section.mark_and_title)
            section = section.parent
        return tuple(reversed(headings))

    @property
    def mark_and_title(self) -> str:
        lead = {
            "cn": f"{self.mark}、",
            "paren_cn": f"（{self.mark}）",
            "digit": f"{self.mark}.",
            "paren_digit": f"（{self.mark}）",
            "project": f"项目{self.mark}：",
        }
        return lead.get(self.style, f"{self.mark} " if self.mark and self.style in ("multi", "part") else self.mark) + self.title

    def walk(self) -> Iterator["Section"]:
        """This section and all below it, in order."""
        stack = [self]
        while stack:
            section = stack.pop()
            yield section
            stack.extend(reversed(section.children))

    def passages(self) -> Iterator[Passage]:
        """The section's own line and its unnumbered paragraphs."""
        if self.words.words:
            yield self.words
        for block in self.blocks:
            if isinstance(block, Passage):
                yield block


_MAX_DEPTH = 12


def outline(document: Document) -> Section:
    """The document's sections as a tree under a root without a mark; every block is in exactly one of them."""
    root = Section("root", "", Passage("", (0,), (0,)))
    plain = _plain_headings(document)
    open_sections = [root]
    for block in document.blocks:
        if isinstance(block, Table):
            open_sections[-1].blocks.append(block)
            continue
        for passage in split_run_in(block):
            mark = _MARK.match(passage.words)
            if id(block) in plain:
                del open_sections[1:]
                heading = Section("plain", "", passage, root)
                root.children.append(heading)
                open_sections.append(heading)
                continue
            if mark is None and block.level and _may_be_heading(passage.words):
                styled = Section(f"hash{block.level}", "", passage)
                _open(styled, open_sections)
                continue
            if mark is None and _APPENDIX.match(passage.words):
                del open_sections[1:]
                appendix = Section("appendix", "", passage, root)
                root.children.append(appendix)
                open_sections.append(appendix)
                continue
            if mark is None or mark.end() >= len(passage.words):
                open_sections[-1].blocks.append(passage)
                continue
            style = mark.lastgroup or ""
            name = next((group for group in mark.groups()[1:] if group and group != mark[0]), None) if style != "hash" else ""
            section = Section(style, _number_of(mark, name), passage.part(mark.end(), len(passage.words)))
            if style in ("hash", "multi"):
                section.style = f"{style}{mark[0].count('#') or len(re.findall('[0-9]+', mark[0]))}"
            _open(section, open_sections)
    return root


def _may_be_heading(words: str) -> bool:
    """Whether a paragraph in the style of a heading reads like one: whole paragraphs are set in it too."""
    return len(words) <= _MAX_TITLE and not words.endswith(("。", "；", ";"))


def _open(section: Section, open_sections: list[Section]) -> None:
    """Put the section where it stands, and open it for what follows."""
    _close_to(open_sections, section)
    section.parent = open_sections[-1]
    section.parent.children.append(section)
    if len(open_sections) < _MAX_DEPTH:
        open_sections.append(section)


def _plain_headings(document: Document) -> set[int]:
    """The headings of a document that numbers none: short lines without a stop, each with longer text under it."""
    blocks = document.blocks
    tops = sum(1 for block in blocks if isinstance(block, Passage) and _TOP_MARK.match(block.words))
    if tops >= 2:
        return set()
    found = [
        above
        for above, below in pairwise(blocks)
        if isinstance(above, Passage)
        and _PLAIN_HEADING.fullmatch(above.words)
        and _MARK.match(above.words) is None
        and (isinstance(below, Table) or len(below.words) > len(above.words) + (0 if below.words.endswith("。") else 8))
    ]
    if len(found) < 4:
        return set()
    headings = {id(block) for block in found}
    for above, below in reversed(list(pairwise(blocks))):
        if (
            id(below) in headings
            and isinstance(above, Passage)
            and _PLAIN_HEADING.fullmatch(above.words)
            and not _MARK.match(above.words)
        ):
            headings.add(id(above))  # one heading right above another
    return headings - {id(blocks[0])}


_TOP_MARK = re.compile(rf"[{_CN}]{{1,3}}、|第[{_CN}]{{1,3}}(?:部分|章)|#{{1,3}}\s|\d{{1,2}}[、.．]\s*\S{{2,16}}$")
_PLAIN_HEADING = re.compile(r"[\u4e00-\u9fff“”（）、]{3,16}")


def _number_of(mark: re.Match[str], name: str | None) -> str:
    if name is None:
        return re.sub(r"[、.．:：（）()\s]+$", "", mark[0]).strip("（(")
    return name


_RANK = {
    "appendix": 0,
    "part": 0,
    "hash1": 0,
    "hash2": 1,
    "plain": 0,
    "cn": 1,
    "hash3": 2,
    "paren_cn": 2,
    "project": 2,
    "digit": 3,
    "multi2": 4,
    "multi3": 5,
    "multi4": 6,
    "paren_digit": 7,
    "circle": 8,
}


def _close_to(open_sections: list[Section], section: Section) -> None:
    """Close the sections that ``section`` does not stand under."""
    styles = [open_section.style for open_section in open_sections]
    if section.style in styles:
        del open_sections[styles.index(section.style) :]
        return
    rank = _RANK.get(section.style, 8)
    while len(open_sections) > 1 and _RANK.get(open_sections[-1].style, 8) >= rank:
        open_sections.pop()


def split_run_in(passage: Passage) -> list[Passage]:
    """The passage cut where a numbered item begins in mid-line because its line break was lost.

    Only an item that carries on a count is one: （二） after （一）, 2、 after 1、.
    """
    words = passage.words
    first = _MARK.match(words)
    counts: dict[str, int] = {}
    if first and first.lastgroup in ("cn", "paren_cn", "digit", "paren_digit", "circle"):
        number = next((group for group in first.groups() if group and group != first[0]), first[0])
        counts[first.lastgroup] = ordinal_of(number)
    cuts = [0]
    for match in _INLINE.finditer(words):
        style = match.lastgroup or ""
        ordinal = ordinal_of(match[style])
        carries_on = ordinal == counts[style] + 1 if style in counts else style == "paren_cn" and ordinal > 1
        if carries_on:
            cuts.append(match.start())
            counts[style] = ordinal
    if len(cuts) == 1:
        return [passage]
    return [passage.part(start, end) for start, end in zip(cuts, [*cuts[1:], len(words)], strict=True)]


_LISTED = [
    re.compile(rf"(?<![{_CN}第其之])(?P<number>[{_CN}]{{1,2}})(?:是(?!否)|要(?=[^求]))"),
    re.compile(r"(?<![\d.．第])(?P<number>\d{1,2})[、.．](?!\d)"),
    re.compile(r"[（(](?P<number>\d{1,2})[)）]"),
    re.compile(rf"[（(](?P<number>[{_CN}]{{1,2}})[)）]"),
    re.compile(rf"(?:(?<=[。；;：:])|^)(?P<number>[{_CN}]{{1,2}})、"),
    re.compile(r"(?P<number>[①-⑮])"),
    re.compile(rf"针对第?(?:问题)?(?P<number>[{_CN}]{{1,2}})[个项]?(?:问题)?[，,]"),
    re.compile(rf"第(?P<number>[{_CN}])[，、,]"),
]


def listed(passage: Passage) -> tuple[Passage, list[tuple[str, Passage]]]:
    """A passage's list: what leads in to it, and its items with their labels (一是 … 二是 …, 1. … 2. …).

    The first kind of numbering that counts from one to two or more is taken; without one the list is empty.
    """
    words = passage.words
    best: list[re.Match[str]] = []
    for pattern in _LISTED:
        run: list[re.Match[str]] = []
        for match in pattern.finditer(words):
            if ordinal_of(match["number"]) == len(run) + 1:
                run.append(match)
        if len(run) >= 2 and (not best or run[0].start() < best[0].start()):
            best = run
    if not best:
        return passage, []
    bounds = [*(match.start() for match in best[1:]), len(words)]
    items = [(match["number"], passage.part(match.end(), end)) for match, end in zip(best, bounds, strict=True)]
    return passage.part(0, best[0].start()), [(label, item) for label, item in items if item.words]


_COUNT = re.compile(
    rf"(?P<number>[{_CN}]{{1,2}})是(?!否)|第(?P<nth>[{_CN}])[，、]|(?:问题|建议|措施|对策)(?P<named>[{_CN}]{{1,2}}|\d{{1,2}})[:：]"
)


def counted(passage: Passage) -> tuple[str | None, Passage]:
    """A paragraph's own number in a list told over several, 一是, 第一， or 问题一：, and what it says."""
    mark = _COUNT.match(passage.words)
    if mark is None or mark.end() == len(passage.words):
        return None, passage
    return mark["number"] or mark["nth"] or mark["named"], passage.part(mark.end(), len(passage.words))


_CIRCLES = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮"


@lru_cache(maxsize=1024)
def ordinal_of(number: str) -> int:
    """The place in its list that a label names (三, 3, ③), or 0."""
    if number in _CIRCLES:
        return _CIRCLES.index(number) + 1
    if number.isdigit():
        return int(number)
    try:
        return int(cn2an.cn2an(number, "smart"))
    except (ValueError, KeyError, IndexError):
        return 0
