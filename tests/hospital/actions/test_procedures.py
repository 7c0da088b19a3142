from datetime import datetime
from decimal import Decimal

import pytest

from tests.factories.hospital import (
    AftercareStepFactory,
    FormTemplateFactory,
    ProcedureFactory,
    TestItemFactory,
)
from tests.hospital.conftest import Clerk
from yimei.audit.models import Entry
from yimei.core.errors import RuleBroken
from yimei.hospital.actions import procedures
from yimei.hospital.actions.procedures import Step
from yimei.hospital.enums import Anaesthesia, Category, Field, Grade, StepKind
from yimei.hospital.models import Procedure

pytestmark = pytest.mark.django_db


def confirmed(clerk: Clerk, now: datetime) -> Procedure:
    return ProcedureFactory(confirmed_at=now, confirmed_by=clerk.public_id)


def test_a_new_procedure_waits_for_its_confirmation(clerk: Clerk, now: datetime) -> None:
    procedure = procedures.create(
        code="EAR-01",
        name="耳整形",
        category=Category.OTHER,
        field=Field.SURGERY,
        grade=Grade.ONE,
        anaesthesia=Anaesthesia.LOCAL,
        minutes_p50=60,
        minutes_p90=90,
        setup_minutes=10,
        turnover_minutes=15,
        by=clerk,
        at=now,
    )
    assert procedure.confirmed_at is None
    assert Entry.objects.get().action == "hospital.procedure.create"


def test_confirming_says_who_and_when_and_happens_once(clerk: Clerk, now: datetime) -> None:
    procedure = ProcedureFactory()
    procedures.confirm(procedure.public_id, by=clerk, at=now)
    procedure.refresh_from_db()
    assert (procedure.confirmed_at, procedure.confirmed_by) == (now, clerk.public_id)
    with pytest.raises(RuleBroken, match="已经临床确认"):
        procedures.confirm(procedure.public_id, by=clerk, at=now)
    assert Entry.objects.get().action == "hospital.procedure.confirm"


def test_a_clinical_change_asks_for_a_new_confirmation(clerk: Clerk, now: datetime) -> None:
    procedure = confirmed(clerk, now)
    procedures.update(procedure.public_id, minutes_p90=150, by=clerk, at=now)
    procedure.refresh_from_db()
    assert procedure.minutes_p90 == 150
    assert (procedure.confirmed_at, procedure.confirmed_by) == (None, None)


def test_a_new_name_or_deposit_keeps_the_confirmation(clerk: Clerk, now: datetime) -> None:
    procedure = confirmed(clerk, now)
    procedures.update(
        procedure.public_id,
        name="全切重睑",
        deposit=Decimal(2000),
        grade=Grade(procedure.grade),
        by=clerk,
        at=now,
    )
    procedure.refresh_from_db()
    assert procedure.name == "全切重睑"
    assert procedure.confirmed_at == now
    assert Entry.objects.get().fields == ["name", "deposit"]


def test_times_that_cannot_be_are_refused_and_nothing_is_lost(clerk: Clerk, now: datetime) -> None:
    procedure = confirmed(clerk, now)
    with pytest.raises(RuleBroken):
        procedures.update(procedure.public_id, minutes_p90=10, by=clerk, at=now)
    procedure.refresh_from_db()
    assert (procedure.minutes_p90, procedure.confirmed_at) == (120, now)


def test_tests_and_forms_are_replaced_as_a_whole(clerk: Clerk, now: datetime) -> None:
    old = TestItemFactory(code="OLD")
    procedure = ProcedureFactory(tests=[old], forms=["image"])
    TestItemFactory(code="ECG")
    FormTemplateFactory(code="consent-eye")
    procedures.require_tests(procedure.public_id, codes=["ECG"], by=clerk, at=now)
    procedures.require_forms(procedure.public_id, codes=["consent-eye"], by=clerk, at=now)
    assert [row.test.code for row in procedure.required_tests.all()] == ["ECG"]
    assert [row.form_code for row in procedure.required_forms.all()] == ["consent-eye"]


def test_a_code_that_is_not_there_is_named_and_nothing_changes(clerk: Clerk, now: datetime) -> None:
    procedure = ProcedureFactory(tests=[TestItemFactory(code="ECG")], forms=["image"])
    with pytest.raises(RuleBroken, match="没有这些编码：NOPE"):
        procedures.require_tests(procedure.public_id, codes=["ECG", "NOPE"], by=clerk, at=now)
    with pytest.raises(RuleBroken, match="没有这些编码：NOPE"):
        procedures.require_forms(procedure.public_id, codes=["NOPE"], by=clerk, at=now)
    assert procedure.required_tests.count() == procedure.required_forms.count() == 1


def test_the_aftercare_template_is_replaced_and_waits_for_confirmation(clerk: Clerk, now: datetime) -> None:
    procedure = confirmed(clerk, now)
    AftercareStepFactory(procedure=procedure)
    steps = [Step(StepKind.CALL, "电话回访", 1), Step(StepKind.SUTURES, "拆线", 6, 48)]
    procedures.plan_aftercare(procedure.public_id, steps=steps, by=clerk, at=now)
    procedure.refresh_from_db()
    rows = procedure.aftercare_steps.values_list("kind", "day", "window_hours")
    assert list(rows) == [("call", 1, 24), ("sutures", 6, 48)]
    assert procedure.confirmed_at is None
    with pytest.raises(RuleBroken, match="内容"):
        procedures.plan_aftercare(procedure.public_id, steps=[Step(StepKind.CALL, "", 1)], by=clerk, at=now)
    assert procedure.aftercare_steps.count() == 2
