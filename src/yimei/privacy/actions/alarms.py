"""Raising alarms from the log, and what the officer does about them."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date, local_day
from yimei.core.errors import RuleBroken
from yimei.people.access import need
from yimei.people.models import BreakGlass, Patient, Staff
from yimei.people.roles import Permission, RoleCode
from yimei.privacy import registry
from yimei.privacy.actions import incidents
from yimei.privacy.enums.incidents import IncidentKind
from yimei.privacy.enums.watch import AlarmKind, AlarmSeverity, AlarmVerdict
from yimei.privacy.models import Alarm
from yimei.privacy.queries import alarms as queries
from yimei.privacy.queries.alarms import open_alarm
from yimei.privacy.queries.exports import numbers
from yimei.privacy.rules import alarms as rules
from yimei.privacy.rules import drip as drips
from yimei.privacy.rules.alarms import Usual

NOTE_LEAST = 5
ONCE_EACH = frozenset({AlarmKind.CANARY, AlarmKind.GLASS})
"""Raised for each person; all others once a day for a reader, or again when they become worse."""


def scan(*, now: datetime, usual: queries.Usuals | None = None) -> list[Alarm]:
    """Read the last day of the log and raise what is new; running it again raises nothing twice.

    ``usual`` is what ``queries.usual`` returned earlier this day: a month of log is read once a day.
    """
    days = queries.events_of_day(now)
    own, roles = usual or queries.usual(now)
    staff = {one.public_id: one for one in Staff.objects.filter(public_id__in=days).select_related("role")}
    law = numbers(local_date(now)).approval_from
    raised = []
    for actor, events in days.items():
        who = staff.get(actor)
        if who is None:
            continue
        role = roles.get(who.role_code, Usual())
        for finding in rules.find(events, own=own.get(actor, Usual()), role=role, law=law):
            if alarm := _raise(finding, who, now=now):
                raised.append(alarm)
    if raised:
        _ring(raised, now=now)
    return raised


def scan_month(*, now: datetime) -> list[Alarm]:
    """Add up each reader's last four weeks, and raise what no single day shows.

    Days before an alarm of this kind that was closed are done with; one that was explained counts as this
    reader's usual from then on.
    """
    months = queries.days_of_month(now)
    staff = {one.public_id: one for one in Staff.objects.filter(public_id__in=months).select_related("role")}
    shares = {actor: share for actor, days in months.items() if (share := drips.share_of(days)) is not None}
    closed, going_on = queries.closed_drips(), queries.open_drips()
    raised = []
    for actor, days in months.items():
        who = staff.get(actor)
        if who is None:
            continue
        mates = [
            share
            for other, share in shares.items()
            if other != actor and other in staff and staff[other].role_id == who.role_id
        ]
        until, explained = closed.get(who.pk, (None, 0.0))
        rest = [one for one in days if until is None or one.day > until]
        found = drips.drip(rest, share=max(drips.usual_share(mates), explained))
        if found is None:
            continue
        finding = _as_finding(found)
        if who.pk in going_on:
            _widen(going_on[who.pk], finding)
        elif alarm := _raise(finding, who, now=now):
            raised.append(alarm)
    if raised:
        _ring(raised, now=now)
    return raised


def _as_finding(found: drips.Drip) -> rules.Finding:
    return rules.Finding(
        AlarmKind.DRIP,
        AlarmSeverity.WARN,
        local_day(found.since)[0],
        local_day(found.until)[1],
        found.seen,
        found.usual,
        {"days": found.days, "opened": found.opened},
    )


def tell_of_glass(glass: BreakGlass, now: datetime) -> None:
    """Tell the officers of an emergency look the moment it begins; the next scan finds it told."""
    finding = rules.Finding(
        AlarmKind.GLASS, AlarmSeverity.NOTE, now, now, seen=1, usual=0, subject=glass.patient_id
    )
    if alarm := _raise(finding, glass.staff, now=now):
        _ring([alarm], now=now)


@transaction.atomic
def take(alarm_id: UUID, *, by: Staff, now: datetime) -> Alarm:
    """Say that one is looking into it."""
    need(by, Permission.PRIVACY_WRITE)
    alarm = open_alarm(alarm_id, by=by, lock=True)
    if alarm.taken_at is not None or alarm.closed_at is not None:
        raise RuleBroken(_("这条预警已有人接手或已结案。"))
    alarm.taken_at, alarm.taken_by = now, by
    alarm.save(update_fields=["taken_at", "taken_by"])
    _log("taken", alarm, by=by, now=now)
    return alarm


@transaction.atomic
def close(alarm_id: UUID, *, verdict: AlarmVerdict, note: str, by: Staff, now: datetime) -> Alarm:
    """Say what it was; the clocks of an incident run from the moment of the alarm."""
    need(by, Permission.PRIVACY_WRITE)
    alarm = open_alarm(alarm_id, by=by, lock=True)
    if alarm.closed_at is not None:
        raise RuleBroken(_("这条预警已经结案。"))
    words = " ".join(note.replace("\0", "").split())[:500]
    if len(words) < NOTE_LEAST:
        raise RuleBroken(_("请写明核查结果，至少 %(least)d 个字。") % {"least": NOTE_LEAST}, code="note")
    if verdict == AlarmVerdict.INCIDENT:
        incident = incidents.report(
            kind=IncidentKind.MISUSE,
            title=gettext_noop("访问预警：%(kind)s") % {"kind": alarm.get_kind_display()},
            what=words,
            discovered_at=alarm.raised_at,
            by=by,
            now=now,
            source=f"alarm:{alarm.public_id}",
        )
        alarm.incident = f"desk:incident:{incident.public_id}"
    alarm.verdict, alarm.note = AlarmVerdict(verdict), words
    alarm.closed_at, alarm.closed_by = now, by
    if alarm.taken_at is None:
        alarm.taken_at, alarm.taken_by = now, by
    alarm.save(
        update_fields=["verdict", "note", "incident", "closed_at", "closed_by", "taken_at", "taken_by"]
    )
    _log("closed", alarm, by=by, now=now)
    return alarm


@transaction.atomic
def _raise(finding: rules.Finding, staff: Staff, *, now: datetime) -> Alarm | None:
    if finding.kind not in ONCE_EACH and (known := _told_already(finding, staff)) is not None:
        _widen(known, finding)
        return None
    key = f"{finding.kind.value}:{staff.pk}:{_place(finding)}"
    if finding.kind == AlarmKind.BREADTH:
        key += f":{finding.severity.value}"
    subject = None
    if finding.subject is not None:
        found = Patient.objects.filter(pk=finding.subject).select_related("person__vault_key").first()
        subject = found.person.vault_key.public_id if found else None
    alarm, is_new = Alarm.objects.get_or_create(
        key=key,
        defaults={
            "kind": finding.kind,
            "severity": finding.severity,
            "staff": staff,
            "subject_key": subject,
            "since": finding.since,
            "until": finding.until,
            "seen": finding.seen,
            "usual": finding.usual,
            "facts": dict(finding.facts),
            "raised_at": now,
        },
    )
    if not is_new:
        _widen(alarm, finding)
        return None
    log.record(
        "privacy.alarm.raised",
        at=now,
        on_behalf_of=staff.public_id,
        target=alarm,
        rows=finding.seen,
        detail={
            "kind": finding.kind.value,
            "severity": finding.severity.value,
            "usual": finding.usual,
        },
    )
    return alarm


def _told_already(finding: rules.Finding, staff: Staff) -> Alarm | None:
    """The alarm that these looks raised before midnight: a window of a day reaches back into yesterday.

    One that waits grows. Of one that was closed, only what came since counts, and must be odd by itself.
    """
    rows = Alarm.objects.filter(kind=finding.kind, staff=staff, until__gte=finding.since)
    for known in rows.order_by("-until"):
        if known.severity != finding.severity:
            continue
        if known.closed_at is None or finding.seen - known.seen <= finding.usual:
            return known
    return None


def _ring(raised: list[Alarm], *, now: datetime) -> None:
    """Tell the officers; a line names the rule and nobody."""
    officers = list(Staff.objects.active().in_role(RoleCode.PRIVACY))
    for alarm in raised:
        text = gettext_noop("访问预警：%(kind)s") % {"kind": alarm.get_kind_display()}
        for officer in officers:
            if officer.pk != alarm.staff_id:
                key = f"alarm:{alarm.public_id}"
                registry.bell()(officer, text, key=key, now=now, where=f"desk:alarm:{alarm.public_id}")


def _widen(alarm: Alarm, finding: rules.Finding) -> None:
    """An alarm that is still open grows with what is seen."""
    if alarm.closed_at is None and finding.seen > alarm.seen:
        Alarm.objects.filter(pk=alarm.pk).update(seen=finding.seen, until=finding.until)


def _place(finding: rules.Finding) -> str:
    if finding.kind in ONCE_EACH:
        return f"{finding.subject}:{finding.since:%Y%m%d%H%M%S}"
    return f"{local_date(finding.until):%Y%m%d}"


def _log(word: str, alarm: Alarm, *, by: Staff, now: datetime) -> None:
    log.record(
        f"privacy.alarm.{word}",
        at=now,
        by=by,
        on_behalf_of=alarm.staff.public_id,
        target=alarm,
        detail={"kind": alarm.kind, "verdict": alarm.verdict},
    )
