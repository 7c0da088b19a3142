"""A guardian is an adult whose papers somebody has seen."""

from datetime import date, datetime

import pytest

from tests.factories.people import GuardianFactory, PatientFactory, StaffFactory
from yimei.core.errors import NotFound, RuleBroken
from yimei.people import queries
from yimei.people.actions import guardians
from yimei.people.enums import Relation
from yimei.people.models import Guardian, Staff

pytestmark = pytest.mark.django_db


def link(by: Staff, now: datetime, **given: object) -> Guardian:
    patient = PatientFactory(campus=by.campus)
    values = {"name": "林芳", "phone": "12000000001", "relation": Relation.MOTHER, "proof": "户口簿"}
    return guardians.link(patient.public_id, **{**values, **given}, by=by, at=now)  # type: ignore[arg-type]


def test_a_guardian_is_linked_then_verified(now: datetime) -> None:
    by = StaffFactory()
    guardian = link(by, now, id_no="11010519491231002X")
    assert guardian.verified_at is None
    verified = guardians.verify(guardian.public_id, by=by, at=now)
    assert (verified.verified_at, verified.verified_by) == (now, by)
    with pytest.raises(RuleBroken, match="已核对"):
        guardians.verify(guardian.public_id, by=by, at=now)


def test_a_guardian_is_not_a_customer_to_be_searched(now: datetime) -> None:
    by = StaffFactory()
    link(by, now)
    assert queries.search("林芳", by=by) == []


@pytest.mark.parametrize("birth_date", [None, date(2008, 6, 17)])
def test_one_not_proved_to_be_of_age_guards_nobody(now: datetime, birth_date: date | None) -> None:
    by = StaffFactory()
    guardian = link(by, now, birth_date=birth_date)
    with pytest.raises(RuleBroken, match="18 周岁"):
        guardians.verify(guardian.public_id, by=by, at=now)


@pytest.mark.parametrize("proof", ["", "   ", "证" * 201])
def test_the_proof_is_named(now: datetime, proof: str) -> None:
    with pytest.raises(RuleBroken, match="关系证明"):
        link(StaffFactory(), now, proof=proof)


def test_only_who_writes_customers_down_looks_at_the_papers(now: datetime) -> None:
    guardian = GuardianFactory(verified_at=None, verified_by=None)
    nurse = StaffFactory(role="nurse", campus=guardian.patient.campus)
    with pytest.raises(NotFound):
        guardians.verify(guardian.public_id, by=nurse, at=now)


def test_a_guardian_of_another_campus_is_not_there(now: datetime) -> None:
    with pytest.raises(NotFound):
        guardians.verify(GuardianFactory().public_id, by=StaffFactory(), at=now)
