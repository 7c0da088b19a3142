"""What a visitor of the website may see: services, free times without names, the time kept for her."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from yimei.core.clock import local_date, local_day
from yimei.core.errors import NotFound
from yimei.hospital.enums import Category, OnlineBooking
from yimei.hospital.models import Campus, Procedure
from yimei.hospital.queries import campuses, catalogue_of
from yimei.journey.enums import BookingChannel, BookingKind
from yimei.journey.models import Booking, OnlineHold
from yimei.journey.queries import bookings, visits
from yimei.journey.queries.bookings import Slot
from yimei.journey.rules import online as rules
from yimei.journey.rules import tokens
from yimei.journey.rules.bookings import HOLDING
from yimei.people.enums import TokenKind
from yimei.people.models import Patient
from yimei.vault import blind

KIND = BookingKind.CONSULT
"""What one books by oneself: a talk. Treatment and operation follow from it."""


@dataclass(frozen=True)
class Day:
    """One day on offer with the free times of it."""

    day: date
    times: Sequence[datetime]


def chosen_day(text: str, days: Sequence[Day]) -> Day | None:
    """Return the day that an address asks for (YYYY-MM-DD), or the first with a free time."""
    named = next((one for one in days if one.day.isoformat() == text), None)
    return named or next((one for one in days if one.times), None)


@dataclass(frozen=True)
class Numbers:
    """The house's own numbers, as they hold today."""

    hold_minutes: int = 10
    lead_minutes: int = 120
    days_ahead: int = 14
    holds_per_address: int = 12
    codes_per_phone: int = 3
    codes_per_address: int = 20
    code_minutes: int = 5
    code_tries: int = 5
    open_most: int = 2
    moves_most: int = 3
    own_per_hour: int = 6
    consult_days: int = 180


def numbers(now: datetime) -> Numbers:
    """Return the numbers in force; the shipped ones where the hospital has registered none."""
    known = {one.name for one in fields(Numbers)}
    found = visits.numbers("online.", local_date(now))
    return replace(Numbers(), **{name: value for name, value in found.items() if name in known})


def campus_of(public_id: UUID | None) -> Campus | None:
    """Return the campus that was asked for, or the first."""
    found = campuses() if public_id is None else campuses().filter(public_id=public_id)
    return found.first()


def services(campus: Campus, now: datetime) -> dict[str, list[Procedure]]:
    """Return what may be asked for at a campus, by category; toxic drugs are not named in public."""
    found: dict[str, list[Procedure]] = {}
    for offer in catalogue_of(campus, local_date(now)):
        if offer.procedure.online != OnlineBooking.NONE and rules.may_be_named(offer.procedure.name):
            found.setdefault(str(Category(offer.procedure.category).label), []).append(offer.procedure)
    return found


def service(campus: Campus, public_id: UUID, now: datetime) -> Procedure:
    """Return one procedure that is on offer; anything else is not found."""
    known = (one for group in services(campus, now).values() for one in group)
    found = next((one for one in known if one.public_id == public_id), None)
    if found is None:
        raise NotFound
    return found


def days(
    campus: Campus,
    procedure: Procedure,
    *,
    now: datetime,
    kind: BookingKind = KIND,
    patient: Patient | None = None,
) -> list[Day]:
    """Return the days ahead with their free times, whoever would take them; two queries in all."""
    known = numbers(now)
    earliest = now + timedelta(minutes=known.lead_minutes)
    today = local_date(now)
    end = local_day(today + timedelta(days=known.days_ahead - 1))[1]
    free = bookings.free_times(
        kind,
        procedure,
        (earliest, end),
        staff=bookings.serving_staff(kind, campus),
        rooms=bookings.rooms_for(kind, campus),
        patient=patient,
    )
    by_day: dict[date, list[datetime]] = {
        today + timedelta(days=count): [] for count in range(known.days_ahead)
    }
    for slot in free:
        if rules.is_offered(slot.starts_at, earliest=earliest):
            by_day[local_date(slot.starts_at)].append(slot.starts_at)
    return [Day(day, times) for day, times in by_day.items()]


def times_of(booking: Booking, *, now: datetime) -> list[Slot]:
    """Return to which times a customer may move her own visit, with the same person where she can."""
    known = numbers(now)
    earliest = now + timedelta(minutes=known.lead_minutes)
    end = local_day(local_date(now) + timedelta(days=known.days_ahead - 1))[1]
    found: dict[datetime, Slot] = {}
    people = visits.times_to_move(booking, (earliest, max(earliest, end)), now=now)
    for one in sorted(people, key=lambda one: one.staff.pk != booking.staff_id):
        for slot in one.slots:
            if slot.starts_at != booking.starts_at and rules.is_offered(slot.starts_at, earliest=earliest):
                found.setdefault(slot.starts_at, slot)
    return [found[at] for at in sorted(found)]


def by_day(starts: Sequence[datetime]) -> list[Day]:
    """Part sorted instants into local days."""
    return [Day(day, list(times)) for day, times in groupby(starts, key=local_date)]


def hold_of(token: str) -> OnlineHold:
    """Return what the holder of a secret address keeps; unknown ones are not found."""
    rows = OnlineHold.objects.filter(token_hash=tokens.token_hash(token))
    hold = rows.select_related("campus", "procedure", "staff__role", "room", "booking").first()
    if hold is None:
        raise NotFound
    return hold


def knock_of(number: str) -> bytes:
    """Return the keyed hash by which a number is known again."""
    return blind.token("online-phone", number)


def open_count(number: str, *, now: datetime) -> int:
    """How many times to come somebody keeps who booked by this number herself."""
    token = blind.token(TokenKind.PHONE.value, number)
    rows = Booking.objects.filter(
        patient__person__tokens__token=token,
        channel__in=[BookingChannel.WEBSITE, BookingChannel.MOBILE],
        status__in=HOLDING,
        starts_at__gt=now,
    )
    return rows.count()
