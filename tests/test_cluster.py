"""Ingest on a Dask cluster: a scheduler and two workers on loopback, real processes, killed as they work."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jixiao.cli import app
from jixiao.dataset.cluster import share_of
from jixiao.dataset.ingest import Source, Taken, this_machine
from jixiao.dataset.parts import read_part, write_part
from jixiao.dataset.store import open_dataset
from jixiao.settings import Settings
from model_server import Json, ModelServer, Said, answering
from test_dataset import CLEAN, content, files, jixiao, take_in, write_report
from test_models import RECORDS, REPORT


class Cluster:
    """A scheduler and workers, each a process that can be killed."""

    def __init__(self, folder: Path, stack: ExitStack, **environ: str) -> None:
        self._environ = {
            **CLEAN,
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
            **environ,
        }
        self._stack = stack
        address = folder / "scheduler.json"
        self._run(
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--no-show",
            "--scheduler-file",
            str(address),
        )
        while not (address.exists() and address.stat().st_size):
            time.sleep(0.05)
        self.address = json.loads(address.read_text())["address"]

    def worker(self, *more: str) -> "subprocess.Popen[bytes]":
        """One more worker, with one thread."""
        return self._run(
            "distributed.cli.dask_worker",
            self.address,
            "--host",
            "127.0.0.1",
            "--nthreads",
            "1",
            "--no-dashboard",
            "--local-directory",
            "/tmp",
            *more,
        )

    def _run(self, module: str, *arguments: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", module, *arguments],
            env=self._environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._stack.callback(_end, process)
        return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for_a_part(parts: Path) -> None:
    deadline = time.monotonic() + 60
    while not any(parts.glob("*.parquet")):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many") / "shelf"
    for number in range(120):
        write_report(folder, number)
    (folder / "0050.txt").write_bytes(b"%PDF-1.7 this is no PDF")
    return folder


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(shelf: Path, tmp_path: Path, stack: ExitStack) -> None:
    alone = str(tmp_path / "alone.sqlite")
    with open_dataset(alone, create=True) as dataset:
        take_in(dataset, files(shelf))
    cluster = Cluster(tmp_path, stack)
    first, _ = cluster.worker("--no-nanny"), cluster.worker("--no-nanny")
    place, parts = tmp_path / "d.sqlite", tmp_path / "parts"

    def kill_when_at_work() -> None:
        wait_for_a_part(parts)
        os.killpg(first.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_when_at_work)
    killer.start()
    ran = jixiao("ingest", shelf, "-d", place, "--on", cluster.address, "--parts", parts)
    killer.join()
    assert first.wait() == -signal.SIGKILL
    assert (ran.returncode, "119 taken in, 1 failed." in ran.stderr) == (1, True), ran.stderr
    assert content(str(place)) == content(alone)
    read = [taken.entry.location for part in parts.glob("*.parquet") for taken in read_part(str(part))]
    assert sorted(read) == [each for each in files(shelf) if "0050" not in each]


def test_the_loader_killed_goes_on_to_the_same_dataset(shelf: Path, tmp_path: Path, stack: ExitStack) -> None:
    cluster = Cluster(tmp_path, stack)
    cluster.worker("--no-nanny")
    place = tmp_path / "d.sqlite"
    command = ["ingest", str(shelf), "-d", str(place), "--on", cluster.address, "--parts", str(tmp_path / "parts")]
    process = subprocess.Popen([sys.executable, "-m", "jixiao", *command], env=CLEAN, stderr=subprocess.DEVNULL)
    wait_for_a_part(tmp_path / "parts")
    process.kill()
    process.wait()
    assert jixiao(*command).returncode == 1
    alone = str(tmp_path / "alone.sqlite")
    with open_dataset(alone, create=True) as dataset:
        take_in(dataset, files(shelf))
    assert content(str(place)) == content(alone)


def test_a_file_that_kills_worker_after_worker_costs_that_file_alone(shelf: Path, tmp_path: Path, stack: ExitStack) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if 'dask_worker' in ' '.join(sys.orig_argv) or 'spawn_main' in ' '.join(sys.orig_argv):\n"
        "    import jixiao.pipeline as pipeline\n"
        "    whole = pipeline.load\n"
        "    pipeline.load = lambda path: os._exit(9) if path.name == '0003.txt' else whole(path)\n",
        encoding="utf-8",
    )
    cluster = Cluster(tmp_path, stack, PYTHONPATH=f"{tmp_path}{os.pathsep}{CLEAN.get('PYTHONPATH', '')}")
    cluster.worker("--nanny")
    place = tmp_path / "d.sqlite"
    ran = jixiao("ingest", *files(shelf)[:6], "-d", place, "--on", cluster.address, "--parts", tmp_path / "parts")
    assert "5 taken in, 1 failed." in ran.stderr, ran.stderr
    assert "0003.txt: the workers that read it died" in ran.stderr


def test_reports_come_by_url_and_go_into_postgresql(shelf: Path, tmp_path: Path, stack: ExitStack, postgres_url: str) -> None:
    cluster = Cluster(tmp_path, stack)
    cluster.worker("--no-nanny")
    ran = jixiao("ingest", f"file://{shelf}", "-d", postgres_url, "--on", cluster.address, "--parts", f"file://{tmp_path}/parts")
    assert "119 taken in, 1 failed." in ran.stderr, ran.stderr
    with open_dataset(postgres_url) as dataset:
        assert dataset.known()[0].location == f"file://{shelf}/0000.txt"
        assert dataset.count()["reports"] == 119


def test_the_endpoints_limits_hold_for_the_whole_cluster(tmp_path: Path, stack: ExitStack) -> None:
    """Three workers, an endpoint with two slots: never more than two requests at once."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.txt").write_text(REPORT.replace("18.6", f"{number + 1}8.6"), encoding="utf-8")
    honest, at_once, most, lock = answering(RECORDS), 0, 0, threading.Lock()

    def counting(request: Json) -> Said:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.1)
        with lock:
            at_once -= 1
        return honest(request)

    with ModelServer(counting) as server:
        environ = {
            "JIXIAO_BASE_URL": server.url,
            "JIXIAO_MODEL": "small",
            "OPENAI_API_KEY": "sk-x",
            "JIXIAO_CACHE": str(tmp_path / "answers.sqlite"),
            "JIXIAO_CONCURRENCY": "2",
            "JIXIAO_CHUNK_TOKENS": "100",
        }
        cluster = Cluster(tmp_path, stack, OPENAI_API_KEY="sk-x")
        for _ in range(3):
            cluster.worker("--no-nanny")
        command = [
            "ingest",
            folder,
            "-d",
            tmp_path / "d.sqlite",
            "-e",
            "model",
            "--on",
            cluster.address,
            "--parts",
            tmp_path / "parts",
        ]
        ran = jixiao(*command, **environ)
        assert "4 taken in" in ran.stderr, ran.stderr
    assert most <= 2
    assert len(server.asked) > 4
    assert {key.removeprefix("Bearer ") for key in server.keys} == {"sk-x"}


@pytest.mark.parametrize(
    ("concurrency", "rpm", "tpm", "threads"), [(8, 60, 9000, 4), (8, 3, None, 64), (1, None, 500, 10), (100, 600, 10**6, 7)]
)
def test_shares_never_make_more_than_the_whole(concurrency: int, rpm: int | None, tpm: int | None, threads: int) -> None:
    whole = Settings(base_url="http://x", model="m", concurrency=concurrency, rpm=rpm, tpm=tpm)
    share, shares = share_of(whole, threads)
    assert 1 <= shares <= threads
    assert share.concurrency * shares <= concurrency
    assert rpm is None or (share.rpm or 0) * shares <= rpm
    assert tpm is None or (share.tpm or 0) * shares <= tpm


def test_no_cluster_gets_a_sentence(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jixiao.dataset.cluster._PATIENCE", 1)
    ran = CliRunner().invoke(
        app, ["ingest", str(shelf), "-d", str(tmp_path / "d.sqlite"), "--on", "tcp://127.0.0.1:1", "--parts", str(tmp_path)]
    )
    assert ran.exit_code == 2
    assert ran.stderr.startswith("✗ tcp://127.0.0.1:1: the cluster's scheduler cannot be reached (")


def test_parts_and_cluster_go_together(shelf: Path, tmp_path: Path) -> None:
    ran = jixiao("ingest", shelf, "-d", tmp_path / "d.sqlite", "--on", "tcp://127.0.0.1:1")
    assert (ran.returncode, "--on and --parts go together" in ran.stderr) == (2, True)


def test_a_part_gives_back_what_was_written(shelf: Path, tmp_path: Path) -> None:
    sources = [Source(path, "") for path in files(shelf)[:3]]
    read = [each for _, each in this_machine(workers=1, postgresql=False).read(sources) if isinstance(each, Taken)]
    part = str(tmp_path / "parts" / "a.parquet")
    write_part(part, read)
    assert read_part(part) == read
