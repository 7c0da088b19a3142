"""What customers may book by themselves, and what must come first."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import RuleBroken
from yimei.desk.forms.offers import TermsForm
from yimei.hospital.enums import OnlineBooking
from yimei.hospital.queries import procedures
from yimei.journey.actions import offers as actions
from yimei.journey.queries.online import numbers
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@require_GET
@allow(Permission.CATALOGUE_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    rows = [(one, [each for each in OnlineBooking if each.fits(one.grade)]) for one in procedures()]
    usual = numbers(timezone.now()).consult_days
    return render(request, "desk/bookings/online.html", {"rows": rows, "usual": usual})


@require_POST
@allow(Permission.CATALOGUE_WRITE)
def save(request: StaffRequest, procedure_id: UUID) -> HttpResponse:
    form = TermsForm(request.POST)
    if not form.is_valid():
        raise RuleBroken(" ".join(str(text) for texts in form.errors.values() for text in texts))
    procedure = actions.set_terms(
        procedure_id,
        online=OnlineBooking(form.cleaned_data["online"]),
        consult_days=form.cleaned_data["consult_days"],
        by=request.user,
        now=timezone.now(),
    )
    said = _("「%(name)s」已更新，立即生效。") % {"name": procedure.name}
    return toast(request, redirect_to(request, "desk:online-terms"), said)
