"""Her own pictures in her chart, from which she may copy one into a story."""

from dataclasses import dataclass
from uuid import UUID

from yimei.core.database.rows import only
from yimei.journey.enums import PhotoSize
from yimei.journey.models import Photo
from yimei.journey.queries.photos import angle_name, session_of
from yimei.people.models import Patient
from yimei.vault import files

MOST = 60


@dataclass(frozen=True)
class Shot:
    """One picture as she reads it."""

    public_id: UUID
    label: str
    is_intimate: bool


def shots(patient: Patient) -> list[Shot]:
    """The newest of all her files."""
    rows = Photo.objects.in_force().filter(case__patient__in=Patient.objects.files_of(patient))
    found = rows.select_related("case__procedure").order_by("-taken_at", "-pk")[:MOST]
    return [
        Shot(one.public_id, f"{session_of(one).label} · {angle_name(one)}", one.is_intimate) for one in found
    ]


def open_photo(public_id: UUID, *, patient: Patient, size: PhotoSize) -> Photo:
    """One of her own; anybody else's is not there."""
    rows = Photo.objects.in_force().filter(case__patient__in=Patient.objects.files_of(patient))
    return only(rows.with_file(size), public_id)


def thumb(public_id: UUID, *, patient: Patient) -> bytes:
    return files.read(open_photo(public_id, patient=patient, size=PhotoSize.THUMB).thumb)
