"""Events: written, published by another, widened, cancelled; what they cost, line by line."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import seats
from yimei.growth.enums.events import EventKind, EventStatus, PlaceKind, SeatStatus
from yimei.growth.models import Event, EventCost
from yimei.growth.queries import events as queries
from yimei.growth.rules import events as rules
from yimei.outbox.actions import notifications
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.rules import pii

LETTERS = "23456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True)
class Draft:
    """An event as it is typed."""

    kind: EventKind
    title: str
    words: str
    venue: str
    permit: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    waits: int


@transaction.atomic
def write(draft: Draft, *, event_id: UUID | None = None, by: Staff, now: datetime) -> Event:
    """Keep a draft, new or changed; what is published is only widened or cancelled."""
    need(by, Permission.EVENT_WRITE)
    rules.check_frame(
        starts_at=draft.starts_at, ends_at=draft.ends_at, capacity=draft.capacity, waits=draft.waits, now=now
    )
    if event_id is None:
        code = "".join(secrets.choice(LETTERS) for _n in range(8))
        event = Event(campus=by.campus, code=code, created_at=now, created_by=by)
    else:
        event = queries.open_event(event_id, by=by, lock=True)
        if event.status != EventStatus.DRAFT:
            raise RuleBroken(_("已发布的活动不能修改，只能增加名额或取消。"), code="status")
    for name, value in vars(draft).items():
        setattr(event, name, value.strip() if isinstance(value, str) else value)
    event.save()
    log.record("growth.event.write", at=now, by=by, target=event)
    return event


@transaction.atomic
def publish(event_id: UUID, *, by: Staff, now: datetime) -> Event:
    """Put it on the website: by somebody else than its author, who has read it with the law beside it."""
    need(by, Permission.PROMOTION_APPROVE)
    event = queries.open_event(event_id, by=by, lock=True)
    rules.check_move(EventStatus(event.status), EventStatus.OPEN)
    if event.created_by_id == by.pk:
        raise RuleBroken(_("自己筹办的活动由另一位同事核对后发布。"), code="published_by")
    rules.check_frame(
        starts_at=event.starts_at, ends_at=event.ends_at, capacity=event.capacity, waits=event.waits, now=now
    )
    if missing := queries.word_faults(event, on=local_date(now)):
        raise RuleBroken(_("文案还不能发布："), missing=missing, code="words")
    event.status, event.published_at, event.published_by = EventStatus.OPEN, now, by
    event.save(update_fields=["status", "published_at", "published_by"])
    seats.entry(event, PlaceKind.OPENED, event.capacity, seat=None, by=by, now=now)
    notifications.notify(
        event.created_by,
        gettext_noop("您筹办的活动已发布，可以报名了。"),
        key=f"growth.event:open:{event.public_id}",
        now=now,
        where=f"desk:event:{event.public_id}",
    )
    log.record("growth.event.publish", at=now, by=by, target=event)
    return event


@transaction.atomic
def add_places(event_id: UUID, *, more: int, by: Staff, now: datetime) -> Event:
    """Widen an event; whoever waits moves up at once, the first first."""
    event = queries.open_event(event_id, by=by, lock=True)
    rules.check_open(status=EventStatus(event.status), ends_at=event.ends_at, now=now)
    if not 1 <= more <= rules.MOST_PLACES - event.capacity:
        raise RuleBroken(_("请填写要增加的名额，合计不超过 %(n)d。") % {"n": rules.MOST_PLACES}, code="more")
    event.capacity += more
    event.save(update_fields=["capacity"])
    seats.entry(event, PlaceKind.ADDED, more, seat=None, by=by, now=now)
    seats.move_up(event, now=now)
    log.record("growth.event.widen", at=now, by=by, target=event, rows=more)
    return event


@transaction.atomic
def cancel(event_id: UUID, *, why: str, by: Staff, now: datetime) -> int:
    """Call it off and tell everybody who registered or waits; return how many are told."""
    event = queries.open_event(event_id, by=by, lock=True)
    rules.check_move(EventStatus(event.status), EventStatus.CANCELLED)
    if now >= event.starts_at:
        raise RuleBroken(_("活动已经开始，不能取消。"), code="status")
    words = why.replace("\0", "").strip()
    if not words or len(words) > 60 or pii.find(words):
        raise RuleBroken(_("请写明原因，不超过 60 字，不写个人信息：报名的人会看到。"), code="why")
    event.status, event.why, event.ended_at, event.ended_by = EventStatus.CANCELLED, words, now, by
    event.save(update_fields=["status", "why", "ended_at", "ended_by"])
    told = 0
    for seat in queries.going(event):
        seats.tell(seat, "event.cancelled", {"why": words}, now=now)
        seat.status = SeatStatus.CANCELLED
        seat.save(update_fields=["status"])
        told += 1
    log.record("growth.event.cancel", at=now, by=by, target=event, rows=told)
    return told


@transaction.atomic
def add_cost(
    event_id: UUID, *, key: UUID, what: str, amount: Decimal, on: date, by: Staff, now: datetime
) -> EventCost:
    """Keep one amount that it cost; taken back only by a negative one; the same key once."""
    event = queries.open_event(event_id, by=by, lock=True)
    known = EventCost.objects.filter(key=key).first()
    if known is not None:
        if known.event_id != event.pk:
            raise NotFound
        return known
    words = what.replace("\0", "").strip()
    if not words or len(words) > 60:
        raise RuleBroken(_("请写明事项，不超过 60 字。"), code="what")
    if amount == 0 or abs(amount) >= Decimal(100_000_000):
        raise RuleBroken(_("请填写金额；冲减写负数。"), code="amount")
    if queries.cost_of(event) + amount < 0:
        raise RuleBroken(_("冲减不能超过已登记的费用。"), code="amount")
    if on > local_date(now):
        raise RuleBroken(_("费用日期不能晚于今天。"), code="on")
    cost = EventCost.objects.create(event=event, key=key, what=words, amount=amount, on=on, by=by, at=now)
    log.record("growth.event.cost", at=now, by=by, target=event)
    return cost
