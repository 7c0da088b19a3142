"""Keeps the profiles of people: whom the log names is read anew, whoever is gone loses hers."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice, product

from django.db import transaction
from django.db.models import Max, Q

from yimei.audit import log
from yimei.audit.models import Entry
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.growth.models import Lead, Profile, ProfileCursor, Tagging
from yimei.growth.queries import facts, numbers
from yimei.growth.rules import rfm
from yimei.people.models import Patient
from yimei.people.queries.merges import heads_of

BATCH = 500
SWEPT_A_DAY = 5_000
"""How many of those read longest ago are read anew each night, whatever happened."""
NOTHING_NEW = (
    "people.patient.view",
    "people.patient.search",
    "people.patient.reveal",
    "growth.lead.view",
    "growth.lead.reveal",
    "growth.person.explain",
    "outbox.message.decided",
    "outbox.enquiry.decided",
)


def refresh(*, now: datetime) -> int:
    """Read anew whom the log has named since the last time; return how many profiles were written.

    Each batch is a transaction of its own and the cursor moves last: what a killed worker left is read again.
    """
    cursor, _is_new = ProfileCursor.objects.get_or_create(pk=1)
    end = Entry.objects.aggregate(last=Max("seq"))["last"] or 0
    patients, leads = _named(cursor.seq, end)
    if cursor.seq == 0:
        missing = Patient.objects.counted().kept().filter(restricted_at=None, growth_profile=None)
        patients |= set(missing.values_list("pk", flat=True))
    if _purposes_changed(cursor.seq, end):
        clear_groundless(now=now)
    written = _read(patients, leads, now=now)
    ProfileCursor.objects.filter(pk=1, seq__lt=end).update(seq=end)
    return written


def sweep(*, now: datetime) -> int:
    """Once a day: read anew whose answer changes with the day, and a part of all others."""
    today = local_date(now)
    cursor, _is_new = ProfileCursor.objects.get_or_create(pk=1)
    if cursor.swept_on == today:
        return 0
    customers = Profile.objects.filter(is_customer=True)
    turning = rfm.turning_days(today, numbers.rfm_steps(today))
    due = customers.filter(Q(paid_on__in=turning) | Q(is_adult=False, birthday__isnull=False))
    chosen = set(due.values_list("patient", flat=True))
    chosen |= set(customers.order_by("read_at").values_list("patient", flat=True)[:SWEPT_A_DAY])
    without = Patient.objects.counted().kept().filter(restricted_at=None, growth_profile=None)
    chosen |= set(without.values_list("pk", flat=True)[:SWEPT_A_DAY])
    sealed = Profile.objects.filter(patient__sealed_at__isnull=False)
    chosen |= set(sealed.values_list("patient", flat=True))
    leads = Lead.objects.living().filter(patient=None, duplicate_of=None, profile=None)
    written = _read(
        {pk for pk in chosen if pk}, set(leads.values_list("pk", flat=True)[:SWEPT_A_DAY]), now=now
    )
    ProfileCursor.objects.filter(pk=1).update(swept_on=today)
    return written


@transaction.atomic
def read_now(patients: Collection[int], *, now: datetime) -> None:
    """Bring these customers' profiles up to now; part of a larger action."""
    _write_customers(patients, now=now)


@transaction.atomic
def clear_groundless(*, now: datetime) -> int:
    """Empty at once, for everybody, what a purpose needed that the hospital has stopped.

    When it is started again the nightly reading fills it, for those who agreed.
    """
    lock("growth.profiles")
    over, cleared = facts.stopped(), 0
    for said in product((True, False), repeat=len(facts.SAID)):
        flags = dict(zip(facts.SAID, said, strict=True))
        if empty := facts.groundless(flags, over):
            cleared += Profile.objects.filter(**flags).update(read_at=now, **empty)
    if cleared:
        log.record("growth.profiles.cleared", at=now, rows=cleared)
    return cleared


def forget(patient: Patient, now: datetime) -> int:
    """Throw a customer's profile away, with tags and memberships."""
    return Profile.objects.filter(patient=patient).delete()[0]


def _purposes_changed(start: int, end: int) -> bool:
    rows = Entry.objects.filter(seq__gt=start, seq__lte=end, action__startswith="privacy.purpose.")
    return start > 0 and rows.exists()


def _named(start: int, end: int) -> tuple[set[int], set[int]]:
    """Customers and leads that the log names between two numbers."""
    named = (
        Entry.objects.filter(seq__gt=start, seq__lte=end, subject_key__isnull=False)
        .exclude(action__in=NOTHING_NEW)
        .values("subject_key")
    )
    patients = set(
        Patient.objects.filter(person__vault_key__public_id__in=named).values_list("pk", flat=True)
    )
    leads: set[int] = set()
    rows = Lead.objects.filter(vault_key__public_id__in=named)
    for pk, root, patient in rows.values_list("pk", "duplicate_of", "patient"):
        if patient:
            patients.add(patient)
        leads.add(root or pk)
    return patients, leads


def _read(patients: Iterable[int], leads: Iterable[int], *, now: datetime) -> int:
    written = sum(_customers(batch, now=now) for batch in _batches(sorted(patients)))
    return written + sum(_leads(batch, now=now) for batch in _batches(sorted(leads)))


@transaction.atomic
def _customers(patients: list[int], *, now: datetime) -> int:
    written = _write_customers(patients, now=now)
    if written:
        log.record("growth.profiles.read", at=now, rows=written)
    return written


@transaction.atomic
def _leads(leads: list[int], *, now: datetime) -> int:
    lock("growth.profiles")
    known = facts.of_leads(leads, now=now)
    Profile.objects.filter(lead__in=set(leads) - set(known)).delete()
    rows = [Profile(lead_id=pk, read_at=now, **one) for pk, one in known.items()]
    _upsert(rows, "lead")
    if rows:
        log.record("growth.profiles.read", at=now, rows=len(rows))
    return len(rows)


def _write_customers(patients: Collection[int], *, now: datetime) -> int:
    lock("growth.profiles")
    patients = {*patients, *heads_of(patients).values()}
    known = facts.of_customers(patients, now=now)
    gone = Profile.objects.filter(patient__in=patients - set(known))
    gone.exclude(patient__in=facts.stored_only(patients)).delete()
    _become_customers(known)
    _upsert([Profile(patient_id=pk, read_at=now, **one) for pk, one in known.items()], "patient")
    untagged = [pk for pk, one in known.items() if one["refuses_profiling"]]
    if untagged:  # tags about a person go with her no (PIPL 24, 47)
        Tagging.objects.filter(profile__patient__in=untagged).delete()
    return len(known)


def _become_customers(patients: Collection[int]) -> None:
    """A lead's profile goes on as the customer's; where she has one already, only the tags move."""
    rows = Profile.objects.filter(lead__patient__in=patients).select_related("lead")
    for row in rows:
        assert row.lead is not None
        mine = Profile.objects.filter(patient=row.lead.patient_id).first()
        if mine is None:
            row.patient_id, row.lead, row.is_customer = row.lead.patient_id, None, True
            row.save(update_fields=["patient", "lead", "is_customer"])
            continue
        for one in row.taggings.all():
            Tagging.objects.get_or_create(
                tag=one.tag, profile=mine, defaults={"by": one.by, "flow": one.flow, "at": one.at}
            )
        row.delete()


def _upsert(rows: list[Profile], unique: str) -> None:
    changed = [
        field.name for field in Profile._meta.concrete_fields if field.name not in {"id", "patient", "lead"}
    ]
    Profile.objects.bulk_create(rows, update_conflicts=True, unique_fields=[unique], update_fields=changed)


def _batches(numbers_: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(numbers_)
    while batch := list(islice(rest, BATCH)):
        yield batch
