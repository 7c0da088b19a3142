"""Load the shipped register: periods, purposes, numbers, notices. Running it again adds nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from yimei.audit import log
from yimei.core.database.loading import add_missing
from yimei.hospital.models import Campus
from yimei.privacy.actions import notices, packs, training
from yimei.privacy.models import DeadlineRule, Limit, Purpose, RetentionRule
from yimei.privacy.queries.notices import waiting
from yimei.privacy.queries.register import facts_of, shipped
from yimei.privacy.rules.consents import check_purpose

VERSIONED = ("code", "effective_from")


@dataclass(frozen=True)
class Loaded:
    """How many rows were new."""

    retention: int
    purposes: int
    limits: int
    notices: int
    deadlines: int
    known: frozenset[str] = frozenset()
    """Codes of the purposes that were there before."""

    @property
    def total(self) -> int:
        return self.retention + self.purposes + self.limits + self.notices + self.deadlines


@transaction.atomic
def load(at: datetime, *, publishes: bool = True) -> Loaded:
    """Add what is missing; what the hospital has changed stays.

    ``publishes`` puts the shipped notices out at once, as a rehearsal needs them; in a hospital of its own
    the officer reads each of them first (`notices.waiting`).
    """
    known = frozenset(Purpose.objects.values_list("code", flat=True))
    loaded = Loaded(
        retention=add_missing(RetentionRule, shipped("retention"), key=VERSIONED),
        purposes=_add_purposes(shipped("purposes")),
        limits=add_missing(Limit, shipped("limits"), key=VERSIONED),
        notices=_publish_missing(at) if publishes else 0,
        deadlines=add_missing(DeadlineRule, shipped("deadlines"), key=VERSIONED),
        known=known,
    )
    packs.load_shipped(now=at)
    training.load(now=at)
    if loaded.total:
        log.record("privacy.reference.loaded", at=at, rows=loaded.total)
    return loaded


@transaction.atomic
def add_limits(rows: Iterable[Mapping[str, Any]], *, at: datetime) -> int:
    """Register the numbers of an upper part; a number that is there already stays."""
    added = add_missing(Limit, rows, key=VERSIONED)
    if added:
        log.record("privacy.limits.added", at=at, rows=added)
    return added


def _add_purposes(rows: Iterable[Mapping[str, Any]]) -> int:
    """Every shipped purpose is checked; each takes the newest period of its code."""
    periods = {period.code: period for period in RetentionRule.objects.order_by("effective_from")}
    wanted = [{**row, "retention": periods[row["retention"]]} for row in rows]
    for row in wanted:
        check_purpose(facts_of(Purpose(**row)))
    return add_missing(Purpose, wanted)


def _publish_missing(at: datetime) -> int:
    campus = Campus.objects.filter(is_active=True).order_by("code").first()
    if campus is None:
        return 0
    published = 0
    for sample in waiting():
        notices.publish(
            sample.code,
            audience=sample.audience,
            title=sample.title,
            sections=sample.sections,
            purpose_codes=sample.purposes,
            campus=campus,
            at=at,
        )
        published += 1
    return published
