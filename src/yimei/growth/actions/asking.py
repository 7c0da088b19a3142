"""Somebody leaves a question on the website, to be called back."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.core import phone as phones
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import answering, leads, partners, referrals
from yimei.growth.enums import TouchKind
from yimei.growth.models import Lead
from yimei.growth.queries import numbers
from yimei.hospital.models import Campus
from yimei.people.enums import SourceKind
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice
from yimei.vault import blind

NOTICE = "care.identity"
BY_FORM = (SourceKind.WEBSITE, SourceKind.REFERRAL, SourceKind.PARTNER)
PER_NUMBER, PER_HOUR = 3, 120
"""Questions of one number in a day, and of everybody at one campus in an hour: more is a program's work."""


def ask(
    *,
    name: str,
    phone: str,
    interest: str,
    note: str,
    campus: str,
    notice_id: UUID,
    now: datetime,
    code: str = "",
    ip: str = "",
    news: bool = False,
) -> Lead | None:
    """Write the question down and let somebody call; what comes too often is thanked for and not kept.

    A friend's code ties the lead to who gave it; a code that does not stand changes nothing and says nothing.
    """
    place = Campus.objects.filter(public_id=campus, is_active=True).first()
    if place is None:
        raise NotFound
    notice = current_notice(NOTICE, Audience.ADULT)
    if notice is None or notice.public_id != notice_id:
        raise RuleBroken(_("告知刚刚更新，请再看一遍并勾选。"), code="agreed")
    token = blind.token(numbers.TOKEN, phones.normalise(phone))
    web = Lead.objects.filter(source__in=BY_FORM, created_by=None)
    if web.filter(phone_token=token, created_at__gt=now - timedelta(days=1)).count() >= PER_NUMBER:
        return None
    if web.filter(campus=place, created_at__gt=now - timedelta(hours=1)).count() >= PER_HOUR:
        raise RuleBroken(_("现在留言的人很多，请直接致电医院。"))
    words = gettext_noop("网上留言，已读《%(title)s》第 %(n)d 版。") % {
        "title": notice.title,
        "n": notice.version,
    }
    with transaction.atomic():
        came = referrals.judge(code, phone=phone, name=name, ip=ip, by=None, now=now)
        sent = None if came else partners.judge(code, phone=phone, now=now)
        source = SourceKind.PARTNER if sent else SourceKind.WEBSITE
        lead = leads.write_down(
            name=name,
            phone=phone,
            source=SourceKind.REFERRAL if came and came.counts else source,
            kind=TouchKind.FORM,
            by=None,
            now=now,
            interest=interest,
            note="\n".join(part for part in (note.strip(), words) if part),
            campus=place,
        )
        if news:
            answering.agree_herself(lead, notice_id=notice_id, now=now)
        if came is not None:
            referrals.tie(came, lead, by=None, now=now)
        if sent is not None:
            partners.tie(sent, lead, by=None, now=now)
    return lead
