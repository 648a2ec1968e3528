"""The records (记录): what jixiao extracts, as the contract has it. Knows nothing of files, rules, models or storage.

One set of frozen values serves the JSON that ``extract`` prints, the dataset, the prompts and hand labels.
Numbers are ``Decimal`` beside the words they were read from; what a report does not state is ``None``.
"""

from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from jixiao.usage import Usage

SCHEMA_VERSION: Literal[1] = 1

Comparator = Literal["eq", "ge", "gt", "le", "lt", "about"]
"""比较关系: 等于, ≥ 不低于, 超过, ≤ 不超过, 不足, 约."""

ReportType = Literal["department_overall", "project", "policy", "other"]
"""部门整体支出自评, 项目支出自评, 政策评价, 其他."""

Number = Annotated[Decimal, PlainSerializer(lambda number: format(number, "f"), return_type=str, when_used="json")]


def _absent(value: object) -> bool:
    return value is None or value is False


def _empty(value: object) -> bool:
    return value == []


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


MONEY = {
    "元": Decimal(1),
    "千元": Decimal(1000),
    "万元": Decimal(10**4),
    "百万元": Decimal(10**6),
    "千万元": Decimal(10**7),
    "亿元": Decimal(10**8),
    "万亿元": Decimal(10**12),
}
_MULTIPLES = {"万": Decimal(10**4), "亿": Decimal(10**8)}
_PERCENT = {"%", "％", "百分比"}


def base_measure(value: Decimal | None, unit: str | None) -> tuple[Decimal | None, str | None]:
    """A value and its unit in base units (基本单位): money in 元, percentages in %, 万 and 亿 multiplied out.

    Returns the pair ``(base_value, base_unit)``; a value of ``None`` keeps its unit.
    """
    if unit is None:
        return value, None
    factor, base_unit = _factor(unit)
    if factor is None or value is None:
        return value, base_unit
    scaled = value * factor
    return (Decimal(int(scaled)) if scaled == scaled.to_integral_value() else scaled.normalize()), base_unit


@lru_cache(maxsize=4096)
def _factor(unit: str) -> tuple[Decimal | None, str | None]:
    """How many base units one of the unit is, ``None`` where it is its own, and the base unit."""
    if unit in _PERCENT:
        return None, "%"
    money, slash, per = unit.partition("/")
    if (factor := MONEY.get(money)) is not None:
        return factor, "元" + slash + per
    if unit[0] in _MULTIPLES:
        return _MULTIPLES[unit[0]], unit[1:] or None
    return None, unit


class Cell(_Record):
    """A table cell (单元格), by table, row and column, each counted from 1."""

    table: int
    row: int
    column: int


class Evidence(_Record):
    """Where a record stands (出处): ``text[start:end] == quote``, in code points, half-open."""

    start: int
    end: int
    quote: str
    section: list[str] = []
    page: int | None = Field(default=None, exclude_if=_absent)
    cell: Cell | None = Field(default=None, exclude_if=_absent)
    doubtful: bool = Field(default=False, exclude_if=_absent)
    """A digit in the quote comes from a scan, and text recognition is not sure of it."""


class Measurement(_Record):
    """A measured value (数值): the words, the number in them, its unit and comparator.

    ``base_value`` and ``base_unit`` follow from ``value`` and ``unit`` and are filled in where they are missing.
    """

    raw: str
    value: Number | None = None
    unit: str | None = None
    comparator: Comparator = "eq"
    base_value: Number | None = None
    base_unit: str | None = None
    repaired: bool = Field(default=False, exclude_if=_absent)

    @model_validator(mode="after")
    def _fill_base(self) -> Self:
        if self.base_value is None and self.base_unit is None:
            base_value, base_unit = base_measure(self.value, self.unit)
            object.__setattr__(self, "base_value", base_value)
            object.__setattr__(self, "base_unit", base_unit)
        return self


class Change(_Record):
    """A change (增减) against a basis, the year before (上年) unless the words say another."""

    direction: Literal["increase", "decrease", "flat"]
    basis: str | None = "上年"
    amount: Measurement | None = None
    percent: Number | None = None
    reason: str | None = None


class Provenance(_Record):
    """A model's part in a record (来历): which model and prompt, how it was asked, and how its quote was placed."""

    model: str
    prompt: str
    mode: str
    attempts: int = 1
    """Requests that this record took: its chunk's, and one more for each repair that brought it."""
    repaired: bool = False
    """The record came from a repair, or out of an answer that was cut or no whole JSON."""
    cached: bool = False
    grounding: Literal["exact", "normalised", "near"] = "exact"


class _Grounded(_Record):
    id: str
    evidence: list[Evidence] = Field(min_length=1)
    origin: Literal["rules", "llm", "both", "person"] | None = Field(default=None, exclude_if=_absent)
    provenance: Provenance | None = Field(default=None, exclude_if=_absent)
    optional: bool = Field(default=False, exclude_if=_absent)


class Goal(_Grounded):
    """A goal (绩效目标): of the year's key work, of the department as a whole, or of a project."""

    label: str | None = None
    level: Literal["key_work", "annual", "project"]
    statement: str
    project: str | None = Field(default=None, exclude_if=_absent)


class Completion(_Grounded):
    """A completion statement (完成情况) and the effect (效果) it claims."""

    goal_id: str | None = None
    statement: str
    effect: str | None = None
    status: Literal["achieved", "partial", "not_achieved", "unstated"] = "unstated"


class Metric(_Grounded):
    """A metric (指标): a row of an indicator or budget table, or a quantity in running text."""

    kind: Literal["indicator", "budget", "figure"]
    name: str
    category: list[str] = []
    period: str | None = None
    target: Measurement | None = None
    actual: Measurement | None = None
    previous: Measurement | None = None
    change: Change | None = None
    weight: Number | None = None
    score: Number | None = None
    deviation: str | None = None
    attained: bool | None = None
    goal_id: str | None = None
    project: str | None = Field(default=None, exclude_if=_absent)


class Issue(_Grounded):
    """A problem (存在的问题) and the cause (原因) the report gives."""

    statement: str
    cause: str | None = None


class Measure(_Grounded):
    """A measure (改进措施), tied to the problems it answers where the report ties them."""

    statement: str
    issue_ids: list[str] = []


class Report(_Record):
    """The facts of a report (报告基本信息)."""

    source: str
    sha256: str
    characters: int
    title: str | None = None
    department: str | None = None
    region: str | None = None
    fiscal_year: int | None = None
    report_type: ReportType = "other"
    self_score: Number | None = None
    grade: str | None = None


class Conflict(_Record):
    """Where rules and model disagree (分歧): both readings are kept, and neither is settled in silence."""

    kind: str
    why: Literal["refuted", "added", "differs"]
    """The model calls the rules' record wrong; has one that the rules lack, and is not trusted with it; or reads it otherwise."""
    record_id: str | None = None
    """The rules' record."""
    start: int
    end: int
    quote: str
    reading: str = ""
    """The model's, in its words."""


class Lost(_Record):
    """What a model's answer lost (未采用): a record that could not be taken, or a chunk without an answer, and why."""

    start: int
    end: int
    reason: str
    words: str = ""


class ModelRun(_Record):
    """A model's work on one report (模型用量)."""

    model: str
    endpoint: str
    mode: str
    prompts: list[str]
    chunks: int
    spared_chunks: int = 0
    """In hybrid: chunks that were not asked about, because the answer to another had spoken against the model."""
    failed_chunks: list[Lost] = []
    refused_records: list[Lost] = []
    """Records with a quote that the text does not hold, or a number that the quote does not hold, or of the wrong form."""
    trusted: bool | None = None
    """In hybrid: whether the model's additions were taken. See ``hidden`` and ``planted``."""
    hidden: tuple[int, int] = (0, 0)
    """Right drafts kept from the model, and how many of them it found."""
    planted: tuple[int, int] = (0, 0)
    """Wrong drafts shown to the model, and how many of them it called wrong."""
    usage: Usage = Usage()


class Extraction(_Record):
    """One report and all its records (抽取结果)."""

    schema_version: Literal[1] = SCHEMA_VERSION
    report: Report
    goals: list[Goal] = []
    completions: list[Completion] = []
    metrics: list[Metric] = []
    issues: list[Issue] = []
    measures: list[Measure] = []
    conflicts: list[Conflict] = Field(default=[], exclude_if=_empty)
    run: ModelRun | None = Field(default=None, exclude_if=_absent)
