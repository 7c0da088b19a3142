"""The gates from an id in a URL to a row."""

from uuid import UUID

from yimei.core.database.rows import only
from yimei.outbox.models import Message, Notification
from yimei.people.models import Staff


def open_message(message_id: UUID, *, by: Staff, lock: bool = False) -> Message:
    rows = Message.objects.visible_to(by).select_related("template", "patient__person__vault_key")
    return only(rows, message_id, lock=lock)


def open_notification(notification_id: UUID, *, by: Staff, lock: bool = False) -> Notification:
    """Return a line of the reader's own bell."""
    return only(Notification.objects.visible_to(by), notification_id, lock=lock)
