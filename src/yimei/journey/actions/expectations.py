"""Writes of the agreement about expectations, and of its later judgement; nothing is ever changed."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.journey.access import open_case, open_case_to_write
from yimei.journey.actions.signatures import guardian_who_signs, read_signature
from yimei.journey.enums import AgreedHow
from yimei.journey.models import Case, Expectation, ExpectationScore
from yimei.journey.queries import expectations as queries
from yimei.journey.rules import expectations as rules
from yimei.people.access import need
from yimei.people.models import Guardian, Staff
from yimei.people.queries import needs_guardian
from yimei.people.roles import Permission
from yimei.vault import files

SCORING = (Permission.AFTERCARE_WRITE, Permission.CLINICAL_WRITE)


@transaction.atomic
def agree(
    case_id: UUID,
    *,
    goals: Sequence[rules.Goal],
    unreachable: str,
    how: AgreedHow,
    signature: str = "",
    guardian_id: UUID | None = None,
    written_against: int = 0,
    by: Staff,
    now: datetime,
) -> Expectation:
    """Write the next version of what a physician and a customer agreed on; earlier versions stay."""
    need(by, Permission.PLAN_WRITE)
    case = open_case_to_write(case_id, by=by, permission=Permission.PLAN_WRITE)
    known = case.expectations.order_by("-version").values_list("version", flat=True).first() or 0
    if known != written_against:
        text = _("别人刚约定了第 %(version)d 版，请刷新后核对；您填写的还在。")
        raise Conflict(text % {"version": known})
    written = rules.check_goals(goals, unreachable=unreachable)
    minor = needs_guardian(case.patient, local_date(now))
    rules.check_agreed(how, has_signature=bool(signature), needs_guardian=minor)
    guardian = _guardian(case, guardian_id) if minor else None
    drawn = read_signature(signature) if how == AgreedHow.SIGNED else b""
    content = [goal.as_data for goal in written]
    told = {"goals": content, "unreachable": unreachable.strip(), "version": known + 1}
    row = Expectation.objects.create(
        case=case,
        version=known + 1,
        goals=content,
        unreachable=unreachable.strip(),
        how=how,
        signature=files.store(drawn, key=case.subject, name_hint="signature.png") if drawn else None,
        guardian=guardian,
        sha256=hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest(),
        by=by,
        at=now,
    )
    log.record("journey.expectation.agreed", target=row, subject=case.subject, by=by, at=now)
    return row


@transaction.atomic
def score(
    case_id: UUID,
    *,
    month: int,
    scores: Sequence[int],
    overall: int,
    note: str = "",
    by: Staff,
    now: datetime,
) -> ExpectationScore:
    """Write down how far the customer finds each goal reached; the newest of a month counts."""
    permission = next((right for right in SCORING if by.may(right)), None)
    if permission is None:
        raise NotFound
    case = open_case(case_id, by=by, lock=True, permission=permission)
    expectation = queries.newest(case)
    if expectation is None:
        raise NotFound(_("还没有约定期望，不能复评。"))
    rules.check_month(month, since=queries.since(expectation), today=local_date(now))
    rules.check_scores(scores, goals=len(expectation.goals), overall=overall)
    row = ExpectationScore.objects.create(
        expectation=expectation,
        month=month,
        scores=list(scores),
        overall=overall,
        note=note.replace("\0", "").strip()[:2000],
        by=by,
        at=now,
    )
    log.record("journey.expectation.scored", target=row, subject=case.subject, by=by, at=now)
    return row


def _guardian(case: Case, guardian_id: UUID | None) -> Guardian:
    """Return who signs for her by name; of several somebody has to say which."""
    proved = case.patient.guardians.exclude(verified_at=None).values_list("public_id", flat=True)
    if guardian_id is None and len(proved) > 1:
        raise RuleBroken(_("请选择是哪一位监护人签名。"), code="guardian_id")
    return guardian_who_signs(case, guardian_id or proved.first())
