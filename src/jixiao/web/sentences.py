"""The program's sentences (错误说明), which are English, in Chinese. ``chinese.json`` has each as it is written in the code.

``{name}`` stands for what differs from time to time; the Chinese may leave it out, where it says nothing to a reader.
"""

import json
import re
from functools import cache
from importlib.resources import files

_FORMS = {"address": r"https?://\S+", "n": r"[\d,.]+|\d[\d, …–]*"}
"""What a name stands for, where that is not anything."""
_HOLE = re.compile(r"\{(\w+)\}")
_WORDS = {
    "a PDF": "PDF 文件",
    "a Word, Excel or zip file": "Word、Excel 或压缩文件",
    "an old Word or Excel file": "旧版 Word 或 Excel 文件",
    "a picture": "图片",
    "an RTF file": "RTF 文件",
    "a Word 2003 XML file": "Word 2003 XML 文件",
    "an OpenDocument file": "OpenDocument 文件",
    "an old Word file": "旧版 Word 文件",
}
"""Kinds of files, as sentences name them."""
_FIELDS = {
    "kind": "种类", "name": "名称", "statement": "内容", "category": "类别", "period": "年度", "weight": "分值", "score": "得分",
    "target": "目标值", "actual": "实际值", "previous": "上年值", "raw": "原文写法", "value": "数值", "unit": "单位", "comparator": "比较",
    "deviation": "偏差", "attained": "是否达成", "project": "项目", "goal_id": "对应目标", "issue_ids": "针对问题", "label": "编号",
    "level": "层次", "status": "状态", "effect": "效果", "cause": "原因", "evidence": "原文出处",
}  # fmt: skip
"""Fields that can be typed, as the form calls them."""


@cache
def _known() -> list[tuple[re.Pattern[str], str]]:
    sentences: dict[str, str] = json.loads((files("jixiao.web") / "chinese.json").read_text(encoding="utf-8"))
    return [(re.compile(_pattern(english), re.DOTALL), chinese) for english, chinese in sentences.items()]


def _pattern(english: str) -> str:
    words = _HOLE.split(english)
    return "".join(
        f"(?P<{words[at]}>{_FORMS.get(words[at], '.*')})" if at % 2 else re.escape(words[at]) for at in range(len(words))
    )


def in_chinese(words: str) -> str:
    """The sentence in Chinese; as it is, where it is none of the program's."""
    for pattern, chinese in _known():
        if found := pattern.fullmatch(words):
            return _HOLE.sub(lambda hole: _shown(hole[1], found[hole[1]]), chinese)
    return words


def _shown(hole: str, words: str) -> str:
    match hole:
        case "fields":
            return "、".join("·".join(_FIELDS.get(part, part) for part in name.split(".")) for name in words.split("、"))
        case "kind":
            return _WORDS.get(words, words)
        case "why":
            return in_chinese(words)
        case _:
            return words
