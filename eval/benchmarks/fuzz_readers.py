"""Every reader on files that are broken: bytes flipped, cut, doubled, nested. No crash, no hang, only jixiao's own errors.

    python eval/benchmarks/fuzz_readers.py [--seconds 600] [--bound 20] [docx html xlsx pdf xls doc ofd zip image]

Each kind runs in a process of its own, which a watcher ends where one file takes longer than the bound. Office packages are
broken in their XML too, behind the zip's checksums. A finding is kept in /tmp/jixiao-fuzz-*.
"""

import argparse
import multiprocessing
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from jixiao.errors import JixiaoError, UnreadableInput  # noqa: E402
from jixiao.pipeline import extract  # noqa: E402
from jixiao.readers.archive import load, reports_in  # noqa: E402
from jixiao.readers.opening import open_document  # noqa: E402
from jixiao.readers.text import read_text  # noqa: E402

MEMORY = 3 * 1024**3


def seeds(kind: str) -> list[bytes]:
    """A whole file of the kind, or two."""
    import samples

    items = samples.items_of(read_text((ROOT / "fixtures" / "nearly-empty" / "source.txt").read_bytes(), "source.txt"))
    more = samples.items_of(read_text((ROOT / "fixtures" / "guangdong-dept-cells" / "source.txt").read_bytes(), "source.txt"))
    word = samples.docx_of(items)
    match kind:
        case "docx":
            return [word, samples.docx_of(more)]
        case "html":
            return [samples.html_of(items), samples.html_of(more, "gb18030")]
        case "xlsx":
            return [samples.xlsx_of(items), samples.xlsx_of(more)]
        case "zip":
            return [_zip({"2023/a.docx": word, "县水利局/b.html": samples.html_of(items), "c.txt": b"x"})]
        case "ofd":
            from test_ofd import ofd

            return [ofd()]
        case "image":
            return [_picture(form) for form in ("PNG", "JPEG", "TIFF")]
        case "xls":
            return [samples.converted(samples.xlsx_of(items), ".xlsx", "xls")]
        case "pdf":
            return [samples.converted(word, ".docx", "pdf"), samples.converted(samples.docx_of(more), ".docx", "pdf")]
    return [samples.converted(word, ".docx", kind)]


def _picture(form: str) -> bytes:
    """A ruled table of two rows, drawn."""
    from PIL import Image, ImageDraw

    picture = Image.new("L", (400, 300), 255)
    draw = ImageDraw.Draw(picture)
    for at in range(4):
        draw.rectangle((20 + 180 * (at % 2), 40 + 60 * (at // 2), 200 + 180 * (at % 2), 100 + 60 * (at // 2)), outline=0)
        draw.text((40 + 180 * (at % 2), 60 + 60 * (at // 2)), f"{at}2.5%", 0, font_size=24)
    stream = BytesIO()
    picture.save(stream, form)
    return stream.getvalue()


def _zip(files: dict[str, bytes]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def broken(data: bytes, chance: random.Random) -> bytes:
    """The bytes with something wrong with them."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        if not made:
            break
        at = chance.randrange(len(made))
        match chance.randrange(7):
            case 0:
                made[at] ^= 1 << chance.randrange(8)
            case 1:
                made[at : at + chance.randrange(1, 9)] = chance.randbytes(chance.randrange(0, 9))
            case 2:
                del made[at:]
            case 3:
                end = min(len(made), at + chance.randrange(1, 4000))
                made[at:at] = made[at:end] * chance.choice((1, 2, 50))
            case 4:
                del made[at : at + chance.randrange(1, 4000)]
            case 5:
                made[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff", b"9999"))
            case 6:
                made[at:at] = chance.choice(
                    (b"<", b"</", b"<w:tbl><w:tr><w:tc>" * 60, b"<table><tr><td>" * 300, b"&a;", b"[" * 3000, b"<<" * 500)
                )
    return bytes(made)


def broken_inside(data: bytes, chance: random.Random) -> bytes:
    """An Office package with one part broken and packed again, so that it gets past the checksum."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice([name for name in files if name.endswith((".xml", ".rels"))])
    files[name] = broken(files[name], chance)
    return _zip(files)


def read_whole(kind: str, data: bytes, folder: str) -> None:
    """Read the file, or those in a zip archive, of which a broken one does not stop the others.

    Raises:
        JixiaoError: it cannot be read; of an archive, nothing in it.
    """
    if kind != "zip":
        extract(open_document(data, f"fuzz.{kind}"))
        return
    archive = Path(folder, "now.zip")
    archive.write_bytes(data)
    names = reports_in(archive)
    refused = 0
    for name in names:
        try:
            extract(open_document(load(Path(name)), name))
        except JixiaoError:
            refused += 1
    if refused == len(names):
        raise UnreadableInput(f"{archive}: nothing in it can be read.")


def work(kind: str, seed: int, state: Any, folder: str) -> None:
    """Read one broken file after another, for ever; what is being read lies in the folder."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    chance = random.Random(seed)
    whole = seeds(kind)
    while True:
        data = chance.choice(whole)
        data = broken_inside(data, chance) if kind in ("docx", "xlsx", "ofd") and chance.random() < 0.7 else broken(data, chance)
        Path(folder, "now").write_bytes(data)
        state["begun"] = time.monotonic()
        try:
            read_whole(kind, data, folder)
            outcome = "read"
        except JixiaoError:
            outcome = "refused"
        except Exception as exc:
            outcome = f"{type(exc).__name__}: {exc}"[:160]
            state["found"] = [*state["found"], outcome]
            Path(folder, f"crash-{len(state['found'])}").write_bytes(data)
        state["slowest"] = max(state["slowest"], time.monotonic() - state["begun"])
        state["begun"] = 0.0
        state["count"] += 1
        state["outcomes"] = state["outcomes"] + Counter([outcome.split(":")[0]])


def fuzz(kind: str, seconds: float, bound: float) -> None:
    """Break files of the kind for so many seconds, and say what came of it."""
    folder = tempfile.mkdtemp(prefix=f"jixiao-fuzz-{kind}-")
    with multiprocessing.Manager() as manager:
        state: Any = manager.dict(begun=0.0, count=0, slowest=0.0, found=[], outcomes=Counter())
        ended, hangs, deaths, round_ = time.monotonic() + seconds, 0, 0, 0
        while time.monotonic() < ended:
            worker = multiprocessing.Process(target=work, args=(kind, round_, state, folder), daemon=False)
            worker.start()
            while time.monotonic() < ended and worker.is_alive():
                time.sleep(0.5)
                begun = state["begun"]
                if begun and time.monotonic() - begun > bound:
                    hangs += 1
                    Path(folder, "now").rename(Path(folder, f"hang-{hangs}"))
                    break
            if not worker.is_alive():
                deaths += 1
                now = Path(folder, "now")
                if now.exists():
                    now.rename(Path(folder, f"death-{deaths}"))
            worker.kill()
            worker.join()
            state["begun"] = 0.0
            round_ += 1
        outcomes = ", ".join(f"{count} {name}" for name, count in state["outcomes"].most_common())
        print(
            f"{kind}: {state['count']} files in {seconds:.0f} s: {outcomes}; slowest {state['slowest']:.1f} s; {hangs} hangs, {deaths} deaths"
        )
        for words, count in Counter(state["found"]).most_common():
            print(f"  {count} × {words}  (in {folder})")
        sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", default=["docx", "html", "xlsx", "pdf", "xls", "doc", "ofd", "zip", "image"])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--bound", type=float, default=20, help="seconds that one file may take")
    arguments = parser.parse_args()
    for kind in arguments.kinds:
        fuzz(kind, arguments.seconds, arguments.bound)


if __name__ == "__main__":
    main()
