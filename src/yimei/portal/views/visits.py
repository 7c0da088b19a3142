"""A customer answers about her own booking or an offered time; the link itself is the right to."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, Refusal, RuleBroken
from yimei.journey.actions import arrivals, links, waiting
from yimei.journey.enums import BookingStatus
from yimei.journey.queries import arrivals as arrival_queries
from yimei.journey.queries import deposits, online
from yimei.journey.queries import links as link_queries
from yimei.journey.queries import waiting as waiting_queries
from yimei.portal.forms.visits import ArrivalForm, MoveForm
from yimei.ui.guard import public
from yimei.ui.rules.pictures import qr


@public("the link itself is the right to answer")
@csrf_exempt  # Nobody is signed in here; without a referrer browsers send no origin to compare.
@never_cache
@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "come": (lambda: links.acknowledge(token, now=now), _("谢谢，已告诉医院您会按时到。")),
        "move": (
            lambda: links.ask_to_move(token, wish=request.POST.get("wish", ""), now=now),
            _("已告诉医院您想改期，我们会尽快联系您；联系之前原来的时间仍为您保留。"),
        ),
        "reschedule": (
            lambda: links.reschedule(token, starts_at=read_time(request.POST.get("at", "")), now=now),
            _("已改期，新的确认短信会发到您的手机。"),
        ),
        "here": (
            lambda: arrivals.announce(token, code=request.POST.get("code", "")[:20], now=now),
            _("签到成功，请在休息区稍候，我们马上来请您。"),
        ),
        "cancel": (lambda: links.cancel(token, now=now), _("已取消。需要时请再与我们预约。")),
    }

    def page() -> dict[str, object]:
        booking = link_queries.link_of(token, now=now).booking
        is_open = booking.is_answerable_at(now)
        times = [slot.starts_at for slot in online.times_of(booking, now=now)] if is_open else []
        form = MoveForm(request.POST if request.POST.get("act") == "move" else None)
        is_today = booking.is_expected_on(local_date(now))
        return {
            "booking": booking,
            "asked": deposits.asked_for(booking, now=now),
            "held": deposits.held_of(booking.case.public_id, now=now),
            "is_open": is_open,
            "is_waiting": booking.status == BookingStatus.REQUESTED,
            "days": online.by_day(times),
            "form": form,
            "picture": qr(arrival_queries.pass_of(booking)) if is_today else "",
            "here": ArrivalForm(request.POST if request.POST.get("act") == "here" else None),
        }

    return _answer(request, acts, page, "portal/visit/visit.html")


@public("the link itself is the right to answer")
@csrf_exempt  # Nobody is signed in here; without a referrer browsers send no origin to compare.
@never_cache
@require_http_methods(["GET", "POST"])
def offer(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "accept": (lambda: waiting.accept_by_link(token, now=now), _("约上了，到时见。")),
        "decline": (lambda: waiting.decline_by_link(token, now=now), _("已谢绝，您仍在候补名单上。")),
        "leave": (
            lambda: waiting.decline_by_link(token, now=now, leaves=True),
            _("已谢绝，并退出候补名单。"),
        ),
    }

    def page() -> dict[str, object]:
        found = waiting_queries.offer_of(token)
        return {"offer": found, "is_open": found.is_open_at(now)}

    return _answer(request, acts, page, "portal/visit/offer.html")


def _answer(
    request: HttpRequest,
    acts: dict[str, tuple[Callable[[], object], str]],
    page: Callable[[], dict[str, object]],
    template: str,
) -> HttpResponse:
    """Show the page, or do the one thing that was chosen and say so."""
    try:
        if request.method != "POST":
            return _quiet(render(request, template, {**page(), "refusal": ""}))
        if request.POST.get("act") not in acts:
            raise NotFound
        act, said = acts[request.POST["act"]]
        act()
        return _quiet(render(request, "portal/visit/done.html", {"message": said, "is_good": True}))
    except NotFound as refusal:
        values = {"message": refusal.message, "is_good": False}
        return _quiet(render(request, "portal/visit/done.html", values, status=refusal.status))
    except Refusal as refusal:
        values = {**page(), "refusal": refusal.message}
        return _quiet(render(request, template, values, status=refusal.status))


def read_time(text: str) -> datetime:
    """Read an instant as the page offered it."""
    try:
        at = datetime.fromisoformat(text[:40])
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise RuleBroken(_("请选择一个时间。"))
    return at


def _quiet(response: HttpResponse) -> HttpResponse:
    """Keep the token out of every other address's log."""
    response["Referrer-Policy"] = "no-referrer"
    return response
