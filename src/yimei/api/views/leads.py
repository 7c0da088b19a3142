"""POST /api/leads: an enquiry from another program that holds a gate's key."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import intake
from yimei.ui.guard import public

LARGEST = 16 * 1024


@public("the gate's key in the head is the right to write")
@csrf_exempt  # no session: the key is not a cookie
@require_POST
def lead(request: HttpRequest) -> HttpResponse:
    """Bearer gate.secret, JSON {id, name, phone, wechat, interest, note}; problems by RFC 9457."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise NotFound
        gate = intake.gate_of(token.strip())
    except NotFound:
        return _problem(401, "key", "")
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return _problem(413, "size", "")
    try:
        data = json.loads(request.body)
        if not isinstance(data, dict):
            raise ValueError
        found, is_new = intake.receive(gate, data, now=timezone.now())
    except ValueError:
        intake.note_refusal(gate)
        return _problem(400, "json", "")
    except RuleBroken as refusal:
        intake.note_refusal(gate)
        return _problem(422, refusal.code, refusal.message)
    # Whether the number was known before is nobody else's business.
    return JsonResponse({"lead": str(found.public_id)}, status=201 if is_new else 200)


def _problem(status: int, code: str, detail: str) -> HttpResponse:
    answer = JsonResponse({"type": f"about:blank#{code}", "status": status, "detail": detail}, status=status)
    answer["Content-Type"] = "application/problem+json"
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer
