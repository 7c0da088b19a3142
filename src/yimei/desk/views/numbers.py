"""The numbers that a hospital sets itself: of growth, and of the service journey."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.desk.forms.growth import NumberForm
from yimei.growth.actions import settings as growth_actions
from yimei.growth.queries import settings as growth_queries
from yimei.journey.actions import settings as journey_actions
from yimei.journey.queries import settings as journey_queries
from yimei.people.roles import Permission, Scope
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@allow(Permission.GROWTH_VIEW)
def growth(request: StaffRequest) -> HttpResponse:
    may_write = request.user.scope_of(Permission.GROWTH_WRITE) == Scope.GROUP
    return _page(request, "growth-numbers", growth_queries.listed, growth_actions.set_number, may_write)


@allow(Permission.CATALOGUE_WRITE)
def journey(request: StaffRequest) -> HttpResponse:
    may_write = request.user.scope_of(Permission.CATALOGUE_WRITE) == Scope.GROUP
    return _page(request, "journey-numbers", journey_queries.listed, journey_actions.set_number, may_write)


def _page(
    request: StaffRequest,
    name: str,
    listed: Callable[..., Any],
    set_number: Callable[..., Any],
    may_write: bool,
) -> HttpResponse:
    """Every number with its source; who answers for the group sets it anew from tomorrow on."""
    now = timezone.now()
    rows = listed(on=local_date(now))
    form = NumberForm(request.POST or None, numbers=[(one.code, one.name) for one in rows])
    if form.is_bound and not may_write:
        raise NotFound
    if form.is_bound and form.is_valid():
        with blaming(form):
            row = set_number(**form.cleaned_data, by=request.user, now=now)
            done = redirect_to(request, f"desk:{name}")
            return toast(
                request, done, _("明天起「%(name)s」为 %(n)d。") % {"name": row.name, "n": row.value}
            )
    values = {"rows": rows, "form": form, "may_write": may_write, "is_growth": name == "growth-numbers"}
    return render(request, "desk/numbers/index.html", values, status=422 if form.errors else 200)
