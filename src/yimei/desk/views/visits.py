"""A visit of several services, and a course of several visits, each on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.core.clock import local_date, local_day
from yimei.core.errors import Conflict, Missing, RuleBroken
from yimei.core.numbers import whole
from yimei.desk.forms.visits import CourseForm, PartForm, PartFormSet, SearchForm, VisitForm
from yimei.desk.forms.waiting import FindForm
from yimei.desk.views.bookings.times import halves
from yimei.desk.views.calls import by_category
from yimei.desk.views.waiting import FOUND, everybody, patient_line, uuid_or_none
from yimei.hospital.queries import catalogue_of, devices
from yimei.journey.actions import series as series_actions
from yimei.journey.actions import visits as actions
from yimei.journey.actions.visits import Wanted
from yimei.journey.enums import BookingKind
from yimei.journey.queries import bookings as booking_queries
from yimei.journey.queries import kinds
from yimei.journey.queries import visits as queries
from yimei.people.access import open_patient
from yimei.people.actions import looks
from yimei.people.queries import search
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from django.forms import BaseFormSet

    from yimei.journey.queries.visits import VisitSlot
    from yimei.people.models import Patient

ROWS, OFFERED = 2, 6
USUAL_SEARCH = timedelta(days=14)


@dataclass(frozen=True)
class Found:
    """A time at which the whole visit is free, as a button posts it and as it is read."""

    slot: "VisitSlot"

    @property
    def value(self) -> str:
        parts = [
            f"{part.staff.public_id}|{part.room.public_id}|{part.device.public_id if part.device else ''}"
            for part in self.slot.parts
        ]
        return ";".join([self.slot.starts_at.isoformat(), *parts])

    @property
    def lines(self) -> list[tuple[datetime, datetime, str, str]]:
        """Each service: from, to, what, who and where."""
        found = []
        for part in self.slot.parts:
            start = self.slot.starts_at + part.ask.offset
            things = [part.staff.name, part.room.name, part.device.name if part.device else ""]
            end = start + part.ask.length.duration
            found.append((start, end, part.ask.procedure.name, " · ".join(one for one in things if one)))
        return found


@dataclass
class Page:
    """What stands on the page of a visit besides its forms."""

    found: Sequence[Found] = ()
    is_searched: bool = False
    refusal: str = ""
    missing: Sequence[Missing] = ()
    status: int = 200


# ---- several services -------------------------------------------------------------------------


@allow(Permission.BOOKING_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    """Choose the services, find when all of it is free, book it whole."""
    patient_id = uuid_or_none(request.GET.get("patient", ""))
    if patient_id is None:
        return _find(request, "desk:visit-new")
    now, patient = timezone.now(), open_patient(patient_id, by=request.user)
    parts, dates, form = _forms(request, patient, now=now)
    page = Page()
    if request.method == "POST" and request.POST.get("act") != "more":
        try:
            booked = _search_or_book(request, patient, parts, dates, form, page, now=now)
        except RuleBroken as refusal:
            page.refusal, page.missing, page.status = refusal.message, refusal.missing, refusal.status
        else:
            if booked is not None:
                return booked
    values = {
        "chosen": patient_line(patient, by=request.user),
        "parts": parts,
        "dates": dates,
        "form": form,
        "page": page,
        "may_add": len(parts.forms) < (parts.max_num or 0),
    }
    return render(request, "desk/visits/new.html", values, status=page.status)


def _search_or_book(
    request: StaffRequest,
    patient: "Patient",
    parts: "BaseFormSet[PartForm]",
    dates: SearchForm,
    form: VisitForm,
    page: Page,
    *,
    now: datetime,
) -> HttpResponse | None:
    if not (parts.is_valid() and dates.is_valid()):
        page.status = 422
        return None
    wanted = _wanted(parts)
    asks = actions.asks_for(wanted, patient_public_id=patient.public_id, by=request.user, now=now)
    if request.POST.get("act") == "book":
        if form.is_valid():
            return _book(request, patient, wanted, form, now=now)
        page.status = 422
    since, until = local_day(dates.cleaned_data["since"])[0], local_day(dates.cleaned_data["until"])[1]
    slots = queries.first_times(
        asks,
        (max(since, now), until),
        patient=patient,
        count=OFFERED,
        hours=(dates.cleaned_data["from_hour"], dates.cleaned_data["to_hour"]),
    )
    page.found, page.is_searched = [Found(slot) for slot in slots], True
    return None


def _book(
    request: StaffRequest, patient: "Patient", wanted: Sequence[Wanted], form: VisitForm, *, now: datetime
) -> HttpResponse:
    choice, data = form.cleaned_data["choice"], form.cleaned_data
    if len(choice.parts) != len(wanted):
        raise RuleBroken(_("项目已经改动，请重新找时间。"))
    booking = actions.request(
        patient_public_id=patient.public_id,
        campus_public_id=request.user.campus.public_id,
        wanted=[
            Wanted(
                kind=one.kind,
                procedure_public_id=one.procedure_public_id,
                offset=one.offset,
                staff_public_id=named.staff_id,
                room_public_id=named.room_id,
                device_public_id=named.device_id,
            )
            for one, named in zip(wanted, choice.parts, strict=True)
        ],
        visit_kind=data["visit_kind"],
        starts_at=choice.starts_at,
        note=data["note"],
        key=data["key"],
        by=request.user,
        now=now,
    )
    page = redirect_to(request, "desk:booking", booking.public_id)
    return toast(request, page, _("已登记预约，各项的人员、房间和设备都已留好。"))


def _wanted(parts: "BaseFormSet[PartForm]") -> list[Wanted]:
    """The services in order; each begins when the one before ends, or together with it."""
    found: list[Wanted] = []
    begins = ends = timedelta(0)
    for row in (part.cleaned_data for part in parts.forms):
        if not row.get("procedure"):
            continue
        duration = actions.duration_of(row["kind"], row["procedure"])
        begins = begins if found and row["order"] == "with" else ends
        ends = max(ends, begins + duration)
        found.append(
            Wanted(
                kind=row["kind"],
                procedure_public_id=row["procedure"],
                offset=begins,
                staff_public_id=row["staff"],
                device_public_id=row["device"],
            )
        )
    return found


def _forms(
    request: StaffRequest, patient: "Patient", *, now: datetime
) -> "tuple[BaseFormSet[PartForm], SearchForm, VisitForm]":
    today, campus = local_date(now), request.user.campus
    lists = {
        "procedures": by_category(catalogue_of(campus, today)),
        "staff": [(str(one.public_id), f"{one.name} · {one.role.name}") for one in everybody(request)],
        "devices": [(str(one.public_id), one.name) for one in devices(campus)],
    }
    if request.method != "POST":
        rows = [{"kind": BookingKind.CONSULT}, {"kind": BookingKind.TREATMENT}][:ROWS]
        days = {"since": today, "until": today + USUAL_SEARCH, "from_hour": 0, "to_hour": 24}
        return (
            PartFormSet(initial=rows, prefix="part", form_kwargs=lists),
            SearchForm(initial=days, today=today),
            _unasked(patient, uuid4()),
        )
    data = request.POST.copy()
    if data.get("act") == "more":
        count = data.get("part-TOTAL_FORMS", "")
        shown = whole(count)
        grown = ROWS if shown is None else shown + 1
        data["part-TOTAL_FORMS"] = str(min(grown, PartFormSet.max_num))
        data[f"part-{grown - 1}-kind"] = BookingKind.TREATMENT.value
    is_booked = data.get("act") == "book"
    return (
        PartFormSet(data, prefix="part", form_kwargs=lists),
        SearchForm(data, today=today),
        VisitForm(data) if is_booked else _unasked(patient, data.get("key", ""), data.get("note", "")),
    )


def _unasked(patient: "Patient", key: object, note: object = "") -> VisitForm:
    """What is written down with a time, before there is one to choose."""
    kind = kinds.suggest(patient, BookingKind.CONSULT)
    return VisitForm(initial={"key": key, "visit_kind": kind, "note": note})


# ---- a course ---------------------------------------------------------------------------------


@allow(Permission.BOOKING_WRITE)
def course(request: StaffRequest) -> HttpResponse:
    """Every session of a course or none, or as many as fit with a report of the rest."""
    patient_id = uuid_or_none(request.GET.get("patient", ""))
    if patient_id is None:
        return _find(request, "desk:course-new")
    now, patient = timezone.now(), open_patient(patient_id, by=request.user)
    today = local_date(now)
    start = {
        "key": uuid4(),
        "patient": patient.public_id,
        "day": today,
        "visit_kind": kinds.suggest(patient, BookingKind.TREATMENT),
        "keeps_staff": True,
    }
    form = CourseForm(
        request.POST if request.method == "POST" else None,
        initial=start,
        procedures=by_category(catalogue_of(request.user.campus, today)),
        today=today,
    )
    page = Page()
    if form.is_bound:
        page.status = 422
        if form.is_valid():
            try:
                done = _course(request, patient, form, now=now)
            except RuleBroken as refusal:
                page.refusal, page.missing, page.status = refusal.message, refusal.missing, refusal.status
                free = refusal.next_free if isinstance(refusal, Conflict) else ()
                return _course_page(request, form, patient, page, now=now, next_free=free)
            return render(
                request,
                "desk/visits/done.html",
                {"course": done, "chosen": patient_line(patient, by=request.user)},
            )
    return _course_page(request, form, patient, page, now=now)


def _course(
    request: StaffRequest, patient: "Patient", form: CourseForm, *, now: datetime
) -> series_actions.Course:
    data, place = form.cleaned_data, form.cleaned_data["slot"]
    return series_actions.request(
        patient_public_id=patient.public_id,
        campus_public_id=request.user.campus.public_id,
        kind=data["kind"],
        visit_kind=data["visit_kind"],
        procedure_public_id=data["procedure"],
        first_at=place.starts_at,
        sessions=data["sessions"],
        every_days=data["every_days"],
        staff_public_id=place.staff_id if data["keeps_staff"] else None,
        room_public_id=None,
        note=data["note"],
        key=data["key"],
        by=request.user,
        now=now,
        as_many_as_fit=data["as_many_as_fit"],
    )


def _course_page(
    request: StaffRequest,
    form: CourseForm,
    patient: "Patient",
    page: Page,
    *,
    now: datetime,
    next_free: Sequence[tuple[datetime, datetime]] = (),
) -> HttpResponse:
    typed = {name: form[name].value() for name in ("procedure", "kind", "day")}
    wanted = form.fields["day"].clean(str(typed["day"])) if typed["day"] else None
    procedure = uuid_or_none(str(typed["procedure"] or ""))
    offers = []
    if procedure and wanted and typed["kind"] in BookingKind.values:
        offers = halves(
            booking_queries.slots_by_person(
                kind=BookingKind(typed["kind"]),
                procedure_id=procedure,
                campus_id=request.user.campus.public_id,
                day=wanted,
                by=request.user,
                now=now,
                patient_id=patient.public_id,
            )
        )
    values = {
        "form": form,
        "chosen": patient_line(patient, by=request.user),
        "page": page,
        "next_free": next_free,
        "offers": offers,
        "is_ready": bool(procedure),
        "wanted": wanted,
        "day_error": "",
        "consult": None,
        "slot": str(form["slot"].value() or ""),
    }
    return render(request, "desk/visits/course.html", values, status=page.status)


# ---- who it is for ----------------------------------------------------------------------------


@require_POST
@allow(Permission.BOOKING_WRITE)
def find(request: StaffRequest) -> HttpResponse:
    """Customers by what was typed; posted, so that no address holds it."""
    form = FindForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    found = search(text, by=request.user, limit=FOUND)
    if found:
        looks.searched(rows=len(found), by=request.user, at=timezone.now())
    to = "desk:course-new" if request.POST.get("to") == "desk:course-new" else "desk:visit-new"
    values = {
        "found": [patient_line(patient, by=request.user) for patient in found],
        "is_asked": bool(text),
        "to": to,
    }
    return render(request, "desk/visits/find.html#found", values)


def _find(request: StaffRequest, to: str) -> HttpResponse:
    return render(request, "desk/visits/find.html", {"find": FindForm(), "to": to, "found": []})
