"""The one engine of messages: decided one after the other, held, released, claimed, handed over, settled.

Two tables keep what goes to customers and what goes to whoever only asked (ADR 104). Each has a kind, which
says what is different there; everything else is here, once for both (ADR 121).

A message is claimed in a transaction of its own before the channel is called. Whoever finds it still claimed
knows only that an attempt began: the outcome is unknown, is shown so, and nothing sends it again by itself.
"""

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from yimei.audit import log
from yimei.core import jobs
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows
from yimei.core.language import in_house
from yimei.outbox import registry
from yimei.outbox.enums import Channel, MessageClass, MessageStatus, Verdict
from yimei.outbox.gateways.base import GatewayRefused, OutcomeUnknown
from yimei.outbox.models import EnquiryMessage, Message
from yimei.outbox.queries import GONE_OUT, number_token
from yimei.outbox.rules.decision import Decision
from yimei.outbox.rules.texts import check_template, render
from yimei.people.models import Staff
from yimei.vault.fields import key_of

M = TypeVar("M", Message, EnquiryMessage)

TOGETHER = 25
"""Messages that one job hands over: a slow channel must be through with them within the job's time."""
WAITING = (MessageStatus.HELD, MessageStatus.QUEUED)
DECIDED = ["status", "verdict", "reason", "article", "not_before"]
STATUS = {
    Verdict.SEND: MessageStatus.QUEUED,
    Verdict.HOLD: MessageStatus.HELD,
    Verdict.REFUSE: MessageStatus.REFUSED,
}


@dataclass(frozen=True)
class Asked:
    """One message before the gate."""

    whom: Hashable
    """For whose next message it counts."""
    judge: Callable[[int, int], Decision]
    """The decision, when so many advertisements and messages more are on their way to her."""


class Kind(ABC, Generic[M]):
    """What is different in one table of messages."""

    model: type[M]
    people: tuple[str, ...]
    """What a message is read with."""
    event: str
    """The line of the log that keeps its decision."""

    @abstractmethod
    def locks(self, messages: Collection[M], *, now: datetime) -> set[str]:
        """The names under which one person's messages, and those to one number, are decided in turn."""

    @abstractmethod
    def ask(self, messages: Sequence[M], *, now: datetime) -> list[Asked]:
        """What is known about whom each of them is for, read together."""

    @abstractmethod
    def reach(self, message: M, *, now: datetime) -> tuple[str, str]:
        """Where the channel reaches her, and the address at which one step ends this."""

    @abstractmethod
    def keep(self, message: M, *, now: datetime, ref: str, error_code: str) -> Sequence[str]:
        """Keep what the channel answered; returns the fields of the message that hold it."""


def default_channel() -> Channel:
    """The channel that this hospital uses when the caller names none."""
    return Channel(getattr(settings, "OUTBOX_CHANNEL", Channel.FILE))


def number_lock(number: str) -> str:
    """Sorted behind the locks of customers, so that whoever holds those may still take it."""
    return f"outbox.phone:{number_token(number).hex()}"


def fill(message: M, params: Mapping[str, str], *, is_gone: bool) -> M:
    """Put the words into a message that nobody has decided about; a text that may not go out is refused."""
    message.message_class = message.template.message_class
    message.channel = message.channel or default_channel()
    check_template(MessageClass(message.message_class), message.template.body)
    body = render(message.template.body, params)
    if not is_gone and not key_of(message).is_destroyed:
        message.params, message.body = dict(params), body
    return message


@transaction.atomic
def send_many(kind: Kind[M], wanted: Sequence[M], *, now: datetime, by: Staff | None = None) -> dict[str, M]:
    """Decide about each and queue those that may go; returns them by key, a known key with its first one."""
    lock(*kind.locks(wanted, now=now))
    known = {one.key: one for one in kind.model.objects.filter(key__in=[one.key for one in wanted])}
    fresh = list({one.key: one for one in wanted if one.key not in known}.values())
    if not fresh:
        return known
    for message in fresh:
        message.created_at, message.by = now, by
    _decide(kind, fresh, now=now)
    kind.model.objects.bulk_create(fresh)
    hand_over(fresh)
    lines = [
        log.Line(
            target=message,
            subject=key_of(message),
            purpose=message.template.purpose_code,
            result=message.verdict,
            detail={"template": message.template.code},
        )
        for message in fresh
    ]
    log.record_many(kind.event, lines, at=now, by=by)
    return known | {message.key: message for message in fresh}


def release_held(kind: Kind[M], *, now: datetime, size: int, most: int) -> int:
    """Decide again about held messages whose time has come, batch by batch; return how many may go."""
    going = 0
    for _number in range(most):
        looked, queued = _release(kind, now=now, size=size)
        going += queued
        if looked < size:
            break
    return going


@transaction.atomic
def _release(kind: Kind[M], *, now: datetime, size: int) -> tuple[int, int]:
    held = kind.model.objects.filter(status=MessageStatus.HELD)
    waiting = held.filter(not_before__lte=now).order_by("not_before", "pk")
    due = list(waiting.select_related(*kind.people)[:size])
    lock(*kind.locks(due, now=now))
    messages = _read(kind, held.filter(pk__in=[one.pk for one in due]))
    _decide_again(kind, messages, now=now)
    hand_over(messages)
    return len(due), sum(one.status == MessageStatus.QUEUED for one in messages)


@transaction.atomic
def refuse_waiting(kind: Kind[M], rows: QuerySet[M], *, now: datetime) -> int:
    """Something has changed: what may go no more is refused at once and says why; the rest waits on.

    Part of a larger action, and without the locks of its people: a refusal sends nobody anything.
    """
    messages = _read(kind, rows.filter(status__in=WAITING))
    _decide(kind, messages, now=now)
    refused = [one for one in messages if one.status == MessageStatus.REFUSED]
    for message in refused:
        message.save(update_fields=DECIDED)
    return len(refused)


def deliver_some(kind: Kind[M], ids: Sequence[UUID], *, now: datetime) -> None:
    """Decide once more about a handful, then claim each and call the channel, outside a transaction.

    A claim is one update of its own: whoever finds it taken leaves the message alone, and a claim that a dead
    worker left is an unknown outcome.
    """
    for message in _still_going(kind, ids, now=now):
        queued = kind.model.objects.filter(pk=message.pk, status=MessageStatus.QUEUED)
        if queued.update(status=MessageStatus.SENDING):
            message.status = MessageStatus.SENDING
            _call(kind, message, now=now)


@transaction.atomic
def _still_going(kind: Kind[M], ids: Sequence[UUID], *, now: datetime) -> list[M]:
    """Those of a handful that may still go: a consent may have been withdrawn since."""
    messages = _read(kind, kind.model.objects.filter(public_id__in=ids))
    for message in messages:
        if message.status == MessageStatus.SENDING:
            _settle(kind, message, MessageStatus.UNKNOWN, now=now, error_code="interrupted")
    queued = [one for one in messages if one.status == MessageStatus.QUEUED]
    _decide_again(kind, queued, now=now)
    return [one for one in queued if one.status == MessageStatus.QUEUED]


def send_again(kind: Kind[M], message: M, *, now: datetime) -> None:
    """Decide about one that was over already; whoever asks holds it locked."""
    _decide_again(kind, [message], now=now)
    hand_over([message])


def _read(kind: Kind[M], rows: QuerySet[M]) -> list[M]:
    """Lock these, the earliest first, and read them as they are now."""
    rows = rows.select_related(*kind.people)
    lock_rows(rows)
    return list(rows.order_by("not_before", "pk"))


@in_house()
def _decide(kind: Kind[M], messages: Sequence[M], *, now: datetime) -> None:
    """One decision after the other: what is decided to go to somebody counts for her next message."""
    going: dict[Hashable, Counter[bool]] = defaultdict(Counter)
    for message, asked in zip(messages, kind.ask(messages, now=now), strict=True):
        mine, is_counted = going[asked.whom], message.status in GONE_OUT
        decision = asked.judge(mine[True], mine.total())
        message.verdict = decision.verdict
        message.reason = decision.reason[:200]
        message.article = decision.article
        message.not_before = decision.not_before
        message.status = STATUS[decision.verdict]
        if decision.verdict == Verdict.SEND and not is_counted:
            mine[message.message_class == MessageClass.MARKETING] += 1


def _decide_again(kind: Kind[M], messages: Sequence[M], *, now: datetime) -> None:
    """Ask the gate once more, and save what it says differently from before."""
    before = {one.pk: [getattr(one, name) for name in DECIDED] for one in messages}
    _decide(kind, messages, now=now)
    for message in messages:
        if [getattr(message, name) for name in DECIDED] != before[message.pk]:
            message.save(update_fields=DECIDED)


def _call(kind: Kind[M], message: M, *, now: datetime) -> None:
    """Call the channel for a claimed message, and keep the outcome."""
    gateway = registry.gateway(Channel(message.channel))
    to, stop = kind.reach(message, now=now)
    try:
        registry.refuse_unlisted(gateway, now)
        ref = gateway.send(to, message.template.subject, message.body or "", stop)[:120]
    except GatewayRefused as refusal:
        _settle(kind, message, MessageStatus.FAILED, now=now, error_code=refusal.code)
    except OutcomeUnknown as doubt:
        _settle(kind, message, MessageStatus.UNKNOWN, now=now, error_code=doubt.code)
    else:
        _settle(kind, message, MessageStatus.SENT, now=now, ref=ref)


@transaction.atomic
def _settle(
    kind: Kind[M], message: M, status: MessageStatus, *, now: datetime, ref: str = "", error_code: str = ""
) -> None:
    message.status = status
    message.sent_at = now if status == MessageStatus.SENT else message.sent_at
    kept: Sequence[str] = kind.keep(message, now=now, ref=ref, error_code=error_code)
    message.save(update_fields=["status", "sent_at", *kept])


def hand_over(messages: Iterable[Message | EnquiryMessage]) -> None:
    """Let the worker call the channel for what was queued, a handful in each job."""
    queued = [str(one.public_id) for one in messages if one.status == MessageStatus.QUEUED]
    for start in range(0, len(queued), TOGETHER):
        some = queued[start : start + TOGETHER]
        jobs.enqueue("outbox.deliver", {"messages": some}, key=f"outbox.deliver:{uuid4()}")
