"""A record under review → the card that shows it (记录卡): what it says, what engine and person have otherwise, who decided."""

from dataclasses import dataclass
from datetime import datetime

from jixiao.audit import Finding
from jixiao.dataset.reviews import Record, Review, Reviewed, kind_of
from jixiao.records import Extraction
from jixiao.render.audit_words import SEVERITY_NAMES
from jixiao.render.page import KINDS, card_of

NAMES = {**{kind: name for kind, name in KINDS.items() if kind != "conflict"}, "finding": "复核发现"}
STATES = {"open": "未审", "accepted": "已采纳", "corrected": "已更正", "rejected": "已驳回", "added": "补录"}
VERBS = {"accept": "采纳", "correct": "更正", "reject": "驳回", "add": "补录"}


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """A record or finding as the page shows it."""

    id: str
    key: str
    kind: str
    title: str
    state: str
    """完成, 达成, 矛盾 and the like."""
    facts: tuple[tuple[str, str], ...]
    place: str
    start: int
    review: str = ""
    disputed: bool = False
    changed: bool = False
    differences: tuple[tuple[str, str, str], ...] = ()
    """What the person has otherwise: label, engine's words, person's words."""
    decisions: tuple[tuple[str, str, str], ...] = ()
    """Who, what, when."""


def cards_of(review: Review, findings: list[Finding]) -> list[ReviewCard]:
    """All cards in the order of the text."""
    now = review.extraction()
    cards = [card(each, review, now) for each in review.records]
    cards += [_finding(finding) for finding in findings]
    return sorted(cards, key=lambda each: each.start)


def card(each: Reviewed, review: Review, now: Extraction) -> ReviewCard:
    """The card of one record; ``now`` is the review's extraction, which links are read in."""
    shown = each.record or each.engine
    assert shown is not None
    made = card_of(each.kind, shown, now)
    state = "" if isinstance(each.record, type(None)) else made.state
    return ReviewCard(
        id=each.id,
        key=each.key,
        kind=each.kind,
        title=made.title,
        state=state,
        facts=made.facts,
        place=made.place,
        start=shown.evidence[0].start,
        review=each.state,
        disputed=each.disputed,
        changed=each.changed,
        differences=_differences(each.engine, each.record, review.engine, now),
        decisions=tuple((one.reviewer, one.action, _when(one.decided)) for one in each.decisions),
    )


def _when(decided: str) -> str:
    """The time by this machine's clock."""
    return datetime.fromisoformat(decided).astimezone().strftime("%Y-%m-%d %H:%M")


def _differences(
    engine: Record | None, person: Record | None, before: Extraction, now: Extraction
) -> tuple[tuple[str, str, str], ...]:
    if engine is None or person is None or engine is person:
        return ()
    was, has = card_of(kind_of(engine), engine, before), card_of(kind_of(person), person, now)
    old = {"内容": was.title, "种类": NAMES[was.kind], "判断": was.state, "原文": _quotes(engine), **dict(was.facts)}
    new = {"内容": has.title, "种类": NAMES[has.kind], "判断": has.state, "原文": _quotes(person), **dict(has.facts)}
    labels = [label for label in dict.fromkeys((*old, *new)) if label not in ("来源", "分歧")]
    return tuple((label, old.get(label, ""), new.get(label, "")) for label in labels if old.get(label, "") != new.get(label, ""))


def _quotes(record: Record) -> str:
    return " … ".join(piece.quote for piece in record.evidence)


def _finding(finding: Finding) -> ReviewCard:
    facts = [
        ("核对事项", finding.check.name),
        ("说明", finding.why),
        ("有误的是", finding.wrong or ""),
        ("依据", finding.check.source),
    ]
    return ReviewCard(
        id=finding.id,
        key="",
        kind="finding",
        title=finding.reckoning,
        state=SEVERITY_NAMES[finding.severity],
        facts=tuple((label, words) for label, words in facts if words),
        place=" › ".join(finding.places[0].section[-2:]),
        start=finding.places[0].start,
    )
