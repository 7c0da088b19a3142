"""What people are told: versions with their differences, publishing, and who must be asked again."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import RuleBroken
from yimei.desk.forms.notices import ExceptionForm, FirstNoticeForm, NoticeForm
from yimei.desk.views.consents import ASKING
from yimei.journey.queries.board import list_names
from yimei.people.roles import Permission
from yimei.privacy.access import open_notice
from yimei.privacy.actions import exceptions
from yimei.privacy.actions import notices as actions
from yimei.privacy.enums import Audience, ExceptionKind
from yimei.privacy.queries import notices as queries
from yimei.privacy.queries import notices_in_force
from yimei.privacy.queries.consents import outdated
from yimei.privacy.rules.notices import Section
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import as_file, redirect_to, toast

SEEN = (Permission.PRIVACY_VIEW, Permission.PRIVACY_WRITE)


@require_GET
@allow(*SEEN)
def index(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    values = {
        "notices": notices_in_force(),
        "waiting": queries.waiting(),
        "may_write": request.user.may(Permission.PRIVACY_WRITE),
        "outdated": len(outdated(request.user, now)),
        "exceptions": len(queries.exceptions(request.user)),
    }
    return render(request, "desk/notices/index.html", values)


@require_GET
@allow(*SEEN)
def detail(request: StaffRequest, notice_id: UUID) -> HttpResponse:
    """One version, what it changed, and the versions before it."""
    found = open_notice(notice_id)
    older = queries.before(found)
    values = {
        "notice": found,
        "older": older,
        "changes": [
            (change.title, change.rows) for change in (queries.changes(older, found) if older else [])
        ],
        "versions": queries.versions_of(found.code),
        "may_write": request.user.may(Permission.PRIVACY_WRITE),
    }
    return render(request, "desk/notices/detail.html", values)


@allow(Permission.PRIVACY_WRITE)
def edit(request: StaffRequest, notice_id: UUID) -> HttpResponse:
    """Write the next version: look at the differences first, then publish."""
    found, now = open_notice(notice_id), timezone.now()
    form = NoticeForm(
        request.POST or None,
        sections=queries.typed(found),
        purposes=queries.purposes(),
        initial={"title": found.title, "purposes": queries.purpose_codes(found), "is_material": False},
    )
    draft: queries.Draft | None = None
    if form.is_valid():
        words = {"title": form.cleaned_data["title"], "sections": form.typed}
        codes = form.cleaned_data["purposes"]
        with blaming(form):
            if request.POST.get("act") == "publish":
                made = actions.publish(
                    found.code,
                    audience=Audience(found.audience),
                    purpose_codes=codes,
                    campus=request.user.campus,
                    at=now,
                    by=request.user,
                    is_material=form.cleaned_data["is_material"],
                    **words,
                )
                response = redirect_to(request, "desk:notice-version", made.public_id)
                return toast(request, response, _("已发布；需要重新同意的人在「重新征求」里。"))
            draft = actions.draft(
                found, purpose_codes=codes, sections=form.typed, campus=request.user.campus, at=now
            )
    values = {"notice": found, "form": form, "draft": draft}
    return render(request, "desk/notices/edit.html", values, status=422 if form.errors else 200)


@allow(Permission.PRIVACY_WRITE)
def first(request: StaffRequest, code: str) -> HttpResponse:
    """Read a notice that ships, whole as people will, make it the hospital's own and publish it."""
    found, now, campus = queries.sample(code), timezone.now(), request.user.campus
    form = FirstNoticeForm(
        request.POST or None,
        sections=found.sections,
        purposes=queries.purposes(),
        initial={"title": found.title, "purposes": found.purposes},
    )
    body: Sequence[Section] = ()
    if form.is_valid():
        codes, sections = form.cleaned_data["purposes"], form.typed
        with blaming(form):
            if request.POST.get("act") == "publish":
                made = actions.publish(
                    code,
                    audience=found.audience,
                    title=form.cleaned_data["title"],
                    sections=sections,
                    purpose_codes=codes,
                    campus=campus,
                    at=now,
                    by=request.user,
                    is_first=True,
                )
                response = redirect_to(request, "desk:notice-version", made.public_id)
                return toast(request, response, _("已发布，从现在起用它征求同意。"))
            body = actions.preview(codes, sections, audience=found.audience, campus=campus, at=now)
    values = {"sample": found, "form": form, "body": body}
    return render(request, "desk/notices/first.html", values, status=422 if form.errors else 200)


@require_GET
@allow(*SEEN)
def printed(request: StaffRequest, notice_id: UUID) -> HttpResponse:
    found = open_notice(notice_id)
    return as_file(queries.notice_pdf(found), "pdf", f"notice-{found.code}-v{found.version}")


@require_GET
@allow(*ASKING, *SEEN)
def asked_again(request: StaffRequest) -> HttpResponse:
    """Whose consent a changed notice has outrun, and where a notice is still owed."""
    by, now = request.user, timezone.now()
    overtaken, exceptions = list(outdated(by, now)), list(queries.exceptions(by))
    patients = [one.patient for one in overtaken] + [one.patient for one in exceptions]
    said = list_names(patients, by=by)
    values = {
        "rows": [(one, said[one.patient_id]) for one in overtaken],
        "exceptions": [(one, said[one.patient_id]) for one in exceptions],
        "now": now,
        "may_approve": by.may(Permission.PRIVACY_WRITE),
        "may_ask": any(by.may(right) for right in ASKING),
    }
    return render(request, "desk/notices/again.html", values)


@require_POST
@allow(*ASKING)
def except_(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Treat first, tell later; or tell nothing because the law says so."""
    form = ExceptionForm(request.POST)
    if not form.is_valid():
        raise RuleBroken(_("请选择情形并写明理由。"), code="reason")
    kind, reason = ExceptionKind(form.cleaned_data["kind"]), form.cleaned_data["reason"]
    exceptions.record(patient_id, kind=kind, reason=reason, by=request.user, now=timezone.now())
    response = redirect_to(request, "desk:patient-consents", patient_id)
    return toast(request, response, _("已登记，等待另一人批准；紧急情况消除后须补告。"))


@require_POST
@allow(*ASKING, Permission.PRIVACY_WRITE)
def settle(request: StaffRequest, exception_id: UUID) -> HttpResponse:
    """Allow an exception, or say that the person has been told."""
    is_told = request.POST.get("act") == "told"
    act = exceptions.tell if is_told else exceptions.approve
    act(exception_id, by=request.user, now=timezone.now())
    text = _("已记录补告。") if is_told else _("已批准。")
    return toast(request, redirect_to(request, "desk:consents-again"), text)
