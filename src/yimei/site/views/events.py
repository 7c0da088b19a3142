"""Events on the website: what comes, one with its form, and the ticket."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yimei.growth.actions import seats as actions
from yimei.growth.enums.events import EventStatus, SeatStatus
from yimei.growth.queries import events as queries
from yimei.hospital.queries import campuses
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice
from yimei.site.forms.events import SeatForm
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import public
from yimei.ui.rules.pictures import qr
from yimei.ui.views import toast


@public("anybody may see what comes")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    found = list(queries.open_to_all(now=timezone.now())[:50])
    counted = queries.counts(found)
    values = {"rows": [(one, counted[one.pk]) for one in found], "campuses": list(campuses())}
    return render(request, "site/events/index.html", values)


@public("anybody may register")
@never_cache
@require_http_methods(["GET", "POST"])
def event(request: HttpRequest, code: str) -> HttpResponse:
    now = timezone.now()
    found = queries.published(code)
    notice = current_notice(actions.NOTICE, Audience.ADULT)
    start = {"notice": notice.public_id if notice else ""}
    form = SeatForm(request.POST if request.method == "POST" else None, initial=start)
    if form.is_bound and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("name", "phone", "may_call", "may_news")}
        with blaming(form):
            if form.cleaned_data["website"]:
                return redirect("site:events")
            ip = str(request.META.get("REMOTE_ADDR", ""))
            actions.register(code, **asked, notice_id=form.cleaned_data["notice"], ip=ip, now=now)
            return redirect("site:event-done", code)
    values = {
        "event": found,
        "tally": queries.counts([found])[found.pk],
        "form": form,
        "notice": notice,
        "when": queries.when_text(found),
        "is_open": found.status == EventStatus.OPEN and now < found.starts_at,
        "is_cancelled": found.status == EventStatus.CANCELLED,
    }
    status = 410 if found.status == EventStatus.CANCELLED else 422 if form.is_bound else 200
    return render(request, "site/events/event.html", values, status=status)


@public("says thank you and nothing about anybody")
@require_GET
def done(request: HttpRequest, code: str) -> HttpResponse:
    """Known or not, with a place or waiting, the answer here is the same; the number is told."""
    found = queries.published(code)
    values = {"event": found, "when": queries.when_text(found)}
    return render(request, "site/events/done.html", values)


@public("the secret address is the ticket")
@never_cache
@require_GET
def ticket(request: HttpRequest, seat_id: UUID, mark: str) -> HttpResponse:
    seat = actions.open_ticket(seat_id, mark, now=timezone.now())
    has_picture = seat.status == SeatStatus.HELD
    values = {
        "seat": seat,
        "event": seat.event,
        "mark": mark,
        "when": queries.when_text(seat.event),
        "picture": qr(queries.ticket_of(seat)) if has_picture else "",
        "may_leave": SeatStatus.CANCELLED in seat.open_moves and timezone.now() < seat.event.starts_at,
    }
    return _quiet(render(request, "site/events/ticket.html", values))


@public("the secret address is the right to give the place back")
@csrf_exempt  # Nobody is signed in here; without a referrer browsers send no origin to compare.
@never_cache
@require_POST
def leave(request: HttpRequest, seat_id: UUID, mark: str) -> HttpResponse:
    actions.give_back(seat_id, mark, now=timezone.now())
    return toast(request, redirect("site:ticket", seat_id, mark), _("已取消，名额给了后面的人。"))


def _quiet(response: HttpResponse) -> HttpResponse:
    """Keep the secret out of every other address's log."""
    response["Referrer-Policy"] = "no-referrer"
    return response
