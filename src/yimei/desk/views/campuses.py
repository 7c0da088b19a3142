"""At which campus the reader works now, and who may work at which other."""

from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.core.errors import NotFound
from yimei.people.actions import campuses as actions
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.middleware import CAMPUS_KEY
from yimei.ui.views import redirect_to, toast


@require_POST
@allow()
def switch(request: StaffRequest) -> HttpResponse:
    """Work at another campus in this browser; a page about one row of the old campus leads to Today."""
    campus = actions.step_into(_uuid(request.POST.get("campus", "")), by=request.user, at=timezone.now())
    request.session[CAMPUS_KEY] = str(campus.public_id)
    text = _("现在在%(campus)s工作。") % {"campus": campus.name}
    return toast(request, redirect_to(request, _back(request)), text)


@require_POST
@allow(Permission.STAFF_WRITE)
def grant(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    wanted = _uuid(request.POST.get("campus", ""))
    actions.grant(staff_id, campus_id=wanted, by=request.user, at=timezone.now())
    return toast(request, redirect_to(request, "desk:staff-edit", staff_id), _("已可到这个院区工作。"))


@require_POST
@allow(Permission.STAFF_WRITE)
def end(request: StaffRequest, access_id: UUID) -> HttpResponse:
    row = actions.end(access_id, by=request.user, at=timezone.now())
    page = redirect_to(request, "desk:staff-edit", row.staff.public_id)
    return toast(request, page, _("已收回这个院区的权限。"))


def _back(request: StaffRequest) -> str:
    """The page on which the reader was, unless it is about one row, which the other campus may not know."""
    wanted = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}):
        return "desk:today"
    try:
        match = resolve(urlsplit(wanted).path)
    except Resolver404:
        return "desk:today"
    return "desk:today" if match.kwargs else wanted


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
