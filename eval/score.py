"""Score the rule engine against the labelled reports: F1 by kind, fields, evidence, with a bootstrap over reports.

    python eval/score.py [FIXTURE…] [--errors] [--json FILE]

Without names all of `fixtures/` is scored, held-out reports apart from the others. Where a report was labelled twice, the
second labeller is scored against the first in the same way: what is attainable.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from jixiao.evaluation.scoring import KINDS, Kind, ReportScore, score_report
from jixiao.pipeline import extract, read
from jixiao.records import Extraction, Metric

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
RESAMPLES = 2000


def score_folder(folder: Path) -> ReportScore:
    """The scores of one fixture folder: its source extracted, held against its labels."""
    document = read(folder / "source.txt")
    label = Extraction.model_validate_json((folder / "labels.json").read_text(encoding="utf-8"))
    return score_report(label, extract(document), document.text)


def agreement_of(folder: Path) -> ReportScore:
    """The second labeller held against the first; what only the second marked optional counts for neither."""
    text = read(folder / "source.txt").text
    first, second = (
        Extraction.model_validate_json((folder / name).read_text(encoding="utf-8"))
        for name in ("labels.json", "labels-second.json")
    )
    score = score_report(first, second, text)
    for kind in score.kinds.values():
        kind.false = [record for record in kind.false if not record.optional]
    return score


def counts(score: ReportScore, kinds: Sequence[Kind]) -> tuple[int, int, int]:
    """Pairs, misses and false records over ``kinds``."""
    chosen = [score.kinds[kind] for kind in kinds]
    return (
        sum(len(kind.pairs) for kind in chosen),
        sum(len(kind.misses) for kind in chosen),
        sum(len(kind.false) for kind in chosen),
    )


def f1(pairs: float, misses: float, false: float) -> float:
    """F1 from counts; 1 where there was nothing to find and nothing was found."""
    total = 2 * pairs + misses + false
    return 2 * pairs / total if total else 1.0


def interval(table: np.ndarray) -> tuple[float, float]:
    """The bootstrap 95 % interval of micro F1, reports resampled."""
    chosen = np.random.default_rng(7).integers(0, len(table), (RESAMPLES, len(table)))
    resampled = table[chosen].sum(axis=1)
    low, high = np.percentile([f1(*row) for row in resampled], [2.5, 97.5])
    return float(low), float(high)


def field_accuracy(scores: Sequence[ReportScore], kinds: Sequence[Kind]) -> tuple[int, int]:
    """Fields right, and fields in all, on the pairs."""
    checks = [check for score in scores for kind in kinds for pair in score.kinds[kind].pairs for check in pair.fields]
    return sum(check.right for check in checks), len(checks)


def table_of(scores: Sequence[ReportScore]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 with its interval and field accuracy, by kind and over all."""
    rows: dict[str, dict[str, float]] = {}
    for name, kinds in [*((kind, (kind,)) for kind in KINDS), ("all", KINDS)]:
        table = np.array([counts(score, kinds) for score in scores])
        pairs, misses, false = (int(number) for number in table.sum(axis=0))
        low, high = interval(table)
        right, fields = field_accuracy(scores, kinds)
        rows[name] = {
            "labels": pairs + misses,
            "precision": pairs / (pairs + false) if pairs + false else 1.0,
            "recall": pairs / (pairs + misses) if pairs + misses else 1.0,
            "f1": f1(pairs, misses, false),
            "low": low,
            "high": high,
            "fields": right / fields if fields else 1.0,
        }
    return rows


def print_table(title: str, scores: Sequence[ReportScore]) -> None:
    """The scores as a Markdown table."""
    print(f"\n**{title}** ({len(scores)} reports)\n")
    print(
        "| kind | labels | precision | recall | F1 | 95 % interval | fields right |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    for name, row in table_of(scores).items():
        print(
            f"| {name} | {row['labels']:.0f} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} "
            f"| {row['low']:.3f}–{row['high']:.3f} | {row['fields']:.3f} |"
        )
    grounded, predictions = sum(score.grounded for score in scores), sum(score.predictions for score in scores)
    print(f"\nEvidence holds for {grounded} of {predictions} records.")


def print_errors(name: str, score: ReportScore) -> None:
    """Every miss, false record and wrong field of one report."""
    for kind, outcome in score.kinds.items():
        for what, records in (("miss", outcome.misses), ("false", outcome.false)):
            for record in records:
                words = record.name if isinstance(record, Metric) else record.statement
                print(f"{name} {what} {kind} {words[:30]!r} at {record.evidence[0].start}: {record.evidence[0].quote[:60]!r}")
        for pair in outcome.pairs:
            for check in pair.fields:
                if not check.right:
                    place = pair.label.evidence[0]
                    said = f"{check.label!r} ≠ {check.predicted!r}"
                    print(f"{name} field {kind}.{check.name} {said} at {place.start}: {place.quote[:40]!r}")


def main() -> None:
    """Score, print, and write the numbers where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="folders of fixtures/; all where none is named")
    parser.add_argument(
        "--errors", action="store_true", help="list every miss, false record and wrong field (not of held-out reports)"
    )
    parser.add_argument("--json", type=Path, help="write the tables there")
    arguments = parser.parse_args()
    folders = [FIXTURES / name for name in arguments.names] or sorted(path.parent for path in FIXTURES.glob("*/labels.json"))
    scores = {folder.name: score_folder(folder) for folder in folders}
    groups = {
        "Open reports": [score for name, score in scores.items() if not name.endswith("-heldout")],
        "Held-out reports": [score for name, score in scores.items() if name.endswith("-heldout")],
    }
    twice = [folder for folder in folders if (folder / "labels-second.json").exists()]
    groups["Rules, on the reports labelled twice"] = [scores[folder.name] for folder in twice]
    groups["Second labeller against the first"] = [agreement_of(folder) for folder in twice]
    for title, group in groups.items():
        if group:
            print_table(title, group)
    if arguments.errors:
        for name, score in scores.items():
            if not name.endswith("-heldout"):
                print_errors(name, score)
    if arguments.json:
        tables = {title: table_of(group) for title, group in groups.items() if group}
        arguments.json.write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
