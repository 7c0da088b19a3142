"""Charts outside one's own care: the emergency look, and the approved look at a minor's."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.desk.forms.care import GlassForm, MinorForm
from yimei.journey.queries.board import list_names
from yimei.people import queries
from yimei.people.actions import care, minors
from yimei.people.enums import GlassCode
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.templatetags.formats import when
from yimei.ui.views import redirect_to, toast

READERS = (Permission.CLINICAL_VIEW, Permission.PRIVACY_WRITE)


@allow(Permission.CLINICAL_VIEW)
def break_glass(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Open a chart in an emergency, for a reason that is judged within some working days."""
    form = GlassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            glass = care.break_glass(
                patient_id,
                code=GlassCode(data["code"]),
                reason=data["reason"],
                proof=data["proof"],
                ip=request.META.get("REMOTE_ADDR"),
                by=request.user,
                now=timezone.now(),
            )
            response = redirect_to(request, "desk:patient", patient_id)
            text = _("病历已打开至 %(until)s，这次访问将被审阅。")
            return toast(request, response, text % {"until": when(glass.until)}, tone="danger")
    values = {"patient_id": patient_id, "form": form}
    return render(request, "desk/care/break_glass.html", values, status=422 if form.errors else 200)


@require_GET
@allow(*READERS)
def minor_looks(request: StaffRequest) -> HttpResponse:
    """Looks at minors' charts: those one asked for, and those that wait for one's word."""
    looks = list(queries.minor_looks(request.user)[:200])
    names = list_names((look.patient for look in looks), by=request.user)
    rows = [
        (look, names[look.patient_id], look.judged_at is None and minors.may_judge(look, by=request.user))
        for look in looks
    ]
    return render(request, "desk/care/minor_looks.html", {"rows": rows, "now": timezone.now()})


@allow(Permission.CLINICAL_VIEW)
def minor_ask(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    form = MinorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            minors.ask(patient_id, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
            text = _("已提交，由主诊医师或个人信息保护负责人批准后可查看。")
            return toast(request, redirect_to(request, "desk:minor-looks"), text)
    values = {"patient_id": patient_id, "form": form}
    return render(request, "desk/care/minor_ask.html", values, status=422 if form.errors else 200)


@require_POST
@allow(*READERS)
def minor_judge(request: StaffRequest, look_id: UUID) -> HttpResponse:
    is_granted = request.POST.get("is_granted") == "yes"
    look = minors.judge(look_id, is_granted=is_granted, by=request.user, now=timezone.now())
    text = _("已批准，%(until)s 前可查看。") % {"until": when(look.until)} if look.until else _("已驳回。")
    return toast(request, redirect_to(request, "desk:minor-looks"), text)
