"""The log of the last day as plain values for the rules of ``rules.alarms``, and the list of alarms."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from yimei.audit.models import Entry
from yimei.core.clock import local_date
from yimei.core.database.rows import only
from yimei.people.models import Canary, CareRelation, Duty, Patient, Staff
from yimei.privacy.enums.watch import AlarmKind, AlarmVerdict
from yimei.privacy.models import Alarm
from yimei.privacy.rules.alarms import KINDS, OPENING, Event, Usual, is_business, is_night
from yimei.privacy.rules.drip import Day

DAY = timedelta(hours=24)
BACK = timedelta(days=28)
LIVE = timedelta(days=14)
"""Something happened with a customer within these days, so looking at her is ordinary work."""
AFTER = timedelta(days=2)
GRACE = timedelta(minutes=30)
Usuals = tuple[dict[UUID, Usual], dict[str, Usual]]


def alarms(by: Staff) -> QuerySet[Alarm]:
    return Alarm.objects.visible_to(by).select_related("staff__role", "taken_by", "closed_by")


def open_count(by: Staff) -> int:
    """How many alarms wait that ask for an act; emergency looks have a list of their own."""
    return Alarm.objects.visible_to(by).open().exclude(severity="note").count()


def open_alarm(alarm_id: UUID, *, by: Staff, lock: bool = False) -> Alarm:
    return only(alarms(by), alarm_id, lock=lock)


def lines_behind(alarm: Alarm, *, limit: int = 100) -> list[Entry]:
    """The looks on which an alarm rests."""
    rows = Entry.objects.filter(actor=alarm.staff.public_id, at__gte=alarm.since, at__lte=alarm.until)
    if alarm.kind == AlarmKind.DRIP:  # a month of work is not shown, only whom it does not explain
        month = _Month(alarm.until, actor=alarm.staff.public_id)
        rows = rows.filter(subject_key__in=month.strangers(alarm.staff.public_id))
    if alarm.subject_key:
        rows = rows.filter(subject_key=alarm.subject_key)
    return list(rows.order_by("seq")[:limit])


def events_of_day(now: datetime) -> dict[UUID, list[Event]]:
    """Everybody's looks of the last day by reader; in a fixed number of queries."""
    rows = list(
        Entry.objects.filter(at__gt=now - DAY, at__lte=now, actor__isnull=False)
        .order_by("at", "seq")
        .values_list("actor", "action", "subject_key", "at", "rows")
    )
    looks = [row for row in rows if kind_of(row[1]) in KINDS]
    keys = {row[2] for row in looks if row[2]}
    actors = {row[0] for row in looks if row[0]}
    people = dict(
        Patient.objects.filter(person__vault_key__public_id__in=keys).values_list(
            "person__vault_key__public_id", "pk"
        )
    )
    cared = _cared_for(actors, people.values())
    live = _live(keys, now)
    decoys = set(Canary.objects.values_list("patient_id", flat=True))
    duties = _duties(actors, now)
    found: dict[UUID, list[Event]] = defaultdict(list)
    for actor, action, key, at, count in looks:
        if actor is None:
            continue
        subject = people.get(key) if key else None
        found[actor].append(
            Event(
                at=at,
                subject=subject,
                kind=kind_of(action),
                is_own=subject is None or (actor, subject) in cared or key in live,
                is_on_duty=any(start - GRACE <= at <= end + GRACE for start, end in duties[actor]),
                is_canary=subject in decoys,
                rows=count,
            )
        )
    return found


def usual(now: datetime) -> Usuals:
    """What each reader and each role did on the days before yesterday; one query."""
    rows = Entry.objects.filter(
        at__gt=now - BACK, at__lte=now - DAY, actor__isnull=False, subject_key__isnull=False
    ).values_list("actor", "role", "action", "subject_key", "at")
    days: dict[UUID, dict[object, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    hours: dict[UUID, dict[object, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    nights, totals, roles = Counter[UUID](), Counter[UUID](), dict[UUID, str]()
    for actor, role, action, key, at in rows.iterator(chunk_size=2000):
        if kind_of(action) not in OPENING or actor is None or key is None:
            continue
        day = local_date(at)
        days[actor][day].add(key)
        hours[actor][day][at.hour] += 1
        nights[actor] += is_night(at)
        totals[actor] += 1
        roles[actor] = role
    own = {
        actor: Usual(
            daily=[len(people) for people in found.values()],
            hourly=[max(busy.values()) for busy in hours[actor].values()],
            nights=nights[actor] / totals[actor],
        )
        for actor, found in days.items()
    }
    by_role: dict[str, Usual] = {}
    for role in set(roles.values()):
        mates = [one for actor, one in own.items() if roles[actor] == role]
        by_role[role] = Usual(
            daily=[count for one in mates for count in one.daily],
            hourly=[count for one in mates for count in one.hourly],
        )
    return own, by_role


def days_of_month(now: datetime) -> dict[UUID, list[Day]]:
    """Of each reader, day by day of four weeks: people opened, and those with whom nothing happened."""
    return _Month(now).days()


class _Month:
    """Who opened whom in the last four weeks; three queries, whatever the number of readers.

    Something happened with a person when anybody did more than look, two weeks before or two days after: the
    file is opened first and the booking made then.
    """

    def __init__(self, now: datetime, *, actor: UUID | None = None) -> None:
        looks = Entry.objects.filter(at__gt=now - BACK, at__lte=now, subject_key__isnull=False)
        looks = looks.exclude(actor=None) if actor is None else looks.filter(actor=actor)
        self.opened: dict[UUID, dict[date, set[UUID]]] = defaultdict(lambda: defaultdict(set))
        rows = looks.values_list("actor", "action", "subject_key", "at")
        for who, action, key, at in rows.iterator(chunk_size=2000):
            if who and key and kind_of(action) in OPENING:
                self.opened[who][local_date(at)].add(key)
        self.busy: dict[UUID, set[date]] = defaultdict(set)
        acts = Entry.objects.filter(at__gt=now - BACK - LIVE, at__lte=now, subject_key__isnull=False)
        told = acts.values_list("subject_key", "action", "at", "actor")
        for key, action, at, who in told.iterator(chunk_size=2000):
            if key and is_business(action, is_by_somebody=who is not None):
                self.busy[key].add(local_date(at))
        cared = CareRelation.objects.filter(staff__public_id__in=list(self.opened))
        self.cared = set(cared.values_list("staff__public_id", "patient__person__vault_key__public_id"))

    def days(self) -> dict[UUID, list[Day]]:
        return {
            actor: [
                Day(day, len(keys), sum(self._is_stranger(actor, key, day) for key in keys))
                for day, keys in sorted(days.items())
            ]
            for actor, days in self.opened.items()
        }

    def strangers(self, actor: UUID) -> set[UUID]:
        days = self.opened[actor]
        return {key for day, keys in days.items() for key in keys if self._is_stranger(actor, key, day)}

    def _is_stranger(self, actor: UUID, key: UUID, day: date) -> bool:
        near = (day - LIVE < other <= day + AFTER for other in self.busy[key])
        return (actor, key) not in self.cared and not any(near)


def open_drips() -> dict[int, Alarm]:
    """The slow alarms that wait, by reader: while one does, it grows, and no second is raised."""
    return {one.staff_id: one for one in Alarm.objects.open().filter(kind=AlarmKind.DRIP)}


def closed_drips() -> dict[int, tuple[date, float]]:
    """Of each reader the day of the last slow alarm that was closed, and the share found to be her work."""
    found: dict[int, tuple[date, float]] = {}
    for one in Alarm.objects.filter(kind=AlarmKind.DRIP, closed_at__isnull=False).order_by("closed_at"):
        if one.closed_at is None:
            continue
        share = found.get(one.staff_id, (None, 0.0))[1]
        if one.verdict == AlarmVerdict.WORK:
            share = max(share, one.seen / max(int(one.facts.get("opened", 0)), one.seen, 1))
        found[one.staff_id] = local_date(one.closed_at), share
    return found


def kind_of(action: str) -> str:
    return action.rsplit(".", 1)[-1]


def _cared_for(actors: Collection[UUID], patients: Iterable[int]) -> set[tuple[UUID, int]]:
    """Who cares for whom, or did until lately."""
    relations = CareRelation.objects.filter(staff__public_id__in=actors, patient__in=list(patients))
    return set(relations.values_list("staff__public_id", "patient_id"))


def _live(keys: Collection[UUID], now: datetime) -> set[UUID]:
    """With whom something other than looking happened lately."""
    rows = Entry.objects.filter(subject_key__in=keys, at__gt=now - LIVE, at__lte=now)
    acts = rows.order_by().annotate(is_by_somebody=Q(actor__isnull=False))
    told = acts.values_list("subject_key", "action", "is_by_somebody").distinct()
    return {key for key, action, by in told if key and is_business(action, is_by_somebody=bool(by))}


def _duties(actors: Collection[UUID], now: datetime) -> Mapping[UUID, list[tuple[datetime, datetime]]]:
    found: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    rows = Duty.objects.filter(staff__public_id__in=actors, ends_at__gt=now - DAY - GRACE, starts_at__lt=now)
    for actor, start, end in rows.values_list("staff__public_id", "starts_at", "ends_at"):
        found[actor].append((start, end))
    return found
