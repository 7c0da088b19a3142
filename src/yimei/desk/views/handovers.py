"""Handing a customer to another consultant, and what rises to the manager because it is late."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core import names
from yimei.desk.forms.handovers import AskForm
from yimei.journey.access import open_case
from yimei.journey.actions import cases, handovers
from yimei.journey.enums import HandoverStatus
from yimei.journey.queries import handovers as queries
from yimei.journey.queries import overdue as overdue_queries
from yimei.people.access import display_name, need
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@allow(Permission.CONSULT_WRITE, Permission.RECEPTION_WRITE)
def ask(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Ask another consultant to take over; or see the request that is still open."""
    case = open_case(case_id, by=request.user)
    takers = [(str(one.public_id), one.name) for one in queries.takers(case)]
    form = AskForm(request.POST if request.method == "POST" else None, takers=takers)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        with blaming(form):
            row = handovers.ask(
                case_id,
                to_staff_public_id=data["to_staff"],
                reason=data["reason"],
                by=request.user,
                now=timezone.now(),
            )
            text = _("已请%(name)s接手，等她答复。") % {"name": row.to_staff.name}
            return toast(request, redirect_to(request, "desk:handover", row.public_id), text)
    values = {
        "case": case,
        "who": names.mask(display_name(case.patient, request.user)),
        "form": form,
        "standing": queries.open_of(case),
        "has_takers": bool(takers),
    }
    return render(request, "desk/handovers/ask.html", values, status=422 if form.is_bound else 200)


@require_GET
@allow(Permission.CONSULT_WRITE, Permission.RECEPTION_WRITE)
def detail(request: StaffRequest, handover_id: UUID) -> HttpResponse:
    row = queries.of_id(handover_id, by=request.user)
    is_open = row.status == HandoverStatus.OPEN
    values = {
        "row": row,
        "who": names.mask(display_name(row.case.patient, request.user)),
        "may_answer": is_open and row.to_staff_id == request.user.pk,
        "may_withdraw": is_open and request.user.pk in {row.asked_by_id, row.from_staff_id},
    }
    return render(request, "desk/handovers/detail.html", values)


@require_POST
@allow(Permission.CONSULT_WRITE)
def accept(request: StaffRequest, handover_id: UUID) -> HttpResponse:
    row = handovers.accept(handover_id, by=request.user, now=timezone.now())
    page = redirect_to(request, "desk:case", row.case.public_id)
    return toast(request, page, _("客户现在由您负责。"))


@require_POST
@allow(Permission.CONSULT_WRITE)
def decline(request: StaffRequest, handover_id: UUID) -> HttpResponse:
    answer = request.POST.get("answer", "")
    handovers.decline(handover_id, answer=answer, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:today"), _("已答复，客户仍由原来的人负责。"))


@require_POST
@allow(Permission.CONSULT_WRITE, Permission.RECEPTION_WRITE)
def withdraw(request: StaffRequest, handover_id: UUID) -> HttpResponse:
    handovers.withdraw(handover_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:handover", handover_id), _("已收回交接。"))


# ---- what is late -----------------------------------------------------------------------------


@require_GET
@allow(Permission.INSIGHT_VIEW)
def overdue(request: StaffRequest) -> HttpResponse:
    """Who waits too long; whoever may not see customers is not told that nobody does."""
    need(request.user, Permission.BOOKING_VIEW)
    now = timezone.now()
    values = {
        "rows": overdue_queries.rows(by=request.user, now=now),
        "hours": overdue_queries.limit(now).total_seconds() // 3600,
        "now": now,
    }
    return render(request, "desk/handovers/overdue.html", values)


@require_POST
@allow(Permission.INSIGHT_VIEW)
def press(request: StaffRequest, case_id: UUID) -> HttpResponse:
    case = cases.press(case_id, by=request.user, now=timezone.now())
    text = _("已催办%(name)s。") % {"name": case.next_owner.name if case.next_owner else ""}
    return toast(request, redirect_to(request, "desk:overdue"), text)
