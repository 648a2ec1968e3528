"""The attack list (攻击清单) of the workbench: each attempt, and that it fails."""

import asyncio
import http.client
import json
import re
import socket
import sqlite3
import zipfile
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from starlette.types import Message
from typer.testing import CliRunner

from jixiao.cli import app
from jixiao.dataset.ingest import read_by_rules
from jixiao.dataset.store import open_dataset
from jixiao.dataset.uploads import Uploads
from jixiao.errors import BadSettings
from jixiao.readers.archive import MOST_BYTES
from jixiao.web import guard
from jixiao.web.app import create_app
from jixiao.web.guard import POLICY, Sessions, check_address
from jixiao.web.worker import Worker
from workbench import REPORT, Client, served, shelf_of

TOKEN = "a-token-of-more-than-16"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shelf_of(tmp_path_factory.mktemp("shelf"), yunxi=REPORT)


@pytest.fixture(scope="module")
def port(shelf: Path) -> Iterator[int]:
    with served(shelf) as port:
        yield port


@pytest.fixture(scope="module")
def guarded(shelf: Path) -> Iterator[int]:
    with served(shelf, token=TOKEN) as port:
        yield port


@pytest.fixture
def client(port: int) -> Client:
    """Somebody with a name and a form of ours."""
    made = Client(port)
    made.get("/reports/1")
    made.post("/reviewer", {"name": "张三"})
    made.get("/reports/1")
    return made


def key(client: Client) -> str:
    return str(re.findall(r'value="accept:([^"]+)"', client.get("/reports/1").text)[0])


# Who is served


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "[::1", ""])
def test_a_name_that_is_not_ours_is_not_served(port: int, host: str) -> None:
    assert Client(port).get("/", Host=host).status in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:80", "LOCALHOST:1"])
def test_names_of_this_machine_are_served(port: int, host: str) -> None:
    assert Client(port).get("/reports", Host=host).status == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "bureau.example"])
def test_an_address_that_others_reach_demands_a_token(host: str, tmp_path: Path) -> None:
    said = CliRunner().invoke(app, ["serve", "--dataset", f"{tmp_path}/new.sqlite", "--host", host], env={"JIXIAO_TOKEN": ""})
    assert (said.exit_code, "give a token in JIXIAO_TOKEN" in said.output) == (2, True)
    check_address(host, TOKEN)


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(BadSettings, match="too short"):
        check_address("127.0.0.1", "secret")


def test_without_the_token_nothing_is_told(guarded: int) -> None:
    stranger = Client(guarded)
    for path in ("/", "/reports/1", "/search?q=1", "/uploads", "/reports/1/records.json"):
        assert (stranger.get(path).status, stranger.get(path).headers["location"]) == (303, "/login")
    for path in ("/api", "/api/reports", "/api/openapi.json"):
        assert stranger.get(path).status == 401
    assert stranger.post("/reports/1/reviews", {"decision": "accept:g1"}).status == 401
    assert stranger.upload(("a.txt", b"x")).status == 401


def test_the_token_opens_the_pages_and_a_wrong_one_does_not(guarded: int) -> None:
    client = Client(guarded)
    client.get("/login")
    assert client.post("/login", {"token": TOKEN + "x"}).status == 403
    assert client.get("/").status == 303
    assert client.post("/login", {"token": TOKEN}).status == 303
    assert client.get("/").status == 200
    assert Client(guarded).get("/api/reports", Authorization=f"Bearer {TOKEN}").status == 200
    assert Client(guarded).get("/api/reports", Authorization="Bearer ").status == 401


def test_a_session_that_was_tampered_with_is_none(guarded: int) -> None:
    foreign = Sessions()
    session = foreign.new()
    forged = foreign.cookie(type(session)(session.id, "管理员", admitted=True))
    for cookie in (forged, forged.partition(".")[0], "", ".", "x.é", forged + "0"):
        assert Client(guarded).get("/", Cookie=f"jixiao={cookie}".encode().decode("latin-1")).status == 303


def test_the_cookie_is_out_of_scripts_reach_and_stays_on_this_site(port: int) -> None:
    cookie = Client(port).get("/").headers["set-cookie"]
    assert {part.strip() for part in cookie.split(";")[1:]} == {"Path=/", "HttpOnly", "SameSite=Strict"}


@pytest.mark.parametrize("path", ["/", "/reports/1", "/nowhere", "/api/reports", "/static/report.js", "/reports/1/records.json"])
def test_every_answer_says_what_a_page_may_do(port: int, path: str) -> None:
    got = Client(port).get(path).headers
    assert (got["content-security-policy"], got["x-content-type-options"], got["x-frame-options"]) == (POLICY, "nosniff", "DENY")
    assert "unsafe" not in POLICY


def test_no_page_has_a_script_or_a_style_of_its_own(port: int) -> None:
    for path in ("/", "/reports", "/reports/1", "/reports/1/summary", "/search?q=1", "/uploads", "/reports/1/add"):
        page = Client(port).get(path).text
        assert re.findall(r"<script(?![^>]*\bsrc=)|<style| style=| on\w+=", page) == []


# Requests that another site makes


def test_a_form_without_our_mark_changes_nothing(client: Client) -> None:
    before = client.get("/api/reports/1/reviews").json
    for mark in ("", "0" * 64, "é"):
        answer = client.post("/reports/1/reviews", {"decision": f"accept:{key(client)}", "mark": mark}, X_Form_Mark="")
        assert answer.status == 409
    assert client.upload(("a.txt", b"x")).status == 200  # with it, it goes
    client.mark = "0" * 64
    assert client.upload(("b.txt", b"x")).status == 409
    assert client.get("/api/reports/1/reviews").json == before


def test_another_sessions_mark_is_not_ours(client: Client, port: int) -> None:
    other = Client(port)
    other.get("/")
    assert client.post("/reports/1/reviews", {"decision": f"accept:{key(client)}"}, X_Form_Mark=other.mark).status == 409


@pytest.mark.parametrize("head", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}])  # fmt: skip
def test_what_a_browser_says_comes_from_elsewhere_is_refused(client: Client, head: dict[str, str]) -> None:
    assert client.post("/reports/1/reviews/undo", {}, **head).status == 403


def test_a_redirect_leads_nowhere_else(client: Client) -> None:
    for back in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX-Owned: 1"):
        assert client.post("/reviewer", {"name": "张三", "back": back}).headers["location"] == "/"
    assert client.get("/language/en?back=//evil.example").headers["location"] == "/"


# Bodies


def test_more_than_is_read_is_refused_before_it_is_sent(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.putrequest("POST", "/uploads")
    connection.putheader("Content-Length", str(MOST_BYTES * 10))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_an_upload_without_end_is_cut(client: Client) -> None:
    """Chunked, so that no length is told: more of a form than is read ends the request."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as line:
        head = f"POST /reviewer HTTP/1.1\r\nHost: localhost\r\nX-Form-Mark: {client.mark}\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
        line.sendall(head.encode())
        try:
            for _ in range(100):
                line.sendall(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")
            answer = line.recv(100)
        except (BrokenPipeError, ConnectionResetError):
            answer = b"HTTP/1.1 413"
        assert re.match(rb"HTTP/1.1 4\d\d|$", answer)


HEAD = b'--edge\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'


def sent_in_pieces(folder: Path, pieces: Callable[[], Awaitable[bytes]]) -> tuple[int, int, int]:
    """A file sent in pieces without end: the answer's status, the uploads and the files that are there afterwards."""
    with open_dataset(f"{folder}/new.sqlite", create=True) as dataset:
        uploads = Uploads(dataset, folder / "files", "rules")
        worker = Worker(uploads, partial(read_by_rules, postgresql=False))
        app = create_app(dataset, uploads, worker, hosts=["localhost"], token=TOKEN, read_only=False)
        head = {"host": "localhost", "content-type": "multipart/form-data; boundary=edge", "authorization": f"Bearer {TOKEN}"}
        answers: list[Message] = []
        begun = False

        async def receive() -> Message:
            nonlocal begun
            body, begun = await pieces() if begun else HEAD, True
            return {"type": "http.request", "body": body, "more_body": True}

        async def send(message: Message) -> None:
            answers.append(message)

        headers = [(name.encode(), value.encode()) for name, value in head.items()]
        scope = {"type": "http", "method": "POST", "path": "/uploads", "raw_path": b"/uploads", "query_string": b"", "root_path": "", "headers": headers, "http_version": "1.1", "scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 1)}  # fmt: skip

        async def asked() -> None:
            await app(scope, receive, send)

        asyncio.run(asked())
        kept = len(list((folder / "files").glob("*"))) if (folder / "files").exists() else 0
        return answers[0]["status"], len(uploads.latest()), kept


def test_a_file_without_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_MOST_UPLOAD", 3_000_000)
    sent = 0

    async def piece() -> bytes:
        nonlocal sent
        sent += 100_000
        return b"a" * 100_000

    assert sent_in_pieces(tmp_path, piece) == (413, 0, 0)
    assert sent < 3_200_000


@pytest.mark.parametrize("pause", [60, 0.01])
def test_a_sender_who_falls_silent_or_sends_in_drops_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pause: float
) -> None:
    monkeypatch.setattr(guard, "_SILENCE", 0.1)

    async def drop() -> bytes:
        await asyncio.sleep(pause)
        return b"a"

    assert sent_in_pieces(tmp_path, drop) == (413, 0, 0)


@pytest.mark.parametrize("length", ["-1", "1e9", "٣", "x"])
def test_a_length_that_is_none_is_refused(port: int, length: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(f"POST /uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n".encode())
        assert line.recv(20).startswith(b"HTTP/1.1 400")


# Paths


@pytest.mark.parametrize("name", ["../../../../tmp/owned.txt", "..\\..\\owned.txt", "/etc/cron.d/owned", "a\0b.txt", "CON", ".", "..", "报告" * 300 + ".txt"])  # fmt: skip
def test_a_senders_name_is_no_path(client: Client, shelf: Path, name: str) -> None:
    before = {each for each in shelf.parent.rglob("*") if each.is_file()}
    assert client.upload((name, f"{name!r}\n一、概况\n".encode())).status in (200, 400, 422)
    made = {each for each in shelf.parent.rglob("*") if each.is_file()} - before
    assert all(each.parent.name == "shelf.sqlite.files" or each.name.startswith("shelf.sqlite") for each in made)
    assert all(re.fullmatch(r"[0-9a-f]{64}(\.[a-z]+)?|shelf\.sqlite.*|\.partial-\w+", each.name) for each in made)
    assert not Path("/tmp/owned.txt").exists()


def test_entries_of_a_zip_archive_are_no_paths(client: Client, shelf: Path) -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in ("../../../tmp/owned.txt", "/tmp/owned.txt", "..\\owned.txt", "sub/甲.txt"):
            archive.writestr(name, f"{name}\n{REPORT}")
    client.upload(("一批.zip", stream.getvalue()))
    assert not Path("/tmp/owned.txt").exists()
    assert not (shelf.parent / "owned.txt").exists()


def test_a_zip_bomb_is_not_unpacked(client: Client) -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("大.txt", "w", force_zip64=True) as member:
        for _ in range(MOST_BYTES // 10_000_000 + 1):
            member.write(b"0" * 10_000_000)
    answer = client.upload(("bomb.zip", stream.getvalue()))
    assert answer.status == 200
    assert "解开后过大" in client.get("/uploads").text


@pytest.mark.parametrize("path", ["/static/../../../../etc/passwd", "/static/..%2f..%2f..%2fetc/passwd", "/static/%2e%2e/app.py", "/reports/../../etc/passwd", "/reports/1/original/../../../x.png", "//evil.example/"])  # fmt: skip
def test_addresses_lead_to_no_other_file(port: int, path: str) -> None:
    answer = Client(port).get(path)
    assert answer.status in (303, 400, 404)
    assert b"root:" not in answer.body
    assert b"create_app" not in answer.body


# Ids


@pytest.mark.parametrize("number", ["0", "-1", "987654", "99999999999999999999", "1.5", "1;DROP", "a", "%00", "1%27"])
def test_a_report_that_is_not_there_is_not_found(client: Client, number: str) -> None:
    for path in (f"/reports/{number}", f"/reports/{number}/summary", f"/reports/{number}/fixture.zip", f"/api/reports/{number}"):
        assert client.get(path).status in (400, 404), path
    assert client.post(f"/reports/{number}/reviews", {"decision": "accept:g1"}).status in (400, 404)


@pytest.mark.parametrize(
    "decision", ["accept:g1-2", "accept:", "delete:g1", "", "accept:' OR 1=1 --", "undo:x", "accept:" + "g" * 10_000]
)
def test_a_record_that_is_not_there_is_not_decided(client: Client, shelf: Path, decision: str) -> None:
    before = sqlite3.connect(shelf).execute("SELECT count(*) FROM reviews").fetchone()
    assert client.post("/reports/1/reviews", {"decision": decision}).status in (400, 409)
    assert sqlite3.connect(shelf).execute("SELECT count(*) FROM reviews").fetchone() == before


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "goal", "statement": "x", "places": "0-999999999"},
        {"kind": "goal", "statement": "x", "places": "-5-3"},
        {"kind": "goal", "statement": "x", "places": "a-b"},
        {"kind": "goal", "statement": "x", "places": "5-1"},
        {"kind": "goal", "statement": "x"},
        {"kind": "__class__", "statement": "x", "places": "0-2"},
        {"kind": "figure", "name": "x", "places": "0-2", "actual.raw": "1", "actual.comparator": "'; --"},
        {"kind": "goal", "statement": "x" * 6000, "places": "0-2"},
    ],
)
def test_a_forged_correction_is_refused_with_a_sentence(client: Client, fields: dict[str, str]) -> None:
    answer = client.post("/reports/1/corrections", fields)
    assert answer.status == 409
    assert isinstance(answer.json, dict)
    assert "Traceback" not in json.dumps(answer.json)


def test_ids_and_origins_cannot_be_typed(client: Client) -> None:
    fields = {
        "kind": "goal",
        "statement": "补录",
        "level": "annual",
        "places": "0-4",
        "id": "g1",
        "origin": "rules",
        "evidence": "[]",
        "optional": "true",
    }
    assert client.post("/reports/1/corrections", fields).status == 200
    goals = client.get("/api/reports/1").json["goals"]  # type: ignore[index]
    added = next(each for each in goals if each["statement"] == "补录")
    assert (added["id"] != "g1", added.get("origin"), len(added["evidence"])) == (True, "person", 1)


def test_a_reviewers_name_is_a_name(client: Client) -> None:
    for name in ("", " ", "x" * 41, "a\nb\x00", "\u202e张三"):
        status = client.post("/reviewer", {"name": name}).status
        assert status == (303 if name == "a\nb" else 409)


@pytest.mark.parametrize("query", ["q=" + "a" * 5000, "year=9999..1", "where=1%3D1", "sort=id;drop", "page=-1", "page=99999999999", "kind=x", "type=x", "attained=x", "q=%00", "q=%ED%A0%80", "q=(((((((((("])  # fmt: skip
def test_a_search_that_makes_no_sense_gets_a_sentence(port: int, query: str) -> None:
    assert Client(port).get(f"/search?{query}").status == 200
    assert Client(port).get(f"/api/search?{query}").status in (200, 400)


# Read-only


def test_a_read_only_workbench_takes_nothing(shelf: Path) -> None:
    with served(shelf, "--read-only") as port:
        client = Client(port)
        page = client.get("/reports/1").text
        assert "采纳" not in page
        for path in ("/reports/1/reviews", "/reports/1/corrections", "/reviewer", "/uploads/clear"):
            assert client.post(path, {}).status == 403
        assert client.upload(("a.txt", b"x")).status == 403
        assert client.get("/reports/1/summary").status == 200
