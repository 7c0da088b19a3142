"""The privacy centre: what is kept, why, how long, who gets it, who looked, and one's own consents."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yimei.core import names
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.journey.queries.own import to_come
from yimei.portal.views.door import own, tabs
from yimei.privacy.access import open_notice
from yimei.privacy.actions import centre
from yimei.privacy.enums import ConsentMode
from yimei.privacy.queries import consent_chips, majority
from yimei.privacy.queries.centre import front, keeping
from yimei.privacy.queries.centre.visits import Visit
from yimei.privacy.queries.notices import notice_pdf, public_notices
from yimei.privacy.queries.parties import duties_of, joint_handlers
from yimei.privacy.queries.successions import announced
from yimei.ui.guard import public
from yimei.ui.views import as_file, toast


@own
@require_GET
def home(request: HttpRequest, session: Visit) -> HttpResponse:
    now = timezone.now()
    values = {
        "session": session,
        "name": names.mask(session.patient.person.name),
        "front": front.front(session.patient, now=now),
        "unconfirmed": [] if session.guardian else majority.unconfirmed(session.patient, now),
        "ends_on": majority.ends_on(session.patient, now) if session.guardian else None,
        "next_visit": next(iter(to_come(session.patient, now=now)), None),
        "notices": public_notices(),
        "successions": announced(),
        "tabs": tabs("home"),
    }
    return render(request, "portal/centre/home.html", values)


@own
@require_GET
def kept(request: HttpRequest, session: Visit) -> HttpResponse:
    now = timezone.now()
    found = keeping.kept(session.patient, now=now)
    values = {
        "kept": found,
        "recipients": keeping.recipients(found),
        "abroad": keeping.abroad(session.patient, found, now=now),
        "joint": [(one, duties_of(one)) for one in joint_handlers(local_date(now))],
        "tabs": tabs("home"),
    }
    return render(request, "portal/centre/kept.html", values)


@own
@require_GET
def looks(request: HttpRequest, session: Visit) -> HttpResponse:
    page, by_day = front.looks(session.patient, request.GET.get("page"))
    days = [(day, [(look, front.staff_name(look.who)) for look in found]) for day, found in by_day]
    return render(request, "portal/centre/looks.html", {"days": days, "page": page, "tabs": tabs("looks")})


@own
@require_GET
def consents(request: HttpRequest, session: Visit) -> HttpResponse:
    chips = consent_chips(session.patient, timezone.now())
    return render(request, "portal/centre/consents.html", {"chips": chips, "tabs": tabs("consents")})


@own
@require_http_methods(["GET", "POST"])
def consent(request: HttpRequest, session: Visit, purpose_code: str) -> HttpResponse:
    """One purpose with its notice; yes and no weigh the same."""
    now = timezone.now()
    error = ""
    if request.method == "POST":
        is_given = request.POST.get("act") == "give"
        try:
            centre.consent(session, purpose_code, is_given=is_given, device=_device(request), now=now)
            text = _("已记录同意，随时可以撤回。") if is_given else _("已记录不同意，不影响您的诊疗。")
            return toast(request, redirect("portal:centre-consents"), text)
        except RuleBroken as refusal:
            error = "；".join([refusal.message, *(item.what for item in refusal.missing)])
    asked = centre.show(session, purpose_code, device=_device(request), now=now)
    values = {
        "chip": asked.chip,
        "notice": asked.notice,
        "is_written": asked.chip.purpose.mode == ConsentMode.WRITTEN,
        "needs_guardian": asked.needs_guardian,
        "error": error,
        "tabs": tabs("consents"),
    }
    return render(request, "portal/centre/consent.html", values, status=422 if error else 200)


@own
@require_POST
def withdraw(request: HttpRequest, session: Visit, purpose_code: str) -> HttpResponse:
    centre.withdraw(session, purpose_code, device=_device(request), now=timezone.now())
    text = _("已撤回，立即生效；此前依据同意所做的仍然有效。")
    return toast(request, redirect("portal:centre-consents"), text)


@public("what the hospital tells everybody (PIPL 17)")
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    values = {"notices": public_notices(), "successions": announced()}
    return render(request, "portal/centre/notices.html", values)


@public("what the hospital tells everybody (PIPL 17)")
@require_GET
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    found = open_notice(notice_id)
    if not found.is_public:
        raise NotFound
    return render(request, "portal/centre/notice.html", {"notice": found})


@public("what the hospital tells everybody (PIPL 17)")
@require_GET
def notice_file(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    found = open_notice(notice_id)
    if not found.is_public:
        raise NotFound
    return as_file(notice_pdf(found), "pdf", f"notice-{found.code}-v{found.version}")


def _device(request: HttpRequest) -> str:
    return str(getattr(request, "device", ""))
