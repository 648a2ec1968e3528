"""Reports made up by the thousand (生成的报告), always the same ones: for the search's tests and its benchmark.

Places and departments are invented. Words are drawn unevenly, as in real reports; some are traditional, Latin, full width.
"""

import hashlib
import random
from decimal import Decimal
from typing import Literal

from jixiao.document import Document, Passage
from jixiao.quantities import find_quantities
from jixiao.records import Change, Completion, Evidence, Extraction, Goal, Issue, Measure, Measurement, Metric, Report

SUBJECTS = (
    "营商环境 公共卫生 义务教育 乡村振兴 高标准农田 农村公路 污水处理 垃圾分类 老旧小区改造 城市更新 就业创业 技能培训 养老服务 社会救助 残疾人康复 食品安全 "
    "药品监管 安全生产 应急救援 森林防火 防汛抗旱 水库除险 河道治理 大气污染防治 土壤修复 生态补偿 耕地保护 不动产登记 国土空间规划 招商引资 产业园区 专精特新 "
    "科技创新 知识产权 数字政府 政务服务 基层治理 信访化解 法律援助 普法宣传 人民调解 社区矫正 禁毒宣传 平安建设 文化惠民 非遗保护 全民健身 旅游推广 广播电视 "
    "档案管理 统计调查 审计监督 预算管理 政府采购 国有资产 债务化解 税源培育 民营经济 商会建设 民族团结 侨务工作 退役军人 妇女儿童 志愿服务 医疗保障 家庭医生 "
    "疾病防控 妇幼健康 中医药 学前教育 职业教育 教师培训 校园安全 粮食储备 种业振兴 畜牧防疫 渔政执法 农机补贴 供销合作 电子商务 物流体系 外贸出口 质量强市 "
    "标准化 特种设备 计量检定 營商環境 鄉村振興 公共衛生 ＧＤＰ核算 5G基站 ETC车道 PM2.5监测 Wi-Fi覆盖 12345热线 OA系统 ISO9001认证 App推广"
).split()
OBJECTS = (
    "资金到位率 项目完成率 验收合格率 群众满意度 覆盖率 及时率 达标率 执行率 发放人数 培训人次 检查次数 新建里程 改造面积 受益户数 活动场次 办结件数 走访企业 "
    "引进项目 投资总额 预算支出 三公经费 公用经费 人员经费 采购金额 结转结余 设备购置 编制规划 出台文件 调研报告 信息报送 监测点位 抽检批次 整改问题 化解纠纷 "
    "帮扶对象 救助资金 补贴标准 服务时长 工作机制 队伍建设 制度建设 質量指標 成本指标 社会效益 经济效益 生态效益 可持续影响"
).split()
VERBS = "全年完成 累计实现 有序推进 切实加强 进一步提升 组织开展 扎实做好 顺利通过 按时支付 超额完成 基本完成 未能完成 持续优化 重点保障 全面落实".split()
UNITS = "个 家 户 人次 万人次 场次 公里 ㎡ 件 篇 批次 万元 亿元 % 台套".split()
ENDINGS = "较上年增长 较上年下降 达到年初目标 与预算持平 主要是政策调整 进度偏慢 群众反映良好 有所延后 未发生事故".split()
SYLLABLES = "澜沣岚汐茗峪岫浔淇渌漪潞澧濮灞瀛炜烨珩琅瑶璟甬畲睦砚硖祁禹稷穗笠筠翊苕荔莘菱葭蒲蓟蔚薇蘅衢裕襄谷豫辉邕郓郢鄞酉钧锦镜闽阆隰雁霁靖韶颍馥骏鸢麓黛"
OFFICES = (
    "民生服务 产业促进 水土保持 文体发展 园林绿化 公共交通 市场培育 信息资源 生态协调 社会事务 粮油保障 规划设计 科普推广".split()
)
KINDS: tuple[Literal["figure", "indicator", "budget", "completion", "goal", "issue", "measure"], ...] = (
    "figure",
    "indicator",
    "budget",
    "completion",
    "goal",
    "issue",
    "measure",
)
LEVELS = "中心 事务局 管理处 委员会 服务站".split()


def report(number: int, records: int) -> tuple[Document, Extraction]:
    """The report of that number with so many records: its document and what an engine would make of it."""
    rng = random.Random(number)
    region = f"{''.join(random.Random(number % 97).sample(SYLLABLES, 2))}{'县市区'[number % 3]}"
    department = f"{region}{OFFICES[number % len(OFFICES)]}{LEVELS[number // 7 % len(LEVELS)]}"
    year = 2016 + number % 9
    lines = [f"{department}{year}年度绩效自评报告"]
    made = [_record(rng, at, lines, str(year)) for at in range(records)]
    text = "\n".join(lines)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    facts = Report(
        source=f"{number}.txt",
        sha256=sha256,
        characters=len(text),
        title=lines[0],
        department=department,
        region=region,
        fiscal_year=year if number % 23 else None,
        report_type=rng.choice(("department_overall", "department_overall", "project", "other")),
        self_score=Decimal(rng.randint(700, 1000)) / 10,
    )
    extraction = Extraction(
        report=facts,
        goals=[each for each in made if isinstance(each, Goal)],
        completions=[each for each in made if isinstance(each, Completion)],
        metrics=[each for each in made if isinstance(each, Metric)],
        issues=[each for each in made if isinstance(each, Issue)],
        measures=[each for each in made if isinstance(each, Measure)],
    )
    return Document(facts.source, sha256, text, (Passage(text, (0,), (0,)),)), extraction


def _record(rng: random.Random, at: int, lines: list[str], year: str) -> Goal | Completion | Metric | Issue | Measure:
    subject, matter = _unevenly(rng, SUBJECTS), _unevenly(rng, OBJECTS)
    start = sum(map(len, lines)) + len(lines)
    kind = rng.choices(KINDS, (45, 25, 15, 6, 4, 3, 2))[0]
    actual, target = _amount(rng), _amount(rng)
    if kind == "figure" or kind == "indicator" or kind == "budget":
        percent = Decimal(rng.randint(0, 600)) / 10
        words = f"{_unevenly(rng, VERBS)}{subject}{matter}{actual.raw}，{_unevenly(rng, ENDINGS)}{percent}%"
        lines.append(words)
        falls = "下降" in words
        return Metric(
            id=f"m{at}",
            kind=kind,
            name=subject + matter if rng.random() < 0.7 else matter,
            category=["产出指标", "数量指标"] if kind == "indicator" else [],
            period=year,
            target=target if kind == "indicator" else None,
            actual=actual if rng.random() < 0.95 else None,
            change=Change(direction="decrease" if falls else "increase", percent=percent) if rng.random() < 0.4 else None,
            weight=Decimal(rng.randint(1, 20)) if kind == "indicator" else None,
            score=Decimal(rng.randint(0, 200)) / 10 if kind == "indicator" else None,
            attained=rng.choice((True, True, False, None)) if kind == "indicator" else None,
            evidence=[Evidence(start=start, end=start + len(words), quote=words)],
        )
    sentences = [
        f"{_unevenly(rng, VERBS)}{_unevenly(rng, SUBJECTS)}{_unevenly(rng, OBJECTS)}{_amount(rng).raw}，{_unevenly(rng, ENDINGS)}。"
        for _ in range(rng.randint(1, 4))
    ]
    words = f"{subject}{matter}：" + "".join(sentences)
    lines.append(words)
    evidence = [Evidence(start=start, end=start + len(words), quote=words)]
    match kind:
        case "goal":
            return Goal(id=f"g{at}", level="annual", statement=words, evidence=evidence)
        case "completion":
            return Completion(id=f"c{at}", statement=words, effect=sentences[-1], evidence=evidence)
        case "issue":
            return Issue(id=f"i{at}", statement=words, cause="人手不足", evidence=evidence)
        case _:
            return Measure(id=f"a{at}", statement=words, evidence=evidence)


def _unevenly(rng: random.Random, words: list[str]) -> str:
    """A word, the first ones far oftener than the last."""
    return words[int(len(words) * rng.random() ** 2)]


def _amount(rng: random.Random) -> Measurement:
    number = f"{rng.lognormvariate(4, 2):.{rng.choice((0, 0, 1, 2))}f}"
    return find_quantities(number + rng.choice(UNITS))[0].measurement()
