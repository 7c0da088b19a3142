"""Bookings, episodes with their steps, and consultations."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from yimei.billing.enums import OrderStatus
from yimei.billing.models import Order
from yimei.core.clock import SHANGHAI, local_date
from yimei.insight.queries.facts.keys import episode_key, minutes_between
from yimei.insight.queries.facts.money import net_of_bills
from yimei.journey.enums import BookingStatus, CaseStage
from yimei.journey.models import Booking, BookingMove, Case, CaseMove, Consultation

DAY_SECONDS = 86400.0


def bookings(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    mine = Booking.objects.filter(patient__in=patients).order_by("pk")
    moves = BookingMove.objects.filter(booking__patient__in=patients, new=BookingStatus.CANCELLED)
    cancelled: dict[int, datetime] = dict(moves.order_by("pk").values_list("booking_id", "at"))
    for row in mine.select_related("case").only(*BOOKING):
        day = local_date(row.starts_at)
        off = cancelled.get(row.pk)
        yield (
            row.pk,
            row.patient_id,
            row.campus_id,
            episode_key(row.case.public_id),
            row.procedure_id,
            row.staff_id,
            row.room_id,
            row.kind,
            row.visit_kind or None,
            row.status,
            day,
            row.starts_at.astimezone(SHANGHAI).hour,
            local_date(row.created_at),
            (day - local_date(row.created_at)).days,
            int((row.ends_at - row.starts_at).total_seconds() // 60),
            row.status in {BookingStatus.ARRIVED, BookingStatus.SERVED},
            row.status == BookingStatus.SERVED,
            row.status == BookingStatus.NO_SHOW,
            row.status == BookingStatus.CANCELLED,
            row.status == BookingStatus.CANCELLED and off is not None and local_date(off) >= day,
            row.acknowledged_at is not None,
            minutes_between(row.arrived_at, row.served_at),
            minutes_between(row.starts_at, row.arrived_at),
        )


BOOKING = (
    "patient_id", "campus_id", "case__public_id", "procedure_id", "staff_id", "room_id", "kind", "visit_kind",
    "status", "starts_at", "ends_at", "created_at", "arrived_at", "served_at", "acknowledged_at",
)  # fmt: skip


def episodes(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    reached: dict[int, dict[str, datetime]] = defaultdict(dict)
    moves = CaseMove.objects.filter(case__patient__in=patients).order_by("at", "pk")
    for number, new, at in moves.values_list("case_id", "new", "at"):
        reached[number].setdefault(new, at)
    won = kept(patients)
    for case in Case.objects.filter(patient__in=patients).order_by("pk"):
        seen = reached[case.pk]

        def days_to(stage: CaseStage, seen: Mapping[str, datetime] = seen, case: Case = case) -> float | None:
            at = seen.get(stage)
            return (at - case.opened_at).total_seconds() / DAY_SECONDS if at else None

        ended = (case.closed_at - case.opened_at).total_seconds() / DAY_SECONDS if case.closed_at else None
        yield (
            case.pk,
            case.patient_id,
            case.campus_id,
            episode_key(case.public_id),
            case.procedure_id,
            case.consultant_id,
            case.surgeon_id,
            case.stage,
            case.loss_reason or None,
            local_date(case.opened_at),
            CaseStage.ARRIVED in seen,
            CaseStage.CONSULTED in seen,
            CaseStage.PLANNED in seen,
            CaseStage.SCHEDULED in seen,
            CaseStage.IN_SURGERY in seen,
            CaseStage.REVIEWED in seen,
            case.public_id in won,
            case.stage == CaseStage.LOST,
            case.stage == CaseStage.CLOSED,
            days_to(CaseStage.CONSULTED),
            days_to(CaseStage.IN_SURGERY),
            ended,
        )


def steps(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    moves = CaseMove.objects.filter(case__patient__in=patients).order_by("case_id", "at", "pk")
    before: tuple[int, datetime] | None = None
    for move in moves.select_related("case").only(*STEP):
        same = before is not None and before[0] == move.case_id
        yield (
            move.pk,
            move.case.patient_id,
            move.case.campus_id,
            episode_key(move.case.public_id),
            move.case.procedure_id,
            move.old or None,
            move.new,
            local_date(move.at),
            (move.at - before[1]).total_seconds() / 3600 if same and before else None,
        )
        before = (move.case_id, move.at)


STEP = ("case__patient_id", "case__campus_id", "case__public_id", "case__procedure_id", "old", "new", "at")


def consultations(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    won = kept(patients)
    rows = Consultation.objects.filter(case__patient__in=patients).order_by("pk")
    for row in rows.values(*CONSULTATION):
        yield (
            row["pk"],
            row["case__patient"],
            row["case__campus"],
            episode_key(row["case__public_id"]),
            row["case__procedure"],
            row["by"],
            row["booking__visit_kind"] or None,
            local_date(row["started_at"]),
            minutes_between(row["started_at"], row["ended_at"]),
            row["case__public_id"] in won,
        )


CONSULTATION = (
    "pk", "case__patient", "case__campus", "case__public_id", "case__procedure", "by", "booking__visit_kind",
    "started_at", "ended_at",
)  # fmt: skip


def kept(patients: Sequence[int]) -> set[UUID]:
    """Return the episodes with an order that stands and of which money was kept."""
    orders = Order.objects.bills().filter(patient__in=patients).exclude(status=OrderStatus.CANCELLED)
    nets = net_of_bills(patients)
    return {episode for pk, episode in orders.order_by().values_list("pk", "episode") if nets.get(pk, 0) > 0}
