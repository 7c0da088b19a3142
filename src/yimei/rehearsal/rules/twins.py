"""Records of people written down more than once, each time a little otherwise; equal seeds, equal records."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random

from yimei.privacy.rules.pii.text import listed
from yimei.rehearsal.rules.details import ESTATES, GIVEN, PLACES, ROADS
from yimei.rehearsal.rules.people import COMPOUND, SURNAMES

ENGLISH_GIVEN = listed(
    "william john thomas george james charles henry robert joseph edward samuel richard frederick arthur "
    "alfred david walter benjamin "
    "peter daniel francis albert hugh matthew philip stephen andrew michael mary elizabeth sarah anne jane "
    "margaret alice emma ellen "
    "florence catherine charlotte harriet edith emily louisa caroline frances isabella martha hannah lucy "
    "eleanor agnes amelia clara "
    "julia rose sophia"
)
ENGLISH_FAMILY = listed(
    "smith jones williams taylor brown davies evans thomas wilson johnson roberts walker wright robinson "
    "thompson white hughes edwards "
    "green hall wood harris lewis martin jackson clarke turner hill scott cooper morris ward moore king "
    "watson baker harrison morgan "
    "patel young allen mitchell james anderson phillips lee bell parker davis bennett miller cook shaw cox "
    "marshall collins carter "
    "richardson bailey gray howard fletcher russell foster gibson pearson palmer mills webb stone knight "
    "chapman ellis fox hunt "
    "ashworth pemberton cholmondeley wedgwood hathaway fairfax lonsdale tremayne penhaligon stanhope "
    "wentworth cavendish "
    "villiers montague percival thackeray gladstone peabody winthrop"
)
NICKNAMES = dict(
    pair.split("=")
    for pair in listed(
        "william=bill john=jack thomas=tom james=jim charles=charlie henry=harry robert=bob joseph=joe "
        "edward=ted samuel=sam richard=dick "
        "frederick=fred arthur=art alfred=alf david=dave walter=walt benjamin=ben daniel=dan francis=frank "
        "albert=bert michael=mike "
        "elizabeth=eliza sarah=sally margaret=maggie catherine=kate charlotte=lottie frances=fanny "
        "isabella=bella eleanor=nell"
    )
)
TOWNS = listed(
    "london bristol exeter totnes plymouth bath leeds york hull derby norwich ipswich oxford reading dover "
    "lewes chester lancaster "
    "carlisle durham lincoln boston stafford warwick worcester hereford gloucester truro bodmin taunton"
)
SOUND_ALIKE = listed(
    "芳方 婷亭停 静靖敬 丽莉俐 娜那 伟玮炜 洁杰 敏闵 雪学 玉钰 琳林霖 晓小笑 欣心新馨 佳嘉家 怡宜仪 涵含 "
    "梓紫子 颖影莹 燕艳雁 红虹洪 明铭名 建健 志智 "
    "强蔷 军君 文雯 华骅 国果 庆清 海孩 云芸 张章 李黎 陈程 王汪 刘留 黄皇 吴武 周邹 徐许 孙荪"
)
SHAPE_ALIKE = listed(
    "芳苏 丽两 婷停 洁浩 雪雷 玉王 琳淋 晓哓 怡恰 涵函 颖颍 燕熊 明朋 建健 志忘 强弥 军车 文又 刘对 陈阵 "
    "杨扬 徐除 郭郑 赵起 孙孔 朱未 胡湖 林材"
)
Row = dict[str, str]
CHINESE_HEADER = ("id", "name", "sex", "phone", "id_no", "birth_date", "address", "city", "email", "wechat")
ENGLISH_HEADER = (
    "id", "given_name", "surname", "street_number", "address", "suburb", "postcode", "state", "birth_date",
    "id_no",
)  # fmt: skip


def _alike() -> dict[str, str]:
    found: dict[str, str] = {}
    for group in (*SOUND_ALIKE, *SHAPE_ALIKE):
        for char in group:
            found[char] = found.get(char, "") + group.replace(char, "")
    return found


ALIKE = _alike()


def typo(word: str, chance: Random, letters: str) -> str:
    """One slip: left out, doubled, mistaken, two in the wrong order."""
    if len(word) < 2:
        return word
    at = chance.randrange(len(word) - 1)
    match chance.randrange(4):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 2:
            return word[:at] + chance.choice(letters) + word[at + 1 :]
        case _:
            return word[:at] + chance.choice(letters) + word[at:]


STREETS = ("street", "road", "place", "close", "avenue")
LATIN, DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"


def other_day(day: str, chance: Random) -> str:
    """Day and month swapped, one digit wrong, another year."""
    year, month, dom = day.split("-")
    match chance.randrange(3):
        case 0 if int(dom) <= 12:
            return f"{year}-{dom}-{month}"
        case 1:
            return f"{int(year) + chance.choice((-1, 1, 10))}-{month}-{dom}"
        case _:
            return f"{year}-{month}-{chance.randint(1, 28):02d}"


# ---- Chinese patients ---------------------------------------------------------------------------


def _patient(chance: Random) -> Row:
    family = chance.choice(COMPOUND) if chance.random() < 0.01 else chance.choices(SURNAMES, WEIGHTS)[0]
    born = date(1950, 1, 1) + timedelta(days=chance.randrange(20000))
    place = chance.choice(PLACES)
    sex = "女" if chance.random() < 0.85 else "男"
    number = f"{chance.randint(110000, 650000)}{born:%Y%m%d}{chance.randrange(10000):04d}"
    return {
        "name": family + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2, 2)))),
        "sex": sex,
        "phone": f"1{chance.choice('3578')}{chance.randrange(10**9):09d}",
        "id_no": number if chance.random() < 0.6 else "",
        "birth_date": born.isoformat(),
        "address": f"{place}{chance.choice(ROADS)}{chance.randint(1, 400)}号{_home(chance)}",
        "city": place[:3],
        "email": f"{chance.choice(LATIN)}{chance.randrange(10**7)}@qq.com" if chance.random() < 0.3 else "",
        "wechat": f"wx{chance.randrange(10**8)}" if chance.random() < 0.5 else "",
    }


WEIGHTS = [1 / (place + 4) for place in range(len(SURNAMES))]


def _home(chance: Random) -> str:
    return f"{chance.choice(ESTATES)}{chance.randint(1, 30)}栋{chance.randint(101, 2904)}"


def _patient_again(row: Row, chance: Random) -> Row:
    again = dict(row)
    if chance.random() < 0.35:
        again["name"] = _other_name(row["name"], chance)
    if chance.random() < 0.25:
        again["phone"] = (
            typo(row["phone"], chance, DIGITS)
            if chance.random() < 0.5
            else f"13{chance.randrange(10**9):09d}"
        )
    if row["id_no"] and chance.random() < 0.1:
        again["id_no"] = typo(row["id_no"], chance, DIGITS)
    if chance.random() < 0.15:
        again["birth_date"] = other_day(row["birth_date"], chance)
    if chance.random() < 0.3:
        again["address"] = chance.choice(
            (row["address"][3:], row["address"].replace("号", "弄"), row["address"][:-4], "")
        )
    for name, share in (
        ("id_no", 0.3),
        ("birth_date", 0.15),
        ("city", 0.1),
        ("email", 0.3),
        ("wechat", 0.3),
        ("sex", 0.05),
        ("phone", 0.05),
    ):
        if chance.random() < share:
            again[name] = ""
    return again


def _other_name(name: str, chance: Random) -> str:
    places = [at for at, char in enumerate(name) if char in ALIKE]
    if places and chance.random() < 0.8:
        at = chance.choice(places)
        return name[:at] + chance.choice(ALIKE[name[at]]) + name[at + 1 :]
    if len(name) == 3 and chance.random() < 0.5:
        return name[0] + name[2] + name[1]
    return name[:-1] + chance.choice(GIVEN)


def _partner(row: Row, chance: Random) -> Row:
    """Somebody else at the same address with the same telephone."""
    other = _patient(chance)
    other |= {"phone": row["phone"], "address": row["address"], "city": row["city"]}
    other["sex"] = "男" if row["sex"] == "女" else "女"
    return other


# ---- English people -----------------------------------------------------------------------------


def _citizen(chance: Random) -> Row:
    born = date(1900, 1, 1) + timedelta(days=chance.randrange(36000))
    return {
        "given_name": chance.choice(ENGLISH_GIVEN),
        "surname": chance.choice(ENGLISH_FAMILY),
        "street_number": str(chance.randint(1, 250)),
        "address": f"{chance.choice(ENGLISH_FAMILY)} {chance.choice(STREETS)}",
        "suburb": chance.choice(TOWNS) + chance.choice(("", " park", " hills", " north")),
        "postcode": str(chance.randint(2000, 6999)),
        "state": chance.choice(("nsw", "vic", "qld", "wa", "sa")),
        "birth_date": born.isoformat(),
        "id_no": str(chance.randrange(10**6, 10**7)),
    }


def _citizen_again(row: Row, chance: Random) -> Row:
    again = dict(row)
    for name in ("given_name", "surname", "address", "suburb"):
        if chance.random() < 0.25:
            again[name] = typo(row[name], chance, LATIN)
    for name in ("street_number", "postcode", "id_no"):
        if chance.random() < 0.12:
            again[name] = typo(row[name], chance, DIGITS)
    if chance.random() < 0.1:
        again["birth_date"] = other_day(row["birth_date"], chance)
    if chance.random() < 0.05:
        again["given_name"], again["surname"] = again["surname"], again["given_name"]
    for name in row:
        if chance.random() < 0.05:
            again[name] = ""
    return again


Maker = Callable[[Random], Row]
Again = Callable[[Row, Random], Row]


def copied(
    count: int,
    seed: int,
    header: tuple[str, ...],
    make: Maker,
    again: Again,
    near: Again,
    *,
    near_share: float,
    copies: tuple[int, ...],
) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return a header and rows in any order: people, some of them near the one before, each written so often.

    The first column of a row names its person before the hyphen.
    """
    chance = Random(seed)
    rows: list[list[str]] = []
    number = 0
    last: Row | None = None
    while len(rows) < count:
        person = near(last, chance) if last is not None and chance.random() < near_share else make(chance)
        last = person
        for copy in range(chance.choice(copies)):
            written = person if copy == 0 else again(person, chance)
            rows.append([f"{number}-{copy}", *(written[name] for name in header[1:])])
        number += 1
    rows = rows[:count]
    chance.shuffle(rows)
    return header, rows


def chinese(count: int, seed: int = 1) -> tuple[tuple[str, ...], list[list[str]]]:
    """Patients with sound-alikes, look-alikes, swapped digits, and couples who share a telephone."""
    return copied(
        count,
        seed,
        CHINESE_HEADER,
        _patient,
        _patient_again,
        _partner,
        near_share=0.08,
        copies=(1, 1, 1, 1, 2, 2, 3),
    )


def english(count: int, seed: int = 1) -> tuple[tuple[str, ...], list[list[str]]]:
    """People like those of FEBRL: half of them twice."""
    return copied(
        count,
        seed,
        ENGLISH_HEADER,
        _citizen,
        _citizen_again,
        lambda row, chance: _citizen(chance),
        near_share=0.0,
        copies=(1, 2, 2, 3),
    )


def person_of(record_id: str) -> str:
    return record_id.split("-")[0]


def true_pairs(ids: list[str]) -> int:
    """Return how many pairs of these records are one person."""
    counts: dict[str, int] = {}
    for each in ids:
        counts[person_of(each)] = counts.get(person_of(each), 0) + 1
    return sum(number * (number - 1) // 2 for number in counts.values())


def pairs_within(ids: list[str], groups: list[int]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of ids that lie in one group."""
    members: dict[int, list[str]] = {}
    for each, group in zip(ids, groups, strict=True):
        members.setdefault(group, []).append(each)
    for group_ids in members.values():
        for at, one in enumerate(group_ids):
            for two in group_ids[at + 1 :]:
                yield one, two
