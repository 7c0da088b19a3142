"""The waiting list: a time that becomes free is offered, held for a while, and taken or passed on."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import jobs
from yimei.core.clock import SHANGHAI, local_date
from yimei.core.database.rows import lock_rows
from yimei.core.errors import Conflict, NotFound
from yimei.hospital.models import Campus
from yimei.journey import access
from yimei.journey.actions import arrangements, bookings, claims, reminders
from yimei.journey.enums import BookingKind, OfferStatus, TurnAwayReason, Urgency, WaitingStatus
from yimei.journey.models import Booking, TurnAway, WaitingEntry, WaitingOffer
from yimei.journey.queries import bookings as booking_queries
from yimei.journey.queries import waiting as queries
from yimei.journey.rules import tokens
from yimei.journey.rules import waiting as rules
from yimei.journey.rules.claims import Stretch
from yimei.journey.rules.waiting import Wish
from yimei.outbox.actions import messages
from yimei.people.access import open_patient
from yimei.people.models import Staff

SAID_LENGTH = 200


@transaction.atomic
def enter(
    *,
    patient_public_id: UUID,
    campus_public_id: UUID,
    kind: BookingKind,
    procedure_public_id: UUID,
    staff_public_id: UUID | None,
    wish: Wish,
    urgency: Urgency,
    by: Staff,
    now: datetime,
) -> WaitingEntry:
    """Put a customer on the waiting list, once for each procedure and kind."""
    patient = open_patient(patient_public_id, by=by)
    campus = arrangements.open_campus(campus_public_id, by=by)
    procedure = arrangements.open_procedure(procedure_public_id)
    staff = _serving(kind, campus, staff_public_id)
    rules.check_wish(wish, today=local_date(now))
    try:
        with transaction.atomic():
            entry = WaitingEntry.objects.create(
                patient=patient,
                campus=campus,
                kind=kind,
                procedure=procedure,
                staff=staff,
                weekdays=wish.weekdays,
                from_hour=wish.from_hour,
                to_hour=wish.to_hour,
                valid_from=wish.valid_from,
                valid_to=wish.valid_to,
                urgency=urgency,
                created_at=now,
                created_by=by,
            )
    except IntegrityError as error:
        raise Conflict(_("这位客户已在候补名单上，请勿重复登记。")) from error
    log.record("journey.waiting.entered", at=now, by=by, target=entry, subject=entry.subject)
    return entry


@transaction.atomic
def withdraw(entry_id: UUID, *, by: Staff, now: datetime) -> WaitingEntry:
    """Take a customer off the list; what is held for her is given to the next."""
    entry = access.open_waiting_entry(entry_id, by=by, lock=True)
    if entry.status not in {WaitingStatus.WAITING, WaitingStatus.OFFERED}:
        raise Conflict(_("这条候补已经结束，无需重复操作。"))
    offer = entry.offers.open().select_related("staff", "room").first()
    if offer is not None:
        offer.entry = entry
        _give_up(offer, OfferStatus.WITHDRAWN, by=by, now=now)
    _end(entry, WaitingStatus.WITHDRAWN, now=now)
    log.record("journey.waiting.withdrawn", at=now, by=by, target=entry, subject=entry.subject)
    return entry


def fill(campus_id: UUID, freed: Stretch, *, now: datetime) -> list[WaitingOffer]:
    """Offer a stretch that became free to those who wait, in turn, each in a transaction of its own.

    One offer locks its people and rooms all at once; two in one transaction could wait in a circle. At night
    nobody is asked: the same is done in the morning.
    """
    morning = queries.end_of_night(now)
    if morning is not None:
        key = f"journey.waiting:{campus_id}:{freed[0].isoformat()}:{morning.isoformat()}"
        jobs.enqueue("journey.waiting.fill", _payload(campus_id, freed), key=key, not_before=morning)
        return []
    asked = queries.in_turn(campus_id, freed)
    offers = (_offer(entry_id, freed, now=now) for entry_id in asked)
    return [offer for offer in offers if offer is not None]


@transaction.atomic
def accept(offer_id: UUID, *, by: Staff, now: datetime) -> Booking:
    """Take an offered time for a customer who said yes on the phone."""
    offer = access.open_waiting_offer(offer_id, by=by)
    return _take(_locked(offer.pk), by=by, now=now)


@transaction.atomic
def accept_by_link(token: str, *, now: datetime) -> Booking:
    return _take(_locked(queries.offer_of(token).pk), by=None, now=now)


@transaction.atomic
def decline(offer_id: UUID, *, by: Staff, now: datetime) -> WaitingOffer:
    """Pass an offered time on to the next; the customer keeps her place on the list."""
    offer = access.open_waiting_offer(offer_id, by=by)
    return _pass_on(_locked(offer.pk), by=by, now=now)


@transaction.atomic
def decline_by_link(token: str, *, now: datetime, leaves: bool = False) -> WaitingOffer:
    """Pass an offered time on; ``leaves`` takes her off the list as well."""
    offer = _pass_on(_locked(queries.offer_of(token).pk), by=None, now=now)
    if leaves:
        _end(offer.entry, WaitingStatus.WITHDRAWN, now=now)
    return offer


def expire(*, now: datetime) -> int:
    """Take back what nobody answered, give it to the next, and end wishes whose days are over."""
    due = list(WaitingOffer.objects.open().filter(expires_at__lte=now).values_list("pk", flat=True))
    lapsed = sum(_lapse(pk, now=now) for pk in due)
    over = WaitingEntry.objects.filter(status=WaitingStatus.WAITING, valid_to__lt=local_date(now))
    return lapsed + over.update(status=WaitingStatus.EXPIRED, ended_at=now)


@transaction.atomic
def turn_away(
    *,
    patient_public_id: UUID | None,
    campus_public_id: UUID,
    kind: BookingKind,
    procedure_public_id: UUID,
    staff_public_id: UUID | None,
    wanted_at: datetime,
    reason: TurnAwayReason,
    said: str,
    by: Staff,
    now: datetime,
) -> TurnAway:
    """Note who could not be served, what was asked and what the program said."""
    campus = arrangements.open_campus(campus_public_id, by=by)
    patient = open_patient(patient_public_id, by=by) if patient_public_id else None
    row = TurnAway.objects.create(
        campus=campus,
        patient=patient,
        kind=kind,
        procedure=arrangements.open_procedure(procedure_public_id),
        staff=_serving(kind, campus, staff_public_id),
        wanted_at=wanted_at,
        reason=reason,
        said=said.strip()[:SAID_LENGTH],
        at=now,
        by=by,
    )
    subject = patient.person.vault_key if patient else None
    log.record("journey.turn_away.recorded", at=now, by=by, target=row, subject=subject)
    return row


# ---- one offer ----------------------------------------------------------------------------------


def _serving(kind: BookingKind, campus: Campus, public_id: UUID | None) -> Staff | None:
    if public_id is None:
        return None
    found = (one for one in booking_queries.serving_staff(kind, campus) if one.public_id == public_id)
    staff = next(found, None)
    if staff is None:
        raise NotFound
    return staff


@transaction.atomic
def _offer(entry_id: int, freed: Stretch, *, now: datetime) -> WaitingOffer | None:
    """Hold the first time that suits one who waits, and tell her; nothing when none does."""
    entry = _locked_entry(entry_id)
    if entry.status != WaitingStatus.WAITING:
        return None
    expires_at = now + timedelta(minutes=queries.offer_minutes(now))
    for slot in queries.slots_for(entry, freed, expires_at=expires_at):
        token = secrets.token_urlsafe(24)
        try:
            with transaction.atomic():
                offer = _hold(entry, slot, token=token, now=now, expires_at=expires_at)
        except Conflict:
            return None  # somebody was quicker, and those who wait keep their turn
        _set_status(entry, WaitingStatus.OFFERED)
        _tell(offer, token=token, now=now)
        log.record("journey.waiting.offered", at=now, target=offer, subject=entry.subject)
        return offer
    return None


def _hold(
    entry: WaitingEntry,
    slot: booking_queries.Slot,
    *,
    token: str,
    now: datetime,
    expires_at: datetime,
) -> WaitingOffer:
    offer = WaitingOffer.objects.create(
        entry=entry,
        staff=slot.staff,
        room=slot.room,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        token_hash=tokens.token_hash(token),
        offered_at=now,
        expires_at=expires_at,
    )
    length = booking_queries.length_of(BookingKind(entry.kind), entry.procedure)
    claims.claim_holds(
        length.holds(slot.starts_at, patient=entry.patient.head_id, staff=slot.staff.pk, room=slot.room.pk),
        wanted=(slot.starts_at, slot.ends_at),
        offer=offer,
    )
    return offer


def _tell(offer: WaitingOffer, *, token: str, now: datetime) -> None:
    campus = offer.entry.campus
    messages.send(
        "waiting.offered",
        patient=offer.entry.patient,
        params={
            "when": reminders.when_text(offer.starts_at),
            "place": campus.name,
            "until": f"{offer.expires_at.astimezone(SHANGHAI):%H:%M}",
            "phone": campus.phone,
            "link": settings.OFFER_LINK.format(token=token),
        },
        key=f"waiting.offered:{offer.public_id}",
        now=now,
    )


def _take(offer: WaitingOffer, *, by: Staff | None, now: datetime) -> Booking:
    """Turn what is held into a booking; nobody as ``by`` is the customer herself."""
    rules.check_answerable(status=offer.status, expires_at=offer.expires_at, now=now)
    entry = offer.entry
    kind, responsible = BookingKind(entry.kind), by or entry.created_by
    booking = bookings.book(
        patient=entry.patient,
        campus=entry.campus,
        kind=kind,
        visit_kind=None,
        procedure=entry.procedure,
        starts_at=offer.starts_at,
        arrange=lambda: arrangements.of_one(
            kind,
            entry.procedure,
            entry.campus,
            offer.starts_at,
            staff_public_id=offer.staff.public_id,
            room_public_id=offer.room.public_id,
            now=now,
        ),
        note="",
        key=uuid5(offer.public_id, "booking"),
        by=responsible,
        now=now,
        offer=offer,
        tells=True,
    )
    _decide(offer, OfferStatus.ACCEPTED, by=by, now=now, booking=booking)
    _end(entry, WaitingStatus.BOOKED, now=now)
    if arrangements.needs_deposit(booking, now=now) is None:
        bookings.confirm_opened(booking, by=responsible, now=now)
    log.record("journey.waiting.accepted", at=now, by=by, target=offer, subject=entry.subject)
    return booking


def _pass_on(offer: WaitingOffer, *, by: Staff | None, now: datetime) -> WaitingOffer:
    rules.check_answerable(status=offer.status, expires_at=offer.expires_at, now=now)
    _give_up(offer, OfferStatus.DECLINED, by=by, now=now)
    _set_status(offer.entry, WaitingStatus.WAITING)
    log.record("journey.waiting.declined", at=now, by=by, target=offer, subject=offer.entry.subject)
    return offer


@transaction.atomic
def _lapse(offer_pk: int, *, now: datetime) -> bool:
    offer = _locked(offer_pk)
    if offer.status != OfferStatus.OPEN:
        return False
    _give_up(offer, OfferStatus.EXPIRED, by=None, now=now)
    _set_status(offer.entry, WaitingStatus.WAITING)
    log.record("journey.waiting.lapsed", at=now, target=offer, subject=offer.entry.subject)
    return True


def _give_up(offer: WaitingOffer, status: OfferStatus, *, by: Staff | None, now: datetime) -> None:
    """Release what an offer holds and ask the next who waits, once this is committed."""
    claims.lock_all(claims.held_by(offer))
    claims.release(offer, now)
    _decide(offer, status, by=by, now=now)
    payload = _payload(offer.entry.campus.public_id, (offer.starts_at, offer.ends_at))
    jobs.enqueue("journey.waiting.fill", payload, key=f"journey.waiting:offer:{offer.public_id}")


def _payload(campus_id: UUID, freed: Stretch) -> dict[str, str]:
    return {"campus": str(campus_id), "from": freed[0].isoformat(), "to": freed[1].isoformat()}


def _decide(
    offer: WaitingOffer,
    status: OfferStatus,
    *,
    by: Staff | None,
    now: datetime,
    booking: Booking | None = None,
) -> None:
    offer.status, offer.decided_at, offer.decided_by, offer.booking = status, now, by, booking
    offer.save(update_fields=["status", "decided_at", "decided_by", "booking"])


def _set_status(entry: WaitingEntry, status: WaitingStatus) -> None:
    entry.status = status
    entry.save(update_fields=["status"])


def _end(entry: WaitingEntry, status: WaitingStatus, *, now: datetime) -> None:
    entry.status, entry.ended_at = status, now
    entry.save(update_fields=["status", "ended_at"])


def _locked_entry(pk: int) -> WaitingEntry:
    rows = WaitingEntry.objects.filter(pk=pk)
    lock_rows(rows)
    return rows.with_people().get()


def _locked(offer_pk: int) -> WaitingOffer:
    """Return an offer read afresh under the lock of its entry, which comes before every other lock."""
    entry = _locked_entry(WaitingOffer.objects.values_list("entry", flat=True).get(pk=offer_pk))
    offer = WaitingOffer.objects.select_related("staff__role", "room").get(pk=offer_pk)
    offer.entry = entry
    return offer
