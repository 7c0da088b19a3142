"""A new enquiry, and a first time booked for one."""

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.desk.forms.bookings import WantedForm
from yimei.desk.forms.leads import (
    LeadBookingForm,
    LeadForm,
)
from yimei.desk.views.bookings.times import halves
from yimei.desk.views.calls import by_category
from yimei.growth.access import own_lead
from yimei.growth.actions import leads as actions
from yimei.growth.actions import visits
from yimei.growth.enums import AssignRule
from yimei.growth.queries import (
    lists,
)
from yimei.hospital.queries import catalogue_of
from yimei.journey.enums import BookingKind
from yimei.journey.queries import bookings as free
from yimei.people.queries import possible_duplicates
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.growth.models import Lead


@allow(Permission.LEAD_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    initial = {
        "rule": AssignRule.ROUND_ROBIN if request.user.may(Permission.LEAD_ASSIGN) else AssignRule.SELF
    }
    form = LeadForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        with blaming(form):
            lead = actions.write_down(**form.cleaned_data, by=request.user, now=timezone.now())
            return _written(request, lead)
    status = 422 if form.is_bound else 200
    return render(request, "desk/leads/new.html", {"form": form, **_same(request, form)}, status=status)


@require_POST
@allow(Permission.LEAD_WRITE)
def same(request: StaffRequest) -> HttpResponse:
    """Whether this number is here already, while it is typed; posted, so that no address holds it."""
    return render(request, "desk/leads/new.html#same", _same(request, LeadForm(request.POST)))


@allow(Permission.LEAD_WRITE)
def book(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    """A consultation for a lead, through the bookings' own action."""
    lead, now = own_lead(lead_id, by=request.user), timezone.now()
    if not request.user.may(Permission.BOOKING_WRITE):
        raise NotFound
    choices: Any = {
        "procedures": by_category(catalogue_of(lead.campus, local_date(now))),
        "today": local_date(now),
    }
    start = {"key": uuid4(), "day": local_date(now).isoformat(), "kind": BookingKind.CONSULT.value}
    form = LeadBookingForm(request.POST or None, initial=start, **choices)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            visits.become_customer(lead_id, by=request.user, now=now)
            booking = visits.book(
                lead_id,
                procedure_id=data["procedure"],
                starts_at=data["slot"].starts_at,
                staff_id=data["slot"].staff_id,
                room_id=data["slot"].room_id,
                note=data["note"],
                key=data["key"],
                by=request.user,
                now=now,
            )
            return toast(request, redirect_to(request, "desk:booking", booking.public_id), _("已登记预约。"))
    values = {"lead": lead, "row": lists.row(lead, by=request.user), "form": form}
    values |= _free(request, form, choices)
    return render(request, "desk/leads/book.html", values, status=422 if form.is_bound else 200)


def _written(request: StaffRequest, lead: "Lead") -> HttpResponse:
    if lead.duplicate_of is not None:
        owner = lead.duplicate_of.owner
        who = owner.name if owner else _("公海")
        text = _("这个号码已有线索，已并入；归 %(who)s，已提醒其联系。") % {"who": who}
        return toast(request, redirect_to(request, "desk:leads"), text)
    if lead.owner_id == request.user.pk or request.user.may(Permission.LEAD_ASSIGN):
        return toast(request, redirect_to(request, "desk:lead", lead.public_id), _("已登记线索。"))
    who = lead.owner.name if lead.owner else _("公海")
    text = _("已登记线索，分配给 %(who)s。") % {"who": who}
    return toast(request, redirect_to(request, "desk:leads"), text)


def _same(request: StaffRequest, form: LeadForm) -> dict[str, Any]:
    number, name = (str(form[key].value() or "")[:100] for key in ("phone", "name"))
    people = possible_duplicates(number, name, "", by=request.user) if number.strip() else []
    return {"found": lists.same_phone(number, by=request.user), "people": people}


def _free(request: StaffRequest, form: LeadBookingForm, choices: Any) -> dict[str, Any]:
    typed = {name: str(form[name].value() or "") for name in ("procedure", "day")}
    wanted = WantedForm({**typed, "kind": BookingKind.CONSULT.value}, **choices)
    is_ready, offers = wanted.is_valid(), []
    if is_ready:
        found = free.slots_by_person(
            kind=BookingKind.CONSULT,
            procedure_id=wanted.cleaned_data["procedure"],
            campus_id=request.user.campus.public_id,
            day=wanted.cleaned_data["day"],
            by=request.user,
            now=timezone.now(),
        )
        offers = halves(found)
    return {
        "offers": offers,
        "is_ready": is_ready,
        "wanted": wanted.cleaned_data.get("day") if is_ready else None,
        "consult": None,
        "day_error": "",
        "slot": str(form["slot"].value() or ""),
    }
