"""The nightly comparison of all files, and one pseudonym for one person in the mart."""

from datetime import date, datetime, timedelta

import duckdb
import pytest

from tests.factories.journey import BookingFactory, CaseFactory
from tests.factories.people import PatientFactory, StaffFactory
from yimei.insight.actions import duplicates, mart
from yimei.insight.models import Pseudonym
from yimei.people.actions import merges, pairs
from yimei.people.enums import PairSource
from yimei.people.models import DuplicatePair, Patient, Person
from yimei.rehearsal.rules.people import somebody

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_mart")]


def customers() -> list[int]:
    path = mart.store().current
    assert path
    with duckdb.connect() as con:
        file = path / "base" / "customer.parquet"
        return [row[0] for row in con.execute(f"SELECT customer FROM read_parquet('{file}')").fetchall()]


def booked() -> list[int]:
    path = mart.store().current
    assert path
    with duckdb.connect() as con:
        file = path / "base" / "booking.parquet"
        return [row[0] for row in con.execute(f"SELECT customer FROM read_parquet('{file}')").fetchall()]


def crowd(count: int) -> None:
    from random import Random

    for n in range(count):
        who = somebody(n, Random(f"crowd:{n}"), today=date(2026, 6, 16))
        PatientFactory(person__name=who.name, person__birth_date=who.birth_date, person__sex=who.sex)


def test_the_night_finds_who_was_written_down_twice_and_tells_once(now: datetime) -> None:
    crowd(40)
    known = PatientFactory(registered=True, person__name="欧阳静怡", person__birth_date=date(1991, 11, 3))
    phone = known.person.phone
    again = PatientFactory(person__name="欧阳静宜", person__phone=phone, person__birth_date=date(1991, 11, 3))
    PatientFactory(
        person__name="陈建国", person__phone=phone, person__birth_date=date(1988, 2, 1), person__sex="M"
    )
    assert duplicates.look_for_duplicates(now=now) == 1
    pair = DuplicatePair.objects.get()
    assert (pair.one, pair.two, pair.source) == (known, again, PairSource.NIGHTLY)
    names = Person.objects.values_list("public_id", flat=True).count()
    assert names == 43
    assert "欧阳" not in str(pair.evidence)
    assert duplicates.look_for_duplicates(now=now) == 0
    Patient.objects.filter(pk=again.pk).update(restricted_at=now)
    DuplicatePair.objects.all().delete()
    assert duplicates.look_for_duplicates(now=now) == 0, "封存的不比对"


def test_nobody_to_compare_is_no_work(now: datetime) -> None:
    PatientFactory()
    assert duplicates.look_for_duplicates(now=now) == 0


@pytest.mark.slow(reason="builds the mart five times")
def test_files_of_one_person_stand_under_one_pseudonym_and_under_two_again(now: datetime) -> None:
    by = StaffFactory(role="reception")
    kept = PatientFactory(campus=by.campus, registered=True)
    twin = PatientFactory(campus=by.campus, person__phone=kept.person.phone)
    for patient, days in ((kept, 1), (twin, 2)):
        case = CaseFactory(patient=patient, campus=by.campus)
        times = {"starts_at": now + timedelta(days=days), "ends_at": now + timedelta(days=days, hours=1)}
        BookingFactory(case=case, patient=patient, campus=by.campus, **times)
    mart.build(now=now)
    assert len(customers()) == len(set(booked())) == 2
    pair = pairs.propose(kept.public_id, twin.public_id, by=by, now=now)
    merge = merges.ask(pair.public_id, kept_id=kept.public_id, reason="核对了身份证", by=by, now=now)
    mart.build(now=now)
    code = Pseudonym.objects.get().code
    assert (customers(), booked()) == ([code], [code, code])
    mart.build(now=now)
    assert customers() == [code]
    mart.build(now=now, full=True)
    assert (customers(), booked()) == ([code], [code, code])
    merges.undo(merge.public_id, reason="并错了人", is_different=True, by=by, now=now)
    mart.build(now=now)
    assert len(customers()) == len(set(booked())) == 2
    assert code in customers()
