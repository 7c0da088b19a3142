"""Give what a program judged to people, once somebody asks (PIPL 24): one way behind every door.

From then on the program is silent about her, whichever door she came by: her page, the desk, the telephone.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from yimei.audit import log
from yimei.core.errors import NotFound
from yimei.people.models import Staff
from yimei.people.queries.merges import keys_of
from yimei.privacy import registry
from yimei.privacy.enums import RequestKind
from yimei.privacy.models import RightsRequest


@transaction.atomic
def to_people(code: str, keys: Collection[UUID], *, by: Staff | None, now: datetime) -> int:
    """Silence one program about the person behind these keys; again changes nothing."""
    found = next((one for one in registry.programs() if one.code == code), None)
    if found is None:
        raise NotFound
    count = found.stop(keys, by, now)
    if count:
        for key in keys:
            log.record("privacy.automated.stopped", at=now, by=by, subject=key, detail={"code": code})
    return count


def follow(request: RightsRequest, *, by: Staff | None, now: datetime) -> None:
    """Part of proving who asks: from here on people decide, also while the answer is being written."""
    if request.kind == RequestKind.EXPLAIN and not request.patient.person.vault_key.is_destroyed:
        for code in request.scope:
            to_people(code, keys_of(request.patient), by=by, now=now)
