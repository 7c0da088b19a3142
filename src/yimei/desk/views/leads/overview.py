"""The list of leads with its saved views, and whoever only asked looked up by number."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from yimei.core.clock import local_date
from yimei.desk.forms.leads import EraseForm, NumberForm
from yimei.growth.actions import erasing
from yimei.growth.actions import leads as actions
from yimei.growth.queries import lists, numbers, picking
from yimei.people.enums import SourceKind
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

PAGE = 30
LABELS = {
    "mine": gettext_lazy("我的"),
    "due": gettext_lazy("今天要联系"),
    "overdue": gettext_lazy("已逾期"),
    "pool": gettext_lazy("公海"),
    "team": gettext_lazy("全部跟进中"),
    "ended": gettext_lazy("已结束"),
}


@require_GET
@allow(Permission.LEAD_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    now, by = timezone.now(), request.user
    is_manager = by.may(Permission.LEAD_ASSIGN)
    view = request.GET.get("view", "team" if is_manager else "mine")
    view = view if view in lists.VIEWS else "mine"
    source = request.GET.get("source", "")
    source = source if source in SourceKind.values else ""
    page = Paginator(lists.listed(view, by=by, now=now, source=source), PAGE).get_page(
        request.GET.get("page")
    )
    values = {
        "rows": lists.rows(list(page.object_list), by=by),
        "page": page,
        "view": view,
        "views": _views(lists.counts(by=by, now=now), view, source, is_manager=is_manager),
        "sources": _sources(view, source),
        "now": now,
        "limit": int(numbers.response(local_date(now)).total_seconds() // 60),
        "funnel": lists.funnel(by=by, now=now) if is_manager else None,
        "losses": lists.losses(by=by, now=now)[:4] if is_manager else [],
        "days": lists.WINDOW.days,
        "signs": picking.signs(by=by, now=now) if is_manager else [],
    }
    return render(request, "desk/leads/index.html", values)


@allow(Permission.PRIVACY_WRITE)
def forget(request: StaffRequest) -> HttpResponse:
    """Whoever only asked learns what is kept, or has it erased; posted, so that no address holds a number."""
    form, erase_form = NumberForm(request.POST or None), EraseForm()
    now = timezone.now()
    if form.is_bound and form.is_valid() and request.POST.get("act") == "erase":
        erase_form = EraseForm(request.POST)
        if erase_form.is_valid():
            count = erasing.erase_by_phone(
                form.cleaned_data["phone"], why=erase_form.cleaned_data["why"], by=request.user, now=now
            )
            text = _("已删除 %(count)d 条咨询记录，不可恢复。") % {"count": count}
            return toast(request, redirect_to(request, "desk:leads-forget"), text)
    is_asked = form.is_bound and form.is_valid()
    found = actions.look_up(form.cleaned_data["phone"], by=request.user, now=now) if is_asked else []
    values = {"form": form, "erase_form": erase_form, "found": found, "is_asked": is_asked}
    is_refused = bool(form.errors or erase_form.errors)
    return render(request, "desk/leads/forget.html", values, status=422 if is_refused else 200)


def _views(
    counted: dict[str, int], view: str, source: str, *, is_manager: bool
) -> list[tuple[str, str, bool, int | None]]:
    shown = [one for one in lists.VIEWS if is_manager or one != "team"]
    query = {"source": source} if source else {}
    return [
        (str(LABELS[one]), f"?{urlencode({'view': one, **query})}", one == view, counted.get(one))
        for one in shown
    ]


def _sources(view: str, source: str) -> list[tuple[str, str, bool]]:
    every = [(_("全部来源"), f"?{urlencode({'view': view})}", not source)]
    return every + [
        (str(one.label), f"?{urlencode({'view': view, 'source': one.value})}", one.value == source)
        for one in SourceKind
    ]
