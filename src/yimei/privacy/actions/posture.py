"""Run the live tests and the counters, and keep what they found; nobody declares anything."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.database.rows import only
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission, RoleCode
from yimei.privacy import registry
from yimei.privacy.enums import ProofState
from yimei.privacy.models import ControlRun, CounterAlarm, CounterReading
from yimei.privacy.queries import counters as queries
from yimei.privacy.queries import packs
from yimei.privacy.rules import audits as rules


def run(*, now: datetime, by: Staff | None = None) -> int:
    """Run every live test, then keep the results; the chain may take long, so the reading holds no lock."""
    if by is not None:
        need(by, Permission.PRIVACY_VIEW)
    with in_house():
        found = [(one, _tried(one, now)) for one in registry.controls()]
    with transaction.atomic():
        ControlRun.objects.bulk_create(
            ControlRun(
                code=one.code, state=proof.state, text=proof.text[:200], count=proof.count, at=now, by=by
            )
            for one, proof in found
        )
        log.record("privacy.controls.run", at=now, by=by, rows=len(found))
    return len(found)


def _tried(one: registry.Control, now: datetime) -> registry.Proof:
    """A test that cannot be carried out proves nothing, and does not keep the others from running."""
    try:
        return one.test(now)
    except RuleBroken as refusal:
        return registry.Proof(ProofState.BAD, refusal.message)


@transaction.atomic
def count(*, now: datetime) -> dict[str, int]:
    """Take the counters and sound the alarms that they reach, each with its duty and clock."""
    lock("privacy.counters")
    found = queries.measure(now)
    CounterReading.objects.bulk_create(
        CounterReading(code=code, value=value, at=now) for code, value in found.items()
    )
    _settle_provisional(now=now)
    for code, value in found.items():
        for limit_code, rule_code in queries.THRESHOLDS.get(code, ()):
            _sound(limit_code, rule_code, value, now=now)
    log.record("privacy.counters.taken", at=now, rows=len(found))
    return found


@transaction.atomic
def settle(alarm_id: UUID, *, evidence: str, by: Staff, now: datetime) -> CounterAlarm:
    """Say that the duty of an alarm is done, with what proves it."""
    need(by, Permission.PRIVACY_WRITE)
    alarm = only(CounterAlarm.objects.all(), alarm_id, lock=True)
    if alarm.done_at is not None:
        raise RuleBroken(_("这项义务已经办结。"), code="evidence")
    if len(evidence.strip()) < 4:
        raise RuleBroken(_("请写明证据：回执编号、时间与渠道。"), code="evidence")
    alarm.done_at, alarm.done_by, alarm.evidence = now, by, evidence.strip()[:200]
    alarm.save(update_fields=["done_at", "done_by", "evidence"])
    log.record("privacy.counter.settled", at=now, by=by, target=alarm, detail={"limit": alarm.limit_code})
    return alarm


def _settle_provisional(*, now: datetime) -> None:
    """Count working days again where a year had no table yet and has one now (T-2)."""
    for alarm in CounterAlarm.objects.filter(is_provisional=True, done_at=None):
        reached = local_date(alarm.reached_at)
        due, is_provisional = queries.filing_due(reached, local_date(now))
        if not is_provisional:
            alarm.due_on, alarm.is_provisional = due, False
            alarm.save(update_fields=["due_on", "is_provisional"])
            log.record("privacy.counter.due", at=now, target=alarm, detail={"due": due})


def _sound(limit_code: str, rule_code: str, value: int, *, now: datetime) -> None:
    """One alarm for each step of a threshold; at the whole of it the filing clock starts."""
    on = local_date(now)
    codes = [limit_code, "counter.amber_percent", "counter.red_percent"]
    held = packs.limits_on(codes, on)
    if limit_code not in held or not held[limit_code].value:
        return
    percents = [held[code].value for code in codes[1:] if code in held] + [100]
    threshold = held[limit_code].value
    known = set(CounterAlarm.objects.filter(limit_code=limit_code).values_list("percent", flat=True))
    for percent in rules.steps(value, threshold, percents):
        if percent in known:
            continue
        due, is_provisional = queries.filing_due(on, on) if percent == 100 else (None, False)
        alarm = CounterAlarm.objects.create(
            limit_code=limit_code,
            rule_code=rule_code,
            percent=percent,
            value=value,
            threshold=threshold,
            reached_at=now,
            due_on=due,
            is_provisional=is_provisional,
        )
        text = _("%(name)s 达到 %(percent)d %%") % {"name": held[limit_code].name, "percent": percent}
        for officer in Staff.objects.active().in_role(RoleCode.PRIVACY):
            registry.bell()(
                officer, text[:200], key=f"counter:{alarm.public_id}", now=now, where="desk:posture"
            )
