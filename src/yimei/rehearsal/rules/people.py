"""Synthetic persons. Phones come from a range that no network serves and identity numbers from a region that
does not exist, so that nobody real can appear.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from yimei.core.clock import add_years
from yimei.core.ids import check_digit
from yimei.people.enums import Relation, Sex, SourceKind

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢"
    "蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟"
    "龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
COMPOUND = ("欧阳", "司徒", "上官", "诸葛")
FEMALE = (  # noqa: SIM905
    "晓雨 佳怡 思琪 雨涵 梦洁 欣妍 诗涵 雅婷 静怡 若曦 语嫣 可欣 婉清 芷若 子涵 心怡 雪莹 悦宁 "
    "安然 沐晴 一诺 书瑶 知夏 念慈 清欢 映月 芳 敏 静 丽 娟 艳 霞 玲 燕 倩 颖 洁 琳 蕾 薇 璐"
).split()
MALE = "浩然 子轩 宇航 俊杰 博文 明远 志强 建华 鹏飞 天佑 磊 强 军 勇 杰 涛 超 波 斌 凯".split()  # noqa: SIM905
RARE = ("𠮷田", "王㛃", "阿依古丽·买买提")
"""Names that break careless programs: beyond the basic plane, a rare character, a middle dot."""

AGE_BANDS: tuple[tuple[int, int, int], ...] = (
    (16, 17, 2),
    (18, 24, 26),
    (25, 34, 38),
    (35, 44, 22),
    (45, 54, 9),
    (55, 64, 3),
)
"""From, to, weight (assumption from the published age shares: two fifths in their twenties)."""

SOURCES: tuple[tuple[SourceKind, int], ...] = (
    (SourceKind.DOUYIN, 22),
    (SourceKind.PLATFORM, 18),
    (SourceKind.REFERRAL, 18),
    (SourceKind.WECHAT, 14),
    (SourceKind.PHONE, 10),
    (SourceKind.WEBSITE, 7),
    (SourceKind.PARTNER, 6),
    (SourceKind.WALK_IN, 5),
)

FEMALE_SHARE = 0.88
NOWHERE = "990000"
"""A region that GB/T 2260 gives to no place: a number of it passes every check and is nobody's."""
NUMBERED = 6
"""Every how many customers one shows her identity card at the desk."""


@dataclass(frozen=True)
class Somebody:
    """One synthetic customer."""

    name: str
    sex: Sex
    birth_date: date
    phone: str
    source: SourceKind
    id_no: str = ""
    """Blank for those who did not show a card."""

    def age_on(self, day: date) -> int:
        years = day.year - self.birth_date.year
        return years - (add_years(self.birth_date, years) > day)


def somebody(n: int, rng: Random, *, today: date) -> Somebody:
    """Return the n-th customer; equal seeds give equal people."""
    sex = Sex.FEMALE if rng.random() < FEMALE_SHARE else Sex.MALE
    low, high, _weight = rng.choices(AGE_BANDS, weights=[band[2] for band in AGE_BANDS])[0]
    born = add_years(today, -rng.randint(low, high)) - timedelta(days=rng.randrange(365))
    source = rng.choices([each[0] for each in SOURCES], weights=[each[1] for each in SOURCES])[0]
    number = id_no(n, sex, born) if n % NUMBERED == 0 else ""
    return Somebody(_name(n, sex, rng), sex, born, f"12{n % 10}{rng.randrange(10**8):08d}", source, number)


PARENTS = {Sex.MALE: ("建国", "志强", "国华"), Sex.FEMALE: ("秀兰", "海燕", "丽华")}


@dataclass(frozen=True)
class Parent:
    """Who answers for a synthetic minor; the desk looks at the card of everybody who does."""

    name: str
    phone: str
    relation: Relation
    birth_date: date
    id_no: str


def parent(n: int, child: Somebody, rng: Random) -> Parent:
    """Return father or mother of the n-th customer."""
    which = rng.randrange(3)
    phone = f"129{rng.randrange(10**8):08d}"
    relation = rng.choice((Relation.FATHER, Relation.MOTHER))
    born = child.birth_date - timedelta(days=365 * 27)
    sex = Sex.MALE if relation is Relation.FATHER else Sex.FEMALE
    name = child.name[0] + PARENTS[sex][which]
    return Parent(name, phone, relation, born, id_no(n, sex, born))


def id_no(n: int, sex: Sex, born: date) -> str:
    """Return the identity number of the n-th customer or of her parent; it draws nothing by chance."""
    body = f"{NOWHERE}{born:%Y%m%d}{2 * n % 1000 + (sex is Sex.MALE):03d}"
    return body + check_digit(body)


def _name(n: int, sex: Sex, rng: Random) -> str:
    if n % 97 < len(RARE) and n >= 97:
        return RARE[n % 97]
    surname = rng.choice(COMPOUND) if rng.random() < 0.01 else rng.choice(SURNAMES)
    return surname + rng.choice(FEMALE if sex is Sex.FEMALE else MALE)
