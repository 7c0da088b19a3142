"""A signed-in customer sees her visits, books another, and opens one to move or cancel it."""

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yimei.core.errors import NotFound, Refusal
from yimei.journey.actions import own as actions
from yimei.journey.enums import BookingChannel, BookingKind, BookingStatus
from yimei.journey.queries import deposits, online
from yimei.journey.queries import own as queries
from yimei.portal.forms.booking import OwnSlotForm
from yimei.portal.views.door import own, tabs
from yimei.privacy.queries.centre.visits import Visit
from yimei.ui.rules.times import day_text, weekday
from yimei.ui.views import is_phone, toast


@own
@require_GET
def index(request: HttpRequest, session: Visit) -> HttpResponse:
    now, patient = timezone.now(), session.patient
    found = queries.services(patient, is_guardian=bool(session.guardian), now=now)
    to_come = queries.to_come(patient, now=now)
    values = {
        "session": session,
        "to_come": to_come,
        "asked": {one.pk for one in to_come if deposits.asked_for(one, now=now)},
        "been": queries.been(patient, now=now),
        "reviews": [one for one in found if one.kind == BookingKind.REVIEW],
        "treatments": [one for one in found if one.kind == BookingKind.TREATMENT],
        "talks": queries.talks(found),
        "tabs": tabs("visits"),
    }
    return render(request, "portal/visit/mine.html", values)


@own
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, session: Visit) -> HttpResponse:
    """A free time of one service; what was chosen stays in the address."""
    if "group" in request.GET and request.method == "GET":
        return _talks(request, session, request.GET["group"])
    service = _service(request, session)
    form = OwnSlotForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _times(request, service, session, refusal=_("请选择一个时间。") if form.errors else "")
    asked = form.cleaned_data
    try:
        booking = actions.request(
            session.patient,
            kind=service.kind,
            procedure_id=service.procedure.public_id,
            starts_at=asked["at"],
            channel=BookingChannel.MOBILE if is_phone(request) else BookingChannel.WEBSITE,
            is_guardian=bool(session.guardian),
            key=asked["key"],
            now=timezone.now(),
        )
    except Refusal as refusal:
        return _times(request, service, session, refusal=refusal.message, status=refusal.status)
    is_sure = booking.status == BookingStatus.CONFIRMED
    said = _("约上了，确认短信会发到您的手机。") if is_sure else _("已收到，医院确认后会发短信给您。")
    return toast(request, redirect("portal:visits"), said)


@own
@require_POST
def open_visit(request: HttpRequest, session: Visit, booking_id: UUID) -> HttpResponse:
    """Go to the page of one visit, on which it is moved, cancelled or announced."""
    token = actions.link(session.patient, booking_id, now=timezone.now())
    return redirect("portal:visit", token)


def _talks(request: HttpRequest, session: Visit, category: str) -> HttpResponse:
    """The consultations about one part of the body."""
    found = queries.services(session.patient, is_guardian=bool(session.guardian), now=timezone.now())
    for group, rows in queries.talks(found):
        if rows[0].procedure.category == category:
            values = {"session": session, "group": group, "rows": rows, "tabs": tabs("visits")}
            return render(request, "portal/visit/talks.html", values)
    raise NotFound


def _service(request: HttpRequest, session: Visit) -> queries.Service:
    kind, _dash, procedure = request.GET.get("what", "").partition("-")
    try:
        wanted = BookingKind(kind), UUID(procedure)
    except ValueError:
        raise NotFound from None
    guarded = bool(session.guardian)
    found = queries.service(session.patient, *wanted, is_guardian=guarded, now=timezone.now())
    if found is None:
        raise NotFound
    return found


def _times(
    request: HttpRequest, service: queries.Service, session: Visit, *, refusal: str = "", status: int = 422
) -> HttpResponse:
    now = timezone.now()
    days = online.days(service.campus, service.procedure, now=now, kind=service.kind, patient=session.patient)
    day = online.chosen_day(request.GET.get("day", ""), days)
    values: dict[str, Any] = {
        "service": service,
        "refusal": refusal or service.obstacle,
        "is_open": not service.obstacle,
        "day": day,
        "strip": [_chip(one, day, service) for one in days],
        "has_times": any(one.times for one in days),
        "key": uuid4(),
        "tabs": tabs("visits"),
    }
    return render(request, "portal/visit/own.html", values, status=status if refusal else 200)


def _chip(one: online.Day, day: online.Day | None, service: queries.Service) -> tuple[str, str, bool, int]:
    query = urlencode({"what": service.value, "day": one.day.isoformat()})
    label = f"{day_text(one.day, today=timezone.localdate())} {weekday(one.day)}"
    return label, f"{reverse('portal:visit-new')}?{query}", one is day, len(one.times)
