"""Free times to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.journey.queries import bookings as queries

if TYPE_CHECKING:
    from yimei.people.models import Staff


@dataclass(frozen=True)
class Offer:
    """The free times of one person, parted at noon."""

    staff: "Staff"
    parts: Sequence[tuple[str, Sequence[queries.Slot]]]


def halves(people: Sequence[queries.PersonSlots]) -> list[Offer]:
    """Part everybody's free times at noon; whoever has none is left out."""

    def is_morning(slot: queries.Slot) -> bool:
        return slot.starts_at.astimezone(SHANGHAI).hour < 12

    found = []
    for one in people:
        early = [slot for slot in one.slots if is_morning(slot)]
        late = [slot for slot in one.slots if not is_morning(slot)]
        parts = [(_("上午"), early), (_("下午"), late)]
        if one.slots:
            found.append(Offer(one.staff, [part for part in parts if part[1]]))
    return found
