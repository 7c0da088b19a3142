"""今日: what this reader does next, in order, with the clock of each thing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yimei.billing import queries as billing
from yimei.core import phone
from yimei.core.clock import local_date
from yimei.core.money import format_yuan
from yimei.growth.queries import feedback
from yimei.insight import queries as insight
from yimei.journey.enums import BookingStatus, CaseStage, SurgeryStatus
from yimei.journey.queries import aftercare, board, bookings, cases, today
from yimei.people import queries as people
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.registry import badges_for, url_or_blank
from yimei.ui.rules import times
from yimei.ui.rules.boards import Bar, Board, Row
from yimei.ui.templatetags.records import resolve_where, running_clock
from yimei.ui.views import redirect_to

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from yimei.journey.queries.board import Placed
    from yimei.journey.registry import TaskItem
    from yimei.people.models import Staff

SHOWN = 50
TILES = 4
DAY_STARTS, DAY_ENDS = 8, 18
"""Local hours that the small board of the operating rooms shows at least."""


@dataclass(frozen=True)
class Tile:
    """One figure."""

    label: "_StrOrPromise"
    value: Any
    note: str = ""
    tone: str = ""
    href: str = ""


@dataclass(frozen=True)
class Task:
    """One thing to do as the page draws it."""

    item: "TaskItem"
    who: str
    url: str
    clock: str
    file_no: str
    phone: str


@require_GET
@allow()
def home(request: StaffRequest) -> HttpResponse:
    return redirect_to(request, "desk:today")


@require_GET
@allow()
def index(request: StaffRequest) -> HttpResponse:
    by, now = request.user, timezone.now()
    items = today.items(by, now)
    values: dict[str, Any] = {
        "now": now,
        "tasks": _tasks(items[:SHOWN], by, now),
        "count": len(items),
        "late": sum(item.due_at < now for item in items),
        "tiles": _tiles(by, now),
        "board": None,
    }
    if by.may(Permission.INSIGHT_VIEW):
        return render(request, "desk/today/insight.html", values | _insight(by, now))
    if by.may(Permission.SCHEDULE_VIEW):
        values["board"] = _board(by, now)
    return render(request, "desk/today/index.html", values)


@require_GET
@allow()
def badges(request: StaffRequest) -> HttpResponse:
    """How much waits behind each place of the rail."""
    return JsonResponse(badges_for(request.user))


def late_count(by: "Staff") -> int:
    """How much of one's work is late; the badge beside 今日."""
    return today.late_count(by, timezone.now())


def _tasks(items: Sequence["TaskItem"], by: "Staff", now: datetime) -> list[Task]:
    names = board.list_names((item.patient for item in items if item.patient), by=by)
    return [_task(item, names.get(item.patient.pk, "") if item.patient else item.who, now) for item in items]


def _task(item: "TaskItem", who: str, now: datetime) -> Task:
    patient = item.patient
    return Task(
        item=item,
        who=who,
        url=resolve_where(item.where),
        clock=_clock(item.due_at, now),
        file_no=patient.file_no or "" if patient else "",
        phone=phone.mask(patient.person.phone) if patient and patient.person.phone else "",
    )


def _clock(due_at: datetime, now: datetime) -> str:
    """``逾期 2 天``, ``逾期 14 分``, the clock time of today, or ``明天 07:00``."""
    late = now - due_at
    if late >= timedelta(days=1):
        return _("逾期 %(days)d 天") % {"days": late.days}
    if late >= timedelta(hours=1):
        return _("逾期 %(hours)d 小时") % {"hours": late.seconds // 3600}
    if late > timedelta(0):
        return _("逾期 %(minutes)d 分") % {"minutes": max(late.seconds // 60, 1)}
    return times.when_text(timezone.localtime(due_at), now=timezone.localtime(now))


# ---- figures ------------------------------------------------------------------------------------


def _tiles(by: "Staff", now: datetime) -> Sequence[Tile]:
    """The figures of the reader's rights, the nearest to the work first."""
    sources: Sequence[tuple[Permission, Callable[[Staff, datetime], list[Tile]]]] = (
        (Permission.INSIGHT_VIEW, lambda by, now: []),
        (Permission.BOOKING_VIEW, _visits),
        (Permission.MONEY_WRITE, _money),
        (Permission.CONSULT_WRITE, _consulting),
        (Permission.SCHEDULE_VIEW, _operations),
        (Permission.CLINICAL_WRITE, _clinic),
        (Permission.AFTERCARE_VIEW, _aftercare),
        (Permission.PRIVACY_WRITE, _privacy),
    )
    found: list[Tile] = []
    for permission, source in sources:
        if by.may(permission) and len(found) < TILES:
            if permission == Permission.INSIGHT_VIEW:
                return ()
            found += source(by, now)
    return found[:TILES]


def _visits(by: "Staff", now: datetime) -> list[Tile]:
    rows = bookings.day(local_date(now), by=by)
    expected = [row for row in rows if row.booking.status != BookingStatus.CANCELLED]
    here = [row for row in expected if row.booking.arrived_at]
    waiting = sorted(
        (row for row in rows if row.waiting_since), key=lambda row: row.waiting_since or row.booking.starts_at
    )
    tiles = [
        Tile(
            _("今日到诊"),
            len(here),
            _("/ %(all)d 预约") % {"all": len(expected)},
            href=url_or_blank("desk:bookings"),
        )
    ]
    if waiting:
        longest = waiting[0]
        tiles.append(
            Tile(
                _("等待最久"),
                running_clock(since=longest.waiting_since, amber=10, red=20),
                f"{board.list_names([longest.booking.patient], by=by)[longest.booking.patient_id]}"
                f" · {longest.booking.room}",
                href=url_or_blank("desk:reception"),
            )
        )
    else:
        tiles.append(Tile(_("等待最久"), "—", _("没有人在等")))
    return tiles


def _consulting(by: "Staff", now: datetime) -> list[Tile]:
    stages = cases.by_stage(by)
    return [
        Tile(_("待咨询"), stages[CaseStage.ARRIVED], _("已到诊"), href=_listed(CaseStage.ARRIVED)),
        Tile(_("跟进中"), stages[CaseStage.CONSULTED], _("已咨询"), href=_listed(CaseStage.CONSULTED)),
    ]


def _clinic(by: "Staff", now: datetime) -> list[Tile]:
    stages = cases.by_stage(by)
    return [
        Tile(_("待评估"), stages[CaseStage.CONSULTED], href=_listed(CaseStage.CONSULTED)),
        Tile(_("待定方案"), stages[CaseStage.ASSESSED], href=_listed(CaseStage.ASSESSED)),
    ]


def _operations(by: "Staff", now: datetime) -> list[Tile]:
    placed = board.day(local_date(now), by=by).placed
    done = sum(each.is_over for each in placed)
    tiles = [
        Tile(
            _("今日手术"),
            len(placed),
            _("已完成 %(done)d 台") % {"done": done},
            href=url_or_blank("desk:schedule"),
        )
    ]
    if by.may(Permission.SCHEDULE_WRITE):
        tiles.append(
            Tile(
                _("待排台"),
                len(board.waiting(by=by, now=now)),
                _("方案已定"),
                href=url_or_blank("desk:schedule"),
            )
        )
    return tiles


def _aftercare(by: "Staff", now: datetime) -> list[Tile]:
    counts = aftercare.counts(by=by, now=now)
    href = url_or_blank("desk:aftercare")
    late = counts["overdue"]
    return [
        Tile(_("今日术后关怀"), counts["today"], href=href),
        Tile(_("逾期未做"), late, tone="danger" if late else "", href=href),
    ]


def _money(by: "Staff", now: datetime) -> list[Tile]:
    takings = billing.takings(by=by, day=local_date(now))
    waiting = billing.waiting(by=by)
    href = url_or_blank("desk:money")
    return [
        Tile(
            _("今日实收"), format_yuan(sum((one.net for one in takings), start=takings[0].net * 0)), href=href
        ),
        Tile(_("待收款"), len(waiting), _("张单"), href=href),
    ]


def _privacy(by: "Staff", now: datetime) -> list[Tile]:
    waiting = people.break_glasses_awaiting(by)
    late = waiting.filter(review_due_at__lt=now).count()
    return [
        Tile(
            _("待审阅紧急访问"),
            waiting.count(),
            _("逾期 %(late)d") % {"late": late} if late else "",
            tone="danger" if late else "",
            href=url_or_blank("desk:break-glasses"),
        )
    ]


def _listed(stage: CaseStage) -> str:
    return f"{reverse('desk:patients')}?stage={stage.value}"


# ---- the operating rooms -------------------------------------------------------------------------


def _board(by: "Staff", now: datetime) -> Board | None:
    """The day of the operating rooms, or nothing when nobody is operated on."""
    day = board.day(local_date(now), by=by)
    if not day.placed:
        return None
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    first = min(each.starts_at for each in day.placed)
    last = max(each.ends_at for each in day.placed)
    mine = cases.reached((each.surgery.case for each in day.placed), by=by)
    start = min(midnight + timedelta(hours=DAY_STARTS), _hour(first))
    end = max(midnight + timedelta(hours=DAY_ENDS), _hour(last) + timedelta(hours=1))
    return Board(
        start=start,
        end=min(end, start + timedelta(hours=24)),
        now=now if start <= now < end else None,
        rows=[
            Row(label=room.name, key=room.code, bars=[_bar(each, mine) for each in day.in_room(room)])
            for room in day.rooms
            if day.in_room(room)
        ],
    )


def _bar(placed: "Placed", mine: Collection[int]) -> Bar:
    surgery, case = placed.surgery, placed.surgery.case
    words = [str(surgery.plan.procedure.name), placed.who]
    tone = "accent" if placed.is_running else ""
    if surgery.status == SurgeryStatus.SCHEDULED and surgery.starts_at < timezone.now():
        tone = "warn"
    return Bar(
        placed.starts_at,
        placed.ends_at,
        " · ".join(words),
        tone=tone,
        href=reverse("desk:case", args=[case.public_id]) if case.pk in mine else "",
    )


def _hour(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(minute=0, second=0, microsecond=0)


# ---- the director --------------------------------------------------------------------------------


def _insight(by: "Staff", now: datetime) -> dict[str, Any]:
    return {
        "stages": [
            (str(one.stage.label), one.count, "", one.count > 0) for one in insight.stage_counts(by=by)
        ],
        "waits": insight.waits(by=by, now=now),
        "satisfaction": insight.satisfaction(by=by, now=now),
        "outcome": insight.outcome(by=by, now=now),
        "days": insight.WINDOW.days,
        "feedback": feedback.figures(by=by, now=now) if by.may(Permission.FEEDBACK_ASSIGN) else None,
        "feedback_days": feedback.WINDOW.days,
    }
