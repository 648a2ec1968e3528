"""The facts of a report (报告基本信息): title, department, region, fiscal year, type, self-score, grade."""

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from jixiao.columns import heading_year
from jixiao.document import Document, Passage
from jixiao.drafts import Facts
from jixiao.quantities import find_quantities
from jixiao.records import ReportType

_HEADLINE = re.compile(r".{4,}(?:公告|通知|通报|方案|总结|意见|计划|说明|新闻|简报|办法)$")
_TITLE_END = re.compile(
    r"(?:自评报告|评价报告|自评(?:情况)?(?:的)?(?:报告|说明|总结)|绩效报告|工作总结|总结报告|自评(?:情况|结果)?|报告|(?:自评|目标|申报)表|(?:决算|预算)公开|总结暨.{2,8}|说明)(?:[（(][^（()）]{0,12}[)）])?$"
)
_PERFORMANCE = re.compile(r"绩效|自评|评价|预算|决算|总结")
_ORGANISATION = re.compile(
    r"[\u4e00-\u9fff（）()“”]{2,24}?(?:委员会|管理局|人民政府|人民法院|人民检察院|监督管理局|街道办事处|办事处|工商业联合会|工商联|联合会|妇女联合会|总工会|图书馆|博物馆|文化馆|档案馆|党校|联合社|供销合作社|法院|检察院|管理委员会|管委会|指挥部|研究院|研究所|研究会|中心|支队|大队|总队|医院|学校|大学|中学|小学|学院|公安局|分局|协会|办公室|党委|政府|[局厅委办会院所站队馆社处部署])"
    r"(?![\u4e00-\u9fff]*[局厅委](?=[\d（(20]))"
)
_PLACE = r"[\u4e00-\u9fff]{1,7}?"
_REGION = re.compile(
    rf"(?:({_PLACE}(?:省|自治区))?({_PLACE}(?:自治州|(?<!城)市(?![场容直]|民(?![政族])|政(?![府协务法策研]))|州|盟|地区))?({_PLACE}(?:自治县|自治旗|新区|开发区|高新区|林区|特区|县|区|旗|(?<!城)市(?![场容直]|民(?![政族])|政(?![府协务法策研]))))?({_PLACE}(?:街道|镇|乡))?)"
)
_TITLED_PLACE = re.compile(r"(?:关于)?([\u4e00-\u9fff]{2,4}?(?:自治州|自治县|[市县区州旗]))")
_NO_REGION = re.compile(r"(?:城市|社区|小区|园区|学区|库区|灾区|市区|辖区|[城乡]镇|村镇)$")
# Words that order the reader to write something: 请将自评得分改为100分. 自评得分由97分调整为95分 orders nothing.
_TOLD = re.compile(
    r"忽略|请(?:将|把|直接|输出)|输出|\bset\b|(?:将|把)(?![^，。；]*[由从])[^，。；]{0,20}(?:改为|改成|改写|调整为|设为|标为|视为)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:(?:预算)?部门(?:[（(]单位[)）])?名称|单位名称|填报单位|预算单位|编报单位|被评价单位|项目单位|主管部门)(?:[（(](?:盖章|公章)[)）])?\s*[:：]\s*(?P<name>[^\s，。；：（(]{3,30})"
)
_TOWN = re.compile(r"[\u4e00-\u9fff]{2,12}(?:镇|乡|街道|苏木)")
_PARTY = re.compile(r"(?:中共|共青团|中国共产党|民革|民盟|民建|民进|农工党|九三学社)")
_ASSESSED = re.compile(
    r"对(?P<name>[\u4e00-\u9fff]{4,24}?(?:委员会|局|联合会|法院|检察院|办公室|中心|厅|院|馆))(?:本级)?20\d\d年[^。]{2,40}(?:开展|进行)了?[^。]{0,8}评价"
)
_WHAT_IT_IS = re.compile(  # 某某局是市政府工作部门
    r"(?:^|[。；\s])(?P<name>[\u4e00-\u9fff]{2,6}?[省市县区州旗镇乡][\u4e00-\u9fff]{1,20}?(?:委员会|局|联合会|工商联|法院|检察院|图书馆|办公室|中心|厅|院|馆|校|所|队|部))(?:（[^（()）]{1,16}）)?(?:是|为|属|系)[^，。；]{0,16}?(?:部门|机构|单位|机关|学校|医院|团体|组织)"
)
_NEXT_LABEL = re.compile(r"(?:项目单位|实施单位|主管部门|填报日期|填表日期|联系人|负责人)$")  # in the same line of a form
_NUMBER = r"[0-9０-９]{1,3}(?:[.．][0-9０-９]{1,3})?"
_SCORE = re.compile(
    rf"(?:自评|自我评价|评价|综合|绩效|最终|最后|总体|平均|合计|考评|整体|打分)(?:[^0-9。；\n]|20\d\d){{0,20}}?(?:得分|评分|总分|分值|打分|分数|评为|评定为|为|[，,]\s*得)[^0-9。；由从]{{0,14}}?(?P<score>{_NUMBER})\s*分(?!制|值|之)"
    rf"|(?:得分|总分|自评分?|评分|分数)(?:数|值|结果)?(?:为|是|：|:|达到|达)?\s*(?P<other>{_NUMBER})\s*分?(?!\d|制|[，,]?满分|%)"
    rf"|(?:总评|合计|共计|总计|(?:自我|综合|最终|最后)(?:评价|评定)?[^0-9。；，\n]{{0,6}}?[，,]?\s*[得计])\s*(?P<total>{_NUMBER})\s*分(?!制|值|之)"
    rf"|[由从]\s*{_NUMBER}\s*分(?:调整|更正|修正|修改|改)为\s*(?P<mended>{_NUMBER})\s*分"
    rf"|(?:结果|结论|等级|等次|评价)[为是:：]?\s*[“\"]?(?:优秀|良好|优|良|中|差)[”\"]?\s*[（(](?P<graded>{_NUMBER})\s*分[)）]"
)
_OWNED = r"(?:项目|资金|经费|工程|补助)(?:支出)?(?:绩效)?(?:自评|评价)?(?:综合|总)?(?:得分|评分|自评)"
_SCORE_OF_ONE = re.compile(_OWNED)
_SCORE_OF = re.compile(rf"(?P<whose>[^，。；：、\s]{{2,30}}(?<![本该])){_OWNED}")
_OF_A_PART = re.compile(r"该项(?!目)|(?<!自评)分值\s*\d|指标分值|权重|其中")
_NO_SCORE = re.compile(r"(?<![为得])满分|总分值?为?\s*100|以上|以下|低于|单项|扣\s*\d")
_BAND = re.compile(r"[（(]?(?:及)?(?:以上|以下|含|至|[-—~～])")
_WHOLE = re.compile(r"整体|综上|综合|总体|最终|最后|总得分|总分|总评")
_MEAN = re.compile(
    r"(?:(?:平均|综合|总体)(?:自评)?(?:得分|分数?|评分)|平均(?!相差|差))[^0-9。；，]{0,8}(?P<score>\d{1,3}(?:\.\d{1,3})?)\s*分"
)
_GRADE = re.compile(
    r"(?:等级|等次|档次|评级|结果|结论|评定|评价|考核|自评)[^。；]{0,16}?(?:为|是|：|:|属于|确定为|评为)?\s*[“\"「『‘]?(?P<grade>优秀|良好|优良|优|良|中等|中|差|合格|基本合格|不合格|较差|一般|较好|好|A|B|C|D)[”\"」』’]?\s*(?:等次|等级|档|级(?!别))"
    r"|(?:等级|等次|档次|评级|绩效级别)[^。；]{0,10}?(?:(?:为|是|：|:)\s*[“\"「『‘]?|[“\"「『‘])(?P<after>优秀|良好|优良|优|良|中等|中|差|合格|基本合格|不合格|较差|一般|较好|好)(?![\u4e00-\u9fff])"
    r"|(?:结果|结论|评价|评定|评为|定为|绩效为|等级|等次)(?:为|是|[:：])?\s*(?P<plain>优秀|良好|优良|优|良|中|差|合格|基本合格|不合格)(?=[。，；,;（(\s]|$)"
    r"|(?:评为|评定为|综合评价为|结果为|结论为)\s*[“\"「『‘](?P<quoted>优秀|良好|优良|优|良|中等|中|差|合格|基本合格|不合格)[”\"」』’]"
    r"|\d\s*分\s*[（(，,]\s*[“\"]?(?P<beside>优秀|良好|优|良|中|差)[”\"]?(?=[)）。；，,]|$)"
)
_JUDGED = re.compile("得分|评分|总分|自评|分数|等级|等次|档次|评级|评为|评定|打分|总评|最终得|自我评价|结果为|结论为|评价结果")
_CLAUSE = re.compile(r"[，,。；;：:]")
_YEAR = re.compile(r"(20\d{2})\s*年?度|(20\d{2})\s*年|(二[〇零○O][〇零○一二三四五六七八九十O]{2})年")
_YEAR_DIGITS = str.maketrans("〇零○O一二三四五六七八九", "0000123456789")


def read_facts(document: Document, table_facts: dict[str, str], of_the_whole: Sequence[Passage]) -> Facts:
    """The report's facts, from its title, its form cells and its own words; what it does not state stays ``None``.

    Its score and grade are looked for in ``of_the_whole``: what is not about one of several projects.
    """
    passages = document.passages
    title = _title(passages)
    facts = Facts(title=title)
    text = "\n".join(passage.words for passage in passages)
    facts.fiscal_year = fiscal_year(document)
    facts.department = _department(title, passages, table_facts)
    facts.region = _region(facts.department, title, text)
    facts.report_type = report_type(title, text)
    if facts.report_type != "other":
        graded = "\n".join(passage.words for passage in of_the_whole if _JUDGED.search(passage.words))
        facts.self_score = _self_score(graded, facts.fiscal_year)
        if facts.self_score is None and (total := table_facts.get("总分")):
            facts.self_score = _score_in(total)
        facts.grade = _grade(graded) or table_facts.get("等级")
    return facts


def _title(passages: tuple[Passage, ...]) -> str | None:
    """The report's title, its lines joined: the first short lines that end in 报告 or the like."""
    lines: list[str] = []
    for passage in passages[:12]:
        words = passage.words.lstrip("#").strip()
        if re.match(r"[一二三四五六七八九十]{1,3}、|目录|附件\s*\d*[:：]?$", words):
            if re.match(r"附件", words):
                continue
            break
        if len(words) > 60 or words.endswith(("。", "：", "；")):
            break
        lines.append(words)
        if _TITLE_END.search(words) and _PERFORMANCE.search(words):
            joined = words
            for above in reversed(lines[:-1]):
                whole = bool(re.search(r"20\d\d|年度", joined)) and len(joined) > 14
                if (
                    len(above) > 30
                    or re.search(r"[:：]|\d{4}年\d|^[（(]", above)
                    or (whole and not _is_organisation(above) and not above.endswith("项目"))
                ):
                    break
                if above in joined:
                    continue
                joined = above + joined
            return joined
    return lines[0] if lines and _HEADLINE.search(lines[0]) else None


def _is_organisation(words: str) -> bool:
    return bool(re.search(r"(?:局|委|会|院|中心|厅|办|馆|政府|站|所|队|处|部|学|校|幼儿园|(?:联合|合作)社)$", words))


def fiscal_year(document: Document) -> int | None:
    """The year (预算年度) the report is about: the title's, else the one it names most often."""
    for passage in document.passages[:8]:
        if _PERFORMANCE.search(passage.words) and len(passage.words) <= 60 and (year := _first_year(passage.words)):
            return year
    counts = Counter(int(match[1]) for match in re.finditer(r"(20\d{2})\s*年?度", document.text))
    if not counts:
        counts = Counter(int(match[1]) for match in re.finditer(r"(20\d{2})\s*年", document.text))
    return counts.most_common(1)[0][0] if counts else None


def _first_year(words: str) -> int | None:
    match = _YEAR.search(words)
    if match is None:
        return None
    digits = match[1] or match[2]
    if digits:
        return int(digits)
    written = match[3].translate(_YEAR_DIGITS).replace("十", "1")
    return int(written) if written.isdigit() and len(written) == 4 else None


def _department(title: str | None, passages: tuple[Passage, ...], table_facts: dict[str, str]) -> str | None:
    in_title = None
    if title:
        words = re.sub(r"^(?:关于|附件\d*[:：]?|[—-]+)", "", title)
        if re.search(r"关于.*(?:召开|开展|印发|通知)|通知$", words):
            words = ""
        words = re.sub(r"^20\d\d\s*年?度?", "", words)
        head = re.split(r"20\d\d|二[〇零○]|年度|部门整体|整体支出|项目支出|关于|预算绩效|绩效自评", words)[0]
        match = _ORGANISATION.match(head)
        longest = max(
            (candidate for end in range(3, len(head) + 1) if _is_organisation(candidate := head[:end])), key=len, default=None
        )
        in_title = longest if match else head if _TOWN.fullmatch(head) else None
    if in_title and not re.match(r"[Xx×]", in_title):
        return in_title
    for label in (
        "预算部门名称",
        "部门名称",
        "部门（单位）名称",
        "单位名称",
        "预算单位",
        "填报单位",
        "部门",
        "主管部门",
        "地方主管部门",
        "市级主管部门",
        "县级主管部门",
        "区级主管部门",
        "资金使用单位",
        "实施单位",
    ):
        if name := table_facts.get(label):
            cleaned = re.sub(r"[（(].*|^\d+[-\s]*", "", name).strip()
            if not re.search(r"[Xx×]{2}|^各", cleaned) and len(cleaned) >= 3:
                return cleaned
    for passage in passages[:60]:
        if (match := _NAMED.search(passage.words)) and not re.search(r"[Xx×]{2}", match["name"]):
            return _NEXT_LABEL.sub("", match["name"])
    heads = [passage.words for passage in passages[:4]]
    for above, words in zip(["", *heads], heads, strict=False):
        if len(words) <= 30 and _is_organisation(words) and not re.search(r"[Xx×]{2}|[\d:：]", words):
            broken = 4 <= len(above) <= 20 and re.search(r"[省市县区州旗]", above) and not re.search(r"[，。：\d]", above)
            return above + words if broken and not re.search(r"[省市县区州旗]", words) else words.lstrip("—-")
    for passage in passages[:-9:-1]:  # who signed it
        if (
            4 <= len(passage.words) <= 24
            and _is_organisation(passage.words)
            and re.match(r"[\u4e00-\u9fff]+[省市县区州旗镇乡]", passage.words)
        ):
            return passage.words
    for passage in passages:
        if told := _ASSESSED.search(passage.words) or _WHAT_IT_IS.search(passage.words):
            return told["name"]
    names = Counter(
        match[0]
        for passage in passages
        for match in re.finditer(
            r"[\u4e00-\u9fff]{2,6}?[省市县区州旗][\u4e00-\u9fff]{2,14}?(?:委员会|局|联合会|工商联|法院|检察院|图书馆|办公室|中心|厅)",
            passage.words,
        )
    )
    common = names.most_common(1)
    return common[0][0] if common and common[0][1] >= 2 else None


def _region(department: str | None, title: str | None, text: str) -> str | None:
    """The smallest area that the department's name begins with; without one there, none."""
    if not department:
        titled = _TITLED_PLACE.match(title or "")
        return titled[1] if titled and not _NO_REGION.search(titled[1]) else None
    match = _REGION.match(_PARTY.sub("", department.replace("人民政府", "")))
    parts = [part for part in match.groups() if part and not _NO_REGION.search(part)] if match else []
    if parts:
        return parts[-1]
    name = re.escape(department)
    place = re.search(rf"([\u4e00-\u9fff]{{2,6}}[市县区州旗]){name}", text)
    return place[1] if place else None


def report_type(title: str | None, text: str) -> ReportType:
    """The kind of report, by its title first and its words after."""
    if title:
        if "整体" in title:
            return "department_overall"
        if re.search(r"转移支付", title):
            return "project"
        if re.search(r"政策|(?:补贴|奖补)(?!.*资金)", title) and "项目" not in title:
            return "policy"
        if re.search(r"资金|专项", title) and _PERFORMANCE.search(title):
            return "project"
        if re.search(r"项目", title) and _PERFORMANCE.search(title) and not re.search(r"招标|采购|公告|中标|磋商", title):
            return "project"
        if re.search(r"招标|采购|公告|新闻|通知|合同|磋商", title):
            return "other"
    head = text[:6000]
    if _TENDER.search(head) and not re.search(r"自评(?:得分|报告|结论)", head):
        return "other"
    if re.search(r"部门整体(?:支出)?(?:绩效)|整体支出绩效", head):
        return "department_overall"
    if re.search(r"政策绩效|专项资金绩效", head):
        return "policy"
    if re.search(r"项目支出绩效自评|项目绩效(?:自评|目标)", head):
        return "project"
    return "department_overall" if re.search(r"绩效自评|绩效目标", head) else "other"


_TENDER = re.compile(r"投标人|(?:招标|采购|磋商|谈判|询价)(?:公告|文件)|供应商应")  # a report tells of 公开招标 too


def is_tender(document: Document) -> bool:
    """Whether the document invites bids (招标, 采购): what it states is wanted, not done."""
    return bool(_TENDER.search(document.text, 0, 3000))


def _self_score(text: str, fiscal_year: int | None) -> Decimal | None:
    if mean := _MEAN.search(text):
        return Decimal(mean["score"])
    first: Decimal | None = None
    owners = {owner["whose"] for owner in _SCORE_OF.finditer(text)} if len(_SCORE_OF_ONE.findall(text)) > 1 else set()
    for match in _SCORE.finditer(text):
        score = _score_in(next(filter(None, match.groups())))
        sentence = re.split(r"[。；\n]", text[max(0, match.start() - 30) : match.end()])[-1]
        if score is None or not 0 < score <= 120 or _NO_SCORE.search(match[0]) or _BAND.match(text, match.end()):
            continue
        if ("满分" in sentence and score == 100 and "为满分" not in sentence) or _TOLD.search(sentence):
            continue
        year = heading_year(match[0] if "年" in match[0] else _CLAUSE.split(sentence[: -len(match[0])])[-1])
        if year and fiscal_year and year != fiscal_year:
            continue  # last year's
        clause = _CLAUSE.split(text[max(0, match.start() - 40) : match.end()].rstrip("分"))[-1]
        if _OF_A_PART.search(sentence) or (len(owners) > 1 and any(owner in clause for owner in owners)):
            continue  # of one of several projects
        if _WHOLE.search(sentence):
            return score
        first = first or score
    return first


def _score_in(words: str) -> Decimal | None:
    found = find_quantities(words + "分")
    return found[0].value if len(found) == 1 else None


def _grade(text: str) -> str | None:
    best: str | None = None
    for match in _GRADE.finditer(text):
        grade = match["grade"] or match["after"] or match["plain"] or match["quoted"] or match["beside"]
        begin = max(text.rfind(mark, 0, match.start()) for mark in "。；\n") + 1
        context = re.split(r"[。；\n]", text[begin : match.end() + 24])[0][-80:]
        if _TOLD.search(context):
            continue
        if re.search(r"以上|[≥≤＜<]|(?<![得评打])分为|（含|\d+\s*[-—~]\s*\d+\s*分|设置[^，。；]{0,8}等|四个?等级|划分", context):
            continue
        if _OF_THE_REPORT.search(context):
            return grade
        best = best or grade
    return best


_OF_THE_REPORT = re.compile(r"自评|绩效|综合|得分|结论")  # 在全省考核中获评“好”等次 may come before
