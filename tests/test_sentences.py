"""Every sentence of the program that a page can show is there in Chinese: found in the code, so that a new one is not forgotten."""

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from jixiao import errors
from jixiao.dataset.store import _ADVICE
from jixiao.errors import JixiaoError, MissingExtra
from jixiao.readers.allowance import MOST_PICTURES, Allowance
from jixiao.readers.kinds import Kind
from jixiao.readers.opening import _REFUSED
from jixiao.readers.text import _BINARY
from jixiao.web.sentences import in_chinese

SOURCE = Path(errors.__file__).parent
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, JixiaoError)}
NO_PAGES = """
    cli evaluation render settings.py pipeline.py audit/across.py models/batch.py models/embedding.py models/prompts.py
    dataset/cluster.py dataset/embed.py dataset/locations.py dataset/parts.py dataset/export.py dataset/sql.py dataset/writers.py dataset/trend.py
""".split()  # fmt: skip
"""Modules whose sentences a terminal alone shows."""
AT_THE_START = {"open_dataset", "_url", "_engine", "check_address", "sdk_client"}
"""Functions that have refused before there is a page."""
PHRASES = {
    "readers/text.py kind": sorted(set(_BINARY.values())),
    "readers/old_word.py what": [Kind.DOC.value, Kind.RTF.value, Kind.WORD_XML.value, Kind.ODF.value],
    "readers/sheet.py what": ["rows", "columns"],
    "dataset/store.py _ADVICE.get(_first_of(reason), 'the dataset cannot be used')": [*_ADVICE.values(), "the dataset cannot be used"],
    "models/connection.py where": ["http://127.0.0.1:8000/v1"],
    "models/client.py self.settings.base_url": ["http://127.0.0.1:8000/v1"],
    "models/probe.py settings.base_url": ["http://127.0.0.1:8000/v1"],
    "models/connection.py error": ["http://127.0.0.1:8000/v1: no answer within 60 s; raise --timeout."],
    "models/engine.py answers[0].failed[0].reason": ["http://127.0.0.1:8000/v1: no answer within 60 s; raise --timeout."],
    "readers/pdf.py pages_told(lost, 'damaged and was', 'damaged and were')": ["Page 3 is damaged and was", "Pages 3, 4 … are damaged and were"],
    "readers/pdf.py told": ["Page 3 is a picture and was", "Pages 3, 4 are pictures and were"],
}  # fmt: skip
"""What stands in a sentence where it is words of the program again."""


def sentences() -> Iterator[tuple[str, str]]:
    """The place and the words of each sentence, digits where the code puts something in."""
    for file in sorted(SOURCE.rglob("*.py")):
        place = file.relative_to(SOURCE).as_posix()
        if place.startswith(tuple(NO_PAGES)):
            continue
        for function, call in calls(ast.parse(file.read_text(encoding="utf-8"))):
            if function.name in AT_THE_START or not call.args:
                continue
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            is_note = (
                name == "append" and isinstance(call.func, ast.Attribute) and ast.unparse(call.func).endswith("notes.append")
            )
            if name in ERRORS or is_note:
                for words in made(call.args[0], function, place):
                    yield f"{place}:{call.lineno}", str(MissingExtra(words, "ocr")) if name == "MissingExtra" else words
    for pages in (1, 3):
        allowance = Allowance()
        for page in range(1, MOST_PICTURES + 1 + pages):
            allowance.covers(page)
        yield "readers/allowance.py", allowance.notes()[0]
    for kind, advice in _REFUSED.items():
        yield "readers/opening.py", f"甲.x: this is {kind.value}; {advice}."


def calls(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.Call]]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from ((function, node) for node in ast.walk(function) if isinstance(node, ast.Call))


def made(argument: ast.expr, function: ast.AST, place: str) -> list[str]:
    """The words that an argument can be."""
    if isinstance(argument, ast.Constant):
        return [str(argument.value)]
    if not isinstance(argument, ast.JoinedStr):
        return []
    pieces = [
        [str(piece.value)] if isinstance(piece, ast.Constant) else put_in(piece, function, place)
        for piece in argument.values
        if isinstance(piece, ast.Constant | ast.FormattedValue)
    ]
    return [] if ["kind.value"] in pieces else ["".join(words) for words in product(*pieces)]


def put_in(piece: ast.FormattedValue, function: ast.AST, place: str) -> list[str]:
    words = ast.unparse(piece.value)
    if f"{place} {words}" in PHRASES:
        return PHRASES[f"{place} {words}"]
    if words == "kind.value":  # with its advice: told by themselves
        return ["kind.value"]
    chosen = [
        each.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == words
        for each in ast.walk(node.value)
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and " " in each.value
    ]
    return chosen or ["7"]


@pytest.mark.parametrize(("place", "words"), sorted(set(sentences())))
def test_every_sentence_that_a_page_can_show_has_its_chinese(place: str, words: str) -> None:
    shown = in_chinese(words)
    assert re.search(r"[\u4e00-\u9fff]", shown), f"{place}: chinese.json lacks “{words}”"
    left = re.sub(r"pip install 'jixiao\[\w+\]'|MB|GB|PDF|Word|Excel|Office|XML|RAR|7-Zip|LibreOffice|OpenDocument|RTF|UTF-8|jixiao|tokens", "", shown)  # fmt: skip
    assert not re.search(r"[A-Za-z]{3}", re.sub(r"\.\w+", "", left)), f"{place}: English is left in “{shown}”"


def test_the_scan_of_the_code_finds_its_sentences() -> None:
    found = {words for _, words in sentences()}
    assert "7: the PDF is encrypted; save it without a password." in found
    assert "there is no such record in the report; load the page again." in found
    assert any(words.startswith("Sheet 7: 7 hidden rows") for words in found)
    assert len(found) > 100


def test_fields_are_named_as_the_form_names_them() -> None:
    assert in_chinese("these fields cannot be so: target.value、name; fill them in, or choose another value.").startswith(
        "以下各项的值不对：目标值·数值、名称。"
    )


def test_words_that_are_none_of_the_programs_stay() -> None:
    assert in_chinese("something else") == "something else"
