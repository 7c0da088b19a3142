"""Compliance at a glance, and the judging of emergency looks."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.audit import chain
from yimei.audit.queries import head
from yimei.core.clock import local_date
from yimei.journey.queries.board import list_names
from yimei.people import queries
from yimei.people.actions import care
from yimei.people.roles import Permission
from yimei.privacy.queries.overview import answers, holdings
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

WINDOW = timedelta(days=90)


@require_GET
@allow(Permission.PRIVACY_VIEW)
def overview(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    values: dict[str, Any] = {
        "answers": answers(by=request.user, since=now - WINDOW, until=now),
        "days": WINDOW.days,
        "holdings": holdings(local_date(now)),
        "waiting": queries.break_glasses_awaiting(request.user).count(),
        "late": queries.break_glasses_awaiting(request.user).filter(review_due_at__lt=now).count(),
        "head": head(),
        "verdict": None,
    }
    return render(request, "desk/privacy/overview.html", values)


@require_POST
@allow(Permission.AUDIT_VIEW)
def verify(request: StaffRequest) -> HttpResponse:
    """Read the whole log and say whether every line follows from the one before."""
    values = {"head": head(), "verdict": chain.verify(), "at": timezone.now()}
    return render(request, "desk/privacy/overview.html#audit", values)


@require_GET
@allow(Permission.PRIVACY_VIEW)
def break_glasses(request: StaffRequest) -> HttpResponse:
    """Emergency looks that nobody has judged yet."""
    glasses = list(queries.break_glasses_awaiting(request.user))
    names = list_names((glass.patient for glass in glasses), by=request.user)
    values = {"glasses": [(glass, names[glass.patient_id]) for glass in glasses], "now": timezone.now()}
    return render(request, "desk/privacy/break_glasses.html", values)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def review(request: StaffRequest, glass_id: UUID) -> HttpResponse:
    is_justified = request.POST.get("is_justified") == "yes"
    care.review(glass_id, is_justified=is_justified, by=request.user, now=timezone.now())
    text = _("已记录：理由成立。") if is_justified else _("已记录：理由不成立，访问已结束。")
    return toast(request, redirect_to(request, "desk:break-glasses"), text)
