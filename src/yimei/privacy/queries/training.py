"""Courses, where each member of staff stands, and what drills showed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml
from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import Missing, NotFound, RuleBroken
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.models import Course, DrillTarget, PhishDrill, TrainingRecord
from yimei.privacy.queries import packs
from yimei.privacy.queries.register import limit
from yimei.privacy.rules import choices
from yimei.privacy.rules import training as rules

SHIPPED = ("basics", "records", "marketing", "incidents")


@dataclass(frozen=True)
class Standing:
    """Where one member of staff stands with one course."""

    course: Course
    state: str
    valid_to: date | None


@dataclass(frozen=True)
class Line:
    """One department in the report."""

    name: str
    staff: int
    current: int
    overdue: int

    @property
    def share(self) -> float:
        return self.current / self.staff if self.staff else 0.0


@cache
def shipped(code: str) -> Mapping[str, Any]:
    path = resources.files("yimei.privacy") / "data" / "courses" / f"{code}.yaml"
    body: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return body


def courses() -> list[Course]:
    """The newest version of each course."""
    newest = Course.objects.order_by().values("code").annotate(last=Max("id")).values("last")
    return list(Course.objects.filter(pk__in=newest).order_by("id"))


def course(code: str) -> Course:
    found = Course.objects.filter(code=code).order_by("-version").first()
    if found is None:
        raise NotFound
    return found


def standings(staff: Staff, on: date) -> list[Standing]:
    """One line for each course; a pass of an older version counts until it ends. Two queries."""
    passed = dict(
        TrainingRecord.objects.filter(staff=staff, is_passed=True)
        .order_by()
        .values_list("course__code")
        .annotate(last=Max("valid_to"))
    )
    return [
        Standing(one, rules.standing(passed.get(one.code), on), passed.get(one.code)) for one in courses()
    ]


def refusal(staff: Staff, now: datetime) -> RuleBroken | None:
    """Why level 4 and above is closed to this reader; nothing while the gate is off or in its grace."""
    if packs.choice("training.gate") != choices.ON:
        return None
    since = packs.chosen_at("training.gate")
    on = local_date(now)
    required = [one for one in standings(staff, on) if one.course.is_required]
    if not rules.is_blocked(
        (one.state for one in required),
        gate_since=local_date(since) if since else None,
        grace_days=limit("training.grace_days", on),
        on=on,
    ):
        return None
    missing = [
        Missing(
            _("课程「%(title)s」") % {"title": one.course.title},
            rules.ARTICLE,
            f"desk:course:{one.course.code}",
        )
        for one in required
        if one.state == rules.OVERDUE
    ]
    return RuleBroken(_("培训已逾期，完成后即可查看（四级以上信息）。"), missing=missing, code="training")


def ending(on: date) -> dict[date, int]:
    """How many of the staff must learn again in which month, by its first day; without those who owe."""
    codes = [one.code for one in courses() if one.is_required]
    passed = TrainingRecord.objects.filter(
        is_passed=True, course__code__in=codes, staff__in=Staff.objects.active()
    )
    ends: dict[tuple[int, str], date] = {
        (staff, code): last
        for staff, code, last in passed.order_by()
        .values_list("staff", "course__code")
        .annotate(last=Max("valid_to"))
        if last is not None and last >= on
    }
    soonest: dict[int, date] = {}
    for (staff, _code), last in ends.items():
        soonest[staff] = min(last, soonest.get(staff, last))
    months: dict[date, int] = defaultdict(int)
    for last in soonest.values():
        months[max(last.replace(day=1), on)] += 1
    return dict(months)


def report(on: date) -> tuple[list[Line], list[tuple[Staff, list[str]]]]:
    """By department: how many are current; and who owes what. Three queries."""
    required = [one for one in courses() if one.is_required]
    passed: dict[int, dict[str, date]] = defaultdict(dict)
    rows = TrainingRecord.objects.filter(is_passed=True).order_by().values_list("staff", "course__code")
    for staff_id, code, last in rows.annotate(last=Max("valid_to")):
        passed[staff_id][code] = last
    groups: dict[str, list[bool]] = defaultdict(list)
    owing = []
    for one in Staff.objects.active().select_related("department"):
        owed = [
            course.title
            for course in required
            if rules.standing(passed[one.pk].get(course.code), on) == rules.OVERDUE
        ]
        groups[one.department.name if one.department else one.role.name].append(not owed)
        if owed:
            owing.append((one, owed))
    lines = [Line(name, len(all_), sum(all_), len(all_) - sum(all_)) for name, all_ in groups.items()]
    return sorted(lines, key=lambda line: (line.share, line.name)), owing


def records_of(staff: Staff) -> QuerySet[TrainingRecord]:
    return TrainingRecord.objects.filter(staff=staff).select_related("course", "staff")


def record_named(public_id: Any, *, by: Staff) -> TrainingRecord:
    """One's own record, or anybody's for those who look after personal information."""
    rows = TrainingRecord.objects.select_related("course", "staff")
    if not by.may(Permission.PRIVACY_VIEW):
        rows = rows.filter(staff=by)
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def drills() -> QuerySet[PhishDrill]:
    """Drills with what came of them."""
    return PhishDrill.objects.select_related("by").annotate(
        sent=Count("targets"),
        fell=Count("targets", filter=Q(targets__outcome="fell")),
        reported=Count("targets", filter=Q(targets__outcome="reported")),
    )


def target_of(public_id: Any, *, by: Staff) -> DrillTarget:
    found = DrillTarget.objects.filter(public_id=public_id, staff=by).select_related("drill").first()
    if found is None:
        raise NotFound
    return found


def certificate(record: TrainingRecord) -> Mapping[str, Any]:
    """The certificate of one pass."""
    words = _("已完成《%(course)s》（第 %(v)d 版），通过测验，及格线 %(n)d 分。")
    return {
        "date": record.at,
        "hospital": record.staff.campus.name,
        "name": record.staff.name,
        "post": record.staff.role.name,
        "said": words
        % {"course": record.course.title, "v": record.course.version, "n": record.course.pass_mark},
        "facts": [
            [_("得分"), str(record.score)],
            [_("通过日期"), f"{local_date(record.at):%Y-%m-%d}"],
            [_("有效期至"), f"{record.valid_to:%Y-%m-%d}" if record.valid_to else "—"],
        ],
        "foot": _("凭证摘要 %(sha)s　依据%(law)s") % {"sha": record.sha256[:32], "law": rules.ARTICLE},
    }


def overdue_titles(found: Iterable[Standing]) -> list[str]:
    return [one.course.title for one in found if one.course.is_required and one.state == rules.OVERDUE]
