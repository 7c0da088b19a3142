"""Finding customers and keeping their file: list, pre-registration, registration, correction."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core import ids
from yimei.core.clock import age_on, local_date
from yimei.core.errors import RuleBroken
from yimei.desk.forms.patients import EditForm, NewForm, RegisterForm, RevealForm, identity_of
from yimei.desk.views.customer.frames import patient_frame
from yimei.desk.views.customer.page import links, timeline
from yimei.hospital.access import open_campus
from yimei.hospital.queries import campuses
from yimei.journey.enums import CaseStage
from yimei.journey.queries import cases
from yimei.people import queries
from yimei.people.access import open_patient, scope_of
from yimei.people.actions import looks, patients
from yimei.people.enums import Sex
from yimei.people.roles import Permission, Scope
from yimei.people.rules.capacity import needs_guardian
from yimei.people.rules.identity import check_birth_date
from yimei.privacy.actions import exports
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.people.models import Patient

PAGE = 25
FOUND = 50


@require_GET
@allow(Permission.PATIENT_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    text, stage = request.GET.get("q", "").strip(), request.GET.get("stage", "")
    is_mine, now = request.GET.get("mine") == "1", timezone.now()
    outside = None
    people: Any
    if text:
        people = queries.search(text, by=request.user, limit=FOUND)
        looks.searched(rows=len(people), by=request.user, at=now)
        if not people and request.user.may(Permission.CLINICAL_VIEW):
            outside = queries.find_exact(text, by=request.user)
    else:
        people = cases.customers(by=request.user, stage=stage if stage in CaseStage else "", is_mine=is_mine)
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    values = {
        "q": text,
        "new_query": urlencode({"q": text}),
        "export_query": urlencode({"stage": stage, "mine": "1" if is_mine else ""}),
        "page": page,
        "rows": cases.rows(page.object_list, by=request.user),
        "outside": outside,
        "is_filtered": bool(text or stage or is_mine),
        "filters": _filters(request, stage=stage, is_mine=is_mine),
    }
    return render(request, "desk/patients/index.html", values)


@allow(Permission.PATIENT_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    form = NewForm(request.POST or None, initial=_typed(request), campuses=_campuses(request))
    found: Sequence[queries.Duplicate] = ()
    if request.method == "POST" and form.is_valid():
        data, who = form.cleaned_data, form.identity()
        found = queries.possible_duplicates(who["phone"], who["name"], who["id_no"], by=request.user)
        if found and not data["is_other"]:
            form.add_error("is_other", _("可能已有这位客户。请先核对下方名单；确是另一位，再勾选后登记。"))
        else:
            with blaming(form):
                patient = patients.create(
                    **who,
                    source=data["source"],
                    campus=open_campus(data["campus"]),
                    by=request.user,
                    at=timezone.now(),
                )
                response = redirect_to(request, "desk:patient", patient.public_id)
                return toast(request, response, _("已登记新客户。"))
    values = {"form": form, "matches": _matches(request, found)}
    return render(request, "desk/patients/new.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.PATIENT_WRITE)
def duplicates(request: StaffRequest) -> HttpResponse:
    """Who may already be here, while the form is being filled."""
    phone, name, id_no = (request.POST.get(key, "")[:200] for key in ("phone", "name", "id_no"))
    found = queries.possible_duplicates(phone, name, id_no, by=request.user)
    return render(request, "desk/patients/new.html#matches", {"matches": _matches(request, found)})


@require_POST
@allow(Permission.PATIENT_WRITE)
def identity(request: StaffRequest) -> HttpResponse:
    """What an identity number says, while it is being typed."""
    values: dict[str, Any] = {"birth": None, "age": None, "sex": "", "is_minor": False, "error": ""}
    typed, today = request.POST.get("id_no", "").strip(), local_date(timezone.now())
    if typed:
        try:
            number = ids.check_id_no(typed[:40])
            birth = ids.birth_date_of(number)
            check_birth_date(birth, today)
            values |= {"birth": birth, "age": age_on(birth, today), "sex": Sex(ids.sex_of(number)).label}
            values["is_minor"] = needs_guardian(birth, today)
        except RuleBroken as refusal:
            values["error"] = refusal.message
    return render(request, "desk/patients/identity.html#said", values)


@allow(Permission.PATIENT_VIEW)
def detail(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """The newest episode, or the person herself while there is none."""
    patient = cases.open_to_read(patient_id, by=request.user, now=timezone.now())
    if patient.is_merged:
        return redirect_to(request, "desk:patient", patient.head.public_id)
    episodes = cases.of_patient(patient, by=request.user)
    if episodes:
        return redirect_to(request, "desk:case", episodes[0].public_id)
    customer = patient_frame(request, patient_id, current="patient")
    values = {
        "customer": customer,
        "links": links(customer.patient, by=request.user),
        "timeline": timeline(customer, by=request.user),
        "patient_text": str(patient_id),
    }
    return render(request, "desk/patients/detail.html", values)


@allow(Permission.PATIENT_WRITE)
def register(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Open the file (建档)."""
    customer = patient_frame(
        request, patient_id, current="patient-register", permission=Permission.PATIENT_WRITE
    )
    if customer.patient.is_registered:
        return redirect_to(request, "desk:patient-edit", patient_id)
    if request.method != "POST" and not queries.has_just_typed(
        customer.patient, by=request.user, now=customer.now
    ):
        patients.reveal_identity(patient_id, page="register", by=request.user, at=customer.now)
    form = RegisterForm(request.POST or None, initial=_known(customer.patient))
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            patient = patients.register(
                patient_id,
                **form.identity(),
                is_vip=form.cleaned_data["is_vip"],
                is_other=form.cleaned_data["is_other"],
                by=request.user,
                at=timezone.now(),
            )
            text = _("已建档，档案号 %(file_no)s。") % {"file_no": patient.file_no}
            return toast(request, _after(request, patient), text)
    values = {"customer": customer, "form": form, "matches": _others(request, customer.patient, form)}
    return render(request, "desk/patients/register.html", values, status=422 if form.errors else 200)


@allow(Permission.PATIENT_WRITE)
def edit(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    customer = patient_frame(request, patient_id, current="patient-edit", permission=Permission.PATIENT_WRITE)
    if request.method != "POST":
        patients.reveal_identity(patient_id, page="edit", by=request.user, at=customer.now)
    works = customer.patient.employee
    known = {**_known(customer.patient), "employee": works.username if works else ""}
    form = EditForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            patients.set_employee(
                patient_id, username=form.cleaned_data["employee"], by=request.user, at=timezone.now()
            )
            patients.correct(patient_id, **form.identity(), by=request.user, at=timezone.now())
            patients.set_vip(
                patient_id, is_vip=form.cleaned_data["is_vip"], by=request.user, at=timezone.now()
            )
            response = redirect_to(request, "desk:patient", patient_id)
            return toast(request, response, _("资料已更正。"))
    values = {"customer": customer, "form": form}
    return render(request, "desk/patients/edit.html", values, status=422 if form.errors else 200)


@allow(Permission.PATIENT_REVEAL)
def reveal(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Ask what for, then show the whole number; the log keeps the purpose."""
    patient = open_patient(patient_id, by=request.user, under=Permission.PATIENT_REVEAL)
    form = RevealForm(request.POST or None)
    values = {"form": form, "patient_id": patient_id, "number": ""}
    if request.method == "POST" and form.is_valid():
        is_call, now = bool(request.POST.get("call")), timezone.now()
        exports.check_look(patient, by=request.user, now=now)
        number = patients.reveal_phone(
            patient_id,
            purpose=form.cleaned_data["purpose"],
            by=request.user,
            at=now,
            is_call=is_call,
        )
        if is_call:
            # The number goes to the telephone, not into the page.
            return HttpResponse(
                status=204, headers={"HX-Redirect": f"tel:{number}", "HX-Trigger": "ym:close"}
            )
        values["number"] = number.removeprefix("+86")
        response = render(request, "desk/patients/reveal.html#number", values)
        response["HX-Trigger"] = "ym:close"
        return response
    response = render(request, "desk/patients/reveal.html#ask", values, status=422 if form.errors else 200)
    response["HX-Retarget"] = "#dialog"
    response["HX-Reswap"] = "innerHTML"
    return response


def _after(request: StaffRequest, patient: "Patient") -> HttpResponse:
    """A new file of a minor leads to her guardian, of anybody else back to who asked, or to the consents."""
    is_minor = queries.needs_guardian(patient, local_date(timezone.now()))
    back = request.GET.get("next", "")
    if not is_minor and url_has_allowed_host_and_scheme(back, {request.get_host()}):
        return redirect_to(request, back)
    page = "desk:patient-guardians" if is_minor else "desk:patient-consents"
    return redirect_to(request, page, patient.public_id)


def _known(patient: "Patient") -> dict[str, str | date | bool | None]:
    return {**identity_of(patient.person), "is_vip": patient.is_vip}


def _typed(request: StaffRequest) -> dict[str, str]:
    """What the list was searched for without success is the beginning of the new file."""
    words = request.GET.get("q", "").strip()[:60]
    return {"phone" if words[:1].isdigit() else "name": words} if words else {}


def _campuses(request: StaffRequest) -> list[tuple[UUID, str]]:
    by = request.user
    if scope_of(by, Permission.PATIENT_WRITE) == Scope.CAMPUS:
        return [(by.campus.public_id, by.campus.name)]
    everywhere = [(campus.public_id, campus.name) for campus in campuses()]
    return sorted(everywhere, key=lambda one: one[0] != by.campus.public_id)


def _matches(
    request: StaffRequest, found: Sequence[queries.Duplicate]
) -> list[tuple[queries.Duplicate, str, str]]:
    """Each possible match with its reasons and its address, blank when she is somebody else's customer."""
    wanted = [one.public_id for one in found]
    mine = cases.customers(by=request.user).filter(public_id__in=wanted)
    known = set(mine.values_list("public_id", flat=True)) if wanted else set()
    return [
        (
            one,
            _("同") + "、".join(str(reason.label) for reason in one.reasons),
            reverse("desk:patient", args=[one.public_id]) if one.public_id in known else "",
        )
        for one in found
    ]


def _others(
    request: StaffRequest, patient: "Patient", form: RegisterForm
) -> list[tuple[queries.Duplicate, str, str]]:
    """Who may be the same person, by what was typed or is known already; herself apart."""
    typed = form.data if form.is_bound else form.initial
    words = [str(typed.get(key) or "")[:200] for key in ("phone", "name", "id_no")]
    found = queries.possible_duplicates(*words, by=request.user)
    return _matches(request, [one for one in found if one.public_id != patient.public_id])


def _filters(request: StaffRequest, *, stage: str, is_mine: bool) -> list[tuple[str, str, bool]]:
    def url(**wanted: str) -> str:
        return f"?{urlencode({key: value for key, value in wanted.items() if value})}"

    mine = "1" if is_mine else ""
    everybody = [(_("全部"), url(mine=mine), not stage)]
    stages = [
        (str(one.label), url(stage=one.value, mine=mine), stage == one.value)
        for one in CaseStage
        if one not in {CaseStage.CLOSED, CaseStage.LOST}
    ]
    own = (_("由我负责"), url(stage=stage, mine="" if is_mine else "1"), is_mine)
    if scope_of(request.user, Permission.PATIENT_VIEW) == Scope.OWN:
        return [*everybody, *stages]
    return [own, *everybody, *stages]
