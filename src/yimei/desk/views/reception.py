"""The reception: who is expected, who waits and for how long, who is being seen."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yimei.desk.views.bookings import queue
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow


@require_GET
@allow(Permission.RECEPTION_WRITE)
def index(request: StaffRequest) -> HttpResponse:
    return render(request, "desk/reception/index.html", queue(request))
