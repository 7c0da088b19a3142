"""How long what is kept and what the next night takes; and whether all that is collected is needed."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from yimei.core.clock import local_date
from yimei.people.enums import LookPurpose, RevealPurpose
from yimei.people.roles import Permission
from yimei.privacy.queries import minimise as queries
from yimei.ui.guard import StaffRequest, allow

MOST = 50
PAGE = 40
PURPOSES: dict[str, Any] = {**dict(RevealPurpose.choices), **dict(LookPurpose.choices)}


@require_GET
@allow(Permission.PRIVACY_VIEW)
def schedule(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    on = local_date(now)
    due = queries.due_soon(on, most=MOST + 1)
    values = {
        "periods": queries.schedule(on),
        "due": due[:MOST],
        "most": MOST if len(due) > MOST else 0,
        "done": queries.done_lately(now),
        "years": queries.sealed_by_year(),
        "endless": queries.sealed_without_end(),
    }
    return render(request, "desk/privacy/retention.html", values)


SHOW: Mapping[str, tuple[Any, Callable[[queries.Column], bool]]] = {
    "groundless": (gettext_lazy("目的已停用而仍有"), lambda one: one.is_groundless),
    "needless": (gettext_lazy("收集而不用"), lambda one: one.is_needless),
    "empty": (gettext_lazy("设了而没填"), lambda one: one.is_empty),
    "sensitive": (gettext_lazy("敏感"), lambda one: one.is_sensitive),
}


@require_GET
@allow(Permission.PRIVACY_VIEW)
def minimise(request: StaffRequest) -> HttpResponse:
    """Every personal column with its counts, a page at a time, or only those that raise a question."""
    found, text = queries.columns(), request.GET.get("q", "").strip()[:60]
    counts = {code: sum(map(fits, found)) for code, (_title, fits) in SHOW.items()}
    show = request.GET.get("show", "")
    rows = [one for one in found if show not in SHOW or SHOW[show][1](one)]
    if text:
        rows = [one for one in rows if text.lower() in one.words.lower()]
    looks = [(PURPOSES.get(code, code), times) for code, times in queries.looks_by_purpose(timezone.now())]
    values = {
        "q": text,
        "show": show,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "filters": [
            (_("全部"), "?", show not in SHOW, len(found)),
            *((title, f"?show={code}", show == code, counts[code]) for code, (title, _fits) in SHOW.items()),
        ],
        "counts": counts,
        "looks": looks,
    }
    return render(request, "desk/privacy/minimise.html", values)
