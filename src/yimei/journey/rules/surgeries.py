"""How an operation may move."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.journey.enums import Phase
from yimei.journey.enums import SurgeryStatus as Status

MOVES: Mapping[Status, frozenset[Status]] = {
    Status.SCHEDULED: frozenset({Status.IN_ROOM, Status.CANCELLED}),
    Status.IN_ROOM: frozenset({Status.OPERATING, Status.CANCELLED}),
    Status.OPERATING: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset({Status.RECOVERING}),
    Status.RECOVERING: frozenset({Status.DISCHARGED, Status.OPERATING}),
}


def open_moves(status: Status) -> frozenset[Status]:
    return MOVES.get(status, frozenset())


def check_move(old: Status, new: Status) -> None:
    if new not in open_moves(old):
        text = _("手术不能从「%(old)s」变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label})


def check_start(starts_at: datetime, *, now: datetime) -> None:
    if starts_at < now:
        raise RuleBroken(_("手术开始时间已经过去，请选以后的时间。"))


def check_one_day(starts_at: datetime, ends_at: datetime) -> None:
    if local_date(starts_at) != local_date(ends_at - timedelta(seconds=1)):
        raise RuleBroken(_("手术连同清场会跨过午夜，请提早开始。"))


def check_enter(starts_at: datetime, *, now: datetime) -> None:
    """A patient enters on the planned day; another day is another place on the board."""
    if local_date(starts_at) != local_date(now):
        text = _("这台手术排在 %(day)s，不是今天；要改日期请先取消排台，再重新安排。")
        raise RuleBroken(text % {"day": local_date(starts_at).isoformat()})


def check_in_room(status: Status) -> None:
    if status != Status.IN_ROOM:
        raise RuleBroken(_("患者还没有入室。"))


def check_anaesthesia(started_at: datetime | None) -> None:
    if started_at is None:
        raise RuleBroken(_("还没有登记麻醉开始时间（局部麻醉为注射时间）。"))


def check_phase_time(phase: Phase, status: Status, *, closure_at: datetime | None) -> None:
    """Each moment belongs to its time: in the room, in the room, after closure."""
    if phase in {Phase.SIGN_IN, Phase.TIME_OUT} and status != Status.IN_ROOM:
        raise RuleBroken(_("「%(phase)s」核查须在患者入室后、切皮前进行。") % {"phase": phase.label})
    if phase == Phase.SIGN_OUT and (status != Status.CLOSED or closure_at is None):
        raise RuleBroken(_("「%(phase)s」核查须在缝合结束后进行。") % {"phase": phase.label})
