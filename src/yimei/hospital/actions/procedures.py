"""The catalogue of procedures; a change of clinical content waits for a clinician again."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.audit.log import Actor
from yimei.core.errors import RuleBroken
from yimei.hospital.access import open_procedure
from yimei.hospital.actions import edits
from yimei.hospital.enums import Anaesthesia, Category, Field, Grade, OnlineBooking, StepKind
from yimei.hospital.models import (
    AftercareStep,
    FormTemplate,
    Procedure,
    ProcedureForm,
    ProcedureTest,
    TestItem,
)
from yimei.hospital.rules import catalogue as rules


class ProcedureFields(TypedDict, total=False):
    code: str
    name: str
    category: Category
    field: Field
    grade: Grade
    anaesthesia: Anaesthesia
    minutes_p50: int
    minutes_p90: int
    setup_minutes: int
    turnover_minutes: int
    recovery_minutes: int
    has_side: bool
    deposit: Decimal
    needs_consult_days: int | None
    online: OnlineBooking
    is_active: bool


class Step(NamedTuple):
    """One step of an aftercare template before it is a row."""

    kind: StepKind
    title: str
    day: int
    window_hours: int = 24


@transaction.atomic
def create(*, by: Actor | None, at: datetime, **fields: Unpack[ProcedureFields]) -> Procedure:
    return edits.add(Procedure(**fields), by=by, at=at)


@transaction.atomic
def update(
    procedure_id: UUID, *, by: Actor | None, at: datetime, **changes: Unpack[ProcedureFields]
) -> Procedure:
    procedure = open_procedure(procedure_id, lock=True)
    if any(
        getattr(procedure, name) != value for name, value in changes.items() if name in rules.CLINICAL_FIELDS
    ):
        _reopen(procedure)
    return edits.change(procedure, changes, by=by, at=at)


@transaction.atomic
def confirm(procedure_id: UUID, *, by: Actor, at: datetime) -> Procedure:
    """Record that a clinician checked grade, anaesthesia, times, tests, forms and aftercare (临床确认)."""
    procedure = open_procedure(procedure_id, lock=True)
    if procedure.confirmed_at is not None:
        raise RuleBroken(_("「%(name)s」已经临床确认。") % {"name": procedure.name})
    procedure.confirmed_at, procedure.confirmed_by = at, by.public_id
    procedure.save(update_fields=["confirmed_at", "confirmed_by"])
    log.record("hospital.procedure.confirm", target=procedure, by=by, at=at)
    return procedure


@transaction.atomic
def require_tests(procedure_id: UUID, *, codes: Iterable[str], by: Actor | None, at: datetime) -> Procedure:
    """Ask for exactly these tests before the procedure."""
    procedure, wanted = open_procedure(procedure_id, lock=True), {*codes}
    tests = TestItem.objects.filter(code__in=wanted)
    _need_all(wanted, {test.code for test in tests})
    procedure.required_tests.all().delete()
    ProcedureTest.objects.bulk_create(ProcedureTest(procedure=procedure, test=test) for test in tests)
    return _changed(procedure, "required_tests", by=by, at=at)


@transaction.atomic
def require_forms(procedure_id: UUID, *, codes: Iterable[str], by: Actor | None, at: datetime) -> Procedure:
    """Ask for exactly these signed documents before the procedure."""
    procedure, wanted = open_procedure(procedure_id, lock=True), {*codes}
    _need_all(wanted, {*FormTemplate.objects.filter(code__in=wanted).values_list("code", flat=True)})
    procedure.required_forms.all().delete()
    ProcedureForm.objects.bulk_create(
        ProcedureForm(procedure=procedure, form_code=code) for code in sorted(wanted)
    )
    return _changed(procedure, "required_forms", by=by, at=at)


@transaction.atomic
def plan_aftercare(procedure_id: UUID, *, steps: Iterable[Step], by: Actor | None, at: datetime) -> Procedure:
    """Replace the aftercare template; steps already planned for a customer stay as they are."""
    procedure = open_procedure(procedure_id, lock=True)
    rows = [AftercareStep(procedure=procedure, **step._asdict()) for step in steps]
    for row in rows:
        edits.check(row)
    procedure.aftercare_steps.all().delete()
    AftercareStep.objects.bulk_create(rows)
    return _changed(procedure, "aftercare_steps", by=by, at=at)


def _changed(procedure: Procedure, what: str, *, by: Actor | None, at: datetime) -> Procedure:
    _reopen(procedure)
    log.record("hospital.procedure.update", target=procedure, by=by, at=at, fields=[what])
    return procedure


def _reopen(procedure: Procedure) -> None:
    procedure.confirmed_at = procedure.confirmed_by = None
    procedure.save(update_fields=["confirmed_at", "confirmed_by"])


def _need_all(wanted: set[str], found: set[str]) -> None:
    if unknown := sorted(wanted - found):
        raise RuleBroken(_("没有这些编码：%(codes)s。") % {"codes": "、".join(unknown)})
