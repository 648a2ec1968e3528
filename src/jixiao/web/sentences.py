"""The program's sentences (错误说明), which are English, in Chinese; one without a translation stays as it is."""

import re

_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"(?P<s>.*): the file is empty; send another\.", "{s}：文件是空的，请另选一份。"),
    (r"(?P<s>.*): jixiao reads (?P<n>\d+) MB at most: split it\.", "{s}：文件超过 {n} MB，请拆分后再传。"),
    (r"(?P<s>.*): the file takes (?P<m>\d+) MB, jixiao reads (?P<n>\d+) MB at most: split it\.", "{s}：文件有 {m} MB，最多 {n} MB，请拆分后再传。"),
    (r"(?P<s>.*): no reports in this archive; .*", "{s}：压缩包里没有可读的报告。"),
    (r"(?P<s>.*): the zip archive is damaged .*", "{s}：压缩包已损坏，请重新打包。"),
    (r"(?P<s>.*): the archive holds (?P<n>[\d,]+) .*", "{s}：压缩包里有 {n} 个文件，请分批上传。"),
    (r"(?P<s>.*): the archive is encrypted; .*", "{s}：压缩包有密码，请解开后再传。"),
    (r"(?P<s>.*): (?:it is damaged in|there is no such file in) the archive.*", "{s}：在压缩包中已损坏，无法解开。"),
    (r"(?P<s>.*): unpacked it takes more than .*", "{s}：解开后过大，不予读取。"),
    (r"(?P<s>.*): the PDF is encrypted; .*", "{s}：PDF 有密码，请另存为无密码的文件。"),
    (r"(?P<s>.*): the PDF is damaged .*", "{s}：PDF 已损坏，无法打开。"),
    (r"(?P<s>.*): the PDF has no pages\.", "{s}：PDF 没有页面。"),
    (r"(?P<s>.*): the PDF has (?P<n>[\d,]+) pages.*", "{s}：PDF 有 {n} 页，请拆分后再传。"),
    (r"(?P<s>.*): the process that read it died.*", "{s}：读取时进程中断，可能是内存不足，请检查文件。"),
    (r"(?P<s>.*): the file is no longer kept; send it again\.", "{s}：文件已不在，请重新上传。"),
    (r"(?P<s>.*)(?: needs packages that are not installed: (?P<how>pip install .*))", "读取此类文件需要安装组件：{how}"),
    (r"(?P<s>.*): (?:the (?:file|workbook|Word file|Excel workbook) is |.*)encrypted.*", "{s}：文件有密码，请另存为无密码的文件。"),
    (r"(?P<s>.*): .*(?:holds no text|no text in it|there is no text).*", "{s}：文件里没有文字。"),
    (r"(?P<s>.*): .*(?:damaged|cannot be opened|a trap).*", "{s}：文件已损坏，无法读取。"),
    (r".*: there is no report \d+\.", "没有这份报告。"),
    (r"a decision needs its reviewer's name.*", "请先填写审核人姓名（不超过40个字）。"),
    (r"there is no such record in the report; load the page again\.", "报告中没有这条记录，请刷新页面。"),
    (r"the page is older than the program's last start; load it again\.", "页面已过期（程序重新启动过），请刷新后再试。"),
    (r"these words are not in the report; .*", "报告中没有这段文字，请从原文中整段复制。"),
    (r"these words stand in several places .*", "这段文字在报告中出现多次，请多选几个字，或直接在原文中选取。"),
    (r"this place is not in the report; .*", "选取的位置不在报告中，请重新选取。"),
    (r"these fields cannot be so: (?P<n>.*); fill them in.*", "以下字段的值不对：{n}。"),
    (r"(?P<f>[\w.]+): “(?P<w>.*)” is no number; .*", "{f}：“{w}”不是数字，请写成 98.5 这样的数。"),
    (r"a field holds at most (?P<n>[\d,]+) characters\.", "每个字段最多 {n} 个字。"),
    (r"“(?P<w>.*)” is no condition: .*", "“{w}”不是条件，请写成“实际 >= 1亿元”这样的形式。"),
    (r"“(?P<w>.*)”: there is no field “(?P<f>.*)”; .*", "“{w}”：没有“{f}”这个字段，可用：目标、实际、上年、增减、分值、得分、自评得分。"),
    (r"“(?P<w>.*)”: “(?P<q>.*)” is no number to compare with; .*", "“{w}”：“{q}”不是可以比较的数，请写成 1亿元、95% 或 3.2万人次。"),
    (r"“(?P<w>.*)” is no year: .*", "“{w}”不是年度，请写成 2023 或 2021..2023。"),
    (r"“(?P<w>.*)” ends before it begins: .*", "“{w}”的起止年度颠倒了。"),
    (r"the query has (?P<n>[\d,]+) characters; .*", "检索式有 {n} 个字，请缩短。"),
    (r"the token is not right\.", "访问口令不对。"),
    (r"there is no such page\.", "没有这个页面。"),
)  # fmt: skip
_KNOWN = [(re.compile(english, re.DOTALL), chinese) for english, chinese in _SENTENCES]


def in_chinese(words: str) -> str:
    """The sentence in Chinese, where it is known."""
    for pattern, chinese in _KNOWN:
        if found := pattern.fullmatch(words):
            return chinese.format(**found.groupdict())
    return words
