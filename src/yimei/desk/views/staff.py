"""Accounts of the staff: who works here, in which role, with which licence and authorisation."""

from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.desk.forms.staff import LicenceForm, PrivilegeForm, StaffForm, WithdrawForm
from yimei.hospital.access import open_campus
from yimei.hospital.queries import campuses
from yimei.people import queries
from yimei.people.access import open_privilege, open_staff, scope_of
from yimei.people.actions import staff as actions
from yimei.people.roles import Permission, Scope
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.people.models import Staff

PAGE = 50


@require_GET
@allow(Permission.STAFF_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    text, role = request.GET.get("q", "").strip()[:60], request.GET.get("role", "")
    found = queries.staff_list(by=request.user, text=text, role=role)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    roles = [(one.name, f"?role={one.code}", role == one.code) for one in queries.roles()]
    values = {"q": text, "page": page, "filters": [(_("全部"), "?", not role), *roles]}
    return render(request, "desk/staff/index.html", values)


@allow(Permission.STAFF_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    """Open an account; its first password is shown once and must be changed."""
    form = StaffForm(request.POST or None, **_choices(request))
    if request.method == "POST" and form.is_valid():
        password = token_urlsafe(12)
        with blaming(form):
            data = form.cleaned_data
            values = {**data, "campus": open_campus(data["campus"])}
            one = actions.create(**values, password=password, by=request.user, at=timezone.now())
            return _once(request, one, password)
    return render(request, "desk/staff/new.html", {"form": form}, status=422 if form.errors else 200)


@allow(Permission.STAFF_WRITE)
def edit(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    one = open_staff(staff_id, by=request.user)
    form = StaffForm(request.POST or None, initial=_known(one), **_choices(request))
    form.fields["username"].disabled = True
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            _update(request, one, form)
            return toast(request, redirect_to(request, "desk:staff-edit", staff_id), _("已保存。"))
    return _page(request, one, form=form)


@require_POST
@allow(Permission.STAFF_WRITE)
def licence(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    one, form = open_staff(staff_id, by=request.user), LicenceForm(request.POST)
    if form.is_valid():
        with blaming(form):
            actions.grant_licence(staff_id, **form.cleaned_data, by=request.user, at=timezone.now())
            return toast(request, redirect_to(request, "desk:staff-edit", staff_id), _("证照已登记。"))
    return _page(request, one, licence=form)


@require_POST
@allow(Permission.STAFF_WRITE)
def privilege(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    one, form = open_staff(staff_id, by=request.user), PrivilegeForm(request.POST)
    if form.is_valid():
        with blaming(form):
            actions.grant_privilege(staff_id, **form.cleaned_data, by=request.user, at=timezone.now())
            return toast(request, redirect_to(request, "desk:staff-edit", staff_id), _("已授权。"))
    return _page(request, one, privilege=form)


@allow(Permission.STAFF_WRITE)
def privilege_withdraw(request: StaffRequest, privilege_id: UUID) -> HttpResponse:
    """Ask why, in the shared dialog or on a page of its own, and take the authorisation back."""
    row = open_privilege(privilege_id, by=request.user)
    form = WithdrawForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with blaming(form):
            actions.withdraw_privilege(privilege_id, **form.cleaned_data, by=request.user, at=timezone.now())
            page = redirect_to(request, "desk:staff-edit", row.staff.public_id)
            return toast(request, page, _("授权已撤销，立即生效。"))
    values = {"row": row, "form": form}
    return render(request, "desk/staff/withdraw.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.STAFF_WRITE)
def reset_password(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    """Give a password for one use; it is shown this once."""
    password = actions.reset_password(staff_id, by=request.user, at=timezone.now())
    return _once(request, open_staff(staff_id, by=request.user), password)


@require_POST
@allow(Permission.STAFF_WRITE)
def reset_totp(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    actions.reset_totp(staff_id, by=request.user, at=timezone.now())
    text = _("动态口令已重置，下次登录时重新启用。")
    return toast(request, redirect_to(request, "desk:staff-edit", staff_id), text)


@require_POST
@allow(Permission.STAFF_WRITE)
def deactivate(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    actions.deactivate(staff_id, by=request.user, at=timezone.now())
    text = _("账号已停用，所有登录已结束；他留下的记录不变。")
    return toast(request, redirect_to(request, "desk:staff"), text)


def _update(request: StaffRequest, one: "Staff", form: StaffForm) -> None:
    data, now = form.cleaned_data, timezone.now()
    if data["role"] != one.role_code:
        actions.set_role(one.public_id, role=data["role"], by=request.user, at=now)
    actions.update(
        one.public_id,
        name=data["name"],
        title=data["title"],
        email=data["email"],
        campus=open_campus(data["campus"]),
        by=request.user,
        at=now,
    )


def _page(
    request: StaffRequest,
    one: "Staff",
    *,
    form: StaffForm | None = None,
    licence: LicenceForm | None = None,
    privilege: PrivilegeForm | None = None,
) -> HttpResponse:
    """The page of one account; a form that was refused comes back as it was typed."""
    if form is None:
        form = StaffForm(initial=_known(one), **_choices(request))
        form.fields["username"].disabled = True
    shown: list[forms.Form] = [form, licence or LicenceForm(), privilege or PrivilegeForm()]
    values = {
        "one": one,
        "form": shown[0],
        "licence": shown[1],
        "privilege": shown[2],
        "licences": one.licences.all(),
        "privileges": one.privileges.select_related("granted_by", "ended_by"),
        "today": timezone.localdate(),
        "accesses": (accesses := list(one.campus_accesses.open().select_related("campus", "granted_by"))),
        "other_campuses": _others(one, [row.campus_id for row in accesses]),
        "may_widen": scope_of(request.user, Permission.STAFF_WRITE) == Scope.GROUP,
        "is_self": one.pk == request.user.pk,
    }
    status = 422 if any(each.is_bound and each.errors for each in shown) else 200
    return render(request, "desk/staff/edit.html", values, status=status)


def _once(request: StaffRequest, one: "Staff", password: str) -> HttpResponse:
    return render(request, "desk/staff/password.html", {"one": one, "password": password})


def _choices(request: StaffRequest) -> dict[str, Any]:
    by = request.user
    places = campuses()
    if scope_of(by, Permission.STAFF_WRITE) != Scope.GROUP:
        places = places.filter(pk=by.campus_id)
    return {
        "roles": [(one.code, one.name) for one in queries.roles()],
        "campuses": [(str(one.public_id), one.name) for one in places],
    }


def _others(one: "Staff", taken: list[int]) -> list[tuple[str, str]]:
    """The campuses at which somebody does not work yet."""
    places = campuses().exclude(pk__in=[one.campus_id, *taken])
    return [(str(place.public_id), place.name) for place in places]


def _known(one: "Staff") -> dict[str, str]:
    return {
        "name": one.name,
        "username": one.username,
        "role": one.role_code,
        "campus": str(one.campus.public_id),
        "title": one.title,
        "email": one.email,
    }
