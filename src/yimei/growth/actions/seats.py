"""Registrations: taken, kept waiting, moved up, given back; each place is a line that the database checks."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import phone as phones
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.core.names import normalise
from yimei.growth.enums.events import EventStatus, PlaceKind, SeatStatus, SeatWay
from yimei.growth.models import Event, Seat, SeatEntry
from yimei.growth.queries import events as queries
from yimei.growth.queries import numbers
from yimei.growth.rules import events as rules
from yimei.outbox.actions import codes
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice, needs
from yimei.vault import blind
from yimei.vault.keys import new_key

NOTICE = "care.identity"
NAME_LENGTH = 40
OPENING = {
    SeatStatus.HELD: "event.registered",
    SeatStatus.WAITING: "event.waiting",
    SeatStatus.CAME: "event.registered",
    SeatStatus.ABSENT: "event.registered",
}
"""What a number is told when it registers, and told again, once a day, when it registers again."""
PER_NUMBER, PER_ADDRESS = 3, 30
"""Registrations of one number in a day and from one address in an hour: more is a program's work."""


@transaction.atomic
def register(
    code: str,
    *,
    name: str,
    phone: str,
    may_call: bool,
    may_news: bool,
    notice_id: UUID,
    ip: str,
    now: datetime,
) -> Seat:
    """Take a place or, when none is left, a place in the line; the same number again is its first seat."""
    event = queries.locked_by_code(code)
    rules.check_open(status=EventStatus(event.status), ends_at=event.ends_at, now=now)
    if now >= event.starts_at:
        raise RuleBroken(_("活动已经开始，请到现场报名。"), code="over")
    notice = current_notice(NOTICE, Audience.ADULT)
    if notice is None or notice.public_id != notice_id:
        raise RuleBroken(_("告知刚刚更新，请再看一遍并勾选。"), code="agreed")
    origin = blind.token("event-address", ip)
    recent = Seat.objects.filter(origin=origin, registered_at__gt=now - timedelta(hours=1))
    if recent.count() >= PER_ADDRESS:
        raise RuleBroken(_("现在报名的人很多，请稍后再试或致电医院。"), code="flood")
    seat = _seat(event, name=name, phone=phone, way=SeatWay.WEB, now=now)
    if seat.pk is not None:
        tell(seat, OPENING[SeatStatus(seat.status)], {}, now=now, again=f":{local_date(now)}")
        return seat
    today = Seat.objects.filter(phone_token=seat.phone_token, registered_at__gt=now - timedelta(days=1))
    if today.count() >= PER_NUMBER:
        raise RuleBroken(_("这个号码今天报名太多，请致电医院。"), code="phone")
    seat.may_call, seat.may_news, seat.notice, seat.origin = may_call, may_news, notice, origin
    _place(seat, now=now)
    log.record("growth.seat.register", at=now, target=seat, subject=seat.vault_key, result=seat.status)
    tell(seat, OPENING[SeatStatus(seat.status)], {}, now=now)
    return seat


@transaction.atomic
def walk_in(
    event_id: UUID, *, name: str, phone: str, may_call: bool, may_news: bool, by: Staff, now: datetime
) -> Seat:
    """Write down somebody who came without having registered; she takes a place and is here."""
    need(by, Permission.EVENT_DOOR)
    event = queries.open_door(event_id, by=by, lock=True, now=now)
    rules.check_door(starts_at=event.starts_at, now=now)
    seat = _seat(event, name=name, phone=phone, way=SeatWay.WALK_IN, now=now)
    is_new = seat.pk is None
    if is_new:
        seat.may_call, seat.may_news, seat.registered_by = may_call, may_news, by
        seat.notice = current_notice(NOTICE, Audience.ADULT)
        _place(seat, now=now, may_wait=False)
    if seat.status == SeatStatus.WAITING:
        _take(seat, by=by, now=now)
    if seat.status in {SeatStatus.HELD, SeatStatus.ABSENT}:
        seat.status, seat.came_at = (
            SeatStatus.CAME,
            min(max(now, event.starts_at - rules.EARLY), event.ends_at),
        )
        seat.save(update_fields=["status", "came_at"])
    log.record("growth.seat.walk_in", at=now, by=by, target=seat, subject=seat.vault_key)
    return seat


@transaction.atomic
def open_ticket(seat_id: UUID, mark: str, *, now: datetime) -> Seat:
    """Open a ticket by the address that went to the number: whoever has it has the telephone, too."""
    seat = queries.seat_behind(seat_id, mark)
    if Seat.objects.filter(pk=seat.pk, proved_at=None).update(proved_at=now):
        seat.proved_at = now
        log.record("growth.seat.prove", at=now, target=seat, subject=seat.vault_key)
    return seat


@transaction.atomic
def give_back(seat_id: UUID, mark: str, *, now: datetime) -> Seat:
    """She does not come; her place goes to whoever waits the longest."""
    seat = queries.seat_behind(seat_id, mark)
    event = queries.locked(seat.event_id)
    seat = queries.seat_behind(seat_id, mark)
    if now >= event.starts_at or SeatStatus.CANCELLED not in seat.open_moves:
        raise RuleBroken(_("现在不能取消了。"), code="over")
    had = seat.status == SeatStatus.HELD
    seat.status = SeatStatus.CANCELLED
    seat.save(update_fields=["status"])
    if had:
        entry(event, PlaceKind.FREED, 1, seat=seat, by=None, now=now)
        move_up(event, now=now)
    log.record("growth.seat.cancel", at=now, target=seat, subject=seat.vault_key)
    return seat


def move_up(event: Event, *, now: datetime) -> int:
    """Give free places to those who wait, the first first; part of a larger action, the event is locked."""
    done = 0
    for seat in list(queries.waiting(event)):
        if queries.left(event) <= 0:
            break
        _take(seat, by=None, now=now)
        tell(seat, "event.moved_up", {}, now=now)
        done += 1
    return done


def entry(
    event: Event, kind: PlaceKind, change: int, *, seat: Seat | None, by: Staff | None, now: datetime
) -> SeatEntry:
    """Write the next line of an event's places; the event is locked, and the database checks the sum."""
    last = SeatEntry.objects.filter(event=event).order_by("-seq").first()
    return SeatEntry.objects.create(
        event=event,
        seq=last.seq + 1 if last else 1,
        kind=kind,
        change=change,
        balance=(last.balance if last else 0) + change,
        seat=seat,
        at=now,
        by=by,
    )


def tell(seat: Seat, template: str, more: Mapping[str, str], *, now: datetime, again: str = "") -> None:
    """One message to the number that registered itself; never marketing, once for each occasion."""
    event = seat.event
    params = {
        "what": event.title,
        "when": queries.when_text(event),
        "phone": event.campus.phone or event.campus.name,
    }
    if template != "event.cancelled":
        params |= {"place": event.venue, "link": settings.PUBLIC_URL + queries.ticket_path(seat)}
    key = f"{template}:{seat.public_id}{again}"
    codes.send(template, phone=seat.phone, params={**params, **more}, key=key, now=now)


def _seat(event: Event, *, name: str, phone: str, way: SeatWay, now: datetime) -> Seat:
    """The seat that this number has here already, or a new one that is not saved yet."""
    needs.need("growth.Seat")
    who = normalise(name.replace("\0", ""))
    if not who or len(who) > NAME_LENGTH:
        raise RuleBroken(_("请填写称呼，不超过 %(n)d 字。") % {"n": NAME_LENGTH}, code="name")
    number = phones.normalise(phone)
    token = blind.token(numbers.TOKEN, number)
    known = Seat.objects.filter(event=event, phone_token=token).exclude(status=SeatStatus.CANCELLED)
    found = known.select_related("event__campus", "vault_key").first()
    if found is not None:
        return found
    return Seat(event=event, name=who, phone=number, phone_token=token, way=way, registered_at=now)


def _place(seat: Seat, *, now: datetime, may_wait: bool = True) -> None:
    """Save a new seat with a place if one is left, else in the line if it is not full."""
    event = seat.event
    has_place = queries.left(event) > 0
    if not has_place and (not may_wait or queries.waiting(event).count() >= event.waits):
        raise RuleBroken(_("名额已满。") if may_wait else _("名额已满，请先增加名额。"), code="full")
    seat.vault_key = new_key()
    seat.status = SeatStatus.HELD if has_place else SeatStatus.WAITING
    seat.save(force_insert=True)
    if has_place:
        entry(event, PlaceKind.TAKEN, -1, seat=seat, by=seat.registered_by, now=now)


def _take(seat: Seat, *, by: Staff | None, now: datetime) -> None:
    if queries.left(seat.event) <= 0:
        raise RuleBroken(_("名额已满，请先增加名额。"), code="full")
    seat.status = SeatStatus.HELD
    seat.save(update_fields=["status"])
    entry(seat.event, PlaceKind.TAKEN, -1, seat=seat, by=by, now=now)
