"""A shelf of reports taken into a dataset: only what is new, whole or not at all, on SQLite and on PostgreSQL alike."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, select, text

from generated import report
from jixiao.audit import audit
from jixiao.dataset import rollup, schema
from jixiao.dataset.conditions import parse_condition
from jixiao.dataset.ingest import Outcome, ingest, signature_of, this_machine
from jixiao.dataset.overview import overview
from jixiao.dataset.rows import entry_of
from jixiao.dataset.search import Filters, search
from jixiao.dataset.store import Dataset, open_dataset
from jixiao.errors import DatasetError
from jixiao.pipeline import extract, read
from model_server import ModelServer, Said, answering, is_probe, probed
from test_models import RECORDS

ROOT = Path(__file__).parent.parent
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("JIXIAO_", "OPENAI_"))}
REPORT = """{department}2023年度部门整体支出绩效自评报告

一、部门概况
{department}共有编制{staff}名，实有在职人员{staff}人。

二、绩效目标完成情况
全年组织培训{courses}期，培训{people}人次，群众满意度达到{percent}%。

三、存在的问题
一是预算编制不够精细。二是资金支付进度偏慢。

四、改进措施
一是提高预算编制的精细化水平。二是按月通报支付进度。
"""


def write_report(folder: Path, number: int, **changes: Any) -> Path:
    """A report that differs from the others in its numbers."""
    folder.mkdir(exist_ok=True)
    values = {
        "department": f"平川市第{number}服务中心",
        "staff": 20 + number,
        "courses": 3 + number,
        "people": 410 + number,
        "percent": 90 + number % 10,
    }
    path = folder / f"{number:04}.txt"
    path.write_text(REPORT.format(**{**values, **changes}), encoding="utf-8")
    return path


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    for number in range(6):
        write_report(tmp_path / "shelf", number)
    return tmp_path / "shelf"


def jixiao(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jixiao", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={**CLEAN, **environ}, check=False)


def take_in(dataset: Dataset, paths: list[str]) -> Outcome:
    """The files into the dataset, by rules and one worker."""
    return ingest(dataset, paths, this_machine(workers=1, postgresql=dataset.is_postgresql), signature_of("rules", None))


def files(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.iterdir())]


def content(place: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that a dataset holds, times aside."""
    left_out = {"run_id", "failed", "started", "finished"}
    found = {}
    with open_dataset(place) as dataset, dataset.reading() as connection:
        for table in (schema.reports, schema.records, schema.evidence, schema.failures):
            columns = [column for column in table.columns if column.name not in left_out]
            rows = connection.execute(select(*columns).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(row) for row in rows]
    return found


def indexed(place: str) -> list[tuple[Any, ...]]:
    """What the search index of a SQLite dataset holds: each token with the record and the place it is at."""
    with sqlite3.connect(place) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.tokens USING fts5vocab(main, search, instance)")
        return connection.execute("SELECT term, doc, offset FROM tokens ORDER BY 1, 2, 3").fetchall()


def test_what_is_saved_comes_back_whole(dataset_place: str, shelf: Path) -> None:
    document = read(shelf / "0000.txt")
    with open_dataset(dataset_place, create=True) as dataset:
        outcome = take_in(dataset, files(shelf))
        assert (outcome.saved, outcome.failures) == (6, [])
        first = dataset.known()[0].id
        assert dataset.extraction(first) == extract(document)
        assert dataset.document(first) == document


def test_every_quote_in_the_dataset_stands_in_its_report(dataset_place: str, shelf: Path) -> None:
    with open_dataset(dataset_place, create=True) as dataset:
        take_in(dataset, files(shelf))
        text, quote = schema.reports.c.text, schema.evidence.c
        joined = schema.evidence.join(schema.records).join(schema.reports)
        with dataset.reading() as connection:
            rows = connection.execute(select(text, quote.start, quote.end, quote.quote).select_from(joined)).all()
    assert rows
    assert all(whole[start:end] == words for whole, start, end, words in rows)


def test_numbers_stand_in_base_units_beside_their_words(dataset_place: str, tmp_path: Path) -> None:
    report = tmp_path / "r.txt"
    report.write_text("平川市审计中心2023年度绩效自评报告\n\n全年支出总额2.5亿元，比上年增加1200万元。\n", encoding="utf-8")
    with open_dataset(dataset_place, create=True) as dataset:
        take_in(dataset, [str(report)])
        of = schema.records.c
        wanted = select(of.actual, of.actual_value, of.actual_unit, of.actual_base, of.actual_base_unit, of.change_base)
        with dataset.reading() as connection:
            rows = connection.execute(wanted.where(of.kind == "figure")).all()
    assert [tuple(row) for row in rows] == [("2.5亿元", "2.5", "亿元", 250_000_000.0, "元", 12_000_000.0)]


def test_a_second_run_does_nothing(dataset_place: str, shelf: Path) -> None:
    with open_dataset(dataset_place, create=True) as dataset:
        take_in(dataset, files(shelf))
        before = content(dataset_place)
        outcome = take_in(dataset, files(shelf))
    assert (outcome.saved, outcome.known) == (0, 6)
    assert content(dataset_place) == before


def test_a_changed_file_replaces_its_old_version_whole(dataset_place: str, shelf: Path) -> None:
    with open_dataset(dataset_place, create=True) as dataset:
        take_in(dataset, files(shelf))
        write_report(shelf, 2, courses=999)
        outcome = take_in(dataset, files(shelf))
        assert (outcome.saved, outcome.known, len(dataset.known())) == (1, 5, 6)
        with dataset.reading() as connection:
            said = select(schema.records.c.actual_value).join(schema.reports).where(schema.reports.c.source == "0002.txt")
            values = set(connection.execute(said).scalars())
    assert "999" in values
    assert "5" not in values


def test_the_index_after_replacing_is_the_index_of_what_is_there(shelf: Path, tmp_path: Path) -> None:
    changed, fresh = str(tmp_path / "changed.sqlite"), str(tmp_path / "fresh.sqlite")
    with open_dataset(changed, create=True) as dataset:
        take_in(dataset, files(shelf))
        for path in shelf.iterdir():
            path.write_text(path.read_text(encoding="utf-8").replace("培训", "演练"), encoding="utf-8")
        take_in(dataset, files(shelf))
    with open_dataset(fresh, create=True) as dataset:
        take_in(dataset, files(shelf))
    assert {token for token, _, _ in indexed(changed)} == {token for token, _, _ in indexed(fresh)}
    assert len(indexed(changed)) == len(indexed(fresh))


def test_the_same_content_under_two_names_is_one_report(dataset_place: str, shelf: Path) -> None:
    shutil.copy(shelf / "0001.txt", shelf / "copy.txt")
    with open_dataset(dataset_place, create=True) as dataset:
        outcome = take_in(dataset, files(shelf))
        shutil.copy(shelf / "0001.txt", shelf / "0003.txt")  # 3 becomes the same as 1: its own records go
        take_in(dataset, files(shelf))
        locations = [Path(each.location).name for each in dataset.known()]
    assert (outcome.saved, outcome.known) == (6, 1)
    assert locations == ["0000.txt", "0001.txt", "0002.txt", "0004.txt", "0005.txt"]


def test_a_file_that_fails_is_listed_left_alone_and_tried_again_when_told(shelf: Path, tmp_path: Path) -> None:
    place = tmp_path / "d.sqlite"
    (shelf / "0002.txt").write_bytes(b"%PDF-1.7 this is no PDF")
    first = jixiao("ingest", shelf, "--dataset", place)
    assert first.returncode == 1
    assert "5 taken in, 1 failed." in first.stderr
    assert "0002.txt" in jixiao("dataset", "failures", "-d", place).stdout
    second = jixiao("ingest", shelf, "-d", place)
    assert (second.returncode, "5 there already, 1 left out that failed before (--retry-failed)." in second.stderr) == (0, True)
    write_report(shelf, 2)
    assert "1 taken in, 5 there already." in jixiao("ingest", shelf, "-d", place).stderr
    assert jixiao("dataset", "failures", "-d", place).stdout == ""


def test_retry_failed_reads_the_file_again(shelf: Path, tmp_path: Path) -> None:
    place = tmp_path / "d.sqlite"
    (shelf / "0002.txt").write_bytes(b"%PDF-1.7 this is no PDF")
    jixiao("ingest", shelf, "-d", place)
    again = jixiao("ingest", shelf, "-d", place, "--retry-failed")
    assert (again.returncode, "0 taken in, 5 there already, 1 failed." in again.stderr) == (1, True)


def test_a_file_that_kills_its_reader_costs_that_file_alone(shelf: Path, tmp_path: Path) -> None:
    """A worker dies on one of the files: the pool is broken, and the others' work is done again."""
    place = str(tmp_path / "d.sqlite")
    patched = tmp_path / "sitecustomize.py"
    patched.write_text(
        "import os, sys\n"
        "if 'spawn_main' in ' '.join(sys.orig_argv):\n"
        "    import jixiao.readers.archive as archive\n"
        "    whole = archive.load\n"
        "    archive.load = lambda path: os._exit(9) if path.name == '0003.txt' else whole(path)\n",
        encoding="utf-8",
    )
    ran = jixiao("ingest", shelf, "-d", place, "--workers", 2, PYTHONPATH=f"{tmp_path}{os.pathsep}{CLEAN.get('PYTHONPATH', '')}")
    assert "5 taken in, 1 failed." in ran.stderr
    assert "0003.txt: the process that read it died" in ran.stderr
    with open_dataset(place) as dataset:
        assert len(dataset.known()) == 5


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[tuple[Any, ...]]]]:
    """Forty reports, and the dataset of them that nobody interrupted."""
    folder = tmp_path_factory.mktemp("forty")
    for number in range(40):
        write_report(folder / "shelf", number)
    place = str(folder / "whole.sqlite")
    with open_dataset(place, create=True) as dataset:
        take_in(dataset, files(folder / "shelf"))
    return folder / "shelf", content(place)


@pytest.mark.parametrize("seed", range(4))
def test_ingest_killed_anywhere_goes_on_to_the_same_dataset(
    seed: int, undisturbed: tuple[Path, dict[str, list[tuple[Any, ...]]]], tmp_path: Path
) -> None:
    """Twenty kills in all: five a seed."""
    folder, whole = undisturbed
    place = tmp_path / "d.sqlite"
    chance = random.Random(seed)
    for _ in range(5):
        command = [sys.executable, "-m", "jixiao", "ingest", str(folder), "-d", str(place), "--workers", "1"]
        process = subprocess.Popen(command, env=CLEAN, stderr=subprocess.DEVNULL)
        wait_for_first_report(place)
        time.sleep(chance.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.wait()
        with open_dataset(str(place)) as dataset, dataset.reading() as connection:
            halves = select(schema.reports.c.id).where(~schema.reports.c.id.in_(select(schema.records.c.report_id)))
            assert connection.execute(halves).all() == []
    assert jixiao("ingest", folder, "-d", place).returncode == 0
    assert content(str(place)) == whole


def wait_for_first_report(place: Path) -> None:
    """Until the dataset has been made; killed before that, there is nothing to be torn."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if place.exists() and place.stat().st_size:
            try:
                with open_dataset(str(place)):
                    return
            except DatasetError:
                pass
        time.sleep(0.02)
    raise AssertionError("ingest made no dataset")


def test_readers_see_whole_reports_while_one_writes(undisturbed: tuple[Path, Any], tmp_path: Path) -> None:
    folder, whole = undisturbed
    place = tmp_path / "d.sqlite"
    process = subprocess.Popen(
        [sys.executable, "-m", "jixiao", "ingest", str(folder), "-d", str(place)], env=CLEAN, stderr=subprocess.DEVNULL
    )
    wait_for_first_report(place)
    per_report = len(whole["records"]) // 40
    seen = set()
    with open_dataset(str(place), read_only=True) as dataset:
        while process.poll() is None:
            count = dataset.count()
            reports = count.pop("reports")
            assert abs(sum(count.values()) - reports * per_report) <= reports
            seen.add(reports)
    assert len(seen) > 3


def test_a_model_that_does_not_answer_a_chunk_is_asked_again_by_the_next_run(shelf: Path, tmp_path: Path) -> None:
    honest = answering(RECORDS)
    ill = True

    def moody(request: dict[str, Any]) -> Said:
        return probed(request) if is_probe(request) else Said(None, status=500) if ill else honest(request)

    place, one = tmp_path / "d.sqlite", shelf / "0000.txt"
    with ModelServer(moody) as server:
        environ = {
            "JIXIAO_BASE_URL": server.url,
            "JIXIAO_MODEL": "small",
            "OPENAI_API_KEY": "sk-x",
            "JIXIAO_CACHE": str(tmp_path / "a.sqlite"),
            "JIXIAO_RETRIES": "0",
        }
        jixiao("ingest", one, "-d", place, "-e", "model", **environ)
        ill = False
        second = jixiao("ingest", one, "-d", place, "-e", "model", **environ)
        asked = len(server.asked)
        third = jixiao("ingest", one, "-d", place, "-e", "model", **environ)
        assert len(server.asked) == asked
    assert "1 taken in" in second.stderr
    assert "1 there already" in third.stderr


def test_a_dataset_is_told_from_any_other_file(tmp_path: Path) -> None:
    (tmp_path / "notes.sqlite").write_text("not a database at all, but long enough to be taken for one " * 20, encoding="utf-8")
    sqlite3.connect(tmp_path / "other.sqlite").execute("CREATE TABLE meta (x)").connection.close()
    for name, said in (
        ("gone.sqlite", "there is no dataset"),
        ("notes.sqlite", "this is no dataset"),
        ("other.sqlite", "no dataset"),
    ):
        ran = jixiao("dataset", "info", "-d", tmp_path / name)
        assert (ran.returncode, ran.stdout, said in ran.stderr, "Traceback" in ran.stderr) == (2, "", True, False)


def test_a_newer_dataset_is_left_alone(tmp_path: Path) -> None:
    place = str(tmp_path / "d.sqlite")
    with open_dataset(place, create=True) as dataset, dataset.writing() as connection:
        connection.execute(schema.meta.update().values(value="999"))
    with pytest.raises(DatasetError, match=r"of version 999, this jixiao knows \d+; install a newer"), open_dataset(place):
        pass


def test_what_cannot_be_written_gets_a_sentence_and_loses_nothing(shelf: Path, tmp_path: Path) -> None:
    place = str(tmp_path / "d.sqlite")
    with open_dataset(place, create=True) as dataset:
        take_in(dataset, files(shelf)[:3])
    before = content(place)
    with open_dataset(place, read_only=True) as dataset, pytest.raises(DatasetError, match="may only be read"):
        take_in(dataset, files(shelf))
    assert content(place) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 kB, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], capture_output=True, check=False
    ).returncode:
        pytest.skip("a small file system to fill needs the right to mount one")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_gets_a_sentence_and_loses_nothing(small_disk: Path, undisturbed: tuple[Path, Any]) -> None:
    place = small_disk / "d.sqlite"
    full = jixiao("ingest", undisturbed[0], "-d", place, "--workers", 1)
    assert (full.returncode, "the disk is full: free some space" in full.stderr, "Traceback" in full.stderr) == (2, True, False)
    with open_dataset(str(place)) as dataset:
        known = dataset.known()
        assert 0 < len(known) < 40
        assert all(dataset.extraction(each.id).metrics for each in known)


def test_a_server_that_is_away_gets_a_sentence() -> None:
    ran = jixiao("dataset", "info", "-d", "postgresql://someone:secret@127.0.0.1:1/none")
    assert (ran.returncode, "the server cannot be reached" in ran.stderr, "secret" in ran.stderr) == (2, True, False)


def test_every_column_is_in_the_data_dictionary() -> None:
    assert all(meaning for _, _, _, meaning in schema.dictionary())


def test_datasets_opened_at_once_are_one(dataset_place: str, shelf: Path) -> None:
    """Two at work on the same shelf: each report is written once."""
    command = [sys.executable, "-m", "jixiao", "ingest", str(shelf), "-d", dataset_place, "--workers", "1"]
    for process in [subprocess.Popen(command, env=CLEAN, stderr=subprocess.DEVNULL) for _ in range(2)]:
        assert process.wait() == 0
    with open_dataset(dataset_place) as dataset:
        assert len(dataset.known()) == 6
        assert isinstance(dataset, Dataset)


def rolled_up(connection: Connection) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in connection.execute(select(schema.rollup))}


def test_the_rollup_is_at_any_time_what_counting_anew_gives(dataset_place: str) -> None:
    rng = random.Random(8)
    with open_dataset(dataset_place, create=True) as dataset:
        run = dataset.begin_run("generated")
        for step in range(30):
            if step % 4 == 3:
                dataset.remove(rng.choice(dataset.known()).id)
            else:
                document, extraction = report(rng.randint(0, 500), 40)
                findings = audit(document, extraction)
                location = f"/{rng.randint(0, 6)}.txt"  # a report before it may go
                dataset.save(
                    entry_of(location, document, extraction, findings, postgresql=dataset.is_postgresql), "generated", run
                )
            with dataset.writing() as connection:
                kept = rolled_up(connection)
                rollup.count_anew(connection)
                assert kept == rolled_up(connection)
        for each in dataset.known():
            dataset.remove(each.id)
        with dataset.reading() as connection:
            assert rolled_up(connection) == set()


def test_an_overview_counts_the_reports_of_a_year_and_a_region(dataset_place: str) -> None:
    with open_dataset(dataset_place, create=True) as dataset:
        run = dataset.begin_run("generated")
        for number in range(40):
            document, extraction = report(number, 60)
            findings = audit(document, extraction)
            dataset.save(entry_of(f"/{number}.txt", document, extraction, findings, postgresql=dataset.is_postgresql), "g", run)
        with dataset.reading() as connection:
            of_report = [schema.reports.c[name] for name in ("fiscal_year", "region", "department", "self_score", "title")]
            rows = connection.execute(select(schema.records, *of_report).join(schema.reports)).all()
        region = rows[0].region
        for year, place in ((None, None), (2018, None), (None, region), (rows[0].fiscal_year, region), (1999, "无此地区")):
            seen = overview(dataset, year, place)
            here = [row for row in rows if year in (None, row.fiscal_year) and place in (None, row.region)]
            scores = {row.report_id: row.self_score for row in here}
            errors = Counter((row.report_id, row.title) for row in here if row.kind == "finding" and row.level == "error")
            assert seen.reports == len(scores)
            assert seen.departments == len({row.department for row in here})
            assert seen.kinds == Counter(row.kind for row in here)
            assert seen.completions == Counter(row.status for row in here if row.kind == "completion")
            assert seen.indicators == Counter(row.attained for row in here if row.kind == "indicator")
            assert dict(seen.scores)["90–95分"] == sum(90 <= score < 95 for score in scores.values())
            assert seen.mean_score == (pytest.approx(sum(scores.values()) / len(scores)) if scores else None)
            assert seen.contradictions == errors.total()
            assert [many for _, _, many in seen.unsettled] == sorted(errors.values(), reverse=True)[:8]
            assert all(errors[number, title] == many for number, title, many in seen.unsettled)
            in_year = {row.report_id: row.region for row in rows if year in (None, row.fiscal_year)}
            assert dict(seen.regions) == Counter(in_year.values())
            assert sum(many for _, many in seen.years) == 40


def test_a_dataset_of_version_2_gets_its_new_tables_and_indexes(dataset_place: str, shelf: Path) -> None:
    with open_dataset(dataset_place, create=True) as dataset:
        take_in(dataset, files(shelf))
        with dataset.writing() as connection:
            new = rolled_up(connection)
            for words in ("TABLE rollup", "TABLE vectors", "VIEW numbers", "INDEX records_by_score", "INDEX records_by_percent"):
                connection.execute(text(f"DROP {words}"))
            connection.execute(text("DELETE FROM meta WHERE key <> 'schema'"))
            connection.execute(text("UPDATE meta SET value = '2'"))
    with pytest.raises(DatasetError, match="open it once with"), open_dataset(dataset_place, read_only=True):
        pass
    with open_dataset(dataset_place) as dataset:
        assert [note.rpartition(": ")[2] for note in dataset.notes] == [
            f"brought from version 2 of its tables to {schema.VERSION}."
        ]
        with dataset.reading() as connection:
            assert rolled_up(connection) == new
            assert {index["name"] for index in inspect(connection).get_indexes("records")} >= {"records_by_score"}
            assert inspect(connection).has_table("vectors")
        assert search(dataset, "培训", Filters(where=(parse_condition("score < 5"),)), facets=True).facets is not None


def test_with_other_themes_problems_are_counted_anew(dataset_place: str, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_dataset(dataset_place, create=True) as dataset:
        take_in(dataset, files(shelf))
        problems = overview(dataset).kinds["issue"]
    monkeypatch.setattr(rollup, "THEMES", {"一切": "."})
    with open_dataset(dataset_place) as dataset:
        assert "problems were counted anew" in dataset.notes[0]
        assert overview(dataset).themes == (("一切", problems),)
        dataset.remove(dataset.known()[0].id)
        with dataset.writing() as connection:
            kept = rolled_up(connection)
            rollup.count_anew(connection)
            assert kept == rolled_up(connection)
