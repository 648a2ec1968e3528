"""Reports ready to be written ↔ Parquet parts (数据分片): what workers leave on shared storage, for the loader and for analysts.

A part has a row for each report, its records as nested columns of the tables' names. It is whole or not there.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import Boolean, Double, Integer, LargeBinary, Table

from jixiao.dataset import schema
from jixiao.dataset.ingest import Taken
from jixiao.dataset.rows import Entry
from jixiao.errors import MissingExtra
from jixiao.usage import Usage

try:
    import fsspec
    import pyarrow as pa
    from pyarrow import parquet
except ImportError as exc:
    raise MissingExtra("Work on a cluster", "cluster") from exc

_GIVEN_BY_LOADER = ("id", "report_id", "run_id", "signature", "record")


def write_part(url: str, reports: Sequence[Taken]) -> None:
    """Write reports as one part: beside its place first, then moved onto it, so that a worker killed meanwhile leaves no half."""
    files, path = fsspec.url_to_fs(url)
    partial = f"{path}.{uuid4().hex}.partial"
    files.makedirs(path.rpartition("/")[0], exist_ok=True)
    with files.open(partial, "wb") as file:
        parquet.write_table(pa.Table.from_pylist([_row(each) for each in reports], schema=_columns()), file, compression="zstd")
    files.mv(partial, path)


def read_part(url: str) -> list[Taken]:
    """The reports in a part."""
    with fsspec.open(url, "rb") as file:
        return [_taken(row) for row in parquet.read_table(file).to_pylist()]


def _row(taken: Taken) -> dict[str, Any]:
    entry = taken.entry
    in_order = zip(entry.records, entry.evidence, entry.indexed, strict=True)
    records = [{**record, "evidence": places, "tokens": tokens} for record, places, tokens in in_order]
    return {**entry.report, "records": records, "is_whole": taken.is_whole, "usage": taken.usage.model_dump_json()}


def _taken(row: dict[str, Any]) -> Taken:
    records, is_whole, usage = row.pop("records"), row.pop("is_whole"), Usage.model_validate_json(row.pop("usage"))
    indexed = tuple(record.pop("tokens") for record in records)
    evidence = tuple(tuple(record.pop("evidence")) for record in records)
    return Taken(Entry(row["location"], row["sha256"], row, tuple(records), evidence, indexed), is_whole, usage)


@cache
def _columns() -> Any:
    record = [
        *_fields(schema.records),
        pa.field("evidence", pa.list_(pa.struct(_fields(schema.evidence)))),
        pa.field("tokens", pa.string()),
    ]
    more = [pa.field("records", pa.list_(pa.struct(record))), pa.field("is_whole", pa.bool_()), pa.field("usage", pa.string())]
    return pa.schema([*_fields(schema.reports), *more])


def _fields(table: Table) -> list[Any]:
    kinds = {Integer: pa.int64(), Double: pa.float64(), Boolean: pa.bool_(), LargeBinary: pa.binary()}
    return [
        pa.field(column.name, kinds.get(type(column.type), pa.string()), metadata={"comment": column.comment or ""})
        for column in table.columns
        if column.name not in _GIVEN_BY_LOADER
    ]
