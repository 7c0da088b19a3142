"""The waiting list, and those who could not be served."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yimei.core import names, phone
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.desk.forms.waiting import WEEKDAYS, FindForm, TurnAwayForm, WaitingForm
from yimei.desk.views.calls import by_category
from yimei.hospital.queries import catalogue_of
from yimei.journey.actions import waiting as actions
from yimei.journey.enums import BookingKind, TurnAwayReason, Urgency, WaitingStatus
from yimei.journey.queries import bookings as booking_queries
from yimei.journey.queries import waiting as queries
from yimei.journey.queries.board import list_names
from yimei.journey.rules.waiting import EVERY_DAY
from yimei.people.access import open_patient
from yimei.people.actions import looks
from yimei.people.queries import search
from yimei.people.roles import Permission
from yimei.privacy.actions import exports
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.journey.models import WaitingEntry, WaitingOffer
    from yimei.people.models import Patient, Staff

FOUND = 6
USUAL_WAIT = timedelta(days=30)
SPANS = ((7, gettext_lazy("近 7 天")), (30, gettext_lazy("近 30 天")), (90, gettext_lazy("近 90 天")))
URGENCY_TONES = {Urgency.NORMAL: "", Urgency.SOON: "warn", Urgency.MEDICAL: "danger"}


@dataclass(frozen=True)
class Line:
    """One who waits, as the list shows her."""

    entry: "WaitingEntry"
    name: str
    phone: str
    days: str
    hours: str
    tone: str
    offer: "WaitingOffer | None"


# ---- who waits --------------------------------------------------------------------------------


@require_GET
@allow(Permission.BOOKING_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    return render(request, "desk/waiting/index.html", _list(request))


@allow(Permission.BOOKING_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    """Put a customer on the list; without one in the address she is looked for first."""
    patient_id = uuid_or_none(request.GET.get("patient", ""))
    if patient_id is None:
        return render(request, "desk/waiting/new.html", {"find": FindForm(), "chosen": None})
    now = timezone.now()
    patient = open_patient(patient_id, by=request.user)
    form = _form(request, now=now)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            actions.enter(
                patient_public_id=patient_id,
                campus_public_id=request.user.campus.public_id,
                kind=data["kind"],
                procedure_public_id=data["procedure"],
                staff_public_id=data["staff"],
                wish=form.wish,
                urgency=data["urgency"],
                by=request.user,
                now=now,
            )
            text = _("已加入候补，有空位时按顺序邀约。")
            return toast(request, redirect_to(request, "desk:waiting"), text)
    if not form.is_bound:
        exports.look(patient, page="waiting", by=request.user, now=now)
    values = {"form": form, "chosen": patient_line(patient, by=request.user)}
    return render(request, "desk/waiting/new.html", values, status=422 if form.is_bound else 200)


@require_POST
@allow(Permission.BOOKING_WRITE)
def find(request: StaffRequest) -> HttpResponse:
    """Customers by what was typed; posted, so that no address holds it."""
    form = FindForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    found = search(text, by=request.user, limit=FOUND)
    if found:
        looks.searched(rows=len(found), by=request.user, at=timezone.now())
    values = {
        "found": [patient_line(patient, by=request.user) for patient in found],
        "is_asked": bool(text),
        "chosen": None,
    }
    return render(request, "desk/waiting/new.html#found", values)


@require_POST
@allow(Permission.BOOKING_WRITE)
def withdraw(request: StaffRequest, entry_id: UUID) -> HttpResponse:
    actions.withdraw(entry_id, by=request.user, now=timezone.now())
    return _answer(request, _("已退出候补。"))


@require_POST
@allow(Permission.BOOKING_WRITE)
def accept(request: StaffRequest, offer_id: UUID) -> HttpResponse:
    booking = actions.accept(offer_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:booking", booking.public_id), _("已替客户约上。"))


@require_POST
@allow(Permission.BOOKING_WRITE)
def decline(request: StaffRequest, offer_id: UUID) -> HttpResponse:
    actions.decline(offer_id, by=request.user, now=timezone.now())
    return _answer(request, _("已谢绝，时间让给下一位。"))


# ---- who was turned away ----------------------------------------------------------------------


@require_GET
@allow(Permission.BOOKING_VIEW)
def turn_aways(request: StaffRequest) -> HttpResponse:
    today = local_date(timezone.now())
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(span) for span, _label in SPANS} else SPANS[1][0]
    found = queries.turn_aways(by=request.user, since=today - timedelta(days=days - 1), until=today)
    address = reverse("desk:turn-aways")
    values = {
        "found": found,
        "spans": [(label, f"{address}?days={span}", span == days) for span, label in SPANS],
        "counts": [(reason.label, count) for reason, count in found.counts],
        "lines": [
            (row.row, row.who if row.row.patient and row.row.patient.is_vip else names.mask(row.who))
            for row in found.rows
        ],
    }
    return render(request, "desk/waiting/turn_aways.html", values)


@require_POST
@allow(Permission.BOOKING_WRITE)
def turn_away(request: StaffRequest) -> HttpResponse:
    """Note a refused booking by one click, with what its page posts."""
    posted = request.POST.copy()
    posted["slot"] = str(posted.get("refused") or posted.get("slot", ""))
    form = TurnAwayForm(posted)
    if not form.is_valid():
        raise RuleBroken(_("请先选好项目、类别和时间，再记入未接待。"))
    data = form.cleaned_data
    actions.turn_away(
        patient_public_id=data["patient"],
        campus_public_id=request.user.campus.public_id,
        kind=data["kind"],
        procedure_public_id=data["procedure"],
        staff_public_id=data["slot"].staff_id,
        wanted_at=data["slot"].starts_at,
        reason=data["reason"] or TurnAwayReason.FULL,
        said=data["said"],
        by=request.user,
        now=timezone.now(),
    )
    return toast(request, redirect_to(request, "desk:turn-aways"), _("已记入未接待。"))


# ---- what the pages share ---------------------------------------------------------------------


def _list(request: StaffRequest) -> dict[str, Any]:
    asked = request.GET.get("status", "")
    status = WaitingStatus(asked) if asked in WaitingStatus.values else None
    past = (WaitingStatus.BOOKED, WaitingStatus.WITHDRAWN, WaitingStatus.EXPIRED)
    address = reverse("desk:waiting")
    rows = queries.waiting_list(by=request.user, status=status if status in past else None)
    return {
        "lines": [_line(row) for row in rows],
        "filters": [
            (_("正在候补"), address, status not in past),
            *((one.label, f"{address}?status={one.value}", one == status) for one in past),
        ],
        "is_past": status in past,
        "can_write": request.user.may(Permission.BOOKING_WRITE),
    }


def _line(row: queries.WaitingRow) -> Line:
    entry = row.entry
    labels = dict(WEEKDAYS)
    is_any_hour = (entry.from_hour, entry.to_hour) == (0, 24)
    return Line(
        entry=entry,
        name=row.who if entry.patient.is_vip else names.mask(row.who),
        phone=phone.mask(entry.patient.person.phone),
        days=_("每天")
        if entry.weekdays == EVERY_DAY
        else "、".join(str(labels[day]) for day in entry.weekdays),
        hours=_("全天") if is_any_hour else f"{entry.from_hour:02d}:00–{entry.to_hour:02d}:00",
        tone=URGENCY_TONES[Urgency(entry.urgency)],
        offer=row.offer,
    )


def _answer(request: StaffRequest, text: str) -> HttpResponse:
    if not request.htmx:
        return toast(request, redirect_to(request, "desk:waiting"), text)
    return toast(request, render(request, "desk/waiting/index.html#list", _list(request)), text)


def _form(request: StaffRequest, *, now: datetime) -> WaitingForm:
    today: date = local_date(now)
    return WaitingForm(
        request.POST if request.method == "POST" else None,
        procedures=by_category(catalogue_of(request.user.campus, today)),
        staff=[(str(one.public_id), f"{one.name} · {one.role.name}") for one in everybody(request)],
        today=today,
        initial={
            "procedure": request.GET.get("procedure", ""),
            "staff": request.GET.get("staff", ""),
            "kind": request.GET.get("kind", BookingKind.CONSULT),
            "weekdays": list(EVERY_DAY),
            "from_hour": 0,
            "to_hour": 24,
            "valid_from": today,
            "valid_to": today + USUAL_WAIT,
            "urgency": Urgency.NORMAL,
        },
    )


def everybody(request: StaffRequest) -> list["Staff"]:
    """Whoever may be asked for by name at the reader's campus."""
    kinds = (BookingKind.CONSULT, BookingKind.TREATMENT)
    found = {
        one.pk: one for kind in kinds for one in booking_queries.serving_staff(kind, request.user.campus)
    }
    return list(found.values())


def patient_line(patient: "Patient", *, by: "Staff") -> dict[str, str]:
    """A customer as one line of a page on which something is arranged for her."""
    return {
        "id": str(patient.public_id),
        "name": list_names([patient], by=by)[patient.pk],
        "file_no": patient.file_no or _("未建档"),
        "phone": phone.mask(patient.person.phone),
    }


def uuid_or_none(text: str) -> UUID | None:
    """Read an id of an address; nonsense is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
