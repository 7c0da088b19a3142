"""The day of bookings, one booking, and its moves: one click, one change of state."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from yimei.core import names, phone
from yimei.core.clock import SHANGHAI, local_date, local_day
from yimei.desk.forms.bookings import CANCEL_REASONS, ArriveForm, CancelForm, DayForm, MoveForm, TriageForm
from yimei.desk.views.customer import shown_name
from yimei.hospital.queries import rooms
from yimei.journey.access import open_booking
from yimei.journey.actions import bookings as actions
from yimei.journey.enums import BookingKind, BookingStatus, ResourceKind
from yimei.journey.queries import bookings as queries
from yimei.journey.queries import deposits, kinds, visits
from yimei.journey.rules import bookings as rules
from yimei.journey.rules.claims import hours_text
from yimei.people.access import display_name, may_see_clinical
from yimei.people.queries import shares_number
from yimei.people.roles import Permission
from yimei.privacy.actions import exports
from yimei.ui.guard import StaffRequest, allow, page_behind
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.journey.models import Booking, BookingMove
    from yimei.people.models import Patient, Staff

TONES = {
    BookingStatus.REQUESTED: "info",
    BookingStatus.CONFIRMED: "",
    BookingStatus.ARRIVED: "warn",
    BookingStatus.SERVED: "accent",
    BookingStatus.NO_SHOW: "danger",
    BookingStatus.CANCELLED: "",
}
BAR_TONES = {BookingStatus.ARRIVED: "warn", BookingStatus.SERVED: "accent"}
OPENS, CLOSES = 9, 18
"""The board shows these hours, and more where the day is longer."""

SOON = timedelta(minutes=30)
"""Whoever is expected within this time stands out in a list."""

ORIGINS = {"day": "#day", "reception": "#queue", "booking": "#booking", "calendar": "#calendar"}
"""The page on which a move was asked for, and the part of it that shows the answer."""


@dataclass(frozen=True)
class Line:
    """One booking as a list shows it: the name masked, the number by its last four."""

    booking: "Booking"
    name: str
    phone: str
    tone: str
    waiting_since: datetime | None
    waited: timedelta | None
    is_late: bool
    may_move: bool
    may_miss: bool
    is_due: bool

    @property
    def tone_of_act(self) -> str:
        """Only what is due now asks for the eye."""
        return "primary" if self.is_due else "secondary"

    @property
    def chips(self) -> list[tuple[str, str]]:
        """What a line of the reception says besides the place in which it stands."""
        booking = self.booking
        said = [(str(booking.get_visit_kind_display()), "")] if booking.visit_kind else []
        if booking.is_online:
            said.append((_("网约 · %(channel)s") % {"channel": booking.get_channel_display()}, "info"))
        if booking.status in {BookingStatus.REQUESTED, BookingStatus.NO_SHOW, BookingStatus.CANCELLED}:
            said.append((str(booking.get_status_display()), self.tone))
        if booking.patient.is_restricted:
            said.append((_("已限制处理，只办在办事项"), "warn"))
        if self.is_late:
            said.append((_("已过时间"), "danger"))
        if self.waited is not None:
            said.append((_("等候 %(minutes)d 分钟") % {"minutes": self.waited.total_seconds() // 60}, ""))
        return said


def line_of(row: queries.DayRow, now: datetime) -> Line:
    booking = row.booking
    is_expected = BookingStatus(booking.status) in rules.MOVABLE
    return Line(
        booking=booking,
        name=row.who if booking.patient.is_vip else names.mask(row.who),
        phone=phone.mask(booking.patient.person.phone),
        tone=TONES[BookingStatus(booking.status)],
        waiting_since=row.waiting_since,
        waited=row.waited,
        is_late=is_expected and booking.starts_at < now and booking.announced_at is None,
        may_move=is_expected,
        is_due=row.waiting_since is not None or (is_expected and booking.starts_at <= now + SOON),
        may_miss=booking.starts_at + rules.NO_SHOW_GRACE <= now,
    )


# ---- the day and one booking ------------------------------------------------------------------


@require_GET
@allow(Permission.BOOKING_VIEW)
def day(request: StaffRequest) -> HttpResponse:
    return render(request, "desk/bookings/day.html", _day(request, request.GET.dict()))


@require_GET
@allow(Permission.BOOKING_VIEW)
def detail(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    booking = open_booking(booking_id, by=request.user)
    now, patient = timezone.now(), booking.patient
    purpose = exports.look(patient, page="booking", by=request.user, now=now)
    sees_clinical = may_see_clinical(request.user, patient, now)
    values = {
        "booking": booking,
        "line": line_of(queries.DayRow(booking, display_name(patient, request.user)), now),
        "name": shown_name(patient, request.user, sees_clinical=sees_clinical),
        "phone": phone.mask(patient.person.phone),
        "note": _("您因「%(purpose)s」查看，已记录") % {"purpose": purpose.label},
        "trail": [_happening(move) for move in queries.trail(booking)],
        "held": queries.held_by(booking),
        "services": _services(booking),
        "asked": deposits.asked_for(booking, now=now),
        "deposit": deposits.held_of(booking.case.public_id, now=now),
        "course": queries.course_of(booking, by=request.user),
        "limits": visits.wait_limits(now),
        "may_be_known": booking.is_online and not patient.is_registered and shares_number(patient),
        "may_open": request.user.may(Permission.PATIENT_VIEW),
        "may_reveal": request.user.may(Permission.PATIENT_REVEAL),
    }
    return render(request, "desk/bookings/detail.html", values)


# ---- moves of one click -----------------------------------------------------------------------


@allow(Permission.BOOKING_WRITE)
def confirm(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return redirect_to(request, "desk:booking", booking_id)
    booking = actions.confirm(booking_id, by=request.user, now=timezone.now())
    return answer(request, booking, _("已确认预约，确认短信按客户的同意情况发送。"), is_final=True)


@allow(Permission.RECEPTION_WRITE)
def arrive(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    """Register an arrival; without a file or a kind of visit ask for what is missing first."""
    booking = open_booking(booking_id, by=request.user, permission=Permission.RECEPTION_WRITE)
    form = ArriveForm(posted(request), initial={"visit_kind": kinds.of_booking(booking)})
    if form.is_bound and (form.is_valid() or booking.visit_kind):
        chosen = form.cleaned_data.get("visit_kind")
        booking = actions.arrive(booking_id, visit_kind=chosen, by=request.user, now=timezone.now())
        return answer(request, booking, _("已登记到诊，等候计时开始。"))
    return layer(request, "arrive", booking, form=form)


@allow(Permission.BOOKING_VIEW)
def serve(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return redirect_to(request, "desk:booking", booking_id)
    booking = actions.serve(booking_id, by=request.user, now=timezone.now())
    return answer(request, booking, _("已接诊，等候计时结束。"))


@allow(Permission.BOOKING_WRITE)
def no_show(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return redirect_to(request, "desk:booking", booking_id)
    booking = actions.mark_no_show(booking_id, by=request.user, now=timezone.now())
    return answer(request, booking, _("已登记爽约，占用的时间已释放。"))


# ---- moves that ask first ---------------------------------------------------------------------


@allow(Permission.BOOKING_WRITE)
def cancel(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    booking = open_booking(booking_id, by=request.user, permission=Permission.BOOKING_WRITE)
    form = CancelForm(posted(request))
    if form.is_bound and form.is_valid():
        booking = actions.cancel(booking_id, **form.cleaned_data, by=request.user, now=timezone.now())
        return answer(request, booking, _("已取消预约，占用的时间已释放。"))
    return layer(request, "cancel", booking, form=form, reasons=CANCEL_REASONS)


@allow(Permission.BOOKING_WRITE)
def reschedule(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    booking = open_booking(booking_id, by=request.user, permission=Permission.BOOKING_WRITE)
    now = timezone.now()
    form = MoveForm(posted(request))
    if form.is_bound and form.is_valid():
        place = form.cleaned_data["slot"]
        booking = actions.reschedule(
            booking_id,
            starts_at=place.starts_at,
            staff_public_id=place.staff_id,
            room_public_id=place.room_id,
            by=request.user,
            now=now,
        )
        return answer(request, booking, _("已改期。"))
    days = DayForm(request.GET if "day" in request.GET else None, today=local_date(now))
    is_named = days.is_bound and days.is_valid()
    wanted = days.cleaned_data["day"] if is_named else max(local_date(now), local_date(booking.starts_at))
    values = {
        "form": form,
        "days": days,
        "wanted": wanted,
        "offers": halves(visits.times_to_move(booking, local_day(wanted), now=now)),
        "services": _services(booking),
    }
    return layer(request, "reschedule", booking, **values)


@allow(Permission.RECEPTION_WRITE)
def triage(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    """Hand an arrived customer to whoever sees her (分诊), perhaps another than booked (改派)."""
    booking = open_booking(booking_id, by=request.user, permission=Permission.RECEPTION_WRITE)
    kind, now = BookingKind(booking.kind), timezone.now()
    people = queries.on_duty(local_date(now), campus=booking.campus)
    able = [one for one in people if one.staff.role_code in rules.SERVING_ROLES[kind]]
    places = list(rooms(booking.campus, rules.ROOM_KINDS[kind]))
    taken = queries.taken_beside(booking, staff=[one.staff for one in able], rooms=places)
    able.sort(key=lambda one: (ResourceKind.STAFF, one.staff.pk) in taken)
    form = TriageForm(
        posted(request),
        initial={"staff": str(booking.staff.public_id), "room": str(booking.room.public_id)},
        staff=[
            (one.staff.public_id, _duty_words(one, (ResourceKind.STAFF, one.staff.pk) in taken))
            for one in able
        ],
        rooms=[
            (one.public_id, _place_words(one.name, (ResourceKind.ROOM, one.pk) in taken)) for one in places
        ],
    )
    if form.is_bound and form.is_valid():
        booking = actions.triage(
            booking_id,
            staff_public_id=form.cleaned_data["staff"],
            room_public_id=form.cleaned_data["room"],
            by=request.user,
            now=now,
        )
        return answer(request, booking, _("已分诊给%(name)s。") % {"name": booking.staff.name})
    return layer(request, "triage", booking, form=form)


@require_POST
@allow(Permission.BOOKING_VIEW)
def undo(request: StaffRequest, booking_id: UUID) -> HttpResponse:
    """Take back the last click; the toast asks for it, and shows the page anew."""
    booking = actions.undo(booking_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:booking", booking.public_id), _("已撤销。"))


# ---- what the pages share ---------------------------------------------------------------------


def posted(request: StaffRequest) -> QueryDict | None:
    """What a form reads: what was posted, even when that is nothing; on a look, nothing is asked of it."""
    return request.POST if request.method == "POST" else None


def answer(request: StaffRequest, booking: "Booking", text: str, *, is_final: bool = False) -> HttpResponse:
    """Show the page on which the move was asked for as it is now; elsewhere the task is simply gone."""
    origin = request.GET.get("from", "")
    undo = "" if is_final else reverse("desk:booking-undo", args=[booking.public_id])
    if not request.htmx or origin == "booking":
        page = redirect_to(request, "desk:booking", booking.public_id)
        return toast(request, page, text, undo=undo)
    if origin == "day":
        response = render(request, "desk/bookings/day.html#day", _day(request, query_behind(request)))
    elif origin == "reception":
        response = render(request, "desk/reception/index.html#queue", queue(request))
    else:
        response = HttpResponse()
    return toast(request, trigger_client_event(response, "ym:close", {}), text, undo=undo)


def queue(request: StaffRequest) -> dict[str, Any]:
    """Today's customers by where they stand at the reception."""
    now = timezone.now()
    rows = queries.day(local_date(now), by=request.user, campus_id=request.user.campus.public_id)
    limits = visits.wait_limits(now)
    lines = [line_of(row, now) for row in rows]

    def of(*statuses: BookingStatus) -> list[Line]:
        return [line for line in lines if line.booking.status in statuses]

    def with_tone(found: Iterable[Line]) -> list[tuple[Line, str]]:
        return [(line, limits.tone(line.waiting_since, now)) for line in found]

    served = of(BookingStatus.SERVED)
    waits = [line.waited for line in lines if line.waited is not None]
    return {
        "now": now,
        "limits": limits,
        "announced": with_tone(line for line in of(BookingStatus.CONFIRMED) if line.booking.announced_at),
        "expected": [
            line
            for line in of(BookingStatus.REQUESTED, BookingStatus.CONFIRMED)
            if not line.booking.announced_at
        ],
        "waiting": with_tone(sorted(of(BookingStatus.ARRIVED), key=lambda line: line.waiting_since or now)),
        "seen": [line for line in served if line.booking.ends_at > now],
        "done": [line for line in served if line.booking.ends_at <= now],
        "gone_count": len(of(BookingStatus.NO_SHOW, BookingStatus.CANCELLED)),
        "gone": of(BookingStatus.NO_SHOW, BookingStatus.CANCELLED),
        "mean_wait": sum(waits, timedelta()) / len(waits) if waits else None,
        "origin": "reception",
        "target": ORIGINS["reception"],
    }


@dataclass(frozen=True)
class Offer:
    """The free times of one person, parted at noon."""

    staff: "Staff"
    parts: Sequence[tuple[str, Sequence[queries.Slot]]]


def halves(people: Sequence[queries.PersonSlots]) -> list[Offer]:
    """Part everybody's free times at noon; whoever has none is left out."""

    def is_morning(slot: queries.Slot) -> bool:
        return slot.starts_at.astimezone(SHANGHAI).hour < 12

    found = []
    for one in people:
        early = [slot for slot in one.slots if is_morning(slot)]
        late = [slot for slot in one.slots if not is_morning(slot)]
        parts = [(_("上午"), early), (_("下午"), late)]
        if one.slots:
            found.append(Offer(one.staff, [part for part in parts if part[1]]))
    return found


def layer(request: StaffRequest, name: str, booking: "Booking", **values: Any) -> HttpResponse:
    """Ask in the shared dialog; without it the page of the booking shows the same buttons."""
    if not request.htmx:
        return redirect_to(request, "desk:booking", booking.public_id)
    origin = request.GET.get("from", "")
    is_refused = request.method == "POST"
    line = line_of(queries.DayRow(booking, display_name(booking.patient, request.user)), timezone.now())
    values |= {"booking": booking, "line": line, "origin": origin, "target": ORIGINS.get(origin, "#booking")}
    response = render(request, f"desk/bookings/{name}.html", values, status=422 if is_refused else 200)
    if is_refused:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def query_behind(request: StaffRequest) -> dict[str, str]:
    """What the address of the page asks for on which the reader clicked."""
    query = parse_qs(urlsplit(page_behind(request)).query)
    return {name: values[-1] for name, values in query.items()}


def _day(request: StaffRequest, query: dict[str, str]) -> dict[str, Any]:
    """Everything on the page of one day; the number of queries does not grow with it."""
    now = timezone.now()
    today = local_date(now)
    wanted = read_day(query.get("day", "")) or today
    status, text = query.get("status", ""), query.get("q", "").strip()
    calendar = reverse("desk:calendar")
    rows = queries.day(wanted, by=request.user, campus_id=request.user.campus.public_id)
    lines = [line_of(row, now) for row in rows if is_meant(row.booking.patient, row.who, text)]

    def url(**changes: str) -> str:
        values = {"day": wanted.isoformat(), "status": status, "q": text}
        asked = {name: value for name, value in (values | changes).items() if value}
        return f"{reverse('desk:bookings')}?{urlencode(asked)}"

    def count(*statuses: BookingStatus) -> int:
        return sum(line.booking.status in statuses for line in lines)

    booked = len(lines) - count(BookingStatus.CANCELLED)
    arrived = count(BookingStatus.ARRIVED, BookingStatus.SERVED)
    return {
        "now": now,
        "limits": visits.wait_limits(now),
        "wanted": wanted,
        "is_today": wanted == today,
        "urls": {
            "before": url(day=(wanted - timedelta(days=1)).isoformat()),
            "today": url(day=today.isoformat()),
            "after": url(day=(wanted + timedelta(days=1)).isoformat()),
        },
        "q": text,
        "query": {"day": wanted.isoformat(), "status": status},
        "lines": [line for line in lines if status in ("", line.booking.status)],
        "filters": [
            (_("全部"), url(status=""), not status, len(lines)),
            *(
                (str(one.label), url(status=one.value), status == one.value, count(one))
                for one in BookingStatus
            ),
        ],
        "booked": booked,
        "booked_text": str(booked),
        "arrived": arrived,
        "requested": count(BookingStatus.REQUESTED),
        "waiting": count(BookingStatus.ARRIVED),
        "missed": count(BookingStatus.NO_SHOW, BookingStatus.CANCELLED),
        "faces": [
            (_("列表"), url(), True),
            (_("日"), f"{calendar}?day={wanted.isoformat()}", False),
            (_("周"), f"{calendar}?day={wanted.isoformat()}&view=week", False),
        ],
        "origin": "day",
        "target": ORIGINS["day"],
    }


def read_day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def is_meant(patient: "Patient", who: str, text: str) -> bool:
    """Whether a search within a list means this customer: name, initials, number or file."""
    if not text:
        return True
    folded = text.casefold()
    digits = "".join(text.split())
    return (
        folded in who.casefold()
        or names.initials(who).casefold().startswith(folded)
        or (digits.isdigit() and len(digits) >= 4 and digits in patient.person.phone)
        or folded == (patient.file_no or "").casefold()
    )


@dataclass(frozen=True)
class Service:
    """One service of a visit with several."""

    start: datetime
    end: datetime
    what: str
    who: str


def _services(booking: "Booking") -> list[Service]:
    """The services of a visit with several, or with a device; none where the booking says it all itself."""
    rows = visits.rows_of(booking)
    if len(rows) == 1 and rows[0].device is None:
        return []
    found = []
    for row in rows:
        start = booking.starts_at + timedelta(minutes=row.offset_minutes)
        things = [row.staff.name, row.room.name, row.device.name if row.device else ""]
        end = start + timedelta(minutes=row.minutes)
        found.append(Service(start, end, row.procedure.name, " · ".join(one for one in things if one)))
    return found


@dataclass(frozen=True)
class Happening:
    """One line of a booking's history."""

    at: datetime
    title: str
    note: str
    by_name: str


def _happening(move: "BookingMove") -> Happening:
    title = _("有变动") if move.old == move.new else str(move.get_new_display())
    return Happening(move.at, title, move.note, move.by.name if move.by else _("系统"))


def _duty_words(one: queries.OnDuty, is_taken: bool) -> str:
    state = _("此时已有安排") if is_taken else _("此时有空")
    return f"{one.staff.name} · {one.staff.role.name} · {hours_text(one.hours)} · {state}"


def _place_words(name: str, is_taken: bool) -> str:
    return _("%(name)s（已占用）") % {"name": name} if is_taken else name
