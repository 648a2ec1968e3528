"""Statements of accounts as departments publish them → budget rows, from web pages with merged headings and from flattened text."""

from jixiao import Extraction, extract
from jixiao.readers.html import read_html
from jixiao.readers.text import read_text
from jixiao.records import Metric

YEAR = "<h1>澄江市水利局2023年度部门决算</h1>"


def page(table: str, title: str = "收入支出决算总表", above: str = YEAR) -> Extraction:
    """The records of a web page with one table, whose rows are lines of cells: words, or words*across, or words*across*down."""
    rows = "".join(f"<tr>{''.join(map(_cell, line.split('|')))}</tr>" for line in table.strip().splitlines())
    body = f"<html><body>{above}<p>{title}</p><p>单位：万元</p><table>{rows}</table></body></html>"
    return extract(read_html(body.encode(), "公开.html"))


def _cell(words: str) -> str:
    said, across, down = [*words.strip().split("*"), "1", "1"][:3]
    return f'<td colspan="{across}" rowspan="{down}">{said}</td>'


def said(record: Metric) -> tuple[str | None, ...]:
    figures = (record.previous, record.target, record.actual)
    return (record.name, *(f"{figure.value}{figure.unit}" if figure else None for figure in figures))


def rows(extraction: Extraction) -> list[tuple[str | None, ...]]:
    return [said(metric) for metric in extraction.metrics if metric.kind == "budget"]


def test_income_and_expenditure_side_by_side_are_rows_of_their_own() -> None:
    extraction = page(
        """收入*3|支出*3
        项目|行次|金额|项目|行次|金额
        栏次||1|栏次||2
        一、一般公共预算财政拨款收入|1|812.40|一、一般公共服务支出|32|
        二、政府性基金预算财政拨款收入|2||二、农林水支出|33|790.15
        本年收入合计|3|812.40|本年支出合计|34|790.15
        年初结转和结余|4|3.05|年末结转和结余|35|25.30"""
    )
    assert rows(extraction) == [
        ("一般公共预算财政拨款收入", None, None, "812.40万元"),
        ("农林水支出", None, None, "790.15万元"),
        ("本年收入合计", None, None, "812.40万元"),
        ("本年支出合计", None, None, "790.15万元"),
        ("年初结转和结余", None, None, "3.05万元"),
        ("年末结转和结余", None, None, "25.30万元"),
    ]
    assert all(metric.evidence[0].section[-1] == "收入支出决算总表" for metric in extraction.metrics)
    assert [metric.evidence[0].quote for metric in extraction.metrics[:2]] == [
        "一、一般公共预算财政拨款收入\t1\t812.40",
        "二、农林水支出\t33\t790.15",
    ]


def test_a_row_under_codes_has_its_total_and_not_its_parts() -> None:
    table = """公开03表*7
        项目*4|本年支出合计*1*2|基本支出*1*2|项目支出*1*2
        功能分类科目编码*3|科目名称
        类|款|项|栏次|1|2|3
        |||合计|790.15|500.00|290.15
        213|||农林水支出|790.15|500.00|290.15
        213|03|04|水利行业业务管理|290.15||290.15"""
    wanted = [("合计", "790.15万元"), ("农林水支出", "790.15万元"), ("水利行业业务管理", "290.15万元")]
    assert [(row[0], row[3]) for row in rows(page(table, "支出决算表"))] == wanted


def test_codes_and_names_side_by_side_under_one_heading() -> None:
    table = """科目编码|科目名称|决算数|科目编码|科目名称|决算数
        301|工资福利支出|400.10|302|商品和服务支出|99.90
        30101|基本工资|120.00|30201|办公费|0.00
        人员经费合计*2|400.10|公用经费合计*2|99.90"""
    names = [row[0] for row in rows(page(table, "一般公共预算财政拨款基本支出决算表"))]
    assert names == ["工资福利支出", "商品和服务支出", "基本工资", "办公费", "人员经费合计", "公用经费合计"]


def test_budget_tables_set_targets_and_name_last_years_outcome() -> None:
    table = """科目编码*1*2|科目名称*1*2|上年执行数*1*2|本年预算数*3
        小计|基本支出|项目支出
        213|农林水支出|701.20|790.15|500.00|290.15"""
    assert rows(page(table, "一般公共预算支出表")) == [("农林水支出", "701.20万元", "790.15万元", None)]


def test_what_a_table_is_of_is_told_by_the_nearest_words_above_it() -> None:
    table = """收入*2|支出*2
        项目|金额|项目|金额
        一、财政拨款收入|812.40|一、农林水支出|812.40"""
    assert {row[1:] for row in rows(page(table, "部门收支总表", "<h1>澄江市水利局2024年部门预算</h1>"))} == {
        (None, "812.40万元", None)
    }
    assert {row[1:] for row in rows(page(table, "财政拨款收支决算总表", "<h1>澄江市水利局预算公开</h1>"))} == {
        (None, None, "812.40万元")
    }


def test_the_names_of_the_three_public_expenses_stand_in_the_heading() -> None:
    names = "合计*1*2|因公出国（境）费*1*2|公务用车购置及运行维护费*3|公务接待费*1*2"
    extraction = page(
        f"""预算数*6|决算数*6
        {names}|{names}
        小计|购置费|运行费|小计|购置费|运行费
        1|2|3|4|5|6|7|8|9|10|11|12
        9.50|0.00|7.00|0.00|7.00|2.50|6.20|0.00|5.10|0.00|5.10|1.10""",
        "财政拨款“三公”经费支出决算表",
    )
    assert rows(extraction) == [
        ("合计", None, "9.50万元", "6.20万元"),
        ("因公出国（境）费", None, "0.00万元", "0.00万元"),
        ("公务用车购置及运行维护费", None, "7.00万元", "5.10万元"),
        ("公务接待费", None, "2.50万元", "1.10万元"),
        ("购置费", None, "0.00万元", "0.00万元"),
        ("运行费", None, "7.00万元", "5.10万元"),
    ]
    assert [piece.quote for piece in extraction.metrics[3].evidence] == ["公务接待费", "2.50", "1.10"]


def test_a_flattened_table_whose_merged_headings_are_blank_is_read_alike() -> None:
    text = (
        "澄江市水利局2023年度部门决算\n收入支出决算总表\n单位：万元\n"
        "|收入||支出||\n|项目|决算数|项目|决算数|\n|一、财政拨款收入|812.40|一、农林水支出|790.15|\n"
        "|本年收入合计|812.40|本年支出合计|790.15|\n"
    )
    assert [row[::3] for row in rows(extract(read_text(text.encode(), "决算.txt")))] == [
        ("财政拨款收入", "812.40万元"),
        ("农林水支出", "790.15万元"),
        ("本年收入合计", "812.40万元"),
        ("本年支出合计", "790.15万元"),
    ]


def test_an_empty_statement_has_no_rows() -> None:
    table = """项目*2|年初结转和结余*1*2|本年收入*1*2|本年支出*1*2
        科目编码|科目名称
        合计*2|||"""
    assert rows(page(table, "政府性基金预算财政拨款收入支出决算表")) == []


def test_a_form_of_several_blocks_is_no_statement() -> None:
    table = """财政供养人员*1*2|编制数*1*2|在职人数*2
        2022年|2023年
        合计|86|85|84
        经费控制情况|2022年决算数|2023年预算数|2023年决算数
        “三公”经费|9.10|9.50|6.20"""
    assert rows(page(table, "部门整体支出绩效评价基础数据表"))[-1] == ("“三公”经费", "9.10万元", "9.50万元", "6.20万元")
