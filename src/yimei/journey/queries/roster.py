"""What was promised to customers in a stretch of duty."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from yimei.journey.enums import ResourceKind
from yimei.journey.models import ResourceClaim
from yimei.journey.queries.bookings import duties
from yimei.journey.rules.claims import Stretch, hours_text, merge
from yimei.people.models import Duty


@dataclass(frozen=True)
class Promise:
    """One thing that a member of staff is held for: what it is, when, and where it is moved."""

    what: str
    when: str
    where: str = ""


def promised_in(duty: Duty, *, now: datetime) -> Sequence[Promise]:
    """Return what lies ahead in a stretch of duty and in no other duty of the same person."""
    window = (max(duty.starts_at, now), duty.ends_at)
    rows = ResourceClaim.objects.filter(
        kind=ResourceKind.STAFF,
        resource_id=duty.staff_id,
        released_at=None,
        starts_at__lt=window[1],
        ends_at__gt=window[0],
    ).select_related("booking", "surgery__case")
    mine = (duty.starts_at, duty.ends_at)
    others = [one for one in duties([duty.staff_id], window)[duty.staff_id] if one != mine]
    return list(_promises(rows, merge(others)))


def _promises(rows: Iterable[ResourceClaim], others: Sequence[Stretch]) -> Iterator[Promise]:
    for claim in rows:
        stretch = (claim.starts_at, claim.ends_at)
        if any(start <= stretch[0] and stretch[1] <= end for start, end in others):
            continue
        when = hours_text([stretch])
        if claim.booking is not None:
            yield Promise(_("预约"), when, f"desk:booking:{claim.booking.public_id}")
        elif claim.surgery is not None:
            yield Promise(_("手术"), when, f"desk:case-schedule:{claim.surgery.case.public_id}")
        else:
            yield Promise(_("为客户保留的时间"), when)
