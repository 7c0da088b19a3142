"""The satisfaction survey: whoever holds the link may answer it, once."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from yimei.core.errors import Refusal
from yimei.journey.actions import surveys as actions
from yimei.journey.queries import surveys as queries
from yimei.portal.forms.surveys import SurveyForm
from yimei.ui.guard import public


@public("the link itself is the right to answer")
@csrf_exempt  # Nobody is signed in here; without a referrer browsers send no origin to compare.
@never_cache
@require_http_methods(["GET", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    form = SurveyForm(request.POST if request.method == "POST" else None)
    try:
        asked = queries.by_token(token, now=now)
        if form.is_valid():
            data = form.cleaned_data
            actions.answer(
                token, score=data["score"], dimensions=form.dimensions, comment=data["comment"], now=now
            )
            return _quiet(redirect("portal:survey-thanks"))
    except Refusal as refusal:
        values = {"message": refusal.message}
        return _quiet(render(request, "portal/survey/closed.html", values, status=refusal.status))
    page = {"survey": asked, "form": form, "place": asked.case.campus.name}
    status = 422 if form.is_bound else 200
    return _quiet(render(request, "portal/survey/survey.html", page, status=status))


@public("says thank you and nothing about anybody")
@require_GET
def thanks(request: HttpRequest) -> HttpResponse:
    return _quiet(render(request, "portal/survey/thanks.html"))


def _quiet(response: HttpResponse) -> HttpResponse:
    """Keep the token out of every other address's log."""
    response["Referrer-Policy"] = "no-referrer"
    return response
