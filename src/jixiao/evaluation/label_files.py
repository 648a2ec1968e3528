"""Records → label files (标注文件): whole, or a draft to be corrected in an editor. Checks nothing, and needs no extra."""

import json
from typing import Any

from jixiao.records import Extraction

LISTS = ("goals", "completions", "metrics", "issues", "measures")


def draft_words(extraction: Extraction, text: str) -> str:
    """A label file to be corrected by hand: quotes instead of offsets, which ``check_labels`` fills in again.

    ``start`` stays where a quote occurs more than once.
    """
    content = _bare(extraction)
    for name in ("sha256", "characters"):
        del content["report"][name]
    for name in LISTS:
        for record in content.get(name, ()):
            for piece in record["evidence"]:
                del piece["end"]
                if text.count(piece["quote"]) == 1:
                    del piece["start"]
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def label_words(labels: Extraction) -> str:
    """A complete label file."""
    return json.dumps(_bare(labels), ensure_ascii=False, indent=1) + "\n"


def _bare(extraction: Extraction) -> dict[str, Any]:
    """The JSON of an extraction without what follows from its other fields, or is not stated."""
    content = extraction.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    for name in LISTS:
        for record in content.get(name, ()):
            record.pop("origin", None)
    for metric in content.get("metrics", ()):
        for measured in (
            *(metric.get(name) for name in ("target", "actual", "previous")),
            metric.get("change", {}).get("amount"),
        ):
            for derived in ("base_value", "base_unit") if measured else ():
                measured.pop(derived, None)
    return {"schema_version": extraction.schema_version, **content}
