"""What somebody who asked agreed to, or wants no more: advertisements, captured with her enquiry."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.database.rows import lock_rows
from yimei.core.errors import RuleBroken
from yimei.growth.access import own_lead
from yimei.growth.models import Lead, LeadConsent
from yimei.outbox.actions import optouts
from yimei.people.models import Staff
from yimei.privacy.enums import Audience, ConsentChannel
from yimei.privacy.queries import current_notice

MARKETING = "marketing"
BY_STAFF = (ConsentChannel.PHONE, ConsentChannel.PAPER, ConsentChannel.TABLET)


def agree_herself(lead: Lead, *, notice_id: UUID, now: datetime) -> LeadConsent:
    """She ticked it herself beside her question, of full age by her own word; part of a larger action."""
    return _agree(lead, notice_id=notice_id, channel=ConsentChannel.PORTAL, by=None, now=now)


@transaction.atomic
def agree(
    lead_id: UUID, *, channel: ConsentChannel, is_adult: bool, notice_id: UUID, by: Staff, now: datetime
) -> LeadConsent:
    """Write down that she agreed when she was asked, and how; who wrote it down answers for it."""
    lead = own_lead(lead_id, by=by, lock=True)
    if lead.patient_id is not None:
        raise RuleBroken(_("她已经是客户，请在客户页征求并登记同意。"), code="patient")
    if channel not in BY_STAFF:
        raise RuleBroken(_("请选择她是怎样同意的。"), code="channel")
    if not is_adult:
        text = _("只有本人说明已满 18 周岁，才能登记同意接收营销信息（互联网广告管理办法第十二条）。")
        raise RuleBroken(text, code="is_adult")
    return _agree(lead, notice_id=notice_id, channel=channel, by=by, now=now)


@transaction.atomic
def stop(lead_id: UUID, *, by: Staff, now: datetime) -> Lead:
    """She said no on the telephone: nothing goes to her number any more, until she asks or agrees anew."""
    lead = own_lead(lead_id, by=by, lock=True)
    ref = f"lead-stop:{lead.public_id}:{now.isoformat()}"
    optouts.stop_number(lead.phone, channel=ConsentChannel.PHONE, ref=ref, now=now, by=by)
    log.record("growth.lead.stop", at=now, by=by, target=lead, subject=lead.vault_key)
    return lead


def _agree(
    lead: Lead, *, notice_id: UUID, channel: ConsentChannel, by: Staff | None, now: datetime
) -> LeadConsent:
    """Keep it beside the first enquiry of the number, under the notice in force."""
    notice = current_notice(MARKETING, Audience.ADULT)
    if notice is None or notice.public_id != notice_id:
        raise RuleBroken(_("告知刚刚更新，请再看一遍并勾选。"), code="agreed")
    root = lead.duplicate_of or lead
    lock_rows(Lead.objects.filter(pk=root.pk))
    kept = LeadConsent.objects.create(lead=root, notice=notice, is_adult=True, channel=channel, by=by, at=now)
    log.record(
        "growth.lead.agree",
        at=now,
        by=by,
        target=root,
        subject=root.vault_key,
        purpose=MARKETING,
        detail={"notice": notice.version, "channel": channel.value},
    )
    return kept
