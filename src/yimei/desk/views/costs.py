"""支出登记: what the house spends, entry by entry or as a table; what was wrong is reversed."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse as reverse_url
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.billing import queries
from yimei.billing.access import open_cost
from yimei.billing.actions import costs as actions
from yimei.billing.enums import CostAccount
from yimei.core.clock import local_date
from yimei.core.money import yuan
from yimei.desk.forms.costs import CostFileForm, CostForm, ReverseForm
from yimei.desk.views.prices import month_of
from yimei.hospital.queries import procedures
from yimei.insight.actions.costs import bring
from yimei.insight.queries.import_sheets import workbook
from yimei.insight.rules.imports.ledger import LEDGER
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, redirect_to, toast

PAGE = 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ANY = (Permission.COST_WRITE, Permission.SPEND_WRITE)


@require_GET
@allow(*ANY)
def index(request: StaffRequest) -> HttpResponse:
    return _page(request, CostFileForm())


@allow(*ANY)
def new(request: StaffRequest) -> HttpResponse:
    today = local_date(timezone.now())
    only_ads = not request.user.may(Permission.COST_WRITE)
    form = CostForm(
        posted(request),
        initial={
            "owner": request.user.pk,
            "key": uuid4(),
            "starts_on": today.replace(day=1),
            "ends_on": today,
            "account": CostAccount.ADVERTISING if only_ads else None,
        },
        procedures=procedures().values_list("pk", "name"),
        staff=queries.owners(request.user).values_list("pk", "name"),
        only_ads=only_ads,
    )
    if form.is_bound and form.is_valid():
        with blaming(form):
            actions.record(form.entry, key=form.cleaned_data["key"], by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:costs"), _("已登记，下次更新后计入指标。"))
    status = 422 if form.errors else 200
    return render(request, "desk/costs/new.html", {"form": form}, status=status)


@require_POST
@allow(*ANY)
def upload(request: StaffRequest) -> HttpResponse:
    form = CostFileForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        with blaming(form, beside="file"):
            fresh, known = bring(file.read(), name=file.name, by=request.user, now=timezone.now())
            said = _("已登记 %(fresh)d 笔。") % {"fresh": fresh}
            said += _("另有 %(known)d 笔早已登记过，没有重复。") % {"known": known} if known else ""
            return toast(request, redirect_to(request, "desk:costs"), said)
    return _page(request, form)


@require_GET
@allow(*ANY)
def template(request: StaffRequest) -> HttpResponse:
    headers = {"Content-Disposition": 'attachment; filename="yimei-cost.xlsx"'}
    return HttpResponse(workbook(LEDGER), content_type=XLSX, headers=headers)


@allow(*ANY)
def reverse(request: StaffRequest, cost_id: UUID) -> HttpResponse:
    cost = open_cost(cost_id, by=request.user)
    form = ReverseForm(posted(request))
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.reverse(cost_id, reason=reason, by=request.user, now=timezone.now())
        return toast(request, redirect_to(request, "desk:costs"), _("已冲正，原来那一笔留着。"))
    if not request.htmx:
        return redirect_to(request, "desk:costs")
    status = 422 if form.errors else 200
    response = render(request, "desk/costs/reverse.html", {"cost": cost, "form": form}, status=status)
    if form.errors:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _page(request: StaffRequest, form: CostFileForm) -> HttpResponse:
    wanted = request.GET.get("account", "")
    wanted = wanted if wanted in CostAccount.values else ""
    today = local_date(timezone.now())
    this, last = f"{today:%Y-%m}", f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"
    month = request.GET.get("m", "")
    start, end = month_of(month) if month else (None, None)
    rows = queries.costs(by=request.user, account=wanted, start=start, end=end)
    sums = queries.spent(queries.costs(by=request.user, start=start, end=end))

    def url(account: str, month: str = month) -> str:
        said = {name: value for name, value in (("account", account), ("m", month)) if value}
        return f"{reverse_url('desk:costs')}?{urlencode(said)}"

    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    values: dict[str, Any] = {
        "form": form,
        "page": page,
        "rows": page.object_list,
        "accounts": [(_("全部"), url(""), not wanted, None)]
        + [(one.account.label, url(one.account), one.account == wanted, None) for one in sums],
        "sums": sums,
        "whole": yuan(sum((one.amount for one in sums), start=yuan(0))),
        "months": [
            (_("全部"), url(wanted, ""), not month),
            (_("本月"), url(wanted, this), month == this),
            (_("上月"), url(wanted, last), month == last),
        ],
        "is_filtered": bool(wanted or start),
    }
    return render(request, "desk/costs/index.html", values, status=422 if form.errors else 200)
