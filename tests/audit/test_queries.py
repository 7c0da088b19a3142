import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.factories.audit import EntryFactory
from yimei.audit import queries

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
PATIENT, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


@dataclass(frozen=True)
class Doctor:
    public_id: UUID
    role_code: str = "surgeon"


@pytest.mark.django_db
def test_a_patient_sees_every_look_newest_first_and_nothing_else() -> None:
    first = EntryFactory("people.patient.view", subject=PATIENT)
    EntryFactory("people.patient.view", subject=OTHER)
    EntryFactory("journey.booking.confirmed", subject=PATIENT)
    EntryFactory("people.patient.review", subject=PATIENT)
    last = EntryFactory("journey.photo.photo_view", subject=PATIENT)
    assert list(queries.looks_at(PATIENT)) == [last, first]


@pytest.mark.django_db
def test_looks_are_counted_by_kind() -> None:
    for action in (
        "people.patient.view",
        "journey.case.view",
        "people.phone.reveal",
        "journey.booking.moved",
    ):
        EntryFactory(action, subject=PATIENT)
    assert queries.counts(PATIENT) == {"view": 2, "reveal": 1}


@pytest.mark.django_db
def test_persons_seen_in_a_day_are_counted_once_each() -> None:
    doctor = Doctor(uuid.uuid4())
    for subject, at in (
        (PATIENT, NOW),
        (PATIENT, NOW),
        (OTHER, NOW),
        (uuid.uuid4(), NOW - timedelta(days=1)),
        (None, NOW),
    ):
        EntryFactory("people.patient.view", subject=subject, at=at, by=doctor)
    EntryFactory("people.patient.view", subject=uuid.uuid4(), at=NOW)
    assert queries.subjects_seen(doctor.public_id, since=NOW, until=NOW + timedelta(days=1)) == 2
