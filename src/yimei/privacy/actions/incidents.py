"""Report, judge, scope, answer and close an incident; every duty has its own clock (PIPL 57)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.documents import render_pdf
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house, kept
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission, RoleCode
from yimei.privacy import registry
from yimei.privacy.access import open_duty, open_incident
from yimei.privacy.enums.incidents import DutyState, IncidentKind, IncidentLevel, IncidentStatus
from yimei.privacy.models import Affected, Incident, IncidentDuty, IncidentEvent
from yimei.privacy.queries import packs
from yimei.privacy.queries.incidents import clocks, papers, reach
from yimei.privacy.rules import incidents as rules

WORDS = ("cause", "harm", "measures", "advice", "report")


@transaction.atomic
def report(
    *,
    kind: IncidentKind,
    title: str,
    what: str,
    discovered_at: datetime,
    by: Staff,
    now: datetime,
    system: str = "",
    is_drill: bool = False,
    source: str | None = None,
) -> Incident:
    """Anybody on the staff reports; the clocks count from the discovery, not from the confirmation."""
    rules.check_report(title=title, what=what, discovered_at=discovered_at, now=now)
    if source is not None:
        known = Incident.objects.filter(source=source).first()
        if known is not None:
            return known
    if is_drill:
        need(by, Permission.PRIVACY_WRITE)
    incident = Incident.objects.create(
        source=source,
        kind=kind,
        title=title.strip()[:80],
        what=what.strip(),
        system=system.strip()[:80],
        is_drill=is_drill,
        discovered_at=discovered_at,
        reported_by=by,
        reported_at=now,
    )
    _write(incident, "reported", by=by, now=now)
    _ring(incident, now=now)
    log.record(
        "privacy.incident.reported",
        at=now,
        by=by,
        target=incident,
        detail={"kind": kind.value, "drill": is_drill},
    )
    return incident


@transaction.atomic
def report_alarm(source: str, *, title: str, what: str, at: datetime, now: datetime) -> Incident | None:
    """Let an alarm of the program open an incident, once for each source; nothing without an officer."""
    officer = Staff.objects.active().in_role(RoleCode.PRIVACY).order_by("pk").first()
    if officer is None:
        return None
    return report(
        kind=IncidentKind.MISUSE, title=title, what=what, discovered_at=at, by=officer, now=now, source=source
    )


@transaction.atomic
def triage(
    incident_id: UUID,
    *,
    kind: IncidentKind,
    level: IncidentLevel,
    is_sensitive: bool,
    is_crime: bool,
    loss_wan: int,
    persons: int,
    minors: int,
    by: Staff,
    now: datetime,
) -> Incident:
    """Judge what it is and how grave; the duties that follow start, those that run keep their ends."""
    incident = _open(incident_id, by)
    if minors > persons:
        raise RuleBroken(_("未成年人数不能多于涉及人数。"), code="minors")
    if incident.scoped_at is None:
        incident.persons, incident.minors = persons, minors
    rules.check_level(level, clocks.least_level(incident, loss_wan=loss_wan, now=now))
    incident.kind, incident.level, incident.loss_wan = kind, level, loss_wan
    incident.is_sensitive, incident.is_crime = is_sensitive, is_crime
    incident.status, incident.triaged_by, incident.triaged_at = IncidentStatus.OPEN, by, now
    incident.save()
    _start_duties(incident, now=now)
    _write(incident, "triaged", text=kept(level.label), by=by, now=now)
    log.record("privacy.incident.triaged", at=now, by=by, target=incident, detail={"level": level.value})
    return incident


@transaction.atomic
def dismiss(incident_id: UUID, *, reason: str, by: Staff, now: datetime) -> Incident:
    """Say that a report is no incident, and why; only before it was judged one."""
    incident = _open(incident_id, by)
    if incident.status != IncidentStatus.REPORTED:
        raise RuleBroken(_("已经研判为事件的，请处置后结案。"), code="reason")
    if len(reason.strip()) < 4:
        raise RuleBroken(_("请写明为什么不构成事件。"), code="reason")
    incident.status, incident.closed_at, incident.closed_by = IncidentStatus.DISMISSED, now, by
    incident.save(update_fields=["status", "closed_at", "closed_by"])
    _write(incident, "dismissed", text=reason, by=by, now=now)
    log.record("privacy.incident.dismissed", at=now, by=by, target=incident)
    return incident


@transaction.atomic
def find_affected(
    incident_id: UUID,
    *,
    account: Staff,
    since: datetime,
    until: datetime,
    by: Staff,
    now: datetime,
    object_types: Collection[str] = (),
) -> Incident:
    """Work out from the log and the data map whom one account's looks in a window touch."""
    incident = _open(incident_id, by)
    if incident.status != IncidentStatus.OPEN:
        raise RuleBroken(_("请先研判，再计算影响范围。"), code="account")
    rules.check_window(since, until, now)
    found = reach.scope(account.public_id, since=since, until=until, object_types=object_types, now=now)
    known = set(incident.affected.values_list("patient", flat=True))
    Affected.objects.bulk_create(
        (
            Affected(incident=incident, patient_id=pk, looks=looks, is_minor=pk in found.minors, added_at=now)
            for pk, looks in found.looks.items()
            if pk not in known
        ),
        batch_size=1000,
    )
    incident.account, incident.since, incident.until = account, since, until
    incident.persons = incident.affected.count()
    incident.minors = incident.affected.filter(is_minor=True).count()
    incident.unnamed_rows = found.unnamed_rows
    incident.categories = sorted({*incident.categories, *found.categories})
    incident.is_sensitive = incident.is_sensitive or found.is_sensitive
    incident.scoped_at = now
    least = clocks.least_level(incident, loss_wan=incident.loss_wan, now=now)
    if rules.LEVELS.index(IncidentLevel(incident.level)) < rules.LEVELS.index(least):
        incident.level = least
    incident.save()
    _start_duties(incident, now=now)
    text = gettext_noop("%(persons)d 人，其中未成年人 %(minors)d 人") % {
        "persons": incident.persons,
        "minors": incident.minors,
    }
    _write(incident, "scoped", text=text, by=by, now=now)
    log.record(
        "privacy.incident.scoped",
        at=now,
        by=by,
        target=incident,
        rows=incident.persons,
        reason=gettext_noop("核定事件范围"),
    )
    return incident


@transaction.atomic
def describe(incident_id: UUID, *, by: Staff, now: datetime, **texts: str) -> Incident:
    """Write down cause, harm, measures, advice and the final report as they become known."""
    incident = _open(incident_id, by)
    changed = [name for name in WORDS if name in texts and texts[name].strip() != getattr(incident, name)]
    for name in changed:
        setattr(incident, name, texts[name].strip())
    if changed:
        incident.save(update_fields=changed)
        with in_house():
            text = "、".join(_label(name) for name in changed)
        _write(incident, "described", text=text, by=by, now=now)
        log.record("privacy.incident.described", at=now, by=by, target=incident, fields=changed)
    return incident


@transaction.atomic
def note(incident_id: UUID, *, text: str, by: Staff, now: datetime) -> IncidentEvent:
    incident = _open(incident_id, by)
    if not text.strip():
        raise RuleBroken(_("请写下发生了什么或做了什么。"), code="text")
    log_line = _write(incident, "noted", text=text, by=by, now=now)
    log.record("privacy.incident.noted", at=now, by=by, target=incident)
    return log_line


@transaction.atomic
def fulfil(duty_id: UUID, *, evidence: str, by: Staff, now: datetime) -> IncidentDuty:
    """Say that a duty is done, and what proves it: receipt number, time, channel."""
    duty = _open_duty(duty_id, by)
    if len(evidence.strip()) < 4:
        raise RuleBroken(_("请写明证据：回执编号、时间与渠道。"), code="evidence")
    return _settle(duty, DutyState.DONE, evidence=evidence, by=by, now=now)


@transaction.atomic
def explain(duty_id: UUID, *, evidence: str, by: Staff, now: datetime) -> IncidentDuty:
    """Say why a duty that was started does not apply after all."""
    duty = _open_duty(duty_id, by)
    if len(evidence.strip()) < 10:
        raise RuleBroken(_("请写明为什么不适用，至少 10 个字。"), code="evidence")
    return _settle(duty, DutyState.EXPLAINED, evidence=evidence, by=by, now=now)


@transaction.atomic
def ask_exemption(duty_id: UUID, *, evidence: str, by: Staff, now: datetime) -> IncidentDuty:
    """Propose not to tell the persons, for the measures avoid the harm; another one decides (B-2)."""
    duty = _open_duty(duty_id, by)
    rules.check_exempt(duty.code, evidence)
    duty.evidence, duty.asked_by, duty.asked_at = evidence.strip(), by, now
    duty.save(update_fields=["evidence", "asked_by", "asked_at"])
    _write(duty.incident, "exempt-asked", text=evidence, by=by, now=now)
    log.record("privacy.incident.exempt_asked", at=now, by=by, target=duty)
    return duty


@transaction.atomic
def approve_exemption(duty_id: UUID, *, by: Staff, now: datetime) -> IncidentDuty:
    duty = open_duty(duty_id, by=by, lock=True)
    need(by, Permission.PRIVACY_VIEW)
    if duty.state != DutyState.OPEN or duty.asked_by is None:
        raise RuleBroken(_("没有等待批准的豁免。"), code="evidence")
    if duty.asked_by_id == by.pk:
        raise RuleBroken(_("提请人不能批准自己的提请，请由另一人决定。"), code="evidence")
    return _settle(duty, DutyState.EXEMPT, evidence=duty.evidence, by=by, now=now)


@transaction.atomic
def end_handling(incident_id: UUID, *, by: Staff, now: datetime) -> Incident:
    """The danger is over; from here the final report is due."""
    incident = _open(incident_id, by)
    if incident.status != IncidentStatus.OPEN or incident.handled_at is not None:
        raise RuleBroken(_("只有处置中、尚未结束处置的事件可以这样做。"), code="status")
    incident.handled_at = now
    incident.save(update_fields=["handled_at"])
    _start_duties(incident, now=now)
    _write(incident, "handled", by=by, now=now)
    log.record("privacy.incident.handled", at=now, by=by, target=incident)
    return incident


@transaction.atomic
def close(incident_id: UUID, *, by: Staff, now: datetime) -> Incident:
    """Close what is finished; refused while a duty is open or unexplained."""
    incident = _open(incident_id, by)
    rules.check_close(
        status=IncidentStatus(incident.status),
        duties=[(duty.code, DutyState(duty.state)) for duty in incident.duties.all()],
        measures=incident.measures,
        report=incident.report,
        handled_at=incident.handled_at,
        where=f"desk:incident:{incident.public_id}",
    )
    incident.status, incident.closed_at, incident.closed_by = IncidentStatus.CLOSED, now, by
    incident.save(update_fields=["status", "closed_at", "closed_by"])
    _write(incident, "closed", by=by, now=now)
    log.record("privacy.incident.closed", at=now, by=by, target=incident, detail={"drill": incident.is_drill})
    return incident


@transaction.atomic
def authority_report(incident_id: UUID, *, by: Staff, now: datetime) -> bytes:
    """Print the report to the authority as far as things are known; the rest may follow (B-5)."""
    need(by, Permission.PRIVACY_VIEW)
    incident = open_incident(incident_id, by=by)
    with in_house():
        title = _("个人信息安全事件报告（演练）") if incident.is_drill else _("个人信息安全事件报告")
        page = render_pdf("letter.typ", papers.authority_report(incident, now=now), title=title)
    log.record("privacy.incident.print", at=now, by=by, target=incident, detail={"page": "authority"})
    return page


def _open(incident_id: UUID, by: Staff) -> Incident:
    need(by, Permission.PRIVACY_WRITE)
    incident = open_incident(incident_id, by=by, lock=True)
    if not incident.is_running:
        raise RuleBroken(_("这个事件已经结束，不能再改。"), code="status")
    return incident


def _open_duty(duty_id: UUID, by: Staff) -> IncidentDuty:
    need(by, Permission.PRIVACY_WRITE)
    duty = open_duty(duty_id, by=by, lock=True)
    if duty.state != DutyState.OPEN or not duty.incident.is_running:
        raise RuleBroken(_("这项义务已经办结。"), code="evidence")
    return duty


def _settle(duty: IncidentDuty, state: DutyState, *, evidence: str, by: Staff, now: datetime) -> IncidentDuty:
    duty.state, duty.evidence, duty.done_by, duty.done_at = state, evidence.strip(), by, now
    duty.save(update_fields=["state", "evidence", "done_by", "done_at"])
    text = f"{kept(rules.BY_CODE[duty.code].title)} · {kept(state.label)} · {evidence.strip()}"
    _write(duty.incident, "duty", text=text, by=by, now=now)
    log.record(
        "privacy.incident.duty", at=now, by=by, target=duty, result=state.value, detail={"code": duty.code}
    )
    return duty


def _start_duties(incident: Incident, *, now: datetime) -> None:
    """Start the clocks that these facts call for; one that runs is left alone (T-1)."""
    known = set(incident.duties.values_list("code", flat=True))
    on = local_date(now)
    IncidentDuty.objects.bulk_create(
        IncidentDuty(
            incident=incident,
            code=clock.code,
            rule_code=clock.rule_code,
            article=packs.article_of(clock.rule_code, on)[:160],
            trigger_at=clock.trigger_at,
            due_at=clock.due_at,
            is_immediate=clock.is_immediate,
            started_at=now,
        )
        for clock in rules.new_duties(rules.clocks(clocks.facts_of(incident, now)), known)
    )


def _write(incident: Incident, word: str, *, by: Staff, now: datetime, text: str = "") -> IncidentEvent:
    return IncidentEvent.objects.create(incident=incident, word=word, text=text.strip()[:2000], by=by, at=now)


def _ring(incident: Incident, *, now: datetime) -> None:
    """Tell the officers at once; the line names nobody."""
    text = gettext_noop("新的事件报告：%(title)s") % {"title": incident.title}
    for officer in Staff.objects.active().in_role(RoleCode.PRIVACY):
        registry.bell()(
            officer,
            text,
            key=f"incident:{incident.public_id}",
            now=now,
            where=f"desk:incident:{incident.public_id}",
        )


def _label(name: str) -> str:
    return str(Incident._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
