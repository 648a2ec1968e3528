"""How much of a right answer survives the adapter: the labels themselves told in LangExtract's terms, made records, scored.

    python eval/benchmarks/peers.py

First the mapping alone, each quote at its own place. Then, where LangExtract is installed, LangExtract itself, asking a
server on loopback that answers every chunk with the labels in it: its cutting of the text and its placing of the quotes
come in. What is lost in the first is our mapping's loss; what is lost beside it in the second is LangExtract's.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any

from jixiao import Extraction, read
from jixiao.document import Document, Span
from jixiao.evaluation.fixtures import Fixture, find_fixtures
from jixiao.evaluation.peers import Found, open_langextract, records_of_peer
from jixiao.evaluation.scoring import KINDS, score_report
from jixiao.records import Metric
from jixiao.settings import Settings

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
Asked = Callable[[str], list[Found] | str]
"""A chunk's words → what is in it, or an answer word for word."""


def told(labels: Extraction) -> Iterator[Found]:
    """The labels as LangExtract would tell them, each at its own place."""
    goals = {goal.id: goal.label for goal in labels.goals}

    def found(kind: str, record: Any, attributes: dict[str, Any]) -> Found:
        piece = record.evidence[0]
        return Found(kind, piece.quote, attributes, Span(piece.start, piece.end))

    for goal in labels.goals:
        yield found("goals", goal, {"label": goal.label, "level": goal.level})
    for completion in labels.completions:
        attributes = {"goal": goals.get(completion.goal_id or ""), "status": completion.status}
        yield found("completions", completion, attributes)
    for metric in labels.metrics:
        yield found("figures" if metric.kind == "figure" else "rows", metric, _told_of(metric))
    for issue in labels.issues:
        yield found("issues", issue, {"label": None, "cause": issue.cause})
    for measure in labels.measures:
        yield found("measures", measure, {"label": None})


def _told_of(metric: Metric) -> dict[str, Any]:
    raw = {name: measured.raw if (measured := getattr(metric, name)) else None for name in ("target", "actual", "previous")}
    if metric.kind == "figure":
        return {"name": metric.name, "value": raw["actual"] or raw["target"], "planned": metric.actual is None}
    levels = dict(zip(("level1", "level2"), [*metric.category, None, None], strict=False))
    marks = {name: str(mark) if (mark := getattr(metric, name)) is not None else None for name in ("weight", "score")}
    return {"kind": metric.kind, "name": metric.name, **levels, **raw, **marks}


@contextmanager
def answering(asked: Asked) -> Iterator[Settings]:
    """A server on loopback that answers every chunk LangExtract asks about with what ``asked`` finds in it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            chunk = body["messages"][-1]["content"].rpartition("Q: ")[2].removesuffix("\nA: ").removesuffix("\nA:")
            found = asked(chunk)
            message = {"role": "assistant", "content": found if isinstance(found, str) else _answer(found)}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            answer = json.dumps(
                {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Settings(base_url=f"http://127.0.0.1:{server.server_port}/v1", model="labels", mode="json_schema", concurrency=1)
    finally:
        server.shutdown()
        server.server_close()


def _answer(found: list[Found]) -> str:
    items = [{each.kind: each.words, f"{each.kind}_attributes": each.attributes} for each in found]
    return json.dumps({"extractions": items}, ensure_ascii=False)


def in_chunk(fixture: Fixture, text: str) -> Asked:
    """What the labels find in a chunk of the text: those that it holds whole."""
    labelled = sorted(told(fixture.labels), key=lambda each: each.span or Span(0, 0))

    def asked(chunk: str) -> list[Found]:
        start = text.index(chunk)
        return [each for each in labelled if each.span and start <= each.span.start and each.span.end <= start + len(chunk)]

    return asked


def by_mapping(fixture: Fixture, document: Document) -> Extraction:
    """The labels through the mapping alone."""
    return records_of_peer(document, told(fixture.labels))[0]


def by_langextract(fixture: Fixture, document: Document) -> Extraction:
    """The labels through LangExtract and the mapping."""
    with answering(in_chunk(fixture, document.text)) as settings, open_langextract("langextract", settings) as engine:
        return engine(document)[0]


def main() -> None:
    """Score both over the open fixtures, and print F1 by kind."""
    fixtures = [fixture for fixture in find_fixtures([FIXTURES]) if not fixture.held_out]
    ways = {"mapping alone": by_mapping} | ({"LangExtract": by_langextract} if find_spec("langextract") else {})
    for name, way in ways.items():
        counts: Counter[tuple[str, str]] = Counter()
        for fixture in fixtures:
            document = read(fixture.source)
            for kind, score in score_report(fixture.labels, way(fixture, document), document.text).kinds.items():
                for each in (kind, "all"):
                    counts[each, "right"] += 2 * len(score.pairs)
                    counts[each, "of"] += 2 * len(score.pairs) + len(score.misses) + len(score.false)
        scores = [f"{kind} {counts[kind, 'right'] / counts[kind, 'of']:.3f}" for kind in (*KINDS, "all")]
        print(f"{name}, F1 over {len(fixtures)} reports: {', '.join(scores)}")


if __name__ == "__main__":
    main()
