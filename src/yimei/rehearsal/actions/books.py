"""What the rehearsal hospital keeps in Excel: advertising by channel and running costs, month by month."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from random import Random

from yimei.core.clock import local_date
from yimei.insight.actions import imports
from yimei.insight.rules.questions import months_later
from yimei.people.models import Staff
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.world import World

MONTHS = 23
ADS = (("抖音", 2600, 9), ("微信", 900, 3), ("新氧", 1500, 5), ("官网", 400, 2))
"""Channel, yuan a month and enquiries that it counts, about; of a small hospital's scale."""
COSTS = (("耗材", 9000), ("药品", 3200), ("设备", 4200), ("人力", 21000), ("房租", 12000), ("广告", 5400))


def keep_books(world: World, *, now: datetime) -> None:
    """Bring both tables in as an analyst does: tried, then taken in."""
    by, rng = world.first(RoleCode.ANALYST), Random("books")
    today = local_date(now)
    months = [months_later(today.replace(day=1), -back) for back in range(MONTHS, -1, -1)]
    head = ("类型", "日期", "渠道", "花费", "曝光", "点击", "线索")
    _bring("market", "广告投放.csv", head, _ads(months, rng), by, now)
    _bring("finance", "支出.csv", ("日期", "类别", "金额"), _costs(months, rng), by, now)


def _ads(months: Sequence[date], rng: Random) -> Iterable[Sequence[object]]:
    for month in months:
        for channel, spend, leads in ADS:
            share = rng.uniform(0.8, 1.2)
            views = round(spend * share * 22)
            yield ("广告", month, channel, round(spend * share), views, views // 40, round(leads * share))


def _costs(months: Sequence[date], rng: Random) -> Iterable[Sequence[object]]:
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
