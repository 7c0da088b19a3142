"""The first times at which everything that a visit needs is free together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q

from yimei.core.clock import local_date
from yimei.hospital.models import Campus, Device, Procedure, Room
from yimei.journey.enums import BookingKind, BookingStatus, ResourceKind
from yimei.journey.models import Booking, BookingPart, Consultation
from yimei.journey.queries import bookings
from yimei.journey.queries.bookings import PersonSlots, Slot
from yimei.journey.rules import bookings as booking_rules
from yimei.journey.rules import visits
from yimei.journey.rules.bookings import Length
from yimei.journey.rules.claims import Need, Resource, Stretch, free_slots
from yimei.journey.rules.visits import Part, Pool
from yimei.people.models import Patient, Staff
from yimei.privacy.models import Limit

MINUTE = timedelta(minutes=1)
FIRST_LOOK = timedelta(days=2)
"""How far the search looks at once; twice as far each time that nothing was found."""


@dataclass(frozen=True)
class Ask:
    """One service that is wished for, with everybody and everything that could do it."""

    procedure: Procedure
    kind: BookingKind
    staff: Sequence[Staff]
    rooms: Sequence[Room]
    devices: Sequence[Device] = ()
    """Empty: none is needed."""
    offset: timedelta = timedelta(0)
    length: Length = field(default_factory=lambda: Length(timedelta(0)))

    @property
    def ends(self) -> timedelta:
        return self.offset + self.length.duration


@dataclass(frozen=True)
class PartSlot:
    """Who, where and with what one service of a visit would be."""

    ask: Ask
    staff: Staff
    room: Room
    device: Device | None


@dataclass(frozen=True)
class VisitSlot:
    """A time at which a whole visit can be booked."""

    starts_at: datetime
    ends_at: datetime
    parts: Sequence[PartSlot]


def rows_of(booking: Booking) -> list[BookingPart]:
    """Return the services of a booking, the first where the booking itself stands.

    One without parts has one, implied by itself and not saved.
    """
    rows = list(booking.parts.prefetch_related("procedure", "staff__role", "room", "device"))
    if rows:
        rows[0].staff, rows[0].room = booking.staff, booking.room
        return rows
    length = bookings.length_of(BookingKind(booking.kind), booking.procedure)
    return [
        BookingPart(
            booking=booking,
            position=0,
            kind=booking.kind,
            procedure=booking.procedure,
            staff=booking.staff,
            room=booking.room,
            minutes=length.duration // MINUTE,
            setup_minutes=length.setup // MINUTE,
            cleanup_minutes=length.cleanup // MINUTE,
        )
    ]


def parts_of(booking: Booking) -> list[Part]:
    return [part_from(row) for row in rows_of(booking)]


def part_from(row: BookingPart) -> Part:
    return Part(
        title=row.procedure.name,
        staff=row.staff_id,
        room=row.room_id,
        device=row.device_id,
        offset=row.offset_minutes * MINUTE,
        length=Length(row.minutes * MINUTE, row.setup_minutes * MINUTE, row.cleanup_minutes * MINUTE),
    )


def devices_of(campus: Campus) -> list[Device]:
    return list(campus.devices.filter(is_active=True).order_by("code"))


def last_consulted(patient: Patient, *, before: datetime, about: Procedure | None = None) -> datetime | None:
    """Return when she was last consulted, or will be by a standing booking, before an instant.

    A talk counts for what it was about: the same procedure, or another of its category.
    """
    files = Patient.objects.files_of(patient)
    held = Consultation.objects.filter(case__patient__in=files, started_at__lt=before)
    booked = Booking.objects.filter(
        patient__in=files, kind=BookingKind.CONSULT, status__in=booking_rules.HOLDING, starts_at__lt=before
    )
    if about is not None:
        held = held.filter(case__procedure__category=about.category)
        booked = booked.filter(procedure__category=about.category)
    times = [
        held.order_by("-started_at").values_list("started_at", flat=True).first(),
        booked.order_by("-starts_at").values_list("starts_at", flat=True).first(),
    ]
    return max((time for time in times if time), default=None)


@dataclass(frozen=True)
class WaitLimits:
    """After how many minutes a waiting clock turns amber, and red."""

    amber: int
    red: int

    def tone(self, since: datetime | None, now: datetime) -> str:
        """How a wait that began at an instant looks by now."""
        minutes = (now - since).total_seconds() / 60 if since else 0
        return "danger" if minutes >= self.red else "warn" if minutes >= self.amber else "accent"


def wait_limits(now: datetime) -> WaitLimits:
    """Return the limits in force; the shipped ones where the hospital has registered none."""
    day = local_date(now)
    return WaitLimits(
        amber=number("reception.wait_amber", day, booking_rules.WAIT_AMBER),
        red=number("reception.wait_red", day, booking_rules.WAIT_RED),
    )


def number(code: str, on: date, shipped: int) -> int:
    """Return a number of the hospital's register that holds on a day, or the shipped one."""
    rows = Limit.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=on), code=code, effective_from__lte=on
    )
    found = rows.order_by("-effective_from").values_list("value", flat=True).first()
    return shipped if found is None else found


def numbers(prefix: str, on: date) -> dict[str, int]:
    """Return every number of the register under a prefix that holds on a day, by its own name; one query."""
    rows = Limit.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=on), code__startswith=prefix, effective_from__lte=on
    )
    found = rows.order_by("effective_from").values_list("code", "value")
    return {code.removeprefix(prefix): value for code, value in found}


def no_shows(patient: Patient, *, since: datetime) -> int:
    hers = Booking.objects.filter(patient__in=Patient.objects.files_of(patient))
    return hers.filter(status=BookingStatus.NO_SHOW, starts_at__gte=since).count()


def first_times(
    asks: Sequence[Ask],
    window: Stretch,
    *,
    patient: Patient | None = None,
    count: int = 1,
    hours: tuple[int, int] = (0, 24),
) -> list[VisitSlot]:
    """Return the first few times in the window at which one of each is free for every service together.

    ``hours`` are those of the local clock between which all of it lies.
    """
    found: list[VisitSlot] = []
    for slot in _search(asks, window, patient):
        if not visits.lies_between((slot.starts_at, slot.ends_at), hours):
            continue
        if not found or slot.starts_at >= found[-1].ends_at:
            found.append(slot)
        if len(found) == count:
            break
    return found


def times_to_move(booking: Booking, window: Stretch, *, now: datetime) -> list[PersonSlots]:
    """Return when a whole visit could be moved to within a window, by who would take its first service.

    Everybody and everything of its other services must be free then as well; its own time counts as free.
    """
    if window[1] <= now:
        return []
    kind, window = BookingKind(booking.kind), (max(window[0], now), window[1])
    main, *others = rows_of(booking)
    parts = [part_from(row) for row in (main, *others)]
    duration = visits.duration_of(parts)
    beside = [part for part in parts[1:] if part.overlaps(parts[0])]
    staff = [
        one
        for one in bookings.serving_staff(kind, booking.campus)
        if one.pk not in {part.staff for part in beside}
    ]
    rooms = [main.room] if beside else bookings.rooms_for(kind, booking.campus)
    mine = [(ResourceKind.DEVICE, parts[0].device)] if parts[0].device is not None else []
    wanted = [(parts[0], [*((ResourceKind.STAFF, one.pk) for one in staff), *mine])]
    wanted[0][1].extend((ResourceKind.ROOM, one.pk) for one in rooms)
    wanted += [(part, _resources_of(part)) for part in parts[1:]]
    everything = {resource for _part, resources in wanted for resource in resources}
    herself = (ResourceKind.PATIENT, booking.patient.head_id)
    reach = max(max(part.length.setup, part.length.cleanup) for part in parts)
    around = (window[0] - reach, window[1] + reach)
    taken = bookings.busy([*everything, herself], around, without=booking)
    on_duty = bookings.duties([pk for held, pk in everything if held == ResourceKind.STAFF], window)

    def need(part: Part, resource: Resource) -> Need:
        is_person = resource[0] == ResourceKind.STAFF
        return Need(
            open=on_duty[resource[1]] if is_person else [window],
            busy=taken[resource],
            before=(timedelta(0) if is_person else part.length.setup) - part.offset,
            after=(timedelta(0) if is_person else part.length.cleanup) - (duration - part.ends),
        )

    fixed = [Need([window], taken[herself]), *(need(parts[0], resource) for resource in mine)]
    fixed += [need(part, resource) for part, resources in wanted[1:] for resource in resources]

    def fitting(resource: Resource) -> list[Stretch]:
        return free_slots([need(parts[0], resource), *fixed], duration=duration, window=window)

    room_at: dict[Stretch, Room] = {}
    for room in rooms:
        for stretch in fitting((ResourceKind.ROOM, room.pk)):
            room_at.setdefault(stretch, room)
    found = []
    for one in staff:
        free = [stretch for stretch in fitting((ResourceKind.STAFF, one.pk)) if stretch in room_at]
        found.append(PersonSlots(one, [Slot(*stretch, one, room_at[stretch]) for stretch in free]))
    return found


def _resources_of(part: Part) -> list[Resource]:
    held: list[Resource] = [(ResourceKind.STAFF, part.staff), (ResourceKind.ROOM, part.room)]
    return held if part.device is None else [*held, (ResourceKind.DEVICE, part.device)]


def _search(asks: Sequence[Ask], window: Stretch, patient: Patient | None) -> Iterator[VisitSlot]:
    """Look a little ahead first, for a free time is mostly near; two queries for each look."""
    duration = max(ask.ends for ask in asks)
    start, look = window[0], FIRST_LOOK
    while start + duration <= window[1]:
        end = min(start + look, window[1])
        yield from _look(asks, (start, min(end + duration, window[1])), duration, patient)
        start, look = end, look * 2


def _look(
    asks: Sequence[Ask], window: Stretch, duration: timedelta, patient: Patient | None
) -> Iterator[VisitSlot]:
    """Yield what is free from the first instant of the window to just before ``window[1] - duration``."""
    reach = max(max(ask.length.setup, ask.length.cleanup) for ask in asks)
    staff = {(ResourceKind.STAFF, one.pk): one for ask in asks for one in ask.staff}
    rooms = {(ResourceKind.ROOM, one.pk): one for ask in asks for one in ask.rooms}
    devices = {(ResourceKind.DEVICE, one.pk): one for ask in asks for one in ask.devices}
    herself: list[Resource] = [(ResourceKind.PATIENT, patient.head_id)] if patient else []
    taken = bookings.occupied([*staff, *rooms, *devices, *herself], (window[0] - reach, window[1] + reach))
    on_duty = bookings.duties([pk for _kind, pk in staff], window)
    always = [(window[0], window[1])]

    def need(resource: Resource, ask: Ask) -> Need:
        is_person = resource[0] == ResourceKind.STAFF
        return Need(
            open=on_duty[resource[1]] if is_person else always,
            busy=taken[resource],
            before=(timedelta(0) if is_person else ask.length.setup) - ask.offset,
            after=(timedelta(0) if is_person else ask.length.cleanup) - (duration - ask.ends),
        )

    pools = [Pool([(one, Need(open=always, busy=taken[one]))], timedelta(0), duration) for one in herself]
    for ask in asks:
        for kind, wanted in (
            (ResourceKind.STAFF, ask.staff),
            (ResourceKind.ROOM, ask.rooms),
            (ResourceKind.DEVICE, ask.devices),
        ):
            if wanted or kind != ResourceKind.DEVICE:
                candidates = [((kind, one.pk), need((kind, one.pk), ask)) for one in wanted]
                pools.append(Pool(candidates, ask.offset, ask.ends))
    for at, chosen in visits.fits(pools, duration=duration, window=window):
        picked = iter(chosen[len(herself) :])
        parts = [
            PartSlot(
                ask,
                staff[next(picked)],
                rooms[next(picked)],
                devices[next(picked)] if ask.devices else None,
            )
            for ask in asks
        ]
        yield VisitSlot(at, at + duration, parts)
