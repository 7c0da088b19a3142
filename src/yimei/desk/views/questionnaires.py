"""Questionnaires of one customer: what is filled in, filling in, reading, sending a link, deciding."""

import json
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.desk.forms.questionnaires import DecisionForm, PublishForm
from yimei.desk.views.customer.frames import Frame, frame
from yimei.journey.access import ASKING, open_answers, open_referral
from yimei.journey.actions import questionnaire_links as links
from yimei.journey.actions import questionnaires as actions
from yimei.journey.actions import referrals
from yimei.journey.queries import questionnaires as queries
from yimei.journey.queries import referrals as referral_queries
from yimei.people.roles import Permission
from yimei.privacy.actions import exports
from yimei.ui.forms.answers import AnswersForm
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, redirect_to, toast
from yimei.vault import files

READERS = (*queries.INVITERS, Permission.CLINICAL_VIEW)


@require_GET
@allow(*READERS)
def index(request: StaffRequest, case_id: UUID) -> HttpResponse:
    customer = frame(request, case_id, current="case-questionnaires")
    return _index(request, customer)


@require_POST
@allow(*ASKING)
def begin(request: StaffRequest, case_id: UUID, code: str) -> HttpResponse:
    row = actions.begin(case_id, code=code, by=request.user, now=timezone.now())
    return redirect_to(request, "desk:questionnaire-fill", row.public_id)


@allow(*ASKING)
def fill(request: StaffRequest, answers_id: UUID) -> HttpResponse:
    """The questions; a post is whole or is sent back with everything that was typed."""
    row, now = open_answers(answers_id, by=request.user), timezone.now()
    if row.completed_at is not None:
        return redirect_to(request, "desk:questionnaire-answers", row.public_id)
    definition, today = queries.asked_of(row, now=now), local_date(now)
    if request.method == "POST":
        form = AnswersForm.posted(definition, request.POST, today=today)
        if form.is_valid():
            actions.complete(
                answers_id,
                raw=form.raw,
                page=form.page,
                signature=form.signature,
                by=request.user,
                now=now,
            )
            response = redirect_to(request, "desk:case-questionnaires", row.case.public_id)
            return toast(request, response, _("已完成并冻结：%(title)s。") % {"title": definition.title})
        row = actions.save(answers_id, raw=form.raw, page=form.page, by=request.user, now=now)
        form.revision = row.revision
        if request.htmx:
            return render(request, "desk/questionnaires/faults.html", {"form": form}, status=422)
    else:
        form = AnswersForm(definition, row.draft, today, row.revision)
    values = {
        "customer": frame(request, row.case.public_id, current="case-questionnaires"),
        "answers": row,
        "definition": definition,
        "form": form,
    }
    return render(request, "desk/questionnaires/fill.html", values, status=422 if form.is_bound else 200)


@require_POST
@allow(*ASKING)
def save(request: StaffRequest, answers_id: UUID) -> HttpResponse:
    """Keep the draft while it is being written; says when, and how much is done."""
    row, now = open_answers(answers_id, by=request.user), timezone.now()
    form = AnswersForm.posted(queries.asked_of(row, now=now), request.POST, today=local_date(now))
    row = actions.save(answers_id, raw=form.raw, page=form.page, by=request.user, now=now)
    values = {"answers": row, "progress": form.progress}
    return render(request, "desk/questionnaires/saved.html", values)


@require_POST
@allow(*ASKING)
def discard(request: StaffRequest, answers_id: UUID) -> HttpResponse:
    case = actions.discard(answers_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:case-questionnaires", case.public_id), _("草稿已放弃。"))


@require_GET
@allow(Permission.CLINICAL_VIEW, Permission.CONSULT_WRITE)
def answers(request: StaffRequest, answers_id: UUID) -> HttpResponse:
    """A complete set in words, with its scores and its fingerprint."""
    row = queries.open_to_read(answers_id, by=request.user, now=timezone.now())
    if row.completed_at is None:
        raise NotFound
    values = {
        "customer": frame(request, row.case.public_id, current="case-questionnaires"),
        "answers": row,
        "definition": queries.definition_of(row),
        "sections": queries.said(row),
        "scores": queries.scored(row),
        "newer": getattr(row, "superseded_by", None),
        "may_ask": any(request.user.may(right) for right in ASKING),
    }
    return render(request, "desk/questionnaires/answers.html", values)


@require_GET
@allow(Permission.CLINICAL_VIEW, Permission.CONSULT_WRITE)
def pdf(request: StaffRequest, answers_id: UUID) -> HttpResponse:
    return _frozen(request, answers_id, part="pdf")


@require_GET
@allow(Permission.CLINICAL_VIEW, Permission.CONSULT_WRITE)
def record(request: StaffRequest, answers_id: UUID) -> HttpResponse:
    """The frozen bytes themselves, for whoever wants to check the hash."""
    return _frozen(request, answers_id, part="record")


@allow(*queries.INVITERS)
def invite(request: StaffRequest, case_id: UUID) -> HttpResponse:
    customer = frame(request, case_id, current="case-questionnaires")
    if request.method == "POST":
        codes = request.POST.getlist("codes")
        links.invite(case_id, codes=codes, by=request.user, now=timezone.now())
        response = redirect_to(request, "desk:case-questionnaires", case_id)
        return toast(request, response, _("链接已交给发件箱，只发到客户本人的手机。"))
    return _index(request, customer)


@require_POST
@allow(*queries.INVITERS)
def revoke(request: StaffRequest, link_id: UUID) -> HttpResponse:
    link = links.revoke(link_id, by=request.user, now=timezone.now())
    response = redirect_to(request, "desk:case-questionnaires", link.case.public_id)
    return toast(request, response, _("链接已收回，立即失效。"))


@allow(Permission.PLAN_WRITE)
def decide(request: StaffRequest, referral_id: UUID) -> HttpResponse:
    """The physician's decision about a screening."""
    now = timezone.now()
    referral = open_referral(referral_id, by=request.user, now=now)
    form = DecisionForm(posted(request))
    if form.is_bound and form.is_valid():
        referrals.decide(referral_id, **form.cleaned_data, by=request.user, now=now)
        response = redirect_to(request, "desk:case-questionnaires", referral.case.public_id)
        return toast(request, response, _("决定已记录，署名为您。"))
    if not request.htmx:
        return redirect_to(request, "desk:case-questionnaires", referral.case.public_id)
    values = {"referral": referral, "form": form}
    response = render(
        request, "desk/questionnaires/decide.html", values, status=422 if form.is_bound else 200
    )
    if form.is_bound:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


@require_GET
@allow(Permission.CATALOGUE_WRITE, *ASKING)
def library(request: StaffRequest) -> HttpResponse:
    """Every questionnaire, its versions, and the scales that wait for a licence."""
    offered = queries.newest_versions()
    known = {one.row.code for one in offered}
    values = {
        "offered": offered,
        "slots": [(slot, slot.code in known) for slot in queries.slots()],
        "may_publish": request.user.may(Permission.CATALOGUE_WRITE),
    }
    return render(request, "desk/questionnaires/library.html", values)


@require_GET
@allow(Permission.CATALOGUE_WRITE, *ASKING)
def version(request: StaffRequest, code: str) -> HttpResponse:
    """One questionnaire as it is asked, and every version there has been."""
    versions = queries.versions_of(code)
    if not versions:
        raise NotFound
    wanted = request.GET.get("v", "")
    row = next((one for one in versions if str(one.version) == wanted), versions[0])
    definition = queries.definition_in(row)
    values = {
        "row": row,
        "versions": versions,
        "definition": definition,
        "form": AnswersForm(definition, {}, local_date(timezone.now()), 0),
        "ties": queries.ties(definition),
        "is_untied": any(one.kind != "signature" and not one.names_purposes for one in definition.questions),
        "source": json.dumps(row.content, ensure_ascii=False, indent=1),
        "may_publish": request.user.may(Permission.CATALOGUE_WRITE),
    }
    return render(request, "desk/questionnaires/version.html", values)


@allow(Permission.CATALOGUE_WRITE)
def publish(request: StaffRequest) -> HttpResponse:
    code = request.GET.get("from", "")
    known = queries.newest_version(code) if code else None
    text = json.dumps(known.content, ensure_ascii=False, indent=1) if known else ""
    form = PublishForm(request.POST or None, initial={"content": text})
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            row = actions.publish(form.cleaned_data["content"], by=request.user, now=timezone.now())
            response = redirect_to(request, "desk:questionnaire", row.code)
            return toast(request, response, _("已发布第 %(version)d 版。") % {"version": row.version})
    return render(
        request,
        "desk/questionnaires/publish.html",
        {"form": form, "purposes": queries.purposes_in_words()},
        status=422 if form.errors else 200,
    )


def _index(request: StaffRequest, customer: Frame) -> HttpResponse:
    case = customer.case
    if case is None:
        raise NotFound
    reads = queries.may_read(customer.patient, by=request.user, now=customer.now)
    values = {
        "customer": customer,
        "lines": [
            (line, queries.scored(line.current) if line.current and reads else [])
            for line in queries.board(case, now=customer.now)
        ],
        "links": queries.links_of(case, now=customer.now),
        "missing": queries.missing_to_ask(case, now=customer.now),
        "referrals": referral_queries.standings(customer.patient) if reads else [],
        "reads": reads,
        "may_ask": any(request.user.may(right) for right in ASKING) and case.closed_at is None,
        "may_invite": any(request.user.may(right) for right in queries.INVITERS) and case.closed_at is None,
        "may_decide": request.user.may(Permission.PLAN_WRITE) and customer.sees_clinical,
    }
    return render(request, "desk/questionnaires/index.html", values)


def _frozen(request: StaffRequest, answers_id: UUID, *, part: str) -> HttpResponse:
    """Hand out frozen bytes; the look is written down before."""
    now = timezone.now()
    row = queries.open_to_read(answers_id, by=request.user, now=now)
    stored = row.pdf if part == "pdf" else row.record
    if stored is None:
        raise NotFound
    exports.look(row.case.patient, page=f"questionnaire-{part}", by=request.user, now=now)
    response = HttpResponse(files.read(stored), content_type=stored.content_type)
    response["Cache-Control"] = "private, no-store"
    end = "pdf" if part == "pdf" else "json"
    response["Content-Disposition"] = f'inline; filename="answers-{row.public_id}.{end}"'
    return response
