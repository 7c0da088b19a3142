"""Whoever leaves loses no enquiry: what was hers goes on to those on duty, the same day."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from yimei.audit import log
from yimei.core.database.rows import lock_rows
from yimei.growth.actions import owning
from yimei.growth.enums import EndReason, StepKind
from yimei.growth.enums.flows import TaskOwner
from yimei.growth.models import FlowTask, Lead
from yimei.growth.queries.owners import responsible

GONE = Q(owner__is_active=False) | ~Q(owner__campus=F("campus"))
MOST = 1_000


def hand_on(*, now: datetime) -> int:
    """Give on the open leads and tasks of those who left, each by itself; return how many."""
    leads = Lead.objects.open().filter(GONE, owner__isnull=False).order_by("pk")
    tasks = FlowTask.objects.open().filter(staff__is_active=False).order_by("pk")
    done = sum(_lead(pk, now=now) for pk in list(leads.values_list("pk", flat=True)[:MOST]))
    return done + sum(_task(pk, now=now) for pk in list(tasks.values_list("pk", flat=True)[:MOST]))


@transaction.atomic
def _lead(pk: int, *, now: datetime) -> bool:
    rows = Lead.objects.open().filter(GONE, pk=pk, owner__isnull=False)
    lock_rows(Lead.objects.filter(pk=pk))
    lead = rows.with_people().first()
    if lead is None or lead.owner is None:
        return False
    before = lead.owner
    owning.end_period(lead, because=EndReason.TRANSFERRED, now=now)
    owning.assign_new(lead, rule=None, original=None, by=None, now=now)
    if lead.owner == before:
        # Nobody may take more: the pool keeps it, and the manager's list shows it.
        owning.to_pool(lead, because=EndReason.TRANSFERRED, kind=StepKind.RELEASED, by=None, now=now)
    log.record(
        "growth.lead.left",
        at=now,
        target=lead,
        subject=lead.vault_key,
        detail={"from": str(before.public_id), "to": str(lead.owner.public_id) if lead.owner else ""},
    )
    return True


@transaction.atomic
def _task(pk: int, *, now: datetime) -> bool:
    rows = FlowTask.objects.open().filter(pk=pk, staff__is_active=False)
    lock_rows(FlowTask.objects.filter(pk=pk))
    task = rows.select_related("profile__campus", "profile__patient", "profile__lead", "staff").first()
    staff = responsible(task.profile, TaskOwner.CONSULTANT) if task and task.profile else None
    if task is None or staff is None:
        return False
    task.staff = staff
    task.save(update_fields=["staff"])
    log.record("growth.flow.task_left", at=now, target=task)
    return True
