"""The officer's watch: alarms, who looked, whether the log is whole, and what a leaver did."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.audit import chain, checkpoints
from yimei.audit.enums import Look
from yimei.audit.queries import head
from yimei.core.clock import local_day
from yimei.desk.forms.guard import CloseForm, WatchForm
from yimei.people.roles import Permission
from yimei.privacy.actions import alarms
from yimei.privacy.enums.watch import AlarmKind, AlarmVerdict
from yimei.privacy.queries import alarms as queries
from yimei.privacy.queries import watch
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

PAGE = 50


@require_GET
@allow(Permission.PRIVACY_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    """Alarms, those that wait first."""
    kind, is_all = request.GET.get("kind", ""), request.GET.get("all") == "1"
    rows = queries.alarms(request.user)
    if not is_all:
        rows = rows.filter(closed_at=None)
    if kind in AlarmKind.values:
        rows = rows.filter(kind=kind)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    values = {
        "page": page,
        "whom": watch.names_of(alarm.subject_key for alarm in page.object_list),
        "filters": [
            (_("未结"), "?", not is_all, None),
            (_("全部"), "?all=1", is_all, None),
        ],
    }
    return render(request, "desk/guard/alarms.html", values)


@allow(Permission.PRIVACY_VIEW)
def alarm(request: StaffRequest, alarm_id: UUID) -> HttpResponse:
    """One alarm: what was seen, the lines behind it, and what it turned out to be."""
    shown = queries.open_alarm(alarm_id, by=request.user)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            alarms.close(
                alarm_id,
                verdict=AlarmVerdict(data["verdict"]),
                note=data["note"],
                by=request.user,
                now=timezone.now(),
            )
            return toast(request, redirect_to(request, "desk:alarms"), _("已结案。"))
    values = {
        "alarm": shown,
        "form": form,
        "lines": watch.watched(queries.lines_behind(shown)),
        "may_write": request.user.may(Permission.PRIVACY_WRITE),
        "may_read_log": request.user.may(Permission.AUDIT_VIEW),
    }
    return render(request, "desk/guard/alarm.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def take(request: StaffRequest, alarm_id: UUID) -> HttpResponse:
    alarms.take(alarm_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:alarm", alarm_id), _("已接手。"))


@require_GET
@allow(Permission.AUDIT_VIEW)
def log(request: StaffRequest) -> HttpResponse:
    """Who looked: by person, by staff, by kind, by time."""
    form = WatchForm(request.GET or None, kinds=[(kind.value, str(kind.label)) for kind in Look])
    asked: dict[str, Any] = dict(form.cleaned_data) if form.is_bound and form.is_valid() else {}
    since, until = asked.pop("since", None), asked.pop("until", None)
    rows = watch.log_lines(
        request.user, **asked, since=_start(since), until=local_day(until)[1] if until else None
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    values = {"form": form, "page": page, "lines": watch.watched(page.object_list)}
    return render(request, "desk/guard/log.html", values)


@require_GET
@allow(Permission.AUDIT_VIEW)
def seals(request: StaffRequest) -> HttpResponse:
    """Whether the log is whole: its head, its seals, and the checkpoints outside."""
    return render(request, "desk/guard/seals.html", _standing() | {"verdict": None})


@require_POST
@allow(Permission.AUDIT_VIEW)
def verify(request: StaffRequest) -> HttpResponse:
    """Read the whole log against its seals and the checkpoints outside."""
    standing = _standing()
    verdict = chain.verify({one.seq: one for one in standing["checkpoints"]})
    values = standing | {"verdict": verdict, "at": timezone.now()}
    return render(request, "desk/guard/seals.html#standing", values)


@require_GET
@allow(Permission.AUDIT_VIEW)
def leaver(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    """What somebody did with people's data in the last ninety days."""
    report = watch.leaver(staff_id, by=request.user, now=timezone.now())
    return render(request, "desk/guard/leaver.html", {"report": report, "days": watch.LEAVER_DAYS})


def _standing() -> dict[str, Any]:
    file = Path(settings.AUDIT_CHECKPOINT)
    try:
        kept = list(checkpoints.read(file).values())
    except FileNotFoundError:
        kept = []
    return {
        "head": head(),
        "seals": watch.latest_seals(),
        "file": str(file),
        "checkpoints": kept,
        "latest": kept[-7:][::-1],
        "tsa": settings.AUDIT_TSA_URL,
        "is_inside": file.is_relative_to(settings.VAR_DIR),
    }


def _start(day: date | None) -> Any:
    return local_day(day)[0] if day else None
