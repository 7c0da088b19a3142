"""Many messages at once, to customers and then to whoever only asked, for whom the first ones count."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from yimei.core.database.locks import lock
from yimei.outbox.actions import engine, enquiries, messages
from yimei.outbox.models import EnquiryMessage, Message


@transaction.atomic
def send_many(
    wanted: Sequence[Message | EnquiryMessage], *, now: datetime
) -> dict[str, Message | EnquiryMessage]:
    """Decide about each in one transaction; returns them by key, a known key with its first one."""
    customers = [one for one in wanted if isinstance(one, Message)]
    asking = [one for one in wanted if isinstance(one, EnquiryMessage)]
    lock(*messages.KIND.locks(customers, now=now), *enquiries.KIND.locks(asking, now=now))
    return {
        **engine.send_many(messages.KIND, customers, now=now),
        **engine.send_many(enquiries.KIND, asking, now=now),
    }


def release_held(*, now: datetime, size: int = 200, most: int = 100) -> int:
    """Decide again about what was held and whose time has come; return how many may go."""
    return engine.release_held(messages.KIND, now=now, size=size, most=most) + engine.release_held(
        enquiries.KIND, now=now, size=size, most=most
    )


def deliver_some(ids: Sequence[UUID], *, now: datetime) -> None:
    """Hand a few queued messages to the channel, in whichever table they stand."""
    engine.deliver_some(messages.KIND, ids, now=now)
    engine.deliver_some(enquiries.KIND, ids, now=now)
