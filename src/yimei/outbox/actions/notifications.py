"""Lines in the bell of a member of staff: plain words, never a customer's name."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from yimei.core import jobs
from yimei.outbox import registry
from yimei.outbox.access import open_notification
from yimei.outbox.enums import Channel
from yimei.outbox.gateways.base import GatewayRefused
from yimei.outbox.models import Notification
from yimei.people.models import Staff


@transaction.atomic
def notify(
    staff: Staff, text: str, *, key: str, now: datetime, where: str = "", also_by_mail: bool = False
) -> Notification:
    """Put one line into a bell, once for each key; ``where`` is a URL name with its argument."""
    notification, is_new = Notification.objects.get_or_create(
        staff=staff, key=key, defaults={"text": text, "where": where, "created_at": now}
    )
    if is_new and also_by_mail and staff.email:
        mail_key = f"outbox.mail:{notification.public_id}"
        jobs.enqueue("outbox.mail", {"notification": str(notification.public_id)}, key=mail_key)
    return notification


@transaction.atomic
def read(notification_id: UUID, *, by: Staff, now: datetime) -> Notification:
    notification = open_notification(notification_id, by=by, lock=True)
    if notification.read_at is None:
        notification.read_at = now
        notification.save(update_fields=["read_at"])
    return notification


@transaction.atomic
def read_all(*, by: Staff, now: datetime) -> int:
    return Notification.objects.visible_to(by).unread().update(read_at=now)


def mail(notification_id: UUID, *, now: datetime) -> bool:
    """Send one line to its reader's mailbox, at most once; a refusal may be tried again, a doubt may not."""
    rows = Notification.objects.filter(public_id=notification_id)
    if not rows.filter(mailed_at=None).update(mailed_at=now):
        return False
    notification = rows.select_related("staff").get()
    gateway = registry.gateway(Channel.EMAIL)
    try:
        registry.refuse_unlisted(gateway, now)
        gateway.send(notification.staff.email, notification.text, notification.text)
    except GatewayRefused:
        rows.update(mailed_at=None)
        raise
    return True
