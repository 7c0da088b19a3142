"""What every stretch of a customer's way shares: who walks, the clock, chance."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid5

from yimei.hospital.models import Procedure
from yimei.journey.models import Case
from yimei.people.models import Guardian, Patient, Staff
from yimei.rehearsal.actions.world import World
from yimei.rehearsal.rules import shapes
from yimei.rehearsal.rules.people import Somebody
from yimei.rehearsal.rules.shapes import Aim

NAMESPACE = UUID("6f3d1a52-0f1c-4a5e-9a57-1c6c2b7d9e10")
MINUTE = timedelta(minutes=1)
DAY = 24 * 60
"""In minutes, as pauses are said."""


class Way:
    """One customer on the way; ``aim`` says where this one must stand when the curtain falls, if anywhere."""

    patient: Patient
    case: Case
    procedure: Procedure
    online: Staff
    reception: Staff
    guardian: Guardian | None = None
    agrees_to_photos = False

    def __init__(
        self,
        world: World,
        who: Somebody,
        rng: Random,
        *,
        n: int,
        first_call: datetime,
        aim: Aim | None = None,
    ) -> None:
        self.world, self.who, self.rng, self.n, self.aim = world, who, rng, n, aim
        self.now = first_call

    def pause(self, *, minutes: tuple[int, int], latest: datetime | None = None) -> Iterator[datetime]:
        moment = self.now + self.minutes(*minutes)
        yield from self.until(min(moment, latest) if latest and latest > self.now else moment)

    def until(self, moment: datetime) -> Iterator[datetime]:
        self.now = max(moment, self.now)
        yield self.now

    def minutes(self, low: int, high: int) -> timedelta:
        return timedelta(minutes=self.rng.randint(low, high))

    def happens(self, share: float) -> bool:
        """Chance; whoever has an aim is spared what would end the way."""
        return self.rng.random() < share and self.aim is None

    def forgets(self) -> bool:
        return self.happens(shapes.FORGETS)

    def key(self, *parts: object) -> UUID:
        return uuid5(NAMESPACE, ":".join(str(part) for part in (self.patient.public_id, *parts)))
