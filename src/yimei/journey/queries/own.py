"""What a signed-in customer has booked and may book: read for herself, without a member of staff."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yimei.core.clock import local_date
from yimei.hospital.enums import Category, OnlineBooking
from yimei.hospital.models import Campus, Procedure
from yimei.hospital.queries import catalogue_of
from yimei.journey.enums import BookingChannel, BookingKind, BookingStatus, CaseStage
from yimei.journey.models import Booking, Case
from yimei.journey.queries import bookings, online, visits
from yimei.journey.rules import own as rules
from yimei.journey.rules.bookings import HOLDING
from yimei.people.models import Patient, Staff
from yimei.people.queries import needs_guardian

AFTERWARDS = frozenset({CaseStage.DISCHARGED, CaseStage.REVIEWED})
"""The stages in which a physician looks at what was done."""
PAST = 5
OWN_CHANNELS = (BookingChannel.WEBSITE, BookingChannel.MOBILE)


@dataclass(frozen=True)
class Service:
    """One thing that the page offers, or says why it does not."""

    kind: BookingKind
    procedure: Procedure
    campus: Campus
    case: Case | None
    wish: rules.Wish
    obstacle: str

    @property
    def value(self) -> str:
        """The service as an address names it."""
        return f"{self.kind.value}-{self.procedure.public_id}"


def herself(patient: Patient, *, is_guardian: bool, now: datetime) -> rules.Herself:
    needs = needs_guardian(patient, local_date(now))
    return rules.Herself(is_registered=patient.is_registered, lacks_guardian=needs and not is_guardian)


def services(patient: Patient, *, is_guardian: bool, now: datetime) -> list[Service]:
    """Return reviews of what was done, treatments that the hospital opened, and consultations."""
    who = herself(patient, is_guardian=is_guardian, now=now)
    talked = _talked(patient, now=now)
    standing = _standing(patient, now=now)
    usual = online.numbers(now).consult_days

    def of(kind: BookingKind, procedure: Procedure, campus: Campus, case: Case | None = None) -> Service:
        wish = rules.Wish(
            kind=kind,
            procedure=procedure.name,
            needs_consult_days=procedure.needs_consult_days or usual,
            last_consulted=talked(procedure) if kind == BookingKind.TREATMENT else None,
            standing=standing.get((kind, procedure.pk)),
        )
        return Service(kind, procedure, campus, case, wish, rules.obstacle(who, wish, starts_at=now))

    offers = [offer.procedure for offer in catalogue_of(patient.campus, local_date(now))]
    treatments = [one for one in offers if one.online == OnlineBooking.TREATMENT]
    talks = [one for one in offers if one.online != OnlineBooking.NONE]
    return [
        *(of(BookingKind.REVIEW, case.procedure, case.campus, case) for case in _reviewable(patient)),
        *(of(BookingKind.TREATMENT, one, patient.campus) for one in treatments),
        *(of(BookingKind.CONSULT, one, patient.campus) for one in talks),
    ]


def service(
    patient: Patient, kind: BookingKind, procedure_id: UUID, *, is_guardian: bool, now: datetime
) -> Service | None:
    """Return one service that is offered to her, booked out or not."""
    known = services(patient, is_guardian=is_guardian, now=now)
    return next((one for one in known if (one.kind, one.procedure.public_id) == (kind, procedure_id)), None)


def talks(found: Iterable[Service]) -> list[tuple[str, list[Service]]]:
    """Return the consultations among the services by what they are about."""
    groups: dict[str, list[Service]] = {}
    for one in found:
        if one.kind == BookingKind.CONSULT:
            groups.setdefault(str(Category(one.procedure.category).label), []).append(one)
    return list(groups.items())


def _reviewable(patient: Patient) -> Sequence[Case]:
    rows = patient.cases.filter(stage__in=AFTERWARDS, campus__is_active=True)
    return list(rows.select_related("procedure", "campus", "surgeon", "consultant").order_by("-pk"))


def _talked(patient: Patient, *, now: datetime) -> Callable[[Procedure], datetime | None]:
    """Return when she was last consulted about what is like it; each category is looked up once."""
    known: dict[str, datetime | None] = {}

    def last(procedure: Procedure) -> datetime | None:
        key = procedure.category
        if key not in known:
            known[key] = visits.last_consulted(patient, before=now, about=procedure)
        return known[key]

    return last


def _standing(patient: Patient, *, now: datetime) -> Mapping[tuple[BookingKind, int], datetime]:
    rows = patient.bookings.filter(status__in=HOLDING, ends_at__gt=now).order_by("-starts_at")
    return {
        (BookingKind(kind), procedure): at
        for kind, procedure, at in rows.values_list("kind", "procedure_id", "starts_at")
    }


def rather(patient: Patient, found: Service) -> list[int]:
    """Return whom she knows: who did it, then those who look after her."""
    people = [
        *((found.case.surgeon_id, found.case.consultant_id) if found.case else ()),
        patient.surgeon_id,
        patient.consultant_id,
    ]
    return [pk for pk in people if pk is not None]


def owner_of(patient: Patient, found: Service) -> Staff | None:
    """Return who answers for a booking that she makes herself: hers, else one who could serve."""
    hers = [patient.online, patient.consultant, patient.surgeon]
    active = [one for one in hers if one is not None and one.is_active]
    return next(iter([*active, *bookings.serving_staff(found.kind, found.campus)]), None)


def open_count(patient: Patient, *, now: datetime) -> int:
    """How many times to come she keeps that she booked herself."""
    rows = patient.bookings.filter(channel__in=OWN_CHANNELS, status__in=HOLDING, starts_at__gt=now)
    return rows.count()


def asked_at(patient: Patient, *, since: datetime, most: int) -> list[datetime]:
    """Return when she last booked herself, the newest first."""
    rows = patient.bookings.filter(created_by=None, created_at__gt=since).order_by("-created_at")
    return list(rows.values_list("created_at", flat=True)[:most])


def to_come(patient: Patient, *, now: datetime) -> list[Booking]:
    """Return her visits that are not over, by time."""
    rows = patient.bookings.filter(status__in=HOLDING, ends_at__gt=now)
    return list(rows.select_related("procedure", "campus", "staff", "case").order_by("starts_at"))


def been(patient: Patient, *, now: datetime) -> list[Booking]:
    """Return the last visits, kept, missed or cancelled."""
    rows = patient.bookings.exclude(status__in=[BookingStatus.REQUESTED], starts_at__gt=now)
    rows = rows.exclude(status__in=HOLDING, ends_at__gt=now)
    return list(rows.select_related("procedure", "campus").order_by("-starts_at")[:PAST])


def open_own(patient: Patient, booking_id: UUID, *, now: datetime) -> Booking | None:
    """Return one of her visits to come; anybody else's is none."""
    return next((one for one in to_come(patient, now=now) if one.public_id == booking_id), None)
