"""The moves of a booking: one click, one change of state; some ask first."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from yimei.core.clock import local_date, local_day
from yimei.desk.forms.bookings import CANCEL_REASONS, ArriveForm, CancelForm, DayForm, MoveForm, TriageForm
from yimei.desk.views.bookings.days import ORIGINS, day_values, query_behind, queue
from yimei.desk.views.bookings.details import services_of
from yimei.desk.views.bookings.lines import line_of
from yimei.desk.views.bookings.times import halves
from yimei.hospital.queries import rooms
from yimei.journey.access import open_booking
from yimei.journey.actions import bookings as actions
from yimei.journey.enums import BookingKind, ResourceKind
from yimei.journey.queries import bookings as queries
from yimei.journey.queries import kinds, visits
from yimei.journey.rules import bookings as rules
from yimei.journey.rules.claims import hours_text
from yimei.people.access import display_name
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, redirect_to, toast

if TYPE_CHECKING:
    from yimei.journey.models import Booking


@allow(Permission.BOOKING_WRITE)
def confirm(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return redirect_to(request, "desk:booking", booking_id)
    booking = actions.confirm(booking_id, by=request.user, now=timezone.now())
    return answer(request, booking, _("已确认预约，确认短信按客户的同意情况发送。"), is_final=True)


@allow(Permission.RECEPTION_WRITE)
def arrive(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    """Register an arrival; without a file or a kind of visit ask for what is missing first."""
    booking = open_booking(booking_id, by=request.user, permission=Permission.RECEPTION_WRITE)
    form = ArriveForm(posted(request), initial={"visit_kind": kinds.of_booking(booking)})
    if form.is_bound and (form.is_valid() or booking.visit_kind):
        chosen = form.cleaned_data.get("visit_kind")
        booking = actions.arrive(booking_id, visit_kind=chosen, by=request.user, now=timezone.now())
        return answer(request, booking, _("已登记到诊，等候计时开始。"))
    return layer(request, "arrive", booking, form=form)


@allow(Permission.BOOKING_VIEW)
def serve(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return redirect_to(request, "desk:booking", booking_id)
    booking = actions.serve(booking_id, by=request.user, now=timezone.now())
    return answer(request, booking, _("已接诊，等候计时结束。"))


@allow(Permission.BOOKING_WRITE)
def no_show(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return redirect_to(request, "desk:booking", booking_id)
    booking = actions.mark_no_show(booking_id, by=request.user, now=timezone.now())
    return answer(request, booking, _("已登记爽约，占用的时间已释放。"))


@allow(Permission.BOOKING_WRITE)
def cancel(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    booking = open_booking(booking_id, by=request.user, permission=Permission.BOOKING_WRITE)
    form = CancelForm(posted(request))
    if form.is_bound and form.is_valid():
        booking = actions.cancel(booking_id, **form.cleaned_data, by=request.user, now=timezone.now())
        return answer(request, booking, _("已取消预约，占用的时间已释放。"))
    return layer(request, "cancel", booking, form=form, reasons=CANCEL_REASONS)


@allow(Permission.BOOKING_WRITE)
def reschedule(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    booking = open_booking(booking_id, by=request.user, permission=Permission.BOOKING_WRITE)
    now = timezone.now()
    form = MoveForm(posted(request))
    if form.is_bound and form.is_valid():
        place = form.cleaned_data["slot"]
        booking = actions.reschedule(
            booking_id,
            starts_at=place.starts_at,
            staff_public_id=place.staff_id,
            room_public_id=place.room_id,
            by=request.user,
            now=now,
        )
        return answer(request, booking, _("已改期。"))
    days = DayForm(request.GET if "day" in request.GET else None, today=local_date(now))
    is_named = days.is_bound and days.is_valid()
    wanted = days.cleaned_data["day"] if is_named else max(local_date(now), local_date(booking.starts_at))
    values = {
        "form": form,
        "days": days,
        "wanted": wanted,
        "offers": halves(visits.times_to_move(booking, local_day(wanted), now=now)),
        "services": services_of(booking),
    }
    return layer(request, "reschedule", booking, **values)


@allow(Permission.RECEPTION_WRITE)
def triage(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    """Hand an arrived customer to whoever sees her (分诊), perhaps another than booked (改派)."""
    booking = open_booking(booking_id, by=request.user, permission=Permission.RECEPTION_WRITE)
    kind, now = BookingKind(booking.kind), timezone.now()
    people = queries.on_duty(local_date(now), campus=booking.campus)
    able = [one for one in people if one.staff.role_code in rules.SERVING_ROLES[kind]]
    places = list(rooms(booking.campus, rules.ROOM_KINDS[kind]))
    taken = queries.taken_beside(booking, staff=[one.staff for one in able], rooms=places)
    able.sort(key=lambda one: (ResourceKind.STAFF, one.staff.pk) in taken)
    form = TriageForm(
        posted(request),
        initial={"staff": str(booking.staff.public_id), "room": str(booking.room.public_id)},
        staff=[
            (one.staff.public_id, _duty_words(one, (ResourceKind.STAFF, one.staff.pk) in taken))
            for one in able
        ],
        rooms=[
            (one.public_id, _place_words(one.name, (ResourceKind.ROOM, one.pk) in taken)) for one in places
        ],
    )
    if form.is_bound and form.is_valid():
        booking = actions.triage(
            booking_id,
            staff_public_id=form.cleaned_data["staff"],
            room_public_id=form.cleaned_data["room"],
            by=request.user,
            now=now,
        )
        return answer(request, booking, _("已分诊给%(name)s。") % {"name": booking.staff.name})
    return layer(request, "triage", booking, form=form)


@require_POST
@allow(Permission.BOOKING_VIEW)
def undo(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    """Take back the last click; the toast asks for it, and shows the page anew."""
    booking = actions.undo(booking_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:booking", booking.public_id), _("已撤销。"))


def answer(request: StaffRequest, booking: "Booking", text: str, *, is_final: bool = False) -> HttpResponse:
    """Show the page on which the move was asked for as it is now; elsewhere the task is simply gone."""
    origin = request.GET.get("from", "")
    undo = "" if is_final else reverse("desk:booking-undo", args=[booking.public_id])
    if not request.htmx or origin == "booking":
        page = redirect_to(request, "desk:booking", booking.public_id)
        return toast(request, page, text, undo=undo)
    if origin == "day":
        response = render(request, "desk/bookings/day.html#day", day_values(request, query_behind(request)))
    elif origin == "reception":
        response = render(request, "desk/reception/index.html#queue", queue(request))
    else:
        response = HttpResponse()
    return toast(request, trigger_client_event(response, "ym:close", {}), text, undo=undo)


def layer(request: StaffRequest, name: str, booking: "Booking", **values: Any) -> HttpResponse:
    """Ask in the shared dialog; without it the page of the booking shows the same buttons."""
    if not request.htmx:
        return redirect_to(request, "desk:booking", booking.public_id)
    origin = request.GET.get("from", "")
    is_refused = request.method == "POST"
    line = line_of(queries.DayRow(booking, display_name(booking.patient, request.user)), timezone.now())
    values |= {"booking": booking, "line": line, "origin": origin, "target": ORIGINS.get(origin, "#booking")}
    response = render(request, f"desk/bookings/{name}.html", values, status=422 if is_refused else 200)
    if is_refused:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _duty_words(one: queries.OnDuty, is_taken: bool) -> str:
    state = _("此时已有安排") if is_taken else _("此时有空")
    return f"{one.staff.name} · {one.staff.role.name} · {hours_text(one.hours)} · {state}"


def _place_words(name: str, is_taken: bool) -> str:
    return _("%(name)s（已占用）") % {"name": name} if is_taken else name
