"""What a customer agreed to: one answer for each purpose, as easy to take back as to give."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.notices import ExceptionForm
from yimei.desk.forms.signatures import png_of
from yimei.desk.views.customer.frames import Frame, patient_frame
from yimei.desk.views.customer.tabs import TABS
from yimei.people.access import open_guardian, open_patient
from yimei.people.queries import guardians_of, needs_guardian
from yimei.people.roles import Permission
from yimei.privacy import queries
from yimei.privacy.access import open_notice
from yimei.privacy.actions import consents
from yimei.privacy.enums import ConsentChannel, ConsentMode
from yimei.privacy.queries import assessments
from yimei.privacy.queries.looks import seen
from yimei.privacy.queries.majority import unconfirmed
from yimei.privacy.queries.register import audience_of, current_notice
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

ASKING = (
    Permission.PATIENT_WRITE,
    Permission.CONSULT_WRITE,
    Permission.CONSENT_WRITE,
    Permission.CLINICAL_VIEW,
    Permission.PRIVACY_WRITE,
)
"""Whoever sits with the customer may hand her the tablet; the privacy officer may too."""


STORY = "story.share"
"""Agreed to within a story: its words, uses and last day are what is signed."""

PAGES = {
    **dict(TABS),
    "patient": gettext_lazy("客户"),
    "patient-register": gettext_lazy("建档"),
    "patient-edit": gettext_lazy("身份资料"),
    "patient-guardians": gettext_lazy("监护人"),
    "patient-alerts": gettext_lazy("安全提醒"),
    "patient-consents": gettext_lazy("告知与同意"),
    "patient-stories": gettext_lazy("客户故事"),
}
"""What the log calls a page, in the words of the page."""


@require_GET
@allow(*ASKING, Permission.PRIVACY_VIEW)
def index(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    customer = patient_frame(request, patient_id, current="patient-consents")
    chips = queries.consent_chips(customer.patient, customer.now)
    askable = {ask.purpose.code for ask in queries.pending_asks(customer.patient, customer.now)}
    audience = audience_of(customer.patient, local_date(customer.now))
    untold = {
        chip.code
        for chip in chips
        if not chip.is_given and chip.code not in askable and current_notice(chip.code, audience) is None
    }
    values = {
        "customer": customer,
        "story": STORY,
        "chips": [(chip, chip.code in askable, chip.code in untold) for chip in chips],
        "is_minor": _is_minor(customer),
        "unsigned": [purpose.name for purpose, _paper in assessments.waiting() if purpose.closed_at],
        "outgrown": unconfirmed(customer.patient, customer.now),
        "may_ask": any(request.user.may(right) for right in ASKING),
        "exception": ExceptionForm(),
    }
    return render(request, "desk/patients/consents.html", values)


@allow(*ASKING)
def ask(request: StaffRequest, patient_id: UUID, purpose_code: str) -> HttpResponse:
    """Show the notice, and take the answer with a signature."""
    customer = patient_frame(request, patient_id, current="patient-consents")
    chip = queries.chip(customer.patient, purpose_code, customer.now)
    if chip is None:
        raise NotFound
    if purpose_code == STORY:
        return redirect_to(request, "desk:patient-stories", patient_id)
    error = ""
    if request.method == "POST":
        try:
            return _answer(request, customer, purpose_code)
        except RuleBroken as refusal:
            error = "；".join([refusal.message, *(missing.what for missing in refusal.missing)])
    elif request.GET.get("by") != "customer":
        consents.show(customer.patient, purpose_code, by=request.user, now=customer.now)
    audience = audience_of(customer.patient, local_date(customer.now))
    values = {
        "customer": customer,
        "chip": chip,
        "notice": current_notice(purpose_code, audience),
        "guardians": guardians_of(customer.patient) if _is_minor(customer) else [],
        "is_minor": _is_minor(customer),
        "needs_signature": chip.purpose.mode != ConsentMode.GENERAL,
        "error": error,
    }
    return render(request, "desk/patients/consent_ask.html", values, status=422 if error else 200)


@require_POST
@allow(*ASKING)
def withdraw(request: StaffRequest, patient_id: UUID, purpose_code: str) -> HttpResponse:
    patient = open_patient(patient_id, by=request.user)
    channel = ConsentChannel.PHONE if request.GET.get("by") == "phone" else ConsentChannel.TABLET
    consents.withdraw(
        patient, purpose_code, by=request.user, now=timezone.now(), channel=channel, device=request.device
    )
    response = redirect_to(request, "desk:patient-consents", patient_id)
    return toast(request, response, _("已撤回，立即生效；此前依据同意所做的仍然有效。"))


@require_GET
@allow()
def notice(request: StaffRequest, notice_id: UUID) -> HttpResponse:
    """The text of a notice, for the drawer."""
    return render(request, "desk/patients/notice.html", {"notice": open_notice(notice_id)})


@require_GET
@allow(Permission.PATIENT_VIEW)
def log(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Who looked at this customer (谁看过)."""
    customer = patient_frame(request, patient_id, current="patient-log")
    looks = [(look, PAGES.get(look.page, "")) for look in seen(customer.patient)]
    return render(request, "desk/patients/log.html", {"customer": customer, "looks": looks})


def _answer(request: StaffRequest, customer: Frame, purpose_code: str) -> HttpResponse:
    """Write down a yes with its signature, or a no; a no never asks for anything."""
    now, patient = timezone.now(), customer.patient
    if request.POST.get("act") == "refuse":
        consents.refuse(patient, purpose_code, by=request.user, now=now, device=request.device)
        text = _("已记录不同意；除非是诊疗所必需，不影响服务。")
    else:
        drawn = request.POST.get("signature", "")
        chip = queries.chip(patient, purpose_code, now)
        is_signed = chip is not None and chip.purpose.mode != ConsentMode.GENERAL
        guardian_id = _uuid(request.POST.get("guardian", ""))
        consents.give(
            patient,
            purpose_code,
            by=request.user,
            now=now,
            guardian=open_guardian(guardian_id, by=request.user) if guardian_id else None,
            evidence=consents.Evidence(png_of(drawn), "signature.png") if is_signed else None,
            device=request.device,
        )
        text = _("已记录同意。")
    return toast(request, redirect_to(request, "desk:patient-consents", patient.public_id), text)


def _is_minor(customer: Frame) -> bool:
    return needs_guardian(customer.patient, local_date(customer.now))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None
