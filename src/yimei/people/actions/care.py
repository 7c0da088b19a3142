"""Who cares for whom, and the emergency look without caring (紧急访问)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.audit.enums import Look
from yimei.core.clock import local_date, local_day
from yimei.core.database import locks
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.queries import calendar_table
from yimei.hospital.rules.calendar import add_workdays
from yimei.people.access import may_see_clinical, need, open_break_glass, refuse_sealed, why_clinical
from yimei.people.actions import sessions
from yimei.people.enums import CareReason, GlassCode, Why
from yimei.people.models import BreakGlass, CareRelation, Merge, Patient, Staff
from yimei.people.queries.merges import other_files
from yimei.people.registry import glass_opened, number
from yimei.people.roles import Permission
from yimei.people.rules import glass as rules
from yimei.people.rules.glass import Number


def begin(patient: Patient, *, staff: Staff, reason: CareReason, at: datetime) -> CareRelation:
    """Open a care relation once. Part of a larger action, which writes the log.

    Who cares for one file of a person cares for the person: her other files get a mirror of the relation.
    """
    relation, is_new = CareRelation.objects.get_or_create(
        patient=patient, staff=staff, reason=reason, until=None, defaults={"since": at}
    )
    if relation.merge_id is not None:
        relation.merge = None
        relation.save(update_fields=["merge"])
    if is_new and (files := other_files(patient)):
        mirror([relation], files, at=at)
    return relation


def end(patient: Patient, *, staff: Staff, reason: CareReason, at: datetime) -> None:
    """Close a care relation if it is open. Part of a larger action, which writes the log."""
    relations = CareRelation.objects.filter(staff=staff, reason=reason, until=None)
    relations.filter(patient=patient).update(until=at)
    relations.filter(patient__in=Patient.objects.files_of(patient), merge__isnull=False).update(until=at)


def mirror(relations: Iterable[CareRelation], files: Sequence[Patient], *, at: datetime) -> None:
    """Let those who care for one file care for these others of the same person, as long as they are one."""
    joined = Merge.objects.standing().filter(absorbed__in=[file.pk for file in files])
    standing = {merge.absorbed_id: merge for merge in joined}
    for relation in relations:
        merge = relation.merge or Merge.objects.standing().filter(absorbed=relation.patient_id).first()
        for file in files:
            CareRelation.objects.get_or_create(
                patient=file,
                staff=relation.staff,
                reason=relation.reason,
                until=None,
                defaults={"since": at, "merge": merge or standing[file.pk]},
            )


def part(merge: Merge, *, at: datetime) -> None:
    """End what was mirrored because of this merge, on either side."""
    CareRelation.objects.filter(
        Q(merge=merge) | Q(patient=merge.absorbed_id, merge__isnull=False), until=None
    ).update(until=at)


def break_glass(
    patient_id: UUID, *, code: GlassCode, reason: str, proof: str, ip: str | None, by: Staff, now: datetime
) -> BreakGlass:
    """Open a chart for some hours in an emergency; somebody else judges it within some working days.

    Both as the rules in force say when it is opened; a later rule moves neither end (T-1).

    ``proof`` is the reader's password or one-time code, asked anew: an unlocked tablet opens no chart.
    Not one transaction, like signing in: a refused try must stay.
    """
    need(by, Permission.CLINICAL_VIEW)
    patient = Patient.objects.with_person().filter(public_id=patient_id).first()
    if patient is None:
        raise NotFound
    refuse_sealed(patient, by=by)
    words = rules.clean_reason(reason)
    if may_see_clinical(by, patient, now):
        raise RuleBroken(_("您已可以查看该病历，无需紧急访问。"))
    if why_clinical(by, patient, now) == Why.SELF:
        raise RuleBroken(_("本人的病历请通过患者端查看，不能用紧急访问打开。"), code="self")
    _check_right(by, now)
    sessions.prove_again(proof, by=by, ip=ip, now=now)
    return _open(patient, code=GlassCode(code), words=words, by=by, now=now)


@transaction.atomic
def _open(patient: Patient, *, code: GlassCode, words: str, by: Staff, now: datetime) -> BreakGlass:
    locks.lock(f"people.glass:{by.pk}")
    _check_right(by, now)
    if may_see_clinical(by, patient, now):
        raise RuleBroken(_("您已可以查看该病历，无需紧急访问。"))
    today = local_date(now)
    table = calendar_table([today.year, today.year + 1])
    due, _is_provisional = add_workdays(today, number(Number.REVIEW_WORKDAYS, today), table)
    glass = BreakGlass.objects.create(
        patient=patient,
        staff=by,
        code=code,
        reason=words,
        at=now,
        until=now + timedelta(hours=number(Number.HOURS, today)),
        review_due_at=local_day(due)[1],
    )
    glass_opened(glass, now)
    log.record(
        f"people.patient.{Look.BREAK_GLASS}",
        at=now,
        by=by,
        target=glass,
        subject=patient.person.vault_key,
        purpose="emergency",
        reason=code.value,
    )
    return glass


def _check_right(staff: Staff, now: datetime) -> None:
    rows = staff.break_glasses.values_list("review_due_at", "reviewed_at", "lost_until")
    rules.check_right([rules.Past(*row) for row in rows], now)


@transaction.atomic
def review(break_glass_id: UUID, *, is_justified: bool, by: Staff, now: datetime) -> BreakGlass:
    """Judge an emergency look; an unjustified one ends at once, and takes the right away for a while."""
    need(by, Permission.PRIVACY_WRITE)
    glass = open_break_glass(break_glass_id, by=by, lock=True)
    if glass.reviewed_at is not None:
        raise RuleBroken(_("这次紧急访问已经审阅过了。"))
    if glass.staff_id == by.pk:
        raise RuleBroken(_("不能审阅自己的紧急访问。"))
    glass.reviewed_at, glass.reviewed_by, glass.is_justified = now, by, is_justified
    if not is_justified:
        glass.lost_until = now + timedelta(days=number(Number.LOST_DAYS, local_date(now)))
        if glass.at < now < glass.until:
            glass.until = now
    glass.save(update_fields=["reviewed_at", "reviewed_by", "is_justified", "lost_until", "until"])
    log.record(
        "people.break_glass.review",
        at=now,
        by=by,
        target=glass,
        subject=glass.patient.person.vault_key,
        detail={"is_justified": is_justified},
    )
    return glass
