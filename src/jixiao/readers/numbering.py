"""Word's automatic list numbers (自动编号), which are not in the text → the words that a reader sees: 一、 （二） 3. ①.

Counts along as the paragraphs go by, by the levels of numbering.xml. Knows numbers, not what is numbered.
"""

import re
from dataclasses import dataclass, field

import cn2an
from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVEL = re.compile(r"%([1-9])")
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_BULLET = "●"


@dataclass(slots=True)
class _Level:
    start: int
    format: str
    words: str
    blank: bool  # whether a tab or space parts the number from the text
    restart: int | None
    legal: bool  # 正规形式编号: every number of it in Arabic digits


@dataclass(slots=True)
class _List:
    """A kind of list (abstractNum) with its counters, shared by all the lists made of it."""

    levels: dict[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of a document, each knowing how far it has counted."""

    def __init__(self, root: etree._Element | None) -> None:
        self._kinds: dict[str, _List] = {}
        self._lists: dict[str, _List] = {}
        self._links: dict[str, str] = {}  # a numbering style → the list that defines it
        self._linked: dict[str, str] = {}  # a kind that only names a numbering style
        if root is None:
            return
        for kind in root.iterfind(f"{W}abstractNum"):
            name = kind.get(f"{W}abstractNumId") or ""
            self._kinds[name] = _List({_int(level.get(f"{W}ilvl")): _level(level) for level in kind.iterfind(f"{W}lvl")})
            if (link := kind.find(f"{W}numStyleLink")) is not None:
                self._linked[name] = _value(link)
            if (link := kind.find(f"{W}styleLink")) is not None:
                self._links[_value(link)] = name
        for number in root.iterfind(f"{W}num"):
            self._add(number)

    def _add(self, number: etree._Element) -> None:
        name = _value(number.find(f"{W}abstractNumId"))
        kind = self._kinds.get(self._links.get(self._linked.get(name, ""), name))
        if kind is None:
            return
        overrides = list(number.iterfind(f"{W}lvlOverride"))
        if overrides:  # a list of its own: it counts anew from where it says
            kind = _List(dict(kind.levels))
            for override in overrides:
                at = _int(override.get(f"{W}ilvl"))
                if (own := override.find(f"{W}lvl")) is not None:
                    kind.levels[at] = _level(own)
                if (start := override.find(f"{W}startOverride")) is not None and at in kind.levels:
                    old = kind.levels[at]
                    kind.levels[at] = _Level(_int(_value(start)), old.format, old.words, old.blank, old.restart, old.legal)
        self._lists[number.get(f"{W}numId") or ""] = kind

    def next(self, list_id: str, level: int) -> str:
        """The number of the next paragraph in the list at the level, with what parts it from the text; or nothing."""
        kind = self._lists.get(list_id)
        if kind is None or level not in kind.levels:
            return ""
        own = kind.levels[level]
        kind.counts[level] = kind.counts[level] + 1 if level in kind.counts else own.start
        for below in [each for each in kind.counts if each > level]:
            restart = kind.levels[below].restart
            if restart is None or restart > level:
                del kind.counts[below]
        if own.format == "bullet":
            return f"{_BULLET} "
        if own.format == "none" and not own.words:
            return ""

        def shown(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            its = kind.levels.get(at)
            if its is None:
                return ""
            return numeral(kind.counts.get(at, its.start), "decimal" if own.legal else its.format)

        words = _LEVEL.sub(shown, own.words)
        return f"{words} " if words and own.blank and words[-1] < "\u2000" else words


def _level(level: etree._Element) -> _Level:
    words = _value(level.find(f"{W}lvlText"))
    form = level.find(f"{W}numFmt")
    suffix, restart = level.find(f"{W}suff"), level.find(f"{W}lvlRestart")
    start = level.find(f"{W}start")
    return _Level(
        start=_int(_value(start)) if start is not None else 0,
        format=_value(form) if form is not None else "decimal",
        words=words,
        blank=suffix is None or _value(suffix) != "nothing",
        restart=_int(_value(restart)) if restart is not None else None,
        legal=level.find(f"{W}isLgl") is not None,
    )


def _value(element: etree._Element | None) -> str:
    return (element.get(f"{W}val") or "") if element is not None else ""


def _int(words: str | None) -> int:
    """A whole number in an attribute; what is none, or beyond all counting, is 0."""
    return int(words) if words and words.isascii() and words.isdigit() and len(words) < 7 else 0


def numeral(number: int, form: str) -> str:
    """The number as Word writes it in a format of its own naming."""
    match form:
        case (
            "chineseCounting" | "chineseCountingThousand" | "taiwaneseCounting" | "taiwaneseCountingThousand" | "japaneseCounting"
        ):
            return _chinese(number)
        case "ideographDigital" | "japaneseDigitalTenThousand" | "taiwaneseDigital":
            return str(number).translate(str.maketrans("0123456789", "〇一二三四五六七八九"))
        case "chineseLegalSimplified" | "ideographLegalTraditional":
            return str(cn2an.an2cn(str(number), "up"))
        case "ideographTraditional":
            return _STEMS[(number - 1) % 10]
        case "ideographZodiac":
            return _BRANCHES[(number - 1) % 12]
        case "decimalEnclosedCircle" | "decimalEnclosedCircleChinese":
            return chr(0x245F + number) if 1 <= number <= 20 else str(number)
        case "ideographEnclosedCircle":
            return chr(0x327F + number) if 1 <= number <= 10 else _chinese(number)
        case "decimalEnclosedParen":
            return chr(0x2473 + number) if 1 <= number <= 20 else f"({number})"
        case "decimalEnclosedFullstop":
            return chr(0x2487 + number) if 1 <= number <= 20 else f"{number}."
        case "decimalFullWidth" | "decimalFullWidth2":
            return str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        case "decimalZero":
            return f"{number:02d}"
        case "lowerLetter" | "upperLetter":
            letter = chr((number - 1) % 26 + (97 if form == "lowerLetter" else 65))
            return letter * min(10, (number - 1) // 26 + 1)
        case "lowerRoman" | "upperRoman":
            return _roman(number) if form == "upperRoman" else _roman(number).lower()
        case "none":
            return ""
    return str(number)


def _chinese(number: int) -> str:
    words = str(cn2an.an2cn(str(number), "low"))
    return words.removeprefix("一") if 10 <= number < 20 else words


def _roman(number: int) -> str:
    words = ""
    for value, mark in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "M CM D CD C XC L XL X IX V IV I".split(), strict=True
    ):
        words += mark * min(9, number // value)
        number %= value
    return words
