"""What a customer answers about her own booking through the link that she was sent."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date, local_day
from yimei.core.database.rows import lock_rows
from yimei.core.errors import Conflict, RuleBroken
from yimei.journey import access
from yimei.journey.actions import bookings, cases, reminders
from yimei.journey.actions.bookings import steps
from yimei.journey.enums import BookingStatus
from yimei.journey.models import Booking, BookingMove
from yimei.journey.queries import links as queries
from yimei.journey.queries.online import numbers, times_of
from yimei.journey.rules import bookings as rules
from yimei.outbox.actions import notifications

WISH_LENGTH = 80
CALL_BACK_WITHIN = timedelta(hours=2)


@transaction.atomic
def acknowledge(token: str, *, now: datetime) -> Booking:
    """The customer says that she will come; once."""
    booking = _opened(token, now=now)
    if booking.acknowledged_at is not None:
        raise Conflict(_("您已确认会按时到，无需重复操作。"))
    booking.acknowledged_at = now
    booking.save(update_fields=["acknowledged_at"])
    write(booking, gettext_noop("客户通过链接确认会来"), action="acknowledged", now=now)
    return booking


@transaction.atomic
def ask_to_move(token: str, *, wish: str, now: datetime) -> Booking:
    """The customer asks for another time; her place is kept until the desk has called her."""
    booking = _opened(token, now=now)
    wish = rules.check_words(wish, limit=WISH_LENGTH, required=_("请写明您方便的时间。"))
    owner = booking.keeper
    cases.set_next(
        booking.case, action=gettext_noop("客户要求改期，请联系"), due_at=now + CALL_BACK_WITHIN, owner=owner
    )
    notifications.notify(
        owner,
        gettext_noop("有客户通过链接要求改期，请联系。"),
        key=f"journey.booking.move:{booking.public_id}:{now.isoformat()}",
        now=now,
        where=f"desk:booking:{booking.public_id}",
    )
    write(booking, gettext_noop("客户要求改期：%(wish)s") % {"wish": wish}, action="move_asked", now=now)
    return booking


@transaction.atomic
def reschedule(token: str, *, starts_at: datetime, now: datetime) -> Booking:
    """The customer moves her own visit to a time at which all of it is free, a few times at most."""
    booking = _opened(token, now=now)
    offered = next((slot for slot in times_of(booking, now=now) if slot.starts_at == starts_at), None)
    if offered is None:
        raise Conflict(_("这个时间刚被约走或不能在网上改，请另选一个。"))
    known = booking.moves.filter(by=None).exclude(slip=None).count()
    most = numbers(now).moves_most
    if known >= most:
        text = _("您已自己改期 %(count)d 次，再要改期请致电医院。")
        raise RuleBroken(text % {"count": known})
    before = steps.place_of(booking)
    rules.check_moved(is_same=starts_at == booking.starts_at)
    steps.put(
        booking,
        starts_at=starts_at,
        staff_id=offered.staff.public_id,
        room_id=offered.room.public_id,
        at=now,
    )
    steps.rescheduled(booking, before=before, by=None, now=now)
    return booking


@transaction.atomic
def cancel(token: str, *, now: datetime) -> Booking:
    """The customer cancels; her time goes to whoever waits."""
    return bookings.cancel_opened(
        _opened(token, now=now), reason=gettext_noop("客户通过链接取消"), by=None, now=now
    )


def remind(*, now: datetime) -> int:
    """Remind everybody who is expected tomorrow, once for each time; each in a transaction of its own."""
    start, end = local_day(local_date(now) + timedelta(days=1))
    expected = Booking.objects.filter(
        status=BookingStatus.CONFIRMED, starts_at__gte=start, starts_at__lt=end
    ).values_list("pk", flat=True)
    return sum(_remind(pk, now=now) for pk in list(expected))


@transaction.atomic
def _remind(booking_pk: int, *, now: datetime) -> bool:
    booking = locked(Booking.objects.select_related("case").get(pk=booking_pk))
    if not booking.is_answerable_at(now):
        return False
    reminders.tell(booking, "visit.reminder", by=None, now=now)
    return True


def _opened(token: str, *, now: datetime) -> Booking:
    """Return the booking of a link, locked with its case, while it can still be changed."""
    booking = locked(queries.link_of(token, now=now).booking)
    if not booking.is_answerable_at(now):
        label = BookingStatus(booking.status).label
        raise RuleBroken(
            _("这个预约现在是「%(status)s」，不能再通过链接更改，请致电医院。") % {"status": label}
        )
    return booking


def locked(known: Booking) -> Booking:
    """Return a booking read afresh, locked with its case."""
    case = access.lock_case(known.case_id)
    rows = Booking.objects.filter(pk=known.pk)
    lock_rows(rows)
    booking = rows.with_people().get()
    booking.case = case
    return booking


def write(booking: Booking, note: str, *, action: str, now: datetime) -> None:
    """Add what the customer did herself to the history, and the line of the log."""
    BookingMove.objects.create(
        booking=booking, old=booking.status, new=booking.status, note=note[:120], by=None, at=now
    )
    log.record(f"journey.booking.{action}", at=now, target=booking, subject=booking.patient.person.vault_key)
