"""Writes of the pre-operative assessment."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import age_on, local_date
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.journey.access import open_case
from yimei.journey.actions import cases
from yimei.journey.enums import Asa, CaseStage, StopState
from yimei.journey.models import Assessment
from yimei.journey.queries import facts
from yimei.journey.rules import gates, scores
from yimei.journey.rules import stops as stop_rules
from yimei.people.access import may_see_special, need
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
    stops: Mapping[str, tuple[StopState, date | None]] | None = None,
    score_items: Mapping[str, Collection[str]] | None = None,
    mallampati: int | None = None,
) -> Assessment:
    """Add an assessment; the newest counts, the earlier ones stay. Moves a consulted case on when fit.

    Scores are worked out here and frozen with their items and sources; a later table changes none of them.
    """
    need(by, Permission.CLINICAL_WRITE)
    case = open_case(case_id, by=by, lock=True)
    if case.stage not in {CaseStage.CONSULTED, CaseStage.ASSESSED, CaseStage.PLANNED, CaseStage.SCHEDULED}:
        raise RuleBroken(
            _("这次诊疗现在是「%(stage)s」，完成咨询后才能评估。") % {"stage": CaseStage(case.stage).label}
        )
    if not opinion.strip():
        raise RuleBroken(_("请写明评估意见。"))
    told = stops or {}
    for state, last in told.values():
        stop_rules.check_sign(state, last, today=local_date(now))
    birth = case.patient.person.birth_date
    with in_house():
        worked_out = scores.work_out(
            ticked=score_items or {},
            mallampati=mallampati,
            asa=asa,
            height_cm=height_cm,
            weight_kg=weight_kg,
            age=age_on(birth, local_date(now)) if birth else None,
            minutes=case.procedure.minutes_p50,
            on_hormones=any(told.get(code, ("", None))[0] == StopState.NOW for code in scores.HORMONES),
        )
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
        stops={
            code: {"state": state.value, "last": last.isoformat() if last else ""}
            for code, (state, last) in told.items()
        },
        scores=worked_out,
    )
    if case.stage == CaseStage.CONSULTED and is_fit:
        gates.pass_gate(
            CaseStage.ASSESSED,
            facts.gather(case, on=now, before=CaseStage.ASSESSED),
            sees_special=may_see_special(by, case.patient, now),
        )
        cases.move(case, to=CaseStage.ASSESSED, by=by, now=now)
        cases.set_next(case, action=gettext_noop("完成检查并制定方案"), due_at=now + PLAN_WITHIN, owner=by)
    log.record("journey.assessment.recorded", target=assessment, subject=case.subject, by=by, at=now)
    return assessment
