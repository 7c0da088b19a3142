"""Original reports of a case and the printed order of its tests."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.labs import ReportForm
from yimei.desk.views.customer.frames import frame
from yimei.journey.access import open_test_report
from yimei.journey.actions import reports as actions
from yimei.journey.queries import labs as queries
from yimei.journey.queries import papers
from yimei.people.access import may_see_clinical, may_see_special
from yimei.people.roles import Permission
from yimei.privacy.actions import exports
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast
from yimei.vault import files


@allow(Permission.CLINICAL_VIEW)
def reports(request: StaffRequest, case_id: UUID) -> HttpResponse:
    customer = frame(request, case_id, current="case-tests")
    form = ReportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            actions.keep(case_id, **form.values, by=request.user, now=customer.now)
            return toast(
                request, redirect_to(request, "desk:case-reports", case_id), _("报告原件已加密保存。")
            )
    values: dict[str, object] = {"customer": customer}
    if customer.case is not None and not customer.needs_glass:
        values |= {
            "form": form,
            "reports": queries.reports_of(customer.case),
            "may_write": request.user.may(Permission.TEST_WRITE),
        }
    return render(request, "desk/tests/reports.html", values, status=422 if form.errors else 200)


@require_GET
@allow(Permission.CLINICAL_VIEW)
def pdf(request: StaffRequest, report_id: UUID) -> HttpResponse:
    """Hand out the original; the look is written down before."""
    report = open_test_report(report_id, by=request.user, permission=Permission.CLINICAL_VIEW)
    now = timezone.now()
    if not may_see_clinical(request.user, report.case.patient, now):
        raise NotFound
    if not may_see_special(request.user, report.case.patient, now):
        text = _("报告原件可能含感染筛查结果，属五级信息，只向诊治这位客户的医务人员打开（GB/T 39725）。")
        raise RuleBroken(text, code="special")
    exports.look(report.case.patient, page="test-report", by=request.user, now=now)
    return _paper(files.read(report.file), "report.pdf")


@require_POST
@allow(Permission.TEST_WRITE)
def void(request: StaffRequest, report_id: UUID) -> HttpResponse:
    report = actions.void(
        report_id, reason=request.POST.get("reason", "")[:200], by=request.user, now=timezone.now()
    )
    response = redirect_to(request, "desk:case-reports", report.case.public_id)
    return toast(request, response, _("报告已作废，请重新核对由它录入的结果。"))


@require_GET
@allow(Permission.CLINICAL_VIEW)
def request_form(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Print the order of the tests that are open (申请单)."""
    customer = frame(request, case_id, current="case-tests")
    if customer.case is None or customer.needs_glass:
        raise NotFound
    return _paper(papers.test_request(customer.case, by=request.user, now=customer.now), "request.pdf")


def _paper(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
