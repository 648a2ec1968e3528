"""Runs of the model path from the command line: killed and started again, many chunks at once, a batch, what it would cost."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from model_server import Json, Model, ModelServer, Said, answer, answering, is_probe, part, probed
from test_models import RECORDS, REPORT

ROOT = Path(__file__).parent.parent
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("JIXIAO_", "OPENAI_"))}


def jixiao(*arguments: str | Path, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jixiao", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env={**CLEAN, **environ}, check=False)


def told_of(server: ModelServer, folder: Path) -> dict[str, str]:
    """The environment that leads to a server, with a cache of its own."""
    return {
        "JIXIAO_BASE_URL": server.url,
        "JIXIAO_MODEL": "small",
        "JIXIAO_CACHE": str(folder / "answers.sqlite"),
        "OPENAI_API_KEY": "sk-very-secret-key",
    }


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Ten reports that differ in their numbers."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for number in range(10):
        (folder / f"{number}.txt").write_text(REPORT.replace("18.6", f"{number + 1}8.6"), encoding="utf-8")
    return folder


def slowly(request: Json) -> Said:
    """An honest model that takes its time."""
    if is_probe(request):
        return probed(request)
    text = part(request, "report")
    found = {name: [each for each in given if each["quote"] in text] for name, given in RECORDS.items()}
    return Said(answer(**found), after=0.15)


@pytest.mark.parametrize("seed", range(4))
def test_a_run_killed_anywhere_goes_on_to_the_same_result_and_asks_nothing_twice(seed: int, shelf: Path, tmp_path: Path) -> None:
    chance = random.Random(seed)
    killed: list[float] = []
    with ModelServer(slowly) as server:
        environ = told_of(server, tmp_path) | {"JIXIAO_CHUNK_TOKENS": "100", "JIXIAO_CONCURRENCY": "4"}
        command = [sys.executable, "-m", "jixiao", "extract", str(shelf), "--engine", "model", "-o", str(tmp_path / "killed")]
        for _ in range(5):
            run = subprocess.Popen(command, env=CLEAN | environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(1.0, 3.5))
            run.send_signal(signal.SIGKILL)
            run.wait()
            killed.append(time.time())
        assert jixiao("extract", shelf, "--engine", "model", "-o", tmp_path / "killed", cwd=tmp_path, **environ).returncode == 0
        told = list(server.told)
        calm = environ | {"JIXIAO_CACHE": str(tmp_path / "other.sqlite")}
        assert jixiao("extract", shelf, "--engine", "model", "-o", tmp_path / "calm", cwd=tmp_path, **calm).returncode == 0
    assert records_in(tmp_path / "killed") == records_in(tmp_path / "calm")
    # An answer that arrives in the tenth of a second before the kill may not be on the disk yet: the only ones asked for again.
    kept = [words for when, words in told if not is_probe(json.loads(words)) and all(not 0 <= at - when < 0.1 for at in killed)]
    assert len(kept) == len(set(kept)) > 0


def records_in(folder: Path) -> dict[str, Json]:
    """What was extracted, but for what it cost and whether the cache had it."""
    found = {}
    for file in sorted(folder.glob("*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        content.pop("run")
        for name in ("goals", "completions", "metrics", "issues", "measures"):
            for record in content[name]:
                record["provenance"].pop("cached", None)
        found[file.name] = content
    return found


def test_many_reports_share_the_slots_and_never_ask_for_more(tmp_path: Path) -> None:
    under_way, peaks = [0], []

    def steady(request: Json) -> Said:
        under_way[0] += 1
        peaks.append(under_way[0])
        time.sleep(0.2)
        under_way[0] -= 1
        return probed(request) if is_probe(request) else Said(answer())

    for number in range(20):
        (tmp_path / f"{number}.txt").write_text(
            REPORT.replace("18.6", f"{number}8.6").replace("3家", f"{number}家"), encoding="utf-8"
        )
    with ModelServer(steady) as server:
        environ = told_of(server, tmp_path) | {"JIXIAO_CHUNK_TOKENS": "150", "JIXIAO_CONCURRENCY": "6"}
        done = jixiao("extract", tmp_path, "--engine", "model", "--format", "jsonl", cwd=tmp_path, **environ)
    assert (done.returncode, done.stdout.count("\n"), len(server.questions)) == (0, 20, 40)
    assert max(peaks) == 6


def test_the_same_chunk_in_many_reports_is_asked_about_once(shelf: Path, tmp_path: Path) -> None:
    with ModelServer(slowly) as server:
        environ = told_of(server, tmp_path) | {"JIXIAO_CHUNK_TOKENS": "150"}
        jixiao("extract", shelf, "--engine", "model", "-o", tmp_path / "out", cwd=tmp_path, **environ)
    assert len(server.questions) == 11  # ten first chunks that differ, one last chunk that all have


def test_a_dry_run_says_what_it_would_cost_and_asks_nothing(shelf: Path, tmp_path: Path) -> None:
    with ModelServer(answering(RECORDS)) as server:
        environ = told_of(server, tmp_path) | {"JIXIAO_PRICE_IN": "2", "JIXIAO_PRICE_OUT": "8"}
        done = jixiao("extract", shelf, "--engine", "model", "--dry-run", cwd=tmp_path, **environ)
    assert server.asked == []
    assert done.stdout.splitlines()[-1].startswith("10 reports by model: about 10 requests, ")
    assert "in money; nothing was asked." in done.stdout


def test_the_engine_is_hybrid_where_a_model_is_configured_and_rules_where_none_is(shelf: Path, tmp_path: Path) -> None:
    with ModelServer(answering(RECORDS)) as server:
        configured = jixiao("extract", shelf / "0.txt", cwd=tmp_path, **told_of(server, tmp_path))
    bare = jixiao("extract", shelf / "0.txt", cwd=tmp_path)
    assert json.loads(configured.stdout)["run"]["model"] == "small"
    assert "hybrid: " in configured.stderr
    assert "run" not in json.loads(bare.stdout)


def test_settings_stand_in_a_file_too_and_a_flag_goes_before(shelf: Path, tmp_path: Path) -> None:
    with ModelServer(answering(RECORDS)) as server:
        (tmp_path / "jixiao.toml").write_text(
            f'[model]\nbase_url = "{server.url}"\nmodel = "large"\ncache = "{tmp_path}/a.sqlite"\n'
        )
        done = jixiao("extract", shelf / "0.txt", "--model", "small", cwd=tmp_path)
    assert {request["model"] for request in server.asked} == {"small"}
    assert done.returncode == 0


WRONG = {
    "a provider that is none": (["--provider", "closedai"], "closedai: there is no such provider; there are openai, azure,"),
    "an engine that is none": (["--engine", "magic"], "magic: there is no such engine; there are rules, model, hybrid."),
    "an engine without a model": (
        ["--engine", "hybrid"],
        "the engine hybrid needs a model, and none is configured; see `jixiao doctor`.",
    ),
    "a mode that is none": (["--mode", "xml"], "setting mode: input should be 'json_schema'"),
    "no key": (
        ["--provider", "deepseek", "--model", "m"],
        "deepseek wants a key: set the environment variable DEEPSEEK_API_KEY.",
    ),
}


@pytest.mark.parametrize(("flags", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_setting_gets_its_sentence_and_nothing_else(flags: list[str], words: str, shelf: Path, tmp_path: Path) -> None:
    done = jixiao("extract", shelf / "0.txt", *flags, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"✗ {words}")
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)


def test_a_key_in_the_settings_file_is_refused(tmp_path: Path, shelf: Path) -> None:
    (tmp_path / "jixiao.toml").write_text('[model]\napi_key = "sk-123456"\n')
    done = jixiao("extract", shelf / "0.txt", cwd=tmp_path)
    assert "a key does not belong in a file" in done.stderr
    assert "sk-123456" not in done.stderr


def test_the_doctor_tells_what_the_endpoint_can_do(tmp_path: Path) -> None:
    model: Model = answering(RECORDS, modes=("json_object", "text"))
    with ModelServer(model) as server:
        done = jixiao("doctor", cwd=tmp_path, **told_of(server, tmp_path))
    lines = {line.split()[1]: line for line in done.stdout.splitlines()}
    assert done.returncode == 0
    assert lines["json_schema"].startswith("· json_schema  refused")
    assert lines["json_object"] == "✓ json_object  works"
    assert "→ asked by     json_object" in done.stdout
    assert "very-secret" not in done.stdout + done.stderr


def test_the_doctor_says_how_to_mend_what_is_missing(tmp_path: Path) -> None:
    gone = jixiao(
        "doctor",
        cwd=tmp_path,
        JIXIAO_BASE_URL="http://127.0.0.1:9/v1",
        JIXIAO_MODEL="m",
        JIXIAO_RETRIES="0",
        JIXIAO_CACHE=str(tmp_path / "c"),
    )
    none = jixiao("doctor", cwd=tmp_path)
    half = jixiao("doctor", cwd=tmp_path, JIXIAO_BASE_URL="http://127.0.0.1:9/v1")
    assert (gone.returncode, none.returncode, half.returncode) == (1, 0, 1)
    assert "the connection failed" in gone.stdout
    assert "is it running?" in gone.stdout
    assert "name one with --provider and --model" in none.stdout
    assert "there is no model: say --model or JIXIAO_MODEL" in half.stdout


def test_a_batch_brings_what_live_requests_would_have_brought(shelf: Path, tmp_path: Path) -> None:
    with ModelServer(answering(RECORDS)) as server:
        environ = told_of(server, tmp_path)
        sent = jixiao("batch", "submit", shelf, "--engine", "model", cwd=tmp_path, **environ)
        again = jixiao("batch", "submit", shelf, "--engine", "model", cwd=tmp_path, **environ)
        waiting = jixiao("batch", "collect", cwd=tmp_path, **environ)
        server.end_batch("batch-1")
        stands = jixiao("batch", "status", cwd=tmp_path, **environ)
        got = jixiao("batch", "collect", cwd=tmp_path, **environ)
        live = len(server.questions)
        done = jixiao("extract", shelf, "--engine", "model", "-o", tmp_path / "out", cwd=tmp_path, **environ)
    assert (sent.stdout, again.stdout) == ("batch-1\n", "")
    assert waiting.returncode == 3
    assert stands.stdout == "batch-1  completed  10 of 10 answered, 0 failed\n"
    assert got.stdout == "batch-1  10 answers, 0 failed\n"
    assert done.returncode == 0
    assert len(server.questions) == live == 0
    assert len(list((tmp_path / "out").glob("*.json"))) == 10


def test_what_a_batch_failed_to_answer_is_told_and_asked_live(shelf: Path, tmp_path: Path) -> None:
    with ModelServer(answering(RECORDS)) as server:
        environ = told_of(server, tmp_path)
        jixiao("batch", "submit", shelf, "--engine", "model", cwd=tmp_path, **environ)
        server.end_batch("batch-1", failing=3)
        got = jixiao("batch", "collect", cwd=tmp_path, **environ)
        jixiao("extract", shelf, "--engine", "model", "-o", tmp_path / "out", cwd=tmp_path, **environ)
    assert got.returncode == 1
    assert got.stdout == "batch-1  7 answers, 3 failed\n"
    assert got.stderr.count("✗ 429: too many") == 3
    assert len(server.questions) == 3


def test_a_batch_sent_before_the_kill_is_found_again(shelf: Path, tmp_path: Path) -> None:
    with ModelServer(answering(RECORDS)) as server:
        environ = told_of(server, tmp_path)
        jixiao("batch", "submit", shelf, "--engine", "model", cwd=tmp_path, **environ)
        (tmp_path / "answers.sqlite").unlink()  # as if the run had died before it could remember
        again = jixiao("batch", "submit", shelf, "--engine", "model", cwd=tmp_path, **environ)
    assert again.stdout == "batch-1\n"
    assert len(server.batches) == 1


def test_an_unanswered_chunk_is_told_at_the_end_and_the_exit_code_says_so(shelf: Path, tmp_path: Path) -> None:
    def failing(request: Json) -> Said | None:
        return Said("no", status=400) if "苗木供应不足" in part(request, "report") else None

    with ModelServer(answering(RECORDS, failing)) as server:
        environ = told_of(server, tmp_path) | {"JIXIAO_CHUNK_TOKENS": "150"}
        done = jixiao("extract", shelf / "0.txt", "--engine", "model", cwd=tmp_path, **environ)
    assert done.returncode == 1
    assert "✗ 0.txt: no answer for characters " in done.stderr
    assert len(json.loads(done.stdout)["metrics"]) == 4
