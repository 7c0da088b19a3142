"""One's own membership: tier, points, benefits, and the rules that made them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.growth.queries import coupons
from yimei.growth.queries import members as queries
from yimei.portal.views.door import own, tabs
from yimei.privacy.queries.centre.visits import Visit
from yimei.ui.rules.pictures import qr

LINES = 50


@own
@require_GET
def member(request: HttpRequest, session: Visit) -> HttpResponse:
    """Only for the person herself; a guardian has no membership to look at, and a minor none at all."""
    if session.guardian:
        raise NotFound
    now = timezone.now()
    found = queries.member_of(session.patient)
    values = {
        "card": queries.card(found, now=now) if found else None,
        "lines": queries.entries(found)[:LINES] if found else (),
        "coupons": [
            (one, qr(coupons.picture_of(one.coupon)) if one.is_usable else "")
            for one in coupons.coupons_of(session.patient, today=local_date(now))
        ],
        "policy": queries.policy_on(local_date(now)),
        "tabs": tabs("home"),
    }
    return render(request, "portal/centre/member.html", values)
