"""The bell: what the program tells one member of staff."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.outbox import queries
from yimei.outbox.actions import notifications
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.templatetags.records import resolve_where
from yimei.ui.views import redirect_to, toast

SHOWN = 50


@allow()
def index(request: StaffRequest) -> HttpResponse:
    if request.method == "POST":
        notifications.read_all(by=request.user, now=timezone.now())
        return toast(request, redirect_to(request, "desk:notifications"), _("已全部标为已读。"))
    values = {
        "notifications": queries.notifications(request.user, size=SHOWN),
        "unread": queries.unread_count(request.user),
    }
    return render(request, "desk/notifications/index.html", values)


@require_POST
@allow()
def open_one(request: StaffRequest, notification_id: UUID) -> HttpResponse:
    """Mark one line as read and go where it points."""
    notification = notifications.read(notification_id, by=request.user, now=timezone.now())
    return redirect_to(request, resolve_where(notification.where) or "desk:notifications")
