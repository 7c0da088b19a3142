"""List price, quote and bill beside each other; who may take off how much; why customers left."""

import re
from datetime import date, timedelta

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yimei.billing import queries
from yimei.billing.actions import quotes
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.journey.queries.losses import losses
from yimei.journey.queries.names import shown_names
from yimei.people.queries import roles
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

PAGE = 30
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@require_GET
@allow(Permission.MONEY_VIEW)
def variance(request: StaffRequest) -> HttpResponse:
    """The orders of a month: what the list says, what was quoted, what was billed."""
    start, end = month_of(request.GET.get("m", ""))
    orders = queries.variance_orders(by=request.user, start=start, end=end)
    page = Paginator(orders, PAGE).get_page(request.GET.get("page"))
    names = shown_names((order.patient for order in page), by=request.user)
    values = {
        "rows": [(order, names[order.patient_id]) for order in page],
        "page": page,
        "sums": queries.variances(orders),
        "losses": losses(by=request.user, start=start, end=end),
        "start": start,
        "previous": f"{start - timedelta(days=1):%Y-%m}",
        "following": f"{end:%Y-%m}" if end <= local_date(timezone.now()) else "",
    }
    return render(request, "desk/money/variance.html", values)


@allow(Permission.MONEY_VIEW, Permission.CATALOGUE_WRITE)
def limits(request: StaffRequest) -> HttpResponse:
    """How much each role may take off the list price on its own."""
    if request.method == "POST":
        text = request.POST.get("percent", "").strip()
        if not text.isascii() or not text.isdigit() or len(text) > 3:
            raise RuleBroken(_("优惠比例必须在 0 到 100 之间。"))
        role = request.POST.get("role", "")[:24]
        quotes.set_limit(role, percent=int(text), by=request.user, now=timezone.now())
        return toast(request, redirect_to(request, "desk:discount-limits"), _("优惠权限已更新，立即生效。"))
    known = queries.discount_limits()
    values = {
        "rows": [(role, known.get(role.code, 0)) for role in roles()],
        "may_write": request.user.may(Permission.CATALOGUE_WRITE),
    }
    return render(request, "desk/money/limits.html", values)


def month_of(text: str) -> tuple[date, date]:
    """The month that was asked for, or this one, as [start, end)."""
    today = local_date(timezone.now())
    start = date.fromisoformat(f"{text}-01") if MONTH.fullmatch(text) else today.replace(day=1)
    return start, (start + timedelta(days=32)).replace(day=1)
