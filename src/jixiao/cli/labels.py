"""``jixiao label``: hand labels drafted, checked and completed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jixiao.cli.console import fail, plain, write_file

if TYPE_CHECKING:
    pass

label = typer.Typer(help="Draft, check and complete hand labels.", no_args_is_help=True)


@label.command()
def draft(
    report: Annotated[Path, typer.Argument(help="The report to label.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Make a fixture of it: the report, labels.json to correct, ORIGIN.md."
        ),
    ] = None,
) -> None:
    """Draft labels of a report with the engine, to be corrected in an editor: quotes instead of offsets.

    `jixiao label check --write` fills the offsets in. A draft is no label: it holds what the engine found, and misses what it missed.
    """
    from datetime import UTC, datetime

    from jixiao.errors import JixiaoError

    _need_extra()
    from jixiao.evaluation.label_files import draft_words
    from jixiao.pipeline import extract, read

    try:
        document = read(report)
        words = draft_words(extract(document), document.text)
        if output is None:
            typer.echo(words, nl=False)
            return
        labels = output / "labels.json"
        if labels.exists():
            fail(f"{labels}: there are labels already; name another folder.")
        source = output / f"source{report.suffix.lower() or '.txt'}"
        words = words.replace(f'"source": {_json(document.source)}', f'"source": {_json(source.name)}', 1)
        output.mkdir(parents=True, exist_ok=True)
        source.write_bytes(report.read_bytes())
        write_file(labels, words)
        today = datetime.now(UTC).date()
        write_file(
            output / "ORIGIN.md",
            f"# {output.name}\nForm: (say what form it shows).\nDrafted by jixiao on {today}; corrected by reading by (who), on (when).\n"
            "Decisions another labeller might take otherwise:\n- \n",
        )
    except OSError as exc:
        fail(f"{output}: cannot be written ({exc.strerror or exc}).")
    except JixiaoError as exc:
        fail(str(exc))
    typer.echo(f"{labels}: correct it by reading {source}, then run `jixiao label check --write {output}`.", err=True)


@label.command()
def check(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Fixture folders, folders of them, or label files beside their source.*"),
    ],
    write: Annotated[
        bool, typer.Option("--write", help="Where there is no error, write the labels back with all offsets filled in.")
    ] = False,
) -> None:
    """Check hand labels: form, quotes, offsets, duplicate and unlinked records; all faults at once, each with its line."""
    from jixiao.errors import JixiaoError

    _need_extra()
    from jixiao.evaluation.fixtures import source_in
    from jixiao.evaluation.label_files import label_words
    from jixiao.evaluation.labels import check_labels
    from jixiao.pipeline import read

    errors = notes = files = 0
    for path in paths:
        for file in _label_files(path):
            files += 1
            try:
                words = file.read_bytes().decode("utf-8-sig")
                checked = check_labels(words, read(source_in(file.parent)))
                for fault in checked.faults:
                    typer.echo(f"{file}:{fault.line}: {fault.severity}: {plain(fault.words)}")
                errors += len(checked.errors)
                notes += len(checked.faults) - len(checked.errors)
                if write and checked.completed is not None and (complete := label_words(checked.completed)) != words:
                    write_file(file, complete)
                    typer.echo(f"{file}: written, offsets filled in.")
            except (OSError, UnicodeDecodeError) as exc:
                typer.echo(
                    f"{file}:1: error: cannot be read ({exc.strerror if isinstance(exc, OSError) else 'it is not UTF-8'})."
                )
                errors += 1
            except JixiaoError as exc:
                typer.echo(f"{file}:1: error: {plain(str(exc))}")
                errors += 1
    typer.echo(f"{files} label files: {errors} errors, {notes} notes.", err=True)
    if errors:
        raise typer.Exit(1)


def _label_files(path: Path) -> list[Path]:
    """The label files that a path names."""
    if not path.is_dir():
        return [path]
    files = [*path.glob("labels*.json"), *path.glob("*/labels*.json")]
    if not files:
        fail(f"{path}: no labels here; a fixture is a folder with source.* and labels.json.")
    return sorted(files)


def _need_extra() -> None:
    from importlib.util import find_spec

    if not all(find_spec(name) for name in ("numpy", "scipy")):
        from jixiao.errors import MissingExtra

        fail(str(MissingExtra("jixiao label", "eval")))


def _json(words: str) -> str:
    import json

    return json.dumps(words, ensure_ascii=False)
