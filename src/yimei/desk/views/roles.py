"""Roles: what each may do, the hospital's own, and what an update brought."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.desk.forms.roles import NewRoleForm, RoleForm
from yimei.journey.registry import TaskItem
from yimei.people import queries
from yimei.people.actions import roles as actions
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.people.models import Staff


@allow(Permission.STAFF_WRITE, Permission.AUDIT_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    roles = list(queries.roles_with_people())
    form = NewRoleForm(request.POST or None, roles=[(one.code, one.name) for one in roles])
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            made = actions.create(**form.cleaned_data, by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:role", made.code), _("角色已建立。"))
    changes = request.user.may(Permission.STAFF_WRITE)
    values = {
        "roles": roles,
        "form": form if changes else None,
        "offers": queries.open_offers() if changes else [],
        "asked": queries.own_role_offers(),
    }
    return render(request, "desk/staff/roles.html", values, status=422 if form.errors else 200)


@allow(Permission.STAFF_WRITE, Permission.AUDIT_VIEW)
def edit(request: StaffRequest, code: str) -> HttpResponse:
    role = queries.open_role(code)
    form = RoleForm(request.POST or None, scopes=role.scopes, initial={"seen": role.fingerprint})
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            seen, now = form.cleaned_data["seen"], timezone.now()
            actions.change(code, form.grants, seen=seen, by=request.user, now=now)
            return toast(
                request, redirect_to(request, "desk:role", code), _("权限已保存，下一次操作起生效。")
            )
    values = {
        "role": role,
        "form": form,
        "is_own": role.pk == request.user.role_id,
        "may_change": request.user.may(Permission.STAFF_WRITE) and role.pk != request.user.role_id,
    }
    return render(request, "desk/staff/role.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.STAFF_WRITE)
def answer(request: StaffRequest, permission: str) -> HttpResponse:
    accept = request.POST.get("answer") == "give"
    given = actions.answer(permission, accept=accept, by=request.user, now=timezone.now())
    names = "、".join(one.name for one in given)
    text = _("已授予：%(roles)s。") % {"roles": names} if given else _("没有授予任何角色。")
    return toast(request, redirect_to(request, "desk:roles"), text)


@require_POST
@allow(Permission.STAFF_WRITE, Permission.AUDIT_VIEW)
def confirm(request: StaffRequest, permission: str) -> HttpResponse:
    accept = request.POST.get("answer") == "give"
    given = actions.confirm(permission, accept=accept, by=request.user, now=timezone.now())
    text = _("已确认，下一次操作起生效。") if given else _("已回绝，角色的权限不变。")
    return toast(request, redirect_to(request, "desk:roles"), text)


def own_roles(staff: "Staff", now: datetime) -> Iterator[TaskItem]:
    """What administrators asked for their own role, on the day of who may decide it."""
    for offer in queries.own_role_offers():
        yield TaskItem(
            due_at=offer.at + timedelta(days=14),
            patient=None,
            who=_("权限"),
            what=_("%(name)s为自己的角色申请「%(permission)s」")
            % {
                "name": offer.asked_by.name if offer.asked_by else "",
                "permission": offer.label,
            },
            action=_("去决定"),
            where="desk:roles",
        )
