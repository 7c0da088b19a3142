"""What clinical work puts on Today: who writes, talks, operates, measures, calls and reviews next."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI, local_date, local_day
from yimei.hospital.enums import StepKind
from yimei.journey import registry
from yimei.journey.enums import CaseStage, SurgeryStatus
from yimei.journey.models import (
    AftercareTask,
    Case,
    ConsentForm,
    Observation,
    Review,
    Surgery,
    TestResult,
)
from yimei.journey.queries import aftercare, board
from yimei.journey.registry import TaskItem, Worklist
from yimei.journey.rules.recovery import DEFAULTS
from yimei.people.models import Staff
from yimei.people.roles import Permission, RoleCode

PLAN_WITHIN = timedelta(days=1)
ACCEPT_WITHIN = timedelta(hours=4)
TALK_AHEAD = timedelta(days=3)
TALK_BEFORE = timedelta(hours=2)
SCHEDULE_WITHIN = timedelta(days=2)
FLAG_DAYS = timedelta(days=7)
BEFORE_OPERATION = (CaseStage.CONSULTED, CaseStage.ASSESSED, CaseStage.PLANNED, CaseStage.SCHEDULED)
IN_THEATRE = (
    SurgeryStatus.SCHEDULED,
    SurgeryStatus.IN_ROOM,
    SurgeryStatus.OPERATING,
    SurgeryStatus.CLOSED,
)


@registry.today_source(RoleCode.SURGEON)
def plans_to_write(staff: Staff, now: datetime) -> Worklist[Case]:
    cases = Case.objects.visible_to(staff).filter(stage=CaseStage.ASSESSED)
    mine = cases.filter(Q(surgeon=staff) | Q(surgeon=None))
    return Worklist(
        mine,
        ("stage_since",),
        lambda stage_since: stage_since + PLAN_WITHIN,
        mine.with_people,
        lambda case, due_at: TaskItem(
            due_at=due_at,
            patient=case.patient,
            what=_("制定方案：%(what)s") % {"what": case.procedure},
            action=_("制定方案"),
            where=f"desk:case-plan:{case.public_id}",
        ),
    )


@registry.today_source(RoleCode.SURGEON)
def abnormal_results(staff: Staff, now: datetime) -> Worklist[Case]:
    """Cases whose newest result of some test is out of range and accepted by nobody."""
    newer = TestResult.objects.filter(order=OuterRef("order"), pk__gt=OuterRef("pk"))
    open_ones = TestResult.objects.filter(
        ~Exists(newer), order__case=OuterRef("pk"), order__cancelled_at=None, is_abnormal=True, accepts=None
    )
    cases = (
        Case.objects.visible_to(staff)
        .filter(Q(surgeon=staff) | Q(surgeon=None), stage__in=BEFORE_OPERATION)
        .filter(Exists(open_ones))
    )
    results = TestResult.objects.filter(order__case=OuterRef("pk")).order_by("-recorded_at")
    told = cases.annotate(told_at=Subquery(results.values("recorded_at")[:1]))
    return Worklist(
        told,
        ("told_at",),
        lambda told_at: told_at + ACCEPT_WITHIN,
        told.with_people,
        lambda case, due_at: TaskItem(
            due_at=due_at,
            patient=case.patient,
            what=_("检查结果异常：%(what)s") % {"what": case.procedure},
            action=_("看结果"),
            where=f"desk:case-tests:{case.public_id}",
        ),
    )


@registry.today_source(RoleCode.SURGEON, RoleCode.ANAESTHETIST)
def talks(staff: Staff, now: datetime) -> Worklist[Surgery]:
    """Operations of the next days for which this physician has signed nothing with the customer yet."""
    coming = board.operations_of(staff, now, now + TALK_AHEAD).filter(status=SurgeryStatus.SCHEDULED)
    signed = ConsentForm.objects.filter(plan=OuterRef("plan"), talked_by=staff, voided_at=None)
    if staff.role_code == RoleCode.ANAESTHETIST:
        coming = coming.filter(plan__anaesthesia__in=["sedation", "general"])
    silent = coming.filter(~Exists(signed))
    return Worklist(
        silent,
        ("starts_at",),
        lambda starts_at: starts_at - TALK_BEFORE,
        silent.all,
        lambda surgery, due_at: TaskItem(
            due_at=due_at,
            patient=surgery.case.patient,
            what=_("术前谈话与签署：%(what)s") % {"what": surgery.plan.procedure},
            action=_("去谈话"),
            where=f"desk:case-consents:{surgery.case.public_id}",
        ),
    )


@registry.today_source(RoleCode.SURGEON, RoleCode.ANAESTHETIST, RoleCode.NURSE)
def operations_today(staff: Staff, now: datetime) -> Worklist[Surgery]:
    start, end = local_day(local_date(now))
    mine = board.operations_of(staff, start, end).filter(status__in=IN_THEATRE)
    return Worklist(
        mine,
        ("starts_at",),
        lambda starts_at: starts_at,
        mine.all,
        lambda surgery, due_at: TaskItem(
            due_at=due_at,
            patient=surgery.case.patient,
            what=f"{due_at.astimezone(SHANGHAI):%H:%M} {surgery.room.name} · {surgery.plan.procedure} · "
            f"{surgery.get_status_display()}",
            action=_("手术核查"),
            where=f"desk:case-surgery:{surgery.case.public_id}",
        ),
    )


@registry.today_source(RoleCode.NURSE, RoleCode.ANAESTHETIST)
def in_recovery(staff: Staff, now: datetime) -> Worklist[Surgery]:
    rows = Surgery.objects.visible_to(staff).filter(status=SurgeryStatus.RECOVERING)
    if staff.role_code == RoleCode.ANAESTHETIST:
        rows = rows.filter(members__staff=staff)
    looks = Observation.objects.filter(surgery=OuterRef("pk")).order_by("-at")
    seen = rows.annotate(looked_at=Subquery(looks.values("at")[:1]))
    return Worklist(
        seen,
        ("looked_at", "left_at", "starts_at"),
        lambda looked_at, left_at, starts_at: (looked_at or left_at or starts_at) + DEFAULTS.longest_gap,
        seen.with_people,
        lambda surgery, due_at: TaskItem(
            due_at=due_at,
            patient=surgery.case.patient,
            what=_("恢复室观察：%(what)s") % {"what": surgery.plan.procedure},
            action=_("记录"),
            where=f"desk:case-recovery:{surgery.case.public_id}",
            since=due_at - DEFAULTS.longest_gap,
        ),
    )


@registry.today_source(RoleCode.NURSE)
def tests_to_enter(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    waiting = Q(test_orders__cancelled_at=None, test_orders__results=None, test_orders__isnull=False)
    cases = Case.objects.visible_to(staff, Permission.TEST_WRITE).filter(stage__in=BEFORE_OPERATION)
    asked = cases.annotate(left=Count("test_orders", filter=waiting, distinct=True)).filter(left__gt=0)
    found = {
        pk: (left, at) for pk, left, at in asked.values_list("pk", "left", Max("test_orders__ordered_at"))
    }
    for case in cases.filter(pk__in=found).with_people():
        left, asked_at = found[case.pk]
        yield TaskItem(
            due_at=asked_at + ACCEPT_WITHIN,
            patient=case.patient,
            what=_("录入检查结果 %(left)d 项：%(what)s") % {"left": left, "what": case.procedure},
            action=_("录入"),
            where=f"desk:case-tests:{case.public_id}",
            since=asked_at,
        )


@registry.today_source(RoleCode.SCHEDULER)
def to_schedule(staff: Staff, now: datetime) -> Worklist[Case]:
    cases = board.unplaced(staff)
    return Worklist(
        cases,
        ("stage_since",),
        lambda stage_since: stage_since + SCHEDULE_WITHIN,
        cases.with_people,
        lambda case, due_at: TaskItem(
            due_at=due_at,
            patient=case.patient,
            what=_("待排台：%(what)s") % {"what": case.procedure},
            action=_("排台"),
            where=f"desk:case-schedule:{case.public_id}",
            since=case.stage_since,
        ),
    )


@registry.today_source(RoleCode.AFTERCARE, RoleCode.NURSE)
def aftercare_due(staff: Staff, now: datetime) -> Worklist[AftercareTask]:
    """Calls for aftercare, dressings and sutures for nurses: what is due today, and what is late."""
    kinds = (
        [StepKind.DRESSING, StepKind.SUTURES]
        if staff.role_code == RoleCode.NURSE
        else [StepKind.CALL, StepKind.SURVEY]
    )
    _start, end = local_day(local_date(now))
    mine = aftercare.due_by(staff, end).filter(kind__in=kinds)
    return Worklist(
        mine,
        ("late_at", "due_at"),
        lambda late_at, due_at: late_at if late_at < now else due_at,
        mine.all,
        lambda task, due_at: TaskItem(
            due_at=due_at,
            patient=task.case.patient,
            what=f"{task.title}：{task.case.procedure}",
            action=_("记录"),
            where=f"desk:case-review:{task.case.public_id}",
            tone="danger" if task.late_at < now else "warn" if task.due_at < now else "",
        ),
    )


@registry.today_source(RoleCode.SURGEON)
def reviews_due(staff: Staff, now: datetime) -> Worklist[AftercareTask]:
    _start, end = local_day(local_date(now))
    mine = aftercare.due_by(staff, end).filter(kind=StepKind.REVIEW)
    return Worklist(
        mine,
        ("due_at",),
        lambda due_at: due_at,
        mine.all,
        lambda task, due_at: TaskItem(
            due_at=due_at,
            patient=task.case.patient,
            what=f"{task.title}：{task.case.procedure}",
            action=_("记录复查"),
            where=f"desk:case-review:{task.case.public_id}",
        ),
    )


@registry.today_source(RoleCode.SURGEON)
def red_flags(staff: Staff, now: datetime) -> Worklist[AftercareTask]:
    """What aftercare heard and no physician has looked at since."""
    seen = Review.objects.filter(case=OuterRef("case"), at__gte=OuterRef("done_at"))
    unseen = aftercare.flagged(staff, now - FLAG_DAYS).exclude(Exists(seen))
    return Worklist(
        unseen,
        ("done_at",),
        lambda done_at: done_at,
        unseen.all,
        lambda task, due_at: TaskItem(
            due_at=due_at,
            patient=task.case.patient,
            what=_("术后异常：%(what)s") % {"what": task.title},
            action=_("立即查看"),
            where=f"desk:case-review:{task.case.public_id}",
            tone="danger",
        ),
    )
