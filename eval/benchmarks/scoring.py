"""How long scoring takes: CPU seconds for 1,000 pairs of a label file with a prediction, 200 records each.

    python eval/benchmarks/scoring.py [PAIRS]

The records are drawn from the fixtures' labels, all kinds in their shares; a prediction is a label file with a third of
its records renamed, renumbered or dropped.
"""

import random
import sys
import time
from pathlib import Path
from typing import Any

from jixiao import Extraction
from jixiao.evaluation.scoring import score_report

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
LISTS = ("goals", "completions", "metrics", "issues", "measures")
RECORDS = 200


def drawn(chance: random.Random, pool: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """A label file of 200 records."""
    content: dict[str, Any] = {"report": {"source": "", "sha256": "", "characters": 0}}
    for number, (name, record) in enumerate(chance.sample(pool, RECORDS)):
        content.setdefault(name, []).append(record | {"id": f"{record['id'][0]}{number}", "goal_id": None, "issue_ids": []})
    for records in content.values():
        for record in records if isinstance(records, list) else ():
            del record["issue_ids" if record["id"][0] != "a" else "goal_id"]
            if record["id"][0] not in "cm":
                record.pop("goal_id", None)
    return content


def perturbed(content: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same with a third of its records changed."""
    changed = {"report": content["report"]}
    for name in LISTS:
        changed[name] = []
        for record in content.get(name, ()):
            fate = chance.random()
            field = "name" if name == "metrics" else "statement"
            if fate > 0.1:
                changed[name].append(
                    record | {field: record[field][: max(1, len(record[field]) // 2)]} if fate < 0.33 else record
                )
    return changed


def main() -> None:
    """Draw, score, print."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    pool = []
    for path in sorted(FIXTURES.glob("*/labels.json")):
        content = Extraction.model_validate_json(path.read_bytes()).model_dump(mode="json")
        pool += [(name, record) for name in LISTS for record in content[name]]
    chance = random.Random(7)
    drawn_pairs = []
    for _ in range(pairs):
        content = drawn(chance, pool)
        drawn_pairs.append((Extraction.model_validate(content), Extraction.model_validate(perturbed(content, chance))))
    started = time.process_time()
    found = sum(len(kind.pairs) for label, predicted in drawn_pairs for kind in score_report(label, predicted, "").kinds.values())
    print(f"{pairs} pairs of {RECORDS} records: {time.process_time() - started:.1f} CPU s, {found} records paired")


if __name__ == "__main__":
    main()
