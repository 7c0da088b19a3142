"""What a campus is and has: its licence, rooms, devices, shifts and departments."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from yimei.core.errors import NotFound
from yimei.desk.forms.places import FORMS, CampusForm
from yimei.hospital.queries import premises
from yimei.people.actions import premises as actions
from yimei.people.actions.premises import Kind
from yimei.people.roles import Permission, Scope
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

TITLES = {
    Kind.ROOM: gettext_lazy("房间"),
    Kind.DEVICE: gettext_lazy("设备"),
    Kind.SHIFT: gettext_lazy("班次"),
    Kind.DEPARTMENT: gettext_lazy("科室"),
}
NEW = {
    Kind.ROOM: gettext_lazy("新增房间"),
    Kind.DEVICE: gettext_lazy("新增设备"),
    Kind.SHIFT: gettext_lazy("新增班次"),
    Kind.DEPARTMENT: gettext_lazy("新增科室"),
}


@require_GET
@allow(Permission.CATALOGUE_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    is_group = request.user.scope_of(Permission.CATALOGUE_WRITE) == Scope.GROUP
    has = premises(request.user.campus)
    lists = [
        (Kind.SHIFT, has.shifts),
        (Kind.ROOM, has.rooms),
        (Kind.DEVICE, has.devices),
        (Kind.DEPARTMENT, has.departments),
    ]
    values = {
        "has": has,
        "lists": [(kind, TITLES[kind], NEW[kind], rows) for kind, rows in lists],
        "may_open": is_group,
    }
    return render(request, "desk/places/index.html", values)


@allow(Permission.CATALOGUE_WRITE)
def edit(request: StaffRequest, kind: str, row_id: UUID | None = None) -> HttpResponse:
    """A room, device, shift or department of the campus, or a new one."""
    of = next((one for one in Kind if one == kind), None)
    if of is None:
        raise NotFound
    row = actions.open_one(of, row_id, by=request.user) if row_id else None
    form = FORMS[of](request.POST or None, initial=_known(row, FORMS[of]))
    if row is None:
        form.fields.pop("is_active", None)
    title = row.name if row else str(NEW[of])
    return _answer(request, form, lambda values: actions.save(of, row_id, **values), title)


@allow(Permission.CATALOGUE_WRITE)
def campus(request: StaffRequest) -> HttpResponse:
    """The campus at which the reader works."""
    own = request.user.campus
    form = CampusForm(request.POST or None, initial=_known(own, CampusForm))
    form.fields["code"].disabled = True
    return _answer(request, form, lambda values: actions.save_campus(own.public_id, **values), own.name)


@allow(Permission.CATALOGUE_WRITE)
def campus_new(request: StaffRequest) -> HttpResponse:
    if request.user.scope_of(Permission.CATALOGUE_WRITE) != Scope.GROUP:
        raise NotFound
    form = CampusForm(request.POST or None)
    return _answer(request, form, lambda values: actions.save_campus(None, **values), _("新院区"))


def _answer(
    request: StaffRequest, form: forms.Form, save: Callable[[dict[str, Any]], Any], title: str
) -> HttpResponse:
    if form.is_bound and form.is_valid():
        with blaming(form):
            row = save({**form.cleaned_data, "by": request.user, "now": timezone.now()})
            said = _("「%(name)s」已保存。") % {"name": row.name}
            return toast(request, redirect_to(request, "desk:places"), said)
    values = {"form": form, "title": title}
    return render(request, "desk/places/edit.html", values, status=422 if form.errors else 200)


def _known(row: Any, form: type[forms.Form]) -> dict[str, Any] | None:
    return {name: getattr(row, name) for name in form.base_fields} if row else None
