"""What each online consultant knows, and by which rule a campus draws."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.database.locks import lock
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.enums import AssignRule
from yimei.growth.models import AssignPolicy, LeadSkill
from yimei.growth.models.skills import RULES
from yimei.growth.queries import owners
from yimei.hospital.enums import Category
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission


@transaction.atomic
def set_rule(rule: AssignRule, *, by: Staff, now: datetime) -> AssignPolicy:
    """Say by which rule the reader's campus draws from now on; what was drawn stays."""
    need(by, Permission.LEAD_ASSIGN)
    if rule not in RULES:
        raise RuleBroken(_("请选择分配方式。"), code="rule")
    lock(f"growth.draw:{by.campus_id}")
    kept = AssignPolicy.objects.create(campus=by.campus, rule=rule, by=by, at=now)
    log.record("growth.assign.rule", at=now, by=by, target=kept, reason=str(rule))
    return kept


@transaction.atomic
def set_skills(
    staff_id: UUID, *, categories: Collection[Category], by: Staff, now: datetime
) -> list[LeadSkill]:
    """Write down what somebody of the reader's campus knows, in place of what was written before."""
    need(by, Permission.LEAD_ASSIGN)
    staff = owners.owners_at(by.campus).filter(public_id=staff_id).first()
    if staff is None:
        raise NotFound
    lock(f"growth.skills:{staff.pk}")
    wanted, rows = set(categories), LeadSkill.objects.filter(staff=staff)
    before = set(rows.values_list("category", flat=True))
    rows.exclude(category__in=wanted).delete()
    LeadSkill.objects.bulk_create(
        LeadSkill(staff=staff, category=one, by=by, at=now) for one in Category if one in wanted - before
    )
    if wanted != before:
        detail = {"old": sorted(before), "new": sorted(map(str, wanted))}
        log.record("growth.assign.skills", at=now, by=by, target=staff, detail=detail)
    return list(rows.all())
