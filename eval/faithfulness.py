"""`python eval/faithfulness.py SUMMARY.md|SUMMARY.docx --report SOURCE …`: does every number in a finished summary have a record?

Reads the finished file and the reports it names, and nothing of the program that wrote it. Each sentence ends in a footnote
that names records (m8) and places (@384). A number in the sentence must stand in the words of the records cited there, in the same
unit or in 万 and 亿 of it, rounded to the places shown; or count the records cited; or be the outcome of a sum that the sentence
states, or the rate of two of its own amounts. With ``--points summary_points.json`` also the share of points that the summary holds.
"""

import argparse
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from jixiao import Extraction, extract, read

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_UNITS = "个百分点|百分点|万亿元|亿元|万元|千元|元|%|％|[万亿]?[\u4e00-\u9fff]{0,2}"
_NUMBER = re.compile(rf"(?<![\d.A-Za-z@])(?P<number>\d[\d,]*(?:\.\d+)?)(?P<unit>{_UNITS})")
_SCALE = {"万亿元": 12, "亿元": 8, "万元": 4, "千元": 3, "元": 0}
_CHINESE = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}


@dataclass
class Line:
    """A sentence, or a table's cell row, and the records its footnote names: (report, id, start)."""

    words: str
    cites: list[tuple[str, str, int]] = field(default_factory=list)
    more: int = 0
    """Records that the footnote counts and does not name (等25处)."""


@dataclass
class Source:
    """A report as its records state it."""

    text: str
    extraction: Extraction

    def words(self, record: str, start: int) -> str:
        """The words of a record, garbled numbers put right; for the report itself, those at the place."""
        if record in ("", "report"):
            said = self.text[max(0, start - 60) : start + 400]
            report = self.extraction.report
            return f"{said} {report.department or ''} {report.title or ''} {report.fiscal_year or ''}年度 {report.self_score or ''}分 {report.grade or ''}"
        for kind in (
            self.extraction.goals,
            self.extraction.completions,
            self.extraction.metrics,
            self.extraction.issues,
            self.extraction.measures,
        ):
            for each in kind:
                if each.id == record:
                    return "".join(piece.quote for piece in each.evidence) + " " + _values(each.model_dump(mode="json"))
        return ""


def _values(record: dict[str, Any]) -> str:
    """A record's words and values; a garbled number as it was put right, a rate with its sign."""
    said = [str(value) for value in record.values() if isinstance(value, str)]
    change = record.get("change") or {}
    for measured in (record.get("target"), record.get("actual"), record.get("previous"), change.get("amount")):
        if measured and measured["value"] is not None:
            said.append(f"{measured['value']}{measured['unit'] or ''} {measured['raw']}")
    said += [f"{record[name]}分" for name in ("weight", "score") if record.get(name) is not None]
    if change.get("percent") is not None:
        said.append(f"{change['percent']}% {change.get('reason') or ''}")
    return " ".join(said)


# --- the finished file


def lines_of(path: Path) -> list[Line]:
    """The sentences of a finished .md or .docx, each with what its footnote cites."""
    return _markdown(path.read_text(encoding="utf-8")) if path.suffix == ".md" else _word(path)


def _cites(note: str) -> list[tuple[str, str, int]]:
    cites = []
    report = ""
    for part in re.split(r"[；、]", note.replace("\\", "")):
        if found := re.match(r"\s*(?P<report>\S+\.(?:txt|md|docx?|pdf|xlsx?|html?))\s", part):
            report = found["report"]
        for record in re.finditer(r"(?P<id>report|[gcmia]\d+)?(?:@(?P<start>\d+))?", part):
            if record["id"] or record["start"]:
                cites.append((report, record["id"] or "", int(record["start"] or 0)))
    return cites


def _markdown(text: str) -> list[Line]:
    notes = dict(re.findall(r"^\[\^(\d+)\]: (.*)$", text, re.M))
    body = re.sub(r"^\[\^\d+\]: .*$", "", text, flags=re.M).replace("\\", "")
    lines = []
    for paragraph in body.splitlines():
        at = 0
        for mark in re.finditer(r"\[\^(\d+)\]", paragraph):
            lines.append(Line(paragraph[at : mark.start()], _cites(notes[mark[1]])))
            at = mark.end()
        if rest := paragraph[at:].strip(" |"):
            lines.append(Line(rest))
    return lines


def _word(path: Path) -> list[Line]:
    with zipfile.ZipFile(path) as file:
        body = ElementTree.fromstring(file.read("word/document.xml"))
        notes: dict[str, str] = {}
        if "word/footnotes.xml" in file.namelist():
            for note in ElementTree.fromstring(file.read("word/footnotes.xml")):
                notes[note.get(f"{_W}id", "")] = "".join(piece.text or "" for piece in note.iter(f"{_W}t"))
    lines = []
    tables = {id(paragraph): table for table in body.iter(f"{_W}tbl") for paragraph in table.iter(f"{_W}p")}
    table_cites: dict[int, list[tuple[str, str, int]]] = {}
    for table in body.iter(f"{_W}tbl"):
        for reference in table.iter(f"{_W}footnoteReference"):
            table_cites[id(table)] = _cites(notes[reference.get(f"{_W}id", "")])
    for paragraph in body.iter(f"{_W}p"):
        words = ""
        found = tables.get(id(paragraph))
        for element in paragraph.iter():
            if element.tag == f"{_W}t":
                words += element.text or ""
            elif element.tag == f"{_W}footnoteReference" and found is None:
                said = notes[element.get(f"{_W}id", "")]
                lines.append(Line(words, _cites(said), sum(int(count) for count in re.findall(r"等(\d+)处", said))))
                words = ""
        if words.strip():
            lines.append(Line(words, table_cites.get(id(found), []) if found is not None else []))
    return lines


# --- numbers


def _value(number: str, unit: str) -> tuple[Decimal, str, Decimal]:
    """A number in base units, its base unit, and half a unit of its last place."""
    bare = number.replace(",", "")
    value = Decimal(bare)
    places = len(bare.partition(".")[2])
    scale, base = 0, unit
    if unit in _SCALE:
        scale, base = _SCALE[unit], "元"
    elif unit[:1] in ("万", "亿"):
        scale, base = (4 if unit[0] == "万" else 8), unit[1:]
    factor = Decimal(10) ** scale
    return value * factor, base.replace("％", "%"), Decimal(5).scaleb(-places - 1) * factor


def _numbers(words: str) -> Iterator[tuple[Decimal, str, Decimal]]:
    for match in _NUMBER.finditer(words.translate(str.maketrans("０１２３４５６７８９．％，", "0123456789.%,"))):
        yield _value(match["number"], match["unit"])


def _sums(words: str) -> set[Decimal]:
    """The outcomes of the sums stated in the words that come out right."""
    found = set()
    for match in re.finditer(r"([\d.,()+−÷×% ]+?)\s*=\s*([\d.,]+)", words):
        expression = match[1].replace(",", "").replace("−", "-").replace("×", "*").replace("÷", "/").replace("%", "/100").strip()
        expression = expression.rsplit("；", 1)[-1]
        try:
            value = Decimal(str(eval(expression, {"__builtins__": {}}))) if re.fullmatch(r"[\d.()+\-*/ ]+", expression) else None
        except (SyntaxError, ZeroDivisionError, InvalidOperation, TypeError):
            value = None
        right = Decimal(match[2].replace(",", "").rstrip("."))
        if value is not None and any(abs(value * factor - right) <= Decimal("0.0051") for factor in (1, 100)):
            found.add(right)
    return found


def unfounded(line: Line, sources: dict[str, Source]) -> list[str]:
    """The numbers of a sentence that no cited record holds."""
    if not line.cites:
        bare = re.sub(r"（据《.*?》）|据《.*?》|据\d+份.*|据\S+|略去\d+句|有\d+句", "", line.words)
        return [match[0] for match in _NUMBER.finditer(bare) if not re.match(r"(?:19|20)\d\d", match[0])]
    said = []
    for report, record, start in line.cites:
        source = sources.get(report) or (next(iter(sources.values())) if len(sources) == 1 else None)
        words = source.words(record, start) if source else ""
        if not words:
            return [f"{report} {record}@{start}: there is no such record"]
        said.append(words)
    held = [number for words in said for number in _numbers(words)]
    plain = re.sub(r"\s", "", "".join(said))
    counts = {Decimal(count) for count in range(len(line.cites) + line.more + 1)}
    sums = _sums(line.words) | {sum(_scores(said, at), Decimal(0)) for at in (0, 1)}
    stated = list(_numbers(line.words))
    money = [value for value, unit, _ in stated if unit == "元" and value]
    wrong = []
    for match in _NUMBER.finditer(line.words):
        value, unit, half = _value(match["number"], match["unit"])
        label = line.words[max(0, match.start() - 2) : match.start()] == "目标"
        same = any(abs(value - other) <= half + other_half and _alike(unit, other_unit) for other, other_unit, other_half in held)
        written = match["number"] in plain or match["number"].replace(",", "") in plain.replace(",", "")
        rate = unit == "%" and any(
            abs(one * 100 / other - value) <= half * Decimal("1.1")
            for one in money
            for other in money
            if one != other or len(money) > 1
        )
        reckoned = bool(re.search(r"[=≠÷+−×→]", line.words)) and (
            Decimal(match["number"].replace(",", "")) in sums or written or _converted(value, held)
        )
        if not (
            same
            or label
            or rate
            or reckoned
            or (unit[:1] in "个项份处家条次、" and value in counts)
            or _is_date(line.words, match, plain)
        ):
            wrong.append(match[0])
    return wrong


def _scores(said: list[str], at: int) -> list[Decimal]:
    """The weights, or the scores, of the cited indicators: the last marks in each one's words."""
    marks = [re.findall(r"(\d+(?:\.\d+)?)分(?= |$)", words) for words in said]
    return [Decimal(each[-2 + at]) for each in marks if len(each) >= 2]


def _alike(unit: str, other: str) -> bool:
    """Whether two units can be the same: cut alike out of the words, or left out on one side."""
    if unit == other or (unit and other and unit[0] == other[0]):
        return True
    return (unit == "" and other == "分") or (other == "" and unit not in ("元", "%"))


def _converted(value: Decimal, held: list[tuple[Decimal, str, Decimal]]) -> bool:
    return any(
        abs(value * scale - other) <= half + scale * Decimal("0.005") for other, _, half in held for scale in (1, 10**4, 10**8)
    )


def _is_date(words: str, match: re.Match[str], plain: str) -> bool:
    around = re.sub(r"\s", "", words[max(0, match.start() - 5) : match.end() + 1])
    date = re.search(r"(?:20\d\d年(?:度)?)?(?:\d{1,2}月(?:\d{1,2}日)?)?", around)
    return match["unit"][:1] in ("年", "月", "日") and bool(date) and match["number"] in plain


# --- points


def covered(points: list[dict[str, object]], words: str) -> list[bool]:
    """Which points the summary holds: every string that a point must contain, commas and blanks aside."""
    plain = re.sub(r"[,，\s]", "", words)
    return [all(re.sub(r"[,，\s]", "", str(each)) in plain for each in point["must_contain"]) for point in points]  # type: ignore[attr-defined]


def main() -> int:
    """Print what has no record, and the share of points; 1 where a number has none."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("summaries", nargs="+", type=Path)
    parser.add_argument("--report", action="append", type=Path, required=True, help="a report that the summaries cite")
    parser.add_argument("--points", type=Path, help="summary_points.json: what a summary must hold")
    chosen = parser.parse_args()
    sources = {path.name: Source((document := read(path)).text, extract(document)) for path in chosen.report}
    failed = 0
    for path in chosen.summaries:
        lines = lines_of(path)
        wrong = [(line.words, numbers) for line in lines if (numbers := unfounded(line, sources))]
        count = sum(1 for line in lines for _ in _NUMBER.finditer(line.words))
        print(f"{path}: {count} numbers in {len(lines)} lines, {sum(len(numbers) for _, numbers in wrong)} without a record")
        for words, numbers in wrong:
            print(f"  {'、'.join(numbers)}: {words[:100]}")
        failed |= bool(wrong)
        if chosen.points:
            points = json.loads(chosen.points.read_text(encoding="utf-8"))["points"]
            held = covered(points, "".join(line.words for line in lines))
            print(f"  points: {sum(held)}/{len(held)}")
            for point, there in zip(points, held, strict=True):
                if not there:
                    print(f"    missing: {point['must_contain']}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
