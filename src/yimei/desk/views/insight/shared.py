"""What the screens of analysis share."""

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from yimei.core.clock import local_date
from yimei.insight.actions import requests
from yimei.insight.rules.questions import Question, parse
from yimei.ui.guard import StaffRequest


def parsed(query: QueryDict) -> Question:
    """Read a question out of an address; a filter may stand there several times."""
    given = {
        name: ",".join(map(str, query.getlist(name))) if name.startswith("f.") else query[name]
        for name in query
    }
    return parse({name: str(value) for name, value in given.items()}, today=local_date(timezone.now()))


def waiting(request: StaffRequest) -> HttpResponse:
    """There is no mart yet: ask for one, and look again by itself."""
    requests.ask_for_mart(now=timezone.now())
    return render(request, "desk/insight/waiting.html", {})
