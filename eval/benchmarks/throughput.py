"""How full the model path keeps an endpoint's slots: 200 chunks against a server of fixed latency, beside the ideal time.

    python eval/benchmarks/throughput.py [--chunks 200] [--slots 16] [--latency 2]

The server runs in a process of its own on loopback, and answers each request after the latency, sixteen at a time. Ideal is
chunks ÷ slots × latency; what is measured runs from the first question about a report to the last answer.
"""

import argparse
import resource
import sys
import tempfile
import time
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from jixiao.pipeline import extract_each
from jixiao.readers.text import read_text
from jixiao.settings import Settings
from model_server import Json, ModelServer, Said, answer, is_probe, probed

SENTENCE = "第{}项：全年完成投资{}万元，新建绿道{}公里，栽植乔木{}株，群众满意度{}%。"


def serve(latency: float, slots: int, told: "Queue[Any]") -> None:
    times: list[float] = []

    def model(request: Json) -> Said:
        if is_probe(request):
            return probed(request)
        times.append(time.monotonic())
        return Said(answer(), after=latency)

    with ModelServer(model, slots) as server:
        told.put(server.url)
        while told.empty() or told.get() != "stop":
            time.sleep(0.05)
        told.put((min(times), max(times) + latency, len(times)))


def report(number: int) -> bytes:
    lines = [SENTENCE.format(line, number * 7 + line, line, number, line % 100) for line in range(24)]
    return "\n".join([f"第{number}号绩效自评报告", "一、完成情况", *lines]).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=200)
    parser.add_argument("--slots", type=int, default=16)
    parser.add_argument("--latency", type=float, default=2.0)
    chosen = parser.parse_args()
    queue: Queue[Any] = Queue()
    server = Process(target=serve, args=(chosen.latency, chosen.slots, queue), daemon=True)
    server.start()
    url = queue.get()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(base_url=url, model="small", cache=Path(folder) / "a.sqlite", concurrency=chosen.slots, timeout=600)
        sources = range(chosen.chunks)
        done = [result for _, result in extract_each(sources, lambda n: read_text(report(n), f"{n}.txt"), "model", settings)]
    queue.put("stop")
    time.sleep(0.2)
    first, last, asked = queue.get()
    ideal = -(-asked // chosen.slots) * chosen.latency
    cpu = resource.getrusage(resource.RUSAGE_SELF)
    print(f"{asked} chunks of {len(done)} reports, {chosen.slots} slots, {chosen.latency:g} s each")
    print(
        f"{last - first:.2f} s, ideal {ideal:.2f} s, ratio {(last - first) / ideal:.3f}; {cpu.ru_utime + cpu.ru_stime:.1f} s CPU"
    )


if __name__ == "__main__":
    main()
