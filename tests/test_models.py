"""The model path against a real HTTP server on loopback, which misbehaves as endpoints do: none of it loses or invents a record."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jixiao import Extraction, JixiaoError
from jixiao.document import Document
from jixiao.errors import EndpointDead, EndpointError
from jixiao.pipeline import extract, extract_each, open_engine
from jixiao.readers.text import read_text
from jixiao.settings import Settings
from model_server import Json, Model, ModelServer, Said, answer, answering, is_probe, mode_of, part, probed

REPORT = """棠溪县园林绿化中心2022年度绩效自评报告

一、年度绩效目标
目标1：建设城区绿道，提升园林绿化品质。
目标2：培育本地苗木，保障城区绿化需要。

二、绩效目标完成情况
全年新建绿道18.6公里，栽植乔木4270株，完成投资2365万元，目标任务已完成。
播种苗床74亩，出圃苗木1.85万株，苗木成活率91.2%，未完成年度目标。

三、存在的问题
苗木供应不足，主要原因是春季低温，育苗面积偏小，新增苗床缓慢。

四、改进措施
扩大育苗面积，与3家企业签订供苗协议，保障苗木供应。
"""
RECORDS: dict[str, list[Json]] = {
    "goals": [
        {"quote": "建设城区绿道，提升园林绿化品质", "label": "目标1", "level": "annual"},
        {"quote": "培育本地苗木，保障城区绿化需要", "label": "目标2", "level": "annual"},
    ],
    "completions": [
        {
            "quote": "播种苗床74亩，出圃苗木1.85万株，苗木成活率91.2%，未完成年度目标。",
            "goal": "目标2",
            "status": "not_achieved",
        },
    ],
    "figures": [
        {"quote": "全年新建绿道18.6公里", "name": "新建绿道", "value": "18.6公里", "planned": False},
        {"quote": "栽植乔木4270株", "name": "栽植乔木", "value": "4270株", "planned": False},
        {"quote": "完成投资2365万元", "name": "完成投资", "value": "2365万元", "planned": False},
        {"quote": "出圃苗木1.85万株", "name": "出圃苗木", "value": "1.85万株", "planned": False},
    ],
    "issues": [{"quote": "苗木供应不足", "label": None, "cause": "春季低温"}],
    "measures": [{"quote": "扩大育苗面积，与3家企业签订供苗协议，保障苗木供应。", "label": None}],
}
NAMES = ["新建绿道", "栽植乔木", "完成投资", "出圃苗木"]


def report() -> Document:
    return read_text(REPORT.encode(), "report.txt")


@contextmanager
def serving(model: Model, tmp_path: Path, slots: int | None = None, **settings: Any) -> Iterator[tuple[ModelServer, Settings]]:
    with ModelServer(model, slots) as server:
        chosen = {"retries": 1, "timeout": 5.0, "chunk_tokens": 150, "cache": tmp_path / "answers.sqlite", "model": "small"}
        yield server, Settings.model_validate({"base_url": server.url} | chosen | settings)


def by_model(settings: Settings, engine: str = "model") -> Extraction:
    with open_engine(engine, settings) as run:
        return run(report())[0]


def names(extraction: Extraction) -> list[str]:
    return [metric.name for metric in extraction.metrics]


def whole(extraction: Extraction) -> bool:
    """Whether all that the honest model says is there, each record where it stands."""
    counts = [len(getattr(extraction, name)) for name in ("goals", "completions", "issues", "measures")]
    return counts == [2, 1, 1, 1] and names(extraction) == NAMES and grounded(extraction)


def grounded(extraction: Extraction) -> bool:
    records = [*extraction.goals, *extraction.completions, *extraction.metrics, *extraction.issues, *extraction.measures]
    return all(REPORT[each.start : each.end] == each.quote for record in records for each in record.evidence)


def once(said: Said, then: Model | None = None) -> Model:
    """Says it to the first question about a report, and is honest from then on."""
    spent: list[bool] = []

    def instead(request: Json) -> Said | None:
        if spent:
            return None
        spent.append(True)
        return said

    return answering(RECORDS, instead)


def test_an_honest_model_gives_every_record_with_its_place(tmp_path: Path) -> None:
    with serving(answering(RECORDS), tmp_path) as (_, settings):
        found = by_model(settings)
    assert whole(found)
    assert found.goals[1].id == found.completions[0].goal_id
    assert found.issues[0].cause == "春季低温"
    assert [str(metric.actual.value) for metric in found.metrics if metric.actual] == ["18.6", "4270", "2365", "1.85"]


TRANSIENT = {
    "429 with Retry-After": Said("slow down", status=429, headers={"Retry-After": "1"}),
    "429 without": Said("slow down", status=429),
    "500": Said("oops", status=500),
    "503 from a proxy, in HTML": Said("", status=503, body=b"<html>bad gateway</html>"),
    "a hang": Said(answer(), after=3.0),
    "a body reset in the middle": Said(answer(**RECORDS), cut_body_at=60),
    "blanks with finish_reason stop": Said("\n\n   "),
    "no JSON": Said("好的，以下是抽取结果。"),
    "a page in place of JSON": Said("", body=b"<html>login</html>", headers={"Content-Type": "text/html"}),
    "JSON that breaks off inside an HTTP body": Said("", body=b'{"id":"c","choices":[{"mess'),
    "no choices": Said("", body=b'{"id":"c","object":"chat.completion","choices":[]}'),
}


@pytest.mark.parametrize("said", TRANSIENT.values(), ids=TRANSIENT.keys())
def test_what_passes_is_tried_again_and_loses_nothing(said: Said, tmp_path: Path) -> None:
    with serving(once(said), tmp_path, timeout=2.0) as (_, settings):
        found = by_model(settings)
    assert whole(found), found.run
    assert found.run is not None
    assert found.run.failed_chunks == []


def figures(*given: Any) -> str:
    return answer(**{**RECORDS, "figures": [*RECORDS["figures"], *given]})


def figure(quote: str, value: str, name: str = "绿道") -> Json:
    return {"quote": quote, "name": name, "value": value, "planned": False}


def in_one_chunk(model: Model, tmp_path: Path, **settings: Any) -> tuple[Extraction, ModelServer]:
    """The report read in one request."""
    with serving(model, tmp_path, chunk_tokens=2000, **settings) as (server, chosen):
        return by_model(chosen), server


SAID_OTHERWISE = {
    "in a code fence": f"好的：\n```json\n{answer(**RECORDS)}\n```\n以上。",
    "behind its thinking, which holds JSON": f'<think>也许是 {{"figures":[{{"quote":"x"}}]}}</think>{answer(**RECORDS)}',
    "behind an object that it thought better of": f'{{"figures":[]}}\n修正：{answer(**RECORDS)}',
    "with extra keys": answer(**{name: [{**each, "confidence": 0.9} for each in given] for name, given in RECORDS.items()}),
    "with a trailing comma": answer(**RECORDS).replace('"rows": []', '"rows": [],'),
}


@pytest.mark.parametrize("words", SAID_OTHERWISE.values(), ids=SAID_OTHERWISE.keys())
def test_an_answer_in_another_dress_is_the_same_answer(words: str, tmp_path: Path) -> None:
    found, _ = in_one_chunk(once(Said(words)), tmp_path)
    assert whole(found), found.run


def test_an_answer_in_reasoning_content_with_no_content_is_read(tmp_path: Path) -> None:
    found, _ = in_one_chunk(once(Said(None, message={"reasoning_content": answer(**RECORDS)})), tmp_path)
    assert whole(found)


LIES: dict[str, Any] = {
    "an invented quote": figure("新建公园12座", "12座"),
    "a digit altered": figure("全年新建绿道18.9公里", "18.9公里"),
    "a value that its quote does not hold": figure("全年新建绿道18.6公里", "19.6公里"),
    "a unit of another kind": figure("栽植乔木4270株", "4270万元"),
    "a date for a figure": figure("棠溪县园林绿化中心2022年度绩效自评报告", "2022年"),
    "a stub": figure("全年新建绿道18.6公里，栽植灌木9999株，完成投资7777万元", "18.6公里"),
    "a wrong type": {"quote": 3, "name": None, "value": [], "planned": "no"},
    "no object at all": "新建绿道18.6公里",
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_what_the_text_does_not_hold_is_asked_for_once_more_then_dropped_and_counted(lie: Any, tmp_path: Path) -> None:
    def lying(request: Json) -> Said:
        if is_probe(request):
            return probed(request)
        return Said(answer(figures=[lie]) if "<faulty>" in request["messages"][1]["content"] else figures(lie))

    found, server = in_one_chunk(lying, tmp_path)
    assert whole(found)
    assert found.run is not None
    assert len(found.run.refused_records) == 1
    assert len(server.questions) == 2


def test_a_faulty_record_goes_back_alone_with_the_reason_in_a_prompt_that_does_not_grow(tmp_path: Path) -> None:
    def careless(request: Json) -> Said:
        if is_probe(request):
            return probed(request)
        if "<faulty>" in request["messages"][1]["content"]:
            return Said(answer(figures=[figure("播种苗床74亩", "74亩", "播种苗床")]))
        return Said(figures(figure("播种苗床47亩", "47亩", "播种苗床")))

    found, server = in_one_chunk(careless, tmp_path)
    first, second = server.questions
    assert sorted(names(found)) == sorted([*NAMES, "播种苗床"])
    assert len(second["messages"]) == len(first["messages"])
    assert part(second, "faulty").count("quote 不在原文中") == 1
    assert "18.6公里" not in part(second, "faulty")
    mended = next(metric for metric in found.metrics if metric.name == "播种苗床")
    assert mended.provenance is not None
    assert (mended.provenance.attempts, mended.provenance.repaired) == (2, True)


def test_a_refusal_is_recorded_and_costs_its_chunk_alone(tmp_path: Path) -> None:
    def prudish(request: Json) -> Said | None:
        return Said(None, message={"refusal": "我不能处理这一内容"}) if "苗木供应不足" in part(request, "report") else None

    with serving(answering(RECORDS, prudish), tmp_path) as (_, settings):
        found = by_model(settings)
    assert found.run is not None
    (lost,) = found.run.failed_chunks
    assert lost.reason == "the model refused: 我不能处理这一内容"
    assert "苗木供应不足" in REPORT[lost.start : lost.end]
    assert names(found) == NAMES


def test_one_failing_chunk_costs_that_chunk_alone_and_says_so(tmp_path: Path) -> None:
    def failing(request: Json) -> Said | None:
        return Said("oops", status=500) if "苗木供应不足" in part(request, "report") else None

    with serving(answering(RECORDS, failing), tmp_path, retries=0) as (_, settings):
        found = by_model(settings)
    assert found.run is not None
    assert [lost.reason.split(": ", 1)[1] for lost in found.run.failed_chunks] == ["500 oops."]
    assert names(found) == NAMES


def cut_to(limit: int) -> Model:
    """A model whose answers break off after so many characters."""

    def model(request: Json) -> Said:
        said = answering(RECORDS)(request)
        if is_probe(request) or len(said.words or "") <= limit:
            return said
        return Said((said.words or "")[:limit], finish="length")

    return model


@pytest.mark.parametrize("limit", range(150, 750, 50))
def test_a_truncated_answer_keeps_its_whole_records_and_goes_on_from_there(limit: int, tmp_path: Path) -> None:
    found, server = in_one_chunk(cut_to(limit), tmp_path)
    assert grounded(found)
    assert found.run is not None
    assert whole(found) or found.run.failed_chunks, found.run
    assert len(server.questions) > 1
    assert set(names(found)) <= set(NAMES)


def test_a_number_that_touches_the_cut_is_not_taken(tmp_path: Path) -> None:
    words = figures(figure("播种苗床74亩", "74亩", "播种苗床"))
    cut = words[: words.index('"74亩"') + 2]
    found, _ = in_one_chunk(once(Said(cut, finish="length")), tmp_path)
    assert "播种苗床" not in names(found)
    assert whole(found)


def test_endless_repetition_is_cut_and_counted_once(tmp_path: Path) -> None:
    def stuck(request: Json) -> Said:
        if is_probe(request):
            return probed(request)
        given = answering(RECORDS)(request).words or ""
        return Said(
            given.replace('"rows": []', "")[:-2].rstrip("] ,") + (", " + json.dumps(RECORDS["figures"][3])) * 50, finish="length"
        )

    found, server = in_one_chunk(stuck, tmp_path)
    assert set(names(found)) == set(NAMES)
    assert found.run is not None
    assert any("repeated records" in lost.reason for lost in found.run.refused_records)
    assert len(server.questions) < 12
    assert all(request["max_tokens"] < 2000 for request in server.questions)


MODES = {
    "json_schema": ("json_schema", "json_object", "tools", "text"),
    "json_object": ("json_object", "tools", "text"),
    "tools": ("tools", "text"),
    "text": ("text",),
}


@pytest.mark.parametrize("mode", MODES)
def test_an_endpoint_is_asked_in_the_strictest_mode_that_it_keeps_to(mode: str, tmp_path: Path) -> None:
    def model(request: Json) -> Said:
        said = answering(RECORDS, modes=MODES[mode])(request)
        if mode_of(request) == "tools" and not is_probe(request):
            call = {"id": "t", "type": "function", "function": {"name": "records", "arguments": said.words}}
            return Said(None, finish="tool_calls", message={"tool_calls": [call]})
        return said

    with serving(model, tmp_path) as (server, settings):
        found = by_model(settings)
    assert whole(found)
    assert found.run is not None
    assert found.run.mode == mode
    assert {mode_of(request) for request in server.questions} == {mode}
    schema_told = "json schema" in server.questions[0]["messages"][0]["content"]
    assert schema_told == (mode in ("json_object", "text"))


def test_a_schema_that_is_taken_and_ignored_in_silence_is_noticed(tmp_path: Path) -> None:
    def deaf(request: Json) -> Said:
        if is_probe(request) and mode_of(request) == "json_schema":
            return Said('{"answer":"yes"}')  # as the words say, not as the schema says
        return answering(RECORDS, modes=("json_object",))(request)

    with serving(deaf, tmp_path) as (_, settings):
        found = by_model(settings)
    assert found.run is not None
    assert found.run.mode == "json_object"
    assert whole(found)


def test_what_an_endpoint_can_do_is_asked_once_and_remembered(tmp_path: Path) -> None:
    with serving(answering(RECORDS), tmp_path) as (server, settings):
        by_model(settings)
        probes = len(server.asked) - len(server.questions)
        by_model(settings)
    assert len(server.asked) - len(server.questions) == probes == 2


def test_a_prompt_that_is_cut_in_silence_makes_smaller_chunks(tmp_path: Path) -> None:
    def forgetful(request: Json) -> Said:
        """Reads 900 tokens, as an Ollama with a small num_ctx does, and says so only in its usage."""
        said = answering(RECORDS)(request)
        length = sum(len(message["content"]) for message in request["messages"])
        return Said(said.words, usage={"prompt_tokens": min(900, length), "completion_tokens": 9, "total_tokens": 9})

    long = read_text((REPORT + "另，本单位无其他需要说明的情况。\n" * 90).encode(), "long.txt")
    with serving(forgetful, tmp_path, chunk_tokens=4000) as (server, settings), open_engine("model", settings) as run:
        found, _ = run(long)
    assert names(found) == NAMES
    assert len(server.questions) > 2


def test_a_prompt_too_long_for_the_model_is_asked_in_parts(tmp_path: Path) -> None:
    def small(request: Json) -> Said | None:
        too_long = len(part(request, "report")) > 130
        return Said("This model's maximum context length is 800 tokens", status=400) if too_long else None

    with serving(answering(RECORDS, small), tmp_path, chunk_tokens=2000) as (_, settings):
        found = by_model(settings)
    assert found.run is not None
    assert names(found) == NAMES
    assert found.run.failed_chunks == []


PARAMETERS = {
    "max_tokens": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    "temperature": "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
}


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_a_parameter_that_the_model_refuses_is_left_out_from_then_on(parameter: str, tmp_path: Path) -> None:
    def newer(request: Json) -> Said:
        if parameter in request:
            return Said(PARAMETERS[parameter], status=400)
        return answering(RECORDS)(request)

    with serving(newer, tmp_path) as (server, settings):
        found = by_model(settings)
    assert whole(found)
    assert sum(parameter in request for request in server.asked) == 1


GONE = {
    "401": (Said("no such key: sk-secret-1234567890", status=401), "refuses the key"),
    "a wrong model name": (Said("The model `small` does not exist", status=404), "has no model small"),
}


@pytest.mark.parametrize(("said", "words"), GONE.values(), ids=GONE.keys())
def test_an_endpoint_that_is_gone_ends_the_run_early(said: Said, words: str, tmp_path: Path) -> None:
    with serving(lambda request: said, tmp_path) as (server, settings):
        results = list(extract_each(range(30), lambda _: report(), "model", settings))
    assert all(isinstance(result, EndpointDead) and words in str(result) for _, result in results)
    assert all("secret" not in str(result) for _, result in results)
    assert len(server.asked) <= 2


def test_a_server_that_is_not_there_is_held_to_be_gone_after_a_few_tries(tmp_path: Path) -> None:
    settings = Settings(base_url="http://127.0.0.1:9/v1", model="small", retries=0, cache=tmp_path / "a.sqlite")
    (_, result), *_ = extract_each([1], lambda _: report(), "model", settings)
    assert isinstance(result, EndpointError)
    assert "the connection failed" in str(result)


def test_a_run_told_so_goes_on_by_rules_when_the_endpoint_is_gone(tmp_path: Path) -> None:
    with serving(lambda request: Said("no", status=401), tmp_path, if_dead="rules") as (_, settings):
        found = by_model(settings, "hybrid")
    assert found.metrics == extract(report()).metrics
    assert found.run is not None
    assert "by rules alone" in found.run.failed_chunks[0].reason


def test_a_slow_drip_ends_at_the_timeout_as_a_whole(tmp_path: Path) -> None:
    dripping = once(Said(answer(**RECORDS), drip=0.05))
    with serving(dripping, tmp_path, timeout=1.0, retries=0) as (_, settings):
        found = by_model(settings)
    assert found.run is not None
    assert [lost.reason.split(": ", 1)[1] for lost in found.run.failed_chunks] == ["no answer within 1 s; raise --timeout."]


def test_the_budget_ends_the_run_before_it_is_overrun_and_what_was_paid_for_is_kept(tmp_path: Path) -> None:
    spent = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}

    def counting(request: Json) -> Said:
        return Said(answering(RECORDS)(request).words, usage=spent)

    with serving(counting, tmp_path, max_tokens=4500, chunk_tokens=100, concurrency=1) as (server, settings):
        (_, result), *_ = extract_each([1], lambda _: report(), "model", settings)
        assert isinstance(result, JixiaoError)
        assert "budget of 4500 tokens is spent" in str(result)
        paid = len(server.questions)
        assert names(by_model(settings.model_copy(update={"max_tokens": None}))) == NAMES
    assert 0 < paid < len(server.questions)
    assert len({json.dumps(request) for request in server.questions}) == len(server.questions)


def test_a_second_run_asks_nothing(tmp_path: Path) -> None:
    with serving(answering(RECORDS), tmp_path) as (server, settings):
        first = by_model(settings)
        asked = len(server.asked)
        second = by_model(settings)
    assert len(server.asked) == asked
    assert [metric.name for metric in second.metrics] == [metric.name for metric in first.metrics]
    assert second.run is not None
    assert (second.run.usage.calls, second.run.usage.cached_calls) == (0, first.run.usage.calls if first.run else None)


def test_the_key_goes_to_the_endpoint_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pydantic import SecretStr

    with serving(answering(RECORDS), tmp_path, api_key=SecretStr("sk-verysecret")) as (server, settings):
        found = by_model(settings)
    assert set(server.keys) == {"Bearer sk-verysecret"}
    assert "verysecret" not in found.model_dump_json() + repr(settings)
    assert all(b"verysecret" not in file.read_bytes() for file in tmp_path.iterdir())


def unlike_reports(many: int) -> list[Document]:
    return [read_text(REPORT.replace("18.6", f"{number}8.6").encode(), f"{number}.txt") for number in range(many)]


def test_fewer_requests_at_once_where_the_endpoint_says_too_many(tmp_path: Path) -> None:
    under_way, refused = [0], [0]

    def narrow(request: Json) -> Said:
        under_way[0] += 1
        time.sleep(0.1)
        too_many = under_way[0] > 3
        under_way[0] -= 1
        refused[0] += too_many
        return Said("too many", status=429, headers={"Retry-After": "0.2"}) if too_many else answering(RECORDS)(request)

    with serving(narrow, tmp_path, chunk_tokens=2000, concurrency=12, retries=6) as (_, settings):
        results = [result for _, result in extract_each(unlike_reports(40), lambda each: each, "model", settings)]
    assert not any(isinstance(result, JixiaoError) for result in results)
    assert 0 < refused[0] < 40


def test_requests_keep_to_the_pace_that_was_set(tmp_path: Path) -> None:
    asked: list[float] = []

    def clocked(request: Json) -> Said:
        asked.append(time.monotonic())
        return answering(RECORDS)(request)

    with serving(clocked, tmp_path, chunk_tokens=2000, rpm=300) as (_, settings):
        list(extract_each(unlike_reports(8), lambda each: each, "model", settings))
    assert len(asked) == 10
    assert asked[-1] - asked[0] >= 9 * 0.2 * 0.9


def test_the_run_ends_before_it_costs_more_than_it_may(tmp_path: Path) -> None:
    spent = {"prompt_tokens": 1000, "completion_tokens": 0, "total_tokens": 1000}
    prices = {"price_in": 1000, "price_out": 1000, "max_cost": 6}

    def priced(request: Json) -> Said:
        return Said(answering(RECORDS)(request).words, usage=spent)

    with serving(priced, tmp_path, chunk_tokens=2000, concurrency=1, **prices) as (server, settings):
        results = [result for _, result in extract_each(unlike_reports(8), lambda each: each, "model", settings)]
    assert "the budget of 6 is spent" in str(results[-1])
    assert len(server.asked) <= 6
