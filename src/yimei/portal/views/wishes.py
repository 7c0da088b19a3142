"""What a person asks for about her data: started, followed and fetched from one page."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yimei.core.errors import Missing, RuleBroken
from yimei.hospital.queries import campuses
from yimei.portal.forms.centre import WishForm
from yimei.portal.views.door import own, tabs
from yimei.privacy.actions import centre
from yimei.privacy.enums import RequestKind
from yimei.privacy.queries import automated
from yimei.privacy.queries.centre import keeping, visits, wishes
from yimei.privacy.queries.centre.visits import Visit
from yimei.privacy.queries.requests.clocks import clock
from yimei.privacy.queries.requests.lists import in_hand, steps
from yimei.privacy.rules import requests as rules
from yimei.ui.forms.refusals import blaming
from yimei.ui.views import as_file, toast


@own
@require_GET
def index(request: HttpRequest, session: Visit) -> HttpResponse:
    now = timezone.now()
    values = {
        "session": session,
        "rows": [(one, wishes.name_of(one), clock(one, now)) for one in wishes.requests(session.patient)],
        "kinds": wishes.askable(),
        "tabs": tabs("requests"),
    }
    return render(request, "portal/centre/requests.html", values)


@own
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, session: Visit, kind: str) -> HttpResponse:
    now = timezone.now()
    wanted = wishes.kind_of(kind)
    judged = wishes.judged(session.patient) if wanted == RequestKind.EXPLAIN else ()
    silent = [(one.program.code, str(one.program.title)) for one in judged if not one.is_by_people]
    data = request.POST if request.method == "POST" else None
    form = WishForm(data, kind=wanted, programs=silent)
    if form.is_valid():
        with blaming(form):
            made = centre.ask(session, wanted, now=now, **form.asked)
            response = redirect("portal:centre-request", made.public_id)
            return toast(request, response, _("请求已提交，期限开始计算。"))
    values = {
        "form": form,
        "ask": wishes.explained(wanted),
        "already": in_hand(session.patient, wanted),
        "ends": keeping.outlook(keeping.kept(session.patient, now=now)) if wanted in rules.ERASING else (),
        "judged": judged,
        "pending": _places(wishes.pending(session.patient, wanted, now=now)),
        "running": wishes.running(session.patient, now=now) if wanted == RequestKind.RESTRICT else (),
        "is_restricted": wanted == RequestKind.RESTRICT and session.patient.is_restricted,
        "tabs": tabs("requests"),
    }
    return render(request, "portal/centre/new.html", values, status=422 if form.errors else 200)


@own
@require_GET
def detail(request: HttpRequest, session: Visit, request_id: UUID) -> HttpResponse:
    asked, now = wishes.request_of(session, request_id), timezone.now()
    values = {
        "asked": asked,
        "name": wishes.name_of(asked),
        "steps": steps(asked),
        "corrections": wishes.corrections(asked),
        "clock": clock(asked, now),
        "lines": wishes.results(asked),
        "has_copy": wishes.has_copy(asked, now=now),
        "needs_proof": wishes.needs_proof(session, asked, now=now),
        "has_number": bool(visits.numbers_of(session)),
        "campuses": campuses(),
        "pending": _places(wishes.pending_of(session, asked, now=now)),
        "running": wishes.running_of(session, asked, now=now),
        "is_restricted": asked.kind == RequestKind.RESTRICT and session.patient.is_restricted,
        "by_people": automated.titles(asked.scope),
        "tabs": tabs("requests"),
    }
    return render(request, "portal/centre/request.html", values)


@own
@require_POST
def take_back(request: HttpRequest, session: Visit, request_id: UUID) -> HttpResponse:
    centre.take_back(session, request_id, now=timezone.now())
    return toast(request, redirect("portal:centre-requests"), _("请求已撤销。"))


@own
@require_POST
def resume(request: HttpRequest, session: Visit) -> HttpResponse:
    """Her own restriction comes off: she is asked and served as before."""
    centre.resume(session, now=timezone.now())
    return toast(request, redirect("portal:centre-requests"), _("已恢复，您以前同意的用途重新生效。"))


@own
@require_GET
def letter(request: HttpRequest, session: Visit, request_id: UUID) -> HttpResponse:
    page = centre.letter(session, request_id, now=timezone.now())
    return as_file(page, "pdf", f"answer-{str(request_id)[:8]}")


@own
@require_GET
def fetch(request: HttpRequest, session: Visit, request_id: UUID, shape: str) -> HttpResponse:
    """One's own copy; without the number it leads to where it is proved."""
    try:
        data = centre.fetch(session, request_id, shape=shape, now=timezone.now())
    except RuleBroken as refusal:
        if refusal.code != "prove":
            raise
        place = f"{reverse('portal:centre-prove')}?request={request_id}"
        return toast(request, redirect(place), refusal.message, tone="danger")
    return as_file(data, shape, f"my-data-{str(request_id)[:8]}")


def _places(missing: Sequence[Missing]) -> list[tuple[Missing, str]]:
    """What must end first, and where she can end it herself: a time that she has agreed."""
    mine = reverse("portal:visits")
    return [(one, mine if one.where.startswith("desk:booking:") else "") for one in missing]
