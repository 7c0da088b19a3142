"""The reception: who is expected, who waits and for how long, who is seen, and how arrivals are told."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yimei.core.errors import RuleBroken
from yimei.desk.views.bookings.days import queue
from yimei.journey.actions import arrivals, bookings
from yimei.journey.queries import arrivals as queries
from yimei.journey.queries.board import list_names
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@require_GET
@allow(Permission.RECEPTION_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    return render(request, "desk/reception/index.html", queue(request))


@allow(Permission.RECEPTION_WRITE)
def scan(request: StaffRequest) -> HttpResponse:
    """Read a customer's code by camera or by a hand scanner; who lacks something is led to her booking."""
    if request.method != "POST":
        return render(request, "desk/reception/scan.html", {"refusal": "", "missing": ()})
    now = timezone.now()
    try:
        booking = arrivals.scan(request.POST.get("code", "")[:200], by=request.user, now=now)
        if not (booking.patient.is_registered and booking.visit_kind):
            page = redirect_to(request, "desk:booking", booking.public_id)
            return toast(request, page, _("码没有问题；登记到诊前还要补齐资料。"))
        booking = bookings.arrive(booking.public_id, by=request.user, now=now)
    except RuleBroken as refusal:
        values = {"refusal": refusal.message, "missing": refusal.missing}
        return render(request, "desk/reception/scan.html", values, status=refusal.status)
    said = _("%(name)s 已登记到诊，由%(staff)s接诊。")
    name = list_names([booking.patient], by=request.user)[booking.patient_id]
    words = {"name": name, "staff": booking.staff.name}
    return toast(request, redirect_to(request, "desk:reception-scan"), said % words)


@require_GET
@allow(Permission.RECEPTION_WRITE)
def code(request: StaffRequest) -> HttpResponse:
    """Today's code of this desk, to be put up where customers stand."""
    now, campus = timezone.now(), request.user.campus
    values = {"now": now, "campus": campus, "code": queries.desk_code(campus.public_id, now)}
    return render(request, "desk/reception/code.html", values)
