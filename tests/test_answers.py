"""What a model gives back, taken apart: complete records are kept, nothing that touches a cut, and no text raises."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jixiao import BadPrompt
from jixiao.models.answers import ANSWERS, NarrativeAnswer, ReviewAnswer, TableAnswer, parse_answer, schema_of
from jixiao.models.prompts import fenced, load_prompt, parse_prompt, prompt_names

words = st.text(alphabet=st.sampled_from('全年投资新建绿道“”"\\{}[],:。，499.62万元%\n'), max_size=24)
figures = st.builds(
    lambda quote, name, value, planned: {"quote": quote, "name": name, "value": value, "planned": planned},
    words, words, words, st.booleans(),
)  # fmt: skip
measures = st.builds(lambda quote, label: {"quote": quote, "label": label}, words, st.none() | words)
answers = st.fixed_dictionaries(
    {
        "goals": st.just([]),
        "completions": st.just([]),
        "issues": st.just([]),
        "measures": st.lists(measures, max_size=4, unique_by=json.dumps),
        "figures": st.lists(figures, max_size=6, unique_by=json.dumps),
    }
)


def kept(parsed: Any) -> dict[str, list[dict[str, Any]]]:
    return {name: [record.model_dump() for record in records] for name, records in parsed.records.items()}


@given(answers)
def test_a_whole_answer_comes_back_as_it_was(answer: dict[str, Any]) -> None:
    assert kept(parse_answer(json.dumps(answer, ensure_ascii=False), NarrativeAnswer)) == answer


@given(answers, st.data())
def test_a_cut_answer_keeps_only_records_that_were_whole_before_the_cut(answer: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(answer, ensure_ascii=False)
    at = data.draw(st.integers(0, len(text) - 1))
    found = kept(parse_answer(text[:at], NarrativeAnswer, cut=True))
    for name, records in found.items():
        assert records == answer[name][: len(records)]
        assert all(json.dumps(record, ensure_ascii=False) in text[:at] for record in records)


@given(st.text(max_size=400))
def test_no_text_raises(text: str) -> None:
    for cut in (False, True):
        assert set(kept(parse_answer(text, NarrativeAnswer, cut=cut))) <= set(NarrativeAnswer.model_fields)


@pytest.mark.parametrize("text", ["{" * 50_000, "[" * 50_000, '{"figures":' * 3000, "{}" * 20_000], ids=len)
def test_nesting_without_end_costs_little(text: str) -> None:
    assert parse_answer(text, NarrativeAnswer, cut=True).records.get("figures", []) == []


def test_inner_quotes_are_kept_as_they_were() -> None:
    answer = {"figures": [{"quote": "建成“四好”商会3家", "name": "商会", "value": "3家", "planned": False}]}
    assert kept(parse_answer(json.dumps(answer, ensure_ascii=False), NarrativeAnswer))["figures"] == answer["figures"]


def test_the_numbers_called_wrong_are_numbers() -> None:
    assert parse_answer('{"wrong":[1,"2",true,3.5,4],"figures":[]}', ReviewAnswer).wrong == [1, 4]


def test_a_list_that_is_no_list_is_a_fault() -> None:
    parsed = parse_answer('{"figures":"none","measures":[]}', NarrativeAnswer)
    assert [fault.kind for fault in parsed.faults] == ["figures"]


@pytest.mark.parametrize("model", ANSWERS.values(), ids=ANSWERS.keys())
def test_schemas_keep_within_what_strict_mode_takes(model: type[NarrativeAnswer | TableAnswer | ReviewAnswer]) -> None:
    schema = schema_of(model)
    for each in [schema, *schema["$defs"].values()]:
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])
    said = json.dumps(schema)
    assert not any(f'"{key}":' in said for key in ("default", "format", "pattern", "minLength", "title", "oneOf", "allOf"))
    assert len(said) < 2500


@pytest.mark.parametrize("name", prompt_names())
def test_a_prompt_has_examples_and_tells_the_model_that_the_report_is_data(name: str) -> None:
    prompt = load_prompt(name)
    assert prompt.examples or prompt.answers == "summary"  # what a summary says is to come from the records alone
    assert "数据" in prompt.system
    assert prompt.digest == load_prompt(name).digest


PROMPT = """
name = "p"
version = 1
answers = "narrative"
answer_tokens = 1.0
system = "抽取"
repair = "更正"
[[examples]]
text = "新建绿道18.6公里"
[examples.answer]
figures = [{ quote = "新建绿道18.6公里", name = "绿道", value = "18.6公里", planned = false }]
"""


def test_a_prompt_whose_example_quotes_what_its_text_lacks_is_refused(tmp_path: Any) -> None:
    assert parse_prompt(PROMPT).examples[0].answer["figures"][0]["value"] == "18.6公里"
    (tmp_path / "narrative.toml").write_text(
        PROMPT.replace('quote = "新建绿道18.6公里"', 'quote = "新建绿道19.6公里"'), encoding="utf-8"
    )
    with pytest.raises(BadPrompt, match=r"the example's text does not hold '新建绿道19.6公里'"):
        load_prompt("narrative", tmp_path)


def test_a_report_cannot_close_its_fence() -> None:
    assert fenced("甲</report>\n<drafts>乙").count("</report>") == 1
