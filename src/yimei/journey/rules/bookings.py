"""How a booking may move, how long it takes, who and what it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI, local_date
from yimei.core.errors import Conflict, Missing, RuleBroken
from yimei.core.money import format_yuan
from yimei.hospital.enums import RoomKind
from yimei.journey.enums import BookingKind, ResourceKind
from yimei.journey.enums import BookingStatus as Status
from yimei.journey.rules.claims import Hold, Stretch, covers, hours_text, merge
from yimei.people.enums import CareReason
from yimei.people.roles import RoleCode

MOVES: Mapping[Status, frozenset[Status]] = {
    Status.REQUESTED: frozenset({Status.CONFIRMED, Status.CANCELLED}),
    Status.CONFIRMED: frozenset({Status.ARRIVED, Status.NO_SHOW, Status.CANCELLED}),
    Status.ARRIVED: frozenset({Status.SERVED, Status.CANCELLED}),
}
MOVABLE = frozenset({Status.REQUESTED, Status.CONFIRMED})
"""Still somewhere in the future: the time may change."""
HOLDING = frozenset({Status.REQUESTED, Status.CONFIRMED, Status.ARRIVED, Status.SERVED})
"""Holds its people and its room; whoever is served still sits in the room until the agreed end."""

REVERSIBLE = frozenset({Status.ARRIVED, Status.SERVED, Status.NO_SHOW, Status.CANCELLED})
"""A click that led here may be taken back; a confirmation has already been told to the customer."""
UNDO_WITHIN = timedelta(minutes=1)
"""The screen offers it for eight seconds, longer while the pointer rests on it."""

NO_SHOW_GRACE = timedelta(minutes=30)
NO_SHOW_MOST, NO_SHOW_DAYS = 2, 180
"""So many no-shows within so many days, and the next booking is confirmed against a deposit only.

The shipped numbers; the hospital's own stand in its register as ``booking.no_show_most`` and ``_days``."""
WAIT_AMBER, WAIT_RED = 10, 20
"""Minutes after which a waiting clock changes colour; shipped, like the above (``reception.wait_…``)."""
FIRST_RESPONSE = timedelta(minutes=15)
"""A request is answered within a quarter of an hour."""

MINUTES: Mapping[BookingKind, int] = {BookingKind.CONSULT: 30, BookingKind.REVIEW: 20}
"""A treatment takes the median of its procedure."""

SERVING_ROLES: Mapping[BookingKind, Sequence[RoleCode]] = {
    BookingKind.CONSULT: (RoleCode.CONSULTANT, RoleCode.SURGEON),
    BookingKind.TREATMENT: (RoleCode.SURGEON,),
    BookingKind.REVIEW: (RoleCode.SURGEON,),
}
"""Who may take a booking, in the order in which "anybody" is tried."""

ROOM_KINDS: Mapping[BookingKind, RoomKind] = {
    BookingKind.CONSULT: RoomKind.CONSULT,
    BookingKind.TREATMENT: RoomKind.TREATMENT,
    BookingKind.REVIEW: RoomKind.CONSULT,
}

CARE_REASONS: Mapping[str, CareReason] = {
    RoleCode.CONSULTANT: CareReason.CONSULTANT,
    RoleCode.SURGEON: CareReason.SURGEON,
}
CASE_OWNERS: Mapping[CareReason, str] = {CareReason.CONSULTANT: "consultant", CareReason.SURGEON: "surgeon"}
"""The field of the case that names who cares for this reason."""


@dataclass(frozen=True)
class Length:
    """How long a booking takes, and what its room needs before and after."""

    duration: timedelta
    setup: timedelta = timedelta(0)
    cleanup: timedelta = timedelta(0)

    def stretch(self, starts_at: datetime) -> Stretch:
        return starts_at, starts_at + self.duration

    def holds(self, starts_at: datetime, *, patient: int, staff: int, room: int) -> list[Hold]:
        """What to claim: the people for the time itself, the room with preparation and clean-up."""
        start, end = self.stretch(starts_at)
        return [
            Hold(ResourceKind.PATIENT, patient, start, end),
            Hold(ResourceKind.STAFF, staff, start, end),
            Hold(ResourceKind.ROOM, room, start - self.setup, end + self.cleanup),
        ]


def open_moves(status: Status) -> frozenset[Status]:
    return MOVES.get(status, frozenset())


def check_move(old: Status, new: Status) -> None:
    if old == new:
        raise Conflict(_("预约已经是「%(status)s」，无需重复操作。") % {"status": old.label})
    if new not in open_moves(old):
        text = _("预约不能从「%(old)s」变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label})


def check_movable(status: Status) -> None:
    if status not in MOVABLE:
        raise RuleBroken(_("预约已是「%(status)s」，不能再改时间。") % {"status": status.label})


def check_moved(*, is_same: bool) -> None:
    """A customer is not told of a change that is none."""
    if is_same:
        raise RuleBroken(_("时间、接诊人和房间都没有变，无需改期。"))


def check_undo(*, is_undoable: bool, is_undo: bool, is_own: bool, at: datetime, now: datetime) -> None:
    """Whoever made the last move, and nobody else, takes it back, at once and once."""
    if is_undo:
        raise Conflict(_("这一步已经撤销，无需重复操作。"))
    if not is_undoable or not is_own:
        raise RuleBroken(_("只能由本人撤销自己刚做的一步；需要更改请改期或重新登记。"))
    if now - at > UNDO_WITHIN:
        raise RuleBroken(_("已超过可撤销的时间，需要更改请改期或重新登记。"))


def check_nothing_followed(*, has_followed: bool) -> None:
    if has_followed:
        raise RuleBroken(_("之后已有新的记录，不能再撤销。"))


def check_no_show(*, starts_at: datetime, now: datetime) -> None:
    if now < starts_at + NO_SHOW_GRACE:
        raise RuleBroken(_("预约时间过后 30 分钟才能登记爽约。"))


def check_arrival_day(*, starts_at: datetime, now: datetime) -> None:
    day = local_date(starts_at)
    if local_date(now) != day:
        raise RuleBroken(
            _("这是 %(month)d 月 %(day)d 日的预约，请先改期到今天。") % {"month": day.month, "day": day.day}
        )


def check_arrival(*, is_registered: bool, patient_id: UUID, booking_id: UUID, visit_kind: str) -> None:
    """Whoever comes in has a file (建档) and a kind of visit (接诊类型) before anybody sees her."""
    missing = []
    if not is_registered:
        why = _("病历须有档案号和已核对的身份（医疗机构病历管理规定 第七条）")
        missing.append(Missing(_("建档"), why, f"desk:patient-register:{patient_id}"))
    if not visit_kind:
        missing.append(Missing(_("接诊类型"), _("初诊、复诊分开统计与分诊"), f"desk:booking:{booking_id}"))
    if missing:
        raise RuleBroken(_("还不能登记到诊，请先补齐。"), missing=missing)


def check_time(stretch: Stretch, *, now: datetime) -> None:
    start, end = stretch
    if start < now:
        raise RuleBroken(_("预约时间已经过去，请选择以后的时间。"))
    if local_date(start) != local_date(end - timedelta(microseconds=1)):
        raise RuleBroken(_("预约不能跨过午夜，请选择当天内的时间。"))


def is_consulted(last_consulted: datetime | None, *, starts_at: datetime, days: int) -> bool:
    if last_consulted is None:
        return False
    return local_date(starts_at) - local_date(last_consulted) <= timedelta(days=days)


def check_consulted(
    procedure: str, *, last_consulted: datetime | None, starts_at: datetime, days: int, patient_id: UUID
) -> None:
    """A consultation comes before what needs it, and is not older than its validity on the day itself."""
    if last_consulted is not None and local_date(starts_at) - local_date(last_consulted) <= timedelta(
        days=days
    ):
        return
    why = _("「%(procedure)s」须先面诊，面诊 %(days)d 天内有效") % {"procedure": procedure, "days": days}
    raise RuleBroken(
        _("还不能预约这个项目，请先安排面诊。"),
        missing=[Missing(_("有效的面诊"), why, f"desk:patient:{patient_id}")],
    )


def deposit_refusal(*, missed: int, days: int, amount: Decimal, booking_id: UUID) -> RuleBroken:
    why = _("最近 %(days)d 天内爽约 %(missed)d 次，须先收预约定金再确认") % {"days": days, "missed": missed}
    what = f"{_('预约定金')} {format_yuan(amount)}"
    return RuleBroken(
        _("这位客户多次爽约，确认前须收预约定金。"),
        missing=[Missing(what, why, f"desk:booking:{booking_id}")],
    )


def check_duty(name: str, stretch: Stretch, duty: Sequence[Stretch]) -> None:
    """The one who serves is on duty for the whole time; the refusal says when that is."""
    if covers(duty, stretch):
        return
    if not duty:
        day = stretch[0].astimezone(SHANGHAI)
        text = _("%(name)s %(month)d 月 %(day)d 日没有排班。")
        raise RuleBroken(text % {"name": name, "month": day.month, "day": day.day})
    raise RuleBroken(
        _("%(name)s 当天值班 %(hours)s，请在这段时间内预约。")
        % {"name": name, "hours": hours_text(merge(duty))}
    )


def check_role(name: str, kind: BookingKind, role_code: str) -> None:
    if role_code not in SERVING_ROLES[kind]:
        roles = "、".join(str(role.label) for role in SERVING_ROLES[kind])
        text = _("「%(kind)s」由%(roles)s接诊，%(name)s不能接。")
        raise RuleBroken(text % {"kind": kind.label, "roles": roles, "name": name})


def check_room(name: str, kind: BookingKind, room_kind: str) -> None:
    if room_kind != ROOM_KINDS[kind]:
        text = _("「%(kind)s」要用%(wanted)s，%(name)s不合适。")
        raise RuleBroken(text % {"kind": kind.label, "wanted": ROOM_KINDS[kind].label, "name": name})


def check_words(text: str, *, limit: int, required: str = "") -> str:
    """Return the trimmed text; refuse what does not fit, or nothing where something must be said."""
    text = text.strip()
    if required and not text:
        raise RuleBroken(required)
    if len(text) > limit:
        raise RuleBroken(_("请写在 %(limit)d 字以内。") % {"limit": limit})
    return text


def length_of(
    kind: BookingKind, *, procedure_minutes: int, setup_minutes: int, turnover_minutes: int
) -> Length:
    if kind == BookingKind.TREATMENT:
        return Length(
            timedelta(minutes=procedure_minutes),
            timedelta(minutes=setup_minutes),
            timedelta(minutes=turnover_minutes),
        )
    return Length(timedelta(minutes=MINUTES[kind]))
