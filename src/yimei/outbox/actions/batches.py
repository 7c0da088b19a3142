"""Decide about many messages in one transaction, by the same decision as about one.

What is known about everybody is read together, the log gets its lines in one go, and the channel is called by
one job for each handful of messages. Each key still exists once, whatever dies on the way.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from django.db import transaction

from yimei.audit import log
from yimei.core import jobs
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows
from yimei.outbox.actions.messages import (
    WITH_PEOPLE,
    apply,
    call,
    default_channel,
    interrupted,
    locks_of,
)
from yimei.outbox.enums import Channel, MessageClass, MessageStatus, Verdict
from yimei.outbox.models import Message, Template
from yimei.outbox.queries import GONE_OUT, Ground, Question, grounds_of
from yimei.outbox.rules.decision import Decision, decide
from yimei.outbox.rules.texts import check_template, render
from yimei.people.models import Patient

TOGETHER = 25
"""Messages that one job hands over: a slow channel must be through with them within the job's time."""
DECIDED = ["status", "verdict", "reason", "article", "not_before"]


@dataclass(frozen=True)
class Wanted:
    """One message that somebody means to send: its text is whole."""

    template: Template
    patient: Patient
    params: Mapping[str, str]
    body: str
    key: str


def prepare(template: Template, *, patient: Patient, params: Mapping[str, str], key: str) -> Wanted:
    """Fill the places of a template; a text that may not go out is refused here, before the others wait."""
    check_template(MessageClass(template.message_class), template.body)
    return Wanted(template, patient, dict(params), render(template.body, params), key)


@transaction.atomic
def send_many(wanted: Sequence[Wanted], *, now: datetime) -> dict[str, Message]:
    """Decide about each and queue those that may go; returns them by key, a known key with its first one."""
    lock(*locks_of((one.template, one.patient) for one in wanted))
    keys = [one.key for one in wanted]
    known = {message.key: message for message in Message.objects.filter(key__in=keys)}
    fresh = list({one.key: one for one in wanted if one.key not in known}.values())
    if not fresh:
        return known
    way = default_channel()
    questions = [Question(one.template, one.patient, way) for one in fresh]
    decisions = decide_in_turn(questions, grounds_of(questions, now=now))
    messages = []
    for one, decision in zip(fresh, decisions, strict=True):
        message = Message(
            patient=one.patient,
            template=one.template,
            message_class=one.template.message_class,
            channel=way,
            key=one.key,
            created_at=now,
        )
        if not one.patient.person.vault_key.is_destroyed and not one.patient.is_sealed:
            message.params, message.body = dict(one.params), one.body
        apply(message, decision)
        messages.append(message)
    Message.objects.bulk_create(messages)
    hand_over(messages)
    log.record_many(
        "outbox.message.decided",
        [
            log.Line(
                target=message,
                subject=message.patient.person.vault_key,
                purpose=message.template.purpose_code,
                result=message.verdict,
                detail={"template": message.template.code},
            )
            for message in messages
        ],
        at=now,
    )
    return known | {message.key: message for message in messages}


def release_held(*, now: datetime, size: int = 200, most: int = 100) -> int:
    """Decide again about held messages whose time has come, batch by batch; return how many may go."""
    return in_batches(partial(_release, now=now, size=size), size=size, most=most)


def in_batches(step: Callable[[], tuple[int, int]], *, size: int, most: int) -> int:
    """Repeat a step over ``size`` rows, which says (found, moved), while it finds as many; return all."""
    moved = 0
    for _number in range(most):
        looked, going = step()
        moved += going
        if looked < size:
            break
    return moved


@transaction.atomic
def stop_to_guardians(patient: Patient, now: datetime) -> int:
    """She is of age: what waits to go to her guardians goes no more, by the same decision as ever."""
    waiting = Message.objects.filter(
        patient__in=Patient.objects.files_of(patient),
        status__in=[MessageStatus.HELD, MessageStatus.QUEUED],
        guardian__isnull=False,
    ).select_related(*WITH_PEOPLE)
    lock_rows(waiting)
    messages = list(waiting.order_by("pk"))
    _decide_again(messages, now=now)
    return sum(one.status == MessageStatus.REFUSED for one in messages)


def deliver_some(ids: Sequence[UUID], *, now: datetime) -> None:
    """Decide once more about a handful, then claim each and call the channel, outside a transaction.

    A claim is one update of its own: whoever finds it taken leaves the message alone, and a claim that a dead
    worker left is an unknown outcome.
    """
    for message in _still_going(ids, now=now):
        queued = Message.objects.filter(pk=message.pk, status=MessageStatus.QUEUED)
        if queued.update(status=MessageStatus.SENDING):
            message.status = MessageStatus.SENDING
            call(message, now=now)


@transaction.atomic
def _release(*, now: datetime, size: int) -> tuple[int, int]:
    held = Message.objects.filter(status=MessageStatus.HELD)
    waiting = held.filter(not_before__lte=now).order_by("not_before", "pk")
    due = list(waiting.select_related(*WITH_PEOPLE)[:size])
    lock(*locks_of((one.template, one.patient) for one in due))
    chosen = held.filter(pk__in=[one.pk for one in due]).select_related(*WITH_PEOPLE)
    lock_rows(chosen)
    messages = list(chosen.order_by("not_before", "pk"))
    _decide_again(messages, now=now)
    hand_over(messages)
    return len(due), sum(one.status == MessageStatus.QUEUED for one in messages)


@transaction.atomic
def _still_going(ids: Sequence[UUID], *, now: datetime) -> list[Message]:
    """Those of a handful that may still go: a consent may have been withdrawn since."""
    rows = Message.objects.filter(public_id__in=ids).select_related(*WITH_PEOPLE)
    lock_rows(rows)
    messages = list(rows.order_by("pk"))
    for message in messages:
        if message.status == MessageStatus.SENDING:
            interrupted(message, now=now)
    queued = [one for one in messages if one.status == MessageStatus.QUEUED]
    _decide_again(queued, now=now)
    return [one for one in queued if one.status == MessageStatus.QUEUED]


def _decide_again(messages: Sequence[Message], *, now: datetime) -> None:
    """Ask the gate once more, and save what it says differently from before."""
    questions = [
        Question(one.template, one.patient, Channel(one.channel), one.guardian, one.pk) for one in messages
    ]
    counted = {one.pk for one in messages if one.status in GONE_OUT}
    decisions = decide_in_turn(questions, grounds_of(questions, now=now), counted=counted)
    for message, decision in zip(messages, decisions, strict=True):
        before = [getattr(message, name) for name in DECIDED]
        apply(message, decision)
        if [getattr(message, name) for name in DECIDED] != before:
            message.save(update_fields=DECIDED)


def decide_in_turn(
    questions: Sequence[Question], grounds: Sequence[Ground], *, counted: Collection[int] = ()
) -> list[Decision]:
    """One decision after the other: what is decided to go to somebody counts for her next message.

    ``counted`` are the messages that the facts of all others count already.
    """
    going: Counter[int] = Counter()
    found = []
    for one, ground in zip(questions, grounds, strict=True):
        pk, message_class = one.patient.pk, MessageClass(one.template.message_class)
        facts = replace(ground.facts, marketing_sent=ground.facts.marketing_sent + going[pk])
        decision = decide(message_class, facts, ground.limits)
        if decision.verdict == Verdict.SEND and one.is_marketing and one.besides not in counted:
            going[pk] += 1
        found.append(decision)
    return found


def hand_over(messages: Iterable[Message]) -> None:
    """Let the worker call the channel for what was queued, a handful in each job."""
    queued = [str(one.public_id) for one in messages if one.status == MessageStatus.QUEUED]
    for start in range(0, len(queued), TOGETHER):
        some = queued[start : start + TOGETHER]
        jobs.enqueue("outbox.deliver", {"messages": some}, key=f"outbox.deliver:{uuid4()}")
