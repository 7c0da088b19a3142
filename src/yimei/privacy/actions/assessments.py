"""Write, submit and approve impact assessments; switch purposes on and off behind their gate (P-1)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.documents import render_pdf
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.access import open_assessment
from yimei.privacy.actions import openings
from yimei.privacy.enums import AssessmentState, Trigger
from yimei.privacy.models import Assessment
from yimei.privacy.queries import assessments as queries
from yimei.privacy.queries import limit
from yimei.privacy.rules import assessments as rules
from yimei.privacy.rules.erasure import add_months

KEEP_MONTHS = 36
"""PIPL 56: at least three years; the same as the period `processing` of the register."""


@transaction.atomic
def write(
    assessment_id: UUID | None,
    *,
    title: str,
    subject: str,
    triggers: Sequence[str],
    texts: Mapping[str, str],
    risks: Sequence[Mapping[str, Any]],
    by: Staff,
    now: datetime,
) -> Assessment:
    """Keep a draft, or begin one; what is approved is never edited, a new one takes its place."""
    need(by, Permission.PRIVACY_WRITE)
    if queries.subject_named(subject) is None:
        raise RuleBroken(_("没有这个评估对象。"), code="subject")
    if set(triggers) - set(Trigger.values):
        raise RuleBroken(_("没有这种触发情形。"), code="triggers")
    rows = [asdict(risk) for risk in rules.read_risks(risks)]
    words = {name: texts.get(name, "").strip() for name in rules.SECTIONS}
    if assessment_id is None:
        one = Assessment(prepared_by=by, prepared_at=now)
    else:
        one = open_assessment(assessment_id, by=by, lock=True)
        if one.state not in {AssessmentState.DRAFT, AssessmentState.RETURNED}:
            raise RuleBroken(_("已提交或已批准的评估不能修改；请另写一份。"), code="state")
        one.prepared_by = one.prepared_by or by
    one.title, one.subject, one.triggers, one.risks = title.strip()[:80], subject, sorted(triggers), rows
    for name, text in words.items():
        setattr(one, name, text)
    one.save()
    log.record("privacy.assessment.written", at=now, by=by, target=one, detail={"subject": subject})
    return one


@transaction.atomic
def submit(assessment_id: UUID, *, by: Staff, now: datetime) -> Assessment:
    """Hand it to another person; it must be whole."""
    need(by, Permission.PRIVACY_WRITE)
    one = open_assessment(assessment_id, by=by, lock=True)
    if one.state not in {AssessmentState.DRAFT, AssessmentState.RETURNED}:
        raise RuleBroken(_("这份评估已经提交。"), code="state")
    texts = {name: getattr(one, name) for name in rules.SECTIONS}
    rules.check_whole(texts=texts, risks=queries.risks_of(one), triggers=one.triggers)
    one.state, one.submitted_at, one.prepared_by = AssessmentState.SUBMITTED, now, one.prepared_by or by
    one.save(update_fields=["state", "submitted_at", "prepared_by"])
    log.record("privacy.assessment.submitted", at=now, by=by, target=one)
    return one


@transaction.atomic
def approve(assessment_id: UUID, *, remark: str, by: Staff, now: datetime) -> Assessment:
    """Somebody else says yes; from here it is frozen, valid for a while and kept three years."""
    one = _submitted(assessment_id, by)
    rules.check_approve(prepared_by=one.prepared_by_id, approver=by.pk, risks=queries.risks_of(one))
    return _approved(one, remark, by=by, now=now)


@transaction.atomic
def sign(assessment_id: UUID, *, has_read: bool, remark: str, by: Staff, now: datetime) -> Assessment:
    """The officer stands for a draft that the program brought along, word by word as it is."""
    need(by, Permission.PRIVACY_WRITE)
    one = open_assessment(assessment_id, by=by, lock=True)
    if one.state != AssessmentState.DRAFT:
        raise RuleBroken(_("这份评估没有在等待签署。"), code="state")
    rules.check_sign(prepared_by=one.prepared_by_id, has_read=has_read, risks=queries.risks_of(one))
    one.submitted_at = now
    return _approved(one, remark, by=by, now=now)


def _approved(one: Assessment, remark: str, *, by: Staff, now: datetime) -> Assessment:
    on = local_date(now)
    one.state, one.remark = AssessmentState.APPROVED, remark.strip()[:300]
    one.decided_by, one.decided_at = by, now
    one.valid_to = add_months(on, limit("assessment.months", on))
    one.keep_until = add_months(on, KEEP_MONTHS)
    one.save()
    openings.settle(one.subject, by=by, now=now)
    log.record("privacy.assessment.approved", at=now, by=by, target=one, detail={"subject": one.subject})
    return one


@transaction.atomic
def give_back(assessment_id: UUID, *, remark: str, by: Staff, now: datetime) -> Assessment:
    one = _submitted(assessment_id, by)
    if not remark.strip():
        raise RuleBroken(_("退回须写明意见。"), code="remark")
    one.state, one.remark = AssessmentState.RETURNED, remark.strip()[:300]
    one.save(update_fields=["state", "remark"])
    log.record("privacy.assessment.returned", at=now, by=by, target=one)
    return one


@transaction.atomic
def printed(assessment_id: UUID, *, by: Staff, now: datetime) -> bytes:
    one = open_assessment(assessment_id, by=by)
    with in_house():
        page = render_pdf(
            "letter.typ", queries.printed(one), title=one.title or _("个人信息保护影响评估报告")
        )
    log.record("privacy.assessment.print", at=now, by=by, target=one)
    return page


def _submitted(assessment_id: UUID, by: Staff) -> Assessment:
    need(by, Permission.PRIVACY_VIEW)
    one = open_assessment(assessment_id, by=by, lock=True)
    if one.state != AssessmentState.SUBMITTED:
        raise RuleBroken(_("这份评估没有在等待批准。"), code="state")
    return one
