"""Gathers what the gates of one case look at; a fixed number of queries, whatever the case holds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Model, prefetch_related_objects

from yimei.billing.enums import OrderStatus
from yimei.billing.queries import balance, orders_of
from yimei.core.clock import local_date
from yimei.core.database.rows import told_by
from yimei.core.errors import Missing
from yimei.hospital.enums import Field, Grade, InstitutionKind
from yimei.hospital.models import Procedure
from yimei.hospital.queries import photos_for, tests_for
from yimei.hospital.rules.catalogue import max_grade
from yimei.journey.enums import CaseStage, Phase, SurgeryStatus
from yimei.journey.models import (
    AnswerSet,
    Assessment,
    Case,
    ConsentForm,
    Photo,
    Plan,
    StopNote,
    StopOverride,
    Surgery,
    TestOrder,
)
from yimei.journey.queries import cooling, forms, photos, plans, recovery, stops
from yimei.journey.queries.reading import Reading
from yimei.journey.rules.gates import GATES, chart, person, work
from yimei.journey.rules.gates.facts import Facts, FormFact, Gate, TestFact
from yimei.journey.rules.photos import CLINICAL_PURPOSE
from yimei.journey.rules.tests import SPECIAL
from yimei.people.models import Patient
from yimei.people.queries import missing_to_operate, proved_guardians
from yimei.people.rules import capacity

OF_A_CASE = (
    AnswerSet,
    Assessment,
    ConsentForm,
    Photo,
    Plan,
    StopNote,
    StopOverride,
    Surgery,
    TestOrder,
)
"""What gates read of a case and most cases lack for long: one question tells which of it there is."""


def gather(
    case: Case,
    *,
    on: datetime,
    before: CaseStage | None = None,
    as_if_today: bool = False,
    reading: Reading | None = None,
    surgery: Surgery | None = None,
    filled: frozenset[type[Model]] | None = None,
) -> Facts:
    """Return the facts of a case as they will stand at ``on`` (now, or the planned time of the operation).

    ``before`` reads only what the gates of that stage look at; what was not read counts as not there.
    ``as_if_today`` judges signs against an operation as strictly as on its day. A page hands down what it
    has read: the customer, the operation on the board, in which tables the case has rows.
    """

    def asks(*wanted: Gate) -> bool:
        return before is None or any(gate in GATES[before] for gate in wanted)

    day = local_date(on)
    patient = case.patient
    reading = reading or Reading(patient)
    if filled is None:
        several = asks(chart.stops)
        filled = told_by(OF_A_CASE, [case.pk], by="case_id") if several else frozenset(OF_A_CASE)
    reads_plan = asks(work.plan, work.privilege, person.forms, person.cooling)
    plan = plans.in_force(case) if reads_plan and Plan in filled else None
    procedures = plans.procedures_of(plan) if plan else [case.procedure]
    if not asks(work.operation, work.sign_out, work.recovery):
        surgery = None
    elif surgery is None and Surgery in filled:
        surgery = open_surgery_of(case)
    assessment = case.assessments.first() if asks(chart.assessed) and Assessment in filled else None
    tests = _tests(case, procedures) if asks(chart.tests, chart.tested) and TestOrder in filled else ()
    minor = reading.needs_guardian(day)
    screenings = reading.screenings if asks(chart.screened) else ()
    chose_as_minor = plan is not None and plan.chosen_at is not None and _as_minor(patient, plan.chosen_at)
    days = (
        cooling.days(max(each.grade for each in procedures), minor=minor or chose_as_minor, on=day)
        if plan
        else 0
    )
    orders = [
        order
        for order in (orders_of(case.public_id) if asks(work.deposit) else ())
        if order.status != OrderStatus.CANCELLED
    ]
    balances = [balance(order) for order in orders]
    return Facts(
        case_id=case.public_id,
        patient_id=patient.public_id,
        on=day,
        is_registered=patient.is_registered,
        has_health_consent=asks(person.health_consent) and reading.consent("care.health", on) is not None,
        needs_guardian=minor,
        has_guardian=minor and proved_guardians(patient).exists(),
        is_consulted=asks(chart.consulted) and case.consultations.exclude(ended_at=None).exists(),
        is_assessed=assessment is not None,
        is_fit=assessment is not None and assessment.is_fit,
        has_body_image_concern=assessment is not None and assessment.body_image_concern,
        tests_ordered=bool(tests)
        or (asks(chart.tests, chart.tested) and not tests_for(case.procedure, patient.head.person.sex)),
        tests=tests,
        stops=stops.facts_of(
            case,
            on=day,
            is_final=as_if_today or before != CaseStage.SCHEDULED,
            reading=reading,
            filled=filled,
        )
        if asks(chart.stops)
        else (),
        referrals=screenings,
        plan_version=plan.version if plan else None,
        plan_is_chosen=plan is not None and plan.chosen_at is not None,
        choice_holds=plan is None or not minor or plans.choice_holds(plan, day),
        grade=max(each.grade for each in procedures),
        institution_grade=max_grade(
            InstitutionKind(case.campus.institution_kind), narrowed_to=Grade(case.campus.max_grade)
        ),
        privilege=_privilege(case, plan, on) if asks(work.privilege) else None,
        deposit_due=sum((each.deposit for each in balances), Decimal(0)),
        deposit_paid=sum((each.deposit_paid for each in balances), Decimal(0)),
        has_order=bool(orders),
        forms=_forms(plan, on, with_guardian=minor) if asks(person.forms) else (),
        cooling_until=plan.chosen_at + timedelta(days=days) if plan and plan.chosen_at and days else None,
        cooling_days=days,
        at=on,
        has_operation=surgery is not None,
        has_image_consent=asks(work.photos) and reading.consent(CLINICAL_PURPOSE, on) is not None,
        photos_due=len(photos_for(case.procedure).angles) if asks(work.photos) else 0,
        photos_taken=len(photos.taken_before(case)) if asks(work.photos) and Photo in filled else 0,
        sign_out_done=surgery is not None
        and asks(work.sign_out)
        and surgery.phases.filter(phase=Phase.SIGN_OUT).exclude(completed_at=None).exists(),
        recovery=recovery.missing(surgery, now=on) if surgery and asks(work.recovery) else None,
        has_review=asks(work.reviewed) and case.reviews.exists(),
        survey_settled=asks(work.surveyed) and _survey_settled(case, on),
    )


def _as_minor(patient: Patient, at: datetime) -> bool:
    """A birthday does not shorten the days to think again that ran already (T-1)."""
    return capacity.needs_guardian(patient.head.person.birth_date, local_date(at))


def open_surgery_of(case: Case, filled: frozenset[type[Model]] = frozenset({Surgery})) -> Surgery | None:
    """The operation of a case that was not cancelled; the newest, should there be several."""
    if Surgery not in filled:
        return None
    return case.surgeries.exclude(status=SurgeryStatus.CANCELLED).order_by("-starts_at").first()


def test_orders(case: Case) -> Sequence[TestOrder]:
    """The orders in force with their results, newest result first."""
    return list(
        case.test_orders.filter(cancelled_at=None)
        .select_related("test", "case__patient__person__vault_key")
        .prefetch_related("results", "test__ranges")
    )


def _tests(case: Case, procedures: Sequence[Procedure]) -> tuple[TestFact, ...]:
    """Each test in force with its newest result; one narrow query, nothing is decrypted."""
    orders = case.test_orders.filter(cancelled_at=None)
    rows = orders.order_by("ordered_at", "test__code", "pk", "results__recorded_at", "results__pk")
    newest: dict[int, TestFact] = {}
    for order, name, code, result, bad, accepts, valid_to in rows.values_list(
        "pk",
        "test__name",
        "test__code",
        "results__pk",
        "results__is_abnormal",
        "results__accepts",
        "results__valid_to",
    ):
        newest[order] = TestFact(
            name,
            is_done=result is not None,
            is_abnormal=bool(bad),
            is_accepted=bool(accepts),
            valid_to=valid_to,
            is_special=code in SPECIAL,
        )
    found = list(newest.values())
    if found and len(procedures) > 1:  # a further procedure may ask for more than was ordered
        known = {fact.name for fact in found}
        wanted = (test.name for each in procedures for test in tests_for(each, case.patient.head.person.sex))
        found += [TestFact(name) for name in dict.fromkeys(wanted) if name not in known]
    return tuple(found)


def _privilege(case: Case, plan: Plan | None, at: datetime) -> tuple[Missing, ...] | None:
    surgeon = plan.surgeon if plan else case.surgeon
    if surgeon is None:
        return None
    prefetch_related_objects([surgeon], "licences", "privileges")
    found: list[Missing] = []
    for procedure in plans.procedures_of(plan) if plan else [case.procedure]:
        found += missing_to_operate(
            surgeon, field=Field(procedure.field), grade=Grade(procedure.grade), on=local_date(at)
        )
    return tuple(dict.fromkeys(found))


def _forms(plan: Plan | None, at: datetime, *, with_guardian: bool) -> tuple[FormFact, ...]:
    if plan is None:
        return ()
    return tuple(
        FormFact(
            form.template.title,
            is_signed=form.signed is not None,
            was_voided=form.was_voided,
            is_outgrown=form.is_outgrown,
        )
        for form in forms.required(plan, at, with_guardian=with_guardian)
    )


def _survey_settled(case: Case, on: datetime) -> bool:
    survey = case.surveys.first()
    return survey is not None and (survey.answered_at is not None or survey.expires_at <= on)
