"""The duties of an incident with their clocks, and what the rules need to know to start them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.people.models import Staff
from yimei.privacy import registry
from yimei.privacy.enums.incidents import DutyState, IncidentKind, IncidentLevel, IncidentStatus
from yimei.privacy.models import Incident, IncidentDuty
from yimei.privacy.queries import packs
from yimei.privacy.rules import incidents as rules

AMBER = timedelta(hours=24)


@dataclass(frozen=True)
class DutyLine:
    """One duty as the page shows it."""

    duty: IncidentDuty
    title: str
    clock: str
    time: str
    tone: str
    may_be_exempt: bool
    to_persons: bool

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        return [(self.time, self.tone, "clock")] if self.time else []


def running_duties(by: Staff, now: datetime) -> list[DutyLine]:
    """Every open duty of running incidents, the most urgent first."""
    rows = IncidentDuty.objects.filter(
        state=DutyState.OPEN, incident__in=Incident.objects.visible_to(by).running()
    )
    return [_line(duty, now) for duty in rows.select_related("incident__reported_by__vault_key")]


def late_count(by: Staff, now: datetime) -> int:
    """Duties whose time is over, and reports that nobody has judged; for the rail."""
    running = Incident.objects.visible_to(by).running()
    late = IncidentDuty.objects.filter(state=DutyState.OPEN, due_at__lte=now, incident__in=running).count()
    return late + running.filter(status=IncidentStatus.REPORTED).count()


def duty_lines(incident: Incident, now: datetime) -> list[DutyLine]:
    rows = incident.duties.select_related("incident__reported_by__vault_key", "asked_by", "done_by")
    return [_line(duty, now) for duty in rows]


def _line(duty: IncidentDuty, now: datetime) -> DutyLine:
    rule = rules.BY_CODE[duty.code]
    text, time, tone = _clock(duty, now)
    return DutyLine(duty, str(rule.title), text, time, tone, rule.may_be_exempt, rule.to_persons)


def _clock(duty: IncidentDuty, now: datetime) -> tuple[str, str, str]:
    """The word of the clock, the time beside it, the colour."""
    if duty.state != DutyState.OPEN:
        late = duty.done_at is not None and not duty.is_immediate and duty.done_at > duty.due_at
        return str(duty.get_state_display()), _("迟办") if late else "", "warn" if late else "good"
    passed = now - duty.trigger_at
    if duty.is_immediate:
        return _("立即"), _("已过 %(time)s") % {"time": span(passed)}, "danger"
    left = duty.due_at - now
    if left <= timedelta(0):
        return _("逾期"), span(-left), "danger"
    return _("还剩"), span(left), "warn" if left <= AMBER else ""


def span(length: timedelta) -> str:
    """``3 天 4 小时``, ``2 小时 10 分``."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return _("%(days)d 天 %(hours)d 小时") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d 小时 %(minutes)d 分") % {"hours": hours, "minutes": rest}
    return _("%(minutes)d 分") % {"minutes": rest}


def facts_of(incident: Incident, now: datetime) -> rules.Facts:
    on = local_date(now)
    return rules.Facts(
        kind=IncidentKind(incident.kind),
        level=IncidentLevel(incident.level),
        discovered_at=incident.discovered_at,
        profiles=packs.profiles(),
        operator=packs.choice("operator.kind"),
        persons=incident.persons,
        minors=incident.minors,
        is_crime=incident.is_crime,
        handled_at=incident.handled_at,
        numbers={code: row.value for code, row in packs.limits_on(rules.NUMBERS, on).items()},
    )


def least_level(incident: Incident, *, loss_wan: int, now: datetime) -> IncidentLevel:
    codes = [f"level.{level}_{what}" for level in rules.LEVELS[1:] for what in ("persons", "loss")]
    numbers = {code: row.value for code, row in packs.limits_on(codes, local_date(now)).items()}
    return rules.level_of(persons=incident.persons, loss_wan=loss_wan, numbers=numbers)


@registry.uses_of_rules
def running_clocks(codes: Collection[str], now: datetime) -> Iterator[registry.Use]:
    """Clocks of incidents that stand on a rule."""
    for duty in rules.DUTIES:
        if duty.rule_code not in codes:
            continue
        running = IncidentDuty.objects.filter(
            code=duty.code, state=DutyState.OPEN, incident__in=Incident.objects.running()
        ).count()
        text = _("%(title)s：%(n)d 个正在计时") % {"title": duty.title, "n": running}
        yield registry.Use(_("时钟"), text, "desk:incidents", is_running=running > 0)
