"""SQL: an analyst's question to the mart; and the dictionary."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yimei.desk.forms.insight import SqlForm
from yimei.insight.actions import sql
from yimei.insight.queries import sql as queries
from yimei.insight.queries.mart import builds, freshness
from yimei.insight.queries.rights import metrics_for
from yimei.insight.rules.metrics import SUBJECTS
from yimei.insight.rules.metrics.dims import TABLES, dims_of
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow

SAMPLE = """SELECT source, COUNT(*) AS visits, COUNT(DISTINCT customer) AS people
FROM booking
WHERE is_arrived
GROUP BY source
ORDER BY visits DESC"""


@allow(Permission.INSIGHT_SQL)
def index(request: StaffRequest) -> HttpResponse:
    form = SqlForm(request.POST or None, initial={"text": SAMPLE})
    result = None
    if form.is_bound and form.is_valid():
        with blaming(form):
            result = sql.ask(form.cleaned_data["text"], by=request.user, now=timezone.now())
    values = {
        "form": form,
        "result": result,
        "tables": list(TABLES.values()),
        "fresh": freshness(),
        "dimensions": queries.dimensions(),
        "left": queries.left_today(request.user, now=timezone.now()),
        "seconds": queries.SECONDS,
        "most": queries.MOST_ROWS,
    }
    return render(request, "desk/insight/sql.html", values, status=422 if form.errors else 200)


@require_GET
@allow(Permission.INSIGHT_VIEW)
def dictionary(request: StaffRequest) -> HttpResponse:
    metrics = metrics_for(request.user)
    values = {
        "groups": [
            (letter, subject, owner, [(one, dims_of(one.fact)) for one in metrics if one.number[0] == letter])
            for letter, (subject, owner) in SUBJECTS.items()
        ],
        "tables": list(TABLES.values()),
        "builds": builds(),
        "fresh": freshness(),
    }
    return render(request, "desk/insight/dictionary.html", values)
