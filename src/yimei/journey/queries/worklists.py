"""What clinical work puts on Today: who writes, talks, operates, measures, calls and reviews next."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI, local_date, local_day
from yimei.hospital.enums import StepKind
from yimei.journey import registry
from yimei.journey.enums import CaseStage, SurgeryStatus
from yimei.journey.models import Case, Review, Surgery, TestResult
from yimei.journey.queries import aftercare, board
from yimei.journey.registry import TaskItem
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
def plans_to_write(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    cases = Case.objects.visible_to(staff).filter(stage=CaseStage.ASSESSED)
    for case in cases.filter(Q(surgeon=staff) | Q(surgeon=None)).with_people():
        yield TaskItem(
            due_at=case.stage_since + PLAN_WITHIN,
            patient=case.patient,
            what=_("制定方案：%(what)s") % {"what": case.procedure},
            action=_("制定方案"),
            where=f"desk:case-plan:{case.public_id}",
        )


@registry.today_source(RoleCode.SURGEON)
def abnormal_results(staff: Staff, now: datetime) -> Iterator[TaskItem]:
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
    found = dict(cases.values_list("pk", Max("test_orders__results__recorded_at")))
    for case in cases.with_people():
        yield TaskItem(
            due_at=found[case.pk] + ACCEPT_WITHIN,
            patient=case.patient,
            what=_("检查结果异常：%(what)s") % {"what": case.procedure},
            action=_("看结果"),
            where=f"desk:case-tests:{case.public_id}",
        )


@registry.today_source(RoleCode.SURGEON, RoleCode.ANAESTHETIST)
def talks(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """Operations of the next days for which this physician has signed nothing with the customer yet."""
    coming = board.operations_of(staff, now, now + TALK_AHEAD).filter(status=SurgeryStatus.SCHEDULED)
    signed = Q(plan__consent_forms__talked_by=staff, plan__consent_forms__voided_at=None)
    if staff.role_code == RoleCode.ANAESTHETIST:
        coming = coming.filter(plan__anaesthesia__in=["sedation", "general"])
    for surgery in coming.annotate(own=Count("plan__consent_forms", filter=signed, distinct=True)).filter(
        own=0
    ):
        yield TaskItem(
            due_at=surgery.starts_at - TALK_BEFORE,
            patient=surgery.case.patient,
            what=_("术前谈话与签署：%(what)s") % {"what": surgery.plan.procedure},
            action=_("去谈话"),
            where=f"desk:case-consents:{surgery.case.public_id}",
        )


@registry.today_source(RoleCode.SURGEON, RoleCode.ANAESTHETIST, RoleCode.NURSE)
def operations_today(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    start, end = local_day(local_date(now))
    for surgery in board.operations_of(staff, start, end).filter(status__in=IN_THEATRE):
        local = surgery.starts_at.astimezone(SHANGHAI)
        yield TaskItem(
            due_at=surgery.starts_at,
            patient=surgery.case.patient,
            what=f"{local:%H:%M} {surgery.room.name} · {surgery.plan.procedure} · "
            f"{surgery.get_status_display()}",
            action=_("手术核查"),
            where=f"desk:case-surgery:{surgery.case.public_id}",
        )


@registry.today_source(RoleCode.NURSE, RoleCode.ANAESTHETIST)
def in_recovery(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    rows = Surgery.objects.visible_to(staff).filter(status=SurgeryStatus.RECOVERING).with_people()
    if staff.role_code == RoleCode.ANAESTHETIST:
        rows = rows.filter(members__staff=staff)
    seen = dict(rows.annotate(seen_at=Max("observations__at")).values_list("pk", "seen_at"))
    for surgery in rows:
        last = seen[surgery.pk] or surgery.left_at or surgery.starts_at
        yield TaskItem(
            due_at=last + DEFAULTS.longest_gap,
            patient=surgery.case.patient,
            what=_("恢复室观察：%(what)s") % {"what": surgery.plan.procedure},
            action=_("记录"),
            where=f"desk:case-recovery:{surgery.case.public_id}",
            since=last,
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
def to_schedule(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    for each in board.waiting(by=staff, now=now):
        yield TaskItem(
            due_at=each.case.stage_since + SCHEDULE_WITHIN,
            patient=each.case.patient,
            what=_("待排台：%(what)s") % {"what": each.case.procedure},
            action=_("排台"),
            where=f"desk:case-schedule:{each.case.public_id}",
            since=each.case.stage_since,
        )


@registry.today_source(RoleCode.AFTERCARE, RoleCode.NURSE)
def aftercare_due(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """Calls for aftercare, dressings and sutures for nurses: what is due today, and what is late."""
    kinds = (
        [StepKind.DRESSING, StepKind.SUTURES]
        if staff.role_code == RoleCode.NURSE
        else [StepKind.CALL, StepKind.SURVEY]
    )
    _start, end = local_day(local_date(now))
    for task in aftercare.due_by(staff, end).filter(kind__in=kinds):
        yield TaskItem(
            due_at=task.late_at if task.late_at < now else task.due_at,
            patient=task.case.patient,
            what=f"{task.title}：{task.case.procedure}",
            action=_("记录"),
            where=f"desk:case-review:{task.case.public_id}",
            tone="danger" if task.late_at < now else "warn" if task.due_at < now else "",
        )


@registry.today_source(RoleCode.SURGEON)
def reviews_due(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    _start, end = local_day(local_date(now))
    for task in aftercare.due_by(staff, end).filter(kind=StepKind.REVIEW):
        yield TaskItem(
            due_at=task.due_at,
            patient=task.case.patient,
            what=f"{task.title}：{task.case.procedure}",
            action=_("记录复查"),
            where=f"desk:case-review:{task.case.public_id}",
        )


@registry.today_source(RoleCode.SURGEON)
def red_flags(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """What aftercare heard and no physician has looked at since."""
    seen = Review.objects.filter(case=OuterRef("case"), at__gte=OuterRef("done_at"))
    for task in aftercare.flagged(staff, now - FLAG_DAYS).exclude(Exists(seen)):
        yield TaskItem(
            due_at=task.done_at or task.due_at,
            patient=task.case.patient,
            what=_("术后异常：%(what)s") % {"what": task.title},
            action=_("立即查看"),
            where=f"desk:case-review:{task.case.public_id}",
            tone="danger",
        )
