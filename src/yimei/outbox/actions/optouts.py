"""One step ends advertising, by whichever way it was said, and for every channel; appointments go on."""

from datetime import datetime

from django.db import transaction

from yimei.audit import log
from yimei.core import phone as phones
from yimei.core.database.locks import lock
from yimei.outbox import registry
from yimei.outbox.access import open_by_token
from yimei.outbox.actions import engine, enquiries, messages
from yimei.outbox.models import EnquiryMessage, Message, NumberStop
from yimei.outbox.queries import number_token
from yimei.outbox.rules.optouts import is_no
from yimei.people.models import Patient, Staff
from yimei.privacy.actions import consents
from yimei.privacy.enums import ConsentChannel
from yimei.privacy.queries import chip
from yimei.vault.models import DataKey

MARKETING = "marketing"


def by_reply(phone: str, words: str, *, ref: str, now: datetime) -> bool:
    """Take an answer that came in by SMS; the same one again, or one that is no refusal, changes nothing."""
    return is_no(words) and stop_number(phone, channel=ConsentChannel.SMS, ref=f"sms:{ref}", now=now)


@transaction.atomic
def stop_number(
    phone: str, *, channel: ConsentChannel, ref: str, now: datetime, by: Staff | None = None
) -> bool:
    """Advertise to nobody at this number any more, customer or not, until she agrees anew."""
    number = phones.normalise(phone)
    token = number_token(number)
    lock(engine.number_lock(number), f"outbox.stop:{token.hex()}")
    _row, is_new = NumberStop.objects.get_or_create(
        ref=ref[:120], defaults={"token": token, "channel": channel, "at": now}
    )
    if not is_new:
        return False
    people = Patient.objects.filter(person__tokens__token=token, sealed_at=None).distinct()
    asked = EnquiryMessage.objects.filter(token=token)
    engine.refuse_waiting(enquiries.KIND, asked, now=now)
    for patient in people.order_by("pk"):
        _withdraw(patient, MARKETING, channel=channel, now=now)
    log.record("outbox.number.stopped", at=now, by=by, detail={"channel": channel.value})
    keys = asked.order_by("vault_key").values_list("vault_key")
    for key in DataKey.objects.filter(pk__in=keys, destroyed_at=None).order_by("pk"):
        log.record("outbox.enquiry.stopped", at=now, by=by, subject=key, detail={"channel": channel.value})
    return True


@transaction.atomic
def by_link(token: str, *, channel: ConsentChannel, now: datetime) -> Message | EnquiryMessage:
    """Whoever holds a message's own address refuses what it was sent for; a second time changes nothing.

    Of somebody who only asked it is her number that refuses, and her question needs no answer any more.
    """
    message = open_by_token(token)
    if isinstance(message, Message):
        _withdraw(message.patient, message.template.purpose_code, channel=channel, now=now)
        return message
    known = registry.enquiries([message.vault_key_id], now).get(message.vault_key_id)
    if known is not None and known.phone:
        stop_number(known.phone, channel=channel, ref=f"enquiry:{message.public_id}", now=now)
    return message


def _withdraw(patient: Patient, purpose_code: str, *, channel: ConsentChannel, now: datetime) -> None:
    """End what she agreed to; what waits to go for it is refused at once, and says so."""
    standing = chip(patient, purpose_code, now)
    if standing is not None and standing.is_standing:
        consents.withdraw(patient, purpose_code, now=now, channel=channel)
    hers = Message.objects.filter(
        patient__in=Patient.objects.files_of(patient), template__purpose_code=purpose_code
    )
    engine.refuse_waiting(messages.KIND, hers, now=now)
