"""Offer a price, get it approved, hear the customer's answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.billing import queries
from yimei.billing.access import open_quote
from yimei.billing.actions import cuts
from yimei.billing.enums import QuoteStatus
from yimei.billing.models import DiscountLimit, Quote, QuoteCut, QuoteLine
from yimei.billing.queries import discount_limits
from yimei.billing.rules import cuts as cut_rules
from yimei.billing.rules import quotes as rules
from yimei.billing.rules.cuts import Priced
from yimei.core.clock import local_date
from yimei.core.database.rows import lock_rows
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.models import Campus, Procedure
from yimei.hospital.queries import price_on
from yimei.people.access import need, open_patient
from yimei.people.models import Role, Staff
from yimei.people.roles import Permission

Item = tuple[UUID, Decimal | None, int, str]
"""Procedure, price (None: the list price), quantity, reason of the discount."""


@transaction.atomic
def offer(
    patient_public_id: UUID,
    *,
    episode: UUID,
    campus: Campus,
    lines: Sequence[Item],
    option: str = "A",
    by: Staff,
    now: datetime,
) -> Quote:
    """Offer at the list price of the day or below it, as far as the role may go."""
    priced = _priced(lines, campus=campus, now=now)
    _check_authority([line for _procedure, line in priced], by=by)
    _check_floors(
        [_floored(procedure, line) for procedure, line in priced],
        queries.floors([procedure.pk for procedure, _line in priced], campus),
        by=by,
    )
    return _write(
        patient_public_id,
        QuoteStatus.OFFERED,
        episode=episode,
        campus=campus,
        priced=priced,
        option=option,
        by=by,
        now=now,
    )


@transaction.atomic
def draft(
    patient_public_id: UUID,
    *,
    episode: UUID,
    campus: Campus,
    lines: Sequence[Item],
    option: str = "A",
    by: Staff,
    now: datetime,
) -> Quote:
    """Write down a quote whose discount somebody else must approve; the customer does not have it yet."""
    priced = _priced(lines, campus=campus, now=now)
    return _write(
        patient_public_id,
        QuoteStatus.DRAFT,
        episode=episode,
        campus=campus,
        priced=priced,
        option=option,
        by=by,
        now=now,
    )


@transaction.atomic
def approve(quote_public_id: UUID, *, by: Staff, now: datetime) -> Quote:
    """Turn a draft into an offer; the approver's own limit must reach."""
    quote = open_quote(quote_public_id, by=by, lock=True)
    lines = quote.lines.select_related("procedure")
    _check_authority(
        [
            rules.Line(line.procedure.name, line.list_price, line.price, line.quantity, line.discount_reason)
            for line in lines
        ],
        by=by,
    )
    _check_floors(queries.priced(quote), queries.floors_of(quote), by=by, taken=quote.standing_cuts)
    rules.check_move(QuoteStatus(quote.status), QuoteStatus.OFFERED)
    rules.check_not_expired(valid_to=quote.valid_to, today=local_date(now))
    quote.status, quote.approved_by = QuoteStatus.OFFERED, by
    quote.save(update_fields=["status", "approved_by"])
    _record("billing.quote.approve", quote, by=by, now=now)
    return quote


@transaction.atomic
def accept(quote_public_id: UUID, *, by: Staff, now: datetime) -> Quote:
    quote = open_quote(quote_public_id, by=by, lock=True)
    rules.check_not_expired(valid_to=quote.valid_to, today=local_date(now))
    return _decide(quote, QuoteStatus.ACCEPTED, by=by, now=now)


@transaction.atomic
def decline(quote_public_id: UUID, *, by: Staff, now: datetime) -> Quote:
    return _decide(open_quote(quote_public_id, by=by, lock=True), QuoteStatus.DECLINED, by=by, now=now)


@transaction.atomic
def lapse(episode: UUID, *, by: Staff, now: datetime) -> int:
    """Decline what is still open of an episode that came to nothing, for a part above that ends it."""
    open_ones = Quote.objects.filter(episode=episode, status__in=[QuoteStatus.DRAFT, QuoteStatus.OFFERED])
    lock_rows(open_ones)
    rows = list(open_ones.select_related("patient__person__vault_key"))
    for quote in rows:
        _decide(quote, QuoteStatus.DECLINED, by=by, now=now)
    return len(rows)


@transaction.atomic
def set_limit(role_code: str, *, percent: int, by: Staff, now: datetime) -> DiscountLimit:
    """Say how much a role may take off the list price."""
    need(by, Permission.CATALOGUE_WRITE)
    if not Role.objects.filter(code=role_code).exists():
        raise NotFound
    if not 0 <= percent <= 100:
        raise RuleBroken(_("优惠比例必须在 0 到 100 之间。"))
    limit, _created = DiscountLimit.objects.update_or_create(
        role_code=role_code, defaults={"percent": percent}
    )
    log.record("billing.discount_limit.set", target=limit, by=by, at=now, detail={"percent": percent})
    return limit


def _priced(lines: Sequence[Item], *, campus: Campus, now: datetime) -> list[tuple[Procedure, rules.Line]]:
    wanted = {public_id for public_id, _price, _quantity, _reason in lines}
    procedures = {
        row.public_id: row for row in Procedure.objects.filter(public_id__in=wanted, is_active=True)
    }
    if wanted - set(procedures):
        raise NotFound
    priced = []
    for public_id, price, quantity, reason in lines:
        procedure = procedures[public_id]
        listed = price_on(procedure, campus, local_date(now))
        if listed is None:
            text = _("「%(name)s」在%(campus)s没有有效的目录价，请先维护价格。")
            raise RuleBroken(text % {"name": procedure.name, "campus": campus.name})
        price = listed if price is None else price
        priced.append((procedure, rules.Line(procedure.name, listed, price, quantity, reason.strip())))
    rules.check_lines([line for _procedure, line in priced])
    return priced


def _check_authority(lines: Sequence[rules.Line], *, by: Staff) -> None:
    limits = discount_limits()
    names = dict(Role.objects.filter(code__in=limits).values_list("code", "name"))
    rules.check_authority(lines, role_code=by.role_code, limits=limits, names=names)


def _write(
    patient_public_id: UUID,
    status: QuoteStatus,
    *,
    episode: UUID,
    campus: Campus,
    priced: Sequence[tuple[Procedure, rules.Line]],
    option: str,
    by: Staff,
    now: datetime,
) -> Quote:
    quote = Quote.objects.create(
        patient=open_patient(patient_public_id, by=by),
        campus=campus,
        episode=episode,
        option=option,
        status=status,
        at=now,
        by=by,
        valid_to=local_date(now) + rules.VALID_FOR,
    )
    QuoteLine.objects.bulk_create(
        QuoteLine(
            quote=quote,
            procedure=procedure,
            quantity=line.quantity,
            list_price=line.list_price,
            price=line.price,
            discount_reason=line.discount_reason,
        )
        for procedure, line in priced
    )
    _record(f"billing.quote.{status}", quote, by=by, now=now)
    return quote


def _floored(procedure: Procedure, line: rules.Line) -> Priced:
    return Priced(line.name, line.price, line.quantity, key=procedure.pk)


def _check_floors(
    lines: Sequence[Priced], floors: Mapping[int, Decimal], *, by: Staff, taken: Sequence[QuoteCut] = ()
) -> None:
    may = by.may(Permission.PROMOTION_APPROVE)
    cut_rules.check_floors(cut_rules.with_floors(lines, floors), taken, may_go_below=may)


def _decide(quote: Quote, to: QuoteStatus, *, by: Staff, now: datetime) -> Quote:
    rules.check_move(QuoteStatus(quote.status), to)
    if to == QuoteStatus.DECLINED:
        cuts.undo_all(quote, by=by, now=now)
    quote.status, quote.decided_at = to, now
    quote.save(update_fields=["status", "decided_at"])
    _record(f"billing.quote.{to}", quote, by=by, now=now)
    return quote


def _record(action: str, quote: Quote, *, by: Staff, now: datetime) -> None:
    log.record(action, target=quote, subject=quote.patient.person.vault_key, by=by, at=now)
