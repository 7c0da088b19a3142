"""The rules of law as data: what is in force, what a new pack would change here, what the hospital is."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.desk.forms.governance import DeclareForm, PackForm
from yimei.people.roles import Permission
from yimei.privacy.access import open_pack
from yimei.privacy.actions import packs as actions
from yimei.privacy.enums import Mark, Profile
from yimei.privacy.queries import packs as queries
from yimei.privacy.rules.choices import QUESTIONS
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

PAGE = 25
KINDS = {
    "added": (gettext_lazy("新增"), "info"),
    "changed": (gettext_lazy("变更"), "warn"),
    "number": (gettext_lazy("数值"), "accent"),
    "removed": (gettext_lazy("取消"), "danger"),
}
TONES = {Mark.READ: "good", Mark.SECONDARY: "info", Mark.UNVERIFIED: "warn"}


@require_GET
@allow(Permission.PRIVACY_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    return _index(request, PackForm())


@require_POST
@allow(Permission.PRIVACY_WRITE)
def load(request: StaffRequest) -> HttpResponse:
    form = PackForm(request.POST, request.FILES)
    if form.is_valid():
        with blaming(form):
            made = actions.load(form.cleaned_data["file"].read(), by=request.user, now=timezone.now())
            return toast(
                request, redirect_to(request, "desk:rule-pack", made.public_id), _("已载入，请看影响清单。")
            )
    return _index(request, form)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def load_shipped(request: StaffRequest) -> HttpResponse:
    count = actions.load_shipped(by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:rules"), _("已载入 %(n)d 个规则包。") % {"n": count})


@require_POST
@allow(Permission.PRIVACY_WRITE)
def declare(request: StaffRequest) -> HttpResponse:
    code, value = request.POST.get("code", "")[:40], request.POST.get("value", "")[:40]
    actions.declare(code, value, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:rules"), _("已保存，之后的新期限按此计算。"))


@require_GET
@allow(Permission.PRIVACY_VIEW)
def pack(request: StaffRequest, pack_id: UUID) -> HttpResponse:
    one, now = open_pack(pack_id), timezone.now()
    found = queries.impact(one, now) if one.decided_at is None else queries.stored_impact(one)
    values = {
        "pack": one,
        "before": queries.previous(one) if one.decided_at is None else None,
        "changes": [(each, KINDS[each.change.kind]) for each in found],
        "counts": [(KINDS[kind][0], sum(e.change.kind == kind for e in found)) for kind in KINDS],
        "running": sum(use.is_running for each in found for use in each.uses),
        "rules": one.rules.count(),
    }
    return render(request, "desk/rules/pack.html", values)


@require_POST
@allow(Permission.PRIVACY_WRITE)
def decide(request: StaffRequest, pack_id: UUID) -> HttpResponse:
    is_accepted = request.POST.get("accept") == "yes"
    act = actions.accept if is_accepted else actions.refuse
    act(pack_id, by=request.user, now=timezone.now())
    text = _("规则已采用；正在计时的期限不变。") if is_accepted else _("未采用，现行规则不变。")
    return toast(request, redirect_to(request, "desk:rule-pack", pack_id), text)


def _index(request: StaffRequest, form: PackForm) -> HttpResponse:
    on = local_date(timezone.now())
    text = request.GET.get("q", "").strip()[:60].lower()
    profile, mark = request.GET.get("profile", ""), request.GET.get("mark", "")
    found = list(queries.rules_in_force(on, every_profile=True))
    shown = [
        rule
        for rule in found
        if (not profile or rule.pack.profile == profile)
        and (not mark or rule.mark == mark)
        and (not text or text in f"{rule.code} {rule.title} {rule.law} {rule.article} {rule.what}".lower())
    ]
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    numbers, applied = queries.numbers_of(page.object_list, on), queries.profiles()
    values: dict[str, Any] = {
        "q": text,
        "page": page,
        "rows": [(rule, numbers.get(rule.pk, []), TONES[Mark(rule.mark)]) for rule in page],
        "profiles": [
            (each.label, f"?profile={each.value}&mark={mark}", profile == each.value) for each in Profile
        ],
        "marks": [(each.label, f"?mark={each.value}&profile={profile}", mark == each.value) for each in Mark],
        "all": [(_("全部"), "?", not profile and not mark)],
        "packs": [(one, one.profile in applied) for one in queries.packs()],
        "unloaded": queries.needs_load(),
        "questions": [
            DeclareForm(code, question, queries.choice(code)) for code, question in QUESTIONS.items()
        ],
        "defaults": sum(rule.mark == Mark.UNVERIFIED for rule in found),
        "form": form,
        "may_write": request.user.may(Permission.PRIVACY_WRITE),
    }
    return render(request, "desk/rules/index.html", values, status=422 if form.errors else 200)
