"""Take away what an erasure left: rows without a name, once no law wants them any more (ADR 91)."""

from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from yimei.audit import log
from yimei.core import jobs
from yimei.core.clock import local_date, local_day
from yimei.core.database.erasing import rows_may_go
from yimei.core.database.rows import lock_rows
from yimei.people.models import Guardian, Patient, Person
from yimei.people.queries.merges import other_files
from yimei.privacy.queries import remains as queries
from yimei.privacy.queries.erasure import periods
from yimei.privacy.rules.erasure import add_months
from yimei.vault.models import DataKey, StoredFile

UNTIL_LOADED = 3
"""Months, while the period of background work is not in the register yet."""


def forget_jobs(*, now: datetime) -> int:
    """Background work is kept for its period; its parameters are numbers of people and of their rows."""
    on = local_date(now)
    rule = periods(on).get("job")
    return jobs.forget(before=local_day(add_months(on, -(rule.months if rule else UNTIL_LOADED)))[0])


def sweep(*, now: datetime) -> int:
    """Return how many persons left for good tonight; each in a transaction of her own.

    Whose rows something of somebody else still stands on is tried again each night; a live test counts her.
    """
    done = 0
    for pk in list(queries.shells(local_date(now)).values_list("pk", flat=True)):
        try:
            done += clear(pk, now=now)
        except (IntegrityError, ProtectedError):
            Patient.objects.filter(pk=pk, sealed_until=None).update(sealed_until=local_date(now))
            log.record("privacy.erasure.stuck", at=now)
    return done


@transaction.atomic
def clear(patient_pk: int, *, now: datetime) -> bool:
    """Delete every row of one person that need not stay; whether nothing of her is left at all.

    Only of somebody whose key is destroyed: PostgreSQL asks that for each row again.
    """
    on = local_date(now)
    found = Patient.objects.with_person().filter(pk=patient_pk).exclude(person__vault_key__destroyed_at=None)
    lock_rows(found)
    patient = found.first()
    if patient is None:
        return False
    files = [patient, *other_files(patient)]
    if any(not file.person.vault_key.is_destroyed for file in files):
        return False
    subject = patient.person.vault_key
    left = queries.left_of(files, on=on)
    stays = queries.staying(left, on=on)
    going = [one for one in left if one.model not in stays]
    if Person in stays and Guardian not in stays:
        going += queries.guardians_alone(left, files)
    persons = [pk for one in going if one.model is Person for pk in one.keys]
    vault_keys = list(Person.objects.filter(pk__in=persons).values_list("vault_key", flat=True))
    with rows_may_go({one.model._meta.db_table for one in going}):
        for one in going:
            rows = one.model._base_manager.filter(pk__in=one.keys)
            rows._raw_delete(connection.alias)
    if persons:
        StoredFile.objects.filter(key__in=vault_keys)._raw_delete(connection.alias)
        DataKey.objects.filter(pk__in=vault_keys).exclude(destroyed_at=None)._raw_delete(connection.alias)
    if stays:
        Patient.objects.filter(pk__in=[file.pk for file in files]).update(sealed_until=min(stays.values()))
    log.record(
        "privacy.erasure.cleared",
        at=now,
        subject=subject,
        rows=sum(len(one.keys) for one in going),
        detail={"tables": len(going), "left": sorted(model._meta.label for model in stays)},
    )
    return not stays
