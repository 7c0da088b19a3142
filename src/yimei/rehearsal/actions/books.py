"""What the rehearsal hospital spends: the older year brought from Excel, the last one in its own ledger."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from yimei.billing.actions.costs import record_many
from yimei.billing.enums import AdChannel, CostAccount, CostOrigin, CostUnit
from yimei.billing.rules.costs import Entry
from yimei.core.clock import local_date
from yimei.insight.actions import imports
from yimei.insight.rules.questions import months_later
from yimei.people.models import Staff
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.world import World

MONTHS, OLDER = 23, 12
"""Months before this one, and how many of them were kept in Excel."""
ADS = (("抖音", 1300, 9), ("微信", 450, 3), ("新氧", 750, 5), ("官网", 200, 2))
"""Channel, yuan a month and enquiries that it counts, about; of a small hospital's scale."""
COSTS = (("耗材", 2600), ("药品", 900), ("设备", 1200), ("人力", 5600), ("房租", 3000), ("广告", 2700))
AD_CHANNELS = {
    "抖音": AdChannel.DOUYIN,
    "微信": AdChannel.WECHAT,
    "新氧": AdChannel.SOYOUNG,
    "官网": AdChannel.WEBSITE,
}
ACCOUNTS_OF = {
    "耗材": CostAccount.MATERIAL,
    "药品": CostAccount.DRUG,
    "设备": CostAccount.DEVICE,
    "人力": CostAccount.STAFF,
    "房租": CostAccount.RENT,
}
Ad = tuple[str, date, str, int, int, int, int]
Spent = tuple[date, str, int]


def keep_books(world: World, *, now: datetime) -> None:
    """Bring the older months in as an analyst does; write the newer ones into the ledger."""
    by, rng = world.first(RoleCode.ANALYST), Random("books")
    today = local_date(now)
    months = [months_later(today.replace(day=1), -back) for back in range(MONTHS, -1, -1)]
    head = ("类型", "日期", "渠道", "花费", "曝光", "点击", "线索")
    ads, costs = list(_ads(months, rng)), list(_costs(months, rng))
    _bring("market", "广告投放.csv", head, [row for row in ads if row[1] < months[OLDER]], by, now)
    older = [row for row in costs if row[0] < months[OLDER]]
    _bring("finance", "支出.csv", ("日期", "类别", "金额"), older, by, now)
    kept = [_of_ad(row) for row in ads if row[1] >= months[OLDER]]
    kept += [_of_cost(row) for row in costs if row[0] >= months[OLDER] and row[1] != "广告"]
    record_many(kept, by=world.first(RoleCode.CASHIER), now=now)


def _of_ad(row: Ad) -> Entry:
    first = row[1]
    return Entry(
        account=CostAccount.ADVERTISING,
        channel=AD_CHANNELS[row[2]],
        starts_on=first,
        ends_on=months_later(first, 1) - timedelta(days=1),
        amount=Decimal(row[3]),
        origin=CostOrigin.PLATFORM,
        reference=f"{AD_CHANNELS[row[2]].value.upper()}-{first:%Y%m}",
    )


def _of_cost(row: Spent) -> Entry:
    """Wages come with the hours that they paid for."""
    first, word, amount = row
    account = ACCOUNTS_OF[word]
    is_staff = account == CostAccount.STAFF
    return Entry(
        account=account,
        starts_on=first,
        ends_on=months_later(first, 1) - timedelta(days=1),
        amount=Decimal(amount),
        origin=CostOrigin.PAYROLL if is_staff else CostOrigin.INVOICE,
        quantity=Decimal(amount // 50) if is_staff else None,
        unit=CostUnit.HOUR if is_staff else None,
        reference=f"{account.value.upper()}-{first:%Y%m}",
    )


def _ads(months: Sequence[date], rng: Random) -> Iterable[Ad]:
    for month in months:
        for channel, spend, leads in ADS:
            share = rng.uniform(0.8, 1.2)
            views = round(spend * share * 22)
            yield ("广告", month, channel, round(spend * share), views, views // 40, round(leads * share))


def _costs(months: Sequence[date], rng: Random) -> Iterable[Spent]:
    for month in months:
        for account, amount in COSTS:
            yield (month, account, round(amount * rng.uniform(0.9, 1.1)))


def _bring(
    template: str,
    name: str,
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    by: Staff,
    now: datetime,
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    batch = imports.receive(text.getvalue().encode(), name=name, template=template, by=by, now=now)
    imports.check(batch.public_id, mapping=batch.mapping, by=by, now=now)
    imports.work(batch.public_id, now=now)
    imports.run(batch.public_id, by=by, now=now)
    imports.work(batch.public_id, now=now)
