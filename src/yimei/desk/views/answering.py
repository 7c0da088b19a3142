"""What somebody who only asked agreed to, or wants no more, written down by whoever follows her up."""

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.desk.forms.leads import AgreeForm
from yimei.desk.views.leads.lead import show
from yimei.growth.actions import answering as actions
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@require_POST
@allow(Permission.LEAD_WRITE)
def agree(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    form = AgreeForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            actions.agree(
                lead_id,
                channel=data["channel"],
                is_adult=data["is_adult"],
                notice_id=data["notice"],
                by=request.user,
                now=timezone.now(),
            )
            return toast(request, redirect_to(request, "desk:lead", lead_id), _("已登记同意，可随时停止。"))
    return show(request, lead_id, agree_form=form)


@require_POST
@allow(Permission.LEAD_WRITE)
def stop(request: StaffRequest, lead_id: UUID) -> HttpResponse:
    actions.stop(lead_id, by=request.user, now=timezone.now())
    text = _("已登记拒收，立即生效：排着队的也不再发。")
    return toast(request, redirect_to(request, "desk:lead", lead_id), text)
