"""The catalogue and the price list as their keepers change them: the right is asked here.

What is clinical waits for a physician again after each change; keeping the catalogue is no clinical right.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Unpack
from uuid import UUID

from django.db import transaction

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.hospital.actions import calendar, forms, prices, procedures
from yimei.hospital.actions.procedures import ProcedureFields, Step
from yimei.hospital.enums import DayKind, FormKind
from yimei.hospital.models import FormTemplate, Price, Procedure
from yimei.hospital.queries import newest_form
from yimei.hospital.rules import forms as rules
from yimei.hospital.rules.calendar import check_span
from yimei.journey.actions.clinical import need_physician
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission


@transaction.atomic
def save(
    procedure_id: UUID | None, *, by: Staff, now: datetime, **fields: Unpack[ProcedureFields]
) -> Procedure:
    """Change a procedure, or add one; its code never changes."""
    need(by, Permission.CATALOGUE_WRITE)
    if procedure_id is None:
        return procedures.create(by=by, at=now, **fields)
    fields.pop("code", None)
    return procedures.update(procedure_id, by=by, at=now, **fields)


@transaction.atomic
def set_price(procedure_id: UUID, *, amount: Decimal, from_day: date, by: Staff, now: datetime) -> Price:
    """Put a list price in force at the keeper's campus from a day on."""
    need(by, Permission.CATALOGUE_WRITE)
    return prices.set(procedure_id, campus=by.campus, amount=amount, from_day=from_day, by=by, at=now)


@transaction.atomic
def ask_for(
    procedure_id: UUID, *, tests: Iterable[str], papers: Iterable[str], by: Staff, now: datetime
) -> Procedure:
    """Ask for exactly these tests and signed documents before the procedure."""
    need(by, Permission.CATALOGUE_WRITE)
    procedures.require_tests(procedure_id, codes=tests, by=by, at=now)
    return procedures.require_forms(procedure_id, codes=papers, by=by, at=now)


@transaction.atomic
def plan_aftercare(procedure_id: UUID, *, steps: Iterable[Step], by: Staff, now: datetime) -> Procedure:
    need(by, Permission.CATALOGUE_WRITE)
    return procedures.plan_aftercare(procedure_id, steps=steps, by=by, at=now)


@transaction.atomic
def confirm(procedure_id: UUID, *, by: Staff, now: datetime) -> Procedure:
    """Confirm grade, anaesthesia, times, tests, documents and aftercare by name (临床确认)."""
    need_physician(by, on=local_date(now))
    return procedures.confirm(procedure_id, by=by, at=now)


@transaction.atomic
def publish_paper(code: str, *, title: str, text: str, source: str, by: Staff, now: datetime) -> FormTemplate:
    """Publish the next version of a document; what was signed keeps the version that was signed."""
    need(by, Permission.CATALOGUE_WRITE)
    newest = newest_form(code, now)
    if newest is None:
        raise NotFound
    sections = rules.read(text)
    rules.check_same_boxes(newest.sections, sections)
    return forms.publish(
        code,
        kind=FormKind(newest.kind),
        title=title.strip(),
        sections=sections,
        source=source.strip(),
        by=by,
        at=now,
    )


@transaction.atomic
def mark_days(
    *, first: date, last: date, kind: DayKind | None, name: str, source: str, by: Staff, now: datetime
) -> int:
    """Write down what the State Council's notice says of these days; no ``kind`` is back to the weekday."""
    need(by, Permission.CATALOGUE_WRITE)
    days = check_span(first, last)
    for day in days:
        if kind is None:
            calendar.clear_day(day, by=by, at=now)
        else:
            calendar.set_day(day, kind=kind, name=name, source=source, by=by, at=now)
    return len(days)
