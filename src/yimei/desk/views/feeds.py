"""One's own calendar by a secret address."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yimei.journey.actions import feeds as actions
from yimei.journey.queries import feeds as queries
from yimei.ui.guard import StaffRequest, allow, public
from yimei.ui.views import redirect_to, toast


@require_GET
@allow()
def index(request: StaffRequest) -> HttpResponse:
    return render(request, "desk/feeds/index.html", _page(request))


@require_POST
@allow()
@never_cache
def create(request: StaffRequest) -> HttpResponse:
    """Show the new address this once: only its hash is kept."""
    secret = actions.create(by=request.user, now=timezone.now())
    values = {**_page(request), "address": settings.FEED_LINK.format(secret=secret)}
    return render(request, "desk/feeds/index.html", values)


@require_POST
@allow()
def revoke(request: StaffRequest) -> HttpResponse:
    was_live = actions.revoke(by=request.user, now=timezone.now())
    text = _("已停用，原来的地址不再有效。") if was_live else _("没有正在使用的订阅。")
    return toast(request, redirect_to(request, "desk:feeds"), text)


@public("the secret in the address is the right to read")
@never_cache
@require_GET
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    text = actions.read(secret, now=timezone.now())
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="yimei.ics"'
    response["Referrer-Policy"] = "no-referrer"
    return response


def _page(request: StaffRequest) -> dict[str, object]:
    return {
        "feed": queries.live_feed(request.user),
        "past": queries.past_feeds(request.user),
        "address": "",
    }
