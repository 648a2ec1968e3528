"""A workbench served for the tests: a process of its own on loopback, and a small client that keeps its cookie."""

import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from jixiao.dataset.ingest import ingest, signature_of, this_machine
from jixiao.dataset.store import open_dataset

ROOT = Path(__file__).parent.parent
REPORT = """云溪县水利局2023年度部门整体支出绩效自评报告
单位名称：云溪县水利局
一、年度绩效目标
1.完成农村供水站改造16座，保障群众饮水安全。
2.新建灌溉渠道32公里。
二、目标完成情况
1.全年完成农村供水站改造14座，未完成年度目标。
2.新建灌溉渠道35公里，目标已完成。
三、部门支出情况
2023年部门预算支出1,200.50万元，实际支出1,150.25万元，预算执行率95.81%。
四、存在的问题
1.预算编制不够精细，部分项目支付进度偏慢。
五、改进措施
1.加强预算编制论证，按月通报支付进度。
"""


@dataclass
class Answer:
    """What a server answered."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> object:
        return json.loads(self.body)


@dataclass
class Client:
    """A browser without a screen: cookies, and the mark that its forms carry."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    mark: str = ""

    def ask(self, method: str, path: str, body: bytes = b"", /, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies and "Cookie" not in sent:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body or None, sent)
            got = connection.getresponse()
            answer = Answer(got.status, got.read(), {name.lower(): value for name, value in got.getheaders()})
            for name, value in got.getheaders():
                if name.lower() == "set-cookie":
                    key, _, rest = value.partition("=")
                    self.cookies[key] = rest.partition(";")[0]
        finally:
            connection.close()
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        answer = self.ask("GET", path, b"", **headers)
        if found := re.search(rb'name="form-mark" content="(\w+)"', answer.body):
            self.mark = found[1].decode()
        return answer

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        """A form sent by a script of ours."""
        given = {"Accept": "application/json", "X_Form_Mark": self.mark, "Content_Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(fields).encode(), **(given | headers))

    def upload(self, *files: tuple[str, bytes]) -> Answer:
        """Files sent as a browser sends them; names as they are given, whatever they hold."""
        parts = [
            b'--edge\r\nContent-Disposition: form-data; name="files"; filename="'
            + name.encode().replace(b'"', b"%22")
            + b'"\r\nContent-Type: application/octet-stream\r\n\r\n'
            + data
            + b"\r\n"
            for name, data in files
        ]
        body = b"".join(parts) + b"--edge--\r\n"
        kind = "multipart/form-data; boundary=edge"
        return self.ask("POST", "/uploads", body, Content_Type=kind, X_Form_Mark=self.mark, Accept="application/json")


def started(
    dataset: str | Path, *options: str, token: str | None = None, folder: Path | None = None
) -> "tuple[subprocess.Popen[str], int]":
    """A workbench's process, and its port; in ``folder``, or where its dataset is."""
    env = os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"} | ({"JIXIAO_TOKEN": token} if token else {})
    line = [sys.executable, "-m", "jixiao", "serve", "--dataset", str(dataset), "--port", "0", *options]
    process = subprocess.Popen(line, env=env, cwd=folder or Path(dataset).parent, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = []
    for words in process.stderr:
        said.append(words)
        if found := re.search(r"http://[^/]+:(\d+)/", words):
            return process, int(found[1])
    raise AssertionError("".join(said))


@contextmanager
def served(dataset: str | Path, *options: str, token: str | None = None, folder: Path | None = None) -> Iterator[int]:
    """A workbench's port, while it runs."""
    process, port = started(dataset, *options, token=token, folder=folder)
    try:
        yield port
    finally:
        process.terminate()
        _, said = process.communicate(timeout=20)
        assert "Traceback" not in said, said


def shelf_of(folder: Path, **reports: str) -> Path:
    """A dataset of these reports, by their names."""
    for name, words in reports.items():
        (folder / f"{name}.txt").write_text(words, encoding="utf-8")
    path = folder / "shelf.sqlite"
    with open_dataset(str(path), create=True) as dataset:
        files = [str(folder / f"{name}.txt") for name in reports]
        ingest(dataset, files, this_machine(workers=1, postgresql=False), signature_of("rules", None))
    return path
