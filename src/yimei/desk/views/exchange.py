"""Logs of the telephone exchange: brought, matched, and what matched nobody."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.desk.forms.intake import CallerForm, CallFileForm
from yimei.growth.actions import calls as actions
from yimei.growth.queries import calls as queries
from yimei.growth.queries import today
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@allow(Permission.LEAD_ASSIGN)
def calls(request: StaffRequest) -> HttpResponse:
    """Read a log of calls, and say what was matched and what was not taken."""
    form = CallFileForm(request.POST or None, request.FILES or None)
    if form.is_bound and form.is_valid():
        with blaming(form):
            file = actions.bring_in(form.content, by=request.user, now=timezone.now())
            words = {"matched": file.matched, "unmatched": file.unmatched, "refused": len(file.refused)}
            text = _("已导入：对上 %(matched)d 通，没对上 %(unmatched)d 通，未收下 %(refused)d 行。")
            return toast(request, redirect_to(request, "desk:leads-calls"), text % words)
    values = {
        "form": form,
        "files": queries.files(by=request.user),
        "missed": queries.missed(by=request.user, now=timezone.now()),
        "unmatched": queries.unmatched(by=request.user),
    }
    return render(request, "desk/leads/calls.html", values, status=422 if form.is_bound else 200)


@require_POST
@allow(Permission.LEAD_ASSIGN)
def caller(request: StaffRequest, call_id: UUID) -> HttpResponse:
    """Write down whoever called and is known to nobody."""
    form = CallerForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    lead = actions.become_lead(call_id, name=name or _("来电客户"), by=request.user, now=timezone.now())
    owner = lead.owner.name if lead.owner else _("公海")
    text = _("已登记线索，分配给 %(who)s。") % {"who": owner}
    return toast(request, redirect_to(request, "desk:leads-calls"), text)


@require_GET
@allow(Permission.LEAD_WRITE)
def call_next(request: StaffRequest) -> HttpResponse:
    """Open the most urgent of one's own leads, ready to call; the list when nothing is due."""
    lead = today.most_urgent(request.user, timezone.now())
    if lead is None:
        return toast(request, redirect_to(request, "desk:leads"), _("今天要联系的都联系过了。"))
    return redirect_to(request, "desk:lead", lead.public_id)
