"""Reading the ledger of exports, and the numbers that govern them."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from yimei.audit.queries import seen_by
from yimei.core.database.rows import only
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.enums.watch import ExportKind
from yimei.privacy.models import Export, Limit
from yimei.privacy.queries.register import shipped
from yimei.privacy.registry import ExportRow, ExportSource
from yimei.privacy.rules.exports import Numbers

DAY = timedelta(hours=24)
PREFIX = "export."


def numbers(on: date) -> Numbers:
    """Return the limits in force on a day; those shipped count where the hospital has loaded none."""
    found = {row["code"]: row["value"] for row in shipped("limits") if row["code"].startswith(PREFIX)}
    rows = Limit.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=on), code__startswith=PREFIX, effective_from__lte=on
    )
    found |= dict(rows.order_by("effective_from").values_list("code", "value"))
    return Numbers(**{code.removeprefix(PREFIX): value for code, value in found.items()})


def seen_today(staff: Staff, now: datetime) -> set[UUID]:
    """Return whom a member of staff looked at or exported in the last day."""
    return seen_by(staff.public_id, since=now - DAY, until=now)


def breadth(staff: Staff, subjects: Collection[UUID], now: datetime) -> int:
    """How many persons the day comes to with these."""
    return len(seen_today(staff, now) | set(subjects))


def has_leave(staff: Staff, now: datetime) -> bool:
    """Whether two people agreed that this reader looks at very many today."""
    leaves = Export.objects.filter(asked_by=staff, kind=ExportKind.LOOKS, expires_at__gt=now, revoked_at=None)
    return leaves.exists()


def exports(by: Staff) -> QuerySet[Export]:
    return Export.objects.visible_to(by).with_people()


def open_export(export_id: UUID, *, by: Staff, lock: bool = False) -> Export:
    return only(Export.objects.visible_to(by).with_people(), export_id, lock=lock)


def rows_of(
    source: ExportSource, by: Staff, query: Mapping[str, str], now: datetime, most: int
) -> list[ExportRow]:
    """The lines of a list as they may leave: without those who restricted the use of their data (PIPL 44)."""
    found = source.rows(by, query, now, most)
    stopped = Patient.objects.filter(restricted_at__isnull=False).order_by()
    keys = set(
        stopped.filter(person__vault_key__public_id__in={row.subject for row in found}).values_list(
            "person__vault_key__public_id", flat=True
        )
    )
    return [row for row in found if row.subject not in keys]


def waiting_count(by: Staff) -> int:
    """How many exports wait for this reader's word."""
    if not may_judge(by):
        return 0
    waiting = exports(by).filter(made_at=None, revoked_at=None, needed__gt=0).exclude(asked_by=by)
    return sum(
        not one.is_refused()
        and one.granted() < one.needed
        and by.pk not in {word.by_id for word in one.words.all()}
        for one in waiting
    )


def may_judge(staff: Staff) -> bool:
    """The officer and whoever answers for compliance (director, auditor) judge; nobody judges their own."""
    return staff.may(Permission.PRIVACY_VIEW)
