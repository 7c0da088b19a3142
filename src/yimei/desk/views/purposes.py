"""What data are handled for: the register of purposes, its changes, and the switch behind the assessment."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound
from yimei.desk.forms.governance import PurposeChangeForm, PurposeForm
from yimei.desk.forms.purposes import PostponeForm
from yimei.people.roles import Permission
from yimei.privacy.actions import openings
from yimei.privacy.actions import purposes as actions
from yimei.privacy.enums import PurposeStanding, PurposeWord
from yimei.privacy.queries import purposes as queries
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

TONES = {
    "registered": "",
    "reworded": "",
    "changed": "warn",
    "on": "good",
    "off": "danger",
    "signed": "good",
    "postponed": "warn",
}


@require_GET
@allow(Permission.PRIVACY_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    values = {"rows": queries.listed(timezone.localdate())}
    return render(request, "desk/purposes/index.html", values)


@allow(Permission.PRIVACY_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    form = PurposeForm(request.POST or None, periods=_periods(), initial={"basis": "consent"})
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        with blaming(form):
            made = actions.register(values.pop("code"), **values, by=request.user, now=timezone.now())
            text = _("已登记，尚未启用：先写影响评估，由另一人批准。")
            return toast(request, redirect_to(request, "desk:purpose", made.public_id), text)
    return render(request, "desk/purposes/new.html", {"form": form}, status=422 if form.errors else 200)


@allow(Permission.PRIVACY_VIEW)
def detail(request: StaffRequest, purpose_id: UUID) -> HttpResponse:
    """One purpose as it is, what it lacks, who is told of it, what became of it."""
    if request.method != "POST":
        return _page(request, purpose_id)
    if not request.user.may(Permission.PRIVACY_WRITE):
        raise NotFound
    form = _form(queries.opened(purpose_id), request.POST)
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in (*actions.FIELDS, "only_words")}
        with blaming(form):
            actions.change(purpose_id, **values, by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:purpose", purpose_id), _("已保存。"))
    return _page(request, purpose_id, form=form)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def switch(request: StaffRequest, purpose_id: UUID) -> HttpResponse:
    """Let a purpose go live, behind its assessment, or stop it."""
    is_active = request.POST.get("on") == "yes"
    one = actions.switch(purpose_id, is_active=is_active, by=request.user, now=timezone.now())
    words = {"name": one.name}
    text = _("「%(name)s」已启用。") % words if is_active else _("「%(name)s」已停用，不再征求同意。") % words
    return toast(request, redirect_to(request, "desk:purpose", purpose_id), text)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def postpone(request: StaffRequest, purpose_id: UUID) -> HttpResponse:
    """Move the last day for the signature under the assessment."""
    form = PostponeForm(request.POST)
    if form.is_valid():
        with blaming(form):
            openings.postpone(purpose_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:purpose", purpose_id), _("已保存。"))
    return _page(request, purpose_id, postpone=form)


def _page(
    request: StaffRequest,
    purpose_id: UUID,
    *,
    form: PurposeChangeForm | None = None,
    postpone: PostponeForm | None = None,
) -> HttpResponse:
    purpose = queries.opened(purpose_id)
    if postpone is None and purpose.standing == PurposeStanding.WAITS:
        postpone = PostponeForm(initial={"until": purpose.assess_by})
    values = {
        "line": queries.one(purpose, timezone.localdate()),
        "purpose": purpose,
        "history": [(one, PurposeWord(one.word).label, TONES[one.word]) for one in queries.history(purpose)],
        "form": form or _form(purpose),
        "may_write": request.user.may(Permission.PRIVACY_WRITE),
        "postpone": postpone,
    }
    is_refused = form is not None or (postpone is not None and postpone.is_bound)
    return render(request, "desk/purposes/detail.html", values, status=422 if is_refused else 200)


def _form(purpose: Any, data: Any = None) -> PurposeChangeForm:
    initial = {name: getattr(purpose, name) for name in ("code", *actions.FIELDS)}
    return PurposeChangeForm(
        data, periods=_periods(), initial=initial | {"retention": purpose.retention.code}
    )


def _periods() -> list[tuple[str, str]]:
    return [(rule.code, rule.name) for rule in queries.periods(timezone.localdate())]
