"""A composed summary and a model → the same summary in the model's words (模型撰写), each sentence checked.

The model sees records and nothing else, section by section. A sentence that does not follow from the records it cites goes
back once with what is wrong with it; what is still wrong gives way to the composed sentences, and the file says so.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from jixiao.audit import Case
from jixiao.errors import EndpointDead, EndpointError
from jixiao.models.answers import SummaryAnswer
from jixiao.models.prompts import Prompt, load_prompt
from jixiao.summary.checking import faults
from jixiao.summary.parts import Cited, Section, Sentence, Summary

Ask = Callable[[str, str], Awaitable[str]]
"""A system prompt and a user's words → the model's reply. Raises EndpointError."""


@dataclass(slots=True)
class _Tally:
    written: int = 0
    mended: int = 0
    replaced: int = 0
    unanswered: int = 0


async def write(summary: Summary, cases: Sequence[Case], ask: Ask, model: str) -> Summary:
    """The summary as the model writes it, where it can be trusted.

    Raises:
        EndpointDead: the endpoint is gone.
    """
    by_digest = {case.report.sha256: case for case in cases}
    tally = _Tally()
    prompt = load_prompt("summary")
    sections = [await _section(section, by_digest, ask, prompt, tally) for section in summary.sections]
    notice = f"本摘要由模型 {model} 据记录撰写（提示词 {prompt.name} 第{prompt.version}版），采用{tally.written}句"
    notice += f"，其中重写{tally.mended}句" if tally.mended else ""
    notice += f"；{tally.replaced}句核对不上，改用程序拟写" if tally.replaced else ""
    notice += f"；{tally.unanswered}节没有得到可用的答复，由程序拟写" if tally.unanswered else ""
    return summary.model_copy(update={"sections": sections, "notice": f"{notice}。{summary.notice}"})


async def _section(section: Section, cases: Mapping[str, Case], ask: Ask, prompt: Prompt, tally: _Tally) -> Section:
    """A section in the model's words; composed sentences stand in for what is wrong or missing."""
    named = _named(section, cases)
    if not named:
        return section
    shown = "\n".join(f"{name} {_words(cited, cases)}" for name, cited in named.items())
    asked = f"<section>{section.heading}</section>\n<records>\n{_inert(shown)}\n</records>"
    try:
        written = _sentences(await ask(prompt.system, asked), named, section.heading)
        good = [sentence for sentence in written if not faults(sentence, cases)]
        wrong = [sentence for sentence in written if faults(sentence, cases)]
        if wrong:
            complaints = "\n".join(f"{sentence.text} —— {'；'.join(faults(sentence, cases))}" for sentence in wrong)
            again = f"{asked}\n<faults>\n{_inert(complaints)}\n</faults>\n{prompt.repair.strip()}"
            answered = _sentences(await ask(prompt.system, again), named, section.heading)
            told = {sentence.text for sentence in good}
            mended = [sentence for sentence in answered if not faults(sentence, cases) and sentence.text not in told]
            mended = mended[: len(wrong)]
            tally.mended += len(mended)
            tally.replaced += len(wrong) - len(mended)
            good += mended
    except EndpointDead:
        raise
    except EndpointError:
        good = []
    if not good:
        tally.unanswered += 1
        return section
    tally.written += len(good)
    told_of = {(cited.sha256, cited.record_id) for sentence in good for cited in sentence.cites}
    composed = [
        s
        for s in section.sentences
        if any((cited.sha256, cited.record_id) not in told_of for cited in s.cites if cited.record_id != "report")
    ]
    composed += [s for s in section.sentences if all(cited.record_id == "report" for cited in s.cites)]
    if all(sentence.topic for sentence in section.sentences):
        good = [sentence.model_copy(update={"topic": section.heading}) for sentence in good]
    return section.model_copy(update={"sentences": [*good, *composed]})


def _named(section: Section, cases: Mapping[str, Case]) -> dict[str, Cited]:
    """The records of a section by the names that the model knows them by: m8, or 2-m8 in the second report."""
    digests = list(dict.fromkeys(cited.sha256 for sentence in section.sentences for cited in sentence.cites))
    named: dict[str, Cited] = {}
    for sentence in section.sentences:
        for cited in sentence.cites:
            if cited.record_id != "report":
                prefix = f"{digests.index(cited.sha256) + 1}-" if len(digests) > 1 else ""
                named.setdefault(f"{prefix}{cited.record_id}", cited)
    return named


def _words(cited: Cited, cases: Mapping[str, Case]) -> str:
    """A record as the model is shown it: its words and what they mean."""
    case = cases[cited.sha256]
    record = case.records[cited.record_id]
    said = record.model_dump(mode="json", exclude_none=True, exclude={"id", "evidence", "origin", "provenance", "optional"})
    quote = " ".join(record.evidence[0].quote.split())[:160]
    meaning = json.dumps(_plain(said), ensure_ascii=False, separators=(",", ":"))[:400]
    return f"{case.report.department or case.report.source}｜{quote}｜{meaning}"


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """A record's fields without base values and empty lists."""
    return {
        name: _plain(value) if isinstance(value, dict) else value
        for name, value in fields.items()
        if not name.startswith("base_") and value not in ([], None, False)
    }


def _inert(words: str) -> str:
    """Words of a report that cannot close the tag they stand in."""
    return words.replace("</", "＜/")


def _sentences(reply: str, named: Mapping[str, Cited], heading: str) -> list[Sentence]:
    """The sentences of a reply, each once, and none that is the heading; one that cites nothing we know of has a
    citation that cannot be, and so a fault."""
    start, end = reply.find("{"), reply.rfind("}")
    try:
        answer = SummaryAnswer.model_validate_json(reply[start : end + 1])
    except ValidationError:
        return []
    some = next(iter(named.values()))
    nowhere = some.model_copy(update={"record_id": "无"})
    made: dict[str, Sentence] = {}
    for written in answer.sentences:
        cites = [named.get(record, some.model_copy(update={"record_id": record})) for record in written.records] or [nowhere]
        text = " ".join(written.text.split()).removeprefix(heading).lstrip("：:").rstrip("。")
        if text:
            made.setdefault(text, Sentence(text=f"{text}。", cites=cites, writer="model", rank=1))
    return list(made.values())
