"""From a figure to the records it counts: only those that the reader may open where they belong.

A served row has no number of its record. It stands at the same place as the stored one, though: both are
written in the order of day and number, so the place leads from one to the other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.billing.models import Order, Payment, Quote
from yimei.core.errors import NotFound
from yimei.insight.gateways.reader import beside_base
from yimei.insight.models import ImportBatch
from yimei.insight.queries import imports, mart
from yimei.insight.queries.rights import campus_of, may_see
from yimei.insight.rules.mart import BROUGHT
from yimei.insight.rules.mart.brought import LINES
from yimei.insight.rules.metrics.metric import Kind, Metric
from yimei.insight.rules.metrics.sql import where
from yimei.insight.rules.questions import Question
from yimei.journey.models import AftercareTask, Booking, Case, Consultation, Surgery, WaitingEntry
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission

MOST = 200


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


@dataclass(frozen=True)
class Drilled:
    """The records that the reader may open, and how many the figure counts."""

    lines: Sequence[Line]
    counted: int
    permission: Permission | None


def drill(question: Question, *, by: Staff) -> Drilled:
    """Return the records behind a figure; of what the reader may not see only how many there are."""
    metric = question.metric
    if not may_see(metric, by):
        raise NotFound
    source = SOURCES.get(metric.fact)
    condition = f"{where('day', question.slice(campus_of(by)))} AND {_counts(metric)}"
    if source is None:
        return Drilled((), 0, None)
    path = mart.path()
    with beside_base(path) as con:
        file = path / "base" / f"{metric.fact}.parquet"
        picked = f"SELECT rowid AS place FROM served.{metric.fact} WHERE {condition}"
        counted = con.execute(f"SELECT COUNT(*) FROM ({picked})").fetchone()[0]
        if not by.may(source.permission):
            return Drilled((), counted, source.permission)
        numbers = con.execute(
            f"SELECT b.row FROM ({picked}) AS p JOIN read_parquet('{file}', file_row_number=true) AS b"
            f" ON b.file_row_number = p.place ORDER BY b.day DESC, b.row DESC LIMIT {MOST * 5}"
        ).fetchall()
    lines = source.read([number for (number,) in numbers], by)
    return Drilled(lines[:MOST], counted, source.permission)


def _counts(metric: Metric) -> str:
    """The rows that make up a figure: those of its numerator, where it is a count."""
    if metric.kind in {Kind.COUNT, Kind.PEOPLE}:
        return f"({metric.value})"
    if metric.kind is Kind.SHARE:
        return f"({metric.value}) AND ({metric.base})"
    if metric.kind in {Kind.MEAN, Kind.MEDIAN, Kind.P90}:
        return f"({metric.value}) IS NOT NULL AND ({metric.base})"
    return "TRUE"


@dataclass(frozen=True)
class Source:
    permission: Permission
    read: Callable[[Sequence[int], Staff], list[Line]]


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
        kept = [column.words for column in template.columns if not column.identifies]
        for line, values in imports.lines(batch, lines):
            said = " · ".join(
                f"{words} {value}" for words, value in zip(kept, values, strict=True) if value is not None
            )
            number_of = _("第 %(line)d 行") % {"line": line}
            found.append(Line(batch.ran_at, said, str(template.words), number_of, "", None, batch.public_id))
    return found


SOURCES: Mapping[str, Source] = {
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
    **{table.name: Source(Permission.INSIGHT_IMPORT, _brought) for table in BROUGHT},
}
