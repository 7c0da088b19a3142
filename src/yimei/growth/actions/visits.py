"""From a lead to a customer and a time: through the actions of people and of the journey."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.database.rows import lock_rows
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.access import own_lead
from yimei.growth.actions import owning
from yimei.growth.enums import EndReason, LeadStatus, StepKind
from yimei.growth.models import Lead, LeadStep
from yimei.growth.rules import leads as rules
from yimei.journey.actions import bookings
from yimei.journey.enums import BookingKind
from yimei.journey.models import Booking
from yimei.journey.queries import kinds
from yimei.outbox.actions import enquiries
from yimei.people.access import open_patient
from yimei.people.actions import callers
from yimei.people.enums import SourceKind
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission


@transaction.atomic
def become_customer(lead_id: UUID, *, by: Staff, now: datetime) -> Patient:
    """Find the customer of this lead's name and number, or write her down; asked again, it is the same one.

    A transaction of its own, before a booking: it writes the log, and a booking still has locks to take.
    """
    lead = own_lead(lead_id, by=by, lock=True)
    if lead.patient is not None:
        return _known(lead.patient, by=by)
    if lead.status != LeadStatus.OPEN:
        raise RuleBroken(_("只有跟进中的线索可以预约。"))
    if not by.may(Permission.PATIENT_WRITE):
        raise RuleBroken(_("您不能登记新客户。请前台或网电咨询登记这位客户，或请主管转交线索。"))
    patient = callers.find_or_create(
        name=lead.name,
        phone=lead.phone,
        source=SourceKind(lead.source),
        campus=lead.campus,
        by=by,
        at=now,
    )
    lead.patient = patient
    lead.save(update_fields=["patient"])
    enquiries.became(lead.vault_key, patient, now=now)
    log.record("growth.lead.customer", at=now, by=by, target=lead, subject=lead.vault_key)
    return patient


@transaction.atomic
def book(
    lead_id: UUID,
    *,
    procedure_id: UUID,
    starts_at: datetime,
    staff_id: UUID | None,
    room_id: UUID | None,
    note: str,
    key: UUID,
    by: Staff,
    now: datetime,
) -> Booking:
    """Ask for a consultation of the lead's customer; from here on the case has the next action."""
    lead = own_lead(lead_id, by=by, lock=True)
    if lead.status == LeadStatus.BOOKED and (known := _same(lead, key)):
        return known
    rules.check_move(LeadStatus(lead.status), LeadStatus.BOOKED)
    if lead.patient is None:
        raise RuleBroken(_("请先登记客户，再预约。"))
    booking = bookings.request(
        patient_public_id=lead.patient.public_id,
        campus_public_id=lead.campus.public_id,
        kind=BookingKind.CONSULT,
        visit_kind=kinds.suggest(lead.patient, BookingKind.CONSULT),
        procedure_public_id=procedure_id,
        starts_at=starts_at,
        staff_public_id=staff_id,
        room_public_id=room_id,
        note=note,
        key=key,
        by=by,
        now=now,
    )
    owning.end_period(lead, because=EndReason.BOOKED, now=now)
    lead.status, lead.next_due_at, lead.ended_at = LeadStatus.BOOKED, None, now
    lead.first_response_at = lead.first_response_at or now
    lead.save(update_fields=["status", "next_due_at", "ended_at", "first_response_at"])
    LeadStep.objects.create(
        lead=lead, kind=StepKind.BOOKED, owner_before=lead.owner, booking=booking, by=by, at=now
    )
    log.record("growth.lead.book", at=now, by=by, target=lead, subject=lead.vault_key)
    return booking


def _same(lead: Lead, key: UUID) -> Booking | None:
    """The booking of the same submission, sent twice."""
    step = lead.steps.filter(kind=StepKind.BOOKED, booking__key=key).select_related("booking").first()
    return step.booking if step else None


def _known(patient: Patient, *, by: Staff) -> Patient:
    try:
        return open_patient(patient.public_id, by=by)
    except NotFound:
        owner = patient.consultant or patient.online
        name = owner.name if owner else _("前台")
        text = _("这位是老客户，由%(name)s负责。请由其预约，或请主管把线索转交给其。")
        raise RuleBroken(text % {"name": name}) from None


@transaction.atomic
def booked_herself(lead_id: UUID, booking: Booking, *, now: datetime) -> Lead:
    """Note that the person of a lead booked by herself; a second enquiry counts for the first of its number.

    A number shared with somebody else's lead stays that lead's business: its owner was told, nothing ends.
    """
    rows = Lead.objects.filter(public_id=lead_id)
    lead = rows.select_related("duplicate_of", "vault_key").get()
    root = lead.duplicate_of or lead
    rows = Lead.objects.filter(pk=root.pk)
    lock_rows(rows)
    root = rows.with_people().get()
    Lead.objects.filter(pk=lead.pk, patient=None).update(patient=booking.patient)
    enquiries.became(lead.vault_key, booking.patient, now=now)
    if root.patient_id not in {None, booking.patient_id} or root.status != LeadStatus.OPEN:
        return root
    owning.end_period(root, because=EndReason.BOOKED, now=now)
    root.patient = booking.patient
    root.status, root.next_due_at, root.ended_at = LeadStatus.BOOKED, None, now
    root.save(update_fields=["patient", "status", "next_due_at", "ended_at"])
    enquiries.became(root.vault_key, booking.patient, now=now)
    LeadStep.objects.create(
        lead=root, kind=StepKind.BOOKED, owner_before=root.owner, booking=booking, by=None, at=now
    )
    log.record("growth.lead.book", at=now, target=root, subject=root.vault_key)
    return root
