"""The resource timeline: day and week, by person, room or device; a bar is moved where it lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core import names
from yimei.core.clock import SHANGHAI, local_date, local_day
from yimei.core.errors import RuleBroken
from yimei.desk.forms.bookings import CalendarMoveForm, read_place
from yimei.desk.views.bookings.days import query_behind, read_day
from yimei.journey.actions import bookings as actions
from yimei.journey.enums import BookingStatus, ResourceKind
from yimei.journey.queries import calendar as queries
from yimei.journey.rules import bookings as rules
from yimei.journey.rules.claims import Stretch, hours_text, merge
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.rules.boards import Bar, Board, PlacedBar, Row
from yimei.ui.views import toast

if TYPE_CHECKING:
    from yimei.journey.models import Booking

KINDS = {"staff": ResourceKind.STAFF, "room": ResourceKind.ROOM, "device": ResourceKind.DEVICE}
BAR_TONES = {BookingStatus.ARRIVED: "warn", BookingStatus.SERVED: "accent"}
OPENS, CLOSES = 9, 18
"""The board shows these hours, and more where the day is longer."""

WEEK = 7
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class CalendarBar(Bar):
    """A bar that knows its booking: whether it may be moved, and only in time or to another lane too."""

    booking: "Booking | None" = None
    is_movable: bool = False
    is_main: bool = False


@dataclass(frozen=True)
class DayLane:
    """One resource of a day: closed hours first, then what holds it."""

    lane: queries.Lane
    note: str
    closed: Sequence[PlacedBar]
    bars: Sequence[PlacedBar]


@dataclass(frozen=True)
class Cell:
    """One resource on one day of a week."""

    day: date
    hours: str
    is_closed: bool
    bars: Sequence[CalendarBar]


@dataclass(frozen=True)
class WeekLane:
    lane: queries.Lane
    cells: Sequence[Cell]


@require_GET
@allow(Permission.BOOKING_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    return render(request, "desk/calendar/index.html", calendar(request, request.GET.dict()))


@require_GET
@allow(Permission.BOOKING_WRITE)
def try_place(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    """Whether a bar may be let go here; a refusal says why and when instead."""
    place = read_place(request.GET.get("slot", ""))
    if place is None:
        raise RuleBroken(_("请选择一个空闲时间。"))
    booking = actions.try_place(
        booking_id,
        starts_at=place.starts_at,
        staff_public_id=place.staff_id,
        room_public_id=place.room_id,
        by=request.user,
        now=timezone.now(),
    )
    hours = hours_text([(booking.starts_at, booking.ends_at)])
    words = {"hours": hours, "staff": booking.staff.name, "room": booking.room.name}
    return JsonResponse({"text": _("%(hours)s · %(staff)s · %(room)s，可以放下") % words})


@require_POST
@allow(Permission.BOOKING_WRITE)
def move(request: StaffRequest) -> HttpResponse:
    form = CalendarMoveForm(request.POST)
    if not form.is_valid():
        raise RuleBroken(_("请选择一个空闲时间。"))
    place = form.cleaned_data["slot"]
    booking = actions.reschedule(
        form.cleaned_data["booking"],
        starts_at=place.starts_at,
        staff_public_id=place.staff_id,
        room_public_id=place.room_id,
        by=request.user,
        now=timezone.now(),
    )
    response = render(request, "desk/calendar/index.html#calendar", calendar(request, query_behind(request)))
    undo = reverse("desk:booking-undo", args=[booking.public_id])
    return toast(request, response, _("已改期。"), undo=undo)


def calendar(request: StaffRequest, query: dict[str, str]) -> dict[str, Any]:
    now = timezone.now()
    today = local_date(now)
    wanted = read_day(query.get("day", "")) or today
    is_week = query.get("view") == "week"
    by = query.get("by", "") if query.get("by", "") in KINDS else "staff"
    first = wanted - timedelta(days=wanted.weekday()) if is_week else wanted
    days = [first + timedelta(days=number) for number in range(WEEK if is_week else 1)]
    window = (local_day(days[0])[0], local_day(days[-1])[1])
    found = queries.lanes(KINDS[by], window, campus=request.user.campus, by=request.user)

    def url(**changes: str) -> str:
        values = {"day": wanted.isoformat(), "by": by, "view": "week" if is_week else ""}
        asked = {name: value for name, value in (values | changes).items() if value}
        return f"{reverse('desk:calendar')}?{urlencode(asked)}"

    step = timedelta(days=len(days))
    values: dict[str, Any] = {
        "now": now,
        "today": today,
        "wanted": wanted,
        "days": days,
        "is_week": is_week,
        "by": by,
        "urls": {
            "before": url(day=(wanted - step).isoformat()),
            "today": url(day=today.isoformat()),
            "after": url(day=(wanted + step).isoformat()),
        },
        "is_today": today in days,
        "faces": [
            (_("列表"), f"{reverse('desk:bookings')}?day={wanted.isoformat()}", False),
            (_("日"), url(view=""), not is_week),
            (_("周"), url(view="week"), is_week),
        ],
        "kinds": [
            (_("医生与咨询"), url(by="staff"), by == "staff"),
            (_("房间"), url(by="room"), by == "room"),
            (_("设备"), url(by="device"), by == "device"),
        ],
        "may_move": request.user.may(Permission.BOOKING_WRITE),
    }
    if is_week:
        return values | {"week": [_week_lane(lane, days) for lane in found]}
    board = _board(found, wanted, now)
    return values | {"board": board, "lanes": [_day_lane(lane, board) for lane in found]}


def _board(found: Sequence[queries.Lane], wanted: date, now: datetime) -> Board:
    """The hours that a day needs: the usual ones, and more where somebody begins earlier or ends later."""
    midnight, next_midnight = local_day(wanted)
    held = [block.stretch for lane in found for block in lane.blocks]
    hours = [stretch for lane in found for stretch in lane.open or ()] + held
    starts = [midnight + timedelta(hours=OPENS), *(max(start, midnight) for start, _end in hours)]
    ends = [midnight + timedelta(hours=CLOSES), *(min(end, next_midnight) for _start, end in hours)]
    first = min(starts).astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0)
    last = max(ends).astimezone(SHANGHAI) + timedelta(minutes=59)
    last = min(last.replace(minute=0, second=0, microsecond=0), next_midnight.astimezone(SHANGHAI))
    return Board(start=first, end=last, rows=(), now=now)


def _day_lane(lane: queries.Lane, board: Board) -> DayLane:
    closed = [
        Bar(start, end, "", kind="closed") for start, end in _outside(lane.open, (board.start, board.end))
    ]
    return DayLane(
        lane=lane,
        note=hours_text(merge(lane.open)) if lane.open else lane.note,
        closed=board.placed(Row(lane.name, bars=closed)),
        bars=board.placed(Row(lane.name, bars=[_bar(block) for block in lane.blocks])),
    )


def _outside(hours: Sequence[Stretch] | None, window: Stretch) -> list[Stretch]:
    """The parts of a window in which nobody is on duty."""
    if hours is None:
        return []
    edges, at = [], window[0]
    for start, end in merge(hours):
        edges.append((at, start))
        at = max(at, end)
    edges.append((at, window[1]))
    return [(start, end) for start, end in edges if start < end]


def _week_lane(lane: queries.Lane, days: Sequence[date]) -> WeekLane:
    return WeekLane(lane, [_cell(lane, day) for day in days])


def _cell(lane: queries.Lane, day: date) -> Cell:
    start, end = local_day(day)
    hours = [(max(a, start), min(b, end)) for a, b in lane.open or () if a < end and b > start]
    bars = [_bar(block) for block in lane.blocks if start <= block.stretch[0] < end]
    return Cell(day, hours_text(merge(hours)), lane.open is not None and not hours, bars)


def _bar(block: queries.Block) -> CalendarBar:
    start, end = (instant.astimezone(SHANGHAI) for instant in block.stretch)
    booking = block.booking
    if booking is None:
        label = _("手术") if block.is_surgery else _("暂时保留") if block.is_offer else _("已占用")
        return CalendarBar(start, end, label, kind="taken")
    status = BookingStatus(booking.status)
    return CalendarBar(
        start,
        end,
        block.who if booking.patient.is_vip else names.mask(block.who),
        tone=BAR_TONES.get(status, "info" if status == BookingStatus.REQUESTED else ""),
        href=reverse("desk:booking", args=[booking.public_id]),
        detail=" · ".join([booking.procedure.name, str(status.label), booking.staff.name, booking.room.name]),
        booking=booking,
        is_movable=status in rules.MOVABLE,
        is_main=block.is_main,
    )
