"""Writes of pre-operative tests: order, result, acceptance of an abnormal result."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.enums import TestKind
from yimei.journey.access import open_case_to_write, open_test_order, open_test_result
from yimei.journey.enums import Flag
from yimei.journey.models import TestOrder, TestReport, TestResult
from yimei.journey.queries.assessments import limits_of, wanted_for
from yimei.journey.rules import tests as rules
from yimei.outbox.actions import notifications
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission

CRITICAL = frozenset({Flag.CRITICAL_LOW, Flag.CRITICAL_HIGH})


@transaction.atomic
def order(case_id: UUID, *, by: Staff, now: datetime) -> list[TestOrder]:
    """Order every test that the procedure asks for and that is not ordered yet."""
    need(by, Permission.TEST_WRITE)
    case = open_case_to_write(case_id, by=by)
    known = set(case.test_orders.filter(cancelled_at=None).values_list("test", flat=True))
    wanted = [test for test in wanted_for(case) if test.pk not in known]
    orders = TestOrder.objects.bulk_create(
        [TestOrder(case=case, test=test, ordered_by=by, ordered_at=now) for test in wanted]
    )
    if orders:
        log.record("journey.test.ordered", target=case, subject=case.subject, by=by, at=now, rows=len(orders))
    return orders


@transaction.atomic
def record(
    order_id: UUID,
    *,
    value: str = "",
    finding: str = "",
    taken_at: datetime,
    by: Staff,
    now: datetime,
    report_id: UUID | None = None,
) -> TestResult:
    """Add a result, judged at once by sex and age; a correction is a newer row, the same again is no row.

    A critical value (危急值) reaches the physician's bell in the same transaction.
    """
    need(by, Permission.TEST_WRITE)
    ordered = open_test_order(order_id, by=by)
    test = ordered.test
    taken_on = local_date(taken_at)
    rules.check_taken(taken_on, today=local_date(now))
    if test.kind == TestKind.NUMBER:
        number = rules.read_number(value)
        limits = limits_of(test, ordered.case.patient.person, taken_on)
        value, finding, reference = str(number), "", limits.words
        flag = rules.flag_number(number, limits)
    elif finding.strip():
        value, finding, reference = "", finding.strip(), test.normal_text
        flag = rules.flag_finding(finding, normal_text=test.normal_text)
    else:
        raise RuleBroken(_("请填写「%(test)s」的结论。") % {"test": test.name})
    for known in ordered.results.filter(taken_at=taken_at):
        known.order = ordered
        if (known.value, known.finding) == (value, finding):
            return known
    result = TestResult.objects.create(
        order=ordered,
        value=value,
        finding=finding,
        is_abnormal=flag != Flag.NORMAL,
        flag=flag,
        reference=reference[:60],
        report=_report(ordered, report_id),
        taken_at=taken_at,
        valid_to=rules.valid_to(taken_on, test.validity_days),
        recorded_at=now,
        recorded_by=by,
    )
    if flag in CRITICAL:
        _alarm(result, by=by, now=now)
    log.record("journey.test.recorded", target=result, subject=ordered.case.subject, by=by, at=now)
    return result


@transaction.atomic
def accept(result_id: UUID, *, reason: str, by: Staff, now: datetime) -> TestResult:
    """Accept an abnormal result by a physician's name and reason; the finding itself stays as it is."""
    need(by, Permission.PLAN_WRITE)
    result = open_test_result(result_id, by=by)
    if not result.is_abnormal or result.accepts_id:
        raise RuleBroken(_("这项结果没有异常，无需接受。"))
    newest = result.order.results.first()
    if newest is not None and newest.pk != result.pk:
        raise RuleBroken(_("这项检查已有更新的结果，请刷新后再看。"))
    if len(reason.strip()) < 5:
        raise RuleBroken(_("请写明接受异常结果的医学理由（至少 5 个字）。"))
    accepted = TestResult.objects.create(
        order=result.order,
        value=result.value,
        finding=result.finding,
        is_abnormal=True,
        flag=result.flag,
        reference=result.reference,
        report=result.report,
        taken_at=result.taken_at,
        valid_to=result.valid_to,
        accepts=result,
        acceptance=reason.strip(),
        recorded_at=now,
        recorded_by=by,
    )
    log.record("journey.test.accepted", target=accepted, subject=result.order.case.subject, by=by, at=now)
    return accepted


def _report(ordered: TestOrder, report_id: UUID | None) -> TestReport | None:
    """A value is typed from a report of the same case, or from none."""
    if report_id is None:
        return None
    report = ordered.case.test_reports.filter(public_id=report_id, voided_at=None).first()
    if report is None:
        raise NotFound
    return report


def _alarm(result: TestResult, *, by: Staff, now: datetime) -> None:
    case = result.order.case
    physician = case.surgeon or case.patient.surgeon or result.order.ordered_by
    notifications.notify(
        physician,
        gettext_noop("危急值：%(test)s，请立即查看并处理。") % {"test": result.order.test.name},
        key=f"critical:{result.public_id}",
        now=now,
        where=f"desk:case-tests:{case.public_id}",
        also_by_mail=True,
    )
