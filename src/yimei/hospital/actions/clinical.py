"""Versions of reference ranges and stop rules; who may write and confirm them is asked one floor above."""

from collections.abc import Mapping
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, TypeVar, Unpack
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.base import ModelState
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.audit.log import Actor
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.access import open_range, open_stop_rule
from yimei.hospital.actions import edits
from yimei.hospital.enums import StopKind
from yimei.hospital.models import StopRule, TestItem, TestRange
from yimei.hospital.rules import clinical as rules
from yimei.hospital.rules.clinical import Band

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
def add_band(
    *,
    test_code: str,
    sex: str,
    age_from: int,
    age_below: int | None,
    from_day: date,
    by: Actor,
    at: datetime,
    **limits: Unpack[RangeFields],
) -> TestRange:
    """Judge an age band by limits of its own from a day; what lies round it keeps the limits it had."""
    test = TestItem.objects.filter(code=test_code).first()
    if test is None:
        raise NotFound
    band = Band(age_from, age_below)
    rules.check_band(band)
    rules.check_limits(
        low=limits["low"],
        high=limits["high"],
        critical_low=limits["critical_low"],
        critical_high=limits["critical_high"],
    )
    lock(f"hospital.range:{test.pk}")
    touched = [
        row
        for row in test.ranges.filter(Q(valid_to=None) | Q(valid_to__gt=from_day))
        if rules.overlap(Band(row.age_from, row.age_below), band)
    ]
    rules.check_sexes(sex, [row.sex for row in touched])
    mine = [row for row in touched if row.sex == sex]
    starts = frozenset(row.valid_from for row in mine)
    rules.check_new_version(from_day, today=local_date(at), starts=starts)
    if any(row.valid_from > from_day for row in mine):
        raise RuleBroken(_("这个年龄段已有以后生效的版本，请选那之后的日期。"), code="valid_from")
    for row in mine:
        _cut(row, band, from_day=from_day, by=by, at=at)
    return _add_band(
        TestRange(test=test, sex=sex, age_from=age_from, age_below=age_below, valid_from=from_day, **limits),
        by=by,
        at=at,
        cut=len(mine),
    )


def _cut(row: TestRange, band: Band, *, from_day: date, by: Actor, at: datetime) -> None:
    """End a version where the new band begins to count; the ages round the band keep its limits."""
    row.valid_to = from_day
    row.save(update_fields=["valid_to"])
    for rest in rules.rest_of(Band(row.age_from, row.age_below), band):
        kept = copy(row)
        kept.pk, kept.public_id, kept._state = None, uuid4(), ModelState()
        kept.age_from, kept.age_below = rest.start, rest.end
        kept.valid_from, kept.valid_to = from_day, None
        edits.check(kept)
        kept.save(force_insert=True)


def _add_band(row: TestRange, *, by: Actor, at: datetime, cut: int) -> TestRange:
    row.entered_at, row.entered_by = at, by.public_id
    edits.check(row)
    row.save(force_insert=True)
    detail = {"from": row.valid_from.isoformat(), "ages": f"{row.age_from}-{row.age_below or ''}", "cut": cut}
    log.record("hospital.testrange.add", target=row, by=by, at=at, detail=detail)
    return row


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
