"""A customer fills in questionnaires beforehand; the link itself is the right to, and shows no name."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, Refusal
from yimei.journey.actions import questionnaire_links as actions
from yimei.journey.queries import questionnaire_links as queries
from yimei.journey.queries.questionnaires import CARE, asked_of
from yimei.privacy.queries import current_notice
from yimei.privacy.queries.register import audience_of
from yimei.ui.forms.answers import AnswersForm
from yimei.ui.guard import public


@public("the link itself is the right to answer")
@csrf_exempt  # Nobody is signed in here; without a referrer browsers send no origin to compare.
@never_cache
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, token: str) -> HttpResponse:
    """What there is to fill in; first of all the notice, and her consent to it."""
    return _answer(request, lambda: _index(request, token))


@public("the link itself is the right to answer")
@csrf_exempt  # Nobody is signed in here; without a referrer browsers send no origin to compare.
@never_cache
@require_http_methods(["GET", "POST"])
def form(request: HttpRequest, token: str, code: str) -> HttpResponse:
    return _answer(request, lambda: _form(request, token, code))


@public("the link itself is the right to answer")
@csrf_exempt  # Nobody is signed in here; without a referrer browsers send no origin to compare.
@never_cache
@require_POST
def save(request: HttpRequest, token: str, code: str) -> HttpResponse:
    """Keep the draft while it is being written."""
    return _answer(request, lambda: _save(request, token, code))


def _index(request: HttpRequest, token: str) -> HttpResponse:
    now, refusal = timezone.now(), ""
    link = queries.link_of(token, now=now)
    if request.method == "POST":
        try:
            actions.agree(token, signature=request.POST.get("signature", ""), now=now)
            return redirect("portal:forms", token)
        except NotFound:
            raise
        except Refusal as refused:
            refusal = refused.message
    patient = link.case.patient
    values = {
        "link": link,
        "token": token,
        "place": link.case.campus.name,
        "has_agreed": queries.has_agreed(link, now=now),
        "notice": current_notice(CARE, audience_of(patient, local_date(now))),
        "asked": queries.asked(link, now=now),
        "refusal": refusal,
    }
    return render(request, "portal/forms/index.html", values, status=422 if refusal else 200)


def _form(request: HttpRequest, token: str, code: str) -> HttpResponse:
    now = timezone.now()
    link = queries.link_of(token, now=now, code=code)
    if not queries.has_agreed(link, now=now):
        return redirect("portal:forms", token)
    row = actions.begin(token, code=code, now=now)
    row = queries.draft_of(link, code) or row
    definition, today = asked_of(row, now=now), local_date(now)
    answers = AnswersForm(definition, row.draft, today, row.revision)
    if request.method == "POST":
        answers = AnswersForm.posted(definition, request.POST, today=today)
        if answers.is_valid():
            actions.complete(
                token,
                code=code,
                raw=answers.raw,
                page=answers.page,
                signature=answers.signature,
                now=now,
            )
            return _follow(request, token)
        row = actions.save(token, code=code, raw=answers.raw, page=answers.page, now=now)
        answers.revision = row.revision
        if request.headers.get("HX-Request") == "true":
            return render(request, "portal/forms/faults.html", {"form": answers}, status=422)
    values = {
        "token": token,
        "code": code,
        "place": link.case.campus.name,
        "definition": definition,
        "form": answers,
    }
    return render(request, "portal/forms/form.html", values, status=422 if answers.is_bound else 200)


def _save(request: HttpRequest, token: str, code: str) -> HttpResponse:
    now = timezone.now()
    link = queries.link_of(token, now=now, code=code)
    row = queries.draft_of(link, code)
    if row is None:
        raise NotFound(_("这份问卷您已经填完，谢谢。"))
    answers = AnswersForm.posted(asked_of(row, now=now), request.POST, today=local_date(now))
    row = actions.save(token, code=code, raw=answers.raw, page=answers.page, now=now)
    return render(request, "portal/forms/saved.html", {"answers": row, "progress": answers.progress})


def _follow(request: HttpRequest, token: str) -> HttpResponse:
    response = redirect("portal:forms", token)
    if request.headers.get("HX-Request") == "true":
        address = response["Location"]
        response = HttpResponse()  # type: ignore[assignment]
        response["HX-Redirect"] = address
    return response


def _answer(request: HttpRequest, page: Callable[[], HttpResponse]) -> HttpResponse:
    """Say a refusal as a page of its own, or beside the form that is open."""
    try:
        response = page()
    except Refusal as refusal:
        values = {"message": refusal.message}
        is_piece = request.headers.get("HX-Request") == "true"
        name = "portal/forms/refused.html" if is_piece else "portal/forms/closed.html"
        response = render(request, name, values, status=refusal.status)
        if is_piece:
            response["HX-Retarget"], response["HX-Reswap"] = "#notices", "innerHTML"
    response["Referrer-Policy"] = "no-referrer"
    return response
