"""Somebody who only asked: a code to her number, what is kept of her, and its erasure."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import enquiries as actions
from yimei.growth.queries import enquiries as queries
from yimei.hospital.queries import campuses
from yimei.portal.forms.centre import CodeForm, NumberForm
from yimei.portal.views.door import let_in
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import public
from yimei.ui.views import toast

COOKIE = "ym_enquiry"
COOKIE_AGE = 900
PATH = "/my/data/enquiry/"


@public("this is the door itself")
@never_cache
@require_http_methods(["GET", "POST"])
def door(request: HttpRequest) -> HttpResponse:
    form = NumberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with blaming(form, beside="phone"):
            ip = str(request.META.get("REMOTE_ADDR", ""))
            asked = actions.ask_code(form.cleaned_data["phone"], ip=ip, now=timezone.now())
            return redirect("portal:enquiry-code", asked.public_id)
    values = {"form": form, "campuses": campuses()}
    return render(request, "portal/centre/enquiry_door.html", values, status=422 if form.errors else 200)


@public("whoever has the code may enter")
@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """Says the same whether or not anything is kept of the number."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with blaming(form, beside="code"):
            secret = actions.enter(visit_id, form.cleaned_data["code"], now=timezone.now())
            return let_in(request, redirect("portal:enquiry"), COOKIE, secret, path=PATH, seconds=COOKIE_AGE)
    values = {
        "form": form,
        "campuses": campuses(),
        "door": reverse("portal:enquiry-door"),
        "again": reverse("portal:enquiry-again", args=[visit_id]),
    }
    return render(request, "portal/centre/enquiry_code.html", values, status=422 if form.errors else 200)


@public("whoever asked may ask again")
@require_POST
def again(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    try:
        ip = str(request.META.get("REMOTE_ADDR", ""))
        asked = actions.ask_again(visit_id, ip=ip, now=timezone.now())
    except RuleBroken as refusal:
        messages.error(request, refusal.message)
        return redirect("portal:enquiry-code", visit_id)
    return toast(request, redirect("portal:enquiry-code", asked.public_id), _("已再次索取验证码。"))


@public("the visit is asked for inside")
@never_cache
@require_GET
def kept(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    try:
        visit = queries.visit_behind(request.COOKIES.get(COOKIE, ""), now=now)
    except NotFound:
        return redirect("portal:enquiry-door")
    found = queries.enquiries(bytes(visit.phone_token), on=local_date(now))
    judged = queries.judged(bytes(visit.phone_token))
    values = {"found": found, "judged": judged, "may_stop": any(not one.is_by_people for one in judged)}
    return render(request, "portal/centre/enquiry.html", values)


@public("the visit is asked for inside")
@require_POST
def by_people(request: HttpRequest) -> HttpResponse:
    """From now on no program judges her."""
    try:
        actions.give_to_people(request.COOKIES.get(COOKIE, ""), now=timezone.now())
    except NotFound:
        return redirect("portal:enquiry-door")
    text = _("程序不再评分，由跟进您的人判断。")
    return toast(request, redirect("portal:enquiry"), text)


@public("the visit is asked for inside")
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    try:
        actions.stop(request.COOKIES.get(COOKIE, ""), now=timezone.now())
    except NotFound:
        return redirect("portal:enquiry-door")
    text = _("已停止，立即生效：您再次咨询时，我们才会答复。")
    return toast(request, redirect("portal:enquiry"), text)


@public("the visit is asked for inside")
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    try:
        actions.forget(request.COOKIES.get(COOKIE, ""), now=timezone.now())
    except NotFound:
        return redirect("portal:enquiry-door")
    response = redirect("portal:enquiry-door")
    response.delete_cookie(COOKIE, path=PATH)
    return toast(request, response, _("已全部删除，我们不再保存您的称呼、号码与联系内容。"))
