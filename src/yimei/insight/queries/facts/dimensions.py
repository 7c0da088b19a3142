"""What the hospital's places, people at work and procedures look like now."""

from collections.abc import Iterator, Mapping

from yimei.hospital.enums import DayKind
from yimei.hospital.models import CalendarDay, Campus, Procedure, Room
from yimei.people.enums import SourceKind
from yimei.people.models import Staff


def current() -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Yield dimension, key and attributes; names only of places and procedures, never of people."""
    for campus in Campus.objects.order_by("pk"):
        yield "campus", str(campus.pk), {"name": campus.name, "is_active": campus.is_active}
    for room in Room.objects.order_by("pk"):
        yield "room", str(room.pk), {"name": room.name, "kind": room.kind, "campus": room.campus_id}
    for one in Procedure.objects.order_by("pk"):
        yield (
            "procedure",
            str(one.pk),
            {"name": one.name, "category": one.category, "grade": one.grade, "field": one.field},
        )
    for staff in Staff.objects.order_by("pk").select_related("role", "department"):
        yield (
            "staff",
            str(staff.pk),
            {
                "role": staff.role.name,
                "department": staff.department.name if staff.department else "",
                "campus": staff.campus_id,
            },
        )
    for source in SourceKind:
        yield "source", source.value, {"name": str(source.value)}


def holidays() -> list[object]:
    return list(
        CalendarDay.objects.filter(kind=DayKind.HOLIDAY).order_by("day").values_list("day", flat=True)
    )
