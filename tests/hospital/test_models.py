from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.factories.hospital import (
    CalendarDayFactory,
    CampusFactory,
    FormTemplateFactory,
    PriceFactory,
    ProcedureFactory,
    RoomFactory,
    ShiftFactory,
)
from yimei.hospital.enums import Anaesthesia, Grade

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("factory", "fields", "constraint"),
    [
        (CampusFactory, {"max_grade": 5}, "campus_grade_known"),
        (ShiftFactory, {"starts": time(18), "ends": time(9)}, "shift_ends_after_start"),
        (ProcedureFactory, {"grade": 9}, "procedure_grade_known"),
        (ProcedureFactory, {"minutes_p50": 90, "minutes_p90": 60}, "procedure_minutes_sane"),
        (ProcedureFactory, {"confirmed_at": datetime(2026, 1, 1, tzinfo=UTC)}, "procedure_confirmed_by"),
        (PriceFactory, {"amount": -1}, "price_not_negative"),
        (PriceFactory, {"valid_to": date(2026, 1, 1)}, "price_ends_after_start"),
    ],
)
def test_the_database_refuses_what_must_never_be(
    factory: Callable[..., Any], fields: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        factory(**fields)


def test_codes_days_and_versions_stand_once() -> None:
    room, form, price = RoomFactory(), FormTemplateFactory(), PriceFactory()
    RoomFactory(code=room.code)
    again: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (RoomFactory, {"campus": room.campus, "code": room.code}),
        (FormTemplateFactory, {"code": form.code}),
        (
            PriceFactory,
            {"procedure": price.procedure, "campus": price.campus, "valid_from": price.valid_from},
        ),
        (
            PriceFactory,
            {"procedure": price.procedure, "campus": price.campus, "valid_from": date(2026, 8, 1)},
        ),
        (CalendarDayFactory, {}),
    ]
    CalendarDayFactory()
    for factory, fields in again:
        with pytest.raises(IntegrityError), transaction.atomic():
            factory(**fields)


@pytest.mark.parametrize(
    ("anaesthesia", "needed"),
    [
        (Anaesthesia.NONE, False),
        (Anaesthesia.TOPICAL, False),
        (Anaesthesia.LOCAL, False),
        (Anaesthesia.SEDATION, True),
        (Anaesthesia.GENERAL, True),
    ],
)
def test_an_anaesthetist_is_needed_from_sedation_on(anaesthesia: Anaesthesia, needed: bool) -> None:
    procedure = ProcedureFactory.build(anaesthesia=anaesthesia)
    assert procedure.needs_anaesthetist is needed


def test_grade_zero_is_no_operation() -> None:
    assert not ProcedureFactory.build(grade=Grade.NONE).is_operation
    assert ProcedureFactory.build(grade=Grade.ONE).is_operation
