"""Answers to our SMS, as the provider hands them on: a plain no ends advertising within the same second."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yimei.core.errors import RuleBroken
from yimei.core.rules.signatures import is_signed
from yimei.outbox.actions import optouts
from yimei.ui.guard import public

LARGEST = 16 * 1024


@public("signed by the SMS provider")
@csrf_exempt  # another program calls; its signature is the proof
@require_POST
def reply(request: HttpRequest) -> HttpResponse:
    """{"id", "from", "text"}; unknown shapes are acknowledged, so that nobody repeats them for ever."""
    now = timezone.now()
    if int(request.headers.get("Content-Length") or 0) > LARGEST or not is_signed(
        settings.SMS_HOOK_SECRET,
        request.body,
        at=request.headers.get("X-Timestamp", ""),
        signature=request.headers.get("X-Signature", ""),
        now=now,
    ):
        return JsonResponse({"error": "signature"}, status=403)
    try:
        data = json.loads(request.body)
        ref, number, words = str(data["id"])[:100], str(data["from"]), str(data["text"])
        stopped = optouts.by_reply(number, words, ref=ref, now=now)
    except (ValueError, TypeError, KeyError, RuleBroken):
        return JsonResponse({"stopped": False})
    return JsonResponse({"stopped": stopped})
