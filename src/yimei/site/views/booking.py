"""Booking by oneself: what and when, then who, then the page on which it is moved or cancelled."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yimei.core.errors import Conflict, NotFound, Refusal, RuleBroken
from yimei.growth.actions import online as growth
from yimei.hospital.queries import campuses
from yimei.journey.actions import online as actions
from yimei.journey.enums import BookingChannel, HoldStatus
from yimei.journey.queries import online as queries
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice
from yimei.site.forms.booking import BookForm, SlotForm, WhoForm, WishForm
from yimei.ui.guard import public
from yimei.ui.rules.times import day_text, weekday
from yimei.ui.views import is_phone, toast

FIELDS = {"phone": "phone", "digits": "code", "worn": "code", "name": "name", "agreed": "agreed"}
"""Beside which field a refusal stands, by its code; the rest stand on top."""


@public("anybody may ask for a time")
@never_cache
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    return _choose(request, request.GET.dict())


@public("anybody may ask for a time")
@never_cache
@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    """Keep the chosen time for some minutes, whoever it is."""
    form = SlotForm(request.POST)
    if not form.is_valid():
        return _choose(request, request.POST.dict(), refusal=_("请选择一个时间。"), status=422)
    asked = form.cleaned_data
    try:
        token = actions.hold(
            campus_id=asked["campus"],
            procedure_id=asked["procedure"],
            starts_at=asked["at"],
            channel=channel_of(request),
            ip=_ip(request),
            now=timezone.now(),
        )
    except Conflict:
        text = _("这个时间刚被别人约走了，请另选一个。")
        return _choose(request, request.POST.dict(), refusal=text, status=409)
    except RuleBroken as refusal:
        return _choose(request, request.POST.dict(), refusal=refusal.message, status=refusal.status)
    return redirect("site:booking-details", token)


@public("the secret address is the right to go on")
@never_cache
@require_http_methods(["GET", "POST"])
def details(request: HttpRequest, token: str) -> HttpResponse:
    """Who comes: a code to the number, then the booking; known or not, the answer is the same."""
    acts = {"code": _code, "book": _book, "leave": _leave}
    act = acts.get(request.POST.get("act", "")) if request.method == "POST" else None
    if request.method == "POST" and act is None:
        raise NotFound
    return act(request, token) if act else _details(request, token, WhoForm())


def channel_of(request: HttpRequest) -> BookingChannel:
    """Whether the page was open on a telephone or on a computer."""
    return BookingChannel.MOBILE if is_phone(request) else BookingChannel.WEBSITE


def _code(request: HttpRequest, token: str) -> HttpResponse:
    form = WhoForm(request.POST)
    if form.is_valid():
        try:
            actions.ask_code(token, phone=form.cleaned_data["phone"], ip=_ip(request), now=timezone.now())
            initial = {name: form.cleaned_data[name] for name in ("name", "phone")}
            return _details(request, token, WhoForm(initial=initial), is_sent=True)
        except RuleBroken as refusal:
            if refusal.code == "over":
                return _over(request, token, refusal)
            form.add_error(FIELDS.get(refusal.code), refusal.message)
    return _details(request, token, form, is_sent="code" in request.POST)


def _book(request: HttpRequest, token: str) -> HttpResponse:
    form = BookForm(request.POST)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            booked = growth.book(
                token,
                name=asked["name"],
                phone=asked["phone"],
                digits=asked["code"],
                notice_id=asked["notice"],
                now=timezone.now(),
            )
            page = redirect("portal:visit", booked.token)
            return toast(request, page, _("预约已收到。确认和提醒会发到您的手机。"))
        except Refusal as refusal:
            code = getattr(refusal, "code", "")
            if code == "over" or isinstance(refusal, Conflict):
                return _over(request, token, refusal)
            form.add_error(FIELDS.get(code), refusal.message)
    return _details(request, token, form, is_sent=True)


def _leave(request: HttpRequest, token: str) -> HttpResponse:
    row = actions.give_up(token, now=timezone.now())
    query = {"campus": str(row.campus.public_id), "procedure": str(row.procedure.public_id)}
    return redirect(f"{reverse('site:booking')}?{urlencode(query)}")


def _over(request: HttpRequest, token: str, refusal: Refusal) -> HttpResponse:
    """The time is gone: everything that was chosen stays, but for the time."""
    row = queries.hold_of(token)
    if row.status == HoldStatus.BOOKED:
        return _details(request, token, WhoForm())
    query = {"campus": str(row.campus.public_id), "procedure": str(row.procedure.public_id)}
    return _choose(request, query, refusal=refusal.message, status=refusal.status)


def _details(request: HttpRequest, token: str, form: WhoForm, *, is_sent: bool = False) -> HttpResponse:
    now = timezone.now()
    row = queries.hold_of(token)
    is_open = row.status == HoldStatus.HELD and now < row.expires_at
    if is_sent and not isinstance(form, BookForm):
        form = _with_code(form)
    values = {
        "hold": row,
        "is_open": is_open,
        "is_booked": row.status == HoldStatus.BOOKED,
        "form": form,
        "is_sent": is_sent,
        "notice": current_notice(growth.NOTICE, Audience.ADULT),
        "minutes": queries.numbers(now).code_minutes,
    }
    return render(request, "site/booking/details.html", values, status=422 if form.errors else 200)


def _with_code(form: WhoForm) -> WhoForm:
    """The same words in the form that asks for the code as well."""
    if form.is_bound:
        return form
    return BookForm(initial=form.initial)


def _choose(
    request: HttpRequest, asked: dict[str, str], *, refusal: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    places = list(campuses())
    campus = queries.campus_of(_uuid(asked.get("campus", "")))
    services = queries.services(campus, now) if campus else {}
    form = WishForm(
        initial={"campus": campus and campus.public_id, "procedure": asked.get("procedure", "")},
        campuses=[(str(one.public_id), one.name) for one in places],
        services=[
            (group, [(str(one.public_id), one.name) for one in rows]) for group, rows in services.items()
        ],
    )
    wanted = asked.get("procedure", "")
    chosen = next((one for rows in services.values() for one in rows if str(one.public_id) == wanted), None)
    days = queries.days(campus, chosen, now=now) if campus and chosen else []
    day = queries.chosen_day(asked.get("day", ""), days)
    values: dict[str, Any] = {
        "form": form,
        "has_choice": len(places) > 1,
        "campus": campus,
        "chosen": chosen,
        "refusal": refusal,
        "day": day,
        "strip": [_chip(one, day, asked) for one in days],
        "has_times": any(one.times for one in days),
        "campuses": places,
    }
    return render(request, "site/booking/choose.html", values, status=status)


def _chip(one: queries.Day, day: queries.Day | None, asked: dict[str, str]) -> tuple[str, str, bool, int]:
    query = {name: asked.get(name, "") for name in ("campus", "procedure")} | {"day": one.day.isoformat()}
    label = f"{day_text(one.day, today=timezone.localdate())} {weekday(one.day)}"
    return label, f"?{urlencode(query)}", one is day, len(one.times)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _ip(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
