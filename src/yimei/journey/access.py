"""The gates from an id in a URL to a row of the journey.

Rows are locked in one order of tables: the case first, for whoever holds it holds all that hangs on it,
then its bookings or its operation, then ``actions.claims``, then care relations, and the log at the very end.
``no_key`` lets others point a new row at a locked one, so that no circle of waiting can close.
"""

from datetime import datetime
from uuid import UUID

from yimei.core.database.rows import lock_rows, only
from yimei.core.errors import NotFound
from yimei.journey.enums import CaseStage, LabRowStatus
from yimei.journey.models import (
    AftercareTask,
    AnswerSet,
    Booking,
    Case,
    ConsentForm,
    LabImport,
    LabRow,
    Plan,
    QuestionnaireLink,
    Referral,
    Surgery,
    TestOrder,
    TestReport,
    TestResult,
    WaitingEntry,
    WaitingOffer,
)
from yimei.journey.rules import cases as rules
from yimei.people.access import may_see_clinical
from yimei.people.models import Staff
from yimei.people.roles import Permission

CHART = ("case__patient__person__vault_key", "case__procedure", "case__campus")
"""What every row of the chart is read together with."""
TO_CHANGE = ("patient__person__vault_key", "procedure", "campus", "surgeon")
"""What a case is read together with by those who change it; a page shows more (``with_people``)."""


def open_case(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.PATIENT_VIEW
) -> Case:
    """Return a case within the reader's scope of the permission."""
    rows = Case.objects.visible_to(by, permission)
    return only(rows.select_related(*TO_CHANGE) if lock else rows.with_people(), public_id, lock=lock)


def open_case_to_write(
    public_id: UUID, *, by: Staff, permission: Permission = Permission.PATIENT_VIEW
) -> Case:
    """Return a case, locked, whose chart still grows: one that has ended is only read."""
    case = open_case(public_id, by=by, lock=True, permission=permission)
    rules.check_is_open(CaseStage(case.stage))
    return case


def open_booking(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.BOOKING_VIEW
) -> Booking:
    """Return a booking within the reader's scope of the permission; locked, its case is locked with it."""
    if lock:
        return open_bookings({public_id}, by=by, permission=permission)[public_id]
    return only(Booking.objects.visible_to(by, permission).with_people(), public_id, lock=False)


def open_bookings(
    public_ids: set[UUID], *, by: Staff, permission: Permission = Permission.BOOKING_VIEW
) -> dict[UUID, Booking]:
    """Return several bookings by id, all locked together with their cases."""
    rows = Booking.objects.visible_to(by, permission).filter(public_id__in=public_ids)
    their_cases = _lock_cases(set(rows.order_by().values_list("case", flat=True)))
    lock_rows(rows)
    found = {row.public_id: row for row in rows.filter(case__in=their_cases).with_people().order_by()}
    if found.keys() != public_ids:
        raise NotFound
    for row in found.values():
        row.case = their_cases[row.case_id]
    return found


def open_surgery(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.SCHEDULE_VIEW
) -> Surgery:
    return only(Surgery.objects.visible_to(by, permission).with_people(), public_id, lock=lock)


def open_operation(public_id: UUID, *, by: Staff, permission: Permission) -> Surgery:
    """Return an operation locked together with its case: the one order of tables."""
    rows = Surgery.objects.visible_to(by, permission).filter(public_id=public_id)
    case = next(iter(_lock_cases(set(rows.order_by().values_list("case", flat=True))).values()), None)
    if case is None:
        raise NotFound
    held = Surgery.objects.filter(case=case.pk).with_members()
    surgery = only(held.select_related("plan__procedure", "room", "campus"), public_id, lock=True)
    surgery.case = surgery.plan.case = case
    return surgery


def open_plan(public_id: UUID, *, by: Staff) -> Plan:
    """Return a plan; whoever changes it locks its case first."""
    plans = Plan.objects.filter(case__in=Case.objects.visible_to(by)).select_related(
        *CHART, "procedure", "surgeon"
    )
    return only(plans, public_id, lock=False)


def open_consent_form(public_id: UUID, *, by: Staff) -> ConsentForm:
    forms = ConsentForm.objects.filter(case__in=Case.objects.visible_to(by, Permission.CLINICAL_VIEW))
    return only(forms.select_related(*CHART, "pdf__key", "template", "plan"), public_id, lock=False)


def open_test_order(public_id: UUID, *, by: Staff) -> TestOrder:
    orders = TestOrder.objects.filter(
        case__in=Case.objects.visible_to(by, Permission.TEST_WRITE), cancelled_at=None
    )
    return only(orders.select_related("case__patient__person__vault_key", "test"), public_id, lock=False)


def open_test_result(public_id: UUID, *, by: Staff) -> TestResult:
    results = TestResult.objects.filter(order__case__in=Case.objects.visible_to(by, Permission.CLINICAL_VIEW))
    return only(results.select_related("order__test", "order__case__patient__person__vault_key"), public_id)


def open_test_report(
    public_id: UUID, *, by: Staff, permission: Permission = Permission.TEST_WRITE
) -> TestReport:
    reports = TestReport.objects.filter(case__in=Case.objects.visible_to(by, permission))
    return only(reports.select_related("case__patient__person__vault_key", "file__key"), public_id)


def open_lab_import(public_id: UUID, *, by: Staff, lock: bool = False) -> LabImport:
    """Return a file of results of the reader's campus that still has its key."""
    rows = LabImport.objects.visible_to(by).filter(closed_at=None)
    return only(rows.select_related("vault_key", "file__key"), public_id, lock=lock)


def open_lab_row(public_id: UUID, *, by: Staff) -> LabRow:
    """Return a row that waits, locked, of a file that still has its key."""
    theirs = LabImport.objects.visible_to(by).filter(closed_at=None)
    rows = LabRow.objects.filter(lab_import__in=theirs, status=LabRowStatus.REJECTED)
    return only(rows.select_related("lab_import__vault_key"), public_id, lock=True)


def open_task(public_id: UUID, *, by: Staff, lock: bool = False) -> AftercareTask:
    return only(AftercareTask.objects.visible_to(by).with_people(), public_id, lock=lock)


def open_waiting_entry(public_id: UUID, *, by: Staff, lock: bool = False) -> WaitingEntry:
    """Return a wish on the waiting list; its lock comes before that of the case."""
    rows = WaitingEntry.objects.visible_to(by, Permission.BOOKING_WRITE)
    return only(rows.with_people(), public_id, lock=lock)


def open_waiting_offer(public_id: UUID, *, by: Staff) -> WaitingOffer:
    """Return an offer; whoever changes it locks its entry first."""
    return only(WaitingOffer.objects.visible_to(by, Permission.BOOKING_WRITE).with_people(), public_id)


ASKING = (Permission.CONSULT_WRITE, Permission.CLINICAL_WRITE, Permission.TEST_WRITE)
"""Any of these takes down the answers of a customer within its scope."""


def open_case_to_ask(public_id: UUID, *, by: Staff) -> Case:
    """Return a case whose customer the reader may question."""
    for permission in ASKING:
        if by.may(permission):
            return open_case(public_id, by=by, permission=permission)
    raise NotFound


def open_answers(public_id: UUID, *, by: Staff) -> AnswerSet:
    """Return a set of answers that the reader may go on with; whoever changes it locks its case first."""
    for permission in ASKING:
        if by.may(permission):
            cases = Case.objects.visible_to(by, permission)
            return only(AnswerSet.objects.filter(case__in=cases).with_people(), public_id)
    raise NotFound


def open_questionnaire_link(public_id: UUID, *, by: Staff) -> QuestionnaireLink:
    links = QuestionnaireLink.objects.filter(case__in=Case.objects.visible_to(by))
    return only(links.select_related("case__patient__person__vault_key"), public_id)


def open_referral(public_id: UUID, *, by: Staff, now: datetime) -> Referral:
    """Return a referral of a chart that its reader may open."""
    referral = only(Referral.objects.select_related(*CHART, "case__patient__campus"), public_id)
    if not may_see_clinical(by, referral.case.patient, now):
        raise NotFound
    return referral


def lock_case(case_id: int) -> Case:
    """Return the case of a row that is already open, locked and read afresh."""
    return _lock_cases({case_id})[case_id]


def _lock_cases(case_ids: set[int]) -> dict[int, Case]:
    rows = Case.objects.filter(pk__in=case_ids)
    lock_rows(rows)
    return {row.pk: row for row in rows.select_related(*TO_CHANGE).order_by()}
