"""Impact assessments: what needs one, how it is written, approved and printed."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound
from yimei.desk.forms.governance import AssessmentForm, SignForm
from yimei.people.roles import Permission
from yimei.privacy.access import open_assessment
from yimei.privacy.actions import assessments as actions
from yimei.privacy.enums import AssessmentState, Trigger
from yimei.privacy.queries import assessments as queries
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

PAGE = 20
TONES = {"draft": "", "submitted": "warn", "approved": "good", "returned": "danger"}
EDITABLE = {AssessmentState.DRAFT, AssessmentState.RETURNED}


@require_GET
@allow(Permission.PRIVACY_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    state, on = request.GET.get("state", ""), timezone.localdate()
    page = Paginator(queries.listed(state=state), PAGE).get_page(request.GET.get("page"))
    lacking = queries.uncovered(on)
    papers = queries.open_papers(subject.code for subject, _missing in lacking)
    days = {f"purpose:{purpose.code}": purpose for purpose, _paper in queries.waiting()}
    values = {
        "page": page,
        "rows": [(one, TONES[one.state], queries.score(one)) for one in page],
        "today": on,
        "filters": [
            (_("全部"), "?", not state),
            *((each.label, f"?state={each.value}", state == each.value) for each in AssessmentState),
        ],
        "lacking": [
            (
                subject,
                [Trigger(t).label for t in sorted(subject.triggers)],
                papers.get(subject.code),
                days.get(subject.code),
            )
            for subject, _m in lacking
        ],
    }
    return render(request, "desk/impact/index.html", values)


@allow(Permission.PRIVACY_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    """Begin from the template that fits the subject."""
    subject = queries.subject_named(request.GET.get("subject", "")[:60])
    code = request.GET.get("template", "") or (queries.template_for(subject) if subject else "sensitive")
    guide = queries.template(code)
    initial: dict[str, Any] = {"triggers": guide["triggers"], "title": guide["title"]}
    if subject is not None:
        initial |= {
            "subject": subject.code,
            "title": _("%(name)s：影响评估") % {"name": subject.name},
            "triggers": [trigger.value for trigger in subject.triggers],
        }
    initial |= {f"what_{n}": what for n, what in enumerate(guide["risks"], 1)}
    form = _form(request.POST or None, guide, initial)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            made = actions.write(None, **form.values(), by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:assessment", made.public_id), _("草稿已保存。"))
    templates = [
        (one["title"], f"?template={one['code']}", one["code"] == code) for one in queries.templates()
    ]
    values = {"form": form, "templates": templates}
    return render(request, "desk/impact/new.html", values, status=422 if form.errors else 200)


@allow(Permission.PRIVACY_VIEW)
def detail(request: StaffRequest, assessment_id: UUID) -> HttpResponse:
    one = open_assessment(assessment_id, by=request.user)
    may_edit = request.user.may(Permission.PRIVACY_WRITE) and one.state in EDITABLE
    is_shipped = one.prepared_by is None and one.state == AssessmentState.DRAFT
    guide = queries.template(one.triggers[0] if one.triggers else "sensitive")
    initial = {name: getattr(one, name) for name in ("title", "subject", "triggers", *TEXTS)}
    for n, risk in enumerate(one.risks, 1):
        initial |= {f"{name}_{n}": value for name, value in risk.items()}
    form = _form(request.POST or None, guide, initial)
    if request.method == "POST":
        if not may_edit:
            raise NotFound
        if form.is_valid():
            with blaming(form):
                actions.write(assessment_id, **form.values(), by=request.user, now=timezone.now())
                response = redirect_to(request, "desk:assessment", assessment_id)
                return toast(request, response, _("草稿已保存。"))
    subject = queries.subject_named(one.subject)
    values = {
        "one": one,
        "tone": TONES[one.state],
        "subject": subject.name if subject else one.subject,
        "triggers": [Trigger(code).label for code in one.triggers],
        "risks": queries.risks_of(one),
        "score": queries.score(one),
        "form": form,
        "may_edit": may_edit and (not is_shipped or "edit" in request.GET or form.is_bound),
        "sign": SignForm() if may_edit and is_shipped else None,
        "waiting": queries.waiting_subject(one.subject) if is_shipped else None,
        "may_approve": one.state == AssessmentState.SUBMITTED and one.prepared_by_id != request.user.pk,
    }
    return render(request, "desk/impact/detail.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.PRIVACY_VIEW, Permission.PRIVACY_WRITE)
def move(request: StaffRequest, assessment_id: UUID) -> HttpResponse:
    to, by, now = request.POST.get("to", ""), request.user, timezone.now()
    remark = request.POST.get("remark", "")[:300]
    if to == "signed":
        has_read = bool(request.POST.get("has_read"))
        actions.sign(assessment_id, has_read=has_read, remark=remark, by=by, now=now)
    elif to == "submitted":
        actions.submit(assessment_id, by=by, now=now)
    elif to == "approved":
        actions.approve(assessment_id, remark=remark, by=by, now=now)
    elif to == "returned":
        actions.give_back(assessment_id, remark=remark, by=by, now=now)
    else:
        raise NotFound
    return toast(request, redirect_to(request, "desk:assessment", assessment_id), _("已记录。"))


@require_GET
@allow(Permission.PRIVACY_VIEW)
def printed(request: StaffRequest, assessment_id: UUID) -> HttpResponse:
    page = actions.printed(assessment_id, by=request.user, now=timezone.now())
    return HttpResponse(page, content_type="application/pdf")


TEXTS = ("necessity", "impact", "measures")


def _form(data: Any, guide: Any, initial: Any) -> AssessmentForm:
    subjects = [(one.code, one.name) for one in queries.subjects()]
    return AssessmentForm(data, subjects=subjects, guide=guide, initial=initial)
