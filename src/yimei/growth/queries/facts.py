"""What is known about many people at once, for their profiles: a fixed number of queries, no names."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, Sum

from yimei.billing.enums import PaymentKind
from yimei.billing.models import Payment, Quote
from yimei.core.clock import age_on, local_date
from yimei.growth.enums import AgeBand, Outcome
from yimei.growth.models import Lead, Profile, Touch
from yimei.growth.queries import answering, numbers
from yimei.growth.rules import rfm
from yimei.hospital.enums import Category
from yimei.journey.enums import BookingKind, BookingStatus
from yimei.journey.models import Booking, Case, Plan, Surgery, Survey
from yimei.people.models import Patient
from yimei.people.rules.capacity import needs_guardian
from yimei.privacy import registry
from yimei.privacy.enums import ChipState
from yimei.privacy.queries import needs, standings
from yimei.vault import blind

BIRTHDAY = "growth.birthday"
"""The kind of blind index under which a day of the year is kept."""
MARKETING, PROFILING, CARE = "marketing", "automated", "care.health"
AGREED = {MARKETING: "agrees_marketing", PROFILING: "agrees_profiling"}
"""The purposes that a customer herself decides about, and the column that says so."""
SAID = (*AGREED.values(), "refuses_profiling")
COMING = (BookingStatus.REQUESTED, BookingStatus.CONFIRMED)
Facts = dict[str, Any]
SUMS = frozenset({"touches", "visits", "no_shows", "paid_times", "paid_total"})
FIRST = frozenset({"first_visit_on", "known_on"})


def birthday_token(day: date) -> bytes:
    """The token of a day of the year; whoever was born on 29 February has hers on the 28th."""
    month, number = (2, 28) if (day.month, day.day) == (2, 29) else (day.month, day.day)
    return blind.token(BIRTHDAY, f"{month:02d}-{number:02d}")


def of_customers(patients: Collection[int], *, now: datetime) -> dict[int, Facts]:
    """Facts by customer, all her files together; canaries and those whose data are restricted have none."""
    rows = Patient.objects.counted().kept().filter(pk__in=patients, restricted_at=None)
    people = {one.pk: one for one in rows.select_related("person__vault_key")}
    today = local_date(now)
    found = {pk: _identity(one, today) for pk, one in people.items()}
    joined = Patient.objects.filter(merged_into__in=found).values_list("pk", "merged_into")
    person = {**dict.fromkeys(found), **dict(joined)}
    readers = (_leads, _bookings, _cases, _surgeries, _quotes, _payments, _surveys)
    for reader in readers:
        for pk, values in reader(list(person)):
            _tell(found[person[pk] or pk], values)
    for pk, values in _consents(people, now):
        found[pk].update(values)
    steps = numbers.rfm_steps(today)
    for facts in found.values():
        facts["rfm"] = rfm.layer(
            facts["paid_on"], facts["paid_times"], facts["paid_total"], on=today, steps=steps
        )
    over = stopped()
    for facts in found.values():
        facts.update(groundless(facts, over))
    return found


def stored_only(patients: Collection[int]) -> set[int]:
    """Whose profile stays as it is, read by nobody, until her restriction is sealed or taken off."""
    rows = Patient.objects.filter(pk__in=patients, restricted_at__isnull=False, sealed_at=None)
    return set(rows.values_list("pk", flat=True))


def stopped() -> frozenset[str]:
    """Which purposes of a profile the hospital has stopped; one query."""
    return needs.stopped(registry.for_model(Profile).purpose_codes)


def groundless(facts: Mapping[str, Any], over: Collection[str]) -> Facts:
    """The columns that no purpose in force needs of this person, empty (PIPL 6, 19, 47).

    Who refused to be sorted is sorted for nothing, also where she agreed to hear of offers (PIPL 24).
    """
    said_no = {code for code, column in AGREED.items() if not facts[column] or facts["refuses_profiling"]}
    empty = _blank()
    return {
        column: empty[column]
        for column, codes in Profile.PURPOSES.items()
        if said_no.union(over).issuperset(codes)
    }


def _tell(facts: Facts, values: Facts) -> None:
    """Add what one file says: sums add up, first and last days stay first and last, of the rest the later."""
    for name, value in values.items():
        before = facts[name]
        if name in SUMS:
            facts[name] = before + value
        elif before and value and name.endswith("_on"):
            facts[name] = min(before, value) if name in FIRST else max(before, value)
        elif value is not None:
            facts[name] = value


def of_leads(leads: Collection[int], *, now: datetime) -> dict[int, Facts]:
    """Facts by lead, of first enquiries of people who are no customers yet; of age by their own word."""
    rows = Lead.objects.living().filter(pk__in=leads, patient=None, duplicate_of=None)
    rows = rows.select_related("vault_key")
    found = {lead.pk: _blank() | _lead_facts(lead) for lead in rows}
    agreeing = answering.standing(list(rows), now=now)
    for lead in rows:
        found[lead.pk] |= {
            "campus_id": lead.campus_id,
            "source": lead.source,
            "known_on": local_date(lead.created_at),
            "is_customer": False,
            "agrees_marketing": lead.pk in agreeing,
            "is_adult": lead.pk in agreeing,
        }
    for pk, count in _touch_counts(Q(lead__in=found), "lead"):
        found[pk]["touches"] = count
    return found


def _blank() -> Facts:
    dates = (
        "asked_on touched_on first_visit_on last_visit_on coming_on last_no_show_on planned_on surgery_on "
        "injection_on laser_on quoted_on paid_on scored_on score birthday"
    )
    words = "lead_status lead_loss interest stage case_loss category age_band"
    counts = "touches visits no_shows paid_times"
    flags = "is_adult is_vip agrees_marketing agrees_profiling refuses_profiling agrees_care"
    return {
        **dict.fromkeys(dates.split()),
        **dict.fromkeys(words.split(), ""),
        **dict.fromkeys(counts.split(), 0),
        **dict.fromkeys(flags.split(), False),
        "paid_total": Decimal(0),
        "rfm": "none",
        "sex": "U",
    }


def _identity(patient: Patient, today: date) -> Facts:
    birth = patient.person.birth_date
    return _blank() | {
        "campus_id": patient.campus_id,
        "is_customer": True,
        "sex": patient.person.sex,
        "age_band": _band(age_on(birth, today)) if birth else AgeBand.UNKNOWN,
        "is_adult": not needs_guardian(birth, today),
        "birthday": birthday_token(birth) if birth else None,
        "source": patient.source,
        "is_vip": patient.is_vip,
        "known_on": local_date(patient.created_at),
    }


def _band(age: int) -> AgeBand:
    steps = [band for band in AgeBand if band and age >= int(band)]
    return max(steps, key=int)


def _leads(patients: list[int]) -> Iterator[tuple[int, Facts]]:
    """The newest first enquiry of each, and how often somebody talked to her."""
    rows = Lead.objects.filter(patient__in=patients, erased_at=None, duplicate_of=None)
    for lead in rows.order_by("created_at", "pk"):
        assert lead.patient_id is not None
        yield lead.patient_id, _lead_facts(lead)
    for pk, count in _touch_counts(Q(lead__patient__in=patients), "lead__patient"):
        yield pk, {"touches": count}


def _lead_facts(lead: Lead) -> Facts:
    return {
        "lead_status": lead.status,
        "lead_loss": lead.loss,
        "asked_on": local_date(lead.created_at),
        "touched_on": local_date(lead.last_touch_at),
        "interest": lead.interest,
    }


def _touch_counts(whose: Q, path: str) -> Iterator[tuple[int, int]]:
    rows = Touch.objects.filter(whose).exclude(outcome=Outcome.ASKED).order_by()
    yield from rows.values_list(path).annotate(n=Count("pk"))


def _bookings(patients: list[int]) -> Iterator[tuple[int, Facts]]:
    rows = Booking.objects.filter(patient__in=patients).order_by("starts_at", "pk")
    fields = ("patient", "status", "kind", "starts_at", "arrived_at", "procedure__category")
    found: dict[int, Facts] = defaultdict(dict)
    for pk, status, kind, starts_at, arrived_at, category in rows.values_list(*fields):
        facts, day = found[pk], local_date(starts_at)
        if arrived_at is not None:
            came = local_date(arrived_at)
            facts["visits"] = facts.get("visits", 0) + 1
            facts["first_visit_on"] = min(facts.get("first_visit_on", came), came)
            facts["last_visit_on"] = max(facts.get("last_visit_on", came), came)
        if status == BookingStatus.NO_SHOW:
            facts["no_shows"] = facts.get("no_shows", 0) + 1
            facts["last_no_show_on"] = day
        if status in COMING:
            facts["coming_on"] = day
        if status == BookingStatus.SERVED and kind == BookingKind.TREATMENT:
            facts["category"] = category
            if category in {Category.INJECTION, Category.LASER}:
                facts[f"{category}_on"] = day
    yield from found.items()


def _cases(patients: list[int]) -> Iterator[tuple[int, Facts]]:
    rows = Case.objects.filter(patient__in=patients).order_by("opened_at", "pk")
    for pk, stage, loss in rows.values_list("patient", "stage", "loss_reason"):
        yield pk, {"stage": stage, "case_loss": loss}
    plans = Plan.objects.filter(case__patient__in=patients, chosen_at__isnull=False).order_by()
    for pk, at in plans.values_list("case__patient").annotate(at=Max("chosen_at")):
        yield pk, {"planned_on": local_date(at)}


def _surgeries(patients: list[int]) -> Iterator[tuple[int, Facts]]:
    done = Surgery.objects.filter(case__patient__in=patients, left_at__isnull=False).order_by("left_at", "pk")
    for pk, at, category in done.values_list("case__patient", "left_at", "plan__procedure__category"):
        if at is not None:
            yield pk, {"surgery_on": local_date(at), "category": category}


def _quotes(patients: list[int]) -> Iterator[tuple[int, Facts]]:
    rows = Quote.objects.filter(patient__in=patients).order_by()
    for pk, at in rows.values_list("patient").annotate(at=Max("at")):
        yield pk, {"quoted_on": local_date(at)}


def _payments(patients: list[int]) -> Iterator[tuple[int, Facts]]:
    """Orders whose money stayed; a refund takes its order out again."""
    rows: Any = Payment.objects.for_bills().filter(order__patient__in=patients).order_by()
    grouped = rows.values_list("order__patient", "bill").annotate(
        net=Sum("amount"), at=Max("at", filter=~Q(kind=PaymentKind.REFUND))
    )
    found: dict[int, Facts] = {}
    for pk, _order, net, at in grouped:
        facts = found.setdefault(pk, {"paid_times": 0, "paid_total": Decimal(0), "paid_on": None})
        facts["paid_total"] += net
        if net > 0 and at is not None:
            facts["paid_times"] += 1
            facts["paid_on"] = max(facts["paid_on"] or local_date(at), local_date(at))
    yield from found.items()


def _surveys(patients: list[int]) -> Iterator[tuple[int, Facts]]:
    rows = Survey.objects.filter(case__patient__in=patients, answered_at__isnull=False)
    for pk, at, score in rows.order_by("answered_at", "pk").values_list(
        "case__patient", "answered_at", "score"
    ):
        if at is not None:
            yield pk, {"score": score, "scored_on": local_date(at)}


def _consents(people: Mapping[int, Patient], now: datetime) -> Iterator[tuple[int, Facts]]:
    found = standings(people.values(), (MARKETING, PROFILING, CARE), now)
    no = {ChipState.REFUSED, ChipState.WITHDRAWN}
    for (pk, code), state in found.items():
        if code == MARKETING:
            yield pk, {"agrees_marketing": state == ChipState.GIVEN}
        elif code == CARE:
            yield pk, {"agrees_care": state == ChipState.GIVEN}
        else:
            yield pk, {"agrees_profiling": state == ChipState.GIVEN, "refuses_profiling": state in no}
