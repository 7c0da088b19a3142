"""What the database itself refuses of the chart; and refusals of actions beside the one story."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, models, transaction

from tests.factories.people import LicenceFactory, PrivilegeFactory
from tests.stories.hospital import DAY, DOCUMENTS, MINUTE, TEN, Customer, Hospital, refused, signature
from yimei.core.errors import NotFound
from yimei.journey.actions import aftercare, consents, plans, surgeries, surveys
from yimei.journey.enums import CaseStage, ClavienDindo
from yimei.journey.models import (
    AftercareTask,
    Assessment,
    ConsentForm,
    Discharge,
    Plan,
    Surgery,
    Survey,
    TestResult,
)
from yimei.outbox import registry
from yimei.people.models import Staff
from yimei.privacy.actions.consents import withdraw

TestResult.__test__ = False  # type: ignore[attr-defined]  # of a laboratory, nothing for pytest to collect
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow(reason="loads the whole catalogue and walks to the theatre"),
]
KNIFE = TEN + 2 * DAY


@pytest.fixture
def she() -> Customer:
    """Planned, with her deposit paid."""
    customer = Customer(Hospital())
    customer.walk_in()
    customer.walk_to_plan()
    return customer


@pytest.fixture
def home(she: Customer) -> Customer:
    """Operated and back at home."""
    she.walk_to_theatre(KNIFE)
    she.walk_through_theatre()
    she.walk_home()
    return she


def database_refuses(rows: models.QuerySet[Any], name: str, **change: object) -> None:
    assert rows.exists()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        rows.update(**change)


def database_keeps(rows: models.QuerySet[Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        rows._raw_delete(rows.db)


# ---- the database ---------------------------------------------------------------------------------


def test_what_was_written_down_in_the_chart_stays(home: Customer) -> None:
    aftercare.review(
        home.case.public_id,
        findings="切口愈合好",
        complication=ClavienDindo.NONE,
        complication_note="",
        goal_reached=8,
        by=home.at.surgeon,
        now=home.at.now,
    )
    surgery = Surgery.objects.get()
    append_only: list[tuple[models.QuerySet[Any], str, dict[str, object]]] = [
        (Assessment.objects.all(), "assessment_append_only", {"is_fit": False}),
        (TestResult.objects.all(), "test_result_append_only", {"is_abnormal": True}),
        (surgery.observations.all(), "observation_append_only", {"spo2": 100}),
        (surgery.phases.all()[0].signatures.all(), "checklist_signature_append_only", {"at": TEN}),
        (home.case.reviews.all(), "review_append_only", {"goal_reached": 10}),
        (Plan.objects.all(), "plan_frozen_when_final", {"price": 1}),
        (ConsentForm.objects.all(), "consent_form_frozen", {"pdf_sha256": "0" * 64}),
    ]
    for rows, name, change in append_only:
        database_refuses(rows, name, **change)
        database_keeps(rows, name)


def test_the_database_knows_the_order_of_times(she: Customer) -> None:
    she.schedule(KNIFE)
    rows = Surgery.objects.all()
    for change in (
        {"incision_at": KNIFE},
        {"anaesthesia_at": KNIFE, "incision_at": KNIFE - MINUTE},
        {"anaesthesia_at": KNIFE, "closure_at": KNIFE},
        {"anaesthesia_at": KNIFE, "incision_at": KNIFE, "closure_at": KNIFE - MINUTE},
        {"left_at": KNIFE},
    ):
        database_refuses(rows, "surgery_times_in_order", **change)
    database_refuses(rows, "surgery_ends_after_start", ends_at=KNIFE)
    database_refuses(rows, "surgery_status_known", status="asleep")
    now = rows.get()
    assert (now.status, now.anaesthesia_at, now.incision_at, now.closure_at, now.left_at) == (
        "scheduled", None, None, None, None,
    )  # fmt: skip


def test_a_case_has_one_chosen_plan_and_one_open_operation(she: Customer) -> None:
    she.schedule(KNIFE)
    first = Surgery.objects.get()
    twin = {
        field.attname: getattr(first, field.attname)
        for field in Surgery._meta.concrete_fields
        if field.name not in {"id", "public_id", "record"}
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Surgery.objects.create(**twin)
    with transaction.atomic():
        twin["status"] = "cancelled"
        Surgery.objects.create(**twin)
    chosen = she.plan
    she.write_plan(sites="加内眦")
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(case=she.case).update(status="chosen")
    assert Plan.objects.get(pk=chosen.pk).status == "superseded"


def test_one_document_in_force_for_each_plan_and_template(she: Customer) -> None:
    form = she.sign("consent-eye")
    fields = {
        field.attname: getattr(form, field.attname)
        for field in ConsentForm._meta.concrete_fields
        if field.name not in {"id", "public_id", "questions"}
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentForm.objects.create(**fields)


def test_impossible_bodies_scores_and_answers_stay_out(home: Customer) -> None:
    known = Assessment.objects.get()
    whole = {field.name: getattr(known, field.name) for field in Assessment._meta.concrete_fields}
    for name, odd in (("assessment_body_sane", {"height_cm": 300}), ("assessment_asa_known", {"asa": 5})):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Assessment.objects.create(**whole | odd | {"id": None, "public_id": uuid4()})
    database_refuses(AftercareTask.objects.all(), "aftercare_done_by_someone", status="done")
    discharge = Discharge.objects.all()
    database_refuses(discharge, "discharge_two_names", second=discharge.get().by)


# ---- actions --------------------------------------------------------------------------------------


def test_a_gate_of_recovery_is_overruled_by_two_names_and_a_reason(she: Customer) -> None:
    at = she.at
    she.walk_to_theatre(KNIFE)
    she.walk_through_theatre()
    at.later(minutes=10)
    she.observe(pulse=125)
    reason = "患者坚持离院，家属已签字确认"
    refused(lambda: she.go_home(override_reason=reason), "两名医护人员")
    refused(lambda: she.go_home(override_reason=reason, second=at.nurse), "两名医护人员")
    refused(lambda: she.go_home(override_reason=reason, second=at.cashier), "须为医护人员")
    refused(lambda: she.go_home(override_reason="太短", second=at.surgeon), "至少 10 个字")
    refused(
        lambda: she.go_home(override_reason=reason, second=at.surgeon, escort_name=""), "陪同人姓名与电话"
    )
    row = she.go_home(override_reason=reason, second=at.surgeon)
    assert (row.second, row.override_reason) == (at.surgeon, reason)
    refused(she.go_home, "手术不能从「已离院」变为「已离院」")
    refused(she.observe, "患者不在恢复室")


def test_two_names_are_not_written_where_nothing_was_overruled(home: Customer) -> None:
    assert (home.surgery.discharge.second, home.surgery.discharge.override_reason) == (None, "")


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        ("", "签名没有收到"),
        ("data:image/jpeg;base64,AAAA", "签名没有收到"),
        ("data:image/png;base64,????", "签名图片无法读取"),
        ("data:image/png;base64,AAAA", "签名图片无法读取"),
        ("data:image/png;base64," + "A" * 600_000, "签名没有收到"),
    ],
)
def test_what_is_no_drawn_signature_is_refused(drawn: str, words: str) -> None:
    refused(lambda: consents.read_signature(drawn), words)
    assert consents.read_signature(signature()).startswith(b"\x89PNG")


def test_an_operation_off_the_board_takes_its_way_back(she: Customer) -> None:
    """A new version by another surgeon takes the operation off: room and team were made for the first."""
    at = she.at
    she.schedule(KNIFE)
    other: Staff = at.staff("surgeon", "李航")
    LicenceFactory(staff=other)
    PrivilegeFactory(staff=other)
    other.care_relations.create(patient=she.patient, reason="surgeon", since=at.now)
    she.write_plan(by=other, sites="由李医生主刀")
    heard = plans.Choice(words="就选这个", witness=at.nurse.public_id)
    plans.choose(she.plan.public_id, by=other, now=at.now, choice=heard)
    she.case.refresh_from_db()
    surgery = Surgery.objects.get()
    assert (surgery.status, she.case.stage) == ("cancelled", CaseStage.PLANNED)
    assert "v2" in surgery.cancel_reason
    assert not surgery.claims.filter(released_at=None).exists()


def test_a_plan_is_not_changed_under_the_knife(she: Customer) -> None:
    she.walk_to_theatre(KNIFE)
    she.enter()
    refused(lambda: she.write_plan(sites="临时加做"), "手术中")
    assert "临时加做" not in [one.sites for one in Plan.objects.all()]


def test_strangers_find_no_operation(she: Customer) -> None:
    she.schedule(KNIFE)
    stranger = she.at.staff("surgeon", "别的医生")
    for act in (
        lambda: surgeries.enter_room(she.surgery.public_id, by=stranger, now=KNIFE),
        lambda: surgeries.enter_room(she.surgery.public_id, by=she.at.scheduler, now=KNIFE),
        lambda: surgeries.cancel(she.surgery.public_id, reason="误点", by=she.at.surgeon, now=KNIFE),
    ):
        refused(act, kind=NotFound)
    assert (she.surgery.status, she.surgery.entered_at) == ("scheduled", None)


def test_a_red_flag_puts_the_surgeon_next(home: Customer) -> None:
    at, task = home.at, home.case.aftercare_tasks.first()
    assert task is not None
    at.now = task.due_at
    aftercare.finish_task(task.public_id, outcome="左眼视物模糊", has_red_flag=True, by=at.carer, now=at.now)
    home.case.refresh_from_db()
    assert (home.case.next_owner, home.case.next_due_at) == (at.surgeon, at.now)
    refused(
        lambda: aftercare.finish_task(
            task.public_id, outcome="再记一次", has_red_flag=False, by=at.carer, now=at.now
        ),
        "已完成",
    )


def test_a_survey_that_ran_out_lets_the_case_end(home: Customer) -> None:
    at = home.at
    at.later(days=30)
    aftercare.review(
        home.case.public_id,
        findings="形态稳定",
        complication=ClavienDindo.NONE,
        complication_note="",
        goal_reached=9,
        by=at.surgeon,
        now=at.now,
    )
    survey = Survey.objects.get()
    link = home.patient.messages.get(template__code="survey.invite").params["link"]
    token = link.rstrip("/").rsplit("/", 1)[-1]
    at.now = survey.expires_at
    refused(
        lambda: surveys.answer(token, score=9, dimensions={}, comment="", now=at.now), "过期", kind=NotFound
    )
    assert aftercare.close(home.case.public_id, by=at.carer, now=at.now).stage == "closed"


def test_a_withdrawal_in_the_middle_of_treatment_stops_the_next_step_until_she_agrees_again(
    she: Customer,
) -> None:
    at = she.at
    she.schedule(KNIFE)
    she.sign(DOCUMENTS[0])
    withdraw(she.patient, "care.health", by=at.reception, now=at.now)
    refused(lambda: she.sign(DOCUMENTS[1]), "已经撤回", "健康信息单独同意", "desk:patient-consents")
    at.later(minutes=5)
    she.agree("care.health")
    for code in DOCUMENTS[1:]:
        she.sign(code)
    at.now = KNIFE
    withdraw(she.patient, "care.health", by=at.reception, now=at.now)
    refused(she.enter, "健康信息单独同意", "desk:patient-consents")
    at.later(minutes=5)
    she.agree("care.health")
    assert she.enter().entered_at == at.now


def test_nobody_is_advertised_to_round_an_operation(she: Customer) -> None:
    at = she.at
    say: Callable[[], str] = lambda: registry.reason_to_be_quiet(she.patient, at.now)
    assert say() == ""
    she.schedule(KNIFE)
    assert "14 天" in say()
    for code in DOCUMENTS:
        she.sign(code)
    at.now = KNIFE
    she.enter()
    assert "尚未离院" in say()


def test_a_complication_keeps_a_customer_quiet_until_it_is_over(home: Customer) -> None:
    at = home.at
    at.later(days=30)
    assert registry.reason_to_be_quiet(home.patient, at.now) == ""
    for grade, words in ((ClavienDindo.TWO, "并发症"), (ClavienDindo.NONE, "")):
        at.later(hours=1)
        aftercare.review(
            home.case.public_id,
            findings="复查",
            complication=grade,
            complication_note="抗感染治疗" if words else "",
            goal_reached=7,
            by=at.surgeon,
            now=at.now,
        )
        assert words in registry.reason_to_be_quiet(home.patient, at.now)
        assert bool(registry.reason_to_be_quiet(home.patient, at.now)) == bool(words)
