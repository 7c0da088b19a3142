"""Writes after the operation: tasks from the template, what came of them, reviews, the end of the case."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date, local_day
from yimei.core.errors import RuleBroken
from yimei.hospital.enums import StepKind
from yimei.journey.access import open_case, open_task
from yimei.journey.actions import cases, surveys
from yimei.journey.enums import CaseStage, ClavienDindo, TaskStatus
from yimei.journey.models import AftercareTask, Case, Review, Surgery
from yimei.journey.queries import facts
from yimei.journey.rules import gates
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.queries import needs

MORNING = timedelta(hours=10)
"""Aftercare is due at ten in the morning, local time, of its day."""


def plan_tasks(case: Case, surgery: Surgery, *, by: Staff, now: datetime) -> list[AftercareTask]:
    """Make the tasks of the procedure's template, counted from the operation's day; the case is locked."""
    day_zero = local_date(surgery.left_at or now)
    tasks = []
    for step in surgery.plan.procedure.aftercare_steps.all():
        start, _end = local_day(day_zero + timedelta(days=step.day))
        due_at = start + MORNING
        tasks.append(
            AftercareTask(
                case=case,
                surgery=surgery,
                kind=step.kind,
                title=step.title,
                due_at=due_at,
                late_at=due_at + timedelta(hours=step.window_hours),
            )
        )
    AftercareTask.objects.bulk_create(tasks)
    _point_at_next_task(case)
    log.record("journey.aftercare.planned", target=case, subject=case.subject, by=by, at=now, rows=len(tasks))
    return tasks


@transaction.atomic
def finish_task(
    task_id: UUID, *, outcome: str, has_red_flag: bool, by: Staff, now: datetime
) -> AftercareTask:
    """Write what came of a call, dressing or removal of sutures; a red flag puts the surgeon next."""
    need(by, Permission.AFTERCARE_WRITE)
    case = open_case(open_task(task_id, by=by).case.public_id, by=by, lock=True)
    task = open_task(task_id, by=by, lock=True)
    if task.status != TaskStatus.OPEN:
        raise RuleBroken(_("这项术后任务已经%(status)s。") % {"status": TaskStatus(task.status).label})
    if not outcome.strip():
        raise RuleBroken(_("请写明回访或处置的结果。"))
    task.status, task.outcome, task.has_red_flag = TaskStatus.DONE, outcome.strip(), has_red_flag
    task.done_at, task.done_by = now, by
    task.save(update_fields=["status", "outcome", "has_red_flag", "done_at", "done_by"])
    if has_red_flag and case.surgeon is not None:
        cases.set_next(case, action=gettext_noop("术后异常，请立即查看"), due_at=now, owner=case.surgeon)
    else:
        _point_at_next_task(case)
    log.record("journey.aftercare.done", target=task, subject=case.subject, by=by, at=now)
    return task


@transaction.atomic
def review(
    case_id: UUID,
    *,
    findings: str,
    complication: ClavienDindo,
    complication_note: str,
    goal_reached: int,
    by: Staff,
    now: datetime,
) -> Review:
    """Record a clinical review by a physician; the first one moves the case on and sends the survey."""
    need(by, Permission.CLINICAL_WRITE)
    case = open_case(case_id, by=by, lock=True)
    if case.stage not in {CaseStage.DISCHARGED, CaseStage.REVIEWED}:
        raise RuleBroken(_("客户离院后才能记录复查。"))
    if not findings.strip():
        raise RuleBroken(_("请写明检查所见。"))
    if not 0 <= goal_reached <= 10:
        raise RuleBroken(_("期望达成请在 0 到 10 之间。"))
    if complication != ClavienDindo.NONE and not complication_note.strip():
        raise RuleBroken(_("有并发症时须写明处理。"))
    row = Review.objects.create(
        case=case,
        by=by,
        at=now,
        findings=findings.strip(),
        complication=complication,
        complication_note=complication_note.strip(),
        goal_reached=goal_reached,
    )
    AftercareTask.objects.filter(
        case=case, kind=StepKind.REVIEW, status=TaskStatus.OPEN, due_at__lte=now + timedelta(days=7)
    ).update(status=TaskStatus.DONE, done_at=now, done_by=by)
    if case.stage == CaseStage.DISCHARGED:
        gates.pass_gate(CaseStage.REVIEWED, facts.gather(case, on=now, before=CaseStage.REVIEWED))
        cases.move(case, to=CaseStage.REVIEWED, by=by, now=now)
        if needs.is_needed("journey.Survey"):
            surveys.invite(case, by=by, now=now)
    _point_at_next_task(case)
    log.record("journey.review.recorded", target=row, subject=case.subject, by=by, at=now)
    return row


@transaction.atomic
def close(case_id: UUID, *, by: Staff, now: datetime) -> Case:
    """End the episode once the survey is in or has run out; tasks still open end with it."""
    need(by, Permission.AFTERCARE_WRITE)
    case = open_case(case_id, by=by, lock=True)
    gates.pass_gate(CaseStage.CLOSED, facts.gather(case, on=now, before=CaseStage.CLOSED))
    case.aftercare_tasks.filter(status=TaskStatus.OPEN).update(status=TaskStatus.CANCELLED)
    return cases.move(case, to=CaseStage.CLOSED, by=by, now=now)


def _point_at_next_task(case: Case) -> None:
    task = case.aftercare_tasks.filter(status=TaskStatus.OPEN).order_by("due_at", "id").first()
    if task is not None:
        cases.set_next(case, action=task.title, due_at=task.due_at, owner=None)
