"""Publish courses, mark quizzes, hold drills against fraud (P-8)."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.documents import render_pdf
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy import registry
from yimei.privacy.enums.incidents import DrillOutcome
from yimei.privacy.models import Course, DrillTarget, PhishDrill, TrainingRecord
from yimei.privacy.queries import training as queries
from yimei.privacy.rules import training as rules
from yimei.privacy.rules.erasure import add_months


@transaction.atomic
def load(*, now: datetime) -> int:
    """Bring the courses that ship; a course that is there stays as the hospital edited it."""
    added = 0
    for code in queries.SHIPPED:
        if not Course.objects.filter(code=code).exists():
            body = queries.shipped(code)
            _publish(
                code, title=body["title"], minutes=body["minutes"], body=body["body"], quiz=body["quiz"],
                pass_mark=80, months=12, is_required=True, by=None, now=now,
            )  # fmt: skip
            added += 1
    return added


@transaction.atomic
def publish(
    code: str, *, title: str, minutes: int, body: str, quiz: str, pass_mark: int, months: int,
    is_required: bool, by: Staff, now: datetime,
) -> Course:  # fmt: skip
    """Publish a new version; who passed the old one stays current until it ends."""
    need(by, Permission.PRIVACY_WRITE)
    if not 1 <= pass_mark <= 100 or not 1 <= months <= 60:
        raise RuleBroken(_("及格分为 1 至 100，有效期为 1 至 60 个月。"), code="pass_mark")
    lock("privacy.courses")
    return _publish(
        code, title=title, minutes=minutes, body=body, quiz=quiz, pass_mark=pass_mark, months=months,
        is_required=is_required, by=by, now=now,
    )  # fmt: skip


@transaction.atomic
def attempt(code: str, *, answers: Mapping[int, int], by: Staff, now: datetime) -> TrainingRecord:
    """Mark one quiz; every attempt is kept with what was answered."""
    course = queries.course(code)
    questions = rules.read_quiz(course.quiz)
    score = rules.mark(questions, answers)
    is_passed = score >= course.pass_mark
    given = [answers.get(n, -1) for n in range(len(questions))]
    proof = json.dumps([str(by.public_id), course.code, course.version, given, score, now.isoformat()])
    record = TrainingRecord.objects.create(
        staff=by,
        course=course,
        at=now,
        answers=given,
        score=score,
        is_passed=is_passed,
        valid_to=add_months(local_date(now), course.months) if is_passed else None,
        sha256=hashlib.sha256(proof.encode()).hexdigest(),
    )
    log.record(
        "privacy.training.attempt", at=now, by=by, target=record, result="ok" if is_passed else "failed",
        detail={"course": course.code, "version": course.version},
    )  # fmt: skip
    return record


@transaction.atomic
def certificate(record_id: UUID, *, by: Staff, now: datetime) -> bytes:
    record = queries.record_named(record_id, by=by)
    if not record.is_passed:
        raise RuleBroken(_("没有及格的测验没有证书。"), code="certificate")
    with in_house():
        page = render_pdf("certificate.typ", queries.certificate(record), title=_("培训合格证书"))
    log.record("privacy.training.print", at=now, by=by, target=record)
    return page


@transaction.atomic
def start_drill(scenario: str, *, by: Staff, now: datetime) -> PhishDrill:
    """Put a harmless false message into every bell; it holds no field to type a secret into."""
    need(by, Permission.PRIVACY_WRITE)
    if scenario not in rules.SCENARIOS:
        raise RuleBroken(_("没有这个情景。"), code="scenario")
    drill = PhishDrill.objects.create(scenario=scenario, started_at=now, by=by)
    targets = [DrillTarget(drill=drill, staff=one) for one in Staff.objects.active().exclude(pk=by.pk)]
    DrillTarget.objects.bulk_create(targets)
    ring = registry.bell()
    for target in targets:
        ring(
            target.staff,
            rules.SCENARIOS[scenario][1],
            key=f"message:{target.public_id}",
            now=now,
            where=f"desk:message:{target.public_id}",
        )
    log.record("privacy.drill.started", at=now, by=by, target=drill, rows=len(targets))
    return drill


@transaction.atomic
def react(target_id: UUID, *, outcome: DrillOutcome, by: Staff, now: datetime) -> DrillTarget:
    """Keep what somebody did first; learning afterwards changes nothing of it."""
    target = queries.target_of(target_id, by=by)
    if outcome == DrillOutcome.SENT:
        raise RuleBroken(_("没有这个选项。"), code="outcome")
    changed = DrillTarget.objects.filter(pk=target.pk, outcome=DrillOutcome.SENT).update(
        outcome=outcome, acted_at=now
    )
    if changed:
        log.record("privacy.drill.reacted", at=now, by=by, target=target, result=outcome.value)
    target.refresh_from_db()
    return target


def _publish(
    code: str, *, title: str, minutes: int, body: str, quiz: str, pass_mark: int, months: int,
    is_required: bool, by: Staff | None, now: datetime,
) -> Course:  # fmt: skip
    if not title.strip():
        raise RuleBroken(_("请填写课程名称。"), code="title")
    rules.read_body(body)
    rules.read_quiz(quiz)
    last = Course.objects.filter(code=code).order_by("-version").first()
    course = Course.objects.create(
        code=code,
        version=last.version + 1 if last else 1,
        title=title.strip()[:80],
        minutes=minutes,
        body=body,
        quiz=quiz,
        pass_mark=pass_mark,
        months=months,
        is_required=is_required,
        published_at=now,
        published_by=by,
    )
    log.record("privacy.course.published", at=now, by=by, target=course, detail={"code": code})
    return course
