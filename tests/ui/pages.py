"""A few small pages that behave in every way a screen may."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone

from yimei.audit import context
from yimei.core.errors import Conflict, Missing, NotFound, RuleBroken
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow, public
from yimei.ui.views import kit, redirect_to, toast

CASE = UUID("7c0f2f50-6d26-4d52-8d0a-0f6cf1a8a001")


@public("the door")
def door(request: HttpRequest) -> HttpResponse:
    return HttpResponse("door")


@allow()
def today(request: StaffRequest) -> HttpResponse:
    return HttpResponse(f"today {request.user.name}")


@allow(Permission.REFUND_WRITE, Permission.AUDIT_VIEW)
def money(request: StaffRequest) -> HttpResponse:
    return HttpResponse("money")


@allow()
def case(request: StaffRequest, case_id: UUID) -> HttpResponse:
    return HttpResponse("case")


@public("refuses everybody")
def gate(request: HttpRequest) -> HttpResponse:
    missing = [
        Missing("手术同意书 v3", "民法典 第一千二百一十九条", f"desk:case:{CASE}"),
        Missing("麻醉医师", "全身麻醉须有麻醉医师"),
    ]
    raise RuleBroken("还不能开始手术，缺 2 项。", missing=missing, code="surgery.gate")


@public("is always taken")
def taken(request: HttpRequest) -> HttpResponse:
    start = timezone.now() + timedelta(hours=2)
    raise Conflict("王医生这个时间已有手术。", next_free=[(start, start + timedelta(hours=1))])


@public("is never there")
def gone(request: HttpRequest) -> HttpResponse:
    raise NotFound


@public("breaks")
def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


@public("takes a form")
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("saved")


@public("tells where the request came from")
def origin(request: HttpRequest) -> HttpResponse:
    found = context.current()
    return HttpResponse(f"{found.session}|{found.ip}|{found.device}")


@public("says what was done")
def done(request: HttpRequest) -> HttpResponse:
    return toast(request, HttpResponse("done"), "已改期。", undo="/desk/undo")


@public("moves on and says what was done")
def moved(request: HttpRequest) -> HttpResponse:
    return toast(request, redirect_to(request, "desk:today"), "已改期。", undo="/desk/undo")


desk = [
    path("sign-in", door, name="sign-in"),
    path("today", today, name="today"),
    path("money", money, name="money"),
    path("case/<uuid:case_id>", case, name="case"),
    path("_kit", kit, name="kit"),
]
urlpatterns = [
    path("desk/", include((desk, "desk"))),
    path("gate", gate),
    path("taken", taken),
    path("gone", gone),
    path("broken", broken),
    path("form", form),
    path("origin", origin),
    path("done", done),
    path("moved", moved),
]
handler404 = "yimei.ui.views.not_found"
handler500 = "yimei.ui.views.server_error"
