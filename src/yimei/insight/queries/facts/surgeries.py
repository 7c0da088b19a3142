"""Operations with their times and safety, reviews and aftercare."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from yimei.core.clock import SHANGHAI, local_date
from yimei.hospital.enums import Anaesthesia, FormKind, StepKind
from yimei.insight.queries.facts.keys import episode_key, minutes_between
from yimei.journey.enums import ClavienDindo, Part, Phase, SurgeryStatus, TaskStatus
from yimei.journey.models import (
    AftercareTask,
    ChecklistPhase,
    ConsentForm,
    Review,
    Surgery,
    SurgeryMember,
)

CALL_WITHIN = timedelta(hours=48)
MAJOR = frozenset(
    {
        ClavienDindo.THREE_A,
        ClavienDindo.THREE_B,
        ClavienDindo.FOUR_A,
        ClavienDindo.FOUR_B,
        ClavienDindo.FIVE,
    }
)
NARCOSIS = frozenset({Anaesthesia.SEDATION, Anaesthesia.GENERAL})


class Beside:
    """What lies beside the operations of some patients, each table read once."""

    def __init__(self, patients: Sequence[int]) -> None:
        self.team: dict[tuple[int, str], int] = {}
        for surgery, part, staff in (
            SurgeryMember.objects.filter(surgery__case__patient__in=patients)
            .order_by("-pk")
            .values_list("surgery_id", "part", "staff_id")
        ):
            self.team[surgery, part] = staff
        self.signed: dict[int, dict[str, datetime]] = defaultdict(dict)
        for plan, kind, at in ConsentForm.objects.filter(
            case__patient__in=patients, voided_at=None
        ).values_list("plan_id", "kind", "signed_at"):
            self.signed[plan][kind] = at
        self.phases: dict[int, set[str]] = defaultdict(set)
        for surgery, phase in ChecklistPhase.objects.filter(
            surgery__case__patient__in=patients, completed_at__isnull=False
        ).values_list("surgery_id", "phase"):
            self.phases[surgery].add(phase)
        self.calls: dict[int, list[datetime]] = defaultdict(list)
        for surgery, done_at in AftercareTask.objects.filter(
            case__patient__in=patients, kind=StepKind.CALL, status=TaskStatus.DONE
        ).values_list("surgery_id", "done_at"):
            if done_at is not None:
                self.calls[surgery].append(done_at)
        self.reviews: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
        for case, at, grade in Review.objects.filter(case__patient__in=patients).values_list(
            "case_id", "at", "complication"
        ):
            self.reviews[case].append((at, grade))

    def is_consented(self, surgery: Surgery) -> bool:
        """The consent to the operation, and to sedation or narcosis, was signed before the knife."""
        signed, knife = self.signed[surgery.plan_id], surgery.incision_at
        kinds = [FormKind.SURGERY]
        if surgery.plan.anaesthesia in NARCOSIS:
            kinds.append(FormKind.ANAESTHESIA)
        return all(kind in signed and (knife is None or signed[kind] <= knife) for kind in kinds)

    def grades(self, surgery: Surgery) -> list[str]:
        after = surgery.closure_at
        return [grade for at, grade in self.reviews[surgery.case_id] if after and at >= after]


def surgeries(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    beside = Beside(patients)
    rows = Surgery.objects.filter(case__patient__in=patients).select_related("case", "plan")
    for row in rows.defer("record").order_by("pk"):
        grades = beside.grades(row)
        home = row.discharged_at or row.left_at
        yield (
            row.pk,
            row.case.patient_id,
            row.campus_id,
            episode_key(row.case.public_id),
            row.plan.procedure_id,
            beside.team.get((row.pk, Part.SURGEON)),
            beside.team.get((row.pk, Part.ANAESTHETIST)),
            row.room_id,
            row.plan.anaesthesia,
            row.status,
            local_date(row.starts_at),
            _minute(row.starts_at),
            _minute(row.entered_at),
            _minute(row.left_at),
            int((row.ends_at - row.starts_at).total_seconds() // 60),
            minutes_between(row.entered_at, row.left_at),
            minutes_between(row.incision_at, row.closure_at),
            minutes_between(row.starts_at, row.entered_at),
            minutes_between(row.left_at, row.discharged_at),
            row.blood_loss_ml,
            row.closure_at is not None,
            row.status == SurgeryStatus.CANCELLED,
            beside.is_consented(row),
            beside.phases[row.pk] >= set(Phase.values),
            home is not None and any(at <= home + CALL_WITHIN for at in beside.calls[row.pk]),
            any(grade != ClavienDindo.NONE for grade in grades),
            any(grade in MAJOR for grade in grades),
            bool(grades),
        )


def reviews(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    rows = Review.objects.filter(case__patient__in=patients).select_related("case")
    for row in rows.defer("findings", "complication_note").order_by("pk"):
        yield (
            row.pk,
            row.case.patient_id,
            row.case.campus_id,
            episode_key(row.case.public_id),
            row.case.procedure_id,
            row.by_id,
            row.complication,
            local_date(row.at),
            row.goal_reached,
            row.complication != ClavienDindo.NONE,
        )


def tasks(patients: Sequence[int]) -> Iterator[tuple[object, ...]]:
    rows = AftercareTask.objects.filter(case__patient__in=patients).select_related("case")
    for row in rows.defer("outcome").order_by("pk"):
        yield (
            row.pk,
            row.case.patient_id,
            row.case.campus_id,
            episode_key(row.case.public_id),
            row.case.procedure_id,
            row.done_by_id,
            row.kind,
            row.status,
            local_date(row.due_at),
            local_date(row.late_at),
            row.status == TaskStatus.DONE,
            row.status == TaskStatus.DONE and row.done_at is not None and row.done_at <= row.late_at,
            row.has_red_flag,
        )


def _minute(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    local = moment.astimezone(SHANGHAI)
    return local.hour * 60 + local.minute
