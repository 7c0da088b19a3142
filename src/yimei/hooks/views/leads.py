"""Enquiries that another program tells of: signed, and each taken once however often it is told."""

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yimei.core.errors import NotFound, RuleBroken
from yimei.core.rules.signatures import is_signed
from yimei.growth.actions import intake
from yimei.growth.queries.intake import secret_of
from yimei.ui.guard import public

LARGEST = 16 * 1024


@public("signed by the program that tells")
@csrf_exempt  # another program calls; its signature is the proof
@require_POST
def lead(request: HttpRequest, gate_id: UUID) -> HttpResponse:
    """200 taken or known, 422 never to be taken, 403 not signed: nobody need repeat any of them."""
    now = timezone.now()
    try:
        gate = intake.standing(gate_id)
    except NotFound:
        return JsonResponse({"error": "signature"}, status=403)
    if int(request.headers.get("Content-Length") or 0) > LARGEST or not is_signed(
        secret_of(gate),
        request.body,
        at=request.headers.get("X-Timestamp", ""),
        signature=request.headers.get("X-Signature", ""),
        now=now,
    ):
        return JsonResponse({"error": "signature"}, status=403)
    try:
        data = json.loads(request.body)
        if not isinstance(data, dict):
            raise ValueError
        found, is_new = intake.receive(gate, data, now=now)
    except ValueError:
        intake.note_refusal(gate)
        return JsonResponse({"error": "json"}, status=422)
    except RuleBroken as refusal:
        intake.note_refusal(gate)
        return JsonResponse({"error": refusal.code, "message": refusal.message}, status=422)
    # Whether the number was known before is nobody else's business.
    return JsonResponse({"lead": str(found.public_id), "new": is_new})
