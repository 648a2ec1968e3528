"""The dataset's tables (数据表), each column with its meaning: the data dictionary, the same for SQLite and PostgreSQL.

A report's row holds the engine's output whole; the rows of ``records`` and ``evidence`` are made from it and from people's
decisions, so that a later version can make them anew without reading a report again. Knows no report and no query.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    column,
    inspect,
    select,
    table,
    text,
)

VERSION = 3
metadata = MetaData()


def _column(name: str, kind: Any, comment: str, *more: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, *more, comment=comment, **options)


meta = Table(
    "meta",
    metadata,
    _column(
        "key",
        Text,
        "what is told: schema (the version of these tables); folding and themes (what the index and the rollup were made with)",
        primary_key=True,
    ),
    _column("value", Text, "its value", nullable=False),
    comment="About the dataset itself",
)

runs = Table(
    "runs",
    metadata,
    _column("id", Integer, "number of the run", primary_key=True),
    _column("started", Text, "when it began, UTC, ISO 8601", nullable=False),
    _column("finished", Text, "when it ended; empty where it was interrupted"),
    _column("signature", Text, "engine, its model, its prompts and the version of jixiao", nullable=False),
    _column("saved", Integer, "reports written", nullable=False, default=0),
    _column("failed", Integer, "reports that could not be read", nullable=False, default=0),
    _column("calls", Integer, "requests to a model", nullable=False, default=0),
    _column("prompt_tokens", Integer, "tokens sent to a model", nullable=False, default=0),
    _column("completion_tokens", Integer, "tokens that a model answered", nullable=False, default=0),
    _column("cost", Text, "money, in the currency of the price list; empty where prices are not known"),
    comment="Runs of ingest (入库批次)",
)

reports = Table(
    "reports",
    metadata,
    _column("id", Integer, "number of the report in this dataset", primary_key=True),
    _column("location", Text, "where the file was read from", nullable=False, unique=True),
    _column("sha256", Text, "SHA-256 of the file's bytes", nullable=False, unique=True),
    _column("signature", Text, "engine, its model, its prompts and the version of jixiao that read it", nullable=False),
    _column("run_id", Integer, "the run that wrote it", ForeignKey("runs.id"), nullable=False),
    _column("source", Text, "文件名: the file's name", nullable=False),
    _column("title", Text, "标题"),
    _column("department", Text, "部门(单位)名称", index=True),
    _column("region", Text, "地区: the smallest administrative area that the report names for its department", index=True),
    _column("fiscal_year", Integer, "年度", index=True),
    _column("report_type", Text, "department_overall 部门整体, project 项目, policy 政策, other", nullable=False),
    _column("self_score", Double, "自评得分"),
    _column("grade", Text, "评价等级"),
    _column("characters", Integer, "length of the text", nullable=False),
    _column("text", Text, "the text as read; every start and end is into it, in code points", nullable=False),
    _column("extraction", LargeBinary, "the engine's output whole, JSON, zlib", nullable=False),
    _column("document", LargeBinary, "the document's passages, tables and pages, JSON, zlib", nullable=False),
    comment="Reports (报告)",
)


def _measurement(prefix: str, chinese: str) -> list[Column[Any]]:
    return [
        _column(prefix, Text, f"{chinese}, in the report's own words"),
        _column(f"{prefix}_value", Text, f"{chinese}: the number in its stated unit, exact decimal"),
        _column(f"{prefix}_unit", Text, f"{chinese}: the unit as stated"),
        _column(f"{prefix}_comparator", Text, f"{chinese}: eq =, ge ≥, gt >, le ≤, lt <, about 约"),
        _column(f"{prefix}_base", Double, f"{chinese} in base units: money in 元, 万 and 亿 multiplied out"),
        _column(f"{prefix}_base_unit", Text, f"{chinese}: the base unit"),
    ]


def _stated(name: str, *columns: str) -> Index:
    """An index of the rows that state the first column, few of all, with what else such a row is asked."""
    stated = text(f"{columns[0]} IS NOT NULL")
    return Index(name, *columns, "report_id", sqlite_where=stated, postgresql_where=stated)


_NUMBERS = (
    "id kind report_id attained target_base target_base_unit actual_base actual_base_unit previous_base previous_base_unit "
    "change_direction change_base change_base_unit change_percent weight score"
).split()
"""What records are counted, compared and sorted by. The kind stands second, lest SQLite look an id up once for every report wanted."""

records = Table(
    "records",
    metadata,
    _column("id", Integer, "number of the record in this dataset", primary_key=True),
    _column("report_id", Integer, "its report", ForeignKey("reports.id", ondelete="CASCADE"), nullable=False),
    _column("position", Integer, "its place among the report's records, from 0", nullable=False),
    _column("record_id", Text, "its id within the report: g1, c1, m1, i1, a1, f1", nullable=False),
    _column(
        "kind",
        Text,
        "goal 目标, completion 完成情况, indicator 指标, budget 预算, figure 数据, issue 问题, measure 措施, finding 复核发现",
        nullable=False,
    ),
    _column("name", Text, "metrics: 指标名称; findings: the check's name 核对事项"),
    _column("statement", Text, "goals, completions, issues, measures: the statement; findings: the reckoning"),
    _column("label", Text, "goals: the report's own mark, 目标1"),
    _column("level", Text, "goals: key_work, annual, project; findings: error 矛盾, warning 疑点, note 提示"),
    _column("status", Text, "completions: achieved, partial, not_achieved, unstated"),
    _column("effect", Text, "completions: 效果"),
    _column("cause", Text, "issues: 原因; findings: why"),
    _column("category", Text, "metrics: 一级 / 二级指标; findings: the check's code"),
    _column("period", Text, "metrics: the year that the number is of"),
    _column("project", Text, "goals, metrics: 项目名称"),
    _column("goal_id", Text, "completions, metrics: the goal they belong to"),
    _column("record_ids", Text, "measures: the issues they answer; findings: the records they speak of; blanks between"),
    *_measurement("target", "目标值"),
    *_measurement("actual", "实际完成值"),
    *_measurement("previous", "上年值"),
    _column("change_direction", Text, "增减: increase, decrease, flat"),
    _column("change_basis", Text, "增减 against what; 上年 unless the words say another"),
    _column("change_amount", Text, "增减额, in the report's own words"),
    _column("change_base", Double, "增减额 in base units"),
    _column("change_base_unit", Text, "增减额: the base unit"),
    _column("change_percent", Double, "增减率, %"),
    _column("change_reason", Text, "增减原因"),
    _column("weight", Double, "分值"),
    _column("score", Double, "得分"),
    _column("deviation", Text, "偏差原因及改进措施"),
    _column("attained", Boolean, "indicators: 是否完成; empty where it cannot be told"),
    _column("origin", Text, "rules, llm, both or person: a reviewer has corrected or added it"),
    _column("start", Integer, "where its first piece of evidence begins in the text", nullable=False),
    _column("end", Integer, "and ends", nullable=False),
    _column("words", Text, "what search looks in: its words, a piece a line", nullable=False),
    UniqueConstraint("report_id", "record_id"),
    Index("records_by_kind", "kind", "report_id"),
    Index("records_by_name", "name"),
    _stated("records_by_target", "target_base", "target_base_unit"),
    _stated("records_by_actual", "actual_base", "actual_base_unit"),
    _stated("records_by_previous", "previous_base", "previous_base_unit"),
    _stated("records_by_change", "change_base", "change_base_unit", "change_direction"),
    _stated("records_by_percent", "change_percent", "change_direction"),
    _stated("records_by_weight", "weight"),
    _stated("records_by_score", "score"),
    Index("records_by_id", *_NUMBERS),
    comment="Records (记录) of all kinds, and findings (复核发现); the views goals, completions, metrics, issues, measures, findings show one kind each",
)

evidence = Table(
    "evidence",
    metadata,
    _column("record", Integer, "the record's number", ForeignKey("records.id", ondelete="CASCADE"), primary_key=True),
    _column("position", Integer, "its place among the record's evidence, from 0", primary_key=True),
    _column("start", Integer, "where it begins in the report's text", nullable=False),
    _column("end", Integer, "and ends: text[start:end] = quote", nullable=False),
    _column("quote", Text, "the report's own characters", nullable=False),
    _column("section", Text, "the headings above it, / between"),
    _column("page", Integer, "页, where the file has pages"),
    _column("cell", Text, "table,row,column, each from 1, where it stands in a table"),
    _column("doubtful", Boolean, "a digit in it comes from a scan and is not sure", nullable=False, default=False),
    comment="Evidence (出处): where each record stands",
)

rollup = Table(
    "rollup",
    metadata,
    _column("fiscal_year", Integer, "年度: that of the reports counted; 0: all reports", primary_key=True, autoincrement=False),
    _column("region", Text, "地区: that of the reports counted; empty: all reports", primary_key=True),
    _column(
        "what",
        Text,
        "report, year, region, department, score (报告数, by 年度, 地区, 部门, 自评得分), kind, status, attained (记录数), finding (复核发现), "
        "theme (问题主题), errors (矛盾: of a report)",
        primary_key=True,
    ),
    _column(
        "value", Text, "which of them: 2023, indicator, achieved; findings: error 核对事项; errors: reports.id", primary_key=True
    ),
    _column("number", Integer, "how many", nullable=False),
    comment="Rollup (汇总): what the overview counts, for each year, each region, both and all",
)

failures = Table(
    "failures",
    metadata,
    _column("location", Text, "where the file was read from", primary_key=True),
    _column("sha256", Text, "SHA-256 of its bytes; empty where they could not be read"),
    _column("signature", Text, "the engine that failed on it", nullable=False),
    _column("reason", Text, "why, in one sentence", nullable=False),
    _column("failed", Text, "when, UTC, ISO 8601", nullable=False),
    comment="Files that could not be taken in (入库失败)",
)

reviews = Table(
    "reviews",
    metadata,
    _column("id", Integer, "number of the decision; they are only ever added", primary_key=True),
    _column("sha256", Text, "the report's content; the decision outlives the report's rows", nullable=False, index=True),
    _column(
        "key",
        Text,
        "the record: its list and the places of its evidence, m120-140; nothing that an engine numbers",
        nullable=False,
    ),
    _column("action", Text, "accept 采纳, correct 更正, reject 驳回, add 补录, undo 撤销", nullable=False),
    _column("engine", Text, "the engine's record when it was judged, JSON; empty where there was none"),
    _column("person", Text, "the record as the reviewer has it, JSON; empty where it was rejected. Links are keys"),
    _column("undoes", Integer, "undo: the decision that is taken back"),
    _column("reviewer", Text, "审核人", nullable=False),
    _column("decided", Text, "when, UTC, ISO 8601", nullable=False),
    comment="Reviewers' decisions (复核决定), apart from what the engines say",
)

uploads = Table(
    "uploads",
    metadata,
    _column("id", Integer, "number of the upload", primary_key=True),
    _column("sha256", Text, "SHA-256 of the file's bytes, by which it is kept", nullable=False),
    _column("name", Text, "the file's name as it was sent", nullable=False),
    _column("size", Integer, "its bytes", nullable=False),
    _column(
        "state", Text, "waiting 排队, reading 读取中, done 已入库, failed 失败, cancelled 已取消", nullable=False, index=True
    ),
    _column("reason", Text, "why it failed, in one sentence"),
    _column("queued", Text, "when it came, UTC, ISO 8601", nullable=False),
    _column("finished", Text, "when it was done, failed or cancelled"),
    comment="Files sent by the web (上传), in the order in which they are read",
)

vectors = Table(
    "vectors",
    metadata,
    _column("report_id", Integer, "the report", ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True),
    _column("model", Text, "the model that made them, and what it wants before a record's words", primary_key=True),
    _column("records", LargeBinary, "the numbers of the records, eight bytes each, the lowest first", nullable=False),
    _column("dimensions", Integer, "numbers in a vector", nullable=False),
    _column("vectors", LargeBinary, "the records' vectors one after another, a signed byte a number", nullable=False),
    comment="Vectors (向量) of the records' words, for semantic search (语义检索)",
)

numbers = table("numbers", *(column(name, records.c[name].type) for name in _NUMBERS))
"""The view of the records' numbers. An index has it whole: a look into it costs half of one at a record's row, or less."""

_OF_REPORT = ("source", "department", "region", "fiscal_year")
VIEWS = {
    "goals": (("goal",), "label level statement project"),
    "completions": (("completion",), "statement effect status goal_id"),
    "metrics": (
        ("indicator", "budget", "figure"),
        "kind name category period target target_value target_unit target_comparator target_base target_base_unit actual actual_value "
        "actual_unit actual_comparator actual_base actual_base_unit previous previous_value previous_unit previous_comparator previous_base "
        "previous_base_unit change_direction change_basis change_amount change_base change_base_unit change_percent change_reason "
        "weight score deviation attained goal_id project",
    ),
    "issues": (("issue",), "statement cause"),
    "measures": (("measure",), "statement record_ids"),
    "findings": (("finding",), "name statement cause level category record_ids"),
}
"""The views (视图), each with its kinds of record and its columns."""
KINDS: tuple[str, ...] = tuple(kind for kinds, _ in VIEWS.values() for kind in kinds)
"""The kinds of record (记录种类) that ``records.kind`` can have."""


def _to_2(connection: Connection) -> None:
    metadata.create_all(connection, tables=[reviews, uploads])


def _to_3(connection: Connection) -> None:
    metadata.create_all(connection, tables=[rollup, vectors])
    connection.execute(text("DROP INDEX records_by_actual"))
    had = {index["name"] for index in inspect(connection).get_indexes("records")}
    for index in records.indexes:
        if index.name not in had:
            index.create(connection)
    _create_numbers(connection)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_to_2, _to_3)
"""What brings a dataset from each version to the next; the first is of version 1."""


def create(connection: Connection) -> None:
    """Make the tables, views and the search index of a new dataset."""
    metadata.create_all(connection)
    for name, (kinds, columns) in VIEWS.items():
        shown = ", ".join(
            [f"r.{column}" for column in ("id", "report_id", "record_id", *columns.split())]
            + [f"p.{each}" for each in _OF_REPORT]
        )
        wanted = ", ".join(f"'{kind}'" for kind in kinds)
        connection.execute(
            text(
                f'CREATE VIEW {name} AS SELECT {shown}, r.start, r."end" FROM records r JOIN reports p ON p.id = r.report_id WHERE r.kind IN ({wanted})'
            )
        )
    _create_numbers(connection)
    note(connection, "schema", str(VERSION))


def _create_numbers(connection: Connection) -> None:
    by_index = " INDEXED BY records_by_id" if connection.dialect.name == "sqlite" else ""
    connection.execute(text(f"CREATE VIEW numbers AS SELECT {', '.join(_NUMBERS)} FROM records{by_index}"))


def version(connection: Connection) -> int | None:
    """The version of the dataset's tables; ``None`` where there is no dataset."""
    look = inspect(connection)
    if not look.has_table("meta") or {column["name"] for column in look.get_columns("meta")} != {"key", "value"}:
        return None
    found = noted(connection, "schema")
    return int(found) if found is not None else None


def migrate(connection: Connection, found: int) -> None:
    """Bring the tables from version ``found`` to this one."""
    for step in MIGRATIONS[found - 1 :]:
        step(connection)
    note(connection, "schema", str(VERSION))


def noted(connection: Connection, key: str) -> str | None:
    """What ``meta`` tells under a key."""
    return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def note(connection: Connection, key: str, value: str) -> None:
    """Tell it in ``meta``, instead of what was told."""
    connection.execute(meta.delete().where(meta.c.key == key))
    connection.execute(meta.insert().values(key=key, value=value))


def dictionary() -> list[tuple[str, str, str, str]]:
    """The data dictionary (数据字典): table, column, type, meaning; in the order of the tables."""
    return [
        (of.name, each.name, str(each.type).lower(), each.comment or "") for of in metadata.sorted_tables for each in of.columns
    ]
