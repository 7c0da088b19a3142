"""Load the shipped register: periods, purposes, numbers, notices. Running it again adds nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from yimei.audit import log
from yimei.hospital.models import Campus
from yimei.privacy.actions import notices, packs, training
from yimei.privacy.enums import Audience
from yimei.privacy.models import DeadlineRule, Limit, Notice, Purpose, RetentionRule
from yimei.privacy.queries.register import facts_of, shipped
from yimei.privacy.rules.consents import check_purpose


@dataclass(frozen=True)
class Loaded:
    """How many rows were new."""

    retention: int
    purposes: int
    limits: int
    notices: int
    deadlines: int

    @property
    def total(self) -> int:
        return self.retention + self.purposes + self.limits + self.notices + self.deadlines


@transaction.atomic
def load(at: datetime) -> Loaded:
    """Add what is missing; what the hospital has changed stays. Notices wait for the first campus."""
    loaded = Loaded(
        retention=sum(_add_period(row) for row in shipped("retention")),
        purposes=sum(_add_purpose(row) for row in shipped("purposes")),
        limits=_add_limits(shipped("limits")),
        notices=_publish_missing(at),
        deadlines=sum(_add_deadline(row) for row in shipped("deadlines")),
    )
    packs.load_shipped(now=at)
    training.load(now=at)
    if loaded.total:
        log.record("privacy.reference.loaded", at=at, rows=loaded.total)
    return loaded


@transaction.atomic
def add_limits(rows: Iterable[Mapping[str, Any]], *, at: datetime) -> int:
    """Register the numbers of an upper part; a number that is there already stays."""
    added = _add_limits(rows)
    if added:
        log.record("privacy.limits.added", at=at, rows=added)
    return added


def _add_limits(rows: Iterable[Mapping[str, Any]]) -> int:
    return sum(
        Limit.objects.get_or_create(
            code=row["code"], effective_from=row["effective_from"], defaults=dict(row)
        )[1]
        for row in rows
    )


def _add_period(row: Mapping[str, Any]) -> bool:
    return RetentionRule.objects.get_or_create(
        code=row["code"], effective_from=row["effective_from"], defaults=dict(row)
    )[1]


def _add_deadline(row: Mapping[str, Any]) -> bool:
    return DeadlineRule.objects.get_or_create(
        code=row["code"], effective_from=row["effective_from"], defaults=dict(row)
    )[1]


def _add_purpose(row: Mapping[str, Any]) -> bool:
    period = RetentionRule.objects.filter(code=row["retention"]).latest("effective_from")
    purpose = Purpose(**{**row, "retention": period})
    check_purpose(facts_of(purpose))
    if Purpose.objects.filter(code=purpose.code).exists():
        return False
    purpose.save()
    return True


def _publish_missing(at: datetime) -> int:
    campus = Campus.objects.filter(is_active=True).order_by("code").first()
    if campus is None:
        return 0
    published = 0
    for row in shipped("notices"):
        if Notice.objects.filter(code=row["code"]).exists():
            continue
        notices.publish(
            row["code"],
            audience=Audience(row["audience"]),
            title=row["title"],
            sections=row["sections"],
            purpose_codes=row["purposes"],
            campus=campus,
            at=at,
        )
        published += 1
    return published
