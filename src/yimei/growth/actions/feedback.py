"""Feedback is looked at: handed to somebody, answered, linked, closed with a finding, opened again."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.audit.enums import Look
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.growth.actions.feedback_steps import rise, set_clock, step, tell, tell_managers
from yimei.growth.enums.feedback import (
    FeedbackKind,
    FeedbackStatus,
    FeedbackStepKind,
    Finding,
    ReplyWay,
    Severity,
    Theme,
)
from yimei.growth.models import Feedback, FeedbackReply
from yimei.growth.queries import feedback as queries
from yimei.growth.queries import numbers
from yimei.growth.rules import feedback as rules
from yimei.growth.rules import public_answers
from yimei.outbox.actions import codes, messages
from yimei.outbox.enums import MessageStatus
from yimei.people import registry
from yimei.people.access import open_patient
from yimei.people.enums import LookPurpose, RevealPurpose
from yimei.people.models import Staff
from yimei.people.queries import search
from yimei.people.roles import Permission
from yimei.privacy.access import open_request
from yimei.privacy.actions import erasure
from yimei.privacy.enums import RequestKind
from yimei.vault import keys


@transaction.atomic
def triage(
    feedback_id: UUID,
    *,
    kind: FeedbackKind,
    severity: Severity,
    theme: Theme,
    owner: UUID,
    note: str,
    by: Staff,
    now: datetime,
) -> Feedback:
    """Say what it is, how grave, whose; the clock runs from when it was said, not from now."""
    row = queries.open_feedback(feedback_id, by=by, lock=True, permission=Permission.FEEDBACK_ASSIGN)
    rules.check_move(FeedbackStatus(row.status), FeedbackStatus.OPEN)
    words = rules.check_words(note, limit=rules.NOTE_LENGTH, code="note", is_needed=False)
    handler = queries.handler(row.campus, owner)
    row.kind, row.severity, row.theme, row.owner = kind, severity, theme, handler
    row.status, row.triaged_at, row.closed_at = FeedbackStatus.OPEN, now, None
    set_clock(row)
    row.reminded_at = None
    row.save(
        update_fields=[
            "kind", "severity", "theme", "owner", "status", "triaged_at", "closed_at", "due_at",
            "is_provisional", "reminded_at",
        ]
    )  # fmt: skip
    step(row, FeedbackStepKind.TRIAGED, by=by, now=now, note=words, owner=handler)
    if severity == Severity.URGENT and row.risen_at is None:
        rise(row, now=now)
    if handler != by:
        tell(handler, gettext_noop("有一条意见交给您处理，请在期限内答复。"), row, "owner", now=now)
    log.record(
        "growth.feedback.triage", at=now, by=by, target=row, subject=row.vault_key, reason=severity.value
    )
    return row


@transaction.atomic
def note(feedback_id: UUID, *, text: str, by: Staff, now: datetime) -> Feedback:
    """Keep what was found out on the way."""
    row = queries.open_feedback(feedback_id, by=by, lock=True)
    words = rules.check_words(text, limit=rules.NOTE_LENGTH, code="text")
    step(row, FeedbackStepKind.NOTED, by=by, now=now, note=words)
    log.record("growth.feedback.note", at=now, by=by, target=row, subject=row.vault_key)
    return row


@transaction.atomic
def reply(feedback_id: UUID, *, way: ReplyWay, text: str, by: Staff, now: datetime) -> FeedbackReply:
    """Answer: on the page of her receipt, with a message where she left a way; or keep what was said aloud.

    A public answer says nothing that tells whether its reader was ever here; none buys an opinion.
    """
    row = queries.open_feedback(feedback_id, by=by, lock=True)
    rules.check_move(FeedbackStatus(row.status), FeedbackStatus.ANSWERED)
    words = rules.check_words(text, limit=rules.ANSWER_LENGTH, code="text")
    if way not in queries.ways(row):
        raise RuleBroken(_("这条意见不能用这种方式答复。"), code="way")
    is_public = way == ReplyWay.PUBLIC
    telling = queries.telling_names(row.campus, on=local_date(now)) if is_public else ()
    public_answers.check(words, is_public=is_public, names=telling)
    kept = FeedbackReply(feedback=row, way=way, text=words, by=by, at=now)
    if way == ReplyWay.MESSAGE:
        kept.message = _send(row, kept, by=by, now=now)
    kept.save(force_insert=True)
    row.status = FeedbackStatus.ANSWERED
    row.answered_at = row.answered_at or now
    row.save(update_fields=["status", "answered_at"])
    step(row, FeedbackStepKind.ANSWERED, by=by, now=now)
    log.record("growth.feedback.reply", at=now, by=by, target=row, subject=row.vault_key, reason=way.value)
    return kept


@transaction.atomic
def close(feedback_id: UUID, *, finding: Finding, conclusion: str, by: Staff, now: datetime) -> Feedback:
    """End it with what was found; grave complaints that hold need an improvement first."""
    row = queries.open_feedback(feedback_id, by=by, lock=True)
    rules.check_move(FeedbackStatus(row.status), FeedbackStatus.CLOSED)
    words = rules.check_words(conclusion, limit=rules.NOTE_LENGTH, code="conclusion")
    rules.check_close(
        kind=FeedbackKind(row.kind) if row.kind else None,
        severity=Severity(row.severity) if row.severity else None,
        finding=finding,
        is_answered=row.replies.exists(),
        may_be_answered=row.may_answer or row.is_public,
        improvements=row.improvements.count(),
    )
    row.status, row.finding, row.conclusion, row.closed_at = FeedbackStatus.CLOSED, finding, words, now
    row.save(update_fields=["status", "finding", "conclusion", "closed_at"])
    step(row, FeedbackStepKind.CLOSED, by=by, now=now)
    log.record(
        "growth.feedback.close", at=now, by=by, target=row, subject=row.vault_key, reason=finding.value
    )
    return row


@transaction.atomic
def reopen(feedback_id: UUID, *, why: str, by: Staff, now: datetime) -> Feedback:
    """Take something up again that was closed or thought void."""
    row = queries.open_feedback(feedback_id, by=by, lock=True, permission=Permission.FEEDBACK_ASSIGN)
    if row.status not in {FeedbackStatus.CLOSED, FeedbackStatus.VOID}:
        raise RuleBroken(_("这条意见还在处理中。"), code="status")
    words = rules.check_words(why, limit=rules.NOTE_LENGTH, code="why")
    is_known = row.owner is not None and bool(row.kind)
    row.status = FeedbackStatus.OPEN if is_known else FeedbackStatus.NEW
    row.closed_at, row.finding = None, ""
    row.save(update_fields=["status", "closed_at", "finding"])
    step(row, FeedbackStepKind.REOPENED, by=by, now=now, note=words)
    log.record("growth.feedback.reopen", at=now, by=by, target=row, subject=row.vault_key)
    return row


@transaction.atomic
def void(feedback_id: UUID, *, why: str, by: Staff, now: datetime) -> Feedback:
    """Say that it is none: an advertisement, a test, the same again. It counts no more, and stays."""
    row = queries.open_feedback(feedback_id, by=by, lock=True, permission=Permission.FEEDBACK_ASSIGN)
    rules.check_move(FeedbackStatus(row.status), FeedbackStatus.VOID)
    if row.severity == Severity.URGENT:
        raise RuleBroken(_("涉及医疗安全的不能判为无效：请分诊，查明后再办结。"), code="status")
    words = rules.check_words(why, limit=rules.NOTE_LENGTH, code="why")
    row.status = FeedbackStatus.VOID
    row.save(update_fields=["status"])
    step(row, FeedbackStepKind.VOIDED, by=by, now=now, note=words)
    log.record("growth.feedback.void", at=now, by=by, target=row, subject=row.vault_key)
    return row


@transaction.atomic
def link_patient(feedback_id: UUID, *, who: str, by: Staff, now: datetime) -> Feedback:
    """Say whose words these are, when she has said so herself; never guessed from a review."""
    row = queries.open_feedback(feedback_id, by=by, lock=True)
    if row.is_public:
        raise RuleBroken(_("平台评价不与客户档案关联：昵称不能证明是谁。"), code="patient")
    if row.patient is not None:
        raise RuleBroken(_("已经关联了客户。"), code="patient")
    found = search(who, by=by, limit=2) if who.strip() else []
    if len(found) != 1:
        raise RuleBroken(_("没有找到唯一的一位客户，请输入完整的档案号或手机号。"), code="who")
    row.patient = open_patient(found[0].public_id, by=by)
    row.save(update_fields=["patient"])
    step(row, FeedbackStepKind.LINKED, by=by, now=now, note=gettext_noop("关联客户档案"))
    log.record("growth.feedback.link", at=now, by=by, target=row, subject=row.vault_key)
    return row


@transaction.atomic
def link_request(feedback_id: UUID, request_id: UUID, *, by: Staff, now: datetime) -> Feedback:
    """A complaint about personal information is answered where those are: the two are tied together."""
    row = queries.open_feedback(feedback_id, by=by, lock=True)
    request = open_request(request_id, by=by)
    if request.kind != RequestKind.COMPLAIN or row.patient is None or request.patient.pk != row.patient.pk:
        raise RuleBroken(_("只能关联同一位客户的个人信息投诉。"), code="request")
    row.request = request
    row.save(update_fields=["request"])
    step(row, FeedbackStepKind.LINKED, by=by, now=now, note=gettext_noop("关联个人信息投诉"))
    log.record("growth.feedback.link", at=now, by=by, target=row, subject=row.vault_key)
    return row


def look(feedback_id: UUID, *, by: Staff, now: datetime) -> None:
    """Write down that somebody read it (个人信息保护法 第五十四条)."""
    row = queries.open_feedback(feedback_id, by=by)
    log.record(
        f"growth.feedback.{Look.VIEW}",
        at=now,
        by=by,
        target=row,
        subject=row.patient.person.vault_key if row.patient else row.vault_key,
        purpose=LookPurpose.SERVICE.value,
    )


@transaction.atomic
def watch(*, now: datetime) -> int:
    """Remind owners shortly before the time is over, and tell those above when it is."""
    done = 0
    soon = numbers.clocks(local_date(now)).remind_minutes
    for pk in list(queries.to_remind(now=now, minutes=soon)):
        row = queries.locked(pk)
        row.reminded_at = now
        row.save(update_fields=["reminded_at"])
        step(row, FeedbackStepKind.REMINDED, by=None, now=now, owner=row.owner)
        if row.owner is not None:
            tell(row.owner, gettext_noop("一条意见快到答复期限，请尽快处理。"), row, "soon", now=now)
        else:
            tell_managers(row, gettext_noop("一条意见快到期限，还没有分诊。"), "soon", now=now)
        done += 1
    for pk in list(queries.to_rise(now=now)):
        row = queries.locked(pk)
        step(row, FeedbackStepKind.OVERDUE, by=None, now=now, owner=row.owner)
        tell_managers(row, gettext_noop("一条意见超过期限还没有答复。"), "late", now=now)
        done += 1
    return done


@transaction.atomic
def withdraw(feedback_id: UUID, mark: str, *, now: datetime) -> Feedback:
    """Whoever said it takes it back by her receipt: the words go, the bare row stays for the figures."""
    row = queries.behind(feedback_id, mark, lock=True)
    erase_row(row, now=now)
    erasure.note(row.vault_key.public_id, now=now)
    log.record(
        "growth.feedback.erase", at=now, target=row, subject=row.vault_key, reason=gettext_noop("本人撤回")
    )
    return row


def erase_row(row: Feedback, *, now: datetime) -> bool:
    """Destroy the key and take off what no key protects; a second time changes nothing but the key."""
    is_new = row.erased_at is None
    if is_new:
        step(row, FeedbackStepKind.ERASED, by=None, now=now)
    keys.destroy(row.vault_key, at=now)
    if not is_new:
        return False
    row.erased_at, row.patient, row.survey, row.request, row.origin, row.stars = (
        now,
        None,
        None,
        None,
        None,
        None,
    )
    row.ref_token, row.may_answer, row.found = None, False, []
    if row.status in rules.RUNNING:
        row.status = FeedbackStatus.VOID
    row.save(
        update_fields=[
            "erased_at", "patient", "survey", "request", "origin", "stars", "ref_token", "may_answer",
            "found", "status",
        ]
    )  # fmt: skip
    return True


def _send(row: Feedback, kept: FeedbackReply, *, by: Staff, now: datetime) -> UUID:
    """Tell her by a neutral message that there is an answer; the words stay behind the secret address."""
    campus_phone = row.campus.phone or row.campus.name
    params = {"link": settings.PUBLIC_URL + queries.receipt_path(row), "phone": campus_phone}
    key = f"feedback:{kept.public_id}"
    if row.patient is not None:
        sent = messages.send("feedback.answered", patient=row.patient, params=params, key=key, now=now, by=by)
        if sent.status == MessageStatus.REFUSED:
            text = _("消息不能发出：%(why)s。请改用电话，或只在回执页答复。")
            raise RuleBroken(text % {"why": sent.reason}, code="way")
        return sent.public_id
    return codes.send("feedback.answered", phone=row.phone, params=params, key=key, now=now).public_id


@transaction.atomic
def reveal_phone(feedback_id: UUID, *, purpose: str, by: Staff, now: datetime) -> str:
    """The whole number that somebody left for an answer; every look is in the log with its purpose."""
    if purpose not in RevealPurpose:
        raise RuleBroken(_("请选择查看完整号码的用途。"), code="purpose")
    row = queries.open_feedback(feedback_id, by=by)
    if (refused := registry.refusal(by, now)) is not None:
        raise refused
    log.record(
        f"growth.feedback.{Look.REVEAL}",
        at=now,
        by=by,
        target=row,
        subject=row.vault_key,
        fields=["phone"],
        purpose=purpose,
    )
    return row.phone
