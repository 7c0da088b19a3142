"""A joint handler hears of a request: the person may turn to any of them (PIPL 20)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.access import open_request
from yimei.privacy.models import JointPass
from yimei.privacy.queries.parties import passes_of


@transaction.atomic
def pass_on(request_id: UUID, party_id: UUID, *, how: str, by: Staff, now: datetime) -> JointPass:
    """Note that a joint handler was told of a request: the person may turn to any of them (PIPL 20)."""
    request = open_request(request_id, by=by, permission=Permission.PRIVACY_WRITE, lock=True)
    concerned = {party.public_id: (party, told) for party, told in passes_of(request, on=local_date(now))}
    if party_id not in concerned:
        raise NotFound
    party, told = concerned[party_id]
    if told is not None:
        raise RuleBroken(_("已经转告过「%(name)s」。") % {"name": party.name}, code="how")
    words = " ".join(how.replace("\0", "").split())
    if not 4 <= len(words) <= 120:
        raise RuleBroken(_("请写明何时、以什么方式、告诉了对方的谁，4 至 120 个字。"), code="how")
    passed = JointPass.objects.create(request=request, party=party, how=words, by=by, at=now)
    log.record(
        "privacy.request.passed",
        at=now,
        by=by,
        target=request,
        subject=request.patient.person.vault_key,
        purpose="request",
        detail={"party": party.code},
    )
    return passed
