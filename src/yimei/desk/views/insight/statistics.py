"""统计分析: tests and models over rows of the mart, with their reading in words."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.desk.forms.insight import StatisticsForm
from yimei.desk.views.insight.shared import waiting
from yimei.insight.queries import samples
from yimei.insight.queries.cuts import Asked
from yimei.insight.queries.mart import freshness
from yimei.insight.rules.questions import parse
from yimei.insight.rules.statistics import Curve
from yimei.insight.rules.statistics.reading import p_text, reads, reads_model
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow


@dataclass(frozen=True)
class Said:
    """One test with its words."""

    test: Any
    p: str
    words: str


@require_GET
@allow(Permission.INSIGHT_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    if freshness() is None:
        return waiting(request)
    form, found = StatisticsForm(request.GET or None), None
    if form.is_bound and form.is_valid():
        asked = _asked(form.cleaned_data)
        try:
            found = samples.find(asked, by=request.user) if asked else None
        except RuleBroken as refusal:
            form.add_error(None, refusal.message)
    values = {"form": form, "fresh": freshness(), "spec": None, **_shown(found)}
    return render(request, "desk/insight/statistics.html", values, status=422 if form.errors else 200)


def _asked(data: dict[str, Any]) -> Asked | None:
    """Put a question together once the form has named all that its kind needs."""
    kind, fact = data["kind"], "booking" if data["kind"] == "revisit" else data["fact"]
    if not data["go"]:
        return None
    span = parse({"span": data["span"]}, today=local_date(timezone.now()))
    return Asked(kind, fact, data["outcome"], data["group"], data["predictors"], span.start, span.end)


def _shown(found: samples.Found | None) -> dict[str, Any]:
    if found is None:
        return {"found": None}
    return {
        "found": found,
        "tests": [Said(test, p_text(test.p), reads(test)) for test in found.tests],
        "model_words": reads_model(found.model) if found.model else [],
        "curves": [_curve(one) for one in found.curves],
        "steps": samples.STEPS,
        "spec": _drawing(found),
    }


def _curve(one: Curve) -> dict[str, Any]:
    return {
        "name": one.name,
        "n": one.n,
        "events": one.events,
        "median": one.median,
        "half": one.half,
        "back": [one.back(day) for day in samples.STEPS],
    }


def _drawing(found: samples.Found) -> dict[str, Any] | None:
    """The curves as lines over days: the share that has not come back yet, where it may be told."""
    if not found.curves:
        return None
    last = max(int(point.time) for one in found.curves for point in one.points)
    days = range(last + 1)
    blank = [None] * len(days)
    at = [{point.time: point.share for point in one.points} for one in found.curves]
    return {
        "kind": "line",
        "unit": "%",
        "decimals": 1,
        "words": {"hidden": "—", "days": [], "months": []},
        "isOrdered": True,
        "isJoined": True,
        "names": [str(day) for day in days],
        "series": [
            {"name": one.name, "values": [shares.get(day) for day in days], "lows": blank, "highs": blank}
            for one, shares in zip(found.curves, at, strict=True)
        ],
    }
