"""How long what is kept and what the next night takes; and whether all that is collected is needed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yimei.core.clock import local_date
from yimei.people.enums import LookPurpose, RevealPurpose
from yimei.people.roles import Permission
from yimei.privacy.queries import minimise as queries
from yimei.ui.guard import StaffRequest, allow

MOST = 50
PURPOSES: dict[str, Any] = {**dict(RevealPurpose.choices), **dict(LookPurpose.choices)}


@require_GET
@allow(Permission.PRIVACY_VIEW)
def schedule(request: StaffRequest) -> HttpResponse:
    on = local_date(timezone.now())
    values = {
        "periods": queries.schedule(on),
        "due": queries.due_soon(on, most=MOST),
        "most": MOST,
        "years": queries.sealed_by_year(),
        "endless": queries.sealed_without_end(),
    }
    return render(request, "desk/privacy/retention.html", values)


@require_GET
@allow(Permission.PRIVACY_VIEW)
def minimise(request: StaffRequest) -> HttpResponse:
    columns = queries.columns()
    looks = [(PURPOSES.get(code, code), times) for code, times in queries.looks_by_purpose(timezone.now())]
    values = {
        "columns": columns,
        "needless": sum(one.is_needless for one in columns),
        "empty": sum(one.is_empty for one in columns),
        "groundless": sum(one.is_groundless for one in columns),
        "looks": looks,
    }
    return render(request, "desk/privacy/minimise.html", values)
