"""Writes of the plan: draft, finalise, choose. A final plan never changes; a change is a new version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.enums import Anaesthesia
from yimei.hospital.queries import catalogue_of
from yimei.journey.access import lock_case, open_case, open_plan
from yimei.journey.actions import cases, surgeries
from yimei.journey.actions.signatures import guardian_who_signs, read_signature
from yimei.journey.enums import CaseStage, ChoiceKind, ChooserCapacity, PlanStatus, Side
from yimei.journey.models import Case, Plan, PlanChoice, PlanDraft, PlanItem
from yimei.journey.queries import facts, plans
from yimei.journey.rules import gates
from yimei.journey.rules import plans as rules
from yimei.people.access import may_see_special, need
from yimei.people.actions import care, patients
from yimei.people.enums import CareReason
from yimei.people.models import Staff
from yimei.people.queries import capacity_on
from yimei.people.roles import Permission
from yimei.people.rules.capacity import Capacity
from yimei.vault import files

CHOOSE_WITHIN = timedelta(days=1)
"""A plan that waits for the customer, or for its deposit, is followed up within a day."""
PLANNABLE = frozenset({CaseStage.ASSESSED, CaseStage.PLANNED, CaseStage.SCHEDULED})


@dataclass(frozen=True)
class Item:
    """A further procedure of the same operation."""

    procedure: UUID
    side: Side
    sites: str = ""


@dataclass(frozen=True)
class Draft:
    """What the physician decides; the main procedure comes from the case."""

    side: Side
    anaesthesia: Anaesthesia
    sites: str
    implants: str
    alternatives: str
    risks: str
    price: Decimal
    quote_id: UUID | None = None
    doing_nothing: str = ""
    option: str = "A"
    surgeon: UUID | None = None
    items: Sequence[Item] = ()
    implant_items: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class Choice:
    """How the customer chose: her own words, her signature, and whether she was told of the price."""

    signature: str = ""
    words: str = ""
    guardian_id: UUID | None = None
    told_over_budget: bool = False
    witness: UUID | None = None
    """Who heard it, where the customer chose by word of mouth (口头选择)."""


@transaction.atomic
def finalise(
    case_id: UUID, *, draft: Draft, by: Staff, now: datetime, written_against: int | None = None
) -> Plan:
    """Write the next version of an option by a responsible physician (主诊医师) and offer it.

    Privilege is checked here first, for every procedure, for writer and surgeon alike: grade, licence of the
    institution, licence, field, authorisation, validity. The version before is superseded, its signed forms
    are void. ``written_against`` is the version of the option that the writer had before him (0: none).
    """
    need(by, Permission.PLAN_WRITE)
    case = open_case(case_id, by=by, lock=True)
    _check_case(case, draft)
    surgeon = _surgeon(case, draft, by=by)
    newest = case.plans.filter(option=draft.option, superseded_at=None).first()
    plan = Plan(
        case=case,
        option=draft.option,
        version=(case.plans.order_by("-version").values_list("version", flat=True).first() or 0) + 1,
        status=PlanStatus.FINAL,
        procedure=case.procedure,
        side=draft.side,
        anaesthesia=draft.anaesthesia,
        surgeon=surgeon,
        sites=draft.sites,
        implants=draft.implants,
        implant_items=[dict(item) for item in draft.implant_items],
        alternatives=draft.alternatives,
        doing_nothing=draft.doing_nothing,
        risks=draft.risks,
        price=draft.price,
        quote_id=draft.quote_id,
        by=by,
        at=now,
        finalised_at=now,
    )
    items = _items(case, plan, draft, now=now)
    plan.__dict__["unsaved_items"] = items
    for who in {by, surgeon}:
        missing = plans.missing_for(plans.procedures_of(plan), case, by=who, now=now)
        if missing:
            text = (
                _("您还不能为这个项目定方案。")
                if who == by
                else _("%(name)s 还不能做这个方案里的手术。") % {"name": who.name}
            )
            raise RuleBroken(text, missing=missing, code="privilege")
    rules.check_fresh(written_against, newest.version if newest else 0)
    rules.check_implants(draft.implant_items)
    content = plans.content(plan)
    rules.check_complete(content)
    plan.sha256 = rules.fingerprint(content, version=plan.version)
    if newest is not None:
        _supersede(newest, version=plan.version, now=now)
    plan.save()
    for item in items:
        item.plan = plan
        item.save()
    case.plan_drafts.filter(option=draft.option, by=by).delete()
    if not case.plans.filter(status=PlanStatus.CHOSEN).exists():
        _follow(case, plan, by=by, now=now)
    action = gettext_noop("请客户选定方案 v%(version)d") % {"version": plan.version}
    cases.set_next(case, action=action, due_at=now + CHOOSE_WITHIN, owner=case.consultant or by)
    log.record("journey.plan.finalised", target=plan, subject=case.subject, by=by, at=now)
    return plan


@transaction.atomic
def save_draft(
    case_id: UUID,
    *,
    option: str,
    values: Mapping[str, str],
    written_against: int,
    by: Staff,
    now: datetime,
) -> PlanDraft:
    """Keep what a physician is writing, as it stands; only its writer sees it."""
    need(by, Permission.PLAN_WRITE)
    case = open_case(case_id, by=by, lock=True, permission=Permission.PLAN_WRITE)
    rules.check_option(option, known=set(case.plans.values_list("option", flat=True)))
    draft = plans.draft_of(case, option, by=by) or PlanDraft(case=case, option=option, by=by)
    draft.written_against, draft.values, draft.saved_at = written_against, dict(values), now
    draft.save()
    log.record("journey.plan.draft_saved", target=draft, subject=case.subject, by=by, at=now)
    return draft


@transaction.atomic
def choose(plan_id: UUID, *, by: Staff, now: datetime, choice: Choice | None = None) -> Plan:
    """Record that the customer chose this option: who, when, how; the case is planned from here on.

    Another option chosen before is only offered again, and what was signed for it is void. A choice that
    its chooser might not make alone is made once more, by her guardian.
    """
    scope_of_choice = Permission.PLAN_WRITE if by.may(Permission.PLAN_WRITE) else Permission.CONSULT_WRITE
    need(by, scope_of_choice)
    case = lock_case(open_plan(plan_id, by=by).case_id)
    plan = open_plan(plan_id, by=by)
    if case.stage not in PLANNABLE:
        text = _("这次诊疗现在是「%(stage)s」，不能再选方案。")
        raise RuleBroken(text % {"stage": CaseStage(case.stage).label})
    is_again = plan.status == PlanStatus.CHOSEN
    if is_again and plans.choice_holds(plan, local_date(now)):
        return plan
    told = choice or Choice()
    rules.check_budget(plan.price, plans.budget_of(case), is_told=told.told_over_budget)
    if not is_again:
        rules.check_move(PlanStatus(plan.status), PlanStatus.CHOSEN)
        _let_go(case, now=now, version=plan.version)
    plan.status = PlanStatus.CHOSEN
    plan.chosen_at = now
    plan.save(update_fields=["status", "chosen_at"])
    _keep_choice(case, plan, told, by=by, now=now)
    _follow(case, plan, by=by, now=now)
    if case.stage == CaseStage.ASSESSED:
        gates.pass_gate(
            CaseStage.PLANNED,
            facts.gather(case, on=now, before=CaseStage.PLANNED),
            sees_special=may_see_special(by, case.patient, now),
        )
        cases.move(case, to=CaseStage.PLANNED, by=by, now=now)
        cases.set_next(
            case,
            action=gettext_noop("收定金并安排手术"),
            due_at=now + CHOOSE_WITHIN,
            owner=case.consultant or by,
        )
    elif case.stage == CaseStage.SCHEDULED and not is_again:
        surgeries.follow_plan(case, plan, by=by, now=now)
    log.record("journey.plan.chosen", target=plan, subject=case.subject, by=by, at=now)
    return plan


def _check_case(case: Case, draft: Draft) -> None:
    if case.stage not in PLANNABLE:
        raise RuleBroken(
            _("这次诊疗现在是「%(stage)s」，完成术前评估后才能定方案。")
            % {"stage": CaseStage(case.stage).label}
        )
    rules.check_option(draft.option, known=set(case.plans.values_list("option", flat=True)))
    if case.procedure.has_side and draft.side == Side.NONE:
        raise RuleBroken(_("「%(name)s」须写明左侧、右侧或双侧。") % {"name": case.procedure.name})
    if draft.price < 0:
        raise RuleBroken(_("价格不能小于零。"))


def _surgeon(case: Case, draft: Draft, *, by: Staff) -> Staff:
    if draft.surgeon is None or draft.surgeon == by.public_id:
        return by
    surgeon = Staff.objects.filter(public_id=draft.surgeon, campus=case.campus_id, is_active=True).first()
    if surgeon is None or not surgeon.may(Permission.PLAN_WRITE):
        raise NotFound
    return surgeon


def _items(case: Case, plan: Plan, draft: Draft, *, now: datetime) -> list[PlanItem]:
    """Open each further procedure in the catalogue of the campus; none twice, none without its side."""
    if len(draft.items) > rules.MAX_ITEMS:
        raise RuleBroken(_("一个方案最多再加 %(most)d 个同台项目。") % {"most": rules.MAX_ITEMS})
    offers = {
        offer.procedure.public_id: offer.procedure for offer in catalogue_of(case.campus, local_date(now))
    }
    rows: list[PlanItem] = []
    for position, item in enumerate(draft.items, start=1):
        procedure = offers.get(item.procedure)
        if procedure is None:
            raise NotFound
        if procedure.pk in {case.procedure_id, *(row.procedure_id for row in rows)}:
            raise RuleBroken(_("「%(name)s」写了两次。") % {"name": procedure.name}, code="also")
        if procedure.has_side and item.side == Side.NONE:
            text = _("「%(name)s」须写明左侧、右侧或双侧。")
            raise RuleBroken(text % {"name": procedure.name}, code="also")
        rows.append(
            PlanItem(plan=plan, position=position, procedure=procedure, side=item.side, sites=item.sites)
        )
    return rows


def _follow(case: Case, plan: Plan, *, by: Staff, now: datetime) -> None:
    """The case has the surgeon and the side of the plan that counts; who planned before stays on the team."""
    before = case.surgeon
    if before is not None and before != plan.surgeon:
        care.begin(case.patient, staff=before, reason=CareReason.TEAM, at=now)
    case.surgeon = plan.surgeon
    case.side = plan.side
    case.save(update_fields=["surgeon", "side"])
    patients.assign(case.patient.public_id, surgeon=plan.surgeon, by=by, at=now)


def _let_go(case: Case, *, now: datetime, version: int) -> None:
    """An option chosen before is offered again; a signature under it is no signature under another."""
    for plan in Plan.objects.filter(case=case, status=PlanStatus.CHOSEN):
        rules.check_move(PlanStatus.CHOSEN, PlanStatus.FINAL)
        reason = _("客户改选方案 v%(version)d") % {"version": version}
        plan.consent_forms.filter(voided_at=None).update(voided_at=now, void_reason=reason)
        plan.status, plan.chosen_at = PlanStatus.FINAL, None
        plan.save(update_fields=["status", "chosen_at"])


def _keep_choice(case: Case, plan: Plan, told: Choice, *, by: Staff, now: datetime) -> None:
    capacity = capacity_on(case.patient, local_date(now))
    drawn = read_signature(told.signature) if told.signature else None
    rules.check_chooser(
        capacity,
        is_signed=drawn is not None,
        is_spoken=told.witness is not None,
        has_guardian=told.guardian_id is not None,
        words=told.words,
    )
    is_own = capacity == Capacity.FULL
    guardian = None if is_own else guardian_who_signs(case, told.guardian_id)
    witness = None if drawn else _witness(case, told, by=by)
    PlanChoice.objects.create(
        plan=plan,
        witness=witness,
        kind=ChoiceKind.SIGNED if drawn else ChoiceKind.SPOKEN,
        capacity=ChooserCapacity(capacity),
        guardian=guardian,
        words=told.words.strip()[:500],
        signature=files.store(drawn, key=case.patient.person.vault_key, name_hint="choice.png")
        if drawn
        else None,
        told_over_budget=told.told_over_budget,
        by=by,
        at=now,
    )


def _witness(case: Case, told: Choice, *, by: Staff) -> Staff:
    """A choice without a signature was heard by somebody else of the house, by name."""
    if told.witness is None:
        raise RuleBroken(_("请客户签名；口头选择的，请写明在场的见证人。"), code="witness")
    heard = Staff.objects.active().at(case.campus).filter(public_id=told.witness).first()
    if heard is None:
        raise NotFound
    if heard.pk == by.pk:
        raise RuleBroken(_("见证人须是记录人以外的员工。"), code="witness")
    if not told.words.strip():
        raise RuleBroken(_("口头选择的，请记下客户的原话。"), code="words")
    return heard


def _supersede(plan: Plan, *, version: int, now: datetime) -> None:
    reason = _("方案更新为 v%(version)d") % {"version": version}
    plan.consent_forms.filter(voided_at=None).update(voided_at=now, void_reason=reason)
    Plan.objects.filter(pk=plan.pk).update(status=PlanStatus.SUPERSEDED, superseded_at=now)
