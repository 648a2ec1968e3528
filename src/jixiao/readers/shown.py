"""A spreadsheet's stored value and its number format → the words that its cell shows (显示值): 0.98 in 0% is 98%.

Knows the formats that reports use (digits, thousands, percent, dates, units in quotes, sections for negative and zero);
what it does not know is shown in full, as General does.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_TOKEN = re.compile(
    r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|AM/PM|A/P|上午/下午|General|[yYeE]+\+?|[mM]+|[dD]+|[hH]+|[sS]+(?:\.0+)?|[aA]{3,4}|[#0?.,%]+|.',
    re.DOTALL,
)
_DIGITS = re.compile(r"[#0?]")
_ISO = re.compile(r"\[\$-[^\]]*\]|\[\$([^-\]]*)[^\]]*\]")
_WEEKDAYS = "一二三四五六日"


def shown(value: object, number_format: str | None) -> str:
    """The words that the value shows in the format."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, datetime | date | time):
        return _date(value, number_format or "")
    if isinstance(value, int | float):
        return _number(value, number_format or "General")
    return str(value)


def general(value: int | float) -> str:
    """A number as General shows it: the fifteen digits that a spreadsheet keeps, no float's tail, 0.1+0.2 as 0.3."""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else format(float(value), ".10E")
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    exact = Decimal(format(value, ".15g"))
    if exact and not -5 <= exact.adjusted() <= 19:
        return format(exact.normalize(), "E")
    words = format(exact, "f")
    return words.rstrip("0").rstrip(".") if "." in words else words


@lru_cache(maxsize=512)
def _sections(number_format: str) -> tuple[str, ...]:
    """The format's sections: for positive numbers, negative ones, zero, text."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, mark in enumerate(number_format):
        if mark == '"':
            quoted = not quoted
        elif not quoted and mark in "[]":
            depth += 1 if mark == "[" else -1
        elif mark == ";" and not quoted and depth <= 0 and number_format[at - 1 : at] != "\\":
            parts.append(number_format[start:at])
            start = at + 1
    return (*parts, number_format[start:])


def _number(value: int | float, number_format: str) -> str:
    sections = _sections(number_format)
    if number_format in ("General", "@", "") or any(mark in number_format for mark in ("[<", "[>", "[=", "E+", "E-")):
        return general(value)
    if isinstance(value, float) and (value != value or abs(value) > 1e300):
        return ""
    section, sign = sections[0], "-" if value < 0 else ""
    if value < 0 and len(sections) > 1:
        section, sign = sections[1], ""
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    tokens = [match[0] for match in _TOKEN.finditer(_ISO.sub(lambda match: f'"{match[1] or ""}"', section))]
    pattern = "".join(token for token in tokens if re.fullmatch(r"[#0?.,%]+", token))
    digits = pattern.replace("%", "")
    if "/" in section and "?" in section:
        return general(value)  # fractions
    if not _DIGITS.search(digits):
        if "General" in tokens:
            return "".join(general(abs(value)) if token == "General" else _literal(token) for token in tokens)
        return sign + "".join(_literal(token) for token in tokens).strip()  # a section of words alone: "-" for zero
    figures = _figures(abs(Decimal(repr(value)) if isinstance(value, float) else Decimal(value)), digits, pattern.count("%"))
    if not _DIGITS.sub("", figures).strip(".,") and not figures.strip("0.,") and sign and not value:
        sign = ""
    words, placed = "", False
    for token in tokens:
        if re.fullmatch(r"[#0?.,%]+", token):
            words += ("" if placed else figures) + "%" * token.count("%")
            placed = True
        else:
            words += _literal(token)
    words = words.strip()
    return sign + words


def _figures(value: Decimal, digits: str, percents: int) -> str:
    whole, point, part = digits.partition(".")
    scale = len(whole) - len(whole.rstrip(",")) if not point else len(part) - len(part.rstrip(","))
    value = value.scaleb(2 * percents - 3 * scale)
    part = part.replace(",", "")
    whole_digits = whole.rstrip(",")
    places, least = len(part), part.rfind("0") + 1
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if value.adjusted() < 20 else value
    left, _, right = format(rounded, "f").partition(".")
    while len(right) > least and right.endswith("0"):
        right = right[:-1]
    left = left.lstrip("0").rjust(whole_digits.replace(",", "").count("0"), "0")
    if "," in whole_digits:
        left = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", left)
    return left + (f".{right}" if right or (point and least) else "")


def _literal(token: str) -> str:
    if token.startswith('"'):
        return token.strip('"')
    if token.startswith("\\"):
        return token[1:]
    if token[0] in "_":
        return " "
    if token[0] in "*[":
        return ""
    return token


def _date(value: datetime | date | time, number_format: str) -> str:
    section = _sections(number_format)[0] if number_format else ""
    tokens = [match[0] for match in _TOKEN.finditer(_ISO.sub("", section))]
    letters = "".join(token for token in tokens if token[0] not in '"\\[_*').lower()
    if not re.search(r"[ymdhs]", letters):
        return _plain_date(value)
    moment = value if isinstance(value, datetime) else None
    day = value if isinstance(value, date) else None
    clock = moment.time() if moment else value if isinstance(value, time) else time()
    noon = "am/pm" in letters or "上午" in letters
    words, after_hour = "", False
    for at, token in enumerate(tokens):
        low = token.lower()
        if low[0] in "ye" and day:
            words += f"{day.year:04d}" if len(low) > 2 or low[0] == "e" else f"{day.year % 100:02d}"
        elif low[0] == "m" and set(low) == {"m"}:
            seconds_follow = next((each.lower()[0] for each in tokens[at + 1 :] if each.lower()[0] in "ymdhs"), "") == "s"
            if after_hour or seconds_follow:
                words += f"{clock.minute:02d}" if len(low) > 1 else str(clock.minute)
            elif day:
                words += f"{day.month:02d}" if len(low) == 2 else str(day.month) if len(low) == 1 else f"{day.month}月"
        elif low[0] == "d" and day:
            words += f"{day.day:02d}" if len(low) == 2 else str(day.day) if len(low) == 1 else f"星期{_WEEKDAYS[day.weekday()]}"
        elif low.startswith("aaa") and day:
            words += ("星期" if len(low) == 4 else "") + _WEEKDAYS[day.weekday()]
        elif low[0] == "h":
            hour = (clock.hour + 11) % 12 + 1 if noon else clock.hour
            words += f"{hour:02d}" if len(low) > 1 else str(hour)
        elif low[0] == "s" and set(low) <= set("s.0"):
            words += f"{clock.second:02d}" if low.startswith("ss") else str(clock.second)
        elif low in ("am/pm", "a/p", "上午/下午"):
            words += ("上午" if clock.hour < 12 else "下午") if low[0] == "上" else ("AM" if clock.hour < 12 else "PM")
        else:
            words += _literal(token)
        if low[0] in "hymds":
            after_hour = low[0] == "h"
    return words.strip()


def _plain_date(value: datetime | date | time) -> str:
    if isinstance(value, datetime):
        day = f"{value.year}/{value.month}/{value.day}"
        return day if value.time() == time() else f"{day} {value:%H:%M}"
    return f"{value.year}/{value.month}/{value.day}" if isinstance(value, date) else f"{value:%H:%M}"


def _duration(value: timedelta) -> str:
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
