"""What the append-only rows say about whose a deal is, for many orders at once; a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce

from yimei.billing.models import Order, Payment
from yimei.growth.enums import DeedKind, Outcome, StepKind
from yimei.growth.models import Lead, LeadStep, OwnerPeriod, Touch
from yimei.growth.rules.credit import Deal, Deed, Paid
from yimei.journey.models import Booking, Consultation
from yimei.people.enums import CareReason
from yimei.people.models import CareRelation, Patient

TALKED = (Outcome.REACHED, Outcome.WANTS_VISIT, Outcome.CALL_BACK)
HELD = {CareReason.ONLINE: DeedKind.HELD_ONLINE, CareReason.CONSULTANT: DeedKind.HELD_ONSITE}
Deeds = dict[int, list[Deed]]


def deals(orders: Iterable[Order]) -> list[Deal]:
    """Every order with what was done for its customer, all her files together; in the order given."""
    wanted = list(orders)
    files = _files({one.patient_id for one in wanted})
    deeds: Deeds = defaultdict(list)
    _care(files, deeds)
    came = _leads(files, deeds)
    _visits(files, deeds)
    money = _money(files)
    sources = {pk: (source, at) for pk, source, at in _first_known(files)}
    return [_deal(one, files[one.patient_id], deeds, came, money, sources) for one in wanted]


def _files(patients: set[int]) -> dict[int, int]:
    """Each file of these people, and the one that stands for the person."""
    named = Patient.objects.filter(pk__in=patients).order_by()
    roots = set(named.annotate(root=Coalesce("merged_into", "pk")).values_list("root", flat=True))
    rows = Patient.objects.filter(Q(pk__in=roots) | Q(merged_into__in=roots)).order_by()
    return {pk: into or pk for pk, into in rows.values_list("pk", "merged_into")}


def _first_known(files: dict[int, int]) -> list[tuple[int, str, Any]]:
    rows = Patient.objects.filter(pk__in=set(files.values())).order_by()
    return list(rows.values_list("pk", "source", "created_at"))


def _care(files: dict[int, int], deeds: Deeds) -> None:
    rows = CareRelation.objects.filter(patient__in=files, reason__in=HELD, merge=None).order_by()
    for patient, staff, reason, since, until in rows.values_list(
        "patient", "staff__public_id", "reason", "since", "until"
    ):
        deeds[files[patient]].append(Deed(HELD[CareReason(reason)], str(staff), since, until))


def _leads(files: dict[int, int], deeds: Deeds) -> dict[int, tuple[Any, str]]:
    """Owners, talks and bookings of the enquiries; and when and by which way she first asked."""
    rows = Lead.objects.filter(Q(patient__in=files) | Q(duplicate_of__patient__in=files)).order_by(
        "created_at"
    )
    whose: dict[int, int] = {}
    first: dict[int, tuple[Any, str]] = {}
    for pk, own, root, source, at in rows.values_list(
        "pk", "patient", "duplicate_of__patient", "source", "created_at"
    ):
        patient = own if own in files else root
        whose[pk] = files[patient]
        first.setdefault(files[patient], (at, source))
    periods = OwnerPeriod.objects.filter(lead__in=whose).order_by()
    for lead, staff, since, until in periods.values_list("lead", "staff__public_id", "since", "until"):
        deeds[whose[lead]].append(Deed(DeedKind.HELD_ONLINE, str(staff), since, until))
    touches = Touch.objects.filter(lead__in=whose, outcome__in=TALKED).exclude(by=None).order_by()
    for lead, staff, at in touches.values_list("lead", "by__public_id", "at"):
        deeds[whose[lead]].append(Deed(DeedKind.TALKED, str(staff), at))
    steps = LeadStep.objects.filter(lead__in=whose, kind=StepKind.BOOKED).exclude(owner_before=None)
    for lead, staff, at in steps.order_by().values_list("lead", "owner_before__public_id", "at"):
        deeds[whose[lead]].append(Deed(DeedKind.BOOKED, str(staff), at))
    return first


def _visits(files: dict[int, int], deeds: Deeds) -> None:
    """A booking counts for who held her online when she made it, a consultation for who received her."""
    bookings = Booking.objects.filter(patient__in=files).exclude(created_by=None).order_by()
    for patient, staff, at in bookings.values_list("patient", "created_by__public_id", "created_at"):
        held = (one for one in deeds[files[patient]] if one.kind == DeedKind.HELD_ONLINE)
        if any(one.staff == str(staff) and one.at <= at and (one.until or at) >= at for one in held):
            deeds[files[patient]].append(Deed(DeedKind.BOOKED, str(staff), at))
    met = Consultation.objects.filter(case__patient__in=files).order_by()
    for patient, staff, at in met.values_list("case__patient", "by__public_id", "started_at"):
        deeds[files[patient]].append(Deed(DeedKind.CONSULTED, str(staff), at))


def _money(files: dict[int, int]) -> dict[int, list[tuple[Any, ...]]]:
    """Every payment of these people: order, moment, code, amount."""
    moved: Any = Payment.objects.for_bills()
    rows = moved.filter(order__patient__in=files).order_by("stands_at", "pk")
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for order, patient, code, at, amount in rows.values_list(
        "bill", "order__patient", "public_id", "stands_at", "amount"
    ):
        found[files[patient]].append((order, str(code), at, amount))
    return found


def _deal(
    order: Order,
    person: int,
    deeds: Deeds,
    came: dict[int, tuple[Any, str]],
    money: dict[int, list[tuple[Any, ...]]],
    sources: dict[int, tuple[str, Any]],
) -> Deal:
    paid = tuple(Paid(code, at, amount) for pk, code, at, amount in money[person] if pk == order.pk)
    before = sum(
        (amount for pk, _code, at, amount in money[person] if pk != order.pk and at < order.at), Decimal(0)
    )
    source, known = sources[person]
    asked, first = came.get(person, (known, source))
    done = sorted(deeds[person], key=lambda one: (one.at, one.kind, one.staff))
    if order.quote is not None:
        done.append(Deed(DeedKind.QUOTED, str(order.quote.by.public_id), min(order.quote.at, order.at)))
    return Deal(
        code=str(order.public_id),
        at=order.at,
        due=order.amount,
        source=first if asked <= known else source,
        known_at=min(asked, known),
        is_first=before <= 0,
        deeds=tuple(one for one in done if one.at <= order.at),
        paid=paid,
    )
