"""A visit of several services: what each holds, and the first time at which all of it is free."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.core.errors import RuleBroken
from yimei.journey.enums import ResourceKind
from yimei.journey.rules.bookings import Length
from yimei.journey.rules.claims import STEP, Hold, Need, Resource, Stretch, both, either, on_grid, starts_of

MOST_PARTS = 8
LONGEST = timedelta(hours=12)


@dataclass(frozen=True)
class Part:
    """One service: who, where and with what, how long, and when after the visit begins."""

    title: str
    staff: int
    room: int
    length: Length
    offset: timedelta = timedelta(0)
    device: int | None = None

    @property
    def ends(self) -> timedelta:
        return self.offset + self.length.duration

    def overlaps(self, other: "Part") -> bool:
        return self.offset < other.ends and other.offset < self.ends


@dataclass(frozen=True)
class Pool:
    """Those who could each meet one wish of a visit, in the order in which they are tried."""

    candidates: Sequence[tuple[Resource, Need]]
    begins: timedelta
    ends: timedelta


def duration_of(parts: Sequence[Part]) -> timedelta:
    return max(part.ends for part in parts)


def lies_between(stretch: Stretch, hours: tuple[int, int]) -> bool:
    """Whether a stretch lies between two hours of the local clock."""
    start, end = (instant.astimezone(SHANGHAI) for instant in stretch)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    opens, closes = (timedelta(hours=hour) for hour in hours)
    return start - midnight >= opens and end - midnight <= closes


def holds_of(parts: Sequence[Part], starts_at: datetime, *, patient: int) -> list[Hold]:
    """What a visit claims: the patient throughout, each resource once for each stretch it is needed."""
    wanted: dict[Resource, list[Stretch]] = {
        (ResourceKind.PATIENT, patient): [(starts_at, starts_at + duration_of(parts))]
    }
    for part in parts:
        start, end = starts_at + part.offset, starts_at + part.ends
        around = (start - part.length.setup, end + part.length.cleanup)
        wanted.setdefault((ResourceKind.STAFF, part.staff), []).append((start, end))
        wanted.setdefault((ResourceKind.ROOM, part.room), []).append(around)
        if part.device is not None:
            wanted.setdefault((ResourceKind.DEVICE, part.device), []).append(around)
    return [Hold(*resource, *joined) for resource, held in wanted.items() for joined in either([held])]


def services_of(parts: Sequence[Part]) -> dict[Resource, str]:
    """Return for which services each resource of a visit is needed, to name them in a refusal."""
    needed: dict[Resource, list[str]] = {}
    for part in parts:
        resources: list[Resource] = [(ResourceKind.STAFF, part.staff), (ResourceKind.ROOM, part.room)]
        if part.device is not None:
            resources.append((ResourceKind.DEVICE, part.device))
        for resource in resources:
            if part.title not in needed.setdefault(resource, []):
                needed[resource].append(part.title)
    return {resource: "、".join(titles) for resource, titles in needed.items()}


def check_longest(duration: timedelta) -> None:
    if duration > LONGEST:
        raise RuleBroken(_("一次到院不能超过 %(hours)d 小时。") % {"hours": LONGEST // timedelta(hours=1)})


def check_parts(parts: Sequence[Part]) -> None:
    """One customer is in one room at a time; one person or device serves one part at a time."""
    if not parts:
        raise RuleBroken(_("请至少选择一个项目。"))
    if len(parts) > MOST_PARTS:
        raise RuleBroken(_("一次到院最多安排 %(most)d 个项目。") % {"most": MOST_PARTS})
    if min(part.offset for part in parts) != timedelta(0):
        raise RuleBroken(_("第一个项目须从到院时间开始。"))
    check_longest(duration_of(parts))
    for number, one in enumerate(parts):
        for other in parts[number + 1 :]:
            if one.overlaps(other):
                _check_together(one, other)


@dataclass(frozen=True)
class Wish:
    """One service before its people and rooms are chosen: by whom and where it could be."""

    title: str
    room_kind: str
    staff: frozenset[int]
    rooms: frozenset[int]
    begins: timedelta
    ends: timedelta
    devices: frozenset[int] = frozenset()
    """Empty: none is needed."""


def check_side_by_side(wishes: Sequence[Wish]) -> None:
    """Say at once what no search can find: services at the same time without a room or people for both."""
    for number, one in enumerate(wishes):
        for other in wishes[number + 1 :]:
            if one.begins >= other.ends or other.begins >= one.ends:
                continue
            words = {"one": one.title, "other": other.title, "a": one.room_kind, "b": other.room_kind}
            if one.room_kind != other.room_kind:
                text = _(
                    "「%(one)s」用%(a)s，「%(other)s」用%(b)s，客户不能同时在两个房间：请把后一项改为"
                    "「接着上一项」。"
                )
                raise RuleBroken(text % words)
            if one.rooms and other.rooms and not one.rooms & other.rooms:
                text = _("「%(one)s」与「%(other)s」同时进行，须在同一房间。")
                raise RuleBroken(text % words)
            if len(one.staff | other.staff) == 1:
                text = _("「%(one)s」与「%(other)s」时间重叠，不能由同一人进行。")
                raise RuleBroken(text % words)
            if one.devices and other.devices and len(one.devices | other.devices) == 1:
                text = _("「%(one)s」与「%(other)s」时间重叠，不能用同一台设备。")
                raise RuleBroken(text % words)


def _check_together(one: Part, other: Part) -> None:
    words = {"one": one.title, "other": other.title}
    if one.staff == other.staff:
        raise RuleBroken(_("「%(one)s」与「%(other)s」时间重叠，不能由同一人进行。") % words)
    if one.device is not None and one.device == other.device:
        raise RuleBroken(_("「%(one)s」与「%(other)s」时间重叠，不能用同一台设备。") % words)
    if one.room != other.room:
        raise RuleBroken(_("「%(one)s」与「%(other)s」同时进行，须在同一房间。") % words)


def fits(
    pools: Sequence[Pool], *, duration: timedelta, window: Stretch, step: timedelta = STEP
) -> Iterator[tuple[datetime, list[Resource]]]:
    """Yield each start on the grid that suits every pool at once, with one of each pool, the first free."""
    free_of = [[(one, starts_of(need, duration)) for one, need in pool.candidates] for pool in pools]
    whole = [(window[0], window[1] - duration)]
    shared = reduce(both, (either(starts for _one, starts in pool) for pool in free_of), whole)
    for at in on_grid(shared, step):
        chosen = _choose(pools, free_of, at, [])
        if chosen is not None:
            yield at, chosen


def _choose(
    pools: Sequence[Pool],
    free_of: Sequence[Sequence[tuple[Resource, Sequence[Stretch]]]],
    at: datetime,
    chosen: list[Resource],
) -> list[Resource] | None:
    """Pick one of each pool, going back where an earlier pick leaves a later pool empty."""
    if len(chosen) == len(pools):
        return chosen
    for resource, starts in free_of[len(chosen)]:
        if _contains(starts, at) and not _clashes(pools, chosen, resource):
            found = _choose(pools, free_of, at, [*chosen, resource])
            if found is not None:
                return found
    return None


def _contains(starts: Sequence[Stretch], at: datetime) -> bool:
    place = bisect_right(starts, at, key=lambda stretch: stretch[0]) - 1
    return place >= 0 and at <= starts[place][1]


def _clashes(pools: Sequence[Pool], chosen: Sequence[Resource], resource: Resource) -> bool:
    """Whether the customer would be in two rooms, or one person or device at two things, at once."""
    mine = pools[len(chosen)]
    for pool, other in zip(pools, chosen, strict=False):
        if pool.begins < mine.ends and mine.begins < pool.ends and other[0] == resource[0]:
            is_same = other == resource
            if is_same != (resource[0] == ResourceKind.ROOM):
                return True
    return False
