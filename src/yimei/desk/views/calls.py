"""One page for one call: find or write down the person, choose, take a free time, book."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core import phone
from yimei.core.clock import local_date
from yimei.core.errors import Conflict, Missing, RuleBroken
from yimei.core.money import format_yuan
from yimei.desk.forms.bookings import BookingForm, Place, WantedForm
from yimei.desk.views.bookings.times import Offer as Free
from yimei.desk.views.bookings.times import halves
from yimei.hospital.enums import Category
from yimei.hospital.queries import Offer, catalogue_of
from yimei.journey.actions import bookings as actions
from yimei.journey.enums import BookingChannel, BookingKind, BookingStatus, VisitKind
from yimei.journey.queries import bookings as queries
from yimei.journey.queries import cases, kinds
from yimei.people.access import open_patient
from yimei.people.actions import callers, looks
from yimei.people.enums import SourceKind, TokenKind
from yimei.people.queries import Duplicate, possible_duplicates, search
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blame
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.journey.models import Booking
    from yimei.people.models import Patient

FOUND = 6


@allow(Permission.BOOKING_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    offers = catalogue_of(request.user.campus, local_date(now))
    choices = {"procedures": by_category(offers), "today": local_date(now)}
    if request.method != "POST":
        return _page(request, BookingForm(initial=_start(request, now), **choices), now=now)
    data = request.POST.copy()
    if "take" in data:  # one of the next free times, beside the refusal
        data["slot"] = str(data["take"])
    form = BookingForm(data, **choices)
    if not form.is_valid():
        return _page(request, form, now=now)
    try:
        return _book(request, form, data, now=now)
    except Conflict as conflict:
        return _page(request, form, now=now, conflict=conflict)
    except RuleBroken as refusal:
        blame(form, RuleBroken(refusal.message, code=refusal.code))
        return _page(request, form, now=now, missing=refusal.missing)


@require_POST
@allow(Permission.BOOKING_WRITE)
def people(request: StaffRequest) -> HttpResponse:
    """Who this may be, while a number or a name is typed; posted, so that no address holds it."""
    text, name = (request.POST.get(key, "")[:100] for key in ("phone", "name"))
    values = _people(request, text, name, chosen=request.POST.get("patient", ""))
    if values["known"]:
        looks.searched(rows=len(values["known"]), by=request.user, at=timezone.now())
    return render(request, "desk/bookings/new.html#people", values)


@require_GET
@allow(Permission.BOOKING_WRITE)
def slots(request: StaffRequest) -> HttpResponse:
    """The free times of a day by person, as soon as procedure, kind and day are known."""
    now = timezone.now()
    offers = catalogue_of(request.user.campus, local_date(now))
    form = WantedForm(request.GET, procedures=by_category(offers), today=local_date(now))
    values = _free(request, form, now=now, slot=request.GET.get("slot", ""))
    return render(request, "desk/bookings/new.html#slots", values)


def by_category(offers: Sequence[Offer]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The catalogue as a list to choose from: category, then procedure with its list price."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for offer in offers:
        procedure = offer.procedure
        price = format_yuan(offer.price) if offer.price is not None else _("未定价")
        label = f"{procedure.name}　{price}"
        groups.setdefault(str(Category(procedure.category).label), []).append(
            (str(procedure.public_id), label)
        )
    return list(groups.items())


def _book(request: StaffRequest, form: BookingForm, data: QueryDict, *, now: datetime) -> HttpResponse:
    asked = form.cleaned_data
    patient_id = asked["patient"] or _write_down(request, form, now=now)
    if patient_id is None:
        return _page(request, form, now=now)
    data["patient"] = str(patient_id)  # what follows may be refused: the person is known now
    place: Place = asked["slot"]
    booking = actions.request(
        patient_public_id=patient_id,
        campus_public_id=request.user.campus.public_id,
        kind=asked["kind"],
        visit_kind=asked["visit_kind"],
        procedure_public_id=asked["procedure"],
        starts_at=place.starts_at,
        staff_public_id=place.staff_id,
        room_public_id=place.room_id,
        note=asked["note"],
        key=asked["key"],
        by=request.user,
        now=now,
        channel=BookingChannel.DESK if "walk_in" in request.GET else BookingChannel.PHONE,
    )
    return _booked(request, booking, now=now)


def _booked(request: StaffRequest, booking: "Booking", *, now: datetime) -> HttpResponse:
    """A caller is confirmed later; whoever stands at the desk is confirmed at once and arrives next."""
    if "walk_in" in request.GET:
        if booking.status == BookingStatus.REQUESTED:
            actions.confirm(booking.public_id, by=request.user, now=now)
        response = redirect_to(request, "desk:reception")
        return toast(request, response, _("已预约，请登记到诊。"))
    response = redirect_to(request, "desk:booking", booking.public_id)
    return toast(request, response, _("已登记预约。"))


def _write_down(request: StaffRequest, form: BookingForm, *, now: datetime) -> UUID | None:
    """Pre-register the caller; a number that is already here asks the reader to look first."""
    if not request.user.may(Permission.PATIENT_WRITE):
        form.add_error("phone", _("请从搜索结果中选择客户；您不能登记新客户。"))
        return None
    data = form.cleaned_data
    found = possible_duplicates(data["phone"], data["name"], "", by=request.user)
    known = {one.public_id for one in _known(request, data["phone"], "")}
    same = [one for one in found if TokenKind.PHONE in one.reasons]
    is_same = any(TokenKind.NAME in one.reasons and one.public_id in known for one in same)
    if same and not is_same and not data["is_other"]:
        form.add_error("is_other", _("这个号码已有客户登记。请先核对；确是另一位，再勾选后登记。"))
        return None
    patient = callers.find_or_create(
        name=data["name"],
        phone=data["phone"],
        source=data["source"] or SourceKind.PHONE,
        campus=request.user.campus,
        by=request.user,
        at=now,
    )
    return patient.public_id


def _start(request: StaffRequest, now: datetime) -> dict[str, Any]:
    is_walk_in = "walk_in" in request.GET
    wanted, kind = request.GET.get("patient", ""), request.GET.get("kind", "")
    known = open_patient(UUID(wanted), by=request.user) if _is_uuid(wanted) else None
    return {
        "key": uuid4(),
        "kind": BookingKind(kind) if kind in BookingKind.values else BookingKind.CONSULT,
        "procedure": request.GET.get("procedure", ""),
        "visit_kind": kinds.suggest(known, BookingKind.CONSULT) if known else VisitKind.FIRST,
        "source": SourceKind.WALK_IN if is_walk_in else SourceKind.PHONE,
        "day": local_date(now).isoformat(),
        "patient": wanted if known else "",
    }


def _page(
    request: StaffRequest,
    form: BookingForm,
    *,
    now: datetime,
    conflict: Conflict | None = None,
    missing: Sequence[Missing] = (),
) -> HttpResponse:
    is_bound = form.is_bound

    def typed(name: str) -> str:
        return str(form[name].value() or "")

    chosen = typed("patient")
    patient = open_patient(UUID(chosen), by=request.user) if _is_uuid(chosen) else None
    wanted = WantedForm(
        {name: typed(name) for name in ("procedure", "kind", "day", "patient")},
        procedures=by_category(catalogue_of(request.user.campus, local_date(now))),
        today=local_date(now),
    )
    values = {
        "form": form,
        "conflict": conflict,
        "missing": missing,
        "retakes": _retakes(conflict, typed("slot")),
        "chosen": _chosen(request, patient) if patient else None,
        "is_walk_in": "walk_in" in request.GET,
        "may_write": request.user.may(Permission.PATIENT_WRITE),
        **_people(request, typed("phone"), typed("name"), chosen=chosen),
        **_free(request, wanted, now=now, slot=typed("slot")),
    }
    status = 409 if conflict else 422 if is_bound else 200
    return render(request, "desk/bookings/new.html", values, status=status)


def _people(request: StaffRequest, number: str, name: str, *, chosen: str) -> dict[str, Any]:
    """Own customers who can be taken, others' who may be the same, and whether there was anything to ask."""
    known = _known(request, number, name)
    ids = {one.public_id for one in known}
    others: list[Duplicate] = []
    if request.user.may(Permission.PATIENT_WRITE) and (number.strip() or name.strip()):
        found = possible_duplicates(number, name, "", by=request.user)
        others = [one for one in found if one.public_id not in ids]
    rows = cases.rows(known, by=request.user) if known else []
    is_asked = bool(number.strip() or name.strip())
    return {"known": rows, "others": others, "is_asked": is_asked, "picked": chosen}


def _known(request: StaffRequest, number: str, name: str) -> "list[Patient]":
    """Whom the reader may book: found by the number, else by the name."""
    by_number = search(number, by=request.user, limit=FOUND) if number.strip() else []
    by_name = search(name, by=request.user, limit=FOUND) if name.strip() and not by_number else []
    return by_number or by_name


def _chosen(request: StaffRequest, patient: "Patient") -> dict[str, str]:
    row = cases.rows([patient], by=request.user)[0]
    return {
        "id": str(patient.public_id),
        "name": row.who,
        "file_no": patient.file_no or _("未建档"),
        "phone": phone.mask(patient.person.phone),
        "case": f"{row.case.procedure.name} · {row.case.get_stage_display()}" if row.case else "",
    }


def _free(request: StaffRequest, form: WantedForm, *, now: datetime, slot: str = "") -> dict[str, Any]:
    offers: list[Free] = []
    wanted: date | None = None
    consult: kinds.ConsultOwed | None = None
    is_ready = form.is_valid()
    if is_ready:
        data = form.cleaned_data
        wanted = data["day"]
        found = queries.slots_by_person(
            kind=data["kind"],
            procedure_id=data["procedure"],
            campus_id=request.user.campus.public_id,
            day=data["day"],
            by=request.user,
            now=now,
            patient_id=data["patient"],
        )
        offers = halves(found)
        consult = kinds.consult_owed(
            data["patient"], data["kind"], data["procedure"], wanted, by=request.user
        )
    return {
        "consult": consult,
        "offers": offers,
        "is_ready": is_ready,
        "wanted": wanted,
        "is_past": wanted is not None and wanted < local_date(now),
        "day_error": " ".join(map(str, form["day"].errors)) if form["day"].value() else "",
        "slot": slot,
    }


def _retakes(conflict: Conflict | None, slot: str) -> list[tuple[datetime, datetime, str]]:
    """The next free times as buttons that book, for the same person and room as was asked."""
    _start, *place = slot.split("|")
    free = conflict.next_free if conflict else ()
    return [(start, end, "|".join([start.isoformat(), *place])) for start, end in free]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
