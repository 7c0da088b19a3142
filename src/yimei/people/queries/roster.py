"""The roster of one week at one campus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from yimei.core.clock import local_date, local_day
from yimei.hospital.models import Campus
from yimei.people.models import Duty, Staff
from yimei.people.roles import RoleCode
from yimei.people.rules.roster import WEEK

ORDER = [
    RoleCode.SURGEON,
    RoleCode.ANAESTHETIST,
    RoleCode.NURSE,
    RoleCode.CONSULTANT,
    RoleCode.ONLINE,
    RoleCode.RECEPTION,
    RoleCode.SCHEDULER,
    RoleCode.CASHIER,
    RoleCode.AFTERCARE,
]
"""Who can be booked comes first, then who works with customers, then everybody else."""
OFFICE = (RoleCode.ADMIN, RoleCode.PRIVACY, RoleCode.AUDITOR, RoleCode.ANALYST)
"""Nobody waits for these at an hour of the day."""


@dataclass(frozen=True)
class Line:
    """One member of staff and the duties of each day of the week, Monday first."""

    staff: Staff
    days: Sequence[tuple[date, Sequence[Duty]]]


def rostered(campus: Campus) -> list[Staff]:
    """Return who may be put on the roster of a campus, those who can be booked first."""
    places: Mapping[str, int] = {code: n for n, code in enumerate(ORDER)}
    staff = Staff.objects.active().at(campus).exclude(role__code__in=OFFICE).select_related("role")
    return sorted(staff, key=lambda one: (places.get(one.role_code, len(ORDER)), one.role_code, one.pk))


def week(campus: Campus, monday: date) -> list[Line]:
    """Return everybody of the campus with their duties of seven days; two queries."""
    days = [monday + timedelta(days=n) for n in range(WEEK)]
    staff = rostered(campus)
    found: dict[tuple[int, date], list[Duty]] = {}
    rows = Duty.objects.filter(
        staff__in=[one.pk for one in staff],
        starts_at__gte=local_day(days[0])[0],
        starts_at__lt=local_day(days[-1])[1],
    )
    for duty in rows.select_related("shift", "room"):
        found.setdefault((duty.staff_id, local_date(duty.starts_at)), []).append(duty)
    return [Line(one, [(day, found.get((one.pk, day), ())) for day in days]) for one in staff]
