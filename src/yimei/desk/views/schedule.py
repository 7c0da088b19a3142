"""The operating board of a day, and the place of one case on it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import SHANGHAI, local_date, local_day
from yimei.core.errors import Conflict, Missing
from yimei.desk.forms.schedule import PlaceForm
from yimei.desk.views.bookings import days
from yimei.desk.views.customer.frames import Frame, frame
from yimei.hospital.enums import RoomKind
from yimei.journey.access import open_case, open_surgery
from yimei.journey.actions import surgeries as actions
from yimei.journey.enums import CaseStage, SurgeryStatus
from yimei.journey.queries import board as queries
from yimei.journey.queries import facts, plans
from yimei.journey.queries.board import Day, Placed
from yimei.journey.rules import gates
from yimei.journey.rules.gates.facts import Facts
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.rules.boards import Bar, Board, Row
from yimei.ui.views import redirect_to, toast

OPENS, CLOSES = 8, 20
USUAL = "09:00"


@require_GET
@allow(Permission.SCHEDULE_VIEW)
def schedule(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    day = read_day(request.GET.get("day", ""), now)
    today = queries.day(day, by=request.user)
    values = {
        "day": day,
        "today": local_date(now),
        "day_text": day.isoformat(),
        "before_text": (day - timedelta(days=1)).isoformat(),
        "after_text": (day + timedelta(days=1)).isoformat(),
        "rooms": _board(day, now, _room_rows(today, now)),
        "people": _board(day, now, _people_rows(today, now)),
        "placed": today.placed,
        "waiting": queries.waiting(by=request.user, now=now),
        "may_write": request.user.may(Permission.SCHEDULE_WRITE),
        "now": now,
    }
    return render(request, "desk/schedule/day.html", values)


@allow(Permission.SCHEDULE_VIEW)
def place(request: StaffRequest, case_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return _place(request, case_id)
    return _page(request, case_id)


@require_POST
@allow(Permission.SCHEDULE_WRITE)
def cancel(request: StaffRequest, surgery_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")[:80]
    surgery = actions.cancel(surgery_id, reason=reason, by=request.user, now=timezone.now())
    answer = redirect_to(request, "desk:case-schedule", surgery.case.public_id)
    return toast(request, answer, _("已下台，占用的手术间与人员都已释放。"))


def read_day(text: str, now: datetime) -> date:
    """Return the day of the address, or today when there is none or nobody can read it."""
    return days.read_day(text) or local_date(now)


def _place(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Put the case on the board; an overlap says who is taken and offers the next times that fit."""
    case = open_case(case_id, by=request.user, permission=Permission.SCHEDULE_WRITE)
    plan = plans.in_force(case)
    if plan is None:
        return _page(request, case_id)
    choices = queries.choices(case, plan)
    picked = request.POST.get("pick", "")
    form = PlaceForm(_with_time(request, picked) if picked else request.POST, choices=choices)
    if picked or not form.is_valid():
        return _page(request, case_id, form=form, is_pick=bool(picked))
    try:
        surgery = actions.schedule(
            case_id,
            room_id=form.cleaned_data["room"],
            starts_at=form.starts_at,
            team=form.team,
            device_ids=form.cleaned_data.get("devices", ()),
            by=request.user,
            now=timezone.now(),
        )
    except Conflict as conflict:
        return _page(request, case_id, form=form, conflict=conflict)
    answer = redirect_to(request, "desk:case-schedule", case_id)
    said = _("已排台：%(room)s。") % {"room": surgery.room.name}
    return toast(request, answer, said)


def _with_time(request: StaffRequest, picked: str) -> dict[str, object]:
    """Return what was typed with the time of the button that was pressed."""
    data: dict[str, object] = {name: request.POST.get(name, "") for name in request.POST if name != "devices"}
    data["devices"] = request.POST.getlist("devices")
    try:
        at = parse_datetime(picked)
    except ValueError:
        at = None
    if at is not None and timezone.is_aware(at):
        local = at.astimezone(SHANGHAI)
        data |= {"day": local.date().isoformat(), "time": f"{local:%H:%M}"}
    return data


def _page(
    request: StaffRequest,
    case_id: UUID,
    *,
    form: PlaceForm | None = None,
    conflict: Conflict | None = None,
    is_pick: bool = False,
) -> HttpResponse:
    customer = frame(request, case_id, current="case-schedule", permission=Permission.SCHEDULE_VIEW)
    values = _values(request, customer, form) | {
        "customer": customer,
        "conflict": conflict.message if conflict else "",
        "next_free": [
            (timezone.localtime(start), timezone.localtime(end)) for start, end in conflict.next_free
        ]
        if conflict
        else [],
    }
    status = 200 if form is None or is_pick else conflict.status if conflict else 422
    piece = "#form" if form and request.htmx else ""
    return render(request, f"desk/schedule/place.html{piece}", values, status=status)


def _values(request: StaffRequest, customer: Frame, form: PlaceForm | None) -> dict[str, object]:
    case = customer.case
    assert case is not None
    surgery = facts.open_surgery_of(case)
    if surgery is not None:
        surgery = open_surgery(surgery.public_id, by=request.user)
    plan = plans.in_force(case)
    known = _facts(customer, customer.now)
    missing, waits = _missing(customer, known), []
    first = local_date(customer.now) + timedelta(days=1)
    if known.cooling_until is not None and known.cooling_until > customer.now:
        early, missing = missing, _missing(customer, _facts(customer, known.cooling_until))
        waits = [each for each in early if each not in missing]
        first = max(first, local_date(known.cooling_until) + timedelta(days=1))
    may_write = request.user.may(Permission.SCHEDULE_WRITE)
    choices = queries.choices(case, plan) if plan else None
    if form is None and may_write and choices and not missing and surgery is None:
        day = read_day(request.GET.get("day", first.isoformat()), customer.now)
        form = PlaceForm(initial={"day": day.isoformat(), "time": USUAL}, choices=choices)
    shown = form["day"].value() if form else None
    day = read_day(str(shown), customer.now) if shown else local_date(customer.now)
    if surgery is not None:
        day = local_date(surgery.starts_at)
    return {
        "form": form,
        "surgery": surgery,
        "plan": plan,
        "missing": missing,
        "waits": waits,
        "length": choices.length if choices else None,
        "is_over": CaseStage(case.stage) not in {CaseStage.PLANNED, CaseStage.SCHEDULED},
        "may_write": may_write,
        "may_cancel": may_write and surgery is not None and surgery.status == SurgeryStatus.SCHEDULED,
        "day": day,
        "rooms": _board(
            day,
            customer.now,
            _room_rows(
                queries.day(day, by=request.user), customer.now, is_operation=case.procedure.is_operation
            ),
        ),
    }


def _facts(customer: Frame, on: datetime) -> Facts:
    assert customer.case is not None
    return facts.gather(
        customer.case, on=on, before=CaseStage.SCHEDULED, as_if_today=True, reading=customer.reading
    )


def _missing(customer: Frame, known: Facts) -> list[Missing]:
    return gates.missing(
        CaseStage.SCHEDULED, known, sees_clinical=customer.sees_clinical, sees_special=customer.sees_special
    )


def _board(day: date, now: datetime, rows: list[Row]) -> Board:
    """Draw from eight to eight, wider when something of this day lies outside."""
    start = datetime(day.year, day.month, day.day, OPENS, tzinfo=SHANGHAI)
    end = start.replace(hour=CLOSES)
    midnight, next_midnight = local_day(day)
    for bar in (bar for row in rows for bar in row.bars):
        if bar.start >= midnight:
            start = min(start, bar.start.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0))
        if bar.end <= next_midnight:
            end = max(end, bar.end.astimezone(SHANGHAI))
    return Board(start=start, end=end, rows=rows, now=now if local_date(now) == day else None)


def _room_rows(day: Day, now: datetime, *, is_operation: bool | None = None) -> list[Row]:
    """Rooms with what lies in them: all, or those in which such a case may lie."""
    kind = RoomKind.OR if is_operation else RoomKind.TREATMENT
    return [
        Row(
            label=room.name,
            note=str(room.get_kind_display()),
            bars=[bar for each in day.in_room(room) for bar in _bars(each, now)],
        )
        for room in day.rooms
        if is_operation is None or room.kind == kind
    ]


def _people_rows(day: Day, now: datetime) -> list[Row]:
    """Everybody with something to do, in the order of roles."""
    rows = []
    for staff in day.people:
        bars = [bar for each in day.of(staff) for bar in _bars(each, now)]
        for claim in day.visits_of(staff):
            booking = claim.booking
            if booking is not None:
                label = f"{booking.get_kind_display()} · {booking.procedure.name}"
                bars.append(Bar(claim.starts_at, claim.ends_at, label))
        if bars:
            rows.append(Row(label=staff.name, note=staff.role.name, bars=bars))
    return rows


def _bars(each: Placed, now: datetime) -> list[Bar]:
    surgery = each.surgery
    label = f"{surgery.plan.procedure.name} · {each.who}"
    late = surgery.status == SurgeryStatus.SCHEDULED and surgery.starts_at + timedelta(minutes=15) < now
    tone = "accent" if each.is_running else "warn" if late else ""
    team = "、".join(member.staff.name for member in surgery.members.all())
    detail = f"{surgery.get_status_display()} · {surgery.room.name} · {team}"
    href = reverse("desk:case-schedule", args=[surgery.case.public_id])
    bars = [Bar(each.starts_at, max(each.turnover_at, each.starts_at), label, tone, href, detail)]
    if each.turnover_at < each.ends_at:
        bars.append(Bar(each.turnover_at, each.ends_at, _("清场"), kind="turnover"))
    return bars
