"""What compliance knows of two files that may become one person's (并档)."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from yimei.core.errors import Missing
from yimei.people import registry
from yimei.people.models import Patient
from yimei.privacy.models import RightsRequest


@registry.merge_obstacle
def in_hand(kept: Patient, absorbed: Patient, now: datetime) -> Iterator[Missing]:
    """A request speaks of what one file held when it came: it is answered before the file grows."""
    running = RightsRequest.objects.open().filter(patient__in=(kept, absorbed))
    for request in running.order_by("pk"):
        yield Missing(
            _("请求 %(number)s 正在办理") % {"number": request.number},
            _("个人信息请求办结后才能并档"),
            f"desk:request:{request.public_id}",
        )
