"""What is sealed: who asked to read it and why, the second person's word, and the reading."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.desk.forms.requests import UnsealForm
from yimei.people.roles import Permission
from yimei.privacy.access import open_unsealing
from yimei.privacy.actions import unsealings
from yimei.privacy.enums import UnsealReason
from yimei.privacy.queries.sealed import sealed_readings
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

ASKING = (Permission.PRIVACY_WRITE, Permission.CLINICAL_VIEW)
JUDGING = (Permission.PRIVACY_WRITE, Permission.PRIVACY_VIEW)


@allow(*ASKING, *JUDGING)
def index(request: StaffRequest) -> HttpResponse:
    form = UnsealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = {**form.cleaned_data, "reason": UnsealReason(form.cleaned_data["reason"])}
        with blaming(form):
            unsealings.ask(**values, by=request.user, now=timezone.now())
            response = redirect_to(request, "desk:sealed")
            return toast(request, response, _("已提交，须由另一人批准后才能查阅。"))
    values = {
        "form": form,
        "unsealings": sealed_readings(request.user),
        "now": timezone.now(),
        "may_ask": any(request.user.may(right) for right in ASKING),
        "may_resume": request.user.may(Permission.PRIVACY_WRITE),
        "may_judge": any(request.user.may(right) for right in JUDGING),
    }
    return render(request, "desk/requests/sealed.html", values, status=422 if form.errors else 200)


@require_POST
@allow(*JUDGING)
def judge(request: StaffRequest, unsealing_id: UUID) -> HttpResponse:
    is_granted = request.POST.get("is_granted") == "yes"
    unsealings.judge(unsealing_id, is_granted=is_granted, by=request.user, now=timezone.now())
    text = _("已批准，申请人可在有效时间内查阅。") if is_granted else _("已驳回，资料仍在封存中。")
    return toast(request, redirect_to(request, "desk:sealed"), text)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def resume(request: StaffRequest, unsealing_id: UUID) -> HttpResponse:
    """She came back and wants to be a customer again: the seal goes off."""
    patient = unsealings.resume(unsealing_id, by=request.user, now=timezone.now())
    response = redirect_to(request, "desk:patient", patient.public_id)
    return toast(request, response, _("已按本人请求恢复处理；保存期限随新的就诊重新计算。"))


@require_GET
@allow(*ASKING)
def read(request: StaffRequest, unsealing_id: UUID) -> HttpResponse:
    sections = unsealings.read(unsealing_id, by=request.user, now=timezone.now())
    values = {"sections": sections, "unsealing": open_unsealing(unsealing_id, by=request.user)}
    return render(request, "desk/requests/unsealed.html", values)
