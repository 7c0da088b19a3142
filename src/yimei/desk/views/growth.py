"""The numbers of growth: the pool, first answers, caps, RFM."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.growth import NumberForm
from yimei.desk.forms.refusals import blame
from yimei.growth.actions import settings as actions
from yimei.growth.queries import settings as queries
from yimei.people.roles import Permission, Scope
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@allow(Permission.GROWTH_VIEW)
def numbers(request: StaffRequest) -> HttpResponse:
    """Every number with its source; who answers for the group sets it anew from tomorrow on."""
    now = timezone.now()
    rows = queries.listed(on=local_date(now))
    may_write = request.user.scope_of(Permission.GROWTH_WRITE) == Scope.GROUP
    form = NumberForm(request.POST or None, numbers=[(one.code, one.name) for one in rows])
    if form.is_bound and not may_write:
        raise NotFound
    if form.is_bound and form.is_valid():
        try:
            row = actions.set_number(**form.cleaned_data, by=request.user, now=now)
        except RuleBroken as refusal:
            blame(form, refusal)
        else:
            done = redirect_to(request, "desk:growth-numbers")
            return toast(
                request, done, _("明天起「%(name)s」为 %(n)d。") % {"name": row.name, "n": row.value}
            )
    values = {"rows": rows, "form": form, "may_write": may_write}
    return render(request, "desk/segments/numbers.html", values, status=422 if form.errors else 200)
