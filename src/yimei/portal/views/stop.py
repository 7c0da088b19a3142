"""One step ends what a message was sent for: a page with one button, or a mail program's POST (RFC 8058)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from yimei.core.errors import Refusal
from yimei.growth.queries import answering
from yimei.outbox.access import open_by_token
from yimei.outbox.actions import optouts
from yimei.privacy.enums import ConsentChannel
from yimei.ui.guard import public


@public("the secret address is the right to refuse")
@csrf_exempt  # A mail program has no session; all that the address can do is refuse.
@never_cache
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    try:
        if request.method == "POST":
            is_mail = request.POST.get("List-Unsubscribe") == "One-Click"
            channel = ConsentChannel.EMAIL if is_mail else ConsentChannel.LINK
            message = optouts.by_link(token, channel=channel, now=timezone.now())
        else:
            message = open_by_token(token)
    except Refusal as refusal:
        return _quiet(render(request, "portal/stop/gone.html", status=refusal.status))
    page = {
        "is_done": request.method == "POST",
        "place": answering.place_of(message),
        "is_enquirer": answering.is_of_enquirer(message),
    }
    return _quiet(render(request, "portal/stop/stop.html", page))


def _quiet(response: HttpResponse) -> HttpResponse:
    """Keep the token out of every other address's log."""
    response["Referrer-Policy"] = "no-referrer"
    return response
