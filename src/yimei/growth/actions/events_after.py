"""Before and after an event: reminders, leads of those who agreed to be called, and forgetting."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import SHANGHAI, local_date, local_day
from yimei.growth.actions import leads, seats
from yimei.growth.enums import TouchKind
from yimei.growth.enums.events import SeatStatus
from yimei.growth.models import Seat
from yimei.growth.queries import events as queries
from yimei.growth.rules import events as rules
from yimei.people.enums import SourceKind
from yimei.people.models import Patient
from yimei.privacy.actions import erasure
from yimei.privacy.queries.register import limit, retention_on
from yimei.privacy.rules.erasure import add_months
from yimei.vault import keys

PERIOD = "lead"
DAY = timedelta(days=1)


def remind(*, now: datetime) -> int:
    """Remind those who come tomorrow, never at night, each once."""
    if not _is_day(now):
        return 0
    return sum(_remind(pk, now=now) for pk in queries.to_remind(day=local_date(now) + DAY))


def _is_day(now: datetime) -> bool:
    """Outside the hours in which nobody is written to for what is not care."""
    on, hour = local_date(now), now.astimezone(SHANGHAI).hour
    return limit("marketing.quiet_until", on) <= hour < limit("marketing.quiet_from", on)


@transaction.atomic
def _remind(pk: int, *, now: datetime) -> bool:
    seat = queries.locked_seat(pk)
    if seat.reminded_at is not None or seat.status != SeatStatus.HELD:
        return False
    seat.reminded_at = now
    seat.save(update_fields=["reminded_at"])
    seats.tell(seat, "event.reminder", {}, now=now)
    return True


def follow_up(*, now: datetime) -> int:
    """Once an event is over: mark who stayed away, and make leads of those who agreed to be called.

    Not one transaction: each lead is its own; the event is settled when all are done. It waits some hours for
    the scans of a door without a network, and for the morning: a lead's clock runs from its first minute.
    """
    if not _is_day(now):
        return 0
    done = 0
    for event in queries.to_settle(before=now - rules.LATE):
        for pk in queries.to_call(event):
            done += _call(pk, now=now)
        _settle(event.pk, now=now)
    return done


@transaction.atomic
def _call(pk: int, *, now: datetime) -> bool:
    seat = queries.locked_seat(pk)
    if seat.lead is not None or not seat.may_call:
        return False
    came = seat.status == SeatStatus.CAME
    words = _("参加了活动《%(what)s》。") if came else _("报名了活动《%(what)s》，没有到场。")
    seat.lead = leads.write_down(
        name=seat.name,
        phone=seat.phone,
        source=SourceKind.EVENT,
        kind=TouchKind.VISIT if came else TouchKind.FORM,
        by=None,
        now=now,
        note=words % {"what": seat.event.title},
        campus=seat.event.campus,
    )
    seat.save(update_fields=["lead"])
    return True


@transaction.atomic
def _settle(pk: int, *, now: datetime) -> None:
    event = queries.locked(pk)
    Seat.objects.filter(event=event, status=SeatStatus.HELD).update(status=SeatStatus.ABSENT)
    event.settled_at = now
    event.save(update_fields=["settled_at"])
    log.record("growth.event.settle", at=now, target=event)


def erase_seats(patient: Patient, now: datetime) -> int:
    """Erase the registrations that became leads of a customer, and those of her number."""
    token = queries.number_token(patient)
    rows = Seat.objects.living().filter(lead__patient=patient)
    if token is not None:
        rows = rows | Seat.objects.living().filter(phone_token=token)
    return sum(_erase(pk, now=now) for pk in sorted(rows.values_list("pk", flat=True)))


def erase_due(*, now: datetime) -> int:
    """Erase registrations whose time is over; the counts of the event stay."""
    months = retention_on(local_date(now))[PERIOD].months
    before = local_day(add_months(local_date(now), -months))[0]
    old = Seat.objects.living().filter(event__ends_at__lt=before)
    return sum(_forget(pk, now=now) for pk in list(old.values_list("pk", flat=True)))


@transaction.atomic
def forget_again(key: UUID, now: datetime) -> bool:
    """After a restore: erase what lay under this key once more; False when it is gone or was never here."""
    found = Seat.objects.select_related("vault_key").filter(vault_key__public_id=key).first()
    if found is None or (found.erased_at is not None and found.vault_key.is_destroyed):
        return False
    _erase(found.pk, now=now)
    log.record("privacy.erasure.reapplied", at=now, target=found, subject=found.vault_key)
    return True


@transaction.atomic
def _forget(pk: int, *, now: datetime) -> bool:
    is_new = _erase(pk, now=now)
    if is_new:
        seat = queries.locked_seat(pk)
        erasure.note(seat.vault_key.public_id, now=now)
        log.record("growth.seat.erase", at=now, target=seat, subject=seat.vault_key)
    return is_new


def _erase(pk: int, *, now: datetime) -> bool:
    seat = queries.locked_seat(pk)
    keys.destroy(seat.vault_key, at=now)
    if seat.erased_at is not None:
        return False
    seat.erased_at, seat.phone_token, seat.origin, seat.lead = now, None, None, None
    seat.may_call = seat.may_news = False
    seat.save(update_fields=["erased_at", "phone_token", "origin", "lead", "may_call", "may_news"])
    return True
