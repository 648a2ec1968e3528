"""Words → quantities: the forms that real reports write, what only looks like a number, and laws that hold for any words."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao.quantities import Quantity, find_quantities, is_plain_number, plain_number
from jixiao.records import MONEY, Comparator, base_measure

EXAMPLES = settings(max_examples=200, deadline=None)

Reading = tuple[Decimal | None, str | None, Comparator, bool]


def reading(quantity: Quantity) -> Reading:
    return quantity.value, quantity.unit, quantity.comparator, quantity.repaired


def the_one(words: str) -> Quantity:
    found = find_quantities(words)
    assert len(found) == 1, f"{words}: {found}"
    return found[0]


@pytest.mark.parametrize(
    ("words", "value", "unit", "comparator", "repaired"),
    [
        # plain numbers and units
        ("12篇", "12", "篇", "eq", False),
        ("98", "98", None, "eq", False),
        ("0条", "0", "条", "eq", False),
        ("37.9亿元", "37.9", "亿元", "eq", False),
        ("1,234.56万元", "1234.56", "万元", "eq", False),
        ("12,345,678元", "12345678", "元", "eq", False),
        ("10 万元", "10", "万元", "eq", False),
        ("3.2万人次", "3.2", "万人次", "eq", False),
        ("2万户", "2", "万户", "eq", False),
        ("60台套", "60", "台套", "eq", False),
        ("2.16万担", "2.16", "万担", "eq", False),
        ("386.5公里", "386.5", "公里", "eq", False),
        ("300元/人", "300", "元/人", "eq", False),
        ("5.2元/平方米", "5.2", "元/平方米", "eq", False),
        ("80mg/L", "80", "mg/L", "eq", False),
        ("1.5倍", "1.5", "倍", "eq", False),
        ("3百万元", "300", "万元", "eq", False),
        # percentages
        ("29%", "29", "%", "eq", False),
        ("99.5％", "99.5", "%", "eq", False),
        ("0.5个百分点", "0.5", "个百分点", "eq", False),
        ("100百分比", "100", "百分比", "eq", False),
        ("3‰", "3", "‰", "eq", False),
        ("0.44个千分点", "0.44", "个千分点", "eq", False),
        ("4批次/千人", "4", "批次/千人", "eq", False),
        ("-20%", "-20", "%", "eq", False),
        ("−3.5%", "-3.5", "%", "eq", False),
        # full-width digits are no repair
        ("１，２３４．５６万元", "1234.56", "万元", "eq", False),
        ("１２篇", "12", "篇", "eq", False),
        # garbled by a scan or by hand
        ("482,24万元", "482.24", "万元", "eq", True),
        ("增加,104.75万元", "104.75", "万元", "eq", True),
        ("12,34,567元", "1234567", "元", "eq", True),
        ("15O万元", "150", "万元", "eq", True),
        ("1〇5家", "105", "家", "eq", True),
        ("2l家", "21", "家", "eq", True),
        ("250万兀", "250", "万元", "eq", True),
        ("3兀", "3", "元", "eq", True),
        ("50。5万元", "50.5", "万元", "eq", True),
        ("89·5%", "89.5", "%", "eq", True),
        # vague
        ("20万余元", "20", "万元", "gt", False),
        ("500余万元", "500", "万元", "gt", False),
        ("10余期", "10", "期", "gt", False),
        ("100多家", "100", "家", "gt", False),
        ("2万多名", "2", "万名", "gt", False),
        ("3个多月", "3", "个月", "gt", False),
        ("三十余家", "30", "家", "gt", False),
        ("十余次", "10", "次", "gt", False),
        ("百余名", "100", "名", "gt", False),
        ("近300万元", "300", "万元", "lt", False),
        ("约426吨", "426", "吨", "about", False),
        ("30人左右", "30", "人", "about", False),
        # comparators
        ("≥98%", "98", "%", "ge", False),
        ("≧10次", "10", "次", "ge", False),
        ("》90%", "90", "%", "ge", False),
        (">=90%", "90", "%", "ge", False),
        ("大于或等于90%", "90", "%", "ge", False),
        ("大于等于5项", "5", "项", "ge", False),
        ("95%以上", "95", "%", "ge", False),
        ("98%及以上", "98", "%", "ge", False),
        ("不低于95%", "95", "%", "ge", False),
        ("不少于3.1万人", "3.1", "万人", "ge", False),
        ("至少3次", "3", "次", "ge", False),
        ("超过100人", "100", "人", "gt", False),
        ("＞3次", "3", "次", "gt", False),
        ("逾50家", "50", "家", "gt", False),
        ("不足10%", "10", "%", "lt", False),
        ("＜5%", "5", "%", "lt", False),
        ("不超过12%", "12", "%", "le", False),
        ("不突破8.55万元", "8.55", "万元", "le", False),
        ("≤24小时", "24", "小时", "le", False),
        ("12%以内", "12", "%", "le", False),
        ("3个工作日内", "3", "个工作日", "le", False),
        ("半小时内", "0.5", "小时", "le", False),
        ("24小时以内", "24", "小时", "le", False),
        # Chinese numerals
        ("两次", "2", "次", "eq", False),
        ("十二次", "12", "次", "eq", False),
        ("一百二十万元", "120", "万元", "eq", False),
        ("五成", "50", "%", "eq", False),
        ("三成以上", "30", "%", "ge", False),
        ("三成半", "35", "%", "eq", False),
        ("百分之九十五", "95", "%", "eq", False),
        ("百分之八十五点五", "85.5", "%", "eq", False),
        ("百分之95", "95", "%", "eq", False),
        ("三分之一", "0.3333", None, "eq", False),
        ("四分之三", "0.75", None, "eq", False),
        # ranges have no one value
        ("3—5个", None, "个", "eq", False),
        ("3-5个工作日", None, "个工作日", "eq", False),
        ("80%-90%", None, "%", "eq", False),
        ("300—400元", None, "元", "eq", False),
        ("三至五个", None, "个", "eq", False),
    ],
)
def test_each_form_of_a_quantity_is_read_whole(
    words: str, value: str | None, unit: str | None, comparator: Comparator, repaired: bool
) -> None:
    assert reading(the_one(words)) == (Decimal(value) if value else None, unit, comparator, repaired)


@pytest.mark.parametrize(
    "words",
    "2023年 2023年度 2023年12月31日 12月31日 2024-05-06 2024/5/6 2024.5.6 7月上旬 10日 1月至12月 2023年1-6月 6月底前 11月30日前 "
    "2020-2023年 2022—2024年 二〇二三年 二O二三年 三月底 十二月 9:30 14时30分 上半年 第六届 第3次会议 第3批 第一季度 第一次 "
    "〔2020〕10号 财预〔2021〕101号 10号 3#楼 500强 百强县 A3 A3纸 T3 5G 4A级 PM2.5 1.2.3 一是 二是 三公 三公经费 八项规定 "
    "中央八项规定精神 四个意识 十四五 一带一路 三农 四风 三会一课 一岗双责 三重一大 一把手 十佳 一方面 进一步 统一 一定 "
    "一般公共预算 一站式服务 百分制 千方百计 一等奖 三级甲等 二级指标 二十届三中全会 其一 之一 这次 某一次 “四好”商会".split(),
)
def test_what_only_looks_like_a_number_is_no_quantity(words: str) -> None:
    assert find_quantities(words) == []


@pytest.mark.parametrize("words", ["一季度", "于二季度完成", "打通最后一公里", "每一次检查"])
def test_a_quarter_of_the_year_and_a_figure_of_speech_are_no_quantities(words: str) -> None:
    assert find_quantities(words) == []


def test_ordinals_told_together_count_nothing() -> None:
    assert find_quantities("第2、3项完成") == []


@pytest.mark.parametrize("words", ["走访几十家企业", "投入数十万元"])
def test_some_tens_are_not_read_as_ten(words: str) -> None:
    assert [quantity.value for quantity in find_quantities(words) if quantity.value is not None] == []


@pytest.mark.parametrize(("words", "value"), [("历时3个半月", "3.5"), ("用时1个半小时", "1.5")])
def test_a_half_behind_the_measure_word_is_part_of_the_number(words: str, value: str) -> None:
    assert [quantity.value for quantity in find_quantities(words)] == [Decimal(value)]


@pytest.mark.parametrize("words", ["2035.6公里", "1900.00个百分点", "2012.05亩", "2024.5万元", "2023家"])
def test_a_number_with_a_unit_is_no_year(words: str) -> None:
    assert the_one(words).raw == words


def test_two_quantities_in_a_clause_are_two() -> None:
    found = find_quantities("引导411家民营企业投资37.9亿元")
    assert [(quantity.raw, reading(quantity)) for quantity in found] == [
        ("411家", (Decimal(411), "家", "eq", False)),
        ("37.9亿元", (Decimal("37.9"), "亿元", "eq", False)),
    ]


def test_a_year_beside_a_quantity_is_left_out() -> None:
    assert [quantity.raw for quantity in find_quantities("2023年12月31日前，第六届大会签约15个项目，财预〔2020〕10号")] == [
        "15个"
    ]


def test_a_sentence_full_of_names_and_figures_gives_the_figures_alone() -> None:
    words = "落实八项规定，“三公”经费8.55万元，比2022年增加1.32万元，增长18.26%，服务500强企业3家次，办结率百分之九十六。"
    assert [quantity.raw for quantity in find_quantities(words)] == ["8.55万元", "1.32万元", "18.26%", "3家次", "百分之九十六"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("1,234.5", (Decimal("1234.5"), False)),
        ("482,24", (Decimal("482.24"), True)),
        ("-12.5", (Decimal("-12.5"), False)),
        ("１２．５", (Decimal("12.5"), False)),
        ("1O0", (Decimal(100), True)),
        ("12篇", None),
        ("无", None),
        ("", None),
    ],
)
def test_a_bare_cell_is_a_number_or_none(words: str, expected: tuple[Decimal, bool] | None) -> None:
    assert plain_number(words) == expected
    assert is_plain_number(words) == (expected is not None)


# Laws


def like_a_year(number: Decimal) -> bool:
    """Whether a number begins as a year does; such ones have a test of their own."""
    return 1900 <= number < 2100


CLAUSES_BEFORE = [
    "",
    "2023年度我局",
    "根据财预〔2020〕10号文件，全年",
    "一是加强培训。",
    "（二）履职效能，",
    "“三公”经费管理严格；",
    "引导411家民营企业投资37.9亿元，",
    "截至2023年12月31日，",
    "占比29%。",
    "在第六届全球娄商大会上：",
    "深入贯彻八项规定精神，扎实推进三农工作，",
    "\n",
    "完成情况（",
]
CLAUSES_AFTER = [
    "",
    "。",
    "，同比有所提升。",
    "；二是强化监管。",
    "，2024年继续实施。",
    "）。",
    "、第二批项目验收合格。",
    "，其中中央补助37.9亿元。",
    "\n（三）社会效益",
    "，比上年增加3.5万元，增长29%。",
]
NUMBERS = st.one_of(
    st.integers(0, 99999).map(str),
    st.decimals("0.01", "9999.99", places=2).filter(lambda number: not like_a_year(number)).map(lambda number: f"{number:f}"),
    st.integers(1000, 9_999_999).map(lambda number: f"{number:,}"),
    st.integers(0, 9999).map(lambda number: str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))),
    st.sampled_from(["482,24", "15O", "1〇5", "百分之九十五", "三分之一", "五成", "两", "十二", "三十余", "10余", "100多"]),
)
UNITS = st.sampled_from(
    ["万元", "元", "亿元", "%", "个百分点", "家", "篇", "场次", "万人次", "人次", "公里", "个工作日", "元/人", "万户"]
)
WORDS_BEFORE = st.sampled_from(["", "≥", "≧", "不低于", "不超过", "超过", "近", "约", "至少", "大于或等于", "不足"])
WORDS_AFTER = st.sampled_from(["", "以上", "以内", "左右", "及以上"])


@st.composite
def quantities(draw: st.DrawFn) -> str:
    number = draw(NUMBERS)
    unit = "次" if number in ("两", "十二", "三十余") else "" if "分之" in number or "成" in number else draw(UNITS)
    return draw(WORDS_BEFORE) + number + unit + draw(WORDS_AFTER)


@given(quantities(), st.sampled_from(CLAUSES_BEFORE), st.sampled_from(CLAUSES_AFTER))
@EXAMPLES
def test_a_quantity_reads_the_same_at_any_place_in_any_sentence(words: str, before: str, after: str) -> None:
    alone = the_one(words)
    sentence = before + words + after
    here = [found for found in find_quantities(sentence) if len(before) <= found.start < len(before) + len(words)]
    assert [(found.raw, found.start - len(before), reading(found)) for found in here] == [
        (alone.raw, alone.start, reading(alone))
    ]


@given(quantities(), quantities(), st.sampled_from("，。；、"))
@EXAMPLES
def test_two_clauses_hold_what_each_holds(first: str, second: str, mark: str) -> None:
    both = find_quantities(first + mark + second)
    assert [reading(found) for found in both] == [reading(the_one(first)), reading(the_one(second))]


NEAR_WORDS = st.text(
    alphabet=st.sampled_from(
        "0123456789０９OolI〇,，.．。·-—–~至到一二两三十百千万亿余多几半成点分之百%％≥≤≧》<>约近超元兀家个次年月日第号"
        "〔〕()（） \t\n届强"
    ),
    max_size=40,
)


@given(st.one_of(st.text(max_size=60), NEAR_WORDS))
@settings(max_examples=400, deadline=None)
def test_any_words_give_quantities_that_are_their_own_words_in_order_and_apart(words: str) -> None:
    found = find_quantities(words)
    for quantity in found:
        assert words[quantity.start : quantity.end] == quantity.raw
        assert quantity.start < quantity.end
        assert quantity.measurement().raw == quantity.raw
    assert all(earlier.end <= later.start for earlier, later in pairwise(found))


@given(st.decimals("0", "9999999", places=2).filter(lambda number: not like_a_year(number)), st.sampled_from(["万元", "家", "%"]))
@EXAMPLES
def test_a_number_means_what_decimal_says_however_it_is_grouped(number: Decimal, unit: str) -> None:
    assert the_one(f"{number:f}{unit}").value == number
    assert reading(the_one(f"{number:,f}{unit}")) == (number, unit, "eq", False)


@given(st.decimals("-9999999", "9999999", places=4), st.sampled_from(sorted(MONEY)))
@EXAMPLES
def test_money_in_base_units_is_what_decimal_arithmetic_makes_it(value: Decimal, unit: str) -> None:
    power = {"元": 0, "千元": 3, "万元": 4, "百万元": 6, "千万元": 7, "亿元": 8, "万亿元": 12}[unit]
    assert base_measure(value, unit) == (value * 10**power, "元")
    assert base_measure(value, f"{unit}/人") == (value * 10**power, "元/人")


@given(st.decimals("0", "9999999", places=4), st.sampled_from(["人次", "户", "只", "亩"]))
@EXAMPLES
def test_ten_thousands_before_a_unit_are_multiplied_out(value: Decimal, unit: str) -> None:
    assert base_measure(value, f"万{unit}") == (value * 10**4, unit)
    assert base_measure(value, f"亿{unit}") == (value * 10**8, unit)
    assert base_measure(value, unit) == (value, unit)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("3.2", "万人次", ("32000", "人次")),
        ("95", "％", ("95", "%")),
        ("100", "百分比", ("100", "%")),
        ("0.5", "个百分点", ("0.5", "个百分点")),
        ("30", "万", ("300000", None)),
        ("12", None, ("12", None)),
    ],
)
def test_percentages_and_bare_multiples_have_their_base_units(
    value: str, unit: str | None, expected: tuple[str, str | None]
) -> None:
    assert base_measure(Decimal(value), unit) == (Decimal(expected[0]), expected[1])


def test_words_without_a_number_keep_their_unit() -> None:
    assert base_measure(None, "万元") == (None, "元")
    assert base_measure(None, "篇") == (None, "篇")
