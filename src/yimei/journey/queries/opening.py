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
from yimei.people.roles import Permission, RoleCode
from yimei.people.rules.roster import WEEK, monday_of
from yimei.privacy.queries import assessments

WITHIN = timedelta(days=1)
AHEAD = timedelta(days=3)
"""Before a week begins without anybody on duty it is said this long."""
NOTICE_SINCE = (11, 15)
"""Month and day from which the notice of the coming year is expected: it came by then in 2023 to 2025."""


@registry.today_source(RoleCode.ADMIN)
def lacking(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """Licence, rooms, shifts, prices, assessments that nobody signed, and the holidays of the coming year."""
    campus, today = staff.campus, local_date(now)
    if not (campus.licence_no and campus.address and campus.phone):
        yield _task(now, _("院区的执业许可证号、地址或电话还没有登记"), _("登记"), "desk:campus-edit")
    if not rooms(campus, RoomKind.CONSULT).exists():
        yield _task(now, _("还没有诊室，约不了面诊"), _("登记房间"), "desk:places")
    if not shifts(campus).exists():
        yield _task(now, _("还没有班次，排不了班"), _("登记班次"), "desk:places")
    if unpriced := sum(1 for offer in catalogue_of(campus, today) if offer.price is None):
        yield _task(now, _("%(n)d 个项目没有目录价，不能报价") % {"n": unpriced}, _("定价"), "desk:catalogue")
    yield from _unsigned(now)
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


def _unsigned(now: datetime) -> Iterator[TaskItem]:
    """What nothing is collected for until somebody signed; who may sign is named, or must be hired."""
    closed = [purpose.name for purpose, _paper in assessments.waiting() if purpose.closed_at]
    if not closed:
        return
    words = {"n": len(closed), "names": "、".join(closed)}
    officers = Staff.objects.active().filter(role__grants__permission=Permission.PRIVACY_WRITE)
    names = "、".join(officers.distinct().order_by("name").values_list("name", flat=True))
    text = _("%(n)d 项影响评估没有签署，还不能为它们收集信息：%(names)s") % words
    if names:
        yield _task(now, f"{text}。" + _("由 %(who)s 阅读并签署") % {"who": names}, "", "")
    else:
        text = f"{text}。" + _("还没有个人信息保护负责人的账号")
        yield _task(now, text, _("建账号"), "desk:staff-new")


def _task(now: datetime, what: str, action: str, where: str) -> TaskItem:
    return TaskItem(due_at=now + WITHIN, patient=None, what=what, action=action, where=where)


def _knows(year: int) -> bool:
    return bool(holidays(date(year, 1, 1), date(year, 12, 31)))
