"""The gates from an id in a URL to a row."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from yimei.core.database.rows import only
from yimei.core.errors import NotFound
from yimei.outbox.models import EnquiryMessage, Message, Notification
from yimei.people.models import Staff

_signer = Signer(salt="outbox.stop")


def open_message(message_id: UUID, *, by: Staff, lock: bool = False) -> Message:
    rows = Message.objects.visible_to(by).select_related("template", "patient__person__vault_key")
    return only(rows, message_id, lock=lock)


def open_notification(notification_id: UUID, *, by: Staff, lock: bool = False) -> Notification:
    """Return a line of the reader's own bell."""
    return only(Notification.objects.visible_to(by), notification_id, lock=lock)


def token_of(message: Message | EnquiryMessage) -> str:
    """The secret part of a message's own address for refusing: nobody can make one up."""
    return _signer.sign(str(message.public_id))


def link_of(message: Message | EnquiryMessage) -> str:
    return str(settings.STOP_LINK).format(token=token_of(message))


def open_by_token(token: str) -> Message | EnquiryMessage:
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
