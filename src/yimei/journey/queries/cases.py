"""One customer's whole way as one line, and how many stand where."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext as _

from yimei.journey import access, registry
from yimei.journey.enums import BookingStatus, CaseStage
from yimei.journey.models import BookingMove, Case, CaseMove
from yimei.journey.registry import Look, TimelineItem
from yimei.people.access import may_see_clinical, open_patient
from yimei.people.models import Staff
from yimei.people.roles import Permission

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
    case = access.open_case(case_id, by=by) if case_id else None
    if case is None and patient_id is None:
        raise ValueError("a timeline is of a patient or of a case")
    patient = case.patient if case else open_patient(patient_id, by=by)  # type: ignore[arg-type]
    look = Look(patient, by, now, case, may_see_clinical(by, patient, now))
    found = [item for source in registry.timeline_sources() for item in source(look)]
    return sorted(found, key=lambda item: item.at, reverse=True)


def by_stage(staff: Staff) -> dict[CaseStage, int]:
    """How many open cases stand at each stage, of those that the reader may see."""
    counts = Case.objects.visible_to(staff).open().order_by().values_list("stage").annotate(Count("id"))
    found = {CaseStage(stage): count for stage, count in counts}
    return {
        stage: found.get(stage, 0) for stage in CaseStage if stage not in {CaseStage.CLOSED, CaseStage.LOST}
    }


@registry.timeline_source
def case_moves(look: Look) -> Iterator[TimelineItem]:
    rows = CaseMove.objects.filter(case__patient=look.patient).select_related("case__procedure", "by")
    if look.case:
        rows = rows.filter(case=look.case)
    for move in rows:
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


@registry.timeline_source
def booking_moves(look: Look) -> Iterator[TimelineItem]:
    if not look.by.may(Permission.BOOKING_VIEW):
        return
    rows = BookingMove.objects.filter(booking__patient=look.patient)
    if look.case:
        rows = rows.filter(booking__case=look.case)
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
