"""``jixiao eval``: engines against hand labels, and against what they scored before."""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jixiao.cli.console import fail, plain, progress, write_file

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from jixiao.evaluation.comparison import Comparison
    from jixiao.evaluation.run import Engine
    from jixiao.settings import Settings


def evaluate(
    fixtures: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FIXTURE...", help="Fixture folders, or folders of them; ./fixtures by default."),
    ] = None,
    engines: Annotated[
        list[str] | None,
        typer.Option(
            "--engine",
            "-e",
            metavar="NAME",
            help="rules (default), model, hybrid, hybrid:MODEL, hybrid:MODEL@PROMPTS-FOLDER, or langextract:MODEL; "
            "again for more, side by side.",
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(metavar="BASELINE", help="A result of --json: say what became better and worse, fail on a fall."),
    ] = None,
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="How far a kind's F1, or its share of right fields, may fall.")
    ] = 0.005,
    fields: Annotated[bool, typer.Option("--fields", help="Also print each field's accuracy.")] = False,
    as_json: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write the whole result there, record by record.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page to work from: texts with hits, misses and false records.")
    ] = None,
    show_held_out: Annotated[
        bool, typer.Option("--show-held-out", help="Put the words of held-out reports on the page too.")
    ] = False,
) -> None:
    """Score engines against hand-labelled reports: by kind, with intervals, record by record.

    Exits 1 where a report is unscored, a kind's F1 or its fields fell below the baseline by more than the margin, or the baseline is stale.
    """
    from jixiao import __version__
    from jixiao.errors import JixiaoError, MissingExtra

    try:
        from jixiao.evaluation.comparison import compare
        from jixiao.evaluation.fixtures import find_fixtures
        from jixiao.evaluation.results import load_evaluation
        from jixiao.evaluation.run import evaluate as run_engines
        from jixiao.pipeline import read
        from jixiao.render.scores import score_words
        from jixiao.settings import load_settings
    except ModuleNotFoundError as exc:
        if exc.name not in ("numpy", "scipy", "rapidfuzz"):
            raise
        fail(str(MissingExtra("jixiao eval", "eval")))
    try:
        found = find_fixtures(fixtures or [Path("fixtures")])
        baseline = load_evaluation(against) if against else None
        names = list(dict.fromkeys(engines or ["rules"]))
        settings = load_settings({"if_dead": "stop"})  # a report that the rules alone read says nothing of a model
        with ExitStack() as stack, progress(len(found) * len(names)) as bar:
            chosen = {name: stack.enter_context(_opened(name, settings)) for name in names}
            run = run_engines(
                found,
                chosen,
                lambda fixture: read(fixture.source),
                version=__version__,
                arguments=sys.argv[2:],
                progress=bar.advance,
            )
        result = run.evaluation
        words = score_words(result, fields=fields)
        typer.echo(words, nl=False, err=as_json == "-")
        comparisons: dict[str, Comparison] = {}
        if baseline is not None:
            for engine in result.engines:
                before = next((each for each in baseline.engines if each.engine == engine.engine), None)
                if before is None and len(baseline.engines) == 1:
                    before = baseline.engines[0]  # another model or prompt held against the one of the baseline
                if before is None:
                    fail(f"{against}: holds no result of the engine {engine.engine}; make it with --json.")
                title = engine.engine if before.engine == engine.engine else f"{engine.engine} against {before.engine}"
                comparisons[title] = compare(before, engine)
        content = json.dumps(result.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False, indent=1) + "\n"
        if as_json == "-":
            sys.stdout.write(content)
        elif as_json is not None:
            write_file(Path(as_json), content)
        if html is not None:
            from jixiao.render.evaluation_page import render_evaluation

            write_file(html, render_evaluation(run, show_held_out=show_held_out, against=comparisons))
    except JixiaoError as exc:
        fail(str(exc))
    failed = [
        f"{engine.engine}: {each.report} is unscored: {each.unscored}" for engine in result.engines for each in engine.unscored
    ]
    for name, comparison in comparisons.items():
        failed += _told(name, comparison, margin)
    for sentence in failed:
        typer.echo(f"✗ {plain(sentence)}", err=True)
    if failed:
        raise typer.Exit(1)


def _opened(spec: str, settings: "Settings") -> "AbstractContextManager[Engine]":
    """One of our own engines, or a peer."""
    from jixiao.pipeline import open_engine

    if spec.partition("@")[0].partition(":")[0] != "langextract":
        return open_engine(spec, settings)
    from jixiao.evaluation.peers import open_langextract

    return open_langextract(spec, settings)


def _told(engine: str, comparison: "Comparison", margin: float) -> list[str]:
    """Print what changed; the sentences that make the command fail."""
    from jixiao.render.scores import comparison_words

    typer.echo(comparison_words(engine, comparison), nl=False, err=True)
    failed = [f"{engine}: the labels of {report} have changed; make the baseline anew with --json" for report in comparison.stale]
    for fall in comparison.fallen(margin):
        failed.append(f"{engine}: {fall.kind} F1 fell from {fall.before:.3f} to {fall.now:.3f}, by more than {margin}:")
        failed += [f"  {each.report} {words}" for each in comparison.of(fall.kind) for words in each.worse_records()]
    for fall in comparison.fields_fallen(margin):
        failed.append(f"{engine}: the share of right {fall.kind} fields fell by {fall.fields_fell:.3f}, by more than {margin}:")
        failed += [f"  {each.report} {words}" for each in comparison.of(fall.kind) for words in each.worse_fields()]
    return failed
