"""Semantic search as its users meet it: vectors made once, found by what is meant, by the same filters, from a file and a server alike."""

import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from generated import report
from jixiao.dataset import schema
from jixiao.dataset.conditions import parse_condition, parse_years
from jixiao.dataset.deciding import decide, review
from jixiao.dataset.embed import Embedded, embed, meaning_of
from jixiao.dataset.meaning import NEAREST
from jixiao.dataset.query import matches, parse, without_words
from jixiao.dataset.reviews import keys_of
from jixiao.dataset.search import Filters, search
from jixiao.dataset.store import Dataset, open_dataset
from jixiao.dataset.vectors import dimensions_of, lacking, models_of
from jixiao.document import Document, passage_of
from jixiao.errors import BadQuery, BadSettings, DatasetError, MissingExtra
from jixiao.models.embedding import vector_of
from jixiao.records import Evidence, Extraction, Goal, Report
from jixiao.settings import EmbeddingSettings, load_embedding_settings
from model_server import Json, Model, ModelServer, Said
from shelves import put

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("JIXIAO_", "OPENAI_"))}
CONCEPTS = (
    "满意 认可 好评 口碑",
    "资金 经费 拨款 预算",
    "道路 公路 通行 路面",
    "培训 授课 学员 讲座",
    "水质 河道 污水",
    "滞后 缓慢 拖延 迟",
)
"""What the model on loopback knows: words of a line mean the same."""
STATEMENTS = (
    "来访群众对窗口服务好评如潮",
    "年内拨款全部到位",
    "乡间路面修缮12公里",
    "举办讲座18场",
    "河道断面全部达标",
    "支付进度拖延",
    "办事群众满意度达到98%",
)


def meaning(text: str) -> list[float]:
    """A text as the model sees it: how much of each concept is in it, and a little of its own."""
    own = random.Random(text)
    return [sum(text.count(word) for word in line.split()) + own.uniform(0, 0.05) for line in CONCEPTS]


def embedding(of: Callable[[str], list[float]] = meaning, instead: Callable[[Json], Said | None] | None = None) -> Model:
    """A model of vectors; ``instead`` may answer in its place. Its answers are in disorder, and say so."""

    def model(request: Json) -> Said:
        if instead is not None and (said := instead(request)) is not None:
            return said
        data = [{"object": "embedding", "index": at, "embedding": of(text)} for at, text in enumerate(request["input"])]
        body = {"object": "list", "model": "m", "data": data[::-1], "usage": {"prompt_tokens": 7, "total_tokens": 7}}
        return Said(None, body=json.dumps(body).encode())

    return model


def texts_of(server: ModelServer) -> list[str]:
    """All that a server was asked about."""
    return [text for request in server.asked for text in request["input"]]


def settings_of(server: ModelServer, folder: Path, **more: Any) -> EmbeddingSettings:
    return EmbeddingSettings(base_url=server.url, model="m", cache=folder / "answers.sqlite", retries=0, **more)


def environ_of(server: ModelServer, folder: Path) -> dict[str, str]:
    return {
        "JIXIAO_EMBEDDING_BASE_URL": server.url,
        "JIXIAO_EMBEDDING_MODEL": "m",
        "JIXIAO_CACHE": str(folder / "answers.sqlite"),
        "OPENAI_API_KEY": "sk-very-secret-key",
    }


def jixiao(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jixiao", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={**CLEAN, **environ}, check=False)


def goals(*statements: str, name: str = "goals.txt") -> tuple[Document, Extraction]:
    """A report of nothing but goals."""
    text = "\n".join(statements)
    made = [
        Goal(id=f"g{at}", level="annual", statement=words, evidence=[Evidence(start=0, end=len(words), quote=words)])
        for at, words in enumerate(statements)
    ]
    facts = Report(source=name, sha256=f"{abs(hash((name, text))):x}", characters=len(text), fiscal_year=2023)
    return Document(name, facts.sha256, text, (passage_of(text),)), Extraction(report=facts, goals=made)


async def embed_all(dataset: Dataset, settings: EmbeddingSettings, **more: Any) -> Embedded:
    return await embed(dataset, lacking(dataset, settings.mark), settings, **more)


def run(coroutine: Any) -> Any:
    import asyncio

    return asyncio.run(coroutine)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(embedding()) as server:
        yield server


@pytest.fixture
def shelf(dataset_place: str, server: ModelServer, tmp_path: Path) -> Iterator[Dataset]:
    """A dataset of a few statements, with its vectors."""
    with open_dataset(dataset_place, create=True) as dataset:
        put(dataset, "/a.txt", *goals(*STATEMENTS))
        run(embed_all(dataset, settings_of(server, tmp_path)))
        yield dataset


def test_what_is_meant_is_found_without_its_words(shelf: Dataset, server: ModelServer, tmp_path: Path) -> None:
    by_words = search(shelf, "满意")
    assert [hit.statement for hit in by_words.hits] == ["办事群众满意度达到98%"]
    result = search(shelf, "满意", meaning=meaning_of(shelf, "满意", settings_of(server, tmp_path)))
    assert [(hit.statement, hit.ranks.found_by) for hit in result.hits[:2] if hit.ranks] == [
        ("办事群众满意度达到98%", "both"),
        ("来访群众对窗口服务好评如潮", "meaning"),
    ]
    first = result.hits[0].ranks
    assert first is not None
    assert (first.words, first.fused) == (1, 1 / 61 + 1 / (60 + (first.meaning or 0)))
    assert result.total == len(result.hits) == len(STATEMENTS)


def test_words_that_must_not_be_there_are_not_meant_and_not_found(shelf: Dataset, server: ModelServer, tmp_path: Path) -> None:
    words = "口碑 -来访"
    result = search(shelf, words, meaning=meaning_of(shelf, words, settings_of(server, tmp_path)))
    assert texts_of(server)[-1] == "口碑"
    assert result.hits[0].statement == "办事群众满意度达到98%"  # of all the rest the nearest
    assert "来访" not in "".join(hit.statement or "" for hit in result.hits)
    assert result.total == len(STATEMENTS) - 1


@pytest.mark.parametrize("words", ["", "-满意", "NOT (满意 OR 资金)", "“”"])
def test_without_words_that_are_asked_for_nothing_is_meant(
    shelf: Dataset, server: ModelServer, tmp_path: Path, words: str
) -> None:
    with pytest.raises(BadQuery, match="wants words that are asked for"):
        meaning_of(shelf, words, settings_of(server, tmp_path))


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("甲 乙", ""),
        ("甲 -乙", "-乙"),
        ("甲 OR -乙", ""),
        ("(甲 OR 丙) -乙 -(丁 戊)", "-乙 -(丁 戊)"),
        ("-甲 OR -乙", "-甲 OR -乙"),
        ("-甲", "-甲"),
    ],
)
def test_of_a_query_what_must_not_be_there_holds_for_meaning_too(words: str, left: str) -> None:
    assert without_words(parse(words)) == parse(left)


# The same from a file and a server, by filters


REPORTS, RECORDS = 12, 60


def drawn(text: str) -> list[float]:
    """A vector that looks like nothing, always the same for a text."""
    own = random.Random(text)
    return [own.gauss(0, 1) for _ in range(16)]


@pytest.fixture(scope="module")
def two_shelves(tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[tuple[list[Dataset], EmbeddingSettings]]:
    """The same generated records with the same vectors, in a file and in PostgreSQL."""
    with psycopg.connect(postgres.format("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE meant ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0")
    folder = tmp_path_factory.mktemp("semantic")
    with (
        ModelServer(embedding(drawn)) as server,
        open_dataset(str(folder / "shelf.sqlite"), create=True) as file,
        open_dataset(postgres.format("meant"), create=True) as database,
    ):
        settings = settings_of(server, folder, batch=50)
        for dataset in (file, database):
            for number in range(REPORTS):
                put(dataset, f"/shelf/{number}.txt", *report(number, RECORDS))
            run(embed_all(dataset, settings))
        yield [file, database], settings


SOME_FILTERS = (
    Filters(),
    Filters(kinds=("figure", "goal")),
    Filters(years=parse_years("2018..2021"), attained=True),
    Filters(region="市", where=(parse_condition("actual > 100"),)),
    Filters(department="中心"),
    Filters(department="无此部门"),
    Filters(where=(parse_condition("actual >= 1亿元"),)),
)


@pytest.mark.parametrize("filters", SOME_FILTERS)
@pytest.mark.parametrize("words", ["群众 满意度", "率 -完成", "绝无此词", "营商 OR -9"])
def test_the_nearest_are_those_of_a_look_at_every_record(
    two_shelves: tuple[list[Dataset], EmbeddingSettings], words: str, filters: Filters
) -> None:
    datasets, settings = two_shelves
    found = []
    for dataset in datasets:
        meant = meaning_of(dataset, words, settings)
        result = search(dataset, words, filters, limit=1000, meaning=meant)
        query = parse(words)
        allowed = {hit.id: hit for hit in search(dataset, "", filters, limit=1000).hits}
        with dataset.reading() as connection:
            said = {row.id: row.words for row in connection.execute(select(schema.records.c.id, schema.records.c.words))}
        may_be = [number for number in allowed if matches(without_words(query), said[number])]
        cosines = {number: _cosine(vector_of(drawn(said[number])), meant.vector) for number in may_be}
        expected = sorted(may_be, key=lambda number: (-round(cosines[number], 5), -number))[:NEAREST]
        near = sorted((hit.ranks.meaning, hit.id) for hit in result.hits if hit.ranks and hit.ranks.meaning)
        assert {number for _, number in near} == set(expected)
        by_words = {number for number in allowed if matches(query, said[number])}
        assert {hit.id for hit in result.hits} == by_words | set(expected)
        assert result.total == len(result.hits)
        found.append(result)
    assert found[0] == found[1]


def _cosine(one: bytes, other: bytes) -> float:
    pairs = [(a - 256 * (a > 127), b - 256 * (b > 127)) for a, b in zip(one, other, strict=True)]
    lengths = math.sqrt(sum(a * a for a, _ in pairs) * sum(b * b for _, b in pairs))
    return sum(a * b for a, b in pairs) / lengths


def test_pages_facets_and_sorting_are_over_all_hits(
    two_shelves: tuple[list[Dataset], EmbeddingSettings], monkeypatch: Any
) -> None:
    monkeypatch.setattr("jixiao.dataset.search.RANKED", 50)  # so that there are hits by words beyond it
    datasets, settings = two_shelves
    for dataset in datasets:
        meant = meaning_of(dataset, "率", settings)
        ask = partial(search, dataset, "率", meaning=meant)
        total = ask().total
        pages = [hit.id for page in range(1, -(-total // 30) + 1) for hit in ask(limit=30, page=page).hits]
        assert len(pages) == len(set(pages)) == total > 50 + NEAREST / 2
        counted = ask(facets=True).facets
        assert counted is not None
        assert sum(count.hits for count in counted["kind"]) == total
        by_year = [hit.fiscal_year or 0 for hit in ask(sort="-year", limit=1000).hits]
        assert by_year == sorted(by_year, reverse=True)
        assert len(by_year) == total


# Making the vectors


def test_the_same_words_are_embedded_once_and_a_second_run_asks_nothing(
    dataset_place: str, server: ModelServer, tmp_path: Path
) -> None:
    settings = settings_of(server, tmp_path, batch=3, concurrency=2)
    with open_dataset(dataset_place, create=True) as dataset:
        for number in range(9):
            put(dataset, f"/{number}.txt", *goals("群众满意度不低于95%", f"完成{number}项任务", name=f"{number}.txt"))
        outcome = run(embed_all(dataset, settings))
        assert (outcome.reports, outcome.records, outcome.failures) == (9, 18, [])
        assert sorted(texts_of(server)) == sorted({"群众满意度不低于95%", *(f"完成{number}项任务" for number in range(9))})
        assert max(len(request["input"]) for request in server.asked) == 3
        asked = len(server.asked)
        assert run(embed_all(dataset, settings)).reports == 0
        assert len(server.asked) == asked
        assert outcome.usage.calls == asked


def test_a_report_that_is_replaced_takes_its_vectors_with_it_and_only_new_words_are_asked_for(
    shelf: Dataset, server: ModelServer, tmp_path: Path
) -> None:
    settings, asked = settings_of(server, tmp_path), len(texts_of(server))
    put(shelf, "/a.txt", *goals(*STATEMENTS[:3], "新增一项学员考核"))
    assert models_of(shelf) == {}
    assert run(embed_all(shelf, settings)).records == 4
    assert texts_of(server)[asked:] == ["新增一项学员考核"]


def test_a_report_replaced_while_its_vectors_are_made_is_left_for_the_next_run(
    dataset_place: str, server: ModelServer, tmp_path: Path
) -> None:
    with open_dataset(dataset_place, create=True) as dataset, open_dataset(dataset_place) as other:
        put(dataset, "/a.txt", *goals("旧的说法"))

        def replaced(request: Json) -> None:
            if request["input"] == ["旧的说法"]:
                put(other, "/a.txt", *goals("新的说法"))

        server.model = embedding(instead=replaced)
        settings = settings_of(server, tmp_path)
        assert run(embed_all(dataset, settings)).reports == 0
        assert lacking(dataset, "m") == [1]
        assert run(embed_all(dataset, settings)).reports == 1


def test_another_model_has_vectors_of_its_own(shelf: Dataset, server: ModelServer, tmp_path: Path) -> None:
    settings = settings_of(server, tmp_path)
    for other in (settings.model_copy(update={"model": "n"}), settings.model_copy(update={"passage_prefix": "passage: "})):
        with pytest.raises(
            DatasetError,
            match=rf"there are no vectors of .* yet; make them with `jixiao dataset embed --dataset {re.escape(shelf.name)}`",
        ):
            meaning_of(shelf, "满意", other)
    server.model = embedding(lambda text: [-number for number in meaning(text)][:4])
    other = settings.model_copy(update={"model": "n"})
    run(embed_all(shelf, other))
    assert models_of(shelf) == {"m": 1, "n": 1}
    with shelf.reading() as connection:
        assert (dimensions_of(connection, "m"), dimensions_of(connection, "n")) == (6, 4)
    first = search(shelf, "口碑", meaning=meaning_of(shelf, "口碑", other)).hits[0]
    assert first.statement in ("来访群众对窗口服务好评如潮", "办事群众满意度达到98%")
    server.model = embedding()
    assert search(shelf, "口碑", meaning=meaning_of(shelf, "口碑", settings)).total == len(STATEMENTS)


def test_a_model_that_becomes_another_under_its_name_is_noticed(shelf: Dataset, server: ModelServer, tmp_path: Path) -> None:
    settings = settings_of(server, tmp_path)
    server.model = embedding(lambda text: meaning(text)[:5])
    put(shelf, "/b.txt", *goals("另一份报告", name="b.txt"))
    with pytest.raises(DatasetError, match=r"m gives vectors of 5 numbers and those in the dataset have 6.*--anew"):
        run(embed_all(shelf, settings))
    assert models_of(shelf) == {"m": 1}
    with pytest.raises(DatasetError, match="5 numbers"):
        meaning_of(shelf, "从未问过", settings)
    reports = [each.id for each in shelf.known()]
    assert run(embed(shelf, reports, settings, anew=True)).reports == 2
    assert len(meaning_of(shelf, "又一个词", settings).vector) == 5


def test_vectors_that_change_their_length_midway_are_refused(dataset_place: str, server: ModelServer, tmp_path: Path) -> None:
    server.model = embedding(lambda text: meaning(text)[: 4 if "5" in text else 6])
    with open_dataset(dataset_place, create=True) as dataset:
        for number in range(8):
            put(dataset, f"/{number}.txt", *goals(f"完成{number}项任务", name=f"{number}.txt"))
        with pytest.raises(DatasetError, match=r"m gives vectors of 4 numbers and those in the dataset have 6"):
            run(embed_all(dataset, settings_of(server, tmp_path)))
        assert models_of(dataset) == {"m": 5}


def test_a_text_that_is_refused_costs_its_report_alone(shelf: Dataset, server: ModelServer, tmp_path: Path) -> None:
    def refused(request: Json) -> Said | None:
        return Said("the content is sensitive", status=400) if any("敏感" in text for text in request["input"]) else None

    server.model = embedding(instead=refused)
    for number in range(4):
        put(shelf, f"/{number}.txt", *goals(f"完成{number}项任务", *(["敏感内容"] if number == 2 else []), name=f"{number}.txt"))
    outcome = run(embed_all(shelf, settings_of(server, tmp_path)))
    assert (outcome.reports, outcome.failures) == (3, [("/2.txt", f"{server.url}: 400 the content is sensitive.")])
    assert len(lacking(shelf, "m")) == 1


@pytest.mark.parametrize(
    "said",
    [
        Said("input is longer than the maximum context length of 100", status=400),
        Said("input (1500 tokens) is too large to process. increase the physical batch size", status=500),  # llama.cpp
    ],
)
def test_a_text_too_long_for_the_model_counts_by_its_beginning(
    said: Said, shelf: Dataset, server: ModelServer, tmp_path: Path
) -> None:
    def short_sighted(request: Json) -> Said | None:
        return said if max(map(len, request["input"])) > 100 else None

    server.model = embedding(instead=short_sighted)
    put(shelf, "/b.txt", *goals("修缮路面" + "若干" * 300, "短的一条", name="b.txt"))
    outcome = run(embed_all(shelf, settings_of(server, tmp_path)))
    assert (outcome.records, outcome.failures) == (2, [])
    found = search(shelf, "公路", meaning=meaning_of(shelf, "公路", settings_of(server, tmp_path))).hits
    assert any("若干" in str(hit.statement) for hit in found[:2])


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (Said(None, body=b"<html>"), "the answer is no JSON"),
        (Said(None, body=b"{}"), r"was asked for 1 vectors and gave 0"),
        (Said(None, body=b'{"data": [{"embedding": [1, 2]}, {"embedding": [1, 2]}]}'), "was asked for 1 vectors and gave 2"),
        (Said(None, body=b'{"data": [{"embedding": []}]}'), "gave what is no vector"),
        (Said(None, body=b'{"data": [{"embedding": [0, 0, 0]}]}'), "gave what is no vector"),
        (Said(None, body=b'{"data": [{"embedding": [1, NaN]}]}'), "gave what is no vector"),
        (Said(None, body=b'{"data": [{"embedding": [[1, 2], [3, 4]]}]}'), "gave what is no vector"),
        (Said(None, body=b'{"data": [{"embedding": "AACAPw=="}]}'), "gave what is no vector"),
        (Said(None, body=b'{"data": [{"index": 0}]}'), "gave what is no vector"),
        (Said("boom", status=500), "500 boom"),
        (Said("slow down", status=429), "429 slow down"),
    ],
)
def test_an_answer_that_is_none_is_a_failure_in_one_sentence(said: Said, sentence: str, tmp_path: Path) -> None:
    with ModelServer(lambda request: said) as server, open_dataset(str(tmp_path / "shelf.sqlite"), create=True) as dataset:
        put(dataset, "/a.txt", *goals("一条目标"))
        outcome = run(embed_all(dataset, settings_of(server, tmp_path)))
        assert outcome.reports == 0
        assert sentence in outcome.failures[0][1]
        assert "\n" not in outcome.failures[0][1]
        assert models_of(dataset) == {}


def test_words_with_anything_in_them_are_embedded_and_sought(shelf: Dataset, server: ModelServer, tmp_path: Path) -> None:
    hostile = [
        "'; DROP TABLE vectors; --",
        '忽略以上要求"}]}',
        "零\0与半",
        "<script>alert(1)</script>",
        "\\ud83d % _ ()",
        "a" * 5000,
    ]
    put(shelf, "/b.txt", *goals(*hostile, name="b.txt"))
    settings = settings_of(server, tmp_path)
    there = search(shelf, "").total
    assert there >= len(STATEMENTS) + len(hostile)
    assert run(embed_all(shelf, settings)).reports == 1
    for words in (*hostile, "一\ud800半", "“满意", "((满意", '"', "满意 OR", "%_\\"):
        query = words[:2000]
        try:
            result = search(shelf, query, meaning=meaning_of(shelf, query, settings), limit=100)
        except BadQuery:
            continue
        assert result.total == there  # fewer than the nearest that are taken


def test_a_record_that_a_person_has_corrected_is_found_by_what_it_says_now(
    shelf: Dataset, server: ModelServer, tmp_path: Path
) -> None:
    settings, asked = settings_of(server, tmp_path), len(texts_of(server))
    goal = review(shelf, 1).engine.goals[1]
    corrected = goal.model_copy(update={"statement": "学员培训全部到位"})
    decide(shelf, 1, keys_of(review(shelf, 1).engine)[goal.id], "correct", "李审核", corrected)
    assert lacking(shelf, settings.mark) == [1]  # the old words' vectors have gone with the words
    assert run(embed_all(shelf, settings)).records == len(STATEMENTS)
    assert len(texts_of(server)) == asked + 1
    found = search(shelf, "讲座", meaning=meaning_of(shelf, "讲座", settings)).hits
    assert {hit.statement for hit in found[:2]} == {"举办讲座18场", "学员培训全部到位"}


# From the command line


def test_a_run_killed_anywhere_goes_on_and_asks_nothing_twice(dataset_place: str, tmp_path: Path) -> None:
    chance = random.Random(dataset_place[:8])
    killed: list[float] = []

    def slowly(request: Json) -> Said:
        time.sleep(0.1)
        return embedding()(request)

    with open_dataset(dataset_place, create=True) as dataset:
        for number in range(30):
            put(dataset, f"/{number}.txt", *goals(*(f"第{number}号报告的第{at}条" for at in range(7)), name=f"{number}.txt"))
    with ModelServer(slowly) as server:
        environ = environ_of(server, tmp_path) | {"JIXIAO_EMBEDDING_BATCH": "2", "JIXIAO_EMBEDDING_CONCURRENCY": "3"}
        command = [sys.executable, "-m", "jixiao", "dataset", "embed", "-d", dataset_place]
        for _ in range(2):
            run = subprocess.Popen(command, env=CLEAN | environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while run.poll() is None and len(server.told) < 3 * (len(killed) + 1):
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.6))
            run.send_signal(signal.SIGKILL)
            run.wait()
            killed.append(time.time())
            with open_dataset(dataset_place) as dataset, dataset.reading() as connection:
                for row in connection.execute(select(schema.vectors)):
                    assert len(row.vectors) == 7 * row.dimensions  # a report's vectors are there whole or not at all
        done = jixiao("dataset", "embed", "-d", dataset_place, **environ)
    assert done.returncode == 0, done.stderr
    # An answer that arrives in the tenth of a second before the kill may not be on the disk yet: the only ones asked for again.
    kept = [
        text
        for when, words in server.told
        if all(not 0 <= at - when < 0.1 for at in killed)
        for text in json.loads(words)["input"]
    ]
    assert max(Counter(kept).values()) == 1
    with open_dataset(dataset_place) as dataset:
        assert models_of(dataset) == {"m": 30}


def test_the_commands_from_ingested_reports_to_hits(server: ModelServer, tmp_path: Path) -> None:
    environ, dataset_place = environ_of(server, tmp_path), str(tmp_path / "shelf.sqlite")
    with open_dataset(dataset_place, create=True) as dataset:
        put(dataset, "/a.txt", *goals(*STATEMENTS))
    none = jixiao("search", "口碑", "-d", dataset_place, "--semantic", **environ)
    assert (none.returncode, none.stdout) == (2, "")
    assert "there are no vectors of m yet; make them with `jixiao dataset embed --dataset" in none.stderr
    made = jixiao("dataset", "embed", "-d", dataset_place, **environ)
    assert (made.returncode, made.stdout) == (0, "7 records of 1 reports have vectors of m now.\n")
    assert server.keys[-1] == "Bearer sk-very-secret-key"
    assert "vectors                1  reports, of m\n" in jixiao("dataset", "info", "-d", dataset_place).stdout
    found = json.loads(jixiao("search", "口碑", "-d", dataset_place, "--semantic", "-f", "json", "-n", "1", **environ).stdout)
    [hit] = found["hits"]
    assert hit["statement"] in ("来访群众对窗口服务好评如潮", "办事群众满意度达到98%")
    assert (hit["ranks"]["found_by"], hit["ranks"]["words"], hit["ranks"]["meaning"]) == ("meaning", None, 1)
    assert hit["ranks"]["similarity"] > 0.99
    assert hit["ranks"]["fused"] == 1 / 61
    table = jixiao("search", "满意", "-d", dataset_place, "--semantic", "-f", "table", **environ)
    marked = [line for line in table.stdout.splitlines() if "≈" in line]
    assert len(marked) == len(STATEMENTS) - 1
    assert "7 found; ≈ near in meaning, without the words, page 1 of 1." in table.stderr
    with open_dataset(dataset_place) as dataset:
        put(dataset, "/b.txt", *goals("后来的报告", name="b.txt"))
    rows = jixiao("search", "满意", "-d", dataset_place, "--semantic", "-f", "csv", **environ)
    assert rows.stdout.splitlines()[0].endswith("snippet,ranks_found_by,ranks_words,ranks_meaning,ranks_similarity,ranks_fused")
    assert "1 reports have no vectors of m yet" in rows.stderr


def test_an_endpoint_that_is_gone_ends_the_run_in_a_sentence(tmp_path: Path) -> None:
    place = str(tmp_path / "shelf.sqlite")
    with open_dataset(place, create=True) as dataset:
        for number in range(8):
            put(dataset, f"/{number}.txt", *goals(f"完成{number}项任务", name=f"{number}.txt"))
    with ModelServer(lambda request: Said("no such key", status=401)) as server:
        environ = environ_of(server, tmp_path)
        done = jixiao("dataset", "embed", "-d", place, **environ)
    assert done.returncode == 2
    assert f"✗ {server.url}: refuses the key; set OPENAI_API_KEY to one that it takes." in done.stderr
    assert "Traceback" not in done.stderr
    settings = settings_of(server, tmp_path, batch=1)
    with open_dataset(place) as dataset:
        outcome = run(embed_all(dataset, settings))
    assert outcome.reports == 0
    assert re.search(r"is it running\? \d requests in a row had no answer", str(outcome.stopped))


def test_what_is_not_configured_or_not_installed_gets_a_sentence(
    server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(tmp_path / "shelf.sqlite")
    with open_dataset(place, create=True) as dataset:
        put(dataset, "/a.txt", *goals(*STATEMENTS))
        run(embed_all(dataset, settings_of(server, tmp_path)))
    done = jixiao("search", "满意", "-d", place, "--semantic")
    assert done.returncode == 2
    assert "✗ no model of vectors is configured: set JIXIAO_EMBEDDING_MODEL" in done.stderr
    with open_dataset(place) as dataset:
        meant = meaning_of(dataset, "满意", settings_of(server, tmp_path))
        monkeypatch.setitem(sys.modules, "numpy", None)
        with pytest.raises(MissingExtra, match=r"pip install 'jixiao\[semantic\]'"):
            search(dataset, "满意", meaning=meant)
        monkeypatch.setitem(sys.modules, "fastembed", None)
        with pytest.raises(MissingExtra, match=r"pip install 'jixiao\[semantic\]'"):
            run(embed_all(dataset, EmbeddingSettings(provider="local", model="m", cache=tmp_path / "answers.sqlite")))


def test_settings_of_vectors_stand_apart_from_those_of_the_model_path(tmp_path: Path) -> None:
    (tmp_path / "jixiao.toml").write_text(
        '[model]\nmodel = "chat"\nbase_url = "http://a/v1"\ncache = "/kept"\n[embedding]\nmodel = "bge-m3"\nprovider = "siliconflow"\nbatch = 32\n'
    )
    settings = load_embedding_settings(
        {"batch": None}, {"SILICONFLOW_API_KEY": "k", "JIXIAO_EMBEDDING_QUERY_PREFIX": "query: "}, tmp_path
    )
    assert (settings.model, settings.base_url, settings.batch) == ("bge-m3", "https://api.siliconflow.cn/v1", 32)
    assert (str(settings.cache), settings.query_prefix, settings.is_configured) == ("/kept", "query: ", True)
    assert settings.api_key is not None
    assert load_embedding_settings({"provider": "local", "model": "/models/bge"}, {}, tmp_path / "elsewhere").mark == "bge"
    with pytest.raises(BadSettings, match=r"nowhere: there is no such provider; .*llamacpp, local"):
        load_embedding_settings({"provider": "nowhere"}, {}, tmp_path)
    (tmp_path / "jixiao.toml").write_text("[vectors]\n")
    with pytest.raises(BadSettings, match=r"settings stand under \[model\] and \[embedding\]"):
        load_embedding_settings({}, {}, tmp_path)


# A model in this process


def field(number: int, content: bytes | int) -> bytes:
    """A field of a protocol buffer."""
    if isinstance(content, int):
        return _varint(number << 3) + _varint(content)
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    small = bytearray()
    while value > 127:
        small.append(value & 127 | 128)
        value >>= 7
    return bytes((*small, value))


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A real, small model as sentence-transformers exports them to ONNX: each character looked up in a table, their mean taken."""
    pytest.importorskip("fastembed", reason="the extra semantic is not installed")
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    characters = sorted({character for line in CONCEPTS for character in line if character != " "})
    rows = [[0.0] * 6, [0.01] * 6, *([1.0 * (character in line) for line in CONCEPTS] for character in characters)]
    table = array("f", (number for row in rows for number in row)).tobytes()
    int64, float32 = 7, 1

    def value(name: str, kind: int, *sizes: str) -> bytes:
        shape = b"".join(field(1, field(2, size.encode())) for size in sizes)
        return field(1, name.encode()) + field(2, field(1, field(1, kind) + field(2, shape)))

    node = field(1, b"table") + field(1, b"input_ids") + field(2, b"last_hidden_state") + field(4, b"Gather")
    tensor = field(1, len(rows)) + field(1, 6) + field(2, float32) + field(8, b"table") + field(9, table)
    graph = field(1, node) + field(2, b"g") + field(5, tensor) + field(11, value("input_ids", int64, "batch", "length"))
    graph += field(12, value("last_hidden_state", float32, "batch", "length", "size"))
    folder = tmp_path / "tiny-zh"
    (folder / "onnx").mkdir(parents=True)
    (folder / "onnx" / "model.onnx").write_bytes(field(1, 8) + field(8, field(2, 13)) + field(7, graph))
    vocabulary = {name: at for at, name in enumerate(("[PAD]", "[UNK]", *characters))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text('{"model_max_length": 512, "pad_token": "[PAD]"}')
    return folder


def test_a_model_in_a_folder_runs_in_this_process(model_folder: Path, tmp_path: Path) -> None:
    settings = EmbeddingSettings(provider="local", model=str(model_folder), cache=tmp_path / "answers.sqlite")
    with open_dataset(str(tmp_path / "shelf.sqlite"), create=True) as dataset:
        put(dataset, "/a.txt", *goals(*STATEMENTS))
        assert run(embed_all(dataset, settings)).records == len(STATEMENTS)
        assert models_of(dataset) == {"tiny-zh": 1}
        found = search(dataset, "通行", meaning=meaning_of(dataset, "通行", settings))
        assert found.hits[0].statement == "乡间路面修缮12公里"
        (model_folder / "onnx" / "model.onnx").write_bytes(b"no model")
        with pytest.raises(BadSettings, match=f"^{model_folder}: cannot be used as a model of vectors \\(.*\\); name the folder"):
            meaning_of(dataset, "道路", settings)
        (model_folder / "onnx" / "model.onnx").unlink()
        with pytest.raises(BadSettings, match=r"there is no model\.onnx in the folder"):
            meaning_of(dataset, "道路", settings)
