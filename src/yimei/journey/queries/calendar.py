"""What holds people, rooms and devices over some days: the resource timeline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from yimei.core.clock import local_day
from yimei.hospital.models import Campus, Device, Room
from yimei.journey.enums import ResourceKind
from yimei.journey.models import Booking, ResourceClaim
from yimei.journey.queries import bookings
from yimei.journey.queries.names import shown_names
from yimei.journey.rules import bookings as rules
from yimei.journey.rules.claims import Stretch
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission


@dataclass(frozen=True)
class Block:
    """One stretch for which a resource is held; without a booking the reader learns only that it is."""

    stretch: Stretch
    is_surgery: bool
    is_offer: bool
    booking: Booking | None = None
    who: str = ""
    is_main: bool = False
    """Whether the booking itself stands in this lane, and may be moved to another."""


@dataclass(frozen=True)
class Lane:
    """One resource, when it is open, and what holds it."""

    key: UUID
    name: str
    note: str
    open: Sequence[Stretch] | None
    """Hours of duty; nothing for what is always open."""
    blocks: Sequence[Block]


def lanes(kind: ResourceKind, window: Stretch, *, campus: Campus, by: Staff) -> list[Lane]:
    """Return every resource of a kind that can be booked at a campus; the queries do not grow with rows."""
    need(by, Permission.BOOKING_VIEW)
    things = _things(kind, campus)
    rows = _claims(kind, [pk for pk, *_rest in things], window)
    seen = _visible([row.booking_id for row in rows if row.booking_id], by=by)
    names = shown_names((booking.patient for booking in seen.values()), by=by)
    hours = bookings.duties([pk for pk, *_rest in things], window) if kind == ResourceKind.STAFF else {}
    held: dict[int, list[Block]] = {}
    for row in rows:
        booking = seen.get(row.booking_id or 0)
        held.setdefault(row.resource_id, []).append(_block(row, booking, names))
    found = [
        Lane(key, name, note, hours.get(pk, []) if kind == ResourceKind.STAFF else None, held.get(pk, []))
        for pk, key, name, note in things
    ]
    return [lane for lane in found if lane.open is None or lane.open or lane.blocks]


def _things(kind: ResourceKind, campus: Campus) -> list[tuple[int, UUID, str, str]]:
    if kind == ResourceKind.STAFF:
        roles = list(dict.fromkeys(role for serving in rules.SERVING_ROLES.values() for role in serving))
        staff = Staff.objects.active().at(campus).in_role(*roles).order_by("role_id", "pk")
        return [(one.pk, one.public_id, one.name, one.role.name) for one in staff]
    if kind == ResourceKind.ROOM:
        rooms = Room.objects.filter(campus=campus, is_active=True, kind__in=set(rules.ROOM_KINDS.values()))
        return [(one.pk, one.public_id, one.name, one.get_kind_display()) for one in rooms.order_by("code")]
    devices = Device.objects.filter(campus=campus, is_active=True).order_by("code")
    return [(one.pk, one.public_id, one.name, one.code) for one in devices]


def _claims(kind: ResourceKind, ids: Iterable[int], window: Stretch) -> list[ResourceClaim]:
    live = ResourceClaim.objects.filter(
        kind=kind,
        resource_id__in=list(ids),
        released_at=None,
        starts_at__lt=window[1],
        ends_at__gt=window[0],
    )
    return list(live.order_by("starts_at"))


def _visible(ids: Iterable[int], *, by: Staff) -> dict[int, Booking]:
    rows = Booking.objects.visible_to(by).filter(pk__in=list(ids)).with_people()
    return {row.pk: row for row in rows}


def _block(row: ResourceClaim, booking: Booking | None, names: dict[int, str]) -> Block:
    stretch = (row.starts_at, row.ends_at)
    is_surgery, is_offer = row.surgery_id is not None, row.offer_id is not None or row.hold_id is not None
    if booking is None:
        return Block(stretch, is_surgery, is_offer)
    stands = {ResourceKind.STAFF: booking.staff_id, ResourceKind.ROOM: booking.room_id}
    is_main = stands.get(ResourceKind(row.kind)) == row.resource_id
    return Block(stretch, is_surgery, is_offer, booking, names[booking.patient_id], is_main)


def exchangeable(booking: Booking, day: date, *, by: Staff, now: datetime) -> list[bookings.DayRow]:
    """Return with whom a booking may be asked to change places on a day: one service each, not yet begun."""
    start, end = local_day(day)
    rows = Booking.objects.visible_to(by, Permission.BOOKING_WRITE).with_people()
    found = list(
        rows.filter(
            campus=booking.campus_id,
            kind=booking.kind,
            status__in=rules.MOVABLE,
            starts_at__gte=max(start, now),
            starts_at__lt=end,
            parts=None,
        )
        .exclude(pk=booking.pk)
        .order_by("starts_at", "pk")
    )
    names = shown_names((each.patient for each in found), by=by)
    return [bookings.DayRow(each, names[each.patient_id]) for each in found]
