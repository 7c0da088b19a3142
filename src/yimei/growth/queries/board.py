"""The board: who has which open leads, and why people were lost on the way, by what really happened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber

from yimei.billing.models import Payment
from yimei.core.clock import local_date, local_day
from yimei.growth.enums import LeadLoss
from yimei.growth.models import Lead
from yimei.growth.queries import lists, numbers, owners
from yimei.growth.rules.leads import NOT_VALID
from yimei.journey.enums import BookingStatus, CaseStage, LossReason
from yimei.journey.models import Booking, Case
from yimei.people.models import Staff
from yimei.people.roles import Permission, RoleCode

CARDS = 25
POOL = "pool"
Losses = list[tuple[str, int]]


@dataclass(frozen=True)
class Column:
    """One owner, or the pool, with the most urgent of her leads."""

    code: str
    name: str
    role: str
    count: int
    late: int
    on_shift: bool
    is_full: bool
    rows: list[lists.Row]

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def columns(*, by: Staff, now: datetime) -> list[Column]:
    """The pool first, then the online team, then whoever else holds leads; a fixed number of queries."""
    reach = Lead.objects.reachable(by, Permission.LEAD_ASSIGN).open().filter(campus=by.campus_id)
    counted = (
        reach.order_by()
        .values("owner")
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(next_due_at__lt=now)))
    )
    counts: dict[int | None, tuple[int, int]] = {row["owner"]: (row["n"], row["late"]) for row in counted}
    order = Window(
        RowNumber(), partition_by=F("owner"), order_by=[F("next_due_at").asc(nulls_last=True), F("pk")]
    )
    shown = reach.annotate(place=order).filter(place__lte=CARDS).with_people().order_by("place")
    cards: dict[int | None, list[lists.Row]] = {}
    for lead in shown:
        cards.setdefault(lead.owner_id, []).append(lists.row(lead, by=by))
    team = list(owners.owners_at(by.campus).select_related("role"))
    on_duty = set(
        Staff.objects.filter(
            pk__in=[one.pk for one in team], duties__starts_at__lte=now, duties__ends_at__gt=now
        )
        .order_by()
        .values_list("pk", flat=True)
    )
    most = numbers.limits(local_date(now)).holding
    pool_n, _late = counts.get(None, (0, 0))
    found = [Column(POOL, "", "", pool_n, 0, True, False, cards.get(None, []))]
    for one in sorted(team, key=lambda one: (one.role.code != RoleCode.ONLINE, one.name, one.pk)):
        n, late = counts.get(one.pk, (0, 0))
        if n or one.role.code == RoleCode.ONLINE:
            found.append(
                Column(
                    str(one.public_id), one.name, one.role.name, n, late, one.pk in on_duty, n >= most,
                    cards.get(one.pk, []),
                )
            )  # fmt: skip
    return found


def asked_to(text: str) -> UUID | None:
    """Where a card was dropped: an owner, or the pool."""
    return None if text == POOL else UUID(text)


def drop_reasons(*, by: Staff, now: datetime) -> list[tuple[str, Losses]]:
    """Why people of the funnel's window went no further, step by step, from what really happened."""
    since = local_day(local_date(now - lists.WINDOW))[0]
    asked = Lead.objects.reachable(by).filter(created_at__gte=since, duplicate_of=None).order_by()
    valid = asked.exclude(loss__in=[str(one) for one in NOT_VALID])
    later = Booking.objects.filter(patient=OuterRef("patient"), created_at__gte=OuterRef("created_at"))
    booked = valid.filter(Exists(later))
    arrived = booked.filter(Exists(later.exclude(arrived_at=None)))
    paid = Payment.objects.filter(
        order__patient=OuterRef("patient"), at__gte=OuterRef("created_at"), amount__gt=0
    )
    return [
        ("booked", _lost(valid.exclude(Exists(later)))),
        ("arrived", _not_come(booked.exclude(pk__in=arrived.values("pk")), since)),
        ("won", _not_sold(arrived.exclude(Exists(paid)))),
    ]


def _lost(rows: Any) -> Losses:
    counted = rows.exclude(loss="").values_list("loss").annotate(n=Count("pk")).order_by("-n", "loss")
    return [(str(LeadLoss(loss).label), n) for loss, n in counted]


def _not_come(rows: Any, since: datetime) -> Losses:
    gone = [BookingStatus.NO_SHOW, BookingStatus.CANCELLED]
    missed = Booking.objects.filter(
        patient__in=rows.values("patient"), created_at__gte=since, status__in=gone
    )
    counted = missed.order_by().values_list("status").annotate(n=Count("patient", distinct=True))
    return [(str(BookingStatus(status).label), n) for status, n in counted.order_by("-n", "status")]


def _not_sold(rows: Any) -> Losses:
    lost = Case.objects.filter(patient__in=rows.values("patient"), stage=CaseStage.LOST)
    counted = lost.order_by().values_list("loss_reason").annotate(n=Count("patient", distinct=True))
    return [(str(LossReason(why).label), n) for why, n in counted.order_by("-n", "loss_reason")]
