"""Documents that customers sign or take home: what counts now, and the next version."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yimei.core.errors import NotFound
from yimei.desk.forms.papers import PaperForm
from yimei.hospital import queries
from yimei.hospital.rules.forms import written
from yimei.journey.actions import catalogue as actions
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@require_GET
@allow(Permission.CATALOGUE_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    return render(request, "desk/papers/index.html", {"rows": queries.papers(timezone.now())})


@allow(Permission.CATALOGUE_WRITE)
def edit(request: StaffRequest, code: str) -> HttpResponse:
    """The version that counts as text; sent, it becomes the next one."""
    now = timezone.now()
    newest = queries.newest_form(code, now)
    if newest is None:
        raise NotFound
    known = {"title": newest.title, "text": written(newest.sections)}
    form = PaperForm(request.POST or None, initial=known)
    if form.is_bound and form.is_valid():
        with blaming(form):
            made = actions.publish_paper(code, **form.cleaned_data, by=request.user, now=now)
            said = _("第 %(n)d 版已发布，从现在起签这一版；已签的不变。") % {"n": made.version}
            return toast(request, redirect_to(request, "desk:paper", code), said)
    values = {"form": form, "one": newest, "versions": queries.versions_of(code)}
    return render(request, "desk/papers/edit.html", values, status=422 if form.errors else 200)
