"""Two bookings change places (互换): chosen from a day's list, judged before it is done."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django_htmx.http import trigger_client_event

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.bookings import DayForm
from yimei.desk.forms.swaps import SwapForm
from yimei.desk.views.bookings.days import query_behind
from yimei.desk.views.bookings.lines import line_of
from yimei.desk.views.bookings.moves import answer, layer
from yimei.desk.views.calendar import calendar
from yimei.journey.access import open_booking
from yimei.journey.actions import bookings as actions
from yimei.journey.queries.calendar import exchangeable
from yimei.journey.rules.claims import hours_text
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, toast

if TYPE_CHECKING:
    from yimei.journey.models import Booking

NOTHING_SAID: Mapping[str, Any] = MappingProxyType({"refusal": "", "places": ()})


@allow(Permission.BOOKING_WRITE)
def swap(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    booking = open_booking(booking_id, by=request.user, permission=Permission.BOOKING_WRITE)
    now = timezone.now()
    form = SwapForm(posted(request))
    if form.is_bound and form.is_valid():
        one, _other = actions.swap(booking_id, form.cleaned_data["other"], by=request.user, now=now)
        said = _("已互换，两位客户都会收到新的时间。")
        if request.GET.get("from") != "calendar" or not request.htmx:
            return answer(request, one, said)
        shown = calendar(request, query_behind(request))
        response = render(request, "desk/calendar/index.html#calendar", shown)
        undo = reverse("desk:booking-undo", args=[one.public_id])
        return toast(request, trigger_client_event(response, "ym:close", {}), said, undo=undo)
    return _ask(request, booking, form)


@require_GET
@allow(Permission.BOOKING_WRITE)
def dropped(request: StaffRequest) -> HttpResponse:
    """A bar was let go on another one: ask whether the two change places."""
    form = SwapForm(request.GET)
    pair = [_id(request.GET.get(name, "")) for name in ("booking", "other")]
    booking, other = (open_booking(one, by=request.user, permission=Permission.BOOKING_WRITE) for one in pair)
    return _ask(request, booking, form, other=other)


def _ask(
    request: StaffRequest, booking: "Booking", form: SwapForm, *, other: "Booking | None" = None
) -> HttpResponse:
    """With whom, on one day; who was pointed at is chosen and judged already."""
    now = timezone.now()
    days = DayForm(request.GET if "day" in request.GET else None, today=local_date(now))
    is_named = days.is_bound and days.is_valid()
    about = other or booking
    wanted = days.cleaned_data["day"] if is_named else max(local_date(now), local_date(about.starts_at))
    rows = exchangeable(booking, wanted, by=request.user, now=now)
    lines = [line_of(row, now) for row in rows]
    said = _judge(request, booking.public_id, other.public_id) if other else NOTHING_SAID
    chosen = other.public_id if other else None
    if other and not said["refusal"] and chosen not in {line.booking.public_id for line in lines}:
        said = {**NOTHING_SAID, "refusal": _("这两个预约的类别不同，或已经开始，不能互换。")}
    values = {"form": form, "days": days, "wanted": wanted, "lines": lines, "chosen": chosen, **said}
    return layer(request, "swap", booking, **values)


def _judge(request: StaffRequest, booking_id: UUID, other_id: UUID) -> dict[str, object]:
    """Where both would stand, or why it does not work."""
    try:
        pair = actions.try_swap(booking_id, other_id, by=request.user, now=timezone.now())
    except RuleBroken as refusal:
        return {**NOTHING_SAID, "refusal": refusal.message}
    places = [
        (hours_text([(each.starts_at, each.ends_at)]), each.staff.name, each.room.name, each) for each in pair
    ]
    return {**NOTHING_SAID, "places": places}


@require_GET
@allow(Permission.BOOKING_WRITE)
def try_swap(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    """Say before it is done where both would stand, or why it does not work."""
    open_booking(booking_id, by=request.user, permission=Permission.BOOKING_WRITE)
    form = SwapForm(request.GET)
    values: Mapping[str, object] = NOTHING_SAID
    if form.is_valid():
        values = _judge(request, booking_id, form.cleaned_data["other"])
    return render(request, "desk/bookings/swap.html#said", dict(values))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
