"""An OpenAI-compatible endpoint on loopback, scripted: what it answers is a function of what it is asked.

Real HTTP on a real socket, so that the SDK, its retries and its timeouts are what they are in use. ``answering`` is the honest
model that most tests start from: it gives back those of the records it was told of whose quote stands in the report's words.
"""

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Json = dict[str, Any]
LISTS = ("goals", "completions", "issues", "measures", "figures", "rows")


@dataclass(frozen=True)
class Said:
    """An answer: the message's words and how it ended; or, with ``status``, an error and its words."""

    words: str | None
    finish: str = "stop"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    message: Json = field(default_factory=dict)
    usage: Json | None = None
    body: bytes | None = None
    """The whole body, in place of a completion's."""
    after: float = 0.0
    """Seconds before the answer."""
    drip: float = 0.0
    """Seconds between the bytes of the body."""
    cut_body_at: int | None = None
    """The connection is closed after so many bytes."""


Model = Callable[[Json], Said]


class ModelServer:
    """The endpoint, for a ``with`` statement; ``asked`` are the requests for completions, ``told`` those that were answered whole."""

    def __init__(self, model: Model, slots: int | None = None) -> None:
        self.model = model
        self.asked: list[Json] = []
        self.told: list[tuple[float, str]] = []
        self.keys: list[str] = []
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Json] = {}
        self._slots = threading.Semaphore(slots) if slots else None
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                server._post(self)

            def do_GET(self) -> None:
                server._get(self)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:  # a client that has gone is what some tests are about
                pass

        self._http = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def questions(self) -> list[Json]:
        """What was asked about reports, probes left out."""
        return [request for request in self.asked if not is_probe(request)]

    def _post(self, handler: BaseHTTPRequestHandler) -> None:
        data = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.keys.append(handler.headers.get("Authorization", ""))
        if handler.path.endswith("/files"):
            self._send(handler, Said(None, body=json.dumps(self._keep_file(data)).encode()))
        elif handler.path.endswith("/batches"):
            self._send(handler, Said(None, body=json.dumps(self._begin_batch(json.loads(data))).encode()))
        else:
            request = json.loads(data)
            self.asked.append(request)
            if self._slots is not None:
                with self._slots:
                    self._send(handler, self.model(request))
            else:
                self._send(handler, self.model(request))
            self.told.append((time.time(), json.dumps(request, sort_keys=True)))

    def _get(self, handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.rsplit("/v1/", 1)[-1].partition("?")[0]
        if name == "models":
            found: Any = {"object": "list", "data": [{"id": "small", "object": "model", "created": 0, "owned_by": "us"}]}
        elif name == "batches":
            found = {"object": "list", "data": list(self.batches.values()), "has_more": False}
        elif name.startswith("batches/"):
            found = self.batches[name.removeprefix("batches/")]
        else:
            self._send(handler, Said(None, body=self.files[name.removeprefix("files/").removesuffix("/content")]))
            return
        self._send(handler, Said(None, body=json.dumps(found).encode()))

    def _keep_file(self, data: bytes) -> Json:
        name = f"file-{len(self.files) + 1}"
        lines = [line for line in data.splitlines() if line.startswith(b'{"custom_id"')]
        self.files[name] = b"\n".join(lines)
        return {
            "id": name,
            "object": "file",
            "bytes": len(data),
            "created_at": 0,
            "filename": "f",
            "purpose": "batch",
            "status": "processed",
        }

    def _begin_batch(self, wanted: Json) -> Json:
        name = f"batch-{len(self.batches) + 1}"
        self.batches[name] = {
            "id": name,
            "object": "batch",
            "endpoint": wanted["endpoint"],
            "input_file_id": wanted["input_file_id"],
            "completion_window": "24h",
            "status": "in_progress",
            "created_at": 0,
            "metadata": wanted.get("metadata"),
            "request_counts": {"total": self.files[wanted["input_file_id"]].count(b"\n") + 1, "completed": 0, "failed": 0},
        }
        return self.batches[name]

    def end_batch(self, name: str, *, failing: int = 0) -> None:
        """Answer a batch: all but the last ``failing`` requests, which come back in the file of errors."""
        batch = self.batches[name]
        requests = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        good, bad = requests[: len(requests) - failing], requests[len(requests) - failing :]
        self.files[f"{name}-out"] = b"\n".join(
            json.dumps(
                {
                    "custom_id": each["custom_id"],
                    "response": {"status_code": 200, "body": _completion(self.model(each["body"]))},
                    "error": None,
                }
            ).encode()
            for each in reversed(good)
        )
        self.files[f"{name}-err"] = b"\n".join(
            json.dumps(
                {
                    "custom_id": each["custom_id"],
                    "response": {"status_code": 429, "body": {"error": {"message": "too many"}}},
                    "error": None,
                }
            ).encode()
            for each in bad
        )
        counts = {"total": len(requests), "completed": len(good), "failed": len(bad)}
        batch |= {"status": "completed", "output_file_id": f"{name}-out", "request_counts": counts}
        if bad:
            batch["error_file_id"] = f"{name}-err"

    def _send(self, handler: BaseHTTPRequestHandler, said: Said) -> None:
        time.sleep(said.after)
        if said.body is not None:
            body = said.body
        elif said.status != 200:
            body = json.dumps({"error": {"message": said.words, "type": "error"}}, ensure_ascii=False).encode()
        else:
            body = json.dumps(_completion(said)).encode()
        handler.send_response(said.status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **said.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if said.cut_body_at is not None:
            handler.wfile.write(body[: said.cut_body_at])
            handler.close_connection = True
        elif said.drip:
            for at in range(len(body)):
                handler.wfile.write(body[at : at + 1])
                handler.wfile.flush()
                time.sleep(said.drip)
        else:
            handler.wfile.write(body)


def _completion(said: Said) -> Json:
    message = {"role": "assistant", "content": said.words, **said.message}
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0} if said.usage is None else said.usage
    choice = {"index": 0, "message": message, "finish_reason": said.finish}
    return {"id": "c", "object": "chat.completion", "created": 0, "model": "small", "choices": [choice], "usage": usage}


# What a request says


def is_probe(request: Json) -> bool:
    """Whether a request asks what the endpoint can do."""
    return len(request["messages"]) == 1


def mode_of(request: Json) -> str:
    """How a request asks for JSON."""
    if "tools" in request:
        return "tools"
    return str(request.get("response_format", {}).get("type", "text"))


def part(request: Json, name: str) -> str:
    """What stands between ``<name>`` and ``</name>`` in what the user says."""
    found = re.findall(rf"<{name}>\n(.*?)\n</{name}>", request["messages"][1]["content"], re.DOTALL)
    return str(found[-1]) if found else ""


def probed(request: Json, modes: tuple[str, ...] = ("json_schema", "json_object", "tools", "text")) -> Said:
    """The answer to a probe of an endpoint that keeps to these modes, and refuses the others."""
    if "暗号" in request["messages"][0]["content"]:
        return Said("k7q")
    if mode_of(request) not in modes:
        return Said(f"response_format or tools of the kind {mode_of(request)} are not supported", status=400)
    words = '{"k7q":"绩效","items":[]}'
    if mode_of(request) == "tools":
        return Said(
            None, message={"tool_calls": [{"id": "t", "type": "function", "function": {"name": "records", "arguments": words}}]}
        )
    return Said(words)


# Honest models


def answer(**lists: Any) -> str:
    """An answer with these lists, all others empty."""
    return json.dumps({name: lists.get(name, []) for name in ("wrong", *LISTS)}, ensure_ascii=False)


def answering(
    records: dict[str, list[Json]],
    instead: Callable[[Json], Said | None] | None = None,
    modes: tuple[str, ...] = ("json_schema",),
) -> Model:
    """A model that gives the records whose quote stands in the report's words; ``instead`` may answer in its place."""

    def model(request: Json) -> Said:
        if is_probe(request):
            return probed(request, modes)
        if instead is not None and (said := instead(request)) is not None:
            return said
        text = part(request, "report")
        found = {name: [each for each in each_list if each["quote"] in text] for name, each_list in records.items()}
        return Said(answer(**found))

    return model


def reviewing(records: dict[str, list[Json]]) -> Model:
    """A good reviewer: calls wrong a figure whose value the text does not hold, adds those of the records that no draft tells of."""

    def model(request: Json) -> Said:
        if is_probe(request):
            return probed(request)
        text, lines = part(request, "report"), part(request, "drafts").splitlines()
        wrong = [int(line.split()[0]) for line in lines if "=" in line and line.rpartition("=")[2] not in text]
        told = "\n".join(line for line in lines if int(line.split()[0]) not in wrong) if lines != ["（无）"] else ""

        def untold(each: Json) -> bool:
            if "value" in each:
                return f"={each['value']}" not in told
            return each["quote"][:12] not in told

        new = {name: [each for each in given if each["quote"] in text and untold(each)] for name, given in records.items()}
        return Said(answer(wrong=wrong, **new))

    return model
