"""清洗: what the columns of a table hold, and what is done about it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yimei.insight.access import open_import
from yimei.insight.queries import imports as queries
from yimei.insight.queries import profiles
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow


@require_GET
@allow(Permission.INSIGHT_IMPORT)
def columns(request: StaffRequest, import_id: UUID) -> HttpResponse:
    batch = open_import(import_id, by=request.user)
    found = profiles.columns_of(batch)
    values = {
        "batch": batch,
        "template": queries.template_of(batch),
        "columns": found,
        "odd": profiles.odd_count(found),
    }
    return render(request, "desk/insight/columns.html", values)
