"""Customers without who they are."""

from collections.abc import Iterator, Sequence

from yimei.core.clock import local_date
from yimei.people.models import Patient

BAND = 5


def customers(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    rows = Patient.objects.filter(pk__in=patients).select_related("person__vault_key").order_by("pk")
    for patient in rows:
        person = patient.person
        born = person.birth_date
        yield (
            patient.pk,
            patient.pk,
            patient.campus_id,
            person.sex,
            born.year // BAND * BAND if born else None,
            province(person.id_no),
            patient.source,
            patient.registered_at is not None,
            local_date(patient.created_at),
        )


def province(id_no: str) -> str | None:
    """Return the two digits of the province in an identity number; nothing from any other paper."""
    return id_no[:2] if len(id_no) == 18 and id_no[:17].isdigit() else None
