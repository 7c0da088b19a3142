"""Improvements: begun because of feedback, done with evidence, counted, and only then closed."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.growth.actions.feedback_steps import step
from yimei.growth.enums.feedback import Effect, FeedbackStepKind, ImprovementStatus, Theme
from yimei.growth.models import Improvement
from yimei.growth.queries import feedback as feedback_queries
from yimei.growth.queries import improvements as queries
from yimei.growth.rules import improvements as rules
from yimei.growth.rules.effects import effect
from yimei.journey.queries.visits import number
from yimei.outbox.actions import notifications
from yimei.people.models import Staff
from yimei.people.roles import Permission

SOON = timedelta(days=2)


@transaction.atomic
def begin(
    feedback_id: UUID, *, what: str, owner: UUID, due_on: date, by: Staff, now: datetime
) -> Improvement:
    """Write down what is to change, whose it is and until when; theme and place are those of the feedback."""
    row = feedback_queries.open_feedback(feedback_id, by=by, lock=True)
    words = rules.check_text(what, limit=rules.WHAT_LENGTH, code="what")
    rules.check_due(due_on, today=local_date(now))
    if not row.theme:
        raise RuleBroken(_("请先分诊，再立改进措施。"), code="what")
    handler = feedback_queries.handler(row.campus, owner)
    made = Improvement.objects.create(
        campus=row.campus, what=words, theme=Theme(row.theme), place=row.place, owner=handler, due_on=due_on,
        days=number("feedback.effect_days", local_date(now), 30), created_at=now, created_by=by,
    )  # fmt: skip
    made.feedback.add(row)
    step(
        row,
        FeedbackStepKind.LINKED,
        by=by,
        now=now,
        note=gettext_noop("立改进措施：%(what)s") % {"what": words},
        owner=handler,
    )
    if handler != by:
        _tell(handler, made, gettext_noop("有一项改进措施由您负责。"), "owner", now=now)
    log.record("growth.improvement.begin", at=now, by=by, target=made)
    return made


@transaction.atomic
def join(improvement_id: UUID, feedback_id: UUID, *, by: Staff, now: datetime) -> Improvement:
    """One more feedback that asks for the same."""
    row = feedback_queries.open_feedback(feedback_id, by=by, lock=True)
    made = queries.open_improvement(improvement_id, by=by)
    if made.status not in {ImprovementStatus.OPEN, ImprovementStatus.DONE} or made.campus_id != row.campus_id:
        raise RuleBroken(_("这项改进措施已经结束，请另立一项。"), code="improvement")
    made.feedback.add(row)
    step(
        row,
        FeedbackStepKind.LINKED,
        by=by,
        now=now,
        note=gettext_noop("并入改进措施：%(what)s") % {"what": made.what},
    )
    log.record("growth.improvement.join", at=now, by=by, target=made)
    return made


@transaction.atomic
def finish(improvement_id: UUID, *, evidence: str, by: Staff, now: datetime) -> Improvement:
    """Say that it is done and by what that is shown; from now on what comes in is counted."""
    made = queries.open_improvement(improvement_id, by=by, lock=True)
    rules.check_move(ImprovementStatus(made.status), ImprovementStatus.DONE)
    made.evidence = rules.check_text(evidence, limit=rules.EVIDENCE_LENGTH, code="evidence")
    made.status, made.done_at = ImprovementStatus.DONE, now
    made.save(update_fields=["evidence", "status", "done_at"])
    log.record("growth.improvement.finish", at=now, by=by, target=made)
    return made


@transaction.atomic
def drop(improvement_id: UUID, *, note: str, by: Staff, now: datetime) -> Improvement:
    made = queries.open_improvement(improvement_id, by=by, lock=True, permission=Permission.FEEDBACK_ASSIGN)
    rules.check_move(ImprovementStatus(made.status), ImprovementStatus.DROPPED)
    made.note = rules.check_text(note, limit=rules.NOTE_LENGTH, code="note")
    made.status = ImprovementStatus.DROPPED
    made.save(update_fields=["note", "status"])
    log.record("growth.improvement.drop", at=now, by=by, target=made)
    return made


@transaction.atomic
def close(improvement_id: UUID, *, note: str, by: Staff, now: datetime) -> Improvement:
    """End it after the days are over, by whoever hands feedback out; what was counted stays with it."""
    made = queries.open_improvement(improvement_id, by=by, lock=True, permission=Permission.FEEDBACK_ASSIGN)
    rules.check_move(ImprovementStatus(made.status), ImprovementStatus.CLOSED)
    if made.after is None or made.before is None:
        text = _("完成后还要数 %(n)d 天的意见，看到效果才能关闭（%(day)s 起）。")
        ready = local_date(queries.ready_at(made))
        raise RuleBroken(text % {"n": made.days, "day": ready.isoformat()}, code="status")
    made.note = rules.check_text(note, limit=rules.NOTE_LENGTH, code="note")
    made.status, made.closed_at = ImprovementStatus.CLOSED, now
    made.save(update_fields=["note", "status", "closed_at"])
    log.record("growth.improvement.close", at=now, by=by, target=made, reason=made.effect)
    return made


@transaction.atomic
def take_up(improvement_id: UUID, *, by: Staff, now: datetime) -> Improvement:
    """It did not help: the same improvement is open again, its evidence stays in the log."""
    made = queries.open_improvement(improvement_id, by=by, lock=True, permission=Permission.FEEDBACK_ASSIGN)
    rules.check_move(ImprovementStatus(made.status), ImprovementStatus.OPEN)
    made.status, made.done_at, made.before, made.after, made.effect = (
        ImprovementStatus.OPEN,
        None,
        None,
        None,
        "",
    )
    made.reminded_at = None
    made.save(update_fields=["status", "done_at", "before", "after", "effect", "reminded_at"])
    log.record("growth.improvement.again", at=now, by=by, target=made)
    return made


@transaction.atomic
def count_due(*, now: datetime) -> int:
    """Count before and after for those whose days are over, and tell who decides; remind of what is late."""
    done = 0
    for made in queries.to_count(now=now):
        made.before, made.after = queries.before_and_after(made)
        made.effect = effect(made.before, made.after)
        made.save(update_fields=["before", "after", "effect"])
        text = _("一项改进措施的效果数出来了：%(effect)s。") % {"effect": Effect(made.effect).label}
        for one in {made.owner, *feedback_queries.managers_of(made.campus)}:
            _tell(one, made, text, "counted", now=now)
        log.record("growth.improvement.count", at=now, target=made, reason=made.effect)
        done += 1
    for made in queries.to_remind(on=local_date(now + SOON)):
        made.reminded_at = now
        made.save(update_fields=["reminded_at"])
        _tell(made.owner, made, gettext_noop("一项改进措施快到期了。"), "soon", now=now)
        done += 1
    return done


def _tell(staff: Staff, made: Improvement, text: str, what: str, *, now: datetime) -> None:
    key = f"growth.improvement:{what}:{made.public_id}:{local_date(now)}"
    notifications.notify(staff, text, key=key, now=now, where=f"desk:improvement:{made.public_id}")
