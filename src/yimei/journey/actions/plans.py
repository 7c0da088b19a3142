"""Writes of the plan: draft, finalise, choose. A final plan never changes; a change is a new version."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.hospital.enums import Anaesthesia, Field, Grade
from yimei.journey.access import lock_case, open_case, open_plan
from yimei.journey.actions import cases, surgeries
from yimei.journey.enums import CaseStage, PlanStatus, Side
from yimei.journey.models import Plan
from yimei.journey.queries import facts, plans
from yimei.journey.rules import gates
from yimei.journey.rules import plans as rules
from yimei.people.access import need
from yimei.people.actions import patients
from yimei.people.models import Staff
from yimei.people.queries import missing_to_operate
from yimei.people.roles import Permission

CHOOSE_WITHIN = timedelta(days=1)
"""A plan that waits for the customer, or for its deposit, is followed up within a day."""
PLANNABLE = frozenset({CaseStage.ASSESSED, CaseStage.PLANNED, CaseStage.SCHEDULED})


@dataclass(frozen=True)
class Draft:
    """What the physician decides; the procedure comes from the case."""

    side: Side
    anaesthesia: Anaesthesia
    sites: str
    implants: str
    alternatives: str
    risks: str
    price: Decimal
    quote_id: UUID | None = None


@transaction.atomic
def finalise(
    case_id: UUID, *, draft: Draft, by: Staff, now: datetime, written_against: int | None = None
) -> Plan:
    """Write the next version of the plan by its responsible physician (主诊医师) and offer it.

    Privilege is checked here first: grade of the procedure, licence of the institution, licence, field,
    authorisation and validity of the surgeon. The version before is superseded and its signed forms are void.
    ``written_against`` is the version that the writer had before him (0: none); a newer one refuses this one.
    """
    need(by, Permission.PLAN_WRITE)
    case = open_case(case_id, by=by, lock=True)
    if case.stage not in PLANNABLE:
        raise RuleBroken(
            _("这次诊疗现在是「%(stage)s」，完成术前评估后才能定方案。")
            % {"stage": CaseStage(case.stage).label}
        )
    procedure = case.procedure
    if procedure.has_side and draft.side == Side.NONE:
        raise RuleBroken(_("「%(name)s」须写明左侧、右侧或双侧。") % {"name": procedure.name})
    if draft.price < 0:
        raise RuleBroken(_("价格不能小于零。"))
    missing = missing_to_operate(
        by, field=Field(procedure.field), grade=Grade(procedure.grade), on=local_date(now)
    )
    if missing:
        raise RuleBroken(_("您还不能为这个项目定方案。"), missing=missing, code="privilege")
    newest = case.plans.order_by("-version").first()
    rules.check_fresh(written_against, newest.version if newest else 0)
    plan = Plan(
        case=case,
        version=newest.version + 1 if newest else 1,
        status=PlanStatus.FINAL,
        procedure=procedure,
        side=draft.side,
        anaesthesia=draft.anaesthesia,
        surgeon=by,
        sites=draft.sites,
        implants=draft.implants,
        alternatives=draft.alternatives,
        risks=draft.risks,
        price=draft.price,
        quote_id=draft.quote_id,
        by=by,
        at=now,
        finalised_at=now,
    )
    content = plans.content(plan)
    rules.check_complete(content)
    plan.sha256 = rules.fingerprint(content, version=plan.version)
    _supersede_earlier(case.pk, version=plan.version, now=now)
    plan.save()
    case.surgeon = by
    case.side = draft.side
    case.save(update_fields=["surgeon", "side"])
    patients.assign(case.patient.public_id, surgeon=by, by=by, at=now)
    action = _("请客户选定方案 v%(version)d") % {"version": plan.version}
    cases.set_next(case, action=action, due_at=now + CHOOSE_WITHIN, owner=case.consultant or by)
    log.record("journey.plan.finalised", target=plan, subject=case.subject, by=by, at=now)
    return plan


@transaction.atomic
def choose(plan_id: UUID, *, by: Staff, now: datetime) -> Plan:
    """Record that the customer chose this version; the case is planned from here on."""
    scope_of_choice = Permission.PLAN_WRITE if by.may(Permission.PLAN_WRITE) else Permission.CONSULT_WRITE
    need(by, scope_of_choice)
    case = lock_case(open_plan(plan_id, by=by).case_id)
    plan = open_plan(plan_id, by=by)
    if plan.status == PlanStatus.CHOSEN:
        return plan
    rules.check_move(PlanStatus(plan.status), PlanStatus.CHOSEN)
    plan.status = PlanStatus.CHOSEN
    plan.chosen_at = now
    plan.save(update_fields=["status", "chosen_at"])
    if case.stage == CaseStage.ASSESSED:
        gates.pass_gate(CaseStage.PLANNED, facts.gather(case, on=now, before=CaseStage.PLANNED))
        cases.move(case, to=CaseStage.PLANNED, by=by, now=now)
        cases.set_next(
            case, action=_("收定金并安排手术"), due_at=now + CHOOSE_WITHIN, owner=case.consultant or by
        )
    elif case.stage == CaseStage.SCHEDULED:
        surgeries.follow_plan(case, plan, by=by, now=now)
    log.record("journey.plan.chosen", target=plan, subject=case.subject, by=by, at=now)
    return plan


def _supersede_earlier(case_pk: int, *, version: int, now: datetime) -> None:
    earlier = Plan.objects.filter(case=case_pk, superseded_at=None, version__lt=version)
    for plan in earlier:
        plan.consent_forms.filter(voided_at=None).update(
            voided_at=now, void_reason=_("方案更新为 v%(version)d") % {"version": version}
        )
    earlier.update(status=PlanStatus.SUPERSEDED, superseded_at=now)
