"""`python eval/contradictions.py FOLDER …`: planted contradictions against what the audit finds in the reports that hold them.

Each folder holds ``source.*`` and ``findings.json``: what was planted (``findings``, with quotes) and near-misses that are
right (``right``). A planted finding is found where a finding of the audit stands at one of its quotes and speaks of the
same thing: a number of its ``why``, or one of the check codes it names. A finding of the audit that matches nothing planted
counts as false, whether or not a reviewer would take it: those are listed, to be read. Notes (提示) are counted apart.
"""

import argparse
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jixiao import extract, read
from jixiao.audit import Finding, audit

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass
class Outcome:
    """What the audit made of one report."""

    name: str
    found: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    right: int = 0
    notes: list[str] = field(default_factory=list)
    flagged: list[str] = field(default_factory=list)
    """Near-misses that an error stands at, and nowhere else."""


def places(text: str, quotes: Iterable[str]) -> list[tuple[int, int]]:
    """Where the quotes stand, wherever they do."""
    return [(match.start(), match.end()) for quote in quotes for match in re.finditer(re.escape(quote), text)]


def stands_at(finding: Finding, spans: list[tuple[int, int]]) -> bool:
    return any(place.start < end and start < place.end for place in finding.places for start, end in spans)


def same_thing(finding: Finding, planted: dict[str, Any]) -> bool:
    """Whether the finding speaks of what was planted."""
    if "codes" in planted:
        return finding.check.code in planted["codes"]
    said = finding.reckoning + finding.why + "".join(place.quote for place in finding.places)
    numbers = {number for number in _NUMBER.findall(planted["why"].replace(",", "")) if len(number) >= 2}
    return not numbers or any(number in said.replace(",", "") for number in numbers)


def outcome(folder: Path) -> Outcome:
    """The audit of one folder's report, scored."""
    (source,) = folder.glob("source.*")
    planted = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    document = read(source)
    found = audit(document, extract(document))
    result = Outcome(folder.name)
    matched: set[str] = set()
    for each in planted["findings"]:
        spans = places(document.text, each["quotes"])
        hits = [finding for finding in found if stands_at(finding, spans) and same_thing(finding, each)]
        matched |= {finding.id for finding in hits}
        line = f"{each['severity']} {each['check']}: {each['why']}"
        (result.found if hits else result.missed).append(line)
    for finding in found:
        words = f"{finding.severity} {finding.check.name}: {finding.reckoning[:110]}"
        if finding.id in matched:
            result.right += finding.severity != "note"
        elif finding.severity == "note":
            result.notes.append(words)
        else:
            result.false.append(words)
            for near in planted.get("right", []):
                spans = places(document.text, near["quotes"])
                if finding.severity == "error" and all(
                    any(a <= p.start and p.end <= b for a, b in spans) for p in finding.places
                ):
                    result.flagged.append(f"{near['why']}: {words}")
    return result


def main() -> None:
    """Score the folders and print what was missed and what was false."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--notes", action="store_true", help="count planted notes in the recall too")
    chosen = parser.parse_args()
    outcomes = [outcome(folder) for folder in chosen.folders if (folder / "findings.json").exists()]
    for each in outcomes:
        print(
            f"## {each.name}: found {len(each.found)}, missed {len(each.missed)}, matched findings {each.right}, unmatched {len(each.false)}, notes {len(each.notes)}"
        )
        for title, lines in (
            ("missed", each.missed),
            ("unmatched", each.false),
            ("note", each.notes),
            ("near-miss flagged", each.flagged),
        ):
            for line in lines:
                print(f"  {title}: {line}")
    print(total("all planted", outcomes, ("error", "warning", "note") if chosen.notes else ("error", "warning")))
    print(total("planted errors", outcomes, ("error",)))


def total(title: str, outcomes: list[Outcome], severities: tuple[str, ...]) -> str:
    """Recall over the planted findings of these severities, and the precision of all errors and warnings."""
    found, missed = (
        sum(line.startswith(severities) for each in outcomes for line in getattr(each, kind)) for kind in ("found", "missed")
    )
    right, false = sum(each.right for each in outcomes), sum(len(each.false) for each in outcomes)
    return f"{title}: recall {found}/{found + missed} = {found / max(1, found + missed):.3f}; precision of errors and warnings {right}/{right + false} = {right / max(1, right + false):.3f}"


if __name__ == "__main__":
    main()
