"""Who waits for which time, what was offered, and who was turned away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Prefetch

from yimei.core import clock
from yimei.core.clock import local_date, local_day
from yimei.core.errors import NotFound
from yimei.journey.enums import BookingKind, TurnAwayReason, WaitingStatus
from yimei.journey.models import TurnAway, WaitingEntry, WaitingOffer
from yimei.journey.queries import bookings, visits
from yimei.journey.queries.bookings import Slot
from yimei.journey.queries.names import shown_names
from yimei.journey.rules import bookings as booking_rules
from yimei.journey.rules import claims, tokens
from yimei.journey.rules import waiting as rules
from yimei.journey.rules.claims import Stretch
from yimei.people.models import Staff


@dataclass(frozen=True)
class WaitingRow:
    """One line of the waiting list, with the offer that waits for an answer."""

    entry: WaitingEntry
    who: str
    offer: WaitingOffer | None


@dataclass(frozen=True)
class TurnAwayRow:
    """One request that could not be served; without a customer it was a stranger's."""

    row: TurnAway
    who: str


@dataclass(frozen=True)
class TurnAways:
    """The requests of some days, and how many for each reason."""

    rows: Sequence[TurnAwayRow]
    counts: Sequence[tuple[TurnAwayReason, int]]

    @property
    def total(self) -> int:
        return sum(count for _reason, count in self.counts)


def waiting_list(*, by: Staff, status: WaitingStatus | None = None) -> list[WaitingRow]:
    """Return those who wait, in turn; with a status those of the past, the newest first."""
    entries = WaitingEntry.objects.visible_to(by).with_people()
    entries = (
        entries.filter(status=status).order_by("-ended_at")[:200] if status else entries.open().in_turn()
    )
    offers = WaitingOffer.objects.open().select_related("staff", "room")
    found = list(entries.prefetch_related(Prefetch("offers", offers, to_attr="standing")))
    names = shown_names((entry.patient for entry in found), by=by)
    return [
        WaitingRow(entry, names[entry.patient_id], next(iter(entry.standing), None))  # type: ignore[attr-defined]
        for entry in found
    ]


def waiting_count(by: Staff) -> int:
    """How many time offers still wait for an answer, for the rail."""
    return WaitingOffer.objects.visible_to(by).open().count()


def in_turn(campus_id: UUID, freed: Stretch) -> list[int]:
    """Return who may be asked about a stretch, in the order of asking."""
    entries = WaitingEntry.objects.filter(
        campus__public_id=campus_id,
        status=WaitingStatus.WAITING,
        valid_from__lte=local_date(freed[1]),
        valid_to__gte=local_date(freed[0]),
    )
    return list(entries.in_turn().values_list("pk", flat=True))


def offer_minutes(now: datetime) -> int:
    return visits.number("waiting.offer_minutes", local_date(now), rules.OFFER_MINUTES)


def end_of_night(now: datetime) -> datetime | None:
    """When those who wait may be asked, if they sleep now: an offer of minutes would end before they wake."""
    hours = rules.NIGHT | visits.numbers("waiting.", local_date(now))
    return clock.end_of_night(now, from_hour=hours["night_from"], until_hour=hours["night_until"])


def slots_for(entry: WaitingEntry, freed: Stretch, *, expires_at: datetime) -> Iterator[Slot]:
    """Yield the times that touch what became free and suit her, the nearest first; none she passed on."""
    kind = BookingKind(entry.kind)
    duration = bookings.length_of(kind, entry.procedure).duration
    reach = duration - claims.STEP
    passed = list(entry.offers.values_list("starts_at", "ends_at"))
    staff = [one for one in bookings.serving_staff(kind, entry.campus) if entry.staff_id in {None, one.pk}]
    free = bookings.free_times(
        kind,
        entry.procedure,
        (max(freed[0] - reach, expires_at), freed[1] + reach),
        staff=staff,
        rooms=bookings.rooms_for(kind, entry.campus),
        patient=entry.patient,
    )
    for slot in sorted(free, key=lambda slot: abs(slot.starts_at - freed[0])):
        stretch = (slot.starts_at, slot.ends_at)
        if (
            not claims.overlaps(passed, stretch)
            and claims.overlaps([freed], stretch)
            and rules.worth_offering(stretch, expires_at=expires_at)
            and entry.wish.suits(stretch)
            and _is_consulted(entry, slot.starts_at)
        ):
            yield slot


def offer_of(token: str) -> WaitingOffer:
    """Return the offer of a link; an unknown link is not found."""
    offer = WaitingOffer.objects.with_people().filter(token_hash=tokens.token_hash(token)).first()
    if offer is None:
        raise NotFound
    return offer


def turn_aways(*, by: Staff, since: date, until: date) -> TurnAways:
    """Return who could not be served from one local day to another, both included."""
    rows = TurnAway.objects.visible_to(by).filter(at__gte=local_day(since)[0], at__lt=local_day(until)[1])
    found = list(rows.select_related("patient__person__vault_key", "procedure", "staff", "by"))
    names = shown_names((row.patient for row in found if row.patient), by=by)
    counted = dict(rows.order_by().values_list("reason").annotate(Count("pk")))
    return TurnAways(
        rows=[TurnAwayRow(row, names[row.patient_id] if row.patient_id else "") for row in found],
        counts=[(reason, counted[reason]) for reason in TurnAwayReason if reason in counted],
    )


def _is_consulted(entry: WaitingEntry, starts_at: datetime) -> bool:
    days = entry.procedure.needs_consult_days
    if entry.kind != BookingKind.TREATMENT or days is None:
        return True
    last = visits.last_consulted(entry.patient, before=starts_at, about=entry.procedure)
    return booking_rules.is_consulted(last, starts_at=starts_at, days=days)
