"""Small reports → whole findings: what a reviewer would write down, and the near-misses that are right."""

import json
import random
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao import extract, read
from jixiao.audit import CHECKS, Case, Finding, audit, audit_all
from jixiao.audit.reckoning import a_digit_apart, stated
from jixiao.audit.subjects import Subject, item_of, subject_of
from jixiao.quantities import find_quantities
from jixiao.readers.text import read_text

FIXTURES = Path(__file__).parent.parent / "fixtures"
TITLE = "澄江市文化局2023年度部门整体支出绩效自评报告\n一、部门概况\n"
ACCOUNTS = """附件 部门基础数据表
|项目（万元）|2022年决算数|2023年预算数|2023年决算数|
|基本支出|{last}|900.00|{basic}|
|人员经费|500.00|560.00|{staff}|
|公用经费|300.00|340.00|{office}|
"""


def findings(text: str, title: str = TITLE) -> list[Finding]:
    document = read_text((title + text).encode(), "report.txt")
    return audit(document, extract(document))


def reckonings(text: str, title: str = TITLE) -> list[str]:
    return [f"{finding.check.code} {finding.reckoning}" for finding in findings(text, title)]


# Parts against their whole


def test_parts_that_do_not_add_up_are_told_with_the_sum() -> None:
    (finding,) = findings("2023年基本支出862.40万元，其中人员经费551.20万元、公用经费301.20万元。")
    assert (finding.severity, finding.reckoning) == ("error", "551.20 + 301.20 = 852.40 ≠ 862.40万元")
    assert [figure.words for figure in finding.figures] == ["862.40万元", "551.20万元", "301.20万元"]
    assert finding.record_ids == ["m1", "m2", "m3"]


def test_parts_within_the_rounding_of_all_figures_are_right() -> None:
    assert reckonings("拆除违法建设3.26万平方米，其中东片1.58万平方米、西片1.07万平方米、北片0.62万平方米。") == []


def test_a_list_that_need_not_be_whole_may_be_less_than_its_total() -> None:
    assert reckonings("全年培训干部1200人次，其中党政干部310人次、企业负责人220人次。") == []


def test_a_list_one_digit_from_its_total_is_an_error() -> None:
    assert reckonings("全年检查经营单位3642家次，其中城区2310家次、乡镇1232家次。") == ["parts 2310 + 1232 = 3542 ≠ 3642家次"]


def test_a_total_behind_its_parts_is_added_up() -> None:
    assert reckonings("新建棚圈84处、储草设施42处，合计126处。") == []
    assert reckonings("新建棚圈84处、储草设施42处，合计136处。") == ["parts 84 + 42 = 126 ≠ 136处"]


def test_shares_of_a_hundred_may_miss_it_by_rounding_only() -> None:
    assert reckonings("案件来源中上报占71.6%、投诉占20.3%、其他渠道占8.0%。") == []
    assert reckonings("案件来源中上报占71.6%、投诉占20.3%、其他渠道占9.0%。") == ["parts 71.6 + 20.3 + 9.0 = 100.9% ≠ 100%"]


# Text against table


def test_the_wrong_one_of_two_values_is_the_one_that_fits_no_sum() -> None:
    text = "2023年基本支出862.40万元，其中人员经费551.20万元、公用经费301.20万元。\n"
    table = ACCOUNTS.format(last="800.00", basic="862.40", staff="551.20", office="311.20")
    told = next(finding for finding in findings(text + table) if finding.check.code == "text-table")
    assert told.reckoning == "正文301.20万元 ≠ 表格311.20万元"
    assert told.wrong == "公用经费301.20万元"
    assert "551.20 + 311.20 = 862.40万元" in told.why


def test_one_amount_in_two_units_is_one_amount() -> None:
    assert reckonings("全年罚没收入128.64万元。收缴罚没收入1286400元，全部上缴国库。") == []


def test_an_indicator_and_the_text_must_say_the_same() -> None:
    table = "|一级指标|二级指标|三级指标|年度指标值|实际完成值|\n|满意度指标|满意度|群众满意度|≥90%|91.8%|\n"
    assert reckonings(f"第三方调查显示，群众满意度93.5%。\n{table}") == ["two-values 正文93.5% ≠ 自评表91.8%"]
    assert reckonings(f"第三方调查显示，群众满意度91.8%。\n{table}") == []


# Changes


def test_a_rate_of_change_is_recomputed_from_the_amount() -> None:
    said = "全年支出482.24万元，比上年增加104.75万元，增长{rate}%。"
    assert reckonings(said.format(rate="27.75")) == []
    assert reckonings(said.format(rate="27.8")) == []
    assert reckonings(said.format(rate="27.79")) == ["change 482.24 − 104.75 = 377.49（上年）；104.75 ÷ 377.49 = 27.75% ≠ 27.79%"]


def test_a_decrease_explained_by_more_is_told() -> None:
    said = "培训费9.80万元，比上年减少2.60万元，下降20.97%，主要原因是{reason}。"
    assert [f.split()[0] for f in reckonings(said.format(reason="培训班次增多、规模扩大"))] == ["reason"]
    assert reckonings(said.format(reason="部分培训改为线上举办")) == []
    assert reckonings(said.format(reason="新增线上课程，线下班次减少")) == []


def test_a_rate_from_nothing_has_no_base() -> None:
    (finding,) = findings("公务接待费4.38万元，比上年增加4.38万元，增长100%。")
    assert finding.check.code == "zero-base"


# Rates


def test_a_rate_is_recomputed_from_the_counts_it_names() -> None:
    assert reckonings("受理事项1126件，办结1098件，办结率97.51%。") == []
    assert reckonings("受理事项1126件，办结1098件，办结率98.51%。") == ["rate 1098 ÷ 1126 = 97.51% ≠ 98.51%"]


def test_a_share_is_of_the_base_that_it_names() -> None:
    said = "2023年部门年初预算5620.00万元，调整后全年预算6092.08万元。全年支出5945.87万元，相当于年初预算的{rate}%。"
    assert reckonings(said.format(rate="105.8")) == []
    (finding,) = findings(said.format(rate="97.6"))
    assert finding.reckoning == "5945.87 ÷ 5620.00 = 105.80% ≠ 97.6%"
    assert "实为全年预算6092.08万元的比例" in finding.why


def test_an_execution_rate_and_its_score_are_recomputed() -> None:
    row = "|项目资金（万元）|年初预算数|全年预算数|全年执行数|分值|执行率|得分|\n|年度资金总额|100.00|100.00|94.83|10|{rate}|{score}|\n"
    assert reckonings(row.format(rate="94.83%", score="9.48")) == []
    assert reckonings(row.format(rate="93.83%", score="9.38")) == ["rate 94.83 ÷ 100.00 = 94.83% ≠ 93.83%"]
    assert reckonings(row.format(rate="94.83%", score="8.48")) == ["execution-score 10 × 94.83% = 9.48 ≠ 8.48"]


def test_a_balance_is_income_less_spending() -> None:
    said = "2023年收入总额412.36万元，支出总额398.74万元，年末结转{left}万元。"
    assert reckonings(said.format(left="13.62")) == []
    assert reckonings(said.format(left="14.62")) == ["balance 412.36 − 398.74 = 13.62 ≠ 14.62万元"]


# Scores, targets, claims, wording

SCORED = """自评得分{score}分，等级为“{grade}”。
|一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分|
|产出指标|数量指标|演出场次|≥100场|{done}场|50|{marks}|
|效益指标|社会效益|观众满意度|≥90%|92%|30|30|
|满意度指标|满意度|群众知晓率|≥80%|88%|20|20|
|合计||||| {weights} |{total}|
"""


def scored(**changed: str) -> list[str]:
    said = {"score": "100", "grade": "优", "done": "120", "marks": "50", "weights": "100", "total": "100"} | changed
    return reckonings(SCORED.format(**said))


def test_weights_and_scores_are_added_up() -> None:
    assert scored() == []
    assert scored(weights="110") == ["weights 3项分值之和 100 ≠ 110"]
    assert scored(total="98", score="98") == ["scores 3项得分之和 100 ≠ 合计行98"]


def test_a_missed_target_scored_in_full_is_an_error() -> None:
    assert [line for line in scored(done="80") if line.startswith("pro-rata")] == [
        "pro-rata 目标≥100场，实际80场，未达成，却得满分50"
    ]


def test_a_grade_that_the_score_does_not_earn_is_an_error() -> None:
    assert scored(grade="良") == ["grade 100分按通常标准为“优”，所写为“良”"]


def test_all_done_is_held_against_the_counts() -> None:
    claimed = "年初确定的各项重点工作已全部完成。12项重点工作办结{done}项。"
    assert reckonings(claimed.format(done="11")) == ["all-done 11项 ÷ 12项 = 91.67%"]
    assert reckonings(claimed.format(done="12")) == []


def test_a_count_is_held_against_the_names_beside_it() -> None:
    assert reckonings("下属单位共3家，分别是市图书馆、市文化馆、市博物馆。") == []
    assert reckonings("下属单位共4家，分别是市图书馆、市文化馆、市博物馆。") == ["count 称4家，列出3家"]
    assert reckonings("在石湖、云岭、白沙等5个乡镇开展巡演。") == []


def test_a_garbled_number_is_no_contradiction() -> None:
    (finding,) = findings("全年支出482,24万元，比上年增加104.75万元，增长27.75%。")
    assert (finding.check.code, finding.severity, finding.reckoning) == ("garbled", "note", "482,24万元 → 482.24万元")


def test_a_concrete_goal_that_is_never_heard_of_again_is_told() -> None:
    text = "二、绩效目标完成情况\n目标1：编制完成《文物保护专项规划》，修缮古建筑。\n完成情况：修缮古建筑5处，修缮质量合格。\n"
    (finding,) = findings(text)
    assert (finding.check.code, finding.record_ids) == ("no-result", ["g1"])


# Everything holds together


def test_every_place_of_every_finding_is_in_the_text() -> None:
    for folder in sorted(FIXTURES.iterdir()):
        if folder.name.endswith("-heldout"):
            continue
        document = read(next(folder.glob("source.*")))
        for finding in audit(document, extract(document)):
            assert all(document.text[place.start : place.end] == place.quote for place in finding.places)


@pytest.mark.parametrize("name", ["hubei-dept-contradictions", "neimenggu-dept"])
def test_planted_errors_are_all_found(name: str) -> None:
    document = read(FIXTURES / name / "source.txt")
    found = [finding for finding in audit(document, extract(document)) if finding.severity == "error"]
    for planted in json.loads((FIXTURES / name / "findings.json").read_text(encoding="utf-8"))["findings"]:
        if planted["severity"] == "error":
            spans = [(at, at + len(quote)) for quote in planted["quotes"] if (at := document.text.find(quote)) >= 0]
            assert any(p.start < end and start < p.end for f in found for p in f.places for start, end in spans), planted["why"]


def test_every_check_says_where_its_rule_stands() -> None:
    assert len(CHECKS) == len(set(CHECKS)) >= 30
    document = read(FIXTURES / "hubei-dept-contradictions" / "source.txt")
    assert all(finding.check.name and finding.check.source for finding in audit(document, extract(document)))


# A consistent report has no finding; one changed digit has the finding that names it

REPORT = """2023年部门全年预算{plan}万元，全年支出{spent}万元，比上年增加{more}万元，增长{grown}%，预算执行率{rate}%，年末结转{left}万元。其中基本支出{basic}万元，项目支出{projects}万元。基本支出中，人员经费{staff}万元，公用经费{office}万元。受理事项{received}件，办结{closed}件，办结率{share}%。
附件 部门基础数据表
|项目（万元）|2022年决算数|2023年预算数|2023年决算数|
|人员经费|{staff_last}|{staff_plan}|{staff}|
|公用经费|{office_last}|{office_plan}|{office}|
"""
MONEY = st.integers(min_value=30_000, max_value=90_000).map(lambda cents: Decimal(cents) / 100)


@st.composite
def consistent(draw: st.DrawFn) -> dict[str, str]:
    """The numbers of a report that adds up."""
    staff, office, projects = draw(MONEY), draw(MONEY) / 4, draw(MONEY)
    office = round(office, 2)
    spent = staff + office + projects
    plan = round(spent * draw(st.sampled_from([Decimal("1.02"), Decimal("1.05"), Decimal("1.08")])), 2)
    last = round(spent * draw(st.sampled_from([Decimal("0.91"), Decimal("0.95"), Decimal("0.97")])), 2)
    received = draw(st.integers(min_value=1200, max_value=9000))
    closed = received - draw(st.integers(min_value=20, max_value=90))
    numbers = {
        "plan": plan, "spent": spent, "more": spent - last, "grown": round((spent - last) / last * 100, 2),
        "rate": round(spent / plan * 100, 2), "left": plan - spent, "basic": staff + office, "projects": projects,
        "staff": staff, "office": office, "received": received, "closed": closed, "share": round(Decimal(closed) / received * 100, 2),
        "staff_last": round(staff * Decimal("0.98"), 2), "staff_plan": round(staff * Decimal("1.01"), 2),
        "office_last": round(office * Decimal("0.97"), 2), "office_plan": round(office * Decimal("1.02"), 2),
    }  # fmt: skip
    return {name: f"{value:.2f}" if isinstance(value, Decimal) else str(value) for name, value in numbers.items()}


@settings(max_examples=60, deadline=None)
@given(consistent())
def test_a_report_that_adds_up_has_no_finding(numbers: dict[str, str]) -> None:
    assert reckonings(REPORT.format(**numbers)) == []


CHANGED = ["spent", "more", "rate", "left", "basic", "projects", "staff", "office", "closed", "share", "grown"]


@settings(max_examples=80, deadline=None)
@given(consistent(), st.sampled_from(CHANGED), st.integers(min_value=0, max_value=10**6))
def test_one_changed_digit_is_named_by_a_finding(numbers: dict[str, str], name: str, seed: int) -> None:
    right = numbers[name]
    at = random.Random(seed).choice([place for place, digit in enumerate(right) if digit.isdigit() and place < 3])
    wrong = right[:at] + random.Random(seed).choice([d for d in "123456789" if d != right[at]]) + right[at + 1 :]
    before, _, behind = REPORT.partition("{" + name + "}")  # in the text, and not in the table
    text = before.format(**numbers) + wrong + behind.format(**numbers)
    errors = [finding for finding in findings(text) if finding.severity == "error"]
    assert any(wrong in finding.reckoning or any(wrong in place.quote for place in finding.places) for finding in errors)


# Several reports


def case(text: str, department: str = "澄江市文化局", year: int = 2023) -> Case:
    title = f"{department}{year}年度部门整体支出绩效自评报告\n一、部门概况\n"
    document = read_text((title + text).encode(), f"{department}{year}.txt")
    return Case(document, extract(document))


def test_last_years_outcome_must_be_this_years_previous() -> None:
    table = "|项目（万元）|{0}年决算数|{1}年预算数|{1}年决算数|\n|人员经费|{2}|560.00|{3}|\n"
    last = case(table.format(2022, 2023, "500.00", "551.20"), year=2023)
    this = case(table.format(2023, 2024, "541.20", "570.00"), year=2024)
    (finding,) = audit_all([last, this]).across
    assert finding.reckoning == "2023年报告决算551.20万元 ≠ 2024年报告所列上年数541.20万元"
    assert [place.report for place in finding.places] == ["澄江市文化局2023.txt", "澄江市文化局2024.txt"]


def test_sentences_copied_between_departments_are_found_with_a_few_words_changed() -> None:
    problem = "二、存在的问题\n（一）预算编制不够精细，部分项目前期论证不充分，资金下达后未能及时形成实际支出{0}。\n"
    across = audit_all([case(problem.format("")), case(problem.format("进度"), "临江市林业局")]).across
    assert [(finding.check.code, len(finding.places)) for finding in across] == [("copied-text", 2)]


def test_a_score_far_from_its_peers_is_a_note() -> None:
    cases = [
        case(f"自评得分{score}分。", f"澄江市第{at}中学") for at, score in enumerate([95, 96, 97, 95, 96, 98, 97, 94, 61], 1)
    ]
    assert [finding.reckoning for finding in audit_all(cases).across] == ["自评得分61分，同类9份的中位数96分"]


# The pieces


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [("482.24万元", "4822350", "4822450"), ("29%", "28.5", "29.5"), ("330件", "330", "330"), ("3.26万平方米", "32550", "32650")],
)
def test_a_stated_number_stands_for_all_that_rounds_to_it(words: str, low: str, high: str) -> None:
    (quantity,) = find_quantities(words)
    number = stated(quantity.measurement(), "", 0, 0)
    assert number is not None
    assert number.interval == (Decimal(low), Decimal(high))


def test_one_digit_or_two_neighbours_make_a_slip() -> None:
    assert a_digit_apart(Decimal("449.62"), Decimal("499.62"))
    assert a_digit_apart(Decimal("261.12"), Decimal("216.12"))
    assert not a_digit_apart(Decimal("449.62"), Decimal("459.72"))
    assert not a_digit_apart(Decimal(12), Decimal(13))


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("2023年市工商联支出总额", Subject("支出总额", "actual")),
        ("其中：“三公”经费支出", Subject("三公经费", "actual")),
        ("“三公”经费支出合计", Subject("三公经费", "actual")),
        ("项目支出全年预算", Subject("项目支出", "plan")),
        ("2022年部门年初预算", Subject("支出总额", "initial")),
        ("未超过年初预算", None),
        ("重点项目支出", None),
        ("支出", None),
    ],
)
def test_names_of_the_accounts_are_known_by_what_they_mean(name: str, subject: Subject | None) -> None:
    assert subject_of(name) == subject


def test_a_table_row_is_known_with_its_marks() -> None:
    assert item_of("1、公务用车购置和维护经费") == "公务用车购置和运行维护费"


# Structure rather than sentence forms


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("群众满意度由88.4%提高到91.6%，提高3.2个百分点。", "群众满意度由88.4%提高到91.6%，提高2.2个百分点。", "change"),
        ("平均工期由计划的180天延长到196天，延长16天。", "平均工期由计划的180天延长到196天，延长26天。", "change"),
        ("冷库利用率81.5%，较改造前的68.3%提升13.2个百分点。", "冷库利用率81.5%，较改造前的68.3%提升12.2个百分点。", "change"),
        ("接待费用与上年的10.12万元相比减少0.76万元，下降7.51%。", "接待费用与上年的10.12万元相比减少0.76万元，下降8.51%。", "change"),
        ("净增企业16家，总数由76家增加到92家。", "净增企业14家，总数由76家增加到92家。", "change"),
        ("培训骨干1,870人次，为年度计划2,000人次的93.5%。", "培训骨干1,870人次，为年度计划2,000人次的95.3%。", "rate"),
        ("湿垃圾5.2万吨、干垃圾12.4万吨，占比依次为29.55%、70.45%。", "湿垃圾5.2万吨、干垃圾12.4万吨，占比依次为29.55%、71.45%。", "rate"),
        ("开展宣传1,240场次，受教育46.8万人次，平均每场377人次。", "开展宣传1,240场次，受教育46.8万人次，平均每场774人次。", "rate"),
        ("家庭对服务的满意率达98%。", "家庭对服务的满意率达102%。", "rate"),
        ("社区养老设施覆盖率97%，高于95%的年初目标。", "社区养老设施覆盖率92%，高于95%的年初目标。", "compared"),
        ("税收同比增长6.5%，高于5%的年初目标。", "税收同比增长6.5%，低于5%的年初目标。", "compared"),
        ("到位资金16,456万元，支出15,320.54万元。尚未支出的1,135.46万元结转下年。", "到位资金16,456万元，支出15,320.54万元。尚未支出的1,315.46万元结转下年。", "balance"),
        ("县级队伍5支、乡镇队伍14支、村级队伍206支，三级队伍总数达到225支。", "县级队伍5支、乡镇队伍14支、村级队伍206支，三级队伍总数达到235支。", "parts"),
        ("用途：书库310.00万元、展厅286.50万元、文化站393.00万元，三项支出合计989.50万元。", "用途：书库310.00万元、展厅286.50万元、文化站393.00万元，三项支出合计998.50万元。", "parts"),
        ("投入类得10分，过程类得28.5分，产出类得52.6分。综合得分91.1分。", "投入类得10分，过程类得28.5分，产出类得52.6分。综合得分92.1分。", "scores"),
        ("该工程2022年6月开工，于2023年11月通过竣工验收。", "该工程2022年6月开工，于2025年9月通过竣工验收。", "period"),
        ("年初预算3,200万元，年中追加280万元，调整后预算3,480万元。", "年初预算3,200万元，年中追加280万元，调整后预算3,580万元。", "change"),
        ("出行分担率36.8%，比上年提高2.3个百分点（上年为34.5%）。", "出行分担率36.8%，比上年提高2.3个百分点（上年为34.2%）。", "change"),
        ("投诉办结率由上年的82.5%提高到85.3%。", "投诉办结率由上年的82.5%下降到85.3%。", "reason"),
        ("按每户2,000元的标准，补助困难家庭350户，发放补助70万元。", "按每户2,000元的标准，补助困难家庭350户，发放补助700万元。", "rate"),
        ("核定编制50名，年末实有在职人员46人，在职人员控制率为92%。", "核定编制50名，年末实有在职人员46人，在职人员控制率为96%。", "rate"),
        ("项目预算60万元，结余7.5万元，资金结余率12.5%。", "项目预算60万元，结余7.5万元，资金结余率11.5%。", "rate"),
        ("预算安排480万元，支出468万元，预算执行率97.5%。", "预算安排480万元，支出512万元，预算执行率93.75%。", "rate"),
        ("甲县15户32人、乙县23户51人，合计38户83人。", "甲县15户32人、乙县23户51人，合计38户87人。", "parts"),
        ("自评项目12个。评价等级为“优”的9个、为“良”的3个。", "自评项目12个。评价等级为“优”的10个、为“良”的3个。", "parts"),
        ("省级8,000万元，市级2,500万元，县级2,000万元，全市共投入1.25亿元。", "省级8,000万元，市级2,500万元，县级2,000万元，全市共投入12.5亿元。", "size"),
        ("养护186万元；安全64万元；信息化21万元。以上三项共计271万元。", "养护186万元；安全64万元；信息化21万元。以上三项共计281万元。", "parts"),
        ("评价组于2024年3月5日至3月17日现场评价。", "评价组于2024年3月17日至3月5日现场评价。", "date-order"),
        ("项目2023年3月6日开工，2023年9月28日通过竣工验收。", "项目2023年11月6日开工，2023年9月28日通过竣工验收。", "date-order"),
        ("2023年2月28日召开会议。", "2023年2月30日召开会议。", "date-order"),
        ("截至2023年12月31日，累计支出485.20万元。", "截至2022年12月31日，累计支出485.20万元。", "period"),
        ("自评结果将作为市文化局安排2024年度项目预算的依据。", "自评结果将作为市林业局安排2024年度项目预算的依据。", "foreign-name"),
        ("目标是为不少于1,200名老年读者服务，全年为1,268名老年读者服务，超额完成。", "目标是为不少于1,300名老年读者服务，全年为1,268名老年读者服务，超额完成。", "all-done"),
    ],
)  # fmt: skip
def test_a_wrong_number_is_told_however_the_sentence_goes(right: str, wrong: str, code: str) -> None:
    assert code not in {finding.check.code for finding in findings(right)}
    assert code in {finding.check.code for finding in findings(wrong)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("年末实有社会组织218家，比上年末的231家增加13家。", "reason"),
        ("受理投诉由上年的412件增加到386件。", "reason"),
        ("年末在册志愿者1.42万人，较上年的1.36万人减少0.06万人。", "reason"),
        ("平均办理时限6.5天，比上年的8天延长1.5天。", "reason"),
        ("空气优良天数321天，同比上年的335天增加14天。", "reason"),
        ("图书流通42.6万册次，较2022年的45.1万册次增长5.54%。", "reason"),
        ("事故起数从去年的36起上升到29起。", "reason"),
        ("上年到馆读者52.3万人次，本年到馆读者49.8万人次，增加2.5万人次。", "reason"),
        ("发放贷款7.6亿元，其中小微企业贷款8.2亿元。", "parts"),
        ("全年培训1,240人次，其中农民培训1,420人次。", "parts"),
        ("共检查企业312家，其中重点企业321家，发现问题57个。", "parts"),
        ("全年受理案件3,612件（含旧存212件），其中刑事案件262件、民事案件2,381件、执行案件1,069件；审结3,400件，结案率94.13%。", "parts"),
        ("全年收治患者8,420人次，其中门诊6,310人次、住院2,310人次；转诊120人次。", "parts"),
        ("政府采购预算820.00万元，实际采购796.40元，采购执行率97.12%。", "size"),
        ("预算安排6,300元，实际支出6,120.5万元，执行率97.15%。", "size"),
        ("发放稳岗补贴1,284.5万元。稳岗补贴资金共惠及企业96家。\n本年发放稳岗补贴12,845万元，效果良好。", "size"),
        ("项目贷款支持方面，全年发放农业担保贷款3.75亿元。\n财政资金撬动农业担保贷款37.5亿元，作用明显。", "size"),
        ("9月底前完成老旧管网改造18公里。全年改造管网18.6公里，于10月下旬全部完工，按期完成任务。", "deadline"),
        ("6月底前建成社区食堂12个。社区食堂12个于8月15日全部建成，如期完成目标。", "deadline"),
        ("截至2025年12月31日，在职人员126人。\n澄江市文化局\n2024年3月18日\n", "period"),
        ("截至2024年底，固定资产原值1,230万元。\n填报日期：2024年3月18日\n", "period"),
        ("年初确定的6项目标，已完成5项、未完成1项。\n1.就业目标。就业1,200人，目标已完成。\n2.投资目标。完成12亿元，目标未完成。\n3.住房目标。交付260套，目标未完成。\n4.教育目标。建成1所，目标已完成。\n5.卫生目标。改造3家，目标已完成。\n6.环保目标。优良天数320天，目标已完成。\n", "statuses"),
        ("五项重点任务中，全部完成3项，基本完成1项，未完成1项。\n（一）道路建设。目标未完成。\n（二）供水工程。任务已完成。\n（三）校园改造。该项任务未完成。\n（四）养老服务。任务已完成。\n（五）文化惠民。任务已完成。\n", "statuses"),
        ("发放创业补贴人均0.5万元，惠及320人，发放补贴180万元。", "rate"),
        ("补助320户，户均0.5万元，共发放补助资金16万元。", "rate"),
        ("开展培训12,000人次计划，实际培训11,468人次，完成计划的104.64%。", "rate"),
        ("开展培训11,468人次，为年度任务12,000人次的104.64%。", "rate"),
        ("城区占42.6%，乡镇占35.1%，村级占26.3%。", "parts"),
        ("受理12,486件，办结12,311件，办结率96.60%。", "rate"),
        ("项目资金3,200万元，其中省级2,000万元、市级800万元、县级500万元。", "parts"),
        ("全县建成服务站86个，其中城区32个、乡镇56个。", "parts"),
        ("核定编制68名，年末实有在职人员72人，其中行政人员28人、事业人员42人。", "parts"),
        ("完成投资5.86亿元，完成年度计划6.2亿元的96.52%。", "rate"),
        ("发放问卷300份，收回286份，回收率95.33%，其中满意的262份，满意度93.61%。", "rate"),
        ("项目计划总投资12,800万元，实际完成12,544万元，投资完成率97.5%。", "rate"),
        ("亩均补助150元，补助面积2.4万亩，发放补助资金420万元。", "rate"),
        ("收缴率98.2%，低于上年的97.5%。", "compared"),
        ("平均办理时间3.2天，未超过3天的控制目标。", "compared"),
        ("重点项目28个，开工25个，开工率92.86%。", "rate"),
        ("全年减免税费1.2亿元，惠及企业2,400户，户均减免50万元。", "rate"),
        ("三项补助分别为甲镇120万元、乙镇86万元、丙镇64万元，合计280万元。", "parts"),
        ("政府性债务余额12.6亿元，比年初的13.2亿元增加0.6亿元。", "reason"),
        ("全年公用经费86.4万元，比上年增加5.2万元，主要原因是压减会议培训支出。", "reason"),
        ("补助标准由每人每月650元提高到620元。", "reason"),
        ("验收合格项目45个，占完工项目48个的95.75%。", "rate"),
        ("项目资金1,500万元，已拨付1,420.5万元，拨付率96.7%。", "rate"),
        ("年度目标：11月30日前完成改造。实际于12月15日通过验收，按时完成任务。", "deadline"),
        ("整治排污口64个，完成整治66个，完成率103.13%。其中工业32个、生活36个。", "parts"),
    ],
)  # fmt: skip
def test_a_contradiction_is_told_in_other_words_too(text: str, code: str) -> None:
    assert code in {finding.check.code for finding in findings(text + "\n") if finding.severity != "note"}


@pytest.mark.parametrize(
    "text",
    [
        "对比上年的231家，年末218家，减少13家。",
        "年末218家，比上年末的231家减少13家。",
        "办理时限由12天缩短到8天，缩短4天。",
        "满意度95.3%，高于目标5.3个百分点。",
        "新增高技能人才1,583人，同比多增71人，超出目标83人。",
        "培训1,200人次，比上年增加120人次，超过计划200人次。",
        "支出1,200万元，比上年增加20万元，其中人员经费860万元、公用经费340万元。",
        "全年新增就业1,200人，其中城镇就业1,100人。",
        "检查中发现问题57个，涉及企业312家，其中整改企业300家。",
        "比上年增加7.6亿元，其中小微企业贷款8.2亿元。",
        "贷款余额缺口2亿元，其中县级3亿元已有安排。",
        "政府采购预算820.00万元，实际采购796.40万元，采购执行率97.12%。",
        "贷款总额6.24亿元，财政贴息624万元。",
        "发放创业担保贷款6.24亿元。\n小额创业担保贷款贴息62.4万元。",
        "10月底前建成道路12公里。道路于9月下旬全部建成，按期完成任务。",
        "6月底前完成招标，12月底前完工。工程于11月中旬完工，按期完成任务。",
        "2024年6月底前完成整改。2023年11月完成验收，按期完成。",
        "截至2024年2月底，结转资金已全部支付。\n澄江市文化局\n2024年3月18日\n",
        "截至2023年12月31日，在职人员126人。\n澄江市文化局\n2024年3月18日\n",
        "力争截至2024年底完成整改。\n澄江市文化局\n2024年3月18日\n",
        "年初确定的3项目标，已完成2项、未完成1项。\n1.就业目标。就业1,200人，目标已完成。\n2.投资目标。完成12亿元，目标未完成。\n3.住房目标。交付260套，目标已完成。\n",
        "问卷522份，满意486份，学生满意度93.1%；67家企业表示满意，企业满意度95.7%。",
        "办理申领2,716件，按时办结2,684件，按时办结率98.82%。两项指标均超额完成。",
        "全年受理案件3,712件（含旧存212件），其中刑事案件262件、民事案件2,381件、执行案件1,069件；审结3,400件，结案率91.59%。",
        "全年受理投诉120件，其中环境类40件、噪声类30件；其他来信来访200件。",
        "组织活动36场，其中线上12场、线下24场，参与2.3万人次。",
        "职工126人，其中党员86人、女职工61人。",
        "全年支出总计1,905.86万元，其中基本支出618.27万元，占32.44%；项目支出1,287.59万元，占67.56%。",
        "预算执行方面，预算1,260万元，支出1,203万元，执行率95.48%，其中设备购置执行率98.2%。",
        "上年到馆读者52.3万人次，本年49.8万人次，减少2.5万人次。",
        "由于压减会议，会议费比上年的12万元减少3万元，下降25%。",
        "工资水平比上年的5.2万元增加0.3万元，平均工资5.5万元。",
        "完成投资78.4亿元，比目标少6.6亿元，完成目标85亿元的92.24%。",
        "竣工率90%，高于上年的85%。",
        "支出18万元，低于预算的20万元。",
        "项目资金3,200万元，其中省级2,000万元、市级800万元。",
        "建成服务站86个，其中城区32个、乡镇54个，新建12个。",
        "年末实有在职人员72人，其中行政人员28人、事业人员42人，借调2人。",
        "门诊量由上年的12.4万人次增至13.1万人次，增长5.65%。",
        "累计完成投资12.8亿元，其中本年完成5.6亿元，占年度计划6亿元的93.33%。",
        "受理投诉386件，办结381件，办结率98.70%，群众满意率95.2%。",
        "年度任务120公里，累计完成128公里，完成率106.67%。",
        "预算1,260万元，支出1,203万元，执行率95.48%；其中市级资金360万元，支出318.20万元，执行率88.39%。",
        "全年培训12期，其中线上4期，参训1,860人次，平均每期155人次。",
        "2021年启动，2022年完成投资3亿元，2023年完成投资5亿元，累计8亿元。",
        "财政拨款2,000万元，其中一般公共预算1,500万元、政府性基金500万元；项目支出1,200万元，占60%。",
        "补助面积2.4万亩，其中水稻1.6万亩、玉米0.8万亩，亩均补助150元，发放资金360万元。",
        "3月启动，6月底前完成设计，实际5月完成设计，9月开工，12月完工。",
        "较上年减少4批次，其中接待来访12批次。",
        "收入1.2亿元，同比增长8%，其中门票收入3,600万元，占30%。",
        "调查显示，满意率为96.4%，比上年提高1.2个百分点，高于目标1.4个百分点。",
        "应参加120人，实际参加114人，参训率95%，合格112人，合格率98.25%。",
        "发放贷款156笔、金额2.3亿元，其中信用贷款86笔、金额1.1亿元。",
        "公务接待费7.88万元，比预算的8万元减少0.12万元，比上年的7.5万元增加0.38万元。",
        "收回有效问卷480份，其中满意320份、基本满意135份、不满意25份，满意度94.79%。",
        "其中，城镇1,200人；农村800人，共计2,000人。",
        "2024年兑现3,402.2万元，较2023年的2,986.1万元增加416.1万元，增长13.93%。",
        "立项28个，完工26个，完工率92.86%，剩余2个计划2025年6月底前完工。",
        "共有事业单位6个，其中参公单位2个、其他事业单位4个，另有企业1个。",
        "在12个项目中，优10个、良1个、中1个。",
        "空气优良率92.3%，优于90%的目标，比上年的91.1%上升1.2个百分点。",
        "资金到位率100%，支出率96.2%，结余3.8%。",
        "计划培训500人，实际培训480人，主要是报名不足，完成率96%。",
        "一季度完成20%，二季度完成45%，三季度完成75%，四季度全部完成。",
        "服务对象满意度由上年的95.2%降至94.8%，下降0.4个百分点。",
        "提供岗位5.3万个，其中线上3万个；达成意向0.9万人，同比减少0.2万人。",
        "年初结转120万元，本年收入880万元，支出935万元，年末结转65万元。",
        "比上年增支35.6万元，增长4.1%，其中人员经费增加41.2万元，公用经费减少5.6万元。",
        "会议费12.6万元，比上年减少3.4万元，下降21.25%，主要是压减会议。",
    ],
)  # fmt: skip
def test_where_one_reading_makes_everything_fit_nothing_is_said(text: str) -> None:
    assert [finding.reckoning for finding in findings(text + "\n") if finding.severity != "note"] == []


def test_a_goal_in_prose_is_no_list_of_fragments() -> None:
    text = (
        "二、八项目标完成情况\n"
        "1.招商目标：引进亿元以上项目15个。引进亿元以上项目18个，其中制造业项目11个、服务业项目7个，目标超额完成。\n"
        "2.住房目标：建成人才公寓400套。建成260套，占计划的65%，目标未完成。\n"
    )
    assert not [finding for finding in findings(text) if finding.check.code == "no-result" and finding.severity != "note"]


def test_funds_are_added_up_with_all_their_sources() -> None:
    table = (
        "项目支出绩效自评表\n项目资金（万元）\t\t年初预算数\t全年预算数\t全年执行数\t分值\t执行率\t得分\n"
        "\t年度资金总额\t1160.00\t1260.00\t1203.00\t10\t95.48%\t9.55\n"
        "\t其中：职教质量提升资金\t800.00\t800.00\t792.40\t—\t99.05%\t—\n"
        "\t市级财政资金\t260.00\t360.00\t{city}\t—\t88.39%\t—\n"
        "\t单位自筹资金\t100.00\t100.00\t92.40\t—\t92.40%\t—\n"
    )
    assert "parts" not in {finding.check.code for finding in findings(table.format(city="318.20"))}


def test_a_report_without_a_table_of_scores_is_noted() -> None:
    text = "自评从决策、过程、产出三个方面进行。经评定，2023年度绩效自评得分93.5分，等次为“优秀”。\n"
    assert [(finding.check.code, finding.severity) for finding in findings(text)] == [("score-basis", "note")]


def test_a_list_is_added_up_against_the_paragraph_before_it() -> None:
    said = "本年支出4,208.27万元，较上年的3,986.45万元多支出221.82万元。\n按经济分类，工资福利支出2,746.18万元，商品和服务支出1,183.49万元，资本性支出{last}万元。"
    assert reckonings(said.format(last="278.60")) == []
    (told,) = reckonings(said.format(last="268.60"))
    assert told == "parts 2746.18 + 1183.49 + 268.60 = 4198.27 ≠ 4208.27万元"


def test_a_mean_per_head_is_no_stock_that_was_added_to() -> None:
    assert reckonings("新增藏书6.4万册，人均藏书量由0.82册增至0.86册。") == []


def test_a_slip_between_text_and_table_is_told_where_the_names_differ() -> None:
    table = "|一级指标|二级指标|三级指标|年度指标值|实际完成值|\n|产出指标|数量指标|进修人员数量|≥20人次|{done}人次|\n"
    assert reckonings("选派医务人员进修32人次。\n" + table.format(done="32")) == []
    assert reckonings("选派医务人员进修32人次。\n" + table.format(done="23")) == ["two-values 正文32人次 ≠ 自评表23人次"]


def test_a_column_of_balances_is_plan_less_outcome() -> None:
    table = "|支出方向（万元）|预算安排|实际支出|结余|\n|直营店建设|216.00|187.80|{left}|\n|品牌推广|108.00|96.50|11.50|\n"
    assert reckonings(table.format(left="28.20")) == []
    (told,) = findings(table.format(left="38.20"))
    assert "216.00" in told.reckoning
    assert "38.20" in told.reckoning


def test_a_rate_in_per_cent_gives_the_other_columns_no_unit() -> None:
    table = "单位：万元\n|项目|调整预算|决算|执行率（%）|\n|一、城乡社区|3,105.40|2,987.65|96.21|\n|二、卫生健康|418.60|405.13|96.78|\n"
    assert reckonings(f"城乡社区支出2,987.65万元。\n{table}") == []
    assert "text-table 正文2978.65万元 ≠ 表格2987.65万元" in reckonings(f"城乡社区支出2,978.65万元。\n{table}")


def test_what_the_text_says_was_missed_is_held_against_all_done() -> None:
    assert [f.check.code for f in findings("年度各项任务全部完成。接警后到场率92.4%，未达到95%的目标。")] == ["all-done"]
    assert findings("年度各项任务全部完成。\n（二）未完成目标任务的原因分析\n无。") == []


def test_a_period_may_run_into_the_next_year() -> None:
    assert reckonings("2023年12月20日至1月10日开展现场评价。") == []


def test_a_state_of_the_year_before_may_be_told_beside_this_years() -> None:
    assert reckonings("截至2022年末全市建成书屋318个；2023年新增86个。") == []


def test_a_cut_off_of_the_grades_is_no_score() -> None:
    assert [
        each for each in reckonings("评价等级划分为：90分（含）以上为优。自评得分87.8分。") if each.startswith("scores")
    ] == []


def test_people_of_several_kinds_need_not_add_up() -> None:
    assert reckonings("现有职工63人，其中党员35人、高级职称12人、女性30人。") == []


def test_batches_that_grew_do_not_explain_a_fall() -> None:
    (found,) = reckonings("公务接待费2.40万元，比上年减少0.45万元，下降15.79%，主要原因是调研的批次和人数较上年明显增加。")
    assert found.startswith("reason")


def test_an_indicator_said_to_be_reached_is_held_against_the_table() -> None:
    table = "| 三级指标 | 年度指标值 | 实际完成值 |\n| --- | --- | --- |\n| 路面优良率 | ≥92% | 90.6% |\n| 交通事故下降率 | ≥5% | 6.2% |\n"
    told = reckonings(f"路面优良率完成年度目标。交通事故下降2.6%。\n{table}")
    assert {each.split()[0] for each in told} == {"claimed-within", "two-values"}


def test_the_rate_of_a_row_may_be_of_any_two_of_its_amounts() -> None:
    table = "| 资金来源 | 预算安排 | 到位资金 | 支出金额 | 支出率 |\n| --- | --- | --- | --- | --- |\n| 省级补助 | 760.00 | 760.00 | 693.50 | {}% |\n"
    assert reckonings(table.format("91.25")) == []
    assert [each.split()[0] for each in reckonings(table.format("95.21"))] == ["rate"]


def test_a_table_of_scores_by_level_is_added_up() -> None:
    table = "| 一级指标 | 权重 | 得分 |\n| --- | --- | --- |\n| 决策 | 15 | 13.5 |\n| 过程 | 25 | 20.5 |\n| 产出 | 60 | 52.6 |\n| 合计 | {} |\n"
    assert reckonings(table.format("100 | 86.6")) == []
    assert reckonings(table.format("100 | 88.6")) == ["scores 13.5 + 20.5 + 52.6 = 86.6 ≠ 88.6"]


def test_a_target_met_after_its_day_is_not_met() -> None:
    table = "| 一级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 |\n| --- | --- | --- | --- | --- | --- |\n| 产出指标 | 完工时间 | 2023年11月底前 | 2023年{} | 10 | 10 |\n"
    assert not any(each.startswith("late") for each in reckonings(table.format("11月28日")))
    assert any(each.startswith("late") for each in reckonings(table.format("12月20日")))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("排查隐患86处，已整改71处，剩余{}处正在整改。", ("15", "17")),
        ("收到建议38件，采纳25件，余下{}件作了解释说明。", ("13", "15")),
        ("应检企业210家，已检企业180家，尚有{}家未检。", ("30", "36")),
        ("下达任务150件，办结132件，未办结{}件。", ("18", "28")),
        ("登记140户、421人，年内退出96户、300人，其余{}户、121人继续帮扶。", ("44", "54")),
        ("全局现有干部职工{}人，由行政人员86人、事业人员118人组成。", ("204", "214")),
        ("队伍共有{}人，由专职队员96人和兼职队员52人构成。", ("148", "158")),
        ("新购车辆{}辆，具体为洒水车4辆、清扫车3辆、巡查车3辆。", ("10", "7")),
        ("配备设备{}台（套），具体包括心电监护仪5台、除颤仪4台、呼吸机2台。", ("11", "12")),
        ("建成站点{}个：城区站4个、镇区站3个、乡村站2个。", ("9", "10")),
        ("全年对{}个项目开展自评。其中，5个项目评价等级为“优”，3个项目评价等级为“良”。", ("8", "7")),
        ("纳入评价的单位共{}家，6家被评为优秀，4家被评为良好。", ("10", "9")),
        ("共有{}项政策参加评价，4项获评“优秀”、3项获评“良好”。", ("7", "6")),
    ],
)
def test_counts_are_held_against_what_they_are_made_of(text: str, wrong: tuple[str, str]) -> None:
    right, other = wrong
    assert reckonings(text.format(right)) == []
    (found,) = findings(text.format(other))
    assert (found.check.code, found.severity) == ("parts", "error")


def test_what_is_left_may_be_of_a_later_number() -> None:
    assert reckonings("两批共实施26个，第一批14个，第二批12个中完成8个，其余4个在建。") == []
    assert reckonings("全镇12个村，3个村已完成，其余9个村正在建设。") == []


def test_a_rest_of_something_else_is_no_part() -> None:
    assert reckonings("预算安排50.0万元，实付41.2万元，剩余8.8万元；其余3.0万元为上年结转。") == []


@pytest.mark.parametrize(
    "text",
    [
        "受理案件320件：民事案件结案率96%，审结301件，调解85件。",
        "共争取资金3,200万元：中央资金1,500万元、省级资金1,000万元，主要用于水利建设。",
        "新增就业5,200人：目标5,000人，完成104%。",
        "调查组共8人，由财政、审计部门抽调4人、2名专家和2名会计组成。",
    ],
)
def test_numbers_behind_a_colon_or_由_need_not_be_a_list(text: str) -> None:
    assert reckonings(text) == []


def test_a_list_that_is_open_is_not_added_up() -> None:
    assert reckonings("配备设备12台，具体包括心电监护仪5台、除颤仪4台等。") == []


CLAIMED = """
| 一级指标 | 三级指标 | 年度指标值 | 实际完成值 |
| --- | --- | --- | --- |
| 产出指标 | 道路清扫里程 | ≥120公里 | {swept} |
| 产出指标 | 泵站运行能耗 | ≤38kWh | {energy} |
| 效益指标 | 市民满意度 | ≥90% | {content} |
"""
MET = {"swept": "130公里", "energy": "36kWh", "content": "93%"}


@pytest.mark.parametrize(
    ("claim", "missed", "code"),
    [
        ("年初下达的产出指标没有一项落空。", {"swept": "112公里"}, "all-done"),
        ("年度产出指标无一落后。", {"energy": "41.5kWh"}, "all-done"),
        ("全年各项绩效目标悉数完成。", {"content": "84%"}, "all-done"),
        ("年初目标如数兑现。", {"swept": "112公里"}, "all-done"),
        ("年初确定的各项指标个个达标。", {"swept": "112公里"}, "all-done"),
        ("道路清扫里程、泵站运行能耗两项指标均守在标准线以内。", {"energy": "41.5kWh"}, "claimed-within"),
        ("泵站运行能耗控制在目标线以内。", {"energy": "41.5kWh"}, "claimed-within"),
    ],
)
def test_a_claim_of_all_is_held_against_the_table_in_any_words(claim: str, missed: dict[str, str], code: str) -> None:
    assert reckonings(claim + CLAIMED.format(**MET)) == []
    assert [found.check.code for found in findings(claim + CLAIMED.format(**MET | missed))] == [code]


def test_a_claim_of_the_outputs_says_nothing_of_the_effects() -> None:
    assert reckonings("年度产出指标无一落后。" + CLAIMED.format(**MET | {"content": "84%"})) == []


@pytest.mark.parametrize(
    "text",
    [
        "“三公”经费预算安排12.00万元，实际支出9.60万元，占预算的{}%。",
        "公务接待费年初预算12.00万元，决算9.60万元，完成预算的{}%。",
        "公务用车运行维护费支出9.60万元，预算12.00万元，完成预算的{}%。",
    ],
)
def test_the_budget_over_the_outcome_is_no_execution_rate(text: str) -> None:
    assert reckonings(text.format("80.00")) == []
    assert reckonings(text.format("125.00")) == ["rate 9.60 ÷ 12.00 = 80.00% ≠ 125.00%"]


def test_a_balance_said_twice_is_one_balance() -> None:
    assert reckonings("年末结余资金284.60万元。\n二、问题\n年底结余248.60万元未使用。") == ["two-values 284.60万元 ≠ 248.60万元"]
    assert reckonings("上年结转284.60万元。\n年末结转248.60万元。") == []
    assert reckonings("基本支出结转284.60万元，项目支出结转248.60万元。") == []


def test_an_amount_of_one_name_is_one_amount() -> None:
    assert reckonings("发放贷款贴息资金412.60万元。\n二、问题\n贷款贴息资金421.60万元拨付偏晚。") == [
        "two-values 412.60万元 ≠ 421.60万元"
    ]
    assert reckonings("发放贷款贴息资金412.60万元。\n二、问题\n去年贷款贴息资金421.60万元。") == []
    assert reckonings("甲乡道路维修工程128.40万元。\n乙乡道路维修工程182.40万元。") == []


def test_a_rate_is_of_the_numbers_beside_it_and_a_share_of_their_sum() -> None:
    assert reckonings("财政拨款收入1,540.10万元，占98.58%；其他收入22.20万元，占1.42%。") == []
    assert reckonings("本年支出合计1,571.84万元。\n对5个项目自评，全年预算538.00万元，执行512.60万元，执行率95.28%。") == []
