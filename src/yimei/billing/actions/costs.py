"""Write down what the house spent, and take back what was wrong; each click counts once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.billing.access import open_cost
from yimei.billing.enums import CostAccount
from yimei.billing.models import Cost
from yimei.billing.rules import costs as rules
from yimei.billing.rules.costs import Entry
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import RuleBroken
from yimei.hospital.models import Procedure
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope


@transaction.atomic
def record(entry: Entry, *, key: UUID, by: Staff, now: datetime) -> Cost:
    """Write one amount; the same key returns the first and writes nothing."""
    permission = _permission(entry, by)
    lock(_name(key))
    if (first := Cost.objects.filter(key=key).first()) is not None:
        if first.amount != entry.amount or first.by_id != by.pk:
            raise RuleBroken(_("这一页已经登记过另一笔，请刷新后再登记。"), code="key")
        return first
    rules.check(entry, today=local_date(now))
    cost = Cost.objects.create(
        campus_id=_campus(entry, by, permission),
        account=entry.account,
        channel=entry.channel or "",
        procedure_id=_procedure(entry),
        starts_on=entry.starts_on,
        ends_on=entry.ends_on,
        amount=entry.amount,
        quantity=entry.quantity,
        unit=entry.unit or "",
        owner_id=_owner(entry, by),
        origin=entry.origin,
        reference=entry.reference.strip(),
        key=key,
        at=now,
        by=by,
    )
    log.record("billing.cost.record", target=cost, by=by, at=now)
    return cost


@transaction.atomic
def record_many(entries: Sequence[Entry], *, by: Staff, now: datetime) -> tuple[int, int]:
    """Write the lines of a file, all or none; return how many are new and how many were known."""
    found = rules.keys(entries)
    known = set(Cost.objects.filter(key__in=found).values_list("key", flat=True))
    fresh = [(entry, key) for entry, key in zip(entries, found, strict=True) if key not in known]
    for entry, key in fresh:
        record(entry, key=key, by=by, now=now)
    return len(fresh), len(known)


@transaction.atomic
def reverse(cost_id: UUID, *, reason: str, by: Staff, now: datetime) -> Cost:
    """Take an amount back by a negative row of the same days; the first row stays as it was.

    Nobody may change a row of the ledger, so that nobody may lock one either: a name is locked in its place.
    """
    lock(_name(cost_id))
    cost = open_cost(cost_id, by=by)
    rules.check_reverse(is_reversal=cost.reverses_id is not None, is_reversed=cost.is_reversed, reason=reason)
    back = Cost.objects.create(
        campus=cost.campus,
        account=cost.account,
        channel=cost.channel,
        procedure=cost.procedure,
        starts_on=cost.starts_on,
        ends_on=cost.ends_on,
        amount=-cost.amount,
        quantity=None if cost.quantity is None else -cost.quantity,
        unit=cost.unit,
        owner=cost.owner,
        origin=cost.origin,
        reference=cost.reference,
        reverses=cost,
        reason=reason.strip(),
        key=rules.reversal_key(cost.public_id),
        at=now,
        by=by,
    )
    log.record("billing.cost.reverse", target=back, by=by, at=now, reason=back.reason)
    return back


def _permission(entry: Entry, by: Staff) -> Permission:
    """Whoever only keeps the advertising writes nothing else."""
    if entry.account == CostAccount.ADVERTISING and not by.may(Permission.COST_WRITE):
        need(by, Permission.SPEND_WRITE)
        return Permission.SPEND_WRITE
    need(by, Permission.COST_WRITE)
    return Permission.COST_WRITE


def _campus(entry: Entry, by: Staff, permission: Permission) -> int:
    if entry.campus is None or entry.campus == by.campus_id:
        return by.campus_id
    if by.scope_of(permission) != Scope.GROUP:
        raise RuleBroken(_("只能登记本院区的支出。"), code="campus")
    return entry.campus


def _procedure(entry: Entry) -> int | None:
    if entry.procedure is not None and not Procedure.objects.filter(pk=entry.procedure).exists():
        raise RuleBroken(_("没有这个项目，请重新选择。"), code="procedure")
    return entry.procedure


def _owner(entry: Entry, by: Staff) -> int:
    if entry.owner is None:
        return by.pk
    if not Staff.objects.filter(pk=entry.owner, is_active=True).exists():
        raise RuleBroken(_("没有这位责任人，或已停用。"), code="owner")
    return entry.owner


def _name(key: UUID) -> str:
    return f"billing.cost:{key}"
