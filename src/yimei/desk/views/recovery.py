"""The recovery room: observations with their trend, the gate of going home, the advice on paper."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import SHANGHAI
from yimei.core.errors import NotFound
from yimei.desk.forms.recovery import DischargeForm, SignsForm
from yimei.desk.views.customer.frames import Frame, frame
from yimei.hospital.queries import advice_for
from yimei.journey.access import open_surgery
from yimei.journey.actions import recovery as actions
from yimei.journey.enums import SurgeryStatus
from yimei.journey.queries import facts
from yimei.journey.queries import recovery as queries
from yimei.people.actions import sessions
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@require_GET
@allow(Permission.CLINICAL_VIEW)
def recovery(request: StaffRequest, case_id: UUID) -> HttpResponse:
    return _page(request, case_id)


@require_POST
@allow(Permission.RECOVERY_WRITE)
def observe(request: StaffRequest, surgery_id: UUID) -> HttpResponse:
    case_id = open_surgery(surgery_id, by=request.user).case.public_id
    form = SignsForm(request.POST)
    if not form.is_valid():
        return _page(request, case_id, form=form)
    now = timezone.now()
    row = actions.observe(surgery_id, signs=form.signs(now), by=request.user, now=now)
    said = _("已记录，Aldrete %(score)d 分。") % {"score": row.aldrete}
    return toast(request, redirect_to(request, "desk:case-recovery", case_id), said)


@require_POST
@allow(Permission.RECOVERY_WRITE)
def discharge(request: StaffRequest, surgery_id: UUID) -> HttpResponse:
    """Let the patient go; a second name proves itself by its own password before anything is written."""
    now = timezone.now()
    case_id = open_surgery(surgery_id, by=request.user).case.public_id
    form = DischargeForm(request.POST)
    if not form.is_valid():
        return _page(request, case_id, leaving=form)
    data = dict(form.cleaned_data)
    username, password = data.pop("second_username"), data.pop("second_password")
    second = (
        sessions.verify(username, password, ip=request.META.get("REMOTE_ADDR"), now=now)
        if username or password
        else None
    )
    actions.discharge(surgery_id, **data, second=second, by=request.user, now=now)
    answer = redirect_to(request, "desk:case-review", case_id)
    return toast(request, answer, _("已离院，术后任务已生成。"))


@require_GET
@allow(Permission.CLINICAL_VIEW)
def advice(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """The sheet that goes home with the patient."""
    customer = frame(request, case_id, current="case-recovery")
    if customer.case is None or customer.needs_glass:
        raise NotFound
    sheet = advice_for(customer.case.procedure, customer.now)
    surgery = facts.open_surgery_of(customer.case)
    values = {"customer": customer, "case": customer.case, "sheet": sheet, "surgery": surgery}
    return render(request, "desk/recovery/advice.html", values)


def _page(
    request: StaffRequest,
    case_id: UUID,
    *,
    form: SignsForm | None = None,
    leaving: DischargeForm | None = None,
) -> HttpResponse:
    customer = frame(request, case_id, current="case-recovery")
    values: dict[str, object] = {"customer": customer}
    if customer.case is not None and not customer.needs_glass:
        values |= _values(request, customer, form, leaving)
    is_refused = form is not None or leaving is not None
    piece = "" if not (is_refused and request.htmx) else "#form" if form else "#leaving"
    return render(request, f"desk/recovery/recovery.html{piece}", values, status=422 if is_refused else 200)


def _values(
    request: StaffRequest, customer: Frame, form: SignsForm | None, leaving: DischargeForm | None
) -> dict[str, object]:
    assert customer.case is not None
    surgery = facts.open_surgery_of(customer.case)
    seen = list(queries.observations(surgery)) if surgery else []
    lacking = queries.missing(surgery, now=customer.now) if surgery else ()
    missing = [replace(each, where="") for each in lacking]  # this page is where it is mended
    in_room = surgery is not None and surgery.status == SurgeryStatus.RECOVERING
    start = {"at": f"{customer.now.astimezone(SHANGHAI):%H:%M}"}
    return {
        "surgery": surgery,
        "in_room": in_room,
        "may_write": in_room and request.user.may(Permission.RECOVERY_WRITE),
        "form": form or SignsForm(initial=start),
        "leaving": leaving or DischargeForm(),
        "newest": seen[-1] if seen else None,
        "observations": seen[::-1],
        "trends": queries.trends(seen),
        "missing": missing,
        "discharge": queries.discharge_of(surgery) if surgery else None,
    }
