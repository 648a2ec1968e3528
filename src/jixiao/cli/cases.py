"""What ``audit`` and ``summarize`` begin with: reports read and extracted, or those of a dataset; and a file that may be written."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jixiao.cli.console import fail, progress
from jixiao.cli.datasets import opened
from jixiao.cli.filtering import filters_from
from jixiao.cli.sources import is_one_of, read_source, reader_notes, sources_of, tell

if TYPE_CHECKING:
    from jixiao.audit import Case
    from jixiao.dataset.search import Filters

PathsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[REPORT...]", help="Reports, folders and zip archives of them, or - for standard input."),
]
FromDatasetOption = Annotated[
    str | None, typer.Option("--dataset", "-d", metavar="FILE|URL", help="The reports of a dataset in place of files.")
]


@contextmanager
def cases_of(
    paths: list[str] | None, output: Path | None, made: str, failures: list[str], *, where_from: str | None, **filters: object
) -> "Iterator[tuple[Iterable[Case], Mapping[str, str]]]":
    """The reports' cases, and their texts by SHA-256; what cannot be read is a failure. A dataset's are read one at a time.

    Ends the program where ``output``, which is to hold ``made`` (the findings), is no place to write to, where there is both
    a dataset and a path or neither, and where there are filters and no dataset.
    """
    if bool(paths) == bool(where_from):
        fail("say which reports: files and folders, or those of a dataset with --dataset.")
    if output is not None and not output.absolute().parent.is_dir():
        fail(f"{output}: the folder {output.parent} does not exist; make it first.")
    if where_from is None:
        if any(filters.values()):
            fail("--department, --region, --year and --where choose from a dataset: name it with --dataset.")
        read = _read(paths or [], output, made, failures)
        yield read, {case.report.sha256: case.text for case in read}
        return
    from jixiao.dataset.cases import Texts, cases_in
    from jixiao.errors import JixiaoError

    try:
        chosen: Filters = filters_from(**filters)  # type: ignore[arg-type]
    except JixiaoError as exc:
        fail(str(exc))
    with opened(where_from, read_only=True) as shelf:
        yield cases_in(shelf, chosen), Texts(shelf)


def _read(paths: list[str], output: Path | None, made: str, failures: list[str]) -> "list[Case]":
    from jixiao.audit import Case
    from jixiao.errors import JixiaoError
    from jixiao.pipeline import extract

    sources = list(sources_of(paths, failures))
    if output is not None and is_one_of(output, sources):
        fail(f"{output}: this is the report itself; write {made} somewhere else.")
    cases = []
    notes: list[str] = []
    with progress(len(sources)) as bar:
        for source in bar.each(sources):
            try:
                document = read_source(source)
                cases.append(Case(document, extract(document)))
                notes += reader_notes(document)
            except JixiaoError as exc:
                failures.append(str(exc))
    tell(notes)
    return cases
