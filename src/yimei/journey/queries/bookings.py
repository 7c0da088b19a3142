"""When people and rooms are free, and what a day looks like."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Max, Q, QuerySet, Window
from django.db.models.functions import Lag

from yimei.core.clock import local_date, local_day
from yimei.core.errors import NotFound
from yimei.hospital.models import Campus, Device, Procedure, Room
from yimei.journey.enums import BookingKind, BookingStatus, ResourceKind
from yimei.journey.models import Booking, BookingMove, ResourceClaim
from yimei.journey.queries.names import shown_names
from yimei.journey.rules import bookings as rules
from yimei.journey.rules import claims
from yimei.journey.rules.bookings import Length
from yimei.journey.rules.claims import Hold, Need, Resource, Stretch
from yimei.people.access import need, open_patient
from yimei.people.models import Duty, Patient, Staff
from yimei.people.roles import Permission, RoleCode

HORIZON = claims.HORIZON


@dataclass(frozen=True)
class Slot:
    """A time that can be booked, with the one and the room that would take it."""

    starts_at: datetime
    ends_at: datetime
    staff: Staff
    room: Room

    @property
    def value(self) -> str:
        """The slot as a form posts it."""
        return f"{self.starts_at.isoformat()}|{self.staff.public_id}|{self.room.public_id}"


@dataclass(frozen=True)
class DayRow:
    """One booking on the board of a day, with the clock of whoever waits."""

    booking: Booking
    who: str

    @property
    def waiting_since(self) -> datetime | None:
        """Since she stands in the house: registered, or by her own word."""
        if self.booking.status == BookingStatus.ARRIVED:
            return self.booking.arrived_at
        return self.booking.announced_at if self.booking.status == BookingStatus.CONFIRMED else None

    @property
    def waited(self) -> timedelta | None:
        """How long it took from the desk to the consulting room, once it is over."""
        arrived, served = self.booking.arrived_at, self.booking.served_at
        return served - arrived if arrived and served else None


@dataclass(frozen=True)
class PersonSlots:
    """The free times of one person on one day, each with the room that would take it."""

    staff: Staff
    slots: Sequence[Slot]


@dataclass(frozen=True)
class OnDuty:
    """Somebody who can be booked on a day: the hours of duty, and those spent in the operating theatre."""

    staff: Staff
    hours: Sequence[Stretch]
    operations: Sequence[Stretch]


def busy(
    resources: Iterable[Resource], window: Stretch, *, without: Booking | None = None
) -> dict[Resource, list[Stretch]]:
    """Return what each resource is held for within the window; one query for all of them."""
    found: dict[Resource, list[Stretch]] = {resource: [] for resource in resources}
    wanted = _any_of(found)
    if not wanted:
        return found
    rows = _live(wanted, window)
    if without is not None:
        rows = rows.exclude(booking=without)
    for known, resource_id, start, end in rows.values_list("kind", "resource_id", "starts_at", "ends_at"):
        found[ResourceKind(known), resource_id].append((start, end))
    return found


def taken_beside(booking: Booking, *, staff: Iterable[Staff], rooms: Iterable[Room]) -> set[Resource]:
    """Return who and what somebody else holds while this booking lasts; one query."""
    wanted = [
        *((ResourceKind.STAFF, one.pk) for one in staff),
        *((ResourceKind.ROOM, one.pk) for one in rooms),
    ]
    held = busy(wanted, (booking.starts_at, booking.ends_at), without=booking)
    return {resource for resource, stretches in held.items() if stretches}


def occupied(resources: Iterable[Resource], window: Stretch) -> dict[Resource, list[Stretch]]:
    """Like ``busy``, with claims that touch joined by the database: a tenth of the rows in a full calendar.

    Live claims of one resource never overlap, so a stretch begins where the claim before it ended earlier.
    """
    found: dict[Resource, list[Stretch]] = {resource: [] for resource in resources}
    wanted = _any_of(found)
    if not wanted:
        return found
    same = [F("kind"), F("resource_id")]
    rows = _live(wanted, window).annotate(
        before=Window(Lag("ends_at"), partition_by=same, order_by="ends_at"),
        last=Window(Max("ends_at"), partition_by=same),
    )
    begun = rows.filter(Q(before=None) | Q(before__lt=F("starts_at"))).order_by()
    last_of: dict[Resource, datetime] = {}
    starts: dict[Resource, list[tuple[datetime, datetime | None]]] = {}
    for kind, resource_id, start, before, last in begun.values_list(
        "kind", "resource_id", "starts_at", "before", "last"
    ):
        resource = (ResourceKind(kind), resource_id)
        starts.setdefault(resource, []).append((start, before))
        last_of[resource] = last
    for resource, begins in starts.items():
        begins.sort(key=lambda begin: begin[0])
        ends = [before for _start, before in begins[1:]] + [last_of[resource]]
        found[resource] = [(start, end) for (start, _before), end in zip(begins, ends, strict=True) if end]
    return found


def _any_of(resources: Iterable[Resource]) -> Q:
    """Choose the claims of these resources, kind by kind; nothing is chosen for none."""
    wanted = Q()
    by_kind: dict[ResourceKind, list[int]] = {}
    for kind, resource_id in resources:
        by_kind.setdefault(kind, []).append(resource_id)
    for kind, ids in by_kind.items():
        wanted |= Q(kind=kind, resource_id__in=ids)
    return wanted


def _live(wanted: Q, window: Stretch) -> QuerySet[ResourceClaim]:
    return ResourceClaim.objects.filter(
        wanted, released_at=None, starts_at__lt=window[1], ends_at__gt=window[0]
    )


def duties(staff_ids: Iterable[int], window: Stretch) -> dict[int, list[Stretch]]:
    """Return the hours of duty of each within the window; one query."""
    found: dict[int, list[Stretch]] = {pk: [] for pk in staff_ids}
    rows = Duty.objects.filter(staff__in=found.keys(), starts_at__lt=window[1], ends_at__gt=window[0])
    for pk, start, end in rows.values_list("staff_id", "starts_at", "ends_at"):
        found[pk].append((start, end))
    return found


def next_free(holds: Sequence[Hold], wanted: Stretch, *, without: Booking | None = None) -> list[Stretch]:
    """Return the next few times at which the same set of resources is free together, staff on duty."""
    window = (wanted[0], wanted[0] + claims.HORIZON)
    reach = max(max(wanted[0] - hold.starts_at, hold.ends_at - wanted[1]) for hold in holds)
    around = (window[0] - reach, window[1] + reach)
    taken = busy([hold.resource for hold in holds], around, without=without)
    on_duty = duties([hold.resource_id for hold in holds if hold.kind == ResourceKind.STAFF], window)
    needs = [
        Need(
            open=on_duty[hold.resource_id] if hold.kind == ResourceKind.STAFF else [window],
            busy=taken[hold.resource],
            before=wanted[0] - hold.starts_at,
            after=hold.ends_at - wanted[1],
        )
        for hold in holds
    ]
    return claims.apart(claims.free_slots(needs, duration=wanted[1] - wanted[0], window=window))


def duties_of_day(staff: Staff, instant: datetime) -> list[Stretch]:
    return duties([staff.pk], local_day(local_date(instant)))[staff.pk]


def serving_staff(kind: BookingKind, campus: Campus) -> list[Staff]:
    """Return who may take this kind of booking, in the fixed order in which "anybody" is tried."""
    roles = list(rules.SERVING_ROLES[kind])
    staff = Staff.objects.active().at(campus).in_role(*roles)
    return sorted(staff, key=lambda one: (roles.index(RoleCode(one.role_code)), one.pk))


def rooms_for(kind: BookingKind, campus: Campus) -> list[Room]:
    return list(campus.rooms.filter(kind=rules.ROOM_KINDS[kind], is_active=True).order_by("code"))


def length_of(kind: BookingKind, procedure: Procedure) -> Length:
    return rules.length_of(
        kind,
        procedure_minutes=procedure.minutes_p50,
        setup_minutes=procedure.setup_minutes,
        turnover_minutes=procedure.turnover_minutes,
    )


def free_times(
    kind: BookingKind,
    procedure: Procedure,
    window: Stretch,
    *,
    staff: Sequence[Staff],
    rooms: Sequence[Room],
    patient: Patient | None = None,
) -> list[Slot]:
    """Return the times at which one of the staff and one of the rooms are free; two queries in all."""
    by_person = _free_by_person(kind, procedure, window, staff=staff, rooms=rooms, patient=patient)
    first: dict[Stretch, Slot] = {}
    for person in by_person:
        for slot in person.slots:
            first.setdefault((slot.starts_at, slot.ends_at), slot)
    return [first[stretch] for stretch in sorted(first)]


def _free_by_person(
    kind: BookingKind,
    procedure: Procedure,
    window: Stretch,
    *,
    staff: Sequence[Staff],
    rooms: Sequence[Room],
    patient: Patient | None = None,
) -> list[PersonSlots]:
    length = length_of(kind, procedure)
    around = (window[0] - length.setup, window[1] + length.cleanup)
    people = [(ResourceKind.STAFF, one.pk) for one in staff]
    places = [(ResourceKind.ROOM, one.pk) for one in rooms]
    herself = [(ResourceKind.PATIENT, patient.head_id)] if patient else []
    taken = busy([*people, *places, *herself], around)
    on_duty = duties([one.pk for one in staff], window)

    def fitting(*needs: Need) -> list[Stretch]:
        return claims.free_slots(needs, duration=length.duration, window=window)

    hers = [Need(open=[window], busy=taken[one]) for one in herself]
    room_at: dict[Stretch, Room] = {}
    for room in rooms:
        need = Need([window], taken[ResourceKind.ROOM, room.pk], length.setup, length.cleanup)
        for stretch in fitting(need):
            room_at.setdefault(stretch, room)
    found = []
    for one in staff:
        need = Need(open=on_duty[one.pk], busy=taken[ResourceKind.STAFF, one.pk])
        free = [
            Slot(*stretch, one, room_at[stretch]) for stretch in fitting(need, *hers) if stretch in room_at
        ]
        found.append(PersonSlots(one, free))
    return found


def slots(
    *,
    kind: BookingKind,
    procedure_id: UUID,
    campus_id: UUID,
    window: Stretch,
    by: Staff,
    staff_id: UUID | None = None,
    room_id: UUID | None = None,
    patient_id: UUID | None = None,
) -> list[Slot]:
    """Return what can be booked within the window; without names, by the first who is free."""
    need(by, Permission.BOOKING_VIEW)
    campus = Campus.objects.filter(public_id=campus_id, is_active=True).first()
    procedure = Procedure.objects.filter(public_id=procedure_id, is_active=True).first()
    if campus is None or procedure is None:
        raise NotFound
    staff = [one for one in serving_staff(kind, campus) if staff_id in {None, one.public_id}]
    rooms = [one for one in rooms_for(kind, campus) if room_id in {None, one.public_id}]
    patient = open_patient(patient_id, by=by) if patient_id else None
    return free_times(kind, procedure, window, staff=staff, rooms=rooms, patient=patient)


def slots_by_person(
    *,
    kind: BookingKind,
    procedure_id: UUID,
    campus_id: UUID,
    day: date,
    by: Staff,
    now: datetime,
    patient_id: UUID | None = None,
) -> list[PersonSlots]:
    """Return who is free when for the rest of a local day."""
    need(by, Permission.BOOKING_VIEW)
    campus = Campus.objects.filter(public_id=campus_id, is_active=True).first()
    procedure = Procedure.objects.filter(public_id=procedure_id, is_active=True).first()
    if campus is None or procedure is None:
        raise NotFound
    start, end = local_day(day)
    if end <= now:
        return []
    patient = open_patient(patient_id, by=by) if patient_id else None
    return _free_by_person(
        kind,
        procedure,
        (max(start, now), end),
        staff=serving_staff(kind, campus),
        rooms=rooms_for(kind, campus),
        patient=patient,
    )


def on_duty(day: date, *, campus: Campus) -> list[OnDuty]:
    """Return who can be booked on a local day and when; three queries."""
    window = local_day(day)
    roles = {role for serving in rules.SERVING_ROLES.values() for role in serving}
    staff = list(Staff.objects.active().at(campus).in_role(*roles).order_by("role_id", "pk"))
    hours = duties([one.pk for one in staff], window)
    operations: dict[int, list[Stretch]] = {one.pk: [] for one in staff}
    held = ResourceClaim.objects.filter(
        kind=ResourceKind.STAFF,
        resource_id__in=operations.keys(),
        surgery__isnull=False,
        released_at=None,
        starts_at__lt=window[1],
        ends_at__gt=window[0],
    )
    for pk, start, end in held.values_list("resource_id", "starts_at", "ends_at"):
        operations[pk].append((start, end))
    return [OnDuty(one, hours[one.pk], operations[one.pk]) for one in staff if hours[one.pk]]


def waiting_count(staff: Staff) -> int:
    """How many customers of this campus wait to be seen."""
    return (
        Booking.objects.visible_to(staff).filter(status=BookingStatus.ARRIVED, campus=staff.campus_id).count()
    )


def course_of(booking: Booking, *, by: Staff) -> list[Booking]:
    """Return every visit of the course to which a booking belongs, by time; nothing for a single visit."""
    if booking.series is None:
        return []
    return list(Booking.objects.visible_to(by).filter(series=booking.series).order_by("starts_at"))


def trail(booking: Booking) -> list[BookingMove]:
    """Return what was done to a booking and by whom, the newest first."""
    return list(booking.moves.select_related("by").order_by("-at", "-id"))


@dataclass(frozen=True)
class Held:
    """One stretch that a booking holds now, with the name of what is held."""

    kind: ResourceKind
    name: str
    starts_at: datetime
    ends_at: datetime


def held_by(booking: Booking) -> list[Held]:
    """Return what a booking holds now: people, rooms and devices."""
    live = booking.claims.filter(released_at=None).exclude(kind=ResourceKind.PATIENT)
    rows = list(live.order_by("starts_at", "-kind"))
    models: dict[str, type[Staff | Room | Device]] = {
        ResourceKind.STAFF: Staff,
        ResourceKind.ROOM: Room,
        ResourceKind.DEVICE: Device,
    }
    names: dict[tuple[str, int], str] = {}
    for kind, model in models.items():
        ids = [row.resource_id for row in rows if row.kind == kind]
        if ids:
            found = model._default_manager.filter(pk__in=ids).values_list("pk", "name")
            names |= {(kind, pk): name for pk, name in found}
    return [
        Held(ResourceKind(row.kind), names[row.kind, row.resource_id], row.starts_at, row.ends_at)
        for row in rows
    ]


def day(day: date, *, by: Staff, campus_id: UUID | None = None, staff_id: UUID | None = None) -> list[DayRow]:
    """Return the bookings of a local day that the reader may see, by time, with their waiting clocks."""
    start, end = local_day(day)
    rows = Booking.objects.visible_to(by).with_people().filter(starts_at__gte=start, starts_at__lt=end)
    if campus_id:
        rows = rows.filter(campus__public_id=campus_id)
    if staff_id:
        rows = rows.filter(staff__public_id=staff_id)
    bookings = list(rows)
    names = shown_names((booking.patient for booking in bookings), by=by)
    return [DayRow(booking, names[booking.patient_id]) for booking in bookings]
