"""The end of what is kept of a lead: its key is destroyed, the bare row stays for the figures."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date, local_day
from yimei.core.database.rows import lock_rows
from yimei.growth.actions import owning
from yimei.growth.enums import EndReason, LeadLoss, LeadStatus, StepKind
from yimei.growth.models import Lead, LeadStep, Profile
from yimei.people.models import Patient
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


def erase_due(*, now: datetime) -> int:
    """Erase the leads that never came and whose time is over, each in a transaction of its own."""
    today = local_date(now)
    months = retention_on(today)[PERIOD].months
    before = local_day(add_months(today, -months))[0]
    never_came = Lead.objects.filter(erased_at=None, patient=None, last_touch_at__lt=before)
    return sum(_forget(pk, now=now) for pk in list(never_came.values_list("pk", flat=True)))


@transaction.atomic
def _forget(pk: int, *, now: datetime) -> bool:
    is_new = _erase(pk, now=now)
    if is_new:
        lead = Lead.objects.select_related("vault_key").get(pk=pk)
        log.record("growth.lead.erase", at=now, target=lead, subject=lead.vault_key, reason=_("保存期限已满"))
    return is_new


def _erase(pk: int, *, now: datetime) -> bool:
    """Destroy the key and take off what no key protects; a second time changes nothing but the key."""
    rows = Lead.objects.filter(pk=pk)
    lock_rows(rows)
    lead = rows.select_related("vault_key", "owner").get()
    keys.destroy(lead.vault_key, at=now)
    if lead.erased_at is not None:
        return False
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
    LeadStep.objects.create(lead=lead, kind=StepKind.ERASED, at=now)
    Profile.objects.filter(lead=lead).delete()
    return True
