"""数据接口: keys for Power BI, Excel or Google Sheets to read a page, and views of it for SQL clients."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yimei.core.clock import local_date
from yimei.desk.forms.reports import FeedForm, ViewsForm
from yimei.insight.actions import feeds as actions
from yimei.insight.actions import views
from yimei.insight.queries import feeds as queries
from yimei.insight.queries import views as published_views
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast


@allow(Permission.INSIGHT_EXPORT)
@never_cache
def index(request: StaffRequest) -> HttpResponse:
    """The keys there are; a new one is shown this once."""
    by, now = request.user, timezone.now()
    form, made = FeedForm(request.POST or None, pages=queries.pages(by), initial={"days": 90}), {}
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            feed, secret = actions.create(**form.cleaned_data, by=by, now=now)
            made = _addresses(feed, secret)
            form = FeedForm(pages=queries.pages(by), initial={"days": 90})
    values = _page(request, form, ViewsForm(pages=queries.pages(by))) | {"made": made}
    return render(request, "desk/insight/feeds.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.INSIGHT_EXPORT)
def revoke(request: StaffRequest, feed_id: UUID) -> HttpResponse:
    actions.revoke(feed_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:insight-feeds"), _("已收回，用它的程序不再读得到数字。"))


@require_POST
@allow(Permission.INSIGHT_EXPORT)
def publish(request: StaffRequest) -> HttpResponse:
    """Put the figures of a page where SQL clients read them, anew each time."""
    by = request.user
    form = ViewsForm(request.POST, pages=queries.pages(by))
    if form.is_valid():
        with blaming(form):
            names = views.publish(form.cleaned_data["page"], by=by, now=timezone.now())
            said = _("已发布 %(n)d 个视图。") % {"n": len(names)}
            return toast(request, redirect_to(request, "desk:insight-feeds"), said)
    values = _page(request, FeedForm(pages=queries.pages(by), initial={"days": 90}), form) | {"made": {}}
    return render(request, "desk/insight/feeds.html", values, status=422)


@require_POST
@allow(Permission.INSIGHT_EXPORT)
def withdraw(request: StaffRequest, page: str) -> HttpResponse:
    views.withdraw(page, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:insight-feeds"), _("已撤回，数据库里不再有这些视图。"))


def _page(request: StaffRequest, form: FeedForm, views_form: ViewsForm) -> dict[str, Any]:
    by, now = request.user, timezone.now()
    place = published_views.place()
    found = published_views.standing(by) if place else None
    return {
        "form": form,
        "rows": [(one, queries.title(one), one.expires_at <= now) for one in queries.feeds(by)],
        "views_form": views_form,
        "place": place,
        "published": found.pages if found else [],
        "fault": found.fault if found else "",
    }


def _addresses(feed: Any, secret: str) -> dict[str, Any]:
    names = list(queries.questions(feed, local_date(timezone.now())))
    root = settings.PUBLIC_URL
    return {
        "key": secret,
        "odata": root + reverse("api:feed-service"),
        "sheets": [(name, root + reverse("api:feed-sheet", args=[secret, name])) for name in names],
    }
