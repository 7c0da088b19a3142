from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.hospital import CampusFactory
from tests.hospital.conftest import Clerk
from yimei.audit.models import Entry
from yimei.core.errors import RuleBroken
from yimei.hospital import queries
from yimei.hospital.actions import calendar, forms, prices, procedures, reference
from yimei.hospital.enums import DayKind, FormKind
from yimei.hospital.models import (
    AftercareStep,
    CalendarDay,
    FormTemplate,
    Price,
    Procedure,
    ProcedureForm,
    ProcedureTest,
    TestItem,
)

pytestmark = pytest.mark.django_db

MODELS = [
    AftercareStep,
    CalendarDay,
    FormTemplate,
    Price,
    Procedure,
    ProcedureForm,
    ProcedureTest,
    TestItem,
]


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in MODELS}


def codes(procedure_code: str) -> tuple[set[str], set[str]]:
    procedure = Procedure.objects.get(code=procedure_code)
    tests = {row.test.code for row in procedure.required_tests.select_related("test")}
    return tests, {row.form_code for row in procedure.required_forms.all()}


def test_a_second_load_adds_nothing_and_writes_no_line(now: datetime) -> None:
    campus = CampusFactory()
    added = reference.load(campus_codes=[campus.code], at=now)
    before = counts()
    assert min(before.values()) > 0
    assert added["procedures"] == added["prices"] == before["Procedure"]
    again = reference.load(campus_codes=[campus.code], at=now + timedelta(days=40))
    assert set(again.values()) == {0}
    assert counts() == before
    assert Entry.objects.get().action == "hospital.reference.load"


def test_a_campus_that_is_not_there_is_named(now: datetime) -> None:
    with pytest.raises(RuleBroken, match="没有这些院区：NOPE"):
        reference.load(campus_codes=["NOPE"], at=now)
    assert not TestItem.objects.exists()


def test_a_new_campus_gets_its_prices_later(now: datetime) -> None:
    first, second = CampusFactory(), CampusFactory()
    reference.load(campus_codes=[first.code], at=now)
    added = reference.load(campus_codes=[first.code, second.code], at=now)
    assert added["prices"] == Procedure.objects.count() == second.prices.count()


def test_every_procedure_can_be_quoted_consented_and_followed_up(now: datetime) -> None:
    campus = CampusFactory()
    reference.load(campus_codes=[campus.code], at=now)
    for offer in queries.catalogue_of(campus, date(2026, 7, 1)):
        procedure = offer.procedure
        assert offer.price is not None
        assert procedure.confirmed_at is None
        kinds = [form.kind for form in queries.forms_for(procedure, now)]
        assert kinds.count(FormKind.SURGERY) == kinds.count(FormKind.IMAGE) == 1
        assert (FormKind.ANAESTHESIA in kinds) == procedure.needs_anaesthetist
        assert procedure.aftercare_steps.exists()
        assert queries.advice_for(procedure, now) is not None
        assert bool(queries.tests_for(procedure, "F")) == procedure.is_operation


def test_tests_and_forms_follow_the_class_of_the_procedure(now: datetime) -> None:
    reference.load(campus_codes=[], at=now)
    deep = {"UA", "K", "NA", "CXR"}
    eye_tests, eye_forms = codes("EYE-INC")
    assert {"WBC", "HBSAG", "ECG", "UHCG"} <= eye_tests
    assert not eye_tests & {*deep, "BREAST-US", "FACE-CT"}
    assert eye_forms == {"consent-eye", "image"}
    breast_tests, breast_forms = codes("BREAST-IMP")
    assert breast_tests == eye_tests | deep | {"BREAST-US"}
    assert breast_forms == {"consent-breast", "anaesthesia-general", "image"}
    assert codes("BONE-ANG")[0] == eye_tests | deep | {"FACE-CT", "ORAL"}
    assert codes("FACE-FAT")[0] == eye_tests | deep
    assert codes("INJ-BTX") == (set(), {"consent-injection", "image"})


def test_what_staff_edited_or_confirmed_is_left_alone(clerk: Clerk, now: datetime) -> None:
    campus = CampusFactory()
    reference.load(campus_codes=[campus.code], at=now)
    eyelid = Procedure.objects.get(code="EYE-INC")
    procedures.update(eyelid.public_id, minutes_p50=50, by=clerk, at=now)
    procedures.require_tests(eyelid.public_id, codes=["ECG"], by=clerk, at=now)
    procedures.confirm(eyelid.public_id, by=clerk, at=now)
    prices.set(
        eyelid.public_id,
        campus=campus,
        amount=Decimal(9000),
        from_day=date(2026, 7, 2),
        by=clerk,
        at=now,
    )
    calendar.set_day(date(2026, 1, 1), kind=DayKind.WORKDAY, name="加班", source="本院", by=clerk, at=now)
    calendar.clear_day(date(2026, 10, 1), by=clerk, at=now)
    before = counts()
    reference.load(campus_codes=[campus.code], at=now)
    eyelid.refresh_from_db()
    assert counts() == before
    assert (eyelid.minutes_p50, eyelid.confirmed_at) == (50, now)
    assert codes("EYE-INC")[0] == {"ECG"}
    assert queries.calendar_table([2026])[date(2026, 1, 1)] == DayKind.WORKDAY


@pytest.fixture
def edit_eye_consent(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Pretend that the next release ships another text."""
    read = reference.read

    def edit(text: str) -> None:
        def changed(name: str) -> Mapping[str, Any]:
            data: Any = deepcopy(read(name))
            if name == "forms":
                data["edition"] = "（下一版）"
                eye = next(form for form in data["forms"] if form["code"] == "consent-eye")
                eye["sections"].append({"title": "新增", "paragraphs": [text]})
            return data

        monkeypatch.setattr(reference, "read", changed)

    return edit


def test_a_changed_text_of_ours_is_a_new_version(
    edit_eye_consent: Callable[[str], None], now: datetime
) -> None:
    reference.load(campus_codes=[], at=now)
    edit_eye_consent("新的风险。")
    added = reference.load(campus_codes=[], at=now + timedelta(days=1))
    assert added["forms"] == 1
    newest = queries.newest_form("consent-eye", now + timedelta(days=1))
    assert newest is not None
    assert (newest.version, newest.sections[-1]["paragraphs"]) == (2, ["新的风险。"])
    assert queries.newest_form("consent-eye", now) == FormTemplate.objects.get(code="consent-eye", version=1)


def test_a_text_of_the_hospitals_own_is_never_overtaken(
    edit_eye_consent: Callable[[str], None], clerk: Clerk, now: datetime
) -> None:
    reference.load(campus_codes=[], at=now)
    forms.publish(
        "consent-eye",
        kind=FormKind.SURGERY,
        title="本院眼部手术同意书",
        sections=[{"title": "风险", "paragraphs": ["本院文本。"]}],
        by=clerk,
        at=now,
    )
    edit_eye_consent("新的风险。")
    assert reference.load(campus_codes=[], at=now)["forms"] == 0
    newest = queries.newest_form("consent-eye", now)
    assert newest is not None
    assert newest.title == "本院眼部手术同意书"
