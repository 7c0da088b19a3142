"""When two files become one person's, the times that both hold become hers (并档)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yimei.core.errors import Conflict
from yimei.journey.actions import claims
from yimei.journey.enums import ResourceKind
from yimei.journey.models import ResourceClaim
from yimei.journey.queries.merging import claims_made_for
from yimei.people import registry
from yimei.people.models import Patient


@registry.merge_follower
def hold_as_one(kept: Patient, absorbed: Patient, *, are_one: bool, now: datetime) -> None:
    """Let the database refuse two places for one person: what a file still holds stands under her number.

    Parted again, what was written in a file goes back under its own number, also what was claimed since.
    """
    claims.lock_all([(ResourceKind.PATIENT, kept.pk), (ResourceKind.PATIENT, absorbed.pk)])
    old, new = (absorbed, kept) if are_one else (kept, absorbed)
    hers = ResourceClaim.objects.filter(
        claims_made_for(absorbed), kind=ResourceKind.PATIENT, resource_id=old.pk, released_at=None
    )
    numbers = list(hers.values_list("pk", flat=True))
    try:
        with transaction.atomic():
            ResourceClaim.objects.filter(pk__in=numbers).update(resource_id=new.pk)
    except IntegrityError as error:
        if claims.NO_OVERLAP not in str(error):
            raise
        raise Conflict(_("两份档案在同一时间都有安排，先取消或改期其中一个。")) from error
