"""An evaluation as words for a terminal: one table a group of reports, engines side by side, what changed."""

from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import combinations

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from jixiao.evaluation.comparison import Comparison, KindComparison, compare
from jixiao.evaluation.results import EngineOutcome, Evaluation, ReportOutcome, counts_table, field_counts
from jixiao.evaluation.scoring import KINDS, Kind
from jixiao.evaluation.statistics import LEAST_REPORTS, f1_interval, macro_f1, micro_f1, precision_of, recall_of

ROWS: tuple[tuple[str, tuple[Kind, ...]], ...] = (*((kind, (kind,)) for kind in KINDS), ("all", KINDS))


def score_words(evaluation: Evaluation, *, fields: bool = False) -> str:
    """Tables in Markdown, so that they can stand in a note as they are."""
    return "".join(_tables(evaluation, fields))


def _tables(evaluation: Evaluation, fields: bool) -> Iterator[str]:
    for engine in evaluation.engines:
        for title, reports in groups(engine):
            yield _score_table(f"{engine.engine}: {title}", reports)
        if evaluation.labellers is not None:
            twice = {report.report for report in evaluation.labellers.reports}
            both = [report for report in engine.scored() if report.report in twice]
            if both:
                yield _score_table(f"{engine.engine}: reports labelled twice", both)
        if fields:
            yield _field_table(engine)
        yield _last_words(engine)
    if evaluation.labellers is not None:
        yield _score_table("the second labeller against the first: what is attainable", evaluation.labellers.reports)
    for first, second, title, comparison in pairings(evaluation):
        words = f"{second.engine} against {first.engine}: {title} ({len(comparison.reports)})"
        yield comparison_words(words, comparison, records=False)
    if len(evaluation.engines) > 1 or evaluation.engines[0].usage.calls:
        yield _usage_table(evaluation.engines)


def pairings(evaluation: Evaluation) -> Iterator[tuple[EngineOutcome, EngineOutcome, str, Comparison]]:
    """Every two engines against each other, on the open and on the held-out reports apart."""
    for first, second in combinations(evaluation.engines, 2):
        for title, held_out in GROUPS:
            if any(report.held_out == held_out for report in first.reports):
                yield first, second, title, compare(first.only(held_out), second.only(held_out))


GROUPS = (("open reports", False), ("held-out reports", True))


def groups(engine: EngineOutcome) -> Iterator[tuple[str, list[ReportOutcome]]]:
    """The scored reports, held-out ones apart."""
    for title, held_out in GROUPS:
        if reports := engine.scored(held_out):
            yield title, reports


def _score_table(title: str, reports: Sequence[ReportOutcome]) -> str:
    rows = []
    for name, kinds in ROWS:
        table = counts_table(reports, kinds)
        pairs, misses, _ = table.sum(axis=0)
        fields = field_counts(reports, kinds).values()
        right, of = sum(each[0] for each in fields), sum(each[1] for each in fields)
        macro = macro_f1(table)
        rows.append(
            (
                name,
                str(pairs + misses),
                f"{precision_of(table):.3f}",
                f"{recall_of(table):.3f}",
                f"{micro_f1(table):.3f}",
                interval_words(f1_interval(table)),
                "–" if macro is None else f"{macro:.3f}",
                f"{right / of:.3f}" if of else "–",
            )
        )
    head = ("kind", "labels", "precision", "recall", "F1", "95 % interval", "macro F1", "fields right")
    return _markdown(f"{title} ({len(reports)})", head, rows)


def interval_words(interval: tuple[float, float] | None) -> str:
    return "–" if interval is None else f"{interval[0]:.3f}–{interval[1]:.3f}"


def _field_table(engine: EngineOutcome) -> str:
    counts = sorted(field_counts(engine.scored()).items(), key=lambda item: item[1][0] / item[1][1])
    rows = [(name, f"{right}", f"{of}", f"{right / of:.3f}") for name, (right, of) in counts]
    return _markdown(f"{engine.engine}: fields, the weakest first", ("field", "right", "of", "share"), rows)


def _last_words(engine: EngineOutcome) -> str:
    scored = engine.scored()
    grounded, predictions = sum(report.grounded for report in scored), sum(report.predictions for report in scored)
    words = f"\nEvidence holds for {grounded} of {predictions} records.\n"
    if engine.unscored:
        wanted = sum(report.labelled for report in engine.unscored)
        table = counts_table(scored)
        pairs, misses, false = (int(number) for number in table.sum(axis=0))
        missed = 2 * pairs / (2 * pairs + misses + wanted + false) if pairs else 0.0
        words += (
            f"UNSCORED: {len(engine.unscored)} of {len(engine.reports)} reports, with {wanted} labels, are in none of these figures; "
            f"were they all missed, F1 would be {missed:.3f}.\n"
        )
    return words


USAGE_HEAD = (
    "engine",
    "F1 open",
    "F1 held out",
    "calls",
    "from cache",
    "tokens in",
    "tokens out",
    "money",
    "seconds",
    "failed chunks",
    "refused records",
    "unscored",
)


def usage_row(engine: EngineOutcome) -> tuple[str, ...]:
    """An engine's scores beside what it took and what failed, in the order of ``USAGE_HEAD``."""
    used = engine.usage
    chunks = sum(report.chunks for report in engine.reports)
    return (
        engine.engine,
        *(_group_f1(engine.only(held_out)) for _, held_out in GROUPS),
        str(used.calls),
        str(used.cached_calls),
        str(used.prompt_tokens),
        str(used.completion_tokens),
        "–" if used.cost is None else f"{used.cost:.4f}",
        f"{used.seconds:.1f}",
        f"{sum(report.failed_chunks for report in engine.reports)}/{chunks}" if chunks else "–",
        str(sum(report.refused for report in engine.reports)) if chunks else "–",
        f"{len(engine.unscored)}/{len(engine.reports)}",
    )


def _group_f1(engine: EngineOutcome) -> str:
    if not (scored := engine.scored()):
        return "–"
    of = f" ({len(scored)}/{len(engine.reports)})" if engine.unscored else ""
    return f"{micro_f1(counts_table(scored)):.3f}{of}"


def _usage_table(engines: Sequence[EngineOutcome]) -> str:
    words = _markdown("engines side by side", USAGE_HEAD, [usage_row(engine) for engine in engines])
    if any(engine.usage.cached_calls for engine in engines):
        words += (
            "An answer from the cache costs nothing here: for the price of a run, set JIXIAO_CACHE to a file that is not there.\n"
        )
    for engine in engines:
        if engine.model:
            words += f"{engine.engine}: {engine.model} at {engine.endpoint} ({engine.mode}); {', '.join(engine.prompts)}\n"
    return words


def comparison_words(title: str, comparison: Comparison, *, records: bool = True) -> str:
    """What changed: by kind, with the paired bootstrap's verdict, and record by record."""
    changed = [each for each in comparison.kinds if each.before != each.now or each.kind is None]
    rows = [
        (
            each.kind or "all",
            f"{each.before:.3f}",
            f"{each.now:.3f}",
            f"{each.difference.value:+.3f}",
            interval_words(each.difference.interval),
            verdict(each),
        )
        for each in changed
    ]
    head = ("kind", "before", "now", "difference", "95 % interval", "paired bootstrap")
    words = _markdown(title, head, rows) if rows else f"\n**{title}**\n\n"
    for sentence in comparison.left_out:
        words += f"left out: {sentence}\n"
    if not records:
        return words
    for each in comparison.records:
        words += "".join(f"− {each.report} {each.kind} {line}\n" for line in each.worse)
        words += "".join(f"+ {each.report} {each.kind} no longer: {line}\n" for line in each.better)
    return words if comparison.records else words + "no record changed\n"


def verdict(comparison: KindComparison) -> str:
    """In words, whether a difference may be called one."""
    difference = comparison.difference
    if difference.interval is None:
        return "one report says nothing of others"
    if not difference.is_enough:
        return f"fewer than {LEAST_REPORTS} reports: no verdict"
    if not difference.is_shown:
        return "no difference shown"
    return "better" if difference.value > 0 else "worse"


def _markdown(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    table = Table(box=MARKDOWN)
    for number, name in enumerate(head):
        table.add_column(name, justify="left" if number == 0 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    buffer = StringIO()
    Console(file=buffer, width=1_000, color_system=None).print(table)
    lines = "\n".join(line.rstrip() for line in buffer.getvalue().splitlines() if line.strip())
    return f"\n**{title}**\n\n{lines}\n"
