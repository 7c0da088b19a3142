"""Roles: what each may do, the hospital's own, and what an update brought."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.core.errors import RuleBroken
from yimei.desk.forms.refusals import blame
from yimei.desk.forms.roles import NewRoleForm, RoleForm
from yimei.people import queries
from yimei.people.actions import roles as actions
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@allow(Permission.STAFF_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    roles = list(queries.roles_with_people())
    form = NewRoleForm(request.POST or None, roles=[(one.code, one.name) for one in roles])
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create(**form.cleaned_data, by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:role", made.code), _("角色已建立。"))
        except RuleBroken as refusal:
            blame(form, refusal)
    values = {"roles": roles, "form": form, "offers": queries.open_offers()}
    return render(request, "desk/staff/roles.html", values, status=422 if form.errors else 200)


@allow(Permission.STAFF_WRITE)
def edit(request: StaffRequest, code: str) -> HttpResponse:
    role = queries.open_role(code)
    form = RoleForm(request.POST or None, scopes=role.scopes, initial={"seen": role.fingerprint})
    if request.method == "POST" and form.is_valid():
        try:
            seen, now = form.cleaned_data["seen"], timezone.now()
            actions.change(code, form.grants, seen=seen, by=request.user, now=now)
            return toast(
                request, redirect_to(request, "desk:role", code), _("权限已保存，下一次操作起生效。")
            )
        except RuleBroken as refusal:
            blame(form, refusal)
    values = {"role": role, "form": form, "is_own": role.pk == request.user.role_id}
    return render(request, "desk/staff/role.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.STAFF_WRITE)
def answer(request: StaffRequest, permission: str) -> HttpResponse:
    accept = request.POST.get("answer") == "give"
    given = actions.answer(permission, accept=accept, by=request.user, now=timezone.now())
    names = "、".join(one.name for one in given)
    text = _("已授予：%(roles)s。") % {"roles": names} if given else _("没有授予任何角色。")
    return toast(request, redirect_to(request, "desk:roles"), text)
