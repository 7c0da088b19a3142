"""Reads about partners: whether a code counts, what a month comes to, what a partner may read of itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Q, QuerySet, Sum, prefetch_related_objects

from yimei.billing.models import Payment
from yimei.core.clock import local_date, local_day
from yimei.core.errors import Missing, NotFound
from yimei.growth.enums import LeadLoss
from yimei.growth.enums.partners import (
    LineKind,
    NotCounted,
    PaperKind,
    PartnerBasis,
    PartnerKind,
    StatementStatus,
)
from yimei.growth.models import (
    Lead,
    Partner,
    PartnerCode,
    PartnerLead,
    PartnerLink,
    Statement,
    StatementLine,
)
from yimei.growth.models.partners import PartnerQuerySet
from yimei.growth.queries.numbers import TOKEN
from yimei.growth.rules import partners as rules
from yimei.growth.rules import promotions
from yimei.journey.enums import BookingStatus
from yimei.journey.models import Booking
from yimei.journey.queries.visits import number
from yimei.people.enums import TokenKind
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.people.rules.sessions import key_hash
from yimei.privacy.models import Party
from yimei.privacy.queries import parties
from yimei.vault import blind

HERE = (BookingStatus.ARRIVED, BookingStatus.SERVED)
INVALID = (LeadLoss.INVALID, LeadLoss.UNRELATED)
MONTHS = 6

UNIT_FEE_MOST = 200
"""Yuan for a head at most, while the register says nothing of it."""


@dataclass(frozen=True)
class Draft:
    """One line that a month would have."""

    kind: LineKind
    agreement: int
    amount: Decimal
    came: int | None = None
    takes_back: int | None = None


@dataclass(frozen=True)
class Month:
    """A partner's month as it may read it; None is hidden."""

    month: date
    came: int | None
    counted: int | None
    statement: Statement | None


def listed(*, by: Staff) -> PartnerQuerySet:
    rows = Partner.objects.visible_to(by).select_related("campus", "party", "created_by")
    return rows.annotate(came=Count("leads", distinct=True)).order_by("ended_at", "name", "pk")


def standing(partner: Partner, *, now: datetime, units: bool | None = None) -> rules.Standing:
    """What decides whether a partner's codes count now; a list asks once about fees by the head."""
    papers: dict[PaperKind, date] = {}
    for paper in sorted(partner.papers.all(), key=lambda one: (one.seen_at, one.pk)):
        papers[PaperKind(paper.kind)] = paper.valid_to
    refusal = ""
    if partner.passes_data:
        why = parties.refusal(partner.party.code if partner.party else "", now)
        refusal = why.what if why else ""
    return rules.Standing(
        kind=PartnerKind(partner.kind),
        papers=papers,
        agreements=[one.plain for one in partner.agreements.all()],
        is_ended=partner.ended_at is not None,
        passes_data=partner.passes_data,
        party_refusal=refusal,
        units_allowed=units_allowed(local_date(now)) if units is None else units,
    )


def missing(partner: Partner, *, now: datetime, units: bool | None = None) -> list[Missing]:
    return rules.missing(standing(partner, now=now, units=units), local_date(now))


def units_allowed(day: date) -> bool:
    return number("partner.unit_fees", day, 0) > 0


def unit_fee_most(day: date) -> Decimal:
    """What one head may cost at most."""
    return Decimal(number("partner.unit_fee_most", day, UNIT_FEE_MOST))


def code_behind(text: str) -> PartnerCode | None:
    """The partner's code that was scanned, whether it counts or not; a revoked one is none."""
    code = promotions.read_code(text)
    if len(code) != promotions.CODE_LENGTH:
        return None
    return PartnerCode.objects.filter(code=code, revoked_at=None).select_related("partner__campus").first()


def why_not(partner: Partner, *, phone: str, by: Staff | None, now: datetime) -> NotCounted:
    """Why a customer stands in no statement; she is served in any case."""
    found, today = standing(partner, now=now), local_date(now)
    if rules.is_unit_withdrawn(found, today):
        return NotCounted.BASIS
    if rules.missing(found, today):
        return NotCounted.LAPSED
    alike = Patient.objects.filter(person__tokens__token=blind.token(TokenKind.PHONE.value, phone))
    if alike.filter(employee__isnull=False).exists():
        return NotCounted.STAFF
    leads = Lead.objects.living().filter(phone_token=blind.token(TOKEN, phone))
    if alike.exists() or leads.exists():
        return NotCounted.KNOWN
    return NotCounted.NONE


def standing_days(partner: Partner, month: date) -> list[date]:
    """The days of a month on which contract and papers stood, by what was known of them then and since."""
    found = standing(partner, now=local_day(month)[0])
    first, last = rules.month_of(month)
    ended = local_date(partner.ended_at) if partner.ended_at else None
    days = [first + timedelta(days=n) for n in range(last.day)]
    plain = rules.Standing(kind=found.kind, papers=found.papers, agreements=found.agreements)
    return [day for day in days if not rules.missing(plain, day) and (ended is None or day <= ended)]


def drafts(partner: Partner, month: date) -> list[Draft]:
    """Every line that a month would have now: fees, customers not paid for yet, what is to be taken back."""
    days = standing_days(partner, month)
    until = local_day(rules.month_of(month)[1])[1]
    found = []
    for one in partner.agreements.exclude(approved_at=None).order_by("version"):
        if one.basis == PartnerBasis.FIXED and (fee := rules.fixed_fee(one.plain, month, days)):
            found.append(Draft(LineKind.FIXED, one.pk, fee))
    came = PartnerLead.objects.filter(partner=partner, not_counted="", at__lt=until)
    came = came.select_related("agreement", "lead__patient").order_by("pk")
    lines = {
        line.came_id: line
        for line in StatementLine.objects.filter(came__partner=partner, takes_back=None).select_related(
            "taken_back"
        )
    }
    for row in came:
        assert row.agreement is not None
        basis = PartnerBasis(row.agreement.basis)
        if basis == PartnerBasis.FIXED:
            continue
        is_due = _is_valid(row) if basis == PartnerBasis.LEAD else _has_paid(row, until=until)
        line = lines.get(row.pk)
        if line is None and is_due:
            kind = LineKind.LEAD if basis == PartnerBasis.LEAD else LineKind.VISIT
            found.append(Draft(kind, row.agreement_id or 0, row.agreement.fee, came=row.pk))
        elif line is not None and not is_due and not hasattr(line, "taken_back"):
            found.append(
                Draft(LineKind.BACK, line.agreement_id, -line.amount, came=row.pk, takes_back=line.pk)
            )
    return found


def _is_valid(row: PartnerLead) -> bool:
    """A number that answers, about what the hospital does; one that was erased stays as it was counted."""
    return row.lead.loss not in INVALID


def _has_paid(row: PartnerLead, *, until: datetime) -> bool:
    """Came, paid after she was sent, and money stayed; an erased customer's bare payments still say so."""
    patient = row.lead.patient
    if patient is None:
        return False
    files = Patient.objects.files_of(patient)
    rows = Payment.objects.filter(order__patient__in=files, at__lt=until)
    sums = rows.aggregate(net=Sum("amount"), first=Min("at", filter=Q(amount__gt=0)))
    here = Booking.objects.filter(patient__in=files, status__in=HERE).exists()
    return here and sums["first"] is not None and sums["first"] >= row.at and (sums["net"] or 0) > 0


def carried_in(partner: Partner, month: date) -> Decimal:
    before = partner.statements.filter(month__lt=month, status__in=SETTLED).order_by("-month").first()
    return before.carried_out if before else Decimal(0)


SETTLED = (StatementStatus.APPROVED, StatementStatus.PAID)


def next_month(partner: Partner) -> date | None:
    """The month whose statement comes next: after the last one, else the first of the first agreement."""
    last = partner.statements.exclude(status=StatementStatus.REFUSED).order_by("-month").first()
    if last is not None:
        return rules.next_month(last.month)
    first = partner.agreements.exclude(approved_at=None).aggregate(first=Min("valid_from"))["first"]
    return rules.month_of(first)[0] if first else None


def due_month(partner: Partner, *, today: date) -> date | None:
    """The next month, once it is over and no other statement waits for approval."""
    month = next_month(partner)
    if month is None or rules.month_of(month)[1] >= today:
        return None
    return None if partner.statements.filter(status=StatementStatus.PROPOSED).exists() else month


def months(partner: Partner, *, today: date, count: int = MONTHS) -> list[Month]:
    """The last months without anybody in them: small counts are hidden, one alone never."""
    month, starts = rules.month_of(today)[0], []
    for _n in range(count):
        starts.append(month)
        month = rules.month_of(month - timedelta(days=1))[0]
    rows = PartnerLead.objects.filter(partner=partner, at__gte=local_day(starts[-1])[0])
    came, counted = dict.fromkeys(starts, 0), dict.fromkeys(starts, 0)
    for at, why in rows.values_list("at", "not_counted"):
        start = rules.month_of(local_date(at))[0]
        came[start] = came.get(start, 0) + 1
        counted[start] = counted.get(start, 0) + (not why)
    shown = rules.suppressed([came[one] for one in starts])
    billed = rules.suppressed([counted[one] for one in starts])
    statements = {one.month: one for one in partner.statements.filter(month__in=starts, status__in=SETTLED)}
    return [
        Month(start, shown[n], billed[n] if shown[n] is not None else None, statements.get(start))
        for n, start in enumerate(starts)
    ]


def link_behind(token: str, *, now: datetime) -> PartnerLink:
    """A partner's link while it stands; anything else does not exist."""
    rows = PartnerLink.objects.filter(key_hash=key_hash(token), revoked_at=None, expires_at__gt=now)
    found = rows.select_related("partner__campus").first() if len(token) >= 40 else None
    if found is None:
        raise NotFound
    return found


def open_link(partner: Partner, *, now: datetime) -> PartnerLink | None:
    return partner.links.filter(revoked_at=None, expires_at__gt=now).first()


def came_counts(partner: Partner) -> dict[str, int]:
    rows = partner.leads.order_by().values_list("not_counted").annotate(n=Count("pk"))
    return dict(rows)


def waiting_count(by: Staff) -> int:
    """Statements that wait for the reader's yes."""
    if not by.may(Permission.PARTNER_SETTLE):
        return 0
    mine = Partner.objects.visible_to(by, Permission.PARTNER_SETTLE).order_by().values("pk")
    rows = Statement.objects.filter(partner__in=mine, status=StatementStatus.PROPOSED)
    return rows.exclude(proposed_by=by).count()


def party_choices() -> QuerySet[Party]:
    return parties.listed(state="active")


def with_terms(rows: Iterable[Partner]) -> list[Partner]:
    """Partners with what decides whether they count, in a fixed number of queries."""
    found = list(rows)
    prefetch_related_objects(found, "papers", "agreements", "party")
    return found


@dataclass(frozen=True)
class Group:
    """The lines of one kind in a statement; never a person."""

    label: str
    count: int
    amount: Decimal


def grouped(statement: Statement) -> list[Group]:
    """A statement by kinds: as approved, else as it would be now."""
    if statement.status in SETTLED:
        pairs = [(one.kind, one.amount) for one in statement.lines.all()]
    elif statement.status == StatementStatus.PROPOSED:
        pairs = [(one.kind, one.amount) for one in drafts(statement.partner, statement.month)]
    else:
        return []
    return [
        Group(str(kind.label), len(mine), sum(mine, Decimal(0)))
        for kind in LineKind
        if (mine := [amount for one, amount in pairs if one == kind])
    ]
