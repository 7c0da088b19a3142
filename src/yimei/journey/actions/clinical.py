"""Who may write and who may confirm reference ranges and stop rules; the hospital keeps them."""

from datetime import date, datetime
from typing import Unpack
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import Missing, RuleBroken
from yimei.hospital.actions import clinical
from yimei.hospital.actions.clinical import RangeFields, StopFields
from yimei.hospital.models import StopRule, TestRange
from yimei.people.access import need
from yimei.people.enums import LicenceKind
from yimei.people.models import Staff
from yimei.people.roles import Permission


@transaction.atomic
def revise_range(
    range_id: UUID, *, from_day: date, by: Staff, now: datetime, **changes: Unpack[RangeFields]
) -> TestRange:
    need(by, Permission.CATALOGUE_WRITE)
    return clinical.revise_range(range_id, from_day=from_day, by=by, at=now, **changes)


@transaction.atomic
def add_band(
    *,
    test_code: str,
    sex: str,
    age_from: int,
    age_below: int | None,
    from_day: date,
    by: Staff,
    now: datetime,
    **limits: Unpack[RangeFields],
) -> TestRange:
    need(by, Permission.CATALOGUE_WRITE)
    return clinical.add_band(
        test_code=test_code,
        sex=sex,
        age_from=age_from,
        age_below=age_below,
        from_day=from_day,
        by=by,
        at=now,
        **limits,
    )


@transaction.atomic
def revise_stop_rule(
    rule_id: UUID, *, from_day: date, by: Staff, now: datetime, **changes: Unpack[StopFields]
) -> StopRule:
    need(by, Permission.CATALOGUE_WRITE)
    return clinical.revise_stop_rule(rule_id, from_day=from_day, by=by, at=now, **changes)


@transaction.atomic
def confirm_range(range_id: UUID, *, by: Staff, now: datetime) -> TestRange:
    """Confirm one version by name (临床确认); keeping the catalogue is no clinical right."""
    need_physician(by, on=local_date(now))
    return clinical.confirm_range(range_id, by=by, at=now)


@transaction.atomic
def confirm_stop_rule(rule_id: UUID, *, by: Staff, now: datetime) -> StopRule:
    need_physician(by, on=local_date(now))
    return clinical.confirm_stop_rule(rule_id, by=by, at=now)


def need_physician(by: Staff, *, on: date) -> None:
    """Refuse a clinical confirmation by anybody but a physician with a licence in force."""
    need(by, Permission.PLAN_WRITE)
    licences = by.licences.filter(kind=LicenceKind.PHYSICIAN)
    if not any(each.valid_to is None or each.valid_to >= on for each in licences):
        missing = Missing(what=_("有效期内的执业医师证"), why=_("临床确认须由医师署名"))
        raise RuleBroken(_("临床确认须由有执业资格的医师办理。"), missing=[missing], code="licence")
