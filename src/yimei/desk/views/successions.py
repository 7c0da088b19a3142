"""When another handler takes over: written down, approved by another, told to everybody."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound
from yimei.desk.forms.governance import SuccessionForm
from yimei.people.roles import Permission
from yimei.privacy.access import open_succession
from yimei.privacy.actions import successions as actions
from yimei.privacy.queries import successions as queries
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

TONES = {"draft": "warn", "telling": "info", "closed": "good", "dropped": ""}
MOVES = {
    "telling": actions.approve,
    "again": actions.tell_again,
    "closed": actions.close,
    "dropped": actions.drop,
}


@require_GET
@allow(Permission.PRIVACY_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    rows = [(one, TONES[one.state]) for one in queries.listed()]
    return render(request, "desk/successions/index.html", {"rows": rows})


@allow(Permission.PRIVACY_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    form = SuccessionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            made = actions.register(**form.cleaned_data, by=request.user, now=timezone.now())
            response = redirect_to(request, "desk:succession", made.public_id)
            return toast(request, response, _("已登记，等待另一人批准；批准之前不告知任何人。"))
    return render(request, "desk/successions/new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@allow(Permission.PRIVACY_VIEW)
def detail(request: StaffRequest, succession_id: UUID) -> HttpResponse:
    found = open_succession(succession_id, by=request.user)
    counted = queries.counts(found)
    values = {
        "found": found,
        "tone": TONES[found.state],
        "waiting": queries.waiting(found),
        "told": counted.pop("", 0),
        "problems": sorted(counted.items(), key=lambda pair: -pair[1]),
        "may_write": request.user.may(Permission.PRIVACY_WRITE),
        "may_approve": found.created_by_id != request.user.pk,
    }
    return render(request, "desk/successions/detail.html", values)


@require_POST
@allow(Permission.PRIVACY_VIEW, Permission.PRIVACY_WRITE)
def move(request: StaffRequest, succession_id: UUID) -> HttpResponse:
    act = MOVES.get(request.POST.get("to", ""))
    if act is None:
        raise NotFound
    act(succession_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:succession", succession_id), _("已记录。"))
