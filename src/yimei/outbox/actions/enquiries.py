"""Messages to people who asked and are no customers: decided, held, sent, stopped, forgotten like any other.

Whoever keeps the enquiry tells what is known of it (`registry.use_enquiries`); the number is read from there
when the channel is called and stands nowhere else.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import jobs
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows
from yimei.outbox import registry
from yimei.outbox.actions.batches import in_batches
from yimei.outbox.actions.messages import apply, default_channel, number_lock
from yimei.outbox.actions.optouts import link_of
from yimei.outbox.enums import Channel, MessageClass, MessageStatus, Verdict
from yimei.outbox.gateways.base import GatewayRefused, OutcomeUnknown
from yimei.outbox.gateways.console import FileGateway
from yimei.outbox.models import EnquiryMessage, Template
from yimei.outbox.queries import GONE_OUT, enquiry_facts, limits_of, number_token
from yimei.outbox.rules.decision import Decision
from yimei.outbox.rules.enquiries import decide
from yimei.outbox.rules.texts import check_template, render
from yimei.people.models import Patient
from yimei.vault.models import DataKey

TOGETHER = 25
WAITING = (MessageStatus.HELD, MessageStatus.QUEUED)
DECIDED = ["status", "verdict", "reason", "article", "not_before"]


@dataclass(frozen=True)
class WantedByEnquirer:
    """One message that somebody means to send to whoever asked; its text is whole."""

    template: Template
    vault_key: DataKey
    params: Mapping[str, str]
    body: str
    key: str


def prepare(
    template: Template, *, vault_key: DataKey, params: Mapping[str, str], key: str
) -> WantedByEnquirer:
    """Fill the places of a template; a text that may not go out is refused here."""
    check_template(MessageClass(template.message_class), template.body)
    return WantedByEnquirer(template, vault_key, dict(params), render(template.body, params), key)


def locks_of(keys: Collection[int], *, now: datetime) -> list[str]:
    """The names under which one number's messages are decided one after the other."""
    known = registry.enquiries(keys, now)
    return [number_lock(one.phone) for one in known.values() if one.phone]


@transaction.atomic
def send_many(wanted: Sequence[WantedByEnquirer], *, now: datetime) -> dict[str, EnquiryMessage]:
    """Decide about each and queue those that may go; returns them by key, a known key with its first one."""
    keys = {one.vault_key.pk for one in wanted}
    lock(*locks_of(keys, now=now))
    known = {one.key: one for one in EnquiryMessage.objects.filter(key__in=[one.key for one in wanted])}
    fresh = list({one.key: one for one in wanted if one.key not in known}.values())
    if not fresh:
        return known
    messages = [
        EnquiryMessage(
            vault_key=one.vault_key,
            template=one.template,
            message_class=one.template.message_class,
            channel=default_channel(),
            key=one.key,
            created_at=now,
        )
        for one in fresh
    ]
    for one, message in zip(fresh, messages, strict=True):
        if not one.vault_key.is_destroyed:
            message.params, message.body = dict(one.params), one.body
    _decide(messages, now=now)
    EnquiryMessage.objects.bulk_create(messages)
    _hand_over(messages)
    log.record_many(
        "outbox.enquiry.decided",
        [
            log.Line(
                target=message,
                subject=message.vault_key,
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
    """Decide again about held messages whose time has come; return how many may go."""
    return in_batches(partial(_release, now=now, size=size), size=size, most=most)


def deliver_some(ids: Sequence[UUID], *, now: datetime) -> None:
    """Decide once more, claim each and call the channel; what a dead worker claimed is an unknown outcome."""
    for message in _still_going(ids, now=now):
        queued = EnquiryMessage.objects.filter(pk=message.pk, status=MessageStatus.QUEUED)
        if queued.update(status=MessageStatus.SENDING):
            message.status = MessageStatus.SENDING
            _call(message, now=now)


@transaction.atomic
def became(vault_key: DataKey, patient: Patient) -> int:
    """She is a customer now: what she got on her enquiry counts for her. Part of a larger action."""
    return EnquiryMessage.objects.filter(vault_key=vault_key).update(patient=patient)


@transaction.atomic
def forget(vault_key: DataKey) -> int:
    """The enquiry is erased: what waits goes no more, words and marks are gone. Part of a larger action."""
    return _forget(EnquiryMessage.objects.filter(vault_key=vault_key))


def erase_enquiry_messages(patient: Patient, now: datetime) -> int:
    """The same of everything that a customer got when she only asked."""
    return _forget(EnquiryMessage.objects.filter(patient=patient))


def _forget(rows: QuerySet[EnquiryMessage]) -> int:
    rows.filter(status__in=WAITING).update(
        status=MessageStatus.REFUSED,
        verdict=Verdict.REFUSE,
        reason=_("咨询记录已删除。"),
        not_before=None,
    )
    FileGateway.forget(set(rows.exclude(gateway_ref="").values_list("gateway_ref", flat=True)))
    return rows.update(body=None, params=None, token=None)


@transaction.atomic
def _release(*, now: datetime, size: int) -> tuple[int, int]:
    held = EnquiryMessage.objects.filter(status=MessageStatus.HELD)
    waiting = held.filter(not_before__lte=now).order_by("not_before", "pk")
    due = dict(waiting.values_list("pk", "vault_key")[:size])
    lock(*locks_of(set(due.values()), now=now))
    chosen = held.filter(pk__in=due).select_related("template", "vault_key")
    lock_rows(chosen)
    messages = list(chosen.order_by("not_before", "pk"))
    _decide_again(messages, now=now)
    _hand_over(messages)
    return len(due), sum(one.status == MessageStatus.QUEUED for one in messages)


@transaction.atomic
def _still_going(ids: Sequence[UUID], *, now: datetime) -> list[EnquiryMessage]:
    rows = EnquiryMessage.objects.filter(public_id__in=ids).select_related("template", "vault_key")
    lock_rows(rows)
    messages = list(rows.order_by("pk"))
    for message in messages:
        if message.status == MessageStatus.SENDING:
            _settle(message, MessageStatus.UNKNOWN, now=now, error_code="interrupted")
    queued = [one for one in messages if one.status == MessageStatus.QUEUED]
    _decide_again(queued, now=now)
    return [one for one in queued if one.status == MessageStatus.QUEUED]


def _decide_again(messages: Sequence[EnquiryMessage], *, now: datetime) -> None:
    before = {one.pk: [getattr(one, name) for name in DECIDED] for one in messages}
    _decide(messages, now=now)
    for message in messages:
        if [getattr(message, name) for name in DECIDED] != before[message.pk]:
            message.save(update_fields=DECIDED)


def _decide(messages: Sequence[EnquiryMessage], *, now: datetime) -> None:
    """One decision after the other: what goes to a number counts for the next one to it."""
    limits = limits_of(local_date(now))
    facts = enquiry_facts({one.vault_key_id for one in messages}, now, limits.cap_days)
    going: dict[bytes, list[bool]] = defaultdict(list)
    for message in messages:
        mine, counted = facts[message.vault_key_id]
        phone = mine.enquiry.phone if mine.enquiry else ""
        token = number_token(phone) if phone else b""
        own = counted.get(message.pk)
        is_marketing = message.message_class == MessageClass.MARKETING
        decision: Decision = decide(
            MessageClass(message.message_class),
            replace(
                mine,
                marketing_sent=mine.marketing_sent + sum(going[token]) - bool(own),
                sent=mine.sent + len(going[token]) - (own is not None),
            ),
            limits,
        )
        was_counted = message.status in GONE_OUT
        apply(message, decision)
        message.token = token or None
        if decision.verdict == Verdict.SEND and not was_counted:
            going[token].append(is_marketing)


def _call(message: EnquiryMessage, *, now: datetime) -> None:
    """Call the channel for a claimed message; every one carries the address at which one step ends them."""
    gateway = registry.gateway(Channel(message.channel))
    known = registry.enquiries([message.vault_key_id], now).get(message.vault_key_id)
    try:
        registry.refuse_unlisted(gateway, now)
        number = known.phone if known else ""
        ref = gateway.send(number, message.template.subject, message.body or "", link_of(message))[:120]
    except GatewayRefused as refusal:
        _settle(message, MessageStatus.FAILED, now=now, error_code=refusal.code)
    except OutcomeUnknown as doubt:
        _settle(message, MessageStatus.UNKNOWN, now=now, error_code=doubt.code)
    else:
        _settle(message, MessageStatus.SENT, now=now, ref=ref)


@transaction.atomic
def _settle(
    message: EnquiryMessage, status: MessageStatus, *, now: datetime, ref: str = "", error_code: str = ""
) -> None:
    message.status, message.gateway_ref, message.error_code = status, ref, error_code
    message.sent_at = now if status == MessageStatus.SENT else message.sent_at
    message.save(update_fields=["status", "gateway_ref", "error_code", "sent_at"])


def _hand_over(messages: Iterable[EnquiryMessage]) -> None:
    queued = [str(one.public_id) for one in messages if one.status == MessageStatus.QUEUED]
    for start in range(0, len(queued), TOGETHER):
        some = queued[start : start + TOGETHER]
        jobs.enqueue("outbox.deliver_enquiry", {"messages": some}, key=f"outbox.enquiry:{uuid4()}")
