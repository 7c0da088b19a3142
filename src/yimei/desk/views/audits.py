"""Compliance audits: the checklist with its live evidence, samples, actions, the signed report."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.core.numbers import whole
from yimei.desk.forms.governance import JudgeForm, RoundForm
from yimei.people.roles import Permission
from yimei.privacy.access import open_check, open_round
from yimei.privacy.actions import audits as actions
from yimei.privacy.enums import CheckResult, RoundKind
from yimei.privacy.queries import audits as queries
from yimei.privacy.queries import minors_year
from yimei.privacy.queries.samples import described
from yimei.privacy.rules import audits as rules
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

PAGE = 25
TONES = {"open": "", "ok": "good", "partly": "warn", "no": "danger", "na": ""}
PROOFS = {"good": "good", "warn": "warn", "bad": "danger", "none": ""}


@require_GET
@allow(Permission.PRIVACY_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    on = local_date(timezone.now())
    values = {
        "rows": [(one, queries.summary(one)) for one in queries.rounds()[:30]],
        "actions": queries.open_actions()[:30],
        "minors": minors_year.standing(on),
        "today": on,
    }
    return render(request, "desk/audits/index.html", values)


@allow(Permission.PRIVACY_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    on = local_date(timezone.now())
    kind = RoundKind.MINORS if request.GET.get("kind") == RoundKind.MINORS else RoundKind.GENERAL
    start, end = rules.period_of(kind, on=on, minors=minors_year.standing(on))
    initial = {
        "kind": kind,
        "title": _("%(year)d 年度%(kind)s") % {"year": end.year, "kind": kind.label},
        "period_from": start,
        "period_to": end,
        "seed": f"{on:%Y%m%d}",
    }
    form = RoundForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        with blaming(form):
            made = actions.start(RoundKind(data.pop("kind")), **data, by=request.user, now=timezone.now())
            return redirect_to(request, "desk:audit", made.public_id)
    return render(request, "desk/audits/new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@allow(Permission.PRIVACY_VIEW)
def detail(request: StaffRequest, round_id: UUID) -> HttpResponse:
    one = open_round(round_id, by=request.user)
    show = request.GET.get("show", "")
    found = queries.checks(one).filter(result=show) if show else queries.checks(one)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    counted = queries.summary(one)
    samples = list(one.samples.all())
    drawn = {sample.kind for sample in samples}
    values: dict[str, Any] = {
        "round": one,
        "page": page,
        "checks": [
            (check, TONES[check.result], [(each, PROOFS[each["state"]]) for each in check.evidence])
            for check in page
        ],
        "filters": [
            (_("全部"), "?", not show),
            *(
                (each.label, f"?show={each.value}", show == each.value, counted[each.value])
                for each in CheckResult
            ),
        ],
        "samples": [
            (
                sample,
                queries.SAMPLES.get(sample.kind, sample.kind),
                described(sample),
            )
            for sample in samples
        ],
        "undrawn": [(code, title) for code, title in queries.SAMPLES.items() if code not in drawn],
        "may_write": request.user.may(Permission.PRIVACY_WRITE) and one.signed_at is None,
        "may_file": request.user.may(Permission.PRIVACY_WRITE),
    }
    return render(request, "desk/audits/detail.html", values)


@allow()
def check(request: StaffRequest, check_id: UUID) -> HttpResponse:
    """Judge one question; its owner says what was done, another one verifies."""
    one, by, now = open_check(check_id, by=request.user), request.user, timezone.now()
    people = {str(each.public_id): each for each in queries.staff_choices()}
    known = {"result": one.result, "finding": one.finding, "due_on": one.due_on}
    known["owner"] = str(one.owner.public_id) if one.owner else ""
    may_judge = by.may(Permission.PRIVACY_WRITE) and one.round.signed_at is None
    what = request.POST.get("do", "judge")
    form = JudgeForm(
        request.POST if request.method == "POST" and what == "judge" else None,
        staff=[(key, each.name) for key, each in people.items()],
        initial=known,
    )
    if request.method == "POST":
        if what == "fix":
            actions.fix(check_id, text=request.POST.get("text", "")[:500], by=by, now=now)
            return toast(request, redirect_to(request, "desk:audit-check", check_id), _("已记录。"))
        if what == "verify":
            actions.verify(check_id, by=by, now=now)
            return toast(request, redirect_to(request, "desk:audit-check", check_id), _("已核验。"))
        if form.is_valid():
            data = form.cleaned_data
            with blaming(form):
                actions.judge(
                    check_id,
                    result=CheckResult(data["result"]),
                    finding=data["finding"],
                    owner=people.get(data["owner"]),
                    due_on=data["due_on"],
                    by=by,
                    now=now,
                )
                return redirect_to(request, "desk:audit", one.round.public_id)
    values = {
        "check": one,
        "tone": TONES[one.result],
        "evidence": [(each, PROOFS[each["state"]]) for each in one.evidence],
        "form": form,
        "may_judge": may_judge,
        "may_fix": one.result in rules.NEED_ACTION and one.owner_id is not None,
        "may_verify": by.may(Permission.PRIVACY_VIEW) and one.owner_id != by.pk,
        "sees_round": by.may(Permission.PRIVACY_VIEW),
    }
    return render(request, "desk/audits/check.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def sample(request: StaffRequest, round_id: UUID) -> HttpResponse:
    number = whole(request.POST.get("size"), digits=4) or 0
    actions.sample(
        round_id, request.POST.get("kind", "")[:16], size=number, by=request.user, now=timezone.now()
    )
    return redirect_to(request, "desk:audit", round_id)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def mark(request: StaffRequest, sample_id: UUID) -> HttpResponse:
    row, reason = request.POST.get("row", "")[:60], request.POST.get("reason", "")[:200]
    made = actions.mark_bad(sample_id, row, reason=reason, by=request.user, now=timezone.now())
    return redirect_to(request, "desk:audit", made.round.public_id)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def move(request: StaffRequest, round_id: UUID) -> HttpResponse:
    to, by, now = request.POST.get("to", ""), request.user, timezone.now()
    if to == "sign":
        actions.sign(round_id, by=by, now=now)
    elif to == "file":
        number = request.POST.get("number", "")[:60]
        actions.file(round_id, number=number, on=local_date(now), by=by, now=now)
    else:
        raise NotFound
    return toast(request, redirect_to(request, "desk:audit", round_id), _("已记录。"))


@require_GET
@allow(Permission.PRIVACY_VIEW)
def report(request: StaffRequest, round_id: UUID) -> HttpResponse:
    page = actions.report(round_id, by=request.user, now=timezone.now())
    return HttpResponse(page, content_type="application/pdf")
