"""The workbench in a real browser: a report uploaded, read, followed, corrected, exported, found; and nothing that a report says is run."""

import http.client
import json
import os
import re
import shutil
import signal
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, FilePayload, Page, expect, sync_playwright
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

from jixiao.dataset.report_rows import review_in
from jixiao.dataset.schema import records, reviews
from jixiao.dataset.store import open_dataset
from jixiao.evaluation.labels import check_labels
from jixiao.pipeline import read
from jixiao.readers.text import read_text
from jixiao.web.pages import english
from model_server import ModelServer, Said, answering
from test_search import goals, take_in
from workbench import REPORT, ROOT, Client, served, shelf_of, started

expect.set_options(timeout=20_000)
HOSTILE = """<script>document.title='owned'</script>2023年度部门整体支出绩效自评报告
单位名称：<img src=x onerror=alert(1)>云溪县水利局
一、年度绩效目标
1.建设高标准农田<iframe src="javascript:alert(3)"></iframe>3万亩。
二、目标完成情况
1.完成农村供水站改造14座"><svg onload=alert(2)>，未完成年度目标。
三、存在的问题
1.预算管理"><b onmouseover='alert(4)'>不够精细</b>{{ 7*7 }}&lt;。
四、改进措施
1.加强</script><script>alert(5)</script>预算论证javascript:alert(6)。
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A workbench over two reports, one of them hostile."""
    with served(shelf_of(tmp_path_factory.mktemp("shelf"), yunxi=REPORT, hostile=HOSTILE)) as port:
        yield port


@pytest.fixture
def tab(browser: Browser, port: int) -> Iterator[Callable[..., Page]]:
    """A browser of its own; opening a page gives it. What goes wrong or leaves the machine fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.set_default_timeout(20_000)
    wrong: list[str] = []

    def opened(path: str, *, on: int = port, width: int = 1440) -> Page:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})

        def dismiss(dialog: Dialog) -> None:
            wrong.append(f"dialog {dialog.message}")
            dialog.dismiss()

        page.on("dialog", dismiss)
        page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: None if f"//127.0.0.1:{on}/" in request.url else wrong.append(request.url))
        page.goto(f"http://127.0.0.1:{on}{path}")
        return page

    yield opened
    context.close()
    assert wrong == []


def named(page: Page, name: str) -> None:
    page.fill("#reviewer", name)
    with page.expect_navigation():  # the page comes anew; what is done before that is lost with the old one
        page.click(".reviewer button")
    expect(page.locator("#reviewer")).to_have_value(name)


def card(page: Page, words: str) -> str:
    """The selector of the first record with these words."""
    found = page.locator("#records .card", has_text=words).first
    return f"[id='{found.get_attribute('id')}']"


def test_the_whole_way_from_upload_to_fixture(
    browser: Browser, tab: Callable[..., Page], dataset_place: str, tmp_path: Path
) -> None:
    """In a file, and again in PostgreSQL."""
    report = tmp_path / "云溪县水利局自评报告.txt"
    report.write_text(REPORT, encoding="utf-8")
    with served(dataset_place, folder=tmp_path) as port:
        page = tab("/", on=port)
        page.click("text=上传报告")
        page.set_input_files("#files", str(report))
        page.locator("tr", has_text=report.name).get_by_role("link", name="查看").click()
        expect(page.locator("h1")).to_have_text("云溪县水利局2023年度部门整体支出绩效自评报告")
        figure = card(page, "1,200.50万元")  # a figure to its place
        page.click(f"{figure} h3")
        expect(page.locator("#source .e.lit").first).to_contain_text("1,200.50万元")
        page.click("#source .e:has-text('1,150.25')")  # and back
        expect(page.locator(".card.lit")).to_contain_text("1,150.25万元")
        named(page, "张三")
        figure = card(page, "1,200.50万元")
        page.click(f"{figure} [data-correct]")
        page.fill("dialog [name=name]", "部门预算支出合计")
        page.click("dialog .primary")
        expect(page.locator(figure)).to_contain_text("已更正")
        expect(page.locator(f"{figure} .diff")).to_contain_text("部门预算支出合计")
        expect(page.locator(f"{figure} .who")).to_contain_text("张三 · 更正")
        expect(page.locator("#progress")).to_contain_text("1")
        page.click(".menu summary")
        with page.expect_download() as download:
            page.click("text=标注样本")
        folder = tmp_path / "fixture"
        with zipfile.ZipFile(download.value.path()) as archive:
            archive.extractall(folder)
        assert sorted(each.name for each in folder.iterdir()) == ["ORIGIN.md", "labels.json", "source.txt"]
        checked = check_labels((folder / "labels.json").read_text(encoding="utf-8"), read(folder / "source.txt"))
        assert checked.errors == []
        assert checked.completed is not None
        assert "部门预算支出合计" in [each.name for each in checked.completed.metrics]
        page.fill(".quick input", "部门预算支出合计")  # what was corrected is found as it is now
        page.keyboard.press("Enter")
        expect(page.locator(".hit", has_text="部门预算支出合计").first).to_contain_text("人工校正")
        page.fill(".quick input", "灌溉渠道 35")
        page.keyboard.press("Enter")
        expect(page.locator(".hit mark").first).to_contain_text("灌溉渠道")
        page.locator(".hit h2 a").first.click()
        expect(page.locator("#source .e.lit").first).to_contain_text("35公里")
        page.close()  # before its server goes


def test_words_selected_in_the_source_become_a_record(tab: Callable[..., Page]) -> None:
    page = tab("/reports/1")
    named(page, "李四")
    page.evaluate(
        """() => {
          const piece = [...document.querySelectorAll('#source [data-s]')].find((each) => each.textContent.includes('保障群众饮水安全'));
          const at = piece.firstChild.data.indexOf('保障群众饮水安全');
          getSelection().setBaseAndExtent(piece.firstChild, at, piece.firstChild, at + 8);
        }"""
    )
    page.click("#adder [data-add=measure]")
    expect(page.locator("dialog [name=statement]")).to_have_value("保障群众饮水安全")
    page.click("dialog .primary")
    added = page.locator(".card", has_text="补录").first
    expect(added).to_contain_text("保障群众饮水安全")
    page.click("#undo button")
    expect(page.locator(".tag.added")).to_have_count(0)


def test_a_review_needs_no_mouse(tab: Callable[..., Page]) -> None:
    page = tab("/reports/1")
    named(page, "王五")
    page.locator("#records").focus()
    page.keyboard.press("n")
    first = page.locator(".card.lit").get_attribute("id")
    page.keyboard.press("a")
    expect(page.locator(f"[id='{first}'] .tag.accepted")).to_be_visible()
    expect(page.locator(".card.lit")).not_to_have_attribute("id", first or "")  # on to the next
    page.keyboard.press("x")
    expect(page.locator(".card.rejected")).to_have_count(1)
    page.keyboard.press("u")
    expect(page.locator(".card.rejected")).to_have_count(0)
    page.keyboard.press("k")
    page.keyboard.press("e")
    expect(page.locator("dialog#form")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("dialog#help")).to_be_visible()


def test_two_reviewers_disagreement_is_shown(tab: Callable[..., Page], port: int) -> None:
    others = Client(port)
    others.get("/reports/1")
    others.post("/reviewer", {"name": "甲"})
    key = re.findall(r'value="accept:(i[^"]+)"', others.get("/reports/1").text)[0]
    assert others.post("/reports/1/reviews", {"decision": f"accept:{key}"}).status == 200
    page = tab("/reports/1")
    named(page, "乙")
    page.click(f"button[value='reject:{key}']")
    disputed = page.locator(".card[data-disputed]")
    expect(disputed).to_contain_text("甲 · 采纳")
    expect(disputed).to_contain_text("乙 · 驳回")
    page.select_option("#only", "disputed")
    expect(page.locator(".card:visible")).to_have_count(1)


LONG = "\n".join(
    ["云溪县水利局2023年度部门整体支出绩效自评报告", "一、目标完成情况"]
    + [f"{at}.完成第{at}片区供水管网改造{at % 83 + 2}公里。全年压实责任、强化督导，确保资金规范使用。" for at in range(1, 701)]
)
NODES = "document.querySelectorAll('*').length"


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A workbench over a report of more than a thousand records."""
    with served(shelf_of(tmp_path_factory.mktemp("long"), yunxi=LONG)) as port:
        yield port


def test_a_long_report_comes_in_parts_and_each_is_reached(tab: Callable[..., Page], long: int) -> None:
    page = tab("/reports/1", on=long)
    cards = page.locator("#records .card")
    assert cards.count() > 700
    assert page.evaluate(NODES) * 3 < Client(long).get("/reports/1?whole=1").text.count("</")
    last = cards.last.get_attribute("data-id")
    assert cards.last.get_by_role("button").count() == 0
    expect(page.locator("#source")).to_contain_text("完成第700片区")  # words to be found by the browser's own search
    page.evaluate(f"location.hash = '#r-{last}'")  # an address
    expect(page.locator(".card.lit")).to_have_attribute("data-id", last or "")
    expect(page.locator(".card.lit button").first).to_be_visible()
    expect(page.locator("#source .e.lit").first).to_be_in_viewport()
    page.locator("#records").evaluate("each => each.scrollTo(0, each.scrollHeight / 2)")  # scrolled to
    middle = page.locator("#records .sheaf").nth(page.locator("#records .sheaf").count() // 2)
    expect(middle.locator("button").first).to_be_attached()
    sheaf = page.locator("#source .sheaf").nth(20)
    sheaf.evaluate("each => each.scrollIntoView()")
    piece = sheaf.locator(".e").nth(5)
    piece.click()  # from the source
    expect(page.locator(".card.lit")).to_contain_text(re.findall(r"第\d+片区|\d+公里", piece.inner_text())[0])
    page.keyboard.press("j")  # by key
    expect(page.locator(".card.lit button").first).to_be_visible()
    page.fill("#find", "第699片区")  # among all records, and no gap stays where the others were
    expect(page.locator(".card:visible")).not_to_have_count(0)
    assert page.locator("#records").evaluate("each => each.scrollHeight <= each.clientHeight")


def test_a_long_report_is_whole_without_script(browser: Browser, long: int) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{long}/reports/1")
    expect(page.locator("#source")).to_contain_text("完成第700片区")
    expect(page.locator("#records")).to_contain_text("完成第700片区")
    page.click("#source .note a")
    expect(page.locator(".card.light")).to_have_count(0)
    expect(page.locator(".card").last.get_by_role("button").first).to_be_attached()
    context.close()


def test_kinds_are_filtered_in_records_and_source(tab: Callable[..., Page]) -> None:
    page = tab("/reports/1")
    for kind in ("goal", "completion", "figure", "finding"):
        if page.locator(f".filter.{kind}").is_enabled():
            page.click(f".filter.{kind}")
    kinds = page.locator(".card:visible").evaluate_all("all => [...new Set(all.map((each) => each.dataset.kind))]")
    assert set(kinds) == {"issue", "measure"}


def test_every_figure_of_the_summary_leads_to_its_place(tab: Callable[..., Page]) -> None:
    page = tab("/reports/1/summary")
    links = page.locator(".said > a, .notes a").evaluate_all("all => all.map((each) => each.getAttribute('href'))")
    assert links
    page.locator(".said > a[href*='#r-']").first.click()
    expect(page.locator(".card.lit")).to_be_visible()
    expect(page.locator("#source .e.lit").first).to_be_visible()


@pytest.mark.parametrize(
    "path", ["/", "/reports", "/reports/2", "/reports/2/indicators", "/reports/2/money", "/reports/2/findings", "/reports/2/summary", "/search?q=预算", "/search?q=<script>alert(7)</script>", "/search?kind=\"'><script>alert(8)</script>", "/?region=<svg onload=alert(9)>"]
)  # fmt: skip
def test_hostile_words_are_shown_and_never_run(tab: Callable[..., Page], path: str) -> None:
    page = tab(path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("[document.title.includes('owned'), document.querySelectorAll('main script, main iframe, main svg[onload], main img[onerror], main [onmouseover]').length]") == [False, 0]  # fmt: skip


def test_a_hostile_record_corrected_with_hostile_words_stays_words(tab: Callable[..., Page]) -> None:
    page = tab("/reports/2")
    named(page, "赵<img src=x onerror=alert(1)>")
    page.click(f"{card(page, '不够精细')} [data-correct]")
    page.fill("dialog [name=statement]", "<img src=x onerror=alert(10)>")
    page.click("dialog .primary")
    expect(page.locator(".card .tag.corrected")).to_be_visible()
    expect(page.locator(".card", has_text="<img src=x onerror=alert(10)>").first).to_be_visible()
    assert page.locator("#records img").count() == 0


def test_an_uploaded_files_name_stays_words(tab: Callable[..., Page], port: int, tmp_path: Path) -> None:
    client = Client(port)
    client.get("/uploads")
    assert client.upload(("<img src=x onerror=alert(1)>.txt", "某局2022年度绩效自评报告\n一、概况\n".encode())).status == 200
    page = tab("/uploads")
    expect(page.locator("tr", has_text="<img src=x onerror=alert(1)>.txt")).to_be_visible()


def test_a_file_that_cannot_be_read_says_so_in_chinese_and_another_is_cancelled(tab: Callable[..., Page], port: int) -> None:
    page = tab("/uploads")
    page.set_input_files("#files", FilePayload(name="坏.docx", mimeType="", buffer=b"PK\x03\x04 word/ broken"))
    row = page.locator("tr", has_text="坏.docx")
    expect(row).to_contain_text("失败")
    expect(row).to_contain_text("已损坏")
    row.get_by_role("button", name="重试").click()
    expect(row).to_contain_text("失败")


def test_many_files_are_dropped_at_once(tab: Callable[..., Page], tmp_path: Path) -> None:
    with served(tmp_path / "new.sqlite") as port:
        page = tab("/uploads", on=port)
        dropped = page.evaluate_handle(
            """(report) => {
              const all = new DataTransfer();
              for (let at = 0; at < 8; at++) all.items.add(new File([report.replaceAll("2023", String(2000 + at))], `甲${at}.txt`));
              all.items.add(new File(["PK\x03\x04 word/ broken"], "坏.docx"));
              return all;
            }""",
            REPORT,
        )
        page.dispatch_event("#drop", "dragover", {"dataTransfer": dropped})
        expect(page.locator("#drop.over")).to_be_visible()
        page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
        expect(page.locator("#drop.over")).to_have_count(0)
        expect(page.locator("#uploads .tag.done")).to_have_count(8)
        expect(page.locator("#uploads tr", has_text="坏.docx")).to_contain_text("已损坏")
        expect(page.locator("#sum")).to_contain_text("已入库 8")
        page.close()  # before its server goes


def test_a_file_that_is_too_large_is_not_sent(tab: Callable[..., Page]) -> None:
    page = tab("/uploads")
    page.evaluate(
        """() => {
          const all = new DataTransfer();
          all.items.add(new File([new Uint8Array(151e6)], "大.pdf"));
          document.getElementById("drop").dispatchEvent(new DragEvent("drop", { dataTransfer: all, cancelable: true }));
        }"""
    )
    expect(page.locator("#uploads tr", has_text="大.pdf")).to_contain_text("失败 文件超过 150 MB")


def test_a_pdfs_page_stands_beside_its_text(tab: Callable[..., Page], port: int) -> None:
    stream = BytesIO()
    canvas = Canvas(stream)
    canvas.drawString(72, 700, "Water bureau 2023 report: 16 stations rebuilt")
    canvas.save()
    client = Client(port)
    client.get("/uploads")
    client.upload(("scan.pdf", stream.getvalue()))
    page = tab("/uploads")
    page.locator("tr", has_text="scan.pdf").get_by_role("link", name="查看").click()
    page.click(".tabs >> text=原件")
    assert page.locator(".page img").evaluate("each => each.decode().then(() => each.naturalWidth)") > 500
    expect(page.locator(".beside .panel")).to_contain_text("16 stations")


def test_the_pages_speak_english_when_asked(tab: Callable[..., Page]) -> None:
    page = tab("/reports/1/findings")
    page.click("text=English")
    expect(page.locator(".tabs [aria-current]")).to_have_text("Findings")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.click("text=中文")
    expect(page.locator(".tabs [aria-current]")).to_have_text("复核发现")


def test_every_word_of_the_pages_has_its_english() -> None:
    templates = (ROOT / "src/jixiao/web/templates").glob("*.html")
    used = {words for file in templates for words in re.findall(r"""_\(["']([^"']*)["']\)""", file.read_text(encoding="utf-8"))}
    assert used - english().keys() == set()


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_is_wider_than_its_window(tab: Callable[..., Page], width: int) -> None:
    for path in (
        "/",
        "/reports",
        "/reports/1",
        "/reports/1/indicators",
        "/reports/1/findings",
        "/search?q=预算",
        "/uploads",
        "/reports/1/add",
    ):
        page = tab(path, width=width)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        page.close()


AXE = Path(os.environ.get("JIXIAO_AXE", ROOT / ".venv/axe/axe.min.js"))


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not here: .ci/run fetches it from npm")
@pytest.mark.parametrize("path", ["/", "/reports", "/reports/1", "/reports/1/indicators", "/reports/1/money", "/reports/1/findings", "/reports/1/summary", "/search?q=预算", "/uploads", "/reports/1/add", "/api"])  # fmt: skip
def test_axe_finds_no_serious_fault(tab: Callable[..., Page], path: str) -> None:
    page = tab(path)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})")
    faults = [
        (each["id"], each["nodes"][0]["html"][:150]) for each in found["violations"] if each["impact"] in ("serious", "critical")
    ]
    assert faults == []


def test_a_print_has_source_and_records_and_no_buttons(tab: Callable[..., Page]) -> None:
    page = tab("/reports/1")
    page.emulate_media(media="print")
    assert page.locator("#source, #records").evaluate_all("all => all.map((each) => getComputedStyle(each).display)") == [
        "block",
        "block",
    ]
    assert page.locator(".acts").first.is_hidden()


# --- without a browser: what is acknowledged is kept


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    shelf = shelf_of(tmp_path, yunxi=REPORT)
    process, port = started(shelf)
    client = Client(port)
    client.get("/reports/1")
    client.post("/reviewer", {"name": "张三"})
    keys = re.findall(r'value="accept:([^"]+)"', client.get("/reports/1").text)
    for key in keys[:5]:
        assert client.post("/reports/1/reviews", {"decision": f"accept:{key}"}).status == 200
    sent = [client.upload((f"{at}.txt", REPORT.replace("2023", str(2000 + at)).encode())).json["uploads"] for at in range(8)]  # type: ignore[index]
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stderr is not None
    process.stderr.close()
    with served(shelf) as port:
        client = Client(port)
        states = re.findall(r'<tr data-id="(\d+)"', client.get("/uploads").text)
        assert sorted(map(int, states)) == sorted(number for numbers in sent for number in numbers)
        assert client.get("/api/reports/1/reviews").json["progress"]["decided"] == 5  # type: ignore[index]
        deadline = time.monotonic() + 60
        while client.get("/uploads").text.count(">已入库<") < 8 and time.monotonic() < deadline:
            time.sleep(0.3)
    with open_dataset(str(shelf)) as dataset:
        assert len(dataset.known()) == 9


def test_no_acknowledged_decision_is_lost_when_the_program_is_killed_under_load(tmp_path: Path) -> None:
    """Four reviewers accept, reject and take back as fast as they can, on two reports."""
    shelf = shelf_of(tmp_path, yunxi=REPORT, other=REPORT.replace("云溪", "丰原"))
    process, port = started(shelf)
    acknowledged: list[tuple[str, int]] = []
    enough = threading.Event()

    def review(name: str, number: int) -> None:
        client = Client(port)
        client.get("/reports/1")
        client.post("/reviewer", {"name": name})
        keys = re.findall(r'value="accept:([^"]+)"', client.get(f"/reports/{number}").text)
        for at in range(10_000):
            action = f"{('accept', 'reject')[at % 2]}:{keys[at % len(keys)]}"
            path = f"/reports/{number}/reviews"
            try:
                answer = client.post(f"{path}/undo", {}) if at % 7 == 6 else client.post(path, {"decision": action})
            except (OSError, http.client.HTTPException):
                return  # it was killed
            if answer.status == 200:
                acknowledged.append((name, at))
            if len(acknowledged) > 60:
                enough.set()

    reviewers = [threading.Thread(target=review, args=(name, 1 + at % 2)) for at, name in enumerate("甲乙丙丁")]
    for each in reviewers:
        each.start()
    assert enough.wait(60)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    for each in reviewers:
        each.join()
    with open_dataset(str(shelf)) as dataset, dataset.reading() as connection:
        kept = Counter(connection.execute(select(reviews.c.reviewer)).scalars())
        told = Counter(name for name, _ in acknowledged)
        assert all(told[name] <= kept[name] <= told[name] + 1 for name in "甲乙丙丁"), (told, kept)
        for number in (1, 2):  # and the rows say what was decided
            stands = {each.id for each in review_in(connection, number).records if each.record is not None}
            rows = select(records.c.record_id).where(records.c.report_id == number, records.c.kind != "finding")
            assert set(connection.execute(rows).scalars()) == stands


def test_an_upload_is_cancelled_while_it_waits(tmp_path: Path) -> None:
    with served(tmp_path / "new.sqlite") as port:
        client = Client(port)
        client.get("/uploads")
        many = [(f"{at}.txt", REPORT.replace("2023", str(2000 + at)).encode()) for at in range(12)]
        numbers = client.upload(*many).json["uploads"]  # type: ignore[index]
        assert client.post(f"/uploads/{numbers[-1]}/cancel", {}).status == 200
        assert ">已取消<" in client.get("/uploads").text


def test_uploads_are_read_with_a_model_where_one_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, gone = answering({"issues": [{"quote": "部分项目支付进度偏慢", "label": None, "cause": None}]}), False
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    monkeypatch.setenv("JIXIAO_CACHE", f"{tmp_path}/answers.sqlite")
    monkeypatch.setenv("JIXIAO_RETRIES", "0")

    def model(request: dict[str, Any]) -> Said:
        return Said(None, status=401) if gone else honest(request)

    with ModelServer(model) as endpoint:
        options = ("--engine", "model", "--base-url", endpoint.url, "--model", "small")
        with served(tmp_path / "new.sqlite", *options) as port:
            client = Client(port)
            assert "文字会发给模型服务：<b>small</b>" in client.get("/uploads").text
            client.upload(("甲.txt", REPORT.encode()))
            while ">已入库<" not in client.get("/uploads").text:
                time.sleep(0.3)
            told = client.get("/api/reports/1").json
            gone = True
            client.upload(("乙.txt", REPORT.replace("2023", "2024").encode()))
            while ">失败<" not in client.get("/uploads").text:
                time.sleep(0.3)
            assert "模型服务不接受密钥，请联系管理员。" in client.get("/uploads").text
    assert isinstance(told, dict)
    assert [(each["statement"], each["origin"]) for each in told["issues"]] == [("部分项目支付进度偏慢", "llm")]
    assert (told["goals"], told["report"]["source"]) == ([], "甲.txt")


def test_events_tell_of_every_change(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/uploads/events")
    line = connection.getresponse().readline().decode()
    connection.close()
    assert isinstance(json.loads(line.removeprefix("data: ")), list)


def test_a_zip_archive_is_opened_and_each_of_its_reports_read(tmp_path: Path) -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("2023/甲.txt", REPORT)
        archive.writestr("2024/乙.txt", REPORT.replace("2023", "2024"))
        archive.writestr("../../外.txt", REPORT.replace("2023", "2021"))
    with served(tmp_path / "new.sqlite") as port:
        client = Client(port)
        client.get("/uploads")
        assert len(client.upload(("一批.zip", stream.getvalue())).json["uploads"]) == 2  # type: ignore[index]
        while client.get("/uploads").text.count(">已入库<") < 2:
            time.sleep(0.3)
        names = {each["source"] for each in client.get("/api/reports").json["reports"]}  # type: ignore[index]
    assert names == {"甲.txt", "乙.txt"}
    assert sorted(each.suffix for each in (tmp_path / "new.sqlite.files").iterdir()) == [".txt", ".txt"]


def test_hits_are_exported_as_seen_and_no_cell_is_a_formula(port: int) -> None:
    lines = Client(port).get("/search/export.csv?q=%E9%A2%84%E7%AE%97&kind=issue").text.splitlines()
    assert lines[0].lstrip("\ufeff").startswith("种类,部门")
    assert len(lines) >= 2
    assert {line.split(",")[0] for line in lines[1:]} == {"问题"}


def test_a_common_word_is_counted_up_to_a_number(tmp_path: Path) -> None:
    path = tmp_path / "many.sqlite"
    with open_dataset(str(path), create=True) as dataset:
        take_in(dataset, "/many.txt", *goals(*(f"完成第{at}座供水站" for at in range(10_020))))
    with served(path) as port:
        client = Client(port)
        page = client.get("/search?q=%E4%BE%9B%E6%B0%B4%E7%AB%99").text
        assert "<b>2,000</b> 条以上" in page
        assert "分面按最新的 2,000 条计数" in page
        last = client.get("/search?q=%E4%BE%9B%E6%B0%B4%E7%AB%99&page=100").text
        assert last.count('<article class="hit') == 20
        answer = client.get("/api/search?q=%E4%BE%9B%E6%B0%B4%E7%AB%99").json
        assert (answer["total"], answer["is_exact"]) == (2_000, False)  # type: ignore[index]
        assert answer["facets"]["kind"] == [{"value": "goal", "hits": 2_000}]  # type: ignore[index]
        few = client.get("/search?q=%E7%AC%AC77%E5%BA%A7").text
        assert "<b>1</b> 条</span>" in few
        rows = client.get("/search/export.csv?q=%E4%BE%9B%E6%B0%B4%E7%AB%99").text.splitlines()
        assert len(rows) == 10_001


def test_places_of_the_source_are_in_code_points(tmp_path: Path) -> None:
    """A character outside the basic plane is one character of the text, two of the browser's."""
    from jixiao.render.pieces import Mark
    from jixiao.web.source_view import lay_out

    document = read_text("𠮷县2023年度绩效自评报告\n一、概况\n全年完成𠮷化站16座。\n".encode(), "吉.txt")
    start = document.text.index("16座")
    stretches = [each for block in lay_out(document, [Mark("m1", "figure", start, start + 3)]) for each in block.stretches]
    assert [(each.words, each.start) for each in stretches if each.records] == [("16座", start)]
    assert all(document.text.startswith(each.words, each.start) for each in stretches)
