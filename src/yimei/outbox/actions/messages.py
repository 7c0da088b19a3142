"""Send through the one gate: decide, keep the decision, hand over once.

A message is claimed in a transaction of its own before the channel is called. Whoever finds it still claimed
knows only that an attempt began: the outcome is unknown, is shown so, and nothing sends it again by itself.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import jobs
from yimei.core.database.locks import lock
from yimei.core.errors import RuleBroken
from yimei.outbox import registry
from yimei.outbox.access import open_message
from yimei.outbox.actions.optouts import link_of
from yimei.outbox.enums import Channel, MessageClass, MessageStatus, Verdict
from yimei.outbox.gateways.base import GatewayRefused, OutcomeUnknown
from yimei.outbox.models import Delivery, EnquiryMessage, Message, Template
from yimei.outbox.queries import address_of, ground_of, number_token, template
from yimei.outbox.rules.decision import Decision, decide
from yimei.outbox.rules.texts import check_template, places, render
from yimei.people.models import Guardian, Patient, Staff

WITH_PEOPLE = ("template", "patient__person__vault_key", "guardian__person__vault_key")
STATUS = {
    Verdict.SEND: MessageStatus.QUEUED,
    Verdict.HOLD: MessageStatus.HELD,
    Verdict.REFUSE: MessageStatus.REFUSED,
}


@transaction.atomic
def send(
    template_code: str,
    *,
    patient: Patient,
    params: Mapping[str, str],
    key: str,
    now: datetime,
    by: Staff | None = None,
    channel: Channel | None = None,
    link_token: str = "",
    guardian: Guardian | None = None,
) -> Message:
    """Decide about one message and queue it when it may go; the same key again returns the first message.

    With a guardian it goes to her number: what it is about and whose it is stays the patient's.
    """
    wanted = template(template_code)
    lock(*locks_of([(wanted, patient)]), f"outbox.message:{key}")
    known = Message.objects.filter(key=key).first()
    if known is not None:
        return known
    message_class = MessageClass(wanted.message_class)
    check_template(message_class, wanted.body)
    body = render(wanted.body, params)
    way = channel or default_channel()
    ground = ground_of(wanted, patient, channel=way, now=now, guardian=guardian)
    decision = decide(message_class, ground.facts, ground.limits)
    message = Message(
        patient=patient,
        guardian=guardian,
        template=wanted,
        message_class=message_class,
        channel=way,
        link_token=link_token,
        key=key,
        created_at=now,
        by=by,
    )
    if not ground.facts.is_erased:
        message.params, message.body = dict(params), body
    apply(message, decision)
    message.save(force_insert=True)
    _enqueue(message, attempt=now)
    log.record(
        "outbox.message.decided",
        at=now,
        by=by,
        target=message,
        subject=patient.person.vault_key,
        purpose=wanted.purpose_code,
        result=decision.verdict.value,
        detail={"template": wanted.code},
    )
    return message


def places_of(template_code: str) -> list[str]:
    """The words that a template wants."""
    return places(template(template_code).body)


@transaction.atomic
def send_again(message_id: UUID, *, by: Staff, now: datetime) -> Message:
    """Queue once more what failed or whose outcome nobody knows: a person has looked and decided."""
    seen = open_message(message_id, by=by)
    lock(*locks_of([(seen.template, seen.patient)]))
    message = open_message(message_id, by=by, lock=True)
    if message.status not in {MessageStatus.FAILED, MessageStatus.UNKNOWN}:
        raise RuleBroken(_("只有发送失败或结果未知的消息可以重新发送。"), code="message-not-failed")
    if message.body is None:
        raise RuleBroken(_("正文已按保存期限清空，请另发一条。"), code="message-empty")
    _decide_again(message, now)
    _enqueue(message, attempt=now)
    log.record(
        "outbox.message.again",
        at=now,
        by=by,
        target=message,
        subject=message.patient.person.vault_key,
        result=message.verdict,
    )
    return message


def call(message: Message, *, now: datetime) -> MessageStatus:
    """Call the channel for a message that the caller has claimed, and keep the outcome."""
    gateway = registry.gateway(Channel(message.channel))
    address = address_of(message.patient, Channel(message.channel), guardian=message.guardian)
    try:
        registry.refuse_unlisted(gateway, now)
        stop = link_of(message) if message.message_class == MessageClass.MARKETING else ""
        ref = gateway.send(address, message.template.subject, message.body or "", stop)[:120]
    except GatewayRefused as refusal:
        return _settle(message, MessageStatus.FAILED, now=now, error_code=refusal.code)
    except OutcomeUnknown as doubt:
        return _settle(message, MessageStatus.UNKNOWN, now=now, error_code=doubt.code)
    return _settle(message, MessageStatus.SENT, now=now, ref=ref)


def locks_of(wanted: Iterable[tuple[Template, Patient]]) -> set[str]:
    """The names under which one person's messages, and advertisements to one number, are decided in turn."""
    names = set()
    for kind, patient in wanted:
        names.add(f"outbox.patient:{patient.head_id}")
        is_alive = not patient.person.vault_key.is_destroyed and not patient.is_sealed
        if kind.message_class == MessageClass.MARKETING and is_alive:
            names.add(number_lock(address_of(patient, Channel.FILE)))
    return names


def number_lock(number: str) -> str:
    """Sorted behind the locks of customers, so that whoever holds those may still take it."""
    return f"outbox.phone:{number_token(number).hex()}"


def default_channel() -> Channel:
    """The channel that this hospital uses when the caller names none."""
    return Channel(getattr(settings, "OUTBOX_CHANNEL", Channel.FILE))


def interrupted(message: Message, *, now: datetime) -> None:
    """A worker began and never came back: whether the channel has it nobody knows."""
    _settle(message, MessageStatus.UNKNOWN, now=now, error_code="interrupted")


def _decide_again(message: Message, now: datetime) -> None:
    ground = ground_of(
        message.template,
        message.patient,
        channel=Channel(message.channel),
        now=now,
        besides=message.pk,
        guardian=message.guardian,
    )
    apply(message, decide(MessageClass(message.message_class), ground.facts, ground.limits))
    message.save(update_fields=["status", "verdict", "reason", "article", "not_before"])


def apply(message: Message | EnquiryMessage, decision: Decision) -> None:
    """Write a decision on its message; the caller saves."""
    message.verdict = decision.verdict
    message.reason = decision.reason[:200]
    message.article = decision.article
    message.not_before = decision.not_before
    message.status = STATUS[decision.verdict]


@transaction.atomic
def _settle(
    message: Message, status: MessageStatus, *, now: datetime, ref: str = "", error_code: str = ""
) -> MessageStatus:
    Delivery.objects.create(message=message, at=now, status=status, gateway_ref=ref, error_code=error_code)
    message.status = status
    message.sent_at = now if status == MessageStatus.SENT else message.sent_at
    message.save(update_fields=["status", "sent_at"])
    return status


def _enqueue(message: Message, *, attempt: datetime) -> None:
    if message.status == MessageStatus.QUEUED:
        key = f"outbox.deliver:{message.public_id}:{attempt.isoformat()}"
        jobs.enqueue("outbox.deliver", {"message": str(message.public_id)}, key=key)
