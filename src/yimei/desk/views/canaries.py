"""诱饵档案: planted for each member of staff, and asked from whose list a number came."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.desk.forms.guard import TraceForm
from yimei.people.actions import canaries
from yimei.people.roles import Permission
from yimei.privacy.queries import canaries as queries
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@allow(Permission.PRIVACY_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    """Every canary, and whose a number is that turned up outside."""
    form, found, asked = TraceForm(request.POST or None), None, False
    if form.is_bound and form.is_valid():
        with blaming(form):
            found = canaries.trace(form.cleaned_data["phone"], by=request.user, now=timezone.now())
            asked = True
    values = {
        "rows": queries.canaries(request.user),
        "waiting": queries.waiting(request.user),
        "form": form,
        "found": found,
        "asked": asked,
    }
    return render(request, "desk/guard/canaries.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def plant(request: StaffRequest) -> HttpResponse:
    """Plant a canary for everybody who has none yet."""
    count = canaries.plant(by=request.user, now=timezone.now())
    text = _("已埋设 %(count)d 份诱饵档案。") % {"count": count} if count else _("每个人都已有诱饵档案。")
    return toast(request, redirect_to(request, "desk:canaries"), text)
