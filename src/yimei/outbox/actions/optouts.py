"""One step ends advertising, by whichever way it was said, and for every channel; appointments go on."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction

from yimei.audit import log
from yimei.core import phone as phones
from yimei.core.database.locks import lock
from yimei.core.errors import NotFound
from yimei.outbox import registry
from yimei.outbox.models import EnquiryMessage, Message, NumberStop
from yimei.outbox.rules.optouts import is_no
from yimei.people.enums import TokenKind
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import consents
from yimei.privacy.enums import ConsentChannel
from yimei.privacy.queries import chip
from yimei.vault import blind
from yimei.vault.models import DataKey

MARKETING = "marketing"
_signer = Signer(salt="outbox.stop")


def token_of(message: Message | EnquiryMessage) -> str:
    """The secret part of a message's own address for refusing: nobody can make one up."""
    return _signer.sign(str(message.public_id))


def link_of(message: Message | EnquiryMessage) -> str:
    return str(settings.STOP_LINK).format(token=token_of(message))


def by_reply(phone: str, words: str, *, ref: str, now: datetime) -> bool:
    """Take an answer that came in by SMS; the same one again, or one that is no refusal, changes nothing."""
    return is_no(words) and stop_number(phone, channel=ConsentChannel.SMS, ref=f"sms:{ref}", now=now)


@transaction.atomic
def stop_number(
    phone: str, *, channel: ConsentChannel, ref: str, now: datetime, by: Staff | None = None
) -> bool:
    """Advertise to nobody at this number any more, customer or not, until she agrees anew."""
    token = blind.token(TokenKind.PHONE.value, phones.normalise(phone))
    lock(f"outbox.stop:{token.hex()}")
    _row, is_new = NumberStop.objects.get_or_create(
        ref=ref[:120], defaults={"token": token, "channel": channel, "at": now}
    )
    if not is_new:
        return False
    people = Patient.objects.filter(person__tokens__token=token, sealed_at=None).distinct()
    for patient in people.order_by("pk"):
        _withdraw(patient, MARKETING, channel=channel, now=now)
    log.record("outbox.number.stopped", at=now, by=by, detail={"channel": channel.value})
    asked = EnquiryMessage.objects.filter(token=token).order_by("vault_key").values_list("vault_key")
    for key in DataKey.objects.filter(pk__in=asked, destroyed_at=None).order_by("pk"):
        log.record("outbox.enquiry.stopped", at=now, by=by, subject=key, detail={"channel": channel.value})
    return True


@transaction.atomic
def by_link(token: str, *, channel: ConsentChannel, now: datetime) -> Message | EnquiryMessage:
    """Whoever holds a message's own address refuses what it was sent for; a second time changes nothing.

    Of somebody who only asked it is her number that refuses, and her question needs no answer any more.
    """
    message = opened(token)
    if isinstance(message, Message):
        _withdraw(message.patient, message.template.purpose_code, channel=channel, now=now)
        return message
    known = registry.enquiries([message.vault_key_id], now).get(message.vault_key_id)
    if known is not None and known.phone:
        stop_number(known.phone, channel=channel, ref=f"enquiry:{message.public_id}", now=now)
    return message


def opened(token: str) -> Message | EnquiryMessage:
    """The message behind an address for refusing."""
    try:
        public_id = UUID(_signer.unsign(token))
    except (BadSignature, ValueError):
        raise NotFound from None
    rows = Message.objects.select_related("template", "patient__person__vault_key", "patient__campus")
    message = rows.filter(public_id=public_id, patient__sealed_at=None).first()
    if message is not None:
        return message
    asked = EnquiryMessage.objects.select_related("template", "vault_key").filter(public_id=public_id)
    if (found := asked.filter(vault_key__destroyed_at=None).first()) is None:
        raise NotFound
    return found


def _withdraw(patient: Patient, purpose_code: str, *, channel: ConsentChannel, now: datetime) -> None:
    standing = chip(patient, purpose_code, now)
    if standing is not None and standing.is_given:
        consents.withdraw(patient, purpose_code, now=now, channel=channel)
