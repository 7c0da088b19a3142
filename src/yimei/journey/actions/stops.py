"""Writes about stop rules: asked again, and let pass by a named physician."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.enums import Field, Grade
from yimei.journey.access import open_case_to_write
from yimei.journey.enums import StopState
from yimei.journey.models import StopNote, StopOverride
from yimei.journey.queries import stops
from yimei.journey.rules import stops as rules
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.queries import missing_to_operate
from yimei.people.roles import Permission

REASON = 10


@transaction.atomic
def note(
    case_id: UUID, *, rule_code: str, state: StopState, last_on: date | None, by: Staff, now: datetime
) -> StopNote:
    """Write down what the customer says now; the newest word about a rule counts."""
    need(by, Permission.TEST_WRITE if by.may(Permission.TEST_WRITE) else Permission.CLINICAL_WRITE)
    case = open_case_to_write(case_id, by=by, permission=Permission.CLINICAL_VIEW)
    if rule_code not in {rule.code for rule in stops.rules_for(case, on=stops.planned_day(case, now))}:
        raise NotFound
    rules.check_sign(state, last_on, today=local_date(now))
    noted = StopNote.objects.create(
        case=case,
        rule_code=rule_code,
        state=state,
        last_on=last_on if state != StopState.NO else None,
        by=by,
        at=now,
    )
    log.record("journey.stop.noted", target=noted, subject=case.subject, by=by, at=now)
    return noted


@transaction.atomic
def override(case_id: UUID, *, finding_key: str, reason: str, by: Staff, now: datetime) -> StopOverride:
    """Let one finding pass by name, right and reason; it is shown for ever after (停药规则放行)."""
    need(by, Permission.PLAN_WRITE)
    case = open_case_to_write(case_id, by=by, permission=Permission.CLINICAL_VIEW)
    finding = next((each for each in stops.against(case, now=now) if each.key == finding_key), None)
    if finding is None:
        raise RuleBroken(_("这一条已经变化，请刷新后再看。"), code="stale")
    if not finding.rule.may_override:
        raise RuleBroken(_("「%(name)s」不能放行，只能等到可以手术的日期。") % {"name": finding.rule.name})
    if len(reason.strip()) < REASON:
        raise RuleBroken(_("请写明放行的医学理由（至少 10 个字）。"), code="reason")
    procedure = case.procedure
    lacking = missing_to_operate(
        by, field=Field(procedure.field), grade=Grade(procedure.grade), on=local_date(now)
    )
    if lacking:
        raise RuleBroken(_("放行须由有本项目资格的医师。"), missing=lacking, code="privilege")
    passed = StopOverride.objects.create(
        case=case,
        rule_code=finding.rule.code,
        finding_key=finding_key,
        reason=reason.strip(),
        by=by,
        at=now,
    )
    log.record("journey.stop.overridden", target=passed, subject=case.subject, by=by, at=now)
    return passed
