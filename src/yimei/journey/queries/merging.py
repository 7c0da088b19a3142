"""What the journey knows of two files that may become one person's (并档)."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import Missing
from yimei.journey.enums import CaseStage, ResourceKind
from yimei.journey.models import Booking, Case, ResourceClaim
from yimei.journey.rules import claims as rules
from yimei.people import registry
from yimei.people.models import Patient


@registry.history_source
def been_here(patients: Collection[int]) -> set[int]:
    """Those who came, or whose treatment got further than a wish for a time."""
    came = Booking.objects.filter(patient__in=patients, arrived_at__isnull=False)
    treated = Case.objects.filter(patient__in=patients).exclude(stage__in=[CaseStage.BOOKED, CaseStage.LOST])
    return set(came.values_list("patient", flat=True)) | set(treated.values_list("patient", flat=True))


@registry.merge_obstacle
def in_two_places(kept: Patient, absorbed: Patient, now: datetime) -> Iterator[Missing]:
    """Nobody is in two places at once: times held by both files cannot be one person's."""
    mine = [(one.starts_at, one.ends_at) for one in held_times(kept, now)]
    for other in held_times(absorbed, now):
        if rules.overlaps(mine, (other.starts_at, other.ends_at)):
            yield Missing(
                _("%(day)s 两份档案在同一时间都有安排") % {"day": local_date(other.starts_at)},
                _("先取消或改期其中一个"),
                f"desk:booking:{other.booking.public_id}" if other.booking else "",
            )


def held_times(patient: Patient, now: datetime) -> list[ResourceClaim]:
    """The times that this person holds from now on, under the number of this file."""
    rows = ResourceClaim.objects.filter(
        kind=ResourceKind.PATIENT, resource_id=patient.pk, released_at=None, ends_at__gt=now
    )
    return list(rows.select_related("booking"))


def claims_made_for(patient: Patient) -> Q:
    """Claims of bookings, operations and offers that were written in this very file."""
    return Q(booking__patient=patient) | Q(surgery__case__patient=patient) | Q(offer__entry__patient=patient)
