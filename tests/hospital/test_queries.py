from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.factories.hospital import (
    CalendarDayFactory,
    CampusFactory,
    DepartmentFactory,
    DeviceFactory,
    FormTemplateFactory,
    PriceFactory,
    ProcedureFactory,
    RoomFactory,
    ShiftFactory,
    TestItemFactory,
)
from yimei.core.errors import NotFound
from yimei.hospital import access, queries
from yimei.hospital.enums import DayKind, FormKind, Grade, InstitutionKind, RoomKind

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 1)


def test_a_campus_offers_what_it_may_perform_at_the_price_of_the_day(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    campus, other = CampusFactory(max_grade=Grade.TWO), CampusFactory()
    eyelid, breast = ProcedureFactory(name="重睑"), ProcedureFactory(general=True)
    ProcedureFactory(grade=Grade.FOUR)
    ProcedureFactory(is_active=False)
    PriceFactory(procedure=eyelid, campus=campus, amount=Decimal(7000), valid_to=TODAY)
    PriceFactory(procedure=eyelid, campus=campus, amount=Decimal(7800), valid_from=TODAY)
    PriceFactory(procedure=eyelid, campus=other, amount=Decimal(9999))
    with django_assert_num_queries(1):
        offers = {offer.procedure.name: offer.price for offer in queries.catalogue_of(campus, TODAY)}
    assert offers == {"重睑": Decimal("7800.00"), breast.name: None}


def test_the_kind_of_institution_limits_the_offer_too() -> None:
    ProcedureFactory(general=True)
    clinic = CampusFactory(institution_kind=InstitutionKind.CLINIC, max_grade=Grade.FOUR)
    assert queries.catalogue_of(clinic, TODAY) == []


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), Decimal("7800.00")),
        (date(2026, 6, 30), Decimal("7800.00")),
        (date(2026, 7, 1), None),
    ],
)
def test_a_price_holds_from_its_first_day_to_the_day_before_its_last(
    day: date, expected: Decimal | None
) -> None:
    price = PriceFactory(valid_to=TODAY)
    assert queries.price_on(price.procedure, price.campus, day) == expected


def test_lists_of_places_leave_out_what_is_closed_and_what_is_elsewhere() -> None:
    campus = CampusFactory()
    theatre = RoomFactory(campus=campus, kind=RoomKind.OR)
    consult = RoomFactory(campus=campus, kind=RoomKind.CONSULT)
    device, department = DeviceFactory(campus=campus), DepartmentFactory(campus=campus)
    shift = ShiftFactory(campus=campus)
    RoomFactory(campus=campus, kind=RoomKind.OR, is_active=False)
    RoomFactory(kind=RoomKind.OR)
    DeviceFactory(campus=campus, is_active=False)
    DepartmentFactory(campus=campus, is_active=False)
    closed = CampusFactory(is_active=False)
    assert list(queries.rooms(campus, RoomKind.OR)) == [theatre]
    assert set(queries.rooms(campus)) == {theatre, consult}
    assert list(queries.devices(campus)) == [device]
    assert list(queries.departments(campus)) == [department]
    assert list(queries.shifts(campus)) == [shift]
    assert closed not in queries.campuses()


@pytest.mark.parametrize(
    ("sex", "expected"),
    [("F", {"ECG", "HGB-F", "UHCG"}), ("M", {"ECG", "HGB-M"}), ("U", {"ECG", "HGB-F", "HGB-M", "UHCG"})],
)
def test_tests_follow_the_sex_and_an_unknown_sex_passes_them_all(
    sex: str, expected: set[str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tests = [
        TestItemFactory(code=code, only_sex=only)
        for code, only in (("ECG", ""), ("HGB-F", "F"), ("HGB-M", "M"), ("UHCG", "F"))
    ]
    TestItemFactory(code="NOT-ASKED")
    procedure = ProcedureFactory(tests=tests)
    with django_assert_num_queries(1):
        assert {test.code for test in queries.tests_for(procedure, sex)} == expected


def test_the_newest_published_version_of_a_document_counts(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    FormTemplateFactory(code="consent-eye", version=1)
    second = FormTemplateFactory(code="consent-eye", version=2, published_at=at)
    FormTemplateFactory(code="consent-eye", version=3, published_at=at + timedelta(days=1))
    image = FormTemplateFactory(code="image", kind=FormKind.IMAGE)
    procedure = ProcedureFactory(forms=["image", "consent-eye"])
    assert queries.newest_form("consent-eye", at) == second
    assert queries.newest_form("consent-nose", at) is None
    with django_assert_num_queries(2):
        assert queries.forms_for(procedure, at) == [second, image]


def test_advice_of_the_category_comes_before_the_general_one() -> None:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    procedure = ProcedureFactory()
    assert queries.advice_for(procedure, at) is None
    general = FormTemplateFactory(code="advice-general", kind=FormKind.ADVICE)
    assert queries.advice_for(procedure, at) == general
    eye = FormTemplateFactory(code="advice-eye", kind=FormKind.ADVICE)
    assert queries.advice_for(procedure, at) == eye


def test_the_calendar_table_holds_the_years_asked_for() -> None:
    CalendarDayFactory(day=date(2026, 10, 1))
    CalendarDayFactory(day=date(2026, 10, 10), kind=DayKind.WORKDAY)
    CalendarDayFactory(day=date(2025, 10, 1))
    assert queries.calendar_table([2026, 2027]) == {
        date(2026, 10, 1): DayKind.HOLIDAY,
        date(2026, 10, 10): DayKind.WORKDAY,
    }


def test_an_id_opens_its_row_or_nothing() -> None:
    procedure, shift, campus = ProcedureFactory(), ShiftFactory(), CampusFactory()
    assert access.open_procedure(procedure.public_id) == procedure
    assert access.open_shift(shift.public_id, lock=True) == shift
    assert access.open_campus(campus.public_id) == campus
    with pytest.raises(NotFound):
        access.open_procedure(uuid4())
