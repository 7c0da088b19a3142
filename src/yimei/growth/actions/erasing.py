"""The end of what is kept of a lead: its key is destroyed, the bare row stays for the figures."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core import phone as phones
from yimei.core.clock import local_date, local_day
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows
from yimei.core.errors import RuleBroken
from yimei.growth.access import own_lead
from yimei.growth.actions import bringing, calls, owning, referrals
from yimei.growth.enums import EndReason, EraseReason, LeadLoss, LeadStatus, StepKind
from yimei.growth.models import Lead, LeadStep, Profile
from yimei.growth.queries import enquiries as queries
from yimei.outbox.actions import enquiries
from yimei.people.access import need
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.actions import erasure
from yimei.privacy.queries.register import retention_on
from yimei.privacy.rules.erasure import add_months
from yimei.vault import keys

PERIOD = "lead"


def erase_leads(patient: Patient, now: datetime) -> int:
    """Erase every lead that became this customer, and the second enquiries that hang on them."""
    mine = Lead.objects.filter(patient=patient)
    theirs = Lead.objects.filter(duplicate_of__in=mine)
    ids = set(mine.values_list("pk", flat=True)) | set(theirs.values_list("pk", flat=True))
    return sum(_erase(pk, now=now) for pk in sorted(ids))


@transaction.atomic
def erase(lead_id: UUID, *, why: EraseReason, by: Staff, now: datetime) -> int:
    """Erase an enquiry before its time, with the second ones that hang on it; not that of a customer."""
    lead = own_lead(lead_id, by=by, lock=True, permission=Permission.LEAD_ASSIGN)
    if lead.patient_id is not None:
        raise RuleBroken(_("她已经是客户，请按客户的删除请求办理，线索会一起删除。"), code="patient")
    root = lead.duplicate_of_id or lead.pk
    ids = Lead.objects.filter(Q(pk=root) | Q(duplicate_of=root), patient=None, erased_at=None)
    return _erase_all(list(ids.values_list("pk", flat=True)), why=why, by=by, now=now)


@transaction.atomic
def erase_by_phone(phone: str, *, why: EraseReason, by: Staff, now: datetime) -> int:
    """Erase what is kept of a number whose holder asked for it at the desk or by telephone."""
    need(by, Permission.PRIVACY_WRITE)
    return erase_number(queries.token_of(phones.normalise(phone)), why=why, by=by, now=now)


def erase_number(token: bytes, *, why: EraseReason, by: Staff | None, now: datetime) -> int:
    """Part of a larger action: erase every enquiry of a number that never became a customer's."""
    lock(f"growth.phone:{token.hex()}")
    rows = queries.leads_behind(token).order_by("pk")
    calls.forget_number(token, now=now)
    return _erase_all(list(rows.values_list("pk", flat=True)), why=why, by=by, now=now)


def _erase_all(ids: Sequence[int], *, why: EraseReason, by: Staff | None, now: datetime) -> int:
    done = 0
    for pk in ids:
        if _erase(pk, now=now, by=by, why=why.value):
            lead = Lead.objects.select_related("vault_key").get(pk=pk)
            erasure.note(lead.vault_key.public_id, now=now)
            log.record(
                "growth.lead.erase", at=now, by=by, target=lead, subject=lead.vault_key, reason=str(why.label)
            )
            done += 1
    return done


def erase_due(*, now: datetime) -> int:
    """Erase the leads that never came and whose time is over, each in a transaction of its own."""
    today = local_date(now)
    months = retention_on(today)[PERIOD].months
    before = local_day(add_months(today, -months))[0]
    never_came = Lead.objects.filter(erased_at=None, patient=None, last_touch_at__lt=before)
    calls.forget_old(before=before, now=now)
    return sum(_forget(pk, now=now) for pk in list(never_came.values_list("pk", flat=True)))


@transaction.atomic
def forget_again(key: UUID, now: datetime) -> bool:
    """After a restore: erase the lead under this key once more; False when it is gone or was never here."""
    lead = Lead.objects.select_related("vault_key").filter(vault_key__public_id=key).first()
    if lead is None:
        return calls.forget_again(key, now)
    if lead.erased_at is not None and lead.vault_key.is_destroyed:
        return False
    _erase(lead.pk, now=now)
    log.record("privacy.erasure.reapplied", at=now, target=lead, subject=lead.vault_key)
    return True


@transaction.atomic
def _forget(pk: int, *, now: datetime) -> bool:
    is_new = _erase(pk, now=now)
    if is_new:
        lead = Lead.objects.select_related("vault_key").get(pk=pk)
        erasure.note(lead.vault_key.public_id, now=now)
        log.record(
            "growth.lead.erase",
            at=now,
            target=lead,
            subject=lead.vault_key,
            reason=gettext_noop("保存期限已满"),
        )
    return is_new


def _erase(pk: int, *, now: datetime, by: Staff | None = None, why: str = "") -> bool:
    """Destroy the key and take off what no key protects; a second time changes nothing but the key."""
    rows = Lead.objects.filter(pk=pk)
    lock_rows(rows)
    lead = rows.select_related("vault_key", "owner").get()
    referrals.forget_lead(lead, now=now)
    keys.destroy(lead.vault_key, at=now)
    if lead.erased_at is not None:
        return False
    token = bytes(lead.phone_token) if lead.phone_token else None
    calls.forget_lead(lead, token=token, now=now)
    enquiries.forget(lead.vault_key)
    bringing.forget_lead(lead, now=now)
    owning.end_period(lead, because=EndReason.ERASED, now=now)
    lead.erased_at, lead.owner, lead.phone_token, lead.interest = now, None, None, ""
    lead.next_due_at = None
    if lead.status == LeadStatus.OPEN:
        lead.status, lead.loss, lead.ended_at = LeadStatus.LOST, LeadLoss.ERASED, now
    lead.save(
        update_fields=[
            "erased_at", "owner", "phone_token", "interest", "next_due_at", "status", "loss", "ended_at",
        ]
    )  # fmt: skip
    LeadStep.objects.create(lead=lead, kind=StepKind.ERASED, why=why, by=by, at=now)
    Profile.objects.filter(lead=lead).delete()
    return True
