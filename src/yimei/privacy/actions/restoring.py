"""Notice a backup that was put back, and take out again what was erased since it was made.

The ledger stands twice: in the database, which a restore takes back, and in a file, which stays. Lines that
only the file knows are erasures after the backup. They are carried out again before anybody is served.
"""

from datetime import datetime

from django.db import transaction

from yimei.audit import log
from yimei.privacy import registry
from yimei.privacy.actions import centre, erasure, packages, remains
from yimei.privacy.models import Erasure

OWN = (
    packages.drop_expired,
    centre.forget_old,
    remains.forget_jobs,
    erasure.complete_restrictions,
    erasure.finish_due,
    remains.sweep,
)
"""What this part lets go by its date alone, in the order of the night."""


def catch_up(*, now: datetime) -> int:
    """Return how many lines a restore had taken back; nothing on every other day, for the price of one read.

    The other way round the file learns what a killed process entered in the database alone.
    """
    lost, unwritten = erasure.differences()
    for entry in unwritten:
        erasure.append(entry)
    if not lost:
        return 0
    again = erasure.reapply(now=now)
    with transaction.atomic():
        known = {entry.line for entry in erasure.rows_of_ledger()}
        Erasure.objects.bulk_create(
            Erasure(
                subject_key=entry.key,
                is_total=entry.is_total,
                is_restriction=entry.is_restriction,
                is_lifted=entry.is_lifted,
                until=entry.until,
                at=entry.at,
            )
            for entry in lost
            if entry.line not in known
        )
        log.record("privacy.erasure.restored", at=now, rows=len(lost), detail={"again": again})
    for forget in (*OWN, *registry.expiring()):
        forget(now=now)
    return len(lost)
