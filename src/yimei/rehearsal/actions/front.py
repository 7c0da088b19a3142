"""What the desk has in hand when the curtain falls: booked online, several services, courses, who waits."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from uuid import uuid5

from yimei.core.clock import local_date
from yimei.core.errors import Conflict, RuleBroken
from yimei.growth.actions import online as website
from yimei.hospital.enums import Category
from yimei.hospital.models import Procedure
from yimei.journey.actions import bookings, handovers, online, own, series, visits, waiting
from yimei.journey.enums import BookingChannel, BookingKind, CaseStage, TurnAwayReason, Urgency
from yimei.journey.models import Case
from yimei.journey.queries import kinds
from yimei.journey.queries import online as online_queries
from yimei.journey.queries import own as own_queries
from yimei.journey.queries.visits import first_times
from yimei.journey.rules.waiting import Wish
from yimei.outbox.models import NumberMessage
from yimei.people.models import Patient, Staff
from yimei.people.roles import RoleCode
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice
from yimei.rehearsal.actions.walks.way import NAMESPACE
from yimei.rehearsal.actions.world import World

STRANGERS = (("苏女士", Category.LASER), ("顾小姐", Category.EYE))
WAITERS = (
    (Urgency.MEDICAL, "0123456", 9, 18),
    (Urgency.SOON, "56", 9, 18),
    (Urgency.NORMAL, "01234", 14, 18),
)
AWAY = (
    (TurnAwayReason.FULL, "14:00–14:30 接诊人都已有安排。"),
    (TurnAwayReason.OFF_DUTY, "陈屿当天没有排班。"),
    (TurnAwayReason.HOURS, "20:00–20:30没有值班的现场咨询、主诊医师。"),
)
DAY = timedelta(days=1)
HANDED = "她想约周末，我周末不当班"


def furnish(world: World, *, now: datetime) -> None:
    """Through the actions, for customers who are there anyway; whom a gate refuses is left out."""
    for n, (name, category) in enumerate(STRANGERS):
        _visitor(world, n, name, world.offers[category][0].procedure, now=now)
    done = _patients(CaseStage.DISCHARGED, CaseStage.REVIEWED)
    for n, patient in enumerate(islice(done, 4)):
        _herself(patient, n, now=now)
    reception = world.first(RoleCode.RECEPTION)
    known = _patients(CaseStage.CONSULTED, CaseStage.ASSESSED)
    for act, patient in zip((_together, _course), known, strict=False):
        act(world, patient, reception, now=now)
    for n, (patient, wish) in enumerate(zip(known, WAITERS, strict=False)):
        _waits(world, patient, n, *wish, by=reception, now=now)
    _turned_away(world, by=reception, now=now)
    _hand_over(world, now=now)


def _patients(*stages: CaseStage) -> Iterator[Patient]:
    """Customers of these stages, the newest first, each once."""
    rows = Case.objects.filter(stage__in=stages, patient__sealed_at=None).order_by("-pk")
    seen: set[int] = set()
    for case in rows.select_related("patient__person__vault_key", "patient__campus"):
        if case.patient_id not in seen:
            seen.add(case.patient_id)
            yield case.patient


def _visitor(world: World, n: int, name: str, procedure: Procedure, *, now: datetime) -> None:
    """A stranger on the website: a time, a code to her number, the booking."""
    days = online_queries.days(world.campus, procedure, now=now)
    times = [at for day in days[1 + n :] for at in day.times]
    notice = current_notice(website.NOTICE, Audience.ADULT)
    if not times or notice is None:
        return
    phone, ip = f"1298{n:07d}", f"203.0.113.{n + 1}"
    token = online.hold(
        campus_id=world.campus.public_id,
        procedure_id=procedure.public_id,
        starts_at=times[3 % len(times)],
        channel=(BookingChannel.MOBILE, BookingChannel.WEBSITE)[n % 2],
        ip=ip,
        now=now,
    )
    online.ask_code(token, phone=phone, ip=ip, now=now)
    digits = re.search(r"\d{6}", NumberMessage.objects.latest("pk").body or "")
    assert digits
    website.book(token, name=name, phone=phone, digits=digits[0], notice_id=notice.public_id, now=now)


def _herself(patient: Patient, n: int, *, now: datetime) -> None:
    """Signed in on her phone she books the review of what was done."""
    found = own_queries.services(patient, is_guardian=False, now=now)
    service = next((one for one in found if one.kind == BookingKind.REVIEW and not one.obstacle), None)
    if service is None:
        return
    days = online_queries.days(service.campus, service.procedure, now=now, kind=service.kind, patient=patient)
    times = [at for day in days[1 + n :] for at in day.times]
    if times:
        own.request(
            patient,
            kind=service.kind,
            procedure_id=service.procedure.public_id,
            starts_at=times[2 % len(times)],
            channel=BookingChannel.MOBILE,
            is_guardian=False,
            key=uuid5(NAMESPACE, f"own:{patient.public_id}"),
            now=now,
        )


def _together(world: World, patient: Patient, by: Staff, *, now: datetime) -> None:
    """Two services in one visit: a talk, then a light treatment right after it."""
    laser = world.offers[Category.LASER][0].procedure
    length = visits.duration_of(BookingKind.CONSULT, laser.public_id)
    wanted = [
        visits.Wanted(BookingKind.CONSULT, laser.public_id),
        visits.Wanted(BookingKind.TREATMENT, laser.public_id, offset=length),
    ]
    asks = [visits.ask_for(one, world.campus) for one in wanted]
    found = first_times(asks, (now + DAY, now + 7 * DAY), patient=patient)
    if not found:
        return
    booking = visits.request(
        patient_public_id=patient.public_id,
        campus_public_id=world.campus.public_id,
        wanted=wanted,
        visit_kind=kinds.suggest(patient, BookingKind.CONSULT),
        starts_at=found[0].starts_at,
        note="",
        key=uuid5(NAMESPACE, f"visit:{patient.public_id}"),
        by=by,
        now=now,
    )
    bookings.confirm(booking.public_id, by=by, now=now)


def _course(world: World, patient: Patient, by: Staff, *, now: datetime) -> None:
    """A course of three sessions, four weeks apart, as many as fit."""
    laser = world.offers[Category.LASER][-1].procedure
    asks = [visits.ask_for(visits.Wanted(BookingKind.TREATMENT, laser.public_id), world.campus)]
    found = first_times(asks, (now + 2 * DAY, now + 9 * DAY), patient=patient)
    if not found:
        return
    try:
        series.request(
            patient_public_id=patient.public_id,
            campus_public_id=world.campus.public_id,
            kind=BookingKind.TREATMENT,
            visit_kind=kinds.suggest(patient, BookingKind.TREATMENT),
            procedure_public_id=laser.public_id,
            first_at=found[0].starts_at,
            sessions=3,
            every_days=28,
            staff_public_id=None,
            room_public_id=None,
            note="",
            key=uuid5(NAMESPACE, f"course:{patient.public_id}"),
            by=by,
            now=now,
            as_many_as_fit=True,
        )
    except (RuleBroken, Conflict):
        return


def _waits(
    world: World,
    patient: Patient,
    n: int,
    urgency: Urgency,
    weekdays: str,
    from_hour: int,
    to_hour: int,
    *,
    by: Staff,
    now: datetime,
) -> None:
    today = local_date(now)
    waiting.enter(
        patient_public_id=patient.public_id,
        campus_public_id=world.campus.public_id,
        kind=BookingKind.CONSULT,
        procedure_public_id=world.offers[Category.NOSE][0].procedure.public_id,
        staff_public_id=world.staff[RoleCode.SURGEON][0].public_id if n == 0 else None,
        wish=Wish(weekdays, from_hour, to_hour, today + DAY, today + timedelta(days=10 + n)),
        urgency=urgency,
        by=by,
        now=now,
    )


def _turned_away(world: World, *, by: Staff, now: datetime) -> None:
    procedure = world.offers[Category.EYE][0].procedure
    for hours, (reason, said) in enumerate(AWAY, start=2):
        waiting.turn_away(
            patient_public_id=None,
            campus_public_id=world.campus.public_id,
            kind=BookingKind.CONSULT,
            procedure_public_id=procedure.public_id,
            staff_public_id=None,
            wanted_at=now + timedelta(hours=hours),
            reason=reason,
            said=said,
            by=by,
            now=now,
        )


def _hand_over(world: World, *, now: datetime) -> None:
    """One customer waits for her new consultant's word, another has been taken over."""
    rows = Case.objects.filter(stage=CaseStage.CONSULTED, consultant__isnull=False).order_by("pk")
    for n, case in enumerate(rows.select_related("consultant")[:2]):
        giver = case.consultant
        others = [one for one in world.staff[RoleCode.CONSULTANT] if one != giver]
        assert giver
        asked = handovers.ask(
            case.public_id, to_staff_public_id=others[0].public_id, reason=HANDED, by=giver, now=now
        )
        if n:
            handovers.accept(asked.public_id, by=others[0], now=now)
