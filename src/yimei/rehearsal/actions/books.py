"""What the rehearsal hospital spends: the older year brought from Excel, the last one in its own ledger."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from yimei.billing.actions.costs import record_many
from yimei.billing.enums import AdChannel, CostAccount, CostOrigin, CostUnit
from yimei.billing.models import Payment
from yimei.billing.rules.costs import Entry
from yimei.core.clock import local_date, local_day
from yimei.insight.actions import imports
from yimei.insight.rules.questions import months_later
from yimei.people.models import Staff
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.world import World
from yimei.rehearsal.rules import books as rules
from yimei.rehearsal.rules.books import Spent

MONTHS, OLDER = 23, 12
"""Months before this one, and how many of them were kept in Excel."""
LEADS = {"抖音": 9, "微信": 3, "新氧": 5, "官网": 2}
"""Enquiries of a month that each channel counts, about."""
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


def keep_books(world: World, *, now: datetime) -> None:
    """Bring the older months in as an analyst does; write the newer ones into the ledger."""
    by, rng = world.first(RoleCode.ANALYST), Random("books")
    today = local_date(now)
    months = [months_later(today.replace(day=1), -back) for back in range(MONTHS, -1, -1)]
    receipts = _receipts(months[0])
    older, newer = months[:OLDER], months[OLDER:]
    here = world.campus.name
    head = ("类型", "日期", "渠道", "花费", "曝光", "点击", "线索", "院区")
    ads = [(*row, here) for row in _ads(receipts, older, today, rng)]
    bring("market", "广告投放.csv", head, ads, by, now)
    costs = [(*row, here) for row in rules.costs(receipts, older, today, rng)]
    bring("finance", "支出.csv", ("日期", "类别", "金额", "院区"), costs, by, now)
    kept = [_of_ad(row) for row in _ads(receipts, newer, today, rng)]
    spent = rules.costs(receipts, newer, today, rng)
    kept += [_of_cost(row) for row in spent if row[1] != rules.ADVERTISING]
    record_many(kept, by=world.first(RoleCode.CASHIER), now=now)


def _receipts(since: date) -> dict[date, float]:
    """What was taken, refunds off, by month."""
    rows = Payment.objects.filter(at__gte=local_day(since)[0]).values_list("at", "amount")
    found: dict[date, float] = {}
    for at, amount in rows:
        month = local_date(at).replace(day=1)
        found[month] = found.get(month, 0.0) + float(amount)
    return found


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
        quantity=Decimal(max(1, amount // 50)) if is_staff else None,
        unit=CostUnit.HOUR if is_staff else None,
        reference=f"{account.value.upper()}-{first:%Y%m}",
    )


def _ads(receipts: Mapping[date, float], months: Sequence[date], today: date, rng: Random) -> list[Ad]:
    return [
        (
            "广告",
            month,
            channel,
            spend,
            spend * 22,
            spend * 22 // 40,
            round(LEADS[channel] * rng.uniform(0.8, 1.2)),
        )
        for month, channel, spend in rules.advertising(receipts, months, today, rng)
    ]


def bring(
    template: str,
    name: str,
    head: Sequence[str],
    rows: Iterable[Sequence[object]],
    by: Staff,
    now: datetime,
    *,
    encoding: str = "utf-8",
) -> None:
    """What an analyst does with a file: it is mapped as suggested, tried, and taken in."""
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    batch = imports.receive(text.getvalue().encode(encoding), name=name, template=template, by=by, now=now)
    imports.check(batch.public_id, mapping=batch.mapping, by=by, now=now)
    imports.work(batch.public_id, now=now)
    imports.run(batch.public_id, by=by, now=now)
    imports.work(batch.public_id, now=now)
