"""Writes of the pre-operative assessment."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.errors import RuleBroken
from yimei.journey.access import open_case
from yimei.journey.actions import cases
from yimei.journey.enums import Asa, CaseStage
from yimei.journey.models import Assessment
from yimei.journey.queries import facts
from yimei.journey.rules import gates
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission

PLAN_WITHIN = timedelta(days=1)


@transaction.atomic
def record(
    case_id: UUID,
    *,
    height_cm: Decimal,
    weight_kg: Decimal,
    asa: Asa,
    history: Mapping[str, str],
    medication: str,
    body_image_concern: bool,
    is_fit: bool,
    opinion: str,
    by: Staff,
    now: datetime,
) -> Assessment:
    """Add an assessment; the newest counts, the earlier ones stay. Moves a consulted case on when fit."""
    need(by, Permission.CLINICAL_WRITE)
    case = open_case(case_id, by=by, lock=True)
    if case.stage not in {CaseStage.CONSULTED, CaseStage.ASSESSED, CaseStage.PLANNED, CaseStage.SCHEDULED}:
        raise RuleBroken(
            _("这次诊疗现在是「%(stage)s」，完成咨询后才能评估。") % {"stage": CaseStage(case.stage).label}
        )
    if not opinion.strip():
        raise RuleBroken(_("请写明评估意见。"))
    assessment = Assessment.objects.create(
        case=case,
        by=by,
        at=now,
        height_cm=height_cm,
        weight_kg=weight_kg,
        asa=asa,
        history=dict(history),
        medication=medication,
        body_image_concern=body_image_concern,
        is_fit=is_fit,
        opinion=opinion,
    )
    if case.stage == CaseStage.CONSULTED and is_fit:
        gates.pass_gate(CaseStage.ASSESSED, facts.gather(case, on=now, before=CaseStage.ASSESSED))
        cases.move(case, to=CaseStage.ASSESSED, by=by, now=now)
        cases.set_next(case, action=_("完成检查并制定方案"), due_at=now + PLAN_WITHIN, owner=by)
    log.record("journey.assessment.recorded", target=assessment, subject=case.subject, by=by, at=now)
    return assessment
