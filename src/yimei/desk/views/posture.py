"""One page of truth: the ten measures by live tests, the counters, the officer's year."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import SHANGHAI, local_date
from yimei.journey.registry import TaskItem
from yimei.people.roles import Permission
from yimei.privacy.actions import posture as actions
from yimei.privacy.queries import assessments, counters, minors_year, notices, packs
from yimei.privacy.queries import audits as queries
from yimei.privacy.queries import training as courses
from yimei.privacy.queries.year import events
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.people.models import Staff

SHOWN = 12
NEAR = timedelta(days=14)
TONES = {"good": "good", "warn": "warn", "bad": "danger", "none": ""}
ICONS = {"good": "check", "warn": "clock", "bad": "alert-triangle", "none": "minus"}
MINORS = {
    "filed": (gettext_lazy("已报送"), "good"),
    "ahead": (gettext_lazy("10 月开始"), ""),
    "open": (gettext_lazy("可以开始"), ""),
    "red": (gettext_lazy("月底前必须报送"), "danger"),
    "overdue": (gettext_lazy("已逾期"), "danger"),
}


@require_GET
@allow(Permission.PRIVACY_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    on = local_date(now)
    minors = minors_year.standing(on)
    measures = queries.posture(now)
    values: dict[str, Any] = {
        "measures": [
            (
                one,
                TONES[one.state],
                ICONS[one.state],
                [(t, TONES[t.state], ICONS[t.state]) for t in one.tests],
            )
            for one in measures
        ],
        "good": sum(one.state == "good" for one in measures),
        "gauges": counters.gauges(),
        "alarms": counters.open_alarms(),
        "year": events(now)[:SHOWN],
        "today": on,
        "minors": minors,
        "minors_word": MINORS[minors.state],
        "may_write": request.user.may(Permission.PRIVACY_WRITE),
        "proposed": packs.proposed().count(),
    }
    return render(request, "desk/posture/index.html", values)


@require_GET
@allow(Permission.PRIVACY_VIEW)
def year(request: StaffRequest) -> HttpResponse:
    """Everything with a day, month by month; what is late stands first."""
    now = timezone.now()
    on = local_date(now)
    found = events(now)
    months = groupby((one for one in found if one.on >= on), key=lambda one: one.on.replace(day=1))
    values = {
        "late": [one for one in found if one.on < on],
        "months": [(month, list(each)) for month, each in months],
    }
    return render(request, "desk/posture/year.html", values)


@require_POST
@allow(Permission.PRIVACY_VIEW)
def run(request: StaffRequest) -> HttpResponse:
    """Run every live test and every counter now."""
    now = timezone.now()
    actions.count(now=now)
    done = actions.run(now=now, by=request.user)
    return toast(request, redirect_to(request, "desk:posture"), _("已运行 %(n)d 项验证。") % {"n": done})


@require_POST
@allow(Permission.PRIVACY_WRITE)
def settle(request: StaffRequest, alarm_id: UUID) -> HttpResponse:
    evidence = request.POST.get("evidence", "")[:200]
    actions.settle(alarm_id, evidence=evidence, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:posture"), _("已记录。"))


# ---- Today --------------------------------------------------------------------------------------


def officers_day(staff: "Staff", now: datetime) -> Iterator[TaskItem]:
    """What the year asks for within two weeks, notices nobody published, packs that wait for a decision."""
    on = local_date(now)
    for event in events(now):
        if event.on <= on + NEAR:
            due = datetime.combine(event.on, time(18), SHANGHAI)
            yield TaskItem(
                due_at=due,
                patient=None,
                who=_("合规"),
                what=event.title,
                action=_("去办理"),
                where=event.where,
            )
    for purpose, paper in assessments.waiting():
        words = (
            _("待签署影响评估，签署前不能收集：%(name)s")
            if purpose.closed_at
            else _("待签署影响评估：%(name)s")
        )
        yield TaskItem(
            due_at=purpose.closed_at or datetime.combine(purpose.assess_by or on, time(0), SHANGHAI),
            patient=None,
            who=_("合规"),
            what=words % {"name": purpose.name},
            action=_("阅读并签署"),
            where=f"desk:assessment:{paper}" if paper else "desk:assessments",
        )
    for one in notices.waiting():
        yield TaskItem(
            due_at=now + timedelta(days=1),
            patient=None,
            who=_("合规"),
            what=_("「%(title)s」还没有发布，征求不了同意") % {"title": one.title},
            action=_("核对并发布"),
            where=f"desk:notice-first:{one.code}",
        )
    for pack in packs.proposed():
        yield TaskItem(
            due_at=pack.loaded_at + NEAR,
            patient=None,
            who=_("合规"),
            what=_("规则更新待决定：%(n)s") % {"n": pack},
            action=_("看影响"),
            where=f"desk:rule-pack:{pack.public_id}",
        )


def training_owed(staff: "Staff", now: datetime) -> Iterator[TaskItem]:
    """One line for all the courses that one owes."""
    owed = courses.overdue_titles(courses.standings(staff, local_date(now)))
    if owed:
        yield TaskItem(
            due_at=datetime.combine(local_date(now), time(18), SHANGHAI),
            patient=None,
            who=_("培训"),
            what="、".join(owed),
            action=_("去学习"),
            where="desk:training",
        )
