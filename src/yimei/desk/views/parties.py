"""Processors and recipients: who gets what, on which contract, until when."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.governance import PartyForm
from yimei.people.roles import Permission
from yimei.privacy.access import open_party
from yimei.privacy.actions import parties as actions
from yimei.privacy.enums.parties import PartyKind, PartyState
from yimei.privacy.queries import assessments
from yimei.privacy.queries import parties as queries
from yimei.privacy.rules.assessments import BY_PARTY
from yimei.privacy.rules.parties import DILIGENCE, TERMS
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

PAGE = 25
PAPER_LIMIT = 10 * 1024 * 1024
TONES = {"draft": "warn", "active": "good", "suspended": "danger", "ended": ""}
WORDS = {
    "registered": gettext_lazy("登记"),
    "changed": gettext_lazy("修改"),
    "approved": gettext_lazy("批准"),
    "reviewed": gettext_lazy("复核"),
    "suspended": gettext_lazy("暂停"),
    "ended": gettext_lazy("终止"),
}


@require_GET
@allow(Permission.PRIVACY_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    text, state, now = request.GET.get("q", "").strip()[:60], request.GET.get("state", ""), timezone.now()
    page = Paginator(queries.listed(state=state, text=text), PAGE).get_page(request.GET.get("page"))
    why = {party.pk: words for party, words in queries.lapsing(now)}
    values = {
        "q": text,
        "page": page,
        "rows": [(one, TONES[one.state], why.get(one.pk, ""), queries.titles(one.holdings)) for one in page],
        "filters": [
            (_("全部"), "?", not state),
            *((each.label, f"?state={each.value}", state == each.value) for each in PartyState),
        ],
    }
    return render(request, "desk/parties/index.html", values)


@allow(Permission.PRIVACY_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    form = _form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            made = actions.register(**form.values(), by=request.user, now=timezone.now())
            return toast(
                request, redirect_to(request, "desk:party", made.public_id), _("已登记，等待另一人批准。")
            )
    return render(request, "desk/parties/new.html", {"form": form}, status=422 if form.errors else 200)


@allow(Permission.PRIVACY_VIEW)
def detail(request: StaffRequest, party_id: UUID) -> HttpResponse:
    party, now = open_party(party_id, by=request.user), timezone.now()
    may_write = request.user.may(Permission.PRIVACY_WRITE) and party.state != PartyState.ENDED
    form = _form(request.POST or None, party)
    if request.method == "POST":
        if not may_write:
            raise NotFound
        if form.is_valid():
            values = form.values()
            values.pop("code")
            with blaming(form):
                actions.change(party_id, **values, by=request.user, now=now)
                return toast(request, redirect_to(request, "desk:party", party_id), _("已保存。"))
    answered = [(TERMS[code], code in party.terms) for code in TERMS]
    values = {
        "party": party,
        "tone": TONES[party.state],
        "refusal": queries.refusal(party.code, now),
        "titles": queries.titles(party.holdings),
        "duties": queries.duties_of(party),
        "terms": answered,
        "diligence": [(DILIGENCE[code], party.diligence.get(code, "")) for code in DILIGENCE],
        "events": [(one, WORDS.get(one.word, one.word)) for one in party.events.select_related("by")],
        "lacks": assessments.missing(
            f"party:{party.code}",
            {BY_PARTY[PartyKind(party.kind)]},
            on=timezone.localdate(now),
            name=party.name,
        ),
        "form": form,
        "may_write": may_write,
        "may_approve": party.created_by_id != request.user.pk,
    }
    return render(request, "desk/parties/detail.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.PRIVACY_VIEW, Permission.PRIVACY_WRITE)
def move(request: StaffRequest, party_id: UUID) -> HttpResponse:
    """Approve, review, suspend, or end with proof."""
    to, by, now = request.POST.get("to", ""), request.user, timezone.now()
    text = request.POST.get("text", "")[:500]
    if to == "active":
        actions.approve(party_id, by=by, now=now)
    elif to == "review":
        actions.review(party_id, text=text, by=by, now=now)
    elif to == "suspended":
        actions.suspend(party_id, text=text, by=by, now=now)
    elif to == "ended":
        paper = request.FILES.get("paper")
        if paper is not None and (paper.size or 0) > PAPER_LIMIT:
            raise RuleBroken(_("文件超过 10 MB，请压缩后再上传。"), code="paper")
        actions.end(
            party_id,
            proof=text,
            paper=paper.read() if paper else None,
            name_hint=paper.name or "" if paper else "",
            by=by,
            now=now,
        )
    else:
        raise NotFound
    return toast(request, redirect_to(request, "desk:party", party_id), _("已记录。"))


@require_GET
@allow(Permission.PRIVACY_VIEW)
def proof(request: StaffRequest, party_id: UUID) -> HttpResponse:
    """The paper of the end: saved, never opened in the page, for a stranger wrote it."""
    data, name = actions.proof_paper(party_id, by=request.user, now=timezone.now())
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)


def _form(data: Any, party: Any = None) -> PartyForm:
    initial = None
    if party is not None:
        initial = {name: getattr(party, name) for name in ("code", *actions.FIELDS)}
        initial["diligence"] = [code for code, answer in party.diligence.items() if answer]
        initial["diligence_note"] = next((answer for answer in party.diligence.values() if answer), "")
    form = PartyForm(
        data,
        initial=initial,
        holdings=queries.choices(),
        purposes=[(one.code, one.name) for one in assessments.purposes() if one.basis == "consent"],
    )
    if party is not None:
        form.fields["code"].disabled = True
    return form
