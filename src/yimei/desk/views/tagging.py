"""The tags of one customer: put on, taken off, all gone when she wishes."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.desk.forms.tagging import TagsForm
from yimei.desk.views.customer.frames import shown_name
from yimei.growth.actions import tags as actions
from yimei.growth.queries.segments import tag_labels, taggings_of
from yimei.people.access import open_patient
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@allow(Permission.LEAD_WRITE)
def tags(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    patient = open_patient(patient_id, by=request.user)
    rows = taggings_of(patient)
    start = {"tags": [one.tag.code for one in rows]}
    form = TagsForm(request.POST or None, initial=start, choices=list(tag_labels().items()))
    if request.method == "POST":
        form = TagsForm(request.POST, choices=list(tag_labels().items()))
        if form.is_valid():
            actions.set_all(patient_id, form.cleaned_data["tags"], by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:patient-tags", patient_id), _("已保存标签。"))
    values = {
        "patient": patient,
        "name": shown_name(patient, request.user, sees_clinical=False),
        "rows": rows,
        "form": form,
        "has_tags": bool(tag_labels()),
    }
    return render(request, "desk/patients/tags.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.LEAD_WRITE)
def forget(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    actions.forget_all(patient_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:patient-tags", patient_id), _("标签已全部去掉。"))
