"""Records sealed in a dispute, kept by order or during an inquiry: nothing of them is deleted meanwhile."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yimei.desk.forms.requests import HoldForm, ReleaseForm
from yimei.people.roles import Permission
from yimei.privacy.access import open_hold
from yimei.privacy.actions import holds as actions
from yimei.privacy.enums import HoldEnd, HoldKind
from yimei.privacy.queries import holds as queries
from yimei.privacy.rules.holds import ENDS
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import as_file, redirect_to, toast

SEEN = (Permission.PRIVACY_VIEW, Permission.PRIVACY_WRITE)


@allow(*SEEN)
def index(request: StaffRequest) -> HttpResponse:
    by, is_closed = request.user, request.GET.get("show") == "closed"
    may_write = by.may(Permission.PRIVACY_WRITE)
    form = HoldForm(request.POST or None) if may_write else HoldForm()
    if may_write and form.is_valid():
        values = {**form.cleaned_data, "kind": HoldKind(form.cleaned_data["kind"])}
        with blaming(form):
            made = actions.open_for(**values, by=by, now=timezone.now())
            response = redirect_to(request, "desk:hold", made.public_id)
            return toast(request, response, _("已封存，清单已生成；解除之前不会删除任何内容。"))
    here = reverse("desk:holds")
    values = {
        "form": form,
        "may_write": may_write,
        "rows": [(one, queries.shown_name(one)) for one in queries.holds(by, is_open=not is_closed)],
        "is_closed": is_closed,
        "tabs": [(_("进行中"), here, not is_closed), (_("已解除"), f"{here}?show=closed", is_closed)],
    }
    return render(request, "desk/requests/holds.html", values, status=422 if form.errors else 200)


@allow(*SEEN)
def detail(request: StaffRequest, hold_id: UUID) -> HttpResponse:
    by = request.user
    hold = open_hold(hold_id, by=by)
    form = ReleaseForm(request.POST or None, ends=ENDS[HoldKind(hold.kind)])
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            reason, note = HoldEnd(form.cleaned_data["release_reason"]), form.cleaned_data["release_note"]
            actions.release(hold_id, reason=reason, note=note, by=by, now=timezone.now())
            response = redirect_to(request, "desk:hold", hold_id)
            return toast(request, response, _("已解除；暂缓的删除今晚自动完成。"))
    values = {
        "hold": hold,
        "name": queries.shown_name(hold),
        "items": queries.items_of(hold),
        "lapses_on": queries.lapses_on(hold),
        "form": form,
        "may_write": by.may(Permission.PRIVACY_WRITE),
    }
    return render(request, "desk/requests/hold.html", values, status=422 if form.errors else 200)


@require_GET
@allow(*SEEN)
def sheet(request: StaffRequest, hold_id: UUID) -> HttpResponse:
    """The list of what was sealed, for both sides to sign."""
    page = actions.print_sheet(hold_id, by=request.user, now=timezone.now())
    return as_file(page, "pdf", f"hold-{str(hold_id)[:8]}")
