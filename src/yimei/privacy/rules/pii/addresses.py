"""Postal addresses from province to room, and where they begin and end in a sentence."""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from yimei.privacy.rules.pii.entities import Entity, Kind
from yimei.privacy.rules.pii.text import plain

HAN = "㐀-鿿𠀀-\U0003ffff"
STOP = '我你您他她它们住在到于址是寄送去从离的了过把被给对说微信手机者，。；、！？,;:：!?（）()"“”'
NUMBER = (
    r"(?:[0-9]{1,5}(?:[-–—~至][0-9A-Za-z]{1,5}){0,3}|[A-Za-z]{1,2}[0-9]{0,3}"
    r"|[一二三四五六七八九十百零]{1,4}|[东西南北中甲乙丙丁])"
)
UNIT = r"(?:号院|号楼|号|栋|幢|座|单元|楼|层|室|弄|巷|组|队|户|期|区|门|排|院|房|铺|舍)"
PLACE = (
    r"(?:街道|大街|大道|胡同|[东西南北中]?路(?:[东西南北中]段|段)?|街|道|巷|弄|里|镇|乡|苏木|村|屯|庄|社区|"
    r"小区|新村|花园|家园|花苑|公寓|大厦|广场|雅苑|名苑|苑|府|湾|园|城|"
    r"新城|公馆|别墅|山庄|嘉园|豪庭|中心|公社|开发区|高新区|工业园|科技园|软件园|产业园|宿舍|大楼|国际|庭|"
    r"阁|轩|居|坊|营|桥|寨|堡|坪|岗|沟|塘|屋|郡|墅|台|里弄|SOHO)"
)
NOT_HOMES = re.compile(
    r"(?:门诊|住院|急诊|医技|综合|外科|手术|门急诊|体检|行政|影像|护理|病房|注射|收费|咨询|客服|会员|消毒|"
    r"供应|医疗|美容|医学|检验|康复|治疗|换药)(?:大?楼|中心|部|区|科)?$"
)
STEP = re.compile(
    rf"\s?(?:(?P<number>{NUMBER}\s?{UNIT}(?:内|旁)?)|(?P<place>[{HAN}A-Za-z0-9]{{1,9}}?{PLACE}{{1,3}}|"
    rf"[{HAN}]{{2,8}}(?=[0-9]{{1,3}}(?:号楼|栋|幢|座|期|单元))))"
)
TAIL = re.compile(
    r"\s?(?:[A-Za-z]?[0-9]{1,5}(?:-[0-9]{1,5}){0,3})(?:室|房|号|户)?(?![\d年月日岁元%.万个次天周cmlg])"
)
DASHED = re.compile(r"\s?[0-9]{1,3}(?:-[0-9]{1,4}){1,3}(?:室|号)?(?!\d)")
ROAD = re.compile(
    rf"[{HAN}]{{1,7}}?(?:街道|大街|大道|胡同|路(?:[东西南北中]段|段)?|街|巷|弄|小区|新村|花园|家园|花苑|"
    rf"公寓|社区|村|镇|山庄|嘉园|公馆|雅苑|苑|府|城|大厦|湾)(?=\s?[0-9一二三四五六七八九十A-Z])"
)
CUE = re.compile(
    r"(?:(?:家庭|现|户籍|通讯|通信|收货|收件|联系|居住|身份证|邮寄|快递|送货|单位|详细|常住|暂住|寄件|"
    r"经常居住|户口)?\s?(?:住址|地址|住所|所在地|户籍地|住处|居住地)|(?:家|现|暂|常|居)住(?:址|在|于|地)?|"
    r"现居(?:于|在)?|住在|住|寄到|寄往|寄至|送到|搬到|户籍|户口(?:所在地|在)?|address|addr)"
    r"(?:\s?(?:是|为|在|改为|改成|变更为|更新为))?\s{0,2}[:：]?\s{0,3}",
    re.I,
)
SURE_CUE = re.compile(r"址|所在地|住所|address|addr", re.I)
VALUE_END = re.compile(
    r"[，。；;！？!?\n\r\t|,、（(]|\s(?=\S{0,6}(?:电话|手机|邮编|联系|姓名|收件|身份|微信|邮箱|\d{11}))|"
    r"(?:联系)?电话|手机|邮编|收件人|联系人|邮政编码|微信|邮箱"
)


@lru_cache(maxsize=1)
def _division_lines() -> list[tuple[str, str]]:
    """Return code and name of each division, also of those that are no more."""
    spec = find_spec("stdnum.cn")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("python-stdnum is missing")
    text = (Path(next(iter(spec.submodule_search_locations))) / "loc.dat").read_text("utf-8")
    found = []
    province = ""
    for line in text.splitlines():
        if match := re.match(r"(\d{2}) province=\"(.+)\"", line):
            province = match[1]
            found.append((province, match[2]))
        elif match := re.match(r"\s+(\d{4}) county=\"(.+)\"", line):
            for part in match[2].split(","):
                found.append((province + match[1], re.sub(r"\[[^\]]*\]", "", part)))
    return found


def _short(name: str, code: str) -> str:
    if len(code) == 2:
        return re.sub(r"(?:壮族|回族|维吾尔)?自治区$|特别行政区$|省$|市$", "", name)
    if code.endswith("00"):
        return re.sub(r"(?:市|地区|盟)$", "", name) if len(name) > 2 else name
    return name[:-1] if name.endswith("市") and len(name) > 2 else name


@lru_cache(maxsize=1)
def provinces() -> dict[str, str]:
    """Return the full province of each division's name, of those names that lie in one province only."""
    owners = {code: name for code, name in _division_lines() if len(code) == 2}
    found: dict[str, str] = {}
    for code, name in _division_lines():
        for word in (name, _short(name, code)):
            if found.setdefault(word, owners[code[:2]]) != owners[code[:2]] and len(code) != 2:
                found[word] = ""
    found.update({word: name for code, name in owners.items() for word in (name, _short(name, code))})
    return {word: owner for word, owner in found.items() if owner and len(word) > 1}


@lru_cache(maxsize=1)
def divisions() -> tuple[dict[str, int], int]:
    """Return names of provinces (3), prefectures (2), counties (1), long and short; the greatest length."""
    found: dict[str, int] = {}
    for code, name in _division_lines():
        if len(name) < 2 or name in {"市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划"}:
            continue
        level = 3 if len(code) == 2 else 2 if code.endswith("00") else 1
        found[name] = max(found.get(name, 0), level)
        found.setdefault(_short(name, code), level)
    for city in (
        "浦东",
        "滨海新区",
        "两江新区",
        "浦东新区",
        "高新区",
        "天府新区",
        "雄安新区",
        "西海岸新区",
        "九龙",
        "新界",
        "港岛",
        "台北市",
        "新北市",
        "高雄市",
        "台中市",
    ):
        found.setdefault(city, 1)
    return found, max(map(len, found))


def place_names() -> frozenset[str]:
    """Names of provinces, cities and counties, as words that are no persons."""
    return frozenset(name for name in divisions()[0] if len(name) > 1)


def find_addresses(text: str) -> Iterator[Entity]:
    """Yield addresses, overlapping ones too."""
    seen = plain(text)
    for cue in CUE.finditer(seen):
        yield from _after_cue(text, seen, cue)
    at = 0
    while at < len(seen):
        end, levels = _divisions_at(seen, at)
        if not levels:
            at += 1
            continue
        stop, places, numbers = _walk(seen, end)
        if (places and (numbers or levels >= 2)) or (levels >= 3 and numbers):
            yield _cut(text, at, stop, 0.95 if numbers and places else 0.85)
            at = stop
        else:
            at = max(end, at + 1)
    for road in ROAD.finditer(seen):
        start = _left_edge(seen, road.start(), road.end())
        stop, places, numbers = _walk(seen, start)
        if places and numbers and stop > road.end():
            yield _cut(text, start, stop, 0.8)


def _cut(text: str, start: int, stop: int, score: float) -> Entity:
    while stop > start and text[stop - 1] in " \t　，。,;；、-":
        stop -= 1
    while start < stop and text[start] in " \t　，。,;；、-":
        start += 1
    return Entity(start, stop, Kind.ADDRESS, text[start:stop], score)


def _divisions_at(seen: str, at: int) -> tuple[int, int]:
    """Return where the divisions that begin here end, and how many there are."""
    known, longest = divisions()
    end, count, last = at, 0, 4
    while count < 4:
        gap = 1 if count and seen[end : end + 1] in {" ", "　"} else 0
        begin = end + gap
        for size in range(min(longest, len(seen) - begin), 1, -1):
            level = known.get(seen[begin : begin + size])
            if level is not None and (level < last or (level == last == 1) or (level == 3 and last == 3)):
                end, count, last = begin + size, count + 1, level
                break
        else:
            extra = (
                re.compile(
                    rf"\s?[{HAN}]{{1,4}}?(?:自治县|新区|区|县|旗|市)(?!路|街|巷|大道|社区|小区|大街|胡同|"
                    rf"村|镇|乡|园)"
                ).match(seen, end)
                if count
                else None
            )
            if extra and not re.search(f"[{STOP}]|小区|社区|园区|校区|院区|[街路道]|景区|城区$", extra[0]):
                end, count, last = extra.end(), count + 1, 1
                continue
            break
    return end, count


def _walk(seen: str, at: int) -> tuple[int, int, int]:
    """Go on over streets, estates, buildings and rooms; return the end and how many of each."""
    places = numbers = 0
    while True:
        step = STEP.match(seen, at)
        if step is None:
            break
        words = step["place"] or ""
        if words and (set(words) & set(STOP) or NOT_HOMES.search(words) or _is_sentence(words)):
            break
        if step["number"]:
            numbers += 1
        else:
            places += 1
        at = step.end()
        room = TAIL.match(seen, at) if re.search(rf"{UNIT}$|{PLACE}$", seen[:at][-4:]) else None
        if (
            room
            and (numbers or DASHED.match(seen, at) or re.match(r"\s?[A-Za-z]?\d{3,4}(?!\d)", room[0]))
            and not STEP.match(seen, at)
        ):
            numbers += 1
            at = room.end()
            break
    return at, places, numbers


def _is_sentence(words: str) -> bool:
    return bool(
        re.search(
            r"患|客户|电话|医生|复查|手术|术后|预约|来院|需要|可以|麻烦|身份|出生|联系|附近|之前|以后|没有|"
            r"已经|今天|明天|昨天|收件|姓名",
            words,
        )
    )


def _left_edge(seen: str, start: int, end: int) -> int:
    """A street name begins after the last word that cannot belong to it."""
    for place in range(end - 2, start - 1, -1):
        if seen[place] in STOP or not re.match(rf"[{HAN}]", seen[place]):
            return place + 1
    return start


def _after_cue(text: str, seen: str, cue: re.Match[str]) -> Iterator[Entity]:
    at = cue.end()
    ending = VALUE_END.search(seen, at)
    stop = min(ending.start() if ending else len(seen), at + 80)
    value = seen[at:stop]
    if not value.strip():
        return
    end, levels = _divisions_at(seen, at)
    walked, places, numbers = _walk(seen, end)
    walked = min(walked, max(stop, walked if walked <= stop else stop))
    if levels + places + min(numbers, 1) >= 2 and (places or numbers or levels >= 2):
        if (
            SURE_CUE.search(cue[0])
            and 0 < stop - walked <= 14
            and not _is_sentence(value)
            and not re.search(r"[的了]", seen[walked:stop])
        ):
            walked = stop
        yield _cut(text, at, walked, 0.9)
    elif (
        SURE_CUE.search(cue[0])
        and len(value) >= 6
        and re.search(rf"{PLACE}|{UNIT}", value)
        and not _is_sentence(value)
    ):
        yield _cut(text, at, stop, 0.75)
