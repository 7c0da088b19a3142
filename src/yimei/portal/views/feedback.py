"""A customer says something, and reads what was answered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from yimei.core.errors import NotFound
from yimei.growth.actions import hearing as actions
from yimei.growth.queries import feedback as queries
from yimei.portal.forms.feedback import OwnWordsForm
from yimei.portal.views.door import own, tabs
from yimei.privacy.queries.centre.visits import Visit
from yimei.ui.forms.refusals import blaming
from yimei.ui.views import toast


@own
@require_http_methods(["GET", "POST"])
def feedback(request: HttpRequest, session: Visit) -> HttpResponse:
    """Only for the person herself: a guardian speaks at the desk, or by the code at the place."""
    if session.guardian:
        raise NotFound
    form = OwnWordsForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with blaming(form):
            actions.say_own(session.patient, **form.cleaned_data, now=timezone.now())
            return toast(request, redirect("portal:centre-feedback"), _("已收到，有人负责处理。"))
    rows = [(one, queries.mark_of(one)) for one in queries.receipts_of(session.patient.pk)]
    values = {"form": form, "rows": rows, "tabs": tabs("home"), "phone": session.patient.campus.phone}
    return render(request, "portal/centre/feedback.html", values, status=422 if form.is_bound else 200)
