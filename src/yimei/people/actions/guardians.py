"""Who answers for a minor, and the proof that somebody looked at."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.people.access import need, open_guardian, open_patient
from yimei.people.actions import tokens
from yimei.people.enums import Relation, Sex
from yimei.people.models import Guardian, Patient, Person, Staff
from yimei.people.queries import needs_guardian
from yimei.people.roles import Permission
from yimei.people.rules import capacity, identity
from yimei.vault.keys import new_key


@transaction.atomic
def link(
    patient_id: UUID,
    *,
    name: str,
    phone: str,
    relation: str,
    proof: str,
    by: Staff,
    at: datetime,
    id_no: str = "",
    birth_date: date | None = None,
) -> Guardian:
    """Write down a guardian; no search finds her, and until she is proved her number opens nothing."""
    patient = open_patient(patient_id, by=by, lock=True, under=Permission.PATIENT_WRITE)
    who = identity.clean(
        name=name, phone_no=phone, id_no=id_no, birth_date=birth_date, sex=Sex.UNKNOWN, today=local_date(at)
    )
    words = " ".join(proof.replace("\0", "").split())
    if not words or len(words) > 200:
        raise RuleBroken(_("请写明关系证明的名称与编号，不超过 200 个字。"), code="proof")
    person = Person.objects.create(
        vault_key=new_key(),
        name=who.name,
        phone=who.phone,
        id_no=who.id_no,
        birth_date=who.birth_date,
        sex=who.sex,
        created_at=at,
    )
    guardian = Guardian.objects.create(
        patient=patient, person=person, relation=Relation(relation), proof=words
    )
    log.record("people.guardian.link", at=at, by=by, target=guardian, subject=patient.person.vault_key)
    return guardian


@transaction.atomic
def verify(guardian_id: UUID, *, by: Staff, at: datetime) -> Guardian:
    """Say that the papers were seen: the guardian is an adult and the relation is proved."""
    need(by, Permission.PATIENT_WRITE)
    guardian = open_guardian(guardian_id, by=by, lock=True)
    if guardian.verified_at is not None:
        raise RuleBroken(_("该监护人已核对。"))
    if capacity.needs_guardian(guardian.person.birth_date, local_date(at)):
        raise RuleBroken(_("监护人须年满 18 周岁，请先登记其身份证号码或出生日期。"), code="guardian")
    guardian.verified_at, guardian.verified_by = at, by
    guardian.save(update_fields=["verified_at", "verified_by"])
    tokens.write_guardian(guardian)
    log.record(
        "people.guardian.verify", at=at, by=by, target=guardian, subject=guardian.patient.person.vault_key
    )
    return guardian


@transaction.atomic
def release(patient: Patient, *, at: datetime) -> int:
    """Forget the numbers of those who answered for somebody who answers for herself now; return how many.

    Who still answers for another, or is a customer herself, keeps her words.
    """
    files = Patient.objects.files_of(patient)
    gone = 0
    for guardian in Guardian.objects.filter(patient__in=files, person__patient=None).select_related("person"):
        others = Guardian.objects.filter(person=guardian.person_id).exclude(patient__in=files)
        if not others.exists() and guardian.person.tokens.exists():
            tokens.erase(guardian.person)
            gone += 1
    if gone:
        log.record("people.guardian.released", at=at, subject=patient.person.vault_key, rows=gone)
    return gone


@transaction.atomic
def find_again(*, at: datetime) -> int:
    """Give those whose papers were seen before there were words for guardians theirs; return how many.

    A second run finds nothing to do: what has a word, no number, or no key any more is left alone.
    """
    waiting = (
        Guardian.objects.exclude(verified_at=None)
        .filter(
            person__tokens=None,
            person__patient=None,
            person__vault_key__destroyed_at=None,
            patient__sealed_at=None,
        )
        .select_related("person__vault_key", "patient__person__vault_key")
        .order_by("pk")
    )
    done, people = 0, set()
    for guardian in waiting.iterator(chunk_size=500):
        if not needs_guardian(guardian.patient, local_date(at)):
            continue  # she is of age and nobody answers for her any more
        if guardian.person.phone and guardian.person_id not in people:
            people.add(guardian.person_id)
            tokens.write_guardian(guardian)
            done += 1
    if done:
        log.record("people.guardian.indexed", at=at, rows=done)
    return done
