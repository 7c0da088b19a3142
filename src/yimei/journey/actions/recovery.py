"""Writes of the recovery room: observations and the way home."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import phone
from yimei.core.errors import RuleBroken
from yimei.journey.access import open_operation
from yimei.journey.actions import aftercare, cases
from yimei.journey.enums import CaseStage, SurgeryStatus
from yimei.journey.models import Discharge, Observation
from yimei.journey.queries import recovery as queries
from yimei.journey.rules import recovery as rules
from yimei.journey.rules import surgeries as surgery_rules
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import CLINICAL_ROLES, Permission


@dataclass(frozen=True)
class Signs:
    """One set of vital signs with the five Aldrete items (0–2 each)."""

    at: datetime
    systolic: int
    diastolic: int
    pulse: int
    respiration: int
    spo2: int
    temperature: Decimal
    pain: int
    activity: int
    breathing: int
    circulation: int
    consciousness: int
    oxygen: int

    @property
    def aldrete(self) -> int:
        return self.activity + self.breathing + self.circulation + self.consciousness + self.oxygen


@transaction.atomic
def observe(surgery_id: UUID, *, signs: Signs, by: Staff, now: datetime) -> Observation:
    """Add one observation, once; an error is mended by a newer observation, never by changing this one."""
    need(by, Permission.RECOVERY_WRITE)
    surgery = open_operation(surgery_id, by=by, permission=Permission.RECOVERY_WRITE)
    if surgery.status != SurgeryStatus.RECOVERING:
        raise RuleBroken(_("患者不在恢复室，不能登记观察。"))
    rules.check_observation(signs, now=now, left_at=surgery.left_at)
    items = (signs.activity, signs.breathing, signs.circulation, signs.consciousness, signs.oxygen)
    if any(not 0 <= item <= 2 for item in items) or not 0 <= signs.pain <= 10:
        raise RuleBroken(_("Aldrete 各项为 0–2 分，疼痛为 0–10 分。"))
    known = surgery.observations.filter(by=by, **asdict(signs)).first()
    if known is not None:
        return known
    row = Observation.objects.create(surgery=surgery, by=by, **asdict(signs))
    log.record("journey.recovery.observed", target=row, subject=surgery.case.subject, by=by, at=now)
    return row


@transaction.atomic
def discharge(
    surgery_id: UUID,
    *,
    escort_name: str,
    escort_phone: str,
    advice_given: bool,
    override_reason: str = "",
    second: Staff | None = None,
    by: Staff,
    now: datetime,
) -> Discharge:
    """Let the patient go home: stable long enough, escorted, advised; overruled only by two and a reason.

    ``second`` has proved who it is by password. Escort and written advice are never overruled.
    """
    need(by, Permission.RECOVERY_WRITE)
    surgery = open_operation(surgery_id, by=by, permission=Permission.RECOVERY_WRITE)
    case = surgery.case
    surgery_rules.check_move(SurgeryStatus(surgery.status), SurgeryStatus.DISCHARGED)
    at_door = rules.missing_at_door(
        escort_name=escort_name, escort_phone=escort_phone, advice_given=advice_given
    )
    unstable = queries.missing(surgery, now=now)
    is_override = bool(override_reason.strip()) or second is not None
    missing = at_door if is_override else [*unstable, *at_door]
    if missing:
        raise RuleBroken(
            _("还不能离院，还差 %(count)d 项。") % {"count": len(missing)}, missing=missing, code="gate"
        )
    if is_override and unstable:
        if second is not None and second.role_code not in CLINICAL_ROLES:
            raise RuleBroken(_("共同确认人须为医护人员。"))
        rules.check_override(
            reason=override_reason, first=by.pk, second=second.pk if second is not None else None
        )
    row = Discharge.objects.create(
        surgery=surgery,
        at=now,
        by=by,
        second=second if unstable else None,
        escort_name=escort_name.strip(),
        escort_phone=phone.normalise(escort_phone),
        advice_given=advice_given,
        override_reason=override_reason.strip() if unstable else "",
    )
    surgery.status, surgery.discharged_at = SurgeryStatus.DISCHARGED, now
    surgery.save(update_fields=["status", "discharged_at"])
    cases.move(case, to=CaseStage.DISCHARGED, by=by, now=now)
    aftercare.plan_tasks(case, surgery, by=by, now=now)
    verb = "overruled" if unstable else "discharged"
    log.record(f"journey.recovery.{verb}", target=row, subject=case.subject, by=by, at=now)
    return row
