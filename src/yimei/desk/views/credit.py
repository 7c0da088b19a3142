"""Credit (业绩归属): a month, one deal with its reasons, appeals and rulings, the rules and their replay."""

from datetime import date, timedelta
from hashlib import sha256
from json import dumps
from typing import TYPE_CHECKING
from uuid import UUID

import yaml
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.desk.forms.credit import AppealForm, CreditRulesForm, RulingForm
from yimei.growth.actions import credit as actions
from yimei.growth.enums import CreditOrigin
from yimei.growth.queries import credit as queries
from yimei.growth.rules import credit_rules
from yimei.people.roles import Permission, Scope
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, redirect_to, toast

if TYPE_CHECKING:
    from yimei.growth.models import CreditAppeal

PAGE = 30


@require_GET
@allow(Permission.CREDIT_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    today = local_date(timezone.now())
    day = _asked(request.GET.get("month", ""), today)
    found = queries.month(day, by=request.user)
    judges = request.user.may(Permission.CREDIT_RULE)
    page = Paginator(found.rows, PAGE).get_page(request.GET.get("page"))
    values = {
        "month": found,
        "page": page,
        "rows": list(page.object_list),
        "months": _months(found.day, today),
        "is_manager": request.user.scope_of(Permission.CREDIT_VIEW) != Scope.OWN,
        "may_rule": judges,
        "appeals": queries.appeals(by=request.user) if judges else [],
        "policy": queries.version_on(today),
    }
    return render(request, "desk/credit/index.html", values)


@require_GET
@allow(Permission.CREDIT_VIEW)
def deal(request: StaffRequest, order_id: UUID) -> HttpResponse:
    return _deal(request, order_id)


@require_POST
@allow(Permission.CREDIT_VIEW)
def appeal(request: StaffRequest, order_id: UUID) -> HttpResponse:
    form = AppealForm(request.POST)
    if form.is_valid():
        with blaming(form):
            actions.appeal(order_id, **form.cleaned_data, by=request.user, now=timezone.now())
            text = _("申诉已提交，主管会收到提示。")
            return toast(request, redirect_to(request, "desk:credit-deal", order_id), text)
    return _deal(request, order_id, appeal_form=form)


@require_POST
@allow(Permission.CREDIT_RULE)
def rule(request: StaffRequest, appeal_id: UUID) -> HttpResponse:
    waiting = next((one for one in queries.appeals(by=request.user) if one.public_id == appeal_id), None)
    order_id = waiting.order.public_id if waiting else queries.order_of(appeal_id, by=request.user)
    form = _ruling_form(request, order_id, waiting)
    if form.is_valid():
        with blaming(form):
            actions.rule(
                appeal_id,
                shares=form.shares(),
                why=form.cleaned_data["why"],
                by=request.user,
                now=timezone.now(),
            )
            text = _("已裁定，相关的人都收到提示。")
            return toast(request, redirect_to(request, "desk:credit-deal", order_id), text)
    return _deal(request, order_id, ruling_form=form, ruled=appeal_id)


@require_GET
@allow(Permission.CREDIT_VIEW)
def rules(request: StaffRequest) -> HttpResponse:
    today = local_date(timezone.now())
    found = queries.versions()
    now = queries.version_on(today)
    wanted = request.GET.get("version", "")
    shown = next((one for one in found if str(one.version) == wanted), now)
    values = {
        "versions": [(one, one.pk == now.pk, one.effective_from > today) for one in found],
        "shown": shown,
        "rules": shown.rules,
        "table": _table(shown.rules),
        "parties": [str(one.label) for one in credit_rules.SHARED],
        "may_write": request.user.scope_of(Permission.CREDIT_RULE) == Scope.GROUP,
    }
    return render(request, "desk/credit/rules.html", values)


@require_GET
@allow(Permission.CREDIT_VIEW)
def file(request: StaffRequest) -> HttpResponse:
    """A version as a YAML file, the same words each time, so that two can be compared line by line."""
    wanted = request.GET.get("version", "")
    found = next((one for one in queries.versions() if str(one.version) == wanted), None)
    if found is None:
        raise NotFound
    head = {
        "version": found.version,
        "effective_from": f"{found.effective_from:%Y-%m-%d}",
        "source": found.source,
    }
    text = yaml.safe_dump({**head, **found.rules.plain()}, allow_unicode=True, sort_keys=False, width=110)
    headers = {"Content-Disposition": f'attachment; filename="credit-rules-{found.version}.yaml"'}
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)


@allow(Permission.CREDIT_RULE)
def draft(request: StaffRequest) -> HttpResponse:
    """A new version, begun from the newest one: first tried on the past, then published as it was tried."""
    if request.user.scope_of(Permission.CREDIT_RULE) != Scope.GROUP:
        raise NotFound
    now = timezone.now()
    form = CreditRulesForm(posted(request), rules=queries.versions()[0].rules)
    form.fields["effective_from"].today = local_date(now)  # type: ignore[attr-defined]
    tried, seen = None, ""
    if form.is_bound and form.is_valid():
        with blaming(form):
            wanted = credit_rules.read(form.content())
            seen = sha256(dumps(wanted.plain(), sort_keys=True).encode()).hexdigest()
            if request.POST.get("act") == "publish" and request.POST.get("seen") == seen:
                return _publish(request, form)
            since = _back(local_date(now), int(form.cleaned_data["months"]))
            tried = queries.replay(wanted, since=since, by=request.user)
    values = {"form": form, "tried": tried, "seen": seen}
    status = 422 if form.errors else 200
    return render(request, "desk/credit/draft.html", values, status=status)


# ---- what the pages share ---------------------------------------------------------------------


def _publish(request: StaffRequest, form: CreditRulesForm) -> HttpResponse:
    data = form.cleaned_data
    kept = actions.publish(
        form.content(),
        effective_from=data["effective_from"],
        reason=data["reason"],
        by=request.user,
        now=timezone.now(),
    )
    words = {"n": kept.version, "day": f"{kept.effective_from:%Y-%m-%d}"}
    text = _("第 %(n)d 版已发布，%(day)s 起成交的订单适用。")
    return toast(request, redirect_to(request, "desk:credit-rules"), text % words)


def _deal(
    request: StaffRequest,
    order_id: UUID,
    *,
    appeal_form: AppealForm | None = None,
    ruling_form: RulingForm | None = None,
    ruled: UUID | None = None,
) -> HttpResponse:
    by = request.user
    row = queries.one(order_id, by=by)
    judges = by.may(Permission.CREDIT_RULE)
    trail = queries.trail(row)
    shown = []
    for one in trail:
        ruling, form = getattr(one, "ruling", None), None
        if ruling is None and judges and one.staff_id != by.pk:
            form = ruling_form if one.public_id == ruled else _ruling_form(request, order_id, one, ask=True)
        shown.append((one, ruling, form))
    people = {str(one.public_id): one.name for one in queries.team_of(row)}
    values = {
        "row": row,
        "deeds": [(one, people.get(one.staff, "")) for one in reversed(row.deal.deeds)],
        "paid": row.deal.paid,
        "trail": shown,
        "origin": row.policy.rules.origin_of(row.deal.source),
        "may_appeal": queries.may_appeal(row, by=by, now=timezone.now()),
        "appeal_form": appeal_form or AppealForm(),
    }
    status = 422 if appeal_form or ruling_form else 200
    return render(request, "desk/credit/deal.html", values, status=status)


def _ruling_form(
    request: StaffRequest, order_id: UUID, appeal: "CreditAppeal | None", *, ask: bool = False
) -> RulingForm:
    row = queries.one(order_id, by=request.user, permission=Permission.CREDIT_RULE)
    team = queries.team_of(row, also=appeal.staff if appeal else None)
    current = {line.holder: line.percent for line in queries.lines_of(row)}
    choices = [(one.public_id, one.name) for one in team if one.pk != request.user.pk]
    return RulingForm(None if ask else request.POST, team=choices, current=current)


def _table(rules: credit_rules.CreditRules) -> list[tuple[str, list[tuple[str, list[int]]]]]:
    return [
        (
            credit_rules.occasion_label(occasion),
            [
                (str(origin.label), [rules.percents[occasion, origin][one] for one in credit_rules.SHARED])
                for origin in CreditOrigin
            ],
        )
        for occasion in credit_rules.OCCASIONS
    ]


def _asked(text: str, today: date) -> date:
    try:
        return min(date.fromisoformat(f"{text}-01"), today)
    except ValueError:
        return today


def _back(day: date, months: int) -> date:
    first = day.replace(day=1)
    for _n in range(months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _months(shown: date, today: date) -> list[tuple[str, str, bool]]:
    """The last six months as links."""
    found: list[tuple[str, str, bool]] = []
    for n in range(1, 7):
        first = _back(today, n)
        found.append((f"{first:%Y-%m}", f"?month={first:%Y-%m}", first == shown))
    return found
