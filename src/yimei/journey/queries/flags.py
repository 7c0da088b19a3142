"""What must be known at the bedside besides the written flags: an open complaint, an undecided screening."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from yimei.hospital.queries import photos_for
from yimei.journey.enums import PhotoMoment
from yimei.journey.models import Case
from yimei.journey.queries.questionnaires import may_read
from yimei.journey.queries.reading import Reading
from yimei.journey.rules import photos as photo_rules
from yimei.people.models import Staff
from yimei.privacy.queries.holds import held


@dataclass(frozen=True)
class Flag:
    """One warning of the banner."""

    text: str
    tone: str
    icon: str


def flags(reading: Reading, *, by: Staff, now: datetime) -> Iterator[Flag]:
    """Yield what stands open about a customer, in a fixed number of queries."""
    patient = reading.patient
    for words in held([patient.pk], families=reading.families).get(patient.pk, ()):
        yield Flag(words, "danger", "speakerphone")
    if any(fact.outcome is None for fact in reading.screenings) and may_read(patient, by=by, now=now):
        yield Flag(_("筛查待医师决定"), "danger", "stethoscope")


@dataclass(frozen=True)
class PhotoCount:
    """How far the photographs of a case are."""

    taken: int
    due: int
    all: int


def photo_count(case: Case, *, reader: photo_rules.Reader) -> PhotoCount | None:
    """Count the photos for those who may see them; nothing for the rest, not even that there are some."""
    series = photos_for(case.procedure)
    if not photo_rules.may_see(reader, is_intimate=series.is_intimate):
        return None
    shots = list(case.photos.in_force().order_by().values_list("angle", "moment"))
    before = {angle for angle, moment in shots if moment == PhotoMoment.BEFORE}
    return PhotoCount(
        taken=len(before & {angle.code for angle in series.angles}), due=len(series.angles), all=len(shots)
    )
