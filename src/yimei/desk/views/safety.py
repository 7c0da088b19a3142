"""What keeps a customer safe: who answers for a minor, and the warnings that never scroll away."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.core.clock import local_date
from yimei.desk.forms.patients import AlertForm, CapacityForm, GuardianForm
from yimei.desk.views.customer.frames import patient_frame
from yimei.people import queries
from yimei.people.actions import alerts as alert_actions
from yimei.people.actions import capacity as capacity_actions
from yimei.people.actions import guardians as guardian_actions
from yimei.people.queries import needs_guardian
from yimei.people.roles import Permission
from yimei.privacy.queries.majority import with_guardians_number
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@allow(Permission.PATIENT_WRITE, *capacity_actions.APPROVERS)
def guardians(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    form = GuardianForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            guardian_actions.link(patient_id, **form.cleaned_data, by=request.user, at=timezone.now())
            response = redirect_to(request, "desk:patient-guardians", patient_id)
            return toast(request, response, _("已登记监护人，请核对证件原件。"))
    return _guardians(request, patient_id, form)


def _guardians(
    request: StaffRequest,
    patient_id: UUID,
    form: GuardianForm,
    *,
    capacity_form: CapacityForm | None = None,
) -> HttpResponse:
    is_writer = request.user.may(Permission.PATIENT_WRITE)
    right = Permission.PATIENT_WRITE if is_writer else Permission.PATIENT_VIEW
    customer = patient_frame(request, patient_id, current="patient-guardians", permission=right)
    values = {
        "customer": customer,
        "form": form,
        "guardians": queries.guardians_of(customer.patient),
        "capacity_form": capacity_form or CapacityForm(),
        "findings": queries.capacity_findings_of(customer.patient),
        "may_approve": any(request.user.may(right) for right in capacity_actions.APPROVERS),
        "is_minor": needs_guardian(customer.patient, local_date(customer.now)),
        "has_guardians_number": bool(with_guardians_number([customer.patient], on=local_date(customer.now))),
    }
    values["may_write"] = is_writer
    refused = form.errors or (capacity_form and capacity_form.errors)
    return render(request, "desk/patients/guardians.html", values, status=422 if refused else 200)


@require_POST
@allow(Permission.PATIENT_WRITE)
def capacity(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Record what age alone does not tell; a refusal shows the page with what was typed."""
    form = CapacityForm(request.POST)
    if form.is_valid():
        with blaming(form):
            capacity_actions.record(patient_id, **form.cleaned_data, by=request.user, at=timezone.now())
            response = redirect_to(request, "desk:patient-guardians", patient_id)
            return toast(request, response, _("已记录，须由另一人批准。"))
    return _guardians(request, patient_id, GuardianForm(), capacity_form=form)


@require_POST
@allow(*capacity_actions.APPROVERS)
def approve_capacity(request: StaffRequest, finding_id: UUID) -> HttpResponse:
    found = capacity_actions.approve(finding_id, by=request.user, at=timezone.now())
    return _after_judging(request, found.patient.public_id, _("已批准。"))


@require_POST
@allow(*capacity_actions.APPROVERS)
def end_capacity(request: StaffRequest, finding_id: UUID) -> HttpResponse:
    found = capacity_actions.end(finding_id, by=request.user, at=timezone.now())
    return _after_judging(request, found.patient.public_id, _("认定已结束，历史仍保留。"))


def _after_judging(request: StaffRequest, patient_id: UUID, said: str) -> HttpResponse:
    page = "patient-guardians" if request.user.may(Permission.PATIENT_WRITE) else "patient"
    return toast(request, redirect_to(request, f"desk:{page}", patient_id), said)


@require_POST
@allow(Permission.PATIENT_WRITE)
def verify_guardian(request: StaffRequest, guardian_id: UUID) -> HttpResponse:
    guardian = guardian_actions.verify(guardian_id, by=request.user, at=timezone.now())
    response = redirect_to(request, "desk:patient-guardians", guardian.patient.public_id)
    return toast(request, response, _("监护人身份与关系已核对。"))


@allow(Permission.CLINICAL_VIEW, Permission.CONSULT_WRITE, Permission.PATIENT_WRITE)
def alerts(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    customer = patient_frame(request, patient_id, current="patient-alerts")
    form = AlertForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        alert_actions.add(patient_id, **form.cleaned_data, by=request.user, at=timezone.now())
        response = redirect_to(request, "desk:patient-alerts", patient_id)
        return toast(request, response, _("安全提醒已登记，会显示在这位客户的每一页。"))
    values = {
        "customer": customer,
        "form": form,
        "may_read": queries.may_see_alerts(customer.patient, by=request.user, now=customer.now),
        "alerts": queries.open_alerts(customer.patient, by=request.user, now=customer.now),
    }
    return render(request, "desk/patients/alerts.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.CLINICAL_VIEW, Permission.CONSULT_WRITE, Permission.PATIENT_WRITE)
def end_alert(request: StaffRequest, alert_id: UUID) -> HttpResponse:
    alert = alert_actions.end(alert_id, by=request.user, at=timezone.now())
    response = redirect_to(request, "desk:patient-alerts", alert.patient.public_id)
    return toast(request, response, _("提醒已结束，历史仍保留。"))
