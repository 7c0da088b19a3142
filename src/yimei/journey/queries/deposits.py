"""How the booking deposit of an episode stands: asked for, held, owed back, or broken."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from yimei.billing import queries as billing
from yimei.billing.models import Order
from yimei.core.clock import local_date
from yimei.hospital.queries import price_on
from yimei.journey.enums import BookingStatus, DepositFate
from yimei.journey.models import Booking, BookingMove, Case
from yimei.journey.queries import visits
from yimei.journey.rules import bookings as booking_rules
from yimei.journey.rules import deposits as rules
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission


@dataclass(frozen=True)
class Asked:
    """A deposit that stands between a booking and its confirmation."""

    booking: Booking
    missed: int
    days: int
    amount: Decimal
    terms: str


@dataclass(frozen=True)
class Held:
    """A deposit that was taken and stands on no bill yet."""

    order: Order
    amount: Decimal
    fate: DepositFate

    @property
    def may_go_back(self) -> bool:
        return self.fate != DepositFate.HOLDS

    @property
    def may_be_kept(self) -> bool:
        return self.fate == DepositFate.BROKEN

    @property
    def is_pressing(self) -> bool:
        """Somebody must decide; nothing waits for a visit any more."""
        return self.fate in {DepositFate.OWED, DepositFate.BROKEN}


def policy(now: datetime) -> rules.Policy:
    """Return the numbers in force; the shipped ones where the hospital has registered none."""
    known = visits.numbers("booking.", local_date(now))
    return rules.Policy(
        most=known.get("no_show_most", booking_rules.NO_SHOW_MOST),
        days=known.get("no_show_days", booking_rules.NO_SHOW_DAYS),
        yuan=known.get("deposit_yuan", rules.YUAN),
        percent=known.get("deposit_percent", rules.PERCENT),
        free_hours=known.get("deposit_free_hours", rules.FREE_HOURS),
    )


def asked_for(booking: Booking, *, now: datetime) -> Asked | None:
    """Return what must be paid before this booking is confirmed; nothing where nothing is asked."""
    if booking.status != BookingStatus.REQUESTED:
        return None
    asks = policy(now)
    missed = visits.no_shows(booking.patient, since=now - timedelta(days=asks.days))
    if missed < asks.most or billing.is_secured(booking.case.public_id):
        return None
    return _asked(booking, missed, asks, now)


def asked_of(case: Case, *, now: datetime) -> Asked | None:
    """Return what the next unconfirmed booking of an episode waits for."""
    waiting = case.bookings.filter(status=BookingStatus.REQUESTED, ends_at__gt=now)
    booking = waiting.with_people().order_by("starts_at").first()
    return asked_for(booking, now=now) if booking else None


def asked(*, by: Staff, now: datetime) -> list[Asked]:
    """Return every booking within the cashier's reach that waits for a deposit, the next visit first."""
    asks = policy(now)
    waiting = Booking.objects.visible_to(by, Permission.MONEY_VIEW).with_people()
    rows = list(waiting.filter(status=BookingStatus.REQUESTED, ends_at__gt=now).order_by("starts_at"))
    missed = _missed({row.patient.head_id for row in rows}, since=now - timedelta(days=asks.days))
    late = [row for row in rows if missed[row.patient.head_id] >= asks.most]
    return [
        _asked(row, missed[row.patient.head_id], asks, now)
        for row in late
        if not billing.is_secured(row.case.public_id)
    ]


def held_of(episode: UUID, *, now: datetime) -> Held | None:
    order = billing.held_deposit(episode)
    return _held([order], now)[0] if order else None


def open_of(episode: UUID, *, now: datetime) -> Held | None:
    """What may still be given back: the deposit that is held, else the newest that was kept."""
    order = billing.kept_deposit(episode)
    return held_of(episode, now=now) or (Held(order, order.amount, DepositFate.BROKEN) if order else None)


def held(*, by: Staff, now: datetime) -> list[Held]:
    """Return the deposits that wait for a bill or a decision, those to be decided first."""
    return sorted(_held(billing.held_deposits(by=by), now), key=lambda one: not one.is_pressing)


def _asked(booking: Booking, missed: int, asks: rules.Policy, now: datetime) -> Asked:
    price = price_on(booking.procedure, booking.campus, local_date(now))
    amount = rules.amount_of(asks, price=price)
    terms = rules.terms(amount, free_hours=asks.free_hours)
    return Asked(booking, missed, asks.days, amount, terms)


def _held(orders: Iterable[Order], now: datetime) -> list[Held]:
    orders = list(orders)
    free = policy(now).free_hours
    episodes = {order.episode for order in orders}
    known = _visits(episodes)
    ended = Case.objects.filter(public_id__in=episodes).exclude(closed_at=None)
    over = set(ended.values_list("public_id", flat=True))

    def of(order: Order) -> DepositFate:
        has_ended = order.episode in over
        return rules.fate(known[order.episode], taken_at=order.at, free_hours=free, has_ended=has_ended)

    return [Held(order, order.amount, of(order)) for order in orders]


def _visits(episodes: Iterable[UUID]) -> Mapping[UUID, list[rules.Visit]]:
    moves = BookingMove.objects.filter(booking=OuterRef("pk"), new=BookingStatus.CANCELLED).order_by("-id")
    rows = Booking.objects.filter(case__public_id__in=set(episodes)).order_by()
    found: defaultdict[UUID, list[rules.Visit]] = defaultdict(list)
    for episode, status, starts_at, side, at in rows.values_list(
        "case__public_id", "status", "starts_at", "cancel_side", Subquery(moves.values("at")[:1])
    ):
        cancelled_at = at if status == BookingStatus.CANCELLED else None
        found[episode].append(rules.Visit(BookingStatus(status), starts_at, cancelled_at, side))
    return found


def _missed(heads: Iterable[int], *, since: datetime) -> Mapping[int, int]:
    """No-shows of each person, by the file that stands for her; one query."""
    files = Patient.objects.annotate(head_pk=Coalesce("merged_into", "pk")).filter(head_pk__in=set(heads))
    rows = Booking.objects.filter(
        patient__in=files.order_by().values("pk"), status=BookingStatus.NO_SHOW, starts_at__gte=since
    )
    counted = rows.order_by().values_list(Coalesce("patient__merged_into", "patient"))
    return defaultdict(int, dict(counted.annotate(n=Count("pk"))))
