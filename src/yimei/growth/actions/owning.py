"""Whose a lead is: the draw, claims from the pool, release, recycling, transfer."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date, local_day
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.core.language import kept
from yimei.growth.access import open_lead, own_lead
from yimei.growth.enums import AssignRule, EndReason, LeadStatus, StepKind
from yimei.growth.models import Draw, Lead, LeadStep, OwnerPeriod
from yimei.growth.queries import numbers, owners
from yimei.growth.rules import draw as draws
from yimei.growth.rules import pool
from yimei.hospital.models import Campus
from yimei.outbox.actions import notifications
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission

BATCH = 500
NEXT_DAY = timedelta(hours=24)


@transaction.atomic
def claim(lead_id: UUID, *, by: Staff, now: datetime) -> Lead:
    """Take a lead out of the pool; of several who click at once, one gets it."""
    need(by, Permission.LEAD_WRITE)
    today = local_date(now)
    lock(f"growth.claims:{by.pk}")
    lead = _open_to_claim(lead_id, by=by)
    claimed = OwnerPeriod.objects.filter(
        staff=by, rule=AssignRule.CLAIM, since__gte=local_day(today)[0], since__lt=local_day(today)[1]
    ).exclude(ended_because=EndReason.BOOKED)
    last = lead.periods.filter(staff=by).exclude(until=None).order_by("-until").first()
    pool.check_claim(
        claimed_today=claimed.count(),
        holding=Lead.objects.open().filter(owner=by).count(),
        last_ended=local_date(last.until) if last and last.until else None,
        on=today,
        limits=numbers.limits(today),
    )
    give(lead, staff=by, rule=AssignRule.CLAIM, kind=StepKind.CLAIMED, by=by, now=now)
    log.record("growth.lead.claim", at=now, by=by, target=lead, subject=lead.vault_key)
    return lead


@transaction.atomic
def release(lead_id: UUID, *, by: Staff, now: datetime) -> Lead:
    """Put a lead back into the pool."""
    lead = own_lead(lead_id, by=by, lock=True)
    if lead.owner is None or lead.status != LeadStatus.OPEN:
        raise RuleBroken(_("这条线索不在任何人名下，或已经结束，不能放回公海。"))
    to_pool(lead, because=EndReason.RELEASED, kind=StepKind.RELEASED, by=by, now=now)
    log.record("growth.lead.release", at=now, by=by, target=lead, subject=lead.vault_key)
    return lead


@transaction.atomic
def transfer(lead_id: UUID, *, to: UUID, by: Staff, now: datetime) -> Lead:
    """Hand a lead, owned or in the pool, to somebody of its campus; both are told."""
    lead = own_lead(lead_id, by=by, lock=True, permission=Permission.LEAD_ASSIGN)
    staff = owners.owners_at(lead.campus).select_related("role").filter(public_id=to).first()
    if staff is None:
        raise RuleBroken(_("请选择本院区可以跟进线索的在职员工。"), code="to")
    if lead.status != LeadStatus.OPEN:
        raise RuleBroken(_("只有跟进中的线索可以转交。"))
    if lead.owner_id == staff.pk:
        raise RuleBroken(_("这条线索已经在%(name)s名下。") % {"name": staff.name}, code="to")
    before = lead.owner
    end_period(lead, because=EndReason.TRANSFERRED, now=now)
    give(lead, staff=staff, rule=AssignRule.TRANSFER, kind=StepKind.TRANSFERRED, by=by, now=now)
    if before is not None:
        tell(
            before,
            gettext_noop("您名下的一条线索已由主管转交。"),
            lead,
            "transferred",
            now=now,
            is_hers=False,
        )
    tell(staff, gettext_noop("主管转交给您一条线索，请尽快联系。"), lead, "transfer", now=now)
    log.record(
        "growth.lead.transfer",
        at=now,
        by=by,
        target=lead,
        subject=lead.vault_key,
        detail={"from": str(before.public_id) if before else "", "to": str(staff.public_id)},
    )
    return lead


def recycle(*, now: datetime) -> int:
    """Put back what nobody followed or closed in time, each in a transaction of its own; return how many."""
    running = OwnerPeriod.objects.filter(until=None, lead__status=LeadStatus.OPEN).order_by("pk")
    ids = list(running.values_list("lead", flat=True))
    return sum(_recycle(lead, now=now) for lead in ids)


@transaction.atomic
def _recycle(pk: int, *, now: datetime) -> bool:
    rows = Lead.objects.open().filter(pk=pk)
    lock_rows(rows)
    lead = rows.with_people().first()
    period = lead.periods.filter(until=None).first() if lead else None
    if lead is None or period is None or lead.owner is None:
        return False
    because = pool.recycle_reason(
        due=period.due_on,
        last_contact=local_date(max(lead.last_touch_at, period.since)),
        on=local_date(now),
        rule=period.protection,
    )
    if because is None:
        return False
    before = lead.owner
    to_pool(lead, because=because, kind=StepKind.RECYCLED, by=None, now=now)
    text = gettext_noop("您名下的一条线索已回到公海：%(why)s。") % {"why": kept(because.label)}
    tell(before, text, lead, "recycled", now=now, is_hers=False)
    log.record("growth.lead.recycle", at=now, target=lead, subject=lead.vault_key, reason=because.value)
    return True


def assign_new(
    lead: Lead, *, rule: AssignRule | None, original: Staff | None, by: Staff | None, now: datetime
) -> None:
    """Find the owner of a lead that has none: who knew her first, who wrote her down, or the draw.

    Without a rule the campus's own is used. By skill and shift, what nobody can take goes to the manager.

    Part of a larger action, which writes the log.
    """
    if original is not None and owners.may_own(original, lead.campus):
        give(lead, staff=original, rule=AssignRule.ORIGINAL, kind=StepKind.ASSIGNED, by=by, now=now)
    elif rule == AssignRule.SELF and by is not None and owners.may_own(by, lead.campus):
        give(lead, staff=by, rule=AssignRule.SELF, kind=StepKind.ASSIGNED, by=by, now=now)
    else:
        used = rule if rule is not None and rule in owners.DRAWN else owners.policy_of(lead.campus)
        chosen = _draw(lead, rule=used, now=now)
        if chosen is None and used == AssignRule.SKILL:
            used = AssignRule.MANAGER
            chosen = _draw(lead, rule=used, now=now)
        if chosen is None:
            return
        give(lead, staff=chosen, rule=used, kind=StepKind.ASSIGNED, by=by, now=now)
    if lead.owner is not None and lead.owner != by:
        tell(lead.owner, gettext_noop("您有一条新线索，请尽快联系。"), lead, "new", now=now)


def _draw(lead: Lead, *, rule: AssignRule, now: datetime) -> Staff | None:
    campus: Campus = lead.campus
    lock(f"growth.draw:{campus.pk}")
    most = numbers.limits(local_date(now)).holding
    found = owners.candidates(campus, now=now, most=most, rule=rule, interest=lead.interest)
    listed = sorted((one for _staff, one in found.values()), key=lambda one: one.code)
    seed = f"{lead.public_id}:{lead.periods.count()}"
    if rule == AssignRule.MANAGER:
        seed += ":manager"
    winner = draws.draw(rule, listed, seed)
    chosen = found[winner.code][0] if winner else None
    Draw.objects.create(
        lead=lead, rule=rule, seed=seed, candidates=[one.plain() for one in listed], chosen=chosen, at=now
    )
    return chosen


def give(
    lead: Lead, *, staff: Staff, rule: AssignRule, kind: StepKind, by: Staff | None, now: datetime
) -> None:
    """Open the period of a new owner. Part of a larger action, which locks the lead and writes the log."""
    today = local_date(now)
    days = numbers.protection(today)
    before, lead.owner = lead.owner, staff
    OwnerPeriod.objects.create(
        lead=lead,
        staff=staff,
        rule=rule,
        since=now,
        due_on=pool.due_on(today, (), days),
        first_days=days.first,
        activity_days=days.activity,
        most_days=days.most,
        idle_days=days.idle,
    )
    if lead.first_response_at is None:
        lead.next_due_at = now + numbers.response(today)
    elif lead.next_due_at is None or lead.next_due_at < now:
        lead.next_due_at = now + NEXT_DAY
    lead.save(update_fields=["owner", "next_due_at"])
    LeadStep.objects.create(
        lead=lead, kind=kind, why=rule, owner_before=before, owner_after=staff, by=by, at=now
    )


def to_pool(lead: Lead, *, because: EndReason, kind: StepKind, by: Staff | None, now: datetime) -> None:
    before = lead.owner
    end_period(lead, because=because, now=now)
    lead.owner, lead.next_due_at = None, None
    lead.save(update_fields=["owner", "next_due_at"])
    LeadStep.objects.create(lead=lead, kind=kind, why=because, owner_before=before, by=by, at=now)


def end_period(lead: Lead, *, because: EndReason, now: datetime) -> None:
    lead.periods.filter(until=None).update(until=now, ended_because=because)


def tell(staff: Staff, text: str, lead: Lead, what: str, *, now: datetime, is_hers: bool = True) -> None:
    where = f"desk:lead:{lead.public_id}" if is_hers else "desk:leads"
    notifications.notify(
        staff, text, key=f"growth.lead:{what}:{lead.public_id}:{now:%Y%m%d%H%M%S}", now=now, where=where
    )


def _open_to_claim(lead_id: UUID, *, by: Staff) -> Lead:
    """Lock a lead of the pool; what somebody took a moment ago says so instead of vanishing."""
    at_campus = Lead.objects.living().filter(campus=by.campus_id, public_id=lead_id)
    lock_rows(at_campus)
    try:
        lead = open_lead(lead_id, by=by)
    except NotFound:
        if at_campus.filter(status=LeadStatus.OPEN).exclude(owner=None).exists():
            raise Conflict(_("这条线索刚被别人领走了，请看看公海里的其他线索。")) from None
        raise
    if lead.owner_id is not None:
        taken = (
            _("这条线索已在您名下。")
            if lead.owner_id == by.pk
            else _("这条线索刚被别人领走了，请看看公海里的其他线索。")
        )
        raise Conflict(taken)
    if lead.status != LeadStatus.OPEN:
        raise RuleBroken(_("这条线索已经结束，不能领取。"))
    return lead
