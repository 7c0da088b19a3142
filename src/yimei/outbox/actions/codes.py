"""A code to a number that is nobody's yet: through the same channel, and forgotten once it is sent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import jobs
from yimei.core.database.locks import lock
from yimei.core.database.rows import only
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.outbox import registry
from yimei.outbox.actions.engine import default_channel
from yimei.outbox.enums import Channel, MessageClass, MessageStatus
from yimei.outbox.gateways.base import GatewayRefused, OutcomeUnknown
from yimei.outbox.models import NumberMessage
from yimei.outbox.queries import template
from yimei.outbox.rules.texts import check_template, render
from yimei.vault import keys
from yimei.vault.models import DataKey

KEPT = timedelta(days=1)


@transaction.atomic
def send(
    template_code: str, *, phone: str, params: Mapping[str, str], key: str, now: datetime
) -> NumberMessage:
    """Queue one message to a bare number that asked for it itself; never marketing, once for each key."""
    lock(f"outbox.message:{key}")
    known = NumberMessage.objects.filter(key=key).first()
    if known is not None:
        return known
    wanted = template(template_code)
    message_class = MessageClass(wanted.message_class)
    if message_class == MessageClass.MARKETING:
        raise RuleBroken(_("没有核验的号码不能收营销消息。"), code="class")
    check_template(message_class, wanted.body)
    with in_house():
        body = render(wanted.body, params)
    row = NumberMessage.objects.create(
        vault_key=keys.new_key(),
        template=wanted,
        channel=default_channel(),
        phone=phone,
        body=body,
        status=MessageStatus.QUEUED,
        key=key,
        created_at=now,
    )
    jobs.enqueue("outbox.deliver_code", {"message": str(row.public_id)}, key=f"outbox.code:{row.public_id}")
    log.record(
        "outbox.code.queued",
        at=now,
        target=row,
        purpose=wanted.purpose_code,
        detail={"template": wanted.code},
    )
    return row


def deliver(message_id: UUID, *, now: datetime) -> MessageStatus:
    """Claim, call the channel, keep the outcome and forget the number; the claim outlives a crash."""
    row = _claim(message_id)
    if row is None:
        return MessageStatus(NumberMessage.objects.values_list("status", flat=True).get(public_id=message_id))
    gateway = registry.gateway(Channel(row.channel))
    try:
        registry.refuse_unlisted(gateway, now)
        gateway.send(row.phone or "", row.template.subject, row.body or "")
    except GatewayRefused as refusal:
        return _settle(row, MessageStatus.FAILED, now=now, error_code=refusal.code)
    except OutcomeUnknown as doubt:
        return _settle(row, MessageStatus.UNKNOWN, now=now, error_code=doubt.code)
    return _settle(row, MessageStatus.SENT, now=now)


@transaction.atomic
def _claim(message_id: UUID) -> NumberMessage | None:
    row = only(NumberMessage.objects.select_related("template", "vault_key"), message_id, lock=True)
    if row.status != MessageStatus.QUEUED:
        return None
    row.status = MessageStatus.SENDING
    row.save(update_fields=["status"])
    return row


@transaction.atomic
def _settle(
    row: NumberMessage, status: MessageStatus, *, now: datetime, error_code: str = ""
) -> MessageStatus:
    row.status, row.error_code, row.settled_at = status, error_code, now
    row.phone = row.body = None
    row.save(update_fields=["status", "error_code", "settled_at", "phone", "body"])
    keys.destroy(row.vault_key, at=now)
    return status


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Remove what was sent long ago: the log has the count; what never went out is forgotten unsent."""
    old = NumberMessage.objects.filter(created_at__lt=now - KEPT)
    held = list(old.values_list("vault_key", flat=True))
    count = old.delete()[0]
    DataKey.objects.filter(pk__in=held).delete()
    return count
