"""Who cares for whom, and the emergency look without caring (紧急访问)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.audit.enums import Look
from yimei.core.clock import local_date, local_day
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.queries import calendar_table
from yimei.hospital.rules.calendar import add_workdays
from yimei.people.access import may_see_clinical, need, open_break_glass, refuse_sealed
from yimei.people.enums import CareReason
from yimei.people.models import BreakGlass, CareRelation, Patient, Staff
from yimei.people.roles import Permission

BREAK_GLASS_LASTS = timedelta(minutes=60)
REVIEW_WORKDAYS = 1
REASON_MIN, REASON_MAX = 10, 500


def begin(patient: Patient, *, staff: Staff, reason: CareReason, at: datetime) -> CareRelation:
    """Open a care relation once. Part of a larger action, which writes the log."""
    return CareRelation.objects.get_or_create(
        patient=patient, staff=staff, reason=reason, until=None, defaults={"since": at}
    )[0]


def end(patient: Patient, *, staff: Staff, reason: CareReason, at: datetime) -> None:
    """Close a care relation if it is open. Part of a larger action, which writes the log."""
    CareRelation.objects.filter(patient=patient, staff=staff, reason=reason, until=None).update(until=at)


@transaction.atomic
def break_glass(patient_id: UUID, *, reason: str, by: Staff, now: datetime) -> BreakGlass:
    """Open a chart for an hour in an emergency; somebody else looks at the reason the next working day."""
    need(by, Permission.CLINICAL_VIEW)
    patient = Patient.objects.with_person().filter(public_id=patient_id).first()
    if patient is None:
        raise NotFound
    refuse_sealed(patient, by=by)
    words = " ".join(reason.split())
    if not REASON_MIN <= len(words) <= REASON_MAX:
        raise RuleBroken(
            _("请写明紧急访问的理由，%(least)d 至 %(most)d 个字。")
            % {"least": REASON_MIN, "most": REASON_MAX},
            code="reason",
        )
    if may_see_clinical(by, patient, now):
        raise RuleBroken(_("您已可以查看该病历，无需紧急访问。"))
    today = local_date(now)
    table = calendar_table([today.year, today.year + 1])
    due, _is_provisional = add_workdays(today, REVIEW_WORKDAYS, table)
    glass = BreakGlass.objects.create(
        patient=patient,
        staff=by,
        reason=words,
        at=now,
        until=now + BREAK_GLASS_LASTS,
        review_due_at=local_day(due)[1],
    )
    log.record(
        f"people.patient.{Look.BREAK_GLASS}",
        at=now,
        by=by,
        target=glass,
        subject=patient.person.vault_key,
        purpose="emergency",
    )
    return glass


@transaction.atomic
def review(break_glass_id: UUID, *, is_justified: bool, by: Staff, now: datetime) -> BreakGlass:
    """Judge an emergency look; an unjustified one that still runs ends at once."""
    need(by, Permission.PRIVACY_WRITE)
    glass = open_break_glass(break_glass_id, by=by, lock=True)
    if glass.reviewed_at is not None:
        raise RuleBroken(_("这次紧急访问已经审阅过了。"))
    if glass.staff_id == by.pk:
        raise RuleBroken(_("不能审阅自己的紧急访问。"))
    glass.reviewed_at, glass.reviewed_by, glass.is_justified = now, by, is_justified
    if not is_justified and glass.at < now < glass.until:
        glass.until = now
    glass.save(update_fields=["reviewed_at", "reviewed_by", "is_justified", "until"])
    log.record(
        "people.break_glass.review",
        at=now,
        by=by,
        target=glass,
        subject=glass.patient.person.vault_key,
        detail={"is_justified": is_justified},
    )
    return glass
