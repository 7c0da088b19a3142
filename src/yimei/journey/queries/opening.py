"""What a hospital still lacks before it can be booked: on the day of its keepers, until it is there."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.clock import local_date, local_day
from yimei.hospital.enums import RoomKind
from yimei.hospital.queries import catalogue_of, holidays, rooms, shifts
from yimei.journey import registry
from yimei.journey.registry import TaskItem
from yimei.people.models import Duty, Staff
from yimei.people.roles import RoleCode
from yimei.people.rules.roster import WEEK, monday_of

WITHIN = timedelta(days=1)
AHEAD = timedelta(days=3)
"""Before a week begins without anybody on duty it is said this long."""
NOTICE_SINCE = (11, 15)
"""Month and day from which the notice of the coming year is expected: it came by then in 2023 to 2025."""


@registry.today_source(RoleCode.ADMIN)
def lacking(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """Licence, rooms, shifts, prices and the holidays of the coming year."""
    campus, today = staff.campus, local_date(now)
    if not campus.licence_no:
        yield _task(now, _("院区还没有登记执业许可证号"), _("登记"), "desk:campus-edit")
    if not rooms(campus, RoomKind.CONSULT).exists():
        yield _task(now, _("还没有诊室，约不了面诊"), _("登记房间"), "desk:places")
    if not shifts(campus).exists():
        yield _task(now, _("还没有班次，排不了班"), _("登记班次"), "desk:places")
    if unpriced := sum(1 for offer in catalogue_of(campus, today) if offer.price is None):
        yield _task(now, _("%(n)d 个项目没有目录价，不能报价") % {"n": unpriced}, _("定价"), "desk:catalogue")
    if (today.month, today.day) >= NOTICE_SINCE and not _knows(today.year + 1):
        said = _("%(year)d 年的放假通知还没有登记") % {"year": today.year + 1}
        yield _task(now, said, _("登记"), "desk:working-days")


@registry.today_source(RoleCode.ADMIN, RoleCode.SCHEDULER, RoleCode.MARKETING)
def unplanned(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """A week that comes, or this one, in which nobody is on duty yet."""
    monday = monday_of(local_date(now + AHEAD))
    first, last = local_day(monday)[0], local_day(monday + timedelta(days=WEEK - 1))[1]
    known = Duty.objects.filter(staff__campus=staff.campus_id, starts_at__lt=last, ends_at__gt=first)
    if shifts(staff.campus).exists() and not known.exists():
        yield TaskItem(
            due_at=max(first, now + WITHIN),
            patient=None,
            what=_("%(day)s 起的一周还没有排班，约不出时间") % {"day": f"{monday:%m-%d}"},
            action=_("排班"),
            where="desk:roster",
        )


def _task(now: datetime, what: str, action: str, where: str) -> TaskItem:
    return TaskItem(due_at=now + WITHIN, patient=None, what=what, action=action, where=where)


def _knows(year: int) -> bool:
    return bool(holidays(date(year, 1, 1), date(year, 12, 31)))
