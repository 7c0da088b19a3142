"""The records behind the rows of each fact, as one line each: without what only their own page may show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.billing.models import Cost, Order, Payment, Quote
from yimei.growth.models import Lead, Touch
from yimei.insight.models import ImportBatch
from yimei.insight.queries import imports
from yimei.insight.queries.facts.maps import POINTS
from yimei.insight.rules.imports.templates import Column
from yimei.insight.rules.mart import BROUGHT
from yimei.insight.rules.mart.brought import LINES
from yimei.journey.enums import CaseStage
from yimei.journey.models import (
    AftercareTask,
    Booking,
    Case,
    CaseMove,
    Consultation,
    Review,
    Surgery,
    Survey,
    TreatmentMap,
    TurnAway,
    WaitingEntry,
)
from yimei.outbox.models import Message
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission


@dataclass(frozen=True)
class Line:
    """One record behind a figure."""

    at: datetime
    what: str
    procedure: str
    state: str
    file_no: str
    case: UUID | None
    batch: UUID | None = None
    lead: UUID | None = None


@dataclass(frozen=True)
class Source:
    """Whose right opens the records of a fact.

    ``via`` names another fact whose records stand behind its rows, and the columns that join the two.
    """

    permission: Permission
    read: Callable[[Sequence[int], Staff], list[Line]]
    via: tuple[str, tuple[str, ...]] | None = None


def _bookings(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = (
        Booking.objects.visible_to(by).filter(pk__in=numbers).select_related("patient", "procedure", "case")
    )
    return [
        _line(
            row.starts_at,
            row.get_kind_display(),
            row.procedure.name,
            row.get_status_display(),
            row.patient,
            row.case,
        )
        for row in rows.order_by("-starts_at")
    ]


def _cases(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = Case.objects.visible_to(by).filter(pk__in=numbers).select_related("patient", "procedure")
    return [
        _line(row.opened_at, "", row.procedure.name, row.get_stage_display(), row.patient, row)
        for row in rows.order_by("-opened_at")
    ]


def _consultations(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = Consultation.objects.filter(pk__in=numbers, case__in=Case.objects.visible_to(by))
    return [
        _line(
            row.started_at,
            "",
            row.case.procedure.name,
            row.case.get_stage_display(),
            row.case.patient,
            row.case,
        )
        for row in rows.select_related("case__patient", "case__procedure").order_by("-started_at")
    ]


def _orders(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = Order.objects.visible_to(by).filter(pk__in=numbers).select_related("patient").order_by("-at")
    return [
        _line(row.at, f"¥{row.amount:,}", "", row.get_status_display(), row.patient, None) for row in rows
    ]


def _quotes(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = Quote.objects.visible_to(by).filter(pk__in=numbers).select_related("patient").order_by("-at")
    return [_line(row.at, row.option, "", row.get_status_display(), row.patient, None) for row in rows]


def _payments(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = Payment.objects.visible_to(by).filter(pk__in=numbers).select_related("order__patient")
    return [
        _line(
            row.at,
            f"¥{row.amount:,}",
            row.get_method_display(),
            row.get_kind_display(),
            row.order.patient,
            None,
        )
        for row in rows.order_by("-at")
    ]


def _surgeries(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = Surgery.objects.visible_to(by).filter(pk__in=numbers)
    return [
        _line(
            row.starts_at,
            row.room.name,
            row.plan.procedure.name,
            row.get_status_display(),
            row.case.patient,
            row.case,
        )
        for row in rows.select_related("case__patient", "plan__procedure", "room").order_by("-starts_at")
    ]


def _tasks(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = AftercareTask.objects.visible_to(by).filter(pk__in=numbers)
    return [
        _line(
            row.due_at,
            row.title,
            row.case.procedure.name,
            row.get_status_display(),
            row.case.patient,
            row.case,
        )
        for row in rows.select_related("case__patient", "case__procedure").order_by("-due_at")
    ]


def _waiting(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = WaitingEntry.objects.visible_to(by).filter(pk__in=numbers).select_related("patient", "procedure")
    return [
        _line(
            row.created_at,
            row.get_kind_display(),
            row.procedure.name,
            row.get_status_display(),
            row.patient,
            None,
        )
        for row in rows.order_by("-created_at")
    ]


def _customers(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = Patient.objects.visible_to(by).filter(pk__in=numbers).order_by("-created_at")
    return [_line(row.created_at, "", "", row.get_source_display(), row, None) for row in rows]


def _line(at: datetime, what: str, procedure: str, state: Any, patient: Patient, case: Case | None) -> Line:
    return Line(at, what, procedure, str(state), patient.file_no or "", case.public_id if case else None)


def _brought(numbers: Sequence[int], by: Staff) -> list[Line]:
    """Rows of tables that were brought, with the import that brought them; nobody's name lies in them."""
    wanted: dict[int, list[int]] = {}
    for number in numbers:
        wanted.setdefault(number // LINES, []).append(number % LINES)
    batches = ImportBatch.objects.visible_to(by).select_related("vault_key").in_bulk(list(wanted))
    found = []
    for pk, lines in wanted.items():
        batch = batches.get(pk)
        if batch is None or batch.ran_at is None:
            continue
        template = imports.template_of(batch)
        kept = [column for column in template.columns if not column.identifies]
        for line, values in imports.lines(batch, lines):
            said = " · ".join(
                f"{column.words} {_in_words(column, value)}"
                for column, value in zip(kept, values, strict=True)
                if value is not None
            )
            number_of = _("第 %(line)d 行") % {"line": line}
            found.append(Line(batch.ran_at, said, str(template.words), number_of, "", None, batch.public_id))
    return found


def _in_words(column: Column, value: object) -> str:
    return next((str(words) for code, words, _also in column.codes if code == value), str(value))


def _steps(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = CaseMove.objects.filter(pk__in=numbers, case__in=Case.objects.visible_to(by))
    return [
        _line(row.at, "", row.case.procedure.name, CaseStage(row.new).label, row.case.patient, row.case)
        for row in rows.select_related("case__patient", "case__procedure").order_by("-at")
    ]


def _reviews(numbers: Sequence[int], by: Staff) -> list[Line]:
    """That there was a review; what it found is read on the chart."""
    rows = Review.objects.filter(pk__in=numbers, case__in=Case.objects.visible_to(by))
    return [
        _line(row.at, "", row.case.procedure.name, _("已复查"), row.case.patient, row.case)
        for row in rows.select_related("case__patient", "case__procedure").order_by("-at")
    ]


def _surveys(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = Survey.objects.filter(pk__in=numbers, case__in=Case.objects.visible_to(by))
    return [
        _line(
            row.created_at,
            "" if row.score is None else _("推荐意愿 %(score)d") % {"score": row.score},
            row.case.procedure.name,
            _("已回答") if row.answered_at else _("未回答"),
            row.case.patient,
            row.case,
        )
        for row in rows.select_related("case__patient", "case__procedure").order_by("-created_at")
    ]


def _messages(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = Message.objects.visible_to(by).filter(pk__in=numbers).select_related("patient", "template")
    return [
        _line(
            row.created_at,
            f"{row.template.name} · {row.get_channel_display()}",
            "",
            row.get_status_display(),
            row.patient,
            None,
        )
        for row in rows.order_by("-created_at")
    ]


def _turn_aways(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = TurnAway.objects.visible_to(by).filter(pk__in=numbers).select_related("patient", "procedure")
    return [
        Line(
            row.at,
            row.get_kind_display(),
            row.procedure.name,
            row.get_reason_display(),
            (row.patient.file_no or "") if row.patient else "",
            None,
        )
        for row in rows.order_by("-at")
    ]


def _uses(numbers: Sequence[int], by: Staff) -> list[Line]:
    """The maps of some points; what was injected is read on the chart."""
    maps = {number // POINTS for number in numbers}
    rows = TreatmentMap.objects.filter(pk__in=maps, case__in=Case.objects.visible_to(by))
    return [
        _line(row.started_at, "", row.case.procedure.name, _("实施图"), row.case.patient, row.case)
        for row in rows.select_related("case__patient", "case__procedure").order_by("-started_at")
    ]


def _leads(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = Lead.objects.visible_to(by).filter(pk__in=numbers).select_related("patient")
    return [
        Line(
            row.created_at,
            row.get_source_display(),
            row.get_interest_display() if row.interest else "",
            row.get_status_display(),
            (row.patient.file_no or "") if row.patient else "",
            None,
            lead=row.public_id,
        )
        for row in rows.order_by("-created_at")
    ]


def _touches(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = Touch.objects.filter(pk__in=numbers, lead__in=Lead.objects.visible_to(by))
    return [
        Line(
            row.at,
            row.get_kind_display(),
            "",
            row.get_outcome_display(),
            (row.lead.patient.file_no or "") if row.lead.patient else "",
            None,
            lead=row.lead.public_id,
        )
        for row in rows.select_related("lead__patient").order_by("-at")
    ]


def _costs(numbers: Sequence[int], by: Staff) -> list[Line]:
    rows = Cost.objects.visible_to(by).filter(pk__in=numbers).select_related("procedure")
    return [
        Line(
            row.at,
            f"{row.get_account_display()} {row.get_channel_display()} ¥{row.amount:,}",
            row.procedure.name if row.procedure else "",
            f"{row.starts_on} – {row.ends_on}",
            "",
            None,
        )
        for row in rows.order_by("-starts_on", "-pk")
    ]


SPAN = ("campus", "staff", "first_day", "last_day", "total")
SOURCES: Mapping[str, Source] = {
    "cost": Source(Permission.COST_WRITE, _costs, via=("cost", SPAN)),
    "spend": Source(Permission.SPEND_WRITE, _costs, via=("cost", SPAN)),
    "booking": Source(Permission.BOOKING_VIEW, _bookings),
    "episode": Source(Permission.PATIENT_VIEW, _cases),
    "consultation": Source(Permission.PATIENT_VIEW, _consultations),
    "quote": Source(Permission.MONEY_VIEW, _quotes),
    "sale": Source(Permission.MONEY_VIEW, _orders),
    "payment": Source(Permission.MONEY_VIEW, _payments),
    "surgery": Source(Permission.SCHEDULE_VIEW, _surgeries),
    "aftercare": Source(Permission.AFTERCARE_VIEW, _tasks),
    "waiting": Source(Permission.BOOKING_VIEW, _waiting),
    "customer": Source(Permission.PATIENT_VIEW, _customers),
    "step": Source(Permission.PATIENT_VIEW, _steps),
    "review": Source(Permission.PATIENT_VIEW, _reviews),
    "survey": Source(Permission.AFTERCARE_VIEW, _surveys),
    "message": Source(Permission.PATIENT_VIEW, _messages),
    "turn_away": Source(Permission.BOOKING_VIEW, _turn_aways),
    "stock_use": Source(Permission.PATIENT_VIEW, _uses),
    "lead": Source(Permission.LEAD_VIEW, _leads),
    "touch": Source(Permission.LEAD_VIEW, _touches),
    "acquisition": Source(Permission.PATIENT_VIEW, _customers, via=("customer", ("customer",))),
    "room_day": Source(Permission.SCHEDULE_VIEW, _surgeries, via=("surgery", ("room", "day"))),
    "profit": Source(Permission.MONEY_VIEW, _payments, via=("payment", ("customer", "day"))),
    **{table.name: Source(Permission.INSIGHT_IMPORT, _brought) for table in BROUGHT},
}
