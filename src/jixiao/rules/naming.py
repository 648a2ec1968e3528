"""What a quantity counts (数据名称), in a few of the text's own words: cut from in front of the number or from behind it.

社区书屋12家 names 社区书屋; 30家小微企业 names 小微企业; 结对帮扶16个村 names 结对帮扶村.
"""

import re

from jixiao.quantities import Quantity

_LEAD = re.compile(  # when and who: never part of a name
    r"^(?:(?:20\d{2}年度?)?\d{1,2}月(?:\d{1,2}日|底|份|初|末)?(?:之?前)?|20\d{2}(?:年度?(?:末|底)?|届)|全年(?!预算)|共(?![同享建管])|年内|于(?=\d)|对(?![口外接标比象账内]|个人和家庭)|调整后(?=全年)|截[至止][^，]{0,16}?(?:月底|月末|年底|年末|\d日|底|日|月(?!\d)|止|末)|\d{1,2}[-—~至]\d{1,2}月份?|[一二三四]季度(?:[末底]前?|前)|[一二三四五六七八九十]是|[（(]?[一二三四五六七八九十\d]{1,2}[)）]|[①-⑮]|今年|本年度?(?!收入|支出)|当年|项目(?=(?:年初|全年)预算)|目前|至今|[一二两三四五]年来|(?:到|自|从)?20\d{2}年(?:度|末|底|以来)?|"
    r"其中[：:]?|先后|并|还|又|同时|以及|及(?!时)|和|与|、|其(?!他)|仍有?|但|而|按[^，]{0,8}分(?!别)|分别|[我本](?:部门|单位|街道|中心|[局市县区委会院办省馆厅校镇乡])|全[市县区省委局州]|全部|含(?![量水氧税])|【[^】]*】|至年[末底]|(?:中央|[省市县区旗州]级?)财政(?:20\d{2}年)?(?=安排|下达|拨付|投入)|[（(]?包括|另外|另有?|此外|以[上下内](?=设备)|现场|现|本次|：|:|，|\s)+"
)
_LEAD_VERB = re.compile(  # doing words, left out where enough remains without them
    r"^(?:年末|年底|已经?|累计|共计?|主要(?!领导|负责)|成功|积极|深入|扎实|持续|进一步|实际|组织(?=举办|召开|开展)|完成|开展|举办|召开|实施|推进|实现|推出|获得|荣获|获|组织(?!事务|机构|生活|部)|安排|撰写|投入|设置|建立|聘请|将|具?有|共有|拥有|达到?|向|引导|明确|加快|统筹|坚持|做好|由|的|了|真正|发现|采取|超额|使(?!用)|用于|争取|落实|鼓励|确保|力争|计划(?![数值内外]|投资|总投资|资金|生育|任务|安排)|通过(?=建设|实施|开展|新建|改造)|建议|共设|预计|至)+"
)
_LIGHT_VERB = re.compile(
    r"^(?:开展|举办|组织(?!事务|机构|生活|部)|召开|实现|提供)(?=[\u4e00-\u9fff“]{2,})"
)  # left out even before a short word
_TO_WHOM = re.compile(
    r"^(?:向|对|为|给|在|赴|由|因|通过|利用|面向|委托|选派|督促)[^，]{1,26}?(?=(?:开展|举办|发放|捐赠|采集|提供|新建|建成|实施|获得|获|拨付|送|修复|增设|投入|组织|完成|下达|走访|减免|追讨|挽回|节约|解决|化解|争取|购买|配备|核发|颁发|办理|培训|整改|公开招聘|招聘|(?:电话|入户|现场)?(?:访问|回访|调查|抽查))[\u4e00-\u9fff“《])"
)
_HOW = re.compile(  # by what means: never what is counted
    r"^(?:(?:采用|采取|以|按|通过)[^，]{2,16}?(?:方式|形式|办法|模式|渠道|途径)|(?:根据|按照|依据|结合|针对)[^，]{2,20}?(?:结果|要求|规定|标准|原则|方案|比例))"
)
_WHY = re.compile(r"^(?:[^，]{0,20}?受[^，]{2,20}?影响|[\u4e00-\u9fff]{2,8}下达[我本][省市县区州院校](?:的|相关)*)")
_WHICH = re.compile(r"^[^，]*\d[^，]*?的(?=[\u4e00-\u9fff“]{2,})")
_WHO = re.compile(  # who does it, where a verb parts them from what is counted
    r"^[^，“]{2,20}?(?:开展|举办|召开|获得|荣?获|(?<!新增)发放)(?=[\u4e00-\u9fff“]{2,}$)|^(?!排查|调处|查处|妥善)[^，“]{2,20}?(?=(?:新增|新建|购置(?!及|费|支出|经费)|争取|化解|增设|选派)[\u4e00-\u9fff“]{2,}$)|"
    r"^[\u4e00-\u9fff]{1,12}?(?:局|委|院|馆|办|办事处|中心|街道|镇|乡)(?=(?:年初|核定|编制|内设|实有|在职|预算|收入|支出|总))|^[^”]*”(?:系列(?=[\u4e00-\u9fff]{2,}$)|(?=主题))"
)
_TAIL = re.compile(
    r"(?:(?<=[标准为至到补])每[人户亩名床](?:每[月年日天])?|共计|(?:^|(?<=[，、）)]))[合总]计|累计|总共|一共|达到了?|达|约为|约|为|是|(?<!实)有|了|共|(?<![预合总审统设会])计|(?<![未分本期])完成|最[高低多少]|近|超过?|(?:压降|压缩|压减|缩短|提升|提高|增加|增长|上升|下降|降低|扩大|[升降])(?:到|至|为)|至|到|在|(?<![日月年人户周平])均|(?<=[\u4e00-\u9fff]{2})未|(?<=经费)(?:累计|合计|共)支出|于|只有|仅有?|仅为|实际|分别|已|尚|仍|下?辖|[高多]达|突破|保持|稳定|控制|不少|不低|:|：|、|（|\(|“|的|\s|等|各|每|第|前|先后|后|总(?!计)|数为|(?<![结盈剩])余|，|(?:^|(?<=[，、共]))用|按|以)+$"
)
_NOUN_STOP = re.compile(
    r"(?<=.)\d{1,2}月|年[中内底初末]|[，,。；;：:！？?、）)\s（(]|(?<=.)(?:投资|开展|举办|参加|参与|入围|入选|挂点|精心|荣获|获得|获|被|完成|建成|实现|覆盖|涉及|担任|带动|培训(?!机构|班|中心|基地|任务|人员|教师|学校|项目|工作|师|课|对象|补贴|资金)|达到|达|占|为|是|存在|(?<!存)在(?![建册职校编岗线])|到(?!位)|对(?![象口接外])|与(?!会)|和(?=\d|约|近|的|$)|及(?!时)|并|作为|回(?![收访迁])|赴|进行|用于|已|均(?!等)|全部|全(?![国省市县区民科域])|未(?!成年)|因|由|从|将|把|正(?![职式])|(?<!公)开(?![放发])|分别|成立|通过|不(?![动良合达])|也|都|向|给|使|让|等|得到|享受|受益|联系|制作|[户人年月日]均|面向|同比|较|比|顺利|按期|按时|投入|纳入|落实|落户|签约|提供|来(?![访源])|共(?![同享建])|成功|推(?![广介])|实施|重复|购买|结转|发放|更换|直接|购置|减免|于(?=\d)|接受|配备|召开|共计|合计|上(?![门岗课])|中(?![心央学小医专药])|下(?![水岗乡派属])|签订|以上|以内|左右)"
)
_COUNTED = re.compile(
    r"(?:[万亿]?(?:个|家|户|名|人|位|项|件|篇|份|条|起|宗|例|类|种|批|套|台|辆|栋|幢|座|处|所|间|册|本|部|张|块|支|队|组|期|场|次|人次|场次|株|棵|盏|门|只|头|枚|轮|亩|公里|款|笔|桩|班|节|版|组次|户次|家次))$"
)
_COVERED = re.compile(r"的?全?覆盖(?![率面])")
_WHOSE = re.compile(r"由[^，。；\d]{2,16}?的(?=[\u4e00-\u9fff“]{2})")  # 13家由本市企业家担任会长的异地商会
_SUM = re.compile(r"[，,；;、]\s*(?:共计|合计|总计|累计共?)\s*$")
_SHARE = re.compile(r"(?:仅|约|分别)?占(?:比|[\u4e00-\u9fff]{2,10})?")
_TRIVIAL_NOUN = re.compile(
    r"^(?:[于因由将把被赴]|到(?!位)|正在|从(?!业)|以上|以下|以内|左右|内(?![设部容科])|外(?![来国地出省籍围])|达到?|未(?:达|完成|能|及时|按)|共$|的|了|，|多|余|次|地|里|上|下|中|后|前|时)"
)
_GREW = re.compile(
    r"(?<=[\u4e00-\u9fff]{2})(?:同比|比(?![例重率赛对])|较(?![好大高多]))[^，。]*?(?:[增减升降浮][\u4e00-\u9fff]?|提高)$"
)
_GREW_BY = re.compile(r"(?:同比|比|较)[^，。；：]{0,12}?(?P<verb>增长|下降|上升|降低|减少|增加|提高|提升)(?:了|约|近)?$")
_PLACES = ("省", "市", "县", "州", "旗", "镇", "乡", "街道")
_NO_NOUNS = ("和", "及", "与", "年", "月", "日")
_HELD = ("次", "场", "场次", "期", "轮")
_EVENT = re.compile(r"[\u4e00-\u9fff“”]{2,14}?(?:会议?|活动|培训|检查|调研|演练|讲座|宣讲|巡查)(?![员费室班])")
_SHORT = 6
_LONGEST = 24
_SPANS = ("年", "个月", "月", "天", "个工作日", "工作日", "周", "小时", "个小时")
_EACH = ("日均", "周均", "月均", "年均", "人均", "户均", "平均")
_AIMED = ("目标值", "指标值", "计划值", "计划数")
_REACHED = re.compile(r"(?:实际)?完成[值数]?[为是]?|实际值[为是]?")
_AIM_END = re.compile(r"(?:年度|预期|绩效|设定)?(?:目标|指标|计划)[值数]$")
_DOES = re.compile(  # 受益农户420户开展入户调查: what follows tells what they do, and is no name
    r"并|开展|进行|参[加与]|用于|投入|实现|完成|通过|取得|推迟|享受|重复|存在|结转|覆盖|纳入|列入|获|被|已|均|未|因|受|需|将|全部"
)
_OF_CLASS = re.compile(
    r"^.*[（(]类[)）](?=.{2})|^[^，]{2,24}[局委院厅办处会心道镇乡校馆](?=20\d\d年)"
)  # 教育支出（类）普通教育（款）; 某某局2024年度
_SENTENCE = re.compile(r"[。！？]")
_CLAUSE_END = re.compile(r"[，,。；;！!？?：:]")


def name_of(words: str, quantities: list[Quantity], at: int, clause: tuple[int, int], last_name: str) -> str:
    """The name of ``quantities[at]``, which stands in ``words[clause[0]:clause[1]]``.

    ``last_name`` is that of the figure before, which a share (占97.45%) or a bare number goes on about.
    """
    clause_start, clause_end = clause
    quantity = quantities[at]
    earlier = quantities[at - 1].end if at and quantities[at - 1].end > clause_start else clause_start
    later = quantities[at + 1].start if at + 1 < len(quantities) and quantities[at + 1].start < clause_end else clause_end
    if earlier > clause_start and quantities[at - 1].unit not in _SPANS:
        noun = _noun_after(words, quantities[at - 1], quantity.start, closes=False)
        of_the_next = _LIGHT_VERB.match(noun) or quantities[at - 1].raw.endswith(("以上", "以下"))  # 单价100万元以上设备3台
        if words.startswith(noun, earlier) and not of_the_next:
            earlier += len(noun)
    before = name_before(words, earlier, quantity.start)
    if quantity.unit == "%" and before and (grew := _GREW_BY.search(words, earlier, quantity.start)):
        before = before if before.endswith(grew["verb"]) else before + grew["verb"]  # 新收案件同比下降6.8%
    if len(before) == 1 and before != "占":
        before = ""  # 9项指标中完成7项
    if quantity.unit and quantity.unit.endswith("元"):
        before = before.removeprefix("发放") or before
    if before in _EACH:
        return (before + last_name)[-18:] if last_name else before
    if last_name.endswith(_AIMED) and _REACHED.fullmatch(words[earlier : quantity.start].strip("，, ")):
        return _AIM_END.sub("", last_name) + words[earlier : quantity.start].strip("，, ").rstrip("为是")
    if _AIM_END.fullmatch(before) and words[:clause_start].endswith(("：", ":")):
        return name_before(words, max(0, clause_start - 40), clause_start) + before  # 消费券数量：预期指标值为4万张
    if _SHARE.fullmatch(before) and last_name and quantity.unit == "%":
        return (last_name + "占比")[-18:] if before in ("占", "占比", "仅占", "约占", "分别占") else before
    if quantity.unit == "%" and before and _COVERED.match(words, quantity.end):
        return before.removesuffix("实现") + "覆盖"
    after = _noun_after(words, quantity, later, closes=later == clause_end)
    if after and before.endswith(_PLACES):
        return after  # 柳溪镇下辖18个村
    if after and (not before or (_COUNTED.search(quantity.unit or "") and not _DOES.match(after))):
        return (
            before + after if len(after) <= 2 and 0 < len(before) <= (2 * _SHORT if quantity.unit == "次" else _SHORT) else after
        )
    if before or after:
        return before or after
    if at and quantities[at - 1].unit == quantity.unit and _SUM.search(words, quantities[at - 1].end, quantity.start):
        return "合计"  # 城市1,126户、农村6,408户，合计7,534户
    told = max(0, clause_start - 40)
    if at and quantities[at - 1].end > told and not _SENTENCE.search(words, quantities[at - 1].end, quantity.start):
        between = _CLAUSE_END.split(words[quantities[at - 1].end : clause_start])[1:-1]
        own = name_before(between[-1], 0, len(between[-1])) if between else ""  # 对窗口的满意率最高，达97%
        return own or last_name or quantity.raw  # 接待22批次186人次; 新增35处，累计达172处
    return name_before(words, told, clause_start) or last_name or quantity.raw


def name_before(words: str, start: int, end: int) -> str:
    """What the words in front of a number say is counted, from the end of the clause backwards."""
    piece = words[start:end].rstrip("，,。；;：: ")
    if piece.count("（") + piece.count("(") > piece.count("）") + piece.count(")"):
        piece = re.split(r"[（(]", piece)[-1]
    piece = re.sub(r"[（(](?![境护役][)）])[^（()）]*[)）]", "", _OF_CLASS.sub("", _CLAUSE_END.split(piece)[-1]))
    if piece.endswith("等"):
        return ""
    full = _LEAD.sub("", piece)
    of_a_plan = full.startswith("完成") and full.endswith("的")  # 完成年初预算的95.45%
    piece = _GREW.sub("", _TAIL.sub("", full))
    if not piece and full.startswith("完成"):
        return "完成"
    among, _, kind = piece.rpartition("等")  # 水费、电费等公用经费
    if among and len(kind) >= (2 if "、" in among else 3) and kind[0] not in "级次候待同于" and not kind.startswith("其他"):
        piece = kind
    elif len(piece) > 12:
        piece = re.sub(r"^(?:[^、]{1,12}、)+(?=[^、]{3,}$)", "", piece)
    if len(piece) > _SHORT:
        piece = _WHO.sub("", _TO_WHOM.sub("", _without_lead(piece)))
    while not of_a_plan and (short := _LEAD.sub("", _LEAD_VERB.sub("", piece))) != piece and len(short) >= 3:
        piece = short
    return _unquoted(_LIGHT_VERB.sub("", piece.strip("、，的 ）)")))[-_LONGEST:]


def _unquoted(name: str) -> str:
    """The name without a quotation mark that has lost its other half."""
    return name if name.count("“") == name.count("”") else name.replace("“", "").replace("”", "")


def _without_lead(piece: str) -> str:
    """The words without the means, the reason and the clause that lead up to what is counted."""
    if piece[0] in "采以按通根依结针":
        piece = _HOW.sub("", piece)
    if "影响" in piece or "下达" in piece:
        piece = _WHY.sub("", piece)
    return _WHICH.sub("", piece) if "的" in piece else piece


def _noun_after(words: str, quantity: Quantity, limit: int, *, closes: bool) -> str:
    """What the words behind a number say is counted; ``closes`` tells that nothing else follows in the clause."""
    piece = words[quantity.end : limit]
    if quantity.unit == "%":
        piece = piece.removeprefix("的")  # 54.6%的企业
    if quantity.unit in _HELD:
        piece = _LIGHT_VERB.sub("", piece)  # 先后5次召开专题会议
    if whose := _WHOSE.match(piece):
        piece = piece[whose.end() :]
    if not piece or _TRIVIAL_NOUN.match(piece):
        return ""
    stop = _NOUN_STOP.search(piece)
    if stop and closes and stop.end() == len(piece) and len(stop[0]) > 1:
        stop = None  # 10余期专题培训
    noun = piece[: stop.start()] if stop else piece
    noun = noun[:owner] if (owner := noun.find("的", 4)) > 0 else noun  # 退休人员的各项待遇
    if quantity.unit in _HELD and (event := _EVENT.match(noun)):
        return event[0]  # 每月召开1次调度会议研究
    if noun in _NO_NOUNS:
        return ""
    if stop is None and not closes:
        noun = noun[:-2] if len(noun) > 4 else noun
    return _unquoted(noun.strip("、 "))[:16] if re.match(r"[\u4e00-\u9fff“《]", noun) else ""
