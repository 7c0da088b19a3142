"""Versions of reference ranges and stop rules; who may write and confirm them is asked one floor above."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, TypeVar, Unpack
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.audit.log import Actor
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import RuleBroken
from yimei.hospital.access import open_range, open_stop_rule
from yimei.hospital.actions import edits
from yimei.hospital.enums import StopKind
from yimei.hospital.models import StopRule, TestRange
from yimei.hospital.rules import clinical as rules

Row = TypeVar("Row", TestRange, StopRule)


class RangeFields(TypedDict):
    low: Decimal | None
    high: Decimal | None
    critical_low: Decimal | None
    critical_high: Decimal | None
    source: str


class StopFields(TypedDict):
    days: int
    words: list[str]
    from_grade: int
    may_override: bool
    advice: str
    is_active: bool
    source: str


@transaction.atomic
def revise_range(
    range_id: UUID, *, from_day: date, by: Actor, at: datetime, **changes: Unpack[RangeFields]
) -> TestRange:
    """Put other limits in force from a day; results judged before keep their judgement."""
    known = open_range(range_id)
    rules.check_limits(
        low=changes["low"],
        high=changes["high"],
        critical_low=changes["critical_low"],
        critical_high=changes["critical_high"],
    )
    lock(f"hospital.range:{known.test_id}")
    versions = TestRange.objects.filter(test=known.test_id, sex=known.sex, age_from=known.age_from)
    return _put(versions, dict(changes), from_day=from_day, by=by, at=at)


@transaction.atomic
def revise_stop_rule(
    rule_id: UUID, *, from_day: date, by: Actor, at: datetime, **changes: Unpack[StopFields]
) -> StopRule:
    """Put another distance in force for operations from a day on."""
    known = open_stop_rule(rule_id)
    rules.check_stop_rule(StopKind(known.kind), may_override=changes["may_override"], words=changes["words"])
    lock(f"hospital.stop_rule:{known.code}")
    return _put(StopRule.objects.filter(code=known.code), dict(changes), from_day=from_day, by=by, at=at)


@transaction.atomic
def confirm_range(range_id: UUID, *, by: Actor, at: datetime) -> TestRange:
    return _confirm(open_range(range_id, lock=True), by=by, at=at)


@transaction.atomic
def confirm_stop_rule(rule_id: UUID, *, by: Actor, at: datetime) -> StopRule:
    return _confirm(open_stop_rule(rule_id, lock=True), by=by, at=at)


def _put(
    versions: QuerySet[Row], changes: Mapping[str, Any], *, from_day: date, by: Actor, at: datetime
) -> Row:
    """Close the version before, end where the next begins; one that has not begun is replaced."""
    starts = frozenset(versions.values_list("valid_from", flat=True))
    rules.check_new_version(from_day, today=local_date(at), starts=starts)
    before = versions.filter(valid_from__lt=from_day).order_by("-valid_from")[0]
    rules.check_changed({name: getattr(before, name) for name in changes}, changes)
    versions.filter(valid_from=from_day).delete()
    after = versions.filter(valid_from__gt=from_day).order_by("valid_from").first()
    old = before.public_id
    before.valid_to = from_day
    before.save(update_fields=["valid_to"])
    row = before
    row.pk, row.public_id, row._state.adding = None, uuid4(), True
    row.valid_from, row.valid_to = from_day, after.valid_from if after else None
    row.entered_at, row.entered_by = at, by.public_id
    row.confirmed_at = row.confirmed_by = None
    for name, value in changes.items():
        setattr(row, name, value)
    edits.check(row)
    row.save(force_insert=True)
    log.record(
        f"hospital.{row._meta.model_name}.revise",
        target=row,
        by=by,
        at=at,
        fields=sorted(changes),
        detail={"before": str(old), "from": from_day.isoformat()},
    )
    return row


def _confirm(row: Row, *, by: Actor, at: datetime) -> Row:
    if row.confirmed_at is not None:
        raise RuleBroken(_("这一版已经临床确认。"))
    if row.valid_to is not None and row.valid_to <= local_date(at):
        raise RuleBroken(_("这一版已经不再使用，无需确认。"))
    if row.entered_by == by.public_id:
        raise RuleBroken(_("录入的人不能自己确认，请由另一位医师确认。"))
    row.confirmed_at, row.confirmed_by = at, by.public_id
    row.save(update_fields=["confirmed_at", "confirmed_by"])
    log.record(f"hospital.{row._meta.model_name}.confirm", target=row, by=by, at=at)
    return row
