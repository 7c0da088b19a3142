"""Who may own leads, and how many each has."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from yimei.growth.enums import AssignRule, LeadStatus
from yimei.growth.enums.flows import TaskOwner
from yimei.growth.models import AssignPolicy, LeadSkill, OwnerPeriod, Profile
from yimei.growth.rules.draw import Candidate
from yimei.hospital.models import Campus
from yimei.people.models import Grant, Staff
from yimei.people.roles import Permission, RoleCode

DRAWN = (AssignRule.ROUND_ROBIN, AssignRule.LEAST_BUSY, AssignRule.SKILL)


def owners_at(campus: Campus) -> QuerySet[Staff]:
    """Everybody of a campus who may own a lead."""
    able = Q(role__grants__permission=Permission.LEAD_WRITE)
    return Staff.objects.filter(able, campus=campus, is_active=True).distinct().order_by("role", "name", "pk")


def may_own(staff: Staff, campus: Campus) -> bool:
    return staff.is_active and staff.campus_id == campus.pk and staff.may(Permission.LEAD_WRITE)


def policy_of(campus: Campus) -> AssignRule:
    """By which rule a campus draws when nobody chose one."""
    found = AssignPolicy.objects.filter(campus=campus).order_by("-at", "-pk").first()
    return AssignRule(found.rule) if found else AssignRule.ROUND_ROBIN


def candidates(
    campus: Campus, *, now: datetime, most: int, rule: AssignRule = AssignRule.ROUND_ROBIN, interest: str = ""
) -> dict[str, tuple[Staff, Candidate]]:
    """Who is in the draw: the online consultants on duty, or all of them when no duty is written for now.

    By skill and shift everybody of the team stands in the log, with the reason why she could not be drawn.
    """
    if rule == AssignRule.MANAGER:
        return _dressed(list(managers_at(campus)))
    team = owners_at(campus).filter(role__code=RoleCode.ONLINE).select_related("role")
    on_duty = list(team.filter(duties__starts_at__lte=now, duties__ends_at__gt=now))
    if rule != AssignRule.SKILL:
        found = _dressed(on_duty or list(team))
        return {code: (one, drawn) for code, (one, drawn) in found.items() if drawn.load < most}
    here = {one.pk for one in on_duty}
    knows = LeadSkill.objects.filter(staff__in=team, category=interest).values_list("staff", flat=True)
    skilled = set(knows) if interest else {one.pk for one in team}
    return {
        code: (
            one,
            replace(drawn, on_shift=one.pk in here, skilled=one.pk in skilled, full=drawn.load >= most),
        )
        for code, (one, drawn) in _dressed(list(team)).items()
    }


def managers_at(campus: Campus) -> QuerySet[Staff]:
    """Whoever hands leads out at a campus and may own them."""
    able = Grant.objects.filter(permission=Permission.LEAD_ASSIGN).order_by()
    return owners_at(campus).filter(role__in=able.values("role")).select_related("role")


def _dressed(staff: list[Staff]) -> dict[str, tuple[Staff, Candidate]]:
    counted = Staff.objects.filter(pk__in=[one.pk for one in staff]).order_by()
    loads = dict(
        counted.values_list("pk").annotate(n=Count("leads", filter=Q(leads__status=LeadStatus.OPEN)))
    )
    drawn = OwnerPeriod.objects.filter(staff__in=staff, rule__in=DRAWN).order_by()
    last = dict(drawn.values_list("staff").annotate(last=Max("since")))
    found: dict[str, tuple[Staff, Candidate]] = {}
    for one in staff:
        since = int(last[one.pk].timestamp() * 1000) if one.pk in last else -1
        found[str(one.public_id)] = one, Candidate(str(one.public_id), loads.get(one.pk, 0), since)
    return found


def responsible(profile: Profile, owner: TaskOwner) -> Staff | None:
    """Whoever looks after her; else the aftercare team's member with the fewest open tasks."""
    own: Iterable[Any] = ()
    if owner == TaskOwner.CONSULTANT:
        own = (
            (profile.patient.consultant, profile.patient.online) if profile.patient else (profile.lead.owner,)  # type: ignore[union-attr]
        )
    found = next((one for one in own if one is not None and one.is_active), None)
    if found is not None:
        return found  # type: ignore[no-any-return]
    roles = [RoleCode.AFTERCARE, *([RoleCode.CONSULTANT] if owner == TaskOwner.CONSULTANT else [])]
    team = Staff.objects.filter(campus=profile.campus, is_active=True, role__code__in=roles)
    waiting = Count("flow_tasks", filter=Q(flow_tasks__done_at=None))
    return team.annotate(waiting=waiting).order_by("waiting", "pk").first()
