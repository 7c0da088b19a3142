"""Lists of leads, their figures and the trail of one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext as _

from yimei.billing.models import Order, Payment
from yimei.core import names, phone
from yimei.core.clock import local_date, local_day
from yimei.core.errors import RuleBroken
from yimei.growth.enums import AssignRule, EndReason, LeadLoss, LeadStatus, Outcome, StepKind
from yimei.growth.models import Lead, LeadStep, OwnerPeriod, Touch
from yimei.growth.models.leads import LeadQuerySet
from yimei.growth.queries.numbers import TOKEN
from yimei.growth.rules.leads import NOT_VALID
from yimei.journey.models import Booking
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.vault import blind

VIEWS = ("mine", "due", "overdue", "pool", "team", "ended")
WINDOW = timedelta(days=90)
"""The funnel counts who asked in the last three months."""


@dataclass(frozen=True)
class Row:
    """One lead as a list shows it: a name of the pool is masked, a number always."""

    lead: Lead
    who: str
    phone: str
    is_mine: bool
    due_on: object = None


@dataclass(frozen=True)
class Funnel:
    """有效→预约→到诊→成交→复购 of those who asked in the window, each part of the one before."""

    asked: int
    valid: int
    booked: int
    arrived: int
    won: int
    again: int
    response: int | None
    """Average minutes to the first human answer."""

    def steps(self) -> list[tuple[str, int, int | None]]:
        """Label, count, and per cent of the step before."""
        pairs = (
            (_("有效"), self.valid, self.asked),
            (_("预约"), self.booked, self.valid),
            (_("到诊"), self.arrived, self.booked),
            (_("成交"), self.won, self.arrived),
            (_("复购"), self.again, self.won),
        )
        return [(label, n, round(100 * n / of) if of else None) for label, n, of in pairs]


@dataclass(frozen=True)
class Happening:
    """One line of a lead's timeline."""

    at: datetime
    title: str
    text: str
    by: str
    tone: str = ""


def listed(view: str, *, by: Staff, now: datetime, source: str = "") -> LeadQuerySet:
    """Return the leads of one saved view, the most urgent first."""
    found = _views(by, now)[view if view in VIEWS else "mine"].with_people()
    return found.filter(source=source) if source else found


def counts(*, by: Staff, now: datetime) -> dict[str, int]:
    return {view: rows.order_by().count() for view, rows in _views(by, now).items() if view != "ended"}


def _views(by: Staff, now: datetime) -> dict[str, LeadQuerySet]:
    reach = Lead.objects.reachable(by)
    is_open = reach.open().exclude(owner=None).order_by("next_due_at", "pk")
    mine = is_open if by.may(Permission.LEAD_ASSIGN) else is_open.filter(owner=by)
    end = local_day(local_date(now))[1]
    pool = Lead.objects.visible_to(by).filter(owner=None, status=LeadStatus.OPEN)
    return {
        "mine": is_open.filter(owner=by),
        "due": mine.filter(next_due_at__lt=end),
        "overdue": mine.filter(next_due_at__lt=now),
        "pool": pool.order_by("-last_touch_at", "pk"),
        "team": is_open,
        "ended": reach.exclude(status=LeadStatus.OPEN).order_by("-ended_at", "-pk"),
    }


def rows(leads: list[Lead], *, by: Staff) -> list[Row]:
    """Dress leads for a list, with the last day of protection; one query more, whatever their number."""
    running = OwnerPeriod.objects.filter(lead__in=leads, until=None)
    due = dict(running.values_list("lead", "due_on"))
    return [row(lead, by=by, due_on=due.get(lead.pk)) for lead in leads]


def row(lead: Lead, *, by: Staff, due_on: object = None) -> Row:
    is_masked = lead.is_in_pool and not by.may(Permission.LEAD_ASSIGN)
    return Row(
        lead=lead,
        who=names.mask(lead.name) if is_masked else lead.name,
        phone=phone.mask(lead.phone),
        is_mine=lead.owner_id == by.pk,
        due_on=due_on,
    )


def period_of(lead: Lead) -> OwnerPeriod | None:
    return lead.periods.filter(until=None).select_related("staff").first()


def same_phone(text: str, *, by: Staff) -> Row | None:
    """Return the first lead of a typed number, whoever owns it: enough to warn, not to reach it."""
    try:
        number = phone.normalise(text)
    except RuleBroken:
        return None
    found = Lead.objects.living().filter(phone_token=blind.token(TOKEN, number), duplicate_of=None)
    lead = found.with_people().order_by("created_at", "pk").first() if by.may(Permission.LEAD_WRITE) else None
    if lead is None:
        return None
    return Row(lead, names.mask(lead.name), phone.mask(lead.phone), lead.owner_id == by.pk)


def funnel(*, by: Staff, now: datetime) -> Funnel:
    """Count people once: linked enquiries belong to their first lead."""
    since = local_day(local_date(now - WINDOW))[0]
    asked = Lead.objects.reachable(by).filter(created_at__gte=since, duplicate_of=None)
    later = Booking.objects.filter(patient=OuterRef("patient"), created_at__gte=OuterRef("created_at"))
    paid = Payment.objects.filter(order__patient=OuterRef("patient"), at__gte=OuterRef("created_at"))
    net = paid.order_by().values("order__patient").annotate(net=Sum("amount")).values("net")
    orders = Order.objects.filter(patient=OuterRef("patient"), at__gte=OuterRef("created_at"))
    bought = orders.filter(payments__amount__gt=0).order_by().values("patient")
    is_valid = ~Q(loss__in=[LeadLoss(one).value for one in NOT_VALID])
    is_booked = is_valid & Q(has_booking=True)
    is_arrived = is_booked & Q(has_arrived=True)
    marked = asked.order_by().annotate(
        has_booking=Exists(later),
        has_arrived=Exists(later.exclude(arrived_at=None)),
        net=Subquery(net[:1]),
        orders=Subquery(bought.annotate(n=Count("pk", distinct=True)).values("n")[:1]),
    )
    found = marked.aggregate(
        asked=Count("pk"),
        valid=Count("pk", filter=is_valid),
        booked=Count("pk", filter=is_booked),
        arrived=Count("pk", filter=is_arrived),
        won=Count("pk", filter=is_arrived & Q(net__gt=0)),
        again=Count("pk", filter=is_arrived & Q(net__gt=0, orders__gte=2)),
        response=Avg(F("first_response_at") - F("created_at")),
    )
    response = found.pop("response")
    return Funnel(**found, response=round(response.total_seconds() / 60) if response is not None else None)


def losses(*, by: Staff, now: datetime) -> list[tuple[str, int]]:
    """Why leads of the window were lost, the most frequent first."""
    since = local_day(local_date(now - WINDOW))[0]
    lost = Lead.objects.reachable(by).filter(created_at__gte=since, status=LeadStatus.LOST)
    counted = lost.order_by().values_list("loss").annotate(n=Count("pk")).order_by("-n", "loss")
    return [(str(LeadLoss(loss).label), n) for loss, n in counted]


def timeline(lead: Lead) -> list[Happening]:
    """Contacts and trail together, the newest first."""
    touches = Touch.objects.filter(lead=lead).select_related("by", "lead__vault_key")
    steps = LeadStep.objects.filter(lead=lead).select_related("by", "owner_before", "owner_after")
    found = sorted([*map(_told_touch, touches), *map(_told_step, steps)], key=lambda one: one.at)
    return found[::-1]


TONES = {Outcome.WANTS_VISIT: "good", Outcome.REFUSED: "danger", Outcome.WRONG_NUMBER: "danger"}


def _told_touch(touch: Touch) -> Happening:
    title = f"{touch.get_kind_display()} · {touch.get_outcome_display()}"
    return Happening(
        touch.at, title, touch.note, touch.by.name if touch.by else "", TONES.get(Outcome(touch.outcome), "")
    )


def _told_step(step: LeadStep) -> Happening:
    people = [one.name for one in (step.owner_before, step.owner_after) if one]
    text = " → ".join(people)
    if why := _why(step):
        text = f"{text} · {why}" if text else why
    return Happening(step.at, str(StepKind(step.kind).label), text, step.by.name if step.by else _("系统"))


def _why(step: LeadStep) -> str:
    for words in (AssignRule, EndReason, LeadLoss):
        if step.why in words.values and not (words is EndReason and step.kind == StepKind.RELEASED):
            return str(words(step.why).label)
    return ""
