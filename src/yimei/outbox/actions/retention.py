"""What was sent keeps its decision as proof and loses its words when their period is over (D-2)."""

from datetime import datetime

from django.db import transaction

from yimei.audit import log
from yimei.core.clock import local_date, local_day
from yimei.outbox.models import Notification
from yimei.outbox.queries import old_enquiry_messages, old_messages
from yimei.privacy.queries.erasure import periods
from yimei.privacy.rules.erasure import add_months

NOTICES, UNTIL_LOADED = "notification", 6
"""The period of lines in a bell, and its months while it is not in the register yet."""


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Empty the words of old messages and remove old lines of bells; return how many of both."""
    on = local_date(now)
    emptied = old_messages(on).update(body=None, params=None, link_token="")
    emptied += old_enquiry_messages(on).update(body=None, params=None)
    rule = periods(on).get(NOTICES)
    before = local_day(add_months(on, -(rule.months if rule else UNTIL_LOADED)))[0]
    gone = Notification.objects.filter(created_at__lt=before).delete()[0]
    if emptied or gone:
        log.record("outbox.forgotten", at=now, rows=emptied + gone, detail={"messages": emptied})
    return emptied + gone
