"""Two years of another program, before ours came: who came to both campuses, what each paid, and the market.

Everything follows from one generator of chance. Shapes are those of the hospital itself; the tables are as an
old program writes them, in its own words, with a few rows that nobody can read.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from yimei.hospital.enums import Category
from yimei.people.enums import Sex
from yimei.rehearsal.rules.people import Somebody, somebody
from yimei.rehearsal.rules.shapes import GOLDEN, MIX, MONTHS, WEEKDAYS, rounded

Row = Sequence[object]
GROWTH = (0.8, 1.3)
"""Demand at the beginning and at the end."""
VISITS_PER_NEW = 6
SOURCES: Mapping[str, tuple[int, int]] = {
    "抖音": (14, 28),
    "小红书": (6, 14),
    "美团": (12, 9),
    "新氧": (16, 9),
    "百度": (12, 3),
    "微信": (12, 13),
    "老带新": (16, 18),
    "自然到店": (12, 6),
}
"""First sources: their weights at the beginning and at the end. Searching gave way to short films."""
SPENDS: Mapping[str, float] = {"老带新": 0.75, "微信": 0.6, "小红书": 0.55, "抖音": 0.45, "美团": 0.4}
"""How many of whom a source brings buy; of others half."""
AGAIN: Mapping[str, float] = {Category.INJECTION: 0.62, Category.LASER: 0.6}
"""How many come again for more; of others a quarter."""
REFUNDED = 0.025
METHODS: Mapping[str, int] = {"微信支付": 42, "支付宝": 20, "银行卡": 22, "分期": 9, "现金": 4, "转账": 3}
CITIES: Mapping[str, int] = {"杭州": 58, "宁波": 16, "绍兴": 10, "嘉兴": 7, "金华": 5, "上海": 4}
TIERS = ((60_000, "钻石"), (25_000, "金卡"), (8_000, "银卡"))
TOPICS: Mapping[str, tuple[str, float]] = {
    "双眼皮": ("summer", 1.0),
    "隆鼻": ("summer", 0.7),
    "吸脂": ("spring", 0.5),
    "水光针": ("winter", 0.8),
    "光子嫩肤": ("winter", 0.9),
}
"""What people search for, when most, and how often beside the first."""
PEAKS = {"spring": 4, "summer": 7, "winter": 12}
RIVALS: Mapping[str, float] = {"示范甲医美": 0.92, "示范乙整形": 1.08, "示范丙门诊": 0.8, "示范丁医院": 1.2}
"""Names that nobody bears, and their prices beside ours."""

PATIENT_HEAD = (
    "会员号", "客户姓名", "联系电话", "性别", "生日", "来源渠道", "所在城市", "建档日期", "末次到店",
    "来院次数", "消费总额", "会员级别", "同意营销", "门店",
)  # fmt: skip
FINANCE_HEAD = ("收款日期", "门店", "收支类型", "项目名称", "实收金额", "付款方式", "手机号")
OPERATIONS_HEAD = (
    "日期", "门店", "咨询量", "预约量", "到店数", "爽约", "取消", "手术量", "开放时长", "占用分钟",
    "候诊时间", "满意度评分", "投诉", "员工数",
)  # fmt: skip
MARKET_HEAD = ("数据类型", "采集日期", "关键词", "竞品机构", "竞品价", "搜索指数", "门店")


@dataclass(frozen=True)
class Site:
    """One campus as the old program knew it: how many come on a usual day, and what they may choose.

    It grows with them: a theatre's hours and the people on duty follow from how many come.
    """

    name: str
    a_day: float
    menu: Mapping[str, Sequence[tuple[str, Decimal, bool]]]
    """Category → names, list prices, and whether it is an operation."""

    @property
    def open_minutes(self) -> int:
        return 540 if self.a_day > 10 else 270

    @property
    def staff(self) -> int:
        return round(self.a_day * 1.6)


@dataclass
class Old:
    """One customer of the old program and what she did."""

    who: Somebody
    source: str
    city: str
    first: date
    last: date
    visits: int = 1
    bought: list[tuple[date, str, Decimal, str, bool]] = field(default_factory=list)
    """Day, procedure, amount, method, and whether it is an operation; a refund is below nought."""

    @property
    def spent(self) -> Decimal:
        return sum((amount for _day, _name, amount, _method, _is_operation in self.bought), Decimal(0))


@dataclass
class History:
    """What the four tables hold."""

    patients: list[Row] = field(default_factory=list)
    receipts: list[Row] = field(default_factory=list)
    days: list[Row] = field(default_factory=list)
    market: list[Row] = field(default_factory=list)


def written(
    sites: Sequence[Site], *, since: date, until: date, closed: Collection[date], rng: Random
) -> History:
    """Return the four tables of all days from ``since`` to the day before ``until``."""
    made, receipts = History(), list[tuple[date, Row]]()
    n = 0
    for site in sites:
        operations = Counter[date]()
        busy: dict[date, int] = {}
        for day in _days(since, until):
            share = (day - since) / (until - since)
            usual = site.a_day * season(day) * _between(GROWTH, share)
            busy[day] = 0 if day in closed else _about(usual, rng)
            for _new in range(_about(busy[day] / VISITS_PER_NEW, rng)):
                one = _customer(n, site, day, share, until, rng)
                n += 1
                made.patients.append(_patient(n, site, one, rng))
                receipts += [(paid[0], _receipt(site, one, paid)) for paid in one.bought]
                operations.update(paid[0] for paid in one.bought if paid[4] and paid[2] > 0)
        made.days += [_day(site, day, busy[day], operations[day], rng) for day in busy if busy[day]]
    made.receipts = [row for _day, row in sorted(receipts, key=lambda one: one[0])]
    first = sites[0]
    made.market = [*_trends(first, since, until, closed, rng), *_rivals(first, since, until, rng)]
    return _spoilt(made)


def season(day: date) -> float:
    return MONTHS[day.month] * WEEKDAYS[day.weekday()]


def _customer(n: int, site: Site, day: date, share: float, until: date, rng: Random) -> Old:
    who = somebody(n, rng, today=day)
    weights = [_between(each, share) for each in SOURCES.values()]
    source = rng.choices([*SOURCES], weights=weights)[0]
    one = Old(who, source, _drawn(CITIES, rng), day, day)
    wish = {name: weight for name, weight in MIX.items() if site.menu.get(name)}
    if day.month in {6, 7, 8} and who.age_on(day) < 25:
        wish[Category.EYE] *= 3
    category, when = _drawn(wish, rng), day + timedelta(days=rng.randrange(12))
    if rng.random() >= SPENDS.get(source, 0.5):
        return one
    while when < until:
        name, price, is_operation = rng.choice(site.menu[category])
        one.last, one.visits = when, one.visits + 1 + rng.randrange(2 + 2 * is_operation)
        paid = rounded(price, rng.choice((0, 0, 5, 10, 12, 15, 20)))
        method = _drawn(METHODS, rng)
        one.bought.append((when, name, paid, method, is_operation))
        if rng.random() < REFUNDED:
            back = min(until - timedelta(days=1), when + timedelta(days=rng.randint(3, 40)))
            one.bought.append((back, name, -rounded(paid, rng.choice((0, 50, 70))), method, False))
        if rng.random() >= AGAIN.get(category, 0.25):
            break
        if is_operation and rng.random() < 0.6:
            category = rng.choice([each for each in AGAIN if site.menu.get(each)])
        when += timedelta(days=rng.randint(60, 190))
    return one


def _patient(n: int, site: Site, one: Old, rng: Random) -> Row:
    spent = one.spent
    tier = next((name for least, name in TIERS if spent >= least), "普通")
    sex = "女" if one.who.sex is Sex.FEMALE else "男"
    may = "是" if rng.random() < 0.6 else "否"
    return (
        f"H{n:05d}", one.who.name, one.who.phone, sex, one.who.birth_date, one.source, one.city, one.first,
        one.last, one.visits, f"{spent:.2f}", tier, may, site.name,
    )  # fmt: skip


def _receipt(site: Site, one: Old, paid: tuple[date, str, Decimal, str, bool]) -> Row:
    day, name, amount, method, _is_operation = paid
    kind = "收款" if amount > 0 else "退款"
    return day, site.name, kind, name, f"{abs(amount):.2f}", method, one.who.phone


def _day(site: Site, day: date, visits: int, operations: int, rng: Random) -> Row:
    """A busy day makes people wait, and those who wait are less content."""
    crowd = visits / site.a_day
    wait = round(9 + 11 * crowd * rng.uniform(0.7, 1.3))
    missed, cancelled = _about(visits * 0.09, rng), _about(visits * 0.06, rng)
    content = min(5.0, 4.95 - wait / 80 + rng.uniform(-0.15, 0.1))
    used = min(site.open_minutes, sum(rng.randint(45, 130) for _each in range(operations)))
    return (
        day, site.name, _about(visits * 1.9, rng), visits + missed + cancelled, visits, missed, cancelled,
        operations, site.open_minutes, used, wait, f"{content:.1f}", _about(visits * 0.006 * crowd, rng),
        site.staff - (day.weekday() in {0, 1}),
    )  # fmt: skip


def _trends(site: Site, since: date, until: date, closed: Collection[date], rng: Random) -> Iterator[Row]:
    """How often people search, week by week, each thing most in its own season."""
    for week in range((until - since).days // 7):
        day = since + timedelta(days=7 * week)
        quiet = 0.6 if day in closed else 1.0
        for topic, (peak, level) in TOPICS.items():
            away = abs(day.month - PEAKS[peak])
            near = 1.35 - 0.12 * min(away, 12 - away)
            index = 1000 * level * quiet * near * (1 + week / 500) * rng.uniform(0.93, 1.07)
            yield "趋势", day, topic, "", "", round(index), site.name


def _rivals(site: Site, since: date, until: date, rng: Random) -> Iterator[Row]:
    """What others ask for the first thing of each kind, quarter by quarter."""
    firsts = [menu[0] for menu in site.menu.values() if menu]
    for day in _days(since, until):
        if day.day != 15 or day.month % 3:
            continue
        for rival, level in RIVALS.items():
            for name, price, _is_operation in firsts:
                asked = price * Decimal(round(level * rng.uniform(0.95, 1.05), 3))
                yield "竞品", day, name, rival, f"{asked:.0f}", "", site.name


def _spoilt(made: History) -> History:
    """Put in what every old table holds: rows that say what cannot be."""
    patient, receipt, day, market = (
        rows[len(rows) // 2] for rows in (made.patients, made.receipts, made.days, made.market)
    )
    _put(made.patients, PATIENT_HEAD, patient, {"联系电话": "1270000", "会员号": "H-1"})
    _put(made.patients, PATIENT_HEAD, patient, {"建档日期": "2025-02-30", "会员号": "H-2"})
    _put(made.patients, PATIENT_HEAD, patient, {"末次到店": "2020-01-01", "会员号": "H-3"})
    _put(made.patients, PATIENT_HEAD, patient, {"来源渠道": "隔壁王姐", "会员号": "H-4"})
    _put(made.receipts, FINANCE_HEAD, receipt, {"实收金额": "三千多"})
    _put(made.receipts, FINANCE_HEAD, receipt, {"实收金额": "1280.005"})
    _put(made.receipts, FINANCE_HEAD, receipt, {"收支类型": ""})
    _put(made.days, OPERATIONS_HEAD, day, {"到店数": "未统计"})
    _put(made.market, MARKET_HEAD, market, {"采集日期": "三月初"})
    return made


def _put(rows: list[Row], head: Sequence[str], like: Row, wrong: Mapping[str, object]) -> None:
    """A row like another with a few other words, at a place that its own number gives."""
    cells = [wrong.get(name, cell) for name, cell in zip(head, like, strict=True)]
    rows.insert(int(len(rows) * (len(rows) * GOLDEN % 1)), cells)


def _drawn(weights: Mapping[str, int], rng: Random) -> str:
    return rng.choices([*weights], weights=[*weights.values()])[0]


def _between(ends: tuple[float, float], share: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * share


def _about(mean: float, rng: Random) -> int:
    """A whole number near a mean, its rest by chance."""
    spread = max(0.0, rng.gauss(mean, mean**0.5 * 0.8))
    return int(spread) + (rng.random() < spread % 1)


def _days(since: date, until: date) -> Iterator[date]:
    return (since + timedelta(days=n) for n in range((until - since).days))
