"""One metric followed over years and departments: which names are the same, which never are, and where each value comes from."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from typer.testing import CliRunner, Result

from jixiao.cli import app
from jixiao.dataset.conditions import Years
from jixiao.dataset.naming import alike, parted
from jixiao.dataset.search import Filters
from jixiao.dataset.store import open_dataset
from jixiao.dataset.trend import Trend, trend
from jixiao.errors import BadQuery
from jixiao.pipeline import extract, read
from jixiao.render.trend_chart import trend_picture
from jixiao.render.trend_page import render_trend
from jixiao.render.trend_words import HEAD, trend_rows
from shelves import put

TABLE = """{department}{year}年度部门整体支出绩效自评报告

一、基本情况
全年举办技能培训班{courses}期，群众满意度达到{percent}%。

附件：预算执行情况表（单位：万元）
| 项目 | 上年决算数 | 年初预算数 | 决算数 |
| --- | --- | --- | --- |
| “三公”经费 | {before} | {plan} | {spent} |
| 项目支出 | 310.00 | 330.00 | 325.50 |
"""


def shelf(tmp_path: Path, place: str, **reports: str) -> str:
    """A dataset of reports by their file's name."""
    with open_dataset(place, create=True) as dataset:
        for name, words in reports.items():
            path = tmp_path / f"{name}.txt"
            path.write_text(words, encoding="utf-8")
            document = read(path)
            put(dataset, str(path), document, extract(document))
    return place


def report(department: str = "平川市茶叶技术中心", year: int = 2023, **values: Any) -> str:
    usual = {"courses": 4, "percent": 93.5, "before": "13.10", "plan": "15.00", "spent": "12.40"}
    return TABLE.format(department=department, year=year, **{**usual, **values})


def followed(place: str, metric: str, filters: Filters = Filters()) -> Trend:  # noqa: B008
    with open_dataset(place, read_only=True) as dataset:
        return trend(dataset, metric, filters)


def points(found: Trend) -> dict[str, list[tuple[int, str, bool]]]:
    return {each.department: [(at.year, f"{at.value:f}", at.is_previous) for at in each.points] for each in found.series}


# Names


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        ("三公经费", "“三公”经费支出"),
        ("三公经费", "2023年“三公”经费"),
        ("群众满意度", "群众满意率"),
        ("培训人数", "全年培训人数"),
        ("垃圾无害化处理率", "生活垃圾无害化处理率"),
        ("垃圾無害化處理率", "垃圾无害化处理率"),
        ("预算执行率", "部门预算执行率"),
    ],
)
def test_the_same_in_other_words(asked: str, same: str) -> None:
    taken, _ = alike(asked, [same])
    assert [each.name for each in taken] == [same]


@pytest.mark.parametrize(
    ("asked", "other"),
    [
        ("财政拨款收入", "财政拨款支出"),
        ("群众满意率", "群众不满意率"),
        ("接待费增加额", "接待费减少额"),
        ("一般公共预算支出预算数", "一般公共预算支出决算数"),
        ("人员经费支出", "公用经费支出"),
        ("基本支出总额", "项目支出总额"),
        ("年末结转资金", "年初结转资金"),
        ("上年结转资金", "结转资金"),
        ("农村道路硬化率", "农村道路硬化数"),
        ("PM2.5年均浓度", "PM10年均浓度"),
        ("第一季度完成投资", "第二季度完成投资"),
        ("城镇居民医疗保险参保率", "农村居民医疗保险参保率"),
        ("公务用车运行维护费", "公务用车购置及运行维护费"),
        ("中央财政专项资金到位率", "中央财政专项资金使用率"),
        ("办事群众满意度", "办事企业满意度"),
    ],
)
def test_what_is_spelt_alike_and_means_another_is_never_taken(asked: str, other: str) -> None:
    for one, two in ((asked, other), (other, asked)):
        assert alike(one, [two])[0] == []
        assert parted(one, two)


def test_what_was_spelt_alike_and_not_taken_says_what_parts_it() -> None:
    _, refused = alike("群众满意率", ["群众不满意率"])
    assert [(each.name, each.parted) for each in refused] == [("群众不满意率", "无／不")]


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
@example("B0", "A0B")
def test_any_two_names_part_both_ways_or_neither(one: str, other: str) -> None:
    assert bool(parted(one, other)) == bool(parted(other, one))
    assert not parted(one, one)


# Series


def test_years_of_one_department_become_a_line_and_the_first_is_from_the_next_report(tmp_path: Path, dataset_place: str) -> None:
    place = shelf(
        tmp_path,
        dataset_place,
        a=report(year=2022, before="14.20", spent="13.10"),
        b=report(year=2023, before="13.10", spent="12.40"),
        c=report("平川市渔政站", 2023, before="2.00", spent="1.80"),
    )
    assert points(followed(place, "三公经费")) == {
        "平川市茶叶技术中心": [(2021, "142000", True), (2022, "131000", False), (2023, "124000", False)],
        "平川市渔政站": [(2022, "20000", True), (2023, "18000", False)],
    }


def test_years_and_departments_asked_for(tmp_path: Path, dataset_place: str) -> None:
    place = shelf(tmp_path, dataset_place, a=report(year=2022), b=report(year=2024), c=report("平川市渔政站", 2023))
    found = followed(place, "三公经费", Filters(department="茶叶", years=Years(2023, None)))
    assert points(found) == {"平川市茶叶技术中心": [(2023, "131000", True), (2024, "124000", False)]}


def test_a_value_says_where_it_stands(tmp_path: Path, dataset_place: str) -> None:
    place = shelf(tmp_path, dataset_place, a=report())
    (series,) = followed(place, "三公经费").series
    last = series.points[-1]
    text = report()
    assert text[last.source.start : last.source.end].startswith("“三公”经费")
    assert (last.words, last.target, last.source.report, last.source.kind) == ("12.40万元", "15.00万元", "a.txt", "budget")


def test_units_are_series_of_their_own(tmp_path: Path) -> None:
    words = "平川市林场2023年度绩效自评报告\n\n全年开展职业培训12期。全年开展职业培训460人次。\n"
    found = followed(shelf(tmp_path, str(tmp_path / "d.sqlite"), a=words), "职业培训")
    assert sorted((each.unit, each.points[0].value) for each in found.series) == [("人次", Decimal(460)), ("期", Decimal(12))]


def test_values_that_do_not_agree_are_told(tmp_path: Path) -> None:
    words = report() + "\n三、说明\n全年“三公”经费支出12.90万元。\n"
    (series,) = followed(shelf(tmp_path, str(tmp_path / "d.sqlite"), a=words), "三公经费").series
    last = series.points[-1]
    assert (last.words, [said for said, _ in last.others]) == ("12.40万元", ["12.90万元"])
    assert "另有12.90万元" in trend_rows(Trend("三公经费", (), (), (series,), 0))[-1][HEAD.index("备注")]


def test_money_is_told_in_a_unit_that_is_read_easily(tmp_path: Path) -> None:
    words = "平川市路桥处2023年度绩效自评报告\n\n全年完成投资{}。\n"
    place = shelf(
        tmp_path, str(tmp_path / "d.sqlite"), a=words.format("23,456.7万元"), b=words.format("930元").replace("路桥", "园林")
    )
    rows = {
        row[HEAD.index("部门")]: (row[HEAD.index("数值")], row[HEAD.index("单位")])
        for row in trend_rows(followed(place, "完成投资"))
    }
    assert rows == {"平川市路桥处": ("2.3457", "亿元"), "平川市园林处": ("930", "元")}


def test_a_name_without_a_word_is_refused(tmp_path: Path) -> None:
    place = shelf(tmp_path, str(tmp_path / "d.sqlite"), a=report())
    with pytest.raises(BadQuery, match="no metric to look for"):
        followed(place, "“”")


# Pictures and pages


@pytest.fixture
def hostile(tmp_path: Path) -> Trend:
    """A trend whose department is full of markup and mathematics."""
    place = shelf(tmp_path, str(tmp_path / "d.sqlite"), a=report(), b=report(year=2022))
    found = followed(place, "三公经费")
    series = tuple(type(each)("<img src=x onerror=alert(1)>$a_b$", *_rest(each)) for each in found.series)
    return Trend("<script>三公</script>", found.names, found.refused, series, 0)


def _rest(series: Any) -> tuple[Any, ...]:
    return (series.region, series.project, series.unit, series.points)


def test_pictures_are_the_same_each_time(hostile: Trend) -> None:
    png, svg = trend_picture(hostile, "png"), trend_picture(hostile, "svg")
    assert png.startswith(b"\x89PNG")
    drawn = [each for each in etree.fromstring(svg).iter() if isinstance(each.tag, str)]
    assert not any(
        each.tag.endswith(("script", "text", "image")) or "onerror" in each.attrib for each in drawn
    )  # words are shapes
    assert (trend_picture(hostile, "png"), trend_picture(hostile, "svg")) == (png, svg)


def test_the_page_escapes_all_words_and_runs_no_script(hostile: Trend) -> None:
    page = render_trend(hostile)
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "script-src &#39;none&#39;" in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert page.count("data:image/png") == 1


# The command


def jixiao(*arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)), env={"JIXIAO_DATASET": None})


def test_each_ending_makes_its_file(tmp_path: Path) -> None:
    place = shelf(tmp_path, str(tmp_path / "d.sqlite"), a=report())
    out = tmp_path / "out"
    out.mkdir()
    for ending in ("png", "html", "json", "csv"):
        done = jixiao("trend", "三公经费", "-d", place, "-o", out / f"t.{ending}")
        assert (done.exit_code, done.stderr) == (0, "")
    assert sorted(path.suffix for path in out.iterdir()) == [".csv", ".html", ".json", ".png"]
    values = [at["value"] for each in json.loads((out / "t.json").read_text())["series"] for at in each["points"]]
    assert values == ["131000", "124000"]
    assert (out / "t.csv").read_bytes().startswith("\ufeff地区".encode())


def test_nothing_found_is_said_and_draws_no_picture(tmp_path: Path) -> None:
    place = shelf(tmp_path, str(tmp_path / "d.sqlite"), a=report())
    done = jixiao("trend", "群众不满意度", "-d", place)
    assert (done.exit_code, json.loads(done.stdout)["series"]) == (0, [])
    assert "“群众满意度”" in done.stderr
    done = jixiao("trend", "群众不满意度", "-d", place, "-o", tmp_path / "t.png")
    assert (done.exit_code, (tmp_path / "t.png").exists()) == (2, False)
    assert done.stderr.startswith("✗ “群众不满意度”: there is no value to draw")
