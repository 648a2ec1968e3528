"""Reports by URL: a shelf in a bucket of an S3 server on loopback, read by this machine and by a cluster's workers."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from jixiao.dataset.locations import document_at, load_at, reports_below
from jixiao.dataset.parts import read_part
from jixiao.dataset.store import open_dataset
from jixiao.errors import JixiaoError
from test_cluster import Cluster
from test_dataset import CLEAN, content, files, jixiao, take_in, write_report


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many") / "shelf"
    for number in range(12):
        write_report(folder, number)
    (folder / "0005.txt").write_bytes(b"%PDF-1.7 this is no PDF")
    return folder


@pytest.fixture(scope="module")
def storage(shelf: Path) -> Iterator[dict[str, str]]:
    """The shelf as s3://reports/2023, among things that are none; gives the environment that says where S3 is."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environ = {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "who",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environ.items():
            patched.setenv(name, value)
        buckets = fsspec.filesystem("s3", skip_instance_cache=True)
        buckets.mkdir("reports")
        for path in files(shelf):
            buckets.put_file(path, f"reports/2023/{Path(path).name}")
        buckets.pipe_file("reports/2023/logo.svg", b"<svg/>")
        buckets.pipe_file("reports/2022/报告 一.txt", "某市财政局2022年度绩效自评报告".encode())
        yield environ
    server.stop()


def test_a_bucket_is_read_as_a_folder_is(shelf: Path, storage: dict[str, str]) -> None:
    found = reports_below("s3://reports/2023")
    assert found == [f"s3://reports/2023/{Path(path).name}" for path in files(shelf)]
    assert [load_at(url) for url in found] == [load_at(path) for path in files(shelf)]
    (chinese,) = reports_below("s3://reports/2022")
    document = document_at(chinese)
    assert (chinese, document.source, document.text) == (
        "s3://reports/2022/报告 一.txt",
        "报告 一.txt",
        "某市财政局2022年度绩效自评报告",
    )


@pytest.mark.parametrize("url", ["s3://reports/1999", "s3://elsewhere/2023", "nosuch://a/b", "s3://"])
def test_what_is_not_there_gets_a_sentence(url: str, storage: dict[str, str]) -> None:
    with pytest.raises(JixiaoError) as told:
        reports_below(url)
    assert str(told.value).startswith(f"{url}: ")
    assert "\n" not in str(told.value)


def test_one_machine_ingests_a_bucket(shelf: Path, storage: dict[str, str], tmp_path: Path) -> None:
    place = tmp_path / "d.sqlite"
    ran = jixiao("ingest", "s3://reports/2023", "-d", place, **storage)
    assert (ran.returncode, "11 taken in, 1 failed." in ran.stderr) == (1, True), ran.stderr
    again = jixiao("ingest", "s3://reports/2023", "-d", place, **storage)
    assert "11 there already, 1 left out that failed before" in again.stderr


def test_a_clusters_workers_read_a_bucket_and_leave_their_parts_in_one(
    shelf: Path, storage: dict[str, str], tmp_path: Path
) -> None:
    alone, place = str(tmp_path / "alone.sqlite"), str(tmp_path / "d.sqlite")
    with open_dataset(alone, create=True) as dataset:
        take_in(dataset, reports_below("s3://reports/2023"))
    with ExitStack() as stack:
        cluster = Cluster(tmp_path, stack, **storage)
        cluster.worker("--no-nanny")
        ran = jixiao(
            "ingest", "s3://reports/2023", "-d", place, "--on", cluster.address, "--parts", "s3://reports/parts", **storage
        )
    assert "11 taken in, 1 failed." in ran.stderr, ran.stderr
    assert content(place) == content(alone)
    parts = fsspec.filesystem("s3", skip_instance_cache=True).find("reports/parts")
    assert sum(len(read_part(f"s3://{part}")) for part in parts) == 11
    assert not [part for part in parts if "partial" in part]


def test_s3_without_its_package_says_what_to_install(tmp_path: Path, storage: dict[str, str]) -> None:
    (tmp_path / "s3fs.py").write_text("raise ImportError('No module named s3fs')", encoding="utf-8")
    ran = jixiao(
        "ingest",
        "s3://reports/2023",
        "-d",
        tmp_path / "d.sqlite",
        PYTHONPATH=f"{tmp_path}{os.pathsep}{CLEAN.get('PYTHONPATH', '')}",
        **storage,
    )
    assert ran.returncode == 1
    assert "✗ Reading s3://reports/2023 needs packages that are not installed: pip install 'jixiao[s3]'" in ran.stderr
