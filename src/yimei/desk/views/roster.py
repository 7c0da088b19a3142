"""The duty roster of a campus, week by week."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.desk.forms.roster import RosterForm
from yimei.desk.views.schedule import read_day
from yimei.hospital.enums import DayKind
from yimei.hospital.queries import calendar_table, rooms, shifts
from yimei.journey.actions import roster as actions
from yimei.people.queries import roster as queries
from yimei.people.roles import Permission
from yimei.people.rules.roster import WEEK, monday_of
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@require_GET
@allow(Permission.ROSTER_WRITE, Permission.BOOKING_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    monday = monday_of(read_day(request.GET.get("week", ""), now))
    lines = queries.week(request.user.campus, monday)
    days = [monday + timedelta(days=n) for n in range(WEEK)]
    marks = calendar_table({day.year for day in days})
    values = {
        "lines": lines,
        "days": [(day, marks.get(day)) for day in days],
        "holiday": DayKind.HOLIDAY,
        "monday": monday,
        "today": local_date(now),
        "now": now,
        "urls": {
            "before": _url(monday - timedelta(days=WEEK)),
            "after": _url(monday + timedelta(days=WEEK)),
            "today": reverse("desk:roster"),
        },
        "may_write": request.user.may(Permission.ROSTER_WRITE),
        "may_copy": monday + timedelta(days=WEEK) > local_date(now),
        "has_shifts": shifts(request.user.campus).exists(),
        "planned": sum(1 for line in lines for _day, duties in line.days if duties),
    }
    return render(request, "desk/roster/index.html", values)


@allow(Permission.ROSTER_WRITE)
def new(request: StaffRequest, staff_id: UUID | None = None, day: str = "") -> HttpResponse:
    now = timezone.now()
    form = RosterForm(request.POST or None, initial=_asked(staff_id, day, now), **_choices(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            added = actions.plan(
                data["staff"],
                first=data["first"],
                last=data["last"],
                weekdays=data["weekdays"],
                skips_holidays=data["skips_holidays"],
                shift_id=data["shift"],
                room_id=data["room"],
                by=request.user,
                now=now,
            )
            return _done(request, data["first"], _added_words(added))
    return render(request, "desk/roster/new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@allow(Permission.ROSTER_WRITE)
def copy(request: StaffRequest) -> HttpResponse:
    """Repeat the week before in the week that the page shows."""
    now = timezone.now()
    monday = monday_of(read_day(request.POST.get("week", ""), now))
    added = actions.copy_week(source=monday - timedelta(days=WEEK), target=monday, by=request.user, now=now)
    return _done(request, monday, _added_words(added))


@require_POST
@allow(Permission.ROSTER_WRITE)
def remove(request: StaffRequest, duty_id: UUID) -> HttpResponse:
    duty = actions.take_off(duty_id, by=request.user, now=timezone.now())
    return _done(
        request, local_date(duty.starts_at), _("已撤下%(name)s的这一班。") % {"name": duty.staff.name}
    )


def _done(request: StaffRequest, day: date, text: str) -> HttpResponse:
    return toast(request, redirect_to(request, _url(day)), text)


def _added_words(added: int) -> str:
    return (
        _("已排 %(n)d 个班。") % {"n": added}
        if added
        else _("没有新增：这些时间已经有班，或已过去，或是节假日。")
    )


def _url(day: date) -> str:
    return f"{reverse('desk:roster')}?week={day.isoformat()}"


def _asked(staff_id: UUID | None, day_text: str, now: datetime) -> dict[str, Any]:
    """What the cell says that was pressed; without one, the rest of the week."""
    day = max(read_day(day_text, now), local_date(now))
    return {
        "staff": [str(staff_id)] if staff_id else [],
        "first": day.isoformat(),
        "last": (day if staff_id else monday_of(day) + timedelta(days=WEEK - 1)).isoformat(),
        "weekdays": [day.weekday()] if staff_id else list(range(WEEK)),
        "skips_holidays": staff_id is None,
    }


def _choices(request: StaffRequest) -> dict[str, Any]:
    campus = request.user.campus
    return {
        "staff": [(str(one.public_id), f"{one.name} · {one.role.name}") for one in queries.rostered(campus)],
        "shifts": [
            (str(one.public_id), f"{one.name} {one.starts:%H:%M}–{one.ends:%H:%M}") for one in shifts(campus)
        ],
        "rooms": [(str(one.public_id), one.name) for one in rooms(campus)],
        "today": local_date(timezone.now()),
    }
