"""Ctrl+K: people first; pages and acts are already in the palette."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yimei.journey.queries import cases
from yimei.people import queries
from yimei.people.actions import looks
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow

FOUND = 8


@require_GET
@allow()
def search(request: StaffRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    rows: list[cases.CustomerRow] = []
    if text and request.user.may(Permission.PATIENT_VIEW):
        found = queries.search(text, by=request.user, limit=FOUND)
        rows = cases.rows(found, by=request.user)
        looks.searched(rows=len(rows), by=request.user, at=timezone.now())
    return render(request, "desk/search/found.html", {"rows": rows})
