"""One customer's whole way as one line, and how many stand where."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from yimei.core.database.rows import told_by
from yimei.core.errors import NotFound
from yimei.journey import access, registry
from yimei.journey.enums import BookingStatus, CaseStage
from yimei.journey.models import Booking, BookingMove, Case, CaseMove, Referral
from yimei.journey.queries import facts
from yimei.journey.queries.board import list_names
from yimei.journey.registry import Look, TimelineItem
from yimei.people.access import may_see_clinical, open_clinical_patient, open_patient, why_clinical
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.people.rules.access import GROUNDS, NAMED_GROUNDS

TONES = {
    CaseStage.LOST: "warn",
    CaseStage.CLOSED: "good",
    BookingStatus.NO_SHOW: "danger",
    BookingStatus.CANCELLED: "warn",
    BookingStatus.ARRIVED: "accent",
}


def timeline(
    *, by: Staff, now: datetime, patient_id: UUID | None = None, case_id: UUID | None = None
) -> list[TimelineItem]:
    """Return what happened to a patient, or within one case, newest first; one query for each source."""
    case = open_chart(case_id, by=by, now=now) if case_id else None
    if case is None and patient_id is None:
        raise ValueError("a timeline is of a patient or of a case")
    patient = case.patient if case else open_to_read(patient_id, by=by, now=now)  # type: ignore[arg-type]
    why = None if patient.is_sealed else why_clinical(by, patient, now)
    return timeline_of(
        Look(patient, by, now, case, sees_clinical=why in GROUNDS, sees_special=why in NAMED_GROUNDS)
    )


def timeline_of(look: Look) -> list[TimelineItem]:
    """The same for whoever has opened the case and decided how much of it the reader sees.

    One question for all tells which rows these cases hold at all: most sources have nothing to tell.
    """
    rows = [look.case] if look.case else Case.objects.filter(patient__in=look.files).with_people()
    told = {case.pk: case for case in rows}
    look = replace(look, cases=told, filled=look.filled or filled(told))
    sources = registry.timeline_sources()
    found = [item for source, of in sources.items() if of in look.filled for item in source(look)]
    return sorted(found, key=lambda item: item.at, reverse=True)


def filled(case_ids: Collection[int]) -> frozenset[type[Model]]:
    """Return the tables in which these cases hold a row, of all that timeline and gates read; one query."""
    asked: list[type[Model]] = [*registry.timeline_sources().values(), Referral, *facts.OF_A_CASE]
    return told_by(asked, case_ids, by="case_id")


def open_to_read(public_id: UUID, *, by: Staff, now: datetime) -> Patient:
    """Return a patient to look at: within reach, or by an emergency look that still runs."""
    try:
        return open_patient(public_id, by=by)
    except NotFound:
        return open_clinical_patient(public_id, by=by, now=now)


def open_chart(
    case_id: UUID, *, by: Staff, now: datetime, permission: Permission = Permission.PATIENT_VIEW
) -> Case:
    """Return a case to read: within the reader's scope, or by an emergency look that still runs."""
    try:
        return access.open_case(case_id, by=by, permission=permission)
    except NotFound:
        case = Case.objects.with_people().filter(public_id=case_id).first()
        if case is None or not by.may(permission) or not may_see_clinical(by, case.patient, now):
            raise
        return case


def reached(rows: Iterable[Case], *, by: Staff) -> frozenset[int]:
    """Which of these cases, seen on somebody else's list, the reader may open; one query."""
    asked = [case.pk for case in rows]
    return frozenset(Case.objects.visible_to(by).filter(pk__in=asked).values_list("pk", flat=True))


def of_patient(patient: Patient, *, by: Staff) -> list[Case]:
    """Return the episodes of a customer who is already open, from all her files, the newest first.

    They are what a list says of them: the procedure, the stage and the day.

    An emergency look, which reaches beyond the reader's scope, sees them all.
    """
    files = Patient.objects.files_of(patient)
    hers = Case.objects.filter(patient__in=files).select_related("procedure").order_by("-opened_at", "-id")
    mine = list(hers.visible_to(by))
    if mine or Patient.objects.visible_to(by).filter(pk=patient.pk).exists():
        return mine
    return list(hers)


def customers(*, by: Staff, stage: str = "", is_mine: bool = False) -> QuerySet[Patient]:
    """Return the customers whom the reader may find, each person once, the newest first."""
    found = Patient.objects.visible_to(by).counted().kept().with_person().order_by("-id")
    if is_mine:
        found = found.filter(pk__in=by.care_relations.filter(until=None).values("patient"))
    if stage:
        hers = Q(patient=OuterRef("pk")) | Q(patient__merged_into=OuterRef("pk"))
        found = found.filter(Exists(Case.objects.filter(hers, stage=stage)))
    return found


@dataclass(frozen=True)
class CustomerRow:
    """One line of a list of customers: masked, with the newest episode."""

    patient: Patient
    who: str
    case: Case | None


def rows(patients: Iterable[Patient], *, by: Staff) -> list[CustomerRow]:
    """Return the lines of a list; two queries more, however long it is."""
    people = list(patients)
    newest: dict[int, Case] = {}
    hers = Q(patient__in=people) | Q(patient__merged_into__in=people)
    seen = Case.objects.visible_to(by).filter(hers).order_by("opened_at", "id")
    for case in seen.select_related("patient", "procedure", "surgeon", "consultant"):
        newest[case.patient.head_id] = case
    names = list_names(people, by=by)
    return [CustomerRow(one, names[one.pk], newest.get(one.pk)) for one in people]


def by_stage(staff: Staff) -> dict[CaseStage, int]:
    """How many open cases stand at each stage, of those that the reader may see."""
    counts = Case.objects.visible_to(staff).open().order_by().values_list("stage").annotate(Count("id"))
    found = {CaseStage(stage): count for stage, count in counts}
    return {
        stage: found.get(stage, 0) for stage in CaseStage if stage not in {CaseStage.CLOSED, CaseStage.LOST}
    }


@registry.timeline_source(CaseMove)
def case_moves(look: Look) -> Iterator[TimelineItem]:
    for move in look.hand(CaseMove.objects.select_related("by")):
        stage = CaseStage(move.new)
        yield TimelineItem(
            at=move.at,
            kind="case",
            title=str(stage.label)
            if move.old
            else _("开始诊疗：%(procedure)s") % {"procedure": move.case.procedure},
            text=move.note,
            by_name=move.by.name if move.by else "",
            where=f"desk:case:{move.case.public_id}",
            tone=TONES.get(stage, ""),
        )


@registry.timeline_source(Booking)
def booking_moves(look: Look) -> Iterator[TimelineItem]:
    if not look.by.may(Permission.BOOKING_VIEW):
        return
    rows = BookingMove.objects.filter(booking__case__in=list(look.cases))
    for move in rows.select_related("booking", "by"):
        status, booking = BookingStatus(move.new), move.booking
        changed = move.old != move.new
        yield TimelineItem(
            at=move.at,
            kind="booking",
            title=_("%(kind)s：%(status)s")
            % {"kind": booking.get_kind_display(), "status": status.label if changed else _("有变动")},
            text=move.note,
            by_name=move.by.name if move.by else "",
            where=f"desk:booking:{booking.public_id}",
            tone=TONES.get(status, "") if changed else "",
        )
