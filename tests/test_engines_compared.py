"""Engines, models and prompt versions in one run of `jixiao eval`: scores, tokens, money, seconds and failures side by side."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from jixiao import Extraction
from jixiao.evaluation.results import EngineOutcome, Evaluation
from jixiao.tokens import count_tokens
from model_server import Json, ModelServer, Said, answering, is_probe, part

ROOT = Path(__file__).parent.parent
SHELF = ("sichuan-multi-project", "jiangsu-project-injection")


@dataclass(frozen=True)
class Compared:
    """One run over several engines: what it printed, and what it kept."""

    code: int
    out: str
    err: str
    page: str
    engines: dict[str, EngineOutcome]
    asked: list[Json]


def labelled() -> dict[str, list[Json]]:
    """The problems that the labels of the shelf hold, as a model would say them."""
    labels = [Extraction.model_validate_json((ROOT / "fixtures" / name / "labels.json").read_bytes()) for name in SHELF]
    return {"issues": [{"quote": each.evidence[0].quote, "label": None, "cause": None} for one in labels for each in one.issues]}


def scripted(request: Json) -> Said:
    """Three models: small knows the problems and nothing else, mute leaves long chunks unanswered, gone is broken."""
    if request["model"] == "gone":
        return Said("overloaded", status=500)
    if request["model"] == "mute" and not is_probe(request) and len(part(request, "report")) > 700:
        return Said("我想一想")
    return answering(labelled())(request)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    folder = tmp_path_factory.mktemp("compared")
    for name in SHELF:
        shutil.copytree(ROOT / "fixtures" / name, folder / "shelf" / name)
    (folder / "prompts").mkdir()
    narrative = (ROOT / "prompts" / "narrative.toml").read_text(encoding="utf-8")
    changed = re.sub(r"\nversion = \d+", "\nversion = 99", narrative.replace("不推断", "不推测"))
    (folder / "prompts" / "narrative.toml").write_text(changed, encoding="utf-8")
    engines = ["rules", "model:small", f"model:small@{folder / 'prompts'}", "model:mute", "model:gone"]
    options = [word for engine in engines for word in ("--engine", engine)]
    with ModelServer(scripted) as server:
        env = os.environ | {"OPENAI_BASE_URL": server.url, "JIXIAO_CACHE": str(folder / "answers.sqlite"), "JIXIAO_RETRIES": "0"}
        env |= {"JIXIAO_PRICE_IN": "1000", "JIXIAO_PRICE_OUT": "2000"}
        line = [sys.executable, "-m", "jixiao", "eval", "shelf", *options, "--json", "result.json", "--html", "page.html"]
        done = subprocess.run(line, capture_output=True, text=True, cwd=folder, env=env, check=False)
    result = Evaluation.model_validate_json((folder / "result.json").read_bytes())
    found = dict(zip(("rules", "small", "other", "mute", "gone"), result.engines, strict=True))
    page = (folder / "page.html").read_text(encoding="utf-8")
    return Compared(done.returncode, done.stdout, done.stderr, page, found, server.questions)


def row(words: str, engine: str) -> list[str]:
    """An engine's row in the table of all engines."""
    table = words.split("**engines side by side**")[1]
    line = next(line for line in table.splitlines() if line.startswith(f"| {engine} "))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_each_engine_keeps_the_model_and_the_prompts_that_it_asked_with(compared: Compared) -> None:
    small, other = compared.engines["small"], compared.engines["other"]
    assert (small.model, small.mode, other.model) == ("small", "json_schema", "small")
    assert [prompt.partition(":")[0] for prompt in other.prompts] == ["narrative@99", "table@1"]
    assert not set(small.prompts[:1]) & set(other.prompts)


def test_tokens_and_money_are_what_the_requests_say(compared: Compared) -> None:
    used = compared.engines["small"].usage
    asked = [each for each in compared.asked if each["model"] == "small"]
    assert used.calls + compared.engines["other"].usage.calls == len(asked)
    assert compared.engines["other"].usage.cached_calls > 0, "the prompt for tables is the same"
    tokens = sum(count_tokens(message["content"]) + 4 for each in asked for message in each["messages"])
    assert used.prompt_tokens + compared.engines["other"].usage.prompt_tokens == tokens
    assert used.cost == Decimal(1000 * used.prompt_tokens + 2000 * used.completion_tokens) / 1_000_000


def test_scores_tokens_money_seconds_and_failures_stand_in_one_row(compared: Compared) -> None:
    used = compared.engines["small"].usage
    cells = row(compared.out, "model:small")
    assert cells[3:8] == [
        *map(str, (used.calls, used.cached_calls, used.prompt_tokens, used.completion_tokens)),
        f"{used.cost:.4f}",
    ]
    assert float(cells[8]) > 0
    assert row(compared.out, "rules")[3:8] == ["0", "0", "0", "0", "–"]


def test_chunks_without_an_answer_are_told_though_the_report_is_scored(compared: Compared) -> None:
    mute = compared.engines["mute"]
    failed, chunks = (sum(getattr(each, name) for each in mute.reports) for name in ("failed_chunks", "chunks"))
    assert 0 < failed < chunks
    assert row(compared.out, "model:mute")[9] == f"{failed}/{chunks}"
    assert f"{failed}/{chunks}" in compared.page


def test_an_engine_that_is_gone_is_unscored_with_the_reason_and_the_others_stand(compared: Compared) -> None:
    assert compared.code == 1
    assert [each.unscored is None for each in compared.engines["gone"].reports] == [False, False]
    assert row(compared.out, "model:gone")[1:3] == ["–", "–"]
    assert row(compared.out, "model:gone")[-1] == "2/2"
    assert compared.err.count("✗ model:gone: ") == 2
    assert row(compared.out, "rules")[-1] == "0/2"


def test_every_two_engines_are_compared_on_the_reports_that_both_scored(compared: Compared) -> None:
    titles = re.findall(r"\*\*(\S+) against (\S+): open reports \((\d)\)\*\*", compared.out)
    assert ("model:small", "rules", "2") in titles
    assert ("model:gone", "rules", "0") in titles
    assert len(titles) == 10
    assert "fewer than 6 reports: no verdict" in compared.out


def test_what_a_model_finds_is_scored_as_what_the_rules_find(compared: Compared) -> None:
    small = compared.engines["small"]
    assert [len(each.kinds["issue"].misses) + len(each.kinds["issue"].false) for each in small.reports] == [0, 0]
    assert sum(each.counts(["goal"])[0] for each in small.reports) == 0
