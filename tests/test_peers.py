"""LangExtract as an engine: the mapping loses nothing of a right answer, checks nothing, and counts what makes no record.

The tests of LangExtract itself run where it is installed (`pip install 'jixiao[peers]'`), and say that they were skipped elsewhere.
"""

import importlib.util
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr

from jixiao import Extraction, JixiaoError
from jixiao.document import Document, Span
from jixiao.errors import EndpointError
from jixiao.evaluation.fixtures import Fixture, find_fixtures
from jixiao.evaluation.peers import Found, description_of, examples_of, open_langextract, output_schema, records_of_peer
from jixiao.evaluation.scoring import score_report
from jixiao.models.answers import RECORDS
from jixiao.models.metered import Meter
from jixiao.models.prompts import load_prompt
from jixiao.pipeline import read
from jixiao.readers.text import read_text
from jixiao.settings import Settings
from jixiao.tokens import count_tokens
from jixiao.usage import Usage
from model_server import ModelServer, Said, is_probe, probed

ROOT = Path(__file__).parent.parent
OPEN = [fixture for fixture in find_fixtures([ROOT / "fixtures"]) if not fixture.held_out]
PROMPTS = [load_prompt(name) for name in ("narrative", "table")]
TEXT = "某局2023年度绩效自评报告\n全年新建绿道18.6公里，比上年增加2公里。一是资金支付偏慢。\n"


def benchmark() -> ModuleType:
    """``eval/benchmarks/peers.py``, which tells labels as LangExtract would."""
    spec = importlib.util.spec_from_file_location("peers_benchmark", ROOT / "eval" / "benchmarks" / "peers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BENCHMARK = benchmark()


def document(text: str = TEXT) -> Document:
    return read_text(text.encode(), "source.txt")


def found(kind: str, quote: str, **attributes: Any) -> Found:
    at = TEXT.find(quote)
    return Found(kind, quote, attributes, Span(at, at + len(quote)) if at >= 0 else None)


def f1(label: Extraction, predicted: Extraction, text: str) -> float:
    scores = score_report(label, predicted, text).kinds.values()
    pairs, lost = sum(len(each.pairs) for each in scores), sum(len(each.misses) + len(each.false) for each in scores)
    return 2 * pairs / (2 * pairs + lost) if pairs or lost else 1.0


@pytest.mark.parametrize("fixture", OPEN, ids=lambda fixture: fixture.name)
def test_labels_told_in_its_terms_come_back_as_records(fixture: Fixture) -> None:
    report = read(fixture.source)
    assert f1(fixture.labels, BENCHMARK.by_mapping(fixture, report), report.text) > 0.97


def test_what_it_could_not_place_makes_no_record_and_is_counted() -> None:
    extraction, refused = records_of_peer(document(), [found("issues", "项目论证不充分")])
    assert extraction.issues == []
    assert [(lost.reason, lost.words) for lost in refused] == [("it has no place in the text", "项目论证不充分")]


def test_a_number_that_its_place_does_not_hold_is_taken_as_it_says() -> None:
    extraction, _ = records_of_peer(document(), [found("figures", "全年新建绿道18.6公里", name="绿道", value="19公里")])
    (figure,) = extraction.metrics
    assert figure.actual is not None
    assert (str(figure.actual.value), figure.actual.unit, figure.evidence[0].quote) == ("19", "公里", "全年新建绿道18.6公里")


def test_a_figure_gets_its_change_from_the_words_at_its_place() -> None:
    quote = "全年新建绿道18.6公里，比上年增加2公里"
    extraction, _ = records_of_peer(document(), [found("figures", quote, name="绿道", value="18.6公里", planned="false")])
    change = extraction.metrics[0].change
    assert change is not None
    assert (change.direction, change.amount and str(change.amount.value)) == ("increase", "2")


def test_the_same_thing_found_twice_is_one_record() -> None:
    extraction, _ = records_of_peer(document(), [found("issues", "资金支付偏慢")] * 2)
    assert [issue.statement for issue in extraction.issues] == ["资金支付偏慢"]


def test_a_class_that_was_not_asked_for_is_counted() -> None:
    _, refused = records_of_peer(document(), [found("people", "某局")])
    assert [lost.reason for lost in refused] == ["it is of a class that was not asked for: people"]


def test_it_is_told_every_class_that_our_own_prompts_define() -> None:
    words = description_of(PROMPTS)
    assert [kind for kind in RECORDS if f"- {kind}（" not in words] == []
    assert "<report>" not in words


def test_its_schema_holds_every_class_with_the_fields_of_our_own_answers() -> None:
    items = output_schema()["properties"]["extractions"]["items"]["anyOf"]
    assert [next(iter(each["properties"])) for each in items] == list(RECORDS)
    rows = items[-1]["properties"]["rows_attributes"]
    assert rows["required"] == [name for name in RECORDS["rows"].model_fields if name != "quote"]


def test_the_quotes_of_its_examples_stand_in_their_texts() -> None:
    examples = examples_of(PROMPTS)
    assert len(examples) >= 2
    assert [each.words for text, extractions in examples for each in extractions if each.words not in text] == []


def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langextract", None)
    with (
        pytest.raises(JixiaoError, match=r"pip install 'jixiao\[peers\]'"),
        open_langextract("langextract:m", Settings(base_url="http://127.0.0.1:1/v1")),
    ):
        pass


def test_its_calls_are_counted_by_ourselves_where_the_endpoint_does_not() -> None:
    asked: Any = [{"role": "user", "content": "Q: 新建绿道18.6公里\nA: "}]
    with BENCHMARK.answering(lambda chunk: "好") as settings:
        meter = Meter(settings.model_copy(update={"price_in": Decimal(1), "price_out": Decimal(2)}))
        meter.client.chat.completions.create(model="m", messages=asked)
        meter.close()
    into, out = count_tokens(asked[0]["content"]) + 4, count_tokens("好")
    cost = Decimal(into + 2 * out) / 1_000_000
    assert meter.usage == Usage(calls=1, prompt_tokens=into, completion_tokens=out, cost=cost)


# With LangExtract itself


def test_labels_told_by_a_model_come_back_through_langextract() -> None:
    pytest.importorskip("langextract")
    fixture = next(each for each in OPEN if each.name == "jiangsu-project-injection")
    report = read(fixture.source)
    extraction = BENCHMARK.by_langextract(fixture, report)
    assert f1(fixture.labels, extraction, report.text) > 0.95
    assert (extraction.run.mode, extraction.run.failed_chunks) == ("json_schema", [])
    assert extraction.run.usage.calls == extraction.run.chunks == 4
    assert extraction.run.usage.prompt_tokens > 4 * 1000, "counted by ourselves where the endpoint does not"


def test_an_answer_that_is_no_json_is_a_failed_chunk() -> None:
    pytest.importorskip("langextract")
    with BENCHMARK.answering(lambda chunk: "那么我想一想") as settings, open_langextract("langextract", settings) as engine:
        extraction, usage = engine(document())
    assert extraction.run is not None
    assert [lost.reason[:26] for lost in extraction.run.failed_chunks] == ["Chunk omitted from results"]
    assert usage.calls == 1


def test_an_endpoint_that_is_gone_leaves_the_report_unscored() -> None:
    pytest.importorskip("langextract")
    settings = Settings(base_url="http://127.0.0.1:9/v1", model="m", mode="json_schema", retries=0)
    with open_langextract("langextract", settings) as engine, pytest.raises(EndpointError, match=r"^LangExtract: ") as raised:
        engine(document())
    assert raised.value.usage is not None
    assert raised.value.usage.calls == 0


def test_it_asks_as_its_endpoint_was_found_to_answer(tmp_path: Path) -> None:
    pytest.importorskip("langextract")
    said = Said('{"extractions": [{"issues": "资金支付偏慢", "issues_attributes": {"label": null, "cause": null}}]}')
    with ModelServer(lambda request: probed(request, ("json_object",)) if is_probe(request) else said) as server:
        settings = Settings(base_url=server.url, model="small", cache=tmp_path / "answers.sqlite")
        with open_langextract("langextract", settings) as engine:
            extraction, _ = engine(document())
    assert [issue.statement for issue in extraction.issues] == ["资金支付偏慢"]
    (asked,) = server.questions
    assert (asked["response_format"], asked["temperature"], asked["max_tokens"]) == ({"type": "json_object"}, 0.0, 4096)


def test_a_refused_key_is_in_no_error() -> None:
    pytest.importorskip("langextract")
    with ModelServer(lambda request: Said("Incorrect API key provided: sk-1234567890", status=401)) as server:
        settings = Settings(base_url=server.url, model="m", mode="json_schema", api_key=SecretStr("sk-1234567890"))
        with open_langextract("langextract", settings) as engine, pytest.raises(EndpointError) as raised:
            engine(document())
    assert "Incorrect API key provided: …" in str(raised.value)
    assert "1234567890" not in str(raised.value)
