"""Coming of age: who soon answers for herself, who does now, and what waits for her own word."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.desk.views.consents import ASKING
from yimei.people.roles import Permission
from yimei.privacy.actions import majority as actions
from yimei.privacy.queries import majority as queries
from yimei.privacy.queries.register import limit
from yimei.privacy.rules.majority import ARTICLE
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@require_GET
@allow(Permission.PRIVACY_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    values = {
        "lists": queries.lists(by=request.user, now=now),
        "endings": queries.ending_words(),
        "days": limit(queries.REMIND_DAYS, local_date(now)),
        "article": ARTICLE,
        "may_ask": any(request.user.may(right) for right in ASKING),
        "may_run": request.user.may(Permission.PRIVACY_WRITE),
    }
    return render(request, "desk/majority/index.html", values)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def run(request: StaffRequest) -> HttpResponse:
    """Do now what the night does; whoever was handed over is not handed over twice."""
    done = actions.run(now=timezone.now())
    text = _("已告知 %(reminded)d 人，交接 %(handed)d 人。") % {
        "reminded": done["reminded"],
        "handed": done["handed"],
    }
    return toast(request, redirect_to(request, "desk:majority"), text)


@require_POST
@allow(Permission.PATIENT_WRITE)
def keep_number(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    actions.keep_number(patient_id, by=request.user, now=timezone.now())
    response = redirect_to(request, "desk:patient-guardians", patient_id)
    return toast(request, response, _("已记录：本人确认继续使用这个号码，消息恢复发送。"))
