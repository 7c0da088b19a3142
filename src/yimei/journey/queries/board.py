"""The operating day: rooms, people, who waits for a place, and what there is to choose from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from yimei.core import names
from yimei.core.clock import local_day
from yimei.hospital.enums import Anaesthesia, RoomKind
from yimei.hospital.models import Campus, Device, Room
from yimei.journey.enums import CaseStage, Part, ResourceKind, SurgeryStatus
from yimei.journey.models import Case, Plan, ResourceClaim, Surgery
from yimei.journey.models.cases import CaseQuerySet
from yimei.journey.queries.names import shown_names
from yimei.journey.queries.plans import procedures_of
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission, RoleCode

CLINICAL = (RoleCode.SURGEON, RoleCode.ANAESTHETIST, RoleCode.NURSE)


@dataclass(frozen=True)
class Placed:
    """One operation of the day as the board shows it."""

    surgery: Surgery
    who: str

    @property
    def starts_at(self) -> datetime:
        return self.surgery.entered_at or self.surgery.starts_at

    @property
    def turnover_at(self) -> datetime:
        """When the planned cleaning begins; the end of a finished operation, which has none any more."""
        surgery = self.surgery
        if surgery.left_at:
            return surgery.left_at
        planned = surgery.ends_at - timedelta(minutes=surgery.plan.procedure.turnover_minutes)
        return max(planned, self.starts_at)

    @property
    def ends_at(self) -> datetime:
        return self.surgery.left_at or self.surgery.ends_at

    @property
    def is_running(self) -> bool:
        return self.surgery.status in {
            SurgeryStatus.IN_ROOM,
            SurgeryStatus.OPERATING,
            SurgeryStatus.CLOSED,
        }

    @property
    def is_over(self) -> bool:
        return self.surgery.left_at is not None


@dataclass(frozen=True)
class Day:
    """The operating day of one campus."""

    rooms: Sequence[Room]
    people: Sequence[Staff]
    placed: Sequence[Placed]
    visits: Sequence[ResourceClaim]
    """Consultations and treatments that hold the same people."""

    def in_room(self, room: Room) -> list[Placed]:
        return [each for each in self.placed if each.surgery.room_id == room.pk]

    def of(self, staff: Staff) -> list[Placed]:
        return [
            each
            for each in self.placed
            if any(member.staff_id == staff.pk for member in each.surgery.members.all())
        ]

    def visits_of(self, staff: Staff) -> list[ResourceClaim]:
        return [claim for claim in self.visits if claim.resource_id == staff.pk]


@dataclass(frozen=True)
class Waiting:
    """A case that is planned and has no place on the board yet."""

    case: Case
    who: str
    days: int


@dataclass(frozen=True)
class Choices:
    """What an operation can be made of at this campus."""

    rooms: Sequence[Room]
    nurses: Sequence[Staff]
    anaesthetists: Sequence[Staff]
    assistants: Sequence[Staff]
    devices: Sequence[Device]
    needs_anaesthetist: bool
    length: timedelta


def day(on: date, *, by: Staff) -> Day:
    """Return the day of the reader's campus; a fixed number of queries."""
    start, end = local_day(on)
    surgeries = list(
        _surgeries(by)
        .filter(campus=by.campus_id, starts_at__gte=start, starts_at__lt=end)
        .order_by("starts_at")
    )
    names_of = list_names((surgery.case.patient for surgery in surgeries), by=by)
    people = list(
        Staff.objects.active().filter(campus=by.campus_id).in_role(*CLINICAL).order_by("role__code", "name")
    )
    visits = ResourceClaim.objects.filter(
        kind=ResourceKind.STAFF,
        resource_id__in=[staff.pk for staff in people],
        booking__isnull=False,
        released_at=None,
        starts_at__lt=end,
        ends_at__gt=start,
    )
    return Day(
        rooms=list(
            Room.objects.filter(
                campus=by.campus_id, is_active=True, kind__in=[RoomKind.OR, RoomKind.TREATMENT]
            ).order_by("kind", "code")
        ),
        people=sorted(people, key=lambda staff: (CLINICAL.index(RoleCode(staff.role_code)), staff.name)),
        placed=[Placed(surgery, names_of[surgery.case.patient_id]) for surgery in surgeries],
        visits=list(visits.select_related("booking__procedure")),
    )


def waiting(*, by: Staff, now: datetime) -> list[Waiting]:
    """Return the cases whose plan is chosen and that have no place yet, the longest wait first."""
    rows = list(unplaced(by).with_people())
    names_of = list_names((case.patient for case in rows), by=by)
    return [Waiting(case, names_of[case.patient_id], (now - case.stage_since).days) for case in rows]


def unplaced(by: Staff) -> CaseQuerySet:
    seen = Case.objects.visible_to(by, Permission.SCHEDULE_VIEW)
    return seen.filter(stage=CaseStage.PLANNED, campus=by.campus_id).order_by("stage_since", "id")


def choices(case: Case, plan: Plan) -> Choices:
    campus: Campus = case.campus
    staff = list(Staff.objects.active().filter(campus=campus).in_role(*CLINICAL).order_by("name"))
    by_role = {role: [each for each in staff if each.role_code == role] for role in CLINICAL}
    kind = RoomKind.OR if case.procedure.is_operation else RoomKind.TREATMENT
    procedure = plan.procedure
    operating = sum(each.minutes_p50 for each in procedures_of(plan))
    minutes = procedure.setup_minutes + operating + procedure.turnover_minutes
    return Choices(
        rooms=list(Room.objects.filter(campus=campus, kind=kind, is_active=True).order_by("code")),
        nurses=by_role[RoleCode.NURSE],
        anaesthetists=by_role[RoleCode.ANAESTHETIST],
        assistants=[
            each
            for each in (*by_role[RoleCode.SURGEON], *by_role[RoleCode.NURSE])
            if each.pk != plan.surgeon_id
        ],
        devices=list(Device.objects.filter(campus=campus, is_active=True).order_by("code")),
        needs_anaesthetist=plan.anaesthesia in {Anaesthesia.SEDATION, Anaesthesia.GENERAL},
        length=timedelta(minutes=minutes),
    )


def operations_of(staff: Staff, start: datetime, end: datetime) -> QuerySet[Surgery]:
    """Return the operations in which somebody takes part, by time."""
    return (
        _surgeries(staff)
        .filter(members__staff=staff, starts_at__gte=start, starts_at__lt=end)
        .order_by("starts_at")
        .distinct()
    )


def list_names(patients: Iterable[Patient], *, by: Staff) -> dict[int, str]:
    """Name by patient for a list that many see: a mask, for a VIP the alias."""
    rows = list(patients)
    shown = shown_names(rows, by=by)
    return {
        patient.pk: names.mask(patient.person.name)
        if shown[patient.pk] == patient.person.name
        else shown[patient.pk]
        for patient in rows
    }


def surgeon_of(surgery: Surgery) -> Staff | None:
    return next((each.staff for each in surgery.members.all() if each.part == Part.SURGEON), None)


def _surgeries(by: Staff) -> QuerySet[Surgery]:
    return Surgery.objects.visible_to(by).exclude(status=SurgeryStatus.CANCELLED).with_people()
