"""The end of what people said: with their own erasure, by their receipt, or when its time is over."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from yimei.audit import log
from yimei.core.clock import local_date, local_day
from yimei.growth.actions.feedback import erase_row
from yimei.growth.models import Feedback
from yimei.growth.queries import feedback as queries
from yimei.people.models import Patient
from yimei.privacy.actions import erasure
from yimei.privacy.queries.register import retention_on
from yimei.privacy.rules.erasure import add_months

PERIOD = "feedback"


def erase_feedback(patient: Patient, now: datetime) -> int:
    """Erase what a customer said; the bare rows stay for the figures, under nobody's name."""
    mine = list(Feedback.objects.filter(patient=patient).values_list("pk", flat=True))
    return sum(erase_row(queries.locked(pk), now=now) for pk in mine)


def erase_due(*, now: datetime) -> int:
    """Erase what nobody needs any more, each in a transaction of its own."""
    months = retention_on(local_date(now))[PERIOD].months
    before = local_day(add_months(local_date(now), -months))[0]
    old = Feedback.objects.filter(erased_at=None, created_at__lt=before)
    return sum(_forget(pk, now=now) for pk in list(old.values_list("pk", flat=True)))


@transaction.atomic
def forget_again(key: UUID, now: datetime) -> bool:
    """After a restore: erase what lay under this key once more; False when it is gone or was never here."""
    found = Feedback.objects.select_related("vault_key").filter(vault_key__public_id=key).first()
    if found is None or (found.erased_at is not None and found.vault_key.is_destroyed):
        return False
    row = queries.locked(found.pk)
    erase_row(row, now=now)
    log.record("privacy.erasure.reapplied", at=now, target=row, subject=row.vault_key)
    return True


@transaction.atomic
def _forget(pk: int, *, now: datetime) -> bool:
    row = queries.locked(pk)
    is_new = erase_row(row, now=now)
    if is_new:
        erasure.note(row.vault_key.public_id, now=now)
        log.record("growth.feedback.erase", at=now, target=row, subject=row.vault_key)
    return is_new
