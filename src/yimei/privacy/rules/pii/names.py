"""Names of persons in Chinese text: every sentence is cut into words, a name being one of the words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import exp

from yimei.privacy.rules.pii.entities import Entity, Kind
from yimei.privacy.rules.pii.lexicon import Lexicon, lexicon
from yimei.privacy.rules.pii.text import is_han, listed

HAN = "㐀-鿿𠀀-\U0003ffff"
BASE = -6.5
"""The logarithm of the share of words that are names, without any cue."""

TITLES = listed(
    "女士 先生 小姐 太太 夫人 医生 医师 大夫 主任 副主任 院长 副院长 护士长 护士 教授 老师 经理 总监 顾问 "
    "咨询师 师傅 同学 店长 阿姨 "
    "叔叔 大姐 大哥 妈妈 爸爸 奶奶 爷爷 总 姐 哥 女生"
)
STRONG_LEFT = listed(
    "姓名 患者 病人 客户 顾客 患儿 求美者 联系人 家属 监护人 收件人 收货人 签名 签字 我叫 名叫 叫做 名字是 "
    "本人 我是 顾问 咨询师 医生 医师 护士 "
    "主任 主刀 麻醉师 助手 丈夫 妻子 老公 老婆 母亲 父亲 妈妈 爸爸 女儿 儿子 姐姐 妹妹 哥哥 弟弟 闺蜜 朋友 "
    "同事 男友 女友 男朋友 女朋友 爱人 "
    "配偶 院长 教授 老师 助理 前台 客服 会员 持卡人 付款人 经办人 推荐人 介绍人 陪同 户名 来电人 投诉人 "
    "申请人 委托人 代理人 受托人 机主 "
    "术者 一助 二助 洗手 巡回 签署人 录入人 记录人 审核 开户名 收款人 被保险人 投保人 车主 妈 爸 同学 亲属 "
    "咨询 值班"
)
WEAK_LEFT = listed(
    "由 请 与 和 跟 同 及 给 找 向 叫 为 是 、 @ 让 问 替 约 陪 转 对 帮 到 被 把 以及 联系 通知 回访 安排"
)
RIGHT = listed(
    "女士 先生 小姐 太太 医生 医师 大夫 主任 院长 护士 教授 老师 经理 顾问 咨询师 同学 阿姨 来院 到院 到店 "
    "来诊 复查 复诊 预约 就诊 面诊 来电 致电 "
    "表示 要求 反映 签字 签名 签署 本人 的手机 的电话 的身份证 的微信 的病历 的地址 的生日 的母亲 的妈妈 "
    "的老公 的丈夫 的账户 的银行 说 称 问 想 已 "
    "因 术后 术前 今日 今天 昨天 明天 咨询 投诉 诉 于 现 主刀 行 拟 电话 手机 身份证 性别 女 男 陪同 缴费 "
    "付款 转账 自述 自诉 主诉 住 家住 联系 收 一起 一同 一块 曾 开车 姐 哥 来 去 没 不 很 也 都 又 在 有 "
    "会 做 打 发 给 用"
)
NOT_A_PERSON = re.compile(
    r"(?:东|西|南|北|中|大)?(?:路|街|道|巷|区|县|市|镇|乡|村|省|湖|河|江|岛|桥|站|医院|诊所|公司|集团|大厦|"
    r"广场|小区|花园|大学|中学|小学|学院|银行|"
    r"药业|制药|生物|科技|牌|氏|综合征|综合症|病|征|定律|试验|评分|膏|丸|散|胶囊|注射液|片|汤|酒店|饭店|"
    r"机场|寺|公园|门诊部|美容院|品牌|系列|号线)"
)
SEX_OR_AGE = re.compile(
    r"\s*[,，、（(/|\t ]?\s*(?:[男女](?![士生友朋儿性装])|性别|\d{1,2}\s*(?:周?岁|y)|"
    r"[一二三四五六七八九十]{1,3}岁|(?:手机|电话|联系方式|tel|身份证|生于|出生)|1[3-9]\d{3})",
    re.I,
)
LABEL = re.compile(
    r"(?:\b(?:Patient|Name|Contact|Surgeon|Customer|Client|Guardian)(?: name)?|姓\s{0,4}名|名字|称呼|"
    r"联系人|收[件货款]人|寄件人|签名|签字|户名|开户名|持卡人|监护人|家属|患者|病人|客户|顾客|主刀|术者|"
    r"麻醉(?:师|医[生师])|"
    r"(?:主刀|手术|接诊|主治|经治|主诊)?医[生师]|护士|咨询师|顾问|经办人|介绍人|推荐人|申请人|紧急联系人|"
    r"代理人|车主|机主|投保人|被保险人|付款人|会员)"
    r"(?:姓名|签[名字])?\s{0,2}[:：]\s{0,3}",
    re.I,
)
VALUE = re.compile(
    rf"([{HAN}](?:[ 　]{{1,3}}[{HAN}]|[{HAN}]{{1,3}}))(?![{HAN}])|"
    r"([A-Z][A-Za-z'’-]*(?:(?: |·|[.]\s?|,\s?(?=[A-Z][a-z]))[A-Z][A-Za-z'’-]*){1,3})"
)
SURE_LABEL = re.compile(r"姓\s{0,4}名|联系人|收[件货款]人|签名|签字|户名|持卡人|监护人|[a-z]", re.I)
LATIN = re.compile(r"\b(?:Mrs?|Ms|Miss|Dr|Prof)\.?\s([A-Z][a-z]+(?:[ -][A-Z][a-z]+){0,2})")
EMPTY_VALUES = frozenset(
    listed(
        "未知 不详 保密 本人 同上 匿名 未填 未填写 空白 见附件 母亲 父亲 丈夫 妻子 朋友 家属 姐姐 妹妹 先生 "
        "女士 同事 测试 暂无 没有 要求 配偶 子女 女儿 儿子 父母 "
        "术前 术后 待定 电话 手机 女性 男性 患者 客户 医生 护士 主任 顾问 普通 新客 老客 "
        "金卡 银卡 黑卡 钻石 是的 好的 你好 您好 收到 主诉 自述 麻烦 请问 谢谢"
    )
)
FOREIGN = frozenset(
    "阿艾安奥巴白班邦保鲍贝本比彼毕别宾波伯布查茨达戴丹当道德邓迪蒂丁东杜多厄恩尔法凡菲费芬丰冯弗福夫盖甘冈"
    "高戈哥格葛根古瓜哈海汉豪赫亨侯胡怀霍基吉季加贾简江杰金居"
    "卡凯坎康考柯科可克肯库夸奎拉莱赖兰朗劳勒雷蕾里丽利莉丽连列琳林伦隆卢鲁露吕伦罗洛马玛迈麦曼芒梅门蒙孟米"
    "敏明莫默姆木穆纳娜乃南内妮尼聂宁牛努诺欧帕派潘佩彭皮平珀普奇齐"
    "契钱强乔切琴琼让热仁日荣茹瑞若撒萨塞赛桑森沙珊尚舍申圣施什史士斯思苏所索塔泰坦汤陶特滕提图土吐托瓦万旺"
    "威韦维伟温文翁沃乌武西希锡夏香肖谢辛欣休许旭逊雅亚扬杨耶叶依伊"
    "因英尤于约扎泽詹珍朱卓兹佐买江汗提力木尼孜孜娅扎吾尔孙艳曲姑丽克买热合甫斯坎拜比然纳依努艾沙娅玉"
)
BRANDS = frozenset(
    listed(
        "乔雅登 瑞蓝 保妥适 伊婉 艾莉薇 润百颜 海薇 嗨体 衡力 乐提葆 吉适 艾维岚 高德 贝丽菲尔 曼托 娜绮丽"
    )
)
DOTTED = re.compile(rf"[{HAN}]{{1,8}}(?:[·•‧・･∙⋅．][{HAN}]{{1,10}}){{1,3}}")
EDGES = "，。；：、！？,;:!? \t\n（）()【】“”\"'"
TIBETAN = (
    "扎西|卓玛|次仁|央金|拉姆|丹增|格桑|达娃|旺堆|洛桑|尼玛|多吉|平措|白玛|索朗|德吉|巴桑|普布|次旦|旺姆|"
    "仁增|边巴|米玛|顿珠|强巴|群培|才让|措姆|桑吉"
)
MINORITY = re.compile(
    rf"(?:{TIBETAN}){{2}}|(?:阿依|古丽|米热|迪丽|热依|帕提|买买|努尔|艾合|吐尔|阿卜|阿布|麦麦|玉素|哈力|"
    rf"祖力|努日|艾尼|塔吉|巴哈|阿迪|热孜|图尔)[{''.join(sorted(FOREIGN))}]{{1,6}}"
)
RUN = re.compile(rf"[{HAN}〇]+")


@dataclass(frozen=True)
class _Step:
    score: float
    start: int
    name: str
    """Empty, ``name`` or ``titled``."""


def find_names(text: str) -> Iterator[Entity]:
    """Yield names, overlapping ones too."""
    yield from _labelled(text)
    yield from _dotted(text)
    for match in LATIN.finditer(text):
        yield Entity(match.start(1), match.end(1), Kind.NAME, match[1], 0.8)
    words = lexicon()
    for run in RUN.finditer(text):
        yield from _in_run(text, run.start(), run.end(), words)


def _labelled(text: str) -> Iterator[Entity]:
    words = lexicon()
    for label in LABEL.finditer(text):
        value = VALUE.match(text, label.end())
        if value is None:
            continue
        word = value[0]
        sure = bool(SURE_LABEL.search(label[0]))
        if value[2]:
            if sure:
                yield Entity(value.start(), value.end(), Kind.NAME, word, 0.85)
            continue
        bare = re.sub(r"\s", "", word)
        if bare in EMPTY_VALUES or bare[1:] in TITLES or bare[2:] in TITLES:
            continue
        has_surname = bare[0] in words.surnames or bare[:2] in words.surnames
        likely = has_surname and all(char in words.given for char in bare[1:])
        if " " in word.strip() and len(bare) != len(word) and not likely:
            continue
        if bare in words.words and words.words[bare] > -13.5 and not (likely and sure):
            continue
        if (sure and len(bare) <= 4) or (likely and (len(bare) < 4 or bare[:2] in words.surnames)):
            yield Entity(value.start(), value.end(), Kind.NAME, word, 0.95 if likely else 0.75)


def _dotted(text: str) -> Iterator[Entity]:
    for match in DOTTED.finditer(text):
        parts = re.split("[·•‧・･∙⋅．]", match[0])
        first, last = parts[0], parts[-1]
        begin, end = len(first), len(last)
        head = first
        while head and not all(char in FOREIGN for char in head):
            head = head[1:]
        tail = 0
        while tail < len(last) and last[tail] in FOREIGN:
            tail += 1
        if first == head or match.start() == 0 or text[match.start() - 1] in EDGES:
            head = first if tail and len(first) < len(head) + 3 else head
        if match.end() == len(text) or text[match.end()] in EDGES:
            tail = len(last) if head and len(last) < tail + 3 else tail
        if not head or not tail or head in BRANDS or any(brand in first for brand in BRANDS):
            continue
        start = match.start() + begin - len(head)
        stop = match.end() - (end - tail)
        yield Entity(start, stop, Kind.NAME, text[start:stop], 0.99)
    for match in MINORITY.finditer(text):
        yield Entity(match.start(), match.end(), Kind.NAME, match[0], 0.72)


def _in_run(text: str, begin: int, stop: int, words: Lexicon) -> Iterator[Entity]:
    best = [_Step(0.0, 0, "")]
    plain = [0.0]
    size = stop - begin
    for end in range(1, size + 1):
        best.append(_Step(-1e9, end, ""))
        plain.append(-1e9)
    for at in range(size):
        here = begin + at
        base = best[at].score
        for length in words.by_first.get(text[here], (1,)):
            if at + length <= size:
                share = words.words.get(text[here : here + length])
                if share is not None:
                    _relax(best, at, at + length, base + share, "")
        _relax(best, at, at + 1, base + words.unknown, "")
        for length, share, kind in _candidates(text, begin, here, stop, words):
            _relax(best, at, at + length, base + share, kind)
    at = size
    while at > 0:
        step = best[at]
        if step.name:
            start, end = begin + step.start, begin + at
            gain = step.score - best[step.start].score - _without_names(text, start, end, words)
            score = 1 / (1 + exp(-max(min(gain, 30), -30) / 2))
            if step.name == "titled":
                score = min(score, 0.7)
            yield Entity(start, end, Kind.NAME, text[start:end], round(max(0.5, min(score, 0.99)), 2))
        at = step.start


def _relax(best: list[_Step], start: int, end: int, score: float, name: str) -> None:
    if score > best[end].score:
        best[end] = _Step(score, start, name)


def _without_names(text: str, start: int, end: int, words: Lexicon) -> float:
    scores = [0.0] + [-1e9] * (end - start)
    for at in range(end - start):
        for length in range(1, end - start - at + 1):
            share = words.words.get(text[start + at : start + at + length])
            if share is None:
                share = words.unknown if length == 1 else -1e9
            scores[at + length] = max(scores[at + length], scores[at] + share)
    return scores[-1]


def _candidates(
    text: str, begin: int, here: int, stop: int, words: Lexicon
) -> Iterator[tuple[int, float, str]]:
    """Yield length, logarithmic share and kind of each name that could begin here."""
    for size in (2, 1):
        family = text[here : here + size]
        share = words.surnames.get(family)
        if share is None or here + size > stop:
            continue
        left = _left(text, begin, here)
        for length in (2, 1):
            end = here + size + length
            if end > stop:
                continue
            given = text[here + size : end]
            if "某" in given or not all(is_han(char) for char in given):
                continue
            shares = [words.given.get(char, -15.0) for char in given]
            if length == 2:
                inner = shares[0] - 2.2 if given[0] == given[1] else sum(shares) - 0.25
                # two characters that are an everyday word are seldom a given name
                everyday = words.words.get(given)
                if everyday is not None and everyday > -11.0:
                    inner -= 1.5
            else:
                inner = shares[0] - 1.7
            if given[-1] in "路街巷镇乡村县市区省姐哥总嫂姨":
                inner -= 5.0
            elif given[-1] in "曾已也都就来去说想要做打问找发转带对收称让把":
                inner -= 2.0
            yield size + length, BASE + share + inner + left + _right(text, here, end, stop, begin), "name"
        after = text[here + size : here + size + 3]
        for title in TITLES:
            if after.startswith(title):
                short = 1.5 if len(title) == 1 else 0.0
                rare = 4.0 if share < -5.7 else 0.0
                yield size + len(title), BASE + share - short - rare - 1.0 + min(left, 2.0), "titled"


def _left(text: str, begin: int, here: int) -> float:
    before = text[max(0, here - 8) : here]
    bare = before.rstrip(" :：\t「“\"'【[(（《*-—|")
    if bare.endswith(STRONG_LEFT):
        return (
            5.0
            if bare != before or bare.endswith(("患者", "病人", "客户", "顾客", "姓名", "我叫", "求美者"))
            else 4.0
        )
    if here > begin and before.endswith(WEAK_LEFT):
        return 2.0
    if here == begin:
        return 1.8
    return 0.0


def _right(text: str, start: int, end: int, stop: int, begin: int) -> float:
    if NOT_A_PERSON.match(text, end):
        return -7.0
    if SEX_OR_AGE.match(text, end):
        return 4.0
    after = text[end : end + 4].lstrip(" ")
    if after.startswith(("女士", "先生", "小姐")):
        return 7.0
    if after.startswith(RIGHT):
        return 3.0 if after[:2] in TITLES or after[:2] in {"来院", "到院"} else 2.2
    if end == stop:
        return 1.5 if start > begin else 2.0
    if after[:1] in "的和与及、":
        return 0.8
    return 0.0
