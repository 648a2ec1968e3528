"""``jixiao audit``: reports in, findings out: where they contradict themselves and one another."""

import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jixiao.cli.cases import FromDatasetOption, PathsArgument, cases_of
from jixiao.cli.console import fail, plain, write_file
from jixiao.cli.filtering import DepartmentOption, RegionOption, WhereOption, YearOption

if TYPE_CHECKING:
    from jixiao.audit import Audit


class AuditFormat(str, Enum):
    """What ``audit`` writes."""

    table = "table"
    json = "json"
    html = "html"
    docx = "docx"
    xlsx = "xlsx"


class Severity(str, Enum):
    """How grave a finding is."""

    error = "error"
    warning = "warning"
    note = "note"


_FILES = (AuditFormat.docx, AuditFormat.xlsx)


def audit(
    paths: PathsArgument = None,
    dataset: FromDatasetOption = None,
    department: DepartmentOption = "",
    region: RegionOption = "",
    year: YearOption = None,
    where: WhereOption = None,
    format: Annotated[
        AuditFormat | None,
        typer.Option("--format", "-f", help="table (default on a terminal), json (default in a pipe), html, docx or xlsx."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write there; its ending tells the format.")
    ] = None,
    fail_on: Annotated[
        Severity | None, typer.Option("--fail-on", help="Exit 1 where there is a finding as grave as this, or graver.")
    ] = None,
) -> None:
    """Check reports as a reviewer does: sums, changes, rates, scores, claims; several reports also against one another.

    Each finding says the check, the figures, the reckoning, the records and their places. Exits 1 where a report cannot be
    read, or --fail-on says so.
    """
    from jixiao.audit import SEVERITIES, audit_all
    from jixiao.errors import JixiaoError

    chosen = format or _format_of(output)
    if chosen in _FILES and output is None:
        fail(f"--format {chosen.value} makes a file: say where with -o FILE.")
    failures: list[str] = []
    narrowed = {"department": department, "region": region, "year": year, "where": where}
    with cases_of(paths, output, "the findings", failures, where_from=dataset, **narrowed) as (cases, texts):
        try:
            found = audit_all(cases)
            if found.reports:
                _write(found, texts, chosen, output)
            elif dataset is not None:
                failures.append(f"{dataset}: no report there is as you ask.")
        except JixiaoError as exc:
            fail(str(exc))
    for failure in failures:
        typer.echo(f"✗ {plain(failure)}", err=True)
    worst = found.worst()
    grave = fail_on is not None and worst is not None and SEVERITIES.index(worst) <= SEVERITIES.index(fail_on.value)
    if failures or grave:
        raise typer.Exit(1)


def _format_of(output: Path | None) -> AuditFormat:
    if output is not None:
        suffix = output.suffix.lower().lstrip(".")
        return AuditFormat(suffix) if suffix in AuditFormat.__members__ else AuditFormat.json
    return AuditFormat.table if sys.stdout.isatty() else AuditFormat.json


def _write(found: "Audit", texts: Mapping[str, str], format: AuditFormat, output: Path | None) -> None:
    """The findings, to the screen or the file."""
    content: str | bytes
    match format:
        case AuditFormat.table:
            from jixiao.render.audit_words import audit_words

            content = audit_words(found, None if output is None else 100)
        case AuditFormat.html:
            from jixiao.render.audit_page import render_audit

            content = render_audit(found, texts)
        case AuditFormat.docx | AuditFormat.xlsx:
            from jixiao.render.audit_lists import audit_letter, audit_sheet

            content = audit_letter(found) if format is AuditFormat.docx else audit_sheet(found)
        case _:
            content = found.model_dump_json(indent=2) + "\n"
    if output is not None:
        write_file(output, content)
    else:
        assert isinstance(content, str)
        typer.echo(content, nl=False)
