"""Many receptionists open files at once: no number twice, none left out."""

from collections import Counter
from datetime import datetime
from functools import partial
from uuid import UUID

import pytest

from tests.factories.crowd import at_once
from tests.factories.people import PatientFactory, StaffFactory
from yimei.core.errors import RuleBroken
from yimei.people.actions import patients
from yimei.people.models import FileSeries, Patient, Staff

pytestmark = pytest.mark.django_db(transaction=True)

ID_NO = "11010519491231002X"


@pytest.mark.slow(reason="twenty registrations by twenty threads on one database")
def test_twenty_files_at_once_have_twenty_numbers_in_a_row(now: datetime) -> None:
    by = StaffFactory()
    waiting = [PatientFactory(campus=by.campus) for _ in range(20)]

    def register(patient: Patient) -> str:
        staff = Staff.objects.get(pk=by.pk)
        return patients.register(patient.public_id, by=staff, at=now).file_no or ""

    numbers = at_once([partial(register, patient) for patient in waiting])
    assert sorted(map(str, numbers)) == [f"ZX2026{serial:06d}" for serial in range(1, 21)]
    assert FileSeries.objects.get().last == 20


def test_one_identity_number_given_twice_at_once_is_taken_once(now: datetime) -> None:
    by = StaffFactory()
    waiting = [PatientFactory(campus=by.campus).public_id for _ in range(6)]

    def correct(public_id: UUID) -> bool:
        try:
            patients.correct(public_id, by=Staff.objects.get(pk=by.pk), at=now, id_no=ID_NO)
        except RuleBroken:
            return False
        return True

    ends = at_once([partial(correct, public_id) for public_id in waiting])
    assert Counter(ends) == {False: 5, True: 1}
