"""Writes of the on-site consultation."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.errors import NotFound, RuleBroken
from yimei.journey.access import open_case_to_write
from yimei.journey.actions import bookings, cases
from yimei.journey.enums import BookingKind, BookingStatus, CaseStage
from yimei.journey.models import Case, Consultation
from yimei.journey.queries import facts
from yimei.journey.rules import gates
from yimei.people.access import need
from yimei.people.actions import patients
from yimei.people.models import Staff
from yimei.people.roles import Permission, RoleCode

REFER_WITHIN = timedelta(minutes=30)
"""A customer referred to a physician is seen within half an hour."""
FOLLOW_UP_WITHIN = timedelta(hours=24)
"""Whoever left without an order hears from the consultant within a day (domain 7.7)."""


@transaction.atomic
def record(
    case_id: UUID,
    *,
    goals: str,
    reachable: str,
    unreachable: str,
    budget: str = "",
    by: Staff,
    now: datetime,
) -> Consultation:
    """Write down what the customer wants and what can be reached; the step ends when its gates are met."""
    need(by, Permission.CONSULT_WRITE)
    case = open_case_to_write(case_id, by=by)
    if not (goals.strip() and reachable.strip() and unreachable.strip()):
        raise RuleBroken(_("请写明客户期望、可达到的范围和不能达到的，三项都要有。"))
    booking = case.bookings.filter(
        kind=BookingKind.CONSULT, status__in=[BookingStatus.ARRIVED, BookingStatus.SERVED]
    ).last()
    if booking is None:
        raise RuleBroken(_("客户还没有到诊，到诊登记后才能记录咨询。"))
    consultation, is_new = Consultation.objects.get_or_create(
        booking=booking, defaults={"case": case, "by": by, "started_at": booking.arrived_at or now}
    )
    consultation.goals = goals
    consultation.reachable = reachable
    consultation.unreachable = unreachable
    consultation.budget = budget
    consultation.ended_at = now
    consultation.save(update_fields=["goals", "reachable", "unreachable", "budget", "ended_at"])
    if case.stage == CaseStage.ARRIVED:
        gates.pass_gate(CaseStage.CONSULTED, facts.gather(case, on=now, before=CaseStage.CONSULTED))
        cases.move(case, to=CaseStage.CONSULTED, by=by, now=now)
        if booking.status == BookingStatus.ARRIVED:
            bookings.serve(booking.public_id, by=by, now=now)
        cases.set_next(case, action=gettext_noop("24 小时内跟进"), due_at=now + FOLLOW_UP_WITHIN, owner=by)
    verb = "recorded" if is_new else "amended"
    log.record(f"journey.consultation.{verb}", target=consultation, subject=case.subject, by=by, at=now)
    return consultation


@transaction.atomic
def refer(case_id: UUID, *, surgeon_id: UUID, by: Staff, now: datetime) -> Case:
    """Hand the customer to a physician for assessment; from here on the physician may open the chart."""
    need(by, Permission.CONSULT_WRITE)
    case = open_case_to_write(case_id, by=by)
    surgeon = Staff.objects.active().filter(public_id=surgeon_id, campus=case.campus_id).first()
    if surgeon is None or surgeon.role_code != RoleCode.SURGEON:
        raise NotFound
    case.surgeon = surgeon
    case.save(update_fields=["surgeon"])
    cases.set_next(case, action=gettext_noop("术前评估"), due_at=now + REFER_WITHIN, owner=surgeon)
    patients.assign(case.patient.public_id, surgeon=surgeon, by=by, at=now)
    log.record("journey.case.referred", target=case, subject=case.subject, by=by, at=now)
    return case
