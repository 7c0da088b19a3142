"""The door of the privacy centre: a code to the registered phone opens a short visit."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.queries import campuses
from yimei.portal.forms.centre import CodeForm, DoorForm, TailForm
from yimei.privacy.actions import centre, doors
from yimei.privacy.queries.centre import visits, wishes
from yimei.privacy.queries.centre.visits import Visit
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import public
from yimei.ui.views import toast

P = ParamSpec("P")
COOKIE = "ym_centre"
COOKIE_AGE = 3600
PATH = "/my/data/"

OwnView = Callable[Concatenate[HttpRequest, Visit, P], HttpResponseBase]
OpenView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def own(view: OwnView[P]) -> OpenView[P]:
    """Open a view to the person of the visit in this browser; everybody else is led to the door."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            session = centre.visit(request.COOKIES.get(COOKIE, ""), now=timezone.now())
        except NotFound:
            if request.COOKIES.get(COOKIE):
                messages.info(request, _("为了安全，已经退出。请重新获取验证码。"))
            return redirect("portal:centre-door")
        request.place = session.patient.campus.name  # type: ignore[attr-defined]
        response = view(request, session, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    guarded.public = "the visit of the privacy centre is asked for inside"  # type: ignore[attr-defined]
    return cast(OpenView[P], guarded)


def let_in(
    request: HttpRequest, response: HttpResponse, cookie: str, secret: str, *, path: str, seconds: int
) -> HttpResponse:
    """Give the browser the secret of a visit, for that part of the site alone."""
    is_secure = request.is_secure()
    response.set_cookie(
        cookie, secret, max_age=seconds, path=path, httponly=True, samesite="Lax", secure=is_secure
    )
    return response


@public("this is the door itself")
@never_cache
@require_http_methods(["GET", "POST"])
def door(request: HttpRequest) -> HttpResponse:
    form = DoorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with blaming(form):
            ip = str(request.META.get("REMOTE_ADDR", ""))
            asked = doors.ask_code(**form.cleaned_data, ip=ip, now=timezone.now())
            return redirect("portal:centre-code", asked.public_id)
    values = {"form": form, "campuses": campuses()}
    return render(request, "portal/centre/door.html", values, status=422 if form.errors else 200)


@public("whoever has the code may enter")
@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest, code_id: UUID) -> HttpResponse:
    """Says the same whether or not the number is known."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with blaming(form, beside="code"):
            secret = doors.enter(code_id, form.cleaned_data["code"], now=timezone.now())
            return let_in(request, redirect("portal:centre"), COOKIE, secret, path=PATH, seconds=COOKIE_AGE)
    values = {
        "form": form,
        "campuses": campuses(),
        "door": reverse("portal:centre-door"),
        "again": reverse("portal:centre-again", args=[code_id]),
    }
    return render(request, "portal/centre/code.html", values, status=422 if form.errors else 200)


@public("whoever asked may ask again")
@require_POST
def again(request: HttpRequest, code_id: UUID) -> HttpResponse:
    """Another code to the same phone, without typing number and birthday again."""
    try:
        ip = str(request.META.get("REMOTE_ADDR", ""))
        asked = doors.ask_again(code_id, ip=ip, now=timezone.now())
    except RuleBroken as refusal:
        messages.error(request, refusal.message)
        return redirect("portal:centre-code", code_id)
    return toast(request, redirect("portal:centre-code", asked.public_id), _("已再次索取验证码。"))


@own
@require_http_methods(["GET", "POST"])
def prove(request: HttpRequest, session: Visit) -> HttpResponse:
    """The last six of the identity number, for what hands out or destroys."""
    form = TailForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with blaming(form, beside="tail"):
            centre.prove(session, form.cleaned_data["tail"], now=timezone.now())
            return toast(request, redirect(_came_from(request, session)), _("身份已核对。"))
    values = {
        "form": form,
        "session": session,
        "has_number": bool(visits.numbers_of(session)),
        "campuses": campuses(),
        "tabs": tabs("requests"),
    }
    return render(request, "portal/centre/prove.html", values, status=422 if form.errors else 200)


def _came_from(request: HttpRequest, session: Visit) -> str:
    """Back to the request for which the number was asked, when it is one of hers."""
    try:
        asked = wishes.request_of(session, UUID(request.GET.get("request", "")))
    except (NotFound, ValueError):
        return reverse("portal:centre-requests")
    return reverse("portal:centre-request", args=[asked.public_id])


@public("leaving is for everybody")
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    centre.leave(request.COOKIES.get(COOKIE, ""), now=timezone.now())
    response = redirect("portal:centre-door")
    response.delete_cookie(COOKIE, path=PATH)
    return response


def tabs(current: str) -> list[tuple[Any, ...]]:
    """The places of the centre, at the foot of the phone."""
    places = (
        ("home", _("我的信息"), "portal:centre", "shield-check"),
        ("visits", _("预约"), "portal:visits", "calendar-check"),
        ("looks", _("谁看过"), "portal:centre-looks", "eye"),
        ("consents", _("同意"), "portal:centre-consents", "signature"),
        ("requests", _("请求"), "portal:centre-requests", "file-text"),
    )
    return [(label, reverse(name), current == key, icon) for key, label, name, icon in places]
