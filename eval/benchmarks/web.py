"""The workbench under load: pages' server times, readers and reviewers at once, and the heaviest report in a browser.

    python eval/benchmarks/web.py pages DATASET [--times 40]                    p50 and p95 of each page, one reader
    python eval/benchmarks/web.py load DATASET [--readers 50] [--reviewers 2] [--seconds 60]
    python eval/benchmarks/web.py heavy                                         1 MB of text, 3,000 records, in Chromium

``pages`` and ``load`` serve a copy of the dataset from a process of its own on loopback. A reader opens a page, drawn at
random, and waits a second or three; a reviewer accepts records of a report one after another without waiting. Afterwards the
reviews are counted in the dataset: each that was acknowledged must be there.
"""

import argparse
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from jixiao.audit import audit
from jixiao.dataset.rows import entry_of
from jixiao.dataset.store import open_dataset
from jixiao.pipeline import extract
from jixiao.readers.text import read_text
from workbench import Client, served, started

WORDS = "预算 绩效目标 群众满意 98 项目 支付进度 1200 培训 改造 制度".split()


def pages_of(number: int, years: list[int]) -> dict[str, str]:
    """The pages, by what they are."""
    word, year = random.choice(WORDS), random.choice(years)
    return {
        "overview": "/",
        "overview of a year": f"/?year={year}",
        "list": f"/reports?page={random.randint(1, 3)}",
        "list, filtered": f"/reports?q={word}&year={year}",
        "search": f"/search?q={word}",
        "search, filtered": f"/search?q={word}&year={year}&kind=indicator",
        "search in a region": f"/search?q={word}&region=县",
        "search by a number": f"/search?q={word}&where=实际 >= 90%",
        "search, sorted": f"/search?q={word}&sort=-actual",
        "report": f"/reports/{number}",
        "indicators": f"/reports/{number}/indicators",
        "money": f"/reports/{number}/money",
        "findings": f"/reports/{number}/findings",
        "summary": f"/reports/{number}/summary",
        "uploads": "/uploads",
    }


def about(path: Path) -> tuple[int, list[int], int]:
    """Reports, their years, records."""
    with sqlite3.connect(path) as connection:
        reports, records = (connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] for table in ("reports", "records"))
        years = [row[0] for row in connection.execute("SELECT DISTINCT fiscal_year FROM reports WHERE fiscal_year IS NOT NULL")]
    return reports, years, records


def percentile(times: Iterable[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path, safe="/?&=#")


def worked(process: int) -> float:
    """Seconds of the processor that a process has had."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def pages(path: Path, times: int) -> None:
    reports, years, records = about(path)
    taken: dict[str, list[float]] = defaultdict(list)
    cpu: dict[str, list[float]] = defaultdict(list)
    process, port = started(path, "--read-only")
    try:
        client = Client(port)
        for _ in range(times):
            for name, address in pages_of(random.randint(1, reports), years).items():
                begun, before = time.perf_counter(), worked(process.pid)
                answer = client.get(quoted(address))
                taken[name].append(time.perf_counter() - begun)
                cpu[name].append(worked(process.pid) - before)
                assert answer.status == 200, (address, answer.status)
    finally:
        process.terminate()
        process.communicate()
    print(
        f"{records:,} records in {reports:,} reports; {times} times each; ms by the clock, and of the server's processor; the first, which loads things, by itself\n"
    )
    print("| page | first | p50 | p95 | p50 CPU | p95 CPU |\n| --- | --- | --- | --- | --- | --- |")
    for name, each in taken.items():
        shown = (each[0] * 1000, *(percentile(of[1:], share) for of in (each, cpu[name]) for share in (0.5, 0.95)))
        print(f"| {name} | " + " | ".join(f"{one:.0f}" for one in shown) + " |")


def load(path: Path, readers: int, reviewers: int, seconds: int) -> None:
    reports, years, _ = about(path)
    until = 0.0
    taken: list[float] = []
    decided: list[float] = []
    wrong: list[str] = []
    acknowledged: list[str] = []

    def reader(port: int) -> None:
        client = Client(port)
        while time.monotonic() < until:
            address = random.choice(list(pages_of(random.randint(1, reports), years).values()))
            begun = time.perf_counter()
            try:
                answer = client.get(quoted(address))
                if answer.status != 200:
                    wrong.append(f"{address}: {answer.status}")
            except OSError as exc:
                wrong.append(f"{address}: {exc}")
            taken.append(time.perf_counter() - begun)
            time.sleep(random.uniform(1, 3))

    def reviewer(port: int, name: str) -> None:
        try:
            review(port, name)
        except OSError as exc:
            wrong.append(f"{name}: {exc}")

    def review(port: int, name: str) -> None:
        client = Client(port)
        client.get("/reports/1")
        client.post("/reviewer", {"name": name})
        number = 1
        while time.monotonic() < until:
            keys = re.findall(r'value="accept:([^"]+)"', client.get(f"/reports/{number}").text)
            for key in keys:
                if time.monotonic() > until:
                    return
                begun = time.perf_counter()
                answer = client.post(f"/reports/{number}/reviews", {"decision": f"accept:{key}"})
                decided.append(time.perf_counter() - begun)
                if answer.status == 200:
                    acknowledged.append(key)
                else:
                    wrong.append(f"{key}: {answer.status} {answer.text[:100]}")
            number = number % reports + 1

    with served(path) as port:
        Client(port).get("/")
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=reader, args=(port,)) for _ in range(readers)]
        threads += [threading.Thread(target=reviewer, args=(port, f"审核{at}")) for at in range(reviewers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with sqlite3.connect(path) as connection:
            kept = connection.execute("SELECT count(*) FROM reviews WHERE reviewer LIKE '审核%'").fetchone()[0]
        print(
            f"{readers} readers, {reviewers} reviewers, {seconds} s: {len(taken)} pages, p50 {percentile(taken, 0.5):.0f} ms, p95 {percentile(taken, 0.95):.0f} ms"
        )
        print(
            f"{len(acknowledged)} decisions acknowledged, p95 {percentile(decided, 0.95):.0f} ms; {kept} in the dataset; {len(wrong)} errors {wrong[:5]}"
        )
    if wrong or kept != len(acknowledged):
        raise SystemExit(1)


def heavy_report() -> str:
    """A report of 1 MB of text and 3,000 figures or more."""
    filler = "全年围绕中心工作统筹推进各项任务，压实责任、细化措施、强化督导，确保资金使用规范高效、群众得到实惠。" * 2
    lines = ["云溪县水利局2023年度部门整体支出绩效自评报告", "单位名称：云溪县水利局", "一、目标完成情况"]
    lines += [f"{at}.完成第{at % 97}片区供水管网改造{at % 83 + 2}公里。{filler}" for at in range(1, 3301)]
    return "\n".join(lines) + "\n"


NODES = "(() => { const walk = document.createTreeWalker(document); let nodes = 0; while (walk.nextNode()) nodes++; return nodes; })()"


def long_tasks(page: Any) -> str:
    """The long tasks since the last asking: how many, and the longest."""
    taken = page.evaluate("self.long.splice(0)")
    return f"{len(taken)}, longest {max(taken):.0f} ms" if taken else "none"


def heavy(folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    document = read_text(heavy_report().encode(), "heavy.txt")
    extraction = extract(document)
    records = sum(len(getattr(extraction, name)) for name in ("goals", "completions", "metrics", "issues", "measures"))
    path = folder / "heavy.sqlite"
    with open_dataset(str(path), create=True) as dataset:
        entry = entry_of("heavy.txt", document, extraction, audit(document, extraction), postgresql=False)
        dataset.save(entry, "rules", dataset.begin_run("rules"))
    print(f"{len(document.text.encode()) / 1e6:.2f} MB of text, {len(document.text):,} characters, {records:,} records")
    with served(path) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(
            "self.long = []; new PerformanceObserver((list) => self.long.push(...list.getEntries().map((each) => each.duration)))"
            ".observe({type: 'longtask', buffered: true})"
        )
        machine = page.context.new_cdp_session(page)
        for turn in ("first", "again", "again", "a quarter as fast"):
            machine.send("Emulation.setCPUThrottlingRate", {"rate": 4 if turn.startswith("a quarter") else 1})
            begun = time.perf_counter()
            page.goto(f"http://127.0.0.1:{port}/reports/1", wait_until="load")
            opened = time.perf_counter() - begun
            served_in, size = page.evaluate(
                "(({responseEnd, decodedBodySize}) => [responseEnd, decodedBodySize])(performance.getEntriesByType('navigation')[0])"
            )
            page.locator("#records .card").first.click()
            page.locator(".card.lit").wait_for()
            usable = time.perf_counter() - begun
            shown = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
            print(
                f"{turn}: answer whole after {served_in:.0f} ms ({size / 1e6:.1f} MB), first paint {shown:.0f} ms, loaded {opened:.2f} s, "
                f"a click answered {usable:.2f} s, {page.evaluate(NODES):,} nodes, tasks over 50 ms: {long_tasks(page)}"
            )
        for pane, slower in (("source", 1), ("records", 1), ("source", 4), ("records", 4)):
            machine.send("Emulation.setCPUThrottlingRate", {"rate": slower})
            page.reload()
            frames = page.evaluate(
                """async (pane) => {
                  const scrolled = document.getElementById(pane);
                  const times = [];
                  let last = performance.now();
                  for (let step = 0; step < 240; step++) {
                    scrolled.scrollTop += step % 20 ? 200 : scrolled.scrollHeight / 14;
                    await new Promise(requestAnimationFrame);
                    const now = performance.now();
                    times.push(now - last);
                    last = now;
                  }
                  return times.sort((a, b) => a - b);
                }""",
                pane,
            )
            print(
                f"{pane} scrolled 240 frames{' a quarter as fast' if slower > 1 else ''}, a long jump every twentieth: p50 {frames[120]:.0f} ms, p95 {frames[228]:.0f} ms, "
                f"longest {frames[-1]:.0f} ms; tasks over 50 ms: {long_tasks(page)}; {page.evaluate(NODES):,} nodes"
            )
        machine.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        begun = time.perf_counter()
        page.locator("#source .e:visible").last.click()
        page.locator(".card.lit").wait_for()
        print(f"a click from the source to its record: {(time.perf_counter() - begun) * 1000:.0f} ms")
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("pages", "load", "heavy"))
    parser.add_argument("dataset", type=Path, nargs="?")
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--reviewers", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=60)
    chosen = parser.parse_args()
    random.seed(7)
    with tempfile.TemporaryDirectory() as folder:
        if chosen.what == "heavy":
            heavy(Path(folder))
            return
        copy = Path(folder) / "copy.sqlite"
        shutil.copyfile(chosen.dataset, copy)
        with open_dataset(str(copy)):
            pass  # an older version's tables are brought up to date
        if chosen.what == "pages":
            pages(copy, chosen.times)
        else:
            load(copy, chosen.readers, chosen.reviewers, chosen.seconds)


if __name__ == "__main__":
    main()
