"""Reads of events: the gates to one, its places, its door, its figures."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, DecimalField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from yimei.billing.models import Payment
from yimei.core import names
from yimei.core.clock import SHANGHAI, local_day
from yimei.core.database.rows import lock_rows, only
from yimei.core.errors import Missing, NotFound
from yimei.growth.enums.events import EventStatus, SeatStatus
from yimei.growth.models import Event, EventCost, Seat, SeatEntry
from yimei.growth.models.events import EventQuerySet
from yimei.growth.queries.numbers import TOKEN
from yimei.growth.rules import claims
from yimei.growth.rules import events as rules
from yimei.hospital.queries import catalogue_of
from yimei.journey.models import Booking
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.vault import blind
from yimei.vault.keys import KeyDestroyed

S = SeatStatus
GOING = (S.HELD, S.WAITING)
RETURN = timedelta(days=90)
"""How long after an event payments of its people are looked at."""
VIEWS = ("coming", "draft", "past", "cancelled")


# ---- the gates --------------------------------------------------------------------------------------


def open_event(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.EVENT_WRITE
) -> Event:
    rows = Event.objects.visible_to(by, permission).select_related("campus", "created_by", "published_by")
    return only(rows, public_id, lock=lock)


def open_door(public_id: UUID, *, by: Staff, now: datetime, lock: bool = False) -> Event:
    """An event of one's campus whose door is open: from some hours before until some hours after."""
    rows = Event.objects.visible_to(by, Permission.EVENT_DOOR).filter(
        status=EventStatus.OPEN,
        starts_at__lte=now + rules.OPENS,
        ends_at__gte=now - rules.LATE,
    )
    return only(rows.select_related("campus"), public_id, lock=lock)


def doors(*, by: Staff, now: datetime) -> EventQuerySet:
    """The events whose door this reader may keep now."""
    rows = Event.objects.visible_to(by, Permission.EVENT_DOOR).filter(status=EventStatus.OPEN)
    near = rows.filter(starts_at__lte=now + rules.OPENS, ends_at__gte=now - rules.LATE)
    return near.order_by("starts_at")


def locked(pk: int) -> Event:
    rows = Event.objects.filter(pk=pk)
    lock_rows(rows)
    return rows.select_related("campus").get()


def published(code: str) -> Event:
    """An event as anybody may see it; drafts do not exist."""
    rows = Event.objects.filter(code=code).exclude(status=EventStatus.DRAFT)
    found = rows.select_related("campus").first()
    if found is None:
        raise NotFound(_("没有这场活动，或已经结束。"))
    return found


def locked_by_code(code: str) -> Event:
    return locked(published(code).pk)


def open_to_all(*, now: datetime) -> QuerySet[Event]:
    rows = Event.objects.filter(status=EventStatus.OPEN, starts_at__gt=now, campus__is_active=True)
    return rows.select_related("campus").order_by("starts_at")


def mark_of(seat: Seat) -> str:
    """The secret half of a ticket's address; computed, never kept."""
    return blind.token("event-ticket", str(seat.public_id)).hex()


def ticket_path(seat: Seat) -> str:
    return f"/book/tickets/{seat.public_id}/{mark_of(seat)}/"


def ticket_of(seat: Seat) -> str:
    return rules.ticket(seat.public_id, mark_of(seat))


def seat_behind(seat_id: UUID, mark: str) -> Seat:
    rows = Seat.objects.living().select_related("event__campus", "vault_key")
    seat = only(rows, seat_id)
    if not hmac.compare_digest(mark_of(seat).encode(), mark.encode()):
        raise NotFound
    return seat


def locked_seat(pk: int) -> Seat:
    rows = Seat.objects.filter(pk=pk)
    lock_rows(rows)
    return rows.select_related("event__campus", "vault_key", "lead").get()


# ---- places -----------------------------------------------------------------------------------------


def left(event: Event) -> int:
    last = SeatEntry.objects.filter(event=event).order_by("-seq").values_list("balance", flat=True).first()
    return last or 0


def waiting(event: Event) -> QuerySet[Seat]:
    rows = Seat.objects.living().filter(event=event, status=S.WAITING)
    return rows.select_related("event__campus", "vault_key").order_by("registered_at", "pk")


def going(event: Event) -> list[Seat]:
    rows = Seat.objects.living().filter(event=event, status__in=GOING)
    return list(rows.select_related("event__campus", "vault_key").order_by("pk"))


def to_remind(*, day: date) -> list[int]:
    start, end = local_day(day)
    rows = Seat.objects.living().filter(status=S.HELD, reminded_at=None, event__status=EventStatus.OPEN)
    rows = rows.filter(event__starts_at__gte=start, event__starts_at__lt=end)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def to_settle(*, before: datetime) -> list[Event]:
    rows = Event.objects.filter(status=EventStatus.OPEN, settled_at=None, ends_at__lte=before)
    return list(rows.order_by("pk"))


def to_call(event: Event) -> list[int]:
    """Who agreed to be called and proved the number, or came herself; a stranger's number is not called."""
    known = Q(proved_at__isnull=False) | Q(status=S.CAME)
    rows = Seat.objects.living().counted().filter(known, event=event, may_call=True, lead=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def number_token(patient: Patient) -> bytes | None:
    """Under which mark this customer's number stands here; nothing when it can be read no more."""
    try:
        number = patient.person.phone
    except KeyDestroyed:
        return None
    return blind.token(TOKEN, number) if number and not patient.person.vault_key.is_destroyed else None


def when_text(event: Event) -> str:
    start, end = (at.astimezone(SHANGHAI) for at in (event.starts_at, event.ends_at))
    return f"{start:%m}月{start:%d}日 {start:%H:%M}–{end:%H:%M}"


def word_faults(event: Event, *, on: date) -> list[Missing]:
    """What the plain word check finds in a text before it is published."""
    text = f"{event.title}\n{event.words}"
    procedures = [one.procedure.name for one in catalogue_of(event.campus, on)]
    return [*claims.faults(text), *claims.permit_faults(text, event.permit, names=procedures)]


# ---- lists ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """How many registered, came, wait; what is left."""

    held: int
    came: int
    absent: int
    waiting: int
    left: int


def listed(view: str, *, by: Staff, now: datetime) -> EventQuerySet:
    rows = Event.objects.visible_to(by).select_related("campus", "created_by")
    return {
        "coming": rows.filter(status=EventStatus.OPEN, ends_at__gt=now).order_by("starts_at"),
        "draft": rows.filter(status=EventStatus.DRAFT).order_by("-created_at"),
        "past": rows.filter(status=EventStatus.OPEN, ends_at__lte=now),
        "cancelled": rows.filter(status=EventStatus.CANCELLED),
    }.get(view, rows)


def view_counts(*, by: Staff, now: datetime) -> dict[str, int]:
    rows = Event.objects.visible_to(by).order_by()
    is_open = Q(status=EventStatus.OPEN)
    return rows.aggregate(
        coming=Count("pk", filter=is_open & Q(ends_at__gt=now)),
        draft=Count("pk", filter=Q(status=EventStatus.DRAFT)),
        past=Count("pk", filter=is_open & Q(ends_at__lte=now)),
        cancelled=Count("pk", filter=Q(status=EventStatus.CANCELLED)),
    )


def counts(events: Iterable[Event]) -> dict[int, Tally]:
    """Two queries, whatever the number of events."""
    ids = [one.pk for one in events]
    rows = Seat.objects.filter(event__in=ids).order_by().values_list("event", "status")
    told: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    for pk, status, n in rows.annotate(n=Count("pk")):
        told[pk][status] = n
    last = SeatEntry.objects.filter(event=OuterRef("pk")).order_by("-seq").values("balance")[:1]
    lefts = dict(Event.objects.filter(pk__in=ids).values_list("pk", Coalesce(Subquery(last), 0)))
    return {
        pk: Tally(
            held=told[pk].get(S.HELD, 0),
            came=told[pk].get(S.CAME, 0),
            absent=told[pk].get(S.ABSENT, 0),
            waiting=told[pk].get(S.WAITING, 0),
            left=lefts.get(pk, 0),
        )
        for pk in ids
    }


def seats(event: Event) -> QuerySet[Seat]:
    rows = Seat.objects.living().filter(event=event).exclude(status=S.CANCELLED)
    return rows.select_related("vault_key").order_by("registered_at", "pk")


def roster(event: Event) -> list[dict[str, str]]:
    """What the door keeps while it has no network: codes, masked names, how each stands."""
    return [
        {
            "code": ticket_of(seat),
            "who": names.mask(seat.name),
            "tail": seat.phone[-4:],
            "status": seat.status,
        }
        for seat in seats(event)
    ]


def costs(event: Event) -> QuerySet[EventCost]:
    return event.costs.select_related("by")


def cost_of(event: Event) -> Decimal:
    return event.costs.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


# ---- what came of it --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """Leads of an event and how far they got, with its money."""

    fresh: int
    known: int
    booked: int
    arrived: int
    paid: int
    money: rules.Money


def outcome(event: Event) -> Outcome:
    """Follow the event's leads to their bookings and payments of the ninety days after; four queries.

    A lead that was here before the event counts apart: the event did not find her.
    """
    mine = list(
        Seat.objects.filter(event=event, lead__isnull=False).values_list(
            "lead__duplicate_of", "lead__patient", "lead__duplicate_of__patient", "lead__patient__created_at"
        )
    )
    fresh = {pk for root, pk, _r, made in mine if root is None and pk and made and made > event.starts_at}
    known = {own or other for root, own, other, _made in mine if own or other} - fresh
    end = event.starts_at + RETURN
    paid = Payment.objects.filter(at__gte=event.starts_at, at__lt=end).order_by()
    sums = dict(
        paid.filter(order__patient__in=fresh | known)
        .values_list("order__patient")
        .annotate(sum=Coalesce(Sum("amount"), Decimal(0), output_field=DecimalField()))
    )
    booked = Booking.objects.filter(
        patient__in=fresh | known, created_at__gte=event.starts_at, created_at__lt=end
    )
    return Outcome(
        fresh=sum(root is None for root, *_rest in mine),
        known=sum(root is not None for root, *_rest in mine),
        booked=booked.values("patient").distinct().count(),
        arrived=booked.filter(arrived_at__isnull=False).values("patient").distinct().count(),
        paid=sum(amount > 0 for amount in sums.values()),
        money=rules.Money(
            cost=cost_of(event),
            fresh=sum((sums.get(pk, Decimal(0)) for pk in fresh), start=Decimal(0)),
            known=sum((sums.get(pk, Decimal(0)) for pk in known), start=Decimal(0)),
            came=Seat.objects.filter(event=event, status=S.CAME).count(),
        ),
    )
