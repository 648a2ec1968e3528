"""The scores of the committed baseline → the tables in both READMEs, between `<!-- scores -->` and `<!-- /scores -->`.

    python3 run.py scores     makes the baseline anew by `jixiao eval`, then this

A test holds the READMEs to the baseline.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from jixiao.evaluation.results import Evaluation, ReportOutcome, counts_table, field_counts, load_evaluation
from jixiao.evaluation.statistics import Table, f1_interval, micro_f1
from jixiao.render.page import KINDS as CHINESE
from jixiao.render.scores import ROWS

ROOT = Path(__file__).resolve().parents[1]
BASELINE = ROOT / "eval" / "baselines" / "rules.json"
READMES = {"README.md": "en", "README.zh-CN.md": "zh"}
HEADS = {
    "en": ("F1", "open, {} reports", "held out, {} reports", "rules, labelled twice, {} reports", "second labeller, {} reports"),
    "zh": ("F1", "开放，{} 份", "留出，{} 份", "规则（两次标注的报告），{} 份", "第二位标注者，{} 份"),
}
LAST = {
    "en": ("labels", "fields right", "Made by `{}` with jixiao {} on {}."),
    "zh": ("标注条数", "字段正确率", "由 `{}` 生成，jixiao {}，{}。"),
}


def columns(evaluation: Evaluation) -> list[Sequence[ReportOutcome]]:
    """The groups of reports that stand side by side."""
    (rules,) = evaluation.engines
    agreed = evaluation.labellers.reports if evaluation.labellers else []
    twice = {report.report for report in agreed}
    return [rules.scored(False), rules.scored(True), [each for each in rules.scored() if each.report in twice], agreed]


def table(evaluation: Evaluation, language: str) -> str:
    """The scores as a table in Markdown."""
    groups = columns(evaluation)
    counted, fields, made = LAST[language]
    names = {"all": "合计", **CHINESE} if language == "zh" else {}
    rows = [[head.format(len(group)) for head, group in zip(HEADS[language], [(), *groups], strict=True)], ["---"] * 5]
    for name, kinds in ROWS:
        tables = [counts_table(group, kinds) for group in groups]
        rows.append([names.get(name, name), *(f"{micro_f1(each):.3f}{_interval(each)}" for each in tables)])
    rows.append([counted, *(str(int(counts_table(group)[:, :2].sum())) for group in groups)])
    rows.append([fields, *(_share(group) for group in groups)])
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{lines}\n\n{made.format(evaluation.command, evaluation.jixiao, evaluation.made[:10])}"


def _interval(counts: Table) -> str:
    interval = f1_interval(counts)
    return f" ({interval[0]:.2f}–{interval[1]:.2f})" if interval else ""


def _share(reports: Sequence[ReportOutcome]) -> str:
    counts = field_counts(reports).values()
    return f"{sum(right for right, _ in counts) / max(1, sum(of for _, of in counts)):.3f}"


def renewed(words: str, evaluation: Evaluation, language: str) -> str:
    """A README with the table of the evaluation in it."""
    block = f"<!-- scores: python3 run.py scores -->\n\n{table(evaluation, language)}\n\n<!-- /scores -->"
    return re.sub(r"<!-- scores.*?-->.*?<!-- /scores -->", lambda _: block, words, count=1, flags=re.DOTALL)


def main() -> None:
    """Write both READMEs."""
    evaluation = load_evaluation(BASELINE)
    for name, language in READMES.items():
        path = ROOT / name
        path.write_text(renewed(path.read_text(encoding="utf-8"), evaluation, language), encoding="utf-8")
        print(f"{name}: the scores of {evaluation.made[:10]}")


if __name__ == "__main__":
    main()
