"""A lecture that is over, a consultation day that takes registrations, a draft that waits."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from yimei.core.clock import SHANGHAI
from yimei.growth.actions import door, events, seats
from yimei.growth.actions.door import Scan
from yimei.growth.actions.events import Draft
from yimei.growth.enums.events import EventKind
from yimei.growth.models import Event, Seat
from yimei.growth.queries import events as queries
from yimei.people.roles import RoleCode
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice
from yimei.rehearsal.actions.walks.way import NAMESPACE
from yimei.rehearsal.actions.world import World

NAMES = ("林女士", "王小姐", "陈女士", "欧阳先生", "赵女士", "孙小姐", "吴女士", "郑女士")
DAY = timedelta(days=1)


def gather(world: World, *, now: datetime) -> int:
    """Let people register for both; return how many seats there are."""
    notice = current_notice(seats.NOTICE, Audience.ADULT)
    if notice is None:
        return 0
    noon = now.astimezone(SHANGHAI).replace(hour=14, minute=0, second=0, microsecond=0)
    over = _published(
        world, "护肤讲座：防晒与保湿", "皮肤科医师讲日常护理，可以现场提问。", at=noon - 9 * DAY, places=8
    )
    for n in range(5):
        _register(over, n, notice_id=notice.public_id, now=over.starts_at - 2 * DAY)
    keeper = world.first(RoleCode.RECEPTION)
    came = Seat.objects.filter(event=over).select_related("event", "vault_key").order_by("pk")[:4]
    scans = [Scan(uuid5(NAMESPACE, f"scan:{one.pk}"), queries.ticket_of(one), over.starts_at) for one in came]
    door.take(over.public_id, scans, by=keeper, now=over.ends_at)
    for what, amount in (("场地布置", "600"), ("资料印刷", "380.50"), ("茶点", "420")):
        events.add_cost(
            over.public_id,
            key=uuid5(NAMESPACE, f"cost:{what}"),
            what=what,
            amount=Decimal(amount),
            on=over.starts_at.date(),
            by=world.first(RoleCode.MARKETING),
            now=over.ends_at,
        )
    coming = _published(
        world, "周末咨询日", "只回答问题：流程、安全、恢复、费用怎么算。", at=noon + DAY, places=4
    )
    for n in range(6):
        _register(coming, n, notice_id=notice.public_id, now=now - timedelta(hours=3))
    _draft(
        world, "城市健康博览会展台", "展台展示机构资质与预约方式。", at=noon + 20 * DAY, places=100, now=now
    )
    return Seat.objects.count()


def _draft(world: World, title: str, words: str, *, at: datetime, places: int, now: datetime) -> Event:
    kind = {"护": EventKind.LECTURE, "周": EventKind.CONSULT}.get(title[0], EventKind.EXPO)
    draft = Draft(
        kind=kind,
        title=title,
        words=words,
        venue="杭州院区三楼会议室",
        permit="",
        starts_at=at,
        ends_at=at + timedelta(hours=2),
        capacity=places,
        waits=5,
    )
    return events.write(draft, by=world.first(RoleCode.MARKETING), now=now)


def _published(world: World, title: str, words: str, *, at: datetime, places: int) -> Event:
    begun = at - 12 * DAY
    event = _draft(world, title, words, at=at, places=places, now=begun)
    return events.publish(event.public_id, by=world.first(RoleCode.DIRECTOR), now=begun)


def _register(event: Event, n: int, *, notice_id: UUID, now: datetime) -> None:
    seats.register(
        event.code,
        name=NAMES[n % len(NAMES)],
        phone=f"1297100{n:04d}",
        may_call=n % 2 == 0,
        may_news=n % 3 == 0,
        notice_id=notice_id,
        ip=f"127.0.1.{n}",
        now=now,
    )
