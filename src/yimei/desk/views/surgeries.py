"""The theatre: team, three checks with three signatures each, times, the record."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.surgeries import RecordForm, SignerForm, read_answers
from yimei.desk.views.customer.frames import frame
from yimei.journey.access import open_surgery
from yimei.journey.actions import surgeries as actions
from yimei.journey.enums import CaseStage, Phase, SurgeryStatus
from yimei.journey.queries import facts
from yimei.journey.queries import surgeries as queries
from yimei.journey.queries.surgeries import Moment, Signer, Theatre
from yimei.journey.rules import gates
from yimei.people.actions import sessions
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.people.models import Staff

TIMES: Mapping[str, Callable[..., Any]] = {
    "enter": actions.enter_room,
    "anaesthesia": actions.start_anaesthesia,
    "incision": actions.start_operation,
    "leave": actions.leave_room,
}
"""What one press on the strip of times records."""


@require_GET
@allow(Permission.CLINICAL_VIEW)
def surgery(request: StaffRequest, case_id: UUID) -> HttpResponse:
    customer = frame(request, case_id, current="case-surgery")
    values: dict[str, object] = {"customer": customer}
    if customer.case is not None and not customer.needs_glass:
        theatre = queries.theatre(customer.case)
        values |= {
            "theatre": theatre,
            "may_write": request.user.may(Permission.SURGERY_WRITE),
            "record_form": RecordForm(),
        }
        if theatre is not None:
            values |= {
                "steps": _steps(theatre),
                "next_step": _next(theatre),
                "next_label": str(_labels().get(_next(theatre), "")),
                "moments": [
                    (moment, _state(theatre, moment), _absent(request, moment)) for moment in theatre.moments
                ],
                "missing": gates.missing(
                    CaseStage.IN_SURGERY,
                    facts.gather(
                        customer.case,
                        on=customer.now,
                        before=CaseStage.IN_SURGERY,
                        reading=customer.reading,
                        surgery=theatre.surgery,
                    ),
                )
                if theatre.surgery.status == SurgeryStatus.SCHEDULED
                else [],
            }
    return render(request, "desk/surgery/surgery.html", values)


@require_POST
@allow(Permission.SURGERY_WRITE)
def time(request: StaffRequest, surgery_id: UUID, step: str) -> HttpResponse:
    if step not in TIMES:
        raise NotFound
    row = TIMES[step](surgery_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:case-surgery", row.case.public_id), _("时间已登记。"))


@require_POST
@allow(Permission.SURGERY_WRITE)
def check(request: StaffRequest, surgery_id: UUID, phase: str) -> HttpResponse:
    moment = _phase(phase)
    answers = read_answers(moment, request.POST.dict())
    row = actions.answer_check(surgery_id, phase=moment, answers=answers, by=request.user, now=timezone.now())
    said = _("「%(phase)s」核查已记录，请三方签名。") % {"phase": moment.label}
    return toast(request, redirect_to(request, "desk:case-surgery", row.surgery.case.public_id), said)


@require_POST
@allow(Permission.SURGERY_WRITE)
def sign(request: StaffRequest, surgery_id: UUID, phase: str) -> HttpResponse:
    """Sign as the one who is signed in, or as whoever types an own password on this tablet."""
    now = timezone.now()
    case_id = open_surgery(surgery_id, by=request.user).case.public_id
    signer = _signer(request, now) if "username" in request.POST else request.user
    actions.sign_check(surgery_id, phase=_phase(phase), signer=signer, by=request.user, now=now)
    said = _("%(name)s 已签名。") % {"name": signer.name}
    return toast(request, redirect_to(request, "desk:case-surgery", case_id), said)


def _signer(request: StaffRequest, now: datetime) -> "Staff":
    form = SignerForm(request.POST)
    if not form.is_valid():
        raise RuleBroken(_("请签名人输入自己的用户名和密码。"))
    return sessions.verify(**form.cleaned_data, ip=request.META.get("REMOTE_ADDR"), now=now)


@require_POST
@allow(Permission.SURGERY_WRITE)
def finish(request: StaffRequest, surgery_id: UUID) -> HttpResponse:
    form = RecordForm(request.POST)
    if not form.is_valid():
        raise RuleBroken(_("请填写出血量（毫升，可以是 0）。"))
    row = actions.finish_operation(surgery_id, **form.cleaned_data, by=request.user, now=timezone.now())
    answer = redirect_to(request, "desk:case-surgery", row.case.public_id)
    return toast(request, answer, _("手术记录已保存。"))


def _phase(text: str) -> Phase:
    if text not in Phase:
        raise NotFound
    return Phase(text)


def _labels() -> dict[str, str]:
    return {
        "enter": _("患者入室"),
        "anaesthesia": _("麻醉开始"),
        "incision": _("切皮"),
        "finish": _("缝合结束"),
        "leave": _("离开手术间"),
    }


def _times(theatre: Theatre) -> dict[str, datetime | None]:
    row = theatre.surgery
    return {
        "enter": row.entered_at,
        "anaesthesia": row.anaesthesia_at,
        "incision": row.incision_at,
        "finish": row.closure_at,
        "leave": row.left_at,
    }


def _next(theatre: Theatre) -> str:
    """Return the next time to record, once the check before it is signed; blank while a check is due."""
    waits = {"anaesthesia": Phase.SIGN_IN, "incision": Phase.TIME_OUT, "leave": Phase.SIGN_OUT}
    step = next((name for name, at in _times(theatre).items() if at is None), "")
    phase = waits.get(step)
    return "" if phase and not theatre.moment(phase).is_complete else step


def _steps(theatre: Theatre) -> list[tuple[str, str, str]]:
    found = []
    current_shown = False
    for name, at in _times(theatre).items():
        state = "done" if at else "todo" if current_shown else "current"
        current_shown = current_shown or at is None
        found.append((_labels()[name], state, f"{timezone.localtime(at):%H:%M}" if at else ""))
    return found


def _absent(request: StaffRequest, moment: Moment) -> list[tuple[Signer, SignerForm]]:
    """Who signs with an own password on this tablet, each with a form of his own."""
    return [
        (signer, SignerForm(auto_id=f"id_%s_{moment.phase}_{signer.part}"))
        for signer in moment.signers
        if not signer.signature and signer.staff != request.user
    ]


def _state(theatre: Theatre, moment: Moment) -> str:
    """Return how the card of a moment stands: done, sign, ask or wait."""
    if moment.is_complete:
        return "done"
    row = theatre.surgery
    is_time = (
        row.status == SurgeryStatus.CLOSED
        if moment.phase == Phase.SIGN_OUT
        else row.status == SurgeryStatus.IN_ROOM
    )
    if not (is_time and moment.earlier_done):
        return "wait"
    return "sign" if moment.row else "ask"
