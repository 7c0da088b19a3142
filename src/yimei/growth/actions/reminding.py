"""Bells before it is too late: a first answer that is overdue, leads that go back to the pool soon."""

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.core.clock import local_date
from yimei.growth.models import Lead, OwnerPeriod
from yimei.growth.queries import owners
from yimei.growth.rules import pool
from yimei.outbox.actions import notifications
from yimei.people.models import Staff

FRESH = timedelta(hours=1)
"""What has been late for longer was told, or stood on 今日 when nothing ran."""


@transaction.atomic
def late_answers(*, now: datetime) -> int:
    """Tell owner and manager, once for each lead, that nobody has answered within the hospital's minutes."""
    late = Lead.objects.living().open().filter(first_response_at=None, owner__isnull=False)
    rows = late.filter(next_due_at__lt=now, next_due_at__gte=now - FRESH).select_related("owner", "campus")
    managers: dict[int, list[Staff]] = {}
    for lead in rows.order_by("next_due_at", "pk"):
        assert lead.owner is not None
        if lead.campus_id not in managers:
            managers[lead.campus_id] = list(owners.managers_at(lead.campus))
        key, where = f"growth.lead:unanswered:{lead.public_id}", f"desk:lead:{lead.public_id}"
        text = _("一条新线索已超过首次回应时限，请马上联系。")
        notifications.notify(lead.owner, text, key=key, now=now, where=where)
        for manager in managers[lead.campus_id]:
            if manager != lead.owner:
                text = gettext_noop("%(name)s名下的一条新线索超过首次回应时限，还没有人联系。")
                words = {"name": lead.owner.name}
                notifications.notify(manager, text % words, key=key, now=now, where=where)
    return len(rows)


@transaction.atomic
def recycled_soon(*, now: datetime) -> int:
    """Tell each owner how many of hers go back in three days, and on the last day; return how many leads."""
    today = local_date(now)
    rows = OwnerPeriod.objects.filter(
        until=None, lead__in=Lead.objects.living().open(), lead__owner__isnull=False
    )
    going: Counter[tuple[Staff, int]] = Counter()
    for period in rows.select_related("lead", "staff").order_by("pk"):
        left = pool.days_left(
            due=period.due_on,
            last_contact=local_date(max(period.lead.last_touch_at, period.since)),
            on=today,
            rule=period.protection,
        )
        if left in pool.REMINDED:
            going[period.staff, left] += 1
    for (staff, left), n in going.items():
        text = gettext_noop("您有 %(n)d 条线索 %(days)d 天后回到公海，请及时跟进。")
        key = f"growth.leads:soon:{left}:{today}"
        notifications.notify(staff, text % {"n": n, "days": left}, key=key, now=now, where="desk:leads")
    return going.total()
