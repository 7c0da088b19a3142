"""What to do next, in order, with its clock: the first page of every role."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI, local_date, local_day
from yimei.journey import registry
from yimei.journey.enums import BookingStatus, CaseStage
from yimei.journey.models import Booking, Case
from yimei.journey.models.bookings import BookingQuerySet
from yimei.journey.queries.names import shown_names
from yimei.journey.registry import TaskItem, Worklist
from yimei.journey.rules import bookings as rules
from yimei.journey.rules import today as today_rules
from yimei.people.models import Patient, Staff
from yimei.people.roles import RoleCode

SEE_WITHIN = timedelta(minutes=15)
FIRST_CALL_DAYS = timedelta(days=7)


def items(staff: Staff, now: datetime) -> list[TaskItem]:
    """Return the reader's tasks, the most pressing first."""
    found = [item for source in registry.today_sources(staff.role_code) for item in source(staff, now)]
    names = shown_names((item.patient for item in found if item.patient), by=staff)
    filled = (
        replace(
            item,
            who=names[item.patient.pk] if item.patient else item.who,
            tone=item.tone or today_rules.tone(item.due_at, now),
        )
        for item in found
    )
    return sorted(filled, key=lambda item: item.due_at)


def late_count(staff: Staff, now: datetime) -> int:
    """How many of the reader's tasks are late; names nobody, for it stands on every page."""
    sources = registry.today_sources(staff.role_code)
    return sum(registry.late_of(source(staff, now), now) for source in sources)


@registry.today_source(RoleCode.ONLINE, RoleCode.RECEPTION)
def to_confirm(staff: Staff, now: datetime) -> Worklist[Booking]:
    asked = Booking.objects.visible_to(staff).filter(status=BookingStatus.REQUESTED)
    return Worklist(
        asked,
        ("created_at", "starts_at"),
        lambda created_at, starts_at: min(created_at + rules.FIRST_RESPONSE, starts_at),
        asked.with_people,
        lambda booking, due_at: TaskItem(
            due_at=due_at,
            patient=booking.patient,
            what=_("确认预约：%(what)s") % {"what": _said(booking)},
            action=_("确认"),
            where=f"desk:booking-confirm:{booking.public_id}",
            since=booking.created_at,
        ),
    )


@registry.today_source(RoleCode.ONLINE)
def first_response(staff: Staff, now: datetime) -> Worklist[Patient]:
    """Customers of one's own for whom nothing has begun yet."""
    new = Patient.objects.visible_to(staff).filter(online=staff, created_at__gt=now - FIRST_CALL_DAYS)
    untouched = new.filter(~Exists(Case.objects.filter(patient=OuterRef("pk"))))
    return Worklist(
        untouched,
        ("created_at",),
        lambda created_at: created_at + rules.FIRST_RESPONSE,
        untouched.with_person,
        lambda patient, due_at: TaskItem(
            due_at=due_at,
            patient=patient,
            what=_("首次联系"),
            action=_("新建预约"),
            where=f"desk:patient:{patient.public_id}",
            since=patient.created_at,
        ),
    )


@registry.today_source(RoleCode.RECEPTION)
def arrivals(staff: Staff, now: datetime) -> Worklist[Booking]:
    start, end = local_day(local_date(now))
    confirmed = Booking.objects.visible_to(staff).filter(status=BookingStatus.CONFIRMED)
    expected = confirmed.filter(starts_at__gte=start, starts_at__lt=end)
    return Worklist(
        expected,
        ("starts_at",),
        lambda starts_at: starts_at,
        expected.with_people,
        lambda booking, due_at: TaskItem(
            due_at=due_at,
            patient=booking.patient,
            what=_("今日到诊：%(what)s") % {"what": _said(booking)},
            action=_("登记到诊"),
            where=f"desk:booking-arrive:{booking.public_id}",
        ),
    )


@registry.today_source(RoleCode.RECEPTION)
def waiting(staff: Staff, now: datetime) -> Worklist[Booking]:
    return _waits(_arrived(staff), _("等候接诊：%(what)s"), _("分诊"), "desk:booking-triage")


@registry.today_source(RoleCode.CONSULTANT, RoleCode.SURGEON)
def waiting_for_me(staff: Staff, now: datetime) -> Worklist[Booking]:
    mine = _arrived(staff).filter(staff=staff)
    return _waits(mine, _("客户已到：%(what)s"), _("接诊"), "desk:booking-serve")


@registry.today_source()
def next_actions(staff: Staff, now: datetime) -> Worklist[Case]:
    """The next step of each case of one's own that is due today, unless a booking already shows it."""
    shown = Booking.objects.filter(
        case=OuterRef("pk"),
        status__in=[BookingStatus.REQUESTED, BookingStatus.CONFIRMED, BookingStatus.ARRIVED],
    )
    waits = Case.objects.filter(Exists(shown), stage__in=[CaseStage.BOOKED, CaseStage.ARRIVED])
    mine = (
        Case.objects.visible_to(staff)
        .open()
        .filter(next_owner=staff, next_due_at__lt=local_day(local_date(now))[1])
    )
    todo = mine.exclude(pk__in=waits.values("pk"))
    return Worklist(
        todo,
        ("next_due_at",),
        lambda next_due_at: next_due_at,
        todo.with_people,
        lambda case, due_at: TaskItem(
            due_at=due_at,
            patient=case.patient,
            what=f"{_(case.next_action)}：{case.procedure}",
            action=_("打开"),
            where=f"desk:case:{case.public_id}",
        ),
    )


def _arrived(staff: Staff) -> BookingQuerySet:
    return Booking.objects.visible_to(staff).filter(status=BookingStatus.ARRIVED)


def _waits(bookings: BookingQuerySet, what: str, action: str, where: str) -> Worklist[Booking]:
    return Worklist(
        bookings,
        ("arrived_at", "starts_at"),
        lambda arrived_at, starts_at: (arrived_at or starts_at) + SEE_WITHIN,
        bookings.with_people,
        lambda booking, due_at: TaskItem(
            due_at=due_at,
            patient=booking.patient,
            what=what % {"what": _said(booking)},
            action=action,
            where=f"{where}:{booking.public_id}",
            since=due_at - SEE_WITHIN,
        ),
    )


def _said(booking: Booking) -> str:
    """``10:00 面诊 · 切开重睑 · 李医生``"""
    local = booking.starts_at.astimezone(SHANGHAI)
    words = [booking.get_kind_display(), str(booking.procedure), booking.staff.name]
    return f"{local.month}-{local.day:02d} {local:%H:%M} " + " · ".join(words)
