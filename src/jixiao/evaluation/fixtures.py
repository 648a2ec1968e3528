"""A folder of hand-labelled reports → fixtures (标注样本): each a source, its labels and, where there are, second labels.

A name that ends in ``-heldout`` marks a report that developers keep from their own eyes: it is scored apart, and its
words are not shown unless somebody asks for them.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from jixiao.errors import BadLabels
from jixiao.records import Extraction

HELD_OUT = "-heldout"


@dataclass(frozen=True, slots=True)
class Fixture:
    """A labelled report: where its source lies and what a person found in it."""

    name: str
    source: Path
    labels: Extraction
    second_labels: Extraction | None
    digest: str
    """The SHA-256 of the label file, by which a baseline knows whether it was made with these labels."""

    @property
    def held_out(self) -> bool:
        return self.name.endswith(HELD_OUT)


def find_fixtures(paths: Iterable[Path]) -> list[Fixture]:
    """The fixtures that ``paths`` name: fixture folders, or folders of them, in the order of their names.

    Raises:
        BadLabels: a folder holds no fixture, or one that cannot be used.
    """
    found: dict[Path, Fixture] = {}
    for path in paths:
        folders = [path] if (path / "labels.json").is_file() else sorted(file.parent for file in path.glob("*/labels.json"))
        if not folders:
            raise BadLabels(f"{path}: no fixture here; a fixture is a folder with source.* and labels.json.")
        for folder in folders:
            found.setdefault(folder.resolve(), load_fixture(folder))
    return list(found.values())


def load_fixture(folder: Path) -> Fixture:
    """The fixture in ``folder``.

    Raises:
        BadLabels: a file is missing, or the labels are not in the contract's form.
    """
    second = folder / "labels-second.json"
    return Fixture(
        name=folder.resolve().name,
        source=source_in(folder),
        labels=_load_labels(folder / "labels.json"),
        second_labels=_load_labels(second) if second.exists() else None,
        digest=hashlib.sha256((folder / "labels.json").read_bytes()).hexdigest(),
    )


def source_in(folder: Path) -> Path:
    """The report in a fixture's folder: the one file called ``source`` with whatever ending.

    Raises:
        BadLabels: there is none, or more than one.
    """
    sources = sorted(folder.glob("source.*"))
    if len(sources) != 1:
        raise BadLabels(f"{folder}: a fixture holds one file source.*, here are {len(sources)}.")
    return sources[0]


def _load_labels(path: Path) -> Extraction:
    try:
        return Extraction.model_validate(json.loads(path.read_bytes()))
    except (OSError, ValueError, ValidationError) as exc:
        what = f"{exc.error_count()} fields are wrong" if isinstance(exc, ValidationError) else str(exc)
        raise BadLabels(f"{path}: the labels cannot be read ({what}); see `jixiao label check {path.parent}`.") from exc
