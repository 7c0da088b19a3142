"""Credit as pages show it: one month of a consultant or a campus, one deal, the replay of new rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from yimei.billing.models import Order, Payment
from yimei.core import names
from yimei.core.clock import local_date, local_day
from yimei.core.database.rows import only
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.enums import CreditParty
from yimei.growth.models import CreditAppeal, CreditPolicy, CreditRuling, OwnerPeriod, Touch
from yimei.growth.queries import credit_facts
from yimei.growth.rules import credit as rules
from yimei.growth.rules.credit_rules import CreditRules
from yimei.journey.models import Consultation
from yimei.people.access import shown_names
from yimei.people.models import CareRelation, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission, Scope

Holder = tuple[str, str]
APPEALED = (CreditParty.ONLINE, CreditParty.ONSITE)


@dataclass(frozen=True)
class Part:
    """One share as it is shown: whose, how much, why."""

    party: str
    who: str
    percent: Decimal
    amount: Decimal
    waits: Decimal
    reason: str
    is_mine: bool

    @property
    def share(self) -> str:
        return f"{self.percent.normalize():f}%"

    @property
    def label(self) -> str:
        return str(CreditParty(self.party).label)

    @property
    def name(self) -> str:
        return self.who or self.label


@dataclass(frozen=True)
class Row:
    """One deal with its shares; of sealed people the figures stay, the person is not shown."""

    order: Order
    deal: rules.Deal
    who: str
    file_no: str
    parts: Sequence[Part]
    policy: CreditPolicy
    ruling: CreditRuling | None
    mine: Decimal
    is_open: bool

    @property
    def waits(self) -> Decimal:
        return sum((one.waits for one in self.parts), Decimal(0))

    @property
    def counted(self) -> Decimal:
        return sum((one.amount for one in self.parts), Decimal(0))


@dataclass(frozen=True)
class Total:
    """What one got in the month, for each part of the work."""

    who: str
    parties: Mapping[str, Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.parties.values(), Decimal(0))

    def cells(self) -> list[tuple[str, Decimal | None]]:
        return [(str(one.label), self.parties.get(str(one))) for one in CreditParty]


@dataclass(frozen=True)
class Month:
    day: date
    rows: list[Row]
    totals: list[Total]
    net: Decimal
    """What was really received in the month, summed by the database and not by the rules."""
    shared: Decimal


@dataclass(frozen=True)
class Change:
    party: str
    who: str
    old: Decimal
    new: Decimal

    @property
    def delta(self) -> Decimal:
        return self.new - self.old


@dataclass(frozen=True)
class Replay:
    """What past months would have been by other rules."""

    since: date
    deals: int
    changed: int
    net: Decimal
    changes: list[Change]


def versions() -> list[CreditPolicy]:
    return list(CreditPolicy.objects.select_related("published_by"))


def version_on(day: date, among: Sequence[CreditPolicy] | None = None) -> CreditPolicy:
    """The version that counts for deals of a day: of several, the newest that had begun."""
    rows = versions() if among is None else among
    found = [one for one in rows if one.effective_from <= day]
    if not found:
        raise RuleBroken(_("这一天还没有业绩归属规则。"), code="policy")
    return max(found, key=lambda one: (one.effective_from, one.version))


def within(by: Staff, permission: Permission = Permission.CREDIT_VIEW) -> QuerySet[Order]:
    """Orders whose credit the reader may see: of whom she worked for, of her campus, of the group."""
    return scoped(Order.objects.bills(), by, permission, own=_worked_for(by), campus=Q(campus=by.campus_id))


def month(day: date, *, by: Staff) -> Month:
    """One calendar month: every deal of which money moved, its shares, and what each got in all."""
    first, after = _month(day)
    start, end = local_day(first)[0], local_day(after)[0]
    orders = within(by)
    moved: Any = Payment.objects.for_bills()
    moved = moved.filter(bill__in=orders.order_by().values("pk"))
    paid = moved.filter(stands_at__gte=start, stands_at__lt=end)
    shown = _rows(orders.filter(pk__in=paid.order_by().values("bill")), by=by, start=start, end=end)
    if by.scope_of(Permission.CREDIT_VIEW) == Scope.OWN:
        shown = [one for one in shown if _names(one, str(by.public_id))]
    totals: dict[str, dict[str, Decimal]] = {}
    for row in shown:
        for part in row.parts:
            if part.amount and (part.is_mine or by.scope_of(Permission.CREDIT_VIEW) != Scope.OWN):
                mine = totals.setdefault(part.who or "", {})
                mine[part.party] = mine.get(part.party, Decimal(0)) + part.amount
    found = [Total(who, parties) for who, parties in totals.items()]
    codes = [one.order.pk for one in shown]
    net = paid.filter(bill__in=codes).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    shared = sum((part.amount + part.waits for row in shown for part in row.parts), Decimal(0))
    return Month(first, shown, sorted(found, key=lambda one: -one.total), net, shared)


def one(order_id: UUID, *, by: Staff, permission: Permission = Permission.CREDIT_VIEW) -> Row:
    """One deal for whoever may see its credit; of sealed people nothing can be opened."""
    rows = _rows(within(by, permission).filter(public_id=order_id, patient__sealed_at=None), by=by)
    if by.scope_of(permission) == Scope.OWN:
        rows = [row for row in rows if _names(row, str(by.public_id))]
    if not rows:
        raise NotFound
    return rows[0]


def team_of(row: Row, *, also: Staff | None = None) -> list[Staff]:
    """Whoever did something for the customer before the deal, and whoever appealed."""
    codes = {deed.staff for deed in row.deal.deeds} | ({str(also.public_id)} if also else set())
    return list(Staff.objects.filter(public_id__in=codes).select_related("role").order_by("name", "pk"))


def appeals(*, by: Staff) -> list[CreditAppeal]:
    """Appeals that wait for a ruling, the oldest first; one's own cannot be ruled by oneself."""
    rows = CreditAppeal.objects.visible_to(by, Permission.CREDIT_RULE).waiting()
    people = rows.select_related("staff", "order__patient__person__vault_key", "order__campus")
    return list(people.order_by("at", "pk"))


def order_of(appeal_id: UUID, *, by: Staff) -> UUID:
    """The order of an appeal that the reader may rule on, whether it still waits or not."""
    rows = CreditAppeal.objects.visible_to(by, Permission.CREDIT_RULE).select_related("order")
    return only(rows, appeal_id).order.public_id


def lines_of(row: Row) -> list[rules.Line]:
    """The shares that hold now: of the last ruling, else of the rules."""
    return _lines_of(row.ruling) or rules.lines(row.deal, row.policy.rules)


def may_appeal(row: Row, *, by: Staff, now: datetime) -> bool:
    """Whether there is still something to ask: one appeal for each part of the work, within its days."""
    try:
        rules.check_appeal(staff=str(by.public_id), deal=row.deal, rules=row.policy.rules, now=now)
    except RuleBroken:
        return False
    return CreditAppeal.objects.filter(order=row.order, staff=by).count() < len(APPEALED)


def trail(row: Row) -> list[CreditAppeal]:
    """Every appeal of a deal with its ruling, in the order of time."""
    found = CreditAppeal.objects.filter(order=row.order).order_by("at", "pk")
    return list(found.select_related("staff", "ruling__by", "order__patient__person__vault_key"))


def replay(wanted: CreditRules, *, since: date, by: Staff) -> Replay:
    """Share the deals since a day anew by other rules; rulings stand, whatever the rules."""
    orders = within(by, Permission.CREDIT_RULE).filter(at__gte=local_day(since)[0])
    known, among = list(_with_people(orders)), versions()
    ruled = _rulings(known)
    old: dict[Holder, Decimal] = {}
    new: dict[Holder, Decimal] = {}
    changed, net = 0, Decimal(0)
    for order, deal in zip(known, credit_facts.deals(known), strict=True):
        ruling = _lines_of(ruled.get(order.pk))
        before = rules.by_holder(rules.credit(deal, version_on(local_date(order.at), among).rules, ruling))
        after = rules.by_holder(rules.credit(deal, wanted, ruling))
        changed, net = changed + (before != after), net + deal.net
        for total, part in ((old, before), (new, after)):
            for holder, amount in part.items():
                total[holder] = total.get(holder, Decimal(0)) + amount
    people = _people({staff for _party, staff in old.keys() | new.keys()})
    changes = [
        Change(str(CreditParty(party).label), people.get(staff, ""), was, is_)
        for (party, staff), was, is_ in rules.difference(old, new)
    ]
    return Replay(since, len(known), changed, net, changes)


# ---- how a row is made ---------------------------------------------------------------------------


def _rows(
    orders: QuerySet[Order], *, by: Staff, start: datetime | None = None, end: datetime | None = None
) -> list[Row]:
    """Orders with their shares; between two moments only what counted there."""
    known, among = list(_with_people(orders)), versions()
    ruled = _rulings(known)
    found = []
    for order, deal in zip(known, credit_facts.deals(known), strict=True):
        policy = version_on(local_date(order.at), among)
        shares = rules.credit(deal, policy.rules, _lines_of(ruled.get(order.pk)))
        if start is not None and end is not None:
            moments = {one.code: one.at for one in deal.paid}
            shares = [one for one in shares if start <= (one.at or moments[one.payment]) < end]
        found.append((order, deal, policy, shares))
    staff = {one.line.staff for _o, _d, _p, shares in found for one in shares}
    staff |= {deed.staff for _o, deal, _p, _s in found for deed in deal.deeds}
    people = _people(staff)
    shown = shown_names({one.patient for one in known}, by=by)
    return [
        _row(order, deal, policy, shares, people, ruled.get(order.pk), shown[order.patient_id], by=by)
        for order, deal, policy, shares in found
    ]


def _row(
    order: Order,
    deal: rules.Deal,
    policy: CreditPolicy,
    shares: list[rules.Share],
    people: Mapping[str, str],
    ruling: CreditRuling | None,
    name: str,
    *,
    by: Staff,
) -> Row:
    parts: dict[rules.Line, list[Decimal]] = {}
    for share in shares:
        sums = parts.setdefault(share.line, [Decimal(0), Decimal(0)])
        sums[share.at is None] += share.amount
    me = str(by.public_id)
    listed = [
        Part(
            str(line.party), people.get(line.staff, ""), line.percent, counted, waits, line.reason,
            line.staff == me,
        )
        for line, (counted, waits) in parts.items()
    ]  # fmt: skip
    sealed = order.patient.sealed_at is not None
    if name == order.patient.person.name:
        name = names.mask(name)
    return Row(
        order=order,
        deal=deal,
        who=_("资料已封存") if sealed else name,
        file_no="" if sealed else order.patient.file_no or "",
        parts=listed,
        policy=policy,
        ruling=ruling,
        mine=sum((one.amount for one in listed if one.is_mine), Decimal(0)),
        is_open=not sealed,
    )


def _names(row: Row, staff: str) -> bool:
    return any(deed.staff == staff for deed in row.deal.deeds) or any(part.is_mine for part in row.parts)


def _with_people(orders: QuerySet[Order]) -> QuerySet[Order]:
    people = orders.select_related("patient__person__vault_key", "quote__by", "campus")
    return people.order_by("-at", "-pk")


def _rulings(orders: Sequence[Order]) -> dict[int, CreditRuling]:
    """The last ruling that changed anything, of each order."""
    rows = CreditRuling.objects.filter(order__in=orders).exclude(shares=[])
    people = rows.select_related("by", "order__patient__person__vault_key")
    return {one.order_id: one for one in people.order_by("at", "pk")}


def _lines_of(ruling: CreditRuling | None) -> list[rules.Line]:
    if ruling is None:
        return []
    words = {"name": ruling.by.name, "day": f"{local_date(ruling.at):%Y-%m-%d}"}
    why = _("%(day)s 由%(name)s裁定") % words
    return [
        rules.Line(CreditParty(one["party"]), one["staff"], Decimal(str(one["percent"])), why)
        for one in ruling.shares
    ]


def _people(codes: set[str]) -> dict[str, str]:
    rows = Staff.objects.filter(public_id__in=codes - {""}).order_by()
    return {str(code): name for code, name in rows.values_list("public_id", "name")}


def _worked_for(by: Staff) -> Q:
    whose = (
        CareRelation.objects.filter(staff=by).values("patient"),
        OwnerPeriod.objects.filter(staff=by).exclude(lead__patient=None).values("lead__patient"),
        Touch.objects.filter(by=by).exclude(lead__patient=None).values("lead__patient"),
        Consultation.objects.filter(by=by).values("case__patient"),
    )
    found = Q(quote__by=by)
    for people in whose:
        ids = people.order_by()
        found |= Q(patient__in=ids) | Q(patient__merged_into__in=ids)
    return found


def _month(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)
