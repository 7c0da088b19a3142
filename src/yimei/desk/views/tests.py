"""Pre-operative tests: ordered with one button, entered in one go, accepted by a physician where abnormal."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.core.clock import SHANGHAI, local_date
from yimei.core.errors import RuleBroken
from yimei.desk.forms.tests import AcceptForm, Entry, TakenForm, read_entries
from yimei.desk.views.customer.frames import frame
from yimei.journey.access import open_case, open_test_result
from yimei.journey.actions import tests as actions
from yimei.journey.queries import assessments as queries
from yimei.journey.queries import labs
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.journey.models import Case

NOTHING = Entry("", "")


@allow(Permission.CLINICAL_VIEW)
def tests(request: StaffRequest, case_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return _enter(request, case_id)
    return _page(request, case_id)


@require_POST
@allow(Permission.TEST_WRITE)
def order(request: StaffRequest, case_id: UUID) -> HttpResponse:
    orders = actions.order(case_id, by=request.user, now=timezone.now())
    said = _("已开具 %(count)d 项检查。") % {"count": len(orders)} if orders else _("检查都已开具。")
    return toast(request, redirect_to(request, "desk:case-tests", case_id), said)


@require_POST
@allow(Permission.PLAN_WRITE)
def accept(request: StaffRequest, result_id: UUID) -> HttpResponse:
    case_id = open_test_result(result_id, by=request.user).order.case.public_id
    reason = request.POST.get("reason", "")
    actions.accept(result_id, reason=reason, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:case-tests", case_id), _("已接受并记入病历。"))


def _enter(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Save every touched row on its own; a refused row keeps what was typed and says why."""
    case = open_case(case_id, by=request.user, permission=Permission.TEST_WRITE)
    now = timezone.now()
    lines = queries.test_sheet(case, local_date(now), sees_special=False)
    entries = read_entries(request.POST.dict(), [line.order.public_id for line in lines])
    taken = TakenForm(request.POST, reports=_reports(case))
    if not taken.is_valid():
        return _page(request, case_id, taken=taken, entries=entries)
    at = datetime.combine(taken.cleaned_data["taken_on"], taken.cleaned_data["taken_at"], SHANGHAI)
    errors: dict[UUID, str] = {}
    saved = 0
    for order_id, entry in entries.items():
        if not entry.is_touched:
            continue
        try:
            actions.record(
                order_id,
                value=entry.text,
                finding=entry.finding,
                taken_at=at,
                report_id=taken.cleaned_data.get("report_id"),
                by=request.user,
                now=now,
            )
            saved += 1
        except RuleBroken as refusal:
            errors[order_id] = refusal.message
    if errors:
        kept = {order_id: entry for order_id, entry in entries.items() if order_id in errors}
        return _page(request, case_id, taken=taken, entries=kept, errors=errors, saved=saved)
    said = _("已保存 %(count)d 项结果。") % {"count": saved} if saved else _("没有填写任何结果。")
    return toast(request, redirect_to(request, "desk:case-tests", case_id), said)


def _reports(case: "Case") -> list[tuple[str, str]]:
    return [
        (str(report.public_id), " ".join([f"{report.taken_on:%Y-%m-%d}", report.laboratory or ""]).strip())
        for report in labs.reports_of(case)
        if report.voided_at is None
    ]


def _page(
    request: StaffRequest,
    case_id: UUID,
    *,
    taken: TakenForm | None = None,
    entries: Mapping[UUID, Entry] | None = None,
    errors: Mapping[UUID, str] | None = None,
    saved: int = 0,
) -> HttpResponse:
    customer = frame(request, case_id, current="case-tests")
    values: dict[str, object] = {"customer": customer}
    if customer.case is not None and not customer.needs_glass:
        lines = queries.test_sheet(
            customer.case, local_date(customer.now), sees_special=customer.sees_special
        )
        to_order = queries.tests_to_order(customer.case, lines)
        local = customer.now.astimezone(SHANGHAI)
        start = {"taken_on": local.date().isoformat(), "taken_at": f"{local:%H:%M}"}
        typed, refused = entries or {}, errors or {}
        values |= {
            "rows": [
                (line, typed.get(line.order.public_id, NOTHING), refused.get(line.order.public_id, ""))
                for line in lines
            ],
            "to_order": to_order,
            "may_print": bool(queries.open_tests(customer.case, local_date(customer.now))),
            "done": sum(line.result is not None or line.is_hidden for line in lines),
            "abnormal": sum(line.needs_acceptance for line in lines),
            "saved": saved,
            "taken": taken or TakenForm(initial=start, reports=_reports(customer.case)),
            "to_accept": [
                (line, AcceptForm(auto_id=f"id_%s_{line.result.public_id}"))
                for line in lines
                if line.result and line.needs_acceptance
            ],
            "may_write": request.user.may(Permission.TEST_WRITE),
            "may_accept": request.user.may(Permission.PLAN_WRITE),
        }
    status = 422 if errors or taken is not None else 200
    piece = "#sheet" if status == 422 and request.htmx else ""
    return render(request, f"desk/tests/tests.html{piece}", values, status=status)
