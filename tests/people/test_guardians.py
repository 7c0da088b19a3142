"""A guardian is an adult whose papers somebody has seen."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.factories.people import GuardianFactory, PatientFactory, StaffFactory
from yimei.config import reference
from yimei.core.errors import NotFound, RuleBroken
from yimei.people import queries
from yimei.people.actions import guardians, tokens
from yimei.people.enums import Relation, TokenKind
from yimei.people.models import Guardian, SearchToken, Staff
from yimei.vault import keys

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


# ---- proved before guardians had words ---------------------------------------------------------------


def of_a_child(**given: Any) -> Guardian:
    """On record for somebody who is still a child: for an adult nobody answers, and no word is written."""
    return GuardianFactory(**{"patient__person__birth_date": date(2012, 3, 8), **given})


def words(guardian: Guardian) -> int:
    return SearchToken.objects.filter(person=guardian.person, kind=TokenKind.GUARDIAN).count()


def test_an_upgrade_gives_those_who_were_proved_earlier_their_word_once(now: datetime) -> None:
    known, unproved, without = (
        of_a_child(person__phone="12000000021"),
        of_a_child(person__phone="12000000022", verified_at=None, verified_by=None),
        of_a_child(person__phone=""),
    )
    sealed = of_a_child(person__phone="12000000023", patient__sealed_at=now, patient__restricted_at=now)
    gone = of_a_child(person__phone="12000000024")
    keys.destroy(gone.person.vault_key, at=now)
    assert guardians.find_again(at=now) == 1
    assert [words(one) for one in (known, unproved, without, sealed, gone)] == [1, 0, 0, 0, 0]
    assert guardians.find_again(at=now) == 0
    grown = GuardianFactory(person__phone="12000000025")
    assert guardians.find_again(at=now) == 0
    assert words(grown) == 0


def test_a_mother_of_two_who_is_a_customer_herself_keeps_her_own_words(now: datetime) -> None:
    mother = PatientFactory(person__phone="12000000021")
    tokens.write(mother)
    before = set(SearchToken.objects.filter(person=mother.person).values_list("token", flat=True))
    of_a_child(person=mother.person)
    other = of_a_child(person__phone="12000000022")
    of_a_child(person=other.person)
    assert guardians.find_again(at=now) == 1
    assert set(SearchToken.objects.filter(person=mother.person).values_list("token", flat=True)) == before


@pytest.mark.slow(reason="loads all that ships")
def test_the_upgrade_itself_does_it(now: datetime) -> None:
    guardian = of_a_child(person__phone="12000000021")
    reference.load(now=now)
    assert words(guardian) == 1
