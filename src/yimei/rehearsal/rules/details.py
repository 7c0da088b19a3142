"""A labelled set of clinic sentences: what is personal in each, with its place; equal seeds, equal sets."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from yimei.core.ids import check_digit
from yimei.privacy.rules.pii.text import listed
from yimei.rehearsal.rules.people import COMPOUND, FEMALE, MALE, SURNAMES

LINES = Path(__file__).resolve().parents[1] / "data" / "pii_lines.txt"
SLOT = re.compile(r"\{([A-Z_]*)(?:\.(\w+))?(?:=([^}]*))?\}")
COPIES = 5
GIVEN = (
    "晓雨欣怡梓涵诗琪佳慧雪婷静敏丽娟芳燕玲娜秀英华美淑惠珠翠雅芝玉萍红娥凤洁梅琳素云莲真环荣爱妹霞香月莺媛"
    "艳瑞凡嘉琼勤珍贞莉桂叶璧璐娅琦晶妍茜秋珊莎锦"
    "伟强磊军洋勇杰涛明超刚平辉鹏浩宇轩泽博文子昊天瑞俊凯志远建国庆林峰龙飞海波斌宁新东立成康"
)
TITLES = ("女士", "先生", "小姐", "医生", "主任", "姐", "老师")
PLACES = listed(
    "北京市海淀区 北京市朝阳区 上海市浦东新区 上海市静安区 天津市河西区 重庆市渝北区 广东省广州市天河区 "
    "广东省深圳市福田区 广东省佛山市顺德区 浙江省杭州市西湖区 "
    "浙江省宁波市鄞州区 江苏省南京市玄武区 江苏省苏州市姑苏区 四川省成都市锦江区 湖北省武汉市洪山区 "
    "湖南省长沙市雨花区 陕西省西安市雁塔区 山东省青岛市市南区 河南省郑州市金水区 "
    "福建省厦门市思明区 辽宁省大连市中山区 云南省昆明市五华区 安徽省合肥市蜀山区 江西省南昌市红谷滩区 "
    "黑龙江省哈尔滨市南岗区 河北省石家庄市裕华区 山西省太原市小店区 杭州市滨江区 "
    "成都市高新区 深圳市罗湖区 广州市番禺区 武汉市江汉区 河北省保定市定州市 浙江省金华市义乌市 "
    "江苏省无锡市江阴市"
)
ROADS = listed(
    "人民路 解放大道 建设北路 中山东路 文化街 学府路 科技三路 长江西路 黄河大街 和平路 延安中路 南京西路 "
    "滨江大道 花园路 迎宾大道 青年路 新华街 凤凰大街 望海路 红旗巷"
)
ESTATES = listed(
    "锦绣花园 阳光小区 翠湖名苑 金色家园 东方公寓 保利心语花园 万科城 碧桂园 中海国际社区 绿地新都会 "
    "幸福里小区 书香门第"
)
ITEMS = listed("双眼皮 隆鼻 热玛吉 水光针 眼袋 吸脂 玻尿酸 光子嫩肤 鼻综合 面部提升")
DOMAINS = listed("qq.com 163.com 126.com gmail.com outlook.com sina.cn foxmail.com yeah.net hospital.com.cn")
WORDS = listed("lily sunny anna leo coco wang zhang li chen xiaoyu meimei happy star moon")
REGIONS = listed(
    "110105 310104 440106 440305 330106 320102 510104 420111 430111 610113 370202 410105 350203 210202"
)
BINS = listed("622202 621700 622848 621661 622588 622262 621226 622908 436742 518710")
MOBILES = listed(
    "130 131 132 135 136 137 138 139 147 150 151 152 155 157 158 159 166 170 173 176 177 178 180 182 185 "
    "186 187 188 189 191 198 199"
)
AREAS = listed("010 021 022 023 020 0755 0571 0512 028 027 0731 029 0532 0371 0592")


@dataclass(frozen=True)
class Labelled:
    """One sentence and what is personal in it: kind, start, end."""

    text: str
    details: tuple[tuple[str, int, int], ...]
    is_held_out: bool


def labelled_set(seed: int = 20260701) -> list[Labelled]:
    """Return the whole set; each line of the file lies in one half only."""
    lines = [line for line in LINES.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    made = []
    for number, line in enumerate(lines, 1):
        chance = Random(f"{seed}:{number}")
        has_slot = any(match[3] is None for match in SLOT.finditer(line))
        for _copy in range(COPIES if has_slot else 1):
            made.append(_fill(line, chance, is_held_out=number % 2 == 0))
    return made


def _fill(line: str, chance: Random, *, is_held_out: bool) -> Labelled:
    text, details, at = "", [], 0
    for match in SLOT.finditer(line):
        text += line[at : match.start()]
        kind, form, written = match.groups()
        word = written if written is not None else _word(kind, form or "", chance)
        if kind:
            details.append((kind, len(text), len(text) + len(word)))
        text += word
        at = match.end()
    return Labelled(text + line[at:], tuple(details), is_held_out)


def _word(kind: str, form: str, chance: Random) -> str:
    return (
        (KINDS[kind] if kind else NOISE[form])(chance)
        if form == "" or not kind
        else FORMS[kind, form](chance)
    )


def _digits(chance: Random, count: int) -> str:
    return "".join(chance.choices("0123456789", k=count))


def _name(chance: Random) -> str:
    surname = chance.choice(COMPOUND) if chance.random() < 0.03 else chance.choice(SURNAMES)
    if chance.random() < 0.4:
        return surname + chance.choice(FEMALE + MALE)
    return surname + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))


def _titled(chance: Random) -> str:
    return chance.choice(SURNAMES[:50]) + chance.choice(TITLES)


def _phone(chance: Random) -> str:
    return chance.choice(MOBILES) + _digits(chance, 8)


def _spaced(chance: Random) -> str:
    number, gap = _phone(chance), chance.choice("- ")
    return f"{number[:3]}{gap}{number[3:7]}{gap}{number[7:]}"


def _evasive(chance: Random) -> str:
    ways = ("零〇0Oo", "一1幺壹", "二2贰", "三3叁", "四4肆", "五5伍", "六6陆", "七7柒", "八8捌", "九9玖")
    return "".join(chance.choice(ways[int(digit)]) for digit in _phone(chance))


def _chinese(chance: Random) -> str:
    return _phone(chance).translate(str.maketrans("0123456789", "零一二三四五六七八九"))


def _birth(chance: Random) -> date:
    return date(1955, 1, 1) + timedelta(days=chance.randrange(19000))


def _id_no(chance: Random) -> str:
    body = f"{chance.choice(REGIONS)}{_birth(chance):%Y%m%d}{_digits(chance, 3)}"
    return body + check_digit(body)


def _born(chance: Random) -> str:
    day = _birth(chance)
    forms = (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y-%m-%d}",
        f"{day:%Y/%m/%d}",
        f"{day:%Y.%m.%d}",
        f"{day:%Y%m%d}",
    )
    return chance.choice(forms)


def _card(chance: Random) -> str:
    body = chance.choice(BINS)
    body += _digits(chance, (15 if body[0] in "45" else 18) - len(body))
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body)))
    number = body + str(-total % 10)
    return " ".join(re.findall(r"\d{1,4}", number)) if chance.random() < 0.3 else number


def _plate(chance: Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    head = chance.choice("京沪粤浙苏川鄂湘鲁豫闽渝") + chance.choice(letters[:8])
    if chance.random() < 0.3:
        return head + chance.choice("DF") + _digits(chance, 5)
    return (
        head
        + chance.choice(("", "·"))
        + "".join(chance.choices(letters + "0123456789", k=4))
        + _digits(chance, 1)
    )


def _address(chance: Random) -> str:
    road = f"{chance.choice(ROADS)}{chance.randint(1, 999)}号"
    building = f"{chance.randint(1, 30)}{chance.choice(('栋', '号楼', '幢'))}"
    room = (
        f"{chance.randint(1, 6)}单元{chance.randint(1, 30)}0{chance.randint(1, 4)}{chance.choice(('', '室'))}"
    )
    place, estate = chance.choice(PLACES), chance.choice(ESTATES)
    return chance.choice(
        (
            place + road,
            place + road + building + room,
            place + road + estate + building + room,
            place + estate + building + room,
            road + estate + building,
        )
    )


def _email(chance: Random) -> str:
    user = (
        chance.choice(WORDS)
        + chance.choice((".", "_", ""))
        + chance.choice((chance.choice(WORDS), _digits(chance, 3)))
    )
    return f"{user}@{chance.choice(DOMAINS)}"


def _wechat(chance: Random) -> str:
    return f"{chance.choice(WORDS)}{chance.choice(('_', '-', ''))}{_digits(chance, chance.randint(3, 5))}"


def _record(chance: Random) -> str:
    return chance.choice(
        (
            f"ZX2026{_digits(chance, 6)}",
            _digits(chance, 8),
            f"MZ{_digits(chance, 7)}",
            f"2026-{_digits(chance, 5)}",
        )
    )


def _date(chance: Random) -> str:
    day = date(2025, 1, 1) + timedelta(days=chance.randrange(700))
    return chance.choice(
        (
            f"{day:%Y-%m-%d}",
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.month}月{day.day}日",
            f"{day:%Y/%m/%d}",
        )
    )


Maker = Callable[[Random], str]
KINDS: dict[str, Maker] = {
    "NAME": _name,
    "PHONE": _phone,
    "LANDLINE": lambda chance: f"{chance.choice(AREAS)}-{chance.randint(2, 8)}{_digits(chance, 7)}",
    "ID_NO": _id_no,
    "PASSPORT": lambda chance: chance.choice(("E", "G", "EA", "EJ"))[:2] + _digits(chance, 8),
    "HM_PERMIT": lambda chance: chance.choice("HM") + _digits(chance, chance.choice((8, 10))),
    "BANK_CARD": _card,
    "EMAIL": _email,
    "ADDRESS": _address,
    "WECHAT": _wechat,
    "PLATE": _plate,
    "RECORD_NO": _record,
    "DATE_OF_BIRTH": _born,
}
FORMS: dict[tuple[str, str], Maker] = {
    ("NAME", "titled"): _titled,
    ("PHONE", "spaced"): _spaced,
    ("PHONE", "plus"): lambda chance: f"+86 {_phone(chance)}",
    ("PHONE", "evasive"): _evasive,
    ("PHONE", "chinese"): _chinese,
    ("WECHAT", "id"): lambda chance: f"wxid_{_digits(chance, 6)}abcdefg",
}
NOISE: dict[str, Maker] = {
    "date": _date,
    "age": lambda chance: str(chance.randint(18, 65)),
    "small": lambda chance: str(chance.randint(1, 9)),
    "price": lambda chance: str(chance.randint(5, 600) * 100 - chance.choice((0, 0, 1, 20))),
    "temp": lambda chance: f"36.{chance.randint(2, 9)}",
    "bp": lambda chance: f"{chance.randint(100, 140)}/{chance.randint(60, 90)}",
    "item": lambda chance: chance.choice(ITEMS),
    "batch": lambda chance: f"{chance.choice('ABCDGHM')}{_digits(chance, 8)}",
    "order": lambda chance: f"202{chance.randint(4, 6)}0{chance.randint(1, 9)}1{_digits(chance, 11)}",
    "six": lambda chance: _digits(chance, 6),
    "four": lambda chance: _digits(chance, 4),
    "serial": lambda chance: f"SN{_digits(chance, 10)}",
    "courier": lambda chance: f"SF{_digits(chance, 13)}",
}


def kinds_of(examples: list[Labelled]) -> Iterator[str]:
    """Yield each kind that occurs, once, in order of name."""
    yield from sorted({kind for example in examples for kind, _start, _end in example.details})
