"""The gates from an id in a URL to a row."""

from uuid import UUID

from yimei.core.errors import NotFound
from yimei.outbox.models import Message, Notification
from yimei.people.models import Staff


def open_message(message_id: UUID, *, by: Staff, lock: bool = False) -> Message:
    rows = Message.objects.visible_to(by).select_related("template", "patient__person__vault_key")
    if lock:
        rows = rows.select_for_update(of=("self",))
    message = rows.filter(public_id=message_id).first()
    if message is None:
        raise NotFound
    return message


def open_notification(notification_id: UUID, *, by: Staff, lock: bool = False) -> Notification:
    """Return a line of the reader's own bell."""
    rows = Notification.objects.visible_to(by)
    if lock:
        rows = rows.select_for_update(of=("self",))
    notification = rows.filter(public_id=notification_id).first()
    if notification is None:
        raise NotFound
    return notification
