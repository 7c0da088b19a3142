"""Events: the list, the plan, one with its people, its money and its end; the door."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yimei.core import names, phone
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.desk.forms.events import CancelForm, CostForm, EventForm, PlacesForm, WalkInForm
from yimei.growth.actions import door as door_actions
from yimei.growth.actions import events as actions
from yimei.growth.actions import seats
from yimei.growth.enums.events import EventStatus, SeatStatus
from yimei.growth.queries import events as queries
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, redirect_to, toast

if TYPE_CHECKING:
    from django import forms

PAGE = 30
LABELS = {
    "coming": gettext_lazy("将要举办"),
    "draft": gettext_lazy("草稿"),
    "past": gettext_lazy("已结束"),
    "cancelled": gettext_lazy("已取消"),
}


@require_GET
@allow(Permission.EVENT_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    by, now = request.user, timezone.now()
    view = request.GET.get("view", "coming")
    view = view if view in LABELS else "coming"
    page = Paginator(queries.listed(view, by=by, now=now), PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    counted = queries.counts(shown)
    told = queries.view_counts(by=by, now=now)
    values = {
        "page": page,
        "rows": [(one, counted[one.pk]) for one in shown],
        "view": view,
        "views": [(label, f"?view={name}", name == view, told[name]) for name, label in LABELS.items()],
    }
    return render(request, "desk/events/index.html", values)


@allow(Permission.EVENT_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    return _write(request, None)


@allow(Permission.EVENT_WRITE)
def edit(request: StaffRequest, event_id: UUID) -> HttpResponse:
    return _write(request, event_id)


@require_GET
@allow(Permission.EVENT_WRITE)
def detail(request: StaffRequest, event_id: UUID) -> HttpResponse:
    return _page(request, event_id)


@require_POST
@allow(Permission.PROMOTION_APPROVE)
def publish(request: StaffRequest, event_id: UUID) -> HttpResponse:
    try:
        actions.publish(event_id, by=request.user, now=timezone.now())
    except RuleBroken as refusal:
        return _page(request, event_id, refusal=refusal)
    return toast(request, redirect_to(request, "desk:event", event_id), _("已发布，可以报名了。"))


@require_POST
@allow(Permission.EVENT_WRITE)
def widen(request: StaffRequest, event_id: UUID) -> HttpResponse:
    form = PlacesForm(request.POST)
    if form.is_valid():
        with blaming(form):
            actions.add_places(event_id, **form.cleaned_data, by=request.user, now=timezone.now())
            text = _("名额已增加，候补的人依次递补并收到短信。")
            return toast(request, redirect_to(request, "desk:event", event_id), text)
    return _page(request, event_id, places=form)


@require_POST
@allow(Permission.EVENT_WRITE)
def cancel(request: StaffRequest, event_id: UUID) -> HttpResponse:
    form = CancelForm(request.POST)
    if form.is_valid():
        with blaming(form):
            told = actions.cancel(event_id, **form.cleaned_data, by=request.user, now=timezone.now())
            text = _("已取消，通知了 %(n)d 位报名的人。") % {"n": told}
            return toast(request, redirect_to(request, "desk:event", event_id), text)
    return _page(request, event_id, cancel=form)


@require_POST
@allow(Permission.EVENT_WRITE)
def cost(request: StaffRequest, event_id: UUID) -> HttpResponse:
    form = CostForm(request.POST)
    if form.is_valid():
        with blaming(form):
            actions.add_cost(event_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:event", event_id), _("费用已登记。"))
    return _page(request, event_id, cost=form)


# ---- the door ---------------------------------------------------------------------------------------


@require_GET
@allow(Permission.EVENT_DOOR)
def doors(request: StaffRequest) -> HttpResponse:
    """The events whose door is open now."""
    found = list(queries.doors(by=request.user, now=timezone.now()))
    counted = queries.counts(found)
    values = {"rows": [(one, counted[one.pk]) for one in found]}
    return render(request, "desk/events/doors.html", values)


@require_GET
@allow(Permission.EVENT_DOOR)
def door(request: StaffRequest, event_id: UUID) -> HttpResponse:
    """The page that goes on without a network: it holds codes and masked names, and keeps scans itself."""
    event = queries.open_door(event_id, by=request.user, now=timezone.now())
    values = {
        "event": event,
        "roster": queries.roster(event),
        "words": {
            "came": _("已签到"),
            "again": _("重复签到"),
            "waiting": _("候补，没有名额"),
            "cancelled": _("报名已取消"),
            "unknown": _("不是本场的入场码"),
            "checking": _("本页名单里没有，正在核对"),
            "unlisted": _("名单里没有：已记下，联网后核对"),
            "kept": _("已记下，联网后上传"),
            "expired": _("登录已过期：请重新登录，再打开本页；签到都还在。"),
            "refused": _("上传没有成功，稍后会再试；签到都还在。"),
            "sign": _("签到"),
            "blind": _("这台设备的浏览器不能用摄像头识别二维码：请用扫码枪，或在名单里点签到。"),
        },
    }
    return render(request, "desk/events/door.html", values)


@require_POST
@allow(Permission.EVENT_DOOR)
def scans(request: StaffRequest, event_id: UUID) -> HttpResponse:
    """Take what a door has kept; what was taken before is answered as before."""
    found = door_actions.take(event_id, _scans(request.body), by=request.user, now=timezone.now())
    event = queries.open_door(event_id, by=request.user, now=timezone.now())
    told = [{"key": str(one.key), "result": one.result} for one in found]
    return JsonResponse({"scans": told, "roster": queries.roster(event)})


@allow(Permission.EVENT_DOOR)
def walk_in(request: StaffRequest, event_id: UUID) -> HttpResponse:
    now = timezone.now()
    event = queries.open_door(event_id, by=request.user, now=now)
    form = WalkInForm(posted(request))
    if form.is_bound and form.is_valid():
        with blaming(form):
            seats.walk_in(event_id, **form.cleaned_data, by=request.user, now=now)
            return toast(request, redirect_to(request, "desk:event-door", event_id), _("已登记到场。"))
    values = {"form": form, "event": event}
    return render(request, "desk/events/walk_in.html", values, status=422 if form.is_bound else 200)


def _scans(body: bytes) -> list[door_actions.Scan]:
    """Read a batch strictly: what no door of ours writes is refused as a whole, nothing of it kept."""
    try:
        rows = json.loads(body)["scans"]
        return [
            door_actions.Scan(UUID(one["key"]), str(one["code"])[:200], _instant(one["at"])) for one in rows
        ]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RuleBroken(_("签到的数据读不懂。"), code="scans") from None


def _instant(text: str) -> datetime:
    at = parse_datetime(text)
    if at is None or at.tzinfo is None:
        raise ValueError(text)
    return at


def _write(request: StaffRequest, event_id: UUID | None) -> HttpResponse:
    by, now = request.user, timezone.now()
    known = queries.open_event(event_id, by=by) if event_id else None
    initial: dict[str, Any] = {}
    if known is not None:
        initial = {name: getattr(known, name) for name in EventForm.base_fields if hasattr(known, name)}
        start, end = timezone.localtime(known.starts_at), timezone.localtime(known.ends_at)
        initial |= {"day": start.date(), "starts": f"{start:%H:%M}", "ends": f"{end:%H:%M}"}
    form = EventForm(posted(request), initial=initial, today=local_date(now))
    if form.is_bound and form.is_valid():
        with blaming(form):
            made = actions.write(form.draft(), event_id=event_id, by=by, now=now)
            return toast(request, redirect_to(request, "desk:event", made.public_id), _("草稿已保存。"))
    values = {"form": form, "event": known}
    return render(request, "desk/events/edit.html", values, status=422 if form.is_bound else 200)


def _page(request: StaffRequest, event_id: UUID, **bound: "forms.Form | RuleBroken") -> HttpResponse:
    by, now = request.user, timezone.now()
    event = queries.open_event(event_id, by=by)
    page = Paginator(queries.seats(event), PAGE).get_page(request.GET.get("page"))
    is_over = now >= event.ends_at
    values = {
        "event": event,
        "tally": queries.counts([event])[event.pk],
        "page": page,
        "seats": [(one, names.mask(one.name), phone.mask(one.phone)) for one in page.object_list],
        "outcome": queries.outcome(event) if event.status == EventStatus.OPEN else None,
        "costs": queries.costs(event),
        "refusal": None,
        "faults": queries.word_faults(event, on=local_date(now)) if event.status == EventStatus.DRAFT else [],
        "address": settings.PUBLIC_URL + reverse("site:event", args=[event.code]),
        "is_over": is_over,
        "has_begun": now >= event.starts_at,
        "may_publish": event.status == EventStatus.DRAFT
        and by.may(Permission.PROMOTION_APPROVE)
        and event.created_by_id != by.pk,
        "is_open": event.status == EventStatus.OPEN and not is_over,
        "places": PlacesForm(),
        "cancel": CancelForm(),
        "cost": CostForm(initial={"key": uuid4(), "on": local_date(now)}, auto_id="cost_%s"),
        "days": queries.RETURN.days,
        "came": SeatStatus.CAME,
    } | bound
    return render(request, "desk/events/event.html", values, status=422 if bound else 200)
