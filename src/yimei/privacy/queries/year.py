"""The officer's year: everything that has a day, worked out from the registers; nobody keeps a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.privacy.enums.parties import TransferState
from yimei.privacy.models import Assessment, CounterAlarm, IncidentDuty, Party, Transfer
from yimei.privacy.queries import audits, controls, minors_year, training
from yimei.privacy.queries.incidents import lists
from yimei.privacy.rules import incidents as incident_rules


@dataclass(frozen=True)
class Event:
    """One line of the officer's year."""

    on: date
    title: str
    where: str
    tone: str = ""


def events(now: datetime) -> list[Event]:
    """What the officer must do in the coming twelve months, by day; what is late comes first and is red."""
    on = local_date(now)
    minors = minors_year.standing(on)
    is_red = minors.state in {"red", "overdue"}
    what = _("%(year)d 年度未成年人审计报送") % {"year": minors.year}
    found = [Event(minors.due_on, what, "desk:audits", "danger" if is_red else "")]
    if minors.state == "filed":
        found = [Event(minors.due_on, _("下一年度未成年人审计报送"), "desk:audits")]
    found += [*_recurring(now), *_expiring(on), *_owed()]
    return sorted(
        (
            event if event.tone or event.on >= on else Event(event.on, event.title, event.where, "danger")
            for event in found
        ),
        key=lambda event: event.on,
    )


def _recurring(now: datetime) -> Iterator[Event]:
    """What comes again by itself, by its period; what was never done is due now."""
    on = local_date(now)
    for title, last, code, where in (
        (_("合规审计：签署报告"), controls.last_signed(), "audit.months", "desk:audits"),
        (_("应急演练"), lists.last_drill(now), "breach.drill_months", "desk:incidents"),
        (_("诈骗识别演练"), controls.last_phishing(), "drill.months", "desk:training-report"),
    ):
        due = controls.next_due(last, code, on)
        if due is not None:
            yield Event(due, title, where)
    for month, people in sorted(training.ending(on).items()):
        yield Event(month, _("培训到期：%(n)d 人") % {"n": people}, "desk:training-report")


def _expiring(on: date) -> Iterator[Event]:
    """What was agreed or approved for a while."""
    for party in Party.objects.filter(state="active"):
        if party.next_review_on:
            yield Event(party.next_review_on, _("复核合作方：%(n)s") % {"n": party.name}, _party(party))
        if party.valid_to:
            yield Event(party.valid_to, _("合同到期：%(n)s") % {"n": party.name}, _party(party))
    for one in Assessment.objects.filter(state="approved", valid_to__gte=on):
        if one.valid_to:
            where = f"desk:assessment:{one.public_id}"
            yield Event(one.valid_to, _("评估到期：%(n)s") % {"n": one.title}, where)
    for transfer in Transfer.objects.filter(state=TransferState.ACTIVE):
        where = f"desk:transfer:{transfer.public_id}"
        if transfer.filing_due_on and transfer.filed_on is None:
            yield Event(transfer.filing_due_on, _("标准合同备案：%(n)s") % {"n": transfer.title}, where)
        if transfer.valid_to:
            yield Event(transfer.valid_to, _("出境依据到期：%(n)s") % {"n": transfer.title}, where)


def _owed() -> Iterator[Event]:
    """What was started and is not finished."""
    for alarm in CounterAlarm.objects.filter(done_at=None, due_on__isnull=False):
        if alarm.due_on:
            yield Event(alarm.due_on, _("达到门槛后的报送（%(n)s）") % {"n": alarm.rule_code}, "desk:posture")
    for check in audits.open_actions():
        if check.due_on:
            text = _("整改：%(n)s") % {"n": f"{check.rule_code} {check.finding}"[:60]}
            yield Event(check.due_on, text, f"desk:audit-check:{check.public_id}")
    for duty in IncidentDuty.objects.filter(state="open", incident__status="open").select_related("incident"):
        where = f"desk:incident:{duty.incident.public_id}"
        text = f"{incident_rules.BY_CODE[duty.code].title}：{duty.incident.title}"
        yield Event(local_date(duty.due_at), text, where)


def _party(party: Party) -> str:
    return f"desk:party:{party.public_id}"
