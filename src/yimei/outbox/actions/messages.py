"""Messages to customers, and to those who answer for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.database.locks import lock
from yimei.core.errors import RuleBroken
from yimei.outbox.access import link_of, open_message
from yimei.outbox.actions import engine
from yimei.outbox.enums import Channel, MessageClass, MessageStatus
from yimei.outbox.models import Delivery, Message, Template
from yimei.outbox.queries import Ground, Question, address_of, grounds_of, template
from yimei.outbox.rules.decision import Decision, decide
from yimei.outbox.rules.texts import places
from yimei.people.models import Guardian, Patient, Staff


class _ToCustomers(engine.Kind[Message]):
    model = Message
    people = ("template", "patient__person__vault_key", "guardian__person__vault_key")
    event = "outbox.message.decided"

    def locks(self, messages: Collection[Message], *, now: datetime) -> set[str]:
        names = set()
        for one in messages:
            patient = one.patient
            names.add(f"outbox.patient:{patient.head_id}")
            is_alive = not patient.person.vault_key.is_destroyed and not patient.is_sealed
            if one.message_class == MessageClass.MARKETING and is_alive:
                names.add(engine.number_lock(address_of(patient, Channel.FILE)))
        return names

    def ask(self, messages: Sequence[Message], *, now: datetime) -> list[engine.Asked]:
        questions = [
            Question(one.template, one.patient, Channel(one.channel), one.guardian, one.pk or 0)
            for one in messages
        ]
        return [
            engine.Asked(one.patient.head_id, partial(_judge, MessageClass(one.message_class), ground))
            for one, ground in zip(messages, grounds_of(questions, now=now), strict=True)
        ]

    def reach(self, message: Message, *, now: datetime) -> tuple[str, str]:
        to = address_of(message.patient, Channel(message.channel), guardian=message.guardian)
        return to, link_of(message) if message.message_class == MessageClass.MARKETING else ""

    def keep(self, message: Message, *, now: datetime, ref: str, error_code: str) -> Sequence[str]:
        Delivery.objects.create(
            message=message, at=now, status=message.status, gateway_ref=ref, error_code=error_code
        )
        return ()


def _judge(message_class: MessageClass, ground: Ground, marketing: int, _any: int) -> Decision:
    facts = replace(ground.facts, marketing_sent=ground.facts.marketing_sent + marketing)
    return decide(message_class, facts, ground.limits)


KIND = _ToCustomers()


def prepare(template: Template, *, patient: Patient, params: Mapping[str, str], key: str) -> Message:
    """One of many messages that somebody means to send: its text is whole, nothing is decided."""
    return engine.fill(
        Message(patient=patient, template=template, key=key), params, is_gone=patient.is_sealed
    )


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
    message = Message(patient=patient, guardian=guardian, template=template(template_code), key=key)
    message.channel, message.link_token = channel or "", link_token
    engine.fill(message, params, is_gone=patient.is_sealed)
    lock(f"outbox.message:{key}")
    return engine.send_many(KIND, [message], now=now, by=by)[key]


def places_of(template_code: str) -> list[str]:
    """The words that a template wants."""
    return places(template(template_code).body)


@transaction.atomic
def send_again(message_id: UUID, *, by: Staff, now: datetime) -> Message:
    """Queue once more what failed or whose outcome nobody knows: a person has looked and decided."""
    seen = open_message(message_id, by=by)
    lock(*KIND.locks([seen], now=now))
    message = open_message(message_id, by=by, lock=True)
    if message.status not in {MessageStatus.FAILED, MessageStatus.UNKNOWN}:
        raise RuleBroken(_("只有发送失败或结果未知的消息可以重新发送。"), code="message-not-failed")
    if message.body is None:
        raise RuleBroken(_("正文已按保存期限清空，请另发一条。"), code="message-empty")
    engine.send_again(KIND, message, now=now)
    log.record(
        "outbox.message.again",
        at=now,
        by=by,
        target=message,
        subject=message.patient.person.vault_key,
        result=message.verdict,
    )
    return message


def stop_to_guardians(patient: Patient, now: datetime) -> int:
    """She is of age: what waits to go to her guardians goes no more, by the same decision as ever."""
    rows = Message.objects.filter(patient__in=Patient.objects.files_of(patient), guardian__isnull=False)
    return engine.refuse_waiting(KIND, rows, now=now)
