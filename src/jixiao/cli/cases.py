"""What ``audit`` and ``summarize`` begin with: reports in, each read and extracted, and a file that may be written."""

from pathlib import Path
from typing import TYPE_CHECKING

from jixiao.cli.console import fail, progress
from jixiao.cli.sources import is_one_of, read_source, sources_of

if TYPE_CHECKING:
    from jixiao.audit import Case


def cases_of(paths: list[str], output: Path | None, made: str, failures: list[str]) -> "list[Case]":
    """The reports read and extracted; what cannot be read is a failure.

    Ends the program where ``output``, which is to hold ``made`` (the findings), is no place to write to.
    """
    from jixiao.audit import Case
    from jixiao.errors import JixiaoError
    from jixiao.pipeline import extract

    if output is not None and not output.absolute().parent.is_dir():
        fail(f"{output}: the folder {output.parent} does not exist; make it first.")
    sources = list(sources_of(paths, failures))
    if output is not None and is_one_of(output, sources):
        fail(f"{output}: this is the report itself; write {made} somewhere else.")
    cases = []
    with progress(len(sources)) as bar:
        for source in bar.each(sources):
            try:
                document = read_source(source)
                cases.append(Case(document, extract(document)))
            except JixiaoError as exc:
                failures.append(str(exc))
    return cases
