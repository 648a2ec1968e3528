"""Quotes → places: exact, normalised and near ones, numbers that may not change, places that must not be cut, and laws."""

from pathlib import Path
from time import process_time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jixiao.document import Span
from jixiao.grounding import Grounded, Grounder, numbers_held

EXAMPLES = settings(max_examples=200, deadline=None)

REPORT = """三、部门整体支出绩效情况
（一）2023年，部门整体支出总额499.62万元，比上年增加104.75万元，增长26.53%。引导411家民营企业投资37.9亿元，
共实施了项目122家，其中新建22家。争取到位资金545.5亿元。项目完成率98.5%，预算执行率93.1%。
未完成年度任务的单位有三十二家，室温保持在25℃，收入增幅-5%，建设道路1,234.56公里，培训3—5次。
课题调研个数\t3\t12篇
组织（含网络）开展了各类惠企政策宣讲活动，覆盖了全部乡镇；经费控制在20万元以内。
"""
FOLDER = Path(__file__).parent.parent / "fixtures"
FIXTURES = "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*/source.txt")))


def found(quote: str, text: str = REPORT) -> tuple[str, str] | None:
    """How a quote is found in the text as one chunk, and the words at its place."""
    grounded = Grounder(text).ground(quote, Span(0, len(text)))
    return (grounded.how, text[grounded.span.start : grounded.span.end]) if grounded else None


@pytest.mark.parametrize(
    "quote",
    [
        "部门整体支出总额499.62万元",
        "122家",
        "22家",
        "三十二家",
        "-5%",
        "545.5亿元",
        "1,234.56公里",
        "投资37.9亿元，\n共实施",
        "3\t12篇",
    ],
)
def test_a_verbatim_quote_is_found_as_it_stands(quote: str) -> None:
    assert found(quote) == ("exact", quote)


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        ("项目完成率９８．５％", "项目完成率98.5%"),
        ("投资37.9亿元,共实施了项目", "投资37.9亿元，\n共实施了项目"),
        ("(一)2023年", "（一）2023年"),
        ("25°C", "25℃"),
        ("建设道路1234.56公里", "建设道路1,234.56公里"),
        ("培训3-5次", "培训3—5次"),
        ("课题调研个数 3", "课题调研个数\t3"),
        ("争取到位资金545.5亿元；", "争取到位资金545.5亿元"),
        ("其 中 新 建\n22家。", "其中新建22家。"),
        ("\u200b其中新建22家\ufeff,", "其中新建22家"),
    ],
)
def test_width_blanks_and_punctuation_may_differ(quote: str, place: str) -> None:
    assert found(quote) in [("normalised", place), ("exact", place)]


def test_a_number_broken_by_a_line_end_is_found_whole() -> None:
    assert found("资金545.5亿元", "争取资金545.\n5亿元。") == ("normalised", "资金545.\n5亿元")
    assert found("5亿元", "争取资金545.\n5亿元。") is None


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        ("引导411家民营企业共投资37.9亿元", "引导411家民营企业投资37.9亿元"),
        ("共实施项目122家，其中新建22家", "共实施了项目122家，其中新建22家"),
        ("组织开展了各类惠企政策宣讲活动，覆盖了全部乡镇", "组织（含网络）开展了各类惠企政策宣讲活动，覆盖了全部乡镇"),
        ("组织（含网络）开展了各类惠企政策宣传活动", "组织（含网络）开展了各类惠企政策宣讲活动"),
    ],
)
def test_a_light_word_may_differ_and_the_place_is_the_whole_of_the_quote(quote: str, place: str) -> None:
    assert found(quote) == ("near", place)


@pytest.mark.parametrize(
    "quote",
    [
        "部门整体支出总额599.62万元",
        "部门整体支出总额499.62亿元",
        "比上年减少104.75万元，增长26.53%",
        "项目完成率93.1%",
        "引导411户民营企业投资37.9亿元",
        "引导411家民营企业投资-37.9亿元",
        "完成了年度任务的单位有三十二家",
        "未完成年度任务的单位有三十三家",
        "收入增幅5%，建设道路1,234.56公里",
        "经费控制在20万元以上",
        "覆盖了部分乡镇；经费控制在20万元以内",
        "有效预算回收率93.1%",
    ],
)
def test_a_number_sign_unit_or_direction_may_not_differ(quote: str) -> None:
    assert found(quote) is None


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("12.5", "支出112.5万元"),
        ("12.5", "支出12.53万元"),
        ("支出12", "支出12.53万元"),
        ("5亿元", "到位资金545.5亿元"),
        ("22家", "企业122家"),
        ("十二家", "企业三十二家"),
        ("234.56公里", "道路1,234.56公里"),
        ("增幅5", "增幅5%"),
        ("5%", "增幅-5%"),
        ("投资37.9亿", "投资37.9亿元"),
        ("投资37.9", "投资37.9亿元"),
        ("提高5个", "提高5个百分点"),
        ("5次", "培训3—5次"),
        ("支出37.9亿", "支出37.9亿\n元"),
        ("完成年度任务", "未完成年度任务"),
        ("低于95%", "不低于95%"),
        ("二十五", "占百分之二十五"),
        ("C时", "25℃时"),
    ],
)
def test_a_place_never_parts_a_number_a_unit_or_a_character(quote: str, text: str) -> None:
    assert found(quote, text) is None


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("水利局全年共完成了各类项目12个", "农业局全年共完成了各类项目12个。"),
        ("全年开展了各类培训活动，参训人员满意度达到95%", "全年开展了各类培训活动，参训人员合格度达到95%。"),
        ("市级财政资金到账1,088.00万元，按期拨付", "市级财政资金上缴1,088.00万元，按期拨付"),
        ("处理设施412座，配套管网386.5公里，运行稳定", "处理设施386.5座，配套管网412公里，运行稳定"),
    ],
)
def test_a_number_is_not_found_where_it_is_said_of_another_subject(quote: str, text: str) -> None:
    assert found(quote, text) is None


def test_the_year_behind_a_list_number_is_no_part_of_a_number() -> None:
    assert found("2023年度预算", "1.2023年度预算") == ("exact", "2023年度预算")
    assert found("5%", "\n12.5%") is None


def test_cells_side_by_side_are_not_one_number() -> None:
    assert found("20132", "201\t32") is None
    assert found("201 32", "201\t32") == ("normalised", "201\t32")


@pytest.mark.parametrize(
    "quote",
    [
        "",
        " ",
        "。",
        "，。；",
        "、",
        "元",
        "3",
        "…",
        "引导411家民营企业…投资37.9亿元",
        "部门整体支出总额...增长26.53%",
        "编" * 600,
    ],
)
def test_a_quote_that_says_nothing_or_leaves_out_its_middle_has_no_place(quote: str) -> None:
    assert found(quote) is None


def test_a_changed_word_at_an_end_is_part_of_the_place() -> None:
    text = "全年工作如下：深入推动全民健身广泛开展。"
    assert found("深入推动全民健身广泛举行", text * 2) is None  # too short for so much
    text = "全年工作如下：深入推动全民健身和竞技体育广泛开展。"
    assert found("深入推动全民健身和竞技体育广泛举行", text) == ("near", "深入推动全民健身和竞技体育广泛开展")


def test_of_several_places_in_the_chunk_the_next_in_order_is_taken() -> None:
    text = "甲：已完成。乙：已完成。丙：已完成。"
    grounder = Grounder(text)
    starts = [grounder.ground("已完成", Span(0, len(text)), after) for after in (None, 3, 13)]
    assert [grounded and grounded.span.start for grounded in starts] == [2, 8, 14]


def test_an_earlier_place_is_taken_where_no_later_one_is_left() -> None:
    text = "投资37.9亿元。引导411家企业。"
    assert Grounder(text).ground("投资37.9亿元", Span(0, len(text)), 12) == Grounded(Span(0, 8), "exact")


def test_a_quote_inside_another_quote_has_its_place_too() -> None:
    text = "引导411家民营企业投资37.9亿元。"
    outer = Grounder(text).ground("引导411家民营企业投资37.9亿元", Span(0, len(text)))
    assert outer is not None
    assert Grounder(text).ground("投资37.9亿元", Span(0, len(text)), outer.span.start) == Grounded(Span(10, 18), "exact")


@pytest.mark.parametrize(("chunk", "start"), [(Span(0, 20), 0), (Span(60, 80), 50), (Span(80, 110), 105)])
def test_outside_the_chunk_the_nearest_place_is_taken(chunk: Span, start: int) -> None:
    text = "已完成任务".join(["", "说" * 45, "明" * 50, "。" * 10])
    grounded = Grounder(text).ground("已完成任务", chunk)
    assert grounded == Grounded(Span(start, start + 5), "exact")


def test_a_normalised_place_in_the_chunk_goes_before_a_verbatim_one_elsewhere() -> None:
    text = "支出 5 万元。支出5万元。"
    assert Grounder(text).ground("支出5万元", Span(0, 8)) == Grounded(Span(0, 7), "normalised")


@pytest.mark.parametrize(
    ("quote", "words", "held"),
    [
        ("支出总额499.62万元", "499.62万元", True),
        ("支出总额４９９．６２万元", "499.62万元", True),
        ("道路1,234.56公里", "1234.56公里", True),
        ("支出总额499.62万元", "499.62", True),
        ("超过22家", "22家", True),
        ("三十二家企业", "三十二家", True),
        ("有效保障运转", "有效保障", True),
        ("支出总额499.62万元", "99.62万元", False),
        ("支出总额499.62万元", "499.62亿元", False),
        ("引导122家企业", "22家", False),
        ("收入增幅-5%", "5%", False),
        ("收入增幅——5%", "5%", True),
        ("共22家", "超过22家", False),
        ("三十二家企业", "二家", False),
        ("有效保障运转", "12篇", False),
    ],
)
def test_a_number_counts_only_where_the_quote_holds_it_whole(quote: str, words: str, held: bool) -> None:
    assert numbers_held(quote, words) is held


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("啊" * 100_000, "啊" * 49_000 + "了"),
        ("1" * 100_000, "1" * 49 + "2"),
        ("1元" * 50_000, "元1元1元1元1"),
        ("一" * 100_000, "一" * 40),
        ("甲乙丙" * 30_000, "甲乙丙" * 300 + "丁" + "甲乙丁" * 300),
        ("1 " * 50_000, "1 " * 2_000 + "2"),
        ("e\u0301" * 50_000, "e\u0301" * 20_000 + "x"),
        ("\ud800" * 50_000, "\ud800" * 300 + "\udfff"),
    ],
)
@pytest.mark.parametrize("start", [0, 49_000])
def test_no_text_and_no_quote_takes_long(text: str, quote: str, start: int) -> None:
    begun = process_time()
    assert Grounder(text).ground(quote, Span(start, len(text))) is None
    assert process_time() - begun < 5  # most take a fiftieth of a second


_clause = st.sampled_from([line for line in FIXTURES.split("\n") if len(line.strip()) > 12])


_calm = [
    at
    for at in range(12, len(FIXTURES) - 12)
    if not any(map(str.isnumeric, FIXTURES[at - 12 : at + 12])) and not set("两半未不没无非否") & set(FIXTURES[at - 12 : at + 12])
]


@given(first=st.integers(0, len(_calm) - 81), further=st.integers(4, 80))
@EXAMPLES
def test_a_stretch_of_a_report_that_cuts_no_number_is_found_verbatim(first: int, further: int) -> None:
    quote = FIXTURES[_calm[first] : _calm[first + further]].strip()
    assume(sum(map(str.isalnum, quote)) > 1)
    assert found(quote, FIXTURES) == ("exact", quote)


@given(line=_clause, data=st.data())
@EXAMPLES
def test_a_changed_digit_never_has_a_place(line: str, data: st.DataObject) -> None:
    digits = [at for at, character in enumerate(line) if character in "0123456789"]
    assume(digits)
    at = data.draw(st.sampled_from(digits))
    quote = line[:at] + data.draw(st.sampled_from([digit for digit in "0123456789" if digit != line[at]])) + line[at + 1 :]
    assume("".join(quote.split()) not in "".join(FIXTURES.split()))
    assert found(quote, FIXTURES) is None


@given(line=_clause, data=st.data())
@EXAMPLES
def test_a_place_has_the_same_digits_as_its_quote(line: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(line)))
    quote = (
        line[:at]
        + data.draw(st.sampled_from(["了", "的", "，", " ", "1", "-", "未", "…"]))
        + line[at + data.draw(st.integers(0, 2)) :]
    )
    place = found(quote, FIXTURES)
    assert place is None or [one for one in place[1] if one.isdigit()] == [one for one in quote if one.isdigit()]


@given(text=st.text(max_size=200), quote=st.text(max_size=40), start=st.integers(-5, 250), end=st.integers(-5, 250))
@EXAMPLES
def test_any_words_at_all_are_answered(text: str, quote: str, start: int, end: int) -> None:
    grounded = Grounder(text).ground(quote, Span(start, end))
    assert grounded is None or 0 <= grounded.span.start < grounded.span.end <= len(text)
    assert numbers_held(text, quote) in (True, False)
