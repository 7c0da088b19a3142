"""A partner's own months behind a secret address: figures, never a person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yimei.core.clock import local_date
from yimei.growth.actions import partners as actions
from yimei.growth.queries import partners as queries
from yimei.growth.rules.partners import LEAST_SHOWN
from yimei.ui.guard import public


@public("whoever has the secret address reads figures without persons")
@never_cache
@require_GET
def figures(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    link = actions.look(token, now=now)
    values = {
        "link": link,
        "partner": link.partner,
        "missing": queries.missing(link.partner, now=now),
        "months": queries.months(link.partner, today=local_date(now)),
        "least": LEAST_SHOWN,
    }
    response = render(request, "site/partner/partner.html", values)
    response["Referrer-Policy"] = "no-referrer"
    return response
