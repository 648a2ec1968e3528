"""Search as its users meet it: no word missed, the same answers from a file and from a server, nothing typed does harm."""

import csv
import json
import operator
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from generated import report
from jixiao.dataset import search as search_room
from jixiao.dataset import terms
from jixiao.dataset.conditions import Years, parse_condition, parse_years
from jixiao.dataset.index import found
from jixiao.dataset.query import matches, parse
from jixiao.dataset.rows import entry_of
from jixiao.dataset.schema import KINDS, records, reports
from jixiao.dataset.search import Filters, Snippet, search, snippet
from jixiao.dataset.store import Dataset, open_dataset
from jixiao.dataset.terms import fold
from jixiao.document import Document, passage_of
from jixiao.errors import BadQuery, DatasetError
from jixiao.records import Evidence, Extraction, Goal, Report

REPORTS, RECORDS = 24, 150
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("JIXIAO_", "OPENAI_"))}


def take_in(dataset: Dataset, location: str, document: Document, extraction: Extraction) -> int:
    run = dataset.begin_run("generated")
    return dataset.save(entry_of(location, document, extraction, (), postgresql=dataset.is_postgresql), "generated", run)


def goals(*statements: str) -> tuple[Document, Extraction]:
    """A report of nothing but goals."""
    text = "\n".join(statements)
    made = [
        Goal(id=f"g{at}", level="annual", statement=words, evidence=[Evidence(start=0, end=len(words), quote=words)])
        for at, words in enumerate(statements)
    ]
    facts = Report(source="goals.txt", sha256=f"{hash(text):x}", characters=len(text), fiscal_year=2023)
    return Document("goals.txt", facts.sha256, text, (passage_of(text),)), Extraction(report=facts, goals=made)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    """Some thousand generated records in a file."""
    with open_dataset(str(tmp_path_factory.mktemp("search") / "shelf.sqlite"), create=True) as dataset:
        for number in range(REPORTS):
            take_in(dataset, f"/shelf/{number}.txt", *report(number, RECORDS))
        yield dataset


@pytest.fixture(scope="module")
def server(postgres: str) -> Iterator[Dataset]:
    """The same records in PostgreSQL."""
    with psycopg.connect(postgres.format("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE searched ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0")
    with open_dataset(postgres.format("searched"), create=True) as dataset:
        for number in range(REPORTS):
            take_in(dataset, f"/shelf/{number}.txt", *report(number, RECORDS))
        yield dataset


@pytest.fixture(params=["shelf", "server"])
def either(request: pytest.FixtureRequest) -> Dataset:
    dataset: Dataset = request.getfixturevalue(request.param)
    return dataset


@cache
def rows_of(dataset: Dataset) -> list[Any]:
    with dataset.reading() as connection:
        of_report = (reports.c.department, reports.c.region, reports.c.fiscal_year, reports.c.report_type, reports.c.self_score)
        return list(connection.execute(select(records, *of_report).join(reports).order_by(records.c.id)))


ALL = Filters()
COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq, "!=": operator.ne}


def scan(rows: list[Any], words: str, filters: Filters = ALL) -> set[int]:
    """What a look at every record finds: the reference."""
    query = parse(words)
    return {row.id for row in rows if _passes(row, filters) and matches(query, row.words)}


def _passes(row: Any, filters: Filters) -> bool:
    return (
        (not filters.kinds or row.kind in filters.kinds)
        and fold(filters.department) in fold(row.department or "")
        and fold(filters.region) in fold(row.region or "")
        and (filters.years is None or (row.fiscal_year is not None and filters.years.has(row.fiscal_year)))
        and (filters.attained is None or row.attained is filters.attained)
        and (filters.report_type is None or row.report_type == filters.report_type)
        and all(_compares(row, condition) for condition in filters.where)
    )


def _compares(row: Any, condition: Any) -> bool:
    unit = None
    if condition.field in ("actual", "target"):
        value, unit = getattr(row, f"{condition.field}_base"), getattr(row, f"{condition.field}_base_unit")
    elif condition.field == "change":
        value = row.change_percent
        value = -value if value is not None and row.change_direction == "decrease" else value
    else:
        value = getattr(row, condition.field)
    if value is None or (unit != condition.unit and condition.field != "change" and condition.unit is not None):
        return False
    return bool(COMPARE[condition.operator](value, float(condition.value)))


def ids(dataset: Dataset, words: str, filters: Filters = ALL) -> set[int]:
    result = search(dataset, words, filters, sort="year", limit=10_000)
    assert len(result.hits) == result.total
    return {hit.id for hit in result.hits}


def stretches(rows: list[Any], length: int, count: int) -> list[str]:
    """Queries of so many characters that stand in the records."""
    pieces = [piece for row in rows for piece in fold(row.words).split("\n")]
    all_of_them = sorted({piece[at : at + length] for piece in pieces for at in range(len(piece) - length + 1)})
    return random.Random(length).sample(all_of_them, min(count, len(all_of_them)))


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_no_stretch_of_characters_is_missed(either: Dataset, length: int) -> None:
    rows = rows_of(either)
    folded = {row.id: fold(row.words) for row in rows}
    with either.reading() as connection:
        for query in stretches(rows, length, 200):
            hits = set(connection.execute(found(connection, parse(f"「{query}」"), [])).scalars())
            assert hits == {number for number, words in folded.items() if query in words}, query


@pytest.mark.parametrize(
    "words",
    [
        "營商環境",
        "營 商 环 境",
        "ＧＤＰ",
        "gdp",
        "5G",
        "5g基站",
        "98",
        "8.5%",
        "８．５％",
        "㎡",
        "m2",
        "質量",
        "-率",
        "率 -度",
        "NOT (率 OR 度)",
        "",
    ],
)
def test_words_are_found_however_they_are_written(either: Dataset, words: str) -> None:
    hits = ids(either, words)
    assert hits == scan(rows_of(either), words)
    assert hits


def test_a_phrase_does_not_run_from_one_piece_into_the_next(tmp_path: Path) -> None:
    with open_dataset(str(tmp_path / "shelf.sqlite"), create=True) as dataset:
        document, extraction = goals("优化营商环境，群众满意")
        goal = extraction.goals[0].model_copy(update={"statement": "另有说法", "project": "老城项目"})
        take_in(dataset, "/a.txt", document, extraction.model_copy(update={"goals": [goal]}))
        assert [search(dataset, words).total for words in ("另有说法", "老城项目", "说法老城", "项目优化")] == [1, 1, 0, 0]


def some_queries(count: int) -> Iterator[tuple[str, Filters, dict[str, Any]]]:
    """Searches, drawn."""
    rng = random.Random(20261125)
    words = "营商 满意度 率 98 1 环境 資金 GDP 5G 万元 公里 较上年 目标 % 产出 缺席者 “率9” 整改问题".split()
    for _ in range(count):
        one, other = rng.sample(words, 2)
        query = rng.choice(["{0}", "{0} {1}", "{0} OR {1}", "{0} -{1}", "-{0}", "({0} OR {1}) -一", "", "-{0} OR {1}"])
        filters = Filters(
            kinds=tuple(rng.sample(KINDS, rng.randint(1, 3))) if rng.random() < 0.3 else (),
            department=rng.choice(["民生", "中心", "園林", "无此部门"]) if rng.random() < 0.2 else "",
            region=rng.choice(["市", "县", "区"]) if rng.random() < 0.2 else "",
            years=parse_years(rng.choice(["2018..2021", "2020", "..2017", "2022..", "1999"])) if rng.random() < 0.3 else None,
            attained=rng.random() < 0.5 if rng.random() < 0.15 else None,
            report_type=rng.choice(["project", "other"]) if rng.random() < 0.15 else None,
            where=tuple(
                parse_condition(each)
                for each in rng.sample(
                    ["actual >= 1亿元", "实际 < 95%", "actual > 100", "target >= 5家", "得分 < 5", "分值 != 10", "change <= -20%", "self_score >= 90", "actual = 7个"],
                    rng.randint(1, 2),
                )
            )
            if rng.random() < 0.3
            else (),
        )  # fmt: skip
        options = {
            "sort": rng.choice([None, None, "actual", "-actual", "-change", "score", "-year", "self_score"]),
            "limit": rng.choice([5, 20, 400]),
            "page": rng.choice([1, 1, 2, 4]),
            "facets": rng.random() < 0.3,
        }
        yield query.format(one, other), filters, options


def test_a_file_and_a_server_give_the_same_answers(shelf: Dataset, server: Dataset) -> None:
    rows = rows_of(shelf)
    answers = 0
    for words, filters, options in some_queries(200):
        result = search(shelf, words, filters, **options)
        assert result == search(server, words, filters, **options), (words, filters, options)
        assert result.total == len(scan(rows, words, filters)), (words, filters)
        answers += bool(result.hits)
    assert answers > 100


@pytest.mark.parametrize(
    ("few", "many", "listed"),
    [(0, 100_000, 0), (0, 0, 100_000), (0, 0, 0)],
    ids=["few hits are looked up", "hits are compared with a list", "more hits are looked up"],
)
def test_every_way_through_the_tables_gives_the_same(
    either: Dataset, monkeypatch: pytest.MonkeyPatch, few: int, many: int, listed: int
) -> None:
    usual = [search(either, words, filters, **options) for words, filters, options in some_queries(50)]
    monkeypatch.setattr(search_room, "_FEW", few)
    monkeypatch.setattr(search_room, "_MANY", many)
    monkeypatch.setattr(search_room, "_LISTED", listed)
    assert [search(either, words, filters, **options) for words, filters, options in some_queries(50)] == usual


def test_pages_show_every_hit_once_and_the_best_first(either: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_room, "RANKED", 70)
    pages = [search(either, "满意度", limit=25, page=page) for page in range(1, 30)]
    shown = [hit for page in pages for hit in page.hits]
    assert {hit.id for hit in shown} == scan(rows_of(either), "满意度")
    assert len(shown) == pages[0].total == len({hit.id for hit in shown}) > 75
    newest = sorted((hit.id for hit in shown), reverse=True)
    assert {hit.id for hit in shown[:70]} == set(newest[:70])
    assert [hit.id for hit in shown[70:]] == newest[70:]
    assert "满意度" in (shown[0].name or "")


def test_sorting_puts_what_has_no_number_last(either: Dataset) -> None:
    up, down = (search(either, "满意度", sort=sort, limit=1000).hits for sort in ("actual", "-actual"))
    values = [hit.actual_base for hit in up]
    stated = [value for value in values if value is not None]
    assert stated == sorted(stated)
    assert values == stated + [None] * (len(values) - len(stated))
    assert [hit.actual_base for hit in down][: len(stated)] == stated[::-1]


def test_facets_count_all_hits(either: Dataset) -> None:
    filters = Filters(years=Years(2017, 2021))
    result = search(either, "率", filters, limit=1, facets=True)
    rows = rows_of(either)
    asked = scan(rows, "率", filters)
    hits = [row for row in rows if row.id in asked]
    assert result.facets is not None
    for name in set(search_room.FACETS) - {"amount"}:
        column = "fiscal_year" if name == "year" else name
        assert {each.value: each.hits for each in result.facets[name]} == Counter(getattr(row, column) for row in hits)
        assert sum(each.hits for each in result.facets[name]) == result.total
    amounts = [(each.value, each.hits) for each in result.facets["amount"]]
    assert amounts[-1][1] > 0
    for condition, many in amounts:
        assert search(either, "率", replace(filters, where=(parse_condition(str(condition)),))).total == many
    assert [each.value for each in result.facets["year"]] == [2021, 2020, 2019, 2018, 2017]
    assert [each.hits for each in result.facets["kind"]] == sorted((each.hits for each in result.facets["kind"]), reverse=True)


def test_hits_are_counted_up_to_a_number_where_that_is_asked_for(either: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_room, "RANKED", 70)
    whole = search(either, "率", limit=20)
    assert whole.is_exact
    assert whole.total > 500
    for filters in (ALL, Filters(region="市"), Filters(where=(parse_condition("actual > 0"),))):
        asked = scan(rows_of(either), "率", filters)
        counted = search(either, "率", filters, facets=True, count_up_to=100)
        assert (counted.total, counted.is_exact) == (100, False)
        assert counted.hits == search(either, "率", filters).hits
        newest = sorted(asked, reverse=True)[:100]
        kinds = Counter(row.kind for row in rows_of(either) if row.id in newest)
        assert {each.value: each.hits for each in (counted.facets or {})["kind"]} == kinds
        best = [hit.id for hit in search(either, "率", filters, sort="-actual").hits]
        assert [hit.id for hit in search(either, "率", filters, sort="-actual", count_up_to=100).hits] == best
        assert search(either, "率", filters, page=6, count_up_to=100).hits == ()
        enough = search(either, "率", filters, facets=True, count_up_to=len(asked))
        assert enough == search(either, "率", filters, facets=True)


HOSTILE = [
    "'; DROP TABLE records; --",
    '" OR 1=1 --',
    '"" MATCH',
    "search : *",
    "NEAR(营 商, 5)",
    "^营商*",
    "{tokens} : 率",
    "率 AND (",
    "((((((率))))))",
    "(" * 900 + "率" + ")" * 900,
    "NOT " * 400 + "率",
    "-" * 2000,
    "率\0度",
    "\0",
    "率\ud800",
    "%_%",
    "\\",
    "'\\' & !",
    ":* & | <->",
    "[a-z]+(.*)?$",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "😀率",
    "é\u0301\u0301",
    "every",
    "kind=goal",
    "long",
    " ".join(f"词{number}" for number in range(390)),
    " OR ".join(f"率{number}" for number in range(250)),
    "率" * 2000,
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_typed_is_only_searched_for(either: Dataset, words: str) -> None:
    rows, before = rows_of(either), either.count()
    asked = scan(rows, words)
    with either.reading() as connection:
        assert set(connection.execute(found(connection, parse(words), [])).scalars()) == asked
    assert search(either, words).total == len(asked)
    filters = Filters(department=words, region=words)
    assert search(either, "率", filters).total == len(scan(rows, "率", filters))
    assert either.count() == before


@pytest.mark.parametrize(
    ("words", "filters", "options", "says"),
    [
        ("率" * 100_000, Filters(), {}, "has 100,000 characters; shorten it to 2,000"),
        ("率", Filters(kinds=('goal" OR "kind=issue',)), {}, "there is no kind"),
        ("率", Filters(report_type="x' OR 1=1"), {}, "there is no type"),  # type: ignore[arg-type]
        ("率", Filters(), {"sort": "words; DROP TABLE records"}, "cannot be sorted by"),
        ("率", Filters(), {"page": 0}, "the first page is 1"),
        ("率", Filters(), {"limit": 0}, "a page has 1 to 10,000 hits"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_with_a_sentence(
    shelf: Dataset, words: str, filters: Filters, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadQuery, match=says):
        search(shelf, words, filters, **options)


def test_replaced_and_removed_reports_are_found_no_more(dataset_place: str) -> None:
    with open_dataset(dataset_place, create=True) as dataset:
        take_in(dataset, "/a.txt", *goals("修建老年活动室", "修建托儿所"))
        take_in(dataset, "/b.txt", *goals("修建图书馆"))
        assert [search(dataset, words).total for words in ("修建", "老年", "-老年", "")] == [3, 1, 2, 3]
        take_in(dataset, "/a.txt", *goals("扩建托儿所"))
        totals = [search(dataset, words).total for words in ("修建", "老年", "托儿所", "扩建", "-老年", "")]
        assert totals == [1, 0, 1, 1, 2, 2]
        dataset.remove(next(each.id for each in dataset.known() if each.location == "/a.txt"))
        assert [search(dataset, words).total for words in ("扩建", "修建", "建", "-老年", "")] == [0, 1, 1, 1, 1]
        assert search(dataset, "", Filters(years=Years(2023, 2023), kinds=("goal",))).total == 1


@pytest.fixture
def another_opencc(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Called, it leaves the program with an OpenCC that lets 營 and 臺 be."""

    def forget() -> None:
        terms._FOLDING.clear()
        terms.fingerprint.cache_clear()

    def change() -> None:
        simplify = terms._simplifier()
        monkeypatch.setattr(terms, "_simplifier", lambda: lambda words: re.sub("[^營臺]+", lambda it: simplify(it[0]), words))
        forget()

    yield change
    monkeypatch.undo()
    forget()


def test_with_another_opencc_the_index_is_made_anew(dataset_place: str, another_opencc: Callable[[], None]) -> None:
    with open_dataset(dataset_place, create=True) as dataset:
        take_in(dataset, "/a.txt", *goals("優化營商環境", "修建平臺"))
        assert search(dataset, "营商").total == search(dataset, "營商").total == 1
        another_opencc()
        for ask in (
            lambda: search(dataset, "營商"),
            lambda: take_in(dataset, "/b.txt", *goals("再建平臺")),
            lambda: take_in(dataset, "/a.txt", *goals("不再營商")),
        ):
            with pytest.raises(DatasetError, match=r"another version of OpenCC or Python; `jixiao dataset info` makes it anew"):
                ask()
    with open_dataset(dataset_place, read_only=True) as dataset, pytest.raises(DatasetError, match="another version of OpenCC"):
        search(dataset, "營商")
    with open_dataset(dataset_place) as dataset:
        assert len(dataset.known()) == 1
        assert [note.rpartition(": ")[2] for note in dataset.notes] == [
            "the search index was made anew, for another version of OpenCC or Python."
        ]
        assert [search(dataset, words).total for words in ("營商", "营商", "环境", "平臺")] == [1, 0, 1, 1]
        take_in(dataset, "/a.txt", *goals("不再營商"))
        assert [search(dataset, words).total for words in ("營", "营", "商", "环境", "平", "")] == [1, 0, 1, 0, 0, 1]
    with open_dataset(dataset_place) as dataset:
        assert dataset.notes == ()


def test_words_are_found_to_the_end_of_a_record_of_any_length(dataset_place: str) -> None:
    rng = random.Random(1)
    long = "".join(chr(rng.randint(0x4E00, 0x9FA5)) for _ in range(20_000)) + "末尾之语"
    often = "合格率" + "完成" * 400 + "收官之语"
    with open_dataset(dataset_place, create=True) as dataset:
        take_in(dataset, "/a.txt", *goals(long, often, "末尾"))
        queries = ("尾之语", "成收官", "之语", "末尾", "之语 -末尾", "-之语", "末尾 OR 成完成", "完成完成完成", long[9_000:9_040])
        assert [search(dataset, words).total for words in queries] == [1, 1, 2, 2, 1, 1, 3, 1, 1]
        assert search(dataset, "之语", Filters(years=Years(2023, 2023))).total == 2
        assert search(dataset, "之语", Filters(kinds=("issue",))).total == 0
        take_in(dataset, "/a.txt", *goals("末尾"))
        assert [search(dataset, words).total for words in ("之语", "末尾")] == [0, 1]


def test_departments_are_found_by_any_words_of_their_names(dataset_place: str) -> None:
    names = ["平川市'园林'局", "平川市100%服务中心", "平川市\\綠化處", "平川市:name", None]
    with open_dataset(dataset_place, create=True) as dataset:
        for name in names:
            document, extraction = goals(f"目标属于{name}")
            facts = extraction.report.model_copy(update={"department": name})
            take_in(dataset, f"/{name}.txt", document, extraction.model_copy(update={"report": facts}))
        queries = ["平川", "'园林'", "１００％", "绿化处", "\\绿", ":name", "%", "' OR '1'='1", "None"]
        names_found = [[hit.department for hit in search(dataset, "目标", Filters(department=words)).hits] for words in queries]
    assert [len(each) for each in names_found] == [4, 1, 1, 1, 1, 1, 1, 0, 0]
    assert names_found[3] == ["平川市\\綠化處"]


@pytest.mark.parametrize(
    ("words", "of", "shown", "marked"),
    [
        ("满意", "群众满意度95%", "群众满意度95%", ["满意"]),
        ("終點", "起" * 100 + "终点", "…" + "起" * 38 + "终点", ["终点"]),
        ("终点", "起" * 100 + "终点" + "后" * 100, "…" + "起" * 19 + "终点" + "后" * 19 + "…", ["终点"]),
        ("缺席 OR 没有", "营商环境", "营商环境", []),
        ("-缺席", "名称\n" + "长" * 50, "长" * 40 + "…", []),
        ("营商 环境", "营商\n优化营商与环境\n环境整治持续推进之中", "优化营商与环境", ["营商", "环境"]),
        ("「" + "长" * 60 + "」", "前" * 9 + "长" * 60 + "后", "…" + "长" * 60 + "…", ["长" * 60]),
        ("前 后", "前" + "中" * 60 + "后", "前" + "中" * 39 + "…", ["前"]),
    ],
)
def test_a_snippet_shows_the_hit(words: str, of: str, shown: str, marked: list[str]) -> None:
    made = snippet(parse(words), of)
    assert made.words == shown
    assert [made.words[start:end] for start, end in made.marks] == marked


def jixiao(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jixiao", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={**CLEAN, **environ}, check=False, encoding="utf-8")


def test_the_command_gives_json_to_a_pipe(shelf: Dataset) -> None:
    filters = [
        "--kind",
        "metric",
        "--region",
        "市",
        "--year",
        "2016..2021",
        "--where",
        "actual >= 1万元",
        "--where",
        "change > 5%",
    ]
    done = jixiao("search", "滿意度 OR 率", "-d", shelf.name, *filters, "--sort", "-actual", "-n", 3, "--facets")
    printed = json.loads(done.stdout)
    asked = Filters(
        kinds=("indicator", "budget", "figure"),
        region="市",
        years=Years(2016, 2021),
        where=(parse_condition("actual >= 1万元"), parse_condition("change > 5%")),
    )
    expected = search(shelf, "满意度 OR 率", asked, sort="-actual", limit=3, facets=True)
    assert printed["total"] == expected.total > 3
    assert [hit["id"] for hit in printed["hits"]] == [hit.id for hit in expected.hits]
    assert printed["hits"][0]["snippet"]["marks"]
    assert {each["value"]: each["hits"] for each in printed["facets"]["year"]} == {
        each.value: each.hits for each in (expected.facets or {})["year"]
    }
    assert (done.returncode, done.stderr) == (
        0,
        f"{expected.total} found, page 1 of {-(-expected.total // 3)}; --page 2 for more.\n",
    )


def test_the_command_shows_a_table_with_the_hits_marked(shelf: Dataset) -> None:
    done = jixiao(
        "search",
        "满意度",
        "-d",
        shelf.name,
        "-f",
        "table",
        "--facets",
        "-n",
        4,
        FORCE_COLOR="1",
        COLUMNS="120",
        TERM="xterm-256color",
    )
    assert done.stdout.count("\x1b[1;7;33m满意度\x1b[0m") == 4
    assert all(heading in done.stdout for heading in ("种类", "部门 年度", "实际", "条数", "未说明"))
    plain = jixiao("search", "满意度", "-d", shelf.name, "-f", "table", COLUMNS="120")
    assert "\x1b" not in plain.stdout
    assert "满意度" in plain.stdout


def test_the_command_writes_csv_that_a_spreadsheet_takes_for_words(tmp_path: Path) -> None:
    place = tmp_path / "shelf.sqlite"
    with open_dataset(str(place), create=True) as dataset:
        take_in(dataset, "/a.txt", *goals('=HYPERLINK("x","目标")', "-20%的目标"))
    done = jixiao("search", "目标", "-d", place, "-f", "csv")
    rows = list(csv.DictReader(StringIO(done.stdout)))
    assert [row["statement"] for row in rows] == ["'-20%的目标", '\'=HYPERLINK("x","目标")']
    assert rows[0]["snippet"] == "'-20%的目标"


def test_control_characters_of_a_report_do_not_reach_the_terminal(tmp_path: Path) -> None:
    place = tmp_path / "shelf.sqlite"
    with open_dataset(str(place), create=True) as dataset:
        take_in(dataset, "/a.txt", *goals("目标\x1b]0;x\x07和[red]标记[/red]"))
    done = jixiao("search", "标记", "-d", place, "-f", "table", COLUMNS="100")
    assert "\x1b" not in done.stdout
    assert "[red]标记[/red]" in done.stdout


def test_nothing_found_is_no_error(shelf: Dataset) -> None:
    done = jixiao("search", "无人写过", "-d", shelf.name)
    assert (done.returncode, json.loads(done.stdout)["hits"]) == (0, [])
    assert done.stderr == "Nothing found for “无人写过”.\n"
    filtered = jixiao("search", "率", "-d", shelf.name, "--year", "1999", "-f", "table")
    assert (filtered.returncode, filtered.stdout, filtered.stderr) == (0, "", "Nothing found for “率” with these filters.\n")
    beyond = jixiao("search", "无人写过 OR 满意度", "-d", shelf.name, "--page", "999", "-f", "csv")
    assert (beyond.returncode, "there are only" in beyond.stderr) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--where", "金额 > 1"], "there is no field “金额”"),
        (["--year", "昨年"], "“昨年” is no year"),
        (["--sort", "words"], "cannot be sorted by “words”"),
        (["--kind", "metrics"], "'metrics' is not one of"),
        (["-d", "gone.sqlite"], "gone.sqlite: there is no dataset"),
    ],
)
def test_a_wrong_option_gets_one_sentence(shelf: Dataset, arguments: list[str], says: str) -> None:
    done = jixiao("search", "率", "-d", shelf.name, *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_snippet_is_a_value() -> None:
    assert snippet(parse("率"), "率") == Snippet("率", ((0, 1),))
