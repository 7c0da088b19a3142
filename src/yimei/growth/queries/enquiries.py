"""What is kept of somebody who only asked, as she and the officer read it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from yimei.core import names, phone
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.models import EnquiryVisit, Lead
from yimei.growth.queries.numbers import TOKEN
from yimei.outbox.queries import messages_of_enquiry
from yimei.people.rules.sessions import key_hash
from yimei.privacy.queries.automated import Shown, judged_by
from yimei.privacy.queries.register import retention_on
from yimei.privacy.rules.erasure import add_months
from yimei.vault import blind

PERIOD = "lead"
Visit = EnquiryVisit
"""What a screen calls the visit that it is given."""


@dataclass(frozen=True)
class Enquiry:
    """One enquiry in plain words."""

    lead: Lead
    who: str
    phone: str
    wechat: str
    touches: list[tuple[datetime, str, str]]
    until: date | None
    messages: list[tuple[datetime, str, str]]
    """When, which and what became of it."""
    agreed_at: datetime | None
    """When she last agreed to advertisements."""


def token_of(number: str) -> bytes:
    return blind.token(TOKEN, number)


def leads_behind(token: bytes) -> QuerySet[Lead]:
    """Every enquiry of a number that never became a customer's; hers are answered by the centre."""
    rows = Lead.objects.filter(phone_token=token, patient=None, erased_at=None)
    return rows.select_related("vault_key", "campus").order_by("-created_at")


def visit_behind(secret: str, *, now: datetime) -> EnquiryVisit:
    """Return the visit of a browser while it lasts."""
    rows = EnquiryVisit.objects.filter(key_hash=key_hash(secret), ended_at=None, expires_at__gt=now)
    found = rows.first() if secret else None
    if found is None:
        raise NotFound
    return found


def enquiries(token: bytes, *, on: date) -> list[Enquiry]:
    """Tell each enquiry of a number: what was said when, and until when it is kept."""
    rule = retention_on(on).get(PERIOD)
    return [_told(lead, months=rule.months if rule else None) for lead in leads_behind(token)]


def keys_behind(token: bytes) -> list[UUID]:
    """The keys under which the enquiries of a number lie."""
    return list(leads_behind(token).values_list("vault_key__public_id", flat=True))


def judged(token: bytes) -> list[Shown]:
    """What programs say of whoever stands behind a number."""
    return judged_by(keys_behind(token))


def found_by(number: str, *, on: date) -> list[Enquiry]:
    """The same for a number that was typed; one that cannot be a number finds nothing."""
    try:
        return enquiries(token_of(phone.normalise(number)), on=on)
    except RuleBroken:
        return []


def _told(lead: Lead, *, months: int | None) -> Enquiry:
    touches, consent = lead.touches.order_by("at"), lead.consents.first()
    return Enquiry(
        lead=lead,
        who=names.mask(lead.name),
        phone=phone.mask(lead.phone),
        wechat=names.mask(lead.wechat) if lead.wechat else "",
        touches=[(one.at, str(one.get_kind_display()), str(one.get_outcome_display())) for one in touches],
        messages=[
            (one.created_at, one.template.name, str(one.get_status_display()))
            for one in messages_of_enquiry(lead.vault_key_id)
        ],
        agreed_at=consent.at if consent else None,
        until=add_months(local_date(lead.last_touch_at), months) if months else None,
    )
