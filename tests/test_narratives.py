"""Reports that tell in prose → goals, completions, problems and measures: points with colons, bare headings, aims in a sentence."""

import pytest

from jixiao import Extraction, extract
from jixiao.readers.text import read_text


def told(text: str) -> Extraction:
    return extract(read_text(text.encode(), "report.txt"))


def goals_with_results(text: str) -> list[tuple[str, str, str]]:
    """Each goal with what became of it and the status."""
    found = told(text)
    results = {completion.goal_id: completion for completion in found.completions}
    return [(goal.statement, results[goal.id].statement, results[goal.id].status) for goal in found.goals]


def problems_with_answers(text: str) -> list[tuple[str, str | None, list[str]]]:
    """Each problem with its cause and the measures that answer it."""
    found = told(text)
    return [
        (issue.statement, issue.cause, [measure.statement for measure in found.measures if issue.id in measure.issue_ids])
        for issue in found.issues
    ]


# Goals with their results


@pytest.mark.parametrize(
    ("told_as", "first", "second"),
    [
        ("in one paragraph", "1．{goal}。完成情况：{done}。\n", "2．{goal}。完成情况：{done}。\n"),
        ("in the next paragraph", "1、{goal}。\n完成情况：{done}。\n", "2、{goal}。\n完成情况：{done}。\n"),
        ("between black brackets", "（一）{goal}。【完成情况】{done}。\n", "（二）{goal}。【完成情况】{done}。\n"),
        ("as points", "1.道路。目标：{goal}。实绩：{done}。\n", "2.住房。目标：{goal}。实绩：{done}。\n"),
        ("as a form's values", "1.目标值：{goal}。\n完成值：{done}。\n", "2.目标值：{goal}。\n完成值：{done}。\n"),
        ("under a task", "任务一：{goal}。\n截至12月底，{done}。\n", "任务二：{goal}。\n截至12月底，{done}。\n"),
        ("under a goal with actions", "目标1：{goal}。\n工作措施：{done}。\n", "目标2：{goal}。\n工作措施：{done}。\n"),
        ("as set and done", "职责一：道路。年度目标为{goal}，{done}。\n", "职责二：住房。年度目标为{goal}，{done}。\n"),
    ],
)
def test_a_goal_and_what_became_of_it_told_right_after(told_as: str, first: str, second: str) -> None:
    set_and_done = {"goal": "新改建农村公路120公里", "done": "实际新改建农村公路126公里，超额完成"}
    missed = {"goal": "改造老旧小区6个", "done": "实际改造老旧小区4个，未完成年度目标"}
    text = "青禾县2024年目标管理工作总结\n一、年度目标任务完成情况\n" + first.format_map(set_and_done) + second.format_map(missed)
    until = "截至12月底，" if "截至" in first else ""
    assert goals_with_results(text + "二、下一步\n加强调度。\n") == [
        (set_and_done["goal"], until + set_and_done["done"] + "。", "achieved"),
        (missed["goal"], until + missed["done"] + "。", "not_achieved"),
    ], told_as


def test_goals_with_a_claim_in_brackets() -> None:
    assert goals_with_results(
        "白云区农业局2024年度绩效目标完成情况总结\n2024年我局承担绩效目标2项，现报告如下。\n"
        "1.新增高标准农田2万亩（已完成）。新增高标准农田2.04万亩。\n2.培育家庭农场20家（未完成）。实际培育家庭农场16家。\n"
    ) == [
        ("新增高标准农田2万亩", "（已完成）。新增高标准农田2.04万亩。", "achieved"),
        ("培育家庭农场20家", "（未完成）。实际培育家庭农场16家。", "not_achieved"),
    ]


def test_goals_named_with_their_value() -> None:
    assert goals_with_results(
        "临港工业园2023年工作总结\n一、主要目标完成情况\n今年下达我园目标共2项。\n"
        "第一，工业总产值目标380亿元。全年完成工业总产值392.6亿元，超额完成目标。\n第二，招商引资目标60亿元。全年到位资金51.3亿元，完成目标的85.5%。\n"
    ) == [
        ("工业总产值目标380亿元", "全年完成工业总产值392.6亿元，超额完成目标。", "achieved"),
        ("招商引资目标60亿元", "全年到位资金51.3亿元，完成目标的85.5%。", "partial"),
    ]


def test_money_set_apart_and_spent_is_no_goal() -> None:
    found = told("宁川县农机补贴政策评价报告\n一、政策目标完成情况\n2023年政策预算资金4,320万元。实际拨付资金3,715万元。\n")
    assert found.goals == []


def test_values_of_indicators_are_no_goals() -> None:
    found = told(
        "海棠区卫健委2024年度项目支出绩效自评报告\n一、产出指标完成情况\n1.数量指标。开展健康讲座目标值60场，实际完成66场。\n2.质量指标。讲座签到率目标值90%，实际值93%。\n"
    )
    assert found.goals == []
    assert len(found.completions) == 2


def test_a_goal_told_in_a_line_keeps_the_lists_number() -> None:
    found = told(
        "松原镇2023年度绩效目标自查报告\n一、年度目标任务及完成情况\n1、改造农村户厕420户。\n完成情况：改造户厕423户。\n"
    )
    assert [goal.label for goal in found.goals] == ["1"]


def test_a_field_of_work_above_its_result_is_no_goal() -> None:
    found = told(
        "松原镇2023年工作总结\n一、重点工作完成情况\n（一）农村户厕改造\n完成情况：全年改造户厕423户，验收合格率100%。\n"
    )
    assert found.goals == []


def test_a_duty_with_its_goal_actions_and_effect_is_one_completion() -> None:
    found = told(
        "河西区卫健局2024年1—6月绩效运行监控报告\n一、分职责目标运行情况\n（一）公共卫生服务\n"
        "目标：全年居民健康档案建档率达到92%。\n举措：开展入户建档41场。\n成效：截至6月底建档率90.3%，完成全年目标的98.15%。\n"
        "偏差：老年人体检进度偏慢，主要原因是外出务工人员多。\n纠偏措施：增加周末体检场次。\n"
    )
    assert [(c.statement, c.effect, c.status, c.goal_id) for c in found.completions] == [
        ("开展入户建档41场。", "截至6月底建档率90.3%，完成全年目标的98.15%。", "unstated", "g1")
    ]
    assert [(issue.statement, issue.cause) for issue in found.issues] == [("老年人体检进度偏慢", "外出务工人员多。")]
    assert [(measure.statement, measure.issue_ids) for measure in found.measures] == [("增加周末体检场次。", ["i1"])]


def test_a_goal_named_in_the_sentence_that_opens_its_results() -> None:
    assert goals_with_results(
        "金川市图书馆2023年度绩效报告\n一、履职情况\n"
        "（一）阅读推广。聚焦全年办证1.2万张、举办读书活动90场的工作目标，一是开展流动办证，新办读者证1.31万张；二是举办读书活动96场，超额完成年度任务。\n"
    ) == [
        (
            "全年办证1.2万张、举办读书活动90场",
            "一是开展流动办证，新办读者证1.31万张；二是举办读书活动96场，超额完成年度任务。",
            "achieved",
        )
    ]


def test_a_slogan_is_pursued_and_no_goal() -> None:
    found = told(
        "金川市图书馆2023年度绩效报告\n一、履职情况\n围绕建设书香城市的目标，我馆举办读书活动96场，新办读者证1.31万张。\n"
    )
    assert found.goals == []


@pytest.mark.parametrize(
    ("prose", "goals"),
    [
        (
            "该政策旨在改善移民生产生活条件。2023年具体目标为：扶持产业项目18个；新建道路12.6公里；移民满意度达到90%。",
            ["该政策旨在改善移民生产生活条件", "扶持产业项目18个", "新建道路12.6公里", "移民满意度达到90%"],
        ),
        (
            "通过发放补贴，引导农户使用农机。具体到2023年，机插面积不低于13万亩；兑付率达到100%；满意度不低于90%。",
            ["通过发放补贴，引导农户使用农机", "机插面积不低于13万亩", "兑付率达到100%", "满意度不低于90%"],
        ),
        (
            "力争城乡学校师资水平基本均衡。2023年计划交流教师600名，覆盖乡村学校95所。",
            ["力争城乡学校师资水平基本均衡", "2023年计划交流教师600名，覆盖乡村学校95所"],
        ),
        (
            "到2025年，抽检合格率稳定在98%以上，绿色认证达到30个。其中2023年要完成抽检1,800批次。",
            ["抽检合格率稳定在98%以上，绿色认证达到30个", "其中2023年要完成抽检1,800批次"],
        ),
    ],
)
def test_a_policys_aims_in_prose(prose: str, goals: list[str]) -> None:
    found = told(f"云泽县补助政策绩效评价报告\n一、政策概况\n自2020年起实施。\n二、政策目标\n{prose}\n")
    assert [goal.statement for goal in found.goals] == goals


def test_paragraphs_that_open_with_what_was_achieved_are_completions_of_the_goal_they_speak_of() -> None:
    found = told(
        "云泽县农机补贴政策绩效评价报告\n一、政策目标\n具体到2023年，机插秧面积不低于13万亩；补贴资金兑付率达到100%。推动农业机械化。\n"
        "二、政策实施成效\n机插面积超额完成。全县机插秧面积13.5万亩，涉及18个乡镇。\n资金兑付及时足额。补贴资金26个工作日内兑付完毕，兑付率100%。\n"
    )
    assert [(completion.goal_id, completion.status) for completion in found.completions] == [
        ("g1", "achieved"),
        ("g2", "unstated"),
    ]


def test_what_is_said_of_all_goals_holds_for_each_that_says_nothing_else() -> None:
    found = told(
        "白石县文旅局2024年工作总结\n一、目标任务完成情况\n下达我局目标任务2项，均已完成。\n"
        "1.接待游客420万人次。完成情况：接待游客447万人次。\n2.创作剧目2部。完成情况：创作剧目2部。\n"
    )
    assert [completion.status for completion in found.completions] == ["achieved", "achieved"]


# Headings without numbers


BARE = (
    "金川区应急局2023年度工作总结\n部门概况\n应急局负责全区安全生产监督、防灾减灾救灾等工作。\n"
    "年度重点任务\n完成重点企业安全检查1,000家次，覆盖率达到100%。\n储备应急物资1万件，组织演练12场。\n"
    "全年工作完成情况\n安全监管\n检查重点企业1,020家次，安全检查覆盖率100%，查处隐患2,310条。\n"
    "防灾减灾\n储备应急物资1.2万件，组织应急演练18场，参演2,100人次。\n"
    "预算执行情况\n全年预算860万元，支出842万元，执行率97.91%。\n"
    "存在不足\n执法力量薄弱\n6个镇街仅有专职执法人员9名，人均监管企业超过110家。\n信息化水平不高\n监测预警平台尚未与镇街联网。\n"
    "改进方向\n充实执法队伍\n2024年公开招聘专职执法人员8名。\n加快平台建设\n2024年6月底前完成预警平台联网。\n"
)


def test_fields_of_work_under_a_bare_heading_tell_its_results() -> None:
    found = told(BARE)
    assert [(completion.statement[:6], completion.goal_id) for completion in found.completions] == [
        ("检查重点企业", "g1"),
        ("储备应急物资", "g2"),
    ]
    assert found.completions[0].evidence[0].section == ["全年工作完成情况", "安全监管"]


def test_problems_and_measures_under_bare_headings_are_whole() -> None:
    assert problems_with_answers(BARE) == [
        (
            "执法力量薄弱。6个镇街仅有专职执法人员9名，人均监管企业超过110家",
            None,
            ["充实执法队伍。2024年公开招聘专职执法人员8名。"],
        ),
        ("信息化水平不高。监测预警平台尚未与镇街联网", None, ["加快平台建设。2024年6月底前完成预警平台联网。"]),
    ]


def test_numbered_headings_are_none_without_numbers() -> None:
    assert goals_with_results(
        "康乐区医保中心2024年绩效目标运行情况说明\n（一）绩效目标\n    全年参保登记48万人，业务办结率达到99%。\n"
        "（二）目标运行情况\n    1—9月参保登记46.3万人，业务办结率99.6%。\n（三）偏差分析\n    参保登记进度达96.5%，无重大偏差。\n（四）下一步工作\n    继续做好参保扩面。\n"
    ) == [("全年参保登记48万人，业务办结率达到99%", "1—9月参保登记46.3万人，业务办结率99.6%。", "unstated")]


def test_a_summary_of_the_year_sets_no_goals() -> None:
    found = told(
        "金沙市体育局2023年度工作总结及2024年工作计划\n一、2023年度工作总结\n（一）全民健身蓬勃开展\n举办全民健身赛事43场，参与群众6.8万人次。\n"
        "二、2024年工作计划\n（一）总体要求\n坚持以人民为中心。\n（二）重点任务\n1.新建体育公园2个。\n2.引进高水平教练员6名。\n"
    )
    assert found.goals == []
    assert [completion.statement for completion in found.completions] == ["举办全民健身赛事43场，参与群众6.8万人次。"]
    assert [measure.statement for measure in found.measures] == ["新建体育公园2个。", "引进高水平教练员6名。"]


# Problems and measures


@pytest.mark.parametrize(
    "heading", ["五、存在的差距", "五、工作中的困难和不足", "五、短板与挑战", "五、困难与问题", "五、主要差距"]
)
def test_headings_that_announce_problems(heading: str) -> None:
    assert problems_with_answers(f"河西镇工作总结\n一、概况\n全镇12村。\n{heading}\n一是项目储备不足。二是用地指标偏紧。\n") == [
        ("项目储备不足", None, []),
        ("用地指标偏紧", None, []),
    ]


@pytest.mark.parametrize(
    "points",
    [
        "偏差1：设备到货推迟50天。\n原因：海运周期长。\n整改：与供货商签订补充协议。\n偏差2：企业入驻率只有35%。\n整改：开展定向招商推介。\n",
        "（一）进度滞后\n问题：设备到货推迟50天。\n原因：海运周期长。\n建议：与供货商签订补充协议。\n"
        "（二）招商不足\n问题：企业入驻率只有35%。\n建议：开展定向招商推介。\n",
        "问题一：设备到货推迟50天。原因：海运周期长。对策：与供货商签订补充协议。\n问题二：企业入驻率只有35%。对策：开展定向招商推介。\n",
    ],
)
def test_problems_with_their_causes_and_remedies_by_turns(points: str) -> None:
    assert problems_with_answers(f"河西区冷链项目绩效自评报告\n一、概况\n项目2023年开工。\n二、偏差与整改建议\n{points}") == [
        ("设备到货推迟50天", "海运周期长。", ["与供货商签订补充协议。"]),
        ("企业入驻率只有35%", None, ["开展定向招商推介。"]),
    ]


def test_a_cause_named_at_the_end() -> None:
    ((statement, cause, _),) = problems_with_answers(
        "河西区绩效报告\n一、存在的问题\n（一）抽查中发现23户申报面积与实测不符，信息化监测平台尚未建成是重要原因。\n"
    )
    assert (statement, cause) == ("抽查中发现23户申报面积与实测不符", "信息化监测平台尚未建成")


def test_what_leads_in_to_measures_that_count_themselves_is_none() -> None:
    found = told(
        "河西区绩效监控报告\n一、下一步\n针对监控发现的偏差，我局将及时纠偏，确保目标如期实现。\n"
        "一是加快资金支付，三季度末支付率达到75%。\n二是再举办引才活动8场。\n"
    )
    assert [measure.statement for measure in found.measures] == ["加快资金支付，三季度末支付率达到75%。", "再举办引才活动8场。"]


def test_a_difficulty_told_with_a_result_opens_no_list_of_problems() -> None:
    found = told(
        "鹿鸣区民政局工作总结\n一、推进情况\n（一）新增社区食堂6处，较目标少2处，主要是选址困难。\n（二）新增床位260张，惠及老人310名。\n"
    )
    assert found.issues == []
    assert [completion.status for completion in found.completions] == ["partial", "unstated"]


def test_goals_pursued_together_are_as_many_as_the_sentence_says() -> None:
    found = told(
        "临江市商务局2023年度绩效自评报告\n一、目标实现情况\n"
        "我局紧扣年初确定的社会消费品零售总额增长7%、外贸进出口总额达到120亿元、利用外资1.5亿美元三项目标，扎实推进各项工作。\n"
        "（一）外贸稳中提质\n外贸进出口总额128.6亿元，增长5.2%，超额完成年度目标。\n"
    )
    assert [goal.statement for goal in found.goals] == [
        "社会消费品零售总额增长7%",
        "外贸进出口总额达到120亿元",
        "利用外资1.5亿美元",
    ]
    assert [(completion.goal_id, completion.status) for completion in found.completions] == [("g2", "achieved")]


def test_next_years_plan_of_work_answers_this_years_problems() -> None:
    found = told(
        "新城街道2024年工作总结\n一、主要工作\n（一）抓项目。2024年引进企业42家，盘活楼宇3栋。\n"
        "二、存在不足\n一是楼宇招商后劲不足；二是停车难问题突出。\n三、2025年工作计划\n（一）聚焦招商引资，引进企业50家。\n（二）聚焦停车难，新增泊位300个。\n"
    )
    assert found.goals == []
    assert [(measure.statement, measure.issue_ids) for measure in found.measures] == [
        ("聚焦招商引资，引进企业50家。", ["i1"]),
        ("聚焦停车难，新增泊位300个。", ["i2"]),
    ]


def test_a_paragraph_that_answers_problem_after_problem_holds_a_measure_for_each() -> None:
    found = told(
        "临江市商务局绩效自评报告\n一、改进建议\n针对外资引进问题，建议开展境外招商4次，建立项目库。针对商业网点问题，建议新建村级商店14个。\n"
    )
    assert [measure.statement for measure in found.measures] == [
        "针对外资引进问题，建议开展境外招商4次，建立项目库。",
        "针对商业网点问题，建议新建村级商店14个。",
    ]


def test_lists_with_dashes_are_lists() -> None:
    found = told(
        "苍山县统计局绩效自评报告\n一、履职成效\n——完成劳动力调查样本1,440户，抽查合格率99%。\n——编发统计分析58篇，获领导批示12篇。\n"
        "二、需要改进的地方\n——基层统计人员流动性大；\n——部门数据共享机制不健全。\n"
    )
    assert [completion.statement for completion in found.completions] == [
        "完成劳动力调查样本1,440户，抽查合格率99%。",
        "编发统计分析58篇，获领导批示12篇。",
    ]
    assert [issue.statement for issue in found.issues] == ["基层统计人员流动性大", "部门数据共享机制不健全"]


def test_measures_that_count_themselves_answer_problems_told_in_the_same_order() -> None:
    assert problems_with_answers(
        "东海县水利局工作总结\n一、面临的形势和问题\n工程建设方面，资金筹措压力大。管护方面，小型水库专业化管护覆盖率只有38%。\n"
        "二、下一步\n一是争取建设资金2亿元；二是推进小型水库专业化管护。\n"
    ) == [
        ("工程建设方面，资金筹措压力大", None, ["争取建设资金2亿元；"]),
        ("管护方面，小型水库专业化管护覆盖率只有38%", None, ["推进小型水库专业化管护。"]),
    ]


def test_a_paragraph_that_begins_with_its_list_is_as_many_results() -> None:
    found = told(
        "云岭县抽检补助政策绩效评价报告\n一、政策目标\n全年抽检1,800批次。\n二、实施成效\n"
        "一是抽检力度加大，全年抽检1,936批次；二是监管站全部达到规范化标准，覆盖14个乡镇。\n"
    )
    assert [completion.statement for completion in found.completions] == [
        "抽检力度加大，全年抽检1,936批次；",
        "监管站全部达到规范化标准，覆盖14个乡镇。",
    ]


def test_paragraphs_with_figures_of_their_own_are_results_of_their_own() -> None:
    found = told(
        "松涛区科技局绩效评价报告\n一、工作目标完成情况\n（一）企业培育\n全年认定高新企业36家，入库科技型企业142家。\n"
        "举办政策宣讲会12场，参会企业410家。\n（二）研发投入\n规上企业研发投入强度2.8%。\n该项工作得到市局充分肯定。\n"
    )
    assert [completion.statement for completion in found.completions] == [
        "全年认定高新企业36家，入库科技型企业142家。",
        "举办政策宣讲会12场，参会企业410家。",
        "规上企业研发投入强度2.8%。该项工作得到市局充分肯定。",
    ]


RIVERS = "云台市河湖管理局2023年度工作总结\n"


def test_a_goal_with_a_name_of_its_own_is_followed_by_what_became_of_it() -> None:
    found = told(
        RIVERS + "一、年度目标完成情况\n1.水环境治理目标：整治黑臭水体12条。整治黑臭水体14条，目标已完成。\n"
        "2.防汛能力目标：加固堤防26公里。受征地影响，加固堤防21公里，占计划的80.77%，该目标未完成。\n"
        "3.队伍建设任务：培训河长300人次。组织培训河长346人次，超额完成任务。\n"
    )
    assert [(goal.label, goal.statement) for goal in found.goals] == [
        ("1", "整治黑臭水体12条"),
        ("2", "加固堤防26公里"),
        ("3", "培训河长300人次"),
    ]
    assert [(done.goal_id, done.statement, done.status) for done in found.completions] == [
        ("g1", "整治黑臭水体14条，目标已完成。", "achieved"),
        ("g2", "受征地影响，加固堤防21公里，占计划的80.77%，该目标未完成。", "not_achieved"),
        ("g3", "组织培训河长346人次，超额完成任务。", "achieved"),
    ]
    assert [
        (figure.name, figure.goal_id) for figure in found.metrics if figure.target is not None and figure.kind == "figure"
    ] == [("整治黑臭水体", "g1"), ("加固堤防", "g2"), ("培训河长", "g3")]


def test_a_heading_may_name_a_goal_that_a_sentence_states_before_its_result() -> None:
    assert goals_with_results(
        RIVERS + "一、年度目标完成情况\n第一，河道整治目标。全年整治河道30公里。实际整治河道31公里，目标完成。\n"
        "第二，巡河管护目标。开展巡河1,200次。实际巡河1,105次，未完成。\n"
    ) == [
        ("全年整治河道30公里", "实际整治河道31公里，目标完成。", "achieved"),
        ("开展巡河1,200次", "实际巡河1,105次，未完成。", "not_achieved"),
    ]


@pytest.mark.parametrize(
    ("heading", "lead"), [("差距和不足", "回顾全年，工作中还有以下短板"), ("工作短板", "虽取得一定成绩，但也要看到")]
)
def test_problems_in_a_row_behind_their_lead_are_one_each_and_answered_in_order(heading: str, lead: str) -> None:
    assert problems_with_answers(
        RIVERS + f"一、{heading}\n{lead}：堤防建设进度偏慢；巡河质量不高；专业队伍力量薄弱。\n"
        "二、下一步\n重点抓好三件事：加快堤防建设，倒排工期；提升巡河质量，开展抽查；充实专业队伍。同时，完善考核办法。\n"
    ) == [
        ("堤防建设进度偏慢", None, ["加快堤防建设，倒排工期；"]),
        ("巡河质量不高", None, ["提升巡河质量，开展抽查；"]),
        ("专业队伍力量薄弱", None, ["充实专业队伍"]),
    ]


def test_the_announcement_of_goals_and_how_they_were_managed_set_none() -> None:
    found = told(
        "柳河县稳岗政策绩效自评报告\n一、绩效目标与组织管理\n（一）绩效目标设定\n年初，从两个方面设定专项资金年度绩效目标。\n"
        "在稳岗上，稳定岗位1.2万个。\n在培训上，培训职工4,000人次。\n"
        "（二）组织实施与资金管理\n建立部门联审机制，资金专账核算。\n（三）自评组织情况\n自评小组调阅台账、走访企业。\n"
    )
    assert [(goal.level, goal.statement) for goal in found.goals] == [
        ("annual", "在稳岗上，稳定岗位1.2万个"),
        ("annual", "在培训上，培训职工4,000人次"),
    ]


def test_a_survey_of_satisfaction_is_no_result() -> None:
    found = told(
        RIVERS + "一、工作成效\n（一）河道整治\n全年整治河道38公里，清淤12万立方米。\n"
        "11月，委托第三方向群众发放问卷500份，回收480份，满意度94.79%。\n"
    )
    assert [done.statement for done in found.completions] == ["全年整治河道38公里，清淤12万立方米。"]
