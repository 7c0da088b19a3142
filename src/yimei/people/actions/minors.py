"""Looks at a minor's chart outside the treating team: asked, approved by another, recorded (M-5)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.access import cares_for, need, open_minor_look, refuse_sealed, why_clinical
from yimei.people.enums import Why
from yimei.people.models import MinorLook, Patient, Staff
from yimei.people.registry import number
from yimei.people.roles import APPROVERS, Permission
from yimei.people.rules import glass as rules


@transaction.atomic
def ask(patient_id: UUID, *, reason: str, by: Staff, now: datetime) -> MinorLook:
    """Ask to see the chart of a minor whom one does not treat (未成年人网络保护条例 第三十六条)."""
    need(by, Permission.CLINICAL_VIEW)
    patient = Patient.objects.with_person().filter(public_id=patient_id).first()
    if patient is None:
        raise NotFound
    refuse_sealed(patient, by=by)
    why = why_clinical(by, patient, now)
    if why == Why.OUT_OF_SCOPE:
        raise NotFound
    if why != Why.MINOR:
        raise RuleBroken(_("这位客户的病历不需要这项批准。"))
    look, is_new = MinorLook.objects.get_or_create(
        patient=patient,
        staff=by,
        judged_at=None,
        defaults={"reason": rules.clean_reason(reason), "asked_at": now},
    )
    if not is_new:
        raise RuleBroken(_("您的上一次申请还在等待批准。"))
    _log("asked", look, by=by, now=now)
    return look


@transaction.atomic
def judge(look_id: UUID, *, is_granted: bool, by: Staff, now: datetime) -> MinorLook:
    """Allow a look for some hours, as the rules in force say now, or refuse it; never one's own."""
    look = open_minor_look(look_id, by=by, lock=True)
    if look.judged_at is not None:
        raise RuleBroken(_("这次申请已经审批过了。"))
    if look.staff_id == by.pk:
        raise RuleBroken(_("不能批准自己的申请，须由主诊医师或个人信息保护负责人批准。"))
    if not may_judge(look, by=by):
        raise NotFound
    hours = number(rules.Number.MINOR_HOURS, local_date(now))
    look.judged_at, look.judged_by, look.is_granted = now, by, is_granted
    look.until = now + timedelta(hours=hours) if is_granted else None
    look.save(update_fields=["judged_at", "judged_by", "is_granted", "until"])
    _log("granted" if is_granted else "refused", look, by=by, now=now)
    return look


def may_judge(look: MinorLook, *, by: Staff) -> bool:
    """The officer, or a physician who treats this patient."""
    if by.may(Permission.PRIVACY_WRITE):
        return True
    return by.role_code in APPROVERS and cares_for(by, look.patient)


def _log(word: str, look: MinorLook, *, by: Staff, now: datetime) -> None:
    log.record(
        f"people.minor_look.{word}",
        at=now,
        by=by,
        on_behalf_of=look.staff.public_id if by.pk != look.staff_id else None,
        target=look,
        subject=look.patient.person.vault_key,
        purpose="minor",
    )
