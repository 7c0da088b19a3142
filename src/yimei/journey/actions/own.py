"""A signed-in customer books by herself what the hospital opened; the same engine as the desk's."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.database.locks import lock
from yimei.core.language import kept
from yimei.journey.actions import arrangements, bookings, reminders
from yimei.journey.enums import BookingChannel, BookingKind
from yimei.journey.models import Booking
from yimei.journey.queries import kinds
from yimei.journey.queries import online as online_queries
from yimei.journey.queries import own as queries
from yimei.journey.rules import online as online_rules
from yimei.journey.rules import own as rules
from yimei.outbox.actions import notifications
from yimei.people.models import Patient


@transaction.atomic
def request(
    patient: Patient,
    *,
    kind: BookingKind,
    procedure_id: UUID,
    starts_at: datetime,
    channel: BookingChannel,
    is_guardian: bool,
    key: UUID,
    now: datetime,
) -> Booking:
    """Book for whoever proved to be the patient, or her guardian; the same key gives the same booking."""
    key = uuid5(patient.public_id, str(key))
    lock(f"journey.request:{patient.pk}")
    if known := Booking.objects.with_people().filter(key=key, patient=patient).first():
        return known
    found = arrangements.only_one(
        queries.service(patient, kind, procedure_id, is_guardian=is_guardian, now=now)
    )
    rules.check(queries.herself(patient, is_guardian=is_guardian, now=now), found.wish, starts_at=starts_at)
    _check_numbers(patient, starts_at, now=now)
    rather = queries.rather(patient, found)
    booking = bookings.book(
        patient=patient,
        campus=found.campus,
        kind=kind,
        visit_kind=kinds.suggest(patient, kind),
        procedure=found.procedure,
        starts_at=starts_at,
        arrange=lambda: arrangements.of_one(
            kind,
            found.procedure,
            found.campus,
            starts_at,
            staff_public_id=None,
            room_public_id=None,
            now=now,
            rather=rather,
        ),
        note="",
        key=key,
        by=None,
        now=now,
        tells=True,
        channel=channel,
        owner=queries.owner_of(patient, found),
        said=_said(channel, is_guardian=is_guardian),
    )
    notifications.notify(
        booking.keeper,
        gettext_noop("有客户登录后自己约了时间，请看一看。"),
        key=f"journey.own:{booking.public_id}",
        now=now,
        where=f"desk:booking:{booking.public_id}",
    )
    if arrangements.needs_deposit(booking, now=now) is None:
        bookings.confirm_opened(booking, by=None, now=now)
    return booking


@transaction.atomic
def link(patient: Patient, booking_id: UUID, *, now: datetime) -> str:
    """Return the secret of the page on which she moves, cancels or announces one visit of hers."""
    booking = arrangements.only_one(queries.open_own(patient, booking_id, now=now))
    token = reminders.new_link(booking, now=now)
    log.record("journey.booking.link", at=now, target=booking, subject=patient.person.vault_key)
    return token


def _check_numbers(patient: Patient, starts_at: datetime, *, now: datetime) -> None:
    numbers = online_queries.numbers(now)
    earliest = now + timedelta(minutes=numbers.lead_minutes)
    rules.check_slot(
        starts_at,
        is_offered=online_rules.is_offered(starts_at, earliest=earliest),
        until=now + timedelta(days=numbers.days_ahead),
        days=numbers.days_ahead,
    )
    rules.check_open(known=queries.open_count(patient, now=now), most=numbers.open_most)
    online_rules.check_often(
        queries.asked_at(patient, since=now - online_rules.HOUR, most=numbers.own_per_hour),
        most=numbers.own_per_hour,
        now=now,
        text=_("预约过于频繁，请在 %(time)s 之后再试，或致电医院。"),
        code="often",
    )


def _said(channel: BookingChannel, *, is_guardian: bool) -> str:
    by_whom = (
        gettext_noop("监护人登录预约（%(channel)s）")
        if is_guardian
        else gettext_noop("客户登录预约（%(channel)s）")
    )
    return by_whom % {"channel": kept(channel.label)}
