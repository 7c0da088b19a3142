"""Phone and front desk: the call, the booking, registration; or staying away."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from yimei.core.clock import local_date
from yimei.core.errors import Conflict, RuleBroken
from yimei.hospital.enums import Category
from yimei.hospital.models import Procedure
from yimei.journey.actions import bookings, cases
from yimei.journey.enums import BookingKind, BookingStatus, LossReason, VisitKind
from yimei.journey.models import Booking
from yimei.people.actions import guardians, patients
from yimei.people.models import Staff
from yimei.people.roles import RoleCode
from yimei.privacy.actions import consents
from yimei.rehearsal.actions.walks.way import DAY, Way
from yimei.rehearsal.rules import shapes
from yimei.rehearsal.rules.people import parent

NOTES = ("", "", "想周末来", "有朋友推荐", "之前在别处做过")
REASONS = (LossReason.TIME, LossReason.THINKING, LossReason.COMPARING, LossReason.OTHER)
HELD = (BookingStatus.REQUESTED, BookingStatus.CONFIRMED)
EXCUSES = ("临时有事", "改天再约", "再考虑")


class Desk(Way):
    """From the first call to the file."""

    def call(self) -> None:
        self.online = self.world.one(RoleCode.ONLINE, self.rng)
        self.reception = self.world.first(RoleCode.RECEPTION)
        self.procedure = self.interest()
        self.patient = patients.create(
            name=self.who.name,
            phone=self.who.phone,
            source=self.who.source,
            campus=self.world.campus,
            sex=self.who.sex,
            by=self.online,
            at=self.now,
        )

    def interest(self) -> Procedure:
        drawn = Category(self.rng.choices(list(shapes.MIX), weights=list(shapes.MIX.values()))[0])
        category = (self.aim and self.aim.interest) or drawn
        return self.rng.choice([each for each in self.world.offers[category] if each.price]).procedure

    def book(self) -> Booking | None:
        """Ask for a time; when it is taken, or nobody is on duty, for the next one."""
        start = self.wish()
        for _try in range(8):
            try:
                booking = bookings.request(
                    patient_public_id=self.patient.public_id,
                    campus_public_id=self.world.campus.public_id,
                    kind=BookingKind.CONSULT,
                    visit_kind=VisitKind.FIRST,
                    procedure_public_id=self.procedure.public_id,
                    starts_at=start,
                    staff_public_id=self.world.one(RoleCode.CONSULTANT, self.rng).public_id,
                    room_public_id=None,
                    note=self.rng.choice(NOTES),
                    key=self.key("booking", start),
                    by=self.online,
                    now=self.now,
                )
            except RuleBroken as refusal:
                nearby = refusal.next_free if isinstance(refusal, Conflict) else ()
                start = nearby[0][0] if nearby else start + timedelta(minutes=30)
            else:
                self.case = booking.case
                return booking
        return None

    def wish(self) -> datetime:
        """The time that the customer asks for."""
        if self.aim and self.aim.consults_at:
            return self.aim.consults_at
        days = self.rng.choice((1, 1, 2, 2, 3, 4, 6, 9))
        return shapes.at(local_date(self.now) + timedelta(days=days), 9 * 60 + 30 * self.rng.randrange(16))

    def stays_away(self, booking: UUID, starts_at: datetime) -> Iterator[datetime]:
        if self.rng.random() < 0.5:
            yield from self.until(starts_at - self.minutes(60, 1200))
            bookings.cancel(booking, reason=self.rng.choice(EXCUSES), by=self.online, now=self.now)
        else:
            yield from self.until(starts_at + self.minutes(35, 90))
            bookings.mark_no_show(booking, by=self.reception, now=self.now)
        yield from self.is_given_up(self.online)

    def is_given_up(self, owner: Staff) -> Iterator[datetime]:
        """Nothing came of it: whoever owns the case lets go of what is held and closes it, weeks later."""
        yield from self.pause(minutes=(6 * DAY, 25 * DAY))
        for booking in self.case.bookings.filter(status__in=HELD):
            bookings.cancel(booking.public_id, reason=self.rng.choice(EXCUSES), by=self.online, now=self.now)
        cases.lose(self.case.public_id, reason=self.rng.choice(REASONS), by=owner, now=self.now)

    def register(self) -> None:
        patients.register(
            self.patient.public_id,
            birth_date=self.who.birth_date,
            sex=self.who.sex,
            id_no=self.who.id_no or None,
            by=self.reception,
            at=self.now,
        )
        self.patient.refresh_from_db()
        if self.who.age_on(local_date(self.now)) < 18:
            guardian = guardians.link(
                self.patient.public_id,
                **asdict(parent(self.n, self.who, self.rng)),
                proof="户口簿（已核对原件）",
                by=self.reception,
                at=self.now,
            )
            self.guardian = guardians.verify(guardian.public_id, by=self.reception, at=self.now)
        self.agrees_to_photos = self.now >= self.world.studio_since
        for purpose in ("care.health", "image.clinical") if self.agrees_to_photos else ("care.health",):
            consents.give(self.patient, purpose, guardian=self.guardian, by=self.reception, now=self.now)
        if self.guardian is None and self.rng.random() < shapes.AGREES_TO_MARKETING:
            consents.give(self.patient, "marketing", by=self.reception, now=self.now)
