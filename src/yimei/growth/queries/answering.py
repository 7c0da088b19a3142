"""What the outbox is told of people who only asked, and what a lead's page says of messages to her."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext as _

from yimei.growth.enums import LeadLoss, LeadStatus, Outcome
from yimei.growth.models import Lead, LeadConsent, Touch
from yimei.hospital.models import Campus
from yimei.outbox import registry
from yimei.outbox.models import EnquiryMessage, Message
from yimei.outbox.queries import messages_of_enquiry, number_token, stops_of
from yimei.outbox.rules.enquiries import Enquiry
from yimei.privacy.enums import ConsentChannel

SHOWN = 20
TALKED = (Outcome.REACHED, Outcome.WANTS_VISIT, Outcome.CALL_BACK)
"""Contacts that prove that the number is hers."""


@registry.use_enquiries
def enquiries(keys: Collection[int], now: datetime) -> dict[int, Enquiry]:
    """Each enquiry by its key: four queries, whatever their number; what is erased is left out."""
    rows = Lead.objects.filter(vault_key__in=keys, erased_at=None, vault_key__destroyed_at=None)
    leads = list(rows.select_related("vault_key"))
    ids = [one.pk for one in leads]
    asked = Touch.objects.filter(lead__in=ids, outcome=Outcome.ASKED, at__lte=now).order_by()
    last = dict(asked.values_list("lead").annotate(at=Max("at")))
    agreed = agreements(ids, now=now)
    return {
        one.vault_key_id: Enquiry(
            phone=one.phone,
            asked_at=last.get(one.pk) or one.created_at,
            over=_over(one),
            ended=_("这次咨询已经结束，不再主动联系。") if one.status == LeadStatus.LOST else "",
            agreed_at=agreed.get(one.pk),
        )
        for one in leads
    }


def agreements(leads: Collection[int], *, now: datetime) -> dict[int, datetime]:
    """When each of these leads last agreed to advertisements.

    Anybody may type a number on the website: a tick there counts once somebody talked to her at it.
    """
    talked = Touch.objects.filter(lead=OuterRef("lead"), outcome__in=TALKED, by__isnull=False, at__lte=now)
    counts = ~Q(channel=ConsentChannel.PORTAL) | Exists(talked)
    rows = LeadConsent.objects.filter(counts, lead__in=leads, at__lte=now).order_by()
    return dict(rows.values_list("lead").annotate(at=Max("at")))


def standing(leads: Collection[Lead], *, now: datetime) -> set[int]:
    """Those of these leads whose agreement nobody at their number has taken back since."""
    agreed = agreements([one.pk for one in leads], now=now)
    tokens = {one.pk: number_token(one.phone) for one in leads if one.pk in agreed}
    stops = stops_of(set(tokens.values()), now)
    return {pk for pk, token in tokens.items() if token not in stops or stops[token] < agreed[pk]}


def _over(lead: Lead) -> str:
    if lead.patient_id is not None:
        return _("已成为客户，改按客户的规则发送。")
    if lead.status == LeadStatus.LINKED:
        return _("已并入首条线索，只向首条线索发送。")
    if lead.loss == LeadLoss.REFUSED:
        return _("对方要求不再联系。")
    return ""


@dataclass(frozen=True)
class Standing:
    """What a lead agreed to or refused, as whoever follows her up reads it."""

    consent: LeadConsent | None
    is_proved: bool
    """Not only ticked on the website: somebody has talked to her at this number."""
    stopped_at: datetime | None
    messages: list[EnquiryMessage]

    @property
    def is_agreed(self) -> bool:
        return self.consent is not None and not self.is_stopped

    @property
    def is_stopped(self) -> bool:
        """Somebody at her number said no, and she has agreed to nothing since."""
        since = self.consent.at if self.consent else None
        return self.stopped_at is not None and (since is None or self.stopped_at >= since)


def of_lead(lead: Lead, *, now: datetime) -> Standing:
    stops = stops_of([number_token(lead.phone)], now) if lead.erased_at is None else {}
    return Standing(
        consent=lead.consents.select_related("notice", "by").first(),
        is_proved=lead.pk in agreements([lead.pk], now=now),
        stopped_at=next(iter(stops.values()), None),
        messages=list(messages_of_enquiry(lead.vault_key_id)[:SHOWN]),
    )


def is_of_enquirer(message: Message | EnquiryMessage) -> bool:
    return isinstance(message, EnquiryMessage)


def place_of(message: Message | EnquiryMessage) -> Campus:
    """The campus in whose name a message went out."""
    if isinstance(message, Message):
        return message.patient.campus
    return Lead.objects.select_related("campus").get(vault_key=message.vault_key_id).campus
