"""A visitor of the website books: she is a lead first, then a customer, then she has a time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.core.clock import local_date
from yimei.core.errors import Refusal
from yimei.growth.actions import leads, visits
from yimei.growth.enums import TouchKind
from yimei.growth.models import Lead
from yimei.journey.actions import online
from yimei.journey.models import Booking, OnlineHold
from yimei.outbox.actions import notifications
from yimei.people.actions import callers
from yimei.people.enums import SourceKind
from yimei.people.models import Patient
from yimei.people.queries import shares_number
from yimei.people.rules.identity import clean_name
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice

NOTICE = "care.identity"


@dataclass(frozen=True)
class Booked:
    """What the visitor has now, with the secret of the page on which she may move or cancel it."""

    booking: Booking
    token: str


def book(token: str, *, name: str, phone: str, digits: str, notice_id: UUID, now: datetime) -> Booked:
    """Book the kept time for the name and the number that the code proves.

    Not one transaction: a lead that was written down stays when the time is gone after all, so that somebody
    calls her; and the log, which each step writes, is the last lock that anybody takes.
    """
    who = clean_name(name)
    notice = current_notice(NOTICE, Audience.ADULT)
    is_current = notice is not None and notice.public_id == notice_id
    if not online.is_proved(token, phone=phone):
        online.verify(token, phone=phone, digits=digits, now=now)
    hold = online.begin(token, phone=phone, is_current=is_current, now=now)
    read = f"《{notice.title}》v{notice.version}" if notice else ""
    try:
        booking, lead = _book(hold, who, phone, read, now=now)
    except Refusal:
        online.let_go(hold.public_id)
        raise
    _tell(booking, lead, now=now)
    return Booked(booking, online.link(booking, now=now))


def _book(hold: OnlineHold, name: str, phone: str, read: str, *, now: datetime) -> tuple[Booking, Lead]:
    lead = leads.write_down(
        name=name,
        phone=phone,
        source=SourceKind.WEBSITE,
        kind=TouchKind.FORM,
        by=None,
        now=now,
        interest=hold.procedure.category,
        note=gettext_noop("在网上预约了面诊"),
        campus=hold.campus,
    )
    root = lead.duplicate_of or lead
    patient = callers.herself(
        name=name, phone=phone, source=SourceKind.WEBSITE, campus=hold.campus, online=root.owner, at=now
    )
    owner = patient.online or root.owner
    booking = online.book(hold.public_id, patient=patient, owner=owner, read=read, now=now)
    return booking, visits.booked_herself(lead.public_id, booking, now=now)


def _tell(booking: Booking, lead: Lead, *, now: datetime) -> None:
    """Let whoever answers for her know; a number that others have here as well is looked at first."""
    patient: Patient = booking.patient
    text = gettext_noop("有客户自己在网上预约了面诊，请看一看是否需要先联系。")
    if not patient.is_registered and shares_number(patient):
        text = _("网上预约的号码已有其他客户登记：可能是老客户换了称呼，建档前请先核对，不要重复建档。")
    notifications.notify(
        booking.keeper,
        text,
        key=f"growth.online:{booking.public_id}:{local_date(now)}",
        now=now,
        where=f"desk:booking:{booking.public_id}",
    )
